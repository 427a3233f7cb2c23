//! The same bits for any number of threads, any order of work, and any interruption.

use crate::support::{build, scratch};
use corridor::experiment::{self, Aggregate, Effort, Finished, Options};
use corridor::indicator::Catalogue;
use corridor::model::Model;
use corridor::random::Seed;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A corridor with a bit of everything: uncertain inputs, choice of routes, lanes, hours, closures, breakdowns, trains
/// with delays and cancellations, a yard that holds back, loads that are waited for.
pub const CORRIDOR: &str = r#"
[run]
warm_up = "10 d"
length = "40 d"
replications = 12
seed = 46
replications_per_input_draw = 2

[calendar.office]
daily = "08:00-18:00"
weekly.sun = "closed"
at_closing = "carry-over"

[facility.desk]
kind = "customs"
servers = 2
time.gamma = { shape = 2, mean = { min = "1 h", typical = "1.5 h", max = "3 h" } }
inspection = { probability = 0.1, time.lognormal = { mean = "6 h", cv = 1.0 } }
calendar = "office"
lane.fast = { flows = ["fast"], priority = 0, time_factor = 0.5 }

[facility.crane]
servers = 2
time.exponential = { mean = "40 min" }
breakdown = { after.exponential = { mean = "60 h" }, lasts.exponential = { mean = "4 h" } }

[facility.yard]
kind = "storage"
space = "60 TEU"
when_full = "hold"

[facility.tracks]
time.lognormal = { mean = "50 min", cv = 0.5 }

[link.road]
time.lognormal = { mean = "10 h", cv = 0.3 }

[link.pass]
time.triangular = { min = "20 h", mode = "24 h", max = "40 h" }

[disruption.storm]
hits = ["link.pass", "service.train"]
rule = "stopped-en-route"
after.exponential = { mean = "12 d" }
lasts.gamma = { shape = 2, mean = "20 h" }

[service.train]
departures.every = { interval = "12 h" }
time.gamma = { shape = 9, mean = "30 h" }
capacity = "40 TEU"
delay.exponential = { mean = "1 h" }
cancellation = 0.1

[service.shuttle]
departures.shuttle = { vehicles = 2, turnaround.uniform = { min = "4 h", max = "6 h" } }
minimum_load = { space = "6 TEU", longest_wait = "18 h" }
capacity = "12 TEU"
time = "3 h"

[flow.slow]
arrivals.poisson = "0.9 /h"
size.empirical = { values = ["1 TEU", "2 TEU", "3 TEU"], weights = [3, 2, 1] }
route = ["link.road", "facility.yard", "service.train", "facility.desk", "facility.tracks"]
within = ["5 d"]

[flow.fast]
arrivals.renewal.gap.gamma = { shape = 2, mean = "2 h" }
batch.geometric.mean = 1.5
route = ["facility.crane", "link.pass", "facility.desk", "service.shuttle"]
"#;

pub fn corridor() -> Model {
    let (_folder, path) = scratch(CORRIDOR);
    build(&path.display().to_string())
}

fn options(replications: u64, threads: usize) -> Options {
    Options {
        seed: 46,
        effort: Effort::Fixed(replications),
        threads: Some(threads),
    }
}

fn run(model: &Model, replications: u64, threads: usize, before: Option<Aggregate>) -> Aggregate {
    let catalogue = Catalogue::of(model);
    let never = AtomicBool::new(false);
    let outcome = experiment::run(
        model,
        &catalogue,
        &options(replications, threads),
        before,
        &|_, _| {},
        &never,
    )
    .unwrap();
    assert!(
        outcome.aggregate.violations.is_empty(),
        "{:?}",
        outcome.aggregate.violations
    );
    outcome.aggregate
}

fn bytes(aggregate: &Aggregate) -> Vec<u8> {
    postcard::to_stdvec(aggregate).unwrap()
}

#[test]
fn one_two_and_eight_threads_give_the_same_bytes() {
    let model = corridor();
    let one = bytes(&run(&model, 12, 1, None));
    assert!(one == bytes(&run(&model, 12, 2, None)), "two threads differ from one");
    assert!(one == bytes(&run(&model, 12, 8, None)), "eight threads differ from one");
    let other = Options {
        seed: 47,
        ..options(12, 2)
    };
    let catalogue = Catalogue::of(&model);
    let other = experiment::run(&model, &catalogue, &other, None, &|_, _| {}, &AtomicBool::new(false)).unwrap();
    assert!(one != bytes(&other.aggregate), "another seed must give other results");
}

#[test]
fn a_run_that_was_interrupted_and_resumed_equals_one_that_was_not() {
    let model = corridor();
    let catalogue = Catalogue::of(&model);
    let whole = bytes(&run(&model, 12, 2, None));
    let stop = AtomicBool::new(false);
    let interrupt = |done: u64, _: u64| stop.store(done >= 4, Ordering::Relaxed);
    let first = experiment::run(&model, &catalogue, &options(12, 2), None, &interrupt, &stop).unwrap();
    assert!(
        first.interrupted && first.aggregate.replications < 12,
        "the run was not interrupted"
    );
    // Stored and read back, as it would be.
    let stored: Aggregate = postcard::from_bytes(&bytes(&first.aggregate)).unwrap();
    assert!(whole == bytes(&run(&model, 12, 1, Some(stored))));
}

#[test]
fn a_run_is_interrupted_only_if_something_is_missing() {
    let model = corridor();
    let catalogue = Catalogue::of(&model);
    for (effort, last) in [
        (Effort::Fixed(6), 6),
        (
            Effort::Precision {
                indicator: "system.transit_days_mean".to_owned(),
                relative: 0.9,
                at_most: 100,
            },
            40,
        ),
    ] {
        let stop = AtomicBool::new(false);
        let at_the_end = |done: u64, _: u64| stop.store(done >= last, Ordering::Relaxed);
        let options = Options {
            effort,
            ..options(6, 1)
        };
        let outcome = experiment::run(&model, &catalogue, &options, None, &at_the_end, &stop).unwrap();
        assert!(stop.load(Ordering::Relaxed) && !outcome.interrupted, "{options:?}");
        assert_eq!(outcome.aggregate.replications, last, "{options:?}");
    }
}

#[test]
fn what_is_finished_can_be_had_at_any_time_and_gone_on_with() {
    let model = corridor();
    let catalogue = Catalogue::of(&model);
    let whole = bytes(&run(&model, 12, 2, None));
    let before = run(&model, 4, 1, None);
    let (finished, taken) = (Finished::default(), Mutex::new(None));
    let watch = |done: u64, _: u64| {
        if done == 8 {
            *taken.lock().unwrap() = Some(finished.so_far());
        }
    };
    let stop = AtomicBool::new(false);
    experiment::run_watched(
        &model,
        &catalogue,
        &options(12, 1),
        Some(before),
        &watch,
        &stop,
        &finished,
    )
    .unwrap();
    let taken = taken.into_inner().unwrap().unwrap();
    assert_eq!(taken.replications, 8);
    assert!(
        whole == bytes(&run(&model, 12, 2, Some(taken))),
        "what was taken is not whole"
    );
    assert!(whole == bytes(&finished.so_far()));
}

#[test]
fn replications_merged_in_any_order_and_grouping_give_the_same_bytes() {
    let model = corridor();
    let catalogue = Catalogue::of(&model);
    let part = |groups: &[u64]| {
        let mut part = Aggregate::new(&model, &catalogue);
        for group in groups {
            part.add_group(&model, &catalogue, Seed(46), *group);
        }
        part
    };
    let merged = |parts: &[Aggregate]| {
        let mut all = Aggregate::new(&model, &catalogue);
        parts.iter().for_each(|part| all.merge(part));
        bytes(&all)
    };
    let forward = bytes(&part(&[0, 1, 2, 3, 4, 5]));
    assert!(forward == merged(&[part(&[5, 3]), part(&[0]), part(&[4, 1, 2])]));
    assert!(forward == merged(&[part(&[2]), part(&[1]), part(&[0]), part(&[5]), part(&[4]), part(&[3])]));
}

#[test]
fn more_replications_keep_those_that_there_were() {
    let model = corridor();
    assert!(bytes(&run(&model, 12, 2, None)) == bytes(&run(&model, 12, 2, Some(run(&model, 4, 2, None)))));
}
