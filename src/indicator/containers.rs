//! Indicators of container pools, their depots and the repositioning of empties.

use super::Scope;
use super::measure::{Sink, Walk, share};
use crate::simulation::{DepotTally, MoveTally};
use crate::units::{HOURS_PER_DAY, MICROSECONDS_PER_HOUR};

const DAY: f64 = MICROSECONDS_PER_HOUR * HOURS_PER_DAY;
const DAYS_PER_WEEK: f64 = 7.0;
const DAYS_PER_YEAR: f64 = 365.0;
/// Thousandths of a TEU.
const MILLI: f64 = 1000.0;

/// What comes to a depot or goes from it: its name, and its boxes' space.
type Flow = (&'static str, fn(&DepotTally) -> i64);

impl Walk<'_> {
    pub(super) fn containers<S: Sink>(&self, sink: &mut S, about: impl Fn(&mut S, Scope, &str)) {
        let containers = &self.model.containers;
        for (number, pool) in containers.pools.iter().enumerate() {
            about(sink, Scope::ContainerPool, pool);
            self.pool(sink, number);
        }
        for (number, depot) in containers.depots.iter().enumerate() {
            about(sink, Scope::Depot, &depot.id());
            self.depot(sink, number, depot.pool);
        }
        for (number, it) in containers.moves.iter().enumerate() {
            about(sink, Scope::Repositioning, &it.id());
            let tally = || self.record.moves.get(number).copied().unwrap_or_default();
            sink.mean("boxes_per_week", "/week", || self.per_week(it.pool, tally().sent));
            sink.mean("cost_per_year", "money/yr", || self.cost_of_moves(&[(number, tally())]));
        }
    }

    /// Boxes a week, of so much space within the window.
    fn per_week(&self, pool: usize, space: i64) -> f64 {
        self.boxes(pool, space as f64) / self.window_days() * DAYS_PER_WEEK
    }

    fn boxes(&self, pool: usize, space: f64) -> f64 {
        space / self.plan.containers.pools[pool].size.0 as f64
    }

    /// Money a year, of so much within the window.
    fn a_year(&self, money: f64) -> f64 {
        money / self.window_days() * DAYS_PER_YEAR
    }

    fn cost_of_moves(&self, moves: &[(usize, MoveTally)]) -> f64 {
        let cost =
            |(number, tally): &(usize, MoveTally)| tally.sent as f64 / MILLI * self.plan.containers.moves[*number].cost;
        self.a_year(moves.iter().map(cost).sum())
    }

    fn pool<S: Sink>(&self, sink: &mut S, number: usize) {
        let plan = &self.plan.containers;
        let depots = || {
            let tallies = self.record.depots.iter().zip(&plan.depots);
            tallies.filter(move |(_, depot)| depot.pool as usize == number)
        };
        let sum = |field: fn(&DepotTally) -> i64| depots().map(|(tally, _)| field(tally)).sum::<i64>();
        let moves = || -> Vec<(usize, MoveTally)> {
            let tallies = self.record.moves.iter().copied().enumerate();
            tallies
                .filter(|(at, _)| plan.moves[*at].pool as usize == number)
                .collect()
        };
        let own: i64 = plan
            .depots
            .iter()
            .filter(|depot| depot.pool as usize == number)
            .map(|depot| depot.stock.0)
            .sum();
        sink.mean("boxes", "", || self.boxes(number, own as f64));
        sink.mean("share_at_depots", "", || {
            let area: i128 = depots().map(|(tally, _)| tally.stock_area).sum();
            area as f64 / DAY / self.window_days() / own as f64
        });
        sink.mean("wait_hours_mean", "h", || {
            let (sum, count) = depots().fold((0, 0), |(sum, count), (tally, _)| {
                (sum + tally.waits.sum, count + tally.waits.count)
            });
            sum as f64 / MICROSECONDS_PER_HOUR / count as f64
        });
        sink.mean("delayed_share", "", || {
            let waits = || depots().map(|(tally, _)| &tally.waits);
            share(
                waits().map(|waits| waits.delayed).sum(),
                waits().map(|waits| waits.count).sum(),
            )
        });
        sink.mean("boxes_taken_per_week", "/week", || {
            self.per_week(number, sum(|it| it.taken))
        });
        sink.mean("boxes_repositioned_per_week", "/week", || {
            self.per_week(number, sum(|it| it.sent))
        });
        sink.mean("boxes_leased_per_week", "/week", || {
            self.per_week(number, sum(|it| it.leased))
        });
        sink.mean("repositioning_cost_per_year", "money/yr", || {
            self.cost_of_moves(&moves())
        });
        sink.mean("repositioning_cost_per_box_taken", "money", || {
            let taken = self.boxes(number, sum(|it| it.taken) as f64) / self.window_days() * DAYS_PER_YEAR;
            self.cost_of_moves(&moves()) / taken
        });
        sink.mean("lease_cost_per_year", "money/yr", || {
            self.a_year(sum(|it| it.leased) as f64 / MILLI * plan.pools[number].lease_cost)
        });
        sink.mean("detention_per_year", "money/yr", || {
            let kept: i128 = depots().map(|(tally, _)| tally.detention).sum();
            self.a_year(kept as f64 / MILLI / DAY * plan.pools[number].detention)
        });
    }

    fn depot<S: Sink>(&self, sink: &mut S, number: usize, pool: usize) {
        let empty = DepotTally::default();
        let tally = self.record.depots.get(number).unwrap_or(&empty);
        let window = (self.record.end - self.record.begin).0 as f64;
        sink.mean("stock_mean", "", || self.boxes(pool, tally.stock_area as f64 / window));
        sink.mean("share_of_time_empty", "", || tally.time_without as f64 / window);
        self.waits(sink, self.plan.first_depot_sketch() + number, || tally.waits);
        sink.mean("queue_mean", "", || tally.queue_area as f64 / window);
        sink.mean("growth_per_day", "/d", || {
            (tally.present.1 as f64 - tally.present.0 as f64) / self.window_days()
        });
        sink.mean("stock_growth_per_week", "/week", || {
            self.per_week(pool, tally.stock.1 - tally.stock.0)
        });
        let flows: [Flow; 5] = [
            ("taken", |it| it.taken),
            ("left", |it| it.left),
            ("received", |it| it.received),
            ("sent", |it| it.sent),
            ("leased", |it| it.leased),
        ];
        for (name, field) in flows {
            sink.mean(&format!("boxes_{name}_per_week"), "/week", || {
                self.per_week(pool, field(tally))
            });
        }
    }
}
