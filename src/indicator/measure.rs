//! From the record of a replication to one number for each indicator.
//!
//! Names and values are produced by the same walk over groups, facilities and services, so they cannot fall out of step:
//! the walk hands each indicator to a sink, which either takes down its name or its value.

mod credit;
mod disruption;
mod sharing;
mod sink;
mod target;
mod wait;

use super::{Catalogue, Component, Group, Indicator, Scope};
use crate::model::{Model, Plan};
use crate::simulation::{FacilityTally, Record, StopTally, StrandTally, WaitTally, WayTally};
use crate::statistics::Extremes;
use crate::units::{HOURS_PER_DAY, MICROSECONDS_PER_HOUR, MilliTeu};
pub(super) use sink::Sink;
use sink::{Names, Quantiles, Values};
use std::cell::OnceCell;

const DAY: f64 = MICROSECONDS_PER_HOUR * HOURS_PER_DAY;
const HOUR: f64 = MICROSECONDS_PER_HOUR;

/// Quantiles of transit times that are reported.
const TRANSIT_QUANTILES: [f64; 7] = [0.05, 0.1, 0.5, 0.8, 0.9, 0.95, 0.99];

/// The names of all indicators.
pub(super) fn names(model: &Model, groups: &[Group]) -> Vec<Indicator> {
    let mut sink = Names {
        scope: Scope::System,
        id: String::new(),
        indicators: Vec::new(),
    };
    let record = Record::default();
    let walk = Walk {
        model,
        plan: &model.typical,
        record: &record,
        groups,
        components: &[],
        watched: &[],
    };
    walk.all(&mut sink, |sink, scope, id| {
        sink.scope = scope;
        id.clone_into(&mut sink.id);
    });
    sink.indicators
}

impl Catalogue {
    /// The value of every indicator in the replication that left `record`, under the plan that it followed.
    pub fn measure(&self, model: &Model, plan: &Plan, record: &Record) -> Vec<f64> {
        let mut sink = Values {
            values: Vec::with_capacity(self.indicators.len()),
        };
        Walk {
            model,
            plan,
            record,
            groups: &self.groups,
            components: &self.components,
            watched: &self.watched,
        }
        .all(&mut sink, |_, _, _| {});
        sink.values
    }
}

pub(super) struct Walk<'a> {
    pub(super) model: &'a Model,
    pub(super) plan: &'a Plan,
    pub(super) record: &'a Record,
    groups: &'a [Group],
    components: &'a [Vec<Component>],
    /// For each target, the indicator that shows its level, where one does.
    watched: &'a [Option<usize>],
}

/// A share; not a number where there is nothing to share.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// Standard deviation from integer sums.
fn deviation(count: u64, sum: i128, squares: u128) -> f64 {
    if count < 2 {
        return f64::NAN;
    }
    // Around the whole mean, in integers: no digits cancel. The products may exceed 128 bits; their sum does not.
    let n = i128::from(count);
    let mean = sum / n;
    let centred = (squares as i128)
        .wrapping_sub(mean.wrapping_mul(2).wrapping_mul(sum))
        .wrapping_add(n.wrapping_mul(mean).wrapping_mul(mean));
    let rest = (sum - mean * n) as f64;
    ((centred as f64 - rest * rest / count as f64) / (count - 1) as f64)
        .max(0.0)
        .sqrt()
}

impl Walk<'_> {
    fn all<S: Sink>(&self, sink: &mut S, about: impl Fn(&mut S, Scope, &str)) {
        for group in self.groups {
            about(sink, group.scope, &group.id);
            self.group(sink, group);
        }
        let tables = &self.model.network.tables;
        for (number, facility) in tables.facilities.iter().enumerate() {
            about(sink, Scope::Facility, &facility.id);
            self.facility(sink, number);
        }
        for (number, link) in self.plan.links_of_ways.iter().enumerate() {
            about(sink, Scope::Link, &tables.links[link.index()].id);
            self.way(sink, number);
        }
        for (number, id) in self.model.scenario.disruptions.keys().enumerate() {
            about(sink, Scope::Disruption, id);
            self.disruption(sink, number);
        }
        for (number, service) in tables.services.iter().enumerate() {
            about(sink, Scope::Service, &service.id);
            self.service(sink, number);
            for stop in 0..service.legs.len().max(1) {
                let name = service
                    .stops
                    .get(stop)
                    .map_or("", |node| tables.nodes[node.index()].id.as_str());
                about(
                    sink,
                    Scope::Stop,
                    &if name.is_empty() {
                        service.id.clone()
                    } else {
                        format!("{}@{name}", service.id)
                    },
                );
                self.stop(sink, number, stop);
            }
        }
        for (number, lane) in tables.lanes.iter().enumerate() {
            about(sink, Scope::Consolidation, &lane.id);
            self.lane(sink, number);
        }
        self.containers(sink, &about);
        self.targets(sink, about);
    }

    pub(super) fn window_days(&self) -> f64 {
        (self.record.end - self.record.begin).days()
    }

    fn group<S: Sink>(&self, sink: &mut S, group: &Group) {
        let strands = &self.record.strands;
        let sum =
            |field: fn(&StrandTally) -> u64| group.strands.iter().map(|strand| field(&strands[*strand])).sum::<u64>();
        let total =
            |field: fn(&StrandTally) -> i64| group.strands.iter().map(|strand| field(&strands[*strand])).sum::<i64>();
        let delivered = || sum(|strand| strand.delivered);
        let space = || total(|strand| strand.delivered_space) as f64 / 1000.0;
        let transit = || -> i128 { group.strands.iter().map(|strand| strands[*strand].transit).sum() };
        sink.mean("generated_consignments", "", || sum(|strand| strand.generated) as f64);
        sink.mean("delivered_consignments", "", || delivered() as f64);
        sink.mean("generated_teu", "TEU", || {
            total(|strand| strand.generated_space) as f64 / 1000.0
        });
        sink.mean("delivered_teu", "TEU", space);
        sink.mean("delivered_tonnes", "t", || {
            total(|strand| strand.delivered_mass) as f64 / 1000.0
        });
        sink.mean("teu_per_year", "TEU/yr", || space() / self.window_days() * 365.0);
        sink.mean("unfinished_consignments", "", || sum(|strand| strand.unfinished) as f64);
        sink.mean("refused_consignments", "", || sum(|strand| strand.refused) as f64);
        sink.mean("refused_share", "", || {
            share(sum(|strand| strand.refused), sum(|strand| strand.generated))
        });
        sink.mean("transit_days_mean", "d", || transit() as f64 / DAY / delivered() as f64);
        sink.mean("transit_days_sd", "d", || {
            let squares: u128 = group
                .strands
                .iter()
                .map(|strand| strands[*strand].transit_squares)
                .sum();
            deviation(delivered(), transit(), squares) / DAY
        });
        let delivering = || {
            group
                .strands
                .iter()
                .map(|strand| &strands[*strand])
                .filter(|strand| strand.delivered > 0)
        };
        sink.mean("transit_days_min", "d", || {
            delivering()
                .map(|it| it.transit_range.0 as f64 / DAY)
                .fold(f64::NAN, f64::min)
        });
        sink.mean("transit_days_max", "d", || {
            delivering()
                .map(|it| it.transit_range.1 as f64 / DAY)
                .fold(f64::NAN, f64::max)
        });
        let quantiles = Quantiles {
            sketches: &group.strands,
            q: TRANSIT_QUANTILES,
            unit: ("d", DAY),
        };
        let quantiles_of_transit = OnceCell::new();
        let read = || {
            *quantiles_of_transit.get_or_init(|| {
                let quantiles = match group.strands.as_slice() {
                    [single] => self.record.sketches.quantiles(*single, TRANSIT_QUANTILES),
                    several => self.record.sketches.quantiles_together(several, TRANSIT_QUANTILES),
                };
                let extremes = delivering().map(|it| Extremes::new(it.transit_range));
                extremes.fold(Extremes::default(), Extremes::with).hold(quantiles)
            })
        };
        sink.quantiles("transit_days", quantiles, read);
        sink.mean("buffer_index", "", || {
            let [.., p95, _] = read();
            let mean = transit() as f64 / delivered() as f64;
            p95 / mean - 1.0
        });
        self.within(sink, group);
        let components = if self.components.is_empty() {
            [0.0; Component::ALL.len()]
        } else {
            self.components_of(group)
        };
        let has_lanes = !self.plan.lanes.is_empty();
        let shown = |component: Component| has_lanes || component != Component::Consolidation;
        let all = Component::ALL.into_iter().zip(components);
        for (component, time) in all.filter(|(component, _)| shown(*component)) {
            sink.mean(&format!("time_days_{}", component.key()), "d", || {
                time / DAY / sum(|strand| strand.generated) as f64
            });
        }
        let by_space = |value: &dyn Fn(usize) -> f64| {
            // What carries nothing need have no price.
            let used = group
                .strands
                .iter()
                .filter(|strand| strands[**strand].delivered_space > 0);
            let weighted = used.map(|strand| value(*strand) * strands[*strand].delivered_space as f64);
            weighted.sum::<f64>() / 1000.0 / space()
        };
        let attributes = |strand: usize| &self.plan.charged[strand].0;
        sink.mean("cost_per_teu", "money/TEU", || {
            by_space(&|strand| attributes(strand).cost) + self.surcharge_per_teu(group)
        });
        sink.mean("generalised_cost_per_teu", "money/TEU", || {
            by_space(&|strand| self.generalised_cost(strand)) + self.surcharge_per_teu(group)
        });
        if group.scope == Scope::Flow
            && let Some(flow) = group
                .strands
                .first()
                .map(|strand| self.plan.strands[*strand].flow as usize)
            && self.plan.flows[flow].has_choice()
        {
            sink.mean("log_sum_cost_per_teu", "money/TEU", || {
                self.plan.flows[flow].choice.least_cost
            });
        }
        sink.mean("co2e_kg_per_teu", "kg/TEU", || {
            by_space(&|strand| attributes(strand).emissions)
        });
        sink.mean("distance_km", "km", || by_space(&|strand| attributes(strand).distance));
        self.credit(sink, group);
        self.spoilage(sink, group);
        self.diversions(sink, group);
        if has_lanes {
            sink.mean("lcl_share_of_teu", "", || {
                let lots = group.strands.iter().filter(|strand| self.is_of_lots(**strand));
                let lots: i64 = lots.map(|strand| strands[*strand].delivered_space).sum();
                lots as f64 / 1000.0 / space()
            });
        }
        if matches!(group.scope, Scope::System | Scope::Corridor | Scope::Flow) && !group.services.is_empty() {
            sink.mean("load_factor", "", || self.load_factor(&group.services));
        }
        if group.scope == Scope::System {
            sink.mean("present_mean", "", || {
                self.record.system.area as f64 / DAY / self.window_days()
            });
            for (number, time) in self.plan.window.census.iter().enumerate() {
                let name = format!("present_at_{}_h", round(time.hours()));
                sink.mean(&name, "", || {
                    self.record
                        .census
                        .get(number)
                        .map_or(f64::NAN, |census| census.system as f64)
                });
            }
        }
    }

    /// The generalised cost per TEU of a strand, at the mean and the spread of the times that it took; zero where nothing
    /// was delivered, which weighs nothing.
    fn generalised_cost(&self, strand: usize) -> f64 {
        let (plan, tally) = (&self.plan.strands[strand], &self.record.strands[strand]);
        if tally.delivered == 0 {
            return 0.0;
        }
        let cost_of_time = &self.plan.flows[plan.flow as usize].choice.cost_of_time;
        let (attributes, generalised_cost) = self.plan.charged[strand];
        let expected = cost_of_time.of(attributes.hours, attributes.variance);
        let hours = tally.transit as f64 / HOUR / tally.delivered as f64;
        let deviation = deviation(tally.delivered, tally.transit, tally.transit_squares) / HOUR;
        let variance = if deviation.is_nan() { 0.0 } else { deviation * deviation };
        generalised_cost - expected + cost_of_time.of(hours, variance)
    }

    /// Shares delivered in time, where all of the group's flows state the same times.
    fn within<S: Sink>(&self, sink: &mut S, group: &Group) {
        if !matches!(group.scope, Scope::Flow | Scope::Route) {
            return;
        }
        let Some(first) = group.strands.first() else { return };
        let flow = &self.plan.flows[self.plan.strands[*first].flow as usize];
        for (number, span) in flow.within.iter().enumerate() {
            let name = format!("share_within_{}_days", round(span.days()));
            sink.mean(&name, "", || {
                let strands = group.strands.iter().map(|strand| &self.record.strands[*strand]);
                let (within, all) = strands.fold((0, 0), |(within, all), strand| {
                    (
                        within + strand.within[number],
                        all + strand.delivered + strand.unfinished + strand.refused,
                    )
                });
                share(within, all)
            });
        }
    }

    fn components_of(&self, group: &Group) -> [f64; Component::ALL.len()] {
        let mut sums = [0.0; Component::ALL.len()];
        for strand in &group.strands {
            let plan = &self.plan.strands[*strand];
            let cells = plan.first_cell as usize..(plan.first_cell + plan.cells) as usize;
            for (time, component) in self.record.cells.of(cells).zip(&self.components[plan.route as usize]) {
                sums[*component as usize] += time as f64;
            }
        }
        sums
    }

    fn facility<S: Sink>(&self, sink: &mut S, number: usize) {
        let empty = FacilityTally::default();
        let tally = self.record.facilities.get(number).unwrap_or(&empty);
        let plan = &self.plan.facilities[number];
        let window = (self.record.end - self.record.begin).0 as f64;
        let window_days = self.window_days();
        sink.mean("arrivals_per_day", "/d", || tally.arrivals as f64 / window_days);
        sink.mean("refused_share", "", || share(tally.refused, tally.arrivals));
        sink.mean("served_per_day", "/d", || tally.starts as f64 / window_days);
        self.waits(sink, self.plan.strands.len() + number, || tally.waits);
        for (limit, span) in plan.wait_within.iter().enumerate() {
            let name = format!("share_waiting_within_{}_hours", round(span.hours()));
            sink.mean(&name, "", || share(tally.waits.within[limit], tally.waits.count));
        }
        let served = tally.waits.count as f64;
        sink.mean("service_hours_mean", "h", || tally.service as f64 / HOUR / served);
        sink.mean("stay_hours_mean", "h", || {
            if tally.stays > 0 {
                tally.stay as f64 / HOUR / tally.stays as f64
            } else {
                (tally.waits.sum + tally.service) as f64 / HOUR / served
            }
        });
        let limited = plan.servers != u32::MAX && plan.storage.is_none() && plan.slots.is_none();
        if limited {
            sink.mean("utilisation", "", || tally.work as f64 / tally.available as f64);
            sink.mean("occupied_share", "", || {
                tally.occupied as f64 / (window * f64::from(plan.servers))
            });
            sink.mean("blocked_share", "", || {
                tally.blocked as f64 / (window * f64::from(plan.servers))
            });
        }
        if plan.slots.is_none() {
            sink.mean("idle_share", "", || tally.idle as f64 / window);
        }
        sink.mean("queue_mean", "", || tally.queue_area as f64 / window);
        let level = if limited || plan.slots.is_some() {
            "queue"
        } else {
            "present"
        };
        sink.mean(&format!("{level}_sd"), "", || tally.levels.variance().sqrt());
        sink.mean(&format!("{level}_p95"), "", || tally.levels.quantile(0.95));
        sink.mean("present_mean", "", || {
            if limited {
                (tally.queue_area + tally.occupied) as f64 / window
            } else if plan.slots.is_some() {
                tally.queue_area as f64 / window
            } else {
                tally.levels.mean()
            }
        });
        sink.mean("growth_per_day", "/d", || {
            (tally.present.1 as f64 - tally.present.0 as f64) / window_days
        });
        if plan.batch.1 > 1 {
            sink.mean("batch_mean", "", || tally.batched as f64 / tally.batches as f64);
        }
        for (at, time) in self.plan.window.census.iter().enumerate() {
            let name = format!("present_at_{}_h", round(time.hours()));
            sink.mean(&name, "", || {
                self.record
                    .census
                    .get(at)
                    // A census that the run did not reach has counted nothing.
                    .and_then(|census| census.facilities.get(number))
                    .map_or(f64::NAN, |count| *count as f64)
            });
        }
    }

    fn way<S: Sink>(&self, sink: &mut S, number: usize) {
        let empty = WayTally::default();
        let tally = self.record.ways.get(number).unwrap_or(&empty);
        let window = (self.record.end - self.record.begin).0 as f64;
        sink.mean("entries_per_day", "/d", || {
            tally.entries.count as f64 / self.window_days()
        });
        sink.mean("open_share", "", || 1.0 - tally.closed as f64 / window);
        for (name, waits) in [("entry_wait", &tally.entries), ("time_lost", &tally.losses)] {
            sink.mean(&format!("{name}_hours_mean"), "h", || waits.mean_hours());
            sink.mean(&format!("{name}_hours_sd"), "h", || {
                deviation(waits.count, waits.sum, waits.squares) / HOUR
            });
            sink.mean(&format!("{name}_hours_max"), "h", || waits.longest as f64 / HOUR);
            sink.mean(&format!("{name}_hours_mean_if_delayed"), "h", || {
                waits.mean_hours_if_delayed()
            });
            sink.mean(&format!("{name}_share"), "", || share(waits.delayed, waits.count));
        }
        for (at, time) in self.plan.window.census.iter().enumerate() {
            let name = format!("open_at_{}_h", round(time.hours()));
            sink.mean(&name, "", || {
                self.record
                    .census
                    .get(at)
                    .map_or(f64::NAN, |census| f64::from(u8::from(census.ways[number])))
            });
        }
    }

    fn service<S: Sink>(&self, sink: &mut S, number: usize) {
        let tally = self.record.services.get(number);
        let count = |field: fn(&crate::simulation::ServiceTally) -> u64| tally.map_or(0, field);
        sink.mean("departures", "", || count(|tally| tally.departed) as f64);
        sink.mean("cancelled_departures", "", || count(|tally| tally.cancelled) as f64);
        sink.mean("cancelled_share", "", || {
            share(
                count(|tally| tally.cancelled),
                count(|tally| tally.cancelled) + count(|tally| tally.departed),
            )
        });
        if self.plan.services[number].review.is_some() {
            sink.mean("planned_departures", "", || count(|tally| tally.planned) as f64);
            sink.mean("withdrawn_departures", "", || count(|tally| tally.withdrawn) as f64);
            sink.mean("added_departures", "", || count(|tally| tally.added) as f64);
        }
        sink.mean("impatient_share", "", || {
            share(count(|tally| tally.impatient), count(|tally| tally.departed))
        });
        let gaps = || tally.map_or(WaitTally::default(), |tally| tally.gaps);
        sink.mean("headway_hours_mean", "h", || gaps().mean_hours());
        sink.mean("headway_hours_sd", "h", || {
            let gaps = gaps();
            deviation(gaps.count, gaps.sum, gaps.squares) / HOUR
        });
        self.journeys(sink, number, tally);
        let legs = || {
            tally
                .into_iter()
                .flat_map(|tally| tally.legs.iter())
                .filter(|leg| leg.runs > 0)
        };
        sink.mean("teu_per_departure", "TEU", || {
            // The fullest leg: what a train carries, whatever it drops on the way.
            legs()
                .map(|leg| leg.carried as f64 / 1000.0 / leg.runs as f64)
                .fold(f64::NAN, f64::max)
        });
        if self.plan.services[number].capacity < MilliTeu::UNLIMITED {
            sink.mean("load_factor", "", || self.load_factor(&[number]));
        }
        if !self.plan.services[number].background.is_empty() {
            self.background(sink, number, tally);
        }
    }

    /// Times from a service's first departure to its arrival at each of its stops.
    fn journeys<S: Sink>(&self, sink: &mut S, number: usize, tally: Option<&crate::simulation::ServiceTally>) {
        let tables = &self.model.network.tables;
        let row = &tables.services[number];
        for leg in 0..row.legs.len() {
            let name = match row.stops.get(leg + 1) {
                Some(node) if leg + 1 < row.legs.len() => {
                    format!("journey_days_to_{}", tables.nodes[node.index()].id)
                }
                _ => "journey_days".to_owned(),
            };
            let journeys = || tally.map_or(WaitTally::default(), |tally| tally.journeys[leg]);
            sink.mean(&format!("{name}_mean"), "d", || journeys().mean_hours() / HOURS_PER_DAY);
            sink.mean(&format!("{name}_sd"), "d", || {
                let journeys = journeys();
                deviation(journeys.count, journeys.sum, journeys.squares) / DAY
            });
        }
    }

    /// TEU-kilometres carried over those offered by some services; by legs where no length is known.
    fn load_factor(&self, services: &[usize]) -> f64 {
        let (mut carried, mut offered) = (0.0, 0.0);
        for service in services {
            let (Some(tally), plan) = (self.record.services.get(*service), &self.plan.services[*service]) else {
                continue;
            };
            for (leg, length) in tally.legs.iter().zip(&plan.leg_lengths) {
                let length = if *length > 0.0 { *length } else { 1.0 };
                carried += leg.carried as f64 * length;
                offered += leg.offered as f64 * length;
            }
        }
        carried / offered
    }

    fn stop<S: Sink>(&self, sink: &mut S, service: usize, stop: usize) {
        let empty = StopTally::default();
        let tally = self
            .record
            .services
            .get(service)
            .map_or(&empty, |service| &service.stops[stop]);
        let plan = &self.plan.services[service];
        let sketch = self.plan.strands.len() + self.plan.facilities.len() + plan.first_stop as usize + stop;
        let window = (self.record.end - self.record.begin).0 as f64;
        sink.mean("departures", "", || tally.departures as f64);
        self.waits(sink, sketch, || tally.waits);
        sink.mean("queue_mean", "", || tally.queue_area as f64 / window);
        sink.mean("growth_per_day", "/d", || {
            (tally.present.1 as f64 - tally.present.0 as f64) / self.window_days()
        });
        sink.mean("boarded_per_departure", "", || share(tally.boarded, tally.departures));
        sink.mean("longest_wait_hours_mean", "h", || {
            tally.longest_waits as f64 / HOUR / (tally.departures - tally.empty) as f64
        });
        sink.mean("left_behind_per_departure", "", || {
            share(tally.left_behind, tally.departures)
        });
        sink.mean("share_of_departures_empty", "", || share(tally.empty, tally.departures));
        for (limit, span) in plan.wait_within.iter().enumerate() {
            let name = format!("share_waiting_within_{}_hours", round(span.hours()));
            sink.mean(&name, "", || share(tally.waits.within[limit], tally.waits.count));
        }
        sink.mean("share_of_departures_leaving_none", "", || {
            share(tally.left_none, tally.departures)
        });
        for (missed, name) in [
            "share_boarding_first",
            "share_missing_one",
            "share_missing_two",
            "share_missing_more",
        ]
        .iter()
        .enumerate()
        {
            sink.mean(name, "", || share(tally.missed[missed], tally.waits.count));
        }
    }
}

/// A number for a name: without needless digits.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
