//! The reference workload W2 as one would write it down at once: a `BinaryHeap` of events, structs, rand_distr.
//!
//! It is the yardstick of the benches and, fed with given variates, the oracle of the mechanism: it shares no code with
//! the simulator. Hard-wired to W2: truck, terminal (3 servers), daily train of 100 TEU, border (2 servers, 06-22),
//! gauge change (2 servers), rail, customs (3 servers, 5% inspected), truck.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

/// The variates of one consignment: gap before it, TEU, truck 1, terminal, border, gauge, rail 2, customs, truck 2.
pub type Row = [f64; 9];

/// Where variates come from.
pub trait Variates {
    /// Those of the next consignment.
    fn row(&mut self) -> Row;
    /// The running time of train number `k`, which departs at 24 (k + 1).
    fn rail(&mut self, k: usize) -> f64;
}

/// What W2 asks for, in hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Transit times in the order of delivery.
    pub transit: Vec<f64>,
    /// Mean waits before terminal, train, border, gauge change and customs.
    pub waits: [f64; 5],
}

#[derive(PartialEq)]
struct Event {
    time: f64,
    sequence: u64,
    what: What,
}

#[derive(PartialEq, Clone, Copy)]
enum What {
    Create,
    AtTerminal(usize),
    TerminalDone(usize),
    Train(usize),
    TrainArrives(usize),
    Open,
    BorderDone(usize),
    GaugeDone(usize),
    AtCustoms(usize),
    CustomsDone(usize),
    Delivered(usize),
}

impl Eq for Event {}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time
            .total_cmp(&other.time)
            .then_with(|| self.sequence.cmp(&other.sequence))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

struct Consignment {
    created: f64,
    ready: f64,
    row: Row,
}

#[derive(Default)]
struct Station {
    queue: VecDeque<usize>,
    busy: usize,
    waited: f64,
}

struct Loop<V> {
    variates: V,
    events: BinaryHeap<Reverse<Event>>,
    sequence: u64,
    now: f64,
    consignments: Vec<Consignment>,
    stations: [Station; 4],
    yard: VecDeque<usize>,
    yard_waited: f64,
    trains: Vec<Vec<usize>>,
    transit: Vec<f64>,
}

const SERVERS: [usize; 4] = [3, 2, 2, 3];
const TERMINAL: usize = 0;
const BORDER: usize = 1;
const GAUGE: usize = 2;
const CUSTOMS: usize = 3;

impl<V: Variates> Loop<V> {
    fn at(&mut self, time: f64, what: What) {
        self.sequence += 1;
        self.events.push(Reverse(Event {
            time,
            sequence: self.sequence,
            what,
        }));
    }

    fn open(&self) -> bool {
        let hour = self.now % 24.0;
        (6.0..22.0).contains(&hour)
    }

    fn enter(&mut self, station: usize, who: usize) {
        self.consignments[who].ready = self.now;
        if self.stations[station].busy < SERVERS[station] && (station != BORDER || self.open()) {
            self.start(station, who);
        } else {
            self.stations[station].queue.push_back(who);
        }
    }

    fn start(&mut self, station: usize, who: usize) {
        let it = &self.consignments[who];
        let (waited, row) = (self.now - it.ready, it.row);
        self.stations[station].waited += waited;
        self.stations[station].busy += 1;
        let (time, done) = match station {
            TERMINAL => (row[3], What::TerminalDone(who)),
            BORDER => (row[4], What::BorderDone(who)),
            GAUGE => (row[5], What::GaugeDone(who)),
            _ => (row[7], What::CustomsDone(who)),
        };
        self.at(self.now + time, done);
    }

    fn done(&mut self, station: usize) {
        self.stations[station].busy -= 1;
        self.next(station);
    }

    fn next(&mut self, station: usize) {
        while self.stations[station].busy < SERVERS[station] && (station != BORDER || self.open()) {
            match self.stations[station].queue.pop_front() {
                Some(who) => self.start(station, who),
                None => return,
            }
        }
    }

    fn create(&mut self) {
        let row = self.variates.row();
        self.consignments.push(Consignment {
            created: 0.0,
            ready: 0.0,
            row,
        });
        self.at(self.now + row[0], What::Create);
    }

    fn step(&mut self, what: What, n: usize) {
        match what {
            What::Create => {
                let who = self.consignments.len() - 1;
                self.consignments[who].created = self.now;
                self.at(self.now + self.consignments[who].row[2], What::AtTerminal(who));
                if who + 1 < n {
                    self.create();
                }
            }
            What::AtTerminal(who) => self.enter(TERMINAL, who),
            What::TerminalDone(who) => {
                self.done(TERMINAL);
                self.consignments[who].ready = self.now;
                self.yard.push_back(who);
            }
            What::Train(k) => {
                let mut load = 0.0;
                let mut aboard = Vec::new();
                while let Some(&who) = self.yard.front() {
                    let it = &self.consignments[who];
                    if load + it.row[1] > 100.0 {
                        break;
                    }
                    load += it.row[1];
                    self.yard_waited += self.now - it.ready;
                    self.yard.pop_front();
                    aboard.push(who);
                }
                let time = self.variates.rail(k);
                self.trains.push(aboard);
                self.at(self.now + time, What::TrainArrives(k));
                if self.transit.len() < n {
                    self.at(24.0 * (k + 2) as f64, What::Train(k + 1));
                }
            }
            What::TrainArrives(k) => {
                for who in std::mem::take(&mut self.trains[k]) {
                    self.enter(BORDER, who);
                }
            }
            What::Open => {
                self.next(BORDER);
                if self.transit.len() < n {
                    self.at(self.now + 24.0, What::Open);
                }
            }
            What::BorderDone(who) => {
                self.done(BORDER);
                self.enter(GAUGE, who);
            }
            What::GaugeDone(who) => {
                self.done(GAUGE);
                self.at(self.now + self.consignments[who].row[6], What::AtCustoms(who));
            }
            What::AtCustoms(who) => self.enter(CUSTOMS, who),
            What::CustomsDone(who) => {
                self.done(CUSTOMS);
                self.at(self.now + self.consignments[who].row[8], What::Delivered(who));
            }
            What::Delivered(who) => self.transit.push(self.now - self.consignments[who].created),
        }
    }
}

/// Runs W2 with `n` consignments.
pub fn run(variates: impl Variates, n: usize) -> Outcome {
    let mut it = Loop {
        variates,
        events: BinaryHeap::new(),
        sequence: 0,
        now: 0.0,
        consignments: Vec::with_capacity(n),
        stations: Default::default(),
        yard: VecDeque::new(),
        yard_waited: 0.0,
        trains: Vec::new(),
        transit: Vec::with_capacity(n),
    };
    it.create();
    it.at(24.0, What::Train(0));
    it.at(6.0, What::Open);
    while it.transit.len() < n {
        let Some(Reverse(event)) = it.events.pop() else { break };
        it.now = event.time;
        it.step(event.what, n);
    }
    let mean = |sum: f64| sum / n as f64;
    let [terminal, border, gauge, customs] = it.stations.map(|station| mean(station.waited));
    Outcome {
        transit: it.transit,
        waits: [terminal, mean(it.yard_waited), border, gauge, customs],
    }
}
