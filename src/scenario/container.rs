//! Container pools: whose boxes cargo travels in, where empty ones are kept, and how they are brought back.

use super::dimension::{Mass, Plain, PricePerTeu, PricePerTeuDay, Space, Time};
use super::quantity::{Distribution, Grade, Quantity};
use super::settings::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A pool of containers of one owner and size. Cargo that uses it takes empty boxes at a depot near its origin and leaves
/// them, emptied, at a depot near its destination; where the two directions do not balance, empties are repositioned, boxes
/// are leased, or cargo waits.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ContainerPool {
    /// Name, in English and Chinese.
    pub name: Text,
    /// Who owns the boxes: a railway, a shipping line, the shipper. For the reader only.
    pub owner: Option<String>,
    /// Size of a box: `"1 TEU"` (20 ft, when left out), `"2 TEU"` or `"1 FEU"` (40 ft).
    pub size: Option<Quantity<Space>>,
    /// Whether consignments share boxes, each taking no more than its part; when false each has whole boxes of its own, so
    /// that 3.4 TEU take four of 20 ft.
    pub shared_boxes: bool,
    /// The services whose cargo travels in these boxes, by pattern. All cargo of the pool's flows does when left out.
    pub services: Option<Vec<String>>,
    /// Of these, only flows of these names, by pattern; all when left out. Small lots that share a box with others, and
    /// bulk, belong to none.
    pub flows: Option<Vec<String>>,
    /// And only these commodities, by pattern; all when left out.
    pub commodities: Option<Vec<String>>,
    /// Where boxes are stuffed and stripped.
    pub haulage: Haulage,
    /// Time from taking a box to moving on with it: on the way to the shipper, and stuffing. Part of the transit time.
    pub stuffing: Option<Distribution<Time>>,
    /// Time from delivery until the box is empty and back at the depot. Not part of the transit time.
    pub stripping: Option<Distribution<Time>>,
    /// How much of `stripping` costs nothing.
    pub free_time: Option<Quantity<Time>>,
    /// Detention: charge for each day beyond the free time.
    pub detention: Option<Quantity<PricePerTeuDay>>,
    /// Boxes of others that are hired one way when there is none.
    pub lease: Option<Lease>,
    /// Mass of an empty box, for services that reposition them.
    pub tare: Option<Quantity<Mass>>,
    /// The depots, by the node where they are.
    pub at: BTreeMap<String, Depot>,
    /// How empties are repositioned, by a name of one's choice.
    #[serde(rename = "move")]
    pub moves: BTreeMap<String, Repositioning>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// Where boxes are stuffed and stripped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Haulage {
    /// At the shipper's and the consignee's door: cargo has its box from origin to destination, and waits for it at the
    /// origin.
    #[default]
    Door,
    /// At the terminals between which the pool's services carry it.
    Terminal,
}

/// A place where empty boxes are kept.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Depot {
    /// Empty boxes there at the start.
    pub stock: Option<Quantity<Plain>>,
    /// Other nodes whose cargo takes its boxes here and leaves them here.
    pub serves: Vec<String>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// Boxes hired one way.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lease {
    /// How long a consignment waits for one of the pool's own boxes before others are hired; not at all when left out.
    pub after: Option<Quantity<Time>>,
    /// Charge for a hire: reported of the pool, `lease_cost_per_year`, and not in what its cargo pays per TEU.
    pub cost: Option<Quantity<PricePerTeu>>,
}

/// A way in which empties are repositioned between two depots. Exactly one of `boxes`, `order_up_to` and `down_to` says how
/// many.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repositioning {
    /// Node of the depot that gives.
    pub from: String,
    /// Node of the depot that gets.
    pub to: String,
    /// So many each time, or what there is.
    pub boxes: Option<Quantity<Plain>>,
    /// As many as bring what `to` has and is about to get, less what is waited for, up to this.
    pub order_up_to: Option<Quantity<Plain>>,
    /// With `order_up_to`: only when that has fallen to this; to anything below `order_up_to` when left out.
    pub reorder_point: Option<Quantity<Plain>>,
    /// All that `from` has above this.
    pub down_to: Option<Quantity<Plain>>,
    /// How often that is looked at. When left out, whenever the stock of one of the two depots changes.
    pub every: Option<Quantity<Time>>,
    /// So many always stay at `from`.
    #[serde(default)]
    pub keep: Option<Quantity<Plain>>,
    /// The service that carries them, each as real load that takes space: it must call at `from` and later at `to`.
    pub service: Option<String>,
    /// Priority class of empties on that service: 0 boards first, 9 last, which is where they are when left out.
    pub priority: Option<u8>,
    /// How long it takes; with `service`, from its arrival until the box is at the depot.
    pub time: Option<Distribution<Time>>,
    /// Cost of moving a box.
    pub cost: Option<Quantity<PricePerTeu>>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

impl ContainerPool {
    /// The node of the depot that serves `node`.
    pub fn depot_of(&self, node: &str) -> Option<usize> {
        let own = self.at.keys().position(|depot| depot == node);
        own.or_else(|| {
            self.at
                .values()
                .position(|depot| depot.serves.iter().any(|it| it == node))
        })
    }
}
