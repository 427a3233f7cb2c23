//! Who deserves what of a joint result: Shapley values of cooperative games.
//!
//! A game gives each coalition of players a value. A player's Shapley value is the mean of what it adds, over all orders in
//! which the players may join (Shapley 1953); together they are what all players are worth more than none. The interaction
//! of two players is what they add together beyond what each adds alone, averaged over the others who may have joined
//! before (Grabisch and Roubens 1999).

use crate::random::{Draws, Purpose, Seed, Stream};

/// A set of players: bit `i` stands for player `i`.
pub type Coalition = u64;

/// Players that a coalition can hold.
pub const MOST_PLAYERS: usize = 63;

/// All `players` together.
pub fn everybody(players: usize) -> Coalition {
    (1 << players) - 1
}

/// The Shapley values of a game, from all its coalitions.
pub fn shapley(players: usize, value: impl Fn(Coalition) -> f64) -> Vec<f64> {
    let weights = weights(players, 1);
    let of = |player: usize| {
        let without = (0..=everybody(players)).filter(|coalition| coalition & (1 << player) == 0);
        let added = |coalition: Coalition| value(coalition | (1 << player)) - value(coalition);
        without
            .map(|coalition| weights[coalition.count_ones() as usize] * added(coalition))
            .sum()
    };
    (0..players).map(of).collect()
}

/// The interactions of all pairs of players, in the order (0, 1), (0, 2), … (1, 2), …
pub fn interactions(players: usize, value: impl Fn(Coalition) -> f64) -> Vec<((usize, usize), f64)> {
    if players < 2 {
        return Vec::new();
    }
    let weights = weights(players, 2);
    let of = |(one, other): (usize, usize)| {
        let (one, other): (Coalition, Coalition) = (1 << one, 1 << other);
        let without = (0..=everybody(players)).filter(|coalition| coalition & (one | other) == 0);
        let beyond = |coalition: Coalition| {
            value(coalition | one | other) - value(coalition | one) - value(coalition | other) + value(coalition)
        };
        without
            .map(|coalition| weights[coalition.count_ones() as usize] * beyond(coalition))
            .sum()
    };
    pairs(players).map(|pair| (pair, of(pair))).collect()
}

/// All pairs of players.
pub fn pairs(players: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..players).flat_map(move |one| (one + 1..players).map(move |other| (one, other)))
}

/// By how many of the others are there already, the share of orders in which exactly these precede `joining` players who join
/// together.
fn weights(players: usize, joining: usize) -> Vec<f64> {
    // Blocks in order: s!(m - s)!/(m + 1)! for m others, by ratios so that no factorial overflows.
    let others = players - joining;
    let mut weight = 1.0 / (others + 1) as f64;
    let mut weights = Vec::with_capacity(others + 1);
    for before in 0..=others {
        weights.push(weight);
        weight *= (before + 1) as f64 / (others - before).max(1) as f64;
    }
    weights
}

/// What each player adds when they join in `order`.
pub fn marginals(order: &[usize], value: impl Fn(Coalition) -> f64) -> Vec<f64> {
    let mut added = vec![0.0; order.len()];
    let (mut coalition, mut before) = (0, value(0));
    for player in order {
        coalition |= 1 << player;
        let after = value(coalition);
        added[*player] = after - before;
        before = after;
    }
    added
}

/// The coalitions through which players go who join in `order`, the empty one first.
pub fn prefixes(order: &[usize]) -> Vec<Coalition> {
    let mut coalitions = vec![0];
    coalitions.extend(order.iter().scan(0, |coalition, player| {
        *coalition |= 1 << player;
        Some(*coalition)
    }));
    coalitions
}

/// Random orders in pairs of which one is the other backwards: a player who comes early in one comes late in the other, so
/// that much of what depends on the place cancels out.
pub fn antithetic_orders(players: usize, pairs: u64, seed: Seed) -> Vec<[Vec<usize>; 2]> {
    let what = Stream::of("order").purpose(Purpose::Input);
    let order = |pair: u64| {
        let draws = Draws::new(seed, pair);
        let mut order: Vec<usize> = (0..players).collect();
        for last in (1..players).rev() {
            let mark = draws
                .draw(Stream::of("shapley").member(last as u64), what)
                .word()
                .unit();
            order.swap(last, (mark * (last + 1) as f64) as usize);
        }
        let backwards = order.iter().rev().copied().collect();
        [order, backwards]
    };
    (0..pairs).map(order).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
    }

    /// The airport game (Littlechild and Owen 1973): a runway for planes that need 1, 2, 3 and 5. Each pays its part of every
    /// stretch that it uses: 1/4, 1/4 + 1/3, 1/4 + 1/3 + 1/2, 1/4 + 1/3 + 1/2 + 2.
    #[test]
    fn airport() {
        let needs = [1.0, 2.0, 3.0, 5.0];
        let cost = |coalition: Coalition| {
            let users = (0..4).filter(|player| coalition & (1 << player) != 0);
            users.map(|player| needs[player]).fold(0.0, f64::max)
        };
        close(&shapley(4, cost), &[0.25, 7.0 / 12.0, 13.0 / 12.0, 37.0 / 12.0]);
    }

    /// A left glove and two right ones: a pair is worth 1. The values are 2/3, 1/6, 1/6.
    #[test]
    fn gloves() {
        let pairs = |coalition: Coalition| f64::from(coalition & 1 != 0 && coalition & 6 != 0);
        close(&shapley(3, pairs), &[2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]);
    }

    /// Votes of 3, 2 and 2 with a quota of 4: any two win, so all are alike, 1/3 each.
    #[test]
    fn voting() {
        let weights = [3, 2, 2];
        let wins = |coalition: Coalition| {
            let votes: i32 = (0..3)
                .filter(|it| coalition & (1 << it) != 0)
                .map(|it| weights[it])
                .sum();
            f64::from(votes >= 4)
        };
        close(&shapley(3, wins), &[1.0 / 3.0; 3]);
    }

    /// Where values only add up, each gets its own and nobody interacts; what needs both goes to both alike and is their
    /// interaction.
    #[test]
    fn sums_and_products() {
        let value = |coalition: Coalition| {
            let has = |player: u32| f64::from(coalition & (1 << player) != 0);
            3.0 * has(0) - 2.0 * has(1) + 10.0 * has(0) * has(2)
        };
        close(&shapley(3, value), &[8.0, -2.0, 5.0]);
        let found: Vec<f64> = interactions(3, value).into_iter().map(|(_, it)| it).collect();
        close(&found, &[0.0, 10.0, 0.0]);
    }

    /// What players add along an order adds up to the whole; over all orders it averages to the Shapley values.
    #[test]
    fn orders() {
        let value = |coalition: Coalition| f64::from(coalition.count_ones()).powi(2) + f64::from(coalition & 1 != 0);
        let added = marginals(&[2, 0, 1], value);
        close(&added, &[4.0, 5.0, 1.0]);
        assert_eq!(prefixes(&[2, 0, 1]), [0, 4, 5, 7]);
        let mut sums = [0.0; 3];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            for (sum, added) in sums.iter_mut().zip(marginals(&order, value)) {
                *sum += added / 6.0;
            }
        }
        close(&shapley(3, value), &sums);
    }

    /// Random orders come in pairs, hold everybody once, and give every player every place.
    #[test]
    fn random_orders() {
        let mut places = vec![vec![0_u32; 5]; 5];
        for [order, backwards] in antithetic_orders(5, 2000, Seed(1)) {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4]);
            assert!(order.iter().eq(backwards.iter().rev()));
            for (place, player) in order.into_iter().enumerate() {
                places[player][place] += 1;
            }
        }
        assert!(
            places.iter().flatten().all(|count| (330..470).contains(count)),
            "{places:?}"
        );
    }
}
