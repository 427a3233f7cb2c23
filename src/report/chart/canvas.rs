//! The surface that charts are drawn on: one type for SVG and for pixels, so that both come from the same strokes.
//!
//! Two habits of the bitmap backend are put right here: text stands on the same baseline as in SVG and is set as its
//! font says, and thick lines get round joints instead of mitres that shoot out at sharp corners.

use super::font;
use plotters::backend::{BitMapBackend, SVGBackend};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};
use std::fmt;

/// Why something could not be drawn.
#[derive(Clone, Debug)]
pub(super) struct CanvasError(pub(super) String);

impl fmt::Display for CanvasError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CanvasError {}

/// How far plotters' SVG sets the top of a text above its baseline, in em.
pub(super) const TOP: f64 = 0.76;
/// plotters' height of a line, in em.
pub(super) const LINE: f64 = 1.24;

/// SVG or pixels.
pub(super) enum Canvas<'a> {
    /// Vector graphics.
    Svg(SVGBackend<'a>),
    /// Pixels.
    Pixels(BitMapBackend<'a>),
}

type Outcome = Result<(), DrawingErrorKind<CanvasError>>;

fn ours<T, E: std::error::Error + Send + Sync>(
    result: Result<T, DrawingErrorKind<E>>,
) -> Result<T, DrawingErrorKind<CanvasError>> {
    result.map_err(|error| DrawingErrorKind::DrawingError(CanvasError(error.to_string())))
}

macro_rules! either {
    ($self:ident, $inner:ident => $call:expr) => {
        match $self {
            Canvas::Svg($inner) => ours($call),
            Canvas::Pixels($inner) => ours($call),
        }
    };
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = CanvasError;

    fn get_size(&self) -> (u32, u32) {
        match self {
            Self::Svg(inner) => inner.get_size(),
            Self::Pixels(inner) => inner.get_size(),
        }
    }

    fn ensure_prepared(&mut self) -> Outcome {
        either!(self, inner => inner.ensure_prepared())
    }

    fn present(&mut self) -> Outcome {
        either!(self, inner => inner.present())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Outcome {
        either!(self, inner => inner.draw_pixel(point, color))
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome {
        match self {
            Self::Svg(inner) => ours(inner.draw_line(from, to, style)),
            Self::Pixels(_) => self.draw_path([from, to], style),
        }
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Outcome {
        either!(self, inner => inner.draw_rect(from, to, style, fill))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome {
        match self {
            Self::Svg(inner) => ours(inner.draw_path(path, style)),
            Self::Pixels(inner) => {
                let points: Vec<BackendCoord> = path.into_iter().collect();
                let width = f64::from(style.stroke_width());
                for pair in points.windows(2) {
                    let (from, to) = (pair[0], pair[1]);
                    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
                    let length = dx.hypot(dy);
                    if width < 2.0 || length == 0.0 {
                        ours(inner.draw_line(from, to, style))?;
                        continue;
                    }
                    let (nx, ny) = (-dy / length * width / 2.0, dx / length * width / 2.0);
                    let corner = |at: BackendCoord, sign: f64| {
                        (
                            (f64::from(at.0) + sign * nx).round() as i32,
                            (f64::from(at.1) + sign * ny).round() as i32,
                        )
                    };
                    let quad = [corner(from, 1.0), corner(to, 1.0), corner(to, -1.0), corner(from, -1.0)];
                    ours(inner.fill_polygon(quad, &style.color()))?;
                }
                let joints = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
                for joint in joints.iter().filter(|_| width >= 4.0) {
                    ours(inner.draw_circle(*joint, (width / 2.0 - 0.5) as u32, &style.color(), true))?;
                }
                Ok(())
            }
        }
    }

    fn draw_circle<S: BackendStyle>(&mut self, at: BackendCoord, radius: u32, style: &S, fill: bool) -> Outcome {
        either!(self, inner => inner.draw_circle(at, radius, style, fill))
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome {
        either!(self, inner => inner.fill_polygon(path, style))
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Outcome {
        let inner = match self {
            Self::Svg(inner) => return ours(inner.draw_text(text, style, at)),
            Self::Pixels(inner) => inner,
        };
        let size = style.size() / LINE;
        let width = font::width_of(text, size).round() as i32;
        let dx = match style.anchor().h_pos {
            HPos::Left => 0,
            HPos::Right => -width,
            HPos::Center => -width / 2,
        };
        let dy = (size * TOP).round() as i32;
        let (turn, (right, bottom), color) = (style.transform(), inner.get_size(), style.color());
        ours(font::raster(text, size, |x, y, coverage| {
            let (x, y) = turn.transform(x + dx, y + dy);
            let (x, y) = (at.0 + x, at.1 + y);
            if (0..right as i32).contains(&x) && (0..bottom as i32).contains(&y) {
                inner.draw_pixel((x, y), color.mix(f64::from(coverage)))
            } else {
                Ok(())
            }
        }))
    }
}
