//! Shared boxes: how full they go, and how long lots wait for that, by the way of the boxes.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Scale, heading, heading_end, number};
use super::palette::{BLUE, Fill, Hatch, INK, SOFT_INK};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH, wrapped};
use super::{Charts, Drawing};
use crate::indicator::{Scope, display_name};
use crate::report::words::Word;
use crate::statistics::Interval;
use crate::units::HOURS_PER_DAY;

const ROW: f64 = 84.0;
/// Height between the heading and the bars, for the titles of columns, and below the bars.
const ABOVE: f64 = 64.0;
const FOOT: f64 = 120.0;
/// How many are shown.
const ROWS: usize = 14;
/// Width of a column of numbers.
const COLUMN: f64 = 190.0;
const FILL: Fill = Fill {
    colour: BLUE,
    hatch: Hatch::None,
};

struct Row {
    name: String,
    fill: Interval,
    /// Lots in a box, mean wait and 95 % quantile of the wait in days, share dispatched by time in per cent.
    numbers: [Option<f64>; 4],
}

const COLUMNS: [(Word, usize); 4] = [
    (Word::LotsPerBox, 1),
    (Word::MeanWaitDays, 1),
    (Word::P95WaitDays, 1),
    (Word::SentByTime, 0),
];

impl Charts<'_> {
    /// Bars of how full shared boxes are.
    pub(super) fn consolidations(&self) -> Option<Drawing<'_>> {
        let lanes = self.report.model.network.tables.lanes.iter();
        let mut rows: Vec<Row> = lanes
            .filter_map(|lane| {
                let of = |name: &str| self.estimate(Scope::Consolidation, &lane.id, name);
                let fill = self.report.estimate(Scope::Consolidation, &lane.id, "fill_of_space");
                let fill = fill.or_else(|| self.report.estimate(Scope::Consolidation, &lane.id, "fill_of_payload"))?;
                let days = |name: &str| of(name).map(|hours| hours / HOURS_PER_DAY);
                fill.interval.estimate.is_finite().then(|| Row {
                    name: display_name(self.report.model, Scope::Consolidation, &lane.id, self.language),
                    fill: fill.interval,
                    numbers: [
                        of("lots_per_box"),
                        days("wait_hours_mean"),
                        days("wait_hours_p95"),
                        of("by_time_share").map(|share| share * 100.0),
                    ],
                })
            })
            .collect();
        rows.sort_by(|a, b| b.fill.estimate.total_cmp(&a.fill.estimate));
        rows.truncate(ROWS);
        let top = heading_end(self.word(Word::ConsolidationTitle), &self.subtitle_with_intervals()) + ABOVE;
        let height = top + ROW * rows.len() as f64 + FOOT;
        (!rows.is_empty() && self.report.selection.is_whole()).then(|| Drawing {
            name: "consolidation".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_consolidations(sheet, &rows)),
        })
    }

    fn draw_consolidations(&self, sheet: &Sheet<'_>, rows: &[Row]) {
        let subtitle = self.subtitle_with_intervals();
        let top = heading(sheet, self.word(Word::ConsolidationTitle), &subtitle) + ABOVE;
        let right = f64::from(WIDTH) - MARGIN;
        let names = rows.iter().map(|row| width_of(&row.name, BODY)).fold(0.0, f64::max);
        let names = names.min(560.0);
        let plot = Plot {
            area: Area {
                left: MARGIN + names + 24.0,
                top,
                right: right - COLUMN * COLUMNS.len() as f64 - 40.0,
                bottom: top + ROW * rows.len() as f64,
            },
            x: Scale::within(0.0, 100.0, 5.0),
            y: Scale::within(0.0, 1.0, 1.0),
        };
        plot.draw_grid_x(sheet);
        plot.draw_x(sheet, self.word(Word::FillOfBoxes));
        let at = |column: usize| right - COLUMN * (COLUMNS.len() - 1 - column) as f64;
        for (column, (word, _)) in COLUMNS.iter().enumerate() {
            let lines = wrapped(self.word(*word), SMALL, COLUMN - 16.0);
            for (line, text) in lines.iter().enumerate() {
                let y = top - 20.0 - (lines.len() - 1 - line) as f64 * SMALL * 1.2;
                sheet.text(text, (at(column), y), Style::new(SMALL, SOFT_INK).align(Align::Right));
            }
        }
        for (row, it) in rows.iter().enumerate() {
            let middle = top + ROW * (row as f64 + 0.5);
            plot.name_row(sheet, &it.name, middle, names);
            let share = it.fill.estimate * 100.0;
            let area = Area {
                left: plot.area.left,
                top: middle - ROW * 0.3,
                right: plot.across(share.min(100.0)),
                bottom: middle + ROW * 0.3,
            };
            sheet.bar(area, FILL);
            let ends = [it.fill.lower, it.fill.upper].map(|end| end * 100.0);
            let furthest = ends[1].max(share).min(100.0);
            let label = format!("{}%", number(share, 0));
            sheet.text_on_grid(&label, (plot.across(furthest) + 14.0, middle), Style::new(SMALL, INK));
            plot.interval(sheet, ends, middle);
            for (column, (value, (_, digits))) in it.numbers.iter().zip(COLUMNS).enumerate() {
                let text = value
                    .filter(|value| value.is_finite())
                    .map_or_else(|| "–".to_owned(), |value| number(value, digits));
                sheet.text(&text, (at(column), middle), Style::new(BODY, INK).align(Align::Right));
            }
        }
    }
}
