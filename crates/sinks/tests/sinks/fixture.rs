//! A vault to test with: its clock stands still, its administrator exists.

use std::{path::Path, sync::Arc};

use countersign_model::{Actor, FakeClock, SinkKind, SinkName, Timestamp, UserName};
use countersign_seal::{Secret, SystemChance, passphrase::Cost};
use countersign_sinks::{AllowPrivateReceivers, send_due};
use countersign_store::testing::TestDatabase;
use countersign_vault::{FieldEdit, RecordFilter, SinkDraft, SinkRef, SinkView, Unlock, Vault, VaultOptions};

pub(crate) const HERE: AllowPrivateReceivers = AllowPrivateReceivers(true);

pub(crate) struct TestSinks {
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) admin: Actor,
    pub(crate) folder: tempfile::TempDir,
}

impl TestSinks {
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
        let password = Secret::from("plum velvet anchor sixteen".to_owned());
        let admin = vault.create_administrator(&UserName::parse("root").unwrap(), password).await.unwrap();
        vault.keep_sinks_in(folder.path().to_owned());
        Self { vault, clock, admin, folder }
    }

    /// Writes so many records.
    pub(crate) async fn records(&self, count: usize) {
        for _ in 0..count {
            self.vault.record_records_export(&self.admin, &RecordFilter::default()).await.unwrap();
        }
    }

    /// How many records the log has.
    pub(crate) async fn size(&self) -> u64 {
        self.vault.checkpoint(&self.admin).await.unwrap().size
    }

    /// A destination that gets the log from its first record; gives what signs it, too.
    pub(crate) async fn sink(&self, kind: SinkKind, address: &str, change: impl FnOnce(&mut SinkDraft)) -> String {
        let mut draft = SinkDraft {
            name: SinkName::parse("siem").unwrap(),
            kind,
            address: FieldEdit::Set(Secret::from(address.to_owned())),
            header: FieldEdit::Keep,
            authority: None,
            plain: false,
            acts: Vec::new(),
            paused: false,
            new_signing_secret: false,
            from_beginning: true,
        };
        change(&mut draft);
        let (_, signing) = self.vault.create_sink(&self.admin, draft).await.unwrap_or_else(|error| panic!("{error}"));
        signing.and_then(|signing| signing.expose_text().map(str::to_owned)).unwrap_or_default()
    }

    pub(crate) async fn view(&self) -> SinkView {
        self.vault.sink(&self.admin, &SinkRef::Name("siem".to_owned())).await.unwrap()
    }

    /// Sends what is due, once.
    pub(crate) async fn send(&self) -> usize {
        send_due(&self.vault, HERE, "sender").await.unwrap()
    }

    /// Sends until all was taken: what failed is tried again when its time has come.
    pub(crate) async fn send_all(&self) {
        for _ in 0..50 {
            self.send().await;
            let view = self.view().await;
            if view.behind == 0 && view.attempts == 0 {
                return;
            }
            self.clock.advance(std::time::Duration::from_secs(6 * 60));
        }
        panic!("not all was taken: {:?}", self.view().await);
    }

    pub(crate) fn at(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.path()).join(name)
    }
}
