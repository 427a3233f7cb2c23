//! The state of a run: merged results in a form from which it can be resumed.

use super::Report;
use super::folder::{FolderError, replace_bytes, write_bytes, write_text};
use super::summary::scenario_hash;
use crate::experiment::{Aggregate, Equilibrium};
use crate::model::Model;
use crate::scenario::quantity::Grade;
use crate::scenario::{Overlay, Scenario};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs;
use std::path::Path;

/// The file in a run's folder.
const FILE: &str = "state.bin";

/// Merged results, with what they belong to.
#[derive(Serialize, Deserialize)]
pub struct State {
    version: String,
    scenario: String,
    /// Seed of the run.
    pub seed: u64,
    /// The warm-up in hours.
    pub warm_up_hours: f64,
    /// The equilibrium of shippers' choice, where they choose by experience.
    pub equilibrium: Option<Equilibrium>,
    /// The results.
    pub aggregate: Aggregate,
}

/// Why a run cannot be resumed.
#[derive(Debug)]
pub enum StateError {
    /// There is nothing to resume from.
    Missing(String),
    /// It belongs to another version of the program.
    OtherVersion(String),
    /// It belongs to another scenario.
    OtherScenario,
    /// It was left by another command.
    OtherCommand(String),
    /// It cannot be read.
    Damaged(String),
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(why) => write!(f, "there is no run to resume: {why}"),
            Self::OtherVersion(version) => {
                write!(
                    f,
                    "the run was made by version {version} of corridor, this is {}",
                    env!("CARGO_PKG_VERSION")
                )
            }
            Self::OtherScenario => write!(f, "the scenario has changed since the run was made"),
            Self::OtherCommand(command) => write!(f, "the folder is that of a study by `corridor {command}`"),
            Self::Damaged(why) => write!(f, "the state of the run cannot be read: {why}"),
        }
    }
}

impl std::error::Error for StateError {}

pub(super) fn write_state(report: &Report<'_>, folder: &Path) -> Result<(), FolderError> {
    let state = State {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario_hash(&report.model.scenario),
        seed: report.options.seed,
        warm_up_hours: report.model.typical.window.begin.hours(),
        equilibrium: report.equilibrium.cloned(),
        aggregate: report.aggregate.clone(),
    };
    write_sealed(&state, folder)
}

/// Writes a state, which begins with the version of the program, behind its checksum.
fn write_sealed(state: &impl Serialize, folder: &Path) -> Result<(), FolderError> {
    write_bytes(folder, FILE, &sealed(state, folder)?)
}

fn sealed(state: &impl Serialize, folder: &Path) -> Result<Vec<u8>, FolderError> {
    let bytes =
        postcard::to_stdvec(state).map_err(|error| FolderError::Content(folder.join(FILE), error.to_string()))?;
    let mut file = Sha256::digest(&bytes).to_vec();
    file.extend(bytes);
    Ok(file)
}

/// Reads what [`write_sealed`] has written.
fn read_sealed<S: DeserializeOwned>(folder: &Path) -> Result<S, StateError> {
    let path = folder.join(FILE);
    let bytes = fs::read(&path).map_err(|error| StateError::Missing(format!("{}: {error}", path.display())))?;
    let damaged = || StateError::Damaged("it is not what was written".to_owned());
    let (sum, bytes) = bytes
        .split_at_checked(<Sha256 as Digest>::output_size())
        .ok_or_else(damaged)?;
    if Sha256::digest(bytes).as_slice() != sum {
        return Err(damaged());
    }
    let (version, _) =
        postcard::take_from_bytes::<String>(bytes).map_err(|error| StateError::Damaged(error.to_string()))?;
    if version != env!("CARGO_PKG_VERSION") {
        return Err(StateError::OtherVersion(version));
    }
    postcard::from_bytes(bytes).map_err(|error| StateError::Damaged(error.to_string()))
}

/// The state of a study of several scenarios, from which it can be resumed.
#[derive(Serialize, Deserialize)]
pub struct StudyState<R> {
    version: String,
    /// The command that made it.
    pub command: String,
    /// Seed of the study.
    pub seed: u64,
    /// The scenarios that are ready to be run, in the order of the study.
    pub subjects: Vec<Subject>,
    /// Results.
    pub results: R,
}

/// A scenario of a study, as it was made ready.
#[derive(Clone, Serialize, Deserialize)]
pub struct Subject {
    /// What it is called in the study.
    pub label: String,
    /// The name of the scenario.
    pub scenario: String,
    /// Measures laid over it.
    pub measures: Vec<String>,
    /// Whether its shocks are taken out.
    pub without_shocks: bool,
    /// The grade from which on inputs are held at their expected values.
    pub hold_grade: Option<Grade>,
    /// Of all that was read.
    hash: String,
    /// The warm-up in hours.
    pub warm_up_hours: f64,
    /// What its shippers have learnt, where they choose by experience.
    pub equilibrium: Option<Equilibrium>,
}

impl Subject {
    /// The scenario called `scenario` as `model` has it.
    pub fn new(
        label: &str,
        scenario: &str,
        overlay: &Overlay,
        model: &Model,
        equilibrium: Option<&Equilibrium>,
    ) -> Self {
        Self {
            label: label.to_owned(),
            scenario: scenario.to_owned(),
            measures: overlay.measures.clone(),
            without_shocks: overlay.without_shocks,
            hold_grade: overlay.hold_grade,
            hash: scenario_hash(&model.scenario),
            warm_up_hours: model.typical.window.begin.hours(),
            equilibrium: equilibrium.cloned(),
        }
    }

    /// Whether it is the twin of another, with inputs held: nothing else has them held by its overlay.
    pub fn is_twin(&self) -> bool {
        self.hold_grade.is_some()
    }

    /// The same with inputs of `grade` and worse held; its shippers have learnt the same.
    #[must_use]
    pub fn holding(&self, grade: Grade) -> Self {
        Self {
            label: format!("{}, grade {grade:?} held", self.label),
            hold_grade: Some(grade),
            ..self.clone()
        }
    }

    /// What is laid over it.
    pub fn overlay(&self) -> Overlay {
        Overlay {
            measures: self.measures.clone(),
            without_shocks: self.without_shocks,
            hold_grade: self.hold_grade,
        }
    }

    /// Whether `scenario` is what it was made of.
    ///
    /// # Errors
    /// When it has changed.
    pub fn check(&self, scenario: &Scenario) -> Result<(), StateError> {
        if self.hash == scenario_hash(scenario) {
            Ok(())
        } else {
            Err(StateError::OtherScenario)
        }
    }
}

impl<R: Serialize> StudyState<R> {
    /// That of a study by `command`.
    pub fn new(command: &str, seed: u64, subjects: &[Subject], results: R) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: command.to_owned(),
            seed,
            subjects: subjects.to_vec(),
            results,
        }
    }

    /// Writes it into the folder of the study, and what the study is in a form to be read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), FolderError> {
        let of_subject = |subject: &Subject| {
            json!({
                "label": subject.label,
                "scenario": subject.scenario,
                "measures": subject.measures,
                "without_shocks": subject.without_shocks,
                "hold_grade": subject.hold_grade,
                "scenario_sha256": subject.hash,
                "warm_up_hours": subject.warm_up_hours,
                "rounds_to_equilibrium": subject.equilibrium.as_ref().map(|it| it.rounds.len()),
            })
        };
        let manifest = json!({
            "program": "corridor",
            "version": self.version,
            "command": self.command,
            "seed": self.seed,
            "scenarios": self.subjects.iter().map(of_subject).collect::<Vec<_>>(),
        });
        write_text(folder, "manifest.json", &format!("{manifest:#}\n"))?;
        write_sealed(self, folder)
    }

    /// Puts it in place of the state that is in the folder of the study; the rest there stays as it is.
    ///
    /// # Errors
    /// When it cannot be written; then the state before is still there.
    pub fn update(&self, folder: &Path) -> Result<(), FolderError> {
        replace_bytes(folder, FILE, &sealed(self, folder)?)
    }
}

/// Reads the state of a study made by `command`.
///
/// # Errors
/// When there is none in the folder, or it is that of something else.
pub fn read_study<R: DeserializeOwned>(folder: &Path, command: &str) -> Result<StudyState<R>, StateError> {
    // What the results are depends on the command, so that is looked at first.
    let made_by = read_sealed::<StudyState<()>>(folder)?.command;
    if made_by != command {
        return Err(StateError::OtherCommand(made_by));
    }
    read_sealed(folder)
}

/// Reads the state of the run in `folder`, which must belong to `scenario`.
///
/// # Errors
/// When there is none, or it belongs to something else.
pub fn read_state(folder: &Path, scenario: &Scenario) -> Result<State, StateError> {
    let state: State = read_sealed(folder)?;
    if state.scenario != scenario_hash(scenario) {
        return Err(StateError::OtherScenario);
    }
    Ok(state)
}
