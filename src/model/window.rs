//! The observation window and the horizon to which timetables are laid out.

use super::plan::{Window, WindowEnd};
use crate::scenario::demand::{Arrivals, Flow};
use crate::scenario::settings::WarmUp;
use crate::scenario::{Inputs, Scenario};
use crate::units::{SimSpan, SimTime};

/// How long consignments are followed when the window is given by their number: ten years, so that a system that never
/// clears still ends.
const FOLLOW_HOURS: f64 = 10.0 * 8_760.0;

/// Never lay timetables out further than this: sixty years.
const FARTHEST_HOURS: f64 = 60.0 * 8_760.0;

/// The window that the scenario states, with `warm_up` in place of an automatic one.
pub(super) fn window(scenario: &Scenario, warm_up: SimSpan) -> Window {
    let inputs = Inputs::expected();
    let run = &scenario.run;
    let begin = match &run.warm_up {
        WarmUp::Stated(span) => SimTime::from_hours(inputs.value(span)),
        WarmUp::Auto => SimTime::START + warm_up,
    };
    let stated_cool_down = run
        .cool_down
        .as_ref()
        .map(|span| SimSpan::from_hours(inputs.value(span)));
    let (end, cool_down, load_after) = match (&run.length, run.consignments) {
        (Some(length), _) => {
            let length = SimSpan::from_hours(inputs.value(length));
            (WindowEnd::At(begin + length), stated_cool_down.unwrap_or(length), true)
        }
        (None, Some(count)) => {
            let follow = SimSpan::from_hours(FOLLOW_HOURS);
            (
                WindowEnd::Consignments(count),
                stated_cool_down.unwrap_or(follow),
                false,
            )
        }
        (None, None) => {
            let year = SimSpan::from_hours(8_760.0);
            (WindowEnd::At(begin + year), stated_cool_down.unwrap_or(year), true)
        }
    };
    Window {
        begin,
        end,
        cool_down,
        load_after: run.load_during_cool_down.unwrap_or(load_after),
        census: run
            .census
            .iter()
            .map(|time| SimTime::from_hours(inputs.value(time)))
            .collect(),
    }
}

/// The time to which dated things are laid out: beyond the end of the run, estimated where the window is given by a
/// number of consignments.
pub(super) fn horizon(scenario: &Scenario, window: &Window) -> SimTime {
    let end = match window.end {
        WindowEnd::At(end) => end,
        WindowEnd::Consignments(count) => {
            let rate: f64 = scenario.flows.values().map(consignments_per_hour).sum();
            let hours = if rate > 0.0 {
                count as f64 / rate * 1.5 + 24.0 * 365.0
            } else {
                FARTHEST_HOURS
            };
            window.begin + SimSpan::from_hours(hours)
        }
    };
    (end + window.cool_down).min(SimTime::from_hours(FARTHEST_HOURS).max(end))
}

fn consignments_per_hour(flow: &Flow) -> f64 {
    let inputs = Inputs::expected();
    let batch = flow.batch.as_ref().map_or(1.0, |batch| batch.0.mean());
    if let Some(volume) = &flow.volume {
        let size = flow.size.as_ref().map_or(1.0, |size| size.expected_family().mean());
        return inputs.value(volume) / size.max(f64::MIN_POSITIVE);
    }
    match &flow.arrivals {
        Some(Arrivals::Poisson(rate)) => inputs.value(rate) * batch,
        Some(Arrivals::Renewal(renewal)) => batch / renewal.gap.expected_family().mean().max(f64::MIN_POSITIVE),
        Some(Arrivals::Timetable(interval)) => batch / inputs.value(&interval.interval).max(f64::MIN_POSITIVE),
        _ => 0.0,
    }
}
