//! Intervals, and the quantiles they rest on.

use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, DiscreteCDF, FisherSnedecor, Normal, StudentsT};

/// An estimate with its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

impl Interval {
    /// Half the width.
    pub fn half_width(&self) -> f64 {
        0.5 * (self.upper - self.lower)
    }

    /// Whether `value` lies inside.
    pub fn covers(&self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }
}

/// Quantile of Student's t with `freedom` degrees of freedom.
pub fn t_quantile(p: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |t| t.inverse_cdf(p))
}

/// The probability that Student's t is at least as far from zero as `t`.
pub fn t_two_sided(t: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |distribution| 2.0 * distribution.cdf(-t.abs()))
}

/// Quantile of the standard normal distribution.
pub fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// Quantile of the chi-square distribution.
pub fn chi_square_quantile(p: f64, freedom: f64) -> f64 {
    ChiSquared::new(freedom).map_or(f64::NAN, |chi| chi.inverse_cdf(p))
}

/// Quantile of the F distribution.
pub fn f_quantile(p: f64, numerator: f64, denominator: f64) -> f64 {
    FisherSnedecor::new(numerator, denominator).map_or(f64::NAN, |f| f.inverse_cdf(p))
}

/// The Student-t interval of a mean, from its standard error over `count` independent values. With fewer than two
/// values nothing is known of the spread and the interval is not a number.
pub fn t_interval(mean: f64, standard_error: f64, count: u64, confidence: f64) -> Interval {
    if count < 2 {
        return Interval {
            estimate: mean,
            lower: f64::NAN,
            upper: f64::NAN,
        };
    }
    let half = if standard_error == 0.0 {
        0.0
    } else {
        t_quantile(0.5 + 0.5 * confidence, (count - 1) as f64) * standard_error
    };
    Interval {
        estimate: mean,
        lower: mean - half,
        upper: mean + half,
    }
}

/// Wilson's interval of a proportion.
pub fn wilson_interval(successes: u64, trials: u64, confidence: f64) -> Interval {
    if trials == 0 {
        return Interval {
            estimate: f64::NAN,
            lower: 0.0,
            upper: 1.0,
        };
    }
    let (n, p) = (trials as f64, successes as f64 / trials as f64);
    let z = normal_quantile(0.5 + 0.5 * confidence);
    let scale = 1.0 / (1.0 + z * z / n);
    let centre = (p + z * z / (2.0 * n)) * scale;
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() * scale;
    Interval {
        estimate: p,
        lower: (centre - half).max(0.0),
        upper: (centre + half).min(1.0),
    }
}

/// The order statistics between which a quantile lies.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct QuantileBounds {
    /// Rank of the lower bound, from 1; 0 stands for minus infinity.
    pub lower: u64,
    /// Rank of the upper bound; one more than the number of values stands for infinity.
    pub upper: u64,
    /// The probability that the quantile lies between them.
    pub coverage: f64,
}

/// The distribution-free interval of the `p`-quantile of `count` independent values: order statistics with at most half
/// of the error probability outside on either side (David and Nagaraja 2003, section 7.1).
pub fn quantile_bounds(count: u64, p: f64, confidence: f64) -> QuantileBounds {
    let Ok(binomial) = Binomial::new(p, count) else {
        return QuantileBounds {
            lower: 0,
            upper: count + 1,
            coverage: 1.0,
        };
    };
    let tail = 0.5 * (1.0 - confidence);
    let cdf = |k: u64| binomial.cdf(k);
    // P(X(l) > quantile) = P(fewer than l below) must not exceed the tail.
    let lower = (1..=count).take_while(|rank| cdf(rank - 1) <= tail).last().unwrap_or(0);
    let upper = (1..=count)
        .find(|rank| 1.0 - cdf(rank - 1) <= tail)
        .unwrap_or(count + 1);
    let below_upper = if upper > count { 1.0 } else { cdf(upper - 1) };
    let below_lower = if lower == 0 { 0.0 } else { cdf(lower - 1) };
    QuantileBounds {
        lower,
        upper,
        coverage: below_upper - below_lower,
    }
}
