//! Sums over replications that come out the same in any order.

use serde::{Deserialize, Serialize};

/// Binary places kept behind the point: a share of a millionth still has nine digits.
const FRACTION_BITS: u32 = 50;
const SCALE: f64 = (1u64 << FRACTION_BITS) as f64;
/// Largest magnitude that is kept: its square, summed 2^32 times, still fits.
const LIMIT: f64 = (1u128 << 94) as f64;

/// Count, sum and sum of squares of values rounded to 2^-50, as integers.
///
/// Addition of integers is associative, so merging is exact and the order cannot show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ExactMoments {
    count: u64,
    sum: i128,
    squares: Wide,
}

impl ExactMoments {
    /// Adds a value; what is not a number is left out, and magnitudes beyond 1e13 count as that.
    #[inline]
    pub fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        let scaled = (value * SCALE).round().clamp(-LIMIT, LIMIT) as i128;
        self.count += 1;
        self.sum += scaled;
        self.squares = self.squares.plus(Wide::square(scaled.unsigned_abs()));
    }

    /// Adds all the values of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares = self.squares.plus(other.squares);
    }

    /// Values added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; NaN when there are none.
    pub fn mean(&self) -> f64 {
        self.sum as f64 / SCALE / self.count as f64
    }

    /// The sum of squared deviations from the mean: n times the squares less the square of the sum, over n.
    fn centred(&self) -> f64 {
        let around_zero = self.squares.times(self.count);
        let of_the_mean = Wide::square(self.sum.unsigned_abs());
        around_zero.minus(of_the_mean).to_f64() / SCALE / SCALE / self.count as f64
    }

    /// The sum of squared deviations from `centre`.
    pub fn squared_deviations(&self, centre: f64) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        // On the grid of the values, so that a centre at which all of them lie is no distance away.
        let whole = (centre * SCALE).round() as i128;
        let offset = (self.sum - whole * i128::from(self.count)) as f64 / SCALE / self.count as f64;
        self.centred() + self.count as f64 * offset * offset
    }

    /// Their variance, with n - 1 below; zero for a single value.
    pub fn variance(&self) -> f64 {
        if self.count < 2 {
            return 0.0;
        }
        self.centred() / (self.count - 1) as f64
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

/// A whole number of 256 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Wide {
    high: u128,
    low: u128,
}

const HALF: u128 = u64::MAX as u128;

impl Wide {
    /// The square of a number below 2^127.
    fn square(x: u128) -> Self {
        let (upper, lower) = (x >> 64, x & HALF);
        let cross = upper * lower;
        // x^2 = upper^2 2^128 + 2 cross 2^64 + lower^2.
        let (low, carry) = (lower * lower).overflowing_add(cross << 65);
        Self {
            high: upper * upper + (cross >> 63) + u128::from(carry),
            low,
        }
    }

    fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Self {
            high: self.high + other.high + u128::from(carry),
            low,
        }
    }

    /// The difference, which must not be negative.
    fn minus(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Self {
            high: self.high - other.high - u128::from(borrow),
            low,
        }
    }

    fn times(self, factor: u64) -> Self {
        let factor = u128::from(factor);
        let (upper, lower) = (self.low >> 64, self.low & HALF);
        let (below, middle) = (lower * factor, upper * factor);
        let (low, carry) = below.overflowing_add(middle << 64);
        Self {
            high: self.high * factor + (middle >> 64) + u128::from(carry),
            low,
        }
    }

    fn to_f64(self) -> f64 {
        self.high as f64 * 2f64.powi(128) + self.low as f64
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

    proptest! {
        #[test]
        fn wide_numbers_calculate_like_narrow_ones(a in 0_u64..1 << 60, b in 0_u64..1 << 60, factor in 1_u64..1000) {
            let (a, b) = (u128::from(a.max(b)), u128::from(a.min(b)));
            let narrow = |x: u128| Wide { high: 0, low: x };
            prop_assert_eq!(Wide::square(a), narrow(a * a));
            // Shifted by 2^64, the same sums run over the border between the halves.
            let square = Wide::square(a << 64 >> 1);
            prop_assert_eq!(square, Wide { high: (a * a) >> 2, low: ((a * a) & 3) << 126 });
            let difference = square.times(factor).minus(Wide::square(b << 63));
            prop_assert_eq!(difference.plus(Wide::square(b << 63)), square.times(factor));
            let expected = (a * a) as f64 * factor as f64 * 2f64.powi(126);
            prop_assert!((square.times(factor).to_f64() / expected - 1.0).abs() < 1e-15 || a == 0);
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
