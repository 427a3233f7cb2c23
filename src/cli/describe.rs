//! The command `describe`: what a scenario contains, and where its figures come from.

use super::Failure;
use super::commands::build;
use super::talk::Talk;
use crate::analysis::Exposure;
use crate::model::Model;
use crate::report::{Word, duty_table};
use crate::scenario::Overlay;
use crate::scenario::provenance::{InputRecord, inputs};
use crate::scenario::quantity::Grade;
use crate::scenario::settings::Language;
use crate::units::SimSpan;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

pub(super) fn describe(
    name: &str,
    overlay: &Overlay,
    list_inputs: bool,
    language: Language,
    talk: &Talk,
) -> Result<(), Failure> {
    let model = build(name, overlay, SimSpan::ZERO, talk)?;
    let records = inputs(&model.scenario);
    let exposure = Exposure::of(&model);
    if list_inputs {
        return talk.data(&as_csv(&records, &exposure));
    }
    let counted = by_grade(&records, &exposure);
    if talk.json {
        let value = as_json(&model, &counted);
        return talk.data(&serde_json::to_string_pretty(&value).unwrap_or_default());
    }
    talk.data(&as_text(&model, &counted, exposure.whole(), language))
}

/// How many things there are of each kind.
fn contents(model: &Model) -> [(Word, usize); 11] {
    let (tables, scenario) = (&model.network.tables, &model.scenario);
    [
        (Word::Nodes, tables.nodes.len()),
        (Word::Links, tables.links.len()),
        (Word::Services, tables.services.len()),
        (Word::Facilities, tables.facilities.len()),
        (Word::Commodities, tables.commodities.len()),
        (Word::Flows, tables.flows.len()),
        (Word::Routes, model.network.routes.len()),
        (Word::Corridors, tables.corridors.len()),
        (Word::Calendars, scenario.calendars.len()),
        (Word::Seasons, scenario.seasons.len()),
        (Word::Disruptions, scenario.disruptions.len()),
    ]
}

/// The figures of each grade, with their shares.
fn by_grade(records: &[InputRecord], exposure: &Exposure) -> [Counted; 5] {
    let grades = [Some(Grade::A), Some(Grade::B), Some(Grade::C), Some(Grade::D), None];
    let all: f64 = records.iter().map(|record| exposure.of_figure(&record.key)).sum();
    grades.map(|grade| {
        let of_grade: Vec<&InputRecord> = records.iter().filter(|record| record.grade == grade).collect();
        let traffic: f64 = of_grade.iter().map(|record| exposure.of_figure(&record.key)).sum();
        Counted {
            grade,
            figures: of_grade.len(),
            by_figures: of_grade.len() as f64 / records.len().max(1) as f64,
            by_traffic: if all > 0.0 { traffic / all } else { 0.0 },
        }
    })
}

fn as_json(model: &Model, counted: &[Counted]) -> serde_json::Value {
    let about = &model.scenario.about;
    let contents: serde_json::Map<_, _> = contents(model)
        .iter()
        .map(|(what, count)| (what.text(Language::En).to_owned(), (*count).into()))
        .collect();
    let grades: serde_json::Map<_, _> = counted
        .iter()
        .map(|it| {
            let value = serde_json::json!({
                "figures": it.figures,
                "share_of_figures": it.by_figures,
                "share_weighted_by_traffic": it.by_traffic,
            });
            (grade_name(it.grade).text(Language::En).to_owned(), value)
        })
        .collect();
    serde_json::json!({
        "name": model.scenario.name,
        "title": about.title,
        "summary": about.summary,
        "question": about.question,
        "contents": contents,
        "inputs_by_grade": grades,
    })
}

fn as_text(model: &Model, counted: &[Counted], teu_per_year: f64, language: Language) -> String {
    let about = &model.scenario.about;
    let mut text = format!("{}\n", about.title.get_or(language, &model.scenario.name));
    for line in [about.summary.get(language), about.question.get(language)] {
        if !line.is_empty() {
            let _ = writeln!(text, "{line}");
        }
    }
    text.push('\n');
    for (what, count) in contents(model).iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(text, "{count:>6} {}", what.text(language));
    }
    let figures: usize = counted.iter().map(|it| it.figures).sum();
    let _ = writeln!(
        text,
        "\n{figures:>6} {} {}   {}",
        padded(Word::FiguresByGrade.text(language), GRADE_WIDTH),
        padded_left(Word::ShareOfFigures.text(language), SHARE_WIDTH),
        Word::ShareByTraffic.text(language)
    );
    for it in counted.iter().filter(|it| it.figures > 0) {
        let _ = writeln!(
            text,
            "{:>6} {} {:>5.1}%   {:>5.1}%",
            it.figures,
            padded(grade_name(it.grade).text(language), GRADE_WIDTH),
            it.by_figures * 100.0,
            it.by_traffic * 100.0
        );
    }
    let teu = format!("{teu_per_year:>6.0}");
    let _ = writeln!(text, "\n{}", Word::TeuExpected.filled(language, &[&teu]));
    let duties = duty_table(model, language);
    if !duties.is_empty() {
        let _ = write!(text, "\n{duties}");
    }
    text
}

/// Columns of the terminal that grades and shares take.
const GRADE_WIDTH: usize = 26;
const SHARE_WIDTH: usize = 6;

/// `text` with spaces behind it; Chinese characters take two columns, which `format!` does not know.
fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// `text` with spaces before it.
fn padded_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// The figures of one grade.
struct Counted {
    grade: Option<Grade>,
    figures: usize,
    by_figures: f64,
    by_traffic: f64,
}

fn grade_name(grade: Option<Grade>) -> Word {
    match grade {
        Some(Grade::A) => Word::GradeA,
        Some(Grade::B) => Word::GradeB,
        Some(Grade::C) => Word::GradeC,
        Some(Grade::D) => Word::GradeD,
        None => Word::Ungraded,
    }
}

fn as_csv(records: &[InputRecord], exposure: &Exposure) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory does not fail.
    let _ = writer.write_record([
        "key",
        "value",
        "grade",
        "source",
        "derived",
        "publisher",
        "date",
        "address",
        "teu_per_year",
    ]);
    for it in records {
        let grade = it.grade.map_or(String::new(), |grade| format!("{grade:?}"));
        let _ = writer.write_record([
            &it.key,
            &it.value,
            &grade,
            &it.source,
            &it.derived,
            &it.publisher,
            &it.date,
            &it.address,
            &format!("{:.0}", exposure.of_figure(&it.key)),
        ]);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
