//! The log in blocks: whatever stands in it is found by what a filter asks, indexed or not, and as from before blocks.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]
#![expect(
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "small counts"
)]

use countersign_audit::{
    ActorRef, AuditAction, AuditActorKind, AuditEntry, ChainHead, ObjectKind, Record, daily::DailyUses, index::RUN,
};
use countersign_model::{CountingChance, Timestamp, VaultId};
use countersign_store::{
    args,
    audit::{self, ActivityOf, RecordFilter},
    both_engines,
    engine::{Database, Error, Transaction},
    statements,
    vault::{self, LogEnd},
};
use uuid::Uuid;

statements! {
    BLOCKS = "select count(*), sum(last - first + 1) from audit_block",
        postgres: "select count(*), cast(sum(last - first + 1) as bigint) from audit_block";
    ROW = "insert into audit_record (seq, at, actor_kind, actor, actor_name, act, object_kind, object, object_name, reason, \
           details, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, null, $10, $11)";
    EDIT = "update audit_record set actor_name = 'mallory' where seq = $1";
    INDEXED = "select audit_indexed from vault";
}

async fn new_vault(database: &Database) -> VaultId {
    let id = VaultId::new(Timestamp::from_seconds(1), &CountingChance::default());
    let mut tx = database.write().await.unwrap();
    vault::insert(&mut tx, id, Timestamp::from_seconds(1), false).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Some people who do a few things with some credentials; one of them without an id, and one thing that happens once.
fn entry(number: i64) -> AuditEntry {
    let person = number % 7;
    let actor = if person == 0 {
        ActorRef::nobody("Mallory_%")
    } else {
        ActorRef {
            kind: AuditActorKind::User,
            id: Some(Uuid::from_u128(person as u128)),
            name: format!("Person {person}"),
        }
    };
    let act = match number % 101 {
        0 => AuditAction::PasswordRevealed,
        1 => AuditAction::SignedIn,
        _ => AuditAction::TokenRead,
    };
    let object = (number * 31 % 97) as u128 + 1_000;
    let name = if number == 777 { "Only Once Ä".to_owned() } else { format!("Site {object}") };
    AuditEntry::new(Timestamp::from_seconds(1_000 + number), actor, act)
        .on(ObjectKind::Credential, Uuid::from_u128(object), name)
        .with("step", number)
}

/// So many records, in transactions of the sizes given in turn.
async fn fill(database: &Database, count: i64, sizes: &[i64]) {
    let (mut number, mut turn) = (0, sizes.iter().cycle());
    while number < count {
        let mut tx = database.write().await.unwrap();
        // Several blocks a transaction, so that the test is not one of the disk.
        for _ in 0..64 {
            let size = (*turn.next().unwrap()).min(count - number);
            audit::append(&mut tx, (number..number + size).map(entry).collect()).await.unwrap();
            number += size;
        }
        tx.commit().await.unwrap();
    }
}

async fn index(database: &Database) {
    while let Some(run) = audit::next_run(&mut &*database).await.unwrap() {
        let mut tx = database.write().await.unwrap();
        audit::keep_run(&mut tx, run).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn filters() -> Vec<RecordFilter> {
    let mut filters = vec![RecordFilter::default()];
    let acts = [None, Some("token.read"), Some("password.revealed"), Some("vault.created")];
    let actors = [None, Some(3), Some(99)];
    let objects = [None, Some(1_031), Some(5)];
    for act in acts {
        for actor in actors {
            for object in objects {
                filters.push(RecordFilter {
                    act: act.map(str::to_owned),
                    actor: actor.map(Uuid::from_u128),
                    object: object.map(Uuid::from_u128),
                    ..RecordFilter::default()
                });
            }
        }
    }
    for search in ["only once ä", "ONCE", "site 1031", "site", "mallory_%", "nobody at all", "person 3"] {
        for act in acts {
            let (act, search) = (act.map(str::to_owned), Some(search.to_owned()));
            filters.push(RecordFilter { act: act.clone(), search: search.clone(), ..RecordFilter::default() });
            filters.push(RecordFilter { act, search, actor: Some(Uuid::from_u128(3)), ..RecordFilter::default() });
        }
    }
    let time = |seconds| Some(Timestamp::from_seconds(seconds));
    for (since, until) in [(None, time(1_100)), (time(6_000), time(6_010)), (time(90_000), None), (None, time(900))] {
        filters.push(RecordFilter { since, until, ..RecordFilter::default() });
        filters.push(RecordFilter {
            since,
            until,
            act: Some("password.revealed".to_owned()),
            ..RecordFilter::default()
        });
    }
    filters
}

/// What a filter means, said once more, over all records.
fn expected(all: &[Record], filter: &RecordFilter, limit: usize) -> Vec<u64> {
    let text = filter.search.as_ref().map(|text| text.to_lowercase());
    let passes = |record: &&Record| {
        let entry = &record.entry;
        let object = entry.object.as_ref().unwrap();
        filter.before.is_none_or(|before| record.seq < before)
            && filter.act.as_ref().is_none_or(|act| *act == entry.act)
            && filter.since.is_none_or(|since| entry.at >= since)
            && filter.until.is_none_or(|until| entry.at < until)
            && filter.actor.is_none_or(|id| entry.actor.id == Some(id))
            && filter.object.is_none_or(|id| object.id == Some(id))
            && text.as_ref().is_none_or(|text| {
                entry.actor.name.to_lowercase().contains(text) || object.name.to_lowercase().contains(text)
            })
    };
    all.iter().rev().filter(passes).take(limit).map(|record| record.seq).collect()
}

/// Where pages begin: at the end, and at the ends of what is indexed together.
const BEGINNINGS: [Option<u64>; 6] = [None, Some(RUN * 2 + 2), Some(RUN + 1), Some(RUN - 3), Some(1), Some(0)];

async fn assert_found(database: &Database, all: &[Record], beginnings: &[Option<u64>]) {
    for filter in filters() {
        for &before in beginnings {
            let filter = RecordFilter { before, ..filter.clone() };
            let found = audit::list(&mut &*database, &filter, 20).await.unwrap();
            let numbers: Vec<u64> = found.iter().map(|record| record.seq).collect();
            assert_eq!(numbers, expected(all, &filter, 20), "{filter:?}");
            assert!(found.iter().all(|record| all[record.seq as usize - 1] == *record), "{filter:?}");
        }
    }
}

/// Uses on each day are those that all records together tell, wherever the days begin and end.
async fn assert_counted(database: &Database, all: &[Record]) {
    let days = [vec![0, 2_000, 2_001, 20_000, 90_000], vec![5_000, 6_000], vec![90_000, 99_000], vec![900]];
    let things = [(1_031, 3), (1_000, 1), (5, 99)];
    let asked = things.into_iter().flat_map(|(credential, user)| {
        [ActivityOf::Credential(Uuid::from_u128(credential)), ActivityOf::User(Uuid::from_u128(user))]
    });
    for (of, bounds) in asked.flat_map(|of| days.iter().map(move |bounds| (of, bounds))) {
        let bounds: Vec<Timestamp> = bounds.iter().map(|second| Timestamp::from_seconds(*second)).collect();
        let count = |since: Option<Timestamp>| {
            let mut uses = DailyUses::new(bounds.clone());
            let entries = all.iter().map(|record| &record.entry);
            let is_of = |entry: &&AuditEntry| match of {
                ActivityOf::Credential(id) => entry.object.as_ref().is_some_and(|object| object.id == Some(id)),
                ActivityOf::User(id) => entry.actor.id == Some(id),
            };
            let counted = entries.filter(is_of).filter(|entry| since.is_none_or(|since| entry.at >= since));
            counted.for_each(|entry| uses.add(entry));
            uses.into_days()
        };
        let found = audit::activity(&mut &*database, of, bounds.clone(), u64::MAX).await.unwrap();
        assert_eq!((found.days, found.counted_from), (count(None), None), "{of:?} {bounds:?}");
        // With less to look at, it says from when on it has counted, and has counted all of that.
        let found = audit::activity(&mut &*database, of, bounds.clone(), 5_000).await.unwrap();
        assert_eq!(found.days, count(found.counted_from), "{of:?} {bounds:?}");
    }
}

async fn authority(database: &Database, from: u64, to: u64) -> Vec<u64> {
    let found = audit::of_authority(&mut &*database, from, to, 10_000).await.unwrap();
    found.into_iter().map(|(seq, _)| seq).collect()
}

both_engines! {
    async fn whatever_a_filter_asks_is_found_indexed_or_not(database: &TestDatabase) {
        new_vault(database).await;
        let count = RUN as i64 * 2 + 1_000;
        fill(database, count, &[1, 3, 300, 64, 2]).await;
        let all = audit::after(&mut &**database, 0, u32::MAX).await.unwrap();
        assert_eq!(all.len() as i64, count);
        let mut head = ChainHead::EMPTY;
        assert!(all.iter().all(|record| head.follow(record)));
        assert_eq!(audit::after(&mut &**database, 299, 2).await.unwrap(), all[299..301]);

        assert_found(database, &all, &BEGINNINGS[..1]).await;
        assert_counted(database, &all).await;
        let of_authority = |from: u64, to: u64| -> Vec<u64> {
            let within = all.iter().filter(|record| record.seq > from && record.seq <= to);
            within.filter(|record| record.entry.is_of_authority()).map(|record| record.seq).collect()
        };
        let newest = count as u64;
        let ways = [(0, newest), (RUN + 7, newest), (3, RUN * 2 - 5), (newest - 300, newest), (newest, newest)];
        for (from, to) in ways {
            assert_eq!(authority(database, from, to).await, of_authority(from, to));
        }
        index(database).await;
        let indexed: i64 = database.fetch_one(&INDEXED, args![]).await.unwrap().get(0).unwrap();
        assert_eq!(indexed as u64, RUN * 2);
        assert_found(database, &all, &BEGINNINGS).await;
        assert_counted(database, &all).await;
        // Most of the log is looked at for a person who did something all the time.
        let bounds = vec![Timestamp::from_seconds(0), Timestamp::from_seconds(90_000)];
        let found = audit::activity(&mut &**database, ActivityOf::User(Uuid::from_u128(3)), bounds, 5_000).await.unwrap();
        assert!(found.counted_from.is_some_and(|at| at > Timestamp::from_seconds(20_000)), "{found:?}");
        for (from, to) in ways {
            assert_eq!(authority(database, from, to).await, of_authority(from, to));
        }
    }

    async fn a_group_goes_in_behind_the_end_that_it_was_chained_to_and_nowhere_else(database: &TestDatabase) {
        new_vault(database).await;
        let end = end_of(database).await;
        let chained = |from: i64| {
            let mut head = end.head;
            (from..from + 3).map(|number| head.append(entry(number))).collect::<Vec<_>>()
        };
        let first = chained(0);
        let receipts = audit::commit_group(database, &end, &first, &[]).await.unwrap().unwrap();
        assert_eq!(receipts.len(), 3);
        // The same once more, and others at the same place: the log has moved on.
        for records in [first.clone(), chained(10)] {
            assert!(audit::commit_group(database, &end, &records, &[]).await.unwrap().is_none());
        }
        assert_eq!(audit::after(&mut &**database, 0, 10).await.unwrap(), first);

        let end = end_of(database).await;
        let mut head = end.head;
        let next = [head.append(entry(20))];
        let mut tx = database.write().await.unwrap();
        vault::bump(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert!(audit::commit_group(database, &end, &next, &[]).await.unwrap().is_none(), "decided before the vault moved");
        assert_eq!(blocks(database).await, (1, 3));
        assert!(audit::commit_group(database, &end_of(database).await, &next, &[]).await.unwrap().is_some());
    }

    async fn rows_from_before_blocks_become_blocks(database: &TestDatabase) {
        new_vault(database).await;
        let mut head = ChainHead::EMPTY;
        let records: Vec<Record> = (0..9_000).map(|number| head.append(entry(number))).collect();
        let mut tx = database.write().await.unwrap();
        for record in &records {
            write_row(&mut tx, record).await.unwrap();
        }
        tx.execute(&EDIT, args![5_000_i64]).await.unwrap();
        vault::move_head(&mut tx, head).await.unwrap();
        tx.commit().await.unwrap();
        let mut folded = 0;
        loop {
            let mut tx = database.write().await.unwrap();
            let more = audit::fold_rows(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            folded += more;
            if more == 0 {
                break;
            }
        }
        assert_eq!(folded, 9_000);
        let after = audit::after(&mut &**database, 0, u32::MAX).await.unwrap();
        assert_eq!(after.len(), 9_000);
        for (before, after) in records.iter().zip(&after) {
            // Where a record was changed, what it was chained to still stands.
            assert_eq!(before == after, before.seq != 5_000, "{}", before.seq);
            assert_eq!(before.hash, after.hash);
        }
        assert_eq!(blocks(database).await, (37, 9_000), "256 in each, and one more ends with the record that was changed");
    }
}

/// Where the log ends, taken and let go.
async fn end_of(database: &Database) -> LogEnd {
    vault::lock_head(&mut database.write().await.unwrap()).await.unwrap()
}

async fn blocks(database: &Database) -> (i64, i64) {
    let row = database.fetch_one(&BLOCKS, args![]).await.unwrap();
    (row.get(0).unwrap(), row.get(1).unwrap())
}

/// As it was written before blocks.
async fn write_row(tx: &mut Transaction, record: &Record) -> Result<u64, Error> {
    let entry = &record.entry;
    let object = entry.object.as_ref().unwrap();
    let values = args![
        record.seq as i64,
        entry.at,
        entry.actor.kind.name(),
        entry.actor.id,
        &entry.actor.name,
        entry.act.as_ref(),
        object.kind.name(),
        object.id,
        &object.name,
        serde_json::to_string(&entry.details).unwrap(),
        record.hash.bytes(),
    ];
    tx.execute(&ROW, values).await
}
