//! Distributions of whole numbers: batch sizes, lot counts.

use super::{Word, poisson::PoissonInverter};

/// A distribution on the whole numbers from zero.
#[derive(Clone, PartialEq, Debug)]
pub enum CountFamily {
    /// Always the same number.
    Constant(u64),
    /// Equally likely between the ends, both included.
    Uniform {
        /// Smallest number.
        min: u64,
        /// Largest number.
        max: u64,
    },
    /// On 1, 2, 3, ...: the number of trials up to the first success.
    Geometric {
        /// Mean, at least 1.
        mean: f64,
    },
    /// On 0, 1, 2, ...
    Poisson {
        /// Mean.
        mean: f64,
    },
    /// One of the values, by weight.
    Empirical {
        /// The values.
        values: Vec<u64>,
        /// Their weights; they need not sum to one.
        weights: Vec<f64>,
    },
}

impl CountFamily {
    /// The mean.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(n) => *n as f64,
            Self::Uniform { min, max } => 0.5 * (*min as f64 + *max as f64),
            Self::Geometric { mean } | Self::Poisson { mean } => *mean,
            Self::Empirical { values, weights } => {
                let total: f64 = weights.iter().sum();
                values.iter().zip(weights).map(|(v, w)| *v as f64 * w).sum::<f64>() / total
            }
        }
    }

    /// The number at the uniform of `word`, by inversion.
    pub fn sample(&self, word: Word) -> u64 {
        match self {
            Self::Constant(n) => *n,
            Self::Uniform { min, max } => min + (word.unit() * (max - min + 1) as f64) as u64,
            Self::Geometric { mean } if *mean <= 1.0 => 1,
            Self::Geometric { mean } => {
                let miss = libm::log1p(-1.0 / mean);
                1 + (libm::log1p(-word.unit()) / miss) as u64
            }
            Self::Poisson { mean } => PoissonInverter::new(*mean).count(word),
            Self::Empirical { values, weights } => {
                let total: f64 = weights.iter().sum();
                let mut left = word.unit() * total;
                for (value, weight) in values.iter().zip(weights) {
                    left -= weight;
                    if left < 0.0 {
                        return *value;
                    }
                }
                values.last().copied().unwrap_or(0)
            }
        }
    }
}
