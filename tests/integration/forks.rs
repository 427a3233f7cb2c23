//! Scenarios with a common past: it is simulated once, and each leaves what it leaves by itself.

use crate::determinism::CORRIDOR;
use crate::measures::{BASE, customs, laid};
use crate::support;
use corridor::model::plan::WaitingPlace;
use corridor::model::{self, Model, Plan};
use corridor::random::Seed;
use corridor::scenario::{self, Overlay};
use corridor::simulation::{Observer, Record, Stretch, Wait, simulate_all};
use corridor::units::{SimSpan, SimTime};
use std::cell::Cell;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Someone who remembers all that was told, in its order.
#[derive(Default)]
struct Memory(DefaultHasher);

impl Observer for Memory {
    const ACTIVE: bool = true;

    fn stretch(&mut self, it: Stretch) {
        (
            it.consignment.0,
            it.created.0,
            it.strand,
            it.cell,
            it.from.0,
            it.until.0,
        )
            .hash(&mut self.0);
    }

    fn wait(&mut self, it: Wait) {
        let place = match it.place {
            WaitingPlace::Facility(number) => (0, number),
            WaitingPlace::Stop(number) => (1, number),
            WaitingPlace::Way(number) => (2, number),
            WaitingPlace::Depot(number) => (3, number),
        };
        (place, it.class, it.since.0, it.until.0).hash(&mut self.0);
    }
}

/// Simulates replications under the plans of all models together and one by one: the same records and the same stories.
/// Returns how many replications were begun.
fn together_and_alone(models: &[Model], replications: u64) -> usize {
    let begun = Cell::new(0);
    for replication in 0..replications {
        let plans: Vec<_> = models.iter().map(|it| it.plan_of(Seed(5), replication)).collect();
        let plans: Vec<&Plan> = plans.iter().map(|it| &**it).collect();
        let luck = models[0].luck_of(Seed(5), replication);
        let together = simulate_all(&plans, luck, |_| {
            begun.set(begun.get() + 1);
            Memory::default()
        });
        for (number, (record, memory)) in together.into_iter().enumerate() {
            let (alone, of_alone) = single(plans[number], models, replication);
            assert!(record == alone, "model {number} in replication {replication}");
            assert_eq!(memory.0.finish(), of_alone.0.finish(), "model {number}");
            assert_eq!(record.violations, Vec::<String>::new());
        }
    }
    begun.get()
}

fn single(plan: &Plan, models: &[Model], replication: u64) -> (Record, Memory) {
    let luck = models[0].luck_of(Seed(5), replication);
    simulate_all(&[plan], luck, |_| Memory::default()).pop().unwrap()
}

/// A measure of the base that acts from a date on.
fn from(number: &str, date: &str, how: &str) -> String {
    customs(number, how).replace("2023-10-02", date)
}

/// The base, of which so much is demanded, with each set of measures.
fn models(volume: &str, sets: &[&[&str]]) -> Vec<Model> {
    over(&BASE.replace("2000 TEU/year", volume), sets)
}

/// A scenario with each set of measures.
fn over(text: &str, sets: &[&[&str]]) -> Vec<Model> {
    let of_set = |measures: &&[&str]| {
        let (folder, path) = support::scratch(text);
        fs::create_dir(folder.path().join("measures")).unwrap();
        let mut names = Vec::new();
        for (number, measure) in measures.iter().enumerate() {
            fs::write(folder.path().join(format!("measures/{number}.toml")), measure).unwrap();
            names.push(format!("measures/{number}"));
        }
        let scenario = scenario::load_with(&path.display().to_string(), &laid(&names));
        let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
        model::build(Arc::new(scenario), SimSpan::ZERO).unwrap_or_else(|faults| panic!("{faults}"))
    };
    sets.iter().map(of_set).collect()
}

/// A measure that changes a figure of something from a date on.
fn changing(number: &str, date: &str, (of, id): (&str, &str), key: &str, how: &str) -> String {
    from(number, date, how)
        .replace("of = \"facility\"", &format!("of = \"{of}\"\nid = [\"{id}\"]"))
        .replace("where = { kind = \"customs\" }\n", "")
        .replace("key = \"time\"", &format!("key = \"{key}\""))
}

/// Days from the start until the plans of two models part in a replication; none where they never do.
fn parted_after(one: &Model, other: &Model, replication: u64) -> Option<f64> {
    let plans = [one, other].map(|it| it.plan_of(Seed(5), replication));
    let parting = plans[0].parts_from(&plans[1]);
    (parting < SimTime::NEVER).then(|| parting.hours() / 24.0)
}

/// Measures that begin one after the other, on the same day, before anything has happened and within a ramp; one that changes
/// nothing, and one that is delivered in some replications only.
#[test]
fn a_common_past_is_simulated_once() {
    let slow = from("1", "2023-11-01", "add = \"2 h\"");
    let later = from("2", "2023-12-06", "scale = 0.5");
    let same_day = from("3", "2023-11-01", "scale = 0.8");
    let next_day = from("4", "2023-11-02", "scale = 1.1");
    let nothing = from("5", "2023-10-20", "scale = 1");
    let at_once = from("6", "2023-10-02", "add = \"1 h\"");
    let second_day = from("7", "2023-10-03", "add = \"1 h\"");
    let ramp = "name = \"Instrument\"\ndelivery = 0.5\nramp = { full = \"70 d\" }";
    let ramped = from("8", "2023-10-25", "add = \"3 h\"").replace("name = \"Instrument\"", ramp);
    let all = models(
        "2000 TEU/year",
        &[
            &[],
            &[&slow],
            &[&slow, &later],
            &[&same_day],
            &[&next_day],
            &[&nothing],
            &[&at_once],
            &[&second_day],
            &[&ramped],
            &[&slow, &nothing],
        ],
    );
    let after = |number: usize| parted_after(&all[0], &all[number], 0);
    assert_eq!(after(1), Some(30.0));
    assert_eq!(parted_after(&all[1], &all[2], 0), Some(65.0));
    assert_eq!((after(3), after(4), after(5)), (Some(30.0), Some(31.0), None));
    assert_eq!((after(6), after(7)), (Some(0.0), Some(1.0)));
    let of_ramped: Vec<Option<f64>> = (0..8)
        .map(|replication| parted_after(&all[0], &all[8], replication))
        .collect();
    assert!(
        of_ramped.contains(&None) && of_ramped.contains(&Some(23.0)),
        "{of_ramped:?}"
    );
    assert_eq!(together_and_alone(&all, 8), 8 * all.len());
}

/// Where arrivals are few, those of the days after the parting are known before it; such replications begin anew.
#[test]
fn a_past_that_looks_ahead_is_not_shared() {
    let slow = from("1", "2023-11-01", "add = \"2 h\"");
    let more = changing("2", "2023-11-01", ("flow", "goods"), "volume", "scale = 3");
    let few = models("300 TEU/year", &[&[], &[&slow], &[&more]]);
    let begun = together_and_alone(&few, 20);
    assert!(begun > 60 && begun < 100, "{begun}");
    let many = models("2000 TEU/year", &[&[], &[&slow], &[&more]]);
    assert_eq!(together_and_alone(&many, 4), 12);
}

/// Everything at once: lanes, hours, closures, breakdowns, trains, yards that hold back, shuttles. A measure that changes nothing has
/// stages all the same.
#[test]
fn whatever_there_is_may_be_shared() {
    let road = changing(
        "1",
        "2024-01-20",
        ("link", "road"),
        "time.lognormal.mean",
        "scale = 0.8",
    );
    let train = changing("2", "2024-02-05", ("service", "train"), "capacity", "scale = 1.5");
    let ramp = "name = \"Instrument\"\nramp = { full = \"40 d\" }";
    let idle = changing(
        "3",
        "2024-01-15",
        ("facility", "crane"),
        "time.exponential.mean",
        "scale = 1",
    );
    let idle = idle.replace("name = \"Instrument\"", ramp);
    let all = over(
        CORRIDOR,
        &[&[], &[&road], &[&road, &train], &[&idle], &[&idle, &road], &[&train]],
    );
    assert_eq!(parted_after(&all[0], &all[1], 0), Some(19.0));
    assert_eq!(parted_after(&all[0], &all[3], 0), None);
    assert_eq!(together_and_alone(&all, 6), 36);
}

/// Servers that rest before someone who is held, a number of consignments that is never reached, a population that goes round:
/// stages without effect are no events.
#[test]
fn stages_without_effect_are_no_events() {
    let text = |flow: &str, more: &str| {
        format!(
            "[run]\nstart = \"2023-10-02\"\n{more}\nseed = 7\n[facility.before]\ntime.exponential = {{ mean = \"1 h\" }}\n\
             [facility.gate]\nkind = \"customs\"\ntime.exponential = {{ mean = \"2 h\" }}\nwaiting_room = 0\nwhen_full = \"hold\"\n\
             vacation = {{ lasts = \"5 h\", repeated = false }}\n[flow.goods]\n{flow}\n\
             route = [\"facility.before\", \"facility.gate\"]\n"
        )
    };
    let key = |measure: String| measure.replace("key = \"time\"", "key = \"time.exponential.mean\"");
    let idle = key(from("1", "2023-10-05", "scale = 1"));
    let idle = idle.replace(
        "name = \"Instrument\"",
        "name = \"Instrument\"\nramp = { full = \"300 d\" }",
    );
    let quick = key(from("2", "2023-11-05", "scale = 0.5"));
    for (flow, more) in [
        ("arrivals.poisson = \"8 /d\"", "length = \"90 d\""),
        ("arrivals.poisson = \"8 /d\"", "consignments = 400"),
        ("arrivals.population = 3", "length = \"90 d\""),
        (
            "arrivals.listed = [\"2 h\", \"30 h\", \"31 h\", \"200 h\"]",
            "consignments = 50",
        ),
    ] {
        let all = over(&text(flow, more), &[&[], &[&idle], &[&quick], &[&idle, &quick]]);
        together_and_alone(&all, 4);
        let plans = [&all[0].typical, &all[1].typical];
        let [without, with] = plans.map(|plan| single(plan, &all, 0).0);
        assert!(without == with && without.system.generated > 2, "{flow}");
    }
}

/// The circular's measures that open no lines share the two months before it.
#[test]
fn hunan_shares_the_months_before_the_circular() {
    let model = |measures: &[&str]| {
        let overlay = Overlay {
            measures: measures.iter().map(|it| format!("measures/{it}")).collect(),
            ..Overlay::default()
        };
        let scenario = scenario::load_with("hunan/policy", &overlay).unwrap_or_else(|faults| panic!("{faults}"));
        model::build(Arc::new(scenario), SimSpan::ZERO).unwrap_or_else(|faults| panic!("{faults}"))
    };
    let all = [model(&[]), model(&["2"]), model(&["2", "16"])];
    for other in &all[1..] {
        let days = parted_after(&all[0], other, 0).unwrap();
        assert!(days >= 61.0, "{days}");
    }
    assert_eq!(together_and_alone(&all, 1), 3);
}
