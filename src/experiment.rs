//! Experiments: many replications of one model, in parallel, merged exactly.
//!
//! The unit of work and of inference is a group of replications that share one draw of the uncertain inputs (a single
//! replication where nothing is uncertain). Each thread merges what it finishes into an [`Aggregate`] of its own, and the
//! aggregates are merged at the end; since all merging adds integers, the result has the same bits for any number of
//! threads and any order of work, and a run of a fixed number of replications that was stopped and resumed equals one that
//! was not (a sequential run looks at what it has when it goes on). This is the only place where there is parallelism.
//!
//! A replication is a pure function and cannot be stopped. Whoever cannot wait for those under way takes what is
//! [`Finished`] and leaves them behind.

mod aggregate;
mod attribution;
mod comparison;
mod effect;
mod equilibrium;
mod estimate;
mod warm_up;

pub use aggregate::{Aggregate, Group, PROFILED_REPLICATIONS};
pub use attribution::{Attributing, Credit, Interaction, Orders, Worth};
pub use comparison::{Comparing, Comparison, Contender, Difference, Kept, Side, Until, compare, compared_of};
pub use effect::{Effect, LEAST_FOR_SHARE, effect};
pub use equilibrium::{Averaging, Equilibrium, Round, find_equilibrium};
pub use estimate::{Estimate, estimates};
pub use warm_up::{WarmUpFinding, find_warm_up};

use crate::indicator::{Catalogue, nearest_of};
use crate::model::Model;
use crate::random::Seed;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many replications are made.
#[derive(Clone, PartialEq, Debug)]
pub enum Effort {
    /// So many.
    Fixed(u64),
    /// As many as it takes until the interval of an indicator is narrow enough.
    Precision {
        /// Key of the indicator.
        indicator: String,
        /// Half-width of the interval over the estimate.
        relative: f64,
        /// But no more than so many.
        at_most: u64,
    },
}

/// How an experiment is run.
#[derive(Clone, PartialEq, Debug)]
pub struct Options {
    /// Seed of all randomness.
    pub seed: u64,
    /// How many replications.
    pub effort: Effort,
    /// Threads; as many as there are processors when left out.
    pub threads: Option<usize>,
}

/// Who is told about progress: replications finished, and how many there will be as far as is known.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// The first look of a sequential experiment comes after so many groups.
const FIRST_LOOK: u64 = 20;

/// What came of an experiment.
pub struct Outcome {
    /// Everything merged.
    pub aggregate: Aggregate,
    /// Whether it was stopped before it was done.
    pub interrupted: bool,
    /// Whether the precision asked for was reached, where one was.
    pub precise: Option<bool>,
}

/// What is finished of an experiment under way.
#[derive(Clone, Default)]
pub struct Finished {
    /// What was merged already, and the part of each thread.
    parts: Arc<Mutex<Vec<Part>>>,
}

type Part = Arc<Mutex<Aggregate>>;

impl Finished {
    /// All groups of replications that are finished by now, merged.
    pub fn so_far(&self) -> Aggregate {
        let mut parts = held(&self.parts).clone().into_iter();
        let mut whole = parts.next().map(|part| held(&part).clone()).unwrap_or_default();
        for part in parts {
            whole.merge(&held(&part));
        }
        whole
    }

    /// Begins anew with what was merged already.
    fn begin(&self, merged: &Aggregate) {
        *held(&self.parts) = vec![Arc::new(Mutex::new(merged.clone()))];
    }

    /// Another part, for a thread.
    fn part(&self, model: &Model, catalogue: &Catalogue) -> Part {
        let part = Arc::new(Mutex::new(Aggregate::new(model, catalogue)));
        held(&self.parts).push(Arc::clone(&part));
        part
    }
}

/// What a lock holds. A thread that panicked ends the run, so nobody sees what it left half-done.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why an experiment could not be run.
#[derive(Debug)]
pub enum ExperimentError {
    /// There is no such indicator; the nearest known keys.
    NoSuchIndicator(String, Vec<String>),
    /// Threads could not be started.
    Threads(String),
    /// A replication broke an invariant: the program is wrong.
    Invariant(String),
}

impl ExperimentError {
    /// That `key` is none of the indicators of a catalogue.
    pub fn no_such_indicator(catalogue: &Catalogue, key: &str) -> Self {
        let known = catalogue.indicators.iter().map(crate::indicator::Indicator::key);
        Self::NoSuchIndicator(key.to_owned(), nearest_of(known, key))
    }

    /// That `key` is none of the headline indicators of a catalogue.
    pub fn no_such_headline(catalogue: &Catalogue, key: &str) -> Self {
        let headlines = catalogue
            .headlines
            .iter()
            .map(|number| catalogue.indicators[*number].key());
        Self::NoSuchIndicator(key.to_owned(), nearest_of(headlines, key))
    }
}

impl std::fmt::Display for ExperimentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSuchIndicator(key, near) => {
                write!(f, "there is no indicator `{key}`; did you mean {}?", near.join(", "))
            }
            Self::Invariant(message) => write!(f, "a replication broke an invariant: {message}"),
            Self::Threads(message) => write!(f, "threads could not be started: {message}"),
        }
    }
}

impl std::error::Error for ExperimentError {}

/// So many threads; as many as there are processors when left out.
fn pool(threads: Option<usize>) -> Result<rayon::ThreadPool, ExperimentError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .build()
        .map_err(|error| ExperimentError::Threads(error.to_string()))
}

/// Runs an experiment, going on from what `before` has already done, until it is finished or `stop` is set.
///
/// # Errors
/// When the indicator of a sequential experiment does not exist, or threads cannot be started.
pub fn run(
    model: &Model,
    catalogue: &Catalogue,
    options: &Options,
    before: Option<Aggregate>,
    progress: Progress<'_>,
    stop: &AtomicBool,
) -> Result<Outcome, ExperimentError> {
    run_watched(model, catalogue, options, before, progress, stop, &Finished::default())
}

/// Runs an experiment as [`run`] does, and shows in `finished` at any time what is done.
///
/// # Errors
/// Those of [`run`].
pub fn run_watched(
    model: &Model,
    catalogue: &Catalogue,
    options: &Options,
    before: Option<Aggregate>,
    progress: Progress<'_>,
    stop: &AtomicBool,
    finished: &Finished,
) -> Result<Outcome, ExperimentError> {
    let pool = pool(options.threads)?;
    let group = model.replications_per_input_draw();
    let work = Work {
        model,
        catalogue,
        seed: Seed(options.seed),
        group,
        progress,
        stop,
        finished,
    };
    let mut aggregate = before.unwrap_or_else(|| Aggregate::new(model, catalogue));
    match &options.effort {
        Effort::Fixed(replications) => {
            let groups = replications.div_ceil(group).max(1);
            let complete = work.extend(&pool, &mut aggregate, groups, replications.max(&1));
            Ok(Outcome {
                aggregate,
                interrupted: !complete,
                precise: None,
            })
        }
        Effort::Precision {
            indicator,
            relative,
            at_most,
        } => {
            let Some(number) = catalogue.find(indicator) else {
                return Err(ExperimentError::no_such_indicator(catalogue, indicator));
            };
            let confidence = model.scenario.run.confidence;
            let limit = at_most.div_ceil(group).max(2);
            let mut wanted = FIRST_LOOK.min(limit);
            loop {
                let complete = work.extend(&pool, &mut aggregate, wanted, &(limit * group));
                let estimate = estimate::estimate(&aggregate, &catalogue.indicators[number], number, confidence);
                let now = estimate.interval.half_width() / estimate.interval.estimate.abs();
                let precise = now <= *relative;
                let done = complete && (precise || wanted >= limit);
                if done || stop.load(Ordering::Relaxed) {
                    return Ok(Outcome {
                        aggregate,
                        interrupted: !done,
                        precise: Some(precise),
                    });
                }
                wanted = ((wanted as f64 * growth(now / relative)).ceil() as u64).min(limit);
            }
        }
    }
}

/// By how many times the replications of a sequential experiment grow whose interval is so many times as wide as it may be.
fn growth(excess: f64) -> f64 {
    // The half-width shrinks with the root of the number; a tenth more, so that one step mostly suffices.
    let factor = if excess.is_finite() { excess.powi(2) * 1.1 } else { 2.0 };
    factor.clamp(1.2, 10.0)
}

struct Work<'a> {
    model: &'a Model,
    catalogue: &'a Catalogue,
    seed: Seed,
    group: u64,
    progress: Progress<'a>,
    stop: &'a AtomicBool,
    finished: &'a Finished,
}

impl Work<'_> {
    /// Does the groups below `groups` that `aggregate` lacks; whether it has them all in the end.
    fn extend(&self, pool: &rayon::ThreadPool, aggregate: &mut Aggregate, groups: u64, total: &u64) -> bool {
        let missing: Vec<u64> = (0..groups).filter(|number| !aggregate.has(*number)).collect();
        let next = AtomicU64::new(0);
        let done = AtomicU64::new(aggregate.groups() * self.group);
        (self.progress)(done.load(Ordering::Relaxed), *total);
        self.finished.begin(aggregate);
        let parts = pool.broadcast(|_| {
            let own = self.finished.part(self.model, self.catalogue);
            loop {
                let position = next.fetch_add(1, Ordering::Relaxed) as usize;
                let Some(number) = missing.get(position).filter(|_| !self.stop.load(Ordering::Relaxed)) else {
                    return own;
                };
                let group = Group::simulate(self.model, self.catalogue, self.seed, *number, self.group);
                held(&own).add(self.model, self.catalogue, group);
                let done = done.fetch_add(self.group, Ordering::Relaxed) + self.group;
                (self.progress)(done, *total);
            }
        });
        for part in &parts {
            aggregate.merge(&held(part));
        }
        missing.iter().all(|number| aggregate.has(*number))
    }
}
