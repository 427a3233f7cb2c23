//! The command `describe`: what a scenario contains, and where its figures come from.

use super::Failure;
use super::commands::build;
use super::talk::Talk;
use crate::analysis::Exposure;
use crate::scenario::provenance::{InputRecord, inputs};
use crate::scenario::quantity::Grade;
use crate::scenario::settings::Language;
use crate::units::SimSpan;
use std::fmt::Write as _;

pub(super) fn describe(name: &str, list_inputs: bool, talk: &Talk) -> Result<(), Failure> {
    let model = build(name, SimSpan::ZERO, talk)?;
    let scenario = &model.scenario;
    let records = inputs(scenario);
    let exposure = Exposure::of(&model);
    if list_inputs {
        return talk.data(&as_csv(&records, &exposure));
    }
    let tables = &model.network.tables;
    let grades = [Some(Grade::A), Some(Grade::B), Some(Grade::C), Some(Grade::D), None];
    let all: f64 = records.iter().map(|record| exposure.of_figure(&record.key)).sum();
    let counted = grades.map(|grade| {
        let of_grade: Vec<&InputRecord> = records.iter().filter(|record| record.grade == grade).collect();
        let traffic: f64 = of_grade.iter().map(|record| exposure.of_figure(&record.key)).sum();
        Counted {
            grade,
            figures: of_grade.len(),
            by_figures: of_grade.len() as f64 / records.len().max(1) as f64,
            by_traffic: if all > 0.0 { traffic / all } else { 0.0 },
        }
    });
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
            .map(|it| {
                let value = serde_json::json!({
                    "figures": it.figures,
                    "share_of_figures": it.by_figures,
                    "share_weighted_by_traffic": it.by_traffic,
                });
                (grade_name(it.grade).to_owned(), value)
            })
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
    let _ = writeln!(
        text,
        "\n{:>6} figures, by grade{:>19}   weighted by the traffic that passes",
        records.len(),
        "share"
    );
    for it in counted.iter().filter(|it| it.figures > 0) {
        let _ = writeln!(
            text,
            "{:>6} {:<26} {:>5.1}%   {:>5.1}%",
            it.figures,
            grade_name(it.grade),
            it.by_figures * 100.0,
            it.by_traffic * 100.0
        );
    }
    let _ = writeln!(text, "\n{:>6.0} TEU a year expected", exposure.whole());
    talk.data(&text)
}

/// The figures of one grade.
struct Counted {
    grade: Option<Grade>,
    figures: usize,
    by_figures: f64,
    by_traffic: f64,
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
