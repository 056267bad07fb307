//! Recordings: sealed where they lie, played part by part, kept for a time.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use countersign_model::{Actor, Role, SessionEnd, SessionId};
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{Error, RecordingPart, Recordings, SessionRun};

use crate::{
    changes::DAY,
    house::{House, by_id},
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

fn folder(house: &House, id: SessionId) -> PathBuf {
    house.folder.path().join("recordings").join(id.to_string())
}

async fn recorded(house: &House, name: &str, parts: u32, bytes: usize) -> SessionRun {
    let credential = house.credential(name).await;
    let run = live(house, &house.admin, &credential).await;
    for seq in 0..parts {
        house.vault.put_recording(&run, part(seq, bytes)).await.unwrap();
    }
    run
}

async fn ended(house: &House, mut run: SessionRun) -> SessionId {
    house.vault.close_session(&mut run, SessionEnd::Person).await.unwrap();
    run.id
}

async fn kept(house: &House, id: SessionId) -> usize {
    house.vault.recording(&house.admin, id).await.unwrap().parts.len()
}

both_engines! {
    async fn promise_7_a_recording_is_sealed_where_it_lies(database: &TestDatabase) {
        use std::os::unix::fs::PermissionsExt as _;
        let house = House::new(database).await;
        let run = recorded(&house, "Instagram", 3, 40_000).await;
        let mut files: Vec<PathBuf> = fs::read_dir(folder(&house, run.id)).unwrap().map(|it| it.unwrap().path()).collect();
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
        let recording = house.vault.recording(&house.admin, run.id).await.unwrap();
        assert_eq!((recording.running, recording.duration_ms, recording.bytes), (true, 5_999, 120_000));
        assert_eq!(recording.parts.iter().map(|it| it.key).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(house.vault.recording_part(&house.admin, run.id, 2).await.unwrap(), part(2, 40_000).bytes);
        let row = recording.session.row;
        assert_eq!((row.recorded_ms, row.recorded_bytes), (5_999, 120_000));
    }

    async fn a_part_that_is_damaged_or_missing_is_named(database: &TestDatabase) {
        let house = House::new(database).await;
        let run = recorded(&house, "Instagram", 4, 1_000).await;
        let file = |seq: u32| folder(&house, run.id).join(seq.to_string());
        let read = async |seq| house.vault.recording_part(&house.admin, run.id, seq).await.map(|bytes| bytes.len());
        house.vault.recording(&house.admin, run.id).await.unwrap();
        fs::remove_file(file(1)).unwrap();
        assert!(matches!(read(1).await, Err(Error::PartMissing(1))));
        let whole = fs::read(file(2)).unwrap();
        for wrong in [&whole[..whole.len() - 1], &[], &whole[1..]] {
            fs::write(file(2), wrong).unwrap();
            assert!(matches!(read(2).await, Err(Error::PartDamaged(2))));
        }
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(file(2), flipped).unwrap();
            assert!(matches!(read(2).await, Err(Error::PartDamaged(2))), "byte {at}");
        }
        // Another part of the same recording, put in its place.
        fs::copy(file(3), file(2)).unwrap();
        assert!(matches!(read(2).await, Err(Error::PartDamaged(2))));
        assert_eq!((read(0).await.unwrap(), read(3).await.unwrap()), (1_000, 1_000), "the others can be played");
        assert!(matches!(read(4).await, Err(Error::NotFound(_))));
        let said = Error::PartDamaged(2).to_string();
        assert_eq!(said, "part 2 of this recording is damaged: restore it from a backup");
    }

    async fn a_part_is_taken_once_and_from_its_host_alone(database: &TestDatabase) {
        let house = House::new(database).await;
        let run = recorded(&house, "Instagram", 1, 100).await;
        assert!(matches!(house.vault.put_recording(&run, part(0, 100)).await, Err(Error::Database(_))));
        house.advance(60);
        house.vault.sweep_sessions().await.unwrap();
        assert!(matches!(house.vault.put_recording(&run, part(1, 100)).await, Err(Error::LeaseLost)));
        assert_eq!(kept(&house, run.id).await, 1);
    }

    async fn recordings_go_after_their_days(database: &TestDatabase) {
        let house = House::new(database).await;
        let old = recorded(&house, "Old", 3, 1_000).await;
        let open = recorded(&house, "Open", 1, 1_000).await;
        let removed = recorded(&house, "Removed", 2, 1_000).await;
        house.vault.remove_credential(&house.admin, &by_id_of(&house, "Removed").await).await.unwrap();
        let (old, removed) = (ended(&house, old).await, ended(&house, removed).await);
        house.advance(DAY);
        let young = recorded(&house, "Young", 1, 1_000).await;
        let young = ended(&house, young).await;
        for _ in 0..89 {
            house.advance(DAY);
            house.vault.session_seen(&open).await.unwrap();
        }
        house.vault.tidy().await.unwrap();
        assert_eq!((kept(&house, old).await, kept(&house, removed).await), (3, 2), "to the second");
        house.advance(1);
        house.vault.session_seen(&open).await.unwrap();
        house.vault.tidy().await.unwrap();
        house.vault.tidy().await.unwrap();
        assert_eq!((kept(&house, old).await, kept(&house, young).await, kept(&house, open.id).await), (0, 1, 1));
        assert!(!folder(&house, old).exists() && !folder(&house, removed).exists() && folder(&house, young).exists());
        let seen = house.vault.session(&house.admin, old).await.unwrap();
        assert!(seen.says.ends_with("Its recording was removed after its time.") && !seen.may.recording, "{}", seen.says);
        assert!(matches!(house.vault.recording_part(&house.admin, old, 0).await, Err(Error::NotFound(_))));
        assert!(matches!(house.vault.session(&house.admin, removed).await, Err(Error::NotFound("session"))), "nobody could find it any more");
        let filter = RecordFilter { act: Some("session.recording_removed".to_owned()), ..RecordFilter::default() };
        assert_eq!(house.vault.audit_records(&house.admin, &filter, 0).await.unwrap().items.len(), 2);
    }

    async fn the_oldest_recordings_go_for_room(database: &TestDatabase) {
        let house = House::new(database).await;
        // Kept within 1 MiB, by another vault on the same database and folder.
        let vault = crate::house::open_plain(database, &house.folder, &house.clock).await;
        let store = house.folder.path().join("recordings");
        assert!(vault.keep_recordings(Recordings::folder(store).within(90, 1)));
        let house = House { vault, ..house };
        let mut ids = Vec::new();
        for name in ["First", "Second", "Third", "Fourth"] {
            let run = recorded(&house, name, 2, 200_000).await;
            ids.push(ended(&house, run).await);
            house.advance(1);
        }
        let running = recorded(&house, "Running", 1, 200_000).await;
        house.vault.tidy().await.unwrap();
        let mut left = Vec::new();
        for id in &ids {
            left.push(kept(&house, *id).await);
        }
        assert_eq!((left, kept(&house, running.id).await), (vec![0, 0, 2, 2], 1), "1 800 000 bytes fit after two are gone");
        house.vault.tidy().await.unwrap();
        assert_eq!(kept(&house, ids[2]).await, 2, "and no more go");
    }

    async fn what_a_stop_has_left_of_a_removal_is_removed(database: &TestDatabase) {
        let house = House::new(database).await;
        let run = recorded(&house, "Instagram", 2, 1_000).await;
        let id = ended(&house, run).await;
        let mut tx = database.write().await.unwrap();
        countersign_store::sessions::drop_recording(&mut tx, id, house.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(kept(&house, id).await, 0, "it is not shown any more");
        assert!(folder(&house, id).exists());
        house.vault.tidy().await.unwrap();
        assert!(!folder(&house, id).exists());
    }

    async fn without_a_place_to_record_no_session_begins(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let vault = crate::house::open_plain(database, &house.folder, &house.clock).await;
        let refused = vault.start_session(&house.admin, &by_id(&credential), &Default::default()).await;
        assert!(matches!(refused, Err(Error::NoRecordings)));
    }

    async fn an_auditor_plays_every_recording_and_it_is_on_record(database: &TestDatabase) {
        let house = House::new(database).await;
        let run = recorded(&house, "Instagram", 1, 500).await;
        let carol = house.person("carol", Role::Auditor).await;
        house.vault.recording(&carol, run.id).await.unwrap();
        assert_eq!(house.vault.recording_part(&carol, run.id, 0).await.unwrap().len(), 500);
        let filter = RecordFilter { act: Some("session.recording_opened".to_owned()), ..RecordFilter::default() };
        let page = house.vault.audit_records(&house.admin, &filter, 0).await.unwrap();
        assert_eq!(page.items[0].entry.actor.name, "carol");
    }

    async fn promise_1_parts_are_played_by_who_has_opened_the_recording_on_record(database: &TestDatabase) {
        let house = House::new(database).await;
        let run = recorded(&house, "Instagram", 1, 500).await;
        let carol = house.person("carol", Role::Auditor).await;
        let read = async |actor: &Actor| house.vault.recording_part(actor, run.id, 0).await.map(|bytes| bytes.len());
        let opened = async || {
            let filter = RecordFilter { act: Some("session.recording_opened".to_owned()), ..RecordFilter::default() };
            house.vault.audit_records(&house.admin, &filter, 0).await.unwrap().items.len()
        };
        assert!(matches!(read(&carol).await, Err(Error::PlaybackNeeded)), "nothing says that it was opened");
        let until = house.vault.recording(&carol, run.id).await.unwrap().playback_until;
        assert_eq!((until, read(&carol).await.unwrap(), opened().await), (house.now().plus(Duration::from_secs(600)), 500, 1));
        // Not by what else they have, nor by somebody else.
        assert!(matches!(read(&house.signed_in("carol").await).await, Err(Error::PlaybackNeeded)));
        assert!(matches!(read(&house.admin).await, Err(Error::PlaybackNeeded)));
        house.advance(600);
        assert!(matches!(read(&carol).await, Err(Error::PlaybackNeeded)), "for a while");
        house.vault.recording(&carol, run.id).await.unwrap();
        assert_eq!((read(&carol).await.unwrap(), opened().await), (500, 2));
        house.advance(601);
        house.vault.tidy().await.unwrap();
        assert!(matches!(read(&carol).await, Err(Error::PlaybackNeeded)));
    }
}

async fn by_id_of(house: &House, name: &str) -> countersign_vault::CredentialRef {
    let found = house.vault.credential(&house.admin, &countersign_vault::CredentialRef::Name(name.to_owned())).await;
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
    let house = House::new(&database).await;
    let disk = house.folder.path().join("recordings");
    fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&disk).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: mounting a file system is not allowed here");
        return;
    }
    let unmount = Unmount(&disk);
    let run = recorded(&house, "Instagram", 0, 0).await;
    let mut kept = 0;
    let error = loop {
        match house.vault.put_recording(&run, part(kept, 100_000)).await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 100, "10 MB went onto a disk of 1 MiB");
    };
    assert!(matches!(error, Error::StorageFull), "{error}");
    assert!(kept >= 8, "{kept}");
    let id = run.id;
    ended(&house, run).await;
    let recording = house.vault.recording(&house.admin, id).await.unwrap();
    assert_eq!(recording.parts.len() as u32, kept);
    for seq in 0..kept {
        assert_eq!(house.vault.recording_part(&house.admin, id, seq).await.unwrap().len(), 100_000);
    }
    assert_eq!(fs::read_dir(folder(&house, id)).unwrap().count() as u32, kept, "no half part is left");
    drop(unmount);
}

struct Unmount<'a>(&'a Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).output();
    }
}
