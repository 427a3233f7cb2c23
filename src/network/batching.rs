//! What can be expected of a batch: how long its lots wait, how many they are, how full its box is.
//!
//! Lots come as a Poisson process of rate $\lambda$. A batch closes with its lot number $N$, which is the smaller of
//! the number that fills it (its sizes do not depend on when lots come) and of 1 plus those that come in the time
//! allowed. Whatever the rule, the time that its lots wait together has the mean $E[N(N-1)]/2\lambda$, since
//! $N(N-1)/2\lambda$ less that time is a martingale (Wei, Cetinkaya and Cline 2020); the wait of one lot is that over
//! $E\[N\]$. Sums of sizes are taken as gamma variates of the same mean and variance. Where the clock dispatches, lots are
//! uniform in its interval, and every full batch in it goes before.
//! Validated against simulation in `tests/integration/consolidation.rs`.

use crate::random::gamma_halves;
use libm::exp;

/// Lots of a batch beyond which nothing is added up.
const MOST_LOTS: usize = 20_000;
/// Probabilities below this are nothing.
const NEGLIGIBLE: f64 = 1e-12;

/// The lots that come to a batch.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Lots {
    /// How many an hour.
    pub per_hour: f64,
    /// Mean TEU of one.
    pub teu: f64,
    /// Mean square of its TEU.
    pub teu_squared: f64,
    /// Mean tonnes of one.
    pub tonnes: f64,
    /// Mean square of its tonnes.
    pub tonnes_squared: f64,
}

impl Lots {
    /// What `other` brings as well.
    pub fn add(&mut self, other: Self) {
        let rate = self.per_hour + other.per_hour;
        if rate <= 0.0 {
            return;
        }
        let mix = |a: f64, b: f64| (a * self.per_hour + b * other.per_hour) / rate;
        *self = Self {
            per_hour: rate,
            teu: mix(self.teu, other.teu),
            teu_squared: mix(self.teu_squared, other.teu_squared),
            tonnes: mix(self.tonnes, other.tonnes),
            tonnes_squared: mix(self.tonnes_squared, other.tonnes_squared),
        };
    }
}

/// When a batch is dispatched; infinite where something does not dispatch it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rule {
    /// Lots.
    pub lots: f64,
    /// TEU that are enough.
    pub teu: f64,
    /// Tonnes that are enough.
    pub tonnes: f64,
    /// TEU that a box takes.
    pub most_teu: f64,
    /// Tonnes that it takes.
    pub most_tonnes: f64,
    /// Hours after the first lot.
    pub longest_wait: f64,
    /// Mean hours between two dispatches by the clock, and until the next from any moment.
    pub clock: Option<(f64, f64)>,
}

/// What can be expected of a batch.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Batch {
    /// Mean hours that a lot waits.
    pub wait: f64,
    /// Mean lots.
    pub lots: f64,
    /// Mean TEU of cargo.
    pub teu: f64,
}

impl Rule {
    /// The batch that `lots` make under this rule.
    pub fn batch(&self, lots: Lots) -> Batch {
        if lots.per_hour <= 0.0 {
            let by_clock = self.clock.map_or(f64::INFINITY, |(_, wait)| wait);
            let wait = by_clock.min(self.longest_wait);
            return Batch {
                wait: if wait.is_finite() { wait } else { 0.0 },
                lots: 1.0,
                teu: lots.teu,
            };
        }
        let (wait, count) = match self.clock {
            // Lots that may not wait for the clock hardly ever see it.
            Some(clock) if self.longest_wait >= clock.0 => self.by_clock(lots, clock),
            _ => self.by_renewal(lots),
        };
        let load = count * lots.teu;
        Batch {
            wait,
            lots: count,
            // A lot that is larger than a box takes several.
            teu: if load > self.most_teu {
                self.most_teu.max(lots.teu)
            } else {
                load
            },
        }
    }

    /// Mean wait and mean lots where a batch begins with its first lot.
    fn by_renewal(&self, lots: Lots) -> (f64, f64) {
        let allowed = lots.per_hour * self.longest_wait;
        // How likely it is that so many, or fewer, come in the time allowed.
        let mut exactly = poisson(allowed);
        let mut fewer = 0.0;
        let (mut mean, mut pairs) = (0.0, 0.0);
        for number in 1..=MOST_LOTS {
            let in_time = if allowed.is_finite() { 1.0 - fewer } else { 1.0 };
            let reaches = self.reaches(number, lots) * in_time;
            if number > 1 && reaches < NEGLIGIBLE {
                break;
            }
            mean += reaches;
            pairs += 2.0 * (number - 1) as f64 * reaches;
            fewer = (fewer + exactly.next().unwrap_or(0.0)).min(1.0);
        }
        // Where only the lot that does not fit sends the box off, all wait for it.
        let for_next = !self.is_reached() && self.longest_wait.is_infinite();
        let wait = pairs / (2.0 * lots.per_hour * mean) + if for_next { 1.0 / lots.per_hour } else { 0.0 };
        (wait, mean)
    }

    /// Mean wait and mean lots where the clock dispatches.
    fn by_clock(&self, lots: Lots, (gap, until_next): (f64, f64)) -> (f64, f64) {
        let full = (1..=MOST_LOTS)
            .map(|number| self.reaches(number, lots))
            .take_while(|reaches| *reaches >= NEGLIGIBLE)
            .sum::<f64>();
        let full = full.round().max(1.0);
        let mean = lots.per_hour * gap;
        if full >= MOST_LOTS as f64 {
            return (until_next, mean.max(1.0));
        }
        if mean > MOST_LOTS as f64 / 2.0 && full < mean {
            // So many that nearly all boxes leave full.
            return ((full - 1.0) / (2.0 * lots.per_hour), full);
        }
        let (mut waited, mut boxes) = (0.0, 0.0);
        for (number, term) in (1..=MOST_LOTS).zip(poisson(mean).skip(1)) {
            let count = number as f64;
            if count > mean && term < NEGLIGIBLE {
                break;
            }
            let whole = libm::floor(count / full);
            let rest = count - whole * full;
            waited += term * (whole * full * (full - 1.0) + rest * (rest + 1.0)) / 2.0 * gap / (count + 1.0);
            boxes += term * (whole + if rest > 0.0 { 1.0 } else { 0.0 });
        }
        if boxes <= 0.0 {
            return (until_next, mean.max(1.0));
        }
        (waited / mean, mean / boxes)
    }

    fn is_reached(&self) -> bool {
        self.lots.is_finite() || self.teu.is_finite() || self.tonnes.is_finite()
    }

    /// The probability that quantity lets a batch have `number` lots.
    fn reaches(&self, number: usize, lots: Lots) -> f64 {
        let count = number as f64;
        if number == 1 {
            return 1.0;
        }
        if count > self.lots {
            return 0.0;
        }
        let [teu, tonnes] = [(lots.teu, lots.teu_squared), (lots.tonnes, lots.tonnes_squared)];
        let short_of = sum_below(self.teu, count - 1.0, teu).min(sum_below(self.tonnes, count - 1.0, tonnes));
        let fits = sum_below(self.most_teu * FITS, count, teu).min(sum_below(self.most_tonnes * FITS, count, tonnes));
        short_of.min(fits)
    }
}

/// The probabilities of 0, 1, 2 ... under Poisson's law; by logarithms, as the first ones may be too small for a number.
fn poisson(mean: f64) -> impl Iterator<Item = f64> {
    let mut logarithm = -mean;
    let mut number = 0.0;
    std::iter::from_fn(move || {
        let probability = exp(logarithm);
        number += 1.0;
        logarithm += libm::log(mean / number);
        Some(probability)
    })
}

/// What fits exactly fits.
const FITS: f64 = 1.0 + 1e-9;

/// The probability that `count` sizes with this mean and mean square add up to less than `limit`.
fn sum_below(limit: f64, count: f64, (mean, square): (f64, f64)) -> f64 {
    if limit.is_infinite() || mean <= 0.0 {
        return 1.0;
    }
    let variance = (square - mean * mean).max(0.0);
    if variance <= 1e-9 * mean * mean {
        return if count * mean < limit { 1.0 } else { 0.0 };
    }
    gamma_halves(count * mean * mean / variance, limit * mean / variance).0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: Rule = Rule {
        lots: f64::INFINITY,
        teu: f64::INFINITY,
        tonnes: f64::INFINITY,
        most_teu: f64::INFINITY,
        most_tonnes: f64::INFINITY,
        longest_wait: f64::INFINITY,
        clock: None,
    };

    /// Lots of which so many come a day, with tonnes of this mean and mean square.
    fn lots(per_day: f64, tonnes: f64, square: f64) -> Lots {
        Lots {
            per_hour: per_day / 24.0,
            teu: 1.0,
            teu_squared: 1.0,
            tonnes,
            tonnes_squared: square,
        }
    }

    #[track_caller]
    fn close(found: f64, wanted: f64, within: f64) {
        assert!((found - wanted).abs() <= within * wanted, "{found} instead of {wanted}");
    }

    /// So many lots that none at all is too unlikely for a number.
    #[test]
    fn many_lots() {
        let many = lots(6.0 * 24.0, 10.0, 100.0);
        let week = Rule {
            longest_wait: 168.0,
            ..NEVER
        };
        close(week.batch(many).lots, 1009.0, 1e-9);
        // Of 1 + K lots, the others come evenly in the time allowed.
        close(week.batch(many).wait, (1008.0 * 84.0 + 168.0) / 1009.0, 1e-6);
        let box_of_hundred = Rule {
            teu: 1.0,
            most_teu: 1.0,
            clock: Some((168.0, 84.0)),
            ..NEVER
        };
        let small = Lots {
            per_hour: 5.0,
            teu: 0.01,
            teu_squared: 0.0001,
            ..Lots::default()
        };
        let batch = box_of_hundred.batch(small);
        assert!((90.0..=100.0).contains(&batch.lots), "{batch:?}");
        close(batch.wait, 99.0 / 10.0, 0.1);
    }

    /// Cases B-O-12 to B-O-17 of the validation set.
    #[test]
    fn closed_forms() {
        let four = lots(4.0, 10.0, 100.0);
        let ten = Rule { lots: 10.0, ..NEVER };
        close(ten.batch(four).wait / 24.0, 1.125, 1e-12);
        let clock = Rule {
            clock: Some((48.0, 24.0)),
            ..NEVER
        };
        close(clock.batch(four).wait / 24.0, 1.0, 1e-12);
        let timer = Rule {
            longest_wait: 48.0,
            ..NEVER
        };
        let batch = timer.batch(four);
        close(batch.wait / 24.0, 10.0 / 9.0, 1e-9);
        close(batch.lots, 9.0, 1e-9);
        let hybrid = Rule { lots: 10.0, ..timer };
        let batch = hybrid.batch(four);
        close(batch.wait / 24.0, 0.964_538_577_8, 1e-9);
        close(batch.lots, 8.290_760_403, 1e-9);
        let weight = Rule { tonnes: 20.0, ..NEVER };
        let batch = weight.batch(lots(5.0, 2.0, 8.0));
        close(batch.wait / 24.0, 12.0 / 11.0, 1e-6);
        close(batch.lots, 11.0, 1e-6);
        let truck = Rule {
            most_tonnes: 20.0,
            ..NEVER
        };
        // The gamma variate is not the lattice of 1, 2 and 5 t.
        let batch = truck.batch(lots(5.0, 2.1, 6.7));
        close(batch.wait / 24.0, 1.056_694_686, 0.05);
        close(batch.lots, 9.002_542_792, 0.05);
    }

    /// Full batches leave before the clock, so the wait lies below that of either rule alone.
    #[test]
    fn clock_and_quantity() {
        let clock = Rule {
            clock: Some((48.0, 24.0)),
            ..NEVER
        };
        let both = Rule { lots: 4.0, ..clock };
        let four = lots(4.0, 1.0, 1.0);
        let alone = Rule { lots: 4.0, ..NEVER }.batch(four).wait;
        let wait = both.batch(four).wait;
        assert!(wait < clock.batch(four).wait && wait < 1.2 * alone, "{wait}, {alone}");
        let single = Rule { lots: 1.0, ..clock };
        assert_eq!(single.batch(four).wait, 0.0);
    }
}
