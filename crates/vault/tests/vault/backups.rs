//! Backups: whole, opened by the key alone, on either engine; made when they are due; and a check that finds what is damaged.

use std::{fs, path::Path, sync::Arc, time::Duration};

use countersign_audit::Checkpoint;
use countersign_model::{GrantPermissions, Paging, Role};
use countersign_store::{
    MIGRATIONS, args,
    audit::RecordFilter,
    both_engines,
    engine::{CopyError, Database, DatabaseUrl, EngineKind, MigrateError, OpenOptions, Statement, copy_vault},
    statements,
    testing::{TestDatabase, run},
};
use countersign_vault::{BackupFolder, Backups, CheckState, FieldEdit, NoticeSettingsRequest, Retention, Vault};

use crate::fixture::{PASSWORD, SEED, TestVault, open_plain, secret};

statements! {
    FLIP_SEED = "update seed set sealed = $1";
    FLIP_BLOCK = "update audit_block set root = $1 where first = (select min(first) from audit_block)";
    WIDEN = "update access_grant set reveal = true";
    TAKE_CREDENTIAL = "delete from credential where id = (select credential from seed limit 1)";
    TAKE_CHECKPOINTS = "delete from audit_checkpoint";
    TAKE_RECORDS = "delete from audit_block where first > 1";
    // Every row of every table; `changed` numbers the database's own transactions.
    DUMP = "select 1", postgres: "select t.table_name::text, regexp_replace(query_to_xml(format('select * from %I order by 1, 2', \
            t.table_name), true, false, '')::text, '<changed>\\d+</changed>|<changed xsi:nil=\"true\"/>', '', 'g') \
        from information_schema.tables t where t.table_schema = current_schema() and t.table_type = 'BASE TABLE' \
            and t.table_name not in ('schema_version', 'credential_gone') order by 1";
}

async fn file(path: &Path) -> Database {
    Database::open(&DatabaseUrl::Sqlite(path.to_owned()), &OpenOptions::default()).await.unwrap()
}

/// A vault in which something of most things has happened.
async fn lived_in(database: &TestDatabase) -> TestVault {
    let vault = TestVault::new(database).await;
    let shop = vault.credential("Shop").await;
    vault.credential("Café").await;
    let alice = vault.person("alice", Role::Member).await;
    vault.grant(&shop, &alice, Some(GrantPermissions { token: true, ..GrantPermissions::SEE })).await;
    vault.token(&vault.admin, &shop).await.unwrap();
    vault.api_token(&vault.admin, Some(Role::Auditor)).await;
    vault.vault.tidy().await.unwrap();
    vault
}

both_engines! {
    async fn a_backup_holds_what_the_vault_holds(database: &TestDatabase) {
        let vault = lived_in(database).await;
        let whole = vault.vault.check_everything(None).await.unwrap();
        assert!(whole.is_sound(), "{whole:?}");
        assert_eq!(whole.tokens, 2);
        let path = vault.folder.path().join("one.backup");
        let records = vault.vault.back_up_into(&path).await.unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777;
        assert_eq!(mode, 0o600);
        assert!(!vault.folder.path().join("one.backup.lock").exists() && !vault.folder.path().join("one.backup-wal").exists());

        let restored = open_plain(&file(&path).await, &vault.folder, &vault.clock).await;
        let check = restored.check_everything(None).await.unwrap();
        assert_eq!((check.opened, check.tokens, check.records), (whole.opened, whole.tokens, whole.records));
        assert!(check.is_sound() && check.records == records, "{check:?}");
        let shop = vault.credential("Bakery").await;
        let token = vault.token(&vault.admin, &shop).await.unwrap();
        assert_eq!(token, "07081804");
        let list = restored.check_everything(None).await.unwrap();
        assert_eq!(list.tokens, 2, "what came after the backup is not in it");
        restored.close().await;

        let error = vault.vault.back_up_into(&path).await.unwrap_err().to_string();
        assert!(error.contains("one.backup"), "{error}");
        assert!(path.exists(), "what was there stays");
    }

    async fn promise_7_no_secret_is_in_a_backup(database: &TestDatabase) {
        let vault = lived_in(database).await;
        let path = vault.folder.path().join("one.backup");
        vault.vault.back_up_into(&path).await.unwrap();
        let bytes = fs::read(&path).unwrap();
        let holds = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
        assert!(holds(b"alice@example.org"), "what is no secret is found");
        // As they are typed, and the seed as the bytes that its base32 stands for.
        for secret in [&b"its password"[..], PASSWORD.as_bytes(), SEED.as_bytes(), b"12345678901234567890"] {
            assert!(!holds(secret), "{}", String::from_utf8_lossy(secret));
        }
    }

    async fn what_is_damaged_is_found(database: &TestDatabase) {
        let vault = lived_in(database).await;
        let mut tx = database.write().await.unwrap();
        tx.execute(&FLIP_SEED, args![vec![1_u8; 80]]).await.unwrap();
        tx.commit().await.unwrap();
        let check = vault.vault.check_everything(None).await.unwrap();
        assert_eq!((check.count, check.tokens), (2, 0));
        assert!(check.wrong.iter().all(|text| text.starts_with("the seed of") && text.ends_with("does not open")), "{check:?}");

        let mut tx = database.write().await.unwrap();
        tx.execute(&FLIP_BLOCK, args![vec![7_u8; 32]]).await.unwrap();
        tx.commit().await.unwrap();
        let check = vault.vault.check_everything(None).await.unwrap();
        assert!(check.wrong.iter().any(|text| text == "the audit log does not go on at record 1"), "{check:?}");
    }

    /// Whoever can write the database cannot take away what the log, the marks or a checkpoint say there was.
    async fn promise_10_what_was_taken_away_or_given_is_not_called_sound(database: &TestDatabase) {
        let vault = lived_in(database).await;
        let kept = vault.vault.checkpoint(&vault.admin).await.unwrap();
        assert!(vault.vault.check_everything(Some(&kept)).await.unwrap().is_sound());
        let wrong = async |statement: &Statement, kept: Option<&Checkpoint>| {
            let mut tx = database.write().await.unwrap();
            assert!(tx.execute(statement, args![]).await.unwrap() > 0, "{statement:?}");
            tx.commit().await.unwrap();
            vault.vault.check_everything(kept).await.unwrap().wrong
        };
        let found = wrong(&WIDEN, None).await;
        assert!(found[0].starts_with("rows of authority: "), "{found:?}");
        let found = wrong(&TAKE_CREDENTIAL, None).await;
        assert!(found.iter().any(|text| text.contains("was added and not removed, and is not there")), "{found:?}");
        wrong(&TAKE_CHECKPOINTS, None).await;
        let found = wrong(&TAKE_RECORDS, Some(&kept)).await;
        assert!(found.iter().any(|text| text.contains("and a checkpoint covers")), "{found:?}");
    }

    async fn backups_are_made_when_they_are_due_and_go_when_their_time_is_over(database: &TestDatabase) {
        let vault = lived_in(database).await;
        assert_eq!(vault.vault.back_up_when_due().await.unwrap(), None, "nobody has said where to");
        let place = vault.folder.path().join("backups");
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("notes.txt"), "mine").unwrap();
        let day = Duration::from_secs(24 * 60 * 60);
        let backups = Backups {
            store: Arc::new(BackupFolder::at(place.clone())),
            every: day,
            retention: Retention { days: 2, weeks: 0, months: 0 },
            scratch: vault.folder.path().to_owned(),
        };
        assert!(vault.vault.keep_backups(backups.clone()));
        assert_eq!(state(&vault.vault).await, Some(CheckState::Warning), "none yet");
        let first = vault.vault.back_up_when_due().await.unwrap().unwrap();
        assert_eq!(vault.vault.back_up_when_due().await.unwrap(), None, "it is not due again");
        assert_eq!(state(&vault.vault).await, Some(CheckState::Ok));
        // Somebody else's, a link, and one that is empty are none of ours.
        let other = "countersign-00000000-20200101T000000Z.backup";
        fs::write(place.join(other), "another vault's").unwrap();
        fs::write(place.join(first.replacen("-2005", "-1999", 1)), "").unwrap();
        std::os::unix::fs::symlink(place.join("notes.txt"), place.join(first.replacen("-2005", "-1998", 1))).unwrap();
        for _ in 0..3 {
            vault.advance(24 * 60 * 60);
            vault.vault.back_up_when_due().await.unwrap().unwrap();
        }
        let names = backups.store.names().await.unwrap();
        assert_eq!(names.len(), 5, "three backups, another vault's, and somebody's notes: {names:?}");
        assert!(names.contains(&other.to_owned()), "another vault's stays, however old");
        assert!(!names.contains(&first) && names.contains(&"notes.txt".to_owned()));
        // A clock that is years ahead for a moment costs two of them, and what it made counts for none.
        let now = vault.now();
        vault.clock.set(now.plus(1_000 * day));
        vault.vault.back_up_when_due().await.unwrap().unwrap();
        vault.clock.set(now);
        let left = backups.all().await.unwrap();
        assert_eq!(left.len(), 3, "another vault's, one of ours, and the one ahead: {left:?}");
        vault.advance(24 * 60 * 60);
        vault.vault.back_up_when_due().await.unwrap().unwrap();
        vault.advance(3 * 24 * 60 * 60);
        assert_eq!(state(&vault.vault).await, Some(CheckState::Failed), "none was made for three days");
        let newest = backups.all().await.unwrap().into_iter().find(|name| name.at() <= vault.now()).unwrap();
        let newest = place.join(newest.to_string());
        let restored = open_plain(&file(&newest).await, &vault.folder, &vault.clock).await;
        assert!(restored.check_everything(None).await.unwrap().is_sound());
        let left: Vec<_> = fs::read_dir(vault.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".countersign")), "{left:?}");
    }

    async fn a_place_that_takes_no_backup_is_told_and_costs_none(database: &TestDatabase) {
        let vault = lived_in(database).await;
        let place = vault.folder.path().join("backups");
        fs::write(&place, "a file where a folder was meant").unwrap();
        let backups = Backups {
            store: Arc::new(BackupFolder::at(place.clone())),
            every: Duration::from_secs(900),
            retention: Retention::DEFAULT,
            scratch: vault.folder.path().to_owned(),
        };
        vault.vault.keep_backups(backups);
        let error = vault.vault.back_up_when_due().await.unwrap_err().to_string();
        assert!(error.contains("backups"), "{error}");
        assert_eq!(state(&vault.vault).await, Some(CheckState::Failed));
        // The server records why, and tells the administrators.
        let settings = NoticeSettingsRequest {
            webhook: FieldEdit::Set(secret("https://hooks.example.com/notices")),
            ..NoticeSettingsRequest::default()
        };
        vault.vault.set_notice_settings(&vault.admin, settings).await.unwrap();
        let server = tokio::spawn(vault.vault.clone().keep_backing_up());
        let filter = RecordFilter { act: Some("backup.failed".to_owned()), ..RecordFilter::default() };
        loop {
            let found = vault.vault.audit_records(&vault.admin, &filter, &Paging::default()).await.unwrap().items;
            let Some(record) = found.first() else {
                tokio::task::yield_now().await;
                continue;
            };
            assert_eq!(record.entry.details["error"], error.as_str().into());
            break;
        }
        server.abort();
        let log = vault.vault.notice_log(&vault.admin).await.unwrap();
        assert_eq!(log.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), ["backup_failed"]);
    }
}

async fn state(vault: &Vault) -> Option<CheckState> {
    vault.checks().await.into_iter().find(|check| check.name == "backups").map(|check| check.state)
}

/// All tables of a PostgreSQL database, as text.
async fn dump(database: &Database) -> Vec<(String, String)> {
    let rows = database.fetch_all(&DUMP, args![]).await.unwrap();
    rows.iter().map(|row| (row.get(0).unwrap(), row.get(1).unwrap())).collect()
}

#[test]
fn rows_are_the_same_after_postgresql_a_file_and_postgresql_again() {
    run(EngineKind::Postgres, MIGRATIONS, async |database| {
        let vault = lived_in(database).await;
        let path = vault.folder.path().join("one.backup");
        vault.vault.back_up_into(&path).await.unwrap();
        let again = TestDatabase::new(EngineKind::Postgres, &[]).await;
        let from = file(&path).await;
        copy_vault(&from, &again, MIGRATIONS, "one", 0, &mut |_| {}).await.unwrap();
        let (was, is) = (dump(database).await, dump(&again).await);
        assert!(was.len() > 50, "{} tables", was.len());
        for (was, is) in was.iter().zip(&is) {
            assert_eq!(was, is);
        }
        assert_eq!(was.len(), is.len());
        // Nothing is overwritten.
        let refused = copy_vault(&from, &again, MIGRATIONS, "one", 0, &mut |_| {}).await;
        assert!(matches!(refused, Err(CopyError::Taken)), "{refused:?}");

        let moved = open_plain(&again, &vault.folder, &vault.clock).await;
        assert!(moved.check_everything(None).await.unwrap().is_sound());
        assert!(
            moved.checks().await.iter().all(|check| check.state != CheckState::Failed || check.name == "durability")
        );
        moved.close().await;
    });
}

#[test]
fn promise_10_a_copy_that_was_interrupted_serves_nobody_and_goes_on_where_it_was() {
    run(EngineKind::Sqlite, MIGRATIONS, async |database| {
        let vault = lived_in(database).await;
        for number in 0..40 {
            vault.credential(&format!("Account {number}")).await;
        }
        let to = TestDatabase::new(EngineKind::Postgres, &[]).await;
        let stop = tokio::sync::Notify::new();
        // Told of the table of passwords, somebody ends the program.
        let mut tell = |at: countersign_store::engine::CopyProgress<'_>| {
            if at.table == "password_version" {
                stop.notify_one();
            }
        };
        tokio::select! {
            biased;
            () = stop.notified() => {}
            copied = copy_vault(database, &to, MIGRATIONS, "here", 0, &mut tell) => panic!("{copied:?}"),
        }
        let refused = to.migrate(MIGRATIONS, 0).await;
        assert!(matches!(refused, Err(MigrateError::Unfinished)), "{refused:?}");
        let copied = copy_vault(database, &to, MIGRATIONS, "here", 0, &mut |_| {}).await.unwrap();
        assert!(copied.were_there > 40 && copied.were_there < copied.rows, "{copied:?}");
        let moved = open_plain(&to, &vault.folder, &vault.clock).await;
        let (was, is) =
            (vault.vault.check_everything(None).await.unwrap(), moved.check_everything(None).await.unwrap());
        assert_eq!(was, is);
        moved.close().await;
    });
}

#[test]
fn a_copy_of_what_has_changed_since_is_begun_anew() {
    run(EngineKind::Sqlite, MIGRATIONS, async |database| {
        let vault = lived_in(database).await;
        let to = TestDatabase::new(EngineKind::Postgres, &[]).await;
        let stop = tokio::sync::Notify::new();
        let mut tell = |at: countersign_store::engine::CopyProgress<'_>| {
            if at.table == "seed" {
                stop.notify_one();
            }
        };
        tokio::select! {
            biased;
            () = stop.notified() => {}
            copied = copy_vault(database, &to, MIGRATIONS, "before", 0, &mut tell) => panic!("{copied:?}"),
        }
        vault.credential("Later").await;
        let copied = copy_vault(database, &to, MIGRATIONS, "after", 0, &mut |_| {}).await.unwrap();
        assert_eq!(copied.were_there, 0);
        let moved = open_plain(&to, &vault.folder, &vault.clock).await;
        assert_eq!(moved.check_everything(None).await.unwrap().tokens, 3);
        moved.close().await;
    });
}
