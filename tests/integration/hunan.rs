//! The data of the default scenario: what it is compared with, and what must hold of it before anything is simulated.
//!
//! `tests/validation/hunan.toml` says what was published and what it is compared with; `UPDATE_DOCS=1 cargo test hunan` writes
//! the tables of `docs/hunan.md` anew.

use crate::comparison::{Case, range, with_half_width};
use crate::support;
use corridor::model::Model;
use corridor::network::RouteStep;
use corridor::scenario::Scenario;
use corridor::scenario::demand::{Direction, Flow};
use corridor::scenario::matching::matches;
use corridor::scenario::provenance::{InputRecord, inputs};
use corridor::scenario::quantity::Grade;
use corridor::scenario::service::{Departures, Service};
use corridor::scenario::sources::SourceFigure;
use corridor::units::HOURS_PER_YEAR;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

const DOCUMENT: &str = "docs/hunan.md";
/// Prefectures may have so much more or less of the flows' value than of the published trade.
const SHARE_TOLERANCE: f64 = 0.05;
const WEEKS_PER_YEAR: f64 = 365.0 / 7.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    figure: Vec<Case>,
    total: Vec<Total>,
    trade: Vec<Trade>,
    service: Vec<Frequency>,
}

/// Which flows are meant.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Total {
    what: String,
    abroad: Vec<String>,
    direction: Option<String>,
    goods: Vec<String>,
    without: Vec<String>,
    prefecture: Option<String>,
    by_value: bool,
    share: bool,
    keys: Vec<String>,
    derived: String,
    expected: f64,
    tolerance: f64,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Trade {
    what: String,
    abroad: Vec<String>,
    direction: Option<String>,
    goods: Vec<String>,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frequency {
    services: Vec<String>,
    per_year: Option<(f64, f64)>,
    teu: Option<(f64, f64)>,
    #[serde(default)]
    per_week: bool,
    keys: Vec<String>,
    #[serde(default)]
    derived: String,
    #[serde(default)]
    tolerance: f64,
}

fn published() -> Published {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validation/hunan.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| support::build("hunan"))
}

fn scenario() -> &'static Scenario {
    &model().scenario
}

/// Keys with the grades that their sources have.
fn with_grades(keys: &[String]) -> String {
    let sources = &scenario().sources;
    let graded = keys.iter().map(|key| {
        let figure = sources
            .get(key)
            .unwrap_or_else(|| panic!("the scenario has no source {key}"));
        format!("`{key}` {:?}", figure.grade)
    });
    graded.collect::<Vec<_>>().join(", ")
}

fn figure(key: &str) -> &'static SourceFigure {
    scenario()
        .sources
        .get(key)
        .unwrap_or_else(|| panic!("the scenario has no source {key}"))
}

/// The grade of what follows from these figures: D where anything had to be derived.
fn with_derivation(keys: &[String], derived: Option<&str>) -> String {
    match derived.filter(|derived| !derived.is_empty()) {
        Some(derived) => format!("{}; {derived} (D)", with_grades(keys)),
        None => with_grades(keys),
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Results
// ---------------------------------------------------------------------------------------------------------------------

#[test]
fn the_comparison_with_published_figures_is_current() {
    let (mut runs, mut faults) = (BTreeMap::new(), Vec::new());
    let mut table = String::new();
    let mut part = String::new();
    for case in &published().figure {
        if case.id != part {
            part.clone_from(&case.id);
            let _ = write!(
                table,
                "\n**{part}**\n\n| what | published | band | simulated | | source |\n"
            );
            table.push_str("| --- | --- | --- | --- | --- | --- |\n");
        }
        let source = with_derivation(&case.keys, case.derived.as_deref());
        let observed = range(case.observed);
        if let Some(reason) = &case.not_modelled {
            let _ = writeln!(
                table,
                "| {} | {observed} | | | not modelled: {reason} | {source} |",
                case.what
            );
            continue;
        }
        let found = case.find(&mut runs);
        faults.extend(found.fault);
        let _ = writeln!(
            table,
            "| {} | {observed} | {} | {} | {} | {source} |",
            case.what,
            range(found.band),
            with_half_width(found.simulated, found.half_width),
            found.verdict,
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    support::section_is_current(DOCUMENT, "published", table.trim_start());
}

/// What shippers' choice needs beyond costs and times to come near to the published figures, and how large that is.
#[test]
fn the_constants_of_choice_are_confessed() {
    let model = support::build("hunan");
    let mut table =
        String::from("| service | goods | constant, per TEU | of the generalised cost |\n| --- | --- | --- | --- |\n");
    for (id, service) in &model.scenario.services {
        for (goods, constant) in &service.choice_constant {
            let rate = constant.currency.map_or(1.0, |currency| {
                if currency.code() == model.scenario.money.currency {
                    1.0
                } else {
                    1.0 / model.scenario.money.exchange[currency.code()].expected()
                }
            });
            let number = model
                .network
                .tables
                .services
                .iter()
                .position(|row| row.id == *id)
                .unwrap();
            let costs: Vec<f64> = model
                .typical
                .strands
                .iter()
                .filter(|strand| {
                    let flow = &model.scenario.flows[&model.network.tables.flows[strand.flow as usize]];
                    let rides = model.network.routes[strand.route as usize]
                        .steps
                        .iter()
                        .any(|step| matches!(step, RouteStep::Ride { service, .. } if service.index() == number));
                    rides
                        && flow
                            .commodity
                            .as_ref()
                            .is_some_and(|it| it == goods || goods == "others")
                })
                .map(|strand| strand.generalised_cost)
                .collect();
            let mean = costs.iter().sum::<f64>() / costs.len() as f64;
            let _ = writeln!(
                table,
                "| `{id}` | {goods} | {} {} | {:.0}% |",
                support::significant(constant.expected() * rate),
                model.scenario.money.currency,
                100.0 * constant.expected() * rate / mean
            );
        }
    }
    support::section_is_current(DOCUMENT, "constants", &table);
}

// ---------------------------------------------------------------------------------------------------------------------
// Demand
// ---------------------------------------------------------------------------------------------------------------------

/// A flow in numbers.
struct Row {
    prefecture: String,
    abroad: String,
    commodity: String,
    is_export: bool,
    by_air: bool,
    teu: f64,
    billion_cny: f64,
}

fn rows() -> Vec<Row> {
    let scenario = scenario();
    let row = |(id, flow): (&String, &Flow)| {
        let teu = flow.volume.as_ref().unwrap().expected() * HOURS_PER_YEAR;
        let commodity = flow.commodity.clone().unwrap();
        let (from, to) = (flow.from.clone().unwrap(), flow.to.clone().unwrap());
        let is_export = flow.direction == Direction::Export;
        let (prefecture, abroad) = if is_export { (from, to) } else { (to, from) };
        Row {
            prefecture,
            abroad,
            billion_cny: teu * support::value_of_a_teu(&scenario.commodities[&commodity]) / 1e9,
            commodity,
            is_export,
            by_air: id.starts_with("air-"),
            teu,
        }
    };
    scenario.flows.iter().map(row).collect()
}

fn fits(listed: &[String], name: &str) -> bool {
    listed.is_empty() || listed.iter().any(|it| it == name)
}

fn in_direction(stated: Option<&str>, is_export: bool) -> bool {
    stated.is_none_or(|stated| (stated == "export") == is_export)
}

#[test]
fn demand_adds_up_to_what_the_sources_give() {
    let rows = rows();
    let mut table = String::from(
        "| what | from the sources | tolerance | flows | how it follows |\n| --- | --- | --- | --- | --- |\n",
    );
    for total in published().total {
        let meant = |row: &&Row| {
            !row.by_air
                && fits(&total.abroad, &row.abroad)
                && fits(&total.goods, &row.commodity)
                && !total.without.contains(&row.commodity)
                && in_direction(total.direction.as_deref(), row.is_export)
        };
        let of = |row: &Row| if total.by_value { row.billion_cny } else { row.teu };
        let all: f64 = rows.iter().filter(meant).map(of).sum();
        let part: f64 = rows
            .iter()
            .filter(meant)
            .filter(|row| {
                total
                    .prefecture
                    .as_ref()
                    .is_none_or(|prefecture| *prefecture == row.prefecture)
            })
            .map(of)
            .sum();
        let found = if total.share { part / all } else { part };
        assert!(
            (found / total.expected - 1.0).abs() <= total.tolerance,
            "{}: the flows come to {found:.2}, the sources to {}",
            total.what,
            total.expected
        );
        let _ = writeln!(
            table,
            "| {} | {} | ±{:.0}% | {} | {} |",
            total.what,
            support::significant(total.expected),
            total.tolerance * 100.0,
            support::significant(found),
            with_derivation(&total.keys, Some(&total.derived)),
        );
    }
    support::section_is_current(DOCUMENT, "totals", &table);
}

#[test]
fn no_region_trades_more_than_is_published() {
    let rows = rows();
    let mut table = String::from(
        "| trade | published, bn CNY a year | flows, bn CNY | share | source |\n| --- | --- | --- | --- | --- |\n",
    );
    for trade in published().trade {
        let year = figure(&trade.key).value_typ.unwrap() * 12.0 / 9.0;
        let found: f64 = rows
            .iter()
            .filter(|row| {
                fits(&trade.abroad, &row.abroad)
                    && fits(&trade.goods, &row.commodity)
                    && in_direction(trade.direction.as_deref(), row.is_export)
            })
            .map(|row| row.billion_cny)
            .sum();
        assert!(found <= year, "{}: {found} of {year}", trade.what);
        let _ = writeln!(
            table,
            "| {} | {year:.1} | {found:.1} | {:.0}% | {} |",
            trade.what,
            found / year * 100.0,
            with_grades(std::slice::from_ref(&trade.key)),
        );
    }
    support::section_is_current(DOCUMENT, "trade", &table);
}

#[test]
fn prefectures_have_about_their_published_shares() {
    let scenario = scenario();
    let rows = rows();
    let sum = |wanted: &dyn Fn(&Row) -> bool, of: &dyn Fn(&Row) -> f64| -> f64 {
        rows.iter().filter(|row| wanted(row)).map(of).sum()
    };
    let teu = |row: &Row| row.teu;
    let value = |row: &Row| row.billion_cny;
    let (all_teu, all_value) = (sum(&|_| true, &teu), sum(&|_| true, &value));
    let prefectures: BTreeSet<&str> = rows.iter().map(|row| row.prefecture.as_str()).collect();
    assert_eq!(prefectures.len(), 14, "{prefectures:?}");
    let mut listed: Vec<(f64, &str)> = prefectures
        .iter()
        .map(|prefecture| {
            (
                figure(&format!("ht.pref.share.{prefecture}")).value_typ.unwrap(),
                *prefecture,
            )
        })
        .collect();
    listed.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut table = String::from(
        "| prefecture | published share of trade | share of the flows' value | share of their TEU | TEU out | TEU in | source |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for (share, prefecture) in listed {
        let here = |row: &Row| row.prefecture == prefecture;
        let found = sum(&here, &value) / all_value;
        assert!(
            (found - share).abs() <= SHARE_TOLERANCE,
            "{prefecture}: {found:.3} of the value, {share} published"
        );
        let _ = writeln!(
            table,
            "| {} | {:.1}% | {:.1}% | {:.1}% | {:.0} | {:.0} | {} |",
            scenario.nodes[prefecture].name.en,
            share * 100.0,
            found * 100.0,
            sum(&here, &teu) / all_teu * 100.0,
            sum(&|row| here(row) && row.is_export, &teu).abs(),
            sum(&|row| here(row) && !row.is_export, &teu).abs(),
            with_grades(&[format!("ht.pref.share.{prefecture}")]),
        );
    }
    support::section_is_current(DOCUMENT, "prefectures", &table);
}

/// The index of a prefecture in what it makes is its share of the exports of a good over its share of the trade; the
/// scenario's sources have it as figures of grade D, which must be those that the flows follow.
#[test]
fn the_indices_of_industry_are_those_of_the_flows() {
    let rows = rows();
    let exports = || rows.iter().filter(|row| row.is_export && !row.by_air);
    let mut by_good: BTreeMap<&str, f64> = BTreeMap::new();
    let mut by_pair: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for row in exports() {
        *by_good.entry(&row.commodity).or_default() += row.teu;
        *by_pair.entry((&row.prefecture, &row.commodity)).or_default() += row.teu;
    }
    for ((prefecture, good), teu) in &by_pair {
        let key = format!("scn.index.{prefecture}.{good}");
        let stated = figure(&key);
        let share = figure(&format!("ht.pref.share.{prefecture}")).value_typ.unwrap();
        let index = teu / by_good[good] / share;
        let written = stated.value_typ.unwrap();
        assert!(
            (index - written).abs() <= 0.006,
            "{key} should be {index:.2}, not {written}"
        );
        assert_eq!(stated.grade, Grade::D, "{key}");
    }
    let stated = scenario()
        .sources
        .keys()
        .filter(|key| key.starts_with("scn.index."))
        .count();
    assert_eq!(stated, by_pair.len(), "indices of goods that are not sent");
}

// ---------------------------------------------------------------------------------------------------------------------
// Services
// ---------------------------------------------------------------------------------------------------------------------

/// Departures a year as timetabled.
fn per_year(service: &Service) -> f64 {
    match &service.departures {
        Departures::Weekly(times) => times.len() as f64 * WEEKS_PER_YEAR,
        Departures::PerWeek(number) => number.expected() * WEEKS_PER_YEAR,
        Departures::Every(interval) => HOURS_PER_YEAR / interval.interval.expected(),
        Departures::Headway(gap) => HOURS_PER_YEAR / gap.expected_family().mean(),
        Departures::Shuttle(_) | Departures::Dated(_) => panic!("not a timetable"),
    }
}

#[test]
fn services_leave_as_often_and_are_as_large_as_published() {
    let services = &scenario().services;
    let mut table = String::from(
        "| services | what | from the sources | tolerance | in the scenario | source |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    let mut covered = BTreeSet::new();
    for stated in published().service {
        let meant: Vec<(&String, &Service)> = services
            .iter()
            .filter(|(id, _)| stated.services.iter().any(|pattern| matches(pattern, id)))
            .collect();
        for pattern in &stated.services {
            assert!(
                meant.iter().any(|(id, _)| matches(pattern, id)),
                "no service fits {pattern}"
            );
        }
        covered.extend(meant.iter().map(|(id, _)| (*id).clone()));
        let mut line = |what: &str, (low, high): (f64, f64), found: (f64, f64)| {
            let within =
                found.0 >= low * (1.0 - stated.tolerance) - 1e-9 && found.1 <= high * (1.0 + stated.tolerance) + 1e-9;
            assert!(
                within,
                "{:?}: {what} {found:?}, published {low} to {high}",
                stated.services
            );
            let names: Vec<String> = stated.services.iter().map(|it| format!("`{it}`")).collect();
            let _ = writeln!(
                table,
                "| {} | {what} | {} | {} | {} | {} |",
                names.join(", "),
                range((low, high)),
                if stated.tolerance > 0.0 {
                    format!("±{:.0}%", stated.tolerance * 100.0)
                } else {
                    String::new()
                },
                range(found),
                with_derivation(&stated.keys, Some(&stated.derived)),
            );
        };
        let departures: f64 = meant.iter().map(|(_, service)| per_year(service)).sum();
        if let Some(range) = stated.per_year {
            line("departures a year", range, (departures, departures));
        }
        if stated.per_week {
            let source = figure(&stated.keys[0]);
            let typical = source.value_typ;
            let ends = (
                source.value_min.or(typical).unwrap(),
                source.value_max.or(typical).unwrap(),
            );
            let weekly = departures / WEEKS_PER_YEAR;
            line("departures a week", ends, (weekly, weekly));
        }
        if let Some(range) = stated.teu {
            let sizes = meant
                .iter()
                .map(|(_, service)| service.capacity.as_ref().unwrap().expected());
            let ends = sizes.fold((f64::INFINITY, 0.0_f64), |(low, high), size| {
                (low.min(size), high.max(size))
            });
            line("TEU a departure", range, ends);
        }
    }
    let scheduled = services.keys().filter(|id| !id.starts_with("other-trains")).count();
    let _ = write!(
        table,
        "\n{} of {scheduled} services with cargo are in the table; how often the others leave is assumed and graded D.",
        covered.len()
    );
    support::section_is_current(DOCUMENT, "services", &table);
}

// ---------------------------------------------------------------------------------------------------------------------
// Ways, sources, borders
// ---------------------------------------------------------------------------------------------------------------------

#[test]
fn ways_are_at_least_the_great_circle_and_less_than_twice_it() {
    let (scenario, tables) = (scenario(), &model().network.tables);
    let mut compared = 0;
    for row in &tables.links {
        let link = &scenario.links[&row.key];
        let (Some(distance), Some(from), Some(to)) = (&link.distance, row.from, row.to) else {
            continue;
        };
        let Some(shortest) = tables.great_circle(from, to) else {
            continue;
        };
        let ratio = distance.expected() / shortest.0;
        assert!(ratio >= 1.0, "{}: {ratio:.2} great circles", row.id);
        let says_why = distance
            .provenance
            .derived
            .as_deref()
            .is_some_and(|derived| !derived.is_empty());
        assert!(
            ratio < 2.0 || says_why,
            "{}: {ratio:.2} great circles, and nothing says why",
            row.id
        );
        compared += 1;
    }
    assert!(compared > 600, "{compared}");
}

fn records() -> Vec<InputRecord> {
    inputs(scenario())
}

#[test]
fn sources_are_known_and_lend_their_grade() {
    let sources = &scenario().sources;
    for record in records() {
        assert!(record.grade.is_some(), "{} has no grade", record.key);
        if record.source.is_empty() {
            assert!(
                !record.derived.is_empty(),
                "{} has neither a source nor a derivation",
                record.key
            );
            continue;
        }
        let source = sources.get(&record.source);
        let source = source.unwrap_or_else(|| panic!("{}: there is no source {}", record.key, record.source));
        if record.derived.is_empty() {
            assert_eq!(
                record.grade,
                Some(source.grade),
                "{} is not graded as {}",
                record.key,
                source.key
            );
        }
        assert!(
            record.grade >= Some(source.grade),
            "{} is graded above {}",
            record.key,
            source.key
        );
    }
}

/// Sources named within an explanation are in the tables too, and no table contradicts another.
#[test]
fn keys_named_in_explanations_are_in_the_tables() {
    let sources = &scenario().sources;
    let groups: BTreeSet<&str> = sources
        .keys()
        .filter_map(|key| key.split_once('.'))
        .map(|(group, _)| group)
        .collect();
    for record in records() {
        for word in record
            .derived
            .split(|it: char| !(it.is_ascii_alphanumeric() || "._*-".contains(it)))
        {
            let word = word.trim_end_matches(['.', '-']);
            let Some((group, rest)) = word.split_once('.') else {
                continue;
            };
            if !groups.contains(group) || rest.is_empty() || rest.starts_with(|it: char| it.is_ascii_digit()) {
                continue;
            }
            let known = sources.keys().any(|key| matches(word, key));
            assert!(known, "{}: there is no source {word}", record.key);
        }
    }
}

#[test]
fn tables_of_sources_agree_with_each_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/hunan/sources");
    let mut seen: BTreeMap<String, (String, csv::StringRecord)> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for row in csv::Reader::from_path(&path).unwrap().records() {
            let row = row.unwrap();
            let key = row[0].to_owned();
            if let Some((other, earlier)) = seen.get(&key) {
                assert_eq!(*earlier, row, "{key} in {other} and {name}");
            }
            seen.insert(key, (name.clone(), row));
        }
    }
}

/// The time that a source gives for a whole border is not used beside the times of its parts: of what a train passes at one
/// border, at most one is after the total, and that one says what was taken off or that it was fitted.
#[test]
fn borders_have_their_total_or_their_parts() {
    let scenario = scenario();
    let total = |source: Option<&String>| source.is_some_and(|key| key.starts_with("bc.") && key.contains(".dwell."));
    for (id, service) in &scenario.services {
        let mut used: BTreeMap<&String, &String> = BTreeMap::new();
        for facility in service.at.values().flat_map(|stop| &stop.facilities) {
            let Some(time) = &scenario.facilities[facility].time else {
                continue;
            };
            let provenance = &time.provenance;
            if !total(provenance.source.as_ref()) {
                continue;
            }
            let source = provenance.source.as_ref().unwrap();
            if let Some(other) = used.insert(source, facility) {
                panic!("{id} passes {other} and {facility}, both after {source}");
            }
            let derived = provenance.derived.as_deref().unwrap_or_default();
            let says = ["less", "fitted", "lower part"]
                .iter()
                .any(|word| derived.contains(word));
            assert!(
                says,
                "{facility} is after {source}, but does not say what is left of it"
            );
        }
    }
}
