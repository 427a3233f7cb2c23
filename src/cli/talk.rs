//! Talking to the user: messages on standard error, data on standard output.

use super::Failure;
use crate::report::Word;
use crate::scenario::fault::{Fault, Faults, Weight};
use crate::scenario::settings::Language;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use miette::{GraphicalReportHandler, GraphicalTheme};
use std::fmt;
use std::io::{self, IsTerminal, Write};

/// How the program talks.
#[derive(Clone, Copy)]
pub(super) struct Talk {
    quiet: bool,
    /// Whether data are wanted as JSON.
    pub(super) json: bool,
    colour: bool,
    terminal: bool,
}

impl Talk {
    pub(super) fn new(quiet: bool, json: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        let colour = terminal && std::env::var_os("NO_COLOR").is_none();
        Self {
            quiet,
            json,
            colour,
            terminal,
        }
    }

    /// Says something that is not data.
    pub(super) fn say(&self, text: &str) {
        if !self.quiet {
            // Nobody is left to be told if standard error is gone.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Writes data. A reader that has had enough (a closed pipe) is no error.
    pub(super) fn data(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let end = if text.ends_with('\n') { "" } else { "\n" };
        match write!(out, "{text}{end}").and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Failure::Files(
                format!("standard output cannot be written: {error}"),
                "check where the output is sent".to_owned(),
            )),
        }
    }

    /// Warns of something.
    pub(super) fn warn(&self, text: &str) {
        self.warn_as(Word::WarningMark.text(Language::En), text);
    }

    /// Warns of something, under a mark in the language of the text.
    pub(super) fn warn_as(&self, mark: &str, text: &str) {
        if self.colour {
            self.say(&format!("\u{1b}[33m{mark}\u{1b}[0m {text}"));
        } else {
            self.say(&format!("{mark} {text}"));
        }
    }

    /// Says why a command ended.
    pub(super) fn failure(&self, failure: &Failure) {
        let mark = if self.colour {
            "\u{1b}[31merror:\u{1b}[0m"
        } else {
            "error:"
        };
        let text = match failure {
            Failure::Internal(message) => {
                format!("{mark} {message}\nThis is a fault of the program; please report it with the scenario.")
            }
            Failure::Usage(message) => format!("{mark} {message}"),
            Failure::Files(message, remedy) => format!("{mark} {message}\n  {remedy}"),
            Failure::Scenario | Failure::Imprecise | Failure::Interrupted => return,
        };
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Shows all findings about `scenario`: drawn on standard error or, where JSON is wanted, as data.
    pub(super) fn faults(&self, scenario: &str, faults: &Faults) -> Result<(), Failure> {
        if self.json {
            let (errors, warnings) = count(&faults.list);
            let findings = serde_json::json!({
                "scenario": scenario,
                "errors": errors,
                "warnings": warnings,
                "faults": faults.records(),
            });
            return self.data(&serde_json::to_string_pretty(&findings).unwrap_or_default());
        }
        let _ = write!(io::stderr(), "{}", self.draw(faults));
        Ok(())
    }

    /// Shows warnings about a scenario beside other data: always on standard error.
    pub(super) fn warnings(&self, faults: &Faults) {
        if !faults.list.is_empty() {
            self.say(self.draw(faults).trim_end());
        }
    }

    fn draw(&self, faults: &Faults) -> String {
        let theme = if self.colour {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(110)
            .with_links(false);
        let mut text = String::new();
        for diagnostic in faults.diagnostics() {
            if handler.render_report(&mut text, &diagnostic).is_err() {
                text.push_str(&diagnostic.to_string());
            }
            text.push('\n');
        }
        text.push_str(&counted(&faults.list));
        text.push('\n');
        text
    }

    /// Where progress is drawn: nowhere if there is no terminal.
    fn target(&self) -> ProgressDrawTarget {
        if self.quiet || !self.terminal {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        }
    }

    /// A message that changes, for work of which the end is not known.
    pub(super) fn spinner(&self) -> ProgressBar {
        let spinner = ProgressBar::with_draw_target(None, self.target());
        spinner.enable_steady_tick(std::time::Duration::from_millis(120));
        spinner
    }

    /// A progress bar.
    pub(super) fn progress(&self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(0), self.target());
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} replications, {rate}, {eta} to go");
        if let Ok(style) = style {
            let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
                // Nobody is left to be told if the terminal is gone.
                let _ = out.write_str(&rate(state.per_sec()));
            };
            bar.set_style(style.with_key("rate", rate).progress_chars("━╸─"));
        }
        bar
    }
}

/// A rate with two or three significant digits, by the minute where there are few in a second.
fn rate(per_second: f64) -> String {
    match per_second {
        many if many >= 10.0 => format!("{many:.0}/s"),
        some if some >= 1.0 => format!("{some:.1}/s"),
        few => format!("{:.1}/min", few * 60.0),
    }
}

/// How many of the findings are errors, and how many are warnings.
fn count(list: &[Fault]) -> (usize, usize) {
    let errors = list.iter().filter(|fault| fault.weight == Weight::Error).count();
    (errors, list.len() - errors)
}

fn counted(list: &[Fault]) -> String {
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    match count(list) {
        (0, warnings) => plural(warnings, "warning"),
        (errors, 0) => plural(errors, "error"),
        (errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_few_digits() {
        assert_eq!(rate(123.456_7), "123/s");
        assert_eq!(rate(1.234_5), "1.2/s");
        assert_eq!(rate(0.123_45), "7.4/min");
    }
}
