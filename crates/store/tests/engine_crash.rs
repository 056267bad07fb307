//! A process that is killed loses what it had not committed, and nothing else; on both engines.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use countersign_store::engine::{Database, DatabaseUrl, EngineKind, Migration, OpenMode, OpenOptions};
use countersign_store::testing::{self, TestDatabase};
use countersign_store::{args, both_engines, statements};

statements! {
    INSERT = "insert into entries (id, data, sure) values ($1, $2, $3)";
    SURE = "select count(*), coalesce(min(id), -1), coalesce(max(id), -1) from entries where sure";
    UNSURE = "select count(*) from entries where not sure";
}

const ENTRIES: &[Migration] = &[Migration {
    number: 1,
    name: "0001_entries",
    sqlite: "create table entries (id integer primary key not null, data blob not null, sure boolean not null);",
    postgres: "create table entries (id bigint primary key, data bytea not null, sure boolean not null);",
}];

fn child(mode: &str, url: &DatabaseUrl) -> (std::process::Child, impl Iterator<Item = String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "what_is_written_by_the_other_process_is_there", "--nocapture"])
        .env("COUNTERSIGN_TEST_CHILD", url.to_string())
        .env("COUNTERSIGN_TEST_MODE", mode)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("child: ").map(str::to_owned)))
}

async fn open_after_crash(db: &TestDatabase) -> Database {
    if db.kind() == EngineKind::Sqlite {
        // First one that only reads, which has to find its way through what the dead process left in the log.
        let reading = OpenOptions { access: OpenMode::Read, ..OpenOptions::default() };
        let reader = Database::open(db.url(), &reading).await.unwrap();
        assert_eq!(reader.fetch_one(&UNSURE, args![]).await.unwrap().get::<i64>(0).unwrap(), 0);
        reader.close().await;
    }
    Database::open(db.url(), &OpenOptions::default()).await.unwrap()
}

both_engines! { with ENTRIES;
    async fn what_was_answered_is_there_after_a_kill(db: &TestDatabase) {
        db.close().await;
        let (mut child, mut lines) = child("commits", db.url());
        let answered = lines.by_ref().take(60).map(|line| line.parse::<i64>().unwrap()).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        // It may have gone on until the signal came.
        let answered = lines.map(|line| line.parse::<i64>().unwrap()).last().unwrap_or(answered);

        let database = open_after_crash(db).await;
        let row = database.fetch_one(&SURE, args![]).await.unwrap();
        let (count, first, last) = (row.get::<i64>(0).unwrap(), row.get::<i64>(1).unwrap(), row.get::<i64>(2).unwrap());
        assert!(last == answered || last == answered + 1, "{answered} were answered, {last} is the last");
        assert_eq!((first, count), (0, last + 1), "none is missing in between");
        database.close().await;
    }

    async fn what_was_not_committed_is_gone_after_a_kill(db: &TestDatabase) {
        db.close().await;
        let (mut child, mut lines) = child("hangs", db.url());
        assert_eq!(lines.next().as_deref(), Some("in the middle"));
        child.kill().unwrap();
        child.wait().unwrap();
        let database = open_after_crash(db).await;
        assert_eq!(database.fetch_one(&UNSURE, args![]).await.unwrap().get::<i64>(0).unwrap(), 0);
        assert_eq!(database.fetch_one(&SURE, args![]).await.unwrap().get::<i64>(0).unwrap(), 1);
        let mut transaction = database.write().await.unwrap();
        transaction.execute(&INSERT, args![2_i64, vec![1_u8], true]).await.unwrap();
        transaction.commit().await.unwrap();
        database.close().await;
    }
}

/// The other process of the tests above; by itself it writes a few entries into a database of its own.
#[test]
fn what_is_written_by_the_other_process_is_there() {
    match std::env::var("COUNTERSIGN_TEST_CHILD") {
        Ok(url) => {
            let url = DatabaseUrl::parse(&url).unwrap();
            let hangs = std::env::var("COUNTERSIGN_TEST_MODE").unwrap() == "hangs";
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(write_until_killed(&url, hangs));
        }
        Err(_) => testing::run(EngineKind::Sqlite, ENTRIES, async |db| {
            for id in 0..3 {
                write(db, id).await;
            }
            assert_eq!(db.fetch_one(&SURE, args![]).await.unwrap().get::<i64>(0).unwrap(), 3);
        }),
    }
}

async fn write(database: &Database, id: i64) {
    let mut transaction = database.write().await.unwrap();
    transaction.execute(&INSERT, args![id, vec![7_u8; 3000], true]).await.unwrap();
    transaction.commit().await.unwrap();
}

#[expect(clippy::print_stdout, reason = "the parent waits for these lines")]
async fn write_until_killed(url: &DatabaseUrl, hangs: bool) {
    let database = Database::open(url, &OpenOptions::default()).await.unwrap();
    let mut id = 0;
    println!();
    loop {
        write(&database, id).await;
        if hangs {
            break;
        }
        println!("child: {id}");
        id += 1;
    }
    // More than the page cache holds, so that a part of it stands in the file's log already.
    let mut transaction = database.write().await.unwrap();
    for id in 1_000..1_100_i64 {
        transaction.execute(&INSERT, args![id, vec![7_u8; 100_000], false]).await.unwrap();
    }
    println!("child: in the middle");
    std::future::pending::<()>().await;
}
