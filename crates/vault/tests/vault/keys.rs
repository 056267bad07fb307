//! Another vault key takes the former one's place while everything goes on, and shares make a lost key file again.

use std::path::PathBuf;

use countersign_audit::AuditAction;
use countersign_identity::Bearer;
use countersign_model::{Actor, GrantPermissions, Paging, Role, SessionEnd};
use countersign_seal::{KeyShare, Sealed, SystemChance, UnlockError};
use countersign_store::{
    args,
    audit::RecordFilter,
    both_engines,
    engine::{self, Database, EngineKind, OpenOptions, Statement},
    statements,
    testing::TestDatabase,
};
use countersign_vault::{
    CheckState, Conflict, CredentialView, Error, FieldEdit, ImportError, KeyStanding, NoticeSettingsRequest,
    OpenVaultError, Patch, RecordingPart, SessionRun, Unlock, UnlockCommand, Vault,
};

use crate::{
    fixture::{TestVault, by_id, new_credential, open_plain, secret, try_open},
    sessions::live,
    signing_in::token_of,
};

statements! {
    UNDER_ANOTHER = "select (select count(*) from seed where substr(sealed, 1, 5) <> $1) \
        + (select count(*) from password_version where substr(sealed, 1, 5) <> $1) \
        + (select count(*) from person where substr(seed, 1, 5) <> $1 or substr(next_seed, 1, 5) <> $1) \
        + (select count(*) from automation where substr(browser_state, 1, 5) <> $1) \
        + (select count(*) from notice_settings where substr(sealed, 1, 5) <> $1) \
        + (select count(*) from audit_sink where substr(sealed, 1, 5) <> $1) \
        + (select count(*) from session_part where key_number = 1)";
    PROMOTE = "update person set role = 'administrator' where name = 'bob'";
    OLD_MARK = "select mark from person where name = 'root'";
    PUT_MARK = "update person set mark = $1 where name = 'root'";
    SPOIL_SEED = "update seed set sealed = $1";
}

/// A vault with something sealed in each place there is, and who may open it.
struct Full<'a> {
    fixture: &'a TestVault,
    credential: CredentialView,
    run: SessionRun,
    setup: String,
    person: Actor,
    program: Bearer,
}

const RECORDED: &[u8] = b"what was on the page";

impl<'a> Full<'a> {
    async fn new(fixture: &'a TestVault) -> Self {
        let credential = fixture.credential("Instagram").await;
        let again = Patch { password: FieldEdit::Set(secret("another password")), ..Patch::default() };
        fixture.vault.edit_credential(&fixture.admin, &by_id(&credential), again).await.unwrap();
        let run = live(fixture, &fixture.admin, &credential).await;
        run.keep_browser(&secret("cookies"), "this browser").await.unwrap();
        for seq in 0..3 {
            let part =
                RecordingPart { seq, from_ms: 0, to_ms: 1, key: true, frames: 1, events: 0, bytes: RECORDED.to_vec() };
            run.writer().put_part(part).await.unwrap();
        }
        let ask = NoticeSettingsRequest {
            webhook: FieldEdit::Set(secret("https://hook.example/secret-path")),
            ..NoticeSettingsRequest::default()
        };
        fixture.vault.set_notice_settings(&fixture.admin, ask).await.unwrap();
        fixture.vault.create_sink(&fixture.admin, crate::sinks::draft("siem")).await.unwrap();
        let person = fixture.signed_in("root").await;
        let setup = fixture.vault.begin_second_factor(&person).await.unwrap().uri.expose_text().unwrap().to_owned();
        let bob = fixture.person("bob", Role::Member).await;
        fixture.grant(&credential, &bob, Some(GrantPermissions { token: true, ..GrantPermissions::SEE })).await;
        let program = fixture.api_token(&fixture.admin, None).await;
        Self { fixture, credential, run, setup, person, program }
    }

    /// Everything opens, for everybody who could open it before.
    async fn opens(&self, vault: &Vault, when: &str) {
        let caller = vault.recognise(&self.program).await.unwrap_or_else(|error| panic!("{when}: {error}"));
        let wanted = by_id(&self.credential);
        let ask = countersign_vault::TokenRequest::default();
        let token = vault.token(&caller.actor, &wanted, &ask).await.unwrap_or_else(|error| panic!("{when}: {error}"));
        assert_eq!(token.token.expose().len(), 8, "{when}");
        for (version, password) in [(None, "another password"), (Some(1), "its password")] {
            let revealed = vault.reveal(&self.fixture.admin, &wanted, None, version).await;
            let revealed = revealed.unwrap_or_else(|error| panic!("{when}: {error}"));
            assert_eq!(revealed.password.expose_text(), Some(password), "{when}");
        }
        vault.recording(&self.fixture.admin, self.run.id).await.unwrap_or_else(|error| panic!("{when}: {error}"));
        for seq in 0..3 {
            let part = vault.recording_part(&self.fixture.admin, self.run.id, seq).await;
            assert_eq!(part.unwrap_or_else(|error| panic!("{when}: {error}")), RECORDED, "{when}");
        }
        vault.notice_settings(&self.fixture.admin).await.unwrap_or_else(|error| panic!("{when}: {error}"));
        let trial = vault.begin_sink_test(&self.fixture.admin, &crate::sinks::siem()).await;
        let header = trial.unwrap_or_else(|error| panic!("{when}: {error}")).way.header;
        assert_eq!(header.unwrap().expose_text(), Some("Authorization: Bearer word-of-the-header"), "{when}");
    }
}

async fn count(database: &Database, number: u32) -> i64 {
    database.fetch_one(&UNDER_ANOTHER, args![Sealed::prefix(number)]).await.unwrap().get(0).unwrap()
}

/// Goes on until the former key is gone; `each` is called in between.
pub(crate) async fn go_on(fixture: &TestVault, vault: &Vault, mut each: impl AsyncFnMut(usize)) {
    for step in 0..20 {
        if vault.continue_key_rotation().await.unwrap() == KeyStanding::One {
            // It forgets the former key at the next look.
            assert_eq!(vault.continue_key_rotation().await.unwrap(), KeyStanding::One);
            return;
        }
        each(step).await;
        fixture.advance(20);
    }
    panic!("it never ends: {:?}", vault.key(&fixture.admin).await.unwrap());
}

async fn recorded(fixture: &TestVault, act: AuditAction) -> usize {
    let filter = RecordFilter { act: Some(act.name().to_owned()), ..RecordFilter::default() };
    fixture.vault.audit_records(&fixture.admin, &filter, &Paging::default()).await.unwrap().items.len()
}

async fn execute(database: &Database, statement: &Statement, values: Vec<engine::Value>) {
    let mut tx = database.write().await.unwrap();
    assert!(tx.execute(statement, values).await.unwrap() > 0, "{}", statement.name());
    tx.commit().await.unwrap();
}

both_engines! {
    async fn a_new_key_takes_the_place_of_the_former_and_everything_goes_on(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let full = Full::new(&fixture).await;
        let before = fixture.vault.key(&fixture.admin).await.unwrap();
        assert_eq!((before.number, before.next.is_none()), (1, true));
        assert!(before.unlocked_by.starts_with("key file ") && before.unlocked_by.ends_with("vault.key"));
        let signed = fixture.vault.checkpoint(&fixture.admin).await.unwrap().key;
        let old_mark: Vec<u8> = database.fetch_one(&OLD_MARK, args![]).await.unwrap().get(0).unwrap();

        let begun = fixture.vault.rotate_key(&fixture.admin).await.unwrap();
        let next = begun.next.unwrap();
        assert!(next.id != before.id && next.active_at.is_none() && next.left > 5, "{next:?}");
        assert!(matches!(fixture.vault.rotate_key(&fixture.admin).await, Err(Error::Conflict(Conflict::KeyBeingReplaced))));
        full.opens(&fixture.vault, "announced").await;
        go_on(&fixture, &fixture.vault, async |step| full.opens(&fixture.vault, &format!("step {step}")).await).await;

        let after = fixture.vault.key(&fixture.admin).await.unwrap();
        assert_eq!((after.id, after.number, after.next.is_none()), (next.id, 2, true));
        full.opens(&fixture.vault, "afterwards").await;
        let (_, warnings) = fixture.vault.create_credential(&fixture.admin, new_credential("Twin")).await.unwrap();
        assert_eq!(warnings.len(), 1, "a seed that is there already is still found: {warnings:?}");
        assert_eq!(count(database, 2).await, 0, "nothing is under the former key");
        assert_eq!((recorded(&fixture, AuditAction::KeyRotationStarted).await, recorded(&fixture, AuditAction::KeyRotated).await), (1, 1));
        let code = token_of(&secret(&full.setup), &fixture);
        fixture.vault.confirm_second_factor(&full.person, &code).await.unwrap();
        let complaints = fixture.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
        assert_eq!(fixture.vault.checkpoint(&fixture.admin).await.unwrap().key, signed, "one key signs the log for its life");

        // The same key file opens it at the next start; a mark by the former key vouches for nothing.
        let again = try_open(database, &fixture.folder, &fixture.clock).await.unwrap();
        again.keep_recordings(countersign_vault::Recordings::folder(fixture.folder.path().join("recordings")));
        full.opens(&again, "opened anew").await;
        execute(database, &PUT_MARK, args![old_mark].to_vec()).await;
        let check = fixture.vault.checks().await.into_iter().find(|check| check.name == "rows of authority").unwrap();
        assert_eq!(check.state, CheckState::Failed, "{check:?}");
        drop(full);
    }

    /// Whoever opens the vault after a stop in the middle goes on where it was; everything opens meanwhile.
    async fn what_was_stopped_in_the_middle_goes_on(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let full = Full::new(&fixture).await;
        for stop in 1..4 {
            if fixture.vault.key(&fixture.admin).await.unwrap().next.is_none() {
                fixture.vault.rotate_key(&fixture.admin).await.unwrap();
            }
            let vault = try_open(database, &fixture.folder, &fixture.clock).await.unwrap();
            vault.keep_recordings(countersign_vault::Recordings::folder(fixture.folder.path().join("recordings")));
            full.opens(&vault, &format!("start {stop}")).await;
            fixture.advance(20);
            for _ in 0..stop {
                vault.continue_key_rotation().await.unwrap();
                full.opens(&vault, &format!("stop {stop}")).await;
            }
            // It ends here, without a word.
            drop(vault);
        }
        let vault = try_open(database, &fixture.folder, &fixture.clock).await.unwrap();
        vault.keep_recordings(countersign_vault::Recordings::folder(fixture.folder.path().join("recordings")));
        go_on(&fixture, &vault, async |_| ()).await;
        full.opens(&vault, "at last").await;
        let number = vault.key(&fixture.admin).await.unwrap().number;
        assert_eq!(count(database, number).await, 0);
        drop(full);
    }

    /// A row that nobody vouches for stays refused, a value that opens nowhere does not keep the former key for ever.
    async fn what_was_tampered_with_is_not_made_good(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.person("bob", Role::Member).await;
        let credential = fixture.credential("Instagram").await;
        execute(database, &PROMOTE, Vec::new()).await;
        execute(database, &SPOIL_SEED, args![vec![1_u8; 120]].to_vec()).await;
        fixture.vault.rotate_key(&fixture.admin).await.unwrap();
        go_on(&fixture, &fixture.vault, async |_| ()).await;
        assert_eq!(fixture.vault.key(&fixture.admin).await.unwrap().number, 2);
        let ask = countersign_vault::SignInRequest {
            name: "bob",
            password: secret(crate::fixture::PASSWORD),
            token: None,
            source: countersign_vault::Source::agent("test"),
        };
        let text = fixture.vault.sign_in(ask).await.err().unwrap().to_string();
        assert!(text.contains("changed in the database"), "{text}");
        assert!(fixture.token(&fixture.admin, &credential).await.is_err());
    }

    async fn only_who_manages_sees_and_replaces_the_key(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        for role in [Role::Member, Role::Manager, Role::Auditor] {
            let actor = fixture.person(role.name(), role).await;
            assert!(matches!(fixture.vault.key(&actor).await, Err(Error::Denied(_))), "{role}");
            assert!(matches!(fixture.vault.rotate_key(&actor).await, Err(Error::Denied(_))), "{role}");
        }
        // What unlocks the vault has gone: a new key could not be opened at the next start.
        let file = fixture.folder.path().join("vault.key");
        std::fs::rename(&file, file.with_extension("away")).unwrap();
        let refused = fixture.vault.rotate_key(&fixture.admin).await.err().unwrap();
        assert!(matches!(refused, Error::KeyLocked(_)) && refused.to_string().contains("is missing"), "{refused}");
        assert_eq!(fixture.vault.key(&fixture.admin).await.unwrap().number, 1);
    }

    async fn shares_make_a_lost_key_file_again(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let full = Full::new(&fixture).await;
        let early = fixture.vault.export_key(3, 2).await.unwrap();
        fixture.vault.rotate_key(&fixture.admin).await.unwrap();
        assert!(matches!(fixture.vault.export_key(5, 3).await, Err(Error::Conflict(Conflict::KeyBeingReplaced))));
        go_on(&fixture, &fixture.vault, async |_| ()).await;
        assert!(matches!(fixture.vault.export_key(5, 1).await, Err(Error::Invalid(_))));
        let shares = fixture.vault.export_key(5, 3).await.unwrap();
        assert_eq!(recorded(&fixture, AuditAction::KeyExported).await, 2);

        let new = fixture.folder.path().join("new.key");
        let import = async |shares: &[KeyShare], path: PathBuf| {
            Vault::import_key(database, shares, &path, &*fixture.clock, &SystemChance).await
        };
        let refused = import(&early, new.clone()).await;
        assert!(matches!(refused, Err(ImportError::Unlock(UnlockError::OtherKey { .. }))), "of the former key");
        assert!(matches!(import(&shares[..2], new.clone()).await, Err(ImportError::Shares(_))));
        let taken = fixture.folder.path().join("vault.key");
        assert!(matches!(import(&shares[1..4], taken).await, Err(ImportError::KeyFile { .. })), "never over another");
        assert!(!new.exists());
        import(&shares[1..4], new.clone()).await.unwrap();

        let opened = try_open(database, &fixture.folder, &fixture.clock).await;
        assert!(matches!(opened, Err(OpenVaultError::Unlock(UnlockError::WrongKey))), "the former file opens it no more");
        let vault = open_by(database, &fixture, Unlock::KeyFile(new)).await.unwrap();
        vault.keep_recordings(countersign_vault::Recordings::folder(fixture.folder.path().join("recordings")));
        full.opens(&vault, "by shares").await;
        assert_eq!(recorded(&fixture, AuditAction::KeyImported).await, 1);
        drop(full);
    }

    /// Each line of the contract: what it prints, how it ends, how long it takes, what it gets.
    async fn a_command_that_prints_the_key_file_unlocks(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let file = fixture.folder.path().join("vault.key").display().to_string();
        let shell = |script: &str| UnlockCommand {
            line: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
            ..UnlockCommand::default()
        };
        let vault = open_by(database, &fixture, Unlock::Command(shell(&format!("cat {file}")))).await.unwrap();
        assert_eq!(vault.key(&fixture.admin).await.unwrap().unlocked_by, "command /bin/sh");
        let ask = countersign_vault::TokenRequest::default();
        vault.token(&fixture.admin, &by_id(&credential), &ask).await.unwrap();
        // It gets nothing on its standard input, few variables, and is told which vault.
        let usual = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "CREDENTIALS_DIRECTORY", "PWD", "SHLVL", "_"];
        let plain = |name: &String| name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
        let mut others = std::env::vars().filter(|(name, value)| {
            plain(name) && !usual.contains(&name.as_str()) && !name.starts_with("COUNTERSIGN") && !value.is_empty()
        });
        let (named, unnamed) = (others.next().unwrap().0, others.next().unwrap().0);
        let strict = format!(
            "[ -z \"$(cat)\" ] && [ -n \"${named}\" ] && [ -z \"${unnamed}\" ] && [ -n \"$PATH\" ] \
             && grep -q \"vault $COUNTERSIGN_VAULT\" {file} && cat {file}"
        );
        let strict = UnlockCommand { variables: vec![named], ..shell(&strict) };
        open_by(database, &fixture, Unlock::Command(strict)).await.unwrap();

        let slow = UnlockCommand { within: Some(std::time::Duration::from_millis(300)), ..shell("exec sleep 60") };
        let missing = UnlockCommand { line: vec!["/no/such/program".to_owned()], ..UnlockCommand::default() };
        let table = [
            (shell(&format!("cat {file}; echo the service said no >&2; exit 3")), &["exit status: 3", "the service said no"][..]),
            (shell("exit 1"), &["it says nothing on standard error"]),
            (shell("echo hello"), &["printed something else than a key file"]),
            (shell("true"), &["printed something else than a key file"]),
            (shell("yes | head -c 5000; cat >/dev/null"), &["printed more than 4096 bytes"]),
            (slow, &["did not end within", "was killed"]),
            (missing, &["/no/such/program", "cannot be started"]),
            (UnlockCommand::default(), &["is empty"]),
        ];
        for (command, parts) in table {
            let text = open_by(database, &fixture, Unlock::Command(command)).await.err().unwrap().to_string();
            for part in parts {
                assert!(text.contains(part), "{part} is missing in: {text}");
            }
            let key = std::fs::read_to_string(&file).unwrap();
            assert!(!text.contains(key.lines().last().unwrap().trim_start_matches("key ")), "{text}");
        }
    }
}

async fn open_by(database: &TestDatabase, fixture: &TestVault, unlock: Unlock) -> Result<Vault, OpenVaultError> {
    let options = countersign_vault::VaultOptions {
        sign_in_cost: countersign_seal::passphrase::Cost::TEST,
        second_factor_required: false,
    };
    let clock = std::sync::Arc::clone(&fixture.clock);
    Vault::open((**database).clone(), &unlock, clock, std::sync::Arc::new(SystemChance), options).await
}

/// Another server, which looks seldom: it knows the new key before anything is under it, and one that slept through all of it
/// writes nothing that nobody could open.
#[test]
fn two_servers_replace_the_key_together() {
    countersign_store::testing::run(EngineKind::Postgres, countersign_store::MIGRATIONS, async |database| {
        let fixture = TestVault::new(database).await;
        let full = Full::new(&fixture).await;
        let open = async || {
            let other = Database::open(database.url(), &OpenOptions::default()).await.unwrap();
            let vault = open_plain(&other, &fixture.folder, &fixture.clock).await;
            vault.keep_recordings(countersign_vault::Recordings::folder(fixture.folder.path().join("recordings")));
            vault
        };
        let (other, asleep) = (open().await, open().await);
        fixture.vault.rotate_key(&fixture.admin).await.unwrap();
        assert_eq!(fixture.vault.continue_key_rotation().await.unwrap(), KeyStanding::Announced);
        full.opens(&other, "before it knows").await;
        fixture.advance(10);
        assert_eq!(other.continue_key_rotation().await.unwrap(), KeyStanding::Announced);
        fixture.advance(10);
        assert_eq!(fixture.vault.continue_key_rotation().await.unwrap(), KeyStanding::Wrapping);
        full.opens(&other, "one has begun").await;
        let again = Patch { password: FieldEdit::Set(secret("another password")), ..Patch::default() };
        other.edit_credential(&fixture.admin, &by_id(&full.credential), again).await.unwrap();
        go_on(&fixture, &other, async |step| {
            let _ = fixture.vault.continue_key_rotation().await.unwrap();
            full.opens(&fixture.vault, &format!("step {step}")).await;
        })
        .await;
        full.opens(&other, "afterwards").await;
        assert_eq!(count(database, 2).await, 0);

        let late = Patch { password: FieldEdit::Set(secret("written too late")), ..Patch::default() };
        let refused = asleep.edit_credential(&fixture.admin, &by_id(&full.credential), late).await;
        assert!(refused.is_err(), "it is sealed under a key that is gone");
        assert_eq!(count(database, 2).await, 0);
        asleep.continue_key_rotation().await.unwrap();
        full.opens(&asleep, "awake").await;
        let run = asleep.host_session(full.run.id, crate::sessions::NODE).await.unwrap();
        run.close(SessionEnd::Person).await.unwrap();
    });
}
