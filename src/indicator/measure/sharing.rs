//! What is measured of cargo that shares: lots in boxes, and other cargo aboard services.

use super::{HOUR, Sink, Walk, deviation, round, share};
use crate::simulation::{LaneTally, ServiceTally};
use crate::units::{Kilograms, MilliTeu};

impl Walk<'_> {
    /// Whether a strand is for less than container loads.
    pub(super) fn is_of_lots(&self, strand: usize) -> bool {
        let flow = &self.plan.flows[self.plan.strands[strand].flow as usize];
        let first = flow.strands.start as usize;
        flow.lcl.as_ref().is_some_and(|lcl| strand - first >= lcl.from as usize)
    }

    /// The batches of a lane.
    pub(super) fn lane<S: Sink>(&self, sink: &mut S, number: usize) {
        let empty = LaneTally::default();
        let tally = self.record.lanes.get(number).unwrap_or(&empty);
        let plan = &self.plan.lanes[number];
        let sketch = self.plan.first_lane_sketch() + number;
        let window = (self.record.end - self.record.begin).0 as f64;
        let boxes = tally.boxes as f64;
        sink.mean("boxes", "", || boxes);
        sink.mean("boxes_per_day", "/d", || boxes / self.window_days());
        self.waits(sink, sketch, || tally.waits);
        for (limit, span) in plan.wait_within.iter().enumerate() {
            let name = format!("share_waiting_within_{}_hours", round(span.hours()));
            sink.mean(&name, "", || share(tally.waits.within[limit], tally.waits.count));
        }
        sink.mean("first_wait_hours_mean", "h", || tally.holds.mean_hours());
        sink.mean("first_wait_hours_sd", "h", || {
            deviation(tally.holds.count, tally.holds.sum, tally.holds.squares) / HOUR
        });
        sink.mean("last_wait_hours_mean", "h", || tally.last_waits as f64 / HOUR / boxes);
        sink.mean("total_wait_hours_per_box", "h", || {
            tally.queue_area as f64 / HOUR / boxes
        });
        sink.mean("headway_hours_mean", "h", || tally.gaps.mean_hours());
        sink.mean("headway_hours_sd", "h", || {
            deviation(tally.gaps.count, tally.gaps.sum, tally.gaps.squares) / HOUR
        });
        sink.mean("lots_per_box", "", || tally.lots as f64 / boxes);
        sink.mean("lots_per_box_sd", "", || {
            deviation(tally.boxes, i128::from(tally.lots), tally.lots_squared)
        });
        sink.mean("lots_per_dispatch", "", || {
            tally.lots as f64 / (tally.boxes + tally.empty) as f64
        });
        sink.mean("empty_share", "", || share(tally.empty, tally.boxes + tally.empty));
        sink.mean("single_lot_share", "", || share(tally.single, tally.boxes));
        sink.mean("by_quantity_share", "", || share(tally.by_quantity, tally.boxes));
        sink.mean("by_full_share", "", || share(tally.by_full, tally.boxes));
        sink.mean("by_time_share", "", || share(tally.by_time, tally.boxes));
        sink.mean("cargo_teu_per_box", "TEU", || tally.space as f64 / 1000.0 / boxes);
        sink.mean("tonnes_per_box", "t", || tally.mass as f64 / 1000.0 / boxes);
        sink.mean("tonnes_per_box_sd", "t", || {
            deviation(tally.boxes, i128::from(tally.mass), tally.mass_squared) / 1000.0
        });
        if plan.capacity < MilliTeu::UNLIMITED {
            sink.mean("fill_of_space", "", || {
                tally.space as f64 / (boxes * plan.capacity.0 as f64)
            });
        }
        if plan.payload < Kilograms::UNLIMITED {
            sink.mean("fill_of_payload", "", || {
                tally.mass as f64 / (boxes * plan.payload.0 as f64)
            });
        }
        let [taken, box_itself, cargo] = plan.charges;
        sink.mean("box_charge_per_cargo_teu", "money/TEU", || {
            let space = tally.space as f64 / 1000.0;
            (taken * tally.taken as f64 / 1000.0 + box_itself * boxes) / space + cargo
        });
        sink.mean("queue_mean", "", || tally.queue_area as f64 / window);
        sink.mean("unfinished_lots", "", || tally.unfinished as f64);
    }

    /// The part that other cargo has in the load of a service.
    pub(super) fn background<S: Sink>(&self, sink: &mut S, number: usize, tally: Option<&ServiceTally>) {
        let plan = &self.plan.services[number];
        // TEU-kilometres of other cargo, of all, and offered; by legs where no length is known.
        let sums = || {
            let (mut other, mut all, mut offered) = (0.0, 0.0, 0.0);
            let Some(tally) = tally else { return (0.0, 0.0, 0.0) };
            for ((leg, background), length) in tally.legs.iter().zip(&tally.background).zip(&plan.leg_lengths) {
                let length = if *length > 0.0 { *length } else { 1.0 };
                other += *background as f64 * length;
                all += leg.carried as f64 * length;
                offered += leg.offered as f64 * length;
            }
            (other, all, offered)
        };
        if plan.capacity < MilliTeu::UNLIMITED {
            sink.mean("load_factor_background", "", || sums().0 / sums().2);
            sink.mean("load_factor_own", "", || (sums().1 - sums().0) / sums().2);
        }
        sink.mean("background_share_of_load", "", || sums().0 / sums().1);
        sink.mean("own_share_of_load", "", || 1.0 - sums().0 / sums().1);
        sink.mean("background_left_teu_per_departure", "TEU", || {
            tally.map_or(0.0, |tally| {
                tally.background_left as f64 / 1000.0 / tally.departed as f64
            })
        });
    }
}
