//! Equilibrium: the times by which shippers choose are those that their choices bring about.

use crate::support::{run_model, scratch};
use assert_cmd::Command;
use corridor::experiment::{Equilibrium, find_equilibrium};
use corridor::model::{self, Model};
use corridor::scenario;
use corridor::units::SimSpan;
use std::sync::Arc;

fn model(text: &str) -> Model {
    let (_folder, path) = scratch(text);
    let scenario = scenario::load(&path.display().to_string()).unwrap_or_else(|faults| panic!("{faults}"));
    model::build(Arc::new(scenario), SimSpan::ZERO).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The model in equilibrium, and how it was found.
fn settled(text: &str, seed: u64, threads: usize) -> (Model, Equilibrium) {
    let mut model = model(text);
    let found = find_equilibrium(&mut model, seed, Some(threads), &|_, _| {}).unwrap();
    (model, found.unwrap())
}

/// Two desks with exponential service at rate 1 an hour, one of which charges 2 USD more; cargo at 1.2 an hour of which an
/// hour costs 1 USD.
fn two_desks(equilibrium: &str) -> String {
    format!(
        r#"
        [run]
        warm_up = "200 h"
        length = "4000 h"
        cool_down = "400 h"
        replications = 4
        [choice]
        scale = "1 /USD"
        path_size = 0
        [choice.equilibrium]
        {equilibrium}
        [commodity.goods]
        density = "10 t/TEU"
        value = "2.4 USD/t"
        time_cost = "100 %/d"
        [facility.near]
        servers = 1
        time = {{ exponential.mean = "1 h" }}
        [facility.far]
        servers = 1
        time = {{ exponential.mean = "1 h" }}
        cost = "2 USD/TEU"
        [route.by-near]
        steps = ["facility.near"]
        [route.by-far]
        steps = ["facility.far"]
        [flow.cargo]
        commodity = "goods"
        routes = ["by-near", "by-far"]
        arrivals.poisson = "1.2 /h"
        "#
    )
}

/// The share of the near desk at which the logit of what M/M/1 queues cost gives that share again.
fn theory() -> f64 {
    let wait = |rate: f64| rate / (1.0 - rate);
    let (mut low, mut high): (f64, f64) = (0.2 / 1.2 + 1e-9, 1.0 / 1.2 - 1e-9);
    for _ in 0..200 {
        let share = f64::midpoint(low, high);
        let (near, far) = (wait(1.2 * share), wait(1.2 * (1.0 - share)) + 2.0);
        if 1.0 / (1.0 + (near - far).exp()) > share {
            low = share;
        } else {
            high = share;
        }
    }
    low
}

#[test]
fn two_queues_are_shared_as_theory_says_whatever_the_seed() {
    let expected = theory();
    // Two rounds below so small a gap are seldom seen through the luck of four pilots.
    for seed in [1, 2] {
        let (model, found) = settled(
            &two_desks("rounds = 100\ngap = 0.005\npilots = 32\nby_month = false"),
            seed,
            2,
        );
        assert!(found.reached, "{:?}", found.rounds);
        let share = model.typical.flows[0].choice.shares[0];
        assert!(
            (share - expected).abs() < 0.012,
            "seed {seed}: {share} instead of {expected}"
        );
    }
    // Told apart by month, where each month shows only its own luck, it comes out the same but for that.
    let (model, _) = settled(&two_desks("gap = 0.01"), 1, 2);
    let share = model.typical.flows[0].choice.shares[0];
    assert!(
        (share - expected).abs() < 0.02,
        "by month: {share} instead of {expected}"
    );
}

/// The log-sum is that of what they experience.
#[test]
fn what_shippers_expect_to_pay_is_what_they_experience() {
    let share = theory();
    let cost = |part: f64| 1.0 + 1.2 * part / (1.0 - 1.2 * part);
    let (near, far) = (cost(share), cost(1.0 - share) + 2.0);
    let expected = -((-near).exp() + (-far).exp()).ln();
    let (model, _) = settled(&two_desks("gap = 0.005\nby_month = false"), 1, 2);
    let found = model.typical.flows[0].choice.least_cost;
    assert!((found - expected).abs() < 0.1, "{found} instead of {expected}");
}

/// A desk that lets nobody through is not taken for one at which nobody waits.
#[test]
fn what_is_shut_is_not_taken_for_free() {
    let text = two_desks("by_month = false").replace("1.2 /h", "0.5 /h");
    let shut =
        "re_choice = \"never\"\n[disruption.shut]\nhits = [\"facility.near\"]\nafter = \"1 h\"\nlasts = \"90000 h\"\n";
    let (model, _) = settled(&format!("{text}{shut}"), 1, 2);
    let share = model.typical.flows[0].choice.shares[0];
    assert!(share < 0.01, "{share}");
}

/// Cargo that comes at listed times is not overlooked beside what comes at a rate.
#[test]
fn listed_cargo_weighs_in_the_gap() {
    let times: Vec<String> = (0..3600).map(|hour| format!("\"{} h\"", 200 + hour)).collect();
    let text =
        two_desks("by_month = false").replace("poisson = \"1.2 /h\"", &format!("listed = [{}]", times.join(", ")));
    let other = "[flow.other]\nroute = [\"facility.far\"]\narrivals.poisson = \"0.1 /h\"\n";
    let (_, found) = settled(&format!("{text}{other}"), 1, 2);
    assert!(found.rounds[0].gap > 0.01, "{:?}", found.rounds);
}

#[test]
fn cargo_goes_where_shippers_in_equilibrium_send_it() {
    let (model, _) = settled(&two_desks("by_month = false"), 1, 2);
    let expected = model.typical.flows[0].choice.shares[0];
    let results = run_model(model, 2);
    let [near, all] = ["route.cargo|facility.near", "flow.cargo"]
        .map(|scope| results.value(&format!("{scope}.generated_consignments")));
    assert!(
        (near / all - expected).abs() < 0.02,
        "{} instead of {expected}",
        near / all
    );
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let text = two_desks("rounds = 3\ngap = 0.0001");
    let (_, one) = settled(&text, 7, 1);
    let (_, three) = settled(&text, 7, 3);
    assert!(!one.reached && one.rounds.len() == 3);
    assert!(one == three, "{one:?}");
}

/// Two roads, the better of which is closed in March.
const CLOSED_IN_MARCH: &str = r#"
    [run]
    start = "2024-01-01"
    warm_up = "10 d"
    length = "200 d"
    cool_down = "60 d"
    [choice]
    scale = "0.1 /USD"
    path_size = 0
    re_choice = "never"
    [choice.dissimilarity]
    road = 0.5
    [commodity.goods]
    value = "1000 USD/t"
    time_cost = "1 %/d"
    [node.a]
    kind = "terminal"
    [node.b]
    kind = "terminal"
    [link.pass]
    from = "a"
    to = "b"
    mode = "road"
    time = "1 d"
    [link.detour]
    from = "a"
    to = "b"
    mode = "road"
    time = "1.2 d"
    [flow.cargo]
    from = "a"
    to = "b"
    commodity = "goods"
    volume = "3000 TEU/yr"
    [disruption.snow]
    hits = ["link.pass"]
    from_date = "2024-03-01"
    until_date = "2024-03-31"
"#;

#[test]
fn shippers_avoid_a_road_in_the_month_in_which_it_is_closed() {
    let (model, found) = settled(CLOSED_IN_MARCH, 1, 2);
    assert!(found.reached, "{:?}", found.rounds);
    let choice = &model.typical.flows[0].choice;
    let share = |month: usize| {
        choice
            .in_period(month)
            .iter()
            .find(|taste| taste.place == 0)
            .unwrap()
            .weight
    };
    assert!(
        share(2) < 0.05 && share(4) > 0.8,
        "March {}, May {}",
        share(2),
        share(4)
    );
    // An hour costs 100/24 USD and the detour takes 4.8 h more: within the nest, utilities are divided by 0.5.
    let plain = 1.0 / (1.0 + (-0.1_f64 * 4.8 * 100.0 / 24.0 / 0.5).exp());
    assert!((share(4) - plain).abs() < 0.02, "{} instead of {plain}", share(4));
}

/// Two services alike, of which one runs in March and April alone.
const NEW_FOR_TWO_MONTHS: &str = r#"
    [run]
    start = "2024-01-01"
    length = "180 d"
    cool_down = "60 d"
    [choice]
    scale = "0.01 /USD"
    path_size = 0
    [node.a]
    kind = "terminal"
    [node.b]
    kind = "terminal"
    [service.new]
    stops = ["a", "b"]
    mode = "rail"
    departures.per_week = 7
    time = "1 d"
    from_date = "2024-03-01"
    until_date = "2024-04-30"
    [service.old]
    stops = ["a", "b"]
    mode = "rail"
    departures.per_week = 7
    time = "1 d"
    [commodity.goods]
    value = "10000 USD/t"
    time_cost = "1 %/d"
    [flow.cargo]
    from = "a"
    to = "b"
    commodity = "goods"
    volume = "500 TEU/yr"
"#;

/// The share of the first way in a period.
fn share_of_first(model: &Model, period: usize) -> f64 {
    let choice = &model.typical.flows[0].choice;
    let first = choice.in_period(period).iter().find(|taste| taste.place == 0);
    first.unwrap().weight
}

/// A service that has ceased is not chosen, however good it was.
#[test]
fn shippers_know_when_a_service_runs() {
    let (model, _) = settled(NEW_FOR_TWO_MONTHS, 1, 2);
    let share = |month| share_of_first(&model, month);
    assert!(
        share(0) < 0.01 && share(5) < 0.01,
        "January {}, June {}",
        share(0),
        share(5)
    );
    assert!((share(2) - 0.5).abs() < 0.1, "March {}", share(2));
}

/// Shippers who do not tell months apart take it as long as it runs: neither never, since it has ended by the middle of the
/// run, nor all the time.
#[test]
fn who_knows_no_months_still_knows_when_a_service_runs() {
    let whole_run = NEW_FOR_TWO_MONTHS.replace("path_size = 0", "path_size = 0\nequilibrium.by_month = false");
    let (model, _) = settled(&whole_run, 1, 2);
    let share = |part| share_of_first(&model, part);
    assert!(
        share(0) < 0.01 && share(2) < 0.01,
        "before {}, after {}",
        share(0),
        share(2)
    );
    assert!((share(1) - 0.5).abs() < 0.1, "meanwhile {}", share(1));
    let parts = model.parts_of_window();
    assert!((parts[1] - 61.0 / 180.0).abs() < 1e-9, "{parts:?}");
}

#[test]
fn without_a_choice_there_is_nothing_to_find() {
    for text in [
        two_desks("rounds = 0"),
        two_desks("").replace("scale = \"1 /USD\"", ""),
        two_desks("").replace("routes = [\"by-near\", \"by-far\"]", "routes = [\"by-near\"]"),
    ] {
        let mut model = model(&text);
        let before = model.typical.flows[0].choice.clone();
        let found = find_equilibrium(&mut model, 1, None, &|_, _| {}).unwrap();
        assert!(found.is_none());
        assert_eq!(format!("{before:?}"), format!("{:?}", model.typical.flows[0].choice));
    }
}

/// In an empty network the log-sum is the one of the costs that the scenario states.
#[test]
fn the_log_sum_values_a_choice() {
    let results = run_model(model(&two_desks("")), 2);
    let hour = 1.0;
    let expected = -((-hour - 2.0_f64).exp() + (-hour).exp()).ln();
    let found = results.value("flow.cargo.log_sum_cost_per_teu");
    assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
}

/// What a run says where the equilibrium is not reached, and with which exit code; the results are kept.
#[test]
fn an_equilibrium_that_is_not_reached_is_said() {
    let (folder, path) = scratch(&two_desks("rounds = 2\ngap = 0.000001"));
    let out = folder.path().join("out");
    let run = |more: &[&str]| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("corridor"));
        command
            .arg("run")
            .arg(&path)
            .arg("--no-charts")
            .arg("--force")
            .arg("--out")
            .arg(&out);
        command.args(more).assert()
    };
    let said = run(&[]).code(5);
    let text = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
    assert!(text.contains("not in equilibrium: after 2 rounds"), "{text}");
    let summary: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("summary.json")).unwrap()).unwrap();
    assert_eq!(summary["equilibrium"]["rounds"], 2);
    assert_eq!(summary["equilibrium"]["reached"], false);
    let said = run(&["--no-equilibrium"]).success();
    let text = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
    assert!(!text.contains("equilibrium"), "{text}");
}

/// A run that goes on does so with the choice that it began with.
#[test]
fn a_run_that_goes_on_keeps_its_equilibrium() {
    let (folder, path) = scratch(&two_desks("gap = 0.02"));
    let run = |out: &str, arguments: &[&str]| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("corridor"));
        let folder = folder.path().join(out);
        command.args(["run", "--no-charts"]).args(arguments);
        if arguments.contains(&"--resume") {
            command.arg(&folder);
        } else {
            command.arg(&path).arg("--out").arg(&folder);
        }
        command.assert().success();
        std::fs::read(folder.join("indicators.csv")).unwrap()
    };
    run("parts", &["-n", "2"]);
    let whole = run("whole", &["-n", "5"]);
    assert!(run("parts", &["-n", "5", "--resume"]) == whole);
}
