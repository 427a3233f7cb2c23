//! Depots of containers: how much of the cargo waits for a box there, with the stock behind it.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Scale, heading, heading_end, number};
use super::palette::{Fill, Hatch, INK, PURPLE, SOFT_INK};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH, wrapped};
use super::{Charts, Drawing};
use crate::indicator::{Scope, display_name};
use crate::report::words::Word;
use crate::statistics::Interval;

const ROW: f64 = 84.0;
/// How many are shown.
const ROWS: usize = 12;
/// Height between the heading and the bars, and below the bars.
const ABOVE: f64 = 90.0;
const FOOT: f64 = 120.0;
/// Width of a column of numbers.
const COLUMN: f64 = 210.0;
const FILL: Fill = Fill {
    colour: PURPLE,
    hatch: Hatch::None,
};
const COLUMNS: [(Word, &str, f64, usize); 3] = [
    (Word::StockMean, "stock_mean", 1.0, 1),
    (Word::TimeEmpty, "share_of_time_empty", 100.0, 1),
    (Word::WaitP95, "wait_hours_p95", 1.0, 1),
];

struct Row {
    name: String,
    delayed: Interval,
    numbers: [Option<f64>; 3],
}

impl Charts<'_> {
    /// Bars of the share of consignments that wait for a container.
    pub(super) fn containers(&self) -> Option<Drawing<'_>> {
        let model = self.report.model;
        let mut rows: Vec<Row> = model
            .containers
            .depots
            .iter()
            .filter_map(|depot| {
                let id = depot.id();
                let delayed = self.report.estimate(Scope::Depot, &id, "delayed_share")?.interval;
                delayed.estimate.is_finite().then(|| Row {
                    name: display_name(model, Scope::Depot, &id, self.language),
                    delayed,
                    numbers: COLUMNS.map(|(_, name, scale, _)| Some(self.estimate(Scope::Depot, &id, name)? * scale)),
                })
            })
            .collect();
        rows.sort_by(|a, b| b.delayed.estimate.total_cmp(&a.delayed.estimate));
        rows.truncate(ROWS);
        let top = heading_end(self.word(Word::ContainerTitle), &self.subtitle_with_intervals()) + ABOVE;
        let height = top + ROW * rows.len() as f64 + FOOT;
        (!rows.is_empty()).then(|| Drawing {
            name: "containers".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_containers(sheet, &rows)),
        })
    }

    fn draw_containers(&self, sheet: &Sheet<'_>, rows: &[Row]) {
        let top = heading(sheet, self.word(Word::ContainerTitle), &self.subtitle_with_intervals()) + ABOVE;
        let right = f64::from(WIDTH) - MARGIN;
        let names = rows
            .iter()
            .map(|row| width_of(&row.name, BODY))
            .fold(0.0, f64::max)
            .min(620.0);
        let highest = rows
            .iter()
            .map(|row| row.delayed.upper.max(row.delayed.estimate))
            .fold(0.0, f64::max);
        let plot = Plot {
            area: Area {
                left: MARGIN + names + 24.0,
                top,
                right: right - COLUMN * COLUMNS.len() as f64 - 100.0,
                bottom: top + ROW * rows.len() as f64,
            },
            x: Scale::from_zero((highest * 100.0).clamp(1.0, 100.0), 4.0),
            y: Scale::within(0.0, 1.0, 1.0),
        };
        plot.draw_grid_x(sheet);
        plot.draw_x(sheet, self.word(Word::WaitsForContainer));
        let columns: Vec<f64> = (0..COLUMNS.len())
            .map(|at| right - COLUMN * (COLUMNS.len() - 1 - at) as f64)
            .collect();
        for ((word, ..), at) in COLUMNS.iter().zip(&columns) {
            let unit = match word {
                Word::WaitP95 => format!(" ({})", self.word(Word::Hours)),
                Word::TimeEmpty => " (%)".to_owned(),
                _ => String::new(),
            };
            let lines = wrapped(&format!("{}{unit}", self.word(*word)), SMALL, COLUMN - 24.0);
            for (line, text) in lines.iter().enumerate() {
                let y = top - 26.0 - (lines.len() - 1 - line) as f64 * SMALL * 1.2;
                sheet.text(text, (*at, y), Style::new(SMALL, SOFT_INK).align(Align::Right));
            }
        }
        for (row, it) in rows.iter().enumerate() {
            let middle = top + ROW * (row as f64 + 0.5);
            plot.name_row(sheet, &it.name, middle, names);
            let share = it.delayed.estimate * 100.0;
            let area = Area {
                left: plot.area.left,
                top: middle - ROW * 0.28,
                right: plot.across(share),
                bottom: middle + ROW * 0.28,
            };
            sheet.bar(area, FILL);
            let ends = [it.delayed.lower, it.delayed.upper].map(|end| end * 100.0);
            let mut furthest = share;
            if ends.iter().all(|end| end.is_finite()) && ends[1] > ends[0] {
                let [low, high] = ends.map(|end| end.clamp(0.0, 100.0));
                furthest = furthest.max(high);
                plot.interval(sheet, [low, high], middle);
            }
            let label = format!("{}%", number(share, 1));
            sheet.text_on_grid(&label, (plot.across(furthest) + 14.0, middle), Style::new(SMALL, INK));
            for ((value, (.., digits)), at) in it.numbers.iter().zip(&COLUMNS).zip(&columns) {
                let text = value.map_or_else(|| "–".to_owned(), |value| number(value, *digits));
                sheet.text(&text, (*at, middle), Style::new(BODY, INK).align(Align::Right));
            }
        }
    }
}
