//! A corridor before and after: how far a consignment is after how many days, of two runs on one chart.
//!
//! Both are drawn for the same ends and goods, or not at all. Places stand above the plot, with the days spent at them where
//! these differ.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end, number};
use super::mark::{PALE, measured_width, signed};
use super::palette::{Colour, Dash, INK, SOFT_INK, SOLID, tint};
use super::place::{Placed, draw_places, set_places, stops};
use super::sheet::{Area, BODY, Point, SMALL, Sheet, Style, WIDTH, fitted};
use super::way::{Measure, Way};
use super::{Charts, Drawing};
use crate::analysis::{Competition, Itinerary, competitions};
use crate::report::words::Word;
use crate::report::{ChartSet, Report};
use crate::scenario::settings::Language;

/// Height of the plot, and of what stands below it.
const PLOT: f64 = 900.0;
const FOOT: f64 = 130.0;
/// Room left of the plot for its scale, right of it for whiskers, and behind them at the most for what is written.
const SCALE: f64 = 170.0;
const WHISKERS: f64 = 128.0;
const WRITTEN: f64 = 480.0;
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

    /// The itineraries of a relation that both sides have, with the lines that name it and its goods; of several, of the one
    /// on which the corridor delivers most before.
    fn itineraries(&self) -> Option<([Itinerary; 2], String)> {
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
        let relation = competition.ends.map(|ends| {
            let [from, to] = [ends.0, ends.1].map(|node| self.charts[0].node_name(node));
            format!("{from} → {to}\n")
        });
        let goods = self.charts[0].goods(&of_corridor);
        Some((itineraries, format!("{}{goods}", relation.unwrap_or_default())))
    }
}

/// Where everything stands.
struct Layout {
    title: String,
    subtitle: String,
    legend: Vec<(Sample, String)>,
    ways: [Way; 2],
    looks: [Look; 2],
    labels: [String; 2],
    /// Names of places, with their heights from the top of the plot.
    places: Vec<Placed>,
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
    let (itineraries, relation) = pair.itineraries()?;
    let [before, after] = [0, 1].map(|side| pair.charts[side].way(&itineraries[side], Measure::Time));
    let ways = [before?, after?];
    let charts = pair.after();
    let title = Word::TimeDistanceBeforeAfter.filled(charts.language, &[&pair.name()]);
    let said = charts.word(Word::StaysBeforeAfter);
    let subtitle = format!("{relation}{}\n{said}", charts.subtitle());
    let looks = pair.looks();
    let legend: Vec<(Sample, String)> = (0..2)
        .map(|side| {
            let Look { colour, dash, .. } = looks[side];
            let text = Word::MeanAndRibbonOf.filled(charts.language, &[&pair.labels[side]]);
            (Sample::Band(tint(colour, 0.25), colour, dash), text)
        })
        .collect();
    let right = f64::from(WIDTH) - MARGIN;
    let top = legend_end(&legend, (MARGIN, heading_end(&title, &subtitle)), right);
    let largest = |of: fn(&Way) -> f64| ways.iter().map(of).fold(0.0, f64::max);
    let stops = [0, 1].map(|side| stops(&pair.charts[side], &itineraries[side]));
    let mut layout = Layout {
        title,
        subtitle,
        legend,
        places: Vec::new(),
        looks,
        labels: pair.labels.map(str::to_owned),
        plot: Plot {
            area: Area {
                left: MARGIN + SCALE,
                top,
                right,
                bottom: top + PLOT,
            },
            x: Scale::within(0.0, largest(|way| way.end().0), 8.0),
            y: Scale::from_zero(largest(Way::highest) * 1.04, PLOT / 110.0),
        },
        ways,
        axes: [Word::DistanceAxis, Word::TimeAxis].map(|word| charts.word(word)),
        days: charts.word(Word::Days),
    };
    layout.plot.area.right -= WHISKERS + layout.width_of_ends() + 10.0;
    let (places, strip) = set_places(&stops, &layout.plot);
    layout.places = places;
    layout.plot.area.top += strip;
    layout.plot.area.bottom += strip;
    Some(layout)
}

impl Layout {
    /// Digits behind the point with which a small difference is seen, in the means too, lest these seem not to add up.
    fn digits(&self) -> usize {
        let [before, after] = self.ways.each_ref().map(|way| way.end().1);
        if (after - before).abs() < 1.0 { 2 } else { 1 }
    }

    /// What a way comes to, with its spread.
    fn end_of(&self, side: usize) -> (String, String) {
        let way = &self.ways[side];
        let spread = way
            .spread
            .map(|[low, high]| format!("{}–{}", number(low, 1), number(high, 1)));
        (
            format!("{} {}", number(way.end().1, self.digits()), self.days),
            spread.unwrap_or_default(),
        )
    }

    /// By how much both ways differ.
    fn difference(&self) -> String {
        let [before, after] = self.ways.each_ref().map(|way| way.end().1);
        let share = 100.0 * (after - before) / before;
        let days = signed(after - before, self.digits());
        format!("{days} {} ({}%)", self.days, signed(share, 1))
    }

    /// The width of what is written where the ways end.
    fn width_of_ends(&self) -> f64 {
        let sides = (0..2).map(|side| {
            let (value, spread) = self.end_of(side);
            measured_width((&value, &spread)).max(width_of(&self.labels[side], SMALL))
        });
        sides.fold(width_of(&self.difference(), BODY), f64::max).min(WRITTEN)
    }
}

fn draw(sheet: &Sheet<'_>, layout: &Layout) {
    let right = f64::from(WIDTH) - MARGIN;
    let top = heading(sheet, &layout.title, &layout.subtitle);
    legend(sheet, &layout.legend, (MARGIN, top), right);
    let plot = &layout.plot;
    plot.draw_y(sheet, layout.axes[1]);
    plot.draw_grid_x(sheet);
    draw_places(sheet, plot, &layout.places);
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
    // The dashed line comes last, so that it is seen where both run together.
    for (way, look) in layout.ways.iter().zip(layout.looks).rev() {
        let points: Vec<Point> = way.line.iter().map(|(x, y)| plot.at(*x, *y)).collect();
        sheet.line(&points, look.colour, look.width, look.dash);
    }
    plot.draw_x(sheet, layout.axes[0]);
    draw_ends(sheet, layout);
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
    let middle = (heights[0] + heights[1]) / 2.0;
    let wanted = [(heights[0], SIDE), (heights[1], SIDE), (middle, DIFFERENCE)];
    let [before, after, between] = apart(wanted, [plot.area.top, plot.area.bottom]);
    let left = plot.area.right + WHISKERS;
    for (side, y) in [before, after].into_iter().enumerate() {
        let look = layout.looks[side];
        let (value, spread) = layout.end_of(side);
        let name = fitted(&layout.labels[side], SMALL, WRITTEN);
        sheet.text(&name, (left, y - 18.0), Style::new(SMALL, SOFT_INK));
        sheet.measured_text((&value, &spread), (left, y + 18.0));
        let lead = [(plot.area.right + 80.0, heights[side]), (left - 10.0, y)];
        sheet.line(&lead, look.colour, 2, SOLID);
    }
    let text = layout.difference();
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
