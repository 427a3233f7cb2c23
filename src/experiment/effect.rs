//! How an effect varies: from day to day, and with what is not known.

use crate::statistics::{Interval, t_interval, wilson_interval};

/// What becomes of a difference as luck and inputs vary.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Effect {
    /// Standard deviation of the difference between replications that share their inputs: what differs from day to day.
    pub aleatory: f64,
    /// Standard deviation of the expected difference over what is not known; zero where that does not show.
    pub epistemic: f64,
    /// Between these lie nine tenths of the expected differences as the inputs vary.
    pub band: (f64, f64),
    /// The share of draws of the inputs in which the expected difference has the sign of its mean, with Wilson's interval. None
    /// where luck hides how the expected difference varies.
    pub sign: Option<Interval>,
}

/// Of fewer draws of the inputs nothing can be said about how an effect varies with them.
const LEAST_GROUPS: usize = 4;

/// The share of the draws that lies below the band, and above it.
const TAIL: f64 = 0.05;

/// Level of the interval of the share of draws with the sign of the mean.
const CONFIDENCE: f64 = 0.95;

/// How differences in groups of replications that share their inputs scatter.
struct Spread {
    /// Replications of a group.
    size: usize,
    /// The mean of each group.
    means: Vec<f64>,
    /// Variance within groups.
    inside: f64,
    /// Variance of the groups' means.
    between: f64,
}

impl Spread {
    /// None where groups have a single replication each or are too few, or where some difference is unknown.
    fn of(groups: &[Vec<f64>]) -> Option<Self> {
        let size = groups.first()?.len();
        let whole = groups
            .iter()
            .all(|group| group.len() == size && group.iter().all(|it| it.is_finite()));
        if size < 2 || groups.len() < LEAST_GROUPS || !whole {
            return None;
        }
        let means: Vec<f64> = groups.iter().map(|group| mean_of(group)).collect();
        Some(Self {
            size,
            inside: groups.iter().map(|group| variance_of(group)).sum::<f64>() / groups.len() as f64,
            between: variance_of(&means),
            means,
        })
    }

    /// An estimate of the variance of the expected difference over what is not known; it may fall below zero.
    fn epistemic(&self) -> f64 {
        self.between - self.inside / self.size as f64
    }
}

fn mean_of(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance_of(values: &[f64]) -> f64 {
    let centre = mean_of(values);
    values.iter().map(|it| (it - centre).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

/// The effect behind differences in groups of replications that share their inputs. None where groups have a single
/// replication each, so that the two causes of variation cannot be told apart, or where some difference is unknown.
///
/// The means of the groups scatter more than the expected differences do, for each has its own luck left. They are drawn
/// together around their mean until they scatter as much as the one-way analysis of variance says that the expectations do;
/// groups in which nothing at all happened (the measure was not delivered) stay at zero.
pub fn effect(groups: &[Vec<f64>]) -> Option<Effect> {
    let spread = Spread::of(groups)?;
    let Spread {
        ref means,
        inside,
        between,
        ..
    } = spread;
    let epistemic = spread.epistemic().max(0.0).sqrt();
    let centre = mean_of(means);
    let shrink = if between > 0.0 { epistemic / between.sqrt() } else { 1.0 };
    let mut expected: Vec<f64> = groups
        .iter()
        .zip(means)
        .map(|(group, mean)| {
            if group.iter().all(|it| *it == 0.0) {
                0.0
            } else {
                centre + shrink * (mean - centre)
            }
        })
        .collect();
    expected.sort_by(f64::total_cmp);
    let shows = epistemic > 0.0 || inside == 0.0 || expected.first() != expected.last();
    let agree = expected.iter().filter(|it| **it * centre > 0.0).count();
    Some(Effect {
        aleatory: inside.sqrt(),
        epistemic,
        band: (quantile(&expected, TAIL), quantile(&expected, 1.0 - TAIL)),
        sign: shows.then(|| wilson_interval(agree as u64, groups.len() as u64, CONFIDENCE)),
    })
}

/// Of fewer draws of the inputs the share that some of them have cannot be told.
pub const LEAST_FOR_SHARE: usize = 20;

/// So many blocks of groups are left out one after the other to see how well a share is known.
const BLOCKS: usize = 20;

/// The share of the variance over what is not known that is missing from the differences in `founded`, for which some inputs were
/// held, against those in `all`; with an interval from leaving out blocks of groups (jackknife). Both have the same groups. Neither
/// variance is cut off at zero, so that the interval tells how little is known of a share near one. None where luck hides how the
/// expected difference varies, or there are fewer than [`LEAST_FOR_SHARE`] groups.
pub fn missing_share(all: &[Vec<f64>], founded: &[Vec<f64>], confidence: f64) -> Option<Interval> {
    let share = |all: &[Vec<f64>], founded: &[Vec<f64>]| {
        let (all, founded) = (Spread::of(all)?.epistemic(), Spread::of(founded)?.epistemic());
        (all > 0.0).then(|| 1.0 - founded / all)
    };
    if all.len() < LEAST_FOR_SHARE || effect(all)?.sign.is_none() {
        return None;
    }
    let blocks = BLOCKS.min(all.len());
    let without = |block: usize| {
        let rest = |groups: &[Vec<f64>]| -> Vec<Vec<f64>> {
            let numbered = groups.iter().enumerate().filter(|(number, _)| number % blocks != block);
            numbered.map(|(_, group)| group.clone()).collect()
        };
        share(&rest(all), &rest(founded))
    };
    let estimate = share(all, founded)?;
    let parts: Vec<f64> = (0..blocks).map(without).collect::<Option<_>>()?;
    let mean = parts.iter().sum::<f64>() / blocks as f64;
    let scatter: f64 = parts.iter().map(|part| (part - mean).powi(2)).sum();
    let error = (scatter * (blocks - 1) as f64 / blocks as f64).sqrt();
    Some(t_interval(estimate, error, blocks as u64, confidence))
}

/// A quantile of sorted values, between the two nearest.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + part * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Purpose, Seed, Stream};
    use crate::statistics::normal_quantile;

    fn normal(number: u64, what: &str) -> f64 {
        let mut draw = Draws::new(Seed(7), number).draw(Stream::of(what), Stream::of("test").purpose(Purpose::Input));
        normal_quantile(draw.word().unit().clamp(1e-12, 1.0 - 1e-12))
    }

    /// Expectations N(1, 2^2) over the inputs and luck N(0, 3^2): the sign is positive with probability Phi(0.5) = 0.691, and the
    /// band is 1 ± 1.645 x 2, although the groups' means scatter with sqrt(4 + 9/2).
    #[test]
    fn luck_is_taken_out_of_what_is_not_known() {
        let group = |number: u64| -> Vec<f64> {
            let expected = 1.0 + 2.0 * normal(number, "input");
            (0..2)
                .map(|it| expected + 3.0 * normal(2 * number + it, "luck"))
                .collect()
        };
        let groups: Vec<Vec<f64>> = (0..4000).map(group).collect();
        let it = effect(&groups).expect("an effect");
        assert!((it.aleatory - 3.0).abs() < 0.15, "{}", it.aleatory);
        assert!((it.epistemic - 2.0).abs() < 0.15, "{}", it.epistemic);
        assert!(
            (it.sign.expect("a sign").estimate - 0.691).abs() < 0.03,
            "{:?}",
            it.sign
        );
        assert!(
            (it.band.0 + 2.29).abs() < 0.3 && (it.band.1 - 4.29).abs() < 0.3,
            "{:?}",
            it.band
        );
    }

    /// Expectations N(1, 2^2 + 1^2) over two inputs: four fifths of the variance are missing when the first is held. Of a hundred
    /// experiments about 95 have intervals that cover that, fewer draws or many.
    #[test]
    fn the_share_of_an_input_is_covered() {
        let covers = |experiment: u64, draws: u64| {
            let group = |number: u64, width: f64| -> Vec<f64> {
                let number = experiment * 1000 + number;
                let expected = 1.0 + width * normal(number, "wide") + normal(number, "narrow");
                (0..2)
                    .map(|it| expected + 0.5 * normal(2 * number + it, "luck"))
                    .collect()
            };
            let groups = |width: f64| -> Vec<Vec<f64>> { (0..draws).map(|number| group(number, width)).collect() };
            let share = missing_share(&groups(2.0), &groups(0.0), 0.95).expect("a share");
            share.lower <= 0.8 && 0.8 <= share.upper
        };
        for draws in [20, 80] {
            let covered = (0..100).filter(|experiment| covers(*experiment, draws)).count();
            assert!((88..=100).contains(&covered), "{covered} with {draws}");
        }
    }

    #[test]
    fn what_was_not_delivered_has_no_sign() {
        let groups = vec![vec![0.0, 0.0], vec![2.0, 2.0], vec![2.0, 2.0], vec![2.0, 2.0]];
        let it = effect(&groups).expect("an effect");
        assert_eq!((it.sign.expect("a sign").estimate, it.aleatory), (0.75, 0.0));
    }

    #[test]
    fn one_replication_a_group_tells_nothing_apart() {
        let four = |group: &[f64]| vec![group.to_vec(); 4];
        assert_eq!(effect(&four(&[1.0])), None);
        assert_eq!(effect(&four(&[1.0, f64::NAN])), None);
        // Nothing but luck: no sign is claimed.
        assert_eq!(effect(&four(&[1.0, -3.0])).expect("an effect").sign, None);
    }
}
