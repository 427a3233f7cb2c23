//! Where and why time is spent: the parts of mean door-to-door time with their intervals, and the worst of them.

use crate::experiment::Aggregate;
use crate::indicator::{Catalogue, Whose};
use crate::model::{Cause, Place};
use crate::statistics::{Interval, t_interval};
use std::collections::BTreeMap;

/// The part of a mean door-to-door time that is spent at a place for a cause.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TimePart {
    /// Whose time.
    pub whose: Whose,
    /// Where.
    pub place: Place,
    /// Why.
    pub cause: Cause,
    /// Mean hours of a consignment, with the interval over replications.
    pub hours: Interval,
    /// Its standard error.
    pub standard_error: f64,
    /// The share of the mean door-to-door time.
    pub share: f64,
    /// Groups of replications in which there were consignments.
    pub groups: u64,
}

/// All parts in which any time was spent, by whose it is, place and cause.
pub fn time_parts(catalogue: &Catalogue, aggregate: &Aggregate, confidence: f64) -> Vec<TimePart> {
    let mut whole: BTreeMap<Whose, f64> = BTreeMap::new();
    let parts = || {
        let all = catalogue.attribution.keys.iter().zip(&aggregate.attribution);
        all.filter(|(_, moments)| moments.count() > 0 && moments.mean() > 0.0)
    };
    for (key, moments) in parts() {
        *whole.entry(key.whose).or_default() += moments.mean();
    }
    parts()
        .map(|(key, moments)| TimePart {
            whose: key.whose,
            place: key.place,
            cause: key.cause,
            hours: t_interval(moments.mean(), moments.standard_error(), moments.count(), confidence),
            standard_error: moments.standard_error(),
            share: moments.mean() / whole[&key.whose],
            groups: moments.count(),
        })
        .collect()
}

/// The parts in which most time is lost, neither on the move nor being worked on, worst first: at most `most`, none below `least` hours.
pub fn worst_time_parts(parts: &[TimePart], wanted: impl Fn(Whose) -> bool, most: usize, least: f64) -> Vec<TimePart> {
    let mut worst: Vec<TimePart> = parts
        .iter()
        .filter(|part| wanted(part.whose) && part.hours.estimate >= least)
        .filter(|part| !matches!(part.cause, Cause::Moving | Cause::Work))
        .copied()
        .collect();
    worst.sort_by(|a, b| {
        let order = b.hours.estimate.total_cmp(&a.hours.estimate);
        order.then_with(|| (a.whose, a.place, a.cause).cmp(&(b.whose, b.place, b.cause)))
    });
    worst.truncate(most);
    worst
}
