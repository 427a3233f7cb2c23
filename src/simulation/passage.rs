//! Passing a facility: arriving, waiting, being worked on, going on.
//!
//! The first half is the path that nearly every event takes: interchangeable servers, nothing after service, no room to
//! be held for. What facilities can do beyond that is in the second half and in [`super::holding`].

use super::entity::Kind;
use super::facility::FacilityState;
use super::observer::{Observer, Wait};
use super::{Engine, Subject, phase};
use crate::model::plan::{FacilityPlan, NONE, WaitingPlace, facility_cell};
use crate::random::{Purpose, Stream, Word};
use crate::units::{SimSpan, SimTime};

impl<O: Observer> Engine<'_, O> {
    /// An entity comes to a facility.
    #[inline]
    pub(super) fn enter_facility(&mut self, entity: u32, facility: u32) {
        let plan = &self.plan.facilities[facility as usize];
        let state = &mut self.facilities[facility as usize];
        state.tally.arrivals += u64::from(self.observing);
        let it = &mut self.entities[entity];
        it.at = facility;
        it.arrived = self.now;
        if !plan.is_plain {
            self.enter_special(entity, facility);
        } else if state.is_free() {
            state.occupy(self.now);
            self.begin_work(entity, facility);
        } else if state.queue_length < plan.waiting_room {
            self.wait_for_server(entity, facility);
        } else {
            self.turn_away(entity, facility);
        }
    }

    /// Puts an entity into the queue.
    #[inline]
    pub(super) fn wait_for_server(&mut self, entity: u32, facility: u32) {
        let plan = &self.plan.facilities[facility as usize];
        let class = self.class_at(entity, plan);
        let state = &mut self.facilities[facility as usize];
        state.count(self.now);
        state.queue_length += 1;
        let it = &mut self.entities[entity];
        if plan.is_hinderable {
            it.mark = state.closed_hours.clock(self.now);
            it.mark_disrupted = state.disrupted.clock(self.now);
        }
        let in_front = plan.lifo || it.resumed;
        state.queue.push(&mut self.entities, entity, class, in_front);
    }

    /// Takes the first of the queue, and puts its wait on record.
    #[inline]
    pub(super) fn take_waiting(&mut self, facility: u32) -> Option<u32> {
        let state = &mut self.facilities[facility as usize];
        let entity = state.queue.pop(&self.entities)?;
        state.count(self.now);
        state.queue_length -= 1;
        let since = self.entities[entity].since;
        // Who still waits when the window ends is counted then.
        if !self.window_over {
            state.tally.wait_in_window += i128::from((self.now - since.max(self.record.begin)).0.max(0));
        }
        if self.plan.facilities[facility as usize].is_hinderable {
            self.tell_hindrances_apart(entity, facility);
        }
        let since = self.entities[entity].since;
        self.spend_delay(entity, facility_cell::QUEUE, self.now - since);
        Some(entity)
    }

    /// A server, already counted as busy, begins work on an entity that is not in the queue. Returns how long it takes.
    #[inline]
    pub(super) fn begin_work(&mut self, entity: u32, facility: u32) -> SimSpan {
        let (work, inspection) = self.draw_work(entity, facility);
        let counted = self.count_wait(entity, facility);
        let until = self.now + work;
        let state = &mut self.facilities[facility as usize];
        state.working += 1;
        state.finishing = state.finishing.wrapping_add(until.0);
        if !self.window_over {
            state.tally.starts += u64::from(self.observing);
            // What reaches beyond the window is taken off when the window ends.
            state.tally.work += i128::from((until - self.now.max(self.record.begin)).0.max(0));
        }
        if counted {
            state.tally.service += i128::from(work.0);
        }
        self.entities[entity].work = inspection;
        self.queue.schedule(until, phase::FINISH, Subject::Worked.with(entity));
        work
    }

    /// A facility has done its work on an entity, or on the batch that begins with it.
    #[inline]
    pub(super) fn end_work(&mut self, entity: u32) {
        let facility = self.entities[entity].at;
        let state = &mut self.facilities[facility as usize];
        state.working -= 1;
        state.finishing = state.finishing.wrapping_sub(self.now.0);
        if !self.plan.facilities[facility as usize].is_plain {
            return self.end_special_work(entity, facility);
        }
        self.record_work(entity);
        self.pass_server_on(facility);
        self.proceed(entity);
    }

    /// A server that has finished takes the next, or goes idle.
    #[inline]
    fn pass_server_on(&mut self, facility: u32) {
        let state = &mut self.facilities[facility as usize];
        // Its place may have been taken away in the meantime: closed, or fewer servers.
        if state.queue_length > 0 && state.busy <= state.limit {
            if let Some(next) = self.take_waiting(facility) {
                self.begin_work(next, facility);
            }
        } else {
            state.vacate(self.now);
        }
    }

    /// Puts the work just done on record.
    #[inline]
    pub(super) fn record_work(&mut self, entity: u32) {
        let it = &mut self.entities[entity];
        let inspection = std::mem::take(&mut it.work);
        if self.plan.facilities[it.at as usize].is_hinderable {
            let added = SimSpan(std::mem::take(&mut it.mark_disrupted));
            self.spend_delay(entity, facility_cell::DISRUPTED, added);
        }
        let it = &self.entities[entity];
        if inspection > SimSpan::ZERO {
            let total = self.now - it.since;
            self.spend_part(entity, facility_cell::WORK, total - inspection);
            self.spend(entity, facility_cell::INSPECTION);
        } else {
            self.spend(entity, facility_cell::WORK);
        }
    }

    /// Whether an entity is among those of which a facility's means are taken: consignments of the window, and vehicles
    /// within it.
    #[inline]
    pub(super) fn is_counted(&self, entity: u32, facility: u32) -> bool {
        if self.plan.facilities[facility as usize].vehicles {
            self.observing
        } else {
            self.entities[entity].observed
        }
    }

    /// Counts the wait of an entity whose service begins; tells whether it is one that counts.
    #[inline]
    pub(super) fn count_wait(&mut self, entity: u32, facility: u32) -> bool {
        let plan = &self.plan.facilities[facility as usize];
        let it = &self.entities[entity];
        let counted = self.is_counted(entity, facility);
        if O::ACTIVE {
            let class = plan.class_of(it.flow, it.class);
            let wait = Wait {
                place: WaitingPlace::Facility(facility),
                class,
                since: it.arrived,
                until: self.now,
            };
            self.observer.wait(wait);
        }
        if counted {
            let wait = self.now - it.arrived;
            let tally = &mut self.facilities[facility as usize].tally;
            tally.waits.add(wait, &plan.wait_within);
            self.record
                .sketches
                .record(self.plan.strands.len() + facility as usize, wait.0 as u64);
        }
        counted
    }

    /// Draws the working time of an entity: its length, and how much of that is inspection.
    #[inline]
    pub(super) fn draw_work(&mut self, entity: u32, facility: u32) -> (SimSpan, SimSpan) {
        let plan = &self.plan.facilities[facility as usize];
        let it = &self.entities[entity];
        let terms = plan.terms(it.flow);
        let place = plan.stream.visit(it.visits);
        let time = terms.own_time.map_or(&plan.time, |own| &plan.own_times[own as usize]);
        let mut hours = terms.factor
            * match time.fixed() {
                Some(hours) => hours,
                None => time.at(&self.draws, it.key, place.purpose(Purpose::ServiceTime)),
            };
        if plan.per_teu {
            hours *= match it.kind {
                Kind::Vehicle => self.vehicles[it.body as usize].space.teu(),
                _ => it.space.teu(),
            };
        }
        if !plan.is_hinderable {
            let work = SimSpan::from_hours(hours);
            return self.with_inspection(entity, plan, work);
        }
        let usual = SimSpan::from_hours(hours);
        let work = SimSpan::from_hours(hours / self.facilities[facility as usize].speed);
        // What a disruption adds is told apart when the work is put on record.
        self.entities[entity].mark_disrupted = (work - usual).0.max(0);
        self.with_inspection(entity, plan, work)
    }

    /// A working time with that of the inspection, where there is one, and how much that is.
    #[inline]
    fn with_inspection(&self, entity: u32, plan: &FacilityPlan, work: SimSpan) -> (SimSpan, SimSpan) {
        let it = &self.entities[entity];
        let terms = plan.terms(it.flow);
        let place = plan.stream.visit(it.visits);
        match &plan.inspection {
            Some(time) => self.draw_inspection(entity, place, time, terms.inspection, work),
            None => (work, SimSpan::ZERO),
        }
    }

    #[inline]
    fn draw_inspection(
        &self,
        entity: u32,
        place: Stream,
        time: &crate::random::Sampler,
        probability: f64,
        work: SimSpan,
    ) -> (SimSpan, SimSpan) {
        let key = self.entities[entity].key;
        let mark = Word(self.draws.words(key, place.purpose(Purpose::InspectionMark))[0]).unit();
        if mark >= probability {
            return (work, SimSpan::ZERO);
        }
        let hours = time.at(&self.draws, key, place.purpose(Purpose::InspectionTime));
        let inspection = SimSpan::from_hours(hours);
        (work + inspection, inspection)
    }

    /// The priority class of `entity` at a facility.
    #[inline]
    pub(super) fn class_at(&self, entity: u32, plan: &FacilityPlan) -> u8 {
        let it = &self.entities[entity];
        plan.class_of(it.flow, it.class)
    }

    /// How much of the time since `since` lies within the window, in microseconds.
    #[inline]
    pub(super) fn overlap(&self, since: SimTime) -> i64 {
        (self.now.min(self.record.end) - since.max(self.record.begin)).0.max(0)
    }
}

/// What facilities can do beyond the plain path.
impl<O: Observer> Engine<'_, O> {
    fn enter_special(&mut self, entity: u32, facility: u32) {
        let plan = &self.plan.facilities[facility as usize];
        let state = &mut self.facilities[facility as usize];
        if plan.crew.is_some() {
            self.enter_crew(entity, facility);
        } else if plan.storage.is_some() {
            self.enter_yard(entity, facility);
        } else if !state.held.is_empty() {
            self.turn_away(entity, facility);
        } else if state.is_free() && plan.batch.0 <= 1 {
            state.occupy(self.now);
            // Nobody belongs to its batch; whom it stood before in some other list does not count.
            self.entities[entity].next = NONE;
            self.begin_work(entity, facility);
        } else if state.queue_length < plan.waiting_room {
            self.wait_for_server(entity, facility);
            if plan.batch.0 > 1 {
                self.serve_next(facility);
            }
            if plan.slots.is_some() {
                self.await_slot(facility);
            }
        } else {
            self.turn_away(entity, facility);
        }
    }

    fn end_special_work(&mut self, entity: u32, facility: u32) {
        if self.plan.facilities[facility as usize].batch.1 > 1 {
            return self.end_batch(entity, facility);
        }
        self.record_work(entity);
        if self.is_held(entity, facility) {
            return;
        }
        self.release_server(facility);
        self.after_work(entity, facility);
    }

    /// Closed hours and disruptions during a wait that ends are told apart from the rest of it.
    pub(super) fn tell_hindrances_apart(&mut self, entity: u32, facility: u32) {
        let it = &self.entities[entity];
        let state = &self.facilities[facility as usize];
        let closed = state.closed_hours.clock(self.now) - it.mark;
        let disrupted = state.disrupted.clock(self.now) - it.mark_disrupted;
        self.spend_delay(entity, facility_cell::CLOSED, SimSpan(closed));
        self.spend_delay(entity, facility_cell::DISRUPTED, SimSpan(disrupted));
    }

    /// Gives a server back, and lets it take the next.
    pub(super) fn release_server(&mut self, facility: u32) {
        let plan = &self.plan.facilities[facility as usize];
        if plan.crew.is_some() {
            return self.release_crew_server(facility);
        }
        self.facilities[facility as usize].vacate(self.now);
        self.serve_next(facility);
        self.freed.push(facility);
    }

    /// Lets idle servers begin on those who wait.
    pub(super) fn serve_next(&mut self, facility: u32) {
        let plan = &self.plan.facilities[facility as usize];
        if plan.crew.is_some() {
            return self.serve_next_by_crew(facility);
        }
        loop {
            let state = &mut self.facilities[facility as usize];
            if state.busy >= state.limit || state.queue_length < plan.batch.0.max(1) {
                return;
            }
            state.occupy(self.now);
            if plan.batch.1 > 1 {
                self.begin_batch(facility, plan.batch.1);
            } else if let Some(entity) = self.take_waiting(facility) {
                self.begin_work(entity, facility);
            }
            self.freed.push(facility);
        }
    }

    /// After work: a release that takes time, or straight on.
    pub(super) fn after_work(&mut self, entity: u32, facility: u32) {
        let plan = &self.plan.facilities[facility as usize];
        let Some(release) = &plan.release else {
            return self.go_on_from(entity, facility);
        };
        let it = &self.entities[entity];
        let what = plan.stream.visit(it.visits).purpose(Purpose::ReleaseTime);
        let hours = release.at(&self.draws, it.key, what);
        let until = self.now + SimSpan::from_hours(hours);
        self.queue
            .schedule(until, phase::FINISH, Subject::Released.with(entity));
    }

    /// The time between service and release is over.
    pub(super) fn end_release(&mut self, entity: u32) {
        let facility = self.entities[entity].at;
        self.spend(entity, facility_cell::WORK);
        self.go_on_from(entity, facility);
    }

    /// The facility off its route to which an entity goes after `facility`, by that facility's probabilities.
    pub(super) fn detour_after(&self, entity: u32, facility: u32) -> Option<u32> {
        let plan = &self.plan.facilities[facility as usize];
        if plan.then.is_empty() {
            return None;
        }
        let it = &self.entities[entity];
        let what = plan.stream.visit(it.visits).purpose(Purpose::NextFacility);
        let mark = Word(self.draws.words(it.key, what)[0]).unit();
        plan.then
            .iter()
            .find(|(edge, _)| mark < *edge)
            .map(|(_, next)| next.index() as u32)
    }

    /// To another facility by the facility's probabilities, or on along the route.
    pub(super) fn go_on_from(&mut self, entity: u32, facility: u32) {
        if let Some(next) = self.detour_after(entity, facility) {
            self.entities[entity].visits += 1;
            return self.enter_facility(entity, next);
        }
        if self.entities[entity].kind == Kind::Activity {
            return self.end_activity(entity);
        }
        self.proceed(entity);
    }
}

impl Stream {
    /// This place at an entity's `number`-th visit off its route; the visit on its route is number zero.
    #[inline]
    pub(super) const fn visit(self, number: u16) -> Self {
        if number == 0 { self } else { self.member(number as u64) }
    }
}

impl FacilityState {
    /// How many wait in all classes, by their lists.
    pub(super) fn waiting_lists(&self) -> impl Iterator<Item = &super::entity::List> {
        self.queue.classes()
    }
}
