//! One replication of shipped scenarios: the engine alone, without indicators and statistics.

use corridor::model::{self, Model};
use corridor::random::Seed;
use corridor::simulation::simulate;
use corridor::units::SimSpan;
use divan::{Bencher, counter::ItemsCount};
use std::sync::Arc;

/// Scenarios, each with what it shows.
const SCENARIOS: [&str; 3] = ["reference/w1", "reference/w2", "hunan"];

fn main() {
    divan::main();
}

fn build(name: &str) -> Option<Model> {
    let scenario = corridor::scenario::load(name).ok()?;
    model::build(Arc::new(scenario), SimSpan::ZERO).ok()
}

/// Items are events.
#[divan::bench(args = SCENARIOS, sample_count = 20)]
fn one_replication(bencher: Bencher<'_, '_>, name: &str) {
    let Some(model) = build(name) else { return };
    let plan = model.plan_of(Seed(1), 0);
    let events = simulate(&plan, model.luck_of(Seed(1), 0)).events;
    bencher
        .counter(ItemsCount::new(events))
        .bench_local(|| simulate(&plan, model.luck_of(Seed(1), 0)).events);
}

/// What an uncertain input costs: filling the plan anew for a replication.
#[divan::bench(args = SCENARIOS, sample_count = 20)]
fn plan_of_a_replication(bencher: Bencher<'_, '_>, name: &str) {
    let Some(model) = build(name) else { return };
    bencher.bench_local(|| model.plan_of(Seed(1), 0).strands.len());
}

/// Reading, checking and compiling.
#[divan::bench(args = SCENARIOS, sample_count = 20)]
fn load_and_build(bencher: Bencher<'_, '_>, name: &str) {
    bencher.bench_local(|| build(name).map(|model| model.network.routes.len()));
}
