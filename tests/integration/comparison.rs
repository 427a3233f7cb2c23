//! Published figures beside what the shipped scenarios give: how they are read off a run, and the lines of the tables.

use crate::support::{self, Results};
use corridor::experiment::Estimate;
use corridor::scenario::matching::matches;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Replications of scenarios other than the default.
const REPLICATIONS: u64 = 10;

/// A published figure and how it is read off a run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The case of the catalogue, or the part of the scenario.
    pub id: String,
    /// What it is, with its unit.
    pub what: String,
    /// Least and most of what was observed; the same twice where it is one number.
    pub observed: (f64, f64),
    /// Share by which the observed range is widened to make the band.
    #[serde(default)]
    pub widen: f64,
    /// Where it was published, where it has no key.
    #[serde(default)]
    pub source: String,
    /// Keys of the scenario's tables of sources.
    #[serde(default)]
    pub keys: Vec<String>,
    /// How the observed range follows from the figures of the keys, where it is not simply theirs.
    pub derived: Option<String>,
    /// What is added up: indicators, or patterns of them, times factors.
    #[serde(default)]
    terms: Vec<(String, f64)>,
    /// What the sum is divided by.
    #[serde(default)]
    over: Vec<(String, f64)>,
    /// The scenario that is run; the default when left out.
    scenario: Option<String>,
    /// The scenario whose value is taken off.
    less: Option<String>,
    /// Why there is no such thing in the model.
    pub not_modelled: Option<String>,
    /// Why it lies outside.
    why: Option<String>,
}

/// What came of a case.
pub struct Finding {
    pub simulated: f64,
    pub half_width: f64,
    pub band: (f64, f64),
    /// "inside", or why it is not.
    pub verdict: String,
    /// What is wrong with the case: it is outside and does not say why, or it says why and is inside.
    pub fault: Option<String>,
}

/// The estimates of a run by key.
pub struct Readings {
    results: &'static Results,
    by_key: BTreeMap<String, Estimate>,
}

impl Readings {
    fn of(results: &'static Results) -> Self {
        let keys = results.catalogue.indicators.iter().map(|indicator| indicator.key());
        Self {
            results,
            by_key: keys.zip(results.estimates.iter().copied()).collect(),
        }
    }

    /// The estimate of an indicator and its half-width. Patterns are summed over all that fit and have a value; `one` is one.
    fn read(&self, key: &str) -> (f64, f64) {
        if key == "one" {
            return (1.0, 0.0);
        }
        if let Some(service) = key.strip_suffix(".carried_teu") {
            return self.product(
                &format!("{service}.departures"),
                &format!("{service}.teu_per_departure"),
            );
        }
        if let Some(corridor) = key.strip_suffix(".value_bn_cny") {
            return (self.value(corridor.trim_start_matches("corridor.")), 0.0);
        }
        if key.contains('*') {
            let fitting = self
                .by_key
                .range(prefix(key)..)
                .take_while(|(name, _)| name.starts_with(&prefix(key)));
            let values: Vec<(f64, f64)> = fitting
                .filter(|(name, _)| matches(key, name))
                .map(|(_, estimate)| interval(estimate))
                .filter(|(value, _)| value.is_finite())
                .collect();
            assert!(!values.is_empty(), "no indicator fits {key}");
            return sum(values);
        }
        interval(
            self.by_key
                .get(key)
                .unwrap_or_else(|| panic!("there is no indicator {key}")),
        )
    }

    /// The sum of products over all services that fit.
    fn product(&self, pattern: &str, other: &str) -> (f64, f64) {
        let suffix = |name: &str| {
            name.rsplit_once('.')
                .map(|(stem, _)| stem.to_owned())
                .unwrap_or_default()
        };
        let fitting = self
            .by_key
            .range(prefix(pattern)..)
            .take_while(|(name, _)| name.starts_with(&prefix(pattern)));
        let values: Vec<(f64, f64)> = fitting
            .filter(|(name, _)| matches(pattern, name))
            .filter_map(|(name, departures)| {
                let (_, indicator) = other.rsplit_once('.')?;
                let load = self.by_key.get(&format!("{}.{indicator}", suffix(name)))?;
                let (load, width) = interval(load);
                load.is_finite().then(|| {
                    let departures = interval(departures).0;
                    (departures * load, departures * width)
                })
            })
            .collect();
        assert!(!values.is_empty(), "no service fits {pattern}");
        sum(values)
    }

    /// Value of what a corridor is expected to carry in a year, billion CNY; all corridors for `*`.
    fn value(&self, corridor: &str) -> f64 {
        let model = &self.results.model;
        let tables = &model.network.tables;
        assert!(
            corridor == "*" || tables.corridor(corridor).is_some(),
            "there is no corridor {corridor}"
        );
        let strands = model.typical.strands.iter().enumerate();
        let of_corridor = strands.filter(|(_, strand)| {
            corridor == "*" || tables.corridors.get(strand.corridor as usize).map(String::as_str) == Some(corridor)
        });
        of_corridor
            .map(|(number, strand)| {
                let flow = &model.scenario.flows[&tables.flows[strand.flow as usize]];
                let commodity = &model.scenario.commodities[flow.commodity.as_ref().unwrap()];
                corridor::indicator::teu_per_year(model, number) * support::value_of_a_teu(commodity) / 1e9
            })
            .sum()
    }

    fn sum(&self, terms: &[(String, f64)]) -> (f64, f64) {
        sum(terms.iter().map(|(key, factor)| {
            let (value, width) = self.read(key);
            (factor * value, (factor * width).abs())
        }))
    }
}

/// What stands before the first star.
fn prefix(pattern: &str) -> String {
    pattern.split('*').next().unwrap_or_default().to_owned()
}

fn interval(estimate: &Estimate) -> (f64, f64) {
    let interval = estimate.interval;
    (interval.estimate, (interval.upper - interval.lower) / 2.0)
}

/// Sums of values and of half-widths: the terms need not be independent.
fn sum(values: impl IntoIterator<Item = (f64, f64)>) -> (f64, f64) {
    values
        .into_iter()
        .fold((0.0, 0.0), |(value, width), (one, its)| (value + one, width + its))
}

/// The readings of a scenario: the default is run once for all tests, as long as it says; others are run shorter.
fn readings<'a>(runs: &'a mut BTreeMap<String, Readings>, name: &str) -> &'a Readings {
    runs.entry(name.to_owned()).or_insert_with(|| {
        if name == "hunan" {
            return Readings::of(support::default_run());
        }
        let text = format!("[scenario]\nextends = \"{name}\"\n\n[run]\nreplications = {REPLICATIONS}\n");
        Readings::of(Box::leak(Box::new(support::run_text(&text))))
    })
}

impl Case {
    /// What the case comes to.
    pub fn find(&self, runs: &mut BTreeMap<String, Readings>) -> Finding {
        let mut value = |name: &str| {
            let readings = readings(runs, name);
            let (value, width) = readings.sum(&self.terms);
            if self.over.is_empty() {
                return (value, width);
            }
            let (divisor, its_width) = readings.sum(&self.over);
            let ratio = value / divisor;
            (ratio, width / divisor + ratio.abs() * its_width / divisor)
        };
        let (mut simulated, mut half_width) = value(self.scenario.as_deref().unwrap_or("hunan"));
        if let Some(base) = &self.less {
            let (other, its_width) = value(base);
            (simulated, half_width) = (simulated - other, half_width + its_width);
        }
        let (low, high) = self.observed;
        let band = (low * (1.0 - self.widen), high * (1.0 + self.widen));
        let inside = simulated >= band.0 && simulated <= band.1;
        let name = format!("{} {}: {simulated:.4}", self.id, self.what);
        let (verdict, fault) = match (&self.why, inside) {
            (None, true) => ("inside".to_owned(), None),
            (Some(why), false) => (format!("outside: {why}"), None),
            (Some(_), true) => (
                String::new(),
                Some(format!("{name} is inside, but says why it is outside")),
            ),
            (None, false) => {
                let (low, high) = band;
                (
                    String::new(),
                    Some(format!("{name} is outside {low:.4} - {high:.4} and nothing says why")),
                )
            }
        };
        Finding {
            simulated,
            half_width,
            band,
            verdict,
            fault,
        }
    }
}

/// A range, or one number where both ends are the same.
pub fn range((low, high): (f64, f64)) -> String {
    if low == high {
        support::significant(low)
    } else {
        format!("{} – {}", support::significant(low), support::significant(high))
    }
}

/// A simulated value with its half-width, with as many digits as it is worth.
pub fn with_half_width(value: f64, half_width: f64) -> String {
    let digits = match value.abs() {
        it if it >= 1000.0 => 0,
        it if it >= 100.0 => 1,
        it if it >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.digits$} ± {half_width:.digits$}")
}
