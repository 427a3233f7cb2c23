//! Estimates with their uncertainty, from merged results.

use super::Aggregate;
use crate::indicator::{Catalogue, Estimator, Indicator};
use crate::statistics::{Interval, t_interval};

/// What is known of an indicator.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// The estimate with its confidence interval.
    pub interval: Interval,
    /// Its standard error.
    pub standard_error: f64,
    /// Groups of replications in which it could be measured.
    pub groups: u64,
    /// Standard deviation between replications of what differs from day to day.
    pub aleatory: f64,
    /// Standard deviation of the expected value over what we do not know; zero where all inputs are known.
    pub epistemic: f64,
}

/// The estimates of all indicators at `confidence`.
pub fn estimates(aggregate: &Aggregate, catalogue: &Catalogue, confidence: f64) -> Vec<Estimate> {
    catalogue
        .indicators
        .iter()
        .enumerate()
        .map(|(number, indicator)| estimate(aggregate, indicator, number, confidence))
        .collect()
}

pub(super) fn estimate(aggregate: &Aggregate, indicator: &Indicator, number: usize, confidence: f64) -> Estimate {
    let moments = &aggregate.means[number];
    let n = moments.count();
    let (value, standard_error) = match &indicator.estimator {
        Estimator::Mean => (moments.mean(), moments.standard_error()),
        Estimator::Quantile { sketches, q, unit } => {
            let pooled = aggregate.sketches.quantiles_together(sketches, [*q]);
            let [pooled] = aggregate.extremes_of(sketches).hold(pooled);
            let value = pooled / unit;
            // Sectioning (Asmussen and Glynn 2007, III.5a): the replications' own quantiles around the pooled one.
            let spread = if n < 2 {
                0.0
            } else {
                moments.squared_deviations(value) / (n - 1) as f64
            };
            (value, (spread / n as f64).sqrt())
        }
    };
    let within = &aggregate.within[number];
    let (aleatory, epistemic) = if within.count() > 0 {
        // One-way analysis of variance with random effects: groups share their inputs.
        let size = aggregate.replications as f64 / aggregate.groups() as f64;
        let inside = within.mean();
        (inside.sqrt(), (moments.variance() - inside / size).max(0.0).sqrt())
    } else {
        (moments.standard_deviation(), 0.0)
    };
    Estimate {
        interval: t_interval(value, standard_error, n, confidence),
        standard_error,
        groups: n,
        aleatory,
        epistemic,
    }
}
