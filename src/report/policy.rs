//! A policy's targets and who answers for them, as tables.

use super::folder::FolderError;
use super::tables::write_csv;
use super::terminal::table;
use super::words::Word;
use crate::analysis::{TargetStatus, duties, target_statuses};
use crate::indicator::Catalogue;
use crate::model::Model;
use crate::scenario::settings::Language;
use std::path::Path;

/// One side of a comparison, or a run.
#[derive(Clone, Copy)]
pub(super) struct PolicySide<'a> {
    pub model: &'a Model,
    pub catalogue: &'a Catalogue,
    /// The mean of an indicator by its number.
    pub mean: &'a dyn Fn(usize) -> f64,
}

impl<'a> PolicySide<'a> {
    fn statuses(&self) -> Vec<TargetStatus<'a>> {
        target_statuses(self.model, self.catalogue, self.mean)
    }
}

/// A number with as many digits as a target needs.
fn number(value: f64) -> String {
    if value.is_nan() {
        "–".to_owned()
    } else if (value - value.round()).abs() < 1e-6 || value.abs() >= 1000.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

/// The level of a target before, where there is a before.
fn before_of(before: Option<&[TargetStatus<'_>]>, id: &str) -> Option<f64> {
    Some(before?.iter().find(|it| it.id == id)?.level)
}

/// The targets in a table; nothing where there are none or no measure is in force.
pub(super) fn target_table(before: Option<PolicySide<'_>>, side: PolicySide<'_>, language: Language) -> String {
    if side.model.scenario.measures.is_empty() || side.model.scenario.targets.is_empty() {
        return String::new();
    }
    let earlier = before.map(|before| before.statuses());
    let mut words = vec![Word::TargetColumn, Word::AimColumn];
    if earlier.is_some() {
        words.push(Word::BeforeColumn);
    }
    words.extend([Word::LevelColumn, Word::MetColumn, Word::KindColumn]);
    let words: Vec<&str> = words.iter().map(|word| word.text(language)).collect();
    let mut rows = table(&words);
    for it in side.statuses() {
        let unit = it.target.unit.get(language);
        let name = it.target.name.get_or(language, it.id);
        let mut cells = vec![
            if unit.is_empty() {
                name.to_owned()
            } else {
                format!("{name} [{unit}]")
            },
            it.aimed
                .map_or_else(String::new, |aimed| format!("{} {}", it.sign(), number(aimed))),
        ];
        if earlier.is_some() {
            cells.push(before_of(earlier.as_deref(), it.id).map_or_else(String::new, number));
        }
        let kind = if it.is_simulated() {
            Word::Simulated
        } else {
            Word::InputTracked
        };
        cells.extend([
            number(it.level),
            it.met.map_or_else(String::new, |met| format!("{:.0}%", 100.0 * met)),
            kind.text(language).to_owned(),
        ]);
        rows.add_row(cells);
    }
    format!("{}\n{rows}\n", Word::TargetsTitle.text(language))
}

/// Writes targets, and what each body has to deliver; nothing where there is none of it.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(before: Option<PolicySide<'_>>, side: PolicySide<'_>, folder: &Path) -> Result<(), FolderError> {
    let earlier = before.map(|before| before.statuses());
    let statuses = side.statuses();
    if !statuses.is_empty() {
        let header = [
            "target",
            "name",
            "name_zh",
            "instrument",
            "unit",
            "aim",
            "number",
            "kind",
            "before",
            "level",
            "met",
            "remark",
        ];
        let rows = statuses.iter().map(|it| {
            let cell = |value: Option<f64>| {
                value
                    .filter(|it| it.is_finite())
                    .map_or_else(String::new, |it| it.to_string())
            };
            [
                it.id.to_owned(),
                it.target.name.get(Language::En).to_owned(),
                it.target.name.get(Language::Zh).to_owned(),
                it.target.instrument.clone(),
                it.target.unit.get(Language::En).to_owned(),
                it.sign().to_owned(),
                cell(it.aimed),
                if it.is_simulated() {
                    "simulated"
                } else {
                    "input-tracked"
                }
                .to_owned(),
                cell(before_of(earlier.as_deref(), it.id)),
                cell(Some(it.level)),
                cell(it.met),
                it.target.remark.get(Language::En).to_owned(),
            ]
        });
        write_csv(folder, "targets.csv", &header, rows)?;
    }
    let duties = duties(side.model);
    if duties.is_empty() {
        return Ok(());
    }
    let header = [
        "body",
        "measures",
        "instruments",
        "acting",
        "in_full_by_end",
        "delivery_probability",
        "strength_at_end",
    ];
    let rows = duties.iter().map(|(body, duty)| {
        [
            (*body).to_owned(),
            duty.measures.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
            duty.instruments.to_string(),
            duty.acting.to_string(),
            duty.complete.to_string(),
            duty.delivery.to_string(),
            duty.at_end.to_string(),
        ]
    });
    write_csv(folder, "delivery.csv", &header, rows)
}

/// What each body has to deliver, in a table; nothing where no measure is in force.
pub fn duty_table(model: &Model, language: Language) -> String {
    let duties = duties(model);
    if duties.is_empty() {
        return String::new();
    }
    let words = [
        Word::BodyColumn,
        Word::MeasuresColumn,
        Word::InstrumentsColumn,
        Word::ActingColumn,
        Word::CompleteColumn,
        Word::DeliveryColumn,
        Word::StrengthColumn,
    ];
    let mut rows = table(&words.map(|word| word.text(language)));
    for (body, duty) in duties {
        rows.add_row([
            body.to_owned(),
            duty.measures.len().to_string(),
            duty.instruments.to_string(),
            duty.acting.to_string(),
            duty.complete.to_string(),
            format!("{:.0}%", 100.0 * duty.delivery),
            format!("{:.0}%", 100.0 * duty.at_end),
        ]);
    }
    format!("{}\n{rows}\n", Word::DutiesTitle.text(language))
}
