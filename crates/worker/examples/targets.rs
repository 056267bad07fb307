//! Changes passwords at real applications, through a vault and a worker, knowing nothing of them but an address.
//!
//! ```text
//! targets FOLDER [TIMES]
//! ```
//! Each folder in FOLDER holds two scripts: `up` starts an application with one user who must give a token and prints
//! `{"url", "username", "password", "totp_secret", …}` in one line; `down` ends it. Switches come as variables.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for developers")]

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_model::{
    Actor, ChangeKind, ChangeState, Clock, CredentialName, Notes, SiteAddress, SiteSettings, Timestamp, Trust,
    UserName, Username,
};
use countersign_seal::{Secret, SystemChance, passphrase::Cost};
use countersign_store::engine::{Database, DatabaseUrl, OpenOptions};
use countersign_vault::{ChangeAsk, ChangeView, CredentialRef, NewCredential, Options, SeedAsk, Unlock, Vault};
use countersign_worker::{AllowPrivate, Worker, WorkerOptions};

/// Switches that applications may know, and whether the owner trusts browsers.
const VARIANTS: &[(&str, Trust)] = &[
    ("TRUST=0 REMEMBER=0 REAUTH=300", Trust::DoNotTrust),
    ("TRUST=1 REMEMBER=1209600 REAUTH=300", Trust::DoNotTrust),
    ("TRUST=1 REMEMBER=1209600 REAUTH=300", Trust::Trust),
    ("TRUST=1 REMEMBER=1209600 REAUTH=1", Trust::DoNotTrust),
];

struct Machine;

impl Clock for Machine {
    #[expect(clippy::disallowed_methods, reason = "real applications live in real time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(since.as_micros().try_into().unwrap())
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder with applications"));
    let times: usize = arguments.next().map_or(1, |text| text.parse().unwrap());
    let mut applications: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("up").is_file())
        .collect();
    applications.sort();
    let tasks: Vec<_> = applications
        .into_iter()
        .map(|application| tokio::spawn(async move { all(&application, times).await }))
        .collect();
    let mut failed = 0;
    for task in tasks {
        failed += task.await.unwrap();
    }
    if failed > 0 {
        println!("{failed} changes did not end in changed");
        std::process::exit(1);
    }
}

async fn all(application: &Path, times: usize) -> usize {
    let name = application.file_name().unwrap().to_string_lossy().into_owned();
    let mut failed = 0;
    for (switches, trust) in VARIANTS {
        run(application, "down", "");
        let told = run(application, "up", switches);
        let line = told.lines().rfind(|line| line.starts_with('{')).expect("a line of JSON");
        let target: serde_json::Value = serde_json::from_str(line).unwrap();
        let site = Site::of(&target, *trust).await;
        let mut changed = 0;
        for _ in 0..times {
            let begun = Instant::now();
            let view = site.change().await;
            if view.row.state == ChangeState::Changed {
                changed += 1;
                println!("{name} [{switches} {trust:?}] changed in {:.0?}", begun.elapsed());
            } else {
                println!("{name} [{switches} {trust:?}] {:?} {:?}", view.row.state, view.row.reason);
                view.events.iter().for_each(|event| println!("    {} {}", event.state.name(), event.text));
            }
        }
        println!("{name} [{switches} {trust:?}]: {changed} of {times}");
        failed += times - changed;
        site.worker.stop().await;
        run(application, "down", "");
    }
    failed
}

fn run(application: &Path, script: &str, switches: &str) -> String {
    let pairs = switches.split_whitespace().filter_map(|pair| pair.split_once('='));
    let output = Command::new(application.join(script)).envs(pairs).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

struct Site {
    vault: Vault,
    admin: Actor,
    wanted: CredentialRef,
    worker: Worker,
    _folder: tempfile::TempDir,
}

impl Site {
    async fn of(target: &serde_json::Value, trust: Trust) -> Self {
        let text = |key: &str| target[key].as_str().unwrap_or_default().to_owned();
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("vault.db"));
        let database = Database::open(&url, &OpenOptions::default()).await.unwrap();
        let unlock = Unlock::KeyFile(folder.path().join("vault.key"));
        let options = Options { sign_in_cost: Cost::TEST, second_factor_required: false };
        let clock = Arc::new(Machine);
        let vault = Vault::open(database, &unlock, clock, Arc::new(SystemChance), options).await.unwrap();
        let password = Secret::from("plum velvet anchor sixteen".to_owned());
        let admin = vault.create_administrator(&UserName::parse("root").unwrap(), password).await.unwrap();
        let seed = SeedAsk { text: Some(Secret::from(text("totp_secret"))), ..SeedAsk::default() };
        let new = NewCredential {
            name: CredentialName::parse("target").unwrap(),
            username: Username::parse(&text("username")).unwrap(),
            password: Some(Secret::from(text("password"))),
            site: Some(SiteAddress::parse(&text("url")).unwrap()),
            seed: Some(seed.understand().unwrap().secret),
            tags: Vec::new(),
            notes: Notes::parse("").unwrap(),
        };
        let wanted = CredentialRef::Id(vault.create_credential(&admin, new).await.unwrap().0.row.id);
        // Ten changes in a row are what is tried here.
        let settings = SiteSettings { trust, changes_per_day: 10, ..SiteSettings::default() };
        vault.set_automation(&admin, &wanted, settings).await.unwrap();
        let options = WorkerOptions {
            slots: 1,
            allow_private: AllowPrivate(true),
            waits_for_person: Duration::from_secs(5),
            ..WorkerOptions::new(Arc::new(Machine))
        };
        let worker = Worker::start(vault.clone(), options, "targets".to_owned());
        Self { vault, admin, wanted, worker, _folder: folder }
    }

    async fn change(&self) -> ChangeView {
        let ask = ChangeAsk { kind: ChangeKind::Change, reason: None };
        let id = self.vault.ask_change(&self.admin, &self.wanted, &ask).await.unwrap().row.id;
        loop {
            let view = self.vault.change(&self.admin, id).await.unwrap();
            if view.row.state.is_end() || matches!(view.row.state, ChangeState::Postponed | ChangeState::InDoubt) {
                return view;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
