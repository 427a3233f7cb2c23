//! Route choice: path-size logit over generalised cost.

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
    let top = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = utilities.iter().map(|v| libm::exp(v - top)).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
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
