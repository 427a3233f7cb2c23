//! What the tests share: running scenarios, comparing generated documents.

use corridor::experiment::{self, Aggregate, Effort, Estimate, Options, estimates};
use corridor::indicator::Catalogue;
use corridor::model::{self, Model};
use corridor::scenario;
use corridor::scenario::demand::Commodity;
use corridor::units::SimSpan;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

/// What came of a run.
pub struct Results {
    pub model: Model,
    pub catalogue: Catalogue,
    pub aggregate: Aggregate,
    pub estimates: Vec<Estimate>,
}

impl Results {
    /// The estimate of the indicator called `key`.
    pub fn estimate(&self, key: &str) -> Estimate {
        let number = self.catalogue.find(key).unwrap_or_else(|| {
            let known: Vec<String> = self.catalogue.indicators.iter().map(|it| it.key()).collect();
            panic!("there is no indicator {key}; known: {}", known.join(", "))
        });
        self.estimates[number]
    }

    /// The value of the indicator called `key`.
    pub fn value(&self, key: &str) -> f64 {
        self.estimate(key).interval.estimate
    }
}

/// A compiled scenario; faults are shown.
pub fn build(name: &str) -> Model {
    let scenario = scenario::load(name).unwrap_or_else(|faults| panic!("{name}: {faults}"));
    model::build(Arc::new(scenario), SimSpan::ZERO).unwrap_or_else(|faults| panic!("{name}: {faults}"))
}

/// Runs a model with the replications and seed that its scenario states.
pub fn run_model(model: Model, threads: usize) -> Results {
    let replications = model.scenario.run.replications;
    run_replications(model, threads, replications)
}

/// Runs a model with so many replications and the seed that its scenario states.
pub fn run_replications(model: Model, threads: usize, replications: u64) -> Results {
    let catalogue = Catalogue::of(&model);
    let options = Options {
        seed: model.scenario.run.seed,
        effort: Effort::Fixed(replications),
        threads: Some(threads),
    };
    let outcome = experiment::run(&model, &catalogue, &options, None, &|_, _| {}, &AtomicBool::new(false)).unwrap();
    let aggregate = outcome.aggregate;
    assert!(aggregate.violations.is_empty(), "{:?}", aggregate.violations);
    let estimates = estimates(&aggregate, &catalogue, model.scenario.run.confidence);
    Results {
        model,
        catalogue,
        aggregate,
        estimates,
    }
}

/// Runs a scenario file on two threads.
pub fn run_file(path: &Path) -> Results {
    run_model(build(&path.display().to_string()), 2)
}

/// A compiled scenario whose shippers choose in equilibrium.
pub fn build_in_equilibrium(name: &str) -> Model {
    let mut model = build(name);
    let seed = model.scenario.run.seed;
    let found = experiment::find_equilibrium(&mut model, seed, Some(2), &|_, _| {}).unwrap();
    assert!(found.is_none_or(|found| found.reached), "{name}: no equilibrium");
    model
}

/// The default scenario, run as it says; once for all tests that need it.
pub fn default_run() -> &'static Results {
    static RUN: OnceLock<Results> = OnceLock::new();
    RUN.get_or_init(|| run_model(build_in_equilibrium("hunan"), 2))
}

/// What a TEU of goods is worth, CNY.
pub fn value_of_a_teu(commodity: &Commodity) -> f64 {
    let density = commodity.density.as_ref().map_or(10.0, |density| density.expected());
    density * commodity.value.as_ref().map_or(0.0, |value| value.expected())
}

/// Writes a scenario into a folder of its own and gives its path.
pub fn scratch(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenario.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

/// Runs a scenario given as text.
pub fn run_text(text: &str) -> Results {
    let (_folder, path) = scratch(text);
    run_file(&path)
}

/// Five significant digits.
pub fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = (4 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Asserts that the part of a document between `<!-- begin NAME -->` and `<!-- end NAME -->` is as generated; writes it
/// when `UPDATE_DOCS` is set.
pub fn section_is_current(document: &str, name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let from = text
        .find(&begin)
        .unwrap_or_else(|| panic!("{document} has no section {name}"))
        + begin.len();
    let to = text[from..]
        .find(&end)
        .unwrap_or_else(|| panic!("{document} has no end of section {name}"))
        + from;
    let generated = format!("{}\n", generated.trim_end());
    if text[from..to] == generated {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{}{generated}{}", &text[..from], &text[to..])).unwrap();
        return;
    }
    panic!("{document}, section {name}, is out of date: write it anew with UPDATE_DOCS=1 cargo test");
}
