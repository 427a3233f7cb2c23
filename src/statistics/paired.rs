//! Paired comparisons: differences between results that met the same luck, and how many of them may be believed at once.

use super::interval::{Interval, t_interval, t_two_sided};
use super::moments::ExactMoments;
use serde::{Deserialize, Serialize};

/// The difference between two paired samples.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Paired {
    /// Pairs.
    pub pairs: u64,
    /// Means of both.
    pub means: (f64, f64),
    /// The mean of the second less the first, with its confidence interval.
    pub difference: Interval,
    /// The probability of a difference at least as large by chance alone, if there were none (two-sided t-test).
    pub p: f64,
    /// By how many times the variance of the difference would be larger without pairing; infinite where both samples move
    /// exactly together.
    pub variance_reduction: f64,
}

/// Compares pairs; those in which either has no value are left out.
pub fn paired(first: &[f64], second: &[f64], confidence: f64) -> Paired {
    let mut pairs = Pairs::default();
    for (a, b) in first.iter().zip(second) {
        pairs.add(*a, *b);
    }
    pairs.compared(confidence)
}

/// Pairs, in sums that come out the same in any order.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Pairs {
    first: ExactMoments,
    second: ExactMoments,
    difference: ExactMoments,
}

impl Pairs {
    /// Adds a pair; one in which either is not a finite number is left out.
    pub fn add(&mut self, first: f64, second: f64) {
        if first.is_finite() && second.is_finite() {
            self.first.add(first);
            self.second.add(second);
            self.difference.add(second - first);
        }
    }

    /// Adds all the pairs of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.first.merge(&other.first);
        self.second.merge(&other.second);
        self.difference.merge(&other.difference);
    }

    /// Means of both.
    pub fn means(&self) -> (f64, f64) {
        (self.first.mean(), self.second.mean())
    }

    /// What the pairs differ by.
    pub fn compared(&self, confidence: f64) -> Paired {
        self.compared_in_grains(0.0, confidence)
    }

    /// What pairs differ by that are only measured to within a grain: the interval is wider by it, and a difference counts for
    /// what it exceeds it by.
    pub fn compared_in_grains(&self, grain: f64, confidence: f64) -> Paired {
        let pairs = self.difference.count();
        let n = pairs as f64;
        let apart = self.first.variance() + self.second.variance();
        let together = self.difference.variance();
        let difference = self.difference.mean();
        // Differences of numbers that move exactly together scatter by the last bits of these.
        let (first, second) = self.means();
        let rounding = (4.0 * f64::EPSILON * (first.abs() + second.abs())).powi(2);
        let error = (together / n).sqrt();
        let p = if pairs < 2 {
            f64::NAN
        } else if difference.abs() <= grain {
            1.0
        } else {
            t_two_sided((difference.abs() - grain) / error, n - 1.0)
        };
        let interval = t_interval(difference, error, pairs, confidence);
        Paired {
            pairs,
            means: self.means(),
            difference: Interval {
                lower: interval.lower - grain,
                upper: interval.upper + grain,
                ..interval
            },
            p,
            variance_reduction: apart / if together > rounding { together } else { 0.0 },
        }
    }
}

/// The probabilities of several tests adjusted so that the chance of even one false finding stays below the level to which
/// they are compared (Holm 1979). Tests without a probability stay without.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).filter(|test| !p[*test].is_nan()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![f64::NAN; p.len()];
    let mut least: f64 = 0.0;
    for (rank, test) in order.iter().enumerate() {
        least = least.max((p[*test] * (order.len() - rank) as f64).min(1.0));
        adjusted[*test] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sleep of ten patients with two drugs (Student 1908): mean difference 1.58, t = 4.0621, p = 0.002833.
    #[test]
    fn students_sleep() {
        let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let it = paired(&first, &second, 0.95);
        assert!((it.difference.estimate - 1.58).abs() < 1e-12);
        assert!((it.difference.lower - 0.700_114).abs() < 1e-6 && (it.difference.upper - 2.459_886).abs() < 1e-6);
        assert!((it.p - 0.002_833).abs() < 1e-6, "{}", it.p);
        assert!(it.variance_reduction > 1.0);
    }

    #[test]
    fn what_moves_together_does_so_but_for_rounding() {
        let first = [2868.6, 2870.1, 2871.3, 2869.9];
        let it = paired(&first, &first.map(|it| it + 0.1), 0.95);
        assert!(it.variance_reduction.is_infinite(), "{}", it.variance_reduction);
    }

    #[test]
    fn what_is_the_same_differs_by_nothing() {
        let it = paired(&[1.0, 2.0, f64::NAN], &[1.0, 2.0, 5.0], 0.95);
        assert_eq!((it.pairs, it.difference.estimate, it.p), (2, 0.0, 1.0));
    }

    /// Holm's procedure on four tests: 0.01 x 4, 0.03 x 2 (kept above 0.02 x 3 before it), 0.04.
    #[test]
    fn adjusted_probabilities() {
        let adjusted = holm(&[0.01, 0.04, f64::NAN, 0.03, 0.02]);
        let expected = [0.04, 0.06, f64::NAN, 0.06, 0.06];
        for (adjusted, expected) in adjusted.iter().zip(expected) {
            assert!((adjusted - expected).abs() < 1e-12 || (adjusted.is_nan() && expected.is_nan()));
        }
    }
}
