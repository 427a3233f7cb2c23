//! A new stage of policy: from now on the plan's numbers are others.
//!
//! What is under way keeps what it has drawn; everything else reads the plan when it needs it. Only what was taken over
//! from the plan at the start is told here: how many servers there are, and which departure comes next.

use super::Engine;
use super::observer::Observer;
use crate::model::plan::{DeparturePlan, Target};
use crate::units::{FacilityId, SimSpan, SimTime};

impl<O: Observer> Engine<'_, O> {
    /// When the next stage begins; never where none does.
    pub(super) fn next_stage(&self) -> SimTime {
        let next = self.first_plan.later.get(self.stages_begun);
        next.map_or(SimTime::NEVER, |(begin, _)| *begin)
    }

    /// The next stage begins at `time`, with the next consignment coming at `arrival`.
    pub(super) fn begin_stage_at(&mut self, time: SimTime, arrival: SimTime) {
        let last = self.now;
        let is_over = |it: &Self| arrival == SimTime::NEVER && it.queue.is_empty();
        let was_over = is_over(self);
        self.now = time;
        self.begin_stage();
        // A stage that sets nothing in motion after all is over is not an event.
        if was_over && is_over(self) {
            self.now = last;
        }
    }

    fn begin_stage(&mut self) {
        let before = self.plan;
        self.stages_begun += 1;
        self.plan = self.first_plan.stage(self.stages_begun);
        for facility in 0..self.plan.facilities.len() {
            if before.facilities[facility].servers != self.plan.facilities[facility].servers {
                self.count_servers(FacilityId::new(facility));
            }
            // A yard may have more room, a queue more places.
            if before.facilities[facility] != self.plan.facilities[facility] {
                self.freed.push(facility as u32);
            }
        }
        for service in 0..self.plan.services.len() {
            let plans = (
                &before.services[service].departures,
                &self.plan.services[service].departures,
            );
            if let (DeparturePlan::Timetable(old), DeparturePlan::Timetable(new)) = plans
                && old != new
            {
                self.change_timetable(service);
            }
        }
        self.settle();
    }

    /// Sets the servers of a facility to what its plan and the disruptions in force leave.
    pub(super) fn count_servers(&mut self, facility: FacilityId) {
        let plan = &self.plan.facilities[facility.index()];
        if plan.servers == u32::MAX || plan.slots.is_some() {
            return;
        }
        let factors = self.factors_on(Target::Facility(facility));
        // Of few servers at least one goes on, unless there is to be none.
        let fewest = if factors.capacity > 0.0 { 1.0 } else { 0.0 };
        let servers = (f64::from(plan.servers) * factors.capacity).round().max(fewest) as u32;
        self.set_servers(facility.index() as u32, servers);
    }

    /// Goes on by the new timetable after the departure that is due by an old one, if there is one; if that would be longer
    /// than the new timetable leaves between departures, at once.
    fn change_timetable(&mut self, service: usize) {
        let DeparturePlan::Timetable(times) = &self.plan.services[service].departures else {
            return;
        };
        let number = |time: SimTime| times.first_from(time).unwrap_or(u64::MAX);
        let next = number(self.now);
        let following = |number: u64| times.nth(number).filter(|time| *time < SimTime::NEVER);
        // From now to the second departure is more than a headway, so what is due after that is withdrawn.
        let soon = following(next.saturating_add(1));
        let due = self.services[service].due.filter(|time| *time >= self.now);
        let withdrawn = due.filter(|due| soon.is_some_and(|soon| *due > soon));
        let last = if withdrawn.is_some() { None } else { due };
        self.services[service].withdrawn.extend(withdrawn);
        self.services[service].next = last.map_or(next, |time| number(time + SimSpan(1)));
        if last.is_none() {
            self.schedule_departure(service, self.now);
        }
    }
}
