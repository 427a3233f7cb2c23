//! Whether the largest consignments fit aboard.

use super::attributes::DEFAULT_DENSITY;
use super::{Route, RouteStep, Tables, fault};
use crate::scenario::Scenario;
use crate::scenario::demand::Flow;
use crate::scenario::fault::Fault;
use crate::units::RouteId;

/// Consignments that can be larger than a vehicle on their way never board, and hold up all behind them.
pub(super) fn check(
    scenario: &Scenario,
    tables: &Tables,
    routes: &[Route],
    (choice_sets, whole_loads): (&[Vec<RouteId>], &[usize]),
    faults: &mut Vec<Fault>,
) {
    for (((id, flow), choices), whole) in scenario.flows.iter().zip(choice_sets).zip(whole_loads) {
        let needs = needs(scenario, flow);
        let mut services: Vec<&String> = choices[..*whole]
            .iter()
            .flat_map(|route| &routes[route.index()].steps)
            .filter_map(|step| match step {
                RouteStep::Ride { service, .. } => Some(&tables.services[service.index()].id),
                _ => None,
            })
            .collect();
        services.sort();
        for need in needs.iter().filter(|need| need.amount.is_finite()) {
            let scarce = services
                .iter()
                .filter_map(|service| Some((service, (need.room)(scenario, service)?)))
                .filter(|(_, room)| need.amount > *room)
                .min_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((service, room)) = scarce {
                faults.push(too_large(scenario, id, need, (service, room)));
            }
        }
    }
}

/// Room that the largest consignment of a flow takes up.
struct Need {
    /// How much.
    amount: f64,
    /// Of what.
    unit: &'static str,
    /// The key of a service that limits it.
    key: &'static str,
    /// How much a service has.
    room: fn(&Scenario, &str) -> Option<f64>,
}

fn needs(scenario: &Scenario, flow: &Flow) -> Vec<Need> {
    let space = flow.size.as_ref().map_or(1.0, |size| size.expected_family().max());
    let goods = flow.commodity.as_ref().and_then(|name| scenario.commodities.get(name));
    let density = goods.and_then(|goods| goods.density.as_ref());
    let mut needs = vec![
        Need {
            amount: space,
            unit: "TEU",
            key: "capacity",
            room: |scenario, service| Some(scenario.services[service].capacity.as_ref()?.expected()),
        },
        Need {
            amount: space * density.map_or(DEFAULT_DENSITY, |density| density.expected()),
            unit: "t",
            key: "payload",
            room: |scenario, service| Some(scenario.services[service].payload.as_ref()?.expected()),
        },
    ];
    if goods.is_some_and(|goods| goods.refrigerated) {
        needs.push(Need {
            amount: space,
            unit: "TEU (refrigerated)",
            key: "reefer_slots",
            room: |scenario, service| Some(scenario.services[service].reefer_slots.as_ref()?.expected()),
        });
    }
    needs
}

fn too_large(scenario: &Scenario, flow: &str, need: &Need, (service, room): (&str, f64)) -> Fault {
    let Need { unit, key, .. } = need;
    let [amount, room] = [need.amount, room].map(|number| (number * 1e3).round() / 1e3);
    fault(
        scenario,
        "too-large",
        &format!("flow.{flow}"),
        format!("has consignments of up to {amount} {unit}, but `service.{service}` on its way carries {room} {unit}"),
        &format!("split the consignments (smaller `size`), or raise `service.{service}.{key}`"),
    )
}
