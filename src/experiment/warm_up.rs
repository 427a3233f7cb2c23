//! Finding the warm-up: MSER-5 on the TEU under way, day by day, averaged over pilot replications.

use super::{Effort, ExperimentError, Options, run};
use crate::indicator::Catalogue;
use crate::model::Model;
use crate::statistics::mser5;
use crate::units::SimSpan;
use std::sync::atomic::AtomicBool;

/// Pilot replications.
const PILOTS: u64 = 10;

/// What the pilots showed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WarmUpFinding {
    /// How long the system takes to settle.
    pub span: SimSpan,
    /// Whether it had settled at all within the pilots' window.
    pub settled: bool,
    /// Days observed.
    pub days: usize,
}

/// How long `model`, built without a warm-up, takes to settle.
///
/// # Errors
/// When threads cannot be started.
pub fn find_warm_up(model: &Model, seed: u64, threads: Option<usize>) -> Result<WarmUpFinding, ExperimentError> {
    let catalogue = Catalogue::of(model);
    let options = Options {
        seed,
        effort: Effort::Fixed(PILOTS),
        threads,
    };
    let outcome = run(model, &catalogue, &options, None, &|_, _| {}, &AtomicBool::new(false))?;
    let backlog = outcome.aggregate.daily_backlog;
    let series: Vec<f64> = backlog.iter().map(|sum| *sum as f64 / 1000.0 / PILOTS as f64).collect();
    Ok(match mser5(&series) {
        Some(found) => WarmUpFinding {
            span: SimSpan::from_hours(24.0 * found.observations as f64),
            settled: !found.at_limit,
            days: series.len(),
        },
        None => WarmUpFinding {
            span: SimSpan::ZERO,
            settled: false,
            days: series.len(),
        },
    })
}
