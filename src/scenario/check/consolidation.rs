//! Consolidation centres and the less than container loads that come to them.

use super::Check;
use super::extent::SMALLEST_SIZE;
use crate::calendar::parse_time_of_week;
use crate::scenario::consolidation::{Consolidation, passes_consolidation};
use crate::scenario::demand::Flow;
use std::collections::BTreeSet;

pub(super) fn check(check: &mut Check<'_>) {
    let scenario = check.scenario;
    for (id, stated) in &scenario.consolidations {
        places(check, id, stated);
        dispatch(check, id, stated);
        room(check, id, stated);
    }
    for (id, flow) in &scenario.flows {
        lots(check, id, flow);
    }
}

fn places(check: &mut Check<'_>, id: &str, stated: &Consolidation) {
    let key = |rest: &str| format!("consolidation.{id}.{rest}");
    if let Some(node) = &stated.at {
        check.reference(&key("at"), "node", node);
    }
    for (list, nodes) in [
        ("to", &stated.to),
        ("satellites", &stated.satellites),
        ("far_satellites", &stated.far_satellites),
    ] {
        for node in nodes {
            check.reference(&key(list), "node", node);
        }
        let distinct: BTreeSet<&String> = nodes.iter().collect();
        if distinct.len() < nodes.len() {
            check.fault(
                "duplicate-name",
                &key(list),
                "names a node twice",
                "name each node once",
            );
        }
    }
    if let Some(goods) = &stated.commodity {
        check.reference(&key("commodity"), "commodity", goods);
    }
    for pattern in stated.commodities.iter().flatten() {
        check.pattern(&key("commodities"), "commodity", pattern);
    }
    match (&stated.at, stated.to.is_empty(), &stated.route) {
        (None, true, None) => check.fault(
            "missing-key",
            &format!("consolidation.{id}"),
            "says not where its boxes go",
            "name the centre, `at`, and the far-end centres, `to`; or state the `route` of its boxes",
        ),
        (Some(_), true, _) | (None, false, _) => check.fault(
            "missing-key",
            &format!("consolidation.{id}"),
            "has only one end",
            "give both `at` and `to`, or neither if its `route` says all and only stated routes name it",
        ),
        _ => {}
    }
    if stated.at.as_ref().is_some_and(|at| stated.to.contains(at)) {
        check.fault(
            "impossible-value",
            &key("to"),
            "is where the boxes are stuffed",
            "name another node: where boxes are broken up",
        );
    }
    if stated.route.is_some() && stated.to.len() > 1 {
        check.fault(
            "contradiction",
            &key("route"),
            "is the way to one place, and `to` names several",
            "make a consolidation of its own for each, or leave the route to be found",
        );
    }
    if stated.route.as_deref().is_some_and(passes_consolidation) {
        check.fault(
            "contradiction",
            &key("route"),
            "passes a consolidation, but its boxes stay closed until they are broken up",
            "name the way of the boxes alone; the lots can go on to another consolidation by a route of their flow",
        );
    }
}

fn dispatch(check: &mut Check<'_>, id: &str, stated: &Consolidation) {
    let key = |rest: &str| format!("consolidation.{id}.{rest}");
    let limited = stated.capacity.is_some() || stated.container.is_some() || stated.payload.is_some();
    let Some(dispatch) = &stated.dispatch else {
        if !limited {
            check.fault(
                "missing-key",
                &format!("consolidation.{id}"),
                "never dispatches a batch: no box is ever full, and nothing else is said",
                "add `dispatch`, such as `dispatch = { space = \"50 m3\", longest_wait = \"7 d\" }`, or a `container`",
            );
        }
        return;
    };
    let by_time = dispatch.longest_wait.is_some() || dispatch.by_clock();
    if !dispatch.by_quantity() && !by_time && !limited {
        check.fault(
            "missing-key",
            &key("dispatch"),
            "never dispatches a batch: it says neither when there is enough nor when its time has come",
            "give `lots`, `space`, `mass`, `longest_wait`, `every` or `weekly`, or a `container` that can be full",
        );
    }
    if dispatch.overfull && !limited {
        check.fault(
            "contradiction",
            &key("dispatch.overfull"),
            "can never be, because a box has room without end",
            "add `container`, `capacity` or `payload`",
        );
    }
    if dispatch.lots == Some(0) {
        check.fault("impossible-value", &key("dispatch.lots"), "is zero", "write 1 or more");
    }
    if dispatch.every.is_some() && !dispatch.weekly.is_empty() {
        check.fault(
            "contradiction",
            &key("dispatch.weekly"),
            "stands beside a fixed interval",
            "keep `every` or `weekly`",
        );
    }
    let states_weekly = check
        .scenario
        .document()
        .find(&["consolidation", id, "dispatch", "weekly"]);
    if dispatch.weekly.is_empty() && states_weekly.is_some() {
        check.fault(
            "impossible-value",
            &key("dispatch.weekly"),
            "names no times",
            "name at least one, such as \"Thu 18:00\", or leave it out",
        );
    }
    for time in &dispatch.weekly {
        if parse_time_of_week(time).is_err() {
            check.fault_about(
                "invalid-value",
                &key("dispatch.weekly"),
                time,
                format!("\"{time}\" is not a time of the week"),
                "write a day and a time, such as \"Thu 18:00\"",
            );
        }
    }
    let space = dispatch
        .space
        .as_ref()
        .zip(stated.capacity.as_ref().or(stated.container.as_ref()));
    if space.is_some_and(|(enough, most)| enough.expected() > most.expected()) {
        check.fault(
            "contradiction",
            &key("dispatch.space"),
            "is more than a box holds, so it is never reached",
            "lower it, or raise `capacity`",
        );
    }
    let mass = dispatch.mass.as_ref().zip(stated.payload.as_ref());
    if mass.is_some_and(|(enough, most)| enough.expected() > most.expected()) {
        check.fault(
            "contradiction",
            &key("dispatch.mass"),
            "is more than a box holds, so it is never reached",
            "lower it, or raise `payload`",
        );
    }
}

fn room(check: &mut Check<'_>, id: &str, stated: &Consolidation) {
    let sizes = stated.capacity.as_ref().zip(stated.container.as_ref());
    if sizes.is_some_and(|(capacity, container)| capacity.expected() > container.expected() * INSIDE) {
        check.fault(
            "impossible-value",
            &format!("consolidation.{id}.capacity"),
            "is more than the container holds",
            "a cubic metre counts as 0.03 TEU; give the cargo that fits into one box",
        );
    }
}

/// High-cube boxes hold a little more than their TEU.
const INSIDE: f64 = 1.2;

fn lots(check: &mut Check<'_>, id: &str, flow: &Flow) {
    let scenario = check.scenario;
    let key = |rest: &str| format!("flow.{id}.{rest}");
    let has_lots = flow.lcl_share.is_some() || flow.is_all_consolidated();
    for (name, stated) in [
        ("lcl_size", flow.lcl_size.is_some()),
        ("lcl_mass", flow.lcl_mass.is_some()),
    ] {
        if stated && !has_lots {
            check.fault(
                "missing-key",
                &key(name),
                "is the size of less than container loads, of which there are none",
                "say how much of the flow they are: `lcl_share`",
            );
        }
    }
    if flow.lcl_size.is_some() && flow.lcl_mass.is_some() {
        check.fault(
            "contradiction",
            &key("lcl_mass"),
            "stands beside `lcl_size`",
            "keep one of the two; the commodity's density makes mass of space and space of mass",
        );
    }
    let named = flow.routes.iter().filter_map(|name| scenario.routes.get(name));
    if !has_lots && named.into_iter().any(|route| passes_consolidation(&route.steps)) {
        check.fault(
            "missing-key",
            &key("routes"),
            "names a route that passes a consolidation, but the flow has no less than container loads",
            "add `lcl_share`, or name other routes",
        );
    }
    // A lot larger than the box would fill it alone.
    let goods = flow.commodity.as_ref().and_then(|name| scenario.commodities.get(name));
    let density = goods
        .and_then(|goods| goods.density.as_ref())
        .map_or(10.0, |it| it.expected());
    let inputs = crate::scenario::Inputs::expected();
    let Some(part) = flow.lcl(density, &inputs) else { return };
    let size = if flow.lcl_mass.is_some() {
        "lcl_mass"
    } else {
        "lcl_size"
    };
    let mean = part.size.mean();
    if (flow.lcl_size.is_some() || flow.lcl_mass.is_some()) && mean > 0.0 && mean < SMALLEST_SIZE {
        check.too_small(&key(size), mean);
    }
    let stated = flow.route.iter().flatten();
    let routes = flow.routes.iter().filter_map(|name| scenario.routes.get(name));
    let steps = stated.chain(routes.flat_map(|route| &route.steps));
    let used: Vec<&str> = steps
        .filter_map(|step| step.strip_prefix("consolidation."))
        .map(|name| name.split(':').next().unwrap_or(name))
        .collect();
    for (name, it) in &scenario.consolidations {
        let may_be_used = used.contains(&name.as_str()) || flow.route.is_none() && it.at.is_some();
        let limits = [
            (
                it.capacity
                    .as_ref()
                    .or(it.container.as_ref())
                    .map(|most| most.expected()),
                1.0,
                "TEU",
            ),
            (it.payload.as_ref().map(|most| most.expected()), density, "t"),
        ];
        for (most, factor, unit) in limits {
            let largest = part.size.max() * factor;
            if let Some(most) = most.filter(|most| may_be_used && largest.is_finite() && largest > *most * 1.000_001) {
                let [largest, most] = [largest, most].map(|number| (number * 1e3).round() / 1e3);
                check.fault(
                    "too-large",
                    &format!("flow.{id}"),
                    format!(
                        "has less than container loads of up to {largest} {unit}, but a box of `consolidation.{name}` holds \
                         {most} {unit}"
                    ),
                    format!("give smaller lots (`{size}`), or a larger box"),
                );
                return;
            }
        }
    }
}
