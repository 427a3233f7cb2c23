//! How shippers' choice came to rest: the gap of each round, and how the shares of corridors moved.

use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end};
use super::palette::{INK, SOLID};
use super::sheet::{Area, Sheet, WIDTH};
use super::{Charts, Drawing};
use crate::experiment::{Equilibrium, Round};
use crate::report::words::Word;

/// Height of a panel, and what its scale and the one below need.
const PANEL: f64 = 420.0;
const BELOW: f64 = 130.0;
/// Space between the panels and left of each for its scale.
const BETWEEN: f64 = 40.0;
const SCALE: f64 = 150.0;
/// The bound.
const BOUND: super::palette::Dash = &[18.0, 10.0];

/// One of the two panels: the gap, and the shares of corridors.
struct Panel {
    legend: Vec<(Sample, String)>,
    left: f64,
    right: f64,
}

impl<'a> Charts<'a> {
    /// Gap and shares by round.
    pub(super) fn convergence(&self) -> Option<Drawing<'_>> {
        let found = self.report.equilibrium.filter(|found| !found.rounds.is_empty())?;
        let top = heading_end(self.word(Word::EquilibriumTitle), &self.subtitle_of_equilibrium(found));
        let panels = self.panels_of_rounds().into_iter();
        let ends = panels.map(|panel| legend_end(&panel.legend, (panel.left, top), panel.right));
        let top = ends.fold(top, f64::max) + 40.0;
        Some(Drawing {
            name: "equilibrium".to_owned(),
            height: top + PANEL + BELOW,
            draw: Box::new(move |sheet| self.draw_convergence(sheet, found)),
        })
    }

    fn subtitle_of_equilibrium(&self, found: &Equilibrium) -> String {
        let gap = format!("{:.2}", found.gap() * 100.0);
        let said = Word::EquilibriumFound.filled(self.language, &[&found.rounds.len(), &gap]);
        format!("{} | {said}", self.scenario_title())
    }

    /// The panels from left to right.
    fn panels_of_rounds(&self) -> Vec<Panel> {
        let gaps = vec![
            (Sample::Line(INK, 6, SOLID), self.word(Word::Gap).to_owned()),
            (Sample::Line(INK, 3, BOUND), self.word(Word::GapBound).to_owned()),
        ];
        let corridors = self.moving_corridors().into_iter().map(|corridor| {
            let look = self.look(corridor);
            (Sample::Line(look.colour, 5, look.dash), self.corridor_name(corridor))
        });
        let panels: Vec<Vec<(Sample, String)>> = [gaps, corridors.collect()]
            .into_iter()
            .filter(|entries| !entries.is_empty())
            .collect();
        let width = (f64::from(WIDTH) - 2.0 * MARGIN + BETWEEN) / panels.len() as f64 - BETWEEN;
        let panels = panels.into_iter().enumerate();
        panels
            .map(|(number, entries)| {
                let left = MARGIN + number as f64 * (width + BETWEEN);
                Panel {
                    legend: entries,
                    left,
                    right: left + width,
                }
            })
            .collect()
    }

    /// The corridors to be shown, by number; what belongs to none comes last.
    fn moving_corridors(&self) -> Vec<usize> {
        let count = self.report.model.network.tables.corridors.len();
        let carries = |corridor: &usize| {
            let rounds = self.report.equilibrium.iter().flat_map(|found| &found.rounds);
            rounds.map(|round| round.corridors[*corridor]).fold(0.0, f64::max) > 0.0
        };
        (0..=count)
            .filter(|corridor| count > 0 && self.shows(*corridor))
            .filter(carries)
            .collect()
    }

    fn draw_convergence(&self, sheet: &Sheet<'_>, found: &Equilibrium) {
        let subtitle = self.subtitle_of_equilibrium(found);
        let top = heading(sheet, self.word(Word::EquilibriumTitle), &subtitle);
        let panels = self.panels_of_rounds();
        let ends = panels
            .iter()
            .map(|panel| legend(sheet, &panel.legend, (panel.left, top), panel.right));
        let top = ends.fold(top, f64::max) + 40.0;
        let corridors = self.moving_corridors();
        for (number, panel) in panels.iter().enumerate() {
            let area = Area {
                left: panel.left + SCALE,
                top,
                right: panel.right - 16.0,
                bottom: top + PANEL,
            };
            match number {
                0 => self.draw_gaps(sheet, &found.rounds, area),
                _ => self.draw_shares(sheet, &found.rounds, &corridors, area),
            }
        }
    }

    fn draw_gaps(&self, sheet: &Sheet<'_>, rounds: &[Round], area: Area) {
        let bound = self.report.model.scenario.choice.equilibrium.gap * 100.0;
        let gaps: Vec<f64> = rounds.iter().map(|round| round.gap * 100.0).collect();
        let highest = gaps.iter().copied().fold(bound, f64::max);
        let plot = Plot {
            area,
            x: rounds_scale(rounds),
            y: Scale::from_zero((highest * 1.05).min(100.0), 5.0),
        };
        plot.draw_y(sheet, self.word(Word::GapAxis));
        let bound = [plot.at(plot.x.low, bound), plot.at(plot.x.high, bound)];
        sheet.line(&bound, INK, 3, BOUND);
        let points = points(&plot, &gaps);
        sheet.line(&points, INK, 6, SOLID);
        points.iter().for_each(|point| sheet.disc(*point, 8.0, INK));
        plot.draw_x(sheet, self.word(Word::Round));
    }

    fn draw_shares(&self, sheet: &Sheet<'_>, rounds: &[Round], corridors: &[usize], area: Area) {
        let moved = |corridor: usize| -> Vec<f64> {
            let first = rounds[0].corridors[corridor];
            rounds
                .iter()
                .map(|round| (round.corridors[corridor] - first) * 100.0)
                .collect()
        };
        let all: Vec<f64> = corridors.iter().flat_map(|corridor| moved(*corridor)).collect();
        let (low, high) = all.iter().fold((0.0_f64, 0.0_f64), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
        // Where nothing moves there is still a scale to show it on.
        let margin = ((high - low) * 0.08).max(0.05);
        let plot = Plot {
            area,
            x: rounds_scale(rounds),
            y: Scale::within(low - margin, high + margin, 5.0),
        };
        plot.draw_y(sheet, self.word(Word::ShareMoved));
        sheet.line(&[plot.at(plot.x.low, 0.0), plot.at(plot.x.high, 0.0)], INK, 2, SOLID);
        for corridor in corridors {
            let look = self.look(*corridor);
            sheet.line(&points(&plot, &moved(*corridor)), look.colour, 5, look.dash);
        }
        plot.draw_x(sheet, self.word(Word::Round));
    }
}

fn rounds_scale(rounds: &[Round]) -> Scale {
    let mut scale = Scale::within(0.5, rounds.len() as f64 + 0.5, 8.0);
    scale.step = scale.step.max(1.0);
    scale
}

fn points(plot: &Plot, values: &[f64]) -> Vec<super::sheet::Point> {
    let numbered = values.iter().enumerate();
    numbered
        .map(|(number, value)| plot.at(number as f64 + 1.0, *value))
        .collect()
}
