//! The network as it is described and mapped: what hangs on a figure, and where things lie.

use crate::support::{build, scratch};
use corridor::analysis::Exposure;
use corridor::model::Model;
use corridor::report::network_geojson;

fn model() -> Model {
    let (_folder, path) = scratch(
        r#"
        [run]
        length = "30 d"
        [choice]
        scale = "0.01 /USD"
        [node.here]
        kind = "zone"
        longitude = 140
        latitude = 36
        [node.port]
        kind = "seaport"
        longitude = 141
        latitude = 36
        [node.there]
        kind = "zone"
        longitude = -125
        latitude = 45
        [node.aside]
        kind = "zone"
        longitude = 0
        latitude = 0
        [link.road]
        from = "here"
        to = "port"
        distance = "120 km"
        time = "3 h"
        [link.ocean]
        from = "port"
        to = "there"
        mode = "sea"
        carries = "services"
        distance = "9000 km"
        time = "10 d"
        via = [[170, 45]]
        [link.unused]
        from = "aside"
        to = "here"
        distance = "16000 km"
        time = "1000 h"
        [calendar.days]
        daily = "08:00-20:00"
        [facility.customs]
        node = "port"
        servers = 10
        time = "1 h"
        calendar = "days"
        [service.liner]
        mode = "sea"
        stops = ["port", "there"]
        departures.per_week = 2
        [commodity.toys]
        density = "6 t/TEU"
        [disruption.storm]
        hits = ["node.port"]
        after = "30 d"
        lasts = "1 d"
        [flow.toys]
        from = "here"
        to = "there"
        commodity = "toys"
        volume = "500 TEU/yr"
        [flow.more]
        from = "here"
        to = "port"
        volume = "300 TEU/yr"
        "#,
    );
    build(&path.display().to_string())
}

#[test]
fn exposure_adds_up_the_traffic_that_passes() {
    let exposure = Exposure::of(&model());
    let close = |key: &str, teu: f64| {
        let found = exposure.of_figure(key);
        assert!((found - teu).abs() < 1e-6, "{key}: {found}");
    };
    close("link.road.time", 800.0);
    close("link.ocean.time.min", 500.0);
    close("service.liner.departures.per_week", 500.0);
    close("commodity.toys.density", 500.0);
    close("node.there.longitude", 500.0);
    close("facility.customs.time", 800.0);
    close("calendar.days.daily", 800.0);
    close("disruption.storm.lasts", 800.0);
    close("link.unused.time", 0.0);
    close("money.exchange.CNY", 800.0);
    assert!((exposure.whole() - 800.0).abs() < 1e-6);
}

#[test]
fn the_map_has_every_place_and_is_cut_at_the_date_line() {
    let network = network_geojson(&model());
    assert_eq!(network.features.len(), 4 + 3);
    let text = network.to_string();
    let read: geojson::GeoJson = text.parse().unwrap();
    let geojson::GeoJson::FeatureCollection(read) = read else {
        panic!("{text}")
    };
    let ocean = read
        .features
        .iter()
        .find(|feature| feature.property("id").is_some_and(|id| id == "ocean"))
        .unwrap();
    assert_eq!(ocean.property("expected_teu_per_year").unwrap(), 500.0);
    let Some(geojson::GeometryValue::MultiLineString { coordinates }) = ocean.geometry.as_ref().map(|it| &it.value)
    else {
        panic!("{ocean:?}")
    };
    assert_eq!(coordinates.len(), 2);
    let edge = |line: &Vec<geojson::Position>, at: usize| (line[at][0], line[at][1]);
    let ((x, y), (far_x, far_y)) = (edge(&coordinates[0], 2), edge(&coordinates[1], 0));
    assert!(x == 180.0 && far_x == -180.0 && y == far_y && (y - 45.0).abs() < 1e-9);
    for (x, y) in coordinates.iter().flatten().map(|at| (at[0], at[1])) {
        assert!(x.abs() <= 180.0 && y.abs() <= 90.0);
    }
}
