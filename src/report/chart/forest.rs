//! Differences as a forest: a row for each, its estimate with its interval, in per cent of the value before, so that days,
//! TEU and money stand on one scale.

use super::Drawing;
use super::font::width_of;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end};
use super::mark::{Mark, PALE};
use super::palette::{BLUE, Colour, INK, SOFT_INK, SOLID};
use super::row::{Row, width_of_names};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH, fitted};
use crate::report::words::Word;
use crate::scenario::settings::Language;

/// Height of a row and of a heading.
const ROW: f64 = 54.0;
const HEADING: f64 = 62.0;
/// Height between the legend and the rows, and below them.
const ABOVE: f64 = 56.0;
const FOOT: f64 = 120.0;
/// Widest names and numbers, and how far names stand below their heading.
const NAMES: f64 = 780.0;
const NUMBERS: f64 = 520.0;
const INDENT: f64 = 28.0;
/// Space between names, plot and numbers.
const BETWEEN: f64 = 32.0;
/// Rows that a sheet holds.
const MOST_ROWS: usize = 120;
/// How many times the reach of the upper quartile a row may reach before it is cut off, and rows from which there is a bulk
/// to speak of.
const FAR: f64 = 6.0;
const BULK: usize = 5;
/// Length of an arrow where the whole interval lies beyond the scale.
const STEM: f64 = 70.0;

/// A difference.
#[derive(Clone, PartialEq, Debug)]
pub struct ForestRow {
    /// Of what it is the difference, such as corridor and indicator.
    pub label: String,
    /// The heading below which it stands, such as the contender.
    pub group: String,
    /// The difference in per cent of the value before; not a number where there is none.
    pub estimate: f64,
    /// Lower end of its interval, in the same per cent.
    pub lower: f64,
    /// Upper end of its interval.
    pub upper: f64,
    /// The difference in its own unit, as it is printed at the right.
    pub text: String,
    /// Whether it is significant.
    pub significant: bool,
}

/// A forest of differences.
#[derive(Clone, PartialEq, Debug)]
pub struct Forest {
    /// Its title.
    pub title: String,
    /// What stands below the title.
    pub subtitle: String,
    /// What the scale measures.
    pub axis: String,
    /// The differences; those of one group stand together, groups in the order in which they first come.
    pub rows: Vec<ForestRow>,
}

/// Where everything stands.
struct Layout<'a> {
    legend: Vec<(Sample, String)>,
    headings: Vec<(String, Row)>,
    rows: Vec<(&'a ForestRow, Row)>,
    plot: Plot,
    /// What is said about rows that have no place.
    note: Option<String>,
    height: f64,
}

impl ForestRow {
    /// How far it reaches from zero.
    fn reach(&self) -> f64 {
        let ends = [self.lower, self.estimate, self.upper];
        ends.into_iter()
            .map(f64::abs)
            .filter(|it| !it.is_nan())
            .fold(0.0, f64::max)
    }

    fn mark(&self) -> (Mark, Colour) {
        if self.significant {
            (Mark::Full, BLUE)
        } else {
            (Mark::Hollow, PALE)
        }
    }
}

impl Forest {
    /// The chart, if there is any row.
    pub(super) fn drawing(&self, name: &str, language: Language) -> Option<Drawing<'_>> {
        let layout = self.layout(language);
        (!self.rows.is_empty()).then(|| Drawing {
            name: name.to_owned(),
            height: layout.height,
            draw: Box::new(move |sheet| self.draw(sheet, &layout, language)),
        })
    }

    fn layout(&self, language: Language) -> Layout<'_> {
        let right = f64::from(WIDTH) - MARGIN;
        let x = self.scale();
        let legend = self.legend(&x, language);
        let top = legend_end(&legend, (MARGIN, heading_end(&self.title, &self.subtitle)), right) + ABOVE;
        let names = width_of_names(self.rows.iter().map(|row| row.label.as_str()), NAMES);
        let texts = self
            .rows
            .iter()
            .map(|row| width_of(&row.text, BODY))
            .fold(0.0, f64::max);
        let mut headings: Vec<(String, Row)> = Vec::new();
        let mut rows: Vec<(&ForestRow, Row)> = Vec::new();
        let mut end = top;
        let mut groups: Vec<&str> = Vec::new();
        for row in &self.rows {
            if !groups.contains(&row.group.as_str()) {
                groups.push(&row.group);
            }
        }
        for group in groups {
            let all = self.rows.iter().filter(|row| row.group == group);
            let room = MOST_ROWS.saturating_sub(rows.len());
            if room > 0 && !group.is_empty() {
                let heading = Row::new("", end, HEADING, right);
                end = heading.bottom;
                headings.push((fitted(group, BODY, right - 2.0 * MARGIN), heading));
            }
            for row in all.take(room) {
                let placed = Row::new(&row.label, end, ROW, names);
                end = placed.bottom;
                rows.push((row, placed));
            }
        }
        let left_out = self.rows.len() - rows.len();
        let note = (left_out > 0).then(|| Word::RowsLeftOut.filled(language, &[&left_out]));
        let area = Area {
            left: MARGIN + INDENT + names + BETWEEN,
            top,
            right: right - texts.min(NUMBERS) - BETWEEN,
            bottom: end,
        };
        let foot = if note.is_some() { FOOT + 40.0 } else { FOOT };
        Layout {
            legend,
            headings,
            rows,
            plot: Plot {
                area,
                x,
                y: Scale::within(0.0, 1.0, 1.0),
            },
            note,
            height: end + foot,
        }
    }

    /// A scale on which most rows can be told apart: one that lies far outside all others does not press these together.
    fn scale(&self) -> Scale {
        let mut reaches: Vec<f64> = self.rows.iter().map(ForestRow::reach).collect();
        reaches.sort_by(f64::total_cmp);
        let bound = match reaches.get((reaches.len().max(1) - 1) * 3 / 4) {
            Some(typical) if reaches.len() >= BULK && *typical > 0.0 => FAR * typical,
            _ => f64::INFINITY,
        };
        let ends = |row: &ForestRow| [row.lower, row.estimate, row.upper];
        let within = self
            .rows
            .iter()
            .flat_map(ends)
            .filter(|end| end.is_finite() && end.abs() <= bound);
        let (low, high) = within.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
        // Where nothing differs there is still a scale to show it on.
        let width = if high > low { high - low } else { 1.0 };
        let margin = |beyond: bool| if beyond { 0.12 * width } else { 0.05 * width };
        let is_below = self.rows.iter().flat_map(ends).any(|end| end < low);
        let is_above = self.rows.iter().flat_map(ends).any(|end| end > high);
        Scale::within(low - margin(is_below), high + margin(is_above), 7.0)
    }

    fn legend(&self, x: &Scale, language: Language) -> Vec<(Sample, String)> {
        let entry = |sample: Sample, word: Word| (sample, word.text(language).to_owned());
        let mut entries = vec![
            entry(Sample::Mark(Mark::Full, BLUE), Word::Significant),
            entry(Sample::Mark(Mark::Hollow, PALE), Word::NotSignificant),
        ];
        let ends = self.rows.iter().flat_map(|row| [row.lower, row.estimate, row.upper]);
        if ends.into_iter().any(|end| end < x.low || end > x.high) {
            entries.push(entry(Sample::Arrow(INK), Word::FurtherOn));
        }
        entries
    }

    fn draw(&self, sheet: &Sheet<'_>, layout: &Layout<'_>, language: Language) {
        let right = f64::from(WIDTH) - MARGIN;
        let top = heading(sheet, &self.title, &self.subtitle);
        legend(sheet, &layout.legend, (MARGIN, top), right);
        let plot = &layout.plot;
        for (_, row) in layout.rows.iter().skip(1).step_by(2) {
            row.draw_ground(sheet, 0.25);
        }
        plot.draw_grid_x(sheet);
        let zero = plot.across(0.0);
        sheet.line(&[(zero, plot.area.top), (zero, plot.area.bottom)], INK, 3, SOLID);
        for (name, row) in &layout.headings {
            // The lines of the scale would run through the heading.
            row.draw_ground(sheet, 0.75);
            sheet.text(name, (MARGIN + 12.0, row.middle()), Style::new(BODY, INK));
        }
        let header = Style::new(SMALL, SOFT_INK).align(Align::Right);
        let column = (right - 12.0, plot.area.top - 26.0);
        sheet.text(Word::DifferenceColumn.text(language), column, header);
        for (row, placed) in &layout.rows {
            placed.draw_name(sheet, MARGIN + INDENT, Align::Left);
            draw_estimate(sheet, plot, row, placed.middle());
            let colour = if row.significant { INK } else { SOFT_INK };
            let text = fitted(&row.text, BODY, NUMBERS);
            let place = (right - 12.0, placed.middle());
            sheet.text(&text, place, Style::new(BODY, colour).align(Align::Right));
        }
        plot.draw_x(sheet, &self.axis);
        if let Some(note) = &layout.note {
            let place = (MARGIN, plot.area.bottom + FOOT + 4.0);
            sheet.text(note, place, Style::new(SMALL, SOFT_INK));
        }
    }
}

/// The interval and the estimate, cut off with arrows where the scale ends; nothing where there is no estimate.
fn draw_estimate(sheet: &Sheet<'_>, plot: &Plot, row: &ForestRow, y: f64) {
    let (mark, colour) = row.mark();
    if row.estimate.is_nan() {
        return;
    }
    let at = |value: f64| plot.across(value.clamp(plot.x.low, plot.x.high));
    let ends = [row.lower, row.upper];
    if !ends.iter().any(|end| end.is_nan()) {
        sheet.line(&[(at(ends[0]), y), (at(ends[1]), y)], colour, 4, SOLID);
        for end in ends.into_iter().filter(|end| (plot.x.low..=plot.x.high).contains(end)) {
            sheet.line(&[(at(end), y - 10.0), (at(end), y + 10.0)], colour, 4, SOLID);
        }
    }
    let furthest = |pick: fn(f64, f64) -> f64| pick(pick(row.estimate, ends[0]), ends[1]);
    if furthest(f64::min) < plot.x.low {
        sheet.line(
            &[(plot.area.left + 24.0, y), (plot.area.left + STEM, y)],
            colour,
            4,
            SOLID,
        );
        sheet.arrow_head((plot.area.left, y), false, mark, colour);
    }
    if furthest(f64::max) > plot.x.high {
        sheet.line(
            &[(plot.area.right - STEM, y), (plot.area.right - 24.0, y)],
            colour,
            4,
            SOLID,
        );
        sheet.arrow_head((plot.area.right, y), true, mark, colour);
    }
    if (plot.x.low..=plot.x.high).contains(&row.estimate) {
        sheet.mark(mark, (at(row.estimate), y), colour);
    }
}
