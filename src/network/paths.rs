//! The k cheapest loopless paths within limits, with weights on edges and on turns.
//!
//! What passing a node costs depends on the edges by which it is entered and left (customs between road and rail, none
//! between rail and rail). The best path is then no longer made of best parts: the cheapest way to come to a node may
//! make the way on dear, and a loop may be cheaper than a dear turn. So the search runs on the line graph, whose points
//! are edges and whose ways are turns, and follows whole paths, most promising first (A*, Hart, Nilsson and Raphael
//! 1968). What is still to come is bounded from below by the lightest walk to the destination, which is what the path
//! will weigh unless that walk has a loop. Paths therefore come out in the order of their cost, and a path that keeps
//! within the limits is never overlooked.

use petgraph::algo::dijkstra;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::{EdgeRef, Reversed};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Add;

/// Bounds are added up in another order than paths; differences of this size are rounding.
const ROUNDING: f64 = 1.0 + 1e-9;
/// Partial paths that are followed before the search gives up. To find a path without loops where turns are forbidden
/// is a hard problem (Szeider 2003), so some network may need any effort; real ones need a few for each path.
const EFFORT: usize = 1_000_000;

/// What an edge or a turn adds to a path.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Weight {
    /// Cost, by which paths are ordered. Never negative.
    pub cost: f64,
    /// Time. Never negative.
    pub hours: f64,
    /// Services that are ridden.
    pub services: usize,
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cost: self.cost + other.cost,
            hours: self.hours + other.hours,
            services: self.services + other.services,
        }
    }
}

/// A path and its weight.
#[derive(Clone, PartialEq, Debug)]
pub struct Path {
    /// Its edges in order.
    pub edges: Vec<EdgeIndex>,
    /// The weight of the edges and of the turns between them, at both ends included.
    pub weight: Weight,
}

/// What paths weigh, and what they may pass.
pub struct Costs<E, T, P> {
    /// The weight of an edge; `None` forbids it.
    pub edge: E,
    /// The weight of passing a node from one edge to the next; an absent edge means the path's end. `None` forbids it.
    pub turn: T,
    /// Whether a path may pass through a node between its ends.
    pub passable: P,
}

/// Which paths are wanted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limits {
    /// How many at most.
    pub paths: usize,
    /// None that costs more than so many times the cheapest.
    pub cost_ratio: f64,
    /// None that takes longer.
    pub hours: f64,
    /// None that rides more services.
    pub services: usize,
}

/// What a search has found.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Found {
    /// The paths, cheapest first.
    pub paths: Vec<Path>,
    /// Whether the search was given up, so that there may be more, though none cheaper.
    pub gave_up: bool,
}

/// The cheapest loopless paths from `origin` to `destination` within `limits`, cheapest first.
pub fn k_shortest<N, A, E, T, P>(
    graph: &DiGraph<N, A>,
    (origin, destination): (NodeIndex, NodeIndex),
    limits: Limits,
    costs: &Costs<E, T, P>,
) -> Found
where
    E: Fn(EdgeIndex) -> Option<Weight>,
    T: Fn(Option<EdgeIndex>, NodeIndex, Option<EdgeIndex>) -> Option<Weight>,
    P: Fn(NodeIndex) -> bool,
{
    let lines = Lines::new(graph, (origin, destination), costs);
    Search {
        lines: &lines,
        limits,
        cost_left: lines.least(|weight| weight.cost),
        hours_left: lines.least(|weight| weight.hours),
        services_left: lines.least(|weight| weight.services as f64),
        labels: Vec::new(),
        candidates: BinaryHeap::new(),
    }
    .run()
}

/// A point of the line graph.
#[derive(Clone, Copy)]
struct Point {
    /// The edge of the network that it stands for; none for the start and the end.
    edge: Option<EdgeIndex>,
    /// The node to which it leads.
    node: NodeIndex,
}

/// The line graph of all walks from the origin to the destination: its points are the edges of the network, a start and
/// an end; its ways are the turns, each with the weight of the turn and of the edge that it leads to.
struct Lines {
    graph: DiGraph<Point, Weight>,
    start: NodeIndex,
    end: NodeIndex,
}

impl Lines {
    fn new<N, A, E, T, P>(
        network: &DiGraph<N, A>,
        (origin, destination): (NodeIndex, NodeIndex),
        costs: &Costs<E, T, P>,
    ) -> Self
    where
        E: Fn(EdgeIndex) -> Option<Weight>,
        T: Fn(Option<EdgeIndex>, NodeIndex, Option<EdgeIndex>) -> Option<Weight>,
        P: Fn(NodeIndex) -> bool,
    {
        let mut graph = DiGraph::new();
        let [start, end] = [origin, destination].map(|node| graph.add_node(Point { edge: None, node }));
        let mut point_of: Vec<Option<NodeIndex>> = vec![None; network.edge_count()];
        let mut reached = vec![start];
        while let Some(point) = reached.pop() {
            let Point { edge: before, node } = graph[point];
            if before.is_some() && node == destination {
                if let Some(turn) = (costs.turn)(before, node, None) {
                    graph.add_edge(point, end, turn);
                }
                continue;
            }
            for edge in network.edges(node) {
                let (id, to) = (edge.id(), edge.target());
                if to == origin || (to != destination && !(costs.passable)(to)) {
                    continue;
                }
                let Some(weight) = (costs.edge)(id) else { continue };
                let Some(turn) = (costs.turn)(before, node, Some(id)) else {
                    continue;
                };
                let next = *point_of[id.index()].get_or_insert_with(|| {
                    let next = graph.add_node(Point {
                        edge: Some(id),
                        node: to,
                    });
                    reached.push(next);
                    next
                });
                graph.add_edge(point, next, turn + weight);
            }
        }
        Self { graph, start, end }
    }

    /// For each point, the least that a walk from there to the end needs of what is measured; infinite where there is
    /// no such walk.
    fn least(&self, measure: impl Fn(&Weight) -> f64) -> Vec<f64> {
        let found = dijkstra(Reversed(&self.graph), self.end, None, |turn| measure(turn.weight()));
        let points = self.graph.node_indices();
        points
            .map(|point| found.get(&point).copied().unwrap_or(f64::INFINITY))
            .collect()
    }
}

/// A partial path: a point that extends another partial path.
#[derive(Clone, Copy)]
struct Label {
    point: NodeIndex,
    before: Option<usize>,
    weight: Weight,
}

/// A partial path that waits to be followed: the cheapest first, then the longest, then the oldest, so that ties do not
/// depend on chance.
#[derive(Clone, Copy, PartialEq)]
struct Candidate {
    /// The least that a whole path which begins like this can cost.
    cost: f64,
    length: usize,
    label: usize,
}

impl Eq for Candidate {}

impl Ord for Candidate {
    /// The greatest is followed first.
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .cost
            .total_cmp(&self.cost)
            .then_with(|| self.length.cmp(&other.length))
            .then_with(|| other.label.cmp(&self.label))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

struct Search<'a> {
    lines: &'a Lines,
    limits: Limits,
    cost_left: Vec<f64>,
    hours_left: Vec<f64>,
    services_left: Vec<f64>,
    labels: Vec<Label>,
    candidates: BinaryHeap<Candidate>,
}

impl Search<'_> {
    fn run(mut self) -> Found {
        let mut found = Found::default();
        let mut dearest = f64::INFINITY;
        self.add(self.lines.start, None, Weight::default(), 0);
        while let Some(candidate) = self.candidates.pop() {
            let Label { point, weight, .. } = self.labels[candidate.label];
            if candidate.cost > dearest || found.paths.len() >= self.limits.paths {
                break;
            }
            if self.labels.len() > EFFORT {
                found.gave_up = true;
                break;
            }
            if point == self.lines.end {
                if found.paths.is_empty() {
                    dearest = weight.cost * self.limits.cost_ratio * ROUNDING;
                }
                let edges = self.edges(candidate.label);
                found.paths.push(Path { edges, weight });
                continue;
            }
            for turn in self.lines.graph.edges(point) {
                let next = turn.target();
                if next == self.lines.end || !self.passes(candidate.label, self.lines.graph[next].node) {
                    let sum = weight + *turn.weight();
                    self.add(next, Some(candidate.label), sum, candidate.length + 1);
                }
            }
        }
        found
    }

    /// Adds a partial path to the candidates unless no path within the limits can begin like it.
    fn add(&mut self, point: NodeIndex, before: Option<usize>, weight: Weight, length: usize) {
        let cost = weight.cost + self.cost_left[point.index()];
        let hours = weight.hours + self.hours_left[point.index()];
        let services = weight.services as f64 + self.services_left[point.index()];
        if cost < f64::INFINITY && hours <= self.limits.hours * ROUNDING && services <= self.limits.services as f64 {
            let label = self.labels.len();
            self.labels.push(Label { point, before, weight });
            self.candidates.push(Candidate { cost, length, label });
        }
    }

    /// The points of a partial path, last one first.
    fn points(&self, label: usize) -> impl Iterator<Item = Point> + '_ {
        std::iter::successors(Some(label), |label| self.labels[*label].before)
            .map(|label| self.lines.graph[self.labels[label].point])
    }

    fn passes(&self, label: usize, node: NodeIndex) -> bool {
        self.points(label).any(|point| point.node == node)
    }

    fn edges(&self, label: usize) -> Vec<EdgeIndex> {
        let mut edges: Vec<EdgeIndex> = self.points(label).filter_map(|point| point.edge).collect();
        edges.reverse();
        edges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costing(cost: f64) -> Weight {
        Weight {
            cost,
            ..Weight::default()
        }
    }

    fn best(paths: usize, cost_ratio: f64) -> Limits {
        Limits {
            paths,
            cost_ratio,
            hours: f64::INFINITY,
            services: usize::MAX,
        }
    }

    /// The example network of Yen's paper as it is usually printed, C to H.
    #[test]
    fn yen_example() {
        let mut graph = DiGraph::new();
        let nodes: Vec<_> = "CDEFGH".chars().map(|name| graph.add_node(name)).collect();
        let node = |name: char| nodes["CDEFGH".find(name).unwrap()];
        for (from, to, length) in [
            ('C', 'D', 3.0),
            ('C', 'E', 2.0),
            ('D', 'F', 4.0),
            ('E', 'D', 1.0),
            ('E', 'F', 2.0),
            ('E', 'G', 3.0),
            ('F', 'G', 2.0),
            ('F', 'H', 1.0),
            ('G', 'H', 2.0),
        ] {
            graph.add_edge(node(from), node(to), length);
        }
        let costs = Costs {
            edge: |edge: EdgeIndex| Some(costing(graph[edge])),
            turn: |_: Option<EdgeIndex>, _: NodeIndex, _: Option<EdgeIndex>| Some(Weight::default()),
            passable: |_: NodeIndex| true,
        };
        let paths = k_shortest(&graph, (node('C'), node('H')), best(10, 99.0), &costs).paths;
        let lengths: Vec<f64> = paths.iter().map(|path| path.weight.cost).collect();
        assert_eq!(lengths, [5.0, 7.0, 8.0, 8.0, 8.0, 11.0, 11.0]);
        let second = paths[1].edges.iter().filter_map(|edge| graph.edge_endpoints(*edge));
        assert_eq!(second.map(|(from, _)| graph[from]).collect::<String>(), "CEG");
        let few = k_shortest(&graph, (node('C'), node('H')), best(10, 1.5), &costs).paths;
        assert_eq!(few.len(), 2);
    }

    #[test]
    fn turns_cost_and_forbid() {
        let mut graph = DiGraph::new();
        let [a, b, c] = [(); 3].map(|()| graph.add_node(()));
        let truck = graph.add_edge(a, b, 1.0);
        let train = graph.add_edge(a, b, 2.0);
        let ship = graph.add_edge(b, c, 1.0);
        let costs = Costs {
            edge: |edge: EdgeIndex| Some(costing(graph[edge])),
            turn: |from: Option<EdgeIndex>, _: NodeIndex, to: Option<EdgeIndex>| match (from, to) {
                (Some(from), Some(to)) if (from, to) == (truck, ship) => Some(costing(5.0)),
                (None, Some(_)) | (Some(_), None) => Some(costing(0.25)),
                _ => Some(costing(0.0)),
            },
            passable: |_: NodeIndex| true,
        };
        let paths = k_shortest(&graph, (a, c), best(5, 99.0), &costs).paths;
        assert_eq!(
            paths[0],
            Path {
                edges: vec![train, ship],
                weight: costing(3.5)
            }
        );
        assert_eq!(
            paths[1],
            Path {
                edges: vec![truck, ship],
                weight: costing(7.5)
            }
        );
    }

    /// Every walk to the end must pass the last node twice, so there is no path, but nearly every path nearly fits.
    #[test]
    fn a_search_without_end_is_given_up() {
        let mut graph = DiGraph::new();
        let town: Vec<NodeIndex> = (0..12).map(|_| graph.add_node(())).collect();
        let [gate, detour, end] = [(); 3].map(|()| graph.add_node(()));
        for from in &town {
            for to in town.iter().filter(|to| *to != from) {
                graph.add_edge(*from, *to, ());
            }
            graph.add_edge(*from, gate, ());
        }
        graph.add_edge(gate, detour, ());
        let back = graph.add_edge(detour, gate, ());
        let out = graph.add_edge(gate, end, ());
        let costs = Costs {
            edge: |_: EdgeIndex| Some(costing(1.0)),
            turn: |before: Option<EdgeIndex>, _: NodeIndex, after: Option<EdgeIndex>| {
                (after != Some(out) || before == Some(back)).then(Weight::default)
            },
            passable: |_: NodeIndex| true,
        };
        let found = k_shortest(&graph, (town[0], end), best(1, 99.0), &costs);
        assert!(found.gave_up && found.paths.is_empty());
    }
}
