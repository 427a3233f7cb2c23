//! The model: a scenario compiled for simulation, immutable and shared by all threads.
//!
//! [`build`] lays out steps, cells, timetables, opening hours and seasons once. [`Model::plan`] fills in the values of
//! the inputs, which is all that changes from one draw of the uncertain inputs to the next. A model in hand is valid.

mod compile;
mod containers;
mod dates;
mod layout;
mod learnt;
pub mod plan;
mod policy;
mod window;

pub use containers::{Containers, DepotRow, Hire, MoveRow};
pub use dates::Dates;
pub use layout::{Cause, CellMeaning, Layout, MovementKind, Place, RouteLayout};
pub use learnt::{Learnt, Waits};
pub use plan::Plan;
pub use policy::InForce;

use crate::network::{self, Appraisal, Network};
use crate::random::{Draws, Sampler, Seed, TableStore};
use crate::scenario::fault::Faults;
use crate::scenario::settings::{DailyVariation, InputUncertainty};
use crate::scenario::{Held, Inputs, Scenario};
use crate::units::SimSpan;
use compile::{Compiler, Groundwork};
use policy::Policy;
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

/// A compiled scenario.
pub struct Model {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Its network and routes.
    pub network: Network,
    /// Container pools on the network.
    pub containers: Containers,
    /// Steps and cells.
    pub layout: Layout,
    /// Everything dated, laid out on the clock.
    pub dates: Dates,
    /// When measures act.
    policy: Policy,
    groundwork: Groundwork,
    /// The plan at the inputs' expected values.
    pub typical: Plan,
    /// Whether any input that matters is uncertain.
    pub has_uncertain_inputs: bool,
    learnt: Learnt,
    /// Inputs that are not drawn.
    held: Held,
    tables: TableStore,
}

/// Compiles `scenario`, with `warm_up` where the scenario leaves that to be found.
///
/// # Errors
/// When the network as a whole is at fault: demand with no way through, or container pools that can never balance.
pub fn build(scenario: Arc<Scenario>, warm_up: SimSpan) -> Result<Model, Faults> {
    let network = network::build(&scenario)?;
    let mut faults = Vec::new();
    let containers = Containers::new(&scenario, &network, &mut faults);
    let layout = Layout::new(&scenario, &network, &containers);
    let dates = Dates::new(&scenario, &network, warm_up);
    let mut tables = TableStore::default();
    let inputs = Inputs::expected();
    let rates = scenario.exchange_rates(&inputs);
    let inputs = Inputs::expected().with_rates(&rates);
    let learnt = Learnt::default();
    let policy = Policy::new(&scenario, &dates);
    let groundwork = Groundwork::new(&scenario, &network, &layout);
    let residuals = RefCell::default();
    let typical = policy.plan(&inputs, |inputs| {
        Compiler {
            learnt: &learnt,
            scenario: &scenario,
            network: &network,
            containers: &containers,
            layout: &layout,
            dates: &dates,
            inputs,
            appraisal: &Appraisal::new(&scenario, &network.tables, inputs),
            groundwork: &groundwork,
            residuals: &residuals,
            sampler: |family: &_| Sampler::with_tables(family, &mut tables),
        }
        .plan()
    });
    containers::check(&scenario, &containers, &typical, &mut faults);
    if !faults.is_empty() {
        let mut faults = Faults {
            files: scenario.files.clone(),
            list: faults,
        };
        faults.sort();
        return Err(faults);
    }
    let has_uncertain_inputs = inputs.met_uncertainty();
    let held = Held::of(&scenario);
    Ok(Model {
        scenario,
        network,
        containers,
        layout,
        dates,
        policy,
        groundwork,
        typical,
        has_uncertain_inputs,
        learnt,
        held,
        tables,
    })
}

impl Model {
    /// The plan at the values of `inputs`.
    pub fn plan(&self, inputs: &Inputs<'_>) -> Plan {
        let residuals = RefCell::default();
        self.policy.plan(inputs, |inputs| {
            Compiler {
                learnt: &self.learnt,
                scenario: &self.scenario,
                network: &self.network,
                containers: &self.containers,
                layout: &self.layout,
                dates: &self.dates,
                inputs,
                appraisal: &Appraisal::new(&self.scenario, &self.network.tables, inputs),
                groundwork: &self.groundwork,
                residuals: &residuals,
                sampler: |family: &_| Sampler::with_known_tables(family, &self.tables),
            }
            .plan()
        })
    }

    /// When each instrument of the measures in force acts, and how strongly.
    pub fn in_force(&self) -> Vec<InForce> {
        let window = &self.dates.window;
        let end = match window.end {
            plan::WindowEnd::At(end) => end,
            plan::WindowEnd::Consignments(_) => self.dates.horizon,
        };
        self.policy.in_force(end)
    }

    /// How many replications share one draw of the uncertain inputs.
    pub fn replications_per_input_draw(&self) -> u64 {
        let run = &self.scenario.run;
        if self.has_uncertain_inputs && run.input_uncertainty == InputUncertainty::Drawn {
            run.replications_per_input_draw.max(1)
        } else {
            1
        }
    }

    /// The inputs of `replication`: drawn with the seed and the number of its group, or at their expected values.
    pub fn draw_of_inputs(&self, seed: Seed, replication: u64) -> Option<Draws> {
        let drawn = self.has_uncertain_inputs && self.scenario.run.input_uncertainty == InputUncertainty::Drawn;
        drawn.then(|| Draws::new(seed, replication / self.replications_per_input_draw()))
    }

    /// The plan of `replication`.
    pub fn plan_of(&self, seed: Seed, replication: u64) -> Cow<'_, Plan> {
        self.plan_at(self.draw_of_inputs(seed, replication))
    }

    /// The plan of the replications that share draw `number` of the inputs.
    pub fn plan_of_draw(&self, seed: Seed, number: u64) -> Cow<'_, Plan> {
        self.plan_of(seed, number * self.replications_per_input_draw())
    }

    fn plan_at(&self, draws: Option<Draws>) -> Cow<'_, Plan> {
        match draws {
            None => Cow::Borrowed(&self.typical),
            Some(draws) => {
                let inputs = Inputs::drawn(draws).holding(&self.held);
                let rates = self.scenario.exchange_rates(&inputs);
                Cow::Owned(self.plan(&inputs.with_rates(&rates)))
            }
        }
    }

    /// The day-to-day luck of `replication`.
    pub fn luck_of(&self, seed: Seed, replication: u64) -> Draws {
        match self.scenario.run.daily_variation {
            DailyVariation::Drawn => Draws::new(seed, replication),
            DailyVariation::Frozen => Draws::new(seed, 0),
        }
    }
}
