//! The reference of scenario files: JSON Schema and a list of all keys, both generated from the types.
//!
//! Every description is the doc comment of the field that it describes, every default the value that a field has when
//! it is not stated. `corridor schema` prints them; `docs/scenario-format.md` holds the list.

mod markdown;

use super::consolidation::Consolidation;
use super::container::ContainerPool;
use super::demand::{Commodity, Flow, Season};
use super::facility::Facility;
use super::measure::Measure;
use super::operation::{Assembly, Calendar, Corridor, Disruption, StatedRoute};
use super::place::{Link, Node};
use super::service::Service;
use super::settings::{About, ChoiceSettings, MoneySettings, RunSettings};
use super::target::{Overlap, Reach, Target};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// A section of a scenario file.
struct Section {
    name: &'static str,
    /// Whether it holds named tables, or is one table itself.
    named: bool,
    schema: Schema,
}

/// The sections in the order in which they are explained, and the definitions that they share.
fn sections() -> (Vec<Section>, Map<String, Value>) {
    fn one<T: JsonSchema>(name: &'static str, generator: &mut SchemaGenerator) -> Section {
        Section {
            name,
            named: false,
            schema: T::json_schema(generator),
        }
    }
    fn named<T: JsonSchema>(name: &'static str, generator: &mut SchemaGenerator) -> Section {
        Section {
            named: true,
            ..one::<T>(name, generator)
        }
    }
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let to = &mut generator;
    let sections = vec![
        one::<About>("scenario", to),
        one::<RunSettings>("run", to),
        one::<MoneySettings>("money", to),
        one::<ChoiceSettings>("choice", to),
        named::<Node>("node", to),
        named::<Link>("link", to),
        named::<Service>("service", to),
        named::<Facility>("facility", to),
        named::<Commodity>("commodity", to),
        named::<Flow>("flow", to),
        named::<Season>("season", to),
        named::<Calendar>("calendar", to),
        named::<Disruption>("disruption", to),
        named::<StatedRoute>("route", to),
        named::<Corridor>("corridor", to),
        named::<Assembly>("assembly", to),
        named::<Consolidation>("consolidation", to),
        named::<ContainerPool>("container_pool", to),
        named::<Measure>("measure", to),
        named::<Overlap>("overlap", to),
        named::<Target>("target", to),
        named::<Reach>("reach", to),
    ];
    (sections, generator.take_definitions(true))
}

/// What `tables` is for.
const TABLES: &str =
    "CSV tables of named tables, by section: `node = [\"nodes.csv\"]`. Paths are relative to this file.";

/// The JSON Schema (draft 2020-12) of a scenario file.
pub fn schema() -> Value {
    let (sections, definitions) = sections();
    let mut properties = Map::new();
    let mut tables = Map::new();
    for section in sections {
        let mut own = Value::from(section.schema);
        // What a layer does not state may stand in what it extends, or in a table.
        if let Value::Object(own) = &mut own {
            own.remove("required");
        }
        if section.named {
            let paths = json!({ "type": "array", "items": { "type": "string" } });
            tables.insert(section.name.to_owned(), paths);
        }
        let value = if section.named {
            json!({
                "type": "object",
                "description": format!("`[{}.some-name]` tables", section.name),
                "additionalProperties": own,
            })
        } else {
            own
        };
        properties.insert(section.name.to_owned(), value);
    }
    let tables = json!({
        "type": "object",
        "description": TABLES,
        "properties": tables,
        "additionalProperties": false,
    });
    properties.insert("tables".to_owned(), tables);
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Corridor scenario",
        "description": "A scenario file of Corridor. Which keys a table needs is not checked here, since a file may extend another or take them from a CSV table; `corridor check` does.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": definitions,
    });
    without_null(&mut schema);
    schema
}

/// The Markdown reference of all keys.
pub fn markdown() -> String {
    let (sections, definitions) = sections();
    let sections = sections.into_iter().map(|section| {
        let mut schema = Value::from(section.schema);
        without_null(&mut schema);
        (section.name, section.named, schema)
    });
    let mut definitions = Value::Object(definitions);
    without_null(&mut definitions);
    let sections: Vec<_> = sections.collect();
    markdown::render(&sections, &definitions)
}

/// Optional keys are left out in TOML, which has no null.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [single] = types.as_slice() {
                    let single = single.clone();
                    object.insert("type".to_owned(), single);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice != &json!({ "type": "null" }));
                if let [single] = choices.as_slice()
                    && let Value::Object(single) = single.clone()
                {
                    object.remove("anyOf");
                    for (key, value) in single {
                        object.entry(key).or_insert(value);
                    }
                }
            }
            if object.get("default").is_some_and(says_nothing) {
                object.remove("default");
            }
            object.values_mut().for_each(without_null);
        }
        Value::Array(list) => list.iter_mut().for_each(without_null),
        _ => {}
    }
}

/// Whether a default is that nothing is there.
fn says_nothing(default: &Value) -> bool {
    match default {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.values().all(says_nothing),
        _ => false,
    }
}
