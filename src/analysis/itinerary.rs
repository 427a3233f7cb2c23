//! Itineraries: strands by which corridors are compared, place by place, with what each takes, costs and emits.
//!
//! Times are what the simulation measured: means over all replications, quantiles over the profiled ones. Charges,
//! emissions and distances are those of the scenario at its inputs' expected values. The charts of time, cost and
//! distance are drawn from them (the method of the UNESCAP, *Guide to the time/cost-distance methodology*, 2015).

use crate::experiment::Aggregate;
use crate::indicator::profile::{ProfileNumbers, profiled_strands, stages};
use crate::indicator::{Catalogue, Component, Relation, relations};
use crate::model::{Model, Place};
use crate::network::{Appraisal, Attributes, Cargo, RouteStep};
use crate::scenario::Inputs;
use crate::units::{FacilityId, HOURS_PER_DAY, LaneId, MICROSECONDS_PER_HOUR, NodeId};

/// One place of an itinerary.
#[derive(Clone, PartialEq, Debug)]
pub struct Stage {
    /// Where.
    pub place: Place,
    /// The node at which it is, or at which it begins.
    pub from: Option<NodeId>,
    /// The node at which it ends.
    pub to: Option<NodeId>,
    /// Kilometres covered.
    pub kilometres: f64,
    /// Charge per TEU.
    pub cost: f64,
    /// Emissions per TEU, kg CO2e.
    pub emissions: f64,
    /// Mean days by component, in the order of [`Component::ALL`].
    pub days: [f64; Component::ALL.len()],
    /// Days since generation at its end: the 10 % and 90 % quantiles; not a number where nothing was observed.
    pub elapsed_days: [f64; 2],
}

impl Stage {
    /// Mean days spent.
    pub fn total_days(&self) -> f64 {
        self.days.iter().sum()
    }
}

/// A strand that stands for a corridor.
#[derive(Clone, PartialEq, Debug)]
pub struct Itinerary {
    /// Number of the corridor; how many there are for what belongs to none.
    pub corridor: usize,
    /// Number of the strand.
    pub strand: usize,
    /// Its places in order.
    pub stages: Vec<Stage>,
}

/// Corridors between the same two ends, with the same goods.
#[derive(Clone, PartialEq, Debug)]
pub struct Competition {
    /// Origin and destination; none where the places on the way have no nodes.
    pub ends: Option<(NodeId, NodeId)>,
    /// The commodity; none where flows do not say what they carry.
    pub goods: Option<String>,
    /// One itinerary for each corridor.
    pub itineraries: Vec<Itinerary>,
}

/// The itineraries of all relations on which anything was delivered.
pub fn competitions(model: &Model, catalogue: &Catalogue, aggregate: &Aggregate) -> Vec<Competition> {
    let numbers = ProfileNumbers::new(model, &profiled_strands(model));
    let itinerary = |strand: usize| Itinerary {
        corridor: model.typical.strands[strand].corridor as usize,
        strand,
        stages: measured(model, catalogue, aggregate, (strand, &numbers)),
    };
    let competition = |relation: Relation| {
        let delivered = relation.strands.into_iter().filter(|it| aggregate.delivered[*it] > 0);
        Competition {
            ends: relation.ends,
            goods: relation.goods,
            itineraries: delivered.map(itinerary).collect(),
        }
    };
    let all = relations(model).into_iter().map(competition);
    all.filter(|it| !it.itineraries.is_empty()).collect()
}

fn measured(
    model: &Model,
    catalogue: &Catalogue,
    aggregate: &Aggregate,
    (strand, numbers): (usize, &ProfileNumbers),
) -> Vec<Stage> {
    let plan = &model.typical.strands[strand];
    let (route, tables) = (plan.route as usize, &model.network.tables);
    let expected = Inputs::expected();
    let rates = model.scenario.exchange_rates(&expected);
    let inputs = Inputs::expected().with_rates(&rates);
    let appraisal = Appraisal::new(&model.scenario, tables, &inputs);
    let id = &tables.flows[plan.flow as usize];
    let cargo = Cargo::of(&model.scenario, id, &model.scenario.flows[id], &inputs);
    let steps = &model.network.routes[route].steps;
    let components = catalogue.components_of(route);
    let day = MICROSECONDS_PER_HOUR * HOURS_PER_DAY;
    let mut last = [0.0; 2];
    let stages = stages(&model.layout.routes[route]);
    let where_it_is = ends_of(model, &stages.iter().map(|it| it.place).collect::<Vec<_>>());
    let measure = |(number, stage): (usize, &crate::indicator::profile::StageCells)| {
        let attributes = match (stage.place, steps[stage.step]) {
            (place, RouteStep::Consolidated(lane)) => in_box(model, &appraisal, (place, lane), cargo),
            (Place::Leg(service, stop), _) => appraisal.leg(service, stop, cargo),
            (Place::Facility(facility), RouteStep::Ride { .. }) => appraisal.facility_for_vehicles(facility, cargo),
            (Place::Facility(_) | Place::Link(_) | Place::Assembly(_), _) => {
                appraisal.step_of(steps, stage.step, cargo)
            }
            (Place::Stop(..) | Place::Dwell(..) | Place::Consolidation(_) | Place::BreakUp(_) | Place::Depot(_), _) => {
                Attributes::default()
            }
        };
        let mut days = [0.0; Component::ALL.len()];
        for cell in stage.cells.clone() {
            let time = aggregate.cells[plan.first_cell as usize + cell] as f64;
            days[components[cell] as usize] += time / day / aggregate.observed[strand] as f64;
        }
        let quantiles = numbers
            .number(strand, number)
            .filter(|number| *number < aggregate.profiles.len())
            .map_or([f64::NAN; 2], |number| aggregate.profiles.quantiles(number, [0.1, 0.9]));
        if quantiles[0].is_finite() {
            last = quantiles.map(|time| time / day);
        }
        Stage {
            place: stage.place,
            from: where_it_is[number].0,
            to: where_it_is[number].1,
            kilometres: attributes.distance,
            cost: attributes.cost,
            emissions: attributes.emissions,
            days,
            elapsed_days: last,
        }
    };
    stages.iter().enumerate().map(measure).collect()
}

/// What a place on a lane charges, emits and is long, for cargo in a box there.
fn in_box(model: &Model, appraisal: &Appraisal<'_>, (place, lane): (Place, LaneId), cargo: Cargo<'_>) -> Attributes {
    let steps = &model.network.tables.lanes[lane.index()].steps;
    let step = |wanted: &dyn Fn(&RouteStep) -> bool| {
        let at = steps.iter().position(wanted);
        at.map_or_else(Attributes::default, |at| appraisal.in_box(lane, at, cargo))
    };
    let shared = |whole: Attributes| Attributes {
        cost: whole.cost * appraisal.share_of_charge(lane),
        ..whole
    };
    let aboard = |facility: FacilityId| shared(appraisal.facility_for_vehicles(facility, cargo));
    match place {
        Place::Consolidation(_) => appraisal.batching(lane),
        Place::BreakUp(_) => appraisal.breaking_up(lane),
        Place::Leg(service, stop) => shared(appraisal.leg(service, stop, cargo)),
        Place::Link(link) => step(&|it| *it == RouteStep::Link(link)),
        Place::Facility(facility) if steps.contains(&RouteStep::Facility(facility)) => {
            step(&|it| *it == RouteStep::Facility(facility))
        }
        Place::Facility(facility) => aboard(facility),
        Place::Assembly(assembly) => step(&|it| *it == RouteStep::Assembly(assembly)),
        Place::Stop(..) | Place::Dwell(..) | Place::Depot(_) => Attributes::default(),
    }
}

/// The ends of the places of a route. Cargo waits for an empty box where it is, not where the depot is, so such a
/// place has the node of what follows.
fn ends_of(model: &Model, places: &[Place]) -> Vec<(Option<NodeId>, Option<NodeId>)> {
    let mut all: Vec<_> = places.iter().map(|place| ends(model, *place)).collect();
    for number in (0..all.len().saturating_sub(1)).rev() {
        if matches!(places[number], Place::Depot(_)) {
            let here = all[number + 1].0.or(all[number].0);
            all[number] = (here, here);
        }
    }
    all
}

/// The nodes between which a place lies.
fn ends(model: &Model, place: Place) -> (Option<NodeId>, Option<NodeId>) {
    let tables = &model.network.tables;
    let stop =
        |service: crate::units::ServiceId, stop: usize| tables.services[service.index()].stops.get(stop).copied();
    match place {
        Place::Facility(facility) => (
            tables.facilities[facility.index()].node,
            tables.facilities[facility.index()].node,
        ),
        Place::Link(link) => (tables.links[link.index()].from, tables.links[link.index()].to),
        Place::Leg(service, at) => (
            at.checked_sub(1).and_then(|before| stop(service, before)),
            stop(service, at),
        ),
        Place::Stop(service, at) | Place::Dwell(service, at) => (stop(service, at), stop(service, at)),
        Place::Consolidation(lane) => (tables.lanes[lane.index()].from, tables.lanes[lane.index()].from),
        Place::BreakUp(lane) => (tables.lanes[lane.index()].to, tables.lanes[lane.index()].to),
        Place::Assembly(_) => (None, None),
        Place::Depot(depot) => {
            let node = tables.node(&model.containers.depots[depot.index()].node);
            (node, node)
        }
    }
}
