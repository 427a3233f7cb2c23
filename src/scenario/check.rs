//! Checking a scenario: every reference, number, date and distance, all faults at once.
//!
//! What a type can rule out alone has been ruled out by decoding; here is what takes two keys or more, or the rest of the
//! scenario. References are checked against the names that the files declare, so a table that failed to decode does not
//! make everything that refers to it look wrong as well.

mod consolidation;
mod containers;
mod dates;
mod effects;
mod extent;
mod frequency;
mod geography;
mod numbers;
mod provenance;
mod references;
mod routes;
mod targets;

use super::Scenario;
use super::decode::suggest;
use super::document::{Item, Value};
use super::fault::{Fault, Origin};
use super::matching::matches;
use std::collections::BTreeSet;

/// Finds all faults of `scenario`.
pub(super) fn check(scenario: &Scenario, faults: &mut Vec<Fault>) {
    let undecoded = faults.iter().map(|fault| subject(&fault.key)).collect();
    let mut check = Check {
        scenario,
        undecoded,
        faults,
    };
    references::check(&mut check);
    routes::check(&mut check);
    numbers::check(&mut check);
    containers::check(&mut check);
    frequency::check(&mut check);
    extent::check(&mut check);
    dates::check(&mut check);
    effects::check(&mut check);
    consolidation::check(&mut check);
    geography::check(&mut check);
    targets::check(&mut check);
    // Where a table of sources could not be read to its end, nothing can be said about the figures that name them.
    let sources_missing = check
        .faults
        .iter()
        .any(|fault| fault.key.starts_with("scenario.sources"));
    if !sources_missing {
        provenance::check(&mut check);
    }
}

/// The table that a key belongs to: `link.some-name` of `link.some-name.time.mean`.
fn subject(key: &str) -> String {
    key.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
}

/// A check under way.
struct Check<'a> {
    scenario: &'a Scenario,
    /// Tables of which some keys could not be decoded: what they lack, they may well state.
    undecoded: BTreeSet<String>,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Check<'a> {
    fn push(&mut self, fault: Fault) {
        let incomplete = matches!(fault.code, "missing-key" | "contradiction");
        if !(incomplete && self.undecoded.contains(&subject(&fault.key))) {
            self.faults.push(fault);
        }
    }

    /// Where the value at `key` stands or, in a list, its element that is or names `element`.
    fn place(&self, key: &str, element: &str) -> Option<Origin> {
        let path: Vec<&str> = key.split('.').collect();
        let list = match self.scenario.document().find(&path).map(|entry| &entry.item.value) {
            Some(Value::List(list)) => list.as_slice(),
            _ => &[],
        };
        let named = |text: &str| {
            text == element
                || text
                    .split_once('.')
                    .is_some_and(|(_, rest)| rest == element || rest.split(':').next() == Some(element))
        };
        list.iter()
            .find(|item| matches!(&item.value, Value::Text(text) if named(text)))
            .map(|item| item.origin.clone())
            .or_else(|| self.scenario.origin(key))
    }

    /// A fault about one element of the list at `key`, or about its only value.
    fn fault_about(
        &mut self,
        code: &'static str,
        key: &str,
        element: &str,
        message: String,
        remedy: impl Into<String>,
    ) {
        let fault = Fault::error(code, key, message)
            .at(self.place(key, element), "here")
            .remedy(remedy);
        self.push(fault);
    }

    /// A fault at `key`.
    fn fault(&mut self, code: &'static str, key: &str, message: impl Into<String>, remedy: impl Into<String>) {
        let fault = Fault::error(code, key, message)
            .at(self.scenario.origin(key), "here")
            .remedy(remedy);
        self.push(fault);
    }

    /// Something to look at, at `key`.
    fn warning(&mut self, code: &'static str, key: &str, message: impl Into<String>, remedy: impl Into<String>) {
        let fault = Fault::error(code, key, message)
            .at(self.scenario.origin(key), "here")
            .remedy(remedy);
        self.push(fault.as_warning());
    }

    /// The names that a section declares, whether or not their tables could be decoded.
    fn declared(&self, section: &str) -> Vec<&'a str> {
        let entry = self.scenario.document().find(&[section]);
        let table = entry.and_then(|entry| Item::table(&entry.item));
        table
            .map(|table| table.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// A reference at `key` to the table `name` of `section`.
    fn reference(&mut self, key: &str, section: &str, name: &str) {
        let declared = self.declared(section);
        if !declared.contains(&name) {
            let known = if declared.is_empty() {
                format!("there is no [{section}.*] at all")
            } else {
                suggest(name, &declared)
            };
            self.fault_about(
                "dangling-reference",
                key,
                name,
                format!("there is no {section} `{name}`"),
                known,
            );
        }
    }

    /// A pattern at `key` that must fit at least one name of `section`.
    fn pattern(&mut self, key: &str, section: &str, pattern: &str) {
        let declared = self.declared(section);
        if !declared.iter().any(|name| matches(pattern, name)) {
            self.fault_about(
                "empty-pattern",
                key,
                pattern,
                format!("`{pattern}` fits no {section}"),
                suggest(pattern.trim_matches('*'), &declared),
            );
        }
    }
}
