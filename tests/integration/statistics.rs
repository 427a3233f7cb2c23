//! Intervals, quantiles, accumulators, warm-up and variance reduction against published or exact values.

use corridor::random::{Draws, Family, Purpose, Sampler, Seed, Stream, TableStore};
use corridor::statistics::{
    ExactMoments, Sample, batch_means_variance, chi_square_quantile, f_quantile, mser5, normal_quantile,
    quantile_bounds, t_interval, t_quantile, wilson_interval,
};

/// Uniform and other variates for a test, by ordinal, through the project's own door.
pub struct Variates {
    draws: Draws,
    stream: Stream,
    next: u64,
}

impl Variates {
    pub fn of(name: &str) -> Self {
        Self {
            draws: Draws::new(Seed(46), 0),
            stream: Stream::of(name),
            next: 0,
        }
    }

    pub fn sample(&mut self, sampler: &Sampler) -> f64 {
        let entity = self.stream.member(self.next);
        self.next += 1;
        sampler.sample(
            &mut self
                .draws
                .draw(entity, Stream::of("test").purpose(Purpose::ServiceTime)),
        )
    }
}

pub fn sampler(family: &Family) -> Sampler {
    Sampler::with_tables(family, &mut TableStore::default())
}

fn near(value: f64, expected: f64, tolerance: f64) {
    assert!(
        (value - expected).abs() <= tolerance,
        "{value}, expected {expected} within {tolerance:e}"
    );
}

fn relatively_near(value: f64, expected: f64, tolerance: f64) {
    near(value, expected, tolerance * expected.abs());
}

/// S-O-01.
#[test]
fn quantiles_of_t_normal_chi_square_and_f_are_those_of_the_tables() {
    near(t_quantile(0.975, 1.0), 12.706_204_736_174_69, 1e-8);
    near(t_quantile(0.975, 9.0), 2.262_157_162_798_205, 1e-8);
    near(t_quantile(0.95, 29.0), 1.699_127_026_533_497, 1e-8);
    near(t_quantile(0.995, 4.0), 4.604_094_871_349_992, 1e-8);
    near(normal_quantile(0.975), 1.959_963_984_540_054, 1e-8);
    near(chi_square_quantile(0.95, 10.0), 18.307_038_053_275_15, 1e-8);
    near(chi_square_quantile(0.025, 19.0), 8.906_516_481_987_971, 1e-8);
    near(f_quantile(0.95, 3.0, 20.0), 3.098_391_212_140_781, 1e-8);
}

/// F-O-07: mean 44, variance 9, deadline 47 under the normal approximation.
#[test]
fn a_deadline_one_standard_deviation_late_is_met_with_the_normal_probability() {
    near(44.0 + 3.0 * normal_quantile(0.841_344_746_1), 47.0, 1e-8);
}

/// S-O-02.
#[test]
fn accumulators_pass_the_nist_tests_of_numerical_accuracy() {
    let series = |centre: f64, low: f64, high: f64| {
        let pairs = (0..1000).map(move |i| if i % 2 == 0 { low } else { high });
        std::iter::once(centre).chain(pairs).collect::<Vec<f64>>()
    };
    let first = Sample::of(&[10_000_001.0, 10_000_003.0, 10_000_002.0]);
    assert_eq!(
        (first.mean, first.standard_deviation, first.lag_one),
        (10_000_002.0, 1.0, -0.5)
    );
    for (values, mean, tolerance) in [
        (series(1.2, 1.1, 1.3), 1.2, 1e-12),
        (series(1_000_000.2, 1_000_000.1, 1_000_000.3), 1_000_000.2, 1e-8),
        (series(10_000_000.2, 10_000_000.1, 10_000_000.3), 10_000_000.2, 1e-7),
    ] {
        let sample = Sample::of(&values);
        relatively_near(sample.mean, mean, 1e-15);
        relatively_near(sample.standard_deviation, 0.1, tolerance);
        relatively_near(sample.lag_one, -0.999, tolerance.max(1e-8));
        // The sums that replications leave behind, taken in any order, are held to the same.
        let mut moments = ExactMoments::default();
        values.iter().rev().for_each(|value| moments.add(*value));
        relatively_near(moments.mean(), mean, 1e-15);
        relatively_near(moments.standard_deviation(), 0.1, tolerance);
    }
}

/// S-O-03.
#[test]
fn accumulators_reproduce_the_certified_values_of_mavro() {
    let mut values = Vec::new();
    for last in [
        18, 17, 18, 19, 18, 17, 15, 14, 15, 15, 17, 18, 18, 19, 19, 21, 20, 16, 14, 13, 13, 15, 15, 16, 15, 14, 13, 14,
        15, 14, 15, 16, 15, 16, 19, 20, 20, 21, 22, 23, 24, 25, 27, 26, 26, 26, 27, 26, 25, 24,
    ] {
        values.push(f64::from(20_000 + last) / 10_000.0);
    }
    let sample = Sample::of(&values);
    relatively_near(sample.mean, 2.001_856, 1e-12);
    relatively_near(sample.standard_deviation, 0.000_429_123_454_003_053, 1e-12);
    relatively_near(sample.lag_one, 0.937_989_183_438_248, 1e-12);
}

/// S-O-04: the 90% interval covers the mean of normal values as often as it says, that of exponential values less often.
#[test]
fn t_intervals_cover_as_often_as_is_known_of_normal_and_of_skewed_data() {
    const EXPERIMENTS: u32 = 100_000;
    let exponential = Family::Exponential { mean: 1.0 };
    let known = [
        (5, 0.899_854_5, 0.831_338_5),
        (10, 0.899_723, 0.852_979_5),
        (20, 0.899_549_5, 0.871_126_5),
        (40, 0.899_979, 0.883_618),
    ];
    for (n, normal, skewed) in known {
        // Standard normal values by the quantile of the same uniform.
        let mut uniform = Variates::of("coverage of normal");
        let unit = sampler(&Family::Uniform { min: 0.0, max: 1.0 });
        let mut normal_value =
            || corridor::random::normal_quantile(corridor::random::Tail::of(uniform.sample(&unit).max(1e-300)));
        let mut exponential_values = Variates::of("coverage of exponential");
        let exponential = sampler(&exponential);
        let covered = |mean: f64, value: &mut dyn FnMut() -> f64| {
            let mut hits = 0;
            for _ in 0..EXPERIMENTS {
                let mut moments = ExactMoments::default();
                (0..n).for_each(|_| moments.add(value()));
                let interval = t_interval(moments.mean(), moments.standard_error(), moments.count(), 0.9);
                hits += u32::from(interval.covers(mean));
            }
            f64::from(hits) / f64::from(EXPERIMENTS)
        };
        for (found, expected) in [
            (covered(0.0, &mut normal_value), normal),
            (covered(1.0, &mut || exponential_values.sample(&exponential)), skewed),
        ] {
            // The published value has an error of its own.
            let error = (expected * (1.0 - expected) / f64::from(EXPERIMENTS))
                .sqrt()
                .hypot(3e-4);
            near(found, expected, 3.5 * error);
        }
    }
}

/// S-O-05.
#[test]
fn quantile_bounds_are_the_exact_order_statistics() {
    for (n, p, confidence, lower, upper, coverage) in [
        (100, 0.9, 0.95, 84, 96, 0.955_690_107_191_223),
        (59, 0.95, 0.9, 53, 59, 0.924_133_617_340_936_6),
        (30, 0.5, 0.95, 10, 21, 0.957_226_054_742_932_3),
    ] {
        let bounds = quantile_bounds(n, p, confidence);
        assert_eq!((bounds.lower, bounds.upper), (lower, upper), "n = {n}");
        near(bounds.coverage, coverage, 1e-10);
    }
    // With too few values no order statistic bounds the quantile from above.
    assert_eq!(quantile_bounds(10, 0.95, 0.95).upper, 11);
}

/// S-O-06: with the same uniforms the difference of two exponentials has variance (a - b)^2, not a^2 + b^2.
#[test]
fn common_random_numbers_reduce_the_variance_of_differences_as_theory_says() {
    const N: u64 = 1_000_000;
    let (two, three) = (
        sampler(&Family::Exponential { mean: 2.0 }),
        sampler(&Family::Exponential { mean: 3.0 }),
    );
    let draws = Draws::new(Seed(46), 0);
    let what = Stream::of("test").purpose(Purpose::ServiceTime);
    let (mut common, mut independent, mut mirrored) = Default::default();
    let mut products = ExactMoments::default();
    let add = |moments: &mut ExactMoments, value: f64| moments.add(value);
    for ordinal in 0..N {
        let (a, b) = (Stream::of("a").member(ordinal), Stream::of("b").member(ordinal));
        let (x, y) = (
            two.sample(&mut draws.draw(a, what)),
            three.sample(&mut draws.draw(a, what)),
        );
        let other = three.sample(&mut draws.draw(b, what));
        add(&mut common, x - y);
        add(&mut independent, x - other);
        // The antithetic partner reads the same quantile function at 1 - u: the top bit says from which end it counts.
        let word = draws.words(a, what)[0];
        let exponential = Family::Exponential { mean: 1.0 };
        let (here, there) = (
            exponential.quantile(corridor::random::Word(word).tail()),
            exponential.quantile(corridor::random::Word(word ^ 1 << 63).tail()),
        );
        add(&mut mirrored, 2.0 * 0.5 * (here + there));
        products.add((here - 1.0) * (there - 1.0));
    }
    relatively_near(common.variance(), 1.0, 0.01);
    relatively_near(independent.variance(), 13.0, 0.01);
    // Correlation of antithetic exponentials, and the variance of the mean of a pair of mean 2.
    near(
        products.mean(),
        1.0 - std::f64::consts::PI.powi(2) / 6.0,
        3.5 * products.standard_error(),
    );
    relatively_near(mirrored.variance(), 0.710_131_866_303_547_2, 0.01);
}

/// S-O-15.
#[test]
fn mser5_truncates_where_its_definition_says() {
    let series: Vec<f64> = (0..400)
        .map(|i| {
            let i = f64::from(i);
            10.0 + 8.0 * (-i / 20.0).exp() + (1.7 * i).sin() + 0.5 * (0.3 * i).cos()
        })
        .collect();
    let found = mser5(&series).unwrap();
    assert_eq!((found.batches, found.observations, found.at_limit), (13, 65, false));
    relatively_near(found.statistic, 0.001_900_043_229_989_027, 1e-9);
    relatively_near(found.mean, 10.015_277_677_116_03, 1e-9);
    relatively_near(Sample::of(&series).mean, 10.412_294_236_202_11, 1e-9);
}

/// A series that goes on growing has no warm-up: F-O-06's walk must not be reported as settled.
#[test]
fn mser5_finds_no_warm_up_in_a_series_that_grows() {
    let series: Vec<f64> = (0..400).map(f64::from).collect();
    assert!(mser5(&series).unwrap().at_limit);
}

/// S-O-16.
#[test]
fn batch_means_find_the_variance_of_the_mean_of_an_autocorrelated_series() {
    let unit = sampler(&Family::Uniform { min: 0.0, max: 1.0 });
    let mut uniform = Variates::of("AR(1)");
    let mut normal =
        || corridor::random::normal_quantile(corridor::random::Tail::of(uniform.sample(&unit).max(1e-300)));
    let (mut batches, mut naive) = (ExactMoments::default(), ExactMoments::default());
    // Long batches, so that what correlation is left between them costs less than the tolerance.
    for _ in 0..4000 {
        let mut x = normal() / (1.0_f64 - 0.64).sqrt();
        let series: Vec<f64> = (0..4000)
            .map(|_| {
                let now = x;
                x = 0.8 * x + normal();
                now
            })
            .collect();
        batches.add(batch_means_variance(&series, 20));
        naive.add(Sample::of(&series).standard_deviation.powi(2) / 4000.0);
    }
    // Var of the mean of n values: (1 + 2 sum (1 - k/n) phi^k) / (n (1 - phi^2)).
    let exact = |n: f64, phi: f64| {
        let sum: f64 = (1..n as i32).map(|k| (1.0 - f64::from(k) / n) * phi.powi(k)).sum();
        (1.0 + 2.0 * sum) / (n * (1.0 - phi * phi))
    };
    relatively_near(exact(1000.0, 0.8), 0.024_888_888_888_888_92, 1e-12);
    relatively_near(batches.mean(), exact(4000.0, 0.8), 0.1);
    assert!(
        naive.mean() < 0.2 * batches.mean(),
        "the naive estimate should be some nine times too small"
    );
}

#[test]
fn wilson_intervals_are_those_of_the_formula() {
    // Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for (successes, trials, lower, upper) in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ] {
        let interval = wilson_interval(successes, trials, 0.95);
        near(interval.lower, lower, 5e-5);
        near(interval.upper, upper, 5e-5);
    }
}
