//! Several scenarios on common random numbers, and what they differ by.
//!
//! Replication by replication every scenario meets the same luck: consignments, trains and disruptions that they share draw
//! the same numbers, and so do inputs. What differs between them is then what their differences make of it, and the variance
//! of a difference is far below that of independent runs. Which differences may be believed is judged over all that are
//! shown together (Holm 1979).
//!
//! Scenarios that differ from some day on only share their past, which is simulated once ([`crate::simulation::simulate_all`]).
//! Each leaves behind what a run of its own would have left, bit for bit, and all but the first the sums of their
//! differences from it. All of these merge exactly, so neither the threads nor an interruption show.

use super::effect::{Effect, effect, missing_share};
use super::{Aggregate, ExperimentError, FIRST_LOOK, Group, held, pool};
use crate::indicator::{Catalogue, Estimator, Indicator};
use crate::model::Model;
use crate::random::Seed;
use crate::statistics::{Interval, Paired, Pairs, RELATIVE_ERROR, holm};
use crate::units::SimTime;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// One of the scenarios compared.
pub struct Contender<'a> {
    /// What it is called.
    pub name: String,
    /// Its model.
    pub model: &'a Model,
    /// Its indicators.
    pub catalogue: &'a Catalogue,
    /// Whether it is not compared itself, but the same as the first or the last of those that are with poorly founded inputs
    /// held. Such twins come last, that of the first first.
    pub twin: bool,
}

/// How long scenarios are compared.
#[derive(Clone, PartialEq, Debug)]
pub enum Until {
    /// So many replications of each, in whole groups.
    Replications(u64),
    /// Until all differences in an indicator are known to within so much.
    Known {
        /// Key of the indicator.
        indicator: String,
        /// Half-width of the interval of the difference, in the indicator's unit.
        within: f64,
        /// Replications of each after which it ends at the latest.
        at_most: u64,
    },
}

/// How scenarios are compared.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparing {
    /// Seed of all randomness.
    pub seed: u64,
    /// How long.
    pub until: Until,
    /// Threads; as many as there are processors when left out.
    pub threads: Option<usize>,
    /// Of the intervals; differences are significant at one less this.
    pub confidence: f64,
}

/// What a scenario leaves behind in a comparison.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Side {
    /// What a run of it would have left.
    pub aggregate: Aggregate,
    /// Group by group beside the first scenario, by the first's indicators; empty for the first itself.
    pub pairs: Vec<Pairs>,
}

/// What is finished of a comparison, also while it is under way.
#[derive(Default)]
pub struct Kept(Mutex<Vec<Side>>);

impl Kept {
    /// What an earlier comparison of the same scenarios has left.
    pub fn new(sides: Vec<Side>) -> Self {
        Self(Mutex::new(sides))
    }

    /// All that is finished by now.
    pub fn so_far(&self) -> Comparison {
        Comparison {
            sides: held(&self.0).clone(),
            interrupted: true,
            precise: None,
        }
    }

    /// The comparison when it is over. What is finished stays here as well, for whoever gives up just now.
    fn ended(&self, interrupted: bool, precise: Option<bool>) -> Comparison {
        Comparison {
            sides: held(&self.0).clone(),
            interrupted,
            precise,
        }
    }
}

/// What came of a comparison.
pub struct Comparison {
    /// What each scenario left.
    pub sides: Vec<Side>,
    /// Whether it was stopped before it was done.
    pub interrupted: bool,
    /// Whether the difference was known as well as it was to be, where that was asked for.
    pub precise: Option<bool>,
}

/// The difference of a scenario from the first in one indicator.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Difference {
    /// The number of the indicator in the catalogue of the first.
    pub indicator: usize,
    /// The pairs and their difference.
    pub paired: Paired,
    /// The probability adjusted for all headline differences of the comparison; not a number for others.
    pub adjusted: f64,
    /// Whether it is significant among all of them.
    pub significant: bool,
    /// How it varies from day to day and with what is not known, for headline indicators.
    pub effect: Option<Effect>,
    /// The share that poorly founded inputs have in the variance of the expected difference over what is not known, where
    /// scenarios have twins.
    pub assumed: Option<Interval>,
}

/// Compares the first of `contenders` with each of the others, going on from what is `kept` already. `progress` is
/// told the replications of each that are done and their number as far as is known; `stop` ends it after those in hand.
///
/// # Errors
/// When the indicator of a sequential comparison does not exist, or threads cannot be started.
pub fn compare(
    contenders: &[Contender<'_>],
    options: &Comparing,
    kept: &Kept,
    progress: &(dyn Fn(u64, u64) + Sync),
    stop: &AtomicBool,
) -> Result<Comparison, ExperimentError> {
    let work = Work::new(contenders, options, progress, stop);
    let pool = pool(options.threads)?;
    if held(&kept.0).is_empty() {
        *held(&kept.0) = work.nothing();
    }
    let groups = |replications: u64| replications.div_ceil(work.size).max(2);
    match &options.until {
        Until::Replications(replications) => {
            let complete = work.extend(&pool, kept, groups(*replications), groups(*replications));
            Ok(kept.ended(!complete, None))
        }
        Until::Known {
            indicator,
            within,
            at_most,
        } => {
            let catalogue = contenders[0].catalogue;
            let Some(number) = catalogue.find(indicator) else {
                return Err(ExperimentError::no_such_indicator(catalogue, indicator));
            };
            let limit = groups(*at_most);
            let mut wanted = FIRST_LOOK.min(limit);
            loop {
                let complete = work.extend(&pool, kept, wanted, limit);
                let half_width = |side: &Side| {
                    let paired = compared(&side.pairs[number], &catalogue.indicators[number], options.confidence);
                    let half = paired.difference.half_width();
                    // What cannot be measured is not known either.
                    if half.is_nan() { f64::INFINITY } else { half }
                };
                let sides = 1..compared_of(contenders);
                let now = held(&kept.0)[sides].iter().map(half_width).fold(0.0, f64::max);
                let precise = now <= *within;
                let done = complete && (precise || wanted >= limit);
                if done || stop.load(Ordering::Relaxed) {
                    return Ok(kept.ended(!done, Some(precise)));
                }
                wanted = (wanted as f64 * super::growth(now / within)).ceil() as u64;
                wanted = wanted.min(limit);
            }
        }
    }
}

/// The groups of replications of a comparison, and who makes them.
struct Work<'a> {
    contenders: &'a [Contender<'a>],
    /// For each contender but the first, where it has the indicators of the first.
    places: Vec<Vec<Option<usize>>>,
    /// Contenders by whether they may share a past: those of each are simulated together, and no more plans are held at once
    /// than that needs.
    families: Vec<Vec<usize>>,
    seed: Seed,
    /// Replications of a group. All share the draws of the inputs, so all have groups of the same size: those of the model
    /// that wants the largest.
    size: u64,
    progress: &'a (dyn Fn(u64, u64) + Sync),
    stop: &'a AtomicBool,
}

impl<'a> Work<'a> {
    fn new(
        contenders: &'a [Contender<'a>],
        options: &Comparing,
        progress: &'a (dyn Fn(u64, u64) + Sync),
        stop: &'a AtomicBool,
    ) -> Self {
        let own = |contender: &Contender<'_>| contender.model.replications_per_input_draw();
        let first = contenders[0].catalogue;
        Self {
            contenders,
            places: contenders[1..].iter().map(|it| places(first, it.catalogue)).collect(),
            families: families(contenders),
            seed: Seed(options.seed),
            size: contenders.iter().map(own).max().unwrap_or(1),
            progress,
            stop,
        }
    }

    fn nothing(&self) -> Vec<Side> {
        let mut sides: Vec<Side> = Vec::new();
        for contender in self.contenders {
            let pairs = if sides.is_empty() {
                0
            } else {
                self.contenders[0].catalogue.indicators.len()
            };
            sides.push(Side {
                aggregate: Aggregate::new(contender.model, contender.catalogue),
                pairs: vec![Pairs::default(); pairs],
            });
        }
        sides
    }

    /// Does the groups below `groups` that are missing; whether all are there in the end.
    fn extend(&self, pool: &rayon::ThreadPool, kept: &Kept, groups: u64, limit: u64) -> bool {
        let is_missing = |group: &u64| !held(&kept.0)[0].aggregate.has(*group);
        let missing: Vec<u64> = (0..groups).filter(is_missing).collect();
        let done = AtomicU64::new(held(&kept.0)[0].aggregate.groups());
        (self.progress)(done.load(Ordering::Relaxed) * self.size, limit * self.size);
        pool.install(|| {
            missing.par_iter().for_each(|group| {
                if !self.stop.load(Ordering::Relaxed) {
                    self.do_group(*group, kept);
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    (self.progress)(done * self.size, limit * self.size);
                }
            });
        });
        !missing.iter().any(is_missing)
    }

    /// Simulates a group of replications of all contenders and adds what they leave. The group is complete or not in it.
    fn do_group(&self, number: u64, kept: &Kept) {
        let mut all: Vec<Option<Group>> = self.contenders.iter().map(|_| None).collect();
        for family in &self.families {
            let of_family = family.iter().map(|member| &self.contenders[*member]);
            let models: Vec<(&Model, &Catalogue)> = of_family.map(|it| (it.model, it.catalogue)).collect();
            let groups = Group::simulate_all(&models, self.seed, number, self.size);
            for (member, group) in family.iter().zip(groups) {
                all[*member] = Some(group);
            }
        }
        let all: Vec<Group> = all.into_iter().flatten().collect();
        let means: Vec<Vec<f64>> = all.iter().map(mean_values).collect();
        let mut sides = held(&kept.0);
        for (place, (group, contender)) in all.into_iter().zip(self.contenders).enumerate() {
            let side = &mut sides[place];
            side.aggregate.add(contender.model, contender.catalogue, group);
            if let Some(other) = place.checked_sub(1) {
                let values = self.places[other].iter().zip(&means[0]).zip(&mut side.pairs);
                for ((there, first), pairs) in values {
                    pairs.add(*first, there.map_or(f64::NAN, |there| means[place][there]));
                }
            }
        }
    }
}

/// Parts contenders by whether their plans say the same at the start.
fn families(contenders: &[Contender<'_>]) -> Vec<Vec<usize>> {
    let typical = |place: usize| &contenders[place].model.typical;
    let mut families: Vec<Vec<usize>> = Vec::new();
    for place in 0..contenders.len() {
        let alike = |family: &&mut Vec<usize>| typical(family[0]).parts_from(typical(place)) > SimTime::START;
        match families.iter_mut().find(alike) {
            Some(family) => family.push(place),
            None => families.push(vec![place]),
        }
    }
    families
}

/// How many of the contenders are compared.
pub fn compared_of(contenders: &[Contender<'_>]) -> usize {
    contenders.iter().filter(|it| !it.twin).count()
}

/// Where a catalogue has the indicators of the first.
fn places(first: &Catalogue, other: &Catalogue) -> Vec<Option<usize>> {
    let keys = other.indicators.iter().map(Indicator::key);
    let known: BTreeMap<String, usize> = keys.enumerate().map(|(place, key)| (key, place)).collect();
    let find = |indicator: &Indicator| known.get(&indicator.key()).copied();
    first.indicators.iter().map(find).collect()
}

/// The mean of each indicator over the replications of a group in which it could be measured.
pub(super) fn mean_values(group: &Group) -> Vec<f64> {
    let mut sums: Vec<(f64, u32)> = Vec::new();
    for values in group.values() {
        sums.resize(values.len(), (0.0, 0));
        for ((sum, count), value) in sums.iter_mut().zip(values) {
            if !value.is_nan() {
                *sum += value;
                *count += 1;
            }
        }
    }
    sums.into_iter().map(|(sum, count)| sum / f64::from(count)).collect()
}

/// What the pairs of values of an indicator differ by.
fn compared(pairs: &Pairs, indicator: &Indicator, confidence: f64) -> Paired {
    pairs.compared_in_grains(grain(indicator, pairs), confidence)
}

/// How far apart two values of an indicator can be although they are the same: quantiles are read off sketches, whose bins
/// have a width, and all replications may move from one bin to the next by a hair.
fn grain(indicator: &Indicator, pairs: &Pairs) -> f64 {
    match indicator.estimator {
        Estimator::Mean => 0.0,
        Estimator::Quantile { .. } => {
            let (first, second) = pairs.means();
            RELATIVE_ERROR * (first.abs() + second.abs())
        }
    }
}

impl Comparison {
    /// Replications of each scenario that are in it.
    pub fn replications(&self) -> u64 {
        self.sides.first().map_or(0, |side| side.aggregate.replications)
    }

    /// For each scenario but the first, its differences from the first by indicator.
    pub fn differences(&self, contenders: &[Contender<'_>], confidence: f64) -> Vec<Vec<Difference>> {
        let first = contenders[0].catalogue;
        let headline = |indicator: usize| first.indicators[indicator].is_headline();
        let last = compared_of(contenders) - 1;
        let raw: Vec<Vec<Paired>> = self.sides[1..=last]
            .iter()
            .map(|side| {
                let pairs = side.pairs.iter().zip(&first.indicators);
                pairs
                    .map(|(pairs, indicator)| compared(pairs, indicator, confidence))
                    .collect()
            })
            .collect();
        let of_family = |(indicator, paired): (usize, &Paired)| headline(indicator).then_some(paired.p);
        let family: Vec<f64> = raw
            .iter()
            .flat_map(|pairs| pairs.iter().enumerate().filter_map(of_family))
            .collect();
        let mut adjusted = holm(&family).into_iter();
        let mut all = Vec::new();
        for (other, pairs) in raw.into_iter().enumerate() {
            let mut differences = Vec::with_capacity(pairs.len());
            for (indicator, paired) in pairs.into_iter().enumerate() {
                let adjusted = if headline(indicator) {
                    adjusted.next().unwrap_or(f64::NAN)
                } else {
                    f64::NAN
                };
                differences.push(Difference {
                    indicator,
                    paired,
                    adjusted,
                    significant: adjusted < 1.0 - confidence,
                    effect: self.effect_on(contenders, (0, other + 1), indicator),
                    assumed: (other + 1 == last)
                        .then(|| self.assumed(contenders, last, indicator, confidence))
                        .flatten(),
                });
            }
            all.push(differences);
        }
        all
    }

    /// How the difference between two scenarios in an indicator of the first varies, where the values of all replications are
    /// kept.
    fn effect_on(&self, contenders: &[Contender<'_>], pair: (usize, usize), indicator: usize) -> Option<Effect> {
        effect(&self.by_group(contenders, pair, indicator)?)
    }

    /// The differences between two scenarios in an indicator of the first, by groups of replications that share their inputs.
    fn by_group(
        &self,
        contenders: &[Contender<'_>],
        (one, other): (usize, usize),
        indicator: usize,
    ) -> Option<Vec<Vec<f64>>> {
        let first = contenders[0].catalogue;
        let is_headline = first.headlines.contains(&indicator);
        let key = is_headline.then(|| first.indicators[indicator].key())?;
        let column = |place: usize| {
            let catalogue = contenders[place].catalogue;
            let is_it = |number: &usize| catalogue.indicators[*number].key() == key;
            catalogue.headlines.iter().position(is_it)
        };
        let (of_one, of_other) = (column(one)?, column(other)?);
        let before = &self.sides[one].aggregate.headlines;
        let after = &self.sides[other].aggregate.headlines;
        let mut groups: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        let size = before.len() as u64 / self.sides[one].aggregate.groups().max(1);
        for (replication, values) in before {
            let difference = after.get(replication)?[of_other] - values[of_one];
            groups.entry(replication / size.max(1)).or_default().push(difference);
        }
        Some(groups.into_values().collect())
    }

    /// The share of poorly founded inputs in what is not known of the difference of the `last` from the first: what is missing
    /// from the variance of its expectation when they are held.
    fn assumed(
        &self,
        contenders: &[Contender<'_>],
        last: usize,
        indicator: usize,
        confidence: f64,
    ) -> Option<Interval> {
        if contenders.len() < last + 3 {
            return None;
        }
        let all = self.by_group(contenders, (0, last), indicator)?;
        let founded = self.by_group(contenders, (last + 1, last + 2), indicator)?;
        missing_share(&all, &founded, confidence)
    }
}
