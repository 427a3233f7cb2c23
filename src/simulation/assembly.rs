//! Assemblies: activities side by side, each after its predecessors, joined at the end.

use super::Engine;
use super::entity::{Entity, Kind};
use super::observer::Observer;
use crate::model::plan::facility_cell;
use crate::units::AssemblyId;

/// An assembly in progress.
#[derive(Clone, Debug, Default)]
pub(super) struct AssemblyState {
    assembly: usize,
    /// The consignment that waits for it.
    parent: Option<u32>,
    /// For each activity, how many of its predecessors are still to end; none once it has begun.
    missing: Vec<u32>,
    /// Ends still to come.
    ends: u32,
    /// Activities under way.
    active: u32,
    /// Whether it has been put away for use by another.
    over: bool,
}

impl<O: Observer> Engine<'_, O> {
    /// A consignment begins an assembly.
    pub(super) fn begin_assembly(&mut self, parent: u32, assembly: AssemblyId) {
        let plan = &self.plan.assemblies[assembly.index()];
        let body = match self.idle_assemblies.pop() {
            Some(body) => body,
            None => {
                self.assemblies.push(AssemblyState::default());
                (self.assemblies.len() - 1) as u32
            }
        };
        let state = &mut self.assemblies[body as usize];
        state.assembly = assembly.index();
        state.parent = Some(parent);
        state.missing.clear();
        state
            .missing
            .extend(plan.activities.iter().map(|(_, before, _)| *before));
        state.ends = plan.ends;
        (state.active, state.over) = (0, false);
        for (activity, (_, before, _)) in plan.activities.iter().enumerate() {
            if *before == 0 {
                self.begin_activity(body, activity as u32);
            }
        }
    }

    fn begin_activity(&mut self, body: u32, activity: u32) {
        let state = &mut self.assemblies[body as usize];
        state.active += 1;
        let Some(parent) = state.parent else { return };
        let facility = self.plan.assemblies[state.assembly].activities[activity as usize].0;
        let of = self.entities[parent];
        let mut entity = Entity::new(of.key.part(u64::from(activity)), self.now, Kind::Activity);
        entity.space = of.space;
        entity.mass = of.mass;
        entity.flow = of.flow;
        entity.class = of.class;
        entity.observed = of.observed;
        entity.body = body;
        // The activity's own place among the others, which its end needs to know.
        entity.strand = activity;
        let entity = self.entities.add(&entity);
        self.enter_facility(entity, facility.index() as u32);
    }

    /// An activity ends: its successors may begin, and the assembly may be complete.
    pub(super) fn end_activity(&mut self, entity: u32) {
        let (body, activity) = (self.entities[entity].body, self.entities[entity].strand);
        self.entities.remove(entity);
        let state = &mut self.assemblies[body as usize];
        let plan = &self.plan.assemblies[state.assembly];
        state.active -= 1;
        let (_, _, after) = &plan.activities[activity as usize];
        if after.is_empty() {
            state.ends -= 1;
            if (plan.first_wins || state.ends == 0)
                && let Some(parent) = state.parent.take()
            {
                self.spend(parent, facility_cell::WORK);
                self.proceed(parent);
            }
        }
        for next in after {
            let state = &mut self.assemblies[body as usize];
            let missing = &mut state.missing[*next as usize];
            if *missing > 0 {
                *missing = if plan.first_wins { 0 } else { *missing - 1 };
                if *missing == 0 && state.parent.is_some() {
                    self.begin_activity(body, *next);
                }
            }
        }
        let state = &mut self.assemblies[body as usize];
        if state.active == 0 && state.parent.is_none() && !std::mem::replace(&mut state.over, true) {
            self.idle_assemblies.push(body);
        }
    }
}
