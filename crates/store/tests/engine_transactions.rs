//! What transactions, readers and values promise, on both engines.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use std::time::Duration;

use countersign_store::engine::{Bulk, Database, Error, Migration, Row, Select as _, Value};
use countersign_store::{args, both_engines, statements};
use uuid::Uuid;

statements! {
    INSERT = "insert into people (id, name) values ($1, $2)";
    COUNT = "select count(*) from people";
    NAMES = "select name from people order by id";
    ADD = "insert into people (id, name) values ($1, $2) returning id, name";
    OWN = "insert into things (person, what) values ($1, $2)";
    TAG = "insert into tags (tag) values ($1)";
    LEAVE = "delete from people where id = $1";
    RAISE = "update counter set n = n + 1 returning n";
    NUMBER = "select n from counter";
    ALL_TYPES = "insert into kinds (b, i, t, y, u) values ($1, $2, $3, $4, $5) returning b, i, t, y, u";
    BROKEN = "select nonsense from nowhere";
}

static MANY: Bulk = Bulk::new("MANY", "insert into people (id, name)", 2, "on conflict do nothing");

const SCHEMA: &[Migration] = &[Migration {
    number: 1,
    name: "0001_people",
    sqlite: "create table people (id integer primary key not null, name text not null);
             create unique index people_name on people (name);
             create table things (
                 person integer not null references people (id),
                 what text not null,
                 primary key (person, what)
             );
             create table tags (tag text not null);
             create unique index tags_lower on tags (lower(tag));
             create table counter (n integer not null);
             insert into counter values (0);
             create table kinds (b boolean, i integer, t text, y blob, u blob);",
    postgres: "create table people (id bigint primary key, name text not null);
               create unique index people_name on people (name);
                 create table things (
                   person bigint not null references people (id),
                   what text not null,
                   primary key (person, what)
               );
               create table tags (tag text not null);
             create unique index tags_lower on tags (lower(tag));
               create table counter (n bigint not null);
               insert into counter values (0);
               create table kinds (b boolean, i bigint, t text, y bytea, u uuid);",
}];

async fn count(db: &Database) -> i64 {
    db.fetch_one(&COUNT, args![]).await.unwrap().get(0).unwrap()
}

async fn commit_one(db: &Database, id: i64, name: &str) {
    let mut transaction = db.write().await.unwrap();
    transaction.execute(&INSERT, args![id, name]).await.unwrap();
    transaction.commit().await.unwrap();
}

/// Starts a future and gives it up as soon as it has to wait. False when it never had to, which a quick engine may do now
/// and then.
async fn given_up<F: Future>(future: F) -> bool {
    tokio::select! {
        biased;
        _ = future => false,
        () = std::future::ready(()) => true,
    }
}

both_engines! { with SCHEMA;
    async fn what_is_committed_stays(db: &TestDatabase) {
        let mut transaction = db.write().await.unwrap();
        assert_eq!(transaction.execute(&INSERT, args![1_i64, "ann"]).await.unwrap(), 1);
        assert_eq!(transaction.execute(&LEAVE, args![7_i64]).await.unwrap(), 0);
        transaction.commit().await.unwrap();
        let names = db.fetch_all(&NAMES, args![]).await.unwrap();
        assert_eq!(names.iter().map(|row| row.get::<String>(0).unwrap()).collect::<Vec<_>>(), ["ann"]);
    }

    async fn what_is_dropped_never_was_before_the_next_one_writes(db: &TestDatabase) {
        for round in 0..20 {
            let mut transaction = db.write().await.unwrap();
            transaction.execute(&INSERT, args![1_i64, "ann"]).await.unwrap();
            drop(transaction);
            let mut next = db.write().await.unwrap();
            let seen: i64 = next.fetch_one(&COUNT, args![]).await.unwrap().get(0).unwrap();
            assert_eq!(seen, 0, "round {round}");
        }
    }

    async fn a_failed_statement_spoils_its_transaction(db: &TestDatabase) {
        let mut transaction = db.write().await.unwrap();
        transaction.execute(&INSERT, args![1_i64, "ann"]).await.unwrap();
        let error = transaction.execute(&BROKEN, args![]).await.unwrap_err();
        assert!(matches!(&error, Error::Other { detail } if detail.contains("BROKEN")), "{error}");
        let error = transaction.execute(&INSERT, args![2_i64, "bob"]).await.unwrap_err();
        assert!(matches!(error, Error::Spoiled { .. }), "{error}");
        assert!(matches!(transaction.commit().await, Err(Error::Spoiled { .. })));
        assert_eq!(count(db).await, 0);
        commit_one(db, 1, "ann").await;
        assert_eq!(count(db).await, 1);
    }

    async fn a_statement_given_up_half_way_spoils_its_transaction(db: &TestDatabase) {
        let mut seen = 0;
        for _ in 0..20 {
            let mut transaction = db.write().await.unwrap();
            transaction.execute(&INSERT, args![1_i64, "ann"]).await.unwrap();
            if given_up(transaction.execute(&INSERT, args![2_i64, "bob"])).await {
                seen += 1;
                assert!(matches!(transaction.commit().await, Err(Error::Spoiled { .. })));
            }
        }
        assert!(seen > 0, "not one of them had to wait");
        assert_eq!(count(db).await, 0);
        commit_one(db, 1, "ann").await;
    }

    async fn a_begin_given_up_half_way_leaves_nothing_open(db: &TestDatabase) {
        commit_one(db, 1, "ann").await;
        for _ in 0..20 {
            given_up(db.write()).await;
            given_up(db.read()).await;
            given_up(db.fetch_all(&NAMES, args![])).await;
        }
        commit_one(db, 2, "bob").await;
        assert_eq!(count(db).await, 2);
    }

    async fn a_commit_given_up_half_way_leaves_the_writer_usable(db: &TestDatabase) {
        for id in 0..20 {
            let mut transaction = db.write().await.unwrap();
            transaction.execute(&INSERT, args![id, format!("name {id}")]).await.unwrap();
            given_up(transaction.commit()).await;
            commit_one(db, 100 + id, &format!("name {}", 100 + id)).await;
        }
        // Whether each given-up commit happened is open; that those after it did is not.
        assert!((20..=40).contains(&count(db).await));
    }

    async fn a_reader_sees_one_snapshot(db: &TestDatabase) {
        commit_one(db, 1, "ann").await;
        let mut reader = db.read().await.unwrap();
        let before: i64 = reader.fetch_one(&COUNT, args![]).await.unwrap().get(0).unwrap();
        commit_one(db, 2, "bob").await;
        let after: i64 = reader.fetch_one(&COUNT, args![]).await.unwrap().get(0).unwrap();
        assert_eq!((before, after), (1, 1));
        drop(reader);
        assert_eq!(count(db).await, 2);
    }

    async fn a_reader_refuses_to_write(db: &TestDatabase) {
        let mut reader = db.read().await.unwrap();
        let error = reader.fetch_all(&ADD, args![1_i64, "ann"]).await.err().unwrap();
        assert!(matches!(error, Error::Other { .. }), "{error}");
        drop(reader);
        assert_eq!(count(db).await, 0);
    }

    async fn more_readers_than_connections_take_turns(db: &TestDatabase) {
        commit_one(db, 1, "ann").await;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let db: Database = (**db).clone();
            tasks.spawn(async move {
                let mut reader = db.read().await.unwrap();
                reader.fetch_one(&COUNT, args![]).await.unwrap().get::<i64>(0).unwrap()
            });
        }
        assert_eq!(tasks.join_all().await, vec![1; 40]);
    }

    async fn writers_lose_no_update(db: &TestDatabase) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let db: Database = (**db).clone();
            tasks.spawn(async move {
                for _ in 0..10 {
                    let mut transaction = db.write().await.unwrap();
                    transaction.fetch_one(&RAISE, args![]).await.unwrap();
                    transaction.commit().await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        assert_eq!(db.fetch_one(&NUMBER, args![]).await.unwrap().get::<i64>(0).unwrap(), 80);
    }

    async fn a_conflict_names_its_columns_alike(db: &TestDatabase) {
        commit_one(db, 1, "ann").await;
        let mut transaction = db.write().await.unwrap();
        transaction.execute(&OWN, args![1_i64, "hoodie"]).await.unwrap();
        transaction.execute(&TAG, args!["Hoodie"]).await.unwrap();
        transaction.commit().await.unwrap();
        let cases: [(_, Vec<Value>, _); 4] = [
            (&INSERT, args![1_i64, "cid"].into(), "people.id"),
            (&INSERT, args![3_i64, "ann"].into(), "people.name"),
            (&OWN, args![1_i64, "hoodie"].into(), "things.person, things.what"),
            (&TAG, args!["hoodie"].into(), "tags_lower"),
        ];
        for (statement, values, on) in cases {
            let error = db.write().await.unwrap().execute(statement, values).await.unwrap_err();
            assert!(error.conflicts_on(on), "{error:?}");
            assert!(!error.to_string().to_lowercase().contains("hoodie"), "{error}");
        }
    }

    async fn a_missing_row_is_told_apart(db: &TestDatabase) {
        let error = db.write().await.unwrap().execute(&OWN, args![9_i64, "hoodie"]).await.unwrap_err();
        assert!(matches!(error, Error::Dangling { .. }), "{error}");
        commit_one(db, 1, "ann").await;
        let mut transaction = db.write().await.unwrap();
        transaction.execute(&OWN, args![1_i64, "hoodie"]).await.unwrap();
        let error = transaction.execute(&LEAVE, args![1_i64]).await.unwrap_err();
        assert!(matches!(error, Error::Dangling { .. }), "{error}");
    }

    async fn many_rows_go_in_at_once(db: &TestDatabase) {
        let mut values = Vec::new();
        for id in 0..203_i64 {
            values.extend(args![id, format!("name {id}")]);
        }
        let mut transaction = db.write().await.unwrap();
        assert_eq!(transaction.execute_bulk(&MANY, values.clone()).await.unwrap(), 203);
        assert_eq!(transaction.execute_bulk(&MANY, values).await.unwrap(), 0, "all of them are there already");
        transaction.commit().await.unwrap();
        let names = db.fetch_all(&NAMES, args![]).await.unwrap();
        assert!(names.iter().enumerate().all(|(id, row)| row.get::<String>(0).unwrap() == format!("name {id}")));
    }

    async fn every_type_comes_back_as_it_was(db: &TestDatabase) {
        let id = Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        let mut transaction = db.write().await.unwrap();
        let full = args![true, i64::MIN, "Grüße, \u{1f511} 'quoted' $1", vec![0_u8, 255, 39], id];
        let row = transaction.fetch_one(&ALL_TYPES, full).await.unwrap();
        assert!(row.get::<bool>(0).unwrap());
        assert_eq!(row.get::<i64>(1).unwrap(), i64::MIN);
        assert_eq!(row.get::<String>(2).unwrap(), "Grüße, \u{1f511} 'quoted' $1");
        assert_eq!(row.get::<Vec<u8>>(3).unwrap(), [0, 255, 39]);
        assert_eq!(row.get::<Uuid>(4).unwrap(), id);
        assert_eq!(row.get::<Option<Uuid>>(4).unwrap(), Some(id));

        let none = args![None::<bool>, None::<i64>, None::<&str>, None::<Vec<u8>>, None::<Uuid>];
        let row = transaction.fetch_one(&ALL_TYPES, none).await.unwrap();
        assert_eq!(row.get::<Option<bool>>(0).unwrap(), None);
        assert_eq!(row.get::<Option<i64>>(1).unwrap(), None);
        assert_eq!(row.get::<Option<String>>(2).unwrap(), None);
        assert_eq!(row.get::<Option<Vec<u8>>>(3).unwrap(), None);
        assert_eq!(row.get::<Option<Uuid>>(4).unwrap(), None);

        let empty = args![false, 0_i64, "", Vec::<u8>::new(), Uuid::nil()];
        let row: Row = transaction.fetch_one(&ALL_TYPES, &empty).await.unwrap();
        assert_eq!(row.get::<Option<String>>(2).unwrap().as_deref(), Some(""));
        assert_eq!(row.get::<Option<Vec<u8>>>(3).unwrap().as_deref(), Some(&[][..]));
    }

    async fn a_column_of_another_type_is_an_error(db: &TestDatabase) {
        let row = db.fetch_one(&COUNT, args![]).await.unwrap();
        assert!(matches!(row.get::<String>(0), Err(Error::Corrupt { .. })));
        assert!(matches!(row.get::<i64>(1), Err(Error::Corrupt { .. })));
        let mut transaction = db.write().await.unwrap();
        let none = args![None::<bool>, None::<i64>, None::<&str>, None::<Vec<u8>>, None::<Uuid>];
        let row = transaction.fetch_one(&ALL_TYPES, none).await.unwrap();
        assert!(matches!(row.get::<i64>(1), Err(Error::Corrupt { .. })), "a null is no number");
    }

    async fn no_row_is_none_and_not_an_error(db: &TestDatabase) {
        assert!(db.fetch_optional(&NAMES, args![]).await.unwrap().is_none());
        assert!(matches!(db.fetch_one(&NAMES, args![]).await, Err(Error::Other { .. })));
    }

    async fn a_closed_database_says_so(db: &TestDatabase) {
        let other: Database = (**db).clone();
        tokio::time::timeout(Duration::from_secs(30), other.close()).await.unwrap();
        for error in [
            db.fetch_one(&COUNT, args![]).await.err().unwrap(),
            db.read().await.err().unwrap(),
            db.write().await.err().unwrap(),
        ] {
            assert!(matches!(&error, Error::Unavailable { detail } if detail.contains("closed")), "{error}");
        }
    }
}
