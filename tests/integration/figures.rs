//! The charts of comparisons: that they say what they are given, and can be read with little and with much to show.

use crate::charts::{WITH_COORDINATES, assert_readable, files, words};
use crate::support::{self, Results};
use corridor::experiment::{Effort, Options};
use corridor::report::{
    Acting, Figure, Forest, ForestRow, Report, Selection, Side, Tornado, TornadoBar, Waterfall, WaterfallBar,
    write_figures,
};
use corridor::scenario::settings::Language;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const LANGUAGES: [Language; 2] = [Language::En, Language::Zh];

/// Draws figures, looks whether their texts can be read, and gives the texts of each.
fn drawn(figures: &[Figure<'_>], language: Language) -> BTreeMap<String, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    write_figures(figures, folder.path(), language).unwrap();
    let mut texts = BTreeMap::new();
    for (name, bytes) in files(&folder.path().join("charts")) {
        if let Some(name) = name.strip_suffix(".svg") {
            let svg = std::str::from_utf8(&bytes).unwrap();
            assert_readable(name, svg);
            texts.insert(name.to_owned(), words(svg).into_iter().map(|it| it.text).collect());
        } else {
            assert!(name.ends_with(".png") && bytes.starts_with(b"\x89PNG"), "{name}");
        }
    }
    texts
}

/// A name in a language, of which every third is too long for a line.
fn named(number: usize, language: Language) -> String {
    let name = match language {
        Language::En => format!("Measure {number} for the corridor"),
        Language::Zh => format!("通道措施第 {number} 条"),
    };
    if number.is_multiple_of(3) { name.repeat(4) } else { name }
}

fn forest(count: usize, language: Language) -> Forest {
    let row = |number: usize| {
        let estimate = if number == 7 {
            400.0
        } else {
            9.0 * (number as f64).sin()
        };
        ForestRow {
            label: named(number, language),
            group: ["all measures", "borders"][number % 2].to_owned(),
            estimate,
            lower: estimate - 3.0,
            upper: estimate + 3.0,
            text: format!("{estimate:+.3} ±3.000 TEU"),
            significant: estimate.abs() > 3.0,
        }
    };
    Forest {
        title: "What changes".to_owned(),
        subtitle: "中欧班列 | 95%".to_owned(),
        axis: "% of the value before".to_owned(),
        rows: (0..count).map(row).collect(),
    }
}

fn waterfall(count: usize, before: f64, language: Language) -> Waterfall {
    let bar = |number: usize| {
        let share = 400.0 * (1.0 + number as f64).cos();
        WaterfallBar {
            label: named(number, language),
            share,
            lower: share - 55.0,
            upper: share + 45.0,
        }
    };
    let bars: Vec<WaterfallBar> = (0..count).map(bar).collect();
    Waterfall {
        title: "Who brings what".to_owned(),
        subtitle: "各措施的贡献".to_owned(),
        axis: "TEU a year".to_owned(),
        before: ("Before".to_owned(), before),
        after: (
            "After".to_owned(),
            before + bars.iter().map(|bar| bar.share).sum::<f64>(),
        ),
        bars,
    }
}

fn tornado(count: usize, language: Language) -> Tornado {
    let bar = |number: usize| {
        let estimate = (1.0 + number as f64).sin() / (1.0 + number as f64);
        TornadoBar {
            label: named(number, language),
            estimate,
            low: estimate - 0.1,
            high: estimate + 0.2,
        }
    };
    Tornado {
        title: "What each does alone".to_owned(),
        subtitle: "各措施单独的效果".to_owned(),
        axis: "days".to_owned(),
        bars: (0..count).map(bar).collect(),
    }
}

#[test]
fn few_and_many_rows_can_be_read_in_both_languages() {
    for language in LANGUAGES {
        for count in [1, 3, 19] {
            let figures = [
                Figure::Forest("forest".to_owned(), forest(count, language)),
                Figure::Waterfall("waterfall".to_owned(), waterfall(count, 900.0, language)),
                Figure::Waterfall("far-from-zero".to_owned(), waterfall(count, 90_000.0, language)),
                Figure::Waterfall("below-zero".to_owned(), waterfall(count, -50.0, language)),
                Figure::Tornado("tornado".to_owned(), tornado(count, language)),
            ];
            let texts = drawn(&figures, language);
            assert_eq!(texts.len(), figures.len());
            for row in forest(count, language).rows {
                assert!(texts["forest"].contains(&row.text), "{}", row.text);
            }
            assert!(texts["waterfall"].iter().any(|text| text == "900"));
        }
    }
}

#[test]
fn what_lies_far_outside_is_cut_off_and_a_scale_without_zero_says_so() {
    let language = Language::En;
    let figures = [
        Figure::Forest("few".to_owned(), forest(3, language)),
        Figure::Forest("many".to_owned(), forest(19, language)),
        Figure::Waterfall("from-zero".to_owned(), waterfall(3, 900.0, language)),
        Figure::Waterfall("far-from-zero".to_owned(), waterfall(3, 90_000.0, language)),
    ];
    let texts = drawn(&figures, language);
    let says = |name: &str, what: &str| texts[name].iter().any(|text| text.starts_with(what));
    assert!(says("many", "Beyond the scale") && !says("few", "Beyond the scale"));
    assert!(!says("many", "400"), "the scale ends where most rows do");
    assert!(says("far-from-zero", "The scale does not begin at zero") && !says("from-zero", "The scale does not"));
}

#[test]
fn rows_that_have_no_room_are_counted() {
    let figures = [Figure::Forest("forest".to_owned(), forest(200, Language::En))];
    let texts = drawn(&figures, Language::En);
    assert!(texts["forest"].contains(&"80 further rows have no room here.".to_owned()));
}

#[test]
fn figures_without_rows_or_numbers_are_left_out_or_drawn_empty() {
    let mut nameless = forest(3, Language::En);
    for row in &mut nameless.rows {
        (row.estimate, row.lower, row.upper) = (f64::NAN, f64::NAN, f64::NAN);
    }
    let mut unknown = waterfall(3, 900.0, Language::En);
    for bar in &mut unknown.bars {
        (bar.lower, bar.upper) = (f64::NAN, f64::NAN);
    }
    let figures = [
        Figure::Forest("no-rows".to_owned(), forest(0, Language::En)),
        Figure::Forest("no-numbers".to_owned(), nameless),
        Figure::Waterfall("no-parts".to_owned(), waterfall(0, 900.0, Language::En)),
        Figure::Waterfall("no-intervals".to_owned(), unknown),
        Figure::Tornado("no-bars".to_owned(), tornado(0, Language::En)),
    ];
    let names: Vec<String> = drawn(&figures, Language::En).into_keys().collect();
    assert_eq!(names, ["no-intervals", "no-numbers"]);
}

/// A scenario before, and with twice as many trains and faster customs after.
static SIDES: LazyLock<[Results; 2]> = LazyLock::new(|| {
    let after = WITH_COORDINATES
        .replace("interval = \"24 h\"", "interval = \"12 h\"")
        .replace("mean = \"1 h\"", "mean = \"0.5 h\"");
    assert_ne!(after, WITH_COORDINATES);
    [support::run_text(WITH_COORDINATES), support::run_text(&after)]
});

#[test]
fn a_corridor_before_and_after_has_its_ways_and_its_months() {
    let options = Options {
        seed: 1,
        effort: Effort::Fixed(3),
        threads: None,
    };
    let selections = SIDES
        .each_ref()
        .map(|run| Selection::of(&run.model.scenario, &[]).unwrap());
    let report = |side: usize| {
        let run = &SIDES[side];
        Report {
            model: &run.model,
            catalogue: &run.catalogue,
            aggregate: &run.aggregate,
            estimates: &run.estimates,
            warnings: &[],
            options: &options,
            language: Language::En,
            selection: &selections[side],
            equilibrium: None,
            interrupted: false,
            inputs: Vec::new(),
        }
    };
    let reports = [report(0), report(1)];
    for language in LANGUAGES {
        let side = |side: usize| Side {
            label: ["Without measures", "十八条措施"][side].to_owned(),
            report: &reports[side],
        };
        let acting = |count: usize| -> Vec<Acting> {
            let one = |number: usize| Acting {
                label: named(number, language),
                from: 200.0 * number as f64 - 300.0,
                full: 400.0 * number as f64,
                until: (number % 4 == 1).then_some(500.0 * number as f64),
            };
            (0..count).map(one).collect()
        };
        let months = |name: &str, count: usize| Figure::Months {
            name: name.to_owned(),
            before: side(0),
            after: side(1),
            corridor: 0,
            acting: acting(count),
        };
        let ribbon = |name: &str, corridor: usize| Figure::Ribbon {
            name: name.to_owned(),
            before: side(0),
            after: side(1),
            corridor,
        };
        // There is cargo of corridors only, so that nothing belongs to none.
        let figures = [
            ribbon("rail", 0),
            ribbon("sea", 1),
            ribbon("none", 2),
            months("few", 0),
            months("many", 20),
        ];
        let texts = drawn(&figures, language);
        assert_eq!(texts.keys().collect::<Vec<_>>(), ["few", "many", "rail", "sea"]);
        let mean = |side: usize| SIDES[side].value("corridor.rail.transit_days_mean");
        let (before, after) = (mean(0), mean(1));
        assert!(after < before);
        let rail = &texts["rail"];
        let difference = format!("−{:.2} ", before - after);
        assert!(before - after < 1.0, "{}", before - after);
        assert!(
            rail.iter().any(|text| text.starts_with(&difference)),
            "{difference}: {rail:?}"
        );
        let place = match language {
            Language::En => "Changsha",
            Language::Zh => "长沙",
        };
        assert!(rail.iter().any(|text| text == place), "{rail:?}");
        let measure = named(1, language);
        assert!(texts["many"].contains(&measure) && !texts["few"].contains(&measure));
    }
}
