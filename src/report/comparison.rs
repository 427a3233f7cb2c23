//! What a comparison found, as text and as tables.

use super::folder::{FolderError, write_bytes, write_text};
use super::policy::{self, PolicySide, target_table};
use super::terminal::table;
use super::words::Word;
use crate::experiment::{Comparing, Comparison, Contender, Difference, Effect, LEAST_FOR_SHARE};
use crate::indicator::{Indicator, Scope, display_name};
use crate::scenario::quantity::Grade;
use crate::scenario::settings::Language;
use crate::statistics::{Interval, Paired};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// A comparison that is to be shown.
pub struct ComparisonReport<'a> {
    /// What was compared; the first with each of the others.
    pub contenders: &'a [Contender<'a>],
    /// What came of the comparison.
    pub comparison: &'a Comparison,
    /// For each scenario but the first, its differences from the first.
    pub differences: &'a [Vec<Difference>],
    /// How they were compared.
    pub options: &'a Comparing,
    /// Whether it was asked what is due to inputs of grade D.
    pub by_grade: bool,
    /// Language of the text.
    pub language: Language,
}

impl ComparisonReport<'_> {
    fn indicator(&self, difference: &Difference) -> &Indicator {
        &self.contenders[0].catalogue.indicators[difference.indicator]
    }

    /// The differences in headline indicators.
    fn headlines<'b>(&'b self, differences: &'b [Difference]) -> impl Iterator<Item = (&'b Indicator, &'b Difference)> {
        let all = differences.iter().map(|it| (self.indicator(it), it));
        all.filter(|(indicator, _)| indicator.is_headline())
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
        for (place, differences) in (1..).zip(self.differences) {
            let contender = &self.contenders[place];
            text.push_str(&Word::ComparedWith.filled(self.language, &[&contender.name, &self.contenders[0].name]));
            text.push('\n');
            text.push_str(&Word::RunLine.filled(
                self.language,
                &[&self.comparison.replications(), &self.options.seed, &confidence],
            ));
            text.push('\n');
            text.push_str(&self.table_of(differences));
            text.push_str(&self.foundation(contender));
            let told = differences.iter().any(|it| it.assumed.is_some());
            if self.by_grade && place + 1 == self.contenders.len() && !told {
                text.push_str(&Word::NothingByGrade.filled(self.language, &[&LEAST_FOR_SHARE]));
                text.push('\n');
            }
            // Measures one by one have few targets each; what all come to stands once.
            if place + 1 == self.contenders.len() {
                text.push_str(&self.targets(place));
            }
            text.push('\n');
        }
        text
    }

    fn table_of(&self, differences: &[Difference]) -> String {
        let banded = differences.iter().any(|it| it.effect.is_some());
        let mut words = vec![
            Word::OfWhat,
            Word::IndicatorColumn,
            Word::BeforeColumn,
            Word::AfterColumn,
            Word::DifferenceColumn,
        ];
        if banded {
            words.extend([Word::BandColumn, Word::SignColumn]);
        }
        let graded = differences.iter().any(|it| it.assumed.is_some());
        if graded {
            words.push(Word::AssumedColumn);
        }
        let words: Vec<&str> = words.iter().map(|word| word.text(self.language)).collect();
        let mut rows = table(&words);
        let mut none: BTreeMap<String, usize> = BTreeMap::new();
        let (mut found, mut all) = (0, 0);
        for (indicator, it) in self.headlines(differences) {
            if it.paired.p.is_nan() {
                continue;
            }
            all += 1;
            if !it.significant {
                *none.entry(indicator.name.clone()).or_default() += 1;
                continue;
            }
            found += 1;
            let mut cells = vec![self.subject(indicator), self.name_with_unit(indicator)];
            cells.extend(cells_of(it));
            if banded {
                cells.extend(band_of(it));
            }
            if graded {
                cells.push(it.assumed.map_or_else(String::new, share_of));
            }
            rows.add_row(cells);
        }
        let mut text = String::new();
        if found > 0 {
            text.push_str(&rows.to_string());
            text.push('\n');
            if banded {
                text.push_str(Word::BandNote.text(self.language));
                text.push('\n');
            }
            if graded {
                text.push_str(Word::AssumedNote.text(self.language));
                text.push('\n');
            }
        }
        let without = all - found;
        if without > 0 {
            text.push_str(&Word::NoSignificantDifference.filled(self.language, &[&without, &all]));
            text.push('\n');
            let names: Vec<String> = none.iter().map(|(name, count)| format!("{name} ({count})")).collect();
            text.push_str(&format!("  {}\n", names.join(", ")));
        }
        let mut factors: Vec<f64> = self
            .headlines(differences)
            .map(|(_, it)| it.paired.variance_reduction)
            .filter(|it| it.is_finite())
            .collect();
        factors.sort_by(f64::total_cmp);
        if !banded
            && self
                .contenders
                .iter()
                .any(|it| it.model.replications_per_input_draw() > 1)
        {
            text.push_str(Word::FewDraws.text(self.language));
            text.push('\n');
        }
        if let Some(median) = factors.get(factors.len() / 2) {
            text.push_str(&Word::VarianceReduced.filled(self.language, &[&format!("{median:.1}")]));
            text.push('\n');
        }
        text
    }

    /// The targets of a policy before, and under the contender at `place`.
    fn targets(&self, place: usize) -> String {
        self.with_sides(place, |before, after| target_table(Some(before), after, self.language))
    }

    /// Lets `work` see the first contender and the one at `place` as sides of a policy.
    fn with_sides<T>(&self, place: usize, work: impl FnOnce(PolicySide<'_>, PolicySide<'_>) -> T) -> T {
        let means = |place: usize| {
            let means = &self.comparison.sides[place].aggregate.means;
            move |number: usize| means[number].mean()
        };
        let (before, after) = (means(0), means(place));
        let side = |place: usize, mean| PolicySide {
            model: self.contenders[place].model,
            catalogue: self.contenders[place].catalogue,
            mean,
        };
        work(side(0, &before), side(place, &after))
    }

    /// On what the sizes of the measures in force rest.
    fn foundation(&self, contender: &Contender<'_>) -> String {
        let by_grade = contender.model.scenario.instruments_by_grade();
        let all: usize = by_grade.values().sum();
        let assumed = by_grade.get(&Some(Grade::D)).copied().unwrap_or(0);
        match (all, assumed) {
            (0, _) => String::new(),
            (all, 0) => Word::NoneAssumed.filled(self.language, &[&all]) + "\n",
            (all, assumed) => Word::SomeAssumed.filled(self.language, &[&assumed, &all]) + "\n",
        }
    }

    /// All headline differences as JSON.
    pub fn json(&self) -> String {
        let number = |value: f64| serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number);
        let of = |differences: &[Difference]| -> Vec<Value> {
            self.headlines(differences)
                .map(|(indicator, it)| {
                    let effect = it.effect.map(|effect| {
                        json!({
                            "aleatory_sd": number(effect.aleatory),
                            "epistemic_sd": number(effect.epistemic),
                            "band_5": number(effect.band.0),
                            "band_95": number(effect.band.1),
                            "sign_probability": effect.sign.map(|it| it.estimate),
                            "sign_lower": effect.sign.map(|it| it.lower),
                            "sign_upper": effect.sign.map(|it| it.upper),
                        })
                    });
                    json!({
                        "indicator": indicator.key(),
                        "before": number(it.paired.means.0),
                        "after": number(it.paired.means.1),
                        "difference": number(it.paired.difference.estimate),
                        "lower": number(it.paired.difference.lower),
                        "upper": number(it.paired.difference.upper),
                        "p": number(it.paired.p),
                        "p_adjusted": number(it.adjusted),
                        "significant": it.significant,
                        "variance_reduction": number(it.paired.variance_reduction),
                        "assumed_share": it.assumed.map(|it| number(it.estimate)),
                        "assumed_share_lower": it.assumed.map(|it| number(it.lower)),
                        "assumed_share_upper": it.assumed.map(|it| number(it.upper)),
                        "effect": effect,
                    })
                })
                .collect()
        };
        let grades = |contender: &Contender<'_>| -> Vec<Value> {
            let by_grade = contender.model.scenario.instruments_by_grade();
            let grades = by_grade.into_iter();
            grades
                .map(|(grade, count)| json!({ "grade": grade, "instruments": count }))
                .collect()
        };
        let compared: Vec<Value> = self.contenders[1..]
            .iter()
            .zip(self.differences)
            .map(|(contender, differences)| {
                json!({
                    "scenario": contender.name,
                    "differences": of(differences),
                    "instruments_by_grade": grades(contender),
                })
            })
            .collect();
        let whole = json!({
            "base": self.contenders[0].name,
            "replications": self.comparison.replications(),
            "seed": self.options.seed,
            "confidence": self.options.confidence,
            "interrupted": self.comparison.interrupted,
            "precise": self.comparison.precise,
            "compared": compared,
        });
        format!("{whole:#}\n")
    }

    /// Writes the tables into a folder: differences in headline indicators, which are judged together, and those in all others.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), FolderError> {
        self.write_csv(folder, "comparison.csv", true)?;
        self.write_csv(folder, "comparison-details.csv", false)?;
        let last = self.contenders.len() - 1;
        self.with_sides(last, |before, after| policy::write(Some(before), after, folder))?;
        write_text(folder, "comparison.json", &self.json())
    }

    fn write_csv(&self, folder: &Path, name: &str, headlines: bool) -> Result<(), FolderError> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let fault = |error: &dyn std::fmt::Display| FolderError::Content(folder.join(name), error.to_string());
        writer.write_record(HEADER).map_err(|error| fault(&error))?;
        for (contender, differences) in self.contenders[1..].iter().zip(self.differences) {
            for it in differences {
                let indicator = self.indicator(it);
                let paired = &it.paired;
                if indicator.is_headline() != headlines || (!headlines && !is_detail(indicator, paired)) {
                    continue;
                }
                let effect =
                    |value: fn(&Effect) -> f64| it.effect.as_ref().map_or_else(String::new, |it| value(it).to_string());
                let assumed = |value: fn(&Interval) -> f64| {
                    it.assumed.as_ref().map_or_else(String::new, |it| value(it).to_string())
                };
                let adjusted = if headlines {
                    it.adjusted.to_string()
                } else {
                    String::new()
                };
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
                    adjusted,
                    if headlines {
                        u8::from(it.significant).to_string()
                    } else {
                        String::new()
                    },
                    paired.variance_reduction.to_string(),
                    paired.pairs.to_string(),
                    effect(|it| it.aleatory),
                    effect(|it| it.epistemic),
                    effect(|it| it.band.0),
                    effect(|it| it.band.1),
                    effect(|it| it.sign.map_or(f64::NAN, |it| it.estimate)),
                    assumed(|it| it.estimate),
                    assumed(|it| it.lower),
                    assumed(|it| it.upper),
                ];
                writer.write_record(cells).map_err(|error| fault(&error))?;
            }
        }
        let bytes = writer.into_inner().map_err(|error| fault(&error))?;
        write_bytes(folder, name, &bytes)
    }
}

/// Whether the difference in an indicator is told among the details. There are a hundred thousand indicators: of flows and goods
/// those are told that are told of corridors, of routes and stops none, of all the rest those in which anything differs.
fn is_detail(indicator: &Indicator, paired: &Paired) -> bool {
    let told = match indicator.scope {
        Scope::Route | Scope::Stop => false,
        Scope::Flow | Scope::Commodity => indicator.is_of_headline_kind(),
        _ => true,
    };
    told && paired.pairs > 0 && paired.p < 1.0
}

/// The columns of the tables.
const HEADER: [&str; 24] = [
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
    "aleatory_sd",
    "epistemic_sd",
    "band_5",
    "band_95",
    "sign_probability",
    "assumed_share",
    "assumed_share_lower",
    "assumed_share_upper",
];

/// Before, after and the difference, with no more digits than they can use.
pub(super) fn cells_of(it: &Difference) -> [String; 3] {
    let (before, after) = it.paired.means;
    let difference = it.paired.difference;
    let digits = digits(difference.half_width(), before);
    let share = if before == 0.0 {
        String::new()
    } else {
        format!(" ({:+.1}%)", 100.0 * difference.estimate / before.abs())
    };
    [
        format!("{before:.digits$}"),
        format!("{after:.digits$}"),
        format!(
            "{:+.digits$} ±{:.digits$}{share}",
            difference.estimate,
            difference.half_width()
        ),
    ]
}

/// The band of the effect, and how often it has its sign.
fn band_of(it: &Difference) -> [String; 2] {
    let digits = digits(it.paired.difference.half_width(), it.paired.means.0);
    it.effect.map_or_else(Default::default, |effect| {
        let (low, high) = effect.band;
        [
            format!("{low:+.digits$} … {high:+.digits$}"),
            effect.sign.map_or_else(String::new, |it| {
                let [sure, lower, upper] =
                    [it.estimate, it.lower, it.upper].map(|share| format!("{:.0}", 100.0 * share));
                format!("{sure}% ({lower}–{upper})")
            }),
        ]
    })
}

/// A share in whole percent with its interval, as far as both can be.
fn share_of(it: Interval) -> String {
    let [share, lower, upper] = [it.estimate, it.lower, it.upper].map(|share| 100.0 * share.clamp(0.0, 1.0));
    format!("{share:.0}% ({lower:.0}–{upper:.0})")
}

/// Significant digits of a number that are shown at most.
const DIGITS: f64 = 5.0;

/// Decimals with which a half-width shows two digits, as far as that gives the number itself no more than it can use.
pub(super) fn digits(half_width: f64, number: f64) -> usize {
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
