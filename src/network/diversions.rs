//! Diversions: where cargo may leave its route for another when something ahead of it is closed.
//!
//! A diversion goes from a place on one route to the same place on another that has begun alike: another of the flow's
//! choice set, or, where none of these avoids a closure, one of the best continuations from the last node before it,
//! searched on the network without what the disruption closes. A route found like that belongs to the flow although
//! nobody sets out on it.

use super::search::{Finder, Quest, Start};
use super::{Arc, Route, RouteStep};
use crate::scenario::demand::ReChoice;
use crate::scenario::matching::matches;
use crate::scenario::operation::{Disruption, StatedImpact};
use crate::units::{NodeId, RouteId};
use std::collections::{BTreeMap, BTreeSet};

/// A way to leave a route for another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Diversion {
    /// Number of the flow.
    pub flow: usize,
    /// The route that is left.
    pub from: RouteId,
    /// How many of its steps have been done, which are the first of the other route as well.
    pub steps: usize,
    /// The route that is taken instead.
    pub to: RouteId,
}

/// All diversions, and for each flow the routes that only these lead to.
#[derive(Clone, Debug, Default)]
pub(super) struct Diversions {
    pub(super) list: Vec<Diversion>,
    pub(super) detours: Vec<Vec<RouteId>>,
}

/// Continuations that are looked for at a node.
const CONTINUATIONS: usize = 2;
/// Odds below which nobody would take a diversion: e to the minus seven, one in a thousand.
const LONGEST_ODDS: f64 = 7.0;
/// A closure that may be longer than any stated length counts as so many times its mean, and all count twice, since
/// inputs may be drawn differently.
const LONG_CLOSURE: f64 = 5.0;
const SLACK: f64 = 2.0;

/// An impact that closes something: cargo before it may divert.
struct Closure {
    /// What it closes itself.
    own: Closed,
    /// With what the same disruption closes for certain. What it may or may not close is no reason to stay: cargo sees
    /// whether it does.
    certain: Closed,
    /// Hours that it lasts at the most, as far as that is known before the clock is laid out.
    longest: f64,
}

/// What is closed, by number.
struct Closed {
    links: Vec<bool>,
    services: Vec<bool>,
    facilities: Vec<bool>,
}

impl Closure {
    /// Those of one disruption.
    fn all_of(finder: &Finder<'_>, id: &str, disruption: &Disruption) -> Vec<Self> {
        let impacts = disruption.impacts(id);
        let closing: Vec<_> = impacts.iter().filter(|it| it.closes() && !it.hits.is_empty()).collect();
        let longest = disruption.lasts.as_ref().map_or(f64::INFINITY, |lasts| {
            let family = lasts.expected_family();
            let longest = family.max();
            if longest.is_finite() {
                longest
            } else {
                LONG_CLOSURE * family.mean()
            }
        });
        let closure = |impact: &&StatedImpact<'_>| {
            let is_certain = |other: &StatedImpact<'_>| other.probability.is_none_or(|p| p.expected() >= 1.0);
            let others = closing.iter().filter(|other| is_certain(other));
            let certain = others
                .flat_map(|other| other.hits)
                .chain(impact.hits)
                .collect::<Vec<_>>();
            Self {
                own: Closed::of(finder, &impact.hits.iter().collect::<Vec<_>>()),
                certain: Closed::of(finder, &certain),
                longest,
            }
        };
        closing.iter().map(closure).collect()
    }
}

impl Closed {
    fn of(finder: &Finder<'_>, patterns: &[&String]) -> Self {
        let tables = finder.tables;
        let any = |name: &str| patterns.iter().any(|pattern| matches(pattern, name));
        let at = |node: NodeId| any(&format!("node.{}", tables.nodes[node.index()].id));
        let links = tables
            .links
            .iter()
            .map(|link| any(&format!("link.{}", link.id)) || [link.from, link.to].into_iter().flatten().any(at));
        let services = tables.services.iter().map(|row| any(&format!("service.{}", row.id)));
        let facilities = tables
            .facilities
            .iter()
            .map(|row| any(&format!("facility.{}", row.id)) || row.node.is_some_and(at));
        Self {
            links: links.collect(),
            services: services.collect(),
            facilities: facilities.collect(),
        }
    }

    fn hits(&self, finder: &Finder<'_>, step: RouteStep) -> bool {
        match step {
            RouteStep::Link(link) => self.links[link.index()],
            RouteStep::Facility(facility) => self.facilities[facility.index()],
            RouteStep::Assembly(_) | RouteStep::Consolidated(_) => false,
            RouteStep::Ride { service, from, to } => {
                let row = &finder.tables.services[service.index()];
                self.services[service.index()]
                    || row.legs[from..to]
                        .iter()
                        .filter_map(|leg| leg.link)
                        .any(|link| self.links[link.index()])
                    || row.facilities[from + 1..=to]
                        .iter()
                        .flatten()
                        .any(|facility| self.facilities[facility.index()])
            }
        }
    }
}

/// Continuations found already, by node, way of coming there and closure.
type Searches = BTreeMap<(NodeId, Option<Vec<RouteStep>>, usize), Vec<Vec<RouteStep>>>;

/// Finds the diversions of all flows; routes that only these lead to are added to `routes`.
pub(super) fn find(finder: &Finder<'_>, routes: &mut Vec<Route>, choice_sets: &[Vec<RouteId>]) -> Diversions {
    let scenario = finder.scenario;
    let mut found = Diversions {
        list: Vec::new(),
        detours: vec![Vec::new(); choice_sets.len()],
    };
    let closures: Vec<Closure> = scenario
        .disruptions
        .iter()
        .flat_map(|(id, disruption)| Closure::all_of(finder, id, disruption))
        .collect();
    if closures.is_empty() {
        return found;
    }
    let mut all: BTreeSet<Diversion> = BTreeSet::new();
    for (number, (id, flow)) in scenario.flows.iter().enumerate() {
        if flow.re_choice.unwrap_or(scenario.choice.re_choice) == ReChoice::Never {
            continue;
        }
        let quest = finder.quest(id, flow);
        let mut searches = Searches::new();
        for route in &choice_sets[number] {
            for (closure_number, closure) in closures.iter().enumerate() {
                let steps = routes[route.index()].steps.clone();
                let Some(first_hit) = steps.iter().position(|step| closure.own.hits(finder, *step)) else {
                    continue;
                };
                let mut diverts = false;
                // Places at which nodes are come to, the start included, as long as nothing closed has been passed.
                let places: Vec<usize> = places(&steps).into_iter().filter(|place| *place <= first_hit).collect();
                for other in choice_sets[number].iter().filter(|other| *other != route) {
                    let alternative = &routes[other.index()].steps;
                    let shared = steps.iter().zip(alternative).take_while(|(a, b)| a == b).count();
                    let Some(place) = places.iter().rev().find(|place| **place <= shared) else {
                        continue;
                    };
                    let avoids = !alternative[*place..]
                        .iter()
                        .any(|step| closure.certain.hits(finder, *step));
                    if avoids && finder.may_pay(quest, closure, &steps, alternative) {
                        diverts = true;
                        // Wherever the two have not parted yet: shippers may learn of the closure at any of these.
                        for place in places.iter().filter(|place| **place <= shared) {
                            all.insert(Diversion {
                                flow: number,
                                from: *route,
                                steps: *place,
                                to: *other,
                            });
                        }
                    }
                }
                let last = places.last().copied().filter(|_| !diverts);
                let Some((place, node)) = last.and_then(|place| Some((place, finder.node_at(flow, &steps, place)?)))
                else {
                    continue;
                };
                let before = place.checked_sub(1).map(|last| vec![steps[last]]);
                let continuations = searches
                    .entry((node, before, closure_number))
                    .or_insert_with(|| finder.continuations(quest, node, &steps[..place], closure));
                for continuation in continuations.clone() {
                    let whole: Vec<RouteStep> = steps[..place].iter().copied().chain(continuation).collect();
                    if !finder.may_pay(quest, closure, &steps, &whole) {
                        continue;
                    }
                    let known = routes.iter().position(|route| route.steps == whole);
                    let to = known.unwrap_or_else(|| {
                        routes.push(Route::new(finder.tables, whole, None));
                        routes.len() - 1
                    });
                    let to = RouteId::new(to);
                    if to != *route {
                        all.insert(Diversion {
                            flow: number,
                            from: *route,
                            steps: place,
                            to,
                        });
                    }
                }
            }
        }
    }
    for diversion in &all {
        let detours = &mut found.detours[diversion.flow];
        if !choice_sets[diversion.flow].contains(&diversion.to) && !detours.contains(&diversion.to) {
            detours.push(diversion.to);
        }
    }
    found.list = all.into_iter().collect();
    found
}

/// How many steps have been done when a node is come to: none at the start, then after every movement but the last.
fn places(steps: &[RouteStep]) -> Vec<usize> {
    let is_movement = |step: &RouteStep| matches!(step, RouteStep::Link(_) | RouteStep::Ride { .. });
    let last = steps.iter().rposition(is_movement).unwrap_or(0);
    let after = (0..last).filter(|at| is_movement(&steps[*at])).map(|at| at + 1);
    std::iter::once(0).chain(after).collect()
}

impl<'a> Finder<'a> {
    /// The node where a route stands after so many steps.
    fn node_at(&self, flow: &crate::scenario::demand::Flow, steps: &[RouteStep], place: usize) -> Option<NodeId> {
        match steps[..place].last() {
            None => flow.from.as_ref().and_then(|node| self.tables.node(node)),
            Some(step) => step.leads_to(self.tables),
        }
    }

    /// Whether anyone might take `other` instead of waiting on `own`.
    fn may_pay(&self, quest: Quest<'_>, closure: &Closure, own: &[RouteStep], other: &[RouteStep]) -> bool {
        let cost = |steps: &[RouteStep]| {
            let whole = self.appraisal.whole(steps, quest.cargo);
            self.appraisal.generalised_cost(whole, quest.cargo)
        };
        let dearer = cost(other) - cost(own);
        let worth = quest.cargo.hourly_value(self.inputs) * closure.longest * SLACK;
        let scale = self.choice_scale(quest);
        let noise = if scale > 0.0 { LONGEST_ODDS / scale } else { 0.0 };
        // An infinite closure is worth any way round, unless time is worth nothing.
        worth.is_nan() || dearer <= worth + noise
    }

    /// The scale of the logit for a flow; zero where none is stated.
    fn choice_scale(&self, quest: Quest<'_>) -> f64 {
        let of_goods = quest.cargo.commodity.and_then(|goods| goods.choice_scale.as_ref());
        let stated = quest
            .flow
            .choice_scale
            .as_ref()
            .or(of_goods)
            .or(self.scenario.choice.scale.as_ref());
        stated.map_or(0.0, |scale| {
            let one = scale.currency.map_or(1.0, |currency| self.inputs.rate(currency));
            self.inputs.value(scale) / one
        })
    }

    /// The best ways from a node on that avoid a closure, for cargo that has done `done` of its route.
    fn continuations(
        &self,
        quest: Quest<'a>,
        node: NodeId,
        done: &[RouteStep],
        closure: &Closure,
    ) -> Vec<Vec<RouteStep>> {
        let Some(destination) = quest.flow.to.as_ref().and_then(|node| self.tables.node(node)) else {
            return Vec::new();
        };
        if node == destination {
            return Vec::new();
        }
        let before = done.last().and_then(|step| match *step {
            RouteStep::Link(link) => Some(Arc::Link(link)),
            RouteStep::Ride { service, from, to } => Some(Arc::Ride { service, from, to }),
            RouteStep::Facility(_) | RouteStep::Assembly(_) | RouteStep::Consolidated(_) => None,
        });
        let rides = done
            .iter()
            .filter(|step| matches!(step, RouteStep::Ride { .. }))
            .count();
        let start = Start {
            node,
            before,
            hours: self.appraisal.whole(done, quest.cargo).hours,
            services: rides,
            paths: CONTINUATIONS,
            avoid: &|step| closure.certain.hits(self, step),
        };
        let paths = self.paths_from(quest, start, destination).paths;
        paths
            .iter()
            .map(|path| self.steps_from(quest, (node, destination), before, &path.edges))
            .collect()
    }
}
