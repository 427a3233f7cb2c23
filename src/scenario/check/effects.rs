//! Keys that would have no effect, or that contradict one another: what is written down must count.

use super::Check;
use crate::calendar::parse_hours;
use crate::scenario::Scenario;
use crate::scenario::dimension::Plain;
use crate::scenario::facility::{Discipline, Facility, FacilityKind, Servers, Serves, WhenFull};
use crate::scenario::matching::matches;
use crate::scenario::operation::{AtClosing, Calendar, ClosureRule, Disruption, StatedImpact};
use crate::scenario::place::Link;
use crate::scenario::quantity::Quantity;
use crate::scenario::service::Service;

pub(super) fn check(check: &mut Check<'_>) {
    let scenario = check.scenario;
    for (id, facility) in &scenario.facilities {
        storage(check, id, facility);
        slots(check, id, facility);
        crew(check, id, facility);
        rooms(check, id, facility);
    }
    for (id, calendar) in &scenario.calendars {
        never_open(check, id, calendar);
    }
    for (id, disruption) in &scenario.disruptions {
        disruptions(check, id, disruption);
    }
}

/// Reports those of `keys` that are stated.
fn no_effect(check: &mut Check<'_>, id: &str, keys: &[(&str, bool)], message: &str, remedy: &str) {
    for (name, _) in keys.iter().filter(|(_, stated)| *stated) {
        check.fault("contradiction", &format!("facility.{id}.{name}"), message, remedy);
    }
}

/// Cargo passes storage without being worked on.
fn storage(check: &mut Check<'_>, id: &str, facility: &Facility) {
    if facility.kind != FacilityKind::Storage {
        let keys = [("space", facility.space.is_some())];
        let remedy = "set `kind = \"storage\"`, or leave it out";
        return no_effect(check, id, &keys, "only storage has space", remedy);
    }
    let keys = [
        ("time", facility.time.is_some()),
        ("slots", facility.slots.is_some()),
        ("batch", facility.batch.is_some()),
        ("servers", facility.servers != Servers::default()),
        ("calendar", facility.calendar.is_some()),
        ("release", facility.release.is_some()),
        ("inspection", facility.inspection.is_some()),
        ("lane", !facility.lane.is_empty()),
        ("waiting_room", facility.waiting_room.is_some()),
        ("discipline", facility.discipline != Discipline::default()),
    ];
    let remedy = "leave it out, or state it for another facility at the same node, a gate say";
    no_effect(
        check,
        id,
        &keys,
        "has no effect on storage, which cargo passes without being worked on",
        remedy,
    );
}

/// Passages at fixed times stand in place of servers.
fn slots(check: &mut Check<'_>, id: &str, facility: &Facility) {
    if facility.slots.is_none() || facility.kind == FacilityKind::Storage {
        return;
    }
    let of_lanes = |stated: fn(&crate::scenario::facility::Lane) -> bool| facility.lane.values().any(stated);
    let keys = [
        ("time", facility.time.is_some()),
        ("batch", facility.batch.is_some()),
        ("servers", facility.servers != Servers::default()),
        ("inspection", facility.inspection.is_some()),
        (
            "lane",
            of_lanes(|lane| lane.time.is_some() || lane.time_factor.is_some() || lane.inspection_probability.is_some()),
        ),
    ];
    no_effect(
        check,
        id,
        &keys,
        "has no effect on passages at fixed times, where nobody is worked on",
        "keep either `slots` or `time` with `servers`; a lane can have a `priority`",
    );
}

/// Servers with a life of their own must be servers that can be told apart.
fn crew(check: &mut Check<'_>, id: &str, facility: &Facility) {
    let carries_over = facility
        .calendar
        .as_ref()
        .and_then(|name| check.scenario.calendars.get(name))
        .is_some_and(|calendar| calendar.at_closing == AtClosing::CarryOver);
    let own_life = [
        ("discipline", facility.discipline == Discipline::Preemptive),
        ("set_up", facility.set_up.is_some()),
        ("vacation", facility.vacation.is_some()),
        ("breakdown", facility.breakdown.is_some()),
        ("start_when", facility.start_when.is_some()),
        ("calendar", carries_over),
    ];
    let storage = facility.kind == FacilityKind::Storage;
    if !storage && (facility.batch.is_some() || facility.slots.is_some()) {
        no_effect(
            check,
            id,
            &own_life,
            "does not go together with `batch` or `slots`, which do not interrupt their work",
            "leave one of the two out; of a calendar, use one with `at_closing = \"finish\"`",
        );
    }
    if !storage && facility.servers == Servers::Unlimited {
        no_effect(
            check,
            id,
            &own_life,
            "needs a number of servers",
            "set `servers` to a number; of a calendar, use one with `at_closing = \"finish\"`",
        );
    }
    if storage {
        let of_storage = &own_life[1..5];
        no_effect(check, id, of_storage, "storage has no servers", "leave it out");
    }
}

/// Rooms that can be full, and what would wait in them for ever.
fn rooms(check: &mut Check<'_>, id: &str, facility: &Facility) {
    let room = facility.waiting_room.unwrap_or(u64::MAX);
    let vehicles = facility.serves == Serves::Vehicles;
    if vehicles && facility.waiting_room.is_some() && facility.when_full == WhenFull::Refuse {
        check.fault(
            "contradiction",
            &format!("facility.{id}.waiting_room"),
            "can be full, but a vehicle cannot be turned away",
            "set `when_full` to \"hold\" or to another facility",
        );
    }
    let needed = [
        ("batch", facility.batch.as_ref().map_or(0, |batch| batch.at_least)),
        ("start_when", facility.start_when.unwrap_or(0)),
    ];
    for (name, count) in needed {
        // The first comer waits too: nobody is served before the number is complete.
        if count > room.max(1) {
            check.fault(
                "contradiction",
                &format!("facility.{id}.{name}"),
                format!("starts only when {count} wait, but there is room for {room}"),
                format!("make `waiting_room` at least {count}, or start with fewer"),
            );
        }
    }
}

fn never_open(check: &mut Check<'_>, id: &str, calendar: &Calendar) {
    // What cannot be read has a fault of its own.
    let opens = |text: &String| parse_hours(text).map_or(true, |hours| !hours.is_empty());
    let stated = calendar.daily.is_some() || !calendar.weekly.is_empty();
    let always = calendar.daily.is_none() && calendar.weekly.is_empty();
    let all = calendar
        .daily
        .iter()
        .chain(calendar.weekly.values())
        .chain(calendar.dates.values());
    if stated && !always && !all.into_iter().any(opens) {
        check.fault(
            "impossible-value",
            &format!("calendar.{id}"),
            "never opens, so whatever keeps these hours would wait for ever",
            "open it on some day, or take the facility out",
        );
    }
}

/// What a disruption hits, as far as its keys depend on it.
#[derive(Default)]
struct Hit {
    links: bool,
    services: bool,
    /// Facilities with servers that work.
    workplaces: bool,
    /// Facilities whose capacity can be scaled.
    rooms: bool,
    /// Facilities whose servers can be stopped.
    crews: bool,
    /// Facilities that can be closed.
    gates: bool,
    /// Anything that is charged for.
    tariffs: bool,
}

/// Whether something is charged for rides on a service.
fn is_charged_for(scenario: &Scenario, service: &Service) -> bool {
    // Its legs may take the price of whatever link they run on.
    let by_link = || {
        service
            .stops
            .iter()
            .zip(service.stops.iter().skip(1))
            .any(|(from, to)| {
                let priced = scenario
                    .links
                    .values()
                    .filter(|it| it.cost.is_some() || it.cost_per_km.is_some());
                let joins = |link: &Link| {
                    let ends = (link.from.as_ref(), link.to.as_ref());
                    ends == (Some(from), Some(to)) || link.both_ways && ends == (Some(to), Some(from))
                };
                priced.into_iter().any(joins)
            })
    };
    service.cost.is_some() || service.to.values().any(|leg| leg.cost.is_some()) || by_link()
}

fn hit(check: &Check<'_>, patterns: &[String]) -> Hit {
    let scenario = check.scenario;
    let any = |name: String| patterns.iter().any(|pattern| matches(pattern, &name));
    let at = |node: Option<&String>| node.is_some_and(|node| any(format!("node.{node}")));
    let facilities = || {
        scenario
            .facilities
            .iter()
            .filter(|(id, facility)| any(format!("facility.{id}")) || at(facility.node.as_ref()))
            .map(|(_, facility)| facility)
    };
    let hit_links = || {
        let named = |id: &str| any(format!("link.{id}")) || any(format!("link.{id}-back"));
        let hit = move |(id, link): &(&String, &Link)| named(id) || at(link.from.as_ref()) || at(link.to.as_ref());
        scenario.links.iter().filter(hit).map(|(_, link)| link)
    };
    let works = |facility: &Facility| facility.kind != FacilityKind::Storage && facility.slots.is_none();
    let limited = |facility: &Facility| facility.servers != Servers::Unlimited;
    Hit {
        links: hit_links().next().is_some(),
        services: scenario.services.keys().any(|id| any(format!("service.{id}"))),
        workplaces: facilities().any(works),
        rooms: facilities().any(|it| {
            if works(it) {
                limited(it)
            } else {
                it.slots.is_some() || it.space.is_some()
            }
        }),
        crews: facilities().any(|it| works(it) && limited(it) && it.batch.is_none()),
        gates: facilities().any(|it| it.kind != FacilityKind::Storage),
        tariffs: facilities()
            .any(|it| it.cost.is_some() || it.cost_per_consignment.is_some() || it.cost_per_day.is_some())
            || hit_links().any(|link| link.cost.is_some() || link.cost_per_km.is_some())
            || scenario
                .services
                .iter()
                .filter(|(id, _)| any(format!("service.{id}")))
                .any(|(_, service)| is_charged_for(scenario, service)),
    }
}

fn disruptions(check: &mut Check<'_>, id: &str, disruption: &Disruption) {
    for stated in disruption.impacts(id) {
        impact(check, &stated);
    }
    let closes = disruption.impacts(id).iter().any(StatedImpact::closes);
    for (name, stated) in [
        ("notice", disruption.notice.is_some()),
        ("end_known", disruption.end_known.is_some()),
    ] {
        if stated && !closes {
            check.fault(
                "no-effect",
                &format!("disruption.{id}.{name}"),
                "has no effect: it says what shippers know of a closure, and nothing is closed",
                "set `closed = true`, or leave it out",
            );
        }
    }
    let own_effect = [
        ("closed", disruption.closed.is_some()),
        ("speed_factor", disruption.speed_factor.is_some()),
        ("capacity_factor", disruption.capacity_factor.is_some()),
        ("cost_factor", disruption.cost_factor.is_some()),
        ("probability", disruption.probability.is_some()),
        ("rule", disruption.rule != ClosureRule::default()),
    ];
    let own_key = format!("disruption.{id}");
    let used = |name: &str| match name {
        "probability" => !disruption.hits.is_empty(),
        _ => disruption.impacts(id).iter().any(|stated| stated.effect_key == own_key),
    };
    let idle: Vec<&str> = own_effect
        .iter()
        .filter(|(name, stated)| *stated && !used(name))
        .map(|(name, _)| *name)
        .collect();
    for name in idle {
        check.fault(
            "no-effect",
            &format!("{own_key}.{name}"),
            "has no effect: the disruption itself hits nothing, and its impacts state their own",
            "give `hits`, or leave it out",
        );
    }
}

fn is_known_to_be(quantity: &Quantity<Plain>, value: f64) -> bool {
    quantity.knowledge.min() == value && quantity.knowledge.max() == value
}

/// What one impact of a disruption states must do something to what it hits.
fn impact(check: &mut Check<'_>, stated: &StatedImpact<'_>) {
    let hit = hit(check, stated.hits);
    let closes = stated.closes();
    let has_factors = stated.has_factors();
    let nothing = !(hit.links || hit.services || hit.gates || hit.rooms);
    if nothing && !stated.hits.is_empty() {
        // Patterns that fit nothing have a fault of their own.
        return;
    }
    let restarts = stated.rule == ClosureRule::RestartedEnRoute;
    let stops = stated.rule == ClosureRule::StoppedEnRoute || restarts;
    let slows = stated.rule == ClosureRule::SlowedEnRoute;
    let faults = [
        (
            "speed_factor",
            !closes && stated.speed_factor.is_some() && !(hit.links || hit.services || hit.workplaces),
            "links, services and facilities that work can be slowed",
        ),
        (
            "capacity_factor",
            !closes && stated.capacity_factor.is_some() && !(hit.services || hit.rooms),
            "services have a capacity, and facilities with a number of `servers`, with `slots` or with `space`",
        ),
        (
            "cost_factor",
            !closes && stated.cost_factor.is_some() && !hit.tariffs,
            "only what is charged for can be dearer: give the link, service or facility a price",
        ),
        (
            "rule",
            closes && stops && !restarts && !(hit.links || hit.crews),
            "only links and facilities with a number of servers can stop what is under way",
        ),
        (
            "rule",
            closes && restarts && !hit.links,
            "only what is on a link begins it anew; at a facility, see `breakdown.work`",
        ),
        (
            "rule",
            !closes && stops,
            "it says what a closure does; set `closed = true`, or leave it out",
        ),
        (
            "rule",
            slows && (closes || stated.speed_factor.is_none() || !hit.links),
            "it slows what is on a link; give `speed_factor` and hit a link, or leave it out",
        ),
        (
            "closed",
            closes && !(hit.links || hit.services || hit.gates),
            "links, services and facilities other than storage can be closed",
        ),
    ];
    for (name, wrong, remedy) in faults {
        if wrong {
            let key = format!("{}.{name}", stated.effect_key);
            check.fault("no-effect", &key, "has no effect on anything that is hit", remedy);
        }
    }
    let factor = stated.speed_factor.map(|factor| factor.knowledge.max());
    if slows && !closes && factor.is_some_and(|factor| factor > 1.0) {
        check.fault(
            "contradiction",
            &format!("{}.speed_factor", stated.effect_key),
            "can be above 1, but what is on its way is only ever slowed",
            "write 1 or less, or leave out `rule`",
        );
    }
    // Factors of 1 say nothing; where nothing else is stated, the whole impact does.
    let factors = [
        ("speed_factor", stated.speed_factor),
        ("capacity_factor", stated.capacity_factor),
        ("cost_factor", stated.cost_factor),
    ];
    for (name, factor) in factors {
        if factor.is_some_and(|factor| is_known_to_be(factor, 1.0)) {
            check.fault(
                "no-effect",
                &format!("{}.{name}", stated.effect_key),
                "is 1, which changes nothing",
                "write another factor, or leave it out",
            );
        }
    }
    if stated.closed == Some(false) && !has_factors {
        check.fault(
            "no-effect",
            &stated.key,
            "neither closes nor slows anything",
            "give `speed_factor`, `capacity_factor` or `cost_factor`, or leave out `closed = false`",
        );
    }
    if stated.probability.is_some_and(|it| is_known_to_be(it, 0.0)) {
        check.fault(
            "no-effect",
            &format!("{}.probability", stated.key),
            "is 0, so it never happens",
            "write a probability above 0, or leave the impact out",
        );
    }
}
