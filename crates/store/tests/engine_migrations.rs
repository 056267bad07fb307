//! Bringing a schema up to date, on both engines.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use countersign_store::engine::{Database, Error, MigrateError, Migration, OpenOptions};
use countersign_store::testing::TestDatabase;
use countersign_store::{args, both_engines, statements};

statements! {
    WHAT = "select what from one";
    WHAT_TWO = "select what from two";
    STEPS = "select count(*) from schema_version";
}

const fn step(number: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration { number, name, sqlite: sql, postgres: sql }
}

const ONE: Migration = step(1, "0001_one", "create table one (what text not null); insert into one values ('first');");
const TWO: Migration =
    step(2, "0002_two", "create table two (what text not null); insert into two select what from one;");
const WRONG: Migration =
    step(3, "0003_wrong", "create table three (what text not null); insert into nowhere values (1);");

async fn open_again(db: &TestDatabase) -> Database {
    // A server has the SQLite file for itself, so the first one ends.
    db.close().await;
    Database::open(db.url(), &OpenOptions::default()).await.unwrap()
}

both_engines! { with &[ONE];
    async fn an_older_database_is_upgraded_and_keeps_its_rows(db: &TestDatabase) {
        let db = open_again(db).await;
        assert_eq!(db.migrate(&[ONE, TWO], 5).await.unwrap(), 1);
        assert_eq!(db.migrate(&[ONE, TWO], 6).await.unwrap(), 0, "nothing is left to do");
        let row = db.fetch_one(&WHAT_TWO, args![]).await.unwrap();
        assert_eq!(row.get::<String>(0).unwrap(), "first");
        db.close().await;
    }

    async fn a_newer_database_is_refused(db: &TestDatabase) {
        db.migrate(&[ONE, TWO], 5).await.unwrap();
        let error = db.migrate(&[ONE], 6).await.unwrap_err();
        assert!(matches!(error, MigrateError::Newer { found: 2, known: 1 }), "{error}");
        assert!(error.to_string().contains("newer version of the program"), "{error}");
    }

    async fn an_edited_step_is_refused(db: &TestDatabase) {
        let edited = step(1, "0001_one", "create table one (what text not null);");
        let error = db.migrate(&[edited, TWO], 5).await.unwrap_err();
        assert!(matches!(error, MigrateError::Changed { number: 1, .. }), "{error}");
        assert_eq!(db.migrate(&[ONE], 5).await.unwrap(), 0);
    }

    async fn a_failing_step_leaves_everything_as_it_was(db: &TestDatabase) {
        let error = db.migrate(&[ONE, TWO, WRONG], 5).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Database(Error::Other { detail }) if detail.contains("0003_wrong")), "{error}");
        assert_eq!(db.fetch_one(&STEPS, args![]).await.unwrap().get::<i64>(0).unwrap(), 1);
        assert!(db.fetch_all(&WHAT_TWO, args![]).await.is_err(), "step 2 went back with step 3");
        assert_eq!(db.migrate(&[ONE, TWO], 5).await.unwrap(), 1);
    }

    async fn several_that_start_at_once_migrate_once(db: &TestDatabase) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let db: Database = (**db).clone();
            tasks.spawn(async move { db.migrate(&[ONE, TWO], 5).await.unwrap() });
        }
        assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), 1);
        assert_eq!(db.fetch_all(&WHAT, args![]).await.unwrap().len(), 1);
    }
}

both_engines! { with &[];
    // Where no `schema_version` exists yet, two nodes race for making it.
    async fn several_that_start_on_an_empty_database_migrate_once(db: &TestDatabase) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let db: Database = (**db).clone();
            tasks.spawn(async move { db.migrate(&[ONE, TWO], 5).await.unwrap() });
        }
        assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), 2);
    }
}
