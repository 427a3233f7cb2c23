//! The arguments, as clap reads them.

use crate::report::ChartSet;
use crate::scenario::Overlay;
use crate::scenario::files::Location;
use crate::scenario::settings::Language;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// The scenario that is run when none is named.
pub(super) const DEFAULT_SCENARIO: &str = "hunan";

/// Corridor simulates trade corridors: timetables with real capacity, queues, borders and customs, disruptions and
/// route choice, by parallel Monte Carlo, and says how sure it is.
///
/// Without a command it runs the shipped scenario `hunan` and writes a report to output/hunan.
#[derive(Parser, Debug)]
#[command(name = "corridor", version, propagate_version = true, subcommand_precedence_over_arg = true, after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// Say nothing on standard error but what went wrong
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Write results and faults as JSON on standard output
    #[arg(long, global = true)]
    pub(super) json: bool,
}

const AFTER_HELP: &str = "\
Exit codes:
  0    done
  1    a fault of the program itself
  2    the command line is wrong
  3    the scenario has faults
  4    files cannot be read or written
  5    the precision asked for, or the equilibrium of shippers' choice, was not reached
  130  interrupted; finished replications are kept

Ctrl-C ends a run after the replications in hand; a second Ctrl-C gives those up.

Examples:
  corridor                                         run the shipped scenario, report in output/hunan
  corridor run my.toml --replications 200          run a scenario of your own
  corridor run hunan --precision 2%                until transit times are known to within 2%
  corridor run hunan --corridor huaihua            the same run; summary and charts of one corridor
  corridor compare hunan hunan/red-sea             what the second differs by from the first, and how sure that is
  corridor compare hunan --with measures/18        what a measure changes
  corridor attribute hunan --with 'measures/*'     which of these measures it is owed to
  corridor check my.toml                           find every fault in a scenario
  corridor list                                    the shipped scenarios";

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Simulate a scenario and write a report
    Run(RunOptions),
    /// Compare scenarios, or measures laid over one, on common random numbers
    Compare(CompareOptions),
    /// Share out the joint effect of measures on an indicator to each of them
    Attribute(AttributeOptions),
    /// Find every fault in a scenario, each with file, line, key and remedy
    Check {
        /// A scenario file, a folder with a scenario.toml, or a shipped scenario
        #[arg(default_value = DEFAULT_SCENARIO)]
        scenario: String,
        #[command(flatten)]
        overlay: OverlayOptions,
    },
    /// Say what a scenario contains and where its figures come from
    Describe {
        /// A scenario file, a folder with a scenario.toml, or a shipped scenario
        #[arg(default_value = DEFAULT_SCENARIO)]
        scenario: String,
        #[command(flatten)]
        overlay: OverlayOptions,
        /// List all inputs as CSV
        #[arg(long)]
        inputs: bool,
        /// Language of the text; JSON holds what there is in both
        #[arg(short, long, value_enum, default_value_t = LanguageChoice::En)]
        lang: LanguageChoice,
    },
    /// Write the network as GeoJSON on standard output, with the traffic expected on it
    Map {
        /// A scenario file, a folder with a scenario.toml, or a shipped scenario
        #[arg(default_value = DEFAULT_SCENARIO)]
        scenario: String,
        #[command(flatten)]
        overlay: OverlayOptions,
    },
    /// List the shipped scenarios
    List {
        /// Language of titles and questions
        #[arg(short, long, value_enum, default_value_t = LanguageChoice::En)]
        lang: LanguageChoice,
    },
    /// Print the JSON Schema of scenario files
    Schema {
        /// Print the reference of all keys as Markdown instead
        #[arg(long)]
        markdown: bool,
    },
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Default for Command {
    fn default() -> Self {
        Self::Run(RunOptions::default())
    }
}

/// What is laid over a scenario.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct OverlayOptions {
    /// With this measure in force: a file beside the scenario, like measures/18, or all that fit a pattern like 'measures/*';
    /// may be given again
    #[arg(short, long, value_name = "MEASURE")]
    pub(super) with: Vec<String>,
    /// Take out what the scenario calls shocks from outside, such as a diversion of ships
    #[arg(long)]
    pub(super) without_shocks: bool,
}

impl OverlayOptions {
    /// With some measures instead of those that are named.
    pub(super) fn with(&self, measures: &[String]) -> Overlay {
        Overlay {
            measures: measures.to_vec(),
            without_shocks: self.without_shocks,
            ..Overlay::default()
        }
    }

    pub(super) fn overlay(&self) -> Overlay {
        self.with(&self.with)
    }
}

/// How anything is simulated and where it goes.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct WorkOptions {
    /// Seed of all randomness; that of the scenario, of several the first, when left out
    #[arg(short, long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Threads; as many as there are processors when left out
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub(super) threads: Option<u64>,
    /// Folder for what comes out of it; a new one below output/ when left out
    #[arg(short, long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,
    /// Replace the folder, with all that is in it, if it is there already
    #[arg(short, long)]
    pub(super) force: bool,
    /// Go on with what is in this folder, which was interrupted or is to be made more precise
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["out", "force", "seed", "with", "without_shocks"])]
    pub(super) resume: Option<PathBuf>,
    /// Language of the text, charts and names
    #[arg(short, long, value_enum, default_value_t = LanguageChoice::En)]
    pub(super) lang: LanguageChoice,
    /// Let shippers choose by the times of an empty network instead of those that they experience
    #[arg(long, conflicts_with = "resume")]
    pub(super) no_equilibrium: bool,
    /// Draw no charts, which saves a few seconds
    #[arg(long)]
    pub(super) no_charts: bool,
}

impl WorkOptions {
    /// How many threads, where that is said.
    pub(super) fn threads(&self) -> Option<usize> {
        self.threads.map(|threads| threads as usize)
    }

    /// Whether the folder may take the place of an older one.
    pub(super) fn replaces(&self) -> bool {
        self.force || self.resume.is_some()
    }
}

#[derive(Args, Debug, Default)]
pub(super) struct RunOptions {
    /// A scenario file, a folder with a scenario.toml, or a shipped scenario [default: hunan]
    pub(super) scenario: Option<String>,
    #[command(flatten)]
    pub(super) overlay: OverlayOptions,
    /// How many replications, in whole groups where inputs are uncertain; that of the scenario when left out
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000), conflicts_with = "precision")]
    pub(super) replications: Option<u64>,
    /// Replicate until the confidence interval of an indicator is within ± this share of its estimate, like 2%
    #[arg(short, long, value_name = "SHARE", value_parser = parse_share)]
    pub(super) precision: Option<f64>,
    /// The indicator meant by --precision
    #[arg(
        long,
        value_name = "KEY",
        default_value = "system.transit_days_mean",
        requires = "precision"
    )]
    pub(super) indicator: String,
    /// With --precision: replications after which it gives up (exit code 5)
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "precision", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(super) max_replications: u64,
    /// Also write the records of one replication, leg by leg, to records.parquet; they are numbered from 0, which is
    /// traced when no number is given
    #[arg(long, value_name = "REPLICATION", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    pub(super) trace: Option<u64>,
    /// Show only this corridor in the summary and in charts; may be given again for others. The run and its tables are the
    /// same. NAME is the id of a corridor or its name; if there is none, all whose id begins with it and a hyphen (`huaihua`
    /// for huaihua-land-port), or fits it where it has a `*`
    #[arg(short, long, value_name = "NAME")]
    pub(super) corridor: Vec<String>,
    /// Which charts are drawn
    #[arg(long, value_enum, value_name = "SET", default_value_t = ChartChoice::Main, conflicts_with = "no_charts")]
    pub(super) charts: ChartChoice,
    #[command(flatten)]
    pub(super) work: WorkOptions,
}

/// How a study of several scenarios is made.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct StudyOptions {
    /// How many replications of each, in whole groups where inputs are uncertain and at least two of these; that of the first
    /// scenario when left out
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=10_000_000))]
    pub(super) replications: Option<u64>,
    #[command(flatten)]
    pub(super) work: WorkOptions,
}

#[derive(Args, Debug, Default)]
pub(super) struct CompareOptions {
    /// Scenarios: the first is compared with each of the others [default: hunan]
    #[arg(conflicts_with = "resume")]
    pub(super) scenarios: Vec<String>,
    #[command(flatten)]
    pub(super) overlay: OverlayOptions,
    /// Compare the first scenario with itself under each of the measures alone as well, not only under all together
    #[arg(long, requires = "with", conflicts_with = "resume")]
    pub(super) each: bool,
    /// Run the first and the last again with inputs of grade D (assumed) held at their expected values, and say how much of what
    /// is uncertain about each difference those make up
    #[arg(long, conflicts_with = "resume")]
    pub(super) by_grade: bool,
    /// Replicate until all differences in an indicator are known to within ± this, in its unit
    #[arg(long, value_name = "AMOUNT", value_parser = parse_amount, requires = "indicator", conflicts_with = "replications")]
    pub(super) within: Option<f64>,
    /// The indicator meant by --within
    #[arg(long, value_name = "KEY", requires = "within")]
    pub(super) indicator: Option<String>,
    /// With --within: replications after which it gives up (exit code 5)
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "within", value_parser = clap::value_parser!(u64).range(2..=10_000_000))]
    pub(super) max_replications: u64,
    #[command(flatten)]
    pub(super) study: StudyOptions,
}

#[derive(Args, Debug, Default)]
pub(super) struct AttributeOptions {
    /// A scenario file, a folder with a scenario.toml, or a shipped scenario [default: hunan]
    #[arg(conflicts_with = "resume")]
    pub(super) scenario: Option<String>,
    #[command(flatten)]
    pub(super) overlay: OverlayOptions,
    /// The headline indicator whose change is shared out [default: system.delivered_teu]
    #[arg(long, value_name = "KEY")]
    pub(super) indicator: Option<String>,
    /// Draw so many pairs of orders in which the measures join [default: all orders of up to 4 measures, otherwise 4 pairs]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=10_000), conflicts_with = "all_orders")]
    pub(super) orders: Option<u64>,
    /// Take all orders, which needs 2^n scenarios for n measures
    #[arg(long)]
    pub(super) all_orders: bool,
    #[command(flatten)]
    pub(super) study: StudyOptions,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum ChartChoice {
    /// Those that go into a report, at most twenty
    #[default]
    Main,
    /// Those, with cost over distance, and comparisons between more pairs of ends
    All,
}

impl From<ChartChoice> for ChartSet {
    fn from(choice: ChartChoice) -> Self {
        match choice {
            ChartChoice::Main => Self::Main,
            ChartChoice::All => Self::All,
        }
    }
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum LanguageChoice {
    /// English
    #[default]
    En,
    /// Chinese
    Zh,
}

impl From<LanguageChoice> for Language {
    fn from(choice: LanguageChoice) -> Self {
        match choice {
            LanguageChoice::En => Self::En,
            LanguageChoice::Zh => Self::Zh,
        }
    }
}

/// Adds to the error about an unknown command, where that is a scenario, how the scenario is run.
pub(super) fn hint_at_scenario(error: &mut clap::Error) {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return;
    }
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else {
        return;
    };
    let is_scenario = Location::find(name).is_some() || name.ends_with(".toml");
    if is_scenario {
        let hint = format!("to simulate this scenario: corridor run {name}");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
    }
}

fn parse_share(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.trim().strip_suffix('%') {
        Some(number) => (number, 0.01),
        None => (text.trim(), 1.0),
    };
    match number.trim().parse::<f64>() {
        Ok(value) if value > 0.0 && value * scale < 1.0 => Ok(value * scale),
        _ => Err("write a share above 0 and below 1, like 2% or 0.02".to_owned()),
    }
}

fn parse_amount(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(amount) if amount > 0.0 && amount.is_finite() => Ok(amount),
        _ => Err("write a number above 0, in the unit of the indicator".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn shares() {
        assert_eq!(parse_share("2%"), Ok(0.02));
        assert_eq!(parse_share("0.05"), Ok(0.05));
        assert!(parse_share("0").is_err() && parse_share("200%").is_err() && parse_share("two").is_err());
    }
}
