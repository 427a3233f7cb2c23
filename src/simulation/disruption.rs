//! Disruptions: closures and slow-downs that begin and end, at random or on stated dates.
//!
//! An event has one or several impacts, so that one typhoon can close a port for sure, a second perhaps and a third a day
//! later. Whether an impact comes about, how late and for how long are keyed by the event and the impact, so another one
//! disturbs none. An event has ended with the last of its impacts; then the clock to the next begins to run.
//! Validated against alternating renewal processes and compound Poisson interruptions.

use super::entity::Kind;
use super::observer::Observer;
use super::{Engine, Subject, phase};
use crate::model::plan::{DisruptionTiming, Effect, Target};
use crate::random::{Purpose, Stream, Word};
use crate::units::{SimSpan, SimTime};

/// Whether a disruption is in force, and how many there have been.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DisruptionState {
    active: bool,
    count: u64,
    /// The event itself, and those of its impacts that go beyond or before it: how many are still to end.
    running: u32,
    /// When the event began.
    since: SimTime,
}

/// Whether an impact is in force, since when and until when.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ImpactState {
    pub(super) active: bool,
    pub(super) since: SimTime,
    pub(super) until: SimTime,
}

/// The place at which disruptions make their own draws.
const DISRUPTION: Stream = Stream::of("disruption");

/// Factors in force on a target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factors {
    /// On the speed of what begins meanwhile.
    pub(super) speed: f64,
    /// On the pace of everything on a link.
    pub(super) pace: f64,
    /// On capacity.
    pub(super) capacity: f64,
    /// On charges.
    pub(super) cost: f64,
}

impl<O: Observer> Engine<'_, O> {
    /// Schedules the first beginning of every disruption.
    pub(super) fn start_disruptions(&mut self) {
        for number in 0..self.plan.disruptions.len() {
            match &self.plan.disruptions[number].timing {
                // What was over before the clock starts never happens in this run.
                DisruptionTiming::Dated(_, until) if *until <= SimTime::START && self.is_in_step(number) => {}
                DisruptionTiming::Dated(from, _) => self.schedule_disruption(number, (*from).max(SimTime::START)),
                DisruptionTiming::Random(..) => self.schedule_next_disruption(number),
            }
        }
    }

    /// Whether all impacts of a disruption begin and end with the event.
    fn is_in_step(&self, number: usize) -> bool {
        let impacts = self.plan.disruptions[number].impacts.clone();
        impacts
            .into_iter()
            .all(|impact| self.plan.impacts[impact as usize].is_in_step())
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
        let hours = after.at(&self.draws, key, DISRUPTION.purpose(Purpose::DisruptionGap));
        let time = match season {
            None => self.now + SimSpan::from_hours(hours),
            Some(profile) => profile.inverse(profile.integral(self.now) + hours),
        };
        self.schedule_disruption(number, time);
    }

    /// A disruption begins or ends, or one of its impacts does; impacts are numbered behind the disruptions.
    pub(super) fn switch_disruption(&mut self, number: u32) {
        let events = self.plan.disruptions.len();
        let number = number as usize;
        if number >= events {
            self.switch_impact(number - events);
        } else if self.disruptions[number].active {
            self.end_event(number);
        } else {
            self.begin_event(number);
        }
    }

    /// An event begins: those impacts that come about begin with it, or are scheduled.
    fn begin_event(&mut self, number: usize) {
        let plan = &self.plan.disruptions[number];
        self.record.disruptions[number].events += u64::from(self.observing);
        let state = &mut self.disruptions[number];
        (state.active, state.running, state.since) = (true, 1, self.now);
        let key = plan.stream.member(state.count);
        let (from, until) = match &plan.timing {
            DisruptionTiming::Dated(from, until) => (*from, *until),
            DisruptionTiming::Random(_, lasts, _) => {
                let hours = lasts.at(&self.draws, key, DISRUPTION.purpose(Purpose::DisruptionTime));
                (self.now, self.now + SimSpan::from_hours(hours).max(SimSpan(1)))
            }
        };
        for impact in plan.impacts.clone() {
            self.begin_impact(impact as usize, key, from, until);
        }
        self.schedule_disruption(number, until.max(self.now));
    }

    /// An impact of the event at `key`, which lasts from `from` until `until`, comes about or not.
    fn begin_impact(&mut self, number: usize, key: Stream, from: SimTime, until: SimTime) {
        let plan = &self.plan.impacts[number];
        let place = plan.place;
        if plan.probability < 1.0
            && Word(self.draws.words(key, place.purpose(Purpose::DisruptionMark))[0]).unit() >= plan.probability
        {
            return;
        }
        if plan.is_in_step() {
            if until > self.now {
                self.set_impact(number, true, until);
            }
            return;
        }
        let lag = match &plan.lag {
            None => SimSpan::ZERO,
            Some(lag) => SimSpan::from_hours(lag.at(&self.draws, key, place.purpose(Purpose::DisruptionGap))),
        };
        let length = SimSpan::from_hours((until - from).hours() * plan.lasts_factor);
        let (begin, end) = (from + lag, from + lag + length);
        if end <= self.now || until == SimTime::NEVER && length == SimSpan::ZERO {
            return;
        }
        self.disruptions[plan.disruption as usize].running += 1;
        let behind = (self.plan.disruptions.len() + number) as u32;
        self.impacts[number].until = end;
        if begin <= self.now {
            self.set_impact(number, true, end);
            self.schedule_disruption(behind as usize, end);
        } else {
            self.schedule_disruption(behind as usize, begin);
        }
    }

    /// An impact with a time of its own begins or ends.
    fn switch_impact(&mut self, number: usize) {
        let end = self.impacts[number].until;
        if self.impacts[number].active {
            self.set_impact(number, false, end);
            self.end_part(self.plan.impacts[number].disruption as usize);
        } else {
            self.set_impact(number, true, end);
            self.schedule_disruption(self.plan.disruptions.len() + number, end);
        }
    }

    /// An event ends, and with it the impacts that keep step with it.
    fn end_event(&mut self, number: usize) {
        for impact in self.plan.disruptions[number].impacts.clone() {
            let impact = impact as usize;
            if self.plan.impacts[impact].is_in_step() && self.impacts[impact].active {
                self.set_impact(impact, false, self.now);
            }
        }
        self.end_part(number);
    }

    /// The event or one of its impacts has ended; with the last of them the disruption has.
    fn end_part(&mut self, number: usize) {
        let state = &mut self.disruptions[number];
        state.running -= 1;
        if state.running == 0 {
            state.active = false;
            state.count += 1;
            let since = state.since;
            if !self.window_over {
                self.record.disruptions[number].active += self.overlap(since);
            }
            self.schedule_next_disruption(number);
        }
    }

    fn set_impact(&mut self, number: usize, active: bool, until: SimTime) {
        let state = &mut self.impacts[number];
        (state.active, state.until) = (active, until);
        if active {
            state.since = self.now;
        }
        let plan = &self.plan.impacts[number];
        let change = |count: &mut u32| *count = if active { *count + 1 } else { *count - 1 };
        match plan.effect {
            Effect::Close { .. } => change(&mut self.closing),
            Effect::Slow { cost, .. } if cost != 1.0 => change(&mut self.dear),
            Effect::Slow { .. } => {}
        }
        for target in &plan.hits {
            self.apply_effect(*target, plan.effect, active);
        }
    }

    fn apply_effect(&mut self, target: Target, effect: Effect, begins: bool) {
        let change = |count: &mut u32| *count = if begins { *count + 1 } else { *count - 1 };
        match (target, effect) {
            (Target::Way(way), Effect::Close { stops, restarts }) => {
                self.count_closed(way.index());
                let state = &mut self.ways[way.index()];
                state.tick(self.now);
                change(&mut state.closures);
                if stops {
                    change(&mut state.stops);
                }
                if restarts && begins {
                    state.restart();
                }
                if !begins {
                    self.reopen_way(way.index());
                }
            }
            (Target::Way(way), Effect::Slow { .. }) => {
                let factors = self.factors_on(target);
                let until = self.pace_until(target);
                let state = &mut self.ways[way.index()];
                state.tick(self.now);
                state.speed = factors.speed;
                (state.pace, state.pace_until) = (factors.pace, until);
            }
            (Target::Service(service), Effect::Close { .. }) => {
                let state = &mut self.services[service.index()];
                change(&mut state.closures);
                state.closed.set(state.closures > 0, self.now);
                self.dispatch(service.index());
            }
            (Target::Service(service), Effect::Slow { .. }) => {
                let factors = self.factors_on(target);
                let state = &mut self.services[service.index()];
                (state.speed, state.capacity_factor) = (factors.speed * factors.pace, factors.capacity);
                self.dispatch(service.index());
            }
            (Target::Facility(facility), Effect::Close { stops, .. }) => {
                let state = &mut self.facilities[facility.index()];
                change(&mut state.disruptions);
                if stops {
                    change(&mut state.stops);
                }
                self.change_hindrance(facility.index() as u32);
            }
            (Target::Facility(facility), Effect::Slow { .. }) => {
                let factors = self.factors_on(target);
                let state = &mut self.facilities[facility.index()];
                (state.speed, state.capacity) = (factors.speed * factors.pace, factors.capacity);
                self.count_servers(facility);
                self.freed.push(facility.index() as u32);
            }
        }
    }

    /// The observation window ends: disruptions in force count up to now.
    pub(super) fn end_disruption_window(&mut self) {
        for number in 0..self.disruptions.len() {
            let state = self.disruptions[number];
            if state.active {
                self.record.disruptions[number].active += self.overlap(state.since);
            }
        }
    }

    /// What a consignment pays beyond the usual at its step, or less, for what disruptions make dearer or cheaper now.
    #[cold]
    pub(super) fn pay_by_disruption(&mut self, entity: u32) {
        let it = &self.entities[entity];
        if it.kind != Kind::Consignment || !it.observed {
            return;
        }
        let (place, space) = ((it.strand, it.step), it.space);
        let tariffs = &self.plan.tariffs;
        let first = tariffs.partition_point(|tariff| (tariff.strand, tariff.step) < place);
        let here = tariffs[first..]
            .iter()
            .take_while(|tariff| (tariff.strand, tariff.step) == place);
        for (number, tariff) in here.enumerate() {
            let millionths = ((self.factors_on(tariff.target).cost - 1.0) * 1e6).round() as i128;
            self.record.surcharges[first + number] += millionths * i128::from(space.0);
        }
    }

    /// The impacts in force on a target, always in the same order.
    fn in_force(&self, target: Target) -> impl Iterator<Item = (Effect, ImpactState)> {
        let all = self.plan.impacts.iter().zip(&self.impacts);
        all.filter(move |(plan, state)| state.active && plan.hits.contains(&target))
            .map(|(plan, state)| (plan.effect, *state))
    }

    /// The products of the factors in force on a target.
    pub(super) fn factors_on(&self, target: Target) -> Factors {
        let mut factors = Factors {
            speed: 1.0,
            pace: 1.0,
            capacity: 1.0,
            cost: 1.0,
        };
        for (effect, _) in self.in_force(target) {
            if let Effect::Slow {
                speed,
                capacity,
                cost,
                en_route,
            } = effect
            {
                *if en_route {
                    &mut factors.pace
                } else {
                    &mut factors.speed
                } *= speed;
                factors.capacity *= capacity;
                factors.cost *= cost;
            }
        }
        factors
    }

    /// When the pace on a target may next rise: the earliest end of what slows those under way.
    fn pace_until(&self, target: Target) -> SimTime {
        let slowing = |effect: Effect| matches!(effect, Effect::Slow { en_route: true, speed, .. } if speed < 1.0);
        let ends = self.in_force(target).filter(|(effect, _)| slowing(*effect));
        ends.map(|(_, state)| state.until).fold(SimTime::NEVER, SimTime::min)
    }
}
