//! Demand: flows, their strands and the choice among these.

use super::Compiler;
use super::facilities::class_of;
use crate::model::plan::{ArrivalPlan, Cells, FlowPlan, LclPlan, StrandPlan};
use crate::network::{Appraisal, Attributes, Cargo, RouteStep, path_sizes, probabilities};
use crate::random::{CountFamily, Family, Purpose, Sampler, Stream};
use crate::scenario::consolidation::LclPart;
use crate::scenario::demand::{Arrivals, Flow};
use crate::scenario::dimension::{Space, Time};
use crate::scenario::{Distribution, Quantity};

use crate::units::{RouteId, SimSpan, SimTime};
use std::collections::BTreeMap;

impl<S: FnMut(&Family) -> Sampler> Compiler<'_, S> {
    pub(super) fn demand(&mut self, classes: &[u8]) -> (Vec<FlowPlan>, Vec<StrandPlan>, Cells) {
        let (scenario, network, layout) = (self.scenario, self.network, self.layout);
        let appraisal = Appraisal::new(scenario, &network.tables, self.inputs);
        let mut flows = Vec::new();
        let mut strands: Vec<StrandPlan> = Vec::new();
        let mut cells = Cells::default();
        for (number, (id, flow)) in scenario.flows.iter().enumerate() {
            let routes = &network.choice_sets[number];
            let first = strands.len() as u32;
            let of_flow = Cargo::of(scenario, id, flow, self.inputs);
            let lcl = flow.lcl(of_flow.density, self.inputs);
            let whole_loads = network.whole_loads[number];
            let of_lots = Cargo {
                size: lcl.as_ref().map_or(of_flow.size, |part| part.size.mean()),
                ..of_flow
            };
            for (place, route) in routes.iter().enumerate() {
                let cargo = if place < whole_loads { of_flow } else { of_lots };
                let whole = appraisal.whole(&network.routes[route.index()].steps, cargo);
                let laid = &layout.routes[route.index()];
                let corridor = network.corridor_of[route.index()];
                strands.push(StrandPlan {
                    flow: number as u32,
                    route: route.index() as u32,
                    attributes: whole,
                    generalised_cost: appraisal.generalised_cost(whole, cargo),
                    first_step: laid.first_step as u32,
                    first_cell: cells.total as u32,
                    cells: laid.cells.len() as u32,
                    corridor: corridor.map_or(network.tables.corridors.len(), |corridor| corridor.index()) as u32,
                });
                cells.total += laid.cells.len();
                cells.longest = cells.longest.max(laid.cells.len());
            }
            let (full, lots) = strands[first as usize..].split_at(whole_loads);
            let mut tastes = self.tastes(full, &routes[..whole_loads], &appraisal, of_flow);
            let mut by_weight = ranking(&tastes);
            if lcl.is_some() {
                let of_lots = self.tastes(lots, &routes[whole_loads..], &appraisal, of_lots);
                let places = ranking(&of_lots);
                by_weight.extend(places.iter().map(|place| place + whole_loads as u32));
                tastes.extend(of_lots);
            }
            let size = flow
                .size
                .as_ref()
                .map_or(Family::Constant(1.0), |size: &Distribution<Space>| {
                    size.family(self.inputs)
                });
            let batch = flow
                .batch
                .as_ref()
                .map_or(CountFamily::Constant(1), |batch| batch.0.clone());
            flows.push(FlowPlan {
                stream: Stream::of(&format!("flow.{id}")),
                arrivals: self.arrivals(flow, mean_size(&size, lcl.as_ref()) * batch.mean()),
                lcl: lcl.map(|part| LclPlan {
                    probability: part.probability,
                    share_of_space: part.share_of_space,
                    size: (self.sampler)(&part.size),
                    from: whole_loads as u32,
                }),
                batch,
                size: (self.sampler)(&size),
                kilograms_per_teu: of_flow.density * 1000.0,
                class: class_of(classes, self.priority(flow)).unwrap_or(0),
                refrigerated: of_flow.commodity.is_some_and(|goods| goods.refrigerated),
                strands: first..strands.len() as u32,
                by_weight,
                tastes,
                within: self.within(flow),
                shelf_life: of_flow
                    .commodity
                    .and_then(|goods| goods.shelf_life.as_ref())
                    .map(|life| SimSpan::from_hours(self.inputs.value(life))),
            });
        }
        (flows, strands, cells)
    }

    /// For each strand of a flow, the probability that it is chosen and the address of the tastes for it.
    fn tastes(
        &self,
        strands: &[StrandPlan],
        routes: &[RouteId],
        appraisal: &Appraisal<'_>,
        cargo: Cargo<'_>,
    ) -> Vec<(f64, Stream)> {
        let choice = &self.scenario.choice;
        let scale = appraisal.choice_scale(cargo);
        let weight = self.value(choice.path_size.as_ref(), 1.0);
        let steps = routes.iter().map(|route| &self.network.routes[route.index()].steps);
        let parts: Vec<_> = steps.map(|steps| self.overlap_parts(appraisal, steps, cargo)).collect();
        let sizes = path_sizes(&parts);
        let utilities: Vec<f64> = strands
            .iter()
            .zip(&sizes)
            .map(|(strand, size)| weight * libm::log(*size) - scale * strand.generalised_cost)
            .collect();
        // A taste goes by the movements, so that another facility on the way disturbs none; of several routes with the same
        // movements each has its own.
        let mut alike: BTreeMap<&str, u64> = BTreeMap::new();
        routes
            .iter()
            .zip(probabilities(&utilities))
            .map(|(route, probability)| {
                let name = &self.network.routes[route.index()].movements;
                let before = alike.entry(name).or_default();
                let stream = Stream::of(&format!("route.{name}"));
                let stream = if *before == 0 { stream } else { stream.part(*before) };
                *before += 1;
                (probability, stream.purpose(Purpose::RouteTaste))
            })
            .collect()
    }

    /// Times within which delivery is counted: the promise first, then the others that differ from it.
    fn within(&self, flow: &Flow) -> Vec<SimSpan> {
        let mut times: Vec<&Quantity<Time>> = Vec::new();
        for time in flow.promise.iter().chain(&flow.within) {
            if !times.iter().any(|known| known.expected() == time.expected()) {
                times.push(time);
            }
        }
        let span = |time: &Quantity<Time>| SimSpan::from_hours(self.inputs.value(time));
        times.into_iter().map(span).collect()
    }

    /// The links of a route with their lengths (their hours where no length is known), for the path-size term.
    fn overlap_parts(&self, appraisal: &Appraisal<'_>, steps: &[RouteStep], cargo: Cargo<'_>) -> Vec<(String, f64)> {
        let tables = &self.network.tables;
        let open: Vec<RouteStep> = tables.laid_open(steps).collect();
        let steps = open.as_slice();
        let mut parts = Vec::new();
        let length = |whole: Attributes| {
            if whole.distance > 0.0 {
                whole.distance
            } else {
                whole.hours
            }
        };
        for (at, step) in steps.iter().enumerate() {
            match *step {
                RouteStep::Link(link) => {
                    parts.push((
                        format!("link.{}", tables.links[link.index()].id),
                        length(appraisal.step_of(steps, at, cargo)),
                    ));
                }
                RouteStep::Ride { service, from, to } => {
                    for stop in from + 1..=to {
                        let row = &tables.services[service.index()];
                        let name = match row.legs[stop - 1].link {
                            Some(link) => format!("link.{}", tables.links[link.index()].id),
                            None => format!("service.{}.{stop}", row.id),
                        };
                        parts.push((name, length(appraisal.leg(service, stop, cargo))));
                    }
                }
                RouteStep::Facility(_) | RouteStep::Assembly(_) | RouteStep::Consolidated(_) => {}
            }
        }
        parts
    }

    fn arrivals(&mut self, flow: &Flow, mean_arrival: f64) -> ArrivalPlan {
        let profile = flow.season.as_ref().and_then(|season| self.dates.season(season));
        match (&flow.volume, &flow.arrivals) {
            (Some(volume), _) => {
                let rate = self.inputs.value(volume) / mean_arrival.max(f64::MIN_POSITIVE);
                ArrivalPlan::Poisson(rate, profile)
            }
            (None, Some(Arrivals::Poisson(rate))) => ArrivalPlan::Poisson(self.inputs.value(rate), profile),
            (None, Some(Arrivals::Renewal(renewal))) => ArrivalPlan::Renewal(self.draw_time(&renewal.gap)),
            (None, Some(Arrivals::Timetable(interval))) => {
                let gap = self.inputs.value(&interval.interval);
                let first = self.value(interval.first.as_ref(), gap);
                let times = crate::calendar::Recurrence::every(SimTime::from_hours(first), SimSpan::from_hours(gap));
                ArrivalPlan::Listed(times)
            }
            (None, Some(Arrivals::Population(size))) => ArrivalPlan::Population(*size),
            (None, Some(Arrivals::Listed(times))) => {
                let times = times
                    .iter()
                    .map(|time| SimTime::from_hours(self.inputs.value(time)))
                    .collect();
                ArrivalPlan::Listed(crate::calendar::Recurrence::listed(times))
            }
            (None, None) => ArrivalPlan::Poisson(0.0, None),
        }
    }
}

fn ranking(tastes: &[(f64, Stream)]) -> Vec<u32> {
    let mut places: Vec<u32> = (0..tastes.len() as u32).collect();
    places.sort_by(|a, b| tastes[*b as usize].0.total_cmp(&tastes[*a as usize].0).then(a.cmp(b)));
    places
}

/// Mean TEU of a consignment, less than container loads included.
fn mean_size(size: &Family, lcl: Option<&LclPart>) -> f64 {
    match lcl {
        None => size.mean(),
        Some(part) => part.probability * part.size.mean() + (1.0 - part.probability) * size.mean(),
    }
}
