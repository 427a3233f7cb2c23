//! A whole run: replications in parallel, indicators, merging and estimates, without charts and files.

use corridor::experiment::{self, Effort, Options, estimates};
use corridor::indicator::Catalogue;
use corridor::model::{self, Model};
use corridor::units::SimSpan;
use divan::{Bencher, counter::ItemsCount};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

fn main() {
    divan::main();
}

fn build(name: &str) -> Option<Model> {
    let scenario = corridor::scenario::load(name).ok()?;
    model::build(Arc::new(scenario), SimSpan::ZERO).ok()
}

/// Runs `replications` and gives the number of estimates and of consignments.
fn run(model: &Model, threads: usize, replications: u64) -> (usize, u64) {
    let catalogue = Catalogue::of(model);
    let options = Options {
        seed: 1,
        effort: Effort::Fixed(replications),
        threads: Some(threads),
    };
    match experiment::run(model, &catalogue, &options, None, &|_, _| {}, &AtomicBool::new(false)) {
        Ok(outcome) => {
            let estimates = estimates(&outcome.aggregate, &catalogue, 0.95);
            (estimates.len(), outcome.aggregate.consignments)
        }
        Err(_) => (0, 0),
    }
}

/// Items are consignments.
#[divan::bench(args = [1, 2], sample_count = 5)]
fn w2_ten_replications(bencher: Bencher<'_, '_>, threads: usize) {
    let Some(model) = build("reference/w2") else { return };
    bencher
        .counter(ItemsCount::new(1_000_000_u64))
        .bench_local(|| run(&model, threads, 10));
}

/// Items are consignments.
#[divan::bench(args = [1, 2], sample_count = 5)]
fn w3_two_replications(bencher: Bencher<'_, '_>, threads: usize) {
    let Some(model) = build("reference/w3") else { return };
    bencher
        .counter(ItemsCount::new(200_000_u64))
        .bench_local(|| run(&model, threads, 2));
}

/// Items are consignments.
#[divan::bench(args = [1, 2], sample_count = 5)]
fn hunan_four_replications(bencher: Bencher<'_, '_>, threads: usize) {
    let Some(model) = build("hunan") else { return };
    let (_, consignments) = run(&model, threads, 4);
    bencher
        .counter(ItemsCount::new(consignments))
        .bench_local(|| run(&model, threads, 4));
}
