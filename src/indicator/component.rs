//! Components: the headings under which a planner reads where the time goes.

use crate::model::{Cause, Model, Place};
use crate::scenario::facility::FacilityKind;

/// A heading of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Component {
    /// On the move.
    Moving,
    /// Waiting for a departure, and standing aboard at stops.
    Departure,
    /// Waiting after having been left behind, or after a cancelled departure.
    LeftBehind,
    /// Waiting for a departure after an earlier delay has made it miss one.
    MissedConnection,
    /// Waiting for a server, and held for want of room.
    Queueing,
    /// Loading, unloading, reloading, gates, berths.
    Handling,
    /// Gauge change and border formalities.
    Border,
    /// Customs, inspection included.
    Customs,
    /// Closed hours.
    Closed,
    /// Disruptions and breakdowns.
    Disruption,
    /// Waiting for an empty container.
    Container,
    /// Waiting for a batch of less than container loads.
    Consolidation,
}

impl Component {
    /// All components in the order in which they are stacked.
    pub const ALL: [Self; 12] = [
        Self::Moving,
        Self::Departure,
        Self::LeftBehind,
        Self::MissedConnection,
        Self::Queueing,
        Self::Handling,
        Self::Border,
        Self::Customs,
        Self::Closed,
        Self::Disruption,
        Self::Container,
        Self::Consolidation,
    ];

    /// The key of the component in tables.
    pub fn key(self) -> &'static str {
        match self {
            Self::Moving => "moving",
            Self::Departure => "waiting_for_departure",
            Self::LeftBehind => "left_behind",
            Self::MissedConnection => "missed_connection",
            Self::Queueing => "queueing",
            Self::Handling => "handling",
            Self::Border => "border",
            Self::Customs => "customs",
            Self::Closed => "closed_hours",
            Self::Disruption => "disruption",
            Self::Container => "waiting_for_container",
            Self::Consolidation => "waiting_for_consolidation",
        }
    }

    /// The component of time spent at `place` for `cause`.
    pub fn classify(model: &Model, place: Place, cause: Cause) -> Self {
        let kind = match place {
            Place::Facility(facility) => {
                let id = &model.network.tables.facilities[facility.index()].id;
                model.scenario.facilities.get(id).map(|facility| facility.kind)
            }
            _ => None,
        };
        match cause {
            Cause::Moving => Self::Moving,
            Cause::Standing | Cause::Schedule => Self::Departure,
            Cause::MissedConnection => Self::MissedConnection,
            Cause::LeftBehind | Cause::Cancelled => Self::LeftBehind,
            Cause::Queue | Cause::Blocked => Self::Queueing,
            Cause::Closed => Self::Closed,
            Cause::Disruption => Self::Disruption,
            Cause::Container => Self::Container,
            Cause::Consolidation => Self::Consolidation,
            Cause::Work | Cause::Inspection => match kind {
                Some(FacilityKind::Customs) => Self::Customs,
                Some(FacilityKind::Border | FacilityKind::GaugeChange) => Self::Border,
                _ if cause == Cause::Inspection => Self::Customs,
                _ => Self::Handling,
            },
        }
    }
}

/// For each route, the component of each of its cells.
pub(super) fn of_cells(model: &Model) -> Vec<Vec<Component>> {
    let routes = &model.layout.routes;
    let classify = |cell: &crate::model::CellMeaning| Component::classify(model, cell.place, cell.cause);
    routes
        .iter()
        .map(|route| route.cells.iter().map(classify).collect())
        .collect()
}
