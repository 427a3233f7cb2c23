//! Demand: commodities, flows, and the seasons they follow.

use super::dimension::{Density, Flowrate, Mass, PerMoney, Plain, Rate, ShareRate, Space, Time, ValuePerTonne};
use super::place::{ByMode, Mode};
use super::quantity::{Distribution, Grade, Quantity};
use super::service::Interval;
use super::settings::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A kind of goods.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Commodity {
    /// Name, in English and Chinese.
    pub name: Text,
    /// Load of a container; 10 t/TEU when left out.
    pub density: Option<Quantity<Density>>,
    /// Value of the goods.
    pub value: Option<Quantity<ValuePerTonne>>,
    /// What a day of transit costs besides the two that follow, as a share of the value.
    pub time_cost: Option<Quantity<ShareRate>>,
    /// Interest on the goods in transit, as a share of their value.
    pub finance_rate: Option<Quantity<ShareRate>>,
    /// How long after delivery exports are paid.
    pub payment: Option<Quantity<Time>>,
    /// Interest on what exporters are owed after delivery, by buyers and as tax rebates, as a share of it.
    pub credit_rate: Option<Quantity<ShareRate>>,
    /// The tax rebate on exports, as a share of their value.
    pub rebate_rate: Option<Quantity<Plain>>,
    /// How long after its claim the rebate is paid.
    pub rebate_wait: Option<Quantity<Time>>,
    /// Insurance premium, as a share of the value, by mode: paid once by routes that use the mode.
    pub insurance: ByMode,
    /// The scale of the logit for its flows, instead of `choice.scale`.
    pub choice_scale: Option<Quantity<PerMoney>>,
    /// How long the goods keep. Routes that take longer on average are not used.
    pub shelf_life: Option<Quantity<Time>>,
    /// What they lose of their value in a day of transit, at the temperature at which they travel; it is compounded, and
    /// goods past their shelf life have lost all.
    pub decay: Option<Quantity<ShareRate>>,
    /// Whether the goods need refrigerated containers.
    pub refrigerated: bool,
    /// Class of dangerous goods (UN model regulations), where they are.
    pub dangerous_goods: Option<String>,
    /// Modes that must not be used.
    pub not_by: Vec<Mode>,
    /// Factor on the service times of all facilities; 1 when left out.
    pub handling_factor: Option<Quantity<Plain>>,
    /// Probability of inspection wherever there is one, where a lane does not say otherwise.
    pub inspection_probability: Option<Quantity<Plain>>,
    /// Priority in queues and for space aboard, from 0 (first) to 9.
    pub priority: Option<u8>,
    /// Marks for groups of commodities, kept for measures that will select by them; the run itself does not use them.
    pub tags: Vec<String>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// Whether goods leave the planner's region or come to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// They leave.
    #[default]
    Export,
    /// They come.
    Import,
}

/// What cargo does when something that it has not passed yet is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReChoice {
    /// At every node from which another way avoids the closure, the shipper chooses anew between that and waiting, by
    /// generalised cost with the time that the closure is expected to last still.
    #[default]
    ByCost,
    /// It keeps to its route and waits.
    Never,
    /// It takes the cheapest way that is open, however short the closure.
    Always,
}

/// A demand from one zone to another for one commodity.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Flow {
    /// Name, where it has one.
    pub name: Text,
    /// Node where it begins. May be left out when `route` or `routes` say all.
    pub from: Option<String>,
    /// Node where it ends.
    pub to: Option<String>,
    /// What it consists of.
    pub commodity: Option<String>,
    /// What its cargo does when something ahead is closed, instead of `choice.re_choice`.
    pub re_choice: Option<ReChoice>,
    /// Whether it leaves the planner's region or comes to it.
    pub direction: Direction,
    /// How much a year. Consignments then arrive as a Poisson process. Either this or `arrivals`.
    pub volume: Option<Quantity<Flowrate>>,
    /// How consignments arrive, where it is not by `volume`.
    pub arrivals: Option<Arrivals>,
    /// Size of a consignment; one TEU when left out.
    pub size: Option<Distribution<Space>>,
    /// Share that is less than container loads (LCL), which a consolidation puts into boxes together with others: of
    /// the volume where `volume` is stated, of the consignments otherwise. None when left out, or all where its `route`
    /// passes a consolidation.
    pub lcl_share: Option<Quantity<Plain>>,
    /// Size of a less-than-container load in space, such as `"3 m3"`; that of other consignments when left out.
    pub lcl_size: Option<Distribution<Space>>,
    /// Size of a less-than-container load in mass, instead of `lcl_size`; the commodity's density makes it space.
    pub lcl_mass: Option<Distribution<Mass>>,
    /// How many consignments arrive together; one when left out.
    pub batch: Option<CountForm>,
    /// Season that the arrivals follow.
    pub season: Option<String>,
    /// Priority in queues and for space aboard, from 0 (first) to 9; the commodity's, or 5, when left out.
    pub priority: Option<u8>,
    /// The only route: steps such as `"link.truck"`, `"facility.customs"`, `"service.train"`, each of which begins
    /// where the last one ended.
    pub route: Option<Vec<String>>,
    /// Named routes that it may use, besides those found in the network.
    pub routes: Vec<String>,
    /// The scale of the logit, instead of the commodity's `choice_scale` or `choice.scale`.
    pub choice_scale: Option<Quantity<PerMoney>>,
    /// Whether routes are also searched in the network; yes when `from` and `to` are given and `route` is not.
    pub search: Option<bool>,
    /// Time within which delivery is promised.
    pub promise: Option<Quantity<Time>>,
    /// Report the share delivered within each of these.
    pub within: Vec<Quantity<Time>>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// How consignments arrive. Exactly one form is stated.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// At random, at this rate, which a season may vary.
    Poisson(Quantity<Rate>),
    /// After random gaps.
    Renewal(Renewal),
    /// At a fixed interval.
    Timetable(Interval),
    /// A fixed number that start anew as soon as they are delivered.
    Population(u64),
    /// At stated times after the start.
    Listed(Vec<Quantity<Time>>),
}

/// Independent gaps between arrivals.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// The gap between two arrivals; the first comes one gap after the start.
    pub gap: Distribution<Time>,
}

/// A whole number, fixed or random.
#[derive(Clone, PartialEq, Debug)]
pub struct CountForm(pub crate::random::CountFamily);

/// The table forms of a whole number.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum CountTable {
    /// Equally likely between two numbers, both included.
    Uniform {
        /// Smallest.
        min: u64,
        /// Largest.
        max: u64,
    },
    /// Geometric on 1, 2, 3, ...
    Geometric {
        /// Mean, at least 1.
        mean: f64,
    },
    /// Poisson.
    Poisson {
        /// Mean.
        mean: f64,
    },
    /// One of the values, by weight.
    Empirical {
        /// The values.
        values: Vec<u64>,
        /// Their weights; equal when left out.
        weights: Option<Vec<f64>>,
    },
}

impl<'de> Deserialize<'de> for CountForm {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use crate::random::CountFamily;
        use serde::de::{Error, MapAccess, Unexpected, Visitor, value::MapAccessDeserializer};
        struct CountVisitor;

        impl<'de> Visitor<'de> for CountVisitor {
            type Value = CountForm;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number, or a table with `uniform`, `geometric`, `poisson` or `empirical`")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<CountForm, E> {
                u64::try_from(number)
                    .map(|count| CountForm(CountFamily::Constant(count)))
                    .map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<CountForm, M::Error> {
                let wrong = |message: &str, remedy: &str| {
                    Err(M::Error::custom(format!("{message}{}{remedy}", super::decode::REMEDY)))
                };
                Ok(CountForm(
                    match CountTable::deserialize(MapAccessDeserializer::new(map))? {
                        CountTable::Uniform { min, max } if min > max => {
                            return wrong("`min` is above `max`", "exchange the two");
                        }
                        CountTable::Uniform { min, max } => CountFamily::Uniform { min, max },
                        CountTable::Geometric { mean } if mean.is_nan() || mean < 1.0 => {
                            return wrong("`mean` is below 1", "the mean of a geometric number is at least 1");
                        }
                        CountTable::Geometric { mean } => CountFamily::Geometric { mean },
                        CountTable::Poisson { mean } if !(0.0..=1e6).contains(&mean) => {
                            return wrong(
                                "`mean` is out of range",
                                "the mean of a Poisson number lies between 0 and a million",
                            );
                        }
                        CountTable::Poisson { mean } => CountFamily::Poisson { mean },
                        CountTable::Empirical { values, weights } => {
                            let weights = weights.unwrap_or_else(|| vec![1.0; values.len()]);
                            let possible =
                                weights.iter().all(|weight| *weight >= 0.0) && weights.iter().sum::<f64>() > 0.0;
                            if values.is_empty() || values.len() != weights.len() || !possible {
                                return wrong(
                                    "has weights that do not fit its values",
                                    "give as many weights as values, none negative and not all zero",
                                );
                            }
                            CountFamily::Empirical { values, weights }
                        }
                    },
                ))
            }
        }

        deserializer.deserialize_any(CountVisitor)
    }
}

impl JsonSchema for CountForm {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = generator.subschema_for::<CountTable>();
        schemars::json_schema!({ "description": "A whole number, fixed or random.", "anyOf": [{ "type": "integer", "minimum": 0, "description": "Always this number." }, table] })
    }
}

/// A profile over months, weekdays and hours that multiplies a rate or a likelihood.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Season {
    /// Name, in English and Chinese.
    pub name: Text,
    /// Twelve factors, January to December.
    pub monthly: Option<Vec<f64>>,
    /// Factors for single months, before those of `monthly`: `"2024-02" = 0.6`.
    pub dated: BTreeMap<String, f64>,
    /// Seven factors, Monday to Sunday, local time of the run.
    pub weekday: Option<Vec<f64>>,
    /// Twenty-four factors, one an hour from midnight, local time of the run.
    pub hourly: Option<Vec<f64>>,
    /// Key of the source of this row's figures.
    pub source: Option<String>,
    /// Grade of this row's figures.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}
