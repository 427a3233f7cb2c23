//! The scenario's named tables as numbered rows.

use super::RouteStep;
use super::batching::Lots;
use crate::scenario::Scenario;
use crate::scenario::facility::{Facility, Serves};
use crate::scenario::place::{Carries, Link, Mode, NodeKind};
use crate::scenario::service::{CargoAtStop, Service};
use crate::units::{
    AssemblyId, CommodityId, CorridorId, FacilityId, FlowId, Kilometres, LaneId, LinkId, NodeId, Position, ServiceId,
};
use std::collections::BTreeMap;

/// A node.
#[derive(Clone, Debug)]
pub struct NodeRow {
    /// Name in the scenario.
    pub id: String,
    /// Its sort.
    pub kind: NodeKind,
    /// Where it lies, where that is known.
    pub position: Option<Position>,
    /// IANA time zone.
    pub time_zone: String,
}

/// A directed link.
#[derive(Clone, Debug)]
pub struct LinkRow {
    /// Name in the scenario, with `-back` for the way back of a link that runs both ways.
    pub id: String,
    /// Name of the table it is described by.
    pub key: String,
    /// Where it begins.
    pub from: Option<NodeId>,
    /// Where it ends.
    pub to: Option<NodeId>,
    /// Its mode.
    pub mode: Mode,
    /// Whether it carries cargo by itself or only services.
    pub carries: Carries,
}

/// A leg of a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leg {
    /// The link that it runs on; none where the leg has a time of its own.
    pub link: Option<LinkId>,
}

/// A service.
#[derive(Clone, Debug)]
pub struct ServiceRow {
    /// Name in the scenario.
    pub id: String,
    /// Its mode.
    pub mode: Mode,
    /// Its stops; empty for a service without nodes.
    pub stops: Vec<NodeId>,
    /// Its legs, one fewer than its stops, or one for a service without nodes.
    pub legs: Vec<Leg>,
    /// For each stop, whether cargo can board and leave there.
    pub cargo: Vec<CargoAtStop>,
    /// For each stop, the facilities that the vehicle passes on arrival.
    pub facilities: Vec<Vec<FacilityId>>,
}

/// A way of consolidated boxes.
#[derive(Clone, Debug)]
pub struct LaneRow {
    /// Name in the scenario, with the far-end centre behind a colon where there are several.
    pub id: String,
    /// Name of its consolidation.
    pub consolidation: String,
    /// Number of its consolidation.
    pub number: usize,
    /// The centre.
    pub from: Option<NodeId>,
    /// The far-end centre.
    pub to: Option<NodeId>,
    /// The steps of a box.
    pub steps: Vec<RouteStep>,
    /// The lots that are expected.
    pub lots: Lots,
}

/// A facility.
#[derive(Clone, Debug)]
pub struct FacilityRow {
    /// Name in the scenario.
    pub id: String,
    /// Where it stands.
    pub node: Option<NodeId>,
}

/// The scenario's tables by number. Numbers follow the order of the names, so the order in files has no effect.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Nodes.
    pub nodes: Vec<NodeRow>,
    /// Directed links.
    pub links: Vec<LinkRow>,
    /// Services.
    pub services: Vec<ServiceRow>,
    /// Facilities.
    pub facilities: Vec<FacilityRow>,
    /// For each node, the facilities that consignments may pass there, in their order.
    pub facilities_at: Vec<Vec<FacilityId>>,
    /// Flows.
    pub flows: Vec<String>,
    /// Commodities.
    pub commodities: Vec<String>,
    /// Corridors.
    pub corridors: Vec<String>,
    /// Assemblies.
    pub assemblies: Vec<String>,
    /// Ways of consolidated boxes, one for each consolidation and far-end centre.
    pub lanes: Vec<LaneRow>,
    node_numbers: BTreeMap<String, NodeId>,
    link_numbers: BTreeMap<String, LinkId>,
    service_numbers: BTreeMap<String, ServiceId>,
    facility_numbers: BTreeMap<String, FacilityId>,
}

fn numbers<Id>(ids: impl Iterator<Item = String>, new: fn(usize) -> Id) -> BTreeMap<String, Id> {
    ids.enumerate().map(|(index, id)| (id, new(index))).collect()
}

impl Tables {
    /// Numbers the tables of `scenario`.
    pub fn new(scenario: &Scenario) -> Self {
        let node_numbers = numbers(scenario.nodes.keys().cloned(), NodeId::new);
        let nodes = scenario
            .nodes
            .iter()
            .map(|(id, node)| NodeRow {
                id: id.clone(),
                kind: node.kind,
                position: node
                    .longitude
                    .zip(node.latitude)
                    .map(|(longitude, latitude)| Position { longitude, latitude }),
                time_zone: node.time_zone.clone().unwrap_or_else(|| scenario.run.time_zone.clone()),
            })
            .collect();
        let mut links: Vec<LinkRow> = scenario
            .links
            .iter()
            .flat_map(|(key, link)| directions(key, link, &node_numbers))
            .collect();
        links.sort_by(|a, b| a.id.cmp(&b.id));
        let facility_numbers = numbers(scenario.facilities.keys().cloned(), FacilityId::new);
        let mut tables = Self {
            nodes,
            link_numbers: numbers(links.iter().map(|link| link.id.clone()), LinkId::new),
            links,
            services: Vec::new(),
            facilities: scenario
                .facilities
                .iter()
                .map(|(id, facility)| FacilityRow {
                    id: id.clone(),
                    node: facility.node.as_ref().and_then(|node| node_numbers.get(node).copied()),
                })
                .collect(),
            facilities_at: facilities_at(scenario, &node_numbers, &facility_numbers),
            flows: scenario.flows.keys().cloned().collect(),
            commodities: scenario.commodities.keys().cloned().collect(),
            corridors: scenario.corridors.keys().cloned().collect(),
            assemblies: scenario.assemblies.keys().cloned().collect(),
            lanes: lanes(scenario, &node_numbers),
            service_numbers: numbers(scenario.services.keys().cloned(), ServiceId::new),
            node_numbers,
            facility_numbers,
        };
        tables.services = scenario
            .services
            .iter()
            .map(|(id, service)| tables.service_row(id, service))
            .collect();
        tables
    }

    fn service_row(&self, id: &str, service: &Service) -> ServiceRow {
        let stops: Vec<NodeId> = service.stops.iter().filter_map(|stop| self.node(stop)).collect();
        let details = |stop: usize| service.stops.get(stop).and_then(|node| service.at.get(node));
        let legs = if stops.is_empty() {
            vec![Leg { link: None }]
        } else {
            (1..stops.len())
                .map(|ends_at| {
                    let stated = service
                        .to
                        .get(&service.stops[ends_at])
                        .and_then(|leg| leg.link.as_ref());
                    let link = match stated {
                        Some(link) => self.link(link),
                        None => self.link_between(stops[ends_at - 1], stops[ends_at], service.mode),
                    };
                    Leg { link }
                })
                .collect()
        };
        let calls = legs.len() + 1;
        ServiceRow {
            id: id.to_owned(),
            mode: service.mode,
            cargo: (0..calls)
                .map(|stop| details(stop).map(|at| at.cargo).unwrap_or_default())
                .collect(),
            facilities: (0..calls)
                .map(|stop| {
                    let names = details(stop).map(|at| at.facilities.as_slice()).unwrap_or_default();
                    names.iter().filter_map(|name| self.facility(name)).collect()
                })
                .collect(),
            stops,
            legs,
        }
    }

    /// The link of `mode` from one node to another: the first by name.
    pub fn link_between(&self, from: NodeId, to: NodeId, mode: Mode) -> Option<LinkId> {
        self.links
            .iter()
            .position(|link| (link.from, link.to, link.mode) == (Some(from), Some(to), mode))
            .map(LinkId::new)
    }

    /// The node called `id`.
    pub fn node(&self, id: &str) -> Option<NodeId> {
        self.node_numbers.get(id).copied()
    }

    /// The link called `id`.
    pub fn link(&self, id: &str) -> Option<LinkId> {
        self.link_numbers.get(id).copied()
    }

    /// The service called `id`.
    pub fn service(&self, id: &str) -> Option<ServiceId> {
        self.service_numbers.get(id).copied()
    }

    /// The facility called `id`.
    pub fn facility(&self, id: &str) -> Option<FacilityId> {
        self.facility_numbers.get(id).copied()
    }

    /// The flow called `id`.
    pub fn flow(&self, id: &str) -> Option<FlowId> {
        self.flows
            .binary_search_by(|flow| flow.as_str().cmp(id))
            .ok()
            .map(FlowId::new)
    }

    /// The commodity called `id`.
    pub fn commodity(&self, id: &str) -> Option<CommodityId> {
        self.commodities
            .binary_search_by(|name| name.as_str().cmp(id))
            .ok()
            .map(CommodityId::new)
    }

    /// The assembly called `id`.
    pub fn assembly(&self, id: &str) -> Option<AssemblyId> {
        self.assemblies
            .binary_search_by(|name| name.as_str().cmp(id))
            .ok()
            .map(AssemblyId::new)
    }

    /// The way of boxes called `id`.
    pub fn lane(&self, id: &str) -> Option<LaneId> {
        self.lanes.iter().position(|lane| lane.id == id).map(LaneId::new)
    }

    /// The steps of a route with the ways of its boxes laid open: what it uses.
    pub fn laid_open<'a>(&'a self, steps: &'a [RouteStep]) -> impl Iterator<Item = RouteStep> + 'a {
        steps
            .iter()
            .flat_map(|step| match step {
                RouteStep::Consolidated(lane) => self.lanes[lane.index()].steps.as_slice(),
                _ => std::slice::from_ref(step),
            })
            .copied()
    }

    /// The corridor called `id`.
    pub fn corridor(&self, id: &str) -> Option<CorridorId> {
        self.corridors
            .binary_search_by(|name| name.as_str().cmp(id))
            .ok()
            .map(CorridorId::new)
    }

    /// The links that cargo takes by itself, some of them only less than container loads, with their ends.
    pub fn cargo_links(&self) -> impl Iterator<Item = (LinkId, NodeId, NodeId)> + '_ {
        self.links
            .iter()
            .enumerate()
            .filter(|(_, link)| link.carries != Carries::Services)
            .filter_map(|(index, link)| Some((LinkId::new(index), link.from?, link.to?)))
    }

    /// The rides that services offer: service, stop where it is boarded, stop where it is left.
    pub fn rides(&self) -> impl Iterator<Item = (ServiceId, usize, usize)> + '_ {
        self.services.iter().enumerate().flat_map(|(index, service)| {
            let stops = service.stops.len();
            (0..stops)
                .flat_map(move |from| (from + 1..stops).map(move |to| (from, to)))
                .filter(|&(from, to)| service.cargo[from].boards() && service.cargo[to].leaves())
                .map(move |(from, to)| (ServiceId::new(index), from, to))
        })
    }

    /// Great-circle distance between two nodes, where both have a position.
    pub fn great_circle(&self, from: NodeId, to: NodeId) -> Option<Kilometres> {
        let position = |node: NodeId| self.nodes[node.index()].position;
        Some(position(from)?.distance(position(to)?))
    }

    /// The corridors by number.
    pub fn corridor_numbers(&self) -> impl Iterator<Item = CorridorId> + use<> {
        (0..self.corridors.len()).map(CorridorId::new)
    }
}

fn directions(key: &str, link: &Link, nodes: &BTreeMap<String, NodeId>) -> Vec<LinkRow> {
    let number = |node: &Option<String>| node.as_ref().and_then(|node| nodes.get(node).copied());
    let out = LinkRow {
        id: key.to_owned(),
        key: key.to_owned(),
        from: number(&link.from),
        to: number(&link.to),
        mode: link.mode,
        carries: link.carries,
    };
    let mut rows = vec![out.clone()];
    if link.both_ways {
        rows.push(LinkRow {
            id: format!("{key}-back"),
            from: out.to,
            to: out.from,
            ..out
        });
    }
    rows
}

fn lanes(scenario: &Scenario, nodes: &BTreeMap<String, NodeId>) -> Vec<LaneRow> {
    let number = |node: &String| nodes.get(node).copied();
    let mut rows = Vec::new();
    for (at, (name, stated)) in scenario.consolidations.iter().enumerate() {
        let row = |id: String, to: Option<NodeId>| LaneRow {
            id,
            consolidation: name.clone(),
            number: at,
            from: stated.at.as_ref().and_then(number),
            to,
            steps: Vec::new(),
            lots: Lots::default(),
        };
        match stated.to.as_slice() {
            [] => rows.push(row(name.clone(), None)),
            [to] => rows.push(row(name.clone(), number(to))),
            several => rows.extend(several.iter().map(|to| row(format!("{name}:{to}"), number(to)))),
        }
    }
    rows
}

/// For each node, the facilities that consignments pass by rule, in the order of (`order`, name).
fn facilities_at(
    scenario: &Scenario,
    nodes: &BTreeMap<String, NodeId>,
    facilities: &BTreeMap<String, FacilityId>,
) -> Vec<Vec<FacilityId>> {
    let mut at = vec![Vec::new(); nodes.len()];
    let mut ordered: Vec<(&String, &Facility)> = scenario
        .facilities
        .iter()
        .filter(|(_, facility)| facility.serves == Serves::Consignments)
        .collect();
    ordered.sort_by_key(|(id, facility)| (facility.order, *id));
    for (id, facility) in ordered {
        let node = facility.node.as_ref().and_then(|node| nodes.get(node));
        if let (Some(node), Some(number)) = (node, facilities.get(id)) {
            at[node.index()].push(*number);
        }
    }
    at
}
