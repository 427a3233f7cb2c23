//! Disruptions: what they hit by number, what they do, and when.

use super::Compiler;
use crate::model::plan::{
    DisruptionPlan, DisruptionTiming, Effect, Foresight, ImpactPlan, Residual, StrandPlan, Target, TariffPlan,
};
use crate::network::{Cargo, RouteStep};
use crate::random::{Family, Sampler, Stream};
use crate::scenario::operation::{ClosureRule, StatedImpact};
use crate::units::{LinkId, WayId};
use std::collections::{BTreeMap, BTreeSet};

/// The least speed, so that whatever is slowed still arrives.
const LEAST_SPEED: f64 = 1e-6;

impl<S: FnMut(&Family) -> Sampler> Compiler<'_, S> {
    /// All disruptions and their impacts.
    pub(super) fn disruptions(&mut self) -> (Vec<DisruptionPlan>, Vec<ImpactPlan>) {
        let scenario = self.scenario;
        let (mut plans, mut impacts) = (Vec::new(), Vec::new());
        for (number, (id, disruption)) in scenario.disruptions.iter().enumerate() {
            let first = impacts.len() as u32;
            for stated in disruption.impacts(id) {
                let lag = stated.lag.map(|lag| self.draw_time(lag));
                impacts.push(ImpactPlan {
                    disruption: number as u32,
                    hits: self.groundwork.hits[impacts.len()].clone(),
                    effect: self.effect(&stated),
                    place: Stream::of(&stated.key),
                    probability: self.value(stated.probability, 1.0),
                    lag,
                    lasts_factor: self.value(stated.lasts_factor, 1.0),
                });
            }
            let (timing, residual) = match (&disruption.after, &disruption.lasts) {
                (Some(after), Some(lasts)) => {
                    let season = disruption.season.as_ref().and_then(|season| self.dates.season(season));
                    let length = self.draw_time(lasts);
                    let residual = self.residual(lasts.family(self.inputs), &length);
                    (
                        DisruptionTiming::Random(self.draw_time(after), length, season),
                        Some(residual),
                    )
                }
                _ => {
                    let (from, until) = self.dates.disruptions[number];
                    (DisruptionTiming::Dated(from, until), None)
                }
            };
            let known = disruption.end_known.unwrap_or(residual.is_none());
            plans.push(DisruptionPlan {
                stream: Stream::of(&format!("disruption.{id}")),
                timing,
                impacts: first..impacts.len() as u32,
                foresight: Foresight {
                    notice: self.span(disruption.notice.as_ref()),
                    residual: residual.filter(|_| !known),
                },
            });
        }
        (plans, impacts)
    }

    /// What is left of a duration of `family`; worked out once for all stages of policy.
    fn residual(&self, family: Family, length: &Sampler) -> Residual {
        let mut known = self.residuals.borrow_mut();
        if let Some((_, residual)) = known.iter().find(|(other, _)| *other == family) {
            return residual.clone();
        }
        let residual = Residual::of(&family, length);
        known.push((family, residual.clone()));
        residual
    }

    fn effect(&self, stated: &StatedImpact<'_>) -> Effect {
        if stated.closes() {
            return Effect::Close {
                stops: matches!(stated.rule, ClosureRule::StoppedEnRoute | ClosureRule::RestartedEnRoute),
                restarts: stated.rule == ClosureRule::RestartedEnRoute,
            };
        }
        let en_route = stated.rule == ClosureRule::SlowedEnRoute;
        let speed = self.value(stated.speed_factor, 1.0).max(LEAST_SPEED);
        Effect::Slow {
            // What is on its way could not arrive earlier than it has been told.
            speed: if en_route { speed.min(1.0) } else { speed },
            capacity: self.value(stated.capacity_factor, 1.0),
            cost: self.value(stated.cost_factor, 1.0),
            en_route,
        }
    }

    /// The charges that disruptions can scale, in the order of strands and steps.
    pub(super) fn tariffs(
        &self,
        strands: &[StrandPlan],
        impacts: &[ImpactPlan],
        ways: &BTreeMap<LinkId, WayId>,
    ) -> Vec<TariffPlan> {
        let dear = impacts
            .iter()
            .filter(|impact| matches!(impact.effect, Effect::Slow { cost, .. } if cost != 1.0));
        let hit: BTreeSet<Target> = dear.flat_map(|impact| impact.hits.iter().copied()).collect();
        if hit.is_empty() {
            return Vec::new();
        }
        let (scenario, network) = (self.scenario, self.network);
        let appraisal = self.appraisal;
        let mut tariffs = Vec::new();
        for (number, strand) in strands.iter().enumerate() {
            let id = &network.tables.flows[strand.flow as usize];
            let cargo = Cargo::of(scenario, id, &scenario.flows[id], self.inputs);
            let route = &network.routes[strand.route as usize];
            let places = &self.layout.routes[strand.route as usize].action_of;
            for (at, place) in places.iter().enumerate() {
                let mut charge = |target: Target, charge: f64| {
                    if hit.contains(&target) && charge > 0.0 {
                        tariffs.push(TariffPlan {
                            strand: number as u32,
                            step: *place as u32,
                            target,
                            charge,
                        });
                    }
                };
                let of_way = |link: LinkId| ways.get(&link).map(|way| Target::Way(*way));
                let whole = || appraisal.step_of(&route.steps, at, cargo).cost;
                match route.steps[at] {
                    RouteStep::Facility(facility) => charge(Target::Facility(facility), whole()),
                    RouteStep::Link(link) => of_way(link).into_iter().for_each(|target| charge(target, whole())),
                    RouteStep::Ride { service, from, to } => {
                        let row = &network.tables.services[service.index()];
                        let mut legs = 0.0;
                        for stop in from + 1..=to {
                            let cost = appraisal.leg(service, stop, cargo).cost;
                            legs += cost;
                            let target = row.legs[stop - 1].link.and_then(of_way);
                            target.into_iter().for_each(|target| charge(target, cost));
                            for facility in &row.facilities[stop] {
                                let cost = appraisal.whole(&[RouteStep::Facility(*facility)], cargo).cost;
                                charge(Target::Facility(*facility), cost);
                            }
                        }
                        charge(Target::Service(service), legs);
                    }
                    RouteStep::Assembly(_) | RouteStep::Consolidated(_) => {}
                }
            }
        }
        tariffs
    }
}
