//! Consolidation: lanes and their rules of dispatch as numbers.

use super::facilities::class_of;
use super::{Compiler, DEFAULT_PRIORITY};
use crate::calendar::Recurrence;
use crate::model::plan::LanePlan;
use crate::network::{Appraisal, Cargo};
use crate::random::{Family, Sampler, Stream};
use crate::scenario::consolidation::{BoxTimePer, BoxWork, Consolidation};
use crate::scenario::demand::Flow;
use crate::scenario::dimension::{Mass, Space};
use crate::scenario::{Inputs, Quantity};
use crate::units::{Kilograms, LaneId, MilliTeu, SimSpan, SimTime};

impl<S: FnMut(&Family) -> Sampler> Compiler<'_, S> {
    /// The priority of a consolidation's boxes.
    pub(super) fn priority_of_boxes(&self, stated: &Consolidation) -> u8 {
        let goods = stated
            .commodity
            .as_ref()
            .and_then(|name| self.scenario.commodities.get(name));
        stated
            .priority
            .or_else(|| goods.and_then(|goods| goods.priority))
            .unwrap_or(DEFAULT_PRIORITY)
    }

    pub(super) fn lanes(&mut self, classes: &[u8]) -> Vec<LanePlan> {
        (0..self.network.tables.lanes.len())
            .map(|number| self.lane(LaneId::new(number), classes))
            .collect()
    }

    fn lane(&mut self, lane: LaneId, classes: &[u8]) -> LanePlan {
        let appraisal = self.appraisal;
        let row = &self.network.tables.lanes[lane.index()];
        let stated = &self.scenario.consolidations[&row.consolidation];
        let dispatch = stated.dispatch.clone().unwrap_or_default();
        let capacity = stated.capacity.as_ref().or(stated.container.as_ref());
        let clock = match &dispatch.every {
            Some(interval) => {
                let gap = self.inputs.value(&interval.interval);
                let first = self.value(interval.first.as_ref(), gap);
                Some(Recurrence::every(SimTime::from_hours(first), SimSpan::from_hours(gap)))
            }
            None => self.dates.dispatches[row.number].clone(),
        };
        let goods = stated
            .commodity
            .as_ref()
            .and_then(|name| self.scenario.commodities.get(name));
        LanePlan {
            stream: Stream::of(&format!("consolidation.{}", row.id)),
            enough: (
                dispatch.lots.unwrap_or(u64::MAX),
                space(self.inputs, dispatch.space.as_ref()),
                mass(self.inputs, dispatch.mass.as_ref()),
            ),
            capacity: space(self.inputs, capacity),
            payload: mass(self.inputs, stated.payload.as_ref()),
            overfull: dispatch.overfull,
            longest_wait: dispatch
                .longest_wait
                .as_ref()
                .map_or(SimSpan::FOREVER, |span| SimSpan::from_hours(self.inputs.value(span))),
            clock,
            container: stated.container.as_ref().map(|size| space(self.inputs, Some(size))),
            stuffing: self.box_work(stated.stuffing.as_ref()),
            stripping: self.box_work(stated.stripping.as_ref()),
            class: class_of(classes, self.priority_of_boxes(stated)).unwrap_or(0),
            refrigerated: goods.is_some_and(|goods| goods.refrigerated),
            flow: (self.scenario.flows.len() + row.number) as u32,
            first_step: self.layout.lanes[lane.index()].first_step as u32,
            wait_within: stated
                .wait_within
                .iter()
                .map(|time| SimSpan::from_hours(self.inputs.value(time)))
                .collect(),
            charges: self.charges(lane, stated, appraisal),
        }
    }

    fn box_work(&mut self, work: Option<&BoxWork>) -> Option<(Sampler, BoxTimePer)> {
        let work = work?;
        let time = self.draw_time_if(work.time.as_ref())?;
        Some((time, work.time_per))
    }

    /// What a box is charged: per TEU that it takes up, for itself, and per TEU of the cargo in it.
    fn charges(&self, lane: LaneId, stated: &Consolidation, appraisal: &Appraisal<'_>) -> [f64; 3] {
        let row = &self.network.tables.lanes[lane.index()];
        let box_as_flow = Flow {
            commodity: stated.commodity.clone(),
            ..Flow::default()
        };
        let mut cargo = Cargo::of(self.scenario, &row.consolidation, &box_as_flow, self.inputs);
        let batch = appraisal.batch(lane);
        cargo.size = stated
            .container
            .as_ref()
            .map_or(batch.teu, |size| self.inputs.value(size));
        let works = [&stated.stuffing, &stated.stripping];
        let works = || works.iter().filter_map(|work| work.as_ref());
        let per_box: f64 = works()
            .filter_map(|work| work.cost_per_box.as_ref())
            .map(|cost| self.inputs.money(cost))
            .sum();
        let per_teu: f64 = works()
            .filter_map(|work| work.cost.as_ref())
            .map(|cost| self.inputs.money(cost))
            .sum();
        [appraisal.whole(&row.steps, cargo).cost, per_box, per_teu]
    }
}

fn space(inputs: &Inputs<'_>, space: Option<&Quantity<Space>>) -> MilliTeu {
    space.map_or(MilliTeu::UNLIMITED, |space| MilliTeu::from_teu(inputs.value(space)))
}

fn mass(inputs: &Inputs<'_>, mass: Option<&Quantity<Mass>>) -> Kilograms {
    mass.map_or(Kilograms::UNLIMITED, |mass| Kilograms::from_tonnes(inputs.value(mass)))
}
