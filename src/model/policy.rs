//! When measures act, and how strongly.
//!
//! Time is cut where the strength of some instrument changes: when one begins, every month of its ramp, when it is at its
//! full strength, when it ends. Between two cuts, in one stage of policy, everything stays the same, and each stage has its
//! own plan; what a ramp amounts to in a stage is its strength in the middle of it.

use super::Dates;
use super::plan::{Plan, WindowEnd};
use crate::calendar::parse_date;
use crate::network::{Attributes, NEVER_HOURS, TradeCredit};
use crate::scenario::dimension::{Plain, Time};
use crate::scenario::measure::RampShape;
use crate::scenario::{Inputs, Quantity, Scenario, luck_of_delivery};
use crate::units::{SimSpan, SimTime};
use std::collections::BTreeMap;

/// An instrument on the clock.
struct Acting {
    measure: String,
    number: String,
    from: SimTime,
    until: SimTime,
    starts: Option<Quantity<Time>>,
    full: Option<Quantity<Time>>,
    shape: RampShape,
    delivery: Option<Quantity<Plain>>,
}

/// When an instrument acts, and how strongly it is expected to.
#[derive(Clone, PartialEq, Debug)]
pub struct InForce {
    /// The key of its measure.
    pub measure: String,
    /// Its number.
    pub instrument: String,
    /// When it begins to act.
    pub from: SimTime,
    /// When it acts in full.
    pub full: SimTime,
    /// When it ceases to; never where nothing is said.
    pub until: SimTime,
    /// The probability that it is delivered.
    pub delivery: f64,
    /// Its expected strength when the observation window ends, 1 in full.
    pub at_end: f64,
}

/// The instruments of the measures in force.
pub struct Policy {
    instruments: Vec<Acting>,
    /// When stages begin, the first excepted, which begins at the start.
    pub begins: Vec<SimTime>,
    end: SimTime,
}

impl Policy {
    /// That of `scenario` on the clock of `dates`.
    pub fn new(scenario: &Scenario, dates: &Dates) -> Self {
        let clock = &dates.clock;
        let midnight = |text: &String| {
            let date = parse_date(text).ok()?;
            Some(clock.at(date.at(0, 0, 0, 0), clock.zone()))
        };
        let mut instruments = Vec::new();
        for (name, measure) in &scenario.measures {
            for (number, stated) in &measure.instrument {
                let from = stated.from_date.as_ref().or(measure.from_date.as_ref());
                let until = stated.until_date.as_ref().or(measure.until_date.as_ref());
                let day_after = |time: SimTime| time + SimSpan::from_hours(24.0);
                instruments.push(Acting {
                    measure: name.clone(),
                    number: number.clone(),
                    from: from.and_then(midnight).unwrap_or(SimTime::START),
                    until: until.and_then(midnight).map_or(SimTime::NEVER, day_after),
                    starts: stated.ramp.as_ref().and_then(|ramp| ramp.starts.clone()),
                    full: stated.ramp.as_ref().map(|ramp| ramp.full.clone()),
                    shape: stated.ramp.as_ref().map(|ramp| ramp.shape).unwrap_or_default(),
                    delivery: stated.delivery.clone(),
                });
            }
        }
        let end = match dates.window.end {
            WindowEnd::At(end) => end + dates.window.cool_down,
            WindowEnd::Consignments(_) => dates.horizon,
        };
        let months = if instruments.iter().any(|it| it.full.is_some()) {
            clock.months(end)
        } else {
            Vec::new()
        };
        let mut begins: Vec<SimTime> = Vec::new();
        for it in &instruments {
            let (starts, full) = it.ramp(&Inputs::expected());
            begins.extend([starts, full, it.until]);
            begins.extend(months.iter().filter(|month| starts < **month && **month < full));
        }
        begins.retain(|time| *time > SimTime::START && *time < end);
        begins.sort_unstable();
        begins.dedup();
        Self {
            instruments,
            begins,
            end,
        }
    }

    /// When each instrument acts, and how strongly in a window that ends at `end`.
    pub fn in_force(&self, end: SimTime) -> Vec<InForce> {
        let inputs = Inputs::expected();
        let of = |it: &Acting| {
            let (from, full) = it.ramp(&inputs);
            InForce {
                measure: it.measure.clone(),
                instrument: it.number.clone(),
                from,
                full,
                until: it.until,
                delivery: it
                    .delivery
                    .as_ref()
                    .map_or(1.0, |probability| inputs.value(probability)),
                at_end: it.strength(SimTime(end.0 - 1), &inputs),
            }
        };
        self.instruments.iter().map(of).collect()
    }

    /// How many stages there are.
    pub fn stages(&self) -> usize {
        self.begins.len() + 1
    }

    /// The stage at a time.
    pub fn stage_at(&self, time: SimTime) -> usize {
        self.begins.partition_point(|begin| *begin <= time)
    }

    /// What `work` makes of the inputs with what measures change in a stage.
    pub fn in_stage<T>(&self, stage: usize, inputs: &Inputs<'_>, work: impl FnOnce(&Inputs<'_>) -> T) -> T {
        if self.instruments.is_empty() {
            return work(inputs);
        }
        let strengths = self.strengths(stage, inputs);
        let changed = inputs.with_strengths(&strengths);
        let done = work(&changed);
        inputs.note_uncertainty_of(&changed);
        done
    }

    /// How strongly each instrument acts in a stage.
    fn strengths(&self, stage: usize, inputs: &Inputs<'_>) -> BTreeMap<String, f64> {
        let begin = stage
            .checked_sub(1)
            .map_or(SimTime::START, |before| self.begins[before]);
        let until = self.begins.get(stage).copied().unwrap_or(self.end).max(begin);
        let middle = begin + SimSpan((until - begin).0 / 2);
        let strength = |it: &Acting| (it.number.clone(), it.strength(middle, inputs));
        self.instruments.iter().map(strength).collect()
    }

    /// A plan for each stage: that of the first, with the others behind it. `compile` makes one with some values of inputs.
    pub fn plan(&self, inputs: &Inputs<'_>, mut compile: impl FnMut(&Inputs<'_>) -> Plan) -> Plan {
        let mut of_stage = |stage: usize| self.in_stage(stage, inputs, &mut compile);
        let mut plan = of_stage(0);
        plan.later = (1..=self.begins.len())
            .map(|stage| (self.begins[stage - 1], of_stage(stage)))
            .collect();
        average(&mut plan);
        plan
    }
}

/// Gives the first plan what is charged, and what shippers expect, over the whole window: the mean over its stages by time; of a
/// route, over those in which its services run.
fn average(plan: &mut Plan) {
    let later = std::mem::take(&mut plan.later);
    let window_end = match plan.window.end {
        WindowEnd::At(end) => end,
        WindowEnd::Consignments(_) => SimTime::NEVER,
    };
    let ends = later.iter().map(|(begin, _)| *begin).chain([window_end]);
    let begins = std::iter::once(SimTime::START).chain(later.iter().map(|(begin, _)| *begin));
    let within =
        |(begin, end): (SimTime, SimTime)| (end.min(window_end) - begin.max(plan.window.begin)).hours().max(0.0);
    let hours: Vec<f64> = begins.zip(ends).map(within).collect();
    let whole: f64 = hours.iter().sum();
    let credits = |plan: &Plan| plan.flows.iter().map(|flow| flow.credit).collect::<Vec<_>>();
    let is_stable = |stage: &Plan| stage.charged == plan.charged && credits(stage) == credits(plan);
    if whole > 0.0 && !later.iter().all(|(_, stage)| is_stable(stage)) {
        let stages = || {
            std::iter::once(&*plan)
                .chain(later.iter().map(|(_, stage)| stage))
                .zip(&hours)
        };
        let of_strand = |strand: usize| {
            let runs = |stage: &Plan| stage.charged[strand].0.hours < NEVER_HOURS;
            let running: f64 = stages().filter(|(stage, _)| runs(stage)).map(|(_, hours)| hours).sum();
            let always = running == 0.0;
            let whole = if always { whole } else { running };
            let (mut attributes, mut cost) = (Attributes::default(), 0.0);
            for (stage, hours) in stages().filter(|(stage, _)| always || runs(stage)) {
                let (own, own_cost) = stage.charged[strand];
                attributes += own * (hours / whole);
                cost += own_cost * hours / whole;
            }
            (attributes, cost)
        };
        let charged = (0..plan.charged.len()).map(of_strand).collect();
        let of_flow = |flow: usize| -> f64 {
            stages()
                .map(|(stage, hours)| stage.flows[flow].choice.least_cost * hours / whole)
                .sum()
        };
        let least: Vec<f64> = (0..plan.flows.len()).map(of_flow).collect();
        let of_credit = |flow: usize| {
            let mut credit = TradeCredit::default();
            stages().for_each(|(stage, hours)| credit += stage.flows[flow].credit * (hours / whole));
            credit
        };
        let credits: Vec<TradeCredit> = (0..plan.flows.len()).map(of_credit).collect();
        plan.charged = charged;
        for (flow, (least, credit)) in plan.flows.iter_mut().zip(least.into_iter().zip(credits)) {
            flow.choice.least_cost = least;
            flow.credit = credit;
        }
    }
    plan.later = later;
}

impl Acting {
    /// When it begins to act, and when it acts in full.
    fn ramp(&self, inputs: &Inputs<'_>) -> (SimTime, SimTime) {
        let hours = |span: &Option<Quantity<Time>>| span.as_ref().map_or(0.0, |span| inputs.value(span));
        let starts = self.from + SimSpan::from_hours(hours(&self.starts));
        let full = self.from + SimSpan::from_hours(hours(&self.full));
        (starts, full.max(starts))
    }

    fn strength(&self, time: SimTime, inputs: &Inputs<'_>) -> f64 {
        let (starts, full) = self.ramp(inputs);
        if time < starts || time >= self.until {
            return 0.0;
        }
        let delivered = self.delivery.as_ref().map_or(1.0, |probability| {
            inputs.chance(luck_of_delivery(&self.number), inputs.value(probability))
        });
        let ramp = if time >= full {
            1.0
        } else {
            self.shape.at((time - starts).hours() / (full - starts).hours())
        };
        ramp * delivered
    }
}
