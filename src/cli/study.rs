//! What commands that run several scenarios have in common: making them ready, and their folder.

use super::Failure;
use super::arguments::{DEFAULT_SCENARIO, OverlayOptions, WorkOptions};
use super::commands::{compile, ground, load};
use super::prepare::{settle_choice, settle_warm_up};
use super::run::{OUTPUT, not_written};
use super::talk::Talk;
use crate::experiment::{Effort, Options};
use crate::model::Model;
use crate::report::{FolderError, RunFolder, StateError, Subject, Word, free_name};
use crate::scenario::settings::Language;
use crate::scenario::{Overlay, Scenario, measures_beside};
use crate::units::SimSpan;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A scenario of a study before its shippers have settled how they choose, which takes long.
pub(super) struct Compiled {
    label: String,
    name: String,
    overlay: Overlay,
    /// Its model.
    pub(super) model: Model,
}

/// The scenario called `name` as it is read with `overlay`, called `label`.
pub(super) fn compiled(
    label: &str,
    (name, overlay): (&str, &Overlay),
    work: &WorkOptions,
    talk: &Talk,
) -> Result<Compiled, Failure> {
    let scenario = Arc::new(load(name, overlay, talk)?);
    talk.warnings(&scenario.warnings());
    let options = options(work, &scenario);
    let mut findings = Vec::new();
    let model = settle_warm_up(&scenario, &options, &mut findings, work.lang.into(), talk)?;
    Ok(Compiled {
        label: label.to_owned(),
        name: name.to_owned(),
        overlay: overlay.clone(),
        model,
    })
}

impl Compiled {
    /// The same when its shippers have settled how they choose.
    pub(super) fn settled(mut self, work: &WorkOptions, talk: &Talk) -> Result<(Subject, Model), Failure> {
        let language: Language = work.lang.into();
        talk.say(&Word::Preparing.filled(language, &[&self.label]));
        let options = options(work, &self.model.scenario);
        let equilibrium = settle_choice(&mut self.model, &options, work.no_equilibrium, language, talk)?;
        if let Some(found) = equilibrium.as_ref().filter(|found| !found.reached) {
            let gap = format!("{:.2}", 100.0 * found.gap());
            talk.warn(&Word::StillApart.filled(language, &[&self.label, &gap]));
        }
        let subject = Subject::new(
            &self.label,
            &self.name,
            &self.overlay,
            &self.model,
            equilibrium.as_ref(),
        );
        Ok((subject, self.model))
    }
}

fn options(work: &WorkOptions, scenario: &Scenario) -> Options {
    Options {
        seed: work.seed.unwrap_or(scenario.run.seed),
        effort: Effort::Fixed(1),
        threads: work.threads(),
    }
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

/// Where the results of `command` go.
pub(super) fn target(work: &WorkOptions, command: &str, scenario: &str) -> PathBuf {
    let name = format!("{command}-{scenario}");
    match (&work.resume, &work.out) {
        (Some(folder), _) | (None, Some(folder)) => folder.clone(),
        (None, None) if work.force => Path::new(OUTPUT).join(name),
        (None, None) => free_name(Path::new(OUTPUT), &name),
    }
}

/// A folder that is named must be free, or may be replaced: better to hear it before all work.
pub(super) fn check_target(work: &WorkOptions) -> Result<(), Failure> {
    let named = work
        .out
        .as_ref()
        .map(|folder| RunFolder::begin(folder, work.replaces()));
    named.map_or(Ok(()), |begun| begun.map(|_| ()).map_err(|error| not_written(&error)))
}

/// Writes the folder of a study.
pub(super) fn deliver(
    work: &WorkOptions,
    target: &Path,
    write: impl FnOnce(&Path) -> Result<(), FolderError>,
) -> Result<PathBuf, Failure> {
    let written = RunFolder::begin(target, work.replaces()).and_then(|folder| {
        write(folder.path())?;
        folder.finish()
    });
    written.map_err(|error| not_written(&error))
}

/// The scenarios named, or the default, the first of them where its measures act; and the measures named, patterns replaced
/// by what fits them.
///
/// # Errors
/// When measures act in another scenario than the first one named, and others are to be compared with that as well.
pub(super) fn grounds(
    scenarios: &[String],
    overlay: &OverlayOptions,
    talk: &Talk,
) -> Result<(Vec<String>, Vec<String>), Failure> {
    let mut names = scenarios.to_vec();
    if names.is_empty() {
        names.push(DEFAULT_SCENARIO.to_owned());
    }
    let first = ground(&names[0], &overlay.overlay(), talk);
    if names.len() > 1 && first != names[0] {
        return Err(Failure::Usage(format!(
            "measures and shocks of {} act in {first}, which is another time than that of {}: compare with {first} instead",
            names[0], names[1]
        )));
    }
    names[0] = first;
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
    Ok((names, measures))
}
