//! What measures change about a figure: how a number is set, scaled or added to, and by which instrument.
//!
//! A measure's changes are carried to the figures that they select when the scenario is read
//! (see [`super::measure`]), as the list `change` of the figure itself. A change's size is drawn once for
//! all that it changes, and takes effect by its strength: 0 before it begins or where it was not delivered, 1 in full.
//! Figures that are set move from their own value to the new one; then all factors are multiplied, then all sums added, each
//! in the order of the instruments' names, so that the order in which measures are named cannot matter.
//!
//! An instrument has one draw for the sizes of all its changes: where it turns out strong it is strong in all of them,
//! whether they raise or lower what they change. Instruments that overlap are held within the caps of their groups.

use super::decode::REMEDY;
use super::dimension::{Currency, Dimension, Plain, measure};
use super::inputs::Inputs;
use super::quantity::Grade;
use crate::random::{Family, Stream};
use schemars::JsonSchema;
use serde::Deserialize;

/// A change as it stands in a scenario that measures have been applied to.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeForm {
    /// The instrument, such as "18.2".
    by: String,
    /// The number of the change among those of the instrument.
    number: u32,
    /// The figure is multiplied by this.
    scale: Option<Size>,
    /// This is added to the figure; below zero it is taken off.
    add: Option<Size>,
    /// The figure becomes this.
    set: Option<Size>,
    /// Overlaps with other instruments on this figure.
    #[serde(default)]
    overlap: Vec<CapForm>,
    /// Key of the source of the instrument's sizes.
    source: Option<String>,
    /// How well they are founded.
    grade: Option<Grade>,
    /// How they were derived or assumed.
    derived: Option<String>,
}

/// The cap of an overlap, as it stands in a change.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CapForm {
    /// The overlap.
    group: String,
    /// Cap of the factors together.
    factor: Option<Size>,
    /// Cap of all that is added.
    sum: Option<Size>,
}

/// A size, known or drawn once per replication.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "is not a size\u{1f}write a number with its unit, like \"2 d\", or { min = ..., typical = ..., max = ... }"
)]
pub enum Size {
    /// A number with its unit.
    Known(Written),
    /// Uncertain, by its smallest, most typical and largest value (PERT).
    Uncertain(UncertainSize),
}

/// An uncertain size.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UncertainSize {
    /// Always this value.
    value: Option<Written>,
    /// The smallest possible value.
    min: Option<Written>,
    /// The most typical value.
    typical: Option<Written>,
    /// The largest possible value.
    max: Option<Written>,
    /// Key of the source.
    source: Option<String>,
    /// How well the figure is founded.
    grade: Option<Grade>,
    /// How the figure was derived or assumed.
    derived: Option<String>,
}

/// A number as it is written: with its unit, or bare.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "is not a number\u{1f}write a number with its unit, like \"2 d\""
)]
pub enum Written {
    /// Without a unit.
    Bare(f64),
    /// With its unit.
    Text(String),
}

impl Written {
    /// The number in the base unit of `D`; money must be in `currency`, where the figure that changes has one.
    fn number<D: Dimension>(&self, currency: Option<Currency>) -> Result<f64, String> {
        match self {
            Self::Bare(number) if D::BARE => Ok(*number),
            Self::Bare(number) => Err(format!(
                "{number} has no unit{REMEDY}write {}, like \"{}\"",
                D::NAME,
                D::EXAMPLE
            )),
            Self::Text(text) => {
                let measured = measure::<D>(text).map_err(|(message, remedy)| format!("{message}{REMEDY}{remedy}"))?;
                match (measured.currency, currency) {
                    (Some(own), Some(currency)) if own != currency => Err(format!(
                        "is in {own}, but what it changes is in {currency}{REMEDY}write it in {currency}"
                    )),
                    _ => Ok(measured.number),
                }
            }
        }
    }
}

impl Size {
    /// What is known of it, in the base unit of `D`.
    ///
    /// # Errors
    /// Says what is wrong and what to do.
    fn family<D: Dimension>(&self, currency: Option<Currency>) -> Result<Family, String> {
        let family = match self {
            Self::Known(written) => Family::Constant(written.number::<D>(currency)?),
            Self::Uncertain(size) => match (&size.value, &size.min, &size.typical, &size.max) {
                (Some(value), None, None, None) => Family::Constant(value.number::<D>(currency)?),
                (None, Some(min), Some(typical), Some(max)) => Family::Pert {
                    min: min.number::<D>(currency)?,
                    typical: typical.number::<D>(currency)?,
                    max: max.number::<D>(currency)?,
                },
                _ => {
                    return Err(format!(
                        "is neither a `value` nor `min`, `typical` and `max`{REMEDY}give either `value` or all three"
                    ));
                }
            },
        };
        family.validate().map_err(|error| {
            format!(
                "`{}` {}{REMEDY}write the values in increasing order",
                error.parameter, error.message
            )
        })?;
        Ok(family)
    }
}

/// What one instrument does to a figure.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// The instrument.
    pub instrument: String,
    /// How the figure is changed.
    pub how: How,
    /// By how much, in the figure's base unit, or as a factor.
    size: Known,
    /// The caps under which it stands, in the order of their groups.
    caps: Vec<Cap>,
}

/// A size and where it is drawn.
#[derive(Clone, PartialEq, Debug)]
struct Known {
    /// What is known of it, or of its negative.
    family: Family,
    /// Whether `family` is of the negative: a size that lowers a figure is drawn upside down, so that a high draw is always a
    /// strong effect.
    negative: bool,
    /// Where the luck is drawn.
    luck: Stream,
    /// What tells this size from others with the same luck.
    name: Stream,
}

impl Known {
    fn new(family: Family, lowers: bool, luck: Stream, name: Stream) -> Self {
        match mirrored(&family).filter(|_| lowers) {
            Some(family) => Self {
                family,
                negative: true,
                luck,
                name,
            },
            None => Self {
                family,
                negative: false,
                luck,
                name,
            },
        }
    }

    fn value(&self, inputs: &Inputs<'_>) -> f64 {
        let value = inputs.size_of((self.luck, self.name), &self.family);
        if self.negative { -value } else { value }
    }

    fn min(&self) -> f64 {
        if self.negative {
            -self.family.max()
        } else {
            self.family.min()
        }
    }
}

/// The family of the negative of what is known as `family`, where that is one.
fn mirrored(family: &Family) -> Option<Family> {
    match *family {
        Family::Pert { min, typical, max } => Some(Family::Pert {
            min: -max,
            typical: -typical,
            max: -min,
        }),
        _ => None,
    }
}

/// How far instruments that overlap may go together.
#[derive(Clone, PartialEq, Debug)]
struct Cap {
    group: String,
    limit: Limit,
    size: Known,
}

/// What is capped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Limit {
    Factor,
    Sum,
}

impl Cap {
    fn of<D: Dimension>(form: &CapForm, currency: Option<Currency>) -> Result<Self, String> {
        let group = &form.group;
        let (limit, family, neutral) = match (&form.factor, &form.sum) {
            (Some(factor), None) => (Limit::Factor, factor.family::<Plain>(None), 1.0),
            (None, Some(sum)) => (Limit::Sum, sum.family::<D>(currency), 0.0),
            _ => {
                return Err(format!(
                    "overlap {group} states not exactly one of `factor` and `sum`{REMEDY}give one of them"
                ));
            }
        };
        let family = family.map_err(|error| format!("the cap of overlap {group} {error}"))?;
        if limit == Limit::Factor && family.min() <= 0.0 {
            return Err(format!(
                "the cap of overlap {group} is a factor of zero or below{REMEDY}give factors above 0"
            ));
        }
        let lowers = family.mean() < neutral;
        let address = luck_of_overlap(group);
        Ok(Self {
            group: group.clone(),
            limit,
            size: Known::new(family, lowers, address, address),
        })
    }
}

/// The keys of a change that say by how much.
pub(super) const HOW: [&str; 3] = ["scale", "add", "set"];

/// What tells the size of change `number` of an instrument from its others.
pub(super) fn name_of_size(instrument: &str, number: i64) -> Stream {
    Stream::of(&format!("instrument.{instrument}.{number}"))
}

/// Where the cap of an overlap has its luck.
pub(super) fn luck_of_overlap(group: &str) -> Stream {
    Stream::of(&format!("overlap.{group}"))
}

/// How a figure is changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum How {
    /// It becomes the size.
    Set,
    /// It is multiplied by the size.
    Scale,
    /// The size is added to it.
    Add,
}

impl Change {
    fn of<D: Dimension>(form: &ChangeForm, currency: Option<Currency>) -> Result<Self, String> {
        let of_figure = |size: &Size| size.family::<D>(currency);
        let stated = [
            (How::Set, form.set.as_ref().map(of_figure)),
            (How::Scale, form.scale.as_ref().map(|size| size.family::<Plain>(None))),
            (How::Add, form.add.as_ref().map(of_figure)),
        ];
        let mut stated = stated.into_iter().filter_map(|(how, size)| Some((how, size?)));
        let (Some((how, size)), None) = (stated.next(), stated.next()) else {
            return Err(format!(
                "instrument {} states not exactly one of `set`, `scale` and `add` here{REMEDY}give one of them",
                form.by
            ));
        };
        let size = size.map_err(|error| format!("the change by instrument {} {error}", form.by))?;
        let neutral = if how == How::Scale { 1.0 } else { 0.0 };
        let lowers = how != How::Set && size.mean() < neutral;
        let luck = Stream::of(&format!("instrument.{}", form.by));
        let name = name_of_size(&form.by, i64::from(form.number));
        let size = Known::new(size, lowers, luck, name);
        if how == How::Scale && size.min() < 0.0 {
            return Err(format!(
                "instrument {} scales by a factor below zero{REMEDY}give a factor of at least 0",
                form.by
            ));
        }
        let caps: Result<Vec<Cap>, String> = form.overlap.iter().map(|form| Cap::of::<D>(form, currency)).collect();
        Ok(Self {
            instrument: form.by.clone(),
            how,
            size,
            caps: caps?,
        })
    }
}

/// The changes of a figure of dimension `D`, and of a currency if it is money, in the order in which they act.
///
/// # Errors
/// Says what is wrong with each that is at fault, and what to do about the last.
pub(super) fn changes<D: Dimension>(forms: &[ChangeForm], currency: Option<Currency>) -> Result<Vec<Change>, String> {
    let (mut changes, mut wrong) = (Vec::with_capacity(forms.len()), Vec::new());
    for form in forms {
        match Change::of::<D>(form, currency) {
            Ok(change) => changes.push(change),
            Err(message) => wrong.push(message),
        }
    }
    if let Some((last, others)) = wrong.split_last() {
        let others = others.iter().filter_map(|message| message.split(REMEDY).next());
        return Err(others.chain([last.as_str()]).collect::<Vec<_>>().join("; "));
    }
    changes.sort_by(|a, b| (a.how, &a.instrument).cmp(&(b.how, &b.instrument)));
    Ok(changes)
}

/// What `changes` make of a figure: a value that it moves to and how far, a factor, and a sum. None act where all are
/// without strength, and the figure then keeps every bit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Effect {
    /// The value towards which it moves, and how far: 1 is all the way.
    pub set: Option<(f64, f64)>,
    /// The factor.
    pub factor: f64,
    /// The sum.
    pub sum: f64,
}

impl Effect {
    /// Nothing happens.
    const NONE: Self = Self {
        set: None,
        factor: 1.0,
        sum: 0.0,
    };

    /// That of `changes` on a figure that is `number`, in the mean, at the strengths and draws of `inputs`.
    pub fn of(changes: &[Change], number: f64, inputs: &Inputs<'_>) -> Self {
        let acting: Vec<Acting<'_>> = changes
            .iter()
            .map(|change| Acting {
                change,
                strength: inputs.strength(&change.instrument),
                size: change.size.value(inputs),
            })
            .filter(|it| it.strength > 0.0)
            .collect();
        let mut factors: Vec<f64> = acting.iter().map(Acting::factor).collect();
        if acting.iter().all(|it| it.change.caps.is_empty()) {
            return Self::together(&acting, &factors);
        }
        let mut caps: Vec<&Cap> = acting.iter().flat_map(|it| &it.change.caps).collect();
        caps.sort_by(|a, b| a.group.cmp(&b.group));
        caps.dedup_by(|a, b| a.group == b.group);
        for cap in caps.iter().filter(|cap| cap.limit == Limit::Factor) {
            hold_factors(cap.size.value(inputs), &mut factors, |place| acting[place].is_in(cap));
        }
        let mut effect = Self::together(&acting, &factors);
        let whole = effect.on(number);
        for cap in caps.iter().filter(|cap| cap.limit == Limit::Sum) {
            let others: Vec<usize> = (0..acting.len()).filter(|place| !acting[*place].is_in(cap)).collect();
            let rest: Vec<Acting<'_>> = others.iter().map(|place| acting[*place].clone()).collect();
            let their_factors: Vec<f64> = others.iter().map(|place| factors[*place]).collect();
            let added = whole - Self::together(&rest, &their_factors).on(number);
            let limit = cap.size.value(inputs);
            if (limit >= 0.0 && added > limit) || (limit < 0.0 && added < limit) {
                effect.sum += limit - added;
            }
        }
        effect
    }

    /// That of changes whose factors are `factors`.
    fn together(acting: &[Acting<'_>], factors: &[f64]) -> Self {
        let mut effect = Self::NONE;
        for (it, factor) in acting.iter().zip(factors) {
            match it.change.how {
                How::Set => effect.set = Some((it.size, it.strength)),
                How::Scale => effect.factor *= factor,
                How::Add => effect.sum += it.strength * it.size,
            }
        }
        effect
    }

    /// Whether it does nothing.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// What becomes of a number. One that was not below zero does not fall below it: no measure makes a demand, a charge or a
    /// time negative.
    pub fn on(self, number: f64) -> f64 {
        let moved = match self.set {
            Some((value, strength)) => number + strength * (value - number),
            None => number,
        };
        let changed = moved * self.factor + self.sum;
        if number >= 0.0 { changed.max(0.0) } else { changed }
    }

    /// What becomes of a distribution: it is scaled and shifted as a whole. Values that a shift takes below zero count as zero
    /// when they are drawn.
    pub fn on_family(self, family: Family) -> Family {
        if self.is_none() {
            return family;
        }
        let family = match self.set {
            Some((value, strength)) if strength >= 1.0 => Family::Constant(value),
            Some((value, strength)) => shifted(family.scaled(1.0 - strength), strength * value),
            None => family,
        };
        shifted(family.scaled(self.factor), self.sum)
    }
}

/// A change at work.
#[derive(Clone)]
struct Acting<'a> {
    change: &'a Change,
    strength: f64,
    size: f64,
}

impl Acting<'_> {
    /// Its factor; one where it is none.
    fn factor(&self) -> f64 {
        match self.change.how {
            How::Scale => 1.0 + self.strength * (self.size - 1.0),
            How::Set | How::Add => 1.0,
        }
    }

    fn is_in(&self, cap: &Cap) -> bool {
        self.change.caps.iter().any(|own| own.group == cap.group)
    }
}

/// Holds the product of the factors of members within `cap`: if it goes beyond, each gives way in proportion to its logarithm.
fn hold_factors(cap: f64, factors: &mut [f64], is_member: impl Fn(usize) -> bool) {
    let members: Vec<usize> = (0..factors.len()).filter(|place| is_member(*place)).collect();
    let whole: f64 = members.iter().map(|place| libm::log(factors[*place])).sum();
    let limit = libm::log(cap);
    let is_beyond = (limit >= 0.0 && whole > limit) || (limit < 0.0 && whole < limit);
    if !is_beyond {
        return;
    }
    if whole.is_finite() {
        for place in members {
            factors[place] = libm::exp(libm::log(factors[place]) * limit / whole);
        }
    } else {
        // Some factor is zero: one member stands for the cap.
        members.iter().for_each(|place| factors[*place] = 1.0);
        members.iter().take(1).for_each(|place| factors[*place] = cap);
    }
}

fn shifted(family: Family, by: f64) -> Family {
    match family {
        _ if by == 0.0 => family,
        Family::Constant(value) => Family::Constant(value + by),
        family => Family::Sum(vec![family, Family::Constant(by)]),
    }
}
