//! Moments of a stored sample or series.

/// Mean, spread and autocorrelation of values in order, by two passes, so that a small spread on a large mean is kept.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sample {
    /// Number of values.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Standard deviation, with n - 1 below.
    pub standard_deviation: f64,
    /// Lag-1 autocorrelation coefficient.
    pub lag_one: f64,
}

impl Sample {
    /// Measures `values`.
    pub fn of(values: &[f64]) -> Self {
        let count = values.len();
        let n = count as f64;
        // The second pass over the deviations takes back the rounding of the first mean.
        let rough = compensated_sum(values.iter().copied()) / n;
        let mean = rough + compensated_sum(values.iter().map(|x| x - rough)) / n;
        let squares = compensated_sum(values.iter().map(|x| (x - mean) * (x - mean)));
        let products = compensated_sum(values.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)));
        Self {
            count,
            mean,
            standard_deviation: (squares / (n - 1.0)).sqrt(),
            lag_one: products / squares,
        }
    }
}

/// Neumaier's compensated sum.
fn compensated_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() {
            (sum - next) + value
        } else {
            (value - next) + sum
        };
        sum = next;
    }
    sum + lost
}

/// The variance of the mean of a correlated series, from `batches` batch means; values that do not fill a batch are left
/// out at the end.
pub fn batch_means_variance(values: &[f64], batches: usize) -> f64 {
    let size = values.len() / batches;
    let means: Vec<f64> = values
        .chunks_exact(size)
        .take(batches)
        .map(|batch| batch.iter().sum::<f64>() / size as f64)
        .collect();
    let spread = Sample::of(&means).standard_deviation;
    spread * spread / batches as f64
}
