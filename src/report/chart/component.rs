//! Where the time goes: mean door-to-door time of each corridor, stacked by component.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, legend, number};
use super::palette::{COMPONENTS, INK};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH, wrapped};
use super::{Charts, Drawing};
use crate::indicator::Component;
use crate::report::words::{self, Word};

const ROW: f64 = 110.0;
/// Days below which a component is too thin to be seen.
const VISIBLE: f64 = 0.005;

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
        let height = 386.0 + ROW * bars.len() as f64;
        Some(Drawing {
            name: "time-by-component".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_components(sheet, &bars)),
        })
    }

    fn draw_components(&self, sheet: &Sheet<'_>, bars: &[Bar]) {
        let top = heading(sheet, self.word(Word::ComponentTitle), &self.subtitle());
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
            sheet.text(&label, (plot.across(*total) + 14.0, middle), Style::new(BODY, INK));
        }
    }
}
