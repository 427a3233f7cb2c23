//! A short run of each shipped scenario whose headline numbers are kept: what changes them must mean to.

use crate::support;
use corridor::experiment::{Effort, Options};
use corridor::report::{Report, Selection, terminal_summary};
use corridor::scenario::files::shipped_names;
use corridor::scenario::settings::Language;
use std::fmt::Write as _;
use std::fs;

#[test]
fn shipped_scenarios_give_the_same_numbers() {
    for name in shipped_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scenario.toml");
        // The reference workloads are meant to be long.
        let shorter = if name.starts_with("reference/") {
            "consignments = 5000\n"
        } else {
            ""
        };
        let text = format!("[scenario]\nextends = \"{name}\"\n\n[run]\nreplications = 2\n{shorter}");
        fs::write(&path, text).unwrap();
        let results = support::run_file(&path);
        let mut lines = String::new();
        for indicator in &results.catalogue.indicators {
            let key = indicator.key();
            if indicator.is_headline() {
                let _ = writeln!(lines, "{key} = {}", support::significant(results.value(&key)));
            }
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("snapshots/golden");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name.replace('/', "-"), lines));
    }
}

#[test]
fn the_readme_shows_what_the_default_run_says() {
    let results = support::default_run();
    let run = &results.model.scenario.run;
    let options = Options {
        seed: run.seed,
        effort: Effort::Fixed(run.replications),
        threads: None,
    };
    let report = Report {
        model: &results.model,
        catalogue: &results.catalogue,
        aggregate: &results.aggregate,
        estimates: &results.estimates,
        warnings: &[],
        options: &options,
        language: Language::En,
        selection: &Selection::default(),
        interrupted: false,
        equilibrium: None,
        inputs: Vec::new(),
    };
    let summary = terminal_summary(&report);
    let lines: Vec<&str> = summary.lines().map(str::trim_end).collect();
    support::section_is_current("README.md", "summary", &format!("```text\n{}\n```", lines.join("\n")));
}
