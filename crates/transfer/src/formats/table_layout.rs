//! Which column of a table holds what, and how its rows become accounts.

use super::login::Login;
use super::table::{Row, Table};
use super::{FileProblem, Found, Hidden, Stop};
use crate::ReadError;
use crate::item::ImportRefusal;

/// The columns of a table that its program always writes alike, by their names in small letters. Of several for one thing, the
/// first that holds something counts.
pub(crate) struct Layout {
    /// What the table is, with its article.
    pub(crate) format: &'static str,
    /// What the account is called.
    pub(crate) name: &'static [&'static str],
    /// The user name.
    pub(crate) user: &'static [&'static str],
    /// The password.
    pub(crate) password: &'static [&'static str],
    /// The address, or several with commas between them.
    pub(crate) site: &'static [&'static str],
    /// The second factor: an address or a key.
    pub(crate) factor: &'static [&'static str],
    /// What somebody wrote.
    pub(crate) notes: &'static [&'static str],
    /// A folder's path.
    pub(crate) path: &'static [&'static str],
    /// Tags, with commas or semicolons between them.
    pub(crate) tags: &'static [&'static str],
    /// What stands before a quotation mark within a field, where it is not written twice.
    pub(crate) escape: Option<u8>,
    /// Looks at the whole row: what it is counted as where it is none of a login, and what else belongs to the login.
    pub(crate) also: Also,
}

/// Looks at a row beside its columns; see [`Layout::also`].
pub(crate) type Also = fn(&Cells<'_>, &mut Login, &mut dyn Found) -> Option<&'static str>;

/// A layout with nothing in it, to be filled.
pub(crate) const EMPTY: Layout = Layout {
    format: "a table",
    name: &[],
    user: &[],
    password: &[],
    site: &[],
    factor: &[],
    notes: &[],
    path: &[],
    tags: &[],
    escape: None,
    also: |_, _, _| None,
};

/// One row with the names of its columns.
pub(crate) struct Cells<'t> {
    head: &'t [String],
    row: Row<'t>,
}

impl<'t> Cells<'t> {
    /// What stands in the column of this name, without blanks around it; empty where there is no such column.
    pub(crate) fn named(&self, name: &str) -> &'t str {
        self.untrimmed(name).trim()
    }

    /// The first of these columns that holds something, without blanks around it.
    pub(crate) fn first(&self, names: &[&str]) -> &'t str {
        names.iter().map(|name| self.named(name)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// What stands in the column in this place, from 0, as it is.
    pub(crate) fn at(&self, place: usize) -> &'t str {
        self.row.field(place)
    }

    /// What stands in the column of this name, with the blanks around it.
    pub(crate) fn untrimmed(&self, name: &str) -> &'t str {
        if name.is_empty() {
            return "";
        }
        self.head.iter().position(|column| column == name).map(|place| self.row.field(place)).unwrap_or_default()
    }

    /// A password, with the blanks that belong to it.
    pub(crate) fn password(&self, names: &[&str]) -> &'t str {
        names.iter().map(|name| self.untrimmed(name)).find(|text| !text.is_empty()).unwrap_or_default()
    }
}

/// The names of a head's columns in small letters. Columns without a name behind the last that has one belong to no account.
pub(crate) fn head_of(format: &'static str, row: &Row<'_>) -> Result<Vec<String>, FileProblem> {
    if row.len() > MOST_COLUMNS {
        let reason = format!("its first line names more than {MOST_COLUMNS} columns: is it the right file?");
        return Err(FileProblem::NotReadable { format, reason });
    }
    Ok(row.fields().map(|name| name.trim().to_lowercase()).collect())
}

/// More have no table of accounts.
const MOST_COLUMNS: usize = 1000;

/// Reads a whole table by its layout.
pub(crate) fn read_table(bytes: &[u8], layout: &Layout, found: &mut dyn Found) -> Result<(), Stop> {
    read_blocks(bytes, layout, |_| false, found)
}

/// The same for a table whose rows are of several heads: `is_head` says which rows are heads further on.
pub(crate) fn read_blocks(
    bytes: &[u8],
    layout: &Layout,
    is_head: fn(&Row<'_>) -> bool,
    found: &mut dyn Found,
) -> Result<(), Stop> {
    let mut table = Table::of(layout.format, bytes)?.escaped_by(layout.escape);
    let mut head: Vec<String> = Vec::new();
    let mut columns = Columns::default();
    let mut entry = 0;
    while let Some(row) = table.next_row()? {
        if head.is_empty() || is_head(&row) {
            head = head_of(layout.format, &row)?;
            columns = Columns::of(layout, &head);
            continue;
        }
        entry += 1;
        if row.is_blank() {
            continue;
        }
        match misfit(layout.format, &row, &head)? {
            Some(refusal) => found.entry(entry, Err(refusal))?,
            None => give_row(&columns, layout.also, &Cells { head: &head, row }, entry, found)?,
        }
    }
    Ok(())
}

/// Those columns of a layout that a table has: the rows are not searched for all that a column may be called.
#[derive(Default)]
struct Columns {
    name: Vec<&'static str>,
    user: Vec<&'static str>,
    password: Vec<&'static str>,
    site: Vec<&'static str>,
    factor: Vec<&'static str>,
    notes: Vec<&'static str>,
    path: Vec<&'static str>,
    tags: Vec<&'static str>,
}

impl Columns {
    fn of(layout: &Layout, head: &[String]) -> Self {
        let there = |names: &[&'static str]| -> Vec<&'static str> {
            let is_there = |name: &&&str| head.iter().any(|column| column == **name);
            names.iter().filter(is_there).copied().collect()
        };
        let (mut name, mut user) = (there(layout.name), there(layout.user));
        // Beside another column for the user name, this one has the title.
        if name.is_empty() && user.len() > 1 {
            name.extend(user.iter().position(|name| *name == "account").map(|place| user.remove(place)));
        }
        Self {
            name,
            user,
            password: there(layout.password),
            site: there(layout.site),
            factor: there(layout.factor),
            notes: there(layout.notes),
            path: there(layout.path),
            tags: there(layout.tags),
        }
    }
}

/// What makes an account of a row.
pub(crate) type Giver<'g> = &'g dyn Fn(&Cells<'_>, usize, &mut dyn Found) -> Result<(), ReadError>;

/// Reads the rows of a table below its head.
pub(crate) fn read_rows(
    table: &mut Table<'_>,
    head: &[String],
    give: Giver<'_>,
    found: &mut dyn Found,
) -> Result<(), Stop> {
    let (mut entry, format) = (0, table.format());
    while let Some(row) = table.next_row()? {
        entry += 1;
        if row.is_blank() {
            continue;
        }
        match misfit(format, &row, head)? {
            Some(refusal) => found.entry(entry, Err(refusal))?,
            None => give(&Cells { head, row }, entry, found)?,
        }
    }
    Ok(())
}

/// Whether a row has more or fewer fields than the head has columns: then nobody knows which of them is which.
fn misfit(format: &'static str, row: &Row<'_>, head: &[String]) -> Result<Option<ImportRefusal>, FileProblem> {
    let named = head.len() - head.iter().rev().take_while(|name| name.is_empty()).count();
    let fits = row.len() == head.len() || row.len() == named;
    row.is_whole(format, named)?;
    Ok((!fits).then(|| ImportRefusal::Row { line: row.line, fields: row.len(), columns: head.len() }))
}

fn give_row(
    columns: &Columns,
    also: Also,
    cells: &Cells<'_>,
    entry: usize,
    found: &mut dyn Found,
) -> Result<(), ReadError> {
    let mut login = Login {
        name: cells.first(&columns.name).to_owned(),
        user: cells.first(&columns.user).to_owned(),
        notes: cells.first(&columns.notes).to_owned(),
        ..Login::default()
    };
    if let Some(what) = also(cells, &mut login, found) {
        found.left_out(what);
        return Ok(());
    }
    login.note_other_users(columns.user.iter().map(|name| cells.named(name)));
    let password = cells.password(&columns.password);
    login.password = (!password.is_empty()).then(|| Hidden::from(password.to_owned()));
    for name in &columns.factor {
        login.add_factor_field("second factor", cells.named(name));
    }
    columns.site.iter().for_each(|name| login.add_sites(cells.named(name)));
    columns.path.iter().for_each(|name| login.add_path(cells.named(name), &['/', '\\']));
    columns.tags.iter().for_each(|name| login.add_path(cells.named(name), &[',', ';']));
    login.give(entry, found)
}
