//! The short commands: check, list, schema, completions.

use super::Failure;
use super::arguments::Arguments;
use super::talk::Talk;
use crate::indicator::targets_without_indicator;
use crate::model::{self, Model};
use crate::report::network_geojson;
use crate::scenario::fault::Faults;
use crate::scenario::files::{Location, shipped_names};
use crate::scenario::settings::Language;
use crate::scenario::{self, Overlay, Scenario, measures_beside, reference};
use crate::units::SimSpan;
use clap::CommandFactory;
use std::sync::Arc;

/// Reads a scenario, showing its faults.
pub(super) fn load(name: &str, overlay: &Overlay, talk: &Talk) -> Result<Scenario, Failure> {
    if let Some(location) = Location::find(name).filter(|_| Location::hides_shipped(name)) {
        talk.warn(&format!(
            "`{name}` is {} here, not the shipped scenario of this name; write ./{name} to say so",
            location.display()
        ));
    }
    let ground = ground(name, overlay, talk);
    let expanded = overlay.measures.iter().flat_map(|it| measures_beside(&ground, it));
    let overlay = Overlay {
        measures: expanded.collect(),
        ..*overlay
    };
    scenario::load_with(&ground, &overlay).map_err(|faults| faulty(&ground, &faults, talk))
}

/// The scenario over which something is laid: the named one, or where measures act if that is another.
pub(super) fn ground(name: &str, overlay: &Overlay, talk: &Talk) -> String {
    let other = scenario::ground_of_measures(name).filter(|_| *overlay != Overlay::default());
    other.map_or_else(
        || name.to_owned(),
        |other| {
            talk.say(&format!("measures of {name} act in {other}, which is taken instead"));
            other
        },
    )
}

/// Shows the faults of a scenario, for which a command ends.
pub(super) fn faulty(name: &str, faults: &Faults, talk: &Talk) -> Failure {
    match talk.faults(name, faults) {
        Ok(()) => Failure::Scenario,
        Err(failure) => failure,
    }
}

/// Compiles a scenario, showing its faults.
pub(super) fn compile(scenario: &Arc<Scenario>, warm_up: SimSpan, talk: &Talk) -> Result<Model, Failure> {
    model::build(Arc::clone(scenario), warm_up).map_err(|faults| faulty(&scenario.name, &faults, talk))
}

/// Reads a scenario and compiles it, showing the faults of either.
pub(super) fn build(name: &str, overlay: &Overlay, warm_up: SimSpan, talk: &Talk) -> Result<Model, Failure> {
    let scenario = load(name, overlay, talk)?;
    model::build(Arc::new(scenario), warm_up).map_err(|faults| faulty(name, &faults, talk))
}

pub(super) fn check(name: &str, overlay: &Overlay, talk: &Talk) -> Result<(), Failure> {
    let model = build(name, overlay, SimSpan::ZERO, talk)?;
    let mut warnings = model.scenario.warnings();
    warnings.list.extend(targets_without_indicator(&model).list);
    if talk.json {
        talk.faults(name, &warnings)?;
    } else {
        talk.warnings(&warnings);
    }
    let tables = &model.network.tables;
    let name = scenario::ground_of_measures(name)
        .filter(|_| *overlay != Overlay::default())
        .unwrap_or_else(|| name.to_owned());
    talk.say(&format!(
        "{name} is in order: {} nodes, {} links, {} services, {} facilities, {} flows on {} routes",
        tables.nodes.len(),
        tables.links.len(),
        tables.services.len(),
        tables.facilities.len(),
        tables.flows.len(),
        model.network.routes.len()
    ));
    Ok(())
}

pub(super) fn map(name: &str, overlay: &Overlay, talk: &Talk) -> Result<(), Failure> {
    let model = build(name, overlay, SimSpan::ZERO, talk)?;
    let network = network_geojson(&model);
    let placeless = model.network.tables.nodes.iter().filter(|node| node.position.is_none());
    match placeless.count() {
        0 => {}
        count => talk.say(&format!(
            "{count} nodes have no position and are left out, with their links"
        )),
    }
    talk.data(&network.to_string())
}

pub(super) fn list(language: Language, talk: &Talk) -> Result<(), Failure> {
    let rows: Vec<(String, String, String)> = shipped_names()
        .into_iter()
        .filter_map(|name| {
            // A shipped scenario that cannot be read is found by the tests, not by the user.
            let about = scenario::load(&name).ok()?.about;
            let text = |text: &crate::scenario::settings::Text| text.get(language).to_owned();
            Some((name, text(&about.title), text(&about.question)))
        })
        .collect();
    if talk.json {
        let list: Vec<_> = rows
            .iter()
            .map(|(name, title, question)| serde_json::json!({ "name": name, "title": title, "question": question }))
            .collect();
        return talk.data(&serde_json::to_string_pretty(&list).unwrap_or_default());
    }
    let width = rows.iter().map(|(name, _, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<String> = rows
        .iter()
        .map(|(name, title, question)| format!("{name:width$}  {title}\n{:width$}  {question}", ""))
        .collect();
    talk.data(&lines.join("\n"))
}

pub(super) fn schema(markdown: bool, talk: &Talk) -> Result<(), Failure> {
    if markdown {
        talk.data(&reference::markdown())
    } else {
        talk.data(&serde_json::to_string_pretty(&reference::schema()).unwrap_or_default())
    }
}

pub(super) fn completions(shell: clap_complete::Shell, talk: &Talk) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "corridor", &mut script);
    talk.data(&String::from_utf8_lossy(&script))
}
