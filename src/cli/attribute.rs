//! `corridor attribute`: how much of the joint effect of measures on an indicator is owed to each.

use super::Failure;
use super::arguments::{AttributeOptions, WorkOptions};
use super::interrupt::{failure_of, stop_on_interrupt};
use super::run::not_written;
use super::study::{check_target, compiled, deliver, grounds, make_again, not_resumed, target};
use super::talk::Talk;
use crate::experiment::{Attributing, ExperimentError, Orders, Worth};
use crate::indicator::Catalogue;
use crate::model::Model;
use crate::report::{CreditReport, StudyState, Subject, Word, read_study};
use crate::scenario::Overlay;
use crate::scenario::settings::Language;
use crate::statistics::{Coalition, MOST_PLAYERS, everybody};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The name of the command, by which its folders are known.
const COMMAND: &str = "attribute";

/// Measures of which all coalitions are simulated unless something else is asked for.
const FEW: usize = 4;

/// Pairs of orders that are drawn for more of them.
const PAIRS: u64 = 4;

/// Measures of which all coalitions can be asked for: more would take more scenarios than anybody waits for.
const MOST_FOR_ALL: usize = 12;

/// Shares out the joint effect and shows it.
pub(super) fn attribute(options: &AttributeOptions, talk: &Talk) -> Result<(), Failure> {
    let work = &options.study.work;
    let language: Language = work.lang.into();
    check_target(work)?;
    let (subject, all, worth, earlier) = match &work.resume {
        Some(folder) => resumed(folder, talk)?,
        None => begun(options, talk)?,
    };
    let players = subject.measures.len();
    let attributing = attributing(options, &all, players, earlier.as_ref())?;
    let catalogue = Catalogue::of(&all);
    let indicator = indicator(options, earlier.as_ref());
    let number = headline(&catalogue, &indicator)?;
    let asked = Asked {
        indicator,
        seed: attributing.seed,
        replications: attributing.replications,
        orders: attributing.orders,
    };
    let target = target(work, COMMAND, &all.scenario.name);
    let stop = stop_on_interrupt(talk);
    let mut game = Game {
        size: all.replications_per_input_draw(),
        subject: &subject,
        all: &all,
        work: WorkOptions {
            no_equilibrium: work.no_equilibrium || (work.resume.is_some() && subject.equilibrium.is_none()),
            ..work.clone()
        },
        options: &attributing,
        asked: &asked,
        talk,
        stop: &stop,
        worth,
        target,
        has_folder: work.resume.is_some(),
    };
    let mut complete = game.simulate(&attributing.coalitions(players))?;
    if complete {
        let pairs = attributing.pairs(players, &game.worth, &asked.indicator);
        complete = game.simulate(&pairs.into_iter().collect())?;
    }
    if !complete {
        game.keep()?;
        let (worth, target) = (&game.worth, &game.target);
        let orders = match attributing.orders {
            Orders::All => " --all-orders".to_owned(),
            Orders::Drawn(pairs) => format!(" --orders {pairs}"),
        };
        let command = format!(
            "corridor attribute --resume {} --indicator {}{orders} --replications {}",
            target.display(),
            asked.indicator,
            attributing.replications
        );
        let count = worth.values.len();
        talk.say(&Word::CoalitionsKept.filled(language, &[&count, &target.display(), &command]));
        return Err(Failure::Interrupted);
    }
    let Some(credit) = game.worth.attribute(players, &asked.indicator, &attributing) else {
        return Err(Failure::Usage(
            Word::NotMeasurable.filled(language, &[&asked.indicator]),
        ));
    };
    let report = CreditReport {
        model: &all,
        ground: &subject.scenario,
        measures: &subject.measures,
        indicator: &catalogue.indicators[number],
        worth: &game.worth,
        credit: &credit,
        options: &attributing,
        language,
    };
    let target = deliver(&game.work, &game.target, |folder| {
        report.write(folder)?;
        if !work.no_charts {
            report.write_charts(folder)?;
        }
        game.state().write(folder)
    })?;
    talk.data(&if talk.json { report.json() } else { report.text() })?;
    talk.say(&Word::ComparisonLine.filled(language, &[&target.display()]));
    Ok(())
}

/// What a study was asked for: it is gone on with in the same way unless something else is asked for then.
#[derive(Clone, Serialize, Deserialize)]
struct Asked {
    indicator: String,
    seed: u64,
    replications: u64,
    orders: Orders,
}

/// The scenario under all measures, what is known of coalitions, and what was asked for if it is gone on with.
type Begun = (Subject, Model, Worth, Option<Asked>);

/// The indicator whose change is shared out unless another is named.
const INDICATOR: &str = "system.delivered_teu";

fn indicator(options: &AttributeOptions, earlier: Option<&Asked>) -> String {
    let before = || earlier.map_or_else(|| INDICATOR.to_owned(), |earlier| earlier.indicator.clone());
    options.indicator.clone().unwrap_or_else(before)
}

fn begun(options: &AttributeOptions, talk: &Talk) -> Result<Begun, Failure> {
    let named: Vec<String> = options.scenario.iter().cloned().collect();
    let (names, measures) = grounds(&named, &options.overlay, talk)?;
    if !(2..=MOST_PLAYERS).contains(&measures.len()) {
        return Err(Failure::Usage(format!(
            "credit is shared out between 2 to {MOST_PLAYERS} measures, not {}: name them by --with, such as --with 'measures/*'",
            measures.len()
        )));
    }
    let overlay = options.overlay.with(&measures);
    let label = format!("{} + {} measures", names[0], measures.len());
    let work = &options.study.work;
    let compiled = compiled(&label, (&names[0], &overlay), work, talk)?;
    // Found wrong before the long search for how shippers choose.
    headline(&Catalogue::of(&compiled.model), &indicator(options, None))?;
    attributing(options, &compiled.model, measures.len(), None)?;
    let (subject, model) = compiled.settled(work, talk)?;
    Ok((subject, model, Worth::default(), None))
}

fn resumed(folder: &Path, talk: &Talk) -> Result<Begun, Failure> {
    let state = read_study::<(Asked, Worth)>(folder, COMMAND).map_err(|error| not_resumed(&error))?;
    let Some(subject) = state.subjects.into_iter().next() else {
        return Err(Failure::Files(
            "the study has no scenario".to_owned(),
            "make the study anew instead".to_owned(),
        ));
    };
    let model = make_again(&subject, talk)?;
    let (asked, worth) = state.results;
    Ok((subject, model, worth, Some(asked)))
}

fn attributing(
    options: &AttributeOptions,
    all: &Model,
    players: usize,
    earlier: Option<&Asked>,
) -> Result<Attributing, Failure> {
    let run = &all.scenario.run;
    let study = &options.study;
    let orders = match (options.orders, options.all_orders) {
        (_, true) if players > MOST_FOR_ALL => {
            return Err(Failure::Usage(format!(
                "--all-orders: all coalitions of {players} measures are {} scenarios; draw orders instead, or name at most {MOST_FOR_ALL}",
                everybody(players) + 1
            )));
        }
        (_, true) => Orders::All,
        (Some(pairs), _) => Orders::Drawn(pairs),
        (None, _) if earlier.is_some() => earlier.map_or(Orders::All, |earlier| earlier.orders),
        (None, _) if players <= FEW => Orders::All,
        (None, _) => Orders::Drawn(PAIRS),
    };
    Ok(Attributing {
        seed: earlier.map(|it| it.seed).or(study.work.seed).unwrap_or(run.seed),
        replications: study
            .replications
            .or(earlier.map(|it| it.replications))
            .unwrap_or(run.replications),
        threads: study.work.threads(),
        confidence: run.confidence,
        orders,
    })
}

/// The number of the headline indicator called `key`; of others the values of coalitions are not kept.
fn headline(catalogue: &Catalogue, key: &str) -> Result<usize, Failure> {
    let number = catalogue
        .find(key)
        .filter(|number| catalogue.headlines.contains(number));
    number.ok_or_else(|| failure_of(&ExperimentError::no_such_headline(catalogue, key)))
}

/// The game that measures play.
struct Game<'a> {
    /// The scenario under all measures.
    subject: &'a Subject,
    all: &'a Model,
    /// Replications that share a draw of the inputs.
    size: u64,
    work: WorkOptions,
    options: &'a Attributing,
    asked: &'a Asked,
    talk: &'a Talk,
    stop: &'a AtomicBool,
    worth: Worth,
    /// The folder of the study.
    target: PathBuf,
    /// Whether there is such a folder already, of this study.
    has_folder: bool,
}

impl Game<'_> {
    /// Simulates those of the coalitions that are not known yet; whether all are known in the end.
    fn simulate(&mut self, coalitions: &BTreeSet<Coalition>) -> Result<bool, Failure> {
        let unknown = |it: &Coalition| !self.worth.knows(*it, self.options, self.size);
        let missing: Vec<Coalition> = coalitions.iter().copied().filter(unknown).collect();
        let groups = self.options.replications.div_ceil(self.size).max(2);
        let total = missing.len() as u64 * groups;
        for (number, coalition) in missing.into_iter().enumerate() {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let made;
            let model = if coalition == everybody(self.subject.measures.len()) {
                self.all
            } else {
                made = self.model(coalition)?;
                &made
            };
            if self.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let bar = self.talk.progress();
            bar.set_length(total);
            let before = number as u64 * groups;
            let progress = |done: u64| bar.set_position(before + done);
            let complete = self
                .worth
                .simulate(coalition, (model, self.size), self.options, &progress, self.stop)
                .map_err(|error| failure_of(&error))?;
            bar.finish_and_clear();
            if !complete {
                return Ok(false);
            }
            // What another study has left is replaced in the end, and not before.
            if self.has_folder || !self.target.exists() {
                self.keep().unwrap_or_else(|failure| self.talk.failure(&failure));
            }
        }
        Ok(true)
    }

    /// Puts what is known so far into the folder, so that it is there to be gone on with whatever happens: a study can take hours.
    fn keep(&mut self) -> Result<(), Failure> {
        if self.has_folder {
            return self.state().update(&self.target).map_err(|error| not_written(&error));
        }
        self.target = deliver(&self.work, &self.target, |folder| self.state().write(folder))?;
        self.has_folder = true;
        // In the end it is replaced by the whole.
        self.work.force = true;
        Ok(())
    }

    fn state(&self) -> StudyState<(&Asked, &Worth)> {
        let subjects = std::slice::from_ref(self.subject);
        StudyState::new(COMMAND, self.options.seed, subjects, (self.asked, &self.worth))
    }

    /// The scenario with the measures of a coalition in force.
    fn model(&self, coalition: Coalition) -> Result<Model, Failure> {
        let of_coalition = |(number, _): &(usize, &String)| coalition & (1 << number) != 0;
        let members = self.subject.measures.iter().enumerate().filter(of_coalition);
        let overlay = Overlay {
            measures: members.map(|(_, measure)| measure.clone()).collect(),
            without_shocks: self.subject.without_shocks,
            ..Overlay::default()
        };
        let label = if overlay.measures.is_empty() {
            self.subject.scenario.clone()
        } else {
            format!("{} + {}", self.subject.scenario, overlay.measures.join(" + "))
        };
        let compiled = compiled(&label, (&self.subject.scenario, &overlay), &self.work, self.talk)?;
        let (_, model) = compiled.settled(&self.work, self.talk)?;
        Ok(model)
    }
}
