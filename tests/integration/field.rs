//! Figures observed in the field beside what the shipped scenarios give: a generated table that may not drift.
//!
//! `tests/validation/field.toml` says what was observed and how it is read off a run. Whatever lies outside its band must
//! say why; nothing is bent to fit. `UPDATE_DOCS=1 cargo test field` writes the table anew.

use crate::support::{self, Results};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    what: String,
    observed: (f64, f64),
    #[serde(default)]
    widen: f64,
    source: String,
    #[serde(default)]
    terms: Vec<(String, f64)>,
    scenario: Option<String>,
    less: Option<String>,
    not_modelled: Option<String>,
    why: Option<String>,
}

const REPLICATIONS: u64 = 10;

fn run(name: &str) -> Results {
    let text = format!("[scenario]\nextends = \"{name}\"\n\n[run]\nreplications = {REPLICATIONS}\n");
    support::run_text(&text)
}

/// The sum of a case's terms and a bound of its half-width: the terms need not be independent.
fn read(results: &Results, terms: &[(String, f64)]) -> (f64, f64) {
    terms.iter().fold((0.0, 0.0), |(sum, width), (key, factor)| {
        let interval = results.estimate(key).interval;
        (
            sum + factor * interval.estimate,
            width + (factor * (interval.upper - interval.lower) / 2.0).abs(),
        )
    })
}

fn range(low: f64, high: f64) -> String {
    if low == high {
        support::significant(low)
    } else {
        format!("{} – {}", support::significant(low), support::significant(high))
    }
}

#[test]
fn the_table_of_field_figures_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validation/field.toml");
    let field: Field = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut runs: BTreeMap<String, Results> = BTreeMap::new();
    let mut table =
        String::from("| case | what | observed | band | simulated | |\n| --- | --- | --- | --- | --- | --- |\n");
    let mut cases: Vec<&Case> = field.case.iter().collect();
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    for case in cases {
        let (low, high) = case.observed;
        let observed = format!("{} ({})", range(low, high), case.source);
        if let Some(reason) = &case.not_modelled {
            let _ = writeln!(
                table,
                "| {} | {} | {observed} | | | not modelled: {reason} |",
                case.id, case.what
            );
            continue;
        }
        let mut value = |name: &str| {
            let results = runs.entry(name.to_owned()).or_insert_with(|| run(name));
            read(results, &case.terms)
        };
        let (mut simulated, mut width) = value(case.scenario.as_deref().unwrap_or("hunan"));
        if let Some(base) = &case.less {
            let (other, its_width) = value(base);
            (simulated, width) = (simulated - other, width + its_width);
        }
        let (low, high) = (low * (1.0 - case.widen), high * (1.0 + case.widen));
        let inside = simulated >= low && simulated <= high;
        let verdict = match (&case.why, inside) {
            (_, true) => "inside".to_owned(),
            (Some(why), false) => format!("outside: {why}"),
            (None, false) => panic!(
                "{} {}: {simulated} is outside {low} - {high} and nothing says why",
                case.id, case.what
            ),
        };
        let _ = writeln!(
            table,
            "| {} | {} | {observed} | {} | {simulated:.2} ± {width:.2} | {verdict} |",
            case.id,
            case.what,
            range(low, high),
        );
    }
    support::section_is_current("docs/validation.md", "field", &table);
}
