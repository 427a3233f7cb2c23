//! Several scenarios on common random numbers, and what they differ by.
//!
//! Replication by replication every scenario meets the same luck: consignments, trains and disruptions that they share draw
//! the same numbers, and so do inputs. What differs between them is then what their differences make of it, and the variance
//! of a difference is far below that of independent runs. Which differences may be believed is judged over all that are
//! shown together (Holm 1979).

use super::{ExperimentError, pool};
use crate::indicator::Catalogue;
use crate::model::Model;
use crate::random::Seed;
use crate::simulation::simulate;
use crate::statistics::{Paired, holm, paired};
use rayon::prelude::*;
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

/// How scenarios are compared.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparing {
    /// Seed of all randomness.
    pub seed: u64,
    /// Replications of each, in whole groups.
    pub replications: u64,
    /// Threads; as many as there are processors when left out.
    pub threads: Option<usize>,
    /// Of the intervals; differences are significant at one less this.
    pub confidence: f64,
}

/// What came of a comparison.
pub struct Comparison {
    /// Replications of each scenario that are in it.
    pub replications: u64,
    /// Keys of the indicators compared.
    pub keys: Vec<String>,
    /// For each scenario but the first, its differences from the first by indicator.
    pub differences: Vec<Vec<Difference>>,
    /// Whether it was stopped before it was done.
    pub interrupted: bool,
}

/// The difference of a scenario from the first in one indicator.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Difference {
    /// The pairs and their difference.
    pub paired: Paired,
    /// The probability adjusted for all differences of the comparison.
    pub adjusted: f64,
    /// Whether it is significant among all of them.
    pub significant: bool,
}

/// The values of one group of replications: by scenario, then by key.
type Values = Vec<Vec<f64>>;

/// Compares the first of `contenders` with each of the others in the indicators called `keys`; what one of them does not
/// have is not compared. `progress` is told the groups done and their number; `stop` ends it after the groups in hand.
///
/// # Errors
/// When threads cannot be started.
pub fn compare(
    contenders: &[Contender<'_>],
    keys: &[String],
    options: &Comparing,
    progress: &(dyn Fn(u64, u64) + Sync),
    stop: &AtomicBool,
) -> Result<Comparison, ExperimentError> {
    // All share the draws of the inputs, so all have groups of the same size: the largest that any of them wants.
    let size = contenders
        .iter()
        .map(|it| it.model.replications_per_input_draw())
        .max()
        .unwrap_or(1);
    let groups = options.replications.div_ceil(size).max(2);
    let places: Vec<Vec<Option<usize>>> = contenders
        .iter()
        .map(|it| keys.iter().map(|key| it.catalogue.find(key)).collect())
        .collect();
    let done = AtomicU64::new(0);
    let one = |group: u64| {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let of_all = contenders.iter().zip(&places);
        let values: Values = of_all
            .map(|(it, places)| means_of_group(it, places, Seed(options.seed), group * size..(group + 1) * size))
            .collect();
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, groups);
        Some(values)
    };
    let values: Vec<Option<Values>> = pool(options.threads)?.install(|| (0..groups).into_par_iter().map(one).collect());
    let values: Vec<Values> = values.into_iter().flatten().collect();
    let column =
        |contender: usize, key: usize| -> Vec<f64> { values.iter().map(|group| group[contender][key]).collect() };
    let raw: Vec<Vec<Paired>> = (1..contenders.len())
        .map(|other| {
            let pairs = (0..keys.len()).map(|key| paired(&column(0, key), &column(other, key), options.confidence));
            pairs.collect()
        })
        .collect();
    let adjusted = holm(&raw.iter().flatten().map(|pair| pair.p).collect::<Vec<_>>());
    let mut adjusted = adjusted.into_iter();
    let differences = raw
        .into_iter()
        .map(|pairs| {
            let judged = pairs.into_iter().zip(adjusted.by_ref());
            judged
                .map(|(paired, adjusted)| Difference {
                    paired,
                    adjusted,
                    significant: adjusted < 1.0 - options.confidence,
                })
                .collect()
        })
        .collect();
    Ok(Comparison {
        replications: values.len() as u64 * size,
        keys: keys.to_vec(),
        differences,
        interrupted: (values.len() as u64) < groups,
    })
}

/// The means over some replications, which share a draw of the inputs, of the indicators at `places`.
fn means_of_group(
    contender: &Contender<'_>,
    places: &[Option<usize>],
    seed: Seed,
    replications: std::ops::Range<u64>,
) -> Vec<f64> {
    let model = contender.model;
    let plan = model.plan_of(seed, replications.start);
    let mut sums = vec![0.0; places.len()];
    let count = (replications.end - replications.start) as f64;
    for replication in replications {
        let record = simulate(&plan, model.luck_of(seed, replication));
        let values = contender.catalogue.measure(model, &plan, &record);
        for (sum, place) in sums.iter_mut().zip(places) {
            *sum += place.map_or(f64::NAN, |place| values[place]) / count;
        }
    }
    sums
}
