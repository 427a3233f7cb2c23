//! What is expected of strands before anything is simulated: how much each carries as shippers choose.

use crate::model::Model;
use crate::network::DEFAULT_DENSITY;
use crate::scenario::Inputs;
use crate::scenario::demand::{Arrivals, Flow};
use crate::units::HOURS_PER_YEAR;

/// TEU a year expected on a strand, at the inputs' expected values.
pub fn teu_per_year(model: &Model, strand: usize) -> f64 {
    let number = model.typical.strands[strand].flow as usize;
    let flow = &model.typical.flows[number];
    // Nobody sets out on a detour.
    let share = flow.choice.shares.get(strand - flow.strands.start as usize);
    share.copied().unwrap_or(0.0) * demand_per_year(model, number)
}

/// TEU a year of the flow with a number, at the inputs' expected values; zero where it has no rate.
pub fn demand_per_year(model: &Model, flow: usize) -> f64 {
    demand(&model.scenario.flows[&model.network.tables.flows[flow]], model)
}

/// TEU a year of a flow, without its season.
fn demand(flow: &Flow, model: &Model) -> f64 {
    if let Some(volume) = &flow.volume {
        return volume.expected() * HOURS_PER_YEAR;
    }
    let size = flow.size.as_ref().map_or(1.0, |size| size.expected_family().mean());
    let goods = flow
        .commodity
        .as_ref()
        .and_then(|name| model.scenario.commodities.get(name));
    let density = goods.and_then(|goods| goods.density.as_ref());
    let lcl = flow.lcl(density.map_or(DEFAULT_DENSITY, |it| it.expected()), &Inputs::expected());
    let size = lcl.map_or(size, |lcl| {
        lcl.probability * lcl.size.mean() + (1.0 - lcl.probability) * size
    });
    let batch = flow.batch.as_ref().map_or(1.0, |batch| batch.0.mean());
    let per_hour = match &flow.arrivals {
        Some(Arrivals::Poisson(rate)) => rate.expected(),
        Some(Arrivals::Renewal(renewal)) => 1.0 / renewal.gap.expected_family().mean(),
        Some(Arrivals::Timetable(interval)) => 1.0 / interval.interval.expected(),
        Some(Arrivals::Population(_) | Arrivals::Listed(_)) | None => 0.0,
    };
    size * batch * per_hour * HOURS_PER_YEAR
}
