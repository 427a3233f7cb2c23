//! Faults in scenario files: what is wrong, where it stands, what to do.
//!
//! Nothing here decides whether something is a fault; it only carries the finding to the user. All faults of a
//! scenario are gathered in [`Faults`] and shown together, each with its file, line and key, the offending source and
//! a remedy.

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A file that was read, kept so that faults can show it.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The name under which the user knows it: a path, or the name of an embedded scenario's file.
    pub name: String,
    /// Its whole text.
    pub text: Arc<str>,
}

impl SourceFile {
    /// Whether it is a CSV table.
    fn is_table(&self) -> bool {
        let ending = self.name.rsplit('.').next().unwrap_or_default();
        ending.eq_ignore_ascii_case("csv")
    }

    /// Line and column (both from 1) of byte `offset`.
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        (line, String::from_utf8_lossy(&before[start..]).chars().count() + 1)
    }
}

/// A stretch of one of the files that were read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Origin {
    /// Position in the list of files.
    pub file: usize,
    /// Bytes.
    pub span: (usize, usize),
}

impl Origin {
    /// The stretch `span` of file number `file`.
    pub fn new(file: usize, span: Range<usize>) -> Self {
        Self {
            file,
            span: (span.start, span.end),
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The scenario cannot be run.
    Error,
    /// It can, but the user should look at this.
    Warning,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Whether it keeps the scenario from running.
    pub weight: Weight,
    /// The kind of fault, a stable name such as `dangling-reference`.
    pub code: &'static str,
    /// The key at fault, dotted: `facility.customs.servers`.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// Where it stands, the main place first, each with a word about it.
    pub places: Vec<(Origin, String)>,
}

impl Fault {
    /// An error of kind `code` about `key`.
    pub fn error(code: &'static str, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            weight: Weight::Error,
            code,
            key: key.into(),
            message: message.into(),
            remedy: String::new(),
            places: Vec::new(),
        }
    }

    /// The same finding, to be looked at but not fatal.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.weight = Weight::Warning;
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// Adds a place, with a word about it.
    #[must_use]
    pub fn at(mut self, origin: Option<Origin>, label: impl Into<String>) -> Self {
        if let Some(origin) = origin {
            self.places.push((origin, label.into()));
        }
        self
    }
}

/// Everything found wrong with a scenario, with the files it stands in.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The files that were read.
    pub files: Vec<SourceFile>,
    /// The findings, by file and line.
    pub list: Vec<Fault>,
}

/// A finding in the form that machines read (`--json`).
#[derive(Serialize)]
pub struct FaultRecord<'a> {
    weight: Weight,
    code: &'a str,
    key: &'a str,
    message: &'a str,
    remedy: &'a str,
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
}

impl Faults {
    /// Whether any finding keeps the scenario from running.
    pub fn any_error(&self) -> bool {
        self.list.iter().any(|fault| fault.weight == Weight::Error)
    }

    /// Sorts by place, errors and warnings together, so that the order does not depend on how they were found.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| {
            let place = |fault: &Fault| fault.places.first().map(|(origin, _)| origin.clone());
            (place(a), &a.key, a.code).cmp(&(place(b), &b.key, b.code))
        });
        self.list.dedup();
    }

    /// Joins what is wrong with one column of a CSV table in row after row, which has one cause, into its first finding.
    pub fn fold_rows(&mut self) {
        let mut firsts: BTreeMap<(usize, &'static str, String, String), (usize, usize)> = BTreeMap::new();
        let mut kept: Vec<Fault> = Vec::new();
        for fault in std::mem::take(&mut self.list) {
            let column = fault.key.splitn(3, '.').nth(2).map(str::to_owned);
            let table = fault
                .places
                .first()
                .map(|(origin, _)| origin.file)
                .filter(|file| self.files[*file].is_table());
            let (Some(column), Some(table)) = (column, table) else {
                kept.push(fault);
                continue;
            };
            let (_, more) = firsts
                .entry((table, fault.code, column, fault.message.clone()))
                .and_modify(|(_, more)| *more += 1)
                .or_insert((kept.len(), 0));
            if *more == 0 {
                kept.push(fault);
            }
        }
        for (first, more) in firsts.into_values().filter(|(_, more)| *more > 0) {
            let rows = if more == 1 { "row" } else { "rows" };
            kept[first]
                .message
                .push_str(&format!(" (and so in {more} more {rows})"));
        }
        self.list = kept;
    }

    /// Each finding as a diagnostic that miette can draw.
    pub fn diagnostics(&self) -> impl Iterator<Item = FaultDiagnostic> + '_ {
        self.list.iter().map(|fault| {
            let main = fault.places.first().map(|(origin, _)| origin.file);
            FaultDiagnostic {
                fault: fault.clone(),
                source: main.map(|file| {
                    let file = &self.files[file];
                    NamedSource::new(&file.name, Arc::clone(&file.text))
                }),
                elsewhere: fault
                    .places
                    .iter()
                    .filter(|(origin, _)| Some(origin.file) != main)
                    .map(|(origin, label)| {
                        let file = &self.files[origin.file];
                        let (line, _) = file.line_and_column(origin.span.0);
                        format!("{label}: {}:{line}", file.name)
                    })
                    .collect(),
            }
        })
    }

    /// Each finding for machines.
    pub fn records(&self) -> Vec<FaultRecord<'_>> {
        self.list
            .iter()
            .map(|fault| {
                let place = fault.places.first().map(|(origin, _)| {
                    let file = &self.files[origin.file];
                    (file.name.as_str(), file.line_and_column(origin.span.0))
                });
                FaultRecord {
                    weight: fault.weight,
                    code: fault.code,
                    key: &fault.key,
                    message: &fault.message,
                    remedy: &fault.remedy,
                    file: place.map(|(name, _)| name),
                    line: place.map(|(_, (line, _))| line),
                    column: place.map(|(_, (_, column))| column),
                }
            })
            .collect()
    }
}

impl fmt::Display for Faults {
    /// One line a finding: `file:line: key: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for record in self.records() {
            if let (Some(file), Some(line)) = (record.file, record.line) {
                write!(f, "{file}:{line}: ")?;
            }
            writeln!(f, "{}: {}", record.key, record.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// A finding together with the text it stands in.
#[derive(Debug)]
pub struct FaultDiagnostic {
    fault: Fault,
    source: Option<NamedSource<Arc<str>>>,
    elsewhere: Vec<String>,
}

impl fmt::Display for FaultDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.fault.key.is_empty() {
            write!(f, "{}", self.fault.message)
        } else {
            write!(f, "{}: {}", self.fault.key, self.fault.message)
        }
    }
}

impl std::error::Error for FaultDiagnostic {}

impl Diagnostic for FaultDiagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.fault.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self.fault.weight {
            Weight::Error => Severity::Error,
            Weight::Warning => Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let mut help = self.fault.remedy.clone();
        for place in &self.elsewhere {
            if !help.is_empty() {
                help.push('\n');
            }
            help.push_str(place);
        }
        (!help.is_empty()).then(|| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let main = self.fault.places.first()?.0.file;
        Some(Box::new(
            self.fault
                .places
                .iter()
                .filter(move |(origin, _)| origin.file == main)
                .map(|(origin, label)| {
                    let (start, end) = origin.span;
                    LabeledSpan::new(Some(label.clone()), start, end.saturating_sub(start))
                }),
        ))
    }
}
