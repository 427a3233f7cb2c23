//! From a scenario to a model that can be run: its warm-up found where it is to be found, its shippers in equilibrium.

use super::Failure;
use super::commands::compile;
use super::talk::Talk;
use crate::analysis::Warning;
use crate::experiment::{Equilibrium, Options, find_equilibrium, find_warm_up};
use crate::model::Model;
use crate::report::Word;
use crate::scenario::Scenario;
use crate::scenario::settings::{Language, WarmUp};
use crate::units::SimSpan;
use std::sync::Arc;

/// Compiles the scenario, finding its warm-up from pilots where it is to be found.
pub(super) fn settle_warm_up(
    scenario: &Arc<Scenario>,
    options: &Options,
    findings: &mut Vec<Warning>,
    language: Language,
    talk: &Talk,
) -> Result<Model, Failure> {
    let model = compile(scenario, SimSpan::ZERO, talk)?;
    if scenario.run.warm_up != WarmUp::Auto {
        return Ok(model);
    }
    let found =
        find_warm_up(&model, options.seed, options.threads).map_err(|error| Failure::Internal(error.to_string()))?;
    if found.settled {
        talk.say(&Word::WarmUpFound.filled(language, &[&format!("{:.0}", found.span.days())]));
    } else {
        findings.push(Warning::NotSettled { days: found.days });
    }
    compile(scenario, found.span, talk)
}

/// Lets shippers choose by what they experience, unless they are not to.
pub(super) fn settle_choice(
    model: &mut Model,
    run: &Options,
    no_equilibrium: bool,
    language: Language,
    talk: &Talk,
) -> Result<Option<Equilibrium>, Failure> {
    if no_equilibrium {
        return Ok(None);
    }
    let spinner = talk.spinner();
    let progress = |round: usize, gap: f64| {
        let gap = format!("{:.2}", gap * 100.0);
        spinner.set_message(Word::EquilibriumSought.filled(language, &[&round, &gap]));
    };
    let found = find_equilibrium(model, run.seed, run.threads, &progress)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    spinner.finish_and_clear();
    if let Some(found) = found.as_ref().filter(|found| found.reached) {
        let gap = format!("{:.2}", found.gap() * 100.0);
        talk.say(&Word::EquilibriumFound.filled(language, &[&found.rounds.len(), &gap]));
    }
    Ok(found)
}
