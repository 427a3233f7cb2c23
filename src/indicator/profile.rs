//! Profiles: how far consignments are after how much time, on the strands by which corridors are compared.
//!
//! A route is cut into stages, one for every place at which time is spent. For each stage the distribution is kept of the
//! time from generation until a consignment leaves it: the ribbon of the time-distance chart. Where a strand has many
//! consignments, a systematic sample of them is followed, which is enough for percentiles and costs next to nothing.

use super::relations;
use crate::model::plan::{ArrivalPlan, WindowEnd};
use crate::model::{Model, Place, RouteLayout};
use crate::random::Stream;
use crate::simulation::{Observer, Stretch};
use crate::statistics::SketchBook;
use crate::units::SimTime;
use std::collections::BTreeMap;
use std::ops::Range;

/// The strands of which profiles are kept: those by which corridors are compared.
pub fn profiled_strands(model: &Model) -> Vec<usize> {
    relations(model).into_iter().flat_map(|it| it.strands).collect()
}

/// Consignments an hour of a strand as shippers choose at the inputs' expected values; its share where the flow has no
/// rate.
fn expected_rate(model: &Model, strand: usize) -> f64 {
    let plan = &model.typical;
    let flow = &plan.flows[plan.strands[strand].flow as usize];
    let share = flow.choice.shares[strand - flow.strands.start as usize];
    match flow.arrivals {
        ArrivalPlan::Poisson(rate, _) => rate * share,
        _ => share,
    }
}

/// About so many consignments of a strand are followed in each profiled replication.
const FOLLOWED: f64 = 1_000.0;

/// One in how many consignments of a strand is followed.
fn stride(model: &Model, strand: usize) -> u64 {
    let rate = |strand: usize| expected_rate(model, strand);
    let window = &model.typical.window;
    let expected = match window.end {
        WindowEnd::At(end) => rate(strand) * (end - window.begin).hours(),
        WindowEnd::Consignments(count) => {
            count as f64 * rate(strand) / (0..model.typical.strands.len()).map(rate).sum::<f64>()
        }
    };
    (expected / FOLLOWED).max(1.0) as u64
}

/// A stage of a route: its cells at one place within one step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StageCells {
    /// Where.
    pub place: Place,
    /// Number of the route's step.
    pub step: usize,
    /// Its cells, counted from the route's first.
    pub cells: Range<usize>,
}

/// The stages of a route in order.
pub fn stages(route: &RouteLayout) -> Vec<StageCells> {
    let mut stages: Vec<StageCells> = Vec::new();
    for (cell, meaning) in route.cells.iter().enumerate() {
        match stages.last_mut() {
            Some(last) if (last.place, last.step) == (meaning.place, meaning.step) => last.cells.end = cell + 1,
            _ => stages.push(StageCells {
                place: meaning.place,
                step: meaning.step,
                cells: cell..cell + 1,
            }),
        }
    }
    stages
}

/// Where the stages of the profiled strands stand among the distributions.
pub struct ProfileNumbers {
    /// For each strand, its first distribution; none where it is not kept.
    first: Vec<Option<usize>>,
    /// For each strand, the stage of each cell; empty where it is not kept.
    stage_of: Vec<Vec<usize>>,
    /// How many distributions there are.
    count: usize,
}

impl ProfileNumbers {
    /// The numbers for `strands`.
    pub fn new(model: &Model, strands: &[usize]) -> Self {
        let mut numbers = Self {
            first: vec![None; model.typical.strands.len()],
            stage_of: vec![Vec::new(); model.typical.strands.len()],
            count: 0,
        };
        for strand in strands {
            let stages = stages(&model.layout.routes[model.typical.strands[*strand].route as usize]);
            numbers.first[*strand] = Some(numbers.count);
            numbers.count += stages.len();
            let of_cells = stages
                .iter()
                .enumerate()
                .flat_map(|(stage, it)| it.cells.clone().map(move |_| stage));
            numbers.stage_of[*strand] = of_cells.collect();
        }
        numbers
    }

    /// The distribution of a stage of a strand, where it is kept.
    pub fn number(&self, strand: usize, stage: usize) -> Option<usize> {
        self.first[strand].map(|first| first + stage)
    }
}

/// Distributions of the time since generation at the end of every stage of some strands.
pub struct Profiles {
    numbers: ProfileNumbers,
    /// For each strand, one in how many consignments is followed; 0 where none is.
    strides: Vec<u64>,
    book: SketchBook,
    /// Consignments under way, by generation and address: strand, stage, and until when they were there.
    under_way: BTreeMap<(SimTime, Stream), (usize, usize, u64)>,
}

impl Profiles {
    /// Empty profiles of `strands`.
    pub fn new(model: &Model, strands: &[usize]) -> Self {
        let numbers = ProfileNumbers::new(model, strands);
        let mut strides = vec![0; model.typical.strands.len()];
        strands
            .iter()
            .for_each(|strand| strides[*strand] = stride(model, *strand));
        Self {
            strides,
            book: SketchBook::new(numbers.count),
            numbers,
            under_way: BTreeMap::new(),
        }
    }

    /// The distributions, by strand and stage.
    pub fn into_book(mut self) -> SketchBook {
        for (strand, stage, until) in std::mem::take(&mut self.under_way).into_values() {
            self.leave(strand, stage..stage + 1, until);
        }
        self.book
    }

    /// Notes that `stages` of a strand were left so long after generation.
    fn leave(&mut self, strand: usize, stages: Range<usize>, elapsed: u64) {
        for number in stages.filter_map(|stage| self.numbers.number(strand, stage)) {
            self.book.record(number, elapsed);
        }
    }
}

impl Observer for Profiles {
    const ACTIVE: bool = true;

    #[inline]
    fn stretch(&mut self, stretch: Stretch) {
        let strand = stretch.strand as usize;
        // Addresses are spread evenly, so every so-manieth of them is a sample that owes nothing to chance in the run.
        let stride = self.strides[strand];
        if stride != 1 && (stride == 0 || !(stretch.consignment.0 >> 32).is_multiple_of(stride)) {
            return;
        }
        self.follow(strand, stretch);
    }
}

impl Profiles {
    /// Notes the end of a stretch of a consignment that is followed.
    fn follow(&mut self, strand: usize, stretch: Stretch) {
        let Some(stage) = self.numbers.stage_of[strand].get(stretch.cell as usize).copied() else {
            return;
        };
        let since = |time: SimTime| (time - stretch.created).0.max(0) as u64;
        let key = (stretch.created, stretch.consignment);
        let (before, elapsed) = self
            .under_way
            .insert(key, (strand, stage, since(stretch.until)))
            .map_or((0, since(stretch.from)), |(_, stage, until)| (stage, until));
        // Stages in which no time was spent are left when the one before them is.
        self.leave(strand, before..stage, elapsed);
    }
}
