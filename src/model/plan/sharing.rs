//! What the plan says of cargo that shares: lots in boxes, and other cargo aboard services.

use crate::calendar::{Profile, Recurrence};
use crate::random::{Sampler, Stream};
use crate::scenario::consolidation::BoxTimePer;
use crate::units::{Kilograms, MilliTeu, SimSpan};
use std::sync::Arc;

/// What of a flow is less than container loads.
#[derive(Clone, PartialEq)]
pub struct LclPlan {
    /// The probability that a consignment is.
    pub probability: f64,
    /// Their share of the flow's container space.
    pub share_of_space: f64,
    /// TEU of one.
    pub size: Sampler,
    /// The place of their first strand among those of the flow.
    pub from: u32,
}

/// A way of consolidated boxes from a centre.
#[derive(Clone, PartialEq)]
pub struct LanePlan {
    /// Address of its draws.
    pub stream: Stream,
    /// Lots, space and mass each of which dispatches a batch.
    pub enough: (u64, MilliTeu, Kilograms),
    /// What fits into a box.
    pub capacity: MilliTeu,
    /// Mass that fits into it.
    pub payload: Kilograms,
    /// Whether a box that is exactly full waits until a lot does not fit.
    pub overfull: bool,
    /// How long after its first lot a batch is dispatched.
    pub longest_wait: SimSpan,
    /// When the clock dispatches.
    pub clock: Option<Recurrence>,
    /// Space that a box takes up; that of its lots when none.
    pub container: Option<MilliTeu>,
    /// Stuffing, hours.
    pub stuffing: Option<(Sampler, BoxTimePer)>,
    /// Stripping, hours.
    pub stripping: Option<(Sampler, BoxTimePer)>,
    /// Priority class of boxes.
    pub class: u8,
    /// Whether boxes need a refrigerated place.
    pub refrigerated: bool,
    /// As which flow boxes pass facilities: a number behind those of the flows.
    pub flow: u32,
    /// The first step of a box.
    pub first_step: u32,
    /// Waits up to these are counted.
    pub wait_within: Vec<SimSpan>,
    /// Charges: per TEU that a box takes up, per box, per TEU of cargo.
    pub charges: [f64; 3],
}

/// Other cargo that fills the vehicles of a service.
#[derive(Clone, PartialEq)]
pub struct BackgroundPlan {
    /// Address of its draws.
    pub stream: Stream,
    /// The stop where it boards.
    pub from: u16,
    /// The stop where it leaves.
    pub to: u16,
    /// TEU for a departure.
    pub load: Sampler,
    /// Kilograms per TEU.
    pub kilograms_per_teu: f64,
    /// Season that scales it.
    pub season: Option<Arc<Profile>>,
    /// It boards before the corridor's cargo of this class; behind all at the number of classes.
    pub before: u8,
}
