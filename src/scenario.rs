//! Scenarios: what the user wrote, typed, checked and complete.
//!
//! [`load()`] reads a scenario file with all that it extends and its tables, decodes every section and checks it. It
//! either returns a [`Scenario`] in which every reference holds and every number is possible, or all the faults at
//! once, each with file, line, key and remedy. Later layers never check again. The keys are listed in
//! `docs/scenario-format.md`, which is generated from the types here.

pub mod change;
mod check;
pub mod consolidation;
pub mod container;
pub mod decode;
pub mod demand;
pub mod dimension;
pub mod document;
mod encoding;
pub mod facility;
pub mod fault;
pub mod files;
pub mod forms;
pub mod frequency;
mod held;
pub mod inputs;
mod load;
pub mod matching;
pub mod measure;
pub mod operation;
pub mod place;
pub mod provenance;
pub mod quantity;
pub mod reference;
pub mod service;
pub mod settings;
pub mod sources;
mod table;
pub mod target;

pub use held::Held;
pub(crate) use held::luck_of_delivery;
pub use inputs::Inputs;
pub use load::{Overlay, ground_of_measures, load, load_with, measures_beside};
pub use quantity::{Distribution, Quantity};

use consolidation::Consolidation;
use container::ContainerPool;
use demand::{Commodity, Flow, Season};
use dimension::Currency;
use document::{Entry, Item};
use facility::Facility;
use fault::{Fault, Faults, Origin, SourceFile};
use measure::Measure;
use operation::{Assembly, Calendar, Corridor, Disruption, StatedRoute};
use place::{Link, Node};
use quantity::Grade;
use service::Service;
use settings::{About, ChoiceSettings, MoneySettings, RunSettings};
use sources::Sources;
use std::collections::BTreeMap;
use target::{Overlap, Reach, Target};

/// Named tables of one kind, in the order of their names.
pub type Section<T> = BTreeMap<String, T>;

/// A complete scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Short name, fit for a folder.
    pub name: String,
    /// Title, question, what it extends.
    pub about: About,
    /// Window, replications, seed.
    pub run: RunSettings,
    /// Currencies.
    pub money: MoneySettings,
    /// Route choice.
    pub choice: ChoiceSettings,
    /// Places.
    pub nodes: Section<Node>,
    /// Ways between them.
    pub links: Section<Link>,
    /// Scheduled lines.
    pub services: Section<Service>,
    /// Resources with a queue.
    pub facilities: Section<Facility>,
    /// Kinds of goods.
    pub commodities: Section<Commodity>,
    /// Demand.
    pub flows: Section<Flow>,
    /// Profiles over the year.
    pub seasons: Section<Season>,
    /// Opening hours.
    pub calendars: Section<Calendar>,
    /// What goes wrong.
    pub disruptions: Section<Disruption>,
    /// Stated routes.
    pub routes: Section<StatedRoute>,
    /// Groups of routes.
    pub corridors: Section<Corridor>,
    /// Activities side by side.
    pub assemblies: Section<Assembly>,
    /// Centres at which less-than-container loads are consolidated.
    pub consolidations: Section<Consolidation>,
    /// Boxes and where empty ones are kept.
    pub container_pools: Section<ContainerPool>,
    /// Policy measures in force.
    pub measures: Section<Measure>,
    /// Instruments that overlap.
    pub overlaps: Section<Overlap>,
    /// What the policy is measured by.
    pub targets: Section<Target>,
    /// Cities that flights reach.
    pub reaches: Section<Reach>,
    /// Published figures.
    pub sources: Sources,
    /// What should be looked at, though it can be run.
    pub warnings: Vec<Fault>,
    /// The files that were read.
    pub files: Vec<SourceFile>,
    /// The tables of sources: name, and position among the files.
    source_tables: Vec<(String, usize)>,
    /// The merged tree, for origins and for writing the scenario as resolved.
    document: Item,
}

impl Scenario {
    /// Where the dotted `key` stands: the key itself, or the nearest table above it that is stated.
    pub fn origin(&self, key: &str) -> Option<Origin> {
        origin_in(&self.document, key)
    }

    /// The scenario as one plain TOML text, with all that it extends and all its tables merged in.
    pub fn resolved(&self) -> String {
        let mut tree = document::to_toml(&self.document);
        if let Some(about) = tree.get_mut("scenario").and_then(toml::Value::as_table_mut) {
            for merged in ["extends", "parts", "remove", "measures", "measures_on"] {
                about.remove(merged);
            }
        }
        self.list_sources(&mut tree);
        if let Some(root) = tree.as_table_mut() {
            root.remove("tables");
        }
        toml::to_string(&tree).unwrap_or_else(|_| tree.to_string())
    }

    /// Names the tables of sources of all layers, as they are called beside the resolved scenario.
    fn list_sources(&self, tree: &mut toml::Value) {
        let names: Vec<toml::Value> = self.source_tables().map(|(name, _)| name.into()).collect();
        if let Some(about) = tree.get_mut("scenario").and_then(toml::Value::as_table_mut)
            && !names.is_empty()
        {
            about.insert("sources".to_owned(), toml::Value::Array(names));
        }
    }

    /// The tables of sources that belong beside the resolved scenario: relative path and text.
    pub fn source_tables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.source_tables
            .iter()
            .filter_map(|(name, file)| Some((name.as_str(), &*self.files.get(*file)?.text)))
    }

    /// Units of the reporting currency for one unit of each currency, at the values of `inputs`.
    pub fn exchange_rates(&self, inputs: &Inputs<'_>) -> BTreeMap<Currency, f64> {
        let stated = self
            .money
            .exchange
            .iter()
            .filter_map(|(code, rate)| Some((Currency::parse(code)?, 1.0 / inputs.value(rate))));
        let own = Currency::parse(&self.money.currency).map(|currency| (currency, 1.0));
        stated.chain(own).collect()
    }

    /// How many instruments of the measures in force change something, by the grade of their sizes.
    pub fn instruments_by_grade(&self) -> BTreeMap<Option<Grade>, usize> {
        let mut count = BTreeMap::new();
        let instruments = self.measures.values().flat_map(|measure| measure.instrument.values());
        for instrument in instruments.filter(|instrument| instrument.no_effect.is_none()) {
            *count.entry(instrument.grade).or_default() += 1;
        }
        count
    }

    /// The merged tree of keys.
    pub fn document(&self) -> &Item {
        &self.document
    }

    /// The warnings in a form that can be shown.
    pub fn warnings(&self) -> Faults {
        Faults {
            files: self.files.clone(),
            list: self.warnings.clone(),
        }
    }
}

/// Where the dotted `key` stands in the tree, or the nearest stated table above it.
pub(crate) fn origin_in(document: &Item, key: &str) -> Option<Origin> {
    let path: Vec<&str> = key.split('.').collect();
    (1..=path.len()).rev().find_map(|length| {
        let Entry { key, item } = document.find(&path[..length])?;
        // A value says more than its key; for a table the key line is enough.
        Some(if item.table().is_some() || length < path.len() {
            key.clone()
        } else {
            item.origin.clone()
        })
    })
}
