//! Servers with a life of their own: set-up, vacations, breakdowns, closing times that interrupt, preemption.
//!
//! Each server of such a facility is followed by itself. Work that is interrupted keeps what has been done and resumes
//! where it stopped: on its server after a breakdown or closing time, from the front of its class after a preemption.
//! Validated against M/G/1 with vacations (Levy and Yechiali 1975), breakdowns at work (Gaver 1962) and at any time
//! (White and Christie 1958), set-up, and preemptive-resume priorities.

use super::facility::FacilityState;
use super::observer::Observer;
use super::{Engine, Subject, phase};
use crate::model::plan::{CrewPlan, NONE, facility_cell};
use crate::random::{Purpose, Stream};
use crate::units::{SimSpan, SimTime};

/// Reasons why a server stands still although it may have someone in hand.
mod halt {
    /// Broken down.
    pub(super) const BROKEN: u8 = 1;
    /// Closing time, where work is carried over.
    pub(super) const CLOSED: u8 = 2;
    /// A disruption.
    pub(super) const DISRUPTED: u8 = 4;
}

/// What a server does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Duty {
    /// Nothing.
    Idle,
    /// Starting up for the entity in hand.
    SettingUp,
    /// Working on the entity in hand.
    Working,
    /// Held by an entity that found no room further on.
    Blocked,
    /// Away.
    Vacation,
}

/// One server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server {
    /// Its number among all servers with a life of their own.
    number: u32,
    duty: Duty,
    /// The entity in hand, or `NONE`.
    entity: u32,
    halts: u8,
    /// When the present duty ends if nothing intervenes; [`SimTime::NEVER`] while it stands still.
    due: SimTime,
    /// What is left of the present duty while it stands still.
    left: SimSpan,
    /// Since when it has been going on.
    since: SimTime,
    /// Since when it has had someone in hand.
    occupied_since: SimTime,
    /// Working time left until it fails.
    until_failure: SimSpan,
    /// Whether it must start up before it works.
    cold: bool,
    /// The work in hand as a whole.
    whole: SimSpan,
    /// How many breakdowns, vacations and set-ups it has had: the ordinals of their draws.
    breakdowns: u64,
    vacations: u64,
    set_ups: u64,
}

impl Server {
    pub fn new(facility: u32, place: u32, servers: &mut Vec<(u32, u32)>) -> Self {
        servers.push((facility, place));
        Self {
            number: (servers.len() - 1) as u32,
            duty: Duty::Idle,
            entity: NONE,
            halts: 0,
            due: SimTime::NEVER,
            left: SimSpan::ZERO,
            since: SimTime::START,
            occupied_since: SimTime::START,
            until_failure: SimSpan::FOREVER,
            cold: true,
            whole: SimSpan::ZERO,
            breakdowns: 0,
            vacations: 0,
            set_ups: 0,
        }
    }
}

impl Server {
    /// Whether it could take someone in hand.
    fn is_idle(&self) -> bool {
        self.duty == Duty::Idle && self.halts == 0
    }
}

impl FacilityState {
    /// The servers that may take someone in hand: all but those that a disruption takes away.
    fn crew_at_work(&self) -> &[Server] {
        self.crew.get(..self.servers as usize).unwrap_or(&self.crew)
    }
}

impl<O: Observer> Engine<'_, O> {
    fn crew_plan(&self, facility: u32) -> Option<&CrewPlan> {
        self.plan.facilities[facility as usize].crew.as_ref()
    }

    fn server(&mut self, facility: u32, place: u32) -> &mut Server {
        &mut self.facilities[facility as usize].crew[place as usize]
    }

    /// The address of a server's own draws.
    fn server_key(&self, facility: u32, place: u32) -> Stream {
        self.plan.facilities[facility as usize].stream.member(u64::from(place))
    }

    /// Starts the clocks of breakdowns and vacations.
    pub(super) fn start_crews(&mut self) {
        for number in 0..self.servers.len() {
            let (facility, place) = self.servers[number];
            self.renew_time_to_failure(facility, place);
            self.go_idle(facility, place);
        }
    }

    /// Draws the time until a server's next failure; schedules it where all time counts.
    fn renew_time_to_failure(&mut self, facility: u32, place: u32) {
        let key = self.server_key(facility, place);
        let Some((after, _, always)) = self.crew_plan(facility).and_then(|crew| crew.breakdown.clone()) else {
            return;
        };
        let ordinal = self.server(facility, place).breakdowns;
        let hours = after.at(&self.draws, key.cell(ordinal), CREW.purpose(Purpose::TimeToFailure));
        let span = SimSpan::from_hours(hours);
        let number = self.server(facility, place).number;
        if always {
            self.queue
                .schedule(self.now + span, phase::SWITCH, Subject::ServerLife.with(number));
        } else {
            self.server(facility, place).until_failure = span;
        }
    }

    /// Whether some server could begin on an arrival at once.
    pub(super) fn crew_has_idle(&self, facility: u32) -> bool {
        let state = &self.facilities[facility as usize];
        state.is_open() && state.crew_at_work().iter().any(Server::is_idle)
    }

    /// An entity comes to a facility with such servers.
    pub(super) fn enter_crew(&mut self, entity: u32, facility: u32) {
        let plan = &self.plan.facilities[facility as usize];
        let state = &self.facilities[facility as usize];
        let idle = self.crew_has_idle(facility);
        if !(idle && state.queue_length == 0)
            && state.queue_length >= plan.waiting_room
            && !self.can_preempt(entity, facility)
        {
            return self.turn_away(entity, facility);
        }
        self.wait_for_server(entity, facility);
        self.serve_next_by_crew(facility);
        self.preempt(facility);
    }

    /// Lets idle servers begin on those who wait, or start up for them.
    pub(super) fn serve_next_by_crew(&mut self, facility: u32) {
        if !self.facilities[facility as usize].is_open() {
            return;
        }
        let Some(crew) = self.crew_plan(facility) else { return };
        let (start_when, set_up) = (crew.start_when.max(1), crew.set_up.is_some());
        loop {
            let state = &self.facilities[facility as usize];
            if state.queue_length == 0 {
                return;
            }
            let mut idle = state.crew_at_work().iter().filter(|server| server.is_idle());
            let enough = state.queue_length >= start_when;
            if let Some(server) = idle.clone().find(|server| !server.cold || !set_up && enough) {
                let place = self.servers[server.number as usize].1;
                self.take_in_hand(facility, place);
                continue;
            }
            let starting = || {
                state
                    .crew
                    .iter()
                    .filter(|server| server.duty == Duty::SettingUp)
                    .count() as u64
            };
            match idle.find(|server| server.cold) {
                Some(server) if set_up && enough && state.queue_length > starting() => {
                    let place = self.servers[server.number as usize].1;
                    self.set_up(facility, place);
                }
                _ => return,
            }
        }
    }

    /// A server takes the first of the queue.
    fn take_in_hand(&mut self, facility: u32, place: u32) {
        let Some(entity) = self.take_waiting(facility) else {
            return;
        };
        let now = self.now;
        self.facilities[facility as usize].occupy(now);
        let server = self.server(facility, place);
        server.entity = entity;
        server.occupied_since = now;
        server.cold = false;
        self.begin_server_work(facility, place);
    }

    /// A cold server starts up; whom it starts for goes on waiting.
    fn set_up(&mut self, facility: u32, place: u32) {
        let key = self.server_key(facility, place);
        let Some(time) = self.crew_plan(facility).and_then(|crew| crew.set_up.clone()) else {
            return;
        };
        let server = self.server(facility, place);
        let ordinal = server.set_ups;
        server.set_ups += 1;
        server.duty = Duty::SettingUp;
        let hours = time.at(&self.draws, key.cell(ordinal), CREW.purpose(Purpose::SetUpTime));
        self.server(facility, place).left = SimSpan::from_hours(hours);
        self.resume_server(facility, place);
    }

    /// The entity's wait is over and the work on it begins or resumes.
    fn begin_server_work(&mut self, facility: u32, place: u32) {
        let entity = self.server(facility, place).entity;
        let work = if std::mem::replace(&mut self.entities[entity].resumed, false) {
            self.entities[entity].mark_disrupted = 0;
            self.entities[entity].work
        } else {
            let (work, inspection) = self.draw_work(entity, facility);
            self.entities[entity].inspection = inspection;
            let counted = self.count_wait(entity, facility);
            let tally = &mut self.facilities[facility as usize].tally;
            tally.starts += u64::from(self.observing);
            if counted {
                tally.service += i128::from(work.0);
            }
            work
        };
        let server = self.server(facility, place);
        server.duty = Duty::Working;
        server.left = work;
        server.whole = work;
        self.resume_server(facility, place);
    }

    /// Lets a server's present duty go on, unless something halts it.
    fn resume_server(&mut self, facility: u32, place: u32) {
        let now = self.now;
        let server = self.server(facility, place);
        server.since = now;
        if server.halts != 0 {
            server.due = SimTime::NEVER;
            return;
        }
        let at_work = server.duty == Duty::Working;
        let span = if at_work {
            server.left.min(server.until_failure)
        } else {
            server.left
        };
        server.due = now + span;
        let (due, number) = (server.due, server.number);
        self.queue
            .schedule(due, phase::FINISH, Subject::ServerWork.with(number));
    }

    /// Stops the clock of a server's present duty; absences go on.
    fn pause_server(&mut self, facility: u32, place: u32) {
        self.account(facility, place);
        let server = self.server(facility, place);
        if server.duty != Duty::Vacation {
            server.due = SimTime::NEVER;
        }
    }

    /// Puts on record what a server has been doing since the last time.
    fn account(&mut self, facility: u32, place: u32) {
        let now = self.now;
        let server = *self.server(facility, place);
        let span = now - server.since;
        let running = server.halts == 0;
        match (server.duty, running) {
            (Duty::Working, true) => {
                // Papers first, then the inspection.
                let inspection = self.entities[server.entity].inspection - (server.left - span);
                let inspection = inspection.clamp(SimSpan::ZERO, span);
                // What a disruption adds to the work is counted first.
                let added = SimSpan(self.entities[server.entity].mark_disrupted).min(span - inspection);
                self.entities[server.entity].mark_disrupted -= added.0;
                self.spend_delay(server.entity, facility_cell::DISRUPTED, added);
                if inspection + added < span {
                    self.spend_part(server.entity, facility_cell::WORK, span - inspection - added);
                }
                if inspection > SimSpan::ZERO {
                    self.spend_part(server.entity, facility_cell::INSPECTION, inspection);
                }
                self.count_server_work(facility, server.since);
                let server = self.server(facility, place);
                server.left -= span;
                if server.until_failure < SimSpan::FOREVER {
                    server.until_failure -= span;
                }
            }
            (Duty::SettingUp, true) => {
                let server = self.server(facility, place);
                server.left -= span;
            }
            (Duty::Working, false) => {
                let closed = server.halts & (halt::BROKEN | halt::DISRUPTED) == 0;
                let cell = if closed {
                    facility_cell::CLOSED
                } else {
                    facility_cell::DISRUPTED
                };
                let since = self.entities[server.entity].since;
                self.spend_delay(server.entity, cell, now - since);
            }
            _ => {}
        }
        self.server(facility, place).since = now;
    }

    /// A server's work ends, or it fails at it. Events that something has overtaken are told by their time.
    pub(super) fn end_server_work(&mut self, number: u32) {
        let (facility, place) = self.servers[number as usize];
        let now = self.now;
        if self.server(facility, place).due != now {
            return;
        }
        self.account(facility, place);
        let server = self.server(facility, place);
        server.due = SimTime::NEVER;
        match server.duty {
            Duty::SettingUp => {
                server.duty = Duty::Idle;
                server.cold = false;
                self.go_on_or_rest(facility, place);
            }
            Duty::Working if server.left > SimSpan::ZERO => self.break_down(facility, place),
            Duty::Working => {
                let entity = server.entity;
                self.entities[entity].work = SimSpan::ZERO;
                self.count_stay(entity, facility);
                if self.is_held(entity, facility) {
                    self.server(facility, place).duty = Duty::Blocked;
                    return;
                }
                self.free_server(facility, place);
                self.after_work(entity, facility);
            }
            _ => {}
        }
    }

    /// A server fails and is repaired.
    fn break_down(&mut self, facility: u32, place: u32) {
        let key = self.server_key(facility, place);
        let Some((_, lasts, _)) = self.crew_plan(facility).and_then(|crew| crew.breakdown.clone()) else {
            return;
        };
        let server = self.server(facility, place);
        let ordinal = server.breakdowns;
        server.breakdowns += 1;
        let number = server.number;
        self.halt(facility, place, halt::BROKEN);
        if self.crew_plan(facility).is_some_and(|crew| crew.restarts) {
            let server = self.server(facility, place);
            server.left = server.whole;
        }
        let hours = lasts.at(&self.draws, key.cell(ordinal), CREW.purpose(Purpose::RepairTime));
        self.queue.schedule(
            self.now + SimSpan::from_hours(hours),
            phase::SWITCH,
            Subject::ServerLife.with(number),
        );
    }

    /// A server returns from repair or vacation or, where all time counts, fails.
    pub(super) fn server_life(&mut self, number: u32) {
        let (facility, place) = self.servers[number as usize];
        let now = self.now;
        let server = self.server(facility, place);
        if server.duty == Duty::Vacation && server.due == now {
            server.due = SimTime::NEVER;
            server.duty = Duty::Idle;
            let repeated = self
                .crew_plan(facility)
                .and_then(|crew| crew.vacation.as_ref())
                .is_some_and(|(_, again)| *again);
            if repeated {
                self.go_on_or_rest(facility, place);
            } else {
                self.serve_next_by_crew(facility);
                self.freed.push(facility);
            }
        } else if server.halts & halt::BROKEN != 0 {
            self.renew_time_to_failure(facility, place);
            self.unhalt(facility, place, halt::BROKEN);
        } else {
            self.break_down(facility, place);
        }
    }

    fn halt(&mut self, facility: u32, place: u32, reason: u8) {
        self.pause_server(facility, place);
        self.server(facility, place).halts |= reason;
    }

    fn unhalt(&mut self, facility: u32, place: u32, reason: u8) {
        self.account(facility, place);
        let server = self.server(facility, place);
        server.halts &= !reason;
        if server.halts == 0 {
            match server.duty {
                Duty::Working | Duty::SettingUp => self.resume_server(facility, place),
                Duty::Idle => {
                    self.serve_next_by_crew(facility);
                    self.freed.push(facility);
                }
                Duty::Blocked | Duty::Vacation => {}
            }
        }
    }

    /// A server has nobody in hand any more, and takes the next or goes idle.
    fn free_server(&mut self, facility: u32, place: u32) {
        self.end_occupation(facility, place);
        let server = self.server(facility, place);
        server.entity = NONE;
        server.duty = Duty::Idle;
        self.go_on_or_rest(facility, place);
    }

    /// A server that has nobody in hand takes the next of those who wait, here or held before the facility, or else goes idle.
    fn go_on_or_rest(&mut self, facility: u32, place: u32) {
        self.serve_next_by_crew(facility);
        self.freed.push(facility);
        if self.facilities[facility as usize].held.head != NONE {
            self.settle();
        }
        if self.server(facility, place).duty == Duty::Idle {
            self.go_idle(facility, place);
        }
    }

    /// Counts the time for which a server has had someone in hand.
    fn end_occupation(&mut self, facility: u32, place: u32) {
        let since = self.server(facility, place).occupied_since;
        let occupied = if self.window_over { 0 } else { self.overlap(since) };
        let state = &mut self.facilities[facility as usize];
        state.vacate(self.now);
        state.tally.occupied += i128::from(occupied);
    }

    /// Counts the stay of an entity whose service ends: wait, work and interruptions.
    fn count_stay(&mut self, entity: u32, facility: u32) {
        if self.is_counted(entity, facility) {
            let it = &self.entities[entity];
            let tally = &mut self.facilities[facility as usize].tally;
            tally.stays += 1;
            tally.stay += i128::from((self.now - it.arrived).0);
        }
    }

    fn count_server_work(&mut self, facility: u32, since: SimTime) {
        if !self.window_over {
            let worked = self.overlap(since);
            self.facilities[facility as usize].tally.work += i128::from(worked);
        }
    }

    /// The server held by an entity that has found room further on is free.
    pub(super) fn release_crew_server(&mut self, facility: u32) {
        let crew = &self.facilities[facility as usize].crew;
        if let Some(place) = crew.iter().position(|server| server.duty == Duty::Blocked) {
            self.free_server(facility, place as u32);
        }
    }

    /// A server that finds nothing to do: it cools down, and may leave.
    fn go_idle(&mut self, facility: u32, place: u32) {
        let key = self.server_key(facility, place);
        let vacation = self.crew_plan(facility).and_then(|crew| crew.vacation.clone());
        let server = self.server(facility, place);
        server.cold = true;
        if let Some((lasts, _)) = vacation {
            let ordinal = server.vacations;
            server.vacations += 1;
            let number = server.number;
            let hours = lasts.at(&self.draws, key.cell(ordinal), CREW.purpose(Purpose::VacationTime));
            let until = self.now + SimSpan::from_hours(hours).max(SimSpan(1));
            let server = self.server(facility, place);
            server.duty = Duty::Vacation;
            server.due = until;
            self.queue
                .schedule(until, phase::SWITCH, Subject::ServerLife.with(number));
        }
    }

    /// The server with the worst class at work that a better one in the queue may interrupt.
    fn victim(&self, facility: u32, better_than: u8) -> Option<u32> {
        let plan = &self.plan.facilities[facility as usize];
        let crew = &self.facilities[facility as usize].crew;
        let candidates = crew
            .iter()
            .enumerate()
            .filter(|(_, server)| server.duty == Duty::Working && server.halts == 0);
        let (place, class) = candidates
            .map(|(place, server)| (place, self.class_at(server.entity, plan)))
            .max_by_key(|(place, class)| (*class, *place))?;
        (class > better_than).then_some(place as u32)
    }

    fn can_preempt(&self, entity: u32, facility: u32) -> bool {
        let class = self.class_at(entity, &self.plan.facilities[facility as usize]);
        self.crew_plan(facility).is_some_and(|crew| crew.preemptive) && self.victim(facility, class).is_some()
    }

    /// Lets those who wait interrupt work on worse classes.
    fn preempt(&mut self, facility: u32) {
        if !self.crew_plan(facility).is_some_and(|crew| crew.preemptive)
            || !self.facilities[facility as usize].is_open()
        {
            return;
        }
        while let Some(class) = self.facilities[facility as usize].best_class()
            && let Some(place) = self.victim(facility, class)
        {
            self.pause_server(facility, place);
            self.end_occupation(facility, place);
            let server = self.server(facility, place);
            let (interrupted, left) = (server.entity, server.left);
            server.duty = Duty::Idle;
            server.entity = NONE;
            let it = &mut self.entities[interrupted];
            it.work = left;
            it.resumed = true;
            // The better one first, so that the interrupted one is not taken up again.
            self.take_in_hand(facility, place);
            self.wait_for_server(interrupted, facility);
        }
    }

    /// Hours or disruptions of the facility have changed.
    pub(super) fn change_crew_hindrance(&mut self, facility: u32) {
        let carry_over = self.crew_plan(facility).is_some_and(|crew| crew.carry_over);
        let state = &self.facilities[facility as usize];
        let (closed, stopped) = (state.closed, state.stops > 0);
        for place in 0..self.facilities[facility as usize].crew.len() as u32 {
            for (reason, on) in [(halt::CLOSED, closed && carry_over), (halt::DISRUPTED, stopped)] {
                let halted = self.server(facility, place).halts & reason != 0;
                match (halted, on) {
                    (false, true) => self.halt(facility, place, reason),
                    (true, false) => self.unhalt(facility, place, reason),
                    _ => {}
                }
            }
        }
    }

    /// The window ends: what servers have in hand is counted up to now.
    pub(super) fn account_crew(&mut self, facility: u32) {
        for place in 0..self.facilities[facility as usize].crew.len() as u32 {
            let server = *self.server(facility, place);
            if server.entity == NONE {
                continue;
            }
            let occupied = self.overlap(server.occupied_since);
            self.facilities[facility as usize].tally.occupied += i128::from(occupied);
            if server.duty == Duty::Working && server.halts == 0 {
                self.count_server_work(facility, server.since);
            }
        }
    }
}

/// The place at which servers make their own draws.
const CREW: Stream = Stream::of("crew");
