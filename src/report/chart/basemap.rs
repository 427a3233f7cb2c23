//! Coastlines and the projection of the map.
//!
//! Land is that of Natural Earth, without national boundaries on purpose (see `assets/README.md`). The projection is
//! equirectangular with true scale along the middle parallel of what is shown.

use super::sheet::{Area, Point};
use serde::Deserialize;

static NEAR: &str = include_str!("../../../assets/land_corridors.geojson");
static WORLD: &str = include_str!("../../../assets/land_world.geojson");

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Geometry {
    coordinates: Vec<Vec<Vec<[f64; 2]>>>,
}

/// A part of the world, in degrees.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Extent {
    pub(super) west: f64,
    pub(super) east: f64,
    pub(super) south: f64,
    pub(super) north: f64,
}

/// What the finer coastlines cover.
const COVERED: Extent = Extent {
    west: -25.0,
    east: 155.0,
    south: -40.0,
    north: 75.0,
};

impl Extent {
    /// The smallest extent that holds all of `points`; none without any.
    pub(super) fn of(points: &[Point]) -> Option<Self> {
        let (first, rest) = points.split_first()?;
        let start = Self {
            west: first.0,
            east: first.0,
            south: first.1,
            north: first.1,
        };
        Some(rest.iter().fold(start, |extent, (longitude, latitude)| Self {
            west: extent.west.min(*longitude),
            east: extent.east.max(*longitude),
            south: extent.south.min(*latitude),
            north: extent.north.max(*latitude),
        }))
    }

    fn holds(&self, other: &Self) -> bool {
        self.west <= other.west && other.east <= self.east && self.south <= other.south && other.north <= self.north
    }

    /// Whether a point lies within it.
    pub(super) fn contains(&self, (longitude, latitude): Point) -> bool {
        (self.west..=self.east).contains(&longitude) && (self.south..=self.north).contains(&latitude)
    }

    /// The shrinking of degrees of longitude at the middle parallel.
    fn shrinking(&self) -> f64 {
        ((self.south + self.north) / 2.0).to_radians().cos().max(0.2)
    }

    /// Widened by a margin of at least so many degrees on all sides, and so that it is neither narrower nor flatter than
    /// the `aspects` allow.
    pub(super) fn framed(&self, least_margin: f64, aspects: (f64, f64)) -> Self {
        let margin = (0.05 * (self.east - self.west).max(self.north - self.south)).max(least_margin);
        let mut it = Self {
            west: self.west - margin,
            east: self.east + margin,
            south: (self.south - margin).max(-85.0),
            north: (self.north + margin).min(84.0),
        };
        let (width, height) = ((it.east - it.west) * it.shrinking(), it.north - it.south);
        let aspect = width / height;
        if aspect < aspects.0 {
            let more = (aspects.0 * height - width) / it.shrinking() / 2.0;
            it.west -= more;
            it.east += more;
        } else if aspect > aspects.1 {
            let more = (width / aspects.1 - height) / 2.0;
            it.south = (it.south - more).max(-85.0);
            it.north = (it.north + more).min(84.0);
        }
        if COVERED.holds(self) {
            // A margin is not worth the coarser coastlines.
            it = Self {
                west: it.west.max(COVERED.west),
                east: it.east.min(COVERED.east),
                south: it.south.max(COVERED.south),
                north: it.north.min(COVERED.north),
            };
        }
        it
    }

    /// Width over height on the map.
    pub(super) fn aspect(&self) -> f64 {
        (self.east - self.west) * self.shrinking() / (self.north - self.south)
    }

    /// Where a point of the world stands within `area`, which is taken to have the right shape.
    pub(super) fn project(&self, area: &Area, (longitude, latitude): Point) -> Point {
        let across = (longitude - self.west) / (self.east - self.west);
        let up = (latitude - self.south) / (self.north - self.south);
        (area.left + across * area.width(), area.bottom - up * area.height())
    }
}

/// Rings of land within an extent, each with whether it is land or a lake in it.
pub(super) fn land(extent: &Extent) -> Vec<(bool, Vec<Point>)> {
    let (text, turns): (&str, &[f64]) = if COVERED.holds(extent) {
        (NEAR, &[0.0])
    } else {
        (WORLD, &[-360.0, 0.0, 360.0])
    };
    let Ok(collection) = serde_json::from_str::<Collection>(text) else {
        return Vec::new();
    };
    let polygons = collection
        .features
        .iter()
        .flat_map(|feature| &feature.geometry.coordinates);
    let mut rings = Vec::new();
    for polygon in polygons {
        for (number, ring) in polygon.iter().enumerate() {
            let ring = unbroken(ring.iter().map(|[x, y]| (*x, *y)).collect());
            for turn in turns {
                let points: Vec<Point> = ring.iter().map(|(x, y)| (x + turn, *y)).collect();
                let clipped = clipped(points, extent);
                if clipped.len() > 2 {
                    rings.push((number == 0, clipped));
                }
            }
        }
    }
    rings
}

/// The coasts in a ring: without what runs along the edge of the extent, and without the long level seams at which the
/// outlines were cut and joined.
pub(super) fn coasts(ring: &[Point], extent: &Extent) -> Vec<Vec<Point>> {
    let is_seam = |from: Point, to: Point| {
        let along = |a: f64, b: f64, edge: f64| (a - edge).abs() < 1e-9 && (b - edge).abs() < 1e-9;
        (from.1 - to.1).abs() < 0.03 && (from.0 - to.0).abs() > 3.0
            || along(from.0, to.0, extent.west)
            || along(from.0, to.0, extent.east)
            || along(from.1, to.1, extent.south)
            || along(from.1, to.1, extent.north)
    };
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let mut piece: Vec<Point> = Vec::new();
    for (at, to) in ring.iter().copied().enumerate() {
        let from = ring[(at + ring.len() - 1) % ring.len()];
        if is_seam(from, to) {
            pieces.push(std::mem::take(&mut piece));
        } else {
            if piece.is_empty() {
                piece.push(from);
            }
            piece.push(to);
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// The same points without jumps at the date line.
pub(super) fn unbroken(mut points: Vec<Point>) -> Vec<Point> {
    for at in 1..points.len() {
        let turns = ((points[at - 1].0 - points[at].0) / 360.0).round();
        points[at].0 += 360.0 * turns;
    }
    points
}

/// The meridian at which the world is best cut so that none of `lines` is: the middle of the widest stretch of longitudes
/// that none of them covers, and the date line where they go all round.
pub(super) fn seam<'a>(lines: impl Iterator<Item = &'a [Point]>) -> f64 {
    let mut covered: Vec<(f64, f64)> = lines
        .filter_map(Extent::of)
        .map(|line| {
            let west = line.west.rem_euclid(360.0);
            (west, west + line.east - line.west)
        })
        .collect();
    covered.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some(first) = covered.first().copied() else {
        return -180.0;
    };
    // What reaches beyond a full turn covers the beginning as well.
    let wrapped = covered.iter().map(|(_, east)| east - 360.0).fold(first.0, f64::max);
    let (mut reached, mut best) = (wrapped, (0.0, 180.0));
    for (west, east) in covered.into_iter().chain([(first.0 + 360.0, first.0 + 360.0)]) {
        if west - reached > best.0 {
            best = (west - reached, (west + reached) / 2.0);
        }
        reached = reached.max(east);
    }
    (best.1 + 180.0).rem_euclid(360.0) - 180.0
}

/// The line turned to where it begins no less than a meridian and less than a full turn east of it.
pub(super) fn turned(mut line: Vec<Point>, seam: f64) -> Vec<Point> {
    let west = line.iter().map(|point| point.0).fold(f64::INFINITY, f64::min);
    let turn = (west - seam).rem_euclid(360.0) + seam - west;
    for point in &mut line {
        point.0 += turn;
    }
    line
}

/// The part of a ring within an extent (Sutherland and Hodgman 1974).
fn clipped(ring: Vec<Point>, extent: &Extent) -> Vec<Point> {
    type Side = (fn(Point) -> f64, f64, f64);
    let sides: [Side; 4] = [
        (|point| point.0, extent.west, 1.0),
        (|point| point.0, extent.east, -1.0),
        (|point| point.1, extent.south, 1.0),
        (|point| point.1, extent.north, -1.0),
    ];
    sides.into_iter().fold(ring, |ring, (of, limit, sign)| {
        let depth = |point: Point| sign * (of(point) - limit);
        let mut kept = Vec::with_capacity(ring.len());
        for (at, point) in ring.iter().copied().enumerate() {
            let before = ring[(at + ring.len() - 1) % ring.len()];
            if (depth(point) >= 0.0) != (depth(before) >= 0.0) {
                let share = depth(before) / (depth(before) - depth(point));
                kept.push((
                    before.0 + share * (point.0 - before.0),
                    before.1 + share * (point.1 - before.1),
                ));
            }
            if depth(point) >= 0.0 {
                kept.push(point);
            }
        }
        kept
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_is_cut_where_nothing_lies() {
        let lines = [
            vec![(121.0, 31.0), (180.0, 45.0), (242.0, 34.0)],
            vec![(-118.0, 34.0), (-180.0, 45.0), (-239.0, 31.0)],
            vec![(113.0, 28.0), (4.0, 52.0)],
            vec![(-6.0, 36.0), (4.0, 52.0)],
        ];
        let cut = seam(lines.iter().map(Vec::as_slice));
        assert!((cut - -62.0).abs() < 1e-9, "{cut}");
        for line in lines {
            let line = turned(line, cut);
            assert!(
                line.iter().all(|point| (cut..cut + 360.0).contains(&point.0)),
                "{line:?}"
            );
        }
        assert_eq!(seam([vec![(10.0, 0.0), (20.0, 0.0)]].iter().map(Vec::as_slice)), -165.0);
        assert_eq!(seam(std::iter::empty()), -180.0);
        let round = [vec![(0.0, 0.0), (200.0, 0.0)], vec![(190.0, 0.0), (370.0, 0.0)]];
        assert_eq!(seam(round.iter().map(Vec::as_slice)), -180.0);
    }

    #[test]
    fn rings_are_cut_at_the_edge() {
        let extent = Extent {
            west: 0.0,
            east: 2.0,
            south: 0.0,
            north: 2.0,
        };
        let ring = clipped(vec![(1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0)], &extent);
        assert_eq!(
            Extent::of(&ring),
            Some(Extent {
                west: 1.0,
                south: 1.0,
                ..extent
            })
        );
        assert!(clipped(vec![(5.0, 5.0), (6.0, 5.0), (6.0, 6.0)], &extent).is_empty());
    }

    #[test]
    fn both_maps_can_be_read() {
        assert!(land(&COVERED).len() > 100);
        let world = Extent {
            west: -180.0,
            east: 180.0,
            south: -60.0,
            north: 80.0,
        };
        assert!(land(&world).len() > 50);
    }
}
