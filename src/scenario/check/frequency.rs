//! Reviews of frequencies: bounds in order, a load factor that can be told, a timetable to begin with.

use super::Check;
use super::numbers::Range;
use crate::scenario::frequency::FrequencyReview;
use crate::scenario::service::{Departures, Service};

pub(super) fn check(check: &mut Check<'_>) {
    for (id, service) in &check.scenario.services {
        if let Some(review) = &service.review {
            one(check, id, service, review);
        }
    }
}

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
    if !timetabled {
        check.fault(
            "contradiction",
            &key(""),
            "adds departures to a timetable and withdraws some, but the service has none that goes on",
            "state `departures` by `weekly`, `every` or `per_week`, or leave the review out",
        );
    }
}
