//! Names that must exist.

use super::Check;
use crate::scenario::demand::Arrivals;
use crate::scenario::facility::{Serves, WhenFull};
use crate::scenario::fault::{Fault, Origin};
use crate::scenario::operation::Assembly;
use crate::scenario::service::OTHERS;
use std::collections::BTreeSet;

pub(super) fn check(check: &mut Check<'_>) {
    links(check);
    services(check);
    facilities(check);
    flows(check);
    operations(check);
}

fn links(check: &mut Check<'_>) {
    for (id, link) in &check.scenario.links {
        for (end, node) in [("from", &link.from), ("to", &link.to)] {
            if let Some(node) = node {
                check.reference(&format!("link.{id}.{end}"), "node", node);
            }
        }
        if let Some(season) = &link.depth_season {
            check.reference(&format!("link.{id}.depth_season"), "season", season);
            if link.depth.is_none() {
                check.fault(
                    "missing-key",
                    &format!("link.{id}.depth_season"),
                    "varies a depth that is not stated",
                    "give `depth`",
                );
            }
        }
        if link.from.is_some() != link.to.is_some() {
            check.fault(
                "missing-key",
                &format!("link.{id}"),
                "has only one end",
                "give both `from` and `to`, or neither if it is used in stated routes alone",
            );
        }
        if link.from.is_some() && link.from == link.to {
            check.fault(
                "impossible-value",
                &format!("link.{id}.to"),
                "ends where it begins",
                "name another node",
            );
        }
    }
}

fn services(check: &mut Check<'_>) {
    let scenario = check.scenario;
    for (id, service) in &scenario.services {
        let key = |rest: &str| format!("service.{id}{rest}");
        for stop in &service.stops {
            check.reference(&key(".stops"), "node", stop);
        }
        for goods in service.choice_constant.keys().filter(|goods| *goods != OTHERS) {
            check.reference(&key(&format!(".choice_constant.{goods}")), "commodity", goods);
        }
        let distinct: BTreeSet<&String> = service.stops.iter().collect();
        if distinct.len() != service.stops.len() {
            check.fault(
                "duplicate-name",
                &key(".stops"),
                "calls twice at the same node",
                "make the way back a service of its own",
            );
        }
        match (service.stops.len(), &service.time) {
            (0, None) => check.fault(
                "missing-key",
                &key(""),
                "has neither `stops` nor `time`",
                "name the nodes it calls at, or give the `time` it takes if it is used in stated routes alone",
            ),
            (1, _) => {
                check.fault(
                    "impossible-value",
                    &key(".stops"),
                    "has a single stop",
                    "name at least two nodes",
                );
            }
            _ => {}
        }
        for node in service.at.keys() {
            if !service.stops.contains(node) {
                let remedy = format!("its stops are {}", service.stops.join(", "));
                check.fault(
                    "dangling-reference",
                    &key(&format!(".at.{node}")),
                    "is not one of its stops",
                    remedy,
                );
            }
        }
        for node in service.to.keys() {
            if !service.stops.iter().skip(1).any(|stop| stop == node) {
                let legs = service.stops.get(1..).unwrap_or_default().join(", ");
                let remedy = if legs.is_empty() {
                    "a service with a single stop has no legs".to_owned()
                } else {
                    format!("its legs end at {legs}")
                };
                check.fault(
                    "dangling-reference",
                    &key(&format!(".to.{node}")),
                    "is not where one of its legs ends",
                    remedy,
                );
            }
        }
        for (node, details) in &service.at {
            for facility in &details.facilities {
                let at = key(&format!(".at.{node}.facilities"));
                check.reference(&at, "facility", facility);
                let serves = scenario.facilities.get(facility).map(|facility| facility.serves);
                if serves == Some(Serves::Consignments) {
                    check.fault(
                        "wrong-kind",
                        &at,
                        format!("facility `{facility}` serves consignments, not vehicles"),
                        format!("set `facility.{facility}.serves = \"vehicles\"`, or leave it out here"),
                    );
                }
            }
        }
        legs(check, id);
    }
}

/// Between two stops there must be a link of the service's mode, or one must be named.
fn legs(check: &mut Check<'_>, id: &str) {
    let scenario = check.scenario;
    let service = &scenario.services[id];
    for pair in service.stops.windows(2) {
        let [from, to] = pair else { continue };
        // A stop that does not exist has been reported; so has one that is called at twice.
        let nodes = check.declared("node");
        if [from, to].iter().any(|stop| !nodes.contains(&stop.as_str())) || from == to {
            continue;
        }
        let details = service.to.get(to);
        if let Some(link) = details.and_then(|leg| leg.link.as_ref()) {
            let base = link
                .strip_suffix("-back")
                .filter(|base| scenario.links.contains_key(*base));
            check.reference(&format!("service.{id}.to.{to}.link"), "link", base.unwrap_or(link));
            continue;
        }
        let joins = |a: &Option<String>, b: &Option<String>| a.as_ref() == Some(from) && b.as_ref() == Some(to);
        let found = scenario.links.values().any(|link| {
            link.mode == service.mode && (joins(&link.from, &link.to) || link.both_ways && joins(&link.to, &link.from))
        });
        // Without a link, the leg must say itself how long it takes.
        let timed = details.is_some_and(|leg| leg.time.is_some()) || service.time.is_some();
        if !found && !timed {
            check.fault(
                "dangling-reference",
                &format!("service.{id}.stops"),
                format!("there is no {} link from `{from}` to `{to}`", service.mode.key()),
                format!("add such a link, or give `service.{id}.to.{to}.time`"),
            );
        }
    }
}

fn facilities(check: &mut Check<'_>) {
    for (id, facility) in &check.scenario.facilities {
        let key = |rest: &str| format!("facility.{id}{rest}");
        if let Some(node) = &facility.node {
            check.reference(&key(".node"), "node", node);
        }
        if let Some(calendar) = &facility.calendar {
            check.reference(&key(".calendar"), "calendar", calendar);
        }
        if let WhenFull::Divert(elsewhere) = &facility.when_full {
            check.reference(&key(".when_full"), "facility", elsewhere);
        }
        for next in facility.then.keys() {
            check.reference(&key(&format!(".then.{next}")), "facility", next);
        }
        for (lane, terms) in &facility.lane {
            for pattern in &terms.flows {
                check.pattern(&key(&format!(".lane.{lane}.flows")), "flow", pattern);
            }
            for pattern in &terms.commodities {
                check.pattern(&key(&format!(".lane.{lane}.commodities")), "commodity", pattern);
            }
        }
        for pattern in facility.commodities.iter().flatten() {
            check.pattern(&key(".commodities"), "commodity", pattern);
        }
        for pattern in facility.services.iter().flatten() {
            check.pattern(&key(".services"), "service", pattern);
        }
    }
}

fn flows(check: &mut Check<'_>) {
    if check.declared("flow").is_empty() {
        let fault = Fault::error("missing-key", "flow", "there is no demand, so nothing to simulate")
            .at(Some(Origin::new(0, 0..0)), "this scenario")
            .remedy("add at least one `[flow.some-name]`");
        check.push(fault);
    }
    for (id, flow) in &check.scenario.flows {
        let key = |rest: &str| format!("flow.{id}{rest}");
        for (end, node) in [("from", &flow.from), ("to", &flow.to)] {
            if let Some(node) = node {
                check.reference(&key(&format!(".{end}")), "node", node);
            }
        }
        if let Some(commodity) = &flow.commodity {
            check.reference(&key(".commodity"), "commodity", commodity);
        }
        if let Some(season) = &flow.season {
            check.reference(&key(".season"), "season", season);
            if !matches!(&flow.arrivals, None | Some(Arrivals::Poisson(_))) {
                check.fault(
                    "contradiction",
                    &key(".season"),
                    "only random arrivals (`volume`, or `arrivals.poisson`) follow a season",
                    "leave the season out, or let consignments arrive at random",
                );
            }
        }
        for route in &flow.routes {
            check.reference(&key(".routes"), "route", route);
        }
        steps(check, &key(".route"), flow.route.as_deref());
        match (&flow.volume, &flow.arrivals) {
            (Some(_), Some(_)) => check.fault(
                "contradiction",
                &key(".arrivals"),
                "states both a volume and arrivals",
                "keep `volume` for so much a year at random, or `arrivals` for anything else",
            ),
            (None, None) => check.fault(
                "missing-key",
                &key(""),
                "says nothing about how much there is",
                "add `volume = \"1200 TEU/yr\"`, or `arrivals`",
            ),
            _ => {}
        }
    }
}

/// The steps of a stated route.
fn steps(check: &mut Check<'_>, key: &str, steps: Option<&[String]>) {
    if steps.is_some_and(<[String]>::is_empty) {
        check.fault(
            "impossible-value",
            key,
            "has no steps",
            "name at least one step, such as \"facility.desk\"",
        );
    }
    for step in steps.unwrap_or_default() {
        let Some((kind, rest)) = step.split_once('.') else {
            check.fault_about(
                "invalid-value",
                key,
                step,
                format!("\"{step}\" is not a step"),
                STEP_REMEDY,
            );
            continue;
        };
        let (id, stops) = rest.split_once(':').unwrap_or((rest, ""));
        match kind {
            "link" => {
                let base = id
                    .strip_suffix("-back")
                    .filter(|base| check.scenario.links.contains_key(*base));
                check.reference(key, "link", base.unwrap_or(id));
            }
            "facility" | "service" | "assembly" => check.reference(key, kind, id),
            _ => check.fault_about(
                "invalid-value",
                key,
                step,
                format!("\"{step}\" is not a step"),
                STEP_REMEDY,
            ),
        }
        if let Some(service) = check.scenario.services.get(id).filter(|_| !stops.is_empty()) {
            let place = |node: &str| service.stops.iter().position(|stop| stop == node);
            let ends = stops
                .split_once('>')
                .and_then(|(from, to)| Some((place(from)?, place(to)?)));
            if ends.is_none_or(|(from, to)| from >= to) {
                let remedy = format!("its stops are, in order, {}", service.stops.join(" > "));
                check.fault_about(
                    "dangling-reference",
                    key,
                    step,
                    format!("\"{step}\" does not name two stops in order"),
                    remedy,
                );
            }
        }
    }
}

const STEP_REMEDY: &str = "write \"link.some-name\", \"facility.some-name\", \"service.some-name\", \"service.some-name:from>to\" or \"assembly.some-name\"";

fn operations(check: &mut Check<'_>) {
    let scenario = check.scenario;
    for (id, route) in &scenario.routes {
        steps(check, &format!("route.{id}.steps"), Some(&route.steps));
    }
    for (id, disruption) in &scenario.disruptions {
        let key = format!("disruption.{id}.hits");
        if disruption.hits.is_empty() {
            check.fault(
                "impossible-value",
                &key,
                "hits nothing",
                "name links, services, facilities or nodes, such as \"link.suez\"",
            );
        }
        for pattern in &disruption.hits {
            selector(check, &key, pattern, &["link", "service", "facility", "node"]);
        }
        if let Some(season) = &disruption.season {
            check.reference(&format!("disruption.{id}.season"), "season", season);
        }
        let random = disruption.after.is_some() || disruption.lasts.is_some();
        let dated = disruption.from_date.is_some() || disruption.until_date.is_some();
        let complete = disruption.after.is_some() && disruption.lasts.is_some()
            || disruption.from_date.is_some() && disruption.until_date.is_some();
        if random == dated || !complete {
            check.fault(
                "contradiction",
                &format!("disruption.{id}"),
                "does not say when it happens",
                "give `after` and `lasts` for a random one, or `from_date` and `until_date` for a dated one",
            );
        }
        let slows = disruption.speed_factor.is_some() || disruption.capacity_factor.is_some();
        if disruption.closed == Some(true) && slows {
            check.fault(
                "contradiction",
                &format!("disruption.{id}.closed"),
                "what is closed cannot also be slowed",
                "leave out `closed`, or the factors",
            );
        }
    }
    for (id, corridor) in &scenario.corridors {
        if let Some(flow) = &corridor.compare {
            check.reference(&format!("corridor.{id}.compare"), "flow", flow);
            if !corridor.headline {
                check.fault(
                    "no-effect",
                    &format!("corridor.{id}.compare"),
                    "has no effect: only headline corridors choose what they are compared on",
                    "add `headline = true`, or leave out `compare`",
                );
            }
        }
        for (list, patterns) in [("uses", &corridor.uses), ("without", &corridor.without)] {
            for pattern in patterns {
                let key = format!("corridor.{id}.{list}");
                selector(check, &key, pattern, &["service", "link", "facility", "node", "route"]);
            }
        }
    }
    for (id, assembly) in &scenario.assemblies {
        assemblies(check, id, assembly);
    }
}

/// A pattern such as `service.cre-*`.
fn selector(check: &mut Check<'_>, key: &str, pattern: &str, sections: &[&str]) {
    match pattern.split_once('.') {
        Some((section, rest)) if sections.contains(&section) => {
            // The way back of a link may be meant alone.
            let base = rest.strip_suffix("-back").filter(|_| section == "link");
            check.pattern(key, section, base.unwrap_or(rest));
        }
        _ => {
            let known = sections
                .iter()
                .map(|section| format!("{section}.some-name"))
                .collect::<Vec<_>>()
                .join(", ");
            check.fault_about(
                "invalid-value",
                key,
                pattern,
                format!("\"{pattern}\" does not say what is meant"),
                format!("write one of {known}"),
            );
        }
    }
}

fn assemblies(check: &mut Check<'_>, id: &str, assembly: &Assembly) {
    if assembly.activity.is_empty() {
        check.fault(
            "impossible-value",
            &format!("assembly.{id}"),
            "has no activities",
            format!("add `[assembly.{id}.activity.some-name]`"),
        );
    }
    for (name, activity) in &assembly.activity {
        let key = format!("assembly.{id}.activity.{name}");
        check.reference(&format!("{key}.facility"), "facility", &activity.facility);
        for before in &activity.after {
            if !assembly.activity.contains_key(before) {
                let known: Vec<&str> = assembly.activity.keys().map(String::as_str).collect();
                let remedy = crate::scenario::decode::suggest(before, &known);
                check.fault(
                    "dangling-reference",
                    &format!("{key}.after"),
                    format!("there is no activity `{before}`"),
                    remedy,
                );
            }
        }
    }
    // Activities whose predecessors can all be done, again and again, until nothing is left.
    let mut done: BTreeSet<&str> = BTreeSet::new();
    while let Some((name, _)) = assembly.activity.iter().find(|(name, activity)| {
        !done.contains(name.as_str())
            && activity
                .after
                .iter()
                .all(|before| done.contains(before.as_str()) || !assembly.activity.contains_key(before))
    }) {
        done.insert(name);
    }
    if let Some((name, _)) = assembly.activity.iter().find(|(name, _)| !done.contains(name.as_str())) {
        check.fault(
            "contradiction",
            &format!("assembly.{id}.activity.{name}.after"),
            "waits for itself in a circle",
            "leave out one of the predecessors",
        );
    }
}
