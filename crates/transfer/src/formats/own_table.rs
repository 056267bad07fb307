//! The table that Countersign itself writes: every field comes back as it was, and the last column says that it is ours.
//!
//! Cells other than the password have a `'` in front where a spreadsheet would take them for a formula, or where they begin with `'`
//! ([`guarded`]); so have their parts that a spreadsheet of another country takes for cells. A row without our mark was added by a
//! person, and is read as it stands.

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

/// Before what a spreadsheet would take for a formula.
pub(crate) const GUARD: &str = "'";

/// Behind these a spreadsheet may begin another cell within one of ours: where it splits rows at semicolons or tabs, it sees no
/// quotation mark that does not stand at a cell's beginning, and with that no end of line as a part of a cell.
const ENDS: [char; 4] = [';', '\t', '\r', '\n'];

/// Between tags.
pub(crate) const TAG_MARK: char = ',';

/// Before a character of a tag that is no mark between tags, and before itself.
pub(crate) const TAG_ESCAPE: char = '\\';

const FORMAT: &str = "a table (CSV) of Countersign";
const MARK_COLUMN: &str = "format";

/// A cell with its guards, piece by piece.
pub(crate) fn guarded(text: &str) -> impl Iterator<Item = &str> {
    parts(text).flat_map(|part| [if part.needs_guard() { GUARD } else { "" }, part.text])
}

/// The cell that was guarded so.
fn unguarded(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    parts(text).for_each(|part| whole.push_str(part.without_guard()));
    whole
}

/// Whether a spreadsheet may take a cell, or a part of it, for a formula.
pub(crate) fn holds_a_formula(text: &str) -> bool {
    parts(text).any(|part| part.begins_a_formula())
}

/// What a spreadsheet may take for a cell.
#[derive(Clone, Copy)]
struct Part<'t> {
    text: &'t str,
    is_first: bool,
}

/// A cell and, from each of its [`ENDS`] on, the rest of it up to the next.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    text.split_inclusive(ENDS).enumerate().map(|(place, text)| Part { text, is_first: place == 0 })
}

impl<'t> Part<'t> {
    fn needs_guard(&self) -> bool {
        self.begins_a_formula() || self.shown().starts_with(GUARD)
    }

    fn without_guard(self) -> &'t str {
        let rest = self.text.strip_prefix(GUARD).map(|text| Part { text, ..self });
        rest.filter(Self::needs_guard).unwrap_or(self).text
    }

    /// Some take the wide forms of these characters too, and a tab or a line break at the beginning.
    fn begins_a_formula(&self) -> bool {
        let marks = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
        self.shown().starts_with(marks) || (self.is_first && self.text.starts_with(['\t', '\r', '\n']))
    }

    /// What is seen of it: further in, quotation marks and blanks before a formula hide nothing.
    fn shown(&self) -> &str {
        if self.is_first { self.text } else { self.text.trim_start_matches(['"', ' ']) }
    }
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
        if is_ours { unguarded(text) } else { text.to_owned() }
    };
    let password = cells.untrimmed("password");
    let mut login = Login {
        name: cell("name"),
        user: cell("username"),
        password: (!password.is_empty()).then(|| Hidden::from(password)),
        notes: cell("notes"),
        ..Login::default()
    };
    login.add_site(&cell("url"));
    login.add_factor_field("second factor", cells.named("totp"));
    add_tags(&cell("tags"), &mut login);
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
