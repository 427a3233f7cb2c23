//! `corridor compare`: what scenarios, or measures laid over one, differ by.

use super::Failure;
use super::arguments::{CompareOptions, WorkOptions};
use super::interrupt::{failure_of, run_interruptible};
use super::study::{Compiled, check_target, compiled, deliver, grounds, make_again, not_resumed, target};
use super::talk::Talk;
use crate::analysis::{Warning, warnings};
use crate::experiment::{
    Comparing, Comparison, Contender, Difference, ExperimentError, Kept, Side, Until, compare as compare_all,
    compared_of, estimates,
};
use crate::indicator::{Catalogue, targets_without_indicator};
use crate::model::Model;
use crate::report::{ComparisonReport, StudyState, Subject, Word, read_study, warning_text};
use crate::scenario::Overlay;
use crate::scenario::quantity::Grade;
use crate::scenario::settings::Language;
use std::collections::BTreeSet;
use std::path::Path;

/// The name of the command, by which its folders are known.
const COMMAND: &str = "compare";

/// Runs the comparison and shows it.
pub(super) fn compare(options: &CompareOptions, talk: &Talk) -> Result<(), Failure> {
    let work = &options.study.work;
    if options.indicator.is_some() && options.within.is_none() {
        return Err(Failure::Usage(
            "--indicator says nothing without --within: how well is the difference in it to be known?".to_owned(),
        ));
    }
    check_target(work)?;
    let (subjects, models, earlier) = match &work.resume {
        Some(folder) => resumed(folder, talk)?,
        None => prepared(options, talk)?,
    };
    let target = target(work, COMMAND, &models[0].scenario.name);
    let catalogues: Vec<Catalogue> = models.iter().map(Catalogue::of).collect();
    let contenders: Vec<Contender<'_>> = subjects
        .iter()
        .zip(models.iter().zip(&catalogues))
        .map(|(subject, (model, catalogue))| Contender {
            name: subject.label.clone(),
            model,
            catalogue,
            twin: subject.is_twin(),
        })
        .collect();
    let comparing = comparing(options, &models[0], earlier.as_ref());
    let bar = talk.progress();
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let kept = Kept::new(earlier.map_or_else(Vec::new, |earlier| earlier.sides));
    let study = Study {
        subjects: &subjects,
        contenders: &contenders,
        comparing: &comparing,
        target: &target,
    };
    run_interruptible(
        talk,
        |stop| compare_all(&contenders, &comparing, &kept, &progress, stop),
        || kept.so_far(),
        |comparison| {
            bar.finish_and_clear();
            conclude(&study, &comparison, work, talk)
        },
    )
}

/// What is compared, how, and where the results go.
struct Study<'a> {
    subjects: &'a [Subject],
    contenders: &'a [Contender<'a>],
    comparing: &'a Comparing,
    target: &'a Path,
}

/// Reports what came of a comparison.
fn conclude(study: &Study<'_>, comparison: &Comparison, work: &WorkOptions, talk: &Talk) -> Result<(), Failure> {
    let language: Language = work.lang.into();
    let comparing = study.comparing;
    let compared = &study.contenders[..compared_of(study.contenders)];
    let violations = comparison.sides.iter().flat_map(|side| &side.aggregate.violations);
    if let Some(violation) = violations.into_iter().next() {
        return Err(Failure::Internal(format!(
            "a replication broke an invariant: {violation}"
        )));
    }
    if comparison.replications() == 0 {
        talk.say(Word::NothingKept.text(language));
        return Err(Failure::Interrupted);
    }
    let differences = comparison.differences(study.contenders, comparing.confidence);
    let report = ComparisonReport {
        contenders: compared,
        comparison,
        differences: &differences,
        options: comparing,
        by_grade: compared.len() < study.contenders.len(),
        language,
    };
    let target = deliver(work, study.target, |folder| {
        report.write(folder)?;
        if !work.no_charts {
            report.write_charts(folder)?;
        }
        StudyState::new(COMMAND, comparing.seed, study.subjects, &comparison.sides).write(folder)
    })?;
    talk.data(&if talk.json { report.json() } else { report.text() })?;
    warn(compared, comparison, language, talk);
    if comparison.interrupted {
        let command = format!(
            "corridor compare --resume {}{}",
            target.display(),
            again(&comparing.until)
        );
        talk.say(&Word::KeptSoFar.filled(language, &[&comparison.replications(), &target.display(), &command]));
        return Err(Failure::Interrupted);
    }
    talk.say(&Word::ComparisonLine.filled(language, &[&target.display()]));
    if let (Some(false), Until::Known { indicator, within, .. }) = (comparison.precise, &comparing.until) {
        let known = widest(&differences, compared[0].catalogue.find(indicator));
        talk.warn(&Word::DifferenceUnknown.filled(language, &[indicator, &format!("{known:.4}"), within]));
        return Err(Failure::Imprecise);
    }
    Ok(())
}

/// Says what about each scenario should not be taken at face value; of those after the first, what is not so of it.
fn warn(contenders: &[Contender<'_>], comparison: &Comparison, language: Language, talk: &Talk) {
    let mark = Word::WarningMark.text(language);
    let flows = |contender: &Contender<'_>| contender.model.scenario.flows.keys().cloned().collect::<BTreeSet<_>>();
    let mut of_first: Vec<Warning> = Vec::new();
    for (place, (contender, side)) in contenders.iter().zip(&comparison.sides).enumerate() {
        if place > 0 && flows(contender).is_disjoint(&flows(&contenders[0])) {
            talk.warn_as(
                mark,
                &Word::NothingInCommon.filled(language, &[&contender.name, &contenders[0].name]),
            );
        }
        let (model, catalogue) = (contender.model, contender.catalogue);
        let estimates = estimates(&side.aggregate, catalogue, model.scenario.run.confidence);
        let found = warnings(model, catalogue, &side.aggregate, &estimates);
        // The same place may be overfull on both sides by a little more or less.
        for warning in found
            .iter()
            .filter(|warning| !of_first.iter().any(|known| known.is_about_the_same(warning)))
        {
            talk.warn_as(
                mark,
                &format!("{}: {}", contender.name, warning_text(warning, language)),
            );
        }
        if place == 0 {
            of_first = found;
        }
    }
}

/// The options with which the rest of a comparison is asked for.
fn again(until: &Until) -> String {
    match until {
        Until::Replications(replications) => format!(" --replications {replications}"),
        Until::Known { indicator, within, .. } => format!(" --indicator {indicator} --within {within}"),
    }
}

/// The half-width of the widest interval of a difference in an indicator.
fn widest(differences: &[Vec<Difference>], indicator: Option<usize>) -> f64 {
    let of = |all: &Vec<Difference>| Some(all[indicator?].paired.difference.half_width());
    // What cannot be measured is not known at all.
    let width = |half: f64| if half.is_nan() { f64::INFINITY } else { half };
    differences.iter().filter_map(of).map(width).fold(0.0, f64::max)
}

/// What was done already.
struct Earlier {
    seed: u64,
    sides: Vec<Side>,
}

type Ready = (Vec<Subject>, Vec<Model>, Option<Earlier>);

/// Scenarios made ready. What is wrong with any of them, or with the indicator, is found before the long search for how their
/// shippers choose.
fn prepared(options: &CompareOptions, talk: &Talk) -> Result<Ready, Failure> {
    let work = &options.study.work;
    let mut all = Vec::new();
    for (label, name, overlay) in contenders(options, talk)? {
        all.push(compiled(&label, (&name, &overlay), work, talk)?);
    }
    // With all measures in force nothing is missing any more.
    if let Some(last) = all.last() {
        talk.warnings(&targets_without_indicator(&last.model));
    }
    if let Some(key) = &options.indicator {
        let catalogue = Catalogue::of(&all[0].model);
        let unknown = || failure_of(&ExperimentError::no_such_indicator(&catalogue, key));
        catalogue.find(key).ok_or_else(unknown)?;
    }
    let holds = |one: &&Compiled| one.model.scenario.run.hold_grade.is_some();
    if let Some(holding) = all.iter().find(holds).filter(|_| options.by_grade) {
        return Err(Failure::Usage(format!(
            "--by-grade compares inputs held with inputs drawn, but {} holds some already: take `run.hold_grade` out of it",
            holding.model.scenario.name
        )));
    }
    let (mut subjects, mut models): (Vec<Subject>, Vec<Model>) = (Vec::new(), Vec::new());
    for one in all {
        let (subject, model) = one.settled(work, talk)?;
        subjects.push(subject);
        models.push(model);
    }
    if options.by_grade {
        for place in [0, subjects.len() - 1] {
            let twin = subjects[place].holding(Grade::D);
            models.push(make_again(&twin, talk)?);
            subjects.push(twin);
        }
    }
    Ok((subjects, models, None))
}

/// Scenarios as they were made ready before, and what was done.
fn resumed(folder: &Path, talk: &Talk) -> Result<Ready, Failure> {
    let state = read_study::<Vec<Side>>(folder, COMMAND).map_err(|error| not_resumed(&error))?;
    let models: Result<Vec<Model>, Failure> = state.subjects.iter().map(|subject| make_again(subject, talk)).collect();
    let earlier = Earlier {
        seed: state.seed,
        sides: state.results,
    };
    Ok((state.subjects, models?, Some(earlier)))
}

fn comparing(options: &CompareOptions, first: &Model, earlier: Option<&Earlier>) -> Comparing {
    let run = &first.scenario.run;
    let until = match (&options.within, &options.indicator) {
        (Some(within), Some(indicator)) => Until::Known {
            indicator: indicator.clone(),
            within: *within,
            at_most: options.max_replications,
        },
        _ => Until::Replications(options.study.replications.unwrap_or(run.replications)),
    };
    Comparing {
        seed: earlier.map_or(options.study.work.seed.unwrap_or(run.seed), |earlier| earlier.seed),
        until,
        threads: options.study.work.threads(),
        confidence: run.confidence,
    }
}

/// Measures that are named one by one; more are counted.
const NAMED_MEASURES: usize = 4;

/// Label, scenario and overlay of each contender.
fn contenders(options: &CompareOptions, talk: &Talk) -> Result<Vec<(String, String, Overlay)>, Failure> {
    let overlay = &options.overlay;
    let (names, measures) = grounds(&options.scenarios, overlay, talk)?;
    let calm = if overlay.without_shocks { " without shocks" } else { "" };
    let mut list: Vec<_> = names
        .iter()
        .map(|name| (format!("{name}{calm}"), name.clone(), overlay.with(&[])))
        .collect();
    let with = |measures: &[String]| {
        let label = if measures.len() > NAMED_MEASURES {
            format!("{} + {} measures", names[0], measures.len())
        } else {
            format!("{} + {}", names[0], measures.join(" + "))
        };
        (format!("{label}{calm}"), names[0].clone(), overlay.with(measures))
    };
    if options.each && measures.len() > 1 {
        list.extend(measures.iter().map(|measure| with(std::slice::from_ref(measure))));
    }
    if !measures.is_empty() {
        list.push(with(&measures));
    }
    if list.len() < 2 {
        return Err(Failure::Usage(format!(
            "there is nothing to compare {} with: name another scenario, or a measure by --with",
            names[0]
        )));
    }
    Ok(list)
}
