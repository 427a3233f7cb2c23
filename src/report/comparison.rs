//! What a comparison found, as text and as tables.

use super::folder::{FolderError, write_bytes, write_text};
use super::terminal::table;
use super::words::Word;
use crate::experiment::{Comparing, Comparison, Contender, Difference};
use crate::indicator::{Indicator, Scope, display_name};
use crate::scenario::settings::Language;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// A comparison that is to be shown.
pub struct ComparisonReport<'a> {
    /// What was compared; the first with each of the others.
    pub contenders: &'a [Contender<'a>],
    /// What they differ by.
    pub comparison: &'a Comparison,
    /// How they were compared.
    pub options: &'a Comparing,
    /// Language of the text.
    pub language: Language,
}

impl ComparisonReport<'_> {
    /// What was compared.
    fn indicators(&self) -> impl Iterator<Item = &Indicator> {
        let catalogue = self.contenders[0].catalogue;
        let places = self.comparison.keys.iter().filter_map(|key| catalogue.find(key));
        places.map(|place| &catalogue.indicators[place])
    }

    fn subject(&self, indicator: &Indicator) -> String {
        match indicator.scope {
            Scope::System => Word::AllFlows.text(self.language).to_owned(),
            scope => display_name(self.contenders[0].model, scope, &indicator.id, self.language),
        }
    }

    /// What is measured, with its unit where it has one.
    fn name_with_unit(&self, indicator: &Indicator) -> String {
        let currency = &self.contenders[0].model.scenario.money.currency;
        match indicator.unit.replace("money", currency) {
            unit if unit.is_empty() => indicator.name.clone(),
            unit => format!("{} [{unit}]", indicator.name),
        }
    }

    /// Significant differences in a table, and in words what does not differ.
    pub fn text(&self) -> String {
        let confidence = format!("{:.0}", self.options.confidence * 100.0);
        let mut text = String::new();
        for (contender, differences) in self.contenders[1..].iter().zip(&self.comparison.differences) {
            text.push_str(&Word::ComparedWith.filled(self.language, &[&contender.name, &self.contenders[0].name]));
            text.push('\n');
            text.push_str(&Word::RunLine.filled(
                self.language,
                &[&self.comparison.replications, &self.options.seed, &confidence],
            ));
            text.push('\n');
            text.push_str(&self.differences(differences));
            text.push('\n');
        }
        text
    }

    fn differences(&self, differences: &[Difference]) -> String {
        let words = [
            Word::OfWhat,
            Word::IndicatorColumn,
            Word::BeforeColumn,
            Word::AfterColumn,
            Word::DifferenceColumn,
        ];
        let mut rows = table(&words.map(|word| word.text(self.language)));
        let mut none: BTreeMap<String, usize> = BTreeMap::new();
        let (mut found, mut all) = (0, 0);
        for (indicator, it) in self.indicators().zip(differences) {
            if it.paired.p.is_nan() {
                continue;
            }
            all += 1;
            if !it.significant {
                *none.entry(indicator.name.clone()).or_default() += 1;
                continue;
            }
            found += 1;
            let (before, after) = it.paired.means;
            let difference = it.paired.difference;
            let digits = digits(difference.half_width(), before);
            let share = if before == 0.0 {
                String::new()
            } else {
                format!(" ({:+.1}%)", 100.0 * difference.estimate / before.abs())
            };
            rows.add_row([
                self.subject(indicator),
                self.name_with_unit(indicator),
                format!("{before:.digits$}"),
                format!("{after:.digits$}"),
                format!(
                    "{:+.digits$} ±{:.digits$}{share}",
                    difference.estimate,
                    difference.half_width()
                ),
            ]);
        }
        let mut text = String::new();
        if found > 0 {
            text.push_str(&rows.to_string());
            text.push('\n');
        }
        let without = all - found;
        if without > 0 {
            text.push_str(&Word::NoSignificantDifference.filled(self.language, &[&without, &all]));
            text.push('\n');
            let names: Vec<String> = none.iter().map(|(name, count)| format!("{name} ({count})")).collect();
            text.push_str(&format!("  {}\n", names.join(", ")));
        }
        let mut factors: Vec<f64> = differences
            .iter()
            .map(|it| it.paired.variance_reduction)
            .filter(|it| it.is_finite())
            .collect();
        factors.sort_by(f64::total_cmp);
        if let Some(median) = factors.get(factors.len() / 2) {
            text.push_str(&Word::VarianceReduced.filled(self.language, &[&format!("{median:.1}")]));
            text.push('\n');
        }
        text
    }

    /// All differences as JSON.
    pub fn json(&self) -> String {
        let number = |value: f64| serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number);
        let of = |differences: &[Difference]| -> Vec<Value> {
            let rows = self.comparison.keys.iter().zip(differences);
            rows.map(|(key, it)| {
                json!({
                    "indicator": key,
                    "before": number(it.paired.means.0),
                    "after": number(it.paired.means.1),
                    "difference": number(it.paired.difference.estimate),
                    "lower": number(it.paired.difference.lower),
                    "upper": number(it.paired.difference.upper),
                    "p": number(it.paired.p),
                    "p_adjusted": number(it.adjusted),
                    "significant": it.significant,
                    "variance_reduction": number(it.paired.variance_reduction),
                })
            })
            .collect()
        };
        let compared: Vec<Value> = self.contenders[1..]
            .iter()
            .zip(&self.comparison.differences)
            .map(|(contender, differences)| json!({ "scenario": contender.name, "differences": of(differences) }))
            .collect();
        let whole = json!({
            "base": self.contenders[0].name,
            "replications": self.comparison.replications,
            "seed": self.options.seed,
            "confidence": self.options.confidence,
            "compared": compared,
        });
        format!("{whole:#}\n")
    }

    /// Writes the tables into a folder.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), FolderError> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let fault =
            |error: &dyn std::fmt::Display| FolderError::Content(folder.join("comparison.csv"), error.to_string());
        let header = [
            "scenario",
            "against",
            "scope",
            "id",
            "indicator",
            "unit",
            "before",
            "after",
            "difference",
            "lower",
            "upper",
            "p",
            "p_adjusted",
            "significant",
            "variance_reduction",
            "pairs",
        ];
        writer.write_record(header).map_err(|error| fault(&error))?;
        for (contender, differences) in self.contenders[1..].iter().zip(&self.comparison.differences) {
            for (indicator, it) in self.indicators().zip(differences) {
                let paired = &it.paired;
                let cells = [
                    contender.name.clone(),
                    self.contenders[0].name.clone(),
                    indicator.scope.key().to_owned(),
                    indicator.id.clone(),
                    indicator.name.clone(),
                    indicator.unit.to_owned(),
                    paired.means.0.to_string(),
                    paired.means.1.to_string(),
                    paired.difference.estimate.to_string(),
                    paired.difference.lower.to_string(),
                    paired.difference.upper.to_string(),
                    paired.p.to_string(),
                    it.adjusted.to_string(),
                    u8::from(it.significant).to_string(),
                    paired.variance_reduction.to_string(),
                    paired.pairs.to_string(),
                ];
                writer.write_record(cells).map_err(|error| fault(&error))?;
            }
        }
        let bytes = writer.into_inner().map_err(|error| fault(&error))?;
        write_bytes(folder, "comparison.csv", &bytes)?;
        write_text(folder, "comparison.json", &self.json())
    }
}

/// Significant digits of a number that are shown at most.
const DIGITS: f64 = 5.0;

/// Decimals with which a half-width shows two digits, as far as that gives the number itself no more than it can use.
fn digits(half_width: f64, number: f64) -> usize {
    let decimals = |size: f64, digits: f64| {
        if size > 0.0 && size.is_finite() {
            digits - 1.0 - size.log10().floor()
        } else {
            f64::INFINITY
        }
    };
    let wanted = decimals(half_width, 2.0).min(decimals(number.abs(), DIGITS));
    if wanted.is_finite() {
        wanted.max(0.0) as usize
    } else {
        2
    }
}
