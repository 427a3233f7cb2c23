//! The end of a consignment's way: delivered, or turned away for good.

use super::Engine;
use super::observer::Observer;
use super::record::{DaySeries, square};
use crate::model::plan::ArrivalPlan;
use crate::units::SimTime;

/// How many deliveries ahead are remembered before those in the past are forgotten.
const AHEAD_LIMIT: usize = 4096;

impl<O: Observer> Engine<'_, O> {
    pub(super) fn deliver(&mut self, number: u32) {
        let flow = self.entities[number].flow;
        let key = self.entities[number].key;
        self.count_delivery(number, self.now);
        if let ArrivalPlan::Population(_) = self.plan.flows[flow as usize].arrivals {
            self.generate(flow, key.part(0));
        }
    }

    /// Delivers a consignment at a time to come, now that nothing can intervene.
    pub(super) fn deliver_ahead(&mut self, number: u32, time: SimTime) {
        if !self.window_over {
            // It stays present until then; should the window end before, the rest is taken off again.
            let counted = time.min(self.record.end) - self.now.max(self.record.begin);
            self.record.system.area += i128::from(counted.0.max(0));
            if self.ahead.len() >= AHEAD_LIMIT {
                let now = self.now;
                self.ahead.retain(|time| *time > now);
            }
            self.ahead.push(time);
        }
        self.last_delivery = self.last_delivery.max(time);
        self.count_delivery(number, time);
    }

    #[inline]
    fn count_delivery(&mut self, number: u32, time: SimTime) {
        let it = &self.entities[number];
        let strand = &self.plan.strands[it.strand as usize];
        if it.observed {
            let transit = time - it.created;
            let tally = &mut self.record.strands[it.strand as usize];
            tally.delivered += 1;
            tally.delivered_space += it.space.0;
            tally.delivered_mass += it.mass.0;
            tally.transit += i128::from(transit.0);
            tally.transit_squares += square(transit);
            let (shortest, longest) = tally.transit_range;
            tally.transit_range = if tally.delivered == 1 {
                (transit.0, transit.0)
            } else {
                (shortest.min(transit.0), longest.max(transit.0))
            };
            let flow = &self.plan.flows[it.flow as usize];
            for (count, limit) in tally.within.iter_mut().zip(&flow.within) {
                *count += u64::from(transit <= *limit);
            }
            tally.spoilt += u64::from(flow.shelf_life.is_some_and(|life| transit > life));
            self.record.sketches.record(it.strand as usize, transit.0 as u64);
        }
        DaySeries::add(
            &mut self.record.days[strand.corridor as usize].delivered,
            time,
            it.space,
        );
        self.record.system.delivered += 1;
        self.record.system.space[1] += it.space.0;
        self.end_hire(number, time);
        self.leave(number);
    }

    /// A consignment is turned away for good.
    pub(super) fn refuse(&mut self, number: u32) {
        let it = self.entities[number];
        if it.observed {
            self.record.strands[it.strand as usize].refused += 1;
            self.record.system.refused_time += i128::from((it.since - it.created).0);
        }
        self.record.system.refused += 1;
        self.record.system.space[2] += it.space.0;
        self.leave_yard(number);
        self.end_hire(number, self.now);
        self.leave(number);
        if let ArrivalPlan::Population(_) = self.plan.flows[it.flow as usize].arrivals {
            self.generate(it.flow, it.key.part(0));
        }
    }

    fn leave(&mut self, number: u32) {
        if self.entities[number].observed {
            self.outstanding -= 1;
            if self.window_over && self.outstanding == 0 {
                self.running = false;
            }
        }
        self.count_present(-1);
        self.entities.remove(number);
    }
}
