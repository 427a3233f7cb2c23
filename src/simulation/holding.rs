//! Rooms that fill up, yards, gates and batches.

use super::entity::{Kind, List};
use super::observer::Observer;
use super::{Engine, Subject, phase};
use crate::model::plan::{Action, NONE, WhenFullPlan, facility_cell};
use crate::units::{MilliTeu, SimSpan};

impl<O: Observer> Engine<'_, O> {
    /// An entity that finds no room is turned away, held or sent elsewhere.
    pub(super) fn turn_away(&mut self, entity: u32, facility: u32) {
        let tally = &mut self.facilities[facility as usize].tally;
        match self.plan.facilities[facility as usize].when_full {
            WhenFullPlan::Refuse => {
                tally.refused += u64::from(self.observing);
                match self.entities[entity].kind {
                    Kind::Consignment => self.refuse(entity),
                    Kind::Box => self.refuse_box(entity),
                    Kind::Vehicle | Kind::Activity | Kind::Empty => self.go_on_from(entity, facility),
                }
            }
            WhenFullPlan::Divert(elsewhere) => {
                tally.refused += u64::from(self.observing);
                self.entities[entity].visits += 1;
                self.enter_facility(entity, elsewhere.index() as u32);
            }
            WhenFullPlan::Hold => self.facilities[facility as usize]
                .held
                .push_back(&mut self.entities, entity),
        }
    }

    /// Whether there is room for one more at a facility.
    fn has_room(&self, facility: u32, entity: u32) -> bool {
        let (plan, state) = (
            &self.plan.facilities[facility as usize],
            &self.facilities[facility as usize],
        );
        if let Some(space) = plan.storage {
            let space = if state.capacity == 1.0 {
                space
            } else {
                MilliTeu((space.0 as f64 * state.capacity) as i64)
            };
            return state.used + self.entities[entity].space <= space;
        }
        let idle = if plan.crew.is_some() {
            self.crew_has_idle(facility)
        } else {
            state.busy < state.limit
        };
        (idle && state.queue_length == 0) || state.queue_length < plan.waiting_room
    }

    /// Whether an entity that was just served must stay on its server, because the next facility has no room and holds
    /// it back; if so, it is put in line there.
    pub(super) fn is_held(&mut self, entity: u32, facility: u32) -> bool {
        let it = &self.entities[entity];
        if !matches!(it.kind, Kind::Consignment | Kind::Box)
            || self.plan.facilities[facility as usize].release.is_some()
        {
            return false;
        }
        let detour = self.detour_after(entity, facility);
        let next = match (detour, self.plan.steps[it.step as usize + 1].action) {
            (Some(next), _) => next,
            (None, Action::Pass(next)) => next.index() as u32,
            _ => return false,
        };
        let holds = self.plan.facilities[next as usize].when_full == WhenFullPlan::Hold;
        if !holds || (self.has_room(next, entity) && self.facilities[next as usize].held.is_empty()) {
            return false;
        }
        let it = &mut self.entities[entity];
        if detour.is_some() {
            it.visits += 1;
        } else {
            it.step += 1;
            it.cell = it.cells + self.plan.steps[it.step as usize].cell;
        }
        it.holds = facility;
        it.at = next;
        it.arrived = self.now;
        let state = &mut self.facilities[next as usize];
        state.tally.arrivals += u64::from(self.observing);
        state.held.push_back(&mut self.entities, entity);
        true
    }

    /// Lets in those held before facilities at which room has come free, as long as there is any.
    pub(super) fn settle(&mut self) {
        while let Some(facility) = self.freed.pop() {
            loop {
                let head = self.facilities[facility as usize].held.head;
                if head == NONE || !self.has_room(facility, head) {
                    break;
                }
                self.facilities[facility as usize].held.pop_front(&self.entities);
                self.let_in(head, facility);
            }
        }
    }

    fn let_in(&mut self, entity: u32, facility: u32) {
        let since = self.entities[entity].since;
        let blocked = i128::from(self.overlap(since));
        self.spend_delay(entity, facility_cell::BLOCKED, self.now - since);
        let before = std::mem::replace(&mut self.entities[entity].holds, NONE);
        let plan = &self.plan.facilities[facility as usize];
        let is_free = self.facilities[facility as usize].is_free();
        if plan.storage.is_some() {
            // Before a yard, the wait for space is the wait.
            self.count_wait(entity, facility);
            self.take_space(entity, facility);
            self.go_on_from(entity, facility);
        } else if plan.crew.is_some() {
            self.enter_crew(entity, facility);
        } else if is_free && plan.batch.0 <= 1 {
            self.facilities[facility as usize].occupy(self.now);
            self.entities[entity].next = NONE;
            self.begin_work(entity, facility);
        } else {
            self.wait_for_server(entity, facility);
            if plan.slots.is_some() {
                self.await_slot(facility);
            } else if plan.batch.0 > 1 {
                self.serve_next(facility);
            }
        }
        if before != NONE {
            let tally = &mut self.facilities[before as usize].tally;
            tally.blocked += blocked;
            if self.plan.facilities[before as usize].crew.is_none() {
                tally.occupied += blocked;
            }
            self.release_server(before);
        }
    }

    /// A yard lets in what it has space for; it is left when the entity moves on.
    pub(super) fn enter_yard(&mut self, entity: u32, facility: u32) {
        if self.facilities[facility as usize].held.is_empty() && self.has_room(facility, entity) {
            self.count_wait(entity, facility);
            self.take_space(entity, facility);
            self.go_on_from(entity, facility);
        } else {
            self.turn_away(entity, facility);
        }
    }

    fn take_space(&mut self, entity: u32, facility: u32) {
        self.leave_yard(entity);
        let state = &mut self.facilities[facility as usize];
        state.used += self.entities[entity].space;
        state.occupy(self.now);
        state.tally.starts += u64::from(self.observing);
        self.entities[entity].stored = facility;
    }

    /// An entity that moves on gives its space in a yard free.
    #[inline]
    pub(super) fn leave_yard(&mut self, entity: u32) {
        let facility = self.entities[entity].stored;
        if facility != NONE {
            self.give_space_free(entity, facility);
        }
    }

    fn give_space_free(&mut self, entity: u32, facility: u32) {
        self.entities[entity].stored = NONE;
        let state = &mut self.facilities[facility as usize];
        state.used -= self.entities[entity].space;
        state.vacate(self.now);
        self.freed.push(facility);
    }

    /// A server, already counted as busy, begins work on several together; the first carries the work for all.
    pub(super) fn begin_batch(&mut self, facility: u32, most: u64) {
        let mut batch = List::default();
        let (mut count, mut companions) = (0, 0);
        while count < most
            && let Some(entity) = self.take_waiting(facility)
        {
            if count > 0 {
                companions += i128::from(self.count_wait(entity, facility));
            }
            batch.push_back(&mut self.entities, entity);
            count += 1;
        }
        let tally = &mut self.facilities[facility as usize].tally;
        if self.observing {
            tally.batches += 1;
            tally.batched += count;
        }
        let work = self.begin_work(batch.head, facility);
        // Each of them is worked on as long as the first, and as slowly.
        if self.plan.facilities[facility as usize].is_hinderable {
            let added = self.entities[batch.head].mark_disrupted;
            let mut member = batch.head;
            while member != NONE {
                self.entities[member].mark_disrupted = added;
                member = self.entities[member].next;
            }
        }
        self.facilities[facility as usize].tally.service += companions * i128::from(work.0);
    }

    pub(super) fn end_batch(&mut self, first: u32, facility: u32) {
        let members: Vec<u32> = List {
            head: first,
            tail: NONE,
        }
        .iter(&self.entities)
        .collect();
        // Unlinked before any of them enters another list.
        self.release_server(facility);
        for entity in members {
            self.record_work(entity);
            self.after_work(entity, facility);
        }
    }

    /// Schedules the next passage through a gate before which someone waits.
    pub(super) fn await_slot(&mut self, facility: u32) {
        let Some((times, _)) = &self.plan.facilities[facility as usize].slots else {
            return;
        };
        let state = &mut self.facilities[facility as usize];
        if state.slot_due || state.queue_length == 0 {
            return;
        }
        // Whoever comes at the very time of a passage still gets through.
        if let Some(time) = times.first_from(self.now).and_then(|number| times.nth(number)) {
            state.slot_due = true;
            self.queue.schedule(time, phase::GATE, Subject::Slot.with(facility));
        }
    }

    /// A gate lets the next ones through.
    pub(super) fn open_slot(&mut self, facility: u32) {
        let Some((times, capacity)) = &self.plan.facilities[facility as usize].slots else {
            return;
        };
        let state = &self.facilities[facility as usize];
        let passages = match (state.is_open(), state.capacity) {
            (false, _) => 0,
            (true, 1.0) => *capacity,
            (true, factor) => (*capacity as f64 * factor).round() as u64,
        };
        for _ in 0..passages {
            let Some(entity) = self.take_waiting(facility) else {
                break;
            };
            self.facilities[facility as usize].tally.starts += u64::from(self.observing);
            self.count_wait(entity, facility);
            self.after_work(entity, facility);
        }
        self.freed.push(facility);
        // The next passage is strictly later.
        let state = &mut self.facilities[facility as usize];
        state.slot_due = false;
        if state.queue_length > 0
            && let Some(time) = times
                .first_from(self.now + SimSpan(1))
                .and_then(|number| times.nth(number))
        {
            state.slot_due = true;
            self.queue.schedule(time, phase::GATE, Subject::Slot.with(facility));
        }
    }
}
