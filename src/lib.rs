//! Corridor, a trade-logistics corridor simulator.
pub mod analysis;
pub mod calendar;
pub mod cli;
pub mod experiment;
pub mod indicator;
pub mod model;
pub mod network;
pub mod random;
pub mod report;
pub mod scenario;
pub mod simulation;
pub mod statistics;
pub mod units;
