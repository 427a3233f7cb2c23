//! Nodes and links: the places of the network and the ways between them.

use super::dimension::{EmissionIntensity, Length, Plain, PricePerTeu, PricePerTeuKm, Speed, Time};
use super::quantity::{Distribution, Grade, Quantity};
use super::settings::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place of the network.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Name, in English and Chinese.
    #[serde(default)]
    pub name: Text,
    /// What sort of place it is.
    pub kind: NodeKind,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// ISO 3166 code of the country or region.
    pub country: Option<String>,
    /// IANA time zone; that of the run when left out.
    pub time_zone: Option<String>,
    /// Key of the source of the position.
    pub source: Option<String>,
    /// Grade of the position.
    pub grade: Option<Grade>,
    /// How the position was derived.
    pub derived: Option<String>,
}

/// The sorts of places.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// Where cargo begins and ends: a prefecture, a foreign region. Nothing passes through it.
    Zone,
    /// A rail or road terminal.
    Terminal,
    /// A dry port.
    InlandPort,
    /// A seaport.
    Seaport,
    /// A port on a river.
    RiverPort,
    /// An airport.
    Airport,
    /// A border crossing point.
    Border,
    /// A consolidation centre or satellite warehouse.
    Warehouse,
}

/// How cargo moves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Truck.
    Road,
    /// Train.
    Rail,
    /// River and canal.
    Waterway,
    /// Sea.
    Sea,
    /// Aircraft.
    Air,
}

/// A number for each mode of which one is stated.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ByMode {
    /// By truck.
    pub road: Option<Quantity<Plain>>,
    /// By rail.
    pub rail: Option<Quantity<Plain>>,
    /// By river and canal.
    pub waterway: Option<Quantity<Plain>>,
    /// By sea.
    pub sea: Option<Quantity<Plain>>,
    /// By air.
    pub air: Option<Quantity<Plain>>,
}

impl ByMode {
    /// That of a mode.
    pub fn of(&self, mode: Mode) -> Option<&Quantity<Plain>> {
        match mode {
            Mode::Road => self.road.as_ref(),
            Mode::Rail => self.rail.as_ref(),
            Mode::Waterway => self.waterway.as_ref(),
            Mode::Sea => self.sea.as_ref(),
            Mode::Air => self.air.as_ref(),
        }
    }
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 5] = [Self::Road, Self::Rail, Self::Waterway, Self::Sea, Self::Air];

    /// The key of the mode in files and tables.
    pub fn key(self) -> &'static str {
        match self {
            Self::Road => "road",
            Self::Rail => "rail",
            Self::Waterway => "waterway",
            Self::Sea => "sea",
            Self::Air => "air",
        }
    }

    /// The highest speed, in km/h, that cargo of this mode reaches over a whole leg: above it, the figures are wrong.
    pub fn speed_limit(self) -> f64 {
        match self {
            Self::Road => 120.0,
            Self::Rail => 200.0,
            Self::Waterway => 40.0,
            Self::Sea => 56.0,
            Self::Air => 1050.0,
        }
    }
}

/// A way between two nodes that carries one mode.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Name, where it has one.
    #[serde(default)]
    pub name: Text,
    /// Node where it begins. May be left out only for links that are used in stated routes alone.
    pub from: Option<String>,
    /// Node where it ends.
    pub to: Option<String>,
    /// What moves on it.
    #[serde(default = "road")]
    pub mode: Mode,
    /// Length.
    pub distance: Option<Quantity<Length>>,
    /// Running time. Either this or `speed`.
    pub time: Option<Distribution<Time>>,
    /// Running speed, from which the time follows with the distance.
    pub speed: Option<Quantity<Speed>>,
    /// Freight charge per TEU for the whole link.
    pub cost: Option<Quantity<PricePerTeu>>,
    /// Freight charge per TEU and kilometre.
    pub cost_per_km: Option<Quantity<PricePerTeuKm>>,
    /// Well-to-wheel emission intensity.
    pub emissions: Option<Quantity<EmissionIntensity>>,
    /// Water over the shallowest place of the fairway; limits what services with a `draught` load.
    pub depth: Option<Quantity<Length>>,
    /// The season that the depth follows: its factors multiply `depth`.
    pub depth_season: Option<String>,
    /// Whether cargo moves on it whenever it is ready (a truck) or only aboard services (a railway line).
    #[serde(default)]
    pub carries: Carries,
    /// Whether it also runs the other way; the way back is called like it with `-back` behind.
    #[serde(default)]
    pub both_ways: bool,
    /// Points that it passes, as `[longitude, latitude]`, for drawing it on maps.
    #[serde(default)]
    pub via: Vec<[f64; 2]>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

fn road() -> Mode {
    Mode::Road
}

/// What may move on a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Carries {
    /// Cargo by itself, whenever it is ready.
    #[default]
    Cargo,
    /// Only scheduled services.
    Services,
    /// Less than container loads by themselves: collection and delivery in small trucks.
    Lots,
}
