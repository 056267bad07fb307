//! Names from before they were kept in NFC, on both engines.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use countersign_model::{CountingChance, Role, Timestamp, UserId, UserName, VaultId, order_key};
use countersign_seal::{KeyRing, PasswordHash, VaultKey, passphrase::Cost};
use countersign_store::{
    args, both_engines,
    engine::{Select as _, Statement},
    names, people,
    testing::TestDatabase,
    vault,
};

static OLD_KEY: Statement = Statement::one("test::OLD_KEY", "update person set name_key = $2 where id = $1");

static ADD: Statement = Statement::one(
    "test::ADD",
    "insert into credential (id, name, name_key, username, notes, status, revision, has_password, created_at, updated_at, tags, search) \
     values ($1, $2, $2, '', '', 'active', 1, false, 0, 0, '[]', '')",
);
static RENAME: Statement = Statement::one("test::RENAME", "update credential set name_key = $2 where name_key = $1");
static LISTED: Statement =
    Statement::one("test::LISTED", "select name_key, name_order from credential order by name_order");

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// People whose keys are as they were stored: by the letters typed.
async fn with_people(db: &TestDatabase, people_and_keys: &[(&str, &str)]) {
    let chance = CountingChance::default();
    db.vouch_with(&KeyRing::new(VaultKey::generate(VaultId::new(NOW, &chance), &chance)));
    let mut tx = db.write().await.unwrap();
    vault::insert(&mut tx, VaultId::new(NOW, &chance), NOW, false).await.unwrap();
    for (number, (name, key)) in people_and_keys.iter().enumerate() {
        let id = UserId::new(NOW, &chance);
        let name = UserName::parse(&format!("{name}{number}")).unwrap();
        people::insert(&mut tx, id, &name, Role::Member, &PasswordHash::of_nobody(Cost::TEST), false, NOW)
            .await
            .unwrap();
        tx.execute(&OLD_KEY, args![id.uuid(), *key]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn normalise(db: &TestDatabase) -> usize {
    let mut tx = db.write().await.unwrap();
    let kept = names::normalise(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    kept
}

/// What an earlier version writes, which knows nothing of the order.
async fn add(db: &TestDatabase, names: &[&str]) {
    let chance = CountingChance::default();
    let mut tx = db.write().await.unwrap();
    for name in names {
        tx.execute(&ADD, args![UserId::new(NOW, &chance).uuid(), *name]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Names in the order of lists, and whether each has its place in it.
async fn listed(db: &TestDatabase) -> Vec<(String, bool)> {
    let rows = (&mut &**db).fetch_all(&LISTED, args![]).await.unwrap();
    let listed = rows.iter().map(|row| (row.get::<String>(0).unwrap(), row.get::<String>(1).unwrap()));
    listed
        .map(|(name, order)| {
            let is = order == order_key(&name);
            (name, is)
        })
        .collect()
}

both_engines! {
    async fn what_knows_nothing_of_the_order_of_names_leaves_it_to_be_made(db: &TestDatabase) {
        add(db, &["server 10", "server 2", "instagram", "server 02"]).await;
        let left = [("instagram", true), ("server 02", false), ("server 10", false), ("server 2", false)];
        assert_eq!(listed(db).await, left.map(|(name, is)| (name.to_owned(), is)));
        let order = async || {
            let mut tx = db.write().await.unwrap();
            assert!(!names::order(&mut tx).await.unwrap());
            tx.commit().await.unwrap();
        };
        order().await;
        let made = ["instagram", "server 2", "server 02", "server 10"].map(|name| (name.to_owned(), true));
        assert_eq!(listed(db).await, made);
        // Renamed so, it is in the list all the same, and has no other's place.
        let mut tx = db.write().await.unwrap();
        tx.execute(&RENAME, args!["server 10", "server 1"]).await.unwrap();
        tx.execute(&RENAME, args!["server 02", "zebra"]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(listed(db).await.iter().filter(|(_, is)| !is).count(), 1);
        order().await;
        let made = ["instagram", "server 1", "server 2", "zebra"].map(|name| (name.to_owned(), true));
        assert_eq!(listed(db).await, made);
    }

    async fn old_keys_are_brought_into_one_form_once(db: &TestDatabase) {
        with_people(db, &[("rene", "rene\u{301}"), ("anna", "anna")]).await;
        assert!(people::find_by_name(&mut &**db, "Ren\u{e9}").await.unwrap().is_none());
        assert_eq!(normalise(db).await, 0);
        for name in ["Ren\u{e9}", "RENE\u{301}", "anna"] {
            assert!(people::find_by_name(&mut &**db, name).await.unwrap().is_some(), "{name}");
        }
        // What is written past this afterwards is somebody else's matter: it runs once.
        let id = people::find_by_name(&mut &**db, "anna").await.unwrap().unwrap().id;
        let mut tx = db.write().await.unwrap();
        tx.execute(&OLD_KEY, args![id.uuid(), "a\u{308}nna"]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(normalise(db).await, 0);
        assert!(people::find_by_name(&mut &**db, "\u{e4}nna").await.unwrap().is_none());
    }

    async fn two_that_are_one_now_are_told_and_both_kept(db: &TestDatabase) {
        with_people(db, &[("one", "caf\u{e9}"), ("two", "cafe\u{301}")]).await;
        assert_eq!(normalise(db).await, 1);
        assert_eq!(people::count(&mut &**db).await.unwrap(), 2);
        assert_eq!(people::find_by_name(&mut &**db, "cafe\u{301}").await.unwrap().unwrap().name, "one0");
    }
}
