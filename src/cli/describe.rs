//! The command `describe`: what a scenario contains, and where its figures come from.

use super::Failure;
use super::commands::build;
use super::talk::Talk;
use crate::scenario::provenance::{InputRecord, inputs};
use crate::scenario::quantity::Grade;
use crate::scenario::settings::Language;
use crate::units::SimSpan;
use std::fmt::Write as _;

pub(super) fn describe(name: &str, list_inputs: bool, talk: &Talk) -> Result<(), Failure> {
    let model = build(name, SimSpan::ZERO, talk)?;
    let scenario = &model.scenario;
    let records = inputs(scenario);
    if list_inputs {
        return talk.data(&as_csv(&records));
    }
    let tables = &model.network.tables;
    let grades = [Some(Grade::A), Some(Grade::B), Some(Grade::C), Some(Grade::D), None];
    let counted: Vec<(Option<Grade>, usize)> = grades
        .map(|grade| (grade, records.iter().filter(|record| record.grade == grade).count()))
        .to_vec();
    let contents = [
        ("nodes", tables.nodes.len()),
        ("links", tables.links.len()),
        ("services", tables.services.len()),
        ("facilities", tables.facilities.len()),
        ("commodities", tables.commodities.len()),
        ("flows", tables.flows.len()),
        ("routes", model.network.routes.len()),
        ("corridors", tables.corridors.len()),
        ("calendars", scenario.calendars.len()),
        ("seasons", scenario.seasons.len()),
        ("disruptions", scenario.disruptions.len()),
    ];
    if talk.json {
        let contents: serde_json::Map<_, _> = contents
            .iter()
            .map(|(what, count)| ((*what).to_owned(), (*count).into()))
            .collect();
        let grades: serde_json::Map<_, _> = counted
            .iter()
            .map(|(grade, count)| (grade_name(*grade).to_owned(), (*count).into()))
            .collect();
        let value = serde_json::json!({
            "name": scenario.name,
            "title": scenario.about.title,
            "summary": scenario.about.summary,
            "question": scenario.about.question,
            "contents": contents,
            "inputs_by_grade": grades,
        });
        return talk.data(&serde_json::to_string_pretty(&value).unwrap_or_default());
    }
    let mut text = String::new();
    let about = &scenario.about;
    let _ = writeln!(text, "{}", about.title.get_or(Language::En, &scenario.name));
    for line in [about.summary.get(Language::En), about.question.get(Language::En)]
        .iter()
        .filter(|line| !line.is_empty())
    {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    for (what, count) in contents.iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(text, "{count:>6} {what}");
    }
    let total = records.len().max(1) as f64;
    let _ = writeln!(text, "\n{:>6} figures, by grade", records.len());
    for (grade, count) in counted.iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(
            text,
            "{count:>6} {:<26} {:>5.1}%",
            grade_name(*grade),
            *count as f64 / total * 100.0
        );
    }
    talk.data(&text)
}

fn grade_name(grade: Option<Grade>) -> &'static str {
    match grade {
        Some(Grade::A) => "A official",
        Some(Grade::B) => "B published",
        Some(Grade::C) => "C expert knowledge",
        Some(Grade::D) => "D assumed or derived",
        None => "ungraded",
    }
}

fn as_csv(records: &[InputRecord]) -> String {
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
        ]);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
