//! Frequencies that follow demand: at each review a service decides how many departures the next interval has.
//!
//! Demand is what the fullest leg carried and what cargo that has missed a departure has grown by, in full vehicles; it is
//! smoothed exponentially, and what is left behind is to be cleared within the interval. Of the timetable's departures the ones
//! that are not wanted are withdrawn, evenly spread; added ones stand between them at addresses of their own, so that the draws of
//! the others stay as they are. Validated against constant demand, where the number must come to rest at the smallest one that
//! carries it.

use super::agenda::Errand;
use super::observer::Observer;
use super::{Engine, phase};
use crate::calendar::Recurrence;
use crate::model::plan::{DeparturePlan, ReviewPlan, ServicePlan};
use crate::units::{SimSpan, SimTime};

/// A full vehicle, in the unit in which loads are added up.
const FULL: i64 = 1_000_000;

/// Microseconds in a day.
const DAY: i64 = 24 * 3_600_000_000;

/// What a service knows at its reviews.
#[derive(Clone, Debug)]
pub(super) struct ReviewState {
    /// When the interval in force began.
    begun: SimTime,
    /// Departures of the timetable in it.
    planned: u64,
    /// Departures that it is to have.
    wanted: u64,
    /// Departures of the timetable that have come due in it.
    due: u64,
    /// By leg: loads of the vehicles that ran it in the interval.
    carried: Vec<i64>,
    /// Vehicles that departed in the interval.
    runs: i64,
    /// What had been left behind when it began.
    left: i64,
    /// Demand of an interval; none known yet before the first review.
    demand: Option<f64>,
}

impl ReviewState {
    pub fn new(legs: usize) -> Self {
        Self {
            begun: SimTime::START,
            planned: 0,
            wanted: 0,
            due: 0,
            carried: vec![0; legs],
            runs: 0,
            left: 0,
            demand: None,
        }
    }
}

impl ReviewPlan {
    /// The departures that the next interval is to have, after one with `current` that carried `carried` in `runs` vehicles.
    fn wanted(&self, demand: f64, left: i64, (carried, runs): (i64, i64), current: u64) -> u64 {
        // A hair less, lest a load that just fits asks for one more.
        let needed = ((demand + left as f64) / FULL as f64 / self.target - 1e-6)
            .ceil()
            .max(0.0) as u64;
        let load = carried as f64 / (runs * FULL) as f64;
        let held = if needed > current {
            left == 0 && runs > 0 && self.add_above.is_some_and(|limit| load <= limit)
        } else {
            self.cut_below.is_some_and(|limit| load >= limit)
        };
        let wanted = if held { current } else { needed };
        wanted
            .clamp(current.saturating_sub(self.step), current.saturating_add(self.step))
            .clamp(self.floor, self.ceiling)
    }
}

/// How much of a vehicle of the service `space` and `mass` fill.
fn filled(plan: &ServicePlan, space: i64, mass: i64) -> i64 {
    let share = |load: i64, of: i64| (i128::from(load) * i128::from(FULL) / i128::from(of.max(1))) as i64;
    share(space, plan.capacity.0).max(share(mass, plan.payload.0))
}

/// The numbers of the points in `[from, until)`.
fn points(times: &Recurrence, from: SimTime, until: SimTime) -> std::ops::Range<u64> {
    let Some(first) = times.first_from(from) else {
        return 0..0;
    };
    let mut end = first;
    while times.nth(end).is_some_and(|time| time < until) {
        end += 1;
    }
    first..end
}

impl<O: Observer> Engine<'_, O> {
    /// Begins the first interval of every service that reviews its frequency: it has the departures of the timetable.
    pub(super) fn start_reviews(&mut self) {
        for service in 0..self.plan.services.len() {
            if let Some(review) = &self.plan.services[service].review {
                let state = ReviewState::new(self.plan.services[service].leg_lengths.len());
                self.services[service].review = Some(Box::new(state));
                let planned = self.planned(service, review.every).count() as u64;
                self.begin_interval(service, planned, review.every);
            }
        }
    }

    /// The departures of the timetable in the interval that begins now.
    fn planned(&self, service: usize, every: SimSpan) -> std::ops::Range<u64> {
        match &self.plan.services[service].departures {
            DeparturePlan::Timetable(times) => points(times, self.now, self.now + every),
            _ => 0..0,
        }
    }

    fn begin_interval(&mut self, service: usize, wanted: u64, every: SimSpan) {
        let planned = self.planned(service, every);
        let count = planned.end - planned.start;
        // Where the timetable has none, the service does not run.
        let wanted = if count == 0 { 0 } else { wanted };
        if let Some(state) = &mut self.services[service].review {
            state.begun = self.now;
            state.planned = count;
            state.wanted = wanted;
            state.due = 0;
            state.runs = 0;
            state.carried.fill(0);
        }
        self.add_departures(service, planned, wanted.saturating_sub(count), self.now + every);
        let service = service as u32;
        self.note(self.now + every, phase::SWITCH, Errand::Frequency { service });
    }

    /// Schedules departures between those of the timetable, spread over the gaps behind them.
    fn add_departures(&mut self, service: usize, planned: std::ops::Range<u64>, count: u64, end: SimTime) {
        let DeparturePlan::Timetable(times) = &self.plan.services[service].departures else {
            return;
        };
        // Nothing is added after the service's last day.
        let end = end.min(self.plan.services[service].validity.end);
        let gaps = planned.end - planned.start;
        for ordinal in 0..count {
            let gap = |ordinal: u64| (2 * ordinal + 1) * gaps / (2 * count);
            let mine = gap(ordinal);
            let before = (0..ordinal).filter(|other| gap(*other) == mine).count() as i64;
            let all = (0..count).filter(|other| gap(*other) == mine).count() as i64;
            let from = times.nth(planned.start + mine).unwrap_or(end);
            let until = times.nth(planned.start + mine + 1).unwrap_or(end).min(end);
            let time = from + SimSpan((until - from).0 * (before + 1) / (all + 1));
            let service = service as u32;
            self.note(time, phase::DEPART, Errand::Added { service, ordinal });
        }
    }

    /// The interval of a service is over: the next one is decided.
    pub(super) fn review_frequency(&mut self, service: usize) {
        let Some(review) = &self.plan.services[service].review else {
            return;
        };
        let left = self.left_behind(service);
        let Some(state) = &mut self.services[service].review else {
            return;
        };
        let carried = state.carried.iter().copied().max().unwrap_or(0);
        let mut wanted = state.wanted;
        if state.planned > 0 {
            let seen = (carried + left - state.left).max(0) as f64;
            let known = state.demand.unwrap_or(seen);
            let demand = known + review.smoothing * (seen - known);
            state.demand = Some(demand);
            wanted = review.wanted(demand, left, (carried, state.runs), state.wanted);
        } else {
            // It has not run: it begins as its timetable says.
            let times = self.planned(service, review.every);
            wanted = wanted.max(times.end - times.start).clamp(review.floor, review.ceiling);
        }
        if let Some(state) = &mut self.services[service].review {
            state.left = left;
        }
        self.begin_interval(service, wanted, review.every);
    }

    /// What waits at the stops of a service and has missed a departure, in full vehicles.
    fn left_behind(&self, service: usize) -> i64 {
        let plan = &self.plan.services[service];
        let (mut space, mut mass) = (0, 0);
        for stop in &self.services[service].stops {
            let Some(last) = stop.departures.last() else { continue };
            let waiting = stop.queue.iter().flat_map(|list| list.iter(&self.entities));
            for it in waiting.map(|entity| &self.entities[entity]) {
                if it.arrived <= last.cut_off {
                    space += it.space.0;
                    mass += it.mass.0;
                }
            }
        }
        filled(plan, space, mass)
    }

    /// Whether the departure of the timetable that is due now takes place, as far as reviews decide.
    pub(super) fn is_kept(&mut self, service: usize) -> bool {
        let Some(state) = &mut self.services[service].review else {
            return true;
        };
        let (at, planned, wanted) = (state.due, state.planned.max(1), state.wanted);
        state.due += 1;
        let kept = wanted >= planned || (at + 1) * wanted / planned > at * wanted / planned;
        if self.observing {
            let tally = &mut self.record.services[service];
            tally.planned += 1;
            tally.withdrawn += u64::from(!kept);
        }
        kept
    }

    /// An added departure is due.
    pub(super) fn added_departure(&mut self, service: usize, ordinal: u64) {
        let Some(state) = &self.services[service].review else {
            return;
        };
        let key = self.plan.services[service]
            .stream
            .part(ordinal)
            .member(state.begun.0 as u64);
        self.record.services[service].added += u64::from(self.observing);
        self.attempt_departure(service, key);
    }

    /// A vehicle has boarded at a stop.
    #[inline]
    pub(super) fn count_load(&mut self, service: usize, stop: usize, space: i64, mass: i64) {
        let Some(state) = &mut self.services[service].review else {
            return;
        };
        state.carried[stop] += filled(&self.plan.services[service], space, mass);
        if stop == 0 {
            state.runs += 1;
            let day = (self.now.0 / DAY) as usize;
            let days = &mut self.record.services[service].days;
            if days.len() <= day {
                days.resize(day + 1, 0);
            }
            days[day] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review() -> ReviewPlan {
        ReviewPlan {
            every: SimSpan::from_hours(168.0),
            floor: 1,
            ceiling: 10,
            target: 0.8,
            add_above: None,
            cut_below: None,
            smoothing: 1.0,
            step: u64::MAX,
        }
    }

    #[test]
    fn as_many_as_carry_the_demand_at_the_target() {
        let full = FULL as f64;
        let wanted = |review: &ReviewPlan, demand: f64, left: i64, current: u64| {
            review.wanted(
                demand * full,
                left * FULL,
                ((demand * full) as i64, current as i64),
                current,
            )
        };
        let plain = review();
        assert_eq!(wanted(&plain, 3.2, 0, 3), 4);
        assert_eq!(wanted(&plain, 3.21, 0, 3), 5);
        assert_eq!(wanted(&plain, 0.0, 0, 3), 1);
        assert_eq!(wanted(&plain, 30.0, 0, 3), 10);
        assert_eq!(wanted(&plain, 3.2, 2, 3), 7);
        let slow = ReviewPlan { step: 1, ..review() };
        assert_eq!(wanted(&slow, 6.4, 0, 4), 5);
        let banded = ReviewPlan {
            add_above: Some(0.95),
            cut_below: Some(0.5),
            ..review()
        };
        // 0.9 of what four carry: five would be wanted, but nobody is left behind.
        assert_eq!(wanted(&banded, 3.6, 0, 4), 4);
        assert_eq!(wanted(&banded, 3.9, 0, 4), 5);
        assert_eq!(wanted(&banded, 2.4, 0, 4), 4);
        assert_eq!(wanted(&banded, 1.6, 0, 4), 2);
    }

    #[test]
    fn points_of_an_interval() {
        let at = SimTime::from_hours;
        let times = Recurrence::every(at(24.0), SimSpan::from_hours(24.0));
        assert_eq!(points(&times, at(0.0), at(168.0)), 0..6);
        assert_eq!(points(&times, at(168.0), at(336.0)), 6..13);
    }
}
