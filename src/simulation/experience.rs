//! What shippers learn from a replication: how long one waits, by place, priority class and period of arrival.

use super::observer::{Observer, Stretch, Wait};
use super::record::square;
use crate::model::plan::{Plan, WaitNumbers};
use crate::units::{MICROSECONDS_PER_HOUR, SimSpan, SimTime};

/// Waits added up; merging is exact.
#[derive(Clone, PartialEq, Debug)]
pub struct Experience {
    /// When a new period begins.
    periods: Vec<SimTime>,
    numbers: WaitNumbers,
    /// By period, then by number of the wait.
    tallies: Vec<Tally>,
}

/// Waits of one priority class at one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// Their sum, microseconds.
    sum: i128,
    /// The sum of their squares.
    squares: u128,
}

impl Tally {
    fn add(&mut self, wait: SimSpan) {
        self.count += 1;
        self.sum += i128::from(wait.0);
        self.squares += square(wait);
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }

    /// The mean in hours, and that of the squares; zero where there are none.
    pub fn moments(self) -> (f64, f64) {
        let count = self.count.max(1) as f64;
        let hours = MICROSECONDS_PER_HOUR;
        (
            self.sum as f64 / hours / count,
            self.squares as f64 / (hours * hours) / count,
        )
    }
}

impl Experience {
    /// No experience of a plan's places yet.
    pub fn new(plan: &Plan) -> Self {
        let numbers = plan.wait_numbers();
        Self {
            periods: plan.periods.clone(),
            numbers,
            tallies: vec![Tally::default(); numbers.count() * (plan.periods.len() + 1)],
        }
    }

    /// What was learnt of the wait with a number in each period.
    pub fn of(&self, number: usize) -> impl Iterator<Item = Tally> + '_ {
        self.tallies
            .chunks(self.numbers.count())
            .map(move |period| period[number])
    }
}

impl Observer for Experience {
    const ACTIVE: bool = true;

    #[inline]
    fn stretch(&mut self, _: Stretch) {}

    #[inline]
    fn wait(&mut self, wait: Wait) {
        let period = self.periods.partition_point(|begin| *begin <= wait.since);
        let number = self.numbers.of(wait.place, wait.class);
        self.tallies[period * self.numbers.count() + number].add(wait.until - wait.since);
    }
}
