//! Diversions: cargo that has something closed ahead of it chooses anew between waiting and another way.
//!
//! The shipper's choice at the outset was the best of utilities with Gumbel noise. Given which route that was, the noise
//! of all routes can be told apart from fresh keyed draws: the best of them is exponential with the sum of the weights,
//! and each of the others comes after it by an exponential of its own weight, for the exponential has no memory. So cargo
//! leaves its route only as far as the closure makes it worse, and those who choose knowing of a closure from the outset
//! divide as the logit with the delay in it says.
//! Validated against that logit and against cases where all wait, all divert or know when a closure ends.

use super::Engine;
use super::observer::Observer;
use super::record::DaySeries;
use crate::model::plan::{DecisionPlan, DisruptionTiming, Effect, Target};
use crate::random::{Purpose, Stream, Word};
use crate::units::{MilliTeu, SimSpan, SimTime};

/// The place at which it is drawn how much a consignment's shipper likes the route that was chosen.
const RE_CHOICE: Stream = Stream::of("re-choice");

/// What lies ahead on a strand.
struct Ahead {
    /// The time that closures are expected to cost.
    delay: SimSpan,
    /// The disruption behind the first of them.
    disruption: Option<usize>,
}

impl<O: Observer> Engine<'_, O> {
    /// An entity comes to a place at which it may choose anew.
    pub(super) fn choose_anew(&mut self, entity: u32) {
        let (strand, step) = (self.entities[entity].strand, self.entities[entity].step);
        let plan = self.plan;
        let list = &plan.choices.list;
        let found = list.binary_search_by_key(&(strand, step), |choice| (choice.strand, choice.step));
        // Other flows on the same route may have no choice here.
        if let Ok(number) = found {
            if self.closing > 0 || plan.choices.announced {
                self.weigh_options(entity, &list[number]);
            }
            if list[number].is_last && self.entities[entity].strand == strand {
                self.entities[entity].tracked = false;
            }
        }
        if self.entities[entity].strand == strand {
            self.proceed(entity);
        } else {
            self.perform(entity);
        }
    }

    /// Compares going on with what else there is, and switches the entity to the best.
    fn weigh_options(&mut self, entity: u32, choice: &DecisionPlan) {
        let plan = self.plan;
        let stay = self.ahead(choice.strand, choice.step, choice.hours);
        if stay.delay == SimSpan::ZERO {
            return;
        }
        let it = &self.entities[entity];
        let (key, shipper) = (it.key, plan.choices.shippers[it.flow as usize]);
        let options = &plan.choices.options[choice.options.start as usize..choice.options.end as usize];
        let cost = |strand: u32, delay: SimSpan| {
            plan.strands[strand as usize].generalised_cost + shipper.hourly * delay.hours()
        };
        let mut best = None;
        if shipper.always || shipper.scale == 0.0 {
            let hours = |strand: u32, delay: SimSpan| plan.strands[strand as usize].attributes.hours + delay.hours();
            let mut least = (cost(choice.strand, stay.delay), hours(choice.strand, stay.delay));
            if shipper.always {
                least = (f64::INFINITY, f64::INFINITY);
            }
            for option in options {
                let delay = self.ahead(option.strand, option.step, option.hours).delay;
                let rank = (cost(option.strand, delay), hours(option.strand, delay));
                if (!shipper.always || delay == SimSpan::ZERO) && rank < least {
                    (least, best) = (rank, Some(*option));
                }
            }
        } else {
            let exponential = |place: Stream| -libm::log(Word(self.draws.words(key, place)[0]).tail().probability());
            // All in logarithms, and in units of the weight of the strand; a delay makes a weight smaller and the time longer.
            let total: f64 = options.iter().map(|option| libm::exp(option.log_odds)).sum();
            let first = libm::log(exponential(RE_CHOICE.purpose(Purpose::RouteTaste))) - libm::log1p(total);
            let later = |delay: SimSpan| shipper.scale * shipper.hourly * delay.hours();
            let mut least = first + later(stay.delay);
            for option in options {
                let delay = self.ahead(option.strand, option.step, option.hours).delay;
                let after = libm::log(exponential(option.taste)) - option.log_odds;
                let (more, less) = (first.max(after), first.min(after));
                let time = more + libm::log1p(libm::exp(less - more)) + later(delay);
                if time < least {
                    (least, best) = (time, Some(*option));
                }
            }
        }
        if let Some(option) = best {
            self.divert(entity, option.strand, option.step, stay.disruption);
        }
    }

    /// The time that closures known of now are expected to cost on a strand from a step on, which shippers expect to begin
    /// `begin` hours after the strand does.
    fn ahead(&self, strand: u32, step: u32, begin: f64) -> Ahead {
        let plan = self.plan;
        let range = plan.choices.exposures_of[strand as usize].clone();
        let exposures = &plan.choices.exposures[range.start as usize..range.end as usize];
        let mut ahead = Ahead {
            delay: SimSpan::ZERO,
            disruption: None,
        };
        for exposed in exposures.iter().filter(|exposed| exposed.step >= step) {
            let arrival = self.now + SimSpan::from_hours(exposed.hours - begin) + ahead.delay;
            if let Some((until, disruption)) = self.closed_until(exposed.target, arrival) {
                ahead.delay += until - arrival;
                ahead.disruption.get_or_insert(disruption);
            }
        }
        ahead
    }

    /// Until when a target is expected to be closed for what arrives at `arrival`, and by which disruption, as far as
    /// shippers know now.
    fn closed_until(&self, target: Target, arrival: SimTime) -> Option<(SimTime, usize)> {
        let plan = self.plan;
        let mut latest: Option<(SimTime, usize)> = None;
        for (impact, state) in plan.impacts.iter().zip(&self.impacts) {
            if !matches!(impact.effect, Effect::Close { .. }) || !impact.hits.contains(&target) {
                continue;
            }
            let number = impact.disruption as usize;
            let disruption = &plan.disruptions[number];
            let until = if state.active {
                match &disruption.foresight.residual {
                    None => state.until,
                    Some(residual) => {
                        // An impact that lasts longer than the event by a factor ages slower by it.
                        let factor = impact.lasts_factor;
                        let age = SimSpan(((self.now - state.since).0 as f64 / factor) as i64);
                        self.now + SimSpan((residual.after(age).0 as f64 * factor) as i64)
                    }
                }
            } else {
                // Announced, and not begun; what is drawn for single impacts nobody knows beforehand.
                match &disruption.timing {
                    DisruptionTiming::Dated(from, until)
                        if impact.is_in_step()
                            && *from > self.now
                            && *from - self.now <= disruption.foresight.notice
                            && *from <= arrival =>
                    {
                        *until
                    }
                    _ => continue,
                }
            };
            if until > arrival && latest.is_none_or(|(known, _)| until > known) {
                latest = Some((until, number));
            }
        }
        latest
    }

    /// Puts an entity on another strand, which it goes on with `step`. What it has done so far belongs to both, so its
    /// time so far and its count move with it, and the books of every strand balance.
    fn divert(&mut self, entity: u32, strand: u32, step: u32, disruption: Option<usize>) {
        let plan = self.plan;
        let it = &mut self.entities[entity];
        let before = std::mem::replace(&mut it.strand, strand);
        it.step = step;
        let (space, created, observed) = (it.space, it.created, it.observed);
        let [left, taken] = [before, strand].map(|strand| &plan.strands[strand as usize]);
        for (corridor, space) in [(left.corridor, -space.0), (taken.corridor, space.0)] {
            let series = &mut self.record.days[corridor as usize].generated;
            DaySeries::add(series, created, MilliTeu(space));
        }
        if !observed {
            return;
        }
        let it = &mut self.entities[entity];
        it.cells = taken.first_cell;
        let later = plan
            .choices
            .list
            .partition_point(|choice| (choice.strand, choice.step) < (strand, step));
        it.tracked = plan
            .choices
            .list
            .get(later)
            .is_some_and(|choice| choice.strand == strand);
        let moved = plan.choices.moved_cells.get(&(before, strand));
        for (cell, span) in &self.tracks[entity as usize] {
            let other = moved.map_or(*cell, |moved| moved[*cell as usize]);
            let [from, to] = [left.first_cell + cell, taken.first_cell + other].map(|cell| cell as usize);
            self.record.cells.shift(from, to, *span);
        }
        let tally = &mut self.record.strands[before as usize];
        tally.generated -= 1;
        tally.generated_space -= space.0;
        tally.diverted_away += 1;
        let tally = &mut self.record.strands[strand as usize];
        tally.generated += 1;
        tally.generated_space += space.0;
        tally.diverted_here += 1;
        if let Some(disruption) = disruption {
            self.record.diverted[disruption * (plan.corridors + 1) + left.corridor as usize] += 1;
            let tally = &mut self.record.disruptions[disruption];
            tally.diverted += 1;
            tally.diverted_space += space.0;
        }
    }

    /// Notes time spent on the way to a place at which the entity may choose anew.
    #[cold]
    pub(super) fn track(&mut self, entity: u32, cell: u32, span: SimSpan) {
        self.tracks[entity as usize].push((cell, span));
    }

    /// Begins to note the time of a consignment that may choose anew.
    pub(super) fn begin_track(&mut self, entity: u32) {
        let number = entity as usize;
        if self.tracks.len() <= number {
            self.tracks.resize_with(number + 1, Vec::new);
        }
        self.tracks[number].clear();
        self.entities[entity].tracked = true;
    }
}
