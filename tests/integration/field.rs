//! Figures observed in the field beside what the shipped scenarios give: a generated table that may not drift.
//!
//! `tests/validation/field.toml` says what was observed and how it is read off a run. Whatever lies outside its band must
//! say why; nothing is bent to fit. `UPDATE_DOCS=1 cargo test field` writes the table anew.

use crate::comparison::{Case, range, with_half_width};
use crate::support;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    case: Vec<Case>,
}

#[test]
fn the_table_of_field_figures_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validation/field.toml");
    let field: Field = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut runs, mut faults) = (BTreeMap::new(), Vec::new());
    let mut table =
        String::from("| case | what | observed | band | simulated | |\n| --- | --- | --- | --- | --- | --- |\n");
    let mut cases: Vec<&Case> = field.case.iter().collect();
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    for case in cases {
        let observed = format!("{} ({})", range(case.observed), case.source);
        if let Some(reason) = &case.not_modelled {
            let _ = writeln!(
                table,
                "| {} | {} | {observed} | | | not modelled: {reason} |",
                case.id, case.what
            );
            continue;
        }
        let found = case.find(&mut runs);
        faults.extend(found.fault);
        let _ = writeln!(
            table,
            "| {} | {} | {observed} | {} | {} | {} |",
            case.id,
            case.what,
            range(found.band),
            with_half_width(found.simulated, found.half_width),
            found.verdict,
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    support::section_is_current("docs/validation.md", "field", &table);
}
