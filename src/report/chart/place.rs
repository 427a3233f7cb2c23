//! Places along a way, named above a plot of two ways, with the days spent at each where these differ.

use super::Charts;
use super::font::width_of;
use super::frame::{MARGIN, Plot, number};
use super::label::Labels;
use super::palette::{INK, SOFT_INK, SOLID, tint};
use super::sheet::{Align, Area, Point, SMALL, Sheet, Style, WIDTH, fitted};
use crate::analysis::Itinerary;

/// Room above the plot at the most, and rows of names in it.
const MOST: f64 = 400.0;
const ROWS: usize = 4;
/// Distance of rows, of a name's two lines, and of the lowest row from the plot.
const ROW: f64 = 84.0;
const LINE: f64 = SMALL * 1.25;
const GAP: f64 = 40.0;
/// Widest names.
const WIDEST: f64 = 440.0;
/// How far names stand to the side at the most, and in which steps.
const ASIDE: f64 = 360.0;
const STEP: f64 = 24.0;
/// Days by which stays differ at the least to be written.
const LEAST_DAYS: f64 = 0.05;

/// A place on the way.
pub(super) struct Stop {
    id: String,
    name: String,
    kilometres: f64,
    days: f64,
}

/// A place with what is written of it.
struct Named {
    name: String,
    /// Days before and after, where they differ.
    change: Option<String>,
    kilometres: f64,
    /// What has most is named first.
    weight: f64,
}

/// A name that has found its place; heights count from the top of the plot.
pub(super) struct Placed {
    lines: Vec<String>,
    area: Area,
    /// From the plot to the name.
    lead: [Point; 2],
}

/// The places of an itinerary with the days spent at each.
pub(super) fn stops(charts: &Charts<'_>, itinerary: &Itinerary) -> Vec<Stop> {
    let mut stops: Vec<Stop> = Vec::new();
    let mut at = 0.0;
    let tables = &charts.report.model.network.tables;
    for stage in &itinerary.stages {
        // What does not move is a stay where the stage begins.
        let stay = if stage.kilometres > 0.0 {
            0.0
        } else {
            stage.total_days()
        };
        for (node, kilometres, days) in [(stage.from, at, stay), (stage.to, at + stage.kilometres, 0.0)] {
            let Some(node) = node else { continue };
            let id = &tables.nodes[node.index()].id;
            match stops.iter_mut().find(|stop| stop.id == *id) {
                Some(stop) => stop.days += days,
                None => stops.push(Stop {
                    id: id.clone(),
                    name: charts.node_name(node),
                    kilometres,
                    days,
                }),
            }
        }
        at += stage.kilometres;
    }
    stops
}

/// The places of both sides, each once, those first that should be named before others.
fn named([before, after]: &[Vec<Stop>; 2]) -> Vec<Named> {
    let whole = before.iter().chain(after).map(|stop| stop.days).sum::<f64>();
    let one = |stop: &Stop, is_end: bool| {
        let days = [before, after].map(|side| side.iter().find(|it| it.id == stop.id).map(|it| it.days));
        let [days_before, days_after] = days.map(|days| days.unwrap_or(0.0));
        let difference = (days_after - days_before).abs();
        let is_shared = days.iter().all(Option::is_some);
        let [shown_before, shown_after] = [days_before, days_after].map(|days| number(days, 1));
        let differ = shown_before != shown_after;
        let change = format!("{shown_before} → {shown_after}");
        Named {
            name: stop.name.clone(),
            change: (is_shared && differ && difference >= LEAST_DAYS).then_some(change),
            kilometres: stop.kilometres,
            // The ends come first, then what differs, then where it stays long.
            weight: if is_end {
                1.0 + 3.0 * whole
            } else {
                difference + stop.days * 0.01
            },
        }
    };
    let of = |side: &[Stop], is_new: &dyn Fn(&Stop) -> bool| -> Vec<Named> {
        let last = side.len().saturating_sub(1);
        let numbered = side.iter().enumerate().filter(|(_, stop)| is_new(stop));
        numbered.map(|(at, stop)| one(stop, at == 0 || at == last)).collect()
    };
    let mut all = of(after, &|_| true);
    all.extend(of(before, &|stop| !after.iter().any(|other| other.id == stop.id)));
    all.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    all
}

/// Where names stand above the plot, and how much room they take there; those that find none are left out.
pub(super) fn set_places(stops: &[Vec<Stop>; 2], plot: &Plot) -> (Vec<Placed>, f64) {
    let mut labels = Labels::new(Area {
        left: MARGIN,
        top: -MOST,
        right: f64::from(WIDTH) - MARGIN,
        bottom: 0.0,
    });
    let placed = named(stops)
        .into_iter()
        .filter_map(|stop| place(&mut labels, &stop, plot.across(stop.kilometres)));
    let placed: Vec<Placed> = placed.collect();
    let top = placed.iter().map(|it| it.area.top).fold(0.0, f64::min);
    (placed, 20.0 - top)
}

fn place(labels: &mut Labels, stop: &Named, x: f64) -> Option<Placed> {
    let lines: Vec<String> = [Some(fitted(&stop.name, SMALL, WIDEST)), stop.change.clone()]
        .into_iter()
        .flatten()
        .collect();
    let width = lines.iter().map(|line| width_of(line, SMALL)).fold(0.0, f64::max) + 16.0;
    let height = LINE * lines.len() as f64;
    let aside = (ASIDE / STEP) as i32;
    let mut places: Vec<Area> = (0..ROWS)
        .flat_map(|row| {
            let bottom = -GAP - ROW * row as f64;
            (-aside..=aside).map(move |step| {
                let left = x - width / 2.0 + f64::from(step) * STEP;
                Area {
                    left,
                    top: bottom - height,
                    right: left + width,
                    bottom,
                }
            })
        })
        .collect();
    let lead = |area: &Area| {
        let near = x.clamp(area.left + 12.0, area.right - 12.0);
        [(x, 0.0), (near, area.bottom + 2.0)]
    };
    // Straight above its place and low, as far as others let it.
    let away = |area: &Area| {
        let aside = ((area.left + area.right) / 2.0 - x).abs();
        aside - 1.2 * area.bottom + 2.0 * (lead(area)[1].0 - x).abs()
    };
    places.sort_by(|a, b| away(a).total_cmp(&away(b)));
    let area = labels.place_led(places, lead)?;
    let lead = lead(&area);
    labels.block_line(&lead, 10.0);
    Some(Placed { lines, area, lead })
}

/// Draws names above the plot, each with a line down to the ways.
pub(super) fn draw_places(sheet: &Sheet<'_>, plot: &Plot, places: &[Placed]) {
    let top = plot.area.top;
    for it in places {
        let [(x, _), (near, bottom)] = it.lead;
        sheet.line(&[(x, top), (x, plot.area.bottom)], tint(SOFT_INK, 0.6), 2, &[6.0, 8.0]);
        sheet.line(&[(x, top), (near, top + bottom)], tint(SOFT_INK, 0.6), 2, SOLID);
        let middle = (it.area.left + it.area.right) / 2.0;
        for (at, (text, colour)) in it.lines.iter().zip([INK, SOFT_INK]).enumerate() {
            let y = top + it.area.top + LINE * (at as f64 + 0.5);
            sheet.text(text, (middle, y), Style::new(SMALL, colour).align(Align::Centre));
        }
    }
}
