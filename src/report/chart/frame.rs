//! What every chart has around it: title, subtitle, legend, axes with round numbers.

use super::font::width_of;
use super::mark::Mark;
use super::palette::{BLACK, Colour, Dash, FRAME, Fill, GRID, INK, SOFT_INK, SOLID, tint};
use super::sheet::{Align, Area, BODY, Point, SMALL, Sheet, Style, TITLE, WIDTH, fitted, wrapped};

/// Space left at the sides of a sheet.
pub(super) const MARGIN: f64 = 40.0;

/// Title and subtitle; where they end.
pub(super) fn heading(sheet: &Sheet<'_>, title: &str, subtitle: &str) -> f64 {
    let (lines, end) = set_heading(title, subtitle);
    for (line, y, style) in lines {
        sheet.text(&line, (MARGIN, y), style);
    }
    end
}

/// Where a heading would end.
pub(super) fn heading_end(title: &str, subtitle: &str) -> f64 {
    set_heading(title, subtitle).1
}

/// The lines of a heading with their heights, and where they end.
fn set_heading(title: &str, subtitle: &str) -> (Vec<(String, f64, Style)>, f64) {
    let width = f64::from(WIDTH) - 2.0 * MARGIN;
    let mut lines = Vec::new();
    let mut y = 56.0;
    for line in wrapped(title, TITLE, width) {
        lines.push((line, y, Style::new(TITLE, INK)));
        y += TITLE * 1.35;
    }
    y -= TITLE * 0.2;
    for line in subtitle.lines().flat_map(|line| wrapped(line, SMALL, width)) {
        lines.push((line, y, Style::new(SMALL, SOFT_INK)));
        y += SMALL * 1.45;
    }
    (lines, y + 8.0)
}

/// What stands before a legend's text.
#[derive(Clone, Copy)]
pub(super) enum Sample {
    /// A filled box.
    Fill(Fill),
    /// A line.
    Line(Colour, u32, Dash),
    /// A line with a white pattern in it.
    Marked(Colour, f64, Dash),
    /// A pale band with a line in it.
    Band(Colour, Colour, Dash),
    /// An estimate on its interval; a diamond stands on a bar and alone.
    Mark(Mark, Colour),
    /// An interval.
    Whisker(Colour),
    /// An arrow to what lies further on.
    Arrow(Colour),
    /// A pale wedge below a rising line.
    Wedge(Colour),
}

/// Width of a legend's samples, and distance of its rows.
const BOX: f64 = 56.0;
const LEGEND_ROW: f64 = 46.0;

/// A legend in as many rows as it needs; where it ends.
pub(super) fn legend(sheet: &Sheet<'_>, entries: &[(Sample, String)], corner: Point, right: f64) -> f64 {
    for ((sample, _), (x, y, text)) in entries.iter().zip(set_legend(entries, corner, right)) {
        let area = Area {
            left: x,
            top: y - 15.0,
            right: x + BOX,
            bottom: y + 15.0,
        };
        match *sample {
            Sample::Fill(fill) => sheet.bar(area, fill),
            Sample::Line(colour, width, dash) => sheet.line(&[(x, y), (x + BOX, y)], colour, width, dash),
            Sample::Marked(colour, width, dash) => sheet.marked_line(&[(x, y), (x + BOX, y)], colour, width, dash),
            Sample::Band(colour, line, dash) => {
                sheet.rectangle(area, colour);
                sheet.line(&[(x, y), (x + BOX, y)], line, 6, dash);
            }
            Sample::Mark(mark, colour) => {
                if mark != Mark::Diamond {
                    sheet.whisker([x, x + BOX], y, colour);
                }
                sheet.mark(mark, (x + BOX / 2.0, y), colour);
            }
            Sample::Whisker(colour) => sheet.whisker([x, x + BOX], y, colour),
            Sample::Arrow(colour) => {
                sheet.line(&[(x, y), (x + BOX - 20.0, y)], colour, 4, SOLID);
                sheet.arrow_head((x + BOX, y), true, Mark::Full, colour);
            }
            Sample::Wedge(colour) => {
                let (low, high) = ((x, area.bottom), (x + BOX, area.top));
                sheet.polygon(&[low, high, (high.0, low.1)], tint(colour, 0.5));
                sheet.line(&[low, high], colour, 3, SOLID);
            }
        }
        sheet.text(&text, (x + BOX + 14.0, y), Style::new(BODY, INK));
    }
    legend_end(entries, corner, right)
}

/// Where a legend would end.
pub(super) fn legend_end(entries: &[(Sample, String)], corner: Point, right: f64) -> f64 {
    let last = set_legend(entries, corner, right).last().map(|(_, y, _)| y + 30.0);
    last.unwrap_or(corner.1)
}

/// Left end, height and text of each entry.
fn set_legend(entries: &[(Sample, String)], (left, top): Point, right: f64) -> Vec<(f64, f64, String)> {
    let (mut x, mut y) = (left, top + 24.0);
    let mut places = Vec::new();
    for (_, text) in entries {
        let text = fitted(text, BODY, right - left - BOX - 60.0);
        let width = BOX + 14.0 + width_of(&text, BODY);
        if x > left && x + width > right {
            x = left;
            y += LEGEND_ROW;
        }
        places.push((x, y, text));
        x += width + 48.0;
    }
    places
}

/// A scale with round numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Scale {
    /// Value at its beginning.
    pub(super) low: f64,
    /// Value at its end.
    pub(super) high: f64,
    /// Distance of its marks.
    pub(super) step: f64,
}

impl Scale {
    /// A scale from zero that reaches at least `high`, with about `marks` marks.
    pub(super) fn from_zero(high: f64, marks: f64) -> Self {
        let step = round_step(high / marks);
        let last = (high / step - 1e-9).ceil().max(1.0);
        Self {
            low: 0.0,
            high: last * step,
            step,
        }
    }

    /// A scale that ends where its values do, with marks at round numbers.
    pub(super) fn within(low: f64, high: f64, marks: f64) -> Self {
        Self {
            low,
            high,
            step: round_step((high - low) / marks),
        }
    }

    /// Its marks.
    pub(super) fn marks(&self) -> Vec<f64> {
        let first = (self.low / self.step - 1e-9).ceil() as i64;
        let last = (self.high / self.step + 1e-9).floor() as i64;
        (first..=last).map(|number| number as f64 * self.step).collect()
    }

    /// Digits behind the point that its marks need.
    pub(super) fn digits(&self) -> usize {
        let whole = |digits: &usize| {
            let scaled = self.step * 10_f64.powi(*digits as i32);
            (scaled - scaled.round()).abs() < 1e-6 * scaled
        };
        (0..9).find(whole).unwrap_or(9)
    }

    /// The share of the scale at which a value stands.
    pub(super) fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// The nearest of 1, 2, 2.5, 5, 10... above.
fn round_step(rough: f64) -> f64 {
    if !(rough.is_finite() && rough > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let step = steps.into_iter().find(|step| step * power >= rough * 0.999);
    step.unwrap_or(10.0) * power
}

/// A number with separators between thousands.
pub(super) fn number(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    let (whole, rest) = text
        .split_once('.')
        .map_or((text.as_str(), ""), |(whole, rest)| (whole, rest));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let negative = value < 0.0 && text.chars().any(|c| ('1'..='9').contains(&c));
    let sign = if negative { "−" } else { "" };
    if rest.is_empty() {
        format!("{sign}{grouped}")
    } else {
        format!("{sign}{grouped}.{rest}")
    }
}

/// A number with about three figures.
pub(super) fn short(value: f64) -> String {
    let size = value.abs();
    let digits = if size >= 100.0 || size == 0.0 {
        0
    } else if size >= 10.0 {
        1
    } else if size >= 0.1 {
        2
    } else {
        3
    };
    number(value, digits)
}

/// A number with half its interval, to as many digits as that one needs; alone where the interval is too narrow to tell.
pub(super) fn with_half_width(value: f64, half: f64) -> String {
    let digits = (1..=2).find(|digits| half >= 0.5 * 10_f64.powi(-*digits));
    match digits {
        Some(digits) => format!("{} ± {}", number(value, digits as usize), number(half, digits as usize)),
        None => number(value, 1),
    }
}

/// A rectangle with scales along two sides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot {
    /// Where on the sheet.
    pub(super) area: Area,
    /// Along the bottom.
    pub(super) x: Scale,
    /// Along the left side.
    pub(super) y: Scale,
}

impl Plot {
    /// Where a pair of values stands on the sheet.
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        (self.across(x), self.up(y))
    }

    /// Where a value of the horizontal scale stands.
    pub(super) fn across(&self, x: f64) -> f64 {
        self.area.left + self.x.share(x) * self.area.width()
    }

    /// Where a value of the vertical scale stands.
    pub(super) fn up(&self, y: f64) -> f64 {
        self.area.bottom - self.y.share(y) * self.area.height()
    }

    /// The lines of the horizontal scale.
    pub(super) fn draw_grid_x(&self, sheet: &Sheet<'_>) {
        for x in self.x.marks().into_iter().map(|mark| self.across(mark)) {
            sheet.line(&[(x, self.area.top), (x, self.area.bottom)], GRID, 2, SOLID);
        }
    }

    /// The line on which everything stands.
    pub(super) fn draw_base(&self, sheet: &Sheet<'_>) {
        let (left, right, y) = (self.area.left, self.area.right, self.area.bottom);
        sheet.line(&[(left, y), (right, y)], FRAME, 3, SOLID);
    }

    /// The name of a row at height `middle`, left of the plot, in as many lines as it needs.
    pub(super) fn name_row(&self, sheet: &Sheet<'_>, name: &str, middle: f64, width: f64) {
        let lines = wrapped(name, BODY, width);
        for (at, line) in lines.iter().enumerate() {
            let y = middle + (at as f64 - (lines.len() - 1) as f64 / 2.0) * BODY * 1.2;
            let place = (self.area.left - 16.0, y);
            sheet.text(line, place, Style::new(BODY, INK).align(Align::Right));
        }
    }

    /// An interval at height `middle`, cut off where the horizontal scale ends; nothing where there is none.
    pub(super) fn interval(&self, sheet: &Sheet<'_>, ends: [f64; 2], middle: f64) {
        if !ends.iter().all(|end| end.is_finite()) {
            return;
        }
        let [low, high] = ends.map(|end| self.across(end.clamp(self.x.low, self.x.high)));
        sheet.line(&[(low, middle), (high, middle)], BLACK, 3, SOLID);
        for end in [low, high] {
            sheet.line(&[(end, middle - 12.0), (end, middle + 12.0)], BLACK, 3, SOLID);
        }
    }

    /// Base line, numbers and title of the horizontal scale.
    pub(super) fn draw_x(&self, sheet: &Sheet<'_>, title: &str) {
        for mark in self.x.marks() {
            let text = number(mark, self.x.digits());
            let at = (self.across(mark), self.area.bottom + 30.0);
            sheet.text(&text, at, Style::new(BODY, INK).align(Align::Centre));
        }
        self.draw_base(sheet);
        let middle = (self.area.left + self.area.right) / 2.0;
        let at = (middle, self.area.bottom + 76.0);
        sheet.text(title, at, Style::new(BODY, INK).align(Align::Centre));
    }

    /// Marks, lines and title of the vertical scale.
    pub(super) fn draw_y(&self, sheet: &Sheet<'_>, title: &str) {
        for mark in self.y.marks() {
            let y = self.up(mark);
            sheet.line(&[(self.area.left, y), (self.area.right, y)], GRID, 2, SOLID);
            let text = number(mark, self.y.digits());
            sheet.text(
                &text,
                (self.area.left - 14.0, y),
                Style::new(BODY, INK).align(Align::Right),
            );
        }
        sheet.line(
            &[(self.area.left, self.area.top), (self.area.left, self.area.bottom)],
            FRAME,
            3,
            SOLID,
        );
        let widest = self
            .y
            .marks()
            .into_iter()
            .map(|mark| width_of(&number(mark, self.y.digits()), BODY));
        let x = self.area.left - 14.0 - widest.fold(0.0, f64::max) - 34.0;
        let middle = (self.area.top + self.area.bottom) / 2.0;
        sheet.text_upwards(title, (x, middle), Style::new(BODY, INK).align(Align::Centre));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(1_234_567.0, 0), "1,234,567");
        assert_eq!(number(-0.4, 0), "0");
        assert_eq!(number(-1234.5, 1), "−1,234.5");
        assert_eq!(short(0.0), "0");
    }

    #[test]
    fn no_interval_is_zero_wide() {
        assert_eq!(with_half_width(18.94, 0.12), "18.9 ± 0.1");
        assert_eq!(with_half_width(18.94, 0.04), "18.94 ± 0.04");
        assert_eq!(with_half_width(18.94, 0.001), "18.9");
        assert_eq!(with_half_width(18.94, f64::NAN), "18.9");
    }

    #[test]
    fn scales_end_on_round_numbers() {
        let scale = Scale::from_zero(23.0, 5.0);
        assert_eq!((scale.high, scale.step), (25.0, 5.0));
        assert_eq!(Scale::from_zero(0.0, 5.0).high, 1.0);
        assert_eq!(Scale::from_zero(0.9, 4.0).digits(), 2);
        assert_eq!(Scale::from_zero(7.3, 3.0).digits(), 1);
        assert_eq!(Scale::within(0.0, 7.3, 5.0).marks(), [0.0, 2.0, 4.0, 6.0]);
    }
}
