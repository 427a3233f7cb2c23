//! How long exporters wait for their money, and what that costs.

use super::{DAY, Sink, Walk};
use crate::indicator::Group;

impl Walk<'_> {
    /// The cash cycle of a group's exports and the interest on it, by what they are worth; nothing where no goods state credit.
    pub(super) fn credit<S: Sink>(&self, sink: &mut S, group: &Group) {
        let goods = self.model.scenario.commodities.values();
        if !goods
            .into_iter()
            .any(|goods| goods.payment.is_some() || goods.rebate_wait.is_some())
        {
            return;
        }
        let strands = &self.record.strands;
        let plan = self.plan;
        // Value delivered by strands of exports on credit.
        let worth = |strand: usize| {
            let flow = &plan.flows[plan.strands[strand].flow as usize];
            let owed = flow.credit.payment_days > 0.0 || flow.credit.rebate_days > 0.0;
            if owed && strands[strand].delivered > 0 {
                strands[strand].delivered_space as f64 * flow.value_per_teu
            } else {
                0.0
            }
        };
        let mean = |value: &dyn Fn(usize) -> f64| {
            let (mut sum, mut whole) = (0.0, 0.0);
            for strand in group.strands.iter().copied().filter(|strand| worth(*strand) > 0.0) {
                sum += worth(strand) * value(strand);
                whole += worth(strand);
            }
            sum / whole
        };
        let credit = |strand: usize| plan.flows[plan.strands[strand].flow as usize].credit;
        sink.mean("cash_cycle_days", "d", || {
            mean(&|strand| {
                let transit = strands[strand].transit as f64 / DAY / strands[strand].delivered as f64;
                transit + credit(strand).payment_days
            })
        });
        sink.mean("rebate_days", "d", || mean(&|strand| credit(strand).rebate_days));
        sink.mean("credit_cost_per_teu", "money/TEU", || {
            let (mut sum, mut space) = (0.0, 0.0);
            for strand in group.strands.iter().copied().filter(|strand| worth(*strand) > 0.0) {
                let delivered = strands[strand].delivered_space as f64;
                sum += delivered * credit(strand).cost;
                space += delivered;
            }
            sum / space
        });
    }
}
