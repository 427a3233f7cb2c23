//! Indicators: what is measured of a replication, derived from its record and from nothing else.
//!
//! A [`Catalogue`] lists every indicator of a model once, with scope, name and unit; [`Catalogue::measure`] turns the
//! record of a replication into one number for each, in the same order. Times are per consignment, cost and emissions
//! per TEU delivered. What cannot be measured in a replication (a mean wait where nobody waited) is not a number, and is
//! left out of the mean over replications.

mod attribution;
mod component;
mod containers;
mod expectation;
mod group;
mod measure;
pub mod profile;
mod relation;
mod target;

pub use attribution::{Attribution, AttributionKey, Whose};
pub use component::Component;
pub use expectation::{demand_per_year, teu_per_year};
pub use group::Group;
pub use relation::{MOST_RELATIONS, Relation, headline_corridors, relations};
pub use target::targets_without_indicator;

use crate::model::Model;
use crate::scenario::settings::Language;
use std::collections::BTreeMap;
use std::ops::Range;

/// What an indicator is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// The whole system.
    System,
    /// A corridor.
    Corridor,
    /// A flow.
    Flow,
    /// A commodity.
    Commodity,
    /// A flow on one of its routes.
    Route,
    /// A facility.
    Facility,
    /// A link that can be closed.
    Link,
    /// A service.
    Service,
    /// A stop of a service.
    Stop,
    /// A lane of consolidated boxes.
    Consolidation,
    /// A container pool.
    ContainerPool,
    /// A depot of a container pool.
    Depot,
    /// A way in which a pool's empties are repositioned.
    Repositioning,
    /// A disruption.
    Disruption,
    /// A target of a policy.
    Target,
    /// Cities that flights reach.
    Reach,
}

impl Scope {
    /// The key of the scope in tables.
    pub fn key(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Corridor => "corridor",
            Self::Flow => "flow",
            Self::Commodity => "commodity",
            Self::Route => "route",
            Self::Facility => "facility",
            Self::Link => "link",
            Self::Service => "service",
            Self::Stop => "stop",
            Self::Consolidation => "consolidation",
            Self::ContainerPool => "container_pool",
            Self::Depot => "depot",
            Self::Repositioning => "repositioning",
            Self::Disruption => "disruption",
            Self::Target => "target",
            Self::Reach => "reach",
        }
    }
}

/// How an indicator's estimate comes about.
#[derive(Clone, PartialEq, Debug)]
pub enum Estimator {
    /// The mean over replications.
    Mean,
    /// A quantile of all observations of all replications together, from these distributions of the sketches, in units of
    /// so many microseconds; the spread of the replications' own quantiles around it gives the interval.
    Quantile {
        /// Numbers of the distributions.
        sketches: Vec<usize>,
        /// The quantile.
        q: f64,
        /// Microseconds in a unit of the indicator.
        unit: f64,
    },
}

/// An indicator.
#[derive(Clone, PartialEq, Debug)]
pub struct Indicator {
    /// What it is about.
    pub scope: Scope,
    /// Which one of those.
    pub id: String,
    /// What is measured; the unit stands last where it is not a count or share.
    pub name: String,
    /// Unit; empty for counts and shares.
    pub unit: &'static str,
    /// How it is estimated.
    pub estimator: Estimator,
}

/// Names of the indicators of the system and of corridors that are kept for every single replication.
const HEADLINES: [&str; 13] = [
    "generated_teu",
    "delivered_teu",
    "delivered_consignments",
    "unfinished_consignments",
    "transit_days_mean",
    "transit_days_sd",
    "transit_days_p50",
    "transit_days_p95",
    "cost_per_teu",
    "generalised_cost_per_teu",
    "co2e_kg_per_teu",
    "load_factor",
    "cash_cycle_days",
];

impl Indicator {
    /// Whether it is kept for every single replication.
    pub fn is_headline(&self) -> bool {
        matches!(self.scope, Scope::System | Scope::Corridor) && HEADLINES.contains(&self.name.as_str())
    }

    /// Whether it is measured in one of the ways that are kept of the system and of corridors, of whatever it is.
    pub fn is_of_headline_kind(&self) -> bool {
        HEADLINES.contains(&self.name.as_str())
    }

    /// The full name, `corridor.europe.transit_days_mean`.
    pub fn key(&self) -> String {
        if self.id.is_empty() {
            format!("{}.{}", self.scope.key(), self.name)
        } else {
            format!("{}.{}.{}", self.scope.key(), self.id, self.name)
        }
    }
}

/// All indicators of a model, in a fixed order.
pub struct Catalogue {
    /// The indicators.
    pub indicators: Vec<Indicator>,
    /// Numbers of those that are kept for every single replication.
    pub headlines: Vec<usize>,
    groups: Vec<Group>,
    components: Vec<Vec<Component>>,
    /// For each target, the number of the indicator that shows its level, where one does.
    watched: Vec<Option<usize>>,
    /// How time is split by place and cause.
    pub attribution: Attribution,
    /// Where the indicators of each subject stand.
    subjects: BTreeMap<(Scope, String), Range<usize>>,
}

impl Catalogue {
    /// The indicators of `model`.
    pub fn of(model: &Model) -> Self {
        let groups = group::all(model);
        let components = component::of_cells(model);
        let indicators = measure::names(model, &groups);
        let headlines = indicators
            .iter()
            .enumerate()
            .filter(|(_, it)| it.is_headline())
            .map(|(number, _)| number);
        let mut subjects: BTreeMap<(Scope, String), Range<usize>> = BTreeMap::new();
        for (number, indicator) in indicators.iter().enumerate() {
            // A subject's indicators stand together.
            let subject = (indicator.scope, indicator.id.clone());
            subjects.entry(subject).or_insert(number..number).end = number + 1;
        }
        let find = |key: &String| indicators.iter().position(|it| it.key() == *key);
        let targets = model.scenario.targets.values();
        let watched = targets.map(|target| target.indicator.as_ref().and_then(find)).collect();
        Self {
            watched,
            headlines: headlines.collect(),
            indicators,
            groups,
            components,
            attribution: Attribution::of(model),
            subjects,
        }
    }

    /// The number of the indicator called `key`.
    pub fn find(&self, key: &str) -> Option<usize> {
        self.indicators.iter().position(|indicator| indicator.key() == key)
    }

    /// The numbers of all indicators of one subject.
    pub fn of_subject(&self, scope: Scope, id: &str) -> Range<usize> {
        self.subjects.get(&(scope, id.to_owned())).cloned().unwrap_or_default()
    }

    /// The number of the indicator `name` of one subject.
    pub fn number(&self, scope: Scope, id: &str, name: &str) -> Option<usize> {
        self.of_subject(scope, id)
            .find(|number| self.indicators[*number].name == name)
    }

    /// The groups of strands that are reported, the system first, then corridors, flows, commodities and routes.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The component of each cell of a route.
    pub fn components_of(&self, route: usize) -> &[Component] {
        &self.components[route]
    }
}

/// The known keys that look most like `key`.
pub(crate) fn nearest_of(known: impl Iterator<Item = String>, key: &str) -> Vec<String> {
    let mut known: Vec<(usize, String)> = known
        .map(|known| (strsim::damerau_levenshtein(key, &known), known))
        .collect();
    known.sort();
    known.into_iter().take(3).map(|(_, key)| format!("`{key}`")).collect()
}

/// The name of something in a language, or its id where it has none.
pub fn display_name(model: &Model, scope: Scope, id: &str, language: Language) -> String {
    let scenario = &model.scenario;
    if scope == Scope::Depot
        && let Some((pool, node)) = id.split_once('@')
    {
        let node = scenario
            .nodes
            .get(node)
            .map_or(node, |it| it.name.get_or(language, node));
        let pool = display_name(model, Scope::ContainerPool, pool, language);
        return format!("{node}: {pool}");
    }
    let text = match scope {
        Scope::System => Some(&scenario.about.title),
        Scope::Corridor => scenario.corridors.get(id).map(|it| &it.name),
        Scope::Flow | Scope::Route => scenario.flows.get(id).map(|it| &it.name),
        Scope::Commodity => scenario.commodities.get(id).map(|it| &it.name),
        Scope::Link => scenario.links.get(id).map(|it| &it.name),
        Scope::Facility => scenario.facilities.get(id).map(|it| &it.name),
        Scope::Disruption => scenario.disruptions.get(id).map(|it| &it.name),
        Scope::Target => scenario.targets.get(id).map(|it| &it.name),
        Scope::Reach => scenario.reaches.get(id).map(|it| &it.name),
        Scope::Service | Scope::Stop => scenario.services.get(id).map(|it| &it.name),
        Scope::Consolidation => {
            let (id, _) = id.split_once(':').unwrap_or((id, ""));
            scenario.consolidations.get(id).map(|it| &it.name)
        }
        Scope::ContainerPool => scenario.container_pools.get(id).map(|it| &it.name),
        Scope::Depot | Scope::Repositioning => None,
    };
    text.map_or_else(|| id.to_owned(), |text| text.get_or(language, id).to_owned())
}
