//! Generating consignments: when an arrival is due, who comes, how large, by which route.

use super::Engine;
use super::entity::{Entity, Kind};
use super::observer::Observer;
use super::record::DaySeries;
use crate::model::plan::{Plan, WindowEnd};
use crate::random::{Purpose, Stream, Word};
use crate::units::{Kilograms, MilliTeu, SimTime};

impl<O: Observer> Engine<'_, O> {
    /// Generates the batch of consignments that an arrival stands for.
    #[inline]
    pub(super) fn arrive(&mut self, flow: u32, key: Stream) {
        use crate::random::CountFamily;
        match &self.plan.flows[flow as usize].batch {
            CountFamily::Constant(1) => self.generate(flow, key),
            batch => {
                let what = FLOW.purpose(Purpose::BatchSize);
                let count = batch.sample(Word(self.draws.words(key, what)[0]));
                for ordinal in 0..count {
                    self.generate(flow, if ordinal == 0 { key } else { key.part(ordinal) });
                }
            }
        }
    }

    /// Generates a consignment and sends it on its way.
    pub(super) fn generate(&mut self, number: u32, key: Stream) {
        let plan = self.plan;
        while plan.periods.get(self.period).is_some_and(|next| *next <= self.now) {
            self.period += 1;
        }
        let flow = &plan.flows[number as usize];
        let lcl = flow.lcl.as_ref().filter(|lcl| self.is_lot(lcl, key));
        let strand_number = flow.strands.start + self.choose_route(number, key, lcl.is_some());
        let strand = &plan.strands[strand_number as usize];
        let size = lcl.map_or(&flow.size, |lcl| &lcl.size);
        let size = match size.fixed() {
            Some(size) => size,
            None => size.at(&self.draws, key, FLOW.purpose(Purpose::ConsignmentSize)),
        };
        let space = MilliTeu::from_teu(size);
        let entity = self.entities.add(&self.moulds[strand_number as usize]);
        let it = &mut self.entities[entity];
        it.key = key;
        (it.created, it.since) = (self.now, self.now);
        it.space = space;
        it.mass = Kilograms((size * flow.kilograms_per_teu + 0.5) as i64);
        if self.observing {
            it.observed = true;
            it.cells = strand.first_cell;
            if plan.choices.on_strand.get(strand_number as usize) == Some(&true) {
                self.begin_track(entity);
            }
            let tally = &mut self.record.strands[strand_number as usize];
            tally.generated += 1;
            tally.generated_space += space.0;
            self.outstanding += 1;
        }
        DaySeries::add(
            &mut self.record.days[strand.corridor as usize].generated,
            self.now,
            space,
        );
        self.record.system.generated += 1;
        self.record.system.space[0] += space.0;
        self.count_present(1);
        if let WindowEnd::Consignments(limit) = plan.window.end
            && self.observing
        {
            self.observed += 1;
            if self.observed >= limit {
                self.end_window();
            }
        }
        self.perform(entity);
    }

    /// The strand of the flow, counted from its first, that the shipper of the consignment at `key` likes best. The
    /// tastes are Gumbel variates keyed by consignment and route, so the shares are those of a logit, and a route that is
    /// added or improved draws its cargo from others without dealing the rest anew.
    #[inline]
    fn choose_route(&self, number: u32, key: Stream, lcl: bool) -> u32 {
        let flow = &self.plan.flows[number as usize];
        let choice = &flow.choice;
        if choice.shares.len() == 1 {
            return 0;
        }
        // The smallest exponential of rate `weight` has the largest utility plus Gumbel noise.
        let first_of_lots = flow.lcl.as_ref().map_or(u32::MAX, |lcl| lcl.from);
        let mut best = (f64::INFINITY, if lcl { first_of_lots } else { 0 });
        for taste in choice.in_period(self.period) {
            if (taste.place >= first_of_lots) != lcl {
                continue;
            }
            let weight = taste.weight;
            let tail = Word(self.draws.words(key, taste.stream)[0]).tail();
            // -ln(1 - p) is no less than p, and -ln(p) no less than 1 - p: most logarithms need not be taken.
            let least = if tail.upper { 1.0 - tail.p } else { tail.p };
            if least >= best.0 * weight {
                continue;
            }
            let exponential = if tail.upper {
                -libm::log(tail.p)
            } else {
                -libm::log1p(-tail.p)
            };
            let time = exponential / weight;
            if time < best.0 {
                best = (time, taste.place);
            }
        }
        best.1
    }
}

/// For each strand, a consignment as it begins, outside the window.
pub(super) fn moulds(plan: &Plan) -> Vec<Entity> {
    let of_strand = |(number, strand): (usize, &crate::model::plan::StrandPlan)| {
        let flow = &plan.flows[strand.flow as usize];
        Entity {
            step: strand.first_step,
            strand: number as u32,
            flow: strand.flow,
            class: flow.class,
            body: 0,
            refrigerated: flow.refrigerated,
            cells: plan.cells.total as u32,
            ..Entity::new(Stream(0), SimTime::START, Kind::Consignment)
        }
    };
    plan.strands.iter().enumerate().map(of_strand).collect()
}

/// The place at which flows make their own draws.
pub(super) const FLOW: Stream = Stream::of("flow");
