//! What a policy comes to: overlaps held within their caps, targets, cities reached, and what exporters are owed.

use crate::measures::{BASE, laid};
use crate::support::{self, Results};
use corridor::analysis::{duties, target_statuses};
use corridor::indicator::targets_without_indicator;
use corridor::model::plan::ArrivalPlan;
use corridor::model::{self, Model, Plan};
use corridor::random::Seed;
use corridor::scenario::{self, Scenario, fault::Faults};
use corridor::units::SimSpan;
use std::fs;
use std::sync::Arc;

/// Reads the base with more of its own and a measure.
fn read(more: &str, measure: &str) -> Result<Scenario, Faults> {
    read_with(&format!("{BASE}{more}"), measure)
}

/// Reads a scenario given as text, and a measure laid over it unless that is empty.
fn read_with(text: &str, measure: &str) -> Result<Scenario, Faults> {
    let (folder, path) = support::scratch(text);
    fs::write(folder.path().join("m.toml"), measure).unwrap();
    let names = if measure.is_empty() {
        vec![]
    } else {
        vec!["m".to_owned()]
    };
    scenario::load_with(&path.display().to_string(), &laid(&names))
}

fn compiled(more: &str, measure: &str) -> Model {
    compiled_with(&format!("{BASE}{more}"), measure)
}

fn compiled_with(text: &str, measure: &str) -> Model {
    let scenario = read_with(text, measure).unwrap_or_else(|faults| panic!("{faults}"));
    model::build(Arc::new(scenario), SimSpan::ZERO).unwrap_or_else(|faults| panic!("{faults}"))
}

fn run(more: &str, measure: &str) -> Results {
    support::run_model(compiled(more, measure), 2)
}

/// A measure whose instruments each have one change, given as text.
fn measure(instruments: &[(&str, &str, &str)]) -> String {
    let mut text = String::from("[measure.1]\nname = \"Measure\"\nbodies = [\"Ministry\", \"Customs\"]\n");
    for (number, about, change) in instruments {
        text.push_str(&format!(
            "[measure.1.instrument.\"{number}\"]\nname = \"Instrument\"\n{about}\n\
             [[measure.1.instrument.\"{number}\".change]]\n{change}\n"
        ));
    }
    text
}

/// The demand of the only flow, over that of the base.
fn demand(plan: &Plan) -> f64 {
    match plan.flows[0].arrivals {
        ArrivalPlan::Poisson(rate, _) => rate * 8760.0 / 2000.0,
        _ => panic!("not a Poisson process"),
    }
}

const DEMAND: &str = "of = \"flow\"\nkey = \"volume\"\n";
const TIME: &str = "of = \"facility\"\nkey = \"time\"\n";

/// Factors of instruments that overlap are held within their cap, those of others are not; caps downwards hold downwards, and a
/// cap that is not reached changes no bit.
#[test]
fn overlapping_factors_are_capped() {
    let scale = |factors: &[(&str, f64)]| {
        let changes: Vec<String> = factors
            .iter()
            .map(|(_, factor)| format!("{DEMAND}scale = {factor}"))
            .collect();
        let instruments = factors
            .iter()
            .zip(&changes)
            .map(|((number, _), change)| (*number, "", change.as_str()));
        measure(&instruments.collect::<Vec<_>>())
    };
    let teu = |overlap: &str, factors: &[(&str, f64)]| demand(&compiled(overlap, &scale(factors)).typical);
    let capped = "[overlap.X]\ninstruments = [\"1.1\", \"1.2\"]\nof = [\"flow\"]\nfactor = 1.2\n";
    assert!((teu(capped, &[("1.1", 1.5), ("1.2", 1.3)]) - 1.2).abs() < 1e-9);
    assert!((teu(capped, &[("1.1", 1.5), ("1.3", 1.3)]) - 1.2 * 1.3).abs() < 1e-9);
    assert_eq!(
        teu(capped, &[("1.1", 1.1), ("1.2", 1.05)]),
        teu("", &[("1.1", 1.1), ("1.2", 1.05)])
    );
    let down = capped.replace("1.2\n", "0.9\n");
    assert!((teu(&down, &[("1.1", 0.8), ("1.2", 0.5)]) - 0.9).abs() < 1e-9);
    // In sections in which they do not overlap they are free.
    let elsewhere = capped.replace("\"flow\"", "\"facility\"");
    assert!((teu(&elsewhere, &[("1.1", 1.5), ("1.2", 1.3)]) - 1.95).abs() < 1e-9);
}

/// What instruments that overlap do to a time together, by factors and by sums, is no more than their cap.
#[test]
fn overlapping_sums_are_capped() {
    let hours = |overlap: &str| {
        let changes = [
            format!("{TIME}add = \"-1 h\""),
            format!("{TIME}scale = 0.5"),
            format!("{TIME}add = \"0.5 h\""),
        ];
        let all = [
            ("1.1", "", changes[0].as_str()),
            ("1.2", "", changes[1].as_str()),
            ("1.3", "", changes[2].as_str()),
        ];
        compiled(overlap, &measure(&all)).typical.strands[0].attributes.hours - 20.0
    };
    // 4 h halved, less one, and half an hour more.
    assert!((hours("") - 1.5).abs() < 1e-9);
    // 1.1 and 1.2 together take off 3 h of 4.5 h; two are allowed.
    let capped = "[overlap.W]\ninstruments = [\"1.1\", \"1.2\"]\nkey = [\"time\"]\nsum = \"-2 h\"\n";
    assert!((hours(capped) - 2.5).abs() < 1e-9, "{}", hours(capped));
    let faults = read(
        &capped.replace("-2 h", "-2 kg"),
        &measure(&[("1.1", "", &format!("{TIME}add = \"-1 h\""))]),
    );
    let text = faults.map(|_| ()).unwrap_err().to_string();
    assert!(text.contains("the cap of overlap W"), "{text}");
    let faults = read("[overlap.W]\ninstruments = [\"1.1\"]\n", "")
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(faults.contains("not exactly one of `factor` and `sum`"), "{faults}");
    let nothing = "[overlap.W]\ninstruments = [\"1.1\"]\nof = [\"servise\"]\nid = [\"tram\"]\nsum = \"-2 h\"\n";
    let faults = read(nothing, "").map(|_| ()).unwrap_err().to_string();
    assert!(
        faults.contains("there is no section `servise`") && faults.contains("`tram` fits no table"),
        "{faults}"
    );
}

/// Where an instrument turns out strong it is so in all that it changes, up or down: one luck, read at the same quantile.
#[test]
fn an_instrument_has_one_luck() {
    let text = format!(
        "{}\n[[measure.1.instrument.\"1.1\".change]]\n{DEMAND}scale = {{ min = 1.1, typical = 1.3, max = 1.5 }}\n",
        measure(&[(
            "1.1",
            "",
            &format!("{TIME}scale = {{ min = 0.5, typical = 0.7, max = 0.9 }}")
        )])
    );
    let model = compiled("", &text);
    let mut seen = Vec::new();
    for replication in 0..12 {
        let plan = model.plan_of(Seed(5), replication);
        let time = (plan.strands[0].attributes.hours - 20.0) / 4.0;
        let demand = demand(&plan);
        assert!(((0.7 - time) - (demand - 1.3)).abs() < 1e-6, "{time} {demand}");
        seen.push(time);
    }
    assert!(seen.iter().fold(0.0_f64, |most, it| most.max((it - seen[0]).abs())) > 0.02);
}

const TARGETS: &str = r#"
[target.firms]
name = "Firms"
instrument = "1.1"
target = 120
level = 70
[target.days]
name = "Days"
target = 4
aim = "at-most"
level = 6
[target.circle]
name = "Cities"
target = 2
indicator = "reach.circle.cities"
[reach.circle]
from = ["a"]
within = "4 h"
speed = "850 km/h"
detour = 1.04
manoeuvre = "0.5 h"
[reach.circle.city.near]
name = "Near"
country = "VN"
longitude = 105.8
latitude = 21.0
people = 8.5
product = 50
flights = 3
[reach.circle.city.lost]
name = "Lost"
country = "TH"
longitude = 100.5
latitude = 13.7
people = 11
product = 180
flights = 0
[reach.circle.city.far]
name = "Far"
country = "ET"
longitude = 38.8
latitude = 9.0
people = 5
flights = 7
"#;

/// Targets stand where inputs and flights stand when the window ends: met as often as their instrument is delivered.
#[test]
fn targets_and_cities() {
    let level = "of = \"target\"\nid = [\"firms\"]\nkey = \"level\"\nset = 120";
    let flights = "of = \"reach\"\nkey = \"city.lost.flights\"\nadd = 2";
    let text = measure(&[
        ("1.1", "delivery = 0.6\nramp = { full = \"50 d\" }", level),
        ("1.2", "ramp = { starts = \"20 d\", full = \"60 d\" }", flights),
    ]);
    let at = |results: &Results, key: &str| results.value(key);
    let before = run(TARGETS, "");
    assert_eq!(at(&before, "target.firms.level"), 70.0);
    assert_eq!(
        (
            at(&before, "reach.circle.cities"),
            at(&before, "reach.circle.people_millions")
        ),
        (1.0, 8.5)
    );
    let after = run(TARGETS, &text);
    assert_eq!(
        (at(&after, "reach.circle.cities"), at(&after, "reach.circle.countries")),
        (2.0, 2.0)
    );
    assert_eq!(
        (at(&after, "reach.circle.product_bn"), at(&after, "target.days.is_met")),
        (230.0, 0.0)
    );
    // Eight draws: the level is 70 or 120, and the share that is met is the share of deliveries.
    let (level, met) = (at(&after, "target.firms.level"), at(&after, "target.firms.is_met"));
    assert!(
        (level - (70.0 + 50.0 * met)).abs() < 1e-9 && met > 0.0 && met < 1.0,
        "{level} {met}"
    );
    let statuses = target_statuses(&after.model, &after.catalogue, |number| {
        after.estimates[number].interval.estimate
    });
    let circle = statuses.iter().find(|it| it.id == "circle").unwrap();
    assert!(circle.is_simulated() && circle.level == 2.0 && circle.met == Some(1.0));
    // A target that is simulated is met as often as replications meet it: here by the volume that comes, half of the time.
    let volume = TARGETS.replace(
        "target = 2\nindicator = \"reach.circle.cities\"",
        "target = 548\nindicator = \"system.generated_teu\"",
    );
    let simulated = run(&volume, "");
    assert!((at(&simulated, "target.circle.level") - at(&simulated, "system.generated_teu")).abs() < 1e-9);
    let met = at(&simulated, "target.circle.is_met");
    assert!(met > 0.0 && met < 1.0, "{met}");
    let duties = duties(&after.model);
    let duty = &duties["Customs"];
    assert_eq!((duty.instruments, duty.acting, duty.complete), (2, 2, 2));
    assert!((duty.delivery - 0.8).abs() < 1e-12 && (duty.at_end - 0.8).abs() < 1e-12);
    let faults = read(
        &TARGETS.replace("flights = 7", "flights = -7").replace("1.04", "0.4"),
        "",
    );
    let faults = faults.map(|_| ()).unwrap_err().to_string();
    assert!(
        faults.contains("city.far.flights") && faults.contains("is below 1"),
        "{faults}"
    );
    let faults = read(&TARGETS.replace("level = 70\n", "").replace("\"a\"", "\"z\""), "")
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        faults.contains("`level` and `indicator`") && faults.contains("there is no node `z`"),
        "{faults}"
    );
    // A target must name an instrument of the measure that it is of, and an indicator that there is.
    let elsewhere = TARGETS.replace("\"1.1\"", "\"1.3\"");
    let warnings = read(&elsewhere, &text).unwrap().warnings().to_string();
    assert!(warnings.contains("there is no instrument 1.3"), "{warnings}");
    assert!(read(&elsewhere, "").unwrap().warnings.is_empty());
    let model = compiled(&TARGETS.replace("reach.circle.cities", "reach.circle.towns"), "");
    let faults = format!("{:?}", targets_without_indicator(&model).list);
    assert!(
        faults.contains("there is no indicator `reach.circle.towns`") && faults.contains("`reach.circle.cities`"),
        "{faults}"
    );
}

/// An exporter is paid 30 days after delivery, and gets 13% of the value back after 10: at 0.01% a day of 50,000 USD that is
/// 5 x (30 + 1.3) = 156.50 USD for a TEU, and a measure that pays rebates in half the time saves 5 x 0.65.
#[test]
fn what_exporters_are_owed() {
    let goods = r#"
[commodity.machines]
density = "10 t/TEU"
value = "5000 USD/t"
payment = "30 d"
credit_rate = "0.01 %/d"
rebate_rate = 0.13
rebate_wait = "10 d"
"#;
    let with_goods = |text: &str| BASE.replace("[flow.goods]\n", "[flow.goods]\ncommodity = \"machines\"\n") + text;
    let run = |measure: &str, direction: &str| {
        let scenario = with_goods(goods).replace(
            "size = \"1 TEU\"",
            &format!("size = \"1 TEU\"\ndirection = \"{direction}\""),
        );
        support::run_model(compiled_with(&scenario, measure), 2)
    };
    let before = run("", "export");
    let transit = before.value("system.transit_days_mean");
    assert!((before.value("system.cash_cycle_days") - transit - 30.0).abs() < 1e-9);
    assert!((before.value("system.rebate_days") - 10.0).abs() < 1e-9);
    assert!((before.value("system.credit_cost_per_teu") - 156.5).abs() < 1e-9);
    let faster = measure(&[("1.1", "", "of = \"commodity\"\nkey = \"rebate_wait\"\nscale = 0.5")]);
    let after = run(&faster, "export");
    assert!((after.value("system.credit_cost_per_teu") - 156.5 + 3.25).abs() < 1e-9);
    let saved = before.value("system.generalised_cost_per_teu") - after.value("system.generalised_cost_per_teu");
    assert!((saved - 3.25).abs() < 1e-9, "{saved}");
    // Imports are owed nothing.
    assert!(run("", "import").value("system.cash_cycle_days").is_nan());
}

/// A line that a measure brings about has no departures before its instrument acts, and all of them from then on; where it was
/// all but nothing, the departure due in some far year is not waited for. Cargo takes it, and what is charged stays finite.
#[test]
fn a_line_comes_about_with_its_instrument() {
    let ship = |per_week: &str| {
        format!(
            "[service.ship]\nmode = \"sea\"\nstops = [\"a\", \"b\"]\ntime = \"10 h\"\ncapacity = \"200 TEU\"\ncost = \"100 USD/TEU\"\n\
             departures = {{ per_week = {per_week} }}\n"
        )
    };
    let base = |text: &str| {
        BASE.replace("route = [\"link.road\", \"facility.customs\"]\n", "")
            .replace("[flow.goods]", &format!("{text}[flow.goods]"))
    };
    let run = |text: &str, measure: &str| support::run_model(compiled_with(&base(text), measure), 2);
    let per_week = |how: &str| format!("of = \"service\"\nkey = \"departures.per_week\"\n{how}");
    // Thirty days after the start, for ninety days to the end of the run.
    let later = "from_date = \"2023-11-01\"";
    for (before, how) in [("0", "add = 7"), ("0.01", "set = 7")] {
        let results = run(&ship(before), &measure(&[("1.1", later, &per_week(how))]));
        let departures = results.value("service.ship.departures");
        assert!((68.0..=72.0).contains(&departures), "{before}: {departures}");
        assert!(results.value("service.ship.teu_per_departure") > 1.0);
        let cost = results.value("system.generalised_cost_per_teu");
        assert!((100.0..600.0).contains(&cost), "{before}: {cost}");
    }
    // Where it is delivered in half of all draws, it runs in some replications and not in others.
    let half = run(
        &ship("0"),
        &measure(&[("1.1", &format!("{later}\ndelivery = 0.5"), &per_week("add = 7"))]),
    );
    let departures = half.value("service.ship.departures");
    assert!(departures > 5.0 && departures < 65.0, "{departures}");
    let nothing = read(
        "[service.ship]\nmode = \"sea\"\nstops = [\"a\", \"b\"]\ntime = \"10 h\"\ndepartures = { per_week = 0 }\n",
        "",
    );
    assert!(
        nothing
            .map(|_| ())
            .unwrap_err()
            .to_string()
            .contains("is not above zero")
    );
}

/// Before a line comes about nobody chooses otherwise than without it, to the last bit; afterwards they do.
#[test]
fn a_line_to_come_changes_nothing_before_it_runs() {
    let line = |name: &str, per_week: &str| {
        format!(
            "[service.{name}]\nmode = \"sea\"\nstops = [\"a\", \"b\"]\ntime = \"10 h\"\ncapacity = \"200 TEU\"\ncost = \"100 USD/TEU\"\n\
             departures = {{ per_week = {per_week} }}\n"
        )
    };
    let base = BASE
        .replace("route = [\"link.road\", \"facility.customs\"]\n", "")
        .replace("[flow.goods]", &format!("{}[flow.goods]", line("ferry", "3")));
    let model = |measure: &str| compiled_with(&base, measure);
    let change = "of = \"service\"\nid = [\"ship\"]\nkey = \"departures.per_week\"\nadd = 7";
    let text = measure(&[("1.1", "from_date = \"2023-11-01\"", change)]) + &line("ship", "0");
    let (without, with) = (model(""), model(&text));
    // Shares by the names of routes: those without the line first, then those by it.
    let shares = |model: &Model, plan: &Plan| -> Vec<(String, f64)> {
        let shares = plan.flows[0].choice.shares.iter().enumerate();
        shares
            .map(|(strand, share)| (model.strand_names(strand).1.to_owned(), *share))
            .collect()
    };
    let (before, then) = (shares(&without, &without.typical), shares(&with, &with.typical));
    assert_eq!(before.len() + 1, then.len());
    assert_eq!(before[..], then[..before.len()]);
    assert_eq!(then[before.len()].1, 0.0);
    let after = shares(&with, &with.typical.later[0].1);
    assert!(after[before.len()].1 > 0.3 && after[0].1 < before[0].1, "{after:?}");
}
