//! Which facilities a consignment passes at a node, depending on how it arrives and leaves.

use super::{Arc, Tables};
use crate::scenario::Scenario;
use crate::scenario::demand::Direction;
use crate::scenario::facility::{Approach, Facility};
use crate::scenario::matching::matches;
use crate::scenario::place::Mode;
use crate::units::{FacilityId, NodeId, ServiceId};

/// What about a consignment decides which facilities it passes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Passenger<'a> {
    /// Name of its commodity, where it has one.
    pub commodity: Option<&'a str>,
    /// Whether it is exported.
    pub export: bool,
}

/// The mode of an arc, and its service.
fn means(tables: &Tables, arc: Arc) -> (Mode, Option<ServiceId>) {
    match arc {
        Arc::Link(link) => (tables.links[link.index()].mode, None),
        Arc::Ride { service, .. } => (tables.services[service.index()].mode, Some(service)),
    }
}

/// How cargo comes to a node, or leaves it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Passage {
    /// It begins or ends here.
    End,
    /// By an arc.
    By(Arc),
    /// It is put into a box, or taken out of one.
    Box,
}

impl From<Option<Arc>> for Passage {
    fn from(arc: Option<Arc>) -> Self {
        arc.map_or(Self::End, Self::By)
    }
}

/// The facilities of `node` that lie between arriving by `arriving` and leaving by `leaving`, in order.
pub(super) fn between(
    scenario: &Scenario,
    tables: &Tables,
    node: NodeId,
    arriving: Passage,
    leaving: Passage,
    passenger: Passenger<'_>,
) -> Vec<FacilityId> {
    let by = |passage: Passage| match passage {
        Passage::By(arc) => Some(means(tables, arc)),
        Passage::End | Passage::Box => None,
    };
    let services: Vec<&str> = [by(arriving), by(leaving)]
        .into_iter()
        .flatten()
        .filter_map(|(_, service)| service)
        .map(|service| tables.services[service.index()].id.as_str())
        .collect();
    let passes = |facility: &Facility| {
        let approaches = |wanted: Option<&[Approach]>, passage: Passage, end: Approach| match (wanted, passage) {
            // What is said of cargo in general is done to the box, not once more to the lots in it.
            (wanted, Passage::Box) => wanted.is_some_and(|wanted| wanted.contains(&Approach::Consolidation)),
            (None, _) => true,
            (Some(wanted), Passage::End) => wanted.contains(&end),
            (Some(wanted), Passage::By(arc)) => {
                let (mode, _) = means(tables, arc);
                wanted.iter().any(|approach| approach.is_mode(mode))
            }
        };
        approaches(facility.arriving_by.as_deref(), arriving, Approach::Origin)
            && approaches(facility.leaving_by.as_deref(), leaving, Approach::Destination)
            && facility
                .directions
                .as_ref()
                .is_none_or(|wanted| wanted.iter().any(|d| (*d == Direction::Export) == passenger.export))
            && facility.commodities.as_ref().is_none_or(|patterns| {
                passenger
                    .commodity
                    .is_some_and(|name| patterns.iter().any(|pattern| matches(pattern, name)))
            })
            && facility.services.as_ref().is_none_or(|patterns| {
                patterns
                    .iter()
                    .any(|pattern| services.iter().any(|service| matches(pattern, service)))
            })
    };
    let here = &tables.facilities_at[node.index()];
    here.iter()
        .copied()
        .filter(|facility| {
            scenario
                .facilities
                .get(&tables.facilities[facility.index()].id)
                .is_some_and(passes)
        })
        .collect()
}
