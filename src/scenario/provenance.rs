//! Where the figures of a scenario come from.
//!
//! A figure carries a `source` key, a `grade`, or both, beside its value or for its whole table. A source found in the
//! scenario's tables of sources lends its grade, and the figure is compared with it: whoever writes another number says
//! in `derived` how it was made.

use super::Scenario;
use super::document::{Entry, FORMS, Item, ORIGIN, Table, Value};
use super::quantity::Grade;
use super::sources::Sources;

/// A figure of a scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct InputRecord {
    /// Dotted key.
    pub key: String,
    /// The value as written.
    pub value: String,
    /// Its grade.
    pub grade: Option<Grade>,
    /// Key of its source.
    pub source: String,
    /// How it was derived.
    pub derived: String,
    /// Publisher of the source.
    pub publisher: String,
    /// Date of the source.
    pub date: String,
    /// Address of the source.
    pub address: String,
}

/// Sections whose numbers are figures about the world.
const SECTIONS: &[&str] = &[
    "node",
    "link",
    "service",
    "facility",
    "commodity",
    "flow",
    "season",
    "calendar",
    "disruption",
    "consolidation",
    "container_pool",
    "overlap",
    "target",
    "reach",
    "money",
];

/// Keys whose values say how the scenario is organised, not what the world is like.
const NOT_FIGURES: &[&str] = &[
    "name",
    "order",
    "rank",
    "priority",
    "via",
    "stops",
    "source",
    "grade",
    "derived",
    "kind",
    "mode",
    "from",
    "to",
    "node",
    "country",
    "time_zone",
    "commodity",
    "calendar",
    "season",
    "route",
    "routes",
    "facilities",
    "service",
    "serves",
    "owner",
    "tags",
    "not_by",
    "flows",
    "commodities",
    "services",
    "from_date",
    "until_date",
    "link",
    "currency",
    "wait_within",
    "within",
    "by",
    "number",
    "instrument",
    "instruments",
    "unit",
    "aim",
    "indicator",
    "remark",
    "of",
    "id",
    "key",
    "group",
];

/// What is known of the origin of the figures below a table.
#[derive(Clone, PartialEq, Default)]
pub(super) struct Known {
    source: Option<String>,
    /// The grade, where one is stated or follows from the source.
    pub grade: Option<Grade>,
    derived: Option<String>,
}

impl Known {
    /// This, overridden by what `table` says of itself.
    pub fn within(&self, table: &Table, sources: &Sources) -> Self {
        let text = |key: &str| match table.get(key) {
            Some(Entry {
                item: Item {
                    value: Value::Text(text),
                    ..
                },
                ..
            }) => Some(text.clone()),
            _ => None,
        };
        let (source, grade, derived) = (text("source"), text("grade"), text("derived"));
        if source.is_none() && grade.is_none() && derived.is_none() {
            return self.clone();
        }
        let stated = grade.and_then(|grade| match grade.as_str() {
            "A" => Some(Grade::A),
            "B" => Some(Grade::B),
            "C" => Some(Grade::C),
            "D" => Some(Grade::D),
            _ => None,
        });
        let of_source = source
            .as_ref()
            .and_then(|key| sources.get(key))
            .map(|figure| figure.grade);
        // What is derived from a source is no better than an assumption unless its grade is stated.
        let inherited = if derived.is_some() {
            of_source.map(|_| Grade::D)
        } else {
            of_source
        };
        let fallback = if derived.is_some() { Some(Grade::D) } else { None };
        Self {
            source,
            grade: stated.or(inherited).or(fallback),
            derived,
        }
    }
}

/// All figures of `scenario`, in the order of their keys.
pub fn inputs(scenario: &Scenario) -> Vec<InputRecord> {
    let mut records = Vec::new();
    let Some(document) = scenario.document().table() else {
        return records;
    };
    for section in SECTIONS {
        if let Some(Entry {
            item: Item {
                value: Value::Table(table),
                ..
            },
            ..
        }) = document.get(*section)
        {
            walk(table, section, &Known::default(), &scenario.sources, &mut records);
        }
    }
    records
}

fn walk(table: &Table, path: &str, above: &Known, sources: &Sources, records: &mut Vec<InputRecord>) {
    let known = above.within(table, sources);
    for (key, entry) in table {
        if NOT_FIGURES.contains(&key.as_str()) {
            continue;
        }
        let path = format!("{path}.{key}");
        match &entry.item.value {
            Value::Table(inner) if is_value(inner) => {
                let known = known.within(inner, sources);
                records.push(record(&path, written(&entry.item), &known, sources));
            }
            Value::Table(inner) => walk(inner, &path, &known, sources, records),
            Value::Integer(_) | Value::Float(_) => records.push(record(&path, written(&entry.item), &known, sources)),
            Value::Text(text) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                records.push(record(&path, text.clone(), &known, sources));
            }
            Value::List(items)
                if items
                    .iter()
                    .all(|item| matches!(item.value, Value::Integer(_) | Value::Float(_))) =>
            {
                records.push(record(&path, written(&entry.item), &known, sources));
            }
            Value::List(_) if key == "weekly" => records.push(record(&path, written(&entry.item), &known, sources)),
            _ => {}
        }
    }
}

/// Whether a table is a value with what it says of its origin, not a thing with keys (a commodity has a `value` too).
fn is_value(table: &Table) -> bool {
    let is_form = |key: &String| FORMS.contains(&key.as_str());
    let is_origin = |key: &String| ORIGIN.contains(&key.as_str());
    // What measures change about it stands beside it.
    let is_changed = |key: &String| key == "change";
    let is_other = |key: &String| is_origin(key) || is_changed(key);
    table.keys().any(is_form) && table.keys().all(|key| is_form(key) || is_other(key))
}

fn record(key: &str, value: String, known: &Known, sources: &Sources) -> InputRecord {
    let figure = known.source.as_ref().and_then(|key| sources.get(key));
    InputRecord {
        key: key.to_owned(),
        value,
        grade: known.grade,
        source: known.source.clone().unwrap_or_default(),
        derived: known.derived.clone().unwrap_or_default(),
        publisher: figure.map_or(String::new(), |figure| figure.source_publisher.clone()),
        date: figure.map_or(String::new(), |figure| figure.source_date.clone()),
        address: figure.map_or(String::new(), |figure| figure.source_url.clone()),
    }
}

/// A value as it could be written on one line, without what it says of its origin.
fn written(item: &Item) -> String {
    match &item.value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Table(table) => {
            let stated = table
                .iter()
                .filter(|(key, _)| !matches!(key.as_str(), "source" | "grade" | "derived" | "change"));
            let parts: Vec<String> = stated
                .map(|(key, entry)| format!("{key} = {}", written(&entry.item)))
                .collect();
            format!("{{ {} }}", parts.join(", "))
        }
    }
}
