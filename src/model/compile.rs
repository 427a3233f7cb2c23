//! From a scenario's tables to the plan's numbers, at one set of input values.

mod choices;
mod consolidation;
mod containers;
mod demand;
mod disruptions;
mod facilities;
mod groundwork;
mod target;

pub(super) use groundwork::Groundwork;

use super::layout::{Cause, Layout, MovementKind};
use super::plan::{
    AssemblyPlan, BackgroundPlan, Choices, DeparturePlan, DraughtPlan, Effect, MinimumPlan, MovementPlan, Plan,
    Residual, ReviewPlan, ServicePlan, Target,
};
use super::{Containers, Dates, Learnt, Model};
use crate::network::{Appraisal, DEFAULT_DENSITY, Network};
use crate::random::{Family, Purpose, Sampler, Stream};
use crate::scenario::demand::Flow;
use crate::scenario::dimension::{Dimension, Length, Plain, Time};
use crate::scenario::frequency::FrequencyReview;
use crate::scenario::operation::Join;
use crate::scenario::service::{Departures, Draught, IfShort, Service};
use crate::scenario::{Distribution, Inputs, Quantity, Scenario};
use crate::units::{FacilityId, Kilograms, LinkId, MilliTeu, ServiceId, SimSpan, SimTime, WayId};
use std::cell::RefCell;
use std::collections::BTreeMap;

const METRES_PER_KILOMETRE: f64 = 1000.0;
const HOURS_PER_WEEK: f64 = 168.0;

/// The middle class, for flows that state none.
const DEFAULT_PRIORITY: u8 = 5;

/// Compiles a plan.
pub(super) struct Compiler<'a, S> {
    pub learnt: &'a Learnt,
    pub scenario: &'a Scenario,
    pub network: &'a Network,
    pub containers: &'a Containers,
    pub layout: &'a Layout,
    pub dates: &'a Dates,
    pub inputs: &'a Inputs<'a>,
    /// What steps take, cost and emit at these values.
    pub appraisal: &'a Appraisal<'a>,
    /// What does not depend on them.
    pub groundwork: &'a Groundwork,
    /// What is left of durations that are known by now.
    pub residuals: &'a RefCell<Vec<(Family, Residual)>>,
    /// Makes a sampler of a family.
    pub sampler: S,
}

impl<S: FnMut(&Family) -> Sampler> Compiler<'_, S> {
    pub fn plan(mut self) -> Plan {
        let ways = &self.groundwork.ways;
        let classes = self.classes();
        let (disruptions, impacts) = self.disruptions();
        let hit: Vec<Target> = impacts.iter().flat_map(|impact| impact.hits.iter().copied()).collect();
        let (flows, strands, mut cells) = self.demand(&classes);
        let containers = self.container_pools(&classes, &mut cells);
        let facilities = self.facilities(&classes, &hit, &impacts);
        let services = self.services(&classes);
        let slowed: Vec<Target> = impacts
            .iter()
            .filter(|impact| matches!(impact.effect, Effect::Slow { speed, .. } if speed != 1.0))
            .flat_map(|impact| impact.hits.iter().copied())
            .collect();
        let mut plan = Plan {
            window: self.dates.window.clone(),
            steps: self.layout.steps.clone(),
            flows,
            periods: self.learnt.periods.clone(),
            facilities,
            movements: self.movements(ways, &slowed),
            ways: ways.len(),
            links_of_ways: ways.keys().copied().collect(),
            services,
            assemblies: self.assemblies(),
            lanes: self.lanes(&classes),
            containers,
            calendars: self.dates.calendars.clone(),
            disruptions,
            choices: Choices::default(),
            tariffs: self.tariffs(&strands, &impacts, ways),
            impacts,
            strands,
            classes: classes.len().max(1),
            corridors: self.network.tables.corridors.len(),
            cells,
            charged: Vec::new(),
            levels: self.levels(),
            reaches: self.reaches(),
            later: Vec::new(),
        };
        plan.choices = self.choices(&plan, ways);
        let charges = plan.strands.iter();
        plan.charged = charges
            .map(|strand| (strand.attributes, strand.generalised_cost))
            .collect();
        plan
    }

    fn draw_time(&mut self, time: &Distribution<Time>) -> Sampler {
        (self.sampler)(&time.family(self.inputs))
    }

    fn draw_time_if(&mut self, time: Option<&Distribution<Time>>) -> Option<Sampler> {
        time.map(|time| self.draw_time(time))
    }

    fn value<D: Dimension>(&self, quantity: Option<&Quantity<D>>, otherwise: f64) -> f64 {
        quantity.map_or(otherwise, |quantity| self.inputs.value(quantity))
    }

    fn span(&self, quantity: Option<&Quantity<Time>>) -> SimSpan {
        SimSpan::from_hours(self.value(quantity, 0.0))
    }

    /// The priorities in use, best first; a class is a position in this list.
    fn classes(&self) -> Vec<u8> {
        let mut used: Vec<u8> = self.scenario.flows.values().map(|flow| self.priority(flow)).collect();
        let lanes = self
            .scenario
            .facilities
            .values()
            .flat_map(|facility| facility.lane.values());
        used.extend(lanes.filter_map(|lane| lane.priority));
        used.extend(
            self.scenario
                .consolidations
                .values()
                .map(|it| self.priority_of_boxes(it)),
        );
        used.extend(self.priorities_of_empties());
        used.sort_unstable();
        used.dedup();
        used
    }

    fn priority(&self, flow: &Flow) -> u8 {
        let goods = flow
            .commodity
            .as_ref()
            .and_then(|name| self.scenario.commodities.get(name));
        flow.priority
            .or_else(|| goods.and_then(|goods| goods.priority))
            .unwrap_or(DEFAULT_PRIORITY)
    }

    fn movements(&mut self, ways: &BTreeMap<LinkId, WayId>, slowed: &[Target]) -> Vec<MovementPlan> {
        let (network, scenario, layout) = (self.network, self.scenario, self.layout);
        let tables = &network.tables;
        let appraisal = self.appraisal;
        let mut plans = Vec::with_capacity(layout.movements.len());
        for movement in &layout.movements {
            plans.push(match *movement {
                MovementKind::Link(link) => {
                    let row = &tables.links[link.index()];
                    let time = scenario.links.get(&row.key).map(|link| appraisal.link_time(link));
                    MovementPlan {
                        time: (self.sampler)(&time.unwrap_or(Family::Constant(0.0))),
                        what: Stream::of(&format!("link.{}", row.id)).purpose(Purpose::RunningTime),
                        way: ways.get(&link).copied(),
                        slowed: None,
                    }
                }
                MovementKind::Leg(service, stop) => {
                    let row = &tables.services[service.index()];
                    let place = Stream::of(&format!("service.{}", row.id)).cell(stop as u64);
                    MovementPlan {
                        time: (self.sampler)(&appraisal.leg_time(service, stop)),
                        what: place.purpose(Purpose::RunningTime),
                        way: row.legs[stop - 1].link.and_then(|link| ways.get(&link).copied()),
                        slowed: slowed.contains(&Target::Service(service)).then_some(service),
                    }
                }
                MovementKind::Dwell(service, stop) => {
                    let row = &tables.services[service.index()];
                    let stated = &scenario.services[&row.id];
                    let at = stated.stops.get(stop).and_then(|node| stated.at.get(node));
                    let dwell = at
                        .and_then(|at| at.dwell.as_ref())
                        .map(|dwell| dwell.family(self.inputs));
                    let place = Stream::of(&format!("service.{}", row.id)).cell(stop as u64);
                    MovementPlan {
                        time: (self.sampler)(&dwell.unwrap_or(Family::Constant(0.0))),
                        what: place.purpose(Purpose::DwellTime),
                        way: None,
                        slowed: None,
                    }
                }
            });
        }
        plans
    }

    fn services(&mut self, classes: &[u8]) -> Vec<ServicePlan> {
        let (scenario, network) = (self.scenario, self.network);
        let appraisal = self.appraisal;
        let mut first_stop = 0;
        scenario
            .services
            .iter()
            .enumerate()
            .map(|(number, (id, service))| {
                let lengths = (1..=network.tables.services[number].legs.len())
                    .map(|stop| appraisal.leg_length(ServiceId::new(number), stop));
                let plan = ServicePlan {
                    leg_lengths: lengths.collect(),
                    first_stop,
                    background: self.background(id, service, classes),
                    ..self.service(number, id, service)
                };
                first_stop += plan.step_from.len() as u32;
                plan
            })
            .collect()
    }

    fn service(&mut self, number: usize, id: &str, service: &Service) -> ServicePlan {
        let teu = |space: f64| MilliTeu::from_teu(space);
        let capacity = service
            .capacity
            .as_ref()
            .map_or(MilliTeu::UNLIMITED, |space| teu(self.inputs.value(space)));
        let from_hours = SimTime::from_hours;
        let departures = match &service.departures {
            Departures::Weekly(_) | Departures::Dated(_) => {
                DeparturePlan::Timetable(self.dates.timetables[number].clone().unwrap_or_default())
            }
            Departures::Every(interval) => {
                let gap = self.inputs.value(&interval.interval);
                let first = self.value(interval.first.as_ref(), gap);
                let times = crate::calendar::Recurrence::every(from_hours(first), SimSpan::from_hours(gap));
                DeparturePlan::Timetable(self.dates.between(number, times))
            }
            Departures::PerWeek(count) => {
                // None at all is so few that the first is due after the end of time.
                let gap = 168.0 / self.inputs.value(count).max(1e-12);
                let times = crate::calendar::Recurrence::every(from_hours(gap), SimSpan::from_hours(gap));
                DeparturePlan::Timetable(self.dates.between(number, times))
            }
            Departures::Headway(gap) => DeparturePlan::Headway(self.draw_time(gap)),
            Departures::Shuttle(shuttle) => DeparturePlan::Shuttle {
                vehicles: shuttle.vehicles.map_or(u64::from(u32::MAX), u64::from),
                turnaround: self.draw_time_if(shuttle.turnaround.as_ref()),
            },
        };
        let layout = &self.layout.services[number];
        ServicePlan {
            stream: Stream::of(&format!("service.{id}")),
            departures,
            capacity,
            payload: service.payload.as_ref().map_or(Kilograms::UNLIMITED, |mass| {
                Kilograms::from_tonnes(self.inputs.value(mass))
            }),
            draught: service.draught.as_ref().map(|draught| self.draught(number, draught)),
            reefers: service
                .reefer_slots
                .as_ref()
                .map_or(capacity, |slots| teu(self.inputs.value(slots))),
            cut_off: self.span(service.cut_off.as_ref()),
            delay: self.draw_time_if(service.delay.as_ref()),
            cancellation: self.value(service.cancellation.as_ref(), 0.0),
            minimum: service.minimum_load.as_ref().map(|minimum| MinimumPlan {
                space: minimum
                    .space
                    .as_ref()
                    .map_or(MilliTeu(0), |space| teu(self.inputs.value(space))),
                mass: minimum
                    .mass
                    .as_ref()
                    .map_or(Kilograms(0), |mass| Kilograms::from_tonnes(self.inputs.value(mass))),
                lots: minimum.lots.map_or(0, u64::from),
                overfull: minimum.overfull,
                cancel: minimum.if_short == IfShort::Cancel,
                longest_wait: minimum
                    .longest_wait
                    .as_ref()
                    .map_or(SimSpan::FOREVER, |span| SimSpan::from_hours(self.inputs.value(span))),
            }),
            review: service.review.as_ref().map(|review| self.review(review)),
            wait_within: service
                .wait_within
                .iter()
                .map(|time| SimSpan::from_hours(self.inputs.value(time)))
                .collect(),
            gap_filling: service.gap_filling,
            background: Vec::new(),
            validity: self.dates.validity(number),
            expected_after: self.expected_after(number, service),
            leg_lengths: Vec::new(),
            first_stop: 0,
            step_from: layout.step_from.iter().map(|step| *step as u32).collect(),
            cell_from: layout.cell_from.iter().map(|cell| *cell as u32).collect(),
            delays: layout.causes().map(Cause::is_delay).collect(),
        }
    }

    /// The other cargo of a service.
    fn background(&mut self, id: &str, service: &Service, classes: &[u8]) -> Vec<BackgroundPlan> {
        let stop = |node: Option<&String>, otherwise: usize| {
            let found = node.and_then(|node| service.stops.iter().position(|stop| stop == node));
            found.unwrap_or(otherwise) as u16
        };
        let last = service.stops.len().saturating_sub(1).max(1);
        service
            .background
            .iter()
            .map(|(name, other)| {
                let priority = other.priority.unwrap_or(DEFAULT_PRIORITY);
                BackgroundPlan {
                    stream: Stream::of(&format!("service.{id}.background.{name}")),
                    from: stop(other.from.as_ref(), 0),
                    to: stop(other.to.as_ref(), last),
                    load: (self.sampler)(&other.load.family(self.inputs)),
                    kilograms_per_teu: 1000.0 * self.value(other.density.as_ref(), DEFAULT_DENSITY),
                    season: other.season.as_ref().and_then(|season| self.dates.season(season)),
                    // Its space is booked before: at equal priority it boards first.
                    before: classes
                        .iter()
                        .position(|class| *class >= priority)
                        .unwrap_or(classes.len().max(1)) as u8,
                }
            })
            .collect()
    }

    fn review(&self, review: &FrequencyReview) -> ReviewPlan {
        let share = |quantity: &Option<Quantity<Plain>>| quantity.as_ref().map(|share| self.inputs.value(share));
        let number = |number: f64| number.round().max(0.0) as u64;
        let floor = number(self.value(review.floor.as_ref(), 1.0));
        ReviewPlan {
            every: SimSpan::from_hours(self.value(review.every.as_ref(), HOURS_PER_WEEK)).max(SimSpan(1)),
            floor,
            ceiling: number(self.inputs.value(&review.ceiling)).max(floor),
            target: self.value(review.target.as_ref(), 0.85).max(0.01),
            add_above: share(&review.add_above),
            cut_below: share(&review.cut_below),
            smoothing: self.value(review.smoothing.as_ref(), 0.5),
            step: review.step.map_or(u64::MAX, u64::from),
        }
    }

    fn draught(&self, number: usize, draught: &Draught) -> DraughtPlan {
        let tables = &self.network.tables;
        let clearance = self.value(draught.clearance.as_ref(), 0.0);
        let metres = |length: &Quantity<Length>| self.inputs.value(length) * METRES_PER_KILOMETRE;
        let links = tables.services[number].legs.iter().filter_map(|leg| leg.link);
        let depths = links.filter_map(|link| {
            let link = self.scenario.links.get(&tables.links[link.index()].key)?;
            let season = link.depth_season.as_ref().and_then(|season| self.dates.season(season));
            Some((metres(link.depth.as_ref()?), season))
        });
        let clearance = clearance * METRES_PER_KILOMETRE;
        DraughtPlan {
            needed: (metres(&draught.light) + clearance, metres(&draught.laden) + clearance),
            depths: depths.collect(),
        }
    }

    /// For each stop from which a service departs, how long after its first departure that is expected.
    fn expected_after(&self, number: usize, service: &Service) -> Vec<SimSpan> {
        let stops = self.layout.services[number].step_from.len();
        let mut hours = 0.0;
        (0..stops)
            .map(|stop| {
                if stop > 0 {
                    let dwell = service
                        .stops
                        .get(stop)
                        .and_then(|node| service.at.get(node)?.dwell.as_ref());
                    hours += self.appraisal.leg_time(ServiceId::new(number), stop).mean()
                        + dwell.map_or(0.0, |dwell| dwell.family(self.inputs).mean());
                }
                SimSpan::from_hours(hours)
            })
            .collect()
    }

    fn assemblies(&self) -> Vec<AssemblyPlan> {
        let tables = &self.network.tables;
        self.scenario
            .assemblies
            .values()
            .map(|assembly| {
                let names: Vec<&String> = assembly.activity.keys().collect();
                let activities: Vec<_> = assembly
                    .activity
                    .iter()
                    .map(|(name, activity)| {
                        let after: Vec<u32> = assembly
                            .activity
                            .values()
                            .enumerate()
                            .filter(|(_, other)| other.after.contains(name))
                            .map(|(number, _)| number as u32)
                            .collect();
                        let before = activity.after.iter().filter(|other| names.contains(other)).count() as u32;
                        (
                            tables.facility(&activity.facility).unwrap_or(FacilityId::new(0)),
                            before,
                            after,
                        )
                    })
                    .collect();
                let ends = activities.iter().filter(|(_, _, after)| after.is_empty()).count() as u32;
                AssemblyPlan {
                    first_wins: assembly.join == Join::First,
                    activities,
                    ends,
                }
            })
            .collect()
    }
}

impl Model {
    /// The name of a strand's flow and the label of its route.
    pub fn strand_names(&self, strand: usize) -> (&str, &str) {
        let plan = &self.typical.strands[strand];
        let flow = &self.network.tables.flows[plan.flow as usize];
        (flow, &self.network.routes[plan.route as usize].signature)
    }
}
