//! A sheet: what charts draw on, in units of which 2400 make its width, whatever the backend.
//!
//! Shapes beyond the plainest (dashes, hatches, text set by its middle) are made here from plotters' elements. The first
//! fault is kept and told at the end, so that charts read as what they show.

use super::canvas::{Canvas, CanvasError, LINE, TOP};
use super::font::{FAMILY, width_of};
use super::palette::{BLACK, Colour, Dash, Fill, Hatch, SOLID, WHITE, ink_on, tint};
use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle};
use plotters_backend::BackendCoord;
use std::cell::RefCell;

/// Width of every chart in units and in pixels; half of it on screen.
pub(super) const WIDTH: u32 = 2400;
/// Size of titles in units.
pub(super) const TITLE: f64 = 42.0;
/// Size of most text.
pub(super) const BODY: f64 = 28.0;
/// Size of small text.
pub(super) const SMALL: f64 = 24.0;

/// Half the height of a capital, in em.
const HALF_CAPITAL: f64 = 0.365;

/// A point.
pub(super) type Point = (f64, f64);

/// Where a text stands relative to its point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Align {
    /// It begins there.
    Left,
    /// Its middle is there.
    Centre,
    /// It ends there.
    Right,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) size: f64,
    pub(super) colour: Colour,
    pub(super) align: Align,
}

impl Style {
    /// A text of `size` and `colour` that begins at its point.
    pub(super) fn new(size: f64, colour: Colour) -> Self {
        Self {
            size,
            colour,
            align: Align::Left,
        }
    }

    /// The same, aligned otherwise.
    pub(super) fn align(self, align: Align) -> Self {
        Self { align, ..self }
    }
}

/// An upright rectangle.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    /// Its width.
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Its height.
    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// Whether `other` has anything in common with it.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// Whether `other` lies within it.
    pub(super) fn holds(&self, other: &Self) -> bool {
        self.left <= other.left && other.right <= self.right && self.top <= other.top && other.bottom <= self.bottom
    }

    /// The same, larger by `margin` on all sides.
    pub(super) fn grown(&self, margin: f64) -> Self {
        Self {
            left: self.left - margin,
            top: self.top - margin,
            right: self.right + margin,
            bottom: self.bottom + margin,
        }
    }
}

/// What charts draw on.
pub(super) struct Sheet<'a> {
    area: DrawingArea<Canvas<'a>, Shift>,
    fault: RefCell<Option<CanvasError>>,
}

fn whole((x, y): Point) -> BackendCoord {
    // Far outside is as good as just outside, and keeps the backends from walking there.
    let limit = |value: f64| value.clamp(-20_000.0, 20_000.0).round() as i32;
    (limit(x), limit(y))
}

fn rgb((r, g, b): Colour) -> RGBColor {
    RGBColor(r, g, b)
}

impl<'a> Sheet<'a> {
    /// A white sheet of so many units of height that becomes SVG in `text`.
    pub(super) fn svg(text: &'a mut String, height: u32) -> Self {
        Self::on(Canvas::Svg(SVGBackend::with_string(text, (WIDTH, height))))
    }

    /// A white sheet of so many units of height that becomes pixels, three bytes each, in `buffer`.
    pub(super) fn pixels(buffer: &'a mut [u8], height: u32) -> Self {
        Self::on(Canvas::Pixels(BitMapBackend::with_buffer(buffer, (WIDTH, height))))
    }

    fn on(canvas: Canvas<'a>) -> Self {
        let sheet = Self {
            area: canvas.into_drawing_area(),
            fault: RefCell::new(None),
        };
        sheet.note(sheet.area.fill(&rgb(WHITE)));
        sheet
    }

    /// Whether everything could be drawn.
    pub(super) fn finish(self) -> Result<(), CanvasError> {
        self.note(self.area.present());
        self.fault.into_inner().map_or(Ok(()), Err)
    }

    fn note(&self, outcome: Result<(), DrawingAreaErrorKind<CanvasError>>) {
        if let Err(error) = outcome {
            let mut fault = self.fault.borrow_mut();
            fault.get_or_insert_with(|| CanvasError(error.to_string()));
        }
    }

    fn draw<E>(&self, element: &E)
    where
        for<'b> &'b E: PointCollection<'b, BackendCoord>,
        E: Drawable<Canvas<'a>>,
    {
        self.note(self.area.draw(element));
    }

    /// A filled rectangle.
    pub(super) fn rectangle(&self, area: Area, colour: Colour) {
        let corners = [whole((area.left, area.top)), whole((area.right, area.bottom))];
        self.draw(&Rectangle::new(corners, rgb(colour).filled()));
    }

    /// The outline of a rectangle.
    pub(super) fn outline(&self, area: Area, colour: Colour, width: u32) {
        let (l, t, r, b) = (area.left, area.top, area.right, area.bottom);
        self.line(&[(l, t), (r, t), (r, b), (l, b), (l, t)], colour, width, SOLID);
    }

    /// A rectangle with colour and hatch, with a thin white edge that sets it off from its neighbours.
    pub(super) fn bar(&self, area: Area, fill: Fill) {
        self.rectangle(area, fill.colour);
        self.hatch(area, fill.hatch);
        if area.width() > 6.0 {
            self.outline(area, WHITE, 2);
        }
    }

    fn hatch(&self, area: Area, hatch: Hatch) {
        const PITCH: f64 = 14.0;
        let stroke = |from: Point, to: Point| self.line(&[from, to], tint(BLACK, 0.55), 2, SOLID);
        let slanted = |rising: bool| {
            let (width, height) = (area.width(), area.height());
            // A line at 45 degrees enters at `offset` along the bottom, counted from where the top left one would.
            let mut offset = PITCH;
            while offset < width + height {
                let (near, far) = ((offset - height).max(0.0), offset.min(width));
                let up = |x: f64| {
                    if rising {
                        area.top + (offset - x)
                    } else {
                        area.bottom - (offset - x)
                    }
                };
                stroke((area.left + near, up(near)), (area.left + far, up(far)));
                offset += PITCH;
            }
        };
        match hatch {
            Hatch::None => {}
            Hatch::Rising => slanted(true),
            Hatch::Falling => slanted(false),
            Hatch::Crossed => {
                slanted(true);
                slanted(false);
            }
            Hatch::Level => {
                let mut y = area.top + PITCH / 2.0;
                while y < area.bottom {
                    stroke((area.left, y), (area.right, y));
                    y += PITCH;
                }
            }
        }
    }

    /// A line through points.
    pub(super) fn line(&self, points: &[Point], colour: Colour, width: u32, dash: Dash) {
        let style = ShapeStyle {
            color: rgb(colour).into(),
            filled: false,
            stroke_width: width,
        };
        let mut stroke = |points: Vec<Point>| {
            let points: Vec<BackendCoord> = points.into_iter().map(whole).collect();
            self.draw(&PathElement::new(points, style));
        };
        if dash.is_empty() {
            stroke(points.to_vec());
        } else {
            dashed(points, dash, &mut stroke);
        }
    }

    /// A line with a white pattern in it, which tells corridors apart without colour.
    pub(super) fn marked_line(&self, points: &[Point], colour: Colour, width: f64, dash: Dash) {
        if width < 10.0 {
            self.line(points, colour, width.round() as u32, dash);
            return;
        }
        self.line(points, colour, width.round() as u32, SOLID);
        if !dash.is_empty() {
            self.line(points, WHITE, (width / 4.0).round().max(2.0) as u32, dash);
        }
    }

    /// A filled polygon.
    pub(super) fn polygon(&self, points: &[Point], colour: Colour) {
        let points: Vec<BackendCoord> = points.iter().copied().map(whole).collect();
        self.draw(&Polygon::new(points, rgb(colour).filled()));
    }

    /// A disc.
    pub(super) fn disc(&self, at: Point, radius: f64, colour: Colour) {
        self.draw(&Circle::new(whole(at), radius.round() as u32, rgb(colour).filled()));
    }

    /// A line of text whose middle is at the height of its point.
    pub(super) fn text(&self, text: &str, at: Point, style: Style) {
        self.put(
            text,
            (at.0, at.1 + (HALF_CAPITAL - TOP) * style.size),
            style,
            FontTransform::None,
        );
    }

    /// A line of text that is read from below, its middle at its point.
    pub(super) fn text_upwards(&self, text: &str, at: Point, style: Style) {
        let at = (at.0 + (HALF_CAPITAL - TOP) * style.size, at.1);
        self.put(text, at, style, FontTransform::Rotate270);
    }

    fn put(&self, text: &str, at: Point, style: Style, transform: FontTransform) {
        let align = match style.align {
            Align::Left => HPos::Left,
            Align::Centre => HPos::Center,
            Align::Right => HPos::Right,
        };
        let colour = rgb(style.colour);
        let look = TextStyle::from(font(style.size).transform(transform))
            .color(&colour)
            .pos(Pos::new(align, VPos::Top));
        self.draw(&Text::new(text.to_owned(), whole(at), look));
    }

    /// A line of text in the middle of a fill.
    pub(super) fn text_on_fill(&self, text: &str, at: Point, size: f64, fill: Fill) {
        if fill.hatch == Hatch::None {
            self.text(text, at, Style::new(size, ink_on(fill.colour)).align(Align::Centre));
        } else {
            self.text_on_map(text, at, Style::new(size, BLACK).align(Align::Centre));
        }
    }

    /// A line of text beside a bar, behind which the lines of the scale are left out.
    pub(super) fn text_on_grid(&self, text: &str, (x, y): Point, style: Style) {
        let (half, margin) = (style.size * 0.6, 4.0);
        let behind = Area {
            left: x - margin,
            top: y - half,
            right: x + width_of(text, style.size) + margin,
            bottom: y + half,
        };
        self.rectangle(behind, WHITE);
        self.text(text, (x, y), style);
    }

    /// A line of text with a white rim, to be read on whatever lies below.
    pub(super) fn text_on_map(&self, text: &str, at: Point, style: Style) {
        let rim = Style { colour: WHITE, ..style };
        for (dx, dy) in [
            (-3.0, 0.0),
            (3.0, 0.0),
            (0.0, -3.0),
            (0.0, 3.0),
            (-2.0, -2.0),
            (2.0, 2.0),
            (-2.0, 2.0),
            (2.0, -2.0),
        ] {
            self.text(text, (at.0 + dx, at.1 + dy), rim);
        }
        self.text(text, at, style);
    }
}

fn font(size: f64) -> FontDesc<'static> {
    FontDesc::new(FontFamily::Name(FAMILY), size * LINE, FontStyle::Normal)
}

/// The text, cut to fit into `width`.
pub(super) fn fitted(text: &str, size: f64, width: f64) -> String {
    if width_of(text, size) <= width {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let shorter: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
        if width_of(&shorter, size) <= width {
            return shorter;
        }
    }
    String::new()
}

/// Breaks a text into lines no wider than `width`: at spaces, or between any two Hanzi; but no line begins with a mark that
/// closes, or ends with one that opens.
pub(super) fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut word = String::new();
    let wide = |c: char| c >= '\u{2e80}';
    let flush = |line: &mut String, word: &mut String, lines: &mut Vec<String>| {
        let candidate = format!("{line}{word}");
        if !line.is_empty() && width_of(candidate.trim_end(), size) > width {
            lines.push(line.trim_end().to_owned());
            line.clear();
            line.push_str(word.trim_start());
        } else {
            *line = candidate;
        }
        word.clear();
    };
    let (opens, closes) = (
        |c| "（《“‘「【".contains(c),
        |c| "）》”’」】，。、；：？！%".contains(c),
    );
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        word.push(c);
        let next = letters.peek().copied();
        if c == ' ' || wide(c) && !opens(c) && !next.is_some_and(closes) {
            flush(&mut line, &mut word, &mut lines);
        }
    }
    flush(&mut line, &mut word, &mut lines);
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

fn dashed(points: &[Point], dash: Dash, stroke: &mut impl FnMut(Vec<Point>)) {
    let (mut at, mut left) = (0, dash[0]);
    let mut current: Vec<Point> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            let drawing = at % 2 == 0;
            if length <= left || length == 0.0 {
                left -= length;
                if drawing {
                    current.push(to);
                }
                break;
            }
            let share = left / length;
            from = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
            if drawing {
                current.push(from);
                stroke(std::mem::take(&mut current));
            } else {
                current = vec![from];
            }
            at += 1;
            left = dash[at % dash.len()];
        }
    }
    if current.len() > 1 {
        stroke(current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_begins_with_a_mark_that_closes() {
        let lines = |text: &str, width: f64| wrapped(text, SMALL, width);
        let stock = "平均存箱量（箱）";
        let width = width_of("平均存箱量（箱", SMALL);
        let broken = lines(stock, width);
        assert_eq!(broken.concat(), stock);
        assert!(broken.len() == 2 && broken[1].starts_with("（箱）"), "{broken:?}");
        assert_eq!(
            lines("Share of time", width_of("Share of", SMALL)),
            ["Share of", "time"]
        );
    }
}
