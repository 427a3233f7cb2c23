//! The generator across neighbouring addresses, and the samplers' moments and distribution functions.

use crate::statistics::{Variates, sampler};
use corridor::random::{Draws, Family, Purpose, ROUNDS, Seed, Stream, Word, philox2x64};
use corridor::statistics::{ExactMoments, chi_square_quantile};

/// S-O-17, for the generator that is used: Philox 2x64, by the known answers of Random123 (kat_vectors).
#[test]
fn the_generator_gives_the_published_answers() {
    assert_eq!(
        philox2x64::<10>([0; 2], 0),
        [0xca00_a045_9843_d731, 0x66c2_4222_c9a8_45b5]
    );
    assert_eq!(
        philox2x64::<10>([u64::MAX; 2], u64::MAX),
        [0x65b0_21d6_0cd8_310f, 0x4d02_f322_2f86_df20]
    );
    assert_eq!(
        philox2x64::<10>([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344], 0xa409_3822_299f_31d0),
        [0x0a5e_742c_2997_341c, 0xb0f8_83d3_8000_de5d]
    );
    // The rounds that every draw uses.
    assert_eq!(
        philox2x64::<ROUNDS>([0; 2], 0),
        [0xb41d_a69f_bfef_c666, 0x511e_9ce1_a553_4056]
    );
}

/// The uniforms of `n` neighbours, along whatever direction `address` leads.
fn uniforms(n: u64, address: impl Fn(u64) -> (Draws, Stream, Stream)) -> Vec<f64> {
    (0..n)
        .map(|i| {
            let (draws, entity, what) = address(i);
            Word(draws.words(entity, what)[0]).unit()
        })
        .collect()
}

/// A thousand bins: chi-square between its 0.01% and 99.99% quantiles.
fn is_uniform(values: &[f64], name: &str) {
    let mut bins = vec![0.0; 1000];
    for value in values {
        bins[(value * 1000.0) as usize] += 1.0;
    }
    let expected = values.len() as f64 / 1000.0;
    let chi: f64 = bins
        .iter()
        .map(|count: &f64| (count - expected).powi(2) / expected)
        .sum();
    let (low, high) = (chi_square_quantile(1e-4, 999.0), chi_square_quantile(1.0 - 1e-4, 999.0));
    assert!(
        low < chi && chi < high,
        "{name}: chi-square {chi} not within {low}..{high}"
    );
}

/// Correlation at lags 1, 2, 3 and 7 within 4 standard errors of zero.
fn is_uncorrelated(values: &[f64], name: &str) {
    for lag in [1, 2, 3, 7] {
        let n = values.len() - lag;
        let sum: f64 = values
            .iter()
            .zip(&values[lag..])
            .map(|(a, b)| (a - 0.5) * (b - 0.5))
            .sum();
        let correlation = sum / n as f64 * 12.0;
        assert!(
            correlation.abs() < 4.0 / (n as f64).sqrt(),
            "{name}: correlation {correlation} at lag {lag}"
        );
    }
}

#[test]
fn draws_at_neighbouring_addresses_are_uniform_and_uncorrelated() {
    const N: u64 = 400_000;
    let (flow, desk) = (Stream::of("flow.boxes"), Stream::of("facility.customs"));
    let base = Draws::new(Seed(46), 0);
    let time = desk.purpose(Purpose::ServiceTime);
    let directions: [(&str, Vec<f64>); 6] = [
        ("consignments", uniforms(N, |i| (base, flow.member(i), time))),
        ("days", uniforms(N, |i| (base, flow.cell(i), time))),
        (
            "members of days",
            uniforms(N, |i| (base, flow.cell(i / 8).member(i % 8), time)),
        ),
        (
            "visits",
            uniforms(N, |i| {
                (base, flow.member(3), desk.member(i).purpose(Purpose::ServiceTime))
            }),
        ),
        (
            "replications",
            uniforms(N, |i| (Draws::new(Seed(46), i), flow.member(17), time)),
        ),
        (
            "seeds",
            uniforms(N, |i| (Draws::new(Seed(i), 0), flow.member(17), time)),
        ),
    ];
    for (name, values) in &directions {
        is_uniform(values, name);
        is_uncorrelated(values, name);
    }
}

#[test]
fn neighbouring_purposes_replications_and_seeds_share_no_pattern() {
    const N: u64 = 400_000;
    let (flow, desk) = (Stream::of("flow.boxes"), Stream::of("facility.customs"));
    let (service, inspection) = (
        desk.purpose(Purpose::ServiceTime),
        desk.purpose(Purpose::InspectionMark),
    );
    let of =
        |seed, replication, what| uniforms(N, move |i| (Draws::new(Seed(seed), replication), flow.member(i), what));
    let here = of(46, 0, service);
    for (name, other) in [
        ("another purpose", of(46, 0, inspection)),
        ("the next replication", of(46, 1, service)),
        ("the next seed", of(47, 0, service)),
        (
            "another desk",
            of(46, 0, Stream::of("facility.customs2").purpose(Purpose::ServiceTime)),
        ),
    ] {
        let sum: f64 = here.iter().zip(&other).map(|(a, b)| (a - 0.5) * (b - 0.5)).sum();
        let correlation = sum / N as f64 * 12.0;
        assert!(correlation.abs() < 4.0 / (N as f64).sqrt(), "{name}: {correlation}");
    }
}

/// Each bit of the counter changes half of the output's bits.
#[test]
fn every_bit_of_the_address_matters_to_every_draw() {
    for bit in 0..128 {
        let mut changed = 0;
        for i in 0..200_u64 {
            let counter = [i.wrapping_mul(0x9e37_79b9_7f4a_7c15), i];
            let mut neighbour = counter;
            neighbour[bit / 64] ^= 1 << (bit % 64);
            let (a, b) = (philox2x64::<ROUNDS>(counter, 7), philox2x64::<ROUNDS>(neighbour, 7));
            changed += (a[0] ^ b[0]).count_ones() + (a[1] ^ b[1]).count_ones();
        }
        // 25,600 fair coins: mean 12,800, standard deviation 80.
        assert!(
            (f64::from(changed) - 12_800.0).abs() < 400.0,
            "bit {bit} changes {changed} of 25600"
        );
    }
}

/// S-O-18, and the other families of the library.
#[test]
fn samplers_have_the_moments_and_the_distribution_of_their_families() {
    const N: usize = 1_000_000;
    /// Name, family, mean, standard deviation; where known, P(X <= 1.2 mean) and the 95% quantile.
    type Known = (&'static str, Family, f64, f64, Option<(f64, f64)>);
    let cases: [Known; 9] = [
        (
            "gamma",
            Family::Gamma {
                shape: 1.0 / 0.36,
                mean: 3.0,
            },
            3.0,
            1.8,
            Some((0.695_605_598_570_117_5, 6.437_850_282_523_028)),
        ),
        (
            "lognormal",
            Family::LogNormal { mean: 3.0, cv: 0.6 },
            3.0,
            1.8,
            Some((0.727_759_993_713_195_6, 6.404_255_596_559_434)),
        ),
        (
            "triangular",
            Family::Triangular {
                min: 1.0,
                mode: 2.0,
                max: 6.0,
            },
            3.0,
            1.080_123_449_734_643,
            Some((0.712, 5.0)),
        ),
        (
            "weibull",
            Family::Weibull { shape: 1.7, scale: 3.0 },
            2.676_733_507_497_972,
            1.620_707_698_881_166,
            Some((0.674_740_443_003_746_9, 5.720_278_005_265_778)),
        ),
        (
            "betaPERT",
            Family::Pert {
                min: 10.0,
                typical: 12.0,
                max: 20.0,
            },
            13.0,
            1.732_050_807_568_877,
            Some((0.911_553_947_735_635_9, 16.212_767_240_161_9)),
        ),
        (
            "exponential",
            Family::Exponential { mean: 3.0 },
            3.0,
            3.0,
            Some((1.0 - (-1.2_f64).exp(), 3.0 * 20.0_f64.ln())),
        ),
        (
            "uniform",
            Family::Uniform { min: 1.0, max: 5.0 },
            3.0,
            4.0 / 12.0_f64.sqrt(),
            Some((0.65, 4.8)),
        ),
        (
            "erlang",
            Family::Gamma { shape: 3.0, mean: 1.0 },
            1.0,
            3.0_f64.sqrt() / 3.0,
            None,
        ),
        (
            "two points",
            Family::Empirical {
                values: vec![1.0, 6.0],
                weights: vec![0.9, 0.1],
            },
            1.5,
            1.5,
            None,
        ),
    ];
    for (name, family, mean, deviation, points) in cases {
        assert!(
            (family.mean() - mean).abs() < 1e-12 * mean,
            "{name}: mean {}",
            family.mean()
        );
        assert!(
            (family.variance().sqrt() - deviation).abs() < 1e-12 * deviation,
            "{name}"
        );
        let sampler = sampler(&family);
        let mut variates = Variates::of(name);
        let mut values: Vec<f64> = (0..N).map(|_| variates.sample(&sampler)).collect();
        let mut moments = ExactMoments::default();
        let mut squares = ExactMoments::default();
        for value in &values {
            moments.add(*value);
            squares.add((value - mean).powi(2));
        }
        let errors = (moments.mean() - mean).abs() / moments.standard_error();
        assert!(errors < 3.5, "{name}: mean {errors} standard errors off");
        let errors = (squares.mean() - deviation * deviation).abs() / squares.standard_error();
        assert!(errors < 3.5, "{name}: variance {errors} standard errors off");
        let Some((below, p95)) = points else { continue };
        let share = |limit: f64| values.iter().filter(|value| **value <= limit).count() as f64 / N as f64;
        for (found, p) in [(share(1.2 * mean), below), (share(p95), 0.95)] {
            let error = (p * (1.0 - p) / N as f64).sqrt();
            assert!((found - p).abs() < 3.5 * error, "{name}: {found} below, {p} expected");
        }
        // Kolmogorov and Smirnov: the quantile function is exact, so F(x) at the k-th value is read off its inverse; the
        // 99.9% point of the statistic is 1.95 / sqrt(n).
        values.sort_by(f64::total_cmp);
        let worst = (1..1000)
            .map(|k| {
                let u = f64::from(k) / 1000.0;
                let x = family.quantile(corridor::random::Tail::of(u));
                (values.partition_point(|value| *value <= x) as f64 / N as f64 - u).abs()
            })
            .fold(0.0, f64::max);
        assert!(
            worst < 1.95 / (N as f64).sqrt(),
            "{name}: Kolmogorov-Smirnov distance {worst}"
        );
    }
}
