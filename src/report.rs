//! Reports: what a run leaves for its reader, on the terminal and in `output/<run>/`.
//!
//! Nothing is computed here: every number comes from the indicators, their estimates and the analysis. A folder is
//! written beside its final place and renamed when it is whole, so that nothing half-written is ever found.

mod chart;
mod folder;
mod geojson;
mod selection;
mod state;
mod summary;
mod tables;
mod terminal;
mod trace;
mod warning;
mod words;

pub use folder::{FolderError, RunFolder, free_name};
pub use geojson::network_geojson;
pub use selection::{Selection, UnknownCorridor};
pub use state::{State, StateError, read_state};
pub use summary::{InputFile, inputs_of};
pub use terminal::terminal_summary;
pub use warning::warning_text;
pub use words::Word;

use crate::analysis::Warning;
use crate::experiment::{Aggregate, Equilibrium, Estimate, Options};
use crate::indicator::{Catalogue, Scope};
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
    /// Those that go into a report: at most eighteen.
    #[default]
    Main,
    /// Those, with cost over distance and with all pairs of ends on which corridors are compared.
    All,
}

impl Report<'_> {
    /// The estimate of an indicator.
    pub fn estimate(&self, scope: Scope, id: &str, name: &str) -> Option<&Estimate> {
        self.catalogue
            .number(scope, id, name)
            .map(|number| &self.estimates[number])
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
