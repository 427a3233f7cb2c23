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

/// The facilities of `node` that lie between arriving by `arriving` (none: it begins here) and leaving by `leaving`
/// (none: it ends here), in order.
pub(super) fn between(
    scenario: &Scenario,
    tables: &Tables,
    node: NodeId,
    arriving: Option<Arc>,
    leaving: Option<Arc>,
    passenger: Passenger<'_>,
) -> Vec<FacilityId> {
    let arriving = arriving.map(|arc| means(tables, arc));
    let leaving = leaving.map(|arc| means(tables, arc));
    let services: Vec<&str> = [arriving, leaving]
        .into_iter()
        .flatten()
        .filter_map(|(_, service)| service)
        .map(|service| tables.services[service.index()].id.as_str())
        .collect();
    let passes = |facility: &Facility| {
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

fn approaches(wanted: Option<&[Approach]>, by: Option<(Mode, Option<ServiceId>)>, end: Approach) -> bool {
    wanted.is_none_or(|wanted| match by {
        Some((mode, _)) => wanted.iter().any(|approach| approach.is_mode(mode)),
        None => wanted.contains(&end),
    })
}
