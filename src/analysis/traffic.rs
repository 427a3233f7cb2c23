//! Traffic: TEU per year on every way between two nodes, by corridor.

use crate::experiment::Estimate;
use crate::indicator::{Catalogue, Scope};
use crate::model::Model;
use crate::network::RouteStep;
use crate::scenario::place::Mode;
use crate::units::{LinkId, NodeId};
use std::collections::BTreeMap;

/// What moves between two nodes for one corridor, both directions together.
#[derive(Clone, PartialEq, Debug)]
pub struct Traffic {
    /// One end.
    pub from: NodeId,
    /// The other.
    pub to: NodeId,
    /// The link, as it runs from the one to the other, where there is one.
    pub link: Option<LinkId>,
    /// How it moves.
    pub mode: Mode,
    /// Number of the corridor; how many there are for what belongs to none.
    pub corridor: usize,
    /// How much.
    pub teu_per_year: f64,
}

/// The traffic of all strands on all ways whose ends are known.
pub fn traffic(model: &Model, catalogue: &Catalogue, estimates: &[Estimate]) -> Vec<Traffic> {
    let tables = &model.network.tables;
    let mut sums: BTreeMap<(NodeId, NodeId, Option<LinkId>, Mode, usize), f64> = BTreeMap::new();
    for (strand, plan) in model.typical.strands.iter().enumerate() {
        let volume = volume(model, catalogue, estimates, strand);
        if !(volume.is_finite() && volume > 0.0) {
            continue;
        }
        let mut add = |from: Option<NodeId>, to: Option<NodeId>, link: Option<LinkId>, mode: Mode| {
            let Some((from, to)) = from.zip(to) else { return };
            // The two directions of a link are one way; so are those of a leg without one.
            let link = link.map(|link| one_way(model, link));
            let stated = link.and_then(|link| tables.links[link.index()].from.zip(tables.links[link.index()].to));
            let (from, to) = stated.unwrap_or((from.min(to), from.max(to)));
            *sums.entry((from, to, link, mode, plan.corridor as usize)).or_default() += volume;
        };
        for step in tables.laid_open(&model.network.routes[plan.route as usize].steps) {
            match step {
                RouteStep::Link(link) => {
                    let row = &tables.links[link.index()];
                    add(row.from, row.to, Some(link), row.mode);
                }
                RouteStep::Ride { service, from, to } => {
                    let row = &tables.services[service.index()];
                    for stop in from..to {
                        let link = row.legs.get(stop).and_then(|leg| leg.link);
                        add(
                            row.stops.get(stop).copied(),
                            row.stops.get(stop + 1).copied(),
                            link,
                            row.mode,
                        );
                    }
                }
                RouteStep::Facility(_) | RouteStep::Assembly(_) | RouteStep::Consolidated(_) => {}
            }
        }
    }
    sums.into_iter()
        .map(|((from, to, link, mode, corridor), teu_per_year)| Traffic {
            from,
            to,
            link,
            mode,
            corridor,
            teu_per_year,
        })
        .collect()
}

/// The direction of a link after which it is called.
fn one_way(model: &Model, link: LinkId) -> LinkId {
    let tables = &model.network.tables;
    tables.link(&tables.links[link.index()].key).unwrap_or(link)
}

/// TEU per year on a strand: what is reported of its route, or of its flow where that has no choice.
fn volume(model: &Model, catalogue: &Catalogue, estimates: &[Estimate], strand: usize) -> f64 {
    let (flow, route) = model.strand_names(strand);
    let of = |scope: Scope, id: &str| {
        catalogue
            .number(scope, id, "teu_per_year")
            .map(|it| estimates[it].interval.estimate)
    };
    of(Scope::Route, &format!("{flow}|{route}"))
        .or_else(|| of(Scope::Flow, flow))
        .unwrap_or(f64::NAN)
}
