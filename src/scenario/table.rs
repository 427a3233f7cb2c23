//! CSV tables: one row a named table of the scenario, one column a key.
//!
//! The first column is `id`. Other headers are keys, dotted where the key lies deeper (`name.zh`,
//! `time.typical [d]`), with the unit of the column's numbers in brackets; `[;]` marks a list whose parts a semicolon
//! separates. Empty cells state nothing. Lines that begin with `#` are comments.

use super::document::{Entry, Item, Table, Value};
use super::fault::{Fault, Origin};

struct Column<'a> {
    path: Vec<&'a str>,
    unit: Option<&'a str>,
}

/// Separators that spreadsheets write where the comma is the decimal sign.
const SEPARATORS: [(char, &str); 2] = [(';', "semicolons"), ('\t', "tabs")];
/// A reader of the program's dialect of CSV.
pub(super) fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes())
}

/// The headers of a CSV file about `key`, whose first column must be called `first`.
///
/// # Errors
/// When no row of the table can be read as it is meant: the one cause of all that would follow.
pub(super) fn headers(text: &str, file: usize, key: &str, first: &str) -> Result<csv::StringRecord, Fault> {
    let headers = reader(text).headers().cloned().unwrap_or_default();
    let found = headers.get(0).unwrap_or_default();
    let at = |start: usize, label: &str| (Some(line_at(text, file, start)), label.to_owned());
    let fault = |code, message: String, (place, label): (Option<Origin>, String), remedy: String| {
        Err(Fault::error(code, key, message).at(place, label).remedy(remedy))
    };
    let separator = SEPARATORS.iter().find(|(sign, _)| {
        found
            .split_once(*sign)
            .is_some_and(|(head, _)| head.trim().trim_matches('"') == first)
    });
    if let Some((_, name)) = separator {
        return fault(
            "wrong-separator",
            format!("the columns are separated by {name}, where commas are wanted"),
            at(0, "header"),
            "separate them by commas, and write decimals with a point; a spreadsheet does both when its language is \
             English"
                .to_owned(),
        );
    }
    if found != first {
        return fault(
            "missing-key",
            format!("the first column is not `{first}`"),
            at(0, "header"),
            format!("name the first column `{first}` and give each row a name of its own"),
        );
    }
    match open_quote(text) {
        Some(start) => fault(
            "syntax",
            "a quote is opened here and not closed in its line".to_owned(),
            at(start, "this row"),
            "close the quote; a quote inside a cell is written twice".to_owned(),
        ),
        None => Ok(headers),
    }
}

/// Where the row begins in which quotes are opened that never close properly: at the end of the text they are still open,
/// or what follows them is no longer of the same cell.
fn open_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut row, mut at, mut begins_cell) = (0, 0, true);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' if begins_cell => {
                let opened = row;
                loop {
                    let quote = bytes.get(at..)?.iter().position(|byte| *byte == b'"');
                    let Some(quote) = quote else { return Some(opened) };
                    at += quote + 1;
                    // A quote within quotes is written twice.
                    if bytes.get(at) != Some(&b'"') {
                        break;
                    }
                    at += 1;
                }
                let rest = text.get(at..).unwrap_or_default().trim_start_matches([' ', '\t']);
                if !(rest.is_empty() || rest.starts_with([',', '\n', '\r'])) {
                    return Some(opened);
                }
                begins_cell = false;
            }
            b'\n' => (row, begins_cell) = (at, true),
            b',' => begins_cell = true,
            _ => begins_cell = false,
        }
    }
    None
}

/// Reads the rows of a CSV file into `section`, the tables of one kind such as `node`.
///
/// # Errors
/// When the table cannot be read at all.
pub fn read_csv(
    text: &str,
    file: usize,
    kind: &str,
    section: &mut Table,
    faults: &mut Vec<Fault>,
) -> Result<(), Fault> {
    let headers = headers(text, file, kind, "id")?;
    let mut reader = reader(text);
    let line_at = |start: usize| line_at(text, file, start);
    let broken = |error: &csv::Error| {
        let start = error.position().map_or(0, |position| position.byte() as usize);
        Fault::error("syntax", kind, format!("this is not valid CSV: {error}"))
            .at(Some(line_at(start.min(text.len()))), "here")
            .remedy("check quotes and commas; a comma inside a cell needs quotes around the cell")
    };
    let columns: Vec<Column<'_>> = headers.iter().map(parse_header).collect();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                faults.push(broken(&error));
                continue;
            }
        }
        let start = record.position().map_or(0, |position| position.byte() as usize);
        let origin = line_at(start);
        let id = record.get(0).unwrap_or_default();
        if record.len() > columns.len() {
            faults.push(
                Fault::error(
                    "syntax",
                    format!("{kind}.{id}"),
                    "has more cells than the header has columns",
                )
                .at(Some(origin.clone()), "this row")
                .remedy("put quotes around cells that contain a comma, and write decimals with a point"),
            );
        }
        if id.is_empty() {
            faults.push(
                Fault::error("missing-key", kind, "this row has no id")
                    .at(Some(origin), "this row")
                    .remedy("give it a name in the first column"),
            );
            continue;
        }
        let mut row = Table::new();
        for (column, cell) in columns.iter().zip(record.iter()).skip(1) {
            if !cell.is_empty() && !column.path.is_empty() {
                insert(&mut row, &column.path, cell_value(cell, column.unit, &origin), &origin);
            }
        }
        let entry = Entry {
            key: origin.clone(),
            item: Item {
                origin: origin.clone(),
                value: Value::Table(row),
            },
        };
        if let Some(first) = section.insert(id.to_owned(), entry) {
            faults.push(
                Fault::error("duplicate-name", format!("{kind}.{id}"), "this name is given twice")
                    .at(Some(origin), "here")
                    .at(Some(first.key), "first given here")
                    .remedy("rename one of the two, or delete it"),
            );
        }
    }
}

/// The line that begins at byte `start`. The position of a row that follows a comment is that of the comment.
pub(super) fn line_at(text: &str, file: usize, start: usize) -> Origin {
    let start = skip_comments(text, start);
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
    Origin::new(file, start.min(text.len())..start.min(text.len()) + length)
}

/// Splits a header into key and unit: `time.typical [d]`.
fn parse_header(header: &str) -> Column<'_> {
    let (key, unit) = match header.split_once('[') {
        Some((key, unit)) => (key.trim(), Some(unit.trim_end_matches(']').trim())),
        None => (header.trim(), None),
    };
    Column {
        path: key.split('.').filter(|part| !part.is_empty()).collect(),
        unit,
    }
}

fn skip_comments(text: &str, mut start: usize) -> usize {
    while let Some(rest) = text.get(start..) {
        let line = rest.split_inclusive('\n').next().unwrap_or("");
        if line.is_empty() || !(line.starts_with('#') || line.trim().is_empty()) {
            break;
        }
        start += line.len();
    }
    start
}

fn cell_value(cell: &str, unit: Option<&str>, origin: &Origin) -> Item {
    let value = match unit {
        Some(";") => Value::List(
            cell.split(';')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Item {
                    origin: origin.clone(),
                    value: bare_value(part),
                })
                .collect(),
        ),
        Some(unit) if !unit.is_empty() => Value::Text(format!("{cell} {unit}")),
        _ => bare_value(cell),
    };
    Item {
        origin: origin.clone(),
        value,
    }
}

fn bare_value(cell: &str) -> Value {
    match cell {
        "true" | "TRUE" | "yes" => Value::Flag(true),
        "false" | "FALSE" | "no" => Value::Flag(false),
        _ => match (cell.parse::<i64>(), cell.parse::<f64>()) {
            (Ok(number), _) => Value::Integer(number),
            (_, Ok(number)) if number.is_finite() => Value::Float(number),
            _ => Value::Text(cell.to_owned()),
        },
    }
}

fn insert(table: &mut Table, path: &[&str], item: Item, origin: &Origin) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        match table.get_mut(*first) {
            // Deeper cells (`time.source`) came before the plain one (`time [h]`).
            Some(Entry {
                item: Item {
                    value: Value::Table(inner),
                    ..
                },
                ..
            }) => {
                inner.insert(
                    "value".to_owned(),
                    Entry {
                        key: origin.clone(),
                        item,
                    },
                );
            }
            _ => {
                table.insert(
                    (*first).to_owned(),
                    Entry {
                        key: origin.clone(),
                        item,
                    },
                );
            }
        }
        return;
    }
    let entry = table.entry((*first).to_owned()).or_insert_with(|| Entry {
        key: origin.clone(),
        item: Item {
            origin: origin.clone(),
            value: Value::Table(Table::new()),
        },
    });
    // A plain cell beside deeper ones (`time [h]` beside `time.source`) is their value.
    if entry.item.table().is_none() {
        let plain = std::mem::replace(&mut entry.item.value, Value::Table(Table::new()));
        if let Value::Table(inner) = &mut entry.item.value {
            let item = Item {
                origin: origin.clone(),
                value: plain,
            };
            inner.insert(
                "value".to_owned(),
                Entry {
                    key: origin.clone(),
                    item,
                },
            );
        }
    }
    if let Value::Table(inner) = &mut entry.item.value {
        insert(inner, rest, item, origin);
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::to_toml;
    use super::*;

    fn read(text: &str) -> (String, Vec<Fault>) {
        let (mut section, mut faults) = (Table::new(), Vec::new());
        if let Err(fault) = read_csv(text, 0, "link", &mut section, &mut faults) {
            faults.push(fault);
        }
        let item = Item {
            origin: Origin::new(0, 0..0),
            value: Value::Table(section),
        };
        (to_toml(&item).to_string(), faults)
    }

    #[test]
    fn columns_become_keys_with_units() {
        let (table, faults) = read(
            "id,name.en,distance.source,distance [km],via [;],both_ways\n# comment\na,\"A, B\",x.y,12.5,p;q,true\nb,,,,,\n",
        );
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(
            table,
            "{ a = { both_ways = true, distance = { source = \"x.y\", value = \"12.5 km\" }, \
             name = { en = \"A, B\" }, via = [\"p\", \"q\"] }, b = {} }"
        );
    }

    #[test]
    fn duplicate_and_nameless_rows_are_reported_together() {
        let (_, faults) = read("id,mode\na,road\na,rail\n,sea\n");
        let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, ["duplicate-name", "missing-key"]);
    }

    #[test]
    fn a_table_that_cannot_be_read_has_one_fault() {
        let of = |text: &str| {
            let (table, faults) = read(text);
            assert!(table == "{}" && faults.len() == 1, "{table} {faults:?}");
            (faults[0].code, faults[0].places[0].0.span.0)
        };
        assert_eq!(of("id;mode\na;road\nb;rail\n"), ("wrong-separator", 0));
        assert_eq!(of("\"id\";\"mode\"\na;road\n"), ("wrong-separator", 0));
        assert_eq!(of("id\tmode\na\troad\n"), ("wrong-separator", 0));
        assert_eq!(of("name,mode\na,road\n"), ("missing-key", 0));
        assert_eq!(of("id,mode\na,road\nb,\"rail\nc,sea\nd,\"air\"\n"), ("syntax", 15));
        assert_eq!(of("id,mode\na,\"road"), ("syntax", 8));
    }

    #[test]
    fn cells_in_quotes_may_run_over_lines() {
        let (table, faults) = read("id,name.en\na,\"one\ntwo\"\nb,5\" pipe\n");
        assert!(faults.is_empty(), "{faults:?}");
        assert!(table.contains("one") && table.contains("pipe"), "{table}");
    }
}
