//! Frequencies that follow demand: where they come to rest, and what they leave as it is.

use crate::support::{Results, run_text};
use corridor::analysis::frequencies;

/// A train of 40 TEU; `departures` and `review` are its own, `every` is the time between two consignments of a TEU.
fn train(departures: &str, review: &str, every: &str) -> Results {
    run_text(&format!(
        r#"
        [run]
        start = "2024-01-01"
        warm_up = "140 d"
        length = "700 d"
        replications = 2
        [node]
        town = {{ kind = "terminal" }}
        market = {{ kind = "terminal" }}
        [link.rail]
        from = "town"
        to = "market"
        mode = "rail"
        carries = "services"
        time.lognormal = {{ mean = "3 d", cv = 0.3 }}
        [service.train]
        stops = ["town", "market"]
        departures.{departures}
        capacity = "40 TEU"
        {review}
        [flow.goods]
        from = "town"
        to = "market"
        arrivals.timetable = {{ interval = "{every}" }}
        "#
    ))
}

fn per_week(results: &Results, name: &str) -> f64 {
    results.value(&format!("service.train.{name}")) / 100.0
}

#[test]
fn constant_demand_brings_the_frequency_to_rest_at_the_least_that_carries_it() {
    // 84 TEU a week at 0.7 of 40 TEU are three trains, where the timetable has two.
    let results = train("per_week = 2", "review = { ceiling = 7, target = 0.7 }", "2 h");
    assert!((per_week(&results, "departures") - 3.0).abs() < 0.02);
    assert!((per_week(&results, "planned_departures") - 2.0).abs() < 0.02);
    assert!((per_week(&results, "added_departures") - 1.0).abs() < 0.02);
    assert!(per_week(&results, "withdrawn_departures").abs() < 1e-9);
    let load = results.value("service.train.load_factor");
    assert!((load - 0.7).abs() < 0.01, "{load}");
    // 14 TEU a week need half a train: one, the floor, where the timetable has four.
    let results = train("per_week = 4", "review = { ceiling = 7, target = 0.7 }", "12 h");
    assert!((per_week(&results, "departures") - 1.0).abs() < 0.02);
    assert!((per_week(&results, "withdrawn_departures") - 3.0).abs() < 0.02);
    assert!(per_week(&results, "added_departures").abs() < 1e-9);
    assert!((results.value("service.train.headway_hours_mean") - 168.0).abs() < 1.0);
}

#[test]
fn floor_and_ceiling_hold() {
    let floor = train(
        "per_week = 4",
        "review = { floor = 3, ceiling = 7, target = 0.7 }",
        "12 h",
    );
    assert!((per_week(&floor, "departures") - 3.0).abs() < 0.02);
    // Ten trains would be wanted.
    let ceiling = train("per_week = 4", "review = { ceiling = 6, target = 0.7 }", "0.6 h");
    assert!((per_week(&ceiling, "departures") - 6.0).abs() < 0.03);
}

#[test]
fn what_was_left_behind_is_cleared() {
    // The timetable alone would leave 44 TEU more behind each week.
    let results = train(
        "per_week = 1",
        "review = { ceiling = 7, target = 0.9, smoothing = 1 }",
        "2 h",
    );
    let growth = results.value("stop.train@town.growth_per_day");
    assert!(growth.abs() < 0.1, "{growth}");
    let departures = per_week(&results, "departures");
    assert!((2.3..3.2).contains(&departures), "{departures}");
}

#[test]
fn added_departures_leave_the_draws_of_the_others_as_they_are() {
    // A train at noon, between those at midnight for which cargo comes half an hour before; nobody takes it.
    let daily = |review: &str| {
        run_text(&format!(
            r#"
            [run]
            length = "200 d"
            replications = 3
            [node]
            town = {{ kind = "terminal" }}
            market = {{ kind = "terminal" }}
            [link.rail]
            from = "town"
            to = "market"
            mode = "rail"
            carries = "services"
            time.lognormal = {{ mean = "3 d", cv = 0.3 }}
            [service.train]
            stops = ["town", "market"]
            departures.every.interval = "1 d"
            capacity = "40 TEU"
            {review}
            [flow.goods]
            from = "town"
            to = "market"
            arrivals.timetable = {{ interval = "1 d", first = "23.5 h" }}
            "#
        ))
    };
    let (plain, doubled) = (daily(""), daily("review = { floor = 14, ceiling = 14 }"));
    assert!(doubled.value("service.train.departures") > 1.9 * plain.value("service.train.departures"));
    for name in ["transit_days_mean", "transit_days_sd", "transit_days_p95"] {
        let key = format!("system.{name}");
        assert_eq!(plain.value(&key).to_bits(), doubled.value(&key).to_bits(), "{name}");
    }
}

#[test]
fn a_review_that_changes_nothing_gives_the_same_bits() {
    let plain = train("per_week = 3", "", "3 h");
    let held = train("per_week = 3", "review = { floor = 3, ceiling = 3 }", "3 h");
    assert_eq!(plain.aggregate.cells, held.aggregate.cells);
    assert_eq!(plain.aggregate.sketches, held.aggregate.sketches);
}

#[test]
fn months_tell_the_headway_that_shippers_met() {
    let results = train("per_week = 2", "review = { ceiling = 7, target = 0.7 }", "2 h");
    let months = frequencies(&results.model, &results.aggregate, 0);
    assert!(months.len() >= 27);
    let settled = &months[12];
    assert!((settled.headway_hours - 56.0).abs() < 4.0, "{}", settled.headway_hours);
    let plain = train("per_week = 2", "", "2 h");
    assert!(frequencies(&plain.model, &plain.aggregate, 0).is_empty());
}
