//! What becomes of indicators as they are walked through: their names, or their values in a replication.

use crate::indicator::{Estimator, Indicator, Scope};

/// What the walk produces: names or values.
pub(in crate::indicator) trait Sink {
    /// An indicator that is a mean over replications.
    fn mean(&mut self, name: &str, unit: &'static str, value: impl FnOnce() -> f64);
    /// Quantiles of the observations in some of the sketches; the walk supplies those of one replication.
    fn quantiles<const N: usize>(&mut self, base: &str, what: Quantiles<'_, N>, values: impl FnOnce() -> [f64; N]);
    /// The value of an indicator that came before; not a number where there are only names.
    fn known(&self, number: usize) -> f64;
}

/// Quantiles of what is in some sketches.
pub(in crate::indicator) struct Quantiles<'a, const N: usize> {
    pub sketches: &'a [usize],
    pub q: [f64; N],
    pub unit: (&'static str, f64),
}

/// Who collects names.
pub(super) struct Names {
    pub scope: Scope,
    pub id: String,
    pub indicators: Vec<Indicator>,
}

impl Names {
    fn push(&mut self, name: String, unit: &'static str, estimator: Estimator) {
        self.indicators.push(Indicator {
            scope: self.scope,
            id: self.id.clone(),
            name,
            unit,
            estimator,
        });
    }
}

impl Sink for Names {
    fn mean(&mut self, name: &str, unit: &'static str, _: impl FnOnce() -> f64) {
        self.push(name.to_owned(), unit, Estimator::Mean);
    }

    fn quantiles<const N: usize>(&mut self, base: &str, what: Quantiles<'_, N>, _: impl FnOnce() -> [f64; N]) {
        for q in what.q {
            let name = format!("{base}_p{:02}", (q * 100.0).round());
            let estimator = Estimator::Quantile {
                sketches: what.sketches.to_vec(),
                q,
                unit: what.unit.1,
            };
            self.push(name, what.unit.0, estimator);
        }
    }

    fn known(&self, _: usize) -> f64 {
        f64::NAN
    }
}

/// Who collects values.
pub(super) struct Values {
    pub values: Vec<f64>,
}

impl Sink for Values {
    fn mean(&mut self, _: &str, _: &'static str, value: impl FnOnce() -> f64) {
        self.values.push(value());
    }

    fn quantiles<const N: usize>(&mut self, _: &str, what: Quantiles<'_, N>, values: impl FnOnce() -> [f64; N]) {
        self.values.extend(values().map(|value| value / what.unit.1));
    }

    fn known(&self, number: usize) -> f64 {
        self.values.get(number).copied().unwrap_or(f64::NAN)
    }
}
