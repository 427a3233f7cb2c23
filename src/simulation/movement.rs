//! Movements: along links and legs, and what happens when a way is closed.
//!
//! A movement has no capacity of its own. A way that closes either blocks its entry (what is under way goes on) or stops
//! everything where it is; in both cases what comes meanwhile waits at the entry. A way's clock runs only while it is
//! open, and slower while everything on it is slowed, so a movement ends when that clock has gone on by its running time.
//! Every movement has one event, which never comes too late: what is told of is the earliest time at which the movement
//! can end, and at that time it is told anew.

use super::entity::{Entities, Kind, List};
use super::observer::{Observer, Wait};
use super::record::WayTally;
use super::{Engine, Subject, phase};
use crate::model::plan::{Action, WaitingPlace, movement_cell};
use crate::units::{MovementId, SimSpan, SimTime};

/// The state of a closable way.
#[derive(Clone, Debug)]
pub(super) struct WayState {
    /// Disruptions that close it now.
    pub(super) closures: u32,
    /// Of these, how many stop what is under way.
    pub(super) stops: u32,
    /// Factor on the speed of what enters, by disruptions in force.
    pub(super) speed: f64,
    /// Factor on the pace of its clock, by disruptions in force that slow what is under way; at most 1.
    pub(super) pace: f64,
    /// When that may next rise.
    pub(super) pace_until: SimTime,
    /// How long it has not been stopped, up to `clock_at`, at its pace.
    clock: SimSpan,
    clock_at: SimTime,
    /// Where the clock stood when everything on it last had to begin anew.
    restarted: i64,
    /// Since when it has been closed, as far as that has been counted.
    closed_since: SimTime,
    /// Entities that wait at the entry.
    waiting: List,
    /// Entities stopped at what would have been their arrival.
    stopped: List,
}

impl Default for WayState {
    fn default() -> Self {
        Self {
            closures: 0,
            stops: 0,
            speed: 1.0,
            pace: 1.0,
            pace_until: SimTime::NEVER,
            clock: SimSpan::ZERO,
            clock_at: SimTime::START,
            restarted: i64::MIN,
            closed_since: SimTime::START,
            waiting: List::default(),
            stopped: List::default(),
        }
    }
}

impl WayState {
    /// Who waits at the entry, and who is stopped under way.
    pub(super) fn standing(&self, entities: &Entities) -> [Vec<u32>; 2] {
        [&self.waiting, &self.stopped].map(|list| list.iter(entities).collect())
    }

    /// The way's clock at `now`.
    fn clock(&self, now: SimTime) -> SimSpan {
        if self.stops > 0 {
            self.clock
        } else if self.pace == 1.0 {
            self.clock + (now - self.clock_at)
        } else {
            self.clock + SimSpan(((now - self.clock_at).0 as f64 * self.pace) as i64)
        }
    }

    /// Everything under way has to begin anew; the clock is up to now.
    pub(super) fn restart(&mut self) {
        self.restarted = self.clock.0;
    }

    /// The earliest time at which the clock can stand at `mark`, unless that has come.
    fn earliest(&self, mark: i64, now: SimTime) -> Option<SimTime> {
        let left = mark - self.clock(now).0;
        if left <= 0 {
            None
        } else if self.pace == 1.0 {
            Some(now + SimSpan(left))
        } else {
            let span = SimSpan((left as f64 / self.pace).ceil() as i64);
            Some((now + span).min(self.pace_until).max(now + SimSpan(1)))
        }
    }

    /// Brings the clock up to `now`, before the number of stops changes.
    pub(super) fn tick(&mut self, now: SimTime) {
        self.clock = self.clock(now);
        self.clock_at = now;
    }
}

impl<O: Observer> Engine<'_, O> {
    /// An entity begins a movement.
    #[inline]
    pub(super) fn enter_movement(&mut self, entity: u32, movement: MovementId) {
        self.leave_yard(entity);
        let plan = &self.plan.movements[movement.index()];
        if let Some(way) = plan.way
            && self.ways[way.index()].closures > 0
        {
            self.entities[entity].arrived = self.now;
            return self.ways[way.index()].waiting.push_back(&mut self.entities, entity);
        }
        if let Some(way) = plan.way {
            self.count_entry(way.index(), SimSpan::ZERO);
            if O::ACTIVE {
                self.entities[entity].arrived = self.now;
            }
        }
        self.move_along(entity, movement);
    }

    #[inline]
    fn move_along(&mut self, entity: u32, movement: MovementId) {
        if self.dear > 0 {
            self.pay_by_disruption(entity);
        }
        let plan = &self.plan.movements[movement.index()];
        let key = self.entities[entity].key;
        let mut hours = match plan.time.fixed() {
            Some(hours) => hours,
            None => plan.time.at(&self.draws, key, plan.what),
        };
        // What it would take without disruption, and what it takes as things stand.
        let planned = SimSpan::from_hours(hours);
        if let Some(service) = plan.slowed {
            hours /= self.services[service.index()].speed;
            self.entities[entity].work = planned;
        }
        let mut due = None;
        if let Some(way) = plan.way {
            let state = &self.ways[way.index()];
            hours /= state.speed;
            let mark = (state.clock(self.now) + SimSpan::from_hours(hours)).0;
            due = Some(state.earliest(mark, self.now).unwrap_or(self.now));
            let it = &mut self.entities[entity];
            it.work = planned;
            it.inspection = SimSpan::from_hours(hours);
            it.mark = mark;
        }
        let span = SimSpan::from_hours(hours);
        if plan.way.is_none() && self.can_deliver_ahead(entity, span) {
            self.spend_part(entity, movement_cell::MAIN, span);
            return self.deliver_ahead(entity, self.now + span);
        }
        self.queue.schedule(
            due.unwrap_or(self.now + span),
            phase::FINISH,
            Subject::Moved.with(entity),
        );
    }

    /// Whether the end of a movement that takes `span` can be put on record at once: nothing comes after it but
    /// delivery, nothing can intervene, nothing else depends on the moment, and the replication will last that long.
    #[inline]
    fn can_deliver_ahead(&self, entity: u32, span: SimSpan) -> bool {
        let it = &self.entities[entity];
        self.delivers_ahead
            && self.plan.steps[it.step as usize + 1].action == Action::Finish
            && it.kind == Kind::Consignment
            && span <= self.plan.window.cool_down
            && self.now + span < self.stop
    }

    /// An entity has arrived, unless it was stopped on its way.
    #[inline]
    pub(super) fn end_movement(&mut self, entity: u32) {
        let it = &self.entities[entity];
        let Action::Move(movement) = self.plan.steps[it.step as usize].action else {
            return self.end_box_work(entity);
        };
        let plan = &self.plan.movements[movement.index()];
        if let Some(way) = plan.way {
            let state = &mut self.ways[way.index()];
            let it = &mut self.entities[entity];
            if it.mark - it.inspection.0 < state.restarted {
                it.mark = state.restarted + it.inspection.0;
            }
            let it = &self.entities[entity];
            if state.stops > 0 && state.clock.0 < it.mark {
                return state.stopped.push_back(&mut self.entities, entity);
            }
            if let Some(until) = state.earliest(it.mark, self.now) {
                return self.queue.schedule(until, phase::FINISH, Subject::Moved.with(entity));
            }
            let lost = (self.now - it.since - it.work).max(SimSpan::ZERO);
            if O::ACTIVE {
                // The entity has waited at the entry until its time was last put on record, and then been stopped.
                let wait = Wait {
                    place: WaitingPlace::Way(way.index() as u32),
                    class: it.class,
                    since: it.arrived,
                    until: it.since + lost,
                };
                self.observer.wait(wait);
            }
            if self.observing {
                self.record.ways[way.index()].losses.add(lost, &[]);
            }
            self.spend_delay(entity, movement_cell::DISRUPTED, lost);
        } else if plan.slowed.is_some() {
            let lost = self.now - it.since - it.work;
            self.spend_delay(entity, movement_cell::DISRUPTED, lost);
        }
        self.spend(entity, movement_cell::MAIN);
        self.proceed(entity);
    }

    fn count_entry(&mut self, way: usize, wait: SimSpan) {
        if self.observing {
            self.record.ways[way].entries.add(wait, &[]);
        }
    }

    /// Brings the time during which a way was closed up to now, before that changes.
    pub(super) fn count_closed(&mut self, way: usize) {
        let state = &mut self.ways[way];
        let span = (self.now - state.closed_since).0;
        if span > 0 {
            self.record.ways[way].closed += if state.closures > 0 { span } else { 0 };
            state.closed_since = self.now;
        }
    }

    /// The observation window begins.
    pub(super) fn begin_way_window(&mut self) {
        for way in 0..self.ways.len() {
            self.ways[way].closed_since = self.now;
            self.record.ways[way] = WayTally::default();
        }
    }

    /// The observation window ends.
    pub(super) fn end_way_window(&mut self) {
        for way in 0..self.ways.len() {
            self.count_closed(way);
            self.ways[way].closed_since = SimTime::NEVER;
        }
    }

    /// A way has reopened or goes on: those who were stopped or waited at the entry move.
    pub(super) fn reopen_way(&mut self, way: usize) {
        if self.ways[way].stops == 0 {
            let stopped = std::mem::take(&mut self.ways[way].stopped);
            let entities: Vec<u32> = stopped.iter(&self.entities).collect();
            for entity in entities {
                let it = &mut self.entities[entity];
                if it.mark - it.inspection.0 < self.ways[way].restarted {
                    it.mark = self.ways[way].restarted + it.inspection.0;
                }
                let mark = it.mark;
                let until = self.ways[way].earliest(mark, self.now).unwrap_or(self.now);
                self.queue.schedule(until, phase::FINISH, Subject::Moved.with(entity));
            }
        }
        if self.ways[way].closures == 0 {
            let waiting = std::mem::take(&mut self.ways[way].waiting);
            let entities: Vec<u32> = waiting.iter(&self.entities).collect();
            for entity in entities {
                let wait = self.now - self.entities[entity].arrived;
                self.count_entry(way, wait);
                let since = self.entities[entity].since;
                self.spend_delay(entity, movement_cell::DISRUPTED, self.now - since);
                if let Action::Move(movement) = self.plan.steps[self.entities[entity].step as usize].action {
                    self.move_along(entity, movement);
                }
            }
        }
    }
}
