//! What surrounds the network: calendars, disruptions, stated routes, corridors, assemblies.

use super::dimension::{Plain, Time};
use super::quantity::{Distribution, Grade, Quantity};
use super::settings::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Opening hours, in the local time of the facility that keeps them.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Calendar {
    /// Name, in English and Chinese.
    pub name: Text,
    /// Hours on every day that `weekly` does not name: `"06:00-22:00"`, `"08:00-12:00, 14:00-18:00"`, `"always"` or
    /// `"closed"`.
    pub daily: Option<String>,
    /// Hours by day of the week: `mon` to `sun`.
    pub weekly: BTreeMap<Weekday, String>,
    /// Hours on single dates, before all others: `"2024-02-10" = "closed"`.
    pub dates: BTreeMap<String, String>,
    /// What happens to work in hand at closing time.
    pub at_closing: AtClosing,
    /// Key of the source.
    pub source: Option<String>,
    /// Grade of the hours.
    pub grade: Option<Grade>,
    /// How the hours were derived.
    pub derived: Option<String>,
}

/// Days of the week.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// What happens to work in hand at closing time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AtClosing {
    /// It is finished.
    #[default]
    Finish,
    /// It is carried over to the next opening.
    CarryOver,
}

/// Something that goes wrong, at random or on stated dates.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disruption {
    /// Name, in English and Chinese.
    #[serde(default)]
    pub name: Text,
    /// What it hits: `link.suez`, `service.cre-*`, `facility.customs`, `node.durban`; `*` stands for any characters.
    pub hits: Vec<String>,
    /// Whether what it hits is closed; the factors below count otherwise. Departures of a closed service that are
    /// scheduled meanwhile are cancelled; vehicles that wait for lateness or load go when it reopens.
    #[serde(default)]
    pub closed: Option<bool>,
    /// Factor on the speed of links, on the working speed of facilities, and on the speed of services on legs begun
    /// meanwhile.
    pub speed_factor: Option<Quantity<Plain>>,
    /// Factor on the capacity of services, the servers of facilities (of which one goes on unless it is 0), the
    /// passages of their slots and the space of storage.
    pub capacity_factor: Option<Quantity<Plain>>,
    /// What a closed link does with what is on it.
    #[serde(default)]
    pub rule: ClosureRule,
    /// Random: time from the end of one (and from the start of the clock) to the beginning of the next.
    pub after: Option<Distribution<Time>>,
    /// Random: how long it lasts.
    pub lasts: Option<Distribution<Time>>,
    /// Random: the season that its likelihood follows. The time to the next one then runs faster or slower by the
    /// season's factor.
    pub season: Option<String>,
    /// Dated: beginning, `"2023-12-15"` or `"2023-12-15 08:00"`, in the zone of the run.
    pub from_date: Option<String>,
    /// Dated: end.
    pub until_date: Option<String>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// What a closed link does with what is on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClosureRule {
    /// What is on its way goes on; what arrives waits at the entry.
    #[default]
    BlockedAtEntry,
    /// What is on its way stops where it is until the link reopens, and what arrives waits at the entry.
    StoppedEnRoute,
}

/// A route stated in the scenario.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatedRoute {
    /// Name, in English and Chinese.
    #[serde(default)]
    pub name: Text,
    /// Its steps in order: `"link.truck"`, `"facility.customs"`, `"service.train"`,
    /// `"service.train:changsha>duisburg"`, `"assembly.clearance"`. Each begins where the last one ended.
    pub steps: Vec<String>,
}

/// A group of routes that is reported as one corridor.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Corridor {
    /// Name, in English and Chinese.
    pub name: Text,
    /// A route belongs to it if it uses any of these: `service.cre-*`, `link.*`, `node.nansha`, `flow.*`.
    pub uses: Vec<String>,
    /// And none of these.
    pub without: Vec<String>,
    /// Where a route fits several corridors, it belongs to the one with the smallest rank.
    pub rank: i64,
    /// Whether it is one of those that the scenario is about, which are shown side by side on the overview and compared
    /// with others first. Where no corridor is one, the six that are expected to carry most TEU are.
    pub headline: bool,
    /// Of a headline corridor: a flow whose goods and ends are those on which it is compared with others. Where it names
    /// none, they are those of its greatest traffic for which others compete.
    pub compare: Option<String>,
}

/// Activities done side by side: cargo and its papers, the wagon groups of a train.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assembly {
    /// Name, in English and Chinese.
    #[serde(default)]
    pub name: Text,
    /// Whether it ends with the last of its ends or with the first.
    #[serde(default)]
    pub join: Join,
    /// The activities by name.
    pub activity: BTreeMap<String, Activity>,
}

/// When an assembly ends, and when an activity with several predecessors begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Join {
    /// When all are done.
    #[default]
    All,
    /// When the first is done.
    First,
}

/// One of several activities done side by side.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// The facility that does it.
    pub facility: String,
    /// Activities that come before it; it starts at once when there are none.
    #[serde(default)]
    pub after: Vec<String>,
}
