//! What lots in a shared box take, cost and emit: the wait for their batch, the way of the box, their share of its charges.

use super::departures::weekly_times;
use super::{Appraisal, Attributes, Cargo};
use crate::network::batching::{Batch, Rule};
use crate::scenario::consolidation::{BoxTimePer, BoxWork, Consolidation};
use crate::scenario::dimension::Dimension;
use crate::scenario::{Inputs, Quantity, Scenario};
use crate::units::LaneId;

impl<'a> Appraisal<'a> {
    /// Waiting for a batch of a lane, and going in its box to where it is broken up.
    pub(super) fn consolidated(&self, lane: LaneId, cargo: Cargo<'_>) -> Attributes {
        let mut sum = self.batching(lane);
        let steps = &self.tables.lanes[lane.index()].steps;
        for at in 0..steps.len() {
            sum += self.in_box(lane, at, cargo);
        }
        sum += self.breaking_up(lane);
        sum
    }

    /// Waiting for a batch of a lane and stuffing its box, with what shippers pay where the price is all in.
    pub fn batching(&self, lane: LaneId) -> Attributes {
        let (stated, batch) = (self.consolidation(lane), &self.batches[lane.index()]);
        let work = self.box_work(stated.stuffing.as_ref(), batch);
        Attributes {
            hours: batch.wait + work.hours,
            // Taken as uniform up to twice its mean.
            variance: batch.wait * batch.wait / 3.0 + work.variance,
            cost: stated
                .price
                .as_ref()
                .map_or(work.cost, |price| self.inputs.money(price)),
            ..Attributes::default()
        }
    }

    /// The step at place `at` of a lane, for cargo in a box on it: of the box's charges it pays as much as it takes up
    /// of the cargo in it.
    pub fn in_box(&self, lane: LaneId, at: usize, cargo: Cargo<'_>) -> Attributes {
        let row = &self.tables.lanes[lane.index()];
        let (stated, batch) = (self.consolidation(lane), &self.batches[lane.index()]);
        let size = stated
            .container
            .as_ref()
            .map_or(batch.teu, |size| self.inputs.value(size));
        let as_box = Cargo {
            flow: &row.consolidation,
            goods: stated.commodity.as_deref(),
            commodity: stated
                .commodity
                .as_ref()
                .and_then(|name| self.scenario.commodities.get(name)),
            size,
            ..cargo
        };
        let whole = self.step_of(&row.steps, at, as_box);
        Attributes {
            cost: self.share_of_charge(lane) * whole.cost,
            ..whole
        }
    }

    /// What a TEU of cargo pays of what a TEU of its box is charged; nothing where the price is all in.
    pub fn share_of_charge(&self, lane: LaneId) -> f64 {
        let (stated, batch) = (self.consolidation(lane), &self.batches[lane.index()]);
        match (&stated.price, &stated.container) {
            (Some(_), _) => 0.0,
            (None, Some(size)) if batch.teu > 0.0 => (self.inputs.value(size) / batch.teu).max(1.0),
            (None, _) => 1.0,
        }
    }

    /// Breaking up a batch of a lane.
    pub fn breaking_up(&self, lane: LaneId) -> Attributes {
        let (stated, batch) = (self.consolidation(lane), &self.batches[lane.index()]);
        let mut work = self.box_work(stated.stripping.as_ref(), batch);
        if stated.price.is_some() {
            work.cost = 0.0;
        }
        work
    }

    fn box_work(&self, work: Option<&BoxWork>, batch: &Batch) -> Attributes {
        let Some(work) = work else {
            return Attributes::default();
        };
        let time = self.family(work.time.as_ref());
        let count = match work.time_per {
            BoxTimePer::Box => 1.0,
            BoxTimePer::Lot => batch.lots,
            BoxTimePer::Teu => batch.teu,
        };
        let per_teu = work.cost.as_ref().map_or(0.0, |cost| self.inputs.money(cost));
        let per_box = work.cost_per_box.as_ref().map_or(0.0, |cost| self.inputs.money(cost));
        Attributes {
            hours: time.mean() * count,
            variance: time.variance() * count * count,
            cost: per_teu + per_box / batch.teu.max(f64::MIN_POSITIVE),
            ..Attributes::default()
        }
    }

    fn consolidation(&self, lane: LaneId) -> &'a Consolidation {
        &self.scenario.consolidations[&self.tables.lanes[lane.index()].consolidation]
    }

    /// What is expected of a batch of a lane.
    pub fn batch(&self, lane: LaneId) -> Batch {
        self.batches[lane.index()]
    }

    /// The scale of the logit for `cargo`: its flow's, its commodity's or that of all, per unit of the reporting currency.
    pub fn choice_scale(&self, cargo: Cargo<'_>) -> f64 {
        let own = self
            .scenario
            .flows
            .get(cargo.flow)
            .and_then(|flow| flow.choice_scale.as_ref());
        let of_goods = cargo.commodity.and_then(|goods| goods.choice_scale.as_ref());
        let scale = own.or(of_goods).or(self.scenario.choice.scale.as_ref());
        scale.map_or(0.0, |scale| {
            // One over money: converted the other way round.
            let one = scale.currency.map_or(1.0, |currency| self.inputs.rate(currency));
            self.inputs.value(scale) / one
        })
    }
}

/// The rule by which a consolidation dispatches, at the values of `inputs`.
pub(super) fn rule(scenario: &Scenario, stated: &Consolidation, inputs: &Inputs<'_>) -> Rule {
    fn or_never<D: Dimension>(inputs: &Inputs<'_>, quantity: Option<&Quantity<D>>) -> f64 {
        quantity.map_or(f64::INFINITY, |quantity| inputs.value(quantity))
    }
    let dispatch = stated.dispatch.clone().unwrap_or_default();
    let clock = match (&dispatch.every, dispatch.weekly.is_empty()) {
        (Some(interval), _) => {
            let gap = inputs.value(&interval.interval);
            Some((gap, gap / 2.0))
        }
        (None, false) => weekly_times(scenario, stated.at.as_ref(), &dispatch.weekly).map(|times| {
            let rate = times.rate_per_hour();
            let gap = if rate > 0.0 { 1.0 / rate } else { f64::INFINITY };
            (gap, times.mean_wait().hours())
        }),
        (None, true) => None,
    };
    Rule {
        lots: dispatch.lots.map_or(f64::INFINITY, |lots| lots as f64),
        teu: or_never(inputs, dispatch.space.as_ref()),
        tonnes: or_never(inputs, dispatch.mass.as_ref()),
        most_teu: or_never(inputs, stated.capacity.as_ref().or(stated.container.as_ref())),
        most_tonnes: or_never(inputs, stated.payload.as_ref()),
        longest_wait: or_never(inputs, dispatch.longest_wait.as_ref()),
        clock,
    }
}
