//! Properties that hold in every run, whatever the numbers: conservation, invariance, monotonicity.

use crate::determinism::CORRIDOR;
use crate::support::{Results, build, run_text, scratch};
use corridor::analysis::{Warning, warnings};
use corridor::indicator::{Catalogue, Scope};
use corridor::model::plan::facility_cell;
use corridor::model::{Cause, Model};
use corridor::random::{Draws, Seed, Stream};
use corridor::simulation::{Record, Stretch, simulate, simulate_observed};
use corridor::statistics::ExactMoments;
use corridor::units::SimTime;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn model(text: &str) -> Model {
    let (_folder, path) = scratch(text);
    build(&path.display().to_string())
}

fn draws(replication: u64) -> Draws {
    Draws::new(Seed(46), replication)
}

fn observed(model: &Model, replication: u64) -> (Record, Vec<Stretch>) {
    let mut stretches = Vec::new();
    let record = simulate_observed(&model.typical, draws(replication), &mut stretches);
    assert!(record.violations.is_empty(), "{:?}", record.violations);
    (record, stretches)
}

/// The stretches of each consignment, in order.
fn journeys(stretches: &[Stretch]) -> BTreeMap<Stream, Vec<Stretch>> {
    let mut all: BTreeMap<Stream, Vec<Stretch>> = BTreeMap::new();
    for stretch in stretches {
        all.entry(stretch.consignment).or_default().push(*stretch);
    }
    all
}

/// Whether a value is within 3.5 standard errors of `expected`.
fn agrees(name: &str, moments: &ExactMoments, expected: f64) {
    let errors = (moments.mean() - expected).abs() / moments.standard_error();
    assert!(
        errors < 3.5,
        "{name}: {} is {errors:.2} standard errors from {expected}",
        moments.mean()
    );
}

/// A small line with random features: a desk, a train, a last desk.
fn line(servers: u32, discipline: &str, hours: bool, capacity: u32, hold: bool, length: u32) -> String {
    format!(
        r#"
        [run]
        length = "{length} h"
        cool_down = "0 h"
        replications = 2
        [calendar.day]
        daily = "{}"
        [facility.desk]
        servers = {servers}
        discipline = "{discipline}"
        calendar = "day"
        time.lognormal = {{ mean = "1.5 h", cv = 1.2 }}
        [facility.last]
        time.exponential = {{ mean = "20 min" }}
        {}
        [service.train]
        departures.every = {{ interval = "7 h" }}
        capacity = "{capacity} TEU"
        time.gamma = {{ shape = 2, mean = "5 h" }}
        [disruption.closure]
        hits = ["service.train", "facility.desk"]
        after.exponential = {{ mean = "60 h" }}
        lasts.exponential = {{ mean = "5 h" }}
        [flow.urgent]
        priority = 0
        arrivals.poisson = "0.3 /h"
        size.empirical = {{ values = ["1 TEU", "2.5 TEU"] }}
        route = ["facility.desk", "service.train", "facility.last"]
        [flow.usual]
        arrivals.poisson = "0.4 /h"
        batch.uniform = {{ min = 1, max = 3 }}
        route = ["facility.desk", "facility.last", "service.train"]
        "#,
        if hours { "06:00-20:00" } else { "always" },
        if hold {
            "waiting_room = 4\nwhen_full = \"hold\""
        } else {
            "waiting_room = 2\nwhen_full = \"refuse\""
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// P-O-01 and P-O-11: Little's law at every queue and in the system, and conservation of consignments, cargo and
    /// time, wherever the run is cut off.
    #[test]
    fn nothing_is_lost_at_any_queue_whenever_the_run_stops(
        servers in 1_u32..4, discipline in 0_usize..4, hours: bool, capacity in 3_u32..30, hold: bool, length in 20_u32..900,
        seed in 0_u64..1000,
    ) {
        let discipline = ["fifo", "lifo", "priority", "preemptive"][discipline];
        let model = model(&line(servers, discipline, hours, capacity, hold, length));
        let mut stretches = Vec::new();
        let record = simulate_observed(&model.typical, Draws::new(Seed(seed), 0), &mut stretches);
        prop_assert!(record.violations.is_empty(), "{:?}", record.violations);
        let system = record.system;
        prop_assert_eq!(system.generated, system.delivered + system.refused + system.present);
        let [generated, delivered, refused, present] = system.space;
        prop_assert_eq!(generated, delivered + refused + present);
        // The integral of the number in each queue is the sum of the waits within the window: L = lambda W.
        for facility in &record.facilities {
            prop_assert_eq!(facility.queue_area, facility.wait_in_window);
        }
        for stop in record.services.iter().flat_map(|service| &service.stops) {
            prop_assert_eq!(stop.queue_area, stop.wait_in_window);
        }
        // Every consignment's stretches follow one another without a gap from its generation on.
        let mut delivered_time = 0;
        for journey in journeys(&stretches).values() {
            let mut at = journey[0].created;
            for stretch in journey {
                prop_assert_eq!(stretch.from, at);
                prop_assert!(stretch.until >= stretch.from);
                at = stretch.until;
            }
            delivered_time += i128::from((at - journey[0].created).0);
        }
        let on_record: i128 = record.cells.of(0..model.typical.cells.total).sum();
        prop_assert_eq!(delivered_time, on_record);
    }
}

/// P-O-01 for the whole system: a run that begins and ends empty.
#[test]
fn the_number_under_way_is_the_rate_times_the_transit_time() {
    let text = CORRIDOR
        .replace("warm_up = \"10 d\"", "warm_up = \"0 d\"")
        .replace("length = \"40 d\"", "consignments = 3000");
    let model = model(&text);
    for replication in 0..4 {
        let (record, _) = observed(&model, replication);
        for facility in &record.facilities {
            assert_eq!(facility.queue_area, facility.wait_in_window);
        }
        // Those still under way when the window ends are counted with what they had lived by then.
        let window = (record.end - record.begin).0;
        assert!(window > 0);
        let mean_present = record.system.area as f64 / window as f64;
        assert!(mean_present > 1.0);
    }
    // All arrive and leave within the window: the two sides of the law are the same number.
    let (record, _) = observed(
        &self::model(
            r#"
            [run]
            length = "1000 h"
            [facility.desk]
            time.exponential = { mean = "3 h" }
            [service.train]
            departures.every = { interval = "5 h" }
            capacity = "2 TEU"
            time = "4 h"
            [link.road]
            time.lognormal = { mean = "6 h", cv = 0.5 }
            [flow.boxes]
            arrivals.listed = ["1 h", "1.5 h", "2 h", "4 h", "4.25 h", "9 h", "30 h", "31 h", "32 h", "33 h", "300 h"]
            route = ["facility.desk", "service.train", "link.road"]
            "#,
        ),
        0,
    );
    assert_eq!(record.system.area, record.strands[0].transit);
    assert_eq!(record.facilities[0].queue_area, record.facilities[0].waits.sum);
    assert_eq!(
        record.services[0].stops[0].queue_area,
        record.services[0].stops[0].waits.sum
    );
    assert_eq!(record.strands[0].delivered, 11);
}

/// P-O-11 over time: consignment by consignment, stretches add up in every replication of a corridor with everything.
#[test]
fn every_journey_is_an_unbroken_chain_of_stretches() {
    let model = model(CORRIDOR);
    for replication in 0..6 {
        let (record, stretches) = observed(&model, replication);
        let mut count = 0;
        let mut lived = 0;
        for journey in journeys(&stretches).values() {
            for pair in journey.windows(2) {
                assert_eq!(pair[0].until, pair[1].from);
            }
            assert_eq!(journey[0].from, journey[0].created);
            lived += i128::from((journey[journey.len() - 1].until - journey[0].created).0);
            count += 1;
        }
        assert!(count > 500, "only {count} journeys");
        assert_eq!(lived, record.cells.of(0..model.typical.cells.total).sum::<i128>());
    }
}

/// P-O-02. Renewal gaps, work and timetables are drawn by ordinal, so the same uniforms serve both clocks.
#[test]
fn the_unit_of_time_does_not_matter() {
    let text = |unit: f64| {
        let t = |hours: f64| format!("\"{} h\"", hours * unit);
        format!(
            r#"
            [run]
            consignments = 5000
            replications = 1
            [facility.desk]
            servers = 2
            time.gamma = {{ shape = 2, mean = {} }}
            [service.train]
            departures.every = {{ interval = {} }}
            capacity = "12 TEU"
            time = {}
            [flow.boxes]
            arrivals.renewal.gap.exponential = {{ mean = {} }}
            route = ["facility.desk", "service.train"]
            "#,
            t(1.5),
            t(10.0),
            t(30.0),
            t(0.9)
        )
    };
    let (one, _) = observed(&model(&text(1.0)), 0);
    for factor in [24.0, 0.125] {
        let (other, _) = observed(&model(&text(factor)), 0);
        for (a, b) in [
            (one.strands[0].transit, other.strands[0].transit),
            (one.facilities[0].waits.sum, other.facilities[0].waits.sum),
            (
                one.facilities[0].waits.longest.into(),
                other.facilities[0].waits.longest.into(),
            ),
            (one.services[0].stops[0].waits.sum, other.services[0].stops[0].waits.sum),
        ] {
            // Up to the microsecond to which every single time is rounded.
            let ratio = b as f64 / a as f64 / factor;
            assert!((ratio - 1.0).abs() < 1e-6, "{ratio}");
        }
        assert_eq!(one.services[0].stops[0].missed, other.services[0].stops[0].missed);
    }
}

/// All indicators of a run, by key, to the bit.
fn indicators(results: &Results) -> BTreeMap<String, [u64; 3]> {
    let bits = |estimate: &corridor::experiment::Estimate| {
        [
            estimate.interval.estimate,
            estimate.standard_error,
            estimate.interval.upper,
        ]
        .map(f64::to_bits)
    };
    results
        .catalogue
        .indicators
        .iter()
        .map(|it| it.key())
        .zip(results.estimates.iter().map(bits))
        .collect()
}

/// P-O-03: the tables of the file in another order.
#[test]
fn the_order_of_a_file_does_not_matter() {
    let mut tables: Vec<&str> = CORRIDOR.trim().split("\n\n").collect();
    let forward = indicators(&run_text(CORRIDOR));
    tables.reverse();
    assert!(forward == indicators(&run_text(&tables.join("\n\n"))));
    tables.rotate_left(7);
    assert!(forward == indicators(&run_text(&tables.join("\n\n"))));
}

/// P-O-03: other names. Draws are addressed by name, so the numbers are others, but their law is the same; where there is
/// no randomness the results are equal.
#[test]
fn names_do_not_matter() {
    let fixed = r#"
        [run]
        length = "30 d"
        replications = 1
        [facility.desk]
        servers = 2
        time = "3 h"
        [service.train]
        departures.every = { interval = "8 h" }
        capacity = "5 TEU"
        time = "20 h"
        [flow.boxes]
        arrivals.timetable = { interval = "2 h" }
        route = ["facility.desk", "service.train"]
        [flow.crates]
        arrivals.timetable = { interval = "5 h" }
        route = ["service.train", "facility.desk"]
    "#;
    let other = fixed
        .replace("desk", "zoll")
        .replace("train", "a-train")
        .replace("boxes", "zz");
    let (one, two) = (run_text(fixed), run_text(&other));
    for (a, b) in [
        ("facility.desk.wait_hours_mean", "facility.zoll.wait_hours_mean"),
        ("flow.boxes.transit_days_mean", "flow.zz.transit_days_mean"),
        ("system.transit_days_sd", "system.transit_days_sd"),
    ] {
        assert_eq!(one.value(a).to_bits(), two.value(b).to_bits(), "{a}");
    }
    let random = |name: &str| {
        run_text(&format!(
            r#"
            [run]
            warm_up = "100 h"
            length = "4000 h"
            replications = 60
            [facility.{name}]
            time.exponential = {{ mean = "1 h" }}
            [flow.{name}]
            arrivals.poisson = "0.7 /h"
            route = ["facility.{name}"]
            "#
        ))
    };
    let (one, two) = (random("desk"), random("zoll"));
    let (one, two) = (
        one.estimate("facility.desk.wait_hours_mean"),
        two.estimate("facility.zoll.wait_hours_mean"),
    );
    let difference = (one.interval.estimate - two.interval.estimate).abs();
    assert!(difference > 0.0 && difference < 3.5 * one.standard_error.hypot(two.standard_error));
}

/// P-O-04.
#[test]
fn what_has_nothing_to_do_with_it_changes_no_bit() {
    let base = indicators(&run_text(CORRIDOR));
    let additions = [
        (
            "an unrelated facility, flow and commodity",
            "\n[commodity.tea]\ndensity = \"5 t/TEU\"\n\n[facility.a-first]\ntime.exponential = { mean = \"2 h\" }\n\n[flow.a-first]\ncommodity = \"tea\"\narrivals.poisson = \"0.3 /h\"\nroute = [\"facility.a-first\"]\n",
        ),
        (
            "a disruption that cannot happen",
            "\n[season.never]\nmonthly = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n\n[disruption.a-flood]\nhits = [\"link.road\", \"facility.desk\", \"service.shuttle\"]\nseason = \"never\"\nafter.exponential = { mean = \"5 d\" }\nlasts.exponential = { mean = \"5 d\" }\n",
        ),
        (
            "a closure after the run",
            "\n[disruption.later]\nhits = [\"link.road\", \"facility.crane\", \"service.train\"]\nfrom_date = \"2026-01-01\"\nuntil_date = \"2026-02-01\"\n",
        ),
    ];
    for (name, addition) in additions {
        let extended = indicators(&run_text(&format!("{CORRIDOR}{addition}")));
        let system_changes = addition.contains("[flow.");
        let mut compared = 0;
        for (key, bits) in &base {
            if system_changes && key.starts_with("system.") {
                continue;
            }
            compared += 1;
            assert_eq!(Some(bits), extended.get(key), "{name} changes {key}");
        }
        assert!(compared > 200, "only {compared} indicators compared");
    }
}

/// P-O-05: servers.
#[test]
fn more_servers_never_make_anyone_wait_longer_on_average() {
    let with = |servers: u32| {
        model(&format!(
            r#"
            [run]
            consignments = 4000
            [facility.desk]
            servers = {servers}
            time.lognormal = {{ mean = "1.7 h", cv = 1.5 }}
            [flow.boxes]
            arrivals.renewal.gap.gamma = {{ shape = 0.5, mean = "1 h" }}
            route = ["facility.desk"]
            "#
        ))
    };
    let models: Vec<Model> = (2..6).map(with).collect();
    for replication in 0..12 {
        let waits: Vec<i128> = models
            .iter()
            .map(|model| simulate(&model.typical, draws(replication)).facilities[0].waits.sum)
            .collect();
        assert!(waits.windows(2).all(|pair| pair[1] <= pair[0]), "{waits:?}");
        assert!(waits[0] > waits[3]);
    }
}

/// P-O-05: departures. Every consignment of a timetable with additional trains leaves no later.
#[test]
fn more_departures_never_delay_a_consignment() {
    let with = |interval: u32| {
        model(&format!(
            r#"
            [run]
            consignments = 4000
            [service.train]
            departures.every = {{ interval = "{interval} h" }}
            capacity = "12 TEU"
            time = "0 h"
            [flow.boxes]
            arrivals.poisson = "0.8 /h"
            size.empirical = {{ values = ["1 TEU", "2 TEU"], weights = [3, 1] }}
            route = ["service.train"]
            "#
        ))
    };
    // Every second train of the denser timetable is one of the other.
    let (dense, sparse) = (with(6), with(12));
    let departures = |model: &Model, replication: u64| -> BTreeMap<Stream, SimTime> {
        let (_, stretches) = observed(model, replication);
        journeys(&stretches)
            .into_iter()
            .map(|(key, journey)| (key, journey[journey.len() - 1].until))
            .collect()
    };
    for replication in 0..6 {
        let (more, fewer) = (departures(&dense, replication), departures(&sparse, replication));
        assert_eq!(more.len(), 4000);
        let mut earlier = 0;
        for (key, left) in &more {
            assert!(*left <= fewer[key]);
            earlier += u32::from(*left < fewer[key]);
        }
        assert!(earlier > 1000);
    }
}

/// P-O-05: space aboard.
#[test]
fn more_space_aboard_never_makes_anyone_wait_longer_on_average() {
    let with = |capacity: u32| {
        model(&format!(
            r#"
            [run]
            consignments = 4000
            [service.train]
            departures.every = {{ interval = "6 h" }}
            capacity = "{capacity} TEU"
            time = "0 h"
            [flow.boxes]
            arrivals.poisson = "0.8 /h"
            route = ["service.train"]
            "#
        ))
    };
    let models: Vec<Model> = (5..9).map(with).collect();
    for replication in 0..12 {
        let waits: Vec<i128> = models
            .iter()
            .map(|model| {
                simulate(&model.typical, draws(replication)).services[0].stops[0]
                    .waits
                    .sum
            })
            .collect();
        assert!(waits.windows(2).all(|pair| pair[1] <= pair[0]), "{waits:?}");
        assert!(waits[0] > waits[3]);
    }
}

/// P-O-06: over a run from empty to empty, the sum over consignments of work times wait is the same to the
/// microsecond squared under every discipline that does not interrupt work.
#[test]
fn the_work_waited_for_does_not_depend_on_the_discipline() {
    let with = |discipline: &str| {
        model(&format!(
            r#"
            [run]
            consignments = 3000
            [facility.desk]
            discipline = "{discipline}"
            time.gamma = {{ shape = 0.7, mean = "1.1 h" }}
            lane.heavy = {{ flows = ["heavy"], time = "3 h" }}
            [flow.light]
            priority = 1
            arrivals.poisson = "0.4 /h"
            route = ["facility.desk"]
            [flow.heavy]
            priority = 7
            arrivals.poisson = "0.12 /h"
            route = ["facility.desk"]
            "#
        ))
    };
    let work_times_wait = |model: &Model, replication: u64| {
        let (record, stretches) = observed(model, replication);
        assert_eq!(record.system.present, 0);
        let mut sum = 0_i128;
        for journey in journeys(&stretches).values() {
            let spent = |cell: u32| {
                let of_cell = journey.iter().filter(|stretch| stretch.cell == cell);
                of_cell
                    .map(|stretch| i128::from((stretch.until - stretch.from).0))
                    .sum::<i128>()
            };
            sum += spent(facility_cell::QUEUE) * spent(facility_cell::WORK);
        }
        (sum, record.facilities[0].waits.sum)
    };
    let [fifo, priority, lifo] = ["fifo", "priority", "lifo"].map(with);
    for replication in 0..8 {
        let (by_fifo, wait_fifo) = work_times_wait(&fifo, replication);
        let (by_priority, wait_priority) = work_times_wait(&priority, replication);
        let (by_lifo, _) = work_times_wait(&lifo, replication);
        assert_eq!(by_fifo, by_priority);
        assert_eq!(by_fifo, by_lifo);
        // Whereas the mean wait falls when the light ones go first.
        assert!(wait_priority < wait_fifo);
    }
}

/// P-O-07.
#[test]
fn poisson_arrivals_see_time_averages() {
    let results = run_text(
        r#"
        [run]
        warm_up = "200 h"
        length = "20000 h"
        replications = 60
        seed = 46
        [facility.desk]
        time.lognormal = { mean = "1.2 h", cv = 1.0 }
        [flow.boxes]
        arrivals.poisson = "0.5 /h"
        route = ["facility.desk"]
        "#,
    );
    let (seen, used) = (
        results.estimate("facility.desk.delayed_share"),
        results.estimate("facility.desk.utilisation"),
    );
    let error = seen.standard_error.hypot(used.standard_error);
    assert!((seen.interval.estimate - used.interval.estimate).abs() < 3.5 * error);
    assert!((used.interval.estimate - 0.6).abs() < 3.5 * used.standard_error);
    assert!(error < 0.005, "too little power: standard error {error}");
}

/// Counts of events in slices of time.
fn counts(times: impl Iterator<Item = SimTime>, slice: f64, slices: usize) -> Vec<f64> {
    let mut counts = vec![0.0; slices];
    for time in times {
        if let Some(count) = counts.get_mut((time.hours() / slice) as usize) {
            *count += 1.0;
        }
    }
    counts
}

/// P-O-08: two Poisson sources make one, and a split makes two that know nothing of each other.
#[test]
fn poisson_streams_merge_and_split_into_poisson_streams() {
    let model = model(
        r#"
        [run]
        length = "20000 h"
        cool_down = "10 h"
        [facility.sorting]
        servers = "unlimited"
        time = "0 h"
        then.red = 0.3
        then.blue = 0.7
        [facility.red]
        servers = "unlimited"
        time = "1 h"
        [facility.blue]
        servers = "unlimited"
        time = "2 h"
        [flow.some]
        arrivals.poisson = "1.5 /h"
        route = ["facility.sorting"]
        [flow.others]
        arrivals.poisson = "2.5 /h"
        route = ["facility.sorting"]
        "#,
    );
    let slices = 20_000;
    for replication in 0..3 {
        let (_, stretches) = observed(&model, replication);
        let all = journeys(&stretches);
        let hours = |journey: &Vec<Stretch>| (journey[journey.len() - 1].until - journey[0].created).hours();
        let created = |wanted: f64| {
            let of = all
                .values()
                .filter(move |journey| (hours(journey) - wanted).abs() < 1e-9);
            counts(of.map(|journey| journey[0].created), 1.0, slices)
        };
        let (red, blue) = (created(1.0), created(2.0));
        let merged = counts(all.values().map(|journey| journey[0].created), 1.0, slices);
        let n = slices as f64;
        for (name, counts, rate) in [("merged", &merged, 4.0), ("red", &red, 1.2), ("blue", &blue, 2.8)] {
            let mean = counts.iter().sum::<f64>() / n;
            assert!((mean - rate).abs() < 3.5 * (rate / n).sqrt(), "{name}: rate {mean}");
            // Index of dispersion 1, with standard error sqrt(2 / n).
            let dispersion = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / (n - 1.0) / mean;
            assert!(
                (dispersion - 1.0).abs() < 3.5 * (2.0 / n).sqrt(),
                "{name}: dispersion {dispersion}"
            );
        }
        let covariance = red.iter().zip(&blue).map(|(a, b)| (a - 1.2) * (b - 2.8)).sum::<f64>() / n;
        assert!(
            covariance.abs() < 3.5 * (1.2 * 2.8 / n).sqrt(),
            "covariance {covariance}"
        );
    }
}

/// Q-O-12, the departures of each stage: Burke's theorem.
#[test]
fn departures_from_exponential_desks_are_poisson() {
    let model = model(
        r#"
        [run]
        warm_up = "200 h"
        length = "6000 h"
        [facility.a]
        time.exponential = { mean = "0.1 h" }
        [facility.b]
        time.exponential = { mean = "0.0909090909 h" }
        [facility.c]
        time.exponential = { mean = "0.0769230769 h" }
        [flow.boxes]
        arrivals.poisson = "8 /h"
        route = ["facility.a", "facility.b", "facility.c"]
        "#,
    );
    let cells = &model.layout.routes[0].cells;
    let (mut scv, mut lag) = ([ExactMoments::default(); 3], [ExactMoments::default(); 3]);
    for replication in 0..30 {
        let (_, stretches) = observed(&model, replication);
        for stage in 0..3 {
            let ends = stretches.iter().filter(|it| {
                let cell = cells[it.cell as usize];
                cell.step == stage && cell.cause == Cause::Work
            });
            let mut ends: Vec<f64> = ends.map(|it| it.until.hours()).collect();
            ends.sort_by(f64::total_cmp);
            let gaps: Vec<f64> = ends.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let sample = corridor::statistics::Sample::of(&gaps);
            scv[stage].add((sample.standard_deviation / sample.mean).powi(2));
            lag[stage].add(sample.lag_one);
        }
    }
    for stage in 0..3 {
        agrees("squared coefficient of variation", &scv[stage], 1.0);
        agrees("lag-1 correlation", &lag[stage], 0.0);
        assert!(scv[stage].standard_error() < 0.01);
    }
}

/// P-O-09.
#[test]
fn without_randomness_replications_are_the_same_and_intervals_have_no_width() {
    let results = run_text(
        r#"
        [run]
        length = "60 d"
        replications = 5
        [facility.desk]
        servers = 2
        time = "3 h"
        [service.train]
        departures.every = { interval = "12 h" }
        capacity = "20 TEU"
        time = "2 d"
        [flow.boxes]
        arrivals.timetable = { interval = "1 h" }
        route = ["facility.desk", "service.train"]
        promise = "4 d"
        "#,
    );
    let mut measured = 0;
    for (indicator, estimate) in results.catalogue.indicators.iter().zip(&results.estimates) {
        if estimate.interval.estimate.is_nan() {
            // Only what nobody did cannot be measured: nobody waited longer than the usual here.
            assert_eq!(estimate.groups, 0, "{}", indicator.key());
            continue;
        }
        measured += 1;
        assert_eq!(estimate.groups, 5, "{}", indicator.key());
        assert!(estimate.interval.estimate.is_finite(), "{}", indicator.key());
        assert_eq!(estimate.interval.half_width(), 0.0, "{}", indicator.key());
        assert_eq!(
            (estimate.standard_error, estimate.aleatory),
            (0.0, 0.0),
            "{}",
            indicator.key()
        );
    }
    assert!(measured > 100);
    let records: Vec<Record> = (0..3).map(|it| simulate(&results.model.typical, draws(it))).collect();
    assert!(records.windows(2).all(|pair| pair[0] == pair[1]));
}

/// P-O-10.
#[test]
fn a_queue_that_grows_without_end_is_reported_with_its_rate() {
    let results = run_text(
        r#"
        [run]
        warm_up = "100 h"
        length = "4000 h"
        replications = 30
        seed = 46
        [facility.overloaded]
        servers = 2
        time.exponential = { mean = "1 h" }
        [facility.sufficient]
        servers = 4
        time.exponential = { mean = "1 h" }
        [flow.boxes]
        arrivals.poisson = "3 /h"
        route = ["facility.sufficient", "facility.overloaded"]
        "#,
    );
    let growth = results.value("facility.overloaded.growth_per_day");
    assert!(
        (growth / 24.0 - 1.0).abs() < 0.02,
        "grows by {growth} a day instead of 24"
    );
    let list = warnings_of(&results);
    let named: Vec<&str> = list
        .iter()
        .filter_map(|warning| match warning {
            Warning::NotStationary { facility, .. } => Some(facility.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(named, ["overloaded"]);
}

fn warnings_of(results: &Results) -> Vec<Warning> {
    warnings(
        &results.model,
        &results.catalogue,
        &results.aggregate,
        &results.estimates,
    )
}

/// The quantiles of what always takes the same time are that time, to the last digit.
#[test]
fn quantiles_lie_between_the_least_and_the_greatest() {
    let results = run_text(
        r#"
        [run]
        length = "300 d"
        replications = 3
        [link.road]
        time = "31.7 h"
        [facility.barrier]
        slots = { every = "1 d", first = "0 h" }
        [flow.boxes]
        arrivals.timetable = { interval = "1 d", first = "7.3 h" }
        route = ["facility.barrier", "link.road"]
        "#,
    );
    for (what, least, greatest) in [
        ("flow.boxes.transit_days", "min", "max"),
        ("facility.barrier.wait_hours", "mean", "max"),
    ] {
        let value = |name: &str| results.value(&format!("{what}_{name}"));
        for quantile in ["p50", "p95", "p99"] {
            let (value, least, greatest) = (value(quantile), value(least), value(greatest));
            assert!(
                value <= greatest * (1.0 + 1e-12) && value >= least * (1.0 - 5e-3),
                "{what}: {value} is not between {least} and {greatest}"
            );
        }
    }
    let days = |name: &str| results.value(&format!("flow.boxes.transit_days_{name}"));
    assert!(
        (days("p05") / days("min") - 1.0).abs() < 1e-12,
        "{} {}",
        days("p05"),
        days("min")
    );
}

/// What waits before closed doors is not sent too much: it is said that they are closed, and since when.
#[test]
fn a_place_that_is_closed_for_long_is_not_called_overfull() {
    let results = run_text(
        r#"
        [run]
        start = "2024-01-01"
        length = "100 d"
        replications = 10
        [facility.gate]
        time = "1 h"
        [facility.barrier]
        calendar = "until-march"
        slots = { every = "30 min" }
        [calendar.until-march]
        daily = "closed"
        dates = { "2024-01-01" = "always" }
        [service.train]
        time = "1 d"
        departures.every.interval = "1 d"
        until_date = "2024-03-10"
        [flow.gate]
        arrivals.poisson = "6 /d"
        route = ["facility.gate"]
        [flow.train]
        arrivals.poisson = "6 /d"
        route = ["service.train"]
        [flow.barrier]
        arrivals.poisson = "6 /d"
        route = ["facility.barrier"]
        [disruption.strike]
        hits = ["facility.gate"]
        closed = true
        from_date = "2024-02-20"
        until_date = "2024-12-31"
        "#,
    );
    let closed = |warning: Warning| match warning {
        Warning::Closed {
            place, share, since, ..
        } => Some((place, (share * 100.0).round(), since.unwrap_or_default())),
        Warning::NotStationary { .. } | Warning::OverfullService { .. } => panic!("{warning}"),
        _ => None,
    };
    let list: Vec<_> = warnings_of(&results).into_iter().filter_map(closed).collect();
    let expected = [
        ("gate", 50.0, "2024-02-20"),
        ("barrier", 99.0, "2024-01-02"),
        ("train", 30.0, "2024-03-11"),
    ];
    assert_eq!(list.len(), expected.len(), "{list:?}");
    for (place, share, since) in expected {
        assert!(
            list.contains(&(place.to_owned(), share, since.to_owned())),
            "{place}: {list:?}"
        );
    }
}

/// A long warm-up does not hide that a queue grows.
#[test]
fn growth_is_seen_after_a_long_warm_up() {
    let results = run_text(
        r#"
        [run]
        warm_up = "2000 h"
        length = "8000 h"
        replications = 10
        [facility.desk]
        time.exponential = { mean = "1.2 h" }
        [flow.boxes]
        arrivals.poisson = "1 /h"
        route = ["facility.desk"]
        "#,
    );
    let list = warnings_of(&results);
    let grows = |warning: &Warning| matches!(warning, Warning::NotStationary { .. });
    assert!(list.iter().any(grows), "{list:?}");
}

/// The twin of the first of these tests: a heavy but bearable load is not reported.
#[test]
fn a_heavy_but_stationary_load_is_not_reported_as_growing() {
    let results = run_text(
        r#"
        [run]
        warm_up = "2000 h"
        length = "20000 h"
        replications = 30
        seed = 46
        [facility.desk]
        time.exponential = { mean = "0.9 h" }
        [flow.boxes]
        arrivals.poisson = "1 /h"
        route = ["facility.desk"]
        "#,
    );
    let list = warnings_of(&results);
    assert!(
        !list
            .iter()
            .any(|warning| matches!(warning, Warning::NotStationary { .. })),
        "{list:?}"
    );
}

/// The catalogue's names and values keep step: as many of one as of the other, and no key twice.
#[test]
fn every_indicator_has_one_key_and_one_value() {
    let model = model(CORRIDOR);
    let catalogue = Catalogue::of(&model);
    let record = simulate(&model.typical, draws(0));
    assert_eq!(
        catalogue.measure(&model, &model.typical, &record).len(),
        catalogue.indicators.len()
    );
    let mut keys: Vec<String> = catalogue.indicators.iter().map(|it| it.key()).collect();
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all);
    assert!(!catalogue.of_subject(Scope::Facility, "desk").is_empty());
}
