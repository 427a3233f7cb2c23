//! Sources that must exist and agree with the figures that name them.

use super::Check;
use crate::scenario::dimension::{
    Density, Dimension, EmissionIntensity, EmissionPerTonne, Flowrate, Length, Mass, Plain, PricePerConsignment,
    PricePerTeu, PricePerTeuDay, PricePerTeuKm, Rate, ShareRate, Space, Speed, Time, ValuePerTonne, measure,
};
use crate::scenario::document::{Item, Table, Value};
use crate::scenario::provenance::{InputRecord, inputs};
use crate::scenario::settings::ProvenanceRule;
use crate::scenario::sources::SourceFigure;
use std::collections::BTreeSet;

/// How far a figure may lie from its source's typical value, or outside its range, by rounding.
const ROUNDING: f64 = 0.011;

pub(super) fn check(check: &mut Check<'_>) {
    let records = inputs(check.scenario);
    if check.scenario.about.provenance == ProvenanceRule::Required {
        for record in records.iter().filter(|record| record.grade.is_none()) {
            check.fault(
                "no-provenance",
                &record.key,
                format!("{} has neither source nor grade", record.value),
                "add `source` with a key of the tables of sources, or `grade` with `derived` saying how it was made: in the \
                 figure's own table, `{ value = ..., grade = ... }`, or for a list in the table around it",
            );
        }
    }
    if check.scenario.sources.is_empty() {
        return;
    }
    unknown_sources(check, &records);
    let values: Vec<&InputRecord> = records.iter().filter(|record| !record.source.is_empty()).collect();
    for record in values {
        differing_value(check, record);
    }
}

fn unknown_sources(check: &mut Check<'_>, records: &[InputRecord]) {
    let used: BTreeSet<(&str, &str)> = records
        .iter()
        .filter(|record| !record.source.is_empty() && !check.scenario.sources.contains_key(&record.source))
        .map(|record| (record.source.as_str(), record.key.as_str()))
        .collect();
    for (source, key) in used {
        let known: Vec<&str> = check.scenario.sources.keys().map(String::as_str).collect();
        let nearest = known
            .iter()
            .map(|name| (strsim::damerau_levenshtein(source, name), *name))
            .min();
        let remedy = nearest.map_or(String::new(), |(_, name)| format!("the nearest key is `{name}`"));
        check.fault(
            "dangling-reference",
            key,
            format!("there is no source `{source}`"),
            remedy,
        );
    }
}

/// A figure that names its source must be the source's, unless it says how it was derived.
fn differing_value(check: &mut Check<'_>, record: &InputRecord) {
    let Some(figure) = check.scenario.sources.get(&record.source) else {
        return;
    };
    if !record.derived.is_empty() {
        return;
    }
    let path: Vec<&str> = record.key.split('.').collect();
    let Some(entry) = check.scenario.document().find(&path) else {
        return;
    };
    // Only what names its source itself is compared: a row's source stands for several figures.
    let own = entry.item.table().filter(|table| table.contains_key("source"));
    let Some(table) = own else { return };
    for (form, text) in amounts(table) {
        let against = match form {
            "min" => figure.value_min,
            "max" => figure.value_max,
            _ => figure.value_typ,
        };
        match compare(&text, against, figure) {
            Comparison::Agrees | Comparison::NothingToCompare => {}
            Comparison::Differs(wanted) => check.fault(
                "differs-from-source",
                &format!("{}.{form}", record.key),
                format!("is {text}, but `{}` says {wanted} {}", record.source, figure.unit),
                "correct the figure, or say in `derived` how it was made from the source",
            ),
            Comparison::OtherUnit => check.fault(
                "differs-from-source",
                &format!("{}.{form}", record.key),
                format!("is {text}, but `{}` is in {}", record.source, figure.unit),
                "say in `derived` how it was made from the source",
            ),
        }
    }
}

/// The plain amounts of a value's table.
fn amounts(table: &Table) -> Vec<(&'static str, String)> {
    let text = |item: &Item| match &item.value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    };
    ["value", "min", "typical", "max"]
        .into_iter()
        .filter_map(|form| Some((form, text(&table.get(form)?.item)?)))
        .collect()
}

enum Comparison {
    Agrees,
    Differs(f64),
    OtherUnit,
    NothingToCompare,
}

fn compare(text: &str, against: Option<f64>, figure: &SourceFigure) -> Comparison {
    let low = figure.value_min.or(figure.value_typ);
    let high = figure.value_max.or(figure.value_typ);
    let Some(wanted) = against.or(figure.value_typ).or(low).or(high) else {
        return Comparison::NothingToCompare;
    };
    let unit = figure.unit.trim();
    let Some(scale) = common_scale(text, unit) else {
        return Comparison::OtherUnit;
    };
    let (number, per_source_unit) = scale;
    let near =
        |value: f64| (number - value * per_source_unit).abs() <= ROUNDING * (value * per_source_unit).abs().max(1e-12);
    let inside = low.zip(high).is_some_and(|(low, high)| {
        low * per_source_unit * (1.0 - ROUNDING) <= number && number <= high * per_source_unit * (1.0 + ROUNDING)
    });
    if near(wanted) || (against.is_none() && inside) {
        Comparison::Agrees
    } else {
        Comparison::Differs(wanted)
    }
}

/// The number in `text` and the size of one `unit`, both in the base unit of the first dimension that knows both.
fn common_scale(text: &str, unit: &str) -> Option<(f64, f64)> {
    fn read<D: Dimension>(text: &str, unit: &str) -> Option<(f64, f64)> {
        let number = measure::<D>(text).ok()?;
        let one = measure::<D>(&format!("1 {unit}")).ok()?;
        (number.currency == one.currency).then_some((number.number, one.number))
    }
    read::<Plain>(text, unit)
        .or_else(|| read::<Time>(text, unit))
        .or_else(|| read::<Length>(text, unit))
        .or_else(|| read::<Speed>(text, unit))
        .or_else(|| read::<Space>(text, unit))
        .or_else(|| read::<Mass>(text, unit))
        .or_else(|| read::<Density>(text, unit))
        .or_else(|| read::<Rate>(text, unit))
        .or_else(|| read::<Flowrate>(text, unit))
        .or_else(|| read::<ShareRate>(text, unit))
        .or_else(|| read::<PricePerTeu>(text, unit))
        .or_else(|| read::<PricePerTeuKm>(text, unit))
        .or_else(|| read::<PricePerTeuDay>(text, unit))
        .or_else(|| read::<PricePerConsignment>(text, unit))
        .or_else(|| read::<ValuePerTonne>(text, unit))
        .or_else(|| read::<EmissionIntensity>(text, unit))
        .or_else(|| read::<EmissionPerTonne>(text, unit))
}
