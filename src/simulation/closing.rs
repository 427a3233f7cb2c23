//! Closing a replication: what is unfinished is counted, and the books must balance.

use super::entity::Kind;
use super::observer::{Observer, Wait};
use super::service::{Fate, Past};
use super::{Engine, Record};
use crate::model::plan::{NONE, WaitingPlace, container_cell, facility_cell, movement_cell};
use crate::units::SimSpan;

impl<O: Observer> Engine<'_, O> {
    /// Ends the replication and hands over its record.
    pub(super) fn close(mut self) -> Record {
        if !self.window_over {
            self.end_window();
        }
        self.book_waits_without_end();
        let mut record = std::mem::take(&mut self.record);
        record.stopped = self.now.max(self.last_delivery);
        let mut lived = 0_i128;
        for entity in self.entities.living().filter(|entity| entity.kind == Kind::Consignment) {
            record.system.present += 1;
            record.system.space[3] += entity.space.0;
            if entity.observed {
                let tally = &mut record.strands[entity.strand as usize];
                tally.unfinished += 1;
                let flow = &self.plan.flows[entity.flow as usize];
                if flow.shelf_life.is_some() || flow.decay > 0.0 {
                    flow.spoil(tally, self.now - entity.created, entity.space);
                }
                lived += i128::from((entity.since - entity.created).0);
            }
        }
        record.system.deadlock = self.is_deadlocked();
        self.close_lanes(&mut record.lanes);
        self.check(&mut record, lived);
        record.depots = self.containers.depots.into_iter().map(|state| state.tally).collect();
        record.moves = self.containers.moves.into_iter().map(|state| state.tally).collect();
        record.facilities = self.facilities.into_iter().map(|state| state.tally).collect();
        record
    }

    /// Puts the time of those who still wait on record, and tells the observer. A place that lets nobody through would
    /// otherwise pass for one at which nobody waits, and nothing would be lost at a closed border.
    fn book_waits_without_end(&mut self) {
        for (number, plan) in self.plan.facilities.iter().enumerate() {
            let state = &self.facilities[number];
            let queueing = state.queue.classes().flat_map(|list| list.iter(&self.entities));
            let queueing = queueing.map(|entity| (entity, facility_cell::QUEUE));
            let held = state.held.iter(&self.entities);
            let held = held.map(|entity| (entity, facility_cell::BLOCKED));
            let waiting: Vec<(u32, u32)> = queueing.chain(held).collect();
            for (entity, cell) in waiting {
                let it = &self.entities[entity];
                self.tell_wait(
                    WaitingPlace::Facility(number as u32),
                    plan.class_of(it.flow, it.class),
                    entity,
                );
                if cell == facility_cell::QUEUE && plan.is_hinderable {
                    self.tell_hindrances_apart(entity, number as u32);
                }
                self.book_wait(entity, cell);
            }
        }
        for number in 0..self.services.len() {
            self.book_waits_at_stops(number);
        }
        for way in 0..self.ways.len() {
            let [waiting, stopped] = self.ways[way].standing(&self.entities);
            for entity in waiting {
                self.tell_wait(WaitingPlace::Way(way as u32), self.entities[entity].class, entity);
                self.book_wait(entity, movement_cell::DISRUPTED);
            }
            for entity in stopped {
                let it = &self.entities[entity];
                let lost = self.now - it.since - it.work;
                self.spend_delay(entity, movement_cell::DISRUPTED, lost);
            }
        }
        let waiting: Vec<(u32, u32)> = self.containers.waiting(&self.entities).collect();
        for (depot, entity) in waiting {
            self.tell_wait(WaitingPlace::Depot(depot), self.entities[entity].class, entity);
            self.book_wait(entity, container_cell::WAIT);
        }
    }

    fn book_waits_at_stops(&mut self, service: usize) {
        let plan = &self.plan.services[service];
        let (first, runs) = (plan.first_stop, plan.validity.end > self.now);
        for stop in 0..self.services[service].stops.len() {
            let state = &mut self.services[service].stops[stop];
            state.settle_cancelled(self.now);
            let waiting = state.queue.iter().flat_map(|list| list.iter(&self.entities));
            let waiting: Vec<u32> = waiting.collect();
            if waiting.is_empty() {
                continue;
            }
            // As if the next departure were now.
            state.departures.push(Past {
                time: self.now,
                cut_off: self.now,
                fate: Fate::Departed,
                held: SimSpan::ZERO,
            });
            for entity in waiting {
                let it = &self.entities[entity];
                if it.kind != Kind::Empty {
                    // That a service has ceased shippers know by its dates.
                    if runs {
                        self.tell_wait(WaitingPlace::Stop(first + stop as u32), it.class, entity);
                    }
                    self.tell_wait_apart(entity, service, stop);
                }
            }
        }
    }

    /// Puts what is left of a wait that has not ended on record.
    fn book_wait(&mut self, entity: u32, cell: u32) {
        let since = self.entities[entity].since;
        self.spend_delay(entity, cell, self.now - since);
    }

    /// Tells the observer of a wait that has not ended.
    fn tell_wait(&mut self, place: WaitingPlace, class: u8, entity: u32) {
        if O::ACTIVE {
            let since = self.entities[entity].arrived;
            self.observer.wait(Wait {
                place,
                class,
                since,
                until: self.now.max(since),
            });
        }
    }

    /// Whether some facilities wait for each other in a circle: every server of each is held by an entity for which one
    /// of the others has no room.
    fn is_deadlocked(&self) -> bool {
        // Those that could be in a circle, until for one of their servers a way out is found.
        let mut stuck: Vec<bool> = self
            .facilities
            .iter()
            .map(|state| !state.held.is_empty() && state.is_open() && state.busy > 0 && state.busy >= state.limit)
            .collect();
        loop {
            let mut without_way_out = vec![0; stuck.len()];
            for (waited_for, state) in self.facilities.iter().enumerate() {
                for entity in state.held.iter(&self.entities) {
                    let holds = self.entities[entity].holds;
                    if holds != NONE && stuck[waited_for] {
                        without_way_out[holds as usize] += 1;
                    }
                }
            }
            let mut changed = false;
            for (facility, state) in self.facilities.iter().enumerate() {
                if stuck[facility] && without_way_out[facility] < state.busy {
                    stuck[facility] = false;
                    changed = true;
                }
            }
            if !changed {
                return stuck.contains(&true);
            }
        }
    }

    /// What must hold after every replication, whatever the scenario.
    fn check(&self, record: &mut Record, lived: i128) {
        let mut broken = Vec::new();
        let system = &record.system;
        if system.generated != system.delivered + system.refused + system.present {
            broken.push(format!("consignments are not conserved: {system:?}"));
        }
        let [generated, delivered, refused, present] = system.space;
        if generated != delivered + refused + present {
            broken.push(format!("cargo is not conserved: {system:?}"));
        }
        let on_record: i128 = record.cells.of(0..self.plan.cells.total).sum();
        let transit: i128 = record.strands.iter().map(|strand| strand.transit).sum();
        let lived = transit + lived + system.refused_time;
        if on_record != lived {
            broken.push(format!("time is not conserved: {on_record} on record, {lived} lived"));
        }
        for strand in &record.strands {
            if strand.generated != strand.delivered + strand.refused + strand.unfinished {
                broken.push(format!("a strand's consignments are not conserved: {strand:?}"));
            }
        }
        for (state, plan) in self.facilities.iter().zip(&self.plan.facilities) {
            let tally = &state.tally;
            if tally.queue_area != tally.wait_in_window {
                broken.push(format!(
                    "Little's law fails at a facility ({:?}): {} on the queue, {} of waiting",
                    plan.stream, tally.queue_area, tally.wait_in_window
                ));
            }
        }
        for stop in record.services.iter().flat_map(|service| &service.stops) {
            if stop.queue_area != stop.wait_in_window {
                broken.push(format!("Little's law fails at a stop: {stop:?}"));
            }
        }
        for lane in &record.lanes {
            if lane.queue_area != lane.wait_in_window {
                broken.push(format!("Little's law fails at a consolidation: {lane:?}"));
            }
        }
        self.check_containers(&mut broken);
        record.violations = broken;
    }
}
