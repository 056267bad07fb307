//! The SQLite file: who may have it, a full disk, damage.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use std::path::Path;
use std::process::Command;

use countersign_store::engine::{Database, DatabaseUrl, Error, Migration, OpenError, OpenMode, OpenOptions};
use countersign_store::{args, statements};

statements! {
    INSERT = "insert into blobs (id, data) values ($1, $2)";
    DELETE = "delete from blobs where id < $1";
    COUNT = "select count(*) from blobs";
    CHECK = "pragma integrity_check";
}

const BLOBS: &[Migration] = &[Migration {
    number: 1,
    name: "0001_blobs",
    sqlite: "create table blobs (id integer primary key not null, data blob not null);",
    postgres: "create table blobs (id bigint primary key, data bytea not null);",
}];

fn url(folder: &Path) -> DatabaseUrl {
    DatabaseUrl::Sqlite(folder.join("vault.db"))
}

async fn serve(folder: &Path) -> Database {
    let database = Database::open(&url(folder), &OpenOptions::default()).await.unwrap();
    database.migrate(BLOBS, 0).await.unwrap();
    database
}

async fn count(database: &Database) -> i64 {
    database.fetch_one(&COUNT, args![]).await.unwrap().get(0).unwrap()
}

async fn insert(database: &Database, id: i64, bytes: usize) -> Result<(), Error> {
    let mut transaction = database.write().await?;
    transaction.execute(&INSERT, args![id, vec![7_u8; bytes]]).await?;
    transaction.commit().await.map(drop)
}

/// Fills the disk; says how many rows were committed, and the error that ended it.
async fn fill(database: &Database) -> (i64, Error) {
    for id in 0..10_000 {
        if let Err(error) = insert(database, id, 20_000).await {
            return (id, error);
        }
    }
    panic!("200 MB went onto a disk that should be full");
}

#[tokio::test]
async fn a_second_server_is_told_who_has_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let first = serve(folder.path()).await;
    let error = Database::open(&url(folder.path()), &OpenOptions::default()).await.unwrap_err();
    assert!(matches!(&error, OpenError::InUse { pid: Some(pid), .. } if *pid == std::process::id()), "{error:?}");
    let message = error.to_string();
    assert!(message.contains("vault.db") && message.contains(&std::process::id().to_string()), "{message}");
    first.close().await;
    serve(folder.path()).await.close().await;
}

#[tokio::test]
async fn who_only_reads_may_come_beside_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let reading = OpenOptions { access: OpenMode::Read, ..OpenOptions::default() };
    let error = Database::open(&url(folder.path()), &reading).await.unwrap_err();
    assert!(matches!(error, OpenError::Missing { .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking makes no file");

    let server = serve(folder.path()).await;
    insert(&server, 1, 10).await.unwrap();
    let reader = Database::open(&url(folder.path()), &reading).await.unwrap();
    assert_eq!(count(&reader).await, 1);
    insert(&server, 2, 10).await.unwrap();
    assert_eq!(count(&reader).await, 2);
    assert!(matches!(reader.write().await, Err(Error::Other { .. })));
    reader.close().await;
    server.close().await;
    let reader = Database::open(&url(folder.path()), &reading).await.unwrap();
    assert_eq!(count(&reader).await, 2, "without a server too");
}

#[tokio::test]
async fn its_files_are_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let database = serve(folder.path()).await;
    insert(&database, 1, 10).await.unwrap();
    for name in ["vault.db", "vault.db-wal", "vault.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("vault.db"), "This is a letter, not a database.\n".repeat(200)).unwrap();
    let error = Database::open(&url(folder.path()), &OpenOptions::default()).await.unwrap_err();
    assert!(matches!(&error, OpenError::Database { source: Error::Corrupt { .. }, .. }), "{error}");
}

#[tokio::test]
async fn a_folder_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Database::open(&url(&folder.path().join("none")), &OpenOptions::default()).await.unwrap_err();
    assert!(matches!(error, OpenError::File { .. }) && error.to_string().contains("none/vault.db"), "{error}");
}

#[tokio::test]
async fn a_full_database_says_so_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions { sqlite_page_limit: Some(100), ..OpenOptions::default() };
    let database = Database::open(&url(folder.path()), &options).await.unwrap();
    database.migrate(BLOBS, 0).await.unwrap();
    let (rows, error) = fill(&database).await;
    assert!(matches!(error, Error::Full { .. }), "{error}");
    assert!(rows > 5, "{rows}");
    assert_eq!(count(&database).await, rows);

    // SQLite ended the transaction by itself; nothing of the next one may slip out on its own.
    let mut transaction = database.write().await.unwrap();
    assert!(transaction.execute(&INSERT, args![5_000_i64, vec![7_u8; 50_000]]).await.is_err());
    assert!(matches!(transaction.execute(&DELETE, args![3_i64]).await, Err(Error::Spoiled { .. })));
    assert!(matches!(transaction.commit().await, Err(Error::Spoiled { .. })));
    assert_eq!(count(&database).await, rows);

    let mut transaction = database.write().await.unwrap();
    assert_eq!(transaction.execute(&DELETE, args![3_i64]).await.unwrap(), 3);
    transaction.commit().await.unwrap();
    insert(&database, 9_000, 20_000).await.unwrap();
    assert_eq!(count(&database).await, rows - 2);
}

/// A real file system of 2 MiB; only root may mount one, so for others the limit of the next test has to do.
#[tokio::test]
async fn a_full_disk_says_so_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(folder.path()).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: mounting a file system is not allowed here");
        return;
    }
    let unmount = Unmount(folder.path());
    let database = serve(folder.path()).await;
    let (rows, error) = fill(&database).await;
    assert!(matches!(error, Error::Full { .. }), "{error}");
    assert!(rows > 5, "{rows}");
    assert_eq!(count(&database).await, rows);
    database.close().await;
    let database = serve(folder.path()).await;
    assert_eq!(count(&database).await, rows, "opened again");
    let check = database.fetch_one(&CHECK, args![]).await.unwrap();
    assert_eq!(check.get::<String>(0).unwrap(), "ok");
    database.close().await;
    drop(database);
    drop(unmount);
}

struct Unmount<'a>(&'a Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).output();
    }
}

/// The same with a limit on the size of files, as a quota acts: the system says EFBIG instead of ENOSPC.
#[tokio::test]
async fn a_file_that_may_not_grow_says_so_and_loses_nothing() {
    // It starts itself again as the process that is under the limit.
    if let Some(folder) = std::env::var_os(UNDER_A_LIMIT) {
        return fill_until_full(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    serve(folder.path()).await.close().await;
    // 2 MiB in blocks of 512 bytes; the signal that comes with it would end the process.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "a_file_that_may_not_grow_says_so_and_loses_nothing", "--nocapture"])
        .env(UNDER_A_LIMIT, folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let rows = text.lines().find_map(|line| line.strip_prefix("full after ")).expect(&text).parse::<i64>().unwrap();
    let database = serve(folder.path()).await;
    assert_eq!(count(&database).await, rows);
    insert(&database, 9_000, 20_000).await.unwrap();
}

const UNDER_A_LIMIT: &str = "COUNTERSIGN_TEST_UNDER_A_LIMIT";

#[expect(clippy::print_stdout, reason = "the parent reads this line")]
async fn fill_until_full(folder: &Path) {
    let database = serve(folder).await;
    let (rows, error) = fill(&database).await;
    assert!(matches!(error, Error::Full { .. }), "{error}");
    assert_eq!(count(&database).await, rows);
    println!("\nfull after {rows}");
}
