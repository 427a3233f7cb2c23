//! Container pools: depots that exist, rules that say how many, services that carry empties, boxes at all.

use super::Check;
use super::numbers::Range;
use crate::scenario::container::{ContainerPool, Repositioning};
use crate::scenario::decode::suggest;
use std::collections::BTreeMap;

pub(super) fn check(check: &mut Check<'_>) {
    for (id, pool) in &check.scenario.container_pools {
        references(check, id, pool);
        numbers(check, id, pool);
        stock(check, id, pool);
        for (name, it) in &pool.moves {
            repositioning(check, pool, &format!("container_pool.{id}.move.{name}"), it);
        }
        in_circles(check, id, pool);
    }
}

fn references(check: &mut Check<'_>, id: &str, pool: &ContainerPool) {
    let key = |rest: &str| format!("container_pool.{id}.{rest}");
    let patterns = [
        ("services", "service", &pool.services),
        ("flows", "flow", &pool.flows),
        ("commodities", "commodity", &pool.commodities),
    ];
    for (list, section, patterns) in patterns {
        for pattern in patterns.iter().flatten() {
            check.pattern(&key(list), section, pattern);
        }
    }
    let mut served: BTreeMap<&str, &str> = pool.at.keys().map(|node| (node.as_str(), node.as_str())).collect();
    for (node, depot) in &pool.at {
        check.reference(&key(&format!("at.{node}")), "node", node);
        for other in &depot.serves {
            let list = key(&format!("at.{node}.serves"));
            check.reference(&list, "node", other);
            if let Some(by) = served.insert(other, node).filter(|by| by != node) {
                check.fault_about(
                    "contradiction",
                    &list,
                    other,
                    format!("`{other}` is served by the depot at `{by}` as well"),
                    "let one depot of the pool serve a node",
                );
            }
        }
    }
}

fn numbers(check: &mut Check<'_>, id: &str, pool: &ContainerPool) {
    if pool.services.as_ref().is_some_and(Vec::is_empty) {
        check.fault(
            "impossible-value",
            &format!("container_pool.{id}.services"),
            "is empty, so that nothing travels in these boxes",
            "name services, or leave it out: then all cargo of the pool's flows does",
        );
    }
    check.quantity(pool.size.as_ref(), Range::Positive);
    check.duration(pool.stuffing.as_ref());
    check.duration(pool.stripping.as_ref());
    check.quantity(pool.free_time.as_ref(), Range::NotNegative);
    check.quantity(pool.detention.as_ref(), Range::NotNegative);
    check.quantity(pool.tare.as_ref(), Range::NotNegative);
    if let Some(lease) = &pool.lease {
        check.quantity(lease.after.as_ref(), Range::NotNegative);
        check.quantity(lease.cost.as_ref(), Range::NotNegative);
    }
    for depot in pool.at.values() {
        check.quantity(depot.stock.as_ref(), Range::NotNegative);
    }
    let unused = [
        (
            "free_time",
            pool.free_time.is_some() && pool.detention.is_none(),
            "add `detention`, or leave it out",
        ),
        (
            "detention",
            pool.detention.is_some() && pool.stripping.is_none(),
            "add `stripping`, the time for which it can be due",
        ),
        (
            "tare",
            pool.tare.is_some() && pool.moves.values().all(|it| it.service.is_none()),
            "name the `service` that carries empties, or leave it out",
        ),
    ];
    for (name, wrong, remedy) in unused {
        if wrong {
            check.fault(
                "no-effect",
                &format!("container_pool.{id}.{name}"),
                "has no effect",
                remedy,
            );
        }
    }
}

/// A pool without boxes lets nobody through.
fn stock(check: &mut Check<'_>, id: &str, pool: &ContainerPool) {
    let key = format!("container_pool.{id}");
    if pool.at.is_empty() {
        check.fault(
            "missing-key",
            &key,
            "has no depots",
            format!("add `[{key}.at.some-node]` with its `stock`"),
        );
        return;
    }
    let boxes: f64 = pool
        .at
        .values()
        .filter_map(|depot| depot.stock.as_ref())
        .map(|stock| stock.expected())
        .sum();
    if boxes < 1.0 && pool.lease.is_none() {
        check.fault(
            "never-balances",
            &key,
            "can never balance: it has no boxes, so that its cargo waits for ever",
            format!("give `stock` at one of its depots, or add `[{key}.lease]` to hire boxes one way"),
        );
    }
}

fn repositioning(check: &mut Check<'_>, pool: &ContainerPool, key: &str, it: &Repositioning) {
    let at = |rest: &str| format!("{key}.{rest}");
    let depots: Vec<&str> = pool.at.keys().map(String::as_str).collect();
    for (end, node) in [("from", &it.from), ("to", &it.to)] {
        if !depots.contains(&node.as_str()) {
            check.fault(
                "dangling-reference",
                &at(end),
                format!("the pool has no depot at `{node}`"),
                suggest(node, &depots),
            );
        }
    }
    if it.from == it.to {
        check.fault(
            "impossible-value",
            &at("to"),
            "is where the boxes come from",
            "name another depot",
        );
    }
    let counts = [&it.boxes, &it.order_up_to, &it.reorder_point, &it.down_to, &it.keep];
    for count in counts.into_iter().flatten() {
        check.quantity(Some(count), Range::NotNegative);
    }
    let stock: f64 = pool
        .at
        .values()
        .filter_map(|depot| depot.stock.as_ref())
        .map(|it| it.expected())
        .sum();
    for (name, count) in [("keep", &it.keep), ("down_to", &it.down_to)] {
        if let Some(count) = count
            && count.expected() >= stock
            && stock > 0.0
        {
            check.fault(
                "never-balances",
                &at(name),
                format!("is no less than the {stock} boxes that the whole pool has, so that none is ever moved"),
                "write less, or raise the `stock` of the pool's depots",
            );
        }
    }
    check.quantity(it.every.as_ref(), Range::Positive);
    check.quantity(it.cost.as_ref(), Range::NotNegative);
    check.duration(it.time.as_ref());
    check.priority(&at("priority"), it.priority);
    let rules = [
        ("boxes", it.boxes.is_some()),
        ("order_up_to", it.order_up_to.is_some()),
        ("down_to", it.down_to.is_some()),
    ];
    let stated: Vec<&str> = rules
        .into_iter()
        .filter_map(|(name, stated)| stated.then_some(name))
        .collect();
    match stated.as_slice() {
        [_] => {}
        [] => check.fault(
            "missing-key",
            key,
            "does not say how many boxes are moved",
            "add `boxes` for so many each time, `order_up_to` to fill the one depot up, or `down_to` to clear the other",
        ),
        several => check.fault(
            "contradiction",
            key,
            format!("says in {} ways how many boxes are moved ({})", several.len(), several.join(", ")),
            "keep one of them",
        ),
    }
    if it.boxes.is_some() && it.every.is_none() {
        check.fault(
            "missing-key",
            key,
            "moves so many boxes each time, but does not say how often",
            "add `every`, such as \"1 week\"",
        );
    }
    match (&it.reorder_point, &it.order_up_to) {
        (Some(point), Some(level)) if point.expected() >= level.expected() => check.fault(
            "contradiction",
            &at("reorder_point"),
            "is not below the level up to which it orders",
            "lower it, or raise `order_up_to`",
        ),
        (Some(_), None) => check.fault(
            "no-effect",
            &at("reorder_point"),
            "has no effect without `order_up_to`",
            "add `order_up_to`, or leave it out",
        ),
        _ => {}
    }
    if it.service.is_none() {
        let timed = it.time.as_ref().is_some_and(|time| time.expected_family().mean() > 0.0);
        if !timed {
            check.fault(
                "missing-key",
                key,
                "does not say how empties get there",
                "name the `service` that carries them, or give the `time` that it takes",
            );
        }
        if it.priority.is_some() {
            check.fault(
                "no-effect",
                &at("priority"),
                "has no effect without `service`",
                "name the service that carries them, or leave it out",
            );
        }
    }
    service(check, pool, key, it);
}

/// The service that carries empties must call at both ends, in order, and take a box.
fn service(check: &mut Check<'_>, pool: &ContainerPool, key: &str, it: &Repositioning) {
    let Some(name) = &it.service else { return };
    let at = format!("{key}.service");
    check.reference(&at, "service", name);
    let Some(service) = check.scenario.services.get(name) else {
        return;
    };
    let place = |node: &String| service.stops.iter().position(|stop| stop == node);
    let calls = match (place(&it.from), place(&it.to)) {
        (Some(from), Some(to)) => from < to,
        _ => false,
    };
    if !calls {
        check.fault(
            "broken-route",
            &at,
            format!("`{name}` does not call at `{}` and later at `{}`", it.from, it.to),
            format!("its stops are, in order, {}", service.stops.join(" > ")),
        );
    }
    let size = pool.size.as_ref().map_or(1.0, |size| size.expected());
    if service
        .capacity
        .as_ref()
        .is_some_and(|capacity| capacity.expected() < size)
    {
        check.fault(
            "impossible-value",
            &at,
            format!("`{name}` has no room for a single box"),
            "name another service, or correct the box's `size`",
        );
    }
}

/// Two ways that each refill one depot from the other, whenever anything changes, would send boxes to and fro for ever.
fn in_circles(check: &mut Check<'_>, id: &str, pool: &ContainerPool) {
    let refills = |it: &&Repositioning| it.every.is_none();
    for (name, it) in pool.moves.iter().filter(|(_, it)| refills(it)) {
        let back = pool
            .moves
            .iter()
            .find(|(other, back)| *other > name && refills(back) && back.from == it.to && back.to == it.from);
        if let Some((other, _)) = back {
            check.fault(
                "contradiction",
                &format!("container_pool.{id}.move.{name}"),
                format!("sends boxes to and fro with `{other}`, each as soon as the other has taken any"),
                "give one of the two `every`, such as \"1 week\"",
            );
        }
    }
}
