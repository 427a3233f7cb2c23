//! Rows below each other: a name at the left, something on a scale that all share, and words at the right.

use super::font::width_of;
use super::frame::MARGIN;
use super::palette::{GRID, INK, tint};
use super::sheet::{Align, Area, BODY, Point, Sheet, Style, WIDTH, fitted, wrapped};

/// Distance of a name's lines.
const LINE: f64 = BODY * 1.2;
/// What a row has above and below its name.
const AIR: f64 = 22.0;

/// The name of a row, and its part of the sheet.
pub(super) struct Row {
    lines: Vec<String>,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Row {
    /// A row that begins at `top` and is at least so high, with its name in lines no wider than `width`.
    pub(super) fn new(name: &str, top: f64, least: f64, width: f64) -> Self {
        let lines = wrapped(name, BODY, width);
        let lines: Vec<String> = lines.iter().map(|line| fitted(line, BODY, width)).collect();
        let height = least.max(LINE * lines.len() as f64 + AIR);
        Self {
            lines,
            top,
            bottom: top + height,
        }
    }

    /// Its middle.
    pub(super) fn middle(&self) -> f64 {
        (self.top + self.bottom) / 2.0
    }

    /// Writes its name, which begins or ends at `x`.
    pub(super) fn draw_name(&self, sheet: &Sheet<'_>, x: f64, align: Align) {
        for (at, line) in self.lines.iter().enumerate() {
            let y = self.middle() + (at as f64 - (self.lines.len() - 1) as f64 / 2.0) * LINE;
            let place: Point = (x, y);
            sheet.text(line, place, Style::new(BODY, INK).align(align));
        }
    }

    /// A pale ground below the whole row, which leads the eye from its name to its number.
    pub(super) fn draw_ground(&self, sheet: &Sheet<'_>, share: f64) {
        let ground = Area {
            left: MARGIN,
            top: self.top,
            right: f64::from(WIDTH) - MARGIN,
            bottom: self.bottom,
        };
        sheet.rectangle(ground, tint(GRID, share));
    }
}

/// Rows one below the other, the first at `top`.
pub(super) fn set_rows<'a>(names: impl Iterator<Item = &'a str>, top: f64, least: f64, width: f64) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for name in names {
        let top = rows.last().map_or(top, |row| row.bottom);
        rows.push(Row::new(name, top, least, width));
    }
    rows
}

/// The width that names need, as far as they may have it.
pub(super) fn width_of_names<'a>(names: impl Iterator<Item = &'a str>, most: f64) -> f64 {
    names.map(|name| width_of(name, BODY)).fold(0.0, f64::max).min(most)
}
