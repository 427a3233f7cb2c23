//! Opening hours on the simulation clock.

use super::{Clock, Recurrence, WEEK, minute_span, on_date, parse_time_of_day};
use crate::units::{SimSpan, SimTime};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Spans of a day during which something is open, since local midnight.
pub type DayHours = Vec<(SimSpan, SimSpan)>;

/// Reads `06:00-22:00`, `08:00-12:00, 14:00-18:00`, `always` or `closed`.
///
/// # Errors
/// When it is none of these.
pub fn parse_hours(text: &str) -> Result<DayHours, String> {
    let wrong =
        || format!("\"{text}\" are not opening hours; write \"08:00-12:00, 14:00-18:00\", \"always\" or \"closed\"");
    match text.trim() {
        "closed" => return Ok(Vec::new()),
        "always" => return Ok(vec![(SimSpan::ZERO, minute_span(24 * 60))]),
        _ => {}
    }
    let mut hours = DayHours::new();
    for part in text.split(',') {
        let (from, to) = part.split_once('-').ok_or_else(wrong)?;
        let from = parse_time_of_day(from).ok_or_else(wrong)?;
        let to = parse_time_of_day(to).ok_or_else(wrong)?;
        if to <= from || hours.last().is_some_and(|(_, end)| from < *end) {
            return Err(format!(
                "\"{text}\" runs backwards or overlaps; hours past midnight belong to the next day"
            ));
        }
        hours.push((from, to));
    }
    Ok(hours)
}

/// Weekly opening hours with exceptions on single dates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpeningHours {
    /// Hours by day of the week, Monday first.
    pub weekly: [DayHours; 7],
    /// Hours on single dates.
    pub dates: BTreeMap<Date, DayHours>,
}

impl OpeningHours {
    /// The hours on `date`.
    fn on(&self, date: Date) -> &DayHours {
        let day = date.weekday().to_monday_zero_offset() as usize;
        self.dates.get(&date).unwrap_or(&self.weekly[day])
    }

    /// Lays the hours out on the clock in the local time of `zone`: until `end`, or without end where every week is
    /// alike.
    pub fn switches(&self, clock: &Clock, zone: &TimeZone, end: SimTime) -> Switches {
        let periodic = self.dates.is_empty() && clock.is_uniform(zone);
        let first_date = clock.local(SimTime::START, zone).date();
        // A day early, so that what is open at the start is known.
        let mut date = first_date.checked_sub(Span::new().days(1)).unwrap_or(first_date);
        let stop = if periodic { SimTime::START + WEEK * 2 } else { end };
        let mut open: Vec<(SimTime, SimTime)> = Vec::new();
        loop {
            let midnight = clock.at(on_date(date, SimSpan::ZERO), zone);
            if midnight > stop {
                break;
            }
            for (from, to) in self.on(date) {
                let span = (clock.at(on_date(date, *from), zone), clock.at(on_date(date, *to), zone));
                match open.last_mut() {
                    Some(last) if last.1 >= span.0 => last.1 = last.1.max(span.1),
                    _ => open.push(span),
                }
            }
            let Ok(next) = date.checked_add(Span::new().days(1)) else {
                break;
            };
            date = next;
        }
        Switches::from_spans(&open, periodic.then_some(stop), stop)
    }
}

/// When something opens and closes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Switches {
    /// Whether it is open at the start of the clock.
    pub open_at_start: bool,
    /// When it changes, alternately.
    pub times: Recurrence,
    /// Share of the time that it is open, over the period or the stretch laid out.
    open_share_millionths: u32,
}

impl Switches {
    fn from_spans(open: &[(SimTime, SimTime)], periodic: Option<SimTime>, stop: SimTime) -> Self {
        let open_at_start = open
            .iter()
            .any(|(from, to)| *from <= SimTime::START && *to > SimTime::START);
        let in_window = |from: SimTime, to: SimTime| {
            open.iter()
                .map(|&(a, b)| (b.min(to) - a.max(from)).0.max(0))
                .sum::<i64>()
        };
        let (from, to) = if periodic.is_some() {
            (SimTime::START, SimTime::START + WEEK)
        } else {
            (SimTime::START, stop)
        };
        let share = in_window(from, to) as f64 / (to - from).0.max(1) as f64;
        let changes: Vec<SimTime> = open
            .iter()
            .flat_map(|(from, to)| [*from, *to])
            .filter(|time| *time > SimTime::START && *time <= stop)
            .collect();
        let times = match periodic {
            // Changes in one week after the start; they return every week. An instant that ends one span and begins
            // the next does not occur, since adjoining spans have been joined.
            Some(_) => {
                let week: Vec<SimTime> = changes
                    .into_iter()
                    .filter(|time| *time <= SimTime::START + WEEK)
                    .collect();
                let count = week.len();
                Recurrence::cyclic(week, count, WEEK)
            }
            None => Recurrence::cyclic(changes, 0, SimSpan::ZERO),
        };
        Self {
            open_at_start,
            times,
            open_share_millionths: (share * 1e6).round() as u32,
        }
    }

    /// Share of the time that it is open.
    pub fn open_share(&self) -> f64 {
        f64::from(self.open_share_millionths) / 1e6
    }

    /// Whether it never closes.
    pub fn always_open(&self) -> bool {
        self.open_at_start && self.times.nth(0).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{parse_date, parse_zone};

    fn switches(daily: &str, dates: &[(&str, &str)], zone: &str) -> Switches {
        let day = parse_hours(daily).unwrap();
        let hours = OpeningHours {
            weekly: std::array::from_fn(|_| day.clone()),
            dates: dates
                .iter()
                .map(|(d, h)| (parse_date(d).unwrap(), parse_hours(h).unwrap()))
                .collect(),
        };
        let clock = Clock::new("2024-01-01", "UTC").unwrap();
        hours.switches(&clock, &parse_zone(zone).unwrap(), SimTime::from_hours(24.0 * 5.0))
    }

    fn first(switches: &Switches, count: u64) -> Vec<f64> {
        (0..count)
            .filter_map(|n| switches.times.nth(n))
            .map(SimTime::hours)
            .collect()
    }

    #[test]
    fn daily_hours_repeat_without_end() {
        let hours = switches("06:00-22:00", &[], "UTC");
        assert!(!hours.open_at_start);
        assert_eq!(first(&hours, 4), [6.0, 22.0, 30.0, 46.0]);
        assert_eq!(
            hours.times.nth(2 * 7 * 100),
            Some(SimTime::from_hours(6.0 + 100.0 * 168.0))
        );
        assert!((hours.open_share() - 16.0 / 24.0).abs() < 1e-6);
    }

    #[test]
    fn hours_are_local() {
        // 06:00 in Shanghai is 22:00 UTC of the day before: at the start, 08:00 in Shanghai, it is open.
        let hours = switches("06:00-22:00", &[], "Asia/Shanghai");
        assert!(hours.open_at_start);
        assert_eq!(first(&hours, 3), [14.0, 22.0, 38.0]);
    }

    #[test]
    fn adjoining_days_do_not_switch_and_holidays_close() {
        assert!(switches("always", &[], "UTC").always_open());
        let hours = switches("always", &[("2024-01-03", "closed")], "UTC");
        assert_eq!(first(&hours, 9), [48.0, 72.0]);
    }

    #[test]
    fn wrong_hours_are_explained() {
        assert!(parse_hours("22:00-06:00").unwrap_err().contains("past midnight"));
        assert!(parse_hours("8 to 12").unwrap_err().contains("write"));
    }
}
