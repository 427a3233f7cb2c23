//! Relations: the pairs of origin and destination on which corridors are compared, like with like.
//!
//! Corridors lead to different places, so their busiest routes say nothing about each other. Compared are routes between
//! the same two ends, chosen by one rule for every scenario:
//!
//! 1. A corridor competes on a pair of ends where it is expected to carry at least 2 % of the TEU.
//! 2. Pairs with several competitors come before pairs with one, then those with more TEU; each destination counts once.
//!    The first four are kept. While corridors are on none of them, the pair on which most of these compete is added.
//! 3. On each pair every competitor is shown by one strand: of the flow that most of them share, so that goods are the
//!    same too, and there the strand with most TEU. Those without that flow are shown by the flow that most of them share.
//!
//! The rule looks only at what is expected, because the profiles of these strands are kept while simulating.

use super::expectation::teu_per_year;
use crate::model::Model;
use crate::network::RouteStep;
use crate::units::NodeId;
use std::collections::{BTreeMap, BTreeSet};

/// Share of the TEU of a pair, or of a flow, from which a corridor counts.
const LEAST_SHARE: f64 = 0.02;
/// Pairs that are kept, before those that corridors need which are on none of them.
const MOST_RELATIONS: usize = 4;

/// Origin and destination; none where the places on the way have no nodes.
type Ends = Option<(NodeId, NodeId)>;

/// A pair of ends with the strands that stand for the corridors between them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relation {
    /// Origin and destination; none where the places on the way have no nodes.
    pub ends: Ends,
    /// One strand for each competing corridor, in the order of the corridors.
    pub strands: Vec<usize>,
}

/// A strand with what the rule looks at.
#[derive(Clone, Copy)]
struct Candidate {
    strand: usize,
    flow: u32,
    corridor: u32,
    teu: f64,
}

/// The relations of a model, the most telling first.
pub fn relations(model: &Model) -> Vec<Relation> {
    let pairs = pairs(model);
    let mut chosen: Vec<(Ends, BTreeSet<u32>)> = Vec::new();
    for (ends, candidates) in ranked(&pairs) {
        let destination = |ends: &Ends| ends.map(|(_, to)| to);
        let known = chosen.iter().any(|(other, _)| destination(other) == destination(&ends));
        if !known && chosen.len() < MOST_RELATIONS {
            chosen.push((ends, competitors(candidates)));
        }
    }
    let mut missing: BTreeSet<u32> = pairs.values().flatten().map(|it| it.corridor).collect();
    for (_, shown) in &chosen {
        missing.retain(|corridor| !shown.contains(corridor));
    }
    while let Some((ends, shown)) = widest(&pairs, &missing) {
        missing.retain(|corridor| !shown.contains(corridor));
        match chosen.iter_mut().find(|(other, _)| *other == ends) {
            Some((_, known)) => known.extend(shown),
            None => chosen.push((ends, shown)),
        }
    }
    let relation = |(ends, shown): (Ends, BTreeSet<u32>)| Relation {
        ends,
        strands: strands(&pairs[&ends], &shown),
    };
    chosen.into_iter().map(relation).collect()
}

/// The strands that go anywhere, by their ends. A plain queue has no distance to draw time against.
fn pairs(model: &Model) -> BTreeMap<Ends, Vec<Candidate>> {
    let mut pairs: BTreeMap<Ends, Vec<Candidate>> = BTreeMap::new();
    for (strand, plan) in model.typical.strands.iter().enumerate() {
        if plan.attributes.distance > 0.0 {
            pairs.entry(ends(model, strand)).or_default().push(Candidate {
                strand,
                flow: plan.flow,
                corridor: plan.corridor,
                teu: teu_per_year(model, strand),
            });
        }
    }
    pairs
}

/// The ends of a strand: those of its flow, or else of its route.
fn ends(model: &Model, strand: usize) -> Ends {
    let (plan, tables) = (&model.typical.strands[strand], &model.network.tables);
    let flow = &model.scenario.flows[&tables.flows[plan.flow as usize]];
    let node = |id: &Option<String>| id.as_ref().and_then(|id| tables.node(id));
    let mut passed = model.network.routes[plan.route as usize]
        .steps
        .iter()
        .flat_map(|step| match *step {
            RouteStep::Facility(facility) => [tables.facilities[facility.index()].node, None],
            RouteStep::Link(link) => [tables.links[link.index()].from, tables.links[link.index()].to],
            RouteStep::Ride { service, from, to } => {
                let stops = &tables.services[service.index()].stops;
                [from, to].map(|stop| stops.get(stop).copied())
            }
            RouteStep::Assembly(_) => [None; 2],
        })
        .flatten();
    let first = passed.next();
    let last = passed.last().or(first);
    node(&flow.from).or(first).zip(node(&flow.to).or(last))
}

/// The pairs in the order of the rule.
fn ranked(pairs: &BTreeMap<Ends, Vec<Candidate>>) -> Vec<(Ends, &[Candidate])> {
    let mut ranked: Vec<(Ends, &[Candidate])> = pairs.iter().map(|(ends, it)| (*ends, it.as_slice())).collect();
    let teu = |it: &[Candidate]| it.iter().map(|it| it.teu).sum::<f64>();
    ranked.sort_by(|(_, a), (_, b)| {
        let contested = |it: &[Candidate]| competitors(it).len() > 1;
        contested(b).cmp(&contested(a)).then(teu(b).total_cmp(&teu(a)))
    });
    ranked
}

/// The corridors that carry enough of what `candidates` carry together.
fn competitors(candidates: &[Candidate]) -> BTreeSet<u32> {
    let mut sums: BTreeMap<u32, f64> = BTreeMap::new();
    for it in candidates {
        *sums.entry(it.corridor).or_default() += it.teu;
    }
    let whole: f64 = sums.values().sum();
    sums.retain(|_, teu| *teu >= LEAST_SHARE * whole);
    sums.into_keys().collect()
}

/// The pair on which most of the `missing` corridors compete, or else are at all, with the corridors to show on it; the
/// one with more of their TEU of equals, none where nothing is missing.
fn widest(pairs: &BTreeMap<Ends, Vec<Candidate>>, missing: &BTreeSet<u32>) -> Option<(Ends, BTreeSet<u32>)> {
    let merit = |candidates: &[Candidate]| {
        let own = candidates.iter().filter(|it| missing.contains(&it.corridor));
        let competing = competitors(candidates).intersection(missing).count();
        (competing, own.map(|it| it.teu).sum::<f64>())
    };
    let serving = pairs
        .iter()
        .filter(|(_, it)| it.iter().any(|it| missing.contains(&it.corridor)));
    let (ends, candidates) = serving.max_by(|(_, a), (_, b)| {
        let (a, b) = (merit(a), merit(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    })?;
    let mut shown = competitors(candidates);
    if shown.is_disjoint(missing) {
        let own = candidates.iter().map(|it| it.corridor);
        shown.extend(own.filter(|corridor| missing.contains(corridor)));
    }
    Some((*ends, shown))
}

/// One strand for each of the corridors `shown`, in their order.
fn strands(candidates: &[Candidate], shown: &BTreeSet<u32>) -> Vec<usize> {
    let mut left = shown.clone();
    let mut strands: BTreeMap<u32, usize> = BTreeMap::new();
    while let Some((flow, shared)) = lead(candidates, &left) {
        for corridor in shared {
            let own = candidates
                .iter()
                .filter(|it| (it.flow, it.corridor) == (flow, corridor));
            let best = own.max_by(|a, b| a.teu.total_cmp(&b.teu).then(b.strand.cmp(&a.strand)));
            strands.extend(best.map(|it| (corridor, it.strand)));
            left.remove(&corridor);
        }
    }
    strands.into_values().collect()
}

/// The flow that most of some corridors share, with those of them that carry it; none where no flow is theirs.
fn lead(candidates: &[Candidate], corridors: &BTreeSet<u32>) -> Option<(u32, Vec<u32>)> {
    let flows: BTreeSet<u32> = candidates
        .iter()
        .filter(|it| corridors.contains(&it.corridor))
        .map(|it| it.flow)
        .collect();
    let merit = |flow: u32| {
        let own: Vec<Candidate> = candidates.iter().filter(|it| it.flow == flow).copied().collect();
        let mut shared: Vec<u32> = competitors(&own).intersection(corridors).copied().collect();
        let competing = shared.len();
        if shared.is_empty() {
            // Nothing better is left: a corridor that carries little of anything.
            let all: BTreeSet<u32> = own.iter().map(|it| it.corridor).collect();
            shared = all.intersection(corridors).copied().collect();
        }
        let theirs = own.iter().filter(|it| corridors.contains(&it.corridor));
        (competing, theirs.map(|it| it.teu).sum::<f64>(), shared)
    };
    // Of equals the first is taken, so that the order of the scenario decides and not chance.
    let ranked = flows.into_iter().rev().map(|flow| (flow, merit(flow)));
    let best = ranked.max_by(|(_, a), (_, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))?;
    Some((best.0, best.1.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(strand: usize, flow: u32, corridor: u32, teu: f64) -> Candidate {
        Candidate {
            strand,
            flow,
            corridor,
            teu,
        }
    }

    #[test]
    fn competitors_are_shown_with_the_same_goods_where_they_share_some() {
        let candidates = [
            candidate(0, 0, 0, 900.0),
            candidate(1, 1, 0, 50.0),
            candidate(2, 1, 1, 60.0),
            candidate(3, 1, 1, 70.0),
            candidate(4, 2, 2, 1.0),
        ];
        let shown = competitors(&candidates);
        assert_eq!(shown, BTreeSet::from([0, 1]));
        assert_eq!(strands(&candidates, &shown), [1, 3]);
        assert_eq!(strands(&candidates, &BTreeSet::from([0, 1, 2])), [1, 3, 4]);
    }

    #[test]
    fn contested_pairs_come_first() {
        let ends = |from: usize| Some((NodeId::new(from), NodeId::new(9)));
        let pairs = BTreeMap::from([
            (ends(0), vec![candidate(0, 0, 0, 900.0)]),
            (ends(1), vec![candidate(1, 1, 0, 5.0), candidate(2, 1, 1, 5.0)]),
        ]);
        let order: Vec<Ends> = ranked(&pairs).into_iter().map(|(ends, _)| ends).collect();
        assert_eq!(order, [ends(1), ends(0)]);
        let widest = |corridor: u32| widest(&pairs, &BTreeSet::from([corridor]));
        assert_eq!(widest(0), Some((ends(0), BTreeSet::from([0]))));
        assert_eq!(widest(1), Some((ends(1), BTreeSet::from([0, 1]))));
        assert_eq!(widest(2), None);
    }
}
