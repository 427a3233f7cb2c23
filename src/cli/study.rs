//! What commands that run several scenarios have in common: making them ready, and their folder.

use super::Failure;
use super::arguments::{DEFAULT_SCENARIO, OverlayOptions, StudyOptions};
use super::commands::{ground, load};
use super::prepare::{compile, settle_choice, settle_warm_up};
use super::run::{OUTPUT, not_written};
use super::talk::Talk;
use crate::experiment::{Effort, Options};
use crate::model::Model;
use crate::report::{FolderError, RunFolder, StateError, Subject, Word, free_name};
use crate::scenario::settings::Language;
use crate::scenario::{Overlay, measures_beside};
use crate::units::SimSpan;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The scenario called `name` as it is read with `overlay`, called `label`: its warm-up and the choice of its shippers settled.
pub(super) fn make_ready(
    label: &str,
    (name, overlay): (&str, &Overlay),
    study: &StudyOptions,
    talk: &Talk,
) -> Result<(Subject, Model), Failure> {
    let language: Language = study.lang.into();
    let scenario = Arc::new(load(name, overlay, talk)?);
    talk.warnings(&scenario.warnings());
    let run = Options {
        seed: study.seed.unwrap_or(scenario.run.seed),
        effort: Effort::Fixed(1),
        threads: study.threads.map(|threads| threads as usize),
    };
    talk.say(&Word::Preparing.filled(language, &[&label]));
    let mut findings = Vec::new();
    let mut model = settle_warm_up(&scenario, &run, &mut findings, language, talk)?;
    let equilibrium = settle_choice(&mut model, &run, study.no_equilibrium, language, talk)?;
    if let Some(found) = equilibrium.as_ref().filter(|found| !found.reached) {
        let gap = format!("{:.2}", 100.0 * found.gap());
        talk.warn(&Word::StillApart.filled(language, &[&label, &gap]));
    }
    let subject = Subject::new(label, name, overlay, &model, equilibrium.as_ref());
    Ok((subject, model))
}

/// A scenario as it was made ready before.
pub(super) fn make_again(subject: &Subject, talk: &Talk) -> Result<Model, Failure> {
    let scenario = Arc::new(load(&subject.scenario, &subject.overlay(), talk)?);
    subject.check(&scenario).map_err(|error| not_resumed(&error))?;
    let mut model = compile(&scenario, SimSpan::from_hours(subject.warm_up_hours), talk)?;
    if let Some(equilibrium) = &subject.equilibrium {
        model.learn(equilibrium.learnt.clone());
    }
    Ok(model)
}

/// That a study cannot be gone on with.
pub(super) fn not_resumed(error: &StateError) -> Failure {
    Failure::Files(error.to_string(), "make the study anew instead".to_owned())
}

/// Where the results of `command` go, which must be free, or may be replaced.
pub(super) fn target(study: &StudyOptions, command: &str, scenario: &str) -> Result<PathBuf, Failure> {
    let name = format!("{command}-{scenario}");
    let target = match (&study.resume, &study.out) {
        (Some(folder), _) | (None, Some(folder)) => folder.clone(),
        (None, None) if study.force => Path::new(OUTPUT).join(name),
        (None, None) => free_name(Path::new(OUTPUT), &name),
    };
    // Better to hear now than after the work that nothing can be written there.
    RunFolder::begin(&target, replaces(study)).map_err(|error| not_written(&error))?;
    Ok(target)
}

fn replaces(study: &StudyOptions) -> bool {
    study.force || study.resume.is_some()
}

/// Writes the folder of a study.
pub(super) fn deliver(
    study: &StudyOptions,
    target: &Path,
    write: impl FnOnce(&Path) -> Result<(), FolderError>,
) -> Result<PathBuf, Failure> {
    let written = RunFolder::begin(target, replaces(study)).and_then(|folder| {
        write(folder.path())?;
        folder.finish()
    });
    written.map_err(|error| not_written(&error))
}

/// The scenarios named, or the default, the first of them where its measures act; and the measures named, patterns replaced
/// by what fits them.
pub(super) fn grounds(scenarios: &[String], overlay: &OverlayOptions, talk: &Talk) -> (Vec<String>, Vec<String>) {
    let mut names = scenarios.to_vec();
    if names.is_empty() {
        names.push(DEFAULT_SCENARIO.to_owned());
    }
    names[0] = ground(&names[0], &overlay.overlay(), talk);
    let mut measures: Vec<String> = Vec::new();
    for measure in overlay
        .with
        .iter()
        .flat_map(|pattern| measures_beside(&names[0], pattern))
    {
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    (names, measures)
}
