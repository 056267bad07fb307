use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::error::{Error, OpenError};
use super::lock::LockFile;
use super::statement::Statement;
use super::value::{Engine, Row};
use super::{Lane, OpenMode, OpenOptions};

/// How long closing waits for who reads.
const LAST_READS: Duration = Duration::from_secs(2);

/// One SQLite file: one connection that writes, a few that read.
///
/// Transactions are plain statements of ours, not the library's: SQLite ends a transaction by itself on some errors (a
/// full disk), after which the library would believe it open for ever. Instead each connection says whether it is *in
/// doubt*, from before `begin` until after the answered `commit`, and one in doubt is rolled back before its next use.
pub(super) struct Sqlite {
    writer: Option<Arc<AsyncMutex<Option<Connection>>>>,
    readers: Arc<Readers>,
    search: Arc<Readers>,
    export: Arc<Readers>,
    path: PathBuf,
    lock: Mutex<Option<LockFile>>,
}

pub(super) struct Connection {
    pub(super) raw: SqliteConnection,
    // To connect again, should the connection be beyond repair.
    options: Arc<SqliteConnectOptions>,
    in_doubt: bool,
}

struct Readers {
    permits: Arc<Semaphore>,
    places: usize,
    // As many as there are permits, but for those that could not be given back.
    idle: Mutex<Vec<Connection>>,
    options: SqliteConnectOptions,
    wait: Duration,
}

impl Sqlite {
    pub(super) async fn open(path: &Path, options: &OpenOptions) -> Result<Self, OpenError> {
        let lock = match options.access {
            OpenMode::Serve => {
                let lock = LockFile::take(path)?;
                create_private(path)?;
                Some(lock)
            }
            OpenMode::Read if !path.exists() => return Err(OpenError::Missing { path: path.to_owned() }),
            OpenMode::Read => None,
        };
        let problem = |error: Error| OpenError::Database { url: format!("sqlite:{}", path.display()), source: error };
        // The writer comes first: it puts a new file into WAL mode.
        let writer = match options.access {
            OpenMode::Serve => {
                let mut connection = Connection::open(writing(path, options)).await.map_err(problem)?;
                // Fails on a file that is no database, and is the first to touch one that is.
                connection.run("select count(*) from sqlite_schema").await.map_err(problem)?;
                Some(Arc::new(AsyncMutex::new(Some(connection))))
            }
            OpenMode::Read => None,
        };
        let mut first = Connection::open(reading(path, options)).await.map_err(problem)?;
        first.run("select count(*) from sqlite_schema").await.map_err(problem)?;
        let readers = |places: usize, idle: Vec<Connection>, wait| {
            Arc::new(Readers {
                permits: Arc::new(Semaphore::new(places)),
                places,
                idle: Mutex::new(idle),
                options: reading(path, options),
                wait,
            })
        };
        Ok(Self {
            writer,
            readers: readers(options.sqlite_readers.max(1), vec![first], options.wait),
            search: readers(Lane::Search.places() as usize, Vec::new(), options.wait_aside()),
            export: readers(Lane::Export.places() as usize, Vec::new(), options.wait_aside()),
            path: path.to_owned(),
            lock: Mutex::new(lock),
        })
    }

    pub(super) async fn reader(&self, lane: Lane) -> Result<ReadGuard, Error> {
        let readers = match lane {
            Lane::Usual => &self.readers,
            Lane::Search => &self.search,
            Lane::Export => &self.export,
        };
        let permit = match tokio::time::timeout(readers.wait, Arc::clone(&readers.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(closed()),
            Err(_) => return Err(Error::Busy { detail: "every reading connection is busy".to_owned() }),
        };
        let idle = readers.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => Connection::open(readers.options.clone()).await?,
        };
        let mut guard = ReadGuard { connection: Some(connection), readers: Arc::clone(readers), permit: Some(permit) };
        guard.connection()?.settle().await?;
        Ok(guard)
    }

    pub(super) async fn writer(&self) -> Result<WriteGuard, Error> {
        let mut guard = self.settled_writer().await?;
        guard.connection()?.begin("begin immediate").await?;
        Ok(guard)
    }

    /// Runs a text of several statements that begins and commits by itself: one question to the connection's thread.
    pub(super) async fn alone(&self, statement: &Statement, args: SqliteArguments) -> Result<Vec<Row>, Error> {
        let mut guard = self.settled_writer().await?;
        let connection = guard.connection()?;
        connection.in_doubt = true;
        let rows = connection.fetch_all(statement, args).await?;
        connection.in_doubt = false;
        Ok(rows)
    }

    /// The writing connection, with no transaction open on it.
    async fn settled_writer(&self) -> Result<WriteGuard, Error> {
        let writer = self
            .writer
            .as_ref()
            .ok_or_else(|| Error::Other { detail: "this database was opened for reading alone".to_owned() })?;
        let guard = tokio::time::timeout(self.readers.wait, Arc::clone(writer).lock_owned())
            .await
            .map_err(|_| Error::Busy { detail: "another transaction writes for too long".to_owned() })?;
        let mut guard = WriteGuard { connection: Some(guard) };
        guard.connection()?.settle().await?;
        Ok(guard)
    }

    /// `VACUUM INTO` (https://sqlite.org/lang_vacuum.html): a snapshot, copied without what was deleted.
    pub(super) async fn copy_into(&self, file: &Path) -> Result<(), Error> {
        const NAME: &str = "vacuum into";
        let file = whole(file);
        let file = file.to_str().ok_or_else(|| Error::Other { detail: "the file's name is no text".to_owned() })?;
        // A connection of its own, because `query_only` would hold the copy to be a write.
        let mut raw = SqliteConnectOptions::new()
            .filename(whole(&self.path))
            .read_only(true)
            .busy_timeout(self.readers.wait)
            .disable_statement_logging()
            .connect()
            .await
            .map_err(|error| Error::from_sqlx("connecting", &error))?;
        let copied = sqlx::query("vacuum into $1").bind(file).execute(&mut raw).await;
        let _ = raw.close().await;
        copied.map(drop).map_err(|error| Error::from_sqlx(NAME, &error))
    }

    pub(super) async fn damage(&self) -> Result<Option<String>, Error> {
        let mut guard = self.reader(Lane::Search).await?;
        let found: Vec<String> = sqlx::query_scalar("pragma integrity_check(1)")
            .fetch_all(&mut guard.connection()?.raw)
            .await
            .map_err(|error| Error::from_sqlx("integrity check", &error))?;
        Ok(found.into_iter().find(|line| line != "ok"))
    }

    pub(super) fn free_space(&self) -> Option<u64> {
        let found = rustix::fs::statvfs(&self.path).ok()?;
        Some(found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Waits for the transaction that is running, closes every connection (the writer's folds the write-ahead log into the
    /// file) and lets another server have the file.
    pub(super) async fn close(&self) {
        for readers in [&self.readers, &self.search, &self.export] {
            // One that was given back ends its transaction beside. One that is busy for longer closes its connection when it ends,
            // because the permits are closed by then.
            let all = u32::try_from(readers.places).unwrap_or(u32::MAX);
            let _ = timeout(LAST_READS, readers.permits.acquire_many(all)).await;
            readers.permits.close();
            let idle = std::mem::take(&mut *readers.idle());
            for connection in idle {
                let _ = connection.raw.close().await;
            }
        }
        if let Some(writer) = &self.writer
            && let Some(connection) = writer.lock().await.take()
        {
            let _ = connection.raw.close().await;
        }
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl Readers {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // Pushing and popping cannot leave the list half-done.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, connection: Connection, permit: OwnedSemaphorePermit) {
        if !self.permits.is_closed() {
            self.idle().push(connection);
        }
        // After the connection, so that who gets the permit finds it.
        drop(permit);
    }
}

impl Connection {
    async fn open(options: SqliteConnectOptions) -> Result<Self, Error> {
        let raw = options.connect().await.map_err(|error| Error::from_sqlx("connecting", &error))?;
        Ok(Self { raw, options: Arc::new(options), in_doubt: false })
    }

    /// Makes sure that no transaction is open, whatever happened to the last one.
    async fn settle(&mut self) -> Result<(), Error> {
        if !self.in_doubt {
            return Ok(());
        }
        // An error may mean that no transaction was open any more, which is as good: try whether one can begin.
        let settled = self.run("rollback").await.is_ok()
            || (self.run("begin").await.is_ok() && self.run("rollback").await.is_ok());
        if !settled {
            self.raw = self.options.connect().await.map_err(|error| Error::from_sqlx("connecting again", &error))?;
        }
        self.in_doubt = false;
        Ok(())
    }

    pub(super) async fn begin(&mut self, sql: &'static str) -> Result<(), Error> {
        self.in_doubt = true;
        self.run(sql).await
    }

    pub(super) async fn commit(&mut self) -> Result<(), Error> {
        self.run("commit").await?;
        self.in_doubt = false;
        Ok(())
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), Error> {
        // With arguments, though none, the prepared statement is kept.
        sqlx::query_with(sql, SqliteArguments::default())
            .execute(&mut self.raw)
            .await
            .map_err(|error| Error::from_sqlx(sql, &error))?;
        Ok(())
    }

    /// A script of many statements, for migrations.
    pub(super) async fn script(&mut self, name: &'static str, sql: &'static str) -> Result<(), Error> {
        sqlx::raw_sql(sql).execute(&mut self.raw).await.map_err(|error| Error::from_sqlx(name, &error))?;
        Ok(())
    }

    pub(super) async fn fetch_all(&mut self, statement: &Statement, args: SqliteArguments) -> Result<Vec<Row>, Error> {
        let rows = sqlx::query_with(statement.sqlite(), args)
            .fetch_all(&mut self.raw)
            .await
            .map_err(|error| Error::from_sqlx(statement.name(), &error))?;
        Ok(rows.into_iter().map(|row| Row(Engine::Sqlite(row))).collect())
    }

    pub(super) async fn fetch_optional(
        &mut self,
        statement: &Statement,
        args: SqliteArguments,
    ) -> Result<Option<Row>, Error> {
        let row = sqlx::query_with(statement.sqlite(), args)
            .fetch_optional(&mut self.raw)
            .await
            .map_err(|error| Error::from_sqlx(statement.name(), &error))?;
        Ok(row.map(|row| Row(Engine::Sqlite(row))))
    }

    pub(super) async fn execute(&mut self, statement: &Statement, args: SqliteArguments) -> Result<u64, Error> {
        let done = sqlx::query_with(statement.sqlite(), args)
            .execute(&mut self.raw)
            .await
            .map_err(|error| Error::from_sqlx(statement.name(), &error))?;
        Ok(done.rows_affected())
    }
}

/// A reading connection; given back when dropped, after the end of its transaction if it began one.
pub(super) struct ReadGuard {
    connection: Option<Connection>,
    readers: Arc<Readers>,
    permit: Option<OwnedSemaphorePermit>,
}

impl ReadGuard {
    pub(super) fn connection(&mut self) -> Result<&mut Connection, Error> {
        self.connection.as_mut().ok_or_else(closed)
    }
}

impl Drop for ReadGuard {
    fn drop(&mut self) {
        let (Some(mut connection), Some(permit)) = (self.connection.take(), self.permit.take()) else { return };
        let readers = Arc::clone(&self.readers);
        if !connection.in_doubt {
            return readers.give_back(connection, permit);
        }
        // An open snapshot keeps the write-ahead log from shrinking, so it ends now and not at the next use.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                if connection.settle().await.is_ok() {
                    readers.give_back(connection, permit);
                }
            })),
            // Closing it ends the snapshot too.
            Err(_) => drop(connection),
        }
    }
}

/// The writing connection inside a transaction. Dropped before the commit is answered, it rolls back and only then lets the
/// next one in.
pub(super) struct WriteGuard {
    connection: Option<OwnedMutexGuard<Option<Connection>>>,
}

impl WriteGuard {
    pub(super) fn connection(&mut self) -> Result<&mut Connection, Error> {
        self.connection.as_deref_mut().and_then(Option::as_mut).ok_or_else(closed)
    }
}

impl Drop for WriteGuard {
    fn drop(&mut self) {
        let Some(mut guard) = self.connection.take() else { return };
        if !guard.as_ref().is_some_and(|connection| connection.in_doubt) {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(async move {
                if let Some(connection) = guard.as_mut() {
                    let _ = connection.settle().await;
                }
            }));
        }
        // Without a runtime the doubt stays with the connection, and whoever writes next settles it.
    }
}

/// Takes the write-ahead log away from a file that nobody has open: a backup is one file, wherever it is put.
pub(super) async fn keep_no_log(path: &Path) -> Result<(), Error> {
    const NAME: &str = "journal mode";
    let options = SqliteConnectOptions::new().filename(whole(path)).journal_mode(SqliteJournalMode::Delete);
    let raw = options.connect().await.map_err(|error| Error::from_sqlx(NAME, &error))?;
    raw.close().await.map_err(|error| Error::from_sqlx(NAME, &error))
}

/// A path from the root on. SQLite takes `:memory:` and what begins with `file:` for something else than a file's name.
fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn closed() -> Error {
    Error::Unavailable { detail: "the database was closed".to_owned() }
}

fn create_private(path: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(OpenError::File { path: PathBuf::from(path), source }),
    }
}

/// Settings of every connection. The page caches bound what SQLite keeps in memory: 2 MiB for the writer, 512 KiB for each
/// reader, next to about 1 MiB of prepared statements.
fn common(path: &Path, options: &OpenOptions) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(whole(path))
        .busy_timeout(options.busy)
        .statement_cache_capacity(256)
        // Scratch tables in files would stand in a folder that nobody has chosen.
        .pragma("temp_store", "memory")
        .pragma("trusted_schema", "off")
        .pragma("cell_size_check", "on")
        .disable_statement_logging()
}

fn writing(path: &Path, options: &OpenOptions) -> SqliteConnectOptions {
    let made = common(path, options)
        .journal_mode(SqliteJournalMode::Wal)
        // A record counts as durable when its commit is answered, so each commit reaches the disk.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("cache_size", "-2048")
        // Folding the log into the file keeps whoever writes then waiting, so it is done seldom, for 16 MiB at once.
        .pragma("wal_autocheckpoint", "4096")
        .pragma("journal_size_limit", "33554432")
        // What was deleted is overwritten where that costs no further write.
        .pragma("secure_delete", "fast");
    match options.sqlite_page_limit {
        Some(pages) => made.pragma("max_page_count", pages.to_string()),
        None => made,
    }
}

fn reading(path: &Path, options: &OpenOptions) -> SqliteConnectOptions {
    common(path, options).read_only(true).pragma("query_only", "on").pragma("cache_size", "-512")
}
