//! Where the time goes: mean door-to-door time of each corridor by component.
//!
//! A few corridors are stacked bars. Of many, the middle parts of stacks cannot be compared, so that each component gets
//! a panel of its own, where all bars begin at one line.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, number};
use super::palette::{COMPONENTS, FRAME, Fill, INK, SOLID, WHOLE};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH, fitted, wrapped};
use super::{Charts, Drawing};
use crate::indicator::{Component, Group};
use crate::report::words::{self, Word};

const ROW: f64 = 110.0;
/// Corridors that are stacked; more get a panel for each component.
const MOST_STACKED: usize = 4;
/// Panels side by side at most, height of their rows and titles, and the space between them.
const COLUMNS: usize = 3;
const PANEL_ROW: f64 = 46.0;
const PANEL_TITLE: f64 = 64.0;
const PANEL_GAP: f64 = 36.0;
/// Widest names of corridors before the panels.
const PANEL_NAMES: f64 = 460.0;
/// Days below which a component is too thin to be seen.
const VISIBLE: f64 = 0.005;
/// Days below which a number would be shown as zero.
const LEAST_NUMBER: f64 = 0.05;
/// Share of the longest time from which a component gets a panel.
const LEAST_PANEL: f64 = 0.01;

/// Share of the cargo that has not arrived from which that is said.
const LEAST_UNFINISHED: f64 = 0.01;

struct Bar {
    name: String,
    days: Vec<f64>,
}

impl Charts<'_> {
    /// Stacked bars of time by component.
    pub(super) fn components(&self) -> Option<Drawing<'_>> {
        let bars: Vec<Bar> = self
            .corridors()
            .into_iter()
            .map(|group| Bar {
                name: self.name(group),
                days: Component::ALL
                    .iter()
                    .map(|component| {
                        let name = format!("time_days_{}", component.key());
                        self.estimate(group.scope, &group.id, &name).unwrap_or(0.0)
                    })
                    .collect(),
            })
            .filter(|bar| bar.days.iter().sum::<f64>() > 0.0)
            .collect();
        if bars.is_empty() {
            return None;
        }
        if bars.len() > MOST_STACKED {
            return Some(self.component_panels(bars));
        }
        let height = 386.0 + ROW * bars.len() as f64;
        Some(Drawing {
            name: "time-by-component".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_components(sheet, &bars)),
        })
    }

    /// The subtitle; where cargo has not arrived, its time so far is in the bars, and that must be said.
    fn component_subtitle(&self) -> String {
        let share = |group: &Group| {
            let of = |name: &str| self.estimate(group.scope, &group.id, name);
            Some(of("unfinished_consignments")? / of("generated_consignments")?)
        };
        let largest = self.corridors().into_iter().filter_map(share).fold(0.0, f64::max);
        if largest < LEAST_UNFINISHED {
            return self.subtitle();
        }
        let percent = format!("{:.0}", 100.0 * largest);
        let said = Word::TimeSoFar.filled(self.report.language, &[&percent]);
        format!("{} | {said}", self.subtitle())
    }

    fn draw_components(&self, sheet: &Sheet<'_>, bars: &[Bar]) {
        let top = heading(sheet, self.word(Word::ComponentTitle), &self.component_subtitle());
        let used: Vec<usize> = (0..Component::ALL.len())
            .filter(|at| bars.iter().any(|bar| bar.days[*at] >= VISIBLE))
            .collect();
        let entries: Vec<(Sample, String)> = used
            .iter()
            .map(|at| {
                let word = words::component(Component::ALL[*at]);
                (Sample::Fill(COMPONENTS[*at]), self.word(word).to_owned())
            })
            .collect();
        let right = f64::from(WIDTH) - MARGIN;
        let top = legend(sheet, &entries, (MARGIN, top), right);
        let widest = bars.iter().map(|bar| width_of(&bar.name, BODY)).fold(0.0, f64::max);
        let names = widest.min(520.0);
        let totals: Vec<f64> = bars.iter().map(|bar| bar.days.iter().sum()).collect();
        let longest = totals.iter().copied().fold(0.0, f64::max);
        let plot = Plot {
            area: Area {
                left: MARGIN + names + 24.0,
                top: top + 16.0,
                right: right - 190.0,
                bottom: top + 16.0 + ROW * bars.len() as f64,
            },
            x: Scale::within(0.0, longest, 8.0),
            y: Scale::within(0.0, 1.0, 1.0),
        };
        plot.draw_grid_x(sheet);
        plot.draw_x(sheet, self.word(Word::DaysPerConsignment));
        for (row, (bar, total)) in bars.iter().zip(&totals).enumerate() {
            let middle = plot.area.top + ROW * (row as f64 + 0.5);
            let lines = wrapped(&bar.name, BODY, names);
            for (at, line) in lines.iter().enumerate() {
                let y = middle + (at as f64 - (lines.len() - 1) as f64 / 2.0) * BODY * 1.25;
                sheet.text(
                    line,
                    (plot.area.left - 16.0, y),
                    Style::new(BODY, INK).align(Align::Right),
                );
            }
            let mut from = 0.0;
            for (days, fill) in bar.days.iter().zip(COMPONENTS).filter(|(days, _)| **days >= VISIBLE) {
                let area = Area {
                    left: plot.across(from),
                    top: middle - ROW * 0.34,
                    right: plot.across(from + days),
                    bottom: middle + ROW * 0.34,
                };
                sheet.bar(area, fill);
                let label = number(*days, 1);
                let at = ((area.left + area.right) / 2.0, middle);
                if width_of(&label, SMALL) + 12.0 < area.width() {
                    sheet.text_on_fill(&label, at, SMALL, fill);
                }
                from += days;
            }
            let label = format!("{} {}", number(*total, 1), self.word(Word::Days));
            sheet.text_on_grid(&label, (plot.across(*total) + 14.0, middle), Style::new(BODY, INK));
        }
    }
}

/// A component of all corridors, or their whole time.
struct Panel {
    title: String,
    fill: Fill,
    days: Vec<f64>,
    /// Where its scale ends.
    longest: f64,
}

/// Where the panels stand.
struct Grid {
    names: Vec<String>,
    panels: Vec<Panel>,
    top: f64,
}

impl Grid {
    fn columns(&self) -> usize {
        self.panels.len().min(COLUMNS)
    }

    fn names_width(&self) -> f64 {
        let widths = self.names.iter().map(|name| width_of(name, SMALL));
        widths.fold(0.0, f64::max).min(PANEL_NAMES)
    }

    fn panel_height(&self) -> f64 {
        PANEL_TITLE + PANEL_ROW * self.names.len() as f64 + PANEL_GAP
    }

    fn height(&self) -> f64 {
        self.top + self.panel_height() * self.panels.len().div_ceil(self.columns()) as f64
    }

    /// Where the bars of a panel stand.
    fn area(&self, number: usize) -> Area {
        let (row, column) = (number / self.columns(), number % self.columns());
        let first = MARGIN + self.names_width() + 20.0;
        let width = (f64::from(WIDTH) - MARGIN - first) / self.columns() as f64;
        let left = first + column as f64 * width;
        let top = self.top + row as f64 * self.panel_height() + PANEL_TITLE;
        Area {
            left,
            top,
            right: left + width - 150.0,
            bottom: top + PANEL_ROW * self.names.len() as f64,
        }
    }
}

impl Charts<'_> {
    /// A panel for the whole time, then one for each component, on one scale of days.
    fn component_panels(&self, bars: Vec<Bar>) -> Drawing<'_> {
        let largest = |days: &[f64]| days.iter().copied().fold(0.0, f64::max);
        let of = |at: usize| bars.iter().map(|bar| bar.days[at]).collect::<Vec<f64>>();
        let longest = (0..Component::ALL.len()).map(|at| largest(&of(at))).fold(0.0, f64::max);
        let whole: Vec<f64> = bars.iter().map(|bar| bar.days.iter().sum()).collect();
        let mut panels = vec![Panel {
            title: self.word(Word::TransitAxis).to_owned(),
            fill: WHOLE,
            longest: largest(&whole),
            days: whole,
        }];
        let least = LEAST_PANEL * panels[0].longest;
        let mut rest = vec![0.0; bars.len()];
        for (at, component) in Component::ALL.iter().enumerate() {
            let days = of(at);
            if largest(&days) < least {
                rest.iter_mut().zip(&days).for_each(|(rest, days)| *rest += days);
                continue;
            }
            panels.push(Panel {
                title: self.word(words::component(*component)).to_owned(),
                fill: COMPONENTS[at],
                days,
                longest,
            });
        }
        if largest(&rest) >= VISIBLE {
            panels.push(Panel {
                title: self.word(Word::Others).to_owned(),
                fill: WHOLE,
                days: rest,
                longest,
            });
        }
        let grid = Grid {
            names: bars.into_iter().map(|bar| bar.name).collect(),
            panels,
            top: heading_end(self.word(Word::ComponentTitle), &self.component_subtitle()),
        };
        Drawing {
            name: "time-by-component".to_owned(),
            height: grid.height(),
            draw: Box::new(move |sheet| self.draw_component_panels(sheet, &grid)),
        }
    }

    fn draw_component_panels(&self, sheet: &Sheet<'_>, grid: &Grid) {
        heading(sheet, self.word(Word::ComponentTitle), &self.component_subtitle());
        for (at, panel) in grid.panels.iter().enumerate() {
            let area = grid.area(at);
            let title = fitted(&panel.title, BODY, area.width() + 110.0);
            sheet.text(&title, (area.left, area.top - 26.0), Style::new(BODY, INK));
            for (row, (days, name)) in panel.days.iter().zip(&grid.names).enumerate() {
                let middle = area.top + PANEL_ROW * (row as f64 + 0.5);
                if at.is_multiple_of(grid.columns()) {
                    let name = fitted(name, SMALL, grid.names_width());
                    let style = Style::new(SMALL, INK).align(Align::Right);
                    sheet.text(&name, (area.left - 16.0, middle), style);
                }
                let bar = Area {
                    left: area.left,
                    top: middle - PANEL_ROW * 0.36,
                    right: area.left + days / panel.longest * area.width(),
                    bottom: middle + PANEL_ROW * 0.36,
                };
                sheet.bar(bar, panel.fill);
                let label = if *days < LEAST_NUMBER {
                    "–".to_owned()
                } else {
                    format!("{} {}", number(*days, 1), self.word(Word::Days))
                };
                sheet.text_on_grid(&label, (bar.right + 12.0, middle), Style::new(SMALL, INK));
            }
            sheet.line(&[(area.left, area.top), (area.left, area.bottom)], FRAME, 3, SOLID);
        }
    }
}
