//! Reports: what a run leaves for its reader, on the terminal and in `output/<run>/`.
//!
//! Nothing is computed here: every number comes from the indicators, their estimates and the analysis. A folder is
//! written beside its final place and renamed when it is whole, so that nothing half-written is ever found.

mod chart;
mod comparison;
mod credit;
mod figures;
mod folder;
mod geojson;
mod policy;
mod selection;
mod state;
mod summary;
mod tables;
mod terminal;
mod trace;
mod warning;
mod words;

pub use chart::{Acting, Figure, Forest, ForestRow, Side, Tornado, TornadoBar, Waterfall, WaterfallBar, write_figures};
pub use comparison::ComparisonReport;
pub use credit::CreditReport;
pub use folder::{FolderError, RunFolder, free_name};
pub use geojson::network_geojson;
pub use policy::duty_table;
pub use selection::{Selection, UnknownCorridor};
pub use state::{State, StateError, StudyState, Subject, read_state, read_study};
pub use summary::{InputFile, inputs_of};
pub use terminal::terminal_summary;
pub use warning::warning_text;
pub use words::Word;

use crate::analysis::{TimePart, Warning, place_name, time_parts, worst_time_parts};
use crate::experiment::{Aggregate, Equilibrium, Estimate, Options};
use crate::indicator::{Catalogue, Scope, Whose, display_name};
use crate::model::Model;
use crate::scenario::settings::Language;
use std::path::Path;

/// Everything that a report draws on.
pub struct Report<'a> {
    /// The model that was run.
    pub model: &'a Model,
    /// Its indicators.
    pub catalogue: &'a Catalogue,
    /// Merged results.
    pub aggregate: &'a Aggregate,
    /// Estimates of all indicators.
    pub estimates: &'a [Estimate],
    /// What should not be taken at face value.
    pub warnings: &'a [Warning],
    /// How the experiment was run.
    pub options: &'a Options,
    /// Language of charts and names.
    pub language: Language,
    /// The corridors that charts and the terminal show.
    pub selection: &'a Selection,
    /// The equilibrium of shippers' choice, where they choose by experience.
    pub equilibrium: Option<&'a Equilibrium>,
    /// Whether it was stopped before it was done.
    pub interrupted: bool,
    /// The files that the run was made from.
    pub inputs: Vec<InputFile>,
}

/// What is written into a folder besides tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parts {
    /// Charts as SVG and PNG; none where none are drawn.
    pub charts: Option<ChartSet>,
    /// Leg and dwell records of this replication.
    pub trace: Option<u64>,
}

/// How many charts are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ChartSet {
    /// Those that go into a report: at most twenty.
    #[default]
    Main,
    /// Those, with cost over distance and with all pairs of ends on which corridors are compared.
    All,
}

/// How many of the worst places and causes are shown.
const WORST_TIMES: usize = 10;

impl Report<'_> {
    /// The places and causes for which consignments of the headline corridors lose most time, neither moving nor worked on, or
    /// those of the corridors that are shown where not all are; none below `least` hours.
    pub(crate) fn worst_time_parts(&self, least: f64) -> Vec<TimePart> {
        self.worst_time_parts_of(self.selection, least)
    }

    /// The same for some corridors.
    pub(crate) fn worst_time_parts_of(&self, selection: &Selection, least: f64) -> Vec<TimePart> {
        let confidence = self.model.scenario.run.confidence;
        let parts = time_parts(self.catalogue, self.aggregate, confidence);
        let corridors = &self.model.network.tables.corridors;
        let wanted = |whose: Whose| match whose {
            Whose::Headlines => selection.is_whole(),
            Whose::Corridor(number) => {
                !selection.is_whole() && corridors.get(number).is_some_and(|id| selection.shows(id))
            }
        };
        worst_time_parts(&parts, wanted, WORST_TIMES, least)
    }

    /// The name of the place of a part of time, with the corridor where that is not clear.
    pub(crate) fn place_of(&self, part: &TimePart, language: Language) -> String {
        let place = place_name(self.model, part.place, language);
        let corridors = &self.model.network.tables.corridors;
        match part.whose {
            Whose::Corridor(number) if number < corridors.len() => {
                let corridor = display_name(self.model, Scope::Corridor, &corridors[number], language);
                format!("{corridor} | {place}")
            }
            _ => place,
        }
    }

    /// The estimate of an indicator.
    pub fn estimate(&self, scope: Scope, id: &str, name: &str) -> Option<&Estimate> {
        self.catalogue
            .number(scope, id, name)
            .map(|number| &self.estimates[number])
    }

    /// What targets and duties are told from, with the means of indicators.
    fn policy_side<'b>(&'b self, mean: &'b dyn Fn(usize) -> f64) -> policy::PolicySide<'b> {
        policy::PolicySide {
            model: self.model,
            catalogue: self.catalogue,
            mean,
        }
    }

    /// Writes the whole report into `folder`.
    ///
    /// # Errors
    /// When something cannot be written; what and why.
    pub fn write(&self, folder: &Path, parts: Parts) -> Result<(), FolderError> {
        folder::write_text(folder, "scenario.toml", &self.model.scenario.resolved())?;
        folder::write_text(folder, "manifest.json", &summary::manifest(self))?;
        folder::write_text(folder, "summary.json", &summary::summary_json(self))?;
        tables::write_all(self, folder)?;
        policy::write(
            None,
            self.policy_side(&|number| self.estimates[number].interval.estimate),
            folder,
        )?;
        state::write_state(self, folder)?;
        if let Some(replication) = parts.trace {
            trace::write_trace(self, folder, replication)?;
        }
        if let Some(set) = parts.charts {
            chart::write_all(self, folder, set)?;
        }
        Ok(())
    }
}
