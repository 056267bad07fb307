//! A vault to test with: its clock stands still, its administrator exists.

use std::{sync::Arc, time::Duration};

use countersign_model::{
    Actor, ChangeKind, ChangeState, CredentialName, FakeClock, Notes, PasswordSlot, Role, SiteAddress, Timestamp,
    UserName, Username,
};
use countersign_seal::{Secret, SystemChance, passphrase::Cost};
use countersign_store::testing::TestDatabase;
use countersign_vault::{
    ChangeRequest, ChangeRun, CredentialRef, CredentialView, FieldEdit, NewCredential, NewPerson,
    NoticeSettingsRequest, SignInRequest, Unlock, Vault, VaultOptions,
};

use crate::catchers::Requests;

const PASSWORD: &str = "plum velvet anchor sixteen";
const LEASE: Duration = Duration::from_secs(60);

pub(crate) struct TestNotices {
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) admin: Actor,
    _folder: tempfile::TempDir,
}

impl TestNotices {
    pub(crate) async fn new(database: &TestDatabase) -> Self {
        // Installed twice it is refused and stays as it was.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(1_700_000_000)));
        let key = Unlock::KeyFile(folder.path().join("vault.key"));
        let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false };
        let (ticking, chance) = (Arc::clone(&clock), Arc::new(SystemChance));
        let vault = Vault::open(std::ops::Deref::deref(database).clone(), &key, ticking, chance, options).await;
        let vault = vault.unwrap_or_else(|error| panic!("{error}"));
        let admin = vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await.unwrap();
        Self { vault, clock, admin, _folder: folder }
    }

    pub(crate) async fn person(&self, name: &str, role: Role) -> Actor {
        let new = NewPerson { name: UserName::parse(name).unwrap(), role, password: secret(PASSWORD) };
        self.vault.create_person(&self.admin, new).await.unwrap();
        let ask = SignInRequest {
            name,
            password: secret(PASSWORD),
            token: None,
            source: countersign_vault::Source::agent("test"),
        };
        self.vault.sign_in(ask).await.unwrap().caller.actor
    }

    pub(crate) async fn webhook(&self, requests: &Requests) {
        let webhook = FieldEdit::Set(secret(&format!("http://127.0.0.1:{}/hook", requests.port)));
        self.vault
            .set_notice_settings(&self.admin, NoticeSettingsRequest { webhook, ..NoticeSettingsRequest::default() })
            .await
            .unwrap();
    }

    pub(crate) async fn credential(&self, name: &str) -> CredentialView {
        let new = NewCredential {
            name: CredentialName::parse(name).unwrap(),
            username: Username::parse("alice@example.org").unwrap(),
            password: Some(secret("its password")),
            site: Some(SiteAddress::parse("https://example.org/").unwrap()),
            seed: None,
            tags: Vec::new(),
            notes: Notes::parse("").unwrap(),
        };
        self.vault.create_credential(&self.admin, new).await.unwrap().0
    }

    /// A change that a worker has begun.
    pub(crate) async fn begun(&self, name: &str) -> ChangeRun {
        let credential = self.credential(name).await;
        let ask = ChangeRequest { kind: ChangeKind::Change, reason: None };
        self.vault.ask_change(&self.admin, &by_id(&credential), &ask).await.unwrap();
        self.vault.claim_change("worker", LEASE).await.unwrap().unwrap()
    }

    /// The new password is stored and about to be typed.
    pub(crate) async fn armed(&self, name: &str) -> ChangeRun {
        let mut run = self.begun(name).await;
        run.use_password(PasswordSlot::Current, true).await.unwrap();
        run.password_taken(PasswordSlot::Current).await.unwrap();
        run.report(ChangeState::Changing, "at the form", None).await.unwrap();
        run.new_password(None, None).await.unwrap();
        run
    }
}

pub(crate) fn by_id(credential: &CredentialView) -> CredentialRef {
    CredentialRef::Id(credential.id)
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}
