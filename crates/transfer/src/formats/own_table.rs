//! The table that Countersign itself writes: every field comes back as it was, and the last column says that it is ours.
//!
//! Cells other than the password have a `'` in front where a spreadsheet would take them for a formula, or where they begin with `'`
//! ([`needs_guard`]). A row without our mark was added by a person, and is read as it stands.

use super::login::Login;
use super::table::Table;
use super::table_layout::{Cells, head_of, read_rows};
use super::{FilePassword, Found, Hidden, Known, Stop};
use crate::ReadError;
use crate::item::ImportRefusal;

/// The table, by its columns.
pub(crate) const OWN_TABLE: Known = Known { name: FORMAT, is: |sight| sight.has_columns(&COLUMNS), read };

/// Its columns, in the order in which they are written.
pub(crate) const COLUMNS: [&str; 8] = ["name", "username", "password", "url", "totp", "notes", "tags", MARK_COLUMN];

/// What stands in the last column of each row.
pub(crate) const MARK: &str = "countersign-1";

/// Before a cell that a spreadsheet would take for a formula.
pub(crate) const GUARD: &str = "'";

/// Between tags.
pub(crate) const TAG_MARK: char = ',';

/// Before a character of a tag that is no mark between tags, and before itself.
pub(crate) const TAG_ESCAPE: char = '\\';

const FORMAT: &str = "a table (CSV) of Countersign";
const MARK_COLUMN: &str = "format";

/// Whether a cell gets [`GUARD`].
pub(crate) fn needs_guard(text: &str) -> bool {
    begins_a_formula(text) || text.starts_with(GUARD)
}

/// Whether a spreadsheet may take a cell for a formula, some by the wide forms of these characters too.
pub(crate) fn begins_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

fn read(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let mut table = Table::of(FORMAT, bytes)?;
    let head = table.next_row()?.map(|row| head_of(FORMAT, &row)).transpose()?.unwrap_or_default();
    read_rows(&mut table, &head, &give, found)
}

fn give(cells: &Cells<'_>, entry: usize, found: &mut dyn Found) -> Result<(), ReadError> {
    let mark = cells.named(MARK_COLUMN);
    if mark.starts_with("countersign-") && mark != MARK {
        let newer = ImportRefusal::FieldWrong(format!("column {MARK_COLUMN}, which this release does not know,"));
        return found.entry(entry, Err(newer));
    }
    let is_ours = mark == MARK;
    let cell = |name| {
        let text = cells.untrimmed(name);
        if is_ours { text.strip_prefix(GUARD).filter(|rest| needs_guard(rest)).unwrap_or(text) } else { text }
    };
    let password = cells.untrimmed("password");
    let mut login = Login {
        name: cell("name").to_owned(),
        user: cell("username").to_owned(),
        password: (!password.is_empty()).then(|| Hidden::from(password)),
        notes: cell("notes").to_owned(),
        ..Login::default()
    };
    login.add_site(cell("url"));
    login.add_factor_field("second factor", cells.named("totp"));
    add_tags(cell("tags"), &mut login);
    login.give(entry, found)
}

fn add_tags(cell: &str, login: &mut Login) {
    let mut tag = String::new();
    let mut characters = cell.chars();
    while let Some(character) = characters.next() {
        match character {
            TAG_MARK => login.add_tag(&std::mem::take(&mut tag)),
            TAG_ESCAPE => tag.extend(characters.next()),
            other => tag.push(other),
        }
    }
    login.add_tag(&tag);
}
