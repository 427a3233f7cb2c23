//! The feed of new consignments.
//!
//! Time is cut into days. How many consignments a Poisson flow generates on a day, and when, are draws keyed by flow,
//! day and ordinal: scaled demand keeps every consignment of the base and adds some. All flows of a day are sorted
//! together once, so arrivals need no place in the event list.

use crate::model::plan::{ArrivalPlan, FlowPlan, Plan};
use crate::random::{Draws, PoissonInverter, Purpose, Stream, Word};
use crate::units::{SimSpan, SimTime};

/// Bits of an arrival's position within its day; the time of day needs 37 bits.
const POSITION_BITS: u32 = 27;
const POSITION: u64 = (1 << POSITION_BITS) - 1;

/// A day.
const CELL: SimSpan = SimSpan(24 * 3_600_000_000);

/// A consignment, or a batch of them, about to be generated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Arrival {
    /// When.
    pub time: SimTime,
    /// Of which flow.
    pub flow: u32,
    /// Address of its draws.
    pub key: Stream,
}

/// The state of one flow's arrivals.
#[derive(Clone)]
enum Source {
    /// The last inverter used: rates change seldom.
    Poisson(PoissonInverter),
    /// Number and time of the next arrival.
    Renewal(u64, SimTime),
    /// Number of the next arrival.
    Listed(u64),
    /// Generated when others are delivered.
    Population,
}

/// The arrivals of all flows in order of time.
#[derive(Clone)]
pub(super) struct Feed {
    sources: Vec<Source>,
    /// The day's arrivals, flow by flow.
    today: Vec<Arrival>,
    /// Their order: the time of day above the position in `today`, so that one comparison of integers decides and
    /// flows keep their order at equal times.
    order: Vec<u64>,
    next: usize,
    /// When the next one comes; [`SimTime::NEVER`] when none does.
    upcoming: SimTime,
    day: u64,
    /// No arrivals at or after this time.
    stop: SimTime,
}

impl Feed {
    /// The feed of the flows of `plan` until `stop`.
    pub fn new(plan: &Plan, draws: &Draws, stop: SimTime) -> Self {
        let flows = &plan.flows;
        let sources: Vec<Source> = flows
            .iter()
            .map(|flow| match &flow.arrivals {
                ArrivalPlan::Poisson(..) => Source::Poisson(PoissonInverter::new(0.0)),
                ArrivalPlan::Renewal(_) => Source::Renewal(0, gap_after(flow, draws, 0, SimTime::START)),
                ArrivalPlan::Listed(_) => Source::Listed(0),
                ArrivalPlan::Population(_) => Source::Population,
            })
            .collect();
        let never = sources.iter().all(|source| matches!(source, Source::Population));
        let mut feed = Self {
            sources,
            today: Vec::new(),
            order: Vec::new(),
            next: 0,
            upcoming: SimTime::NEVER,
            day: 0,
            stop: if never { SimTime::START } else { stop },
        };
        feed.look_ahead(plan, draws);
        feed
    }

    /// When the last of the days begins whose arrivals have been generated; none where no day has.
    pub fn last_day(&self) -> Option<SimTime> {
        let last = self.day.checked_sub(1)?;
        Some(SimTime::START + CELL * last as i64)
    }

    /// The beginning of the last day that begins before `time`. By then no arrivals have been generated of days that begin at
    /// `time` or later, unless the days before them are empty.
    pub fn last_day_before(time: SimTime) -> SimTime {
        let last = (time - SimTime::START).0.max(1) - 1;
        SimTime::START + CELL * (last / CELL.0)
    }

    /// No more arrivals from `time` on.
    pub fn stop_at(&mut self, time: SimTime) {
        self.stop = self.stop.min(time);
        if self.upcoming >= self.stop {
            self.upcoming = SimTime::NEVER;
        }
    }

    /// When the next one comes; [`SimTime::NEVER`] when none does.
    #[inline]
    pub fn upcoming(&self) -> SimTime {
        self.upcoming
    }

    /// Takes the next one, which [`Feed::upcoming`] has announced.
    #[inline]
    pub fn take(&mut self, plan: &Plan, draws: &Draws) -> Arrival {
        let arrival = self.order[self.next];
        self.next += 1;
        let arrival = self.today[(arrival & POSITION) as usize];
        self.look_ahead(plan, draws);
        arrival
    }

    #[inline]
    fn look_ahead(&mut self, plan: &Plan, draws: &Draws) {
        self.upcoming = loop {
            if let Some(arrival) = self.order.get(self.next) {
                let time = self.today[(arrival & POSITION) as usize].time;
                break if time < self.stop { time } else { SimTime::NEVER };
            }
            if SimTime::START + CELL * self.day as i64 >= self.stop {
                break SimTime::NEVER;
            }
            // A day belongs to the stage of policy in which it begins.
            let day = SimTime::START + CELL * self.day as i64;
            self.lay_out(&plan.at(day).flows, draws);
        };
    }

    /// Generates the arrivals of the next day.
    fn lay_out(&mut self, flows: &[FlowPlan], draws: &Draws) {
        let from = SimTime::START + CELL * self.day as i64;
        let to = from + CELL;
        self.today.clear();
        self.next = 0;
        for (number, (flow, source)) in flows.iter().zip(&mut self.sources).enumerate() {
            let number = number as u32;
            match (&flow.arrivals, source) {
                (ArrivalPlan::Poisson(rate, profile), Source::Poisson(inverter)) => {
                    let uniform = match profile {
                        None => Some(1.0),
                        Some(profile) => profile.uniform_over(from, to),
                    };
                    let span = match (uniform, profile) {
                        (Some(factor), _) => factor * CELL.hours(),
                        (None, Some(profile)) => profile.integral(to) - profile.integral(from),
                        (None, None) => CELL.hours(),
                    };
                    let mean = rate * span;
                    if inverter.mean() != mean {
                        inverter.set_mean(mean);
                    }
                    let cell = flow.stream.cell(self.day);
                    let count = inverter.count(Word(draws.words(cell, COUNT)[0]));
                    for ordinal in 0..count {
                        let key = cell.member(ordinal);
                        let mark = Word(draws.words(key, TIME)[0]).unit();
                        let time = match (uniform, profile) {
                            (None, Some(profile)) => profile
                                .inverse(profile.integral(from) + mark * span)
                                .clamp(from, to - SimSpan(1)),
                            _ => from + SimSpan((mark * CELL.0 as f64) as i64),
                        };
                        self.today.push(Arrival {
                            time,
                            flow: number,
                            key,
                        });
                    }
                }
                (ArrivalPlan::Renewal(_), Source::Renewal(ordinal, time)) => {
                    while *time < to {
                        self.today.push(Arrival {
                            time: *time,
                            flow: number,
                            key: flow.stream.member(*ordinal),
                        });
                        *ordinal += 1;
                        *time = gap_after(flow, draws, *ordinal, *time);
                    }
                }
                (ArrivalPlan::Listed(times), Source::Listed(ordinal)) => {
                    while let Some(time) = times.nth(*ordinal).filter(|time| *time < to) {
                        self.today.push(Arrival {
                            time,
                            flow: number,
                            key: flow.stream.member(*ordinal),
                        });
                        *ordinal += 1;
                    }
                }
                _ => {}
            }
        }
        self.order.clear();
        let times = self.today.iter().enumerate();
        self.order.extend(
            times.map(|(position, arrival)| ((arrival.time - from).0 as u64) << POSITION_BITS | position as u64),
        );
        self.order.sort_unstable();
        self.day += 1;
    }
}

const COUNT: Stream = Stream::of("flow").purpose(Purpose::ArrivalCount);
const TIME: Stream = Stream::of("flow").purpose(Purpose::ArrivalTime);
const GAP: Stream = Stream::of("flow").purpose(Purpose::ArrivalGap);

/// The time of renewal arrival `ordinal`, one gap after `last`.
fn gap_after(flow: &FlowPlan, draws: &Draws, ordinal: u64, last: SimTime) -> SimTime {
    match &flow.arrivals {
        ArrivalPlan::Renewal(gap) => {
            let hours = gap.at(draws, flow.stream.member(ordinal), GAP);
            // Time must go on even where gaps are zero.
            last + SimSpan::from_hours(hours).max(SimSpan(1))
        }
        _ => SimTime::NEVER,
    }
}
