//! The tables of the schema, read from PostgreSQL's catalog: it knows their types, where SQLite has numbers and bytes alone.

use super::super::{Database, Error, Row, Statement, Transaction, Value};
use crate::args;

// All of them look in the schema where the vault's tables are found, whichever else the path of the connection names.
static COLUMNS: Statement = Statement::one(
    "copy::COLUMNS",
    "select t.relname::text, a.attname::text, format_type(a.atttypid, null)
        from pg_class t
        join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        where t.relkind = 'r' and t.relnamespace = (select relnamespace from pg_class where oid = 'schema_version'::regclass)
        order by t.relname, a.attnum",
);
/// What the vault's tables are called: those of SQLite, whose file is the vault's alone.
static NAMES: Statement =
    Statement::one("copy::NAMES", "select name from sqlite_schema where type = 'table' and name not like 'sqlite%'");
static REFERENCES: Statement = Statement::one(
    "copy::REFERENCES",
    "select child.relname::text, parent.relname::text, k.conname::text
        from pg_constraint k
        join pg_class child on child.oid = k.conrelid
        join pg_class parent on parent.oid = k.confrelid
        where k.contype = 'f' and child.relnamespace = (select relnamespace from pg_class where oid = 'schema_version'::regclass)
        order by 1, 2, 3",
);
/// Both engines name the columns of a primary key in their order, so what was copied in part is gone on with there.
static KEYS: Statement = Statement::one(
    "copy::KEYS",
    "select t.relname::text, a.attname::text
        from pg_constraint k
        join pg_class t on t.oid = k.conrelid
        cross join unnest(k.conkey) with ordinality key (attnum, place)
        join pg_attribute a on a.attrelid = t.oid and a.attnum = key.attnum
        where k.contype = 'p' and t.relnamespace = (select relnamespace from pg_class where oid = 'schema_version'::regclass)
        order by t.relname, key.place",
);

/// What belongs to one database and not to what is kept in it: which steps of the schema it has, what its transactions were
/// numbered, and how far a copy into it has come.
const NOT_COPIED: [&str; 3] = ["schema_version", "credential_gone", super::UNFINISHED];
const NOT_COPIED_COLUMNS: [(&str, &str); 1] = [("credential", "changed")];
/// What says that there is a vault comes last.
const LAST: &str = "vault";

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    Text,
    Bytes,
    Uuid,
}

impl Kind {
    fn of(table: &str, column: &str, data_type: &str) -> Result<Self, Error> {
        Ok(match data_type {
            "boolean" => Self::Bool,
            "bigint" => Self::Int,
            "text" => Self::Text,
            "bytea" => Self::Bytes,
            "uuid" => Self::Uuid,
            other => {
                let detail = format!("{table}.{column} is of the type {other}, which is not copied");
                return Err(Error::Other { detail });
            }
        })
    }

    /// The value of a column as an argument.
    pub(super) fn read(self, row: &Row, index: usize) -> Result<Value, Error> {
        Ok(match self {
            Self::Bool => Value::from(row.get::<Option<bool>>(index)?),
            Self::Int => Value::from(row.get::<Option<i64>>(index)?),
            Self::Text => Value::from(row.get::<Option<String>>(index)?),
            Self::Bytes => Value::from(row.get::<Option<Vec<u8>>>(index)?),
            Self::Uuid => Value::from(row.get::<Option<uuid::Uuid>>(index)?),
        })
    }
}

/// One table, as both engines have it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<(String, Kind)>,
    /// Its primary key, by which it is read; empty where it has none.
    pub(super) key: Vec<String>,
    /// The constraint by which its rows refer to one another.
    pub(super) itself: Option<String>,
}

impl Table {
    /// `a, b, c`.
    pub(super) fn column_list(&self) -> String {
        self.columns.iter().map(|(name, _)| quoted(name)).collect::<Vec<_>>().join(", ")
    }
}

/// A name as SQL has it; those of the schema are plain words, some of them SQL's own.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// All tables to copy, each after those that it refers to. What else is in the database of PostgreSQL is somebody else's.
///
/// # Errors
/// See [`Error`]; [`Error::Other`] for a table that nobody knows how to copy, and for one that is missing.
pub(super) async fn tables(postgres: &Database, sqlite: &Database) -> Result<Vec<Table>, Error> {
    let names = sqlite.fetch_all(&NAMES, args![]).await?;
    let names: Vec<String> = names.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    let mut found = columns(postgres, &names).await?;
    let missing = names
        .iter()
        .find(|name| !NOT_COPIED.contains(&name.as_str()) && !found.iter().any(|table| table.name == **name));
    if let Some(name) = missing {
        return Err(Error::Other { detail: format!("the table {name} is not in the schema of PostgreSQL") });
    }
    for row in postgres.fetch_all(&KEYS, args![]).await? {
        let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
        if let Some(table) = found.iter_mut().find(|each| each.name == table) {
            table.key.push(column);
        }
    }
    let mut refers: Vec<(String, String)> = Vec::new();
    for row in postgres.fetch_all(&REFERENCES, args![]).await? {
        let (child, parent, constraint): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if child != parent {
            refers.push((child, parent));
        } else if let Some(table) = found.iter_mut().find(|each| each.name == child) {
            table.itself = Some(constraint);
        }
    }
    in_order(found, &refers)
}

/// The tables of these names with their columns.
async fn columns(postgres: &Database, names: &[String]) -> Result<Vec<Table>, Error> {
    let mut found: Vec<Table> = Vec::new();
    for row in postgres.fetch_all(&COLUMNS, args![]).await? {
        let (table, column, data_type): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let is_left_out = !names.contains(&table)
            || NOT_COPIED.contains(&table.as_str())
            || NOT_COPIED_COLUMNS.contains(&(table.as_str(), column.as_str()));
        if is_left_out {
            continue;
        }
        let kind = Kind::of(&table, &column, &data_type)?;
        match found.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push((column, kind)),
            None => found.push(Table { name: table, columns: vec![(column, kind)], key: Vec::new(), itself: None }),
        }
    }
    Ok(found)
}

/// Each table after those that it refers to, otherwise by name; the vault's own at the end.
fn in_order(tables: Vec<Table>, refers: &[(String, String)]) -> Result<Vec<Table>, Error> {
    let (last, mut left): (Vec<_>, Vec<_>) = tables.into_iter().partition(|table| table.name == LAST);
    let mut ordered: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let waits = |table: &Table| {
            let mut parents = refers.iter().filter(|(child, _)| *child == table.name).map(|(_, parent)| parent);
            parents.any(|parent| left.iter().any(|each| each.name == *parent))
        };
        let Some(next) = left.iter().position(|table| !waits(table)) else {
            let names: Vec<_> = left.iter().map(|table| table.name.as_str()).collect();
            return Err(Error::Other {
                detail: format!("tables refer to one another in a circle: {}", names.join(", ")),
            });
        };
        ordered.push(left.remove(next));
    }
    ordered.extend(last);
    Ok(ordered)
}

/// Empties all tables of PostgreSQL, of a copy that is begun anew.
pub(super) async fn empty(to: &mut Transaction, tables: &[Table]) -> Result<(), Error> {
    let names: Vec<_> = tables.iter().map(|table| quoted(&table.name)).collect();
    to.text("copy::EMPTY", format!("truncate {}", names.join(", "))).await
}

#[cfg(test)]
mod tests {
    use super::{Table, in_order};

    fn table(name: &str) -> Table {
        Table { name: name.to_owned(), columns: Vec::new(), key: Vec::new(), itself: None }
    }

    fn ordered(names: &[&str], refers: &[(&str, &str)]) -> Option<Vec<String>> {
        let refers: Vec<_> = refers.iter().map(|&(child, parent)| (child.to_owned(), parent.to_owned())).collect();
        let tables = in_order(names.iter().map(|name| table(name)).collect(), &refers).ok()?;
        Some(tables.into_iter().map(|table| table.name).collect())
    }

    #[test]
    fn a_table_comes_after_those_that_it_refers_to_and_the_vault_last() {
        let names = ["change", "credential", "job", "person", "vault"];
        let refers = [("change", "credential"), ("job", "change"), ("credential", "person")];
        assert_eq!(ordered(&names, &refers).unwrap(), ["person", "credential", "change", "job", "vault"]);
        assert_eq!(ordered(&["vault", "a"], &[]).unwrap(), ["a", "vault"]);
        assert_eq!(ordered(&["a", "b"], &[("a", "b"), ("b", "a")]), None, "a circle");
    }
}
