//! What each behaviour of cargo costs: the default scenario as it is, next to the same without one of them.
//!
//! Both are measured in turn within a round, in CPU time of their thread for each consignment generated, and only the ratio
//! of a round counts. A behaviour that is taken away changes what else happens (without disruptions nobody waits for them),
//! so this is what a scenario with it costs over one without, not the time spent in its code. Prints medians;
//! `cargo bench --bench behaviours`.

#![allow(clippy::print_stdout, reason = "what is measured is printed")]

use corridor::experiment::find_equilibrium;
use corridor::model::{self, Model};
use corridor::random::Seed;
use corridor::scenario::Scenario;
use corridor::simulation::simulate;
use corridor::units::SimSpan;
use cpu_time::{ProcessTime, ThreadTime};
use std::sync::Arc;

const ROUNDS: u64 = 5;

type Error = Box<dyn std::error::Error>;

/// A name, and how the behaviour is taken away.
type Without = (&'static str, fn(&mut Scenario));

const BEHAVIOURS: [Without; 6] = [
    ("disruptions, and choosing anew", |it| it.disruptions.clear()),
    ("container pools", |it| it.container_pools.clear()),
    ("consolidation of small lots", |it| {
        it.consolidations.clear();
        for flow in it.flows.values_mut() {
            (flow.lcl_share, flow.lcl_size, flow.lcl_mass) = (None, None, None);
        }
    }),
    ("other cargo aboard", |it| {
        it.services.values_mut().for_each(|service| service.background.clear());
    }),
    ("services that follow demand", |it| {
        it.services.values_mut().for_each(|service| service.review = None);
    }),
    ("opening hours", |it| {
        it.facilities.values_mut().for_each(|facility| facility.calendar = None);
    }),
];

/// CPU nanoseconds for each consignment of one replication.
fn per_consignment(model: &Model, replication: u64) -> f64 {
    let plan = model.plan_of(Seed(1), replication);
    let start = ThreadTime::now();
    let record = simulate(&plan, model.luck_of(Seed(1), replication));
    start.elapsed().as_nanos() as f64 / record.system.generated as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Result<(), Error> {
    let whole = corridor::scenario::load("hunan")?;
    let mut all = model::build(Arc::new(whole.clone()), SimSpan::ZERO)?;
    let empty = (0..ROUNDS).map(|round| per_consignment(&all, round)).collect();
    let start = ProcessTime::now();
    let found = find_equilibrium(&mut all, 1, Some(1), &|_, _| {})?;
    let search = start.elapsed().as_nanos() as f64;
    let settled = median((0..ROUNDS).map(|round| per_consignment(&all, round)).collect());
    let replication = {
        let start = ThreadTime::now();
        let plan = all.plan_of(Seed(1), 0);
        drop(simulate(&plan, all.luck_of(Seed(1), 0)));
        start.elapsed().as_nanos() as f64
    };
    println!(
        "hunan, CPU of a replication for each consignment, ns: {settled:.0} in equilibrium, {:.0} by free-flow choice",
        median(empty)
    );
    println!(
        "search for the equilibrium: {} rounds, {:.1} replications' worth of CPU",
        found.map_or(0, |found| found.rounds.len()),
        search / replication
    );
    println!("with a behaviour over without it, median of {ROUNDS} rounds");
    for (name, take_away) in BEHAVIOURS {
        let mut scenario = whole.clone();
        take_away(&mut scenario);
        let mut without = model::build(Arc::new(scenario), SimSpan::ZERO)?;
        // Each in its own equilibrium, as it would be run.
        find_equilibrium(&mut without, 1, Some(1), &|_, _| {})?;
        let ratios = (0..ROUNDS)
            .map(|round| per_consignment(&all, round) / per_consignment(&without, round))
            .collect();
        println!("  {:.2}  {name}", median(ratios));
    }
    Ok(())
}
