//! Copies a whole vault from one engine to the other: a backup of PostgreSQL as a file, and a file onto PostgreSQL.
//!
//! Both databases have the same steps of the schema. Rows are copied as they are, sealed and marked: the engine is in
//! neither seal nor mark. A copy onto PostgreSQL may be interrupted: what is there says that it is unfinished, no server
//! opens it ([`Database::migrate`] refuses it), and it is gone on with where it was.

mod stream;
mod tables;

use std::path::Path;

use tables::{Table, quoted, tables};

use super::lock::path_beside;
use super::migrate::is_unfinished;
use super::{AnyEngine, Bulk, Database, DatabaseUrl, EngineKind, Error, Lane, MigrateError, Migration, OpenOptions};
use super::{Reader, Row, Select as _, Statement, Transaction, Value, sqlite};
use crate::args;

/// The table that a database has for as long as a copy into it is unfinished.
pub(super) const UNFINISHED: &str = "unfinished_copy";
/// Rows between two commits; some hold screenshots of a hundred KiB.
const ROWS: usize = 256;

static BEGIN: Statement = Statement::one(
    "copy::BEGIN",
    "create table unfinished_copy (what text primary key not null, source text not null, rows bigint not null)",
);
static END: Statement = Statement::one("copy::END", "drop table unfinished_copy");
static STATE: Statement = Statement::one("copy::STATE", "select what, source, rows from unfinished_copy");
static FORGET: Statement = Statement::one("copy::FORGET", "delete from unfinished_copy");
static NOTE: Statement = Statement::one(
    "copy::NOTE",
    "insert into unfinished_copy (what, source, rows) values ($1, $2, $3)
        on conflict (what) do update set source = excluded.source, rows = excluded.rows",
);
/// Two copies into one database would each write over the other's. The lock ends with its transaction.
static ALONE: Statement =
    Statement::two("copy::ALONE", "select true", "select pg_try_advisory_xact_lock(7117720240002)");
/// The transaction that holds the lock does nothing else for as long as the copy takes.
static HOLD: Statement = Statement::two("copy::HOLD", "select 1", "set local idle_in_transaction_session_timeout = 0");
/// SQLite asks who refers to what at the commit alone.
static LATER: Statement = Statement::one("copy::LATER", "pragma defer_foreign_keys = on");

/// How far a copy is.
#[derive(Clone, Copy, Debug)]
pub struct CopyProgress<'a> {
    /// The table that is copied.
    pub table: &'a str,
    /// How many tables there are, and the place of this one among them, counted from 1.
    pub place: (usize, usize),
    /// How many rows of all tables are there, those of an earlier try among them.
    pub rows: u64,
}

/// What a copy did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Rows of all tables.
    pub rows: u64,
    /// Of them, those that an earlier try had copied.
    pub were_there: u64,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Only a file and a server are copied into one another.
    #[error("a vault is copied between an SQLite file and PostgreSQL")]
    SameEngine,
    /// What would be lost.
    #[error("the database holds a vault already: name an empty one, nothing is overwritten")]
    Taken,
    /// Another program copies into the same database.
    #[error("another copy into this database is under way: wait for its end")]
    UnderWay,
    /// Something else than this copy wrote into the target.
    #[error("the table {table} has {found} rows in the copy and not {expected}: somebody else writes there")]
    Uneven {
        /// Which.
        table: String,
        /// How many it has.
        found: u64,
        /// How many were copied.
        expected: u64,
    },
    /// A database answered with an error.
    #[error(transparent)]
    Database(#[from] Error),
    /// The schema of the target could not be made.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}

/// Copies everything from one moment of `from` into `to`, which holds no vault. Both have, or get, the schema's `known`
/// steps; `source` names what is copied, so that a copy of something else, or of what has changed since, is begun anew.
///
/// # Errors
/// See [`CopyError`]. On PostgreSQL what was copied stays, and the next call with the same source goes on; a file is then no
/// copy.
pub async fn copy_vault(
    from: &Database,
    to: &Database,
    known: &[Migration],
    source: &str,
    now: i64,
    tell: &mut (dyn FnMut(CopyProgress<'_>) + Send),
) -> Result<Copied, CopyError> {
    let postgres = match (from.kind(), to.kind()) {
        (EngineKind::Postgres, EngineKind::Sqlite) => from,
        (EngineKind::Sqlite, EngineKind::Postgres) => to,
        _ => return Err(CopyError::SameEngine),
    };
    let source = &format!("{source}, schema {}", known.len());
    from.require_steps(known).await?;
    let alone = hold(to).await?;
    to.bring_up(known, now).await?;
    let sqlite = if from.kind() == EngineKind::Sqlite { from } else { to };
    let tables = tables(postgres, sqlite).await?;
    let done = begin(to, &tables, source).await?;
    let were_there = done.iter().map(|(_, rows)| rows).sum();
    let mut copied = Copied { rows: were_there, were_there };
    let mut counts = Vec::new();
    let mut reader = from.read_on(Lane::Export).await?;
    for (at, table) in tables.iter().enumerate() {
        let skip = done.iter().find(|(name, _)| *name == table.name).map_or(0, |(_, rows)| *rows);
        let mut tell = |rows| tell(CopyProgress { table: &table.name, place: (at + 1, tables.len()), rows });
        let there = copy_table(&mut reader, to, table, source, skip, &mut copied, &mut tell).await?;
        counts.push(there);
    }
    require_even(to, &tables, &counts).await?;
    let mut end = to.write().await?;
    end.execute(&END, args![]).await?;
    end.commit().await?;
    drop(alone);
    Ok(copied)
}

/// What keeps other copies out for as long as it lives. A file is held by whoever has opened it.
async fn hold(to: &Database) -> Result<Option<Transaction>, CopyError> {
    if to.kind() == EngineKind::Sqlite {
        return Ok(None);
    }
    let mut on = to.write().await?;
    on.execute(&HOLD, args![]).await?;
    if on.fetch_one(&ALONE, args![]).await?.get(0)? { Ok(Some(on)) } else { Err(CopyError::UnderWay) }
}

/// Whether the target has as many rows as were copied, before it is said to be whole.
async fn require_even(to: &Database, tables: &[Table], counts: &[u64]) -> Result<(), CopyError> {
    let mut reader = to.read().await?;
    for (table, &expected) in tables.iter().zip(counts) {
        let text = format!("select count(*) from {}", quoted(&table.name));
        let row = reader.stream("copy::COUNT", text).await?.next().await?;
        let found = row.map_or(Ok(0), |row| row.get::<i64>(0))?;
        let found = u64::try_from(found).unwrap_or(0);
        if found != expected {
            return Err(CopyError::Uneven { table: table.name.clone(), found, expected });
        }
    }
    Ok(())
}

impl Database {
    /// Writes a copy as of this moment into `file`, an SQLite database whatever the engine is; the file is empty or not
    /// there. It reads one snapshot, so it takes as long as the copying, however busy the database is.
    ///
    /// # Errors
    /// See [`CopyError`]; then what is in `file` is no copy.
    pub async fn copy_into(&self, file: &Path, known: &[Migration], now: i64) -> Result<(), CopyError> {
        match &*self.engine {
            AnyEngine::Sqlite(engine) => Ok(engine.copy_into(file).await?),
            AnyEngine::Postgres(_) => self.copy_into_file(file, known, now).await,
        }
    }

    async fn copy_into_file(&self, file: &Path, known: &[Migration], now: i64) -> Result<(), CopyError> {
        let open = Self::open(&DatabaseUrl::Sqlite(file.to_owned()), &OpenOptions::default()).await;
        let to = open.map_err(|error| Error::Other { detail: error.to_string() })?;
        let copied = copy_vault(self, &to, known, "backup", now, &mut |_| {}).await;
        // Folds the write-ahead log into the file, which is read by others from now on and has no log beside it.
        to.close().await;
        if copied.is_ok() {
            sqlite::keep_no_log(file).await?;
        }
        let _ = std::fs::remove_file(path_beside(file));
        copied.map(drop)
    }
}

/// Which rows of which tables are there already.
async fn begin(to: &Database, tables: &[Table], source: &str) -> Result<Vec<(String, u64)>, CopyError> {
    let mut on = to.write().await?;
    if !is_unfinished(&mut on).await? {
        if crate::vault::find(&mut on).await?.is_some() {
            return Err(CopyError::Taken);
        }
        on.execute(&BEGIN, args![]).await?;
        on.commit().await?;
        return Ok(Vec::new());
    }
    let mut done = Vec::new();
    for row in on.fetch_all(&STATE, args![]).await? {
        let (what, of, rows): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if of != source {
            tables::empty(&mut on, tables).await?;
            on.execute(&FORGET, args![]).await?;
            on.commit().await?;
            return Ok(Vec::new());
        }
        done.push((what, u64::try_from(rows).unwrap_or(0)));
    }
    Ok(done)
}

/// Copies the rows of a table from the one at `skip` on; says how many there are then. Those that refer to one another are one transaction.
async fn copy_table(
    reader: &mut Reader,
    to: &Database,
    table: &Table,
    source: &str,
    skip: u64,
    copied: &mut Copied,
    tell: &mut (dyn FnMut(u64) + Send),
) -> Result<u64, Error> {
    let order = if table.key.is_empty() {
        String::new()
    } else {
        format!(" order by {}", table.key.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", "))
    };
    let (columns, name) = (table.column_list(), quoted(&table.name));
    // A table without a key has no order that both tries would see, so it is one transaction too.
    let whole = table.itself.is_some() || table.key.is_empty();
    let bulk = insert(format!("insert into {name} ({columns})"), table.columns.len());
    let limit = if reader.is_postgres() { "" } else { " limit -1" };
    let text = format!("select {columns} from {name}{order}{limit} offset {skip}");
    let mut rows = reader.stream("copy::ROWS", text).await?;
    let mut there = skip;
    let mut transaction: Option<Transaction> = None;
    tell(copied.rows);
    loop {
        let mut values = Vec::with_capacity(ROWS * table.columns.len());
        let mut count = 0;
        while count < ROWS
            && let Some(row) = rows.next().await?
        {
            read_row(&row, table, &mut values)?;
            count += 1;
        }
        if count == 0 && transaction.is_none() {
            return Ok(there);
        }
        let mut on = match transaction.take() {
            Some(on) => on,
            None => begin_table(to, table).await?,
        };
        on.execute_bulk(bulk, values).await?;
        there += count as u64;
        copied.rows += count as u64;
        if whole && count == ROWS {
            transaction = Some(on);
            continue;
        }
        on.execute(&NOTE, args![&table.name, source, i64::try_from(there).unwrap_or(i64::MAX)]).await?;
        end_table(on, to.kind(), table).await?;
        tell(copied.rows);
        if count < ROWS {
            return Ok(there);
        }
    }
}

fn read_row(row: &Row, table: &Table, values: &mut Vec<Value>) -> Result<(), Error> {
    for (index, (_, kind)) in table.columns.iter().enumerate() {
        values.push(kind.read(row, index)?);
    }
    Ok(())
}

/// A statement lives as long as the process does; a copy makes one for each table.
fn insert(head: String, columns: usize) -> &'static Bulk {
    Box::leak(Box::new(Bulk::new("copy::INSERT", Box::leak(head.into_boxed_str()), columns, "")))
}

/// Rows that refer to one another come in any order.
async fn begin_table(to: &Database, table: &Table) -> Result<Transaction, Error> {
    let mut on = to.write().await?;
    match (&table.itself, to.kind()) {
        (Some(_), EngineKind::Sqlite) => drop(on.execute(&LATER, args![]).await?),
        (Some(constraint), EngineKind::Postgres) => {
            let (name, constraint) = (quoted(&table.name), quoted(constraint));
            let later = format!("alter table {name} alter constraint {constraint} deferrable initially deferred");
            on.text("copy::DEFER", later).await?;
        }
        (None, _) => {}
    }
    Ok(on)
}

async fn end_table(mut on: Transaction, kind: EngineKind, table: &Table) -> Result<(), Error> {
    if let (Some(constraint), EngineKind::Postgres) = (&table.itself, kind) {
        let (name, constraint) = (quoted(&table.name), quoted(constraint));
        on.text("copy::CHECK", "set constraints all immediate".to_owned()).await?;
        on.text("copy::UNDEFER", format!("alter table {name} alter constraint {constraint} not deferrable")).await?;
    }
    on.commit().await?;
    Ok(())
}
