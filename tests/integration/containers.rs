//! Container pools: how many boxes cargo takes, who gets the next, what empties do to the trains that carry them. That every box
//! is in one place at the end is held by each run's own books.

use crate::support::{Results, build, run_model, run_text, scratch};
use corridor::analysis::competitions;
use corridor::model::Place;

/// A town that sends cargo along a road of two days; `pool` is what is said of its boxes.
fn town(pool: &str, flow: &str) -> Results {
    run_text(&format!(
        r#"
        [run]
        length = "100 d"
        replications = 2
        [node]
        town = {{ kind = "zone" }}
        market = {{ kind = "zone" }}
        [link.road]
        from = "town"
        to = "market"
        time = "2 d"
        [container_pool.boxes]
        {pool}
        [flow.goods]
        from = "town"
        to = "market"
        {flow}
        "#
    ))
}

fn near(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() <= 1e-6 * expected.abs().max(1.0),
        "{value}, expected {expected}"
    );
}

/// A box comes to where the cargo is: on the way of a flow, the wait for it is at the flow's origin, not at the depot.
#[test]
fn boxes_are_waited_for_where_the_cargo_is() {
    let results = run_text("[scenario]\nextends = \"teaching/containers\"\n\n[run]\nreplications = 2\n");
    let all = competitions(&results.model, &results.catalogue, &results.aggregate);
    let tables = &results.model.network.tables;
    let mut depots = 0;
    for itinerary in all.iter().flat_map(|it| &it.itineraries) {
        let (flow, _) = results.model.strand_names(itinerary.strand);
        let origin = results.model.scenario.flows[flow].from.as_ref().unwrap();
        let first = &itinerary.stages[0];
        depots += usize::from(matches!(first.place, Place::Depot(_)));
        assert_eq!(first.from, tables.node(origin), "{flow}");
    }
    assert!(depots > 0);
}

const DAILY: &str = "arrivals.timetable = { interval = \"1 d\" }\nsize = \"3.4 TEU\"";

#[test]
fn a_consignment_takes_whole_boxes_unless_they_are_shared() {
    // Two are on the road at any time: 3.4 TEU take four boxes each, or 6.8 TEU of boxes together.
    let waits = |pool: &str| town(pool, DAILY).value("depot.boxes@town.delayed_share");
    near(waits("at.town = { stock = 8, serves = [\"market\"] }"), 0.0);
    assert!(waits("at.town = { stock = 7, serves = [\"market\"] }") > 0.9);
    near(
        waits("shared_boxes = true\nat.town = { stock = 7, serves = [\"market\"] }"),
        0.0,
    );
    // Of boxes of 40 ft it takes two.
    near(
        waits("size = \"1 FEU\"\nat.town = { stock = 4, serves = [\"market\"] }"),
        0.0,
    );
    assert!(waits("size = \"1 FEU\"\nat.town = { stock = 3, serves = [\"market\"] }") > 0.9);
}

/// What is larger than the whole pool has all of its boxes, which go to and fro for it; it does not wait for ever.
#[test]
fn a_consignment_larger_than_its_pool_is_served_by_all_boxes() {
    let part =
        |weight: u32, mean: &str| format!("{{ weight = {weight}, of = {{ exponential = {{ mean = \"{mean}\" }} }} }}");
    let results = town(
        "at.town = { stock = 8, serves = [\"market\"] }",
        &format!(
            "arrivals.timetable = {{ interval = \"1 d\" }}\nsize.mixture = [{}, {}]",
            part(4, "0.5 TEU"),
            part(1, "4 TEU")
        ),
    );
    assert!(results.value("depot.boxes@town.delayed_share") > 0.0);
    near(results.value("system.unfinished_consignments"), 0.0);
}

#[test]
fn boxes_come_back_after_stripping_and_are_charged_beyond_the_free_time() {
    let results = town(
        "stripping = \"5 d\"\nfree_time = \"3 d\"\ndetention = \"10 USD/TEU/d\"\nat.town = { stock = 100, serves = [\"market\"] }",
        "arrivals.timetable = { interval = \"1 d\" }",
    );
    // Two days on the road and five at the market, one consignment a day.
    let at_depot = results.value("depot.boxes@town.stock_mean");
    assert!((at_depot - 93.0).abs() < 0.5, "{at_depot}");
    let due = results.value("container_pool.boxes.detention_per_year");
    assert!((due - 365.0 * 2.0 * 10.0).abs() < 0.04 * 7300.0, "{due}");
}

#[test]
fn stuffing_takes_its_part_of_the_transit_time_and_of_what_shippers_expect() {
    let pool = "stuffing = \"1 d\"\nat.town = { stock = 9, serves = [\"market\"] }";
    let results = town(pool, "arrivals.timetable = { interval = \"1 d\" }");
    near(results.value("system.transit_days_mean"), 3.0);
    near(results.value("system.time_days_handling"), 1.0);
    near(results.model.typical.strands[0].attributes.hours, 72.0);
}

#[test]
fn hired_boxes_end_a_wait_and_go_to_their_owner() {
    let pool = |after: &str| {
        format!(
            "at.town = {{ stock = 1, serves = [\"market\"] }}\nlease = {{ after = \"{after}\", cost = \"100 USD/TEU\" }}"
        )
    };
    let daily = "arrivals.timetable = { interval = \"1 d\" }";
    // Every other consignment finds the only box gone.
    let results = town(&pool("0 h"), daily);
    near(results.value("depot.boxes@town.wait_hours_max"), 0.0);
    let hired = results.value("container_pool.boxes.boxes_leased_per_week");
    assert!((hired - 3.5).abs() < 0.1, "{hired}");
    let cost = results.value("container_pool.boxes.lease_cost_per_year");
    assert!((cost - hired / 7.0 * 365.0 * 100.0).abs() < 1e-6 * cost, "{cost}");
    near(town(&pool("6 h"), daily).value("depot.boxes@town.wait_hours_max"), 6.0);
}

#[test]
fn a_better_class_gets_the_next_box() {
    let results = run_text(
        r#"
        [run]
        length = "1000 d"
        replications = 4
        [node]
        town = { kind = "zone" }
        market = { kind = "zone" }
        [link.road]
        from = "town"
        to = "market"
        time.exponential = { mean = "1 d" }
        [container_pool.boxes]
        at.town = { stock = 2, serves = ["market"] }
        [flow.fresh]
        from = "town"
        to = "market"
        priority = 1
        arrivals.poisson = "0.9 /d"
        [flow.goods]
        from = "town"
        to = "market"
        arrivals.poisson = "0.9 /d"
        "#,
    );
    let wait = |flow: &str| results.value(&format!("flow.{flow}.time_days_waiting_for_container"));
    // Cobham for two servers: 1 / (1 - rho of its class) against that times 1 / (1 - rho of both).
    assert!(
        wait("fresh") < 0.3 * wait("goods"),
        "{} and {}",
        wait("fresh"),
        wait("goods")
    );
}

/// A train each way once a week; what comes back is a fifth of what goes out, and empties take the rest of the train.
fn two_way(pool: &str) -> Results {
    run_text(&format!(
        r#"
        [run]
        warm_up = "140 d"
        length = "700 d"
        replications = 2
        [node]
        inland = {{ kind = "terminal" }}
        abroad = {{ kind = "terminal" }}
        [link.rail]
        from = "inland"
        to = "abroad"
        mode = "rail"
        both_ways = true
        carries = "services"
        time = "10 d"
        [service.out]
        stops = ["inland", "abroad"]
        departures.every.interval = "7 d"
        capacity = "40 TEU"
        [service.back]
        stops = ["abroad", "inland"]
        departures.every.interval = "7 d"
        capacity = "40 TEU"
        [flow.exports]
        from = "inland"
        to = "abroad"
        arrivals.timetable = {{ interval = "0.2 d" }}
        [flow.imports]
        from = "abroad"
        to = "inland"
        arrivals.timetable = {{ interval = "1 d" }}
        {pool}
        "#
    ))
}

const WEEKLY: &str = r#"
    [container_pool.railway]
    services = ["out", "back"]
    tare = "2.2 t"
    at.inland = { stock = 250 }
    at.abroad = { stock = 50 }
    move.back = { from = "abroad", to = "inland", order_up_to = 200, every = "7 d", service = "back", cost = "150 USD/TEU" }
"#;

#[test]
fn empties_take_space_on_the_train_that_brings_them_back() {
    let (without, with) = (two_way(""), two_way(WEEKLY));
    near(without.value("service.back.teu_per_departure"), 7.0);
    // Thirty-five go out, seven come back with cargo, and twenty-eight have to come back empty.
    let carried = with.value("service.back.teu_per_departure");
    assert!((carried - 35.0).abs() < 0.5, "{carried}");
    let empties = with.value("repositioning.railway.back.boxes_per_week");
    assert!((empties - 28.0).abs() < 0.5, "{empties}");
    let cost = with.value("container_pool.railway.repositioning_cost_per_year");
    assert!((cost - empties / 7.0 * 365.0 * 150.0).abs() < 1e-6 * cost, "{cost}");
    // They board last, so cargo does not feel them while there is room.
    near(
        with.value("flow.imports.transit_days_mean"),
        without.value("flow.imports.transit_days_mean"),
    );
    near(with.value("depot.railway@inland.delayed_share"), 0.0);
}

#[test]
fn empties_in_a_better_class_leave_cargo_behind() {
    let first = WEEKLY
        .replace("service = \"back\"", "service = \"back\", priority = 0")
        .replace("200", "400")
        .replace("250", "100");
    let results = two_way(&first.replace("stock = 50", "stock = 600"));
    assert!(results.value("flow.imports.time_days_left_behind") > 0.0);
}

#[test]
fn a_pool_with_boxes_enough_changes_nothing_else() {
    let (without, with) = (two_way(""), two_way(&WEEKLY.replace("250", "2500")));
    for flow in ["exports", "imports"] {
        let key = format!("flow.{flow}.transit_days_mean");
        assert_eq!(without.value(&key).to_bits(), with.value(&key).to_bits(), "{flow}");
    }
    near(with.value("flow.exports.time_days_waiting_for_container"), 0.0);
}

#[test]
fn flows_that_are_not_the_pools_pass_by() {
    let results = town(
        "flows = [\"others\"]\nat.town = { stock = 1, serves = [\"market\"] }\n[flow.others]\nfrom = \"town\"\nto = \"market\"\n\
         arrivals.timetable = { interval = \"3 d\" }",
        DAILY,
    );
    near(results.value("flow.goods.transit_days_mean"), 2.0);
    near(results.value("depot.boxes@town.delayed_share"), 0.0);
    assert!(results.value("depot.boxes@town.boxes_taken_per_week") < 2.5);
}

#[test]
fn at_terminals_boxes_are_taken_for_the_ride_alone() {
    let text = |haulage: &str| {
        format!(
            r#"
            [run]
            warm_up = "70 d"
            length = "700 d"
            replications = 2
            [node]
            town = {{ kind = "zone" }}
            inland = {{ kind = "terminal" }}
            abroad = {{ kind = "terminal" }}
            market = {{ kind = "zone" }}
            [link]
            drive = {{ from = "town", to = "inland", time = "3 d" }}
            rail = {{ from = "inland", to = "abroad", mode = "rail", carries = "services", time = "10 d" }}
            last = {{ from = "abroad", to = "market", time = "2 d" }}
            [service.out]
            stops = ["inland", "abroad"]
            departures.every.interval = "1 d"
            [flow.exports]
            from = "town"
            to = "market"
            arrivals.timetable = {{ interval = "1 d" }}
            [container_pool.railway]
            services = ["out"]
            haulage = "{haulage}"
            at.inland = {{ stock = 30, serves = ["abroad"] }}
            "#
        )
    };
    let at_depot = |haulage: &str| run_text(&text(haulage)).value("depot.railway@inland.stock_mean");
    near(at_depot("terminal"), 20.0);
    near(at_depot("door"), 15.0);
}

#[test]
fn any_number_of_threads_gives_the_same_boxes() {
    let text = r#"
        [run]
        length = "300 d"
        replications = 6
        [node]
        town = { kind = "zone" }
        coast = { kind = "zone" }
        [link.road]
        from = "town"
        to = "coast"
        time.lognormal = { mean = "2 d", cv = 0.5 }
        [container_pool.boxes]
        stuffing.exponential = { mean = "6 h" }
        stripping.lognormal = { mean = "3 d", cv = 1 }
        at.town.stock = { min = 5, typical = 10, max = 20 }
        at.coast = { stock = 30 }
        move.back = { from = "coast", to = "town", order_up_to = 15, reorder_point = 8, time.exponential = { mean = "4 d" } }
        lease = { after = "2 d" }
        [flow.goods]
        from = "town"
        to = "coast"
        arrivals.poisson = "2 /d"
        size.empirical = { values = ["0.5 TEU", "1 TEU", "2.5 TEU"] }
    "#;
    let (_folder, path) = scratch(text);
    let run = |threads| run_model(build(&path.display().to_string()), threads);
    let (one, four) = (run(1), run(4));
    assert_eq!(one.aggregate, four.aggregate);
    assert!(one.value("depot.boxes@town.delayed_share") > 0.1);
}
