//! Consolidation of less than container loads, and other cargo that shares the vehicles of a service.

use crate::support::{Results, build, run_model, run_text, scratch};
use corridor::indicator::Scope;
use corridor::model::Model;
use corridor::network::{Appraisal, RouteStep};
use corridor::random::{Draws, Seed};
use corridor::scenario::Inputs;
use corridor::simulation::{Stretch, simulate_observed};
use corridor::units::LaneId;
use std::collections::BTreeMap;

#[track_caller]
fn near(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() <= 1e-9 * expected.abs().max(1e-9),
        "{value}, expected {expected}"
    );
}

#[track_caller]
fn within(results: &Results, key: &str, theory: f64) {
    let estimate = results.estimate(key);
    let distance = (estimate.interval.estimate - theory).abs();
    assert!(
        distance <= 3.5 * estimate.standard_error,
        "{key}: {} ± {}, theory {theory}",
        estimate.interval.estimate,
        estimate.standard_error
    );
}

/// Lots from two cities by way of satellites to a centre, in a box by train, and by way of a far satellite to the door.
/// Everything takes a fixed time.
const CHAIN: &str = r#"
[run]
warm_up = "10 d"
length = "30 d"
cool_down = "30 d"
replications = 2

[node]
town = { kind = "zone" }
near = { kind = "warehouse" }
away = { kind = "warehouse" }
centre = { kind = "warehouse" }
yard = { kind = "terminal" }
port = { kind = "terminal" }
abroad = { kind = "warehouse" }
local = { kind = "warehouse" }
door = { kind = "zone" }

[link]
a = { from = "town", to = "near", time = "1 h", cost = "100 USD/TEU" }
a-away = { from = "town", to = "away", time = "1 h", cost = "900 USD/TEU" }
b = { from = "near", to = "centre", time = "2 h", cost = "200 USD/TEU" }
b-away = { from = "away", to = "centre", time = "2 h", cost = "200 USD/TEU" }
straight = { from = "town", to = "centre", time = "30 min", cost = "1 USD/TEU" }
c = { from = "centre", to = "yard", time = "3 h", cost = "50 USD/TEU" }
d = { from = "port", to = "abroad", time = "4 h", cost = "50 USD/TEU" }
e = { from = "abroad", to = "local", time = "5 h", cost = "300 USD/TEU" }
f = { from = "local", to = "door", time = "6 h", cost = "400 USD/TEU" }
rail = { from = "yard", to = "port", mode = "rail", carries = "services", time = "100 h", cost = "1000 USD/TEU" }

[facility]
dock = { node = "near", servers = "unlimited", time = "7 h" }
scales = { node = "centre", servers = "unlimited", time = "1 h", leaving_by = ["consolidation"] }
gate = { node = "yard", servers = "unlimited", time = "2 h" }

[service.train]
stops = ["yard", "port"]
departures.every = { interval = "24 h" }
capacity = "4 TEU"

[consolidation.boxes]
at = "centre"
to = ["abroad"]
satellites = ["near", "away"]
far_satellites = ["local"]
container = "2 TEU"
capacity = "1.6 TEU"
dispatch = { lots = 4 }
stuffing = { time = "2 h", time_per = "lot", cost = "80 USD/TEU", cost_per_box = "160 USD" }
stripping = { time = "5 h" }

[flow.lots]
from = "town"
to = "door"
lcl_share = 1
lcl_size = "0.4 TEU"
arrivals.timetable = { interval = "6 h", first = "0 h" }
"#;

/// Hours of each consignment by cause and place, in the order of their generation.
fn stretches(model: &Model) -> Vec<Vec<(String, f64)>> {
    let mut all: Vec<Stretch> = Vec::new();
    let record = simulate_observed(&model.typical, Draws::new(Seed(1), 0), &mut all);
    assert!(record.violations.is_empty(), "{:?}", record.violations);
    let mut seen: BTreeMap<_, Vec<(String, f64)>> = BTreeMap::new();
    for stretch in all {
        let strand = &model.typical.strands[stretch.strand as usize];
        let meaning = model.layout.routes[strand.route as usize].cells[stretch.cell as usize];
        let hours = (stretch.until - stretch.from).hours();
        let entry = seen.entry((stretch.created, stretch.consignment)).or_default();
        entry.push((format!("{:?} {:?}", meaning.place, meaning.cause), hours));
    }
    seen.into_values().collect()
}

#[test]
fn lots_go_by_satellites_in_one_box_and_are_parted() {
    let (_folder, path) = scratch(CHAIN);
    let model = build(&path.display().to_string());
    assert_eq!(model.typical.strands.len(), 1);
    let all = stretches(&model);
    // The first four make the first box: they wait for the fourth, which comes 18 hours after the first.
    for (number, lot) in all.iter().take(4).enumerate() {
        let waited: f64 = lot
            .iter()
            .filter(|(what, _)| what.ends_with("Consolidation"))
            .map(|(_, hours)| hours)
            .sum();
        near(waited, 6.0 * (3 - number) as f64);
        let sum: f64 = lot.iter().map(|(_, hours)| hours).sum();
        // The fourth is at the centre after 18 + 1 + 7 + 2 + 1 h; 8 h of stuffing, 3 of road and 2 at the gate make 42,
        // and a train leaves after 48. 100 h aboard, 4 + 5 h to the parting, 5 + 6 to the door.
        near(sum + 6.0 * number as f64, 48.0 + 100.0 + 4.0 + 5.0 + 5.0 + 6.0);
    }
}

#[test]
fn costs_are_shared_by_what_the_box_holds() {
    let results = run_text(CHAIN);
    // By the near satellite, although the straight road is shorter: 100 + 200. The box is full with 1.6 of 2 TEU, so a
    // TEU of cargo pays 1.25 times the charges of the box: 50 + 1000 + 50. Stuffing 80 and 160 by 1.6. Last 300 + 400.
    let expected = 300.0 + 1.25 * 1100.0 + 80.0 + 100.0 + 700.0;
    near(results.value("flow.lots.cost_per_teu"), expected);
    near(
        results.value("consolidation.boxes.box_charge_per_cargo_teu"),
        1.25 * 1100.0 + 80.0 + 100.0,
    );
    near(results.value("consolidation.boxes.fill_of_space"), 1.0);
    near(results.value("consolidation.boxes.lots_per_box"), 4.0);
    near(results.value("stop.train@yard.boarded_per_departure"), 1.0);
    near(results.value("service.train.load_factor"), 0.5);
    near(results.value("flow.lots.lcl_share_of_teu"), 1.0);
    near(
        results.value("flow.lots.time_days_waiting_for_consolidation"),
        9.0 / 24.0,
    );
}

#[test]
fn a_price_is_all_that_shippers_pay_for_the_box() {
    let text = CHAIN.replace("stripping =", "price = \"1500 USD/TEU\"\nstripping =");
    let results = run_text(&text);
    near(results.value("flow.lots.cost_per_teu"), 300.0 + 1500.0 + 700.0);
}

#[test]
fn a_box_that_no_facility_takes_is_refused_with_all_its_lots() {
    let text = CHAIN.replace(
        "gate = { node = \"yard\", servers = \"unlimited\", time = \"2 h\" }",
        "gate = { node = \"yard\", servers = 1, time = \"90 h\", waiting_room = 0 }",
    );
    let results = run_text(&text);
    let (refused, generated) = (
        results.value("system.refused_consignments"),
        results.value("system.generated_consignments"),
    );
    assert!(
        refused > 0.0 && refused < generated && refused % 4.0 == 0.0,
        "{refused} of {generated}"
    );
}

#[test]
fn batches_that_are_never_full_are_unfinished() {
    let text = CHAIN
        .replace("dispatch = { lots = 4 }", "dispatch = { lots = 1000 }")
        .replace("lcl_size = \"0.4 TEU\"", "lcl_size = \"0.001 TEU\"");
    let results = run_text(&text);
    near(
        results.value("system.unfinished_consignments"),
        results.value("system.generated_consignments"),
    );
    assert!(results.value("consolidation.boxes.unfinished_lots") > 0.0);
    assert!(results.value("consolidation.boxes.boxes") == 0.0);
}

/// What shippers expect of the wait is what they get.
#[test]
fn expected_waits_are_those_of_the_simulation() {
    let rules = [
        ("lots = 6", 0.02),
        ("longest_wait = \"2 d\"", 0.02),
        ("lots = 12, longest_wait = \"2 d\"", 0.02),
        ("mass = \"14 t\"", 0.03),
        ("space = \"1 TEU\", longest_wait = \"3 d\"", 0.04),
        ("every = { interval = \"36 h\" }", 0.02),
        ("lots = 5, every = { interval = \"2 d\" }", 0.06),
        ("weekly = [\"Mon 12:00\", \"Thu 18:00\"]", 0.02),
    ];
    for (rule, tolerance) in rules {
        let text = format!(
            r#"
            [run]
            warm_up = "50 d"
            length = "4000 d"
            replications = 4
            [link.way]
            time = "1 h"
            [consolidation.centre]
            route = ["link.way"]
            dispatch = {{ {rule} }}
            [flow.lots]
            arrivals.poisson = "4 /d"
            lcl_size.gamma = {{ shape = 2, mean = "0.2 TEU" }}
            route = ["consolidation.centre"]
            "#
        );
        let (_folder, path) = scratch(&text);
        let results = run_model(build(&path.display().to_string()), 2);
        let inputs = Inputs::expected();
        let model = &results.model;
        let expected = Appraisal::new(&model.scenario, &model.network.tables, &inputs).batch(LaneId::new(0));
        let waited = results.value("consolidation.centre.wait_hours_mean");
        assert!(
            (expected.wait / waited - 1.0).abs() < tolerance,
            "{rule}: {} expected, {waited} waited",
            expected.wait
        );
        let lots = results.value("consolidation.centre.lots_per_box");
        assert!(
            (expected.lots / lots - 1.0).abs() < 0.05,
            "{rule}: {} expected, {lots}",
            expected.lots
        );
    }
}

/// Whole container loads go straight and lots by the centre; a larger share turns some of the former into lots, and none
/// of the lots into anything else.
#[test]
fn a_changed_share_meets_the_same_consignments() {
    let marked = |share: f64| {
        let text = format!(
            r#"
            [run]
            length = "200 d"
            [link.straight]
            time = "5 h"
            [link.way]
            time = "1 h"
            [consolidation.centre]
            route = ["link.way"]
            dispatch.lots = 3
            [route.whole]
            steps = ["link.straight"]
            [route.shared]
            steps = ["consolidation.centre"]
            [flow.goods]
            arrivals.poisson = "6 /d"
            lcl_share = {share}
            lcl_size = "0.1 TEU"
            routes = ["whole", "shared"]
            "#
        );
        let (_folder, path) = scratch(&text);
        let model = build(&path.display().to_string());
        let mut stretches: Vec<Stretch> = Vec::new();
        let record = simulate_observed(&model.typical, Draws::new(Seed(3), 0), &mut stretches);
        assert!(record.violations.is_empty(), "{:?}", record.violations);
        let lots = stretches.iter().map(|it| (it.consignment, it.strand == 1));
        lots.collect::<BTreeMap<_, _>>()
    };
    let (few, many) = (marked(0.2), marked(0.6));
    assert_eq!(few.len(), many.len());
    let share = |lots: &BTreeMap<_, bool>| lots.values().filter(|it| **it).count() as f64 / lots.len() as f64;
    assert!((share(&few) - 0.2).abs() < 0.04 && (share(&many) - 0.6).abs() < 0.05);
    for (consignment, is_lot) in few {
        assert!(!is_lot || many[&consignment]);
    }
}

/// Of the volume so much is lots as is said, however small they are.
#[test]
fn a_share_of_the_volume_is_of_container_space() {
    let results = run_text(
        r#"
        [run]
        length = "2000 d"
        replications = 10
        [link.straight]
        time = "5 h"
        [link.way]
        time = "1 h"
        [consolidation.centre]
        route = ["link.way"]
        dispatch.lots = 3
        [route.whole]
        steps = ["link.straight"]
        [route.shared]
        steps = ["consolidation.centre"]
        [flow.goods]
        volume = "500 TEU/yr"
        lcl_share = 0.25
        lcl_size = "0.1 TEU"
        routes = ["whole", "shared"]
        "#,
    );
    within(&results, "flow.goods.lcl_share_of_teu", 0.25);
    within(&results, "flow.goods.teu_per_year", 500.0);
}

/// Shippers of lots choose between centres by what they expect of them: the one that waits longer gets fewer.
#[test]
fn lots_choose_the_centre_that_keeps_them_shorter() {
    let text = |wait: &str| {
        format!(
            r#"
            [run]
            length = "300 d"
            replications = 4
            [choice]
            scale = "0.05 /USD"
            cost_limit = 10
            [node]
            town = {{ kind = "zone" }}
            centre = {{ kind = "warehouse" }}
            abroad = {{ kind = "warehouse" }}
            [link]
            access = {{ from = "town", to = "centre", time = "1 h" }}
            rail = {{ from = "centre", to = "abroad", mode = "rail", time = "10 h" }}
            [commodity.goods]
            value = "1000 USD/t"
            time_cost = "0.5 %/d"
            density = "10 t/TEU"
            [consolidation.quick]
            at = "centre"
            to = ["abroad"]
            dispatch.every = {{ interval = "1 d" }}
            [consolidation.slow]
            at = "centre"
            to = ["abroad"]
            dispatch.every = {{ interval = "{wait}" }}
            [flow.lots]
            from = "town"
            to = "abroad"
            commodity = "goods"
            lcl_share = 1
            arrivals.poisson = "10 /d"
            "#
        )
    };
    let share = |results: &Results| {
        let all = results.value("flow.lots.delivered_consignments");
        let of_slow = results
            .catalogue
            .indicators
            .iter()
            .find(|it| it.scope == Scope::Route && it.id.contains("slow") && it.name == "delivered_consignments");
        results.value(&of_slow.unwrap().key()) / all
    };
    let alike = share(&run_text(&text("1 d")));
    assert!((alike - 0.5).abs() < 0.03, "{alike}");
    // Three more days on average cost 150 USD/TEU: a utility of 7.5 less.
    let slower = share(&run_text(&text("7 d")));
    let theory = 1.0 / (1.0 + (0.05_f64 * 150.0).exp());
    assert!(slower < 0.01 && (slower - theory).abs() < 0.01, "{slower}, {theory}");
}

/// A lot waits in a yard at the centre only until its box is closed.
#[test]
fn lots_leave_the_yard_when_their_box_is_closed() {
    let text = CHAIN.replace(
        "[facility]\n",
        "[facility]\nshed = { node = \"centre\", kind = \"storage\", space = \"1.6 TEU\", when_full = \"hold\", order = 1, leaving_by = [\"consolidation\"] }\n",
    );
    let results = run_text(&text);
    near(results.value("system.unfinished_consignments"), 0.0);
    // A shed for one box is enough: nobody is held before it.
    near(results.value("flow.lots.time_days_queueing"), 0.0);
}

const SHARED_TRAIN: &str = r#"
[run]
warm_up = "30 d"
length = "2000 d"
replications = 10

[service.train]
departures.every = { interval = "1 d" }
capacity = "10 TEU"
time = "10 h"

[flow.boxes]
arrivals.poisson = "6 /d"
route = ["service.train"]
"#;

/// Other cargo takes the first places, so the corridor's cargo meets a smaller train: bulk service with what is left
/// (Bailey 1954, case B-O-05 with ten places of which five are taken).
#[test]
fn other_cargo_leaves_a_smaller_train() {
    let shared = SHARED_TRAIN
        .replace("arrivals.poisson = \"6 /d\"", "arrivals.poisson = \"3 /d\"")
        .replace("time = \"10 h\"", "time = \"10 h\"\nbackground.others.load = \"5 TEU\"");
    let results = run_text(&shared);
    within(&results, "stop.train.wait_hours_mean", 24.0 * 0.566_068_267);
    within(&results, "stop.train.left_behind_per_departure", 0.198_204_801);
    within(&results, "service.train.load_factor", 0.8);
    near(results.value("service.train.load_factor_background"), 0.5);
    within(&results, "service.train.background_share_of_load", 5.0 / 8.0);
    let smaller = shared
        .replace("capacity = \"10 TEU\"", "capacity = \"5 TEU\"")
        .replace("background.others.load = \"5 TEU\"", "");
    let smaller = run_text(&smaller);
    // The same consignments wait the same times: nothing of it is in the corridor's indicators.
    for key in [
        "flow.boxes.transit_days_mean",
        "flow.boxes.delivered_teu",
        "stop.train.wait_hours_p95",
    ] {
        assert_eq!(results.value(key), smaller.value(key), "{key}");
    }
}

/// Behind the corridor's cargo it takes what is left.
#[test]
fn other_cargo_fills_up_behind() {
    let text = SHARED_TRAIN.replace(
        "time = \"10 h\"",
        "time = \"10 h\"\nbackground.others = { load = \"20 TEU\", priority = 9 }",
    );
    let (shared, alone) = (run_text(&text), run_text(SHARED_TRAIN));
    near(shared.value("service.train.load_factor"), 1.0);
    assert_eq!(
        shared.value("stop.train.wait_hours_mean"),
        alone.value("stop.train.wait_hours_mean")
    );
    near(
        shared.value("service.train.load_factor_own"),
        alone.value("service.train.load_factor"),
    );
    let left = shared.value("service.train.background_left_teu_per_departure");
    near(left, 20.0 - 10.0 * shared.value("service.train.load_factor_background"));
}

/// Its load is a draw keyed by the departure, scaled by the season, and counts towards a minimum load.
#[test]
fn other_cargo_lets_a_train_run() {
    let text = |background: &str| {
        format!(
            r#"
            [run]
            start = "2024-01-01"
            length = "366 d"
            replications = 4
            [season.autumn]
            monthly = [0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2]
            [service.train]
            departures.every = {{ interval = "1 d" }}
            capacity = "50 TEU"
            time = "10 h"
            minimum_load = {{ space = "20 TEU", if_short = "cancel" }}
            {background}
            [flow.boxes]
            arrivals.poisson = "1 /d"
            route = ["service.train"]
            "#
        )
    };
    let results = run_text(&text(
        "background.others = { load.uniform = { min = \"15 TEU\", max = \"25 TEU\" }, season = \"autumn\" }",
    ));
    // In autumn every train has 30 TEU or more; before that only when boxes have piled up.
    assert!(results.value("service.train.departures") >= 122.0);
    let alone = run_text(&text(""));
    assert!(alone.value("service.train.departures") < results.value("service.train.departures") - 50.0);
    let mean = results.value("service.train.load_factor_background") * 50.0 * results.value("service.train.departures");
    assert!((mean / (40.0 * 122.0) - 1.0).abs() < 0.05, "{mean}");
}

/// A scenario without lots has no trace of them: neither indicators nor strands.
#[test]
fn nothing_of_it_shows_where_there_are_no_lots() {
    let results = run_text(SHARED_TRAIN);
    let keys = results.catalogue.indicators.iter().map(|it| it.key());
    let traces: Vec<String> = keys
        .filter(|key| key.contains("lcl") || key.contains("consolidation") || key.contains("background"))
        .collect();
    assert!(traces.is_empty(), "{traces:?}");
    let steps = results.model.network.routes.iter().flat_map(|route| &route.steps);
    assert!(
        steps
            .into_iter()
            .all(|step| !matches!(step, RouteStep::Consolidated(_)))
    );
}
