//! Leg and dwell records of one replication: a row for every stretch of every observed consignment's time.

use super::Report;
use super::folder::FolderError;
use super::tables::{Column, write_parquet};
use crate::analysis::place_name;
use crate::indicator::Component;
use crate::model::Place;
use crate::random::Seed;
use crate::scenario::settings::Language;
use crate::simulation::{Stretch, simulate_observed};
use crate::units::SimTime;
use std::collections::BTreeMap;
use std::path::Path;

const COLUMNS: [&str; 11] = [
    "consignment",
    "flow",
    "route",
    "step",
    "place_kind",
    "place",
    "cause",
    "component",
    "from_hours",
    "until_hours",
    "created_hours",
];

/// Simulates `replication` once more and writes its records.
pub(super) fn write_trace(report: &Report<'_>, folder: &Path, replication: u64) -> Result<(), FolderError> {
    let model = report.model;
    let seed = Seed(report.options.seed);
    let mut stretches: Vec<Stretch> = Vec::new();
    simulate_observed(
        &model.plan_of(seed, replication),
        model.luck_of(seed, replication),
        &mut stretches,
    );
    // Consignments in the order of their generation, each with its time in order.
    stretches.sort_by_key(|it| (it.created, it.consignment, it.from, it.until));
    let mut numbers: BTreeMap<(SimTime, u64), i64> = BTreeMap::new();
    for stretch in &stretches {
        let next = numbers.len() as i64;
        numbers.entry((stretch.created, stretch.consignment.0)).or_insert(next);
    }
    let meaning = |it: &Stretch| {
        let route = model.typical.strands[it.strand as usize].route as usize;
        (
            &model.layout.routes[route].cells[it.cell as usize],
            report.catalogue.components_of(route)[it.cell as usize],
        )
    };
    let text = |field: &dyn Fn(&Stretch) -> String| Column::Text(stretches.iter().map(field).collect());
    let hours =
        |field: &dyn Fn(&Stretch) -> SimTime| Column::Number(stretches.iter().map(|it| field(it).hours()).collect());
    let component = |component: Component| component.key().to_owned();
    let columns = [
        Column::Whole(
            stretches
                .iter()
                .map(|it| numbers[&(it.created, it.consignment.0)])
                .collect(),
        ),
        text(&|it| model.strand_names(it.strand as usize).0.to_owned()),
        text(&|it| model.strand_names(it.strand as usize).1.to_owned()),
        Column::Whole(stretches.iter().map(|it| meaning(it).0.step as i64).collect()),
        text(&|it| kind(meaning(it).0.place).to_owned()),
        text(&|it| place_name(model, meaning(it).0.place, Language::En)),
        text(&|it| meaning(it).0.cause.key().to_owned()),
        text(&|it| component(meaning(it).1)),
        hours(&|it| it.from),
        hours(&|it| it.until),
        hours(&|it| it.created),
    ];
    write_parquet(folder, "records.parquet", &COLUMNS, &columns)
}

fn kind(place: Place) -> &'static str {
    match place {
        Place::Facility(_) => "facility",
        Place::Link(_) => "link",
        Place::Stop(..) => "stop",
        Place::Leg(..) => "leg",
        Place::Dwell(..) => "dwell",
        Place::Assembly(_) => "assembly",
        Place::Consolidation(_) => "consolidation",
        Place::BreakUp(_) => "break-up",
        Place::Depot(_) => "depot",
    }
}
