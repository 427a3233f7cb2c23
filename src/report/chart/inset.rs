//! Insets: parts of a map that are drawn again, enlarged, because their places stand too close to be named.
//!
//! What is enlarged follows from where places are, not from what they are called: places are joined into crowds as long
//! as each is within reach of another. An inset goes where the map has nothing to show.

use super::basemap::Extent;
use super::sheet::{Area, Point};

/// Distances on the map within which places belong together, in units; the next is tried where one finds no crowd.
const REACHES: [f64; 3] = [60.0, 45.0, 30.0];
/// Places that make a crowd.
const LEAST_PLACES: usize = 5;
/// Size of a crowd from which enlarging it gains too little.
const LARGEST: f64 = 240.0;
/// Insets on a map, at most.
const MOST_INSETS: usize = 2;
/// Heights of an inset, the best first.
const HEIGHTS: [f64; 6] = [700.0, 640.0, 580.0, 540.0, 500.0, 440.0];
/// Shapes that an inset may have: wide, so that names have room beside places.
const ASPECTS: (f64, f64) = (1.4, 2.0);
/// Degrees around the places of an inset.
const LEAST_MARGIN: f64 = 0.3;
/// Space around an inset.
const GAP: f64 = 24.0;

/// A part of the world, and where it is drawn.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct View {
    pub(super) extent: Extent,
    pub(super) area: Area,
}

impl View {
    /// Where a point of the world stands on the sheet.
    pub(super) fn project(&self, point: Point) -> Point {
        self.extent.project(&self.area, point)
    }

    /// The part of the sheet that `extent` takes here.
    pub(super) fn part(&self, extent: &Extent) -> Area {
        let (left, top) = self.project((extent.west, extent.north));
        let (right, bottom) = self.project((extent.east, extent.south));
        Area {
            left,
            top,
            right,
            bottom,
        }
    }
}

/// The insets of a map with `places` (longitude and latitude) that must keep off all of `taken`.
pub(super) fn insets(map: &View, places: &[Point], mut taken: Vec<Area>) -> Vec<View> {
    let on_map: Vec<Point> = places.iter().map(|place| map.project(*place)).collect();
    let extents: Vec<Extent> = crowds(&on_map)
        .into_iter()
        .filter_map(|crowd| Extent::of(&crowd.into_iter().map(|place| places[place]).collect::<Vec<_>>()))
        .map(|extent| extent.framed(LEAST_MARGIN, ASPECTS))
        .collect();
    taken.extend(extents.iter().map(|extent| map.part(extent)));
    let mut insets = Vec::new();
    for extent in extents {
        let area = HEIGHTS
            .iter()
            .find_map(|height| free_area(&map.area, (height * extent.aspect(), *height), &taken));
        if let Some(area) = area {
            taken.push(area);
            insets.push(View { extent, area });
        }
    }
    insets
}

/// The crowds among `places`, the largest first, as their numbers.
fn crowds(places: &[Point]) -> Vec<Vec<usize>> {
    for reach in REACHES {
        let mut crowds = joined(places, reach);
        crowds.retain(|crowd| crowd.len() >= LEAST_PLACES && size(places, crowd) <= LARGEST);
        if !crowds.is_empty() {
            crowds.sort_by_key(|crowd| std::cmp::Reverse(crowd.len()));
            crowds.truncate(MOST_INSETS);
            return crowds;
        }
    }
    Vec::new()
}

/// All places, together with those that can be reached from them in steps no longer than `reach`.
fn joined(places: &[Point], reach: f64) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = (0..places.len()).collect();
    let mut crowds = Vec::new();
    while let Some(first) = left.pop() {
        let mut crowd = vec![first];
        let mut next = 0;
        while let Some(place) = crowd.get(next).copied() {
            let near =
                |other: &usize| (places[*other].0 - places[place].0).hypot(places[*other].1 - places[place].1) <= reach;
            let (reached, others): (Vec<usize>, Vec<usize>) = left.into_iter().partition(near);
            crowd.extend(reached);
            left = others;
            next += 1;
        }
        crowds.push(crowd);
    }
    crowds
}

/// The longer side of the smallest box around a crowd.
fn size(places: &[Point], crowd: &[usize]) -> f64 {
    let side = |of: fn(&Point) -> f64| {
        let values = crowd.iter().map(|place| of(&places[*place]));
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        high - low
    };
    side(|place| place.0).max(side(|place| place.1))
}

/// The place for a box of a size within `bounds` that is nearest to a corner and meets nothing that is taken.
fn free_area(bounds: &Area, (width, height): (f64, f64), taken: &[Area]) -> Option<Area> {
    const STEP: f64 = 40.0;
    let (across, down) = (bounds.width() - width - 2.0 * GAP, bounds.height() - height - 2.0 * GAP);
    if across < 0.0 || down < 0.0 {
        return None;
    }
    let steps = |room: f64| (0..=(room / STEP).ceil() as usize).map(move |step| (step as f64 * STEP).min(room));
    let mut corners: Vec<(f64, f64)> = steps(across).flat_map(|x| steps(down).map(move |y| (x, y))).collect();
    let from_corner = |(x, y): &(f64, f64)| x.min(across - x).hypot(y.min(down - y));
    corners.sort_by(|a, b| from_corner(a).total_cmp(&from_corner(b)));
    corners
        .into_iter()
        .map(|(x, y)| Area {
            left: bounds.left + GAP + x,
            top: bounds.top + GAP + y,
            right: bounds.left + GAP + x + width,
            bottom: bounds.top + GAP + y + height,
        })
        .find(|area| !taken.iter().any(|other| other.meets(&area.grown(GAP / 2.0))))
}

/// The pieces of a line within an area (Liang and Barsky 1984).
pub(super) fn pieces_within(points: &[Point], area: &Area) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    for pair in points.windows(2) {
        let Some((from, to)) = clipped(pair[0], pair[1], area) else {
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces
}

/// The part of a stroke within an area.
fn clipped(from: Point, to: Point, area: &Area) -> Option<(Point, Point)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let sides = [
        (-dx, from.0 - area.left),
        (dx, area.right - from.0),
        (-dy, from.1 - area.top),
        (dy, area.bottom - from.1),
    ];
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for (outwards, room) in sides {
        if outwards < 0.0 {
            first = first.max(room / outwards);
        } else if outwards > 0.0 {
            last = last.min(room / outwards);
        } else if room < 0.0 {
            return None;
        }
    }
    let at = |share: f64| (from.0 + share * dx, from.1 + share * dy);
    // The ends themselves are kept to the bit, so that pieces join.
    let start = if first > 0.0 { at(first) } else { from };
    let end = if last < 1.0 { at(last) } else { to };
    (first < last).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: Area = Area {
        left: 0.0,
        top: 0.0,
        right: 1000.0,
        bottom: 800.0,
    };

    #[test]
    fn lines_are_cut_at_the_frame() {
        let line = [(-100.0, 400.0), (500.0, 400.0), (500.0, 900.0)];
        assert_eq!(
            pieces_within(&line, &SHEET),
            [vec![(0.0, 400.0), (500.0, 400.0), (500.0, 800.0)]]
        );
        assert!(pieces_within(&[(-5.0, 0.0), (-5.0, 800.0)], &SHEET).is_empty());
    }

    #[test]
    fn only_places_that_stand_close_together_make_a_crowd() {
        let mut places: Vec<Point> = (0..5).map(|at| (500.0, 300.0 + 40.0 * f64::from(at))).collect();
        places.push((100.0, 100.0));
        let mut crowd = crowds(&places).remove(0);
        crowd.sort_unstable();
        assert_eq!(crowd, [0, 1, 2, 3, 4]);
        let far: Vec<Point> = (0..9).map(|at| (100.0 * f64::from(at), 300.0)).collect();
        assert!(crowds(&far).is_empty());
    }

    #[test]
    fn an_inset_covers_nothing() {
        let taken = [Area {
            left: 0.0,
            top: 0.0,
            right: 600.0,
            bottom: 800.0,
        }];
        let area = free_area(&SHEET, (300.0, 300.0), &taken).unwrap();
        assert!(SHEET.holds(&area) && !area.meets(&taken[0]));
        assert_eq!(free_area(&SHEET, (500.0, 300.0), &taken), None);
    }
}
