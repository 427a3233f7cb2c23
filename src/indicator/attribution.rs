//! Attribution: the time of consignments, split by place and cause.
//!
//! A cell of dwell time has a place and a cause. Added up over the routes of a corridor and divided by its consignments,
//! the cells are the mean time that a consignment spends at a place for a cause; over all places and causes they add up to
//! the mean door-to-door time exactly, as long as everything is delivered. What is under way at the end, or was turned
//! away, counts with its time so far.

use super::headline_corridors;
use crate::model::{Cause, Model, Place};
use crate::simulation::Record;
use crate::units::MICROSECONDS_PER_HOUR;
use std::collections::BTreeMap;

/// Whose time is split.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Whose {
    /// That of the headline corridors together; of everything where there are no corridors.
    Headlines,
    /// That of a corridor, or of what belongs to none.
    Corridor(usize),
}

/// A part of someone's time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AttributionKey {
    /// Whose.
    pub whose: Whose,
    /// Where it is spent.
    pub place: Place,
    /// Why.
    pub cause: Cause,
}

/// How the time of a model's consignments is split.
pub struct Attribution {
    /// The parts, in order.
    pub keys: Vec<AttributionKey>,
    /// By strand: the parts of its corridor's time to which its cells belong.
    of_corridor: Vec<Vec<u32>>,
    /// By strand: the parts of the headline corridors' time; empty where it is on none of them.
    of_headlines: Vec<Vec<u32>>,
}

impl Attribution {
    /// How time is split in `model`.
    pub fn of(model: &Model) -> Self {
        let strands = &model.typical.strands;
        let headlines = headline_corridors(model);
        let is_headline = |corridor: usize| headlines.is_empty() || headlines.contains(&corridor);
        let cells = |strand: usize| &model.layout.routes[strands[strand].route as usize].cells;
        let mut numbers: BTreeMap<AttributionKey, u32> = BTreeMap::new();
        let key = |whose: Whose, (place, cause): (Place, Cause)| AttributionKey { whose, place, cause };
        let whose = |strand: usize| {
            let corridor = strands[strand].corridor as usize;
            let headline = is_headline(corridor).then_some(Whose::Headlines);
            (Whose::Corridor(corridor), headline)
        };
        for strand in 0..strands.len() {
            let (own, headline) = whose(strand);
            for cell in cells(strand) {
                for whose in std::iter::once(own).chain(headline) {
                    numbers.insert(key(whose, (cell.place, cell.cause)), 0);
                }
            }
        }
        for (number, value) in numbers.values_mut().enumerate() {
            *value = number as u32;
        }
        let parts = |strand: usize, whose: Whose| -> Vec<u32> {
            let cells = cells(strand).iter();
            cells
                .map(|cell| numbers[&key(whose, (cell.place, cell.cause))])
                .collect()
        };
        Self {
            of_corridor: (0..strands.len())
                .map(|strand| parts(strand, whose(strand).0))
                .collect(),
            of_headlines: (0..strands.len())
                .map(|strand| whose(strand).1.map_or_else(Vec::new, |whose| parts(strand, whose)))
                .collect(),
            keys: numbers.into_keys().collect(),
        }
    }

    /// Mean hours of a consignment of the window in each part, in the replication that left `record`; not a number where
    /// there was none.
    pub fn measure(&self, model: &Model, record: &Record) -> Vec<f64> {
        let mut times = vec![0_i128; self.keys.len()];
        let mut counts: BTreeMap<Whose, u64> = BTreeMap::new();
        for (number, plan) in model.typical.strands.iter().enumerate() {
            let generated = record.strands[number].generated;
            *counts.entry(Whose::Corridor(plan.corridor as usize)).or_default() += generated;
            if !self.of_headlines[number].is_empty() {
                *counts.entry(Whose::Headlines).or_default() += generated;
            }
            let range = plan.first_cell as usize..(plan.first_cell + plan.cells) as usize;
            for (cell, time) in record.cells.of(range).enumerate().filter(|(_, time)| *time != 0) {
                times[self.of_corridor[number][cell] as usize] += time;
                if let Some(part) = self.of_headlines[number].get(cell) {
                    times[*part as usize] += time;
                }
            }
        }
        let keys = self.keys.iter().zip(times);
        keys.map(|(key, time)| {
            let count = counts.get(&key.whose).copied().unwrap_or(0);
            time as f64 / MICROSECONDS_PER_HOUR / count as f64
        })
        .collect()
    }
}
