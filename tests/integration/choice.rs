//! Route generation and route choice: shortest paths, logit, path sizes.

use crate::support::{build, run_text, scratch};
use corridor::model::Model;
use corridor::network::{Costs, Limits, Path, Weight, k_shortest, path_sizes, probabilities};
use corridor::statistics::chi_square_quantile;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use proptest::prelude::*;
use std::collections::BTreeMap;

const NO_LIMITS: Limits = Limits {
    paths: usize::MAX,
    cost_ratio: f64::INFINITY,
    hours: f64::INFINITY,
    services: usize::MAX,
};

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
        edge: |edge| {
            let cost = *graph.edge_weight(edge)?;
            Some(Weight {
                cost,
                ..Weight::default()
            })
        },
        turn: |_, _, _| Some(Weight::default()),
        passable: |_| true,
    };
    let limits = Limits { paths: k, ..NO_LIMITS };
    k_shortest(&graph, (nodes[&ends.0], nodes[&ends.1]), limits, &costs)
        .paths
        .into_iter()
        .map(|path| {
            let visited = path.edges.iter().filter_map(|edge| graph.edge_endpoints(*edge));
            (
                path.weight.cost,
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

/// A random network: edges between few nodes with their weights, the nodes that nothing passes, and a table of turns.
#[derive(Clone, Debug)]
struct Maze {
    edges: Vec<(usize, usize, Weight)>,
    zones: Vec<bool>,
    /// By edge before and after, one more for none: what the turn weighs, none where it is forbidden.
    turns: Vec<Option<Weight>>,
}

const MAZE_NODES: usize = 6;

fn weight() -> impl Strategy<Value = Weight> {
    // Whole numbers, so that there are ties and sums are exact.
    (0..10_u8, 0..6_u8, 0..2_usize).prop_map(|(cost, hours, services)| Weight {
        cost: f64::from(cost),
        hours: f64::from(hours),
        services,
    })
}

fn maze() -> impl Strategy<Value = Maze> {
    let edge = (0..MAZE_NODES, 0..MAZE_NODES, weight());
    let edges = prop::collection::vec(edge, 1..16);
    let zones = prop::collection::vec(prop::bool::weighted(0.15), MAZE_NODES);
    (edges, zones).prop_flat_map(|(edges, zones)| {
        let count = (edges.len() + 1).pow(2);
        let turns = prop::collection::vec(prop::option::weighted(0.85, weight()), count);
        turns.prop_map(move |turns| Maze {
            edges: edges.clone(),
            zones: zones.clone(),
            turns,
        })
    })
}

impl Maze {
    fn turn(&self, before: Option<EdgeIndex>, after: Option<EdgeIndex>) -> Option<Weight> {
        let number = |edge: Option<EdgeIndex>| edge.map_or(self.edges.len(), EdgeIndex::index);
        self.turns[number(before) * (self.edges.len() + 1) + number(after)]
    }

    /// All loopless paths on from `path`, one by one.
    fn enumerate(&self, path: &mut Vec<EdgeIndex>, weight: Weight, limits: Limits, found: &mut Vec<Path>) {
        let (origin, destination) = (0, MAZE_NODES - 1);
        let before = path.last().copied();
        let here = before.map_or(origin, |edge| self.edges[edge.index()].1);
        if here == destination {
            let whole = self.turn(before, None).map(|turn| weight + turn);
            if let Some(weight) = whole.filter(|it| it.hours <= limits.hours && it.services <= limits.services) {
                let edges = path.clone();
                found.push(Path { edges, weight });
            }
            return;
        }
        for (number, (from, to, along)) in self.edges.iter().enumerate() {
            let next = EdgeIndex::new(number);
            let visited = *to == origin || path.iter().any(|edge| self.edges[edge.index()].1 == *to);
            if *from != here || visited || (self.zones[*to] && *to != destination) {
                continue;
            }
            if let Some(turn) = self.turn(before, Some(next)) {
                path.push(next);
                self.enumerate(path, weight + turn + *along, limits, found);
                path.pop();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// With dear and forbidden turns, zones and limits, the search finds what trying all paths finds.
    #[test]
    fn the_paths_found_are_the_cheapest_of_all(
        maze in maze(),
        (k, cost_ratio, hours, services) in (1..8_usize, prop_oneof![Just(1.5), Just(f64::INFINITY)], 5..30_u8, 1..6_usize),
    ) {
        let limits = Limits { paths: k, cost_ratio, hours: f64::from(hours), services };
        let mut graph: DiGraph<(), ()> = DiGraph::new();
        let nodes: Vec<NodeIndex> = (0..MAZE_NODES).map(|_| graph.add_node(())).collect();
        for (from, to, _) in &maze.edges {
            graph.add_edge(nodes[*from], nodes[*to], ());
        }
        let costs = Costs {
            edge: |edge: EdgeIndex| Some(maze.edges[edge.index()].2),
            turn: |before, _, after| maze.turn(before, after),
            passable: |node: NodeIndex| !maze.zones[node.index()],
        };
        let found = k_shortest(&graph, (nodes[0], nodes[MAZE_NODES - 1]), limits, &costs);
        prop_assert!(!found.gave_up);
        let mut all = Vec::new();
        maze.enumerate(&mut Vec::new(), Weight::default(), limits, &mut all);
        let mut wanted: Vec<f64> = all.iter().map(|path| path.weight.cost).collect();
        wanted.sort_by(f64::total_cmp);
        if let Some(dearest) = wanted.first().map(|cheapest| cheapest * cost_ratio) {
            wanted.retain(|cost| dearest.is_nan() || *cost <= dearest);
        }
        wanted.truncate(k);
        let costs: Vec<f64> = found.paths.iter().map(|path| path.weight.cost).collect();
        prop_assert_eq!(costs, wanted);
        for (number, path) in found.paths.iter().enumerate() {
            prop_assert!(all.contains(path), "{:?} is no path", path);
            prop_assert!(!found.paths[..number].contains(path), "{:?} is found twice", path);
        }
    }
}

fn model(text: &str) -> Model {
    let (_folder, path) = scratch(text);
    build(&path.display().to_string())
}

fn signatures(model: &Model) -> Vec<&str> {
    model
        .network
        .routes
        .iter()
        .map(|route| route.signature.as_str())
        .collect()
}

/// Customs lies between road and rail only: to go round by the yard is cheaper than to clear, but comes back to the
/// terminal. The search must not lose the way through because of that.
#[test]
fn a_dear_transfer_does_not_hide_the_way_through() {
    let model = model(
        r#"
        [run]
        length = "30 d"
        [node.factory]
        kind = "zone"
        [node.hub]
        kind = "terminal"
        [node.yard]
        kind = "terminal"
        [node.market]
        kind = "zone"
        [link.truck]
        from = "factory"
        to = "hub"
        time = "1 h"
        cost = "10 USD/TEU"
        [link.shunt]
        from = "hub"
        to = "yard"
        mode = "waterway"
        time = "1 h"
        cost = "1 USD/TEU"
        [link.shunt-home]
        from = "yard"
        to = "hub"
        mode = "waterway"
        time = "1 h"
        cost = "1 USD/TEU"
        [link.train]
        from = "hub"
        to = "market"
        mode = "rail"
        time = "1 h"
        cost = "10 USD/TEU"
        [facility.customs]
        node = "hub"
        arriving_by = ["road"]
        leaving_by = ["rail"]
        time = "1 h"
        cost = "1000 USD/TEU"
        [flow.goods]
        from = "factory"
        to = "market"
        volume = "100 TEU/yr"
        "#,
    );
    assert_eq!(signatures(&model), ["truck + train"]);
}

const FRUIT: &str = r#"
    [run]
    length = "200 d"
    [choice]
    scale = "0.001 /USD"
    [node.farm]
    kind = "zone"
    [node.market]
    kind = "zone"
    [link.truck]
    from = "farm"
    to = "market"
    time = "3 d"
    cost = "3000 USD/TEU"
    [link.barge]
    from = "farm"
    to = "market"
    mode = "waterway"
    time = "12 d"
    cost = "100 USD/TEU"
    [flow.fruit]
    from = "farm"
    to = "market"
    commodity = "fruit"
    arrivals.poisson = "1 /d"
"#;

/// The cheap way is slower than the goods keep, and dear ways are measured against the cheapest that is quick enough.
#[test]
fn shelf_life_prunes_routes() {
    let keeps = |life: &str| model(&format!("{FRUIT}[commodity.fruit]\nshelf_life = \"{life}\""));
    assert_eq!(
        signatures(&keeps("12 d")),
        ["barge"],
        "the truck costs 30 times as much"
    );
    assert_eq!(signatures(&keeps("11 d")), ["truck"]);
}

/// A facility with `terms` for the flow `fruit` of the commodity `fruit`.
fn desk(terms: &str) -> String {
    format!(
        r#"
        [run]
        length = "20 d"
        [facility.desk]
        servers = "unlimited"
        time = "4 h"
        cost_per_day = "24 USD/TEU/d"
        inspection = {{ probability = 0, time = "10 h" }}
        [commodity.fruit]
        handling_factor = 3
        {terms}
        [flow.fruit]
        commodity = "fruit"
        route = ["facility.desk"]
        arrivals.timetable.interval = "7 h"
        "#
    )
}

/// What shippers expect of a facility is what they meet there: in all lanes, and in none.
#[test]
fn expected_times_are_those_of_the_lane() {
    for (terms, hours) in [
        ("", 12.0),
        ("[facility.desk.lane.a]\nflows = [\"f*\"]\ntime_factor = 0.5", 6.0),
        ("[facility.desk.lane.a]\ncommodities = [\"fruit\"]\ntime = \"1 h\"", 3.0),
        (
            "[facility.desk.lane.a]\nflows = [\"fruit\"]\ninspection_probability = 1",
            22.0,
        ),
    ] {
        let results = run_text(&desk(terms));
        let expected = results.model.typical.strands[0].attributes;
        assert!((expected.hours - hours).abs() < 1e-9, "{terms}: {} h", expected.hours);
        assert!((expected.cost - hours).abs() < 1e-9, "{terms}: {} USD", expected.cost);
        let simulated = results.value("system.transit_days_mean") * 24.0;
        assert!((simulated - hours).abs() < 1e-6, "{terms}: {simulated} h simulated");
    }
}

/// Cargo stays in a yard while it is worked on elsewhere and waits for its ship, and pays for these days. The terms of
/// the goods do not count for the whole train that changes gauge.
#[test]
fn yards_charge_for_the_days_until_the_next_departure() {
    let model = model(
        r#"
        [run]
        length = "20 d"
        [facility.yard]
        kind = "storage"
        cost_per_day = "10 USD/TEU/d"
        [facility.crane]
        time = "12 h"
        [node.port]
        kind = "seaport"
        [node.market]
        kind = "zone"
        [facility.gauge]
        serves = "vehicles"
        time = "6 h"
        inspection = { probability = 0.5, time = "4 h" }
        [service.train]
        stops = ["port", "market"]
        departures.every.interval = "48 h"
        cut_off = "12 h"
        to.market = { time = "30 h" }
        at.market.facilities = ["gauge"]
        [commodity.fruit]
        handling_factor = 2
        inspection_probability = 0
        [flow.fruit]
        commodity = "fruit"
        route = ["facility.yard", "facility.crane", "service.train"]
        arrivals.poisson = "1 /d"
        "#,
    );
    let expected = model.typical.strands[0].attributes;
    // 24 h of handling, 24 h to the departure and 12 h of cut-off in the yard; then 30 h, 6 h and half of 4 h.
    assert!((expected.hours - 98.0).abs() < 1e-9, "{} h", expected.hours);
    assert!((expected.cost - 25.0).abs() < 1e-9, "{} USD", expected.cost);
}

/// A service that calls at a zone where no cargo begins or ends offers rides that nobody can take.
#[test]
fn stops_at_zones_without_cargo_are_warned_of() {
    let warned = |kind: &str, details: &str| {
        let (_folder, path) = scratch(&format!(
            r#"
            [run]
            length = "20 d"
            [node.factory]
            kind = "zone"
            [node.hub]
            kind = "{kind}"
            [node.market]
            kind = "zone"
            [link.truck]
            from = "factory"
            to = "market"
            time = "30 h"
            [service.train]
            stops = ["hub", "market"]
            departures.per_week = 3
            to.market.time = "20 h"
            {details}
            [flow.goods]
            from = "factory"
            to = "market"
            volume = "100 TEU/yr"
            "#
        ));
        let scenario = corridor::scenario::load(&path.display().to_string()).unwrap();
        scenario
            .warnings
            .iter()
            .any(|warning| warning.message.contains("calls at zone `hub`"))
    };
    assert!(warned("zone", ""));
    assert!(!warned("terminal", ""));
    assert!(!warned("zone", "at.hub.cargo = false"));
}

/// The flow's own scale counts before the commodity's, and this before that of all.
#[test]
fn goods_and_flows_may_have_their_own_scale() {
    let model = model(
        r#"
        [run]
        length = "20 d"
        [money]
        currency = "USD"
        exchange.CNY = 7
        [choice]
        scale = "0.1 /USD"
        path_size = 0
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
        time = "1 h"
        cost = "17 USD/TEU"
        [commodity.parcels]
        choice_scale = "0.1 /CNY"
        [flow.a-plain]
        from = "a"
        to = "b"
        volume = "100 TEU/yr"
        [flow.b-parcels]
        from = "a"
        to = "b"
        volume = "100 TEU/yr"
        commodity = "parcels"
        [flow.c-own]
        from = "a"
        to = "b"
        volume = "100 TEU/yr"
        commodity = "parcels"
        choice_scale = "0 /USD"
        "#,
    );
    let odds = model
        .typical
        .flows
        .iter()
        .map(|flow| (flow.choice.shares[0] / flow.choice.shares[1]).ln());
    for (found, expected) in odds.zip([0.7, 4.9, 0.0]) {
        assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
    }
}

/// N-O-07: the logit over the efficient paths of Dial (1971), which get farther from the origin and nearer to the destination
/// with every link.
#[test]
fn a_logit_over_efficient_paths_loads_links_as_dials_algorithm() {
    let text = "12:4 14:5 23:3 25:4 45:3 47:6 36:5 56:4 58:3 78:2 69:3 89:5";
    let edges: Vec<(char, char, f64)> = text
        .split(' ')
        .map(|edge| {
            let mut ends = edge.chars();
            let length = edge.split(':').nth(1).unwrap().parse().unwrap();
            (ends.next().unwrap(), ends.next().unwrap(), length)
        })
        .collect();
    let shortest = |from: char, to: char| {
        if from == to {
            return 0.0;
        }
        paths(&edges, (from, to), 1)
            .first()
            .map_or(f64::INFINITY, |path| path.0)
    };
    let is_efficient = |path: &str| {
        path.as_bytes().windows(2).all(|pair| {
            let [from, to] = [char::from(pair[0]), char::from(pair[1])];
            shortest('1', from) < shortest('1', to) && shortest(from, '9') > shortest(to, '9')
        })
    };
    let all: Vec<(f64, String)> = paths(&edges, ('1', '9'), usize::MAX)
        .into_iter()
        .filter(|(_, path)| is_efficient(path))
        .collect();
    let utilities: Vec<f64> = all.iter().map(|(length, _)| -0.5 * length).collect();
    let shares = probabilities(&utilities);
    let expected = [
        ("69", 712.071_287_965_315_3),
        ("89", 287.928_712_034_684_8),
        ("36", 237.357_095_988_438_4),
        ("56", 474.714_191_976_876_9),
        ("58", 287.928_712_034_684_8),
        ("78", 0.0),
        ("25", 381.321_452_005_780_9),
        ("45", 381.321_452_005_780_9),
        ("47", 0.0),
        ("12", 618.678_547_994_219_3),
    ];
    for (link, flow) in expected {
        let on_link = all.iter().zip(&shares).filter(|((_, path), _)| path.contains(link));
        let found: f64 = on_link.map(|(_, share)| 1000.0 * share).sum();
        assert!(
            (found - flow).abs() < 1e-6 * flow.max(1.0),
            "{link}: {found} instead of {flow}"
        );
    }
}

/// What shippers would pay to use a service counts in their choice, for the goods it is stated of, and in nothing else.
#[test]
fn constants_of_services_count_in_choice_alone() {
    let model = model(
        r#"
        [run]
        length = "20 d"
        [choice]
        scale = "0.1 /USD"
        path_size = 0
        [node.a]
        kind = "zone"
        [node.b]
        kind = "zone"
        [service.one]
        mode = "rail"
        stops = ["a", "b"]
        departures.per_week = 7
        time = "1 h"
        cost = "20 USD/TEU"
        choice_constant = { tiles = "7 USD/TEU", others = "-5 USD/TEU" }
        [service.two]
        mode = "rail"
        stops = ["a", "b"]
        departures.per_week = 7
        time = "1 h"
        cost = "20 USD/TEU"
        [commodity.tiles]
        [flow.a-tiles]
        from = "a"
        to = "b"
        volume = "100 TEU/yr"
        commodity = "tiles"
        [flow.b-plain]
        from = "a"
        to = "b"
        volume = "100 TEU/yr"
        "#,
    );
    let flows = &model.typical.flows;
    let odds = flows
        .iter()
        .map(|flow| (flow.choice.shares[0] / flow.choice.shares[1]).ln());
    for (found, expected) in odds.zip([0.7, -0.5]) {
        assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
    }
    assert!(
        model
            .typical
            .strands
            .iter()
            .all(|strand| strand.attributes.cost == 20.0)
    );
}

/// Cargo rides only from stops where it can board to stops where it can leave.
#[test]
fn stops_may_be_for_boarding_or_for_leaving_only() {
    let rides = |cargo: &str| {
        let model = model(&format!(
            r#"
            [run]
            length = "20 d"
            [node.a]
            kind = "terminal"
            [node.b]
            kind = "terminal"
            [node.c]
            kind = "terminal"
            [link.truck]
            from = "a"
            to = "b"
            time = "9 h"
            [link.barge]
            from = "b"
            to = "c"
            mode = "waterway"
            time = "9 h"
            [service.train]
            stops = ["a", "b", "c"]
            departures.per_week = 3
            to.b.time = "5 h"
            to.c.time = "5 h"
            at.b.cargo = {cargo}
            [flow.short]
            from = "a"
            to = "b"
            volume = "100 TEU/yr"
            [flow.onward]
            from = "b"
            to = "c"
            volume = "100 TEU/yr"
            "#
        ));
        let rides: Vec<String> = signatures(&model)
            .into_iter()
            .filter(|signature| signature.contains("train"))
            .map(str::to_owned)
            .collect();
        rides
    };
    assert_eq!(rides("true"), ["train:b>c", "train:a>b"]);
    assert_eq!(rides("\"boards\""), ["train:b>c"]);
    assert_eq!(rides("\"leaves\""), ["train:a>b"]);
    assert!(rides("false").is_empty());
}

/// Papers first, then inspection and loading side by side: 2 h and the longer, or the shorter, of 5 h and 3 h.
#[test]
fn assemblies_take_as_long_as_the_chain_that_decides() {
    for (join, hours) in [("all", 7.0), ("first", 5.0)] {
        let results = run_text(&format!(
            r#"
            [run]
            length = "20 d"
            [facility.desk]
            servers = "unlimited"
            time = "2 h"
            [facility.inspection]
            servers = "unlimited"
            time = "5 h"
            [facility.crane]
            servers = "unlimited"
            time = "3 h"
            [assembly.clearance]
            join = "{join}"
            activity.papers.facility = "desk"
            activity.check = {{ facility = "inspection", after = ["papers"] }}
            activity.load = {{ facility = "crane", after = ["papers"] }}
            [flow.boxes]
            route = ["assembly.clearance"]
            arrivals.timetable.interval = "7 h"
            "#
        ));
        let expected = results.model.typical.strands[0].attributes.hours;
        assert!((expected - hours).abs() < 1e-9, "{join}: {expected} h");
        let simulated = results.value("system.transit_days_mean") * 24.0;
        assert!((simulated - hours).abs() < 1e-6, "{join}: {simulated} h simulated");
    }
}

/// Routes that differ only in the facilities on the way are chosen independently of each other.
#[test]
fn routes_with_the_same_movements_have_tastes_of_their_own() {
    let results = crate::support::run_text(
        r#"
        [run]
        length = "2000 d"
        replications = 1
        [choice]
        path_size = 0
        scale = "0 /USD"
        [link.road]
        time = "1 h"
        [facility.left]
        servers = 50
        time = "1 h"
        [facility.right]
        servers = 50
        time = "1 h"
        [route.left]
        steps = ["link.road", "facility.left"]
        [route.right]
        steps = ["link.road", "facility.right"]
        [flow.boxes]
        arrivals.poisson = "4 /d"
        routes = ["left", "right"]
        "#,
    );
    let of = |facility: &str| results.value(&format!("facility.{facility}.served_per_day"));
    assert!((of("left") - 2.0).abs() < 0.15, "{}", of("left"));
    assert!((of("right") - 2.0).abs() < 0.15, "{}", of("right"));
}
