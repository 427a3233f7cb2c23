//! What a replication needs to know of container pools.
//!
//! Boxes are counted by their space, in thousandths of a TEU, so that pools of boxes that are shared need no other arithmetic.

use crate::random::{Sampler, Stream};
use crate::units::{Kilograms, MilliTeu, SimSpan};

/// Container pools with their depots and ways of repositioning, each by its number.
#[derive(Clone, PartialEq, Default)]
pub struct ContainerPlan {
    /// Pools.
    pub pools: Vec<PoolPlan>,
    /// Depots of all pools.
    pub depots: Vec<DepotPlan>,
    /// Ways of repositioning of all pools.
    pub moves: Vec<MovePlan>,
    /// Boxes that are taken and left on routes.
    pub hires: Vec<HirePlan>,
}

/// Boxes taken at one depot and left at another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HirePlan {
    /// The pool.
    pub pool: u32,
    /// The depot where they are taken.
    pub from: u32,
    /// The depot where they are left.
    pub to: u32,
}

/// A pool of boxes.
#[derive(Clone, PartialEq)]
pub struct PoolPlan {
    /// Space of a box.
    pub size: MilliTeu,
    /// Mass of an empty box.
    pub tare: Kilograms,
    /// Whether consignments share boxes.
    pub shared: bool,
    /// For each flow, whether its cargo travels in these boxes.
    pub carries: Vec<bool>,
    /// Hours from taking a box to moving on with it.
    pub stuffing: Option<Sampler>,
    /// Hours from delivery until a box is empty and back.
    pub stripping: Option<Sampler>,
    /// How much of that costs nothing.
    pub free_time: SimSpan,
    /// Charge per TEU and day beyond it.
    pub detention: f64,
    /// How long a consignment waits before boxes are hired for it; never where that is not possible.
    pub lease_after: Option<SimSpan>,
    /// Charge per TEU for a hire.
    pub lease_cost: f64,
    /// The space of all its boxes, where none can be hired beyond them.
    pub whole: MilliTeu,
}

impl PoolPlan {
    /// The space of the boxes that `space` of cargo takes: of all that there are, where it needs more. Those then go to and
    /// fro for it.
    #[inline]
    pub fn boxes_for(&self, space: MilliTeu) -> MilliTeu {
        self.boxes_needed(space).min(self.whole)
    }

    /// The space of the boxes that `space` of cargo fills at once.
    #[inline]
    pub fn boxes_needed(&self, space: MilliTeu) -> MilliTeu {
        if self.shared {
            space
        } else {
            MilliTeu((space.0 + self.size.0 - 1) / self.size.0 * self.size.0)
        }
    }
}

/// A depot of a pool.
#[derive(Clone, PartialEq)]
pub struct DepotPlan {
    /// Its pool.
    pub pool: u32,
    /// Address of what is drawn there.
    pub stream: Stream,
    /// Boxes there at the start.
    pub stock: MilliTeu,
}

/// A way of repositioning empties.
#[derive(Clone, PartialEq)]
pub struct MovePlan {
    /// Its pool.
    pub pool: u32,
    /// Address of its draws.
    pub stream: Stream,
    /// The depot that gives.
    pub from: u32,
    /// The depot that gets.
    pub to: u32,
    /// How many.
    pub rule: MoveRule,
    /// How often; whenever a stock changes when there is none.
    pub every: Option<SimSpan>,
    /// What stays where they come from.
    pub keep: MilliTeu,
    /// The first step of the ride, where a service carries them.
    pub first_step: Option<u32>,
    /// Priority class on that service.
    pub class: u8,
    /// Hours that it takes, or that it takes after the ride.
    pub time: Option<Sampler>,
    /// Cost per TEU.
    pub cost: f64,
}

/// How many boxes are repositioned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MoveRule {
    /// So many each time.
    Fixed(MilliTeu),
    /// Up to a level, once the stock has fallen to another.
    OrderUpTo {
        /// The level at which it orders.
        reorder: MilliTeu,
        /// The level up to which it orders.
        up_to: MilliTeu,
    },
    /// All above a level.
    DownTo(MilliTeu),
}
