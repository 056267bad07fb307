//! Names from before they were kept in NFC, on both engines.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use countersign_model::{CountingChance, Role, Timestamp, UserId, UserName, VaultId};
use countersign_seal::{KeyRing, PasswordHash, VaultKey, passphrase::Cost};
use countersign_store::{args, both_engines, engine::Statement, names, people, testing::TestDatabase, vault};

static OLD_KEY: Statement = Statement::one("test::OLD_KEY", "update person set name_key = $2 where id = $1");

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

both_engines! {
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
