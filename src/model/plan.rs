//! The plan of a replication: flat tables of numbers, ready for the event loop.

mod containers;
mod disruption;
mod frequency;
mod likeness;
mod loads;
mod sharing;

pub use containers::{ContainerPlan, DepotPlan, HirePlan, MovePlan, MoveRule, PoolPlan};
pub use disruption::{
    Choices, DecisionPlan, DisruptionPlan, DisruptionTiming, Effect, Exposed, Foresight, ImpactPlan, OptionPlan,
    Residual, ShipperPlan, Target, TariffPlan,
};
pub use frequency::ReviewPlan;
pub use loads::{DraughtPlan, MinimumPlan};
pub use sharing::{BackgroundPlan, LanePlan, LclPlan};

use crate::calendar::{Profile, Recurrence, Switches};
use crate::network::{Attributes, CostOfTime, Markets, TradeCredit};
use crate::random::{CountFamily, Sampler, Stream};
use crate::units::{
    AssemblyId, CalendarId, FacilityId, HireId, Kilograms, LaneId, LinkId, MilliTeu, MovementId, ServiceId, SimSpan,
    SimTime, WayId,
};
use std::ops::Range;
use std::sync::Arc;

/// Everything that a replication needs, with the values of the inputs filled in.
#[derive(Clone)]
pub struct Plan {
    /// When is observed.
    pub window: Window,
    /// What consignments and vehicles do, one step after the other: routes first, then services.
    pub steps: Vec<Step>,
    /// Flows on their routes.
    pub strands: Vec<StrandPlan>,
    /// Demand.
    pub flows: Vec<FlowPlan>,
    /// When a new period of choice begins: the first begins at the start.
    pub periods: Vec<SimTime>,
    /// Resources with a queue.
    pub facilities: Vec<FacilityPlan>,
    /// Ways to move.
    pub movements: Vec<MovementPlan>,
    /// How many ways can be closed.
    pub ways: usize,
    /// For each closable way, the link that it is.
    pub links_of_ways: Vec<LinkId>,
    /// Scheduled lines.
    pub services: Vec<ServicePlan>,
    /// Activities side by side.
    pub assemblies: Vec<AssemblyPlan>,
    /// Ways of consolidated boxes.
    pub lanes: Vec<LanePlan>,
    /// Container pools.
    pub containers: ContainerPlan,
    /// Opening hours.
    pub calendars: Vec<Arc<Switches>>,
    /// What goes wrong.
    pub disruptions: Vec<DisruptionPlan>,
    /// What that does, one disruption after the other.
    pub impacts: Vec<ImpactPlan>,
    /// Charges that disruptions can scale, by strand and step.
    pub tariffs: Vec<TariffPlan>,
    /// Where cargo chooses anew.
    pub choices: Choices,
    /// Priority classes in use.
    pub classes: usize,
    /// Corridors, and one more for what belongs to none.
    pub corridors: usize,
    /// Cells of dwell time of all strands, and of the longest route.
    pub cells: Cells,
    /// For each strand, its attributes and its generalised cost per TEU over the window, whatever measures change meanwhile:
    /// the mean over time.
    pub charged: Vec<(Attributes, f64)>,
    /// The level of each target; not a number where it is simulated.
    pub levels: Vec<f64>,
    /// What flights reach, for each circle.
    pub reaches: Vec<ReachPlan>,
    /// Plans that take its place at later times, as policy measures change its numbers; all alike in shape.
    pub later: Vec<(SimTime, Plan)>,
}

impl Plan {
    /// The plan of a stage of policy.
    pub fn stage(&self, stage: usize) -> &Self {
        stage.checked_sub(1).map_or(self, |later| &self.later[later].1)
    }

    /// The plan in force at a time.
    pub fn at(&self, time: SimTime) -> &Self {
        self.stage(self.later.partition_point(|(begin, _)| *begin <= time))
    }

    /// The last moment of the window; never where consignments end it.
    pub fn end_of_window(&self) -> SimTime {
        match self.window.end {
            // The end itself is the first moment after it.
            WindowEnd::At(end) => SimTime(end.0 - 1),
            WindowEnd::Consignments(_) => SimTime::NEVER,
        }
    }

    /// The plan in force when the window ends.
    pub fn at_end_of_window(&self) -> &Self {
        self.at(self.end_of_window())
    }

    /// The number of the first depot's sketch: those of depots come after all others.
    pub fn first_depot_sketch(&self) -> usize {
        let stops: usize = self.services.iter().map(|service| service.step_from.len()).sum();
        self.strands.len() + self.facilities.len() + stops
    }

    /// The number of the first distribution of waits at lanes of consolidated boxes.
    pub fn first_lane_sketch(&self) -> usize {
        self.first_depot_sketch() + self.containers.depots.len()
    }
}

/// What flights reach within some hours.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct ReachPlan {
    /// Cities.
    pub cities: f64,
    /// Countries of these.
    pub countries: f64,
    /// Millions of people in them.
    pub people: f64,
    /// Their gross product in a year, thousand million of the reporting currency.
    pub product: f64,
}

/// Sizes of the table of dwell times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cells {
    /// Cells of all strands together.
    pub total: usize,
    /// Cells of the longest route.
    pub longest: usize,
}

/// What is observed, and until when.
#[derive(Clone, PartialEq, Debug)]
pub struct Window {
    /// When observation begins.
    pub begin: SimTime,
    /// When it ends.
    pub end: WindowEnd,
    /// How long consignments are followed after the end.
    pub cool_down: SimSpan,
    /// Whether consignments are generated after the end.
    pub load_after: bool,
    /// When the numbers in facilities are recorded.
    pub census: Vec<SimTime>,
}

/// What ends the observation window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowEnd {
    /// A point in time.
    At(SimTime),
    /// So many consignments having been generated.
    Consignments(u64),
}

/// A step of a consignment or vehicle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// First cell of the step's dwell time, counted from the first of the route or service.
    pub cell: u32,
}

/// What a step does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Pass a facility.
    Pass(FacilityId),
    /// Move, or stand at a stop.
    Move(MovementId),
    /// Ride a service from one of its stops to another.
    Ride {
        /// The service.
        service: ServiceId,
        /// Where it is boarded.
        from: u16,
        /// Where it is left.
        to: u16,
    },
    /// A vehicle calls at its stop: cargo for it leaves.
    Call(u16),
    /// A vehicle goes on from its stop: cargo boards.
    Load(u16),
    /// Activities side by side.
    Assemble(AssemblyId),
    /// Wait for a batch of a lane, and go in its box.
    Consolidate(LaneId),
    /// A box is stuffed.
    Stuff(LaneId),
    /// A box is opened at the far end.
    Strip(LaneId),
    /// The lots of a box go their own ways.
    BreakUp,
    /// Take empty boxes, if the flow uses their pool.
    Take(HireId),
    /// Leave them.
    Leave(HireId),
    /// Choose between the routes on from here, if something ahead is closed.
    Choose,
    /// Delivered, or the end of the line.
    Finish,
}

/// Cells of a facility step, counted from the step's first.
pub mod facility_cell {
    /// Waiting for a server.
    pub const QUEUE: u32 = 0;
    /// Being worked on.
    pub const WORK: u32 = 1;
    /// Waiting, or work standing still, in closed hours.
    pub const CLOSED: u32 = 2;
    /// Waiting, or work standing still, for a disruption or breakdown.
    pub const DISRUPTED: u32 = 3;
    /// Being inspected.
    pub const INSPECTION: u32 = 4;
    /// Held at the place before, for want of room here.
    pub const BLOCKED: u32 = 5;
    /// How many there are.
    pub const COUNT: u32 = 6;
}

/// Cells of a movement, counted from the step's first.
pub mod movement_cell {
    /// Moving, or standing at a stop.
    pub const MAIN: u32 = 0;
    /// Stopped by a closure, or slow by a disruption.
    pub const DISRUPTED: u32 = 1;
    /// How many there are.
    pub const COUNT: u32 = 2;
}

/// Cells of a ride before boarding, counted from the step's first; those aboard follow.
pub mod boarding_cell {
    /// Waiting for the first departure that could be caught.
    pub const SCHEDULE: u32 = 0;
    /// Waiting after having been left behind for want of space.
    pub const LEFT_BEHIND: u32 = 1;
    /// Waiting after a departure was cancelled.
    pub const CANCELLED: u32 = 2;
    /// Waiting after a disruption has cancelled a departure, or while it holds one back.
    pub const DISRUPTED: u32 = 3;
    /// Waiting for a departure after an earlier delay has made it miss one.
    pub const MISSED: u32 = 4;
    /// How many there are.
    pub const COUNT: u32 = 5;
}

/// Cells of taking boxes, counted from the step's first.
pub mod container_cell {
    /// Waiting for a container.
    pub const WAIT: u32 = 0;
    /// From taking it to moving on with it.
    pub const STUFFING: u32 = 1;
    /// How many there are.
    pub const COUNT: u32 = 2;
}

/// A flow on one of its routes.
#[derive(Clone, PartialEq, Debug)]
pub struct StrandPlan {
    /// The flow.
    pub flow: u32,
    /// The route.
    pub route: u32,
    /// What it takes, costs and emits as shippers expect it, per TEU.
    pub attributes: Attributes,
    /// Its generalised cost per TEU.
    pub generalised_cost: f64,
    /// Its first step.
    pub first_step: u32,
    /// Its first cell in the table of dwell times.
    pub first_cell: u32,
    /// How many cells it has.
    pub cells: u32,
    /// The corridor, or the number of corridors for none.
    pub corridor: u32,
}

/// Where shippers learn how long one waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitingPlace {
    /// For a server of a facility.
    Facility(u32),
    /// At a stop, by its number among the stops of all services, for a departure with room.
    Stop(u32),
    /// On a way that can be closed, at its entry or stopped on it.
    Way(u32),
    /// At a depot, for an empty container.
    Depot(u32),
}

/// Numbers for the waits that there are to be known: of each priority class at each place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitNumbers {
    facilities: usize,
    stops: usize,
    ways: usize,
    depots: usize,
    classes: usize,
}

impl WaitNumbers {
    /// How many there are.
    pub fn count(self) -> usize {
        (self.facilities + self.stops + self.ways + self.depots) * self.classes
    }

    /// That of a priority class at a place.
    pub fn of(self, place: WaitingPlace, class: u8) -> usize {
        let place = match place {
            WaitingPlace::Facility(number) => number as usize,
            WaitingPlace::Stop(number) => self.facilities + number as usize,
            WaitingPlace::Way(number) => self.facilities + self.stops + number as usize,
            WaitingPlace::Depot(number) => self.facilities + self.stops + self.ways + number as usize,
        };
        place * self.classes + usize::from(class)
    }
}

impl Plan {
    /// The numbers of waits.
    pub fn wait_numbers(&self) -> WaitNumbers {
        let last = self.services.last();
        WaitNumbers {
            facilities: self.facilities.len(),
            stops: last.map_or(0, |service| service.first_stop as usize + service.step_from.len()),
            ways: self.ways,
            depots: self.containers.depots.len(),
            classes: self.classes,
        }
    }
}

impl FacilityPlan {
    /// The terms of a flow; the usual ones for vehicles, which have the flow `NONE`.
    #[inline]
    pub fn terms(&self, flow: u32) -> &Terms {
        let number = self.terms_of_flow.get(flow as usize).copied().unwrap_or(0);
        &self.terms[number as usize]
    }

    /// The priority class here of a flow that is of class `own` elsewhere.
    #[inline]
    pub fn class_of(&self, flow: u32, own: u8) -> u8 {
        if self.classless {
            return 0;
        }
        self.terms(flow).class.unwrap_or(own)
    }
}

/// Stands for the absence of a number.
pub const NONE: u32 = u32::MAX;

/// A demand.
#[derive(Clone)]
pub struct FlowPlan {
    /// Address of its draws.
    pub stream: Stream,
    /// How its consignments arrive.
    pub arrivals: ArrivalPlan,
    /// How many arrive together.
    pub batch: CountFamily,
    /// TEU of a consignment.
    pub size: Sampler,
    /// Kilograms per TEU.
    pub kilograms_per_teu: f64,
    /// Priority class, 0 first.
    pub class: u8,
    /// Whether it needs refrigerated containers.
    pub refrigerated: bool,
    /// Its strands.
    pub strands: Range<u32>,
    /// How its shippers choose among its strands.
    pub choice: ChoicePlan,
    /// What of it is less than container loads.
    pub lcl: Option<LclPlan>,
    /// Times within which delivery is counted, the promise first where there is one.
    pub within: Vec<SimSpan>,
    /// How long its goods keep.
    pub shelf_life: Option<SimSpan>,
    /// The rate per hour at which they lose their value.
    pub decay: f64,
    /// What a TEU of them is worth, in the reporting currency.
    pub value_per_teu: f64,
    /// What exporters wait for after delivery, over the window.
    pub credit: TradeCredit,
}

/// How the shippers of a flow choose among its strands, which are counted from the flow's first.
#[derive(Clone, PartialEq, Debug)]
pub struct ChoicePlan {
    /// For each period one after the other, the tastes for all strands, the likeliest first.
    pub tastes: Vec<Taste>,
    /// For each strand, its share over the window.
    pub shares: Vec<f64>,
    /// What one unit of money per TEU takes off the utility of a strand.
    pub scale: f64,
    /// Who chooses among which strands, and which of these are close substitutes.
    pub markets: Markets,
    /// For each strand, its utility in an empty network.
    pub utilities: Vec<f64>,
    /// What time and its spread cost.
    pub cost_of_time: CostOfTime,
    /// The generalised cost per TEU that shippers expect of the strand they like best, over the window: minus the log-sum
    /// over the scale. Not a number where costs do not count.
    pub least_cost: f64,
}

/// What decides how often a strand is chosen.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Taste {
    /// The probability that the strand is chosen.
    pub weight: f64,
    /// Address of a shipper's taste for it.
    pub stream: Stream,
    /// The strand.
    pub place: u32,
}

impl FlowPlan {
    /// Whether it has several routes, and costs count.
    pub fn has_choice(&self) -> bool {
        self.choice.shares.len() > 1 && self.choice.scale > 0.0
    }
}

impl ChoicePlan {
    /// The tastes in a period, the likeliest strand first.
    #[inline]
    pub fn in_period(&self, period: usize) -> &[Taste] {
        let strands = self.shares.len();
        &self.tastes[period * strands..(period + 1) * strands]
    }
}

/// How consignments arrive.
#[derive(Clone, PartialEq)]
pub enum ArrivalPlan {
    /// Poisson at a rate per hour, varied by a season.
    Poisson(f64, Option<Arc<Profile>>),
    /// Independent gaps, in hours.
    Renewal(Sampler),
    /// At fixed times.
    Listed(Recurrence),
    /// A fixed number that start anew when delivered.
    Population(u64),
}

impl ArrivalPlan {
    /// Whether there are none at all.
    pub fn are_none(&self) -> bool {
        matches!(self, Self::Poisson(rate, _) if *rate <= 0.0)
    }
}

/// How one group of flows is treated at a facility.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Terms {
    /// Own working time, as a number in the facility's list of them.
    pub own_time: Option<u8>,
    /// Factor on the working time.
    pub factor: f64,
    /// Probability of inspection.
    pub inspection: f64,
    /// Priority class, where it is not the flow's.
    pub class: Option<u8>,
}

/// A resource with a queue.
#[derive(Clone, PartialEq)]
pub struct FacilityPlan {
    /// Address of its draws.
    pub stream: Stream,
    /// Parallel servers; `u32::MAX` for as many as are needed.
    pub servers: u32,
    /// Working time in hours.
    pub time: Sampler,
    /// Working times of those who have their own, in hours.
    pub own_times: Vec<Sampler>,
    /// Whether that is per TEU.
    pub per_teu: bool,
    /// Duration of an inspection in hours, where there is one.
    pub inspection: Option<Sampler>,
    /// The different terms.
    pub terms: Vec<Terms>,
    /// For each flow, its terms; empty where all have the first.
    pub terms_of_flow: Vec<u16>,
    /// Time between service and release, in hours.
    pub release: Option<Sampler>,
    /// Opening hours.
    pub calendar: Option<CalendarId>,
    /// Whether priority classes do not count.
    pub classless: bool,
    /// Whether the last come are served first.
    pub lifo: bool,
    /// How many can wait.
    pub waiting_room: u64,
    /// What happens to those who find it full.
    pub when_full: WhenFullPlan,
    /// Fewest and most served together.
    pub batch: (u64, u64),
    /// Servers with a life of their own; none where they are interchangeable and never interrupted.
    pub crew: Option<CrewPlan>,
    /// Passages at fixed times instead of servers.
    pub slots: Option<(Recurrence, u64)>,
    /// Space of a yard.
    pub storage: Option<MilliTeu>,
    /// Where those served go next: cumulative probabilities.
    pub then: Vec<(f64, FacilityId)>,
    /// Whether vehicles pass it instead of consignments.
    pub vehicles: bool,
    /// Waits up to these are counted.
    pub wait_within: Vec<SimSpan>,
    /// Whether hours or disruptions can hinder it.
    pub is_hinderable: bool,
    /// Whether entities pass in the plain way: interchangeable servers, nothing after service, no room to be held for.
    pub is_plain: bool,
}

/// What happens to those who find a facility full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhenFullPlan {
    /// Turned away.
    Refuse,
    /// Held where they are.
    Hold,
    /// Sent elsewhere.
    Divert(FacilityId),
}

/// Servers with a life of their own.
#[derive(Clone, PartialEq)]
pub struct CrewPlan {
    /// Whether arrivals of a better class interrupt work.
    pub preemptive: bool,
    /// Whether work in hand stands still in closed hours.
    pub carry_over: bool,
    /// Start-up time after idleness, hours.
    pub set_up: Option<Sampler>,
    /// Absence of idle servers: hours, and whether it is repeated until work waits.
    pub vacation: Option<(Sampler, bool)>,
    /// Breakdowns: hours until failure, hours of repair, and whether idle time counts.
    pub breakdown: Option<(Sampler, Sampler, bool)>,
    /// Whether work in hand at a breakdown begins anew.
    pub restarts: bool,
    /// Idle servers start when so many wait.
    pub start_when: u64,
}

/// A way to move, or to stand at a stop.
#[derive(Clone, PartialEq)]
pub struct MovementPlan {
    /// Running time in hours.
    pub time: Sampler,
    /// Address of its draws, purpose included.
    pub what: Stream,
    /// The closable way that it uses.
    pub way: Option<WayId>,
    /// The service whose leg it is, where something can slow that service.
    pub slowed: Option<ServiceId>,
}

/// A scheduled line.
#[derive(Clone, PartialEq)]
pub struct ServicePlan {
    /// Address of its draws.
    pub stream: Stream,
    /// When it departs.
    pub departures: DeparturePlan,
    /// Container space.
    pub capacity: MilliTeu,
    /// Mass.
    pub payload: Kilograms,
    /// What shallow water leaves of the payload.
    pub draught: Option<DraughtPlan>,
    /// Space for refrigerated containers.
    pub reefers: MilliTeu,
    /// How long before departure cargo must be ready.
    pub cut_off: SimSpan,
    /// Lateness in hours.
    pub delay: Option<Sampler>,
    /// Probability of cancellation.
    pub cancellation: f64,
    /// The load it needs.
    pub minimum: Option<MinimumPlan>,
    /// How its number of departures follows demand.
    pub review: Option<ReviewPlan>,
    /// When departures without a timetable may take place; timetables have been cut to it.
    pub validity: Range<SimTime>,
    /// For each stop, how long after the first departure one from there is expected.
    pub expected_after: Vec<SimSpan>,
    /// Waits up to these are counted.
    pub wait_within: Vec<SimSpan>,
    /// Whether smaller consignments may fill gaps.
    pub gap_filling: bool,
    /// Other cargo.
    pub background: Vec<BackgroundPlan>,
    /// Kilometres of its legs; zero where unknown.
    pub leg_lengths: Vec<f64>,
    /// The number of its first stop among the stops of all services.
    pub first_stop: u32,
    /// For each stop, the step with which the vehicle goes on from there.
    pub step_from: Vec<u32>,
    /// For each stop, the cell of that step, counted from the first of the service.
    pub cell_from: Vec<u32>,
    /// For each cell of the service, whether time spent there is a delay.
    pub delays: Vec<bool>,
}

/// When a service departs.
#[derive(Clone, PartialEq)]
pub enum DeparturePlan {
    /// At fixed times.
    Timetable(Recurrence),
    /// After random gaps, hours.
    Headway(Sampler),
    /// Whenever one of so many vehicles is there and loaded; back after so many hours.
    Shuttle {
        /// Vehicles.
        vehicles: u64,
        /// Hours from departure until ready again.
        turnaround: Option<Sampler>,
    },
}

/// Activities side by side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AssemblyPlan {
    /// Whether the first end ends it.
    pub first_wins: bool,
    /// For each activity: its facility, how many come before it, and which come after.
    pub activities: Vec<(FacilityId, u32, Vec<u32>)>,
    /// How many activities nothing comes after.
    pub ends: u32,
}
