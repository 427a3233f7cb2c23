//! What many replications leave behind, merged: sums, sketches, series.

use crate::indicator::Catalogue;
use crate::indicator::profile::{Profiles, profiled_strands};
use crate::model::{Model, Plan};
use crate::random::{Draws, Seed};
use crate::simulation::{Record, Silent, simulate_all};
use crate::statistics::{ExactMoments, Extremes, SketchBook};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Replications of which profiles are taken: enough for smooth ribbons, few enough to cost nothing.
pub const PROFILED_REPLICATIONS: u64 = 16;

/// What the replications of one group leave behind, before it is merged with that of others.
pub struct Group {
    number: u64,
    done: Vec<Done>,
}

struct Done {
    replication: u64,
    record: Record,
    profiles: Option<SketchBook>,
    values: Vec<f64>,
    attribution: Vec<f64>,
}

impl Group {
    /// Simulates the replications of group `number`; a group has `size` of them, and those share a draw of the inputs.
    pub fn simulate(model: &Model, catalogue: &Catalogue, seed: Seed, number: u64, size: u64) -> Self {
        let mut groups = Self::simulate_all(&[(model, catalogue)], seed, number, size);
        groups.pop().unwrap_or(Self {
            number,
            done: Vec::new(),
        })
    }

    /// Simulates the same group of replications of several models. What replications of these have in common is simulated
    /// once; each leaves what it would have left by itself.
    pub fn simulate_all(models: &[(&Model, &Catalogue)], seed: Seed, number: u64, size: u64) -> Vec<Self> {
        let plans: Vec<Cow<'_, Plan>> = models
            .iter()
            .map(|(model, _)| model.plan_of_draw(seed, number))
            .collect();
        let profiled: Vec<Vec<usize>> = models.iter().map(|(model, _)| profiled_strands(model)).collect();
        let nothing = || Self {
            number,
            done: Vec::new(),
        };
        let mut groups: Vec<Self> = models.iter().map(|_| nothing()).collect();
        for replication in number * size..(number + 1) * size {
            let watched = |member: usize| replication < PROFILED_REPLICATIONS && !profiled[member].is_empty();
            let profiles = |member: usize| watched(member).then(|| Profiles::new(models[member].0, &profiled[member]));
            let any = (0..models.len()).any(watched).then_some(&profiles);
            let lucks: Vec<Draws> = models
                .iter()
                .map(|(model, _)| model.luck_of(seed, replication))
                .collect();
            for (member, (record, profiles)) in simulate_with(&plans, &lucks, any).into_iter().enumerate() {
                let (model, catalogue) = models[member];
                groups[member].done.push(Done {
                    replication,
                    values: catalogue.measure(model, &plans[member], &record),
                    attribution: catalogue.attribution.measure(model, &record),
                    profiles: profiles.map(Profiles::into_book),
                    record,
                });
            }
        }
        groups
    }

    /// An invariant that did not hold in some of its replications; none unless the program is wrong.
    pub(super) fn violation(&self) -> Option<&str> {
        self.done
            .iter()
            .flat_map(|done| &done.record.violations)
            .next()
            .map(String::as_str)
    }

    /// For each of its replications, the values of the indicators.
    pub(super) fn values(&self) -> impl Iterator<Item = &[f64]> {
        self.done.iter().map(|done| done.values.as_slice())
    }
}

/// Merged results. Merging is exact: any order and grouping gives the same bits.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Aggregate {
    /// Groups of replications that are in it.
    done: BTreeSet<u64>,
    /// Replications that are in it.
    pub replications: u64,
    /// By indicator: the groups' means.
    pub means: Vec<ExactMoments>,
    /// By indicator: the variances within groups, where a group has several replications.
    pub within: Vec<ExactMoments>,
    /// The records' distributions.
    pub sketches: SketchBook,
    /// The extremes of each of these distributions; of waits, zero and the longest.
    pub extremes: Vec<Extremes>,
    /// Distributions of the profiled strands.
    pub profiles: SketchBook,
    /// Microseconds by cell of dwell time.
    pub cells: Vec<i128>,
    /// By part of the attribution of time: the groups' mean hours per consignment.
    pub attribution: Vec<ExactMoments>,
    /// Consignments delivered by strand.
    pub delivered: Vec<u64>,
    /// Consignments of the window by strand, delivered or not: those whose time the cells hold.
    pub observed: Vec<u64>,
    /// By corridor and month from the start: TEU generated, delivered, and under way at the month's end.
    pub months: Vec<Vec<[ExactMoments; 3]>>,
    /// By service whose frequency follows demand, and month from the start: departures. Empty for other services.
    pub departures: Vec<Vec<ExactMoments>>,
    /// Mean TEU under way at the end of each day, added up over replications, in thousandths.
    pub daily_backlog: Vec<i128>,
    /// The headline indicators of every replication.
    pub headlines: BTreeMap<u64, Vec<f64>>,
    /// Events handled.
    pub events: u64,
    /// Consignments generated.
    pub consignments: u64,
    /// Replications in which nothing could move any more.
    pub deadlocks: u64,
    /// Invariants that did not hold; always empty unless the program is wrong.
    pub violations: BTreeSet<String>,
}

impl Aggregate {
    /// Nothing yet.
    pub fn new(model: &Model, catalogue: &Catalogue) -> Self {
        Self {
            means: vec![ExactMoments::default(); catalogue.indicators.len()],
            within: vec![ExactMoments::default(); catalogue.indicators.len()],
            cells: vec![0; model.typical.cells.total],
            attribution: vec![ExactMoments::default(); catalogue.attribution.keys.len()],
            delivered: vec![0; model.typical.strands.len()],
            observed: vec![0; model.typical.strands.len()],
            months: vec![Vec::new(); model.typical.corridors + 1],
            departures: vec![Vec::new(); model.typical.services.len()],
            ..Self::default()
        }
    }

    /// The numbers of the groups in it.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.done.iter().copied()
    }

    /// Whether group `number` is in it.
    pub fn has(&self, number: u64) -> bool {
        self.done.contains(&number)
    }

    /// The extremes of some of the records' distributions together.
    pub fn extremes_of(&self, sketches: &[usize]) -> Extremes {
        let each = sketches.iter().filter_map(|sketch| self.extremes.get(*sketch).copied());
        each.fold(Extremes::default(), Extremes::with)
    }

    fn widen(&mut self, others: &[Extremes]) {
        if self.extremes.len() < others.len() {
            self.extremes.resize(others.len(), Extremes::default());
        }
        for (mine, other) in self.extremes.iter_mut().zip(others) {
            *mine = mine.with(*other);
        }
    }

    /// Groups in it.
    pub fn groups(&self) -> u64 {
        self.done.len() as u64
    }

    /// Simulates the replications of group `number` and adds what they leave behind.
    pub fn add_group(&mut self, model: &Model, catalogue: &Catalogue, seed: Seed, number: u64) {
        let size = model.replications_per_input_draw();
        self.add(model, catalogue, Group::simulate(model, catalogue, seed, number, size));
    }

    /// Adds what the replications of a group have left behind.
    pub fn add(&mut self, model: &Model, catalogue: &Catalogue, group: Group) {
        let Group { number, done } = group;
        let mut sums: Vec<(f64, f64, u32)> = vec![(0.0, 0.0, 0); catalogue.indicators.len()];
        let mut parts: Vec<(f64, u32)> = vec![(0.0, 0); self.attribution.len()];
        for Done {
            replication,
            record,
            profiles,
            values,
            attribution,
        } in done
        {
            if let Some(profiles) = profiles {
                self.profiles.merge(&profiles);
            }
            self.headlines.insert(
                replication,
                catalogue.headlines.iter().map(|number| values[*number]).collect(),
            );
            for ((sum, squares, count), value) in sums.iter_mut().zip(values) {
                if !value.is_nan() {
                    // Welford's update within the group, always in the same order.
                    *count += 1;
                    let delta = value - *sum;
                    *sum += delta / f64::from(*count);
                    *squares += delta * (value - *sum);
                }
            }
            for ((sum, count), value) in parts.iter_mut().zip(attribution) {
                if !value.is_nan() {
                    *sum += value;
                    *count += 1;
                }
            }
            self.add_record(model, &record);
        }
        for (moments, (sum, count)) in self.attribution.iter_mut().zip(parts) {
            if count > 0 {
                moments.add(sum / f64::from(count));
            }
        }
        for (number, (mean, squares, count)) in sums.into_iter().enumerate() {
            if count > 0 {
                self.means[number].add(mean);
            }
            if count > 1 {
                self.within[number].add(squares / f64::from(count - 1));
            }
        }
        self.done.insert(number);
    }

    fn add_record(&mut self, model: &Model, record: &Record) {
        self.replications += 1;
        self.events += record.events;
        self.consignments += record.system.generated;
        self.deadlocks += u64::from(record.system.deadlock);
        self.violations.extend(record.violations.iter().cloned());
        self.sketches.merge(&record.sketches);
        self.widen(&extremes(&model.typical, record));
        for (sum, cell) in self.cells.iter_mut().zip(record.cells.of(0..model.typical.cells.total)) {
            *sum += cell;
        }
        for (number, strand) in record.strands.iter().enumerate() {
            self.delivered[number] += strand.delivered;
            self.observed[number] += strand.generated;
        }
        self.add_months(model, record);
        self.add_departures(model, record);
        self.add_days(record);
    }

    /// Adds up days to months; the last, unfinished month is left out.
    fn add_months(&mut self, model: &Model, record: &Record) {
        let end = record.end.min(record.stopped);
        let mut ends = model.dates.clock.months(end);
        ends.push(end);
        let days: Vec<usize> = ends.iter().map(|time| (time.hours() / 24.0).ceil() as usize).collect();
        for (corridor, series) in record.days.iter().enumerate() {
            let sums = &mut self.months[corridor];
            if sums.len() < days.len() {
                sums.resize(days.len(), Default::default());
            }
            let (mut from, mut backlog) = (0, 0_i64);
            for (sum, to) in sums.iter_mut().zip(&days) {
                let part = |days: &[i64]| {
                    days.get(from..(*to).min(days.len()).max(from))
                        .map_or(0, |part| part.iter().sum::<i64>())
                };
                let (generated, delivered) = (part(&series.generated), part(&series.delivered));
                backlog += generated - delivered;
                for (moments, value) in sum.iter_mut().zip([generated, delivered, backlog]) {
                    moments.add(value as f64 / 1000.0);
                }
                from = (*to).max(from);
            }
        }
    }

    /// Adds up departures to months, for services whose frequency follows demand; the last, unfinished month included.
    fn add_departures(&mut self, model: &Model, record: &Record) {
        let end = record.end.min(record.stopped);
        let reviewed = |service: &usize| model.typical.services[*service].review.is_some();
        for service in (0..record.services.len()).filter(reviewed) {
            let mut ends = model.dates.clock.months(end);
            ends.push(end);
            let days = &record.services[service].days;
            let sums = &mut self.departures[service];
            if sums.len() < ends.len() {
                sums.resize(ends.len(), ExactMoments::default());
            }
            let mut from = 0;
            for (sum, end) in sums.iter_mut().zip(ends) {
                let to = ((end.hours() / 24.0).ceil() as usize).max(from);
                let part = days.get(from.min(days.len())..to.min(days.len())).unwrap_or_default();
                sum.add(f64::from(part.iter().sum::<u32>()));
                from = to;
            }
        }
    }

    fn add_days(&mut self, record: &Record) {
        let last = (record.end.min(record.stopped).hours() / 24.0) as usize;
        if self.daily_backlog.len() < last {
            self.daily_backlog.resize(last, 0);
        }
        let mut backlog = 0_i128;
        for (day, sum) in self.daily_backlog.iter_mut().enumerate().take(last) {
            for series in &record.days {
                backlog += i128::from(series.generated.get(day).copied().unwrap_or(0));
                backlog -= i128::from(series.delivered.get(day).copied().unwrap_or(0));
            }
            *sum += backlog;
        }
    }

    /// Adds everything in `other`, which must have none of the same groups.
    pub fn merge(&mut self, other: &Self) {
        self.done.extend(&other.done);
        self.replications += other.replications;
        self.events += other.events;
        self.consignments += other.consignments;
        self.deadlocks += other.deadlocks;
        self.violations.extend(other.violations.iter().cloned());
        for (mine, theirs) in [
            (&mut self.means, &other.means),
            (&mut self.within, &other.within),
            (&mut self.attribution, &other.attribution),
        ] {
            for (sum, part) in mine.iter_mut().zip(theirs) {
                sum.merge(part);
            }
        }
        self.sketches.merge(&other.sketches);
        self.widen(&other.extremes);
        self.profiles.merge(&other.profiles);
        add_all(&mut self.cells, &other.cells);
        add_all(&mut self.daily_backlog, &other.daily_backlog);
        for (mine, theirs) in [
            (&mut self.delivered, &other.delivered),
            (&mut self.observed, &other.observed),
        ] {
            for (sum, part) in mine.iter_mut().zip(theirs) {
                *sum += part;
            }
        }
        for (mine, theirs) in self.months.iter_mut().zip(&other.months) {
            if mine.len() < theirs.len() {
                mine.resize(theirs.len(), Default::default());
            }
            for (sums, parts) in mine.iter_mut().zip(theirs) {
                for (sum, part) in sums.iter_mut().zip(parts) {
                    sum.merge(part);
                }
            }
        }
        for (mine, theirs) in self.departures.iter_mut().zip(&other.departures) {
            if mine.len() < theirs.len() {
                mine.resize(theirs.len(), ExactMoments::default());
            }
            for (sum, part) in mine.iter_mut().zip(theirs) {
                sum.merge(part);
            }
        }
        self.headlines
            .extend(other.headlines.iter().map(|(number, values)| (*number, values.clone())));
    }
}

/// Simulates a replication under each plan with its own luck, watched by the observer that there is for it.
fn simulate_with(
    plans: &[Cow<'_, Plan>],
    lucks: &[Draws],
    observer: Option<&impl Fn(usize) -> Option<Profiles>>,
) -> Vec<(Record, Option<Profiles>)> {
    let mut results: Vec<(Record, Option<Profiles>)> = plans.iter().map(|_| Default::default()).collect();
    // Whose days vary and whose do not share no past.
    let mut left: Vec<usize> = (0..plans.len()).collect();
    while let Some(first) = left.first().copied() {
        let (alike, others): (Vec<usize>, _) = left.into_iter().partition(|member| lucks[*member] == lucks[first]);
        left = others;
        let of_alike: Vec<&Plan> = alike.iter().map(|member| &*plans[*member]).collect();
        let done = if let Some(observer) = observer {
            simulate_all(&of_alike, lucks[first], |place| observer(alike[place]))
        } else {
            let unwatched = simulate_all(&of_alike, lucks[first], |_| Silent).into_iter();
            unwatched.map(|(record, _)| (record, None)).collect()
        };
        for (member, done) in alike.into_iter().zip(done) {
            results[member] = done;
        }
    }
    results
}

/// The extremes of a record's distributions, in the order of its sketches.
fn extremes(plan: &Plan, record: &Record) -> Vec<Extremes> {
    let mut all = vec![Extremes::default(); record.sketches.len()];
    for (extremes, strand) in all.iter_mut().zip(&record.strands) {
        if strand.delivered > 0 {
            *extremes = Extremes::new(strand.transit_range);
        }
    }
    let facilities = record.facilities.iter().map(|it| &it.waits);
    let stops = record.services.iter().flat_map(|it| &it.stops).map(|it| &it.waits);
    let depots = record.depots.iter().map(|it| &it.waits);
    let lanes = record.lanes.iter().map(|it| &it.waits);
    let waits = facilities.chain(stops).chain(depots).chain(lanes);
    for (extremes, waits) in all.iter_mut().skip(plan.strands.len()).zip(waits) {
        if waits.count > 0 {
            *extremes = Extremes::new((0, waits.longest));
        }
    }
    all
}

fn add_all(sums: &mut Vec<i128>, parts: &[i128]) {
    if sums.len() < parts.len() {
        sums.resize(parts.len(), 0);
    }
    for (sum, part) in sums.iter_mut().zip(parts) {
        *sum += part;
    }
}
