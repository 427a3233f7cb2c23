//! Places and distances that must agree with each other and with physics.

use super::Check;
use crate::scenario::Quantity;
use crate::scenario::place::Mode;
use crate::units::{Kilometres, Position};
use std::collections::BTreeMap;

/// Nodes nearer than this are at one place.
const ONE_PLACE_KM: f64 = 0.02;
/// A way may be so much shorter than the great circle between rounded positions.
const ROUNDING: f64 = 0.98;
/// Ways longer than this many great circles are looked at twice, over distances at which terrain does not excuse them.
const LONG_WAY: f64 = 3.0;
const LONG_WAY_FROM_KM: f64 = 100.0;

pub(super) fn check(check: &mut Check<'_>) {
    let positions = positions(check);
    same_place(check, &positions);
    links(check, &positions);
    legs(check, &positions);
}

fn positions(check: &mut Check<'_>) -> BTreeMap<String, Position> {
    let mut positions = BTreeMap::new();
    for (id, node) in &check.scenario.nodes {
        let key = format!("node.{id}");
        match (node.longitude, node.latitude) {
            (Some(longitude), Some(latitude)) => {
                let on_earth = (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude);
                if on_earth {
                    positions.insert(id.clone(), Position { longitude, latitude });
                } else {
                    let message = format!("lies at {longitude} east, {latitude} north, which is not on Earth");
                    check.fault(
                        "impossible-value",
                        &key,
                        message,
                        "longitude runs from -180 to 180, latitude from -90 to 90",
                    );
                }
            }
            (None, None) => {}
            _ => check.fault(
                "missing-key",
                &key,
                "has only half a position",
                "give both `longitude` and `latitude`",
            ),
        }
    }
    positions
}

fn same_place(check: &mut Check<'_>, positions: &BTreeMap<String, Position>) {
    let scenario = check.scenario;
    let placed: Vec<(&String, &Position)> = positions.iter().collect();
    for (number, (id, position)) in placed.iter().enumerate() {
        for (other, there) in &placed[number + 1..] {
            let Kilometres(distance) = position.distance(**there);
            if distance < ONE_PLACE_KM {
                let fault = crate::scenario::fault::Fault::error(
                    "same-place",
                    format!("node.{other}"),
                    format!("lies at the same place as `{id}`"),
                )
                .at(scenario.origin(&format!("node.{other}")), "this node")
                .at(scenario.origin(&format!("node.{id}")), "and this one")
                .remedy("make them one node, or correct one position; a zone lies where its cargo begins, not at a terminal");
                check.push(fault);
            }
        }
    }
}

fn links(check: &mut Check<'_>, positions: &BTreeMap<String, Position>) {
    for (id, link) in &check.scenario.links {
        let key = format!("link.{id}");
        let great_circle = ends(positions, link.from.as_ref(), link.to.as_ref());
        let stated = link.distance.as_ref().map(|distance| distance.expected());
        if let (Some(distance), Some(shortest)) = (stated, great_circle) {
            let is_founded = link.distance.as_ref().is_some_and(Quantity::is_founded);
            distance_fault(check, &format!("{key}.distance"), distance, shortest, is_founded);
        }
        // Without a distance, at least the great circle has to be covered.
        let Some(distance) = stated.or(great_circle) else {
            continue;
        };
        if let Some(time) = &link.time {
            speed_fault(
                check,
                &format!("{key}.time"),
                link.mode,
                distance,
                time.expected_family().mean(),
            );
        }
        if let Some(speed) = &link.speed {
            speed_fault(check, &format!("{key}.speed"), link.mode, speed.expected(), 1.0);
        }
    }
}

fn legs(check: &mut Check<'_>, positions: &BTreeMap<String, Position>) {
    let scenario = check.scenario;
    for service in scenario.services.values() {
        for pair in service.stops.windows(2) {
            let [from, to] = pair else { continue };
            let Some(leg) = service.to.get(to) else { continue };
            let named = leg
                .link
                .as_ref()
                .and_then(|link| scenario.links.get(link.strip_suffix("-back").unwrap_or(link)));
            let between = scenario.links.values().find(|link| {
                link.mode == service.mode && (link.from.as_ref(), link.to.as_ref()) == (Some(from), Some(to))
            });
            let of_link = named.or(between).and_then(|link| link.distance.as_ref());
            let great_circle = ends(positions, Some(from), Some(to));
            if let (Some(distance), Some(shortest)) = (&leg.distance, great_circle) {
                let is_founded = distance.is_founded();
                distance_fault(check, &distance.key, distance.expected(), shortest, is_founded);
            }
            let distance = leg
                .distance
                .as_ref()
                .or(of_link)
                .map(|distance| distance.expected())
                .or(great_circle);
            if let (Some(time), Some(distance)) = (&leg.time, distance) {
                speed_fault(check, &time.key, service.mode, distance, time.expected_family().mean());
            }
        }
    }
}

fn ends(positions: &BTreeMap<String, Position>, from: Option<&String>, to: Option<&String>) -> Option<f64> {
    let Kilometres(distance) = positions.get(from?)?.distance(*positions.get(to?)?);
    Some(distance)
}

/// A way that is too short is impossible; one that is very long is looked at twice, unless its distance is founded.
fn distance_fault(check: &mut Check<'_>, key: &str, distance: f64, shortest: f64, is_founded: bool) {
    // What is not a distance at all has been reported.
    if distance <= 0.0 {
        return;
    }
    if distance < shortest * ROUNDING {
        check.fault(
            "impossible-value",
            key,
            format!("is {distance:.0} km, but the great circle between its ends is {shortest:.0} km"),
            "correct the distance or the nodes' positions",
        );
    } else if distance > shortest * LONG_WAY && shortest > LONG_WAY_FROM_KM && !is_founded {
        check.warning(
            "long-way",
            key,
            format!(
                "is {distance:.0} km, {:.1} times the great circle between its ends",
                distance / shortest
            ),
            "correct the distance or the nodes' positions; if the way is really that long, say so with its `source` or \
             `derived`",
        );
    }
}

fn speed_fault(check: &mut Check<'_>, key: &str, mode: Mode, distance: f64, hours: f64) {
    let speed = distance / hours;
    if hours > 0.0 && speed > mode.speed_limit() || hours <= 0.0 && distance > 1.0 {
        let fastest = mode.speed_limit();
        check.fault(
            "faster-than-physics",
            key,
            format!("means {speed:.0} km/h by {} over {distance:.0} km", mode.key()),
            format!("nothing goes by {} faster than {fastest:.0} km/h over a whole leg: correct the time, its unit or the distance", mode.key()),
        );
    }
}
