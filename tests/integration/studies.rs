//! Studies of several scenarios: comparisons on common random numbers, and credit shared out.

use crate::measures::{BASE, customs, laid, with};
use crate::support;
use assert_cmd::Command;
use corridor::experiment::{
    Attributing, Comparing, Comparison, Contender, Effort, Kept, Options, Orders, Side, Until, Worth, compare, run,
};
use corridor::indicator::{Catalogue, Scope};
use corridor::model::{self, Model};
use corridor::scenario::{self, measures_beside};
use corridor::statistics::{everybody, t_quantile};
use corridor::units::SimSpan;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const TIME: &str = "system.transit_days_mean";

/// A measure that adds hours to the road.
fn road(measure: &str, hours: f64) -> String {
    customs(measure, &format!("add = \"{hours} h\""))
        .replace("\"facility\"", "\"link\"")
        .replace("kind = \"customs\"", "from = \"a\"")
}

fn comparing(until: Until, threads: usize) -> Comparing {
    Comparing {
        seed: 7,
        until,
        threads: Some(threads),
        confidence: 0.95,
    }
}

/// Compares models, going on from `before`; hands on the contenders with what was found.
fn compared<T>(
    models: &[Model],
    options: &Comparing,
    before: Option<Vec<Side>>,
    use_of: impl FnOnce(&[Contender<'_>], Comparison) -> T,
) -> T {
    let catalogues: Vec<Catalogue> = models.iter().map(Catalogue::of).collect();
    let contenders: Vec<Contender<'_>> = models
        .iter()
        .zip(&catalogues)
        .map(|(model, catalogue)| Contender {
            name: "it".to_owned(),
            model,
            catalogue,
            twin: false,
        })
        .collect();
    let kept = Kept::new(before.unwrap_or_default());
    let found = compare(&contenders, options, &kept, &|_, _| {}, &AtomicBool::new(false)).unwrap();
    use_of(&contenders, found)
}

/// Ten hours more on the road are ten hours more for every consignment, and on common random numbers nothing else differs.
#[test]
fn a_comparison_finds_a_constant_difference_exactly() {
    let models = [with(&[]), with(&[("1", &road("1", 10.0))]), with(&[])];
    let options = comparing(Until::Replications(8), 2);
    let sides = compared(&models, &options, None, |contenders, found| {
        let differences = found.differences(contenders, 0.95);
        let of = |other: usize, key: &str| differences[other][contenders[0].catalogue.find(key).unwrap()];
        let slower = of(0, TIME);
        assert!((slower.paired.difference.estimate - 10.0 / 24.0).abs() < 1e-9);
        assert!(slower.significant && !of(0, "system.delivered_teu").significant);
        for key in [TIME, "system.delivered_teu"] {
            let same = of(1, key);
            assert_eq!((same.paired.difference.estimate, same.adjusted), (0.0, 1.0));
        }
        found.sides
    });
    // The same on one thread, to the last bit; and each side is what a run of it leaves.
    let alone = comparing(Until::Replications(8), 1);
    compared(&models, &alone, None, |contenders, found| {
        assert!(found.sides == sides);
        for (contender, side) in contenders.iter().zip(&found.sides) {
            let options = Options {
                seed: 7,
                effort: Effort::Fixed(8),
                threads: Some(1),
            };
            let (model, catalogue) = (contender.model, contender.catalogue);
            let run = run(model, catalogue, &options, None, &|_, _| {}, &AtomicBool::new(false)).unwrap();
            assert!(run.aggregate == side.aggregate);
        }
    });
}

/// What was done before and is gone on with is what would have been done at once.
#[test]
fn a_comparison_goes_on_where_it_stopped() {
    let models = [with(&[]), with(&[("1", &customs("1", "scale = 1.5"))])];
    let run = |replications: u64, before: Option<Vec<Side>>| {
        let options = comparing(Until::Replications(replications), 2);
        compared(&models, &options, before, |_, found| found.sides)
    };
    let first = run(3, None);
    assert!(run(8, Some(first)) == run(8, None));
}

/// A comparison that is to know a difference to within so much makes the replications that this takes, and no more than it
/// may.
#[test]
fn a_comparison_ends_when_the_difference_is_known() {
    let models = [with(&[]), with(&[("1", &customs("1", "scale = 1.5"))])];
    let known = |within: f64, at_most: u64| {
        let until = Until::Known {
            indicator: TIME.to_owned(),
            within,
            at_most,
        };
        compared(&models, &comparing(until, 2), None, |contenders, found| {
            let number = contenders[0].catalogue.find(TIME).unwrap();
            let difference = found.differences(contenders, 0.95)[0][number].paired.difference;
            (found.precise, found.replications(), difference.half_width())
        })
    };
    let (precise, replications, half) = known(0.01, 400);
    assert!(
        precise == Some(true) && half <= 0.01 && replications > 20,
        "{replications} {half}"
    );
    let (precise, replications, _) = known(1e-6, 24);
    assert_eq!((precise, replications), (Some(false), 24));
}

/// Hours added to one road add up: the credit of each measure is its own hours, whatever the luck, by all orders and by drawn
/// ones; together they are the joint effect, and nothing interacts.
#[test]
fn credit_for_hours_on_a_road() {
    let hours = [10.0, 5.0, -4.0];
    let files: Vec<(String, String)> = hours
        .iter()
        .enumerate()
        .map(|(place, hours)| ((place + 1).to_string(), road(&(place + 1).to_string(), *hours)))
        .collect();
    for orders in [Orders::All, Orders::Drawn(2)] {
        let options = Attributing {
            seed: 7,
            replications: 4,
            threads: Some(2),
            confidence: 0.95,
            orders,
        };
        let worth = worth_of(&files, &options);
        let credit = worth.attribute(3, TIME, &options).unwrap();
        for (share, hours) in credit.shares.iter().zip(hours) {
            assert!((share.estimate - hours / 24.0).abs() < 1e-9 && share.half_width() < 1e-6);
        }
        let sum: f64 = credit.shares.iter().map(|share| share.estimate).sum();
        assert!((sum - credit.joint.estimate).abs() < 1e-12 && (sum - 11.0 / 24.0).abs() < 1e-9);
        assert!(credit.interactions.iter().all(|it| it.size.estimate.abs() < 1e-9));
    }
}

/// Simulates the coalitions that `options` wants, each laid over the base by itself.
fn worth_of(files: &[(String, String)], options: &Attributing) -> Worth {
    let mut worth = Worth::default();
    let stop = AtomicBool::new(false);
    let coalitions = options.coalitions(files.len());
    assert!(coalitions.contains(&everybody(files.len())));
    for coalition in coalitions {
        let members = files
            .iter()
            .enumerate()
            .filter(|(place, _)| coalition & (1 << place) != 0);
        let measures: Vec<(&str, &str)> = members
            .map(|(_, (name, text))| (name.as_str(), text.as_str()))
            .collect();
        let complete = worth
            .simulate(coalition, (&with(&measures), 1), options, &|_| {}, &stop)
            .unwrap();
        assert!(complete);
    }
    worth
}

/// Two factors on one time do more together than each alone: (1.5 x 2 - 1.5 - 2 + 1) of the time worked, half of it beyond each
/// share. Queues add to it, so the sign and the sum are what is known.
#[test]
fn credit_where_measures_strengthen_each_other() {
    let files = [
        ("1".to_owned(), customs("1", "scale = 1.3")),
        ("2".to_owned(), customs("2", "scale = 1.4")),
    ];
    let options = Attributing {
        seed: 7,
        replications: 6,
        threads: Some(2),
        confidence: 0.95,
        orders: Orders::All,
    };
    let credit = worth_of(&files, &options).attribute(2, TIME, &options).unwrap();
    let [one, other] = &credit.shares[..] else {
        panic!("two shares")
    };
    assert!((one.estimate + other.estimate - credit.joint.estimate).abs() < 1e-12);
    let beyond = credit.interactions[0].size;
    assert!(beyond.lower > 0.0, "{beyond:?}");
    assert!((one.estimate - credit.alone[0].estimate - beyond.estimate / 2.0).abs() < 1e-9);
}

fn corridor(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("corridor")
        .unwrap()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// As a planner does it: measures named by a pattern, on the scenario that the base names for them, without its shocks; the
/// folder is gone on with.
#[test]
fn measures_on_the_command_line() {
    let (folder, _) = support::scratch("");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "base.toml",
        &BASE.replace("title = \"Base\"", "title = \"Base\"\nmeasures_on = \"later.toml\""),
    );
    write(
        "later.toml",
        "[scenario]\nextends = \"base.toml\"\nshocks = [\"disruption.*\"]\n[run]\nstart = \"2023-10-09\"\n\
         [disruption.strike]\nhits = [\"facility.customs\"]\nfrom_date = \"2023-11-01\"\nuntil_date = \"2023-11-03\"\n",
    );
    fs::create_dir(folder.path().join("measures")).unwrap();
    for (number, hours) in [("1", 3.0), ("2", 2.0), ("10", -1.0)] {
        write(&format!("measures/{number}.toml"), &road(number, hours));
    }
    let all = ["--with", "measures/*", "--replications", "4", "--json"];
    let at = |arguments: &[&str]| corridor(folder.path(), arguments);
    let (code, out, err) = at(&[&["compare", "base.toml", "--each", "--out", "c"], &all[..]].concat());
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("measures of base.toml act in later.toml"), "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let names: Vec<&str> = found["compared"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["scenario"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 4);
    assert!(
        names[2].ends_with("measures/10") && names[3].ends_with("measures/1 + measures/2 + measures/10"),
        "{names:?}"
    );
    // Gone on with for more replications, and measured against the same at once.
    let (code, more, err) = at(&["compare", "--resume", "c", "--replications", "8", "--json"]);
    assert_eq!(code, 0, "{err}");
    let (_, at_once, _) = at(&[
        &["compare", "base.toml", "--each", "--out", "d"],
        &all[..2],
        &["-n", "8", "--json"],
    ]
    .concat());
    assert_eq!(more, at_once);
    // Without the strike cargo is quicker, on both sides.
    let (code, calm, err) = at(&[&["compare", "base.toml", "--without-shocks", "--out", "e"], &all[..]].concat());
    assert_eq!(code, 0, "{err}");
    let calm: serde_json::Value = serde_json::from_str(&calm).unwrap();
    let before = |found: &serde_json::Value, of: usize| {
        let differences = found["compared"][of]["differences"].as_array().unwrap();
        let time = differences.iter().find(|it| it["indicator"] == TIME).unwrap();
        (time["before"].as_f64().unwrap(), time["after"].as_f64().unwrap())
    };
    assert!(before(&calm, 0).0 < before(&found, 3).0 && before(&calm, 0).1 < before(&found, 3).1);
    let (code, out, err) = at(&[
        &[
            "attribute",
            "base.toml",
            "--without-shocks",
            "--out",
            "f",
            "--indicator",
            TIME,
        ],
        &all[..],
    ]
    .concat());
    assert_eq!(code, 0, "{err}");
    let credit: serde_json::Value = serde_json::from_str(&out).unwrap();
    let shares: Vec<f64> = credit["measures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["share"]["estimate"].as_f64().unwrap())
        .collect();
    for (share, hours) in shares.iter().zip([3.0, 2.0, -1.0]) {
        assert!((share - hours / 24.0).abs() < 1e-9, "{shares:?}");
    }
    // A measure named twice, in two ways, is in force once.
    let (code, twice, err) = at(&[
        "check",
        "base.toml",
        "--with",
        "measures/1",
        "--with",
        "./measures/1.toml",
        "--json",
    ]);
    assert!(code == 0 && twice.contains("\"errors\": 0"), "{twice} {err}");
    // What cannot be is said at once.
    let (code, _, err) = at(&["compare", "base.toml", "base.toml", "--with", "measures/1"]);
    assert!(code == 2 && err.contains("which is another time than"), "{err}");
    let (code, _, err) = at(&[
        "compare",
        "base.toml",
        "later.toml",
        "--indicator",
        "system.nothing",
        "--within",
        "1",
    ]);
    assert!(
        code == 2 && err.contains("there is no indicator") && !err.contains("settling"),
        "{err}"
    );
    let (code, _, err) = at(&["compare", "base.toml", "later.toml", "--indicator", TIME, "-n", "4"]);
    assert!(code == 2 && err.contains("without --within"), "{err}");
    let (code, _, err) = at(&["attribute", "base.toml", "--with", "measures/1"]);
    assert!(code == 2 && err.contains("between 2 to"), "{err}");
    let (code, _, err) = at(&[&["attribute", "base.toml", "--indicator", "system.delivered"], &all[..]].concat());
    assert!(code == 2 && err.contains("did you mean"), "{err}");
    let (code, _, err) = at(&["compare", "base.toml", "--without-shocks", "--with", "measures/7"]);
    assert!(code == 3 && err.contains("there is no measure"), "{err}");
}

/// Two measures that add independent hours to the road, drawn from PERT distributions of which one is twice as wide as the
/// other: four fifths of what is not known of their joint effect come of the wide one, which is assumed.
#[test]
fn what_comes_of_assumptions() {
    let (folder, _) = support::scratch("");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let uncertain = |number: &str, most: u32, grade: char| {
        let size = format!(
            "add = {{ min = \"0 h\", typical = \"{} h\", max = \"{most} h\" }}",
            most / 2
        );
        let graded = format!("name = \"Instrument\"\ngrade = \"{grade}\"");
        customs(number, &size)
            .replace("\"facility\"", "\"link\"")
            .replace("kind = \"customs\"", "from = \"a\"")
            .replace("name = \"Instrument\"", &graded)
    };
    write("base.toml", BASE);
    fs::create_dir(folder.path().join("measures")).unwrap();
    write("measures/1.toml", &uncertain("1", 20, 'D'));
    write("measures/2.toml", &uncertain("2", 10, 'B'));
    let at = |arguments: &[&str]| {
        let (code, out, err) = corridor(folder.path(), arguments);
        assert_eq!(code, 0, "{err}");
        out
    };
    let asked = [
        "compare",
        "base.toml",
        "--with",
        "measures/*",
        "--by-grade",
        "--no-charts",
        "--json",
    ];
    let found = at(&[&asked[..], &["-n", "400", "-o", "a"]].concat());
    let read: serde_json::Value = serde_json::from_str(&found).unwrap();
    assert_eq!(read["compared"].as_array().unwrap().len(), 1);
    let differences = read["compared"][0]["differences"].as_array().unwrap();
    let time = differences.iter().find(|it| it["indicator"] == TIME).unwrap();
    let share = time["assumed_share"].as_f64().unwrap();
    assert!((share - 0.8).abs() < 0.1, "{share}");
    // Means are those of the sizes, whatever is held.
    assert!((time["difference"].as_f64().unwrap() - 15.0 / 24.0).abs() < 0.02);
    // The twins are gone on with too.
    at(&[&asked[..], &["-n", "40", "-o", "b"]].concat());
    let more = at(&["compare", "--resume", "b", "-n", "400", "--no-charts", "--json"]);
    assert_eq!(more, found);
    let text = at(&["compare", "--resume", "b", "-n", "400", "--no-charts"]);
    assert!(text.contains("Due to grade D"), "{text}");
    let few = at(&[&asked[..6], &["-n", "16"]].concat());
    assert!(few.contains("cannot be told: that takes 20 draws"), "{few}");
}

/// Studies that take a while: a desk with some twenty thousand days of customers, and two measures that make it quicker.
#[cfg(unix)]
fn long_study() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "desk.toml",
        "[run]\nstart = \"2023-10-02\"\nlength = \"20000 d\"\nseed = 7\n[facility.desk]\nkind = \"customs\"\n\
         time.exponential = { mean = \"1 h\" }\n[flow.customers]\narrivals.poisson = \"12 /d\"\nroute = [\"facility.desk\"]\n",
    );
    fs::create_dir(folder.path().join("measures")).unwrap();
    for number in ["1", "2"] {
        let text = customs(number, "scale = 0.9").replace("\"time\"", "\"time.exponential.mean\"");
        write(&format!("measures/{number}.toml"), &text);
    }
    folder
}

#[cfg(unix)]
fn begin(folder: &Path, arguments: &[&str]) -> std::process::Child {
    std::process::Command::new(assert_cmd::cargo::cargo_bin!("corridor"))
        .current_dir(folder)
        .args(arguments)
        .args(["--with", "measures/*", "--no-charts", "--threads", "1"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
}

/// Whoever cannot wait for the replications in hand keeps those that are finished.
#[cfg(unix)]
#[test]
fn a_comparison_that_is_given_up_keeps_what_is_finished() {
    use std::{thread::sleep, time::Duration};
    let folder = long_study();
    let child = begin(folder.path(), &["compare", "desk.toml", "--out", "c", "-n", "4000"]);
    sleep(Duration::from_millis(2500));
    for _ in 0..2 {
        let pressed = std::process::Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        assert!(pressed.unwrap().success());
        sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("corridor compare --resume c"), "{err}");
    let (code, out, err) = corridor(
        folder.path(),
        &["compare", "--resume", "c", "-n", "2", "--no-charts", "--json"],
    );
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(code == 0 && found["replications"].as_u64().unwrap() >= 2, "{err}");
}

/// Whatever ends a study of credit, each scenario that was finished is kept.
#[cfg(unix)]
#[test]
fn credit_that_was_killed_is_gone_on_with() {
    use std::{thread::sleep, time::Duration};
    let folder = long_study();
    let asked = ["--indicator", TIME, "-n", "6"];
    let mut child = begin(
        folder.path(),
        &[&["attribute", "desk.toml", "--out", "k"], &asked[..]].concat(),
    );
    let state = folder.path().join("k/state.bin");
    let kept = (0..600).any(|_| {
        sleep(Duration::from_millis(100));
        state.is_file()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(kept);
    let whole = |more: &[&str]| {
        let (code, out, err) = corridor(
            folder.path(),
            &[&["attribute", "--no-charts", "--json"], more, &asked[..]].concat(),
        );
        assert_eq!(code, 0, "{err}");
        out
    };
    // It is remembered what was asked for.
    let (code, resumed, err) = corridor(folder.path(), &["attribute", "--no-charts", "--json", "--resume", "k"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(resumed, whole(&["desk.toml", "--with", "measures/*", "--out", "l"]));
}

/// All measures of the circular together against the same months without them: the numbers before and after are kept, and what
/// changes them must mean to. Few replications, and shippers choose by the times of an empty network, for the sake of time.
#[test]
fn the_measures_of_the_circular_change_what_they_did() {
    let measures = measures_beside("hunan/policy", "measures/*");
    assert_eq!((measures.len(), measures[1].as_str()), (19, "measures/2"));
    let model = |measures: &[String]| {
        let scenario = scenario::load_with("hunan/policy", &laid(measures)).unwrap_or_else(|faults| panic!("{faults}"));
        model::build(Arc::new(scenario), SimSpan::ZERO).unwrap_or_else(|faults| panic!("{faults}"))
    };
    let models = [model(&[]), model(&measures)];
    let lines = compared(
        &models,
        &comparing(Until::Replications(4), 2),
        None,
        |contenders, found| {
            let catalogue = contenders[0].catalogue;
            let mut lines = String::new();
            for difference in &found.differences(contenders, 0.95)[0] {
                let indicator = &catalogue.indicators[difference.indicator];
                let of_policy = matches!(indicator.scope, Scope::Target | Scope::Reach);
                let shown = ["delivered_teu", "transit_days_mean", "cost_per_teu", "cash_cycle_days"];
                if of_policy || (indicator.is_headline() && shown.contains(&indicator.name.as_str())) {
                    let [before, after] =
                        [difference.paired.means.0, difference.paired.means.1].map(support::significant);
                    let _ = writeln!(lines, "{}: {before} -> {after}", indicator.key());
                }
            }
            assert!(found.sides.iter().all(|side| side.aggregate.violations.is_empty()));
            lines
        },
    );
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("hunan-policy-measures", lines));
}

/// Case S-O-06: exponential times of means 2 and 3 drawn by inversion of the same numbers move exactly together, so that the
/// variance of their difference is (3 - 2)² = 1 instead of 2² + 3² = 13.
#[test]
fn common_random_numbers_in_closed_form() {
    let text = |mean: u32| {
        format!(
            "[scenario]\ntitle = \"One wait\"\n[run]\nstart = \"2023-10-02\"\nwarm_up = \"0 d\"\nlength = \"1 d\"\n\
             cool_down = \"60 d\"\nseed = 7\n[node.a]\nkind = \"zone\"\n[facility.desk]\nkind = \"handling\"\nnode = \"a\"\n\
             servers = \"unlimited\"\ntime = {{ exponential = {{ mean = \"{mean} h\" }} }}\n[flow.goods]\n\
             arrivals = {{ listed = [\"1 h\"] }}\nroute = [\"facility.desk\"]\n"
        )
    };
    let models = [2, 3].map(|mean| {
        let (_folder, path) = support::scratch(&text(mean));
        support::build(&path.display().to_string())
    });
    let replications = 4000;
    compared(
        &models,
        &comparing(Until::Replications(replications), 2),
        None,
        |contenders, found| {
            let number = contenders[0].catalogue.find(TIME).unwrap();
            let paired = found.differences(contenders, 0.95)[0][number].paired;
            assert!((paired.variance_reduction - 13.0).abs() < 1e-3, "{paired:?}");
            // The half-width is that of Student's t, so the variance follows from it; its own error is that of 4,000 squares.
            let n = replications as f64;
            let half = paired.difference.half_width() * 24.0 / t_quantile(0.975, n - 1.0);
            let variance = half * half * n;
            assert!((variance - 1.0).abs() < 3.5 * (8.0 / n).sqrt(), "{variance}");
            assert!(paired.difference.covers(1.0 / 24.0), "{paired:?}");
        },
    );
}
