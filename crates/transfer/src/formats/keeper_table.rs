//! Keeper's table, of its vault or of Commander: the only one that has no line of titles. In each row stand a folder, a title, a user
//! name, a password, an address, a note and a shared folder, and behind them the name and value of each further field, so that rows
//! are of different lengths.

use super::keeper::{Folder, Record};
use super::lists::Few;
use super::other_tables::FIRST_BYTES;
use super::table::{Row, Table};
use super::{FilePassword, Found, Hidden, Known, Sight, Stop, begins_with_host, is_page, titles};
use crate::item::ImportRefusal;

/// As Keeper's handbook writes the columns for whoever makes such a table by hand.
pub(crate) const WITH_TITLES: Known = Known {
    name: FORMAT,
    is: |sight| sight.has_columns(&["folder", "title", "login", "password", "shared folder"]),
    read: |bytes, _, found| read(bytes, Rows { has_titles: true, bears_marks: true }, found),
};

/// As Keeper writes it.
pub(crate) const WITHOUT_TITLES: Known =
    Known { name: FORMAT, is: |sight| rows_of(sight.columns().len(), sight).is_some(), read: read_bare };

const FORMAT: &str = "a table (CSV) of Keeper";

/// Fields that every row has, and those that Keeper itself demands.
const FIXED: usize = 7;
const LEAST: usize = 6;

/// What the first one says of a table.
#[derive(Clone, Copy)]
struct Rows {
    has_titles: bool,
    /// Whether a row names a field as only Keeper does.
    bears_marks: bool,
}

/// Rows at which a table is looked.
const MOST_ROWS: usize = 50;

/// Whether the first rows are Keeper's: all of its form, and one with a page's address in its place or a name that is its own. A
/// line break within a note ends the first line, of which `columns` were seen.
fn rows_of(columns: usize, sight: &Sight<'_>) -> Option<Rows> {
    if columns < LEAST {
        return None;
    }
    let whole = sight.bytes();
    let start = whole.get(..FIRST_BYTES).unwrap_or(whole);
    let valid = std::str::from_utf8(start).map_or_else(|error| error.valid_up_to(), str::len);
    let mut table = Table::of(FORMAT, start.get(..valid)?).ok()?;
    let (mut rows, mut has_page, mut bears_marks) = (0, false, false);
    // A row that the end cuts is not looked at.
    while let Ok(Some(row)) = table.next_row() {
        if row.is_blank() {
            continue;
        }
        if rows == MOST_ROWS || (start.len() < whole.len() && rows > 0 && !fits(&row)) {
            break;
        }
        if !fits(&row) || (rows == 0 && is_head(&row)) {
            return None;
        }
        let site = row.field(4).trim();
        has_page |= is_page(site) || begins_with_host(site);
        bears_marks |= names(&row).any(|(_, name)| name.starts_with('$') || name == "TFC:Keeper");
        rows += 1;
    }
    (has_page || bears_marks).then_some(Rows { has_titles: false, bears_marks })
}

fn fits(row: &Row<'_>) -> bool {
    row.len() >= FIXED && row.len() % 2 == FIXED % 2 && !row.field(1).trim().is_empty()
}

fn is_head(row: &Row<'_>) -> bool {
    let is = |known: &[&str]| row.fields().any(|field| known.contains(&field.trim().to_lowercase().as_str()));
    is(titles::PASSWORD) && (is(titles::USER) || is(titles::NAME))
}

/// The names of further fields, with their places.
fn names<'r>(row: &'r Row<'_>) -> impl Iterator<Item = (usize, &'r str)> {
    (FIXED..row.len()).step_by(2).map(|place| (place, row.field(place).trim()))
}

fn read_bare(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let sight = Sight::of(bytes);
    let rows = rows_of(sight.columns().len(), &sight).unwrap_or(Rows { has_titles: false, bears_marks: false });
    read(bytes, rows, found)
}

fn read(bytes: &[u8], rows: Rows, found: &mut dyn Found) -> Result<(), Stop> {
    let mut table = Table::of(FORMAT, bytes)?;
    if rows.has_titles {
        table.next_row()?;
    }
    let mut entry = 0;
    while let Some(row) = table.next_row()? {
        entry += 1;
        if row.is_blank() {
            continue;
        }
        row.is_whole(FORMAT, FIXED)?;
        if row.len() < LEAST {
            let refusal = ImportRefusal::Row { line: row.line, fields: row.len(), columns: FIXED };
            found.entry(entry, Err(refusal))?;
        } else {
            record(&row, rows.bears_marks).give(entry, found)?;
        }
    }
    Ok(())
}

fn record(row: &Row<'_>, bears_marks: bool) -> Record {
    let text = |place| Some(Hidden::from(row.field(place).trim()));
    let mut shared = row.field(6).trim();
    // What its members may do.
    while let Some(shorter) = ["#edit", "#reshare"].iter().find_map(|right| shared.strip_suffix(right)) {
        shared = shorter;
    }
    let folder = Folder { folder: Some(row.field(0).to_owned()), shared_folder: Some(shared.to_owned()) };
    let mut record = Record {
        title: text(1),
        login: text(2),
        // With the blanks that belong to it.
        password: Some(Hidden::from(row.field(3))),
        login_url: text(4),
        notes: text(5),
        folders: Few { held: vec![folder], count: 1 },
        warning: (!bears_marks).then_some("its table has no titles and was read as Keeper's: compare its fields"),
        ..Record::default()
    };
    for (place, name) in names(row) {
        let value = row.field(place + 1).trim();
        match name {
            "$record_uid" => {}
            "$type" => record.kind = Some(value.to_owned()),
            _ if value.is_empty() => {}
            name => record.custom_fields.add(name, Hidden::from(value)),
        }
    }
    record
}
