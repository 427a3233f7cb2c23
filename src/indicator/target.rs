//! Targets that are simulated: the indicators that they look at must exist.

use super::{Catalogue, Indicator, nearest_of};
use crate::model::Model;
use crate::scenario::fault::{Fault, Faults};

/// Warns of every target of a model's scenario that is simulated but names none of its indicators, with the most similar ones that
/// there are. No fault, for the indicator may be that of a line which measures that are not in force bring about.
pub fn targets_without_indicator(model: &Model) -> Faults {
    let scenario = &model.scenario;
    let all = scenario.targets.iter();
    let simulated: Vec<(&String, &String)> = all
        .filter_map(|(id, target)| Some((id, target.indicator.as_ref()?)))
        .collect();
    let mut faults = Faults {
        files: scenario.files.clone(),
        list: Vec::new(),
    };
    if simulated.is_empty() {
        return faults;
    }
    let catalogue = Catalogue::of(model);
    let unknown = simulated
        .iter()
        .filter(|(_, indicator)| catalogue.find(indicator).is_none());
    faults.list.extend(unknown.map(|(id, indicator)| {
        let near = nearest_of(catalogue.indicators.iter().map(Indicator::key), indicator);
        let key = format!("target.{id}.indicator");
        let message = format!("there is no indicator `{indicator}`, so the target stays without a level");
        Fault::error("dangling-reference", &key, message)
            .at(scenario.origin(&key), "named here")
            .remedy(format!(
                "did you mean {}? One of a line that a measure brings about is there when the measure is",
                near.join(", ")
            ))
            .as_warning()
    }));
    faults.sort();
    faults
}
