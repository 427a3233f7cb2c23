//! The reference workloads W1 to W3 next to a plain hand-written loop that does the same work.
//!
//! The yardstick is [`plain_loop`]: `BinaryHeap`, structs, `rand_distr`, hard-wired to W2. The candidate is the general
//! engine reading `scenarios/reference/w2.toml`, keyed draws and full tallies included. Both are measured in CPU time of
//! their thread, in turn within a round, and only the ratio of a round counts: absolute times drift with the machine.
//! Prints medians; `cargo bench --bench reference_workload`.

#![allow(clippy::print_stdout, reason = "what is measured is printed")]

#[path = "plain_loop.rs"]
mod plain_loop;

use corridor::experiment::{self, Effort, Options, find_equilibrium};
use corridor::indicator::Catalogue;
use corridor::model::{self, Model};
use corridor::network::RouteStep;
use corridor::random::Seed;
use corridor::simulation::{Record, simulate};
use corridor::units::SimSpan;
use cpu_time::{ProcessTime, ThreadTime};
use plain_loop::{Row, Variates};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp, Gamma, LogNormal};
use rand_pcg::Pcg64Mcg;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const ROUNDS: u64 = 9;
const CONSIGNMENTS: usize = 100_000;

/// W2's variates by the fast samplers of rand_distr on a PCG generator.
struct RandDistr {
    generator: Pcg64Mcg,
    gap: Exp<f64>,
    lognormals: [LogNormal<f64>; 5],
    gammas: [Gamma<f64>; 4],
}

type Error = Box<dyn std::error::Error>;

impl RandDistr {
    fn new(seed: u64) -> Result<Self, Error> {
        let lognormal = |mean: f64, cv: f64| {
            let variance = (1.0 + cv * cv).ln();
            LogNormal::new(mean.ln() - variance / 2.0, variance.sqrt())
        };
        let gamma = |shape: f64, mean: f64| Gamma::new(shape, mean / shape);
        Ok(Self {
            generator: Pcg64Mcg::seed_from_u64(seed),
            gap: Exp::new(1.4)?,
            lognormals: [
                lognormal(12.0, 0.30)?,
                lognormal(36.0, 0.15)?,
                lognormal(60.0, 0.20)?,
                lognormal(22.0, 1.0)?,
                lognormal(8.0, 0.40)?,
            ],
            gammas: [
                gamma(2.0, 1.75)?,
                gamma(4.0, 0.75)?,
                gamma(3.0, 1.15)?,
                gamma(2.0, 0.60)?,
            ],
        })
    }
}

impl Variates for RandDistr {
    fn row(&mut self) -> Row {
        let r = &mut self.generator;
        let [truck, _, rail, inspection, last_mile] = &self.lognormals;
        let [terminal, border, gauge, documents] = &self.gammas;
        let mut customs = documents.sample(r);
        if r.random::<f64>() < 0.05 {
            customs += inspection.sample(r);
        }
        [
            self.gap.sample(r),
            f64::from(r.random_range(1..=4_u8)),
            truck.sample(r),
            terminal.sample(r),
            border.sample(r),
            gauge.sample(r),
            rail.sample(r),
            customs,
            last_mile.sample(r),
        ]
    }

    fn rail(&mut self, _: usize) -> f64 {
        self.lognormals[1].sample(&mut self.generator)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Nanoseconds of this thread's CPU time that `work` takes.
fn measure(work: impl FnOnce()) -> f64 {
    let start = ThreadTime::now();
    work();
    start.elapsed().as_nanos() as f64
}

fn build(name: &str) -> Result<Model, Error> {
    let scenario = corridor::scenario::load(name)?;
    Ok(model::build(Arc::new(scenario), SimSpan::ZERO)?)
}

fn w2_against_the_plain_loop() -> Result<(), Error> {
    let model = build("reference/w2")?;
    let (mut ours, mut plain, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let theirs = RandDistr::new(round)?;
        let a = measure(|| drop(black_box(plain_loop::run(theirs, CONSIGNMENTS))));
        let plan = model.plan_of(Seed(1), round);
        let b = measure(|| drop(black_box(simulate(&plan, model.luck_of(Seed(1), round)))));
        plain.push(a / CONSIGNMENTS as f64);
        ours.push(b / CONSIGNMENTS as f64);
        ratios.push(b / a);
    }
    println!("W2, one replication of {CONSIGNMENTS} consignments, ns of CPU per consignment");
    println!("  plain loop   {:8.0}", median(plain));
    println!("  corridor     {:8.0}", median(ours));
    println!(
        "  ratio        {:8.2}   (corridor over plain loop, median of {ROUNDS} rounds)",
        median(ratios)
    );
    Ok(())
}

/// CPU nanoseconds per consignment of a whole experiment, indicators and merging included.
fn experiment(model: &Model, catalogue: &Catalogue, replications: u64, threads: usize) -> Result<f64, Error> {
    let options = Options {
        seed: 1,
        effort: Effort::Fixed(replications),
        threads: Some(threads),
    };
    let start = ProcessTime::now();
    let outcome = experiment::run(model, catalogue, &options, None, &|_, _| {}, &AtomicBool::new(false))?;
    Ok(start.elapsed().as_nanos() as f64 / outcome.aggregate.consignments as f64)
}

fn threads(name: &str, replications: u64) -> Result<(), Error> {
    let model = build(name)?;
    let catalogue = Catalogue::of(&model);
    let (mut one, mut two, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let a = experiment(&model, &catalogue, replications, 1)?;
        let b = experiment(&model, &catalogue, replications, 2)?;
        one.push(a);
        two.push(b);
        ratios.push(b / a);
    }
    println!("{name}, {replications} replications with indicators, ns of CPU per consignment");
    println!("  1 thread     {:8.0}", median(one));
    println!("  2 threads    {:8.0}", median(two));
    println!("  ratio        {:8.2}", median(ratios));
    Ok(())
}

/// Events that any simulator of the model must handle: the creation of each consignment and the end of each of its steps
/// but rides, whose trains are not counted. W2 has eight a consignment.
fn canonical_events(model: &Model, record: &Record) -> f64 {
    let steps = |strand: usize| {
        let route = &model.network.routes[model.typical.strands[strand].route as usize];
        let rides = route.steps.iter().filter(|step| matches!(step, RouteStep::Ride { .. }));
        (1 + route.steps.len() - rides.count()) as f64
    };
    let of_window = record.strands.iter().enumerate();
    let (events, consignments) = of_window.fold((0.0, 0.0), |(events, all), (strand, tally)| {
        let generated = tally.generated as f64;
        (events + steps(strand) * generated, all + generated)
    });
    // Those generated before and after the window are as many steps from their end.
    events / consignments * record.system.generated as f64
}

/// CPU per canonical event of a scenario over that of W2, in the same rounds.
fn events_against_w2(name: &str) -> Result<(), Error> {
    let (w2, mut other) = (build("reference/w2")?, build(name)?);
    // As it is run: with shippers in equilibrium.
    find_equilibrium(&mut other, 1, Some(1), &|_, _| {})?;
    let mut handled = Vec::new();
    let mut per_event = |model: &Model, replication: u64| {
        let plan = model.plan_of(Seed(1), replication);
        let (mut events, mut all) = (0.0, 0);
        let time = measure(|| {
            let record = simulate(&plan, model.luck_of(Seed(1), replication));
            (events, all) = (canonical_events(model, &record), record.events);
        });
        handled.push(all as f64 / events);
        time / events
    };
    let (mut theirs, mut ratios) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (a, b) = (per_event(&w2, round), per_event(&other, round));
        theirs.push(b);
        ratios.push(b / a);
    }
    println!("{name}, ns of CPU per canonical event");
    println!("  corridor     {:8.0}", median(theirs));
    println!("  over W2      {:8.2}", median(ratios));
    let of_w2 = handled.iter().step_by(2).copied().collect();
    let of_other = handled.iter().skip(1).step_by(2).copied().collect();
    println!(
        "  events that the engine handles for each: {:.2}, W2 {:.2}",
        median(of_other),
        median(of_w2)
    );
    Ok(())
}

fn main() -> Result<(), Error> {
    // `cargo bench` passes `--bench`; any other argument is a part of the name of what is to be measured.
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| filter.as_deref().is_none_or(|part| name.contains(part));
    if wanted("plain_loop") {
        w2_against_the_plain_loop()?;
    }
    for (name, replications) in [("reference/w1", 2), ("reference/w2", 4), ("reference/w3", 2)] {
        if wanted(name) {
            threads(name, replications)?;
        }
    }
    if wanted("hunan") {
        events_against_w2("hunan")?;
    }
    Ok(())
}
