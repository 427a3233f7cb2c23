//! The summary that stands in the terminal when a run is done.

use super::Report;
use super::policy::target_table;
use super::words::{self, Word};
use crate::experiment::Estimate;
use crate::indicator::{Group, Scope, Whose, display_name};
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

/// A rule above, below and under the header.
const RULES: TableStyle = TableStyle::new()
    .top_border(RULE)
    .header_separator(RULE)
    .bottom_border(RULE);
const RULE: LineStyle = LineStyle::none().fill('─').junction('─');

/// Hours below which nothing is listed: what would be shown as none.
const LEAST_LOSS: f64 = 0.05;

/// How many flows or facilities are shown at most.
const ROWS: usize = 12;

/// The summary: a table of corridors (or flows where there are none) and, for models without them, of facilities.
pub fn terminal_summary(report: &Report<'_>) -> String {
    let scenario = &report.model.scenario;
    let title = scenario.about.title.get_or(report.language, &scenario.name);
    let run = &scenario.run;
    let mut text = format!(
        "{title}\n{}\n",
        Word::RunLine.filled(
            report.language,
            &[
                &report.aggregate.replications,
                &report.options.seed,
                &format!("{:.0}", run.confidence * 100.0),
            ],
        )
    );
    let of = |scope: Scope| {
        report
            .catalogue
            .groups()
            .iter()
            .filter(move |group| group.scope == scope)
    };
    let selection = report.selection;
    let mut groups: Vec<&Group> = of(Scope::Corridor).filter(|group| selection.shows(&group.id)).collect();
    if groups.is_empty() {
        groups = of(Scope::Flow).take(ROWS).collect();
    }
    // What all carry together is no sum of a few.
    if groups.len() != 1 && selection.is_whole() {
        groups.extend(of(Scope::System));
    }
    text.push_str(&group_table(report, &groups));
    text.push('\n');
    text.push_str(Word::PerWhat.text(report.language));
    text.push('\n');
    text.push_str(&time_list(report));
    let mean = |number: usize| report.estimates[number].interval.estimate;
    text.push_str(&target_table(None, report.policy_side(&mean), report.language));
    if of(Scope::Corridor).next().is_none() {
        text.push_str(&facility_table(report));
    }
    text
}

pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(RULES)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// An estimate with half its interval: `18.32 ±0.11`.
fn with_half_width(estimate: Option<&Estimate>, digits: usize) -> String {
    match estimate {
        Some(it) if it.interval.estimate.is_finite() => {
            let half = it.interval.half_width();
            if half.is_finite() {
                format!("{:.digits$} ±{half:.digits$}", it.interval.estimate)
            } else {
                format!("{:.digits$}", it.interval.estimate)
            }
        }
        _ => "-".to_owned(),
    }
}

/// An estimate of what the scenario states at all: where nothing has a price, nothing is known of cost.
fn stated(estimate: Option<&Estimate>) -> Option<&Estimate> {
    estimate.filter(|it| it.interval.estimate != 0.0)
}

fn plain(estimate: Option<&Estimate>, digits: usize) -> String {
    match estimate {
        Some(it) if it.interval.estimate.is_finite() => format!("{:.digits$}", it.interval.estimate),
        _ => "-".to_owned(),
    }
}

fn group_table(report: &Report<'_>, groups: &[&Group]) -> String {
    let currency = &report.model.scenario.money.currency;
    let cost = format!("{currency}/TEU");
    let word = |word: Word| word.text(report.language);
    let mut table = table(&[
        "",
        word(Word::TeuDelivered),
        word(Word::MeanDays),
        word(Word::P95Days),
        &cost,
        word(Word::KgPerTeu),
        word(Word::Load),
    ]);
    for group in groups {
        let of = |name: &str| report.estimate(group.scope, &group.id, name);
        let name = name_of(report, group);
        let load = of("load_factor").filter(|it| it.interval.estimate.is_finite());
        table.add_row([
            name,
            plain(of("delivered_teu"), 0),
            with_half_width(of("transit_days_mean"), 2),
            with_half_width(of("transit_days_p95"), 2),
            with_half_width(stated(of("cost_per_teu")), 0),
            plain(stated(of("co2e_kg_per_teu")), 0),
            load.map_or_else(|| "-".to_owned(), |it| format!("{:.0}%", it.interval.estimate * 100.0)),
        ]);
    }
    table.to_string()
}

fn name_of(report: &Report<'_>, group: &Group) -> String {
    match group.scope {
        Scope::System => Word::AllFlows.text(report.language).to_owned(),
        scope => display_name(report.model, scope, &group.id, report.language),
    }
}

/// Where and why most time is spent.
fn time_list(report: &Report<'_>) -> String {
    let worst = report.worst_time_parts(LEAST_LOSS);
    if worst.is_empty() {
        return String::new();
    }
    let language = report.language;
    let together =
        worst.iter().all(|part| part.whose == Whose::Headlines) && !report.model.scenario.corridors.is_empty();
    let of_what = if together { Word::OnHeadlines.text(language) } else { "" };
    let mut text = Word::WorstTimes.filled(language, &[&of_what]);
    text.push('\n');
    for part in worst {
        let place = report.place_of(&part, language);
        let cause = words::cause(part.cause).text(language);
        let half = part.hours.half_width();
        let hours = if half.is_finite() {
            format!("{:.1} ±{half:.1}", part.hours.estimate)
        } else {
            format!("{:.1}", part.hours.estimate)
        };
        let share = format!("{:.1}", part.share * 100.0);
        text.push_str(&Word::WorstTime.filled(language, &[&place, &cause, &hours, &share]));
        text.push('\n');
    }
    text
}

fn facility_table(report: &Report<'_>) -> String {
    let facilities = &report.model.network.tables.facilities;
    if facilities.is_empty() {
        return String::new();
    }
    let columns = [
        Word::Facility,
        Word::UtilisationColumn,
        Word::MeanWaitHours,
        Word::P95WaitHours,
        Word::MeanQueueColumn,
        Word::RefusedColumn,
    ];
    let mut table = table(&columns.map(|word| word.text(report.language)));
    for facility in facilities.iter().take(ROWS) {
        let of = |name: &str| report.estimate(Scope::Facility, &facility.id, name);
        table.add_row([
            display_name(report.model, Scope::Facility, &facility.id, report.language),
            with_half_width(of("utilisation"), 4),
            with_half_width(of("wait_hours_mean"), 4),
            with_half_width(of("wait_hours_p95"), 4),
            with_half_width(of("queue_mean"), 4),
            with_half_width(of("refused_share"), 4),
        ]);
    }
    let more = facilities.len().saturating_sub(ROWS);
    let note = if more > 0 {
        format!("\n{}\n", Word::MoreInTable.filled(report.language, &[&more]))
    } else {
        "\n".to_owned()
    };
    format!("{table}{note}")
}
