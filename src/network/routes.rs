//! Routes: door-to-door sequences of steps, searched in the graph or stated in the scenario.

use super::diversions::{self, Diversions};
use super::search::Finder;
use super::{Arc, Tables};
use crate::scenario::fault::Fault;
use crate::scenario::{Inputs, Scenario};
use crate::units::{AssemblyId, FacilityId, LaneId, LinkId, NodeId, RouteId, ServiceId};
use petgraph::graph::DiGraph;
use std::collections::BTreeMap;

/// A step of a route.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RouteStep {
    /// Passing a facility.
    Facility(FacilityId),
    /// Moving along a link by itself.
    Link(LinkId),
    /// Riding a service.
    Ride {
        /// The service.
        service: ServiceId,
        /// Position of the stop where it is boarded.
        from: usize,
        /// Position of the stop where it is left.
        to: usize,
    },
    /// Activities side by side.
    Assembly(AssemblyId),
    /// Waiting for a batch, and going in its box to where it is broken up.
    Consolidated(LaneId),
}

/// A door-to-door sequence of steps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// Its steps in order.
    pub steps: Vec<RouteStep>,
    /// Its name, where the scenario states it.
    pub stated: Option<String>,
    /// Its links and rides by name: the address of its draws.
    pub movements: String,
    /// The same, made unique among the routes: its label.
    pub signature: String,
}

impl Route {
    pub(super) fn new(tables: &Tables, steps: Vec<RouteStep>, stated: Option<String>) -> Self {
        let mut parts: Vec<String> = steps.iter().filter_map(|step| step.name_of_movement(tables)).collect();
        if parts.is_empty() {
            parts = steps.iter().map(|step| step.key(tables)).collect();
        }
        let movements = parts.join(" + ");
        Self {
            steps,
            stated,
            signature: movements.clone(),
            movements,
        }
    }
}

impl RouteStep {
    /// The key of what the step uses.
    pub fn key(&self, tables: &Tables) -> String {
        match *self {
            Self::Facility(facility) => format!("facility.{}", tables.facilities[facility.index()].id),
            Self::Link(link) => format!("link.{}", tables.links[link.index()].id),
            Self::Ride { service, .. } => format!("service.{}", tables.services[service.index()].id),
            Self::Assembly(assembly) => format!("assembly.{}", tables.assemblies[assembly.index()]),
            Self::Consolidated(lane) => format!("consolidation.{}", tables.lanes[lane.index()].id),
        }
    }

    /// The node to which a movement leads, where it has one.
    pub(super) fn leads_to(&self, tables: &Tables) -> Option<NodeId> {
        match *self {
            Self::Link(link) => tables.links[link.index()].to,
            Self::Ride { service, to, .. } => tables.services[service.index()].stops.get(to).copied(),
            Self::Consolidated(lane) => tables.lanes[lane.index()].to,
            Self::Facility(_) | Self::Assembly(_) => None,
        }
    }

    fn name_of_movement(&self, tables: &Tables) -> Option<String> {
        match *self {
            Self::Link(link) => Some(tables.links[link.index()].id.clone()),
            Self::Ride { service, from, to } => {
                let row = &tables.services[service.index()];
                let whole = from == 0 && to == row.legs.len();
                let stop = |at: usize| {
                    row.stops
                        .get(at)
                        .map_or("", |node| tables.nodes[node.index()].id.as_str())
                };
                Some(if whole {
                    row.id.clone()
                } else {
                    format!("{}:{}>{}", row.id, stop(from), stop(to))
                })
            }
            Self::Consolidated(lane) => Some(tables.lanes[lane.index()].id.clone()),
            Self::Facility(_) | Self::Assembly(_) => None,
        }
    }
}

/// All distinct routes, the choice set of each flow, and for each how many of its routes are not for less than
/// container loads; these come behind.
pub(super) fn find(
    scenario: &Scenario,
    tables: &Tables,
    graph: &DiGraph<NodeId, Arc>,
    faults: &mut Vec<Fault>,
) -> (Vec<Route>, Vec<Vec<RouteId>>, Vec<usize>, Diversions) {
    let inputs = Inputs::expected();
    let rates = scenario.exchange_rates(&inputs);
    let inputs = Inputs::expected().with_rates(&rates);
    let finder = Finder::new(scenario, tables, graph, &inputs);
    let mut numbers: BTreeMap<Vec<RouteStep>, RouteId> = BTreeMap::new();
    let mut routes: Vec<Route> = Vec::new();
    let (mut choice_sets, mut whole_loads) = (Vec::new(), Vec::new());
    for (id, flow) in &scenario.flows {
        let mut choices: Vec<RouteId> = Vec::new();
        let mut add = |choices: &mut Vec<RouteId>, found: Vec<Route>| {
            for route in found {
                let number = *numbers.entry(route.steps.clone()).or_insert_with(|| {
                    routes.push(route);
                    RouteId::new(routes.len() - 1)
                });
                if !choices.contains(&number) {
                    choices.push(number);
                }
            }
        };
        let lots = finder.choices_of_lots(id, flow, faults);
        if lots.as_ref().is_none_or(|(_, all)| !all) {
            add(&mut choices, finder.choices(id, flow, faults));
        }
        whole_loads.push(choices.len());
        add(&mut choices, lots.map_or_else(Vec::new, |(routes, _)| routes));
        choice_sets.push(choices);
    }
    make_signatures_unique(&mut routes, 0);
    let chosen = routes.len();
    // Lots in shared boxes do not leave their route.
    let of_whole_loads: Vec<Vec<RouteId>> = choice_sets
        .iter()
        .zip(&whole_loads)
        .map(|(routes, whole)| routes[..*whole].to_vec())
        .collect();
    let diversions = if faults.is_empty() {
        diversions::find(&finder, &mut routes, &of_whole_loads)
    } else {
        Diversions::default()
    };
    make_signatures_unique(&mut routes, chosen);
    (routes, choice_sets, whole_loads, diversions)
}

/// Routes over the same links that differ in facilities (export here, import there) get a number behind their name. The
/// names of those before `first` are settled.
fn make_signatures_unique(routes: &mut [Route], first: usize) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for route in &routes[..first] {
        *seen.entry(route.movements.clone()).or_insert(0) += 1;
    }
    let mut order: Vec<usize> = (first..routes.len()).collect();
    order.sort_by(|a, b| routes[*a].steps.cmp(&routes[*b].steps));
    for index in order {
        let count = seen.entry(routes[index].signature.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            routes[index].signature = format!("{} #{count}", routes[index].signature);
        }
    }
}

impl From<Arc> for RouteStep {
    fn from(arc: Arc) -> Self {
        match arc {
            Arc::Link(link) => Self::Link(link),
            Arc::Ride { service, from, to } => Self::Ride { service, from, to },
        }
    }
}

/// Reads a step of a stated route: `link.x`, `facility.x`, `assembly.x`, `service.x` or `service.x:from>to`.
pub(super) fn parse_step(tables: &Tables, text: &str) -> Option<RouteStep> {
    let (kind, id) = text.split_once('.')?;
    match kind {
        "link" => tables.link(id).map(RouteStep::Link),
        "facility" => tables.facility(id).map(RouteStep::Facility),
        "assembly" => tables.assembly(id).map(RouteStep::Assembly),
        "consolidation" => tables.lane(id).map(RouteStep::Consolidated),
        "service" => {
            let (id, stops) = id.split_once(':').unwrap_or((id, ""));
            let service = tables.service(id)?;
            let row = &tables.services[service.index()];
            if stops.is_empty() {
                return Some(RouteStep::Ride {
                    service,
                    from: 0,
                    to: row.legs.len(),
                });
            }
            let (from, to) = stops.split_once('>')?;
            let at = |node: &str| row.stops.iter().position(|stop| tables.node(node) == Some(*stop));
            let (from, to) = (at(from)?, at(to)?);
            (from < to).then_some(RouteStep::Ride { service, from, to })
        }
        _ => None,
    }
}
