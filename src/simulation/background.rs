//! Background demand: other cargo that fills the vehicles of a service.
//!
//! How much there is for a departure is a draw keyed by the departure, scaled by a season. It is loaded in parts, as far as
//! space and mass reach, before or behind the corridor's cargo by its priority; what does not fit goes some other way and is
//! counted. It waits nowhere and is in no transit time.

use super::Engine;
use super::observer::Observer;
use crate::model::plan::{BackgroundPlan, ServicePlan};
use crate::random::Purpose;
use crate::units::{Kilograms, MilliTeu};

/// Other cargo aboard a vehicle: the stop where it leaves, and how much it is.
pub(super) type Aboard = (u16, MilliTeu, Kilograms);

impl<O: Observer> Engine<'_, O> {
    /// Loads the other cargo that boards at `stop` before the corridor's cargo of class `before`.
    pub(super) fn load_background(&mut self, vehicle: u32, stop: usize, before: usize) {
        let body = self.entities[vehicle].body as usize;
        let service = self.vehicles[body].service;
        let plan = &self.plan.services[service];
        let room = self.room(service);
        for other in &plan.background {
            if (other.from as usize, other.before as usize) != (stop, before) {
                continue;
            }
            let wanted = self.wanted(vehicle, other);
            let load = &mut self.vehicles[body];
            let space = wanted.min(room.space - load.space).max(MilliTeu(0));
            let space = space.min(within(room.mass - load.mass, other)).max(MilliTeu(0));
            let mass = mass_of(space, other);
            load.space += space;
            load.mass += mass;
            load.background_space += space;
            load.background.push((other.to, space, mass));
            if self.observing {
                self.record.services[service].background_left += (wanted - space).0;
            }
        }
    }

    /// Takes off the other cargo that leaves at `stop`.
    pub(super) fn unload_background(&mut self, body: usize, stop: u16) {
        let load = &mut self.vehicles[body];
        let mut at = 0;
        while at < load.background.len() {
            let (to, space, mass) = load.background[at];
            if to == stop {
                load.space -= space;
                load.mass -= mass;
                load.background_space -= space;
                load.background.swap_remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// The other cargo that there is for a vehicle at its first stop.
    pub(super) fn booked(&self, vehicle: u32, plan: &ServicePlan) -> (MilliTeu, Kilograms) {
        let (mut space, mut mass) = (MilliTeu(0), Kilograms(0));
        for other in plan.background.iter().filter(|other| other.from == 0) {
            let wanted = self.wanted(vehicle, other);
            space += wanted;
            mass += mass_of(wanted, other);
        }
        (space, mass)
    }

    fn wanted(&self, vehicle: u32, other: &BackgroundPlan) -> MilliTeu {
        let it = &self.entities[vehicle];
        let scheduled = self.vehicles[it.body as usize].scheduled;
        let what = other.stream.purpose(Purpose::BackgroundLoad);
        let teu = other.load.at(&self.draws, it.key, what);
        let season = other.season.as_ref().map_or(1.0, |season| season.at(scheduled));
        MilliTeu::from_teu(teu * season)
    }
}

fn mass_of(space: MilliTeu, other: &BackgroundPlan) -> Kilograms {
    Kilograms((space.teu() * other.kilograms_per_teu) as i64)
}

/// The space of as much of it as `mass` allows.
fn within(mass: Kilograms, other: &BackgroundPlan) -> MilliTeu {
    if other.kilograms_per_teu <= 0.0 || mass >= Kilograms(Kilograms::UNLIMITED.0 / 2) {
        return MilliTeu::UNLIMITED;
    }
    MilliTeu((mass.0 as f64 / other.kilograms_per_teu * 1000.0) as i64)
}
