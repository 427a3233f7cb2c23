//! The command `run`: parse, load, simulate, report.

use super::Failure;
use super::arguments::{DEFAULT_SCENARIO, RunOptions};
use super::commands::{faulty, load};
use super::talk::Talk;
use crate::analysis::{Warning, warnings};
use crate::experiment::{self, Aggregate, Effort, Options, Outcome, estimates, find_warm_up};
use crate::indicator::Catalogue;
use crate::model::{self, Model};
use crate::report::{FolderError, Parts, Report, RunFolder, free_name, read_state, terminal_summary};
use crate::scenario::Scenario;
use crate::scenario::settings::WarmUp;
use crate::units::SimSpan;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where run folders land.
const OUTPUT: &str = "output";

pub(super) fn run(options: &RunOptions, talk: &Talk) -> Result<(), Failure> {
    let name = scenario_name(options);
    let mut scenario = load(&name, talk)?;
    if let Some(folder) = &options.resume {
        // The copy in the folder goes by the name of the folder; what it belongs to is in the manifest.
        scenario.name = name_in_manifest(folder).unwrap_or(scenario.name);
    }
    let scenario = Arc::new(scenario);
    talk.warnings(&scenario.warnings());
    let target = target_folder(options, &scenario)?;
    let (before, resumed_warm_up) = earlier_results(options, &scenario)?;
    // Better to hear now than after the run that nothing can be written there.
    RunFolder::begin(&target, replaces(options)).map_err(|error| not_written(&error))?;
    let options_of_run = experiment_options(options, &scenario, before.as_ref().map(|(seed, _)| *seed));
    let mut findings = Vec::new();
    let model = match resumed_warm_up {
        Some(warm_up) => compile(&scenario, warm_up, talk)?,
        None => settle_warm_up(&scenario, &options_of_run, &mut findings, talk)?,
    };
    let catalogue = Catalogue::of(&model);
    let outcome = simulate(
        &model,
        &catalogue,
        &options_of_run,
        before.map(|(_, aggregate)| aggregate),
        talk,
    )?;
    if let Some(violation) = outcome.aggregate.violations.first() {
        return Err(Failure::Internal(format!(
            "a replication broke an invariant: {violation}"
        )));
    }
    if outcome.aggregate.replications == 0 {
        talk.say("interrupted before the first replication was finished; nothing was written");
        return Err(Failure::Interrupted);
    }
    let estimates = estimates(&outcome.aggregate, &catalogue, model.scenario.run.confidence);
    findings.extend(warnings(&model, &catalogue, &outcome.aggregate, &estimates));
    findings.extend(imprecision(&options_of_run, &outcome, &catalogue, &estimates));
    let report = Report {
        model: &model,
        catalogue: &catalogue,
        aggregate: &outcome.aggregate,
        estimates: &estimates,
        warnings: &findings,
        options: &options_of_run,
        language: options.lang.into(),
        interrupted: outcome.interrupted,
    };
    deliver(&report, &target, options, talk)?;
    match (outcome.interrupted, outcome.precise) {
        (true, _) => Err(Failure::Interrupted),
        (false, Some(false)) => Err(Failure::Imprecise),
        _ => Ok(()),
    }
}

/// The scenario to run: the one named, the one in the folder to be resumed, or the default.
fn scenario_name(options: &RunOptions) -> String {
    match (&options.scenario, &options.resume) {
        (Some(name), _) => name.clone(),
        (None, Some(folder)) => folder.join("scenario.toml").display().to_string(),
        (None, None) => DEFAULT_SCENARIO.to_owned(),
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
    match (&options.resume, &options.out) {
        (Some(folder), _) => Ok(folder.clone()),
        (None, Some(folder)) if folder.exists() && !options.force => {
            Err(not_written(&FolderError::Exists(folder.clone())))
        }
        (None, Some(folder)) => Ok(folder.clone()),
        (None, None) if options.force => Ok(Path::new(OUTPUT).join(&scenario.name)),
        (None, None) => Ok(free_name(Path::new(OUTPUT), &scenario.name)),
    }
}

fn not_written(error: &FolderError) -> Failure {
    Failure::Files(error.to_string(), error.remedy().to_owned())
}

/// Seed and results of the run to be resumed, and its warm-up.
type Earlier = (Option<(u64, Aggregate)>, Option<SimSpan>);

fn earlier_results(options: &RunOptions, scenario: &Scenario) -> Result<Earlier, Failure> {
    let Some(folder) = &options.resume else {
        return Ok((None, None));
    };
    let state = read_state(folder, scenario)
        .map_err(|error| Failure::Files(error.to_string(), "run the scenario anew instead".to_owned()))?;
    let warm_up = SimSpan::from_hours(state.warm_up_hours);
    Ok((Some((state.seed, state.aggregate)), Some(warm_up)))
}

fn experiment_options(options: &RunOptions, scenario: &Scenario, resumed_seed: Option<u64>) -> Options {
    let effort = match options.precision {
        Some(relative) => Effort::Precision {
            indicator: options.indicator.clone(),
            relative,
            at_most: options.max_replications,
        },
        None => {
            let wanted = options.resume.as_deref().and_then(wanted_in_manifest);
            let usual = wanted.unwrap_or(scenario.run.replications);
            Effort::Fixed(options.replications.unwrap_or(usual))
        }
    };
    Options {
        seed: resumed_seed.or(options.seed).unwrap_or(scenario.run.seed),
        effort,
        threads: options.threads.map(|threads| threads as usize),
    }
}

fn compile(scenario: &Arc<Scenario>, warm_up: SimSpan, talk: &Talk) -> Result<Model, Failure> {
    model::build(Arc::clone(scenario), warm_up).map_err(|faults| faulty(&scenario.name, &faults, talk))
}

/// Compiles the scenario, finding its warm-up from pilots where it is to be found.
fn settle_warm_up(
    scenario: &Arc<Scenario>,
    options: &Options,
    findings: &mut Vec<Warning>,
    talk: &Talk,
) -> Result<Model, Failure> {
    let model = compile(scenario, SimSpan::ZERO, talk)?;
    if scenario.run.warm_up != WarmUp::Auto {
        return Ok(model);
    }
    let found =
        find_warm_up(&model, options.seed, options.threads).map_err(|error| Failure::Internal(error.to_string()))?;
    if found.settled {
        talk.say(&format!(
            "warm-up: {:.0} days, by MSER-5 on ten pilot replications",
            found.span.days()
        ));
    } else {
        findings.push(Warning::NotSettled { days: found.days });
    }
    compile(scenario, found.span, talk)
}

/// Runs the experiment with a progress bar; Ctrl-C stops it after the replications in hand.
fn simulate(
    model: &Model,
    catalogue: &Catalogue,
    options: &Options,
    before: Option<Aggregate>,
    talk: &Talk,
) -> Result<Outcome, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&stop);
    let voice = *talk;
    // A second handler in one process is only possible in tests; then the first one stays.
    let _ = ctrlc::set_handler(move || {
        if heard.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        voice.say("finishing the replications in hand; press Ctrl-C again to stop at once and keep nothing");
    });
    let bar = talk.progress();
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let outcome = experiment::run(model, catalogue, options, before, &progress, &stop);
    bar.finish_and_clear();
    outcome.map_err(|error| match error {
        experiment::ExperimentError::NoSuchIndicator(..) => Failure::Usage(error.to_string()),
        experiment::ExperimentError::Threads(_) => Failure::Internal(error.to_string()),
    })
}

fn imprecision(
    options: &Options,
    outcome: &Outcome,
    catalogue: &Catalogue,
    estimates: &[experiment::Estimate],
) -> Option<Warning> {
    let Effort::Precision {
        indicator, relative, ..
    } = &options.effort
    else {
        return None;
    };
    let interval = estimates[catalogue.find(indicator)?].interval;
    (outcome.precise == Some(false)).then(|| Warning::Imprecise {
        indicator: indicator.clone(),
        reached: interval.half_width() / interval.estimate.abs(),
        wanted: *relative,
    })
}

/// The options with which the rest of an interrupted run is asked for.
fn effort_again(options: &RunOptions) -> String {
    match (options.replications, options.precision) {
        (Some(count), _) => format!(" --replications {count}"),
        (None, Some(precision)) => format!(" --precision {precision} --indicator {}", options.indicator),
        (None, None) => String::new(),
    }
}

/// Whether the run may take the place of an older one.
fn replaces(options: &RunOptions) -> bool {
    options.force || options.resume.is_some()
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
        charts: false,
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
    let parts = Parts {
        charts: !options.no_charts,
        trace: options.trace,
    };
    let mut written = write(report, target, replaces(options), parts);
    if matches!(written, Err(FolderError::Exists(_))) && options.out.is_none() && !replaces(options) {
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
    for warning in report.warnings {
        talk.warn(&warning.to_string());
    }
    let folder = written.map_err(|error| rescue(report, &error))?;
    if report.interrupted {
        talk.say(&format!(
            "interrupted: {} finished replications are kept in {}; go on with: corridor run --resume {}{}",
            report.aggregate.replications,
            folder.display(),
            folder.display(),
            effort_again(options)
        ));
    } else {
        talk.say(&format!("report: {}", folder.display()));
    }
    Ok(())
}
