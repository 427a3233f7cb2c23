//! One test binary with a module for each concern.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on has failed, and its name says what it is for"
)]

mod architecture;
mod arithmetics;
mod bad_input;
mod charts;
mod choice;
mod cli;
mod comparison;
mod consolidation;
mod containers;
mod determinism;

mod disruptions;
mod equilibrium;
mod field;
mod figures;
mod forks;
mod frequency;
mod golden;
mod hunan;
mod measures;
mod mechanisms;
mod network;
mod policy;
mod properties;
mod randomness;
mod reference;
mod statistics;
mod studies;
mod support;
mod validation;
mod workload;
