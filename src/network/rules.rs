//! The rules that keep a flow off some ways, and how a way that breaks one is described to the user.

use super::{RouteStep, Tables};
use crate::scenario::Scenario;
use crate::scenario::demand::Commodity;
use crate::scenario::place::Mode;

/// A rule that keeps a flow off some ways.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rule {
    /// The goods must not go by this mode.
    Mode(Mode),
    /// Dangerous goods ride only services that take them.
    DangerousGoods,
    /// Refrigerated goods ride only services that have space for them.
    Refrigerated,
    /// No way takes longer than the goods keep.
    ShelfLife,
    /// No way rides more services than the settings allow.
    Services,
    /// Nothing passes through a zone.
    Zones,
}

impl Rule {
    /// All rules that may keep `goods` off a way.
    pub(super) fn of(goods: Option<&Commodity>) -> Vec<Self> {
        let mut rules = Vec::new();
        if let Some(goods) = goods {
            rules.extend(goods.not_by.iter().copied().map(Self::Mode));
            rules.extend(goods.dangerous_goods.as_ref().map(|_| Self::DangerousGoods));
            rules.extend(goods.refrigerated.then_some(Self::Refrigerated));
            rules.extend(goods.shelf_life.as_ref().map(|_| Self::ShelfLife));
        }
        rules.extend([Self::Services, Self::Zones]);
        rules
    }
}

/// The rules about `goods` that a step breaks.
pub(super) fn broken(scenario: &Scenario, tables: &Tables, goods: Option<&Commodity>, step: RouteStep) -> Vec<Rule> {
    let Some(goods) = goods else { return Vec::new() };
    let mut rules = Vec::new();
    let mode = match step {
        RouteStep::Link(link) => tables.links[link.index()].mode,
        RouteStep::Ride { service, .. } => {
            let row = &tables.services[service.index()];
            let stated = &scenario.services[&row.id];
            if goods.dangerous_goods.is_some() && !stated.dangerous_goods {
                rules.push(Rule::DangerousGoods);
            }
            let has_space = stated.reefer_slots.as_ref().is_none_or(|slots| slots.expected() > 0.0);
            if goods.refrigerated && !has_space {
                rules.push(Rule::Refrigerated);
            }
            row.mode
        }
        RouteStep::Facility(_) | RouteStep::Assembly(_) | RouteStep::Consolidated(_) => return rules,
    };
    if goods.not_by.contains(&mode) {
        rules.push(Rule::Mode(mode));
    }
    rules
}

/// What stands in the way, and what to do about it.
pub(super) struct Obstacle {
    pub(super) what: String,
    pub(super) remedy: String,
}

impl Obstacle {
    /// That the step at `key` breaks a rule about `goods`.
    pub(super) fn of_step(rule: Rule, key: &str, goods: &str) -> Option<Self> {
        let (what, remedy) = match rule {
            Rule::Mode(mode) => (
                format!("`{key}` goes by {}, by which `{goods}` must not go", mode.key()),
                format!("take \"{}\" out of `commodity.{goods}.not_by`", mode.key()),
            ),
            Rule::DangerousGoods => (
                format!("`{key}` takes no dangerous goods"),
                format!("set `{key}.dangerous_goods = true` if it takes such goods"),
            ),
            Rule::Refrigerated => (
                format!("`{key}` has no space for refrigerated containers"),
                format!("raise `{key}.reefer_slots`"),
            ),
            Rule::ShelfLife | Rule::Services | Rule::Zones => return None,
        };
        Some(Self { what, remedy })
    }
}

/// A length of time as people say it.
pub(super) fn duration(hours: f64) -> String {
    if hours < 48.0 {
        format!("{} h", (hours * 10.0).round() / 10.0)
    } else {
        format!("{} d", (hours / 2.4).round() / 10.0)
    }
}
