//! Dates, hours and zones that must be readable.

use super::Check;
use crate::calendar::{Clock, parse_date, parse_date_time, parse_hours, parse_time_of_week, parse_zone};
use crate::scenario::service::Departures;

pub(super) fn check(check: &mut Check<'_>) {
    let scenario = check.scenario;
    let run = &scenario.run;
    let zone = read(check, "run.time_zone", parse_zone(&run.time_zone)).is_some();
    if read(check, "run.start", parse_date(&run.start)).is_some() && zone {
        read(check, "run.start", Clock::new(&run.start, &run.time_zone));
    }
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
