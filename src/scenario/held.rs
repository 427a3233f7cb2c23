//! Inputs that are held at their expected values because they are not well founded: what a result owes to assumptions is seen
//! by not letting these vary.

use super::Scenario;
use super::change::{HOW, luck_of_overlap, name_of_size};
use super::document::{Item, Table, Value};
use super::provenance::Known;
use super::quantity::Grade;
use super::sources::Sources;
use crate::random::Stream;
use std::collections::{BTreeMap, BTreeSet};

/// Which inputs are held.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Held {
    /// Whether the figures of a table are held, by its dotted path: for each table that says where its figures come from.
    tables: BTreeMap<String, bool>,
    /// Sizes of changes and caps of overlaps, by the names of their draws.
    sizes: BTreeSet<Stream>,
    /// Whether instruments are delivered, by the addresses of that luck.
    deliveries: BTreeSet<Stream>,
}

impl Held {
    /// Those of `scenario` whose grade is what it states as `run.hold_grade`, or worse. What has no grade is not held.
    pub fn of(scenario: &Scenario) -> Self {
        let mut held = Self::default();
        let (Some(limit), Some(document)) = (scenario.run.hold_grade, scenario.document().table()) else {
            return held;
        };
        let mut instruments = BTreeMap::new();
        let search = Search {
            sources: &scenario.sources,
            limit,
        };
        search.tables(document, "", &Known::default(), &mut held.tables, &mut instruments);
        search.sizes(document, &instruments, &mut held.sizes);
        for (name, measure) in &scenario.measures {
            for number in measure.instrument.keys() {
                if held.holds(&format!("measure.{name}.instrument.{number}.delivery")) {
                    held.deliveries.insert(luck_of_delivery(number));
                }
            }
        }
        for group in scenario.overlaps.keys() {
            if ["factor", "sum"]
                .iter()
                .any(|cap| held.holds(&format!("overlap.{group}.{cap}")))
            {
                held.sizes.insert(luck_of_overlap(group));
            }
        }
        held
    }

    /// Whether the figure under a dotted key is held: by what it says itself, or the nearest table around it that says anything.
    pub(super) fn holds(&self, key: &str) -> bool {
        let mut end = key.len();
        while !self.tables.is_empty() {
            if let Some(held) = self.tables.get(&key[..end]) {
                return *held;
            }
            let Some(dot) = key[..end].rfind('.') else { break };
            end = dot;
        }
        false
    }

    /// Whether the size drawn under a name is held.
    pub(super) fn holds_size(&self, name: Stream) -> bool {
        self.sizes.contains(&name)
    }

    /// Whether the delivery drawn at an address is held.
    pub(super) fn holds_delivery(&self, address: Stream) -> bool {
        self.deliveries.contains(&address)
    }
}

/// Where it is drawn whether an instrument is delivered.
pub(crate) fn luck_of_delivery(number: &str) -> Stream {
    Stream::of(&format!("instrument.{number}.delivery"))
}

/// What is looked for in the tree of keys.
struct Search<'a> {
    sources: &'a Sources,
    limit: Grade,
}

impl Search<'_> {
    fn holds(&self, known: &Known) -> bool {
        known.grade.is_some_and(|grade| grade >= self.limit)
    }

    /// Notes for every table below `path` that says where its figures come from whether they are held, and what is known of
    /// each instrument by its number.
    fn tables(
        &self,
        table: &Table,
        path: &str,
        above: &Known,
        held: &mut BTreeMap<String, bool>,
        instruments: &mut BTreeMap<String, Known>,
    ) {
        let known = above.within(table, self.sources);
        if known != *above {
            held.insert(path.to_owned(), self.holds(&known));
        }
        for (key, entry) in table {
            let Some(inner) = entry.item.table() else { continue };
            if path.starts_with("measure.") && path.ends_with(".instrument") {
                instruments.insert(key.clone(), known.within(inner, self.sources));
            }
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            self.tables(inner, &path, &known, held, instruments);
        }
    }

    /// Notes the sizes of changes that are held, which stand at the figures that they change.
    fn sizes(&self, table: &Table, instruments: &BTreeMap<String, Known>, held: &mut BTreeSet<Stream>) {
        for (key, entry) in table {
            match &entry.item.value {
                Value::Table(inner) => self.sizes(inner, instruments, held),
                Value::List(changes) if key == "change" => {
                    held.extend(changes.iter().filter_map(|change| self.size(change, instruments)));
                }
                _ => {}
            }
        }
    }

    /// The name of a change's size if that is held: by what it says itself, or else its instrument.
    fn size(&self, change: &Item, instruments: &BTreeMap<String, Known>) -> Option<Stream> {
        let value = |key: &str| change.find(&[key]).map(|entry| &entry.item.value);
        let (Some(Value::Text(by)), Some(Value::Integer(number))) = (value("by"), value("number")) else {
            return None;
        };
        let of_instrument = instruments.get(by).cloned().unwrap_or_default();
        let size = HOW.iter().find_map(|how| change.find(&[how])?.item.table());
        let known = size.map_or_else(
            || of_instrument.clone(),
            |size| of_instrument.within(size, self.sources),
        );
        self.holds(&known).then(|| name_of_size(by, *number))
    }
}
