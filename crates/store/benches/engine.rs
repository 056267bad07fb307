//! What a statement costs, to be read by people: `cargo bench -p countersign-store`.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]
#![expect(clippy::print_stdout, reason = "its figures are for people to read")]

use std::time::{Duration, Instant};

use countersign_store::engine::{Bulk, Database, EngineKind, Migration, Select as _, Value};
use countersign_store::testing::run;
use countersign_store::{args, statements};
use uuid::Uuid;

statements! {
    ONE = "select id, name, size from items where id = $1";
    HEAD = "update head set size = size + $1 returning size";
    INSERT = "insert into wide (a, b, c, d, e, f, g, h, i) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    ADD = "insert into items (id, name, size) values ($1, $2, $3)";
}

static WIDE: Bulk = Bulk::new("WIDE", "insert into wide (a, b, c, d, e, f, g, h, i)", 9, "");

const SCHEMA: &[Migration] = &[Migration {
    number: 1,
    name: "0001_speed",
    sqlite: "create table items (id blob primary key not null, name text not null, size integer not null);
             create table head (size integer not null);
             insert into head values (0);
             create table wide (a integer primary key not null, b blob, c text, d text, e blob, f text, g integer,
                 h boolean, i text);",
    postgres: "create table items (id uuid primary key, name text not null, size bigint not null);
               create table head (size bigint not null);
               insert into head values (0);
               create table wide (a bigint primary key, b uuid, c text, d text, e bytea, f text, g bigint, h boolean,
                   i text);",
}];

fn wide(seq: i64) -> [Value; 9] {
    let id = Uuid::from_u128(seq.unsigned_abs().into());
    args![seq, id, "token.shown", "a name of usual length", vec![7_u8; 32], "why it was asked", seq, true, "{}"]
}

fn report(kind: EngineKind, what: &str, times: u32, took: Duration) {
    println!("{kind:?}: {what}: {:.1} µs", took.as_secs_f64() * 1e6 / f64::from(times));
}

const TIMES: u32 = 2000;

async fn measure(kind: EngineKind, db: &Database) {
    let mut tx = db.write().await.unwrap();
    for n in 0..1000_u128 {
        tx.execute(&ADD, args![Uuid::from_u128(n), format!("account {n}"), 7_i64]).await.unwrap();
    }
    tx.commit().await.unwrap();

    let began = Instant::now();
    for n in 0..TIMES {
        let row = db.fetch_optional(&ONE, args![Uuid::from_u128(u128::from(n % 1000))]).await.unwrap().unwrap();
        assert_eq!(row.get::<i64>(2).unwrap(), 7);
    }
    report(kind, "one read by itself", TIMES, began.elapsed());

    let began = Instant::now();
    for n in 0..TIMES {
        let mut reader = db.read().await.unwrap();
        reader.fetch_optional(&ONE, args![Uuid::from_u128(u128::from(n % 1000))]).await.unwrap().unwrap();
    }
    report(kind, "a read transaction with one select", TIMES, began.elapsed());

    measure_transactions(kind, db).await;
}

async fn measure_transactions(kind: EngineKind, db: &Database) {
    let mut tx = db.write().await.unwrap();
    let began = Instant::now();
    for n in 0..TIMES {
        tx.fetch_optional(&ONE, args![Uuid::from_u128(u128::from(n % 1000))]).await.unwrap().unwrap();
    }
    report(kind, "a select in a transaction", TIMES, began.elapsed());
    let began = Instant::now();
    for n in 0..i64::from(TIMES) {
        tx.execute(&INSERT, wide(n)).await.unwrap();
    }
    report(kind, "an insert of 9 columns in a transaction", TIMES, began.elapsed());
    let began = Instant::now();
    for block in 0..200_i64 {
        let values: Vec<Value> = (0..64).flat_map(|n| wide(10_000 + block * 64 + n)).collect();
        tx.execute_bulk(&WIDE, values).await.unwrap();
    }
    report(kind, "an insert of 64 rows of 9 columns", 200, began.elapsed());
    tx.commit().await.unwrap();

    let mut seq = 100_000;
    for rows in [1, 64] {
        let began = Instant::now();
        for _ in 0..200 {
            let mut tx = db.write().await.unwrap();
            tx.fetch_one(&HEAD, args![rows]).await.unwrap();
            let values: Vec<Value> = (0..rows).flat_map(|n| wide(seq + n)).collect();
            seq += rows;
            tx.execute_bulk(&WIDE, values).await.unwrap();
            tx.commit().await.unwrap();
        }
        report(kind, &format!("a durable group: begin, head, {rows} rows, commit"), 200, began.elapsed());
    }
}

fn main() {
    for kind in [EngineKind::Sqlite, EngineKind::Postgres] {
        run(kind, SCHEMA, async |db| {
            measure(kind, db).await;
            let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
            println!(
                "{kind:?}: {}",
                status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("memory: unknown")
            );
        });
    }
}
