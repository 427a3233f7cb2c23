//! What each measure does alone: its effect with the range that follows from what is not known, the largest on top.

use super::Drawing;
use super::font::width_of;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end};
use super::mark::{LESS, MORE, Mark, digits_of, measured_width, signed, signed_interval};
use super::palette::{Fill, Hatch, INK, SOFT_INK, SOLID, fill};
use super::row::{Row, set_rows, width_of_names};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH};
use crate::report::words::Word;
use crate::scenario::settings::Language;

/// Height of a row.
const ROW: f64 = 66.0;
/// Height between the legend and the bars, and below the bars.
const ABOVE: f64 = 56.0;
const FOOT: f64 = 120.0;
/// Widest names.
const NAMES: f64 = 720.0;
/// Space between names, plot and numbers.
const BETWEEN: f64 = 28.0;

/// What may be more or less.
const EITHER: Fill = fill((190, 190, 190), Hatch::Level);

/// The effect of a measure.
#[derive(Clone, PartialEq, Debug)]
pub struct TornadoBar {
    /// The measure.
    pub label: String,
    /// Its effect alone.
    pub estimate: f64,
    /// Lower end of the range of its effect; not a number where there is none.
    pub low: f64,
    /// Upper end of the range.
    pub high: f64,
}

/// The effects of measures.
#[derive(Clone, PartialEq, Debug)]
pub struct Tornado {
    /// Its title.
    pub title: String,
    /// What stands below the title.
    pub subtitle: String,
    /// What the scale measures, with its unit.
    pub axis: String,
    /// The effects in any order.
    pub bars: Vec<TornadoBar>,
}

/// Where everything stands.
struct Layout<'a> {
    legend: Vec<(Sample, String)>,
    bars: Vec<(&'a TornadoBar, Row)>,
    /// Value and range of each bar.
    texts: Vec<(String, String)>,
    /// Width of the ranges.
    ranges: f64,
    plot: Plot,
    height: f64,
}

impl TornadoBar {
    /// The range; the estimate alone where none is known.
    fn range(&self) -> [f64; 2] {
        if self.low.is_finite() && self.high.is_finite() {
            [self.low, self.high]
        } else {
            [self.estimate; 2]
        }
    }

    fn fill(&self) -> Fill {
        let [low, high] = self.range();
        if low > 0.0 {
            MORE
        } else if high < 0.0 {
            LESS
        } else {
            EITHER
        }
    }
}

impl Tornado {
    /// The chart, if there is any effect.
    pub(super) fn drawing(&self, name: &str, language: Language) -> Option<Drawing<'_>> {
        let layout = self.layout(language);
        (!layout.bars.is_empty()).then(|| Drawing {
            name: name.to_owned(),
            height: layout.height,
            draw: Box::new(move |sheet| self.draw(sheet, &layout, language)),
        })
    }

    fn layout(&self, language: Language) -> Layout<'_> {
        let right = f64::from(WIDTH) - MARGIN;
        let mut bars: Vec<&TornadoBar> = self.bars.iter().filter(|bar| bar.estimate.is_finite()).collect();
        bars.sort_by(|a, b| b.estimate.abs().total_cmp(&a.estimate.abs()));
        let legend = legend_of(&bars, language);
        let top = legend_end(&legend, (MARGIN, heading_end(&self.title, &self.subtitle)), right) + ABOVE;
        let labels = || bars.iter().map(|bar| bar.label.as_str());
        let names = width_of_names(labels(), NAMES);
        let rows = set_rows(labels(), top, ROW, names);
        let bottom = rows.last().map_or(top, |row| row.bottom);
        let digits = digits_of(bars.iter().flat_map(|bar| [bar.estimate, bar.low, bar.high]));
        let texts: Vec<(String, String)> = bars
            .iter()
            .map(|bar| {
                let range = signed_interval([bar.low, bar.high], digits, language);
                (signed(bar.estimate, digits), range)
            })
            .collect();
        let ranges = texts
            .iter()
            .map(|(_, range)| width_of(range, SMALL))
            .fold(0.0, f64::max);
        let header = width_of(Word::EffectColumn.text(language), SMALL);
        let numbers = texts
            .iter()
            .map(|(value, _)| measured_width((value, "")) + 14.0 + ranges);
        let numbers = numbers.fold(header, f64::max);
        let area = Area {
            left: MARGIN + names + BETWEEN,
            top,
            right: right - numbers - BETWEEN - 20.0,
            bottom,
        };
        let plot = Plot {
            area,
            x: scale(&bars),
            y: Scale::within(0.0, 1.0, 1.0),
        };
        Layout {
            legend,
            bars: bars.into_iter().zip(rows).collect(),
            texts,
            ranges,
            plot,
            height: bottom + FOOT,
        }
    }

    fn draw(&self, sheet: &Sheet<'_>, layout: &Layout<'_>, language: Language) {
        let right = f64::from(WIDTH) - MARGIN;
        let top = heading(sheet, &self.title, &self.subtitle);
        legend(sheet, &layout.legend, (MARGIN, top), right);
        let plot = &layout.plot;
        for (_, row) in layout.bars.iter().skip(1).step_by(2) {
            row.draw_ground(sheet, 0.25);
        }
        plot.draw_grid_x(sheet);
        plot.draw_x(sheet, &self.axis);
        let column = (right - 12.0, plot.area.top - 26.0);
        let header = Style::new(SMALL, SOFT_INK).align(Align::Right);
        sheet.text(Word::EffectColumn.text(language), column, header);
        for ((bar, row), (value, range)) in layout.bars.iter().zip(&layout.texts) {
            row.draw_name(sheet, plot.area.left - BETWEEN, Align::Right);
            let y = row.middle();
            let [low, high] = bar.range().map(|end| plot.across(end));
            let band = Area {
                left: low,
                top: y - ROW * 0.3,
                right: high.max(low + 2.0),
                bottom: y + ROW * 0.3,
            };
            sheet.bar(band, bar.fill());
            let range_style = Style::new(SMALL, SOFT_INK).align(Align::Right);
            sheet.text(range, (right - 12.0, y), range_style);
            let end = right - 12.0 - layout.ranges - 14.0;
            sheet.text(value, (end, y), Style::new(BODY, INK).align(Align::Right));
        }
        let zero = plot.across(0.0);
        sheet.line(&[(zero, plot.area.top), (zero, plot.area.bottom)], INK, 3, SOLID);
        for (bar, row) in &layout.bars {
            sheet.mark(Mark::Diamond, (plot.across(bar.estimate), row.middle()), INK);
        }
    }
}

/// A scale for all ranges, with zero on it.
fn scale(bars: &[&TornadoBar]) -> Scale {
    let ends = bars.iter().flat_map(|bar| {
        let [low, high] = bar.range();
        [low, bar.estimate, high]
    });
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let margin = if high > low { 0.04 * (high - low) } else { 0.5 };
    Scale::within(low - margin, high + margin, 6.0)
}

fn legend_of(bars: &[&TornadoBar], language: Language) -> Vec<(Sample, String)> {
    let known = [
        (MORE, Word::BandOfMore),
        (LESS, Word::BandOfLess),
        (EITHER, Word::BandAcrossZero),
    ];
    let used = known
        .iter()
        .filter(|(fill, _)| bars.iter().any(|bar| bar.fill() == *fill));
    let bands = used.map(|(fill, word)| (Sample::Fill(*fill), word.text(language).to_owned()));
    let estimate = (
        Sample::Mark(Mark::Diamond, INK),
        Word::EffectEstimate.text(language).to_owned(),
    );
    bands.chain([estimate]).collect()
}
