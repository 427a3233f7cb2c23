//! Exposure: how much traffic passes each table of a scenario, as shippers choose before anything is simulated. It says
//! how much hangs on a figure.

use crate::indicator::teu_per_year;
use crate::model::Model;
use crate::network::RouteStep;
use crate::scenario::matching::matches;
use std::collections::{BTreeMap, BTreeSet};

/// TEU a year that pass what a table of the scenario describes.
pub struct Exposure {
    of_tables: BTreeMap<String, f64>,
    whole: f64,
}

impl Exposure {
    /// The exposure of all tables, at the inputs' expected values.
    pub fn of(model: &Model) -> Self {
        let mut exposure = Self {
            of_tables: BTreeMap::new(),
            whole: 0.0,
        };
        for strand in 0..model.typical.strands.len() {
            let volume = teu_per_year(model, strand);
            exposure.whole += volume;
            for table in tables_of(model, strand) {
                *exposure.of_tables.entry(table).or_default() += volume;
            }
        }
        exposure
    }

    /// TEU a year that hang on the figure at `key`, such as `link.suez.time.min`; all of them for what is stated for
    /// the whole scenario, such as an exchange rate.
    pub fn of_figure(&self, key: &str) -> f64 {
        let table = key.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        if table.starts_with("money.") {
            return self.whole;
        }
        self.of_tables.get(&table).copied().unwrap_or(0.0)
    }

    /// TEU a year of all flows.
    pub fn whole(&self) -> f64 {
        self.whole
    }
}

/// The tables that what moves on a strand depends on, as `section.name`.
fn tables_of(model: &Model, strand: usize) -> BTreeSet<String> {
    let (tables, scenario) = (&model.network.tables, &model.scenario);
    let plan = &model.typical.strands[strand];
    let id = &tables.flows[plan.flow as usize];
    let flow = &scenario.flows[id];
    let mut names = BTreeSet::from([format!("flow.{id}")]);
    names.extend(flow.commodity.iter().map(|goods| format!("commodity.{goods}")));
    names.extend(flow.season.iter().map(|season| format!("season.{season}")));
    let link = |names: &mut BTreeSet<String>, number: crate::units::LinkId| {
        let row = &tables.links[number.index()];
        names.insert(format!("link.{}", row.key));
        let ends = [row.from, row.to].into_iter().flatten();
        names.extend(ends.map(|node| format!("node.{}", tables.nodes[node.index()].id)));
        let stated = scenario.links.get(&row.key);
        let season = stated.and_then(|link| link.depth_season.as_ref());
        names.extend(season.map(|season| format!("season.{season}")));
    };
    let facility = |names: &mut BTreeSet<String>, number: crate::units::FacilityId| {
        let id = &tables.facilities[number.index()].id;
        names.insert(format!("facility.{id}"));
        let calendar = scenario.facilities.get(id).and_then(|it| it.calendar.as_ref());
        names.extend(calendar.map(|calendar| format!("calendar.{calendar}")));
    };
    let steps = &model.network.routes[plan.route as usize].steps;
    let lanes = steps.iter().filter(|step| matches!(step, RouteStep::Consolidated(_)));
    for step in lanes.copied().chain(tables.laid_open(steps)) {
        match step {
            RouteStep::Link(number) => link(&mut names, number),
            RouteStep::Facility(number) => facility(&mut names, number),
            RouteStep::Assembly(number) => {
                names.insert(format!("assembly.{}", tables.assemblies[number.index()]));
            }
            RouteStep::Consolidated(lane) => {
                names.insert(format!("consolidation.{}", tables.lanes[lane.index()].consolidation));
            }
            RouteStep::Ride { service, from, to } => {
                let row = &tables.services[service.index()];
                names.insert(format!("service.{}", row.id));
                for stop in from..to {
                    if let Some(number) = row.legs[stop].link {
                        link(&mut names, number);
                    }
                    for number in &row.facilities[stop + 1] {
                        facility(&mut names, *number);
                    }
                }
            }
        }
    }
    let hit = |pattern: &String| names.iter().any(|name| matches(pattern, name));
    let disruptions: Vec<String> = scenario
        .disruptions
        .iter()
        .filter(|(_, disruption)| disruption.all_hits().any(hit))
        .map(|(id, _)| format!("disruption.{id}"))
        .collect();
    names.extend(disruptions);
    names
}
