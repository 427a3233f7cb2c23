//! Consolidation: centres at which less-than-container loads are put into boxes, one batch for each destination.
//!
//! Lots come by road, through a satellite warehouse where the centre has any, and wait for their batch. The batch is
//! dispatched when there is enough of it or when its time has come, travels as one, and is broken up at the far end.

use super::Inputs;
use super::demand::{Direction, Flow};
use super::dimension::{Mass, PricePerConsignment, PricePerTeu, Space, Time};
use super::place::Mode;
use super::quantity::{Distribution, Grade, Quantity};
use super::service::Interval;
use super::settings::Text;
use crate::random::Family;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A centre at which less-than-container loads are consolidated, and where their boxes go.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Consolidation {
    /// Name, in English and Chinese.
    pub name: Text,
    /// The centre: the node where lots are put into boxes. May be left out, like `to`, where `route` says all and only
    /// stated routes of flows name the consolidation.
    pub at: Option<String>,
    /// The far-end centres: nodes where boxes are broken up. Each has batches of its own.
    pub to: Vec<String>,
    /// Satellite warehouses through which lots come to the centre, unless they begin there; straight from anywhere when
    /// left out.
    pub satellites: Vec<String>,
    /// Satellite warehouses through which lots leave the far-end centre, unless they end there; straight to anywhere
    /// when left out.
    pub far_satellites: Vec<String>,
    /// The way of the boxes, in steps such as `"service.train"`; the best through the network when left out.
    pub route: Option<Vec<String>>,
    /// Modes by which its boxes do not go.
    pub not_by: Vec<Mode>,
    /// What a box counts as: its goods' priority, lanes and rules apply. General cargo when left out.
    pub commodity: Option<String>,
    /// Whether the boxes leave the planner's region or come to it.
    pub direction: Direction,
    /// Only lots of these commodities are taken; `*` stands for any characters.
    pub commodities: Option<Vec<String>>,
    /// Priority of boxes in queues and for space aboard, from 0 (first) to 9; the commodity's, or 5, when left out.
    pub priority: Option<u8>,
    /// When a batch is dispatched; when its box is full, or the next lot does not fit, when left out.
    pub dispatch: Option<Dispatch>,
    /// Space that a box takes up aboard, such as `"1 FEU"`, however full it is. When left out, a batch takes up as much
    /// as its lots.
    pub container: Option<Quantity<Space>>,
    /// Cargo that fits into a box; the size of the `container` when left out.
    pub capacity: Option<Quantity<Space>>,
    /// Mass that fits into a box; unlimited when left out.
    pub payload: Option<Quantity<Mass>>,
    /// Putting a batch into its box.
    pub stuffing: Option<BoxWork>,
    /// Breaking it up at the far end.
    pub stripping: Option<BoxWork>,
    /// What shippers pay for cargo from the centre to the far end, all in. When left out, they share what the box
    /// costs by their volume, as full as it is expected to be.
    pub price: Option<Quantity<PricePerTeu>>,
    /// Report the share of lots that wait for their batch no longer than each of these.
    pub wait_within: Vec<Quantity<Time>>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// When a batch is dispatched: at the first of what is stated. A box that is full goes in any case, and so does one into
/// which the next lot does not fit.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Dispatch {
    /// When so many lots are there.
    pub lots: Option<u64>,
    /// When so much space is filled.
    pub space: Option<Quantity<Space>>,
    /// When so much mass is there.
    pub mass: Option<Quantity<Mass>>,
    /// Even a box that is exactly full waits until a lot comes that does not fit.
    pub overfull: bool,
    /// So long after the first lot of the batch came.
    pub longest_wait: Option<Quantity<Time>>,
    /// By the clock, at a fixed interval, with what is there; without cargo no box goes.
    pub every: Option<Interval>,
    /// By the clock, at stated times of the week, local time of the centre: `["Thu 18:00"]`.
    pub weekly: Vec<String>,
}

impl Dispatch {
    /// Whether the clock dispatches batches.
    pub fn by_clock(&self) -> bool {
        self.every.is_some() || !self.weekly.is_empty()
    }

    /// Whether an amount of cargo dispatches batches, other than a full box.
    pub fn by_quantity(&self) -> bool {
        self.lots.is_some() || self.space.is_some() || self.mass.is_some()
    }
}

/// Stuffing or stripping: as many boxes at once as there are. Where hands or doors are scarce, a facility at the node says
/// so.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BoxWork {
    /// How long it takes.
    pub time: Option<Distribution<Time>>,
    /// What `time` is counted by.
    pub time_per: BoxTimePer,
    /// Charge per TEU of cargo.
    pub cost: Option<Quantity<PricePerTeu>>,
    /// Charge per box.
    pub cost_per_box: Option<Quantity<PricePerConsignment>>,
}

/// What the time of stuffing or stripping is counted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BoxTimePer {
    /// A box.
    #[default]
    Box,
    /// A lot in it.
    Lot,
    /// A TEU of cargo in it.
    Teu,
}

/// What of a flow is less than container loads.
#[derive(Clone, PartialEq, Debug)]
pub struct LclPart {
    /// The probability that a consignment is.
    pub probability: f64,
    /// Its share of the flow's container space.
    pub share_of_space: f64,
    /// TEU of such a load.
    pub size: Family,
}

impl Flow {
    /// Whether the only route that it states passes a consolidation.
    pub fn is_all_consolidated(&self) -> bool {
        self.route.as_deref().is_some_and(passes_consolidation)
    }

    /// What of it is less than container loads, for goods of `density` (t/TEU); none when nothing can be.
    pub fn lcl(&self, density: f64, inputs: &Inputs<'_>) -> Option<LclPart> {
        let share = match &self.lcl_share {
            Some(share) => inputs.value(share).clamp(0.0, 1.0),
            None if self.is_all_consolidated() => 1.0,
            None => return None,
        };
        let full = self
            .size
            .as_ref()
            .map_or(Family::Constant(1.0), |size| size.family(inputs));
        let by_mass = self
            .lcl_mass
            .as_ref()
            .map(|mass| mass.family(inputs).scaled(1.0 / density));
        let size = by_mass.or_else(|| self.lcl_size.as_ref().map(|size| size.family(inputs)));
        let size = size.unwrap_or_else(|| full.clone());
        let (of_lots, of_full) = (size.mean().max(f64::MIN_POSITIVE), full.mean().max(f64::MIN_POSITIVE));
        let (probability, share_of_space) = if self.volume.is_some() {
            let [lots, full] = [share / of_lots, (1.0 - share) / of_full];
            (lots / (lots + full), share)
        } else {
            let [lots, full] = [share * of_lots, (1.0 - share) * of_full];
            (share, lots / (lots + full))
        };
        Some(LclPart {
            probability,
            share_of_space,
            size,
        })
    }
}

/// Whether a stated route passes a consolidation.
pub fn passes_consolidation(steps: &[String]) -> bool {
    steps.iter().any(|step| step.starts_with("consolidation."))
}
