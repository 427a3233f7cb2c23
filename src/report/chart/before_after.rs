//! A corridor before and after: how far a consignment is after how many days, of two runs on one chart.
//!
//! Both are drawn for the same ends and goods, or not at all. Places stand above the plot, with the days spent at them where
//! these differ.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end, number};
use super::label::Labels;
use super::mark::{PALE, signed};
use super::palette::{Colour, Dash, INK, SOFT_INK, SOLID, tint};
use super::sheet::{Align, Area, BODY, Point, SMALL, Sheet, Style, WIDTH, fitted};
use super::way::{Measure, Way};
use super::{Charts, Drawing};
use crate::analysis::{Competition, Itinerary, competitions};
use crate::report::words::Word;
use crate::report::{ChartSet, Report};
use crate::scenario::settings::Language;

/// Height of the plot, of the strip with names of places above it, and of what stands below.
const PLOT: f64 = 900.0;
const STRIP: f64 = 300.0;
const FOOT: f64 = 130.0;
/// Distance of the strip's rows, and of a name's two lines.
const STRIP_ROW: f64 = 76.0;
const STRIP_LINE: f64 = SMALL * 1.25;
/// Widest names of places.
const PLACE: f64 = 440.0;
/// Room left of the plot for its scale, and right of it for what stands at the ends of lines.
const SCALE: f64 = 170.0;
const END_ROOM: f64 = 560.0;
/// Days by which stays differ at the least to be written.
const LEAST_DAYS: f64 = 0.05;
/// The line of what comes before.
pub(super) const BEFORE_DASH: Dash = &[18.0, 10.0];

/// One of two runs that are shown together.
pub struct Side<'a> {
    /// What it is called.
    pub label: String,
    /// The run.
    pub report: &'a Report<'a>,
}

/// How a side is drawn.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) colour: Colour,
    pub(super) dash: Dash,
    pub(super) width: u32,
}

/// Both sides of a corridor, before and after.
pub(super) struct Pair<'a> {
    pub(super) labels: [&'a str; 2],
    pub(super) charts: [Charts<'a>; 2],
    /// The number of the corridor on either side.
    pub(super) corridors: [usize; 2],
}

impl<'a> Pair<'a> {
    /// Both sides of the corridor that has number `corridor` before; none where it is not known after.
    pub(super) fn new(sides: [&'a Side<'_>; 2], corridor: usize, language: Language) -> Option<Self> {
        let ids = sides.map(|side| &side.report.model.network.tables.corridors);
        let other = match ids[0].get(corridor) {
            Some(id) => ids[1].iter().position(|other| other == id)?,
            None => ids[1].len(),
        };
        Some(Self {
            labels: sides.map(|side| side.label.as_str()),
            charts: sides.map(|side| Charts::of(side.report, language, ChartSet::All)),
            corridors: [corridor, other],
        })
    }

    /// The charts of the side after, which say how the corridor is called and looks.
    pub(super) fn after(&self) -> &Charts<'a> {
        &self.charts[1]
    }

    pub(super) fn name(&self) -> String {
        self.after().corridor_name(self.corridors[1])
    }

    /// Grey and dashed before, in the corridor's colour after.
    pub(super) fn looks(&self) -> [Look; 2] {
        let before = Look {
            colour: PALE,
            dash: BEFORE_DASH,
            width: 5,
        };
        let after = Look {
            colour: self.after().look(self.corridors[1]).colour,
            dash: SOLID,
            width: 7,
        };
        [before, after]
    }

    /// The itineraries of the relation that both sides have, with the line that names the goods; of several, the one on which the corridor delivers most.
    fn itineraries(&self) -> Option<([Itinerary; 2], String, String)> {
        let all: [Vec<Competition>; 2] = [0, 1].map(|side| {
            let report = self.charts[side].report;
            competitions(report.model, report.catalogue, report.aggregate)
        });
        let own = |side: usize, competition: &Competition| {
            let itineraries = competition.itineraries.iter();
            itineraries
                .clone()
                .find(|it| it.corridor == self.corridors[side])
                .cloned()
        };
        // Numbers of nodes may differ between scenarios.
        let subject = |side: usize, competition: &Competition| {
            let tables = &self.charts[side].report.model.network.tables;
            let ends = competition
                .ends
                .map(|(from, to)| [from, to].map(|node| tables.nodes[node.index()].id.clone()));
            (ends, competition.goods.clone())
        };
        let mut best: Option<(u64, [Itinerary; 2], &Competition)> = None;
        for before in &all[0] {
            let same = all[1].iter().find(|after| subject(0, before) == subject(1, after));
            let pair = own(0, before).zip(same.and_then(|after| own(1, after)));
            if let Some((one, other)) = pair {
                let delivered = self.charts[0].report.aggregate.delivered[one.strand];
                if best.as_ref().is_none_or(|(most, ..)| delivered > *most) {
                    best = Some((delivered, [one, other], before));
                }
            }
        }
        let (_, itineraries, competition) = best?;
        let of_corridor = Competition {
            itineraries: vec![itineraries[0].clone()],
            ..competition.clone()
        };
        let ends = self.charts[0].relation_title(Word::TimeDistanceTitle, competition);
        Some((itineraries, self.charts[0].goods(&of_corridor), ends))
    }
}

/// A place on the way.
struct Stop {
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
    /// What differs most is named first.
    weight: f64,
}

/// Where everything stands.
struct Layout {
    title: String,
    subtitle: String,
    legend: Vec<(Sample, String)>,
    ways: [Way; 2],
    looks: [Look; 2],
    labels: [String; 2],
    stops: Vec<Named>,
    plot: Plot,
    axes: [&'static str; 2],
    days: &'static str,
}

/// The chart of a corridor's time over distance, of both sides; none where they share no relation.
pub(super) fn ribbon<'a>(
    name: &str,
    sides: [&'a Side<'_>; 2],
    corridor: usize,
    language: Language,
) -> Option<Drawing<'a>> {
    let pair = Pair::new(sides, corridor, language)?;
    let layout = lay_out(&pair)?;
    Some(Drawing {
        name: name.to_owned(),
        height: layout.plot.area.bottom + FOOT,
        draw: Box::new(move |sheet| draw(sheet, &layout)),
    })
}

fn lay_out(pair: &Pair<'_>) -> Option<Layout> {
    let (itineraries, goods, relation) = pair.itineraries()?;
    let [before, after] = [0, 1].map(|side| pair.charts[side].way(&itineraries[side], Measure::Time));
    let ways = [before?, after?];
    let charts = pair.after();
    let title = Word::TimeDistanceBeforeAfter.filled(charts.language, &[&pair.name()]);
    let said = charts.word(Word::StaysBeforeAfter);
    let subtitle = format!("{relation}\n{goods}{}\n{said}", charts.subtitle());
    let looks = pair.looks();
    let legend: Vec<(Sample, String)> = (0..2)
        .map(|side| {
            let Look { colour, dash, .. } = looks[side];
            let text = Word::MeanAndRibbonOf.filled(charts.language, &[&pair.labels[side]]);
            (Sample::Band(tint(colour, 0.25), colour, dash), text)
        })
        .collect();
    let right = f64::from(WIDTH) - MARGIN;
    let top = legend_end(&legend, (MARGIN, heading_end(&title, &subtitle)), right) + STRIP;
    let largest = |of: fn(&Way) -> f64| ways.iter().map(of).fold(0.0, f64::max);
    let plot = Plot {
        area: Area {
            left: MARGIN + SCALE,
            top,
            right: right - END_ROOM,
            bottom: top + PLOT,
        },
        x: Scale::within(0.0, largest(|way| way.end().0), 8.0),
        y: Scale::from_zero(largest(Way::highest) * 1.04, PLOT / 110.0),
    };
    let stops = [0, 1].map(|side| stops(&pair.charts[side], &itineraries[side]));
    Some(Layout {
        title,
        subtitle,
        legend,
        stops: named(&stops),
        ways,
        looks,
        labels: pair.labels.map(str::to_owned),
        plot,
        axes: [Word::DistanceAxis, Word::TimeAxis].map(|word| charts.word(word)),
        days: charts.word(Word::Days),
    })
}

/// The places of an itinerary with the days spent at each.
fn stops(charts: &Charts<'_>, itinerary: &Itinerary) -> Vec<Stop> {
    let mut stops: Vec<Stop> = Vec::new();
    let mut at = 0.0;
    let tables = &charts.report.model.network.tables;
    for stage in &itinerary.stages {
        // Where the way begins, and then where each of its pieces ends.
        let moves = stage.kilometres > 0.0;
        for (node, kilometres, days) in [
            (stage.from, at, if moves { 0.0 } else { stage.total_days() }),
            (stage.to, at + stage.kilometres, 0.0),
        ] {
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
        let change = format!("{} → {}", number(days_before, 1), number(days_after, 1));
        Named {
            name: stop.name.clone(),
            change: (is_shared && difference >= LEAST_DAYS).then_some(change),
            kilometres: stop.kilometres,
            // The ends come first, then what differs, then where it stays long.
            weight: if is_end {
                3.0 * whole
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

fn draw(sheet: &Sheet<'_>, layout: &Layout) {
    let right = f64::from(WIDTH) - MARGIN;
    let top = heading(sheet, &layout.title, &layout.subtitle);
    let top = legend(sheet, &layout.legend, (MARGIN, top), right);
    let plot = &layout.plot;
    plot.draw_y(sheet, layout.axes[1]);
    plot.draw_grid_x(sheet);
    draw_places(sheet, layout, top);
    for (way, look) in layout.ways.iter().zip(layout.looks) {
        for band in &way.bands {
            let corner = |end: usize, edge: usize| plot.at(band.kilometres[end], band.edges[end][edge]);
            let ring = [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
            sheet.polygon(&ring, tint(look.colour, 0.25));
        }
    }
    // Edges show where one ribbon covers the other.
    for (way, look) in layout.ways.iter().zip(layout.looks) {
        for edge in 0..2 {
            let points = way
                .bands
                .iter()
                .flat_map(|band| [0, 1].map(|end| plot.at(band.kilometres[end], band.edges[end][edge])));
            let points: Vec<Point> = points.collect();
            sheet.line(&points, tint(look.colour, 0.7), 2, look.dash);
        }
    }
    for (way, look) in layout.ways.iter().zip(layout.looks) {
        let points: Vec<Point> = way.line.iter().map(|(x, y)| plot.at(*x, *y)).collect();
        sheet.line(&points, look.colour, look.width, look.dash);
    }
    plot.draw_x(sheet, layout.axes[0]);
    draw_ends(sheet, layout);
}

/// Names of places above the plot, each with a line down to the way; those that find no room are left out.
fn draw_places(sheet: &Sheet<'_>, layout: &Layout, top: f64) {
    let plot = &layout.plot;
    let mut labels = Labels::new(Area {
        left: MARGIN,
        top,
        right: f64::from(WIDTH) - MARGIN,
        bottom: plot.area.top,
    });
    for stop in &layout.stops {
        let x = plot.across(stop.kilometres);
        let name = fitted(&stop.name, SMALL, PLACE);
        let width = [Some(&name), stop.change.as_ref()]
            .into_iter()
            .flatten()
            .map(|text| width_of(text, SMALL))
            .fold(0.0, f64::max);
        let height = if stop.change.is_some() {
            2.0 * STRIP_LINE
        } else {
            STRIP_LINE
        };
        let rows = (STRIP / STRIP_ROW) as usize;
        let places = (0..rows).flat_map(|row| {
            let bottom = plot.area.top - 26.0 - STRIP_ROW * row as f64;
            // In the middle above its place, or to either side.
            [0.5, 0.0, 1.0, 0.25, 0.75].map(|share| Area {
                left: x - share * (width + 12.0),
                top: bottom - height,
                right: x + (1.0 - share) * (width + 12.0),
                bottom,
            })
        });
        let lead = |area: &Area| [(x, plot.area.top), (x, area.bottom + 2.0)];
        let Some(area) = labels.place_led(places, lead) else {
            continue;
        };
        labels.block_line(&lead(&area), 10.0);
        let line = [(x, area.bottom + 2.0), (x, plot.area.bottom)];
        sheet.line(&line, tint(SOFT_INK, 0.6), 2, &[6.0, 8.0]);
        let middle = (area.left + area.right) / 2.0;
        let lines = [Some((&name, INK)), stop.change.as_ref().map(|text| (text, SOFT_INK))];
        for (at, (text, colour)) in lines.into_iter().flatten().enumerate() {
            let y = area.top + STRIP_LINE * (at as f64 + 0.5);
            sheet.text(text, (middle, y), Style::new(SMALL, colour).align(Align::Centre));
        }
    }
}

/// Heights of what stands right of the plot: of a side, and of the difference.
const SIDE: f64 = 84.0;
const DIFFERENCE: f64 = 58.0;

/// Where both ways end, right of the plot: means with their spread, what both come to, and by how much they differ.
fn draw_ends(sheet: &Sheet<'_>, layout: &Layout) {
    let plot = &layout.plot;
    let ends = layout.ways.each_ref().map(Way::end);
    let heights = ends.map(|end| plot.up(end.1));
    for side in 0..2 {
        let (way, look) = (&layout.ways[side], layout.looks[side]);
        let x = plot.area.right + 30.0 + 36.0 * side as f64;
        let y = heights[side];
        sheet.line(
            &[plot.at(ends[side].0, ends[side].1), (x, y)],
            tint(look.colour, 0.7),
            2,
            &[4.0, 6.0],
        );
        if let Some(edges) = way.spread {
            let [low, high] = edges.map(|edge| plot.up(edge));
            sheet.line(&[(x, low), (x, high)], look.colour, 4, SOLID);
            for edge in [low, high] {
                sheet.line(&[(x - 11.0, edge), (x + 11.0, edge)], look.colour, 4, SOLID);
            }
        }
        sheet.disc((x, y), 10.0, look.colour);
    }
    let difference = ends[1].1 - ends[0].1;
    let middle = (heights[0] + heights[1]) / 2.0;
    let wanted = [(heights[0], SIDE), (heights[1], SIDE), (middle, DIFFERENCE)];
    let [before, after, between] = apart(wanted, [plot.area.top - STRIP_LINE, plot.area.bottom]);
    let left = plot.area.right + 128.0;
    let room = f64::from(WIDTH) - MARGIN - left;
    for (side, y) in [before, after].into_iter().enumerate() {
        let look = layout.looks[side];
        let value = format!("{} {}", number(ends[side].1, 1), layout.days);
        let name = fitted(&layout.labels[side], SMALL, room);
        sheet.text(&name, (left, y - 18.0), Style::new(SMALL, SOFT_INK));
        sheet.text(&value, (left, y + 18.0), Style::new(BODY, INK));
        if let Some([low, high]) = layout.ways[side].spread {
            let spread = format!("{}–{}", number(low, 1), number(high, 1));
            let at = (left + width_of(&value, BODY) + 18.0, y + 18.0);
            sheet.text(&spread, at, Style::new(SMALL, SOFT_INK));
        }
        let lead = [(plot.area.right + 80.0, heights[side]), (left - 10.0, y)];
        sheet.line(&lead, look.colour, 2, SOLID);
    }
    let share = 100.0 * difference / ends[0].1;
    let text = format!("{} {} ({}%)", signed(difference, 1), layout.days, signed(share, 1));
    let box_of_text = Area {
        left: left - 10.0,
        top: between - 22.0,
        right: left + width_of(&text, BODY) + 10.0,
        bottom: between + 22.0,
    };
    sheet.outline(box_of_text, SOFT_INK, 2);
    sheet.text(&text, (left, between), Style::new(BODY, INK));
}

/// Heights near those wanted at which texts so high stay off each other and within bounds. The last stands between the others.
fn apart(wanted: [(f64, f64); 3], [top, bottom]: [f64; 2]) -> [f64; 3] {
    let order = if wanted[0].0 <= wanted[1].0 {
        [0, 2, 1]
    } else {
        [1, 2, 0]
    };
    let whole: f64 = wanted.iter().map(|(_, height)| height).sum();
    let middle = wanted[2].0;
    // Far enough apart, each stands where it wants to.
    let [first, _, last] = order;
    let gap = (wanted[last].0 - wanted[first].0).max(whole - (wanted[first].1 + wanted[last].1) / 2.0);
    let half = (wanted[first].1 + wanted[last].1) / 4.0;
    let middle = middle.clamp(
        top + gap / 2.0 + half,
        (bottom - gap / 2.0 - half).max(top + gap / 2.0 + half),
    );
    let mut heights = [middle; 3];
    heights[first] = middle - gap / 2.0;
    heights[last] = middle + gap / 2.0;
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_that_lie_close_are_written_apart() {
        for (before, after) in [
            (500.0, 505.0),
            (505.0, 500.0),
            (10.0, 12.0),
            (990.0, 995.0),
            (100.0, 900.0),
        ] {
            let heights = apart(
                [(before, SIDE), (after, SIDE), ((before + after) / 2.0, DIFFERENCE)],
                [0.0, 1000.0],
            );
            let [one, other, between] = heights;
            let distance = (SIDE + DIFFERENCE) / 2.0 - 1e-9;
            assert!(
                (one - between).abs() >= distance && (other - between).abs() >= distance,
                "{heights:?}"
            );
            assert!(
                heights.iter().all(|it| (SIDE / 2.0..=1000.0 - SIDE / 2.0).contains(it)),
                "{heights:?}"
            );
            assert_eq!(one < other, before < after);
        }
    }
}
