//! Measures laid over a scenario: what they change, when, by how much, and what they leave alone to the last bit.

use crate::support::{self, Results};
use corridor::model::{self, Model};
use corridor::scenario::{self, Overlay, Scenario};
use corridor::units::{SimSpan, SimTime};
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

/// A road and a train from one place to another, a customs office on the way, and cargo that comes every four hours.
pub const BASE: &str = r#"
[scenario]
title = "Base"
[run]
start = "2023-10-02"
warm_up = "0 d"
length = "100 d"
cool_down = "20 d"
replications = 8
seed = 7
[choice]
scale = "0.01 /USD"
[money]
currency = "USD"
[node.a]
kind = "zone"
longitude = 113.0
latitude = 28.0
[node.b]
kind = "zone"
longitude = 114.0
latitude = 22.5
[link.road]
from = "a"
to = "b"
mode = "road"
time = "20 h"
cost = "500 USD/TEU"
[facility.customs]
kind = "customs"
node = "b"
servers = 2
time = { gamma = { shape = 2, mean = "4 h" } }
[flow.goods]
from = "a"
to = "b"
volume = "2000 TEU/year"
size = "1 TEU"
route = ["link.road", "facility.customs"]
"#;

/// Measures and nothing else laid over a scenario.
pub fn laid(measures: &[String]) -> Overlay {
    Overlay {
        measures: measures.to_vec(),
        ..Overlay::default()
    }
}

/// Compiles the base with measures, each given as the text of its file.
pub fn with(measures: &[(&str, &str)]) -> Model {
    let scenario = load(measures).unwrap_or_else(|faults| panic!("{faults}"));
    model::build(Arc::new(scenario), SimSpan::ZERO).unwrap_or_else(|faults| panic!("{faults}"))
}

fn load(measures: &[(&str, &str)]) -> Result<Scenario, scenario::fault::Faults> {
    let (folder, path) = support::scratch(BASE);
    fs::create_dir(folder.path().join("measures")).unwrap();
    for (name, text) in measures {
        fs::write(folder.path().join(format!("measures/{name}.toml")), text).unwrap();
    }
    let names: Vec<String> = measures.iter().map(|(name, _)| format!("measures/{name}")).collect();
    scenario::load_with(&path.display().to_string(), &laid(&names))
}

fn run(measures: &[(&str, &str)]) -> Results {
    support::run_model(with(measures), 2)
}

/// A measure with one instrument that changes customs times.
pub fn customs(number: &str, how: &str) -> String {
    format!(
        r#"
[measure.{number}]
name = "Measure {number}"
from_date = "2023-10-02"
[measure.{number}.instrument."{number}.1"]
name = "Instrument"
[[measure.{number}.instrument."{number}.1".change]]
of = "facility"
where = {{ kind = "customs" }}
key = "time"
{how}
"#
    )
}

fn same(a: &Results, b: &Results) -> bool {
    let bits = |results: &Results| -> Vec<u64> {
        results
            .estimates
            .iter()
            .map(|it| it.interval.estimate.to_bits())
            .collect()
    };
    bits(a) == bits(b)
}

#[test]
fn a_measure_without_effect_leaves_every_bit() {
    let base = run(&[]);
    for how in ["scale = 1", "add = \"0 h\""] {
        assert!(same(&base, &run(&[("1", &customs("1", how))])), "{how}");
    }
    assert!(!same(&base, &run(&[("1", &customs("1", "scale = 0.5"))])));
}

#[test]
fn the_order_of_measures_does_not_matter() {
    let (one, other) = (customs("1", "scale = 0.5"), customs("2", "add = \"1 h\""));
    let there = run(&[("1", &one), ("2", &other)]);
    let back = run(&[("2", &other), ("1", &one)]);
    assert!(same(&there, &back));
}

/// With set, scale and add: (mean of 4 h set to 6 h) * 0.5 + 1 h = 4 h.
#[test]
fn changes_act_together() {
    let (set, scale, add) = (
        customs("1", "set = \"6 h\""),
        customs("2", "scale = 0.5"),
        customs("3", "add = \"1 h\""),
    );
    let model = with(&[("1", &set), ("2", &scale), ("3", &add)]);
    let strand = &model.typical.strands[0].attributes;
    let base = with(&[]);
    assert!((base.typical.strands[0].attributes.hours - 24.0).abs() < 1e-9);
    assert!((strand.hours - 24.0).abs() < 1e-9, "{}", strand.hours);
    assert_eq!(strand.variance, 0.0);
}

/// From its date on, and along its ramp, a change acts on what is drawn then.
#[test]
fn a_ramp_is_climbed_month_by_month() {
    let ramp = r#"
[measure.1]
name = "Measure"
from_date = "2023-11-01"
[measure.1.instrument."1.1"]
name = "Instrument"
ramp = { full = "61 d" }
[[measure.1.instrument."1.1".change]]
of = "link"
id = ["road"]
key = "time"
scale = 0.5
"#;
    let model = with(&[("1", ramp)]);
    let hours: Vec<f64> = std::iter::once(&model.typical)
        .chain(model.typical.later.iter().map(|(_, plan)| plan))
        .map(|plan| plan.movements[0].time.fixed().unwrap())
        .collect();
    // Before; in November, at a quarter of the ramp; in December; in full.
    let expected = [
        20.0,
        20.0 * (1.0 - 0.5 * 15.0 / 61.0),
        20.0 * (1.0 - 0.5 * 45.5 / 61.0),
        10.0,
    ];
    assert_eq!(hours.len(), expected.len());
    for (hours, expected) in hours.iter().zip(expected) {
        assert!((hours - expected).abs() < 1e-9, "{hours} for {expected}");
    }
}

/// The share of replications in which an instrument is delivered, and half its effect on the mean.
#[test]
fn delivery_is_drawn_once_for_a_replication() {
    let text =
        customs("1", "add = \"10 h\"").replace("name = \"Instrument\"", "name = \"Instrument\"\ndelivery = 0.25");
    let model = with(&[("1", &text)]);
    assert!(model.has_uncertain_inputs);
    let delivered = (0..400)
        .filter(|replication| {
            let plan = model.plan_of(corridor::random::Seed(3), *replication);
            plan.strands[0].attributes.hours > model.typical.strands[0].attributes.hours
        })
        .count();
    // Binomial with probability 1/4: within three and a half standard deviations.
    assert!((70..=130).contains(&delivered), "{delivered}");
}

#[test]
fn faults_of_measures_are_all_found() {
    let bad = [
        ("1", customs("1", "set = \"6 h\"")),
        ("2", customs("2", "set = \"7 h\"")),
        ("3", customs("3", "add = \"5 USD\"")),
        ("4", customs("4", "scale = 2").replace("\"customs\"", "\"castoms\"")),
        ("5", customs("5", "scale = 2").replace("\"time\"", "\"tiem\"")),
        ("6", customs("6", "scale = 2").replace("2023-10-02", "2033-10-02")),
        ("7", customs("7", "scale = 2").replace("\"facility\"", "\"facilty\"")),
        ("9", customs("9", "scale = 2").split("[[").next().unwrap().to_owned()),
        ("10", customs("10", "scale = { min = 3, typical = 2, max = 1 }")),
        ("8", "[link.road]\nfrom = \"a\"\nto = \"b\"\n".to_owned()),
    ];
    let texts: Vec<(&str, &str)> = bad.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let faults = load(&texts).map(|_| ()).unwrap_err();
    let text = faults.to_string();
    let codes: Vec<&str> = faults.list.iter().map(|fault| fault.code).collect();
    for code in ["colliding-changes", "empty-selector", "outside-the-run"] {
        assert!(codes.contains(&code), "{code} is missing in {text}");
    }
    // Changes of one figure that are wrong in themselves share a fault, which names their instruments.
    for instrument in ["3.1", "10.1"] {
        assert!(
            text.contains(&format!("instrument {instrument} ")),
            "{instrument} is missing in {text}"
        );
    }
    let named = |file: &str| {
        let mut places = faults.list.iter().flat_map(|fault| &fault.places);
        places.any(|(origin, _)| faults.files[origin.file].name.ends_with(file))
    };
    for file in [1, 2, 4, 5, 6, 7, 8, 9] {
        assert!(named(&format!("measures/{file}.toml")), "{file} is missing in {text}");
    }
}

/// How many instruments the circular's measures have, the closing paragraphs last.
const INSTRUMENTS: [(&str, usize); 19] = [
    ("1", 11),
    ("2", 10),
    ("3", 7),
    ("4", 5),
    ("5", 8),
    ("6", 7),
    ("7", 8),
    ("8", 4),
    ("9", 5),
    ("10", 5),
    ("11", 4),
    ("12", 9),
    ("13", 7),
    ("14", 8),
    ("15", 9),
    ("16", 19),
    ("17", 11),
    ("18", 15),
    ("general", 5),
];

/// The file of a measure of the circular.
fn of_circular(name: &str) -> toml::Table {
    let path = format!("{}/scenarios/hunan/measures/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap().parse().unwrap()
}

fn text<'a>(table: &'a toml::Value, path: &[&str]) -> &'a str {
    let found = path.iter().try_fold(table, |table, key| table.get(key));
    found.and_then(toml::Value::as_str).unwrap_or("")
}

/// How large a change is, in words.
fn size_of(change: &toml::Value) -> String {
    let (how, size) = [("scale", "x"), ("add", "+"), ("set", "=")]
        .into_iter()
        .find_map(|(how, sign)| Some((sign, change.get(how)?)))
        .unwrap();
    let plain = |value: &toml::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let parts = ["min", "typical", "max"].map(|part| size.get(part).map(plain));
    match parts {
        [Some(min), Some(typical), Some(max)] => format!("{how} {min} / {typical} / {max}"),
        _ => format!("{how} {}", size.get("value").map_or_else(|| plain(size), plain)),
    }
}

#[test]
fn every_instrument_of_the_circular_acts_or_says_why_not() {
    let mut table = String::from(
        "| id | instrument | mechanism | status | size | grade |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    let (mut acting, mut all) = (0, 0);
    for (name, count) in INSTRUMENTS {
        let file = of_circular(name);
        let (_, measure) = file["measure"].as_table().unwrap().iter().next().unwrap();
        let added: usize = file
            .iter()
            .filter(|(section, _)| *section != "measure" && *section != "scenario")
            .filter_map(|(_, tables)| Some(tables.as_table()?.len()))
            .sum();
        let heading = text(measure, &["name", "en"]);
        table.push_str(&format!("| | **{heading}** | | {added} tables of its own | | |\n"));
        let instruments = measure["instrument"].as_table().unwrap();
        assert_eq!(instruments.len(), count, "measure {name}");
        let mut rows: Vec<_> = instruments.iter().collect();
        rows.sort_by_key(|(id, _)| id.rsplit('.').next().unwrap().parse::<u32>().unwrap());
        for (id, instrument) in rows {
            all += 1;
            let changes = instrument.get("change").and_then(toml::Value::as_array);
            let (status, size) = match changes {
                Some(changes) => {
                    acting += 1;
                    let plural = if changes.len() == 1 { "" } else { "s" };
                    (format!("{} change{plural}", changes.len()), size_of(&changes[0]))
                }
                None => (format!("none: {}", text(instrument, &["no_effect"])), String::new()),
            };
            let (what, mechanism, grade) = (
                text(instrument, &["name", "en"]),
                text(instrument, &["mechanism"]),
                text(instrument, &["grade"]),
            );
            table.push_str(&format!(
                "| {id} | {what} | {mechanism} | {status} | {size} | {grade} |\n"
            ));
        }
    }
    assert_eq!(all, 157);
    let generated = format!("{acting} of {all} instruments change figures of the model.\n\n{table}");
    support::section_is_current("docs/measures.md", "instruments", &generated);
}

/// All measures together: nothing collides, every selector finds something, and the stages compile.
#[test]
fn all_measures_of_the_circular_can_be_in_force_together() {
    let names: Vec<String> = INSTRUMENTS.iter().map(|(name, _)| format!("measures/{name}")).collect();
    let scenario = scenario::load_with("hunan/policy", &laid(&names)).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(scenario.measures.len(), names.len());
    let model = model::build(Arc::new(scenario), SimSpan::ZERO).unwrap_or_else(|faults| panic!("{faults}"));
    assert!(!model.typical.later.is_empty());
}

/// A weekly service that becomes more frequent on several days of one week: there is always one departure due, and none in the
/// past.
#[test]
fn a_timetable_may_change_several_times_before_the_next_departure() {
    let base = BASE
        .replace("[flow.goods]", "[service.ship]\nmode = \"sea\"\nstops = [\"a\", \"b\"]\ntime = \"30 h\"\ncapacity = \"200 TEU\"\ndepartures = { per_week = 1 }\n[flow.goods]")
        .replace("\"link.road\"", "\"service.ship\"");
    let mut measure = String::from("[measure.1]\nname = \"Measure\"\n");
    for (place, day) in ["2023-11-01", "2023-11-02", "2023-11-04", "2023-11-12"]
        .iter()
        .enumerate()
    {
        measure.push_str(&format!(
            "[measure.1.instrument.\"1.{place}\"]\nname = \"Instrument\"\nfrom_date = \"{day}\"\n\
             [[measure.1.instrument.\"1.{place}\".change]]\nof = \"service\"\nkey = \"departures.per_week\"\nscale = 1.3\n"
        ));
    }
    let (folder, path) = support::scratch(&base);
    fs::write(folder.path().join("more.toml"), measure).unwrap();
    let scenario = scenario::load_with(&path.display().to_string(), &laid(&["more".to_owned()]))
        .unwrap_or_else(|faults| panic!("{faults}"));
    let model = model::build(Arc::new(scenario), SimSpan::ZERO).unwrap_or_else(|faults| panic!("{faults}"));
    // Invariants are asserted of every run. Four weeks of one, then fourteen of 1.3 to the fourth, some days of less between.
    let results = support::run_model(model, 2);
    let departures = results.value("service.ship.departures");
    assert!((30.0..=33.0).contains(&departures), "{departures}");
}

/// A charge changes by an amount in its own currency, and no change makes one negative.
#[test]
fn changes_of_money_keep_to_its_currency_and_above_zero() {
    let of_road = |how: &str| {
        customs("1", how)
            .replace("\"facility\"", "\"link\"")
            .replace("kind = \"customs\"", "from = \"a\"")
            .replace("key = \"time\"", "key = \"cost\"")
    };
    let cost = |how: &str| with(&[("1", &of_road(how))]).typical.strands[0].attributes.cost;
    assert!((cost("add = \"-100 USD/TEU\"") - 400.0).abs() < 1e-9);
    assert_eq!(cost("add = \"-900 USD/TEU\""), 0.0);
    let faults = load(&[("1", &of_road("add = \"-100 CNY/TEU\""))])
        .map(|_| ())
        .unwrap_err();
    let text = faults.to_string();
    assert!(text.contains("is in CNY, but what it changes is in USD"), "{text}");
}

/// Of each figure, size and delivery its own grade counts, or that of the nearest table around it that says something; what has no
/// grade is not held. Hours on the road, at customs, and money for the road in twenty draws: as many values as there are draws where
/// a figure is drawn, one where it is held.
#[test]
fn what_is_held_goes_by_its_own_grade() {
    let draws = |base: &str, measure: &str| {
        let text = BASE
            .replace("seed = 7", "seed = 7\nhold_grade = \"D\"")
            .replace("time = \"20 h\"\ncost = \"500 USD/TEU\"", base);
        let (folder, path) = support::scratch(&text);
        fs::write(folder.path().join("m.toml"), measure).unwrap();
        let names = if measure.is_empty() {
            vec![]
        } else {
            vec!["m".to_owned()]
        };
        let scenario = scenario::load_with(&path.display().to_string(), &laid(&names));
        let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
        let model = model::build(Arc::new(scenario), SimSpan::ZERO).unwrap();
        let of = |replication: u64| {
            let plan = model.plan_of(corridor::random::Seed(3), 2 * replication);
            let attributes = plan.at(SimTime::START).strands[0].attributes;
            (attributes.hours.to_bits(), attributes.cost.to_bits())
        };
        let all: Vec<(u64, u64)> = (0..20).map(of).collect();
        let different = |values: Vec<u64>| values.into_iter().collect::<BTreeSet<u64>>().len();
        let hours = different(all.iter().map(|it| it.0).collect());
        (hours, different(all.iter().map(|it| it.1).collect()))
    };
    let known = "time = \"20 h\"\n";
    let cost = |grade: &str| {
        let pert = "min = \"100 USD/TEU\", typical = \"500 USD/TEU\", max = \"900 USD/TEU\"";
        format!("{known}cost = {{ {pert}{grade} }}")
    };
    let (b, d) = (", grade = \"B\"", ", grade = \"D\", derived = \"assumed\"");
    assert_eq!(draws(&cost(""), "").1, 20);
    assert_eq!(draws(&cost(b), "").1, 20);
    assert_eq!(draws(&cost(d), "").1, 1);
    // A table lends its grade to figures that have none, and only to them.
    assert_eq!(draws(&format!("grade = \"D\"\n{}", cost("")), "").1, 1);
    assert_eq!(draws(&format!("grade = \"D\"\n{}", cost(b)), "").1, 20);
    let mean = |inner: &str, outer: &str| {
        let pert = "min = \"10 h\", typical = \"20 h\", max = \"30 h\"";
        format!("time = {{ lognormal = {{ mean = {{ {pert}{inner} }}, cv = 0.1 }}{outer} }}")
    };
    assert_eq!((draws(&mean("", d), "").0, draws(&mean(b, d), "").0), (1, 20));
    assert_eq!((draws(&mean(d, b), "").0, draws(&mean("", b), "").0), (1, 20));
    // A figure stays held when a measure changes it; sizes and deliveries go by their own grades, or their instrument's.
    let measure = |how: &str, more: &str| {
        customs("1", how)
            .replace("\"facility\"", "\"link\"")
            .replace("kind = \"customs\"", "from = \"a\"")
            .replace("key = \"time\"", "key = \"cost\"")
            .replace("name = \"Instrument\"", &format!("name = \"Instrument\"\n{more}"))
    };
    let size = |grade: &str| format!("scale = {{ min = 0.5, typical = 0.8, max = 0.9{grade} }}");
    let at = |cost: &str, how: &str, more: &str| draws(cost, &measure(how, more)).1;
    let graded = |grade: &str| format!("grade = \"{grade}\"");
    assert_eq!(at(&cost(d), "scale = 0.5", &graded("B")), 1);
    let fixed = format!("{known}cost = \"500 USD/TEU\"");
    assert_eq!(
        (at(&fixed, &size(""), &graded("B")), at(&fixed, &size(""), &graded("D"))),
        (20, 1)
    );
    assert_eq!(
        (at(&fixed, &size(d), &graded("B")), at(&fixed, &size(b), &graded("D"))),
        (1, 20)
    );
    let delivery = |grade: &str| format!("grade = \"B\"\ndelivery = {{ value = 0.5{grade} }}");
    assert_eq!(
        (
            at(&fixed, "scale = 0.5", &delivery("")),
            at(&fixed, "scale = 0.5", &delivery(d))
        ),
        (2, 1)
    );
}
