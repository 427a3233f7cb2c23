//! Quantities and distributions as they are written in scenario files.
//!
//! A [`Quantity`] is one number that we may not know well: written plainly, as `{ min, typical, max }` (PERT) or as a
//! named distribution, it is drawn once per replication. A [`Distribution`] is something that differs from one
//! consignment, vehicle or day to the next and is drawn anew each time; its parameters are quantities, so one can be
//! unsure about a mean as well. Both carry the key of the source and its grade.

use super::change::{Change, Effect, changes};
use super::decode::{REMEDY, WITH_KEY};
use super::dimension::{Currency, Dimension, Plain, measure};
use super::forms::{Forms, Parameter};
use super::inputs::Inputs;
use crate::random::Family;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// How well a figure is founded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Grade {
    /// Official or statistical publisher.
    A,
    /// Published: press, trade press, papers.
    B,
    /// Expert knowledge, not seen in a source.
    C,
    /// Assumed or derived; the note says how.
    D,
}

/// Where a figure comes from.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Provenance {
    /// Key of the figure in the scenario's tables of sources.
    pub source: Option<String>,
    /// Its grade, where it is not simply the source's.
    pub grade: Option<Grade>,
    /// How it was derived or assumed.
    pub derived: Option<String>,
}

/// A number with a unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Amount<D> {
    /// In the base unit of the dimension.
    pub number: f64,
    /// The currency of money.
    pub currency: Option<Currency>,
    dimension: PhantomData<D>,
}

impl<D: Dimension> Amount<D> {
    fn of(number: f64, currency: Option<Currency>) -> Self {
        Self {
            number,
            currency,
            dimension: PhantomData,
        }
    }
}

struct AmountVisitor<D>(PhantomData<D>);

impl<D: Dimension> Visitor<'_> for AmountVisitor<D> {
    type Value = Amount<D>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, like {}", D::NAME, quoted_example::<D>())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount<D>, E> {
        measure::<D>(text)
            .map(|measured| Amount::of(measured.number, measured.currency))
            .map_err(|(message, remedy)| E::custom(format!("{message}{REMEDY}{remedy}")))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Amount<D>, E> {
        if D::BARE && number.is_finite() {
            Ok(Amount::of(number, None))
        } else {
            Err(E::custom(format!(
                "{number} has no unit{REMEDY}write {}, like {}",
                D::NAME,
                quoted_example::<D>()
            )))
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Amount<D>, E> {
        self.visit_f64(number as f64)
    }
}

fn quoted_example<D: Dimension>() -> String {
    if D::BARE {
        D::EXAMPLE.to_owned()
    } else {
        format!("\"{}\"", D::EXAMPLE)
    }
}

impl<'de, D: Dimension> Deserialize<'de> for Amount<D> {
    fn deserialize<T: Deserializer<'de>>(deserializer: T) -> Result<Self, T::Error> {
        deserializer.deserialize_any(AmountVisitor(PhantomData))
    }
}

impl<D: Dimension> JsonSchema for Amount<D> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Amount", D::ID).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let types: &[&str] = if D::BARE { &["number", "string"] } else { &["string"] };
        json_schema!({
            "type": types,
            "pattern": pattern::<D>(),
            "description": format!("{}, like {}", D::NAME, quoted_example::<D>()),
        })
    }
}

impl<D: Dimension> Parameter for Amount<D> {
    fn number(&self, _: &Inputs<'_>) -> f64 {
        self.number
    }
}

/// One number, known or drawn once per replication.
#[derive(Clone, PartialEq, Debug)]
pub struct Quantity<D> {
    /// The dotted key under which it stands; its draws are keyed by it.
    pub key: String,
    /// What we know of it, in the base unit of the dimension.
    pub knowledge: Family,
    /// The currency of money.
    pub currency: Option<Currency>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// What measures change about it.
    pub changes: Vec<Change>,
    dimension: PhantomData<D>,
}

impl<D: Dimension> Quantity<D> {
    /// A quantity known to be `number`, in the base unit, as if it stood under `key`.
    pub fn known(key: &str, number: f64) -> Self {
        Self::plain(key.to_owned(), Amount::of(number, None))
    }

    /// Whether it is drawn at all.
    pub fn is_uncertain(&self) -> bool {
        !matches!(self.knowledge, Family::Constant(_))
    }

    /// Whether it says where it comes from, by a source or a derivation.
    pub fn is_founded(&self) -> bool {
        self.provenance.source.is_some() || self.provenance.derived.is_some()
    }

    /// The mean of what we know, in its own currency: the value while uncertainty of inputs is switched off.
    pub fn expected(&self) -> f64 {
        self.knowledge.mean()
    }
}

impl<D: Dimension> Parameter for Quantity<D> {
    fn number(&self, inputs: &Inputs<'_>) -> f64 {
        inputs.value(self)
    }
}

/// The forms of a quantity: plain amounts are their parameters.
type QuantityForms<D> = Forms<Amount<D>, Amount<Plain>>;

/// The forms of a distribution: quantities are their parameters.
type DistributionForms<D> = Forms<Quantity<D>, Quantity<Plain>>;

/// Something that is drawn anew for each consignment, vehicle or day.
#[derive(Clone, PartialEq, Debug)]
pub struct Distribution<D> {
    /// The dotted key under which it stands.
    pub key: String,
    /// Where it comes from.
    pub provenance: Provenance,
    /// What measures change about it.
    pub changes: Vec<Change>,
    written: DistributionWritten<D>,
}

#[derive(Clone, PartialEq, Debug)]
enum DistributionWritten<D> {
    Amount(Amount<D>),
    Forms(Box<DistributionForms<D>>),
}

impl<D: Dimension> Distribution<D> {
    /// Always `number`, in the base unit, as if it stood under `key`.
    pub fn constant(key: &str, number: f64) -> Self {
        Self::plain(key.to_owned(), Amount::of(number, None))
    }

    /// The distribution with the inputs' values as parameters, in the base unit of the dimension. Where uncertain
    /// inputs happen to contradict each other (a minimum above a maximum), their expected values count.
    pub fn family(&self, inputs: &Inputs<'_>) -> Family {
        let family = match &self.written {
            DistributionWritten::Amount(amount) => Family::Constant(amount.number),
            DistributionWritten::Forms(forms) => forms
                .valid_family(inputs)
                .or_else(|_| forms.valid_family(&Inputs::expected()))
                .unwrap_or(Family::Constant(0.0)),
        };
        if self.changes.is_empty() {
            return family;
        }
        Effect::of(&self.changes, family.mean(), inputs).on_family(family)
    }

    /// The distribution at the inputs' expected values.
    pub fn expected_family(&self) -> Family {
        self.family(&Inputs::expected())
    }
}

/// What can be read from a key with either an amount or a table of forms.
trait Written<D, F>: Sized {
    fn plain(key: String, amount: Amount<D>) -> Self;
    fn table(key: String, forms: F) -> Result<Self, String>;
}

impl<D: Dimension> Written<D, QuantityForms<D>> for Quantity<D> {
    fn plain(key: String, amount: Amount<D>) -> Self {
        Self {
            key,
            knowledge: Family::Constant(amount.number),
            currency: amount.currency,
            provenance: Provenance::default(),
            changes: Vec::new(),
            dimension: PhantomData,
        }
    }

    fn table(key: String, forms: QuantityForms<D>) -> Result<Self, String> {
        let currency = common_currency(&forms)?;
        Ok(Self {
            key,
            knowledge: forms.valid_family(&Inputs::expected())?,
            currency,
            changes: changes::<D>(&forms.change, currency)?,
            provenance: forms.provenance(),
            dimension: PhantomData,
        })
    }
}

/// The currency of all the amounts of `forms`; mixing several is an error.
fn common_currency<D: Dimension>(forms: &QuantityForms<D>) -> Result<Option<Currency>, String> {
    let plain = [&forms.value, &forms.min, &forms.typical, &forms.max]
        .into_iter()
        .flatten();
    let mut currencies: Vec<Currency> = plain
        .chain(forms.uniform.iter().flat_map(|form| [&form.min, &form.max]))
        .chain(
            forms
                .triangular
                .iter()
                .flat_map(|form| [&form.min, &form.mode, &form.max]),
        )
        .chain(forms.lognormal.iter().map(|form| &form.mean))
        .chain(forms.gamma.iter().map(|form| &form.mean))
        .chain(forms.empirical.iter().flat_map(|form| &form.values))
        .filter_map(|amount| amount.currency)
        .collect();
    currencies.dedup();
    match currencies.as_slice() {
        [first, second, ..] => Err(format!(
            "mixes {first} and {second}{REMEDY}write all its amounts in one currency"
        )),
        others => Ok(others.first().copied()),
    }
}

impl<D: Dimension> Written<D, DistributionForms<D>> for Distribution<D> {
    fn plain(key: String, amount: Amount<D>) -> Self {
        Self {
            key,
            provenance: Provenance::default(),
            changes: Vec::new(),
            written: DistributionWritten::Amount(amount),
        }
    }

    fn table(key: String, forms: DistributionForms<D>) -> Result<Self, String> {
        forms.valid_family(&Inputs::expected())?;
        let provenance = forms.provenance();
        Ok(Self {
            key,
            provenance,
            changes: changes::<D>(&forms.change, None)?,
            written: DistributionWritten::Forms(Box::new(forms)),
        })
    }
}

/// Asks the deserializer for the dotted key, then reads either a plain amount or a table of forms.
struct WithKey<D, F, R>(PhantomData<(D, F, R)>);

impl<'de, D: Dimension, F: Deserialize<'de>, R: Written<D, F>> Visitor<'de> for WithKey<D, F, R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, like {}", D::NAME, quoted_example::<D>())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<R, S::Error> {
        let outside = || de::Error::custom("quantities can only be read from scenario files");
        let key: String = seq.next_element()?.ok_or_else(outside)?;
        match seq.next_element::<AmountOrForms<D, F>>()?.ok_or_else(outside)? {
            AmountOrForms::Amount(amount) => Ok(R::plain(key, amount)),
            AmountOrForms::Forms(forms) => R::table(key, forms).map_err(de::Error::custom),
        }
    }
}

enum AmountOrForms<D, F> {
    Amount(Amount<D>),
    Forms(F),
}

struct AmountOrFormsVisitor<D, F>(PhantomData<(D, F)>);

impl<'de, D: Dimension, F: Deserialize<'de>> Visitor<'de> for AmountOrFormsVisitor<D, F> {
    type Value = AmountOrForms<D, F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, like {}", D::NAME, quoted_example::<D>())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        AmountVisitor(PhantomData).visit_str(text).map(AmountOrForms::Amount)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        AmountVisitor(PhantomData).visit_f64(number).map(AmountOrForms::Amount)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        AmountVisitor(PhantomData).visit_i64(number).map(AmountOrForms::Amount)
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
        F::deserialize(de::value::MapAccessDeserializer::new(map)).map(AmountOrForms::Forms)
    }
}

impl<'de, D: Dimension, F: Deserialize<'de>> Deserialize<'de> for AmountOrForms<D, F> {
    fn deserialize<T: Deserializer<'de>>(deserializer: T) -> Result<Self, T::Error> {
        deserializer.deserialize_any(AmountOrFormsVisitor(PhantomData))
    }
}

impl<'de, D: Dimension> Deserialize<'de> for Quantity<D> {
    fn deserialize<T: Deserializer<'de>>(deserializer: T) -> Result<Self, T::Error> {
        let visitor = WithKey::<D, QuantityForms<D>, Self>(PhantomData);
        deserializer.deserialize_newtype_struct(WITH_KEY, visitor)
    }
}

impl<'de, D: Dimension> Deserialize<'de> for Distribution<D> {
    fn deserialize<T: Deserializer<'de>>(deserializer: T) -> Result<Self, T::Error> {
        let visitor = WithKey::<D, DistributionForms<D>, Self>(PhantomData);
        deserializer.deserialize_newtype_struct(WITH_KEY, visitor)
    }
}

/// The regular expression of amounts with the units of `D`.
fn pattern<D: Dimension>() -> String {
    let escaped = |(unit, _): &(&str, f64)| {
        unit.chars().fold(String::new(), |mut text, c| {
            if matches!(
                c,
                '.' | '+' | '*' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' | '|'
            ) {
                text.push('\\');
            }
            text.push(c);
            text
        })
    };
    let units: Vec<String> = D::UNITS.iter().map(escaped).collect();
    let currency = if D::MONEY { "/?[A-Z]{3}" } else { "" };
    format!(
        "^\\s*[-+]?[0-9_.]+([eE][-+]?[0-9]+)?\\s*{currency}({})\\s*$",
        units.join("|")
    )
}

/// The schema of what is written as a plain amount or as a table of forms.
fn written_schema<D: Dimension, F: JsonSchema>(generator: &mut SchemaGenerator, how: &str) -> Schema {
    let amount = Amount::<D>::json_schema(generator);
    let forms = generator.subschema_for::<F>();
    json_schema!({
        "description": format!("{}, {how}", D::NAME),
        "examples": [D::EXAMPLE.split(" or ").next()],
        "anyOf": [amount, forms],
    })
}

impl<D: Dimension> JsonSchema for Quantity<D> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Quantity", D::ID).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        written_schema::<D, QuantityForms<D>>(generator, "known or drawn once per replication")
    }
}

impl<D: Dimension> JsonSchema for Distribution<D> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Distribution", D::ID).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        written_schema::<D, DistributionForms<D>>(generator, "drawn anew each time")
    }
}
