//! Tables of programs that nobody has described, by the usual names of their columns.

use countersign_otp::{Seed, SeedEncoding};

use super::sight::Sight;
use super::table::Table;
use super::table_layout::{EMPTY, Layout, head_of, read_table};
use super::tables::is_yes;
use super::titles;
use super::{FilePassword, FileProblem, Found, Known, Stop};

pub(super) const FORMAT: &str = "a table (CSV)";

/// A table with columns of the usual names: a password or a second factor, and something that says whose.
pub(crate) const USUAL_TABLE: Known = Known {
    name: FORMAT,
    is: |sight| {
        (knows(sight, USUAL.password, USUAL.factor) || knows(sight, titles::DOUBTFUL, &[]))
            && knows(sight, USUAL.name, &[USUAL.user, USUAL.site].concat())
    },
    read: read_usual,
};

/// A table of which no column is known, and without any address of a one-time password: its accounts cannot be told.
pub(crate) const UNKNOWN_TABLE: Known = Known { name: FORMAT, is: is_table, read: refuse };

pub(super) const USUAL: Layout = Layout {
    format: FORMAT,
    name: titles::NAME,
    user: titles::USER,
    password: titles::PASSWORD,
    site: titles::SITE,
    factor: titles::FACTOR,
    notes: titles::NOTES,
    path: titles::PATH,
    tags: titles::TAGS,
    also: |cells, _, _| {
        let is_archived = is_yes(cells.first(&["archived", "archived status"]));
        is_archived.then_some("archived items")
    },
    ..EMPTY
};

/// With the doubtful columns read as setup keys.
const USUAL_WITH_SECRETS: Layout = Layout { factor: titles::FACTOR_OR_DOUBTFUL, ..USUAL };

/// With them counted as what nobody knows.
const USUAL_WITHOUT_SECRETS: Layout = Layout {
    also: |cells, login, found| {
        let counted = (USUAL.also)(cells, login, found);
        if counted.is_none() && !cells.first(titles::DOUBTFUL).is_empty() {
            found.left_out("secrets that are no setup keys");
        }
        counted
    },
    ..USUAL
};

/// What is in a doubtful column is a setup key if every cell of it is one.
fn read_usual(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let mut table = Table::of(FORMAT, bytes)?;
    let head = table.next_row()?.map(|row| head_of(FORMAT, &row)).transpose()?.unwrap_or_default();
    let doubtful: Vec<usize> = (0..head.len())
        .filter(|place| head.get(*place).is_some_and(|name| titles::DOUBTFUL.contains(&name.as_str())))
        .collect();
    let mut all_keys = true;
    while !doubtful.is_empty() && all_keys {
        let Some(row) = table.next_row()? else { break };
        all_keys =
            doubtful.iter().map(|place| row.field(*place).trim()).all(|cell| cell.is_empty() || is_setup_key(cell));
    }
    let known = |names: &[&str]| head.iter().any(|column| names.contains(&column.as_str()));
    if !all_keys && !known(USUAL.password) && !known(USUAL.factor) {
        let reason = "its column secret holds something else than setup keys, and no other holds a password: say which \
                      column is the password, or name it password in the first line";
        return Err(FileProblem::NotReadable { format: FORMAT, reason: reason.to_owned() }.into());
    }
    read_table(bytes, if all_keys { &USUAL_WITH_SECRETS } else { &USUAL_WITHOUT_SECRETS }, found)
}

/// An address of a one-time password, or a key in base32 of at least sixteen characters, as sites hand them out.
fn is_setup_key(cell: &str) -> bool {
    let is_long = |seed: Seed| seed.bits() >= 80;
    has_address(cell.as_bytes()) || Seed::parse(cell, SeedEncoding::Base32).is_ok_and(is_long)
}

/// Whether one of these columns is there.
fn knows(sight: &Sight<'_>, names: &[&str], others: &[&str]) -> bool {
    sight.columns().iter().any(|column| names.contains(&column.as_str()) || others.contains(&column.as_str()))
}

/// Whether the first two lines have the same number of fields, at least two, and no line has an address of a one-time password:
/// such a file is read line by line instead.
fn is_table(sight: &Sight<'_>) -> bool {
    let names = sight.columns();
    let plausible = names.len() >= 2 && names.iter().all(|name| !name.is_empty() && name.len() <= LONGEST_NAME);
    if !plausible || has_address(sight.bytes()) {
        return false;
    }
    // A whole table need not be opened for its first rows.
    let start = match sight.bytes().get(..FIRST_BYTES) {
        Some(start) => start.get(..start.iter().rposition(|byte| *byte == b'\n').unwrap_or(0)).unwrap_or_default(),
        None => sight.bytes(),
    };
    let Ok(mut table) = Table::of(FORMAT, start) else { return false };
    let mut lengths = [0, 0];
    for length in &mut lengths {
        match table.next_row() {
            Ok(Some(row)) => *length = row.len(),
            Ok(None) | Err(_) => return false,
        }
    }
    lengths[0] == lengths[1] && lengths[0] >= 2
}

pub(super) const LONGEST_NAME: usize = 64;

/// So much of a file is looked at for its first two rows.
pub(super) const FIRST_BYTES: usize = 64 * 1024;

pub(super) fn has_address(bytes: &[u8]) -> bool {
    bytes.windows(7).any(|window| window.eq_ignore_ascii_case(b"otpauth") || window.eq_ignore_ascii_case(b"steam:/"))
}

fn refuse(bytes: &[u8], _: FilePassword<'_>, _: &mut dyn Found) -> Result<(), Stop> {
    Table::of(FORMAT, bytes)?;
    let reason = "none of its columns is known: say which holds what, or call them name, username, password, url, totp, notes \
                  and folder in its first line";
    Err(FileProblem::NotReadable { format: FORMAT, reason: reason.to_owned() }.into())
}
