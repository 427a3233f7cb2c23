//! The network as GeoJSON (RFC 7946), for any geographic information system: nodes as points, links as lines, with what
//! is expected to move on them.

use crate::analysis::Exposure;
use crate::model::Model;
use crate::scenario::settings::{Language, Text};
use geojson::{Feature, FeatureCollection, Geometry, GeometryValue, JsonObject, Position};
use serde_json::Value;

/// The nodes and links whose places are known.
pub fn network_geojson(model: &Model) -> FeatureCollection {
    let exposure = Exposure::of(model);
    let features = nodes(model, &exposure).chain(links(model, &exposure)).collect();
    FeatureCollection {
        bbox: None,
        features,
        foreign_members: None,
    }
}

fn nodes<'a>(model: &'a Model, exposure: &'a Exposure) -> impl Iterator<Item = Feature> + 'a {
    model.network.tables.nodes.iter().filter_map(|row| {
        let at = row.position?;
        let node = model.scenario.nodes.get(&row.id)?;
        let properties = [
            ("kind", Value::from("node")),
            ("sort", serde_json::to_value(row.kind).unwrap_or_default()),
            ("country", node.country.clone().into()),
            ("time_zone", row.time_zone.clone().into()),
        ];
        let id = format!("node.{}", row.id);
        let geometry = GeometryValue::new_point([at.longitude, at.latitude]);
        Some(feature(id, &row.id, &node.name, geometry, exposure, properties))
    })
}

fn links<'a>(model: &'a Model, exposure: &'a Exposure) -> impl Iterator<Item = Feature> + 'a {
    let position = |id: &Option<String>| {
        let node = model.scenario.nodes.get(id.as_ref()?)?;
        Some([node.longitude?, node.latitude?])
    };
    model.scenario.links.iter().filter_map(move |(id, link)| {
        let mut points = vec![position(&link.from)?];
        points.extend(&link.via);
        points.push(position(&link.to)?);
        let carries = serde_json::to_value(link.carries).unwrap_or_default();
        let properties = [
            ("kind", Value::from("link")),
            ("from", link.from.clone().into()),
            ("to", link.to.clone().into()),
            ("mode", serde_json::to_value(link.mode).unwrap_or_default()),
            ("carries", carries),
            ("both_ways", link.both_ways.into()),
            ("distance_km", link.distance.as_ref().map(|it| it.expected()).into()),
        ];
        Some(feature(
            format!("link.{id}"),
            id,
            &link.name,
            lines(&points),
            exposure,
            properties,
        ))
    })
}

fn feature<const N: usize>(
    key: String,
    id: &str,
    name: &Text,
    geometry: GeometryValue,
    exposure: &Exposure,
    properties: [(&str, Value); N],
) -> Feature {
    let mut all = JsonObject::new();
    all.insert("id".to_owned(), id.into());
    all.insert("name".to_owned(), name.get_or(Language::En, id).into());
    all.insert("name_zh".to_owned(), name.get_or(Language::Zh, id).into());
    all.extend(properties.map(|(name, value)| (name.to_owned(), value)));
    let expected = exposure.of_figure(&key).round();
    all.insert("expected_teu_per_year".to_owned(), expected.into());
    Feature {
        bbox: None,
        geometry: Some(Geometry::new(geometry)),
        id: Some(geojson::feature::Id::String(key)),
        properties: Some(all),
        foreign_members: None,
    }
}

/// One line, or several where it is cut at the date line, as the standard wants it.
fn lines(points: &[[f64; 2]]) -> GeometryValue {
    let mut parts: Vec<Vec<Position>> = vec![Vec::new()];
    let mut last: Option<[f64; 2]> = None;
    for &[x, y] in points {
        let x = (x + 180.0).rem_euclid(360.0) - 180.0;
        if let Some([from, before]) = last
            && (x - from).abs() > 180.0
        {
            // Seen from the side that it leaves, the next point lies beyond the edge.
            let edge = 180.0_f64.copysign(from);
            let beyond = x + 2.0 * edge;
            let cut = before + (y - before) * (edge - from) / (beyond - from);
            if let Some(part) = parts.last_mut() {
                part.push(Position::from([edge, cut]));
            }
            parts.push(vec![Position::from([-edge, cut])]);
        }
        if let Some(part) = parts.last_mut() {
            part.push(Position::from([x, y]));
        }
        last = Some([x, y]);
    }
    match parts.len() {
        1 => GeometryValue::LineString {
            coordinates: parts.remove(0),
        },
        _ => GeometryValue::MultiLineString { coordinates: parts },
    }
}
