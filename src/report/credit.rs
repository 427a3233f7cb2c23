//! Who deserves the credit for a joint effect, as text and as tables.

use super::comparison::digits;
use super::figures::in_words;
use super::folder::{FolderError, write_bytes, write_text};
use super::terminal::table;
use super::words::Word;
use crate::experiment::{Attributing, Credit, Orders, Worth};
use crate::indicator::Indicator;
use crate::model::Model;
use crate::scenario::settings::Language;
use crate::statistics::{Coalition, Interval};
use serde_json::{Value, json};
use std::path::Path;

/// A joint effect shared out, to be shown.
pub struct CreditReport<'a> {
    /// The scenario under all measures.
    pub model: &'a Model,
    /// The name of the scenario over which measures are laid.
    pub ground: &'a str,
    /// The measures, in the order of their numbers in coalitions.
    pub measures: &'a [String],
    /// The indicator whose change is shared out.
    pub indicator: &'a Indicator,
    /// What coalitions are worth.
    pub worth: &'a Worth,
    /// The shares.
    pub credit: &'a Credit,
    /// How it was shared out.
    pub options: &'a Attributing,
    /// Language of the text.
    pub language: Language,
}

impl CreditReport<'_> {
    /// The name of a measure: what its file calls it.
    pub(super) fn name(&self, measure: usize) -> String {
        let id = &self.measures[measure];
        let stem = id.rsplit('/').next().unwrap_or(id);
        let stated = self.model.scenario.measures.get(stem);
        stated.map_or_else(
            || id.clone(),
            |stated| format!("{stem}. {}", stated.name.get_or(self.language, stem)),
        )
    }

    /// What is shared out, with its unit.
    pub(super) fn what(&self) -> String {
        in_words(self.indicator, self.model, self.language)
    }

    /// Replications of every coalition that the shares rest on.
    fn replications(&self) -> u64 {
        self.credit.groups * self.model.replications_per_input_draw()
    }

    /// From which orders the shares come.
    pub(super) fn how(&self) -> String {
        let coalitions = self.worth.values.len();
        match self.options.orders {
            Orders::All => Word::AllOrders.filled(self.language, &[&coalitions]),
            Orders::Drawn(pairs) => Word::DrawnOrders.filled(self.language, &[&(2 * pairs), &coalitions]),
        }
    }

    /// Measures by the size of their shares, largest first.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.measures.len()).collect();
        let size = |measure: usize| self.credit.shares[measure].estimate.abs();
        order.sort_by(|a, b| size(*b).total_cmp(&size(*a)).then(a.cmp(b)));
        order
    }

    /// Decimals of all numbers: those that the joint effect can use.
    fn decimals(&self) -> usize {
        digits(self.credit.joint.half_width(), self.credit.ends.0.estimate)
    }

    fn shown(&self, interval: Interval) -> String {
        let digits = self.decimals();
        format!("{:+.digits$} ±{:.digits$}", interval.estimate, interval.half_width())
    }

    /// Ends, shares and interactions in words.
    pub fn text(&self) -> String {
        let credit = self.credit;
        let digits = self.decimals();
        let language = self.language;
        let confidence = format!("{:.0}", self.options.confidence * 100.0);
        let mut text = Word::CreditOf.filled(language, &[&self.what(), &self.ground, &self.measures.len()]);
        text.push('\n');
        text.push_str(&self.how());
        text.push('\n');
        text.push_str(&Word::RunLine.filled(language, &[&self.replications(), &self.options.seed, &confidence]));
        text.push('\n');
        let (before, after) = credit.ends;
        let ends = [before, after].map(|end| format!("{:.digits$}", end.estimate));
        text.push_str(&Word::JointEffect.filled(language, &[&ends[0], &ends[1], &self.shown(credit.joint)]));
        text.push('\n');
        let words = [
            Word::MeasureColumn,
            Word::ShareColumn,
            Word::PercentColumn,
            Word::AloneColumn,
            Word::LastColumn,
        ];
        let mut rows = table(&words.map(|word| word.text(language)));
        for measure in self.order() {
            let share = credit.shares[measure];
            let percent = 100.0 * share.estimate / credit.joint.estimate;
            rows.add_row([
                self.name(measure),
                self.shown(share),
                if percent.is_finite() && !credit.joint.covers(0.0) {
                    format!("{percent:+.0}%")
                } else {
                    String::new()
                },
                self.shown(credit.alone[measure]),
                self.shown(credit.last[measure]),
            ]);
        }
        text.push_str(&rows.to_string());
        text.push('\n');
        let certain: Vec<_> = credit.interactions.iter().filter(|it| !it.size.covers(0.0)).collect();
        if certain.is_empty() {
            text.push_str(Word::NoInteraction.text(language));
            text.push('\n');
        } else {
            text.push_str(Word::Interactions.text(language));
            text.push('\n');
            for it in certain {
                let (one, other) = it.pair;
                text.push_str(&format!(
                    "  {} × {}: {}\n",
                    self.name(one),
                    self.name(other),
                    self.shown(it.size)
                ));
            }
        }
        text
    }

    /// The whole as JSON.
    pub fn json(&self) -> String {
        let number = |value: f64| serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number);
        let interval = |it: Interval| json!({ "estimate": number(it.estimate), "lower": number(it.lower), "upper": number(it.upper) });
        let credit = self.credit;
        let measure = |place: usize| {
            json!({
                "measure": self.measures[place],
                "name": self.name(place),
                "share": interval(credit.shares[place]),
                "alone": interval(credit.alone[place]),
                "last": interval(credit.last[place]),
            })
        };
        let pair = |it: &crate::experiment::Interaction| {
            json!({
                "measures": [self.measures[it.pair.0], self.measures[it.pair.1]],
                "interaction": interval(it.size),
            })
        };
        let whole = json!({
            "scenario": self.ground,
            "indicator": self.indicator.key(),
            "unit": self.indicator.unit,
            "orders": match self.options.orders { Orders::All => Value::from("all"), Orders::Drawn(pairs) => json!(2 * pairs) },
            "coalitions": self.worth.values.len(),
            "replications": self.replications(),
            "seed": self.options.seed,
            "confidence": self.options.confidence,
            "before": interval(credit.ends.0),
            "after": interval(credit.ends.1),
            "joint": interval(credit.joint),
            "measures": (0..self.measures.len()).map(measure).collect::<Vec<_>>(),
            "interactions": credit.interactions.iter().map(pair).collect::<Vec<_>>(),
        });
        format!("{whole:#}\n")
    }

    /// Writes the shares, and what every coalition is worth, into a folder.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), FolderError> {
        write_text(folder, "credit.json", &self.json())?;
        let shares = (0..self.measures.len()).map(|place| {
            let credit = self.credit;
            let mut cells = vec![self.measures[place].clone(), self.name(place)];
            for it in [credit.shares[place], credit.alone[place], credit.last[place]] {
                cells.extend([it.estimate, it.lower, it.upper].map(|number| number.to_string()));
            }
            cells
        });
        let header = [
            "measure",
            "name",
            "share",
            "share_lower",
            "share_upper",
            "alone",
            "alone_lower",
            "alone_upper",
            "last",
            "last_lower",
            "last_upper",
        ];
        write_table(folder, "credit.csv", &header, shares)?;
        let coalitions = self.worth.values.iter().flat_map(|(coalition, groups)| {
            let members = self.members(*coalition);
            let mean = move |place: usize| groups.iter().map(|group| group[place]).sum::<f64>() / groups.len() as f64;
            let keys = self.worth.keys.iter().enumerate();
            keys.map(move |(place, key)| vec![members.clone(), key.clone(), mean(place).to_string()])
        });
        write_table(folder, "coalitions.csv", &["measures", "indicator", "mean"], coalitions)
    }

    fn members(&self, coalition: Coalition) -> String {
        let names = self.measures.iter().enumerate();
        let members = names.filter(|(place, _)| coalition & (1 << place) != 0);
        members.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(" ")
    }
}

fn write_table(
    folder: &Path,
    name: &str,
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), FolderError> {
    let fault = |error: &dyn std::fmt::Display| FolderError::Content(folder.join(name), error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).map_err(|error| fault(&error))?;
    for row in rows {
        writer.write_record(row).map_err(|error| fault(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| fault(&error))?;
    write_bytes(folder, name, &bytes)
}
