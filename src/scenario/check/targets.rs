//! Targets, overlaps and what flights reach.

use super::Check;
use crate::scenario::decode::suggest;
use crate::scenario::load::SECTIONS;
use crate::scenario::matching::matches;
use crate::scenario::target::{Overlap, Reach, Target};

pub(super) fn check(check: &mut Check<'_>) {
    let scenario = check.scenario;
    for (id, target) in &scenario.targets {
        of_target(check, id, target);
    }
    for (id, overlap) in &scenario.overlaps {
        of_overlap(check, id, overlap);
        if overlap.factor.is_some() == overlap.sum.is_some() {
            check.fault(
                "contradiction",
                &format!("overlap.{id}"),
                "states not exactly one of `factor` and `sum`",
                "cap either the factors of the instruments or what they add",
            );
        }
    }
    for (id, reach) in &scenario.reaches {
        of_reach(check, id, reach);
    }
}

/// An overlap must have figures to hold: in sections that there are, in tables that some pattern fits.
fn of_overlap(check: &mut Check<'_>, id: &str, overlap: &Overlap) {
    let key = |part: &str| format!("overlap.{id}.{part}");
    for section in overlap
        .of
        .iter()
        .filter(|section| !SECTIONS.contains(&section.as_str()))
    {
        check.fault_about(
            "dangling-reference",
            &key("of"),
            section,
            format!("there is no section `{section}`"),
            suggest(section, SECTIONS),
        );
    }
    let sections: Vec<&str> = if overlap.of.is_empty() {
        SECTIONS.to_vec()
    } else {
        overlap.of.iter().map(String::as_str).collect()
    };
    let names: Vec<&str> = sections.iter().flat_map(|section| check.declared(section)).collect();
    for pattern in &overlap.id {
        if !names.iter().any(|name| matches(pattern, name)) {
            check.fault_about(
                "empty-pattern",
                &key("id"),
                pattern,
                format!("`{pattern}` fits no table of {}", sections.join(", ")),
                suggest(pattern.trim_matches('*'), &names),
            );
        }
    }
}

fn of_target(check: &mut Check<'_>, id: &str, target: &Target) {
    if target.level.is_some() == target.indicator.is_some() {
        check.fault(
            "contradiction",
            &format!("target.{id}"),
            "states not exactly one of `level` and `indicator`",
            "give the level that is kept as an input, or the indicator that is simulated",
        );
    }
    instrument_of(check, id, &target.instrument);
}

/// The instrument of a target should be one of its measure, if that is in force: `16.14` is of the measure that has others of
/// 16, unless another policy counts its measures in the same way.
fn instrument_of(check: &mut Check<'_>, id: &str, named: &str) {
    let Some((clause, _)) = named.split_once('.') else {
        return;
    };
    let measures = check.scenario.measures.values();
    let all = measures.flat_map(|measure| measure.instrument.keys().map(String::as_str));
    let is_beside = |number: &&str| number.split_once('.').is_some_and(|(other, _)| other == clause);
    let known: Vec<&str> = all.filter(is_beside).collect();
    if !known.is_empty() && !known.contains(&named) {
        check.warning(
            "dangling-reference",
            &format!("target.{id}.instrument"),
            format!("there is no instrument {named} in the measures in force"),
            suggest(named, &known),
        );
    }
}

fn of_reach(check: &mut Check<'_>, id: &str, reach: &Reach) {
    let key = format!("reach.{id}.from");
    if reach.from.is_empty() {
        check.fault(
            "missing-key",
            &key,
            "names no airport",
            "name the nodes from which flights are counted",
        );
    }
    for node in &reach.from {
        check.reference(&key, "node", node);
        let placed = |node: &crate::scenario::place::Node| node.longitude.is_some() && node.latitude.is_some();
        if check.scenario.nodes.get(node).is_some_and(|node| !placed(node)) {
            check.fault_about(
                "missing-key",
                &key,
                node,
                format!("node `{node}` has no position, so flights from it have no length"),
                "give it a longitude and a latitude",
            );
        }
    }
    for (name, quantity) in [("detour", &reach.detour), ("least_flights", &reach.least_flights)] {
        let least = if name == "detour" { 1.0 } else { 0.0 };
        if quantity.as_ref().is_some_and(|it| it.knowledge.min() < least) {
            check.fault(
                "impossible-value",
                &format!("reach.{id}.{name}"),
                format!("is below {least:.0}"),
                format!("write {least:.0} or more"),
            );
        }
    }
    for (name, city) in &reach.city {
        if city.flights.knowledge.min() < 0.0 {
            check.fault(
                "impossible-value",
                &format!("reach.{id}.city.{name}.flights"),
                "is negative",
                "write zero or more",
            );
        }
        for (axis, value, most) in [("longitude", city.longitude, 180.0), ("latitude", city.latitude, 90.0)] {
            if !(-most..=most).contains(&value) {
                check.fault(
                    "out-of-range",
                    &format!("reach.{id}.city.{name}.{axis}"),
                    format!("{value} is no {axis}"),
                    format!("write degrees between -{most} and {most}"),
                );
            }
        }
    }
}
