//! What exporters wait for after delivery: their buyers' money and the tax rebate.

use super::{Appraisal, Cargo};
use crate::scenario::demand::Commodity;
use crate::units::HOURS_PER_DAY;
use std::ops::{AddAssign, Mul};

/// Credit that an exporter gives, per TEU.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct TradeCredit {
    /// Days from delivery to payment.
    pub payment_days: f64,
    /// Days from the claim to the payment of the tax rebate.
    pub rebate_days: f64,
    /// What interest on both costs, in the reporting currency.
    pub cost: f64,
}

impl AddAssign for TradeCredit {
    fn add_assign(&mut self, other: Self) {
        self.payment_days += other.payment_days;
        self.rebate_days += other.rebate_days;
        self.cost += other.cost;
    }
}

impl Mul<f64> for TradeCredit {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self {
            payment_days: self.payment_days * factor,
            rebate_days: self.rebate_days * factor,
            cost: self.cost * factor,
        }
    }
}

impl Appraisal<'_> {
    /// The credit that goes with a TEU of `cargo`; none for imports.
    pub fn credit(&self, cargo: Cargo<'_>) -> TradeCredit {
        let Some(goods) = cargo.commodity.filter(|goods| cargo.exported && has_credit(goods)) else {
            return TradeCredit::default();
        };
        let hours = |time: &Option<_>| time.as_ref().map_or(0.0, |time| self.inputs.value(time));
        let payment_days = hours(&goods.payment) / HOURS_PER_DAY;
        let rebate_days = hours(&goods.rebate_wait) / HOURS_PER_DAY;
        let rebate = goods.rebate_rate.as_ref().map_or(0.0, |rate| self.inputs.value(rate));
        let interest = goods.credit_rate.as_ref().map_or(0.0, |rate| self.inputs.value(rate));
        TradeCredit {
            payment_days,
            rebate_days,
            cost: cargo.value_per_teu(self.inputs) * interest * (payment_days + rebate * rebate_days),
        }
    }
}

/// Whether anything is owed for it after delivery.
fn has_credit(goods: &Commodity) -> bool {
    goods.payment.is_some() || goods.rebate_wait.is_some()
}
