//! Fresh databases for tests, on both engines (feature `testing`).
//!
//! [`both_engines!`](crate::both_engines) makes of one test function two tests, `name::sqlite` and `name::postgres`. The
//! first test of a run that needs PostgreSQL starts one in a temporary folder (`tests/postgres.sh`), all test processes of
//! this checkout share it, and it goes away some seconds after the last of them. `COUNTERSIGN_TEST_POSTGRES` may name
//! another server, whose user must be allowed to create databases.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use tempfile::TempDir;

use crate::engine::{Database, DatabaseUrl, EngineKind, Migration, OpenOptions};

mod counted;
mod kept;
mod link;
mod prepare;
pub use counted::CountedSelect;
pub use link::CuttableLink;
pub use prepare::{Prepared, Preparer};

/// Two tests of one body: `both_engines! { async fn name(db: &TestDatabase) { … } }`.
///
/// The database has this room's own schema; `both_engines! { with &[]; … }` has another, here none.
#[macro_export]
macro_rules! both_engines {
    (with $migrations:expr; $($(#[$meta:meta])* async fn $name:ident($db:ident: &TestDatabase) $body:block)*) => { $(
        $(#[$meta])*
        #[cfg(test)]
        mod $name {
            #[allow(unused_imports, reason = "a body may need nothing from outside")]
            use super::*;

            async fn body($db: &$crate::testing::TestDatabase) $body

            #[test]
            fn sqlite() {
                $crate::testing::run($crate::engine::EngineKind::Sqlite, $migrations, async |db| body(db).await);
            }

            #[test]
            fn postgres() {
                $crate::testing::run($crate::engine::EngineKind::Postgres, $migrations, async |db| body(db).await);
            }
        }
    )* };
    ($($rest:tt)*) => { $crate::both_engines! { with $crate::MIGRATIONS; $($rest)* } };
}

/// A database that nobody else uses; it reads as a [`Database`].
pub struct TestDatabase {
    database: Database,
    url: DatabaseUrl,
    // Holds the SQLite file, and goes with the value.
    folder: Option<TempDir>,
}

impl TestDatabase {
    /// A new and empty one, then migrated.
    ///
    /// # Panics
    /// When it cannot be made; the text says why.
    pub async fn new(kind: EngineKind, migrations: &[Migration]) -> Self {
        let (url, folder) = match kind {
            EngineKind::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                (DatabaseUrl::Sqlite(folder.path().join("test.db")), Some(folder))
            }
            EngineKind::Postgres => (new_postgres().await, None),
        };
        let options = OpenOptions { postgres_connections: 4, ..OpenOptions::default() };
        let database = Database::open(&url, &options).await.unwrap_or_else(|error| panic!("{error}"));
        database.migrate(migrations, 0).await.unwrap_or_else(|error| panic!("{error}"));
        Self { database, url, folder }
    }

    /// Where it is, to open it once more.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The SQLite file's folder.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(TempDir::path)
    }

    async fn remove(&self) {
        self.database.close().await;
        if let DatabaseUrl::Postgres(url) = &self.url {
            let name = url.options.get_database().unwrap_or_default().to_owned();
            let mut admin = admin().await;
            // What a failed test leaves goes with the whole server.
            let _ =
                sqlx::raw_sql(AssertSqlSafe(format!("drop database {name} with (force)"))).execute(&mut admin).await;
            let _ = admin.close().await;
        }
    }
}

impl std::ops::Deref for TestDatabase {
    type Target = Database;
    fn deref(&self) -> &Database {
        &self.database
    }
}

/// Runs a test's body over a fresh database, and removes that; what [`both_engines!`](crate::both_engines) expands to.
///
/// # Panics
/// With the body.
pub fn run(kind: EngineKind, migrations: &[Migration], body: impl AsyncFnOnce(&TestDatabase)) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let database = TestDatabase::new(kind, migrations).await;
        body(&database).await;
        database.remove().await;
    });
}

async fn new_postgres() -> DatabaseUrl {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // A process id is in use once at a time, and one that comes again finds its predecessor's leftovers replaced.
    let name = format!("t_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut admin = admin().await;
    for sql in
        [format!("drop database if exists {name} with (force)"), format!("create database {name} template template0")]
    {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.expect("the right to create databases");
    }
    let _ = admin.close().await;
    DatabaseUrl::Postgres(Box::new(server().clone().database(&name).into()))
}

async fn admin() -> PgConnection {
    server().connect().await.unwrap_or_else(|error| panic!("the tests' PostgreSQL does not answer: {error}"))
}

fn server() -> &'static PgConnectOptions {
    static SERVER: OnceLock<(PgConnectOptions, Option<File>)> = OnceLock::new();
    &SERVER
        .get_or_init(|| match std::env::var("COUNTERSIGN_TEST_POSTGRES") {
            Ok(url) => (url.parse().expect("COUNTERSIGN_TEST_POSTGRES is a postgres:// address"), None),
            Err(_) => {
                let (options, hold) = own_server();
                (options, Some(hold))
            }
        })
        .0
}

/// The server of this checkout, started if it is not running, and the lock that keeps it running.
fn own_server() -> (PgConnectOptions, File) {
    let folder = server_folder();
    let open = |suffix: &str| {
        let path = folder.with_extension(suffix);
        File::options()
            .append(true)
            .create(true)
            .open(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let start = open("start");
    start.lock().expect("the lock for starting");
    let users = open("users");
    users.lock_shared().expect("the lock for using");
    let socket = folder.join("socket");
    if std::os::unix::net::UnixStream::connect(socket.join(".s.PGSQL.5432")).is_err() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres.sh");
        let output = Command::new(&script).args(["up", "fleeting"]).arg(&folder).output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", script.display()));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let options = PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .port(5432)
        .username("countersign")
        .database("postgres")
        .disable_statement_logging();
    (options, users)
}

/// One for each checkout and user; short, because a socket's path has to fit into 107 bytes.
fn server_folder() -> PathBuf {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
    std::env::var_os("USER").hash(&mut hasher);
    std::env::temp_dir().join(format!("countersign-tests-{:016x}", hasher.finish()))
}
