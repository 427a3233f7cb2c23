//! The charts of a run: which are drawn, what they say, and that they are the same every time.

use crate::support::{self, Results};
use ab_glyph::{Font, FontRef};
use corridor::experiment::{Effort, Options};
use corridor::indicator::{Scope, headline_corridors, relations};
use corridor::report::{ChartSet, Parts, Report, Selection};
use corridor::scenario::settings::Language;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

pub const WITH_COORDINATES: &str = r#"
[scenario]
title = { en = "Two ways to Łódź", zh = "两条路" }
summary = "A train and a ship."
[run]
start = "2025-01-01"
length = "120 d"
replications = 3
[money]
currency = "USD"
[corridor.rail]
name = { en = "By rail", zh = "铁路" }
uses = ["service.train"]
[corridor.sea]
name = { en = "By sea", zh = "海运" }
uses = ["link.sea"]
[node.changsha]
kind = "terminal"
name = { en = "Changsha", zh = "长沙" }
longitude = 112.9
latitude = 28.2
[node.lodz]
kind = "terminal"
name = { en = "Łódź \u2603", zh = "罗兹" }
longitude = 19.5
latitude = 51.8
[link.rail]
from = "changsha"
to = "lodz"
mode = "rail"
carries = "services"
distance = "9000 km"
time.lognormal = { mean = "280 h", cv = 0.1 }
cost = "3000 USD/TEU"
emissions = "16 g/t-km"
[link.sea]
from = "changsha"
to = "lodz"
mode = "sea"
distance = "20000 km"
time.lognormal = { mean = "800 h", cv = 0.1 }
cost = "1800 USD/TEU"
emissions = "8 g/t-km"
via = [[103.9, 1.2], [43.4, 12.5], [32.5, 30.0], [-5.6, 35.9]]
[service.train]
mode = "rail"
stops = ["changsha", "lodz"]
departures.every = { interval = "24 h" }
capacity = "80 TEU"
[facility.customs]
name = { en = "Customs", zh = "海关" }
node = "changsha"
kind = "customs"
servers = 2
time.gamma = { shape = 2, mean = "1 h" }
cost = "40 USD/TEU"
[flow.fast]
arrivals.poisson = "0.8 /h"
route = ["facility.customs", "service.train"]
[flow.slow]
arrivals.poisson = "0.5 /h"
route = ["facility.customs", "link.sea"]
"#;

const ONE_QUEUE: &str = r#"
[scenario]
title = "One queue"
[run]
length = "100 d"
replications = 2
[facility.counter]
servers = 1
time.exponential = { mean = "1 h" }
[flow.customers]
arrivals.poisson = "0.7 /h"
route = ["facility.counter"]
"#;

/// The files in the folder of charts, of all that can be drawn.
fn charts(results: &Results, language: Language) -> BTreeMap<String, Vec<u8>> {
    charts_of(results, language, ChartSet::All, &[])
}

/// The same of one set and of some corridors.
fn charts_of(results: &Results, language: Language, set: ChartSet, names: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let selection = Selection::of(&results.model.scenario, &names).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        seed: 1,
        effort: Effort::Fixed(1),
        threads: None,
    };
    let report = Report {
        model: &results.model,
        catalogue: &results.catalogue,
        aggregate: &results.aggregate,
        estimates: &results.estimates,
        warnings: &[],
        options: &options,
        language,
        selection: &selection,
        interrupted: false,
        equilibrium: None,
        inputs: Vec::new(),
    };
    let parts = Parts {
        charts: Some(set),
        trace: None,
    };
    report.write(folder.path(), parts).unwrap();
    files(&folder.path().join("charts"))
}

/// The files in a folder.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .collect()
}

const ALL: [&str; 10] = [
    "1-overview",
    "2-corridor-map",
    "3-transit-time-distribution",
    "4-time-by-component",
    "5-months",
    "6-facility-utilisation",
    "7-time-distance-changsha-lodz",
    "8-cost-and-emissions-changsha-lodz",
    "9-cost-distance-changsha-lodz",
    "10-time-by-place-and-cause",
];

/// The shipped scenario, run as little as shows something.
static HUNAN: LazyLock<Results> = LazyLock::new(|| support::run_replications(support::build("hunan"), 2, 2));
/// Its charts in English: those that go into a report, and all.
static MAIN: LazyLock<BTreeMap<String, Vec<u8>>> =
    LazyLock::new(|| charts_of(&HUNAN, Language::En, ChartSet::Main, &[]));
static EVERYTHING: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| charts(&HUNAN, Language::En));

#[test]
fn all_charts_are_drawn_in_both_languages_and_twice_the_same() {
    let results = support::run_text(WITH_COORDINATES);
    let said = [
        (
            Language::En,
            [
                "Distance from origin (km)",
                "TEU per year",
                "Door-to-door time (days)",
                "By rail",
            ],
        ),
        (
            Language::Zh,
            ["距起点距离（公里）", "TEU/年", "门到门时间（天）", "铁路"],
        ),
    ];
    for (language, words) in said {
        let drawn = charts(&results, language);
        let mut expected: Vec<String> = ALL
            .iter()
            .flat_map(|name| [format!("{name}.png"), format!("{name}.svg")])
            .collect();
        expected.sort();
        assert_eq!(drawn.keys().cloned().collect::<Vec<_>>(), expected);
        assert!(drawn.values().all(|bytes| bytes.len() > 2_000));
        let text: String = drawn
            .iter()
            .filter(|(name, _)| Path::new(name).extension().is_some_and(|ending| ending == "svg"))
            .map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap())
            .collect();
        for word in words {
            assert!(text.contains(word), "{word}");
        }
        assert!(drawn == charts(&results, language), "drawn again, the charts differ");
    }
}

#[test]
fn what_has_nothing_to_show_is_left_out() {
    let drawn = charts(&support::run_text(ONE_QUEUE), Language::En);
    let names: Vec<&str> = drawn.keys().filter_map(|name| name.strip_suffix(".svg")).collect();
    assert_eq!(
        names,
        [
            "10-time-by-place-and-cause",
            "3-transit-time-distribution",
            "4-time-by-component",
            "5-months",
            "6-facility-utilisation",
        ]
    );
}

/// A text of a picture, with the box that it takes at the least.
struct Label {
    text: String,
    left: f64,
    right: f64,
    middle: f64,
    size: f64,
}

impl Label {
    fn meets(&self, other: &Self) -> bool {
        let height = 0.8 * self.size.max(other.size);
        self.left < other.right && other.left < self.right && (self.middle - other.middle).abs() < height
    }
}

/// The texts of a picture that are read from the left, each once: names on maps have rims of the same text.
fn labels(svg: &str) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for element in svg.split("<text ").skip(1) {
        let (attributes, rest) = element.split_once('>').unwrap();
        let text = rest.split_once("</text>").unwrap().0.trim().to_owned();
        let value = |name: &str| {
            let (_, rest) = attributes.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        let of = |name: &str| value(name).unwrap().parse::<f64>().unwrap();
        let (x, y, size) = (of("x"), of("y"), of("font-size"));
        // Narrower than any font sets it, so that only true overlaps count.
        let width = 0.42 * size * text.chars().count() as f64;
        let left = match value("text-anchor").as_deref() {
            Some("end") => x - width,
            Some("middle") => x - width / 2.0,
            _ => x,
        };
        let label = Label {
            text,
            left,
            right: left + width,
            middle: y,
            size,
        };
        let again = |other: &Label| other.text == label.text && other.meets(&label);
        if !labels.iter().any(again) {
            labels.push(label);
        }
    }
    labels
}

/// A scenario with a crowd of inland places that all send to one far port.
fn crowded() -> String {
    let mut text = r#"
[scenario]
title = "A crowd of places"
[run]
length = "60 d"
replications = 1
[node.port]
kind = "seaport"
name = "Far port"
longitude = 4.0
latitude = 52.0
"#
    .to_owned();
    for number in 0..7 {
        let (longitude, latitude) = (112.5 + 0.3 * f64::from(number % 3), 25.0 + 0.7 * f64::from(number));
        text += &format!(
            r#"
[node.town-{number}]
kind = "terminal"
name = "Town number {number}"
longitude = {longitude}
latitude = {latitude}
[link.way-{number}]
from = "town-{number}"
to = "port"
mode = "rail"
distance = "9000 km"
time = "300 h"
[flow.goods-{number}]
arrivals.poisson = "0.2 /h"
route = ["link.way-{number}"]
"#
        );
    }
    text
}

#[test]
fn places_that_crowd_are_named_on_an_inset_and_no_names_overlap() {
    let drawn = charts(&support::run_text(&crowded()), Language::En);
    let svg = String::from_utf8(drawn["2-corridor-map.svg"].clone()).unwrap();
    let labels = labels(&svg);
    for number in 0..7 {
        let name = format!("Town number {number}");
        let times = labels.iter().filter(|label| label.text == name).count();
        assert_eq!(times, 1, "{name}");
    }
    // The letter stands at the inset and at what it enlarges.
    assert_eq!(labels.iter().filter(|label| label.text == "A").count(), 2);
    assert!(labels.iter().any(|label| label.text == "Far port"));
    for (at, label) in labels.iter().enumerate() {
        for other in &labels[at + 1..] {
            assert!(!label.meets(other), "{} and {} overlap", label.text, other.text);
        }
    }
}

/// Five corridors between two nodes that have neighbours close by, and one that leads elsewhere alone.
fn many_corridors() -> String {
    let mut text = r#"
[scenario]
title = "Many corridors"
[run]
start = "2025-01-01"
length = "90 d"
replications = 2
[node.wuhan]
kind = "terminal"
longitude = 114.3
latitude = 30.6
[node.antwerp]
kind = "seaport"
longitude = 4.4
latitude = 51.2
[node.lagos]
kind = "seaport"
longitude = 3.4
latitude = 6.4
[link.alone]
from = "wuhan"
to = "lagos"
mode = "sea"
distance = "19000 km"
time.lognormal = { mean = "900 h", cv = 0.2 }
cost = "2500 USD/TEU"
[corridor.alone]
uses = ["link.alone"]
[flow.alone]
arrivals.poisson = "2 /h"
route = ["link.alone"]
"#
    .to_owned();
    for number in 0..5 {
        let (longitude, hours) = (114.5 + 0.4 * f64::from(number), 300 + 100 * number);
        text += &format!(
            r#"
[node.depot-{number}]
kind = "inland-port"
name = "A depot with a long name, number {number}"
longitude = {longitude}
latitude = 30.4
[link.truck-{number}]
from = "wuhan"
to = "depot-{number}"
mode = "road"
distance = "200 km"
time.gamma = {{ shape = 4, mean = "6 h" }}
cost = "60 USD/TEU"
[link.long-{number}]
from = "depot-{number}"
to = "antwerp"
mode = "rail"
distance = "1{hours}0 km"
time.lognormal = {{ mean = "{hours} h", cv = 0.3 }}
cost = "2000 USD/TEU"
[corridor.c{number}]
uses = ["link.long-{number}"]
[flow.f{number}]
arrivals.poisson = "0.3 /h"
route = ["link.truck-{number}", "link.long-{number}"]
"#
        );
    }
    text
}

/// A text on a chart, with the rectangle that it fills: left, top, right, bottom.
pub struct Words {
    pub text: String,
    area: [f64; 4],
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

fn measured(tag: &str, name: &str) -> f64 {
    attribute(tag, name).unwrap().parse().unwrap()
}

/// The texts of an SVG. What is drawn several times for a white rim counts once.
pub fn words(svg: &str) -> Vec<Words> {
    let font = FontRef::try_from_slice(include_bytes!("../../assets/NotoSansSC-subset.otf")).unwrap();
    let em = font.units_per_em().unwrap();
    let mut all: Vec<Words> = Vec::new();
    for piece in svg.split("<text").skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap();
        let text = rest.split_once("</text>").unwrap().0.trim().replace("&apos;", "'");
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        let size = measured(tag, "font-size");
        let units: f32 = text.chars().map(|c| font.h_advance_unscaled(font.glyph_id(c))).sum();
        let width = f64::from(units / em) * size;
        let before = match attribute(tag, "text-anchor").unwrap().as_str() {
            "start" => 0.0,
            "middle" => width / 2.0,
            _ => width,
        };
        let (x, y) = (measured(tag, "x"), measured(tag, "y"));
        let (above, below) = (0.08 * size, 0.92 * size);
        let area = if tag.contains("rotate(270") {
            [x + above, y - width + before, x + below, y + before]
        } else {
            [x - before, y + above, x - before + width, y + below]
        };
        let same = |it: &Words| it.text == text && (0..4).all(|side| (it.area[side] - area[side]).abs() < 8.0);
        if !all.iter().any(same) {
            all.push(Words { text, area });
        }
    }
    all
}

/// Asserts that texts stay on their sheet and off each other.
pub fn assert_readable(name: &str, svg: &str) {
    let (_, sheet) = svg.split_once("viewBox=\"0 0 ").unwrap();
    let mut size = sheet
        .split_once('"')
        .unwrap()
        .0
        .split(' ')
        .map(|it| it.parse::<f64>().unwrap());
    let (width, height) = (size.next().unwrap(), size.next().unwrap());
    let all = words(svg);
    for (number, it) in all.iter().enumerate() {
        let [left, top, right, bottom] = it.area;
        let inside = left >= 0.0 && top >= 0.0 && right <= width && bottom <= height;
        assert!(inside, "{name}: {:?} leaves the sheet: {:?}", it.text, it.area);
        for other in &all[number + 1..] {
            // Words of one line that touch are read as one.
            let gap = if top == other.area[1] { 6.0 } else { 0.0 };
            let apart = right + gap <= other.area[0]
                || other.area[2] + gap <= left
                || bottom <= other.area[1]
                || other.area[3] <= top;
            assert!(apart, "{name}: {:?} lies on {:?}", it.text, other.text);
        }
    }
}

fn svgs(drawn: &BTreeMap<String, Vec<u8>>) -> BTreeMap<&str, &str> {
    drawn
        .iter()
        .filter_map(|(name, bytes)| Some((name.strip_suffix(".svg")?, std::str::from_utf8(bytes).unwrap())))
        .collect()
}

#[test]
fn texts_stay_on_the_sheet_and_off_each_other() {
    let small = [
        support::run_text(WITH_COORDINATES),
        support::run_text(ONE_QUEUE),
        support::run_text(&many_corridors()),
    ];
    let mut drawn = vec![
        charts(&HUNAN, Language::Zh),
        charts_of(&HUNAN, Language::Zh, ChartSet::Main, &["huaihua", "*-air"]),
    ];
    for results in &small {
        drawn.extend([Language::En, Language::Zh].map(|language| charts(results, language)));
    }
    for drawn in drawn.iter().chain([&*EVERYTHING]) {
        for (name, svg) in svgs(drawn) {
            assert_readable(name, svg);
        }
    }
}

/// The names of charts, without endings.
fn names(drawn: &BTreeMap<String, Vec<u8>>) -> Vec<&str> {
    drawn.keys().filter_map(|name| name.strip_suffix(".svg")).collect()
}

#[test]
fn a_report_gets_a_bounded_set_of_charts_and_more_on_request() {
    let (main, all) = (names(&MAIN), names(&EVERYTHING));
    assert!((10..=20).contains(&main.len()), "{main:?}");
    assert!(!main.iter().any(|name| name.contains("cost-distance")), "{main:?}");
    assert!(main.iter().all(|name| all.contains(name)) && all.len() > main.len());
}

#[test]
fn like_is_compared_with_like() {
    let model = &HUNAN.model;
    let (tables, flows) = (&model.network.tables, &model.scenario.flows);
    for relation in relations(model) {
        for strand in &relation.strands {
            let flow = &flows[&tables.flows[model.typical.strands[*strand].flow as usize]];
            assert_eq!(flow.commodity, relation.goods);
            let ends = [&flow.from, &flow.to].map(|id| tables.node(id.as_ref().unwrap()));
            assert_eq!(ends[0].zip(ends[1]), relation.ends);
        }
    }
    // Every corridor that the scenario is about is on one of the charts that go into a report.
    let text: String = svgs(&MAIN)
        .into_iter()
        .filter(|(name, _)| name.contains("time-distance"))
        .map(|(_, svg)| svg)
        .collect();
    for number in headline_corridors(model) {
        let name = &model.scenario.corridors[&tables.corridors[number]].name.en;
        assert!(text.contains(name.as_str()), "{name}");
    }
}

#[test]
fn the_overview_shows_headline_corridors_side_by_side() {
    let texts: Vec<String> = words(svgs(&MAIN)["1-overview"]).into_iter().map(|it| it.text).collect();
    let whole = texts.join(" ");
    let corridors = &HUNAN.model.scenario.corridors;
    for (id, corridor) in corridors {
        assert_eq!(whole.contains(&corridor.name.en), corridor.headline, "{id}");
        if !corridor.headline {
            continue;
        }
        // Its figures are those of the tables.
        for (name, scale) in [("teu_per_year", 1.0), ("cost_per_teu", 1.0), ("buffer_index", 100.0)] {
            let number = HUNAN.catalogue.number(Scope::Corridor, id, name).unwrap();
            let mut text = format!("{:.0}", HUNAN.estimates[number].interval.estimate * scale);
            if text.len() > 3 {
                text.insert(text.len() - 3, ',');
            }
            assert!(texts.contains(&text), "{id}.{name}: {text}");
        }
    }
    assert_eq!(corridors.values().filter(|it| it.headline).count(), 5);
    // Where a scenario names none, those with most TEU are shown.
    let drawn = charts(&support::run_text(&many_corridors()), Language::En);
    let texts: Vec<String> = words(svgs(&drawn)["1-overview"])
        .into_iter()
        .map(|it| it.text)
        .collect();
    assert_eq!(
        texts
            .iter()
            .filter(|it| ["alone", "c0", "c1", "c4"].contains(&it.as_str()))
            .count(),
        4
    );
}

#[test]
fn charts_of_some_corridors_show_no_others() {
    let corridors = &HUNAN.model.scenario.corridors;
    let drawn = charts_of(&HUNAN, Language::En, ChartSet::Main, &["huaihua", "changsha-air"]);
    let svgs = svgs(&drawn);
    assert!(svgs.len() >= 8, "{:?}", svgs.keys());
    let text: String = svgs.values().copied().collect();
    for (id, corridor) in corridors {
        let is_shown = ["huaihua-land-port", "changsha-air"].contains(&id.as_str());
        assert_eq!(text.contains(corridor.name.en.as_str()), is_shown, "{id}");
    }
    let busy = |drawn: &BTreeMap<&str, &str>| drawn["6-facility-utilisation"].contains("Zamyn-Uud");
    assert!(
        busy(&self::svgs(&MAIN)) && !busy(&svgs),
        "the border at Zamyn-Uud is on no way of theirs"
    );
}

#[test]
fn corridors_go_by_id_name_group_and_pattern() {
    let scenario = &HUNAN.model.scenario;
    let shown = |name: &str| -> Vec<&str> {
        let selection = Selection::of(scenario, &[name.to_owned()]).unwrap();
        let ids = scenario.corridors.keys().map(String::as_str);
        ids.filter(|id| selection.shows(id)).collect()
    };
    assert_eq!(shown("huaihua"), ["huaihua-land-port"]);
    assert_eq!(shown("HuaiHua"), ["huaihua-land-port"]);
    assert_eq!(shown("huaihua-land-port"), ["huaihua-land-port"]);
    assert_eq!(shown("怀化国际陆港"), ["huaihua-land-port"]);
    assert_eq!(shown("Huaihua land port"), ["huaihua-land-port"]);
    assert_eq!(shown("coastal"), ["coastal-air", "coastal-sea"]);
    assert_eq!(shown("*-air"), ["changsha-air", "coastal-air"]);
    for unknown in ["huai", "", "*-tram"] {
        let error = Selection::of(scenario, &[unknown.to_owned()]).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!(
                "there is no corridor \"{unknown}\"; those of this scenario are central-asia-road, "
            )),
            "{error}"
        );
    }
}

/// The ends between which charts compare all of `corridors`, as they are written in the names of the charts.
fn ends_that_compare(drawn: &BTreeMap<&str, &str>, corridors: &[&str]) -> String {
    let kind = "7-time-distance-";
    let compares = |chart: &str| corridors.iter().all(|corridor| chart.contains(corridor));
    let found = drawn
        .iter()
        .find(|(name, chart)| name.starts_with(kind) && compares(chart));
    found.expect("a comparison of these corridors").0[kind.len()..].to_owned()
}

#[test]
fn corridors_are_compared_between_the_same_ends() {
    let drawn = svgs(&EVERYTHING);
    let corridors = [
        "China-Europe train (Changsha)",
        "Sea freight by the coast",
        "Chenglingji waterway",
    ];
    let ends = ends_that_compare(&drawn, &corridors);
    for name in ["7-time-distance", "9-cost-distance", "8-cost-and-emissions"] {
        let chart = drawn[format!("{name}-{ends}").as_str()];
        for words in corridors {
            assert!(chart.contains(words), "{name}: {words}");
        }
        assert_eq!(chart.matches("Goods: ").count(), 1, "{name}: goods are not named");
        let count = drawn.keys().filter(|it| it.starts_with(&format!("{name}-"))).count();
        assert!((2..=9).contains(&count), "{name}: {count} charts");
    }
}

#[test]
fn stays_are_labelled_wherever_there_is_room() {
    let drawn = svgs(&EVERYTHING);
    let labelled = |corridors: &[&str], place: &str| {
        let chart = format!("7-time-distance-{}", ends_that_compare(&drawn, corridors));
        let texts = words(drawn[chart.as_str()]);
        assert!(
            texts.iter().any(|it| it.text.starts_with(&format!("{place}: "))),
            "{chart}: {place}"
        );
    };
    for place in [
        "Huaihua International Land Port",
        "Qinzhou port (Beibu Gulf)",
        "Singapore",
    ] {
        labelled(&["Huaihua land port", "Truck to Qinzhou and sea"], place);
    }
    for place in ["Changsha International Railway Port", "Brest", "Małaszewicze"] {
        labelled(&["China-Europe train", "Sea freight by the coast"], place);
    }
}

#[test]
fn every_corridor_is_on_some_chart() {
    let results = support::run_text(&many_corridors());
    let drawn = charts(&results, Language::En);
    let drawn = svgs(&drawn);
    assert!(drawn["7-time-distance-wuhan-lagos"].contains("alone"));
    let texts: Vec<String> = words(drawn["7-time-distance-wuhan-antwerp"])
        .into_iter()
        .map(|it| it.text)
        .collect();
    for number in 0..5 {
        assert!(texts.contains(&format!("c{number}")), "c{number} is missing");
    }
}

#[test]
fn ribbons_have_no_spikes() {
    let results = support::run_text(&many_corridors());
    let drawn = charts(&results, Language::En);
    let drawn = svgs(&drawn);
    let chart = drawn["7-time-distance-wuhan-antwerp"];
    let widths: Vec<f64> = chart
        .split("<polygon")
        .skip(1)
        .map(|polygon| {
            let points = attribute(polygon.split_once('>').unwrap().0, "points").unwrap();
            let across = points
                .split_whitespace()
                .map(|it| it.split_once(',').unwrap().0.parse::<f64>().unwrap());
            let across: Vec<f64> = across.collect();
            across.iter().copied().fold(f64::MIN, f64::max) - across.iter().copied().fold(f64::MAX, f64::min)
        })
        .collect();
    assert!(widths.len() >= 5, "{widths:?}");
    assert!(widths.iter().all(|width| *width >= 24.0), "{widths:?}");
}

#[test]
fn only_charts_with_intervals_speak_of_them() {
    let results = support::run_text(WITH_COORDINATES);
    let drawn = charts(&results, Language::En);
    for (name, svg) in svgs(&drawn) {
        let has_some = [
            "1-overview",
            "3-transit-time-distribution",
            "5-months",
            "6-facility-utilisation",
            "10-time-by-place-and-cause",
        ];
        let has_some = has_some.contains(&name);
        assert_eq!(svg.contains("confidence intervals"), has_some, "{name}");
        assert!(!svg.contains("± 0.0<") && !svg.contains("± 0.0 "), "{name}");
    }
}
