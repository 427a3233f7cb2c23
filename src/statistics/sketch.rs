//! Distributions as counts in bins of constant relative width.
//!
//! The bins are those of HdrHistogram: exact up to 255, then 128 to each doubling, so any quantile is known to within
//! [`RELATIVE_ERROR`]. Counts are integers: merging adds them, in any order to the same bits. A [`SketchBook`] keeps
//! thousands of distributions and stores only the doublings in which something was counted; the available histogram
//! crates reserve the whole range for each (see `docs/decisions/`).

use serde::{Deserialize, Serialize};

const SUB_BITS: u32 = 7;
const PAGE: usize = 1 << SUB_BITS;
/// Pages in the whole range of values below 2^56.
const PAGES: usize = 50;

/// Half the relative width of a bin: the error of a quantile read from a sketch.
pub const RELATIVE_ERROR: f64 = 0.5 / PAGE as f64;

/// The bin of `value`.
#[inline]
fn bin(value: u64) -> usize {
    let exponent = (63 - (value | 1).leading_zeros()).saturating_sub(SUB_BITS);
    ((exponent as usize) << SUB_BITS) + (value >> exponent) as usize
}

/// The middle of a bin.
fn middle(bin: usize) -> f64 {
    if bin < 2 * PAGE {
        return bin as f64;
    }
    let exponent = (bin >> SUB_BITS) - 1;
    let low = ((bin - (exponent << SUB_BITS)) as u64) << exponent;
    low as f64 + 0.5 * ((1u64 << exponent) - 1) as f64
}

/// A distribution over time of a whole number, such as the length of a queue: how long it had each value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LevelTimes {
    /// Microseconds by bin.
    time: Vec<i64>,
}

impl LevelTimes {
    /// Adds `microseconds` at `level`.
    #[inline]
    pub fn add(&mut self, level: u64, microseconds: i64) {
        let bin = bin(level);
        if bin >= self.time.len() {
            self.time.resize(bin + 1, 0);
        }
        self.time[bin] += microseconds;
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.time.clear();
    }

    /// The levels with the time spent there.
    fn levels(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.time
            .iter()
            .enumerate()
            .map(|(bin, time)| (middle(bin), *time as f64))
    }

    /// The time average; NaN when no time was added.
    pub fn mean(&self) -> f64 {
        let total: f64 = self.levels().map(|(_, time)| time).sum();
        self.levels().map(|(level, time)| level * time).sum::<f64>() / total
    }

    /// The variance over time.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        let total: f64 = self.levels().map(|(_, time)| time).sum();
        self.levels()
            .map(|(level, time)| (level - mean) * (level - mean) * time)
            .sum::<f64>()
            / total
    }

    /// The smallest level that is not exceeded during the share `q` of the time.
    pub fn quantile(&self, q: f64) -> f64 {
        let total: f64 = self.levels().map(|(_, time)| time).sum();
        let mut below = 0.0;
        for (level, time) in self.levels() {
            below += time;
            if below >= q * total && total > 0.0 {
                return level;
            }
        }
        f64::NAN
    }
}

/// Many distributions of whole numbers below 2^56, by number.
///
/// In which order pages came into being does not show: equality and serialization follow the distributions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct SketchBook {
    /// For each distribution, which page of counts holds each stretch of bins, plus one; zero where nothing was counted.
    index: Vec<u32>,
    /// The counts, page after page: one allocation, so that counting takes two dependent loads and not three.
    counts: Vec<u32>,
}

/// A book as it is stored: pages by their place.
#[derive(Serialize, Deserialize)]
struct Written {
    places: u32,
    pages: Vec<(u32, Vec<u32>)>,
}

impl From<SketchBook> for Written {
    fn from(book: SketchBook) -> Self {
        let pages = book
            .occupied()
            .map(|(place, page)| (place as u32, page.to_vec()))
            .collect();
        Self {
            places: book.index.len() as u32,
            pages,
        }
    }
}

impl From<Written> for SketchBook {
    fn from(written: Written) -> Self {
        let mut book = Self {
            index: vec![0; written.places as usize],
            counts: Vec::new(),
        };
        for (place, page) in written.pages {
            if let Some(entry) = book.index.get_mut(place as usize).filter(|_| page.len() == PAGE) {
                book.counts.extend(page);
                *entry = (book.counts.len() / PAGE) as u32;
            }
        }
        book
    }
}

impl PartialEq for SketchBook {
    fn eq(&self, other: &Self) -> bool {
        self.index.len() == other.index.len() && self.occupied().eq(other.occupied())
    }
}

impl Eq for SketchBook {}

impl SketchBook {
    /// The pages in the order of their places.
    fn occupied(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let entries = self.index.iter().enumerate().filter(|(_, entry)| **entry != 0);
        entries.map(|(place, entry)| (place, self.page_of(*entry)))
    }

    /// The counts of a page, by its entry in the index.
    fn page_of(&self, entry: u32) -> &[u32] {
        let from = (entry as usize - 1) * PAGE;
        &self.counts[from..from + PAGE]
    }

    /// A book of `count` empty distributions.
    pub fn new(count: usize) -> Self {
        Self {
            index: vec![0; count * PAGES],
            counts: Vec::new(),
        }
    }

    /// How many distributions it holds.
    pub fn len(&self) -> usize {
        self.index.len() / PAGES
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Counts `value` in distribution `number`.
    #[inline]
    pub fn record(&mut self, number: usize, value: u64) {
        self.record_many(number, value, 1);
    }

    /// Counts `value` `times` times in distribution `number`.
    #[inline]
    pub fn record_many(&mut self, number: usize, value: u64, times: u32) {
        let bin = bin(value.min((1 << 56) - 1));
        let page = self.page(number, bin >> SUB_BITS);
        self.counts[page + bin % PAGE] += times;
    }

    /// Where the page begins that holds a stretch of bins.
    #[inline]
    fn page(&mut self, number: usize, stretch: usize) -> usize {
        let place = number * PAGES + stretch;
        if self.index[place] == 0 {
            self.add_page(place);
        }
        (self.index[place] as usize - 1) * PAGE
    }

    #[cold]
    fn add_page(&mut self, place: usize) {
        self.counts.resize(self.counts.len() + PAGE, 0);
        self.index[place] = (self.counts.len() / PAGE) as u32;
    }

    /// Adds all the counts of `other`, which must have as many distributions.
    pub fn merge(&mut self, other: &Self) {
        if self.index.len() < other.index.len() {
            self.index.resize(other.index.len(), 0);
        }
        for (position, entry) in other.index.iter().enumerate().filter(|(_, entry)| **entry != 0) {
            let page = self.page(position / PAGES, position % PAGES);
            for (sum, count) in self.counts[page..page + PAGE].iter_mut().zip(other.page_of(*entry)) {
                *sum = sum.saturating_add(*count);
            }
        }
    }

    /// The bins of distribution `number` that hold something, in rising order: middle and count.
    pub fn bins(&self, number: usize) -> impl Iterator<Item = (f64, u64)> + '_ {
        let entries = &self.index[number * PAGES..(number + 1) * PAGES];
        entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| **entry != 0)
            .flat_map(move |(stretch, entry)| {
                self.page_of(*entry)
                    .iter()
                    .enumerate()
                    .filter(|(_, count)| **count != 0)
                    .map(move |(at, count)| (middle((stretch << SUB_BITS) + at), u64::from(*count)))
            })
    }

    /// Values counted in distribution `number`.
    pub fn count(&self, number: usize) -> u64 {
        self.bins(number).map(|(_, count)| count).sum()
    }

    /// The `q`-quantiles of distribution `number` (nearest rank), for rising `q`; NaN when it is empty.
    pub fn quantiles<const N: usize>(&self, number: usize, q: [f64; N]) -> [f64; N] {
        quantiles_of(self.bins(number), self.count(number), q)
    }

    /// The `q`-quantiles of several distributions taken together.
    pub fn quantiles_together<const N: usize>(&self, numbers: &[usize], q: [f64; N]) -> [f64; N] {
        // Stretch by stretch: the bins of all distributions are the same, so their counts need no sorting.
        let mut bins: Vec<(f64, u64)> = Vec::new();
        for stretch in 0..PAGES {
            let mut together = [0_u64; PAGE];
            let mut any = false;
            for number in numbers {
                let entry = self.index[number * PAGES + stretch];
                if entry != 0 {
                    any = true;
                    for (sum, count) in together.iter_mut().zip(self.page_of(entry)) {
                        *sum += u64::from(*count);
                    }
                }
            }
            if any {
                let counted = together.into_iter().enumerate().filter(|(_, count)| *count > 0);
                bins.extend(counted.map(|(at, count)| (middle((stretch << SUB_BITS) + at), count)));
            }
        }
        let total = bins.iter().map(|(_, count)| count).sum();
        quantiles_of(bins.into_iter(), total, q)
    }
}

/// The exact extremes of what a distribution has counted: quantiles read from a sketch are right to within its error alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Extremes {
    least: i64,
    greatest: i64,
}

impl Default for Extremes {
    /// Those of nothing.
    fn default() -> Self {
        Self {
            least: i64::MAX,
            greatest: i64::MIN,
        }
    }
}

impl Extremes {
    /// From the least to the greatest value.
    pub fn new((least, greatest): (i64, i64)) -> Self {
        Self { least, greatest }
    }

    /// Those of both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            greatest: self.greatest.max(other.greatest),
        }
    }

    /// Quantiles kept between them; as they are, where there are none.
    pub fn hold<const N: usize>(self, quantiles: [f64; N]) -> [f64; N] {
        if self.least > self.greatest {
            return quantiles;
        }
        quantiles.map(|value| value.clamp(self.least as f64, self.greatest as f64))
    }
}

fn quantiles_of<const N: usize>(bins: impl Iterator<Item = (f64, u64)>, total: u64, q: [f64; N]) -> [f64; N] {
    let mut answers = [f64::NAN; N];
    if total == 0 {
        return answers;
    }
    let ranks = q.map(|q| ((q * total as f64).ceil() as u64).clamp(1, total));
    let (mut below, mut next) = (0, 0);
    for (value, count) in bins {
        below += count;
        while next < N && below >= ranks[next] {
            answers[next] = value;
            next += 1;
        }
        if next == N {
            break;
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quantiles_are_within_the_stated_error(mut values in prop::collection::vec(0_u64..1 << 45, 1..300)) {
            let mut book = SketchBook::new(2);
            values.iter().for_each(|value| book.record(1, *value));
            values.sort_unstable();
            for (q, read) in [0.05, 0.5, 0.9, 0.99].into_iter().zip(book.quantiles(1, [0.05, 0.5, 0.9, 0.99])) {
                let exact = values[((q * values.len() as f64).ceil() as usize).max(1) - 1] as f64;
                prop_assert!((read - exact).abs() <= RELATIVE_ERROR * exact, "{read} {exact}");
            }
            prop_assert_eq!(book.count(0), 0);
        }

        #[test]
        fn merging_equals_counting_together(a in prop::collection::vec(0_u64..1 << 40, 0..100), b in prop::collection::vec(0_u64..1 << 40, 0..100)) {
            let fill = |values: &[u64]| {
                let mut book = SketchBook::new(1);
                values.iter().for_each(|value| book.record(0, *value));
                book
            };
            let mut merged = fill(&a);
            merged.merge(&fill(&b));
            let together = fill(&[a, b].concat());
            prop_assert_eq!(merged.bins(0).collect::<Vec<_>>(), together.bins(0).collect::<Vec<_>>());
        }
    }

    #[test]
    fn quantiles_are_held_between_the_extremes() {
        let mut book = SketchBook::new(1);
        let values = [1_000_003, 1_000_004];
        values.iter().for_each(|value| book.record(0, *value as u64));
        let read = book.quantiles(0, [0.1, 0.9]);
        assert!(read[0] != 1_000_003.0);
        let extremes = values.map(|value| Extremes::new((value, value)));
        let held = extremes[1].with(Extremes::default()).with(extremes[0]).hold(read);
        assert!(
            held.iter().all(|value| (1_000_003.0..=1_000_004.0).contains(value)),
            "{held:?}"
        );
        assert_eq!(Extremes::default().hold(read), read);
    }

    #[test]
    fn small_values_are_exact() {
        for value in 0..2 * PAGE as u64 {
            assert_eq!(middle(bin(value)), value as f64);
        }
    }
}
