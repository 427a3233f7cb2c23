//! Services whose number of departures follows demand.

use super::dimension::{Plain, Time};
use super::quantity::{Grade, Quantity};
use schemars::JsonSchema;
use serde::Deserialize;

/// A review of a service's frequency. At the end of each interval the departures of the next are decided from what was carried
/// and what was left behind: so many as carry it at the load factor aimed at. Departures of the timetable beyond that are
/// withdrawn in advance, evenly; those that are missing are added between the others.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrequencyReview {
    /// How often; once a week when left out.
    #[serde(default)]
    pub every: Option<Quantity<Time>>,
    /// Fewest departures in an interval; one when left out.
    #[serde(default)]
    pub floor: Option<Quantity<Plain>>,
    /// Most departures in an interval.
    pub ceiling: Quantity<Plain>,
    /// The load factor aimed at, by space or mass, whichever is scarcer, on the fullest leg; 0.85 when left out.
    #[serde(default)]
    pub target: Option<Quantity<Plain>>,
    /// None are added unless the load factor of the past interval was above this, or cargo was left behind.
    #[serde(default)]
    pub add_above: Option<Quantity<Plain>>,
    /// None are withdrawn unless the load factor of the past interval was below this.
    #[serde(default)]
    pub cut_below: Option<Quantity<Plain>>,
    /// Weight of the past interval's demand against what was known before, above 0 and up to 1; 0.5 when left out.
    #[serde(default)]
    pub smoothing: Option<Quantity<Plain>>,
    /// By how many departures the number changes at most.
    #[serde(default)]
    pub step: Option<u32>,
    /// Key of the source of these figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of these figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How these figures were derived.
    pub derived: Option<String>,
}
