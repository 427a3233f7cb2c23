//! The agenda: seldom events about which more must be known than a number.

use crate::units::MilliTeu;

/// What is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Errand {
    /// Nothing: the place is free.
    Nothing,
    /// A consignment's boxes are stuffed.
    Stuffed {
        /// The consignment.
        entity: u32,
    },
    /// Boxes are empty and back at a depot.
    Back {
        /// The depot.
        depot: u32,
        /// Their space.
        space: MilliTeu,
        /// Whether they are hired and go to their owner.
        hired: bool,
    },
    /// Repositioned empties are at their depot.
    Arrived {
        /// The way of repositioning.
        by: u32,
        /// Their space.
        space: MilliTeu,
    },
    /// It is looked at whether empties are to be repositioned.
    Review {
        /// The way of repositioning.
        by: u32,
    },
    /// A service decides how many departures its next interval has.
    Frequency {
        /// The service.
        service: u32,
    },
    /// A departure that a review has added is due.
    Added {
        /// The service.
        service: u32,
        /// Its number among those added in the interval.
        ordinal: u64,
    },
    /// Consignments that have waited long enough at a depot get hired boxes.
    Lease {
        /// The depot.
        depot: u32,
    },
}

/// Errands in places that are used again.
#[derive(Clone, Default)]
pub(super) struct Agenda {
    errands: Vec<Errand>,
    free: Vec<u32>,
}

impl Agenda {
    /// Notes an errand and returns the number of its place.
    pub fn note(&mut self, errand: Errand) -> u32 {
        match self.free.pop() {
            Some(place) => {
                self.errands[place as usize] = errand;
                place
            }
            None => {
                self.errands.push(errand);
                (self.errands.len() - 1) as u32
            }
        }
    }

    /// Takes the errand at a place, which becomes free.
    pub fn take(&mut self, place: u32) -> Errand {
        self.free.push(place);
        std::mem::replace(&mut self.errands[place as usize], Errand::Nothing)
    }

    /// The errands that are noted.
    pub fn iter(&self) -> impl Iterator<Item = &Errand> {
        self.errands.iter()
    }
}
