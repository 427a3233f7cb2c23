//! The list of future events: a four-ary heap whose families of four children each fill one cache line.
//!
//! Events come out in the order (time, phase, sequence). Time and phase stand in one integer, so choosing the earliest of
//! four children takes three comparisons without unpredictable branches; the sequence is only looked at when two of
//! these integers are equal. Missing children are filled with distinct integers larger than any event's. Most events
//! schedule exactly one successor: [`EventQueue::next_before`] therefore leaves the top vacant, and the first event
//! scheduled afterwards takes its place and sinks once, instead of one removal and one insertion. Measured against plain
//! heaps in `benches/event_queue.rs`.
//!
//! A heap of tens of thousands no longer fits the first cache. Once there are more than [`LIMIT`] events, those of later
//! spans of time therefore lie unsorted in a ring, one list for each span, and come into the heap when their span does.
//! The order in which events come out is the same.

use crate::units::SimTime;

/// Bits of the phase below the time.
const PHASE_BITS: u32 = 4;

/// With so many events, later ones are set aside.
pub const LIMIT: usize = 1024;
/// Bits of an event's integer within a span of the ring: 2.4 hours.
const SPAN_BITS: u32 = 33 + PHASE_BITS;
/// Spans in the ring: a hundred days. The few events beyond are kept in the heap.
const SPANS: u64 = 1024;

/// An event: when it comes, and what it is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Event {
    /// Time and phase.
    key: u64,
    /// Sequence above, subject below.
    rest: u64,
}

impl Event {
    fn time(self) -> SimTime {
        SimTime((self.key >> PHASE_BITS) as i64)
    }

    /// Whether this comes before `other`. Sequences wrap around; only their distance counts.
    #[inline]
    fn precedes(self, other: Self) -> bool {
        self.key < other.key || self.key == other.key && self.was_scheduled_before(other)
    }

    fn was_scheduled_before(self, other: Self) -> bool {
        (((self.rest >> 32) as u32).wrapping_sub((other.rest >> 32) as u32) as i32) < 0
    }
}

/// Four siblings in one cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Family {
    keys: [u64; 4],
    rests: [u64; 4],
}

impl Family {
    /// No siblings yet; the keys differ so that vacancies never look like ties.
    const EMPTY: Self = Self {
        keys: [u64::MAX, u64::MAX - 1, u64::MAX - 2, u64::MAX - 3],
        rests: [0; 4],
    };

    /// The place of the earliest of the four by key, and whether any two keys are equal.
    #[inline]
    fn first(&self) -> (usize, u64, bool) {
        let [a, b, c, d] = self.keys;
        let (left, l) = if b < a { (b, 1) } else { (a, 0) };
        let (right, r) = if d < c { (d, 3) } else { (c, 2) };
        let tie = (a == b) | (c == d) | (left == right);
        if right < left { (r, right, tie) } else { (l, left, tie) }
    }

    /// The event at `place` of the heap, which lies in this family.
    #[inline]
    fn get(&self, place: usize) -> Event {
        Event {
            key: self.keys[place % 4],
            rest: self.rests[place % 4],
        }
    }

    #[inline]
    fn set(&mut self, place: usize, event: Event) {
        self.keys[place % 4] = event.key;
        self.rests[place % 4] = event.rest;
    }

    /// The place of the earliest of the four where some keys are equal.
    #[cold]
    fn first_of_ties(&self) -> usize {
        (1..4).fold(0, |best, place| {
            if self.get(place).precedes(self.get(best)) {
                place
            } else {
                best
            }
        })
    }
}

/// Events in the order (time, phase, sequence).
#[derive(Clone)]
pub struct EventQueue {
    /// Place `k` of the heap stands in family `k / 4`. The top is place 3, and the children of place `k` are family
    /// `k - 2`.
    families: Vec<Family>,
    /// The first free place.
    end: usize,
    /// Whether the top has been taken and not yet been replaced.
    hole: bool,
    sequence: u32,
    /// Events from here on are set aside; as long as there are few, none.
    aside_from: u64,
    /// Where the earliest span begins in which some are.
    next_span: u64,
    /// Events set aside, by span. Each list keeps its room for the spans to come.
    ring: Vec<Vec<Event>>,
    /// How many they are.
    aside: usize,
    limit: usize,
    span_bits: u32,
}

/// Where the earliest event stands.
const TOP: usize = 3;

impl Default for EventQueue {
    fn default() -> Self {
        Self {
            families: vec![Family::EMPTY],
            end: TOP,
            hole: false,
            sequence: 0,
            aside_from: u64::MAX,
            next_span: u64::MAX,
            ring: Vec::new(),
            aside: 0,
            limit: TOP + LIMIT,
            span_bits: SPAN_BITS,
        }
    }
}

impl EventQueue {
    /// Events that are waiting.
    pub fn len(&self) -> usize {
        self.end - TOP - usize::from(self.hole) + self.aside
    }

    /// Whether nothing is waiting.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Schedules an event about `subject` at `time`, within it at `phase` (below 16), after all that were scheduled
    /// before it for the same time and phase.
    #[inline]
    pub fn schedule(&mut self, time: SimTime, phase: u8, subject: u32) {
        let event = Event {
            key: (time.0 as u64) << PHASE_BITS | u64::from(phase),
            rest: u64::from(self.sequence) << 32 | u64::from(subject),
        };
        self.sequence = self.sequence.wrapping_add(1);
        if event.key >= self.aside_from && self.set_aside(event) {
            return;
        }
        if std::mem::take(&mut self.hole) {
            self.sink(event);
        } else {
            self.push(event);
        }
    }

    /// Takes the next event if it comes before anything of `phase` at `time`: its time and subject.
    #[inline]
    pub fn next_before(&mut self, time: SimTime, phase: u8) -> Option<(SimTime, u32)> {
        if std::mem::take(&mut self.hole) {
            self.fill();
        }
        while self.families[0].keys[TOP] >= self.next_span {
            self.bring_span();
        }
        let top = self.families[0].get(TOP);
        if top.key >= (time.0 as u64) << PHASE_BITS | u64::from(phase) {
            return None;
        }
        self.hole = true;
        Some((top.time(), top.rest as u32))
    }

    /// Sets an event of a later span aside, unless it lies beyond the ring.
    fn set_aside(&mut self, event: Event) -> bool {
        let span = event.key >> self.span_bits;
        if self.aside == 0 {
            // While none were set aside, time has gone on.
            self.aside_from = self.aside_from.max(self.after_top());
            if event.key < self.aside_from {
                return false;
            }
        }
        if span - (self.aside_from >> self.span_bits) >= SPANS {
            return false;
        }
        self.ring[(span % SPANS) as usize].push(event);
        self.aside += 1;
        self.next_span = self.next_span.min(span << self.span_bits);
        true
    }

    /// Where the span after that of the top, or of the event last taken from there, begins.
    fn after_top(&self) -> u64 {
        ((self.families[0].keys[TOP] >> self.span_bits) + 1) << self.span_bits
    }

    /// Puts the events of the earliest span set aside into the heap, and finds the next.
    #[cold]
    fn bring_span(&mut self) {
        let mut span = self.next_span >> self.span_bits;
        let mut events = std::mem::take(&mut self.ring[(span % SPANS) as usize]);
        self.aside -= events.len();
        for event in events.drain(..) {
            self.push(event);
        }
        self.ring[(span % SPANS) as usize] = events;
        span += 1;
        self.aside_from = span << self.span_bits;
        self.next_span = u64::MAX;
        if self.aside > 0 {
            while self.ring[(span % SPANS) as usize].is_empty() {
                span += 1;
            }
            self.next_span = span << self.span_bits;
        }
    }

    /// Begins to set events aside.
    #[cold]
    fn open_ring(&mut self) {
        self.ring = vec![Vec::new(); SPANS as usize];
        self.aside_from = self.after_top();
        self.limit = usize::MAX;
    }

    /// Fills the top, which no new event has taken, with the last event.
    fn fill(&mut self) {
        self.end -= 1;
        let (family, place) = (self.end / 4, self.end % 4);
        let last = self.families[family].get(place);
        self.families[family].keys[place] = Family::EMPTY.keys[place];
        if place == 0 {
            self.families.pop();
        }
        if self.end > TOP {
            self.sink(last);
        }
    }

    /// Puts `event` in the vacant top and lets it sink to its place.
    #[inline]
    fn sink(&mut self, event: Event) {
        let mut place = TOP;
        while let Some(family) = self.families.get(place - 2) {
            let (mut at, key, tie) = family.first();
            if key > event.key {
                break;
            }
            if tie {
                at = family.first_of_ties();
            }
            let child = family.get(at);
            if key == event.key && !child.precedes(event) {
                break;
            }
            self.families[place / 4].set(place, child);
            place = 4 * (place - 2) + at;
        }
        self.families[place / 4].set(place, event);
    }

    /// Appends `event` and lets it rise.
    #[inline]
    fn push(&mut self, event: Event) {
        let mut place = self.end;
        self.end += 1;
        if self.end > self.limit {
            self.open_ring();
        }
        if place / 4 == self.families.len() {
            self.families.push(Family::EMPTY);
        }
        while place > TOP {
            let up = place / 4 + 2;
            let above = self.families[up / 4].get(up);
            if !event.precedes(above) {
                break;
            }
            self.families[place / 4].set(place, above);
            place = up;
        }
        self.families[place / 4].set(place, event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// Any mixture of scheduling and taking comes out in the order of (time, phase, sequence), also when the
        /// sequence wraps around meanwhile.
        #[test]
        fn order_is_time_phase_sequence(
            script in prop::collection::vec((prop_oneof![4 => 0_i64..50, 1 => 0_i64..20_000], 0_u8..4, 0_u8..3), 1..400),
            start in prop_oneof![Just(0), Just(u32::MAX - 100)],
            limit in prop_oneof![Just(usize::MAX), TOP + 1..TOP + 60],
            span_bits in PHASE_BITS..PHASE_BITS + 6,
        ) {
            let mut queue = EventQueue { sequence: start, limit, span_bits, ..EventQueue::default() };
            let mut oracle = BTreeSet::new();
            let mut now = 0;
            for (number, (delay, phase, takes)) in script.into_iter().enumerate() {
                let number = number as u32;
                queue.schedule(SimTime(now + delay), phase, number);
                oracle.insert((now + delay, phase, number));
                prop_assert_eq!(queue.len(), oracle.len());
                for _ in 0..takes {
                    let expected = oracle.pop_first();
                    let taken = queue.next_before(SimTime::NEVER, 0);
                    prop_assert_eq!(taken, expected.map(|(time, _, number)| (SimTime(time), number)));
                    now = taken.map_or(now, |(time, _)| time.0);
                }
            }
            while let Some((time, phase, number)) = oracle.pop_first() {
                prop_assert_eq!(queue.next_before(SimTime(time), phase), None);
                prop_assert_eq!(queue.next_before(SimTime(time), phase + 1), Some((SimTime(time), number)));
            }
            prop_assert_eq!(queue.next_before(SimTime::NEVER, 0), None);
        }
    }
}
