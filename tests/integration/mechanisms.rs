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

/// Sums of times may need more than 64 bits: here a million consignment-years of waiting.
#[test]
fn hopelessly_overloaded_queues_are_added_up_to_the_end() {
    let results = run_text(
        r#"
        [run]
        consignments = 2_000
        cool_down = "9000000 h"
        replications = 1
        [facility.desk]
        time = "4000 h"
        [flow.boxes]
        arrivals.timetable = { interval = "1 h" }
        route = ["facility.desk"]
        "#,
    );
    let wait = 3_999.0 * 1_999.0 / 2.0;
    near(results.value("facility.desk.wait_hours_mean"), wait);
    near(results.value("system.transit_days_mean"), (wait + 4_000.0) / 24.0);
    near(
        results.value("system.time_days_queueing") + results.value("system.time_days_handling"),
        (wait + 4_000.0) / 24.0,
    );
}

/// A disruption holds departures, whatever makes them depart, and they go when it is over.
#[test]
fn closed_services_hold_their_shuttles_and_late_vehicles() {
    let run = |departures: &str| {
        run_text(&format!(
            r#"
            [run]
            start = "2023-01-01"
            length = "10 d"
            replications = 1
            [service.ferry]
            time = "1 h"
            {departures}
            [disruption.storm]
            hits = ["service.ferry"]
            from_date = "2023-01-03"
            until_date = "2023-01-05"
            [flow.boxes]
            arrivals.timetable = {{ interval = "1 d", first = "12 h" }}
            route = ["service.ferry"]
            "#
        ))
    };
    // Those of noon on the third and fourth wait until midnight before the fifth.
    let shuttle = run("departures.shuttle = {}");
    near(shuttle.value("system.transit_days_max"), (36.0 + 1.0) / 24.0);
    near(
        shuttle.value("system.transit_days_mean"),
        (36.0 + 12.0 + 10.0) / 10.0 / 24.0,
    );
    // Scheduled for 22:00 and three hours late, one of the second and so on; that of the second meets the storm.
    let late = run("departures.every = { interval = \"1 d\", first = \"22 h\" }\ndelay = \"3 h\"");
    near(late.value("service.ferry.cancelled_departures"), 2.0);
    near(
        late.value("system.transit_days_max"),
        (48.0 + 10.0 + 3.0 + 1.0) / 24.0 - 0.0,
    );
}

/// Cargo counts towards a minimum load only when it could board.
#[test]
fn a_minimum_load_counts_what_is_ready_at_the_cut_off() {
    let results = run_text(
        r#"
        [run]
        consignments = 40
        replications = 1
        [service.barge]
        time = "1 h"
        departures.shuttle = {}
        cut_off = "6 h"
        minimum_load.lots = 4
        [flow.boxes]
        arrivals.timetable = { interval = "1 h" }
        route = ["service.barge"]
        "#,
    );
    // The fourth of each load is ready six hours after it came.
    near(results.value("service.barge.teu_per_departure"), 4.0);
    near(results.value("system.transit_days_mean"), (1.5 + 6.0 + 1.0) / 24.0);
}

/// What one vehicle leaves behind may be enough for the next that is there.
#[test]
fn vehicles_that_wait_for_load_go_one_after_the_other() {
    let results = run_text(
        r#"
        [run]
        consignments = 10
        replications = 1
        [service.train]
        time = "1 h"
        capacity = "3 TEU"
        departures.every.interval = "1 h"
        minimum_load.space = "3 TEU"
        [flow.boxes]
        arrivals.timetable = { interval = "100 h" }
        batch = 10
        route = ["service.train"]
        "#,
    );
    // A hundred trains stand ready: three leave at once, the tenth consignment waits for company that never comes.
    near(results.value("service.train.departures"), 3.0);
    near(results.value("system.transit_days_max"), 1.0 / 24.0);
    near(results.value("system.unfinished_consignments"), 1.0);
}

/// A service that departs at random or when loaded keeps to its dates too.
#[test]
fn services_without_a_timetable_keep_to_their_dates() {
    for departures in ["headway = \"6 h\"", "shuttle = {}"] {
        let results = run_text(&format!(
            r#"
            [run]
            start = "2023-01-01"
            length = "10 d"
            replications = 1
            [service.ferry]
            time = "1 h"
            departures.{departures}
            from_date = "2023-01-03"
            until_date = "2023-01-04"
            [flow.boxes]
            arrivals.timetable = {{ interval = "12 h" }}
            route = ["service.ferry"]
            "#
        ));
        let waits = results.value("stop.ferry.wait_hours_max");
        assert!((36.0..=42.0).contains(&waits), "{waits}");
        let delivered = results.value("system.delivered_consignments");
        assert!((7.0..=8.0).contains(&delivered), "{delivered}");
    }
}

/// A speed factor slows the legs of a service, a capacity factor its facilities' servers, passages and space.
#[test]
fn factors_of_disruptions_act_on_everything_that_has_a_speed_or_a_capacity() {
    let run = |what: &str, hit: &str, factor: &str| {
        run_text(&format!(
            r#"
            [run]
            start = "2023-01-01"
            length = "30 d"
            replications = 1
            {what}
            [disruption.strike]
            hits = ["{hit}"]
            {factor}
            from_date = "2023-01-01"
            until_date = "2030-01-01"
            "#
        ))
    };
    let slow = run(
        r#"
        [service.ferry]
        time = "10 h"
        departures.every.interval = "1 h"
        [flow.boxes]
        arrivals.timetable = { interval = "1 d" }
        route = ["service.ferry"]
        "#,
        "service.ferry",
        "speed_factor = 0.5",
    );
    near(slow.value("system.transit_days_max"), 20.0 / 24.0);
    // Servers with a life of their own: of four, one works.
    let crew = run(
        r#"
        [facility.desk]
        servers = 4
        time = "1 h"
        discipline = "preemptive"
        [flow.boxes]
        arrivals.timetable = { interval = "1 d" }
        batch = 4
        route = ["facility.desk"]
        "#,
        "facility.desk",
        "capacity_factor = 0.25",
    );
    near(crew.value("system.transit_days_max"), 4.0 / 24.0);
    let slots = run(
        r#"
        [facility.gate]
        slots = { every = "1 h", capacity = 4 }
        [flow.boxes]
        arrivals.timetable = { interval = "1 d" }
        batch = 4
        route = ["facility.gate"]
        "#,
        "facility.gate",
        "capacity_factor = 0.5",
    );
    near(slots.value("system.transit_days_max"), 1.0 / 24.0);
    let none = run(
        r#"
        [facility.desk]
        servers = 4
        time = "1 h"
        [flow.boxes]
        arrivals.timetable = { interval = "1 d" }
        route = ["facility.desk"]
        "#,
        "facility.desk",
        "capacity_factor = 0",
    );
    near(none.value("system.delivered_consignments"), 0.0);
}

/// Facilities that hold each other's entities are found out at the end of a window of any kind.
#[test]
fn a_circle_of_held_servers_is_called_a_deadlock() {
    let deadlocks = |room: &str| {
        run_text(&format!(
            r#"
            [run]
            length = "60 d"
            replications = 4
            [facility.one]
            time.exponential = {{ mean = "1 h" }}
            waiting_room = 0
            when_full = "hold"
            then.two = 0.9
            [facility.two]
            time.exponential = {{ mean = "1 h" }}
            waiting_room = {room}
            when_full = "hold"
            then.one = 0.9
            [flow.boxes]
            arrivals.poisson = "12 /d"
            route = ["facility.one"]
            "#
        ))
        .aggregate
        .deadlocks
    };
    assert_eq!(deadlocks("0"), 4);
    assert_eq!(deadlocks("100000"), 0);
}

/// As many servers as are needed, and closed hours: who waits for the opening is present once.
#[test]
fn waiting_for_the_opening_counts_once_among_those_present() {
    let results = run_text(
        r#"
        [run]
        start = "2023-01-02"
        length = "100 d"
        warm_up = "10 d"
        replications = 1
        [calendar.days]
        daily = "12:00-24:00"
        [facility.desk]
        servers = "unlimited"
        time = "6 h"
        calendar = "days"
        [flow.boxes]
        arrivals.timetable = { interval = "1 d", first = "6 h" }
        route = ["facility.desk"]
        "#,
    );
    near(results.value("facility.desk.present_mean"), 12.0 / 24.0);
    near(results.value("facility.desk.queue_mean"), 6.0 / 24.0);
}

/// A promise that is also among the times that are reported is reported once.
#[test]
fn a_promise_among_the_reported_times_is_one_indicator() {
    let results = run_text(
        r#"
        [run]
        length = "10 d"
        replications = 1
        [link.road]
        time = "1 d"
        [flow.boxes]
        arrivals.timetable = { interval = "1 d" }
        route = ["link.road"]
        promise = "48 h"
        within = ["12 h", "2 d"]
        "#,
    );
    let keys: Vec<String> = results.catalogue.indicators.iter().map(|it| it.key()).collect();
    let mut distinct = keys.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(keys.len(), distinct.len());
    near(results.value("flow.boxes.share_within_2_days"), 1.0);
    near(results.value("flow.boxes.share_within_0.5_days"), 0.0);
}

/// A large scenario can stand in several files, which together are one; the main file has the last word.
#[test]
fn parts_of_a_scenario_are_one_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("road.toml", "[link.road]\ntime = \"1 d\"\n[link.old]\ntime = \"1 d\"\n");
    write(
        "desk.toml",
        "[scenario]\ntitle = \"not of the whole\"\n[facility.desk]\ntime = \"1 h\"\nservers = 3\n",
    );
    write(
        "scenario.toml",
        r#"
        [scenario]
        title = "Whole"
        parts = ["road.toml", "desk.toml"]
        remove = ["link.o*"]
        [run]
        length = "10 d"
        replications = 1
        [facility.desk]
        time = "24 h"
        [flow.boxes]
        arrivals.timetable = { interval = "1 d" }
        route = ["link.road", "facility.desk"]
        "#,
    );
    let results = crate::support::run_file(&folder.path().join("scenario.toml"));
    near(results.value("system.transit_days_mean"), 2.0);
    let scenario = &results.model.scenario;
    assert_eq!(scenario.about.title.en, "Whole");
    assert!(!scenario.links.contains_key("old"));
    // The resolved scenario stands alone.
    let (_folder, path) = crate::support::scratch(&scenario.resolved());
    near(crate::support::run_file(&path).value("system.transit_days_mean"), 2.0);
}

/// Water level, draught, payload: what a vessel loads follows the shallowest place of its way, month by month.
#[test]
fn shallow_water_cuts_the_payload_by_season() {
    let results = run_text(
        r#"
        [run]
        start = "2023-01-01"
        length = "365 d"
        replications = 1
        [season.level]
        monthly = [0.6, 0.6, 0.6, 1, 1, 1, 1, 1, 1, 1, 1, 1]
        [node.up]
        kind = "terminal"
        longitude = 113
        latitude = 28
        [node.middle]
        kind = "terminal"
        longitude = 113
        latitude = 29
        [node.down]
        kind = "terminal"
        longitude = 114
        latitude = 30
        [link.upper]
        from = "up"
        to = "middle"
        mode = "waterway"
        carries = "services"
        distance = "130 km"
        time = "12 h"
        depth = "4 m"
        depth_season = "level"
        [link.lower]
        from = "middle"
        to = "down"
        mode = "waterway"
        carries = "services"
        distance = "200 km"
        time = "12 h"
        depth = "3.5 m"
        [service.barge]
        mode = "waterway"
        stops = ["up", "middle", "down"]
        departures.every.interval = "1 d"
        payload = "1000 t"
        draught = { light = "1 m", laden = "3 m", clearance = "0.4 m" }
        [commodity.ore]
        density = "20 t/TEU"
        [flow.ore]
        from = "up"
        to = "down"
        commodity = "ore"
        arrivals.timetable = { interval = "1 d", first = "12 h" }
        batch = 60
        "#,
    );
    // January to March: 2.4 m less clearance and light draught leave half of the way to the laden draught, so 500 t or
    // 25 TEU a day; afterwards 3.1 m are more than enough and the backlog goes at 50 TEU a day.
    let loads = 90.0 * 25.0 + 275.0 * 50.0;
    let per_departure = results.value("service.barge.teu_per_departure");
    assert!((per_departure * 365.0 - loads).abs() < 100.0, "{per_departure}");
}

/// Service times are means over those served: vehicles too, and each member of a batch.
#[test]
fn service_times_are_reported_of_vehicles_and_batches() {
    let results = run_text(
        r#"
        [run]
        length = "40 d"
        replications = 1
        [node.a]
        kind = "zone"
        longitude = 0
        latitude = 0
        [node.b]
        kind = "zone"
        longitude = 1
        latitude = 0
        [link.rail]
        from = "a"
        to = "b"
        mode = "rail"
        carries = "services"
        distance = "120 km"
        time = "10 h"
        [facility.gauge]
        node = "b"
        kind = "gauge-change"
        serves = "vehicles"
        servers = 2
        time = "3 h"
        [facility.border]
        node = "b"
        kind = "border"
        serves = "vehicles"
        servers = 2
        time = "2 h"
        discipline = "preemptive"
        [facility.kiln]
        time = "5 h"
        batch = { at_least = 4, at_most = 4 }
        [service.train]
        stops = ["a", "b"]
        departures.every.interval = "1 d"
        at.b.facilities = ["gauge", "border"]
        [flow.boxes]
        from = "a"
        to = "b"
        arrivals.timetable = { interval = "1 d" }
        [flow.bricks]
        arrivals.timetable = { interval = "2 h" }
        route = ["facility.kiln"]
        "#,
    );
    near(results.value("facility.gauge.service_hours_mean"), 3.0);
    near(results.value("facility.gauge.stay_hours_mean"), 3.0);
    near(results.value("facility.border.stay_hours_mean"), 2.0);
    near(results.value("facility.kiln.service_hours_mean"), 5.0);
    near(results.value("service.train.journey_days_mean"), 15.0 / 24.0);
}

/// A server that comes back from its rest lets in whoever is held before its door, where there is no room to wait: all pass.
#[test]
fn whoever_is_held_is_let_in_after_a_vacation() {
    for repeated in ["true", "false"] {
        let results = run_text(&format!(
            "[run]\nlength = \"60 d\"\ncool_down = \"60 d\"\nload_during_cool_down = false\nreplications = 4\n\
             [facility.before]\ntime = \"1 h\"\n[facility.gate]\ntime = \"2 h\"\nwaiting_room = 0\nwhen_full = \"hold\"\n\
             vacation = {{ lasts = \"5 h\", repeated = {repeated} }}\n[flow.goods]\narrivals.poisson = \"4 /d\"\n\
             route = [\"facility.before\", \"facility.gate\"]\n"
        ));
        let [all, delivered] =
            ["system.generated_consignments", "system.delivered_consignments"].map(|key| results.value(key));
        assert!(all > 200.0, "{all}");
        near(delivered, all);
    }
}
