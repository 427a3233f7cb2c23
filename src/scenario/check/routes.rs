//! Stated routes: each step begins where the last one ended, and uses only what is there for cargo. And zones, which
//! nothing passes through.

use super::Check;
use crate::scenario::Scenario;
use crate::scenario::demand::Flow;
use crate::scenario::facility::Serves;
use crate::scenario::place::{Carries, NodeKind};
use crate::scenario::service::{CargoAtStop, Service};

pub(super) fn check(check: &mut Check<'_>) {
    let scenario = check.scenario;
    for (id, route) in &scenario.routes {
        steps(check, &format!("route.{id}.steps"), &route.steps);
    }
    for (id, stated) in &scenario.consolidations {
        if let Some(route) = &stated.route {
            let key = format!("consolidation.{id}.route");
            steps(check, &key, route);
            let boxes = Flow {
                from: stated.at.clone(),
                to: stated.to.first().cloned(),
                ..Flow::default()
            };
            ends(check, &key, "its route", route, &boxes);
        }
    }
    for (id, flow) in &scenario.flows {
        if let Some(route) = &flow.route {
            let key = format!("flow.{id}.route");
            steps(check, &key, route);
            ends(check, &key, "its route", route, flow);
        }
        for name in &flow.routes {
            if let Some(route) = scenario.routes.get(name) {
                let key = format!("flow.{id}.routes");
                ends(check, &key, &format!("route `{name}`"), &route.steps, flow);
            }
        }
    }
    calls_at_zones(check);
}

/// Where a step takes place.
struct Reach<'a> {
    /// The node where it begins, where that is known.
    from: Option<&'a str>,
    /// The node where it ends, where that is known.
    to: Option<&'a str>,
    /// Whether cargo moves.
    moves: bool,
}

impl<'a> Reach<'a> {
    /// The reach of a step; none for what is not a step, which has been reported.
    fn of(scenario: &'a Scenario, step: &'a str) -> Option<Self> {
        let (kind, name) = step.split_once('.')?;
        match kind {
            "link" => {
                let (link, back) = match (scenario.links.get(name), name.strip_suffix("-back")) {
                    (Some(link), _) => (link, false),
                    (None, base) => (scenario.links.get(base?)?, true),
                };
                let (from, to) = (link.from.as_deref(), link.to.as_deref());
                let (from, to) = if back { (to, from) } else { (from, to) };
                Some(Self { from, to, moves: true })
            }
            "service" => {
                let service = scenario.services.get(name.split(':').next()?)?;
                let (from, to) = ride(service, name)?;
                Some(Self { from, to, moves: true })
            }
            "facility" => {
                let node = scenario.facilities.get(name)?.node.as_deref();
                Some(Self {
                    from: node,
                    to: node,
                    moves: false,
                })
            }
            "consolidation" => {
                let (id, end) = name.split_once(':').unwrap_or((name, ""));
                let stated = scenario.consolidations.get(id)?;
                let to = stated.to.iter().find(|node| stated.to.len() == 1 || *node == end);
                Some(Self {
                    from: stated.at.as_deref(),
                    to: to.map(String::as_str),
                    moves: true,
                })
            }
            // The activities of an assembly may be in different places.
            _ => None,
        }
    }
}

/// The stops between which `name`, a service or `service:from>to`, is ridden; none for a service without stops.
fn ride<'a>(service: &'a Service, name: &str) -> Option<(Option<&'a str>, Option<&'a str>)> {
    match name.split_once(':') {
        Some((_, stops)) => {
            let (from, to) = stops.split_once('>')?;
            let stop = |node: &str| service.stops.iter().find(|stop| *stop == node);
            Some((Some(stop(from)?), Some(stop(to)?)))
        }
        None => Some((
            service.stops.first().map(String::as_str),
            service.stops.last().map(String::as_str),
        )),
    }
}

fn steps(check: &mut Check<'_>, key: &str, steps: &[String]) {
    let scenario = check.scenario;
    let reaches: Vec<Option<Reach<'_>>> = steps.iter().map(|step| Reach::of(scenario, step)).collect();
    let last_movement = reaches
        .iter()
        .rposition(|reach| reach.as_ref().is_some_and(|it| it.moves));
    let mut here: Option<&str> = None;
    for (at, (step, reach)) in steps.iter().zip(&reaches).enumerate() {
        serves_cargo(check, key, step);
        let Some(reach) = reach else { continue };
        if let (Some(here), Some(from)) = (here, reach.from)
            && here != from
        {
            check.fault_about(
                "broken-route",
                key,
                step,
                format!("\"{step}\" is at `{from}`, but the steps before it end at `{here}`"),
                format!("add the step that goes from `{here}` to `{from}`, or name another step here"),
            );
        }
        // What does not move is where it is said to be, or it has just been reported.
        here = if reach.moves { reach.to } else { here.or(reach.to) };
        if let Some(node) = here.filter(|_| reach.moves && Some(at) < last_movement)
            && is_zone(scenario, node)
        {
            check.fault_about(
                "broken-route",
                key,
                step,
                format!("\"{step}\" leads to `{node}`, a zone, through which nothing passes"),
                format!(
                    "make `node.{node}` a terminal or a port if cargo is reloaded there, or let the route end there"
                ),
            );
        }
    }
}

/// What a step uses must be there for cargo by itself.
fn serves_cargo(check: &mut Check<'_>, key: &str, step: &str) {
    let scenario = check.scenario;
    let Some((kind, name)) = step.split_once('.') else {
        return;
    };
    let (message, remedy) = match kind {
        "facility" if scenario.facilities.get(name).map(|it| it.serves) == Some(Serves::Vehicles) => (
            format!("\"{step}\" serves whole vehicles, not consignments"),
            format!(
                "leave it out here and name it among the `facilities` of a service's stop, or set `facility.{name}.serves = \"consignments\"`"
            ),
        ),
        "link" => {
            let base = name
                .strip_suffix("-back")
                .filter(|_| !scenario.links.contains_key(name));
            let carries = scenario.links.get(base.unwrap_or(name)).map(|link| link.carries);
            if carries != Some(Carries::Services) {
                return;
            }
            (
                format!("\"{step}\" carries only services, not cargo by itself"),
                format!(
                    "name the service that runs on it, or set `link.{}.carries = \"cargo\"`",
                    base.unwrap_or(name)
                ),
            )
        }
        "service" => {
            let id = name.split(':').next().unwrap_or(name);
            let Some(service) = scenario.services.get(id) else {
                return;
            };
            let at = |node: &str| service.at.get(node).map(|it| it.cargo).unwrap_or_default();
            let (from, to) = ride(service, name).unwrap_or_default();
            let (node, verb) = match (from, to) {
                (Some(node), _) if !at(node).boards() => (node, "board"),
                (_, Some(node)) if !at(node).leaves() => (node, "leave"),
                _ => return,
            };
            (
                format!("\"{step}\": cargo cannot {verb} at `{node}`"),
                format!("name other stops, \"service.{id}:from>to\", or change `service.{id}.at.{node}.cargo`"),
            )
        }
        _ => return,
    };
    check.fault_about("wrong-kind", key, step, message, remedy);
}

/// A route must begin and end where the flow does.
fn ends(check: &mut Check<'_>, key: &str, which: &str, steps: &[String], flow: &Flow) {
    let scenario = check.scenario;
    let reaches: Vec<Reach<'_>> = steps.iter().filter_map(|step| Reach::of(scenario, step)).collect();
    // Before the first movement, and after the last, all is at one place.
    let until = reaches
        .iter()
        .position(|it| it.moves)
        .map_or(reaches.len(), |at| at + 1);
    let since = reaches.iter().rposition(|it| it.moves).unwrap_or(0);
    let begins = reaches[..until].iter().find_map(|it| it.from);
    let ends = reaches[since..].iter().rev().find_map(|it| it.to);
    for (verb, end, place, wanted) in [
        ("begins", "from", begins, flow.from.as_deref()),
        ("ends", "to", ends, flow.to.as_deref()),
    ] {
        if let (Some(place), Some(wanted)) = (place, wanted)
            && place != wanted
        {
            check.fault(
                "broken-route",
                key,
                format!("{which} {verb} at `{place}`, but the flow {verb} at `{wanted}`"),
                format!("add the step between the two, or set `{end} = \"{place}\"`"),
            );
        }
    }
}

fn is_zone(scenario: &Scenario, node: &str) -> bool {
    scenario.nodes.get(node).is_some_and(|node| node.kind == NodeKind::Zone)
}

/// At a zone only its own cargo boards and leaves; all other cargo would pass through it.
fn calls_at_zones(check: &mut Check<'_>) {
    let scenario = check.scenario;
    // A flow that could not be read may be the one that begins there.
    let all_read = check.declared("flow").len() == scenario.flows.len();
    for (id, service) in &scenario.services {
        let may_be_used = !all_read || is_stated(scenario, id);
        let (key, last) = (format!("service.{id}.stops"), service.stops.len().saturating_sub(1));
        for (at, zone) in service.stops.iter().enumerate() {
            let cargo = service.at.get(zone).map(|it| it.cargo).unwrap_or_default();
            if cargo == CargoAtStop::Neither || !is_zone(scenario, zone) {
                continue;
            }
            let boards = |flow: &Flow| at < last && cargo.boards() && flow.from.as_ref() == Some(zone);
            let leaves = |flow: &Flow| at > 0 && cargo.leaves() && flow.to.as_ref() == Some(zone);
            if !may_be_used && !scenario.flows.values().any(|flow| boards(flow) || leaves(flow)) {
                check.warning(
                    "wrong-kind",
                    &key,
                    format!(
                        "calls at zone `{zone}`, where no flow can board or leave it: nothing passes through a zone"
                    ),
                    format!("make `node.{zone}` a terminal or a port, or set `service.{id}.at.{zone}.cargo = false`"),
                );
            } else if at == 0 {
                check.warning(
                    "wrong-kind",
                    &key,
                    "begins in a zone, where nothing can be handled",
                    "let it begin at a terminal or port, and bring cargo there by a link",
                );
            }
        }
    }
}

/// Whether a stated route rides the service called `id`.
fn is_stated(scenario: &Scenario, id: &str) -> bool {
    let rides = |step: &String| {
        let name = step.strip_prefix("service.");
        name.and_then(|name| name.split(':').next()) == Some(id)
    };
    let named = scenario.routes.values().map(|route| &route.steps);
    let mut stated = scenario
        .flows
        .values()
        .filter_map(|flow| flow.route.as_ref())
        .chain(scenario.consolidations.values().filter_map(|it| it.route.as_ref()))
        .chain(named);
    stated.any(|steps| steps.iter().any(rides))
}
