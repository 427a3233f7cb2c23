//! Series and distributions: months of a corridor, and the histogram of a group's transit times.

use crate::experiment::Aggregate;
use crate::indicator::Group;
use crate::model::Model;
use crate::model::plan::WindowEnd;
use crate::statistics::{ExactMoments, Interval, t_interval};
use crate::units::{HOURS_PER_DAY, MICROSECONDS_PER_HOUR, SimSpan, SimTime};

/// A whole month of a corridor.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Month {
    /// Year.
    pub year: i16,
    /// Month, from 1.
    pub month: i8,
    /// Whether it begins before the observation window does.
    pub in_warm_up: bool,
    /// TEU made ready.
    pub generated: Interval,
    /// TEU delivered.
    pub delivered: Interval,
    /// TEU under way at its end.
    pub backlog: Interval,
}

/// The whole months of corridor `number` that every replication saw.
pub fn months(model: &Model, aggregate: &Aggregate, number: usize) -> Vec<Month> {
    let (clock, confidence) = (&model.dates.clock, model.scenario.run.confidence);
    let series = aggregate.months.get(number).map(Vec::as_slice).unwrap_or_default();
    let seen = series
        .iter()
        .take_while(|month| month[0].count() == aggregate.replications)
        .count();
    let limit = SimSpan::from_hours(32.0 * HOURS_PER_DAY * (seen + 1) as f64);
    let ends = clock.months(SimTime::START + limit);
    let mut months = Vec::new();
    // A month is whole if the next one began while replications were watched: the last stretch of a series is not.
    for (number, (moments, end)) in series.iter().take(seen).zip(ends.iter().copied()).enumerate() {
        let begin = number.checked_sub(1).map_or(SimTime::START, |before| ends[before]);
        let date = clock.date(begin);
        let last = number + 1 == series.len();
        let ends_whole = !last || model.typical.window.end == WindowEnd::At(end);
        if date.day() == 1 && ends_whole {
            let interval = |moments: &ExactMoments| {
                t_interval(moments.mean(), moments.standard_error(), moments.count(), confidence)
            };
            months.push(Month {
                year: date.year(),
                month: date.month(),
                in_warm_up: begin < model.typical.window.begin,
                generated: interval(&moments[0]),
                delivered: interval(&moments[1]),
                backlog: interval(&moments[2]),
            });
        }
    }
    months
}

/// A distribution in bins of equal width.
#[derive(Clone, PartialEq, Debug)]
pub struct Histogram {
    /// Width of a bin, days.
    pub width: f64,
    /// Share in each bin, from zero.
    pub shares: Vec<f64>,
}

impl Histogram {
    /// The end of the first bin up to which at least `share` lies.
    pub fn reaches(&self, share: f64) -> f64 {
        let mut sum = 0.0;
        let within = self.shares.iter().take_while(|bin| {
            let before = sum;
            sum += **bin;
            before < share
        });
        within.count() as f64 * self.width
    }

    /// The share beyond a number of days, of whole bins.
    pub fn beyond(&self, days: f64) -> f64 {
        let first = (days / self.width).round() as usize;
        self.shares.iter().skip(first).sum()
    }
}

/// The transit times of `group` in bins of so many days; none where nothing was delivered.
pub fn transit_histogram(aggregate: &Aggregate, group: &Group, width: f64) -> Option<Histogram> {
    let day = MICROSECONDS_PER_HOUR * HOURS_PER_DAY;
    let mut shares: Vec<f64> = Vec::new();
    let mut total = 0.0;
    for (middle, count) in group.strands.iter().flat_map(|strand| aggregate.sketches.bins(*strand)) {
        // What lies in a bin of the sketch is spread evenly over it, lest the two kinds of bins beat.
        let spread = middle * crate::statistics::RELATIVE_ERROR / day;
        let (low, high) = (middle / day - spread, middle / day + spread);
        let (first, last) = ((low / width).floor() as usize, (high / width).floor() as usize);
        if shares.len() <= last {
            shares.resize(last + 1, 0.0);
        }
        for (bin, share) in shares.iter_mut().enumerate().take(last + 1).skip(first) {
            let (from, to) = (bin as f64 * width, (bin + 1) as f64 * width);
            let part = (high.min(to) - low.max(from)).max(0.0) / (high - low).max(f64::MIN_POSITIVE);
            *share += if first == last { 1.0 } else { part } * count as f64;
        }
        total += count as f64;
    }
    shares.iter_mut().for_each(|share| *share /= total);
    (total > 0.0).then_some(Histogram { width, shares })
}
