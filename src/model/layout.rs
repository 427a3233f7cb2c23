//! The layout of a model: what every step is, and what every cell of dwell time means. It does not depend on the
//! values of inputs.

use super::containers::{Containers, Hire};
use super::plan::{Action, Step, boarding_cell, container_cell, facility_cell, movement_cell};
use crate::network::{Network, RouteStep};
use crate::scenario::Scenario;
use crate::units::{AssemblyId, DepotId, FacilityId, HireId, LaneId, LinkId, MovementId, ServiceId};
use std::collections::BTreeSet;

/// Where time is spent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// At a facility.
    Facility(FacilityId),
    /// On a link.
    Link(LinkId),
    /// Waiting at a stop of a service, by position.
    Stop(ServiceId, usize),
    /// Aboard a service, on the leg that ends at a stop.
    Leg(ServiceId, usize),
    /// Aboard a service that stands at a stop.
    Dwell(ServiceId, usize),
    /// In an assembly.
    Assembly(AssemblyId),
    /// At a depot of containers.
    Depot(DepotId),
    /// At the centre where boxes for a lane are stuffed.
    Consolidation(LaneId),
    /// Where boxes of a lane are broken up.
    BreakUp(LaneId),
}

/// Why time is spent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// Moving.
    Moving,
    /// Standing at a stop aboard a vehicle.
    Standing,
    /// Waiting for the next departure.
    Schedule,
    /// Waiting after having been left behind for want of space.
    LeftBehind,
    /// Waiting after a departure was cancelled.
    Cancelled,
    /// Waiting after an earlier delay has made it miss a departure.
    MissedConnection,
    /// Waiting for a server.
    Queue,
    /// Being worked on.
    Work,
    /// Being inspected.
    Inspection,
    /// Closed hours.
    Closed,
    /// A disruption or breakdown.
    Disruption,
    /// Held for want of room further on.
    Blocked,
    /// Waiting for an empty container.
    Container,
    /// Waiting for the batch to be dispatched.
    Consolidation,
}

impl Cause {
    /// Whether it sets cargo back against its plan, so that it may miss a departure later on.
    pub fn is_delay(self) -> bool {
        matches!(self, Self::Queue | Self::Closed | Self::Disruption | Self::Blocked)
    }

    /// All causes, in the order in which they are reported.
    pub const ALL: [Self; 14] = [
        Self::Moving,
        Self::Standing,
        Self::Schedule,
        Self::LeftBehind,
        Self::Cancelled,
        Self::MissedConnection,
        Self::Queue,
        Self::Work,
        Self::Inspection,
        Self::Closed,
        Self::Disruption,
        Self::Blocked,
        Self::Container,
        Self::Consolidation,
    ];

    /// The key of the cause in tables.
    pub fn key(self) -> &'static str {
        match self {
            Self::Moving => "moving",
            Self::Standing => "standing",
            Self::Schedule => "waiting_for_departure",
            Self::LeftBehind => "left_behind",
            Self::Cancelled => "cancelled_departure",
            Self::MissedConnection => "missed_connection",
            Self::Queue => "queueing",
            Self::Work => "working",
            Self::Inspection => "inspection",
            Self::Closed => "closed_hours",
            Self::Disruption => "disruption",
            Self::Blocked => "blocked",
            Self::Container => "waiting_for_container",
            Self::Consolidation => "waiting_for_consolidation",
        }
    }
}

/// What a cell of dwell time means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CellMeaning {
    /// Where.
    pub place: Place,
    /// Why.
    pub cause: Cause,
    /// Number of the route's step to which it belongs.
    pub step: usize,
}

/// The cells of a facility in the order of [`facility_cell`].
const FACILITY_CAUSES: [Cause; facility_cell::COUNT as usize] = [
    Cause::Queue,
    Cause::Work,
    Cause::Closed,
    Cause::Disruption,
    Cause::Inspection,
    Cause::Blocked,
];
/// The cells before boarding in the order of [`boarding_cell`].
const BOARDING_CAUSES: [Cause; boarding_cell::COUNT as usize] = [
    Cause::Schedule,
    Cause::LeftBehind,
    Cause::Cancelled,
    Cause::Disruption,
    Cause::MissedConnection,
];
/// The cells of taking boxes in the order of [`container_cell`].
const CONTAINER_CAUSES: [Cause; container_cell::COUNT as usize] = [Cause::Container, Cause::Work];

/// A route's steps and cells.
#[derive(Clone, Debug)]
pub struct RouteLayout {
    /// Position of its first step.
    pub first_step: usize,
    /// Position of each step of the route; where cargo may choose anew before one, that choice stands before it.
    pub step_of: Vec<usize>,
    /// Position of what is done at each step of the route, after that choice and the taking and leaving of boxes.
    pub action_of: Vec<usize>,
    /// What its cells mean.
    pub cells: Vec<CellMeaning>,
}

/// A service's steps and cells.
#[derive(Clone, Debug, Default)]
pub struct ServiceLayout {
    /// For each stop, the position of the step with which the vehicle goes on.
    pub step_from: Vec<usize>,
    /// For each stop, the cell of that step.
    pub cell_from: Vec<usize>,
    /// What its cells mean.
    cells: Vec<(Place, Cause)>,
}

/// A lane's steps and cells.
#[derive(Clone, Debug, Default)]
pub struct LaneLayout {
    /// Position of the first step of a box.
    pub first_step: usize,
    /// What its cells mean; the first is the wait for the batch.
    cells: Vec<(Place, Cause)>,
}

/// What a movement is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MovementKind {
    /// A link that cargo takes by itself.
    Link(LinkId),
    /// The leg of a service that ends at a stop.
    Leg(ServiceId, usize),
    /// Standing at a stop.
    Dwell(ServiceId, usize),
}

/// All steps, movements and cells.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Steps of routes and services.
    pub steps: Vec<Step>,
    /// By route.
    pub routes: Vec<RouteLayout>,
    /// By service.
    pub services: Vec<ServiceLayout>,
    /// By lane of consolidated boxes.
    pub lanes: Vec<LaneLayout>,
    /// By movement.
    pub movements: Vec<MovementKind>,
    /// By number: boxes taken and left on routes.
    pub hires: Vec<Hire>,
    /// By way of repositioning: the ride of empties, where a service carries them.
    pub empties: Vec<Option<RouteLayout>>,
}

impl ServiceLayout {
    /// For each of its cells, why time is spent there.
    pub fn causes(&self) -> impl Iterator<Item = Cause> + '_ {
        self.cells.iter().map(|(_, cause)| *cause)
    }
}

impl Layout {
    /// Lays out the routes and services of `network`, with the boxes that are taken and left on the way.
    pub fn new(scenario: &Scenario, network: &Network, containers: &Containers) -> Self {
        let mut layout = Self {
            steps: Vec::new(),
            routes: Vec::new(),
            services: Vec::new(),
            lanes: Vec::new(),
            movements: Vec::new(),
            hires: Vec::new(),
            empties: Vec::new(),
        };
        // Links are movements of their own, by the same numbers.
        layout
            .movements
            .extend((0..network.tables.links.len()).map(|link| MovementKind::Link(LinkId::new(link))));
        for service in 0..network.tables.services.len() {
            let service = layout.lay_service(scenario, network, ServiceId::new(service));
            layout.services.push(service);
        }
        for (number, lane) in network.tables.lanes.iter().enumerate() {
            let lane = layout.lay_lane(LaneId::new(number), &lane.steps);
            layout.lanes.push(lane);
        }
        let mut places: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); network.routes.len()];
        for diversion in &network.diversions {
            places[diversion.from.index()].insert(diversion.steps);
        }
        for (number, (route, places)) in network.routes.iter().zip(&places).enumerate() {
            let hires = containers.hires.get(number).map(Vec::as_slice).unwrap_or_default();
            let route = layout.lay_route(&route.steps, hires, places);
            layout.routes.push(route);
        }
        for it in &containers.moves {
            let ride = it.ride.map(|ride| layout.lay_route(&[ride], &[], &BTreeSet::new()));
            layout.empties.push(ride);
        }
        layout
    }

    fn lay_service(&mut self, scenario: &Scenario, network: &Network, service: ServiceId) -> ServiceLayout {
        let row = &network.tables.services[service.index()];
        let stated = &scenario.services[&row.id];
        let mut it = ServiceLayout::default();
        let last = row.legs.len();
        for stop in 0..last {
            it.step_from.push(self.steps.len());
            it.cell_from.push(it.cells.len());
            self.movement(
                &mut it.cells,
                MovementKind::Leg(service, stop + 1),
                Place::Leg(service, stop + 1),
                Cause::Moving,
            );
            for facility in &row.facilities[stop + 1] {
                self.push(&it.cells, Action::Pass(*facility));
                it.cells
                    .extend(FACILITY_CAUSES.map(|cause| (Place::Facility(*facility), cause)));
            }
            self.push(&it.cells, Action::Call((stop + 1) as u16));
            if stop + 1 < last {
                let node = stated.stops.get(stop + 1);
                if node
                    .and_then(|node| stated.at.get(node))
                    .is_some_and(|at| at.dwell.is_some())
                {
                    let kind = MovementKind::Dwell(service, stop + 1);
                    self.movement(&mut it.cells, kind, Place::Dwell(service, stop + 1), Cause::Standing);
                }
                self.push(&it.cells, Action::Load((stop + 1) as u16));
            }
        }
        self.push(&it.cells, Action::Finish);
        // The last stop is where nothing more begins.
        it.step_from.push(self.steps.len() - 1);
        it.cell_from.push(it.cells.len());
        it
    }

    fn push<T>(&mut self, cells: &[T], action: Action) {
        self.steps.push(Step {
            action,
            cell: cells.len() as u32,
        });
    }

    fn movement(&mut self, cells: &mut Vec<(Place, Cause)>, kind: MovementKind, place: Place, cause: Cause) {
        self.push(cells, Action::Move(MovementId::new(self.movements.len())));
        self.movements.push(kind);
        cells.extend([(place, cause), (place, Cause::Disruption)]);
        debug_assert_eq!(movement_cell::COUNT, 2);
    }

    /// What is done about boxes before `step` of a route: old ones are left before new ones are taken.
    fn lay_hires(&mut self, cells: &mut Vec<CellMeaning>, (first, hires): (usize, &[Hire]), step: usize, last: usize) {
        let numbered = || {
            hires
                .iter()
                .enumerate()
                .map(|(at, hire)| (HireId::new(first + at), hire))
        };
        for (number, _) in numbered().filter(|(_, hire)| hire.leave == step) {
            self.push(cells, Action::Leave(number));
        }
        for (number, hire) in numbered().filter(|(_, hire)| hire.take == step) {
            self.push(cells, Action::Take(number));
            cells.extend(CONTAINER_CAUSES.map(|cause| CellMeaning {
                place: Place::Depot(hire.from),
                cause,
                step: step.min(last),
            }));
        }
    }

    /// Lays out a route on which boxes are taken and left, and cargo may choose anew before the steps numbered `choices`.
    fn lay_route(&mut self, steps: &[RouteStep], hires: &[Hire], choices: &BTreeSet<usize>) -> RouteLayout {
        let first_step = self.steps.len();
        let mut cells: Vec<CellMeaning> = Vec::new();
        let mut step_of = Vec::with_capacity(steps.len());
        let mut action_of = Vec::with_capacity(steps.len());
        let last = steps.len().saturating_sub(1);
        let hires = (self.hires.len(), hires);
        self.hires.extend(hires.1);
        for (step, what) in steps.iter().enumerate() {
            if choices.contains(&step) {
                self.push(&cells, Action::Choose);
            }
            step_of.push(self.steps.len());
            self.lay_hires(&mut cells, hires, step, last);
            action_of.push(self.steps.len());
            let own = self.lay_step(cells.len(), *what);
            cells.extend(own.into_iter().map(|(place, cause)| CellMeaning { place, cause, step }));
        }
        self.lay_hires(&mut cells, hires, steps.len(), last);
        self.push(&cells, Action::Finish);
        RouteLayout {
            first_step,
            step_of,
            action_of,
            cells,
        }
    }

    fn lay_lane(&mut self, lane: LaneId, steps: &[RouteStep]) -> LaneLayout {
        let first_step = self.steps.len();
        let mut cells = vec![(Place::Consolidation(lane), Cause::Consolidation)];
        self.push(&cells, Action::Stuff(lane));
        cells.push((Place::Consolidation(lane), Cause::Work));
        for step in steps {
            let own = self.lay_step(cells.len(), *step);
            cells.extend(own);
        }
        self.push(&cells, Action::Strip(lane));
        cells.push((Place::BreakUp(lane), Cause::Work));
        self.push(&cells, Action::BreakUp);
        LaneLayout { first_step, cells }
    }

    /// Lays out one step that begins at a cell, and tells what its cells mean.
    fn lay_step(&mut self, at: usize, what: RouteStep) -> Vec<(Place, Cause)> {
        let (action, cells) = match what {
            RouteStep::Facility(facility) => (
                Action::Pass(facility),
                FACILITY_CAUSES.map(|cause| (Place::Facility(facility), cause)).to_vec(),
            ),
            RouteStep::Link(link) => (
                Action::Move(MovementId::new(link.index())),
                [Cause::Moving, Cause::Disruption]
                    .map(|cause| (Place::Link(link), cause))
                    .to_vec(),
            ),
            RouteStep::Assembly(assembly) => (
                Action::Assemble(assembly),
                FACILITY_CAUSES.map(|cause| (Place::Assembly(assembly), cause)).to_vec(),
            ),
            RouteStep::Ride { service, from, to } => {
                let mut cells = BOARDING_CAUSES
                    .map(|cause| (Place::Stop(service, from), cause))
                    .to_vec();
                let row = &self.services[service.index()];
                cells.extend_from_slice(&row.cells[row.cell_from[from]..row.cell_from[to]]);
                let (from, to) = (from as u16, to as u16);
                (Action::Ride { service, from, to }, cells)
            }
            RouteStep::Consolidated(lane) => (Action::Consolidate(lane), self.lanes[lane.index()].cells.clone()),
        };
        self.steps.push(Step {
            action,
            cell: at as u32,
        });
        cells
    }
}
