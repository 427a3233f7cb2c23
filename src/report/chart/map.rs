//! The corridors on a map: every way as wide as what it carries, in the colour of its corridor.

use super::basemap::{Extent, coasts, land, unbroken};
use super::font::width_of;
use super::frame::{MARGIN, Sample, Scale, heading, legend, number};
use super::label::Labels;
use super::palette::{COAST, FRAME, INK, LAND, SEA, SOFT_INK, SOLID, WHITE, corridor};
use super::sheet::{Area, BODY, Point, SMALL, Sheet, Style, WIDTH};
use super::{Charts, Drawing};
use crate::analysis::{Traffic, traffic};
use crate::report::words::Word;
use crate::scenario::place::NodeKind;
use crate::units::NodeId;
use std::collections::BTreeMap;

/// Width of the way that carries most, and least width, in units.
const WIDEST: f64 = 30.0;
const THINNEST: f64 = 4.0;
/// Distance within which one name is enough.
const CROWDED: f64 = 20.0;
/// Shapes that a map may have.
const ASPECTS: (f64, f64) = (1.5, 2.6);

/// A way on the map.
struct Way {
    points: Vec<Point>,
    /// Traffic by corridor.
    loads: Vec<(usize, f64)>,
}

/// A node on the map.
struct Spot {
    name: String,
    at: Point,
    load: f64,
    is_zone: bool,
}

struct Map {
    extent: Extent,
    ways: Vec<Way>,
    spots: Vec<Spot>,
    corridors: Vec<usize>,
    most: f64,
}

impl Charts<'_> {
    /// The map; none where the ends of no way have a position.
    pub(super) fn map(&self) -> Option<Drawing<'_>> {
        let map = self.laid_out()?;
        let height = 350.0 + (f64::from(WIDTH) - 2.0 * MARGIN) / map.extent.aspect();
        Some(Drawing {
            name: "corridor-map".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_map(sheet, &map)),
        })
    }

    fn laid_out(&self) -> Option<Map> {
        let tables = &self.report.model.network.tables;
        let mut ways: BTreeMap<(NodeId, NodeId, Option<crate::units::LinkId>), Way> = BTreeMap::new();
        let mut loads: BTreeMap<NodeId, f64> = BTreeMap::new();
        let mut corridors = Vec::new();
        for it in traffic(self.report.model, self.report.catalogue, self.report.estimates) {
            let Some(points) = self.points(&it) else { continue };
            for node in [it.from, it.to] {
                *loads.entry(node).or_default() += it.teu_per_year;
            }
            if !corridors.contains(&it.corridor) {
                corridors.push(it.corridor);
            }
            let way = ways.entry((it.from, it.to, it.link)).or_insert(Way {
                points,
                loads: Vec::new(),
            });
            way.loads.push((it.corridor, it.teu_per_year));
        }
        corridors.sort_unstable();
        let mut ways: Vec<Way> = ways.into_values().collect();
        let whole = |way: &Way| way.loads.iter().map(|(_, load)| load).sum::<f64>();
        ways.sort_by(|a, b| whole(b).total_cmp(&whole(a)));
        let most = ways
            .iter()
            .flat_map(|way| &way.loads)
            .map(|(_, load)| *load)
            .fold(0.0, f64::max);
        let all: Vec<Point> = ways.iter().flat_map(|way| way.points.iter().copied()).collect();
        let extent = Extent::of(&all)?.framed(ASPECTS);
        let mut spots: Vec<Spot> = loads
            .into_iter()
            .filter_map(|(node, load)| {
                let row = &tables.nodes[node.index()];
                let position = row.position?;
                Some(Spot {
                    is_zone: row.kind == NodeKind::Zone,
                    name: self.node_name(node),
                    at: (position.longitude, position.latitude),
                    load,
                })
            })
            .collect();
        // Gateways are named before the zones around them.
        spots.sort_by(|a, b| a.is_zone.cmp(&b.is_zone).then(b.load.total_cmp(&a.load)));
        Some(Map {
            extent,
            ways,
            spots,
            corridors,
            most,
        })
    }

    /// The points that a way passes; those of its link where it has some, without jumps at the date line.
    fn points(&self, it: &Traffic) -> Option<Vec<Point>> {
        let tables = &self.report.model.network.tables;
        let position = |node: NodeId| {
            tables.nodes[node.index()]
                .position
                .map(|at| (at.longitude, at.latitude))
        };
        let link = it
            .link
            .and_then(|link| self.report.model.scenario.links.get(&tables.links[link.index()].key));
        let via = link.map(|link| link.via.as_slice()).unwrap_or_default();
        let mut points = vec![position(it.from)?];
        points.extend(via.iter().map(|[x, y]| (*x, *y)));
        points.push(position(it.to)?);
        Some(unbroken(points))
    }

    fn draw_map(&self, sheet: &Sheet<'_>, map: &Map) {
        let top = heading(sheet, self.word(Word::MapTitle), &self.subtitle());
        let right = f64::from(WIDTH) - MARGIN;
        let entries: Vec<(Sample, String)> = map
            .corridors
            .iter()
            .map(|number| {
                let look = corridor(*number);
                (Sample::Marked(look.colour, 9.0, look.dash), self.corridor_name(*number))
            })
            .collect();
        let top = legend(sheet, &entries, (MARGIN, top), right) + 8.0;
        let area = Area {
            left: MARGIN,
            top,
            right,
            bottom: top + (right - MARGIN) / map.extent.aspect(),
        };
        let project = |point: Point| map.extent.project(&area, point);
        sheet.rectangle(area, SEA);
        for (is_land, ring) in land(&map.extent) {
            let filled: Vec<Point> = ring.iter().copied().map(project).collect();
            sheet.polygon(&filled, if is_land { LAND } else { SEA });
            for coast in coasts(&ring, &map.extent) {
                let coast: Vec<Point> = coast.into_iter().map(project).collect();
                sheet.line(&coast, COAST, 2, SOLID);
            }
        }
        let mut clear = Labels::new(area.grown(-8.0));
        let mut tight = Labels::new(area.grown(-8.0));
        let width = |load: f64| (WIDEST * load / map.most).max(THINNEST);
        for way in &map.ways {
            let points: Vec<Point> = way.points.iter().copied().map(project).collect();
            let whole: f64 = way.loads.iter().map(|(_, load)| width(*load)).sum();
            let mut aside = -whole / 2.0;
            clear.block_line(&points, whole + 4.0);
            for (number, load) in &way.loads {
                let width = width(*load);
                let points = shifted(&points, aside + width / 2.0);
                aside += width;
                sheet.marked_line(&points, corridor(*number).colour, width, corridor(*number).dash);
            }
        }
        for spot in &map.spots {
            let at = project(spot.at);
            sheet.disc(at, 11.0, WHITE);
            sheet.disc(at, 8.0, INK);
            for labels in [&mut clear, &mut tight] {
                labels.block_line(&[at, at], 22.0);
            }
        }
        let mut named: Vec<Point> = Vec::new();
        for spot in &map.spots {
            // Of nodes on top of each other, the busiest stands for all.
            let at = project(spot.at);
            if named
                .iter()
                .any(|other| (other.0 - at.0).hypot(other.1 - at.1) < CROWDED)
            {
                continue;
            }
            named.push(at);
            label_spot(sheet, (&mut clear, &mut tight), at, &spot.name);
        }
        sheet.outline(area, FRAME, 3);
        self.draw_widths(sheet, map, area.bottom + 46.0);
    }

    /// What widths mean, and what the land is.
    fn draw_widths(&self, sheet: &Sheet<'_>, map: &Map, y: f64) {
        let title = self.word(Word::TeuPerYear);
        sheet.text(title, (MARGIN, y), Style::new(BODY, INK));
        let mut x = MARGIN + width_of(title, BODY) + 40.0;
        let scale = Scale::from_zero(map.most, 2.0);
        for load in [scale.step / 5.0, scale.step, scale.high] {
            let width = (WIDEST * load / map.most).max(THINNEST);
            sheet.line(&[(x, y), (x + 90.0, y)], SOFT_INK, width.round() as u32, SOLID);
            let text = number(load, 0);
            sheet.text(&text, (x + 104.0, y), Style::new(BODY, INK));
            x += 104.0 + width_of(&text, BODY) + 50.0;
        }
        let note = self.word(Word::LandNote);
        sheet.text(note, (MARGIN, y + 48.0), Style::new(SMALL, SOFT_INK));
    }
}

/// A line beside another, to the right of its way.
fn shifted(points: &[Point], aside: f64) -> Vec<Point> {
    if aside == 0.0 {
        return points.to_vec();
    }
    let direction = |from: Point, to: Point| {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        if length > 0.0 {
            ((to.0 - from.0) / length, (to.1 - from.1) / length)
        } else {
            (0.0, 0.0)
        }
    };
    (0..points.len())
        .map(|at| {
            let before = at
                .checked_sub(1)
                .map_or((0.0, 0.0), |before| direction(points[before], points[at]));
            let after = points
                .get(at + 1)
                .map_or((0.0, 0.0), |after| direction(points[at], *after));
            let (x, y) = direction((0.0, 0.0), (before.0 + after.0, before.1 + after.1));
            (points[at].0 - y * aside, points[at].1 + x * aside)
        })
        .collect()
}

/// Names a node where there is room: clear of all lines if possible, else clear of other names, else not at all.
fn label_spot(sheet: &Sheet<'_>, (clear, tight): (&mut Labels, &mut Labels), at: Point, name: &str) {
    let (width, height) = (width_of(name, SMALL), SMALL * 1.2);
    let around = |away: f64| {
        let slant = away * 0.7;
        [
            (at.0 + away, at.1 - height / 2.0),
            (at.0 - away - width, at.1 - height / 2.0),
            (at.0 - width / 2.0, at.1 - away - height),
            (at.0 - width / 2.0, at.1 + away),
            (at.0 + slant, at.1 - slant - height),
            (at.0 + slant, at.1 + slant),
            (at.0 - slant - width, at.1 - slant - height),
            (at.0 - slant - width, at.1 + slant),
        ]
        .map(|(left, top)| Area {
            left,
            top,
            right: left + width,
            bottom: top + height,
        })
    };
    let near = || around(18.0).into_iter().chain(around(34.0));
    let far = || [60.0, 90.0, 125.0, 165.0].into_iter().flat_map(around);
    let Some(area) = clear
        .place(near())
        .or_else(|| clear.place(far()))
        .or_else(|| tight.place(near()))
    else {
        return;
    };
    for labels in [clear, tight] {
        labels.block(area.grown(4.0));
    }
    let closest = (
        at.0.clamp(area.left - 4.0, area.right + 4.0),
        at.1.clamp(area.top, area.bottom),
    );
    if (closest.0 - at.0).hypot(closest.1 - at.1) > 45.0 {
        sheet.line(&[at, closest], SOFT_INK, 2, SOLID);
    }
    sheet.text_on_map(
        name,
        (area.left, (area.top + area.bottom) / 2.0),
        Style::new(SMALL, INK),
    );
}
