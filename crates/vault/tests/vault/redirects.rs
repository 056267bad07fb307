//! Where secrets are typed: never in the clear, and pointed elsewhere only with a trace, a recent sign-in and a person's try.

use countersign_audit::Detail;
use countersign_model::{
    Action, Actor, ChangeKind, ChangePolicy, ChangeReason, ChangeState, Paging, Role, SiteAddress, SiteSettings,
    TooShort,
};
use countersign_store::{audit::RecordFilter, automation, both_engines, credentials, engine::Database};
use countersign_vault::{
    ChangeOutcome, ChangeRequest, Conflict, CredentialView, Error, FieldEdit, NewApiToken, NewCredential, Patch,
    SessionRequest,
};

use crate::{
    changes::{armed, ask, begun, claim, look, prove},
    fixture::{TestVault, by_id, new_credential},
};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

fn address(text: &str) -> SiteAddress {
    SiteAddress::parse(text).unwrap()
}

fn to_site(text: &str) -> Patch {
    Patch { site: FieldEdit::Set(address(text)), ..Patch::default() }
}

fn with_origin(text: &str) -> SiteSettings {
    SiteSettings { origins: vec![text.to_owned()], ..SiteSettings::default() }
}

fn watched(heartbeat: bool) -> SiteSettings {
    SiteSettings { heartbeat, ..SiteSettings::default() }
}

async fn edit(
    fixture: &TestVault,
    actor: &Actor,
    credential: &CredentialView,
    patch: Patch,
) -> Result<CredentialView, Error> {
    fixture.vault.edit_credential(actor, &by_id(credential), patch).await.map(|(view, _)| view)
}

/// As a vault from before has it: the row is written by our own store, so its mark is right.
async fn stored_before(database: &Database, credential: &CredentialView, site: &str) {
    let mut tx = database.write().await.unwrap();
    let mut row = credentials::find(&mut tx, credential.id).await.unwrap().unwrap();
    row.site = Some(address(site));
    assert!(credentials::update(&mut tx, &row, false).await.unwrap());
    tx.commit().await.unwrap();
}

/// The details of the newest record about a credential.
async fn newest(fixture: &TestVault, credential: &CredentialView) -> (String, countersign_audit::Details) {
    let filter = RecordFilter { object: Some(credential.id.uuid()), ..RecordFilter::default() };
    let page = fixture.vault.audit_records(&fixture.admin, &filter, &Paging::first(1)).await.unwrap();
    let entry = page.items[0].entry.clone();
    (entry.act.to_string(), entry.details)
}

fn text(value: &str) -> Option<Detail> {
    Some(Detail::Text(value.to_owned()))
}

async fn made(fixture: &TestVault) -> usize {
    fixture.vault.ask_for_what_is_due().await.unwrap()
}

async fn rehearse(fixture: &TestVault, credential: &CredentialView) {
    let ask = ChangeRequest { kind: ChangeKind::Rehearsal, reason: None };
    fixture.vault.ask_change(&fixture.admin, &by_id(credential), &ask).await.unwrap();
    let mut run = claim(&fixture.vault).await.unwrap();
    run.report(ChangeState::Changing, "at the form", None).await.unwrap();
    run.end(ChangeOutcome::Passed).await.unwrap();
}

both_engines! {
    async fn nothing_is_pointed_to_where_it_can_be_read(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let public = "http://example.org/";
        let new = NewCredential { site: Some(address(public)), ..new_credential("Plain") };
        let refused = fixture.vault.create_credential(&fixture.admin, new).await.map(drop).unwrap_err();
        assert!(matches!(&refused, Error::Invalid(invalid) if invalid.field == "site.url"), "{refused}");
        let credential = fixture.credential("Instagram").await;
        assert!(matches!(edit(&fixture, &fixture.admin, &credential, to_site(public)).await, Err(Error::Invalid(_))));
        for settings in [
            with_origin("http://example.org"),
            SiteSettings { sign_in: Some(address(public)), ..SiteSettings::default() },
            SiteSettings { change: Some(address(public)), ..SiteSettings::default() },
        ] {
            let set = fixture.vault.set_automation(&fixture.admin, &by_id(&credential), settings).await;
            assert!(matches!(set, Err(Error::Invalid(_))));
        }
        for private in ["http://127.0.0.1:8080/", "http://intranet/", "http://192.168.4.1/login"] {
            let view = edit(&fixture, &fixture.admin, &credential, to_site(private)).await.unwrap();
            assert!(view.not_automatable.is_none());
        }
    }

    async fn what_is_stored_with_plain_http_is_kept_and_not_run(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let queued = ask(&fixture, &credential).await;
        stored_before(database, &credential, "http://example.org/").await;

        // What waits already says why it does not run.
        assert!(claim(&fixture.vault).await.is_none());
        let ended = look(&fixture, queued.id).await;
        assert_eq!((ended.state, ended.reason), (ChangeState::Failed, Some(ChangeReason::NoTls)));

        let seen = fixture.vault.credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert!(seen.not_automatable.unwrap().to_string().contains("no TLS"));
        let listed = fixture.vault.list_credentials(&fixture.admin, &Default::default()).await.unwrap();
        assert!(listed.items[0].not_automatable.is_some());
        let change = ChangeRequest { kind: ChangeKind::Rehearsal, reason: None };
        let refused = fixture.vault.ask_change(&fixture.admin, &by_id(&credential), &change).await.unwrap_err();
        assert!(refused.to_string().contains("no TLS"), "{refused}");
        let refused = fixture.vault.start_session(&fixture.admin, &by_id(&credential), &SessionRequest::default()).await;
        assert!(matches!(refused, Err(Error::NoTls(_))));
        // Other fields are edited as ever, the policy asks for nothing.
        let view = fixture.vault.credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        edit(&fixture, &fixture.admin, &view, Patch { tags: Some(Vec::new()), ..Patch::default() }).await.unwrap();
        fixture.vault.set_automation(&fixture.admin, &by_id(&credential), watched(true)).await.unwrap();
        fixture.advance(2 * DAY);
        assert_eq!(made(&fixture).await, 0);
        // With TLS it runs again.
        edit(&fixture, &fixture.signed_in("root").await, &view, to_site("https://example.org/")).await.unwrap();
        begun(&fixture, &credential).await;
    }

    async fn a_change_that_may_have_happened_is_not_proven_in_the_clear(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let (run, _) = armed(&fixture, &credential).await;
        let view = fixture.vault.credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        stored_before(database, &view, "http://example.org/").await;
        fixture.advance(DAY);
        assert!(claim(&fixture.vault).await.is_none());
        let now = look(&fixture, run.id()).await;
        assert_eq!((now.state, now.reason), (ChangeState::InDoubt, Some(ChangeReason::NoTls)));
    }

    async fn pointing_elsewhere_is_recorded_with_what_was_and_what_is(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        edit(&fixture, &fixture.admin, &credential, to_site("https://login.example.net/")).await.unwrap();
        let (act, details) = newest(&fixture, &credential).await;
        assert_eq!(act, "credential.edited");
        assert_eq!(details.get("former_site").cloned(), text("https://example.org/"));
        assert_eq!(details.get("site").cloned(), text("https://login.example.net/"));
        assert_eq!(details.get("disclosure").cloned(), Some(Detail::Flag(true)));

        let settings = SiteSettings {
            sign_in: Some(address("https://login.example.net/in")),
            change: Some(address("https://login.example.net/pw")),
            ..with_origin("https://id.example.net")
        };
        fixture.vault.set_automation(&fixture.admin, &by_id(&credential), settings.clone()).await.unwrap();
        let (act, details) = newest(&fixture, &credential).await;
        assert_eq!(act, "automation.edited");
        assert_eq!(details.get("origins").cloned(), Some(Detail::List(vec!["https://id.example.net".to_owned()])));
        assert_eq!(details.get("former_origins").cloned(), Some(Detail::List(Vec::new())));
        assert_eq!(details.get("sign_in").cloned(), text("https://login.example.net/in"));
        assert_eq!(details.get("change_page").cloned(), text("https://login.example.net/pw"));
        // What stays is not said again.
        fixture.vault.set_automation(&fixture.admin, &by_id(&credential), settings).await.unwrap();
        assert!(newest(&fixture, &credential).await.1.is_empty());
    }

    async fn pointing_elsewhere_needs_a_recent_sign_in(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let page = fixture.signed_in("root").await;
        let scope = async |admin| {
            let new = NewApiToken { name: format!("ci {admin}"), role: None, expires_in_days: None, admin };
            let (_, bearer) = fixture.vault.create_api_token(&page, &new).await.unwrap();
            fixture.vault.recognise(&bearer).await.unwrap().actor
        };
        let (plain, manages) = (scope(false).await, scope(true).await);
        fixture.advance(HOUR);
        for patch in [to_site("https://a.example/"), Patch { site: FieldEdit::Clear, ..Patch::default() }] {
            let refused = edit(&fixture, &page, &credential, patch).await.unwrap_err();
            assert!(matches!(refused, Error::TooShort(TooShort::NotRecent)), "{refused}");
        }
        let set = fixture.vault.set_automation(&page, &by_id(&credential), with_origin("https://a.example")).await;
        assert!(matches!(set, Err(Error::TooShort(TooShort::NotRecent))));
        let refused = edit(&fixture, &plain, &credential, to_site("https://a.example/")).await.unwrap_err();
        assert!(matches!(refused, Error::TooShort(TooShort::Scope)), "{refused}");
        // All else goes on, and so does what manages.
        fixture.vault.set_automation(&page, &by_id(&credential), watched(true)).await.unwrap();
        edit(&fixture, &plain, &credential, to_site("https://example.org/")).await.unwrap();
        edit(&fixture, &manages, &credential, to_site("https://a.example/")).await.unwrap();
        edit(&fixture, &fixture.signed_in("root").await, &credential, to_site("https://b.example/")).await.unwrap();
        assert!(countersign_model::decide_by_role(page.role, Action::EditCredential).is_ok());
    }

    async fn pointing_elsewhere_counts_as_having_seen_the_password(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let settings = SiteSettings {
            policy: ChangePolicy { after_reveal: true, ..ChangePolicy::default() },
            ..SiteSettings::default()
        };
        let set = fixture.vault.set_automation(&fixture.admin, &by_id(&credential), settings.clone()).await.unwrap();
        assert!(set.next_change.is_none());
        edit(&fixture, &fixture.admin, &credential, to_site("https://example.net/")).await.unwrap();
        let known = fixture.vault.automation(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert_eq!(known.next_change.unwrap().0, fixture.now().plus(std::time::Duration::from_secs(HOUR)));

        let other = fixture.credential("Facebook").await;
        fixture.vault.set_automation(&fixture.admin, &by_id(&other), settings.clone()).await.unwrap();
        let settings = SiteSettings { origins: vec!["https://id.example.net".to_owned()], ..settings };
        let set = fixture.vault.set_automation(&fixture.admin, &by_id(&other), settings).await.unwrap();
        assert!(set.next_change.is_some());
    }

    async fn nothing_runs_by_itself_to_a_new_origin_before_a_person_has_rehearsed_it(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        fixture.vault.set_automation(&fixture.admin, &by_id(&credential), watched(true)).await.unwrap();
        // Due and asked for before the edit, taken up after it.
        assert_eq!(made(&fixture).await, 1);
        let open = fixture.vault.open_change(&fixture.admin, &by_id(&credential)).await.unwrap().unwrap();
        edit(&fixture, &fixture.admin, &credential, to_site("https://evil.example/")).await.unwrap();
        assert!(claim(&fixture.vault).await.is_none());
        assert_eq!(look(&fixture, open.id).await.reason, Some(ChangeReason::NotRehearsed));
        let known = fixture.vault.automation(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert_eq!(known.redirected_at, Some(fixture.now()));
        fixture.advance(2 * DAY);
        assert_eq!(made(&fixture).await, 0);
        // A new page of a known origin is no new origin, and lifts nothing.
        let again = fixture.signed_in("root").await;
        edit(&fixture, &again, &credential, to_site("https://evil.example/in")).await.unwrap();
        fixture.advance(2 * DAY);
        assert_eq!(made(&fixture).await, 0);

        rehearse(&fixture, &credential).await;
        let known = fixture.vault.automation(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert!(known.redirected_at.is_none());
        fixture.advance(2 * DAY);
        assert_eq!(made(&fixture).await, 1);
        let run = claim(&fixture.vault).await.unwrap();
        run.end(ChangeOutcome::Passed).await.unwrap();
    }

    async fn a_heartbeat_on_request_waits_for_a_rehearsal_too(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let ask = ChangeRequest { kind: ChangeKind::Heartbeat, reason: None };
        let heartbeat = async || fixture.vault.ask_change(&fixture.admin, &by_id(&credential), &ask).await;
        // Asked for before the edit, taken up after it.
        let asked = heartbeat().await.unwrap();
        edit(&fixture, &fixture.admin, &credential, to_site("https://evil.example/")).await.unwrap();
        assert!(claim(&fixture.vault).await.is_none());
        assert_eq!(look(&fixture, asked.id).await.reason, Some(ChangeReason::NotRehearsed));
        fixture.advance(60);
        let refused = heartbeat().await.map(drop).unwrap_err();
        assert!(matches!(refused, Error::Conflict(Conflict::NotRehearsed)) && refused.to_string().contains("test run first"), "{refused}");
        rehearse(&fixture, &credential).await;
        fixture.advance(60);
        heartbeat().await.unwrap();
    }

    async fn promise_9_heartbeats_and_rehearsals_on_request_are_bounded(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let manager = fixture.person("ann", Role::Manager).await;
        let begun = fixture.now();
        let ask = async |by: &Actor, kind| {
            let request = ChangeRequest { kind, reason: None };
            fixture.vault.ask_change(by, &by_id(&credential), &request).await.map(drop)
        };
        for count in 0..20 {
            let (by, kind) = if count % 2 == 0 { (&fixture.admin, ChangeKind::Heartbeat) } else { (&manager, ChangeKind::Rehearsal) };
            ask(by, kind).await.unwrap();
            let mut run = claim(&fixture.vault).await.unwrap();
            if kind == ChangeKind::Rehearsal {
                run.report(ChangeState::Changing, "at the form", None).await.unwrap();
            }
            run.end(ChangeOutcome::Passed).await.unwrap();
            let refused = ask(&fixture.admin, ChangeKind::Heartbeat).await.unwrap_err();
            assert!(matches!(refused, Error::TriedTooOften { wait, .. } if wait.as_secs() == 60 || count == 19), "{refused}");
            fixture.advance(60);
        }
        for kind in [ChangeKind::Heartbeat, ChangeKind::Rehearsal] {
            let refused = ask(&manager, kind).await.unwrap_err();
            let day = begun.plus(std::time::Duration::from_secs(DAY));
            assert!(matches!(refused, Error::TriedTooOften { until, .. } if until == day), "{refused}");
            assert!(refused.to_string().contains(&day.to_string()), "{refused}");
        }
        // Another credential is another account.
        let other = fixture.credential("Facebook").await;
        let request = ChangeRequest { kind: ChangeKind::Heartbeat, reason: None };
        fixture.vault.ask_change(&manager, &by_id(&other), &request).await.unwrap();
    }

    async fn what_a_person_asked_for_before_the_edit_is_no_try_of_the_new_origin(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let asked = ask(&fixture, &credential).await;
        fixture.advance(1);
        edit(&fixture, &fixture.admin, &credential, to_site("https://evil.example/")).await.unwrap();
        assert!(claim(&fixture.vault).await.is_none());
        assert_eq!(look(&fixture, asked.id).await.reason, Some(ChangeReason::NotRehearsed));

        // One that runs already goes where it began, and says nothing of the new place.
        edit(&fixture, &fixture.admin, &credential, to_site("https://example.org/")).await.unwrap();
        fixture.advance(1);
        let (mut run, _) = armed(&fixture, &credential).await;
        fixture.advance(1);
        edit(&fixture, &fixture.admin, &credential, to_site("https://other.example/")).await.unwrap();
        prove(&mut run).await;
        run.end(ChangeOutcome::Changed).await.unwrap();
        let known = fixture.vault.automation(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert!(known.redirected_at.is_some());
        // The row says it under its mark.
        let mut reader = &**database;
        assert!(automation::find(&mut reader, credential.id).await.unwrap().redirected_at.is_some());
    }
}
