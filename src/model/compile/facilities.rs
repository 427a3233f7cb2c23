//! Facilities: servers, lanes and rooms as numbers.

use super::Compiler;
use crate::model::plan::{CrewPlan, Effect, FacilityPlan, ImpactPlan, Target, Terms, WhenFullPlan};
use crate::random::{Family, Sampler, Stream};
use crate::scenario::Distribution;
use crate::scenario::dimension::Time;
use crate::scenario::facility::{
    BreakdownClock, Discipline, Facility, FacilityKind, Lane, Servers, Serves, TimePer, WhenFull, WorkAfterBreakdown,
};
use crate::scenario::operation::AtClosing;
use crate::units::{CalendarId, FacilityId, MilliTeu, SimSpan, SimTime};

impl<S: FnMut(&Family) -> Sampler> Compiler<'_, S> {
    pub(super) fn facilities(&mut self, classes: &[u8], hit: &[Target], impacts: &[ImpactPlan]) -> Vec<FacilityPlan> {
        let scenario = self.scenario;
        scenario
            .facilities
            .iter()
            .enumerate()
            .map(|(number, (id, facility))| {
                let target = Target::Facility(FacilityId::new(number));
                let stopped = impacts.iter().any(|impact| {
                    impact.hits.contains(&target) && matches!(impact.effect, Effect::Close { stops: true, .. })
                });
                self.facility(number, id, facility, classes, hit.contains(&target), stopped)
            })
            .collect()
    }

    fn facility(
        &mut self,
        number: usize,
        id: &str,
        facility: &Facility,
        classes: &[u8],
        exposed: bool,
        stopped: bool,
    ) -> FacilityPlan {
        let network = self.network;
        let (terms, terms_of_flow) = self.terms(facility, classes);
        let find = |name: &str| network.tables.facility(name).unwrap_or(FacilityId::new(number));
        let mut reached = 0.0;
        let then = facility
            .then
            .iter()
            .map(|(next, probability)| {
                reached += self.inputs.value(probability);
                (reached, find(next))
            })
            .collect();
        let every = |interval: f64| SimSpan::from_hours(interval);
        let mut plan = FacilityPlan {
            stream: Stream::of(&format!("facility.{id}")),
            servers: match facility.servers {
                Servers::Count(count) => count,
                Servers::Unlimited => u32::MAX,
            },
            time: self
                .draw_time_if(facility.time.as_ref())
                .unwrap_or(Sampler::constant(0.0)),
            own_times: lanes_with_own_time(facility)
                .map(|(_, time)| self.draw_time(time))
                .collect(),
            per_teu: facility.time_per == TimePer::Teu,
            inspection: self.draw_time_if(facility.inspection.as_ref().map(|inspection| &inspection.time)),
            terms,
            terms_of_flow,
            release: self.draw_time_if(facility.release.as_ref()),
            calendar: self.dates.calendar_of[number].map(CalendarId::new),
            classless: classes.len() <= 1 || matches!(facility.discipline, Discipline::Fifo | Discipline::Lifo),
            lifo: facility.discipline == Discipline::Lifo,
            waiting_room: facility.waiting_room.unwrap_or(u64::MAX),
            when_full: match &facility.when_full {
                WhenFull::Refuse => WhenFullPlan::Refuse,
                WhenFull::Hold => WhenFullPlan::Hold,
                WhenFull::Divert(elsewhere) => WhenFullPlan::Divert(find(elsewhere)),
            },
            batch: facility
                .batch
                .as_ref()
                .map_or((1, 1), |batch| (batch.at_least, batch.at_most)),
            crew: self.crew(facility, stopped),
            slots: facility.slots.as_ref().map(|slots| {
                let interval = self.inputs.value(&slots.every);
                let first = self.value(slots.first.as_ref(), interval);
                (
                    crate::calendar::Recurrence::every(SimTime::from_hours(first), every(interval)),
                    slots.capacity,
                )
            }),
            storage: (facility.kind == FacilityKind::Storage).then(|| {
                facility.space.as_ref().map_or(MilliTeu::UNLIMITED, |space| {
                    MilliTeu::from_teu(self.inputs.value(space))
                })
            }),
            then,
            vehicles: facility.serves == Serves::Vehicles,
            wait_within: facility
                .wait_within
                .iter()
                .map(|time| SimSpan::from_hours(self.inputs.value(time)))
                .collect(),
            is_hinderable: exposed || facility.calendar.is_some(),
            is_plain: false,
        };
        plan.is_plain = self.is_plain(&plan);
        plan
    }

    /// Whether entities pass in the plain way: some server of many alike, or one of as many as are needed.
    fn is_plain(&self, plan: &FacilityPlan) -> bool {
        let holds = self
            .scenario
            .facilities
            .values()
            .any(|facility| facility.when_full == WhenFull::Hold);
        // Activities, whose end is not the next step of a route, may come to any facility, by way of others too.
        let has_activities = !self.scenario.assemblies.is_empty();
        !holds
            && !has_activities
            && plan.crew.is_none()
            && plan.batch.1 <= 1
            && plan.release.is_none()
            && plan.then.is_empty()
            && plan.storage.is_none()
            && plan.slots.is_none()
            && !plan.vehicles
    }

    fn crew(&mut self, facility: &Facility, stopped: bool) -> Option<CrewPlan> {
        let calendar = facility
            .calendar
            .as_ref()
            .and_then(|name| self.scenario.calendars.get(name));
        let carry_over = calendar.is_some_and(|calendar| calendar.at_closing == AtClosing::CarryOver);
        let preemptive = facility.discipline == Discipline::Preemptive;
        let wanted = preemptive
            || carry_over
            || stopped
            || facility.set_up.is_some()
            || facility.vacation.is_some()
            || facility.breakdown.is_some()
            || facility.start_when.is_some();
        // Gates, batches and yards have no servers that could be followed one by one: what closes finishes its work in hand.
        let has_servers =
            facility.slots.is_none() && facility.batch.is_none() && facility.kind != FacilityKind::Storage;
        (wanted && has_servers && facility.servers != Servers::Unlimited).then(|| CrewPlan {
            preemptive,
            carry_over,
            set_up: self.draw_time_if(facility.set_up.as_ref()),
            vacation: facility
                .vacation
                .as_ref()
                .map(|vacation| (self.draw_time(&vacation.lasts), vacation.repeated)),
            breakdown: facility.breakdown.as_ref().map(|breakdown| {
                let always = breakdown.counts == BreakdownClock::Always;
                (
                    self.draw_time(&breakdown.after),
                    self.draw_time(&breakdown.lasts),
                    always,
                )
            }),
            restarts: facility
                .breakdown
                .as_ref()
                .is_some_and(|breakdown| breakdown.work == WorkAfterBreakdown::Restarted),
            start_when: facility.start_when.unwrap_or(1),
        })
    }

    /// The different terms on which flows pass a facility, and which flow has which.
    fn terms(&self, facility: &Facility, classes: &[u8]) -> (Vec<Terms>, Vec<u16>) {
        let mut terms: Vec<Terms> = Vec::new();
        let mut number_of = |wanted: Terms| {
            let number = terms.iter().position(|known| *known == wanted).unwrap_or_else(|| {
                terms.push(wanted);
                terms.len() - 1
            });
            number as u16
        };
        let usual = self.value(
            facility.inspection.as_ref().map(|inspection| &inspection.probability),
            0.0,
        );
        // Vehicles, and whoever has no terms of his own.
        number_of(Terms {
            own_time: None,
            factor: 1.0,
            inspection: usual,
            class: None,
        });
        let of_flow: Vec<u16> = self
            .scenario
            .flows
            .iter()
            .map(|(id, flow)| (id, &flow.commodity))
            // Boxes pass on the terms of the goods as which they go.
            .chain(self.scenario.consolidations.iter().map(|(id, it)| (id, &it.commodity)))
            .map(|(id, commodity)| {
                let goods = commodity.as_ref().and_then(|name| self.scenario.commodities.get(name));
                let lane = facility.lane_of(id, commodity.as_deref());
                let handling = self.value(goods.and_then(|goods| goods.handling_factor.as_ref()), 1.0);
                let own = goods.and_then(|goods| goods.inspection_probability.as_ref());
                let by_lane = lane.and_then(|lane| lane.inspection_probability.as_ref());
                let class = lane
                    .and_then(|lane| lane.priority)
                    .and_then(|priority| class_of(classes, priority));
                number_of(Terms {
                    own_time: lane.and_then(|lane| own_time(facility, lane)),
                    factor: handling * self.value(lane.and_then(|lane| lane.time_factor.as_ref()), 1.0),
                    inspection: self.value(by_lane.or(own), usual),
                    class,
                })
            })
            .collect();
        let uniform = of_flow.iter().all(|number| *number == 0);
        (terms, if uniform { Vec::new() } else { of_flow })
    }
}

pub(super) fn class_of(classes: &[u8], priority: u8) -> Option<u8> {
    classes.binary_search(&priority).ok().map(|class| class as u8)
}

/// The lanes that have a working time of their own, with their places.
fn lanes_with_own_time(facility: &Facility) -> impl Iterator<Item = (&Lane, &Distribution<Time>)> {
    facility
        .lane
        .values()
        .filter_map(|lane| lane.time.as_ref().map(|time| (lane, time)))
}

fn own_time(facility: &Facility, lane: &Lane) -> Option<u8> {
    lanes_with_own_time(facility)
        .position(|(other, _)| std::ptr::eq(other, lane))
        .map(|place| place as u8)
}
