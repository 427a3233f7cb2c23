//! Points in time that recur: departures, openings, slots.

use super::{Clock, WEEK, on_date};
use crate::units::{SimSpan, SimTime};
use jiff::Span;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;

/// A rising sequence of points in time: a list, then, where it is periodic, the last cycle of the list again and again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recurrence {
    list: Vec<SimTime>,
    /// The tail of the list that repeats, and its period.
    cycle: Option<(usize, SimSpan)>,
}

impl Recurrence {
    /// Exactly the points of `list`.
    pub fn listed(mut list: Vec<SimTime>) -> Self {
        list.sort_unstable();
        Self { list, cycle: None }
    }

    /// The points of `list`, of which the last `length` return every `period`; none return when `length` is zero.
    pub(super) fn cyclic(list: Vec<SimTime>, length: usize, period: SimSpan) -> Self {
        Self {
            list,
            cycle: (length > 0).then_some((length, period)),
        }
    }

    /// At `first` and every `interval` after it.
    pub fn every(first: SimTime, interval: SimSpan) -> Self {
        let cycle = (interval > SimSpan::ZERO).then_some((1, interval));
        Self {
            list: vec![first],
            cycle,
        }
    }

    /// At stated times of the week in `zone`, from the start of the clock; laid out until `end` where the zone's
    /// offset changes in the meantime, without end where it does not.
    pub fn weekly(clock: &Clock, zone: &TimeZone, times: &[(Weekday, SimSpan)], end: SimTime) -> Self {
        let monday = {
            let date = clock.local(SimTime::START, zone).date();
            let since = date.weekday().to_monday_zero_offset();
            date.checked_sub(Span::new().days(since)).unwrap_or(date)
        };
        let uniform = clock.is_uniform(zone);
        let mut list = Vec::new();
        for week in 0.. {
            let Ok(monday) = monday.checked_add(Span::new().weeks(week)) else {
                break;
            };
            // Where all weeks are alike the cycle is taken from the first two, however soon the end comes.
            if !uniform && clock.at(monday.to_datetime(jiff::civil::Time::midnight()), zone) > end {
                break;
            }
            for (day, time) in times {
                let offset = Span::new().days(day.to_monday_zero_offset());
                let date = monday.checked_add(offset).unwrap_or(monday);
                list.push(clock.at(on_date(date, *time), zone));
            }
            // One whole week is enough where all weeks are alike.
            if uniform && week >= 1 {
                break;
            }
        }
        list.sort_unstable();
        list.dedup();
        let mut distinct = times.to_vec();
        distinct.sort_by_key(|(day, time)| (day.to_monday_zero_offset(), *time));
        distinct.dedup();
        let cycle = (uniform && !distinct.is_empty()).then_some((distinct.len(), WEEK));
        list.retain(|time| *time >= SimTime::START);
        Self { list, cycle }
    }

    /// At stated local times of `zone`.
    pub fn dated(clock: &Clock, zone: &TimeZone, times: &[DateTime]) -> Self {
        let mut list: Vec<SimTime> = times.iter().map(|time| clock.at(*time, zone)).collect();
        list.sort_unstable();
        list.dedup();
        list.retain(|time| *time >= SimTime::START);
        Self { list, cycle: None }
    }

    /// The `n`-th point, counted from zero; `None` behind the last.
    #[inline]
    pub fn nth(&self, n: u64) -> Option<SimTime> {
        if let Some(time) = self.list.get(n as usize) {
            return Some(*time);
        }
        let (length, period) = self.cycle?;
        let beyond = n - self.list.len() as u64;
        let base = self
            .list
            .get(self.list.len() - length + (beyond % length as u64) as usize)?;
        Some(*base + period * (1 + (beyond / length as u64) as i64))
    }

    /// Number of the first point at or after `time`; `None` when there is none.
    pub fn first_from(&self, time: SimTime) -> Option<u64> {
        let within = self.list.partition_point(|point| *point < time);
        if within < self.list.len() {
            return Some(within as u64);
        }
        let (length, period) = self.cycle?;
        let last = *self.list.last()?;
        // Whole cycles that end before `time`, then the few points of one more.
        let cycles = ((time - last).0.max(1) - 1) / period.0;
        let start = self.list.len() as u64 + cycles as u64 * length as u64;
        (start..).find(|n| self.nth(*n).is_some_and(|point| point >= time))
    }

    /// Keeps the points in `[from, until)`.
    #[must_use]
    pub fn within(self, from: SimTime, until: SimTime) -> Self {
        if from <= SimTime::START && until >= SimTime::NEVER {
            return self;
        }
        let first = self.first_from(from).unwrap_or(u64::MAX);
        let points = (first..).map_while(|n| self.nth(n));
        if until >= SimTime::NEVER {
            // Two cycles suffice to describe what repeats.
            let keep = self.list.len() + self.cycle.map_or(0, |(length, _)| length);
            return Self {
                list: points.take(keep).collect(),
                cycle: self.cycle,
            };
        }
        Self {
            list: points.take_while(|time| *time < until).collect(),
            cycle: None,
        }
    }

    /// Mean of the time from a uniformly distributed moment to the next point, over the listed gaps (one cycle where it
    /// is periodic): the sum of squared gaps over twice their sum.
    pub fn mean_wait(&self) -> SimSpan {
        let (count, _) = self.cycle.unwrap_or((self.list.len().saturating_sub(1), SimSpan::ZERO));
        let first = self.list.len().saturating_sub(count) as u64;
        let first = if self.cycle.is_none() { 0 } else { first };
        let (mut squares, mut sum) = (0.0, 0.0);
        for n in first..first + count as u64 {
            if let (Some(a), Some(b)) = (self.nth(n), self.nth(n + 1)) {
                let gap = (b - a).hours();
                squares += gap * gap;
                sum += gap;
            }
        }
        if sum > 0.0 {
            SimSpan::from_hours(squares / (2.0 * sum))
        } else {
            SimSpan::ZERO
        }
    }

    /// Points per hour in the long run, or over the listed stretch where it is not periodic.
    pub fn rate_per_hour(&self) -> f64 {
        match (self.cycle, self.list.first(), self.list.last()) {
            (Some((length, period)), _, _) => length as f64 / period.hours(),
            (None, Some(first), Some(last)) if last > first => (self.list.len() - 1) as f64 / (*last - *first).hours(),
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{parse_time_of_week, parse_zone};

    fn hours(recurrence: &Recurrence, count: u64) -> Vec<f64> {
        (0..count)
            .filter_map(|n| recurrence.nth(n))
            .map(SimTime::hours)
            .collect()
    }

    fn weekly(start: &str, zone: &str, times: &[&str], end: f64) -> Recurrence {
        let clock = Clock::new(start, "UTC").unwrap();
        let times: Vec<_> = times.iter().map(|time| parse_time_of_week(time).unwrap()).collect();
        Recurrence::weekly(&clock, &parse_zone(zone).unwrap(), &times, SimTime::from_hours(end))
    }

    #[test]
    fn fixed_intervals() {
        let every = Recurrence::every(SimTime::from_hours(12.0), SimSpan::from_hours(48.0));
        assert_eq!(hours(&every, 3), [12.0, 60.0, 108.0]);
        assert_eq!(every.first_from(SimTime::from_hours(60.0)), Some(1));
        assert_eq!(every.first_from(SimTime::from_hours(60.1)), Some(2));
        assert_eq!(every.first_from(SimTime::from_hours(1e6)), Some(20_834));
        assert_eq!(every.mean_wait().hours(), 24.0);
    }

    #[test]
    fn weeks_repeat_where_the_offset_does_not_change() {
        // The first of January 2024 is a Monday.
        let times = weekly("2024-01-01", "Asia/Shanghai", &["Thu 20:00", "Mon 02:00"], 1e4);
        // Monday 02:00 in Changsha is Sunday 18:00 UTC: the first one inside the clock comes a week later.
        assert_eq!(hours(&times, 4), [84.0, 162.0, 252.0, 330.0]);
        assert!((times.mean_wait().hours() - (90.0_f64.powi(2) + 78.0_f64.powi(2)) / (2.0 * 168.0)).abs() < 1e-9);
        for n in 0..50 {
            assert_eq!(times.first_from(times.nth(n).unwrap()), Some(n));
        }
    }

    #[test]
    fn daylight_saving_moves_departures_by_an_hour() {
        // Summer time begins in Germany on 31 March 2024.
        let times = weekly("2024-03-25", "Europe/Berlin", &["Sat 12:00", "Sun 12:00"], 24.0 * 14.0);
        assert_eq!(hours(&times, 2), [5.0 * 24.0 + 11.0, 6.0 * 24.0 + 10.0]);
    }

    #[test]
    fn a_stretch_of_a_periodic_sequence() {
        let every = Recurrence::every(SimTime::from_hours(10.0), SimSpan::from_hours(10.0));
        let some = every
            .clone()
            .within(SimTime::from_hours(25.0), SimTime::from_hours(50.0));
        assert_eq!(hours(&some, 9), [30.0, 40.0]);
        let later = every.within(SimTime::from_hours(25.0), SimTime::NEVER);
        assert_eq!(hours(&later, 4), [30.0, 40.0, 50.0, 60.0]);
    }
}
