//! One account at one site, with a vault and a worker of its own.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_model::{
    Actor, ChangeKind, ChangeState, Clock, CredentialName, Notes, SiteAddress, SiteSettings, Timestamp, Trust,
    UserName, Username,
};
use countersign_seal::{Secret, SystemChance, passphrase::Cost};
use countersign_store::engine::{Database, DatabaseUrl, OpenOptions};
use countersign_vault::{ChangeRequest, CredentialRef, NewCredential, SeedRequest, Unlock, Vault, VaultOptions};
use countersign_worker::{AllowPrivate, PageObserver, Pause, Worker, WorkerOptions};

use crate::{machine, record::Recorder};

/// The machine's clock.
pub(crate) struct Machine;

impl Clock for Machine {
    #[expect(clippy::disallowed_methods, reason = "real applications live in real time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(since.as_micros().try_into().unwrap())
    }
}

/// Who signs in where.
pub(crate) struct Account<'a> {
    pub(crate) address: &'a str,
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
    /// The seed in base32; empty for an account without a token.
    pub(crate) secret: &'a str,
}

/// By which clock, and how a step of the token is waited for.
pub(crate) struct Times {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) pause: Option<Pause>,
    /// Writes pictures, with what is true of them where somebody knows.
    pub(crate) recorder: Recorder,
    /// Origins that belong to the site, too.
    pub(crate) origins: Vec<String>,
}

impl Times {
    pub(crate) fn real() -> Self {
        let recorder = Recorder::from_environment("site".into(), std::env::var("ABOUT").unwrap_or_default(), None);
        Self { clock: machine(), pause: None, recorder, origins: Vec::new() }
    }
}

pub(crate) struct Site {
    vault: Vault,
    admin: Actor,
    wanted: CredentialRef,
    worker: Worker,
    _folder: tempfile::TempDir,
}

impl Site {
    pub(crate) async fn open(account: &Account<'_>, trust: Trust, times: Times) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = open_vault(folder.path(), Arc::clone(&times.clock)).await;
        let password = Secret::from("plum velvet anchor sixteen".to_owned());
        let admin = vault.create_administrator(&UserName::parse("root").unwrap(), password).await.unwrap();
        let seed = SeedRequest { text: Some(Secret::from(account.secret.to_owned())), ..SeedRequest::default() };
        let new = NewCredential {
            name: CredentialName::parse("target").unwrap(),
            username: Username::parse(account.user).unwrap(),
            password: Some(Secret::from(account.password.to_owned())),
            site: Some(SiteAddress::parse(account.address).unwrap()),
            seed: (!account.secret.is_empty()).then(|| seed.understand().unwrap().secret),
            tags: Vec::new(),
            notes: Notes::parse("").unwrap(),
        };
        let wanted = CredentialRef::Id(vault.create_credential(&admin, new).await.unwrap().0.id);
        // Ten changes in a row are what is tried here.
        let settings = SiteSettings { trust, changes_per_day: 10, origins: times.origins, ..SiteSettings::default() };
        vault.set_automation(&admin, &wanted, settings).await.unwrap();
        let recorder = parking_lot::Mutex::new(times.recorder);
        let at_page: PageObserver = Arc::new(move |picture, site| recorder.lock().take(picture, site));
        let mut options = WorkerOptions {
            slots: 1,
            allow_private: AllowPrivate(true),
            waits_for_person: Duration::from_secs(5),
            lease: Duration::from_secs(3_600),
            at_page: Some(at_page),
            ..WorkerOptions::new(machine())
        };
        options.pause = times.pause.unwrap_or(options.pause);
        let worker = Worker::start(vault.clone(), options, "drive".to_owned());
        Self { vault, admin, wanted, worker, _folder: folder }
    }

    /// One change. Tells each step, unless it ended in *changed*; gives whether it did.
    pub(crate) async fn change(&self) -> bool {
        let begun = Instant::now();
        let ask = ChangeRequest { kind: ChangeKind::Change, reason: None };
        let id = self.vault.ask_change(&self.admin, &self.wanted, &ask).await.unwrap().id;
        let mut told = 0;
        let view = loop {
            let view = self.vault.change(&self.admin, id).await.unwrap();
            if std::env::var_os("TELL").is_some() {
                view.events[told..].iter().for_each(|event| println!("    {} {}", event.state.name(), event.text));
                told = view.events.len();
            }
            let doubt = view.state == ChangeState::InDoubt && view.reason.is_some();
            if view.state.is_end() || view.state == ChangeState::Postponed || doubt {
                break view;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let changed = view.state == ChangeState::Changed;
        println!("{} {:?} after {:.1?}", view.state.name(), view.reason, begun.elapsed());
        if !changed && told == 0 {
            view.events.iter().for_each(|event| println!("    {} {}", event.state.name(), event.text));
        }
        changed
    }

    /// The current password by the vault.
    pub(crate) async fn password(&self) -> String {
        let revealed = self.vault.reveal(&self.admin, &self.wanted, None, None).await.unwrap();
        revealed.password.expose_text().unwrap().to_owned()
    }

    pub(crate) async fn close(&self) {
        self.worker.stop().await;
        self.vault.close().await;
    }
}

async fn open_vault(folder: &Path, clock: Arc<dyn Clock>) -> Vault {
    let url = DatabaseUrl::Sqlite(folder.join("vault.db"));
    let database = Database::open(&url, &OpenOptions::default()).await.unwrap();
    let unlock = Unlock::KeyFile(folder.join("vault.key"));
    let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false };
    Vault::open(database, &unlock, clock, Arc::new(SystemChance), options).await.unwrap()
}
