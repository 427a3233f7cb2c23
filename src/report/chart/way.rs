//! A way through time or cost: how far a consignment is after how many days, or after how much was paid.

use super::Charts;
use super::frame::{number, short};
use crate::analysis::{Itinerary, Stage, place_name};
use crate::indicator::Component;
use crate::model::Place;
use crate::report::words::{self, Word};
use crate::units::NodeId;

/// Share of the whole below which a stay is not labelled.
const LEAST_SHARE: f64 = 0.012;

/// What is added up along the way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Days.
    Time,
    /// Charges.
    Cost,
}

/// Where the line goes up without going on: a stay at a node.
pub(super) struct Stay {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) kilometres: f64,
    pub(super) lines: Vec<String>,
}

/// Between which kilometres, with lower and upper edge at either end.
pub(super) struct Band {
    pub(super) kilometres: [f64; 2],
    pub(super) edges: [[f64; 2]; 2],
}

/// The way of one corridor.
pub(super) struct Way {
    /// Number of the corridor.
    pub(super) corridor: usize,
    /// The nodes on it.
    pub(super) route: String,
    /// Kilometres and value.
    pub(super) line: Vec<(f64, f64)>,
    /// The spread while moving.
    pub(super) bands: Vec<Band>,
    /// The spread at the end.
    pub(super) spread: Option<[f64; 2]>,
    /// Where it stands.
    pub(super) stays: Vec<Stay>,
}

impl Way {
    /// Its last point.
    pub(super) fn end(&self) -> (f64, f64) {
        self.line.last().copied().unwrap_or_default()
    }

    /// The highest value on it.
    pub(super) fn highest(&self) -> f64 {
        self.spread.map_or(self.end().1, |edges| edges[1].max(self.end().1))
    }
}

impl Charts<'_> {
    /// The way of an itinerary; none where it leads nowhere or takes nothing.
    pub(super) fn way(&self, itinerary: &Itinerary, measure: Measure) -> Option<Way> {
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
        let (mut at, mut sum, mut edges) = (0.0, 0.0, [0.0; 2]);
        let mut line = vec![(0.0, 0.0)];
        let mut bands = Vec::new();
        let mut stays: Vec<(f64, f64, Vec<&Stage>)> = Vec::new();
        let mut standing = false;
        for stage in stages {
            let before = (at, sum, edges);
            at += stage.kilometres;
            sum += value(stage);
            edges = stage.elapsed_days;
            line.push((at, sum));
            if stage.kilometres > 0.0 {
                standing = false;
                bands.push(Band {
                    kilometres: [before.0, at],
                    edges: [before.2, edges],
                });
            } else if value(stage) > 0.0 {
                if !standing {
                    stays.push((at, before.1, Vec::new()));
                }
                standing = true;
                if let Some((_, _, stay)) = stays.last_mut() {
                    stay.push(stage);
                }
            }
        }
        let spread = (measure == Measure::Time && edges[1] > 0.0).then_some(edges);
        if spread.is_none() {
            bands.clear();
        }
        let stays = stays.into_iter().map(|(kilometres, from, parts)| Stay {
            kilometres,
            from,
            to: from + parts.iter().map(|stage| value(stage)).sum::<f64>(),
            lines: self.stay_label(&parts, measure),
        });
        Some(Way {
            corridor: itinerary.corridor,
            route: self.route_text(itinerary),
            line,
            bands,
            spread,
            stays: stays
                .filter(|stay| stay.to - stay.from >= LEAST_SHARE * whole)
                .collect(),
        })
    }

    /// Where it is and how long or how dear, then what that is made of.
    fn stay_label(&self, parts: &[&Stage], measure: Measure) -> Vec<String> {
        let node = parts.iter().find_map(|stage| stage.to).map(|node| self.node_name(node));
        let (total, mut made_of) = match measure {
            Measure::Time => self.made_of_time(parts),
            Measure::Cost => self.made_of_cost(parts),
        };
        made_of.truncate(2);
        let total = match node {
            Some(name) => self.labelled(&name, &total),
            None => total,
        };
        [total].into_iter().chain(made_of).collect()
    }

    fn made_of_time(&self, parts: &[&Stage]) -> (String, Vec<String>) {
        let total: f64 = parts.iter().map(|stage| stage.total_days()).sum();
        let of = |at: usize| parts.iter().map(|stage| stage.days[at]).sum::<f64>();
        let mut made_of: Vec<(f64, &str)> = Component::ALL
            .iter()
            .enumerate()
            .map(|(at, component)| (of(at), self.word(words::component(*component))))
            .filter(|(days, _)| *days >= 0.05 * total && *days >= 0.05)
            .collect();
        made_of.sort_by(|a, b| b.0.total_cmp(&a.0));
        let made_of = made_of
            .into_iter()
            .map(|(days, name)| format!("{name} {}", number(days, 1)));
        (
            format!("{} {}", number(total, 1), self.word(Word::Days)),
            made_of.collect(),
        )
    }

    fn made_of_cost(&self, parts: &[&Stage]) -> (String, Vec<String>) {
        let total: f64 = parts.iter().map(|stage| stage.cost).sum();
        let mut charged: Vec<&&Stage> = parts.iter().filter(|stage| stage.cost >= 0.01 * total).collect();
        charged.sort_by(|a, b| b.cost.total_cmp(&a.cost));
        let made_of = charged.into_iter().map(|stage| {
            let name = self.charging_place(stage.place);
            format!("{name} {}", short(stage.cost))
        });
        (format!("{} {}", short(total), self.currency()), made_of.collect())
    }

    /// The name of a place and, where it charges for two things at either end of a way, which of them.
    pub(super) fn charging_place(&self, place: Place) -> String {
        let name = place_name(self.report.model, place, self.language);
        match place {
            Place::Consolidation(_) => self.labelled(&name, self.word(Word::Stuffing)),
            Place::BreakUp(_) => self.labelled(&name, self.word(Word::Stripping)),
            _ => name,
        }
    }

    /// The nodes of an itinerary; its flow where it has none.
    fn route_text(&self, itinerary: &Itinerary) -> String {
        let mut nodes: Vec<NodeId> = itinerary
            .stages
            .iter()
            .flat_map(|stage| [stage.from, stage.to])
            .flatten()
            .collect();
        nodes.dedup();
        let names: Vec<String> = nodes.into_iter().map(|node| self.node_name(node)).collect();
        if names.is_empty() {
            self.flow_name(itinerary)
        } else {
            names.join(" → ")
        }
    }
}
