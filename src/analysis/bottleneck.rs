//! Bottlenecks: the places where consignments of a group lose most time to want of capacity.

use crate::experiment::Aggregate;
use crate::indicator::{Group, Scope, display_name};
use crate::model::{Cause, Model, Place};
use crate::scenario::settings::Language;
use crate::units::MICROSECONDS_PER_HOUR;
use std::collections::BTreeMap;

/// A place where time is lost.
#[derive(Clone, PartialEq, Debug)]
pub struct Bottleneck {
    /// Where.
    pub place: Place,
    /// Mean hours lost there by a consignment of the group.
    pub hours: f64,
}

/// Whether time spent for `cause` is lost to want of capacity.
fn is_want_of_capacity(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::Queue | Cause::LeftBehind | Cause::Cancelled | Cause::Blocked | Cause::Container
    )
}

/// The places where the consignments of `group` lose time to want of capacity, worst first.
pub fn bottlenecks(model: &Model, aggregate: &Aggregate, group: &Group) -> Vec<Bottleneck> {
    let mut lost: BTreeMap<Place, i128> = BTreeMap::new();
    for strand in &group.strands {
        let plan = &model.typical.strands[*strand];
        let meanings = &model.layout.routes[plan.route as usize].cells;
        for (meaning, time) in meanings.iter().zip(&aggregate.cells[plan.first_cell as usize..]) {
            if is_want_of_capacity(meaning.cause) {
                *lost.entry(meaning.place).or_default() += time;
            }
        }
    }
    let consignments: u64 = group.strands.iter().map(|strand| aggregate.observed[*strand]).sum();
    let mean = |time: i128| time as f64 / MICROSECONDS_PER_HOUR / consignments as f64;
    let mut list: Vec<Bottleneck> = lost
        .into_iter()
        .filter(|(_, time)| *time > 0)
        .map(|(place, time)| Bottleneck {
            place,
            hours: mean(time),
        })
        .collect();
    list.sort_by(|a, b| b.hours.total_cmp(&a.hours).then_with(|| a.place.cmp(&b.place)));
    list
}

/// The name of a place, for reports.
pub fn place_name(model: &Model, place: Place, language: Language) -> String {
    let tables = &model.network.tables;
    let node_name = |service: crate::units::ServiceId, stop: usize| {
        tables.services[service.index()].stops.get(stop).map(|node| {
            let id = &tables.nodes[node.index()].id;
            model.scenario.nodes[id].name.get_or(language, id).to_owned()
        })
    };
    let service_name = |service: crate::units::ServiceId| {
        display_name(model, Scope::Service, &tables.services[service.index()].id, language)
    };
    match place {
        Place::Facility(facility) => display_name(
            model,
            Scope::Facility,
            &tables.facilities[facility.index()].id,
            language,
        ),
        Place::Link(link) => {
            let row = &tables.links[link.index()];
            let named = model
                .scenario
                .links
                .get(&row.key)
                .map(|link| link.name.get_or(language, &row.id));
            named.unwrap_or(&row.id).to_owned()
        }
        Place::Stop(service, stop) => match node_name(service, stop) {
            Some(node) => format!("{} @ {node}", service_name(service)),
            None => service_name(service),
        },
        Place::Leg(service, stop) | Place::Dwell(service, stop) => match node_name(service, stop) {
            Some(node) => format!("{} > {node}", service_name(service)),
            None => service_name(service),
        },
        Place::Consolidation(lane) | Place::BreakUp(lane) => {
            display_name(model, Scope::Consolidation, &tables.lanes[lane.index()].id, language)
        }
        Place::Depot(depot) => display_name(
            model,
            Scope::Depot,
            &model.containers.depots[depot.index()].id(),
            language,
        ),
        Place::Assembly(assembly) => {
            let id = &tables.assemblies[assembly.index()];
            model
                .scenario
                .assemblies
                .get(id)
                .map_or(id.as_str(), |it| it.name.get_or(language, id))
                .to_owned()
        }
    }
}
