//! How long one waits for departures, also those of services that hardly ever depart, as do some that a measure has yet to
//! bring about.

use super::Appraisal;
use crate::calendar::{Clock, Recurrence, parse_date_time, parse_time_of_week};
use crate::network::Tables;
use crate::scenario::service::{Departures, Service};
use crate::scenario::{Inputs, Scenario};
use crate::units::{ServiceId, SimTime};
use std::collections::BTreeMap;

/// Hours laid out of a timetable to measure its mean wait: a year.
const SAMPLE_HOURS: f64 = 8_760.0;

/// Departures a week that stand for none at all.
const LEAST_PER_WEEK: f64 = 1e-5;

/// Hours beyond which a wait is one for something that does not run: a century.
pub const NEVER_HOURS: f64 = 876_000.0;

impl<'a> Appraisal<'a> {
    /// Whether a service does not run at these values.
    pub fn is_idle(&self, service: ServiceId) -> bool {
        self.waits[service.index()].0 >= NEVER_HOURS
    }

    /// The same with the lines that measures bring about as they are when all of these act in full; none where there are no
    /// such lines. Routes by them would not be found otherwise.
    pub fn with_lines_to_come(scenario: &'a Scenario, tables: &'a Tables, inputs: &'a Inputs<'a>) -> Option<Self> {
        let instruments = scenario.measures.values().flat_map(|measure| measure.instrument.keys());
        let full: BTreeMap<String, f64> = instruments.map(|number| (number.clone(), 1.0)).collect();
        let at_full = inputs.with_strengths(&full);
        let mut appraisal = Self::new(scenario, tables, inputs);
        let mut some = false;
        for (number, service) in scenario.services.values().enumerate() {
            if appraisal.is_idle(ServiceId::new(number)) {
                let wait = departure_wait(scenario, service, &at_full);
                some |= wait.0 < NEVER_HOURS;
                appraisal.waits[number] = wait;
            }
        }
        some.then_some(appraisal)
    }
}

/// Mean and variance of the time that a consignment ready at a random moment waits for a departure, cancellations
/// included, places unlimited.
pub(super) fn departure_wait(scenario: &Scenario, service: &Service, inputs: &Inputs<'_>) -> (f64, f64) {
    // For gaps H: mean E[H^2]/2E[H]; taken as uniform over the mean gap for the variance where only that is known.
    let regular = |gap: f64| (gap / 2.0, gap * gap / 12.0);
    let (mean, variance) = match &service.departures {
        Departures::Every(interval) => regular(inputs.value(&interval.interval)),
        Departures::PerWeek(number) => regular(168.0 / inputs.value(number).max(LEAST_PER_WEEK)),
        Departures::Headway(headway) => {
            let family = headway.family(inputs);
            let mean =
                (family.variance() + family.mean() * family.mean()) / (2.0 * family.mean().max(f64::MIN_POSITIVE));
            (mean, mean * mean / 3.0)
        }
        Departures::Shuttle(_) => (0.0, 0.0),
        Departures::Weekly(_) | Departures::Dated(_) => {
            let mean = written_times(scenario, service).map_or(0.0, |times| times.mean_wait().hours());
            (mean, mean * mean / 3.0)
        }
    };
    let cancelled = service
        .cancellation
        .as_ref()
        .map_or(0.0, |p| inputs.value(p))
        .clamp(0.0, 0.99);
    let factor = (1.0 + cancelled) / (1.0 - cancelled);
    (mean * factor, variance * factor * factor)
}

/// The written times of a weekly or dated timetable over a sample year.
fn written_times(scenario: &Scenario, service: &Service) -> Option<Recurrence> {
    match &service.departures {
        Departures::Weekly(times) => weekly_times(scenario, service.stops.first(), times),
        Departures::Dated(times) => {
            let clock = Clock::new(&scenario.run.start, &scenario.run.time_zone).ok()?;
            let zone = zone_at(scenario, service.stops.first(), &clock);
            let times: Vec<_> = times.iter().filter_map(|time| parse_date_time(time).ok()).collect();
            Some(Recurrence::dated(&clock, &zone, &times))
        }
        _ => None,
    }
}

/// Times of the week, local at a node, over a sample year.
pub(super) fn weekly_times(scenario: &Scenario, node: Option<&String>, times: &[String]) -> Option<Recurrence> {
    let clock = Clock::new(&scenario.run.start, &scenario.run.time_zone).ok()?;
    let zone = zone_at(scenario, node, &clock);
    let times: Vec<_> = times.iter().filter_map(|time| parse_time_of_week(time).ok()).collect();
    let end = SimTime::from_hours(SAMPLE_HOURS);
    Some(Recurrence::weekly(&clock, &zone, &times, end))
}

/// The time zone of a node, or that of the run.
fn zone_at(scenario: &Scenario, node: Option<&String>, clock: &Clock) -> jiff::tz::TimeZone {
    node.and_then(|node| scenario.nodes.get(node))
        .and_then(|node| node.time_zone.as_ref())
        .and_then(|zone| crate::calendar::parse_zone(zone).ok())
        .unwrap_or_else(|| clock.zone().clone())
}
