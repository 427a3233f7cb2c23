//! Calendars: dates, time zones, opening hours, timetables and seasons on the simulation clock.
//!
//! The clock of a run counts microseconds from midnight of its first date. What people write in local time (opening
//! hours, a Thursday evening train, a closed holiday) is laid out on that clock here, daylight saving included, before
//! any replication starts; inside a replication nothing knows of dates. Dates and zones come from jiff with its own
//! copy of the time zone database, so results do not depend on the machine's.

mod hours;
mod profile;
mod recurrence;

pub use hours::{OpeningHours, Switches, parse_hours};
pub use profile::{Profile, SeasonFactors};
pub use recurrence::Recurrence;

use crate::units::{SimSpan, SimTime};
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// The clock of a run.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Timestamp,
    zone: TimeZone,
}

impl Clock {
    /// The clock that starts at midnight of `date` in `zone`.
    ///
    /// # Errors
    /// When the date or the zone cannot be read; the message says which and how it should look.
    pub fn new(date: &str, zone: &str) -> Result<Self, String> {
        let zone = parse_zone(zone)?;
        let start = parse_date(date)?
            .to_zoned(zone.clone())
            .map_err(|error| error.to_string())?
            .timestamp();
        Ok(Self { start, zone })
    }

    /// The clock that starts with 2024 in UTC.
    pub fn utc() -> Self {
        Self {
            start: Timestamp::constant(1_704_067_200, 0),
            zone: TimeZone::UTC,
        }
    }

    /// The zone of the run.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// When the local time `at` of `zone` comes on this clock. Times that daylight saving skips count as the next
    /// valid one, repeated times as the first.
    pub fn at(&self, at: DateTime, zone: &TimeZone) -> SimTime {
        let timestamp = zone.to_ambiguous_timestamp(at).compatible().unwrap_or(self.start);
        SimTime(timestamp.as_microsecond() - self.start.as_microsecond())
    }

    /// The local date and time of `zone` at `time`.
    pub fn local(&self, time: SimTime, zone: &TimeZone) -> DateTime {
        let microsecond = self.start.as_microsecond() + time.0;
        Timestamp::from_microsecond(microsecond).map_or(DateTime::MAX, |timestamp| zone.to_datetime(timestamp))
    }

    /// The date of the run's zone at `time`.
    pub fn date(&self, time: SimTime) -> Date {
        self.local(time, &self.zone).date()
    }

    /// Whether `zone` keeps one offset from the start of this clock on, so that its weeks repeat exactly.
    pub fn is_uniform(&self, zone: &TimeZone) -> bool {
        zone.following(self.start).next().is_none()
    }

    /// The first instants of the months that begin after the start and before `end`, in the run's zone.
    pub fn months(&self, end: SimTime) -> Vec<SimTime> {
        let mut months = Vec::new();
        let mut month = self.date(SimTime::START).first_of_month();
        loop {
            let Ok(next) = month.checked_add(Span::new().months(1)) else {
                return months;
            };
            month = next;
            let time = self.at(month.to_datetime(Time::midnight()), &self.zone);
            if time >= end {
                return months;
            }
            months.push(time);
        }
    }
}

/// Reads an IANA time zone.
///
/// # Errors
/// When there is no such zone.
pub fn parse_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("\"{name}\" is not a time zone; write an IANA name like \"Asia/Shanghai\""))
}

/// Reads `2024-02-10`.
///
/// # Errors
/// When it is not a date.
pub fn parse_date(text: &str) -> Result<Date, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("\"{text}\" is not a date; write it like \"2024-02-10\""))
}

/// Reads `2024-02-10`, `2024-02-10 08:00` or `2024-02-10T08:00`; midnight where no time is given.
///
/// # Errors
/// When it is neither.
pub fn parse_date_time(text: &str) -> Result<DateTime, String> {
    let text = text.trim();
    if text.len() == "2024-02-10".len() {
        return parse_date(text).map(|date| date.to_datetime(Time::midnight()));
    }
    text.replacen(' ', "T", 1)
        .parse()
        .map_err(|_| format!("\"{text}\" is not a date and time; write it like \"2024-02-10 08:00\""))
}

/// Reads the English name of a weekday, or its first three letters.
pub fn parse_weekday(name: &str) -> Option<Weekday> {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let name = name.to_ascii_lowercase();
    let day = days
        .iter()
        .position(|day| *day == name || (name.len() == 3 && day.starts_with(&name)))?;
    Weekday::from_monday_zero_offset(day as i8).ok()
}

/// Reads a time of the week, `Mon 20:00`.
///
/// # Errors
/// When it is not one.
pub fn parse_time_of_week(text: &str) -> Result<(Weekday, SimSpan), String> {
    let wrong = || format!("\"{text}\" is not a time of the week; write it like \"Mon 20:00\"");
    let (day, time) = text.trim().split_once(' ').ok_or_else(wrong)?;
    let day = parse_weekday(day).ok_or_else(wrong)?;
    Ok((day, parse_time_of_day(time).ok_or_else(wrong)?))
}

/// Reads `20:00`, up to `24:00`, as the span since midnight.
fn parse_time_of_day(text: &str) -> Option<SimSpan> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let total = hours * 60 + minutes;
    ((0..=24 * 60).contains(&total) && (0..60).contains(&minutes) && hours >= 0).then(|| minute_span(total))
}

fn minute_span(minutes: i64) -> SimSpan {
    SimSpan(minutes * 60_000_000)
}

/// The local instant `since_midnight` after the beginning of `date`.
fn on_date(date: Date, since_midnight: SimSpan) -> DateTime {
    date.to_datetime(Time::midnight())
        .checked_add(Span::new().microseconds(since_midnight.0))
        .unwrap_or(DateTime::MAX)
}

/// A week.
const WEEK: SimSpan = SimSpan(7 * 24 * 3_600_000_000);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_starts_at_local_midnight() {
        let clock = Clock::new("2023-11-01", "Asia/Shanghai").unwrap();
        let warsaw = parse_zone("Europe/Warsaw").unwrap();
        assert_eq!(clock.local(SimTime::START, &warsaw).to_string(), "2023-10-31T17:00:00");
        assert_eq!(
            clock.at("2023-11-02T00:00".parse().unwrap(), clock.zone()).hours(),
            24.0
        );
        assert!(clock.is_uniform(clock.zone()) && !clock.is_uniform(&warsaw));
    }

    #[test]
    fn months_have_their_lengths() {
        let clock = Clock::new("2024-01-15", "UTC").unwrap();
        let months: Vec<f64> = clock
            .months(SimTime::from_hours(24.0 * 80.0))
            .iter()
            .map(|t| t.hours() / 24.0)
            .collect();
        assert_eq!(months, [17.0, 46.0, 77.0]);
    }

    #[test]
    fn texts_are_read_or_explained() {
        assert_eq!(
            parse_date_time("2024-02-10 08:30").unwrap().to_string(),
            "2024-02-10T08:30:00"
        );
        assert!(parse_date("10.2.2024").unwrap_err().contains("write it like"));
        assert_eq!(
            parse_time_of_week("thu 06:15").unwrap(),
            (Weekday::Thursday, SimSpan::from_hours(6.25))
        );
        assert!(parse_time_of_week("Noday 06:15").is_err());
        assert!(parse_time_of_week("Mon 25:00").is_err());
        assert!(parse_zone("Asia/Changsha").is_err());
    }
}
