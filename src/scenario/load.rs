//! Reading a scenario: its files, what it extends, its tables; then decoding and checking all of it.

mod overlay;

pub use overlay::{Overlay, ground_of_measures, measures_beside};

use super::decode::{decode, decode_section, suggest};
use super::document::{Entry, Item, Table, Value, overlay as lay_over, read_toml};
use super::fault::{Fault, Faults, Origin, SourceFile};
use super::files::{Location, shipped_names};
use super::matching::matches;
use super::settings::About;
use super::sources::{Sources, read_sources};
use super::table::read_csv;
use super::{Scenario, check, encoding, measure, origin_in};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Component, Path};
use std::sync::Arc;

/// Sections of named tables, in the order in which the reference lists them.
pub const SECTIONS: &[&str] = &[
    "node",
    "link",
    "service",
    "facility",
    "commodity",
    "flow",
    "season",
    "calendar",
    "disruption",
    "route",
    "corridor",
    "assembly",
    "consolidation",
    "container_pool",
    "measure",
    "overlap",
    "target",
    "reach",
];

/// Sections that are one table each.
pub const SETTINGS: &[&str] = &["scenario", "run", "money", "choice", "tables"];

/// How many scenarios may extend one another.
const DEPTH_LIMIT: usize = 16;

/// Reads and checks the scenario called `name`: a file, a folder with a `scenario.toml`, or a shipped scenario.
///
/// # Errors
/// All faults found, with the files they stand in.
pub fn load(name: &str) -> Result<Scenario, Faults> {
    load_with(name, &Overlay::default())
}

/// The same, with something laid over it. Measures go by the scenario that the named one gives as their ground, if it
/// does (see [`ground_of_measures`]).
///
/// # Errors
/// All faults found, with the files they stand in.
pub fn load_with(name: &str, overlay: &Overlay) -> Result<Scenario, Faults> {
    let mut reader = Reader::default();
    let Some(location) = Location::find(name) else {
        return Err(reader.not_found(name));
    };
    let mut document = Table::new();
    reader.read_layers(&location, &mut document, &mut Vec::new());
    reader.read_measures(
        &location,
        ("--with", None),
        &overlay.measures,
        &mut document,
        &mut vec![location.clone()],
    );
    if overlay.without_shocks {
        reader.remove_shocks(&mut document);
    }
    if reader.extent == Extent::Garbled {
        return Err(reader.into_faults());
    }
    if reader.extent == Extent::Whole {
        measure::apply(&mut document, &mut reader.faults);
    }
    let origin = Origin::new(0, 0..0);
    let document = Item {
        origin,
        value: Value::Table(document),
    };
    let short_name = location.short_name();
    let mut scenario = reader.decode(document, short_name);
    let whole = reader.extent == Extent::Whole;
    let mut faults = reader.into_faults();
    if whole {
        check::check(&scenario, &mut faults.list);
        faults.sort();
        faults.fold_rows();
    }
    if faults.any_error() {
        return Err(faults);
    }
    scenario.files = faults.files;
    scenario.warnings = faults.list;
    scenario.run.hold_grade = overlay.hold_grade.or(scenario.run.hold_grade);
    Ok(scenario)
}

/// How much of a scenario could be read, and so how much of it can be judged. What is missing for want of a file would
/// otherwise be reported once more wherever something refers to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// Some tables or files are missing: each table that is there can be judged, but not what it refers to.
    Partial,
    /// Some tables may lack keys that their file states: nothing can be judged.
    Garbled,
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    extent: Extent,
    files: Vec<SourceFile>,
    sources: Sources,
    /// Tables of sources: under which name they belong beside the resolved scenario, and the file.
    source_tables: Vec<(String, usize)>,
    /// Tables that are shocks, and where that is said.
    shocks: Vec<(String, Option<Origin>)>,
    faults: Vec<Fault>,
}

impl Reader {
    fn not_found(&self, name: &str) -> Faults {
        let names = shipped_names();
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let (message, remedy) = match scenarios_in(Path::new(name)) {
            Some(files) if files.is_empty() => (
                format!("the folder {name} has no scenario.toml"),
                "name a scenario file, or a folder that has a scenario.toml".to_owned(),
            ),
            Some(files) => (
                format!("the folder {name} has no scenario.toml"),
                format!("name one of the files in it: {}", files.join(", ")),
            ),
            None => (
                format!("there is no scenario \"{name}\""),
                format!(
                    "give a file, a folder with a scenario.toml, or a shipped scenario; {}",
                    suggest(name, &known)
                ),
            ),
        };
        let fault = Fault::error("no-such-scenario", "", message).remedy(remedy);
        Faults {
            files: Vec::new(),
            list: vec![fault],
        }
    }

    /// What was found wrong, by place.
    fn into_faults(self) -> Faults {
        let mut faults = Faults {
            files: self.files,
            list: self.faults,
        };
        faults.sort();
        faults.fold_rows();
        faults
    }

    /// Adds a fault that keeps a part of the scenario from being read.
    fn unread(&mut self, extent: Extent, fault: Fault) {
        self.extent = self.extent.max(extent);
        self.faults.push(fault);
    }

    /// Reads a file and remembers it; reports a fault at `cause` when that fails.
    fn open(&mut self, location: &Location, key: &str, cause: Option<Origin>) -> Option<(usize, Arc<str>)> {
        match text_of(location) {
            Ok(text) => {
                self.files.push(SourceFile {
                    name: location.display(),
                    text: Arc::clone(&text),
                });
                Some((self.files.len() - 1, text))
            }
            Err((message, remedy)) => {
                let fault = Fault::error("unreadable-file", key, message)
                    .at(cause, "named here")
                    .remedy(remedy);
                self.unread(Extent::Partial, fault);
                None
            }
        }
    }

    /// Reads the file at `location` and lays it over all that it extends. `within` are the files that led to it, each
    /// by extending the next or having it as a part.
    fn read_layers(&mut self, location: &Location, document: &mut Table, within: &mut Vec<Location>) {
        let Some((file, text)) = self.open(location, "", None) else {
            return;
        };
        let found = self.faults.len();
        let layer = read_toml(&text, file, &mut self.faults);
        if self.faults.len() > found {
            self.extent = Extent::Garbled;
        }
        let about: About = match layer.find(&["scenario"]) {
            Some(entry) => decode(&entry.item, "scenario", &mut Vec::new()).unwrap_or_default(),
            None => About::default(),
        };
        within.push(location.clone());
        if let Some(base) = &about.extends {
            self.read_base(location, &layer, base, document, within);
        }
        self.read_parts(location, &layer, &about.parts, document, within);
        let cause = origin_in(&layer, "scenario.measures");
        self.read_measures(
            location,
            ("scenario.measures", cause),
            &about.measures,
            document,
            within,
        );
        within.pop();
        for removed in &about.remove {
            self.remove(
                document,
                removed,
                ("scenario.remove", origin_in(&layer, "scenario.remove")),
            );
        }
        let cause = origin_in(&layer, "scenario.shocks");
        self.shocks
            .extend(about.shocks.iter().map(|shock| (shock.clone(), cause.clone())));
        for (number, path) in about.sources.iter().enumerate() {
            let cause = origin_in(&layer, "scenario.sources");
            let key = format!("scenario.sources.{number}");
            if let Some((file, text)) = self.open(&location.sibling(path), &key, cause) {
                if let Err(fault) = read_sources(&text, file, &mut self.sources, &mut self.faults) {
                    self.faults.push(fault);
                }
                let name = self.free_name(path);
                self.source_tables.push((name, file));
            }
        }
        let Value::Table(mut layer_table) = layer.value else {
            return;
        };
        self.read_tables(location, &mut layer_table);
        lay_over(document, layer_table);
    }

    /// The sections of a file that belongs to a scenario, as a part or as a measure, and stands at `place`. What it says about
    /// itself is not about the whole; its tables have been read.
    fn read_piece(&mut self, place: &Location, key: &str, cause: Option<Origin>, within: &mut Vec<Location>) -> Table {
        let mut piece = Table::new();
        if self.may_follow(place, key, cause, within) {
            self.read_layers(place, &mut piece, within);
        }
        piece.retain(|section, _| section != "scenario" && section != "tables");
        piece
    }

    /// Reads the scenario that `layer` extends.
    fn read_base(
        &mut self,
        location: &Location,
        layer: &Item,
        base: &str,
        document: &mut Table,
        within: &mut Vec<Location>,
    ) {
        let key = "scenario.extends";
        let cause = origin_in(layer, key);
        if let Some(place) = location.find_beside(base) {
            if self.may_follow(&place, key, cause, within) {
                self.read_layers(&place, document, within);
            }
            return;
        }
        let names = shipped_names();
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let remedy = format!(
            "give a path relative to this file, or a shipped scenario; {}",
            suggest(base, &known)
        );
        let fault = Fault::error("no-such-scenario", key, format!("there is no scenario \"{base}\""))
            .at(cause, "named here")
            .remedy(remedy);
        self.unread(Extent::Partial, fault);
    }

    /// Whether `place` can be read after the files in `within`; when it would lead in a circle, that is reported.
    fn may_follow(&mut self, place: &Location, key: &str, cause: Option<Origin>, within: &[Location]) -> bool {
        let does = if key == "scenario.extends" {
            "extends itself"
        } else {
            "is a part of itself"
        };
        let (message, remedy) = match within.iter().position(|known| known.is_same(place)) {
            Some(from) if from + 1 == within.len() => (
                format!("this file {does}"),
                "name another file, or delete this line".to_owned(),
            ),
            Some(from) => {
                let ring: Vec<String> = within[from..].iter().chain([place]).map(Location::display).collect();
                (
                    format!("this file {does} through others"),
                    format!("break the circle somewhere along {}", ring.join(", ")),
                )
            }
            None if within.len() > DEPTH_LIMIT => (
                format!("more than {DEPTH_LIMIT} files follow one another by `extends` and `parts`"),
                "join some of them into one file".to_owned(),
            ),
            None => return true,
        };
        let fault = Fault::error("circular-extends", key, message)
            .at(cause, "here")
            .remedy(remedy);
        self.unread(Extent::Partial, fault);
        false
    }

    /// Reads the parts of a scenario, which state different things, and lays them over what the scenario extends.
    fn read_parts(
        &mut self,
        location: &Location,
        layer: &Item,
        parts: &[String],
        document: &mut Table,
        within: &mut Vec<Location>,
    ) {
        let key = "scenario.parts";
        let cause = origin_in(layer, key);
        let mut all = Table::new();
        for part in parts {
            let place = location.sibling(part);
            if !place.exists() {
                let fault = Fault::error("unreadable-file", key, format!("there is no file {}", place.display()))
                    .at(cause.clone(), "named here")
                    .remedy("check the path; it is relative to the file that names it");
                self.unread(Extent::Partial, fault);
                continue;
            }
            for (section, entry) in self.read_piece(&place, key, cause.clone(), within) {
                match (
                    all.get_mut(&section).map(|entry| &mut entry.item.value),
                    entry.item.value,
                ) {
                    (Some(Value::Table(known)), Value::Table(rows)) => self.add_rows(&section, known, rows),
                    (_, value) => {
                        let origin = entry.item.origin;
                        let item = Item { origin, value };
                        all.insert(section, Entry { key: entry.key, item });
                    }
                }
            }
        }
        lay_over(document, all);
    }

    /// The name under which a table of sources at `path` can stand in a folder of its own.
    fn free_name(&self, path: &str) -> String {
        let plain = Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let last = Path::new(path)
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let wanted = last.filter(|_| !plain).unwrap_or_else(|| path.to_owned());
        let taken = |name: &str| self.source_tables.iter().any(|(known, _)| known == name);
        let numbered = (2..).map(|number| format!("{number}-{}", wanted.replace('/', "-")));
        std::iter::once(wanted.clone())
            .chain(numbered)
            .find(|name| !taken(name))
            .unwrap_or(wanted.clone())
    }

    fn remove(&mut self, document: &mut Table, key: &str, (stated_in, cause): (&str, Option<Origin>)) {
        let mut found = false;
        if let Some((section, pattern)) = key.split_once('.')
            && let Some(Value::Table(section)) = document.get_mut(section).map(|entry| &mut entry.item.value)
        {
            let before = section.len();
            section.retain(|id, _| !matches(pattern, id));
            found = section.len() < before;
        }
        // What is to be removed may stand in a file that could not be read.
        if !found && self.extent == Extent::Whole {
            self.faults.push(
                Fault::error(
                    "dangling-reference",
                    stated_in,
                    format!("there is no `{key}` to remove"),
                )
                .at(cause, "named here")
                .remedy("name a table of the extended scenario, such as `service.some-name` or `service.some-*`"),
            );
        }
    }

    /// Reads the CSV tables that the layer names into its own sections.
    fn read_tables(&mut self, location: &Location, layer: &mut Table) {
        let Some(entry) = layer.get("tables").cloned() else {
            return;
        };
        let tables: BTreeMap<String, Vec<String>> = decode(&entry.item, "tables", &mut self.faults).unwrap_or_default();
        for (kind, paths) in tables {
            let key = format!("tables.{kind}");
            let cause = entry.item.find(&[&kind]).map(|entry| entry.key.clone());
            if !SECTIONS.contains(&kind.as_str()) {
                self.faults.push(
                    Fault::error("unknown-key", key, "there is no such section")
                        .at(cause, "here")
                        .remedy(suggest(&kind, SECTIONS)),
                );
                continue;
            }
            for path in paths {
                let Some((file, text)) = self.open(&location.sibling(&path), &key, cause.clone()) else {
                    continue;
                };
                let mut section = Table::new();
                if let Err(fault) = read_csv(&text, file, &kind, &mut section, &mut self.faults) {
                    self.unread(Extent::Partial, fault);
                }
                let place = Origin::new(file, 0..0);
                let target = layer.entry(kind.clone()).or_insert_with(|| Entry {
                    key: place.clone(),
                    item: Item {
                        origin: place,
                        value: Value::Table(Table::new()),
                    },
                });
                if let Value::Table(target) = &mut target.item.value {
                    self.add_rows(&kind, target, section);
                }
            }
        }
    }

    fn add_rows(&mut self, kind: &str, target: &mut Table, rows: Table) {
        for (id, row) in rows {
            match target.get_mut(&id) {
                // A table of the TOML file may add keys to a row, such as a timetable to a service.
                Some(Entry {
                    item:
                        Item {
                            value: Value::Table(stated),
                            ..
                        },
                    key,
                }) => {
                    if let Some(twice) = row
                        .item
                        .table()
                        .and_then(|row| row.keys().find(|key| stated.contains_key(*key)))
                    {
                        self.faults.push(
                            Fault::error("duplicate-name", format!("{kind}.{id}.{twice}"), "is given twice")
                                .at(Some(key.clone()), "once here")
                                .at(Some(row.key.clone()), "once here")
                                .remedy("keep one of the two"),
                        );
                    }
                    if let Value::Table(mut row) = row.item.value {
                        lay_over(&mut row, std::mem::take(stated));
                        *stated = row;
                    }
                }
                Some(Entry { key, .. }) => self.faults.push(
                    Fault::error("duplicate-name", format!("{kind}.{id}"), "is given twice")
                        .at(Some(key.clone()), "once here")
                        .at(Some(row.key.clone()), "once here")
                        .remedy("keep one of the two"),
                ),
                None => {
                    target.insert(id, row);
                }
            }
        }
    }

    /// Decodes every section; tables with a fault are left out.
    fn decode(&mut self, document: Item, name: String) -> Scenario {
        let faults = &mut self.faults;
        let table = document.table().cloned().unwrap_or_default();
        for (key, entry) in &table {
            if !SECTIONS.contains(&key.as_str()) && !SETTINGS.contains(&key.as_str()) {
                let known: Vec<&str> = SETTINGS.iter().chain(SECTIONS).copied().collect();
                faults.push(
                    Fault::error("unknown-key", key.as_str(), "is not a section of a scenario")
                        .at(Some(entry.key.clone()), "here")
                        .remedy(suggest(key, &known)),
                );
            }
        }
        Scenario {
            name,
            about: settings(&table, "scenario", faults),
            run: settings(&table, "run", faults),
            money: settings(&table, "money", faults),
            choice: settings(&table, "choice", faults),
            nodes: decode_section(&table, "node", faults),
            links: decode_section(&table, "link", faults),
            services: decode_section(&table, "service", faults),
            facilities: decode_section(&table, "facility", faults),
            commodities: decode_section(&table, "commodity", faults),
            flows: decode_section(&table, "flow", faults),
            seasons: decode_section(&table, "season", faults),
            calendars: decode_section(&table, "calendar", faults),
            disruptions: decode_section(&table, "disruption", faults),
            routes: decode_section(&table, "route", faults),
            corridors: decode_section(&table, "corridor", faults),
            assemblies: decode_section(&table, "assembly", faults),
            consolidations: decode_section(&table, "consolidation", faults),
            container_pools: decode_section(&table, "container_pool", faults),
            measures: decode_section(&table, "measure", faults),
            overlaps: decode_section(&table, "overlap", faults),
            targets: decode_section(&table, "target", faults),
            reaches: decode_section(&table, "reach", faults),
            sources: std::mem::take(&mut self.sources),
            source_tables: std::mem::take(&mut self.source_tables),
            warnings: Vec::new(),
            files: Vec::new(),
            document,
        }
    }
}

/// Scenario files that a message names at most.
const NAMED_FILES: usize = 5;

/// Paths of the first TOML files in `folder`, if it is one.
fn scenarios_in(folder: &Path) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(folder).ok()?;
    let mut files: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| path.display().to_string())
        .collect();
    files.sort();
    files.truncate(NAMED_FILES);
    Some(files)
}

/// The text of a file; what is wrong and what to do when there is none.
fn text_of(location: &Location) -> Result<Arc<str>, (String, &'static str)> {
    let name = location.display();
    let bytes = location.read().map_err(|error| match error.kind() {
        ErrorKind::NotFound => (
            format!("there is no file {name}"),
            "check the path; it is relative to the file that names it",
        ),
        _ => (
            format!("{name} cannot be read: {error}"),
            "check the path and its permissions",
        ),
    })?;
    encoding::decode(&bytes).map(Arc::from).map_err(|error| {
        (
            format!(
                "{name} is not text in UTF-8: from line {} on it looks like {}",
                error.line, error.guess
            ),
            "save it in UTF-8: in an editor as text with this encoding, in a spreadsheet as \"CSV UTF-8\"",
        )
    })
}

/// Decodes a section that is one table; its defaults when it is not stated.
fn settings<T: DeserializeOwned + JsonSchema + Default>(table: &Table, name: &str, faults: &mut Vec<Fault>) -> T {
    table
        .get(name)
        .and_then(|entry| decode(&entry.item, name, faults))
        .unwrap_or_default()
}
