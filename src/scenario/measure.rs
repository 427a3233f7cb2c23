//! Policy measures: what a circular's clauses change about a scenario, instrument by instrument.
//!
//! A measure is a file beside the scenario that can be laid over it (`corridor run hunan/policy --with measures/18`): it tells what the
//! measure is, states new tables (a service, a node) that are there whenever the measure is, and lists for each
//! instrument what it changes, by selectors. Applying it carries these changes to the figures that they select; from then on
//! every figure knows what acts on it (see [`super::change`]), and the order of measures cannot matter.
//!
//! An instrument's strength rises from its date over its ramp, is 0 after it ends, and 0 in replications in which it was
//! not delivered.

use super::change::HOW;
use super::decode::{decode, suggest};
use super::dimension::{Plain, Time};
use super::document::{Entry, Item, ORIGIN, Table, Value};
use super::fault::{Fault, Origin};
use super::matching::matches;
use super::quantity::{Grade, Quantity};
use super::settings::Text;
use super::target::Overlap;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A clause of a circular.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// What it is called.
    pub name: Text,
    /// What it is about.
    #[serde(default)]
    pub summary: Text,
    /// Bodies made responsible for it.
    #[serde(default)]
    pub bodies: Vec<String>,
    /// When its instruments begin to act, unless they say otherwise: a date.
    pub from_date: Option<String>,
    /// When they cease to: a date.
    pub until_date: Option<String>,
    /// Its instruments by number.
    #[serde(default)]
    pub instrument: BTreeMap<String, Instrument>,
}

/// One named instrument of a measure.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// What it is called.
    pub name: Text,
    /// By what mechanism it acts.
    #[serde(default)]
    pub mechanism: String,
    /// When it begins to act: a date; the measure's when left out.
    pub from_date: Option<String>,
    /// When it ceases to: a date; the measure's when left out.
    pub until_date: Option<String>,
    /// How it gains strength after that; at once when left out.
    pub ramp: Option<Ramp>,
    /// The probability that it is delivered at all; certain when left out.
    pub delivery: Option<Quantity<Plain>>,
    /// Why it changes nothing in the model, where it does not.
    pub no_effect: Option<String>,
    /// What it changes.
    #[serde(default)]
    pub change: Vec<Selected>,
    /// Whether its changes have been carried to the figures that they select; put here when that is done, and not written by
    /// hand.
    #[serde(default)]
    pub applied: bool,
    /// Key of the source.
    pub source: Option<String>,
    /// How well its sizes are founded.
    pub grade: Option<Grade>,
    /// How they were derived or assumed.
    pub derived: Option<String>,
}

/// How an instrument gains strength.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ramp {
    /// How long after its date it begins to act.
    pub starts: Option<Quantity<Time>>,
    /// How long after its date it acts in full.
    pub full: Quantity<Time>,
    /// Along which curve.
    #[serde(default)]
    pub shape: RampShape,
}

/// The curve of a ramp.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RampShape {
    /// Evenly.
    #[default]
    Linear,
    /// Slowly at first and at last: 3x² - 2x³.
    SCurve,
}

impl RampShape {
    /// The strength after the share `x` of the ramp.
    pub fn at(self, x: f64) -> f64 {
        let x = x.clamp(0.0, 1.0);
        match self {
            Self::Linear => x,
            Self::SCurve => x * x * (3.0 - 2.0 * x),
        }
    }
}

/// A change of the figures that a selector finds.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selected {
    /// The section, such as "service".
    pub of: String,
    /// Which tables of it, by patterns of their names; all when left out.
    #[serde(default)]
    pub id: Vec<String>,
    /// Which of these, by patterns of what they state, such as `kind = "customs"`; `commodity.tags` asks the flow's commodity.
    #[serde(default, rename = "where")]
    pub conditions: BTreeMap<String, String>,
    /// Which figure of theirs: a dotted key in which `*` stands for any name.
    pub key: String,
    /// The figure is multiplied by this.
    pub scale: Option<super::change::Size>,
    /// This is added to it; below zero it is taken off.
    pub add: Option<super::change::Size>,
    /// It becomes this.
    pub set: Option<super::change::Size>,
}

/// Carries the changes of all measures in `document` to the figures that they select, and takes them out of the measures.
pub(super) fn apply(document: &mut Table, faults: &mut Vec<Fault>) {
    let Some(measures) = document.get("measure").and_then(|entry| entry.item.table()).cloned() else {
        return;
    };
    let overlaps = overlaps(document);
    let mut set_by: BTreeMap<String, (String, Origin)> = BTreeMap::new();
    for (measure, entry) in &measures {
        let instruments = entry.item.find(&["instrument"]).and_then(|entry| entry.item.table());
        for (number, instrument) in instruments.into_iter().flatten() {
            let list = match instrument.item.find(&["change"]).map(|entry| &entry.item.value) {
                Some(Value::List(list)) => list.as_slice(),
                _ => &[],
            };
            faults.extend(silent(measure, number, &instrument.item, list));
            for (place, item) in list.iter().enumerate() {
                let key = format!("measure.{measure}.instrument.{number}.change.{place}");
                let Some(selected) = decode::<Selected>(item, &key, faults) else {
                    continue;
                };
                let found = select(document, &selected, &key, item, faults);
                for path in found {
                    let dotted = path.join(".");
                    if selected.set.is_some()
                        && let Some(other) = set_by.insert(dotted.clone(), (number.clone(), item.origin.clone()))
                    {
                        faults.push(collision(&key, &dotted, other, (number, &item.origin)));
                    }
                    let caps = overlaps.iter().filter(|overlap| overlap.holds(number, &path));
                    let caps: Vec<Item> = caps.map(|overlap| overlap.cap.clone()).collect();
                    if let Some(leaf) = leaf_at(document, &path) {
                        carry(leaf, (item, place), (number, &instrument.item), caps);
                    }
                }
            }
        }
    }
    strip(document);
}

/// An overlap, and its cap in the form in which changes carry it.
struct Capped {
    overlap: Overlap,
    cap: Item,
}

impl Capped {
    /// Whether it holds for an instrument and what that changes.
    fn holds(&self, instrument: &str, path: &[String]) -> bool {
        let any = |patterns: &[String], name: &str| patterns.iter().any(|pattern| matches(pattern, name));
        let any_or_none = |patterns: &[String], name: &str| patterns.is_empty() || any(patterns, name);
        let overlap = &self.overlap;
        any(&overlap.instruments, instrument)
            && path.first().is_some_and(|section| any_or_none(&overlap.of, section))
            && path.get(1).is_some_and(|id| any_or_none(&overlap.id, id))
            && any_or_none(&overlap.key, &path.get(2..).unwrap_or_default().join("."))
    }
}

/// The overlaps that the document states.
fn overlaps(document: &Table) -> Vec<Capped> {
    let section = document.get("overlap").and_then(|entry| entry.item.table());
    let mut overlaps = Vec::new();
    for (group, entry) in section.into_iter().flatten() {
        // What is wrong with it is reported once, where sections are decoded.
        let Some(overlap) = decode::<Overlap>(&entry.item, &format!("overlap.{group}"), &mut Vec::new()) else {
            continue;
        };
        let own = |value| Item {
            origin: entry.item.origin.clone(),
            value,
        };
        let mut form = Table::new();
        let name = own(Value::Text(group.clone()));
        let key = name.origin.clone();
        form.insert("group".to_owned(), Entry { key, item: name });
        for limit in ["factor", "sum"] {
            if let Some(size) = entry.item.find(&[limit]) {
                form.insert(limit.to_owned(), size.clone());
            }
        }
        // One that states both or neither is a fault by itself, and caps nothing.
        if overlap.factor.is_some() == overlap.sum.is_some() {
            continue;
        }
        overlaps.push(Capped {
            overlap,
            cap: own(Value::Table(form)),
        });
    }
    overlaps
}

/// An instrument that neither changes anything nor says why, or does both.
fn silent(measure: &str, number: &str, instrument: &Item, changes: &[Item]) -> Option<Fault> {
    let states = |key: &str| instrument.find(&[key]).is_some();
    let (message, remedy) = match (changes.is_empty() && !states("applied"), states("no_effect")) {
        (true, false) => (
            "changes nothing",
            "add what it changes, `[[measure.X.instrument.\"X.Y\".change]]`, or say by `no_effect = \"...\"` why it does not",
        ),
        (false, true) => (
            "changes something although it is said to have no effect",
            "take out `no_effect` or the changes",
        ),
        _ => return None,
    };
    let fault = Fault::error("no-effect", format!("measure.{measure}.instrument.{number}"), message);
    Some(
        fault
            .at(Some(instrument.origin.clone()), "this instrument")
            .remedy(remedy),
    )
}

fn collision(key: &str, figure: &str, (other, there): (String, Origin), (number, here): (&str, &Origin)) -> Fault {
    let message = format!("instruments {other} and {number} both set {figure}");
    Fault::error("colliding-changes", key, message)
        .at(Some(there), format!("set by {other} here"))
        .at(Some(here.clone()), format!("set by {number} here"))
        .remedy("let one of them set it, or let both `scale` or `add`, which can act together")
}

/// The paths of the figures that a change selects. Nothing found is a fault, of the part of the selector that finds nothing.
fn select(document: &Table, selected: &Selected, key: &str, item: &Item, faults: &mut Vec<Fault>) -> Vec<Vec<String>> {
    let place_of = |part: &str| {
        item.find(&[part])
            .map_or(item.origin.clone(), |entry| entry.item.origin.clone())
    };
    let mut report = |part: &str, message: String, remedy: String| {
        faults.push(
            Fault::error("empty-selector", format!("{key}.{part}"), message)
                .at(Some(place_of(part)), "selected here")
                .remedy(remedy),
        );
        Vec::new()
    };
    let Some(section) = document.get(&selected.of).and_then(|entry| entry.item.table()) else {
        let known: Vec<&str> = document.keys().map(String::as_str).collect();
        return report(
            "of",
            format!("the scenario has no section `{}`", selected.of),
            suggest(&selected.of, &known),
        );
    };
    for pattern in &selected.id {
        if !section.keys().any(|id| matches(pattern, id)) {
            let known: Vec<&str> = section.keys().map(String::as_str).collect();
            return report(
                "id",
                format!("no {} is called \"{pattern}\"", selected.of),
                suggest(pattern, &known),
            );
        }
    }
    let named = |id: &str| selected.id.is_empty() || selected.id.iter().any(|pattern| matches(pattern, id));
    let tables: Vec<(&String, &Entry)> = section.iter().filter(|(id, _)| named(id)).collect();
    let fitting: Vec<_> = tables
        .into_iter()
        .filter(|(_, entry)| {
            let mut conditions = selected.conditions.iter();
            conditions.all(|(key, pattern)| fits(document, &entry.item, key, pattern))
        })
        .collect();
    if fitting.is_empty() {
        return report(
            "where",
            format!("no {} fulfils all of these conditions", selected.of),
            "take a condition away, or correct its value; `*` stands for any characters".to_owned(),
        );
    }
    let key_parts: Vec<&str> = selected.key.split('.').collect();
    let mut paths = Vec::new();
    for (id, entry) in fitting {
        find_leaves(
            &entry.item,
            &key_parts,
            &mut vec![selected.of.clone(), id.clone()],
            &mut paths,
        );
    }
    if paths.is_empty() {
        return report(
            "key",
            format!("none of the selected tables states `{}`", selected.key),
            "name a figure that they state; a figure that is left to its default must be stated before it can be changed"
                .to_owned(),
        );
    }
    paths
}

/// Whether what `table` states under the dotted `key` fits `pattern`. A key that begins with the name of a section, such as
/// `commodity.tags`, goes on in the table that the reference names.
fn fits(document: &Table, table: &Item, key: &str, pattern: &str) -> bool {
    let (first, rest) = key
        .split_once('.')
        .map_or((key, None), |(first, rest)| (first, Some(rest)));
    let Some(entry) = table.table().and_then(|table| table.get(first)) else {
        return false;
    };
    match (&entry.item.value, rest) {
        (Value::Text(text), None) => matches(pattern, text),
        (Value::Text(name), Some(rest)) => document
            .get(first)
            .and_then(|entry| entry.item.find(&[name]))
            .is_some_and(|referred| fits(document, &referred.item, rest, pattern)),
        (Value::Flag(flag), None) => matches(pattern, if *flag { "true" } else { "false" }),
        (Value::Integer(number), None) => matches(pattern, &number.to_string()),
        (Value::List(items), None) => items
            .iter()
            .any(|item| matches!(&item.value, Value::Text(text) if matches(pattern, text))),
        (Value::Table(_), Some(rest)) => fits(document, &entry.item, rest, pattern),
        _ => false,
    }
}

/// Adds the path of every value below `item` whose key fits `parts`.
fn find_leaves(item: &Item, parts: &[&str], path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let Some((first, rest)) = parts.split_first() else {
        found.push(path.clone());
        return;
    };
    for (name, entry) in item
        .table()
        .into_iter()
        .flatten()
        .filter(|(name, _)| matches(first, name))
    {
        path.push(name.clone());
        find_leaves(&entry.item, rest, path, found);
        path.pop();
    }
}

fn leaf_at<'a>(document: &'a mut Table, path: &[String]) -> Option<&'a mut Item> {
    let (first, rest) = path.split_first()?;
    let item = &mut document.get_mut(first)?.item;
    if rest.is_empty() {
        return Some(item);
    }
    match &mut item.value {
        Value::Table(table) => leaf_at(table, rest),
        _ => None,
    }
}

/// Adds a change to the list of a figure, which becomes a table if it is a plain amount.
fn carry(leaf: &mut Item, (change, place): (&Item, usize), (number, instrument): (&str, &Item), caps: Vec<Item>) {
    let origin = change.origin.clone();
    let entry = |item: Item| Entry {
        key: item.origin.clone(),
        item,
    };
    let own = |value| Item {
        origin: origin.clone(),
        value,
    };
    let mut form = Table::new();
    form.insert("by".to_owned(), entry(own(Value::Text(number.to_owned()))));
    form.insert("number".to_owned(), entry(own(Value::Integer(place as i64))));
    for how in HOW {
        if let Some(size) = change.find(&[how]) {
            form.insert(how.to_owned(), size.clone());
        }
    }
    if !caps.is_empty() {
        form.insert("overlap".to_owned(), entry(own(Value::List(caps))));
    }
    // Sizes are founded on what the instrument says, unless they say it themselves.
    for origin in ORIGIN {
        if let Some(stated) = instrument.find(&[origin]) {
            form.insert((*origin).to_owned(), stated.clone());
        }
    }
    if !matches!(leaf.value, Value::Table(_)) {
        let plain = leaf.clone();
        leaf.value = Value::Table(Table::from([("value".to_owned(), entry(plain))]));
    }
    // Whatever is wrong with the figure from now on is the fault of the change's size.
    let size = HOW.iter().find_map(|how| change.find(&[how]));
    leaf.origin = size.map_or(&origin, |size| &size.item.origin).clone();
    if let Value::Table(table) = &mut leaf.value {
        let list = table
            .entry("change".to_owned())
            .or_insert_with(|| entry(own(Value::List(Vec::new()))));
        if let Value::List(list) = &mut list.item.value {
            list.push(own(Value::Table(form)));
        }
    }
}

/// Takes the changes, which now stand at their figures, out of the measures.
fn strip(document: &mut Table) {
    let Some(Value::Table(measures)) = document.get_mut("measure").map(|entry| &mut entry.item.value) else {
        return;
    };
    for measure in measures.values_mut() {
        let Value::Table(measure) = &mut measure.item.value else {
            continue;
        };
        let Some(Value::Table(instruments)) = measure.get_mut("instrument").map(|entry| &mut entry.item.value) else {
            continue;
        };
        for instrument in instruments.values_mut() {
            if let Value::Table(instrument) = &mut instrument.item.value
                && let Some(change) = instrument.remove("change")
            {
                let value = Value::Flag(true);
                let item = Item { value, ..change.item };
                instrument.insert("applied".to_owned(), Entry { item, ..change });
            }
        }
    }
}
