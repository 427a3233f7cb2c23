//! What a policy has come to: its targets, and what each body responsible for it has to deliver.

use crate::indicator::{Catalogue, Scope};
use crate::model::Model;
use crate::scenario::target::{Aim, Target};
use std::collections::{BTreeMap, BTreeSet};

/// A target and where it stands when the observation window ends.
#[derive(Clone, PartialEq, Debug)]
pub struct TargetStatus<'a> {
    /// Its id.
    pub id: &'a str,
    /// What is stated of it.
    pub target: &'a Target,
    /// The number aimed at, where there is one.
    pub aimed: Option<f64>,
    /// The level; not a number where its indicator could not be measured.
    pub level: f64,
    /// The probability that it is met, where a number is aimed at: over all that is not known, and over replications where the
    /// level is simulated.
    pub met: Option<f64>,
}

/// Where all targets of a scenario stand; `mean` gives an indicator by its number.
pub fn target_statuses<'a>(
    model: &'a Model,
    catalogue: &Catalogue,
    mean: impl Fn(usize) -> f64,
) -> Vec<TargetStatus<'a>> {
    let of = |(id, target): (&'a String, &'a Target)| {
        let own = |name: &str| catalogue.number(Scope::Target, id, name).map(&mean);
        TargetStatus {
            id,
            target,
            aimed: target.target.as_ref().map(|aimed| aimed.expected()),
            level: own("level").unwrap_or(f64::NAN),
            met: own("is_met").filter(|met| met.is_finite()),
        }
    };
    model.scenario.targets.iter().map(of).collect()
}

impl TargetStatus<'_> {
    /// Whether its level is simulated rather than an input that is kept.
    pub fn is_simulated(&self) -> bool {
        self.target.indicator.is_some()
    }

    /// The sign before the number aimed at.
    pub fn sign(&self) -> &'static str {
        match self.target.aim {
            Aim::AtLeast => "≥",
            Aim::AtMost => "≤",
        }
    }
}

/// What a body has to deliver, alone or with others.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Duty {
    /// Measures that name it.
    pub measures: BTreeSet<String>,
    /// Their instruments.
    pub instruments: usize,
    /// Those of them that change something in the model.
    pub acting: usize,
    /// Those that act in full before the window ends, if they are delivered.
    pub complete: usize,
    /// Mean probability that one that acts is delivered.
    pub delivery: f64,
    /// Mean expected strength of those that act when the window ends.
    pub at_end: f64,
}

/// What each body has to deliver of the measures in force.
pub fn duties(model: &Model) -> BTreeMap<&str, Duty> {
    let in_force = model.in_force();
    let end = model.typical.end_of_window();
    let mut duties: BTreeMap<&str, Duty> = BTreeMap::new();
    for (name, measure) in &model.scenario.measures {
        for body in &measure.bodies {
            let duty = duties.entry(body).or_default();
            duty.measures.insert(name.clone());
            duty.instruments += measure.instrument.len();
            for it in in_force.iter().filter(|it| it.measure == *name) {
                if measure.instrument[&it.instrument].no_effect.is_none() {
                    duty.acting += 1;
                    duty.complete += usize::from(it.full <= end);
                    duty.delivery += it.delivery;
                    duty.at_end += it.at_end;
                }
            }
        }
    }
    for duty in duties.values_mut() {
        duty.delivery /= duty.acting.max(1) as f64;
        duty.at_end /= duty.acting.max(1) as f64;
    }
    duties
}
