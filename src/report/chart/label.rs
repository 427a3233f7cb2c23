//! Labels that keep clear of each other: the first free place of several is taken, or none.

use super::sheet::{Area, Point};

/// What is taken on a part of a sheet.
pub(super) struct Labels {
    bounds: Area,
    taken: Vec<Area>,
}

impl Labels {
    /// Nothing taken yet within `bounds`.
    pub(super) fn new(bounds: Area) -> Self {
        Self {
            bounds,
            taken: Vec::new(),
        }
    }

    /// Keeps labels off an area.
    pub(super) fn block(&mut self, area: Area) {
        self.taken.push(area);
    }

    /// Keeps labels off a line of so much width.
    pub(super) fn block_line(&mut self, points: &[Point], width: f64) {
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let pieces = ((to.0 - from.0).hypot(to.1 - from.1) / 20.0).ceil().clamp(1.0, 400.0) as usize;
            for piece in 0..=pieces {
                let share = piece as f64 / pieces as f64;
                let at = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
                let point = Area {
                    left: at.0,
                    top: at.1,
                    right: at.0,
                    bottom: at.1,
                };
                self.block(point.grown(width / 2.0));
            }
        }
    }

    /// All that is taken.
    pub(super) fn into_taken(self) -> Vec<Area> {
        self.taken
    }

    /// Takes the first of `places` that is free.
    pub(super) fn place(&mut self, places: impl IntoIterator<Item = Area>) -> Option<Area> {
        let free = |place: &Area| self.bounds.holds(place) && !self.taken.iter().any(|taken| taken.meets(place));
        let place = places.into_iter().find(free)?;
        self.taken.push(place.grown(4.0));
        Some(place)
    }
}
