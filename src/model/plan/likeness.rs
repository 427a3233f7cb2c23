//! Until when replications under two plans are the same: scenarios that share a past need it simulated only once.

use super::{ChoicePlan, FlowPlan, Plan};
use crate::units::SimTime;

impl Plan {
    /// When replications under this plan and `other` begin to differ, given the same luck: when the first stage of policy
    /// begins in which they do not say the same. Never where none does.
    pub fn parts_from(&self, other: &Self) -> SimTime {
        let begins = |plan: &Self| plan.later.iter().map(|(begin, _)| *begin).collect::<Vec<_>>();
        let mut times = [vec![SimTime::START], begins(self), begins(other)].concat();
        times.sort_unstable();
        times.dedup();
        let differ = |time: &SimTime| !self.at(*time).acts_like(other.at(*time));
        times.into_iter().find(differ).unwrap_or(SimTime::NEVER)
    }

    /// Whether a simulation reads the same in both. What stages are charged and what indicators only look up may differ. What
    /// is not a number equals nothing, so plans with such numbers never count as alike.
    fn acts_like(&self, other: &Self) -> bool {
        // Every part is named, so that a new one has to find its place here.
        let Self {
            window,
            steps,
            strands,
            flows,
            periods,
            facilities,
            movements,
            ways,
            links_of_ways,
            services,
            assemblies,
            lanes,
            containers,
            calendars,
            disruptions,
            impacts,
            tariffs,
            choices,
            classes,
            corridors,
            cells,
            charged: _,
            levels: _,
            reaches: _,
            later: _,
        } = self;
        *window == other.window
            && *ways == other.ways
            && *classes == other.classes
            && *corridors == other.corridors
            && *cells == other.cells
            && *periods == other.periods
            && *steps == other.steps
            && *strands == other.strands
            && flows.len() == other.flows.len()
            && flows.iter().zip(&other.flows).all(|(one, other)| one.acts_like(other))
            && *facilities == other.facilities
            && *movements == other.movements
            && *links_of_ways == other.links_of_ways
            && *services == other.services
            && *assemblies == other.assemblies
            && *lanes == other.lanes
            && *containers == other.containers
            && *calendars == other.calendars
            && *disruptions == other.disruptions
            && *impacts == other.impacts
            && *tariffs == other.tariffs
            && *choices == other.choices
    }
}

impl FlowPlan {
    fn acts_like(&self, other: &Self) -> bool {
        let Self {
            stream,
            arrivals,
            batch,
            size,
            kilograms_per_teu,
            class,
            refrigerated,
            strands,
            choice,
            lcl,
            within,
            shelf_life,
            decay,
            value_per_teu,
            credit: _,
        } = self;
        *stream == other.stream
            && *arrivals == other.arrivals
            && *batch == other.batch
            && *size == other.size
            && *kilograms_per_teu == other.kilograms_per_teu
            && *class == other.class
            && *refrigerated == other.refrigerated
            && *strands == other.strands
            && choice.acts_like(&other.choice)
            && *lcl == other.lcl
            && *within == other.within
            && *shelf_life == other.shelf_life
            && *decay == other.decay
            && *value_per_teu == other.value_per_teu
    }
}

impl ChoicePlan {
    fn acts_like(&self, other: &Self) -> bool {
        let Self {
            tastes,
            shares,
            scale,
            markets,
            utilities,
            cost_of_time,
            least_cost: _,
        } = self;
        *tastes == other.tastes
            && *shares == other.shares
            && *scale == other.scale
            && *markets == other.markets
            && *utilities == other.utilities
            && *cost_of_time == other.cost_of_time
    }
}
