//! Ctrl-C: once to stop after the replications in hand, twice to give those up, and the same while a report is written.

use super::Failure;
use super::talk::Talk;
use crate::experiment::ExperimentError;
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

/// What an experiment ends with: its outcome or a panic.
type Ending<T> = thread::Result<Result<T, ExperimentError>>;

/// What the command waits for while an experiment runs.
enum Event<T> {
    /// The experiment is over.
    Over(Box<Ending<T>>),
    /// The user cannot wait for the replications in hand.
    GivenUp,
}

/// What has been heard, and what it applies to.
#[derive(Default)]
struct Heard {
    /// No further replication is to begin.
    stop: AtomicBool,
    /// The replications in hand are given up.
    given_up: AtomicBool,
    /// The experiment is over and its report is being written.
    writing: AtomicBool,
    /// The user has been told so.
    told: AtomicBool,
}

impl Heard {
    fn interrupt<T>(&self, talk: &Talk, events: &Sender<Event<T>>) {
        let first = |flag: &AtomicBool| !flag.swap(true, Ordering::SeqCst);
        if self.writing.load(Ordering::SeqCst) {
            if first(&self.told) {
                talk.say("writing the report; press Ctrl-C again to end without it");
            } else {
                process::exit(i32::from(Failure::Interrupted.code()));
            }
        } else if first(&self.stop) {
            talk.say(
                "finishing the replications in hand; press Ctrl-C again to give them up and keep those that are finished",
            );
        } else if first(&self.given_up) {
            talk.say("giving up the replications in hand");
            // Nobody listens any more if the experiment is over by now.
            let _ = events.send(Event::GivenUp);
        }
    }
}

/// Runs `experiment`, which ends soon after its flag is set, and lets `conclude` make the best of the outcome, or of what is
/// done `so_far` when the replications in hand are given up.
///
/// A replication that was given up cannot be stopped: then the process ends here, once what is finished has been
/// concluded.
///
/// # Errors
/// Those of the experiment and of the conclusion.
pub(super) fn run_interruptible<T: Send + 'static>(
    talk: &Talk,
    experiment: impl FnOnce(&AtomicBool) -> Result<T, ExperimentError> + Send,
    so_far: impl FnOnce() -> T,
    conclude: impl FnOnce(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let heard = Arc::new(Heard::default());
    let (events, received) = mpsc::channel();
    let (ears, voice, pressed) = (Arc::clone(&heard), *talk, events.clone());
    // A second handler in one process is only possible in tests; then the first one stays.
    let _ = ctrlc::set_handler(move || ears.interrupt(&voice, &pressed));
    thread::scope(|scope| {
        let stop = &heard.stop;
        scope.spawn(move || {
            let ending = panic::catch_unwind(AssertUnwindSafe(|| experiment(stop)));
            // The receiver is only gone when the process is about to end.
            let _ = events.send(Event::Over(Box::new(ending)));
        });
        let event = received.recv();
        heard.writing.store(true, Ordering::SeqCst);
        match event {
            Ok(Event::Over(ending)) => match *ending {
                Ok(Ok(outcome)) => conclude(outcome),
                Ok(Err(error)) => Err(failure_of(&error)),
                Err(panic) => panic::resume_unwind(panic),
            },
            Ok(Event::GivenUp) => {
                let ending = conclude(so_far()).err().unwrap_or(Failure::Interrupted);
                talk.failure(&ending);
                process::exit(i32::from(ending.code()));
            }
            Err(_) => Err(Failure::Internal("the experiment ended without an outcome".to_owned())),
        }
    })
}

pub(super) fn failure_of(error: &ExperimentError) -> Failure {
    match error {
        ExperimentError::NoSuchIndicator(..) => Failure::Usage(error.to_string()),
        ExperimentError::Threads(_) | ExperimentError::Invariant(_) => Failure::Internal(error.to_string()),
    }
}

/// A mark that is set when the user interrupts; a second time ends the program at once.
pub(super) fn stop_on_interrupt(talk: &Talk) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let (mark, voice) = (Arc::clone(&stop), *talk);
    // A second handler in one process is only possible in tests; then the first one stays.
    let _ = ctrlc::set_handler(move || {
        if mark.swap(true, Ordering::SeqCst) {
            process::exit(i32::from(Failure::Interrupted.code()));
        }
        voice.say("finishing the replications in hand; press Ctrl-C again to end at once");
    });
    stop
}
