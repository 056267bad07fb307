//! What a transaction promises, on both engines.

use countersign_store::engine::{Error, Migration, Row, Select as _, Value};
use countersign_store::{args, both_engines, statements};

statements! {
    INSERT = "insert into people (id, name) values ($1, $2)";
    COUNT = "select count(*) from people";
    NAMES = "select name from people order by id";
}

const PEOPLE: &[Migration] = &[Migration {
    number: 1,
    name: "0001_people",
    sqlite: "create table people (id integer primary key not null, name text not null);
             create unique index people_name on people (name);",
    postgres: "create table people (id bigint primary key, name text not null);
               create unique index people_name on people (name);",
}];

fn number(row: &Row) -> i64 {
    row.get(0).unwrap()
}

both_engines! { with super::PEOPLE;
    async fn what_is_committed_stays(db: &TestDatabase) {
        let mut transaction = db.write().await.unwrap();
        assert_eq!(transaction.execute(&INSERT, args![1_i64, "ann"]).await.unwrap(), 1);
        transaction.commit().await.unwrap();
        assert_eq!(number(&db.fetch_one(&COUNT, args![]).await.unwrap()), 1);
    }
}
