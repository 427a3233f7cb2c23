//! The command `run`: parse, load, simulate, report.

use super::Failure;
use super::arguments::{DEFAULT_SCENARIO, RunOptions};
use super::commands::{compile, load};
use super::interrupt::run_interruptible;
use super::prepare::{settle_choice, settle_warm_up};
use super::talk::Talk;
use crate::analysis::{Warning, warnings};
use crate::experiment::{self, Effort, Equilibrium, Finished, Options, Outcome, estimates};
use crate::indicator::{Catalogue, targets_without_indicator};
use crate::model::Model;
use crate::report::{
    FolderError, InputFile, Parts, Report, RunFolder, Selection, State, Word, free_name, inputs_of, read_state,
    terminal_summary, warning_text,
};
use crate::scenario::Scenario;
use crate::units::SimSpan;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where run folders land.
pub(super) const OUTPUT: &str = "output";

pub(super) fn run(options: &RunOptions, talk: &Talk) -> Result<(), Failure> {
    let name = scenario_name(options)?;
    let mut scenario = load(&name, &options.overlay.overlay(), talk)?;
    if let Some(folder) = &options.work.resume {
        // The copy in the folder goes by the name of the folder; what it belongs to is in the manifest.
        scenario.name = name_in_manifest(folder).unwrap_or(scenario.name);
    }
    let scenario = Arc::new(scenario);
    let selection =
        Selection::of(&scenario, &options.corridor).map_err(|error| Failure::Usage(format!("--corridor: {error}")))?;
    talk.warnings(&scenario.warnings());
    let target = target_folder(options, &scenario)?;
    let earlier = earlier_results(options, &scenario)?;
    // Better to hear now than after the run that nothing can be written there.
    RunFolder::begin(&target, options.work.replaces()).map_err(|error| not_written(&error))?;
    let options_of_run = experiment_options(options, &scenario, earlier.as_ref().map(|earlier| earlier.seed));
    let mut findings = Vec::new();
    let (model, equilibrium) = match &earlier {
        Some(earlier) => resumed(&scenario, earlier, talk)?,
        None => {
            let mut model = settle_warm_up(
                &scenario,
                &options_of_run,
                &mut findings,
                options.work.lang.into(),
                talk,
            )?;
            talk.warnings(&targets_without_indicator(&model));
            let equilibrium = settle_choice(
                &mut model,
                &options_of_run,
                options.work.no_equilibrium,
                options.work.lang.into(),
                talk,
            )?;
            (model, equilibrium)
        }
    };
    findings.extend(imbalance(&scenario, equilibrium.as_ref()));
    trace_within_reach(options, &options_of_run, &model)?;
    let catalogue = Catalogue::of(&model);
    let (finished, bar) = (Finished::default(), talk.progress());
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let earlier = earlier.map(|earlier| earlier.aggregate);
    run_interruptible(
        talk,
        |stop| experiment::run_watched(&model, &catalogue, &options_of_run, earlier, &progress, stop, &finished),
        || Outcome {
            aggregate: finished.so_far(),
            interrupted: true,
            precise: None,
        },
        |outcome| {
            bar.finish_and_clear();
            let done = Done {
                model: &model,
                catalogue: &catalogue,
                options: &options_of_run,
                outcome: &outcome,
                selection: &selection,
                equilibrium: equilibrium.as_ref(),
            };
            conclude(&done, findings, &target, options, talk)
        },
    )
}

/// An experiment that is over, and what it was about.
struct Done<'a> {
    model: &'a Model,
    catalogue: &'a Catalogue,
    options: &'a Options,
    outcome: &'a Outcome,
    selection: &'a Selection,
    equilibrium: Option<&'a Equilibrium>,
}

/// Reports what came of the experiment.
fn conclude(
    done: &Done<'_>,
    mut findings: Vec<Warning>,
    target: &Path,
    options: &RunOptions,
    talk: &Talk,
) -> Result<(), Failure> {
    let Done {
        model,
        catalogue,
        outcome,
        ..
    } = *done;
    if let Some(violation) = outcome.aggregate.violations.first() {
        return Err(Failure::Internal(format!(
            "a replication broke an invariant: {violation}"
        )));
    }
    if outcome.aggregate.replications == 0 {
        talk.say(Word::NothingKept.text(options.work.lang.into()));
        return Err(Failure::Interrupted);
    }
    let estimates = estimates(&outcome.aggregate, catalogue, model.scenario.run.confidence);
    findings.extend(warnings(model, catalogue, &outcome.aggregate, &estimates));
    findings.extend(imprecision(done, &estimates));
    let inputs = match (&options.scenario, &options.work.resume) {
        // The copy in the folder stands for the files that the run began with.
        (None, Some(folder)) => inputs_in_manifest(folder),
        _ => None,
    };
    let report = Report {
        model,
        catalogue,
        aggregate: &outcome.aggregate,
        estimates: &estimates,
        warnings: &findings,
        options: done.options,
        language: options.work.lang.into(),
        selection: done.selection,
        equilibrium: done.equilibrium,
        interrupted: outcome.interrupted,
        inputs: inputs.unwrap_or_else(|| inputs_of(&model.scenario)),
    };
    deliver(&report, target, options, talk)?;
    match (outcome.interrupted, outcome.precise) {
        (true, _) => Err(Failure::Interrupted),
        (false, Some(false)) => Err(Failure::Imprecise),
        _ if done.equilibrium.is_some_and(|found| !found.reached) => Err(Failure::Imprecise),
        _ => Ok(()),
    }
}

/// The scenario to run: the one named, the one in the folder to be resumed, or the default.
fn scenario_name(options: &RunOptions) -> Result<String, Failure> {
    match (&options.scenario, &options.work.resume) {
        // Written with a space, the number of a trace looks like a scenario.
        (Some(number), _) if options.trace.is_some() && number.parse::<u64>().is_ok() => Err(Failure::Usage(format!(
            "there is no scenario \"{number}\"; a replication to be traced is written with `=`: --trace={number}"
        ))),
        (Some(name), _) => Ok(name.clone()),
        (None, Some(folder)) => {
            let copy = folder.join("scenario.toml");
            if copy.is_file() {
                Ok(copy.display().to_string())
            } else {
                Err(Failure::Files(
                    format!("there is no run to resume in {}", folder.display()),
                    "give the folder of a run; it holds a scenario.toml and a state.bin".to_owned(),
                ))
            }
        }
        (None, None) => Ok(DEFAULT_SCENARIO.to_owned()),
    }
}

/// The name of the scenario that was run in `folder`.
fn name_in_manifest(folder: &Path) -> Option<String> {
    manifest(folder)?.get("scenario")?.as_str().map(str::to_owned)
}

/// The replications that the run in a folder was to have.
fn wanted_in_manifest(folder: &Path) -> Option<u64> {
    manifest(folder)?.get("effort")?.get("replications")?.as_u64()
}

/// The files that the run in a folder began with.
fn inputs_in_manifest(folder: &Path) -> Option<Vec<InputFile>> {
    serde_json::from_value(manifest(folder)?.get("inputs")?.clone()).ok()
}

fn manifest(folder: &Path) -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(folder.join("manifest.json")).ok()?;
    serde_json::from_str(&text).ok()
}

/// Puts the tables of sources beside the resolved scenario, which is read again when the run is resumed.
fn copy_sources(scenario: &Scenario, folder: &Path) -> Result<(), FolderError> {
    for (name, text) in scenario.source_tables() {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|error| FolderError::Io(path.clone(), error))?;
    }
    Ok(())
}

/// Where the report goes, checked before any work is done.
fn target_folder(options: &RunOptions, scenario: &Scenario) -> Result<PathBuf, Failure> {
    match (&options.work.resume, &options.work.out) {
        (Some(folder), _) => Ok(folder.clone()),
        (None, Some(folder)) if folder.exists() && !options.work.force => {
            Err(not_written(&FolderError::Exists(folder.clone())))
        }
        (None, Some(folder)) => Ok(folder.clone()),
        (None, None) if options.work.force => Ok(Path::new(OUTPUT).join(&scenario.name)),
        (None, None) => Ok(free_name(Path::new(OUTPUT), &scenario.name)),
    }
}

pub(super) fn not_written(error: &FolderError) -> Failure {
    Failure::Files(error.to_string(), error.remedy().to_owned())
}

/// The run to be resumed.
fn earlier_results(options: &RunOptions, scenario: &Scenario) -> Result<Option<State>, Failure> {
    let Some(folder) = &options.work.resume else {
        return Ok(None);
    };
    read_state(folder, scenario)
        .map(Some)
        .map_err(|error| Failure::Files(error.to_string(), "run the scenario anew instead".to_owned()))
}

/// The model of a run that is resumed, with the choice that its shippers had.
fn resumed(scenario: &Arc<Scenario>, earlier: &State, talk: &Talk) -> Result<(Model, Option<Equilibrium>), Failure> {
    let mut model = compile(scenario, SimSpan::from_hours(earlier.warm_up_hours), talk)?;
    if let Some(equilibrium) = &earlier.equilibrium {
        model.learn(equilibrium.learnt.clone());
    }
    Ok((model, earlier.equilibrium.clone()))
}

fn experiment_options(options: &RunOptions, scenario: &Scenario, resumed_seed: Option<u64>) -> Options {
    let effort = match options.precision {
        Some(relative) => Effort::Precision {
            indicator: options.indicator.clone(),
            relative,
            at_most: options.max_replications,
        },
        None => {
            let wanted = options.work.resume.as_deref().and_then(wanted_in_manifest);
            let usual = wanted.unwrap_or(scenario.run.replications);
            Effort::Fixed(options.replications.unwrap_or(usual))
        }
    };
    Options {
        seed: resumed_seed.or(options.work.seed).unwrap_or(scenario.run.seed),
        effort,
        threads: options.work.threads(),
    }
}

/// A replication that is to be traced must be one of those that are made.
fn trace_within_reach(options: &RunOptions, run: &Options, model: &Model) -> Result<(), Failure> {
    let most = match run.effort {
        Effort::Fixed(replications) => replications,
        Effort::Precision { at_most, .. } => at_most,
    };
    // Replications are made in whole groups, and of any effort at least one.
    let size = model.replications_per_input_draw();
    let most = most.max(1).div_ceil(size) * size;
    match options.trace {
        Some(number) if number >= most => Err(Failure::Usage(format!(
            "--trace={number}: there is no such replication; those of this run are numbered from 0 to {}",
            most - 1
        ))),
        _ => Ok(()),
    }
}

/// What is to be said where shippers' choice is not in equilibrium.
fn imbalance(scenario: &Scenario, equilibrium: Option<&Equilibrium>) -> Option<Warning> {
    let found = equilibrium.filter(|found| !found.reached)?;
    Some(Warning::NoEquilibrium {
        rounds: found.rounds.len(),
        reached: found.gap(),
        wanted: scenario.choice.equilibrium.gap,
    })
}

fn imprecision(done: &Done<'_>, estimates: &[experiment::Estimate]) -> Option<Warning> {
    let Effort::Precision {
        indicator, relative, ..
    } = &done.options.effort
    else {
        return None;
    };
    let interval = estimates[done.catalogue.find(indicator)?].interval;
    (done.outcome.precise == Some(false)).then(|| Warning::Imprecise {
        indicator: indicator.clone(),
        reached: interval.half_width() / interval.estimate.abs(),
        wanted: *relative,
    })
}

/// The options with which the rest of an interrupted run is asked for.
fn options_again(options: &RunOptions) -> String {
    let mut again = match (options.replications, options.precision) {
        (Some(count), _) => format!(" --replications {count}"),
        (None, Some(precision)) => format!(" --precision {precision} --indicator {}", options.indicator),
        (None, None) => String::new(),
    };
    for name in &options.corridor {
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == '-');
        let quote = if is_plain { "" } else { "'" };
        again.push_str(&format!(" --corridor {quote}{name}{quote}"));
    }
    again
}

/// Writes the folder of a run.
fn write(report: &Report<'_>, target: &Path, replace: bool, parts: Parts) -> Result<PathBuf, FolderError> {
    let folder = RunFolder::begin(target, replace)?;
    report.write(folder.path(), parts)?;
    copy_sources(&report.model.scenario, folder.path())?;
    folder.finish()
}

/// The target could not be written although it could before the run (a disk that has filled up): what was simulated is
/// kept among the temporary files if there is room, without charts.
fn rescue(report: &Report<'_>, error: &FolderError) -> Failure {
    let name = format!("corridor-{}", report.model.scenario.name.replace('/', "-"));
    let refuge = free_name(&std::env::temp_dir(), &name);
    let bare = Parts {
        charts: None,
        trace: None,
    };
    let remedy = match write(report, &refuge, false, bare) {
        Ok(folder) => format!(
            "{}\n  The results are kept in {}, without charts: move that folder, then draw them with corridor run --resume FOLDER",
            error.remedy(),
            folder.display()
        ),
        Err(_) => format!(
            "{}\n  The same scenario and seed ({}) give the same results again",
            error.remedy(),
            report.options.seed
        ),
    };
    Failure::Files(error.to_string(), remedy)
}

/// Writes the folder and says what came of it.
fn deliver(report: &Report<'_>, target: &Path, options: &RunOptions, talk: &Talk) -> Result<(), Failure> {
    let group = report.model.replications_per_input_draw();
    let made = |replication: &u64| report.aggregate.has(replication / group);
    let parts = Parts {
        charts: (!options.work.no_charts).then(|| options.charts.into()),
        trace: options.trace.filter(made),
    };
    let mut written = write(report, target, options.work.replaces(), parts);
    if matches!(written, Err(FolderError::Exists(_))) && options.work.out.is_none() && !options.work.replaces() {
        // Another run has taken the name in the meantime; the next free one will do.
        let name = &report.model.scenario.name;
        written = write(report, &free_name(Path::new(OUTPUT), name), false, parts);
    }
    if talk.json {
        if let Ok(folder) = &written {
            let summary = std::fs::read_to_string(folder.join("summary.json")).unwrap_or_default();
            talk.data(&summary)?;
        }
    } else {
        talk.data(&terminal_summary(report))?;
    }
    let mark = Word::WarningMark.text(report.language);
    for warning in report.warnings {
        talk.warn_as(mark, &warning_text(warning, report.language));
    }
    let folder = written.map_err(|error| rescue(report, &error))?;
    if let Some(missing) = options.trace.filter(|replication| !made(replication)) {
        talk.warn_as(mark, &Word::NotTraced.filled(report.language, &[&missing]));
    }
    let shown = folder.display();
    if report.interrupted {
        let command = format!("corridor run --resume {shown}{}", options_again(options));
        let values: [&dyn Display; 3] = [&report.aggregate.replications, &shown, &command];
        talk.say(&Word::KeptSoFar.filled(report.language, &values));
    } else {
        talk.say(&Word::ReportLine.filled(report.language, &[&shown]));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_is_asked_for_alike() {
        let options = RunOptions {
            replications: Some(9),
            corridor: vec!["huaihua".to_owned(), "*-air".to_owned()],
            ..RunOptions::default()
        };
        assert_eq!(
            options_again(&options),
            " --replications 9 --corridor huaihua --corridor '*-air'"
        );
    }
}
