//! The k shortest loopless paths, with costs on edges and on turns.
//!
//! Yen's method (1971) over sequences of edges. The cost of passing a node depends on the edges by which it is entered
//! and left (customs between road and rail, none between rail and rail), so the label-setting search settles edges, not
//! nodes.

use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, BinaryHeap};

/// A path and its cost.
#[derive(Clone, PartialEq, Debug)]
pub struct Path {
    /// Its edges in order.
    pub edges: Vec<EdgeIndex>,
    /// Their costs and those of the turns between them, at both ends included.
    pub cost: f64,
}

/// What paths cost, and what they may pass.
pub struct Costs<E, T, P> {
    /// The cost of an edge; `None` forbids it.
    pub edge: E,
    /// The cost of passing a node from one edge to the next; an absent edge means the path's end. `None` forbids it.
    pub turn: T,
    /// Whether a path may pass through a node between its ends.
    pub passable: P,
}

/// The at most `k` cheapest loopless paths from `origin` to `destination`, cheapest first; none that costs more than
/// `limit` times the cheapest. Costs must not be negative.
pub fn k_shortest<N, A, E, T, P>(
    graph: &DiGraph<N, A>,
    (origin, destination): (NodeIndex, NodeIndex),
    (k, limit): (usize, f64),
    costs: &Costs<E, T, P>,
) -> Vec<Path>
where
    E: Fn(EdgeIndex) -> Option<f64>,
    T: Fn(Option<EdgeIndex>, NodeIndex, Option<EdgeIndex>) -> Option<f64>,
    P: Fn(NodeIndex) -> bool,
{
    let search = Search {
        graph,
        destination,
        costs,
    };
    let Some(first) = search.cheapest(origin, &[], &BTreeSet::new(), &BTreeSet::new()) else {
        return Vec::new();
    };
    let bound = first.cost * limit;
    let mut found = vec![first];
    let mut candidates: Vec<Path> = Vec::new();
    while found.len() < k {
        let Some(last) = found.last().map(|path| path.edges.clone()) else {
            break;
        };
        for spur in 0..last.len() {
            let root = &last[..spur];
            let banned_edges: BTreeSet<EdgeIndex> = found
                .iter()
                .filter(|path| path.edges.len() > spur && path.edges[..spur] == *root)
                .map(|path| path.edges[spur])
                .collect();
            let sources = root
                .iter()
                .filter_map(|edge| graph.edge_endpoints(*edge))
                .map(|(from, _)| from);
            let banned_nodes: BTreeSet<NodeIndex> = sources.collect();
            if let Some(path) = search.cheapest(origin, root, &banned_edges, &banned_nodes)
                && path.cost <= bound
                && !candidates.contains(&path)
            {
                candidates.push(path);
            }
        }
        candidates.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| a.edges.cmp(&b.edges)));
        if candidates.is_empty() {
            break;
        }
        found.push(candidates.remove(0));
    }
    found
}

struct Search<'a, N, A, E, T, P> {
    graph: &'a DiGraph<N, A>,
    destination: NodeIndex,
    costs: &'a Costs<E, T, P>,
}

/// A label of the search, cheapest first, then by edge number so that ties do not depend on chance.
#[derive(PartialEq)]
struct Label {
    cost: f64,
    edge: EdgeIndex,
}

impl Eq for Label {}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        self.cost
            .total_cmp(&other.cost)
            .then_with(|| self.edge.cmp(&other.edge))
    }
}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<N, A, E, T, P> Search<'_, N, A, E, T, P>
where
    E: Fn(EdgeIndex) -> Option<f64>,
    T: Fn(Option<EdgeIndex>, NodeIndex, Option<EdgeIndex>) -> Option<f64>,
    P: Fn(NodeIndex) -> bool,
{
    /// The cost of a whole sequence of edges up to, and not including, the turn at its end.
    fn cost_of(&self, origin: NodeIndex, edges: &[EdgeIndex]) -> Option<f64> {
        let mut cost = 0.0;
        let (mut node, mut before) = (origin, None);
        for &edge in edges {
            cost += (self.costs.turn)(before, node, Some(edge))? + (self.costs.edge)(edge)?;
            node = self.graph.edge_endpoints(edge)?.1;
            before = Some(edge);
        }
        Some(cost)
    }

    /// The cheapest way to go on from `root` to the destination without the banned edges (at the first step) and nodes.
    fn cheapest(
        &self,
        origin: NodeIndex,
        root: &[EdgeIndex],
        banned_edges: &BTreeSet<EdgeIndex>,
        banned_nodes: &BTreeSet<NodeIndex>,
    ) -> Option<Path> {
        let start = match root.last() {
            Some(edge) => self.graph.edge_endpoints(*edge)?.1,
            None => origin,
        };
        let base = self.cost_of(origin, root)?;
        let mut best = vec![f64::INFINITY; self.graph.edge_count()];
        let mut before: Vec<Option<EdgeIndex>> = vec![None; self.graph.edge_count()];
        let mut settled = vec![false; self.graph.edge_count()];
        let mut heap = BinaryHeap::new();
        // The end is a label of its own, past all edges, so that its turn is counted before it is accepted.
        let mut end: Option<(f64, EdgeIndex)> = None;
        let mut expand =
            |from: Option<EdgeIndex>, node: NodeIndex, cost: f64, heap: &mut BinaryHeap<Reverse<Label>>| {
                for edge in self.graph.edges(node) {
                    let (id, to) = (edge.id(), edge.target());
                    let barred = banned_nodes.contains(&to)
                        || to == start
                        || (to != self.destination && !(self.costs.passable)(to))
                        || (node == start && from == root.last().copied() && banned_edges.contains(&id));
                    if barred {
                        continue;
                    }
                    let Some(turn) = (self.costs.turn)(from, node, Some(id)) else {
                        continue;
                    };
                    let Some(along) = (self.costs.edge)(id) else { continue };
                    let total = cost + turn + along;
                    if total < best[id.index()] {
                        best[id.index()] = total;
                        before[id.index()] = from;
                        heap.push(Reverse(Label { cost: total, edge: id }));
                    }
                }
            };
        expand(root.last().copied(), start, base, &mut heap);
        while let Some(Reverse(Label { cost, edge })) = heap.pop() {
            if std::mem::replace(&mut settled[edge.index()], true) {
                continue;
            }
            if end.is_some_and(|(total, _)| total <= cost) {
                break;
            }
            let (_, node) = self.graph.edge_endpoints(edge)?;
            if node == self.destination {
                if let Some(turn) = (self.costs.turn)(Some(edge), node, None)
                    && end.is_none_or(|(total, _)| cost + turn < total)
                {
                    end = Some((cost + turn, edge));
                }
                continue;
            }
            expand(Some(edge), node, cost, &mut heap);
        }
        let (cost, last) = end?;
        let mut edges = Vec::new();
        let mut at = Some(last);
        while let Some(edge) = at.filter(|edge| Some(*edge) != root.last().copied()) {
            edges.push(edge);
            at = before[edge.index()];
        }
        edges.extend(root.iter().rev());
        edges.reverse();
        self.is_loopless(origin, &edges).then_some(Path { edges, cost })
    }

    /// Turn costs can make it cheaper to come back to a node by another edge; such paths are not wanted.
    fn is_loopless(&self, origin: NodeIndex, edges: &[EdgeIndex]) -> bool {
        let mut seen = BTreeSet::from([origin]);
        edges
            .iter()
            .all(|edge| self.graph.edge_endpoints(*edge).is_some_and(|(_, to)| seen.insert(to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use petgraph::graph::DiGraph;

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
            edge: |edge: EdgeIndex| Some(graph[edge]),
            turn: |_: Option<EdgeIndex>, _: NodeIndex, _: Option<EdgeIndex>| Some(0.0),
            passable: |_: NodeIndex| true,
        };
        let paths = k_shortest(&graph, (node('C'), node('H')), (10, 99.0), &costs);
        let lengths: Vec<f64> = paths.iter().map(|path| path.cost).collect();
        assert_eq!(lengths, [5.0, 7.0, 8.0, 8.0, 8.0, 11.0, 11.0]);
        let second = paths[1].edges.iter().filter_map(|edge| graph.edge_endpoints(*edge));
        assert_eq!(second.map(|(from, _)| graph[from]).collect::<String>(), "CEG");
        let few = k_shortest(&graph, (node('C'), node('H')), (10, 1.5), &costs);
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
            edge: |edge: EdgeIndex| Some(graph[edge]),
            turn: |from: Option<EdgeIndex>, _: NodeIndex, to: Option<EdgeIndex>| match (from, to) {
                (Some(from), Some(to)) if (from, to) == (truck, ship) => Some(5.0),
                (None, Some(_)) | (Some(_), None) => Some(0.25),
                _ => Some(0.0),
            },
            passable: |_: NodeIndex| true,
        };
        let paths = k_shortest(&graph, (a, c), (5, 99.0), &costs);
        assert_eq!(
            paths[0],
            Path {
                edges: vec![train, ship],
                cost: 3.5
            }
        );
        assert_eq!(
            paths[1],
            Path {
                edges: vec![truck, ship],
                cost: 7.5
            }
        );
    }
}
