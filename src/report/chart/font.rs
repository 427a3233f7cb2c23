//! The embedded font: charts look the same on every machine and need nothing installed.
//!
//! Subsets of Noto Sans SC and of Noto Sans (see `assets/README.md`). Characters that it lacks are drawn as its empty box. SVG names it
//! first, and what a reader's machine is likely to have instead behind it. Glyphs are set here and not by plotters, which
//! rounds every one to whole pixels and leaves out the space before it.

use super::canvas::CanvasError;
use ab_glyph::{Font, FontRef, ScaleFont, point};
use plotters::style::{FontStyle, register_font};
use std::sync::LazyLock;

/// The CSS family list in SVG, under which the font is also known to plotters.
pub(super) const FAMILY: &str = "'Noto Sans SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif";

static HANZI: &[u8] = include_bytes!("../../../assets/NotoSansSC-subset.otf");
static ACCENTED: &[u8] = include_bytes!("../../../assets/NotoSans-subset.ttf");

/// The fonts in the order in which they are asked for a character.
static FONTS: LazyLock<Vec<FontRef<'static>>> = LazyLock::new(|| {
    [HANZI, ACCENTED]
        .into_iter()
        .filter_map(|bytes| FontRef::try_from_slice(bytes).ok())
        .collect()
});

/// Makes the font known to plotters, which asks for one even where it only writes its name; twice does no harm.
pub(super) fn register() -> Result<(), CanvasError> {
    register_font(FAMILY, FontStyle::Normal, HANZI).map_err(|_| CanvasError("the embedded font is damaged".to_owned()))
}

/// The font that has a character; the first, with its empty box, where none has.
fn font_of(c: char) -> Option<&'static FontRef<'static>> {
    FONTS
        .iter()
        .find(|font| font.glyph_id(c).0 != 0)
        .or_else(|| FONTS.first())
}

/// The width of a text of `size` units an em.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    let advance = |c: char| {
        font_of(c).map_or(0.0, |font| {
            let scaled = font.as_scaled(scale(font, size));
            f64::from(scaled.h_advance(scaled.glyph_id(c)))
        })
    };
    text.chars().map(advance).sum()
}

/// The scale at which an em of the font is `size` pixels.
fn scale(font: &FontRef<'static>, size: f64) -> f32 {
    let em = font.units_per_em().unwrap_or(1000.0);
    size as f32 * font.height_unscaled() / em
}

/// Rasters a text whose baseline begins at the origin: hands each touched pixel with its coverage to `put`.
pub(super) fn raster<E>(text: &str, size: f64, mut put: impl FnMut(i32, i32, f32) -> Result<(), E>) -> Result<(), E> {
    let mut x = 0.0;
    for c in text.chars() {
        let Some(font) = font_of(c) else { continue };
        let scaled = font.as_scaled(scale(font, size));
        let id = scaled.glyph_id(c);
        let glyph = id.with_scale_and_position(scaled.scale(), point(x, 0.0));
        x += scaled.h_advance(id);
        let Some(outline) = scaled.outline_glyph(glyph) else {
            continue;
        };
        let corner = outline.px_bounds().min;
        let mut outcome = Ok(());
        outline.draw(|x, y, coverage| {
            if outcome.is_ok() && coverage > 0.0 {
                outcome = put(
                    corner.x as i32 + x as i32,
                    corner.y as i32 + y as i32,
                    coverage.min(1.0),
                );
            }
        });
        outcome?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{self, files::shipped_names};

    #[test]
    fn every_character_of_the_shipped_scenarios_can_be_drawn() {
        for name in shipped_names() {
            let scenario = scenario::load(&name).unwrap_or_else(|faults| panic!("{name}: {faults}"));
            for c in scenario.resolved().chars().filter(|c| !c.is_control()) {
                let is_drawn = FONTS.iter().any(|font| font.glyph_id(c).0 != 0);
                assert!(is_drawn, "{name}: no font has {c}");
            }
        }
    }
}
