//! Several scenarios on common random numbers, and what they differ by.
//!
//! Replication by replication every scenario meets the same luck: consignments, trains and disruptions that they share draw
//! the same numbers, and so do inputs. What differs between them is then what their differences make of it, and the variance
//! of a difference is far below that of independent runs. Which differences may be believed is judged over all that are
//! shown together (Holm 1979).
//!
//! Each scenario leaves behind what a run of its own would have left, bit for bit, and all but the first the sums of their
//! differences from it. All of these merge exactly, so neither the threads nor an interruption show.

use super::effect::{Effect, effect};
use super::{Aggregate, ExperimentError, FIRST_LOOK, Group, held, pool};
use crate::indicator::{Catalogue, Estimator, Indicator};
use crate::model::Model;
use crate::random::Seed;
use crate::statistics::{Paired, Pairs, RELATIVE_ERROR, holm};
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
}

/// Compares the first of `contenders` with each of the others, going on from what `before` has done already. `progress` is
/// told the replications of each that are done and their number as far as is known; `stop` ends it after those in hand.
///
/// # Errors
/// When the indicator of a sequential comparison does not exist, or threads cannot be started.
pub fn compare(
    contenders: &[Contender<'_>],
    options: &Comparing,
    before: Option<Vec<Side>>,
    progress: &(dyn Fn(u64, u64) + Sync),
    stop: &AtomicBool,
) -> Result<Comparison, ExperimentError> {
    let work = Work::new(contenders, options, progress, stop);
    let pool = pool(options.threads)?;
    let mut sides = before.unwrap_or_else(|| work.nothing());
    let groups = |replications: u64| replications.div_ceil(work.size).max(2);
    match &options.until {
        Until::Replications(replications) => {
            let complete = work.extend(&pool, &mut sides, groups(*replications), groups(*replications));
            Ok(Comparison {
                sides,
                interrupted: !complete,
                precise: None,
            })
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
                let complete = work.extend(&pool, &mut sides, wanted, limit);
                let half_width = |side: &Side| {
                    let paired = compared(&side.pairs[number], &catalogue.indicators[number], options.confidence);
                    let half = paired.difference.half_width();
                    // What cannot be measured is not known either.
                    if half.is_nan() { f64::INFINITY } else { half }
                };
                let now = sides[1..].iter().map(half_width).fold(0.0, f64::max);
                let precise = now <= *within;
                let done = complete && (precise || wanted >= limit);
                if done || stop.load(Ordering::Relaxed) {
                    return Ok(Comparison {
                        sides,
                        interrupted: !done,
                        precise: Some(precise),
                    });
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
    fn extend(&self, pool: &rayon::ThreadPool, sides: &mut Vec<Side>, groups: u64, limit: u64) -> bool {
        let missing: Vec<u64> = (0..groups).filter(|group| !sides[0].aggregate.has(*group)).collect();
        let done = AtomicU64::new(sides[0].aggregate.groups());
        (self.progress)(done.load(Ordering::Relaxed) * self.size, limit * self.size);
        let shared = Mutex::new(std::mem::take(sides));
        pool.install(|| {
            missing.par_iter().for_each(|group| {
                if !self.stop.load(Ordering::Relaxed) {
                    self.do_group(*group, &shared);
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    (self.progress)(done * self.size, limit * self.size);
                }
            });
        });
        *sides = shared.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        missing.iter().all(|group| sides[0].aggregate.has(*group))
    }

    /// Simulates a group of replications of all contenders and adds what they leave. The group is complete or not in it.
    fn do_group(&self, number: u64, sides: &Mutex<Vec<Side>>) {
        let simulate = |it: &Contender<'_>| Group::simulate(it.model, it.catalogue, self.seed, number, self.size);
        let all: Vec<Group> = self.contenders.iter().map(simulate).collect();
        let means: Vec<Vec<f64>> = all.iter().map(mean_values).collect();
        let mut sides = held(sides);
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
        self.sides[0].aggregate.replications
    }

    /// For each scenario but the first, its differences from the first by indicator.
    pub fn differences(&self, contenders: &[Contender<'_>], confidence: f64) -> Vec<Vec<Difference>> {
        let first = contenders[0].catalogue;
        let headline = |indicator: usize| first.indicators[indicator].is_headline();
        let raw: Vec<Vec<Paired>> = self.sides[1..]
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
                    effect: self.effect_on(contenders, other + 1, indicator),
                });
            }
            all.push(differences);
        }
        all
    }

    /// How the difference of a scenario from the first in an indicator varies, where the values of all replications are kept.
    fn effect_on(&self, contenders: &[Contender<'_>], other: usize, indicator: usize) -> Option<Effect> {
        let (first, second) = (&contenders[0], &contenders[other]);
        let of_first = first.catalogue.headlines.iter().position(|it| *it == indicator)?;
        let number = second.catalogue.find(&first.catalogue.indicators[indicator].key())?;
        let of_second = second.catalogue.headlines.iter().position(|it| *it == number)?;
        let before = &self.sides[0].aggregate.headlines;
        let after = &self.sides[other].aggregate.headlines;
        let mut groups: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        let size = before.len() as u64 / self.sides[0].aggregate.groups().max(1);
        for (replication, values) in before {
            let difference = after.get(replication)?[of_second] - values[of_first];
            groups.entry(replication / size.max(1)).or_default().push(difference);
        }
        effect(&groups.into_values().collect::<Vec<_>>())
    }
}
