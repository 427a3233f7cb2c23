//! Stochastic user equilibrium: the times by which shippers choose are those that their choices bring about.
//!
//! In each round pilot replications, anew each time, show what waiting there is at every place in every month; by that,
//! shippers would have other shares. The relative gap is the share of cargo that would be elsewhere. Shares then move part
//! of the way. How far is decided by the self-regulated averaging of Liu, He and He (2009), whose steps stay long while
//! the gap shrinks and become shorter when it does not, as fast as successive averages prescribe. Inputs stay at their
//! expected values: shippers know the world that they live in, and what a draw of it changes in costs they see at once
//! (see [`crate::model::Learnt`]).
//!
//! Pilots take the numbers of replications that no run reaches, and are merged exactly, so the equilibrium is a function of
//! scenario and seed.

use super::{ExperimentError, pool};
use crate::indicator::demand_per_year;
use crate::model::plan::FlowPlan;
use crate::model::{Learnt, Model, Waits};
use crate::random::Seed;
use crate::simulation::{Experience, Tally, simulate_observed};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The number of the first pilot replication.
const FIRST_PILOT: u64 = 1 << 40;

/// Steps towards a fixed point that is only seen through noise (self-regulated averaging).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Averaging {
    divisor: f64,
    last_gap: f64,
}

impl Default for Averaging {
    fn default() -> Self {
        Self {
            divisor: 1.0,
            last_gap: 0.0,
        }
    }
}

impl Averaging {
    /// Added to the divisor of steps when the gap has not shrunk.
    const SLOW_DOWN: f64 = 1.5;
    /// Added to it when it has.
    const GO_ON: f64 = 0.1;

    /// The part of the way to go, now that the gap is `gap`.
    pub fn step(&mut self, gap: f64) -> f64 {
        self.divisor += if gap < self.last_gap {
            Self::GO_ON
        } else {
            Self::SLOW_DOWN
        };
        self.last_gap = gap;
        1.0 / self.divisor
    }
}

/// A round of choosing anew.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Round {
    /// The share of cargo that would choose otherwise by what was experienced in this round.
    pub gap: f64,
    /// For each corridor, and last for none, its share of demand in this round.
    pub corridors: Vec<f64>,
}

/// Where the search for an equilibrium ended.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Equilibrium {
    /// The rounds in order.
    pub rounds: Vec<Round>,
    /// Whether the last gap is below the bound.
    pub reached: bool,
    /// What shippers have learnt.
    pub learnt: Learnt,
}

impl Equilibrium {
    /// The gap of the last round.
    pub fn gap(&self) -> f64 {
        self.rounds.last().map_or(f64::NAN, |round| round.gap)
    }
}

/// What pilots have experienced, as shippers believe it.
struct Belief<'a>(&'a Beliefs);

impl Waits for Belief<'_> {
    fn of(&self, period: usize, number: usize) -> Option<(f64, f64)> {
        *self.0[number].get(period)?
    }
}

/// Rounds one after the other that must be below the bound.
const CONFIRMED: u32 = 2;

/// Nothing has been experienced.
struct EmptyNetwork;

impl Waits for EmptyNetwork {
    fn of(&self, _: usize, _: usize) -> Option<(f64, f64)> {
        None
    }
}

/// Lets shippers of `model` choose by what they experience until hardly anyone would choose otherwise; the model chooses
/// so from then on. None where nobody has a choice, or the scenario wants no rounds. `progress` is told the number and the
/// gap of each round.
///
/// # Errors
/// When threads cannot be started.
pub fn find_equilibrium(
    model: &mut Model,
    seed: u64,
    threads: Option<usize>,
    progress: &dyn Fn(usize, f64),
) -> Result<Option<Equilibrium>, ExperimentError> {
    let settings = model.scenario.choice.equilibrium.clone();
    if settings.rounds == 0 || !model.has_choice() {
        return Ok(None);
    }
    let pool = pool(threads)?;
    let learnt = Learnt::nothing(&model.dates, settings.by_month);
    model.learn(learnt.clone());
    let demand = Demand::of(model);
    // At first as if nobody ever waited for another; but what has ceased to run nobody takes.
    let mut experienced = model.appraise(&EmptyNetwork);
    let mut shares = demand.shares(model, &experienced);
    let mut averaging = Averaging::default();
    let mut found = Equilibrium {
        learnt,
        ..Equilibrium::default()
    };
    // One round below the bound may be luck.
    let enough = settings.rounds.min(CONFIRMED);
    let mut below = 0;
    for round in 0..u64::from(settings.rounds) {
        found.learnt.additions = demand.additions(model, &shares, &experienced);
        model.learn(found.learnt.clone());
        let first = FIRST_PILOT + round * u64::from(settings.pilots);
        let pilots = experience(model, &pool, Seed(seed), first..first + u64::from(settings.pilots));
        let belief = belief(&pilots, model);
        experienced = model.appraise(&Belief(&belief));
        let wanted = demand.shares(model, &experienced);
        let gap = demand.gap(model, &shares, &wanted);
        progress(found.rounds.len() + 1, gap);
        found.rounds.push(Round {
            gap,
            corridors: demand.corridors(model, &shares),
        });
        below = if gap <= settings.gap { below + 1 } else { 0 };
        found.reached = below >= enough;
        if found.reached || round + 1 == u64::from(settings.rounds) {
            break;
        }
        let step = averaging.step(gap);
        demand.move_towards(model, &mut shares, &wanted, step);
    }
    // The shares are those of the last round; what they cost is what was experienced in it.
    found.learnt.additions = demand.additions(model, &shares, &experienced);
    model.learn(found.learnt.clone());
    Ok(Some(found))
}

/// What each of some pilot replications of `model` experiences.
fn experience(model: &Model, pool: &rayon::ThreadPool, seed: Seed, numbers: Range<u64>) -> Vec<Experience> {
    let one = |number: u64| {
        let mut experience = Experience::new(&model.typical);
        simulate_observed(&model.typical, model.luck_of(seed, number), &mut experience);
        experience
    };
    pool.install(|| numbers.into_par_iter().map(one).collect())
}

/// By wait and period, mean and variance as shippers believe them.
type Beliefs = Vec<Vec<Option<(f64, f64)>>>;

/// What shippers believe of every wait.
fn belief(pilots: &[Experience], model: &Model) -> Beliefs {
    let waits = 0..model.typical.wait_numbers().count();
    waits
        .map(|number| belief_about(pilots, number, model.typical.periods.len() + 1))
        .collect()
}

/// What they believe of the wait with a number in each of some periods.
fn belief_about(pilots: &[Experience], number: usize, periods: usize) -> Vec<Option<(f64, f64)>> {
    let mut whole = vec![Tally::default(); periods];
    for pilot in pilots {
        for (sum, tally) in whole.iter_mut().zip(pilot.of(number)) {
            *sum = sum.with(tally);
        }
    }
    let usual = whole.iter().copied().fold(Tally::default(), Tally::with);
    if usual.count == 0 {
        return vec![None; periods];
    }
    let reliability = reliability(pilots, number, &whole, usual);
    let usual = usual.moments();
    let of_period = |tally: Tally| {
        let own = tally.moments();
        let reliability = if tally.count == 0 { 0.0 } else { reliability };
        let mixed = |own: f64, usual: f64| usual + reliability * (own - usual);
        let (mean, square) = (mixed(own.0, usual.0), mixed(own.1, usual.1));
        Some((mean, (square - mean * mean).max(0.0)))
    };
    whole.into_iter().map(of_period).collect()
}

/// How much of what a period at a place differs from the usual is more than luck: the variance between periods beyond
/// that of the luck, which the pilots show, over the whole of it (empirical Bayes). What is not more than luck would
/// only make shippers restless.
fn reliability(pilots: &[Experience], number: usize, whole: &[Tally], usual: Tally) -> f64 {
    let all = usual.count as f64;
    let mean = usual.moments().0;
    let apart = |tally: &Tally| tally.count as f64 / all * (tally.moments().0 - mean).powi(2);
    let between: f64 = whole.iter().map(apart).sum();
    if between == 0.0 {
        return 0.0;
    }
    if pilots.len() < 2 {
        return 1.0;
    }
    let mut luck = 0.0;
    for (period, whole) in whole.iter().enumerate() {
        let seen = pilots.iter().filter_map(|pilot| pilot.of(number).nth(period));
        let (count, center) = (whole.count as f64, whole.moments().0);
        // The variance of the pooled mean, from what the means of the pilots differ by.
        let squares = seen.filter(|tally| tally.count > 0);
        let squares: f64 = squares
            .map(|tally| (tally.count as f64 / count * (tally.moments().0 - center)).powi(2))
            .sum();
        luck += count / all * squares * pilots.len() as f64 / (pilots.len() - 1) as f64;
    }
    ((between - luck) / between).clamp(0.0, 1.0)
}

/// Who chooses, and how much of it there is. Shares are by period, then by strand.
struct Demand {
    /// For each flow, its part of all demand.
    parts: Vec<f64>,
    /// For each period, its part of the window.
    periods: Vec<f64>,
}

impl Demand {
    fn of(model: &Model) -> Self {
        let flows = model.typical.flows.len();
        let mut parts: Vec<f64> = (0..flows).map(|flow| demand_per_year(model, flow)).collect();
        // Cargo that comes at listed times or starts anew has no yearly volume. It counts as a flow like the others, lest
        // it be overlooked.
        let known = || parts.iter().filter(|part| **part > 0.0);
        let usual = known().sum::<f64>() / known().count().max(1) as f64;
        for (part, flow) in parts.iter_mut().zip(&model.typical.flows) {
            if flow.has_choice() && *part == 0.0 && !flow.arrivals.are_none() {
                *part = if usual > 0.0 { usual } else { 1.0 };
            }
        }
        let whole: f64 = parts.iter().sum();
        if whole > 0.0 {
            parts.iter_mut().for_each(|part| *part /= whole);
        } else {
            parts.fill(1.0 / flows.max(1) as f64);
        }
        Self {
            parts,
            periods: model.parts_of_window(),
        }
    }

    /// The shares with which shippers choose when experience adds so much to utilities.
    fn shares(&self, model: &Model, additions: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let by_period = additions.iter().enumerate().map(|(period, additions)| {
            let of_flow = |flow: &FlowPlan| {
                let additions = &additions[flow.strands.start as usize..flow.strands.end as usize];
                let utilities = flow.choice.utilities.iter().zip(additions);
                let utilities: Vec<f64> = utilities.map(|(plain, addition)| plain + addition).collect();
                let mut shares = flow.choice.markets.shares(&utilities).0;
                // Nobody sets out on a detour.
                shares.resize(flow.strands.len(), 0.0);
                shares
            };
            model.typical_in(period).flows.iter().flat_map(of_flow).collect()
        });
        by_period.collect()
    }

    /// What must be added to utilities so that shippers choose with such shares, and what they expect to get is what was
    /// experienced: the log-sum of the utilities with the additions `experienced`.
    fn additions(&self, model: &Model, shares: &[Vec<f64>], experienced: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let by_period = shares
            .iter()
            .zip(experienced)
            .enumerate()
            .map(|(period, (shares, experienced))| {
                let of_flow = |flow: &FlowPlan| {
                    let first = flow.strands.start as usize;
                    let strands = first..first + flow.choice.shares.len();
                    let like = experienced[strands.clone()].iter().zip(&flow.choice.utilities);
                    let like: Vec<f64> = like.map(|(addition, plain)| plain + addition).collect();
                    let wanted = flow.choice.markets.utilities(&shares[strands], &like).into_iter();
                    let mut additions: Vec<f64> = wanted
                        .zip(&flow.choice.utilities)
                        .map(|(it, plain)| it - plain)
                        .collect();
                    additions.resize(flow.strands.len(), 0.0);
                    additions
                };
                model.typical_in(period).flows.iter().flat_map(of_flow).collect()
            });
        by_period.collect()
    }

    /// Moves shares by a step towards those that are wanted. What nobody wants because it cannot be had is left at once:
    /// a rest of it would only wait for ever.
    fn move_towards(&self, model: &Model, shares: &mut [Vec<f64>], wanted: &[Vec<f64>], step: f64) {
        for (shares, wanted) in shares.iter_mut().zip(wanted) {
            for flow in &model.typical.flows {
                let first = flow.strands.start as usize;
                let strands = first..first + flow.choice.shares.len();
                let (shares, wanted) = (&mut shares[strands.clone()], &wanted[strands]);
                let mut left = false;
                for (now, wanted) in shares.iter_mut().zip(wanted) {
                    left |= *wanted == 0.0 && *now > 0.0;
                    *now = if *wanted == 0.0 {
                        0.0
                    } else {
                        *now + step * (wanted - *now)
                    };
                }
                if left {
                    flow.choice.markets.settle(shares);
                }
            }
        }
    }

    /// The share of demand that is on other strands under `wanted` than under `shares`.
    fn gap(&self, model: &Model, shares: &[Vec<f64>], wanted: &[Vec<f64>]) -> f64 {
        let mut gap = 0.0;
        for ((shares, wanted), part) in shares.iter().zip(wanted).zip(&self.periods) {
            for (flow, demand) in model.typical.flows.iter().zip(&self.parts) {
                let strands = flow.strands.start as usize..flow.strands.end as usize;
                let moved = strands.map(|strand| (wanted[strand] - shares[strand]).abs());
                gap += part * demand * moved.sum::<f64>() / 2.0;
            }
        }
        gap
    }

    /// The share of demand on each corridor, and last on none.
    fn corridors(&self, model: &Model, shares: &[Vec<f64>]) -> Vec<f64> {
        let mut sums = vec![0.0; model.typical.corridors + 1];
        for (shares, part) in shares.iter().zip(&self.periods) {
            for (share, strand) in shares.iter().zip(&model.typical.strands) {
                sums[strand.corridor as usize] += part * self.parts[strand.flow as usize] * share;
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Nests;

    /// Two routes whose times grow with their flow (cases N-O-03a and b: Sheffi 1985, chapter 12): shares found by averaging
    /// against the fixed point.
    #[test]
    fn stochastic_user_equilibrium_of_two_links() {
        for (theta, expected) in [(0.1, 1_795.950_443_194_099), (1.0, 1_780.968_669_273_187)] {
            let demand = 4_000.0;
            let times = |x: f64| {
                let second = demand - x;
                (
                    1.25 * (1.0 + (x / 800.0).powi(4)),
                    2.5 * (1.0 + (second / 1_200.0).powi(4)),
                )
            };
            let (mut share, mut averaging) = (0.5, Averaging::default());
            for _ in 0..2_000 {
                let (first, second) = times(demand * share);
                let (wanted, _) = Nests::plain(2).probabilities(&[-theta * first, -theta * second]);
                let gap = (wanted[0] - share).abs();
                if gap < 1e-12 {
                    break;
                }
                share += averaging.step(gap) * (wanted[0] - share);
            }
            let error = demand * share / expected - 1.0;
            assert!(
                error.abs() < 1e-6,
                "theta {theta}: {} instead of {expected}",
                demand * share
            );
        }
    }
}
