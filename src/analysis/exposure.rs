//! Exposure: how much traffic passes each table of a scenario, as shippers choose before anything is simulated. It says
//! how much hangs on a figure.

use crate::model::Model;
use crate::network::RouteStep;
use crate::scenario::demand::{Arrivals, Flow};
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

/// TEU a year expected on a strand.
pub fn teu_per_year(model: &Model, strand: usize) -> f64 {
    let number = model.typical.strands[strand].flow as usize;
    let flow = &model.typical.flows[number];
    let total: f64 = flow.tastes.iter().map(|(weight, _)| weight).sum();
    let share = flow.tastes[strand - flow.strands.start as usize].0 / total;
    let stated = &model.scenario.flows[&model.network.tables.flows[number]];
    share * demand(stated)
}

/// TEU a year of a flow, without its season.
fn demand(flow: &Flow) -> f64 {
    const HOURS_PER_YEAR: f64 = crate::units::HOURS_PER_YEAR;
    if let Some(volume) = &flow.volume {
        return volume.expected() * HOURS_PER_YEAR;
    }
    let size = flow.size.as_ref().map_or(1.0, |size| size.expected_family().mean());
    let batch = flow.batch.as_ref().map_or(1.0, |batch| batch.0.mean());
    let per_hour = match &flow.arrivals {
        Some(Arrivals::Poisson(rate)) => rate.expected(),
        Some(Arrivals::Renewal(renewal)) => 1.0 / renewal.gap.expected_family().mean(),
        Some(Arrivals::Timetable(interval)) => 1.0 / interval.interval.expected(),
        Some(Arrivals::Population(_) | Arrivals::Listed(_)) | None => 0.0,
    };
    size * batch * per_hour * HOURS_PER_YEAR
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
    for step in &model.network.routes[plan.route as usize].steps {
        match *step {
            RouteStep::Link(number) => link(&mut names, number),
            RouteStep::Facility(number) => facility(&mut names, number),
            RouteStep::Assembly(number) => {
                names.insert(format!("assembly.{}", tables.assemblies[number.index()]));
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
    let hit = |patterns: &[String]| {
        patterns
            .iter()
            .any(|pattern| names.iter().any(|name| matches(pattern, name)))
    };
    let disruptions: Vec<String> = scenario
        .disruptions
        .iter()
        .filter(|(_, disruption)| hit(&disruption.hits))
        .map(|(id, _)| format!("disruption.{id}"))
        .collect();
    names.extend(disruptions);
    names
}
