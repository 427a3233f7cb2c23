//! What a replication needs to know of frequencies that follow demand.

use crate::units::SimSpan;

/// How a service's number of departures follows demand.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ReviewPlan {
    /// Interval between reviews.
    pub every: SimSpan,
    /// Fewest departures in an interval.
    pub floor: u64,
    /// Most departures in an interval.
    pub ceiling: u64,
    /// Load factor aimed at.
    pub target: f64,
    /// Load factor above which departures are added.
    pub add_above: Option<f64>,
    /// Load factor below which departures are withdrawn.
    pub cut_below: Option<f64>,
    /// Weight of the past interval's demand.
    pub smoothing: f64,
    /// Largest change of the number.
    pub step: u64,
}
