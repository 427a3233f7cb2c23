//! Randomness has one door: every draw is a function of what it is for.
//!
//! A draw is addressed by the seed, the replication, the entity it concerns (consignment 17 of a flow, the 14 March
//! departure of a service) and its purpose (the inspection at one customs desk). The address is the counter of a
//! Philox generator (Salmon et al. 2011, *Parallel random numbers: as easy as 1, 2, 3*), so nothing that happened
//! before can shift a draw: scenarios stay synchronised, threads cannot matter, and any draw can be made again alone.
//! Variates come by inversion, one uniform each, so a changed distribution is read at the same quantile.
//! The generator's known answers, its quality across neighbouring addresses and the samplers' moments are tested in
//! `tests/integration/randomness.rs`.

mod count;
mod family;
mod philox;
mod poisson;
mod quantile;
mod sampler;
mod special;

pub use count::CountFamily;
pub use family::{Family, FamilyError};
pub use philox::{ROUNDS, philox2x64};
pub use poisson::PoissonInverter;
pub use quantile::{QuantileTable, TableStore};
pub use sampler::Sampler;
pub use special::{gamma_halves, normal_quantile};

use std::convert::Infallible;

/// What a replication's randomness starts from; stated in the scenario or on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seed(pub u64);

/// Spreads the bits of `x`: the finaliser of SplitMix64, a bijection of 64-bit words.
#[inline]
const fn spread(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Odd multipliers that keep ordinals, cells and purposes of one entity apart.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
const SILVER: u64 = 0xd1b5_4a32_d192_ed03;
const BRONZE: u64 = 0xabc9_8388_fb8f_ac03;
const COPPER: u64 = 0x8cb9_2ba7_2f3d_8dd7;

/// The address of an entity or a place: a hash of its name, never of its position in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Stream(pub u64);

impl Stream {
    /// The stream of the thing called `name`: FNV-1a over its bytes, then spread.
    pub const fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut i = 0;
        while i < bytes.len() {
            hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            i += 1;
        }
        Self(spread(hash))
    }

    /// The `ordinal`-th member of this stream, such as the consignments of a flow.
    #[inline]
    pub const fn member(self, ordinal: u64) -> Self {
        Self(self.0.wrapping_add(ordinal.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// The part of this stream that lies in time cell `cell`.
    #[inline]
    pub const fn cell(self, cell: u64) -> Self {
        Self(self.0.wrapping_add(cell.wrapping_add(1).wrapping_mul(SILVER)))
    }

    /// A part of the entity, or a companion of it: another of the same batch, an activity done for it, its successor.
    #[inline]
    pub const fn part(self, number: u64) -> Self {
        Self(self.0.wrapping_add(number.wrapping_add(1).wrapping_mul(COPPER)))
    }

    /// What is drawn at this place for `purpose`.
    #[inline]
    pub const fn purpose(self, purpose: Purpose) -> Self {
        Self(self.0.wrapping_add((purpose as u64 + 1).wrapping_mul(BRONZE)))
    }
}

/// What a draw decides. The discriminants are part of every draw's address: never renumber them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum Purpose {
    /// How many consignments a flow generates in a time cell.
    ArrivalCount = 0,
    /// When in its time cell a consignment is generated.
    ArrivalTime = 1,
    /// The gap before the next arrival of a renewal stream.
    ArrivalGap = 2,
    /// How many consignments arrive together.
    BatchSize = 3,
    /// How large a consignment is.
    ConsignmentSize = 4,
    /// Which route a consignment takes: the shipper's taste for that route.
    RouteTaste = 5,
    /// How long a facility works on it.
    ServiceTime = 6,
    /// Whether it is inspected.
    InspectionMark = 7,
    /// How long the inspection lasts.
    InspectionTime = 8,
    /// The time between service and release.
    ReleaseTime = 9,
    /// Where it goes next.
    NextFacility = 10,
    /// How long a movement takes.
    RunningTime = 11,
    /// How long a vehicle stands at a stop.
    DwellTime = 12,
    /// How late a vehicle departs.
    DepartureDelay = 13,
    /// Whether a departure is cancelled.
    Cancellation = 14,
    /// The gap before the next departure of an untimetabled service.
    Headway = 15,
    /// How long a vehicle takes to be ready for its next departure.
    Turnaround = 16,
    /// Working or elapsed time until a server breaks down.
    TimeToFailure = 17,
    /// How long a repair takes.
    RepairTime = 18,
    /// How long a server stays away.
    VacationTime = 19,
    /// How long an idle server takes to start up.
    SetUpTime = 20,
    /// The time until a disruption begins.
    DisruptionGap = 21,
    /// How long a disruption lasts.
    DisruptionTime = 22,
    /// Whether a possible disruption comes about in its season.
    DisruptionMark = 23,
    /// The value of an uncertain input in this replication.
    Input = 24,
    /// Whether a consignment is less than a container load.
    LclMark = 30,
    /// How long the box of a batch is stuffed.
    BatchStuffingTime = 31,
    /// How long it is broken up.
    BatchStrippingTime = 32,
    /// How much other cargo a departure carries.
    BackgroundLoad = 33,
    /// How long a box takes from its depot to the moment when it moves on with cargo.
    StuffingTime = 40,
    /// How long a box takes from delivery until it is empty and back at a depot.
    StrippingTime = 41,
    /// How long empties take from one depot to another.
    RepositioningTime = 42,
}

/// The randomness of one replication.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Draws {
    key: u64,
}

impl Draws {
    /// The draws of `replication` under `seed`. Distinct replications of a seed have distinct generator keys, since
    /// every step is a bijection, so their draws cannot overlap.
    pub const fn new(seed: Seed, replication: u64) -> Self {
        let seed = spread(seed.0.wrapping_add(GOLDEN));
        Self {
            key: spread(seed.wrapping_add(replication.wrapping_mul(GOLDEN))),
        }
    }

    /// The first two words of the draw that `entity` makes for `what` (a place's stream with its purpose).
    #[inline]
    pub const fn words(&self, entity: Stream, what: Stream) -> [u64; 2] {
        philox2x64::<ROUNDS>([entity.0, what.0], self.key)
    }

    /// The words of one draw as a generator, for variates that need more than one.
    #[inline]
    pub const fn draw(&self, entity: Stream, what: Stream) -> Draw {
        Draw {
            key: self.key,
            entity: entity.0,
            what: what.0,
            block: [0; 2],
            used: 2,
        }
    }
}

/// The words of one addressed draw, in order. Implements rand's generator traits, so any distribution of the rand
/// family can read it.
#[derive(Clone, Debug)]
pub struct Draw {
    key: u64,
    entity: u64,
    what: u64,
    block: [u64; 2],
    used: u8,
}

impl Draw {
    /// The next word.
    #[inline]
    pub const fn word(&mut self) -> Word {
        if self.used >= 2 {
            self.block = philox2x64::<ROUNDS>([self.entity, self.what], self.key);
            self.what = self.what.wrapping_add(SILVER);
            self.used = 0;
        }
        let word = self.block[self.used as usize];
        self.used += 1;
        Word(word)
    }
}

impl rand::TryRng for Draw {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word().0 >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word().0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.word().0.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// 64 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word(pub u64);

impl Word {
    /// A uniform number in `[0, 1)`, a multiple of 2^-53.
    #[inline]
    pub const fn unit(self) -> f64 {
        (self.0 >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Whether the uniform number is counted from 1 downwards, and its distance from there: a fraction of 63 bits below
    /// one half, so that both tails have full resolution.
    #[inline]
    pub const fn halves(self) -> (bool, u64) {
        (self.0 >> 63 != 0, self.0 << 1)
    }

    /// The uniform number seen from its nearer end.
    #[inline]
    pub const fn tail(self) -> Tail {
        let (upper, fraction) = self.halves();
        // Half a step above the grid: never 0.
        let p = (fraction >> 1) as f64 + 0.5;
        Tail {
            upper,
            p: p * (1.0 / (1u128 << 64) as f64),
        }
    }
}

/// A probability as its distance `p` in (0, 1/2] from 0 or, when `upper`, from 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tail {
    /// Whether `p` is counted from 1 downwards.
    pub upper: bool,
    /// The distance from the nearer end.
    pub p: f64,
}

impl Tail {
    /// The tail form of the probability `u` in (0, 1).
    pub fn of(u: f64) -> Self {
        if u > 0.5 {
            Self {
                upper: true,
                p: 1.0 - u,
            }
        } else {
            Self { upper: false, p: u }
        }
    }

    /// The probability itself.
    #[inline]
    pub fn probability(self) -> f64 {
        if self.upper { 1.0 - self.p } else { self.p }
    }
}
