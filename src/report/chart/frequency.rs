//! Departures month by month of services whose frequency follows demand.

use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end};
use super::palette::{BLACK, BLUE, Fill, GRID, Hatch, INK, SOFT_INK, SOLID, tint};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH, fitted};
use super::{Charts, Drawing};
use crate::analysis::{Frequency, frequencies};
use crate::indicator::{Scope, display_name};
use crate::report::words::Word;
use crate::statistics::t_interval;

/// Height of a panel, of what stands between two of them, and of the first name.
const PANEL: f64 = 260.0;
const GAP: f64 = 150.0;
const NAME: f64 = 60.0;
/// Services that are shown.
const PANELS: usize = 8;
const SCALE: f64 = 150.0;
const BAR: Fill = Fill {
    colour: BLUE,
    hatch: Hatch::None,
};

struct Panel {
    name: String,
    months: Vec<Frequency>,
}

impl Charts<'_> {
    /// Bars by month.
    pub(super) fn frequencies(&self) -> Option<Drawing<'_>> {
        let model = self.report.model;
        let services = model.network.tables.services.iter().enumerate();
        let panels: Vec<Panel> = services
            .map(|(number, service)| Panel {
                name: display_name(model, Scope::Service, &service.id, self.language),
                months: frequencies(model, self.report.aggregate, number),
            })
            .filter(|panel| panel.months.len() > 1)
            .take(PANELS)
            .collect();
        let top = heading_end(self.word(Word::FrequencyTitle), &self.subtitle_with_intervals());
        let right = f64::from(WIDTH) - MARGIN;
        let top = legend_end(&self.legend_of_frequencies(), (MARGIN, top), right) + NAME;
        let height = top + (PANEL + GAP) * panels.len() as f64 - GAP / 2.0 + 20.0;
        (!panels.is_empty()).then(|| Drawing {
            name: "frequencies".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_frequencies(sheet, &panels)),
        })
    }

    fn legend_of_frequencies(&self) -> Vec<(Sample, String)> {
        let warm_up = Fill {
            colour: tint(GRID, 0.6),
            hatch: Hatch::None,
        };
        vec![
            (Sample::Fill(BAR), self.word(Word::DeparturesAMonth).to_owned()),
            (Sample::Fill(warm_up), self.word(Word::WarmUp).to_owned()),
        ]
    }

    fn draw_frequencies(&self, sheet: &Sheet<'_>, panels: &[Panel]) {
        let top = heading(sheet, self.word(Word::FrequencyTitle), &self.subtitle_with_intervals());
        let right = f64::from(WIDTH) - MARGIN;
        let top = legend(sheet, &self.legend_of_frequencies(), (MARGIN, top), right) + NAME;
        for (number, panel) in panels.iter().enumerate() {
            let above = top + number as f64 * (PANEL + GAP);
            let name = fitted(&panel.name, BODY, right - MARGIN);
            sheet.text(&name, (MARGIN, above - 34.0), Style::new(BODY, INK));
            let area = Area {
                left: MARGIN + SCALE,
                top: above,
                right,
                bottom: above + PANEL,
            };
            self.draw_panel_of_frequency(sheet, &panel.months, area);
        }
    }

    fn draw_panel_of_frequency(&self, sheet: &Sheet<'_>, months: &[Frequency], area: Area) {
        let model = self.report.model;
        let (clock, confidence) = (&model.dates.clock, model.scenario.run.confidence);
        let intervals: Vec<_> = months
            .iter()
            .map(|month| {
                let it = &month.departures;
                t_interval(it.mean(), it.standard_error(), it.count(), confidence)
            })
            .collect();
        let highest = intervals
            .iter()
            .map(|it| if it.upper.is_finite() { it.upper } else { it.estimate })
            .fold(1.0, f64::max);
        let plot = Plot {
            area,
            x: Scale::within(0.0, months.len() as f64, 1.0),
            y: Scale::from_zero(highest, 4.0),
        };
        let begin = model.typical.window.begin;
        let warming = months.iter().take_while(|month| month.end <= begin).count();
        if warming > 0 {
            let area = Area {
                right: plot.across(warming as f64),
                ..area
            };
            sheet.rectangle(area, tint(GRID, 0.6));
        }
        plot.draw_y(sheet, self.word(Word::DeparturesAMonth));
        let every = (months.len() as f64 * 44.0 / area.width()).ceil().max(1.0) as usize;
        for (number, (month, interval)) in months.iter().zip(&intervals).enumerate() {
            let middle = plot.across(number as f64 + 0.5);
            let half = area.width() / months.len() as f64 * 0.36;
            let bar = Area {
                left: middle - half,
                top: plot.up(interval.estimate),
                right: middle + half,
                bottom: area.bottom,
            };
            sheet.bar(bar, BAR);
            if interval.lower.is_finite() && interval.upper > interval.lower {
                let ends = [plot.up(interval.lower.max(0.0)), plot.up(interval.upper)];
                sheet.line(&[(middle, ends[0]), (middle, ends[1])], BLACK, 3, SOLID);
                for end in ends {
                    sheet.line(&[(middle - 8.0, end), (middle + 8.0, end)], BLACK, 3, SOLID);
                }
            }
            let date = clock.date(month.begin);
            if number % every == 0 {
                let label = Style::new(SMALL, INK).align(Align::Centre);
                sheet.text(&date.month().to_string(), (middle, area.bottom + 26.0), label);
            }
            if number == 0 || date.month() == 1 {
                let label = Style::new(SMALL, SOFT_INK).align(Align::Centre);
                sheet.text(&date.year().to_string(), (middle, area.bottom + 58.0), label);
            }
        }
        sheet.line(
            &[(area.left, area.bottom), (area.right, area.bottom)],
            super::palette::FRAME,
            3,
            SOLID,
        );
    }
}
