//! The promises of the design, by their numbers, as far as sessions can break them.

use std::sync::Arc;

use countersign_model::{Extras, FakeClock, GrantPermissions, Level, Paging, Role, SessionEnd, Timestamp, UserName};
use countersign_store::{
    audit::RecordFilter,
    both_engines,
    engine::{self, Database, DatabaseUrl, OpenOptions},
    testing::TestDatabase,
};
use countersign_vault::{
    Conflict, Error, Object, PersonEdit, RecordingError, RecordingPart, RecordingStore, RecordingStoreError,
    Recordings, RunError, SessionAction, SessionListRequest, StoreFuture, TokenRequest,
};

use crate::{
    changes::OPTIONS,
    fixture::{PASSWORD, TestVault, by_id, open, open_plain, secret},
    sessions::{NODE, live, member, sign_in, start},
};

both_engines! {
    async fn promise_6_nobody_comes_into_a_session_without_a_grant(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let bob = fixture.person("bob", Role::Member).await;
        let run = live(&fixture, &fixture.admin, &credential).await;

        assert!(matches!(start(&fixture, &bob, &credential).await, Err(Error::NotFound(Object::Credential))));
        for denied in [
            fixture.vault.session(&bob, run.id).await.map(drop),
            fixture.vault.join_session(&bob, run.id, None).await.map(drop),
            fixture.vault.end_session(&bob, run.id).await.map(drop),
            fixture.vault.session_link(&bob, run.id, "bob", Level::View).await.map(drop),
            fixture.vault.recording(&bob, run.id).await.map(drop),
            fixture.vault.recording_part(&bob, run.id, 0).await.map(drop),
        ] {
            assert!(matches!(denied, Err(Error::NotFound(Object::Session))), "{denied:?}");
        }
        let all = SessionListRequest::default();
        assert!(fixture.vault.list_sessions(&bob, &all).await.unwrap().items.is_empty());

        // What is granted of the credential's secrets says nothing of its sessions, and the other way round.
        fixture.grant(&credential, &bob, Some(GrantPermissions { token: true, reveal: true, ..GrantPermissions::SEE })).await;
        let bob = fixture.signed_in("bob").await;
        assert!(matches!(fixture.vault.join_session(&bob, run.id, None).await, Err(Error::NotFound(Object::Session))));
        assert!(matches!(start(&fixture, &bob, &credential).await, Err(Error::Denied(_))));
        let refusals = RecordFilter { act: Some("session.denied".to_owned()), ..RecordFilter::default() };
        assert_eq!(fixture.vault.audit_records(&fixture.admin, &refusals, &Paging::default()).await.unwrap().items.len(), 1, "a refusal is recorded");

        for (level, may_start) in [(Level::View, false), (Level::Interact, true), (Level::Control, true)] {
            fixture.grant(&credential, &bob, Some(GrantPermissions { session: Some(level), ..GrantPermissions::SEE })).await;
            let bob = fixture.signed_in("bob").await;
            assert!(fixture.token(&bob, &credential).await.is_err());
            let seat = fixture.vault.join_session(&bob, run.id, None).await.unwrap();
            assert_eq!((seat.level, seat.may_end, seat.may_freeze), (level, false, false));
            assert!(matches!(fixture.vault.end_session(&bob, run.id).await, Err(Error::Denied(_))), "it is not theirs");
            assert!(matches!(fixture.vault.recording(&bob, run.id).await, Err(Error::Recording(RecordingError::NotToPlay))));
            assert!(matches!(fixture.vault.recording_part(&bob, run.id, 0).await, Err(Error::Recording(RecordingError::NotToPlay))));
            let begun = start(&fixture, &bob, &credential).await.unwrap_err();
            assert_eq!(matches!(begun, Error::Conflict(Conflict::SessionOpen { .. })), may_start, "{level:?}: {begun}");
            assert_eq!(fixture.vault.session(&bob, run.id).await.unwrap().may.share, may_start, "{level:?}");
        }
    }

    async fn promise_6_a_member_may_end_and_play_what_is_theirs(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let ana = member(&fixture, "ana", &credential, Level::Interact).await;
        let run = live(&fixture, &ana, &credential).await;
        fixture.vault.recording(&ana, run.id).await.unwrap();
        let seat = fixture.vault.join_session(&ana, run.id, None).await.unwrap();
        assert_eq!((seat.level, seat.may_end, seat.may_freeze), (Level::Interact, true, false));
        fixture.vault.end_session(&ana, run.id).await.unwrap();
        assert_eq!(run.seen().await.unwrap().end, Some(SessionEnd::Person));
    }

    async fn promise_6_an_auditor_watches_and_ends_and_never_acts(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let carol = fixture.person("carol", Role::Auditor).await;
        // Whatever was granted to them.
        let everything = GrantPermissions::ALL;
        fixture.grant(&credential, &carol, Some(everything)).await;
        let carol = fixture.signed_in("carol").await;
        assert!(matches!(start(&fixture, &carol, &credential).await, Err(Error::Denied(_))));
        let run = live(&fixture, &fixture.admin, &credential).await;
        let seat = fixture.vault.join_session(&carol, run.id, None).await.unwrap();
        assert_eq!((seat.level, seat.extras), (Level::View, Extras::NONE));
        assert!(seat.may_end && seat.may_freeze);
        assert!(matches!(fixture.vault.session_link(&carol, run.id, "root", Level::View).await, Err(Error::Denied(_))));
        let above = fixture.vault.session_link(&fixture.admin, run.id, "carol", Level::Interact).await;
        assert!(matches!(above, Err(Error::Invalid(it)) if it.field == "level"));
        fixture.vault.recording(&carol, run.id).await.unwrap();
        run.writer().record(Some(&seat), SessionAction::Froze).await.unwrap();
        fixture.vault.end_session(&carol, run.id).await.unwrap();
        assert_eq!(run.seen().await.unwrap().end, Some(SessionEnd::Administrator));
        let hers = RecordFilter { actor: Some(carol.user.uuid()), ..RecordFilter::default() };
        let page = fixture.vault.audit_records(&fixture.admin, &hers, &Paging::default()).await.unwrap();
        let acts: Vec<&str> = page.items.iter().rev().map(|it| &*it.entry.act).filter(|act| act.starts_with("session.")).collect();
        assert_eq!(acts, ["session.denied", "session.joined", "session.recording_opened", "session.frozen", "session.end_asked"]);
    }

    async fn promise_6_a_link_serves_one_person_one_time(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (credential, other) = (fixture.credential("Instagram").await, fixture.credential("Facebook").await);
        let ana = member(&fixture, "ana", &credential, Level::Interact).await;
        let (bob, eve) = (fixture.person("bob", Role::Member).await, fixture.person("eve", Role::Member).await);
        let run = live(&fixture, &ana, &credential).await;
        let beside = live(&fixture, &fixture.admin, &other).await;

        let above = fixture.vault.session_link(&ana, run.id, "bob", Level::Control).await;
        assert!(matches!(above, Err(Error::Invalid(it)) if it.field == "level"), "never above the giver's own");
        let link = fixture.vault.session_link(&ana, run.id, "bob", Level::Interact).await.unwrap().link;
        let denied = async |who, id, link: &str| {
            let answer = fixture.vault.join_session(who, id, Some(link)).await;
            assert!(matches!(answer, Err(Error::Denied(_))), "{answer:?}");
        };
        denied(&eve, run.id, &link).await;
        denied(&fixture.admin, run.id, &link).await;
        denied(&bob, beside.id, &link).await;
        for wrong in ["", "cv_", &link[..45], &format!("{}B", &link[..45]), &link.replace("cv_", "cs_")] {
            denied(&bob, run.id, wrong).await;
        }
        assert_eq!(fixture.vault.session(&bob, run.id).await.unwrap().may.join, None, "known, and not yet let in");
        assert!(matches!(fixture.vault.join_session(&bob, run.id, None).await, Err(Error::Denied(_))));

        let seat = fixture.vault.join_session(&bob, run.id, Some(&link)).await.unwrap();
        assert_eq!((seat.level, seat.extras, seat.may_end), (Level::Interact, Extras::NONE, false));
        denied(&bob, run.id, &link).await;
        let again = fixture.vault.join_session(&bob, run.id, None).await.unwrap();
        assert_eq!(again.level, Level::Interact, "a lost connection is no second use");
        assert!(matches!(fixture.vault.session_link(&bob, run.id, "eve", Level::View).await, Err(Error::Denied(_))), "a guest brings no guests");
        let refusals = RecordFilter { act: Some("session.denied".to_owned()), ..RecordFilter::default() };
        let refusals = fixture.vault.audit_records(&fixture.admin, &refusals, &Paging::first(200)).await.unwrap();
        assert_eq!(refusals.items.len(), 10);

        let late = fixture.vault.session_link(&fixture.admin, run.id, "eve", Level::View).await.unwrap();
        fixture.advance(24 * 60 * 60);
        let eve = fixture.signed_in("eve").await;
        let answer = fixture.vault.join_session(&eve, run.id, Some(&late.link)).await;
        assert!(matches!(answer, Err(Error::Denied(_))), "{answer:?}");
    }

    async fn a_link_that_is_too_old_shows_its_session_no_more(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let eve = fixture.person("eve", Role::Member).await;
        let run = live(&fixture, &fixture.admin, &credential).await;
        fixture.vault.session_link(&fixture.admin, run.id, "eve", Level::View).await.unwrap();
        let listed = async |who| fixture.vault.list_sessions(who, &SessionListRequest::default()).await.unwrap().items;
        assert_eq!(listed(&eve).await.iter().map(|it| it.may.join).collect::<Vec<_>>(), [None], "known, and not yet let in");
        fixture.advance(24 * 60 * 60);
        assert!(listed(&fixture.signed_in("eve").await).await.is_empty());
    }

    async fn promise_6_a_session_ends_with_its_owners_right_to_it(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let ana = member(&fixture, "ana", &credential, Level::Interact).await;
        let run = live(&fixture, &ana, &credential).await;
        assert_eq!(run.seen().await.unwrap().end, None);
        fixture.grant(&credential, &ana, Some(GrantPermissions { session: Some(Level::View), ..GrantPermissions::SEE })).await;
        assert_eq!(run.seen().await.unwrap().end, Some(SessionEnd::Administrator));
        run.close(SessionEnd::Administrator).await.unwrap();

        fixture.grant(&credential, &ana, Some(GrantPermissions { session: Some(Level::Interact), ..GrantPermissions::SEE })).await;
        let ana = fixture.signed_in("ana").await;
        let run = live(&fixture, &ana, &credential).await;
        let out = PersonEdit { disabled: Some(true), ..PersonEdit::default() };
        fixture.vault.edit_person(&fixture.admin, ana.user, out).await.unwrap();
        assert_eq!(run.seen().await.unwrap().end, Some(SessionEnd::Administrator));
        assert!(matches!(fixture.vault.join_session(&ana, run.id, None).await, Err(Error::NotSignedIn)));
        run.close(SessionEnd::Administrator).await.unwrap();

        let run = live(&fixture, &fixture.admin, &credential).await;
        let id = run.id;
        fixture.vault.remove_credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert_eq!(run.seen().await.unwrap().end, Some(SessionEnd::Administrator));
        run.close(SessionEnd::Administrator).await.unwrap();
        let carol = fixture.person("carol", Role::Auditor).await;
        let left = fixture.vault.session(&carol, id).await.unwrap();
        assert_eq!((left.credential, left.credential_name.as_str()), (None, "Instagram"));
        fixture.vault.recording(&carol, id).await.unwrap();
    }
}

/// A page limit fills the "disk" at a moment of the test's choosing.
#[tokio::test]
async fn promise_1_no_session_without_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("vault.db"));
    let small = OpenOptions { sqlite_page_limit: Some(260), ..OpenOptions::default() };
    let database = Database::open(&url, &small).await.unwrap();
    let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(1_111_111_110)));
    let vault = open(&database, &folder, &clock, OPTIONS).await;
    let admin = vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await.unwrap();
    let fixture = TestVault { vault, clock, admin, folder };
    let (credential, fresh) = (fixture.credential("Instagram").await, fixture.credential("Facebook").await);
    let run = live(&fixture, &fixture.admin, &credential).await;
    let ended = live_one_more(&fixture).await;

    // Until there is no room for the smallest record.
    let mut refusals = 0;
    while refusals < 3 {
        let read = fixture.vault.token(&fixture.admin, &by_id(&credential), &TokenRequest::default()).await;
        refusals += u32::from(read.is_err());
    }
    let nothing = |what: Result<(), RunError>| match what {
        Err(RunError::Vault(Error::AuditUnavailable(cause) | Error::Database(cause))) => {
            matches!(*cause, engine::Error::Full { .. })
        }
        Err(RunError::Vault(Error::Recording(RecordingError::Full))) => true,
        other => panic!("{other:?}"),
    };
    assert!(nothing(start(&fixture, &fixture.admin, &fresh).await.map(drop).map_err(Into::into)));
    assert!(sign_in(&fixture.vault).await.is_none(), "no browser opens");
    assert!(nothing(fixture.vault.join_session(&fixture.admin, run.id, None).await.map(drop).map_err(Into::into)));
    assert!(nothing(fixture.vault.recording(&fixture.admin, ended).await.map(drop).map_err(Into::into)));
    let part = RecordingPart { seq: 0, from_ms: 0, to_ms: 1, key: true, frames: 1, events: 0, bytes: vec![1; 10] };
    let mut unrecorded = 0;
    for seq in 0..200 {
        unrecorded += u32::from(run.writer().put_part(RecordingPart { seq, ..part.clone() }).await.is_err());
    }
    assert!(unrecorded > 0, "200 parts found room in a full database");
    let not_closed = run.close(SessionEnd::StorageFull).await.unwrap_err();
    assert!(nothing(Err(not_closed.error)), "its end, too");
    let run = not_closed.run;
    fixture.vault.close().await;

    // With room again the session is what it was, and its end is recorded after the fact.
    let database = Database::open(&url, &OpenOptions::default()).await.unwrap();
    let vault = open(&database, &fixture.folder, &fixture.clock, OPTIONS).await;
    let fixture = TestVault { vault, ..fixture };
    let open = SessionListRequest { open: Some(true), ..SessionListRequest::default() };
    let page = fixture.vault.list_sessions(&fixture.admin, &open).await.unwrap();
    assert_eq!(page.items.iter().map(|it| it.id).collect::<Vec<_>>(), [run.id]);
    let run = fixture.vault.host_session(run.id, NODE).await.unwrap();
    run.close(SessionEnd::StorageFull).await.unwrap();
    let checks = fixture.vault.checks().await;
    assert!(checks.iter().all(|check| check.hint.is_none()), "{checks:?}");
}

async fn live_one_more(fixture: &TestVault) -> countersign_model::SessionId {
    let credential = fixture.credential("Ended").await;
    let run = live(fixture, &fixture.admin, &credential).await;
    let id = run.id;
    let part = RecordingPart { seq: 0, from_ms: 0, to_ms: 1, key: true, frames: 1, events: 0, bytes: vec![1; 10] };
    run.writer().put_part(part).await.unwrap();
    run.close(SessionEnd::Person).await.unwrap();
    assert_eq!(
        fixture.vault.host_session(id, NODE).await.err().map(|error| error.to_string()),
        Some("this session has ended: start another".to_owned())
    );
    id
}

/// A store that has no room, or room for less than a part.
struct Tight {
    room: usize,
}

impl RecordingStore for Tight {
    fn put<'a>(&'a self, _: &'a str, bytes: Vec<u8>) -> StoreFuture<'a, ()> {
        let full = RecordingStoreError::Full(format!("{} bytes", self.room));
        Box::pin(async move { if bytes.len() > self.room { Err(full) } else { Ok(()) } })
    }
    fn get<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async { Ok(None) })
    }
    fn remove<'a>(&'a self, _: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn place(&self) -> String {
        "a tight place".to_owned()
    }
}

both_engines! {
    /// Nobody sees a session whose recording would find no room: that is tried before the first frame.
    async fn promise_1_nobody_sees_what_cannot_be_recorded(db: &TestDatabase) {
        for (room, seen) in [(0, false), (100_000, false), (1 << 20, true)] {
            let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(1_111_111_109)));
            let folder = tempfile::tempdir().unwrap();
            let fresh = TestDatabase::new(db.kind(), countersign_store::MIGRATIONS).await;
            let vault = open_plain(&fresh, &folder, &clock).await;
            vault.keep_recordings(Recordings::new(Arc::new(Tight { room })));
            let admin = vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await.unwrap();
            let fixture = TestVault { vault, clock, admin, folder };
            let credential = fixture.credential("Instagram").await;
            let session = start(&fixture, &fixture.admin, &credential).await.unwrap();
            let machine = sign_in(&fixture.vault).await.unwrap();
            let mut run = fixture.vault.host_session(session.id, NODE).await.unwrap();
            machine.end(countersign_vault::ChangeOutcome::Passed).await.unwrap();
            let shown = run.go_live().await;
            assert_eq!((shown.is_ok(), run.live_at.is_some()), (seen, seen), "room for {room} bytes");
            if let Err(error) = shown {
                assert!(matches!(error, RunError::Vault(Error::Recording(RecordingError::Full))), "{error}");
            }
        }
    }
}
