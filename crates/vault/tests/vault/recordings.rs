//! Recordings: sealed where they lie, played part by part, kept for a time.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use countersign_model::{Actor, Paging, Role, SessionEnd, SessionId};
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{Error, Object, RecordingError, RecordingPart, Recordings, RunError, SessionRun};

use crate::{
    changes::DAY,
    fixture::{TestVault, by_id},
    sessions::live,
};

/// What a picture in a recording looks like, as far as somebody with the disk would look for it.
const PICTURE: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF the pixels of what was on the page";

fn part(seq: u32, bytes: usize) -> RecordingPart {
    let from_ms = u64::from(seq) * 2_000;
    let entries = PICTURE.iter().copied().cycle().take(bytes).collect();
    RecordingPart {
        seq,
        from_ms,
        to_ms: from_ms + 1_999,
        key: seq.is_multiple_of(3),
        frames: 4,
        events: 1,
        bytes: entries,
    }
}

fn folder(fixture: &TestVault, id: SessionId) -> PathBuf {
    fixture.folder.path().join("recordings").join(id.to_string())
}

async fn recorded(fixture: &TestVault, name: &str, parts: u32, bytes: usize) -> SessionRun {
    let credential = fixture.credential(name).await;
    let run = live(fixture, &fixture.admin, &credential).await;
    for seq in 0..parts {
        run.writer().put_part(part(seq, bytes)).await.unwrap();
    }
    run
}

async fn ended(run: SessionRun) -> SessionId {
    let id = run.id;
    run.close(SessionEnd::Person).await.unwrap();
    id
}

async fn kept(fixture: &TestVault, id: SessionId) -> usize {
    fixture.vault.recording(&fixture.admin, id).await.unwrap().parts.len()
}

both_engines! {
    async fn promise_7_a_recording_is_sealed_where_it_lies(database: &TestDatabase) {
        use std::os::unix::fs::PermissionsExt as _;
        let fixture = TestVault::new(database).await;
        let run = recorded(&fixture, "Instagram", 3, 40_000).await;
        let mut files: Vec<PathBuf> = fs::read_dir(folder(&fixture, run.id)).unwrap().map(|it| it.unwrap().path()).collect();
        files.sort();
        assert_eq!(files.iter().map(|it| it.file_name().unwrap().to_str().unwrap()).collect::<Vec<_>>(), ["0", "1", "2"]);
        for file in &files {
            let bytes = fs::read(file).unwrap();
            assert!(bytes.len() >= 40_000);
            for plain in [&PICTURE[..8], b"JFIF", b"pixels"] {
                assert!(!bytes.windows(plain.len()).any(|it| it == plain), "{} lies open", file.display());
            }
            assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(file.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        }
        // It is played while the session still runs.
        let recording = fixture.vault.recording(&fixture.admin, run.id).await.unwrap();
        assert_eq!((recording.running, recording.duration_ms, recording.bytes), (true, 5_999, 120_000));
        assert_eq!(recording.parts.iter().map(|it| it.key).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(fixture.vault.recording_part(&fixture.admin, run.id, 2).await.unwrap(), part(2, 40_000).bytes);
        let row = recording.session;
        assert_eq!((row.recorded_ms, row.recorded_bytes), (5_999, 120_000));
    }

    async fn a_part_that_is_damaged_or_missing_is_named(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let run = recorded(&fixture, "Instagram", 4, 1_000).await;
        let file = |seq: u32| folder(&fixture, run.id).join(seq.to_string());
        let read = async |seq| fixture.vault.recording_part(&fixture.admin, run.id, seq).await.map(|bytes| bytes.len());
        fixture.vault.recording(&fixture.admin, run.id).await.unwrap();
        fs::remove_file(file(1)).unwrap();
        assert!(matches!(read(1).await, Err(Error::Recording(RecordingError::PartMissing(1)))));
        let whole = fs::read(file(2)).unwrap();
        for wrong in [&whole[..whole.len() - 1], &[], &whole[1..]] {
            fs::write(file(2), wrong).unwrap();
            assert!(matches!(read(2).await, Err(Error::Recording(RecordingError::PartDamaged(2)))));
        }
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(file(2), flipped).unwrap();
            assert!(matches!(read(2).await, Err(Error::Recording(RecordingError::PartDamaged(2)))), "byte {at}");
        }
        // Another part of the same recording, put in its place.
        fs::copy(file(3), file(2)).unwrap();
        assert!(matches!(read(2).await, Err(Error::Recording(RecordingError::PartDamaged(2)))));
        assert_eq!((read(0).await.unwrap(), read(3).await.unwrap()), (1_000, 1_000), "the others can be played");
        assert!(matches!(read(4).await, Err(Error::NotFound(_))));
        let said = Error::Recording(RecordingError::PartDamaged(2)).to_string();
        assert_eq!(said, "part 2 of this recording is damaged: restore it from a backup");
    }

    async fn a_part_is_taken_once_and_from_its_host_alone(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let run = recorded(&fixture, "Instagram", 1, 100).await;
        assert!(matches!(run.writer().put_part(part(0, 100)).await, Err(RunError::Vault(Error::Database(_)))));
        fixture.advance(60);
        fixture.vault.sweep_sessions().await.unwrap();
        assert!(matches!(run.writer().put_part(part(1, 100)).await, Err(RunError::LeaseLost)));
        assert_eq!(kept(&fixture, run.id).await, 1);
    }

    async fn recordings_go_after_their_days(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let old = recorded(&fixture, "Old", 3, 1_000).await;
        let open = recorded(&fixture, "Open", 1, 1_000).await;
        let removed = recorded(&fixture, "Removed", 2, 1_000).await;
        fixture.vault.remove_credential(&fixture.admin, &by_id_of(&fixture, "Removed").await).await.unwrap();
        let (old, removed) = (ended(old).await, ended(removed).await);
        fixture.advance(DAY);
        let young = recorded(&fixture, "Young", 1, 1_000).await;
        let young = ended(young).await;
        for _ in 0..89 {
            fixture.advance(DAY);
            open.seen().await.unwrap();
        }
        fixture.vault.tidy().await.unwrap();
        assert_eq!((kept(&fixture, old).await, kept(&fixture, removed).await), (3, 2), "to the second");
        fixture.advance(1);
        open.seen().await.unwrap();
        fixture.vault.tidy().await.unwrap();
        fixture.vault.tidy().await.unwrap();
        assert_eq!((kept(&fixture, old).await, kept(&fixture, young).await, kept(&fixture, open.id).await), (0, 1, 1));
        assert!(!folder(&fixture, old).exists() && !folder(&fixture, removed).exists() && folder(&fixture, young).exists());
        let seen = fixture.vault.session(&fixture.admin, old).await.unwrap();
        assert!(seen.says.ends_with("Its recording has been deleted after its retention time.") && !seen.may.recording, "{}", seen.says);
        assert!(matches!(fixture.vault.recording_part(&fixture.admin, old, 0).await, Err(Error::NotFound(_))));
        assert!(matches!(fixture.vault.session(&fixture.admin, removed).await, Err(Error::NotFound(Object::Session))), "nobody could find it any more");
        let filter = RecordFilter { act: Some("session.recording_removed".to_owned()), ..RecordFilter::default() };
        assert_eq!(fixture.vault.audit_records(&fixture.admin, &filter, &Paging::default()).await.unwrap().items.len(), 2);
    }

    async fn the_oldest_recordings_go_for_room(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        // Kept within 1 MiB, by another vault on the same database and folder.
        let vault = crate::fixture::open_plain(database, &fixture.folder, &fixture.clock).await;
        let store = fixture.folder.path().join("recordings");
        assert!(vault.keep_recordings(Recordings::folder(store).within(90, 1)));
        let fixture = TestVault { vault, ..fixture };
        let mut ids = Vec::new();
        for name in ["First", "Second", "Third", "Fourth"] {
            let run = recorded(&fixture, name, 2, 200_000).await;
            ids.push(ended(run).await);
            fixture.advance(1);
        }
        let running = recorded(&fixture, "Running", 1, 200_000).await;
        fixture.vault.tidy().await.unwrap();
        let mut left = Vec::new();
        for id in &ids {
            left.push(kept(&fixture, *id).await);
        }
        assert_eq!((left, kept(&fixture, running.id).await), (vec![0, 0, 2, 2], 1), "1 800 000 bytes fit after two are gone");
        fixture.vault.tidy().await.unwrap();
        assert_eq!(kept(&fixture, ids[2]).await, 2, "and no more go");
    }

    async fn what_a_stop_has_left_of_a_removal_is_removed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let run = recorded(&fixture, "Instagram", 2, 1_000).await;
        let id = ended(run).await;
        let mut tx = database.write().await.unwrap();
        countersign_store::sessions::drop_recording(&mut tx, id, fixture.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(kept(&fixture, id).await, 0, "it is not shown any more");
        assert!(folder(&fixture, id).exists());
        fixture.vault.tidy().await.unwrap();
        assert!(!folder(&fixture, id).exists());
    }

    async fn without_a_place_to_record_no_session_begins(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let vault = crate::fixture::open_plain(database, &fixture.folder, &fixture.clock).await;
        let refused = vault.start_session(&fixture.admin, &by_id(&credential), &Default::default()).await;
        assert!(matches!(refused, Err(Error::Recording(RecordingError::NoStore))));
    }

    async fn an_auditor_plays_every_recording_and_it_is_on_record(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let run = recorded(&fixture, "Instagram", 1, 500).await;
        let carol = fixture.person("carol", Role::Auditor).await;
        fixture.vault.recording(&carol, run.id).await.unwrap();
        assert_eq!(fixture.vault.recording_part(&carol, run.id, 0).await.unwrap().len(), 500);
        let filter = RecordFilter { act: Some("session.recording_opened".to_owned()), ..RecordFilter::default() };
        let page = fixture.vault.audit_records(&fixture.admin, &filter, &Paging::default()).await.unwrap();
        assert_eq!(page.items[0].entry.actor.name, "carol");
    }

    async fn promise_1_parts_are_played_by_who_has_opened_the_recording_on_record(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let run = recorded(&fixture, "Instagram", 1, 500).await;
        let carol = fixture.person("carol", Role::Auditor).await;
        let read = async |actor: &Actor| fixture.vault.recording_part(actor, run.id, 0).await.map(|bytes| bytes.len());
        let opened = async || {
            let filter = RecordFilter { act: Some("session.recording_opened".to_owned()), ..RecordFilter::default() };
            fixture.vault.audit_records(&fixture.admin, &filter, &Paging::default()).await.unwrap().items.len()
        };
        assert!(matches!(read(&carol).await, Err(Error::Recording(RecordingError::PlaybackNeeded))), "nothing says that it was opened");
        let until = fixture.vault.recording(&carol, run.id).await.unwrap().playback_until;
        assert_eq!((until, read(&carol).await.unwrap(), opened().await), (fixture.now().plus(Duration::from_secs(600)), 500, 1));
        // Not by what else they have, nor by somebody else.
        assert!(matches!(read(&fixture.signed_in("carol").await).await, Err(Error::Recording(RecordingError::PlaybackNeeded))));
        assert!(matches!(read(&fixture.admin).await, Err(Error::Recording(RecordingError::PlaybackNeeded))));
        fixture.advance(600);
        assert!(matches!(read(&carol).await, Err(Error::Recording(RecordingError::PlaybackNeeded))), "for a while");
        fixture.vault.recording(&carol, run.id).await.unwrap();
        assert_eq!((read(&carol).await.unwrap(), opened().await), (500, 2));
        fixture.advance(601);
        fixture.vault.tidy().await.unwrap();
        assert!(matches!(read(&carol).await, Err(Error::Recording(RecordingError::PlaybackNeeded))));
    }
}

async fn by_id_of(fixture: &TestVault, name: &str) -> countersign_vault::CredentialRef {
    let found =
        fixture.vault.credential(&fixture.admin, &countersign_vault::CredentialRef::Name(name.to_owned())).await;
    by_id(&found.unwrap())
}

/// A real file system of 1 MiB; only root may mount one.
#[tokio::test]
async fn a_full_disk_ends_the_recording_and_what_was_recorded_can_be_played() {
    let database = countersign_store::testing::TestDatabase::new(
        countersign_store::engine::EngineKind::Sqlite,
        countersign_store::MIGRATIONS,
    )
    .await;
    let fixture = TestVault::new(&database).await;
    let disk = fixture.folder.path().join("recordings");
    fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&disk).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: mounting a file system is not allowed here");
        return;
    }
    let unmount = Unmount(&disk);
    let run = recorded(&fixture, "Instagram", 0, 0).await;
    let mut kept = 0;
    let error = loop {
        match run.writer().put_part(part(kept, 100_000)).await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 100, "10 MB went onto a disk of 1 MiB");
    };
    assert!(matches!(error, RunError::Vault(Error::Recording(RecordingError::Full))), "{error}");
    assert!(kept >= 8, "{kept}");
    let id = run.id;
    ended(run).await;
    let recording = fixture.vault.recording(&fixture.admin, id).await.unwrap();
    assert_eq!(recording.parts.len() as u32, kept);
    for seq in 0..kept {
        assert_eq!(fixture.vault.recording_part(&fixture.admin, id, seq).await.unwrap().len(), 100_000);
    }
    assert_eq!(fs::read_dir(folder(&fixture, id)).unwrap().count() as u32, kept, "no half part is left");
    drop(unmount);
}

struct Unmount<'a>(&'a Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).output();
    }
}
