//! Which corridors a report shows, where not all are asked for.

use crate::scenario::Scenario;
use crate::scenario::matching::matches;
use std::collections::BTreeSet;
use std::fmt;

/// The corridors that the terminal summary and the charts show. What is simulated and the tables of a run's folder do not
/// depend on it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// Their ids; none for everything.
    ids: Option<BTreeSet<String>>,
}

/// A name that no corridor has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownCorridor {
    name: String,
    known: Vec<String>,
}

impl fmt::Display for UnknownCorridor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.known.is_empty() {
            return write!(
                f,
                "there is no corridor \"{}\": this scenario has no corridors",
                self.name
            );
        }
        write!(
            f,
            "there is no corridor \"{}\"; those of this scenario are {}",
            self.name,
            self.known.join(", ")
        )
    }
}

impl std::error::Error for UnknownCorridor {}

impl Selection {
    /// The corridors of `scenario` that go by `names`; all where there are none of these.
    ///
    /// A name is the id of a corridor, or its name in English or Chinese. Where there is no such corridor, it stands for
    /// all whose id begins with it and a hyphen (`huaihua` for `huaihua-land-port`), or fits it if it has a `*`.
    ///
    /// # Errors
    /// The first name that no corridor goes by.
    pub fn of(scenario: &Scenario, names: &[String]) -> Result<Self, UnknownCorridor> {
        if names.is_empty() {
            return Ok(Self::default());
        }
        let mut ids = BTreeSet::new();
        for name in names {
            let named = meant(scenario, name);
            if named.is_empty() {
                return Err(UnknownCorridor {
                    name: name.clone(),
                    known: scenario.corridors.keys().cloned().collect(),
                });
            }
            ids.extend(named);
        }
        Ok(Self { ids: Some(ids) })
    }

    /// Whether everything is shown, what belongs to no corridor and the whole system too.
    pub fn is_whole(&self) -> bool {
        self.ids.is_none()
    }

    /// Whether the corridor called `id` is shown.
    pub fn shows(&self, id: &str) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(id))
    }
}

/// The ids of the corridors that `name` stands for.
fn meant(scenario: &Scenario, name: &str) -> Vec<String> {
    // Nobody should fail for a capital letter.
    let wanted = name.to_lowercase();
    let all = || scenario.corridors.iter();
    let with = |fits: &dyn Fn(&str) -> bool| -> Vec<String> {
        all()
            .map(|(id, _)| id.clone())
            .filter(|id| fits(&id.to_lowercase()))
            .collect()
    };
    let of_that_id = with(&|id| id == wanted);
    if !of_that_id.is_empty() {
        return of_that_id;
    }
    let called: Vec<String> = all()
        .filter(|(_, it)| !name.is_empty() && (it.name.en.to_lowercase() == wanted || it.name.zh == name))
        .map(|(id, _)| id.clone())
        .collect();
    if !called.is_empty() {
        return called;
    }
    if name.contains('*') {
        return with(&|id| matches(&wanted, id));
    }
    with(&|id| {
        id.strip_prefix(wanted.as_str())
            .is_some_and(|rest| rest.starts_with('-'))
    })
}
