//! How transit times are distributed, a panel for each corridor on one scale of days.

use super::frame::{MARGIN, Plot, Sample, Scale, heading, legend, number};
use super::palette::{BLACK, Colour, Dash, INK, SOFT_INK, SOLID, corridor, tint};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH, wrapped};
use super::{Charts, Drawing};
use crate::analysis::{Histogram, transit_histogram};
use crate::indicator::Scope;
use crate::report::words::Word;

const PANEL: f64 = 300.0;
const GAP: f64 = 44.0;
/// Quantiles that are marked.
const MARKS: [(&str, &str, Dash); 3] = [
    ("P50", "transit_days_p50", SOLID),
    ("P80", "transit_days_p80", &[22.0, 10.0]),
    ("P95", "transit_days_p95", &[7.0, 7.0]),
];

struct Panel {
    name: String,
    colour: Colour,
    histogram: Histogram,
    /// Quantiles with half their intervals.
    marks: Vec<(f64, f64)>,
}

impl Charts<'_> {
    /// Histograms with quantiles.
    pub(super) fn distributions(&self) -> Option<Drawing<'_>> {
        let groups = self.corridors();
        let of = |scope: Scope, id: &str, name: &str| self.estimate(scope, id, name);
        let longest = groups
            .iter()
            .filter_map(|group| of(group.scope, &group.id, "transit_days_p99"));
        let longest = longest.fold(0.0, f64::max) * 1.05;
        if longest <= 0.0 {
            return None;
        }
        let x = Scale::within(0.0, longest, 10.0);
        let width = x.step / 10.0;
        let panels: Vec<Panel> = groups
            .iter()
            .enumerate()
            .filter_map(|(at, group)| {
                let histogram = transit_histogram(self.report.aggregate, group, width)?;
                let marks = MARKS.iter().map(|(_, name, _)| {
                    let interval = self.report.estimate(group.scope, &group.id, name).map(|it| it.interval);
                    interval.map_or((f64::NAN, f64::NAN), |it| (it.estimate, it.half_width()))
                });
                Some(Panel {
                    name: self.name(group),
                    colour: corridor(at).colour,
                    histogram,
                    marks: marks.collect(),
                })
            })
            .collect();
        let height = 350.0 + (PANEL + GAP) * panels.len() as f64;
        (!panels.is_empty()).then(|| Drawing {
            name: "transit-time-distribution".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_distributions(sheet, &panels, x)),
        })
    }

    fn draw_distributions(&self, sheet: &Sheet<'_>, panels: &[Panel], x: Scale) {
        let top = heading(
            sheet,
            self.word(Word::DistributionTitle),
            &self.subtitle_with_intervals(),
        );
        let right = f64::from(WIDTH) - MARGIN;
        let entries: Vec<(Sample, String)> = MARKS
            .iter()
            .map(|(name, _, dash)| (Sample::Line(BLACK, 4, dash), (*name).to_owned()))
            .collect();
        let top = legend(sheet, &entries, (MARGIN, top), right) + 10.0;
        for (row, panel) in panels.iter().enumerate() {
            let highest = panel.histogram.shares.iter().copied().fold(0.0, f64::max) * 100.0;
            let above = top + row as f64 * (PANEL + GAP);
            let plot = Plot {
                area: Area {
                    left: MARGIN + 160.0,
                    top: above,
                    right: right - 420.0,
                    bottom: above + PANEL,
                },
                x,
                y: Scale::from_zero(highest, 3.0),
            };
            plot.draw_y(sheet, self.word(Word::ShareAxis));
            plot.draw_grid_x(sheet);
            let fill = tint(panel.colour, 0.6);
            for (bin, share) in panel
                .histogram
                .shares
                .iter()
                .enumerate()
                .filter(|(_, share)| **share > 5e-5)
            {
                let (from, to) = (
                    bin as f64 * panel.histogram.width,
                    (bin + 1) as f64 * panel.histogram.width,
                );
                if from < x.high {
                    let area = Area {
                        left: plot.across(from),
                        top: plot.up(share * 100.0),
                        right: plot.across(to.min(x.high)),
                        bottom: plot.area.bottom,
                    };
                    sheet.rectangle(area, fill);
                }
            }
            if row + 1 == panels.len() {
                plot.draw_x(sheet, self.word(Word::TransitAxis));
            } else {
                plot.draw_base(sheet);
            }
            let mut y = above + 16.0;
            for line in wrapped(&panel.name, BODY, 400.0) {
                sheet.text(&line, (plot.area.right + 30.0, y), Style::new(BODY, INK));
                y += BODY * 1.3;
            }
            y += 8.0;
            for ((value, half), (name, _, dash)) in panel
                .marks
                .iter()
                .zip(MARKS)
                .filter(|((value, _), _)| value.is_finite())
            {
                let at = plot.across(*value);
                if *value <= x.high {
                    sheet.line(&[(at, plot.area.top), (at, plot.area.bottom)], BLACK, 4, dash);
                }
                let spread = if half.is_finite() {
                    format!(" ± {}", number(*half, 1))
                } else {
                    String::new()
                };
                let label = format!("{name}  {}{spread} {}", number(*value, 1), self.word(Word::Days));
                sheet.text(
                    &label,
                    (plot.area.right + 30.0, y),
                    Style::new(SMALL, SOFT_INK).align(Align::Left),
                );
                y += SMALL * 1.5;
            }
        }
    }
}
