//! Watching single consignments: the leg and dwell records of a traced replication, and the waits that shippers learn of.

use crate::model::plan::WaitingPlace;
use crate::random::Stream;
use crate::units::SimTime;

/// A stretch of an observed consignment's time: one leg, or one reason to dwell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// Address of the consignment.
    pub consignment: Stream,
    /// When it was generated.
    pub created: SimTime,
    /// Its strand.
    pub strand: u32,
    /// What and where: the cell, counted from the first of the strand.
    pub cell: u32,
    /// Beginning.
    pub from: SimTime,
    /// End.
    pub until: SimTime,
}

/// A wait that is over, of whatever entity, observed or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wait {
    /// Where.
    pub place: WaitingPlace,
    /// The priority class there.
    pub class: u8,
    /// Arrival at the place.
    pub since: SimTime,
    /// When work, the ride or the movement began; on a way, as much later as the movement was stopped.
    pub until: SimTime,
}

/// Someone who is told every stretch, in the order in which they end.
pub trait Observer {
    /// Whether there is anyone to tell; the calls vanish where there is not.
    const ACTIVE: bool;

    /// A stretch has ended.
    fn stretch(&mut self, stretch: Stretch);

    /// A wait is over.
    fn wait(&mut self, _: Wait) {}
}

impl<O: Observer> Observer for &mut O {
    const ACTIVE: bool = O::ACTIVE;

    fn stretch(&mut self, stretch: Stretch) {
        (**self).stretch(stretch);
    }

    fn wait(&mut self, wait: Wait) {
        (**self).wait(wait);
    }
}

/// Somebody, perhaps.
impl<O: Observer> Observer for Option<O> {
    const ACTIVE: bool = O::ACTIVE;

    fn stretch(&mut self, stretch: Stretch) {
        if let Some(observer) = self {
            observer.stretch(stretch);
        }
    }

    fn wait(&mut self, wait: Wait) {
        if let Some(observer) = self {
            observer.wait(wait);
        }
    }
}

/// Nobody.
pub struct Silent;

impl Observer for Silent {
    const ACTIVE: bool = false;

    fn stretch(&mut self, _: Stretch) {}
}

impl Observer for Vec<Stretch> {
    const ACTIVE: bool = true;

    fn stretch(&mut self, stretch: Stretch) {
        self.push(stretch);
    }
}
