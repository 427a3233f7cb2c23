//! Analysis: where the time goes, and what a planner should be warned of.

mod attribution;
mod bottleneck;
mod closure;
mod delivery;
mod exposure;
mod frequency;
mod itinerary;
mod series;
mod traffic;
mod warning;

pub use attribution::{TimePart, time_parts, worst_time_parts};
pub use bottleneck::{Bottleneck, bottlenecks, place_name};
pub use delivery::{Duty, TargetStatus, duties, target_statuses};
pub use exposure::Exposure;
pub use frequency::{Frequency, frequencies};
pub use itinerary::{Competition, Itinerary, Stage, competitions};
pub use series::{Histogram, Month, months, transit_histogram};
pub use traffic::{Traffic, traffic};
pub use warning::{Warning, warnings};
