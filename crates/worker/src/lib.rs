//! Does what the vault's changes ask for: signs in at sites, changes passwords, proves them, finds out what holds.
//!
//! Begin at [`Worker::start`], which keeps a few slots busy (`slots.rs`). A change is done from start to end in `change.rs`.
//! What to do next is decided by the walk room and by nobody here: `drive.rs` carries its effects out and tells it what has
//! come of them. What they act on is a `Visit`: the browser that is open, what was seen in it, who looks on. `executor.rs`
//! does what is done on pages, and only there secrets are typed; `notes.rs` writes down, `windows.rs` says in which window it
//! goes on, `waiting.rs` waits for people, and `parked.rs` says whose browser sleeps meanwhile. `session.rs` signs in for a
//! person's session, `hosting.rs` lets people into pages that wait for one.
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
mod hosting;
mod learn;
mod lease;
mod notes;
mod options;
mod pages;
mod parked;
mod session;
mod shared;
mod site;
mod slots;
mod visit;
mod waiting;
mod windows;

use std::sync::Arc;

use countersign_browser::{Isolation, Page};
use countersign_live::Hub;
use countersign_model::ChangeId;
use countersign_vault::Vault;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::{browsers::Browsers, parked::ParkedBrowsers, shared::WorkerShared};

pub use allowed_network::{AllowedNetwork, ParseAllowedNetworkError};
pub use options::{PageObserver, Pause, WorkerOptions};
pub use site::{AllowPrivate, refuse_private};

/// A worker that runs.
pub struct Worker {
    shared: Arc<WorkerShared>,
    tasks: Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

impl Worker {
    /// Starts the slots. `name` is unique among workers of the same database.
    pub fn start(vault: Vault, options: WorkerOptions, name: String) -> Self {
        let shared = Arc::new(WorkerShared {
            browsers: Browsers::new(
                options.launch.clone(),
                options.allow_private,
                Arc::clone(&options.allowed_networks),
            ),
            hub: Hub::new(vault.clone()),
            slots: Arc::new(Semaphore::new(options.slots.max(1))),
            parked: ParkedBrowsers::new(options.most_waiting),
            vault,
            options,
            name,
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
        self.shared.browsers.trouble()
    }

    /// How Chromium is kept apart; unknown before its first use.
    pub fn isolation(&self) -> Option<Isolation> {
        self.shared.browsers.isolation()
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
        self.shared.browsers.close().await;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        for task in self.tasks.get_mut() {
            task.abort();
        }
    }
}
