//! Routes: door-to-door sequences of steps, searched in the graph or stated in the scenario.

use super::attributes::{Appraisal, Attributes, Cargo};
use super::facilities::{Passenger, between};
use super::paths::{Costs, Path, k_shortest};
use super::{Arc, Tables, fault};
use crate::scenario::demand::{Direction, Flow};
use crate::scenario::fault::Fault;
use crate::scenario::place::{Mode, NodeKind};
use crate::scenario::{Inputs, Scenario};
use crate::units::{AssemblyId, FacilityId, LinkId, NodeId, RouteId, ServiceId};
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
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
    fn new(tables: &Tables, steps: Vec<RouteStep>, stated: Option<String>) -> Self {
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
            Self::Facility(_) | Self::Assembly(_) => None,
        }
    }
}

/// All distinct routes, and the choice set of each flow.
pub(super) fn find(
    scenario: &Scenario,
    tables: &Tables,
    graph: &DiGraph<NodeId, Arc>,
    faults: &mut Vec<Fault>,
) -> (Vec<Route>, Vec<Vec<RouteId>>) {
    let inputs = Inputs::expected();
    let rates = scenario.exchange_rates(&inputs);
    let inputs = Inputs::expected().with_rates(&rates);
    let finder = Finder {
        scenario,
        tables,
        graph,
        appraisal: Appraisal::new(scenario, tables, &inputs),
        inputs: &inputs,
    };
    let mut numbers: BTreeMap<Vec<RouteStep>, RouteId> = BTreeMap::new();
    let mut routes: Vec<Route> = Vec::new();
    let mut choice_sets = Vec::new();
    for (id, flow) in &scenario.flows {
        let mut found = finder.stated(flow);
        found.extend(finder.searched(flow));
        if found.is_empty() {
            faults.push(finder.explain(id, flow));
        }
        let mut choices: Vec<RouteId> = Vec::new();
        for route in found {
            let number = *numbers.entry(route.steps.clone()).or_insert_with(|| {
                routes.push(route);
                RouteId::new(routes.len() - 1)
            });
            if !choices.contains(&number) {
                choices.push(number);
            }
        }
        choice_sets.push(choices);
    }
    make_signatures_unique(&mut routes);
    (routes, choice_sets)
}

/// Routes over the same links that differ in facilities (export here, import there) get a number behind their name.
fn make_signatures_unique(routes: &mut [Route]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut order: Vec<usize> = (0..routes.len()).collect();
    order.sort_by(|a, b| routes[*a].steps.cmp(&routes[*b].steps));
    for index in order {
        let count = seen.entry(routes[index].signature.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            routes[index].signature = format!("{} #{count}", routes[index].signature);
        }
    }
}

struct Finder<'a> {
    scenario: &'a Scenario,
    tables: &'a Tables,
    graph: &'a DiGraph<NodeId, Arc>,
    appraisal: Appraisal<'a>,
    inputs: &'a Inputs<'a>,
}

impl Finder<'_> {
    /// The routes that the flow states or names.
    fn stated(&self, flow: &Flow) -> Vec<Route> {
        let own = flow.route.iter().map(|steps| (None, steps));
        let named = flow.routes.iter().filter_map(|name| {
            self.scenario
                .routes
                .get(name)
                .map(|route| (Some(name.clone()), &route.steps))
        });
        own.chain(named)
            .map(|(name, steps)| {
                let steps = steps.iter().filter_map(|step| parse_step(self.tables, step)).collect();
                Route::new(self.tables, steps, name)
            })
            .collect()
    }

    /// The best routes through the graph.
    fn searched(&self, flow: &Flow) -> Vec<Route> {
        let wanted = flow.search.unwrap_or(flow.route.is_none());
        let ends = flow.from.as_ref().zip(flow.to.as_ref());
        let Some((from, to)) = ends.filter(|_| wanted) else {
            return Vec::new();
        };
        let (Some(origin), Some(destination)) = (self.tables.node(from), self.tables.node(to)) else {
            return Vec::new();
        };
        let passenger = passenger(flow);
        self.paths(flow, origin, destination)
            .into_iter()
            .map(|path| {
                Route::new(
                    self.tables,
                    self.steps(&path.edges, origin, destination, passenger),
                    None,
                )
            })
            .collect()
    }

    fn paths(&self, flow: &Flow, origin: NodeId, destination: NodeId) -> Vec<Path> {
        let cargo = Cargo::of(self.scenario, flow, self.inputs);
        let passenger = passenger(flow);
        let cost = |attributes: Attributes| self.appraisal.generalised_cost(attributes, cargo).max(0.0);
        // A little for every hour keeps the search sensible where nothing costs anything.
        let weigh = |attributes: Attributes| cost(attributes) + 1e-6 * attributes.hours;
        let arc = |edge: EdgeIndex| super::arc(self.graph, edge);
        let costs = Costs {
            edge: |edge| {
                let step = as_step(arc(edge));
                self.admits(flow, step).then(|| weigh(self.appraisal.step(step, cargo)))
            },
            turn: |before: Option<EdgeIndex>, node: NodeIndex, after: Option<EdgeIndex>| {
                let (before, after) = (before.map(arc), after.map(arc));
                if same_service(before, after) {
                    return None;
                }
                let passed = between(self.scenario, self.tables, self.graph[node], before, after, passenger);
                Some(
                    passed
                        .iter()
                        .map(|facility| weigh(self.appraisal.facility(*facility, cargo)))
                        .sum(),
                )
            },
            passable: |node: NodeIndex| self.tables.nodes[self.graph[node].index()].kind != NodeKind::Zone,
        };
        let choice = &self.scenario.choice;
        let ends = (NodeIndex::new(origin.index()), NodeIndex::new(destination.index()));
        // Routes with too many services are weeded out afterwards, so more are asked for than wanted.
        let mut paths = k_shortest(self.graph, ends, (choice.routes * 3, choice.cost_limit), &costs);
        let rides = |path: &Path| {
            path.edges
                .iter()
                .filter(|edge| matches!(arc(**edge), Arc::Ride { .. }))
                .count()
        };
        paths.retain(|path| rides(path) <= choice.services_limit);
        paths.truncate(choice.routes);
        paths
    }

    /// Whether the flow's goods may use a link or service.
    fn admits(&self, flow: &Flow, step: RouteStep) -> bool {
        let Some(goods) = flow
            .commodity
            .as_ref()
            .and_then(|name| self.scenario.commodities.get(name))
        else {
            return true;
        };
        let allowed = |mode: Mode| !goods.not_by.contains(&mode);
        match step {
            RouteStep::Link(link) => allowed(self.tables.links[link.index()].mode),
            RouteStep::Ride { service, .. } => {
                let row = &self.tables.services[service.index()];
                let stated = &self.scenario.services[&row.id];
                let reefers = stated.reefer_slots.as_ref().is_none_or(|slots| slots.expected() > 0.0);
                allowed(row.mode)
                    && (goods.dangerous_goods.is_none() || stated.dangerous_goods)
                    && (!goods.refrigerated || reefers)
            }
            RouteStep::Facility(_) | RouteStep::Assembly(_) => true,
        }
    }

    fn steps(
        &self,
        edges: &[EdgeIndex],
        origin: NodeId,
        destination: NodeId,
        passenger: Passenger<'_>,
    ) -> Vec<RouteStep> {
        let mut steps = Vec::new();
        let (mut node, mut before) = (origin, None);
        let pass = |node: NodeId, before, after, steps: &mut Vec<RouteStep>| {
            let passed = between(self.scenario, self.tables, node, before, after, passenger);
            steps.extend(passed.into_iter().map(RouteStep::Facility));
        };
        for edge in edges {
            let arc = super::arc(self.graph, *edge);
            pass(node, before, Some(arc), &mut steps);
            steps.push(as_step(arc));
            before = Some(arc);
            if let Some((_, to)) = self.graph.edge_endpoints(*edge) {
                node = self.graph[to];
            }
        }
        pass(destination, before, None, &mut steps);
        steps
    }

    /// Why a flow has no route, as far as can be told.
    fn explain(&self, id: &str, flow: &Flow) -> Fault {
        let key = format!("flow.{id}");
        let ends = format!(
            "there is no way from `{}` to `{}`",
            flow.from.as_deref().unwrap_or("nowhere"),
            flow.to.as_deref().unwrap_or("nowhere")
        );
        let (Some(origin), Some(destination)) = (
            flow.from.as_ref().and_then(|n| self.tables.node(n)),
            flow.to.as_ref().and_then(|n| self.tables.node(n)),
        ) else {
            return fault(
                self.scenario,
                "no-route",
                &key,
                "has neither `from` and `to` nor a `route`".to_owned(),
                "give both ends of the flow, or state its route",
            );
        };
        let unrestricted = Flow {
            commodity: None,
            ..flow.clone()
        };
        if !self.paths(&unrestricted, origin, destination).is_empty() {
            let goods = flow.commodity.as_deref().unwrap_or_default();
            return fault(
                self.scenario,
                "no-route",
                &key,
                format!("{ends} for `{goods}`"),
                "the commodity rules out every way there is: look at its `not_by`, `dangerous_goods` and `refrigerated`, and at the services' `dangerous_goods` and `reefer_slots`",
            );
        }
        let node = |n: NodeId| NodeIndex::new(n.index());
        let remedy = if self.graph.edges(node(origin)).next().is_none() {
            format!(
                "nothing leaves `{}`: add a link that carries cargo, or a service that calls there",
                self.tables.nodes[origin.index()].id
            )
        } else if self
            .graph
            .edges_directed(node(destination), petgraph::Direction::Incoming)
            .next()
            .is_none()
        {
            format!(
                "nothing arrives at `{}`: add a link that carries cargo, or a service that calls there",
                self.tables.nodes[destination.index()].id
            )
        } else {
            "the parts of the network around the two ends are not connected: add a link or a service between them"
                .to_owned()
        };
        fault(self.scenario, "no-route", &key, ends, &remedy)
    }
}

fn passenger(flow: &Flow) -> Passenger<'_> {
    Passenger {
        commodity: flow.commodity.as_deref(),
        export: flow.direction == Direction::Export,
    }
}

fn as_step(arc: Arc) -> RouteStep {
    match arc {
        Arc::Link(link) => RouteStep::Link(link),
        Arc::Ride { service, from, to } => RouteStep::Ride { service, from, to },
    }
}

fn same_service(before: Option<Arc>, after: Option<Arc>) -> bool {
    matches!((before, after), (Some(Arc::Ride { service: a, .. }), Some(Arc::Ride { service: b, .. })) if a == b)
}

/// Reads a step of a stated route: `link.x`, `facility.x`, `assembly.x`, `service.x` or `service.x:from>to`.
pub(super) fn parse_step(tables: &Tables, text: &str) -> Option<RouteStep> {
    let (kind, id) = text.split_once('.')?;
    match kind {
        "link" => tables.link(id).map(RouteStep::Link),
        "facility" => tables.facility(id).map(RouteStep::Facility),
        "assembly" => tables.assembly(id).map(RouteStep::Assembly),
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
