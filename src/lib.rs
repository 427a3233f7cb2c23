//! Corridor, a trade-logistics corridor simulator.
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
