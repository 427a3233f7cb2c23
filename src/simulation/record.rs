//! What a replication leaves behind: counts, sums and sketches, all of them integers.
//!
//! A time is 64 bits of microseconds; a sum of times over many consignments may need more, and has 128.

use crate::statistics::{LevelTimes, SketchBook};
use crate::units::{MilliTeu, SimSpan, SimTime};
use std::collections::BTreeMap;
use std::ops::Range;

/// The record of one replication.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Record {
    /// When observation began.
    pub begin: SimTime,
    /// When it ended.
    pub end: SimTime,
    /// When the replication stopped.
    pub stopped: SimTime,
    /// Events handled.
    pub events: u64,
    /// By strand: consignments of the window.
    pub strands: Vec<StrandTally>,
    /// By cell: the time that consignments of the window spent there.
    pub cells: DwellTimes,
    /// By facility.
    pub facilities: Vec<FacilityTally>,
    /// By service.
    pub services: Vec<ServiceTally>,
    /// By lane of consolidated boxes.
    pub lanes: Vec<LaneTally>,
    /// By closable way.
    pub ways: Vec<WayTally>,
    /// By depot of containers.
    pub depots: Vec<DepotTally>,
    /// By way of repositioning empties.
    pub moves: Vec<MoveTally>,
    /// By corridor, the last for none: what was generated and delivered on each day from the start, in thousandths of a
    /// TEU, whatever the window.
    pub days: Vec<DaySeries>,
    /// Transit times by strand, then waits by facility, then waits by stop of each service, then waits by depot, then waits by
    /// lane.
    pub sketches: SketchBook,
    /// What was counted at each census time.
    pub census: Vec<Census>,
    /// By disruption.
    pub disruptions: Vec<DisruptionTally>,
    /// By disruption and corridor, the last for none: consignments of the window that left that corridor's routes for others
    /// because of it.
    pub diverted: Vec<u64>,
    /// By charge that disruptions can scale: what was charged beyond the usual within the window, in millionths of the
    /// charge for a thousandth of a TEU.
    pub surcharges: Vec<i128>,
    /// The system as a whole.
    pub system: SystemTally,
    /// Invariants that did not hold; always empty unless the program is wrong.
    pub violations: Vec<String>,
}

/// Times added up by cell of dwell time: 64 bits for each, which is what fits the cache, and what goes beyond them apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DwellTimes {
    low: Vec<u64>,
    /// How often a cell has gone beyond its 64 bits; empty but in runs of hundreds of thousands of consignment-years.
    carries: BTreeMap<usize, u64>,
}

impl DwellTimes {
    /// `cells` cells without any time in them.
    pub fn new(cells: usize) -> Self {
        Self {
            low: vec![0; cells],
            carries: BTreeMap::new(),
        }
    }

    /// Adds a span, which is not negative, to a cell.
    #[inline]
    pub fn add(&mut self, cell: usize, span: SimSpan) {
        debug_assert!(span >= SimSpan::ZERO, "a stretch of time ends before it begins");
        let (sum, overflows) = self.low[cell].overflowing_add(span.0 as u64);
        self.low[cell] = sum;
        if overflows {
            self.carry(cell);
        }
    }

    #[cold]
    fn carry(&mut self, cell: usize) {
        *self.carries.entry(cell).or_default() += 1;
    }

    /// Moves a span that was added to one cell to another.
    pub(super) fn shift(&mut self, from: usize, to: usize, span: SimSpan) {
        let (left, borrows) = self.low[from].overflowing_sub(span.0 as u64);
        self.low[from] = left;
        if borrows && let Some(carries) = self.carries.get_mut(&from) {
            *carries -= 1;
        }
        self.add(to, span);
    }

    /// The sums of some cells, in microseconds.
    pub fn of(&self, cells: Range<usize>) -> impl Iterator<Item = i128> + '_ {
        let from = cells.start;
        self.low[cells].iter().enumerate().map(move |(at, low)| {
            let carries = self.carries.get(&(from + at)).copied().unwrap_or(0);
            i128::from(carries) << 64 | i128::from(*low)
        })
    }
}

/// Consignments of the window on one strand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StrandTally {
    /// Generated.
    pub generated: u64,
    /// Container space generated.
    pub generated_space: i64,
    /// Delivered.
    pub delivered: u64,
    /// Container space delivered, thousandths of a TEU.
    pub delivered_space: i64,
    /// Mass delivered, kilograms.
    pub delivered_mass: i64,
    /// Turned away at a full facility.
    pub refused: u64,
    /// Past their shelf life when they were delivered, or when the replication stopped.
    pub spoilt: u64,
    /// What the goods lost of their value, in millionths of the value of a thousandth of a TEU.
    pub lost_value: i128,
    /// Not delivered when the replication stopped.
    pub unfinished: u64,
    /// Sum of transit times, microseconds.
    pub transit: i128,
    /// Sum of their squares.
    pub transit_squares: u128,
    /// The shortest and the longest; meaningless when none was delivered.
    pub transit_range: (i64, i64),
    /// Delivered within each of the flow's times.
    pub within: [u64; WITHIN],
    /// Consignments that left it for another because something ahead was closed; they count there as generated.
    pub diverted_away: u64,
    /// Consignments that came to it like that.
    pub diverted_here: u64,
}

/// What a disruption did within the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DisruptionTally {
    /// Events that began.
    pub events: u64,
    /// Microseconds from the beginning of an event to its end.
    pub active: i64,
    /// Consignments of the window that took another route because of it.
    pub diverted: u64,
    /// Their container space, thousandths of a TEU.
    pub diverted_space: i64,
}

/// How many times within which delivery or waits are counted.
pub const WITHIN: usize = 6;

/// What happened at a facility.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FacilityTally {
    /// Arrivals within the window.
    pub arrivals: u64,
    /// Of these, turned away or sent elsewhere.
    pub refused: u64,
    /// Services begun within the window.
    pub starts: u64,
    /// Services of consignments of the window: waits before them.
    pub waits: WaitTally,
    /// Microseconds of waiting within the window, added up over those who waited.
    pub wait_in_window: i128,
    /// The integral of the queue's length over the window: the same, if Little's law holds.
    pub queue_area: i128,
    /// Microseconds of work within the window, added up over the servers.
    pub work: i128,
    /// Microseconds in which servers had someone in hand, working or not.
    pub occupied: i128,
    /// Microseconds in which no server had anyone in hand.
    pub idle: i64,
    /// Microseconds in which servers were open for work, added up over the servers.
    pub available: i128,
    /// Sum of the working times of consignments of the window.
    pub service: i128,
    /// Batches begun within the window, and entities in them, where several are served together.
    pub batches: u64,
    /// Entities in these batches.
    pub batched: u64,
    /// Where work can be interrupted: stays from arrival to the end of service of consignments of the window.
    pub stays: u64,
    /// Sum of these stays; elsewhere a stay is a wait and a service.
    pub stay: i128,
    /// Microseconds in which servers were held by someone who found no room further on.
    pub blocked: i128,
    /// How long the queue (or, with unlimited servers, the number present) had each length.
    pub levels: LevelTimes,
    /// Number present when the window began and when it ended.
    pub present: (u64, u64),
}

/// Waits of consignments of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WaitTally {
    /// How many.
    pub count: u64,
    /// Of these, not served at once.
    pub delayed: u64,
    /// Sum, microseconds.
    pub sum: i128,
    /// Sum of squares.
    pub squares: u128,
    /// The longest.
    pub longest: i64,
    /// No longer than each of the stated times.
    pub within: [u64; WITHIN],
}

impl WaitTally {
    /// Adds a wait.
    #[inline]
    pub fn add(&mut self, wait: SimSpan, within: &[SimSpan]) {
        self.count += 1;
        self.delayed += u64::from(wait > SimSpan::ZERO);
        self.sum += i128::from(wait.0);
        self.squares += square(wait);
        self.longest = self.longest.max(wait.0);
        if !within.is_empty() {
            for (count, limit) in self.within.iter_mut().zip(within) {
                *count += u64::from(wait <= *limit);
            }
        }
    }
}

/// What a service did.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ServiceTally {
    /// Departures from the first stop scheduled within the window that took place.
    pub departed: u64,
    /// Those that were cancelled or annulled.
    pub cancelled: u64,
    /// Departures of the timetable, where its reviews decide which of them take place.
    pub planned: u64,
    /// Of these, withdrawn in advance.
    pub withdrawn: u64,
    /// Departures added to them.
    pub added: u64,
    /// On each day from the start, departures that took place, whatever the window.
    pub days: Vec<u32>,
    /// Those that departed because they had waited long enough for their load.
    pub impatient: u64,
    /// Times between departures from the first stop, of those within the window.
    pub gaps: WaitTally,
    /// By stop: boarding.
    pub stops: Vec<StopTally>,
    /// By leg: times from departure at the first stop to arrival at the end of the leg, of departures within the window.
    pub journeys: Vec<WaitTally>,
    /// By leg: what was run within the window.
    pub legs: Vec<LegTally>,
    /// By leg: of that space, what other cargo took up; empty where the service has none.
    pub background: Vec<i64>,
    /// Space of other cargo that did not fit, of departures within the window.
    pub background_left: i64,
}

/// A leg of a service. Container space is counted in thousandths of a TEU.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LegTally {
    /// How often it was run.
    pub runs: u64,
    /// Space carried, other cargo included.
    pub carried: i64,
    /// Space that there was for it, whatever disruptions took away.
    pub offered: i64,
}

/// Boarding at one stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StopTally {
    /// Departures within the window.
    pub departures: u64,
    /// Consignments left behind for want of space, added up over these departures.
    pub left_behind: u64,
    /// Departures that left none behind.
    pub left_none: u64,
    /// Departures at which nobody boarded.
    pub empty: u64,
    /// Consignments that boarded at these departures.
    pub boarded: u64,
    /// The longest wait among those who boarded, added up over the departures that took anyone.
    pub longest_waits: i128,
    /// Waits of consignments of the window.
    pub waits: WaitTally,
    /// Of these consignments, how many missed no, one, two, three or more departures for want of space.
    pub missed: [u64; 4],
    /// Microseconds of waiting within the window.
    pub wait_in_window: i128,
    /// The integral of the number waiting over the window.
    pub queue_area: i128,
    /// Number waiting when the window began and when it ended.
    pub present: (u64, u64),
}

/// What happened at the centre of a lane of consolidated boxes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LaneTally {
    /// Boxes dispatched within the window.
    pub boxes: u64,
    /// Times within the window at which the clock would have dispatched, but nothing was there.
    pub empty: u64,
    /// Boxes dispatched because there was enough.
    pub by_quantity: u64,
    /// Because they were full, or the next lot did not fit.
    pub by_full: u64,
    /// Because their time had come.
    pub by_time: u64,
    /// Boxes with a single lot.
    pub single: u64,
    /// Lots in these boxes.
    pub lots: u64,
    /// Sum of the squares of their numbers.
    pub lots_squared: u128,
    /// Container space of the cargo, thousandths of a TEU.
    pub space: i64,
    /// Its mass, kilograms.
    pub mass: i64,
    /// Sum of the squares of the boxes' masses.
    pub mass_squared: u128,
    /// Space that the boxes took up, thousandths of a TEU.
    pub taken: i64,
    /// Times between dispatches.
    pub gaps: WaitTally,
    /// From the first lot of a box to its dispatch.
    pub holds: WaitTally,
    /// From the last lot of each box to its dispatch, added up.
    pub last_waits: i128,
    /// Waits of lots of the window.
    pub waits: WaitTally,
    /// Microseconds of waiting within the window.
    pub wait_in_window: i128,
    /// The integral of the number waiting over the window.
    pub queue_area: i128,
    /// Number waiting when the window began and when it ended.
    pub present: (u64, u64),
    /// Lots that were still waiting for their batch when the replication stopped.
    pub unfinished: u64,
}

/// What happened on a way that can be closed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WayTally {
    /// Waits at the entry, of those who came within the window.
    pub entries: WaitTally,
    /// Time lost by stops under way, of those who came through within the window.
    pub losses: WaitTally,
    /// Microseconds of the window during which it was closed.
    pub closed: i64,
}

/// What happened at a depot of containers within the window. Boxes are counted by their space, thousandths of a TEU.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DepotTally {
    /// Boxes taken by cargo, hired ones included.
    pub taken: i64,
    /// Of these, hired for want of the pool's own.
    pub leased: i64,
    /// Boxes that came back from cargo, hired ones included.
    pub left: i64,
    /// Repositioned boxes that came.
    pub received: i64,
    /// Boxes sent away to be repositioned.
    pub sent: i64,
    /// The integral of the stock, times microseconds.
    pub stock_area: i128,
    /// Microseconds with less than one box.
    pub time_without: i64,
    /// Waits for boxes of consignments of the window, those that found some at once included.
    pub waits: WaitTally,
    /// Microseconds of waiting, added up over those who waited.
    pub wait_in_window: i128,
    /// The integral of the number waiting: the same, if Little's law holds.
    pub queue_area: i128,
    /// Boxes kept beyond their free time, times microseconds.
    pub detention: i128,
    /// Number waiting when the window began and when it ended.
    pub present: (u64, u64),
    /// Stock when the window began and when it ended.
    pub stock: (i64, i64),
}

/// What one way of repositioning did within the window, thousandths of a TEU.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MoveTally {
    /// Boxes sent.
    pub sent: i64,
    /// Boxes that arrived.
    pub arrived: i64,
}

/// What was counted at a stated time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Census {
    /// The number in each facility.
    pub facilities: Vec<u64>,
    /// Whether each closable way was open.
    pub ways: Vec<bool>,
    /// The number in the whole system.
    pub system: u64,
}

/// The square of a span, which is not negative: one product of two words.
#[inline]
pub(super) fn square(span: SimSpan) -> u128 {
    u128::from(span.0.unsigned_abs()) * u128::from(span.0.unsigned_abs())
}

/// Generated and delivered by day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DaySeries {
    /// Generated on each day, thousandths of a TEU.
    pub generated: Vec<i64>,
    /// Delivered on each day, thousandths of a TEU.
    pub delivered: Vec<i64>,
}

impl DaySeries {
    /// Adds to the day of `time`.
    #[inline]
    pub(super) fn add(series: &mut Vec<i64>, time: SimTime, space: MilliTeu) {
        const DAY: u64 = 24 * 3_600_000_000;
        let day = (time.0 as u64 / DAY) as usize;
        if day >= series.len() {
            series.resize(day + 1, 0);
        }
        series[day] += space.0;
    }
}

/// The whole system.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SystemTally {
    /// Consignments generated over the whole replication.
    pub generated: u64,
    /// Delivered.
    pub delivered: u64,
    /// Turned away.
    pub refused: u64,
    /// Still under way at the end.
    pub present: u64,
    /// Their container space, in the same order: generated, delivered, refused, present.
    pub space: [i64; 4],
    /// Time on record of consignments of the window that were turned away, microseconds.
    pub refused_time: i128,
    /// The integral of the number under way over the window, microseconds.
    pub area: i128,
    /// Whether nothing could move any more although consignments were under way.
    pub deadlock: bool,
}
