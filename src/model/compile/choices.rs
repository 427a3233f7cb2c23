//! Where cargo chooses anew: what each place offers, and what can be closed ahead.

use super::{Compiler, groundwork};
use crate::model::plan::{Choices, DecisionPlan, Effect, Exposed, OptionPlan, Plan, ShipperPlan, StrandPlan, Target};
use crate::network::{Cargo, RouteStep};
use crate::random::{Family, Purpose, Sampler, Stream};
use crate::scenario::demand::ReChoice;
use crate::units::{LinkId, SimSpan, WayId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl<S: FnMut(&Family) -> Sampler> Compiler<'_, S> {
    /// The places at which cargo chooses anew.
    pub(super) fn choices(&self, plan: &Plan, ways: &BTreeMap<LinkId, WayId>) -> Choices {
        let network = self.network;
        if network.diversions.is_empty() {
            return Choices::default();
        }
        let (scenario, layout) = (self.scenario, self.layout);
        let appraisal = self.appraisal;
        let cargo_of = |flow: usize| {
            let id = &network.tables.flows[flow];
            Cargo::of(scenario, id, &scenario.flows[id], self.inputs)
        };
        let shippers: Vec<ShipperPlan> = (0..plan.flows.len())
            .map(|flow| {
                let cargo = cargo_of(flow);
                let rule = scenario.flows[cargo.flow]
                    .re_choice
                    .unwrap_or(scenario.choice.re_choice);
                ShipperPlan {
                    scale: self.choice_scale(cargo),
                    hourly: cargo.hourly_value(self.inputs),
                    always: rule == ReChoice::Always,
                }
            })
            .collect();
        let closed: BTreeSet<Target> = plan
            .impacts
            .iter()
            .filter(|impact| matches!(impact.effect, Effect::Close { .. }))
            .flat_map(|impact| impact.hits.iter().copied())
            .collect();
        let mut choices = Choices {
            announced: plan
                .disruptions
                .iter()
                .any(|disruption| disruption.foresight.notice > SimSpan::ZERO),
            moved_cells: Arc::clone(&self.groundwork.moved_cells),
            shippers,
            ..Choices::default()
        };
        // For each strand, the hours at which its steps begin.
        let mut begins: Vec<Vec<f64>> = Vec::with_capacity(plan.strands.len());
        for strand in &plan.strands {
            let first = choices.exposures.len() as u32;
            let route = &network.routes[strand.route as usize];
            let laid = &layout.routes[strand.route as usize];
            let cargo = cargo_of(strand.flow as usize);
            let mut hours = 0.0;
            let mut started = Vec::with_capacity(route.steps.len());
            for (at, step) in route.steps.iter().enumerate() {
                started.push(hours);
                for target in self.targets_of(*step, ways) {
                    if closed.contains(&target) {
                        choices.exposures.push(Exposed {
                            target,
                            step: laid.step_of[at] as u32,
                            hours,
                        });
                    }
                }
                hours += appraisal.step_of(&route.steps, at, cargo).hours;
            }
            choices.exposures_of.push(first..choices.exposures.len() as u32);
            begins.push(started);
        }
        let number_of =
            |flow: usize, route: usize| groundwork::strand_of(&plan.strands, plan.flows[flow].strands.clone(), route);
        let mut offered: BTreeMap<(u32, usize), Vec<OptionPlan>> = BTreeMap::new();
        for diversion in &network.diversions {
            let Some((from, to)) =
                number_of(diversion.flow, diversion.from.index()).zip(number_of(diversion.flow, diversion.to.index()))
            else {
                continue;
            };
            let shipper = choices.shippers[diversion.flow];
            let steps = &layout.routes[diversion.to.index()].step_of;
            let movements = &network.routes[diversion.to.index()].movements;
            offered.entry((from, diversion.steps)).or_default().push(OptionPlan {
                strand: to,
                step: steps[diversion.steps] as u32,
                hours: begins[to as usize][diversion.steps],
                log_odds: self.log_odds(plan, (from, to), shipper),
                taste: Stream::of(&format!("diversion.{movements}")).purpose(Purpose::RouteTaste),
            });
        }
        for ((strand, place), options) in offered {
            let first = choices.options.len() as u32;
            choices.options.extend(options);
            if let Some(before) = choices.list.last_mut().filter(|before| before.strand == strand) {
                before.is_last = false;
            }
            let steps = &layout.routes[plan.strands[strand as usize].route as usize].step_of;
            choices.list.push(DecisionPlan {
                strand,
                // The choice stands before the step.
                step: steps[place] as u32 - 1,
                hours: begins[strand as usize][place],
                options: first..choices.options.len() as u32,
                is_last: true,
            });
        }
        choices.on_strand = vec![false; plan.strands.len()];
        for choice in &choices.list {
            choices.on_strand[choice.strand as usize] = true;
        }
        choices
    }

    /// The logarithm of how likely one strand is chosen over another when nothing is closed.
    fn log_odds(&self, plan: &Plan, (from, to): (u32, u32), shipper: ShipperPlan) -> f64 {
        let [left, taken]: [&StrandPlan; 2] = [from, to].map(|strand| &plan.strands[strand as usize]);
        let flow = &plan.flows[left.flow as usize];
        let weight = |strand: u32| {
            let shares = &flow.choice.shares;
            shares.get((strand - flow.strands.start) as usize).copied()
        };
        match (weight(from), weight(to)) {
            (Some(before), Some(after)) if before > 0.0 && after > 0.0 => libm::log(after / before),
            _ => -shipper.scale * (taken.generalised_cost - left.generalised_cost),
        }
    }

    /// What of a step a disruption can hit.
    fn targets_of(&self, step: RouteStep, ways: &BTreeMap<LinkId, WayId>) -> Vec<Target> {
        let way = |link: LinkId| ways.get(&link).map(|way| Target::Way(*way));
        match step {
            RouteStep::Facility(facility) => vec![Target::Facility(facility)],
            RouteStep::Link(link) => way(link).into_iter().collect(),
            RouteStep::Assembly(_) | RouteStep::Consolidated(_) => Vec::new(),
            RouteStep::Ride { service, from, to } => {
                let row = &self.network.tables.services[service.index()];
                let mut targets = vec![Target::Service(service)];
                for stop in from + 1..=to {
                    targets.extend(row.legs[stop - 1].link.and_then(way));
                    targets.extend(row.facilities[stop].iter().map(|facility| Target::Facility(*facility)));
                }
                targets
            }
        }
    }
}
