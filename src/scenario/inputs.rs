//! The values of uncertain inputs in one replication.

use super::change::Effect;
use super::dimension::{Currency, Dimension};
use super::held::Held;
use super::quantity::Quantity;
use crate::random::{Draws, Family, Purpose, Sampler, Stream, TableStore};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the uncertain inputs of a scenario are taken to be: their expected values, or one draw of each.
///
/// A draw is keyed by the dotted key of the input, so the same input has the same luck in every scenario.
#[derive(Default)]
pub struct Inputs<'a> {
    draws: Option<Draws>,
    /// Units of the reporting currency for one unit of each currency.
    rates: Option<&'a BTreeMap<Currency, f64>>,
    /// How strongly each instrument acts; none does where nothing is said.
    strengths: Option<&'a BTreeMap<String, f64>>,
    /// What is not drawn although the rest is.
    held: Option<&'a Held>,
    met_uncertainty: Cell<bool>,
    /// Values already drawn: an input that many routes share is inverted once.
    drawn: Rc<RefCell<BTreeMap<Stream, f64>>>,
}

impl<'a> Inputs<'a> {
    /// Every input at its expected value.
    pub fn expected() -> Self {
        Self::default()
    }

    /// Every uncertain input drawn from what we know of it.
    pub fn drawn(draws: Draws) -> Self {
        Self {
            draws: Some(draws),
            ..Self::default()
        }
    }

    /// The same, with the exchange rates at which money is converted.
    #[must_use]
    pub fn with_rates(self, rates: &'a BTreeMap<Currency, f64>) -> Self {
        Self {
            rates: Some(rates),
            ..self
        }
    }

    /// The same, but what is held stays at its expected value.
    #[must_use]
    pub fn holding(self, held: &'a Held) -> Self {
        Self {
            held: Some(held),
            ..self
        }
    }

    /// The same inputs, with measures in force.
    pub fn with_strengths<'b>(&'b self, strengths: &'b BTreeMap<String, f64>) -> Inputs<'b> {
        Inputs {
            draws: self.draws,
            rates: self.rates,
            strengths: Some(strengths),
            held: self.held,
            drawn: Rc::clone(&self.drawn),
            ..Inputs::default()
        }
    }

    /// Takes note whether `other`, the same with measures, has met an uncertain input.
    pub fn note_uncertainty_of(&self, other: &Inputs<'_>) {
        self.met_uncertainty
            .set(self.met_uncertainty() || other.met_uncertainty());
    }

    /// 1 if what has this probability comes about by the draw at `address`, or else 0; the probability itself where
    /// inputs are not drawn, or that one is held.
    pub fn chance(&self, address: Stream, probability: f64) -> f64 {
        match self.draws {
            Some(_) if self.held.is_some_and(|held| held.holds_delivery(address)) => probability,
            Some(draws) => {
                let word = draws.draw(address, Stream::of("input").purpose(Purpose::Input)).word();
                f64::from(word.unit() < probability)
            }
            None => {
                self.met_uncertainty
                    .set(self.met_uncertainty() || (probability > 0.0 && probability < 1.0));
                probability
            }
        }
    }

    /// How strongly an instrument acts: 0 not at all, 1 in full.
    pub(super) fn strength(&self, instrument: &str) -> f64 {
        self.strengths
            .and_then(|strengths| strengths.get(instrument).copied())
            .unwrap_or(0.0)
    }

    /// The value of `quantity` in the base unit of its dimension; money in its own currency.
    pub fn value<D: Dimension>(&self, quantity: &Quantity<D>) -> f64 {
        let number = if self.draws.is_some() && self.held.is_some_and(|held| held.holds(&quantity.key)) {
            quantity.expected()
        } else {
            self.size(&quantity.knowledge, || Stream::of(&quantity.key))
        };
        if quantity.changes.is_empty() {
            return number;
        }
        Effect::of(&quantity.changes, number, self).on(number)
    }

    /// The size of what is known as `family`, drawn at the address of its luck; its name tells it from others with the same
    /// luck.
    pub(super) fn size_of(&self, (luck, name): (Stream, Stream), family: &Family) -> f64 {
        if self.draws.is_some() && self.held.is_some_and(|held| held.holds_size(name)) {
            return family.mean();
        }
        self.known(family, || (luck, name))
    }

    fn size(&self, family: &Family, address: impl Fn() -> Stream) -> f64 {
        self.known(family, || {
            let address = address();
            (address, address)
        })
    }

    fn known(&self, family: &Family, address: impl Fn() -> (Stream, Stream)) -> f64 {
        match (family, &self.draws) {
            (Family::Constant(number), _) => *number,
            (_, None) => {
                self.met_uncertainty.set(true);
                family.mean()
            }
            (family, Some(draws)) => {
                let (luck, name) = address();
                *self.drawn.borrow_mut().entry(name).or_insert_with(|| {
                    let mut draw = draws.draw(luck, Stream::of("input").purpose(Purpose::Input));
                    Sampler::with_known_tables(family, &TableStore::default()).sample(&mut draw)
                })
            }
        }
    }

    /// The value of a quantity of money in the reporting currency.
    pub fn money<D: Dimension>(&self, quantity: &Quantity<D>) -> f64 {
        self.value(quantity) * quantity.currency.map_or(1.0, |currency| self.rate(currency))
    }

    /// Units of the reporting currency for one unit of `currency`.
    pub fn rate(&self, currency: Currency) -> f64 {
        self.rates
            .and_then(|rates| rates.get(&currency).copied())
            .unwrap_or(1.0)
    }

    /// Whether the value of any uncertain input has been asked for while none was drawn.
    pub fn met_uncertainty(&self) -> bool {
        self.met_uncertainty.get()
    }
}
