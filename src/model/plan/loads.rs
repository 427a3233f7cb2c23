//! What the plan says of what vehicles can and must load.

use crate::calendar::Profile;
use crate::units::{Kilograms, MilliTeu, SimSpan, SimTime};
use std::sync::Arc;

/// What shallow water leaves of a vessel's payload.
#[derive(Clone, PartialEq)]
pub struct DraughtPlan {
    /// Metres of water needed without cargo, and with all of the payload; clearance included.
    pub needed: (f64, f64),
    /// Metres of water on the legs, by season.
    pub depths: Vec<(f64, Option<Arc<Profile>>)>,
}

impl DraughtPlan {
    /// The share of the payload that a vessel can load at `time`: draught grows in proportion to the load.
    pub fn share(&self, time: SimTime) -> f64 {
        let (light, laden) = self.needed;
        let depth = self
            .depths
            .iter()
            .map(|(depth, season)| depth * season.as_ref().map_or(1.0, |season| season.at(time)))
            .fold(f64::INFINITY, f64::min);
        ((depth - light) / (laden - light)).clamp(0.0, 1.0)
    }
}

/// The load that a departure needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MinimumPlan {
    /// Container space.
    pub space: MilliTeu,
    /// Mass.
    pub mass: Kilograms,
    /// Consignments.
    pub lots: u64,
    /// Whether it goes only when someone does not fit, whatever the load.
    pub overfull: bool,
    /// Whether a short departure is annulled instead of waiting.
    pub cancel: bool,
    /// How long it waits at the most.
    pub longest_wait: SimSpan,
}
