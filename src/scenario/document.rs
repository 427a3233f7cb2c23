//! Scenario files as one tree in which every key knows the file and line it came from.
//!
//! TOML files and CSV tables are read into the same kind of tree; a scenario that extends another is laid over it key
//! by key, the way of JSON merge patch (RFC 7386), and each key keeps its own origin. What the keys mean is decided by
//! the types into which [`super::decode`] turns the tree.

use super::fault::{Fault, Origin};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where the value stands.
    pub origin: Origin,
    /// The value.
    pub value: Value,
}

/// A value of a scenario file.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string, a date or a time.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Flag(bool),
    /// Several values in order.
    List(Vec<Item>),
    /// Keys with values.
    Table(Table),
}

/// Keys with values, in the order of the keys: the order in the file has no meaning.
pub type Table = BTreeMap<String, Entry>;

/// A key's place and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the key stands.
    pub key: Origin,
    /// What it is set to.
    pub item: Item,
}

impl Item {
    /// What kind of value this is, in the user's words.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// The table, if it is one.
    pub fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The entry at the dotted `path` below this item.
    pub fn find<'a>(&'a self, path: &[&str]) -> Option<&'a Entry> {
        let (first, rest) = path.split_first()?;
        let entry = self.table()?.get(*first)?;
        if rest.is_empty() {
            Some(entry)
        } else {
            entry.item.find(rest)
        }
    }
}

/// Reads TOML. Broken syntax is reported, all of it, and what could be read is returned.
pub fn read_toml(text: &str, file: usize, faults: &mut Vec<Fault>) -> Item {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let place = Some(Origin::new(file, span));
        faults.push(if error.message().contains("duplicate key") {
            Fault::error("duplicate-name", "", "this key is given twice in the file")
                .at(place, "given again here")
                .remedy("keep one of the two, or put the keys of both under one heading")
        } else {
            Fault::error("syntax", "", format!("this is not valid TOML: {}", error.message()))
                .at(place, "here")
                .remedy("see https://toml.io for the syntax; most often a quote or a bracket is missing")
        });
    }
    let span = table.span();
    Item {
        origin: Origin::new(file, span),
        value: Value::Table(convert_table(table.get_ref(), file)),
    }
}

fn convert_table(table: &DeTable<'_>, file: usize) -> Table {
    table
        .iter()
        .map(|(key, value)| {
            let item = Item {
                origin: Origin::new(file, value.span()),
                value: convert(value.get_ref(), value.span(), file),
            };
            (
                key.get_ref().to_string(),
                Entry {
                    key: Origin::new(file, key.span()),
                    item,
                },
            )
        })
        .collect()
}

fn convert(value: &DeValue<'_>, span: Range<usize>, file: usize) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => {
            let digits = integer.as_str().replace('_', "");
            match i64::from_str_radix(&digits, integer.radix()) {
                Ok(number) => Value::Integer(number),
                // Too large for a whole number, which whoever reads it will say.
                Err(_) => digits.parse().map_or(Value::Text(digits), Value::Float),
            }
        }
        DeValue::Float(float) => {
            let digits = float.as_str().replace('_', "");
            digits.parse().map_or(Value::Text(digits), Value::Float)
        }
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(datetime) => Value::Text(datetime.to_string()),
        DeValue::Array(array) => Value::List(
            array
                .iter()
                .map(|item| Item {
                    origin: Origin::new(file, item.span()),
                    value: convert(item.get_ref(), item.span(), file),
                })
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(convert_table(table, file)),
        // The enumeration is open; whatever it grows will be shown as it stands in the file.
        #[allow(unreachable_patterns)]
        _ => Value::Text(format!("{span:?}")),
    }
}

/// The forms of a value. Stating one anew replaces whatever form stood there before, together with its origin.
pub(super) const FORMS: &[&str] = &[
    "value",
    "min",
    "typical",
    "max",
    "uniform",
    "triangular",
    "exponential",
    "erlang",
    "gamma",
    "hyperexponential",
    "lognormal",
    "weibull",
    "empirical",
    "mixture",
    "sum",
];
/// The further forms of whole numbers.
const COUNT_FORMS: &[&str] = &["geometric", "poisson"];
/// What a value says of its origin; stated alone it leaves the value as it is.
pub(super) const ORIGIN: &[&str] = &["source", "grade", "derived"];
/// Tables that hold one of several alternatives: stating another one replaces the one before.
const ALTERNATIVES: &[(&str, &[&str])] = &[
    ("arrivals", &["poisson", "renewal", "timetable", "population", "listed"]),
    (
        "departures",
        &["weekly", "every", "per_week", "headway", "shuttle", "dated"],
    ),
];
/// Sections, and the things in them, are not values, whatever their keys (goods have a `value`).
const DEPTH_OF_THINGS: usize = 2;

/// Lays `over` upon `base`: tables merge key by key, anything else is replaced.
pub fn overlay(base: &mut Table, over: Table) {
    overlay_at(base, over, "", 0);
}

/// Lays `over` upon `base`, the tables called `name`; returns whether a value was stated anew, which then stands where
/// `over` has it.
fn overlay_at(base: &mut Table, over: Table, name: &str, depth: usize) -> bool {
    let mut stated_anew = false;
    if let Some((_, alternatives)) = ALTERNATIVES.iter().find(|(table, _)| *table == name) {
        if over.keys().any(|key| alternatives.contains(&key.as_str())) {
            base.retain(|key, _| over.contains_key(key) || !alternatives.contains(&key.as_str()));
        }
    } else if depth > DEPTH_OF_THINGS {
        let is_form = |key: &str| FORMS.contains(&key) || COUNT_FORMS.contains(&key);
        if over.keys().any(|key| is_form(key)) {
            base.retain(|key, _| !is_form(key) && !ORIGIN.contains(&key.as_str()));
            stated_anew = true;
        }
    }
    for (key, above) in over {
        let Some(below) = base.get_mut(&key) else {
            base.insert(key, above);
            continue;
        };
        match (&mut below.item.value, above.item.value) {
            (Value::Table(table), Value::Table(over)) => {
                if overlay_at(table, over, &key, depth + 1) {
                    below.key = above.key;
                    below.item.origin = above.item.origin;
                }
            }
            (_, value) => {
                *below = Entry {
                    key: above.key,
                    item: Item { value, ..above.item },
                };
            }
        }
    }
    stated_anew
}

/// The tree as plain TOML, for writing the scenario as resolved.
pub fn to_toml(item: &Item) -> toml::Value {
    match &item.value {
        Value::Text(text) => toml::Value::String(text.clone()),
        Value::Integer(number) => toml::Value::Integer(*number),
        Value::Float(number) => toml::Value::Float(*number),
        Value::Flag(flag) => toml::Value::Boolean(*flag),
        Value::List(list) => toml::Value::Array(list.iter().map(to_toml).collect()),
        Value::Table(table) => toml::Value::Table(
            table
                .iter()
                .map(|(key, entry)| (key.clone(), to_toml(&entry.item)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Table {
        let item = read_toml(text, 0, &mut Vec::new());
        item.table().cloned().unwrap_or_default()
    }

    fn merged(base: &str, over: &str) -> String {
        let mut table = parse(base);
        overlay(&mut table, parse(over));
        let origin = Origin::new(0, 0..0);
        to_toml(&Item {
            origin,
            value: Value::Table(table),
        })
        .to_string()
    }

    #[test]
    fn overlays_merge_tables_and_replace_the_rest() {
        assert_eq!(
            merged("a = 1\n[b]\nc = [1, 2]\nd = 3", "[b]\nc = [9]"),
            "{ a = 1, b = { c = [9], d = 3 } }"
        );
    }

    #[test]
    fn stating_a_value_anew_replaces_its_other_forms_and_its_source() {
        let base = "[f.x]\ntime = { min = '1 h', typical = '2 h', max = '9 h', source = 'old' }\nper = 'TEU'";
        let over = "[f.x]\ntime = { exponential = { mean = '3 h' } }";
        assert_eq!(
            merged(base, over),
            "{ f = { x = { per = \"TEU\", time = { exponential = { mean = \"3 h\" } } } } }"
        );
    }

    #[test]
    fn an_origin_stated_alone_leaves_the_value() {
        let base = "[c.x]\nvalue = '9 USD/t'\ngrade = 'D'\ndensity = { value = '7 t/TEU', grade = 'D' }";
        let over = "[c.x]\ngrade = 'B'\ndensity = { grade = 'C' }";
        assert_eq!(
            merged(base, over),
            "{ c = { x = { density = { grade = \"C\", value = \"7 t/TEU\" }, grade = \"B\", value = \"9 USD/t\" } } }"
        );
    }

    #[test]
    fn siblings_of_an_alternative_stay_and_other_alternatives_go() {
        let base = "[s.x]\ndepartures = { every = { interval = '7 d', first = '1 d' } }\n[k.y]\nweekly = { mon = 'a', sat = 'b' }";
        let over = "[s.x]\ndepartures.every.interval = '1 d'\n[k.y]\nweekly = { sat = 'closed' }";
        assert_eq!(
            merged(base, over),
            "{ k = { y = { weekly = { mon = \"a\", sat = \"closed\" } } }, s = { x = { departures = { every = { first = \"1 d\", interval = \"1 d\" } } } } }"
        );
        assert_eq!(
            merged(base, "[s.x]\ndepartures.weekly = ['Mon 08:00']"),
            "{ k = { y = { weekly = { mon = \"a\", sat = \"b\" } } }, s = { x = { departures = { weekly = [\"Mon 08:00\"] } } } }"
        );
    }

    #[test]
    fn a_value_stated_anew_stands_where_it_was_stated() {
        let parse = |text, file| match read_toml(text, file, &mut Vec::new()).value {
            Value::Table(table) => table,
            other => panic!("{other:?}"),
        };
        let mut base = parse(
            "[f.x]\ntime = { value = '1 h', source = 'old' }\nroom = { value = 3 }",
            0,
        );
        overlay(
            &mut base,
            parse(
                "[f.x]\ntime = { value = '-2 h', source = 'new' }\nroom = { grade = 'B' }",
                1,
            ),
        );
        let tree = Item {
            origin: Origin::new(0, 0..0),
            value: Value::Table(base),
        };
        let file = |path: &[&str]| tree.find(path).map(|entry| (entry.key.file, entry.item.origin.file));
        assert_eq!(file(&["f", "x", "time"]), Some((1, 1)));
        assert_eq!(file(&["f", "x", "room"]), Some((0, 0)));
        assert_eq!(file(&["f", "x"]), Some((0, 0)));
    }

    #[test]
    fn all_syntax_errors_are_reported() {
        let mut faults = Vec::new();
        read_toml("a = \nb = 'open\nc = 3\n", 0, &mut faults);
        assert!(faults.len() >= 2, "{faults:?}");
    }
}
