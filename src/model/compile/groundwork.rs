//! What a plan needs that is the same for all values of the inputs: worked out once for a model, not for every draw and
//! every stage of policy.

use crate::model::layout::{CellMeaning, Layout};
use crate::model::plan::{StrandPlan, Target};
use crate::network::{Network, Tables};
use crate::scenario::Scenario;
use crate::scenario::matching::matches;
use crate::units::{FacilityId, LinkId, ServiceId, WayId};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The same for all values of the inputs.
pub(in crate::model) struct Groundwork {
    /// The links that some disruption hits: only these can close.
    pub ways: BTreeMap<LinkId, WayId>,
    /// What each impact hits, in the order of disruptions and their impacts.
    pub hits: Vec<Vec<Target>>,
    /// Where time goes when cargo leaves a strand for another, as in [`crate::model::plan::Choices`].
    pub moved_cells: Arc<BTreeMap<(u32, u32), Vec<u32>>>,
}

impl Groundwork {
    /// That of a scenario on its network.
    pub fn new(scenario: &Scenario, network: &Network, layout: &Layout) -> Self {
        let tables = &network.tables;
        let is_hit = |link: &LinkId| {
            let mut patterns = scenario
                .disruptions
                .values()
                .flat_map(|disruption| disruption.all_hits());
            patterns.any(|pattern| hits_link(tables, pattern, *link))
        };
        let links = (0..tables.links.len()).map(LinkId::new).filter(is_hit);
        let ways: BTreeMap<LinkId, WayId> = links
            .enumerate()
            .map(|(number, link)| (link, WayId::new(number)))
            .collect();
        let impacts = scenario
            .disruptions
            .iter()
            .flat_map(|(id, disruption)| disruption.impacts(id));
        let hits = impacts.map(|stated| targets(tables, stated.hits, &ways)).collect();
        Self {
            hits,
            moved_cells: Arc::new(all_moved_cells(network, layout)),
            ways,
        }
    }
}

/// The strand of a route among those of a flow.
pub(super) fn strand_of(strands: &[StrandPlan], of_flow: Range<u32>, route: usize) -> Option<u32> {
    let mut of_flow = of_flow;
    of_flow.find(|strand| strands[*strand as usize].route as usize == route)
}

fn all_moved_cells(network: &Network, layout: &Layout) -> BTreeMap<(u32, u32), Vec<u32>> {
    // The first strand of each flow, as demand numbers them.
    let mut first = 0;
    let of_flow: Vec<(usize, Vec<usize>)> = network
        .choice_sets
        .iter()
        .zip(&network.detours)
        .map(|(choices, detours)| {
            let routes: Vec<usize> = choices.iter().chain(detours).map(|route| route.index()).collect();
            first += routes.len();
            (first - routes.len(), routes)
        })
        .collect();
    let mut moved = BTreeMap::new();
    for diversion in &network.diversions {
        let (first, routes) = &of_flow[diversion.flow];
        let strand = |route: usize| {
            routes
                .iter()
                .position(|it| *it == route)
                .map(|place| (first + place) as u32)
        };
        let Some(pair) = strand(diversion.from.index()).zip(strand(diversion.to.index())) else {
            continue;
        };
        let [left, taken] = [diversion.from, diversion.to].map(|route| &layout.routes[route.index()].cells);
        if let Some(cells) = moved_cells(left, taken, diversion.steps) {
            moved.insert(pair, cells);
        }
    }
    moved
}

/// Whether a pattern fits a link or one of its ends.
fn hits_link(tables: &Tables, pattern: &str, link: LinkId) -> bool {
    let row = &tables.links[link.index()];
    let ends = [row.from, row.to].into_iter().flatten();
    matches(pattern, &format!("link.{}", row.id))
        || ends
            .map(|node| format!("node.{}", tables.nodes[node.index()].id))
            .any(|name| matches(pattern, &name))
}

/// What patterns fit, links first, then services, then facilities.
fn targets(tables: &Tables, patterns: &[String], ways: &BTreeMap<LinkId, WayId>) -> Vec<Target> {
    let any = |key: String| patterns.iter().any(|pattern| matches(pattern, &key));
    let mut hits: Vec<Target> = ways
        .iter()
        .filter(|(link, _)| patterns.iter().any(|pattern| hits_link(tables, pattern, **link)))
        .map(|(_, way)| Target::Way(*way))
        .collect();
    hits.extend(
        (0..tables.services.len())
            .filter(|service| any(format!("service.{}", tables.services[*service].id)))
            .map(|service| Target::Service(ServiceId::new(service))),
    );
    hits.extend(
        (0..tables.facilities.len())
            .filter(|facility| {
                let row = &tables.facilities[*facility];
                let node = row.node.map(|node| format!("node.{}", tables.nodes[node.index()].id));
                any(format!("facility.{}", row.id)) || node.is_some_and(any)
            })
            .map(|facility| Target::Facility(FacilityId::new(facility))),
    );
    hits
}

/// For each cell of a route, that of another which has begun alike, for the time spent in it; none where the first `steps`
/// steps of both have the same cells.
fn moved_cells(left: &[CellMeaning], taken: &[CellMeaning], steps: usize) -> Option<Vec<u32>> {
    let of = |cell: &CellMeaning| {
        let same = taken.iter().position(|it| it == cell);
        // A wait for boxes that the other way has not is put down to what comes next.
        let instead = || taken.iter().position(|it| it.step == cell.step);
        same.or_else(instead).unwrap_or(0) as u32
    };
    let moved: Vec<u32> = left.iter().map(of).collect();
    let differs = |(number, (cell, to)): (usize, (&CellMeaning, &u32))| cell.step < steps && number as u32 != *to;
    let differ = left.iter().zip(&moved).enumerate().any(differs);
    differ.then_some(moved)
}
