//! The reference of scenario files: current, complete, and true of the shipped scenarios.

use crate::support;
use corridor::scenario::reference;
use serde_json::Value;

#[test]
fn the_list_of_keys_is_current() {
    support::section_is_current("docs/scenario-format.md", "keys", &reference::markdown());
}

/// Calls `visit` with the dotted path and schema of every property below `schema`.
fn properties(path: &str, schema: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                if key == "properties" {
                    for (name, property) in value.as_object().into_iter().flatten() {
                        visit(&format!("{path}.{name}"), property);
                        properties(&format!("{path}.{name}"), property, visit);
                    }
                } else {
                    properties(&format!("{path}.{key}"), value, visit);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|item| properties(path, item, visit)),
        _ => {}
    }
}

#[test]
fn every_key_is_described() {
    let schema = reference::schema();
    let mut silent = Vec::new();
    let mut count = 0;
    properties("", &schema, &mut |path, property| {
        count += 1;
        // A form among several (`arrivals.poisson`) is described where its alternative is; so are sections in `tables`.
        let elsewhere = path.contains(".oneOf.") || path.starts_with(".tables.");
        if property.get("description").is_none() && !elsewhere {
            silent.push(path.to_owned());
        }
    });
    assert!(count > 200, "{count}");
    assert!(silent.is_empty(), "keys without a description: {}", silent.join(", "));
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        for choice in definition["oneOf"].as_array().into_iter().flatten() {
            assert!(
                choice.get("description").is_some(),
                "{name}: a choice without a description: {choice}"
            );
        }
    }
}

#[test]
fn links_within_the_reference_lead_somewhere() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scenario-format.md")).unwrap();
    let anchors: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            heading.replace(' ', "-").replace(['`', '[', ']', '.', '*', ','], "")
        })
        .collect();
    for link in text.split("](#").skip(1) {
        let target = link.split(')').next().unwrap();
        assert!(
            anchors.iter().any(|anchor| anchor == target),
            "no heading for #{target}"
        );
    }
}
