//! PostgreSQL: down and up again, too slow, too busy, two who are in each other's way.

use std::time::Duration;

use countersign_store::engine::{
    Database, DatabaseUrl, EngineKind, Error, Migration, OpenError, OpenMode, OpenOptions, Select as _,
};
use countersign_store::testing::{CuttableLink, TestDatabase, run};
use countersign_store::{args, statements};

statements! {
    ONE = "select n from numbers where id = 1";
    SET = "update numbers set n = $2 where id = $1";
    SLEEP = "select 1", postgres: "select pg_sleep(60)::text";
    SETTING = "select 1", postgres: "select current_setting('synchronous_commit')";
    TURN_OFF = "select 1", postgres: "do $$ begin
        execute format('alter database %I set synchronous_commit = off', current_database()); end $$";
    NO_TABLE = "select 1 from nowhere";
    BAD_VALUE = "select 1", postgres: "select cast($1 as bigint)";
}

const NUMBERS: &[Migration] = &[Migration {
    number: 1,
    name: "0001_numbers",
    sqlite: "create table numbers (id integer primary key not null, n integer not null);
             insert into numbers values (1, 10), (2, 20);",
    postgres: "create table numbers (id bigint primary key, n bigint not null);
               insert into numbers values (1, 10), (2, 20);",
}];

fn with_postgres(body: impl AsyncFnOnce(&TestDatabase)) {
    run(EngineKind::Postgres, NUMBERS, body);
}

fn impatient() -> OpenOptions {
    OpenOptions {
        access: OpenMode::Serve,
        wait: Duration::from_millis(1500),
        busy: Duration::from_millis(200),
        statement: Duration::from_millis(400),
        postgres_connections: 2,
        ..OpenOptions::default()
    }
}

#[test]
fn down_is_unavailable_and_up_again_works() {
    with_postgres(async |db| {
        let mut link = CuttableLink::to(db).await;
        let database = Database::open(&link.url(), &impatient()).await.unwrap();
        assert_eq!(database.fetch_one(&ONE, args![]).await.unwrap().get::<i64>(0).unwrap(), 10);
        let mut open = database.write().await.unwrap();
        open.execute(&SET, args![1_i64, 11_i64]).await.unwrap();
        let mut reader = database.read().await.unwrap();

        link.cut().await;
        let unavailable = |error: Error| assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        unavailable(open.execute(&SET, args![2_i64, 21_i64]).await.unwrap_err());
        drop(open);
        unavailable(reader.fetch_one(&ONE, args![]).await.err().unwrap());
        drop(reader);
        unavailable(database.fetch_one(&ONE, args![]).await.err().unwrap());
        unavailable(database.write().await.err().unwrap());
        unavailable(database.read().await.err().unwrap());

        link.mend().await;
        assert_eq!(database.fetch_one(&ONE, args![]).await.unwrap().get::<i64>(0).unwrap(), 10);
        let mut transaction = database.write().await.unwrap();
        transaction.execute(&SET, args![1_i64, 12_i64]).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(db.fetch_one(&ONE, args![]).await.unwrap().get::<i64>(0).unwrap(), 12);
        database.close().await;
    });
}

#[test]
fn a_commit_without_answer_is_unavailable() {
    with_postgres(async |db| {
        let mut link = CuttableLink::to(db).await;
        let database = Database::open(&link.url(), &impatient()).await.unwrap();
        let mut transaction = database.write().await.unwrap();
        transaction.execute(&SET, args![1_i64, 11_i64]).await.unwrap();
        link.cut().await;
        let error = transaction.commit().await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        database.close().await;
    });
}

#[test]
fn nobody_there_is_said_at_once() {
    with_postgres(async |db| {
        let mut link = CuttableLink::to(db).await;
        link.cut().await;
        let error = Database::open(&link.url(), &impatient()).await.unwrap_err();
        assert!(matches!(&error, OpenError::Database { source: Error::Unavailable { .. }, .. }), "{error:?}");
        assert!(error.to_string().contains("refused"), "{error}");
    });
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://ann:s3cret@{}/vault", silent.local_addr().unwrap());
        let url = DatabaseUrl::parse(&url).unwrap();
        let options = OpenOptions { wait: Duration::from_millis(300), ..impatient() };
        let error = Database::open(&url, &options).await.unwrap_err();
        assert!(matches!(&error, OpenError::Database { source: Error::Unavailable { .. }, .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    });
}

#[test]
fn a_database_that_is_not_there_is_named() {
    with_postgres(async |db| {
        let there = db.url().to_string();
        let (_, query) = there.split_once('?').unwrap_or((&there, ""));
        let url = DatabaseUrl::parse(&format!("postgres://countersign@localhost/nowhere?{query}")).unwrap();
        let error = Database::open(&url, &impatient()).await.unwrap_err();
        assert!(error.to_string().contains("nowhere"), "{error}");
    });
}

#[test]
fn a_statement_that_runs_too_long_is_unavailable() {
    with_postgres(async |db| {
        let database = Database::open(db.url(), &impatient()).await.unwrap();
        let error = database.fetch_one(&SLEEP, args![]).await.err().unwrap();
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        assert_eq!(database.fetch_one(&ONE, args![]).await.unwrap().get::<i64>(0).unwrap(), 10);
        database.close().await;
    });
}

#[test]
fn no_free_connection_is_busy() {
    with_postgres(async |db| {
        let database = Database::open(db.url(), &impatient()).await.unwrap();
        let held = (database.read().await.unwrap(), database.read().await.unwrap());
        let error = database.fetch_one(&ONE, args![]).await.err().unwrap();
        assert!(matches!(&error, Error::Busy { detail } if detail.contains("connection")), "{error:?}");
        drop(held);
        database.fetch_one(&ONE, args![]).await.unwrap();
        database.close().await;
    });
}

#[test]
fn a_row_that_stays_locked_is_stale() {
    with_postgres(async |db| {
        let database = Database::open(db.url(), &impatient()).await.unwrap();
        let mut first = database.write().await.unwrap();
        first.execute(&SET, args![1_i64, 11_i64]).await.unwrap();
        let mut second = database.write().await.unwrap();
        let error = second.execute(&SET, args![1_i64, 12_i64]).await.unwrap_err();
        assert!(error.is_retryable(), "{error:?}");
        drop(second);
        first.commit().await.unwrap();
        database.close().await;
    });
}

#[test]
fn of_two_in_each_others_way_one_is_stale() {
    with_postgres(async |db| {
        let options = OpenOptions { busy: Duration::from_secs(20), statement: Duration::from_secs(20), ..impatient() };
        let database = Database::open(db.url(), &options).await.unwrap();
        let (mut first, mut second) = (database.write().await.unwrap(), database.write().await.unwrap());
        first.execute(&SET, args![1_i64, 11_i64]).await.unwrap();
        second.execute(&SET, args![2_i64, 21_i64]).await.unwrap();
        let results = tokio::join!(first.execute(&SET, args![2_i64, 22_i64]), async {
            let result = second.execute(&SET, args![1_i64, 12_i64]).await;
            drop(second);
            result
        });
        let stale = [&results.0, &results.1].iter().filter(|it| it.as_ref().is_err_and(Error::is_retryable)).count();
        assert_eq!(stale, 1, "{results:?}");
        drop(first);
        database.close().await;
    });
}

#[test]
fn an_error_quotes_no_value() {
    with_postgres(async |db| {
        let error = db.fetch_one(&BAD_VALUE, args!["hunter2"]).await.err().unwrap();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("hunter2") && text.contains("BAD_VALUE"), "{text}");
    });
}

#[test]
fn a_server_that_falls_silent_is_given_up() {
    with_postgres(async |db| {
        let link = CuttableLink::to(db).await;
        let database = Database::open(&link.url(), &impatient()).await.unwrap();
        let mut open = database.write().await.unwrap();
        database.fetch_one(&ONE, args![]).await.unwrap();
        link.set_silent(true);
        // The limit of a statement, two seconds of grace, and what a busy machine needs.
        let bound = Duration::from_secs(20);
        let silent = |what: &str, error: Option<Error>| {
            assert!(matches!(&error, Some(Error::Unavailable { .. })), "{what}: {error:?}");
        };
        let begun = std::time::Instant::now();
        silent("a statement", open.execute(&SET, args![1_i64, 11_i64]).await.err());
        let next = open.execute(&SET, args![1_i64, 11_i64]).await;
        assert!(matches!(next, Err(Error::Spoiled { .. })), "{next:?}");
        silent("a select by itself", database.fetch_one(&ONE, args![]).await.err());
        silent("a beginning", database.write().await.err());
        assert!(begun.elapsed() < bound, "{:?}", begun.elapsed());
        drop(open);

        link.set_silent(false);
        assert_eq!(database.fetch_one(&ONE, args![]).await.unwrap().get::<i64>(0).unwrap(), 10);
        let transaction = database.write().await.unwrap();
        transaction.commit().await.unwrap();
        let begun = std::time::Instant::now();
        link.set_silent(true);
        database.close().await;
        assert!(begun.elapsed() < bound, "closing took {:?}", begun.elapsed());
    });
}

/// Both connections are from before the cut and were used just now, so nobody asks whether they live.
#[test]
fn after_a_restart_no_beginning_fails() {
    with_postgres(async |db| {
        for by_itself in [true, false] {
            let mut link = CuttableLink::to(db).await;
            let database = Database::open(&link.url(), &impatient()).await.unwrap();
            let both = (database.read().await.unwrap(), database.read().await.unwrap());
            drop(both);
            link.cut().await;
            link.mend().await;
            for _ in 0..4 {
                if by_itself {
                    assert_eq!(database.fetch_one(&ONE, args![]).await.unwrap().get::<i64>(0).unwrap(), 10);
                } else {
                    let transaction = database.write().await.unwrap();
                    transaction.commit().await.unwrap();
                }
            }
            database.close().await;
        }
    });
}

/// The server is still starting when somebody asks.
#[test]
fn a_server_that_comes_back_in_time_is_waited_for() {
    with_postgres(async |db| {
        let mut link = CuttableLink::to(db).await;
        let patient = OpenOptions { wait: Duration::from_secs(20), ..impatient() };
        let database = Database::open(&link.url(), &patient).await.unwrap();
        link.cut().await;
        let asked = tokio::spawn({
            let database = database.clone();
            async move { database.fetch_one(&ONE, args![]).await.map(|row| row.get::<i64>(0).unwrap()) }
        });
        link.mend().await;
        assert_eq!(asked.await.unwrap().unwrap(), 10);
        database.close().await;
    });
}

/// Whatever the server, the role or the database is set to.
#[test]
fn promise_1_each_commit_waits_for_the_disk() {
    with_postgres(async |db| {
        let mut tx = db.write().await.unwrap();
        tx.execute(&TURN_OFF, args![]).await.unwrap();
        tx.commit().await.unwrap();
        let database = Database::open(db.url(), &impatient()).await.unwrap();
        let setting = database.fetch_one(&SETTING, args![]).await.unwrap().get::<String>(0).unwrap();
        assert_eq!(setting, "on");
        database.close().await;
    });
}

#[test]
fn errors_name_nothing_of_the_inside_unless_asked() {
    with_postgres(async |db| {
        let error = db.fetch_one(&NO_TABLE, args![]).await.err().unwrap();
        assert!(!error.to_string().contains("nowhere") && !error.to_string().contains("NO_TABLE"), "{error}");
        assert!(format!("{error:#}").contains("nowhere") && error.detail().contains("NO_TABLE"), "{error:#}");
    });
}
