//! The engine layer: one way to ask SQLite and PostgreSQL, errors told apart, transactions that end.
//!
//! Begin at [`Database::open`]. [`Database::read`] gives several selects one snapshot, [`Database::write`] a transaction;
//! [`Database::fetch_optional`] and its siblings are for one select by itself. What differs between the engines ends here:
//!
//! - After any failed statement a [`Transaction`] is spoiled and can only be dropped, as PostgreSQL has it. Where a
//!   conflict is expected, write `on conflict do nothing` and look at the number of rows.
//! - SQLite has one writer at a time. On PostgreSQL writers run side by side at *read committed*: lock what you decide
//!   upon (`update … returning`, `select … for update`).
//! - Values are bool, i64, text, bytes, uuid and options of them, see [`Value`].

mod alone;
mod copy;
mod error;
mod foreign;
mod keys;
mod lock;
mod many;
mod migrate;
mod pool;
mod postgres;
mod sqlite;
mod statement;
mod url;
mod value;

use std::sync::Arc;
use std::time::Duration;

pub use copy::{Copied, CopyError, CopyProgress, copy_vault};
use countersign_seal::Receipt;
pub(crate) use error::corrupt;
pub use error::{Error, OpenError};
pub use keys::MarkKeys;
pub(crate) use many::fetch_bulk;
pub use migrate::{MigrateError, Migration};
pub use statement::{Bulk, Statement};
use tokio::sync::watch;
pub use url::{DatabaseUrl, ParseDatabaseUrlError, PostgresUrl};
use uuid::Uuid;
pub use value::{Args, Column, Row, Value};
use value::{for_postgres, for_sqlite};

/// What the database is opened for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OpenMode {
    /// To serve: makes the SQLite file if there is none, and holds it against a second server.
    #[default]
    Serve,
    /// To read beside a running server: takes no lock, makes nothing, cannot write.
    Read,
}

/// Whose connections a reader takes. What reads much has its own, so that it keeps nobody else waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lane {
    /// What people and programs wait for.
    #[default]
    Usual,
    /// Looking through much of a table: one at a time.
    Search,
    /// Reading all of a table, as fast as somebody takes it: two at a time.
    Export,
}

impl Lane {
    /// How many readers it has at once; [`Lane::Usual`] has what [`OpenOptions`] says.
    pub(crate) const fn places(self) -> u32 {
        match self {
            Self::Usual | Self::Search => 1,
            Self::Export => 2,
        }
    }
}

/// How to open a database. `OpenOptions::default()` suits a server.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// For serving or for reading beside a server.
    pub access: OpenMode,
    /// How long to wait for a connection, and for PostgreSQL to answer at all.
    pub wait: Duration,
    /// How long a lock that somebody else holds may last.
    pub busy: Duration,
    /// How long one statement may run (PostgreSQL). Two seconds later a server that says nothing is given up.
    pub statement: Duration,
    /// Connections to PostgreSQL.
    pub postgres_connections: u32,
    /// Connections that read the SQLite file; each is a thread.
    pub sqlite_readers: usize,
    /// The most pages of 4 KiB that the SQLite file may have, by which tests make a disk full.
    pub sqlite_page_limit: Option<u32>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            access: OpenMode::Serve,
            wait: Duration::from_secs(10),
            busy: Duration::from_secs(5),
            statement: Duration::from_secs(10),
            postgres_connections: 10,
            sqlite_readers: 3,
            sqlite_page_limit: None,
        }
    }
}

impl OpenOptions {
    /// How long to wait for a place aside: somebody looks on, and can be told to try again.
    pub(crate) fn wait_aside(&self) -> Duration {
        self.wait.min(Duration::from_secs(5))
    }
}

/// An open database. A clone is a handle to the same.
#[derive(Clone)]
pub struct Database {
    engine: Arc<AnyEngine>,
    keys: MarkKeys,
    moved: watch::Sender<u64>,
}

enum AnyEngine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// Which engine a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// A file beside the server.
    Sqlite,
    /// A server of its own.
    Postgres,
}

impl Database {
    /// Opens it and makes sure that it answers; migrate next ([`Database::migrate`]).
    ///
    /// # Errors
    /// See [`OpenError`]; texts name the file or the address without its password.
    pub async fn open(url: &DatabaseUrl, options: &OpenOptions) -> Result<Self, OpenError> {
        let engine = match url {
            DatabaseUrl::Sqlite(path) => AnyEngine::Sqlite(sqlite::Sqlite::open(path, options).await?),
            DatabaseUrl::Postgres(server) => {
                AnyEngine::Postgres(postgres::Postgres::open(server, &url.to_string(), options).await?)
            }
        };
        Ok(Self { engine: Arc::new(engine), keys: MarkKeys::default(), moved: watch::Sender::new(0) })
    }

    /// Which engine answers.
    pub fn kind(&self) -> EngineKind {
        match &*self.engine {
            AnyEngine::Sqlite(_) => EngineKind::Sqlite,
            AnyEngine::Postgres(_) => EngineKind::Postgres,
        }
    }

    /// Several selects that see one snapshot. It refuses to write.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn read(&self) -> Result<Reader, Error> {
        self.read_on(Lane::Usual).await
    }

    /// As [`Database::read`], on the connections of a lane.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Busy`] when all places of the lane stay taken.
    pub async fn read_on(&self, lane: Lane) -> Result<Reader, Error> {
        let inner = match &*self.engine {
            AnyEngine::Sqlite(engine) => {
                let mut guard = engine.reader(lane).await?;
                guard.connection()?.begin("begin").await?;
                AnyReader::Sqlite(guard)
            }
            AnyEngine::Postgres(engine) => AnyReader::Postgres(engine.reader(lane).await?),
        };
        Ok(Reader { inner, keys: self.keys.clone() })
    }

    /// A transaction that may write; dropped without [`Transaction::commit`] it never was.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Stale`] when another program holds the SQLite file's lock.
    pub async fn write(&self) -> Result<Transaction, Error> {
        let inner = match &*self.engine {
            AnyEngine::Sqlite(engine) => AnyWriter::Sqlite(engine.writer().await?),
            AnyEngine::Postgres(engine) => AnyWriter::Postgres(engine.writer().await?),
        };
        Ok(Transaction {
            inner,
            keys: self.keys.clone(),
            spoiled: false,
            moves: false,
            moved: self.moved.clone(),
            recorded: Vec::new(),
        })
    }

    /// Counts each time that the vault's revision has moved, by a transaction of this process or as
    /// [`Database::note_moved`] says.
    pub fn moved(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// Somebody else has moved it.
    pub fn note_moved(&self) {
        self.moved.send_modify(|count| *count += 1);
    }

    /// All rows of one select by itself.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fetch_all(&self, statement: &Statement, args: impl Args) -> Result<Vec<Row>, Error> {
        match &*self.engine {
            AnyEngine::Sqlite(engine) => {
                let args = for_sqlite(args);
                engine.reader(Lane::Usual).await?.connection()?.fetch_all(statement, args).await
            }
            AnyEngine::Postgres(engine) => engine.fetch_all(statement, for_postgres(args)).await,
        }
    }

    /// The first row of one select by itself, if there is one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fetch_optional(&self, statement: &Statement, args: impl Args) -> Result<Option<Row>, Error> {
        match &*self.engine {
            AnyEngine::Sqlite(engine) => {
                let args = for_sqlite(args);
                engine.reader(Lane::Usual).await?.connection()?.fetch_optional(statement, args).await
            }
            AnyEngine::Postgres(engine) => engine.fetch_optional(statement, for_postgres(args)).await,
        }
    }

    /// The row of a select that always has one, such as a count.
    ///
    /// # Errors
    /// See [`Error`]; no row is [`Error::Other`].
    pub async fn fetch_one(&self, statement: &Statement, args: impl Args) -> Result<Row, Error> {
        self.fetch_optional(statement, args).await?.ok_or_else(|| no_row(statement))
    }

    /// What is damaged in the SQLite file; `None` when all of it is sound, or on PostgreSQL, which looks itself.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn damage(&self) -> Result<Option<String>, Error> {
        match &*self.engine {
            AnyEngine::Sqlite(engine) => engine.damage().await,
            AnyEngine::Postgres(_) => Ok(None),
        }
    }

    /// How many bytes the disk of the SQLite file still takes; `None` where that cannot be told.
    pub fn free_space(&self) -> Option<u64> {
        match &*self.engine {
            AnyEngine::Sqlite(engine) => engine.free_space(),
            AnyEngine::Postgres(_) => None,
        }
    }

    /// Waits for what is running, then closes. On SQLite the write-ahead log is folded into the file.
    pub async fn close(&self) {
        match &*self.engine {
            AnyEngine::Sqlite(engine) => engine.close().await,
            AnyEngine::Postgres(engine) => engine.close().await,
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Database({:?})", self.kind())
    }
}

/// What answers selects: a [`Reader`], a [`Transaction`], or `&Database` for one by itself.
///
/// A query that several of them need takes `on: &mut impl Select`.
pub trait Select: Send {
    /// What vouches for rows of authority.
    fn keys(&self) -> &MarkKeys;

    /// All rows.
    fn fetch_all(
        &mut self,
        statement: &Statement,
        args: impl Args,
    ) -> impl Future<Output = Result<Vec<Row>, Error>> + Send;

    /// The first row, if there is one.
    fn fetch_optional(
        &mut self,
        statement: &Statement,
        args: impl Args,
    ) -> impl Future<Output = Result<Option<Row>, Error>> + Send;

    /// The row of a statement that always has one; none is [`Error::Other`].
    fn fetch_one(&mut self, statement: &Statement, args: impl Args) -> impl Future<Output = Result<Row, Error>> + Send {
        let row = self.fetch_optional(statement, args);
        async move { row.await?.ok_or_else(|| no_row(statement)) }
    }
}

impl Select for &Database {
    fn keys(&self) -> &MarkKeys {
        &self.keys
    }

    async fn fetch_all(&mut self, statement: &Statement, args: impl Args) -> Result<Vec<Row>, Error> {
        Database::fetch_all(self, statement, args).await
    }

    async fn fetch_optional(&mut self, statement: &Statement, args: impl Args) -> Result<Option<Row>, Error> {
        Database::fetch_optional(self, statement, args).await
    }
}

/// Selects that see one snapshot; made by [`Database::read`], ended by dropping it.
pub struct Reader {
    inner: AnyReader,
    keys: MarkKeys,
}

enum AnyReader {
    Sqlite(sqlite::ReadGuard),
    Postgres(postgres::Transaction),
}

impl Select for Reader {
    fn keys(&self) -> &MarkKeys {
        &self.keys
    }

    async fn fetch_all(&mut self, statement: &Statement, args: impl Args) -> Result<Vec<Row>, Error> {
        match &mut self.inner {
            AnyReader::Sqlite(guard) => guard.connection()?.fetch_all(statement, for_sqlite(args)).await,
            AnyReader::Postgres(connection) => connection.fetch_all(statement, for_postgres(args)).await,
        }
    }

    async fn fetch_optional(&mut self, statement: &Statement, args: impl Args) -> Result<Option<Row>, Error> {
        match &mut self.inner {
            AnyReader::Sqlite(guard) => guard.connection()?.fetch_optional(statement, for_sqlite(args)).await,
            AnyReader::Postgres(connection) => connection.fetch_optional(statement, for_postgres(args)).await,
        }
    }
}

/// A transaction that may write; made by [`Database::write`].
///
/// Dropped without [`commit`](Self::commit) it is rolled back, and nobody writes in between.
#[must_use = "a transaction that is not committed is rolled back"]
pub struct Transaction {
    inner: AnyWriter,
    keys: MarkKeys,
    // Set before each statement and cleared by its success, so that one given up half-way counts as failed too.
    spoiled: bool,
    moved: watch::Sender<u64>,
    moves: bool,
    // What its records are about, in their order.
    recorded: Vec<Option<Uuid>>,
}

enum AnyWriter {
    Sqlite(sqlite::WriteGuard),
    Postgres(postgres::Transaction),
}

impl Transaction {
    /// Runs a statement and says how many rows it inserted, updated or deleted.
    ///
    /// # Errors
    /// See [`Error`]; afterwards the transaction is spoiled.
    pub async fn execute(&mut self, statement: &Statement, args: impl Args) -> Result<u64, Error> {
        self.start(statement)?;
        let rows = match &mut self.inner {
            AnyWriter::Sqlite(guard) => guard.connection()?.execute(statement, for_sqlite(args)).await,
            AnyWriter::Postgres(connection) => connection.execute(statement, for_postgres(args)).await,
        }?;
        self.spoiled = false;
        Ok(rows)
    }

    /// Makes it durable. When this is answered with `Ok`, the rows survive a power cut. Gives a receipt for each record of
    /// the audit log among them, in their order.
    ///
    /// # Errors
    /// [`Error::Spoiled`] when a statement failed before; [`Error::Full`] and the like when nothing was written. After
    /// [`Error::Unavailable`] on PostgreSQL nobody knows: look whether it happened.
    pub async fn commit(mut self) -> Result<Vec<Receipt>, Error> {
        if self.spoiled {
            return Err(Error::Spoiled { statement: "commit" });
        }
        match &mut self.inner {
            AnyWriter::Sqlite(guard) => guard.connection()?.commit().await,
            AnyWriter::Postgres(transaction) => transaction.commit().await,
        }?;
        if self.moves {
            self.moved.send_modify(|count| *count += 1);
        }
        Ok(alone::receipts(std::mem::take(&mut self.recorded)))
    }

    /// A record of the audit log is among its rows.
    pub(crate) fn records(&mut self, about: Option<Uuid>) {
        self.recorded.push(about);
    }

    /// Its commit moves the vault's revision.
    pub(crate) fn moves_revision(&mut self) {
        self.moves = true;
    }

    /// Runs a script of several statements, by its engine's text.
    async fn script(&mut self, name: &'static str, sqlite: &'static str, postgres: &'static str) -> Result<(), Error> {
        self.spoiled = true;
        match &mut self.inner {
            AnyWriter::Sqlite(guard) => guard.connection()?.script(name, sqlite).await,
            AnyWriter::Postgres(connection) => connection.script(name, postgres).await,
        }?;
        self.spoiled = false;
        Ok(())
    }

    fn start(&mut self, statement: &Statement) -> Result<(), Error> {
        if self.spoiled {
            return Err(Error::Spoiled { statement: statement.name() });
        }
        self.spoiled = true;
        Ok(())
    }
}

impl Select for Transaction {
    fn keys(&self) -> &MarkKeys {
        &self.keys
    }

    async fn fetch_all(&mut self, statement: &Statement, args: impl Args) -> Result<Vec<Row>, Error> {
        self.start(statement)?;
        let rows = match &mut self.inner {
            AnyWriter::Sqlite(guard) => guard.connection()?.fetch_all(statement, for_sqlite(args)).await,
            AnyWriter::Postgres(connection) => connection.fetch_all(statement, for_postgres(args)).await,
        }?;
        self.spoiled = false;
        Ok(rows)
    }

    async fn fetch_optional(&mut self, statement: &Statement, args: impl Args) -> Result<Option<Row>, Error> {
        self.start(statement)?;
        let row = match &mut self.inner {
            AnyWriter::Sqlite(guard) => guard.connection()?.fetch_optional(statement, for_sqlite(args)).await,
            AnyWriter::Postgres(connection) => connection.fetch_optional(statement, for_postgres(args)).await,
        }?;
        self.spoiled = false;
        Ok(row)
    }
}

fn no_row(statement: &Statement) -> Error {
    Error::Other { detail: format!("{}: gave no row", statement.name()) }
}
