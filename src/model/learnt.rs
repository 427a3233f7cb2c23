//! What shippers have learnt of the waits on their routes, and what it makes of their choice.
//!
//! In an empty network a route takes its moving, its handling and half a headway. What cargo really waits, behind other
//! cargo, at closed borders, for a train with room, is experienced by place and month. A route is expected to take what
//! an empty network takes with those waits in place of the plain ones, each taken of the month in which a consignment
//! that leaves in the middle of the period of choice comes to the place. The result is one number for each route and
//! period: what experience adds to the route's utility. It stays the same when uncertain inputs are drawn, so that a dear
//! year moves cargo away from what was learnt (a pivot-point or incremental logit).

use super::plan::{FlowPlan, Plan, StrandPlan, WaitingPlace, Window, WindowEnd};
use super::{Dates, Model};
use crate::network::{Appraisal, Attributes, Cargo, NEVER_HOURS, RouteStep};
use crate::scenario::Inputs;
use crate::units::{FacilityId, LinkId, ServiceId, SimSpan, SimTime};
use serde::{Deserialize, Serialize};

/// What experience adds to the utility of routes.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Learnt {
    /// When a new period of choice begins; the first begins at the start.
    pub periods: Vec<SimTime>,
    /// For each period, what is added to the utility of each strand; empty where nothing was learnt.
    pub additions: Vec<Vec<f64>>,
}

impl Learnt {
    /// Nothing, in the periods of choice of a model: the months of its run, or the run as a whole. What shippers can choose
    /// from is another matter from the day on which a service begins or ends, so there another period begins in any case.
    pub fn nothing(dates: &Dates, by_month: bool) -> Self {
        let window = &dates.window;
        let periods = match window.end {
            WindowEnd::At(end) if by_month => dates.clock.months(end + window.cool_down),
            WindowEnd::At(end) => dates.changes_of_services(end + window.cool_down),
            WindowEnd::Consignments(_) => Vec::new(),
        };
        Self {
            periods,
            additions: Vec::new(),
        }
    }

    /// What is added to the utility of a strand in a period.
    pub(super) fn addition(&self, period: usize, strand: usize) -> f64 {
        self.additions.get(period).map_or(0.0, |strands| strands[strand])
    }

    /// For each period, how much of the window lies in it.
    pub(super) fn weights(&self, window: &Window) -> Vec<f64> {
        let WindowEnd::At(end) = window.end else {
            return vec![1.0 / (self.periods.len() + 1) as f64; self.periods.len() + 1];
        };
        let begins = std::iter::once(SimTime::START).chain(self.periods.iter().copied());
        let ends = self.periods.iter().copied().chain([SimTime::NEVER]);
        let within = |begin: SimTime, until: SimTime| (until.min(end) - begin.max(window.begin)).hours().max(0.0);
        let whole = (end - window.begin).hours().max(f64::MIN_POSITIVE);
        begins
            .zip(ends)
            .map(|(begin, until)| within(begin, until) / whole)
            .collect()
    }
}

/// Mean and variance of waits in hours, as experienced.
pub trait Waits {
    /// Those of arrivals in a period at the place with a number; none where nobody has been there.
    fn of(&self, period: usize, number: usize) -> Option<(f64, f64)>;
}

/// A wait on a route.
#[derive(Clone, PartialEq, Debug)]
struct Stage {
    /// Its number among all waits.
    number: usize,
    /// Mean and variance in an empty network, hours.
    plain: (f64, f64),
    /// Hours from the beginning of the route in an empty network.
    reached_after: f64,
    /// Of a service: when it runs.
    runs: Option<(SimTime, SimTime)>,
}

impl Model {
    /// Whether any flow has a choice that depends on cost.
    pub fn has_choice(&self) -> bool {
        self.typical.flows.iter().any(FlowPlan::has_choice)
    }

    /// Makes shippers choose by what they have learnt.
    pub fn learn(&mut self, learnt: Learnt) {
        self.learnt = learnt;
        let inputs = Inputs::expected();
        let rates = self.scenario.exchange_rates(&inputs);
        self.typical = self.plan(&Inputs::expected().with_rates(&rates));
    }

    /// For each period of choice, how much of the window lies in it.
    pub fn parts_of_window(&self) -> Vec<f64> {
        self.learnt.weights(&self.dates.window)
    }

    /// What they have learnt.
    pub fn learnt(&self) -> &Learnt {
        &self.learnt
    }

    /// What experience of `waits` adds to the utility of each strand in each period, at the inputs' expected values.
    pub fn appraise(&self, waits: &impl Waits) -> Vec<Vec<f64>> {
        let inputs = Inputs::expected();
        let rates = self.scenario.exchange_rates(&inputs);
        let inputs = Inputs::expected().with_rates(&rates);
        let mut additions = vec![Vec::with_capacity(self.typical.strands.len()); self.learnt.periods.len() + 1];
        for stage in 0..self.policy.stages() {
            let begun_in_it =
                |(period, _): &(usize, &mut Vec<f64>)| self.policy.stage_at(self.middle_of(*period)) == stage;
            let additions: Vec<_> = additions.iter_mut().enumerate().filter(begun_in_it).collect();
            if !additions.is_empty() {
                self.policy.in_stage(stage, &inputs, |inputs| {
                    self.appraise_in(stage, inputs, waits, additions);
                });
            }
        }
        additions
    }

    /// The middle of a period of choice.
    fn middle_of(&self, period: usize) -> SimTime {
        middle(&self.learnt.periods, period, &self.dates.window)
    }

    /// The typical plan in a period of choice: that of the stage of policy in its middle.
    pub fn typical_in(&self, period: usize) -> &Plan {
        self.typical.at(self.middle_of(period))
    }

    /// Adds to each of some periods, which lie in one stage of policy, what experience adds to the utility of each strand.
    fn appraise_in(
        &self,
        stage: usize,
        inputs: &Inputs<'_>,
        waits: &impl Waits,
        mut additions: Vec<(usize, &mut Vec<f64>)>,
    ) {
        let plan = self.typical.stage(stage);
        let appraisal = Appraisal::new(&self.scenario, &self.network.tables, inputs);
        for strand in &plan.strands {
            let flow = &plan.flows[strand.flow as usize];
            let idle = !flow.has_choice();
            let stages = if idle {
                Vec::new()
            } else {
                self.stages(plan, strand, &appraisal, inputs)
            };
            for (period, additions) in &mut additions {
                let addition = if idle {
                    0.0
                } else {
                    let leaves = self.middle_of(*period);
                    let beyond = beyond_plain(&stages, leaves, &self.learnt.periods, waits);
                    beyond.map_or(f64::NEG_INFINITY, |(hours, variance)| {
                        let plain = strand.attributes;
                        let cost = |hours, variance| flow.choice.cost_of_time.of(hours, variance);
                        let dearer = cost(plain.hours + hours, plain.variance + variance);
                        -flow.choice.scale * (dearer - cost(plain.hours, plain.variance))
                    })
                };
                additions.push(addition);
            }
        }
    }

    /// The waits on a strand in their order.
    fn stages(&self, plan: &Plan, strand: &StrandPlan, appraisal: &Appraisal<'_>, inputs: &Inputs<'_>) -> Vec<Stage> {
        let tables = &self.network.tables;
        let id = &tables.flows[strand.flow as usize];
        let cargo = Cargo::of(&self.scenario, id, &self.scenario.flows[id], inputs);
        let own = plan.flows[strand.flow as usize].class;
        let steps = &self.network.routes[strand.route as usize].steps;
        let mut stages = Stages {
            plan,
            list: Vec::new(),
            hours: 0.0,
        };
        for (at, step) in steps.iter().enumerate() {
            let hires = self.containers.of(plan, strand.flow as usize, strand.route as usize);
            for hire in hires.filter(|hire| hire.take == at) {
                stages.push(WaitingPlace::Depot(hire.from.index() as u32), own, (0.0, 0.0));
            }
            if let RouteStep::Consolidated(lane) = *step {
                let of_boxes = &plan.lanes[lane.index()];
                stages.hours += appraisal.batching(lane).hours;
                for (at, step) in tables.lanes[lane.index()].steps.iter().enumerate() {
                    self.stage(&mut stages, *step, (of_boxes.flow, of_boxes.class), appraisal);
                    stages.hours += appraisal.in_box(lane, at, cargo).hours;
                }
                stages.hours += appraisal.breaking_up(lane).hours;
                continue;
            }
            self.stage(&mut stages, *step, (strand.flow, own), appraisal);
            stages.hours += appraisal.step_of(steps, at, cargo).hours;
        }
        stages.list
    }

    /// The waits at one step, for a flow of a priority class.
    fn stage(&self, stages: &mut Stages<'_>, step: RouteStep, (flow, own): (u32, u8), appraisal: &Appraisal<'_>) {
        match step {
            RouteStep::Facility(facility) => stages.facility(facility, flow, own),
            RouteStep::Link(link) => stages.way(link, own),
            RouteStep::Ride { service, from, to } => {
                let wait = appraisal.waiting(service);
                stages.stop(service, from, own, wait, self.dates.validity(service.index()));
                let row = &self.network.tables.services[service.index()];
                for stop in from + 1..=to {
                    if let Some(link) = row.legs[stop - 1].link {
                        stages.way(link, 0);
                    }
                    for facility in &row.facilities[stop] {
                        stages.facility(*facility, super::plan::NONE, 0);
                    }
                }
            }
            RouteStep::Assembly(_) | RouteStep::Consolidated(_) => {}
        }
    }
}

/// The waits of a route as they are found.
struct Stages<'a> {
    plan: &'a Plan,
    list: Vec<Stage>,
    /// Hours so far.
    hours: f64,
}

impl Stages<'_> {
    fn push(&mut self, place: WaitingPlace, class: u8, plain: (f64, f64)) {
        self.list.push(Stage {
            number: self.plan.wait_numbers().of(place, class),
            plain,
            reached_after: self.hours,
            runs: None,
        });
    }

    fn facility(&mut self, facility: FacilityId, flow: u32, own: u8) {
        let class = self.plan.facilities[facility.index()].class_of(flow, own);
        self.push(WaitingPlace::Facility(facility.index() as u32), class, (0.0, 0.0));
    }

    fn way(&mut self, link: LinkId, class: u8) {
        let way = self.plan.links_of_ways.iter().position(|it| *it == link);
        if let Some(way) = way {
            self.push(WaitingPlace::Way(way as u32), class, (0.0, 0.0));
        }
    }

    fn stop(&mut self, service: ServiceId, stop: usize, class: u8, wait: Attributes, runs: std::ops::Range<SimTime>) {
        let first = self.plan.services[service.index()].first_stop;
        let place = WaitingPlace::Stop(first + stop as u32);
        self.push(place, class, (wait.hours, wait.variance));
        if let Some(stage) = self.list.last_mut() {
            stage.runs = Some((runs.start, runs.end));
        }
    }
}

/// The middle of a period, as far as it lies within the run; of the window, where there are no periods.
fn middle(periods: &[SimTime], period: usize, window: &Window) -> SimTime {
    let begin = if period == 0 {
        SimTime::START
    } else {
        periods[period - 1]
    };
    let last = match window.end {
        WindowEnd::At(end) if periods.is_empty() => end,
        WindowEnd::At(end) => end + window.cool_down,
        WindowEnd::Consignments(_) => begin,
    };
    let until = periods.get(period).copied().unwrap_or(last).max(begin);
    begin + SimSpan((until - begin).0 / 2)
}

/// Mean and variance of the hours that a route takes beyond those in an empty network when it is begun at `leaves`;
/// none where a service does not run, or has ceased to by then.
fn beyond_plain(stages: &[Stage], leaves: SimTime, periods: &[SimTime], waits: &impl Waits) -> Option<(f64, f64)> {
    let (mut hours, mut variance) = (0.0, 0.0);
    for stage in stages {
        if stage.plain.0 >= NEVER_HOURS {
            return None;
        }
        let reached = leaves + SimSpan::from_hours(stage.reached_after + hours);
        let period = periods.partition_point(|begin| *begin <= reached);
        let (mut mean, spread) = waits.of(period, stage.number).unwrap_or(stage.plain);
        if let Some((begins, ends)) = stage.runs {
            if reached >= ends {
                return None;
            }
            mean = mean.max((begins - reached).hours());
        }
        hours += mean - stage.plain.0;
        variance += spread - stage.plain.1;
    }
    Some((hours, variance))
}
