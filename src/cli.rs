//! The command line: data on standard output, talk on standard error.
//!
//! | exit code | meaning |
//! | --- | --- |
//! | 0 | done |
//! | 1 | a fault of the program itself |
//! | 2 | the command line was wrong |
//! | 3 | the scenario has faults |
//! | 4 | files could not be read or written |
//! | 5 | the precision asked for was not reached |
//! | 130 | interrupted; finished replications have been kept |

mod arguments;
mod attribute;
mod commands;
mod compare;
mod describe;
mod interrupt;
mod prepare;
mod run;
mod study;
mod talk;

use arguments::{Arguments, Command};
use clap::Parser;
use std::io::IsTerminal;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Mutex;
use talk::Talk;

/// Why a command ended, other than well.
#[derive(Debug)]
pub enum Failure {
    /// A fault of the program.
    Internal(String),
    /// The command line was wrong.
    Usage(String),
    /// The scenario has faults, which have been shown.
    Scenario,
    /// Files could not be read or written; what to do.
    Files(String, String),
    /// The precision asked for was not reached.
    Imprecise,
    /// Interrupted.
    Interrupted,
}

impl Failure {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Internal(_) => 1,
            Self::Usage(_) => 2,
            Self::Scenario => 3,
            Self::Files(..) => 4,
            Self::Imprecise => 5,
            Self::Interrupted => 130,
        }
    }
}

fn obey(command: Command, talk: &Talk) -> Result<(), Failure> {
    match command {
        Command::Run(options) => run::run(&options, talk),
        Command::Compare(options) => compare::compare(&options, talk),
        Command::Attribute(options) => attribute::attribute(&options, talk),
        Command::Check { scenario, overlay } => commands::check(&scenario, &overlay.overlay(), talk),
        Command::Describe {
            scenario,
            overlay,
            inputs,
            lang,
        } => describe::describe(&scenario, &overlay.overlay(), inputs, lang.into(), talk),
        Command::Map { scenario, overlay } => commands::map(&scenario, &overlay.overlay(), talk),
        Command::List { lang } => commands::list(lang.into(), talk),
        Command::Schema { markdown } => commands::schema(markdown, talk),
        Command::Completions { shell } => commands::completions(shell, talk),
    }
}

/// Where the first panic happened, and what it said.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// The last line of defence: a panic, of any thread, becomes a failure that says so. What was half-written is removed on
/// the way out.
fn guarded(work: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    panic::set_hook(Box::new(|info| {
        if let Ok(mut first) = PANIC.lock() {
            first.get_or_insert_with(|| info.to_string().replace('\n', " "));
        }
    }));
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    let _ = panic::take_hook();
    outcome.unwrap_or_else(|_| {
        let message = PANIC.lock().ok().and_then(|mut first| first.take());
        Err(Failure::Internal(
            message.unwrap_or_else(|| "the program panicked".to_owned()),
        ))
    })
}

/// Answers a command line that is no command: with help or the version where they were asked for, otherwise with what is
/// wrong with it.
fn not_a_command(mut error: clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let talk = Talk::new(false, false);
        let text = error.render();
        let shown = if std::io::stdout().is_terminal() {
            talk.data(&text.ansi().to_string())
        } else {
            talk.data(&text.to_string())
        };
        return match shown {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                talk.failure(&failure);
                ExitCode::from(failure.code())
            }
        };
    }
    arguments::hint_at_scenario(&mut error);
    // Nobody is left to be told if standard error is gone.
    let _ = error.print();
    ExitCode::from(Failure::Usage(String::new()).code())
}

/// Lets a write that the system's limit on the size of files forbids (`ulimit -f`) fail like any other, instead of ending
/// the process without a word.
fn survive_limits_on_files() {
    #[cfg(unix)]
    {
        // Nothing asks for the flag: that there is a handler is enough. Without one the system's message has to do.
        use std::sync::{Arc, atomic::AtomicBool};
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)));
    }
}

/// Reads the command line, does what it says and returns the exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return not_a_command(error),
    };
    survive_limits_on_files();
    let talk = Talk::new(arguments.quiet, arguments.json);
    let command = arguments.command.unwrap_or_default();
    match guarded(|| obey(command, &talk)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            talk.failure(&failure);
            ExitCode::from(failure.code())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_message() {
        match guarded(|| panic!("lost the thread")) {
            Err(Failure::Internal(message)) => assert!(message.contains("lost the thread"), "{message}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(Failure::Internal(String::new()).code(), 1);
    }
}
