//! Where and why time is spent: the worst places and causes as bars, with their intervals.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end, number};
use super::palette::{BLUE, Fill, GREEN, Hatch, INK, ORANGE, PURPLE, SKY, VERMILION, YELLOW, fill};
use super::sheet::{Area, BODY, SMALL, Sheet, Style, WIDTH};
use super::{Charts, Drawing};
use crate::analysis::TimePart;
use crate::indicator::Whose;
use crate::model::Cause;
use crate::report::words::{self, Word};

const ROW: f64 = 84.0;
/// Hours below which a bar could not be seen.
const LEAST: f64 = 0.005;
/// Height between the legend and the bars, and below the bars.
const ABOVE: f64 = 20.0;
const FOOT: f64 = 120.0;
/// Widest names of places, and the space for numbers behind the bars.
const NAMES: f64 = 760.0;
const NUMBERS: f64 = 330.0;

/// How the time spent for a cause is filled: as its component is, where it is the only cause of that.
fn look(cause: Cause) -> Fill {
    match cause {
        Cause::Moving => fill(BLUE, Hatch::None),
        Cause::Standing => fill(SKY, Hatch::Level),
        Cause::Schedule => fill(SKY, Hatch::None),
        Cause::LeftBehind => fill(SKY, Hatch::Crossed),
        Cause::Cancelled => fill(BLUE, Hatch::Falling),
        Cause::MissedConnection => fill(PURPLE, Hatch::Rising),
        Cause::Queue => fill(ORANGE, Hatch::Rising),
        Cause::Work => fill(GREEN, Hatch::None),
        Cause::Inspection => fill(YELLOW, Hatch::Falling),
        Cause::Closed => fill((190, 190, 190), Hatch::Level),
        Cause::Disruption => fill((70, 70, 70), Hatch::None),
        Cause::Blocked => fill(VERMILION, Hatch::Crossed),
        Cause::Container => fill(PURPLE, Hatch::None),
        Cause::Consolidation => fill(YELLOW, Hatch::None),
    }
}

impl Charts<'_> {
    /// Bars of the worst places and causes.
    pub(super) fn attribution(&self) -> Option<Drawing<'_>> {
        let parts = self.report.worst_time_parts(LEAST);
        let top = heading_end(self.word(Word::AttributionTitle), &self.subtitle_of_attribution(&parts));
        let top = legend_end(&self.legend_of_causes(&parts), (MARGIN, top), f64::from(WIDTH) - MARGIN) + ABOVE;
        let height = top + ROW * parts.len() as f64 + FOOT;
        (!parts.is_empty()).then(|| Drawing {
            name: "time-by-place-and-cause".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_attribution(sheet, &parts)),
        })
    }

    fn subtitle_of_attribution(&self, parts: &[TimePart]) -> String {
        let subtitle = self.subtitle_with_intervals();
        let together = parts.iter().all(|part| part.whose == Whose::Headlines);
        if together && !self.report.model.scenario.corridors.is_empty() {
            format!("{}\n{subtitle}", self.word(Word::HeadlinesTogether))
        } else {
            subtitle
        }
    }

    fn legend_of_causes(&self, parts: &[TimePart]) -> Vec<(Sample, String)> {
        let used = Cause::ALL
            .into_iter()
            .filter(|cause| parts.iter().any(|part| part.cause == *cause));
        used.map(|cause| (Sample::Fill(look(cause)), self.word(words::cause(cause)).to_owned()))
            .collect()
    }

    fn draw_attribution(&self, sheet: &Sheet<'_>, parts: &[TimePart]) {
        let right = f64::from(WIDTH) - MARGIN;
        let top = heading(
            sheet,
            self.word(Word::AttributionTitle),
            &self.subtitle_of_attribution(parts),
        );
        let top = legend(sheet, &self.legend_of_causes(parts), (MARGIN, top), right) + ABOVE;
        let places: Vec<String> = parts
            .iter()
            .map(|part| self.report.place_of(part, self.language))
            .collect();
        let widest = places.iter().map(|place| width_of(place, BODY)).fold(0.0, f64::max);
        let names = widest.min(NAMES);
        let ends = |part: &TimePart| [part.hours.lower, part.hours.upper];
        let furthest = parts.iter().flat_map(|part| [part.hours.estimate, part.hours.upper]);
        let furthest = furthest.filter(|hours| hours.is_finite()).fold(0.0, f64::max);
        let plot = Plot {
            area: Area {
                left: MARGIN + names + 24.0,
                top,
                right: right - NUMBERS,
                bottom: top + ROW * parts.len() as f64,
            },
            x: Scale::within(0.0, furthest, 5.0),
            y: Scale::within(0.0, 1.0, 1.0),
        };
        plot.draw_grid_x(sheet);
        plot.draw_x(sheet, self.word(Word::AttributionAxis));
        for (row, (part, place)) in parts.iter().zip(&places).enumerate() {
            let middle = top + ROW * (row as f64 + 0.5);
            plot.name_row(sheet, place, middle, names);
            let bar = Area {
                left: plot.area.left,
                top: middle - ROW * 0.32,
                right: plot.across(part.hours.estimate),
                bottom: middle + ROW * 0.32,
            };
            sheet.bar(bar, look(part.cause));
            let mut end = bar.right;
            if ends(part).iter().all(|end| end.is_finite()) {
                plot.interval(sheet, ends(part), middle);
                end = end.max(plot.across(ends(part)[1]));
            }
            let label = format!(
                "{} {} ({}%)",
                number(part.hours.estimate, 1),
                self.word(Word::Hours),
                number(part.share * 100.0, 1)
            );
            sheet.text_on_grid(&label, (end + 14.0, middle), Style::new(SMALL, INK));
        }
    }
}
