//! Analysis: where the time goes, and what a planner should be warned of.

mod bottleneck;
mod warning;

pub use bottleneck::{Bottleneck, bottlenecks, place_name};
pub use warning::{Warning, warnings};
