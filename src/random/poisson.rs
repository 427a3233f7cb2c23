//! Poisson counts by inversion: the same uniform never gives fewer when the mean grows.

use super::Word;
use super::special::gamma_halves;

/// The distribution function of a Poisson count, ready to be inverted.
#[derive(Clone, Debug)]
pub struct PoissonInverter {
    mean: f64,
    /// The smallest count that is tabulated; smaller ones have less probability than a uniform's resolution.
    first: u64,
    /// `cumulative[i]` is the probability of at most `first + i`.
    cumulative: Vec<f64>,
    /// The beginning of `cumulative`, kept in the cache line that is read anyway: most flows generate but a few a day.
    head: [f64; HEAD],
}

const HEAD: usize = 4;

impl PoissonInverter {
    /// The inverter for `mean`, which must be finite and not negative.
    pub fn new(mean: f64) -> Self {
        let mut inverter = Self {
            mean: f64::NAN,
            first: 0,
            cumulative: Vec::new(),
            head: [f64::INFINITY; HEAD],
        };
        inverter.set_mean(mean);
        inverter
    }

    /// Makes this the inverter for another mean, in the memory that it has.
    pub fn set_mean(&mut self, mean: f64) {
        let mean = mean.max(0.0);
        // Nine standard deviations and a bit: beyond lies less than 2^-53 on either side.
        let reach = 9.0 * libm::sqrt(mean) + 30.0;
        let first = if mean > reach { (mean - reach) as u64 } else { 0 };
        let last = (mean + reach) as u64;
        let k = first as f64;
        let (below, mut term) = if first == 0 {
            (0.0, libm::exp(-mean))
        } else {
            (
                gamma_halves(k, mean).1,
                libm::exp(k * libm::log(mean) - mean - libm::lgamma(k + 1.0)),
            )
        };
        let mut sum = below;
        let cumulative = &mut self.cumulative;
        cumulative.clear();
        cumulative.reserve((last - first + 1) as usize);
        for count in first..=last {
            sum += term;
            cumulative.push(sum.min(1.0));
            if 1.0 - sum < 1e-17 {
                break;
            }
            term *= mean / (count + 1) as f64;
        }
        self.head = std::array::from_fn(|i| cumulative.get(i).copied().unwrap_or(f64::INFINITY));
        (self.mean, self.first) = (mean, first);
    }

    /// The mean that this inverts.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The smallest count whose distribution function exceeds the uniform of `word`.
    #[inline]
    pub fn count(&self, word: Word) -> u64 {
        let u = word.unit();
        if u < self.head[HEAD - 1] {
            let below = self.head.iter().filter(|p| **p <= u).count();
            return self.first + below.min(self.cumulative.len() - 1) as u64;
        }
        let within = self
            .cumulative
            .partition_point(|p| *p <= u)
            .min(self.cumulative.len() - 1);
        self.first + within as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{DiscreteCDF, Poisson};

    #[test]
    fn agrees_with_statrs_over_small_and_large_means() {
        for mean in [0.01, 1.7, 33.6, 900.0, 40_000.0] {
            let (inverter, oracle) = (PoissonInverter::new(mean), Poisson::new(mean).unwrap());
            for step in 1..100 {
                let u = f64::from(step) / 100.0 + 0.000_37;
                let count = inverter.count(Word((u * 2f64.powi(64)) as u64));
                assert!(oracle.cdf(count) > u - 1e-9, "{mean} {u} {count}");
                assert!(count == 0 || oracle.cdf(count - 1) < u + 1e-9, "{mean} {u} {count}");
            }
        }
    }

    #[test]
    fn counts_never_fall_when_the_mean_grows() {
        for i in 0..1000_u64 {
            let word = Word(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let counts = [5.0, 5.5, 12.0, 80.0, 80.5].map(|mean| PoissonInverter::new(mean).count(word));
            assert!(counts.is_sorted(), "{counts:?}");
        }
    }
}
