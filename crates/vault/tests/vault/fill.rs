//! What a browser extension fills in: only at a page of the credential's site, with everything that counts elsewhere.

use countersign_audit::{AuditActorKind, AuditEntry, Detail};
use countersign_model::{
    Actor, CredentialStatus, GrantConditions, GrantPermissions, Paging, Purpose, Reason, Role, SiteOrigin, SiteSettings,
};
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{
    CredentialView, Error, FillParts, GrantDraft, HolderRef, ImportFile, ImportRequest, NewGrant, Object, Patch,
    TargetRef,
};

use crate::{
    devices::{ask, paired},
    fixture::{TestVault, by_id},
};

pub(crate) fn origin() -> SiteOrigin {
    at("https://example.org")
}

fn at(text: &str) -> SiteOrigin {
    SiteOrigin::parse(text).unwrap()
}

const ALL: FillParts = FillParts { username: true, password: true, token: true };

/// Somebody by their extension.
async fn by_extension(fixture: &TestVault, actor: &Actor) -> Actor {
    let soft = paired(fixture, actor).await;
    ask(fixture, &soft).await.unwrap()
}

/// What was recorded of a credential since it was made, the oldest first.
async fn records(fixture: &TestVault, credential: &CredentialView) -> Vec<AuditEntry> {
    let filter = RecordFilter { object: Some(credential.id.uuid()), ..RecordFilter::default() };
    let items = fixture.vault.audit_records(&fixture.admin, &filter, &Paging::first(200)).await.unwrap().items;
    items.into_iter().rev().map(|record| record.entry).filter(|entry| entry.act != "credential.created").collect()
}

async fn listed(fixture: &TestVault, actor: &Actor, origin: &SiteOrigin) -> Vec<(String, bool, bool)> {
    let found = fixture.vault.fill_candidates(actor, origin).await.unwrap();
    found.items.into_iter().map(|one| (one.name.to_string(), one.password, one.token.is_some())).collect()
}

both_engines! {
    async fn promise_1_what_is_filled_in_is_recorded_with_extension_and_page(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let shop = fixture.credential("Shop").await;
        let me = by_extension(&fixture, &fixture.admin).await;
        assert_eq!(listed(&fixture, &me, &origin()).await, [("Shop".to_owned(), true, true)]);
        assert!(records(&fixture, &shop).await.is_empty(), "what is listed is no secret");
        let filled = fixture.vault.fill(&me, shop.id, &origin(), ALL).await.unwrap();
        assert_eq!(filled.username.unwrap().as_str(), "alice@example.org");
        assert_eq!(filled.password.unwrap().expose_text(), Some("its password"));
        assert_eq!(filled.token.unwrap().token.expose().len(), 8);
        assert_eq!(filled.origins, ["https://example.org"]);
        let records = records(&fixture, &shop).await;
        assert_eq!(records.iter().map(|entry| entry.act.as_ref()).collect::<Vec<_>>(), ["token.read", "password.revealed"]);
        for entry in &records {
            assert_eq!((entry.actor.kind, entry.actor.name.as_str()), (AuditActorKind::Extension, "root/Laptop"));
            assert_eq!(entry.details["origin"], Detail::from("https://example.org"));
        }
        // What was not asked for does not leave.
        let name = fixture.vault.fill(&me, shop.id, &origin(), FillParts { username: true, ..FillParts::default() }).await.unwrap();
        assert!(name.username.is_some() && name.password.is_none() && name.token.is_none());
        assert_eq!(fixture.records_of("credential.filled").await.len(), 1, "a user name alone is a record too");
    }

    async fn what_cannot_be_filled_in_as_a_whole_takes_no_token(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let shop = fixture.credential("Shop").await;
        let ana = fixture.person("ana", Role::Member).await;
        fixture.grant(&shop, &ana, Some(GrantPermissions { token: true, ..GrantPermissions::SEE })).await;
        let me = by_extension(&fixture, &ana).await;
        assert!(matches!(fixture.vault.fill(&me, shop.id, &origin(), ALL).await, Err(Error::Denied(_))));
        let records = records(&fixture, &shop).await;
        let acts: Vec<&str> = records.iter().map(|entry| entry.act.as_ref()).filter(|act| !act.starts_with("credential.")).collect();
        assert_eq!(acts, ["password.denied"], "no token is said to have left");
    }

    async fn what_one_may_use_is_offered_among_however_many_others(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let rows: String = (0..600).map(|number| format!("A{number},user{number},pass phrase {number},https://example.org/\n")).collect();
        let bytes = format!("name,username,password,url\n{rows}").into_bytes();
        let file = ImportFile { name: "many.csv".to_owned(), bytes, password: None, columns: None };
        let ask = ImportRequest { files: vec![file], ..ImportRequest::default() };
        fixture.vault.commit_import(&fixture.admin, ask).await.unwrap();
        let last = fixture.credential("Z last").await;
        let ana = fixture.person("ana", Role::Member).await;
        fixture.grant(&last, &ana, Some(GrantPermissions { reveal: true, ..GrantPermissions::SEE })).await;
        let me = by_extension(&fixture, &ana).await;
        assert_eq!(listed(&fixture, &me, &origin()).await, [("Z last".to_owned(), true, false)]);
        let all = by_extension(&fixture, &fixture.admin).await;
        let found = fixture.vault.fill_candidates(&all, &origin()).await.unwrap();
        assert!(found.more && found.items.len() == 500, "{}", found.items.len());
    }

    async fn promise_4_nothing_leaves_for_another_site(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let shop = fixture.credential("Shop").await;
        let me = by_extension(&fixture, &fixture.admin).await;
        for other in ["https://example.org:8443", "https://www.example.org", "https://example.org.evil.example", "http://localhost"] {
            assert!(listed(&fixture, &me, &at(other)).await.is_empty(), "{other}");
            let refused = fixture.vault.fill(&me, shop.id, &at(other), ALL).await;
            assert!(matches!(refused, Err(Error::OtherSite(_))), "{other}");
        }
        let records = records(&fixture, &shop).await;
        assert!(records.iter().all(|entry| entry.act == "credential.fill_refused") && records.len() == 4);
        assert_eq!(records[2].details["origin"], Detail::from("https://example.org.evil.example"));
        // Further origins count as soon as the site settings name them, and no longer than that.
        let id = at("https://id.example.net:8443");
        let settings = SiteSettings { origins: vec![id.as_str().to_owned()], ..SiteSettings::default() };
        fixture.vault.set_automation(&fixture.admin, &by_id(&shop), settings).await.unwrap();
        assert_eq!(listed(&fixture, &me, &id).await.len(), 1);
        let filled = fixture.vault.fill(&me, shop.id, &id, ALL).await.unwrap();
        assert_eq!(filled.origins, ["https://example.org", "https://id.example.net:8443"]);
        fixture.vault.set_automation(&fixture.admin, &by_id(&shop), SiteSettings::default()).await.unwrap();
        assert!(listed(&fixture, &me, &id).await.is_empty());
        assert!(matches!(fixture.vault.fill(&me, shop.id, &id, ALL).await, Err(Error::OtherSite(_))));
    }

    async fn an_extension_has_no_more_than_its_person(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (shop, _) = (fixture.credential("Shop").await, fixture.credential("Hidden").await);
        let bob = fixture.person("bob", Role::Member).await;
        let me = by_extension(&fixture, &bob).await;
        assert!(listed(&fixture, &me, &origin()).await.is_empty());
        let unseen = fixture.vault.fill(&me, shop.id, &origin(), ALL).await;
        assert!(matches!(unseen, Err(Error::NotFound(Object::Credential))));
        let token = GrantPermissions { token: true, ..GrantPermissions::default() };
        fixture.grant(&shop, &bob, Some(token)).await;
        assert_eq!(listed(&fixture, &me, &origin()).await, [("Shop".to_owned(), false, true)]);
        let only = FillParts { token: true, ..FillParts::default() };
        assert!(fixture.vault.fill(&me, shop.id, &origin(), only).await.unwrap().token.is_some());
        let password = FillParts { password: true, ..FillParts::default() };
        assert!(matches!(fixture.vault.fill(&me, shop.id, &origin(), password).await, Err(Error::Denied(_))));
        assert_eq!(records(&fixture, &shop).await.last().unwrap().act, "password.denied");
        fixture.grant(&shop, &bob, None).await;
        assert!(matches!(fixture.vault.fill(&me, shop.id, &origin(), only).await, Err(Error::NotFound(_))));
        // Who audits uses nothing.
        let auditor = fixture.person("audra", Role::Auditor).await;
        let auditor = by_extension(&fixture, &auditor).await;
        assert!(listed(&fixture, &auditor, &origin()).await.is_empty());
        assert!(matches!(fixture.vault.fill(&auditor, shop.id, &origin(), password).await, Err(Error::Denied(_))));
        let inactive = Patch { status: Some(CredentialStatus::Inactive), ..Patch::default() };
        fixture.vault.edit_credential(&fixture.admin, &by_id(&shop), inactive).await.unwrap();
        let root = by_extension(&fixture, &fixture.admin).await;
        assert_eq!(listed(&fixture, &root, &origin()).await, [("Hidden".to_owned(), true, true)]);
    }

    async fn conditions_count_as_in_the_page(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let shop = fixture.credential("Shop").await;
        let bob = fixture.person("bob", Role::Member).await;
        let me = by_extension(&fixture, &bob).await;
        let draft = |conditions| GrantDraft {
            holder: HolderRef::User(bob.user),
            target: TargetRef::Credential(by_id(&shop)),
            permissions: GrantPermissions { reveal: true, ..GrantPermissions::default() },
            conditions,
            approval: None,
        };
        let reason = GrantConditions { reason: true, ..GrantConditions::default() };
        let grant = fixture.vault.create_grant(&fixture.admin, draft(reason)).await.unwrap();
        let password = FillParts { password: true, ..FillParts::default() };
        let Err(Error::Denied(denied)) = fixture.vault.fill(&me, shop.id, &origin(), password).await else {
            panic!("without a reason");
        };
        assert_eq!(denied.unmet.iter().map(|one| one.name()).collect::<Vec<_>>(), ["reason"]);
        assert_eq!(listed(&fixture, &me, &origin()).await.len(), 1, "what is asked for is asked when it is used");
        let purpose = Purpose { reason: Reason::parse("month-end").ok(), ..Purpose::default() };
        let with_reason = Actor { purpose, ..me.clone() };
        fixture.vault.fill(&with_reason, shop.id, &origin(), password).await.unwrap();
        let last = records(&fixture, &shop).await.pop().unwrap();
        assert_eq!(last.reason.as_deref(), Some("month-end"));
        // A recent sign-in is one in the page: an extension has none.
        fixture.vault.remove_grant(&fixture.admin, grant.grant.id).await.unwrap();
        let recent = GrantConditions { signed_in_minutes: Some(60), ..GrantConditions::default() };
        fixture.vault.create_grant(&fixture.admin, draft(recent)).await.unwrap();
        assert!(matches!(fixture.vault.fill(&me, shop.id, &origin(), password).await, Err(Error::Denied(_))));
        fixture.vault.reveal(&bob, &by_id(&shop), None, None).await.unwrap();
    }

    async fn an_extension_only_fills(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let shop = fixture.credential("Shop").await;
        let me = by_extension(&fixture, &fixture.admin).await;
        let vault = &fixture.vault;
        let short = |error: Error| assert!(matches!(error, Error::TooShort(_)), "{error}");
        short(vault.create_credential(&me, crate::fixture::new_credential("Other")).await.err().unwrap());
        short(vault.edit_credential(&me, &by_id(&shop), Patch::default()).await.err().unwrap());
        short(vault.remove_credential(&me, &by_id(&shop)).await.err().unwrap());
        short(vault.set_grants(&me, &by_id(&shop), &[] as &[NewGrant]).await.err().unwrap());
        short(vault.set_automation(&me, &by_id(&shop), SiteSettings::default()).await.err().unwrap());
        short(vault.end_all_of(&me, me.user).await.err().unwrap());
        short(vault.audit_records(&me, &RecordFilter::default(), &Paging::default()).await.err().unwrap());
    }
}
