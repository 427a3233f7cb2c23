//! What is expected of strands before anything is simulated: how much each carries as shippers choose.

use crate::model::Model;
use crate::scenario::demand::{Arrivals, Flow};
use crate::units::HOURS_PER_YEAR;

/// TEU a year expected on a strand, at the inputs' expected values.
pub fn teu_per_year(model: &Model, strand: usize) -> f64 {
    let number = model.typical.strands[strand].flow as usize;
    let flow = &model.typical.flows[number];
    let total: f64 = flow.tastes.iter().map(|(weight, _)| weight).sum();
    // Nobody sets out on a detour.
    let share = flow
        .tastes
        .get(strand - flow.strands.start as usize)
        .map_or(0.0, |taste| taste.0)
        / total;
    let stated = &model.scenario.flows[&model.network.tables.flows[number]];
    share * demand(stated)
}

/// TEU a year of a flow, without its season.
fn demand(flow: &Flow) -> f64 {
    if let Some(volume) = &flow.volume {
        return volume.expected() * HOURS_PER_YEAR;
    }
    let size = flow.size.as_ref().map_or(1.0, |size| size.expected_family().mean());
    let batch = flow.batch.as_ref().map_or(1.0, |batch| batch.0.mean());
    let per_hour = match &flow.arrivals {
        Some(Arrivals::Poisson(rate)) => rate.expected(),
        Some(Arrivals::Renewal(renewal)) => 1.0 / renewal.gap.expected_family().mean(),
        Some(Arrivals::Timetable(interval)) => 1.0 / interval.interval.expected(),
        Some(Arrivals::Population(_) | Arrivals::Listed(_)) | None => 0.0,
    };
    size * batch * per_hour * HOURS_PER_YEAR
}
