//! What is expected of strands before anything is simulated: how much each carries as shippers choose.

use crate::model::Model;
use crate::model::plan::LclPlan;
use crate::network::DEFAULT_DENSITY;
use crate::scenario::Inputs;
use crate::scenario::demand::{Arrivals, Flow};
use crate::units::HOURS_PER_YEAR;

/// TEU a year expected on a strand, at the inputs' expected values.
pub fn teu_per_year(model: &Model, strand: usize) -> f64 {
    let number = model.typical.strands[strand].flow as usize;
    let share = share_of_flow(model, strand, |lcl| lcl.share_of_space);
    let stated = &model.scenario.flows[&model.network.tables.flows[number]];
    share * demand(stated, model)
}

/// The share of its flow that a strand is expected to have, `of_lots` being the share of less than container loads.
pub(super) fn share_of_flow(model: &Model, strand: usize, of_lots: fn(&LclPlan) -> f64) -> f64 {
    let flow = &model.typical.flows[model.typical.strands[strand].flow as usize];
    let place = strand - flow.strands.start as usize;
    let (part, whole) = match &flow.lcl {
        None => (flow.tastes.as_slice(), 1.0),
        Some(lcl) if place < lcl.from as usize => (&flow.tastes[..lcl.from as usize], 1.0 - of_lots(lcl)),
        Some(lcl) => (&flow.tastes[lcl.from as usize..], of_lots(lcl)),
    };
    let total: f64 = part.iter().map(|(weight, _)| weight).sum();
    whole * (flow.tastes[place].0 / total)
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
