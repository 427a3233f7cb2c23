//! The command line: exit codes, what goes to which stream, and what is left behind.

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::thread::sleep;
use std::time::Duration;

const DESK: &str = "[run]\nlength = \"60 d\"\nreplications = 4\nseed = 7\n\n[facility.desk]\ntime.exponential = { mean = \"1 h\" }\n\n\
    [flow.customers]\narrivals.poisson = \"12 /d\"\nroute = [\"facility.desk\"]\n";

/// A folder with `desk.toml` in which a command runs.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("desk.toml"), text).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program; gives exit code, standard output and standard error.
    fn corridor(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(assert_cmd::cargo::cargo_bin!("corridor"))
            .current_dir(self.0.path())
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code().unwrap(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    /// Nothing but whole folders was left below `folder`.
    fn nothing_half_written(&self, folder: &str) {
        let Ok(entries) = fs::read_dir(self.path(folder)) else {
            return;
        };
        for entry in entries {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            assert!(
                !name.contains("partial") && !name.contains("replaced"),
                "{name} was left behind"
            );
        }
    }
}

fn desk() -> Desk {
    Desk::new(DESK)
}

#[test]
fn a_run_writes_its_folder_and_says_so_on_standard_error() {
    let desk = desk();
    let (code, stdout, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        !stdout.is_empty() && stderr.contains("report: output/desk"),
        "{stdout}\n{stderr}"
    );
    for file in ["scenario.toml", "manifest.json", "summary.json", "state.bin"] {
        assert!(desk.path("output/desk").join(file).is_file(), "{file}");
    }
    // The next run does not touch it.
    let (code, _, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts"]);
    assert!(code == 0 && stderr.contains("report: output/desk-2"), "{stderr}");
    let (_, _, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts", "--quiet"]);
    assert_eq!(stderr, "");
    desk.nothing_half_written("output");
}

#[test]
fn json_is_one_document_on_standard_output() {
    let desk = desk();
    let (code, stdout, _) = desk.corridor(&["run", "desk.toml", "--no-charts", "--json"]);
    let printed: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let written = fs::read_to_string(desk.path("output/desk/summary.json")).unwrap();
    let written: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!((code, printed), (0, written));
    for arguments in [
        &["list", "--json"][..],
        &["describe", "desk.toml", "--json"],
        &["check", "desk.toml", "--json"],
        &["schema"],
    ] {
        let (code, stdout, stderr) = desk.corridor(arguments);
        assert_eq!(code, 0, "{arguments:?}: {stderr}");
        serde_json::from_str::<serde_json::Value>(&stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
    }
}

#[test]
fn wrong_command_lines_exit_with_2() {
    let desk = desk();
    let wrong: [&[&str]; 9] = [
        &["run", "--no-such-option"],
        &["walk"],
        &["run", "desk.toml", "--replications", "0"],
        &["run", "desk.toml", "--replications", "99999999999"],
        &["run", "desk.toml", "--precision", "200%"],
        &["run", "desk.toml", "--replications", "5", "--precision", "2%"],
        &["run", "desk.toml", "--threads", "0"],
        &["run", "desk.toml", "--precision", "5%", "--indicator", "system.speed"],
        &["completions", "cobol"],
    ];
    for arguments in wrong {
        let (code, stdout, stderr) = desk.corridor(arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains("error"), "{arguments:?}: {stderr}");
    }
    assert!(!desk.path("output").exists());
}

/// Two ways of the same customers: a corridor at each desk.
const TWO_DESKS: &str = r#"
[run]
length = "60 d"
replications = 3
seed = 7
[facility.left]
time.exponential = { mean = "1 h" }
[facility.right]
time.exponential = { mean = "2 h" }
[facility.door]
time = "30 min"
[corridor.desk-left]
name = { en = "Left desk", zh = "左台" }
uses = ["facility.left"]
[corridor.desk-right]
name = { en = "Right desk", zh = "右台" }
uses = ["facility.right"]
[flow.a]
arrivals.poisson = "6 /d"
route = ["facility.door", "facility.left"]
[flow.b]
arrivals.poisson = "3 /d"
route = ["facility.door", "facility.right"]
"#;

#[test]
fn some_corridors_are_shown_of_the_same_run() {
    let desk = Desk::new(TWO_DESKS);
    // Columns are as wide as what stands in them.
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let rows = |stdout: &str, names: &[&str]| -> Vec<String> {
        let lines = stdout.lines().map(words);
        lines
            .filter(|line| names.iter().any(|name| line.starts_with(&format!("{name} "))) && !line.contains(" | "))
            .collect()
    };
    let all = ["Left desk", "Right desk", "all"];
    let (code, whole, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts", "--out", "whole"]);
    assert_eq!((code, rows(&whole, &all).len()), (0, 3), "{whole}{stderr}");
    let left = ["run", "desk.toml", "--out", "left", "--corridor", "desk-left"];
    let (code, stdout, stderr) = desk.corridor(&left);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(rows(&stdout, &all), rows(&whole, &["Left desk"]));
    // Nothing else differs, and the charts show no more.
    let tables = |folder: &str| {
        let files = results(&desk.path(folder));
        files
            .into_iter()
            .filter(|(name, _)| !name.contains("charts"))
            .collect::<Vec<_>>()
    };
    assert!(tables("whole") == tables("left"));
    let chart = fs::read_to_string(desk.path("left/charts/3-transit-time-distribution.svg")).unwrap();
    assert!(chart.contains("Left desk") && !chart.contains("Right desk"));
    // A group goes by what its members begin with; so does each of several.
    for names in [&["desk"][..], &["右台", "desk-left"]] {
        let mut arguments = vec!["run", "desk.toml", "--no-charts", "--quiet"];
        arguments.extend(names.iter().flat_map(|name| ["--corridor", *name]));
        let (_, stdout, _) = desk.corridor(&arguments);
        assert_eq!(
            rows(&stdout, &all),
            rows(&whole, &["Left desk", "Right desk"]),
            "{names:?}"
        );
    }
}

#[test]
fn an_unknown_corridor_is_told_which_there_are() {
    let desk = Desk::new(TWO_DESKS);
    let (code, stdout, stderr) = desk.corridor(&["run", "desk.toml", "--corridor", "desk", "--corridor", "dusk"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("--corridor: there is no corridor \"dusk\"; those of this scenario are desk-left, desk-right"),
        "{stderr}"
    );
    assert!(!desk.path("output").exists());
    let (code, _, stderr) = self::desk().corridor(&["run", "desk.toml", "--corridor", "dusk"]);
    assert!(
        code == 2 && stderr.contains("this scenario has no corridors"),
        "{stderr}"
    );
}

#[test]
fn faulty_scenarios_exit_with_3() {
    let desk = Desk::new(&DESK.replace("servers", "x").replace("1 h", "1 km"));
    for command in ["run", "check", "describe"] {
        let (code, stdout, stderr) = desk.corridor(&[command, "desk.toml"]);
        assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
        assert!(stderr.contains("desk.toml:7") && stderr.contains("1 error"), "{stderr}");
    }
    let (code, _, stderr) = desk.corridor(&["run", "dusk.toml"]);
    assert!(
        code == 3 && stderr.contains("there is no scenario \"dusk.toml\""),
        "{stderr}"
    );
    assert!(!desk.path("output").exists());
}

#[test]
fn folders_that_cannot_be_written_exit_with_4() {
    let desk = desk();
    fs::create_dir(desk.path("mine")).unwrap();
    fs::write(desk.path("mine/notes.txt"), "keep").unwrap();
    fs::write(desk.path("file"), "").unwrap();
    let (code, stdout, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts", "--out", "mine"]);
    assert_eq!((code, stdout.as_str()), (4, ""), "{stderr}");
    assert!(
        stderr.contains("mine is there already") && stderr.contains("--force"),
        "{stderr}"
    );
    assert!(desk.path("mine/notes.txt").is_file());
    // What is not a run's folder is never replaced.
    for foreign in ["mine", "file", ".", "desk.toml"] {
        let (code, stdout, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts", "--out", foreign, "--force"]);
        assert_eq!((code, stdout.as_str()), (4, ""), "{foreign}: {stderr}");
        assert!(stderr.contains("not the folder of a run"), "{stderr}");
    }
    assert!(desk.path("mine/notes.txt").is_file());
    for _ in 0..2 {
        let again = ["run", "desk.toml", "--no-charts", "--out", "a/run", "--force"];
        let (code, _, stderr) = desk.corridor(&again);
        assert_eq!(code, 0, "{stderr}");
    }
    // A state that is not what was written is not gone on with.
    let state = desk.path("a/run/state.bin");
    let mut bytes = fs::read(&state).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&state, bytes).unwrap();
    let (code, _, stderr) = desk.corridor(&["run", "--resume", "a/run"]);
    assert!(code == 4 && stderr.contains("it is not what was written"), "{stderr}");
    let (code, _, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts", "--out", "file/below"]);
    assert!(code == 4 && stderr.contains("cannot be written"), "{stderr}");
    let (code, _, stderr) = desk.corridor(&["run", "--resume", "nowhere"]);
    assert!(
        code == 4 && stderr.contains("there is no run to resume in nowhere"),
        "{stderr}"
    );
    let (code, _, stderr) = desk.corridor(&["run", "desk.toml", "--resume", "file"]);
    assert!(code == 4 && stderr.contains("there is no run to resume"), "{stderr}");
    desk.nothing_half_written(".");
}

#[test]
fn findings_as_json_name_the_scenario_and_are_counted() {
    let desk = desk();
    let (code, stdout, _) = desk.corridor(&["check", "desk.toml", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let nothing = serde_json::json!({ "scenario": "desk.toml", "errors": 0, "warnings": 0, "faults": [] });
    assert_eq!((code, found), (0, nothing));
    let (code, stdout, _) = desk.corridor(&["run", "dusk.toml", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (code, &found["scenario"], &found["errors"]),
        (3, &"dusk.toml".into(), &1.into())
    );
}

#[test]
fn what_was_probably_meant_is_said() {
    let desk = desk();
    for scenario in ["desk.toml", "hunan", "dusk.toml"] {
        let (code, _, stderr) = desk.corridor(&[scenario]);
        assert!(
            code == 2 && stderr.contains(&format!("to simulate this scenario: corridor run {scenario}")),
            "{stderr}"
        );
    }
    fs::create_dir(desk.path("empty")).unwrap();
    let (code, _, stderr) = desk.corridor(&["check", "empty"]);
    assert!(
        code == 3 && stderr.contains("the folder empty has no scenario.toml"),
        "{stderr}"
    );
    let (code, _, stderr) = desk.corridor(&["check", "."]);
    assert!(
        code == 3 && stderr.contains("name one of the files in it: ./desk.toml"),
        "{stderr}"
    );
}

#[test]
fn precision_is_reached_or_the_exit_code_is_5() {
    let desk = desk();
    let (code, _, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts", "--precision", "50%"]);
    assert_eq!(code, 0, "{stderr}");
    let few = [
        "run",
        "desk.toml",
        "--no-charts",
        "--precision",
        "0.01%",
        "--max-replications",
        "20",
    ];
    let (code, _, stderr) = desk.corridor(&few);
    assert!(code == 5 && stderr.contains("warning"), "{code} {stderr}");
    assert!(desk.path("output/desk-2/summary.json").is_file());
}

#[test]
fn a_full_disk_and_a_closed_pipe_are_no_panics() {
    let program = assert_cmd::cargo::cargo_bin!("corridor");
    if Path::new("/dev/full").exists() {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        for argument in ["list", "--help", "--version", "help"] {
            let full = full.try_clone().unwrap();
            let output = Process::new(program).arg(argument).stdout(full).output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                output.status.code() == Some(4) && stderr.contains("cannot be written"),
                "{argument}: {stderr}"
            );
        }
    }
    let mut child = Process::new(program)
        .arg("schema")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn traces_and_threads() {
    let desk = desk();
    let arguments = [
        "run",
        "desk.toml",
        "--no-charts",
        "--trace=1",
        "--threads",
        "1",
        "--out",
        "traced",
    ];
    let (code, _, stderr) = desk.corridor(&arguments);
    assert_eq!(code, 0, "{stderr}");
    let records = fs::read(desk.path("traced/records.parquet")).unwrap();
    assert!(records.starts_with(b"PAR1"));
    let (code, _, _) = desk.corridor(&["run", "desk.toml", "--no-charts", "--threads", "2", "--out", "two"]);
    assert_eq!(code, 0);
    assert!(!desk.path("two/records.parquet").exists());
    let summary = |folder: &str| fs::read(desk.path(folder).join("summary.json")).unwrap();
    assert_eq!(summary("traced"), summary("two"));
}

#[test]
fn help_lists_and_completions() {
    let desk = desk();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let (code, stdout, _) = desk.corridor(&["completions", shell]);
        assert!(code == 0 && stdout.contains("corridor"), "{shell}");
    }
    let (code, stdout, _) = desk.corridor(&["list"]);
    assert!(code == 0 && stdout.contains("reference/w1"), "{stdout}");
    let (code, stdout, _) = desk.corridor(&["--help"]);
    assert!(code == 0 && stdout.contains("Exit codes"), "{stdout}");
    let (code, stdout, _) = desk.corridor(&["describe", "desk.toml"]);
    assert!(code == 0 && stdout.contains("figures, by grade"), "{stdout}");
    let (code, stdout, _) = desk.corridor(&["describe", "desk.toml", "--inputs"]);
    assert!(code == 0 && stdout.starts_with("key,value,grade,source"), "{stdout}");
    let (code, stdout, _) = desk.corridor(&["schema", "--markdown"]);
    assert!(code == 0 && stdout.contains("#### `[facility.*]`"), "{code}");
}

/// Every file of a run's folder but those that say how the run came about.
fn results(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .filter(|(name, _)| name != "manifest.json")
        .collect();
    found.sort();
    found
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    let sent = Process::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// Begins to run `desk.toml` into the folder `run` on one thread.
#[cfg(unix)]
fn begin(desk: &Desk) -> std::process::Child {
    Process::new(assert_cmd::cargo::cargo_bin!("corridor"))
        .current_dir(desk.0.path())
        .args(["run", "desk.toml", "--no-charts", "--threads", "1", "--out", "run"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn a_second_interrupt_gives_up_a_replication_that_does_not_end() {
    // A replication of a thousand years takes far longer than the test.
    let desk = Desk::new(
        &DESK
            .replace("60 d", "1000 yr")
            .replace("12 /d", "100 /d")
            .replace("1 h", "0.1 h"),
    );
    let child = begin(&desk);
    sleep(Duration::from_millis(500));
    interrupt(&child);
    sleep(Duration::from_millis(200));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(
        stderr.contains("giving up the replications in hand") && stderr.contains("nothing was written"),
        "{stderr}"
    );
    assert!(!desk.path("run").exists());
    desk.nothing_half_written(".");
}

#[cfg(unix)]
#[test]
fn a_second_interrupt_keeps_what_is_finished() {
    let desk = Desk::new(
        &DESK
            .replace("60 d", "20000 d")
            .replace("replications = 4", "replications = 1000"),
    );
    let child = begin(&desk);
    sleep(Duration::from_millis(1500));
    interrupt(&child);
    sleep(Duration::from_millis(20));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("corridor run --resume run"), "{stderr}");
    let done = |folder: &str| {
        let manifest = fs::read_to_string(desk.path(folder).join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        manifest["replications_done"].as_u64().unwrap()
    };
    let kept = done("run");
    assert!(kept > 0, "{stderr}");
    let wanted = (kept + 1).to_string();
    let (code, _, stderr) = desk.corridor(&["run", "--resume", "run", "--no-charts", "--replications", &wanted]);
    assert_eq!((code, done("run")), (0, kept + 1), "{stderr}");
    desk.nothing_half_written(".");
}

#[test]
fn what_a_killed_run_has_left_is_removed_by_the_next_one() {
    let desk = desk();
    for left in ["output/.desk.1.partial", "output/.dusk.1.partial"] {
        fs::create_dir_all(desk.path(left).join("charts")).unwrap();
    }
    let (code, _, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(!desk.path("output/.desk.1.partial").exists());
    assert!(desk.path("output/.dusk.1.partial").exists(), "another run's folder");
}

#[cfg(unix)]
#[test]
fn a_limit_on_the_size_of_files_exits_with_4_and_leaves_nothing() {
    let desk = desk();
    let output = Process::new("sh")
        .current_dir(desk.0.path())
        .env("TMPDIR", desk.0.path())
        .args(["-c", "ulimit -f 1 && exec \"$0\" run desk.toml --no-charts --out run"])
        .arg(assert_cmd::cargo::cargo_bin!("corridor"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{:?} {stderr}", output.status);
    assert!(
        stderr.contains("cannot be written") && stderr.contains("ulimit -f"),
        "{stderr}"
    );
    assert!(!desk.path("run").exists());
    desk.nothing_half_written(".");
}

#[test]
fn replications_that_are_not_made_are_not_traced() {
    let desk = desk();
    let (code, _, stderr) = desk.corridor(&["run", "--trace", "5"]);
    assert!(code == 2 && stderr.contains("--trace=5"), "{stderr}");
    let (code, stdout, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts", "--trace=4"]);
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert!(stderr.contains("numbered from 0 to 3"), "{stderr}");
    assert!(!desk.path("output").exists());
    let sequential = ["run", "desk.toml", "--no-charts", "--precision", "90%", "--trace=500"];
    let (code, _, stderr) = desk.corridor(&sequential);
    assert!(
        code == 0 && stderr.contains("replication 500 was not reached"),
        "{stderr}"
    );
    assert!(!desk.path("output/desk/records.parquet").exists());
    let beyond = [
        "run",
        "desk.toml",
        "--precision",
        "90%",
        "--max-replications",
        "50",
        "--trace=50",
    ];
    let (code, _, stderr) = desk.corridor(&beyond);
    assert!(code == 2 && stderr.contains("from 0 to 49"), "{stderr}");
}

#[test]
fn a_long_way_is_doubted_unless_its_distance_says_where_it_comes_from() {
    let way = |distance: &str| {
        let nodes = "[node.a]\nkind = \"seaport\"\nlongitude = 114.3\nlatitude = 22.6\n\n\
            [node.b]\nkind = \"seaport\"\nlongitude = 9.9\nlatitude = 53.5\n\n";
        let link =
            format!("[link.sea]\nfrom = \"a\"\nto = \"b\"\nmode = \"sea\"\ntime = \"70 d\"\ndistance = {distance}\n");
        let desk = Desk::new(&format!("{DESK}\n{nodes}{link}"));
        let (code, _, stderr) = desk.corridor(&["check", "desk.toml"]);
        assert_eq!(code, 0, "{stderr}");
        stderr
    };
    let doubted = way("\"40000 km\"");
    assert!(
        doubted.contains("long-way") && doubted.contains("`derived`"),
        "{doubted}"
    );
    let founded = way("{ value = \"40000 km\", grade = \"D\", derived = \"round both capes\" }");
    assert!(!founded.contains("long-way"), "{founded}");
}

#[test]
fn chinese_is_spoken_in_the_summary_its_warnings_and_descriptions() {
    let desk = desk();
    let english = [
        "replications",
        "intervals",
        "mean",
        "utilisation",
        "facility",
        "refused",
        "warning",
        "report:",
        "figures",
        "share",
        "nodes",
    ];
    let (code, stdout, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts", "--lang", "zh", "-n", "1"]);
    assert_eq!(code, 0, "{stderr}");
    let text = format!("{stdout}{stderr}").replace("--replications", "");
    assert!(english.iter().all(|word| !text.contains(word)), "{text}");
    for word in ["次重复仿真", "利用率", "警告：", "报告：output/desk"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let (code, stdout, _) = desk.corridor(&["describe", "hunan", "--lang", "zh"]);
    assert!(
        code == 0 && stdout.contains("条物流通道") && stdout.contains("按通过的运量加权"),
        "{stdout}"
    );
    assert!(english.iter().all(|word| !stdout.contains(word)), "{stdout}");
    let (code, stdout, _) = desk.corridor(&["list", "--lang", "zh"]);
    assert!(code == 0 && stdout.contains("湖南"), "{stdout}");
}

#[test]
fn exit_codes_are_the_same_in_the_help_and_in_the_readme() {
    let (_, help, _) = desk().corridor(&["--help"]);
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let codes: Vec<(&str, &str)> = help
        .lines()
        .skip_while(|line| *line != "Exit codes:")
        .skip(1)
        .map_while(|line| line.trim().split_once("  "))
        .map(|(code, meaning)| (code, meaning.trim()))
        .collect();
    assert_eq!(codes.len(), 7, "{help}");
    for (code, meaning) in codes {
        assert!(readme.contains(&format!("| {code} | {meaning} |")), "{code}: {meaning}");
    }
}

#[test]
fn a_file_that_hides_a_shipped_scenario_is_named() {
    let desk = desk();
    fs::create_dir(desk.path("hunan")).unwrap();
    fs::write(desk.path("hunan/scenario.toml"), DESK).unwrap();
    let (code, _, stderr) = desk.corridor(&["check", "hunan"]);
    assert!(
        code == 0 && stderr.contains("`hunan` is hunan/scenario.toml here, not the shipped scenario"),
        "{stderr}"
    );
    let (code, _, stderr) = desk.corridor(&["check", "./hunan"]);
    assert!(code == 0 && !stderr.contains("shipped"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_is_done_and_can_be_resumed() {
    let desk = Desk::new(
        &DESK
            .replace("60 d", "4000 d")
            .replace("replications = 4", "replications = 160"),
    );
    let sources =
        "key,value_min,value_typ,value_max,unit,year,grade,source_title,source_publisher,source_date,source_url,note\n";
    fs::create_dir(desk.path("data")).unwrap();
    fs::write(desk.path("data/sources.csv"), sources).unwrap();
    let text = fs::read_to_string(desk.path("desk.toml")).unwrap();
    let text = format!("[scenario]\nsources = [\"data/sources.csv\"]\n\n{text}");
    fs::write(desk.path("desk.toml"), text).unwrap();
    let child = Process::new(assert_cmd::cargo::cargo_bin!("corridor"))
        .current_dir(desk.0.path())
        .args(["run", "desk.toml", "--no-charts", "--threads", "1", "--out", "whole"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    sleep(Duration::from_millis(700));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("corridor run --resume whole"), "{stderr}");
    assert!(desk.path("whole/state.bin").is_file());
    let inputs = || {
        let manifest = fs::read_to_string(desk.path("whole/manifest.json")).unwrap();
        serde_json::from_str::<serde_json::Value>(&manifest).unwrap()["inputs"].clone()
    };
    let before = inputs();
    assert_eq!(before.as_array().map(Vec::len), Some(2), "{before}");
    let (code, _, stderr) = desk.corridor(&["run", "--resume", "whole", "--no-charts"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(inputs(), before);
    let (code, _, stderr) = desk.corridor(&["run", "desk.toml", "--no-charts", "--out", "other/whole"]);
    assert_eq!(code, 0, "{stderr}");
    for ((name, resumed), (_, at_once)) in results(&desk.path("whole"))
        .iter()
        .zip(results(&desk.path("other/whole")))
    {
        assert!(*resumed == at_once, "{name} differs after the run was resumed");
    }
    desk.nothing_half_written(".");
}
