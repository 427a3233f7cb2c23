//! What goes wrong: events, diversions, charges that disruptions scale, and goods that spoil.

use super::{DAY, Sink, Walk, share};
use crate::indicator::{Group, Scope};
use crate::simulation::DisruptionTally;

/// Thousandths of a TEU, and millionths of a value or charge, in one.
const PARTS: f64 = 1e9;

impl Walk<'_> {
    /// What was charged beyond the usual to a TEU of a group, because disruptions made something dearer.
    pub(super) fn surcharge_per_teu(&self, group: &Group) -> f64 {
        if self.plan.tariffs.is_empty() {
            return 0.0;
        }
        let charged: f64 = self
            .plan
            .tariffs
            .iter()
            .zip(&self.record.surcharges)
            .filter(|(tariff, _)| group.strands.binary_search(&(tariff.strand as usize)).is_ok())
            .map(|(tariff, count)| tariff.charge * *count as f64 / PARTS)
            .sum();
        let strands = group.strands.iter().map(|strand| &self.record.strands[*strand]);
        charged / (strands.map(|strand| strand.generated_space).sum::<i64>() as f64 / 1000.0)
    }

    /// Goods past their shelf life, and the value that goods have lost, where a group has goods that spoil.
    pub(super) fn spoilage<S: Sink>(&self, sink: &mut S, group: &Group) {
        let flow = |strand: usize| &self.plan.flows[self.plan.strands[strand].flow as usize];
        let perishable = |strand: &&usize| flow(**strand).shelf_life.is_some();
        let losing = |strand: &&usize| perishable(strand) || flow(**strand).decay > 0.0;
        if group.strands.iter().any(|strand| perishable(&strand)) {
            sink.mean("spoilt_share", "", || {
                let strands = group.strands.iter().filter(perishable);
                let tallies = strands.map(|strand| &self.record.strands[*strand]);
                let (spoilt, all) = tallies.fold((0, 0), |(spoilt, all), tally| {
                    (spoilt + tally.spoilt, all + tally.generated)
                });
                share(spoilt, all)
            });
        }
        if !group.strands.iter().any(|strand| losing(&strand)) {
            return;
        }
        let sums = || {
            let (mut lost, mut value, mut space) = (0.0, 0.0, 0.0);
            for strand in group.strands.iter().filter(losing) {
                let tally = &self.record.strands[*strand];
                let worth = flow(*strand).value_per_teu;
                // What is worth nothing on paper still spoils.
                let weight = if worth > 0.0 { worth } else { 1.0 };
                lost += weight * tally.lost_value as f64 / PARTS;
                value += weight * tally.generated_space as f64 / 1000.0;
                space += tally.generated_space as f64 / 1000.0;
            }
            (lost, value, space)
        };
        sink.mean("value_lost_share", "", || {
            let (lost, value, _) = sums();
            lost / value
        });
        if group
            .strands
            .iter()
            .filter(losing)
            .all(|strand| flow(*strand).value_per_teu > 0.0)
        {
            sink.mean("value_lost_per_teu", "money/TEU", || {
                let (lost, _, space) = sums();
                lost / space
            });
        }
    }

    /// Consignments that left their route for another on the way, or came from one, where anyone can.
    pub(super) fn diversions<S: Sink>(&self, sink: &mut S, group: &Group) {
        if self.plan.choices.list.is_empty() {
            return;
        }
        let strands = || group.strands.iter().map(|strand| &self.record.strands[*strand]);
        sink.mean("diverted_away_consignments", "", || {
            strands().map(|strand| strand.diverted_away).sum::<u64>() as f64
        });
        sink.mean("diverted_here_consignments", "", || {
            strands().map(|strand| strand.diverted_here).sum::<u64>() as f64
        });
        if matches!(group.scope, Scope::System | Scope::Corridor) {
            for (number, id) in self.model.scenario.disruptions.keys().enumerate() {
                sink.mean(&format!("diverted_away_by_{id}_consignments"), "", || {
                    let corridors = self.plan.corridors + 1;
                    let of_corridor = |corridor: usize| {
                        let tally = self.record.diverted.get(number * corridors + corridor);
                        tally.copied().unwrap_or(0)
                    };
                    let count = match group.scope {
                        Scope::System => (0..corridors).map(of_corridor).sum(),
                        _ => {
                            let tables = &self.model.network.tables;
                            tables
                                .corridor(&group.id)
                                .map_or(0, |corridor| of_corridor(corridor.index()))
                        }
                    };
                    count as f64
                });
            }
        }
    }

    /// Events of a disruption, and what it has made cargo do.
    pub(super) fn disruption<S: Sink>(&self, sink: &mut S, number: usize) {
        let empty = DisruptionTally::default();
        let tally = self.record.disruptions.get(number).unwrap_or(&empty);
        let window = (self.record.end - self.record.begin).0 as f64;
        sink.mean("events", "", || tally.events as f64);
        sink.mean("active_share", "", || tally.active as f64 / window);
        sink.mean("active_days", "d", || tally.active as f64 / DAY);
        sink.mean("diverted_consignments", "", || tally.diverted as f64);
        sink.mean("diverted_teu", "TEU", || tally.diverted_space as f64 / 1000.0);
    }
}
