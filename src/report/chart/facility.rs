//! The facilities whose servers work the largest share of their time, with the queues before them.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end, number};
use super::palette::{BLUE, Fill, Hatch, INK, ORANGE, SOFT_INK, VERMILION};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH};
use super::{Charts, Drawing};
use crate::indicator::{Scope, display_name};
use crate::model::Place;
use crate::report::words::Word;
use crate::statistics::Interval;
use std::collections::BTreeSet;

const ROW: f64 = 76.0;
/// How bars are filled, and what the fills mean: queues grow fast above three quarters.
const LOADS: [(Fill, &str); 3] = [
    (
        Fill {
            colour: BLUE,
            hatch: Hatch::None,
        },
        "< 75%",
    ),
    (
        Fill {
            colour: ORANGE,
            hatch: Hatch::Falling,
        },
        "75%–90%",
    ),
    (
        Fill {
            colour: VERMILION,
            hatch: Hatch::Rising,
        },
        "≥ 90%",
    ),
];

fn load_class(percent: f64) -> usize {
    usize::from(percent >= 75.0) + usize::from(percent >= 90.0)
}

/// How many are shown.
const ROWS: usize = 12;

/// Height between the legend and the bars, and below the bars.
const ABOVE: f64 = 16.0;
const FOOT: f64 = 120.0;

fn legend_of_loads() -> Vec<(Sample, String)> {
    let entries = LOADS.iter();
    entries
        .map(|(fill, text)| (Sample::Fill(*fill), (*text).to_owned()))
        .collect()
}

/// Where the legend ends: beside it stand the titles of columns.
fn legend_right() -> f64 {
    f64::from(WIDTH) - MARGIN - 500.0
}

struct Row {
    name: String,
    utilisation: Interval,
    queue: Option<f64>,
    wait: Option<f64>,
}

impl Charts<'_> {
    /// Bars of utilisation.
    pub(super) fn facilities(&self) -> Option<Drawing<'_>> {
        let facilities = &self.report.model.network.tables.facilities;
        let passed = self.facilities_passed();
        let of = |id: &str, name: &str| self.estimate(Scope::Facility, id, name);
        let mut rows: Vec<Row> = facilities
            .iter()
            .enumerate()
            .filter(|(number, _)| self.report.selection.is_whole() || passed.contains(number))
            .filter_map(|(_, facility)| {
                let estimate = self.report.estimate(Scope::Facility, &facility.id, "utilisation")?;
                let used = estimate.interval.estimate.is_finite() && estimate.interval.estimate > 0.0;
                used.then(|| Row {
                    name: display_name(self.report.model, Scope::Facility, &facility.id, self.language),
                    utilisation: estimate.interval,
                    queue: of(&facility.id, "queue_mean"),
                    wait: of(&facility.id, "wait_hours_p95"),
                })
            })
            .collect();
        rows.sort_by(|a, b| b.utilisation.estimate.total_cmp(&a.utilisation.estimate));
        rows.truncate(ROWS);
        let top = heading_end(self.word(Word::FacilityTitle), &self.subtitle_of_facilities());
        let top = legend_end(&legend_of_loads(), (MARGIN, top), legend_right()) + ABOVE;
        let height = top + ROW * rows.len() as f64 + FOOT;
        (!rows.is_empty()).then(|| Drawing {
            name: "facility-utilisation".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_facilities(sheet, &rows)),
        })
    }

    /// The numbers of the facilities on the ways of the corridors that are shown.
    fn facilities_passed(&self) -> BTreeSet<usize> {
        let model = self.report.model;
        let strands = model.typical.strands.iter();
        let routes = strands.filter(|strand| self.shows(strand.corridor as usize));
        let cells = routes.flat_map(|strand| &model.layout.routes[strand.route as usize].cells);
        let facility = |place: Place| match place {
            Place::Facility(facility) => Some(facility.index()),
            _ => None,
        };
        cells.filter_map(|cell| facility(cell.place)).collect()
    }

    /// The subtitle, with the corridors on whose ways the facilities are where not all are shown.
    fn subtitle_of_facilities(&self) -> String {
        let subtitle = self.subtitle_with_intervals();
        if self.report.selection.is_whole() {
            return subtitle;
        }
        let names: Vec<String> = self.corridors().into_iter().map(|group| self.name(group)).collect();
        format!(
            "{}\n{subtitle}",
            self.labelled(self.word(Word::CorridorsShown), &names.join("; "))
        )
    }

    fn draw_facilities(&self, sheet: &Sheet<'_>, rows: &[Row]) {
        let top = heading(sheet, self.word(Word::FacilityTitle), &self.subtitle_of_facilities());
        let right = f64::from(WIDTH) - MARGIN;
        let top = legend(sheet, &legend_of_loads(), (MARGIN, top), legend_right()) + ABOVE;
        let names = rows
            .iter()
            .map(|row| width_of(&row.name, BODY))
            .fold(0.0, f64::max)
            .min(720.0);
        let plot = Plot {
            area: Area {
                left: MARGIN + names + 24.0,
                top,
                right: right - 480.0,
                bottom: top + ROW * rows.len() as f64,
            },
            x: Scale::within(0.0, 100.0, 5.0),
            y: Scale::within(0.0, 1.0, 1.0),
        };
        plot.draw_grid_x(sheet);
        plot.draw_x(sheet, self.word(Word::Utilisation));
        let columns = [right - 240.0, right];
        for (word, at) in [Word::QueueMean, Word::WaitP95].into_iter().zip(columns) {
            let unit = if word == Word::WaitP95 {
                format!(" ({})", self.word(Word::Hours))
            } else {
                String::new()
            };
            let text = format!("{}{unit}", self.word(word));
            sheet.text(&text, (at, top - 26.0), Style::new(SMALL, SOFT_INK).align(Align::Right));
        }
        for (row, it) in rows.iter().enumerate() {
            let middle = top + ROW * (row as f64 + 0.5);
            plot.name_row(sheet, &it.name, middle, names);
            let share = it.utilisation.estimate * 100.0;
            let area = Area {
                left: plot.area.left,
                top: middle - ROW * 0.3,
                right: plot.across(share.min(100.0)),
                bottom: middle + ROW * 0.3,
            };
            sheet.bar(area, LOADS[load_class(share)].0);
            let label = format!("{}%", number(share, 0));
            let ends = [it.utilisation.lower, it.utilisation.upper].map(|end| end * 100.0);
            let furthest = ends[1].max(share).min(100.0);
            sheet.text_on_grid(&label, (plot.across(furthest) + 14.0, middle), Style::new(SMALL, INK));
            plot.interval(sheet, ends, middle);
            for ((value, digits), at) in [(it.queue, 2), (it.wait, 1)].into_iter().zip(columns) {
                let text = value.map_or_else(|| "–".to_owned(), |value| number(value, digits));
                sheet.text(&text, (at, middle), Style::new(BODY, INK).align(Align::Right));
            }
        }
    }
}
