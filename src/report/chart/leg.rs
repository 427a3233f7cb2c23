//! What each part of a route costs and emits per TEU: for corridors between the same two ends, a pair of stacked bars
//! each, with a table of its parts.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Scale, heading, heading_end, number};
use super::palette::{GRID, INK, PARTS, SOFT_INK, SOLID};
use super::sheet::{Align, Area, BODY, SMALL, Sheet, Style, WIDTH, fitted};
use super::{Charts, Drawing};
use crate::analysis::{Competition, Itinerary, Stage};
use crate::model::Place;
use crate::report::words::Word;

/// Height of a corridor's name and bars, of a row of its table, and below that.
const HEAD: f64 = 146.0;
const ROW: f64 = 38.0;
const GAP: f64 = 40.0;
/// Height of the titles of the two measures.
const TITLES: f64 = 50.0;
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

    fn height(&self) -> f64 {
        HEAD + ROW * self.parts.len() as f64 + GAP
    }
}

/// A chart for one pair of ends.
struct Legs {
    title: String,
    subtitle: String,
    blocks: Vec<Block>,
}

impl Charts<'_> {
    /// Bars of cost and emissions by part of the route, a chart for each relation.
    pub(super) fn legs(&self) -> Vec<Drawing<'_>> {
        let drawing = |competition: &Competition| {
            let blocks = competition.itineraries.iter().map(|it| self.block(it));
            let legs = Legs {
                title: self.relation_title(Word::LegTitle, competition),
                subtitle: format!("{}{}", self.goods(competition), self.subtitle_of_inputs()),
                blocks: blocks.filter(|it| it.total(0) > 0.0 || it.total(1) > 0.0).collect(),
            };
            let height =
                heading_end(&legs.title, &legs.subtitle) + TITLES + legs.blocks.iter().map(Block::height).sum::<f64>();
            (!legs.blocks.is_empty()).then(|| Drawing {
                name: self.relation_file("cost-and-emissions", competition),
                height,
                draw: Box::new(move |sheet| self.draw_legs(sheet, &legs)),
            })
        };
        self.competitions.iter().filter_map(drawing).collect()
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
            _ => self.charging_place(stage.place),
        }
    }

    fn draw_legs(&self, sheet: &Sheet<'_>, legs: &Legs) {
        let top = heading(sheet, &legs.title, &legs.subtitle);
        let (right, middle) = (f64::from(WIDTH) - MARGIN, f64::from(WIDTH) / 2.0);
        let titles = [
            format!("{} ({})", self.word(Word::CostPerTeu), self.currency()),
            self.word(Word::EmissionsPerTeu).to_owned(),
        ];
        let sides = [(MARGIN, middle - 150.0), (middle + 30.0, right - 120.0)];
        let plot = |(measure, (left, right)): (usize, (f64, f64))| {
            let longest = legs.blocks.iter().map(|block| block.total(measure)).fold(0.0, f64::max);
            Plot {
                area: Area {
                    left,
                    top,
                    right,
                    bottom: top,
                },
                x: Scale::within(0.0, if longest > 0.0 { longest } else { 1.0 }, 5.0),
                y: Scale::within(0.0, 1.0, 1.0),
            }
        };
        let plots = sides.into_iter().enumerate().map(plot);
        let plots: Vec<Plot> = plots.collect();
        for (plot, title) in plots.iter().zip(&titles) {
            sheet.text(title, (plot.area.left, top + 24.0), Style::new(BODY, SOFT_INK));
        }
        let mut y = top + TITLES;
        for block in &legs.blocks {
            let name = fitted(&block.name, BODY, right - MARGIN);
            sheet.text(&name, (MARGIN, y + 28.0), Style::new(BODY, INK));
            for (measure, plot) in plots.iter().enumerate() {
                draw_bars(sheet, plot, (block, measure), (y + 58.0, y + 126.0));
            }
            self.table(sheet, block, y + HEAD);
            y += block.height();
        }
    }

    /// The parts, a row each, with their numbers.
    fn table(&self, sheet: &Sheet<'_>, block: &Block, top: f64) {
        let (right, middle) = (f64::from(WIDTH) - MARGIN, f64::from(WIDTH) / 2.0);
        let units = [self.currency(), "kg CO2e"];
        let columns = [middle - 60.0, right];
        let widest = |measure: usize| {
            let texts = block.parts.iter().map(|part| number(part.values[measure], 0));
            texts.map(|text| width_of(&text, SMALL)).fold(0.0, f64::max) + 20.0 + width_of(units[measure], SMALL)
        };
        for (at, part) in block.parts.iter().enumerate() {
            let y = top + ROW * (at as f64 + 0.5);
            let fill = PARTS[at % PARTS.len()];
            let swatch = Area {
                left: MARGIN,
                top: y - 14.0,
                right: MARGIN + 44.0,
                bottom: y + 14.0,
            };
            sheet.bar(swatch, fill);
            sheet.text_on_fill(&(at + 1).to_string(), (MARGIN + 22.0, y), 22.0, fill);
            let name = fitted(&part.name, SMALL, columns[0] - widest(0) - MARGIN - 58.0 - 20.0);
            sheet.text(&name, (MARGIN + 58.0, y), Style::new(SMALL, INK));
            for (measure, column) in columns.into_iter().enumerate() {
                let text = format!("{} {}", number(part.values[measure], 0), units[measure]);
                sheet.text(&text, (column, y), Style::new(SMALL, INK).align(Align::Right));
            }
            let line = y + ROW / 2.0;
            sheet.line(&[(MARGIN + 58.0, line), (right, line)], GRID, 1, SOLID);
        }
    }
}

/// The parts of a block side by side, with their sum.
fn draw_bars(sheet: &Sheet<'_>, plot: &Plot, (block, measure): (&Block, usize), (from, to): (f64, f64)) {
    let mut sum = 0.0;
    let middle = (from + to) / 2.0;
    let parts = block.parts.iter().enumerate();
    for (at, part) in parts.filter(|(_, part)| part.values[measure] > 0.0) {
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
            sheet.text_on_fill(&label, ((area.left + area.right) / 2.0, middle), SMALL, fill);
        }
        sum += part.values[measure];
    }
    sheet.text(
        &number(sum, 0),
        (plot.across(sum) + 12.0, middle),
        Style::new(BODY, INK),
    );
}
