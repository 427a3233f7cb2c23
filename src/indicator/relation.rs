//! Relations: the pairs of origin and destination on which corridors are compared, like with like.
//!
//! Corridors lead to different places with different goods, so their busiest routes say nothing about each other. Compared
//! are routes between the same two ends and for the same goods, chosen by one rule for every scenario:
//!
//! 1. A corridor competes for goods between two ends where it is expected to carry at least 2 % of their TEU.
//! 2. Each headline corridor, the largest first, brings the ends between which it has most TEU in competition with others,
//!    and of the goods between these those of which it has most; or those that it states. If these are fewer than five, the relations with most TEU follow, contested ones first, each to
//!    another destination. While corridors are on none of them, the relation on which most of these compete is added.
//! 3. On each relation every competitor is shown by one strand: of the flow that most of them share, and there the strand
//!    with most TEU. Those without that flow are shown by the flow of the same goods that most of them share.
//!
//! The rule looks only at what is expected, because the profiles of these strands are kept while simulating.

use super::expectation::teu_per_year;
use crate::model::Model;
use crate::network::RouteStep;
use crate::units::NodeId;
use std::collections::{BTreeMap, BTreeSet};

/// Share of the TEU of a relation, or of a flow, from which a corridor counts.
const LEAST_SHARE: f64 = 0.02;
/// Relations that are kept, before those that corridors need which are on none of them.
pub const MOST_RELATIONS: usize = 5;
/// Headline corridors where the scenario names none.
const MOST_HEADLINES: usize = 6;

/// Origin and destination; none where the places on the way have no nodes.
type Ends = Option<(NodeId, NodeId)>;

/// What corridors compete for: goods between two ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Subject {
    ends: Ends,
    /// The commodity; none where flows do not say.
    goods: Option<String>,
}

/// A pair of ends and the goods between them, with the strands that stand for the corridors that compete for these.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relation {
    /// Origin and destination; none where the places on the way have no nodes.
    pub ends: Ends,
    /// The commodity; none where the flows do not say, which may then carry different goods.
    pub goods: Option<String>,
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

/// The numbers of the corridors that a scenario is about: those that it names, or else the six with most TEU expected.
pub fn headline_corridors(model: &Model) -> Vec<usize> {
    let ids = &model.network.tables.corridors;
    let is_named = |number: &usize| {
        model
            .scenario
            .corridors
            .get(&ids[*number])
            .is_some_and(|it| it.headline)
    };
    let named: Vec<usize> = (0..ids.len()).filter(is_named).collect();
    if !named.is_empty() {
        return named;
    }
    let mut teu = vec![0.0; ids.len()];
    for (strand, plan) in model.typical.strands.iter().enumerate() {
        if let Some(sum) = teu.get_mut(plan.corridor as usize) {
            *sum += teu_per_year(model, strand);
        }
    }
    let mut largest: Vec<usize> = (0..ids.len()).collect();
    largest.sort_by(|a, b| teu[*b].total_cmp(&teu[*a]));
    largest.truncate(MOST_HEADLINES);
    largest.sort_unstable();
    largest
}

/// The relations of a model, the most telling first.
pub fn relations(model: &Model) -> Vec<Relation> {
    let subjects = subjects(model);
    let headlines = headline_corridors(model)
        .into_iter()
        .map(|number| number as u32)
        .collect();
    let mut chosen = first(&subjects, &headlines, &stated_subjects(model));
    let mut missing: BTreeSet<u32> = subjects.values().flatten().map(|it| it.corridor).collect();
    for (_, shown) in &chosen {
        missing.retain(|corridor| !shown.contains(corridor));
    }
    while let Some((subject, shown)) = widest(&subjects, &missing) {
        missing.retain(|corridor| !shown.contains(corridor));
        match chosen.iter_mut().find(|(other, _)| *other == subject) {
            Some((_, known)) => known.extend(shown),
            None => chosen.push((subject, shown)),
        }
    }
    let relation = |(subject, shown): (&Subject, BTreeSet<u32>)| Relation {
        ends: subject.ends,
        goods: subject.goods.clone(),
        strands: strands(&subjects[subject], &shown),
    };
    chosen.into_iter().map(relation).collect()
}

/// For the corridors that say so, what they are to be compared on.
fn stated_subjects(model: &Model) -> BTreeMap<u32, Subject> {
    let tables = &model.network.tables;
    let stated = |(number, id): (usize, &String)| {
        let flow = model.scenario.corridors.get(id)?.compare.as_ref()?;
        let strand = tables.flows.iter().position(|known| known == flow)?;
        let strand = model.typical.flows[strand].strands.start as usize;
        Some((number as u32, subject(model, strand)))
    };
    tables.corridors.iter().enumerate().filter_map(stated).collect()
}

/// What a strand's corridor competes for.
fn subject(model: &Model, strand: usize) -> Subject {
    let flow = &model.network.tables.flows[model.typical.strands[strand].flow as usize];
    Subject {
        ends: ends(model, strand),
        goods: model.scenario.flows[flow].commodity.clone(),
    }
}

/// What strands go anywhere, by what they compete for. A plain queue has no distance to draw time against.
fn subjects(model: &Model) -> BTreeMap<Subject, Vec<Candidate>> {
    let mut subjects: BTreeMap<Subject, Vec<Candidate>> = BTreeMap::new();
    for (strand, plan) in model.typical.strands.iter().enumerate() {
        if plan.attributes.distance > 0.0 {
            subjects.entry(subject(model, strand)).or_default().push(Candidate {
                strand,
                flow: plan.flow,
                corridor: plan.corridor,
                teu: teu_per_year(model, strand),
            });
        }
    }
    subjects
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
            RouteStep::Consolidated(lane) => [tables.lanes[lane.index()].from, tables.lanes[lane.index()].to],
            RouteStep::Assembly(_) => [None; 2],
        })
        .flatten();
    let first = passed.next();
    let last = passed.last().or(first);
    node(&flow.from).or(first).zip(node(&flow.to).or(last))
}

/// The first relations of the rule, each with the corridors that compete on it.
fn first<'a>(
    subjects: &'a BTreeMap<Subject, Vec<Candidate>>,
    headlines: &BTreeSet<u32>,
    stated: &BTreeMap<u32, Subject>,
) -> Vec<(&'a Subject, BTreeSet<u32>)> {
    let mut left: Vec<Rivalry<'_>> = subjects
        .iter()
        .map(|(subject, it)| (subject, competitors(it), it.as_slice()))
        .collect();
    let of_corridor = |it: &[Candidate], corridor: u32| -> f64 {
        it.iter().filter(|it| it.corridor == corridor).map(|it| it.teu).sum()
    };
    let size = |corridor: u32| -> f64 { subjects.values().map(|it| of_corridor(it, corridor)).sum() };
    let mut by_size: Vec<u32> = headlines.iter().copied().collect();
    by_size.sort_by(|a, b| size(*b).total_cmp(&size(*a)));
    let mut chosen: Vec<(&Subject, BTreeSet<u32>)> = Vec::new();
    for headline in by_size {
        // First the ends, whatever the goods, so that a wide trade in many goods counts for more than one bulk good.
        let mut between: BTreeMap<Ends, f64> = BTreeMap::new();
        for (subject, _, it) in left
            .iter()
            .filter(|(_, shown, _)| shown.len() > 1 && shown.contains(&headline))
        {
            *between.entry(subject.ends).or_default() += of_corridor(it, headline);
        }
        let own = |it: &Rivalry<'_>| {
            let is_stated = stated.get(&headline) == Some(it.0);
            // What is asked for is shown however little the corridor carries of it.
            let competes = it.1.contains(&headline) || is_stated && it.2.iter().any(|it| it.corridor == headline);
            let of_ends = between.get(&it.0.ends).copied().unwrap_or(0.0);
            competes.then(|| (is_stated, it.1.len() > 1, of_ends, of_corridor(it.2, headline)))
        };
        chosen.extend(take_best(&mut left, own).map(|(subject, mut shown)| {
            shown.insert(headline);
            (subject, shown)
        }));
    }
    while chosen.len() < MOST_RELATIONS {
        let destination = |subject: &Subject| subject.ends.map(|(_, to)| to);
        left.retain(|(other, ..)| {
            chosen
                .iter()
                .all(|(subject, _)| destination(subject) != destination(other))
        });
        let whole = |it: &Rivalry<'_>| Some((false, it.1.len() > 1, it.2.iter().map(|it| it.teu).sum::<f64>(), 0.0));
        let Some(best) = take_best(&mut left, whole) else { break };
        chosen.push(best);
    }
    chosen
}

/// What is competed for, the corridors that compete, and the strands.
type Rivalry<'a> = (&'a Subject, BTreeSet<u32>, &'a [Candidate]);

/// Takes out of `left` the relation of most merit: whether it is asked for, whether it is contested, and then TEU. Of equals the first is taken, so
/// that the order of the scenario decides and not chance.
fn take_best<'a>(
    left: &mut Vec<Rivalry<'a>>,
    merit: impl Fn(&Rivalry<'a>) -> Option<(bool, bool, f64, f64)>,
) -> Option<(&'a Subject, BTreeSet<u32>)> {
    let ranked = (0..left.len()).rev().filter_map(|at| Some((at, merit(&left[at])?)));
    let (best, _) = ranked.max_by(|(_, a), (_, b)| {
        let teu = a.2.total_cmp(&b.2).then(a.3.total_cmp(&b.3));
        (a.0, a.1).cmp(&(b.0, b.1)).then(teu)
    })?;
    let (subject, shown, _) = left.remove(best);
    Some((subject, shown))
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

/// The relation on which most of the `missing` corridors compete, or else are at all, with the corridors to show on it;
/// the one with more of their TEU of equals, none where nothing is missing.
fn widest<'a>(
    subjects: &'a BTreeMap<Subject, Vec<Candidate>>,
    missing: &BTreeSet<u32>,
) -> Option<(&'a Subject, BTreeSet<u32>)> {
    let merit = |candidates: &[Candidate]| {
        let own = candidates.iter().filter(|it| missing.contains(&it.corridor));
        let competing = competitors(candidates).intersection(missing).count();
        (competing, own.map(|it| it.teu).sum::<f64>())
    };
    let serving = subjects
        .iter()
        .filter(|(_, it)| it.iter().any(|it| missing.contains(&it.corridor)));
    let (subject, candidates) = serving.max_by(|(_, a), (_, b)| {
        let (a, b) = (merit(a), merit(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    })?;
    let mut shown = competitors(candidates);
    if shown.is_disjoint(missing) {
        let own = candidates.iter().map(|it| it.corridor);
        shown.extend(own.filter(|corridor| missing.contains(corridor)));
    }
    Some((subject, shown))
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

    fn subject(from: usize, goods: &str) -> Subject {
        Subject {
            ends: Some((NodeId::new(from), NodeId::new(10 + from))),
            goods: Some(goods.to_owned()),
        }
    }

    #[test]
    fn contested_relations_come_first() {
        let subjects = BTreeMap::from([
            (subject(0, "tea"), vec![candidate(0, 0, 0, 900.0)]),
            (
                subject(1, "tea"),
                vec![candidate(1, 1, 0, 5.0), candidate(2, 1, 1, 5.0)],
            ),
        ]);
        let order: Vec<&Subject> = first(&subjects, &BTreeSet::new(), &BTreeMap::new())
            .into_iter()
            .map(|(it, _)| it)
            .collect();
        assert_eq!(order, [&subject(1, "tea"), &subject(0, "tea")]);
        let widest = |corridor: u32| widest(&subjects, &BTreeSet::from([corridor]));
        assert_eq!(widest(0), Some((&subject(0, "tea"), BTreeSet::from([0]))));
        assert_eq!(widest(1), Some((&subject(1, "tea"), BTreeSet::from([0, 1]))));
        assert_eq!(widest(2), None);
    }

    #[test]
    fn a_relation_has_one_kind_of_goods_and_a_destination_counts_once() {
        let subjects = BTreeMap::from([
            (
                subject(0, "steel"),
                vec![candidate(0, 0, 0, 5.0), candidate(1, 0, 1, 5.0)],
            ),
            (
                subject(0, "tea"),
                vec![candidate(2, 1, 1, 50.0), candidate(3, 1, 2, 50.0)],
            ),
            (subject(1, "tea"), vec![candidate(4, 2, 3, 1.0)]),
        ]);
        let order = |headlines: &[u32]| -> Vec<Subject> {
            let headlines = headlines.iter().copied().collect();
            first(&subjects, &headlines, &BTreeMap::new())
                .into_iter()
                .map(|(it, _)| it.clone())
                .collect()
        };
        let asked_for = BTreeMap::from([(0, subject(0, "tea"))]);
        let with_little = BTreeMap::from([
            (
                subject(0, "tea"),
                vec![candidate(0, 0, 0, 1.0), candidate(1, 0, 1, 500.0)],
            ),
            (subject(1, "tea"), vec![candidate(2, 1, 0, 9.0)]),
        ]);
        let chosen = first(&with_little, &BTreeSet::from([0]), &asked_for);
        assert_eq!(chosen[0], (&subject(0, "tea"), BTreeSet::from([0, 1])));
        assert_eq!(order(&[]), [subject(0, "tea"), subject(1, "tea")]);
        assert_eq!(order(&[0]), [subject(0, "steel"), subject(1, "tea")]);
        assert_eq!(order(&[0, 3]), [subject(0, "steel"), subject(1, "tea")]);
    }
}
