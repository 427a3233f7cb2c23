//! Facilities: the state of a queue before servers, and its accounts.
//!
//! A facility admits entities in priority order, first come first served within a class, up to its number of servers;
//! it keeps the area under its queue, so the mean length needs no sampling. How entities pass stands in
//! [`super::passage`], what opens and closes it in [`super::hours`], and servers that are interrupted, set up or go away
//! have a life of their own in [`super::crew`].
//! Validated against M/M/c, M/G/1, Cobham's priorities, finite rooms and tandem lines with blocking.

use super::crew::Server;
use super::entity::{Entities, List};
use super::record::FacilityTally;
use crate::model::plan::FacilityPlan;
use crate::units::{MilliTeu, SimTime};

/// The clock of a hindrance: how long it has lasted altogether.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hindrance {
    total: i64,
    since: Option<SimTime>,
}

impl Hindrance {
    /// The time that it has lasted until `now`.
    pub fn clock(&self, now: SimTime) -> i64 {
        self.total + self.since.map_or(0, |since| (now - since).0)
    }

    /// It begins or ends.
    pub fn set(&mut self, on: bool, now: SimTime) {
        self.total = self.clock(now);
        self.since = on.then_some(now);
    }
}

/// Entities waiting, by priority class; the first class has its place here, since most facilities know no other.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    first: List,
    others: Vec<List>,
}

impl Queue {
    fn new(classes: usize) -> Self {
        Self {
            first: List::default(),
            others: vec![List::default(); classes - 1],
        }
    }

    #[inline]
    fn class(&mut self, class: u8) -> &mut List {
        if class == 0 {
            &mut self.first
        } else {
            &mut self.others[class as usize - 1]
        }
    }

    /// Adds at the end of a class, or at its front.
    #[inline]
    pub fn push(&mut self, entities: &mut Entities, number: u32, class: u8, in_front: bool) {
        let list = self.class(class);
        if in_front {
            list.push_front(entities, number);
        } else {
            list.push_back(entities, number);
        }
    }

    /// Takes the first of the best class.
    #[inline]
    pub fn pop(&mut self, entities: &Entities) -> Option<u32> {
        match self.first.pop_front(entities) {
            None => self.others.iter_mut().find_map(|list| list.pop_front(entities)),
            some => some,
        }
    }

    /// The lists of all classes, best first.
    pub fn classes(&self) -> impl Iterator<Item = &List> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// The state of a facility.
#[derive(Clone)]
pub(super) struct FacilityState {
    pub queue: Queue,
    pub queue_length: u64,
    /// Servers at work, or held by someone who found no room further on; in a yard, consignments present.
    pub busy: u32,
    /// Since when nobody has been in hand, as far as that has been counted; meaningless while someone is.
    pub idle_since: SimTime,
    /// Servers that may begin work: none while closed.
    pub limit: u32,
    /// Servers at work, and the sum of the times at which they will have finished (wrapping).
    pub working: u32,
    pub finishing: i64,
    /// Until when the queue's area has been added up.
    pub counted: SimTime,
    /// Factor on the working speed, by disruptions in force.
    pub speed: f64,
    /// Factor on the number of servers, the passages of a slot and the space of a yard, by disruptions in force.
    pub capacity: f64,
    pub tally: FacilityTally,
    /// Whether the level on record is the number present and not the queue: where there is no number of servers.
    counts_present: bool,
    pub closed_hours: Hindrance,
    pub disrupted: Hindrance,
    /// Whether opening hours close it now.
    pub closed: bool,
    /// Disruptions that close it now.
    pub disruptions: u32,
    /// Of these, how many stop even work in hand.
    pub stops: u32,
    /// Servers that there are now, open or not.
    pub servers: u32,
    pub available_since: SimTime,
    /// Entities held where they are until there is room here.
    pub held: List,
    /// Space taken up in a yard.
    pub used: MilliTeu,
    /// Whether the next passage through a gate is scheduled.
    pub slot_due: bool,
    /// Servers with a life of their own.
    pub crew: Vec<Server>,
}

impl FacilityState {
    pub fn new(plan: &FacilityPlan, classes: usize, number: u32, servers: &mut Vec<(u32, u32)>) -> Self {
        let crew = match &plan.crew {
            Some(_) => (0..plan.servers)
                .map(|place| Server::new(number, place, servers))
                .collect(),
            None => Vec::new(),
        };
        let count = if plan.slots.is_some() { 0 } else { plan.servers };
        Self {
            queue: Queue::new(classes),
            queue_length: 0,
            busy: 0,
            idle_since: SimTime::START,
            limit: count,
            working: 0,
            finishing: 0,
            counted: SimTime::START,
            speed: 1.0,
            capacity: 1.0,
            tally: FacilityTally::default(),
            counts_present: plan.servers == u32::MAX || plan.storage.is_some(),
            closed_hours: Hindrance::default(),
            disrupted: Hindrance::default(),
            closed: false,
            disruptions: 0,
            stops: 0,
            servers: count,
            available_since: SimTime::START,
            held: List::default(),
            used: MilliTeu(0),
            slot_due: false,
            crew,
        }
    }

    /// A server takes someone in hand.
    #[inline]
    pub fn occupy(&mut self, now: SimTime) {
        if self.counts_present {
            self.count(now);
        }
        if self.busy == 0 {
            self.tally.idle += (now - self.idle_since).0.max(0);
        }
        self.busy += 1;
    }

    /// A server has nobody in hand any more.
    #[inline]
    pub fn vacate(&mut self, now: SimTime) {
        if self.counts_present {
            self.count(now);
        }
        self.busy -= 1;
        if self.busy == 0 {
            self.idle_since = self.idle_since.max(now);
        }
    }

    /// Entities waiting or being served.
    pub fn present(&self) -> u64 {
        self.queue_length + u64::from(self.busy)
    }

    /// Whether servers may begin work.
    pub fn is_open(&self) -> bool {
        !self.closed && self.disruptions == 0
    }

    /// Whether a server could begin at once on an arrival.
    #[inline]
    pub fn is_free(&self) -> bool {
        self.busy < self.limit && self.queue_length == 0
    }

    /// The best class that waits.
    pub fn best_class(&self) -> Option<u8> {
        self.queue
            .classes()
            .position(|list| !list.is_empty())
            .map(|class| class as u8)
    }

    /// Brings the integral of the queue's length up to `now`, before it or, where it counts, the number present changes.
    #[inline]
    pub fn count(&mut self, now: SimTime) {
        let span = (now - self.counted).0;
        if span > 0 {
            let level = if self.counts_present {
                self.present()
            } else {
                self.queue_length
            };
            self.tally.queue_area += i128::from(span) * i128::from(self.queue_length);
            self.tally.levels.add(level, span);
            self.counted = now;
        }
    }

    /// Brings the integral of servers open for work up to `now`, before their number changes.
    pub fn count_available(&mut self, now: SimTime) {
        let span = (now - self.available_since).0;
        if span > 0 && self.limit != u32::MAX {
            self.tally.available += i128::from(span) * i128::from(self.limit);
            self.available_since = now;
        }
    }
}
