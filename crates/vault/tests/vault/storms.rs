//! What must not keep anybody from a token, and what is said when something does.

use std::time::{Duration, Instant};

use countersign_model::{Clock as _, FakeClock, Paging, Timestamp, UserName};
use countersign_store::{
    audit::RecordFilter,
    both_engines,
    engine::{self, Database, DatabaseUrl, Lane, OpenOptions},
    testing::{CuttableLink, TestDatabase},
};
use countersign_vault::{CheckState, CredentialRef, Error, TokenRequest, VaultOptions};

use crate::fixture::{PASSWORD, TestVault, by_id, new_credential, open, secret};

both_engines! {
    /// One search holds the lane: others are told to come again, and a token is read as ever.
    async fn searches_of_the_log_keep_nobody_from_a_token(db: &TestDatabase) {
        let fixture = TestVault::new(db).await;
        let credential = fixture.credential("Instagram").await;
        let holding = db.read_on(Lane::Search).await.unwrap();
        let exports = [db.read_on(Lane::Export).await.unwrap(), db.read_on(Lane::Export).await.unwrap()];
        let filter = RecordFilter { search: Some("instagram".to_owned()), ..RecordFilter::default() };
        let searches: Vec<_> = (0..12)
            .map(|_| {
                let (vault, admin, filter) = (fixture.vault.clone(), fixture.admin.clone(), filter.clone());
                tokio::spawn(async move { vault.audit_records(&admin, &filter, &Paging::default()).await })
            })
            .collect();
        // Nothing is in memory yet, so this reads the database too.
        fixture.token(&fixture.admin, &credential).await.unwrap();
        let page = fixture.vault.audit_records(&fixture.admin, &RecordFilter::default(), &Paging::default()).await.unwrap();
        assert!(!page.items.is_empty(), "the newest page needs no search");
        for search in searches {
            let found = search.await.unwrap();
            assert!(
                matches!(&found, Err(Error::Database(cause)) if matches!(**cause, engine::Error::Busy { .. })),
                "{found:?}"
            );
        }
        drop((holding, exports));
        assert!(!fixture.vault.audit_records(&fixture.admin, &filter, &Paging::default()).await.unwrap().items.is_empty());
    }

    async fn a_vault_that_works_is_ready_and_says_nothing_in_the_log(db: &TestDatabase) {
        let fixture = TestVault::new(db).await;
        let size = fixture.vault.audit_records(&fixture.admin, &RecordFilter::default(), &Paging::first(1)).await.unwrap().items[0].seq;
        fixture.vault.readiness().await.unwrap();
        let complaints = fixture.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
        let after = fixture.vault.audit_records(&fixture.admin, &RecordFilter::default(), &Paging::first(1)).await.unwrap().items[0].seq;
        assert_eq!(after, size, "looking leaves nothing");
    }

    async fn a_clock_that_was_set_back_shows_by_the_log(db: &TestDatabase) {
        let fixture = TestVault::new(db).await;
        fixture.credential("Instagram").await;
        let clock_check = async |now: Timestamp| {
            let clock = std::sync::Arc::new(FakeClock::at(now));
            let options = VaultOptions { sign_in_cost: countersign_seal::passphrase::Cost::TEST, second_factor_required: false };
            let vault = open(db, &fixture.folder, &clock, options).await;
            vault.checks().await.into_iter().find(|check| check.name == "clock and log").unwrap()
        };
        let now = fixture.clock.now();
        assert_eq!(clock_check(now.plus(Duration::from_secs(3_600))).await.state, CheckState::Ok);
        let back = clock_check(Timestamp::from_seconds(now.seconds() - 3_600)).await;
        assert_eq!(back.state, CheckState::Failed);
        assert!(back.detail.contains("set back"), "{}", back.detail);
    }
}

/// The page limit makes the disk full while nobody reads: readiness has to find that out by itself.
#[tokio::test]
async fn a_full_disk_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("vault.db"));
    let options =
        VaultOptions { sign_in_cost: countersign_seal::passphrase::Cost::TEST, second_factor_required: false };
    let clock = std::sync::Arc::new(FakeClock::at(Timestamp::from_seconds(1_111_111_109)));
    let small = OpenOptions { sqlite_page_limit: Some(260), ..OpenOptions::default() };
    let vault = open(&Database::open(&url, &small).await.unwrap(), &folder, &clock, options).await;
    let admin = vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await.unwrap();
    let (credential, _) = vault.create_credential(&admin, new_credential("Instagram")).await.unwrap();
    vault.readiness().await.unwrap();
    let wanted: CredentialRef = by_id(&credential);
    while vault.token(&admin, &wanted, &TokenRequest::default()).await.is_ok() {}
    // What was found a moment ago may still be told for a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let why = vault.readiness().await.unwrap_err();
    assert!(why.contains("no room left"), "{why}");
    assert!(!why.contains("audit::") && !why.contains("statement"), "no internal names: {why}");
    let checks = vault.checks().await;
    let database = checks.iter().find(|check| check.name == "database").unwrap();
    assert_eq!(database.state, CheckState::Failed, "{}", database.detail);
    vault.close().await;

    // With room again, it is ready without anybody having read.
    let vault = open(&Database::open(&url, &OpenOptions::default()).await.unwrap(), &folder, &clock, options).await;
    vault.readiness().await.unwrap();
    vault.close().await;
}

/// From the recorder's own tries: nobody reads in between.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_database_is_said_and_its_return_is_noticed() {
    let db = TestDatabase::new(engine::EngineKind::Postgres, countersign_store::MIGRATIONS).await;
    let link = CuttableLink::to(&db).await;
    let fixture = TestVault::new(&db).await;
    let credential = fixture.credential("Instagram").await;
    let impatient = OpenOptions {
        wait: Duration::from_millis(500),
        statement: Duration::from_millis(200),
        ..OpenOptions::default()
    };
    let database = Database::open(&link.url(), &impatient).await.unwrap();
    let options =
        VaultOptions { sign_in_cost: countersign_seal::passphrase::Cost::TEST, second_factor_required: false };
    let vault = open(&database, &fixture.folder, &fixture.clock, options).await;
    vault.token(&fixture.admin, &by_id(&credential), &TokenRequest::default()).await.unwrap();
    link.set_silent(true);
    let begun = Instant::now();
    let refused = vault.token(&fixture.admin, &by_id(&credential), &TokenRequest::default()).await;
    assert!(matches!(refused, Err(Error::AuditUnavailable(_))), "{:?}", refused.err());
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(vault.readiness().await.unwrap_err().contains("does not answer"));
    link.set_silent(false);
    let deadline = Instant::now() + Duration::from_secs(60);
    while vault.readiness().await.is_err() {
        assert!(Instant::now() < deadline, "its return is never noticed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    vault.token(&fixture.admin, &by_id(&credential), &TokenRequest::default()).await.unwrap();
}
