//! What opens and closes facilities: calendars and disruptions; and the window of their accounts.

use super::observer::Observer;
use super::record::FacilityTally;
use super::{Engine, Subject, phase};
use crate::model::plan::Plan;
use crate::units::SimTime;

/// The state of a calendar: the number of its next switch, whether it is open, and which facilities keep it.
#[derive(Clone, Debug)]
pub(super) struct CalendarState {
    next: u64,
    open: bool,
    facilities: Vec<u32>,
}

impl CalendarState {
    /// Every calendar as it stands at the start.
    pub fn of(plan: &Plan) -> Vec<Self> {
        let mut states: Vec<Self> = plan
            .calendars
            .iter()
            .map(|calendar| Self {
                next: 0,
                open: calendar.open_at_start,
                facilities: Vec::new(),
            })
            .collect();
        for (number, facility) in plan.facilities.iter().enumerate() {
            if let Some(calendar) = facility.calendar {
                states[calendar.index()].facilities.push(number as u32);
            }
        }
        states
    }
}

impl<O: Observer> Engine<'_, O> {
    /// Schedules the first switch of every calendar, and closes what is closed at the start.
    pub(super) fn start_calendars(&mut self) {
        for number in 0..self.calendars.len() as u32 {
            if !self.calendars[number as usize].open {
                self.apply_calendar(number, false);
            }
            self.schedule_switch(number);
        }
    }

    fn schedule_switch(&mut self, number: u32) {
        let state = &mut self.calendars[number as usize];
        if let Some(time) = self.plan.calendars[number as usize].times.nth(state.next) {
            state.next += 1;
            self.queue.schedule(time, phase::SWITCH, Subject::Calendar.with(number));
        }
    }

    /// A calendar opens or closes.
    pub(super) fn switch_calendar(&mut self, number: u32) {
        let state = &mut self.calendars[number as usize];
        state.open = !state.open;
        let open = state.open;
        self.apply_calendar(number, open);
        self.schedule_switch(number);
    }

    fn apply_calendar(&mut self, number: u32, open: bool) {
        for place in 0..self.calendars[number as usize].facilities.len() {
            let facility = self.calendars[number as usize].facilities[place];
            let state = &mut self.facilities[facility as usize];
            state.closed = !open;
            state.closed_hours.set(!open, self.now);
            self.change_hindrance(facility);
        }
    }

    /// Something about a facility's hours or disruptions has changed.
    pub(super) fn change_hindrance(&mut self, facility: u32) {
        let now = self.now;
        let state = &mut self.facilities[facility as usize];
        // Disruption is counted only while the facility would otherwise be open, so that no time is counted twice.
        let disrupted = state.disruptions > 0 && !state.closed;
        state.disrupted.set(disrupted, now);
        let servers = state.servers;
        self.set_servers(facility, servers);
        if self.plan.facilities[facility as usize].crew.is_some() {
            self.change_crew_hindrance(facility);
        }
        if self.facilities[facility as usize].is_open() {
            self.serve_next(facility);
            self.freed.push(facility);
        }
    }

    /// Sets how many servers a facility has.
    pub(super) fn set_servers(&mut self, facility: u32, servers: u32) {
        let state = &mut self.facilities[facility as usize];
        state.count_available(self.now);
        state.servers = servers;
        state.limit = if state.is_open() { servers } else { 0 };
        self.serve_next(facility);
    }

    /// The observation window begins.
    pub(super) fn begin_facility_window(&mut self, facility: usize) {
        let now = self.now;
        let state = &mut self.facilities[facility];
        state.counted = now;
        state.available_since = now;
        state.idle_since = now;
        let present = state.present();
        // Work begun before the window has already been counted as far as it reaches into it.
        let work = state.tally.work;
        state.tally = FacilityTally {
            present: (present, 0),
            work,
            ..FacilityTally::default()
        };
    }

    /// The observation window ends.
    pub(super) fn end_facility_window(&mut self, facility: usize) {
        let now = self.now;
        let plan = &self.plan.facilities[facility];
        let lists = self.facilities[facility].waiting_lists();
        let waiting: i128 = lists
            .flat_map(|list| list.iter(&self.entities))
            .map(|entity| i128::from(self.overlap(self.entities[entity].since)))
            .sum();
        let state = &mut self.facilities[facility];
        state.count(now);
        state.count_available(now);
        if state.busy == 0 {
            state.tally.idle += (now - state.idle_since).0.max(0);
        }
        state.idle_since = SimTime::NEVER;
        state.counted = SimTime::NEVER;
        state.available_since = SimTime::NEVER;
        state.tally.wait_in_window += waiting;
        state.tally.present.1 = state.present();
        // What work in hand reaches beyond the window, given that it was counted to its end.
        let beyond = state
            .finishing
            .wrapping_sub(now.0.wrapping_mul(i64::from(state.working)));
        state.tally.work -= i128::from(beyond);
        if plan.crew.is_some() {
            self.account_crew(facility as u32);
        } else {
            state.tally.occupied += state.tally.work;
        }
    }
}
