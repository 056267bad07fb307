//! The promises of the design that the vault keeps, by their numbers.

use countersign_model::{GrantPermissions, Paging, Role};
use countersign_seal::passphrase::Cost;
use countersign_store::{
    MIGRATIONS,
    audit::RecordFilter,
    both_engines,
    engine::{Database, DatabaseUrl, OpenOptions},
};
use countersign_vault::{Error, TokenRequest, VaultOptions};

use crate::fixture::{PASSWORD, SEED, TestVault, by_id, new_credential, open};

const TOKEN_ONLY: GrantPermissions = GrantPermissions { token: true, ..GrantPermissions::SEE };

both_engines! {
    async fn promise_1_every_secret_that_left_has_its_record(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        for _ in 0..3 {
            fixture.token(&fixture.admin, &credential).await.unwrap();
        }
        fixture.vault.reveal(&fixture.admin, &by_id(&credential), None, None).await.unwrap();

        let filter = RecordFilter { object: Some(credential.id.uuid()), ..RecordFilter::default() };
        let page = fixture.vault.audit_records(&fixture.admin, &filter, &Paging::default()).await.unwrap();
        let acts: Vec<&str> = page.items.iter().map(|record| &*record.entry.act).collect();
        assert_eq!(acts, ["password.revealed", "token.read", "token.read", "token.read", "credential.created"]);
    }

    async fn promise_1_many_readers_at_once_have_a_record_each(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let readers = (0..100).map(|_| {
            let (vault, actor, wanted) = (fixture.vault.clone(), fixture.admin.clone(), by_id(&credential));
            tokio::spawn(async move { vault.token(&actor, &wanted, &TokenRequest::default()).await.map(drop) })
        });
        for reader in readers.collect::<Vec<_>>() {
            reader.await.unwrap().unwrap();
        }
        let filter = RecordFilter { act: Some("token.read".to_owned()), ..RecordFilter::default() };
        let page = fixture.vault.audit_records(&fixture.admin, &filter, &Paging::first(200)).await.unwrap();
        assert_eq!(page.items.len(), 100);
        let complaints = fixture.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    async fn promise_5_one_step_serves_one_machine(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let claim = TokenRequest { claim: true, ..TokenRequest::default() };
        fixture.advance(1); // The step has just begun.

        let machines = (0..8).map(|_| {
            let (vault, actor, wanted, claim) =
                (fixture.vault.clone(), fixture.admin.clone(), by_id(&credential), claim.clone());
            tokio::spawn(async move { vault.token(&actor, &wanted, &claim).await.map(drop) })
        });
        let mut taken = 0;
        for machine in machines.collect::<Vec<_>>() {
            match machine.await.unwrap() {
                Ok(()) => taken += 1,
                Err(Error::StepTaken { wait }) => assert_eq!(wait.as_secs(), 30),
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(taken, 1);

        fixture.advance(30);
        fixture.vault.token(&fixture.admin, &by_id(&credential), &claim).await.unwrap();
        fixture.advance(30);
        fixture.token(&fixture.admin, &credential).await.unwrap();
        let looked_at = fixture.vault.token(&fixture.admin, &by_id(&credential), &claim).await;
        assert!(matches!(looked_at, Err(Error::StepTaken { .. })), "a person has looked at this step");
        fixture.advance(30 + 21);
        let late = fixture.vault.token(&fixture.admin, &by_id(&credential), &claim).await;
        assert!(matches!(late, Err(Error::StepTaken { wait }) if wait.as_secs() == 9), "nine seconds are too few");
    }

    async fn promise_5_colleagues_see_who_took_the_step(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let bob = fixture.person("bob", Role::Manager).await;
        fixture.token(&bob, &credential).await.unwrap();
        let taken_at = fixture.now();
        fixture.advance(1);
        fixture.token(&bob, &credential).await.unwrap();

        let answer = fixture.vault.token(&fixture.admin, &by_id(&credential), &TokenRequest::default()).await.unwrap();
        let step_is_new = answer.times.unwrap().begins_at > taken_at;
        let names: Vec<&str> = answer.taken_by.iter().map(|by| by.name.as_str()).collect();
        assert!(step_is_new && names == ["bob"], "{names:?}");
        let again = fixture.vault.token(&bob, &by_id(&credential), &TokenRequest::default()).await.unwrap();
        assert_eq!(again.taken_by.iter().map(|by| by.name.as_str()).collect::<Vec<_>>(), ["root"]);
    }

    async fn promise_6_nothing_is_seen_without_a_grant(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let member = fixture.person("bob", Role::Member).await;
        let auditor = fixture.person("carol", Role::Auditor).await;

        assert_eq!(fixture.token(&member, &credential).await.unwrap_err(), "there is no such credential");
        assert!(matches!(fixture.vault.credential(&member, &by_id(&credential)).await, Err(Error::NotFound(_))));
        assert!(fixture.vault.list_credentials(&member, &Default::default()).await.unwrap().items.is_empty());
        assert!(matches!(fixture.vault.create_credential(&member, new_credential("x")).await, Err(Error::Denied(_))));

        fixture.grant(&credential, &member, Some(TOKEN_ONLY)).await;
        assert_eq!(fixture.token(&member, &credential).await.unwrap(), "07081804");
        assert!(matches!(fixture.vault.reveal(&member, &by_id(&credential), None, None).await, Err(Error::Denied(_))));
        assert!(matches!(fixture.vault.remove_credential(&member, &by_id(&credential)).await, Err(Error::Denied(_))));

        assert_eq!(fixture.token(&auditor, &credential).await.unwrap_err(), "you are not allowed to use this credential's token");
        assert_eq!(fixture.vault.list_credentials(&auditor, &Default::default()).await.unwrap().items.len(), 1);
        let filter = RecordFilter { act: Some("token.denied".to_owned()), ..RecordFilter::default() };
        let denials = fixture.vault.audit_records(&auditor, &filter, &Paging::default()).await.unwrap();
        assert_eq!(denials.items.len(), 1, "a refusal is recorded");
    }

    async fn promise_6_a_grant_taken_back_is_never_served(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let member = fixture.person("bob", Role::Member).await;
        // Another node on the same database: its cache learns nothing from this one's memory.
        let other = open(database, &fixture.folder, &fixture.clock, VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false }).await;
        let at_other = async || other.token(&member, &by_id(&credential), &TokenRequest::default()).await;

        fixture.grant(&credential, &member, Some(TOKEN_ONLY)).await;
        at_other().await.unwrap();
        at_other().await.unwrap();
        fixture.grant(&credential, &member, None).await;
        assert!(matches!(at_other().await, Err(Error::NotFound(_))));

        fixture.grant(&credential, &member, Some(TOKEN_ONLY)).await;
        at_other().await.unwrap();
        let edit = countersign_vault::PersonEdit { disabled: Some(true), ..Default::default() };
        fixture.vault.edit_person(&fixture.admin, member.user, edit).await.unwrap();
        assert!(matches!(at_other().await, Err(Error::NotSignedIn)), "who is kept out gets nothing");
    }
}

/// A page limit fills the "disk" at a moment of the test's choosing.
#[tokio::test]
async fn promise_1_a_full_disk_gives_no_secret_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("vault.db"));
    let small = OpenOptions { sqlite_page_limit: Some(240), ..OpenOptions::default() };
    let database = Database::open(&url, &small).await.unwrap();
    let clock = std::sync::Arc::new(countersign_model::FakeClock::at(countersign_model::Timestamp::from_seconds(
        1_111_111_109,
    )));
    let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false };
    let vault = open(&database, &folder, &clock, options).await;
    let name = countersign_model::UserName::parse("root").unwrap();
    let admin = vault.create_administrator(&name, crate::fixture::secret(PASSWORD)).await.unwrap();
    let (credential, _) = vault.create_credential(&admin, new_credential("Instagram")).await.unwrap();
    let wanted = by_id(&credential);

    let mut handed_out = 0;
    let refusal = loop {
        match vault.token(&admin, &wanted, &TokenRequest::default()).await {
            Ok(_) => handed_out += 1,
            Err(error) => break error,
        }
        assert!(handed_out < 100_000, "so few pages never fill up");
    };
    assert!(
        matches!(&refusal, Error::AuditUnavailable(cause) if matches!(**cause, countersign_store::engine::Error::Full { .. })),
        "{refusal}"
    );
    let reveal = vault.reveal(&admin, &wanted, None, None).await;
    assert!(matches!(reveal, Err(Error::AuditUnavailable(_))), "a password must not leave either");
    vault.close().await;

    // With room again, everything that was handed out is on record, and nothing else.
    let database = Database::open(&url, &OpenOptions::default()).await.unwrap();
    database.migrate(MIGRATIONS, 0).await.unwrap();
    let vault = open(&database, &folder, &clock, options).await;
    vault.token(&admin, &wanted, &TokenRequest::default()).await.unwrap();
    let mut reads = 0;
    let mut export = vault.export_audit(&admin).await.unwrap();
    let mut text = String::new();
    loop {
        let lines = export.next().await.unwrap();
        if lines.is_empty() {
            break;
        }
        for line in lines {
            reads += usize::from(
                matches!(&line, countersign_audit::ExportLine::Record(record) if record.entry.act == "token.read"),
            );
            text.push_str(&line.to_json());
            text.push('\n');
        }
    }
    assert_eq!(reads, handed_out + 1);
    countersign_audit::verify(text.as_bytes(), None, None).unwrap();
}

/// What is on the disk, in the log and in error texts holds no secret.
#[tokio::test(flavor = "multi_thread")]
async fn promise_7_no_secret_is_stored_or_said_in_the_open() {
    let database =
        countersign_store::testing::TestDatabase::new(countersign_store::engine::EngineKind::Sqlite, MIGRATIONS).await;
    let fixture = TestVault::new(&database).await;
    let credential = fixture.credential("Instagram").await;
    let token = fixture.token(&fixture.admin, &credential).await.unwrap();
    let bearer = fixture.api_token(&fixture.admin, None).await;
    let setup = fixture.vault.begin_second_factor(&fixture.admin).await.unwrap();
    let own_seed = setup.secret.expose_text().unwrap().to_owned();
    let key = std::fs::read_to_string(fixture.folder.path().join("vault.key")).unwrap();
    let key = key.lines().last().unwrap().trim_start_matches("key ").to_owned();

    let mut stored = Vec::new();
    for file in std::fs::read_dir(database.folder().unwrap()).unwrap() {
        stored.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    assert!(stored.len() > 10_000, "the database was read");
    let raw_seed = b"12345678901234567890";
    let secrets: [(&str, &[u8]); 8] = [
        ("password", b"its password"),
        ("sign-in password", PASSWORD.as_bytes()),
        ("seed", SEED.as_bytes()),
        ("seed's bytes", raw_seed),
        ("token", token.as_bytes()),
        ("API token", bearer.expose().as_bytes()),
        ("own seed", own_seed.as_bytes()),
        ("key", key.as_bytes()),
    ];
    for (what, bytes) in secrets {
        assert!(!stored.windows(bytes.len()).any(|window| window == bytes), "the {what} lies open in the database");
    }

    let wrong = fixture.vault.sign_in(countersign_vault::SignInRequest {
        name: "root",
        password: crate::fixture::secret("wrong horse battery"),
        token: None,
        source: countersign_vault::Source::agent("test"),
    });
    let said = format!("{:?}", wrong.await.err().unwrap());
    assert!(!said.contains("wrong horse"), "{said}");
}
