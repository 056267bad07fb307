//! A vault to test with: its clock stands still, its administrator exists.

use std::{sync::Arc, time::Duration};

use countersign_identity::Bearer;
use countersign_model::{
    Actor, Clock as _, CredentialName, FakeClock, GrantPermissions, Notes, Role, SiteAddress, Tag, Timestamp, UserName,
    Username,
};
use countersign_seal::{Secret, SystemChance, passphrase::Cost};
use countersign_store::{engine::Database, testing::TestDatabase};
use countersign_vault::{
    Check, CredentialRef, CredentialView, NewApiToken, NewCredential, NewGrant, NewPerson, OpenVaultError, Recordings,
    SeedRequest, SignInRequest, Source, TokenRequest, Unlock, Vault, VaultOptions,
};

/// RFC 6238's own seed, so that its test values are the expected tokens.
pub(crate) const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
pub(crate) const PASSWORD: &str = "plum velvet anchor sixteen";

pub(crate) struct TestVault {
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) admin: Actor,
    // The key file lives as long as the vault may be opened again.
    pub(crate) folder: tempfile::TempDir,
}

impl TestVault {
    pub(crate) async fn new(database: &TestDatabase) -> Self {
        Self::with(database, VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false }).await
    }

    pub(crate) async fn with(database: &TestDatabase, options: VaultOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // RFC 6238 appendix B: at this second the token of eight digits is 07081804.
        let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(1_111_111_109)));
        let vault = open(database, &folder, &clock, options).await;
        let admin = vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await.unwrap();
        Self { vault, clock, admin, folder }
    }

    pub(crate) async fn credential(&self, name: &str) -> CredentialView {
        self.vault.create_credential(&self.admin, new_credential(name)).await.unwrap().0
    }

    /// A person of that role, and an actor who came in by an API token of theirs.
    pub(crate) async fn person(&self, name: &str, role: Role) -> Actor {
        let new = NewPerson { name: UserName::parse(name).unwrap(), role, password: secret(PASSWORD) };
        self.vault.create_person(&self.admin, new).await.unwrap();
        self.signed_in(name).await
    }

    pub(crate) async fn signed_in(&self, name: &str) -> Actor {
        let ask = SignInRequest { name, password: secret(PASSWORD), token: None, source: Source::agent("test") };
        self.vault.sign_in(ask).await.unwrap().caller.actor
    }

    pub(crate) async fn api_token(&self, actor: &Actor, role: Option<Role>) -> Bearer {
        let new = NewApiToken { name: "ci".to_owned(), role, expires_in_days: None, admin: true };
        self.vault.create_api_token(actor, &new).await.unwrap().1
    }

    pub(crate) async fn grant(&self, credential: &CredentialView, to: &Actor, grant: Option<GrantPermissions>) {
        let grants: Vec<NewGrant> = grant.map(|grant| NewGrant { person: to.user, grant }).into_iter().collect();
        self.vault.set_grants(&self.admin, &by_id(credential), &grants).await.unwrap();
    }

    pub(crate) async fn token(&self, actor: &Actor, credential: &CredentialView) -> Result<String, String> {
        match self.vault.token(actor, &by_id(credential), &TokenRequest::default()).await {
            Ok(answer) => Ok(answer.token.expose().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// What its own health check has to say. That the tests' PostgreSQL does without its disk is known.
    pub(crate) async fn complaints(&self) -> Vec<Check> {
        let checks = self.vault.checks().await.into_iter();
        checks.filter(|check| check.hint.is_some() && check.name != "durability").collect()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

pub(crate) async fn open(
    database: &Database,
    folder: &tempfile::TempDir,
    clock: &Arc<FakeClock>,
    options: VaultOptions,
) -> Vault {
    let vault = open_with(database, folder, clock, options).await;
    vault.keep_recordings(Recordings::folder(folder.path().join("recordings")));
    vault
}

/// One that has no place for recordings.
pub(crate) async fn open_plain(database: &Database, folder: &tempfile::TempDir, clock: &Arc<FakeClock>) -> Vault {
    open_with(database, folder, clock, VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false }).await
}

pub(crate) async fn try_open(
    database: &Database,
    folder: &tempfile::TempDir,
    clock: &Arc<FakeClock>,
) -> Result<Vault, OpenVaultError> {
    let key = Unlock::KeyFile(folder.path().join("vault.key"));
    let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false };
    let clock: Arc<FakeClock> = Arc::clone(clock);
    Vault::open(database.clone(), &key, clock, Arc::new(SystemChance), options).await
}

async fn open_with(
    database: &Database,
    folder: &tempfile::TempDir,
    clock: &Arc<FakeClock>,
    options: VaultOptions,
) -> Vault {
    let key = Unlock::KeyFile(folder.path().join("vault.key"));
    let clock: Arc<FakeClock> = Arc::clone(clock);
    let vault = Vault::open(database.clone(), &key, clock, Arc::new(SystemChance), options).await;
    vault.unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

pub(crate) fn by_id(credential: &CredentialView) -> CredentialRef {
    CredentialRef::Id(credential.id)
}

pub(crate) fn new_credential(name: &str) -> NewCredential {
    let ask = SeedRequest { text: Some(secret(SEED)), digits: Some(8), ..SeedRequest::default() };
    NewCredential {
        name: CredentialName::parse(name).unwrap(),
        username: Username::parse("alice@example.org").unwrap(),
        password: Some(secret("its password")),
        site: Some(SiteAddress::parse("https://example.org/").unwrap()),
        seed: Some(ask.understand().unwrap().secret),
        tags: vec![Tag::parse("social").unwrap()],
        notes: Notes::parse("").unwrap(),
    }
}
