//! Who deserves the credit: the joint effect of measures on an indicator, shared out to each by its Shapley value.
//!
//! Measures are the players of a game whose value is the indicator under the measures in force; all coalitions meet the same
//! luck, so every replication plays a game of its own and the shares of replications are as comparable as those of paired
//! runs. With few measures all coalitions are simulated and the shares are exact but for the luck; with many, orders are
//! drawn at random in antithetic pairs, and the intervals take the draw of the orders into account as well. In either
//! case the shares add up to the joint effect.

use super::{ExperimentError, Group, pool};
use crate::indicator::Catalogue;
use crate::model::Model;
use crate::random::Seed;
use crate::statistics::{
    Coalition, ExactMoments, Interval, antithetic_orders, everybody, interactions, marginals, pairs, prefixes, shapley,
    t_interval,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The orders in which measures join.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Orders {
    /// All of them: every coalition is simulated.
    All,
    /// So many pairs, drawn at random; of each pair one is the other backwards.
    Drawn(u64),
}

/// How a joint effect is shared out.
#[derive(Clone, PartialEq, Debug)]
pub struct Attributing {
    /// Seed of all randomness.
    pub seed: u64,
    /// Replications of each coalition.
    pub replications: u64,
    /// Threads; as many as there are processors when left out.
    pub threads: Option<usize>,
    /// Of the intervals.
    pub confidence: f64,
    /// The orders.
    pub orders: Orders,
}

/// What coalitions are worth: for each that has been simulated the means of its groups of replications, by headline
/// indicator.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Worth {
    /// Keys of the headline indicators.
    pub keys: Vec<String>,
    /// Group by group and key by key.
    pub values: BTreeMap<Coalition, Vec<Vec<f64>>>,
}

/// Whether two measures do more together than each alone.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interaction {
    /// The two, by number.
    pub pair: (usize, usize),
    /// What they add together beyond the sum of what each adds.
    pub size: Interval,
}

/// A joint effect shared out.
#[derive(Clone, PartialEq, Debug)]
pub struct Credit {
    /// Groups of replications of every coalition that it rests on.
    pub groups: u64,
    /// Without any measure, and under all of them.
    pub ends: (Interval, Interval),
    /// The difference.
    pub joint: Interval,
    /// By measure, its share; they add up to the joint effect.
    pub shares: Vec<Interval>,
    /// By measure, what it does alone.
    pub alone: Vec<Interval>,
    /// By measure, what it adds to all the others.
    pub last: Vec<Interval>,
    /// The strongest interactions, strongest first: averaged over the others if all orders are known, else those of two
    /// measures by themselves.
    pub interactions: Vec<Interaction>,
}

/// How many of the strongest measures are tried in pairs where orders are drawn.
const PAIRED_MEASURES: usize = 4;

/// How many interactions are reported.
const INTERACTIONS: usize = 10;

impl Attributing {
    /// The coalitions of `players` that have to be simulated, before anything is known of them.
    pub fn coalitions(&self, players: usize) -> BTreeSet<Coalition> {
        let all = everybody(players);
        match self.orders {
            Orders::All => (0..=all).collect(),
            Orders::Drawn(_) => {
                let mut wanted: BTreeSet<Coalition> = self.drawn(players).iter().flat_map(|it| prefixes(it)).collect();
                wanted.extend((0..players).flat_map(|player| [1 << player, all & !(1 << player)]));
                wanted.extend([0, all]);
                wanted
            }
        }
    }

    /// The pairs of measures that are to be tried by themselves, once what each adds is known.
    pub fn pairs(&self, players: usize, worth: &Worth, key: &str) -> Vec<Coalition> {
        let Some(place) = worth.place(key).filter(|_| self.orders != Orders::All) else {
            return Vec::new();
        };
        let mut strongest: Vec<(f64, usize)> = (0..players)
            .map(|player| (worth.mean_gain(0, 1 << player, place).abs(), player))
            .collect();
        strongest.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        strongest.truncate(PAIRED_MEASURES);
        let both = |(one, other): (usize, usize)| (1 << strongest[one].1) | (1 << strongest[other].1);
        pairs(strongest.len()).map(both).collect()
    }

    fn drawn(&self, players: usize) -> Vec<Vec<usize>> {
        match self.orders {
            Orders::All => Vec::new(),
            Orders::Drawn(pairs) => antithetic_orders(players, pairs, Seed(self.seed))
                .into_iter()
                .flatten()
                .collect(),
        }
    }

    /// Groups of replications of a coalition, each of `size`.
    fn groups(&self, size: u64) -> u64 {
        self.replications.div_ceil(size).max(2)
    }
}

impl Worth {
    /// Simulates a coalition, whose measures `model` has in force, and keeps what it is worth; whether it was completed.
    /// A group has `size` replications; `progress` is told the replications done.
    ///
    /// # Errors
    /// When threads cannot be started, or an invariant does not hold.
    pub fn simulate(
        &mut self,
        coalition: Coalition,
        (model, size): (&Model, u64),
        options: &Attributing,
        progress: &(dyn Fn(u64) + Sync),
        stop: &AtomicBool,
    ) -> Result<bool, ExperimentError> {
        let catalogue = Catalogue::of(model);
        let key = |number: &usize| catalogue.indicators[*number].key();
        if self.keys.is_empty() {
            self.keys = catalogue.headlines.iter().map(key).collect();
        }
        let places: Vec<Option<usize>> = self.keys.iter().map(|key| catalogue.find(key)).collect();
        let done = AtomicU64::new(0);
        // The values of a group; nothing where it was not made, what is wrong where an invariant did not hold.
        let one = |number: u64| {
            if stop.load(Ordering::Relaxed) {
                return Err(None);
            }
            let group = Group::simulate(model, &catalogue, Seed(options.seed), number, size);
            if let Some(violation) = group.violation() {
                return Err(Some(ExperimentError::Invariant(violation.to_owned())));
            }
            let means = super::comparison::mean_values(&group);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            Ok(places
                .iter()
                .map(|place| place.map_or(f64::NAN, |place| means[place]))
                .collect())
        };
        let made = pool(options.threads)?.install(|| (0..options.groups(size)).into_par_iter().map(one).collect());
        match made {
            Ok(values) => self.values.insert(coalition, values),
            Err(None) => return Ok(false),
            Err(Some(error)) => return Err(error),
        };
        Ok(true)
    }

    /// Where an indicator stands.
    pub fn place(&self, key: &str) -> Option<usize> {
        self.keys.iter().position(|known| known == key)
    }

    /// Whether a coalition is known in as many groups as `options` wants, or more.
    pub fn knows(&self, coalition: Coalition, options: &Attributing, size: u64) -> bool {
        self.values
            .get(&coalition)
            .is_some_and(|groups| groups.len() as u64 >= options.groups(size))
    }

    /// The value of a coalition in a group; not a number where it is not known.
    fn of(&self, coalition: Coalition, group: usize, place: usize) -> f64 {
        let values = self.values.get(&coalition).and_then(|groups| groups.get(group));
        values.map_or(f64::NAN, |values| values[place])
    }

    /// Groups in which all of some coalitions are known.
    pub fn groups_of(&self, coalitions: &BTreeSet<Coalition>) -> usize {
        let known = |coalition| self.values.get(coalition).map_or(0, Vec::len);
        coalitions.iter().map(known).min().unwrap_or(0)
    }

    fn mean_gain(&self, from: Coalition, to: Coalition, place: usize) -> f64 {
        let mut gains = ExactMoments::default();
        for group in 0..self.groups_of(&[from, to].into()) {
            gains.add(self.of(to, group, place) - self.of(from, group, place));
        }
        gains.mean()
    }

    /// Shares out the joint effect of `players` measures on an indicator. None where it is unknown or could not be measured in
    /// some coalition.
    pub fn attribute(&self, players: usize, key: &str, options: &Attributing) -> Option<Credit> {
        let place = self.place(key)?;
        let wanted = options.coalitions(players);
        let groups = 0..self.groups_of(&wanted);
        let all = everybody(players);
        let value = |group: usize| move |coalition: Coalition| self.of(coalition, group, place);
        let interval = |of: &dyn Fn(usize) -> f64| {
            let mut moments = ExactMoments::default();
            groups.clone().for_each(|group| moments.add(of(group)));
            t_interval(
                moments.mean(),
                moments.standard_error(),
                moments.count(),
                options.confidence,
            )
        };
        let known = |coalition: &Coalition| groups.clone().all(|group| value(group)(*coalition).is_finite());
        if groups.is_empty() || !wanted.iter().all(known) {
            return None;
        }
        let orders = options.drawn(players);
        let shares_of = |group: usize| match options.orders {
            Orders::All => shapley(players, value(group)),
            Orders::Drawn(_) => mean_of(
                &orders
                    .iter()
                    .map(|order| marginals(order, value(group)))
                    .collect::<Vec<_>>(),
            ),
        };
        let by_group: Vec<Vec<f64>> = groups.clone().map(shares_of).collect();
        let shares = (0..players)
            .map(|player| {
                let luck = interval(&|group| by_group[group][player]);
                let drawn = self.error_of_orders(&orders, (player, place), groups.len());
                widened(luck, drawn, options.confidence)
            })
            .collect();
        let between = |from: Coalition, to: Coalition| interval(&|group| value(group)(to) - value(group)(from));
        let mut beyond: Vec<Interaction> = match options.orders {
            Orders::All => {
                let by_group: Vec<_> = groups
                    .clone()
                    .map(|group| interactions(players, value(group)))
                    .collect();
                let of = |number: usize| Interaction {
                    pair: by_group[0][number].0,
                    size: interval(&|group| by_group[group][number].1),
                };
                (0..by_group[0].len()).map(of).collect()
            }
            Orders::Drawn(_) => {
                let of = |pair: (usize, usize)| {
                    let (one, other): (Coalition, Coalition) = (1 << pair.0, 1 << pair.1);
                    let size = interval(&|group| {
                        let value = value(group);
                        value(one | other) - value(one) - value(other) + value(0)
                    });
                    let known = self.groups_of(&[one | other].into()) >= groups.len();
                    known.then_some(Interaction { pair, size })
                };
                pairs(players).filter_map(of).collect()
            }
        };
        beyond.retain(|it| it.size.estimate.is_finite());
        beyond.sort_by(|a, b| b.size.estimate.abs().total_cmp(&a.size.estimate.abs()));
        beyond.truncate(INTERACTIONS);
        Some(Credit {
            groups: groups.len() as u64,
            ends: (interval(&|group| value(group)(0)), interval(&|group| value(group)(all))),
            joint: between(0, all),
            shares,
            alone: (0..players).map(|player| between(0, 1 << player)).collect(),
            last: (0..players).map(|player| between(all & !(1 << player), all)).collect(),
            interactions: beyond,
        })
    }

    /// The standard error that comes of drawing orders: from the scatter of the means of antithetic pairs.
    fn error_of_orders(&self, orders: &[Vec<usize>], (player, place): (usize, usize), groups: usize) -> (f64, u64) {
        let mut moments = ExactMoments::default();
        for pair in orders.chunks_exact(2) {
            let gain = |order: &Vec<usize>| {
                let gain = |group: usize| marginals(order, |coalition| self.of(coalition, group, place))[player];
                (0..groups).map(gain).sum::<f64>() / groups as f64
            };
            moments.add((gain(&pair[0]) + gain(&pair[1])) / 2.0);
        }
        let error = if moments.count() > 1 {
            moments.standard_error()
        } else {
            0.0
        };
        (error, moments.count())
    }
}

/// The interval of a share whose replications and whose orders are both drawn. Errors are added as if they were independent;
/// each half-width has the degrees of freedom of its own part.
fn widened(luck: Interval, (of_orders, pairs): (f64, u64), confidence: f64) -> Interval {
    let half = luck.half_width();
    if of_orders == 0.0 || !half.is_finite() || pairs < 2 {
        return luck;
    }
    let wide = t_interval(luck.estimate, of_orders, pairs, confidence).half_width();
    let half = half.hypot(wide);
    Interval {
        lower: luck.estimate - half,
        upper: luck.estimate + half,
        ..luck
    }
}

fn mean_of(rows: &[Vec<f64>]) -> Vec<f64> {
    let columns = rows.first().map_or(0, Vec::len);
    let mean = |column: usize| rows.iter().map(|row| row[column]).sum::<f64>() / rows.len() as f64;
    (0..columns).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A game whose luck is known: values of coalitions in four groups of replications.
    fn worth(players: usize, value: impl Fn(Coalition, usize) -> f64) -> Worth {
        let groups = |coalition: Coalition| (0..4).map(|group| vec![value(coalition, group)]).collect();
        Worth {
            keys: vec!["x".to_owned()],
            values: (0..=everybody(players)).map(|it| (it, groups(it))).collect(),
        }
    }

    fn options(orders: Orders) -> Attributing {
        Attributing {
            seed: 3,
            replications: 4,
            threads: None,
            confidence: 0.95,
            orders,
        }
    }

    /// Each measure adds its own, the first two ten more together; luck shifts all coalitions alike and drops out.
    #[test]
    fn shares_add_up() {
        let value = |coalition: Coalition, group: usize| {
            let has = |player: u32| f64::from(coalition & (1 << player) != 0);
            100.0 + group as f64 + has(0) + 2.0 * has(1) + 3.0 * has(2) + 4.0 * has(3) + 10.0 * has(0) * has(1)
        };
        let worth = worth(4, value);
        for orders in [Orders::All, Orders::Drawn(3)] {
            let found = worth.attribute(4, "x", &options(orders)).expect("a credit");
            let sum: f64 = found.shares.iter().map(|share| share.estimate).sum();
            assert!((sum - 20.0).abs() < 1e-9 && (found.joint.estimate - 20.0).abs() < 1e-9);
            assert!(found.shares[2].covers(3.0) && found.shares[2].half_width() < 1e-9);
            // A pair of antithetic orders has each of two partners first once, so even drawn orders give 6 and 7.
            assert!((found.shares[0].estimate - 6.0).abs() < 1e-9, "{:?}", found.shares);
            assert!((found.alone[0].estimate - 1.0).abs() < 1e-9 && (found.last[0].estimate - 11.0).abs() < 1e-9);
            assert_eq!(found.interactions[0].pair, (0, 1));
            assert!((found.interactions[0].size.estimate - 10.0).abs() < 1e-9);
        }
    }

    /// A runway for five planes, shared out by drawn orders: nine in ten intervals at least cover the exact share, of 95 in a
    /// hundred that should.
    #[test]
    fn drawn_orders_are_honest_about_themselves() {
        let needs = [1.0, 2.0, 4.0, 8.0, 16.0];
        let value = |coalition: Coalition, _: usize| {
            let users = (0..5).filter(|player| coalition & (1 << player) != 0);
            users.map(|player| needs[player]).fold(0.0, f64::max)
        };
        let exact = shapley(5, |coalition| value(coalition, 0));
        let worth = worth(5, value);
        let mut covered = 0;
        for seed in 0..100 {
            let drawn = Attributing {
                seed,
                ..options(Orders::Drawn(12))
            };
            let found = worth.attribute(5, "x", &drawn).expect("a credit");
            covered += found
                .shares
                .iter()
                .zip(&exact)
                .filter(|(share, exact)| share.covers(**exact))
                .count();
        }
        assert!(covered >= 450, "{covered} of 500");
    }

    /// What is left of an earlier study with fewer replications, in coalitions that are not wanted, does not count.
    #[test]
    fn stale_coalitions_do_not_count() {
        let mut worth = worth(5, |coalition, group| f64::from(coalition.count_ones()) + group as f64);
        let options = options(Orders::Drawn(2));
        let wanted = options.coalitions(5);
        for (_, groups) in worth
            .values
            .iter_mut()
            .filter(|(coalition, _)| !wanted.contains(coalition))
        {
            groups.truncate(1);
        }
        let found = worth.attribute(5, "x", &options).expect("a credit");
        assert_eq!(found.groups, 4);
        assert!((found.joint.estimate - 5.0).abs() < 1e-9);
        assert!(
            worth.knows(0, &options, 1)
                && worth.knows(
                    0,
                    &Attributing {
                        replications: 2,
                        ..options
                    },
                    1
                )
        );
    }

    #[test]
    fn what_cannot_be_measured_is_not_shared_out() {
        let worth = worth(2, |coalition, _| if coalition == 1 { f64::NAN } else { 1.0 });
        assert_eq!(worth.attribute(2, "x", &options(Orders::All)), None);
        assert_eq!(worth.attribute(2, "y", &options(Orders::All)), None);
    }
}
