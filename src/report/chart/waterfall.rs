//! A difference taken apart: from the value before to that after, a bar for each part, which begins where the one before
//! ended.

use super::Drawing;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end, number};
use super::mark::{LESS, MORE, WHISKER, digits_of, measured_width, signed, signed_interval};
use super::palette::{FRAME, Fill, INK, SOFT_INK, SOLID, WHITE, WHOLE};
use super::row::{Row, set_rows, width_of_names};
use super::sheet::{Align, Area, SMALL, Sheet, Style, WIDTH};
use crate::report::words::Word;
use crate::scenario::settings::Language;

/// Height of a row.
const ROW: f64 = 68.0;
/// Height between the legend and the bars, and below the bars.
const ABOVE: f64 = 24.0;
const FOOT: f64 = 120.0;
/// Height of the note below.
const NOTE: f64 = 44.0;
/// Widest names.
const NAMES: f64 = 720.0;
/// Space between names and bars, and between bars and numbers.
const BETWEEN: f64 = 24.0;
const BESIDE: f64 = 16.0;
/// Share of the highest value below which changes are too small to be seen on a scale from zero.
const SMALL_CHANGES: f64 = 1.0 / 3.0;

/// A part of the difference.
#[derive(Clone, PartialEq, Debug)]
pub struct WaterfallBar {
    /// To what it is due.
    pub label: String,
    /// How much of the difference.
    pub share: f64,
    /// Lower end of its interval; not a number where there is none.
    pub lower: f64,
    /// Upper end of its interval.
    pub upper: f64,
}

/// A difference with its parts.
#[derive(Clone, PartialEq, Debug)]
pub struct Waterfall {
    /// Its title.
    pub title: String,
    /// What stands below the title.
    pub subtitle: String,
    /// What the scale measures, with its unit.
    pub axis: String,
    /// What comes before, and its value.
    pub before: (String, f64),
    /// What comes after, and its value.
    pub after: (String, f64),
    /// The parts in their order.
    pub bars: Vec<WaterfallBar>,
}

/// A row: where its bar begins and ends, and what stands beside it.
struct Step {
    from: f64,
    to: f64,
    /// Ends of the whisker, where there is one.
    whisker: Option<[f64; 2]>,
    fill: Fill,
    value: String,
    interval: String,
}

/// Where everything stands.
struct Layout {
    legend: Vec<(Sample, String)>,
    rows: Vec<Row>,
    steps: Vec<Step>,
    plot: Plot,
    is_broken: bool,
    height: f64,
}

impl Waterfall {
    /// The chart, if there is any part.
    pub(super) fn drawing(&self, name: &str, language: Language) -> Option<Drawing<'_>> {
        let layout = self.layout(language);
        (!self.bars.is_empty()).then(|| Drawing {
            name: name.to_owned(),
            height: layout.height,
            draw: Box::new(move |sheet| self.draw(sheet, &layout, language)),
        })
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let parts = self.bars.iter().map(|bar| bar.label.as_str());
        [self.before.0.as_str()]
            .into_iter()
            .chain(parts)
            .chain([self.after.0.as_str()])
    }

    fn layout(&self, language: Language) -> Layout {
        let right = f64::from(WIDTH) - MARGIN;
        let steps = self.steps(language);
        let legend = legend_of(&steps, language);
        let top = legend_end(&legend, (MARGIN, heading_end(&self.title, &self.subtitle)), right) + ABOVE;
        let names = width_of_names(self.names(), NAMES);
        let rows = set_rows(self.names(), top, ROW, names);
        let bottom = rows.last().map_or(top, |row| row.bottom);
        let (x, is_broken) = scale(&steps);
        let area = Area {
            left: MARGIN + names + BETWEEN,
            top,
            right,
            bottom,
        };
        let plot = with_room_for_numbers(
            Plot {
                area,
                x,
                y: Scale::within(0.0, 1.0, 1.0),
            },
            &steps,
        );
        Layout {
            legend,
            rows,
            steps,
            plot,
            is_broken,
            height: bottom + FOOT + if is_broken { NOTE } else { 0.0 },
        }
    }

    /// The bars from before to after.
    fn steps(&self, language: Language) -> Vec<Step> {
        let changes = self.bars.iter().flat_map(|bar| [bar.share, bar.lower, bar.upper]);
        let digits = digits_of(changes);
        let whole = |value: f64| Step {
            from: 0.0,
            to: value,
            whisker: None,
            fill: WHOLE,
            value: number(value, digits),
            interval: String::new(),
        };
        let mut at = self.before.1;
        let parts = self.bars.iter().map(|bar| {
            let from = at;
            at += bar.share;
            let ends = [bar.lower, bar.upper];
            let is_known = ends.iter().all(|end| end.is_finite());
            Step {
                from,
                to: at,
                whisker: is_known.then(|| ends.map(|end| from + end)),
                fill: if bar.share < 0.0 { LESS } else { MORE },
                value: signed(bar.share, digits),
                interval: signed_interval(ends, digits, language),
            }
        });
        let parts: Vec<Step> = parts.collect();
        [whole(self.before.1)]
            .into_iter()
            .chain(parts)
            .chain([whole(self.after.1)])
            .collect()
    }

    fn draw(&self, sheet: &Sheet<'_>, layout: &Layout, language: Language) {
        let right = f64::from(WIDTH) - MARGIN;
        let top = heading(sheet, &self.title, &self.subtitle);
        legend(sheet, &layout.legend, (MARGIN, top), right);
        let plot = &layout.plot;
        plot.draw_grid_x(sheet);
        plot.draw_x(sheet, &self.axis);
        if !layout.is_broken {
            let zero = plot.across(0.0);
            sheet.line(&[(zero, plot.area.top), (zero, plot.area.bottom)], FRAME, 3, SOLID);
        }
        for (row, step) in layout.rows.iter().zip(&layout.steps) {
            row.draw_name(sheet, plot.area.left - BETWEEN, Align::Right);
            draw_step(sheet, layout, row, step);
        }
        let pairs = layout.rows.windows(2).zip(layout.steps.windows(2));
        for (rows, steps) in pairs {
            // Beside the whole bars the line goes to where these end.
            let x = plot.across(steps[0].to);
            let [above, below] = [bar_of(&rows[0]), bar_of(&rows[1])];
            sheet.line(&[(x, above.1), (x, below.0)], INK, 2, SOLID);
        }
        if layout.is_broken {
            let place = (MARGIN, plot.area.bottom + FOOT + 4.0);
            sheet.text(Word::BrokenAxis.text(language), place, Style::new(SMALL, SOFT_INK));
        }
    }
}

/// Top and bottom of a row's bar.
fn bar_of(row: &Row) -> (f64, f64) {
    (row.middle() - ROW * 0.32, row.middle() + ROW * 0.32)
}

/// The scale, and whether it leaves zero out because changes could not be seen beside the whole.
fn scale(steps: &[Step]) -> (Scale, bool) {
    let whiskers = steps.iter().filter_map(|step| step.whisker).flatten();
    let ends = steps.iter().map(|step| step.to).chain(whiskers);
    let ends = ends.filter(|end| end.is_finite());
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| {
        (low.min(end), high.max(end))
    });
    if low > high {
        return (Scale::within(0.0, 1.0, 5.0), false);
    }
    let width = high - low;
    let is_broken = width > 0.0 && low * high > 0.0 && width < SMALL_CHANGES * low.abs().max(high.abs());
    let (low, high) = match is_broken {
        // What is left of the whole bars stays wide enough to bear the mark that says so.
        true if low > 0.0 => (low - 0.2 * width, high),
        true => (low, high + 0.2 * width),
        false => (low.min(0.0), high.max(0.0)),
    };
    let high = if high > low { high } else { low + 1.0 };
    (Scale::within(low, high, 6.0), is_broken)
}

/// The plot, made so narrow that the number beside every bar still has room.
fn with_room_for_numbers(plot: Plot, steps: &[Step]) -> Plot {
    let room = plot.area.width();
    let share_of = |step: &Step| {
        let ends = step.whisker.unwrap_or([step.to; 2]);
        let furthest = ends[1].max(step.from).max(step.to);
        plot.x.share(furthest).clamp(0.0, 1.0)
    };
    let most = steps.iter().filter_map(|step| {
        let text = BESIDE + measured_width((&step.value, &step.interval)) + 4.0;
        let share = share_of(step);
        (share > 0.0).then(|| (room - text) / share)
    });
    let width = most.fold(room - 40.0, f64::min).max(0.35 * room);
    Plot {
        area: Area {
            right: plot.area.left + width,
            ..plot.area
        },
        ..plot
    }
}

fn legend_of(steps: &[Step], language: Language) -> Vec<(Sample, String)> {
    let known = [(WHOLE, Word::Total), (MORE, Word::Increase), (LESS, Word::Decrease)];
    let used = known
        .iter()
        .filter(|(fill, _)| steps.iter().any(|step| step.fill == *fill));
    let mut entries: Vec<(Sample, String)> = used
        .map(|(fill, word)| (Sample::Fill(*fill), word.text(language).to_owned()))
        .collect();
    if steps.iter().any(|step| step.whisker.is_some()) {
        entries.push((Sample::Whisker(WHISKER), Word::IntervalMark.text(language).to_owned()));
    }
    entries
}

/// A bar with its whisker and its number.
fn draw_step(sheet: &Sheet<'_>, layout: &Layout, row: &Row, step: &Step) {
    let plot = &layout.plot;
    let at = |value: f64| plot.across(value.clamp(plot.x.low, plot.x.high));
    let (from, to) = (at(step.from), at(step.to));
    let (top, bottom) = bar_of(row);
    let bar = Area {
        left: from.min(to),
        top,
        // A part that is nearly nothing is still seen.
        right: from.max(to).max(from.min(to) + 3.0),
        bottom,
    };
    sheet.bar(bar, step.fill);
    if layout.is_broken && step.fill == WHOLE {
        let end = if plot.x.low > 0.0 {
            bar.left + 34.0
        } else {
            bar.right - 34.0
        };
        draw_break(sheet, bar, end);
    }
    let mut right = bar.right;
    if let Some(ends) = step.whisker {
        let ends = ends.map(at);
        sheet.whisker(ends, row.middle(), WHISKER);
        right = right.max(ends[1]);
    }
    let place = (right + BESIDE, row.middle());
    sheet.measured_text((&step.value, &step.interval), place);
}

/// Two slanted cuts through a bar, which say that a part of it is left out.
fn draw_break(sheet: &Sheet<'_>, bar: Area, x: f64) {
    let (lean, width) = (8.0, 12.0);
    let cut = |x: f64| [(x - lean, bar.bottom + 4.0), (x + lean, bar.top - 4.0)];
    let [[a, b], [c, d]] = [cut(x), cut(x + width)];
    sheet.polygon(&[a, b, d, c], WHITE);
    for line in [[a, b], [c, d]] {
        sheet.line(&line, INK, 2, SOLID);
    }
}
