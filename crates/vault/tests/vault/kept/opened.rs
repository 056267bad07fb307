//! What has to be true of a kept vault that this version has opened.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc};

use countersign_audit::Checkpoint;
use countersign_identity::Bearer;
use countersign_model::{Actor, ChangeState, FakeClock, Paging, Role, Timestamp};
use countersign_store::{MIGRATIONS, audit::RecordFilter, engine::EngineKind, testing::run};
use countersign_vault::{
    ChangeListRequest, CredentialRef, Error, GrantListRequest, GroupRef, SessionListRequest, SignInRequest, Source,
    TokenRequest, Vault,
};

use super::{AT, BEARER, CHECKPOINT, KEY_FILE, file_of, folder};
use crate::fixture::{PASSWORD, open_plain, secret};

#[test]
fn kept_vaults_are_opened_on_sqlite() {
    open_all(EngineKind::Sqlite);
}

#[test]
fn kept_vaults_are_opened_on_postgres() {
    open_all(EngineKind::Postgres);
}

fn open_all(kind: EngineKind) {
    let mut new = Default::default();
    run(kind, MIGRATIONS, async |database| new = database.objects().await);
    let mut versions: Vec<_> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    versions.retain(|path| path.is_dir());
    assert!(!versions.is_empty(), "no version is kept in {}", folder().display());
    for kept in versions {
        let shown = kept.display().to_string();
        let sql = fs::read_to_string(kept.join(file_of(kind))).unwrap_or_else(|error| panic!("{shown}: {error}"));
        run(kind, &[], async |database| {
            database.load(&sql).await;
            let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(AT)));
            let key = key_of(&kept);
            let vault = open_plain(database, &key, &clock).await;
            assert_eq!(database.migrate(MIGRATIONS, 0).await.unwrap(), 0, "{shown}: opening it has done each step");
            let upgraded = database.objects().await;
            let unlike: Vec<_> = upgraded.symmetric_difference(&new).collect();
            assert!(unlike.is_empty(), "{shown} becomes another schema than a new one: {unlike:#?}");
            assert!(database.astray().await.is_empty(), "{shown}: {:?}", database.astray().await);
            is_sound(&vault, &kept).await;
            serves(&vault, &kept).await;
            vault.close().await;
        });
    }
}

/// A copy of the key file, which nobody else may read.
fn key_of(kept: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(KEY_FILE);
    fs::copy(kept.join(KEY_FILE), &file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    folder
}

/// Seals, marks, and the log up to a checkpoint that lay elsewhere.
async fn is_sound(vault: &Vault, kept: &Path) {
    let checkpoint: Checkpoint = serde_json::from_str(&fs::read_to_string(kept.join(CHECKPOINT)).unwrap()).unwrap();
    let whole = vault.check_everything(Some(&checkpoint)).await.unwrap();
    assert!(whole.is_sound(), "{whole:?}");
    assert!(whole.tokens >= 5 && whole.opened >= 12 && whole.records >= checkpoint.size, "{whole:?}");
}

/// People, programs, tokens, passwords, and what somebody may do.
async fn serves(vault: &Vault, kept: &Path) {
    let bearer = Bearer::parse(fs::read_to_string(kept.join(BEARER)).unwrap().trim()).unwrap();
    let root = vault.recognise(&bearer).await.unwrap().actor;
    assert_eq!((root.name.as_str(), root.role), ("root/ci", Role::Administrator));
    // RFC 6238 appendix B and RFC 4226 appendix D; the first token of the counter was taken before.
    assert_eq!(token(vault, &root, "Shop").await.unwrap(), "89005924");
    assert_eq!(token(vault, &root, "Counter").await.unwrap(), "287082");
    reveals(vault, &root).await;
    let ben = signed_in(vault, "ben").await;
    assert_eq!(token(vault, &ben, "Bakery").await.unwrap(), "89005924", "by his group, on a tag");
    let denied = token(vault, &signed_in(vault, "max").await, "Shop").await;
    assert!(
        matches!(&denied, Err(Error::Denied(it)) if it.unmet.iter().any(|one| one.name() == "approval")),
        "{denied:?}"
    );
    lists(vault, &root).await;
}

async fn reveals(vault: &Vault, root: &Actor) {
    let reveal = async |name| {
        let revealed = vault.reveal(root, &named(name), None, None).await.unwrap();
        revealed.password.expose_text().unwrap().to_owned()
    };
    assert_eq!(reveal("Shop").await, "its password");
    assert_ne!(reveal("Bakery").await, "its password", "it was changed");
    let shop = vault.credential(root, &named("Shop")).await.unwrap();
    assert_eq!(shop.notes.as_str(), "Ask *Mia* first.");
}

async fn lists(vault: &Vault, root: &Actor) {
    let grants = vault.list_grants(root, &GrantListRequest::default()).await.unwrap().items;
    assert!(grants.len() >= 3, "{}", grants.len());
    let staff = vault.group(root, &GroupRef::Name("staff".to_owned())).await.unwrap();
    assert_eq!(staff.members.len(), 2);
    let changes = vault.list_changes(root, &ChangeListRequest::default()).await.unwrap().items;
    for state in [ChangeState::Changed, ChangeState::Queued] {
        assert!(changes.iter().any(|change| change.state == state), "{state:?}");
    }
    assert!(vault.list_sessions(root, &SessionListRequest::default()).await.unwrap().items.len() >= 2);
    assert_eq!(vault.sinks(root).await.unwrap().len(), 1);
    assert_eq!(vault.service_accounts(root).await.unwrap().len(), 2);
    assert_eq!(vault.devices(&signed_in(vault, "ben").await).await.unwrap().len(), 1);
    // By the index of the log, which is searched and not read through.
    let filter = RecordFilter { act: Some("access.approved".to_owned()), ..RecordFilter::default() };
    let found = vault.audit_records(root, &filter, &Paging::first(10)).await.unwrap();
    assert_eq!(found.items.len(), 1);
}

fn named(name: &str) -> CredentialRef {
    CredentialRef::Name(name.to_owned())
}

async fn token(vault: &Vault, actor: &Actor, name: &str) -> Result<String, Error> {
    let answer = vault.token(actor, &named(name), &TokenRequest::default()).await?;
    Ok(answer.token.expose().to_owned())
}

async fn signed_in(vault: &Vault, name: &str) -> Actor {
    let ask = SignInRequest { name, password: secret(PASSWORD), token: None, source: Source::agent("test") };
    vault.sign_in(ask).await.unwrap_or_else(|error| panic!("{name}: {error}")).caller.actor
}
