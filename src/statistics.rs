//! Statistics: exact sums, mergeable sketches, intervals, warm-up.
//!
//! What replications leave behind is merged by adding integers ([`ExactMoments`], [`SketchBook`]), so the result does
//! not depend on the order or the grouping in which they finish. Intervals follow Law (2015), *Simulation Modeling and
//! Analysis*, chapters 4 and 9; distribution functions are statrs'. Tested against published values in
//! `tests/integration/statistics.rs`, coverage of the intervals included.

mod interval;
mod moments;
mod paired;
mod sample;
mod shapley;
mod sketch;
mod warm_up;

pub use interval::{
    Interval, QuantileBounds, chi_square_quantile, f_quantile, normal_quantile, quantile_bounds, t_interval,
    t_quantile, t_two_sided, wilson_interval,
};
pub use moments::ExactMoments;
pub use paired::{Paired, Pairs, holm, paired};
pub use sample::{Sample, batch_means_variance};
pub use shapley::{
    Coalition, MOST_PLAYERS, antithetic_orders, everybody, interactions, marginals, pairs, prefixes, shapley,
};
pub use sketch::{Extremes, LevelTimes, RELATIVE_ERROR, SketchBook};
pub use warm_up::{Truncation, mser5};
