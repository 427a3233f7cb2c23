//! From a scenario's tables to the plan's numbers, at one set of input values.

use super::layout::{Layout, MovementKind};
use super::plan::{
    ArrivalPlan, AssemblyPlan, Cells, CrewPlan, DeparturePlan, DisruptionPlan, DisruptionTiming, Effect, FacilityPlan,
    FlowPlan, MinimumPlan, MovementPlan, Plan, ServicePlan, StrandPlan, Target, Terms, WhenFullPlan,
};
use super::{Dates, Model};
use crate::network::{Appraisal, Attributes, Cargo, Network, path_sizes};
use crate::random::{CountFamily, Family, Purpose, Sampler, Stream};
use crate::scenario::demand::{Arrivals, Flow};
use crate::scenario::dimension::{Dimension, Space, Time};
use crate::scenario::facility::{
    BreakdownClock, Discipline, Facility, FacilityKind, Lane, Servers, Serves, TimePer, WhenFull,
};
use crate::scenario::matching::matches;
use crate::scenario::operation::{AtClosing, ClosureRule, Disruption, Join};
use crate::scenario::service::{Departures, IfShort, Service};
use crate::scenario::{Distribution, Inputs, Quantity, Scenario};
use crate::units::{CalendarId, FacilityId, Kilograms, LinkId, MilliTeu, ServiceId, SimSpan, SimTime, WayId};
use std::collections::BTreeMap;

/// The middle class, for flows that state none.
const DEFAULT_PRIORITY: u8 = 5;

/// Compiles a plan.
pub(super) struct Compiler<'a, S> {
    pub scenario: &'a Scenario,
    pub network: &'a Network,
    pub layout: &'a Layout,
    pub dates: &'a Dates,
    pub inputs: &'a Inputs<'a>,
    /// Makes a sampler of a family.
    pub sampler: S,
}

impl<S: FnMut(&Family) -> Sampler> Compiler<'_, S> {
    pub fn plan(mut self) -> Plan {
        let ways = self.ways();
        let classes = self.classes();
        let disruptions = self.disruptions(&ways);
        let hit: Vec<Target> = disruptions
            .iter()
            .flat_map(|disruption| disruption.hits.iter().copied())
            .collect();
        let (flows, strands, cells) = self.demand(&classes);
        let facilities = self.facilities(&classes, &hit, &disruptions);
        let services = self.services();
        Plan {
            window: self.dates.window.clone(),
            steps: self.layout.steps.clone(),
            strands,
            flows,
            facilities,
            movements: self.movements(&ways),
            ways: ways.len(),
            links_of_ways: ways.keys().copied().collect(),
            services,
            assemblies: self.assemblies(),
            calendars: self.dates.calendars.clone(),
            disruptions,
            classes: classes.len().max(1),
            corridors: self.network.tables.corridors.len(),
            cells,
        }
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

    /// The links that some disruption hits: only these can close.
    fn ways(&self) -> BTreeMap<LinkId, WayId> {
        let tables = &self.network.tables;
        let mut links: Vec<LinkId> = (0..tables.links.len())
            .map(LinkId::new)
            .filter(|link| {
                self.scenario
                    .disruptions
                    .values()
                    .any(|disruption| self.hits_link(disruption, *link))
            })
            .collect();
        links.dedup();
        links
            .into_iter()
            .enumerate()
            .map(|(number, link)| (link, WayId::new(number)))
            .collect()
    }

    fn hits_link(&self, disruption: &Disruption, link: LinkId) -> bool {
        let tables = &self.network.tables;
        let row = &tables.links[link.index()];
        let mut names = vec![format!("link.{}", row.id)];
        names.extend(
            [row.from, row.to]
                .into_iter()
                .flatten()
                .map(|node| format!("node.{}", tables.nodes[node.index()].id)),
        );
        disruption
            .hits
            .iter()
            .any(|pattern| names.iter().any(|name| matches(pattern, name)))
    }

    fn disruptions(&mut self, ways: &BTreeMap<LinkId, WayId>) -> Vec<DisruptionPlan> {
        let scenario = self.scenario;
        scenario
            .disruptions
            .iter()
            .enumerate()
            .map(|(number, (id, disruption))| {
                let tables = &self.network.tables;
                let mut hits: Vec<Target> = ways
                    .iter()
                    .filter(|(link, _)| self.hits_link(disruption, **link))
                    .map(|(_, way)| Target::Way(*way))
                    .collect();
                let any = |key: String| disruption.hits.iter().any(|pattern| matches(pattern, &key));
                hits.extend(
                    (0..tables.services.len())
                        .filter(|service| any(format!("service.{}", tables.services[*service].id)))
                        .map(|service| Target::Service(ServiceId::new(service))),
                );
                hits.extend(
                    (0..tables.facilities.len())
                        .filter(|facility| {
                            let row = &tables.facilities[*facility];
                            let node = row.node.map(|node| format!("node.{}", tables.nodes[node.index()].id));
                            any(format!("facility.{}", row.id)) || node.is_some_and(any)
                        })
                        .map(|facility| Target::Facility(FacilityId::new(facility))),
                );
                let slows = disruption.speed_factor.is_some() || disruption.capacity_factor.is_some();
                let effect = if disruption.closed.unwrap_or(!slows) {
                    Effect::Close {
                        stops: disruption.rule == ClosureRule::StoppedEnRoute,
                    }
                } else {
                    Effect::Slow {
                        speed: self.value(disruption.speed_factor.as_ref(), 1.0).max(1e-6),
                        capacity: self.value(disruption.capacity_factor.as_ref(), 1.0),
                    }
                };
                let timing = match (&disruption.after, &disruption.lasts) {
                    (Some(after), Some(lasts)) => DisruptionTiming::Random(
                        self.draw_time(after),
                        self.draw_time(lasts),
                        disruption.season.as_ref().and_then(|season| self.dates.season(season)),
                    ),
                    _ => {
                        let (from, until) = self.dates.disruptions[number];
                        DisruptionTiming::Dated(from, until)
                    }
                };
                DisruptionPlan {
                    stream: Stream::of(&format!("disruption.{id}")),
                    hits,
                    effect,
                    timing,
                }
            })
            .collect()
    }

    fn movements(&mut self, ways: &BTreeMap<LinkId, WayId>) -> Vec<MovementPlan> {
        let (network, scenario, layout) = (self.network, self.scenario, self.layout);
        let tables = &network.tables;
        let appraisal = Appraisal::new(scenario, tables, self.inputs);
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
                    }
                }
                MovementKind::Leg(service, stop) => {
                    let row = &tables.services[service.index()];
                    let place = Stream::of(&format!("service.{}", row.id)).cell(stop as u64);
                    MovementPlan {
                        time: (self.sampler)(&appraisal.leg_time(service, stop)),
                        what: place.purpose(Purpose::RunningTime),
                        way: row.legs[stop - 1].link.and_then(|link| ways.get(&link).copied()),
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
                    }
                }
            });
        }
        plans
    }

    fn facilities(&mut self, classes: &[u8], hit: &[Target], disruptions: &[DisruptionPlan]) -> Vec<FacilityPlan> {
        let scenario = self.scenario;
        scenario
            .facilities
            .iter()
            .enumerate()
            .map(|(number, (id, facility))| {
                let target = Target::Facility(FacilityId::new(number));
                let stopped = disruptions.iter().any(|disruption| {
                    disruption.hits.contains(&target) && disruption.effect == Effect::Close { stops: true }
                });
                self.facility(number, id, facility, classes, hit.contains(&target), stopped)
            })
            .collect()
    }

    fn facility(
        &mut self,
        number: usize,
        id: &str,
        facility: &Facility,
        classes: &[u8],
        exposed: bool,
        stopped: bool,
    ) -> FacilityPlan {
        let network = self.network;
        let (terms, terms_of_flow) = self.terms(facility, classes);
        let find = |name: &str| network.tables.facility(name).unwrap_or(FacilityId::new(number));
        let mut reached = 0.0;
        let then = facility
            .then
            .iter()
            .map(|(next, probability)| {
                reached += self.inputs.value(probability);
                (reached, find(next))
            })
            .collect();
        let every = |interval: f64| SimSpan::from_hours(interval);
        let mut plan = FacilityPlan {
            stream: Stream::of(&format!("facility.{id}")),
            servers: match facility.servers {
                Servers::Count(count) => count,
                Servers::Unlimited => u32::MAX,
            },
            time: self
                .draw_time_if(facility.time.as_ref())
                .unwrap_or(Sampler::constant(0.0)),
            own_times: lanes_with_own_time(facility)
                .map(|(_, time)| self.draw_time(time))
                .collect(),
            per_teu: facility.time_per == TimePer::Teu,
            inspection: self.draw_time_if(facility.inspection.as_ref().map(|inspection| &inspection.time)),
            terms,
            terms_of_flow,
            release: self.draw_time_if(facility.release.as_ref()),
            calendar: self.dates.calendar_of[number].map(CalendarId::new),
            classless: classes.len() <= 1 || matches!(facility.discipline, Discipline::Fifo | Discipline::Lifo),
            lifo: facility.discipline == Discipline::Lifo,
            waiting_room: facility.waiting_room.unwrap_or(u64::MAX),
            when_full: match &facility.when_full {
                WhenFull::Refuse => WhenFullPlan::Refuse,
                WhenFull::Hold => WhenFullPlan::Hold,
                WhenFull::Divert(elsewhere) => WhenFullPlan::Divert(find(elsewhere)),
            },
            batch: facility
                .batch
                .as_ref()
                .map_or((1, 1), |batch| (batch.at_least, batch.at_most)),
            crew: self.crew(facility, stopped),
            slots: facility.slots.as_ref().map(|slots| {
                let interval = self.inputs.value(&slots.every);
                let first = self.value(slots.first.as_ref(), interval);
                (
                    crate::calendar::Recurrence::every(SimTime::from_hours(first), every(interval)),
                    slots.capacity,
                )
            }),
            storage: (facility.kind == FacilityKind::Storage).then(|| {
                facility.space.as_ref().map_or(MilliTeu::UNLIMITED, |space| {
                    MilliTeu::from_teu(self.inputs.value(space))
                })
            }),
            then,
            vehicles: facility.serves == Serves::Vehicles,
            wait_within: facility
                .wait_within
                .iter()
                .map(|time| SimSpan::from_hours(self.inputs.value(time)))
                .collect(),
            is_hinderable: exposed || facility.calendar.is_some(),
            is_plain: false,
        };
        plan.is_plain = self.is_plain(&plan);
        plan
    }

    /// Whether entities pass in the plain way.
    fn is_plain(&self, plan: &FacilityPlan) -> bool {
        let holds = self
            .scenario
            .facilities
            .values()
            .any(|facility| facility.when_full == WhenFull::Hold);
        // Activities, whose end is not the next step of a route, may come to any facility, by way of others too.
        let has_activities = !self.scenario.assemblies.is_empty();
        !holds
            && !has_activities
            && plan.crew.is_none()
            && plan.batch.1 <= 1
            && plan.release.is_none()
            && plan.then.is_empty()
            && plan.storage.is_none()
            && plan.slots.is_none()
            && plan.servers != u32::MAX
            && !plan.vehicles
    }

    fn crew(&mut self, facility: &Facility, stopped: bool) -> Option<CrewPlan> {
        let calendar = facility
            .calendar
            .as_ref()
            .and_then(|name| self.scenario.calendars.get(name));
        let carry_over = calendar.is_some_and(|calendar| calendar.at_closing == AtClosing::CarryOver);
        let preemptive = facility.discipline == Discipline::Preemptive;
        let wanted = preemptive
            || carry_over
            || stopped
            || facility.set_up.is_some()
            || facility.vacation.is_some()
            || facility.breakdown.is_some()
            || facility.start_when.is_some();
        (wanted && facility.servers != Servers::Unlimited).then(|| CrewPlan {
            preemptive,
            carry_over,
            set_up: self.draw_time_if(facility.set_up.as_ref()),
            vacation: facility
                .vacation
                .as_ref()
                .map(|vacation| (self.draw_time(&vacation.lasts), vacation.repeated)),
            breakdown: facility.breakdown.as_ref().map(|breakdown| {
                let always = breakdown.counts == BreakdownClock::Always;
                (
                    self.draw_time(&breakdown.after),
                    self.draw_time(&breakdown.lasts),
                    always,
                )
            }),
            start_when: facility.start_when.unwrap_or(1),
        })
    }

    /// The different terms on which flows pass a facility, and which flow has which.
    fn terms(&self, facility: &Facility, classes: &[u8]) -> (Vec<Terms>, Vec<u16>) {
        let mut terms: Vec<Terms> = Vec::new();
        let mut number_of = |wanted: Terms| {
            let number = terms.iter().position(|known| *known == wanted).unwrap_or_else(|| {
                terms.push(wanted);
                terms.len() - 1
            });
            number as u16
        };
        let usual = self.value(
            facility.inspection.as_ref().map(|inspection| &inspection.probability),
            0.0,
        );
        // Vehicles, and whoever has no terms of his own.
        number_of(Terms {
            own_time: None,
            factor: 1.0,
            inspection: usual,
            class: None,
        });
        let of_flow: Vec<u16> = self
            .scenario
            .flows
            .iter()
            .map(|(id, flow)| {
                let goods = flow
                    .commodity
                    .as_ref()
                    .and_then(|name| self.scenario.commodities.get(name));
                let lane = facility.lane.values().find(|lane| applies(lane, id, flow));
                let handling = self.value(goods.and_then(|goods| goods.handling_factor.as_ref()), 1.0);
                let own = goods.and_then(|goods| goods.inspection_probability.as_ref());
                let by_lane = lane.and_then(|lane| lane.inspection_probability.as_ref());
                let class = lane
                    .and_then(|lane| lane.priority)
                    .and_then(|priority| class_of(classes, priority));
                number_of(Terms {
                    own_time: lane.and_then(|lane| own_time(facility, lane)),
                    factor: handling * self.value(lane.and_then(|lane| lane.time_factor.as_ref()), 1.0),
                    inspection: self.value(by_lane.or(own), usual),
                    class,
                })
            })
            .collect();
        let uniform = of_flow.iter().all(|number| *number == 0);
        (terms, if uniform { Vec::new() } else { of_flow })
    }

    fn services(&mut self) -> Vec<ServicePlan> {
        let (scenario, network) = (self.scenario, self.network);
        let appraisal = Appraisal::new(scenario, &network.tables, self.inputs);
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
                let gap = 168.0 / self.inputs.value(count).max(1e-9);
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
                cancel: minimum.if_short == IfShort::Cancel,
                longest_wait: minimum
                    .longest_wait
                    .as_ref()
                    .map_or(SimSpan::FOREVER, |span| SimSpan::from_hours(self.inputs.value(span))),
            }),
            wait_within: service
                .wait_within
                .iter()
                .map(|time| SimSpan::from_hours(self.inputs.value(time)))
                .collect(),
            gap_filling: service.gap_filling,
            leg_lengths: Vec::new(),
            first_stop: 0,
            step_from: layout.step_from.iter().map(|step| *step as u32).collect(),
            cell_from: layout.cell_from.iter().map(|cell| *cell as u32).collect(),
        }
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

    fn demand(&mut self, classes: &[u8]) -> (Vec<FlowPlan>, Vec<StrandPlan>, Cells) {
        let (scenario, network, layout) = (self.scenario, self.network, self.layout);
        let appraisal = Appraisal::new(scenario, &network.tables, self.inputs);
        let mut flows = Vec::new();
        let mut strands: Vec<StrandPlan> = Vec::new();
        let mut cells = Cells::default();
        for (number, (id, flow)) in scenario.flows.iter().enumerate() {
            let routes = &network.choice_sets[number];
            let first = strands.len() as u32;
            let cargo = Cargo::of(scenario, flow, self.inputs);
            for route in routes {
                let mut whole = Attributes::default();
                for step in &network.routes[route.index()].steps {
                    whole += appraisal.step(*step, cargo);
                }
                let laid = &layout.routes[route.index()];
                let corridor = network.corridor_of[route.index()];
                strands.push(StrandPlan {
                    flow: number as u32,
                    route: route.index() as u32,
                    attributes: whole,
                    generalised_cost: appraisal.generalised_cost(whole, cargo),
                    first_step: laid.first_step as u32,
                    first_cell: cells.total as u32,
                    cells: laid.cells.len() as u32,
                    corridor: corridor.map_or(network.tables.corridors.len(), |corridor| corridor.index()) as u32,
                });
                cells.total += laid.cells.len();
                cells.longest = cells.longest.max(laid.cells.len());
            }
            let tastes = self.tastes(&strands[first as usize..], number, &appraisal, cargo);
            let size = flow
                .size
                .as_ref()
                .map_or(Family::Constant(1.0), |size: &Distribution<Space>| {
                    size.family(self.inputs)
                });
            let batch = flow
                .batch
                .as_ref()
                .map_or(CountFamily::Constant(1), |batch| batch.0.clone());
            flows.push(FlowPlan {
                stream: Stream::of(&format!("flow.{id}")),
                arrivals: self.arrivals(flow, size.mean() * batch.mean()),
                batch,
                size: (self.sampler)(&size),
                kilograms_per_teu: cargo.density * 1000.0,
                class: class_of(classes, self.priority(flow)).unwrap_or(0),
                refrigerated: cargo.commodity.is_some_and(|goods| goods.refrigerated),
                strands: first..strands.len() as u32,
                tastes,
                within: flow
                    .promise
                    .iter()
                    .chain(&flow.within)
                    .map(|time| SimSpan::from_hours(self.inputs.value(time)))
                    .collect(),
                shelf_life: cargo
                    .commodity
                    .and_then(|goods| goods.shelf_life.as_ref())
                    .map(|life| SimSpan::from_hours(self.inputs.value(life))),
            });
        }
        (flows, strands, cells)
    }

    /// For each strand of a flow, the exponential of its utility and the address of the tastes for it.
    fn tastes(
        &self,
        strands: &[StrandPlan],
        flow: usize,
        appraisal: &Appraisal<'_>,
        cargo: Cargo<'_>,
    ) -> Vec<(f64, Stream)> {
        let choice = &self.scenario.choice;
        let routes = &self.network.choice_sets[flow];
        let scale = choice.scale.as_ref().map_or(0.0, |scale| {
            // One over money: converted the other way round.
            let one = scale.currency.map_or(1.0, |currency| self.inputs.rate(currency));
            self.inputs.value(scale) / one
        });
        let weight = self.value(choice.path_size.as_ref(), 1.0);
        let steps = routes.iter().map(|route| &self.network.routes[route.index()].steps);
        let parts: Vec<_> = steps.map(|steps| self.overlap_parts(appraisal, steps, cargo)).collect();
        let sizes = path_sizes(&parts);
        let utilities: Vec<f64> = strands
            .iter()
            .zip(&sizes)
            .map(|(strand, size)| weight * libm::log(*size) - scale * strand.generalised_cost)
            .collect();
        let best = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        routes
            .iter()
            .zip(utilities)
            .map(|(route, utility)| {
                let name = &self.network.routes[route.index()].movements;
                let taste = Stream::of(&format!("route.{name}")).purpose(Purpose::RouteTaste);
                (libm::exp(utility - best), taste)
            })
            .collect()
    }

    /// The links of a route with their lengths (their hours where no length is known), for the path-size term.
    fn overlap_parts(
        &self,
        appraisal: &Appraisal<'_>,
        steps: &[crate::network::RouteStep],
        cargo: Cargo<'_>,
    ) -> Vec<(String, f64)> {
        use crate::network::RouteStep;
        let tables = &self.network.tables;
        let mut parts = Vec::new();
        let length = |whole: Attributes| {
            if whole.distance > 0.0 {
                whole.distance
            } else {
                whole.hours
            }
        };
        for step in steps {
            match *step {
                RouteStep::Link(link) => {
                    parts.push((
                        format!("link.{}", tables.links[link.index()].id),
                        length(appraisal.step(*step, cargo)),
                    ));
                }
                RouteStep::Ride { service, from, to } => {
                    for stop in from + 1..=to {
                        let row = &tables.services[service.index()];
                        let name = match row.legs[stop - 1].link {
                            Some(link) => format!("link.{}", tables.links[link.index()].id),
                            None => format!("service.{}.{stop}", row.id),
                        };
                        parts.push((name, length(appraisal.leg(service, stop, cargo))));
                    }
                }
                RouteStep::Facility(_) | RouteStep::Assembly(_) => {}
            }
        }
        parts
    }

    fn arrivals(&mut self, flow: &Flow, mean_arrival: f64) -> ArrivalPlan {
        let profile = flow.season.as_ref().and_then(|season| self.dates.season(season));
        match (&flow.volume, &flow.arrivals) {
            (Some(volume), _) => {
                let rate = self.inputs.value(volume) / mean_arrival.max(f64::MIN_POSITIVE);
                ArrivalPlan::Poisson(rate, profile)
            }
            (None, Some(Arrivals::Poisson(rate))) => ArrivalPlan::Poisson(self.inputs.value(rate), profile),
            (None, Some(Arrivals::Renewal(renewal))) => ArrivalPlan::Renewal(self.draw_time(&renewal.gap)),
            (None, Some(Arrivals::Timetable(interval))) => {
                let gap = self.inputs.value(&interval.interval);
                let first = self.value(interval.first.as_ref(), gap);
                let times = crate::calendar::Recurrence::every(SimTime::from_hours(first), SimSpan::from_hours(gap));
                ArrivalPlan::Listed(times)
            }
            (None, Some(Arrivals::Population(size))) => ArrivalPlan::Population(*size),
            (None, Some(Arrivals::Listed(times))) => {
                let times = times
                    .iter()
                    .map(|time| SimTime::from_hours(self.inputs.value(time)))
                    .collect();
                ArrivalPlan::Listed(crate::calendar::Recurrence::listed(times))
            }
            (None, None) => ArrivalPlan::Poisson(0.0, None),
        }
    }
}

fn class_of(classes: &[u8], priority: u8) -> Option<u8> {
    classes.binary_search(&priority).ok().map(|class| class as u8)
}

/// The lanes that have a working time of their own, with their places.
fn lanes_with_own_time(facility: &Facility) -> impl Iterator<Item = (&Lane, &Distribution<Time>)> {
    facility
        .lane
        .values()
        .filter_map(|lane| lane.time.as_ref().map(|time| (lane, time)))
}

fn own_time(facility: &Facility, lane: &Lane) -> Option<u8> {
    lanes_with_own_time(facility)
        .position(|(other, _)| std::ptr::eq(other, lane))
        .map(|place| place as u8)
}

fn applies(lane: &Lane, id: &str, flow: &Flow) -> bool {
    let by_flow = lane.flows.iter().any(|pattern| matches(pattern, id));
    let goods = flow.commodity.as_deref();
    by_flow || goods.is_some_and(|name| lane.commodities.iter().any(|pattern| matches(pattern, name)))
}

impl Model {
    /// The name of a strand's flow and the label of its route.
    pub fn strand_names(&self, strand: usize) -> (&str, &str) {
        let plan = &self.typical.strands[strand];
        let flow = &self.network.tables.flows[plan.flow as usize];
        let offset = strand - self.typical.flows[plan.flow as usize].strands.start as usize;
        let route = self.network.choice_sets[plan.flow as usize][offset];
        (flow, &self.network.routes[route.index()].signature)
    }
}
