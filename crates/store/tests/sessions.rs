//! Sessions, their links and their recordings' index, on both engines.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use std::time::Duration;

use countersign_model::{
    CountingChance, CredentialId, CredentialName, CredentialStatus, Extras, Grant, GrantConditions, GrantId,
    GrantPermissions, GrantTarget, Grants, Level, Notes, Principal, Role, SessionEnd, SessionId, SessionState,
    Timestamp, UserId, UserName, Username, VaultId,
};
use countersign_seal::{KeyRing, PasswordHash, Sealed, Sha256, VaultKey, passphrase::Cost};
use countersign_store::{
    both_engines,
    credentials::{self, CredentialRow},
    engine::Error,
    people,
    sessions::{self, ListedSession, PartRow, SessionFilter, SessionRow},
    testing::{CountedSelect, TestDatabase},
};

/// As long as the shortest that is sealed, under the vault's first key.
fn sealed() -> Sealed {
    Sealed::from_bytes(vec![1; 100])
}

const BEGIN: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

fn at(seconds: u64) -> Timestamp {
    BEGIN.plus(Duration::from_secs(seconds))
}

struct Made<'a> {
    db: &'a TestDatabase,
    chance: CountingChance,
}

impl<'a> Made<'a> {
    fn new(db: &'a TestDatabase) -> Self {
        let chance = CountingChance::default();
        db.vouch_with(&KeyRing::new(VaultKey::generate(VaultId::new(BEGIN, &chance), &chance)));
        Self { db, chance }
    }

    async fn credential(&self, name: &str) -> CredentialId {
        let row = CredentialRow {
            id: CredentialId::new(BEGIN, &self.chance),
            name: CredentialName::parse(name).unwrap(),
            username: Username::parse("ana@example.org").unwrap(),
            site: None,
            notes: Notes::parse("").unwrap(),
            status: CredentialStatus::Active,
            revision: 1,
            has_password: false,
            second_factor: None,
            created_at: BEGIN,
            updated_at: BEGIN,
            password_changed_at: None,
            tags: Vec::new(),
            grants: Grants::none(),
        };
        let mut tx = self.db.write().await.unwrap();
        credentials::insert(&mut tx, std::slice::from_ref(&row)).await.unwrap();
        tx.commit().await.unwrap();
        row.id
    }

    fn grant(&self, to: UserId, on: CredentialId, permissions: GrantPermissions) -> Grant {
        let (id, conditions) = (GrantId::new(BEGIN, &self.chance), GrantConditions::default());
        Grant { id, holder: Principal::User(to), target: GrantTarget::Credential(on), permissions, conditions }
    }

    async fn person(&self, name: &str) -> UserId {
        let id = UserId::new(BEGIN, &self.chance);
        let mut tx = self.db.write().await.unwrap();
        let name = UserName::parse(name).unwrap();
        people::insert(&mut tx, id, &name, Role::Member, &PasswordHash::of_nobody(Cost::TEST), false, BEGIN)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        id
    }

    fn row(&self, credential: CredentialId, person: UserId, seconds: u64) -> SessionRow {
        SessionRow {
            id: SessionId::new(at(seconds), &self.chance),
            credential: Some(credential),
            credential_name: "Instagram".to_owned(),
            change: None,
            sign_in: false,
            state: SessionState::Starting,
            ended_why: None,
            end_wish: None,
            started_by: person,
            started_by_name: "ana".to_owned(),
            reason: Some("campaign".to_owned()),
            created_at: at(seconds),
            live_at: None,
            ended_at: None,
            seen_at: None,
            node: None,
            idle: Duration::from_secs(900),
            longest: Duration::from_secs(7_200),
            recorded_ms: 0,
            recorded_bytes: 0,
            dropped_at: None,
            sign_in_reason: None,
            request: None,
        }
    }

    async fn insert(&self, row: &SessionRow) -> bool {
        let mut tx = self.db.write().await.unwrap();
        let inserted = sessions::insert(&mut tx, row).await.unwrap();
        tx.commit().await.unwrap();
        inserted
    }

    async fn end(&self, id: SessionId, seconds: u64) {
        let mut tx = self.db.write().await.unwrap();
        assert!(sessions::end(&mut tx, id, SessionEnd::Person, at(seconds), None).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn find(&self, id: SessionId) -> SessionRow {
        sessions::find(&mut &**self.db, id).await.unwrap().unwrap()
    }
}

fn part(seq: u32, bytes: u64) -> PartRow {
    let from_ms = u64::from(seq) * 1_000;
    PartRow { seq, from_ms, to_ms: from_ms + 999, key: seq == 0, frames: 3, events: 2, bytes }
}

both_engines! {
    async fn a_session_reads_back_as_it_was_written(db: &TestDatabase) {
        let made = Made::new(db);
        let (credential, person) = (made.credential("Instagram").await, made.person("ana").await);
        let row = made.row(credential, person, 0);
        assert!(made.insert(&row).await);
        assert_eq!(made.find(row.id).await, row);
        assert_eq!(sessions::open(&mut &**db, credential).await.unwrap().unwrap().id, row.id);
        assert_eq!(sessions::open_of_person(&mut &**db, person).await.unwrap(), 1);
        assert!(!made.insert(&made.row(credential, person, 1)).await, "one at a time");
        made.end(row.id, 2).await;
        assert!(made.insert(&made.row(credential, person, 3)).await);
        let ended = made.find(row.id).await;
        let expected = (SessionState::Ended, Some(SessionEnd::Person), Some(at(2)));
        assert_eq!((ended.state, ended.ended_why, ended.ended_at), expected);
    }

    async fn only_its_host_moves_a_session(db: &TestDatabase) {
        let made = Made::new(db);
        let (credential, person) = (made.credential("Instagram").await, made.person("ana").await);
        let row = made.row(credential, person, 0);
        made.insert(&row).await;
        let mut tx = db.write().await.unwrap();
        assert_eq!(sessions::seen(&mut tx, row.id, "one", at(1)).await.unwrap(), None, "nobody's yet");
        assert_eq!(sessions::wish(&mut tx, row.id, SessionEnd::Idle).await.unwrap(), Some(false));
        assert!(sessions::host(&mut tx, row.id, "one", at(1)).await.unwrap());
        assert!(sessions::host(&mut tx, row.id, "one", at(1)).await.unwrap(), "again is no error");
        assert!(!sessions::host(&mut tx, row.id, "two", at(1)).await.unwrap());
        assert!(!sessions::live(&mut tx, row.id, "two", at(2)).await.unwrap());
        assert!(sessions::live(&mut tx, row.id, "one", at(2)).await.unwrap());
        assert_eq!(sessions::wish(&mut tx, row.id, SessionEnd::Person).await.unwrap(), Some(true));
        let wish = sessions::seen(&mut tx, row.id, "one", at(3)).await.unwrap();
        assert_eq!(wish, Some(Some(SessionEnd::Idle)), "the first wish counts");
        assert!(!sessions::end(&mut tx, row.id, SessionEnd::Clock, at(4), Some("two")).await.unwrap());
        assert!(sessions::end(&mut tx, row.id, SessionEnd::Clock, at(4), Some("one")).await.unwrap());
        assert!(!sessions::end(&mut tx, row.id, SessionEnd::Idle, at(5), None).await.unwrap());
        assert_eq!(sessions::wish(&mut tx, row.id, SessionEnd::Person).await.unwrap(), None);
        tx.commit().await.unwrap();
        let ended = made.find(row.id).await;
        assert_eq!((ended.live_at, ended.seen_at, ended.ended_at), (Some(at(2)), Some(at(3)), Some(at(4))));
    }

    async fn the_lost_ones_are_found(db: &TestDatabase) {
        let made = Made::new(db);
        let person = made.person("ana").await;
        let mut ids = Vec::new();
        for (name, hosted) in [("Hosted", true), ("Free", false), ("Ended", true)] {
            let row = made.row(made.credential(name).await, person, 0);
            made.insert(&row).await;
            if hosted {
                let mut tx = db.write().await.unwrap();
                sessions::host(&mut tx, row.id, "one", at(10)).await.unwrap();
                tx.commit().await.unwrap();
            }
            ids.push(row.id);
        }
        made.end(ids[2], 11).await;
        let lost = async |seen_by, made_by| sessions::lost(&mut &**db, at(seen_by), at(made_by), 9).await.unwrap();
        let before = Timestamp::from_micros(BEGIN.micros() - 1);
        assert!(sessions::lost(&mut &**db, at(9), before, 9).await.unwrap().is_empty());
        assert_eq!(sessions::lost(&mut &**db, at(10), before, 9).await.unwrap(), [ids[0]]);
        assert_eq!(lost(9, 0).await, [ids[1]]);
        assert_eq!(lost(10, 0).await.len(), 2);
    }

    async fn people_are_shown_what_is_theirs(db: &TestDatabase) {
        let made = Made::new(db);
        let (ana, bob, eve) = (made.person("ana").await, made.person("bob").await, made.person("eve").await);
        let (granted, seen, other) = (made.credential("Granted").await, made.credential("Seen").await, made.credential("Other").await);
        let mut tx = db.write().await.unwrap();
        let watch = GrantPermissions { session: Some(Level::View), extras: Extras { copy: true, ..Extras::NONE }, ..GrantPermissions::SEE };
        let token = GrantPermissions { token: true, ..GrantPermissions::SEE };
        for (credential, permissions) in [(granted, watch), (seen, token)] {
            let decided = credentials::GrantDecision { at: at(0), by: "ana".to_owned() };
            credentials::insert_grant(&mut tx, &made.grant(bob, credential, permissions), &decided).await.unwrap();
        }
        let of = |row: Option<CredentialRow>| row.unwrap().grants.iter().map(|grant| grant.permissions).collect::<Vec<_>>();
        assert_eq!(of(credentials::find_as(&mut tx, granted, bob).await.unwrap()), [watch]);
        assert_eq!(of(credentials::find_as(&mut tx, granted, eve).await.unwrap()), []);
        assert_eq!(of(credentials::find(&mut tx, granted).await.unwrap()), []);
        tx.commit().await.unwrap();
        let mut ids = Vec::new();
        for (credential, by, seconds) in [(granted, ana, 1), (seen, ana, 2), (other, bob, 3)] {
            let row = made.row(credential, by, seconds);
            made.insert(&row).await;
            ids.push(row.id);
        }
        let mut tx = db.write().await.unwrap();
        sessions::insert_link(&mut tx, &Sha256::of(b"link"), ids[1], eve, Level::Interact, at(100)).await.unwrap();
        tx.commit().await.unwrap();
        let listed = async |filter: &SessionFilter, person, now| {
            let mut counted = CountedSelect::new(&**db);
            let listed = sessions::list(&mut counted, filter, person, now, 10).await.unwrap();
            // Who sees all is asked nothing of grants; else the credentials, and what is granted by tag, and on them.
            let most = if filter.shown_only { 5 } else { 2 };
            assert!(counted.asked() <= most, "{} questions for {} sessions", counted.asked(), listed.len());
            listed
        };
        let found = |listed: Vec<ListedSession>| listed.iter().map(|one| one.row.id).collect::<Vec<_>>();
        let list = async |filter: SessionFilter| found(listed(&filter, ana, at(9)).await);
        let shown = SessionFilter { shown_only: true, ..SessionFilter::default() };
        let to = async |person| found(listed(&shown, person, at(9)).await);
        assert_eq!(list(SessionFilter::default()).await, [ids[2], ids[1], ids[0]]);
        assert_eq!((to(ana).await, to(bob).await, to(eve).await), (vec![ids[1], ids[0]], vec![ids[2], ids[0]], vec![ids[1]]));
        assert!(listed(&shown, eve, at(100)).await.is_empty(), "a link that is too old shows nothing");

        // Each comes with what somebody has of it, which is what is found of it alone.
        for person in [ana, bob, eve] {
            for one in listed(&shown, person, at(9)).await {
                let id = one.row.id;
                let credential = credentials::find_as(&mut &**db, one.row.credential.unwrap(), person).await.unwrap();
                let links = sessions::linked(&mut &**db, id, person, at(9)).await.unwrap();
                assert_eq!(one, ListedSession { row: made.find(id).await, grants: credential.unwrap().grants, links });
            }
        }
        let of_eve = listed(&SessionFilter::default(), eve, at(9)).await;
        assert_eq!(of_eve.iter().map(|one| one.links.clone()).collect::<Vec<_>>(), [vec![], vec![(Level::Interact, false)], vec![]]);
        assert_eq!(list(SessionFilter { after: Some((at(2), ids[1])), ..SessionFilter::default() }).await, [ids[0]]);
        made.end(ids[0], 4).await;
        assert_eq!(list(SessionFilter { open: Some(false), ..SessionFilter::default() }).await, [ids[0]]);
        assert_eq!(list(SessionFilter { credential: Some(seen), ..SessionFilter::default() }).await, [ids[1]]);

        // A credential that goes leaves its sessions.
        let mut tx = db.write().await.unwrap();
        credentials::delete(&mut tx, granted).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((made.find(ids[0]).await.credential, to(bob).await), (None, vec![ids[2]]));
    }

    async fn a_link_is_used_once(db: &TestDatabase) {
        let made = Made::new(db);
        let (credential, ana, bob) = (made.credential("Instagram").await, made.person("ana").await, made.person("bob").await);
        let row = made.row(credential, ana, 0);
        made.insert(&row).await;
        let link = Sha256::of(b"link");
        let mut tx = db.write().await.unwrap();
        sessions::insert_link(&mut tx, &link, row.id, bob, Level::Interact, at(10)).await.unwrap();
        assert_eq!(sessions::linked(&mut tx, row.id, bob, at(9)).await.unwrap(), [(Level::Interact, false)]);
        assert!(sessions::linked(&mut tx, row.id, bob, at(10)).await.unwrap().is_empty());
        assert_eq!(sessions::use_link(&mut tx, &link, row.id, ana, at(1)).await.unwrap(), None);
        assert_eq!(sessions::use_link(&mut tx, &link, row.id, bob, at(10)).await.unwrap(), None, "too late");
        assert_eq!(sessions::use_link(&mut tx, &link, row.id, bob, at(9)).await.unwrap(), Some(Level::Interact));
        assert_eq!(sessions::use_link(&mut tx, &link, row.id, bob, at(9)).await.unwrap(), None);
        assert_eq!(sessions::linked(&mut tx, row.id, bob, at(99)).await.unwrap(), [(Level::Interact, true)]);
        tx.commit().await.unwrap();
        made.end(row.id, 20).await;
        let mut tx = db.write().await.unwrap();
        assert_eq!(sessions::delete_links(&mut tx, at(20)).await.unwrap(), 0);
        assert_eq!(sessions::delete_links(&mut tx, at(21)).await.unwrap(), 1);
    }

    async fn parts_are_counted_kept_and_dropped(db: &TestDatabase) {
        let made = Made::new(db);
        let person = made.person("ana").await;
        let (first, second) = (made.row(made.credential("First").await, person, 0), made.row(made.credential("Second").await, person, 1));
        for row in [&first, &second] {
            made.insert(row).await;
            let mut tx = db.write().await.unwrap();
            for seq in [1, 0, 2] {
                sessions::put_part(&mut tx, row.id, &part(seq, 100), &sealed()).await.unwrap();
            }
            tx.commit().await.unwrap();
        }
        let mut tx = db.write().await.unwrap();
        let twice = sessions::put_part(&mut tx, first.id, &part(2, 100), &sealed()).await.unwrap_err();
        assert!(matches!(twice, Error::Conflict { .. }), "{twice}");
        drop(tx);
        let parts = sessions::parts(&mut &**db, first.id).await.unwrap();
        assert_eq!(parts, [part(0, 100), part(1, 100), part(2, 100)]);
        assert_eq!(sessions::part(&mut &**db, first.id, 1).await.unwrap(), Some(part(1, 100)));
        assert_eq!(sessions::part(&mut &**db, first.id, 9).await.unwrap(), None);
        assert_eq!((made.find(first.id).await.recorded_bytes, made.find(first.id).await.recorded_ms), (300, 2_999));
        assert_eq!(sessions::total_bytes(&mut &**db).await.unwrap(), 600);

        made.end(first.id, 10).await;
        assert_eq!(sessions::oldest(&mut &**db, 9).await.unwrap().len(), 1, "what runs stays");
        assert!(sessions::old(&mut &**db, at(10), 9).await.unwrap().is_empty());
        assert_eq!(sessions::old(&mut &**db, at(11), 9).await.unwrap()[0].id, first.id);
        let mut tx = db.write().await.unwrap();
        assert!(sessions::drop_recording(&mut tx, first.id, at(12)).await.unwrap());
        assert!(!sessions::drop_recording(&mut tx, first.id, at(13)).await.unwrap());
        assert_eq!(sessions::half_dropped(&mut tx, 9).await.unwrap(), [first.id]);
        assert_eq!(sessions::total_bytes(&mut tx).await.unwrap(), 300);
        credentials::delete(&mut tx, first.credential.unwrap()).await.unwrap();
        assert_eq!(sessions::delete_orphans(&mut tx).await.unwrap(), 0, "its bytes may lie there still");
        sessions::delete_parts(&mut tx, first.id).await.unwrap();
        assert_eq!(sessions::delete_orphans(&mut tx).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(sessions::find(&mut &**db, first.id).await.unwrap(), None);
    }
}
