//! Charts: the run in pictures that fit into a report, each as SVG and PNG from the same strokes.
//!
//! Every chart is one file in `chart/`, a function from the report to a [`Drawing`], or to none where the scenario has
//! nothing to show for it. Numbers come from the estimates and the analysis; here they only find their place. Fonts and
//! coastlines are embedded, so that a chart looks the same everywhere, to the byte.

mod basemap;
mod canvas;
mod component;
mod distance;
mod distribution;
mod facility;
mod font;
mod frame;
mod inset;
mod label;
mod leg;
mod map;
mod month;
mod palette;
mod sheet;

use super::Report;
use super::folder::{FolderError, create_folder, write_bytes};
use super::words::Word;
use crate::analysis::{Itinerary, itineraries};
use crate::indicator::{Group, Scope, display_name};
use crate::scenario::settings::Language;
use crate::units::NodeId;
use canvas::CanvasError;
use sheet::{Sheet, WIDTH};
use std::path::Path;

/// The folder of the charts in that of a run.
const FOLDER: &str = "charts";

/// A chart, ready to be drawn.
struct Drawing<'a> {
    /// Name of its files, without ending.
    name: String,
    /// Height in units; all charts are as wide.
    height: f64,
    /// Draws it.
    draw: Box<dyn Fn(&Sheet<'_>) + 'a>,
}

/// What all charts draw on.
struct Charts<'a> {
    report: &'a Report<'a>,
    language: Language,
    /// The main strands of the corridors, place by place.
    itineraries: Vec<Itinerary>,
}

/// Draws all charts of `report` that have something to show.
pub(super) fn write_all(report: &Report<'_>, folder: &Path) -> Result<(), FolderError> {
    let charts = Charts {
        report,
        language: report.language,
        itineraries: itineraries(report.model, report.catalogue, report.aggregate),
    };
    let drawings = charts.all();
    if drawings.is_empty() {
        return Ok(());
    }
    let content = |name: &str| {
        let path = folder.join(FOLDER).join(name);
        move |error: CanvasError| FolderError::Content(path, error.to_string())
    };
    font::register().map_err(content(""))?;
    create_folder(folder, FOLDER)?;
    for drawing in drawings {
        let name = format!("{}.svg", drawing.name);
        let text = drawing.svg().map_err(content(&name))?;
        write_bytes(folder, &format!("{FOLDER}/{name}"), text.as_bytes())?;
        let name = format!("{}.png", drawing.name);
        let bytes = drawing.png().map_err(content(&name))?;
        write_bytes(folder, &format!("{FOLDER}/{name}"), &bytes)?;
    }
    Ok(())
}

impl Drawing<'_> {
    fn whole_height(&self) -> u32 {
        self.height.ceil().clamp(100.0, 10_000.0) as u32
    }

    fn svg(&self) -> Result<String, CanvasError> {
        let mut text = String::new();
        let sheet = Sheet::svg(&mut text, self.whole_height());
        (self.draw)(&sheet);
        sheet.finish()?;
        // The picture is half as large as its units, so that text has its usual size; the view box keeps the units.
        let (full, half) = (
            format!("<svg width=\"{WIDTH}\" height=\"{}\"", self.whole_height()),
            format!("<svg width=\"{}\" height=\"{}\"", WIDTH / 2, self.whole_height() / 2),
        );
        Ok(text.replacen(&full, &half, 1))
    }

    fn png(&self) -> Result<Vec<u8>, CanvasError> {
        let height = self.whole_height();
        let mut pixels = vec![0; 3 * WIDTH as usize * height as usize];
        let sheet = Sheet::pixels(&mut pixels, height);
        (self.draw)(&sheet);
        sheet.finish()?;
        encode(&pixels, height).map_err(|error| CanvasError(error.to_string()))
    }
}

/// Dots per metre that make a sheet 16 cm wide, the text width of a page.
const DOTS_PER_METRE: u32 = WIDTH * 100 / 16;

fn encode(pixels: &[u8], height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: DOTS_PER_METRE,
        yppu: DOTS_PER_METRE,
        unit: png::Unit::Meter,
    }));
    // Flat colours: rows repeat, so that plain bytes pack better than differences.
    encoder.set_filter(png::FilterType::NoFilter);
    encoder.set_compression(png::Compression::Best);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

impl<'a> Charts<'a> {
    fn all(&self) -> Vec<Drawing<'_>> {
        let single = [
            self.map(),
            self.distributions(),
            self.components(),
            self.months(),
            self.facilities(),
            self.legs(),
        ];
        let mut drawings: Vec<Drawing<'_>> = single.into_iter().flatten().collect();
        drawings.extend(self.distances());
        drawings
    }

    fn word(&self, word: Word) -> &'static str {
        word.text(self.language)
    }

    /// The scenario, how often it was run, and what the intervals are.
    fn subtitle(&self) -> String {
        let scenario = &self.report.model.scenario;
        let title = scenario.about.title.get_or(self.language, &scenario.name);
        let replications = self.report.aggregate.replications;
        let (count, interval) = (self.word(Word::Replications), self.word(Word::Interval));
        let confidence = scenario.run.confidence * 100.0;
        format!("{title} | {replications} {count} | {confidence:.0}{interval}")
    }

    /// The scenario, and that what is shown rests on its figures alone.
    fn subtitle_of_inputs(&self) -> String {
        let scenario = &self.report.model.scenario;
        let title = scenario.about.title.get_or(self.language, &scenario.name);
        format!("{title} | {}", self.word(Word::AtExpected))
    }

    /// The corridors with anything delivered; the whole system where there are none.
    fn corridors(&self) -> Vec<&'a Group> {
        let groups = self.report.catalogue.groups();
        let of = |scope: Scope| {
            groups
                .iter()
                .filter(move |group| group.scope == scope && self.delivered(group) > 0)
        };
        let corridors: Vec<&Group> = of(Scope::Corridor).collect();
        if corridors.is_empty() {
            of(Scope::System).collect()
        } else {
            corridors
        }
    }

    fn delivered(&self, group: &Group) -> u64 {
        group
            .strands
            .iter()
            .map(|strand| self.report.aggregate.delivered[*strand])
            .sum()
    }

    fn name(&self, group: &Group) -> String {
        match group.scope {
            Scope::System => self.word(Word::WholeSystem).to_owned(),
            scope => display_name(self.report.model, scope, &group.id, self.language),
        }
    }

    /// The name of corridor `number`, or of what belongs to none.
    fn corridor_name(&self, number: usize) -> String {
        let corridors = &self.report.model.network.tables.corridors;
        match corridors.get(number) {
            Some(id) => display_name(self.report.model, Scope::Corridor, id, self.language),
            None if corridors.is_empty() => self.word(Word::WholeSystem).to_owned(),
            None => self.word(Word::OtherRoutes).to_owned(),
        }
    }

    fn node_name(&self, node: NodeId) -> String {
        let id = &self.report.model.network.tables.nodes[node.index()].id;
        let named = self.report.model.scenario.nodes.get(id);
        named
            .map_or(id.as_str(), |node| node.name.get_or(self.language, id))
            .to_owned()
    }

    /// The estimate of an indicator of a group, where it is a number.
    fn estimate(&self, scope: Scope, id: &str, name: &str) -> Option<f64> {
        self.report
            .estimate(scope, id, name)
            .map(|it| it.interval.estimate)
            .filter(|value| value.is_finite())
    }
}
