//! Corridor, a trade-logistics corridor simulator.
//!
//! A planner writes a scenario: places and the ways between them, services with timetables and capacity, facilities with
//! queues and opening hours, flows of goods, and what goes wrong. Corridor compiles it, simulates many independent
//! replications in parallel, and says how long things take, how reliably, what they cost and emit, where time is lost, and
//! how sure all that is.
//!
//! ```text
//! scenario::load -> model::build -> simulation::simulate -> Catalogue::measure -> experiment::run -> Report::write
//! ```
//!
//! Each arrow is a public function, and the types between them are the architecture: [`scenario::Scenario`] (typed and
//! without faults), [`model::Model`] (compiled, shared by all threads), [`simulation::Record`] (what one replication leaves
//! behind), [`experiment::Aggregate`] (many of them, merged exactly), [`experiment::Estimate`] (with its interval) and
//! [`report::Report`].
//!
//! The modules below stand in reading order. A module uses only what stands above it; a test holds that, and
//! `rustfmt.toml` keeps the order.
//!
//! ```no_run
//! use corridor::{experiment, indicator::Catalogue, model, scenario, units::SimSpan};
//! use std::sync::{Arc, atomic::AtomicBool};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let scenario = scenario::load("hunan")?;
//! let model = model::build(Arc::new(scenario), SimSpan::ZERO)?;
//! let catalogue = Catalogue::of(&model);
//! let options = experiment::Options { seed: 1, effort: experiment::Effort::Fixed(30), threads: None };
//! let outcome = experiment::run(&model, &catalogue, &options, None, &|_, _| {}, &AtomicBool::new(false))?;
//! let estimates = experiment::estimates(&outcome.aggregate, &catalogue, 0.95);
//! let number = catalogue.find("system.transit_days_mean").ok_or("no such indicator")?;
//! println!("{:?}", estimates[number].interval);
//! # Ok(())
//! # }
//! ```

pub mod units;
pub mod random;
pub mod statistics;
pub mod calendar;
pub mod scenario;
pub mod network;
pub mod model;
pub mod simulation;
pub mod indicator;
pub mod experiment;
pub mod analysis;
pub mod report;
pub mod cli;
