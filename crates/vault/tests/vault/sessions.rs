//! Sessions: asking, hosting, coming in, ending. The tests are the host; no browser runs.

use std::time::Duration;

use countersign_audit::Detail;
use countersign_model::{
    Actor, Challenge, ChangeId, ChangeKind, ChangeReason, ChangeState, ChangeTrigger, CountingChance, Extras,
    GrantPermissions, Level, Paging, Reason, Role, SessionEnd, SessionSettings, SessionState, SiteSettings, Timestamp,
};
use countersign_store::{
    audit::RecordFilter,
    both_engines,
    changes::{ChangeRow, runs},
    jobs,
};
use countersign_vault::{
    ChangeListRequest, ChangeOutcome, ChangeRequest, ChangeRun, Conflict, CredentialView, Error, Object, RunError,
    SessionAction, SessionListRequest, SessionRequest, SessionRun, SessionView, Vault,
};

use crate::fixture::{TestVault, by_id, secret};

pub(crate) const LEASE: Duration = Duration::from_secs(90);
pub(crate) const NODE: &str = "node-1";

pub(crate) async fn start(
    fixture: &TestVault,
    actor: &Actor,
    credential: &CredentialView,
) -> Result<SessionView, Error> {
    fixture.vault.start_session(actor, &by_id(credential), &SessionRequest::default()).await
}

pub(crate) async fn sign_in(vault: &Vault) -> Option<ChangeRun> {
    vault.claim_sign_in(NODE, LEASE).await.unwrap()
}

/// A session that people may see.
pub(crate) async fn live(fixture: &TestVault, actor: &Actor, credential: &CredentialView) -> SessionRun {
    let session = start(fixture, actor, credential).await.unwrap();
    let sign_in = sign_in(&fixture.vault).await.unwrap();
    assert_eq!(sign_in.session(), Some(session.id));
    let mut run = fixture.vault.host_session(session.id, NODE).await.unwrap();
    sign_in.end(ChangeOutcome::Passed).await.unwrap();
    run.go_live().await.unwrap();
    run
}

/// A member who may go so far in the credential's sessions, and nothing else.
pub(crate) async fn member(fixture: &TestVault, name: &str, credential: &CredentialView, level: Level) -> Actor {
    let actor = fixture.person(name, Role::Member).await;
    fixture.grant(credential, &actor, Some(GrantPermissions { session: Some(level), ..GrantPermissions::SEE })).await;
    fixture.signed_in(name).await
}

fn queued(id: ChangeId, credential: &CredentialView, now: Timestamp) -> ChangeRow {
    ChangeRow {
        id,
        credential: credential.id,
        credential_name: credential.name.to_string(),
        kind: ChangeKind::Change,
        state: ChangeState::Queued,
        reason: None,
        asked_by: "root".to_owned(),
        because: ChangeTrigger::Person,
        note: None,
        created_at: now,
        started_at: None,
        ended_at: None,
        not_before: None,
        waiting_until: None,
        candidate: None,
        armed_at: None,
        attempts: 0,
        current_tries: 0,
        candidate_tries: 0,
        site_answer: None,
        submitted_at: None,
        settled_by: None,
        asker: None,
    }
}

/// Records about a credential whose acts begin with `session.`, the oldest first, each with one of its details.
async fn records(fixture: &TestVault, detail: &'static str) -> Vec<String> {
    let page =
        fixture.vault.audit_records(&fixture.admin, &RecordFilter::default(), &Paging::first(200)).await.unwrap();
    let mut lines = Vec::new();
    for record in page.items.iter().rev().filter(|record| record.entry.act.starts_with("session.")) {
        let told = record.entry.details.get(detail).map(|value| match value {
            Detail::Text(text) => text.clone(),
            other => format!("{other:?}"),
        });
        lines.push(
            format!("{} {} {}", record.entry.actor.name, record.entry.act, told.unwrap_or_default()).trim().to_owned(),
        );
    }
    lines
}

both_engines! {
    async fn a_session_is_asked_for_taken_seen_and_ended(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let session = start(&fixture, &fixture.admin, &credential).await.unwrap();
        assert_eq!((session.state, session.sign_in.is_some()), (SessionState::Starting, true));
        assert!(fixture.vault.claim_change(NODE, LEASE).await.unwrap().is_none(), "ordinary workers leave it alone");
        let sign_in = sign_in(&fixture.vault).await.unwrap();
        let mut run = fixture.vault.host_session(session.id, NODE).await.unwrap();
        assert_eq!((run.sign_in, run.change, run.owner_name.as_str()), (Some(sign_in.id()), None, "root"));
        assert!(fixture.vault.change(&fixture.admin, sign_in.id()).await.is_err(), "a sign-in shows in its session");
        sign_in.end(ChangeOutcome::Passed).await.unwrap();
        run.go_live().await.unwrap();
        fixture.advance(5);
        assert_eq!(run.seen().await.unwrap().end, None);
        let seat = fixture.vault.join_session(&fixture.admin, run.id, None).await.unwrap();
        assert_eq!((seat.level, seat.may_end), (Level::Control, true));

        let ending = fixture.vault.end_session(&fixture.admin, run.id).await.unwrap();
        assert_eq!(ending.state, SessionState::Live, "its host closes the browser first");
        assert_eq!(run.seen().await.unwrap().end, Some(SessionEnd::Person));
        run.close(SessionEnd::Person).await.unwrap();
        let ended = fixture.vault.session(&fixture.admin, session.id).await.unwrap();
        assert_eq!((ended.state, ended.ended_why), (SessionState::Ended, Some(SessionEnd::Person)));
        assert!(matches!(fixture.vault.host_session(session.id, NODE).await, Err(RunError::Vault(Error::SessionEnded))));
        assert!(matches!(fixture.vault.join_session(&fixture.admin, session.id, None).await, Err(Error::SessionEnded)));
        start(&fixture, &fixture.admin, &credential).await.unwrap();
        let ask = SessionListRequest { open: Some(true), ..SessionListRequest::default() };
        assert_eq!(fixture.vault.list_sessions(&fixture.admin, &ask).await.unwrap().items.len(), 1);
    }

    async fn one_session_at_a_time_and_none_beside_a_change(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let member = fixture.person("ana", Role::Member).await;
        fixture.grant(&credential, &member, Some(GrantPermissions { session: Some(Level::Interact), ..GrantPermissions::SEE })).await;
        let member = fixture.signed_in("ana").await;
        let ask = ChangeRequest { kind: countersign_model::ChangeKind::Change, reason: None };
        let change = fixture.vault.ask_change(&fixture.admin, &by_id(&credential), &ask).await.unwrap();
        let refused = start(&fixture, &member, &credential).await.unwrap_err();
        assert!(matches!(refused, Error::Conflict(Conflict::ChangeRunning(id)) if id == change.id), "{refused}");
        fixture.vault.cancel_change(&fixture.admin, change.id).await.unwrap();

        let first = live(&fixture, &member, &credential).await;
        let second = start(&fixture, &fixture.admin, &credential).await.unwrap_err();
        assert!(
            matches!(&second, Error::Conflict(Conflict::SessionOpen { session, by, .. }) if *session == first.id && by == "ana"),
            "the page can offer to watch: {second}"
        );
        let beside = fixture.vault.ask_change(&fixture.admin, &by_id(&credential), &ask).await.unwrap_err();
        assert_eq!(
            beside.to_string(),
            "a session of \"Instagram\" is open, started by ana: view it, end it, or wait until it ends",
            "what is open is called what it is"
        );
    }

    async fn a_change_that_was_asked_for_before_waits_until_the_session_has_ended(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let session = live(&fixture, &fixture.admin, &credential).await;
        // Past every check, as by another node in the same moment.
        let id = ChangeId::new(fixture.now(), &CountingChance::default());
        let mut tx = database.write().await.unwrap();
        assert!(runs::insert(&mut tx, &queued(id, &credential, fixture.now())).await.unwrap());
        jobs::insert(&mut tx, id, fixture.now(), ChangeKind::Change).await.unwrap();
        tx.commit().await.unwrap();

        assert!(crate::changes::claim(&fixture.vault).await.is_none(), "never beside a live session");
        let put_off = fixture.vault.change(&fixture.admin, id).await.unwrap();
        assert_eq!(put_off.state, ChangeState::Postponed);
        assert_eq!(put_off.reason, Some(ChangeReason::SessionOpen));
        let told: Vec<_> = put_off.events.iter().map(|it| it.text.as_str()).collect();
        assert!(told.contains(&"a session of \"Instagram\" is open, started by root"), "{told:?}");

        session.close(SessionEnd::Person).await.unwrap();
        fixture.advance(60);
        assert_eq!(crate::changes::claim(&fixture.vault).await.unwrap().id(), id);
    }

    async fn what_a_policy_asks_for_comes_after_the_session(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let settings = SiteSettings { heartbeat: true, ..SiteSettings::default() };
        fixture.vault.set_automation(&fixture.admin, &by_id(&credential), settings).await.unwrap();
        let session = live(&fixture, &fixture.admin, &credential).await;
        assert_eq!(fixture.vault.ask_for_what_is_due().await.unwrap(), 0);
        session.close(SessionEnd::Person).await.unwrap();
        assert_eq!(fixture.vault.ask_for_what_is_due().await.unwrap(), 1);
    }

    async fn who_asks_for_a_session_needs_all_that_it_takes(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let session = SessionSettings { idle_minutes: 5, longest_minutes: 60, reason: true };
        let settings = SiteSettings { session, ..SiteSettings::default() };
        fixture.vault.set_automation(&fixture.admin, &by_id(&credential), settings).await.unwrap();
        let refused = start(&fixture, &fixture.admin, &credential).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid(it) if it.field == "reason"), "{refused}");
        let ask = SessionRequest { reason: Some(Reason::parse("campaign").unwrap()) };
        let session = fixture.vault.start_session(&fixture.admin, &by_id(&credential), &ask).await.unwrap();
        assert_eq!(session.reason.as_deref(), Some("campaign"));
        let run = fixture.vault.host_session(session.id, NODE).await.unwrap();
        assert_eq!((run.idle.as_secs(), run.longest.as_secs()), (5 * 60, 60 * 60));

        let patch = countersign_vault::Patch { password: countersign_vault::FieldEdit::Clear, ..Default::default() };
        let bare = fixture.credential("Bare").await;
        fixture.vault.edit_credential(&fixture.admin, &by_id(&bare), patch).await.unwrap();
        assert!(matches!(start(&fixture, &fixture.admin, &bare).await, Err(Error::Empty("password"))));
    }

    async fn nobody_has_more_than_twenty_sessions(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        for number in 0..20 {
            let credential = fixture.credential(&format!("Site {number}")).await;
            start(&fixture, &fixture.admin, &credential).await.unwrap();
        }
        let one_more = fixture.credential("One more").await;
        assert!(matches!(start(&fixture, &fixture.admin, &one_more).await, Err(Error::Conflict(Conflict::TooManySessions(20)))));
        let manager = fixture.person("bob", Role::Manager).await;
        start(&fixture, &manager, &one_more).await.unwrap();
    }

    async fn a_session_ends_at_once_where_nobody_has_it(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let session = start(&fixture, &fixture.admin, &credential).await.unwrap();
        let ended = fixture.vault.end_session(&fixture.admin, session.id).await.unwrap();
        assert_eq!(ended.ended_why, Some(SessionEnd::Person));
        assert!(sign_in(&fixture.vault).await.is_none(), "its sign-in is called off with it");
        assert!(matches!(fixture.vault.host_session(session.id, NODE).await, Err(RunError::Vault(Error::SessionEnded))));
        assert!(matches!(fixture.vault.end_session(&fixture.admin, session.id).await, Err(Error::SessionEnded)));

        // While a worker signs in, the browser is closed first.
        let session = start(&fixture, &fixture.admin, &credential).await.unwrap();
        let run = sign_in(&fixture.vault).await.unwrap();
        let ending = fixture.vault.end_session(&fixture.admin, session.id).await.unwrap();
        assert_eq!(ending.state, SessionState::Starting);
        assert!(run.lease().renew(LEASE).await.unwrap().cancelled);
        let host = fixture.vault.host_session(session.id, NODE).await.unwrap();
        assert_eq!(host.seen().await.unwrap().end, Some(SessionEnd::Person));
        run.end(ChangeOutcome::Cancelled).await.unwrap();
        host.close(SessionEnd::Person).await.unwrap();
        assert_eq!(
            records(&fixture, "why").await,
            [
                "root session.started", "root session.end_asked", "root session.ended person",
                "root session.started", "root session.end_asked", "countersign session.ended person",
            ]
        );
    }

    async fn a_failed_sign_in_says_why(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let session = start(&fixture, &fixture.admin, &credential).await.unwrap();
        let mut run = sign_in(&fixture.vault).await.unwrap();
        let host = fixture.vault.host_session(session.id, NODE).await.unwrap();
        run.use_password(countersign_model::PasswordSlot::Current, true).await.unwrap();
        let reason = countersign_model::ChangeReason::WrongPassword;
        run.end(ChangeOutcome::Failed { reason }).await.unwrap();
        host.close(SessionEnd::SignInFailed).await.unwrap();
        let seen = fixture.vault.session(&fixture.admin, session.id).await.unwrap();
        assert!(seen.says.starts_with("Countersign could not sign in. The site did not accept the user name and password."), "{}", seen.says);
    }

    async fn a_host_that_is_not_heard_of_loses_its_session(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let mut run = live(&fixture, &fixture.admin, &credential).await;
        fixture.advance(59);
        assert_eq!(fixture.vault.sweep_sessions().await.unwrap(), 0);
        run.seen().await.unwrap();
        fixture.advance(59);
        assert_eq!(fixture.vault.sweep_sessions().await.unwrap(), 0, "it was heard of");
        assert!(matches!(fixture.vault.host_session(run.id, "node-2").await, Err(RunError::LeaseLost)));
        fixture.advance(1);
        assert_eq!(fixture.vault.sweep_sessions().await.unwrap(), 1);
        assert_eq!(fixture.vault.sweep_sessions().await.unwrap(), 0);
        for late in [
            run.seen().await.map(drop),
            run.go_live().await,
            run.keep_browser(&secret("cookies"), "{}").await,
        ] {
            assert!(matches!(late, Err(RunError::LeaseLost)), "{late:?}");
        }
        let not_closed = run.close(SessionEnd::Idle).await.unwrap_err();
        assert!(matches!(not_closed.error, RunError::LeaseLost), "{not_closed:?}");
        let seen = fixture.vault.session(&fixture.admin, not_closed.run.id).await.unwrap();
        assert_eq!(seen.ended_why, Some(SessionEnd::NodeLost));

        // In the middle of its sign-in, too; that is over then.
        let session = start(&fixture, &fixture.admin, &credential).await.unwrap();
        let half = sign_in(&fixture.vault).await.unwrap();
        fixture.vault.host_session(session.id, NODE).await.unwrap();
        fixture.advance(60);
        assert_eq!(fixture.vault.sweep_sessions().await.unwrap(), 1);
        assert!(matches!(half.end(ChangeOutcome::Passed).await.unwrap_err().error, RunError::LeaseLost));
        start(&fixture, &fixture.admin, &credential).await.unwrap();
    }

    async fn a_sign_in_is_not_begun_twice(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let session = start(&fixture, &fixture.admin, &credential).await.unwrap();
        sign_in(&fixture.vault).await.unwrap();
        assert!(sign_in(&fixture.vault).await.is_none());
        fixture.clock.advance(LEASE);
        assert!(sign_in(&fixture.vault).await.is_none(), "its worker is gone, and nobody waits for it any more");
        let seen = fixture.vault.session(&fixture.admin, session.id).await.unwrap();
        assert_eq!(seen.ended_why, Some(SessionEnd::NodeLost));
        start(&fixture, &fixture.admin, &credential).await.unwrap();

        // One that no machine takes is not waited for longer than ten minutes.
        fixture.advance(10 * 60 - 1);
        assert_eq!(fixture.vault.sweep_sessions().await.unwrap(), 0);
        fixture.advance(1);
        assert_eq!(fixture.vault.sweep_sessions().await.unwrap(), 1);
        assert!(sign_in(&fixture.vault).await.is_none());
    }

    async fn sign_ins_are_no_changes_for_people(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        start(&fixture, &fixture.admin, &credential).await.unwrap();
        let mut run = sign_in(&fixture.vault).await.unwrap();
        let until = fixture.now().plus(LEASE);
        run.park(Challenge::Captcha, None, until, None).await.unwrap();
        assert!(fixture.vault.open_changes().await.unwrap().is_empty(), "whoever started the session sees it there");
        let all = ChangeListRequest::default();
        assert!(fixture.vault.list_changes(&fixture.admin, &all).await.unwrap().items.is_empty());
        assert!(fixture.vault.open_change(&fixture.admin, &by_id(&credential)).await.unwrap().is_none());
        for refused in [
            fixture.vault.change(&fixture.admin, run.id()).await.map(drop),
            fixture.vault.cancel_change(&fixture.admin, run.id()).await.map(drop),
            fixture.vault.open_waiting(&fixture.admin, run.id()).await.map(drop),
        ] {
            assert!(matches!(refused, Err(Error::NotFound(Object::Change))), "{refused:?}");
        }
        let ask = ChangeRequest { kind: ChangeKind::SignIn, reason: None };
        let other = fixture.credential("Facebook").await;
        let asked = fixture.vault.ask_change(&fixture.admin, &by_id(&other), &ask).await.unwrap_err();
        assert!(matches!(&asked, Error::Invalid(it) if it.field == "kind"), "{asked}");
    }

    async fn nobody_in_a_session_is_disturbed_by_the_policy(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let settings = SiteSettings { heartbeat: true, ..SiteSettings::default() };
        fixture.vault.set_automation(&fixture.admin, &by_id(&credential), settings).await.unwrap();
        let run = live(&fixture, &fixture.admin, &credential).await;
        assert_eq!(fixture.vault.ask_for_what_is_due().await.unwrap(), 0);
        run.close(SessionEnd::Idle).await.unwrap();
        assert_eq!(fixture.vault.ask_for_what_is_due().await.unwrap(), 1);
    }

    async fn what_the_browser_remembers_serves_the_next_sign_in(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let run = live(&fixture, &fixture.admin, &credential).await;
        run.keep_browser(&secret("the cookies"), r#"{"language":"de"}"#).await.unwrap();
        run.close(SessionEnd::Person).await.unwrap();
        start(&fixture, &fixture.admin, &credential).await.unwrap();
        let next = sign_in(&fixture.vault).await.unwrap();
        let (state, identity) = next.browser_state().await.unwrap().unwrap();
        assert_eq!((state.expose_text(), identity.as_str()), (Some("the cookies"), r#"{"language":"de"}"#));
    }

    async fn a_waiting_change_is_opened_for_a_person(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let ana = member(&fixture, "ana", &credential, Level::Interact).await;
        let ask = ChangeRequest { kind: ChangeKind::Change, reason: None };
        let change = fixture.vault.ask_change(&fixture.admin, &by_id(&credential), &ask).await.unwrap().id;
        assert!(matches!(fixture.vault.open_waiting(&ana, change).await, Err(Error::Conflict(Conflict::TooLate))));
        let mut run = fixture.vault.claim_change(NODE, LEASE).await.unwrap().unwrap();
        let until = fixture.now().plus(LEASE);
        run.park(Challenge::Location, None, until, None).await.unwrap();
        assert_eq!(fixture.vault.session_of_change(change).await.unwrap(), None);

        let session = fixture.vault.open_waiting(&ana, change).await.unwrap();
        assert_eq!((session.change, session.sign_in), (Some(change), None));
        assert_eq!(fixture.vault.open_waiting(&fixture.admin, change).await.unwrap().id, session.id);
        assert_eq!(fixture.vault.session_of_change(change).await.unwrap(), Some(session.id));
        assert!(matches!(start(&fixture, &fixture.admin, &credential).await, Err(Error::Conflict(Conflict::SessionOpen { .. }))));
        assert!(sign_in(&fixture.vault).await.is_none(), "nothing is signed in for it");

        let mut host = fixture.vault.host_session(session.id, NODE).await.unwrap();
        assert_eq!((host.change, host.sign_in, host.owner_name.as_str()), (Some(change), None, "ana"));
        host.go_live().await.unwrap();
        run.report(ChangeState::SigningIn, "the challenge is gone", None).await.unwrap();
        host.close(SessionEnd::ChangeWentOn).await.unwrap();
        assert!(matches!(fixture.vault.open_waiting(&ana, change).await, Err(Error::Conflict(Conflict::TooLate))));
        assert_eq!(fixture.vault.session_of_change(change).await.unwrap(), None);
    }

    async fn what_people_do_is_on_record(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let everything = GrantPermissions { session: Some(Level::Control), extras: Extras::ALL, ..GrantPermissions::SEE };
        fixture.grant(&credential, &fixture.admin, Some(everything)).await;
        let run = live(&fixture, &fixture.admin, &credential).await;
        let seat = fixture.vault.join_session(&fixture.admin, run.id, None).await.unwrap();
        let hash = fixture.vault.keyed_hash(b"what was copied");
        assert_eq!((hash.len(), hash.clone()), (32, fixture.vault.keyed_hash(b"what was copied")));
        assert_ne!(hash, fixture.vault.keyed_hash(b"what was copieD"));
        for act in [
            SessionAction::TookControl,
            SessionAction::ClipboardIn { length: 15, hash: hash.clone() },
            SessionAction::ClipboardOut { length: 3, hash: hash.clone() },
            SessionAction::Uploaded { name: "picture.png".to_owned(), length: 7, hash: hash.clone() },
            SessionAction::Downloaded { name: "list.csv".to_owned(), length: 9, hash },
            SessionAction::AddressOpened { origin: "https://example.org".to_owned() },
            SessionAction::GaveControl,
            SessionAction::Done,
            SessionAction::Left,
        ] {
            run.writer().record(Some(&seat), act).await.unwrap();
        }
        run.writer().record(None, SessionAction::Froze).await.unwrap();
        run.writer().record(None, SessionAction::Thawed).await.unwrap();
        assert_eq!(
            records(&fixture, "length").await,
            [
                "root session.started", "root session.joined", "root session.control_taken",
                "root session.clipboard_in Number(15)", "root session.clipboard_out Number(3)", "root session.uploaded Number(7)",
                "root session.downloaded Number(9)", "root session.address_opened", "root session.control_given",
                "root session.done", "root session.left", "countersign session.frozen", "countersign session.thawed",
            ]
        );
    }

    async fn sessions_are_listed_page_by_page(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (first, second) = (fixture.credential("Instagram").await, fixture.credential("Facebook").await);
        let ana = member(&fixture, "ana", &first, Level::View).await;
        for credential in [&first, &second, &first, &second, &first] {
            let run = live(&fixture, &fixture.admin, credential).await;
            run.close(SessionEnd::Person).await.unwrap();
            fixture.advance(1);
        }
        let open = start(&fixture, &fixture.admin, &first).await.unwrap();
        let names = async |actor: &Actor, mut ask: SessionListRequest| {
            let mut names = Vec::new();
            loop {
                let page = fixture.vault.list_sessions(actor, &ask).await.unwrap();
                names.extend(page.items.iter().map(|it| (it.credential_name.clone(), it.id)));
                match page.next_cursor {
                    Some(next) => ask.paging = ask.paging.after(next),
                    None => break names,
                }
            }
        };
        let all = names(&fixture.admin, SessionListRequest { paging: Paging::first(2), ..SessionListRequest::default() }).await;
        assert_eq!(all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Instagram", "Instagram", "Facebook", "Instagram", "Facebook", "Instagram"]);
        assert_eq!(all[0].1, open.id);
        let closed = SessionListRequest { open: Some(false), credential: Some(by_id(&first)), ..SessionListRequest::default() };
        assert_eq!(names(&fixture.admin, closed).await.len(), 3);
        assert_eq!(names(&ana, SessionListRequest::default()).await.len(), 4, "those of what she may watch");
        for cursor in ["nonsense", "", "MTIz"] {
            let wrong = SessionListRequest { paging: Paging::default().after(cursor.to_owned()), ..SessionListRequest::default() };
            let answer = fixture.vault.list_sessions(&fixture.admin, &wrong).await;
            assert!(matches!(answer, Err(Error::Invalid(it)) if it.field == "cursor"), "{cursor}");
        }
    }

    async fn extras_come_from_the_grant_alone(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let run = live(&fixture, &fixture.admin, &credential).await;
        let seat = fixture.vault.join_session(&fixture.admin, run.id, None).await.unwrap();
        assert_eq!(seat.extras, Extras::NONE, "also for an administrator");
        let extras = Extras { paste: true, ..Extras::NONE };
        fixture.grant(&credential, &fixture.admin, Some(GrantPermissions { extras, ..GrantPermissions::SEE })).await;
        let admin = fixture.signed_in("root").await;
        assert_eq!(fixture.vault.join_session(&admin, run.id, None).await.unwrap().extras, extras);
    }
}
