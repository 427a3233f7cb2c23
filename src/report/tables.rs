//! Tables: indicators as CSV and Parquet, headline indicators of every replication, months.

use super::Report;
use super::folder::{FolderError, create};
use crate::analysis::{TimePart, frequencies, place_name, time_parts};
use crate::indicator::Whose;
use crate::model::Place;
use crate::scenario::settings::Language;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// A column of a Parquet table.
pub(super) enum Column {
    /// Texts.
    Text(Vec<String>),
    /// Numbers; those that are not one are left empty.
    Number(Vec<f64>),
    /// Whole numbers.
    Whole(Vec<i64>),
}

/// A number as text; nothing where it is not one.
fn cell(value: f64) -> String {
    if value.is_finite() {
        value.to_string()
    } else {
        String::new()
    }
}

pub(super) fn write_all(report: &Report<'_>, folder: &Path) -> Result<(), FolderError> {
    write_indicators_csv(report, folder)?;
    write_indicators_parquet(report, folder)?;
    write_attribution(report, folder)?;
    write_replications(report, folder)?;
    write_months(report, folder)?;
    write_frequencies(report, folder)
}

/// Departures by month of services whose frequency follows demand; no table where there are none.
fn write_frequencies(report: &Report<'_>, folder: &Path) -> Result<(), FolderError> {
    let model = report.model;
    let mut rows: Vec<[String; 6]> = Vec::new();
    for (number, service) in model.network.tables.services.iter().enumerate() {
        for month in frequencies(model, report.aggregate, number) {
            rows.push([
                service.id.clone(),
                model.dates.clock.date(month.begin).to_string(),
                cell(month.departures.mean()),
                cell(month.departures.standard_deviation()),
                cell(month.headway_hours),
                u8::from(month.begin >= model.typical.window.begin).to_string(),
            ]);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let header = [
        "service",
        "month_begins",
        "departures",
        "departures_sd",
        "headway_hours_mean",
        "observed",
    ];
    write_csv(folder, "frequencies.csv", &header, rows.into_iter())
}

/// Writes rows of text as CSV.
pub(super) fn write_csv<R: AsRef<[String]>>(
    folder: &Path,
    name: &str,
    header: &[&str],
    rows: impl Iterator<Item = R>,
) -> Result<(), FolderError> {
    let (path, file) = create(folder, name)?;
    let failed = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => FolderError::Io(path.clone(), error),
        other => FolderError::Content(path.clone(), format!("{other:?}")),
    };
    let mut writer = csv::Writer::from_writer(std::io::BufWriter::new(file));
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(row.as_ref()).map_err(failed)?;
    }
    writer.flush().map_err(|error| FolderError::Io(path.clone(), error))
}

const COLUMNS: [&str; 12] = [
    "scope",
    "id",
    "indicator",
    "unit",
    "estimate",
    "lower",
    "upper",
    "standard_error",
    "groups",
    "sd_day_to_day",
    "sd_inputs",
    "confidence",
];

fn write_indicators_csv(report: &Report<'_>, folder: &Path) -> Result<(), FolderError> {
    let confidence = report.model.scenario.run.confidence;
    let rows = report
        .catalogue
        .indicators
        .iter()
        .zip(report.estimates)
        .map(|(it, estimate)| {
            [
                it.scope.key().to_owned(),
                it.id.clone(),
                it.name.clone(),
                it.unit.replace("money", &report.model.scenario.money.currency),
                cell(estimate.interval.estimate),
                cell(estimate.interval.lower),
                cell(estimate.interval.upper),
                cell(estimate.standard_error),
                estimate.groups.to_string(),
                cell(estimate.aleatory),
                cell(estimate.epistemic),
                confidence.to_string(),
            ]
        });
    write_csv(folder, "indicators.csv", &COLUMNS, rows)
}

fn write_indicators_parquet(report: &Report<'_>, folder: &Path) -> Result<(), FolderError> {
    let indicators = &report.catalogue.indicators;
    let text =
        |field: &dyn Fn(&crate::indicator::Indicator) -> String| Column::Text(indicators.iter().map(field).collect());
    let number = |field: &dyn Fn(&crate::experiment::Estimate) -> f64| {
        Column::Number(report.estimates.iter().map(field).collect())
    };
    let confidence = report.model.scenario.run.confidence;
    let currency = &report.model.scenario.money.currency;
    let columns = [
        text(&|it| it.scope.key().to_owned()),
        text(&|it| it.id.clone()),
        text(&|it| it.name.clone()),
        text(&|it| it.unit.replace("money", currency)),
        number(&|it| it.interval.estimate),
        number(&|it| it.interval.lower),
        number(&|it| it.interval.upper),
        number(&|it| it.standard_error),
        Column::Whole(report.estimates.iter().map(|it| it.groups as i64).collect()),
        number(&|it| it.aleatory),
        number(&|it| it.epistemic),
        number(&|_| confidence),
    ];
    write_parquet(folder, "indicators.parquet", &COLUMNS, &columns)
}

/// The key of the sort of a place.
pub(super) fn kind(place: Place) -> &'static str {
    match place {
        Place::Facility(_) => "facility",
        Place::Link(_) => "link",
        Place::Stop(..) => "stop",
        Place::Leg(..) => "leg",
        Place::Dwell(..) => "dwell",
        Place::Assembly(_) => "assembly",
        Place::Depot(_) => "depot",
        Place::Consolidation(_) => "consolidation",
        Place::BreakUp(_) => "break-up",
    }
}

/// The time of consignments by corridor, place and cause, as CSV and Parquet.
fn write_attribution(report: &Report<'_>, folder: &Path) -> Result<(), FolderError> {
    let model = report.model;
    let confidence = model.scenario.run.confidence;
    let parts = time_parts(report.catalogue, report.aggregate, confidence);
    let scope = |part: &TimePart| match part.whose {
        Whose::Headlines => "headline_corridors",
        Whose::Corridor(_) => "corridor",
    };
    let corridor = |part: &TimePart| match part.whose {
        Whose::Headlines => "",
        Whose::Corridor(number) => model.network.tables.corridors.get(number).map_or("", String::as_str),
    };
    let text = |field: &dyn Fn(&TimePart) -> String| Column::Text(parts.iter().map(field).collect());
    let number = |field: &dyn Fn(&TimePart) -> f64| Column::Number(parts.iter().map(field).collect());
    let columns = [
        text(&|part| scope(part).to_owned()),
        text(&|part| corridor(part).to_owned()),
        text(&|part| kind(part.place).to_owned()),
        text(&|part| place_name(model, part.place, Language::En)),
        text(&|part| part.cause.key().to_owned()),
        number(&|part| part.hours.estimate),
        number(&|part| part.hours.lower),
        number(&|part| part.hours.upper),
        number(&|part| part.standard_error),
        number(&|part| part.share),
        Column::Whole(parts.iter().map(|part| part.groups as i64).collect()),
        number(&|_| confidence),
    ];
    let rows = (0..parts.len()).map(|row| columns.iter().map(|column| column.text(row)).collect::<Vec<_>>());
    write_csv(folder, "attribution.csv", &ATTRIBUTION_COLUMNS, rows)?;
    write_parquet(folder, "attribution.parquet", &ATTRIBUTION_COLUMNS, &columns)
}

const ATTRIBUTION_COLUMNS: [&str; 12] = [
    "scope",
    "corridor",
    "place_kind",
    "place",
    "cause",
    "hours_per_consignment",
    "lower",
    "upper",
    "standard_error",
    "share_of_mean_time",
    "groups",
    "confidence",
];

impl Column {
    /// An entry as text.
    fn text(&self, row: usize) -> String {
        match self {
            Self::Text(texts) => texts[row].clone(),
            Self::Number(numbers) => cell(numbers[row]),
            Self::Whole(numbers) => numbers[row].to_string(),
        }
    }
}

/// Writes a table as Parquet, compressed with zstd.
pub(super) fn write_parquet(folder: &Path, name: &str, names: &[&str], columns: &[Column]) -> Result<(), FolderError> {
    let (path, file) = create(folder, name)?;
    parquet_table(file, names, columns).map_err(|error| match error {
        parquet::errors::ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(io) => FolderError::Io(path.clone(), *io),
            Err(other) => FolderError::Content(path.clone(), other.to_string()),
        },
        other => FolderError::Content(path.clone(), other.to_string()),
    })
}

fn parquet_table(file: File, names: &[&str], columns: &[Column]) -> parquet::errors::Result<()> {
    let fields: String = names
        .iter()
        .zip(columns)
        .map(|(name, column)| match column {
            Column::Text(_) => format!("required binary {name} (UTF8); "),
            Column::Number(_) => format!("optional double {name}; "),
            Column::Whole(_) => format!("required int64 {name}; "),
        })
        .collect();
    let schema = Arc::new(parse_message_type(&format!("message table {{ {fields} }}"))?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for column in columns {
        let Some(mut target) = group.next_column()? else { break };
        match column {
            Column::Text(texts) => {
                let values: Vec<ByteArray> = texts.iter().map(|text| text.as_str().into()).collect();
                target.typed::<ByteArrayType>().write_batch(&values, None, None)?;
            }
            Column::Number(numbers) => {
                let present: Vec<i16> = numbers.iter().map(|number| i16::from(number.is_finite())).collect();
                let values: Vec<f64> = numbers.iter().copied().filter(|number| number.is_finite()).collect();
                target
                    .typed::<DoubleType>()
                    .write_batch(&values, Some(&present), None)?;
            }
            Column::Whole(numbers) => {
                target.typed::<Int64Type>().write_batch(numbers, None, None)?;
            }
        }
        target.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(())
}

/// The headline indicators of every replication, one row each.
fn write_replications(report: &Report<'_>, folder: &Path) -> Result<(), FolderError> {
    let keys: Vec<String> = report
        .catalogue
        .headlines
        .iter()
        .map(|number| report.catalogue.indicators[*number].key())
        .collect();
    let header: Vec<&str> = std::iter::once("replication")
        .chain(keys.iter().map(String::as_str))
        .collect();
    let rows = report.aggregate.headlines.iter().map(|(replication, values)| {
        std::iter::once(replication.to_string())
            .chain(values.iter().map(|value| cell(*value)))
            .collect::<Vec<_>>()
    });
    write_csv(folder, "replications.csv", &header, rows)
}

/// TEU by corridor and month.
fn write_months(report: &Report<'_>, folder: &Path) -> Result<(), FolderError> {
    let model = report.model;
    let clock = &model.dates.clock;
    let months = model.dates.clock.months(model.dates.horizon);
    let mut rows: Vec<[String; 9]> = Vec::new();
    for (corridor, series) in report.aggregate.months.iter().enumerate() {
        let id = model.network.tables.corridors.get(corridor).map_or("", String::as_str);
        let mut begin = crate::units::SimTime::START;
        for (number, sums) in series.iter().enumerate() {
            let [generated, delivered, backlog] = sums;
            rows.push([
                id.to_owned(),
                clock.date(begin).to_string(),
                cell(generated.mean()),
                cell(generated.standard_deviation()),
                cell(delivered.mean()),
                cell(delivered.standard_deviation()),
                cell(backlog.mean()),
                cell(backlog.standard_deviation()),
                u8::from(begin >= model.typical.window.begin).to_string(),
            ]);
            begin = months.get(number).copied().unwrap_or(begin);
        }
    }
    let header = [
        "corridor",
        "month_begins",
        "generated_teu",
        "generated_teu_sd",
        "delivered_teu",
        "delivered_teu_sd",
        "under_way_teu",
        "under_way_teu_sd",
        "observed",
    ];
    write_csv(folder, "months.csv", &header, rows.into_iter())
}
