//! The network: nodes and what connects them as a graph, and the routes that flows find through it.
//!
//! [`build`] turns a checked scenario into tables of numbered nodes, links, services and facilities, a petgraph whose
//! edges are the links that carry cargo and the rides that services offer between any two of their stops, and for each
//! flow its choice set: the k best loopless routes by generalised cost that its goods may use, together with the routes
//! that the scenario states. The only faults it can still find are those of the network as a whole: demand with no way
//! through, and goods that a stated route or a vehicle does not take.

mod attributes;
pub mod batching;
mod choice;
mod corridor;
mod diversions;
mod explain;
mod facilities;
mod fit;
mod lanes;
mod paths;
mod routes;
mod rules;
mod search;
mod tables;

pub(crate) use attributes::DEFAULT_DENSITY;
pub use attributes::{Appraisal, Attributes, Cargo, CostOfTime, NEVER_HOURS, TradeCredit};
pub use choice::{Market, Markets, Nests, path_sizes, probabilities};
pub use diversions::Diversion;
pub use paths::{Costs, Found, Limits, Path, Weight, k_shortest};
pub use routes::{Route, RouteStep};
pub use tables::{LaneRow, Leg, LinkRow, ServiceRow, Tables};

use crate::scenario::Scenario;
use crate::scenario::fault::{Fault, Faults};
use crate::units::{CorridorId, FlowId, NodeId, RouteId};
use petgraph::graph::{DiGraph, EdgeIndex};

/// What one edge of the graph stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arc {
    /// A link that cargo takes by itself.
    Link(crate::units::LinkId),
    /// A ride on a service between two of its stops.
    Ride {
        /// The service.
        service: crate::units::ServiceId,
        /// Position of the stop where it is boarded.
        from: usize,
        /// Position of the stop where it is left.
        to: usize,
    },
}

/// A checked scenario as numbered tables, a graph and routes.
pub struct Network {
    /// Nodes, links, services, facilities and flows by number.
    pub tables: Tables,
    /// Places and the ways between them. Node weights are node numbers, which are also the graph's own.
    pub graph: DiGraph<NodeId, Arc>,
    /// All distinct routes.
    pub routes: Vec<Route>,
    /// For each flow, its routes.
    pub choice_sets: Vec<Vec<RouteId>>,
    /// Where cargo may leave its route for another.
    pub diversions: Vec<Diversion>,
    /// For each flow, the routes to which only diversions lead.
    pub detours: Vec<Vec<RouteId>>,
    /// For each flow, how many of these are for whole container loads; the rest are for less than container loads.
    pub whole_loads: Vec<usize>,
    /// For each route, the corridor it is reported in.
    pub corridor_of: Vec<Option<CorridorId>>,
}

impl Network {
    /// The flows, by number.
    pub fn flows(&self) -> impl Iterator<Item = FlowId> + use<> {
        (0..self.tables.flows.len()).map(FlowId::new)
    }
}

/// Builds the network of `scenario`.
///
/// # Errors
/// When a flow has no way from its origin to its destination, or goods that its way does not take; all such flows are
/// named.
pub fn build(scenario: &Scenario) -> Result<Network, Faults> {
    let mut tables = Tables::new(scenario);
    let mut graph = DiGraph::new();
    for node in 0..tables.nodes.len() {
        graph.add_node(NodeId::new(node));
    }
    let index = |node: NodeId| petgraph::graph::NodeIndex::new(node.index());
    for (link, from, to) in tables.cargo_links() {
        graph.add_edge(index(from), index(to), Arc::Link(link));
    }
    for (service, from, to) in tables.rides() {
        let stops = &tables.services[service.index()].stops;
        graph.add_edge(index(stops[from]), index(stops[to]), Arc::Ride { service, from, to });
    }
    let mut faults = Vec::new();
    lanes::lay(scenario, &mut tables, &graph, &mut faults);
    let (routes, choice_sets, whole_loads, diversions) = routes::find(scenario, &tables, &graph, &mut faults);
    fit::check(scenario, &tables, &routes, (&choice_sets, &whole_loads), &mut faults);
    if !faults.is_empty() {
        let mut faults = Faults {
            files: scenario.files.clone(),
            list: faults,
        };
        faults.sort();
        return Err(faults);
    }
    lanes::expect_lots(scenario, &mut tables, &routes, (&choice_sets, &whole_loads));
    let corridor_of = corridor::assign(scenario, &tables, &routes);
    Ok(Network {
        tables,
        graph,
        routes,
        choice_sets,
        diversions: diversions.list,
        detours: diversions.detours,
        whole_loads,
        corridor_of,
    })
}

/// The arc at an edge of the graph.
fn arc(graph: &DiGraph<NodeId, Arc>, edge: EdgeIndex) -> Arc {
    graph[edge]
}

/// A fault of the network as a whole.
fn fault(scenario: &Scenario, code: &'static str, key: &str, message: String, remedy: &str) -> Fault {
    Fault::error(code, key, message)
        .at(scenario.origin(key), "here")
        .remedy(remedy)
}
