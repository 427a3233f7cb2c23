//! The summary and the manifest of a run, as JSON.

use super::{Report, Selection};
use crate::analysis::{bottlenecks, place_name};
use crate::experiment::{Effort, Equilibrium, Estimate};
use crate::indicator::{Scope, display_name};
use crate::scenario::Scenario;
use crate::scenario::settings::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// A number; null where it is not one.
fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn estimate(estimate: &Estimate) -> Value {
    json!({
        "estimate": number(estimate.interval.estimate),
        "lower": number(estimate.interval.lower),
        "upper": number(estimate.interval.upper),
        "standard_error": number(estimate.standard_error),
        "groups": estimate.groups,
    })
}

/// How the search for an equilibrium went.
fn equilibrium(found: &Equilibrium) -> Value {
    json!({
        "rounds": found.rounds.len(),
        "gap": number(found.gap()),
        "reached": found.reached,
        "gaps": found.rounds.iter().map(|round| number(round.gap)).collect::<Vec<_>>(),
    })
}

/// All indicators of a subject by name.
fn indicators(report: &Report<'_>, scope: Scope, id: &str) -> Map<String, Value> {
    let numbers = report.catalogue.of_subject(scope, id);
    numbers
        .map(|number| {
            (
                report.catalogue.indicators[number].name.clone(),
                estimate(&report.estimates[number]),
            )
        })
        .collect()
}

/// The headline results: system, corridors, flows, facilities and services, with warnings.
pub(super) fn summary_json(report: &Report<'_>) -> String {
    let model = report.model;
    let scenario = &model.scenario;
    let subject = |scope: Scope, id: &str| {
        let mut fields = Map::new();
        fields.insert(
            "name".to_owned(),
            json!({
                "en": display_name(model, scope, id, Language::En),
                "zh": display_name(model, scope, id, Language::Zh),
            }),
        );
        fields.insert("indicators".to_owned(), Value::Object(indicators(report, scope, id)));
        Value::Object(fields)
    };
    let mut sections = Map::new();
    for group in report.catalogue.groups() {
        let mut value = subject(group.scope, &group.id);
        let worst = bottlenecks(model, report.aggregate, group).into_iter().take(5).map(|it| {
            json!({ "place": place_name(model, it.place, Language::En), "hours_lost_per_consignment": number(it.hours) })
        });
        if group.scope == Scope::Route {
            continue;
        }
        if let Some(fields) = value.as_object_mut() {
            fields.insert("bottlenecks".to_owned(), worst.collect());
        }
        insert(&mut sections, group.scope, &group.id, value);
    }
    let tables = &model.network.tables;
    for facility in &tables.facilities {
        insert(
            &mut sections,
            Scope::Facility,
            &facility.id,
            subject(Scope::Facility, &facility.id),
        );
    }
    for id in scenario.disruptions.keys() {
        insert(&mut sections, Scope::Disruption, id, subject(Scope::Disruption, id));
    }
    for link in &model.typical.links_of_ways {
        let id = &tables.links[link.index()].id;
        insert(&mut sections, Scope::Link, id, subject(Scope::Link, id));
    }
    for service in &tables.services {
        insert(
            &mut sections,
            Scope::Service,
            &service.id,
            subject(Scope::Service, &service.id),
        );
    }
    let stops: Vec<String> = report
        .catalogue
        .indicators
        .iter()
        .filter(|it| it.scope == Scope::Stop && it.name == "departures")
        .map(|it| it.id.clone())
        .collect();
    for stop in stops {
        let value = json!({ "indicators": indicators(report, Scope::Stop, &stop) });
        insert(&mut sections, Scope::Stop, &stop, value);
    }
    for lane in &tables.lanes {
        let value = subject(Scope::Consolidation, &lane.id);
        insert(&mut sections, Scope::Consolidation, &lane.id, value);
    }
    let containers = &model.containers;
    for pool in &containers.pools {
        insert(
            &mut sections,
            Scope::ContainerPool,
            pool,
            subject(Scope::ContainerPool, pool),
        );
    }
    for depot in containers.depots.iter().map(crate::model::DepotRow::id) {
        insert(&mut sections, Scope::Depot, &depot, subject(Scope::Depot, &depot));
    }
    for it in &containers.moves {
        let id = it.id();
        let value = json!({ "indicators": indicators(report, Scope::Repositioning, &id) });
        insert(&mut sections, Scope::Repositioning, &id, value);
    }
    let most_time_lost: Vec<Value> = report
        .worst_time_parts_of(&Selection::default(), 0.0)
        .iter()
        .map(|part| {
            json!({
                "place": { "en": report.place_of(part, Language::En), "zh": report.place_of(part, Language::Zh) },
                "cause": part.cause.key(),
                "hours_per_consignment": {
                    "estimate": number(part.hours.estimate),
                    "lower": number(part.hours.lower),
                    "upper": number(part.hours.upper),
                },
                "share_of_mean_time": number(part.share),
            })
        })
        .collect();
    let window = &model.typical.window;
    let summary = json!({
        "scenario": { "name": scenario.name, "title": { "en": scenario.about.title.get(Language::En), "zh": scenario.about.title.get(Language::Zh) } },
        "currency": scenario.money.currency,
        "confidence": scenario.run.confidence,
        "replications": report.aggregate.replications,
        "groups_of_replications": report.aggregate.groups(),
        "warm_up_hours": window.begin.hours(),
        "interrupted": report.interrupted,
        "equilibrium": report.equilibrium.map(equilibrium),
        "most_time_lost": most_time_lost,
        "warnings": report.warnings.iter().map(|warning| json!({ "about": warning, "message": warning.to_string() })).collect::<Vec<_>>(),
        "results": sections,
    });
    pretty(&summary)
}

fn insert(sections: &mut Map<String, Value>, scope: Scope, id: &str, value: Value) {
    if id.is_empty() {
        sections.insert(scope.key().to_owned(), value);
        return;
    }
    let section = sections.entry(scope.key()).or_insert_with(|| Value::Object(Map::new()));
    if let Some(section) = section.as_object_mut() {
        section.insert(id.to_owned(), value);
    }
}

/// A file that a run was made from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InputFile {
    file: String,
    sha256: String,
}

/// The files that a scenario was read from.
pub fn inputs_of(scenario: &Scenario) -> Vec<InputFile> {
    let files = scenario.files.iter();
    files
        .map(|file| InputFile {
            file: file.name.clone(),
            sha256: hash(file.text.as_bytes()),
        })
        .collect()
}

/// What the run was made of: enough to make it again, byte for byte. Neither the time of day nor the number of threads is
/// in it, since nothing depends on them.
pub(super) fn manifest(report: &Report<'_>) -> String {
    let scenario = &report.model.scenario;
    let effort = match &report.options.effort {
        Effort::Fixed(replications) => json!({ "replications": replications }),
        Effort::Precision {
            indicator,
            relative,
            at_most,
        } => {
            json!({ "indicator": indicator, "relative_half_width": relative, "at_most": at_most })
        }
    };
    let manifest = json!({
        "program": "corridor",
        "version": env!("CARGO_PKG_VERSION"),
        "scenario": scenario.name,
        "scenario_sha256": scenario_hash(scenario),
        "inputs": report.inputs,
        "seed": report.options.seed,
        "effort": effort,
        "replications_done": report.aggregate.replications,
        "warm_up_hours": report.model.typical.window.begin.hours(),
        "equilibrium": report.equilibrium.map(equilibrium),
        "events": report.aggregate.events,
        "consignments": report.aggregate.consignments,
        "interrupted": report.interrupted,
    });
    pretty(&manifest)
}

/// The hash of a scenario as resolved: two scenarios with the same hash give the same results.
pub(super) fn scenario_hash(scenario: &Scenario) -> String {
    hash(scenario.resolved().as_bytes())
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
