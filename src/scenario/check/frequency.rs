//! Reviews of frequencies: bounds in order, a load factor that can be told, a timetable to begin with.

use super::Check;
use super::numbers::Range;
use crate::scenario::frequency::FrequencyReview;
use crate::scenario::service::{Departures, Service};
use crate::units::HOURS_PER_DAY;

pub(super) fn check(check: &mut Check<'_>) {
    for (id, service) in &check.scenario.services {
        if let Some(review) = &service.review {
            one(check, id, service, review);
        }
    }
}

const HOURS_A_WEEK: f64 = 7.0 * HOURS_PER_DAY;

fn one(check: &mut Check<'_>, id: &str, service: &Service, review: &FrequencyReview) {
    let key = |rest: &str| format!("service.{id}.review{rest}");
    check.quantity(review.every.as_ref(), Range::Positive);
    check.quantity(review.floor.as_ref(), Range::NotNegative);
    check.quantity(Some(&review.ceiling), Range::Positive);
    for share in [&review.target, &review.add_above, &review.cut_below, &review.smoothing] {
        check.quantity(share.as_ref(), Range::Share);
    }
    for (name, share) in [(".target", &review.target), (".smoothing", &review.smoothing)] {
        if share.as_ref().is_some_and(|share| share.expected() <= 0.0) {
            check.fault(
                "impossible-value",
                &key(name),
                "is zero",
                "write more than zero, and 1 at the most",
            );
        }
    }
    let floor = review.floor.as_ref().map_or(1.0, |floor| floor.expected());
    if floor > review.ceiling.expected() {
        check.fault(
            "contradiction",
            &key(".ceiling"),
            format!("is below the floor of {floor}"),
            "raise it, or lower `floor`",
        );
    }
    if let (Some(above), Some(below)) = (&review.add_above, &review.cut_below)
        && above.expected() <= below.expected()
    {
        check.fault(
            "contradiction",
            &key(".cut_below"),
            "is not below `add_above`, so that one review would undo the other",
            "lower it, or raise `add_above`",
        );
    }
    if review.step == Some(0) {
        check.fault(
            "impossible-value",
            &key(".step"),
            "is zero",
            "write 1 or more, or leave it out",
        );
    }
    if service.capacity.is_none() && service.payload.is_none() {
        check.fault(
            "missing-key",
            &key(""),
            "has no load factor to go by, because the service has room without end",
            format!("add `service.{id}.capacity` or `payload`"),
        );
    }
    let timetabled = matches!(
        service.departures,
        Departures::Weekly(_) | Departures::Every(_) | Departures::PerWeek(_)
    );
    let gap = match &service.departures {
        Departures::Every(every) => every.interval.expected(),
        Departures::PerWeek(number) => HOURS_A_WEEK / number.expected(),
        Departures::Weekly(times) => HOURS_A_WEEK / times.len().max(1) as f64,
        _ => 0.0,
    };
    let every = review.every.as_ref().map_or(HOURS_A_WEEK, |every| every.expected());
    if every > 0.0 && every < gap {
        check.fault(
            "contradiction",
            &key(".every"),
            format!(
                "{every} h is shorter than the {gap:.1} h between departures, so that many intervals have none to add others to"
            ),
            format!("write at least \"{:.1} h\", or state more departures", (gap * 10.0).ceil() / 10.0),
        );
    }
    if !timetabled {
        check.fault(
            "contradiction",
            &key(""),
            "adds departures to a timetable and withdraws some, but the service has none that goes on",
            "state `departures` by `weekly`, `every` or `per_week`, or leave the review out",
        );
    }
}
