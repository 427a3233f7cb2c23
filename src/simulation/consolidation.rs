//! Consolidation: lots wait for their batch, go as one box, and are parted at the far end.
//!
//! A lane has one batch open at a time. A lot that does not fit sends the batch off without it and opens the next. A box
//! is an entity of its own that goes through the lane's steps, boards services with the space that it takes up, and keeps
//! a log of its time, which its lots read when it is broken up. A batch is known by its first lot, so what
//! happens to one disturbs no other. Timers run from the first lot (a batch that left meanwhile is told by its time) or by
//! the clock, whatever is there. Validated against renewal theory (cases B-O-12 to B-O-17).

use super::entity::{Entity, Kind, List};
use super::generation::FLOW;
use super::observer::{Observer, Stretch};
use super::record::{LaneTally, square};
use super::service::LogEntry;
use super::{Engine, Subject, phase};
use crate::model::plan::{Action, LanePlan, LclPlan, NONE};
use crate::random::{Purpose, Stream, Word};
use crate::scenario::consolidation::BoxTimePer;
use crate::units::{Kilograms, LaneId, MilliTeu, SimSpan, SimTime};

/// The place at which lanes make their own draws.
const LANE: Stream = Stream::of("consolidation");

/// The batch that is open on a lane.
#[derive(Clone, Default)]
pub(super) struct LaneState {
    lots: List,
    count: u64,
    space: MilliTeu,
    mass: Kilograms,
    /// When its first lot came.
    opened: SimTime,
    /// Until when the number waiting has been integrated.
    counted: SimTime,
    /// When the last batch was dispatched.
    dispatched: Option<SimTime>,
    /// Number of the next dispatch by the clock.
    tick: u64,
}

/// What is in a box.
#[derive(Clone, Default)]
pub(super) struct Load {
    lots: List,
    count: u64,
    /// Space of the cargo itself.
    space: MilliTeu,
    /// What the box has done since it was closed, in cells of its lane.
    pub(super) log: Vec<LogEntry>,
}

/// Why a batch is dispatched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// There is enough of it.
    Quantity,
    /// Its box is full, or the next lot does not fit.
    Full,
    /// Its time has come.
    Time,
}

impl<O: Observer> Engine<'_, O> {
    /// Whether the consignment at `key` is less than a container load.
    #[inline]
    pub(super) fn is_lot(&self, lcl: &LclPlan, key: Stream) -> bool {
        Word(self.draws.words(key, FLOW.purpose(Purpose::LclMark))[0]).unit() < lcl.probability
    }

    /// Schedules the first dispatch of every lane by the clock.
    pub(super) fn start_lanes(&mut self) {
        for lane in 0..self.plan.lanes.len() {
            self.schedule_tick(lane);
        }
    }

    fn schedule_tick(&mut self, lane: usize) {
        let Some(clock) = &self.plan.lanes[lane].clock else {
            return;
        };
        let number = self.lanes[lane].tick;
        self.lanes[lane].tick += 1;
        if let Some(time) = clock.nth(number).filter(|time| *time < SimTime::NEVER) {
            let subject = Subject::Consolidation.with(lane as u32 * 2 + 1);
            self.queue.schedule(time, phase::GATE, subject);
        }
    }

    /// A batch's time is over, or the clock dispatches.
    pub(super) fn dispatch_in_time(&mut self, number: u32) {
        let lane = (number / 2) as usize;
        if number % 2 == 1 {
            self.schedule_tick(lane);
            if self.lanes[lane].count == 0 {
                self.record.lanes[lane].empty += u64::from(self.observing);
            } else {
                self.dispatch_batch(lane, Reason::Time);
            }
            return;
        }
        let state = &self.lanes[lane];
        // The batch for which the timer was set may have left; its successor has a timer of its own.
        if state.count > 0 && state.opened + self.plan.lanes[lane].longest_wait <= self.now {
            self.dispatch_batch(lane, Reason::Time);
        }
    }

    /// A lot comes to the centre.
    pub(super) fn enter_batch(&mut self, entity: u32, lane: LaneId) {
        let lane = lane.index();
        let plan = &self.plan.lanes[lane];
        let (space, mass) = (self.entities[entity].space, self.entities[entity].mass);
        let state = &self.lanes[lane];
        if state.count > 0 && (state.space + space > plan.capacity || state.mass + mass > plan.payload) {
            self.dispatch_batch(lane, Reason::Full);
        }
        self.count_waiting(lane);
        self.entities[entity].arrived = self.now;
        let state = &mut self.lanes[lane];
        if state.count == 0 {
            state.opened = self.now;
            if plan.longest_wait < SimSpan::FOREVER {
                let subject = Subject::Consolidation.with(lane as u32 * 2);
                self.queue.schedule(self.now + plan.longest_wait, phase::GATE, subject);
            }
        }
        state.count += 1;
        state.space += space;
        state.mass += mass;
        state.lots.push_back(&mut self.entities, entity);
        let (lots, enough_space, enough_mass) = plan.enough;
        let full = state.space >= plan.capacity || state.mass >= plan.payload;
        if state.count >= lots || state.space >= enough_space || state.mass >= enough_mass {
            self.dispatch_batch(lane, Reason::Quantity);
        } else if full && !plan.overfull {
            self.dispatch_batch(lane, Reason::Full);
        }
    }

    /// Brings the integral of the number waiting up to now.
    fn count_waiting(&mut self, lane: usize) {
        let state = &mut self.lanes[lane];
        let span = (self.now - state.counted).0;
        if span > 0 {
            self.record.lanes[lane].queue_area += i128::from(span) * i128::from(state.count);
            state.counted = self.now;
        }
    }

    /// Closes the box of the open batch and sends it on its way.
    fn dispatch_batch(&mut self, lane: usize, reason: Reason) {
        self.count_waiting(lane);
        let plan = &self.plan.lanes[lane];
        let state = &mut self.lanes[lane];
        let (lots, count, opened) = (std::mem::take(&mut state.lots), state.count, state.opened);
        let (space, mass) = (std::mem::take(&mut state.space), std::mem::take(&mut state.mass));
        state.count = 0;
        let last = state.dispatched.replace(self.now);
        let mut observed = false;
        let mut at = lots.head;
        while at != NONE {
            let it = &self.entities[at];
            let (next, since, wait) = (it.next, it.since, self.now - it.arrived);
            if !self.window_over {
                self.record.lanes[lane].wait_in_window += i128::from(self.overlap(since));
            }
            if it.observed {
                observed = true;
                self.record.lanes[lane].waits.add(wait, &plan.wait_within);
                let sketch = self.lane_sketch(lane);
                self.record.sketches.record(sketch, wait.0 as u64);
            }
            self.spend(at, 0);
            self.leave_yard(at);
            at = next;
        }
        let taken = box_space(plan, space);
        if self.observing {
            let last_lot = self.now - self.entities[lots.tail].arrived;
            let tally = &mut self.record.lanes[lane];
            tally.count_box(count, space, mass, taken);
            tally.holds.add(self.now - opened, &[]);
            tally.last_waits += i128::from(last_lot.0);
            match reason {
                Reason::Quantity => tally.by_quantity += 1,
                Reason::Full => tally.by_full += 1,
                Reason::Time => tally.by_time += 1,
            }
            if let Some(last) = last {
                tally.gaps.add(self.now - last, &[]);
            }
        }
        let first = self.entities[lots.head];
        let load = self.new_load(lots, count, space);
        let key = plan.stream.member(first.key.0);
        let mut entity = Entity::new(key, self.now, Kind::Box);
        entity.space = taken;
        entity.mass = mass;
        entity.class = plan.class;
        entity.flow = plan.flow;
        entity.refrigerated = plan.refrigerated;
        entity.observed = observed;
        entity.body = load;
        entity.strand = lane as u32;
        entity.step = plan.first_step;
        let entity = self.entities.add(&entity);
        self.perform(entity);
    }

    fn new_load(&mut self, lots: List, count: u64, space: MilliTeu) -> u32 {
        let number = self.idle_loads.pop().unwrap_or_else(|| {
            self.loads.push(Load::default());
            (self.loads.len() - 1) as u32
        });
        let load = &mut self.loads[number as usize];
        load.log.clear();
        (load.lots, load.count, load.space) = (lots, count, space);
        number
    }

    fn lane_sketch(&self, lane: usize) -> usize {
        self.plan.first_lane_sketch() + lane
    }

    /// A box is stuffed, or opened at the far end.
    pub(super) fn begin_box_work(&mut self, entity: u32, lane: LaneId) {
        let stuffing = matches!(
            self.plan.steps[self.entities[entity].step as usize].action,
            Action::Stuff(_)
        );
        let plan = &self.plan.lanes[lane.index()];
        let (work, purpose) = if stuffing {
            (&plan.stuffing, Purpose::BatchStuffingTime)
        } else {
            self.leave_yard(entity);
            (&plan.stripping, Purpose::BatchStrippingTime)
        };
        let Some((time, per)) = work else {
            return self.proceed(entity);
        };
        let it = &self.entities[entity];
        let load = &self.loads[it.body as usize];
        let count = match per {
            BoxTimePer::Box => 1.0,
            BoxTimePer::Lot => load.count as f64,
            BoxTimePer::Teu => load.space.teu(),
        };
        let hours = count * time.at(&self.draws, it.key, LANE.purpose(purpose));
        let until = self.now + SimSpan::from_hours(hours);
        self.queue.schedule(until, phase::FINISH, Subject::Moved.with(entity));
    }

    /// Stuffing or stripping is done.
    pub(super) fn end_box_work(&mut self, entity: u32) {
        if matches!(
            self.plan.steps[self.entities[entity].step as usize].action,
            Action::Stuff(_) | Action::Strip(_)
        ) {
            self.spend(entity, 0);
            self.proceed(entity);
        }
    }

    /// The lots of a box go their own ways.
    pub(super) fn break_up(&mut self, entity: u32) {
        self.part(entity, |engine, lot| engine.proceed(lot));
    }

    /// A box is turned away for good, with all that is in it.
    pub(super) fn refuse_box(&mut self, entity: u32) {
        self.leave_yard(entity);
        self.part(entity, |engine, lot| engine.refuse(lot));
    }

    /// Puts what a box did on the record of each of its lots, and hands them over.
    fn part(&mut self, entity: u32, hand_over: impl Fn(&mut Self, u32)) {
        let number = self.entities[entity].body;
        let since = self.entities[entity].since;
        let load = &mut self.loads[number as usize];
        let (lots, log) = (std::mem::take(&mut load.lots), std::mem::take(&mut load.log));
        self.entities.remove(entity);
        let mut at = lots.head;
        while at != NONE {
            let it = &mut self.entities[at];
            let next = it.next;
            for entry in &log {
                let cell = it.cell + entry.cell;
                self.record.cells.add(cell as usize, entry.until - entry.from);
                if O::ACTIVE && it.observed {
                    self.observer.stretch(Stretch {
                        consignment: it.key,
                        created: it.created,
                        strand: it.strand,
                        cell: cell - it.cells,
                        from: entry.from,
                        until: entry.until,
                    });
                }
            }
            it.since = since;
            hand_over(self, at);
            at = next;
        }
        self.loads[number as usize].log = log;
        self.idle_loads.push(number);
    }

    /// The observation window begins.
    pub(super) fn begin_lane_window(&mut self) {
        for (state, tally) in self.lanes.iter_mut().zip(&mut self.record.lanes) {
            state.counted = self.now;
            (tally.queue_area, tally.wait_in_window) = (0, 0);
            tally.present.0 = state.count;
        }
    }

    /// The observation window ends.
    pub(super) fn end_lane_window(&mut self) {
        for lane in 0..self.lanes.len() {
            self.count_waiting(lane);
            self.lanes[lane].counted = SimTime::NEVER;
            let waiting = self.lanes[lane].lots.iter(&self.entities);
            let waited: i128 = waiting
                .map(|lot| i128::from(self.overlap(self.entities[lot].since)))
                .sum();
            let tally = &mut self.record.lanes[lane];
            tally.present.1 = self.lanes[lane].count;
            tally.wait_in_window += waited;
        }
    }

    /// What is left in batches that were never dispatched.
    pub(super) fn close_lanes(&self, tallies: &mut [LaneTally]) {
        for (state, tally) in self.lanes.iter().zip(tallies) {
            tally.unfinished = state.count;
        }
    }
}

/// The space that the box of a batch takes up: cargo that is larger than a box takes several.
fn box_space(plan: &LanePlan, cargo: MilliTeu) -> MilliTeu {
    match plan.container {
        None => cargo,
        Some(container) => {
            let boxes = if plan.capacity.0 > 0 {
                (cargo.0 + plan.capacity.0 - 1) / plan.capacity.0
            } else {
                1
            };
            MilliTeu(container.0 * boxes.max(1))
        }
    }
}

impl LaneTally {
    fn count_box(&mut self, lots: u64, space: MilliTeu, mass: Kilograms, taken: MilliTeu) {
        self.boxes += 1;
        self.lots += lots;
        self.lots_squared += u128::from(lots) * u128::from(lots);
        self.single += u64::from(lots == 1);
        self.space += space.0;
        self.mass += mass.0;
        self.mass_squared += square(SimSpan(mass.0));
        self.taken += taken.0;
    }
}
