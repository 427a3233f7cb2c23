//! Labels that keep clear of each other: the first free place of several is taken, or none.

use super::sheet::{Area, Point};

/// What is taken on a part of a sheet.
#[derive(Clone)]
pub(super) struct Labels {
    bounds: Area,
    taken: Vec<Area>,
    /// What is taken by text, over which no line may lead.
    texts: Vec<Area>,
    /// The lines that lead to labels.
    leads: Vec<[Point; 2]>,
}

impl Labels {
    /// Nothing taken yet within `bounds`.
    pub(super) fn new(bounds: Area) -> Self {
        Self {
            bounds,
            taken: Vec::new(),
            texts: Vec::new(),
            leads: Vec::new(),
        }
    }

    /// Keeps labels off an area.
    pub(super) fn block(&mut self, area: Area) {
        self.taken.push(area);
    }

    /// Keeps labels off a text, and the lines that lead to labels too.
    pub(super) fn block_text(&mut self, area: Area) {
        self.taken.push(area);
        self.texts.push(area);
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

    /// Takes the first of `places` that is free and to which the line that `lead` gives crosses no text and no other such
    /// line.
    pub(super) fn place_led(
        &mut self,
        places: impl IntoIterator<Item = Area>,
        lead: impl Fn(&Area) -> [Point; 2],
    ) -> Option<Area> {
        let (texts, leads) = (self.texts.clone(), self.leads.clone());
        let is_clear = |place: &Area| {
            let line = lead(place);
            !texts.iter().any(|text| crosses(line, text)) && !leads.iter().any(|other| cross(line, *other))
        };
        let place = self.place(places.into_iter().filter(is_clear))?;
        self.texts.push(place);
        self.leads.push(lead(&place));
        Some(place)
    }
}

/// Whether each of two lines has its ends on either side of the other.
fn cross(one: [Point; 2], other: [Point; 2]) -> bool {
    let side =
        |[from, to]: [Point; 2], at: Point| (to.0 - from.0) * (at.1 - from.1) - (to.1 - from.1) * (at.0 - from.0);
    let parts = |line: [Point; 2], [from, to]: [Point; 2]| side(line, from) * side(line, to) < 0.0;
    parts(one, other) && parts(other, one)
}

/// Whether a line has anything in common with an area.
fn crosses([from, to]: [Point; 2], area: &Area) -> bool {
    // The part of the line that lies between the sides of the area, then between its top and bottom.
    let (mut begin, mut end) = (0.0_f64, 1.0_f64);
    for (from, to, low, high) in [
        (from.0, to.0, area.left, area.right),
        (from.1, to.1, area.top, area.bottom),
    ] {
        let step = to - from;
        if step == 0.0 {
            if from < low || from > high {
                return false;
            }
            continue;
        }
        let (first, second) = ((low - from) / step, (high - from) / step);
        begin = begin.max(first.min(second));
        end = end.min(first.max(second));
    }
    begin <= end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(left: f64, top: f64, right: f64, bottom: f64) -> Area {
        Area {
            left,
            top,
            right,
            bottom,
        }
    }

    #[test]
    fn lines_cross_areas() {
        let square = area(10.0, 10.0, 20.0, 20.0);
        assert!(crosses([(0.0, 15.0), (30.0, 15.0)], &square) && crosses([(0.0, 0.0), (30.0, 30.0)], &square));
        assert!(crosses([(15.0, 0.0), (15.0, 12.0)], &square) && crosses([(12.0, 12.0), (13.0, 14.0)], &square));
        assert!(!crosses([(0.0, 15.0), (9.0, 15.0)], &square) && !crosses([(0.0, 15.0), (15.0, 40.0)], &square));
        assert!(!crosses([(0.0, 5.0), (30.0, 5.0)], &square) && !crosses([(5.0, 5.0), (5.0, 5.0)], &square));
    }

    #[test]
    fn lines_cross_lines() {
        let line = [(0.0, 0.0), (10.0, 10.0)];
        assert!(cross(line, [(0.0, 10.0), (10.0, 0.0)]));
        assert!(!cross(line, [(0.0, 1.0), (10.0, 11.0)]) && !cross(line, [(20.0, 0.0), (0.0, 30.0)]));
    }

    #[test]
    fn no_line_leads_over_a_text() {
        let mut labels = Labels::new(area(0.0, 0.0, 100.0, 100.0));
        labels.block_text(area(20.0, 0.0, 30.0, 20.0));
        let places = [area(40.0, 5.0, 60.0, 15.0), area(0.0, 80.0, 20.0, 90.0)];
        let lead = |place: &Area| [(10.0, 10.0), (place.left, place.top)];
        assert_eq!(labels.place_led(places, lead), Some(places[1]));
        assert_eq!(labels.place(places), Some(places[0]));
    }
}
