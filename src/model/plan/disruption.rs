//! The part of a plan that says what goes wrong, and what cargo does then.

use crate::calendar::Profile;
use crate::random::{Draws, Family, Sampler, Seed, Stream, Tail};
use crate::units::{FacilityId, ServiceId, SimSpan, SimTime, WayId};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Something that goes wrong.
#[derive(Clone, PartialEq)]
pub struct DisruptionPlan {
    /// Address of its draws.
    pub stream: Stream,
    /// When.
    pub timing: DisruptionTiming,
    /// Its impacts.
    pub impacts: Range<u32>,
    /// What shippers know of when it ends.
    pub foresight: Foresight,
}

/// What an event does to some of what it hits.
#[derive(Clone, PartialEq)]
pub struct ImpactPlan {
    /// The disruption that it belongs to.
    pub disruption: u32,
    /// What it hits.
    pub hits: Vec<Target>,
    /// What it does.
    pub effect: Effect,
    /// Its place, at which its own draws are made.
    pub place: Stream,
    /// Probability that an event has it.
    pub probability: f64,
    /// Hours from the beginning of the event; none where it begins and ends with the event.
    pub lag: Option<Sampler>,
    /// Factor on the length of the event.
    pub lasts_factor: f64,
}

impl ImpactPlan {
    /// Whether it begins and ends with the event.
    pub fn is_in_step(&self) -> bool {
        self.lag.is_none() && self.lasts_factor == 1.0
    }
}

/// What shippers know of a closure.
#[derive(Clone, PartialEq)]
pub struct Foresight {
    /// How long before a dated one they know of it.
    pub notice: SimSpan,
    /// The mean time that one still lasts, by how long it has lasted; none where they know its end.
    pub residual: Option<Residual>,
}

/// The mean residual life of a duration, by its age.
#[derive(Clone, PartialEq)]
pub enum Residual {
    /// The same at any age, hours: the exponential distribution.
    Memoryless(f64),
    /// From equally likely lengths in hours, shortest first.
    Lengths(Arc<[f64]>),
}

impl Residual {
    /// Of a duration of `family`, which `sampler` draws.
    pub fn of(family: &Family, sampler: &Sampler) -> Self {
        /// Lengths that stand for a distribution.
        const LENGTHS: u64 = 1024;
        let mut lengths: Vec<f64> = match family {
            Family::Exponential { mean } => return Self::Memoryless(*mean),
            // Of several parts, drawn part by part: a fixed sample.
            Family::Mixture(_) | Family::Sum(_) | Family::Empirical { .. } => {
                let (draws, what) = (Draws::new(Seed(0), 0), Stream::of("residual"));
                let length = |number: u64| sampler.at(&draws, what.member(number), what);
                (0..LENGTHS).map(length).collect()
            }
            single => {
                let quantile = |number: u64| single.quantile(Tail::of((number as f64 + 0.5) / LENGTHS as f64));
                (0..LENGTHS).map(quantile).collect()
            }
        };
        lengths.sort_by(f64::total_cmp);
        Self::Lengths(lengths.into())
    }

    /// The mean time that what has lasted `age` still lasts.
    pub fn after(&self, age: SimSpan) -> SimSpan {
        let hours = match self {
            Self::Memoryless(mean) => *mean,
            Self::Lengths(lengths) => {
                let age = age.hours();
                let longer = &lengths[lengths.partition_point(|length| *length <= age)..];
                let left: f64 = longer.iter().map(|length| length - age).sum();
                left / longer.len().max(1) as f64
            }
        };
        SimSpan::from_hours(hours)
    }
}

/// Where cargo chooses anew when something ahead of it is closed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Choices {
    /// In the order of strands and steps.
    pub list: Vec<DecisionPlan>,
    /// What each of them offers beside going on.
    pub options: Vec<OptionPlan>,
    /// For each strand, what can be closed on it, in order; empty where nobody chooses anew at all.
    pub exposures_of: Vec<Range<u32>>,
    /// What can be closed, strand by strand.
    pub exposures: Vec<Exposed>,
    /// For each flow, how its shippers choose; empty where nobody chooses anew at all.
    pub shippers: Vec<ShipperPlan>,
    /// For pairs of strands whose ways so far are laid out differently, since boxes are taken on one of them alone: for each
    /// cell of the strand that is left, that of the strand taken.
    pub moved_cells: Arc<BTreeMap<(u32, u32), Vec<u32>>>,
    /// For each strand, whether cargo on it may choose anew somewhere; empty where nobody does at all.
    pub on_strand: Vec<bool>,
    /// Whether closures can be known of before they begin.
    pub announced: bool,
}

/// A place at which cargo chooses anew.
#[derive(Clone, PartialEq, Debug)]
pub struct DecisionPlan {
    /// The strand.
    pub strand: u32,
    /// The step.
    pub step: u32,
    /// Hours from the beginning of the strand until there, as shippers expect them.
    pub hours: f64,
    /// What it offers.
    pub options: Range<u32>,
    /// Whether it is the last on the strand.
    pub is_last: bool,
}

/// A way on from a place at which cargo chooses anew.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OptionPlan {
    /// The strand that is taken.
    pub strand: u32,
    /// Its step with which it goes on.
    pub step: u32,
    /// Hours from the beginning of that strand until there.
    pub hours: f64,
    /// Logarithm of how likely it is chosen at the outset, over the likelihood of the strand that is left.
    pub log_odds: f64,
    /// Address of the shipper's taste for it.
    pub taste: Stream,
}

/// Something that can be closed on a strand.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Exposed {
    /// What.
    pub target: Target,
    /// The step.
    pub step: u32,
    /// Hours from the beginning of the strand until there, as shippers expect them.
    pub hours: f64,
}

/// How the shippers of a flow choose.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ShipperPlan {
    /// The scale of their logit, per unit of generalised cost; where it is zero, they take the least cost, then the least time.
    pub scale: f64,
    /// What an hour costs them, per TEU.
    pub hourly: f64,
    /// Whether they leave a closed way however short the closure.
    pub always: bool,
}

/// A charge that disruptions can scale: what a strand pays at one of its steps for something that they hit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TariffPlan {
    /// The strand.
    pub strand: u32,
    /// The step.
    pub step: u32,
    /// What is charged for.
    pub target: Target,
    /// The charge per TEU without disruption.
    pub charge: f64,
}

/// What a disruption can hit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Target {
    /// A link with everything that runs on it.
    Way(WayId),
    /// The departures of a service.
    Service(ServiceId),
    /// A facility.
    Facility(FacilityId),
}

/// What a disruption does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Effect {
    /// Closes; what is on a closed link goes on or, if `stops`, stops where it is.
    Close {
        /// Whether what is under way stops.
        stops: bool,
        /// Whether what is under way on a link has to begin it anew.
        restarts: bool,
    },
    /// Factors on speed, capacity and charges.
    Slow {
        /// Factor on the speed of movement and work.
        speed: f64,
        /// Factor on capacity or servers.
        capacity: f64,
        /// Factor on what is charged for passing.
        cost: f64,
        /// Whether what is on a link already is slowed too, and only as long as the disruption lasts.
        en_route: bool,
    },
}

/// When a disruption happens.
#[derive(Clone, PartialEq)]
pub enum DisruptionTiming {
    /// On stated dates.
    Dated(SimTime, SimTime),
    /// At random: hours until it begins, hours that it lasts, season of its likelihood.
    Random(Sampler, Sampler, Option<Arc<Profile>>),
}
