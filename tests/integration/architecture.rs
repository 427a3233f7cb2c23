//! Guards of the repository: modules point one way, files stay readable, links resolve, shipped scenarios are sound.

use corridor::scenario;
use corridor::scenario::files::shipped_names;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder` with one of the endings, without build products and hidden folders.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "output"].contains(&name.as_str()) {
                found.extend(files(&path, ending));
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Each source file with its path from the root and its text.
fn sources() -> Vec<(String, String)> {
    files(&root().join("src"), ".rs")
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The code of a line, without what is only said about it.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

#[test]
fn modules_use_only_what_stands_above_them() {
    let library = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let modules: Vec<&str> = library
        .lines()
        .filter_map(|line| {
            line.strip_prefix("pub mod ")
                .or(line.strip_prefix("mod "))?
                .strip_suffix(';')
        })
        .collect();
    assert_eq!(modules.last(), Some(&"cli"), "the command line comes last: {modules:?}");
    let mut downwards = Vec::new();
    for (name, text) in sources() {
        let module = name
            .trim_start_matches("src/")
            .split(['/', '.'])
            .next()
            .unwrap()
            .to_owned();
        let Some(own) = modules.iter().position(|it| *it == module) else {
            assert!(
                ["main", "lib"].contains(&module.as_str()),
                "{name} belongs to no module"
            );
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            for used in code(line).split("crate::").skip(1) {
                // `use crate::{a, b}` would hide what is used from this test and from readers.
                let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                match modules.iter().position(|it| *it == used) {
                    Some(at) if at <= own => {}
                    Some(_) => downwards.push(format!("{name}:{}: {module} uses {used}", number + 1)),
                    None => downwards.push(format!("{name}:{}: crate::{used} is not a module", number + 1)),
                }
            }
        }
    }
    assert!(downwards.is_empty(), "uses that point down:\n{}", downwards.join("\n"));
}

#[test]
fn the_simulation_touches_nothing_outside() {
    let forbidden = [
        "std::io",
        "std::fs",
        "std::env",
        "std::time",
        "std::thread",
        "std::net",
        "std::process",
        "rayon",
        "println!",
        "eprintln!",
        "print!",
        "dbg!",
    ];
    for (name, text) in sources().iter().filter(|(name, _)| name.starts_with("src/simulation")) {
        for (number, line) in text.lines().enumerate() {
            let found = forbidden.iter().find(|word| code(line).contains(*word));
            assert!(
                found.is_none(),
                "{name}:{}: a simulation must not use {found:?}",
                number + 1
            );
        }
    }
}

#[test]
fn files_stay_readable() {
    for (name, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 650, "{name} has {lines} lines; split it by noun");
        for (number, line) in text.lines().enumerate() {
            let unfinished = ["todo!(", "unimplemented!("]
                .iter()
                .any(|word| code(line).contains(word));
            assert!(!unfinished, "{name}:{}: unfinished", number + 1);
        }
    }
}

#[test]
fn links_between_documents_resolve() {
    let mut broken = Vec::new();
    for path in files(root(), ".md") {
        let text = fs::read_to_string(&path).unwrap();
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            let target = target.split(['#', ' ']).next().unwrap_or_default();
            let outside = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !outside && !path.parent().unwrap().join(target).exists() {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn shipped_scenarios_are_listed() {
    let list = root().join("scenarios/README.md");
    let Ok(text) = fs::read_to_string(&list) else { return };
    for name in shipped_names() {
        assert!(
            text.contains(&format!("`{name}`")),
            "{} does not list `{name}`",
            list.display()
        );
    }
}

#[test]
fn shipped_scenarios_survive_being_written_out() {
    assert!(!shipped_names().is_empty());
    for name in shipped_names() {
        let scenario = scenario::load(&name).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        let folder = tempfile::tempdir().unwrap();
        // Sources are looked up beside the file; a written scenario stands in a folder of its own.
        for (source, text) in scenario.source_tables() {
            let path = folder.path().join(source);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let path = folder.path().join("scenario.toml");
        fs::write(&path, scenario.resolved()).unwrap();
        let again = scenario::load(&path.display().to_string()).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        assert_eq!(scenario.resolved(), again.resolved(), "{name}");
    }
}
