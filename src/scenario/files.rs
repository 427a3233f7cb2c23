//! Where scenario files come from: the user's disk, or the shipped scenarios inside the program.

use include_dir::{Dir, include_dir};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The shipped scenarios, as they were when the program was built.
static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// The file that a scenario folder is read from.
const MAIN_FILE: &str = "scenario.toml";

/// A file on disk or one shipped inside the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Location {
    /// A path on disk.
    Disk(PathBuf),
    /// A path below the folder of shipped scenarios.
    Shipped(PathBuf),
}

impl Location {
    /// Finds the scenario called `name`: a file, a folder with a `scenario.toml`, or a shipped scenario.
    pub fn find(name: &str) -> Option<Self> {
        let path = Path::new(name);
        let on_disk = [path.to_path_buf(), path.join(MAIN_FILE)]
            .into_iter()
            .find(|path| path.is_file());
        on_disk.map(Self::Disk).or_else(|| Self::find_shipped(path))
    }

    /// Whether `name` is that of a shipped scenario, but means a file on disk before it.
    pub fn hides_shipped(name: &str) -> bool {
        matches!(Self::find(name), Some(Self::Disk(_))) && Self::find_shipped(Path::new(name)).is_some()
    }

    /// Finds what `reference` means in this file: a path relative to it, or a shipped scenario.
    pub fn find_beside(&self, reference: &str) -> Option<Self> {
        let beside = self.sibling(reference);
        let within = beside.sibling_of_folder(MAIN_FILE);
        [beside, within]
            .into_iter()
            .find(Self::exists)
            .or_else(|| Self::find_shipped(Path::new(reference)))
    }

    /// The file at `relative` seen from this file's folder.
    #[must_use]
    pub fn sibling(&self, relative: &str) -> Self {
        let join = |path: &Path| path.parent().unwrap_or(Path::new("")).join(relative);
        match self {
            Self::Disk(path) => Self::Disk(join(path)),
            Self::Shipped(path) => Self::Shipped(normalise(&join(path))),
        }
    }

    /// The names, without their ending, of the TOML files in the folder at `relative` seen from this file's folder.
    pub fn files_in(&self, relative: &str) -> Vec<String> {
        let paths: Vec<PathBuf> = match self.sibling(relative) {
            Self::Disk(path) => fs::read_dir(path)
                .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
                .unwrap_or_default(),
            Self::Shipped(path) => SHIPPED
                .get_dir(path)
                .map(|folder| folder.files().map(|file| file.path().to_path_buf()).collect())
                .unwrap_or_default(),
        };
        let is_toml = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "toml");
        let stem = |path: &PathBuf| Some(path.file_stem()?.to_string_lossy().into_owned());
        paths.iter().filter(is_toml).filter_map(stem).collect()
    }

    fn sibling_of_folder(&self, file: &str) -> Self {
        match self {
            Self::Disk(path) => Self::Disk(path.join(file)),
            Self::Shipped(path) => Self::Shipped(path.join(file)),
        }
    }

    fn find_shipped(path: &Path) -> Option<Self> {
        let mut with_ending = path.as_os_str().to_owned();
        with_ending.push(".toml");
        [path.join(MAIN_FILE), PathBuf::from(with_ending), path.to_path_buf()]
            .into_iter()
            .find(|path| path.extension().is_some() && SHIPPED.get_file(path).is_some())
            .map(Self::Shipped)
    }

    /// Whether both are one file, whatever the paths to it.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Disk(one), Self::Disk(other)) => {
                let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
                real(one) == real(other)
            }
            _ => self == other,
        }
    }

    /// Whether there is such a file.
    pub fn exists(&self) -> bool {
        match self {
            Self::Disk(path) => path.is_file(),
            Self::Shipped(path) => SHIPPED.get_file(path).is_some(),
        }
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Disk(path) => fs::read(path),
            Self::Shipped(path) => SHIPPED
                .get_file(path)
                .map(|file| file.contents().to_vec())
                .ok_or_else(|| io::ErrorKind::NotFound.into()),
        }
    }

    /// The name to show to users.
    pub fn display(&self) -> String {
        match self {
            Self::Disk(path) => path.display().to_string(),
            Self::Shipped(path) => format!("scenarios/{}", path.display()),
        }
    }

    /// The name under which the scenario in this file is found.
    pub fn name(&self) -> String {
        match self {
            Self::Disk(path) => path.display().to_string(),
            Self::Shipped(path) if path.ends_with(MAIN_FILE) => path.parent().unwrap_or(path).display().to_string(),
            Self::Shipped(path) => path.with_extension("").display().to_string(),
        }
    }

    /// The short name of the scenario in this file, fit for a folder: the file's stem, or that of its folder.
    pub fn short_name(&self) -> String {
        let (Self::Disk(path) | Self::Shipped(path)) = self;
        let path = if path.ends_with(MAIN_FILE) {
            path.parent().unwrap_or(path)
        } else {
            path
        };
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.is_empty() { "scenario".to_owned() } else { name }
    }
}

/// Resolves `..` in a path that need not exist on disk.
fn normalise(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                parts.pop();
            }
            std::path::Component::CurDir => {}
            part => parts.push(part),
        }
    }
    parts
}

/// The names under which the shipped scenarios can be run, in order.
pub fn shipped_names() -> Vec<String> {
    fn visit(folder: &Dir<'_>, names: &mut Vec<String>) {
        for file in folder.files() {
            let path = file.path();
            if path.ends_with(MAIN_FILE) {
                names.extend(path.parent().map(|parent| parent.display().to_string()));
            } else if path.extension().is_some_and(|ending| ending == "toml") && !is_part(file) {
                names.push(path.with_extension("").display().to_string());
            }
        }
        for folder in folder.dirs() {
            visit(folder, names);
        }
    }
    // Parts of a scenario say nothing about themselves.
    fn is_part(file: &include_dir::File<'_>) -> bool {
        let document = file.contents_utf8().and_then(|text| text.parse::<toml::Table>().ok());
        let about = document
            .as_ref()
            .and_then(|document| document.get("scenario")?.as_table());
        about.is_none_or(|about| !about.contains_key("title"))
    }
    let mut names = Vec::new();
    visit(&SHIPPED, &mut names);
    names.sort();
    names
}
