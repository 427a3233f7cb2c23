//! Which routes take boxes of which container pool where, and leave them where; and whether that can go on.
//!
//! Cargo has a box from the depot that serves its origin to the one that serves its destination or, where boxes are stuffed at
//! terminals, between the stops of the pool's services. A route has the steps for every pool that any flow on it uses; the flows
//! that do not use it pass them by.

use super::plan::{ArrivalPlan, DepotPlan, Plan, WindowEnd};
use crate::network::{Network, RouteStep, Tables};
use crate::random::{Family, Tail};
use crate::scenario::Scenario;
use crate::scenario::container::{ContainerPool, Haulage};
use crate::scenario::demand::{Arrivals, Flow};
use crate::scenario::fault::Fault;
use crate::scenario::matching::matches;
use crate::units::{DepotId, MilliTeu};
use std::collections::{BTreeMap, BTreeSet};

/// Probability below which a route does not count for the balance of a pool.
const NEGLIGIBLE: f64 = 1e-6;

/// A depot of a pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DepotRow {
    /// Number of its pool.
    pub pool: usize,
    /// The pool's name in the scenario.
    pub pool_id: String,
    /// The node where it is.
    pub node: String,
}

impl DepotRow {
    /// The name by which it is reported.
    pub fn id(&self) -> String {
        format!("{}@{}", self.pool_id, self.node)
    }
}

/// A way of repositioning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MoveRow {
    /// Number of its pool.
    pub pool: usize,
    /// The pool's name in the scenario.
    pub pool_id: String,
    /// Its own name.
    pub name: String,
    /// The depot that gives.
    pub from: usize,
    /// The depot that gets.
    pub to: usize,
    /// The ride of a service that carries them.
    pub ride: Option<RouteStep>,
}

impl MoveRow {
    /// The name by which it is reported.
    pub fn id(&self) -> String {
        format!("{}.{}", self.pool_id, self.name)
    }
}

/// Boxes taken and left on a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hire {
    /// Number of the pool.
    pub pool: usize,
    /// Where they are taken.
    pub from: DepotId,
    /// Where they are left.
    pub to: DepotId,
    /// Before which step of the route they are taken.
    pub take: usize,
    /// Before which step they are left; the number of steps for the end.
    pub leave: usize,
}

/// The container pools of a scenario on its network.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Containers {
    /// Names of the pools.
    pub pools: Vec<String>,
    /// Depots of all pools.
    pub depots: Vec<DepotRow>,
    /// Ways of repositioning of all pools.
    pub moves: Vec<MoveRow>,
    /// By route: what is taken and left on it, in the order in which it is taken.
    pub hires: Vec<Vec<Hire>>,
}

/// Whether cargo of a flow travels in boxes of a pool.
pub fn carries(pool: &ContainerPool, id: &str, flow: &Flow) -> bool {
    let fits = |patterns: &Option<Vec<String>>, name: &str| {
        patterns
            .as_ref()
            .is_none_or(|patterns| patterns.iter().any(|pattern| matches(pattern, name)))
    };
    fits(&pool.flows, id)
        && match (&pool.commodities, &flow.commodity) {
            (None, _) => true,
            (commodities, Some(goods)) => fits(commodities, goods),
            (Some(_), None) => false,
        }
}

/// The stretch of a route on which a pool's boxes are used.
struct Stretch<'a> {
    /// Its first movement.
    first: usize,
    /// Its last movement.
    last: usize,
    /// Where the first begins.
    from: Option<&'a str>,
    /// Where the last ends.
    to: Option<&'a str>,
}

/// The nodes where a movement begins and ends.
fn ends<'a>(tables: &'a Tables, step: &RouteStep) -> Option<(Option<&'a str>, Option<&'a str>)> {
    let name = |node: Option<crate::units::NodeId>| node.map(|node| tables.nodes[node.index()].id.as_str());
    match *step {
        RouteStep::Link(link) => {
            let row = &tables.links[link.index()];
            Some((name(row.from), name(row.to)))
        }
        RouteStep::Ride { service, from, to } => {
            let stops = &tables.services[service.index()].stops;
            Some((name(stops.get(from).copied()), name(stops.get(to).copied())))
        }
        RouteStep::Facility(_) | RouteStep::Assembly(_) | RouteStep::Consolidated(_) => None,
    }
}

fn stretch<'a>(tables: &'a Tables, pool: &ContainerPool, steps: &[RouteStep]) -> Option<Stretch<'a>> {
    // Lots have no box of their own.
    if steps.iter().any(|step| matches!(step, RouteStep::Consolidated(_))) {
        return None;
    }
    let covers = |step: &RouteStep| match (&pool.services, *step) {
        (None, _) => ends(tables, step).is_some(),
        (Some(patterns), RouteStep::Ride { service, .. }) => {
            let id = &tables.services[service.index()].id;
            patterns.iter().any(|pattern| matches(pattern, id))
        }
        _ => false,
    };
    let first = steps.iter().position(covers)?;
    let last = steps.iter().rposition(covers)?;
    Some(Stretch {
        first,
        last,
        from: ends(tables, &steps[first])?.0,
        to: ends(tables, &steps[last])?.1,
    })
}

/// Cargo whose boxes cannot be taken or left: pool, node, and whether it is where they are left.
type Homeless = BTreeMap<(String, String, bool), BTreeSet<String>>;

impl Containers {
    /// Finds which routes of `network` take boxes, and reports cargo that uses a pool without a depot where it would take or
    /// leave them.
    pub fn new(scenario: &Scenario, network: &Network, faults: &mut Vec<Fault>) -> Self {
        let mut it = Self::default();
        if scenario.container_pools.is_empty() {
            return it;
        }
        it.hires = vec![Vec::new(); network.routes.len()];
        let mut homeless = Homeless::new();
        for (number, (id, pool)) in scenario.container_pools.iter().enumerate() {
            let first = it.depots.len();
            it.pools.push(id.clone());
            it.depots.extend(pool.at.keys().map(|node| DepotRow {
                pool: number,
                pool_id: id.clone(),
                node: node.clone(),
            }));
            it.moves.extend(moves(&network.tables, pool, (number, id), first));
            it.find_hires(scenario, network, (number, id, pool), first, &mut homeless);
        }
        for hires in &mut it.hires {
            hires.sort_by_key(|hire| (hire.take, hire.leave, hire.pool));
        }
        for ((pool, node, leaves), flows) in homeless {
            faults.push(no_depot(scenario, &pool, &node, leaves, &flows));
        }
        it.two_at_once(scenario, network, faults);
        it
    }

    fn find_hires(
        &mut self,
        scenario: &Scenario,
        network: &Network,
        (number, id, pool): (usize, &str, &ContainerPool),
        first: usize,
        homeless: &mut Homeless,
    ) {
        let tables = &network.tables;
        for ((flow_id, flow), routes) in scenario.flows.iter().zip(&network.choice_sets) {
            if !carries(pool, flow_id, flow) {
                continue;
            }
            for route in routes {
                let steps = &network.routes[route.index()].steps;
                let Some(stretch) = stretch(tables, pool, steps) else {
                    continue;
                };
                let moving = |step: &RouteStep| ends(tables, step).is_some();
                let (take, leave) = match pool.haulage {
                    Haulage::Door => (0, steps.len()),
                    // On arrival at the terminal, before what is done there; and after what is done where it is left.
                    Haulage::Terminal => (
                        steps[..stretch.first]
                            .iter()
                            .rposition(moving)
                            .map_or(0, |last| last + 1),
                        steps[stretch.last + 1..]
                            .iter()
                            .position(moving)
                            .map_or(steps.len(), |next| stretch.last + 1 + next),
                    ),
                };
                let door = |end: &Option<String>| {
                    let end = end.as_deref().filter(|_| pool.haulage == Haulage::Door)?;
                    pool.depot_of(end)
                };
                let at = |door: Option<usize>, node: Option<&str>| door.or_else(|| pool.depot_of(node?));
                let from = at(door(&flow.from), stretch.from);
                let to = at(door(&flow.to), stretch.to);
                for (depot, node, leaves) in [(from, stretch.from, false), (to, stretch.to, true)] {
                    if depot.is_none() {
                        let key = (id.to_owned(), node.unwrap_or_default().to_owned(), leaves);
                        homeless.entry(key).or_default().insert(flow_id.clone());
                    }
                }
                let (Some(from), Some(to)) = (from, to) else { continue };
                let hire = Hire {
                    pool: number,
                    from: DepotId::new(first + from),
                    to: DepotId::new(first + to),
                    take,
                    leave,
                };
                let hires = &mut self.hires[route.index()];
                if !hires.contains(&hire) {
                    hires.push(hire);
                }
            }
        }
    }

    /// Cargo is in one box at a time.
    fn two_at_once(&self, scenario: &Scenario, network: &Network, faults: &mut Vec<Fault>) {
        let mut reported = BTreeSet::new();
        for ((id, flow), routes) in scenario.flows.iter().zip(&network.choice_sets) {
            for route in routes {
                let uses: Vec<&Hire> = self.hires[route.index()]
                    .iter()
                    .filter(|hire| carries(&scenario.container_pools[&self.pools[hire.pool]], id, flow))
                    .collect();
                let clash = uses.windows(2).find(|pair| pair[1].take < pair[0].leave);
                if let Some(pair) = clash
                    && reported.insert((pair[0].pool, pair[1].pool))
                {
                    let (one, other) = (&self.pools[pair[0].pool], &self.pools[pair[1].pool]);
                    let key = format!("container_pool.{other}");
                    faults.push(
                        Fault::error(
                            "contradiction",
                            &key,
                            format!(
                                "carries cargo of `flow.{id}` on a stretch where it is in a box of \
                                 `container_pool.{one}` already"
                            ),
                        )
                        .at(scenario.origin(&key), "here")
                        .remedy(
                            "let their `services` or `flows` be different ones, or set `haulage = \"terminal\"` where \
                             cargo is reloaded from one box into another",
                        ),
                    );
                }
            }
        }
    }

    /// The hires of a flow on a route.
    pub fn of<'a>(&'a self, plan: &'a Plan, flow: usize, route: usize) -> impl Iterator<Item = &'a Hire> {
        let hires = self.hires.get(route).map(Vec::as_slice).unwrap_or_default();
        hires
            .iter()
            .filter(move |hire| plan.containers.pools[hire.pool].carries[flow])
    }
}

fn moves(tables: &Tables, pool: &ContainerPool, (number, id): (usize, &str), first: usize) -> Vec<MoveRow> {
    let place = |node: &String| pool.at.keys().position(|depot| depot == node);
    let row = |(name, it): (&String, &crate::scenario::container::Repositioning)| {
        let ride = it.service.as_ref().and_then(|service| {
            let service = tables.service(service)?;
            let stops = &tables.services[service.index()].stops;
            let stop = |node: &String| stops.iter().position(|stop| tables.nodes[stop.index()].id == *node);
            Some(RouteStep::Ride {
                service,
                from: stop(&it.from)?,
                to: stop(&it.to)?,
            })
        });
        Some(MoveRow {
            pool: number,
            pool_id: id.to_owned(),
            name: name.clone(),
            from: first + place(&it.from)?,
            to: first + place(&it.to)?,
            ride,
        })
    };
    pool.moves.iter().filter_map(row).collect()
}

/// Cargo that would take or leave its boxes where the pool has no depot.
fn no_depot(scenario: &Scenario, id: &str, node: &str, leaves: bool, flows: &BTreeSet<String>) -> Fault {
    let key = format!("container_pool.{id}");
    let named = flows.iter().next().map_or("", String::as_str);
    let others = match flows.len() {
        0 | 1 => String::new(),
        2 => " and another flow".to_owned(),
        more => format!(" and {} other flows", more - 1),
    };
    let does = if leaves { "leaves its boxes" } else { "takes its boxes" };
    let (message, remedy) = if node.is_empty() {
        (
            format!("cargo of `flow.{named}`{others} {does} at a place that is not known, on a route without nodes"),
            "give the links of that route `from` and `to`, or leave these flows out of the pool's `flows`".to_owned(),
        )
    } else {
        (
            format!("cargo of `flow.{named}`{others} {does} at `{node}`, where the pool has no depot"),
            format!(
                "add `[{key}.at.{node}]`, or name `{node}` in the `serves` of one of its depots; or leave these flows out of \
                 the pool's `flows`"
            ),
        )
    };
    Fault::error("no-depot", &key, message)
        .at(scenario.origin(&key), "here")
        .remedy(remedy)
}

/// What comes to a depot and goes from it in an hour, in boxes' space, as far as shippers' choices tell in advance.
#[derive(Clone, Copy, Default)]
struct Balance {
    taken: f64,
    left: f64,
    /// Whether empties can be brought.
    supplied: bool,
    /// Whether empties can be fetched.
    emptied: bool,
}

/// What can only be judged once it is known how much cargo goes which way.
pub(super) fn check(scenario: &Scenario, containers: &Containers, plan: &Plan, faults: &mut Vec<Fault>) {
    // What has no depot has been reported; the rest cannot be judged without it.
    if containers.pools.is_empty() || !faults.is_empty() {
        return;
    }
    check_balance(scenario, containers, plan, faults);
    check_sizes(scenario, containers, plan, faults);
}

/// Consignments that need more boxes at once than there are never get them.
fn check_sizes(scenario: &Scenario, containers: &Containers, plan: &Plan, faults: &mut Vec<Fault>) {
    for (number, (pool, it)) in containers.pools.iter().zip(&plan.containers.pools).enumerate() {
        if it.lease_after.is_some() {
            continue;
        }
        let of_pool = |(depot, row): (&DepotPlan, &DepotRow)| (row.pool == number).then_some(depot.stock.0);
        let whole: i64 = plan
            .containers
            .depots
            .iter()
            .zip(&containers.depots)
            .filter_map(of_pool)
            .sum();
        for (place, (id, flow)) in scenario.flows.iter().enumerate() {
            let size = flow.size.as_ref().map(|size| size.expected_family());
            let largest = size.map_or(1.0, |size| largest_to_come(&size, consignments(flow, place, plan)));
            let routes = plan.flows[place].strands.clone();
            let uses = routes.into_iter().any(|strand| {
                containers
                    .of(plan, place, plan.strands[strand as usize].route as usize)
                    .any(|hire| hire.pool == number)
            });
            if !uses || it.boxes_needed(MilliTeu::from_teu(largest)).0 <= whole {
                continue;
            }
            let key = format!("container_pool.{pool}");
            let boxes = it.boxes_needed(MilliTeu::from_teu(largest)).teu() / it.size.teu();
            faults.push(
                Fault::error(
                    "never-balances",
                    &key,
                    format!(
                        "has {:.0} boxes in all, but a consignment of `flow.{id}` can need {boxes:.0} at once, and would wait for \
                         ever",
                        MilliTeu(whole).teu() / it.size.teu()
                    ),
                )
                .at(scenario.origin(&key), "here")
                .remedy(format!("raise `stock` at its depots, split the flow's consignments by `flow.{id}.size`, or add `[{key}.lease]`")),
            );
        }
    }
}

/// The largest that some consignments can be; where their size has no bound, one that is exceeded in one run of a hundred.
fn largest_to_come(size: &Family, consignments: f64) -> f64 {
    const RARE: f64 = 0.01;
    let most = size.max();
    if most.is_finite() {
        return most;
    }
    let p = (RARE / consignments.max(1.0)).max(f64::MIN_POSITIVE);
    size.quantile(Tail { upper: true, p })
}

/// How many consignments of a flow there are in a run, as far as can be told in advance.
fn consignments(flow: &Flow, number: usize, plan: &Plan) -> f64 {
    match plan.window.end {
        WindowEnd::At(end) => {
            let it = &plan.flows[number];
            let hours = (end + plan.window.cool_down).hours();
            arrivals_per_hour(flow, &it.arrivals) * it.batch.mean() * hours
        }
        WindowEnd::Consignments(count) => count as f64,
    }
}

/// Pools that can never balance: where boxes go but none come, or come but none go.
fn check_balance(scenario: &Scenario, containers: &Containers, plan: &Plan, faults: &mut Vec<Fault>) {
    let mut balances = vec![Balance::default(); containers.depots.len()];
    for (number, (flow, stated)) in plan.flows.iter().zip(scenario.flows.values()).enumerate() {
        let per_hour = arrivals_per_hour(stated, &flow.arrivals) * flow.batch.mean();
        let mean_size = stated.size.as_ref().map_or(1.0, |size| size.expected_family().mean());
        for (strand, share) in flow.strands.clone().zip(&flow.choice.shares) {
            let route = plan.strands[strand as usize].route as usize;
            for hire in containers.of(plan, number, route).filter(|_| *share > NEGLIGIBLE) {
                let size = plan.containers.pools[hire.pool].size.teu();
                let space = per_hour * share * mean_size.max(size);
                balances[hire.from.index()].taken += space;
                balances[hire.to.index()].left += space;
            }
        }
    }
    for it in &containers.moves {
        balances[it.from].emptied = true;
        balances[it.to].supplied = true;
    }
    let hours = match plan.window.end {
        WindowEnd::At(end) => (end + plan.window.cool_down).hours(),
        WindowEnd::Consignments(_) => f64::INFINITY,
    };
    for (number, pool) in containers.pools.iter().enumerate() {
        let of_pool = |depot: &&usize| containers.depots[**depot].pool == number;
        let depots: Vec<usize> = (0..containers.depots.len()).filter(|depot| of_pool(&depot)).collect();
        let stock = |depot: usize| plan.containers.depots[depot].stock.teu();
        let has_lease = plan.containers.pools[number].lease_after.is_some();
        let name = |depot: usize| &containers.depots[depot].node;
        let dry = depots.iter().copied().find(|depot| {
            let it = &balances[*depot];
            it.taken > 0.0 && it.left == 0.0 && !it.supplied && it.taken * hours > stock(*depot)
        });
        let whole: f64 = depots.iter().map(|depot| stock(*depot)).sum();
        let sink = depots.iter().copied().find(|depot| {
            let it = &balances[*depot];
            it.left > 0.0 && it.taken == 0.0 && !it.emptied && it.left * hours > whole - stock(*depot)
        });
        if has_lease || (dry.is_none() && sink.is_none()) {
            continue;
        }
        let key = format!("container_pool.{pool}");
        let boxes = |depot: usize| stock(depot) / plan.containers.pools[number].size.teu();
        let (message, from, to) = match (dry, sink) {
            (Some(dry), sink) => (
                format!(
                    "can never balance: cargo takes boxes at `{}`, but none come back there, so that it waits for ever once \
                     the {:.0} at hand are gone{}",
                    name(dry),
                    boxes(dry),
                    sink.map_or(String::new(), |sink| format!("; they end at `{}`", name(sink)))
                ),
                sink.or(depots.iter().copied().find(|depot| *depot != dry)),
                Some(dry),
            ),
            (None, Some(sink)) => (
                format!(
                    "can never balance: boxes come to `{}`, but none leave it again, so that in the end all of them stand there",
                    name(sink)
                ),
                Some(sink),
                depots.iter().copied().find(|depot| balances[*depot].taken > 0.0),
            ),
            (None, None) => continue,
        };
        let ways = match (from, to) {
            (Some(from), Some(to)) => format!(
                "bring empties back: add `[{key}.move.back]` with `from = \"{}\"` and `to = \"{}\"`; or hire boxes one way: \
                 add `[{key}.lease]`",
                name(from),
                name(to)
            ),
            _ => format!("add a depot from which empties can be brought, or hire boxes one way: add `[{key}.lease]`"),
        };
        faults.push(
            Fault::error("never-balances", &key, message)
                .at(scenario.origin(&key), "here")
                .remedy(ways),
        );
    }
}

/// How many arrivals of a flow there are in an hour; one for a closed population, whose pace is not known in advance.
fn arrivals_per_hour(flow: &Flow, arrivals: &ArrivalPlan) -> f64 {
    match (arrivals, &flow.arrivals) {
        (ArrivalPlan::Poisson(rate, _), _) => *rate,
        (ArrivalPlan::Listed(times), _) => times.rate_per_hour(),
        (_, Some(Arrivals::Renewal(renewal))) => 1.0 / renewal.gap.expected_family().mean(),
        _ => 1.0,
    }
}
