//! Which corridor a route is reported in.

use super::{Route, RouteStep, Tables};
use crate::scenario::Scenario;
use crate::scenario::matching::matches;
use crate::units::CorridorId;
use std::collections::BTreeSet;

/// For each route, the corridor with the smallest rank (then name) whose rule it fits.
pub(super) fn assign(scenario: &Scenario, tables: &Tables, routes: &[Route]) -> Vec<Option<CorridorId>> {
    let mut ranked: Vec<_> = scenario.corridors.iter().collect();
    ranked.sort_by_key(|(id, corridor)| (corridor.rank, *id));
    routes
        .iter()
        .map(|route| {
            let used = uses(tables, route);
            let fits = |patterns: &[String]| {
                patterns
                    .iter()
                    .any(|pattern| used.iter().any(|key| matches(pattern, key)))
            };
            ranked
                .iter()
                .find(|(_, corridor)| fits(&corridor.uses) && !fits(&corridor.without))
                .and_then(|(id, _)| tables.corridor(id))
        })
        .collect()
}

/// Everything that a route uses, by key: `service.x`, `link.y`, `facility.z`, `node.n`, `route.r`.
pub(super) fn uses(tables: &Tables, route: &Route) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    used.extend(route.stated.iter().map(|name| format!("route.{name}")));
    let node = |id: Option<crate::units::NodeId>| id.map(|id| format!("node.{}", tables.nodes[id.index()].id));
    let lanes = route
        .steps
        .iter()
        .filter(|step| matches!(step, RouteStep::Consolidated(_)));
    for step in lanes.copied().chain(tables.laid_open(&route.steps)) {
        match step {
            RouteStep::Facility(facility) => {
                let row = &tables.facilities[facility.index()];
                used.insert(format!("facility.{}", row.id));
                used.extend(node(row.node));
            }
            RouteStep::Link(link) => {
                let row = &tables.links[link.index()];
                used.insert(format!("link.{}", row.id));
                used.extend(node(row.from));
                used.extend(node(row.to));
            }
            RouteStep::Ride { service, from, to } => {
                let row = &tables.services[service.index()];
                used.insert(format!("service.{}", row.id));
                for stop in row.stops.get(from..=to).unwrap_or_default() {
                    used.extend(node(Some(*stop)));
                }
                for leg in row.legs.get(from..to).unwrap_or_default() {
                    used.extend(leg.link.map(|link| format!("link.{}", tables.links[link.index()].id)));
                }
            }
            RouteStep::Assembly(assembly) => {
                used.insert(format!("assembly.{}", tables.assemblies[assembly.index()]));
            }
            RouteStep::Consolidated(lane) => {
                let row = &tables.lanes[lane.index()];
                used.insert(format!("consolidation.{}", row.consolidation));
                used.extend(node(row.from));
                used.extend(node(row.to));
            }
        }
    }
    used
}
