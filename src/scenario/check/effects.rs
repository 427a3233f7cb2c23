//! Keys that would have no effect, or that contradict one another: what is written down must count.

use super::Check;
use crate::calendar::parse_hours;
use crate::scenario::facility::{Discipline, Facility, FacilityKind, Servers, Serves, WhenFull};
use crate::scenario::matching::matches;
use crate::scenario::operation::{AtClosing, Calendar, ClosureRule, Disruption};

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
}

fn hit(check: &Check<'_>, disruption: &Disruption) -> Hit {
    let scenario = check.scenario;
    let any = |name: String| disruption.hits.iter().any(|pattern| matches(pattern, &name));
    let at = |node: Option<&String>| node.is_some_and(|node| any(format!("node.{node}")));
    let facilities = || {
        scenario
            .facilities
            .iter()
            .filter(|(id, facility)| any(format!("facility.{id}")) || at(facility.node.as_ref()))
            .map(|(_, facility)| facility)
    };
    let works = |facility: &Facility| facility.kind != FacilityKind::Storage && facility.slots.is_none();
    let limited = |facility: &Facility| facility.servers != Servers::Unlimited;
    Hit {
        links: scenario.links.iter().any(|(id, link)| {
            any(format!("link.{id}"))
                || any(format!("link.{id}-back"))
                || at(link.from.as_ref())
                || at(link.to.as_ref())
        }),
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
    }
}

fn disruptions(check: &mut Check<'_>, id: &str, disruption: &Disruption) {
    let hit = hit(check, disruption);
    let slows = disruption.speed_factor.is_some() || disruption.capacity_factor.is_some();
    let closes = disruption.closed.unwrap_or(!slows);
    let stops = disruption.rule == ClosureRule::StoppedEnRoute;
    let nothing = !(hit.links || hit.services || hit.gates || hit.rooms);
    if nothing && !disruption.hits.is_empty() {
        // Patterns that fit nothing have a fault of their own.
        return;
    }
    let faults = [
        (
            "speed_factor",
            !closes && disruption.speed_factor.is_some() && !(hit.links || hit.services || hit.workplaces),
            "links, services and facilities that work can be slowed",
        ),
        (
            "capacity_factor",
            !closes && disruption.capacity_factor.is_some() && !(hit.services || hit.rooms),
            "services have a capacity, and facilities with a number of `servers`, with `slots` or with `space`",
        ),
        (
            "rule",
            closes && stops && !(hit.links || hit.crews),
            "only links and facilities with a number of servers can stop what is under way",
        ),
        (
            "rule",
            !closes && stops,
            "it says what a closure does; set `closed = true`, or leave it out",
        ),
        (
            "closed",
            closes && !(hit.links || hit.services || hit.gates),
            "links, services and facilities other than storage can be closed",
        ),
    ];
    for (name, wrong, remedy) in faults {
        if wrong {
            let key = format!("disruption.{id}.{name}");
            check.fault("no-effect", &key, "has no effect on anything that is hit", remedy);
        }
    }
    if disruption.closed == Some(false) && !slows {
        check.fault(
            "no-effect",
            &format!("disruption.{id}"),
            "neither closes nor slows anything",
            "give `speed_factor` or `capacity_factor`, or leave out `closed = false`",
        );
    }
}
