//! The log: pages, exports that verify, and a database that somebody edited.

use countersign_audit::{Finding, VerifyError, verify};
use countersign_model::{Paging, Role};
use countersign_store::{audit::RecordFilter, both_engines, engine::Statement};
use countersign_vault::{Error, Vault, VaultOptions};

use crate::fixture::TestVault;

async fn export(vault: &Vault, fixture: &TestVault) -> String {
    let mut reader = vault.export_audit(&fixture.admin).await.unwrap();
    let mut text = String::new();
    loop {
        let lines = reader.next().await.unwrap();
        if lines.is_empty() {
            return text;
        }
        lines.iter().for_each(|line| text.push_str(&(line.to_json() + "\n")));
    }
}

/// The act of each record, in their order.
pub(crate) async fn acts(fixture: &TestVault) -> Vec<String> {
    let page =
        fixture.vault.audit_records(&fixture.admin, &RecordFilter::default(), &Paging::first(200)).await.unwrap();
    page.items.into_iter().rev().map(|record| record.entry.act.into_owned()).collect()
}

fn finding(export: &str) -> Finding {
    match verify(export.as_bytes(), None, None) {
        Err(VerifyError::Found { finding, .. }) => finding,
        other => panic!("{other:?}"),
    }
}

static DELETE: Statement = Statement::one("test::DELETE", "delete from audit_block where last = $1");
// What stands in another record's place is still readable.
static EDIT: Statement = Statement::one(
    "test::EDIT",
    "update audit_block set entries = (select entries from audit_block where last = 1) where last = $1",
);
static FORGET_TAIL: Statement = Statement::one(
    "test::FORGET_TAIL",
    "update vault set audit_size = $1, audit_root = (select root from audit_block where last = $1)",
);

both_engines! {
    async fn an_export_is_whole(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        fixture.vault.make_checkpoint().await.unwrap();
        for _ in 0..1_100 {
            fixture.token(&fixture.admin, &credential).await.unwrap();
        }
        let text = export(&fixture.vault, &fixture).await;
        let report = verify(text.as_bytes(), None, None).unwrap();
        assert_eq!(report.records, 1_104, "vault, user, credential, tokens, export");
        assert!(report.checkpoints >= 2);
        assert_eq!(report.newest.key, fixture.vault.checkpoint(&fixture.admin).await.unwrap().key);
    }

    async fn a_database_that_was_edited_tells(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        for _ in 0..5 {
            fixture.token(&fixture.admin, &credential).await.unwrap();
        }
        fixture.vault.make_checkpoint().await.unwrap();

        let mut tx = database.write().await.unwrap();
        tx.execute(&EDIT, countersign_store::args![5_i64]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(finding(&export(&fixture.vault, &fixture).await), Finding::Changed { seq: 5 });
        assert!(fixture.complaints().await.iter().any(|check| check.name == "audit log"));

        let mut tx = database.write().await.unwrap();
        tx.execute(&DELETE, countersign_store::args![5_i64]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(finding(&export(&fixture.vault, &fixture).await), Finding::Missing { expected: 5, found: 6 });
    }

    async fn an_end_that_was_cut_off_tells(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        for _ in 0..5 {
            fixture.token(&fixture.admin, &credential).await.unwrap();
        }
        fixture.vault.make_checkpoint().await.unwrap();
        let mut tx = database.write().await.unwrap();
        tx.execute(&FORGET_TAIL, countersign_store::args![4_i64]).await.unwrap();
        for seq in 5..=8_i64 {
            tx.execute(&DELETE, countersign_store::args![seq]).await.unwrap();
        }
        tx.commit().await.unwrap();
        // The export adds a record of its own and a checkpoint over it; the older one still says that there were eight.
        assert_eq!(finding(&export(&fixture.vault, &fixture).await), Finding::CutOff { covered: 8, found: 5 });
    }

    async fn records_are_listed_by_what_is_asked(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let bob = fixture.person("bob", Role::Manager).await;
        fixture.token(&bob, &credential).await.unwrap();
        fixture.token(&fixture.admin, &credential).await.unwrap();
        let list = async |filter: RecordFilter| {
            let page = fixture.vault.audit_records(&fixture.admin, &filter, &Paging::default()).await.unwrap();
            page.items.iter().map(|record| format!("{} {}", record.entry.actor.name, record.entry.act)).collect::<Vec<_>>()
        };
        assert_eq!(list(RecordFilter { actor: Some(bob.user.uuid()), ..Default::default() }).await, ["bob token.read", "bob user.signed_in"]);
        assert_eq!(list(RecordFilter { search: Some("INSTA".to_owned()), act: Some("token.read".to_owned()), ..Default::default() }).await.len(), 2);
        let both = RecordFilter { object: Some(credential.id.uuid()), actor: Some(bob.user.uuid()), ..Default::default() };
        assert_eq!(list(both.clone()).await, ["bob token.read"]);
        // Indexed or not, the same records are found.
        fixture.vault.tidy().await.unwrap();
        fixture.token(&bob, &credential).await.unwrap();
        assert_eq!(list(both).await, ["bob token.read", "bob token.read"]);
        let of_bob = RecordFilter { actor: Some(bob.user.uuid()), ..Default::default() };
        assert_eq!(list(of_bob).await.len(), 3, "signed in, two tokens");
        assert!(list(RecordFilter { since: Some(fixture.now().plus(std::time::Duration::from_secs(1))), ..Default::default() }).await.is_empty());
        let first = fixture.vault.audit_records(&fixture.admin, &RecordFilter::default(), &Paging::first(2)).await.unwrap();
        let rest = Paging::first(200).after(first.next_cursor.unwrap());
        let rest = fixture.vault.audit_records(&fixture.admin, &RecordFilter::default(), &rest).await.unwrap();
        assert_eq!(rest.items[0].seq + 1, first.items[1].seq);
        assert!(matches!(fixture.vault.audit_records(&bob, &RecordFilter::default(), &Paging::default()).await, Err(Error::Denied(_))));
    }

    async fn a_vault_opens_again_with_its_key_and_no_other(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let again = crate::fixture::open(database, &fixture.folder, &fixture.clock, VaultOptions::default()).await;
        let answer = again.token(&fixture.admin, &crate::fixture::by_id(&credential), &Default::default()).await.unwrap();
        assert_eq!(answer.token.expose(), "07081804");

        let elsewhere = tempfile::tempdir().unwrap();
        let missing = countersign_vault::Unlock::KeyFile(elsewhere.path().join("other.key"));
        let error = Vault::open((**database).clone(), &missing, fixture.clock.clone(), std::sync::Arc::new(countersign_seal::SystemChance), VaultOptions::default()).await.err().unwrap();
        assert!(error.to_string().contains("is missing, and this vault opens with nothing else"), "{error}");
    }
}
