//! How transit times are distributed, a panel for each corridor on one scale of days.

use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end, number, with_half_width};
use super::palette::{BLACK, Colour, Dash, INK, SOFT_INK, SOLID, tint};
use super::sheet::{Area, BODY, Point, SMALL, Sheet, Style, WIDTH, fitted};
use super::{Charts, Drawing};
use crate::analysis::{Histogram, transit_histogram};
use crate::indicator::Group;
use crate::report::words::Word;

/// Height of a panel, of the lines above it and of the scale below the last.
const PANEL: f64 = 280.0;
const TITLE_ROOM: f64 = 100.0;
const FOOT: f64 = 130.0;
/// Panels in one column; more stand in two.
const MOST_IN_COLUMN: usize = 4;
/// Share of every corridor that the scale of days holds at least.
const SHOWN: f64 = 0.995;
/// Quantiles that are marked.
const MARKS: [(&str, &str, Dash); 3] = [
    ("P50", "transit_days_p50", SOLID),
    ("P80", "transit_days_p80", &[22.0, 10.0]),
    ("P95", "transit_days_p95", &[7.0, 7.0]),
];

/// The transit times of a corridor.
pub(super) struct Panel {
    pub(super) name: String,
    pub(super) colour: Colour,
    pub(super) histogram: Histogram,
    /// Quantiles with half their intervals.
    marks: Vec<(f64, f64)>,
}

/// What the lines of quantiles mean.
pub(super) fn legend_of_marks() -> Vec<(Sample, String)> {
    let entry = |(name, _, dash): (&str, &str, Dash)| (Sample::Line(BLACK, 4, dash), name.to_owned());
    MARKS.into_iter().map(entry).collect()
}

struct Distributions {
    panels: Vec<Panel>,
    x: Scale,
    legend: Vec<(Sample, String)>,
}

impl Distributions {
    fn columns(&self) -> usize {
        self.panels.len().div_ceil(MOST_IN_COLUMN).min(2)
    }

    /// Where a panel's plot stands, below `top`.
    fn area(&self, number: usize, top: f64) -> Area {
        let columns = self.columns();
        let width = (f64::from(WIDTH) - 2.0 * MARGIN) / columns as f64;
        let (row, column) = (number / columns, number % columns);
        let above = top + row as f64 * (TITLE_ROOM + PANEL) + TITLE_ROOM;
        Area {
            left: MARGIN + column as f64 * width + 160.0,
            top: above,
            right: MARGIN + (column + 1) as f64 * width - 40.0,
            bottom: above + PANEL,
        }
    }
}

impl Charts<'_> {
    /// Histograms with quantiles.
    pub(super) fn distributions(&self) -> Option<Drawing<'_>> {
        let groups = self.corridors();
        let (x, width) = self.transit_scale(&groups)?;
        let panels: Vec<Panel> = groups
            .into_iter()
            .filter_map(|group| self.distribution(group, self.look(self.number_of(group)).colour, width))
            .collect();
        let all = Distributions {
            panels,
            x,
            legend: legend_of_marks(),
        };
        let top = heading_end(self.word(Word::DistributionTitle), &self.subtitle_with_intervals());
        let top = legend_end(&all.legend, (MARGIN, top), f64::from(WIDTH) - MARGIN);
        let last = all.panels.len().checked_sub(1)?;
        Some(Drawing {
            name: "transit-time-distribution".to_owned(),
            height: all.area(last, top).bottom + FOOT,
            draw: Box::new(move |sheet| self.draw_distributions(sheet, &all)),
        })
    }

    /// One scale of days for the transit times of all `groups`, and the width of bins that suits it; none where nothing
    /// takes any time.
    pub(super) fn transit_scale(&self, groups: &[&Group]) -> Option<(Scale, f64)> {
        let longest = groups
            .iter()
            .filter_map(|group| self.estimate(group.scope, &group.id, "transit_days_p99"))
            .fold(0.0, f64::max);
        if longest <= 0.0 {
            return None;
        }
        let reached = groups
            .iter()
            .filter_map(|group| transit_histogram(self.report.aggregate, group, longest / 100.0))
            .map(|histogram| histogram.reaches(SHOWN))
            .fold(longest, f64::max);
        let rough = Scale::within(0.0, reached, 10.0);
        let width = rough.step / 20.0;
        Some((Scale::within(0.0, (reached / width).ceil() * width, 10.0), width))
    }

    pub(super) fn distribution(&self, group: &Group, colour: Colour, width: f64) -> Option<Panel> {
        let histogram = transit_histogram(self.report.aggregate, group, width)?;
        let marks = MARKS.iter().map(|(_, name, _)| {
            let interval = self.report.estimate(group.scope, &group.id, name).map(|it| it.interval);
            interval.map_or((f64::NAN, f64::NAN), |it| (it.estimate, it.half_width()))
        });
        Some(Panel {
            name: self.name(group),
            colour,
            histogram,
            marks: marks.collect(),
        })
    }

    fn draw_distributions(&self, sheet: &Sheet<'_>, all: &Distributions) {
        let top = heading(
            sheet,
            self.word(Word::DistributionTitle),
            &self.subtitle_with_intervals(),
        );
        let top = legend(sheet, &all.legend, (MARGIN, top), f64::from(WIDTH) - MARGIN);
        for (number, panel) in all.panels.iter().enumerate() {
            let highest = panel.histogram.shares.iter().copied().fold(0.0, f64::max) * 100.0;
            let plot = Plot {
                area: all.area(number, top),
                x: all.x,
                y: Scale::from_zero(highest, 4.0),
            };
            let corner = (plot.area.left - 160.0, plot.area.top);
            self.title_distribution(sheet, panel, &plot, corner);
            plot.draw_y(sheet, self.word(Word::ShareAxis));
            plot.draw_grid_x(sheet);
            draw_histogram(sheet, &plot, panel);
            if number + all.columns() >= all.panels.len() {
                plot.draw_x(sheet, self.word(Word::TransitAxis));
            } else {
                plot.draw_base(sheet);
            }
        }
    }

    /// The corridor, and its quantiles in words.
    fn title_distribution(&self, sheet: &Sheet<'_>, panel: &Panel, plot: &Plot, (left, y): Point) {
        let room = plot.area.right - left;
        let name = fitted(&panel.name, BODY, room);
        sheet.text(&name, (left, y - 66.0), Style::new(BODY, INK));
        let known = panel
            .marks
            .iter()
            .zip(MARKS)
            .filter(|((value, _), _)| value.is_finite());
        let quantiles: Vec<String> = known
            .map(|((value, half), (name, ..))| format!("{name} {}", with_half_width(*value, *half)))
            .collect();
        let mut text = format!("{} {}", quantiles.join(" | "), self.word(Word::Days));
        let beyond = panel.histogram.beyond(plot.x.high) * 100.0;
        if beyond >= 0.005 {
            text = format!("{text} | {}% {}", number(beyond, 2), self.word(Word::Beyond));
        }
        sheet.text(
            &fitted(&text, SMALL, room),
            (left, y - 30.0),
            Style::new(SMALL, SOFT_INK),
        );
    }
}

/// Bars of the histogram, with lines at the quantiles.
pub(super) fn draw_histogram(sheet: &Sheet<'_>, plot: &Plot, panel: &Panel) {
    let bins = panel.histogram.shares.iter().enumerate();
    for (bin, share) in bins.filter(|(_, share)| **share > 5e-5) {
        let (from, to) = (bin as f64, (bin + 1) as f64);
        let area = Area {
            left: plot.across(from * panel.histogram.width),
            top: plot.up(share * 100.0),
            right: plot.across((to * panel.histogram.width).min(plot.x.high)),
            bottom: plot.area.bottom,
        };
        if area.width() > 0.0 {
            sheet.rectangle(area, tint(panel.colour, 0.6));
        }
    }
    for ((value, _), (_, _, dash)) in panel.marks.iter().zip(MARKS) {
        if value.is_finite() && *value <= plot.x.high {
            let at = plot.across(*value);
            sheet.line(&[(at, plot.area.top), (at, plot.area.bottom)], BLACK, 4, dash);
        }
    }
}
