//! Time and cost over distance, for corridors between the same two ends: how far a consignment is after how many days,
//! and what has been paid by then. Slopes are movement, steps are stays (UNESCAP, *Time/cost-distance methodology*, 2015).
//!
//! Every corridor has a panel of its own on the scales of all, with the lines of the others in grey behind its own.

use super::font::width_of;
use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end, number};
use super::label::Labels;
use super::palette::{FRAME, GRID, INK, SOFT_INK, SOLID, Strand, WHITE, tint};
use super::sheet::{Area, BODY, Point, SMALL, Sheet, Style, WIDTH, fitted};
use super::way::{Band, Measure, Stay, Way};
use super::{Charts, Drawing};
use crate::analysis::Competition;
use crate::report::words::Word;

/// Height of the only panel, and of one of several.
const ALONE: f64 = 1060.0;
const PANEL: f64 = 560.0;
/// Height of a panel's title, and room below the last for the scale.
const TITLE_ROOM: f64 = 104.0;
const FOOT: f64 = 130.0;
/// Room to the right of the plot for what stands at the end of a line.
const END_ROOM: f64 = 290.0;
/// Width from which a piece of the ribbon is drawn: narrower ones look like spikes.
const LEAST_BAND: f64 = 24.0;
/// Stays that are labelled in a panel of several.
const MOST_LABELS: usize = 5;

/// A chart of one measure for one pair of ends.
struct Panels {
    measure: Measure,
    title: String,
    subtitle: String,
    axis: String,
    legend: Vec<(Sample, String)>,
    ways: Vec<Way>,
}

impl Panels {
    fn panel(&self) -> f64 {
        if self.ways.len() == 1 { ALONE } else { PANEL }
    }

    fn top(&self) -> f64 {
        let right = f64::from(WIDTH) - MARGIN;
        legend_end(&self.legend, (MARGIN, heading_end(&self.title, &self.subtitle)), right)
    }

    fn height(&self) -> f64 {
        self.top() + (TITLE_ROOM + self.panel()) * self.ways.len() as f64 + FOOT
    }
}

impl Charts<'_> {
    /// Charts of a measure over distance, one for each relation.
    pub(super) fn distances(&self, measure: Measure) -> Vec<Drawing<'_>> {
        let name = match measure {
            Measure::Time => "time-distance",
            Measure::Cost => "cost-distance",
        };
        let drawing = |competition: &Competition| {
            let panels = self.panels(competition, measure)?;
            Some(Drawing {
                name: self.relation_file(name, competition),
                height: panels.height(),
                draw: Box::new(move |sheet: &Sheet<'_>| self.draw_panels(sheet, &panels)),
            })
        };
        self.competitions.iter().filter_map(drawing).collect()
    }

    fn panels(&self, competition: &Competition, measure: Measure) -> Option<Panels> {
        let ways = competition.itineraries.iter().map(|it| self.way(it, measure));
        let ways: Vec<Way> = ways.collect::<Option<_>>()?;
        let (title, axis, source) = match measure {
            Measure::Time => (
                Word::TimeDistanceTitle,
                self.word(Word::TimeAxis).to_owned(),
                self.subtitle(),
            ),
            Measure::Cost => (
                Word::CostDistanceTitle,
                format!("{} ({})", self.word(Word::CostAxis), self.currency()),
                self.subtitle_of_inputs(),
            ),
        };
        Some(Panels {
            measure,
            title: self.relation_title(title, competition),
            subtitle: format!("{}{source}", self.goods(competition)),
            axis,
            legend: self.legend_of_ways(measure, &ways),
            ways,
        })
    }

    fn legend_of_ways(&self, measure: Measure, ways: &[Way]) -> Vec<(Sample, String)> {
        let (moving, standing) = match measure {
            Measure::Time => (Word::MeanLine, Word::Pause),
            Measure::Cost => (Word::Freight, Word::Charge),
        };
        let look = self.look(ways.first().map_or(0, |way| way.corridor));
        let mut entries = vec![(Sample::Line(look.colour, 7, SOLID), self.word(moving).to_owned())];
        if ways.iter().any(|way| way.spread.is_some()) {
            let pale = tint(look.colour, 0.25);
            entries.push((Sample::Band(pale, pale, SOLID), self.word(Word::Ribbon).to_owned()));
        }
        entries.push((Sample::Line(INK, 14, SOLID), self.word(standing).to_owned()));
        if ways.len() > 1 {
            entries.push((
                Sample::Line(FRAME, 3, SOLID),
                self.word(Word::OtherCorridors).to_owned(),
            ));
        }
        entries
    }

    fn draw_panels(&self, sheet: &Sheet<'_>, panels: &Panels) {
        let right = f64::from(WIDTH) - MARGIN;
        let top = heading(sheet, &panels.title, &panels.subtitle);
        let top = legend(sheet, &panels.legend, (MARGIN, top), right);
        let largest = |of: &dyn Fn(&Way) -> f64| panels.ways.iter().map(of).fold(0.0, f64::max);
        let (x, y) = (
            Scale::within(0.0, largest(&|way| way.end().0), 8.0),
            Scale::from_zero(largest(&Way::highest) * 1.08, panels.panel() / 110.0),
        );
        for (row, way) in panels.ways.iter().enumerate() {
            let above = top + row as f64 * (TITLE_ROOM + panels.panel()) + TITLE_ROOM;
            let area = Area {
                left: MARGIN + 190.0,
                top: above,
                right: right - END_ROOM,
                bottom: above + panels.panel(),
            };
            let plot = Plot { area, x, y };
            self.draw_panel(sheet, &plot, panels, way);
            if row + 1 == panels.ways.len() {
                plot.draw_x(sheet, self.word(Word::DistanceAxis));
            } else {
                plot.draw_base(sheet);
            }
        }
    }

    /// A corridor's panel, without the scale below it.
    fn draw_panel(&self, sheet: &Sheet<'_>, plot: &Plot, panels: &Panels, way: &Way) {
        let room = f64::from(WIDTH) - 2.0 * MARGIN;
        let name = fitted(&self.corridor_name(way.corridor), BODY, room);
        sheet.text(&name, (MARGIN, plot.area.top - 74.0), Style::new(BODY, INK));
        let route = fitted(&way.route, SMALL, room);
        sheet.text(&route, (MARGIN, plot.area.top - 36.0), Style::new(SMALL, SOFT_INK));
        plot.draw_y(sheet, &panels.axis);
        plot.draw_grid_x(sheet);
        for band in way.bands.iter().filter(|band| is_drawn(plot, band)) {
            sheet.polygon(&outline(plot, band), tint(self.look(way.corridor).colour, 0.25));
        }
        for other in panels.ways.iter().filter(|other| other.corridor != way.corridor) {
            let points: Vec<Point> = other.line.iter().map(|(x, y)| plot.at(*x, *y)).collect();
            sheet.line(&points, FRAME, 3, SOLID);
        }
        let most = if panels.ways.len() == 1 {
            usize::MAX
        } else {
            MOST_LABELS
        };
        self.draw_way(sheet, plot, (way, panels.measure), most);
    }

    fn draw_way(&self, sheet: &Sheet<'_>, plot: &Plot, (way, measure): (&Way, Measure), most: usize) {
        let look = self.look(way.corridor);
        let points: Vec<Point> = way.line.iter().map(|(x, y)| plot.at(*x, *y)).collect();
        sheet.line(&points, look.colour, 7, SOLID);
        let mut labels = Labels::new(Area {
            left: plot.area.left + 6.0,
            top: plot.area.top,
            right: plot.area.right - 6.0,
            bottom: plot.area.bottom - 6.0,
        });
        labels.block_line(&points, 24.0);
        for band in way.bands.iter().filter(|band| is_drawn(plot, band)) {
            block_band(plot, &mut labels, band);
        }
        for stay in &way.stays {
            let (low, high) = (plot.at(stay.kilometres, stay.from), plot.at(stay.kilometres, stay.to));
            sheet.line(&[low, (low.0, plot.area.bottom)], tint(SOFT_INK, 0.5), 2, &[6.0, 8.0]);
            sheet.line(&[low, high], INK, 14, SOLID);
        }
        let end = self.end_label(plot, way, measure);
        labels.block_text(end.area.grown(6.0));
        let mut longest: Vec<&Stay> = way.stays.iter().collect();
        longest.sort_by(|a, b| (b.to - b.from).total_cmp(&(a.to - a.from)));
        longest.truncate(most);
        for label in most_labels(plot, &labels, longest) {
            draw_label(sheet, &label);
        }
        draw_end(sheet, plot, (way, &end), look);
    }

    /// What it comes to at the end, with the spread below it, and where that stands: beside the end and in the plot.
    fn end_label(&self, plot: &Plot, way: &Way, measure: Measure) -> EndLabel {
        let (kilometres, value) = way.end();
        let total = match measure {
            Measure::Time => format!("{} {}", number(value, 1), self.word(Word::Days)),
            Measure::Cost => format!("{} {}", number(value, 0), self.currency()),
        };
        let spread = way
            .spread
            .map(|[low, high]| format!("{}–{}", number(low, 1), number(high, 1)));
        let width = width_of(&total, BODY).max(spread.as_ref().map_or(0.0, |text| width_of(text, SMALL)));
        let height = if spread.is_some() { 74.0 } else { 40.0 };
        let at = plot.at(kilometres, value);
        let top = (at.1 - 20.0).min(plot.area.bottom - 6.0 - height);
        EndLabel {
            total,
            spread,
            area: Area {
                left: at.0 + 20.0,
                top,
                right: at.0 + 32.0 + width,
                bottom: top + height,
            },
        }
    }
}

/// What stands at the end of a line.
struct EndLabel {
    total: String,
    spread: Option<String>,
    area: Area,
}

/// The end of a line, with the spread as a whisker.
fn draw_end(sheet: &Sheet<'_>, plot: &Plot, (way, label): (&Way, &EndLabel), look: Strand) {
    let (kilometres, value) = way.end();
    let at = plot.at(kilometres, value);
    if let Some(edges) = way.spread {
        let [low, high] = edges.map(|edge| plot.up(edge));
        sheet.line(&[(at.0, low), (at.0, high)], look.colour, 4, SOLID);
        for y in [low, high] {
            sheet.line(&[(at.0 - 12.0, y), (at.0 + 12.0, y)], look.colour, 4, SOLID);
        }
    }
    sheet.disc(at, 11.0, look.colour);
    sheet.rectangle(label.area, WHITE);
    let (left, top) = (label.area.left + 6.0, label.area.top + 20.0);
    sheet.text(&label.total, (left, top), Style::new(BODY, INK));
    if let Some(spread) = &label.spread {
        sheet.text(spread, (left, top + 36.0), Style::new(SMALL, SOFT_INK));
    }
}

/// Whether a piece of the ribbon is wide enough to be drawn.
fn is_drawn(plot: &Plot, band: &Band) -> bool {
    plot.across(band.kilometres[1]) - plot.across(band.kilometres[0]) >= LEAST_BAND
}

/// The corners of a piece of the ribbon.
fn outline(plot: &Plot, band: &Band) -> [Point; 4] {
    let corner = |end: usize, edge: usize| plot.at(band.kilometres[end], band.edges[end][edge]);
    [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)]
}

/// Keeps labels off a piece of the ribbon.
fn block_band(plot: &Plot, labels: &mut Labels, band: &Band) {
    let [left, right] = band.kilometres.map(|at| plot.across(at));
    let slices = ((right - left) / 40.0).ceil().max(1.0);
    for slice in 0..slices as usize {
        let at = |slice: usize, edge: usize| {
            let share = slice as f64 / slices;
            plot.up(band.edges[0][edge] + share * (band.edges[1][edge] - band.edges[0][edge]))
        };
        let edges = [at(slice, 0), at(slice + 1, 0), at(slice, 1), at(slice + 1, 1)];
        labels.block(Area {
            left: left + slice as f64 / slices * (right - left),
            top: edges.iter().copied().fold(f64::INFINITY, f64::min),
            right: left + (slice + 1) as f64 / slices * (right - left),
            bottom: edges.iter().copied().fold(0.0, f64::max),
        });
    }
}

/// What is written beside a stay.
struct StayLabel {
    lines: Vec<String>,
    area: Area,
    /// From the stay to the label.
    lead: [Point; 2],
}

/// The length of a line.
fn length([from, to]: [Point; 2]) -> f64 {
    (to.0 - from.0).hypot(to.1 - from.1)
}

/// Height of a line of a label.
const LABEL_LINE: f64 = SMALL * 1.3;

/// Labels for the stays, the longest first, in the order in which most of them find room, and that nearby: each may stand
/// in the way of the next.
fn most_labels(plot: &Plot, labels: &Labels, longest: Vec<&Stay>) -> Vec<StayLabel> {
    let mut along = longest.clone();
    along.sort_by(|a, b| a.kilometres.total_cmp(&b.kilometres));
    let back: Vec<&Stay> = along.iter().rev().copied().collect();
    let shortest: Vec<&Stay> = longest.iter().rev().copied().collect();
    let away = |labels: &[StayLabel]| labels.iter().map(|label| length(label.lead)).sum::<f64>();
    let mut best: Vec<StayLabel> = Vec::new();
    for order in [longest, shortest, along, back] {
        let mut labels = labels.clone();
        let placed = order.into_iter().filter_map(|stay| label_stay(plot, &mut labels, stay));
        let placed: Vec<StayLabel> = placed.collect();
        if placed.len() > best.len() || placed.len() == best.len() && away(&placed) < away(&best) {
            best = placed;
        }
    }
    best
}

fn label_stay(plot: &Plot, labels: &mut Labels, stay: &Stay) -> Option<StayLabel> {
    let lines: Vec<String> = stay.lines.iter().map(|line| fitted(line, SMALL, 620.0)).collect();
    let width = lines.iter().map(|line| width_of(line, SMALL)).fold(0.0, f64::max) + 8.0;
    let height = LABEL_LINE * lines.len() as f64;
    let middle = plot.at(stay.kilometres, (stay.from + stay.to) / 2.0);
    let place = |left: f64, y: f64| Area {
        left,
        top: y - height / 2.0,
        right: left + width,
        bottom: y + height / 2.0,
    };
    let mut places = Vec::new();
    for away in 0..16 {
        let dy = f64::from(away) * 34.0;
        for dx in [26.0, 80.0, 160.0, 280.0, 420.0, 600.0] {
            places.push(place(middle.0 - dx - width, middle.1 - dy));
            places.push(place(middle.0 + dx, middle.1 + dy));
            places.push(place(middle.0 - dx - width, middle.1 + dy));
            places.push(place(middle.0 + dx, middle.1 - dy));
        }
    }
    let lead = |area: &Area| {
        let near = if area.left > middle.0 {
            area.left - 4.0
        } else {
            area.right + 4.0
        };
        [middle, (near, middle.1.clamp(area.top + 12.0, area.bottom - 12.0))]
    };
    places.sort_by(|a, b| length(lead(a)).total_cmp(&length(lead(b))));
    let area = labels.place_led(places, lead)?;
    let lead = lead(&area);
    labels.block_line(&lead, 8.0);
    Some(StayLabel { lines, area, lead })
}

fn draw_label(sheet: &Sheet<'_>, label: &StayLabel) {
    let StayLabel { lines, area, lead } = label;
    sheet.line(lead, SOFT_INK, 2, SOLID);
    sheet.rectangle(area.grown(2.0), tint(GRID, 0.35));
    for (row, line) in lines.iter().enumerate() {
        let y = area.top + LABEL_LINE * (row as f64 + 0.5);
        let colour = if row == 0 { INK } else { SOFT_INK };
        sheet.text(line, (area.left + 4.0, y), Style::new(SMALL, colour));
    }
}
