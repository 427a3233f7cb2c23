//! The search for the routes of a flow: those that it states, and the best through the network that its goods may use.

use super::attributes::{Appraisal, Attributes, Cargo};
use super::facilities::{Passage, Passenger, between};
use super::paths::{Costs, Found, Limits, Weight, k_shortest};
use super::routes::parse_step;
use super::rules::{Obstacle, Rule, broken, duration};
use super::{Arc, Route, RouteStep, Tables, arc, fault};
use crate::scenario::consolidation::passes_consolidation;
use crate::scenario::demand::{Direction, Flow};
use crate::scenario::fault::Fault;
use crate::scenario::place::{Carries, NodeKind};
use crate::scenario::{Inputs, Scenario};
use crate::units::NodeId;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};

/// What a search looks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Aim {
    /// The routes with the least generalised cost.
    Cheapest,
    /// The route that takes the least time.
    Fastest,
}

/// A flow, or the boxes of a consolidation, for which routes are wanted.
#[derive(Clone, Copy)]
pub(super) struct Quest<'a> {
    pub(super) section: &'static str,
    pub(super) id: &'a str,
    pub(super) flow: &'a Flow,
    pub(super) cargo: Cargo<'a>,
}

/// Where a search begins when it is not at the origin of a flow.
#[derive(Clone, Copy)]
pub(super) struct Start<'b> {
    /// The node.
    pub(super) node: NodeId,
    /// How it was come to.
    pub(super) before: Option<Arc>,
    /// Hours spent so far.
    pub(super) hours: f64,
    /// Services ridden so far.
    pub(super) services: usize,
    /// How many paths are wanted.
    pub(super) paths: usize,
    /// What must not be used.
    pub(super) avoid: &'b dyn Fn(RouteStep) -> bool,
}

/// Finds the routes of flows.
pub(super) struct Finder<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) tables: &'a Tables,
    pub(super) graph: &'a DiGraph<NodeId, Arc>,
    pub(super) appraisal: Appraisal<'a>,
    pub(super) inputs: &'a Inputs<'a>,
    /// The same network when the lines run that measures bring about, if there are any.
    ahead: Option<Box<Self>>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        tables: &'a Tables,
        graph: &'a DiGraph<NodeId, Arc>,
        inputs: &'a Inputs<'a>,
    ) -> Self {
        let with = |appraisal, ahead| Self {
            scenario,
            tables,
            graph,
            appraisal,
            inputs,
            ahead,
        };
        let ahead = Appraisal::with_lines_to_come(scenario, tables, inputs);
        let ahead = ahead.map(|appraisal| Box::new(with(appraisal, None)));
        with(Appraisal::new(scenario, tables, inputs), ahead)
    }

    /// The flow called `id` as one for which routes are wanted.
    pub(super) fn quest(&self, id: &'a str, flow: &'a Flow) -> Quest<'a> {
        Quest {
            section: "flow",
            id,
            flow,
            cargo: Cargo::of(self.scenario, id, flow, self.inputs),
        }
    }

    /// The routes that a flow chooses from: those that it states, then the best through the network.
    pub(super) fn choices(&self, id: &'a str, flow: &'a Flow, faults: &mut Vec<Fault>) -> Vec<Route> {
        let quest = self.quest(id, flow);
        let before = faults.len();
        let mut routes = self.stated(quest, false, faults);
        let wanted = flow.search.unwrap_or(flow.route.is_none());
        if wanted && let Some(ends) = self.ends(flow) {
            let found = self.paths(quest, ends, &[], Aim::Cheapest);
            if routes.is_empty() && found.paths.is_empty() && self.ahead.is_none() {
                faults.push(self.explain(quest, ends, found.gave_up));
            }
            let searched = found.paths.iter();
            routes.extend(searched.map(|path| Route::new(self.tables, self.steps(quest, ends, &path.edges), None)));
            self.add_routes_to_come(quest, ends, &mut routes);
        } else if routes.is_empty() && faults.len() == before {
            faults.push(fault(
                self.scenario,
                "no-route",
                &format!("flow.{id}"),
                "has neither `from` and `to` nor a `route`".to_owned(),
                "give both ends of the flow, or state its route",
            ));
        }
        routes
    }

    /// Adds the routes by lines that measures bring about. They take no place among the best of the others: before a measure acts
    /// nothing may be otherwise than without it.
    fn add_routes_to_come(&self, quest: Quest<'a>, ends: (NodeId, NodeId), routes: &mut Vec<Route>) {
        let Some(ahead) = &self.ahead else { return };
        let is_idle =
            |step: &RouteStep| matches!(step, RouteStep::Ride { service, .. } if self.appraisal.is_idle(*service));
        for path in &ahead.paths(quest, ends, &[], Aim::Cheapest).paths {
            let steps = ahead.steps(quest, ends, &path.edges);
            if steps.iter().any(is_idle) && !routes.iter().any(|route| route.steps == steps) {
                routes.push(Route::new(self.tables, steps, None));
            }
        }
    }

    /// The routes that the flow states or names, either for less than container loads or for others; those that its goods
    /// must not use are faults.
    pub(super) fn stated(&self, quest: Quest<'_>, lots: bool, faults: &mut Vec<Fault>) -> Vec<Route> {
        let flow = quest.flow;
        let own = flow.route.iter().map(|steps| (None, steps));
        let named = flow.routes.iter().filter_map(|name| {
            let route = self.scenario.routes.get(name)?;
            Some((Some(name.clone()), &route.steps))
        });
        let mut routes = Vec::new();
        let of_kind = |(_, steps): &(Option<String>, &Vec<String>)| passes_consolidation(steps) == lots;
        for (name, steps) in own.chain(named).filter(of_kind) {
            let steps: Vec<RouteStep> = steps.iter().filter_map(|step| parse_step(self.tables, step)).collect();
            let obstacles = self.obstacles_on(quest, &steps);
            if obstacles.is_empty() {
                routes.push(Route::new(self.tables, steps, name));
                continue;
            }
            let (key, which) = match &name {
                None => ("route", "its route".to_owned()),
                Some(name) => ("routes", format!("route `{name}`")),
            };
            faults.extend(obstacles.into_iter().map(|obstacle| {
                fault(
                    self.scenario,
                    "goods-not-admitted",
                    &format!("{}.{}.{key}", quest.section, quest.id),
                    format!("may not use {which}: {}", obstacle.what),
                    &format!("{}, or leave the route out", obstacle.remedy),
                )
            }));
        }
        routes
    }

    /// What keeps the goods of a flow off a route.
    pub(super) fn obstacles_on(&self, quest: Quest<'_>, steps: &[RouteStep]) -> Vec<Obstacle> {
        let goods = quest.cargo.goods.unwrap_or_default();
        let mut obstacles = Vec::new();
        for step in self.tables.laid_open(steps) {
            let rules = broken(self.scenario, self.tables, quest.cargo.commodity, step);
            let key = step.key(self.tables);
            obstacles.extend(
                rules
                    .into_iter()
                    .filter_map(|rule| Obstacle::of_step(rule, &key, goods)),
            );
        }
        let hours = self.appraisal.whole(steps, quest.cargo).hours;
        if let Some(life) = self.shelf_life(quest).filter(|life| hours > *life) {
            obstacles.push(Obstacle {
                what: format!(
                    "it takes {} on average, and `{goods}` keeps {}",
                    duration(hours),
                    duration(life)
                ),
                remedy: format!("correct its times or `commodity.{goods}.shelf_life`"),
            });
        }
        obstacles
    }

    /// How long the goods of a flow keep, where that is limited.
    pub(super) fn shelf_life(&self, quest: Quest<'_>) -> Option<f64> {
        let life = quest.cargo.commodity?.shelf_life.as_ref()?;
        Some(self.inputs.value(life))
    }

    pub(super) fn ends(&self, flow: &Flow) -> Option<(NodeId, NodeId)> {
        let (from, to) = flow.from.as_ref().zip(flow.to.as_ref())?;
        self.tables.node(from).zip(self.tables.node(to))
    }

    /// The best paths through the network that keep all rules but those that are `lifted`.
    pub(super) fn paths(&self, quest: Quest<'_>, ends: (NodeId, NodeId), lifted: &[Rule], aim: Aim) -> Found {
        let start = Start {
            node: ends.0,
            before: None,
            hours: 0.0,
            services: 0,
            paths: self.scenario.choice.routes,
            avoid: &|_| false,
        };
        self.search(quest, &start, ends.1, lifted, aim)
    }

    /// The best paths on from somewhere on the way, that keep all rules.
    pub(super) fn paths_from(&self, quest: Quest<'_>, start: Start<'_>, destination: NodeId) -> Found {
        self.search(quest, &start, destination, &[], Aim::Cheapest)
    }

    fn search(&self, quest: Quest<'_>, start: &Start<'_>, destination: NodeId, lifted: &[Rule], aim: Aim) -> Found {
        let cargo = quest.cargo;
        let kept = |rule: Rule| !lifted.contains(&rule);
        let weigh = |attributes: Attributes, services: usize| Weight {
            cost: match aim {
                // A little for every hour keeps the search sensible where nothing costs anything.
                Aim::Cheapest => self.appraisal.generalised_cost(attributes, cargo).max(0.0) + 1e-6 * attributes.hours,
                Aim::Fastest => attributes.hours,
            },
            hours: attributes.hours,
            services,
        };
        let costs = Costs {
            edge: |edge: EdgeIndex| {
                let step = RouteStep::from(arc(self.graph, edge));
                let rules = broken(self.scenario, self.tables, cargo.commodity, step);
                let is_ride = matches!(step, RouteStep::Ride { .. });
                let admitted = !self.is_for_lots(step) && !rules.into_iter().any(kept) && !(start.avoid)(step);
                admitted.then(|| weigh(self.appraisal.whole(&[step], cargo), usize::from(is_ride)))
            },
            turn: |before: Option<EdgeIndex>, node: NodeIndex, after: Option<EdgeIndex>| {
                let [before, after] = [before, after].map(|edge| edge.map(|edge| arc(self.graph, edge)));
                let before = before.or(start.before.filter(|_| self.graph[node] == start.node));
                // To change from a service to itself is to stay aboard, which is another ride.
                if same_service(before, after) {
                    return None;
                }
                let mut steps = self.facilities(quest, self.graph[node], before, after);
                if steps.iter().any(|step| (start.avoid)(*step)) {
                    return None;
                }
                let passed = steps.len();
                steps.extend(after.map(RouteStep::from));
                let each = (0..passed).map(|at| weigh(self.appraisal.step_of(&steps, at, cargo), 0));
                Some(each.fold(Weight::default(), |sum, weight| sum + weight))
            },
            passable: |node: NodeIndex| {
                let kind = self.tables.nodes[self.graph[node].index()].kind;
                kind != NodeKind::Zone || !kept(Rule::Zones)
            },
        };
        let ends = (NodeIndex::new(start.node.index()), NodeIndex::new(destination.index()));
        let limits = self.limits(quest, lifted);
        let limits = Limits {
            paths: start.paths,
            hours: limits.hours - start.hours,
            services: limits.services.saturating_sub(start.services),
            ..limits
        };
        k_shortest(self.graph, ends, limits, &costs)
    }

    /// Whether only less than container loads take a step.
    fn is_for_lots(&self, step: RouteStep) -> bool {
        matches!(step, RouteStep::Link(link) if self.tables.links[link.index()].carries == Carries::Lots)
    }

    fn limits(&self, quest: Quest<'_>, lifted: &[Rule]) -> Limits {
        let choice = &self.scenario.choice;
        let life = self.shelf_life(quest).filter(|_| !lifted.contains(&Rule::ShelfLife));
        Limits {
            paths: choice.routes,
            cost_ratio: choice.cost_limit,
            hours: life.unwrap_or(f64::INFINITY),
            services: if lifted.contains(&Rule::Services) {
                usize::MAX
            } else {
                choice.services_limit
            },
        }
    }

    /// The facilities that a flow passes at a node between two arcs.
    fn facilities(&self, quest: Quest<'_>, node: NodeId, before: Option<Arc>, after: Option<Arc>) -> Vec<RouteStep> {
        self.between(quest, node, before.into(), after.into())
    }

    /// The facilities that a flow passes at a node between one passage and the next.
    pub(super) fn between(&self, quest: Quest<'_>, node: NodeId, before: Passage, after: Passage) -> Vec<RouteStep> {
        let passenger = Passenger {
            commodity: quest.cargo.goods,
            export: quest.flow.direction == Direction::Export,
        };
        let passed = between(self.scenario, self.tables, node, before, after, passenger);
        passed.into_iter().map(RouteStep::Facility).collect()
    }

    /// A path's edges with the facilities at its nodes.
    pub(super) fn steps(&self, quest: Quest<'_>, ends: (NodeId, NodeId), edges: &[EdgeIndex]) -> Vec<RouteStep> {
        self.steps_from(quest, ends, None, edges)
    }

    /// The same for a path that begins on the way, where the node was come to by `before`.
    pub(super) fn steps_from(
        &self,
        quest: Quest<'_>,
        (origin, destination): (NodeId, NodeId),
        mut before: Option<Arc>,
        edges: &[EdgeIndex],
    ) -> Vec<RouteStep> {
        let mut steps = Vec::new();
        let mut node = origin;
        for edge in edges {
            let arc = arc(self.graph, *edge);
            steps.extend(self.facilities(quest, node, before, Some(arc)));
            steps.push(arc.into());
            before = Some(arc);
            if let Some((_, to)) = self.graph.edge_endpoints(*edge) {
                node = self.graph[to];
            }
        }
        steps.extend(self.facilities(quest, destination, before, None));
        steps
    }
}

fn same_service(before: Option<Arc>, after: Option<Arc>) -> bool {
    matches!((before, after), (Some(Arc::Ride { service: a, .. }), Some(Arc::Ride { service: b, .. })) if a == b)
}
