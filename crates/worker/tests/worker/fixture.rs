//! A vault, a practice site and a worker, all by one clock that moves only when a token is waited for.

use std::{path::Path, sync::Arc, time::Duration};

use countersign_model::{
    Actor, ChangeId, ChangeKind, ChangeState, Clock, CredentialName, FakeClock, Notes, Role, SiteAddress, SiteSettings,
    Timestamp, UserName, Username,
};
use countersign_practice::{Config, Control, NewUser, Practice, TimeSource};
use countersign_seal::{Secret, SystemChance, passphrase::Cost};
use countersign_store::{engine::Database, testing::TestDatabase};
use countersign_vault::{
    ChangeRequest, ChangeView, CredentialRef, NewCredential, NewPerson, Recordings, SeedRequest, SignInRequest, Source,
    Unlock, Vault, VaultOptions,
};
use countersign_worker::{AllowPrivate, Worker, WorkerOptions};
use serde_json::Value;

pub(crate) const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const PASSWORD: &str = "plum velvet anchor";
pub(crate) const OLD: &str = "Old-Password-1";
const BEGIN: i64 = 1_800_000_000;

pub(crate) struct TestWorker {
    pub(crate) vault: Vault,
    pub(crate) admin: Actor,
    pub(crate) practice: Practice,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) folder: tempfile::TempDir,
}

/// The machine's clock, which the browser goes by.
pub(crate) struct Machine;

impl Clock for Machine {
    #[expect(clippy::disallowed_methods, reason = "a real browser lives in real time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(since.as_micros().try_into().unwrap())
    }
}

impl TestWorker {
    pub(crate) async fn new(database: &TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(BEGIN)));
        let vault = open(database, folder.path(), &clock, None).await;
        Self::around(folder, clock, vault).await
    }

    /// The same, with another place for recordings.
    pub(crate) async fn with_recordings(database: &TestDatabase, recordings: Recordings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(BEGIN)));
        let vault = open(database, folder.path(), &clock, Some(recordings)).await;
        Self::around(folder, clock, vault).await
    }

    async fn around(folder: tempfile::TempDir, clock: Arc<FakeClock>, vault: Vault) -> Self {
        let admin = vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await;
        let config = Config { time: TimeSource::Fixed(BEGIN), ..Config::default() };
        let practice = countersign_practice::start(config).await.unwrap();
        Self { vault, admin: admin.unwrap(), practice, clock, folder }
    }

    /// An account at the site, and its credential.
    pub(crate) async fn credential(&self, name: &str, hurdles: &Value) -> CredentialRef {
        let control = self.practice.control();
        control.add_user(NewUser::new(name, OLD, SEED)).unwrap();
        control.patch_hurdles(None, hurdles).unwrap();
        let seed = SeedRequest { text: Some(secret(SEED)), ..SeedRequest::default() };
        let new = NewCredential {
            name: CredentialName::parse(name).unwrap(),
            username: Username::parse(name).unwrap(),
            password: Some(secret(OLD)),
            site: Some(SiteAddress::parse(self.practice.url()).unwrap()),
            seed: Some(seed.understand().unwrap().secret),
            tags: Vec::new(),
            notes: Notes::parse("").unwrap(),
        };
        let made = self.vault.create_credential(&self.admin, new).await.unwrap().0;
        let wanted = CredentialRef::Id(made.id);
        let settings = SiteSettings { origins: named(self.practice.control()), ..SiteSettings::default() };
        self.vault.set_automation(&self.admin, &wanted, settings).await.unwrap();
        wanted
    }

    /// Somebody who may only what is granted.
    pub(crate) async fn member(&self, name: &str) -> Actor {
        let new = NewPerson { name: UserName::parse(name).unwrap(), role: Role::Member, password: secret(PASSWORD) };
        self.vault.create_person(&self.admin, new).await.unwrap();
        self.signed_in(name).await
    }

    pub(crate) async fn signed_in(&self, name: &str) -> Actor {
        let ask = SignInRequest { name, password: secret(PASSWORD), token: None, source: Source::agent("test") };
        self.vault.sign_in(ask).await.unwrap().caller.actor
    }

    /// No hurdles, no known browsers, nothing noted; the site's clock is ours again.
    pub(crate) fn begin_anew(&self) {
        let control = self.practice.control();
        control.set_hurdles(Default::default());
        control.set_clock(self.clock.now().seconds() - BEGIN);
        control.forget_browsers();
        control.clear_logs();
    }

    /// Lets time pass, here and at the site.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.practice.control().advance(time.as_secs().try_into().unwrap());
    }

    pub(crate) fn options(&self) -> WorkerOptions {
        let (clock, control) = (Arc::clone(&self.clock), self.practice.control().clone());
        WorkerOptions {
            slots: 1,
            allow_private: AllowPrivate(true),
            waits_for_person: Duration::from_secs(4),
            lease: Duration::from_secs(3_600),
            pause: Arc::new(move |wait| {
                let whole = wait.as_secs() + 1;
                clock.advance(Duration::from_secs(whole));
                control.advance(whole.try_into().unwrap());
                Box::pin(std::future::ready(()))
            }),
            ..WorkerOptions::new(Arc::new(Machine))
        }
    }

    pub(crate) fn worker(&self, options: WorkerOptions) -> Worker {
        Worker::start(self.vault.clone(), options, "test".to_owned())
    }

    pub(crate) async fn ask(&self, wanted: &CredentialRef, kind: ChangeKind) -> ChangeId {
        self.vault.ask_change(&self.admin, wanted, &ChangeRequest { kind, reason: None }).await.unwrap().id
    }

    /// Waits until the change has reached a state for which `enough` holds.
    pub(crate) async fn until(&self, id: ChangeId, enough: impl Fn(&ChangeView) -> bool) -> ChangeView {
        let look = async {
            loop {
                let view = self.vault.change(&self.admin, id).await.unwrap();
                if enough(&view) {
                    return view;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(600), look).await {
            Ok(view) => view,
            Err(_) => {
                let view = self.vault.change(&self.admin, id).await.unwrap();
                panic!("it stays {}:\n{}", view.state.name(), story(&view));
            }
        }
    }

    /// Asks, and waits for the end or for the moment when nothing goes on by itself.
    pub(crate) async fn change(&self, wanted: &CredentialRef, kind: ChangeKind) -> ChangeView {
        let id = self.ask(wanted, kind).await;
        self.until(id, rests).await
    }

    /// Every password that the vault keeps, the current one first.
    pub(crate) async fn passwords(&self, wanted: &CredentialRef) -> Vec<String> {
        let mut kept = vec![self.current(wanted).await];
        for version in self.vault.versions(&self.admin, wanted).await.unwrap() {
            let revealed = self.vault.reveal(&self.admin, wanted, None, Some(version.version)).await.unwrap();
            kept.push(revealed.password.expose_text().unwrap().to_owned());
        }
        kept
    }

    /// The current password by the vault.
    pub(crate) async fn current(&self, wanted: &CredentialRef) -> String {
        let revealed = self.vault.reveal(&self.admin, wanted, None, None).await.unwrap();
        revealed.password.expose_text().unwrap().to_owned()
    }
}

/// The origins that are named for the practice site: its frame's; and one that is nothing but the port of the traps, for
/// what cannot be reached traps nobody.
pub(crate) fn named(control: &Control) -> Vec<String> {
    let origins = control.origins();
    let port = origins.trap.rsplit(':').next().unwrap();
    vec![origins.frame.clone(), format!("http://nobody.test:{port}")]
}

pub(crate) async fn open(
    database: &Database,
    folder: &Path,
    clock: &Arc<FakeClock>,
    recordings: Option<Recordings>,
) -> Vault {
    let unlock = Unlock::KeyFile(folder.join("vault.key"));
    let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false };
    let clock: Arc<FakeClock> = Arc::clone(clock);
    let vault = Vault::open(database.clone(), &unlock, clock, Arc::new(SystemChance), options).await.unwrap();
    vault.keep_recordings(recordings.unwrap_or_else(|| Recordings::folder(folder.join("recordings"))));
    vault
}

/// How many of something a variable of the environment asks for.
pub(crate) fn wanted(variable: &str, otherwise: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")),
        Err(_) => otherwise,
    }
}

/// Nothing goes on by itself now. A change in doubt that is being looked into has no reason yet.
pub(crate) fn rests(view: &ChangeView) -> bool {
    let doubt = view.state == ChangeState::InDoubt && view.reason.is_some();
    view.state.is_end() || view.state == ChangeState::Postponed || doubt
}

pub(crate) fn story(view: &ChangeView) -> String {
    let lines: Vec<String> =
        view.events.iter().map(|event| format!("  {} {}", event.state.name(), event.text)).collect();
    format!("{:?} {:?}\n{}", view.state, view.reason, lines.join("\n"))
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}
