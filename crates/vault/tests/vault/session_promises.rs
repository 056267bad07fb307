//! The promises of the design, by their numbers, as far as sessions can break them.

use std::sync::Arc;

use countersign_model::{Extras, FakeClock, Grant, Level, Role, SessionEnd, Timestamp, UserName};
use countersign_store::{
    audit::RecordFilter,
    both_engines,
    engine::{self, Database, DatabaseUrl, OpenOptions},
    testing::TestDatabase,
};
use countersign_vault::{
    Error, PersonEdit, RecordingPart, RecordingStore, RecordingStoreError, Recordings, SessionAction,
    SessionListRequest, StoreFuture, TokenRequest,
};

use crate::{
    changes::OPTIONS,
    house::{House, PASSWORD, by_id, open, open_plain, secret},
    sessions::{NODE, live, member, sign_in, start},
};

both_engines! {
    async fn promise_6_nobody_comes_into_a_session_without_a_grant(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let bob = house.person("bob", Role::Member).await;
        let run = live(&house, &house.admin, &credential).await;

        assert!(matches!(start(&house, &bob, &credential).await, Err(Error::NotFound("credential"))));
        for denied in [
            house.vault.session(&bob, run.id).await.map(drop),
            house.vault.join_session(&bob, run.id, None).await.map(drop),
            house.vault.end_session(&bob, run.id).await.map(drop),
            house.vault.session_link(&bob, run.id, "bob", Level::View).await.map(drop),
            house.vault.recording(&bob, run.id).await.map(drop),
            house.vault.recording_part(&bob, run.id, 0).await.map(drop),
        ] {
            assert!(matches!(denied, Err(Error::NotFound("session"))), "{denied:?}");
        }
        let all = SessionListRequest::default();
        assert!(house.vault.list_sessions(&bob, &all).await.unwrap().items.is_empty());

        // What is granted of the credential's secrets says nothing of its sessions, and the other way round.
        house.grant(&credential, &bob, Some(Grant { token: true, reveal: true, ..Grant::SEE })).await;
        let bob = house.signed_in("bob").await;
        assert!(matches!(house.vault.join_session(&bob, run.id, None).await, Err(Error::NotFound("session"))));
        assert!(matches!(start(&house, &bob, &credential).await, Err(Error::Denied(_))));
        let refusals = RecordFilter { act: Some("session.denied".to_owned()), ..RecordFilter::default() };
        assert_eq!(house.vault.audit_records(&house.admin, &refusals, 0).await.unwrap().items.len(), 1, "a refusal is recorded");

        for (level, may_start) in [(Level::View, false), (Level::Interact, true), (Level::Control, true)] {
            house.grant(&credential, &bob, Some(Grant { session: Some(level), ..Grant::SEE })).await;
            let bob = house.signed_in("bob").await;
            assert!(house.token(&bob, &credential).await.is_err());
            let seat = house.vault.join_session(&bob, run.id, None).await.unwrap();
            assert_eq!((seat.level, seat.may_end, seat.may_freeze), (level, false, false));
            assert!(matches!(house.vault.end_session(&bob, run.id).await, Err(Error::Denied(_))), "it is not theirs");
            assert!(matches!(house.vault.recording(&bob, run.id).await, Err(Error::Denied(_))));
            assert!(matches!(house.vault.recording_part(&bob, run.id, 0).await, Err(Error::Denied(_))));
            let begun = start(&house, &bob, &credential).await.unwrap_err();
            assert_eq!(matches!(begun, Error::InUse { .. }), may_start, "{level:?}: {begun}");
            assert_eq!(house.vault.session(&bob, run.id).await.unwrap().may.share, may_start, "{level:?}");
        }
    }

    async fn promise_6_a_member_may_end_and_play_what_is_theirs(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let ana = member(&house, "ana", &credential, Level::Interact).await;
        let run = live(&house, &ana, &credential).await;
        house.vault.recording(&ana, run.id).await.unwrap();
        let seat = house.vault.join_session(&ana, run.id, None).await.unwrap();
        assert_eq!((seat.level, seat.may_end, seat.may_freeze), (Level::Interact, true, false));
        house.vault.end_session(&ana, run.id).await.unwrap();
        assert_eq!(house.vault.session_seen(&run).await.unwrap().end, Some(SessionEnd::Person));
    }

    async fn promise_6_an_auditor_watches_and_ends_and_never_acts(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let carol = house.person("carol", Role::Auditor).await;
        // Whatever was granted to them.
        let everything = Grant { token: true, reveal: true, session: Some(Level::Control), extras: Extras::ALL };
        house.grant(&credential, &carol, Some(everything)).await;
        let carol = house.signed_in("carol").await;
        assert!(matches!(start(&house, &carol, &credential).await, Err(Error::Denied(_))));
        let run = live(&house, &house.admin, &credential).await;
        let seat = house.vault.join_session(&carol, run.id, None).await.unwrap();
        assert_eq!((seat.level, seat.extras), (Level::View, Extras::NONE));
        assert!(seat.may_end && seat.may_freeze);
        assert!(matches!(house.vault.session_link(&carol, run.id, "root", Level::View).await, Err(Error::Denied(_))));
        let above = house.vault.session_link(&house.admin, run.id, "carol", Level::Interact).await;
        assert!(matches!(above, Err(Error::Invalid(it)) if it.field == "level"));
        house.vault.recording(&carol, run.id).await.unwrap();
        house.vault.record_session(&run, Some(&seat), SessionAction::Froze).await.unwrap();
        house.vault.end_session(&carol, run.id).await.unwrap();
        assert_eq!(house.vault.session_seen(&run).await.unwrap().end, Some(SessionEnd::Administrator));
        let hers = RecordFilter { actor: Some(carol.user.uuid()), ..RecordFilter::default() };
        let page = house.vault.audit_records(&house.admin, &hers, 0).await.unwrap();
        let acts: Vec<&str> = page.items.iter().rev().map(|it| &*it.entry.act).filter(|act| act.starts_with("session.")).collect();
        assert_eq!(acts, ["session.denied", "session.joined", "session.recording_opened", "session.frozen", "session.end_asked"]);
    }

    async fn promise_6_a_link_serves_one_person_one_time(database: &TestDatabase) {
        let house = House::new(database).await;
        let (credential, other) = (house.credential("Instagram").await, house.credential("Facebook").await);
        let ana = member(&house, "ana", &credential, Level::Interact).await;
        let (bob, eve) = (house.person("bob", Role::Member).await, house.person("eve", Role::Member).await);
        let run = live(&house, &ana, &credential).await;
        let beside = live(&house, &house.admin, &other).await;

        let above = house.vault.session_link(&ana, run.id, "bob", Level::Control).await;
        assert!(matches!(above, Err(Error::Invalid(it)) if it.field == "level"), "never above the giver's own");
        let link = house.vault.session_link(&ana, run.id, "bob", Level::Interact).await.unwrap().link;
        let denied = async |who, id, link: &str| {
            let answer = house.vault.join_session(who, id, Some(link)).await;
            assert!(matches!(answer, Err(Error::Denied(_))), "{answer:?}");
        };
        denied(&eve, run.id, &link).await;
        denied(&house.admin, run.id, &link).await;
        denied(&bob, beside.id, &link).await;
        for wrong in ["", "cv_", &link[..45], &format!("{}B", &link[..45]), &link.replace("cv_", "cs_")] {
            denied(&bob, run.id, wrong).await;
        }
        assert_eq!(house.vault.session(&bob, run.id).await.unwrap().may.join, None, "known, and not yet let in");
        assert!(matches!(house.vault.join_session(&bob, run.id, None).await, Err(Error::Denied(_))));

        let seat = house.vault.join_session(&bob, run.id, Some(&link)).await.unwrap();
        assert_eq!((seat.level, seat.extras, seat.may_end), (Level::Interact, Extras::NONE, false));
        denied(&bob, run.id, &link).await;
        let again = house.vault.join_session(&bob, run.id, None).await.unwrap();
        assert_eq!(again.level, Level::Interact, "a lost connection is no second use");
        assert!(matches!(house.vault.session_link(&bob, run.id, "eve", Level::View).await, Err(Error::Denied(_))), "a guest brings no guests");
        let refusals = RecordFilter { act: Some("session.denied".to_owned()), ..RecordFilter::default() };
        let refusals = house.vault.audit_records(&house.admin, &refusals, 200).await.unwrap();
        assert_eq!(refusals.items.len(), 10);

        let late = house.vault.session_link(&house.admin, run.id, "eve", Level::View).await.unwrap();
        house.advance(24 * 60 * 60);
        let eve = house.signed_in("eve").await;
        let answer = house.vault.join_session(&eve, run.id, Some(&late.link)).await;
        assert!(matches!(answer, Err(Error::Denied(_))), "{answer:?}");
    }

    async fn promise_6_a_session_ends_with_its_owners_right_to_it(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let ana = member(&house, "ana", &credential, Level::Interact).await;
        let mut run = live(&house, &ana, &credential).await;
        assert_eq!(house.vault.session_seen(&run).await.unwrap().end, None);
        house.grant(&credential, &ana, Some(Grant { session: Some(Level::View), ..Grant::SEE })).await;
        assert_eq!(house.vault.session_seen(&run).await.unwrap().end, Some(SessionEnd::Administrator));
        house.vault.close_session(&mut run, SessionEnd::Administrator).await.unwrap();

        house.grant(&credential, &ana, Some(Grant { session: Some(Level::Interact), ..Grant::SEE })).await;
        let ana = house.signed_in("ana").await;
        let mut run = live(&house, &ana, &credential).await;
        let out = PersonEdit { disabled: Some(true), ..PersonEdit::default() };
        house.vault.edit_person(&house.admin, ana.user, out).await.unwrap();
        assert_eq!(house.vault.session_seen(&run).await.unwrap().end, Some(SessionEnd::Administrator));
        assert!(matches!(house.vault.join_session(&ana, run.id, None).await, Err(Error::NotSignedIn)));
        house.vault.close_session(&mut run, SessionEnd::Administrator).await.unwrap();

        let mut run = live(&house, &house.admin, &credential).await;
        house.vault.remove_credential(&house.admin, &by_id(&credential)).await.unwrap();
        assert_eq!(house.vault.session_seen(&run).await.unwrap().end, Some(SessionEnd::Administrator));
        house.vault.close_session(&mut run, SessionEnd::Administrator).await.unwrap();
        let carol = house.person("carol", Role::Auditor).await;
        let left = house.vault.session(&carol, run.id).await.unwrap();
        assert_eq!((left.row.credential, left.row.credential_name.as_str()), (None, "Instagram"));
        house.vault.recording(&carol, run.id).await.unwrap();
    }
}

/// A page limit fills the "disk" at a moment of the test's choosing.
#[tokio::test]
async fn promise_1_no_session_without_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("vault.db"));
    let small = OpenOptions { sqlite_page_limit: Some(170), ..OpenOptions::default() };
    let database = Database::open(&url, &small).await.unwrap();
    let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(1_111_111_110)));
    let vault = open(&database, &folder, &clock, OPTIONS).await;
    let admin = vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await.unwrap();
    let house = House { vault, clock, admin, folder };
    let (credential, fresh) = (house.credential("Instagram").await, house.credential("Facebook").await);
    let mut run = live(&house, &house.admin, &credential).await;
    let ended = live_one_more(&house).await;

    // Until there is no room for the smallest record.
    let mut refusals = 0;
    while refusals < 3 {
        let read = house.vault.token(&house.admin, &by_id(&credential), &TokenRequest::default()).await;
        refusals += u32::from(read.is_err());
    }
    let nothing = |what: Result<(), Error>| match what {
        Err(Error::AuditUnavailable(cause) | Error::Database(cause)) => matches!(*cause, engine::Error::Full { .. }),
        Err(Error::StorageFull) => true,
        other => panic!("{other:?}"),
    };
    assert!(nothing(start(&house, &house.admin, &fresh).await.map(drop)));
    assert!(sign_in(&house.vault).await.is_none(), "no browser opens");
    assert!(nothing(house.vault.join_session(&house.admin, run.id, None).await.map(drop)));
    assert!(nothing(house.vault.recording(&house.admin, ended).await.map(drop)));
    let part = RecordingPart { seq: 0, from_ms: 0, to_ms: 1, key: true, frames: 1, events: 0, bytes: vec![1; 10] };
    let mut unrecorded = 0;
    for seq in 0..200 {
        unrecorded += u32::from(house.vault.put_recording(&run, RecordingPart { seq, ..part.clone() }).await.is_err());
    }
    assert!(unrecorded > 0, "200 parts found room in a full database");
    house.vault.close().await;

    // With room again the session is what it was, and its end is recorded after the fact.
    let database = Database::open(&url, &OpenOptions::default()).await.unwrap();
    let vault = open(&database, &house.folder, &house.clock, OPTIONS).await;
    let house = House { vault, ..house };
    let open = SessionListRequest { open: Some(true), ..SessionListRequest::default() };
    let page = house.vault.list_sessions(&house.admin, &open).await.unwrap();
    assert_eq!(page.items.iter().map(|it| it.row.id).collect::<Vec<_>>(), [run.id]);
    house.vault.close_session(&mut run, SessionEnd::StorageFull).await.unwrap();
    let checks = house.vault.checks().await;
    assert!(checks.iter().all(|check| check.hint.is_none()), "{checks:?}");
}

async fn live_one_more(house: &House) -> countersign_model::SessionId {
    let credential = house.credential("Ended").await;
    let mut run = live(house, &house.admin, &credential).await;
    let part = RecordingPart { seq: 0, from_ms: 0, to_ms: 1, key: true, frames: 1, events: 0, bytes: vec![1; 10] };
    house.vault.put_recording(&run, part).await.unwrap();
    house.vault.close_session(&mut run, SessionEnd::Person).await.unwrap();
    assert_eq!(
        house.vault.host_session(run.id, NODE).await.err().map(|error| error.to_string()),
        Some("this session has ended: start another".to_owned())
    );
    run.id
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
            let house = House { vault, clock, admin, folder };
            let credential = house.credential("Instagram").await;
            let session = start(&house, &house.admin, &credential).await.unwrap();
            let mut machine = sign_in(&house.vault).await.unwrap();
            let mut run = house.vault.host_session(session.row.id, NODE).await.unwrap();
            house.vault.end_change(&mut machine, countersign_vault::ChangeOutcome::Passed).await.unwrap();
            let shown = house.vault.session_live(&mut run).await;
            assert_eq!((shown.is_ok(), run.live_at.is_some()), (seen, seen), "room for {room} bytes");
            if let Err(error) = shown {
                assert!(matches!(error, Error::StorageFull), "{error}");
            }
        }
    }
}
