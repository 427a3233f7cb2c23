//! The list of keys as Markdown, walked from the schema.

use crate::scenario::dimension::{self, Described};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Keys that stand in most sections and mean the same everywhere.
const PROVENANCE: [&str; 3] = ["source", "grade", "derived"];

/// The forms of any distribution are those of this one.
const FORMS: &str = "FormsOfTimeQuantity";

/// The whole reference: sections, then the tables inside them, then forms and units.
pub(super) fn render(sections: &[(&'static str, bool, Value)], definitions: &Value) -> String {
    let mut page = Page {
        definitions,
        text: String::new(),
        found: Vec::new(),
    };
    page.line("### Sections\n");
    for (name, named, schema) in sections {
        let heading = if *named {
            format!("[{name}.*]")
        } else {
            format!("[{name}]")
        };
        page.line(&format!("#### `{heading}`\n"));
        page.keys(schema);
    }
    page.line("#### `[tables]`\n");
    page.line("| key | value | default | meaning |\n| --- | --- | --- | --- |");
    page.line(&format!(
        "| any section of named tables | list of texts | | {} |\n",
        super::TABLES
    ));
    page.line("### Tables inside sections\n");
    let mut position = 0;
    while let Some(name) = page.found.get(position).cloned() {
        position += 1;
        page.line(&format!("#### {}\n", words(&name)));
        let schema = &definitions[&name];
        match choices(schema) {
            Some(choices) => page.forms_of(schema, choices),
            None => page.keys(schema),
        }
    }
    page.forms();
    page.units();
    page.text
}

struct Page<'a> {
    definitions: &'a Value,
    text: String,
    /// Names of the tables met so far, each of which gets a part of its own.
    found: Vec<String>,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// The keys of one table: the required ones first.
    fn keys(&mut self, schema: &Value) {
        self.line(&format!("{}\n", description(schema)));
        let Some(properties) = schema["properties"].as_object() else {
            return;
        };
        self.line("| key | value | default | meaning |\n| --- | --- | --- | --- |");
        let required: BTreeSet<&str> = schema["required"]
            .as_array()
            .map(|list| list.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let (first, rest): (Vec<_>, Vec<_>) = properties
            .iter()
            .filter(|(key, _)| !PROVENANCE.contains(&key.as_str()))
            .partition(|(key, _)| required.contains(key.as_str()));
        for (key, property) in first.into_iter().chain(rest) {
            let default = if required.contains(key.as_str()) {
                "required".to_owned()
            } else {
                property.get("default").map(as_toml).unwrap_or_default()
            };
            let value = self.value(property);
            let meaning = self.meaning(property);
            self.line(&format!("| `{key}` | {value} | {default} | {meaning} |"));
        }
        if PROVENANCE.iter().all(|key| properties.contains_key(*key)) {
            self.line("| `source`, `grade`, `derived` | texts | | Where the figures of this table come from, unless a figure says it for itself: see [provenance](#where-figures-come-from). |");
        }
        self.text.push('\n');
    }

    /// The forms of a value of which exactly one is written.
    fn forms_of(&mut self, schema: &Value, choices: &[Value]) {
        self.line(&format!("{}\n", description(schema)));
        self.line("| form | value | meaning |\n| --- | --- | --- |");
        for choice in choices {
            self.form(choice);
        }
        self.text.push('\n');
    }

    fn form(&mut self, choice: &Value) {
        if let Some(inner) = choice["$ref"].as_str().map(|path| self.definition(path).clone()) {
            for choice in choices_of(&inner) {
                self.form(choice);
            }
            return;
        }
        let meaning = description(choice);
        match (choice.get("const"), choice["properties"].as_object()) {
            (Some(text), _) => self.line(&format!("| {} | | {meaning} |", as_toml(text))),
            (None, Some(properties)) if properties.len() == 1 => {
                for (key, property) in properties {
                    let value = self.value(property);
                    self.line(&format!("| `{key}` | {value} | {meaning} |"));
                }
            }
            (None, Some(properties)) => self.line(&format!("| table | {} | {meaning} |", braces(properties))),
            (None, None) => {
                let value = self.value(choice);
                self.line(&format!("| plain | {value} | {meaning} |"));
            }
        }
    }

    fn definition(&self, path: &str) -> &Value {
        &self.definitions[name_in(path)]
    }

    /// What may be written for a key.
    fn value(&mut self, schema: &Value) -> String {
        if let Some(path) = schema["$ref"].as_str() {
            return self.reference(path);
        }
        match schema["type"].as_str() {
            Some("array") => format!("list of {}", plural(&self.value(&schema["items"]))),
            Some("object") if schema["properties"].is_object() => braces(&own(&schema["properties"])),
            Some("object") => {
                let inner = match schema.get("additionalProperties") {
                    Some(inner) if inner.is_object() => self.value(inner),
                    _ => "text".to_owned(),
                };
                format!("by name: {inner}")
            }
            Some("integer") => "whole number".to_owned(),
            Some("number") => "number".to_owned(),
            Some("boolean") => "true or false".to_owned(),
            Some("string") => "text".to_owned(),
            _ => "text".to_owned(),
        }
    }

    fn reference(&mut self, path: &str) -> String {
        let name = name_in(path);
        let schema = self.definition(path).clone();
        let written = [("Quantity", "quantity"), ("Distribution", "distribution")];
        for (ending, word) in written {
            if name.ends_with(ending) {
                let what = description(&schema);
                let what = what.split(", ").next().unwrap_or_default();
                let example = schema["examples"][0].as_str().unwrap_or_default();
                let example = if schema["anyOf"][0]["type"].is_array() {
                    format!("`{example}`")
                } else {
                    format!("`\"{example}\"`")
                };
                return format!(
                    "[{word}](#{}): {what}, {example}",
                    anchor("Forms of quantities and distributions")
                );
            }
        }
        if let Some(consts) = constants(&schema) {
            return consts.join(", ");
        }
        match (name, schema["type"].as_str()) {
            ("Text", _) => "text, or `{ en, zh }`".to_owned(),
            (_, Some("string" | "number" | "integer")) => description(&schema),
            _ if choices(&schema).is_some_and(|choices| choices.iter().all(is_plain)) => description(&schema),
            _ => {
                if !self.found.iter().any(|found| found == name) {
                    self.found.push(name.to_owned());
                }
                let title = words(name);
                format!("[{title}](#{})", anchor(&title))
            }
        }
    }

    /// What a key means, with the meaning of each of its choices.
    fn meaning(&mut self, schema: &Value) -> String {
        let mut text = description(schema);
        let target = schema["$ref"].as_str().or(schema["items"]["$ref"].as_str());
        let Some(target) = target.map(|path| self.definition(path)) else {
            return text;
        };
        if constants(target).is_some() {
            for choice in choices_of(target) {
                let _ = write!(text, "<br>{}: {}", as_toml(&choice["const"]), description(choice));
            }
        }
        text
    }

    /// The forms of quantities and distributions.
    fn forms(&mut self) {
        self.line("### Forms of quantities and distributions\n");
        self.line("A plain amount, or a table with exactly one of these. In a quantity, which is one number that we may not know well, the parameters are amounts; in a distribution they are quantities, so that a mean may be uncertain itself.\n");
        self.line("| key | value | meaning |\n| --- | --- | --- |");
        let schema = self.definitions[FORMS].clone();
        for (key, property) in own(&schema["properties"]) {
            if PROVENANCE.contains(&key.as_str()) {
                continue;
            }
            let inner = property["$ref"].as_str().map(|path| self.definition(path).clone());
            let parameters = inner.as_ref().and_then(|inner| inner["properties"].as_object());
            let of_items = property["items"]["$ref"].as_str().map(name_in);
            let value = match (parameters, of_items) {
                (_, Some(FORMS)) => "list of these forms".to_owned(),
                (_, Some(_)) => "list of `{ weight, of }`".to_owned(),
                (Some(parameters), None) => braces(parameters),
                (None, None) => "amount".to_owned(),
            };
            self.line(&format!("| `{key}` | {value} | {} |", description(&property)));
            for (parameter, schema) in parameters.into_iter().flatten() {
                let value = parameter_value(schema);
                self.line(&format!("| `{key}.{parameter}` | {value} | {} |", description(schema)));
            }
        }
        self.line("| `source`, `grade`, `derived` | texts | Where the figure comes from: see [provenance](#where-figures-come-from). |\n");
    }

    /// Dimensions and units.
    fn units(&mut self) {
        self.line("### Units\n");
        self.line("| what | like | units |\n| --- | --- | --- |");
        for Described {
            name,
            example,
            units,
            money,
            bare,
        } in dimension::all()
        {
            let mut units: Vec<String> = units
                .iter()
                .filter(|(unit, _)| !unit.is_empty() || money)
                .map(|(unit, _)| {
                    if money {
                        format!("`USD{unit}`")
                    } else {
                        format!("`{unit}`")
                    }
                })
                .collect();
            if bare {
                units.insert(0, "none".to_owned());
            }
            let example = if bare {
                format!("`{example}`")
            } else {
                format!("`\"{example}\"`")
            };
            self.line(&format!("| {name} | {example} | {} |", units.join(", ")));
        }
    }
}

fn own(properties: &Value) -> Map<String, Value> {
    properties.as_object().cloned().unwrap_or_default()
}

fn name_in(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The forms among which a value chooses.
fn choices(schema: &Value) -> Option<&[Value]> {
    let list = schema["oneOf"].as_array().or(schema["anyOf"].as_array())?;
    Some(list)
}

fn choices_of(schema: &Value) -> &[Value] {
    choices(schema).unwrap_or_default()
}

/// The choices, where all of them are fixed texts.
fn constants(schema: &Value) -> Option<Vec<String>> {
    choices(schema)?
        .iter()
        .map(|choice| choice.get("const").map(as_toml))
        .collect()
}

fn is_plain(choice: &Value) -> bool {
    choice.get("const").is_some() || choice["type"].as_str().is_some_and(|kind| kind != "object")
}

/// The description on one line that a table cell can hold.
fn description(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

fn parameter_value(schema: &Value) -> &'static str {
    match (schema["type"].as_str(), schema["$ref"].as_str()) {
        (Some("array"), _) if schema["items"]["$ref"].as_str().map(name_in) == Some("PlainQuantity") => {
            "list of numbers"
        }
        (Some("array"), _) => "list of amounts",
        (Some(_), _) => "whole number",
        (_, Some(path)) if name_in(path) == "PlainQuantity" => "number",
        _ => "amount",
    }
}

fn braces(properties: &Map<String, Value>) -> String {
    let keys: Vec<&str> = properties.keys().map(String::as_str).collect();
    format!("`{{ {} }}`", keys.join(", "))
}

/// A default as it would be written.
fn as_toml(value: &Value) -> String {
    format!("`{value}`")
}

fn plural(value: &str) -> String {
    match value {
        "text" => "texts".to_owned(),
        "number" => "numbers".to_owned(),
        "whole number" => "whole numbers".to_owned(),
        "list of numbers" => "`[longitude, latitude]`".to_owned(),
        other => other.to_owned(),
    }
}

/// `LegDetails` as "Leg details".
fn words(name: &str) -> String {
    let mut text = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_uppercase() && at > 0 {
            text.push(' ');
            text.extend(letter.to_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

/// The anchor that Markdown renderers give to a heading.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}
