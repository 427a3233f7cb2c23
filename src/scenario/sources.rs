//! Tables of sources: published figures by key, with publisher, date, address and grade.

use super::fault::Fault;
use super::quantity::Grade;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A published figure.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct SourceFigure {
    /// Its key.
    pub key: String,
    /// Smallest value, where a range is given.
    pub value_min: Option<f64>,
    /// Typical value.
    pub value_typ: Option<f64>,
    /// Largest value.
    pub value_max: Option<f64>,
    /// Unit, as printed.
    pub unit: String,
    /// Year or period that it is about.
    pub year: String,
    /// Grade.
    pub grade: Grade,
    /// Title of the source.
    pub source_title: String,
    /// Who published it.
    pub source_publisher: String,
    /// When.
    pub source_date: String,
    /// Where.
    pub source_url: String,
    /// What else there is to know.
    pub note: String,
}

/// Published figures by key.
pub type Sources = BTreeMap<String, SourceFigure>;

/// The columns of a table of sources; those of figures may be left out.
const COLUMNS: [&str; 12] = [
    "key",
    "value_min",
    "value_typ",
    "value_max",
    "unit",
    "year",
    "grade",
    "source_title",
    "source_publisher",
    "source_date",
    "source_url",
    "note",
];

/// Adds the figures of a CSV table of sources to `sources`.
///
/// # Errors
/// When the table cannot be read at all.
pub fn read_sources(text: &str, file: usize, sources: &mut Sources, faults: &mut Vec<Fault>) -> Result<(), Fault> {
    let key = "scenario.sources";
    let headers = super::table::headers(text, file, key, COLUMNS[0])?;
    let remedy = || format!("a table of sources has the columns {}", COLUMNS.join(", "));
    let missing: Vec<&str> = COLUMNS
        .into_iter()
        .filter(|column| !column.starts_with("value_") && !headers.iter().any(|header| header == *column))
        .collect();
    if !missing.is_empty() {
        let plural = if missing.len() == 1 { "" } else { "s" };
        let message = format!("the header lacks the column{plural} {}", missing.join(", "));
        return Err(Fault::error("missing-key", key, message)
            .at(Some(super::table::line_at(text, file, 0)), "header")
            .remedy(remedy()));
    }
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    for row in reader.deserialize::<SourceFigure>() {
        match row {
            Ok(figure) => {
                sources.insert(figure.key.clone(), figure);
            }
            Err(error) => {
                let start = error.position().map_or(0, |position| position.byte() as usize);
                faults.push(
                    Fault::error("syntax", key, message(&error, &headers))
                        .at(Some(super::table::line_at(text, file, start)), "this row")
                        .remedy(remedy()),
                );
            }
        }
    }
    Ok(())
}

/// What is wrong with a row, in the user's words.
fn message(error: &csv::Error, headers: &csv::StringRecord) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("this row has {len} cells, where the header has {expected_len} columns")
        }
        csv::ErrorKind::Deserialize { err, .. } => {
            let column = err.field().and_then(|field| headers.get(field as usize));
            let column = column.map_or(String::new(), |column| format!("`{column}`: "));
            format!("this row cannot be read: {column}{}", err.kind())
        }
        _ => format!("this row cannot be read: {error}"),
    }
}
