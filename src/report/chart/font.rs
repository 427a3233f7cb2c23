//! The embedded font: charts look the same on every machine and need nothing installed.
//!
//! A subset of Noto Sans SC (see `assets/README.md`). Characters that it lacks are drawn as its empty box. SVG names it
//! first, and what a reader's machine is likely to have instead behind it.

use super::canvas::CanvasError;
use plotters::style::{FontStyle, register_font};

/// The CSS family list in SVG, under which the font is also known to plotters.
pub(super) const FAMILY: &str = "'Noto Sans SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif";

static FONT: &[u8] = include_bytes!("../../../assets/NotoSansSC-subset.otf");

/// Makes the font known to plotters; again and again does no harm.
pub(super) fn register() -> Result<(), CanvasError> {
    register_font(FAMILY, FontStyle::Normal, FONT).map_err(|_| CanvasError("the embedded font is damaged".to_owned()))
}
