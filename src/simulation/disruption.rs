//! Disruptions: closures and slow-downs that begin and end, at random or on stated dates.

use super::observer::Observer;
use super::{Engine, Subject, phase};
use crate::model::plan::{DisruptionTiming, Effect, Target};
use crate::random::{Purpose, Stream};
use crate::units::{SimSpan, SimTime};

/// Whether a disruption is in force, and how many there have been.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DisruptionState {
    active: bool,
    count: u64,
}

/// The place at which disruptions make their own draws.
const DISRUPTION: Stream = Stream::of("disruption");

impl<O: Observer> Engine<'_, O> {
    /// Schedules the first beginning of every disruption.
    pub(super) fn start_disruptions(&mut self) {
        for number in 0..self.plan.disruptions.len() {
            match &self.plan.disruptions[number].timing {
                // What was over before the clock starts never happens in this run.
                DisruptionTiming::Dated(_, until) if *until <= SimTime::START => {}
                DisruptionTiming::Dated(from, _) => self.schedule_disruption(number, (*from).max(SimTime::START)),
                DisruptionTiming::Random(..) => self.schedule_next_disruption(number),
            }
        }
    }

    fn schedule_disruption(&mut self, number: usize, time: SimTime) {
        if time < SimTime::NEVER {
            self.queue
                .schedule(time, phase::SWITCH, Subject::Disruption.with(number as u32));
        }
    }

    /// Draws when a random disruption comes next. In season its time runs faster, out of season slower.
    fn schedule_next_disruption(&mut self, number: usize) {
        let plan = &self.plan.disruptions[number];
        let DisruptionTiming::Random(after, _, season) = &plan.timing else {
            return;
        };
        let key = plan.stream.member(self.disruptions[number].count);
        let hours = after.sample(&mut self.draws.draw(key, DISRUPTION.purpose(Purpose::DisruptionGap)));
        let time = match season {
            None => self.now + SimSpan::from_hours(hours),
            Some(profile) => profile.inverse(profile.integral(self.now) + hours),
        };
        self.schedule_disruption(number, time);
    }

    /// A disruption begins or ends.
    pub(super) fn switch_disruption(&mut self, number: u32) {
        let number = number as usize;
        let plan = &self.plan.disruptions[number];
        let state = &mut self.disruptions[number];
        state.active = !state.active;
        let (active, count) = (state.active, state.count);
        if !active {
            state.count += 1;
        }
        for target in &plan.hits {
            self.apply_effect(*target, plan.effect, active);
        }
        match (&plan.timing, active) {
            (DisruptionTiming::Dated(_, until), true) => self.schedule_disruption(number, *until),
            (DisruptionTiming::Dated(..), false) => {}
            (DisruptionTiming::Random(_, lasts, _), true) => {
                let key = plan.stream.member(count);
                let hours = lasts.sample(&mut self.draws.draw(key, DISRUPTION.purpose(Purpose::DisruptionTime)));
                self.schedule_disruption(number, self.now + SimSpan::from_hours(hours).max(SimSpan(1)));
            }
            (DisruptionTiming::Random(..), false) => self.schedule_next_disruption(number),
        }
    }

    fn apply_effect(&mut self, target: Target, effect: Effect, begins: bool) {
        let change = |count: &mut u32| *count = if begins { *count + 1 } else { *count - 1 };
        match (target, effect) {
            (Target::Way(way), Effect::Close { stops }) => {
                self.count_closed(way.index());
                let state = &mut self.ways[way.index()];
                state.tick(self.now);
                change(&mut state.closures);
                if stops {
                    change(&mut state.stops);
                }
                if !begins {
                    self.reopen_way(way.index());
                }
            }
            (Target::Way(way), Effect::Slow { .. }) => {
                self.ways[way.index()].speed = self.factors_on(target).0;
            }
            (Target::Service(service), Effect::Close { .. }) => {
                change(&mut self.services[service.index()].closures);
                self.dispatch(service.index());
            }
            (Target::Service(service), Effect::Slow { .. }) => {
                let (speed, capacity) = self.factors_on(target);
                let state = &mut self.services[service.index()];
                (state.speed, state.capacity_factor) = (speed, capacity);
                self.dispatch(service.index());
            }
            (Target::Facility(facility), Effect::Close { stops }) => {
                let state = &mut self.facilities[facility.index()];
                change(&mut state.disruptions);
                if stops {
                    change(&mut state.stops);
                }
                self.change_hindrance(facility.index() as u32);
            }
            (Target::Facility(facility), Effect::Slow { .. }) => {
                let (speed, capacity) = self.factors_on(target);
                let facility = facility.index() as u32;
                let state = &mut self.facilities[facility as usize];
                (state.speed, state.capacity) = (speed, capacity);
                let plan = &self.plan.facilities[facility as usize];
                if plan.servers != u32::MAX && plan.slots.is_none() {
                    // Of few servers at least one goes on, unless there is to be none.
                    let fewest = if capacity > 0.0 { 1.0 } else { 0.0 };
                    let servers = (f64::from(plan.servers) * capacity).round().max(fewest) as u32;
                    self.set_servers(facility, servers);
                }
                self.freed.push(facility);
            }
        }
    }

    /// The products of the speed and capacity factors in force on a target, always in the same order.
    fn factors_on(&self, target: Target) -> (f64, f64) {
        let in_force = self
            .plan
            .disruptions
            .iter()
            .zip(&self.disruptions)
            .filter(|(plan, state)| state.active && plan.hits.contains(&target));
        in_force.fold((1.0, 1.0), |(speed, capacity), (plan, _)| match plan.effect {
            Effect::Slow { speed: s, capacity: c } => (speed * s, capacity * c),
            Effect::Close { .. } => (speed, capacity),
        })
    }
}
