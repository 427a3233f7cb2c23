//! `corridor compare`: what scenarios, or measures laid over one, differ by.

use super::Failure;
use super::arguments::{CompareOptions, DEFAULT_SCENARIO};
use super::commands::load;
use super::interrupt::stop_on_interrupt;
use super::prepare::{settle_choice, settle_warm_up};
use super::run::{OUTPUT, not_written};
use super::talk::Talk;
use crate::experiment::{Comparing, Contender, Effort, Options, compare as compare_all};
use crate::indicator::Catalogue;
use crate::model::Model;
use crate::report::{ComparisonReport, RunFolder, Word, free_name};
use std::path::Path;
use std::sync::Arc;

/// Runs the comparison and shows it.
pub(super) fn compare(options: &CompareOptions, talk: &Talk) -> Result<(), Failure> {
    let language = options.lang.into();
    let mut models: Vec<(String, Model)> = Vec::new();
    let mut findings = Vec::new();
    for (label, name, with) in contenders(options)? {
        let scenario = Arc::new(load(&name, &with, talk)?);
        talk.warnings(&scenario.warnings());
        let run = Options {
            seed: options.seed.unwrap_or(scenario.run.seed),
            effort: Effort::Fixed(1),
            threads: options.threads.map(|threads| threads as usize),
        };
        talk.say(&Word::Preparing.filled(language, &[&label]));
        let mut model = settle_warm_up(&scenario, &run, &mut findings, language, talk)?;
        settle_choice(&mut model, &run, options.no_equilibrium, language, talk)?;
        models.push((label, model));
    }
    let catalogues: Vec<Catalogue> = models.iter().map(|(_, model)| Catalogue::of(model)).collect();
    let contenders: Vec<Contender<'_>> = models
        .iter()
        .zip(&catalogues)
        .map(|((name, model), catalogue)| Contender {
            name: name.clone(),
            model,
            catalogue,
        })
        .collect();
    let first = &models[0].1.scenario.run;
    let comparing = Comparing {
        seed: options.seed.unwrap_or(first.seed),
        replications: options.replications.unwrap_or(first.replications),
        threads: options.threads.map(|threads| threads as usize),
        confidence: first.confidence,
    };
    let keys: Vec<String> = catalogues[0]
        .indicators
        .iter()
        .filter(|indicator| indicator.is_headline())
        .map(crate::indicator::Indicator::key)
        .collect();
    let bar = talk.progress();
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let stop = stop_on_interrupt();
    let comparison = compare_all(&contenders, &keys, &comparing, &progress, &stop)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    bar.finish_and_clear();
    let report = ComparisonReport {
        contenders: &contenders,
        comparison: &comparison,
        options: &comparing,
        language,
    };
    if comparison.replications > 0 {
        let target = match &options.out {
            Some(folder) => folder.clone(),
            None => free_name(Path::new(OUTPUT), &format!("compare-{}", models[0].1.scenario.name)),
        };
        let folder = RunFolder::begin(&target, false).map_err(|error| not_written(&error))?;
        report.write(folder.path()).map_err(|error| not_written(&error))?;
        let target = folder.finish().map_err(|error| not_written(&error))?;
        talk.data(&if talk.json { report.json() } else { report.text() })?;
        talk.say(&Word::ComparisonLine.filled(language, &[&target.display()]));
    }
    if comparison.interrupted {
        return Err(Failure::Interrupted);
    }
    Ok(())
}

/// Label, scenario and measures of each contender.
fn contenders(options: &CompareOptions) -> Result<Vec<(String, String, Vec<String>)>, Failure> {
    let default = [DEFAULT_SCENARIO.to_owned()];
    let names = if options.scenarios.is_empty() {
        &default[..]
    } else {
        &options.scenarios[..]
    };
    let mut list: Vec<_> = names
        .iter()
        .map(|name| (name.clone(), name.clone(), Vec::new()))
        .collect();
    let with = |measures: &[String]| {
        (
            format!("{} + {}", names[0], measures.join(" + ")),
            names[0].clone(),
            measures.to_vec(),
        )
    };
    if options.each && options.with.len() > 1 {
        list.extend(options.with.iter().map(|measure| with(std::slice::from_ref(measure))));
    }
    if !options.with.is_empty() {
        list.push(with(&options.with));
    }
    if list.len() < 2 {
        return Err(Failure::Usage(format!(
            "there is nothing to compare {} with: name another scenario, or a measure by --with",
            names[0]
        )));
    }
    Ok(list)
}
