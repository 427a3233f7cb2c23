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
    #[serde(default)]
    pub hits: Vec<String>,
    /// Further things that the same event hits, each with a likelihood, a delay and a length of its own, by name.
    #[serde(default)]
    pub impact: BTreeMap<String, Impact>,
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
    /// Factor on what is charged for passing meanwhile: on links entered, at facilities come to, and for rides boarded.
    pub cost_factor: Option<Quantity<Plain>>,
    /// What a disrupted link does with what is on it.
    #[serde(default)]
    pub rule: ClosureRule,
    /// Probability that an event has an effect on what `hits` names; 1 when left out.
    pub probability: Option<Quantity<Plain>>,
    /// Random: time from the end of one (and from the start of the clock) to the beginning of the next. Where the event
    /// has several impacts, it has ended with the last of them.
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
    /// Dated: how long before its beginning shippers know of a closure, and when it ends; not at all when left out.
    pub notice: Option<Quantity<Time>>,
    /// Whether shippers know when a closure ends once it has begun; they do of dated ones and do not of random ones when
    /// left out, and then reckon with the mean time that such a closure still lasts.
    pub end_known: Option<bool>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// What an event hits beside `hits`, with a likelihood, a delay and a length of its own. Where it states no effect it has
/// that of the disruption.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Impact {
    /// What it hits, as in `hits` of the disruption.
    pub hits: Vec<String>,
    /// Probability that an event has this impact, by itself; 1 when left out.
    pub probability: Option<Quantity<Plain>>,
    /// Time from the beginning of the event to that of the impact; none when left out.
    pub lag: Option<Distribution<Time>>,
    /// How long the impact lasts, as a factor on the length of the event; 1 when left out.
    pub lasts_factor: Option<Quantity<Plain>>,
    /// Whether what it hits is closed.
    pub closed: Option<bool>,
    /// Factor on speed.
    pub speed_factor: Option<Quantity<Plain>>,
    /// Factor on capacity.
    pub capacity_factor: Option<Quantity<Plain>>,
    /// Factor on what is charged for passing meanwhile.
    pub cost_factor: Option<Quantity<Plain>>,
    /// What a disrupted link does with what is on it.
    pub rule: Option<ClosureRule>,
    /// Key of the source of this row's figures, where they do not have their own.
    pub source: Option<String>,
    /// Grade of this row's figures, where they do not have their own.
    pub grade: Option<Grade>,
    /// How this row's figures were derived.
    pub derived: Option<String>,
}

/// What one impact of a disruption hits and does, whether the disruption states it itself or under `impact`.
pub struct StatedImpact<'a> {
    /// The key of its table.
    pub key: String,
    /// The key of the table that states its effect.
    pub effect_key: String,
    /// What it hits.
    pub hits: &'a [String],
    /// Whether that is closed.
    pub closed: Option<bool>,
    /// Factor on speed.
    pub speed_factor: Option<&'a Quantity<Plain>>,
    /// Factor on capacity.
    pub capacity_factor: Option<&'a Quantity<Plain>>,
    /// Factor on charges.
    pub cost_factor: Option<&'a Quantity<Plain>>,
    /// What a disrupted link does with what is on it.
    pub rule: ClosureRule,
    /// Probability.
    pub probability: Option<&'a Quantity<Plain>>,
    /// Time from the beginning of the event.
    pub lag: Option<&'a Distribution<Time>>,
    /// Factor on the length of the event.
    pub lasts_factor: Option<&'a Quantity<Plain>>,
}

impl StatedImpact<'_> {
    /// Whether it has a factor on speed, capacity or charges.
    pub fn has_factors(&self) -> bool {
        self.speed_factor.is_some() || self.capacity_factor.is_some() || self.cost_factor.is_some()
    }

    /// Whether it closes what it hits.
    pub fn closes(&self) -> bool {
        self.closed.unwrap_or(!self.has_factors())
    }
}

impl Disruption {
    /// All impacts of the disruption called `id`: its own first, then those under `impact` by name.
    pub fn impacts(&self, id: &str) -> Vec<StatedImpact<'_>> {
        let key = format!("disruption.{id}");
        let own = StatedImpact {
            key: key.clone(),
            effect_key: key.clone(),
            hits: &self.hits,
            closed: self.closed,
            speed_factor: self.speed_factor.as_ref(),
            capacity_factor: self.capacity_factor.as_ref(),
            cost_factor: self.cost_factor.as_ref(),
            rule: self.rule,
            probability: self.probability.as_ref(),
            lag: None,
            lasts_factor: None,
        };
        let further = self.impact.iter().map(|(name, impact)| {
            let has_effect = impact.closed.is_some()
                || impact.speed_factor.is_some()
                || impact.capacity_factor.is_some()
                || impact.cost_factor.is_some();
            let own_key = format!("{key}.impact.{name}");
            StatedImpact {
                effect_key: if has_effect { own_key.clone() } else { key.clone() },
                key: own_key,
                hits: &impact.hits,
                closed: if has_effect { impact.closed } else { self.closed },
                speed_factor: if has_effect {
                    &impact.speed_factor
                } else {
                    &self.speed_factor
                }
                .as_ref(),
                capacity_factor: if has_effect {
                    &impact.capacity_factor
                } else {
                    &self.capacity_factor
                }
                .as_ref(),
                cost_factor: if has_effect {
                    &impact.cost_factor
                } else {
                    &self.cost_factor
                }
                .as_ref(),
                rule: impact
                    .rule
                    .unwrap_or(if has_effect { ClosureRule::default() } else { self.rule }),
                probability: impact.probability.as_ref(),
                lag: impact.lag.as_ref(),
                lasts_factor: impact.lasts_factor.as_ref(),
            }
        });
        let own = (!self.hits.is_empty() || self.impact.is_empty()).then_some(own);
        own.into_iter().chain(further).collect()
    }

    /// Everything that some impact of it hits.
    pub fn all_hits(&self) -> impl Iterator<Item = &String> {
        self.hits
            .iter()
            .chain(self.impact.values().flat_map(|impact| &impact.hits))
    }
}

/// What a disrupted link does with what is on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClosureRule {
    /// What is on its way goes on as before; of a closed link, what arrives waits at the entry; on a slowed one, what
    /// enters meanwhile is slow all the way.
    #[default]
    BlockedAtEntry,
    /// Closed: what is on its way stops where it is until the link reopens, and what arrives waits at the entry.
    StoppedEnRoute,
    /// Closed: what is on its way stops and, once the link reopens, begins it anew.
    RestartedEnRoute,
    /// Slowed: everything on the link is slow as long as the disruption lasts, whenever it entered.
    SlowedEnRoute,
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
