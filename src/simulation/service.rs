//! Services: stops where cargo waits, boarding, vehicles under way. When they depart stands in [`super::departure`].
//!
//! A vehicle loads who was ready at the cut-off, in priority order and first come first served within a class, as far as
//! space and mass reach; who does not fit keeps his place for the next. Whether one smaller consignment behind may fill
//! the gap is a setting. Validated against bulk service in fixed intervals (Bailey 1954) and missed connections.

use super::entity::{Entity, Kind, List};
use super::facility::Hindrance;
use super::frequency::ReviewState;
use super::observer::{Observer, Stretch, Wait};
use super::record::{LegTally, ServiceTally, StopTally, WaitTally};
use super::{Engine, Subject, phase};
use crate::model::plan::{Action, DeparturePlan, NONE, ServicePlan, WaitingPlace, boarding_cell};
use crate::random::{Purpose, Stream};
use crate::units::{Kilograms, MICROSECONDS_PER_HOUR, MilliTeu, ServiceId, SimSpan, SimTime};
use std::collections::VecDeque;

/// The state of a service.
#[derive(Clone)]
pub(super) struct ServiceState {
    pub stops: Vec<StopState>,
    /// Number of the departure of its timetable that is to be scheduled next.
    pub next: u64,
    /// When the departure is due that was scheduled last.
    pub due: Option<SimTime>,
    /// Departures that were due by a timetable which has been replaced.
    pub withdrawn: Vec<SimTime>,
    /// Disruptions that close it now.
    pub closures: u32,
    /// The clock of these closures.
    pub closed: Hindrance,
    /// Factor on the capacity, by disruptions in force.
    pub capacity_factor: f64,
    /// Factor on the speed, by disruptions in force.
    pub speed: f64,
    /// Vehicles that wait at the first stop, the first of which is loading.
    pub loading: VecDeque<u32>,
    /// Shuttle vehicles that are ready.
    pub ready: u64,
    /// When the last departure took place.
    pub departed_at: Option<SimTime>,
    /// How its number of departures follows demand, where it does.
    pub review: Option<Box<ReviewState>>,
}

/// Who waits at a stop, and the departures there so far.
#[derive(Clone)]
pub(super) struct StopState {
    pub queue: Vec<List>,
    pub count: u64,
    pub space: MilliTeu,
    pub mass: Kilograms,
    /// Of each class, those at the head of its queue known to have been ready for some departure, as far as they have
    /// not boarded.
    pub ready: Vec<Ready>,
    pub departures: Vec<Past>,
    /// Cancelled departures that would not have come here yet.
    pub cancelled: VecDeque<Past>,
    pub counted: SimTime,
}

/// How many at the head of a queue have been found ready: counting the left behind then needs no second look at them.
#[derive(Clone, Copy, Default)]
pub(super) struct Ready {
    /// How many.
    pub count: u64,
    /// The last of them; meaningless where there are none.
    pub last: u32,
    /// By when they were.
    pub by: SimTime,
}

impl StopState {
    /// Counts the cancelled departures that would have taken place until `now` among the departures.
    #[inline]
    pub(super) fn settle_cancelled(&mut self, now: SimTime) {
        while let Some(past) = self.cancelled.front().copied().filter(|past| past.time <= now) {
            self.cancelled.pop_front();
            self.departures.push(past);
        }
    }
}

/// What a vehicle can still take.
pub(super) struct Room {
    pub space: MilliTeu,
    pub mass: Kilograms,
    pub reefers: MilliTeu,
}

impl Room {
    #[inline]
    pub(super) fn fits(&self, it: &Entity) -> bool {
        it.space <= self.space && it.mass <= self.mass && (!it.refrigerated || it.space <= self.reefers)
    }
}

/// A departure that has been, or that was cancelled.
#[derive(Clone, Copy)]
pub(super) struct Past {
    pub time: SimTime,
    /// Who was ready later could not take it.
    pub cut_off: SimTime,
    pub fate: Fate,
    /// How long a disruption held it back.
    pub held: SimSpan,
}

/// What became of a departure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It took place.
    Departed,
    /// It was cancelled by chance, or for want of load.
    Cancelled,
    /// It was cancelled by a disruption.
    Disrupted,
}

/// A vehicle under way or waiting.
#[derive(Clone, Default)]
pub(super) struct Vehicle {
    pub service: usize,
    pub scheduled: SimTime,
    pub space: MilliTeu,
    pub mass: Kilograms,
    pub reefers: MilliTeu,
    pub aboard: List,
    /// Other cargo aboard.
    pub background: Vec<super::background::Aboard>,
    /// Its space.
    pub background_space: MilliTeu,
    /// What it has done since its first stop.
    pub log: Vec<LogEntry>,
    /// The stop from which it is going.
    pub leg: usize,
    /// When it left its first stop, if that was within the window.
    pub departed: Option<SimTime>,
    /// Whether it waits for no more load.
    pub overdue: bool,
    /// The service's clock of closures when it stood ready; once it has left, how long closures held it back.
    pub held: SimSpan,
    /// How late it left its first stop.
    pub late: SimSpan,
}

/// A stretch of a vehicle's time, in a cell of its service.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogEntry {
    pub cell: u32,
    pub from: SimTime,
    pub until: SimTime,
}

/// The place at which services make their own draws.
pub(super) const SERVICE: Stream = Stream::of("service");

/// A tally with the service's stops and legs.
pub(super) fn empty_tally(plan: &ServicePlan) -> ServiceTally {
    let stops = plan.step_from.len();
    ServiceTally {
        stops: vec![StopTally::default(); stops],
        legs: vec![LegTally::default(); stops],
        background: vec![0; if plan.background.is_empty() { 0 } else { stops }],
        journeys: vec![WaitTally::default(); stops],
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
            ready: vec![Ready::default(); classes],
            departures: Vec::new(),
            cancelled: VecDeque::new(),
            counted: SimTime::START,
        };
        Self {
            stops: plan.step_from.iter().map(|_| stop()).collect(),
            next: 0,
            due: None,
            withdrawn: Vec::new(),
            closures: 0,
            closed: Hindrance::default(),
            capacity_factor: 1.0,
            speed: 1.0,
            loading: VecDeque::new(),
            departed_at: None,
            review: None,
            ready: match plan.departures {
                DeparturePlan::Shuttle { vehicles, .. } => vehicles,
                _ => 0,
            },
        }
    }
}

impl<O: Observer> Engine<'_, O> {
    /// A consignment comes to a stop.
    #[inline]
    pub(super) fn enter_stop(&mut self, entity: u32, service: ServiceId, stop: u16) {
        let now = self.now;
        let closed = self.services[service.index()].closed.clock(now);
        let state = &mut self.services[service.index()].stops[stop as usize];
        count_stop(
            state,
            &mut self.record.services[service.index()].stops[stop as usize],
            now,
        );
        state.settle_cancelled(now);
        let it = &mut self.entities[entity];
        it.arrived = now;
        it.mark = state.departures.len() as i64;
        it.mark_disrupted = closed;
        state.count += 1;
        state.space += it.space;
        state.mass += it.mass;
        let class = it.class;
        state.queue[class as usize].push_back(&mut self.entities, entity);
        let plan = &self.plan.services[service.index()];
        if stop == 0 && plan.waits_for_load() {
            self.expect_load(service.index(), plan.cut_off);
        }
    }

    /// A vehicle leaves its first stop.
    pub(super) fn go(&mut self, vehicle: u32) {
        let body = self.entities[vehicle].body as usize;
        let (service, scheduled) = (self.vehicles[body].service, self.vehicles[body].scheduled);
        let plan = &self.plan.services[service];
        let last = self.services[service].departed_at.replace(self.now);
        if self.observing {
            self.vehicles[body].departed = Some(self.now);
            let tally = &mut self.record.services[service];
            tally.departed += 1;
            if let Some(last) = last {
                tally.gaps.add(self.now - last, &[]);
            }
        }
        let held = SimSpan(self.services[service].closed.clock(self.now)) - self.vehicles[body].held;
        self.vehicles[body].held = held;
        self.vehicles[body].late = self.now - scheduled;
        self.board(vehicle, 0, self.latest_ready(service, scheduled, self.now), self.now);
        if let DeparturePlan::Shuttle { turnaround, .. } = &plan.departures {
            let ready = match turnaround {
                None => self.now,
                Some(time) => {
                    let key = self.entities[vehicle].key;
                    let what = SERVICE.purpose(Purpose::Turnaround);
                    self.now + SimSpan::from_hours(time.at(&self.draws, key, what))
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
        let room = self.room(service);
        let state = &mut self.services[service].stops[stop];
        count_stop(state, &mut self.record.services[service].stops[stop], self.now);
        state.settle_cancelled(self.now);
        state.departures.push(Past {
            time,
            cut_off,
            fate: Fate::Departed,
            held: self.vehicles[body].held,
        });
        let has_background = !plan.background.is_empty();
        let (mut boarded, mut left, mut full) = (0, 0, false);
        let mut first_come = self.now;
        for class in 0..self.services[service].stops[stop].queue.len() {
            if has_background {
                self.load_background(vehicle, stop, class);
            }
            let mut before = None;
            let mut at = self.services[service].stops[stop].queue[class].head;
            while at != NONE {
                if full && !plan.gap_filling {
                    left += self.count_ready(service, stop, class, cut_off);
                    break;
                }
                let it = &self.entities[at];
                let (next, arrived) = (it.next, it.arrived);
                if arrived > cut_off {
                    break;
                }
                let load = &self.vehicles[body];
                let left_over = Room {
                    space: room.space - load.space,
                    mass: room.mass - load.mass,
                    reefers: room.reefers - load.reefers,
                };
                if left_over.fits(it) {
                    let state = &mut self.services[service].stops[stop];
                    state.queue[class].unlink(&mut self.entities, before, at);
                    state.ready[class].count = state.ready[class].count.saturating_sub(1);
                    first_come = first_come.min(arrived);
                    self.take_aboard(vehicle, at, stop);
                    boarded += 1;
                    at = next;
                } else {
                    full = true;
                    if plan.gap_filling {
                        left += 1;
                        before = Some(at);
                        at = next;
                    }
                }
            }
        }
        if has_background {
            self.load_background(vehicle, stop, self.plan.classes);
            if self.observing {
                self.record.services[service].background[stop] += self.vehicles[body].background_space.0;
            }
        }
        let leg = &mut self.record.services[service].legs[stop];
        let (load, mass) = (self.vehicles[body].space, self.vehicles[body].mass);
        self.vehicles[body].leg = stop;
        if self.observing {
            leg.runs += 1;
            leg.carried += load.0;
            leg.offered = leg.offered.saturating_add(plan.capacity.0);
            let tally = &mut self.record.services[service].stops[stop];
            tally.departures += 1;
            tally.boarded += boarded;
            tally.longest_waits += i128::from((self.now - first_come).0);
            tally.left_behind += left;
            tally.left_none += u64::from(left == 0);
            tally.empty += u64::from(boarded == 0);
        }
        self.count_load(service, stop, load.0, mass.0);
    }

    /// How many of a class were ready by `cut_off`. A queue is in the order of arrival and loses only its head, unless gaps
    /// are filled, so those found before are still there.
    fn count_ready(&mut self, service: usize, stop: usize, class: usize, cut_off: SimTime) -> u64 {
        let state = &mut self.services[service].stops[stop];
        let ready = &mut state.ready[class];
        if ready.count == 0 || cut_off < ready.by {
            (ready.count, ready.last) = (0, NONE);
        }
        ready.by = cut_off;
        let mut at = match ready.count {
            0 => state.queue[class].head,
            _ => self.entities[ready.last].next,
        };
        while at != NONE && self.entities[at].arrived <= cut_off {
            ready.count += 1;
            ready.last = at;
            at = self.entities[at].next;
        }
        ready.count
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
        self.record.services[service].stops[stop].wait_in_window += i128::from(overlap);
        let missed = self.tell_wait_apart(entity, service, stop);
        let it = &self.entities[entity];
        let (space, mass, wait) = (it.space, it.mass, self.now - it.arrived);
        if O::ACTIVE && it.kind != Kind::Empty {
            let wait = Wait {
                place: WaitingPlace::Stop(self.plan.services[service].first_stop + stop as u32),
                class: it.class,
                since: it.arrived,
                until: self.now,
            };
            self.observer.wait(wait);
        }
        if it.observed {
            let tally = &mut self.record.services[service].stops[stop];
            tally.waits.add(wait, &self.plan.services[service].wait_within);
            tally.missed[missed.min(3)] += 1;
            let number = self.stop_sketch(service, stop);
            self.record.sketches.record(number, wait.0 as u64);
        }
        self.leave_yard(entity);
        if self.dear > 0 {
            self.pay_by_disruption(entity);
        }
        let vehicle = &mut self.vehicles[body];
        vehicle.space += space;
        vehicle.mass += mass;
        if self.entities[entity].refrigerated {
            vehicle.reefers += space;
        }
        self.entities[entity].set_delay(vehicle.late);
        self.entities[entity].mark_disrupted = vehicle.log.len() as i64;
        vehicle.aboard.push_back(&mut self.entities, entity);
    }

    /// Puts the wait for a departure on record: up to the first that could have been caught, then by the reason why each
    /// was not. Returns how many were missed for want of space.
    pub(super) fn tell_wait_apart(&mut self, entity: u32, service: usize, stop: usize) -> usize {
        let (first, arrived) = (self.entities[entity].mark as usize, self.entities[entity].arrived);
        let last = self.services[service].stops[stop].departures.len() - 1;
        let mut missed = 0;
        // Waiting for the schedule lasts until the first departure whose cut-off had not passed.
        let mut cell = boarding_cell::SCHEDULE;
        if matches!(self.plan.services[service].departures, DeparturePlan::Shuttle { .. }) {
            // A shuttle has no schedule: all the time for which it was closed counts.
            let closed = self.services[service].closed.clock(self.now) - self.entities[entity].mark_disrupted;
            if closed > 0 {
                self.spend_part(entity, boarding_cell::DISRUPTED, SimSpan(closed));
            }
        } else if self.has_missed_one(entity, service, stop) {
            cell = boarding_cell::MISSED;
        }
        for number in first..=last {
            let past = self.services[service].stops[stop].departures[number];
            if arrived > past.cut_off && number < last {
                continue;
            }
            let since = self.entities[entity].since;
            if past.time > since {
                let held = past.held.min(past.time - since);
                self.spend_part(entity, cell, past.time - since - held);
                if held > SimSpan::ZERO {
                    self.spend_part(entity, boarding_cell::DISRUPTED, held);
                }
            }
            if number < last {
                cell = match past.fate {
                    Fate::Departed => boarding_cell::LEFT_BEHIND,
                    Fate::Cancelled => boarding_cell::CANCELLED,
                    Fate::Disrupted => boarding_cell::DISRUPTED,
                };
                missed += usize::from(past.fate == Fate::Departed);
            }
        }
        self.spend(entity, cell);
        missed
    }

    /// Whether a consignment came too late for a departure for which it would have been in time without the delays that
    /// it has met since it was generated or last boarded.
    fn has_missed_one(&self, entity: u32, service: usize, stop: usize) -> bool {
        let it = &self.entities[entity];
        let delay = it.delay();
        if delay == SimSpan::ZERO {
            return false;
        }
        let (planned, first) = (it.arrived - delay, it.mark as usize);
        let departures = &self.services[service].stops[stop].departures;
        let missed = |past: &&Past| past.fate == Fate::Departed && past.cut_off < it.arrived;
        let mut before = departures[..first]
            .iter()
            .rev()
            .take_while(|past| past.cut_off >= planned);
        let after = departures[first..].iter().filter(|past| past.cut_off >= planned);
        before.any(|past| missed(&past)) || after.take_while(missed).next().is_some()
    }

    fn stop_sketch(&self, service: usize, stop: usize) -> usize {
        self.plan.strands.len() + self.plan.facilities.len() + self.plan.services[service].first_stop as usize + stop
    }

    /// A vehicle calls at a stop: cargo for it leaves.
    pub(super) fn call(&mut self, vehicle: u32, stop: u16) {
        let body = self.entities[vehicle].body as usize;
        let service = self.vehicles[body].service;
        if let Some(departed) = self.vehicles[body].departed {
            self.record.services[service].journeys[stop as usize - 1].add(self.now - departed, &[]);
        }
        self.unload_background(body, stop);
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
        let aboard = &self.vehicles[body].log[it.mark_disrupted as usize..];
        if it.kind == Kind::Box {
            let log = aboard.iter().map(|entry| LogEntry {
                cell: base + entry.cell,
                ..*entry
            });
            self.loads[it.body as usize].log.extend(log);
            it.since = aboard.last().map_or(it.since, |entry| entry.until);
            return;
        }
        if it.tracked {
            let within = base - it.cells;
            self.tracks[entity as usize].extend(
                aboard
                    .iter()
                    .map(|entry| (within + entry.cell, entry.until - entry.from)),
            );
        }
        for entry in aboard {
            if plan.services[service].delays[entry.cell as usize] {
                it.add_delay(entry.until - entry.from);
            }
            self.record
                .cells
                .add((base + entry.cell) as usize, entry.until - entry.from);
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

    pub(super) fn discard_vehicle(&mut self, vehicle: u32) {
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
            let waiting: i128 = state
                .queue
                .iter()
                .flat_map(|list| list.iter(&self.entities))
                .map(|entity| i128::from(self.overlap(self.entities[entity].since)))
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
        tally.queue_area += i128::from(span) * i128::from(state.count);
        state.counted = now;
    }
}

impl WaitTally {
    /// The mean wait in hours; NaN when nobody waited.
    pub fn mean_hours(&self) -> f64 {
        self.sum as f64 / MICROSECONDS_PER_HOUR / self.count as f64
    }

    /// The mean wait in hours of those who were not served at once; NaN when all were.
    pub fn mean_hours_if_delayed(&self) -> f64 {
        self.sum as f64 / MICROSECONDS_PER_HOUR / self.delayed as f64
    }
}
