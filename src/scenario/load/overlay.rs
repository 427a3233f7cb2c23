//! What is laid over a scenario when it is read: measures, and the absence of shocks.

use super::super::document::{Entry, Table, Value, read_toml};
use super::super::fault::{Fault, Origin};
use super::super::files::Location;
use super::super::matching::matches;
use super::super::quantity::Grade;
use super::{Extent, Reader, text_of};

/// What is laid over a scenario when it is read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overlay {
    /// Measures: files beside the scenario's, such as "measures/18".
    pub measures: Vec<String>,
    /// Whether what it calls shocks is taken out.
    pub without_shocks: bool,
    /// The grade from which on inputs are held at their expected values, instead of what the scenario says of that.
    pub hold_grade: Option<Grade>,
}

/// The name of the scenario over which measures are laid instead of the one called `name`: what that one states as
/// `measures_on`. None where it states nothing, or cannot be read.
pub fn ground_of_measures(name: &str) -> Option<String> {
    let location = Location::find(name)?;
    let document = read_toml(&text_of(&location).ok()?, 0, &mut Vec::new());
    match &document.find(&["scenario", "measures_on"])?.item.value {
        Value::Text(ground) => location.find_beside(ground).map(|place| place.name()),
        _ => None,
    }
}

/// The measures beside the scenario called `ground` that `pattern` fits, such as `measures/*`, in the order of their numbers.
/// The pattern itself where it has no `*` or nothing fits it.
pub fn measures_beside(ground: &str, pattern: &str) -> Vec<String> {
    let as_it_is = || vec![pattern.to_owned()];
    let (folder, name) = pattern.rsplit_once('/').unwrap_or((".", pattern));
    let Some(location) = Location::find(ground).filter(|_| name.contains('*')) else {
        return as_it_is();
    };
    let mut found: Vec<String> = location.files_in(folder);
    found.retain(|stem| matches(name, stem));
    found.sort_by_key(|stem| (stem.parse::<u64>().unwrap_or(u64::MAX), stem.clone()));
    if found.is_empty() {
        return as_it_is();
    }
    found.into_iter().map(|stem| format!("{folder}/{stem}")).collect()
}

impl Reader {
    /// Reads measures beside the file at `location`, and adds what they state, which nothing else may state.
    pub(super) fn read_measures(
        &mut self,
        location: &Location,
        (key, cause): (&str, Option<Origin>),
        names: &[String],
        document: &mut Table,
        within: &mut Vec<Location>,
    ) {
        let mut read: Vec<Location> = Vec::new();
        for name in names {
            let place = [name.clone(), format!("{name}.toml")]
                .iter()
                .map(|path| location.sibling(path))
                .find(Location::exists);
            let Some(place) = place else {
                let folder = location.sibling(name);
                let fault = Fault::error(
                    "unreadable-file",
                    key,
                    format!("there is no measure {}.toml", folder.display()),
                )
                .at(cause.clone(), "named here")
                .remedy("name a file beside the scenario, such as `measures/18`");
                self.unread(Extent::Partial, fault);
                continue;
            };
            // Whoever names a measure twice, in whatever way, wants it once.
            if read.iter().any(|known| known.is_same(&place)) {
                continue;
            }
            read.push(place.clone());
            for (section, entry) in self.read_piece(&place, key, cause.clone(), within) {
                self.add_section(section, entry, document);
            }
        }
    }

    /// Adds the tables of a measure to a section; none of them may be there already.
    fn add_section(&mut self, section: String, entry: Entry, document: &mut Table) {
        let Some(known) = document.get_mut(&section) else {
            document.insert(section, entry);
            return;
        };
        let (Value::Table(known), Value::Table(rows)) = (&mut known.item.value, entry.item.value) else {
            return;
        };
        for (id, row) in rows {
            if let Some(there) = known.get(&id) {
                self.faults.push(
                    Fault::error(
                        "colliding-changes",
                        format!("{section}.{id}"),
                        "a measure states a table that is there already",
                    )
                    .at(Some(there.key.clone()), "stated here")
                    .at(Some(row.key.clone()), "and by the measure here")
                    .remedy("call it otherwise, or change figures of the other by `change`"),
                );
                continue;
            }
            known.insert(id, row);
        }
    }

    /// Takes out what the scenario calls shocks.
    pub(super) fn remove_shocks(&mut self, document: &mut Table) {
        let shocks = std::mem::take(&mut self.shocks);
        if shocks.is_empty() && self.extent == Extent::Whole {
            self.faults.push(
                Fault::error("no-shocks", "--without-shocks", "the scenario calls nothing a shock").remedy(
                    "leave the option out, or list what is a shock: scenario.shocks = [\"disruption.some-name\"]",
                ),
            );
        }
        for (shock, cause) in shocks {
            self.remove(document, &shock, ("scenario.shocks", cause));
        }
    }
}
