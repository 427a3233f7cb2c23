//! Numbers that must be possible.

use super::Check;
use crate::random::Family;
use crate::scenario::demand::Arrivals;
use crate::scenario::dimension::{Currency, Dimension, Time};
use crate::scenario::facility::Batch;
use crate::scenario::place::Mode;
use crate::scenario::service::Departures;
use crate::scenario::{Distribution, Quantity};

/// The range in which a number must lie.
#[derive(Clone, Copy)]
pub(super) enum Range {
    /// Zero or more.
    NotNegative,
    /// More than zero.
    Positive,
    /// From zero to one.
    Share,
    /// Above zero, and no more than one.
    PositiveShare,
}

pub(super) fn check(check: &mut Check<'_>) {
    run(check);
    commodities(check);
    links(check);
    services(check);
    facilities(check);
    flows(check);
    consolidations(check);
    others(check);
}

impl Check<'_> {
    /// A quantity that must lie in a range whatever value is drawn for it.
    pub(super) fn quantity<D: Dimension>(&mut self, quantity: Option<&Quantity<D>>, range: Range) {
        let Some(quantity) = quantity else { return };
        self.family(&quantity.key, &quantity.knowledge, range);
        if D::MONEY {
            self.currency(&quantity.key, quantity.currency);
        }
    }

    /// A duration, which must not be negative.
    pub(super) fn duration<D: Dimension>(&mut self, time: Option<&Distribution<D>>) {
        if let Some(time) = time {
            self.family(&time.key, &time.expected_family(), Range::NotNegative);
        }
    }

    /// A time that must not always be zero: between two events, of which there would be endlessly many at once, or of an event
    /// that would pass without a trace.
    fn gap(&mut self, time: &Distribution<Time>) {
        let family = time.expected_family();
        if family.min() >= 0.0 && family.mean() <= 0.0 {
            self.fault("impossible-value", &time.key, "is always zero", "write more than zero");
        } else {
            self.duration(Some(time));
        }
    }

    fn family(&mut self, key: &str, family: &Family, range: Range) {
        let (min, max) = (family.min(), family.max());
        let wrong = match range {
            Range::NotNegative => (min < 0.0).then_some(("is negative", "write zero or more")),
            // A distribution that reaches down to zero is still positive almost always.
            Range::Positive => (min < 0.0 || max <= 0.0).then_some(("is not above zero", "write more than zero")),
            Range::PositiveShare => (min < 0.0 || max <= 0.0 || max > 1.0)
                .then_some(("is not above 0 and up to 1", "write a number such as 0.6")),
            Range::Share => (min < 0.0 || max > 1.0)
                .then_some(("does not lie between 0 and 1", "write a share such as 0.05 or \"5 %\"")),
        };
        if let Some((message, remedy)) = wrong {
            self.fault("impossible-value", key, message, remedy);
        }
    }

    fn currency(&mut self, key: &str, currency: Option<Currency>) {
        let Some(currency) = currency else { return };
        let money = &self.scenario.money;
        if currency.code() != money.currency && !money.exchange.contains_key(currency.code()) {
            self.fault(
                "missing-key",
                key,
                format!("is in {currency}, for which there is no exchange rate"),
                format!(
                    "add `[money.exchange]` with `{currency} = ...` (how many {currency} buy one {})",
                    money.currency
                ),
            );
        }
    }

    pub(super) fn priority(&mut self, key: &str, priority: Option<u8>) {
        if priority.is_some_and(|priority| priority > 9) {
            self.fault(
                "impossible-value",
                key,
                "is above 9",
                "priorities run from 0 (first) to 9",
            );
        }
    }
}

fn run(check: &mut Check<'_>) {
    let scenario = check.scenario;
    let run = &scenario.run;
    check.quantity(run.length.as_ref(), Range::Positive);
    check.quantity(run.cool_down.as_ref(), Range::NotNegative);
    if let crate::scenario::settings::WarmUp::Stated(span) = &run.warm_up {
        check.quantity(Some(span), Range::NotNegative);
    }
    for time in &run.census {
        check.quantity(Some(time), Range::NotNegative);
    }
    if run.length.is_some() && run.consignments.is_some() {
        check.fault(
            "contradiction",
            "run.consignments",
            "the window is given twice: by `length` and by `consignments`",
            "keep one of the two",
        );
    }
    for (key, zero) in [
        ("run.replications", run.replications == 0),
        ("run.replications_per_input_draw", run.replications_per_input_draw == 0),
        ("run.consignments", run.consignments == Some(0)),
    ] {
        if zero {
            check.fault("impossible-value", key, "is zero", "write 1 or more");
        }
    }
    if !(run.confidence > 0.0 && run.confidence < 1.0) {
        check.fault(
            "impossible-value",
            "run.confidence",
            "does not lie between 0 and 1",
            "write a level such as 0.95",
        );
    }
    if Currency::parse(&scenario.money.currency).is_none() {
        check.fault(
            "invalid-value",
            "money.currency",
            "is not a currency",
            "write a code of three capital letters, like \"USD\"",
        );
    }
    for (code, rate) in &scenario.money.exchange {
        check.quantity(Some(rate), Range::Positive);
        if Currency::parse(code).is_none() {
            let key = format!("money.exchange.{code}");
            check.fault(
                "invalid-value",
                &key,
                "is not a currency",
                "write a code of three capital letters, like CNY",
            );
        }
    }
    let choice = &scenario.choice;
    check.quantity(choice.scale.as_ref(), Range::NotNegative);
    check.quantity(choice.path_size.as_ref(), Range::NotNegative);
    check.quantity(choice.reliability_ratio.as_ref(), Range::NotNegative);
    for mode in Mode::ALL {
        let dissimilarity = choice.dissimilarity.of(mode);
        check.quantity(dissimilarity, Range::PositiveShare);
    }
    let equilibrium = &choice.equilibrium;
    if !(equilibrium.gap > 0.0 && equilibrium.gap < 1.0) {
        check.fault(
            "impossible-value",
            "choice.equilibrium.gap",
            "is not a share above 0 and below 1",
            "write a share, like 0.01 for one per cent",
        );
    }
    if equilibrium.pilots == 0 {
        check.fault(
            "impossible-value",
            "choice.equilibrium.pilots",
            "is zero",
            "write 1 or more; `rounds = 0` leaves shippers with the times of an empty network",
        );
    }
    if choice.routes == 0 {
        check.fault("impossible-value", "choice.routes", "is zero", "write 1 or more");
    }
    if choice.cost_limit.is_nan() || choice.cost_limit < 1.0 {
        check.fault(
            "impossible-value",
            "choice.cost_limit",
            "is below 1, which rules out even the best route",
            "write 1 or more",
        );
    }
}

fn commodities(check: &mut Check<'_>) {
    for (id, goods) in &check.scenario.commodities {
        check.quantity(goods.density.as_ref(), Range::Positive);
        check.quantity(goods.value.as_ref(), Range::NotNegative);
        check.quantity(goods.time_cost.as_ref(), Range::NotNegative);
        check.quantity(goods.finance_rate.as_ref(), Range::NotNegative);
        for mode in Mode::ALL {
            check.quantity(goods.insurance.of(mode), Range::Share);
        }
        check.quantity(goods.choice_scale.as_ref(), Range::NotNegative);
        check.quantity(goods.shelf_life.as_ref(), Range::Positive);
        check.quantity(goods.decay.as_ref(), Range::Share);
        check.quantity(goods.handling_factor.as_ref(), Range::NotNegative);
        check.quantity(goods.inspection_probability.as_ref(), Range::Share);
        check.priority(&format!("commodity.{id}.priority"), goods.priority);
    }
}

fn links(check: &mut Check<'_>) {
    for (id, link) in &check.scenario.links {
        check.quantity(link.distance.as_ref(), Range::Positive);
        check.quantity(link.depth.as_ref(), Range::Positive);
        check.quantity(link.speed.as_ref(), Range::Positive);
        check.duration(link.time.as_ref());
        check.quantity(link.cost.as_ref(), Range::NotNegative);
        check.quantity(link.cost_per_km.as_ref(), Range::NotNegative);
        check.quantity(link.emissions.as_ref(), Range::NotNegative);
        let key = format!("link.{id}");
        match (&link.time, &link.speed, &link.distance) {
            (None, None, _) => check.fault(
                "missing-key",
                &key,
                "says nothing about how long it takes",
                "add `time`, or `distance` and `speed`",
            ),
            (Some(_), Some(_), _) => {
                check.fault(
                    "contradiction",
                    &key,
                    "states both a time and a speed",
                    "keep one of the two",
                );
            }
            (None, Some(_), None) => check.fault("missing-key", &key, "has a speed but no distance", "add `distance`"),
            _ => {}
        }
        if link.cost_per_km.is_some() && link.distance.is_none() {
            check.fault(
                "missing-key",
                &key,
                "charges by the kilometre but has no distance",
                "add `distance`",
            );
        }
    }
}

fn services(check: &mut Check<'_>) {
    for (id, service) in &check.scenario.services {
        let key = |rest: &str| format!("service.{id}.{rest}");
        check.duration(service.time.as_ref());
        check.duration(service.delay.as_ref());
        check.quantity(service.capacity.as_ref(), Range::Positive);
        check.quantity(service.payload.as_ref(), Range::Positive);
        if let Some(draught) = &service.draught {
            check.quantity(Some(&draught.light), Range::Positive);
            check.quantity(draught.clearance.as_ref(), Range::NotNegative);
            if draught.laden.expected() <= draught.light.expected() {
                check.fault(
                    "impossible-value",
                    &key("draught.laden"),
                    "is no deeper with cargo than without",
                    "give the draught with all of the payload",
                );
            }
            if service.payload.is_none() {
                check.fault(
                    "missing-key",
                    &key("draught"),
                    "limits a payload that is not stated",
                    "give `payload`, the mass that a fully laden vessel carries",
                );
            }
        }
        check.quantity(service.reefer_slots.as_ref(), Range::NotNegative);
        check.quantity(service.cut_off.as_ref(), Range::NotNegative);
        check.quantity(service.cancellation.as_ref(), Range::Share);
        for (name, other) in &service.background {
            check.duration(Some(&other.load));
            check.quantity(other.density.as_ref(), Range::NotNegative);
            check.priority(&key(&format!("background.{name}.priority")), other.priority);
        }
        check.quantity(service.cost.as_ref(), Range::NotNegative);
        for constant in service.choice_constant.values() {
            check.currency(&constant.key, constant.currency);
        }
        check.quantity(service.emissions.as_ref(), Range::NotNegative);
        match &service.departures {
            Departures::Every(interval) => {
                check.quantity(Some(&interval.interval), Range::Positive);
                check.quantity(interval.first.as_ref(), Range::NotNegative);
            }
            Departures::PerWeek(number) if number.changes.is_empty() => check.quantity(Some(number), Range::Positive),
            Departures::PerWeek(number) => check.quantity(Some(number), Range::NotNegative),
            Departures::Headway(headway) => check.gap(headway),
            Departures::Shuttle(shuttle) => {
                check.duration(shuttle.turnaround.as_ref());
                if shuttle.vehicles == Some(0) {
                    check.fault(
                        "impossible-value",
                        &key("departures.shuttle.vehicles"),
                        "is zero",
                        "write 1 or more",
                    );
                }
            }
            Departures::Weekly(times) | Departures::Dated(times) => {
                if times.is_empty() {
                    check.fault(
                        "impossible-value",
                        &key("departures"),
                        "names no departures",
                        "name at least one",
                    );
                }
            }
        }
        if matches!(service.departures, Departures::Shuttle(_)) {
            let timetabled = [
                ("cancellation", service.cancellation.is_some()),
                ("delay", service.delay.is_some()),
            ];
            for (name, _) in timetabled.iter().filter(|(_, stated)| *stated) {
                check.fault(
                    "contradiction",
                    &key(name),
                    "has no meaning for a shuttle, which departs when it is loaded",
                    "leave it out, or give the service a timetable",
                );
            }
        }
        for limit in &service.wait_within {
            check.quantity(Some(limit), Range::NotNegative);
        }
        too_many(check, &key("wait_within"), service.wait_within.len());
        if let Some(minimum) = &service.minimum_load {
            check.quantity(minimum.space.as_ref(), Range::NotNegative);
            check.quantity(minimum.mass.as_ref(), Range::NotNegative);
            check.quantity(minimum.longest_wait.as_ref(), Range::NotNegative);
            let stated = minimum.space.is_some() || minimum.mass.is_some() || minimum.lots.is_some();
            if minimum.overfull && stated {
                check.fault(
                    "contradiction",
                    &key("minimum_load.overfull"),
                    "stands beside a stated load",
                    "leave out `overfull`, or else `space`, `mass` and `lots`",
                );
            }
            if minimum.overfull && service.capacity.is_none() && service.payload.is_none() {
                check.fault(
                    "contradiction",
                    &key("minimum_load.overfull"),
                    "can never be, because the service has room without end",
                    "add `capacity` or `payload`",
                );
            }
            let space = minimum.space.as_ref().zip(service.capacity.as_ref());
            if space.is_some_and(|(least, most)| least.expected() > most.expected()) {
                check.fault(
                    "contradiction",
                    &key("minimum_load.space"),
                    "asks for more than the service can carry, so that it never departs",
                    "lower it, or raise `capacity`",
                );
            }
            let mass = minimum.mass.as_ref().zip(service.payload.as_ref());
            if mass.is_some_and(|(least, most)| least.expected() > most.expected()) {
                check.fault(
                    "contradiction",
                    &key("minimum_load.mass"),
                    "asks for more than the service can carry, so that it never departs",
                    "lower it, or raise `payload`",
                );
            }
            if !stated && !minimum.overfull {
                check.fault(
                    "missing-key",
                    &key("minimum_load"),
                    "says nothing",
                    "give `space`, `mass`, `lots` or `overfull`",
                );
            }
        }
        for details in service.at.values() {
            check.duration(details.dwell.as_ref());
        }
        for leg in service.to.values() {
            check.duration(leg.time.as_ref());
            check.quantity(leg.cost.as_ref(), Range::NotNegative);
            check.quantity(leg.distance.as_ref(), Range::Positive);
            check.quantity(leg.emissions.as_ref(), Range::NotNegative);
        }
    }
}

fn facilities(check: &mut Check<'_>) {
    for (id, facility) in &check.scenario.facilities {
        let key = |rest: &str| format!("facility.{id}.{rest}");
        check.duration(facility.time.as_ref());
        check.duration(facility.release.as_ref());
        check.duration(facility.set_up.as_ref());
        if let Some(vacation) = &facility.vacation {
            check.gap(&vacation.lasts);
        }
        if let Some(breakdown) = &facility.breakdown {
            check.gap(&breakdown.after);
            check.duration(Some(&breakdown.lasts));
        }
        if let Some(inspection) = &facility.inspection {
            check.quantity(Some(&inspection.probability), Range::Share);
            check.duration(Some(&inspection.time));
        }
        for (lane, terms) in &facility.lane {
            check.duration(terms.time.as_ref());
            check.quantity(terms.time_factor.as_ref(), Range::NotNegative);
            check.quantity(terms.inspection_probability.as_ref(), Range::Share);
            check.priority(&key(&format!("lane.{lane}.priority")), terms.priority);
        }
        if let Some(Batch { at_least, at_most }) = &facility.batch
            && (*at_least == 0 || at_least > at_most)
        {
            check.fault(
                "impossible-value",
                &key("batch"),
                format!("takes at least {at_least} and at most {at_most} together"),
                "`at_least` is 1 or more and not above `at_most`",
            );
        }
        if let Some(slots) = &facility.slots {
            check.quantity(Some(&slots.every), Range::Positive);
            check.quantity(slots.first.as_ref(), Range::NotNegative);
        }
        if facility.start_when == Some(0) {
            check.fault("impossible-value", &key("start_when"), "is zero", "write 1 or more");
        }
        check.quantity(facility.space.as_ref(), Range::Positive);
        check.quantity(facility.cost.as_ref(), Range::NotNegative);
        check.quantity(facility.cost_per_consignment.as_ref(), Range::NotNegative);
        check.quantity(facility.cost_per_day.as_ref(), Range::NotNegative);
        check.quantity(facility.emissions.as_ref(), Range::NotNegative);
        for probability in facility.then.values() {
            check.quantity(Some(probability), Range::Share);
        }
        let total: f64 = facility.then.values().map(Quantity::expected).sum();
        if total > 1.0 + 1e-9 {
            let message = format!("the probabilities of going on to other facilities add up to {total:.3}");
            check.fault(
                "impossible-value",
                &key("then"),
                message,
                "they must not exceed 1; the rest goes on along its route",
            );
        }
        for limit in &facility.wait_within {
            check.quantity(Some(limit), Range::NotNegative);
        }
        too_many(check, &key("wait_within"), facility.wait_within.len());
    }
}

/// Records keep a fixed number of counts.
fn too_many(check: &mut Check<'_>, key: &str, count: usize) {
    const MOST: usize = 6;
    if count > MOST {
        check.fault(
            "impossible-value",
            key,
            format!("lists {count} times"),
            format!("at most {MOST} can be counted"),
        );
    }
}

fn flows(check: &mut Check<'_>) {
    for (id, flow) in &check.scenario.flows {
        let key = |rest: &str| format!("flow.{id}.{rest}");
        check.quantity(flow.volume.as_ref(), Range::NotNegative);
        check.quantity(flow.promise.as_ref(), Range::Positive);
        check.quantity(flow.choice_scale.as_ref(), Range::NotNegative);
        for limit in &flow.within {
            check.quantity(Some(limit), Range::NotNegative);
        }
        too_many(
            check,
            &key("within"),
            flow.within.len() + usize::from(flow.promise.is_some()),
        );
        if flow.batch.as_ref().is_some_and(|batch| batch.0.mean() <= 0.0) {
            check.fault(
                "impossible-value",
                &key("batch"),
                "is zero, so that nothing ever comes",
                "write 1 or more",
            );
        }
        check.duration(flow.size.as_ref());
        check.quantity(flow.lcl_share.as_ref(), Range::Share);
        check.duration(flow.lcl_size.as_ref());
        check.duration(flow.lcl_mass.as_ref());
        check.priority(&key("priority"), flow.priority);
        match &flow.arrivals {
            Some(Arrivals::Poisson(rate)) => check.quantity(Some(rate), Range::NotNegative),
            Some(Arrivals::Renewal(renewal)) => {
                check.gap(&renewal.gap);
            }
            Some(Arrivals::Timetable(interval)) => {
                check.quantity(Some(&interval.interval), Range::Positive);
                check.quantity(interval.first.as_ref(), Range::NotNegative);
            }
            Some(Arrivals::Listed(times)) => {
                for time in times {
                    check.quantity(Some(time), Range::NotNegative);
                }
                if times.is_empty() {
                    check.fault(
                        "impossible-value",
                        &key("arrivals.listed"),
                        "names no arrivals",
                        "name at least one time, such as \"3 h\"",
                    );
                }
            }
            Some(Arrivals::Population(0)) => {
                check.fault(
                    "impossible-value",
                    &key("arrivals.population"),
                    "is zero",
                    "write 1 or more",
                );
            }
            _ => {}
        }
        if let Some(size) = &flow.size
            && size.expected_family().mean() <= 0.0
        {
            check.fault(
                "impossible-value",
                &key("size"),
                "is always zero",
                "write more than zero",
            );
        }
    }
}

fn consolidations(check: &mut Check<'_>) {
    for (id, stated) in &check.scenario.consolidations {
        check.quantity(stated.container.as_ref(), Range::Positive);
        check.quantity(stated.capacity.as_ref(), Range::Positive);
        check.quantity(stated.payload.as_ref(), Range::Positive);
        check.quantity(stated.price.as_ref(), Range::NotNegative);
        check.priority(&format!("consolidation.{id}.priority"), stated.priority);
        if let Some(dispatch) = &stated.dispatch {
            check.quantity(dispatch.space.as_ref(), Range::Positive);
            check.quantity(dispatch.mass.as_ref(), Range::Positive);
            check.quantity(dispatch.longest_wait.as_ref(), Range::NotNegative);
            if let Some(interval) = &dispatch.every {
                check.quantity(Some(&interval.interval), Range::Positive);
                check.quantity(interval.first.as_ref(), Range::NotNegative);
            }
        }
        for work in [&stated.stuffing, &stated.stripping].into_iter().flatten() {
            check.duration(work.time.as_ref());
            check.quantity(work.cost.as_ref(), Range::NotNegative);
            check.quantity(work.cost_per_box.as_ref(), Range::NotNegative);
        }
        for limit in &stated.wait_within {
            check.quantity(Some(limit), Range::NotNegative);
        }
        too_many(
            check,
            &format!("consolidation.{id}.wait_within"),
            stated.wait_within.len(),
        );
    }
}

fn others(check: &mut Check<'_>) {
    let scenario = check.scenario;
    for disruption in scenario.disruptions.values() {
        if let Some(after) = &disruption.after {
            check.gap(after);
        }
        if let Some(lasts) = &disruption.lasts {
            check.gap(lasts);
        }
        check.quantity(disruption.notice.as_ref(), Range::NotNegative);
        check.quantity(disruption.speed_factor.as_ref(), Range::Positive);
        check.quantity(disruption.capacity_factor.as_ref(), Range::NotNegative);
        check.quantity(disruption.cost_factor.as_ref(), Range::NotNegative);
        check.quantity(disruption.probability.as_ref(), Range::Share);
        for impact in disruption.impact.values() {
            check.duration(impact.lag.as_ref());
            check.quantity(impact.lasts_factor.as_ref(), Range::Positive);
            check.quantity(impact.speed_factor.as_ref(), Range::Positive);
            check.quantity(impact.capacity_factor.as_ref(), Range::NotNegative);
            check.quantity(impact.cost_factor.as_ref(), Range::NotNegative);
            check.quantity(impact.probability.as_ref(), Range::Share);
        }
    }
    for (id, season) in &scenario.seasons {
        let lists = [
            ("monthly", &season.monthly, 12),
            ("weekday", &season.weekday, 7),
            ("hourly", &season.hourly, 24),
        ];
        for (name, list, wanted) in lists {
            let Some(list) = list else { continue };
            let key = format!("season.{id}.{name}");
            if list.len() != wanted {
                check.fault(
                    "impossible-value",
                    &key,
                    format!("has {} entries, where {wanted} are wanted", list.len()),
                    format!("write {wanted} factors"),
                );
            }
            if list.iter().any(|factor| !factor.is_finite() || *factor < 0.0) {
                check.fault(
                    "impossible-value",
                    &key,
                    "has a factor that is negative or not a number",
                    "write zero or more",
                );
            }
        }
        for (month, factor) in &season.dated {
            if !factor.is_finite() || *factor < 0.0 {
                let key = format!("season.{id}.dated.{month}");
                check.fault(
                    "impossible-value",
                    &key,
                    "is negative or not a number",
                    "write zero or more",
                );
            }
        }
    }
}
