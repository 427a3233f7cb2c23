//! Container pools: stocks, rules and costs at one set of input values.

use super::Compiler;
use super::facilities::class_of;
use crate::model::containers::carries;
use crate::model::plan::{Cells, ContainerPlan, DepotPlan, HirePlan, MovePlan, MoveRule, PoolPlan};
use crate::network::Attributes;
use crate::random::{Family, Sampler, Stream};
use crate::scenario::Quantity;
use crate::scenario::container::{ContainerPool, Repositioning};
use crate::scenario::dimension::{Plain, Space};
use crate::units::{Kilograms, MilliTeu, SimSpan};

/// Empties board last.
const PRIORITY_OF_EMPTIES: u8 = 9;

impl<S: FnMut(&Family) -> Sampler> Compiler<'_, S> {
    /// The priorities at which services carry empties.
    pub(super) fn priorities_of_empties(&self) -> impl Iterator<Item = u8> {
        let moves = self
            .scenario
            .container_pools
            .values()
            .flat_map(|pool| pool.moves.values());
        moves.filter(|it| it.service.is_some()).map(priority)
    }

    /// What the stuffing of boxes adds to a flow's time on a route.
    pub(super) fn stuffing(&self, flow: usize, route: usize) -> Attributes {
        let mut whole = Attributes::default();
        let (id, stated) = match self.scenario.flows.iter().nth(flow) {
            Some(named) if !self.containers.pools.is_empty() => named,
            _ => return whole,
        };
        for hire in &self.containers.hires[route] {
            let pool = &self.scenario.container_pools[&self.containers.pools[hire.pool]];
            if let Some(time) = pool.stuffing.as_ref().filter(|_| carries(pool, id, stated)) {
                let family = time.family(self.inputs);
                whole.hours += family.mean();
                whole.variance += family.variance();
            }
        }
        whole
    }

    pub(super) fn container_pools(&mut self, classes: &[u8], cells: &mut Cells) -> ContainerPlan {
        let (scenario, containers) = (self.scenario, self.containers);
        let mut plan = ContainerPlan::default();
        for (number, (id, pool)) in scenario.container_pools.iter().enumerate() {
            let size = self.box_size(pool);
            let boxes = |count: f64| MilliTeu(count.round().max(0.0) as i64 * size.0);
            plan.depots.extend(pool.at.iter().map(|(node, depot)| DepotPlan {
                pool: number as u32,
                stream: Stream::of(&format!("container_pool.{id}.at.{node}")),
                stock: boxes(self.value(depot.stock.as_ref(), 0.0)),
            }));
            for (row, laid) in containers.moves.iter().zip(&self.layout.empties) {
                if row.pool != number {
                    continue;
                }
                if let Some(laid) = laid {
                    cells.longest = cells.longest.max(laid.cells.len());
                }
                let it = &pool.moves[&row.name];
                let count = |quantity: &Option<Quantity<Plain>>| boxes(self.value(quantity.as_ref(), 0.0));
                let rule = match (&it.order_up_to, &it.down_to) {
                    (Some(_), _) => {
                        let up_to = count(&it.order_up_to);
                        let reorder = it
                            .reorder_point
                            .as_ref()
                            .map_or(MilliTeu(up_to.0 - 1), |_| count(&it.reorder_point));
                        MoveRule::OrderUpTo { reorder, up_to }
                    }
                    (None, Some(_)) => MoveRule::DownTo(count(&it.down_to)),
                    (None, None) => MoveRule::Fixed(count(&it.boxes)),
                };
                plan.moves.push(MovePlan {
                    pool: number as u32,
                    stream: Stream::of(&format!("container_pool.{id}.move.{}", row.name)),
                    from: row.from as u32,
                    to: row.to as u32,
                    rule,
                    every: it.every.as_ref().map(|every| self.span(Some(every)).max(SimSpan(1))),
                    keep: count(&it.keep),
                    first_step: laid.as_ref().map(|laid| laid.first_step as u32),
                    class: class_of(classes, priority(it)).unwrap_or(0),
                    time: self.draw_time_if(it.time.as_ref()),
                    cost: it.cost.as_ref().map_or(0.0, |cost| self.inputs.money(cost)),
                });
            }
            let carries = scenario
                .flows
                .iter()
                .map(|(flow, it)| carries(pool, flow, it))
                .collect();
            let of_pool = plan.depots.iter().filter(|depot| depot.pool == number as u32);
            let stock = MilliTeu(of_pool.map(|depot| depot.stock.0).sum());
            plan.pools.push(PoolPlan {
                size,
                whole: if pool.lease.is_some() {
                    MilliTeu(i64::MAX)
                } else {
                    stock.max(size)
                },
                tare: pool
                    .tare
                    .as_ref()
                    .map_or(Kilograms(0), |tare| Kilograms::from_tonnes(self.inputs.value(tare))),
                shared: pool.shared_boxes,
                carries,
                stuffing: self.draw_time_if(pool.stuffing.as_ref()),
                stripping: self.draw_time_if(pool.stripping.as_ref()),
                free_time: self.span(pool.free_time.as_ref()),
                detention: pool.detention.as_ref().map_or(0.0, |charge| self.inputs.money(charge)),
                lease_after: pool.lease.as_ref().map(|lease| self.span(lease.after.as_ref())),
                lease_cost: pool
                    .lease
                    .as_ref()
                    .and_then(|lease| lease.cost.as_ref())
                    .map_or(0.0, |cost| self.inputs.money(cost)),
            });
        }
        plan.hires = self
            .layout
            .hires
            .iter()
            .map(|hire| HirePlan {
                pool: hire.pool as u32,
                from: hire.from.index() as u32,
                to: hire.to.index() as u32,
            })
            .collect();
        plan
    }

    fn box_size(&self, pool: &ContainerPool) -> MilliTeu {
        let teu = pool
            .size
            .as_ref()
            .map_or(1.0, |size: &Quantity<Space>| self.inputs.value(size));
        MilliTeu::from_teu(teu).max(MilliTeu(1))
    }
}

fn priority(it: &Repositioning) -> u8 {
    it.priority.unwrap_or(PRIORITY_OF_EMPTIES)
}
