//! Sums over replications that come out the same in any order.

use serde::{Deserialize, Serialize};

/// Binary places kept behind the point.
const FRACTION_BITS: u32 = 20;
const SCALE: f64 = (1u64 << FRACTION_BITS) as f64;
/// Largest magnitude that is kept: its square, summed 2^16 times, still fits.
const LIMIT: f64 = (1u64 << 55) as f64;

/// Count, sum and sum of squares of values rounded to 2^-20, as integers.
///
/// Values are taken in units in which a millionth does not matter (hours, TEU, shares scaled by the caller). Addition
/// of integers is associative, so merging is exact and the order cannot show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ExactMoments {
    count: u64,
    sum: i128,
    squares: u128,
}

impl ExactMoments {
    /// Adds a value; what is not a number is left out, and magnitudes beyond 3e10 count as that.
    #[inline]
    pub fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        let scaled = (value * SCALE).round().clamp(-LIMIT, LIMIT) as i64;
        self.count += 1;
        self.sum += i128::from(scaled);
        self.squares += u128::from(scaled.unsigned_abs()) * u128::from(scaled.unsigned_abs());
    }

    /// Adds all the values of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// Values added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; NaN when there are none.
    pub fn mean(&self) -> f64 {
        self.sum as f64 / SCALE / self.count as f64
    }

    /// The sum of squared deviations from `centre`.
    pub fn squared_deviations(&self, centre: f64) -> f64 {
        // Around a whole number near the centre, in integers; the rest is small and exact enough in floating point.
        let n = i128::from(self.count);
        let whole = (centre * SCALE).round() as i128;
        let squares = self.squares as i128 - 2 * whole * self.sum + n * whole * whole;
        let linear = (self.sum - n * whole) as f64;
        let offset = centre * SCALE - whole as f64;
        ((squares as f64 - 2.0 * offset * linear + n as f64 * offset * offset) / (SCALE * SCALE)).max(0.0)
    }

    /// Their variance, with n - 1 below; zero for a single value.
    pub fn variance(&self) -> f64 {
        if self.count < 2 {
            return 0.0;
        }
        let n = i128::from(self.count);
        let whole = self.sum / n;
        let rest = (self.sum - whole * n) as f64;
        let squares = self.squares as i128 - 2 * whole * self.sum + n * whole * whole;
        let centred = squares as f64 - rest * rest / n as f64;
        (centred / (SCALE * SCALE) / (n - 1) as f64).max(0.0)
    }

    /// Their standard deviation.
    pub fn standard_deviation(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The standard error of their mean.
    pub fn standard_error(&self) -> f64 {
        (self.variance() / self.count as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_order_and_grouping_gives_the_same(values in prop::collection::vec(-1e6_f64..1e6, 1..60), cut in 0_usize..60) {
            let mut forward = ExactMoments::default();
            values.iter().for_each(|value| forward.add(*value));
            let (mut left, mut right) = (ExactMoments::default(), ExactMoments::default());
            let cut = cut.min(values.len());
            values[..cut].iter().rev().for_each(|value| left.add(*value));
            values[cut..].iter().for_each(|value| right.add(*value));
            right.merge(&left);
            prop_assert_eq!(forward, right);
        }
    }

    #[test]
    fn small_spread_on_a_large_mean_survives() {
        let mut moments = ExactMoments::default();
        for i in 0..1001 {
            moments.add(if i == 0 {
                1e9 + 0.25
            } else if i % 2 == 1 {
                1e9 + 0.125
            } else {
                1e9 + 0.375
            });
        }
        assert!((moments.mean() - (1e9 + 0.25)).abs() < 1e-6);
        assert!((moments.standard_deviation() - 0.125).abs() < 1e-9);
        assert!((moments.squared_deviations(1e9 + 0.25) - 1000.0 * 0.125 * 0.125).abs() < 1e-6);
    }
}
