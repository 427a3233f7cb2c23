//! The list of future events next to plain heaps: the hold model (take the earliest, schedule one more) at several
//! numbers of pending events.
//!
//! All three do the same work on the same gaps and keep the order of events at equal times.

use corridor::simulation::queue::EventQueue;
use corridor::units::SimTime;
use divan::{Bencher, black_box, counter::ItemsCount};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Pending events.
const PENDING: [u64; 4] = [100, 1_000, 10_000, 100_000];
/// Events handled in one sample.
const EVENTS: u64 = 100_000;

fn main() {
    divan::main();
}

/// Gaps that look like legs and services: a cheap keyed hash, the same for every candidate.
fn gap(number: u64) -> i64 {
    let x = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 44) as i64 + 1
}

#[divan::bench(args = PENDING)]
fn four_ary_families(bencher: Bencher<'_, '_>, pending: u64) {
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let mut queue = EventQueue::default();
        for number in 0..pending {
            queue.schedule(SimTime(gap(number)), 0, number as u32);
        }
        for number in 0..EVENTS {
            let Some((now, subject)) = queue.next_before(SimTime::NEVER, 0) else {
                break;
            };
            queue.schedule(SimTime(now.0 + gap(pending + number)), 0, black_box(subject));
        }
        queue
    });
}

#[divan::bench(args = PENDING)]
fn binary_heap(bencher: Bencher<'_, '_>, pending: u64) {
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let mut queue: BinaryHeap<Reverse<(i64, u64, u32)>> = BinaryHeap::new();
        for number in 0..pending {
            queue.push(Reverse((gap(number), number, number as u32)));
        }
        for number in 0..EVENTS {
            let Some(Reverse((now, _, subject))) = queue.pop() else {
                break;
            };
            queue.push(Reverse((
                now + gap(pending + number),
                pending + number,
                black_box(subject),
            )));
        }
        queue
    });
}

#[divan::bench(args = PENDING)]
fn quaternary_heap_of_u128(bencher: Bencher<'_, '_>, pending: u64) {
    let word = |time: i64, sequence: u64, subject: u32| {
        Reverse((time as u128) << 64 | u128::from(sequence as u32) << 32 | u128::from(subject))
    };
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let mut queue = dary_heap::QuaternaryHeap::new();
        for number in 0..pending {
            queue.push(word(gap(number), number, number as u32));
        }
        for number in 0..EVENTS {
            let Some(Reverse(first)) = queue.pop() else { break };
            let (now, subject) = ((first >> 64) as i64, first as u32);
            queue.push(word(now + gap(pending + number), pending + number, black_box(subject)));
        }
        queue
    });
}
