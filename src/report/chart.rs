//! Charts: the run in pictures that fit into a report, each as SVG and PNG from the same strokes.
//!
//! Every chart is one file in `chart/`, a function from the report to a [`Drawing`], or to none where the scenario has
//! nothing to show for it. Numbers come from the estimates and the analysis; here they only find their place. Fonts and
//! coastlines are embedded, so that a chart looks the same everywhere, to the byte.

mod acting;
mod attribution;
mod basemap;
mod before_after;
mod canvas;
mod component;
mod consolidation;
mod container;
mod distance;
mod distribution;
mod equilibrium;
mod facility;
mod font;
mod forest;
mod frame;
mod frequency;
mod inset;
mod label;
mod leg;
mod map;
mod mark;
mod month;
mod overview;
mod palette;
mod place;
mod row;
mod sheet;
mod tornado;
mod waterfall;
mod way;

use super::folder::{FolderError, create_folder, write_bytes};
use super::words::Word;
use super::{ChartSet, Report};
use crate::analysis::{Competition, Itinerary, competitions};
use crate::indicator::{Group, MOST_RELATIONS, Scope, display_name, headline_corridors};
use crate::scenario::settings::Language;
use crate::units::NodeId;
use canvas::CanvasError;
use palette::{Strand, corridor};
use sheet::{Sheet, WIDTH};
use std::path::Path;
use way::Measure;

pub use acting::Acting;
pub use before_after::Side;
pub use forest::{Forest, ForestRow};
pub use tornado::{Tornado, TornadoBar};
pub use waterfall::{Waterfall, WaterfallBar};

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

/// A chart of what a comparison found, with the name of its files.
pub enum Figure<'a> {
    /// Differences with their intervals.
    Forest(String, Forest),
    /// A difference with its parts.
    Waterfall(String, Waterfall),
    /// What each measure does alone.
    Tornado(String, Tornado),
    /// A corridor's time over distance, of two runs.
    Ribbon {
        /// Name of its files, without ending.
        name: String,
        /// The run before.
        before: Side<'a>,
        /// The run after.
        after: Side<'a>,
        /// Number of the corridor in the run before.
        corridor: usize,
    },
    /// A corridor's months, of two runs, with when measures act.
    Months {
        /// Name of its files, without ending.
        name: String,
        /// The run before.
        before: Side<'a>,
        /// The run after.
        after: Side<'a>,
        /// Number of the corridor in the run before.
        corridor: usize,
        /// When the measures of the run after act.
        acting: Vec<Acting>,
    },
}

impl Figure<'_> {
    fn drawing(&self, language: Language) -> Option<Drawing<'_>> {
        match self {
            Figure::Forest(name, forest) => forest.drawing(name, language),
            Figure::Waterfall(name, waterfall) => waterfall.drawing(name, language),
            Figure::Tornado(name, tornado) => tornado.drawing(name, language),
            Figure::Ribbon {
                name,
                before,
                after,
                corridor,
            } => before_after::ribbon(name, [before, after], *corridor, language),
            Figure::Months {
                name,
                before,
                after,
                corridor,
                acting,
            } => acting::months_of_sides(name, [before, after], *corridor, acting, language),
        }
    }
}

/// What all charts draw on.
struct Charts<'a> {
    report: &'a Report<'a>,
    language: Language,
    set: ChartSet,
    /// For each corridor its place in the order in which looks are given out.
    ranks: Vec<usize>,
    /// The corridors between the same ends, place by place.
    competitions: Vec<Competition>,
}

/// Draws all charts of `report` that have something to show.
pub(super) fn write_all(report: &Report<'_>, folder: &Path, set: ChartSet) -> Result<(), FolderError> {
    let mut charts = Charts::of(report, report.language, set);
    charts.competitions = charts.compared();
    write_drawings(charts.all(), folder)
}

/// Draws charts of a comparison into the folder of charts in `folder`; those with nothing to show are left out.
///
/// # Errors
/// When a chart cannot be drawn or written.
pub fn write_figures(figures: &[Figure<'_>], folder: &Path, language: Language) -> Result<(), FolderError> {
    let drawings = figures.iter().filter_map(|figure| figure.drawing(language));
    write_drawings(drawings.collect(), folder)
}

/// Writes each drawing as SVG and as PNG into the folder of charts in `folder`.
fn write_drawings(drawings: Vec<Drawing<'_>>, folder: &Path) -> Result<(), FolderError> {
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

/// The places of corridors in the order in which looks are given out: headline corridors come first, so that these, which
/// stand side by side, never share a colour.
fn ranks(report: &Report<'_>) -> Vec<usize> {
    let count = report.model.network.tables.corridors.len();
    let mut order = headline_corridors(report.model);
    order.extend((0..count).filter(|number| !order.contains(number)).collect::<Vec<_>>());
    let mut ranks = vec![0; count];
    for (rank, number) in order.into_iter().enumerate() {
        ranks[number] = rank;
    }
    ranks
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
    // The best level takes three times as long for one part in a hundred.
    encoder.set_compression(png::Compression::Default);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

impl<'a> Charts<'a> {
    /// What charts of a run draw on; competitions are not looked for.
    fn of(report: &'a Report<'a>, language: Language, set: ChartSet) -> Self {
        Self {
            report,
            language,
            set,
            ranks: ranks(report),
            competitions: Vec::new(),
        }
    }

    fn all(&self) -> Vec<Drawing<'_>> {
        let mut kinds: Vec<Vec<Drawing<'_>>> = [
            self.overview(),
            self.map(),
            self.distributions(),
            self.components(),
            self.months(),
            self.facilities(),
        ]
        .into_iter()
        .map(|single| single.into_iter().collect())
        .collect();
        kinds.push(self.distances(Measure::Time));
        kinds.push(self.legs());
        // What a way costs is told by its parts already.
        kinds.push(match self.set {
            ChartSet::All => self.distances(Measure::Cost),
            ChartSet::Main => Vec::new(),
        });
        kinds.push(self.attribution().into_iter().collect());
        kinds.push(self.containers().into_iter().collect());
        kinds.push(self.frequencies().into_iter().collect());
        kinds.push(self.consolidations().into_iter().collect());
        kinds.push(self.convergence().into_iter().collect());
        // A kind keeps its number where others have nothing to show, so that a chart is found by its name in every run.
        let numbered = kinds.into_iter().enumerate().flat_map(|(number, drawings)| {
            drawings.into_iter().map(move |drawing| Drawing {
                name: format!("{}-{}", number + 1, drawing.name),
                ..drawing
            })
        });
        numbered.collect()
    }

    /// The competitions to be drawn, as far as their corridors are shown.
    fn compared(&self) -> Vec<Competition> {
        let mut all = competitions(self.report.model, self.report.catalogue, self.report.aggregate);
        for competition in &mut all {
            competition.itineraries.retain(|it| self.shows(it.corridor));
        }
        all.retain(|competition| !competition.itineraries.is_empty());
        if self.set == ChartSet::Main {
            all.truncate(MOST_RELATIONS);
        }
        all
    }

    /// How corridor `number` is drawn, or what belongs to none.
    fn look(&self, number: usize) -> Strand {
        corridor(self.ranks.get(number).copied().unwrap_or(self.ranks.len()))
    }

    /// Whether corridor `number` is shown, or what belongs to none.
    fn shows(&self, number: usize) -> bool {
        let selection = self.report.selection;
        match self.report.model.network.tables.corridors.get(number) {
            Some(id) => selection.shows(id),
            None => selection.is_whole(),
        }
    }

    fn word(&self, word: Word) -> &'static str {
        word.text(self.language)
    }

    /// The scenario, and how often it was run.
    fn subtitle(&self) -> String {
        let replications = self.report.aggregate.replications;
        format!(
            "{} | {replications} {}",
            self.scenario_title(),
            self.word(Word::Replications)
        )
    }

    /// The same for charts that show intervals, with how sure they are.
    fn subtitle_with_intervals(&self) -> String {
        if self.report.aggregate.replications < 2 {
            return self.subtitle();
        }
        let confidence = self.report.model.scenario.run.confidence * 100.0;
        format!("{} | {confidence:.0}{}", self.subtitle(), self.word(Word::Interval))
    }

    fn scenario_title(&self) -> &'a str {
        let scenario = &self.report.model.scenario;
        scenario.about.title.get_or(self.language, &scenario.name)
    }

    fn currency(&self) -> &'a str {
        &self.report.model.scenario.money.currency
    }

    /// The scenario, and that what is shown rests on its figures alone.
    fn subtitle_of_inputs(&self) -> String {
        format!("{} | {}", self.scenario_title(), self.word(Word::AtExpected))
    }

    /// A text after what it is about, with the colon of the language.
    fn labelled(&self, label: &str, text: &str) -> String {
        match self.language {
            Language::En => format!("{label}: {text}"),
            Language::Zh => format!("{label}：{text}"),
        }
    }

    /// The name of a chart's file for one pair of ends.
    fn relation_file(&self, chart: &str, competition: &Competition) -> String {
        let id = |node: NodeId| self.report.model.network.tables.nodes[node.index()].id.as_str();
        let mut name = match competition.ends {
            Some((from, to)) => format!("{chart}-{}-{}", id(from), id(to)),
            None => chart.to_owned(),
        };
        // Goods tell apart what has the same ends.
        let is_first = self.competitions.iter().find(|it| it.ends == competition.ends) == Some(competition);
        if let Some(goods) = competition.goods.as_ref().filter(|_| !is_first) {
            name = format!("{name}-{goods}");
        }
        name
    }

    /// A title that names the ends.
    fn relation_title(&self, title: Word, competition: &Competition) -> String {
        match competition.ends {
            Some((from, to)) => {
                let (from, to) = (self.node_name(from), self.node_name(to));
                self.labelled(self.word(title), &format!("{from} → {to}"))
            }
            None => self.word(title).to_owned(),
        }
    }

    /// The goods of which a chart tells, as a line of its subtitle; the flow of each corridor where flows do not say what
    /// they carry.
    fn goods(&self, competition: &Competition) -> String {
        if let Some(goods) = &competition.goods {
            let name = display_name(self.report.model, Scope::Commodity, goods, self.language);
            return format!("{}\n", self.labelled(self.word(Word::Goods), &name));
        }
        let all = &competition.itineraries;
        let mut names: Vec<String> = all.iter().map(|it| self.flow_name(it)).collect();
        if names.windows(2).all(|pair| pair[0] == pair[1]) {
            names.truncate(1);
        } else {
            let of = |it: &Itinerary| format!("{} ({})", self.flow_name(it), self.corridor_name(it.corridor));
            names = all.iter().map(of).collect();
        }
        format!("{}\n", self.labelled(self.word(Word::Goods), &names.join("; ")))
    }

    fn flow_name(&self, itinerary: &Itinerary) -> String {
        let flow = self.report.model.strand_names(itinerary.strand).0;
        display_name(self.report.model, Scope::Flow, flow, self.language)
    }

    /// The corridors with anything delivered; the whole system where there are none.
    fn corridors(&self) -> Vec<&'a Group> {
        let groups = self.report.catalogue.groups();
        let of = |scope: Scope| {
            groups
                .iter()
                .filter(move |group| group.scope == scope && self.delivered(group) > 0)
        };
        let selection = self.report.selection;
        let corridors: Vec<&Group> = of(Scope::Corridor).filter(|group| selection.shows(&group.id)).collect();
        if corridors.is_empty() {
            of(Scope::System).filter(|_| selection.is_whole()).collect()
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

    /// The number of a corridor.
    fn number_of(&self, group: &Group) -> usize {
        let corridors = &self.report.model.network.tables.corridors;
        corridors.iter().position(|id| *id == group.id).unwrap_or(0)
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
