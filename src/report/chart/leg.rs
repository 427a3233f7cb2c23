//! What each part of a corridor's main route costs and emits per TEU: one pair of stacked bars for each corridor.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Scale, heading, number};
use super::palette::{INK, PARTS, SOFT_INK};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH, fitted};
use super::{Charts, Drawing};
use crate::analysis::{Itinerary, Stage, place_name};
use crate::model::Place;
use crate::report::words::Word;

/// Height of a corridor's name and bars, and of a row of its list.
const HEAD: f64 = 150.0;
const ROW: f64 = 38.0;
/// Share of both totals below which parts are taken together.
const LEAST_SHARE: f64 = 0.02;

struct Part {
    name: String,
    values: [f64; 2],
}

struct Block {
    name: String,
    parts: Vec<Part>,
}

impl Block {
    fn total(&self, measure: usize) -> f64 {
        self.parts.iter().map(|part| part.values[measure]).sum()
    }

    fn rows(&self) -> usize {
        self.parts.len().div_ceil(2)
    }

    fn height(&self) -> f64 {
        HEAD + ROW * self.rows() as f64 + 44.0
    }
}

impl Charts<'_> {
    /// Bars of cost and emissions by part of the route.
    pub(super) fn legs(&self) -> Option<Drawing<'_>> {
        let blocks: Vec<Block> = self.itineraries.iter().map(|it| self.block(it)).collect();
        let blocks: Vec<Block> = blocks
            .into_iter()
            .filter(|it| it.total(0) > 0.0 || it.total(1) > 0.0)
            .collect();
        let height = 250.0 + blocks.iter().map(Block::height).sum::<f64>();
        (!blocks.is_empty()).then(|| Drawing {
            name: "cost-and-emissions-by-leg".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_legs(sheet, &blocks)),
        })
    }

    fn block(&self, itinerary: &Itinerary) -> Block {
        let values = |stage: &Stage| [stage.cost, stage.emissions];
        let mut whole = [0.0; 2];
        for stage in &itinerary.stages {
            whole = [whole[0] + stage.cost, whole[1] + stage.emissions];
        }
        let mut parts = Vec::new();
        let mut rest = [0.0; 2];
        for stage in &itinerary.stages {
            let of = values(stage);
            if (0..2).any(|at| of[at] > 0.0 && of[at] >= LEAST_SHARE * whole[at]) {
                parts.push(Part {
                    name: self.part_name(stage),
                    values: of,
                });
            } else {
                rest = [rest[0] + of[0], rest[1] + of[1]];
            }
        }
        if rest[0] + rest[1] > 0.0 {
            parts.push(Part {
                name: self.word(Word::Others).to_owned(),
                values: rest,
            });
        }
        Block {
            name: self.corridor_name(itinerary.corridor),
            parts,
        }
    }

    /// The ends of a movement, or the name of a place.
    fn part_name(&self, stage: &Stage) -> String {
        match (stage.place, stage.from, stage.to) {
            (Place::Link(_) | Place::Leg(..), Some(from), Some(to)) => {
                format!("{} → {}", self.node_name(from), self.node_name(to))
            }
            _ => place_name(self.report.model, stage.place, self.language),
        }
    }

    fn draw_legs(&self, sheet: &Sheet<'_>, blocks: &[Block]) {
        let top = heading(sheet, self.word(Word::LegTitle), &self.subtitle_of_inputs());
        let (right, middle) = (f64::from(WIDTH) - MARGIN, f64::from(WIDTH) / 2.0);
        let currency = &self.report.model.scenario.money.currency;
        let titles = [
            format!("{} ({currency})", self.word(Word::CostPerTeu)),
            self.word(Word::EmissionsPerTeu).to_owned(),
        ];
        let bottom = top + blocks.iter().map(Block::height).sum::<f64>();
        let sides = [(MARGIN, middle - 150.0), (middle + 30.0, right - 120.0)];
        let plots: Vec<Plot> = sides
            .iter()
            .enumerate()
            .map(|(measure, (left, right))| {
                let longest = blocks.iter().map(|block| block.total(measure)).fold(0.0, f64::max);
                Plot {
                    area: Area {
                        left: *left,
                        top,
                        right: *right,
                        bottom,
                    },
                    x: Scale::within(0.0, if longest > 0.0 { longest } else { 1.0 }, 5.0),
                    y: Scale::within(0.0, 1.0, 1.0),
                }
            })
            .collect();
        for (plot, title) in plots.iter().zip(&titles) {
            sheet.text(title, (plot.area.left, top + 24.0), Style::new(BODY, SOFT_INK));
        }
        let mut y = top + 50.0;
        for block in blocks {
            sheet.text(
                &fitted(&block.name, BODY, middle),
                (MARGIN, y + 28.0),
                Style::new(BODY, INK),
            );
            let (from, to) = (y + 60.0, y + 128.0);
            for (measure, plot) in plots.iter().enumerate() {
                let mut sum = 0.0;
                for (at, part) in block
                    .parts
                    .iter()
                    .enumerate()
                    .filter(|(_, part)| part.values[measure] > 0.0)
                {
                    let area = Area {
                        left: plot.across(sum),
                        top: from,
                        right: plot.across(sum + part.values[measure]),
                        bottom: to,
                    };
                    let fill = PARTS[at % PARTS.len()];
                    sheet.bar(area, fill);
                    let label = (at + 1).to_string();
                    if width_of(&label, SMALL) + 8.0 < area.width() {
                        sheet.text_on_fill(&label, ((area.left + area.right) / 2.0, (from + to) / 2.0), SMALL, fill);
                    }
                    sum += part.values[measure];
                }
                let at = (plot.across(sum) + 12.0, (from + to) / 2.0);
                sheet.text(&number(sum, 0), at, Style::new(BODY, INK));
            }
            self.list(sheet, block, y + HEAD);
            y += block.height();
        }
    }

    /// The parts with their numbers, in two columns.
    fn list(&self, sheet: &Sheet<'_>, block: &Block, top: f64) {
        let half = f64::from(WIDTH) / 2.0 - MARGIN;
        let currency = &self.report.model.scenario.money.currency;
        for (at, part) in block.parts.iter().enumerate() {
            let (column, row) = (at / block.rows(), at % block.rows());
            let (x, y) = (MARGIN + column as f64 * half, top + ROW * (row as f64 + 0.5));
            let fill = PARTS[at % PARTS.len()];
            let swatch = Area {
                left: x,
                top: y - 14.0,
                right: x + 44.0,
                bottom: y + 14.0,
            };
            sheet.bar(swatch, fill);
            sheet.text_on_fill(&(at + 1).to_string(), (x + 22.0, y), 22.0, fill);
            let values = format!(
                "{} {currency}, {} kg",
                number(part.values[0], 0),
                number(part.values[1], 0)
            );
            let room = half - 90.0 - width_of(&values, SMALL);
            let name = fitted(&part.name, SMALL, room.max(100.0));
            sheet.text(&name, (x + 58.0, y), Style::new(SMALL, INK));
            let at = (x + half - 30.0, y);
            sheet.text(&values, at, Style::new(SMALL, SOFT_INK).align(Align::Right));
        }
    }
}
