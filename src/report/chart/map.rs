//! The corridors on a map: every way as wide as what it carries, in the colour of its corridor.
//!
//! Where places crowd, the map has an inset, framed like the part that it enlarges and with the same letter. Names go to
//! gateways before the zones around them, and to busy places before quiet ones.

use super::basemap::{Extent, coasts, land, seam, turned, unbroken};
use super::font::width_of;
use super::frame::{MARGIN, Sample, Scale, heading, heading_end, legend, legend_end, number};
use super::inset::{View, insets, pieces_within};
use super::label::Labels;
use super::palette::{COAST, FRAME, INK, LAND, SEA, SOFT_INK, SOLID, Strand, WHITE};
use super::sheet::{Align, Area, BODY, Point, SMALL, Sheet, Style, WIDTH};
use super::{Charts, Drawing};
use crate::analysis::{Traffic, traffic};
use crate::report::words::Word;
use crate::scenario::place::NodeKind;
use crate::units::NodeId;
use std::collections::BTreeMap;

/// Width of the way that carries most, and least width, in units.
const WIDEST: f64 = 30.0;
const THINNEST: f64 = 4.0;
/// Distance within which places share a name.
const CROWDED: f64 = 14.0;
/// Names that places share, at most: a border and the station behind it.
const MOST_NAMES: usize = 2;
/// Shapes that a map may have.
const ASPECTS: (f64, f64) = (1.5, 2.6);

/// Height between the legend and the map, and of what stands below the map.
const LEGEND_GAP: f64 = 8.0;
const BELOW: f64 = 124.0;

/// A way on the map.
struct Way {
    points: Vec<Point>,
    /// Traffic by corridor, with the look of that.
    loads: Vec<(Strand, f64)>,
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
        let right = f64::from(WIDTH) - MARGIN;
        let top = heading_end(self.word(Word::MapTitle), &self.subtitle());
        let top = legend_end(&self.legend_of_map(&map), (MARGIN, top), right) + LEGEND_GAP;
        let height = top + (right - MARGIN) / map.extent.aspect() + BELOW;
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
        let all = traffic(self.report.model, self.report.catalogue, self.report.estimates);
        for it in all.into_iter().filter(|it| self.shows(it.corridor)) {
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
            way.loads.push((self.look(it.corridor), it.teu_per_year));
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
        let seam = seam(ways.iter().map(|way| way.points.as_slice()));
        for way in &mut ways {
            way.points = turned(std::mem::take(&mut way.points), seam);
        }
        let all: Vec<Point> = ways.iter().flat_map(|way| way.points.iter().copied()).collect();
        let extent = Extent::of(&all)?.framed(1.0, ASPECTS);
        let mut spots: Vec<Spot> = loads
            .into_iter()
            .filter_map(|(node, load)| {
                let row = &tables.nodes[node.index()];
                let position = row.position?;
                let at = turned(vec![(position.longitude, position.latitude)], seam);
                Some(Spot {
                    is_zone: row.kind == NodeKind::Zone,
                    name: self.node_name(node),
                    at: *at.first()?,
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

    fn legend_of_map(&self, map: &Map) -> Vec<(Sample, String)> {
        let entry = |number: &usize| {
            let look = self.look(*number);
            (Sample::Marked(look.colour, 9.0, look.dash), self.corridor_name(*number))
        };
        map.corridors.iter().map(entry).collect()
    }

    fn draw_map(&self, sheet: &Sheet<'_>, map: &Map) {
        let top = heading(sheet, self.word(Word::MapTitle), &self.subtitle());
        let right = f64::from(WIDTH) - MARGIN;
        let top = legend(sheet, &self.legend_of_map(map), (MARGIN, top), right) + LEGEND_GAP;
        let area = Area {
            left: MARGIN,
            top,
            right,
            bottom: top + (right - MARGIN) / map.extent.aspect(),
        };
        let view = View {
            extent: map.extent,
            area,
        };
        let places: Vec<Point> = map.spots.iter().map(|spot| spot.at).collect();
        let insets = insets(&view, &places, map.covered(&view));
        draw_view(sheet, map, &view, None, &insets);
        for (inset, letter) in insets.iter().zip('A'..) {
            draw_view(sheet, map, inset, Some(letter), &[]);
        }
        self.draw_widths(sheet, map, area.bottom + 46.0);
    }

    /// What widths mean, and what the land is.
    fn draw_widths(&self, sheet: &Sheet<'_>, map: &Map, y: f64) {
        let title = self.word(Word::TeuPerYear);
        sheet.text(title, (MARGIN, y), Style::new(BODY, INK));
        let mut x = MARGIN + width_of(title, BODY) + 40.0;
        let scale = Scale::from_zero(map.most, 2.0);
        for load in [scale.step / 5.0, scale.step, scale.high] {
            let width = map.width(load);
            sheet.line(&[(x, y), (x + 90.0, y)], SOFT_INK, width.round() as u32, SOLID);
            let text = number(load, 0);
            sheet.text(&text, (x + 104.0, y), Style::new(BODY, INK));
            x += 104.0 + width_of(&text, BODY) + 50.0;
        }
        let note = self.word(Word::LandNote);
        sheet.text(note, (MARGIN, y + 48.0), Style::new(SMALL, SOFT_INK));
    }
}

impl Map {
    /// The width of a way.
    fn width(&self, load: f64) -> f64 {
        (WIDEST * load / self.most).max(THINNEST)
    }

    fn whole_width(&self, way: &Way) -> f64 {
        way.loads.iter().map(|(_, load)| self.width(*load)).sum()
    }

    /// The parts of a view that must stay in sight: ways, places, and room for the names of places.
    fn covered(&self, view: &View) -> Vec<Area> {
        const NAME: (f64, f64) = (260.0, 44.0);
        let mut covered = Labels::new(view.area);
        for way in &self.ways {
            let points: Vec<Point> = way.points.iter().map(|point| view.project(*point)).collect();
            covered.block_line(&points, self.whole_width(way) + 8.0);
        }
        for spot in &self.spots {
            let (x, y) = view.project(spot.at);
            covered.block(Area {
                left: x - NAME.0 / 2.0,
                top: y - NAME.1,
                right: x + NAME.0 / 2.0,
                bottom: y + NAME.1,
            });
        }
        covered.into_taken()
    }
}

/// Draws land, ways and places of a view, with its letter if it is an inset, and names the places that no inset names.
fn draw_view(sheet: &Sheet<'_>, map: &Map, view: &View, letter: Option<char>, insets: &[View]) {
    draw_land(sheet, view);
    let mut labels = [Labels::new(view.area.grown(-8.0)), Labels::new(view.area.grown(-8.0))];
    draw_ways(sheet, map, view, &mut labels[0]);
    let shown = |spot: &&Spot| view.area.holds(&around(view.project(spot.at), 11.0));
    for spot in map.spots.iter().filter(shown) {
        let at = view.project(spot.at);
        sheet.disc(at, 11.0, WHITE);
        sheet.disc(at, 8.0, INK);
        labels.iter_mut().for_each(|it| it.block(around(at, 11.0)));
    }
    if let Some(letter) = letter {
        let tag = label_inset(sheet, &view.area, letter);
        labels.iter_mut().for_each(|it| it.block(tag));
    }
    for (inset, letter) in insets.iter().zip('A'..) {
        let part = view.part(&inset.extent);
        sheet.outline(part, INK, 3);
        let tag = label_inset(sheet, &outside(&part, &view.area), letter);
        for taken in [part, tag, inset.area.grown(8.0)] {
            labels.iter_mut().for_each(|it| it.block(taken));
        }
    }
    let [clear, tight] = &mut labels;
    let enlarged = |spot: &Spot| insets.iter().any(|inset| inset.extent.contains(spot.at));
    let named = map.spots.iter().filter(shown).filter(|spot| !enlarged(spot));
    for (at, names) in grouped(named, view) {
        let whole = names.join(" / ");
        if !label_spot(sheet, (clear, tight), at, &whole) && names.len() > 1 {
            label_spot(sheet, (clear, tight), at, names[0]);
        }
    }
    sheet.outline(view.area, if letter.is_some() { INK } else { FRAME }, 3);
}

fn draw_land(sheet: &Sheet<'_>, view: &View) {
    sheet.rectangle(view.area, SEA);
    for (is_land, ring) in land(&view.extent) {
        let filled: Vec<Point> = ring.iter().map(|point| view.project(*point)).collect();
        sheet.polygon(&filled, if is_land { LAND } else { SEA });
        for coast in coasts(&ring, &view.extent) {
            let coast: Vec<Point> = coast.into_iter().map(|point| view.project(point)).collect();
            sheet.line(&coast, COAST, 2, SOLID);
        }
    }
}

fn draw_ways(sheet: &Sheet<'_>, map: &Map, view: &View, labels: &mut Labels) {
    for way in &map.ways {
        let points: Vec<Point> = way.points.iter().map(|point| view.project(*point)).collect();
        let whole = map.whole_width(way);
        let mut aside = -whole / 2.0;
        for piece in pieces_within(&points, &view.area) {
            labels.block_line(&piece, whole + 4.0);
        }
        for (look, load) in &way.loads {
            let width = map.width(*load);
            let points = shifted(&points, aside + width / 2.0);
            aside += width;
            // A wide line ends with a corner on either side of its middle: neither may stick out of the frame.
            for piece in pieces_within(&points, &view.area.grown(-width / 2.0)) {
                sheet.marked_line(&piece, look.colour, width, look.dash);
            }
        }
    }
}

/// A square around a point.
fn around(at: Point, half: f64) -> Area {
    let point = Area {
        left: at.0,
        top: at.1,
        right: at.0,
        bottom: at.1,
    };
    point.grown(half)
}

/// Places with their names; those on top of each other under the names of the first of them. A zone is not named beside
/// its gateway.
fn grouped<'a>(spots: impl Iterator<Item = &'a Spot>, view: &View) -> Vec<(Point, Vec<&'a str>)> {
    let mut groups: Vec<(Point, Vec<&str>)> = Vec::new();
    for spot in spots {
        let at = view.project(spot.at);
        let near = |(other, _): &&mut (Point, Vec<&str>)| (other.0 - at.0).hypot(other.1 - at.1) < CROWDED;
        match groups.iter_mut().find(near) {
            Some((_, names)) if !spot.is_zone && names.len() < MOST_NAMES => names.push(&spot.name),
            Some(_) => {}
            None => groups.push((at, vec![&spot.name])),
        }
    }
    groups
}

/// Side of the box with the letter of an inset.
const LETTER: f64 = 40.0;

/// The box beside the part of a map that is enlarged, where its letter goes.
fn outside(part: &Area, bounds: &Area) -> Area {
    let left = if part.right + LETTER < bounds.right {
        part.right
    } else {
        part.left - LETTER
    };
    Area {
        left,
        top: part.top,
        right: left + LETTER,
        bottom: part.top + LETTER,
    }
}

/// Writes the letter of an inset in the upper left corner of an area; where it stands.
fn label_inset(sheet: &Sheet<'_>, area: &Area, letter: char) -> Area {
    let tag = Area {
        right: area.left + LETTER,
        bottom: area.top + LETTER,
        ..*area
    };
    sheet.rectangle(tag, INK);
    let middle = ((tag.left + tag.right) / 2.0, (tag.top + tag.bottom) / 2.0);
    sheet.text(
        &letter.to_string(),
        middle,
        Style::new(BODY, WHITE).align(Align::Centre),
    );
    tag
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

/// Names a node where there is room: clear of all lines if possible, else clear of other names, else not at all. Says
/// whether it did.
fn label_spot(sheet: &Sheet<'_>, (clear, tight): (&mut Labels, &mut Labels), at: Point, name: &str) -> bool {
    let (width, height) = (width_of(name, SMALL), SMALL * 1.2);
    let boxes = |away: f64| {
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
    let near = || boxes(18.0).into_iter().chain(boxes(34.0));
    let far = || [60.0, 90.0, 125.0, 165.0].into_iter().flat_map(boxes);
    let Some(area) = clear
        .place(near())
        .or_else(|| clear.place(far()))
        .or_else(|| tight.place(near()))
    else {
        return false;
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
    true
}
