//! Frequencies that follow demand, month by month.

use crate::experiment::Aggregate;
use crate::model::Model;
use crate::statistics::ExactMoments;
use crate::units::SimTime;

/// The departures of a service in a month.
#[derive(Clone, PartialEq, Debug)]
pub struct Frequency {
    /// When the month begins, or the run.
    pub begin: SimTime,
    /// When it ends, or the observation does.
    pub end: SimTime,
    /// Departures from the first stop, over replications.
    pub departures: ExactMoments,
    /// Hours between departures as shippers experience them: the hours of the month over its mean number of departures.
    pub headway_hours: f64,
}

/// The months of service `number`; none where its frequency does not follow demand.
pub fn frequencies(model: &Model, aggregate: &Aggregate, number: usize) -> Vec<Frequency> {
    let months = aggregate.departures.get(number).map(Vec::as_slice).unwrap_or_default();
    let ends = model.dates.clock.months(model.dates.horizon);
    let mut begin = SimTime::START;
    let mut list = Vec::with_capacity(months.len());
    for (at, departures) in months.iter().enumerate() {
        let mut end = ends.get(at).copied().unwrap_or(model.dates.horizon);
        if let crate::model::plan::WindowEnd::At(last) = model.typical.window.end {
            end = end.min(last);
        }
        if end > begin {
            list.push(Frequency {
                begin,
                end,
                departures: *departures,
                headway_hours: (end - begin).hours() / departures.mean(),
            });
        }
        begin = begin.max(end);
    }
    list
}
