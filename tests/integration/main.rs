//! One test binary with a module for each concern.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on has failed, and its name says what it is for"
)]

mod architecture;
mod bad_input;
mod cli;
mod golden;
mod reference;
mod support;
mod validation;
