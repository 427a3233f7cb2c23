//! Container pools: empties at depots, the cargo that waits for them, and how they come back.
//!
//! Cargo that finds no box waits, by priority class and first come first served within it; nobody overtakes who needs more
//! boxes than are there. Boxes come back after delivery and stripping, and by repositioning: on a service, where each empty is
//! real load, or after a lead time. A box is at all times in exactly one state (at a depot, with cargo, being stripped, being
//! repositioned), which is counted anew at the end of every replication.
//! Validated against M/M/c (a closed pool whose boxes are the servers) and (S-1, S) stocks with a Poisson number on order.

use super::agenda::{Agenda, Errand};
use super::entity::{Entities, Entity, Kind, List};
use super::observer::{Observer, Wait};
use super::record::{DepotTally, MoveTally};
use super::{Engine, Subject, phase};
use crate::model::plan::{MoveRule, NONE, Plan, WaitingPlace, container_cell};
use crate::random::Purpose;
use crate::units::{HireId, MilliTeu, SimSpan, SimTime};

/// The boxes of all pools.
#[derive(Clone, Default)]
pub(super) struct Containers {
    pub depots: Vec<DepotState>,
    pub moves: Vec<MoveState>,
    /// By pool: boxes of its own and hired ones, thousandths of a TEU.
    totals: Vec<MilliTeu>,
    /// By consignment: the boxes it has. As long as the number of the last that had any.
    holdings: Vec<Holding>,
    pub agenda: Agenda,
    first_sketch: usize,
}

/// The state of a depot.
#[derive(Clone)]
pub(super) struct DepotState {
    on_hand: MilliTeu,
    /// Who waits, by class.
    queue: Vec<List>,
    waiting: u64,
    /// The boxes that they need.
    needed: MilliTeu,
    /// Repositioned boxes on their way here.
    due: MilliTeu,
    counted: SimTime,
    pub tally: DepotTally,
}

/// The state of a way of repositioning.
#[derive(Clone, Default)]
pub(super) struct MoveState {
    /// Shipments so far.
    ordinal: u64,
    pub tally: MoveTally,
}

/// The boxes of a consignment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Holding {
    /// The pool, or `NONE`.
    pool: u32,
    /// Where they are left.
    to: u32,
    space: MilliTeu,
    hired: bool,
}

const NO_BOXES: Holding = Holding {
    pool: NONE,
    to: NONE,
    space: MilliTeu(0),
    hired: false,
};

impl Containers {
    /// The pools of `plan` at the start.
    pub fn new(plan: &Plan) -> Self {
        let containers = &plan.containers;
        let mut totals = vec![MilliTeu(0); containers.pools.len()];
        for depot in &containers.depots {
            totals[depot.pool as usize] += depot.stock;
        }
        let depots = containers.depots.iter().map(|depot| DepotState {
            on_hand: depot.stock,
            queue: vec![List::default(); plan.classes],
            waiting: 0,
            needed: MilliTeu(0),
            due: MilliTeu(0),
            counted: SimTime::START,
            tally: DepotTally::default(),
        });
        Self {
            depots: depots.collect(),
            moves: containers.moves.iter().map(|_| MoveState::default()).collect(),
            totals,
            holdings: Vec::new(),
            agenda: Agenda::default(),
            first_sketch: plan.first_depot_sketch(),
        }
    }

    /// Who waits for boxes, with the depot.
    pub fn waiting<'a>(&'a self, entities: &'a Entities) -> impl Iterator<Item = (u32, u32)> + 'a {
        let of_depot = |(depot, state): (usize, &'a DepotState)| {
            let waiting = state.queue.iter().flat_map(|list| list.iter(entities));
            waiting.map(move |entity| (depot as u32, entity))
        };
        self.depots.iter().enumerate().flat_map(of_depot)
    }

    fn holding(&mut self, entity: u32) -> &mut Holding {
        let place = entity as usize;
        if self.holdings.len() <= place {
            self.holdings.resize(place + 1, NO_BOXES);
        }
        &mut self.holdings[place]
    }
}

impl<O: Observer> Engine<'_, O> {
    /// Schedules the reviews of repositioning, and makes those that need none.
    pub(super) fn start_containers(&mut self) {
        for by in 0..self.plan.containers.moves.len() as u32 {
            match self.plan.containers.moves[by as usize].every {
                Some(every) => self.note(SimTime::START + every, phase::GATE, Errand::Review { by }),
                None => self.reposition(by),
            }
        }
    }

    pub(super) fn note(&mut self, time: SimTime, phase: u8, errand: Errand) {
        let place = self.containers.agenda.note(errand);
        self.queue.schedule(time, phase, Subject::Errand.with(place));
    }

    /// An errand is due.
    pub(super) fn run_errand(&mut self, place: u32) {
        match self.containers.agenda.take(place) {
            Errand::Nothing => {}
            Errand::Stuffed { entity } => {
                self.spend(entity, container_cell::STUFFING);
                self.proceed(entity);
            }
            Errand::Back { depot, space, hired } => {
                if self.observing {
                    self.containers.depots[depot as usize].tally.left += space.0;
                }
                if hired {
                    let pool = self.plan.containers.depots[depot as usize].pool;
                    self.containers.totals[pool as usize] -= space;
                } else {
                    self.receive(depot, space);
                }
            }
            Errand::Arrived { by, space } => self.empties_at_depot(by, space),
            Errand::Review { by } => {
                self.reposition(by);
                if let Some(every) = self.plan.containers.moves[by as usize].every {
                    self.note(self.now + every, phase::GATE, Errand::Review { by });
                }
            }
            Errand::Frequency { service } => self.review_frequency(service as usize),
            Errand::Added { service, ordinal } => self.added_departure(service as usize, ordinal),
            Errand::Lease { depot } => self.lease_for_patient(depot),
        }
    }

    /// A consignment needs boxes, unless its flow travels without.
    pub(super) fn take_boxes(&mut self, entity: u32, hire: HireId) {
        let plan = self.plan;
        let hire = &plan.containers.hires[hire.index()];
        let pool = &plan.containers.pools[hire.pool as usize];
        let it = &self.entities[entity];
        // On a way chosen anew it may have them already.
        let has = self.containers.holding(entity).pool;
        if !pool.carries[it.flow as usize] || has == hire.pool {
            return self.proceed(entity);
        }
        let (class, needed) = (it.class as usize, pool.boxes_for(it.space));
        self.end_hire(entity, self.now);
        let it = &mut self.entities[entity];
        it.arrived = self.now;
        self.count_depot(hire.from);
        let depot = &mut self.containers.depots[hire.from as usize];
        let nobody_before = depot.queue[..=class].iter().all(List::is_empty);
        *self.containers.holding(entity) = Holding {
            pool: hire.pool,
            to: hire.to,
            space: MilliTeu(0),
            hired: false,
        };
        let depot = &mut self.containers.depots[hire.from as usize];
        if nobody_before && depot.on_hand >= needed {
            depot.on_hand -= needed;
            self.give(entity, hire.from, needed, false);
        } else if pool.lease_after == Some(SimSpan::ZERO) {
            self.containers.totals[hire.pool as usize] += needed;
            self.give(entity, hire.from, needed, true);
        } else {
            depot.waiting += 1;
            depot.needed += needed;
            depot.queue[class].push_back(&mut self.entities, entity);
            if let Some(after) = pool.lease_after {
                let time = self.now + after;
                self.note(time, phase::GATE, Errand::Lease { depot: hire.from });
            }
        }
        self.stock_changed(hire.from);
    }

    /// A consignment gets boxes that have been taken off the stock or hired.
    fn give(&mut self, entity: u32, depot: u32, space: MilliTeu, hired: bool) {
        let plan = self.plan;
        let holding = self.containers.holding(entity);
        holding.space = space;
        holding.hired = hired;
        let pool = &plan.containers.pools[holding.pool as usize];
        let tally = &mut self.containers.depots[depot as usize].tally;
        if self.observing {
            tally.taken += space.0;
            tally.leased += if hired { space.0 } else { 0 };
        }
        let it = &self.entities[entity];
        if it.observed {
            let wait = self.now - it.arrived;
            tally.waits.add(wait, &[]);
            let sketch = self.containers.first_sketch + depot as usize;
            self.record.sketches.record(sketch, wait.0 as u64);
        }
        if O::ACTIVE {
            self.observer.wait(Wait {
                place: WaitingPlace::Depot(depot),
                class: it.class,
                since: it.arrived,
                until: self.now,
            });
        }
        let key = it.key;
        self.spend(entity, container_cell::WAIT);
        match &pool.stuffing {
            None => self.proceed(entity),
            Some(time) => {
                let what = plan.containers.depots[depot as usize]
                    .stream
                    .purpose(Purpose::StuffingTime);
                let hours = time.at(&self.draws, key, what);
                let time = self.now + SimSpan::from_hours(hours);
                self.note(time, phase::FINISH, Errand::Stuffed { entity });
            }
        }
    }

    /// A consignment stops waiting, whose wait is counted.
    fn stop_waiting(&mut self, entity: u32, depot: u32, space: MilliTeu) {
        let overlap = if self.window_over {
            0
        } else {
            self.overlap(self.entities[entity].arrived)
        };
        let state = &mut self.containers.depots[depot as usize];
        state.waiting -= 1;
        state.needed -= space;
        state.tally.wait_in_window += i128::from(overlap);
    }

    /// Boxes come to a depot: who waits gets them in turn, and more may be repositioned.
    fn receive(&mut self, depot: u32, space: MilliTeu) {
        self.count_depot(depot);
        self.containers.depots[depot as usize].on_hand += space;
        let pool = &self.plan.containers.pools[self.plan.containers.depots[depot as usize].pool as usize];
        for class in 0..self.plan.classes {
            loop {
                let state = &mut self.containers.depots[depot as usize];
                let head = state.queue[class].head;
                if head == NONE {
                    break;
                }
                let needed = pool.boxes_for(self.entities[head].space);
                if needed > state.on_hand {
                    return self.stock_changed(depot);
                }
                state.queue[class].pop_front(&self.entities);
                state.on_hand -= needed;
                self.stop_waiting(head, depot, needed);
                self.give(head, depot, needed, false);
            }
        }
        self.stock_changed(depot);
    }

    /// Boxes are hired for those who have waited long enough.
    fn lease_for_patient(&mut self, depot: u32) {
        let pool = self.plan.containers.depots[depot as usize].pool as usize;
        let plan = &self.plan.containers.pools[pool];
        let Some(after) = plan.lease_after else { return };
        self.count_depot(depot);
        for class in 0..self.plan.classes {
            loop {
                let head = self.containers.depots[depot as usize].queue[class].head;
                if head == NONE || self.entities[head].arrived + after > self.now {
                    break;
                }
                let needed = plan.boxes_for(self.entities[head].space);
                self.containers.depots[depot as usize].queue[class].pop_front(&self.entities);
                self.containers.totals[pool] += needed;
                self.stop_waiting(head, depot, needed);
                self.give(head, depot, needed, true);
            }
        }
        // Who needed more than was there may have stood before others.
        self.receive(depot, MilliTeu(0));
    }

    /// A consignment leaves its boxes on its way.
    pub(super) fn leave_boxes(&mut self, entity: u32, hire: HireId) {
        let hire = &self.plan.containers.hires[hire.index()];
        let holding = self.containers.holding(entity);
        if holding.pool == hire.pool {
            // Cargo that has chosen anew may leave them elsewhere than it was to when it took them.
            holding.to = hire.to;
            self.end_hire(entity, self.now);
        }
        self.proceed(entity);
    }

    /// The boxes that a consignment has, if any, are stripped from `time` on and then go back.
    pub(super) fn end_hire(&mut self, entity: u32, time: SimTime) {
        let plan = self.plan;
        if plan.containers.pools.is_empty() {
            return;
        }
        let holding = std::mem::replace(self.containers.holding(entity), NO_BOXES);
        if holding.pool == NONE {
            return;
        }
        let (pool, depot) = (&plan.containers.pools[holding.pool as usize], holding.to);
        let dwell = match &pool.stripping {
            None => SimSpan::ZERO,
            Some(dwell) => {
                let what = plan.containers.depots[depot as usize]
                    .stream
                    .purpose(Purpose::StrippingTime);
                let key = self.entities[entity].key;
                SimSpan::from_hours(dwell.at(&self.draws, key, what))
            }
        };
        if self.observing {
            let beyond = (dwell - pool.free_time).0.max(0);
            self.containers.depots[depot as usize].tally.detention += i128::from(beyond) * i128::from(holding.space.0);
        }
        let back = Errand::Back {
            depot,
            space: holding.space,
            hired: holding.hired,
        };
        self.note(time + dwell, phase::FINISH, back);
    }

    /// The stock of a depot, or what is asked of it, has changed: what is looked at whenever that happens is looked at.
    fn stock_changed(&mut self, depot: u32) {
        for by in 0..self.plan.containers.moves.len() as u32 {
            let plan = &self.plan.containers.moves[by as usize];
            if plan.every.is_none() && (plan.to == depot || plan.from == depot) {
                self.reposition(by);
            }
        }
    }

    /// Sends as many empties as the rule says, as far as there are any.
    fn reposition(&mut self, by: u32) {
        let plan = &self.plan.containers.moves[by as usize];
        let size = self.plan.containers.pools[plan.pool as usize].size.0;
        let (from, to) = (
            &self.containers.depots[plan.from as usize],
            &self.containers.depots[plan.to as usize],
        );
        if from.waiting > 0 {
            return;
        }
        let there = (from.on_hand.0 - plan.keep.0).max(0);
        let wanted = match plan.rule {
            MoveRule::Fixed(space) => space.0,
            MoveRule::OrderUpTo { reorder, up_to } => {
                let position = to.on_hand.0 + to.due.0 - to.needed.0;
                // Whole boxes: what is short of the level by a part of one is not ordered.
                if position <= reorder.0 { up_to.0 - position } else { 0 }
            }
            MoveRule::DownTo(level) => from.on_hand.0 - level.0,
        };
        let boxes = (wanted.min(there) / size).max(0);
        if boxes == 0 {
            return;
        }
        let space = MilliTeu(boxes * size);
        self.count_depot(plan.from);
        self.containers.depots[plan.from as usize].on_hand -= space;
        self.containers.depots[plan.to as usize].due += space;
        if self.observing {
            self.containers.depots[plan.from as usize].tally.sent += space.0;
            self.containers.moves[by as usize].tally.sent += space.0;
        }
        match plan.first_step {
            None => self.send_for(by, space),
            Some(first_step) => {
                for _ in 0..boxes {
                    self.board_empty(by, first_step, MilliTeu(size));
                }
            }
        }
        // What is taken here may have to be replaced from elsewhere.
        self.stock_changed(plan.from);
    }

    /// Empties take their time to the other depot, by a draw of their own.
    fn send_for(&mut self, by: u32, space: MilliTeu) {
        let state = &mut self.containers.moves[by as usize];
        let key = self.plan.containers.moves[by as usize].stream.member(state.ordinal);
        state.ordinal += 1;
        self.arrive_after(by, space, key);
    }

    fn arrive_after(&mut self, by: u32, space: MilliTeu, key: crate::random::Stream) {
        let plan = &self.plan.containers.moves[by as usize];
        let time = match &plan.time {
            None => self.now,
            Some(time) => {
                let what = plan.stream.purpose(Purpose::RepositioningTime);
                self.now + SimSpan::from_hours(time.at(&self.draws, key, what))
            }
        };
        self.note(time, phase::FINISH, Errand::Arrived { by, space });
    }

    /// An empty box goes to the stop of the service that carries it.
    fn board_empty(&mut self, by: u32, first_step: u32, size: MilliTeu) {
        let plan = &self.plan.containers.moves[by as usize];
        let state = &mut self.containers.moves[by as usize];
        let mut it = Entity::new(plan.stream.member(state.ordinal), self.now, Kind::Empty);
        state.ordinal += 1;
        it.step = first_step;
        it.body = by;
        it.class = plan.class;
        it.space = size;
        it.mass = self.plan.containers.pools[plan.pool as usize].tare;
        // Its time is nobody's: it goes where that of consignments outside the window goes.
        it.cells = self.plan.cells.total as u32;
        let entity = self.entities.add(&it);
        self.perform(entity);
    }

    /// An empty box has left the service that carried it.
    pub(super) fn empty_landed(&mut self, entity: u32) {
        let it = &self.entities[entity];
        let (by, space, key) = (it.body, it.space, it.key);
        self.entities.remove(entity);
        self.arrive_after(by, space, key);
    }

    fn empties_at_depot(&mut self, by: u32, space: MilliTeu) {
        let to = self.plan.containers.moves[by as usize].to;
        self.containers.depots[to as usize].due -= space;
        if self.observing {
            self.containers.depots[to as usize].tally.received += space.0;
            self.containers.moves[by as usize].tally.arrived += space.0;
        }
        self.receive(to, space);
    }

    /// Brings the integrals of a depot up to now, before its stock changes.
    fn count_depot(&mut self, depot: u32) {
        let size = self.plan.containers.pools[self.plan.containers.depots[depot as usize].pool as usize].size;
        self.containers.depots[depot as usize].count(self.now, size);
    }

    fn count_all_depots(&mut self) {
        for depot in 0..self.containers.depots.len() as u32 {
            self.count_depot(depot);
        }
    }

    /// The observation window begins.
    pub(super) fn begin_container_window(&mut self) {
        self.count_all_depots();
        for state in &mut self.containers.depots {
            let tally = &mut state.tally;
            (
                tally.stock_area,
                tally.time_without,
                tally.queue_area,
                tally.wait_in_window,
            ) = (0, 0, 0, 0);
            tally.present.0 = state.waiting;
            tally.stock.0 = state.on_hand.0;
        }
    }

    /// The observation window ends.
    pub(super) fn end_container_window(&mut self) {
        self.count_all_depots();
        for depot in 0..self.containers.depots.len() {
            let state = &self.containers.depots[depot];
            let waiting: i128 = state
                .queue
                .iter()
                .flat_map(|list| list.iter(&self.entities))
                .map(|entity| i128::from(self.overlap(self.entities[entity].arrived)))
                .sum();
            let state = &mut self.containers.depots[depot];
            state.tally.wait_in_window += waiting;
            state.tally.present.1 = state.waiting;
            state.tally.stock.1 = state.on_hand.0;
            state.counted = SimTime::NEVER;
        }
    }

    /// What is wrong with the books of the pools at the end: every box is in one place, and none has come or gone unseen.
    pub(super) fn check_containers(&self, broken: &mut Vec<String>) {
        let plan = &self.plan.containers;
        for (pool, total) in self.containers.totals.iter().enumerate() {
            let of_pool = |depot: u32| plan.depots[depot as usize].pool as usize == pool;
            let mut found: i64 = 0;
            for (depot, state) in self
                .containers
                .depots
                .iter()
                .enumerate()
                .filter(|(depot, _)| of_pool(*depot as u32))
            {
                found += state.on_hand.0;
                let tally = &state.tally;
                if state.on_hand.0 < 0 || tally.queue_area != tally.wait_in_window {
                    broken.push(format!(
                        "the books of depot {depot} are wrong: {} on hand, {tally:?}",
                        state.on_hand.0
                    ));
                }
            }
            let with_cargo = self
                .containers
                .holdings
                .iter()
                .filter(|holding| holding.pool as usize == pool);
            found += with_cargo.map(|holding| holding.space.0).sum::<i64>();
            found += self
                .containers
                .agenda
                .iter()
                .map(|errand| match errand {
                    Errand::Back { depot, space, .. } if of_pool(*depot) => space.0,
                    Errand::Arrived { by, space } if plan.moves[*by as usize].pool as usize == pool => space.0,
                    _ => 0,
                })
                .sum::<i64>();
            let riding = self.entities.living().filter(|it| it.kind == Kind::Empty);
            let riding = riding.filter(|it| plan.moves[it.body as usize].pool as usize == pool);
            found += riding.map(|it| it.space.0).sum::<i64>();
            if found != total.0 {
                broken.push(format!(
                    "boxes of pool {pool} are not conserved: {found} found of {}",
                    total.0
                ));
            }
        }
    }
}

impl DepotState {
    /// Brings the integrals up to `now`.
    fn count(&mut self, now: SimTime, size: MilliTeu) {
        let span = (now - self.counted).0;
        if span > 0 {
            self.tally.stock_area += i128::from(span) * i128::from(self.on_hand.0);
            self.tally.queue_area += i128::from(span) * i128::from(self.waiting);
            self.tally.time_without += if self.on_hand < size { span } else { 0 };
            self.counted = now;
        }
    }
}
