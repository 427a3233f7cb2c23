//! Departures: timetables, lateness, cancellations, and vehicles that wait for their load.
//!
//! A departure is an entity keyed by its service and scheduled time, so an added train disturbs no other. A vehicle that
//! stands ready at its first stop goes when the service is open and it has load enough or has waited long enough; only
//! cargo that could board, ready at the cut-off, counts towards a load. Vehicles load one after the other.
//! Validated against random headways, blank sailings and dispatch by quantity and time.

use super::entity::{Entity, Kind};
use super::observer::Observer;
use super::service::{Fate, Past, Room, SERVICE, Vehicle};
use super::{Engine, Subject, phase};
use crate::model::plan::{DeparturePlan, MinimumPlan, NONE, ServicePlan};
use crate::random::{Purpose, Stream, Word};
use crate::units::{Kilograms, MilliTeu, SimSpan, SimTime};

impl<O: Observer> Engine<'_, O> {
    /// Schedules the first departure of every service.
    pub(super) fn start_services(&mut self) {
        for (service, plan) in self.plan.services.iter().enumerate() {
            let begin = plan.validity.start.max(SimTime::START);
            self.schedule_departure(service, begin);
            if matches!(plan.departures, DeparturePlan::Shuttle { .. }) && begin > SimTime::START {
                self.queue
                    .schedule(begin, phase::GATE, Subject::Load.with(service as u32));
            }
        }
    }

    /// Schedules the next departure, which for random headways comes a gap after `last`.
    pub(super) fn schedule_departure(&mut self, service: usize, last: SimTime) {
        let plan = &self.plan.services[service];
        let number = self.services[service].next;
        let time = match &plan.departures {
            DeparturePlan::Timetable(times) => times.nth(number),
            DeparturePlan::Headway(gap) => {
                let what = SERVICE.purpose(Purpose::Headway);
                let hours = gap.at(&self.draws, plan.stream.member(number), what);
                let time = last + SimSpan::from_hours(hours).max(SimSpan(1));
                (time < plan.validity.end).then_some(time)
            }
            DeparturePlan::Shuttle { .. } => None,
        };
        self.services[service].next = number.saturating_add(1);
        let time = time.filter(|time| *time < SimTime::NEVER);
        self.services[service].due = time;
        if let Some(time) = time {
            self.queue
                .schedule(time, phase::DEPART, Subject::Schedule.with(service as u32));
        }
    }

    /// Cargo has come to the first stop of a service whose departures need load; it counts after the cut-off.
    pub(super) fn expect_load(&mut self, service: usize, cut_off: SimSpan) {
        if cut_off == SimSpan::ZERO {
            self.dispatch(service);
        } else {
            self.queue
                .schedule(self.now + cut_off, phase::GATE, Subject::Load.with(service as u32));
        }
    }

    /// Lets vehicles at the first stop depart, as far as load and disruptions allow.
    pub(super) fn dispatch(&mut self, service: usize) {
        while self.services[service].closures == 0 {
            if let Some(vehicle) = self.next_to_go(service) {
                self.go(vehicle);
            } else if !self.call_up_shuttle(service) {
                return;
            }
        }
    }

    /// Takes the vehicle that may go now out of those that wait at the first stop: the first that has waited long
    /// enough, or else the first of all, which is the one that is being loaded.
    fn next_to_go(&mut self, service: usize) -> Option<u32> {
        let loading = &self.services[service].loading;
        let first = *loading.front()?;
        // Where a load is waited for without end, none is ever overdue, and there may be thousands.
        let patient = |minimum: &MinimumPlan| !minimum.cancel && minimum.longest_wait >= SimSpan::FOREVER;
        let overdue = if self.plan.services[service].minimum.as_ref().is_some_and(patient) {
            None
        } else {
            let is_overdue = |vehicle: &u32| self.vehicles[self.entities[*vehicle].body as usize].overdue;
            loading.iter().position(is_overdue)
        };
        let enough = self.is_load_enough(service, first);
        if overdue.is_some() && !enough {
            self.record.services[service].impatient += u64::from(self.observing);
        }
        let place = overdue.or(enough.then_some(0))?;
        self.services[service].loading.remove(place)
    }

    /// Brings up the next shuttle vehicle that is ready, if there is someone for it to take.
    fn call_up_shuttle(&mut self, service: usize) -> bool {
        let plan = &self.plan.services[service];
        let state = &self.services[service];
        let is_shuttle = matches!(plan.departures, DeparturePlan::Shuttle { .. });
        let runs = plan.validity.contains(&self.now);
        if !is_shuttle || !runs || state.ready == 0 || !state.loading.is_empty() || !self.can_take_anyone(service) {
            return false;
        }
        self.services[service].ready -= 1;
        // A shuttle's departure is known by its number.
        self.services[service].next += 1;
        let key = plan.stream.member(self.services[service].next);
        let vehicle = self.new_vehicle(service, self.now, key);
        self.stand_ready(vehicle);
        true
    }

    /// Whether an empty vehicle at the first stop could take anyone who is ready.
    fn can_take_anyone(&self, service: usize) -> bool {
        let plan = &self.plan.services[service];
        let room = self.room(service);
        let mut ready = self.ready_by(service, self.now - plan.cut_off);
        if plan.gap_filling {
            ready.any(|it| room.fits(it))
        } else {
            ready.next().is_some_and(|it| room.fits(it))
        }
    }

    /// Those at the first stop who came until `latest`, in the order in which they board.
    fn ready_by(&self, service: usize, latest: SimTime) -> impl Iterator<Item = &Entity> {
        let classes = self.services[service].stops[0].queue.iter();
        classes.flat_map(move |list| {
            list.iter(&self.entities)
                .map(|entity| &self.entities[entity])
                .take_while(move |it| it.arrived <= latest)
        })
    }

    /// What an empty vehicle of a service can carry now.
    pub(super) fn room(&self, service: usize) -> Room {
        let plan = &self.plan.services[service];
        let factor = self.services[service].capacity_factor;
        let scale = |x: i64, factor: f64| if factor == 1.0 { x } else { (x as f64 * factor) as i64 };
        let share = plan.draught.as_ref().map_or(1.0, |draught| draught.share(self.now));
        Room {
            space: MilliTeu(scale(plan.capacity.0, factor)),
            mass: Kilograms(scale(plan.payload.0, factor * share)),
            reefers: MilliTeu(scale(plan.reefers.0, factor)),
        }
    }

    /// Whether what is ready for `vehicle` at the first stop is enough for its departure.
    fn is_load_enough(&self, service: usize, vehicle: u32) -> bool {
        let plan = &self.plan.services[service];
        let Some(minimum) = &plan.minimum else { return true };
        let room = self.room(service);
        let (other_space, other_mass) = if plan.background.is_empty() {
            (MilliTeu(0), Kilograms(0))
        } else {
            self.booked(vehicle, plan)
        };
        let enough = |space: MilliTeu, mass: Kilograms, lots: u64| {
            let (space, mass) = (space + other_space, mass + other_mass);
            if minimum.overfull {
                return space > room.space || mass > room.mass;
            }
            // A full vehicle is always enough.
            let full = space >= room.space || mass >= room.mass;
            full || (space >= minimum.space && mass >= minimum.mass && lots >= minimum.lots)
        };
        if plan.cut_off == SimSpan::ZERO {
            let stop = &self.services[service].stops[0];
            return enough(stop.space, stop.mass, stop.count);
        }
        let scheduled = self.vehicles[self.entities[vehicle].body as usize].scheduled;
        let (mut space, mut mass, mut lots) = (MilliTeu(0), Kilograms(0), 0);
        let mut ready = self.ready_by(service, self.latest_ready(service, scheduled, self.now));
        loop {
            if enough(space, mass, lots) {
                return true;
            }
            let Some(it) = ready.next() else { return false };
            space += it.space;
            mass += it.mass;
            lots += 1;
        }
    }

    /// Until when cargo must have come to the first stop for a departure at `time` that was scheduled for `scheduled`.
    pub(super) fn latest_ready(&self, service: usize, scheduled: SimTime, time: SimTime) -> SimTime {
        let plan = &self.plan.services[service];
        // What waits for its load takes whoever is there; a shuttle's scheduled time is when it came.
        let time = if plan.waits_for_load() {
            time
        } else {
            scheduled.max(SimTime::START)
        };
        time - plan.cut_off
    }

    /// The scheduled time of a departure has come.
    pub(super) fn departure_due(&mut self, service: u32) {
        let service = service as usize;
        // What a new timetable has withdrawn is still on the list of events.
        let now = self.now;
        if let Some(place) = self.services[service].withdrawn.iter().position(|time| *time == now) {
            self.services[service].withdrawn.swap_remove(place);
            return;
        }
        self.schedule_departure(service, self.now);
        if self.is_kept(service) {
            let key = self.plan.services[service].stream.member(self.now.0 as u64);
            self.attempt_departure(service, key);
        }
    }

    /// A departure is to take place now, with draws at `key`.
    pub(super) fn attempt_departure(&mut self, service: usize, key: Stream) {
        let plan = &self.plan.services[service];
        if self.services[service].closures > 0 {
            return self.cancel(service, self.now, Fate::Disrupted);
        }
        let cancelled = plan.cancellation > 0.0
            && Word(self.draws.words(key, SERVICE.purpose(Purpose::Cancellation))[0]).unit() < plan.cancellation;
        if cancelled {
            return self.cancel(service, self.now, Fate::Cancelled);
        }
        let vehicle = self.new_vehicle(service, self.now, key);
        match &plan.delay {
            None => self.stand_ready(vehicle),
            Some(delay) => {
                let hours = delay.at(&self.draws, key, SERVICE.purpose(Purpose::DepartureDelay));
                let time = self.now + SimSpan::from_hours(hours);
                self.queue.schedule(time, phase::DEPART, Subject::Depart.with(vehicle));
            }
        }
    }

    fn cancel(&mut self, service: usize, scheduled: SimTime, fate: Fate) {
        let cut_off = scheduled - self.plan.services[service].cut_off;
        if self.observing {
            self.record.services[service].cancelled += 1;
        }
        for (stop, state) in self.services[service].stops.iter_mut().enumerate() {
            let after = self.plan.services[service].expected_after[stop];
            state.cancelled.push_back(Past {
                time: self.now + after,
                cut_off: cut_off + after,
                fate,
                held: SimSpan::ZERO,
            });
        }
        self.services[service].stops[0].settle_cancelled(self.now);
    }

    /// A vehicle for a departure with draws at `key`: its time where it has a timetable, so that an added one disturbs no other.
    fn new_vehicle(&mut self, service: usize, scheduled: SimTime, key: Stream) -> u32 {
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
        let mut background = std::mem::take(&mut vehicle.background);
        background.clear();
        *vehicle = Vehicle {
            service,
            scheduled,
            log,
            background,
            ..Vehicle::default()
        };
        let mut entity = Entity::new(key, self.now, Kind::Vehicle);
        entity.body = body;
        self.entities.add(&entity)
    }

    /// A vehicle stands ready at its first stop.
    pub(super) fn stand_ready(&mut self, vehicle: u32) {
        let body = self.entities[vehicle].body as usize;
        let (service, scheduled) = (self.vehicles[body].service, self.vehicles[body].scheduled);
        let plan = &self.plan.services[service];
        self.vehicles[body].held = SimSpan(self.services[service].closed.clock(self.now));
        match &plan.minimum {
            None => self.vehicles[body].overdue = true,
            Some(minimum) if minimum.cancel => {
                if !self.is_load_enough(service, vehicle) {
                    self.cancel(service, scheduled, Fate::Cancelled);
                    return self.discard_vehicle(vehicle);
                }
                self.vehicles[body].overdue = true;
            }
            Some(minimum) if minimum.longest_wait < SimSpan::FOREVER => {
                let until = (scheduled + minimum.longest_wait).max(self.now);
                self.queue.schedule(until, phase::GATE, Subject::Patience.with(vehicle));
            }
            Some(_) => {}
        }
        self.services[service].loading.push_back(vehicle);
        self.dispatch(service);
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
        // The number may meanwhile be another vehicle's.
        let due = self.vehicles[body].scheduled + minimum.longest_wait <= self.now;
        if due && self.services[service].loading.contains(&vehicle) {
            self.vehicles[body].overdue = true;
            self.dispatch(service);
        }
    }

    /// A shuttle's vehicle is back.
    pub(super) fn shuttle_ready(&mut self, service: u32) {
        self.services[service as usize].ready += 1;
        self.dispatch(service as usize);
    }
}

impl ServicePlan {
    /// Whether a departure waits until there is load for it.
    #[inline]
    pub(super) fn waits_for_load(&self) -> bool {
        matches!(self.departures, DeparturePlan::Shuttle { .. }) || self.minimum.is_some_and(|minimum| !minimum.cancel)
    }
}
