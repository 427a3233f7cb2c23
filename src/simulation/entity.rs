//! Entities: consignments, vehicles and the activities of an assembly, in one slab.

use crate::model::plan::NONE;
use crate::random::Stream;
use crate::units::{Kilograms, MilliTeu, SimSpan, SimTime};

/// What an entity is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Cargo.
    Consignment,
    /// A train, ship, truck or aircraft of a service; `body` is its number among the vehicles.
    Vehicle,
    /// The box of a batch; `body` is the number of its load.
    Box,
    /// An activity of an assembly; `body` is the number of the assembly in progress.
    Activity,
    /// An empty box on a service that repositions it; `body` is the number of the way of repositioning.
    Empty,
}

/// Something that goes through steps.
///
/// Two cache lines: what nearly every event touches stands in the first.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Entity {
    /// Address of its draws.
    pub key: Stream,
    /// End of the last stretch of its time that has been put on record.
    pub since: SimTime,
    /// When it came to the facility or stop where it is.
    pub arrived: SimTime,
    /// Work left after an interruption; while inspected, the inspection's share of the work; on a way that can stop, the
    /// running time.
    pub work: SimSpan,
    /// Its step.
    pub step: u32,
    /// First of its cells in the table of dwell times.
    pub cells: u32,
    /// First cell of its step.
    pub cell: u32,
    /// The facility where it is, on its route or off it.
    pub at: u32,
    /// Its flow.
    pub flow: u32,
    /// The yard in which it takes up space, or `NONE`.
    pub stored: u32,
    /// Facilities visited off its route.
    pub visits: u16,
    /// What it is.
    pub kind: Kind,
    /// Priority class.
    pub class: u8,
    /// Whether it belongs to the window.
    pub observed: bool,
    /// Whether it needs a refrigerated place.
    pub refrigerated: bool,
    /// Whether its work was interrupted and is to be resumed.
    pub resumed: bool,
    /// Whether its time is noted, since it may yet leave its route.
    pub tracked: bool,
    /// When it was generated.
    pub created: SimTime,
    /// While queueing: the facility's clock of closed hours on arrival. While waiting to board: departures before it.
    /// While moving on a way that can stop: the way's clock at which it will be through.
    pub mark: i64,
    /// While queueing: the facility's clock of disruption on arrival. While worked on: what a disruption adds to the work.
    /// While waiting for a shuttle: its clock of closures. Aboard: length of the vehicle's log on boarding.
    pub mark_disrupted: i64,
    /// At servers that can be interrupted: how much of the end of the work is inspection. On a way that can stop: how far
    /// its clock must go.
    pub inspection: SimSpan,
    /// Container space.
    pub space: MilliTeu,
    /// Mass.
    pub mass: Kilograms,
    /// The next entity in whatever list it stands.
    pub next: u32,
    /// Its strand.
    pub strand: u32,
    /// The facility whose server it holds although served there, or `NONE`.
    pub holds: u32,
    /// Number of the vehicle, load or assembly behind it, or `NONE`; of a consignment, its delay since it was generated or last
    /// boarded, in tenths of a second.
    pub body: u32,
}

const _: () = assert!(size_of::<Entity>() == 128 && std::mem::offset_of!(Entity, created) == 64);

impl Entity {
    /// An entity about which nothing is known yet.
    pub fn new(key: Stream, now: SimTime, kind: Kind) -> Self {
        Self {
            key,
            created: now,
            since: now,
            arrived: now,
            mark: 0,
            mark_disrupted: 0,
            work: SimSpan::ZERO,
            inspection: SimSpan::ZERO,
            space: MilliTeu(0),
            mass: Kilograms(0),
            step: 0,
            cells: 0,
            cell: 0,
            next: NONE,
            strand: NONE,
            flow: NONE,
            at: NONE,
            holds: NONE,
            stored: NONE,
            body: NONE,
            visits: 0,
            class: 0,
            kind,
            observed: false,
            refrigerated: false,
            resumed: false,
            tracked: false,
        }
    }
}

/// Microseconds in the unit of delays.
const DELAY_UNIT: i64 = 100_000;

impl Entity {
    /// How far a consignment has been set back against its plan since it was generated or last boarded; never less than
    /// in truth, by at most a unit for each stretch.
    #[inline]
    pub fn delay(&self) -> SimSpan {
        // Only consignments have a plan.
        if self.kind == Kind::Consignment {
            SimSpan(i64::from(self.body) * DELAY_UNIT)
        } else {
            SimSpan::ZERO
        }
    }

    /// Adds to that delay.
    #[inline]
    pub fn add_delay(&mut self, span: SimSpan) {
        if self.kind == Kind::Consignment {
            let units = (span.0 + DELAY_UNIT - 1) / DELAY_UNIT;
            self.body = self.body.saturating_add(u32::try_from(units).unwrap_or(u32::MAX));
        }
    }

    /// Begins anew, late by `span`.
    #[inline]
    pub fn set_delay(&mut self, span: SimSpan) {
        if self.kind == Kind::Consignment {
            self.body = 0;
            self.add_delay(span);
        }
    }
}

/// The entities in being; places of those that are gone are used again.
#[derive(Clone, Default)]
pub(super) struct Entities {
    slots: Vec<Entity>,
    free: Vec<u32>,
}

impl Entities {
    /// Adds an entity and returns its number.
    #[inline]
    pub fn add(&mut self, entity: &Entity) -> u32 {
        match self.free.pop() {
            Some(number) => {
                self.slots[number as usize] = *entity;
                number
            }
            None => {
                self.slots.push(*entity);
                (self.slots.len() - 1) as u32
            }
        }
    }

    /// Removes an entity.
    #[inline]
    pub fn remove(&mut self, number: u32) {
        // Marked, so that those left at the end can be told from those that are gone.
        self.slots[number as usize].step = NONE;
        self.free.push(number);
    }

    /// The entities still in being.
    pub fn living(&self) -> impl Iterator<Item = &Entity> {
        self.slots.iter().filter(|entity| entity.step != NONE)
    }
}

impl std::ops::Index<u32> for Entities {
    type Output = Entity;
    #[inline]
    fn index(&self, number: u32) -> &Entity {
        &self.slots[number as usize]
    }
}

impl std::ops::IndexMut<u32> for Entities {
    #[inline]
    fn index_mut(&mut self, number: u32) -> &mut Entity {
        &mut self.slots[number as usize]
    }
}

/// A list of entities that runs through the entities themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    /// The first.
    pub head: u32,
    /// The last.
    pub tail: u32,
}

impl Default for List {
    fn default() -> Self {
        Self { head: NONE, tail: NONE }
    }
}

impl List {
    /// Whether nobody stands in it.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.head == NONE
    }

    /// Adds at the end.
    #[inline]
    pub fn push_back(&mut self, entities: &mut Entities, number: u32) {
        entities[number].next = NONE;
        if self.head == NONE {
            self.head = number;
        } else {
            entities[self.tail].next = number;
        }
        self.tail = number;
    }

    /// Adds at the front.
    #[inline]
    pub fn push_front(&mut self, entities: &mut Entities, number: u32) {
        entities[number].next = self.head;
        if self.head == NONE {
            self.tail = number;
        }
        self.head = number;
    }

    /// Takes the first.
    #[inline]
    pub fn pop_front(&mut self, entities: &Entities) -> Option<u32> {
        if self.head == NONE {
            return None;
        }
        let number = self.head;
        self.head = entities[number].next;
        Some(number)
    }

    /// Takes out `number`, which follows `before` (none if it is the first).
    pub fn unlink(&mut self, entities: &mut Entities, before: Option<u32>, number: u32) {
        let next = entities[number].next;
        match before {
            None => self.head = next,
            Some(before) => entities[before].next = next,
        }
        if self.tail == number {
            self.tail = before.unwrap_or(NONE);
        }
    }

    /// Those who stand in it, in order.
    pub fn iter<'a>(&self, entities: &'a Entities) -> impl Iterator<Item = u32> + 'a {
        let mut at = self.head;
        std::iter::from_fn(move || {
            (at != NONE).then(|| {
                let number = at;
                at = entities[number].next;
                number
            })
        })
    }
}
