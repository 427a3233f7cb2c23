//! Mechanisms that once failed, each in the smallest scenario that shows it.

use crate::support::run_text;

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
