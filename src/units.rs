//! Identifiers and physical quantities, one type each.
//!
//! Inside a replication everything that is counted is an integer: time in microseconds, cargo in thousandths of a
//! TEU, mass in kilograms. Integer sums are exact, so totals do not depend on the order in which they are added up
//! and equal times are equal. Conversion to hours, days, TEU and tonnes happens at the edges, by the methods here.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// Declares identifiers that are positions in one of the model's tables.
macro_rules! identifiers {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub struct $name(u32);

        impl $name {
            /// The identifier of the table row at `index`.
            #[inline]
            pub const fn new(index: usize) -> Self {
                Self(index as u32)
            }

            /// The row of the table that this identifies.
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )+};
}

identifiers! {
    /// A place of the network.
    NodeId,
    /// A way between two places that carries one mode.
    LinkId,
    /// A scheduled line.
    ServiceId,
    /// A resource with a queue.
    FacilityId,
    /// A demand from one zone to another for one commodity.
    FlowId,
    /// A kind of goods.
    CommodityId,
    /// A door-to-door sequence of steps.
    RouteId,
    /// A flow on one of its routes.
    StrandId,
    /// A set of activities done side by side.
    AssemblyId,
    /// A way of consolidated boxes from a centre to a far-end centre.
    LaneId,
    /// A movement with its own running time: a link on demand, or one leg of a service.
    MovementId,
    /// A closable way: the base that several movements share.
    WayId,
    /// Opening hours.
    CalendarId,
    /// Something that goes wrong.
    DisruptionId,
    /// A group of routes reported together.
    CorridorId,
    /// A place where the empty boxes of one container pool are kept.
    DepotId,
    /// Boxes taken at one depot and left at another on a route.
    HireId,
}

/// Microseconds in an hour.
pub const MICROSECONDS_PER_HOUR: f64 = 3_600_000_000.0;
/// Hours in a day.
pub const HOURS_PER_DAY: f64 = 24.0;
/// Hours in the year by which yearly figures are turned into rates (365 days).
pub const HOURS_PER_YEAR: f64 = 8_760.0;

/// A point on the simulation clock: microseconds since the scenario's start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct SimTime(pub i64);

/// A length of simulated time in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct SimSpan(pub i64);

impl SimTime {
    /// The scenario's start.
    pub const START: Self = Self(0);
    /// Later than anything that happens: 2^55 microseconds, some 1,140 years.
    pub const NEVER: Self = Self(1 << 55);

    /// The point `hours` after the start.
    #[inline]
    pub fn from_hours(hours: f64) -> Self {
        Self::START + SimSpan::from_hours(hours)
    }

    /// Hours since the start.
    #[inline]
    pub fn hours(self) -> f64 {
        SimSpan(self.0).hours()
    }
}

impl SimSpan {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than any run.
    pub const FOREVER: Self = Self(1 << 55);

    /// A span of `hours`, rounded to the nearest microsecond; negative and non-finite input count as zero, and
    /// anything longer than [`SimSpan::FOREVER`] as that.
    #[inline]
    pub fn from_hours(hours: f64) -> Self {
        let microseconds = hours * MICROSECONDS_PER_HOUR + 0.5;
        Self((microseconds as i64).clamp(0, Self::FOREVER.0))
    }

    /// The span in hours.
    #[inline]
    pub fn hours(self) -> f64 {
        self.0 as f64 / MICROSECONDS_PER_HOUR
    }

    /// The span in days.
    #[inline]
    pub fn days(self) -> f64 {
        self.hours() / HOURS_PER_DAY
    }
}

impl Add<SimSpan> for SimTime {
    type Output = Self;
    #[inline]
    fn add(self, span: SimSpan) -> Self {
        Self(self.0 + span.0)
    }
}

impl AddAssign<SimSpan> for SimTime {
    #[inline]
    fn add_assign(&mut self, span: SimSpan) {
        self.0 += span.0;
    }
}

impl Sub<SimSpan> for SimTime {
    type Output = Self;
    #[inline]
    fn sub(self, span: SimSpan) -> Self {
        Self(self.0 - span.0)
    }
}

impl Sub for SimTime {
    type Output = SimSpan;
    #[inline]
    fn sub(self, earlier: Self) -> SimSpan {
        SimSpan(self.0 - earlier.0)
    }
}

impl Mul<i64> for SimSpan {
    type Output = Self;
    #[inline]
    fn mul(self, factor: i64) -> Self {
        Self(self.0 * factor)
    }
}

/// Declares the sums and differences of a quantity.
macro_rules! additive {
    ($($name:ident),+ $(,)?) => {$(
        impl Add for $name {
            type Output = Self;
            #[inline]
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl AddAssign for $name {
            #[inline]
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }
        impl Sub for $name {
            type Output = Self;
            #[inline]
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
        impl SubAssign for $name {
            #[inline]
            fn sub_assign(&mut self, other: Self) {
                self.0 -= other.0;
            }
        }
        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
                iter.fold(Self::default(), Add::add)
            }
        }
    )+};
}

additive!(SimSpan, MilliTeu, Kilograms, Kilometres, Money, KgCo2e);

impl Neg for SimSpan {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

/// Container space in thousandths of a twenty-foot equivalent unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct MilliTeu(pub i64);

impl MilliTeu {
    /// No limit on space.
    pub const UNLIMITED: Self = Self(i64::MAX / 4);

    /// The space of `teu` TEU, rounded to a thousandth.
    #[inline]
    pub fn from_teu(teu: f64) -> Self {
        Self((teu * 1000.0 + 0.5) as i64)
    }

    /// The space in TEU.
    #[inline]
    pub fn teu(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

/// Mass in kilograms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Kilograms(pub i64);

impl Kilograms {
    /// No limit on mass.
    pub const UNLIMITED: Self = Self(i64::MAX / 4);

    /// The mass of `tonnes` tonnes, rounded to a kilogram.
    #[inline]
    pub fn from_tonnes(tonnes: f64) -> Self {
        Self((tonnes * 1000.0 + 0.5) as i64)
    }

    /// The mass in tonnes.
    #[inline]
    pub fn tonnes(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

/// A distance in kilometres.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize, Deserialize)]
pub struct Kilometres(pub f64);

/// An amount in the scenario's reporting currency.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize, Deserialize)]
pub struct Money(pub f64);

/// Well-to-wheel greenhouse gas emissions, kilograms of CO2 equivalent.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize, Deserialize)]
pub struct KgCo2e(pub f64);

/// Speed in kilometres an hour.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize, Deserialize)]
pub struct KilometresPerHour(pub f64);

impl Div<KilometresPerHour> for Kilometres {
    type Output = SimSpan;
    fn div(self, speed: KilometresPerHour) -> SimSpan {
        SimSpan::from_hours(self.0 / speed.0)
    }
}

impl Mul<f64> for Money {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

impl Mul<f64> for KgCo2e {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} h", self.hours())
    }
}

/// A place on the globe, WGS 84 degrees.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Position {
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Degrees north, -90 to 90.
    pub latitude: f64,
}

impl Position {
    /// Mean radius of the Earth (IUGG).
    const EARTH_RADIUS: f64 = 6371.0088;

    /// Great-circle distance by the haversine formula.
    pub fn distance(self, other: Self) -> Kilometres {
        let (lat1, lat2) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_dlat = (lat2 - lat1) / 2.0;
        let half_dlon = (other.longitude - self.longitude).to_radians() / 2.0;
        let (s1, s2) = (libm::sin(half_dlat), libm::sin(half_dlon));
        let a = s1 * s1 + libm::cos(lat1) * libm::cos(lat2) * s2 * s2;
        Kilometres(2.0 * Self::EARTH_RADIUS * libm::asin(libm::sqrt(a.min(1.0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_survive_the_round_trip_to_a_microsecond() {
        for hours in [0.0, 1.0 / 3.0, 24.0, 71_400.123_456] {
            assert!((SimSpan::from_hours(hours).hours() - hours).abs() < 1.0 / MICROSECONDS_PER_HOUR);
        }
        assert_eq!(SimSpan::from_hours(-3.0), SimSpan::ZERO);
        assert_eq!(SimSpan::from_hours(f64::INFINITY), SimSpan::FOREVER);
    }

    #[test]
    fn great_circle_from_changsha_to_duisburg() {
        let changsha = Position {
            longitude: 112.98,
            latitude: 28.25,
        };
        let duisburg = Position {
            longitude: 6.76,
            latitude: 51.43,
        };
        let Kilometres(km) = changsha.distance(duisburg);
        // Independently: spherical law of cosines.
        let (a, b) = (28.25_f64.to_radians(), 51.43_f64.to_radians());
        let cosine = a.sin() * b.sin() + a.cos() * b.cos() * (112.98_f64 - 6.76).to_radians().cos();
        assert!((km - cosine.acos() * 6371.0088).abs() < 0.01, "{km}");
    }
}
