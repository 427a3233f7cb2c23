//! Levels that are kept as inputs, and cities that flights reach.

use super::Compiler;
use crate::model::plan::ReachPlan;
use crate::random::{Family, Sampler};
use crate::scenario::target::{City, Reach};
use crate::units::Position;

impl<S: FnMut(&Family) -> Sampler> Compiler<'_, S> {
    /// The level of each target; not a number where it is simulated.
    pub(super) fn levels(&self) -> Vec<f64> {
        let targets = self.scenario.targets.values();
        targets
            .map(|target| self.value(target.level.as_ref(), f64::NAN))
            .collect()
    }

    /// What is reached by air.
    pub(super) fn reaches(&self) -> Vec<ReachPlan> {
        self.scenario.reaches.values().map(|reach| self.reach(reach)).collect()
    }

    fn reach(&self, reach: &Reach) -> ReachPlan {
        let least = self.value(reach.least_flights.as_ref(), 1.0);
        let flown = |city: &&City| self.inputs.value(&city.flights) >= least && self.is_within(reach, city);
        let reached: Vec<&City> = reach.city.values().filter(flown).collect();
        let mut countries: Vec<&str> = reached.iter().map(|city| city.country.as_str()).collect();
        countries.sort_unstable();
        countries.dedup();
        ReachPlan {
            cities: reached.len() as f64,
            countries: countries.len() as f64,
            people: reached.iter().map(|city| self.value(city.people.as_ref(), 0.0)).sum(),
            product: reached.iter().map(|city| self.value(city.product.as_ref(), 0.0)).sum(),
        }
    }

    /// Whether the flight from the nearest of its airports takes no longer than it may.
    fn is_within(&self, reach: &Reach, city: &City) -> bool {
        let tables = &self.network.tables;
        let there = Position {
            longitude: city.longitude,
            latitude: city.latitude,
        };
        let nodes = reach.from.iter().filter_map(|name| tables.node(name));
        let distances = nodes.filter_map(|node| Some(tables.nodes[node.index()].position?.distance(there).0));
        let nearest = distances.fold(f64::INFINITY, f64::min);
        let speed = self.inputs.value(&reach.speed).max(f64::MIN_POSITIVE);
        let hours =
            nearest * self.value(reach.detour.as_ref(), 1.0) / speed + self.value(reach.manoeuvre.as_ref(), 0.0);
        hours <= self.inputs.value(&reach.within)
    }
}
