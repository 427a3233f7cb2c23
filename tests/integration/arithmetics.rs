//! Cost and emissions: sums whose answers are known to the last digit.

use crate::support::run_text;

fn near(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() <= 1e-9 * expected.abs(),
        "{value}, expected {expected}"
    );
}

/// E-O-02: intensity times tonne-kilometres, the road's distances adjusted, and the hubs.
#[test]
fn emissions_of_a_chain_are_the_sum_of_its_legs_and_hubs() {
    let results = run_text(
        r#"
        [run]
        length = "10 d"
        replications = 2
        [commodity.goods]
        density = "12 t/TEU"
        [link.truck-1]
        distance = "84 km"
        speed = "60 km/h"
        emissions = "92.0 g/tkm"
        [link.electric]
        mode = "rail"
        distance = "1200 km"
        speed = "50 km/h"
        emissions = "7.5 g/tkm"
        [link.diesel]
        mode = "rail"
        distance = "8600 km"
        speed = "50 km/h"
        emissions = "24.0 g/tkm"
        [link.truck-2]
        distance = "157.5 km"
        speed = "60 km/h"
        emissions = "78.0 g/tkm"
        [facility.hub-1]
        emissions = "1.2 kg/t"
        [facility.hub-2]
        emissions = "2.4 kg/t"
        [facility.hub-3]
        emissions = "1.2 kg/t"
        [flow.chain]
        arrivals.timetable = { interval = "1 d" }
        commodity = "goods"
        route = ["link.truck-1", "facility.hub-1", "link.electric", "facility.hub-2", "link.diesel", "facility.hub-3", "link.truck-2"]
        [flow.first-leg]
        arrivals.timetable = { interval = "1 d" }
        commodity = "goods"
        route = ["link.truck-1"]
        [flow.middle-hub]
        arrivals.timetable = { interval = "1 d" }
        commodity = "goods"
        route = ["facility.hub-2"]
        "#,
    );
    near(results.value("flow.chain.co2e_kg_per_teu"), 2882.556);
    near(results.value("flow.first-leg.co2e_kg_per_teu"), 92.736);
    near(results.value("flow.middle-hub.co2e_kg_per_teu"), 28.8);
}

/// E-O-04: freight, and the value of goods in the pipeline.
#[test]
fn generalised_cost_counts_the_goods_in_transit() {
    let results = run_text(
        r#"
        [run]
        length = "60 d"
        replications = 2
        [commodity.machines]
        density = "10 t/TEU"
        value = "18000 USD/t"
        time_cost = "22 %/yr"
        [link.rail]
        mode = "rail"
        time = "16 d"
        cost = "6100 USD/TEU"
        [link.sea]
        mode = "sea"
        time = "38 d"
        cost = "3100 USD/TEU"
        [flow.rail]
        arrivals.timetable = { interval = "1 d" }
        commodity = "machines"
        route = ["link.rail"]
        [flow.sea]
        arrivals.timetable = { interval = "1 d" }
        commodity = "machines"
        route = ["link.sea"]
        "#,
    );
    near(
        results.value("flow.rail.generalised_cost_per_teu"),
        7_835.890_410_958_904,
    );
    near(
        results.value("flow.sea.generalised_cost_per_teu"),
        7_222.739_726_027_397,
    );
    let pipeline = |flow: &str| {
        results.value(&format!("flow.{flow}.generalised_cost_per_teu"))
            - results.value(&format!("flow.{flow}.cost_per_teu"))
    };
    near(pipeline("rail"), 1_735.890_410_958_904);
    near(pipeline("sea"), 4_122.739_726_027_397);
    // The value of goods at which the two cost the same.
    let saved_share = (pipeline("sea") - pipeline("rail")) / 180_000.0;
    near(3000.0 / saved_share, 226_239.669_421_487_6);
}
