//! Does what the vault's changes ask for: signs in at sites, changes passwords, proves them, finds out what holds.
//!
//! Begin at [`Worker::start`], which keeps a few slots busy (`slots.rs`). A change is done from start to end in `change.rs`.
//! What to do next is decided by the walk room and by nobody here: `drive.rs` carries its effects out and tells it what has
//! come of them, `executor.rs` does what is done on pages, and only there secrets are typed; `notes.rs` writes down,
//! `waiting.rs` waits for people, and `parked.rs` says whose browser sleeps meanwhile. `session.rs` signs in for a person's
//! session, and lets people into pages that wait for one.
//!
//! Nothing is kept here: a worker that is killed leaves a change whose lease runs out, and whoever takes it next begins
//! with what the vault knows.
//!
//! May touch: `vault`, `walk`, `recipe`, `browser`, `live`.

mod allowed_network;
mod browsers;
mod change;
mod clock;
mod drive;
mod executor;
mod learn;
mod notes;
mod parked;
mod session;
mod site;
mod slots;
mod waiting;
mod windows;

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use countersign_browser::{BrowserPool, Isolation, LaunchOptions, Page};
use countersign_live::Hub;
use countersign_model::{ChangeId, Clock};
use countersign_recipe::{RecipeBook, SiteKnowledge};
use countersign_snapshot::PageSnapshot;
use countersign_vault::Vault;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::parked::ParkedBrowsers;

pub use allowed_network::{AllowedNetwork, ParseAllowedNetworkError};
pub use site::{AllowPrivate, refuse_private};

/// How a worker runs.
pub struct WorkerOptions {
    /// How many changes at once. One that waits for a person does not count.
    pub slots: usize,
    /// How many may wait for a person beside them with a browser that is awake. Then the one that has waited longest sleeps
    /// until somebody comes.
    pub most_waiting: usize,
    /// How many sessions of people at once, beside them.
    pub sessions: usize,
    /// How Chromium is started.
    pub launch: LaunchOptions,
    /// Whether sites may live on private and loopback addresses.
    pub allow_private: AllowPrivate,
    /// Private networks that sites may live on where the rest is refused.
    pub allowed_networks: Arc<[AllowedNetwork]>,
    /// How long a change waits for a person.
    pub waits_for_person: Duration,
    /// How long a change stays with a worker that is not heard of.
    pub lease: Duration,
    /// The machine's clock, by which the browser says when an answer came.
    pub machine: Arc<dyn Clock>,
    /// How a step of the token is waited for. Tests move their clocks instead.
    pub pause: Pause,
    /// What is known of sites beforehand.
    pub recipes: Arc<RecipeBook>,
    /// Told of each point that a change passes. For tests, which end the process there.
    pub at_point: Option<Arc<dyn Fn(&'static str) + Send + Sync>>,
    /// Shown each page that is looked at. For whoever records pages.
    pub at_page: Option<PageObserver>,
}

/// Looks at pages as the worker sees them, and at what is known of their site.
pub type PageObserver = Arc<dyn Fn(&PageSnapshot, &SiteKnowledge) + Send + Sync>;

/// Waits for a duration, or makes it pass.
pub type Pause = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

impl WorkerOptions {
    /// Two changes at once, as many that wait as there is memory for, an hour for a person, in real time, without recipes.
    pub fn new(machine: Arc<dyn Clock>) -> Self {
        Self {
            slots: 2,
            most_waiting: parked::most_awake(),
            sessions: 10,
            launch: LaunchOptions::default(),
            allow_private: AllowPrivate(false),
            allowed_networks: Arc::default(),
            waits_for_person: Duration::from_secs(60 * 60),
            lease: Duration::from_secs(30),
            machine,
            pause: Arc::new(|wait| Box::pin(tokio::time::sleep(wait))),
            recipes: Arc::new(RecipeBook::default()),
            at_point: None,
            at_page: None,
        }
    }
}

/// A worker that runs.
pub struct Worker {
    shared: Arc<WorkerShared>,
    tasks: Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

pub(crate) struct WorkerShared {
    pub(crate) vault: Vault,
    pub(crate) options: WorkerOptions,
    pub(crate) pool: BrowserPool,
    pub(crate) hub: Arc<Hub>,
    /// This worker's name in leases.
    pub(crate) name: String,
    /// Why no site can be visited from here, as far as that is known.
    pub(crate) trouble: Mutex<Option<String>>,
    /// How the Chromium that was started last is kept apart.
    pub(crate) isolation: Mutex<Option<Isolation>>,
    /// The pages of changes that wait for a person.
    pub(crate) waiting: Mutex<HashMap<ChangeId, Page>>,
    /// What changes that do not wait take up.
    pub(crate) slots: Arc<Semaphore>,
    /// The changes that wait beside them.
    pub(crate) parked: ParkedBrowsers,
}

impl WorkerShared {
    pub(crate) fn point(&self, name: &'static str) {
        tracing::debug!(point = name, "a change goes on");
        if let Some(tell) = &self.options.at_point {
            tell(name);
        }
    }
}

impl Worker {
    /// Starts the slots. `name` is unique among workers of the same database.
    pub fn start(vault: Vault, options: WorkerOptions, name: String) -> Self {
        let trouble = countersign_browser::find_chromium(options.launch.program.as_deref()).err();
        let shared = Arc::new(WorkerShared {
            pool: BrowserPool::new(options.launch.clone()),
            hub: Hub::new(vault.clone()),
            slots: Arc::new(Semaphore::new(options.slots.max(1))),
            parked: ParkedBrowsers::new(options.most_waiting),
            vault,
            options,
            name,
            trouble: Mutex::new(trouble.map(|error| error.to_string())),
            isolation: Mutex::new(None),
            waiting: Mutex::default(),
        });
        let tasks = vec![
            tokio::spawn(slots::take_changes(Arc::clone(&shared))),
            tokio::spawn(slots::ask_for_what_is_due(Arc::clone(&shared))),
            tokio::spawn(session::take_sign_ins(Arc::clone(&shared))),
        ];
        Self { shared, tasks: Mutex::new(tasks) }
    }

    /// Why no site can be visited from here, as far as that is known.
    pub fn trouble(&self) -> Option<String> {
        self.shared.trouble.lock().clone()
    }

    /// How Chromium is kept apart; unknown before its first use.
    pub fn isolation(&self) -> Option<Isolation> {
        self.shared.isolation.lock().clone()
    }

    /// The page in which a person has to act, for a change that waits here.
    pub fn waiting_page(&self, change: ChangeId) -> Option<Page> {
        self.shared.waiting.lock().get(&change).cloned()
    }

    /// The sessions whose browsers run here.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.shared.hub
    }

    /// How many changes may run at once.
    pub fn slots(&self) -> usize {
        self.shared.options.slots
    }

    /// Stops at once. What was under way is taken up by whoever takes it next, as after a crash; sessions end, and what
    /// their browsers remember is kept.
    pub async fn stop(&self) {
        self.shared.hub.close().await;
        let tasks: Vec<_> = self.tasks.lock().drain(..).collect();
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            // An aborted task ends with an error that says so.
            let _ = task.await;
        }
        self.shared.pool.close().await;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        for task in self.tasks.get_mut() {
            task.abort();
        }
    }
}
