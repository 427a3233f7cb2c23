//! The reference workloads: W1 and W2 against their reference answers, and W2 against a plain loop, move by move.
//!
//! The plain loop shares no code with the simulator. Fed with the variates that the simulator's samplers give for the
//! same addresses, it must find the same times for every consignment: this proves the mechanism apart from chance.

use crate::support::build;
use corridor::model::Model;
use corridor::model::plan::{Action, Plan};
use corridor::random::{Draws, Purpose, Sampler, Seed, Stream, Word};
use corridor::simulation::{Observer, Record, Stretch, simulate_observed};
use corridor::statistics::ExactMoments;
use corridor::units::SimTime;

#[path = "../../benches/plain_loop.rs"]
#[allow(missing_docs, dead_code, reason = "shared with the benches")]
mod plain_loop;

fn workload(name: &str) -> Model {
    build(&format!(
        "{}/scenarios/reference/{name}.toml",
        env!("CARGO_MANIFEST_DIR")
    ))
}

/// What is told of consignments: when each was generated, and how long it took.
struct Journeys {
    first: u32,
    last: u32,
    generated: Vec<(SimTime, Stream)>,
    transit: Vec<f64>,
}

impl Observer for Journeys {
    const ACTIVE: bool = true;

    fn stretch(&mut self, stretch: Stretch) {
        if stretch.cell == self.first {
            self.generated.push((stretch.created, stretch.consignment));
        }
        if stretch.cell == self.last {
            self.transit.push((stretch.until - stretch.created).hours());
        }
    }
}

/// One replication of W2, which begins and ends with a movement.
fn run_w2(plan: &Plan, draws: Draws) -> (Record, Journeys) {
    let first = plan.strands[0].first_step as usize;
    let finish = plan.steps[first..]
        .iter()
        .position(|step| step.action == Action::Finish)
        .unwrap();
    let mut journeys = Journeys {
        first: plan.steps[first].cell,
        last: plan.steps[first + finish - 1].cell,
        generated: Vec::new(),
        transit: Vec::new(),
    };
    let record = simulate_observed(plan, draws, &mut journeys);
    assert!(record.violations.is_empty(), "{:?}", record.violations);
    journeys.transit.sort_by(f64::total_cmp);
    (record, journeys)
}

/// Mean waits before terminal, train, border, gauge change and customs.
fn waits(model: &Model, record: &Record) -> [f64; 5] {
    let facility = |id: &str| {
        let number = model.network.tables.facility(id).unwrap().index();
        record.facilities[number].waits.mean_hours()
    };
    let train = record.services[0].stops[0].waits.mean_hours();
    [
        facility("terminal"),
        train,
        facility("border"),
        facility("gauge"),
        facility("customs"),
    ]
}

/// The simulator's variates, by address, as the plain loop asks for them.
struct Replay<'a> {
    model: &'a Model,
    draws: Draws,
    generated: Vec<(SimTime, Stream)>,
    next: usize,
}

impl Replay<'_> {
    fn sample(&self, sampler: &Sampler, key: Stream, what: Stream) -> f64 {
        sampler.sample(&mut self.draws.draw(key, what))
    }

    fn work(&self, id: &str, key: Stream) -> f64 {
        let plan = &self.model.typical.facilities[self.model.network.tables.facility(id).unwrap().index()];
        let time = self.sample(&plan.time, key, plan.stream.purpose(Purpose::ServiceTime));
        let Some(inspection) = &plan.inspection else {
            return time;
        };
        let mark = Word(self.draws.words(key, plan.stream.purpose(Purpose::InspectionMark))[0]).unit();
        if mark < plan.terms[0].inspection {
            time + self.sample(inspection, key, plan.stream.purpose(Purpose::InspectionTime))
        } else {
            time
        }
    }

    fn running(&self, id: &str, key: Stream) -> f64 {
        let plan = &self.model.typical.movements[self.model.network.tables.link(id).unwrap().index()];
        self.sample(&plan.time, key, plan.what)
    }
}

impl plain_loop::Variates for Replay<'_> {
    fn row(&mut self) -> plain_loop::Row {
        let (created, key) = self.generated[self.next];
        let before = if self.next == 0 {
            SimTime::START
        } else {
            self.generated[self.next - 1].0
        };
        self.next += 1;
        let size = self.sample(
            &self.model.typical.flows[0].size,
            key,
            Stream::of("flow").purpose(Purpose::ConsignmentSize),
        );
        [
            (created - before).hours(),
            size,
            self.running("truck", key),
            self.work("terminal", key),
            self.work("border", key),
            self.work("gauge", key),
            self.running("rail-2", key),
            self.work("customs", key),
            self.running("last-mile", key),
        ]
    }

    fn rail(&mut self, k: usize) -> f64 {
        let service = &self.model.typical.services[0];
        let Action::Move(leg) = self.model.typical.steps[service.step_from[0] as usize].action else {
            panic!("a service begins with a leg");
        };
        let leg = &self.model.typical.movements[leg.index()];
        let departure = SimTime::from_hours(24.0 * (k + 1) as f64);
        self.sample(&leg.time, service.stream.member(departure.0 as u64), leg.what)
    }
}

#[test]
fn w2_agrees_with_a_plain_loop_on_every_consignment() {
    let model = workload("w2");
    for seed in [1, 2] {
        let draws = Draws::new(Seed(seed), 0);
        let (record, mut journeys) = run_w2(&model.typical, draws);
        journeys.generated.sort_unstable();
        let n = journeys.generated.len();
        assert_eq!((n, journeys.transit.len()), (100_000, 100_000));
        let replay = Replay {
            model: &model,
            draws,
            generated: journeys.generated,
            next: 0,
        };
        let mut oracle = plain_loop::run(replay, n);
        oracle.transit.sort_by(f64::total_cmp);
        for (ours, theirs) in journeys.transit.iter().zip(&oracle.transit) {
            assert!((ours - theirs).abs() < 1e-6, "transit time {ours}, plain loop {theirs}");
        }
        for (ours, theirs) in waits(&model, &record).iter().zip(&oracle.waits) {
            assert!((ours - theirs).abs() < 1e-6, "mean wait {ours}, plain loop {theirs}");
        }
    }
}

/// Asserts that the mean over our runs lies within 3 standard errors of the mean over 200 runs of others, given the
/// standard deviation of one run.
fn agrees(name: &str, ours: &ExactMoments, reference: f64, deviation: f64) {
    let error = deviation * (1.0 / ours.count() as f64 + 1.0 / 200.0).sqrt();
    let distance = (ours.mean() - reference).abs() / error;
    assert!(
        distance <= 3.0,
        "{name}: {} against {reference}, {distance:.2} standard errors",
        ours.mean()
    );
}

#[test]
fn w1_waits_as_long_as_the_reference_says() {
    let model = workload("w1");
    let mut wait = ExactMoments::default();
    for seed in 0..20 {
        let record = corridor::simulation::simulate(&model.typical, Draws::new(Seed(seed), 0));
        assert_eq!(record.facilities[0].waits.count, 1_000_000);
        wait.add(record.facilities[0].waits.mean_hours());
    }
    agrees("W_q", &wait, 8.986, 0.215);
}

#[test]
fn w2_gives_the_reference_answers() {
    let model = workload("w2");
    let reference = [
        ("mean", 164.57, 2.25),
        ("p50", 158.69, 1.09),
        ("p90", 200.40, 5.87),
        ("p95", 219.84, 9.47),
        ("wait terminal", 1.629, 0.066),
        ("wait train", 12.541, 0.055),
        ("wait border", 10.661, 0.129),
        ("wait gauge", 4.210, 0.079),
        ("wait customs", 14.19, 2.22),
    ];
    let mut found = [ExactMoments::default(); 9];
    for seed in 0..20 {
        let (record, journeys) = run_w2(&model.typical, Draws::new(Seed(seed), 0));
        let n = journeys.transit.len();
        // Nearest rank.
        let quantile = |q: f64| journeys.transit[(q * n as f64).ceil() as usize - 1];
        let mean = journeys.transit.iter().sum::<f64>() / n as f64;
        let values = [mean, quantile(0.5), quantile(0.9), quantile(0.95)];
        for (moments, value) in found.iter_mut().zip(values.into_iter().chain(waits(&model, &record))) {
            moments.add(value);
        }
    }
    for ((name, value, deviation), ours) in reference.iter().zip(&found) {
        agrees(name, ours, *value, *deviation);
    }
}
