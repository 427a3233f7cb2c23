//! How much of the observation window a place is closed, and since when if it still is at its end: a queue that grows before
//! closed doors is not one that is sent too much.

use crate::model::Model;
use crate::model::plan::{DisruptionTiming, Effect, ImpactPlan, Target, WindowEnd};
use crate::units::{SimSpan, SimTime};

/// When a place is closed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Closure {
    /// The share of the window.
    pub share: f64,
    /// Since when it is closed at the end of the window.
    pub since: Option<SimTime>,
}

/// Closed hours of a calendar shorter than this are nights, weekends and holidays.
const LONG: SimSpan = SimSpan(7 * 24 * 3_600_000_000);
/// A closure that lasts until the end of the window explains a queue if it takes this much of it,
const LASTING_SHARE: f64 = 0.01;
/// and those before it if they take this much.
const LARGE_SHARE: f64 = 0.1;

/// The closure of `target` that explains why a queue grows before it. `active_share` is the share of the window in which
/// the disruption with a number was in force.
pub(super) fn closure(model: &Model, target: Target, active_share: impl Fn(usize) -> f64) -> Option<Closure> {
    let plan = &model.typical;
    let WindowEnd::At(end) = plan.window.end else {
        return None;
    };
    let closing = |impact: &&ImpactPlan| matches!(impact.effect, Effect::Close { .. }) && impact.hits.contains(&target);
    let mut spans = out_of_hours(model, target, end);
    let mut open_share = 1.0;
    for impact in plan.impacts.iter().filter(closing) {
        match plan.disruptions[impact.disruption as usize].timing {
            DisruptionTiming::Dated(from, until) if impact.is_in_step() && impact.probability >= 1.0 => {
                spans.push((from, until));
            }
            _ => {
                let share = active_share(impact.disruption as usize) * impact.probability * impact.lasts_factor;
                open_share *= 1.0 - share.clamp(0.0, 1.0);
            }
        }
    }
    let (closed, since) = within(spans, plan.window.begin, end);
    let whole = (end - plan.window.begin).hours();
    let share = 1.0 - open_share * (1.0 - closed.hours() / whole);
    let least = if since.is_some() { LASTING_SHARE } else { LARGE_SHARE };
    (share >= least).then_some(Closure { share, since })
}

/// When a service does not run and when a facility keeps closed for long.
fn out_of_hours(model: &Model, target: Target, end: SimTime) -> Vec<(SimTime, SimTime)> {
    match target {
        Target::Way(_) => Vec::new(),
        Target::Service(service) => {
            let runs = &model.typical.services[service.index()].validity;
            vec![(SimTime::START, runs.start), (runs.end, SimTime::NEVER)]
        }
        Target::Facility(facility) => {
            let Some(calendar) = model.dates.calendar_of[facility.index()] else {
                return Vec::new();
            };
            let hours = &model.dates.calendars[calendar];
            let switches = (0..).map_while(|number| hours.times.nth(number));
            let switches = switches.take_while(|time| *time < end).chain([SimTime::NEVER]);
            let (mut open, mut last, mut closed) = (hours.open_at_start, SimTime::START, Vec::new());
            for time in switches {
                if !open && time - last >= LONG {
                    closed.push((last, time));
                }
                (open, last) = (!open, time);
            }
            closed
        }
    }
}

/// How much of the stretch from `begin` to `end` the spans cover together, and the beginning of what covers its end.
fn within(mut spans: Vec<(SimTime, SimTime)>, begin: SimTime, end: SimTime) -> (SimSpan, Option<SimTime>) {
    spans.sort_unstable();
    let mut joined: Vec<(SimTime, SimTime)> = Vec::new();
    for (from, until) in spans.into_iter().filter(|(from, until)| from < until) {
        match joined.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    let inside = |(from, until): &(SimTime, SimTime)| (*until.min(&end) - *from.max(&begin)).0.max(0);
    let covered = SimSpan(joined.iter().map(inside).sum());
    let last = joined.iter().find(|(from, until)| *from < end && *until >= end);
    (covered, last.map(|(from, _)| *from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_overlap_count_once() {
        let at = |day: f64| SimTime::from_hours(day * 24.0);
        let spans = vec![
            (at(8.0), at(20.0)),
            (at(2.0), at(4.0)),
            (at(7.0), at(9.0)),
            (at(5.0), at(5.0)),
        ];
        let (covered, since) = within(spans, at(3.0), at(10.0));
        assert_eq!((covered, since), (SimSpan::from_hours(4.0 * 24.0), Some(at(7.0))));
        assert_eq!(within(vec![(at(1.0), at(9.0))], at(3.0), at(10.0)).1, None);
    }
}
