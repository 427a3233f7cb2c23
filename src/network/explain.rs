//! Why a flow has no route: which rule stands in the way, and where.
//!
//! The rules are lifted one at a time. Those that open a way are named, each with what breaks it on the best way then;
//! where only all together do, what breaks any of them on the best way of all.

use super::fault;
use super::rules::{Obstacle, Rule, broken, duration};
use super::search::{Aim, Finder, Quest};
use super::{RouteStep, Tables};
use crate::scenario::fault::Fault;
use crate::scenario::place::NodeKind;
use crate::units::NodeId;
use petgraph::Direction;
use petgraph::graph::NodeIndex;

impl Finder<'_> {
    /// Why a flow that wants routes through the network has none.
    pub(super) fn explain(&self, quest: Quest<'_>, ends: (NodeId, NodeId), gave_up: bool) -> Fault {
        let key = format!("{}.{}", quest.section, quest.id);
        let name = |node: NodeId| &self.tables.nodes[node.index()].id;
        let between = format!("from `{}` to `{}`", name(ends.0), name(ends.1));
        if gave_up {
            return fault(
                self.scenario,
                "no-route",
                &key,
                format!("no way {between} was found: there are too many that nearly fit"),
                "state its route, or take out links and services that it does not use",
            );
        }
        let rules = Rule::of(quest.cargo.commodity);
        let alone = rules.iter().map(|rule| self.obstacles(quest, ends, &[*rule]));
        let mut ways: Vec<Vec<Obstacle>> = alone.filter(|obstacles| !obstacles.is_empty()).collect();
        if ways.is_empty() {
            ways.push(self.obstacles(quest, ends, &rules));
        }
        if ways.iter().all(Vec::is_empty) {
            let message = format!("there is no way {between}");
            return fault(self.scenario, "no-route", &key, message, &self.gap(ends));
        }
        let goods = quest.cargo.goods.map(|goods| format!(" for `{goods}`"));
        let what = list(&ways, |it| &it.what, "; ");
        let message = format!("there is no way {between}{}: {what}", goods.unwrap_or_default());
        let remedy = format!("{}, or add another way", list(&ways, |it| &it.remedy, ", or "));
        fault(self.scenario, "no-route", &key, message, &remedy)
    }

    /// What breaks the `lifted` rules on the best way that there is without them; the fastest, where time is short.
    /// Nothing where there is no way even then.
    fn obstacles(&self, quest: Quest<'_>, ends: (NodeId, NodeId), lifted: &[Rule]) -> Vec<Obstacle> {
        let aim = if lifted.contains(&Rule::ShelfLife) {
            Aim::Fastest
        } else {
            Aim::Cheapest
        };
        let found = self.paths(quest, ends, lifted, aim);
        let Some(path) = found.paths.first() else {
            return Vec::new();
        };
        let steps = self.steps(quest, ends, &path.edges);
        let mut obstacles = Vec::new();
        for rule in lifted {
            match rule {
                Rule::ShelfLife => obstacles.extend(self.too_slow(quest, &steps, path.weight.hours)),
                Rule::Services => obstacles.extend(self.too_many_services(path.weight.services)),
                Rule::Zones => obstacles.extend(zones_within(self.tables, &steps)),
                Rule::Mode(_) | Rule::DangerousGoods | Rule::Refrigerated => {
                    let goods = quest.cargo.goods.unwrap_or_default();
                    let breaks = |step: &&RouteStep| {
                        broken(self.scenario, self.tables, quest.cargo.commodity, **step).contains(rule)
                    };
                    let keys = steps.iter().filter(breaks).map(|step| step.key(self.tables));
                    obstacles.extend(keys.filter_map(|key| Obstacle::of_step(*rule, &key, goods)));
                }
            }
        }
        obstacles
    }

    /// That even the fastest way takes too long, and where most of the time goes.
    fn too_slow(&self, quest: Quest<'_>, steps: &[RouteStep], hours: f64) -> Option<Obstacle> {
        let life = self.shelf_life(quest).filter(|life| hours > *life)?;
        let goods = quest.cargo.goods.unwrap_or_default();
        let takes = |at: usize| self.appraisal.step_of(steps, at, quest.cargo).hours;
        let longest = (0..steps.len()).max_by(|a, b| takes(*a).total_cmp(&takes(*b)))?;
        let (key, part) = (steps[longest].key(self.tables), duration(takes(longest)));
        let wait = match steps[longest] {
            RouteStep::Ride { .. } => " and the wait for it",
            _ => "",
        };
        Some(Obstacle {
            what: format!(
                "the fastest takes {} on average, {part} of it `{key}`{wait}, and `{goods}` keeps {}",
                duration(hours),
                duration(life)
            ),
            remedy: format!("correct the times or `commodity.{goods}.shelf_life`"),
        })
    }

    fn too_many_services(&self, services: usize) -> Option<Obstacle> {
        let limit = self.scenario.choice.services_limit;
        (services > limit).then(|| Obstacle {
            what: format!("the best rides more services than `choice.services_limit` allows, {services} instead of at most {limit}"),
            remedy: format!("set `choice.services_limit` to {services}"),
        })
    }

    /// What to do where the network itself has a gap.
    fn gap(&self, (origin, destination): (NodeId, NodeId)) -> String {
        let arcs = |node: NodeId, side| self.graph.edges_directed(NodeIndex::new(node.index()), side).count();
        let name = |node: NodeId| &self.tables.nodes[node.index()].id;
        if origin == destination {
            "let it end elsewhere than it begins, or state its route".to_owned()
        } else if arcs(origin, Direction::Outgoing) == 0 {
            format!(
                "nothing leaves `{}`: add a link that carries cargo, or a service that calls there",
                name(origin)
            )
        } else if arcs(destination, Direction::Incoming) == 0 {
            format!(
                "nothing arrives at `{}`: add a link that carries cargo, or a service that calls there",
                name(destination)
            )
        } else {
            "the parts of the network around the two ends are not connected: add a link or a service between them"
                .to_owned()
        }
    }
}

/// What is said of the obstacles on each of several ways: `between` the ways, all of it on each.
fn list(ways: &[Vec<Obstacle>], said: fn(&Obstacle) -> &String, between: &str) -> String {
    let each = ways.iter().map(|obstacles| {
        let mut parts: Vec<&str> = obstacles.iter().map(|it| said(it).as_str()).collect();
        parts.dedup();
        parts.join(" and ")
    });
    each.collect::<Vec<_>>().join(between)
}

/// The zones that a route passes between its ends.
fn zones_within(tables: &Tables, steps: &[RouteStep]) -> Vec<Obstacle> {
    let mut stops: Vec<NodeId> = steps.iter().filter_map(|step| step.leads_to(tables)).collect();
    stops.pop();
    let zones = stops.into_iter().map(|node| &tables.nodes[node.index()]);
    zones
        .filter(|node| node.kind == NodeKind::Zone)
        .map(|node| Obstacle {
            what: format!("`node.{}` on it is a zone, through which nothing passes", node.id),
            remedy: format!(
                "make `node.{}` a terminal or a port if cargo is reloaded there",
                node.id
            ),
        })
        .collect()
}
