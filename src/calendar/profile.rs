//! Seasons on the simulation clock: factors that change by month, weekday and hour.

use super::{Clock, on_date};
use crate::units::{SimSpan, SimTime};
use jiff::Span;
use std::collections::BTreeMap;

/// The factors of a season.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SeasonFactors {
    /// January to December.
    pub monthly: Option<[f64; 12]>,
    /// Single months, by year and month; before those of `monthly`.
    pub dated: BTreeMap<(i16, i8), f64>,
    /// Monday to Sunday.
    pub weekday: Option<[f64; 7]>,
    /// Hours of the day.
    pub hourly: Option<[f64; 24]>,
}

/// A factor that is constant from each of its steps to the next.
#[derive(Clone, PartialEq, Debug)]
pub struct Profile {
    /// Beginnings of the steps, the first at the start of the clock, with their factors.
    steps: Vec<(SimTime, f64)>,
    /// The integral of the factor up to each step, in hours.
    integral: Vec<f64>,
}

impl Profile {
    /// Always `factor`.
    pub fn constant(factor: f64) -> Self {
        Self {
            steps: vec![(SimTime::START, factor)],
            integral: vec![0.0],
        }
    }

    /// Lays a season out in the run's zone until `end`; the last factor holds after that.
    pub fn of_season(clock: &Clock, season: &SeasonFactors, end: SimTime) -> Self {
        let mut steps: Vec<(SimTime, f64)> = Vec::new();
        let mut date = clock.date(SimTime::START);
        loop {
            let midnight = clock.at(on_date(date, SimSpan::ZERO), clock.zone());
            if midnight > end && !steps.is_empty() {
                break;
            }
            let month = (date.month() - 1) as usize;
            let by_month = season
                .dated
                .get(&(date.year(), date.month()))
                .copied()
                .or_else(|| season.monthly.map(|factors| factors[month]))
                .unwrap_or(1.0);
            let day = date.weekday().to_monday_zero_offset() as usize;
            let by_day = by_month * season.weekday.map_or(1.0, |factors| factors[day]);
            for hour in 0..if season.hourly.is_some() { 24 } else { 1 } {
                let time = clock.at(on_date(date, SimSpan::from_hours(f64::from(hour))), clock.zone());
                let factor = by_day * season.hourly.map_or(1.0, |factors| factors[hour as usize]);
                if steps.last().is_none_or(|(_, last)| *last != factor) {
                    steps.push((time.max(SimTime::START), factor));
                }
            }
            let Ok(next) = date.checked_add(Span::new().days(1)) else {
                break;
            };
            date = next;
        }
        Self::from_steps(steps)
    }

    fn from_steps(steps: Vec<(SimTime, f64)>) -> Self {
        let mut integral = vec![0.0];
        for pair in steps.windows(2) {
            let last = integral.last().copied().unwrap_or(0.0);
            integral.push(last + (pair[1].0 - pair[0].0).hours() * pair[0].1);
        }
        Self { steps, integral }
    }

    /// Whether the factor is the same throughout `[from, to)`, and which.
    #[inline]
    pub fn uniform_over(&self, from: SimTime, to: SimTime) -> Option<f64> {
        let step = self.step(from);
        let next = self.steps.get(step + 1);
        next.is_none_or(|(time, _)| *time >= to).then(|| self.steps[step].1)
    }

    /// The factor at `time`.
    pub fn at(&self, time: SimTime) -> f64 {
        self.steps[self.step(time)].1
    }

    /// The largest factor anywhere.
    pub fn max(&self) -> f64 {
        self.steps.iter().map(|(_, factor)| *factor).fold(0.0, f64::max)
    }

    fn step(&self, time: SimTime) -> usize {
        if self.steps.len() == 1 {
            return 0;
        }
        self.steps
            .partition_point(|(start, _)| *start <= time)
            .saturating_sub(1)
    }

    /// The integral of the factor from the start of the clock to `time`, in hours.
    pub fn integral(&self, time: SimTime) -> f64 {
        let step = self.step(time);
        self.integral[step] + (time - self.steps[step].0).hours() * self.steps[step].1
    }

    /// The first time at which the integral reaches `hours`; [`SimTime::NEVER`] when it never does.
    pub fn inverse(&self, hours: f64) -> SimTime {
        let step = self.integral.partition_point(|sum| *sum <= hours).saturating_sub(1);
        for step in step..self.steps.len() {
            let (start, factor) = self.steps[step];
            let end = self.integral.get(step + 1).copied().unwrap_or(f64::INFINITY);
            if factor > 0.0 && hours <= end {
                return start + SimSpan::from_hours((hours - self.integral[step]).max(0.0) / factor);
            }
        }
        SimTime::NEVER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock::new("2024-01-01", "UTC").unwrap()
    }

    #[test]
    fn months_weekdays_and_hours_multiply() {
        let mut monthly = [1.0; 12];
        monthly[1] = 0.5;
        let season = SeasonFactors {
            monthly: Some(monthly),
            weekday: Some([1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]),
            hourly: Some(std::array::from_fn(
                |hour| if (8..20).contains(&hour) { 2.0 } else { 0.0 },
            )),
            dated: BTreeMap::from([((2024, 3), 3.0)]),
        };
        let profile = Profile::of_season(&clock(), &season, SimTime::from_hours(24.0 * 100.0));
        // Saturday 6 January; Monday 8 January at noon and at night; February; March by its own factor.
        let at = |day: f64, hour: f64| profile.at(SimTime::from_hours(24.0 * day + hour));
        assert_eq!(
            [
                at(5.0, 12.0),
                at(7.0, 12.0),
                at(7.0, 3.0),
                at(31.0, 12.0),
                at(60.0, 12.0)
            ],
            [0.0, 2.0, 0.0, 1.0, 6.0]
        );
    }

    #[test]
    fn the_inverse_undoes_the_integral() {
        let season = SeasonFactors {
            weekday: Some([1.0, 2.0, 0.0, 0.5, 1.0, 1.0, 1.5]),
            ..SeasonFactors::default()
        };
        let profile = Profile::of_season(&clock(), &season, SimTime::from_hours(24.0 * 30.0));
        for step in 0..500 {
            let time = SimTime::from_hours(f64::from(step) * 1.3);
            let back = profile.inverse(profile.integral(time));
            assert!((profile.integral(back) - profile.integral(time)).abs() < 1e-6, "{time}");
        }
        assert_eq!(Profile::constant(0.0).inverse(1.0), SimTime::NEVER);
    }
}
