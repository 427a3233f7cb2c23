//! Demand: flows, their strands and the choice among these.

use super::Compiler;
use super::facilities::class_of;
use crate::model::plan::{ArrivalPlan, Cells, FlowPlan, StrandPlan};
use crate::network::{Appraisal, Attributes, Cargo, RouteStep, path_sizes, probabilities};
use crate::random::{CountFamily, Family, Purpose, Sampler, Stream};
use crate::scenario::demand::{Arrivals, Flow};
use crate::scenario::dimension::{Space, Time};
use crate::scenario::{Distribution, Quantity};

use crate::units::{HOURS_PER_DAY, SimSpan, SimTime};
use std::collections::BTreeMap;

/// Of goods that lose everything in a day, nearly all is gone after it.
const LARGEST_DECAY: f64 = 1.0 - 1e-9;

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
            let cargo = Cargo::of(scenario, id, flow, self.inputs);
            for route in routes.iter().chain(&network.detours[number]) {
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
            let tastes = self.tastes(&strands[first as usize..], number, &appraisal, cargo);
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
                arrivals: self.arrivals(flow, size.mean() * batch.mean()),
                batch,
                size: (self.sampler)(&size),
                kilograms_per_teu: cargo.density * 1000.0,
                class: class_of(classes, self.priority(flow)).unwrap_or(0),
                refrigerated: cargo.commodity.is_some_and(|goods| goods.refrigerated),
                strands: first..strands.len() as u32,
                by_weight: by_weight(&tastes),
                tastes,
                within: self.within(flow),
                decay: self.decay(cargo),
                value_per_teu: cargo.value_per_teu(self.inputs),
                shelf_life: cargo
                    .commodity
                    .and_then(|goods| goods.shelf_life.as_ref())
                    .map(|life| SimSpan::from_hours(self.inputs.value(life))),
            });
        }
        (flows, strands, cells)
    }

    /// The rate per hour at which goods lose their value: what they lose a day, compounded.
    fn decay(&self, cargo: Cargo<'_>) -> f64 {
        let a_day = self.value(cargo.commodity.and_then(|goods| goods.decay.as_ref()), 0.0);
        -libm::log1p(-a_day.min(LARGEST_DECAY)) / HOURS_PER_DAY
    }

    /// The scale of the logit for a cargo, per unit of money; zero where none is stated.
    pub(super) fn choice_scale(&self, cargo: Cargo<'_>) -> f64 {
        let own = self.scenario.flows[cargo.flow].choice_scale.as_ref();
        let of_goods = cargo.commodity.and_then(|goods| goods.choice_scale.as_ref());
        let stated = own.or(of_goods).or(self.scenario.choice.scale.as_ref());
        stated.map_or(0.0, |scale| {
            // One over money: converted the other way round.
            let one = scale.currency.map_or(1.0, |currency| self.inputs.rate(currency));
            self.inputs.value(scale) / one
        })
    }

    /// For each strand of a flow, the probability that it is chosen and the address of the tastes for it.
    fn tastes(
        &self,
        strands: &[StrandPlan],
        flow: usize,
        appraisal: &Appraisal<'_>,
        cargo: Cargo<'_>,
    ) -> Vec<(f64, Stream)> {
        let choice = &self.scenario.choice;
        let routes = &self.network.choice_sets[flow];
        let scale = self.choice_scale(cargo);
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
                RouteStep::Facility(_) | RouteStep::Assembly(_) => {}
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

fn by_weight(tastes: &[(f64, Stream)]) -> Vec<u32> {
    let mut places: Vec<u32> = (0..tastes.len() as u32).collect();
    places.sort_by(|a, b| tastes[*b as usize].0.total_cmp(&tastes[*a as usize].0).then(a.cmp(b)));
    places
}
