//! The simulation: one replication as a pure function of plan and draws.
//!
//! Consignments, vehicles and activities are entities that go through steps (pass a facility, move, ride a service)
//! and meet at facilities, ways and stops. Events happen in the order (time, phase, sequence): at equal times whatever
//! switches comes first, then work ends, consignments are generated, gates open, and vehicles depart. No I/O, no clock,
//! no threads; every draw is keyed by what it is for (see [`crate::random`]). After each replication cargo and time are
//! accounted for: what was generated is delivered, refused or present, the stretches of every consignment's time add
//! up, and Little's law holds at every queue to the microsecond.
//! Validated against queueing theory in `tests/integration/validation.rs`.

mod agenda;
mod arrivals;
mod assembly;
mod background;
mod closing;
mod consolidation;
mod containers;
mod crew;
mod delivery;
mod departure;
mod disruption;
mod diversion;
mod entity;
mod experience;
mod facility;
mod fork;
mod frequency;
mod generation;
mod holding;
mod hours;
mod movement;
mod observer;
mod passage;
pub mod queue;
mod record;
mod service;
mod stage;

pub use experience::{Experience, Tally};
pub use fork::simulate_all;
pub use observer::{Observer, Silent, Stretch, Wait};
pub use record::{
    Census, DaySeries, DepotTally, DisruptionTally, DwellTimes, FacilityTally, LaneTally, LegTally, MoveTally, Record,
    ServiceTally, StopTally, StrandTally, SystemTally, WITHIN, WaitTally, WayTally,
};

use crate::model::plan::{Action, ArrivalPlan, Plan, WindowEnd};
use crate::random::Draws;
use crate::statistics::SketchBook;
use crate::units::{SimSpan, SimTime};
use arrivals::Feed;
use assembly::AssemblyState;
use containers::Containers;
use entity::{Entities, Entity, Kind};
use facility::FacilityState;
use movement::WayState;
use queue::EventQueue;
use service::{ServiceState, Vehicle};

/// Phases of events at equal times.
mod phase {
    /// The observation window begins or ends, numbers are recorded.
    pub const MARK: u8 = 0;
    /// Opening hours, disruptions. Before them a new stage of policy begins.
    pub const SWITCH: u8 = 1;
    /// Work and movements end.
    pub const FINISH: u8 = 2;
    /// Consignments are generated.
    pub const ARRIVE: u8 = 3;
    /// Gates open, waits for more load end.
    pub const GATE: u8 = 4;
    /// Vehicles depart.
    pub const DEPART: u8 = 5;
}

/// What an event is about; its number stands in the bits below.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
enum Subject {
    /// A facility has done its work on an entity.
    Worked = 0,
    /// An entity has arrived at the end of its movement.
    Moved = 1,
    /// An entity is released some time after service.
    Released = 2,
    /// A server with a life of its own ends its work, or fails at it.
    ServerWork = 3,
    /// It returns from repair, vacation or, working or not, fails.
    ServerLife = 4,
    /// A calendar opens or closes.
    Calendar = 5,
    /// A disruption begins or ends.
    Disruption = 6,
    /// A service's departure is due.
    Schedule = 7,
    /// A delayed vehicle departs.
    Depart = 8,
    /// A departure has waited long enough for its load.
    Patience = 9,
    /// A shuttle's vehicle is ready again.
    Ready = 10,
    /// A facility lets the next through.
    Slot = 11,
    /// The observation window begins or ends, or it is time for a census.
    Mark = 12,
    /// Cargo for a service that waits for load counts from now on.
    Load = 13,
    /// A batch's time is over (twice the lane's number), or the clock dispatches (and one).
    Consolidation = 15,
    /// An errand of the agenda is due.
    Errand = 14,
}

const SUBJECT_SHIFT: u32 = 28;

impl Subject {
    #[inline]
    fn with(self, number: u32) -> u32 {
        (self as u32) << SUBJECT_SHIFT | number
    }

    #[inline]
    fn split(word: u32) -> (Option<Self>, u32) {
        let subject = match word >> SUBJECT_SHIFT {
            0 => Self::Worked,
            1 => Self::Moved,
            2 => Self::Released,
            3 => Self::ServerWork,
            4 => Self::ServerLife,
            5 => Self::Calendar,
            6 => Self::Disruption,
            7 => Self::Schedule,
            8 => Self::Depart,
            9 => Self::Patience,
            10 => Self::Ready,
            11 => Self::Slot,
            12 => Self::Mark,
            13 => Self::Load,
            15 => Self::Consolidation,
            14 => Self::Errand,
            _ => return (None, 0),
        };
        (Some(subject), word & ((1 << SUBJECT_SHIFT) - 1))
    }
}

/// Numbers of [`Subject::Mark`] events; census times follow.
const MARK_BEGIN: u32 = 0;
const MARK_END: u32 = 1;
const MARK_STOP: u32 = 2;
const MARK_CENSUS: u32 = 3;

/// Simulates one replication.
pub fn simulate(plan: &Plan, draws: Draws) -> Record {
    simulate_all(&[plan], draws, |_| Silent)
        .pop()
        .map_or_else(Record::default, |(record, _)| record)
}

/// Simulates one replication and tells `observer` every stretch of every observed consignment's time.
pub fn simulate_observed<O: Observer>(plan: &Plan, draws: Draws, observer: &mut O) -> Record {
    let mut engine = Engine::new(plan, draws, observer);
    engine.start();
    engine.run_until(SimTime::NEVER);
    engine.close()
}

/// The state of a replication.
#[derive(Clone)]
struct Engine<'p, O> {
    /// The plan in force.
    plan: &'p Plan,
    /// The plan of the first stage of policy, behind which those of the others stand.
    first_plan: &'p Plan,
    /// Stages of policy that have begun, beside the first.
    stages_begun: usize,
    draws: Draws,
    now: SimTime,
    queue: EventQueue,
    feed: Feed,
    entities: Entities,
    facilities: Vec<FacilityState>,
    ways: Vec<WayState>,
    services: Vec<ServiceState>,
    vehicles: Vec<Vehicle>,
    idle_vehicles: Vec<u32>,
    assemblies: Vec<AssemblyState>,
    idle_assemblies: Vec<u32>,
    lanes: Vec<consolidation::LaneState>,
    loads: Vec<consolidation::Load>,
    idle_loads: Vec<u32>,
    disruptions: Vec<disruption::DisruptionState>,
    impacts: Vec<disruption::ImpactState>,
    /// Impacts in force that make something dearer or cheaper.
    dear: u32,
    /// Impacts in force that close something.
    closing: u32,
    /// By entity, the time so far of those that may yet leave their route: cells of the strand, and spans.
    tracks: Vec<Vec<(u32, SimSpan)>>,
    calendars: Vec<hours::CalendarState>,
    containers: Containers,
    /// Servers with a life of their own: facility and place in its crew.
    servers: Vec<(u32, u32)>,
    /// Facilities at which room has come free for those held before them.
    freed: Vec<u32>,
    record: Record,
    /// Whether consignments generated now belong to the window.
    observing: bool,
    /// Whether the window is over.
    window_over: bool,
    /// Consignments of the window generated so far.
    observed: u64,
    /// Consignments of the window that are under way.
    outstanding: u64,
    /// The period of choice.
    period: usize,
    present: u64,
    /// For each strand, a consignment as it begins, outside the window.
    moulds: Vec<Entity>,
    /// Whether a last movement's delivery can be put on record when the movement begins.
    delivers_ahead: bool,
    /// Such deliveries that may still lie in the future.
    ahead: Vec<SimTime>,
    /// The last of them.
    last_delivery: SimTime,
    /// When the replication stops at the latest, as far as that is known.
    stop: SimTime,
    running: bool,
    observer: O,
}

impl<'p, O: Observer> Engine<'p, O> {
    fn new(plan: &'p Plan, draws: Draws, observer: O) -> Self {
        let end_of_generation = match (plan.window.end, plan.window.load_after) {
            (WindowEnd::At(end), true) => end + plan.window.cool_down,
            (WindowEnd::At(end), false) => end,
            (WindowEnd::Consignments(_), _) => SimTime::NEVER,
        };
        let sketches = plan.first_lane_sketch() + plan.lanes.len();
        let mut servers = Vec::new();
        let facilities = plan
            .facilities
            .iter()
            .enumerate()
            .map(|(number, facility)| FacilityState::new(facility, plan.classes, number as u32, &mut servers))
            .collect();
        Self {
            plan,
            first_plan: plan,
            stages_begun: 0,
            draws,
            now: SimTime::START,
            queue: EventQueue::default(),
            feed: Feed::new(plan, &draws, end_of_generation),
            entities: Entities::default(),
            facilities,
            ways: vec![WayState::default(); plan.ways],
            services: plan
                .services
                .iter()
                .map(|service| ServiceState::new(service, plan.classes))
                .collect(),
            vehicles: Vec::new(),
            idle_vehicles: Vec::new(),
            assemblies: Vec::new(),
            idle_assemblies: Vec::new(),
            lanes: plan.lanes.iter().map(|_| consolidation::LaneState::default()).collect(),
            loads: Vec::new(),
            idle_loads: Vec::new(),
            disruptions: vec![disruption::DisruptionState::default(); plan.disruptions.len()],
            impacts: vec![disruption::ImpactState::default(); plan.impacts.len()],
            dear: 0,
            closing: 0,
            tracks: Vec::new(),
            calendars: hours::CalendarState::of(plan),
            containers: Containers::new(plan),
            servers,
            freed: Vec::new(),
            record: Record {
                begin: plan.window.begin,
                end: SimTime::NEVER,
                strands: vec![StrandTally::default(); plan.strands.len()],
                cells: DwellTimes::new(plan.cells.total + plan.cells.longest),
                services: plan.services.iter().map(service::empty_tally).collect(),
                lanes: vec![LaneTally::default(); plan.lanes.len()],
                days: vec![DaySeries::default(); plan.corridors + 1],
                sketches: SketchBook::new(sketches),
                ways: vec![WayTally::default(); plan.ways],
                census: vec![Census::default(); plan.window.census.len()],
                disruptions: vec![DisruptionTally::default(); plan.disruptions.len()],
                diverted: vec![0; plan.disruptions.len() * (plan.corridors + 1)],
                surcharges: vec![0; plan.tariffs.len()],
                ..Record::default()
            },
            observing: false,
            window_over: false,
            observed: 0,
            outstanding: 0,
            period: 0,
            present: 0,
            moulds: generation::moulds(plan),
            delivers_ahead: plan.window.census.is_empty()
                && !plan
                    .flows
                    .iter()
                    .any(|flow| matches!(flow.arrivals, ArrivalPlan::Population(_))),
            ahead: Vec::new(),
            last_delivery: SimTime::START,
            stop: match plan.window.end {
                WindowEnd::At(end) => end + plan.window.cool_down,
                WindowEnd::Consignments(_) => SimTime::NEVER,
            },
            running: true,
            observer,
        }
    }

    /// Schedules what happens by itself, and generates the consignments that are there from the start.
    fn start(&mut self) {
        let window = &self.plan.window;
        self.queue
            .schedule(window.begin, phase::MARK, Subject::Mark.with(MARK_BEGIN));
        if let WindowEnd::At(end) = window.end {
            self.queue.schedule(end, phase::MARK, Subject::Mark.with(MARK_END));
        }
        for (number, time) in window.census.iter().enumerate() {
            self.queue
                .schedule(*time, phase::MARK, Subject::Mark.with(MARK_CENSUS + number as u32));
        }
        self.start_calendars();
        self.start_disruptions();
        self.start_crews();
        self.start_services();
        self.start_lanes();
        self.start_reviews();
        self.start_containers();
        if window.begin == SimTime::START {
            self.begin_window();
        }
        for (number, flow) in self.plan.flows.iter().enumerate() {
            if let ArrivalPlan::Population(size) = flow.arrivals {
                for ordinal in 0..size {
                    self.generate(number as u32, flow.stream.member(ordinal));
                }
            }
        }
        self.settle();
    }

    /// Does all that happens before `until`, where a stage of policy that begins then does not belong to it.
    ///
    /// Stages do not stand in the list of events, so that it is the same under plans that differ only later.
    fn run_until(&mut self, until: SimTime) {
        let mut pause = self.next_stage().min(until);
        while self.running {
            let arrival = self.feed.upcoming();
            let (bound, at) = if pause <= arrival {
                (pause, phase::SWITCH)
            } else {
                (arrival, phase::ARRIVE)
            };
            match self.queue.next_before(bound, at) {
                Some((time, subject)) => {
                    self.now = time;
                    self.handle(subject);
                }
                None if pause <= arrival => {
                    if pause == until {
                        return;
                    }
                    self.begin_stage_at(pause, arrival);
                    pause = self.next_stage().min(until);
                    continue;
                }
                None => {
                    self.now = arrival;
                    let arrival = self.feed.take(self.first_plan, &self.draws);
                    self.arrive(arrival.flow, arrival.key);
                }
            }
            if !self.freed.is_empty() {
                self.settle();
            }
            self.record.events += 1;
        }
    }

    #[inline]
    fn handle(&mut self, subject: u32) {
        let (subject, number) = Subject::split(subject);
        match subject {
            Some(Subject::Worked) => self.end_work(number),
            Some(Subject::Moved) => self.end_movement(number),
            Some(Subject::Released) => self.end_release(number),
            Some(subject) => self.handle_seldom(subject, number),
            None => {}
        }
    }

    fn handle_seldom(&mut self, subject: Subject, number: u32) {
        match subject {
            Subject::ServerWork => self.end_server_work(number),
            Subject::ServerLife => self.server_life(number),
            Subject::Calendar => self.switch_calendar(number),
            Subject::Disruption => self.switch_disruption(number),
            Subject::Schedule => self.departure_due(number),
            Subject::Depart => self.stand_ready(number),
            Subject::Load => self.dispatch(number as usize),
            Subject::Patience => self.patience_over(number),
            Subject::Ready => self.shuttle_ready(number),
            Subject::Slot => self.open_slot(number),
            Subject::Consolidation => self.dispatch_in_time(number),
            Subject::Errand => self.run_errand(number),
            Subject::Mark => self.mark(number),
            Subject::Worked | Subject::Moved | Subject::Released => {}
        }
    }

    fn mark(&mut self, number: u32) {
        match number {
            MARK_BEGIN if self.now > SimTime::START => self.begin_window(),
            MARK_BEGIN => {}
            MARK_END => self.end_window(),
            MARK_STOP => self.running = false,
            census => self.take_census((census - MARK_CENSUS) as usize),
        }
    }

    fn begin_window(&mut self) {
        self.observing = true;
        // Those whose delivery is on record already are still present until then.
        let now = self.now;
        let ahead: i128 = self.ahead.iter().map(|time| i128::from((*time - now).0.max(0))).sum();
        self.record.system.area = ahead - i128::from(self.present) * i128::from(now.0);
        for number in 0..self.facilities.len() {
            self.begin_facility_window(number);
        }
        for number in 0..self.services.len() {
            self.begin_service_window(number);
        }
        self.begin_way_window();
        self.begin_lane_window();
        self.begin_container_window();
    }

    fn end_window(&mut self) {
        self.record.system.area += i128::from(self.present) * i128::from(self.now.0);
        self.observing = false;
        self.window_over = true;
        self.record.end = self.now;
        for number in 0..self.facilities.len() {
            self.end_facility_window(number);
        }
        for number in 0..self.services.len() {
            self.end_service_window(number);
        }
        self.end_way_window();
        self.end_lane_window();
        self.end_container_window();
        self.end_disruption_window();
        if !self.plan.window.load_after {
            self.feed.stop_at(self.now);
        }
        self.stop = self.now + self.plan.window.cool_down;
        self.queue
            .schedule(self.stop, phase::SWITCH, Subject::Mark.with(MARK_STOP));
        self.running = self.outstanding > 0;
        // Deliveries put on record ahead were counted as present up to then, which reaches beyond the window.
        let beyond: i128 = self
            .ahead
            .iter()
            .map(|time| i128::from((*time - self.now).0.max(0)))
            .sum();
        self.record.system.area -= beyond;
    }

    fn take_census(&mut self, number: usize) {
        self.record.census[number] = Census {
            facilities: self.facilities.iter().map(FacilityState::present).collect(),
            ways: self.ways.iter().map(|way| way.closures == 0).collect(),
            system: self.present,
        };
    }

    /// One more, or one fewer, is under way. The integral of their number is the sum of the times at which they go less
    /// that of the times at which they come.
    #[inline]
    fn count_present(&mut self, change: i64) {
        if self.observing {
            self.record.system.area -= i128::from(change * self.now.0);
        }
        self.present = self.present.wrapping_add_signed(change);
    }

    /// Does the step at which the entity stands.
    #[inline]
    fn perform(&mut self, entity: u32) {
        let it = &mut self.entities[entity];
        let step = self.plan.steps[it.step as usize];
        it.cell = it.cells + step.cell;
        match step.action {
            Action::Pass(facility) if self.dear > 0 => {
                self.pay_by_disruption(entity);
                self.enter_facility(entity, facility.index() as u32);
            }
            Action::Pass(facility) => self.enter_facility(entity, facility.index() as u32),
            Action::Move(movement) => self.enter_movement(entity, movement),
            Action::Ride { service, from, .. } => self.enter_stop(entity, service, from),
            Action::Call(stop) => self.call(entity, stop),
            Action::Load(stop) => self.load(entity, stop),
            Action::Assemble(assembly) => self.begin_assembly(entity, assembly),
            Action::Consolidate(lane) => self.enter_batch(entity, lane),
            Action::Stuff(lane) | Action::Strip(lane) => self.begin_box_work(entity, lane),
            Action::BreakUp => self.break_up(entity),
            Action::Take(hire) => self.take_boxes(entity, hire),
            Action::Leave(hire) => self.leave_boxes(entity, hire),
            Action::Choose => self.choose_anew(entity),
            Action::Finish => self.finish(entity),
        }
    }

    /// Goes on to the next step.
    #[inline]
    fn proceed(&mut self, entity: u32) {
        let it = &mut self.entities[entity];
        it.step += 1;
        it.visits = 0;
        self.perform(entity);
    }

    /// Puts the time since the entity's last record on record, as spent in cell `offset` of its step.
    #[inline]
    fn spend(&mut self, entity: u32, offset: u32) {
        let since = self.entities[entity].since;
        self.spend_part(entity, offset, self.now - since);
    }

    /// Puts the next `span` of the entity's time on record, as spent in cell `offset` of its step.
    #[inline]
    fn spend_part(&mut self, entity: u32, offset: u32, span: SimSpan) {
        let it = &mut self.entities[entity];
        let (from, cell) = (it.since, it.cell + offset);
        it.since += span;
        match it.kind {
            Kind::Consignment => {
                self.record.cells.add(cell as usize, span);
                if it.tracked {
                    let within = cell - it.cells;
                    self.track(entity, within, span);
                }
                let it = &self.entities[entity];
                if O::ACTIVE && it.observed {
                    self.observer.stretch(Stretch {
                        consignment: it.key,
                        created: it.created,
                        strand: it.strand,
                        cell: cell - it.cells,
                        from,
                        until: from + span,
                    });
                }
            }
            Kind::Vehicle => self.vehicles[it.body as usize].log.push(service::LogEntry {
                cell,
                from,
                until: from + span,
            }),
            Kind::Box => self.loads[it.body as usize].log.push(service::LogEntry {
                cell,
                from,
                until: from + span,
            }),
            Kind::Activity => {}
            Kind::Empty => self.record.cells.add(cell as usize, span),
        }
    }

    /// Puts the next `span` of the entity's time on record as spent in a cell that sets it back against its plan.
    #[inline]
    fn spend_delay(&mut self, entity: u32, offset: u32, span: SimSpan) {
        if span > SimSpan::ZERO {
            self.spend_part(entity, offset, span);
            let it = &mut self.entities[entity];
            if it.kind == Kind::Consignment {
                it.add_delay(span);
            }
        }
    }

    /// Delivered, or the end of the line.
    fn finish(&mut self, entity: u32) {
        match self.entities[entity].kind {
            Kind::Consignment => self.deliver(entity),
            Kind::Vehicle => self.retire_vehicle(entity),
            Kind::Box | Kind::Activity => {}
            Kind::Empty => self.empty_landed(entity),
        }
    }
}
