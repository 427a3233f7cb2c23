//! The warm-up: how much of a series' beginning depends on how it began.

/// What MSER-5 found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Truncation {
    /// Batches of five to delete.
    pub batches: usize,
    /// Observations to delete.
    pub observations: usize,
    /// The statistic at that point: the squared standard error of the rest.
    pub statistic: f64,
    /// Mean of the batch means that remain.
    pub mean: f64,
    /// Whether the best point is the last that was allowed: the series had not settled, and no warm-up can be named.
    pub at_limit: bool,
}

/// MSER-5 (White and Spratt 2000): the truncation, within the first half, after which the mean of the rest is known
/// best. `None` for fewer than ten observations.
pub fn mser5(series: &[f64]) -> Option<Truncation> {
    let batches: Vec<f64> = series
        .chunks_exact(5)
        .map(|batch| batch.iter().sum::<f64>() / 5.0)
        .collect();
    let n = batches.len();
    let half = n / 2;
    if n < 2 {
        return None;
    }
    // From the end towards the beginning, by Welford's update.
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    let mut best: Option<Truncation> = None;
    for d in (0..n).rev() {
        count += 1.0;
        let delta = batches[d] - mean;
        mean += delta / count;
        squares += delta * (batches[d] - mean);
        let statistic = squares / (count * count);
        if d <= half && best.is_none_or(|best| statistic <= best.statistic) {
            best = Some(Truncation {
                batches: d,
                observations: 5 * d,
                statistic,
                mean,
                at_limit: d == half,
            });
        }
    }
    best
}
