//! Tables of which a person says what their columns hold.

use super::login::Login;
use super::other_tables::{FIRST_BYTES, FORMAT, LONGEST_NAME, USUAL};
use super::table::Table;
use super::table_layout::{Cells, head_of, read_rows};
use super::{FileProblem, Found, Hidden, Stop};
use crate::ReadError;

/// Which columns of a table hold what, by their places from 0. At least the password or the second factor has to be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMapping {
    /// What the account is called.
    pub name: Option<usize>,
    /// The user name.
    pub user: Option<usize>,
    /// The password.
    pub password: Option<usize>,
    /// The address at which it signs in.
    pub site: Option<usize>,
    /// The second factor: an `otpauth://` address, or a key in base32 with the usual parameters.
    pub second_factor: Option<usize>,
    /// What somebody wrote beside it.
    pub notes: Option<usize>,
    /// Folders or tags, with slashes, commas or semicolons between them.
    pub tags: Option<usize>,
}

/// The first line of a table that no program is known to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableHead {
    /// Its columns' titles, as they stand there.
    pub columns: Vec<String>,
    /// Which of them say by their titles what they hold; `None` where none says where a password or a second factor is.
    pub understood: Option<ColumnMapping>,
}

/// The titles of a table, and what they say; `None` where the file is no table.
pub(crate) fn head(bytes: &[u8]) -> Option<TableHead> {
    let start = bytes.get(..FIRST_BYTES).unwrap_or(bytes);
    // A character that is cut is none of the first line's.
    let valid = std::str::from_utf8(start).map_or_else(|error| error.valid_up_to(), str::len);
    let mut table = Table::of(FORMAT, start.get(..valid)?).ok()?;
    let row = table.next_row().ok()??;
    if row.len() < 2 {
        return None;
    }
    let names = head_of(FORMAT, &row).ok()?;
    let of = |known: &[&[&str]]| {
        let mut titles = known.iter().flat_map(|titles| titles.iter());
        titles.find_map(|title| names.iter().position(|name| name == title))
    };
    let understood = ColumnMapping {
        name: of(&[USUAL.name]),
        user: of(&[USUAL.user]),
        password: of(&[USUAL.password]),
        site: of(&[USUAL.site]),
        second_factor: of(&[USUAL.factor]),
        notes: of(&[USUAL.notes]),
        tags: of(&[USUAL.path, USUAL.tags]),
    };
    let says = understood.password.is_some() || understood.second_factor.is_some();
    let columns = row.fields().map(|name| name.trim().chars().take(LONGEST_NAME).collect()).collect();
    Some(TableHead { columns, understood: says.then_some(understood) })
}

/// Reads a table by what a person says of its columns.
pub(crate) fn read_by_mapping(bytes: &[u8], mapping: &ColumnMapping, found: &mut dyn Found) -> Result<(), Stop> {
    let mut table = Table::of(FORMAT, bytes)?;
    let head = table.next_row()?.map(|row| head_of(FORMAT, &row)).transpose()?.unwrap_or_default();
    mapping.check(head.len())?;
    read_rows(&mut table, &head, &|cells, entry, found| mapping.give(cells, entry, found), found)
}

impl ColumnMapping {
    fn check(&self, columns: usize) -> Result<(), FileProblem> {
        let refuse = |reason: String| Err(FileProblem::NotReadable { format: FORMAT, reason });
        let all = [self.name, self.user, self.password, self.site, self.second_factor, self.notes, self.tags];
        if let Some(place) = all.into_iter().flatten().find(|place| *place >= columns) {
            return refuse(format!("it has no column {}: it has {columns}", place.saturating_add(1)));
        }
        if self.password.is_none() && self.second_factor.is_none() {
            let which = "nothing says which column holds the password or the second factor: name one of them";
            return refuse(which.to_owned());
        }
        Ok(())
    }

    fn give(&self, cells: &Cells<'_>, entry: usize, found: &mut dyn Found) -> Result<(), ReadError> {
        let cell = |place: Option<usize>| place.map(|place| cells.at(place)).unwrap_or_default();
        let text = |place| cell(place).trim();
        let mut login = Login {
            name: text(self.name).to_owned(),
            user: text(self.user).to_owned(),
            notes: text(self.notes).to_owned(),
            // With the blanks that belong to it.
            password: Some(Hidden::from(cell(self.password).to_owned())),
            ..Login::default()
        };
        login.add_factor_field("second factor", text(self.second_factor));
        login.add_sites(text(self.site));
        login.add_path(text(self.tags), &['/', '\\', ',', ';']);
        login.give(entry, found)
    }
}
