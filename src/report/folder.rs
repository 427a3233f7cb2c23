//! The folder of a run: written aside, then put in place.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a folder or file could not be written.
#[derive(Debug)]
pub enum FolderError {
    /// The folder is there already.
    Exists(PathBuf),
    /// What is there is not the folder of a run, so it is not replaced.
    NotARun(PathBuf),
    /// A file or folder could not be written.
    Io(PathBuf, io::Error),
    /// Something else could not be put into a file.
    Content(PathBuf, String),
}

impl FolderError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Exists(_) => "give another folder with --out, or --force to replace it",
            Self::NotARun(_) => "give a folder of its own with --out; --force replaces only the folders of former runs",
            Self::Io(_, error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "make room on the disk, or write elsewhere with --out; nothing half-written was left behind"
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "write to a folder of your own with --out"
                }
                io::ErrorKind::FileTooLarge => {
                    "the system allows no file of this size (see `ulimit -f`); raise the limit, or write less with \
                     --no-charts or without --trace"
                }
                _ => "check the path and the disk, or write elsewhere with --out",
            },
            Self::Content(..) => "this is a fault of the program; please report it",
        }
    }
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(path) => write!(f, "{} is there already", path.display()),
            Self::NotARun(path) => write!(f, "{} is there already and is not the folder of a run", path.display()),
            Self::Io(path, error) => write!(f, "{} cannot be written: {error}", path.display()),
            Self::Content(path, message) => write!(f, "{} cannot be written: {message}", path.display()),
        }
    }
}

impl std::error::Error for FolderError {}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> FolderError + '_ {
    |error| FolderError::Io(path.to_path_buf(), error)
}

/// The first of `name`, `name-2`, `name-3`... below `parent` that is not there yet.
pub fn free_name(parent: &Path, name: &str) -> PathBuf {
    let numbered = (2_u64..).map(|number| parent.join(format!("{name}-{number}")));
    std::iter::once(parent.join(name))
        .chain(numbered)
        .find(|path| !path.exists())
        .unwrap_or_else(|| parent.join(name))
}

/// Whether a folder is empty or that of a former run.
fn may_be_replaced(folder: &Path) -> bool {
    let is_empty = || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    folder.is_dir() && (folder.join("manifest.json").is_file() || is_empty())
}

/// A run's folder in the making.
pub struct RunFolder {
    aside: PathBuf,
    target: PathBuf,
    /// The folder around it, where that had to be made as well.
    made_parent: Option<PathBuf>,
    replace: bool,
    done: bool,
    /// Locked while the folder is written, where folders can be locked: so others see that it is not abandoned.
    _lock: Option<fs::File>,
}

/// The ending of a folder in the making.
const UNFINISHED: &str = ".partial";

/// The ending of a folder that has made way for another.
const REPLACED: &str = ".replaced";

/// Locks a folder; nothing if it is locked already, or cannot be.
fn lock(folder: &Path) -> Option<fs::File> {
    let file = fs::File::open(folder).ok()?;
    file.try_lock().ok()?;
    Some(file)
}

/// Removes what runs that were killed have left of folders called `name`.
fn remove_abandoned(parent: &Path, name: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let begin = format!(".{name}.");
    for entry in entries.flatten() {
        let called = entry.file_name().to_string_lossy().into_owned();
        let process = called
            .strip_prefix(&begin)
            .and_then(|rest| rest.strip_suffix(UNFINISHED).or_else(|| rest.strip_suffix(REPLACED)));
        let abandoned = process.is_some_and(|process| process.parse::<u32>().is_ok()) && lock(&entry.path()).is_some();
        if abandoned {
            // It is in nobody's way if it cannot be removed.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl RunFolder {
    /// Prepares to write `target`, which may only exist if it is to be replaced.
    ///
    /// # Errors
    /// When it exists and must not be replaced, or nothing can be written beside it.
    pub fn begin(target: &Path, replace: bool) -> Result<Self, FolderError> {
        if target.symlink_metadata().is_ok() {
            if !replace {
                return Err(FolderError::Exists(target.to_path_buf()));
            }
            if target.file_name().is_none() || !may_be_replaced(target) {
                return Err(FolderError::NotARun(target.to_path_buf()));
            }
        }
        let name = target
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        let made_parent = (!parent.exists()).then(|| parent.clone());
        fs::create_dir_all(&parent).map_err(io_error(&parent))?;
        remove_abandoned(&parent, &name);
        let aside = parent.join(format!(".{name}.{}{UNFINISHED}", std::process::id()));
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(io_error(&aside))?;
        }
        fs::create_dir(&aside).map_err(io_error(&aside))?;
        Ok(Self {
            _lock: lock(&aside),
            aside,
            target: target.to_path_buf(),
            made_parent,
            replace,
            done: false,
        })
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.aside
    }

    /// Puts the finished folder in its place.
    ///
    /// # Errors
    /// When the old folder cannot be replaced.
    pub fn finish(mut self) -> Result<PathBuf, FolderError> {
        let target = self.target.clone();
        if self.replace && target.exists() {
            // The old folder makes way by a rename, so that at every moment one of the two is whole.
            let old = self.aside.with_extension(&REPLACED[1..]);
            fs::rename(&target, &old).map_err(io_error(&target))?;
            fs::rename(&self.aside, &target).map_err(io_error(&target))?;
            self.done = true;
            // The new one is whole; an old one that cannot be removed is in nobody's way, and goes with the next run.
            let _ = fs::remove_dir_all(&old);
        } else {
            // Fails when another run has put its folder there in the meantime: neither is lost.
            fs::rename(&self.aside, &target).map_err(|error| match error.kind() {
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                    FolderError::Exists(target.clone())
                }
                _ => FolderError::Io(target.clone(), error),
            })?;
            self.done = true;
        }
        Ok(target)
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.done {
            // What could not be finished is not worth keeping, and there is nobody left to tell of a second failure.
            let _ = fs::remove_dir_all(&self.aside);
            if let Some(parent) = &self.made_parent {
                let _ = fs::remove_dir(parent);
            }
        }
    }
}

/// Writes a text file into a folder.
pub(super) fn write_text(folder: &Path, name: &str, text: &str) -> Result<(), FolderError> {
    write_bytes(folder, name, text.as_bytes())
}

/// Writes a file into a folder.
pub(super) fn write_bytes(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(io_error(&path))
}

/// Puts `bytes` in place of a file in a folder that is there already, or leaves the file as it is.
pub(super) fn replace_bytes(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
    let aside = format!(".{name}{UNFINISHED}");
    write_bytes(folder, &aside, bytes)?;
    let (aside, path) = (folder.join(aside), folder.join(name));
    fs::rename(&aside, &path).map_err(io_error(&path))
}

/// Makes a folder in a folder.
pub(super) fn create_folder(folder: &Path, name: &str) -> Result<(), FolderError> {
    let path = folder.join(name);
    fs::create_dir_all(&path).map_err(io_error(&path))
}

/// Opens a file in a folder for writing.
pub(super) fn create(folder: &Path, name: &str) -> Result<(PathBuf, fs::File), FolderError> {
    let path = folder.join(name);
    let file = fs::File::create(&path).map_err(io_error(&path))?;
    Ok((path, file))
}
