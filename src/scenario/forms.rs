//! The forms in which a distribution can be written, and what family each of them means.

use super::change::ChangeForm;
use super::decode::REMEDY;
use super::inputs::Inputs;
use super::quantity::{Grade, Provenance};
use crate::random::Family;
use schemars::JsonSchema;
use serde::Deserialize;

/// The parametric forms of a distribution. Exactly one of them is stated.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "A: Deserialize<'de>, N: Deserialize<'de>"))]
#[schemars(rename = "FormsOf{A}")]
pub struct Forms<A, N> {
    /// Always this value.
    pub(super) value: Option<A>,
    /// PERT: the smallest possible value.
    pub(super) min: Option<A>,
    /// PERT: the most typical value.
    pub(super) typical: Option<A>,
    /// PERT: the largest possible value.
    pub(super) max: Option<A>,
    /// Equally likely between two ends.
    pub(super) uniform: Option<Uniform<A>>,
    /// Rising to a mode and falling after it.
    pub(super) triangular: Option<Triangular<A>>,
    /// Memoryless.
    exponential: Option<Exponential<A>>,
    /// Several exponential stages one after the other.
    erlang: Option<Erlang<A>>,
    /// Gamma, by mean and either shape or coefficient of variation.
    pub(super) gamma: Option<Gamma<A, N>>,
    /// A mixture of exponentials.
    hyperexponential: Option<Hyperexponential<A, N>>,
    /// Log-normal, by the mean and coefficient of variation of the variable itself.
    pub(super) lognormal: Option<LogNormal<A, N>>,
    /// Weibull, by shape and scale.
    weibull: Option<Weibull<A, N>>,
    /// One of several observed values.
    pub(super) empirical: Option<Empirical<A, N>>,
    /// One of several distributions, by weight.
    mixture: Option<Vec<Part<A, N>>>,
    /// Several distributions one after the other, added up.
    sum: Option<Vec<Forms<A, N>>>,
    /// Key of the source.
    source: Option<String>,
    /// How well the figure is founded.
    grade: Option<Grade>,
    /// How the figure was derived or assumed.
    derived: Option<String>,
    /// What measures change about it; put here when measures are applied, and not written by hand.
    #[serde(default)]
    pub(super) change: Vec<ChangeForm>,
}

/// Equally likely between two ends.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UniformOf{A}")]
pub struct Uniform<A> {
    /// The lower end.
    pub(super) min: A,
    /// The upper end.
    pub(super) max: A,
}

/// Rising to a mode and falling after it.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TriangularOf{A}")]
pub struct Triangular<A> {
    /// The smallest possible value.
    pub(super) min: A,
    /// The most likely value.
    pub(super) mode: A,
    /// The largest possible value.
    pub(super) max: A,
}

/// Memoryless.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ExponentialOf{A}")]
pub struct Exponential<A> {
    /// Mean.
    mean: A,
}

/// Several exponential stages one after the other.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ErlangOf{A}")]
pub struct Erlang<A> {
    /// Mean of the sum of all stages.
    mean: A,
    /// How many stages.
    stages: u32,
}

/// Gamma: give `shape` or `cv`.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GammaOf{A}")]
pub struct Gamma<A, N> {
    /// Mean.
    pub(super) mean: A,
    /// Shape: one over the squared coefficient of variation.
    shape: Option<N>,
    /// Standard deviation over mean.
    cv: Option<N>,
}

/// A mixture of exponentials: give `mean` with `cv`, or `means` with `weights`.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HyperexponentialOf{A}")]
pub struct Hyperexponential<A, N> {
    /// Mean, for the two-phase form with balanced means; goes with `cv`.
    mean: Option<A>,
    /// Coefficient of variation, at least 1.
    cv: Option<N>,
    /// Means of the phases, for the general form; goes with `weights`.
    means: Option<Vec<A>>,
    /// Weights of the phases.
    weights: Option<Vec<N>>,
}

/// Log-normal.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LogNormalOf{A}")]
pub struct LogNormal<A, N> {
    /// Mean of the variable itself.
    pub(super) mean: A,
    /// Coefficient of variation of the variable itself.
    cv: N,
}

/// Weibull.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WeibullOf{A}")]
pub struct Weibull<A, N> {
    /// Below 1 a falling, above 1 a rising hazard.
    shape: N,
    /// The 63.2% quantile.
    scale: A,
}

/// One of several observed values.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EmpiricalOf{A}")]
pub struct Empirical<A, N> {
    /// The observed values.
    pub(super) values: Vec<A>,
    /// Weights of the values; equal when left out.
    weights: Option<Vec<N>>,
}

/// A part of a mixture.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PartOf{A}")]
pub struct Part<A, N> {
    /// How often this part is drawn, relative to the others.
    weight: N,
    /// The distribution of the part.
    of: Forms<A, N>,
}

/// How parameters turn into numbers: plain amounts as they stand, quantities by the replication's inputs.
pub trait Parameter {
    /// Its number in the base unit.
    fn number(&self, inputs: &Inputs<'_>) -> f64;
}

impl<A: Parameter, N: Parameter> Forms<A, N> {
    /// Names the forms that are stated.
    fn stated(&self) -> Vec<&'static str> {
        let pert = self.min.is_some() || self.typical.is_some() || self.max.is_some();
        [
            ("value", self.value.is_some()),
            ("min/typical/max", pert),
            ("uniform", self.uniform.is_some()),
            ("triangular", self.triangular.is_some()),
            ("exponential", self.exponential.is_some()),
            ("erlang", self.erlang.is_some()),
            ("gamma", self.gamma.is_some()),
            ("hyperexponential", self.hyperexponential.is_some()),
            ("lognormal", self.lognormal.is_some()),
            ("weibull", self.weibull.is_some()),
            ("empirical", self.empirical.is_some()),
            ("mixture", self.mixture.is_some()),
            ("sum", self.sum.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, stated)| stated.then_some(name))
        .collect()
    }

    /// The distribution in the dimension's base unit; says what is wrong with the forms as written.
    pub(super) fn family(&self, inputs: &Inputs<'_>) -> Result<Family, String> {
        let stated = self.stated();
        match stated.as_slice() {
            [_] => {}
            [] => {
                return Err(format!(
                    "states no distribution{REMEDY}add `value`, `min`/`typical`/`max` or one of the named distributions"
                ));
            }
            several => {
                return Err(format!(
                    "states {} distributions ({}){REMEDY}keep one of them",
                    several.len(),
                    several.join(", ")
                ));
            }
        }
        let n = |a: &A| a.number(inputs);
        if let Some(value) = &self.value {
            return Ok(Family::Constant(n(value)));
        }
        if let Some(Uniform { min, max }) = &self.uniform {
            return Ok(Family::Uniform {
                min: n(min),
                max: n(max),
            });
        }
        if let Some(Triangular { min, mode, max }) = &self.triangular {
            return Ok(Family::Triangular {
                min: n(min),
                mode: n(mode),
                max: n(max),
            });
        }
        if let Some(Exponential { mean }) = &self.exponential {
            return Ok(Family::Exponential { mean: n(mean) });
        }
        if let Some(Erlang { mean, stages }) = &self.erlang {
            return Ok(Family::Gamma {
                shape: f64::from(*stages),
                mean: n(mean),
            });
        }
        if let Some(Gamma { mean, shape, cv }) = &self.gamma {
            let shape = match (shape, cv) {
                (Some(shape), None) => shape.number(inputs),
                (None, Some(cv)) => cv.number(inputs).powi(-2),
                _ => {
                    return Err(format!(
                        "needs either `shape` or `cv` beside the mean{REMEDY}give one of the two"
                    ));
                }
            };
            return Ok(Family::Gamma { shape, mean: n(mean) });
        }
        if let Some(phases) = &self.hyperexponential {
            return phases.family(inputs);
        }
        if let Some(LogNormal { mean, cv }) = &self.lognormal {
            return Ok(Family::LogNormal {
                mean: n(mean),
                cv: cv.number(inputs),
            });
        }
        if let Some(Weibull { shape, scale }) = &self.weibull {
            return Ok(Family::Weibull {
                shape: shape.number(inputs),
                scale: n(scale),
            });
        }
        if let Some(Empirical { values, weights }) = &self.empirical {
            let values: Vec<f64> = values.iter().map(n).collect();
            let weights = match weights {
                Some(weights) => weights.iter().map(|weight| weight.number(inputs)).collect(),
                None => vec![1.0; values.len()],
            };
            return Ok(Family::Empirical { values, weights });
        }
        if let Some(parts) = &self.mixture {
            let part = |part: &Part<A, N>| Ok((part.weight.number(inputs), part.of.family(inputs)?));
            return Ok(Family::Mixture(parts.iter().map(part).collect::<Result<_, String>>()?));
        }
        if let Some(parts) = &self.sum {
            return Ok(Family::Sum(
                parts.iter().map(|part| part.family(inputs)).collect::<Result<_, _>>()?,
            ));
        }
        match (&self.min, &self.typical, &self.max) {
            (Some(min), Some(typical), Some(max)) => Ok(Family::Pert {
                min: n(min),
                typical: n(typical),
                max: n(max),
            }),
            _ => Err(format!(
                "gives only part of `min`, `typical`, `max`{REMEDY}give all three, or `value` alone"
            )),
        }
    }

    /// The family, if its parameters are possible.
    ///
    /// # Errors
    /// Says what is wrong and what to do.
    pub fn valid_family(&self, inputs: &Inputs<'_>) -> Result<Family, String> {
        let family = self.family(inputs)?;
        family.validate().map_err(|error| {
            let remedy = if error.message.contains("out of order") {
                "write the values in increasing order"
            } else {
                "correct the parameter"
            };
            format!("`{}` {}{REMEDY}{remedy}", error.parameter, error.message)
        })?;
        Ok(family)
    }

    /// Where the figures come from.
    pub fn provenance(&self) -> Provenance {
        Provenance {
            source: self.source.clone(),
            grade: self.grade,
            derived: self.derived.clone(),
        }
    }
}

impl<A: Parameter, N: Parameter> Hyperexponential<A, N> {
    fn family(&self, inputs: &Inputs<'_>) -> Result<Family, String> {
        let part = |weight: f64, mean: f64| (weight, Family::Exponential { mean });
        match (&self.mean, &self.cv, &self.means, &self.weights) {
            (Some(mean), Some(cv), None, None) => {
                // Two phases that contribute equally to the mean.
                let (mean, squared) = (mean.number(inputs), cv.number(inputs).powi(2));
                if squared < 1.0 {
                    return Err(format!(
                        "`cv` is below 1{REMEDY}a hyperexponential varies more than an exponential; take `gamma` or `erlang` for less"
                    ));
                }
                let p = 0.5 * (1.0 + ((squared - 1.0) / (squared + 1.0)).sqrt());
                Ok(Family::Mixture(vec![
                    part(p, mean / (2.0 * p)),
                    part(1.0 - p, mean / (2.0 * (1.0 - p))),
                ]))
            }
            (None, None, Some(means), Some(weights)) if means.len() == weights.len() => Ok(Family::Mixture(
                means
                    .iter()
                    .zip(weights)
                    .map(|(mean, weight)| part(weight.number(inputs), mean.number(inputs)))
                    .collect(),
            )),
            _ => Err(format!(
                "needs `mean` with `cv`, or as many `means` as `weights`{REMEDY}give one of the two pairs"
            )),
        }
    }
}
