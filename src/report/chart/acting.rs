//! A corridor's months before and after, above a strip that shows when each measure begins, ramps up and is in full force.

use super::Drawing;
use super::before_after::{Look, Pair, Side};
use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end};
use super::month::{draw_band, draw_months_below};
use super::palette::{FRAME, GRID, Hatch, INK, SKY, SOFT_INK, SOLID, fill, tint};
use super::row::{Row, set_rows, width_of_names};
use super::sheet::{Align, Area, BODY, Point, SMALL, Sheet, Style, WIDTH};
use crate::analysis::{Month, months};
use crate::report::words::Word;
use crate::scenario::settings::Language;
use crate::statistics::Interval;
use crate::units::{HOURS_PER_DAY, SimSpan, SimTime};

/// Height of a panel, and of what it has above and below it.
const PANEL: f64 = 380.0;
const NAME: f64 = 64.0;
const MONTHS: f64 = 84.0;
/// Height of a measure's row, and of its bar.
const ROW: f64 = 50.0;
const BAR: f64 = 26.0;
/// Width of names of measures at the least and at the most: scales have their place there too.
const LEAST_NAMES: f64 = 190.0;
const NAMES: f64 = 580.0;
/// Space between names and bars.
const BETWEEN: f64 = 20.0;
/// Measures from which months are written once more below.
const MANY: usize = 5;

/// When a measure acts, in hours on the clock of the run.
#[derive(Clone, PartialEq, Debug)]
pub struct Acting {
    /// The measure.
    pub label: String,
    /// When it begins.
    pub from: f64,
    /// When it is in full force.
    pub full: f64,
    /// When it ends, if it does.
    pub until: Option<f64>,
}

/// What is shown of a month.
type Field = fn(&Month) -> Interval;
const PANELS: [(Word, Field); 2] = [
    (Word::Delivered, |month| month.delivered),
    (Word::Generated, |month| month.generated),
];

/// Where everything stands.
struct Layout<'a> {
    title: String,
    subtitle: String,
    legend: Vec<(Sample, String)>,
    looks: [Look; 2],
    /// The months that both sides have.
    months: [Vec<Month>; 2],
    /// Where each month begins and the last one ends, hours on the clock.
    bounds: Vec<f64>,
    panels: Vec<Area>,
    acting: Vec<(&'a Acting, Row)>,
    language: Language,
    height: f64,
}

/// The chart of a corridor's months, of both sides; none where they have no two months in common.
pub(super) fn months_of_sides<'a>(
    name: &str,
    sides: [&'a Side<'_>; 2],
    corridor: usize,
    acting: &'a [Acting],
    language: Language,
) -> Option<Drawing<'a>> {
    let pair = Pair::new(sides, corridor, language)?;
    let layout = lay_out(&pair, acting)?;
    Some(Drawing {
        name: name.to_owned(),
        height: layout.height,
        draw: Box::new(move |sheet| draw(sheet, &layout)),
    })
}

fn lay_out<'a>(pair: &Pair<'_>, acting: &'a [Acting]) -> Option<Layout<'a>> {
    let all = [0, 1].map(|side| {
        let report = pair.charts[side].report;
        months(report.model, report.aggregate, pair.corridors[side])
    });
    let months = [0, 1].map(|side: usize| {
        let is_shared = |month: &&Month| {
            all[1 - side]
                .iter()
                .any(|it| (it.year, it.month) == (month.year, month.month))
        };
        all[side].iter().filter(is_shared).copied().collect::<Vec<Month>>()
    });
    if months[0].len() < 2 {
        return None;
    }
    let charts = pair.after();
    let title = Word::MonthsBeforeAfter.filled(charts.language, &[&pair.name()]);
    let subtitle = charts.subtitle_with_intervals();
    let looks = pair.looks();
    let legend = legend_of(pair, &months[1], acting);
    let right = f64::from(WIDTH) - MARGIN;
    let top = legend_end(&legend, (MARGIN, heading_end(&title, &subtitle)), right);
    let names = width_of_names(acting.iter().map(|it| it.label.as_str()), NAMES).max(LEAST_NAMES);
    let panels: Vec<Area> = (0..PANELS.len())
        .map(|number| {
            let top = top + NAME + (PANEL + MONTHS + NAME) * number as f64;
            Area {
                left: MARGIN + names + BETWEEN,
                top,
                right: right - 16.0,
                bottom: top + PANEL,
            }
        })
        .collect();
    let end = panels.last().map_or(top, |area| area.bottom) + MONTHS;
    let rows = set_rows(acting.iter().map(|it| it.label.as_str()), end + NAME, ROW, names);
    let below = if acting.len() >= MANY { MONTHS } else { 0.0 };
    let height = rows.last().map_or(end, |row| row.bottom + 24.0 + below);
    Some(Layout {
        title,
        subtitle,
        legend,
        looks,
        bounds: bounds(pair, &months[1])?,
        months,
        panels,
        acting: acting.iter().zip(rows).collect(),
        language: charts.language,
        height,
    })
}

fn legend_of(pair: &Pair<'_>, months: &[Month], acting: &[Acting]) -> Vec<(Sample, String)> {
    let charts = pair.after();
    let sides = pair.looks().into_iter().zip(pair.labels);
    let mut entries: Vec<(Sample, String)> = sides
        .map(|(look, label)| {
            let sample = Sample::Band(tint(look.colour, 0.25), look.colour, look.dash);
            (sample, label.to_owned())
        })
        .collect();
    let mut add = |sample: Sample, word: Word| entries.push((sample, charts.word(word).to_owned()));
    if months.iter().any(|month| month.in_warm_up) {
        add(Sample::Fill(fill(tint(GRID, 0.6), Hatch::None)), Word::WarmUp);
    }
    if acting.iter().any(|it| it.full > it.from) {
        add(Sample::Wedge(SKY), Word::RampingUp);
    }
    if !acting.is_empty() {
        add(Sample::Fill(fill(SKY, Hatch::None)), Word::InForce);
    }
    entries
}

/// Where the months begin and the last one ends, in hours on the clock of the side after.
fn bounds(pair: &Pair<'_>, months: &[Month]) -> Option<Vec<f64>> {
    let clock = &pair.after().report.model.dates.clock;
    // A series begins within the first month, so that all of it is found among two months more.
    let limit = SimSpan::from_hours(32.0 * HOURS_PER_DAY * (months.len() + 3) as f64);
    let mut begins = vec![SimTime::START];
    begins.extend(clock.months(SimTime::START + limit));
    let first = months.first()?;
    let is_first = |begin: &SimTime| {
        let date = clock.date(*begin);
        (date.year(), date.month()) == (first.year, first.month)
    };
    let at = begins.iter().position(is_first)?;
    let bounds = begins.get(at..=at + months.len())?;
    Some(bounds.iter().map(|begin| begin.hours()).collect())
}

/// Where on the scale of months an hour of the clock lies; at the ends what lies beyond them.
fn place(bounds: &[f64], hours: f64) -> f64 {
    let begun = bounds.iter().take_while(|begin| **begin <= hours).count();
    match (begun.checked_sub(1), bounds.get(begun)) {
        (None, _) => 0.0,
        (Some(month), Some(next)) => month as f64 + (hours - bounds[month]) / (next - bounds[month]),
        (Some(month), None) => month as f64,
    }
}

impl Layout<'_> {
    fn x(&self) -> Scale {
        Scale::within(0.0, self.months[1].len() as f64, 1.0)
    }
}

fn draw(sheet: &Sheet<'_>, layout: &Layout<'_>) {
    let right = f64::from(WIDTH) - MARGIN;
    let top = heading(sheet, &layout.title, &layout.subtitle);
    legend(sheet, &layout.legend, (MARGIN, top), right);
    for (area, (word, field)) in layout.panels.iter().zip(PANELS) {
        let name = word.text(layout.language);
        sheet.text(name, (area.left, area.top - 32.0), Style::new(BODY, INK));
        draw_panel(sheet, layout, *area, field);
    }
    if let (Some((_, first)), Some((_, last))) = (layout.acting.first(), layout.acting.last()) {
        draw_strip(sheet, layout, first.top, last.bottom);
    }
}

fn draw_panel(sheet: &Sheet<'_>, layout: &Layout<'_>, area: Area, field: Field) {
    let all = layout.months.iter().flatten().map(field);
    let ends = all.flat_map(|it| [it.estimate, it.upper]).filter(|end| end.is_finite());
    let plot = Plot {
        area,
        x: layout.x(),
        y: Scale::from_zero(ends.fold(0.0, f64::max), 4.0),
    };
    let warming = layout.months[1].iter().take_while(|month| month.in_warm_up).count();
    if warming > 0 {
        let area = Area {
            right: plot.across(warming as f64),
            ..area
        };
        sheet.rectangle(area, tint(GRID, 0.6));
    }
    plot.draw_y(sheet, Word::TeuAMonth.text(layout.language));
    for (it, _) in &layout.acting {
        let inside = it.from > layout.bounds[0] && place(&layout.bounds, it.from) < plot.x.high;
        if inside {
            let x = plot.across(place(&layout.bounds, it.from));
            sheet.line(&[(x, area.top), (x, area.bottom)], tint(SOFT_INK, 0.4), 2, &[4.0, 8.0]);
        }
    }
    draw_months_below(sheet, &plot, &layout.months[1]);
    let mut edges = Vec::new();
    for (months, look) in layout.months.iter().zip(layout.looks) {
        let values: Vec<Interval> = months.iter().map(field).collect();
        edges.extend(draw_band(sheet, &plot, &values, look.colour));
    }
    for (colour, edge) in edges {
        sheet.line(&edge, tint(colour, 0.6), 2, SOLID);
    }
    for (months, look) in layout.months.iter().zip(layout.looks) {
        let points = months.iter().enumerate();
        let points: Vec<Point> = points
            .map(|(number, month)| plot.at(number as f64 + 0.5, field(month).estimate))
            .collect();
        sheet.line(&points, look.colour, look.width, look.dash);
        for point in points {
            sheet.disc(point, 6.0, look.colour);
        }
    }
    plot.draw_base(sheet);
}

/// When measures act, with the months of the panels above.
fn draw_strip(sheet: &Sheet<'_>, layout: &Layout<'_>, top: f64, bottom: f64) {
    let Some(above) = layout.panels.last() else { return };
    let plot = Plot {
        area: Area { top, bottom, ..*above },
        x: layout.x(),
        y: Scale::within(0.0, 1.0, 1.0),
    };
    let (left, right) = (plot.area.left, plot.area.right);
    let title = Word::Measures.text(layout.language);
    sheet.text(title, (left, top - 32.0), Style::new(BODY, INK));
    for (_, row) in layout.acting.iter().skip(1).step_by(2) {
        row.draw_ground(sheet, 0.25);
    }
    for (number, _) in layout.months[1]
        .iter()
        .enumerate()
        .filter(|(_, month)| month.month == 1)
    {
        let x = plot.across(number as f64);
        sheet.line(&[(x, top), (x, bottom)], GRID, 3, SOLID);
    }
    for (it, row) in &layout.acting {
        row.draw_name(sheet, left - BETWEEN, Align::Right);
        draw_acting(sheet, layout, &plot, (it, row.middle()));
    }
    for y in [top, bottom] {
        sheet.line(&[(left, y), (right, y)], FRAME, 3, SOLID);
    }
    if layout.acting.len() >= MANY {
        draw_months_below(sheet, &plot, &layout.months[1]);
    }
}

/// The row of a measure: a wedge while it ramps up, and a bar while it is in full force.
fn draw_acting(sheet: &Sheet<'_>, layout: &Layout<'_>, plot: &Plot, (it, y): (&Acting, f64)) {
    let last = layout.bounds.last().copied().unwrap_or_default();
    let at = |hours: f64| plot.across(place(&layout.bounds, hours));
    if it.from >= last {
        let right = plot.area.right;
        let text = Word::BeginsLater.text(layout.language);
        let style = Style::new(SMALL, SOFT_INK).align(Align::Right);
        sheet.text(text, (right - 40.0, y), style);
        sheet.arrow_head((right - 6.0, y), true, super::mark::Mark::Full, SOFT_INK);
        return;
    }
    let until = it.until.unwrap_or(f64::INFINITY);
    let (from, full, end) = (at(it.from), at(it.full.min(until)), at(until));
    let (top, bottom) = (y - BAR / 2.0, y + BAR / 2.0);
    if full > from {
        // The force that it has reached by the hour at which the strip begins and ends.
        let length = it.full - it.from;
        let force = |hours: f64| ((hours - it.from) / length).clamp(0.0, 1.0);
        let begin = force(it.from.max(layout.bounds[0]));
        let reached = force(it.full.min(until).min(last));
        let height = |force: f64| bottom - BAR * force;
        let wedge = [
            (from, bottom),
            (from, height(begin)),
            (full, height(reached)),
            (full, bottom),
        ];
        sheet.polygon(&wedge, tint(SKY, 0.5));
        sheet.line(&[wedge[1], wedge[2]], SKY, 3, SOLID);
    }
    if end > full {
        let bar = Area {
            left: full,
            top,
            right: end,
            bottom,
        };
        sheet.rectangle(bar, SKY);
    }
    let tick = |x: f64| sheet.line(&[(x, top - 4.0), (x, bottom + 4.0)], INK, 3, SOLID);
    if it.from >= layout.bounds[0] {
        tick(from);
    }
    if until <= last {
        tick(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_fall_into_their_months() {
        let bounds = [0.0, 744.0, 1416.0, 2160.0];
        let places =
            [-5.0, 0.0, 372.0, 744.0, 1080.0, 2160.0, 9000.0, f64::INFINITY].map(|hours| place(&bounds, hours));
        assert_eq!(places, [0.0, 0.0, 0.5, 1.0, 1.5, 3.0, 3.0, 3.0]);
    }
}
