//! Services: scheduled lines with a timetable, a capacity and a rule for departing.

use super::dimension::{EmissionIntensity, Length, Mass, Plain, PricePerTeu, Space, Time};
use super::frequency::FrequencyReview;
use super::place::Mode;
use super::quantity::{Distribution, Grade, Quantity};
use super::settings::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// In `choice_constant`: all commodities that are not named.
pub const OTHERS: &str = "others";

/// A scheduled line over two or more nodes. The other direction is a service of its own.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Name, in English and Chinese.
    #[serde(default)]
    pub name: Text,
    /// How it moves.
    #[serde(default = "rail")]
    pub mode: Mode,
    /// The nodes it calls at, in order. Between two of them there must be a link of the service's mode. May be left
    /// out only for services that are used in stated routes alone; these have one leg that takes `time`.
    #[serde(default)]
    pub stops: Vec<String>,
    /// Running time of a service without stops.
    pub time: Option<Distribution<Time>>,
    /// When it departs.
    pub departures: Departures,
    /// Container space of a departure; unlimited when left out.
    pub capacity: Option<Quantity<Space>>,
    /// Mass that a departure can carry; unlimited when left out.
    pub payload: Option<Quantity<Mass>>,
    /// Draught of its vessels. Where a link on the way is not deep enough for a laden one, less than `payload` is
    /// loaded: in proportion to the draught that the water leaves.
    pub draught: Option<Draught>,
    /// Space for refrigerated containers; all of the capacity when left out.
    pub reefer_slots: Option<Quantity<Space>>,
    /// Whether it takes dangerous goods.
    #[serde(default = "yes")]
    pub dangerous_goods: bool,
    /// How long before departure cargo must be ready.
    pub cut_off: Option<Quantity<Time>>,
    /// How late it departs from its first stop.
    pub delay: Option<Distribution<Time>>,
    /// Probability that a departure is cancelled (a blank sailing); its cargo waits for the next.
    pub cancellation: Option<Quantity<Plain>>,
    /// The load it needs in order to depart.
    pub minimum_load: Option<MinimumLoad>,
    /// How the number of departures follows demand; always as the timetable says when left out.
    pub review: Option<FrequencyReview>,
    /// Whether a smaller consignment may take a place that one before it does not fit into.
    #[serde(default)]
    pub gap_filling: bool,
    /// Freight charge per TEU for each leg, where the leg and its link have none of their own.
    pub cost: Option<Quantity<PricePerTeu>>,
    /// What shippers of a commodity would pay beyond charges and time to use the service, per TEU, by commodity, with `others`
    /// for those not named: the alternative-specific constant of route choice. It counts in choice alone. A large one
    /// confesses what costs and times do not explain.
    #[serde(default)]
    pub choice_constant: BTreeMap<String, Quantity<PricePerTeu>>,
    /// Well-to-wheel emission intensity, where the links have none of their own.
    pub emissions: Option<Quantity<EmissionIntensity>>,
    /// What happens to the vehicle at a stop, by node.
    #[serde(default)]
    pub at: BTreeMap<String, StopDetails>,
    /// The leg that ends at a node, by node.
    #[serde(default)]
    pub to: BTreeMap<String, LegDetails>,
    /// Report the share that waits for its departures no longer than each of these.
    #[serde(default)]
    pub wait_within: Vec<Quantity<Time>>,
    /// First date on which it departs.
    pub from_date: Option<String>,
    /// Last date on which it departs.
    pub until_date: Option<String>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

fn rail() -> Mode {
    Mode::Rail
}

fn yes() -> bool {
    true
}

/// When a service departs. Exactly one form is stated.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Departures {
    /// At stated times of the week, local time of the first stop: `["Mon 20:00", "Thu 20:00"]`.
    Weekly(Vec<String>),
    /// At a fixed interval.
    Every(Interval),
    /// So many a week, evenly spaced.
    PerWeek(Quantity<Plain>),
    /// After random gaps.
    Headway(Distribution<Time>),
    /// Whenever one of a number of vehicles is there and loaded; it comes back after its turnaround.
    Shuttle(Shuttle),
    /// On stated dates: `["2023-11-03 20:00"]`, local time of the first stop.
    Dated(Vec<String>),
}

/// How deep vessels lie in the water.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draught {
    /// Without cargo.
    pub light: Quantity<Length>,
    /// With all of the payload.
    pub laden: Quantity<Length>,
    /// Water that must remain below the keel.
    pub clearance: Option<Quantity<Length>>,
}

/// A fixed interval.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Time between two departures.
    pub interval: Quantity<Time>,
    /// Time of the first one after the start of the clock; one interval when left out.
    pub first: Option<Quantity<Time>>,
}

/// Vehicles that depart when loaded and come back.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shuttle {
    /// How many vehicles there are; unlimited when left out.
    pub vehicles: Option<u32>,
    /// From a departure until the same vehicle is ready again.
    pub turnaround: Option<Distribution<Time>>,
}

/// The load that a departure needs.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumLoad {
    /// Container space that must be filled.
    pub space: Option<Quantity<Space>>,
    /// Mass that must be loaded.
    pub mass: Option<Quantity<Mass>>,
    /// Consignments that must be there.
    pub lots: Option<u32>,
    /// Instead of a stated load: it departs when someone comes for whom there is no room, and leaves them behind.
    #[serde(default)]
    pub overfull: bool,
    /// What happens when the load is short.
    #[serde(default)]
    pub if_short: IfShort,
    /// How long a departure waits for its load at the most: after its scheduled time or, for a shuttle, after the
    /// first consignment was ready. As long as it takes when left out.
    pub longest_wait: Option<Quantity<Time>>,
}

/// What a service does that is short of load.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IfShort {
    /// It waits until the load is there.
    #[default]
    Wait,
    /// The departure is annulled and its cargo waits for the next.
    Cancel,
}

/// What happens to the vehicle at a stop.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StopDetails {
    /// Facilities that the whole vehicle passes on arrival, in order: border slots, gauge change, a lock.
    pub facilities: Vec<String>,
    /// How long it stands there before going on.
    pub dwell: Option<Distribution<Time>>,
    /// Whether cargo can board and leave here: both when left out; false for a technical stop such as a border
    /// crossing; `"boards"` or `"leaves"` where it can only do the one.
    pub cargo: CargoAtStop,
}

/// What cargo can do at a stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CargoAtStop {
    /// Board and leave.
    #[default]
    Both,
    /// Only board.
    Boards,
    /// Only leave.
    Leaves,
    /// Neither.
    Neither,
}

impl CargoAtStop {
    /// Whether cargo can board.
    pub fn boards(self) -> bool {
        matches!(self, Self::Both | Self::Boards)
    }

    /// Whether cargo can leave.
    pub fn leaves(self) -> bool {
        matches!(self, Self::Both | Self::Leaves)
    }
}

impl<'de> Deserialize<'de> for CargoAtStop {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CargoAtStopVisitor;

        impl serde::de::Visitor<'_> for CargoAtStopVisitor {
            type Value = CargoAtStop;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(CARGO_AT_STOP)
            }

            fn visit_bool<E: serde::de::Error>(self, open: bool) -> Result<CargoAtStop, E> {
                Ok(if open { CargoAtStop::Both } else { CargoAtStop::Neither })
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<CargoAtStop, E> {
                match text {
                    "boards" => Ok(CargoAtStop::Boards),
                    "leaves" => Ok(CargoAtStop::Leaves),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(CargoAtStopVisitor)
    }
}

impl JsonSchema for CargoAtStop {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CargoAtStop".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": CARGO_AT_STOP,
            "anyOf": [{ "type": "boolean" }, { "const": "boards" }, { "const": "leaves" }]
        })
    }
}

/// The forms in which [`CargoAtStop`] is written.
const CARGO_AT_STOP: &str = "true, false, \"boards\" or \"leaves\"";

/// A leg of a service.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LegDetails {
    /// The link it runs on, where several would do.
    pub link: Option<String>,
    /// Running time, where it differs from the link's.
    pub time: Option<Distribution<Time>>,
    /// Freight charge per TEU, where it differs from the link's.
    pub cost: Option<Quantity<PricePerTeu>>,
    /// Length, where it differs from the link's.
    pub distance: Option<Quantity<Length>>,
    /// Well-to-wheel emission intensity, where it differs from the link's.
    pub emissions: Option<Quantity<EmissionIntensity>>,
}
