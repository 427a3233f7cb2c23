//! Profiles: how far consignments are after how much time, on the main strand of each corridor.

use crate::model::Model;
use crate::model::plan::ArrivalPlan;
use crate::simulation::{Observer, Stretch};
use crate::statistics::SketchBook;

/// The strands of which profiles are kept: for each corridor (and for what belongs to none) the one expected to carry
/// most.
pub fn main_strands(model: &Model) -> Vec<usize> {
    let plan = &model.typical;
    let expected = |strand: usize| {
        let flow = &plan.flows[plan.strands[strand].flow as usize];
        let total: f64 = flow.tastes.iter().map(|(weight, _)| weight).sum();
        let share = flow.tastes[strand - flow.strands.start as usize].0 / total;
        match flow.arrivals {
            ArrivalPlan::Poisson(rate, _) => rate * share,
            _ => share,
        }
    };
    (0..=plan.corridors)
        .filter_map(|corridor| {
            let within = (0..plan.strands.len()).filter(|strand| plan.strands[*strand].corridor as usize == corridor);
            within.max_by(|a, b| expected(*a).total_cmp(&expected(*b)).then(b.cmp(a)))
        })
        .collect()
}

/// Distributions of the time since generation at the end of every stretch of some strands.
pub struct Profiles {
    /// For each strand, its first distribution; none where it is not kept.
    first: Vec<Option<usize>>,
    /// The distributions, by strand and cell.
    pub book: SketchBook,
}

impl Profiles {
    /// Empty profiles of `strands`.
    pub fn new(model: &Model, strands: &[usize]) -> Self {
        let mut first = vec![None; model.typical.strands.len()];
        let mut count = 0;
        for strand in strands {
            first[*strand] = Some(count);
            count += model.typical.strands[*strand].cells as usize;
        }
        Self {
            first,
            book: SketchBook::new(count),
        }
    }

    /// The distribution at a cell of a strand, where it is kept.
    pub fn number(&self, strand: usize, cell: usize) -> Option<usize> {
        self.first[strand].map(|first| first + cell)
    }
}

impl Observer for Profiles {
    const ACTIVE: bool = true;

    fn stretch(&mut self, stretch: Stretch) {
        if let Some(number) = self.number(stretch.strand as usize, stretch.cell as usize) {
            self.book.record(number, (stretch.until - stretch.created).0 as u64);
        }
    }
}
