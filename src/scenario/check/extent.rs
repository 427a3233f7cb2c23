//! Runs that would never end: too many events, and circles without a way out.

use super::Check;
use crate::scenario::demand::Arrivals;
use crate::scenario::dimension::Time;
use crate::scenario::facility::WhenFull;
use crate::scenario::service::Departures;
use crate::scenario::settings::WarmUp;
use crate::scenario::{Distribution, Quantity};
use std::collections::BTreeSet;

/// More events of one kind than this in a replication are a mistake: they would take hours and fill the memory.
const MOST_EVENTS: f64 = 1e8;
/// More consignments than this at once are a mistake.
const LARGEST_POPULATION: u64 = 1_000_000;
/// A consignment larger than this is a mistake: it is more than all ports of the world handle in a day.
const LARGEST_SIZE: f64 = 1e6;
/// Space is counted in thousandths of a TEU: consignments that are smaller on average would weigh nothing, or too much.
pub(super) const SMALLEST_SIZE: f64 = 1e-3;
/// More replications than this are a mistake, too.
const MOST_REPLICATIONS: u64 = 10_000_000;
/// The longest run that the clock can hold, which ends after some 1,140 years.
const LONGEST_YEARS: f64 = 1_100.0;
pub(super) const HOURS_PER_YEAR: f64 = 8_760.0;
/// Rates above this are cut to it, so that their products stay finite.
const COUNTABLE: f64 = 1e30;

pub(super) fn check(check: &mut Check<'_>) {
    let hours = window(check);
    events(check, hours);
    sizes(check);
    circles(check);
    diversions(check);
    populations(check);
}

/// Hours that are simulated, where the scenario states them.
fn window(check: &mut Check<'_>) -> Option<f64> {
    let run = &check.scenario.run;
    let warm_up = match &run.warm_up {
        WarmUp::Stated(span) => Some(span),
        WarmUp::Auto => None,
    };
    let stated = [
        ("warm_up", warm_up),
        ("length", run.length.as_ref()),
        ("cool_down", run.cool_down.as_ref()),
    ];
    for (key, span) in stated {
        if span.is_some_and(|span| span.knowledge.max() > LONGEST_YEARS * HOURS_PER_YEAR) {
            let remedy = format!("write at most {LONGEST_YEARS} years");
            check.fault(
                "impossible-value",
                &format!("run.{key}"),
                "is longer than can be simulated",
                remedy,
            );
        }
    }
    if run.replications > MOST_REPLICATIONS {
        let remedy = format!("write at most {MOST_REPLICATIONS}");
        check.fault(
            "impossible-value",
            "run.replications",
            "is more than can be simulated",
            remedy,
        );
    }
    if run.consignments.is_some_and(|count| count as f64 > MOST_EVENTS) {
        check.fault(
            "impossible-value",
            "run.consignments",
            "is more than can be simulated",
            "write at most 100000000",
        );
    }
    let length = run.length.as_ref().map(Quantity::expected)?;
    let hours = |span: Option<&Quantity<Time>>, otherwise: f64| span.map_or(otherwise, Quantity::expected);
    Some(hours(warm_up, 0.0) + length + hours(run.cool_down.as_ref(), length))
}

/// What happens too often.
fn events(check: &mut Check<'_>, hours: Option<f64>) {
    let scenario = check.scenario;
    let mut often = |key: String, per_hour: f64| {
        // What happens after no time at all has been reported as that.
        let count = hours
            .map(|hours| hours * per_hour)
            .filter(|count| count.is_finite() && *count > MOST_EVENTS);
        if let Some(count) = count {
            check.fault(
                "too-many-events",
                &key,
                format!("means {count:.0e} events in a replication, more than can be simulated"),
                "correct the number or its unit, or shorten `run.length`",
            );
        }
    };
    for flow in scenario.flows.values() {
        let size = flow.size.as_ref().map_or(1.0, |size| size.expected_family().mean());
        let batch = flow.batch.as_ref().map_or(1.0, |batch| batch.0.mean());
        if let Some(volume) = &flow.volume {
            often(volume.key.clone(), (volume.expected() / size).min(COUNTABLE));
        }
        match &flow.arrivals {
            Some(Arrivals::Poisson(rate)) => often(rate.key.clone(), (batch * rate.expected()).min(COUNTABLE)),
            Some(Arrivals::Renewal(renewal)) => {
                often(renewal.gap.key.clone(), batch / renewal.gap.expected_family().mean());
            }
            Some(Arrivals::Timetable(every)) => {
                often(every.interval.key.clone(), batch / every.interval.expected());
            }
            _ => {}
        }
    }
    for service in scenario.services.values() {
        match &service.departures {
            Departures::Every(every) => {
                often(every.interval.key.clone(), 1.0 / every.interval.expected());
            }
            Departures::PerWeek(number) => often(number.key.clone(), (number.expected() / 168.0).min(COUNTABLE)),
            Departures::Headway(gap) => {
                often(gap.key.clone(), 1.0 / gap.expected_family().mean());
            }
            _ => {}
        }
    }
    for review in scenario.services.values().filter_map(|service| service.review.as_ref()) {
        if let Some(every) = &review.every {
            often(every.key.clone(), 1.0 / every.expected());
        }
        let every = review.every.as_ref().map_or(168.0, Quantity::expected);
        often(
            review.ceiling.key.clone(),
            (review.ceiling.expected() / every).min(COUNTABLE),
        );
    }
    for it in scenario.container_pools.values().flat_map(|pool| pool.moves.values()) {
        if let Some(every) = &it.every {
            often(every.key.clone(), 1.0 / every.expected());
        }
    }
    for facility in scenario.facilities.values() {
        if let Some(slots) = &facility.slots {
            often(slots.every.key.clone(), 1.0 / slots.every.expected());
        }
    }
}

/// Consignments that are too large, too small or too many at once.
fn sizes(check: &mut Check<'_>) {
    for (id, flow) in &check.scenario.flows {
        let mean = flow.size.as_ref().map_or(1.0, |size| size.expected_family().mean());
        if mean > 0.0 && mean < SMALLEST_SIZE {
            check.too_small(&format!("flow.{id}.size"), mean);
        }
        if mean > LARGEST_SIZE {
            check.fault(
                "impossible-value",
                &format!("flow.{id}.size"),
                "is more than can be carried",
                format!("write at most {LARGEST_SIZE} TEU, and split what is larger into several consignments"),
            );
        }
        if matches!(flow.arrivals, Some(Arrivals::Population(count)) if count > LARGEST_POPULATION) {
            check.fault(
                "impossible-value",
                &format!("flow.{id}.arrivals.population"),
                "is more than can be simulated",
                format!("write at most {LARGEST_POPULATION}"),
            );
        }
    }
}

impl Check<'_> {
    /// Consignments of `mean` TEU, less than can be counted.
    pub(super) fn too_small(&mut self, key: &str, mean: f64) {
        self.fault(
            "impossible-value",
            key,
            format!("is {mean:.2e} TEU on average, less than the {SMALLEST_SIZE} TEU in which space is counted"),
            format!("write at least {SMALLEST_SIZE} TEU, letting one consignment stand for several that go together"),
        );
    }
}

/// Facilities that pass everything on to one another for ever.
fn circles(check: &mut Check<'_>) {
    let facilities = &check.scenario.facilities;
    let leaves = |id: &str| {
        let then = facilities.get(id).map(|facility| &facility.then);
        then.is_none_or(|then| then.values().map(Quantity::expected).sum::<f64>() < 1.0 - 1e-9)
    };
    let mut open: BTreeSet<&str> = facilities.keys().map(String::as_str).filter(|id| leaves(id)).collect();
    loop {
        let more: Vec<&str> = facilities
            .iter()
            .filter(|(id, facility)| {
                let next = |(next, p): (&String, &Quantity<_>)| {
                    p.expected() > 0.0 && (open.contains(next.as_str()) || !facilities.contains_key(next))
                };
                !open.contains(id.as_str()) && facility.then.iter().any(next)
            })
            .map(|(id, _)| id.as_str())
            .collect();
        if more.is_empty() {
            break;
        }
        open.extend(more);
    }
    for id in facilities.keys().filter(|id| !open.contains(id.as_str())) {
        check.fault(
            "contradiction",
            &format!("facility.{id}.then"),
            "sends everything round in a circle, from which nothing ever leaves",
            "let the probabilities add up to less than 1 somewhere in the circle",
        );
    }
}

/// Full facilities that send everybody on to one another for ever.
fn diversions(check: &mut Check<'_>) {
    let facilities = &check.scenario.facilities;
    let next = |id: &str| match facilities.get(id).map(|facility| &facility.when_full) {
        Some(WhenFull::Divert(next)) => Some(next.as_str()),
        _ => None,
    };
    let in_circle = |start: &str| {
        let chain = std::iter::successors(next(start), |at| next(at)).take(facilities.len());
        chain.into_iter().any(|at| at == start)
    };
    let circle: Vec<&String> = facilities.keys().filter(|id| in_circle(id)).collect();
    for id in circle {
        check.fault(
            "contradiction",
            &format!("facility.{id}.when_full"),
            "diverts in a circle: when all of them are full, nobody comes out",
            "let the last of them refuse or hold",
        );
    }
}

/// Members of a closed population whose round takes no time start anew for ever at one moment.
fn populations(check: &mut Check<'_>) {
    /// A round shorter than this, in hours, would give more events than can be simulated.
    const SHORTEST_ROUND: f64 = 1e-3;
    let scenario = check.scenario;
    let mean = |time: Option<&Distribution<Time>>| time.map_or(0.0, |time| time.expected_family().mean());
    let hours = |step: &String| match step.split_once('.') {
        Some(("facility", id)) => scenario
            .facilities
            .get(id)
            .map_or(1.0, |it| mean(it.time.as_ref()) + mean(it.release.as_ref())),
        Some(("link", id)) => scenario
            .links
            .get(id)
            .map_or(1.0, |it| if it.time.is_some() { mean(it.time.as_ref()) } else { 1.0 }),
        // Services and assemblies take the time that their own checks ask for.
        _ => 1.0,
    };
    for (id, flow) in &scenario.flows {
        let Some(route) = flow
            .route
            .as_ref()
            .filter(|_| matches!(flow.arrivals, Some(Arrivals::Population(_))))
        else {
            continue;
        };
        if route.iter().map(hours).sum::<f64>() < SHORTEST_ROUND {
            check.fault(
                "impossible-value",
                &format!("flow.{id}.arrivals.population"),
                "starts anew as soon as it is delivered, and its round takes no time",
                "give the steps of its route a `time`",
            );
        }
    }
}
