//! What corridors were given and delivered month by month, and what was under way at each month's end.

use super::frame::{MARGIN, Plot, Sample, Scale, heading, heading_end, legend, legend_end};
use super::palette::{BLUE, Colour, Dash, GRID, INK, PURPLE, SOFT_INK, SOLID, VERMILION, tint};
use super::sheet::{Align, Area, BODY, Point, SMALL, Sheet, Style, WIDTH, fitted};
use super::{Charts, Drawing};
use crate::analysis::{Month, months};
use crate::indicator::Scope;
use crate::report::words::Word;
use crate::statistics::Interval;

/// Height of a panel, of what stands between two rows of them, and of the first name.
const PANEL: f64 = 300.0;
const GAP: f64 = 140.0;
const NAME: f64 = 60.0;
/// Least distance of years.
const YEAR: f64 = 80.0;
/// Corridors below each other; of more, two stand side by side.
const MOST_IN_COLUMN: usize = 4;
/// Space between two corridors side by side, and left of a plot for its scale.
const BETWEEN: f64 = 50.0;
const SCALE: f64 = 170.0;

struct Panel {
    name: String,
    months: Vec<Month>,
}

type Line = (Word, fn(&Month) -> Interval, Colour, Dash);
const FLOWS: [Line; 2] = [
    (Word::Generated, |month| month.generated, VERMILION, &[18.0, 10.0]),
    (Word::Delivered, |month| month.delivered, BLUE, SOLID),
];
const STOCKS: [Line; 1] = [(Word::Backlog, |month| month.backlog, PURPLE, SOLID)];

impl Charts<'_> {
    /// Lines by month.
    pub(super) fn months(&self) -> Option<Drawing<'_>> {
        let (model, aggregate) = (self.report.model, self.report.aggregate);
        let corridors = &model.network.tables.corridors;
        let named = corridors
            .iter()
            .map(|id| crate::indicator::display_name(model, Scope::Corridor, id, self.language));
        let rest = if corridors.is_empty() {
            Word::WholeSystem
        } else {
            Word::OtherRoutes
        };
        let panels: Vec<Panel> = named
            .chain([self.word(rest).to_owned()])
            .enumerate()
            .filter(|(number, _)| self.shows(*number))
            .map(|(number, name)| Panel {
                name,
                months: months(model, aggregate, number),
            })
            .filter(|panel| panel.months.len() > 1 && panel.months.iter().any(|month| month.generated.estimate > 0.0))
            .collect();
        let top = heading_end(self.word(Word::MonthsTitle), &self.subtitle_with_intervals());
        let right = f64::from(WIDTH) - MARGIN;
        let top = legend_end(&self.legend_of_months(&panels), (MARGIN, top), right) + NAME;
        let height = top + (PANEL + GAP) * panels.len().div_ceil(columns(&panels)) as f64 - GAP / 2.0 + 20.0;
        (!panels.is_empty()).then(|| Drawing {
            name: "months".to_owned(),
            height,
            draw: Box::new(move |sheet| self.draw_months(sheet, &panels)),
        })
    }

    fn legend_of_months(&self, panels: &[Panel]) -> Vec<(Sample, String)> {
        let all = FLOWS.iter().chain(&STOCKS);
        let mut entries: Vec<(Sample, String)> = all
            .map(|(word, _, colour, dash)| {
                (
                    Sample::Band(tint(*colour, 0.25), *colour, dash),
                    self.word(*word).to_owned(),
                )
            })
            .collect();
        if panels
            .iter()
            .any(|panel| panel.months.iter().any(|month| month.in_warm_up))
        {
            let fill = super::palette::Fill {
                colour: tint(GRID, 0.6),
                hatch: super::palette::Hatch::None,
            };
            entries.push((Sample::Fill(fill), self.word(Word::WarmUp).to_owned()));
        }
        entries
    }

    fn draw_months(&self, sheet: &Sheet<'_>, panels: &[Panel]) {
        let top = heading(sheet, self.word(Word::MonthsTitle), &self.subtitle_with_intervals());
        let right = f64::from(WIDTH) - MARGIN;
        let top = legend(sheet, &self.legend_of_months(panels), (MARGIN, top), right) + NAME;
        let columns = columns(panels);
        let width = (right - MARGIN + BETWEEN) / columns as f64 - BETWEEN;
        for (number, panel) in panels.iter().enumerate() {
            let above = top + (number / columns) as f64 * (PANEL + GAP);
            let left = MARGIN + (number % columns) as f64 * (width + BETWEEN);
            let name = fitted(&panel.name, BODY, width);
            sheet.text(&name, (left, above - 34.0), Style::new(BODY, INK));
            let half = width / 2.0;
            let sides = [
                (left, &FLOWS[..], Word::TeuAMonth),
                (left + half, &STOCKS[..], Word::TeuUnderWay),
            ];
            for (left, lines, title) in sides {
                let area = Area {
                    left: left + SCALE,
                    top: above,
                    right: left + half - 16.0,
                    bottom: above + PANEL,
                };
                draw_panel(sheet, &panel.months, lines, area, self.word(title));
            }
        }
    }
}

/// How many corridors stand side by side.
fn columns(panels: &[Panel]) -> usize {
    panels.len().div_ceil(MOST_IN_COLUMN).clamp(1, 2)
}

fn draw_panel(sheet: &Sheet<'_>, months: &[Month], lines: &[Line], area: Area, title: &str) {
    let upper = |interval: Interval| {
        if interval.upper.is_finite() {
            interval.upper
        } else {
            interval.estimate
        }
    };
    let highest = lines
        .iter()
        .flat_map(|(_, field, ..)| months.iter().map(|month| upper(field(month))))
        .fold(0.0, f64::max);
    let plot = Plot {
        area,
        x: Scale::within(0.0, months.len() as f64, 1.0),
        y: Scale::from_zero(highest, 4.0),
    };
    let at = |month: usize| plot.across(month as f64 + 0.5);
    let warming = months.iter().take_while(|month| month.in_warm_up).count();
    if warming > 0 {
        let area = Area {
            right: plot.across(warming as f64),
            ..area
        };
        sheet.rectangle(area, tint(GRID, 0.6));
    }
    plot.draw_y(sheet, title);
    draw_months_below(sheet, &plot, months);
    draw_intervals(sheet, &plot, months, lines);
    for (_, field, colour, dash) in lines {
        let points: Vec<_> = months
            .iter()
            .enumerate()
            .map(|(number, month)| (at(number), plot.up(field(month).estimate)))
            .collect();
        sheet.line(&points, *colour, 6, dash);
        for point in points {
            sheet.disc(point, 7.0, *colour);
        }
    }
    sheet.line(
        &[(area.left, area.bottom), (area.right, area.bottom)],
        super::palette::FRAME,
        3,
        SOLID,
    );
}

/// Numbers of months, and of years below them, under a plot with a scale of months.
pub(super) fn draw_months_below(sheet: &Sheet<'_>, plot: &Plot, months: &[Month]) {
    let at = |month: usize| plot.across(month as f64 + 0.5);
    // Numbers of months need so much room each.
    let every = (months.len() as f64 * 44.0 / plot.area.width()).ceil().max(1.0) as usize;
    let mut years: Vec<usize> = (0..months.len())
        .filter(|number| *number == 0 || months[*number].month == 1)
        .collect();
    // The year in which the series begins is left out where the next one follows too soon.
    if let [first, second, ..] = years[..]
        && at(second) - at(first) < YEAR
    {
        years.remove(0);
    }
    for (number, month) in months.iter().enumerate() {
        if number % every == 0 {
            let label = Style::new(SMALL, INK).align(Align::Centre);
            sheet.text(&month.month.to_string(), (at(number), plot.area.bottom + 26.0), label);
        }
        if years.contains(&number) {
            let label = Style::new(SMALL, SOFT_INK).align(Align::Centre);
            sheet.text(&month.year.to_string(), (at(number), plot.area.bottom + 58.0), label);
        }
    }
}

/// Bands of the intervals with their edges, which show where one band covers another.
fn draw_intervals(sheet: &Sheet<'_>, plot: &Plot, months: &[Month], lines: &[Line]) {
    let mut edges = Vec::new();
    for (_, field, colour, _) in lines {
        let values: Vec<Interval> = months.iter().map(field).collect();
        edges.extend(draw_band(sheet, plot, &values, *colour));
    }
    for (colour, edge) in edges {
        sheet.line(&edge, tint(colour, 0.6), 2, SOLID);
    }
}

/// The band of the intervals of months; its edges, to be drawn when all bands are.
pub(super) fn draw_band(
    sheet: &Sheet<'_>,
    plot: &Plot,
    values: &[Interval],
    colour: Colour,
) -> Vec<(Colour, Vec<Point>)> {
    if !values.iter().all(|it| it.lower.is_finite() && it.upper.is_finite()) {
        return Vec::new();
    }
    let edge = |of: fn(&Interval) -> f64| -> Vec<Point> {
        let points = values.iter().enumerate();
        points
            .map(|(number, it)| plot.at(number as f64 + 0.5, of(it)))
            .collect()
    };
    let (lower, upper) = (edge(|it| it.lower.max(0.0)), edge(|it| it.upper));
    let ring: Vec<Point> = lower.iter().chain(upper.iter().rev()).copied().collect();
    sheet.polygon(&ring, tint(colour, 0.25));
    vec![(colour, lower), (colour, upper)]
}
