//! Lanes: the ways of consolidated boxes, the routes of less than container loads over them, and how many are expected.
//!
//! A lot goes by road (or loose by air) through a satellite warehouse to the centre, in a box along one lane, and from the
//! far-end centre on like that; the whole of it is one route. Which lane shippers choose depends on how long lots wait
//! there, and that on how many choose it: the two are brought together by successive averages once, at the inputs' expected
//! values.

use super::attributes::{Appraisal, Cargo};
use super::batching::Lots;
use super::facilities::Passage;
use super::paths::{Costs, Limits, Weight, k_shortest};
use super::rules::broken;
use super::search::{Aim, Finder, Quest};
use super::{Arc, Route, RouteStep, Tables, arc, fault, probabilities};
use crate::scenario::consolidation::Consolidation;
use crate::scenario::demand::{Arrivals, Commodity, Flow};
use crate::scenario::fault::Fault;
use crate::scenario::matching::matches;
use crate::scenario::place::{Mode, NodeKind};
use crate::scenario::{Inputs, Scenario};
use crate::units::{LaneId, NodeId, RouteId};
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};

/// Rounds of choosing and counting.
const ROUNDS: usize = 60;

/// Finds the way of the boxes of every lane; boxes without a way are faults.
pub(super) fn lay(scenario: &Scenario, tables: &mut Tables, graph: &DiGraph<NodeId, Arc>, faults: &mut Vec<Fault>) {
    if tables.lanes.is_empty() {
        return;
    }
    let inputs = Inputs::expected();
    let rates = scenario.exchange_rates(&inputs);
    let inputs = Inputs::expected().with_rates(&rates);
    let finder = Finder::new(scenario, tables, graph, &inputs);
    let ways: Vec<Vec<RouteStep>> = (0..tables.lanes.len())
        .map(|lane| finder.way_of_boxes(LaneId::new(lane), faults))
        .collect();
    for (lane, steps) in tables.lanes.iter_mut().zip(ways) {
        lane.steps = steps;
    }
}

/// The goods as which boxes go, with the modes by which they do not.
fn goods_of(scenario: &Scenario, stated: &Consolidation) -> Commodity {
    let known = stated
        .commodity
        .as_ref()
        .and_then(|name| scenario.commodities.get(name));
    let mut goods = known.cloned().unwrap_or_default();
    goods.not_by.extend(stated.not_by.iter().copied());
    goods
}

impl<'a> Finder<'a> {
    fn way_of_boxes(&self, lane: LaneId, faults: &mut Vec<Fault>) -> Vec<RouteStep> {
        let row = &self.tables.lanes[lane.index()];
        let stated = &self.scenario.consolidations[&row.consolidation];
        let goods = goods_of(self.scenario, stated);
        let name = |node: Option<NodeId>| node.map(|node| self.tables.nodes[node.index()].id.clone());
        // A box is looked for as a flow of its own would be.
        let flow = Flow {
            from: name(row.from),
            to: name(row.to),
            commodity: stated.commodity.clone(),
            direction: stated.direction,
            route: stated.route.clone(),
            ..Flow::default()
        };
        let mut cargo = Cargo::of(self.scenario, &row.consolidation, &flow, self.inputs);
        cargo.commodity = Some(&goods);
        cargo.size = stated.container.as_ref().map_or(1.0, |size| self.inputs.value(size));
        let quest = Quest {
            section: "consolidation",
            id: &row.consolidation,
            flow: &flow,
            cargo,
        };
        if stated.route.is_some() {
            let stated = self.stated(quest, false, faults);
            return stated.into_iter().next().map_or_else(Vec::new, |route| route.steps);
        }
        let Some(ends) = self.ends(&flow) else {
            return Vec::new();
        };
        let found = self.paths(quest, ends, &[], Aim::Cheapest);
        match found.paths.first() {
            Some(path) => self.steps(quest, ends, &path.edges),
            None => {
                faults.push(about_boxes(self.explain(quest, ends, found.gave_up), quest.id, stated));
                Vec::new()
            }
        }
    }

    /// The routes of less than container loads of a flow, and whether all of it is such; none where nothing is.
    pub(super) fn choices_of_lots(
        &self,
        id: &'a str,
        flow: &'a Flow,
        faults: &mut Vec<Fault>,
    ) -> Option<(Vec<Route>, bool)> {
        let mut cargo = Cargo::of(self.scenario, id, flow, self.inputs);
        let part = flow.lcl(cargo.density, self.inputs)?;
        cargo.size = part.size.mean();
        let quest = Quest {
            section: "flow",
            id,
            flow,
            cargo,
        };
        // What is uncertain may come to be more than nothing.
        let all = flow.is_all_consolidated() || flow.lcl_share.as_ref().is_some_and(|it| it.knowledge.min() >= 1.0);
        let before = faults.len();
        let mut routes = self.stated(quest, true, faults);
        let wanted = flow.search.unwrap_or(flow.route.is_none());
        // Consolidations whose boxes have no way have been reported.
        let incomplete = self.tables.lanes.iter().any(|lane| lane.steps.is_empty());
        if wanted && let Some(ends) = self.ends(flow) {
            let mut reasons = Vec::new();
            let mut found: Vec<(f64, Vec<RouteStep>)> = (0..self.tables.lanes.len())
                .filter_map(|lane| match self.over_lane(quest, ends, LaneId::new(lane)) {
                    Ok(steps) => {
                        let whole = self.appraisal.whole(&steps, cargo);
                        Some((self.appraisal.generalised_cost(whole, cargo), steps))
                    }
                    Err(reason) => {
                        reasons.push(format!("`consolidation.{}` {reason}", self.tables.lanes[lane].id));
                        None
                    }
                })
                .collect();
            found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
            let choice = &self.scenario.choice;
            let dearest = found.first().map_or(0.0, |(cost, _)| cost * choice.cost_limit);
            found.retain(|(cost, _)| *cost <= dearest);
            found.truncate(choice.routes);
            routes.extend(found.into_iter().map(|(_, steps)| Route::new(self.tables, steps, None)));
            if routes.is_empty() && faults.len() == before && !incomplete {
                faults.push(self.no_consolidation(id, ends, &reasons));
            }
        } else if routes.is_empty() && faults.len() == before && !incomplete {
            faults.push(fault(
                self.scenario,
                "no-consolidation",
                &format!("flow.{id}"),
                "has less than container loads, but none of its routes passes a consolidation".to_owned(),
                "name \"consolidation.some-name\" among the steps of a route of its own, or leave out `lcl_share`",
            ));
        }
        Some((routes, all))
    }

    fn no_consolidation(&self, id: &str, (from, to): (NodeId, NodeId), reasons: &[String]) -> Fault {
        let name = |node: NodeId| &self.tables.nodes[node.index()].id;
        let message = format!(
            "has less than container loads, and no consolidation takes them from `{}` to `{}`",
            name(from),
            name(to)
        );
        if reasons.is_empty() {
            return fault(
                self.scenario,
                "no-consolidation",
                &format!("flow.{id}"),
                message,
                "add a `[consolidation.some-name]` with the nodes `at` and `to`, or leave out `lcl_share`",
            );
        }
        fault(
            self.scenario,
            "no-consolidation",
            &format!("flow.{id}"),
            format!("{message}: {}", reasons.join("; ")),
            "change one of them so that it can, add another, or leave out `lcl_share`",
        )
    }

    /// The route of lots over one lane, or why there is none.
    fn over_lane(&self, quest: Quest<'_>, ends: (NodeId, NodeId), lane: LaneId) -> Result<Vec<RouteStep>, String> {
        let row = &self.tables.lanes[lane.index()];
        let stated = &self.scenario.consolidations[&row.consolidation];
        let (Some(from), Some(to)) = (row.from, row.to) else {
            return Err("is for stated routes alone: it says not where it is (`at`, `to`)".to_owned());
        };
        if row.steps.is_empty() {
            return Err("has no way for its boxes".to_owned());
        }
        let goods = quest.cargo.goods.unwrap_or("goods without a name");
        let admits = stated
            .commodities
            .as_ref()
            .is_none_or(|patterns| patterns.iter().any(|pattern| matches(pattern, goods)));
        if !admits {
            return Err(format!("does not take `{goods}` (`commodities`)"));
        }
        if stated.direction != quest.flow.direction {
            return Err("is for the other direction (`direction`)".to_owned());
        }
        if let Some(lots) = quest.cargo.commodity {
            let boxes = goods_of(self.scenario, stated);
            if lots.refrigerated && !boxes.refrigerated {
                return Err(format!("has no refrigerated boxes for `{goods}` (`commodity`)"));
            }
            if lots.dangerous_goods.is_some() && boxes.dangerous_goods.is_none() {
                return Err(format!("takes no dangerous goods such as `{goods}` (`commodity`)"));
            }
            let banned = row
                .steps
                .iter()
                .any(|step| !broken(self.scenario, self.tables, Some(lots), *step).is_empty());
            if banned {
                return Err(format!("goes by ways that `{goods}` must not use"));
            }
        }
        let name = |node: NodeId| &self.tables.nodes[node.index()].id;
        let access = self
            .loose(quest, (ends.0, from), &stated.satellites, (Passage::End, Passage::Box))
            .ok_or_else(|| {
                let through = through(&stated.satellites);
                format!(
                    "cannot be reached by road from `{}`{through} (at `{}`)",
                    name(ends.0),
                    name(from)
                )
            })?;
        let egress = self
            .loose(
                quest,
                (to, ends.1),
                &stated.far_satellites,
                (Passage::Box, Passage::End),
            )
            .ok_or_else(|| {
                let through = through(&stated.far_satellites);
                format!(
                    "ends at `{}`, from where no road leads{through} to `{}`",
                    name(to),
                    name(ends.1)
                )
            })?;
        let mut steps = access;
        steps.push(RouteStep::Consolidated(lane));
        steps.extend(egress);
        let hours = self.appraisal.whole(&steps, quest.cargo).hours;
        if self.shelf_life(quest).is_some_and(|life| hours > life) {
            return Err(format!("takes longer than `{goods}` keeps"));
        }
        Ok(steps)
    }

    /// The best way of loose lots from one node to another through one of the satellites, if there are any and neither
    /// end is where it begins or ends anyway.
    fn loose(
        &self,
        quest: Quest<'_>,
        (from, to): (NodeId, NodeId),
        satellites: &[String],
        ends: (Passage, Passage),
    ) -> Option<Vec<RouteStep>> {
        if from == to {
            return Some(self.between(quest, from, ends.0, ends.1));
        }
        let outer = if ends.0 == Passage::End { from } else { to };
        let through: Vec<NodeId> = satellites.iter().filter_map(|node| self.tables.node(node)).collect();
        let ways: Vec<Vec<EdgeIndex>> = if through.is_empty() || through.contains(&outer) {
            self.loose_edges(quest, from, to).into_iter().collect()
        } else {
            let by = |satellite: &NodeId| {
                let mut edges = self.loose_edges(quest, from, *satellite)?;
                edges.extend(self.loose_edges(quest, *satellite, to)?);
                Some(edges)
            };
            through.iter().filter_map(by).collect()
        };
        let routes = ways
            .into_iter()
            .map(|edges| self.loose_steps(quest, from, &edges, ends));
        routes.min_by(|a, b| {
            let cost = |steps: &[RouteStep]| {
                let whole = self.appraisal.whole(steps, quest.cargo);
                self.appraisal.generalised_cost(whole, quest.cargo) + 1e-6 * whole.hours
            };
            cost(a).total_cmp(&cost(b)).then_with(|| a.cmp(b))
        })
    }

    /// The steps of a loose way with the facilities at its nodes.
    fn loose_steps(
        &self,
        quest: Quest<'_>,
        from: NodeId,
        edges: &[EdgeIndex],
        (begins, ends): (Passage, Passage),
    ) -> Vec<RouteStep> {
        let mut steps = Vec::new();
        let (mut node, mut before) = (from, begins);
        for edge in edges {
            let by = arc(self.graph, *edge);
            steps.extend(self.between(quest, node, before, Passage::By(by)));
            steps.push(by.into());
            before = Passage::By(by);
            if let Some((_, to)) = self.graph.edge_endpoints(*edge) {
                node = self.graph[to];
            }
        }
        steps.extend(self.between(quest, node, before, ends));
        steps
    }

    /// The best way of loose lots between two nodes: by road, or by air, which takes lots as they are.
    fn loose_edges(&self, quest: Quest<'_>, from: NodeId, to: NodeId) -> Option<Vec<EdgeIndex>> {
        if from == to {
            return Some(Vec::new());
        }
        let cargo = quest.cargo;
        let costs = Costs {
            edge: |edge: EdgeIndex| {
                let step = RouteStep::from(arc(self.graph, edge));
                let mode = match step {
                    RouteStep::Link(link) => self.tables.links[link.index()].mode,
                    RouteStep::Ride { service, .. } => self.tables.services[service.index()].mode,
                    _ => return None,
                };
                let admitted = matches!(mode, Mode::Road | Mode::Air)
                    && broken(self.scenario, self.tables, cargo.commodity, step).is_empty();
                let whole = self.appraisal.whole(&[step], cargo);
                admitted.then(|| Weight {
                    cost: self.appraisal.generalised_cost(whole, cargo).max(0.0) + 1e-6 * whole.hours,
                    hours: whole.hours,
                    services: usize::from(matches!(step, RouteStep::Ride { .. })),
                })
            },
            turn: |_: Option<EdgeIndex>, _: NodeIndex, _: Option<EdgeIndex>| Some(Weight::default()),
            passable: |node: NodeIndex| self.tables.nodes[self.graph[node].index()].kind != NodeKind::Zone,
        };
        let limits = Limits {
            paths: 1,
            cost_ratio: 1.0,
            hours: f64::INFINITY,
            services: self.scenario.choice.services_limit,
        };
        let ends = (NodeIndex::new(from.index()), NodeIndex::new(to.index()));
        let found = k_shortest(self.graph, ends, limits, &costs);
        found.paths.into_iter().next().map(|path| path.edges)
    }
}

/// By what satellites, in words.
fn through(satellites: &[String]) -> String {
    match satellites {
        [] => String::new(),
        some => format!(" through a satellite ({})", some.join(", ")),
    }
}

/// Works out how many lots come to every lane, as shippers choose.
pub(super) fn expect_lots(
    scenario: &Scenario,
    tables: &mut Tables,
    routes: &[Route],
    (choice_sets, whole_loads): (&[Vec<RouteId>], &[usize]),
) {
    if tables.lanes.is_empty() {
        return;
    }
    let inputs = Inputs::expected();
    let rates = scenario.exchange_rates(&inputs);
    let inputs = Inputs::expected().with_rates(&rates);
    for round in 0..ROUNDS {
        let mut chosen = vec![Lots::default(); tables.lanes.len()];
        let appraisal = Appraisal::new(scenario, tables, &inputs);
        for (number, (id, flow)) in scenario.flows.iter().enumerate() {
            let mut cargo = Cargo::of(scenario, id, flow, &inputs);
            let Some(lots) = lots_of(flow, cargo, &inputs) else {
                continue;
            };
            cargo.size = lots.teu;
            let choices = &choice_sets[number][whole_loads[number]..];
            let cost = |route: &RouteId| {
                let whole = appraisal.whole(&routes[route.index()].steps, cargo);
                appraisal.generalised_cost(whole, cargo)
            };
            let scale = appraisal.choice_scale(cargo);
            let utilities: Vec<f64> = choices.iter().map(|route| -scale * cost(route)).collect();
            // At first all choose alike.
            let even = vec![1.0 / choices.len() as f64; choices.len()];
            let shares = if round == 0 { even } else { probabilities(&utilities) };
            for (route, share) in choices.iter().zip(shares) {
                for step in &routes[route.index()].steps {
                    if let RouteStep::Consolidated(lane) = step {
                        let per_hour = lots.per_hour * share;
                        chosen[lane.index()].add(Lots { per_hour, ..lots });
                    }
                }
            }
        }
        let weight = 1.0 / (round + 1) as f64;
        for (lane, chosen) in tables.lanes.iter_mut().zip(chosen) {
            let before = lane.lots.per_hour;
            let mut lots = if chosen.per_hour > 0.0 { chosen } else { lane.lots };
            lots.per_hour = before + weight * (chosen.per_hour - before);
            lane.lots = lots;
        }
    }
}

/// The lots of a flow, all lanes together.
fn lots_of(flow: &Flow, cargo: Cargo<'_>, inputs: &Inputs<'_>) -> Option<Lots> {
    let part = flow.lcl(cargo.density, inputs)?;
    let (mean, square) = (
        part.size.mean(),
        part.size.variance() + part.size.mean() * part.size.mean(),
    );
    let per_hour = if let Some(volume) = &flow.volume {
        inputs.value(volume) * part.share_of_space / mean.max(f64::MIN_POSITIVE)
    } else {
        let batch = flow.batch.as_ref().map_or(1.0, |batch| batch.0.mean());
        let rate = match &flow.arrivals {
            Some(Arrivals::Poisson(rate)) => inputs.value(rate),
            Some(Arrivals::Renewal(renewal)) => 1.0 / renewal.gap.family(inputs).mean(),
            Some(Arrivals::Timetable(interval)) => 1.0 / inputs.value(&interval.interval),
            Some(Arrivals::Population(_) | Arrivals::Listed(_)) | None => 0.0,
        };
        rate * batch * part.probability
    };
    Some(Lots {
        per_hour,
        teu: mean,
        teu_squared: square,
        tonnes: mean * cargo.density,
        tonnes_squared: square * cargo.density * cargo.density,
    })
}

/// A fault about a flow like which boxes are looked for, said of the boxes.
fn about_boxes(mut fault: Fault, id: &str, stated: &Consolidation) -> Fault {
    let goods = stated.commodity.as_deref().unwrap_or_default();
    if !stated.not_by.is_empty() {
        let own = format!("`consolidation.{id}.not_by`");
        fault.remedy = fault.remedy.replace(&format!("`commodity.{goods}.not_by`"), &own);
    }
    let message = fault
        .message
        .replace("by which `` must not go", "by which they must not go");
    fault.message = format!("its boxes have no way: {message}");
    fault
}
