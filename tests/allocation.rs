//! The event loop works with the memory that it has: once queues and tables have their size, events allocate nothing. What is
//! left are lists that grow with the run: the track of a consignment that may leave its route, spans of the ring of far
//! events, departures of each stop, what a vehicle has done.
//!
//! A target of its own, since it counts the allocations of its whole process.

#![allow(clippy::expect_used, reason = "a test says what failed by panicking")]

use corridor::model;
use corridor::random::Seed;
use corridor::simulation::simulate;
use corridor::units::SimSpan;
use std::sync::Arc;

/// Allocations in one replication of a scenario, and the events in it.
fn allocations(name: &str) -> (u64, u64) {
    let scenario = corridor::scenario::load(name).expect(name);
    let model = model::build(Arc::new(scenario), SimSpan::ZERO).expect(name);
    let plan = model.plan_of(Seed(1), 0);
    let mut events = 0;
    let counted = allocation_counter::measure(|| events = simulate(&plan, model.luck_of(Seed(1), 0)).events);
    (counted.count_total, events)
}

#[test]
fn events_allocate_nothing() {
    for (name, most) in [("reference/w1", 1e-4), ("reference/w2", 1e-3), ("hunan", 1.5e-2)] {
        let (count, events) = allocations(name);
        let each = count as f64 / events as f64;
        assert!(each < most, "{name}: {count} allocations in {events} events");
    }
}
