//! Samplers: distributions made ready for the hot loop.

use super::{Draw, Draws, Family, QuantileTable, Stream, TableStore, Word};
use std::sync::Arc;

/// A distribution compiled for drawing; cheap to clone, shared between threads.
#[derive(Clone, PartialEq)]
pub struct Sampler {
    kind: Kind,
}

#[derive(Clone, PartialEq)]
enum Kind {
    Constant(f64),
    Table {
        table: Arc<QuantileTable>,
        shift: f64,
        scale: f64,
    },
    /// By the family's closed form, or its exact inversion where the shape is only known inside a replication.
    Formula(Box<Family>),
    Choice {
        cumulative: Box<[f64]>,
        parts: Box<[Sampler]>,
    },
    Sum(Box<[Sampler]>),
}

impl Sampler {
    /// Always the same value.
    pub const fn constant(value: f64) -> Self {
        Self {
            kind: Kind::Constant(value),
        }
    }

    /// Compiles `family`, building the tables it lacks into `store`.
    pub fn with_tables(family: &Family, store: &mut TableStore) -> Self {
        Self::compile(family, &mut |f| store.get_or_build(f))
    }

    /// Compiles `family` with the tables already in `store`; shapes without a table are drawn by exact inversion.
    pub fn with_known_tables(family: &Family, store: &TableStore) -> Self {
        Self::compile(family, &mut |f| store.get(f))
    }

    fn compile(family: &Family, table: &mut impl FnMut(&Family) -> Option<(Arc<QuantileTable>, f64, f64)>) -> Self {
        let choice = |weights: &mut dyn Iterator<Item = f64>, parts: Vec<Self>| {
            let mut total = 0.0;
            let mut cumulative: Vec<f64> = weights
                .map(|weight| {
                    total += weight;
                    total
                })
                .collect();
            for edge in &mut cumulative {
                *edge /= total;
            }
            // The last edge must lie beyond every uniform number, whatever the rounding.
            if let Some(last) = cumulative.last_mut() {
                *last = f64::INFINITY;
            }
            Kind::Choice {
                cumulative: cumulative.into(),
                parts: parts.into(),
            }
        };
        let kind = match family {
            Family::Constant(value) => Kind::Constant(*value),
            Family::Uniform { min, max } | Family::Triangular { min, max, .. } | Family::Pert { min, max, .. }
                if min == max =>
            {
                Kind::Constant(*min)
            }
            Family::Empirical { values, .. } if values.len() == 1 => Kind::Constant(values[0]),
            Family::Empirical { values, weights } => choice(
                &mut weights.iter().copied(),
                values.iter().map(|value| Self::constant(*value)).collect(),
            ),
            Family::Mixture(parts) => {
                let samplers = parts.iter().map(|(_, part)| Self::compile(part, table)).collect();
                choice(&mut parts.iter().map(|(weight, _)| *weight), samplers)
            }
            Family::Sum(parts) => Kind::Sum(parts.iter().map(|part| Self::compile(part, table)).collect()),
            single => match table(single) {
                Some((table, shift, scale)) => Kind::Table { table, shift, scale },
                None => Kind::Formula(Box::new(single.clone())),
            },
        };
        Self { kind }
    }

    /// The value that `entity` draws for `what`: the hot loop's way, which for a plain distribution needs no generator.
    #[inline]
    pub fn at(&self, draws: &Draws, entity: Stream, what: Stream) -> f64 {
        match &self.kind {
            Kind::Table { table, shift, scale } => shift + scale * table.at(Word(draws.words(entity, what)[0])),
            Kind::Constant(value) => *value,
            _ => self.sample_composite(&mut draws.draw(entity, what)),
        }
    }

    /// Draws a value, taking words from `draw`: one for a plain distribution, two for each choice between parts.
    #[inline]
    pub fn sample(&self, draw: &mut Draw) -> f64 {
        match &self.kind {
            Kind::Table { table, shift, scale } => shift + scale * table.at(draw.word()),
            Kind::Constant(value) => *value,
            _ => self.sample_composite(draw),
        }
    }

    #[inline(never)]
    fn sample_composite(&self, draw: &mut Draw) -> f64 {
        match &self.kind {
            Kind::Formula(family) => family.quantile(draw.word().tail()),
            Kind::Choice { cumulative, parts } => {
                let mark = draw.word().unit();
                let part = cumulative.iter().position(|edge| mark < *edge).unwrap_or(0);
                parts[part].sample(draw)
            }
            Kind::Sum(parts) => parts.iter().map(|part| part.sample(draw)).sum(),
            Kind::Constant(_) | Kind::Table { .. } => self.sample(draw),
        }
    }

    /// The value itself where it never varies.
    #[inline]
    pub fn fixed(&self) -> Option<f64> {
        match self.kind {
            Kind::Constant(value) => Some(value),
            _ => None,
        }
    }
}
