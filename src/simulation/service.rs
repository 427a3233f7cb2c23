//! Services: stops where cargo waits, departures, vehicles.
//!
//! A departure is an entity keyed by its service and scheduled time, so an added train disturbs no other. It loads who
//! was ready at the cut-off, in priority order and first come first served within a class, as far as space and mass
//! reach; who does not fit keeps his place for the next. Whether one smaller consignment behind may fill the gap is a
//! setting. Validated against bulk service in fixed intervals (Bailey 1954), random headways, blank sailings, missed
//! connections and dispatch by quantity and time.

use super::entity::{Entity, Kind, List};
use super::observer::{Observer, Stretch};
use super::record::{ServiceTally, StopTally, WaitTally};
use super::{Engine, Subject, phase};
use crate::model::plan::{Action, DeparturePlan, NONE, ServicePlan, boarding_cell};
use crate::random::{Purpose, Stream, Word};
use crate::units::{Kilograms, MilliTeu, ServiceId, SimSpan, SimTime};
use std::collections::VecDeque;

/// The state of a service.
pub(super) struct ServiceState {
    stops: Vec<StopState>,
    /// Number of the next scheduled departure.
    next: u64,
    /// Disruptions that close it now.
    pub(super) closures: u32,
    /// Factor on the capacity, by disruptions in force.
    pub(super) capacity_factor: f64,
    /// Vehicles that wait for their load, the first of which is loading.
    loading: VecDeque<u32>,
    /// Shuttle vehicles that are ready.
    ready: u64,
    /// When the last departure took place.
    departed_at: Option<SimTime>,
}

/// Who waits at a stop, and the departures there so far.
struct StopState {
    queue: Vec<List>,
    count: u64,
    pub(super) space: MilliTeu,
    mass: Kilograms,
    departures: Vec<Past>,
    counted: SimTime,
}

/// A departure that has been, or that was cancelled.
#[derive(Clone, Copy)]
struct Past {
    time: SimTime,
    /// Who was ready later could not take it.
    cut_off: SimTime,
    cancelled: bool,
}

/// A vehicle under way or waiting.
#[derive(Default)]
pub(super) struct Vehicle {
    service: usize,
    scheduled: SimTime,
    pub(super) space: MilliTeu,
    mass: Kilograms,
    reefers: MilliTeu,
    aboard: List,
    /// What it has done since its first stop.
    pub(super) log: Vec<LogEntry>,
    /// The stop from which it is going.
    leg: usize,
    /// Whether it has left its first stop.
    under_way: bool,
}

/// A stretch of a vehicle's time, in a cell of its service.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogEntry {
    pub cell: u32,
    pub from: SimTime,
    pub until: SimTime,
}

/// The place at which services make their own draws.
const SERVICE: Stream = Stream::of("service");

/// A tally with the service's stops and legs.
pub(super) fn empty_tally(plan: &ServicePlan) -> ServiceTally {
    let stops = plan.step_from.len();
    ServiceTally {
        stops: vec![StopTally::default(); stops],
        legs: vec![(0, 0); stops],
        ..ServiceTally::default()
    }
}

impl ServiceState {
    pub fn new(plan: &ServicePlan, classes: usize) -> Self {
        let stop = || StopState {
            queue: vec![List::default(); classes],
            count: 0,
            space: MilliTeu(0),
            mass: Kilograms(0),
            departures: Vec::new(),
            counted: SimTime::START,
        };
        Self {
            stops: plan.step_from.iter().map(|_| stop()).collect(),
            next: 0,
            closures: 0,
            capacity_factor: 1.0,
            loading: VecDeque::new(),
            departed_at: None,
            ready: match plan.departures {
                DeparturePlan::Shuttle { vehicles, .. } => vehicles,
                _ => 0,
            },
        }
    }
}

impl<O: Observer> Engine<'_, O> {
    /// Schedules the first departure of every service.
    pub(super) fn start_services(&mut self) {
        for service in 0..self.plan.services.len() {
            self.schedule_departure(service, SimTime::START);
        }
    }

    /// Schedules the next departure, which for random headways comes a gap after `last`.
    fn schedule_departure(&mut self, service: usize, last: SimTime) {
        let plan = &self.plan.services[service];
        let number = self.services[service].next;
        let time = match &plan.departures {
            DeparturePlan::Timetable(times) => times.nth(number),
            DeparturePlan::Headway(gap) => {
                let what = SERVICE.purpose(Purpose::Headway);
                let hours = gap.sample(&mut self.draws.draw(plan.stream.member(number), what));
                Some(last + SimSpan::from_hours(hours).max(SimSpan(1)))
            }
            DeparturePlan::Shuttle { .. } => None,
        };
        self.services[service].next += 1;
        if let Some(time) = time.filter(|time| *time < SimTime::NEVER) {
            self.queue
                .schedule(time, phase::DEPART, Subject::Schedule.with(service as u32));
        }
    }

    /// A consignment comes to a stop.
    #[inline]
    pub(super) fn enter_stop(&mut self, entity: u32, service: ServiceId, stop: u16) {
        let now = self.now;
        let state = &mut self.services[service.index()].stops[stop as usize];
        count_stop(
            state,
            &mut self.record.services[service.index()].stops[stop as usize],
            now,
        );
        let it = &mut self.entities[entity];
        it.arrived = now;
        it.mark = state.departures.len() as i64;
        state.count += 1;
        state.space += it.space;
        state.mass += it.mass;
        let class = it.class;
        state.queue[class as usize].push_back(&mut self.entities, entity);
        if stop == 0 && self.plan.services[service.index()].minimum.is_some()
            || matches!(
                self.plan.services[service.index()].departures,
                DeparturePlan::Shuttle { .. }
            )
        {
            self.load_grew(service.index());
        }
    }

    /// More cargo has come to the first stop of a service whose departures need load.
    fn load_grew(&mut self, service: usize) {
        let plan = &self.plan.services[service];
        if let Some(vehicle) = self.services[service].loading.front().copied() {
            if self.is_load_enough(service) {
                self.services[service].loading.pop_front();
                self.go(vehicle);
            }
            return;
        }
        if let DeparturePlan::Shuttle { .. } = plan.departures
            && self.services[service].ready > 0
            && self.services[service].stops[0].count > 0
        {
            self.services[service].ready -= 1;
            let vehicle = self.new_vehicle(service, self.now);
            self.depart_first(vehicle);
        }
    }

    /// Whether what waits at the first stop is enough for a departure.
    fn is_load_enough(&self, service: usize) -> bool {
        let plan = &self.plan.services[service];
        let Some(minimum) = &plan.minimum else { return true };
        let stop = &self.services[service].stops[0];
        if minimum.overfull {
            return stop.space > plan.capacity || stop.mass > plan.payload;
        }
        // A full vehicle is always enough.
        let full = stop.space >= plan.capacity || stop.mass >= plan.payload;
        full || (stop.space >= minimum.space && stop.mass >= minimum.mass && stop.count >= minimum.lots)
    }

    /// The scheduled time of a departure has come.
    pub(super) fn departure_due(&mut self, service: u32) {
        let service = service as usize;
        self.schedule_departure(service, self.now);
        let plan = &self.plan.services[service];
        let key = plan.stream.member(self.now.0 as u64);
        let cancelled = self.services[service].closures > 0
            || plan.cancellation > 0.0
                && Word(self.draws.words(key, SERVICE.purpose(Purpose::Cancellation))[0]).unit() < plan.cancellation;
        if cancelled {
            return self.cancel(service, self.now);
        }
        let vehicle = self.new_vehicle(service, self.now);
        match &plan.delay {
            None => self.depart_first(vehicle),
            Some(delay) => {
                let hours = delay.sample(&mut self.draws.draw(key, SERVICE.purpose(Purpose::DepartureDelay)));
                let time = self.now + SimSpan::from_hours(hours);
                self.queue.schedule(time, phase::DEPART, Subject::Depart.with(vehicle));
            }
        }
    }

    fn cancel(&mut self, service: usize, scheduled: SimTime) {
        let cut_off = scheduled - self.plan.services[service].cut_off;
        if self.observing {
            self.record.services[service].cancelled += 1;
        }
        let past = Past {
            time: self.now,
            cut_off,
            cancelled: true,
        };
        self.services[service].stops[0].departures.push(past);
    }

    fn new_vehicle(&mut self, service: usize, scheduled: SimTime) -> u32 {
        let body = match self.idle_vehicles.pop() {
            Some(body) => body,
            None => {
                self.vehicles.push(Vehicle::default());
                (self.vehicles.len() - 1) as u32
            }
        };
        let vehicle = &mut self.vehicles[body as usize];
        let mut log = std::mem::take(&mut vehicle.log);
        log.clear();
        *vehicle = Vehicle {
            service,
            scheduled,
            log,
            ..Vehicle::default()
        };
        let key = self.plan.services[service].stream.member(scheduled.0 as u64);
        let mut entity = Entity::new(key, self.now, Kind::Vehicle);
        entity.body = body;
        self.entities.add(entity)
    }

    /// A vehicle stands ready at its first stop.
    pub(super) fn depart_first(&mut self, vehicle: u32) {
        let body = self.entities[vehicle].body as usize;
        let (service, scheduled) = (self.vehicles[body].service, self.vehicles[body].scheduled);
        let plan = &self.plan.services[service];
        let Some(minimum) = &plan.minimum else {
            return self.go(vehicle);
        };
        let first = self.services[service].loading.is_empty();
        if first && self.is_load_enough(service) {
            return self.go(vehicle);
        }
        if minimum.cancel {
            self.cancel(service, scheduled);
            self.discard_vehicle(vehicle);
            return;
        }
        self.services[service].loading.push_back(vehicle);
        if minimum.longest_wait < SimSpan::FOREVER {
            let until = (scheduled + minimum.longest_wait).max(self.now);
            self.queue.schedule(until, phase::GATE, Subject::Patience.with(vehicle));
        }
    }

    /// A vehicle has waited long enough for its load.
    pub(super) fn patience_over(&mut self, vehicle: u32) {
        let it = &self.entities[vehicle];
        if it.step == NONE || it.kind != Kind::Vehicle {
            return;
        }
        let body = it.body as usize;
        let service = self.vehicles[body].service;
        let Some(minimum) = &self.plan.services[service].minimum else {
            return;
        };
        let due = self.vehicles[body].scheduled + minimum.longest_wait <= self.now;
        let loading = &mut self.services[service].loading;
        if let Some(place) = loading.iter().position(|other| *other == vehicle).filter(|_| due) {
            loading.remove(place);
            self.record.services[service].impatient += u64::from(self.observing);
            self.go(vehicle);
        }
    }

    /// A shuttle's vehicle is back.
    pub(super) fn shuttle_ready(&mut self, service: u32) {
        self.services[service as usize].ready += 1;
        self.load_grew(service as usize);
    }

    /// A vehicle leaves its first stop.
    fn go(&mut self, vehicle: u32) {
        let body = self.entities[vehicle].body as usize;
        let (service, scheduled) = (self.vehicles[body].service, self.vehicles[body].scheduled);
        let plan = &self.plan.services[service];
        let last = self.services[service].departed_at.replace(self.now);
        if self.observing {
            let tally = &mut self.record.services[service];
            tally.departed += 1;
            if let Some(last) = last {
                tally.gaps.add(self.now - last, &[]);
            }
        }
        self.vehicles[body].under_way = true;
        self.board(vehicle, 0, scheduled.max(SimTime::START) - plan.cut_off, self.now);
        if let DeparturePlan::Shuttle { turnaround, .. } = &plan.departures {
            let ready = match turnaround {
                None => self.now,
                Some(time) => {
                    let key = self.entities[vehicle].key;
                    let what = SERVICE.purpose(Purpose::Turnaround);
                    self.now + SimSpan::from_hours(time.sample(&mut self.draws.draw(key, what)))
                }
            };
            self.queue
                .schedule(ready, phase::DEPART, Subject::Ready.with(service as u32));
        }
        let it = &mut self.entities[vehicle];
        it.step = plan.step_from[0];
        it.since = self.now;
        self.perform(vehicle);
    }

    /// Loads who waits at a stop and was ready by `cut_off`.
    fn board(&mut self, vehicle: u32, stop: usize, cut_off: SimTime, time: SimTime) {
        let body = self.entities[vehicle].body as usize;
        let service = self.vehicles[body].service;
        let plan = &self.plan.services[service];
        let shuttle = matches!(plan.departures, DeparturePlan::Shuttle { .. });
        // A shuttle takes whoever is there; its scheduled time is when it came.
        let waits_for_load = shuttle || plan.minimum.is_some_and(|minimum| !minimum.cancel);
        let cut_off = if waits_for_load && stop == 0 {
            cut_off.max(time - plan.cut_off)
        } else {
            cut_off
        };
        let factor = self.services[service].capacity_factor;
        let (capacity, payload, reefers) = if factor == 1.0 {
            (plan.capacity, plan.payload, plan.reefers)
        } else {
            let scale = |x: i64| (x as f64 * factor) as i64;
            (
                MilliTeu(scale(plan.capacity.0)),
                Kilograms(scale(plan.payload.0)),
                MilliTeu(scale(plan.reefers.0)),
            )
        };
        count_stop(
            &mut self.services[service].stops[stop],
            &mut self.record.services[service].stops[stop],
            self.now,
        );
        self.services[service].stops[stop].departures.push(Past {
            time,
            cut_off,
            cancelled: false,
        });
        let (mut boarded, mut left, mut full) = (0, 0, false);
        let mut first_come = self.now;
        for class in 0..self.services[service].stops[stop].queue.len() {
            let mut before = None;
            let mut at = self.services[service].stops[stop].queue[class].head;
            while at != NONE {
                let it = &self.entities[at];
                let (next, arrived) = (it.next, it.arrived);
                if arrived > cut_off {
                    break;
                }
                let load = &self.vehicles[body];
                let fits = load.space + it.space <= capacity
                    && load.mass + it.mass <= payload
                    && (!it.refrigerated || load.reefers + it.space <= reefers);
                if fits && (!full || plan.gap_filling) {
                    self.services[service].stops[stop].queue[class].unlink(&mut self.entities, before, at);
                    first_come = first_come.min(arrived);
                    self.take_aboard(vehicle, at, stop);
                    boarded += 1;
                } else {
                    full = true;
                    left += 1;
                    before = Some(at);
                }
                at = next;
            }
        }
        let leg = &mut self.record.services[service].legs[stop];
        let load = self.vehicles[body].space;
        self.vehicles[body].leg = stop;
        if self.observing {
            *leg = (leg.0 + 1, leg.1 + load.0);
            let tally = &mut self.record.services[service].stops[stop];
            tally.departures += 1;
            tally.boarded += boarded;
            tally.longest_waits += (self.now - first_come).0;
            tally.left_behind += left;
            tally.left_none += u64::from(left == 0);
            tally.empty += u64::from(boarded == 0);
        }
    }

    /// A consignment boards: its wait is told apart by what it waited for.
    fn take_aboard(&mut self, vehicle: u32, entity: u32, stop: usize) {
        let body = self.entities[vehicle].body as usize;
        let service = self.vehicles[body].service;
        let since = self.entities[entity].since;
        let overlap = if self.window_over { 0 } else { self.overlap(since) };
        let state = &mut self.services[service].stops[stop];
        let it = &self.entities[entity];
        state.count -= 1;
        state.space -= it.space;
        state.mass -= it.mass;
        self.record.services[service].stops[stop].wait_in_window += overlap;
        let missed = self.tell_wait_apart(entity, service, stop);
        let it = &self.entities[entity];
        let (space, mass, wait) = (it.space, it.mass, self.now - it.arrived);
        if it.observed {
            let tally = &mut self.record.services[service].stops[stop];
            tally.waits.add(wait, &self.plan.services[service].wait_within);
            tally.missed[missed.min(3)] += 1;
            let number = self.stop_sketch(service, stop);
            self.record.sketches.record(number, wait.0 as u64);
        }
        self.leave_yard(entity);
        let vehicle = &mut self.vehicles[body];
        vehicle.space += space;
        vehicle.mass += mass;
        if self.entities[entity].refrigerated {
            vehicle.reefers += space;
        }
        self.entities[entity].mark_disrupted = vehicle.log.len() as i64;
        vehicle.aboard.push_back(&mut self.entities, entity);
    }

    /// Puts the wait for a departure on record: up to the first that could have been caught, then by the reason why each
    /// was not. Returns how many were missed for want of space.
    fn tell_wait_apart(&mut self, entity: u32, service: usize, stop: usize) -> usize {
        let (first, arrived) = (self.entities[entity].mark as usize, self.entities[entity].arrived);
        let last = self.services[service].stops[stop].departures.len() - 1;
        let mut missed = 0;
        // Waiting for the schedule lasts until the first departure whose cut-off had not passed.
        let mut cell = boarding_cell::SCHEDULE;
        for number in first..=last {
            let past = self.services[service].stops[stop].departures[number];
            if arrived > past.cut_off && number < last {
                continue;
            }
            let since = self.entities[entity].since;
            if past.time > since {
                self.spend_part(entity, cell, past.time - since);
            }
            if number < last {
                cell = if past.cancelled {
                    boarding_cell::CANCELLED
                } else {
                    boarding_cell::LEFT_BEHIND
                };
                missed += usize::from(!past.cancelled);
            }
        }
        self.spend(entity, cell);
        missed
    }

    fn stop_sketch(&self, service: usize, stop: usize) -> usize {
        self.plan.strands.len() + self.plan.facilities.len() + self.plan.services[service].first_stop as usize + stop
    }

    /// A vehicle calls at a stop: cargo for it leaves.
    pub(super) fn call(&mut self, vehicle: u32, stop: u16) {
        let body = self.entities[vehicle].body as usize;
        let service = self.vehicles[body].service;
        let mut before = None;
        let mut at = self.vehicles[body].aboard.head;
        let mut landed = List::default();
        while at != NONE {
            let it = &self.entities[at];
            let next = it.next;
            match self.plan.steps[it.step as usize].action {
                Action::Ride { to, .. } if to == stop => {
                    let (space, mass, cold) = (it.space, it.mass, it.refrigerated);
                    let vehicle = &mut self.vehicles[body];
                    vehicle.space -= space;
                    vehicle.mass -= mass;
                    if cold {
                        vehicle.reefers -= space;
                    }
                    vehicle.aboard.unlink(&mut self.entities, before, at);
                    landed.push_back(&mut self.entities, at);
                }
                _ => before = Some(at),
            }
            at = next;
        }
        let mut at = landed.head;
        while at != NONE {
            let next = self.entities[at].next;
            self.read_log(at, body, service);
            self.proceed(at);
            at = next;
        }
        self.proceed(vehicle);
    }

    /// Puts what the vehicle did since a consignment boarded on that consignment's record.
    fn read_log(&mut self, entity: u32, body: usize, service: usize) {
        let plan = self.plan;
        let it = &mut self.entities[entity];
        let Action::Ride { from, .. } = plan.steps[it.step as usize].action else {
            return;
        };
        let base = it.cell + boarding_cell::COUNT - plan.services[service].cell_from[from as usize];
        for entry in &self.vehicles[body].log[it.mark_disrupted as usize..] {
            self.record.cells[(base + entry.cell) as usize] += (entry.until - entry.from).0;
            if O::ACTIVE && it.observed {
                self.observer.stretch(Stretch {
                    consignment: it.key,
                    created: it.created,
                    strand: it.strand,
                    cell: base + entry.cell - it.cells,
                    from: entry.from,
                    until: entry.until,
                });
            }
            it.since = entry.until;
        }
    }

    /// A vehicle goes on from an intermediate stop.
    pub(super) fn load(&mut self, vehicle: u32, stop: u16) {
        let body = self.entities[vehicle].body as usize;
        let service = self.vehicles[body].service;
        let cut_off = self.now - self.plan.services[service].cut_off;
        self.board(vehicle, stop as usize, cut_off, self.now);
        self.proceed(vehicle);
    }

    /// A vehicle has come to the end of its line.
    pub(super) fn retire_vehicle(&mut self, vehicle: u32) {
        self.discard_vehicle(vehicle);
    }

    fn discard_vehicle(&mut self, vehicle: u32) {
        self.idle_vehicles.push(self.entities[vehicle].body);
        self.entities.remove(vehicle);
    }

    /// The observation window begins.
    pub(super) fn begin_service_window(&mut self, service: usize) {
        for stop in 0..self.services[service].stops.len() {
            let state = &mut self.services[service].stops[stop];
            state.counted = self.now;
            let tally = &mut self.record.services[service].stops[stop];
            tally.queue_area = 0;
            tally.wait_in_window = 0;
            tally.present.0 = state.count;
        }
    }

    /// The observation window ends.
    pub(super) fn end_service_window(&mut self, service: usize) {
        for stop in 0..self.services[service].stops.len() {
            let state = &mut self.services[service].stops[stop];
            let tally = &mut self.record.services[service].stops[stop];
            count_stop(state, tally, self.now);
            tally.present.1 = state.count;
            state.counted = SimTime::NEVER;
            let state = &self.services[service].stops[stop];
            let waiting: i64 = state
                .queue
                .iter()
                .flat_map(|list| list.iter(&self.entities))
                .map(|entity| self.overlap(self.entities[entity].since))
                .sum();
            self.record.services[service].stops[stop].wait_in_window += waiting;
        }
    }
}

/// Brings the integral of the number waiting up to `now`.
#[inline]
fn count_stop(state: &mut StopState, tally: &mut StopTally, now: SimTime) {
    let span = (now - state.counted).0;
    if span > 0 {
        tally.queue_area += span * state.count as i64;
        state.counted = now;
    }
}

impl WaitTally {
    /// The mean wait in hours; NaN when nobody waited.
    pub fn mean_hours(&self) -> f64 {
        SimSpan(self.sum).hours() / self.count as f64
    }

    /// The mean wait in hours of those who were not served at once; NaN when all were.
    pub fn mean_hours_if_delayed(&self) -> f64 {
        SimSpan(self.sum).hours() / self.delayed as f64
    }
}
