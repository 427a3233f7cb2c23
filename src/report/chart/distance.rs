//! Time and cost over distance: how far a consignment of a corridor's main strand is after how many days, and what has
//! been paid by then. Slopes are movement, steps are stays (UNESCAP, *Time/cost-distance methodology*, 2015).

use super::font::width_of;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, legend, number, short};
use super::label::Labels;
use super::palette::{BLUE, GRID, INK, SOFT_INK, SOLID, VERMILION, tint};
use super::sheet::{Area, Point, SMALL, Sheet, Style, WIDTH, fitted};
use super::{Charts, Drawing};
use crate::analysis::{Itinerary, Stage, place_name};
use crate::indicator::{Component, Scope, display_name};
use crate::report::words::{self, Word};
use crate::units::NodeId;

const HEIGHT: f64 = 1400.0;
/// Share of the whole below which a stay is not labelled.
const LEAST_SHARE: f64 = 0.012;

/// What is added up along the way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measure {
    Time,
    Cost,
}

/// Where the line goes up without going on: a stay at a node.
struct Stay {
    from: f64,
    to: f64,
    kilometres: f64,
    lines: Vec<String>,
}

struct Way {
    title: String,
    subtitle: String,
    axis: String,
    line: Vec<(f64, f64)>,
    /// Lower and upper edge of the ribbon.
    ribbon: Vec<(f64, [f64; 2])>,
    stays: Vec<Stay>,
}

impl Charts<'_> {
    /// Time-distance and cost-distance charts of all corridors.
    pub(super) fn distances(&self) -> Vec<Drawing<'_>> {
        let measures = [(Measure::Time, "time-distance"), (Measure::Cost, "cost-distance")];
        let mut drawings = Vec::new();
        for (measure, name) in measures {
            for itinerary in &self.itineraries {
                let corridors = &self.report.model.network.tables.corridors;
                let name = match corridors.get(itinerary.corridor) {
                    Some(corridor) => format!("{name}-{corridor}"),
                    None if corridors.is_empty() => name.to_owned(),
                    None => format!("{name}-other"),
                };
                if let Some(way) = self.way(itinerary, measure) {
                    drawings.push(Drawing {
                        name,
                        height: HEIGHT,
                        draw: Box::new(move |sheet| self.draw_way(sheet, &way)),
                    });
                }
            }
        }
        drawings
    }

    fn way(&self, itinerary: &Itinerary, measure: Measure) -> Option<Way> {
        let value = |stage: &Stage| match measure {
            Measure::Time => stage.total_days(),
            Measure::Cost => stage.cost,
        };
        let stages = &itinerary.stages;
        let whole: f64 = stages.iter().map(value).sum();
        let length: f64 = stages.iter().map(|stage| stage.kilometres).sum();
        if !(whole > 0.0 && length > 0.0) {
            return None;
        }
        let (mut at, mut sum) = (0.0, 0.0);
        let mut line = vec![(0.0, 0.0)];
        let mut ribbon = vec![(0.0, [0.0; 2])];
        let mut stays: Vec<(f64, f64, Vec<&Stage>)> = Vec::new();
        let mut standing = false;
        for stage in stages {
            let before = sum;
            at += stage.kilometres;
            sum += value(stage);
            line.push((at, sum));
            ribbon.push((at, stage.elapsed_days));
            if stage.kilometres > 0.0 {
                standing = false;
            } else if value(stage) > 0.0 {
                if !standing {
                    stays.push((at, before, Vec::new()));
                }
                standing = true;
                if let Some((_, _, stay)) = stays.last_mut() {
                    stay.push(stage);
                }
            }
        }
        if measure == Measure::Cost || ribbon.iter().all(|(_, edges)| edges[1] <= 0.0) {
            ribbon.clear();
        }
        let stays = stays
            .into_iter()
            .map(|(kilometres, from, parts)| Stay {
                kilometres,
                from,
                to: from + parts.iter().map(|stage| value(stage)).sum::<f64>(),
                lines: self.stay_label(&parts, measure),
            })
            .filter(|stay| stay.to - stay.from >= LEAST_SHARE * whole)
            .collect();
        let currency = &self.report.model.scenario.money.currency;
        let (title, axis) = match measure {
            Measure::Time => (Word::TimeDistanceTitle, self.word(Word::TimeAxis).to_owned()),
            Measure::Cost => (
                Word::CostDistanceTitle,
                format!("{} ({currency})", self.word(Word::CostAxis)),
            ),
        };
        Some(Way {
            title: format!("{}: {}", self.word(title), self.corridor_name(itinerary.corridor)),
            subtitle: format!("{}\n{}", self.route_text(itinerary), self.source(measure)),
            axis,
            line,
            ribbon,
            stays,
        })
    }

    /// What the numbers rest on.
    fn source(&self, measure: Measure) -> String {
        match measure {
            Measure::Time => self.subtitle(),
            Measure::Cost => self.subtitle_of_inputs(),
        }
    }

    /// Where it is and how long or how dear, then what that is made of.
    fn stay_label(&self, parts: &[&Stage], measure: Measure) -> Vec<String> {
        let node = parts.iter().find_map(|stage| stage.to).map(|node| self.node_name(node));
        let named = |name: String, text: String| {
            if name.is_empty() {
                text
            } else {
                format!("{name}: {text}")
            }
        };
        match measure {
            Measure::Time => {
                let total: f64 = parts.iter().map(|stage| stage.total_days()).sum();
                let of = |at: usize| parts.iter().map(|stage| stage.days[at]).sum::<f64>();
                let mut made_of: Vec<(f64, &str)> = Component::ALL
                    .iter()
                    .enumerate()
                    .map(|(at, component)| (of(at), self.word(words::component(*component))))
                    .filter(|(days, _)| *days >= 0.05 * total && *days >= 0.05)
                    .collect();
                made_of.sort_by(|a, b| b.0.total_cmp(&a.0));
                let total = format!("{} {}", number(total, 1), self.word(Word::Days));
                let mut lines = vec![named(node.unwrap_or_default(), total)];
                lines.extend(
                    made_of
                        .into_iter()
                        .take(3)
                        .map(|(days, name)| format!("{name} {}", number(days, 1))),
                );
                lines
            }
            Measure::Cost => {
                let currency = &self.report.model.scenario.money.currency;
                let total: f64 = parts.iter().map(|stage| stage.cost).sum();
                let mut lines = vec![named(node.unwrap_or_default(), format!("{} {currency}", short(total)))];
                let charged = parts.iter().filter(|stage| stage.cost > 0.0);
                lines.extend(charged.take(3).map(|stage| {
                    format!(
                        "{} {}",
                        place_name(self.report.model, stage.place, self.language),
                        short(stage.cost)
                    )
                }));
                lines
            }
        }
    }

    /// The nodes of an itinerary.
    fn route_text(&self, itinerary: &Itinerary) -> String {
        let mut nodes: Vec<NodeId> = itinerary
            .stages
            .iter()
            .flat_map(|stage| [stage.from, stage.to])
            .flatten()
            .collect();
        nodes.dedup();
        let names: Vec<String> = nodes.into_iter().map(|node| self.node_name(node)).collect();
        let flow = self.report.model.strand_names(itinerary.strand).0;
        let flow = display_name(self.report.model, Scope::Flow, flow, self.language);
        let route = if names.is_empty() { flow } else { names.join(" → ") };
        format!("{}: {route}", self.word(Word::MainRoute))
    }

    fn draw_way(&self, sheet: &Sheet<'_>, way: &Way) {
        let top = heading(sheet, &way.title, &way.subtitle);
        let right = f64::from(WIDTH) - MARGIN;
        let line = if way.ribbon.is_empty() {
            Word::Freight
        } else {
            Word::MeanLine
        };
        let mut entries = vec![(Sample::Line(BLUE, 7, SOLID), self.word(line).to_owned())];
        if !way.ribbon.is_empty() {
            entries.push((
                Sample::Band(tint(BLUE, 0.25), tint(BLUE, 0.25), SOLID),
                self.word(Word::Ribbon).to_owned(),
            ));
        }
        let word = if way.ribbon.is_empty() {
            Word::Charge
        } else {
            Word::Pause
        };
        entries.push((Sample::Line(VERMILION, 12, SOLID), self.word(word).to_owned()));
        let top = legend(sheet, &entries, (MARGIN, top), right);
        let end = way.line.last().copied().unwrap_or_default();
        let highest = way.ribbon.iter().map(|(_, edges)| edges[1]).fold(end.1, f64::max);
        let plot = Plot {
            area: Area {
                left: MARGIN + 190.0,
                top: top + 16.0,
                right: right - 60.0,
                bottom: HEIGHT - 120.0,
            },
            x: Scale::within(0.0, end.0, 10.0),
            y: Scale::from_zero(highest * 1.12, 7.0),
        };
        plot.draw_y(sheet, &way.axis);
        plot.draw_grid_x(sheet);
        let lower = way.ribbon.iter().map(|(at, edges)| plot.at(*at, edges[0]));
        let upper = way.ribbon.iter().rev().map(|(at, edges)| plot.at(*at, edges[1]));
        let ribbon: Vec<Point> = lower.chain(upper).collect();
        if !ribbon.is_empty() {
            sheet.polygon(&ribbon, tint(BLUE, 0.25));
        }
        let points: Vec<Point> = way.line.iter().map(|(x, y)| plot.at(*x, *y)).collect();
        sheet.line(&points, BLUE, 7, SOLID);
        let mut labels = Labels::new(Area {
            left: plot.area.left + 6.0,
            top: plot.area.top,
            right: f64::from(WIDTH) - 10.0,
            bottom: plot.area.bottom - 6.0,
        });
        labels.block_line(&points, 24.0);
        for pair in way.ribbon.windows(2) {
            block_ribbon(&plot, &mut labels, pair[0], pair[1]);
        }
        for stay in &way.stays {
            let (low, high) = (plot.at(stay.kilometres, stay.from), plot.at(stay.kilometres, stay.to));
            sheet.line(&[low, (low.0, plot.area.bottom)], tint(SOFT_INK, 0.5), 2, &[6.0, 8.0]);
            sheet.line(&[low, high], VERMILION, 12, SOLID);
        }
        plot.draw_x(sheet, self.word(Word::DistanceAxis));
        // The longest stays choose their places first.
        let mut order: Vec<&Stay> = way.stays.iter().collect();
        order.sort_by(|a, b| (b.to - b.from).total_cmp(&(a.to - a.from)));
        for stay in order {
            label_stay(sheet, &plot, &mut labels, stay);
        }
    }
}

/// Keeps labels off a piece of the ribbon.
fn block_ribbon(plot: &Plot, labels: &mut Labels, from: (f64, [f64; 2]), to: (f64, [f64; 2])) {
    let (left, right) = (plot.across(from.0), plot.across(to.0));
    let slices = ((right - left) / 40.0).ceil().max(1.0);
    for slice in 0..slices as usize {
        let at = |slice: usize, edge: usize| {
            let share = slice as f64 / slices;
            plot.up(from.1[edge] + share * (to.1[edge] - from.1[edge]))
        };
        let edges = [at(slice, 0), at(slice + 1, 0), at(slice, 1), at(slice + 1, 1)];
        labels.block(Area {
            left: left + slice as f64 / slices * (right - left),
            top: edges.iter().copied().fold(f64::INFINITY, f64::min),
            right: left + (slice + 1) as f64 / slices * (right - left),
            bottom: edges.iter().copied().fold(0.0, f64::max),
        });
    }
}

fn label_stay(sheet: &Sheet<'_>, plot: &Plot, labels: &mut Labels, stay: &Stay) {
    const LINE: f64 = SMALL * 1.3;
    let lines: Vec<String> = stay.lines.iter().map(|line| fitted(line, SMALL, 620.0)).collect();
    let width = lines.iter().map(|line| width_of(line, SMALL)).fold(0.0, f64::max) + 8.0;
    let height = LINE * lines.len() as f64;
    let middle = plot.at(stay.kilometres, (stay.from + stay.to) / 2.0);
    let place = |left: f64, y: f64| Area {
        left,
        top: y - height / 2.0,
        right: left + width,
        bottom: y + height / 2.0,
    };
    let mut places = Vec::new();
    for away in 0..16 {
        let dy = f64::from(away) * 34.0;
        for dx in [26.0, 80.0, 160.0, 280.0, 420.0] {
            places.push(place(middle.0 - dx - width, middle.1 - dy));
            places.push(place(middle.0 + dx, middle.1 + dy));
            places.push(place(middle.0 - dx - width, middle.1 + dy));
            places.push(place(middle.0 + dx, middle.1 - dy));
        }
    }
    let Some(area) = labels.place(places) else { return };
    let near = if area.left > middle.0 {
        area.left - 4.0
    } else {
        area.right + 4.0
    };
    let anchor = (near, middle.1.clamp(area.top + 12.0, area.bottom - 12.0));
    sheet.line(&[middle, anchor], SOFT_INK, 2, SOLID);
    labels.block_line(&[middle, anchor], 8.0);
    sheet.rectangle(area.grown(2.0), tint(GRID, 0.35));
    for (row, line) in lines.iter().enumerate() {
        let y = area.top + LINE * (row as f64 + 0.5);
        let colour = if row == 0 { INK } else { SOFT_INK };
        sheet.text(line, (area.left + 4.0, y), Style::new(SMALL, colour));
    }
}
