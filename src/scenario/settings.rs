//! What a scenario says about itself and about the run: title, window, seed, money, choice.

use super::demand::ReChoice;
use super::dimension::{PerMoney, Plain, Time};
use super::place::ByMode;
use super::quantity::{Grade, Quantity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A text, in one language or in English and Chinese.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(from = "TextForms")]
#[schemars(with = "TextForms")]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese; the English text where it is empty.
    pub zh: String,
}

/// Either one text for all languages or one for each.
#[derive(Deserialize, JsonSchema)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "is neither a text nor a table with `en` and `zh`\u{1f}write \"Name\", or { en = \"Name\", zh = \"名称\" }"
)]
enum TextForms {
    /// The same for all languages.
    One(String),
    /// One for each.
    Each {
        /// English.
        #[serde(default)]
        en: String,
        /// Chinese.
        #[serde(default)]
        zh: String,
    },
}

impl From<TextForms> for Text {
    fn from(forms: TextForms) -> Self {
        match forms {
            TextForms::One(en) => Self { en, zh: String::new() },
            TextForms::Each { en, zh } => Self { en, zh },
        }
    }
}

/// The language of charts and summaries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Text {
    /// The text in `language`, or in the other one where it is missing.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Zh if !self.zh.is_empty() => &self.zh,
            Language::En if !self.en.is_empty() => &self.en,
            _ if self.en.is_empty() => &self.zh,
            _ => &self.en,
        }
    }

    /// The text in `language`, or `fallback` when there is none.
    pub fn get_or<'a>(&'a self, language: Language, fallback: &'a str) -> &'a str {
        match self.get(language) {
            "" => fallback,
            text => text,
        }
    }
}

/// What the scenario is: its title, the question it answers, and what it builds on.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct About {
    /// Title, for reports.
    pub title: Text,
    /// What it models, in a sentence or two.
    pub summary: Text,
    /// The question that it answers.
    pub question: Text,
    /// The scenario that this one extends: a path relative to this file, or the name of a shipped scenario. This file
    /// then states only the differences.
    pub extends: Option<String>,
    /// Files beside this one that belong to this scenario, such as one for each corridor. What one of them states no
    /// other may state; this file may state it anew.
    pub parts: Vec<String>,
    /// Tables of the extended scenario that are not wanted here, such as `service.cre-duisburg`; `*` stands for any
    /// characters.
    pub remove: Vec<String>,
    /// Policy measures in force: files beside this one, such as `measures/18`.
    pub measures: Vec<String>,
    /// The scenario over which measures that the command line names are laid instead of this one, such as the same network in
    /// the months in which a policy is in force: a path relative to this file, or the name of a shipped scenario.
    pub measures_on: Option<String>,
    /// Tables that are shocks from outside, such as `disruption.red-sea`, which `--without-shocks` takes out; `*` stands
    /// for any characters.
    pub shocks: Vec<String>,
    /// Tables of sources (CSV, beside this file) in which the `source` keys of figures are looked up.
    pub sources: Vec<String>,
    /// Whether every figure must carry a grade.
    pub provenance: ProvenanceRule,
}

/// Whether figures must say where they come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProvenanceRule {
    /// They may.
    #[default]
    Optional,
    /// A figure without source or grade is a fault.
    Required,
}

/// The run: window, replications, randomness.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunSettings {
    /// The date on which the clock starts, at midnight in `time_zone`.
    pub start: String,
    /// Time zone of `start`, of dates in this scenario and of nodes without a zone of their own (IANA name).
    pub time_zone: String,
    /// Simulated time before the observation window: a length of time, or `"auto"` to find it by MSER-5 from pilot
    /// replications.
    pub warm_up: WarmUp,
    /// Length of the observation window. Leave it out when `consignments` is given.
    pub length: Option<Quantity<Time>>,
    /// Instead of `length`: the window ends when this many consignments have been generated.
    pub consignments: Option<u64>,
    /// How long consignments of the window are followed after its end before they count as unfinished. As long as
    /// it takes when left out with `consignments`, otherwise the length of the window.
    pub cool_down: Option<Quantity<Time>>,
    /// Whether consignments are still generated after the window, to keep the system loaded. Yes unless the window is
    /// given by `consignments`.
    pub load_during_cool_down: Option<bool>,
    /// Independent replications.
    pub replications: u64,
    /// Seed of all randomness.
    pub seed: u64,
    /// Confidence level of intervals.
    pub confidence: f64,
    /// Whether uncertain inputs are drawn anew in each replication or stay at their expected values.
    pub input_uncertainty: InputUncertainty,
    /// Replications that share one draw of the uncertain inputs, so that what differs from day to day can be told
    /// from what we do not know. Counts only where some input is uncertain.
    pub replications_per_input_draw: u64,
    /// Uncertain inputs of this grade (A to D) or a worse one stay at their expected values while the others are drawn. All are
    /// drawn when left out.
    pub hold_grade: Option<Grade>,
    /// Whether each replication has its own day-to-day luck or all share that of the first.
    pub daily_variation: DailyVariation,
    /// Times after the start at which the number in each facility and in the whole system is recorded.
    pub census: Vec<Quantity<Time>>,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            start: "2024-01-01".to_owned(),
            time_zone: "UTC".to_owned(),
            warm_up: WarmUp::default(),
            length: None,
            consignments: None,
            cool_down: None,
            load_during_cool_down: None,
            replications: 30,
            seed: 1,
            confidence: 0.95,
            input_uncertainty: InputUncertainty::default(),
            replications_per_input_draw: 2,
            hold_grade: None,
            daily_variation: DailyVariation::default(),
            census: Vec::new(),
        }
    }
}

/// How long the system runs before it is observed.
#[derive(Clone, PartialEq, Debug)]
pub enum WarmUp {
    /// As long as stated.
    Stated(Quantity<Time>),
    /// As long as MSER-5 finds necessary.
    Auto,
}

impl Default for WarmUp {
    fn default() -> Self {
        Self::Stated(Quantity::known("run.warm_up", 0.0))
    }
}

impl<'de> Deserialize<'de> for WarmUp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<AutoOr>::deserialize(deserializer).map(|form| match form {
            Some(AutoOr(None)) => Self::Auto,
            Some(AutoOr(Some(quantity))) => Self::Stated(quantity),
            None => Self::default(),
        })
    }
}

/// `"auto"` or a length of time.
struct AutoOr(Option<Quantity<Time>>);

impl<'de> Deserialize<'de> for AutoOr {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AutoVisitor;

        impl<'de> serde::de::Visitor<'de> for AutoVisitor {
            type Value = AutoOr;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a length of time, or \"auto\"")
            }

            fn visit_seq<S: serde::de::SeqAccess<'de>>(self, mut seq: S) -> Result<AutoOr, S::Error> {
                let outside = || serde::de::Error::custom("can only be read from scenario files");
                let key: String = seq.next_element()?.ok_or_else(outside)?;
                match seq.next_element::<String>()?.ok_or_else(outside)?.as_str() {
                    "auto" => Ok(AutoOr(None)),
                    text => match super::dimension::measure::<Time>(text) {
                        Ok(measured) => Ok(AutoOr(Some(Quantity::known(&key, measured.number)))),
                        Err((message, remedy)) => Err(serde::de::Error::custom(format!(
                            "{message}{}{remedy}, or \"auto\"",
                            super::decode::REMEDY
                        ))),
                    },
                }
            }
        }

        deserializer.deserialize_newtype_struct(super::decode::WITH_KEY, AutoVisitor)
    }
}

impl JsonSchema for WarmUp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WarmUp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "a length of time, like \"60 d\", or \"auto\"" })
    }
}

/// Whether uncertain inputs are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InputUncertainty {
    /// Anew for each replication or group of replications.
    #[default]
    Drawn,
    /// They stay at their expected values.
    Off,
}

/// Whether luck differs between replications.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DailyVariation {
    /// Each replication has its own.
    #[default]
    Drawn,
    /// All replications share the luck of the first, so that they differ by their inputs alone.
    Frozen,
}

/// Currencies.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MoneySettings {
    /// The currency of all results.
    pub currency: String,
    /// How many units of each other currency buy one unit of the reporting currency: `CNY = 7.07`.
    pub exchange: BTreeMap<String, Quantity<Plain>>,
}

impl Default for MoneySettings {
    fn default() -> Self {
        Self {
            currency: "USD".to_owned(),
            exchange: BTreeMap::new(),
        }
    }
}

/// Route choice: path-size logit over the generalised cost of the k best routes, nested by main mode where
/// `dissimilarity` says so, in equilibrium with the times that cargo gets.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChoiceSettings {
    /// How many best routes each flow chooses from, at most.
    pub routes: usize,
    /// The scale of the logit: how strongly one unit of generalised cost per TEU counts; not at
    /// all when left out.
    pub scale: Option<Quantity<PerMoney>>,
    /// Weight of the path-size term that corrects for overlapping routes; 0 makes it a plain logit, 1 when
    /// left out.
    pub path_size: Option<Quantity<Plain>>,
    /// Value of an hour of standard deviation over the value of an hour of transit time; 0 when left
    /// out.
    pub reliability_ratio: Option<Quantity<Plain>>,
    /// Routes that cost more than this many times the best are not considered.
    pub cost_limit: f64,
    /// Routes that ride more services than this are not considered.
    pub services_limit: usize,
    /// What cargo does when something ahead of it is closed, where its flow does not say otherwise.
    pub re_choice: ReChoice,
    /// Nested logit: how little the routes of one main mode (that of most of their kilometres) resemble each other, above 0
    /// and up to 1. At 1, as when left out, an improved route draws on all others alike; near 0 it draws on those
    /// of its own mode first.
    pub dissimilarity: ByMode,
    /// How the times that shippers expect are made to be those that they get.
    pub equilibrium: EquilibriumSettings,
}

/// Stochastic user equilibrium: pilot replications show what waiting there is, by place and month; shippers choose anew
/// by it; their shares move by successive averages until hardly anyone would choose otherwise.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EquilibriumSettings {
    /// How often shippers choose anew, at most; 0 leaves them with the times of an empty network.
    pub rounds: u32,
    /// The relative gap at which the search ends, in two rounds one after the other: the share of cargo that would choose
    /// otherwise by what was experienced.
    pub gap: f64,
    /// Pilot replications in each round.
    pub pilots: u32,
    /// Whether what is experienced is told apart by month; otherwise shippers know only the mean of the whole run, or of each
    /// part of it in which the same services run.
    pub by_month: bool,
}

impl Default for EquilibriumSettings {
    fn default() -> Self {
        Self {
            rounds: 20,
            gap: 0.01,
            pilots: 4,
            by_month: true,
        }
    }
}

impl Default for ChoiceSettings {
    fn default() -> Self {
        Self {
            routes: 5,
            scale: None,
            path_size: None,
            reliability_ratio: None,
            cost_limit: 4.0,
            services_limit: 6,
            dissimilarity: ByMode::default(),
            equilibrium: EquilibriumSettings::default(),
            re_choice: ReChoice::default(),
        }
    }
}
