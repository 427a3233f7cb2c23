//! Levels of targets, and cities that flights reach, as they are when the window ends.

use super::{Sink, Walk};
use crate::indicator::Scope;

impl Walk<'_> {
    pub(super) fn targets<S: Sink>(&self, sink: &mut S, about: impl Fn(&mut S, Scope, &str)) {
        let scenario = &self.model.scenario;
        for (number, id) in scenario.reaches.keys().enumerate() {
            about(sink, Scope::Reach, id);
            let reached = || self.plan.at_end_of_window().reaches[number];
            sink.mean("cities", "", || reached().cities);
            sink.mean("countries", "", || reached().countries);
            sink.mean("people_millions", "million", || reached().people);
            sink.mean("product_bn", "bn money", || reached().product);
        }
        // Targets come last: their levels may be any of the others.
        for (number, (id, target)) in scenario.targets.iter().enumerate() {
            about(sink, Scope::Target, id);
            let level = if target.indicator.is_some() {
                let watched = self.watched.get(number).copied().flatten();
                watched.map_or(f64::NAN, |number| sink.known(number))
            } else {
                self.plan.at_end_of_window().levels[number]
            };
            sink.mean("level", "", || level);
            if let Some(aimed) = &target.target {
                // Targets are stated, not drawn.
                let is_met = || f64::from(target.aim.is_met(level, aimed.expected()));
                sink.mean("is_met", "", || if level.is_nan() { level } else { is_met() });
            }
        }
    }
}
