//! Everything dated, laid out on the run's clock once.

use super::plan::Window;
use super::window::{horizon, window};
use crate::calendar::{
    Clock, OpeningHours, Profile, Recurrence, SeasonFactors, Switches, parse_date, parse_date_time, parse_hours,
    parse_time_of_week, parse_zone,
};
use crate::network::Network;
use crate::scenario::Scenario;
use crate::scenario::demand::Season;
use crate::scenario::operation::{Calendar, Disruption, Weekday};
use crate::scenario::service::{Departures, Service};
use crate::units::{SimSpan, SimTime};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The dates of a model.
#[derive(Clone, Debug)]
pub struct Dates {
    /// The clock.
    pub clock: Clock,
    /// The observation window.
    pub window: Window,
    /// Until when everything is laid out.
    pub horizon: SimTime,
    /// Opening hours, one for each calendar in each time zone in which it is kept.
    pub calendars: Vec<Arc<Switches>>,
    /// For each facility, its opening hours.
    pub calendar_of: Vec<Option<usize>>,
    /// For each service with a written timetable, its departures.
    pub timetables: Vec<Option<Recurrence>>,
    /// For each consolidation with written times of dispatch, these.
    pub dispatches: Vec<Option<Recurrence>>,
    /// For each dated disruption, beginning and end.
    pub disruptions: Vec<(SimTime, SimTime)>,
    seasons: BTreeMap<String, Arc<Profile>>,
    /// For each service, the first and last moment of its validity.
    validity: Vec<(SimTime, SimTime)>,
}

impl Dates {
    /// Lays out the dates of `scenario`.
    pub fn new(scenario: &Scenario, network: &Network, warm_up: SimSpan) -> Self {
        let run = &scenario.run;
        // A checked scenario's start and zone can be read.
        let clock = Clock::new(&run.start, &run.time_zone).unwrap_or_else(|_| Clock::utc());
        let window = window(scenario, warm_up);
        let horizon = horizon(scenario, &window);
        let zone_of = |node: Option<&str>| {
            node.and_then(|node| scenario.nodes.get(node))
                .and_then(|node| node.time_zone.as_ref())
                .and_then(|zone| parse_zone(zone).ok())
                .unwrap_or_else(|| clock.zone().clone())
        };
        let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut calendars = Vec::new();
        let calendar_of = scenario
            .facilities
            .values()
            .map(|facility| {
                let name = facility.calendar.as_ref()?;
                let calendar = scenario.calendars.get(name)?;
                let zone = zone_of(facility.node.as_deref());
                let key = (name.clone(), zone.iana_name().unwrap_or_default().to_owned());
                let number = *known.entry(key).or_insert_with(|| {
                    calendars.push(Arc::new(opening_hours(calendar).switches(&clock, &zone, horizon)));
                    calendars.len() - 1
                });
                Some(number)
            })
            .collect();
        let validity: Vec<_> = scenario
            .services
            .values()
            .map(|service| validity(&clock, service))
            .collect();
        let timetables = scenario
            .services
            .values()
            .zip(&validity)
            .map(|(service, (from, until))| {
                let zone = zone_of(service.stops.first().map(String::as_str));
                timetable(&clock, &zone, service, horizon).map(|times| times.within(*from, *until))
            })
            .collect();
        let dispatches = scenario
            .consolidations
            .values()
            .map(|stated| {
                let times = &stated.dispatch.as_ref()?.weekly;
                let times: Vec<_> = times.iter().filter_map(|time| parse_time_of_week(time).ok()).collect();
                let zone = zone_of(stated.at.as_deref());
                (!times.is_empty()).then(|| Recurrence::weekly(&clock, &zone, &times, horizon))
            })
            .collect();
        debug_assert_eq!(network.tables.services.len(), validity.len());
        Self {
            calendars,
            calendar_of,
            timetables,
            dispatches,
            disruptions: scenario
                .disruptions
                .values()
                .map(|disruption| span_of(&clock, disruption))
                .collect(),
            seasons: scenario
                .seasons
                .iter()
                .map(|(name, season)| {
                    (
                        name.clone(),
                        Arc::new(Profile::of_season(&clock, &factors(season), horizon)),
                    )
                })
                .collect(),
            validity,
            clock,
            window,
            horizon,
        }
    }

    /// The season called `name`.
    pub fn season(&self, name: &str) -> Option<Arc<Profile>> {
        self.seasons.get(name).cloned()
    }

    /// From the beginning of the first to the end of the last date of a service.
    pub(super) fn validity(&self, service: usize) -> std::ops::Range<SimTime> {
        let (from, until) = self.validity[service];
        from..until
    }

    /// When services begin and end to run, after the start and before `end`.
    pub(super) fn changes_of_services(&self, end: SimTime) -> Vec<SimTime> {
        let dates = self.validity.iter().flat_map(|(from, until)| [*from, *until]);
        let changes: BTreeSet<SimTime> = dates.filter(|time| *time > SimTime::START && *time < end).collect();
        changes.into_iter().collect()
    }

    /// The part of a service's departures that lies within its validity.
    pub(super) fn between(&self, service: usize, times: Recurrence) -> Recurrence {
        let (from, until) = self.validity[service];
        times.within(from, until)
    }
}

fn opening_hours(calendar: &Calendar) -> OpeningHours {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let read = |text: &str| parse_hours(text).unwrap_or_default();
    let daily = calendar.daily.as_deref().map(read);
    let of_day = |day: Weekday| match (calendar.weekly.get(&day), &daily) {
        (Some(text), _) => read(text),
        (None, Some(hours)) => hours.clone(),
        // A calendar that names some days is closed on the others.
        (None, None) if !calendar.weekly.is_empty() => Vec::new(),
        (None, None) => read("always"),
    };
    OpeningHours {
        weekly: [Mon, Tue, Wed, Thu, Fri, Sat, Sun].map(of_day),
        dates: calendar
            .dates
            .iter()
            .filter_map(|(date, text)| Some((parse_date(date).ok()?, read(text))))
            .collect(),
    }
}

fn timetable(clock: &Clock, zone: &TimeZone, service: &Service, horizon: SimTime) -> Option<Recurrence> {
    match &service.departures {
        Departures::Weekly(times) => {
            let times: Vec<_> = times.iter().filter_map(|time| parse_time_of_week(time).ok()).collect();
            Some(Recurrence::weekly(clock, zone, &times, horizon))
        }
        Departures::Dated(times) => {
            let times: Vec<_> = times.iter().filter_map(|time| parse_date_time(time).ok()).collect();
            Some(Recurrence::dated(clock, zone, &times))
        }
        _ => None,
    }
}

/// From the beginning of the first to the end of the last date of a service.
fn validity(clock: &Clock, service: &Service) -> (SimTime, SimTime) {
    let day = |date: &Option<String>| date.as_ref().and_then(|date| parse_date(date).ok());
    let midnight = |date: jiff::civil::Date| clock.at(date.at(0, 0, 0, 0), clock.zone());
    let from = day(&service.from_date).map_or(SimTime::START, midnight);
    let until = day(&service.until_date)
        .and_then(|date| date.tomorrow().ok())
        .map_or(SimTime::NEVER, midnight);
    (from, until)
}

fn span_of(clock: &Clock, disruption: &Disruption) -> (SimTime, SimTime) {
    let read = |date: &Option<String>| {
        date.as_ref()
            .and_then(|date| parse_date_time(date).ok())
            .map(|time| clock.at(time, clock.zone()))
    };
    (
        read(&disruption.from_date).unwrap_or(SimTime::START),
        read(&disruption.until_date).unwrap_or(SimTime::NEVER),
    )
}

fn factors(season: &Season) -> SeasonFactors {
    fn fixed<const N: usize>(list: Option<&Vec<f64>>) -> Option<[f64; N]> {
        list.and_then(|list| list.as_slice().try_into().ok())
    }
    SeasonFactors {
        monthly: fixed(season.monthly.as_ref()),
        weekday: fixed(season.weekday.as_ref()),
        hourly: fixed(season.hourly.as_ref()),
        dated: season
            .dated
            .iter()
            .filter_map(|(month, factor)| {
                let (year, month) = month.split_once('-')?;
                Some(((year.parse().ok()?, month.parse().ok()?), *factor))
            })
            .collect(),
    }
}
