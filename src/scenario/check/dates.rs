//! Dates, hours and zones that must be readable.

use super::Check;
use super::extent::HOURS_PER_YEAR;
use crate::calendar::{Clock, parse_date, parse_date_time, parse_hours, parse_time_of_week, parse_zone};
use crate::scenario::Quantity;
use crate::scenario::operation::Impact;
use crate::scenario::service::{Departures, Service};
use crate::scenario::settings::{RunSettings, WarmUp};
use crate::units::SimTime;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

pub(super) fn check(check: &mut Check<'_>) {
    let scenario = check.scenario;
    let run = &scenario.run;
    let zone = read(check, "run.time_zone", parse_zone(&run.time_zone)).is_some();
    let start = read(check, "run.start", parse_date(&run.start)).filter(|_| zone);
    let clock = start.and_then(|_| read(check, "run.start", Clock::new(&run.start, &run.time_zone)));
    let span = clock.map(|clock| RunSpan::new(clock, run));
    for (id, node) in &scenario.nodes {
        if let Some(zone) = &node.time_zone {
            read(check, &format!("node.{id}.time_zone"), parse_zone(zone));
        }
    }
    for (id, calendar) in &scenario.calendars {
        if let Some(hours) = &calendar.daily {
            read(check, &format!("calendar.{id}.daily"), parse_hours(hours));
        }
        for (day, hours) in &calendar.weekly {
            let day = format!("{day:?}").to_lowercase();
            read(check, &format!("calendar.{id}.weekly.{day}"), parse_hours(hours));
        }
        for (date, hours) in &calendar.dates {
            let key = format!("calendar.{id}.dates.{date}");
            read(check, &key, parse_date(date));
            read(check, &key, parse_hours(hours));
        }
    }
    for (id, service) in &scenario.services {
        match &service.departures {
            Departures::Weekly(times) => {
                for time in times {
                    read(
                        check,
                        &format!("service.{id}.departures.weekly"),
                        parse_time_of_week(time),
                    );
                }
            }
            Departures::Dated(times) => {
                for time in times {
                    read(check, &format!("service.{id}.departures.dated"), parse_date_time(time));
                }
            }
            _ => {}
        }
        let from = service
            .from_date
            .as_ref()
            .and_then(|date| read(check, &format!("service.{id}.from_date"), parse_date(date)));
        let until = service
            .until_date
            .as_ref()
            .and_then(|date| read(check, &format!("service.{id}.until_date"), parse_date(date)));
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            backwards(check, &format!("service.{id}.until_date"));
        } else if let Some(span) = &span {
            never_departs(check, span, id, service, (from, until));
        }
    }
    for (id, disruption) in &scenario.disruptions {
        let key = |name: &str| format!("disruption.{id}.{name}");
        let from = disruption
            .from_date
            .as_ref()
            .and_then(|date| read(check, &key("from_date"), parse_date_time(date)));
        let until = disruption
            .until_date
            .as_ref()
            .and_then(|date| read(check, &key("until_date"), parse_date_time(date)));
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            backwards(check, &key("until_date"));
        } else if let Some(span) = &span {
            let at = |time: Option<DateTime>| time.map(|time| span.clock.at(time, span.clock.zone()));
            // A lagging or longer impact, and what shippers know in advance, reach beyond its dates.
            let reaches = |impact: &Impact| impact.lag.is_some() || impact.lasts_factor.is_some();
            let reaches_beyond = disruption.notice.is_some() || disruption.impact.values().any(reaches);
            if let Some((name, side)) = span.outside(at(from), at(until)).filter(|_| !reaches_beyond) {
                // One that a scenario has from the one it extends may well lie outside the time that it looks at.
                check.warning(
                    "outside-the-run",
                    &key(name),
                    format!("{side}, so that the disruption has no effect; {}", span.dates()),
                    format!("correct the date, or take it out: `scenario.remove = [\"disruption.{id}\"]`"),
                );
            }
        }
    }
    for (id, measure) in &scenario.measures {
        let whole = period(
            check,
            &format!("measure.{id}"),
            (&measure.from_date, &measure.until_date),
        );
        for (number, instrument) in &measure.instrument {
            let key = format!("measure.{id}.instrument.{number}");
            let own = period(check, &key, (&instrument.from_date, &instrument.until_date));
            let (from, until) = (own.0.or(whole.0), own.1.or(whole.1));
            if from.zip(until).is_some_and(|(from, until)| until < from) {
                backwards(check, &key);
            } else if let Some(span) = &span {
                let midnight = |date: Date| span.clock.at(date.to_datetime(Time::midnight()), span.clock.zone());
                let until = until.and_then(|date| date.tomorrow().ok()).map(midnight);
                if let Some((name, side)) = span.outside(from.map(midnight), until) {
                    let owner = if own.0.is_some() || own.1.is_some() { &key } else { id };
                    let place = if owner == id {
                        format!("measure.{id}")
                    } else {
                        key.clone()
                    };
                    check.fault(
                        "outside-the-run",
                        &format!("{place}.{name}"),
                        format!("{side}, so that instrument {number} never acts; {}", span.dates()),
                        "correct the date, or leave the measure out",
                    );
                }
            }
        }
    }
    for (id, season) in &scenario.seasons {
        for month in season.dated.keys() {
            let valid = month.split_once('-').is_some_and(|(year, number)| {
                year.len() == 4
                    && year.parse::<i16>().is_ok()
                    && number.parse::<i8>().is_ok_and(|number| (1..=12).contains(&number))
            });
            if !valid {
                let key = format!("season.{id}.dated.{month}");
                check.fault(
                    "invalid-value",
                    &key,
                    format!("\"{month}\" is not a month"),
                    "write it like \"2024-02\"",
                );
            }
        }
    }
}

/// The time that is simulated.
struct RunSpan {
    clock: Clock,
    /// Its end, cool-down and all, where the scenario tells.
    end: Option<SimTime>,
}

impl RunSpan {
    fn new(clock: Clock, run: &RunSettings) -> Self {
        let hours = |span: &Option<Quantity<_>>, otherwise: f64| span.as_ref().map_or(otherwise, Quantity::expected);
        let length = hours(&run.length, HOURS_PER_YEAR);
        let end = match &run.warm_up {
            WarmUp::Stated(warm_up) if run.consignments.is_none() => {
                Some(warm_up.expected() + length + hours(&run.cool_down, length))
            }
            _ => None,
        };
        Self {
            clock,
            end: end.map(SimTime::from_hours),
        }
    }

    /// Which of two dates, from `from_date` until `until_date`, shows that what lies between them is outside the run, and how.
    fn outside(&self, from: Option<SimTime>, until: Option<SimTime>) -> Option<(&'static str, &'static str)> {
        if until.is_some_and(|until| until <= SimTime::START) {
            Some(("until_date", "lies before the run begins"))
        } else if from.zip(self.end).is_some_and(|(from, end)| from >= end) {
            Some(("from_date", "lies behind the end of the run"))
        } else {
            None
        }
    }

    /// From when to when it lasts, in words.
    fn dates(&self) -> String {
        let start = self.clock.date(SimTime::START);
        match self.end {
            Some(end) => format!("the run lasts from {start} to {}", self.clock.date(end)),
            None => format!("the run begins on {start}"),
        }
    }
}

/// A service none of whose departures lies within the run and its own dates.
fn never_departs(
    check: &mut Check<'_>,
    span: &RunSpan,
    id: &str,
    service: &Service,
    (from, until): (Option<Date>, Option<Date>),
) {
    let midnight = |date: Date| span.clock.at(date.to_datetime(Time::midnight()), span.clock.zone());
    let from = from.map(midnight);
    let until = until.and_then(|date| date.tomorrow().ok()).map(midnight);
    let outside = |time: SimTime| {
        time < SimTime::START
            || span.end.is_some_and(|end| time >= end)
            || from.is_some_and(|from| time < from)
            || until.is_some_and(|until| time >= until)
    };
    let (key, message) = if let Some((name, side)) = span.outside(from, until) {
        (name, format!("{side}, so that the service never departs"))
    } else if dated_departures(check, &span.clock, service).is_some_and(|times| times.into_iter().all(outside)) {
        (
            "departures",
            "lie outside the run or the service's own dates, so that it never departs".to_owned(),
        )
    } else {
        return;
    };
    check.fault(
        "outside-the-run",
        &format!("service.{id}.{key}"),
        format!("{message}; {}", span.dates()),
        format!("correct the dates, or take the service out: `scenario.remove = [\"service.{id}\"]`"),
    );
}

/// All departures of a service that names their dates.
fn dated_departures(check: &Check<'_>, clock: &Clock, service: &Service) -> Option<Vec<SimTime>> {
    let Departures::Dated(times) = &service.departures else {
        return None;
    };
    let node = service.stops.first().and_then(|node| check.scenario.nodes.get(node));
    let zone = node.and_then(|node| parse_zone(node.time_zone.as_ref()?).ok());
    let zone: &TimeZone = zone.as_ref().unwrap_or(clock.zone());
    // Where one cannot be read, that has been said; whether there is another in time cannot be told.
    let times: Option<Vec<SimTime>> = times
        .iter()
        .map(|time| Some(clock.at(parse_date_time(time).ok()?, zone)))
        .collect();
    times.filter(|times| !times.is_empty())
}

/// The first and the last date of what stands at `key`.
fn period(
    check: &mut Check<'_>,
    key: &str,
    (from, until): (&Option<String>, &Option<String>),
) -> (Option<Date>, Option<Date>) {
    let mut date = |name: &str, text: &Option<String>| {
        let text = text.as_ref()?;
        read(check, &format!("{key}.{name}"), parse_date(text))
    };
    (date("from_date", from), date("until_date", until))
}

/// What was read, or a fault with the reader's message, which says how it should look.
fn read<T>(check: &mut Check<'_>, key: &str, result: Result<T, String>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(message) => {
            let (message, remedy) = message.split_once("; ").unwrap_or((&message, ""));
            check.fault("invalid-value", key, message, remedy);
            None
        }
    }
}

fn backwards(check: &mut Check<'_>, key: &str) {
    check.fault(
        "impossible-value",
        key,
        "ends before it begins",
        "put the dates in order",
    );
}
