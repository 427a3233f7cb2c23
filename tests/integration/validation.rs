//! The catalogue of validation cases: scenario files whose answers are known in closed form.
//!
//! `tests/validation/cases.toml` names for each case a scenario file, the indicators to compare and the theory. The test
//! asserts every theoretical value within its tolerance and then that `docs/validation.md` still says what was found;
//! `UPDATE_DOCS=1 cargo test validation` writes it anew.

use crate::support::{self, Results};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    title: String,
    source: String,
    scenario: String,
    checks: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    what: String,
    indicator: Option<String>,
    terms: Option<Vec<(String, f64)>>,
    theory: f64,
    scale: f64,
    mc: Option<f64>,
    exact: Option<f64>,
    within: Option<f64>,
    at_most: Option<bool>,
}

/// What came of a check, in the unit of the theory.
struct Finding {
    simulated: f64,
    half_width: f64,
    tolerance: String,
    fault: Option<String>,
}

/// Standard errors from theory beyond which a Monte Carlo check fails.
const STANDARD_ERRORS: f64 = 3.5;

impl Check {
    fn judge(&self, results: &Results) -> Finding {
        let terms = self.terms.iter().flatten().map(|(key, factor)| (key, *factor));
        let terms = terms.chain(self.indicator.iter().map(|key| (key, 1.0)));
        let (mut simulated, mut half_width, mut standard_error) = (0.0, 0.0, 0.0);
        for (key, factor) in terms {
            let estimate = results.estimate(key);
            let factor = factor / self.scale;
            simulated += factor * estimate.interval.estimate;
            half_width += factor.abs() * estimate.interval.half_width();
            standard_error += factor.abs() * estimate.standard_error;
        }
        let distance = (simulated - self.theory).abs();
        let fail = |failed: bool, why: String| failed.then_some(why);
        let (tolerance, fault) = if let Some(relative) = self.mc {
            let errors = distance / standard_error;
            let width = half_width / self.theory.abs();
            let fault = fail(
                errors > STANDARD_ERRORS,
                format!("{errors:.2} standard errors from theory"),
            )
            .or(fail(
                width > relative,
                format!(
                    "half-width {:.2}% of the value, {:.2}% wanted",
                    width * 100.0,
                    relative * 100.0
                ),
            ));
            (format!("3.5 SE, ±{}%", relative * 100.0), fault)
        } else if let Some(relative) = self.exact.or(self.within) {
            let share = distance / self.theory.abs();
            (
                format!("relative {relative:.0e}"),
                fail(share > relative, format!("{share:.2e} from theory, relatively")),
            )
        } else {
            assert_eq!(self.at_most, Some(true), "{}: states no tolerance", self.what);
            (
                "at most".to_owned(),
                fail(simulated > self.theory, "above the bound".to_owned()),
            )
        };
        let fault = fault.or(fail(!simulated.is_finite(), "not measured".to_owned()));
        Finding {
            simulated,
            half_width,
            tolerance,
            fault,
        }
    }
}

#[test]
fn every_case_agrees_with_theory() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validation");
    let text = std::fs::read_to_string(folder.join("cases.toml")).unwrap();
    let cases: BTreeMap<String, Case> = toml::from_str(&text).unwrap();
    let only = std::env::var("CASE").ok();
    let mut table = String::from(
        "| case | what it is | quantity | theory | simulated | 95% interval | tolerance | verdict |\n\
         | --- | --- | --- | ---: | ---: | ---: | --- | --- |\n",
    );
    let mut faults = Vec::new();
    for (id, case) in cases
        .iter()
        .filter(|(id, _)| only.as_ref().is_none_or(|only| id.starts_with(only.as_str())))
    {
        let results = support::run_file(&folder.join(&case.scenario));
        for check in &case.checks {
            let finding = check.judge(&results);
            let verdict = if finding.fault.is_none() {
                "agrees"
            } else {
                "**differs**"
            };
            if let Some(fault) = &finding.fault {
                faults.push(format!(
                    "{id} {}: theory {}, simulated {} ±{}: {fault}",
                    check.what, check.theory, finding.simulated, finding.half_width
                ));
            }
            let interval = if finding.half_width > 0.0 {
                let (low, high) = (
                    finding.simulated - finding.half_width,
                    finding.simulated + finding.half_width,
                );
                format!("{} – {}", support::significant(low), support::significant(high))
            } else {
                "–".to_owned()
            };
            let _ = writeln!(
                table,
                "| {id} | {} | {} | {} | {} | {interval} | {} | {verdict} |",
                case.title.replace('|', "/"),
                check.what,
                support::significant(check.theory),
                support::significant(finding.simulated),
                finding.tolerance
            );
        }
        let _ = &case.source;
    }
    assert!(
        faults.is_empty(),
        "{} of the checks differ from theory:\n{}",
        faults.len(),
        faults.join("\n")
    );
    if only.is_none() {
        support::section_is_current("docs/validation.md", "cases", &table);
    }
}
