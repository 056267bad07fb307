use super::{Database, EngineKind, Error, Select, Statement, Transaction};
use crate::args;

/// One step of the schema, in both dialects. Make it with [`migration!`](crate::migration).
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Counts up from 1.
    pub number: i64,
    /// The file's name, as `0001_start`.
    pub name: &'static str,
    /// SQLite's script.
    pub sqlite: &'static str,
    /// PostgreSQL's script.
    pub postgres: &'static str,
}

/// A [`Migration`](crate::engine::Migration) from `migrations/sqlite/NAME.sql` and `migrations/postgres/NAME.sql`:
/// `migration!(1, "0001_start")`.
#[macro_export]
macro_rules! migration {
    ($number:literal, $name:literal) => {
        $crate::engine::Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres/", $name, ".sql")),
        }
    };
}

/// Why the schema was not brought up to date. The database is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A later version of the program was here.
    #[error(
        "this database is at schema {found}, this program knows schemas up to {known}; start the newer version of the \
         program, or restore the backup from before the upgrade"
    )]
    Newer {
        /// The database's.
        found: i64,
        /// The program's.
        known: i64,
    },
    /// An earlier version of the program was here, and nobody has started this one on it yet.
    #[error(
        "this database is at schema {found}, this program at {known}: start this version's server once, which brings it up \
         to date, or use the version that runs"
    )]
    Older {
        /// The database's.
        found: i64,
        /// The program's.
        known: i64,
    },
    /// Only a part of a vault is in it.
    #[error(
        "a copy into this database was begun and not ended: run `countersign move` or `countersign restore` again, which \
         goes on with it, or name another database"
    )]
    Unfinished,
    /// A migration was edited after it had been applied, or one is missing.
    #[error(
        "schema step {number} was applied to this database as `{applied}` with another content than this program's \
         `{known}`; use the program version that made it, or restore a backup"
    )]
    Changed {
        /// Which.
        number: i64,
        /// Its name in the database.
        applied: String,
        /// Its name here.
        known: &'static str,
    },
    /// The database answered with an error.
    #[error("the schema could not be brought up to date: {0}")]
    Database(#[from] Error),
}

static CREATE: Statement = Statement::two(
    "schema_version::CREATE",
    "create table if not exists schema_version (
        number integer primary key not null,
        name text not null,
        checksum integer not null,
        applied_at integer not null
    )",
    "create table if not exists schema_version (
        number bigint primary key,
        name text not null,
        checksum bigint not null,
        applied_at bigint not null
    )",
);
static APPLIED: Statement =
    Statement::one("schema_version::APPLIED", "select number, name, checksum from schema_version order by number");
static APPLY: Statement = Statement::one(
    "schema_version::APPLY",
    "insert into schema_version (number, name, checksum, applied_at) values ($1, $2, $3, $4)",
);
/// Several nodes may start at once; the first one migrates, the others wait here and then find everything done. The lock
/// ends with the transaction. SQLite's one writer and `begin immediate` do the same.
static ONE_AT_A_TIME: Statement =
    Statement::two("schema_version::ONE_AT_A_TIME", "select 1", "select 1 from pg_advisory_xact_lock(7117720240001)");
static NO_TIMEOUT: Statement =
    Statement::two("schema_version::NO_TIMEOUT", "select 1", "set local statement_timeout = 0");
static NO_LOCK_TIMEOUT: Statement =
    Statement::two("schema_version::NO_LOCK_TIMEOUT", "select 1", "set local lock_timeout = 0");

/// The table that a copy has while it is unfinished (`copy/mod.rs`).
static IS_UNFINISHED: Statement = Statement::two(
    "schema_version::IS_UNFINISHED",
    "select exists (select 1 from sqlite_schema where name = 'unfinished_copy')",
    "select to_regclass('unfinished_copy') is not null",
);

impl Database {
    /// Brings the schema up to date in one transaction: all steps or none. Says how many were applied. `now` is in
    /// microseconds since 1970. `known` counts 1, 2, 3, … in order.
    ///
    /// # Errors
    /// See [`MigrateError`].
    pub async fn migrate(&self, known: &[Migration], now: i64) -> Result<usize, MigrateError> {
        self.migrate_as(known, now, false).await
    }

    /// The same of a database that a copy goes into.
    pub(super) async fn bring_up(&self, known: &[Migration], now: i64) -> Result<usize, MigrateError> {
        self.migrate_as(known, now, true).await
    }

    /// Makes sure that a database has all steps of the schema, and no others, without writing.
    pub(super) async fn require_steps(&self, known: &[Migration]) -> Result<(), MigrateError> {
        let mut on = self.read().await?;
        let (found, newest) = (self.check_applied(&mut on, known).await?, known.len());
        if found < newest {
            return Err(MigrateError::Older { found: found as i64, known: newest as i64 });
        }
        Ok(())
    }

    async fn migrate_as(&self, known: &[Migration], now: i64, copied_into: bool) -> Result<usize, MigrateError> {
        debug_assert!(known.iter().map(|step| step.number).eq(1..=known.len() as i64), "steps count up from 1");
        let mut transaction = self.write().await?;
        transaction.execute(&NO_TIMEOUT, args![]).await?;
        transaction.execute(&NO_LOCK_TIMEOUT, args![]).await?;
        transaction.execute(&ONE_AT_A_TIME, args![]).await?;
        if !copied_into && is_unfinished(&mut transaction).await? {
            return Err(MigrateError::Unfinished);
        }
        transaction.execute(&CREATE, args![]).await?;
        let applied = self.check_applied(&mut transaction, known).await?;
        let mut count = 0;
        for step in known.iter().skip(applied) {
            transaction.script(step.name, step.sqlite, step.postgres).await?;
            let args = args![step.number, step.name, step.checksum(self.kind()), now];
            transaction.execute(&APPLY, args).await?;
            count += 1;
        }
        transaction.commit().await?;
        Ok(count)
    }

    async fn check_applied(&self, on: &mut impl Select, known: &[Migration]) -> Result<usize, MigrateError> {
        let rows = on.fetch_all(&APPLIED, args![]).await?;
        let newest = known.last().map_or(0, |step| step.number);
        let mut steps = known.iter();
        for row in &rows {
            let (number, name, checksum): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let Some(step) = steps.next() else {
                let found = rows.last().map_or(Ok(number), |last| last.get(0))?;
                return Err(MigrateError::Newer { found, known: newest });
            };
            if step.number != number || step.checksum(self.kind()) != checksum {
                return Err(MigrateError::Changed { number, applied: name, known: step.name });
            }
        }
        Ok(rows.len())
    }
}

/// Whether a copy into this database was begun and not ended.
pub(super) async fn is_unfinished(on: &mut Transaction) -> Result<bool, Error> {
    on.fetch_one(&IS_UNFINISHED, args![]).await?.get(0)
}

impl Migration {
    /// FNV-1a over the engine's script without its line ends' carriage returns: it finds an edit, nobody defends against
    /// forgery with it.
    fn checksum(&self, kind: EngineKind) -> i64 {
        let text = match kind {
            EngineKind::Sqlite => self.sqlite,
            EngineKind::Postgres => self.postgres,
        };
        let hash = text
            .bytes()
            .filter(|&byte| byte != b'\r')
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        hash.cast_signed()
    }
}
