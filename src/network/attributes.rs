//! What a step of a route takes, costs and emits, as shippers expect it: without queues, at the inputs' values.
//!
//! A step is looked at among the steps around it, because cargo stays in a yard until it moves on: the stay, and what is
//! charged for its days, depend on what comes next.

mod boxes;
mod credit;
mod departures;
mod time;

pub use credit::TradeCredit;
pub use departures::NEVER_HOURS;
pub use time::CostOfTime;

use departures::departure_wait;

use super::batching::Batch;
use super::{RouteStep, Tables};
use crate::random::Family;
use crate::scenario::demand::{Commodity, Direction, Flow};
use crate::scenario::dimension::{Plain, Time};
use crate::scenario::facility::{Facility, FacilityKind, TimePer};
use crate::scenario::operation::{Assembly, Join};
use crate::scenario::place::{Link, Mode};
use crate::scenario::service::{LegDetails, OTHERS, Service};
use crate::scenario::{Distribution, Inputs, Quantity, Scenario};
use crate::units::{FacilityId, ServiceId};
use std::collections::BTreeMap;
use std::ops::{AddAssign, Mul};

/// Load of a container of unstated goods, t/TEU: the value that ISO 14083 gives for average container cargo.
pub(crate) const DEFAULT_DENSITY: f64 = 10.0;

/// Time, money, distance and emissions of a step or of a whole route.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Attributes {
    /// Expected hours.
    pub hours: f64,
    /// Variance of the hours.
    pub variance: f64,
    /// Charge per TEU in the reporting currency.
    pub cost: f64,
    /// Well-to-wheel emissions per TEU, kg CO2e.
    pub emissions: f64,
    /// Kilometres.
    pub distance: f64,
}

impl AddAssign for Attributes {
    fn add_assign(&mut self, other: Self) {
        self.hours += other.hours;
        self.variance += other.variance;
        self.cost += other.cost;
        self.emissions += other.emissions;
        self.distance += other.distance;
    }
}

impl Mul<f64> for Attributes {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self {
            hours: self.hours * factor,
            variance: self.variance * factor,
            cost: self.cost * factor,
            emissions: self.emissions * factor,
            distance: self.distance * factor,
        }
    }
}

/// Works out attributes under one set of input values.
pub struct Appraisal<'a> {
    scenario: &'a Scenario,
    tables: &'a Tables,
    inputs: &'a Inputs<'a>,
    /// What is stated of links, services and facilities, by their numbers.
    links: Vec<Option<&'a Link>>,
    services: Vec<&'a Service>,
    facilities: Vec<Option<&'a Facility>>,
    /// Mean and variance of the time to a departure of each service.
    waits: Vec<(f64, f64)>,
    /// What is expected of a batch of each lane.
    batches: Vec<Batch>,
}

/// On what terms a facility is passed.
struct Terms {
    /// Working time.
    time: Family,
    /// Factor on it.
    factor: f64,
    /// Probability of inspection, where there is one.
    inspection: Option<f64>,
}

/// What about a flow counts for its attributes.
#[derive(Clone, Copy, Debug)]
pub struct Cargo<'a> {
    /// The name of the flow.
    pub flow: &'a str,
    /// The name of its commodity.
    pub goods: Option<&'a str>,
    /// Its commodity.
    pub commodity: Option<&'a Commodity>,
    /// Tonnes per TEU.
    pub density: f64,
    /// Mean TEU of a consignment.
    pub size: f64,
    /// Whether it leaves the planner's region.
    pub exported: bool,
}

impl<'a> Cargo<'a> {
    /// The cargo of the flow called `id`.
    pub fn of(scenario: &'a Scenario, id: &'a str, flow: &'a Flow, inputs: &Inputs<'_>) -> Self {
        let commodity = flow.commodity.as_ref().and_then(|name| scenario.commodities.get(name));
        let density = commodity.and_then(|goods| goods.density.as_ref());
        Self {
            flow: id,
            goods: flow.commodity.as_deref(),
            commodity,
            density: density.map_or(DEFAULT_DENSITY, |density| inputs.value(density)),
            size: flow.size.as_ref().map_or(1.0, |size| size.family(inputs).mean()),
            exported: flow.direction == Direction::Export,
        }
    }

    /// What a TEU of it is worth, in the reporting currency; zero where no value is stated.
    pub fn value_per_teu(&self, inputs: &Inputs<'_>) -> f64 {
        let value = self.commodity.and_then(|goods| goods.value.as_ref());
        value.map_or(0.0, |value| inputs.money(value)) * self.density
    }

    /// What an hour of transit costs a TEU of it, in the reporting currency: delay as such, interest and decay.
    pub fn hourly_value(&self, inputs: &Inputs<'_>) -> f64 {
        let Some(goods) = self.commodity else { return 0.0 };
        let rates = [&goods.time_cost, &goods.finance_rate, &goods.decay]
            .into_iter()
            .flatten();
        self.value_per_teu(inputs) * rates.map(|rate| inputs.value(rate)).sum::<f64>() / 24.0
    }
}

impl<'a> Appraisal<'a> {
    /// Prepares to appraise steps of the scenario's network at the values of `inputs`.
    pub fn new(scenario: &'a Scenario, tables: &'a Tables, inputs: &'a Inputs<'a>) -> Self {
        let waits = scenario
            .services
            .values()
            .map(|service| departure_wait(scenario, service, inputs))
            .collect();
        let batches = tables
            .lanes
            .iter()
            .map(|lane| boxes::rule(scenario, &scenario.consolidations[&lane.consolidation], inputs).batch(lane.lots))
            .collect();
        Self {
            scenario,
            tables,
            inputs,
            links: tables.links.iter().map(|row| scenario.links.get(&row.key)).collect(),
            services: tables.services.iter().map(|row| &scenario.services[&row.id]).collect(),
            facilities: tables
                .facilities
                .iter()
                .map(|row| scenario.facilities.get(&row.id))
                .collect(),
            waits,
            batches,
        }
    }

    /// The attributes of all of `steps` together for `cargo`.
    pub fn whole(&self, steps: &[RouteStep], cargo: Cargo<'_>) -> Attributes {
        let mut whole = Attributes::default();
        for at in 0..steps.len() {
            whole += self.step_of(steps, at, cargo);
        }
        whole
    }

    /// The attributes of the step at place `at` among `steps`, charges for the days of its stay in a yard included.
    pub fn step_of(&self, steps: &[RouteStep], at: usize, cargo: Cargo<'_>) -> Attributes {
        let mut attributes = self.step(steps[at], cargo);
        if let RouteStep::Facility(facility) = steps[at]
            && let Some(yard) = self.yard(facility)
        {
            let stay = attributes.hours + self.hours_before_moving(&steps[at + 1..], cargo);
            attributes.cost += self.charge_by_day(yard, stay);
        }
        attributes
    }

    /// The facility, if it holds what it has until it moves on.
    fn yard(&self, facility: FacilityId) -> Option<&'a Facility> {
        self.stated(facility)
            .filter(|stated| stated.kind == FacilityKind::Storage)
    }

    /// The expected hours until the first of `onward` that moves the cargo, or takes it into another yard, begins.
    fn hours_before_moving(&self, onward: &[RouteStep], cargo: Cargo<'_>) -> f64 {
        let mut hours = 0.0;
        for step in onward {
            match *step {
                RouteStep::Link(_) => break,
                RouteStep::Facility(facility) if self.yard(facility).is_some() => break,
                RouteStep::Ride { service, .. } => return hours + self.waiting(service).hours,
                // In a yard at the centre until the batch is dispatched.
                RouteStep::Consolidated(lane) => return hours + self.batches[lane.index()].wait,
                RouteStep::Facility(_) | RouteStep::Assembly(_) => hours += self.step(*step, cargo).hours,
            }
        }
        hours
    }

    /// The attributes of one step by itself.
    fn step(&self, step: RouteStep, cargo: Cargo<'_>) -> Attributes {
        match step {
            RouteStep::Facility(facility) => self.facility(facility, cargo),
            RouteStep::Link(link) => {
                let row = self.links[link.index()];
                row.map_or_else(Attributes::default, |row| {
                    moving(
                        &self.link_time(row),
                        self.link_cost(row),
                        self.emissions(row),
                        self.distance(row),
                        cargo,
                    )
                })
            }
            RouteStep::Ride { service, from, to } => {
                let mut sum = self.waiting(service);
                for stop in from + 1..=to {
                    sum += self.leg(service, stop, cargo);
                    if stop < to {
                        sum += self.stop(service, stop, cargo);
                    }
                }
                sum += self.vehicle_facilities(service, to, cargo);
                sum
            }
            RouteStep::Assembly(assembly) => {
                let stated = self.scenario.assemblies.get(&self.tables.assemblies[assembly.index()]);
                stated.map_or_else(Attributes::default, |stated| self.assembly(stated, cargo))
            }
            RouteStep::Consolidated(lane) => self.consolidated(lane, cargo),
        }
    }

    /// As dear as all activities together, and as long as the chain of them that decides when it ends.
    fn assembly(&self, assembly: &Assembly, cargo: Cargo<'_>) -> Attributes {
        let decisive = |ends: Vec<Attributes>| {
            let later = |a: &Attributes, b: &Attributes| a.hours.total_cmp(&b.hours);
            let end = match assembly.join {
                Join::All => ends.into_iter().max_by(later),
                Join::First => ends.into_iter().min_by(later),
            };
            end.unwrap_or_default()
        };
        let mut ended: BTreeMap<&str, Attributes> = BTreeMap::new();
        let mut all = Attributes::default();
        // An activity comes when those before it are done; the checks have ruled out circles.
        while let Some((name, activity)) = assembly.activity.iter().find(|(name, activity)| {
            !ended.contains_key(name.as_str()) && activity.after.iter().all(|it| ended.contains_key(it.as_str()))
        }) {
            let before = activity.after.iter().filter_map(|it| ended.get(it.as_str()).copied());
            let mut end = decisive(before.collect());
            if let Some(facility) = self.tables.facility(&activity.facility) {
                let work = self.facility(facility, cargo);
                end += work;
                all += work;
            }
            ended.insert(name, end);
        }
        let is_last = |name: &&str| {
            !assembly
                .activity
                .values()
                .any(|it| it.after.iter().any(|before| before == name))
        };
        let last = ended.iter().filter(|(name, _)| is_last(name)).map(|(_, end)| *end);
        let Attributes { hours, variance, .. } = decisive(last.collect());
        Attributes { hours, variance, ..all }
    }

    /// The running time of a link.
    pub fn link_time(&self, link: &Link) -> Family {
        match (&link.time, &link.speed) {
            (Some(time), _) => time.family(self.inputs),
            (None, Some(speed)) => {
                let speed = self.inputs.value(speed).max(f64::MIN_POSITIVE);
                Family::Constant(self.distance(link) / speed)
            }
            (None, None) => Family::Constant(0.0),
        }
    }

    fn distance(&self, link: &Link) -> f64 {
        link.distance
            .as_ref()
            .map_or(0.0, |distance| self.inputs.value(distance))
    }

    fn link_cost(&self, link: &Link) -> Option<f64> {
        let whole = link.cost.as_ref().map(|cost| self.inputs.money(cost));
        let by_distance = link
            .cost_per_km
            .as_ref()
            .map(|cost| self.inputs.money(cost) * self.distance(link));
        match (whole, by_distance) {
            (None, None) => None,
            (whole, by_distance) => Some(whole.unwrap_or(0.0) + by_distance.unwrap_or(0.0)),
        }
    }

    fn emissions(&self, link: &Link) -> Option<f64> {
        link.emissions.as_ref().map(|intensity| self.inputs.value(intensity))
    }

    fn leg_details(&self, service: ServiceId, stop: usize) -> (Option<&'a Link>, Option<&'a LegDetails>) {
        let row = &self.tables.services[service.index()];
        let link = row.legs[stop - 1].link.and_then(|link| self.links[link.index()]);
        let stated = self.services[service.index()];
        let details = stated.stops.get(stop).and_then(|node| stated.to.get(node));
        (link, details)
    }

    /// The running time of the leg of `service` that ends at `stop`.
    pub fn leg_time(&self, service: ServiceId, stop: usize) -> Family {
        let (link, details) = self.leg_details(service, stop);
        let own = details
            .and_then(|leg| leg.time.as_ref())
            .or(self.services[service.index()].time.as_ref());
        match (own, link) {
            (Some(time), _) => time.family(self.inputs),
            (None, Some(link)) => self.link_time(link),
            (None, None) => Family::Constant(0.0),
        }
    }

    /// Time, charge, emissions and length of the leg of `service` that ends at `stop`.
    pub fn leg(&self, service: ServiceId, stop: usize, cargo: Cargo<'_>) -> Attributes {
        let (link, details) = self.leg_details(service, stop);
        let stated = self.services[service.index()];
        let own_cost = details
            .and_then(|leg| leg.cost.as_ref())
            .map(|cost| self.inputs.money(cost));
        let cost = own_cost
            .or_else(|| link.and_then(|link| self.link_cost(link)))
            .or_else(|| stated.cost.as_ref().map(|cost| self.inputs.money(cost)));
        let own_intensity = details
            .and_then(|leg| leg.emissions.as_ref())
            .map(|e| self.inputs.value(e));
        let intensity = own_intensity
            .or_else(|| link.and_then(|link| self.emissions(link)))
            .or_else(|| stated.emissions.as_ref().map(|e| self.inputs.value(e)));
        let distance = self.leg_length(service, stop);
        moving(&self.leg_time(service, stop), cost, intensity, distance, cargo)
    }

    /// The length of the leg of `service` that ends at `stop`, km; zero where unknown.
    pub fn leg_length(&self, service: ServiceId, stop: usize) -> f64 {
        let (link, details) = self.leg_details(service, stop);
        let own = details
            .and_then(|leg| leg.distance.as_ref())
            .map(|distance| self.inputs.value(distance));
        own.or_else(|| link.map(|link| self.distance(link))).unwrap_or(0.0)
    }

    /// Waiting for a departure, cut-off included.
    pub fn waiting(&self, service: ServiceId) -> Attributes {
        let (hours, variance) = self.waits[service.index()];
        let stated = self.services[service.index()];
        let cut_off = stated.cut_off.as_ref().map_or(0.0, |time| self.inputs.value(time));
        let delay = stated
            .delay
            .as_ref()
            .map_or(Family::Constant(0.0), |delay| delay.family(self.inputs));
        Attributes {
            hours: hours + cut_off + delay.mean(),
            variance: variance + delay.variance(),
            ..Attributes::default()
        }
    }

    fn stop(&self, service: ServiceId, stop: usize, cargo: Cargo<'_>) -> Attributes {
        let mut sum = self.vehicle_facilities(service, stop, cargo);
        let stated = self.services[service.index()];
        let dwell = stated
            .stops
            .get(stop)
            .and_then(|node| stated.at.get(node))
            .and_then(|at| at.dwell.as_ref());
        if let Some(dwell) = dwell {
            let family = dwell.family(self.inputs);
            sum += Attributes {
                hours: family.mean(),
                variance: family.variance(),
                ..Attributes::default()
            };
        }
        sum
    }

    fn vehicle_facilities(&self, service: ServiceId, stop: usize, cargo: Cargo<'_>) -> Attributes {
        let mut sum = Attributes::default();
        for facility in &self.tables.services[service.index()].facilities[stop] {
            sum += self.facility_for_vehicles(*facility, cargo);
        }
        sum
    }

    fn stated(&self, facility: FacilityId) -> Option<&'a Facility> {
        self.facilities[facility.index()]
    }

    /// The attributes of passing a facility, on the terms of the lane that the cargo takes there.
    fn facility(&self, facility: FacilityId, cargo: Cargo<'_>) -> Attributes {
        let Some(stated) = self.stated(facility) else {
            return Attributes::default();
        };
        self.passing(stated, &self.terms(stated, cargo), cargo)
    }

    /// The attributes for `cargo` of its whole vehicle's passing a facility, where neither goods nor lanes count.
    pub fn facility_for_vehicles(&self, facility: FacilityId, cargo: Cargo<'_>) -> Attributes {
        let Some(stated) = self.stated(facility) else {
            return Attributes::default();
        };
        let terms = Terms {
            time: self.family(stated.time.as_ref()),
            factor: 1.0,
            inspection: stated.inspection.as_ref().map(|it| self.inputs.value(&it.probability)),
        };
        self.passing(stated, &terms, cargo)
    }

    fn passing(&self, facility: &Facility, terms: &Terms, cargo: Cargo<'_>) -> Attributes {
        let (hours, variance) = self.facility_time(facility, terms, cargo);
        let per_teu = facility.cost.as_ref().map_or(0.0, |cost| self.inputs.money(cost));
        let per_lot = facility
            .cost_per_consignment
            .as_ref()
            .map_or(0.0, |cost| self.inputs.money(cost));
        // A yard's days are counted by whoever knows what comes next.
        let by_day = if facility.kind == FacilityKind::Storage {
            0.0
        } else {
            self.charge_by_day(facility, hours)
        };
        let emissions = facility.emissions.as_ref().map_or(0.0, |e| self.inputs.value(e));
        Attributes {
            hours,
            variance,
            cost: per_teu + per_lot / cargo.size.max(f64::MIN_POSITIVE) + by_day,
            emissions: emissions * cargo.density,
            distance: 0.0,
        }
    }

    fn charge_by_day(&self, facility: &Facility, hours: f64) -> f64 {
        let per_day = facility.cost_per_day.as_ref();
        per_day.map_or(0.0, |cost| self.inputs.money(cost)) * hours / 24.0
    }

    /// The terms on which `cargo` passes a facility.
    fn terms(&self, facility: &Facility, cargo: Cargo<'_>) -> Terms {
        let lane = facility.lane_of(cargo.flow, cargo.goods);
        let factor = |factor: Option<&Quantity<Plain>>| factor.map_or(1.0, |factor| self.inputs.value(factor));
        let by_lane = lane.and_then(|lane| lane.inspection_probability.as_ref());
        let by_goods = cargo.commodity.and_then(|goods| goods.inspection_probability.as_ref());
        let inspection = facility.inspection.as_ref();
        Terms {
            time: self.family(lane.and_then(|lane| lane.time.as_ref()).or(facility.time.as_ref())),
            factor: factor(cargo.commodity.and_then(|goods| goods.handling_factor.as_ref()))
                * factor(lane.and_then(|lane| lane.time_factor.as_ref())),
            inspection: inspection.map(|it| self.inputs.value(by_lane.or(by_goods).unwrap_or(&it.probability))),
        }
    }

    fn family(&self, time: Option<&Distribution<Time>>) -> Family {
        time.map_or(Family::Constant(0.0), |time| time.family(self.inputs))
    }

    fn facility_time(&self, facility: &Facility, terms: &Terms, cargo: Cargo<'_>) -> (f64, f64) {
        let factor = match facility.time_per {
            TimePer::Teu => terms.factor * cargo.size,
            TimePer::Consignment => terms.factor,
        };
        let release = self.family(facility.release.as_ref());
        let mut hours = terms.time.mean() * factor + release.mean();
        let mut variance = terms.time.variance() * factor * factor + release.variance();
        if let (Some(inspection), Some(p)) = (&facility.inspection, terms.inspection) {
            let time = inspection.time.family(self.inputs);
            hours += p * time.mean();
            variance += p * (time.variance() + time.mean() * time.mean()) - (p * time.mean()) * (p * time.mean());
        }
        (hours, variance)
    }

    /// The generalised cost per TEU of a part of a route: its charge, the value of its time and of the spread of its time.
    pub fn generalised_cost(&self, part: Attributes, cargo: Cargo<'_>) -> f64 {
        let imperishable = CostOfTime {
            perishing: None,
            ..self.cost_of_time(cargo)
        };
        part.cost + imperishable.of(part.hours, part.variance)
    }

    /// The generalised cost per TEU of a route: that of its parts, insurance, credit and perishing, less its services' constants.
    pub fn generalised_cost_of(&self, steps: &[RouteStep], whole: Attributes, cargo: Cargo<'_>) -> f64 {
        whole.cost + self.premium(steps, cargo) + self.credit(cargo).cost - self.constants(steps, cargo)
            + self.cost_of_time(cargo).of(whole.hours, whole.variance)
    }

    /// What time costs `cargo`.
    pub fn cost_of_time(&self, cargo: Cargo<'_>) -> CostOfTime {
        let ratio = self.scenario.choice.reliability_ratio.as_ref();
        let life = cargo.commodity.and_then(|goods| goods.shelf_life.as_ref());
        CostOfTime {
            hourly: cargo.hourly_value(self.inputs),
            reliability_ratio: ratio.map_or(0.0, |ratio| self.inputs.value(ratio)),
            perishing: life.map(|life| (self.inputs.value(life), cargo.value_per_teu(self.inputs))),
        }
    }

    /// What shippers would pay beyond charges and time for the services of a route, per TEU.
    fn constants(&self, steps: &[RouteStep], cargo: Cargo<'_>) -> f64 {
        let rides = self.tables.laid_open(steps).filter_map(|step| match step {
            RouteStep::Ride { service, .. } => Some(self.services[service.index()]),
            _ => None,
        });
        let constants = rides.filter_map(|service| {
            let own = cargo.goods.and_then(|goods| service.choice_constant.get(goods));
            own.or_else(|| service.choice_constant.get(OTHERS))
        });
        constants.map(|constant| self.inputs.money(constant)).sum()
    }

    /// The insurance premium of a TEU on a route: once for each mode that it uses.
    fn premium(&self, steps: &[RouteStep], cargo: Cargo<'_>) -> f64 {
        let Some(goods) = cargo.commodity else { return 0.0 };
        let insured = Mode::ALL.into_iter().filter_map(|mode| {
            let rate = goods.insurance.of(mode)?;
            let uses = self.tables.laid_open(steps).any(|step| self.mode(step) == Some(mode));
            uses.then(|| self.inputs.value(rate))
        });
        insured.sum::<f64>() * cargo.value_per_teu(self.inputs)
    }

    /// The mode of a step that moves the cargo.
    fn mode(&self, step: RouteStep) -> Option<Mode> {
        match step {
            RouteStep::Link(link) => Some(self.tables.links[link.index()].mode),
            RouteStep::Ride { service, .. } => Some(self.tables.services[service.index()].mode),
            RouteStep::Facility(_) | RouteStep::Assembly(_) | RouteStep::Consolidated(_) => None,
        }
    }

    /// The mode of most of a route's kilometres, or of most of its hours where no length is known.
    pub fn main_mode(&self, steps: &[RouteStep], cargo: Cargo<'_>) -> Option<Mode> {
        let mut sums = [(0.0, 0.0); Mode::ALL.len()];
        for step in self.tables.laid_open(steps) {
            if let Some(mode) = self.mode(step) {
                let Attributes { distance, hours, .. } = self.step(step, cargo);
                let sum = &mut sums[mode as usize];
                *sum = (sum.0 + distance, sum.1 + hours);
            }
        }
        let longest = |a: &Mode, b: &Mode| {
            let (a, b) = (sums[*a as usize], sums[*b as usize]);
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        };
        let used = Mode::ALL.into_iter().filter(|mode| sums[*mode as usize] != (0.0, 0.0));
        used.max_by(longest)
    }
}

fn moving(time: &Family, cost: Option<f64>, intensity: Option<f64>, distance: f64, cargo: Cargo<'_>) -> Attributes {
    Attributes {
        hours: time.mean(),
        variance: time.variance(),
        cost: cost.unwrap_or(0.0),
        emissions: intensity.unwrap_or(0.0) * distance * cargo.density,
        distance,
    }
}
