//! Bad input: for each kind one small scenario in `tests/bad_input`, and what the user is told.

use corridor::model;
use corridor::scenario;
use corridor::units::SimSpan;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files that others extend.
const PARTS: [&str; 2] = ["base.toml", "circular-extends-2.toml"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_input")
}

fn check(file: &str, options: &[&str]) -> (Option<i32>, String, String) {
    let output = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("corridor"))
        .current_dir(folder())
        .arg("check")
        .arg(file)
        .args(options)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn every_fault_is_shown_with_place_and_remedy() {
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".toml") && !PARTS.contains(&name.as_str()))
        .collect();
    files.sort();
    assert!(files.len() > 50);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/bad_input");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for file in &files {
            let (code, stdout, stderr) = check(file, &[]);
            assert_eq!((code, stdout.as_str()), (Some(3), ""), "{file}: {stderr}");
            assert_eq!(
                stderr.matches("help: ").count(),
                stderr.matches(['×', '⚠']).count(),
                "{file}: {stderr}"
            );
            insta::assert_snapshot!(file.trim_end_matches(".toml"), stderr);
        }
    });
}

#[test]
fn twelve_faults_are_found_at_once() {
    let (_, stdout, _) = check("twelve-faults.toml", &["--json"]);
    let found: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(found["scenario"], "twelve-faults.toml");
    assert_eq!(
        (&found["errors"], &found["warnings"]),
        (&12.into(), &0.into()),
        "{stdout}"
    );
    let faults = found["faults"].as_array().unwrap();
    assert_eq!(faults.len(), 12, "{stdout}");
    for fault in faults {
        assert_eq!(fault["weight"], "error");
        assert!(fault["line"].is_u64() && fault["column"].is_u64(), "{fault}");
        for key in ["code", "key", "message", "remedy", "file"] {
            assert!(
                fault[key].as_str().is_some_and(|text| !text.is_empty()),
                "{key}: {fault}"
            );
        }
    }
}

#[test]
fn files_that_are_no_scenarios_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("binary.toml");
    fs::write(&path, [0xff, 0xfe, 0x00, 0x80]).unwrap();
    let faults = scenario::load(&path.display().to_string()).unwrap_err();
    assert!(faults.to_string().contains("is not text in UTF-8"), "{faults}");
    let faults = scenario::load("no/such/file.toml").unwrap_err();
    assert!(faults.to_string().contains("there is no scenario"), "{faults}");
    // Twenty files that extend one another, without a circle.
    for number in 0..20 {
        let text = format!("[scenario]\nextends = \"{}.toml\"\n", number + 1);
        fs::write(folder.path().join(format!("{number}.toml")), text).unwrap();
    }
    fs::write(folder.path().join("20.toml"), "").unwrap();
    let faults = scenario::load(&folder.path().join("0.toml").display().to_string()).unwrap_err();
    assert!(faults.to_string().contains("follow one another"), "{faults}");
}

/// What tokens are replaced by: values that have caught programs before.
const NASTY: [&str; 24] = [
    "0",
    "-1",
    "1e308",
    "nan",
    "inf",
    "9223372036854775807",
    "\"\"",
    "\"0 h\"",
    "\"-3 d\"",
    "\"1e300 h\"",
    "[]",
    "{}",
    "true",
    "\"*\"",
    "[[1, 2]]",
    "\"36 h\"",
    "\"9999-12-31\"",
    "\"0001-01-01\"",
    "\"node.a\"",
    "=",
    "\"\u{4e2d}\u{6587}\"",
    "\"a\"",
    "\"always\"",
    "[flow.x]",
];

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    for letter in text.chars() {
        let ends = " \n=,{}[].".contains(letter);
        if ends {
            tokens.push(letter.to_string());
            tokens.push(String::new());
        } else if let Some(last) = tokens.last_mut() {
            last.push(letter);
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mangled_scenarios_never_panic(
        which in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, 0..NASTY.len()), 1..6),
    ) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = ["scenarios/reference/w2.toml", "tests/bad_input/base.toml", "tests/bad_input/bad-dates.toml"][which];
        let mut tokens = tokens(&fs::read_to_string(root.join(file)).unwrap());
        for (at, how, nasty) in changes {
            let at = at.index(tokens.len());
            match how {
                0 => { tokens.remove(at); }
                1 => { let token = tokens[at].clone(); tokens.insert(at, token); }
                _ => tokens[at] = NASTY[nasty].to_owned(),
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scenario.toml");
        fs::write(&path, tokens.concat()).unwrap();
        match scenario::load(&path.display().to_string()) {
            Ok(scenario) => {
                // What has been found to be in order can be compiled, or has no way through for its goods.
                if let Err(faults) = model::build(Arc::new(scenario), SimSpan::ZERO) {
                    let known = ["no-route", "goods-not-admitted", "too-large"];
                    prop_assert!(faults.list.iter().all(|fault| known.contains(&fault.code)), "{}", faults);
                }
            }
            Err(faults) => prop_assert!(faults.any_error()),
        }
    }
}
