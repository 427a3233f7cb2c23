//! Warnings that teach: what about a run should not be taken at face value, and what to do.

use super::closure::closure;
use crate::experiment::{Aggregate, Estimate};
use crate::indicator::{Catalogue, Scope};
use crate::model::Model;
use crate::model::plan::{Target, WindowEnd};
use crate::units::{FacilityId, HOURS_PER_DAY};
use serde::Serialize;
use std::fmt;

/// Something about a run that should not be taken at face value.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Warning {
    /// A single replication: no interval.
    NoInterval,
    /// So few replications that intervals are wide and uncertain themselves.
    FewReplications {
        /// How many independent groups there are.
        groups: u64,
    },
    /// A facility gets more work than it can do: its queue grows as long as the run lasts.
    NotStationary {
        /// The facility.
        facility: String,
        /// Share of its open time that its servers work.
        utilisation: f64,
        /// Growth of its queue a day.
        growth_per_day: f64,
    },
    /// More cargo comes to a stop than the departures take.
    OverfullService {
        /// The service and stop.
        stop: String,
        /// Growth of the number waiting a day.
        growth_per_day: f64,
    },
    /// Cargo waits before closed doors.
    Closed {
        /// The facility, or the service and stop.
        place: String,
        /// The share of the window in which it is closed.
        share: f64,
        /// Since which date it is, if it still is when the window ends.
        since: Option<String>,
        /// Growth of the number waiting a day.
        growth_per_day: f64,
    },
    /// More boxes are taken at a depot than come back.
    ContainersRunOut {
        /// The pool and node.
        depot: String,
        /// Growth of the number waiting a day.
        growth_per_day: f64,
    },
    /// Consignments were not delivered when the run ended.
    Unfinished {
        /// Their share of those generated.
        share: f64,
    },
    /// Nothing could move any more.
    Deadlock {
        /// In so many replications.
        replications: u64,
    },
    /// The system had not settled within the pilots' window.
    NotSettled {
        /// Days observed.
        days: usize,
    },
    /// The precision asked for was not reached.
    Imprecise {
        /// The indicator.
        indicator: String,
        /// Half-width over estimate that was reached.
        reached: f64,
        /// What was asked for.
        wanted: f64,
    },
    /// Shippers would choose otherwise by what they experience.
    NoEquilibrium {
        /// Rounds of choosing anew.
        rounds: usize,
        /// The relative gap that was reached.
        reached: f64,
        /// The bound.
        wanted: f64,
    },
    /// Observation begins with an empty system.
    NoWarmUp,
}

impl Warning {
    /// Whether two say the same of the same thing, by whatever numbers.
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        let subject = |warning: &Self| match warning {
            Self::NotStationary { facility: it, .. }
            | Self::OverfullService { stop: it, .. }
            | Self::Closed { place: it, .. }
            | Self::ContainersRunOut { depot: it, .. } => it.clone(),
            _ => String::new(),
        };
        std::mem::discriminant(self) == std::mem::discriminant(other) && subject(self) == subject(other)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInterval => {
                write!(
                    f,
                    "a single group of replications gives no interval: use at least ten (--replications 30)"
                )
            }
            Self::FewReplications { groups } => write!(
                f,
                "only {groups} independent groups of replications: intervals are wide and uncertain themselves \
                 (--replications 60 or more; see `replications_per_input_draw`)"
            ),
            Self::NotStationary {
                facility,
                utilisation,
                growth_per_day,
            } => write!(
                f,
                "`{facility}` is not stationary: {}its queue grows by {growth_per_day:.3} a day; means depend on the \
                 length of the run. Add servers or hours, shorten its service, or send it less",
                if utilisation.is_nan() {
                    String::new()
                } else {
                    format!("its servers work {:.1}% of their time and ", utilisation * 100.0)
                }
            ),
            Self::OverfullService { stop, growth_per_day } => write!(
                f,
                "more cargo comes to `{stop}` than its departures take: {growth_per_day:.3} more consignments wait each \
                 day; means depend on the length of the run. Add departures or capacity, or send it less"
            ),
            Self::Closed {
                place,
                share,
                since,
                growth_per_day,
            } => write!(
                f,
                "`{place}` is closed {:.0}% of the observed time{}: {growth_per_day:.3} more consignments wait for it each \
                 day; means depend on the length of the run. Observe until it has reopened and its queue is gone \
                 (`run.length`), or give its cargo another way",
                share * 100.0,
                since
                    .as_ref()
                    .map_or(String::new(), |date| format!(", since {date} until its end"))
            ),
            Self::ContainersRunOut { depot, growth_per_day } => write!(
                f,
                "more containers are wanted at `{depot}` than come back to it: {growth_per_day:.3} more consignments wait for \
                 one each day; means depend on the length of the run. Reposition more empties, raise the pool's stock, or \
                 allow a `lease`"
            ),
            Self::Unfinished { share } => write!(
                f,
                "{:.2}% of the consignments were not delivered when the run ended, so transit times miss the longest: \
                 lengthen `run.cool_down`, or see what they wait for (a service that ends, a `minimum_load` or a \
                 `batch.at_least` that is never reached)",
                share * 100.0
            ),
            Self::Deadlock { replications } => write!(
                f,
                "nothing could move any more in {replications} replications: facilities with `when_full = \"hold\"` wait \
                 for each other in a circle. Give one of them more room"
            ),
            Self::NotSettled { days } => write!(
                f,
                "no warm-up could be found: the amount under way had not settled within {days} days. Lengthen \
                 `run.length`, or look for something that grows without end"
            ),
            Self::Imprecise {
                indicator,
                reached,
                wanted,
            } => write!(
                f,
                "the interval of `{indicator}` is ±{:.2}% of the estimate, not ±{:.2}%: more replications are needed \
                 (--max-replications)",
                reached * 100.0,
                wanted * 100.0
            ),
            Self::NoEquilibrium {
                rounds,
                reached,
                wanted,
            } => write!(
                f,
                "shippers' choice is not in equilibrium: after {rounds} rounds {:.2}% of the cargo would choose \
                 otherwise by what it experiences, not {:.2}% or less. Allow more `choice.equilibrium.rounds` or `pilots`, \
                 or relieve what is overfull",
                reached * 100.0,
                wanted * 100.0
            ),
            Self::NoWarmUp => write!(
                f,
                "observation begins with an empty system: early consignments meet no queues. State `run.warm_up`, or \
                 \"auto\""
            ),
        }
    }
}

/// Groups of replications below which intervals are said to be unreliable.
const FEW_GROUPS: u64 = 10;
/// A queue that ends longer than this many times its mean length has been growing.
const GROWTH_FACTOR: f64 = 1.5;
/// And by no fewer than this.
const GROWTH_LEAST: f64 = 10.0;
/// Servers that work a smaller share of their time have some left: a queue before them grows by chance or season.
const BUSY: f64 = 0.9;

/// What about the results should not be taken at face value.
pub fn warnings(model: &Model, catalogue: &Catalogue, aggregate: &Aggregate, estimates: &[Estimate]) -> Vec<Warning> {
    let mut list = Vec::new();
    match aggregate.groups() {
        0 | 1 => list.push(Warning::NoInterval),
        groups if groups < FEW_GROUPS => list.push(Warning::FewReplications { groups }),
        _ => {}
    }
    let window = &model.typical.window;
    let days = match window.end {
        WindowEnd::At(end) => (end - window.begin).days(),
        WindowEnd::Consignments(_) => f64::NAN,
    };
    if window.begin.0 == 0 && matches!(window.end, WindowEnd::At(_)) && window.census.is_empty() {
        list.push(Warning::NoWarmUp);
    }
    let estimate = |scope: Scope, id: &str, name: &str| {
        let number = catalogue.number(scope, id, name);
        number.map(|number| estimates[number].interval)
    };
    let value =
        |scope: Scope, id: &str, name: &str| estimate(scope, id, name).map_or(f64::NAN, |interval| interval.estimate);
    let run_days = if days.is_nan() { mean_run_days(aggregate) } else { days };
    // Growth a day where it is more than chance, and large over the whole run against the mean number waiting.
    let growth = |scope: Scope, id: &str| {
        let growth = estimate(scope, id, "growth_per_day")?;
        let whole = growth.estimate * run_days;
        let by_chance = growth.lower <= 0.0;
        // A queue that has grown since long before the window is long on average.
        let since_begin = run_days / (run_days + 2.0 * window.begin.hours() / HOURS_PER_DAY);
        let large = GROWTH_FACTOR * since_begin * value(scope, id, "queue_mean");
        (whole > GROWTH_LEAST && whole > large && !by_chance).then_some(growth.estimate)
    };
    let active_share = |number: usize| {
        let id = model.scenario.disruptions.keys().nth(number);
        id.map_or(0.0, |id| value(Scope::Disruption, id, "active_share"))
    };
    let closed = |place: &str, target: Target, growth_per_day: f64| {
        closure(model, target, active_share).map(|closure| Warning::Closed {
            place: place.to_owned(),
            share: closure.share,
            since: closure.since.map(|time| model.dates.clock.date(time).to_string()),
            growth_per_day,
        })
    };
    let facilities = model.network.tables.facilities.iter().zip(&model.typical.facilities);
    for (number, (facility, plan)) in facilities.enumerate() {
        let of = |name: &str| value(Scope::Facility, &facility.id, name);
        let busy = of("utilisation").max(of("occupied_share"));
        let has_time_left = if plan.servers == u32::MAX {
            // Where there are no servers, only yards and gates can be too small.
            plan.slots.is_none() && plan.storage.is_none()
        } else {
            busy < BUSY
        };
        let Some(growth_per_day) = growth(Scope::Facility, &facility.id) else {
            continue;
        };
        let target = Target::Facility(FacilityId::new(number));
        match closed(&facility.id, target, growth_per_day) {
            // Servers that are idle since they may not work have no time left.
            Some(warning @ Warning::Closed { since: Some(_), .. }) => list.push(warning),
            _ if has_time_left => {}
            Some(warning) => list.push(warning),
            None => list.push(Warning::NotStationary {
                facility: facility.id.clone(),
                utilisation: of("utilisation"),
                growth_per_day,
            }),
        }
    }
    let stops = catalogue
        .indicators
        .iter()
        .filter(|it| it.scope == Scope::Stop && it.name == "growth_per_day");
    for stop in stops.map(|it| it.id.as_str()) {
        if let Some(growth_per_day) = growth(Scope::Stop, stop) {
            let service = stop.split_once('@').map_or(stop, |(service, _)| service);
            let service = model.network.tables.service(service);
            let closed = service.and_then(|service| closed(stop, Target::Service(service), growth_per_day));
            list.push(closed.unwrap_or_else(|| Warning::OverfullService {
                stop: stop.to_owned(),
                growth_per_day,
            }));
        }
    }
    for depot in model.containers.depots.iter().map(crate::model::DepotRow::id) {
        if let Some(growth_per_day) = growth(Scope::Depot, &depot) {
            list.push(Warning::ContainersRunOut { depot, growth_per_day });
        }
    }
    let share =
        value(Scope::System, "", "unfinished_consignments") / value(Scope::System, "", "generated_consignments");
    if share > 0.0005 {
        list.push(Warning::Unfinished { share });
    }
    if aggregate.deadlocks > 0 {
        list.push(Warning::Deadlock {
            replications: aggregate.deadlocks,
        });
    }
    list
}

/// The length of a run whose window is given by a number of consignments, as far as the daily series tells.
fn mean_run_days(aggregate: &Aggregate) -> f64 {
    aggregate.daily_backlog.len() as f64
}
