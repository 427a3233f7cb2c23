//! Facilities: resources with a queue, at a node or on their own.

use super::demand::Direction;
use super::dimension::{EmissionPerTonne, Plain, PricePerConsignment, PricePerTeu, PricePerTeuDay, Space, Time};
use super::matching::matches;
use super::place::Mode;
use super::quantity::{Distribution, Grade, Quantity};
use super::settings::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A resource with a queue: handling equipment, a gauge change, border slots, a customs desk, a yard, a berth.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Facility {
    /// Name, in English and Chinese.
    #[serde(default)]
    pub name: Text,
    /// The node where it stands. May be left out for facilities that are used in stated routes alone.
    pub node: Option<String>,
    /// What sort of facility it is; decides under which heading its time is reported.
    #[serde(default)]
    pub kind: FacilityKind,
    /// Who passes it: consignments, or whole vehicles of the services that name it.
    #[serde(default)]
    pub serves: Serves,
    /// Parallel servers: cranes, desks, tracks.
    #[serde(default)]
    pub servers: Servers,
    /// Working time of one server. Nothing when left out.
    pub time: Option<Distribution<Time>>,
    /// Whether `time` is per consignment (or vehicle) or per TEU of it.
    #[serde(default)]
    pub time_per: TimePer,
    /// A closer look that some consignments get, with the server held.
    pub inspection: Option<Inspection>,
    /// Time between the end of service and release, without a server.
    pub release: Option<Distribution<Time>>,
    /// Opening hours: the name of a calendar.
    pub calendar: Option<String>,
    /// In which order the queue is served.
    #[serde(default)]
    pub discipline: Discipline,
    /// Own priorities and times for some flows or commodities: an AEO lane, a green channel.
    #[serde(default)]
    pub lane: BTreeMap<String, Lane>,
    /// How many can wait, besides those in service; unlimited when left out.
    pub waiting_room: Option<u64>,
    /// What happens to arrivals that find it full.
    #[serde(default)]
    pub when_full: WhenFull,
    /// Several served together: a barge, a kiln, a convoy.
    pub batch: Option<Batch>,
    /// Starting up after idleness.
    pub set_up: Option<Distribution<Time>>,
    /// Servers that find nothing to do stay away for a while.
    pub vacation: Option<Vacation>,
    /// Servers that break down.
    pub breakdown: Option<Breakdown>,
    /// Idle servers start only when so many wait.
    pub start_when: Option<u64>,
    /// Instead of servers: passages at fixed times, so many each.
    pub slots: Option<Slots>,
    /// For storage: how much it holds.
    pub space: Option<Quantity<Space>>,
    /// Where those served go next, by facility, with probabilities; the rest goes on along its route.
    #[serde(default)]
    pub then: BTreeMap<String, Quantity<Plain>>,
    /// Only cargo that arrives by these modes passes; `origin` means cargo that begins here.
    pub arriving_by: Option<Vec<Approach>>,
    /// Only cargo that leaves by these modes passes; `destination` means cargo that ends here.
    pub leaving_by: Option<Vec<Approach>>,
    /// Only cargo of flows in these directions passes.
    pub directions: Option<Vec<Direction>>,
    /// Only cargo of these commodities passes; `*` stands for any characters.
    pub commodities: Option<Vec<String>>,
    /// Only cargo that arrives or leaves by these services passes; `*` stands for any characters.
    pub services: Option<Vec<String>>,
    /// Place in the order of the facilities of its node, smaller first.
    #[serde(default)]
    pub order: i64,
    /// Charge per TEU.
    pub cost: Option<Quantity<PricePerTeu>>,
    /// Charge per consignment.
    pub cost_per_consignment: Option<Quantity<PricePerConsignment>>,
    /// Charge per TEU and day of stay: of work, or in a yard until the cargo moves on.
    pub cost_per_day: Option<Quantity<PricePerTeuDay>>,
    /// Emissions of handling.
    pub emissions: Option<Quantity<EmissionPerTonne>>,
    /// Report the share that waits no longer than each of these.
    #[serde(default)]
    pub wait_within: Vec<Quantity<Time>>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

impl Facility {
    /// The lane that consignments of `flow` with `goods` take: the first by name that is for them.
    pub fn lane_of(&self, flow: &str, goods: Option<&str>) -> Option<&Lane> {
        let fits = |patterns: &[String], name: &str| patterns.iter().any(|pattern| matches(pattern, name));
        self.lane
            .values()
            .find(|lane| fits(&lane.flows, flow) || goods.is_some_and(|goods| fits(&lane.commodities, goods)))
    }
}

/// The sorts of facilities.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FacilityKind {
    /// Loading, unloading, reloading, gates.
    #[default]
    Handling,
    /// Change of gauge.
    GaugeChange,
    /// Slots and formalities of a border crossing.
    Border,
    /// Customs: documents, inspection, release.
    Customs,
    /// A yard or warehouse that holds cargo until it leaves.
    Storage,
    /// A berth.
    Berth,
    /// A lock.
    Lock,
    /// An apron.
    Apron,
}

/// Who passes a facility.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Serves {
    /// Each consignment by itself.
    #[default]
    Consignments,
    /// Whole vehicles, with all that is aboard.
    Vehicles,
}

/// How many servers a facility has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Servers {
    /// So many.
    Count(u32),
    /// As many as are needed: a delay without a queue.
    Unlimited,
}

impl Default for Servers {
    fn default() -> Self {
        Self::Count(1)
    }
}

impl<'de> Deserialize<'de> for Servers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ServersVisitor;

        impl serde::de::Visitor<'_> for ServersVisitor {
            type Value = Servers;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number from 1, or \"unlimited\"")
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Servers, E> {
                match u32::try_from(number) {
                    Ok(count) if count > 0 => Ok(Servers::Count(count)),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Signed(number), &self)),
                }
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Servers, E> {
                match text {
                    "unlimited" => Ok(Servers::Unlimited),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(ServersVisitor)
    }
}

impl Serialize for Servers {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u32(*count),
            Self::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}

impl JsonSchema for Servers {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Servers".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "a whole number from 1, or \"unlimited\"",
            "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": "unlimited" }]
        })
    }
}

/// What a facility's time is counted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TimePer {
    /// A consignment, or a vehicle.
    #[default]
    Consignment,
    /// A TEU of it.
    Teu,
}

/// A closer look that some get.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inspection {
    /// How likely it is, where the commodity or lane does not say otherwise.
    pub probability: Quantity<Plain>,
    /// How long it takes, on top of the service.
    pub time: Distribution<Time>,
}

/// In which order a queue is served.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Discipline {
    /// By priority, first come first served within one; who is in service is not disturbed.
    #[default]
    Priority,
    /// By priority, and whoever is in service gives way and resumes later.
    Preemptive,
    /// First come first served, whatever the priority.
    Fifo,
    /// Last come first served, whatever the priority.
    Lifo,
}

/// Own terms for some consignments.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lane {
    /// Flows it is for; `*` stands for any characters.
    pub flows: Vec<String>,
    /// Commodities it is for; `*` stands for any characters.
    pub commodities: Vec<String>,
    /// Their priority here, from 0 (first) to 9.
    pub priority: Option<u8>,
    /// Their own working time here, instead of the facility's.
    pub time: Option<Distribution<Time>>,
    /// Factor on their service time here.
    pub time_factor: Option<Quantity<Plain>>,
    /// Their probability of inspection here.
    pub inspection_probability: Option<Quantity<Plain>>,
}

/// What happens to arrivals that find a facility full.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WhenFull {
    /// They are turned away, and counted.
    #[default]
    Refuse,
    /// They stay where they are and hold the server that has just served them, until there is room.
    Hold,
    /// They go to another facility instead.
    Divert(String),
}

/// Several served together.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// A server starts only with so many.
    #[serde(default = "one")]
    pub at_least: u64,
    /// And takes no more than so many.
    pub at_most: u64,
}

fn one() -> u64 {
    1
}

/// Absences of servers that find nothing to do.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vacation {
    /// How long one lasts.
    pub lasts: Distribution<Time>,
    /// Whether a server that finds nothing on return leaves again.
    #[serde(default = "yes")]
    pub repeated: bool,
}

fn yes() -> bool {
    true
}

/// Breakdowns of single servers.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Breakdown {
    /// Time until a server fails.
    pub after: Distribution<Time>,
    /// How long the repair takes.
    pub lasts: Distribution<Time>,
    /// Whether `after` counts working time only, or all time.
    #[serde(default)]
    pub counts: BreakdownClock,
    /// What becomes of the work in hand.
    #[serde(default)]
    pub work: WorkAfterBreakdown,
}

/// What becomes of work in hand when its server breaks down.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WorkAfterBreakdown {
    /// It goes on after the repair where it stopped.
    #[default]
    Resumed,
    /// The same work begins anew after the repair.
    Restarted,
}

/// Which time wears a server out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BreakdownClock {
    /// Time at work.
    #[default]
    Working,
    /// All time, idle or not.
    Always,
}

/// Passages at fixed times.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slots {
    /// Time between two passages.
    pub every: Quantity<Time>,
    /// Time of the first one after the start of the clock; one interval when left out.
    pub first: Option<Quantity<Time>>,
    /// How many pass each time.
    #[serde(default = "one")]
    pub capacity: u64,
}

/// How cargo comes to a node, or leaves it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Approach {
    /// By truck.
    Road,
    /// By train.
    Rail,
    /// By river or canal.
    Waterway,
    /// By sea.
    Sea,
    /// By aircraft.
    Air,
    /// It begins here.
    Origin,
    /// It ends here.
    Destination,
    /// It is put into the box of a consolidation here, or taken out of one. The box itself begins and ends here.
    Consolidation,
}

impl Approach {
    /// Whether this is arriving or leaving by `mode`.
    pub fn is_mode(self, mode: Mode) -> bool {
        matches!(
            (self, mode),
            (Self::Road, Mode::Road)
                | (Self::Rail, Mode::Rail)
                | (Self::Waterway, Mode::Waterway)
                | (Self::Sea, Mode::Sea)
                | (Self::Air, Mode::Air)
        )
    }
}
