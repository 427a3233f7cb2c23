//! Groups of strands that are reported together.

use super::Scope;
use crate::model::Model;
use crate::network::RouteStep;
use crate::units::MilliTeu;

/// Strands reported together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// What they have in common.
    pub scope: Scope,
    /// Which one.
    pub id: String,
    /// Their numbers.
    pub strands: Vec<usize>,
    /// The services with limited space that they ride.
    pub services: Vec<usize>,
}

/// All groups: the system, corridors, flows, commodities, single strands.
pub(super) fn all(model: &Model) -> Vec<Group> {
    let (tables, strands) = (&model.network.tables, &model.typical.strands);
    let form = |scope: Scope, id: String, strands: Vec<usize>| {
        let services = services_of(model, &strands);
        Group {
            scope,
            id,
            strands,
            services,
        }
    };
    let select = |scope: Scope, id: &str, wanted: &dyn Fn(usize) -> bool| {
        form(
            scope,
            id.to_owned(),
            (0..strands.len()).filter(|strand| wanted(*strand)).collect(),
        )
    };
    let mut groups = vec![select(Scope::System, "", &|_| true)];
    for (number, id) in tables.corridors.iter().enumerate() {
        groups.push(select(Scope::Corridor, id, &|strand| {
            strands[strand].corridor as usize == number
        }));
    }
    for (number, id) in tables.flows.iter().enumerate() {
        groups.push(select(Scope::Flow, id, &|strand| {
            strands[strand].flow as usize == number
        }));
    }
    for id in &tables.commodities {
        let of_commodity = |strand: usize| {
            let flow = &tables.flows[strands[strand].flow as usize];
            model.scenario.flows[flow].commodity.as_ref() == Some(id)
        };
        groups.push(select(Scope::Commodity, id, &of_commodity));
    }
    // Single strands only say something new where flows have a choice; detours, which few ever take, are left to their flows.
    let choosing = (0..strands.len()).filter(|strand| {
        let flow = &model.typical.flows[strands[*strand].flow as usize];
        let routes = flow.choice.shares.len();
        routes > 1 && *strand < flow.strands.start as usize + routes
    });
    for strand in choosing {
        let (flow, route) = model.strand_names(strand);
        groups.push(form(Scope::Route, format!("{flow}|{route}"), vec![strand]));
    }
    groups
}

/// The services with limited space on the routes of `strands`.
fn services_of(model: &Model, strands: &[usize]) -> Vec<usize> {
    let mut services: Vec<usize> = strands
        .iter()
        .flat_map(|strand| {
            let route = model.typical.strands[*strand].route as usize;
            model.network.tables.laid_open(&model.network.routes[route].steps)
        })
        .filter_map(|step| match step {
            RouteStep::Ride { service, .. } => Some(service.index()),
            _ => None,
        })
        .filter(|service| model.typical.services[*service].capacity < MilliTeu::UNLIMITED)
        .collect();
    services.sort_unstable();
    services.dedup();
    services
}
