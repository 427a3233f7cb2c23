//! A short run of each shipped scenario whose headline numbers are kept: what changes them must mean to.

use crate::support;
use corridor::scenario::files::shipped_names;
use std::fmt::Write as _;
use std::fs;

/// Indicators of the whole system that every scenario has.
const HEADLINES: [&str; 4] = [
    "system.generated",
    "system.delivered",
    "system.transit_days_mean",
    "system.transit_days_p95",
];

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
            let headline =
                HEADLINES.contains(&key.as_str()) || key.starts_with("corridor.") && key.contains("transit_days");
            if headline {
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
