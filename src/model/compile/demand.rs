//! Demand: flows, their strands and the choice among these.

use super::Compiler;
use super::facilities::class_of;
use crate::model::plan::{ArrivalPlan, Cells, ChoicePlan, FlowPlan, LclPlan, StrandPlan, Taste};
use crate::network::{Appraisal, Attributes, Cargo, Market, Markets, NEVER_HOURS, Nests, RouteStep, path_sizes};
use crate::random::{CountFamily, Family, Purpose, Sampler, Stream};
use crate::scenario::consolidation::LclPart;
use crate::scenario::demand::{Arrivals, Flow};
use crate::scenario::dimension::{Space, Time};
use crate::scenario::place::Mode;
use crate::scenario::{Distribution, Quantity};

use crate::units::{HOURS_PER_DAY, RouteId, SimSpan, SimTime};
use std::collections::BTreeMap;
use std::ops::Range;

/// What is taken off the utility of a route by a line that does not run: so much that nobody takes it, also where time costs
/// nothing.
const IDLE: f64 = 1e6;

/// Of goods that lose everything in a day, nearly all is gone after it.
const LARGEST_DECAY: f64 = 1.0 - 1e-9;

impl<S: FnMut(&Family) -> Sampler> Compiler<'_, S> {
    pub(super) fn demand(&mut self, classes: &[u8]) -> (Vec<FlowPlan>, Vec<StrandPlan>, Cells) {
        let (scenario, network, layout) = (self.scenario, self.network, self.layout);
        let appraisal = self.appraisal;
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
            let whole_or_lots = |place: usize| place < whole_loads || place >= routes.len();
            for (place, route) in routes.iter().chain(&network.detours[number]).enumerate() {
                // Detours are for whole loads.
                let cargo = if whole_or_lots(place) { of_flow } else { of_lots };
                let mut whole = appraisal.whole(&network.routes[route.index()].steps, cargo);
                whole += self.stuffing(number, route.index());
                let laid = &layout.routes[route.index()];
                let corridor = network.corridor_of[route.index()];
                strands.push(StrandPlan {
                    flow: number as u32,
                    route: route.index() as u32,
                    attributes: whole,
                    generalised_cost: appraisal.generalised_cost_of(&network.routes[route.index()].steps, whole, cargo),
                    first_step: laid.first_step as u32,
                    first_cell: cells.total as u32,
                    cells: laid.cells.len() as u32,
                    corridor: corridor.map_or(network.tables.corridors.len(), |corridor| corridor.index()) as u32,
                });
                cells.total += laid.cells.len();
                cells.longest = cells.longest.max(laid.cells.len());
            }
            let of_lots = lcl.as_ref().map_or(0.0, |part| part.share_of_space);
            let kinds = [(0..whole_loads, 1.0 - of_lots), (whole_loads..routes.len(), of_lots)];
            let choice = self.choice(&strands, (first as usize, number), &kinds, appraisal, of_flow);
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
                choice,
                within: self.within(flow),
                decay: self.decay(of_flow),
                value_per_teu: of_flow.value_per_teu(self.inputs),
                credit: appraisal.credit(of_flow),
                shelf_life: of_flow
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

    /// How shippers choose among the strands of a flow, which are those from `first` on. Each kind of load has its strands
    /// and its part of the demand.
    fn choice(
        &self,
        strands: &[StrandPlan],
        (first, flow): (usize, usize),
        kinds: &[(Range<usize>, f64); 2],
        appraisal: &Appraisal<'_>,
        cargo: Cargo<'_>,
    ) -> ChoicePlan {
        let settings = &self.scenario.choice;
        let routes = &self.network.choice_sets[flow];
        let scale = self.choice_scale(cargo);
        let weight = self.value(settings.path_size.as_ref(), 1.0);
        let steps = routes.iter().map(|route| &self.network.routes[route.index()].steps);
        let parts: Vec<_> = steps.map(|steps| self.overlap_parts(appraisal, steps, cargo)).collect();
        let kinds = || kinds.iter().filter(|(strands, _)| !strands.is_empty());
        // Routes by lines that do not run yet take nothing from the others.
        let runs = |place: &usize| strands[first + place].attributes.hours < NEVER_HOURS;
        let sizes = kinds().flat_map(|(places, _)| {
            let running: Vec<_> = places.clone().filter(runs).map(|place| parts[place].clone()).collect();
            let mut sizes = path_sizes(&running).into_iter();
            let size = |place| if runs(&place) { sizes.next() } else { None };
            places
                .clone()
                .map(size)
                .map(|size| size.unwrap_or(1.0))
                .collect::<Vec<_>>()
        });
        let utilities: Vec<f64> = strands[first..]
            .iter()
            .zip(sizes)
            .map(|(strand, size)| {
                let idle = if strand.attributes.hours < NEVER_HOURS {
                    0.0
                } else {
                    IDLE
                };
                weight * libm::log(size) - scale * strand.generalised_cost - idle
            })
            .collect();
        let market = |(strands, part): &(Range<usize>, f64)| Market {
            routes: strands.clone(),
            part: *part,
            nests: self.nests(&routes[strands.clone()], appraisal, cargo),
        };
        let markets = Markets(kinds().map(market).collect());
        let streams = self.addresses_of_tastes(routes);
        let mut choice = ChoicePlan {
            tastes: Vec::with_capacity(routes.len() * (self.learnt.periods.len() + 1)),
            shares: vec![0.0; routes.len()],
            scale,
            markets,
            utilities,
            cost_of_time: appraisal.cost_of_time(cargo),
            least_cost: if scale > 0.0 { 0.0 } else { f64::NAN },
        };
        let mut without = 0.0;
        for (period, part_of_window) in self.learnt.weights(&self.dates.window).into_iter().enumerate() {
            let utilities = choice.utilities.iter().enumerate();
            let utilities: Vec<f64> = utilities
                .map(|(place, utility)| utility + self.learnt.addition(period, first + place))
                .collect();
            let (probabilities, log_sum) = choice.markets.shares(&utilities);
            let begin = choice.tastes.len();
            // A month beyond the window weighs nothing, and one in which nothing can be had has no cost.
            if part_of_window > 0.0 && log_sum > f64::NEG_INFINITY {
                choice.least_cost -= part_of_window * log_sum / scale;
            } else {
                without += part_of_window;
            }
            for (place, probability) in probabilities.into_iter().enumerate() {
                choice.shares[place] += part_of_window * probability;
                choice.tastes.push(Taste {
                    weight: probability,
                    stream: streams[place],
                    place: place as u32,
                });
            }
            choice.tastes[begin..].sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.place.cmp(&b.place)));
        }
        if without > 0.0 {
            let within = 1.0 - without;
            choice.least_cost = if within > 1e-9 {
                choice.least_cost / within
            } else {
                f64::NAN
            };
        }
        choice
    }

    /// The nests of routes: one for each main mode of which a dissimilarity is stated, one for all the others.
    fn nests(&self, routes: &[RouteId], appraisal: &Appraisal<'_>, cargo: Cargo<'_>) -> Nests {
        let mut nests = Nests::plain(routes.len());
        let stated = &self.scenario.choice.dissimilarity;
        let mut number_of: BTreeMap<Mode, usize> = BTreeMap::new();
        for (place, route) in routes.iter().enumerate() {
            let mode = appraisal.main_mode(&self.network.routes[route.index()].steps, cargo);
            let Some((mode, dissimilarity)) = mode.and_then(|mode| Some((mode, stated.of(mode)?))) else {
                continue;
            };
            nests.of_route[place] = *number_of.entry(mode).or_insert_with(|| {
                nests.dissimilarity.push(self.inputs.value(dissimilarity));
                nests.dissimilarity.len() - 1
            });
        }
        nests
    }

    /// The addresses of shippers' tastes for routes.
    fn addresses_of_tastes(&self, routes: &[RouteId]) -> Vec<Stream> {
        // A taste goes by the movements, so that another facility on the way disturbs none; of several routes with the same
        // movements each has its own.
        let mut alike: BTreeMap<&str, u64> = BTreeMap::new();
        let address = |route: &RouteId| {
            let name = &self.network.routes[route.index()].movements;
            let before = alike.entry(name).or_default();
            let stream = Stream::of(&format!("route.{name}"));
            let stream = if *before == 0 { stream } else { stream.part(*before) };
            *before += 1;
            stream.purpose(Purpose::RouteTaste)
        };
        routes.iter().map(address).collect()
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

/// Mean TEU of a consignment, less than container loads included.
fn mean_size(size: &Family, lcl: Option<&LclPart>) -> f64 {
    match lcl {
        None => size.mean(),
        Some(part) => part.probability * part.size.mean() + (1.0 - part.probability) * size.mean(),
    }
}
