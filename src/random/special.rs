//! The special functions behind the quantiles, on `libm` alone so that they give the same bits on every platform.
//!
//! They are called when tables are built and for draws beyond a table's reach, never in the common path, so they are
//! written for accuracy: about 1e-13 relative, also far out in the tails. Checked against statrs in the tests below.

use super::Tail;
use libm::{exp, lgamma, log, log1p, sqrt};

/// Standard normal quantile by algorithm AS 241 (Wichura 1988), accurate to about 1e-16.
pub fn normal_quantile(tail: Tail) -> f64 {
    let Tail { upper, p } = tail;
    let q = 0.5 - p;
    let magnitude = if q <= 0.425 {
        let r = 0.180_625 - q * q;
        q * ratio(
            r,
            [
                3.387_132_872_796_366_5,
                1.331_416_678_917_843_8e2,
                1.971_590_950_306_551_3e3,
                1.373_169_376_550_946e4,
                4.592_195_393_154_987e4,
                6.726_577_092_700_87e4,
                3.343_057_558_358_813e4,
                2.509_080_928_730_122_7e3,
            ],
            [
                1.0,
                4.231_333_070_160_091e1,
                6.871_870_074_920_579e2,
                5.394_196_021_424_751e3,
                2.121_379_430_158_659_7e4,
                3.930_789_580_009_271e4,
                2.872_908_573_572_194_3e4,
                5.226_495_278_852_854e3,
            ],
        )
    } else {
        let r = sqrt(-log(p));
        if r <= 5.0 {
            ratio(
                r - 1.6,
                [
                    1.423_437_110_749_683_5,
                    4.630_337_846_156_546,
                    5.769_497_221_460_691,
                    3.647_848_324_763_204_5,
                    1.270_458_252_452_368_4,
                    2.417_807_251_774_506e-1,
                    2.272_384_498_926_918_4e-2,
                    7.745_450_142_783_414e-4,
                ],
                [
                    1.0,
                    2.053_191_626_637_759,
                    1.676_384_830_183_803_8,
                    6.897_673_349_851e-1,
                    1.481_039_764_274_800_8e-1,
                    1.519_866_656_361_645_7e-2,
                    5.475_938_084_995_345e-4,
                    1.050_750_071_644_416_9e-9,
                ],
            )
        } else {
            ratio(
                r - 5.0,
                [
                    6.657_904_643_501_103,
                    5.463_784_911_164_114,
                    1.784_826_539_917_291_3,
                    2.965_605_718_285_048_7e-1,
                    2.653_218_952_657_612_4e-2,
                    1.242_660_947_388_078_4e-3,
                    2.711_555_568_743_487_6e-5,
                    2.010_334_399_292_288_1e-7,
                ],
                [
                    1.0,
                    5.998_322_065_558_88e-1,
                    1.369_298_809_227_358e-1,
                    1.487_536_129_085_061_5e-2,
                    7.868_691_311_456_133e-4,
                    1.846_318_317_510_054_8e-5,
                    1.421_511_758_316_446e-7,
                    2.044_263_103_389_939_8e-15,
                ],
            )
        }
    };
    if upper { magnitude } else { -magnitude }
}

/// The ratio of two polynomials in `x`, coefficients from the constant upwards.
fn ratio(x: f64, numerator: [f64; 8], denominator: [f64; 8]) -> f64 {
    let horner = |c: [f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * x + c);
    horner(numerator) / horner(denominator)
}

/// Standard normal density.
pub(super) fn normal_density(z: f64) -> f64 {
    exp(-0.5 * z * z) * 0.398_942_280_401_432_7
}

/// Both halves of the regularised incomplete gamma function, `(P(a, x), Q(a, x))`: the series below the mean,
/// Lentz's continued fraction above it, so the smaller half keeps its relative accuracy.
pub fn gamma_halves(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    let front = exp(a * log(x) - x - lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        let p = (front * sum).min(1.0);
        (p, 1.0 - p)
    } else {
        let fraction = lentz(x + 1.0 - a, |n| (-n * (n - a), x + 2.0 * n + 1.0 - a));
        let q = (front / fraction).min(1.0);
        (1.0 - q, q)
    }
}

/// Density of the gamma distribution of shape `a` and scale 1.
pub(super) fn gamma_density(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else {
        exp((a - 1.0) * log(x) - x - lgamma(a))
    }
}

/// Both halves of the regularised incomplete beta function, `(I(a, b, x), 1 - I(a, b, x))`.
pub(super) fn beta_halves(a: f64, b: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x >= 1.0 {
        return (1.0, 0.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        let (below, above) = beta_halves(b, a, 1.0 - x);
        return (above, below);
    }
    let front = exp(a * log(x) + b * log1p(-x) - beta_log(a, b)) / a;
    // The continued fraction of DLMF 8.17.22, even and odd terms alternating.
    let fraction = lentz(1.0, |n| {
        let m = libm::floor(n / 2.0);
        let numerator = if 2.0 * m == n {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        (numerator, 1.0)
    });
    let below = (front / fraction).min(1.0);
    (below, 1.0 - below)
}

/// Density of the beta distribution on [0, 1].
pub(super) fn beta_density(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    exp((a - 1.0) * log(x) + (b - 1.0) * log1p(-x) - beta_log(a, b))
}

/// Logarithm of the beta function.
fn beta_log(a: f64, b: f64) -> f64 {
    lgamma(a) + lgamma(b) - lgamma(a + b)
}

/// Evaluates the continued fraction `b0 + a1/(b1 + a2/(b2 + ...))` by Lentz's method; `terms(n)` gives `(an, bn)`.
fn lentz(b0: f64, terms: impl Fn(f64) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |x: f64| if x.abs() < TINY { TINY } else { x };
    let mut value = guard(b0);
    let (mut c, mut d) = (value, 0.0);
    for n in 1..10_000 {
        let (a, b) = terms(f64::from(n));
        d = 1.0 / guard(b + a * d);
        c = guard(b + a / c);
        let step = c * d;
        value *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// The point of `(low, high)` at which a distribution function leaves `tail` behind: Newton's method inside a
/// shrinking bracket. `halves(x)` gives the probability below and above `x`; the half that `tail` counts is compared,
/// so far quantiles keep their relative accuracy.
pub(super) fn invert(
    tail: Tail,
    (mut low, mut high): (f64, f64),
    guess: f64,
    halves: impl Fn(f64) -> (f64, f64),
    density: impl Fn(f64) -> f64,
) -> f64 {
    let mut x = guess.clamp(low, high);
    for _ in 0..200 {
        let (below, above) = halves(x);
        let (reached, sign) = if tail.upper { (above, -1.0) } else { (below, 1.0) };
        let excess = (reached - tail.p) * sign;
        if excess > 0.0 {
            high = high.min(x);
        } else {
            low = low.max(x);
        }
        // Newton on the logarithm of the probability: its graph is nearly straight in both tails.
        let slope = density(x) * sign / reached.max(f64::MIN_POSITIVE);
        let step = log(reached.max(f64::MIN_POSITIVE) / tail.p) / slope;
        let next = x - step;
        let next = if next > low && next < high {
            next
        } else if low > 0.0 {
            sqrt(low) * sqrt(high)
        } else {
            0.5 * (low + high)
        };
        if (next - x).abs() <= 1e-15 * x.abs() || high - low <= f64::EPSILON * high.abs() {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Beta, ContinuousCDF, Gamma, Normal};

    fn near(ours: f64, theirs: f64, tolerance: f64) {
        assert!(
            (ours - theirs).abs() <= tolerance * theirs.abs().max(1e-300),
            "{ours} {theirs}"
        );
    }

    #[test]
    fn normal_quantiles_agree_with_statrs() {
        let normal = Normal::new(0.0, 1.0).unwrap();
        for k in 1..200 {
            let u = f64::from(k) / 200.0;
            assert!((normal_quantile(Tail::of(u)) - normal.inverse_cdf(u)).abs() < 1e-12);
        }
        assert!((normal_quantile(Tail::of(0.975)) - 1.959_963_984_540_054).abs() < 1e-14);
    }

    #[test]
    fn incomplete_gamma_agrees_with_statrs() {
        for shape in [0.3, 1.0, 2.0, 4.7, 60.0] {
            let gamma = Gamma::new(shape, 1.0).unwrap();
            for k in 1..40 {
                let x = shape * f64::from(k) / 10.0;
                let (below, above) = gamma_halves(shape, x);
                near(below, gamma.cdf(x), 1e-11);
                near(above, gamma.sf(x), 1e-9);
            }
        }
    }

    #[test]
    fn incomplete_beta_agrees_with_statrs() {
        for (a, b) in [(1.0, 5.0), (2.2, 3.8), (4.6, 1.4), (5.0, 1.0)] {
            let beta = Beta::new(a, b).unwrap();
            for k in 1..40 {
                let x = f64::from(k) / 40.0;
                near(beta_halves(a, b, x).0, beta.cdf(x), 1e-11);
            }
        }
    }
}
