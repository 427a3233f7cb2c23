//! The corridors side by side: a row for each that the scenario is about, with what a planner compares.
//!
//! Transit times have one scale of days, and the bars of each column have one scale, so that rows can be compared by eye.

use super::distribution::{Panel, draw_histogram, legend_of_marks};
use super::font::width_of;
use super::frame::{MARGIN, Plot, Scale, heading, heading_end, legend, legend_end, number};
use super::palette::{FRAME, GRID, INK, SOFT_INK, SOLID, tint};
use super::sheet::{Area, BODY, SMALL, Sheet, Style, WIDTH, wrapped};
use super::{Charts, Drawing};
use crate::indicator::{Group, headline_corridors};
use crate::report::words::Word;

/// Height of a row, of the titles of columns, and of what stands below the last row.
const ROW: f64 = 196.0;
const TITLES: f64 = 96.0;
const FOOT: f64 = 116.0;
/// Width of names, and of a column of numbers with the space before it.
const NAMES: f64 = 400.0;
const COLUMN: f64 = 268.0;
const COLUMN_GAP: f64 = 44.0;
/// Height of a line of the note.
const NOTE: f64 = SMALL * 1.45;

/// A number of every corridor.
struct Column {
    title: String,
    /// Estimates with half their intervals.
    values: Vec<(f64, f64)>,
}

struct Overview {
    panels: Vec<Panel>,
    /// Means and 95 % quantiles in words.
    times: Vec<String>,
    x: Scale,
    columns: Vec<Column>,
    note: Vec<String>,
}

impl Overview {
    /// Where the histograms stand, below `top`.
    fn plots(&self, top: f64) -> Area {
        let right = f64::from(WIDTH) - MARGIN - COLUMN * self.columns.len() as f64;
        Area {
            left: MARGIN + NAMES,
            top: top + TITLES,
            right,
            bottom: top + TITLES + ROW * self.panels.len() as f64,
        }
    }
}

impl Charts<'_> {
    /// The overview; none of a single corridor, whose chart of transit times says as much.
    pub(super) fn overview(&self) -> Option<Drawing<'_>> {
        let overview = self.side_by_side()?;
        let top = heading_end(self.word(Word::OverviewTitle), &self.subtitle_with_intervals());
        let top = legend_end(&legend_of_marks(), (MARGIN, top), f64::from(WIDTH) - MARGIN);
        let height = overview.plots(top).bottom + FOOT + NOTE * overview.note.len() as f64 + 20.0;
        Some(Drawing {
            name: "overview".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_overview(sheet, &overview)),
        })
    }

    /// The corridors of the overview, those with most TEU first: all that were asked for, or else the headline ones.
    fn groups_of_overview(&self) -> Vec<&Group> {
        let headlines = headline_corridors(self.report.model);
        let is_whole = self.report.selection.is_whole();
        let mut groups = self.corridors();
        groups.retain(|group| !is_whole || headlines.contains(&self.number_of(group)));
        let teu = |group: &Group| self.estimate(group.scope, &group.id, "teu_per_year").unwrap_or(0.0);
        groups.sort_by(|a, b| teu(b).total_cmp(&teu(a)));
        groups
    }

    fn side_by_side(&self) -> Option<Overview> {
        let groups = self.groups_of_overview();
        if groups.len() < 2 {
            return None;
        }
        let (x, width) = self.transit_scale(&groups)?;
        let column = |title: String, name: &str, scale: f64| {
            let values = groups.iter().map(|group| {
                let interval = self.report.estimate(group.scope, &group.id, name).map(|it| it.interval);
                interval.map_or((f64::NAN, f64::NAN), |it| {
                    (it.estimate * scale, it.half_width() * scale)
                })
            });
            Column {
                title,
                values: values.collect(),
            }
        };
        let mut columns = vec![
            column(self.word(Word::VolumeColumn).to_owned(), "teu_per_year", 1.0),
            column(
                Word::CostColumn.filled(self.language, &[&self.currency()]),
                "cost_per_teu",
                1.0,
            ),
            column(self.word(Word::EmissionsColumn).to_owned(), "co2e_kg_per_teu", 1.0),
            column(self.word(Word::BufferColumn).to_owned(), "buffer_index", 100.0),
        ];
        // A scenario may know nothing of costs or of emissions.
        columns.retain(|column| column.values.iter().any(|(value, _)| *value > 0.0));
        let panel = |group: &&Group| self.distribution(group, self.look(self.number_of(group)).colour, width);
        let panels: Vec<Panel> = groups.iter().map(panel).collect::<Option<_>>()?;
        let times = groups.iter().map(|group| {
            let days = |name: &str| {
                let value = self.estimate(group.scope, &group.id, name);
                value.map_or_else(|| "–".to_owned(), |days| number(days, 1))
            };
            Word::MeanAndP95.filled(self.language, &[&days("transit_days_mean"), &days("transit_days_p95")])
        });
        Some(Overview {
            times: times.collect(),
            panels,
            x,
            columns,
            note: wrapped(self.word(Word::BufferNote), SMALL, f64::from(WIDTH) - 2.0 * MARGIN),
        })
    }

    fn draw_overview(&self, sheet: &Sheet<'_>, overview: &Overview) {
        let right = f64::from(WIDTH) - MARGIN;
        let top = heading(sheet, self.word(Word::OverviewTitle), &self.subtitle_with_intervals());
        let top = legend(sheet, &legend_of_marks(), (MARGIN, top), right);
        let plots = overview.plots(top);
        for (at, column) in overview.columns.iter().enumerate() {
            let left = plots.right + COLUMN * at as f64 + COLUMN_GAP;
            let titles = column.title.lines();
            let lines: Vec<String> = titles
                .flat_map(|line| wrapped(line, SMALL, COLUMN - COLUMN_GAP))
                .collect();
            for (line, text) in lines.iter().enumerate() {
                let y = plots.top - 28.0 - SMALL * 1.3 * (lines.len() - 1 - line) as f64;
                sheet.text(text, (left, y), Style::new(SMALL, SOFT_INK));
            }
        }
        for (row, panel) in overview.panels.iter().enumerate() {
            let above = plots.top + ROW * row as f64;
            sheet.line(&[(MARGIN, above), (right, above)], GRID, 2, SOLID);
            self.draw_row(sheet, overview, (row, panel), (plots, above));
        }
        let last = Plot {
            area: plots,
            x: overview.x,
            y: Scale::within(0.0, 1.0, 1.0),
        };
        last.draw_x(sheet, self.word(Word::OverviewTimes));
        for (at, line) in overview.note.iter().enumerate() {
            let y = plots.bottom + FOOT + NOTE * (at as f64 + 0.5);
            sheet.text(line, (MARGIN, y), Style::new(SMALL, SOFT_INK));
        }
    }

    fn draw_row(
        &self,
        sheet: &Sheet<'_>,
        overview: &Overview,
        (row, panel): (usize, &Panel),
        (plots, above): (Area, f64),
    ) {
        let middle = above + ROW / 2.0;
        let mut lines: Vec<(String, Style)> = wrapped(&panel.name, BODY, NAMES - 40.0)
            .into_iter()
            .map(|line| (line, Style::new(BODY, INK)))
            .collect();
        let times = wrapped(&overview.times[row], SMALL, NAMES - 40.0);
        lines.extend(times.into_iter().map(|line| (line, Style::new(SMALL, SOFT_INK))));
        for (at, (line, style)) in lines.iter().enumerate() {
            let y = middle + (at as f64 - (lines.len() - 1) as f64 / 2.0) * BODY * 1.3;
            sheet.text(line, (MARGIN, y), *style);
        }
        let highest = panel.histogram.shares.iter().copied().fold(0.0, f64::max) * 100.0;
        let plot = Plot {
            area: Area {
                top: above + 16.0,
                bottom: above + ROW,
                ..plots
            },
            x: overview.x,
            y: Scale::within(0.0, highest, 1.0),
        };
        plot.draw_grid_x(sheet);
        draw_histogram(sheet, &plot, panel);
        plot.draw_base(sheet);
        for (at, column) in overview.columns.iter().enumerate() {
            let left = plots.right + COLUMN * at as f64 + COLUMN_GAP;
            draw_number(sheet, column, (row, panel), (left, middle));
        }
    }
}

/// A number with its interval, and a bar below them.
fn draw_number(sheet: &Sheet<'_>, column: &Column, (row, panel): (usize, &Panel), (left, middle): (f64, f64)) {
    let (value, half) = column.values[row];
    if !value.is_finite() {
        sheet.text("–", (left, middle - 22.0), Style::new(BODY, INK));
        return;
    }
    let text = number(value, 0);
    sheet.text(&text, (left, middle - 22.0), Style::new(BODY, INK));
    // An interval that is too narrow to tell is left out, and so is one that is not known.
    if half >= 0.5 {
        let at = (left + width_of(&text, BODY) + 12.0, middle - 22.0);
        sheet.text(&format!("± {}", number(half, 0)), at, Style::new(SMALL, SOFT_INK));
    }
    let largest = column.values.iter().map(|(value, _)| *value).fold(0.0, f64::max);
    let width = COLUMN - COLUMN_GAP;
    let bar = Area {
        left,
        top: middle + 12.0,
        right: left + width * (value / largest).clamp(0.0, 1.0),
        bottom: middle + 44.0,
    };
    sheet.rectangle(bar, tint(panel.colour, 0.6));
    sheet.line(&[(left, bar.top - 6.0), (left, bar.bottom + 6.0)], FRAME, 3, SOLID);
}
