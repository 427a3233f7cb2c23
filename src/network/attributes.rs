//! What a step of a route takes, costs and emits, as shippers expect it: without queues, at the inputs' values.

use super::{RouteStep, Tables};
use crate::calendar::{Clock, Recurrence, parse_date_time, parse_time_of_week};
use crate::random::Family;
use crate::scenario::demand::{Commodity, Flow};
use crate::scenario::facility::{Facility, TimePer};
use crate::scenario::place::Link;
use crate::scenario::service::{Departures, LegDetails, Service};
use crate::scenario::{Inputs, Scenario};
use crate::units::{FacilityId, LinkId, ServiceId, SimTime};
use std::ops::AddAssign;

/// Load of a container of unstated goods, t/TEU: the value that ISO 14083 gives for average container cargo.
pub(crate) const DEFAULT_DENSITY: f64 = 10.0;

/// Hours laid out of a timetable to measure its mean wait: a year.
const SAMPLE_HOURS: f64 = 8_760.0;

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

/// Works out attributes under one set of input values.
pub struct Appraisal<'a> {
    scenario: &'a Scenario,
    tables: &'a Tables,
    inputs: &'a Inputs<'a>,
    /// Mean and variance of the time to a departure of each service.
    waits: Vec<(f64, f64)>,
}

/// What about a flow counts for its attributes.
#[derive(Clone, Copy, Debug)]
pub struct Cargo<'a> {
    /// Its commodity.
    pub commodity: Option<&'a Commodity>,
    /// Tonnes per TEU.
    pub density: f64,
    /// Mean TEU of a consignment.
    pub size: f64,
}

impl<'a> Cargo<'a> {
    /// The cargo of `flow`.
    pub fn of(scenario: &'a Scenario, flow: &Flow, inputs: &Inputs<'_>) -> Self {
        let commodity = flow.commodity.as_ref().and_then(|name| scenario.commodities.get(name));
        let density = commodity.and_then(|goods| goods.density.as_ref());
        Self {
            commodity,
            density: density.map_or(DEFAULT_DENSITY, |density| inputs.value(density)),
            size: flow.size.as_ref().map_or(1.0, |size| size.family(inputs).mean()),
        }
    }

    /// What an hour of transit costs a TEU of it, in the reporting currency.
    pub fn hourly_value(&self, inputs: &Inputs<'_>) -> f64 {
        let Some(goods) = self.commodity else { return 0.0 };
        let value = goods.value.as_ref().map_or(0.0, |value| inputs.money(value));
        let share = goods.time_cost.as_ref().map_or(0.0, |cost| inputs.value(cost));
        value * self.density * share / 24.0
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
        Self {
            scenario,
            tables,
            inputs,
            waits,
        }
    }

    /// The attributes of one step for `cargo`.
    pub fn step(&self, step: RouteStep, cargo: Cargo<'_>) -> Attributes {
        match step {
            RouteStep::Facility(facility) => self.facility(facility, cargo),
            RouteStep::Link(link) => {
                let row = self.link(link);
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
                let name = &self.tables.assemblies[assembly.index()];
                let Some(assembly) = self.scenario.assemblies.get(name) else {
                    return Attributes::default();
                };
                let parts = assembly
                    .activity
                    .values()
                    .filter_map(|activity| self.tables.facility(&activity.facility));
                // Side by side: as long as the longest takes, as dear as all together.
                parts
                    .map(|facility| self.facility(facility, cargo))
                    .fold(Attributes::default(), |sum, part| {
                        let longest = if part.hours > sum.hours { part } else { sum };
                        Attributes {
                            cost: sum.cost + part.cost,
                            emissions: sum.emissions + part.emissions,
                            ..longest
                        }
                    })
            }
        }
    }

    fn link(&self, link: LinkId) -> Option<&'a Link> {
        self.scenario.links.get(&self.tables.links[link.index()].key)
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

    fn service(&self, service: ServiceId) -> &'a Service {
        &self.scenario.services[&self.tables.services[service.index()].id]
    }

    fn leg_details(&self, service: ServiceId, stop: usize) -> (Option<&'a Link>, Option<&'a LegDetails>) {
        let row = &self.tables.services[service.index()];
        let link = row.legs[stop - 1].link.and_then(|link| self.link(link));
        let stated = self.service(service);
        let details = stated.stops.get(stop).and_then(|node| stated.to.get(node));
        (link, details)
    }

    /// The running time of the leg of `service` that ends at `stop`.
    pub fn leg_time(&self, service: ServiceId, stop: usize) -> Family {
        let (link, details) = self.leg_details(service, stop);
        let own = details
            .and_then(|leg| leg.time.as_ref())
            .or(self.service(service).time.as_ref());
        match (own, link) {
            (Some(time), _) => time.family(self.inputs),
            (None, Some(link)) => self.link_time(link),
            (None, None) => Family::Constant(0.0),
        }
    }

    /// Time, charge, emissions and length of the leg of `service` that ends at `stop`.
    pub fn leg(&self, service: ServiceId, stop: usize, cargo: Cargo<'_>) -> Attributes {
        let (link, details) = self.leg_details(service, stop);
        let stated = self.service(service);
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
        let stated = self.service(service);
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
        let stated = self.service(service);
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
            sum += self.facility(*facility, cargo);
        }
        sum
    }

    /// The attributes of passing a facility.
    pub fn facility(&self, facility: FacilityId, cargo: Cargo<'_>) -> Attributes {
        let Some(stated) = self
            .scenario
            .facilities
            .get(&self.tables.facilities[facility.index()].id)
        else {
            return Attributes::default();
        };
        let (hours, variance) = self.facility_time(stated, cargo);
        let money = |price: f64| price;
        let per_teu = stated.cost.as_ref().map_or(0.0, |cost| money(self.inputs.money(cost)));
        let per_lot = stated
            .cost_per_consignment
            .as_ref()
            .map_or(0.0, |cost| self.inputs.money(cost));
        let per_day = stated.cost_per_day.as_ref().map_or(0.0, |cost| self.inputs.money(cost));
        let emissions = stated.emissions.as_ref().map_or(0.0, |e| self.inputs.value(e));
        Attributes {
            hours,
            variance,
            cost: per_teu + per_lot / cargo.size.max(f64::MIN_POSITIVE) + per_day * hours / 24.0,
            emissions: emissions * cargo.density,
            distance: 0.0,
        }
    }

    fn facility_time(&self, facility: &Facility, cargo: Cargo<'_>) -> (f64, f64) {
        let family = |time: &Option<crate::scenario::Distribution<_>>| {
            time.as_ref()
                .map_or(Family::Constant(0.0), |time| time.family(self.inputs))
        };
        let factor = cargo
            .commodity
            .and_then(|goods| goods.handling_factor.as_ref())
            .map_or(1.0, |f| self.inputs.value(f));
        let factor = if facility.time_per == TimePer::Teu {
            factor * cargo.size
        } else {
            factor
        };
        let (service, release) = (family(&facility.time), family(&facility.release));
        let mut hours = service.mean() * factor + release.mean();
        let mut variance = service.variance() * factor * factor + release.variance();
        if let Some(inspection) = &facility.inspection {
            let own = cargo.commodity.and_then(|goods| goods.inspection_probability.as_ref());
            let p = self.inputs.value(own.unwrap_or(&inspection.probability));
            let time = inspection.time.family(self.inputs);
            hours += p * time.mean();
            variance += p * (time.variance() + time.mean() * time.mean()) - (p * time.mean()) * (p * time.mean());
        }
        (hours, variance)
    }

    /// The generalised cost per TEU of a whole: its charge, the value of its time and of the spread of its time.
    pub fn generalised_cost(&self, whole: Attributes, cargo: Cargo<'_>) -> f64 {
        let hourly = cargo.hourly_value(self.inputs);
        let ratio = self
            .scenario
            .choice
            .reliability_ratio
            .as_ref()
            .map_or(0.0, |ratio| self.inputs.value(ratio));
        whole.cost + hourly * (whole.hours + ratio * whole.variance.max(0.0).sqrt())
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

/// Mean and variance of the time that a consignment ready at a random moment waits for a departure, cancellations
/// included, places unlimited.
fn departure_wait(scenario: &Scenario, service: &Service, inputs: &Inputs<'_>) -> (f64, f64) {
    // For gaps H: mean E[H^2]/2E[H]; taken as uniform over the mean gap for the variance where only that is known.
    let regular = |gap: f64| (gap / 2.0, gap * gap / 12.0);
    let (mean, variance) = match &service.departures {
        Departures::Every(interval) => regular(inputs.value(&interval.interval)),
        Departures::PerWeek(number) => regular(168.0 / inputs.value(number).max(f64::MIN_POSITIVE)),
        Departures::Headway(headway) => {
            let family = headway.family(inputs);
            let mean =
                (family.variance() + family.mean() * family.mean()) / (2.0 * family.mean().max(f64::MIN_POSITIVE));
            (mean, mean * mean / 3.0)
        }
        Departures::Shuttle(_) => (0.0, 0.0),
        Departures::Weekly(_) | Departures::Dated(_) => {
            let mean = written_times(scenario, service).map_or(0.0, |times| times.mean_wait().hours());
            (mean, mean * mean / 3.0)
        }
    };
    let cancelled = service
        .cancellation
        .as_ref()
        .map_or(0.0, |p| inputs.value(p))
        .clamp(0.0, 0.99);
    let factor = (1.0 + cancelled) / (1.0 - cancelled);
    (mean * factor, variance * factor * factor)
}

/// The written times of a weekly or dated timetable over a sample year.
fn written_times(scenario: &Scenario, service: &Service) -> Option<Recurrence> {
    let clock = Clock::new(&scenario.run.start, &scenario.run.time_zone).ok()?;
    let zone = service
        .stops
        .first()
        .and_then(|stop| scenario.nodes.get(stop))
        .and_then(|node| node.time_zone.as_ref())
        .and_then(|zone| crate::calendar::parse_zone(zone).ok())
        .unwrap_or_else(|| clock.zone().clone());
    match &service.departures {
        Departures::Weekly(times) => {
            let times: Vec<_> = times.iter().filter_map(|time| parse_time_of_week(time).ok()).collect();
            Some(Recurrence::weekly(
                &clock,
                &zone,
                &times,
                SimTime::from_hours(SAMPLE_HOURS),
            ))
        }
        Departures::Dated(times) => {
            let times: Vec<_> = times.iter().filter_map(|time| parse_date_time(time).ok()).collect();
            Some(Recurrence::dated(&clock, &zone, &times))
        }
        _ => None,
    }
}
