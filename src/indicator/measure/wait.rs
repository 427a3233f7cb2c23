//! What is measured of waits, wherever they are.

use super::{HOUR, Quantiles, Sink, Walk, deviation, share};
use crate::simulation::WaitTally;
use crate::statistics::Extremes;

/// Quantiles of waits that are reported.
const WAIT_QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

impl Walk<'_> {
    /// Those of a place, whose distribution is in the sketch with a number.
    pub(in crate::indicator) fn waits<S: Sink>(&self, sink: &mut S, sketch: usize, waits: impl Fn() -> WaitTally) {
        sink.mean("wait_hours_mean", "h", || waits().mean_hours());
        sink.mean("wait_hours_sd", "h", || {
            let waits = waits();
            deviation(waits.count, waits.sum, waits.squares) / HOUR
        });
        sink.mean("wait_hours_max", "h", || waits().longest as f64 / HOUR);
        sink.mean("wait_hours_mean_if_delayed", "h", || waits().mean_hours_if_delayed());
        let quantiles = Quantiles {
            sketches: &[sketch],
            q: WAIT_QUANTILES,
            unit: ("h", HOUR),
        };
        sink.quantiles("wait_hours", quantiles, || {
            let quantiles = self.record.sketches.quantiles(sketch, WAIT_QUANTILES);
            Extremes::new((0, waits().longest)).hold(quantiles)
        });
        sink.mean("delayed_share", "", || share(waits().delayed, waits().count));
    }
}
