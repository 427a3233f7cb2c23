//! Mechanisms that once failed, each in the smallest scenario that shows it.

use crate::support::{build, run_text, scratch};
use corridor::random::{Draws, Seed};
use corridor::simulation::{Stretch, simulate_observed};
use std::collections::BTreeMap;

fn near(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() <= 1e-9 * expected.abs(),
        "{value}, expected {expected}"
    );
}

#[test]
fn an_assembly_of_single_servers_ends_with_its_last_activity() {
    let results = run_text(
        r#"
        [run]
        length = "100 d"
        replications = 2
        [facility.cargo]
        time = "1 h"
        [facility.documents]
        time = "3 h"
        [assembly.clearance]
        activity.cargo.facility = "cargo"
        activity.documents.facility = "documents"
        [flow.boxes]
        arrivals.timetable = { interval = "1 d" }
        route = ["assembly.clearance"]
        "#,
    );
    near(results.value("system.transit_days_mean"), 3.0 / 24.0);
}

#[test]
fn small_values_keep_nine_digits_in_the_mean_over_replications() {
    let results = run_text(
        r#"
        [run]
        length = "10 d"
        replications = 3
        [link.hop]
        time = "1 s"
        [flow.boxes]
        arrivals.timetable = { interval = "1 h" }
        route = ["link.hop"]
        "#,
    );
    near(results.value("system.transit_days_mean"), 1.0 / 86_400.0);
}

/// Every consignment has draws of its own: no two may share an address, on whatever day and in whatever batch they come.
#[test]
fn companions_of_a_batch_have_addresses_of_their_own() {
    let (_folder, path) = scratch(
        r#"
        [run]
        length = "30 d"
        [link.road]
        time.exponential = { mean = "1 h" }
        [flow.random]
        arrivals.poisson = "3 /d"
        batch = 4
        route = ["link.road"]
        [flow.listed]
        arrivals.timetable = { interval = "1 d" }
        batch = 4
        route = ["link.road"]
        "#,
    );
    let model = build(&path.display().to_string());
    let mut stretches: Vec<Stretch> = Vec::new();
    let record = simulate_observed(&model.typical, Draws::new(Seed(1), 0), &mut stretches);
    let mut times = BTreeMap::new();
    for stretch in &stretches {
        let other = times.insert(stretch.consignment, stretch.created);
        assert_eq!(
            other, None,
            "two consignments share the address {:?}",
            stretch.consignment
        );
    }
    assert_eq!(
        times.len() as u64,
        record.strands.iter().map(|strand| strand.generated).sum::<u64>()
    );
}

/// The same activity for two consignments, and two activities for the same one, take different times.
#[test]
fn activities_have_addresses_of_their_own() {
    let (_folder, path) = scratch(
        r#"
        [run]
        length = "60 d"
        [facility.work]
        servers = "unlimited"
        time.exponential = { mean = "1 h" }
        [assembly.first]
        join = "first"
        activity.a.facility = "work"
        activity.b.facility = "work"
        activity.c.facility = "work"
        [flow.boxes]
        arrivals.poisson = "3 /d"
        route = ["assembly.first"]
        "#,
    );
    let model = build(&path.display().to_string());
    let mut stretches: Vec<Stretch> = Vec::new();
    simulate_observed(&model.typical, Draws::new(Seed(1), 0), &mut stretches);
    let mut spans: Vec<i64> = stretches.iter().map(|it| (it.until - it.from).0).collect();
    let all = spans.len();
    spans.sort_unstable();
    spans.dedup();
    assert!(all > 100 && spans.len() == all, "{} of {all} spans differ", spans.len());
}

#[test]
fn a_disruption_that_was_over_before_the_start_changes_nothing() {
    let scenario = |disruption: &str| {
        format!(
            r#"
            [run]
            start = "2024-01-01"
            length = "60 d"
            cool_down = "60 d"
            replications = 2

            [link.rail]
            time = "10 h"

            [flow.goods]
            arrivals.poisson = "5 /d"
            route = ["link.rail"]
            {disruption}
            "#
        )
    };
    let calm = run_text(&scenario(""));
    let past = run_text(&scenario(
        r#"
            [disruption.flood]
            hits = ["link.rail"]
            speed_factor = 0.5
            from_date = "2023-10-01"
            until_date = "2023-12-31"
        "#,
    ));
    assert_eq!(
        calm.value("flow.goods.transit_days_mean"),
        past.value("flow.goods.transit_days_mean")
    );
}

#[test]
fn a_batch_that_need_not_be_full_takes_only_its_own() {
    // Cargo lands together from a train and queues at a desk before it is served in batches of up to three.
    let results = run_text(
        r#"
        [run]
        length = "200 d"
        cool_down = "60 d"
        replications = 4

        [service.train]
        time = "5 h"
        departures.every.interval = "24 h"

        [facility.desk]
        servers = 2
        time.exponential = { mean = "1 h" }

        [facility.barge]
        servers = 2
        time = "2 h"
        batch.at_most = 3

        [flow.goods]
        arrivals.poisson = "12 /d"
        route = ["service.train", "facility.desk", "facility.barge", "facility.barge"]
        "#,
    );
    assert_eq!(
        results.value("flow.goods.generated_consignments"),
        results.value("flow.goods.delivered_consignments")
    );
    // Everybody is served once at every pass: the starts of both facilities tell.
    let per_day = results.value("facility.desk.served_per_day");
    assert!((results.value("facility.barge.arrivals_per_day") / per_day - 2.0).abs() < 0.02);
}

#[test]
fn presence_is_right_after_a_warm_up() {
    // Last movements are put on record when they begin; what of them lies in the window counts as present.
    let results = run_text(
        r#"
        [run]
        warm_up = "30 d"
        length = "100 d"
        cool_down = "30 d"
        replications = 40

        [link.sea]
        time = "10 d"

        [flow.goods]
        arrivals.poisson = "20 /d"
        route = ["link.sea"]
        "#,
    );
    let present = results.estimate("system.present_mean");
    assert!((present.interval.estimate - 200.0).abs() <= 3.5 * present.standard_error);
}
