//! Route generation and route choice: shortest paths, logit, path sizes.

use crate::support::run_text;
use corridor::network::{Costs, k_shortest, path_sizes, probabilities};
use corridor::statistics::chi_square_quantile;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::BTreeMap;

/// The loopless paths between two nodes of a graph written as `AB4` (from A to B, length 4), cheapest first.
fn paths(edges: &[(char, char, f64)], ends: (char, char), k: usize) -> Vec<(f64, String)> {
    let mut graph: DiGraph<char, f64> = DiGraph::new();
    let mut nodes: BTreeMap<char, NodeIndex> = BTreeMap::new();
    for (from, to, length) in edges {
        let from = *nodes.entry(*from).or_insert_with(|| graph.add_node(*from));
        let to = *nodes.entry(*to).or_insert_with(|| graph.add_node(*to));
        graph.add_edge(from, to, *length);
    }
    let costs = Costs {
        edge: |edge| graph.edge_weight(edge).copied(),
        turn: |_, _, _| Some(0.0),
        passable: |_| true,
    };
    k_shortest(&graph, (nodes[&ends.0], nodes[&ends.1]), (k, f64::INFINITY), &costs)
        .into_iter()
        .map(|path| {
            let visited = path.edges.iter().filter_map(|edge| graph.edge_endpoints(*edge));
            (
                path.cost,
                std::iter::once(ends.0)
                    .chain(visited.map(|(_, to)| graph[to]))
                    .collect(),
            )
        })
        .collect()
}

/// N-O-08.
#[test]
fn the_paths_of_yens_example_are_found_in_order() {
    let edges = [
        ('C', 'D', 3.0),
        ('C', 'E', 2.0),
        ('D', 'F', 4.0),
        ('E', 'D', 1.0),
        ('E', 'F', 2.0),
        ('E', 'G', 3.0),
        ('F', 'G', 2.0),
        ('F', 'H', 1.0),
        ('G', 'H', 2.0),
    ];
    let mut found = paths(&edges, ('C', 'H'), 20);
    // Ties in any order.
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let expected = [
        (5.0, "CEFH"),
        (7.0, "CEGH"),
        (8.0, "CDFH"),
        (8.0, "CEDFH"),
        (8.0, "CEFGH"),
        (11.0, "CDFGH"),
        (11.0, "CEDFGH"),
    ];
    assert_eq!(found, expected.map(|(cost, path)| (cost, path.to_owned())));
}

/// N-O-09, the part about paths.
#[test]
fn the_shortest_paths_through_seervada_park_are_those_of_the_book() {
    let both_ways = [
        ('O', 'A', 2.0),
        ('O', 'B', 5.0),
        ('O', 'C', 4.0),
        ('A', 'B', 2.0),
        ('A', 'D', 7.0),
        ('B', 'C', 1.0),
        ('B', 'D', 4.0),
        ('B', 'E', 3.0),
        ('C', 'E', 4.0),
        ('D', 'E', 1.0),
        ('D', 'T', 5.0),
        ('E', 'T', 7.0),
    ];
    let edges: Vec<_> = both_ways
        .iter()
        .flat_map(|(a, b, l)| [(*a, *b, *l), (*b, *a, *l)])
        .collect();
    let lengths: Vec<f64> = paths(&edges, ('O', 'T'), 5).into_iter().map(|(cost, _)| cost).collect();
    assert_eq!(lengths, [13.0, 13.0, 14.0, 14.0, 14.0]);
}

/// N-O-04: the probabilities, and the choices of consignments that really travel.
#[test]
fn simulated_choices_follow_the_logit() {
    let expected = [
        0.546_549_387_266_179_6,
        0.331_498_960_424_091_1,
        0.121_951_652_309_728_8,
    ];
    for (p, expected) in probabilities(&[-5.0, -5.5, -6.5]).iter().zip(expected) {
        assert!((p - expected).abs() < 1e-12);
    }
    let results = run_text(
        r#"
        [run]
        length = "1000 d"
        replications = 10
        seed = 46
        [choice]
        scale = "0.5 /USD"
        path_size = 0.0
        [node.a]
        kind = "zone"
        [node.b]
        kind = "zone"
        [link.one]
        from = "a"
        to = "b"
        time = "1 h"
        cost = "10 USD/TEU"
        [link.two]
        from = "a"
        to = "b"
        mode = "rail"
        time = "1 h"
        cost = "11 USD/TEU"
        [link.three]
        from = "a"
        to = "b"
        mode = "sea"
        time = "1 h"
        cost = "13 USD/TEU"
        [flow.boxes]
        from = "a"
        to = "b"
        arrivals.poisson = "20 /d"
        "#,
    );
    let strands = &results.model.typical.strands;
    assert_eq!(strands.len(), 3);
    let delivered = &results.aggregate.delivered;
    let total: u64 = delivered.iter().sum();
    assert!(total > 100_000);
    // Strands in the order of their cost.
    let mut order: Vec<usize> = (0..3).collect();
    order.sort_by(|a, b| strands[*a].generalised_cost.total_cmp(&strands[*b].generalised_cost));
    let chi: f64 = order
        .iter()
        .zip(expected)
        .map(|(strand, p)| (delivered[*strand] as f64 - p * total as f64).powi(2) / (p * total as f64))
        .sum();
    assert!(chi < chi_square_quantile(0.999, 2.0), "chi-square {chi}");
}

/// N-O-06.
#[test]
fn overlapping_routes_share_their_demand_by_path_size() {
    let routes = [
        vec![('a', 10.0)],
        vec![('b', 6.0), ('c', 4.0)],
        vec![('b', 6.0), ('d', 4.5)],
    ];
    let sizes = path_sizes(&routes);
    let utilities = |weight: f64| -> Vec<f64> {
        let costs = routes
            .iter()
            .map(|route| route.iter().map(|(_, length)| length).sum::<f64>());
        sizes
            .iter()
            .zip(costs)
            .map(|(size, cost)| weight * size.ln() - 0.8 * cost)
            .collect()
    };
    for (found, expected) in [
        (sizes.clone(), [1.0, 0.7, 0.714_285_714_285_714_2]),
        (
            probabilities(&utilities(1.0)),
            [
                0.458_968_232_471_053_5,
                0.321_277_762_729_737_7,
                0.219_754_004_799_208_7,
            ],
        ),
        (
            probabilities(&utilities(0.0)),
            [
                0.374_486_946_418_501_9,
                0.374_486_946_418_501_9,
                0.251_026_107_162_996_2,
            ],
        ),
    ] {
        for (value, expected) in found.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-9, "{value}, expected {expected}");
        }
    }
}
