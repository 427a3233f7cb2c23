//! The embedded font: charts look the same on every machine and need nothing installed.
//!
//! A subset of Noto Sans SC (see `assets/README.md`). Characters that it lacks are drawn as its empty box. SVG names it
//! first, and what a reader's machine is likely to have instead behind it. Glyphs are set here and not by plotters, which
//! rounds every one to whole pixels and leaves out the space before it.

use super::canvas::CanvasError;
use ab_glyph::{Font, FontRef, ScaleFont, point};
use plotters::style::{FontStyle, register_font};
use std::sync::LazyLock;

/// The CSS family list in SVG, under which the font is also known to plotters.
pub(super) const FAMILY: &str = "'Noto Sans SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif";

static BYTES: &[u8] = include_bytes!("../../../assets/NotoSansSC-subset.otf");
static FONT: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| FontRef::try_from_slice(BYTES).ok());

/// Makes the font known to plotters, which asks for one even where it only writes its name; twice does no harm.
pub(super) fn register() -> Result<(), CanvasError> {
    register_font(FAMILY, FontStyle::Normal, BYTES).map_err(|_| CanvasError("the embedded font is damaged".to_owned()))
}

/// The width of a text of `size` units an em.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    let Some(font) = FONT.as_ref() else { return 0.0 };
    let font = font.as_scaled(scale(font, size));
    text.chars().map(|c| f64::from(font.h_advance(font.glyph_id(c)))).sum()
}

/// The scale at which an em of the font is `size` pixels.
fn scale(font: &FontRef<'static>, size: f64) -> f32 {
    let em = font.units_per_em().unwrap_or(1000.0);
    size as f32 * font.height_unscaled() / em
}

/// Rasters a text whose baseline begins at the origin: hands each touched pixel with its coverage to `put`.
pub(super) fn raster<E>(text: &str, size: f64, mut put: impl FnMut(i32, i32, f32) -> Result<(), E>) -> Result<(), E> {
    let Some(font) = FONT.as_ref() else { return Ok(()) };
    let scaled = font.as_scaled(scale(font, size));
    let mut x = 0.0;
    for c in text.chars() {
        let id = scaled.glyph_id(c);
        let glyph = id.with_scale_and_position(scaled.scale(), point(x, 0.0));
        x += scaled.h_advance(id);
        let Some(outline) = scaled.outline_glyph(glyph) else { continue };
        let corner = outline.px_bounds().min;
        let mut outcome = Ok(());
        outline.draw(|x, y, coverage| {
            if outcome.is_ok() && coverage > 0.0 {
                outcome = put(corner.x as i32 + x as i32, corner.y as i32 + y as i32, coverage.min(1.0));
            }
        });
        outcome?;
    }
    Ok(())
}
