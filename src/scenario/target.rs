//! What a policy is measured by: targets with the level that they have, overlaps between instruments, and the cities that
//! flights reach.

use super::change::Size;
use super::dimension::{Plain, Speed, Time};
use super::quantity::{Grade, Quantity};
use super::settings::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A stated target. What it is compared with is either a level that is kept as an input, which instruments may change, or an
/// indicator that is simulated.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What it is about.
    pub name: Text,
    /// The instrument that is to reach it, such as "16.14".
    #[serde(default)]
    pub instrument: String,
    /// What it is counted in, such as "firms".
    #[serde(default)]
    pub unit: Text,
    /// The number aimed at; left out where none is stated.
    pub target: Option<Quantity<Plain>>,
    /// Whether it is met from there upwards or downwards.
    #[serde(default)]
    pub aim: Aim,
    /// The level without any measure; instruments change it by `of = "target"`.
    pub level: Option<Quantity<Plain>>,
    /// The indicator that shows the level, such as `reach.four-hours.cities`, instead of `level`.
    pub indicator: Option<String>,
    /// What is to be known to read it rightly.
    #[serde(default)]
    pub remark: Text,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// On which side of its number a target is met.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Aim {
    /// At it or above.
    #[default]
    AtLeast,
    /// At it or below.
    AtMost,
}

impl Aim {
    /// Whether `level` meets `target`.
    pub fn is_met(self, level: f64, target: f64) -> bool {
        // A level that a ramp or a delivery has brought all the way may miss the number by its last bit.
        let slack = 1e-9 * target.abs();
        match self {
            Self::AtLeast => level >= target - slack,
            Self::AtMost => level <= target + slack,
        }
    }
}

/// Instruments whose effects overlap: what they make of a figure together is held within a cap.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// What it is about.
    #[serde(default)]
    pub name: Text,
    /// The instruments, by patterns of their numbers.
    pub instruments: Vec<String>,
    /// The sections in whose figures they overlap; all when left out.
    #[serde(default)]
    pub of: Vec<String>,
    /// Which tables of them, by patterns; all when left out.
    #[serde(default)]
    pub id: Vec<String>,
    /// Which figures of these, by patterns of their dotted keys; all when left out.
    #[serde(default)]
    pub key: Vec<String>,
    /// The factors of the instruments together are no further from one than this.
    pub factor: Option<Size>,
    /// All that they do to a figure together is no more than to add this, below zero to take it off.
    pub sum: Option<Size>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// The cities that can be reached by air within some hours of flight.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// What it is called.
    #[serde(default)]
    pub name: Text,
    /// The airports from which flights are counted: nodes.
    pub from: Vec<String>,
    /// The hours of flight within which a city counts.
    pub within: Quantity<Time>,
    /// Speed of the flights.
    pub speed: Quantity<Speed>,
    /// How much longer than the great circle their ways are; 1 when left out.
    pub detour: Option<Quantity<Plain>>,
    /// Time for take-off, approach and taxiing in the hours of flight.
    pub manoeuvre: Option<Quantity<Time>>,
    /// The flights a week that a city needs to count; one when left out.
    pub least_flights: Option<Quantity<Plain>>,
    /// The cities.
    #[serde(default)]
    pub city: BTreeMap<String, City>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// A city that flights may reach.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct City {
    /// Name, in English and Chinese.
    pub name: Text,
    /// Country (ISO 3166, two letters).
    pub country: String,
    /// Degrees east.
    pub longitude: f64,
    /// Degrees north.
    pub latitude: f64,
    /// Millions of people in its urban area.
    pub people: Option<Quantity<Plain>>,
    /// Its gross product in a year, thousand million of the reporting currency.
    pub product: Option<Quantity<Plain>>,
    /// Flights a week without any measure.
    pub flights: Quantity<Plain>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}
