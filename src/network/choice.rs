//! Route choice: path-size logit over generalised cost, nested by main mode where the scenario says so.

use std::ops::Range;

/// The path-size factors of Ben-Akiva and Bierlaire (1999): for each route, the sum over its parts of the part's share
/// of the route's length, divided by the number of routes that use the part. Routes without length have factor 1.
pub fn path_sizes<K: PartialEq>(routes: &[Vec<(K, f64)>]) -> Vec<f64> {
    routes
        .iter()
        .map(|route| {
            let length: f64 = route.iter().map(|(_, length)| length).sum();
            if length <= 0.0 {
                return 1.0;
            }
            let users = |part: &K| {
                routes
                    .iter()
                    .filter(|other| other.iter().any(|(key, _)| key == part))
                    .count()
            };
            route
                .iter()
                .map(|(part, share)| share / length / users(part) as f64)
                .sum()
        })
        .collect()
}

/// Choice probabilities of utilities `v`: exp(v) over the sum of all.
pub fn probabilities(utilities: &[f64]) -> Vec<f64> {
    softmax(utilities.to_vec()).0
}

/// The exponentials over their sum, and the logarithm of that sum.
fn softmax(mut utilities: Vec<f64>) -> (Vec<f64>, f64) {
    let top = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        // Nothing can be had; no alternative is better than another.
        let even = 1.0 / utilities.len().max(1) as f64;
        return (vec![even; utilities.len()], top);
    }
    utilities.iter_mut().for_each(|v| *v = libm::exp(*v - top));
    let total: f64 = utilities.iter().sum();
    utilities.iter_mut().for_each(|v| *v /= total);
    (utilities, top + libm::log(total))
}

/// Groups of routes that are closer substitutes to each other than to the rest: the nested logit of McFadden (1978).
///
/// A dissimilarity of 1 makes a nest no different from none; the nearer to 0, the more alike its routes are. All routes in
/// one nest of dissimilarity 1 are the plain logit.
#[derive(Clone, PartialEq, Debug)]
pub struct Nests {
    /// For each route, the number of its nest.
    pub of_route: Vec<usize>,
    /// For each nest, its dissimilarity, above 0.
    pub dissimilarity: Vec<f64>,
}

impl Nests {
    /// The plain logit over `routes` routes.
    pub fn plain(routes: usize) -> Self {
        Self {
            of_route: vec![0; routes],
            dissimilarity: vec![1.0],
        }
    }

    /// The probabilities of routes with such utilities, and the log-sum: the expected utility of the best of them, up to
    /// the constant of Euler.
    pub fn probabilities(&self, utilities: &[f64]) -> (Vec<f64>, f64) {
        if let [one] = self.dissimilarity.as_slice()
            && *one == 1.0
        {
            return softmax(utilities.to_vec());
        }
        let nests = self.dissimilarity.iter().enumerate().map(|(nest, dissimilarity)| {
            let members = utilities.iter().zip(&self.of_route).filter(|(_, of)| **of == nest);
            let (within, inclusive) = softmax(members.map(|(v, _)| v / dissimilarity).collect());
            (within, dissimilarity * inclusive)
        });
        let (within, inclusive): (Vec<Vec<f64>>, Vec<f64>) = nests.unzip();
        let (of_nests, log_sum) = softmax(inclusive);
        if log_sum == f64::NEG_INFINITY {
            return softmax(utilities.to_vec());
        }
        let mut within: Vec<_> = within.into_iter().map(Vec::into_iter).collect();
        let probabilities = self.of_route.iter().map(|nest| {
            let inside = within[*nest].next().unwrap_or(0.0);
            of_nests[*nest] * inside
        });
        (probabilities.collect(), log_sum)
    }

    /// Utilities with which routes have these probabilities, and the log-sum is 0.
    pub fn utilities(&self, probabilities: &[f64]) -> Vec<f64> {
        let mut of_nests = vec![0.0; self.dissimilarity.len()];
        for (nest, p) in self.of_route.iter().zip(probabilities) {
            of_nests[*nest] += p;
        }
        let utility = |(nest, p): (&usize, &f64)| {
            let whole: f64 = of_nests[*nest];
            if *p <= 0.0 {
                return f64::NEG_INFINITY;
            }
            self.dissimilarity[*nest] * libm::log(p / whole) + libm::log(whole)
        };
        self.of_route.iter().zip(probabilities).map(utility).collect()
    }
}

/// Routes open to one kind of load. Whole containers and less than one are two markets: nobody chooses between them, so
/// each has its own part of the demand, its own nests and its own log-sum.
#[derive(Clone, PartialEq, Debug)]
pub struct Market {
    /// Its routes, as places in the list of all.
    pub routes: Range<usize>,
    /// Its part of the demand.
    pub part: f64,
    /// The nests of its routes.
    pub nests: Nests,
}

/// The markets of a flow, which share out its routes in order.
#[derive(Clone, PartialEq, Debug)]
pub struct Markets(pub Vec<Market>);

impl Markets {
    /// The shares of routes with such utilities in the whole demand, and the log-sum, weighted by parts of the demand.
    pub fn shares(&self, utilities: &[f64]) -> (Vec<f64>, f64) {
        let (mut shares, mut log_sum) = (Vec::with_capacity(utilities.len()), 0.0);
        for market in &self.0 {
            let (within, of_market) = market.nests.probabilities(&utilities[market.routes.clone()]);
            shares.extend(within.into_iter().map(|p| market.part * p));
            if market.part > 0.0 {
                log_sum += market.part * of_market;
            }
        }
        (shares, log_sum)
    }

    /// Utilities with which routes have these shares, and every market the log-sum of the utilities `like`.
    pub fn utilities(&self, shares: &[f64], like: &[f64]) -> Vec<f64> {
        let of_market = |market: &Market| {
            let within = shares[market.routes.clone()].iter();
            let within: Vec<f64> = within.map(|p| p / market.part.max(f64::MIN_POSITIVE)).collect();
            let log_sum = market.nests.probabilities(&like[market.routes.clone()]).1;
            let utilities = market.nests.utilities(&within).into_iter();
            utilities.map(move |utility| utility + log_sum)
        };
        self.0.iter().flat_map(of_market).collect()
    }

    /// Takes shares that are nearly right to where those of every market add up to its part; what no share is left of is
    /// shared out evenly.
    pub fn settle(&self, shares: &mut [f64]) {
        for market in &self.0 {
            let shares = &mut shares[market.routes.clone()];
            let whole: f64 = shares.iter().sum();
            let even = market.part / shares.len().max(1) as f64;
            let settled = |share: f64| if whole > 0.0 { share / whole * market.part } else { even };
            shares.iter_mut().for_each(|share| *share = settled(*share));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three routes of which two share a link (case N-O-06 of the validation set).
    #[test]
    fn overlapping_routes() {
        let routes = [
            vec![('a', 10.0)],
            vec![('b', 6.0), ('c', 4.0)],
            vec![('b', 6.0), ('d', 4.5)],
        ];
        let sizes = path_sizes(&routes);
        for (size, expected) in sizes.iter().zip([1.0, 0.7, 0.714_285_714_285_714_2]) {
            assert!((size - expected).abs() < 1e-12);
        }
        let utilities: Vec<f64> = sizes
            .iter()
            .zip([10.0, 10.0, 10.5])
            .map(|(size, cost)| size.ln() - 0.8 * cost)
            .collect();
        let expected = [
            0.458_968_232_471_053_5,
            0.321_277_762_729_737_7,
            0.219_754_004_799_208_7,
        ];
        for (p, expected) in probabilities(&utilities).iter().zip(expected) {
            assert!((p - expected).abs() < 1e-9);
        }
    }

    /// Lots have a route of their own: it takes nothing from whole loads, and nothing of their nest.
    #[test]
    fn lots_choose_apart_from_whole_loads() {
        let market = |routes: Range<usize>, part, of_route| Market {
            routes,
            part,
            nests: Nests {
                of_route,
                dissimilarity: vec![1.0, 0.5],
            },
        };
        let markets = Markets(vec![market(0..2, 0.1, vec![1, 0]), market(2..3, 0.9, vec![1])]);
        let (shares, log_sum) = markets.shares(&[0.0, 0.0, 1.0]);
        for (share, expected) in shares.iter().zip([0.05, 0.05, 0.9]) {
            assert!((share - expected).abs() < 1e-12, "{shares:?}");
        }
        assert!((log_sum - (0.1 * 2.0_f64.ln() + 0.9)).abs() < 1e-12, "{log_sum}");
        let (again, level) = markets.shares(&markets.utilities(&shares, &[5.0, 5.0, 6.0]));
        assert!((level - log_sum - 5.0).abs() < 1e-12, "{level}");
        for (share, again) in shares.iter().zip(again) {
            assert!((share - again).abs() < 1e-12);
        }
    }

    /// Where nothing can be had, the shares still add up to one.
    #[test]
    fn nothing_can_be_had() {
        let nests = Nests {
            of_route: vec![1, 1],
            dissimilarity: vec![1.0, 0.5],
        };
        let (even, log_sum) = nests.probabilities(&[f64::NEG_INFINITY; 2]);
        assert_eq!((even, log_sum), (vec![0.5, 0.5], f64::NEG_INFINITY));
    }

    /// Two routes by land that resemble each other and one by sea (case N-O-05 of the validation set).
    #[test]
    fn nested_logit() {
        let nests = Nests {
            of_route: vec![0, 1, 0],
            dissimilarity: vec![0.5, 1.0],
        };
        let (p, log_sum) = nests.probabilities(&[-2.0, -2.5, -2.2]);
        let expected = [
            0.407_463_841_130_753_7,
            0.319_404_978_124_621_1,
            0.273_131_180_744_625_2,
        ];
        for (p, expected) in p.iter().zip(expected) {
            assert!((p - expected).abs() < 1e-12, "{p} instead of {expected}");
        }
        let land = 0.5 * libm::log(libm::exp(-4.0) + libm::exp(-4.4));
        assert!((log_sum - libm::log(libm::exp(land) + libm::exp(-2.5))).abs() < 1e-12);
        let (again, none) = nests.probabilities(&nests.utilities(&p));
        assert!(none.abs() < 1e-12);
        for (p, again) in p.iter().zip(again) {
            assert!((p - again).abs() < 1e-12);
        }
    }

    /// The expected cost of the cheapest (case N-O-04).
    #[test]
    fn log_sum() {
        let (p, log_sum) = Nests::plain(3).probabilities(&[-5.0, -5.5, -6.5]);
        assert_eq!(p, probabilities(&[-5.0, -5.5, -6.5]));
        assert!((-log_sum / 0.5 - 8.791_738_789_326_544).abs() < 1e-12);
    }

    #[test]
    fn routes_that_cannot_be_had_are_not_chosen() {
        let nests = Nests {
            of_route: vec![0, 1, 0],
            dissimilarity: vec![0.5, 1.0],
        };
        let never = f64::NEG_INFINITY;
        assert_eq!(nests.probabilities(&[never, 0.0, never]).0, [0.0, 1.0, 0.0]);
        assert_eq!(nests.utilities(&[0.0, 1.0, 0.0]), [never, 0.0, never]);
        assert_eq!(probabilities(&[never, never]), [0.5, 0.5]);
    }

    #[test]
    fn plain_logit() {
        let p = probabilities(&[-5.0, -5.5, -6.5]);
        for (p, expected) in p.iter().zip([
            0.546_549_387_266_179_6,
            0.331_498_960_424_091_1,
            0.121_951_652_309_728_8,
        ]) {
            assert!((p - expected).abs() < 1e-12);
        }
    }
}
