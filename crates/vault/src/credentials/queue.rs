//! Credentials that wait to be written together.

use std::{mem, time::Duration};

use countersign_model::{Actor, search_key};
use countersign_store::{
    credentials::CredentialRow,
    secrets::{NewPassword, NewSeed},
};
use parking_lot::Mutex;
use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};

use crate::Error;

/// Who added it, as they are known now, and warnings.
pub(super) type Outcome = Result<(Actor, Vec<String>), Error>;

/// Credentials that wait to be written together.
#[derive(Default)]
pub(crate) struct Creations {
    waiting: Mutex<Vec<Waiting>>,
    came: Notify,
    /// Held by who writes; how many there were when the last group was written, in it and behind it.
    pub(super) turn: tokio::sync::Mutex<usize>,
}

pub(super) struct Waiting {
    pub(super) creation: Creation,
    pub(super) reply: oneshot::Sender<Outcome>,
}

/// A credential that is ready to be written: sealed, and by whom it is added.
pub(super) struct Creation {
    pub(super) actor: Actor,
    pub(super) row: CredentialRow,
    pub(super) password: Option<NewPassword>,
    pub(super) seed: Option<NewSeed>,
}

// As many rows as one statement takes.
const LARGEST_GROUP: usize = 64;
// For so long those are waited for who were there before: each has been answered, and may be adding the next already.
const GATHERING: Duration = Duration::from_millis(1);

impl Creations {
    pub(super) fn push(&self, waiting: Waiting) {
        self.waiting.lock().push(waiting);
        self.came.notify_one();
    }

    pub(super) fn count(&self) -> usize {
        self.waiting.lock().len()
    }

    /// Those who wait, in the order of their names; first waits a moment until as many are there as before.
    pub(super) async fn gather(&self, known: usize) -> Vec<Waiting> {
        if (1..known.min(LARGEST_GROUP)).contains(&self.count()) {
            let all_are_there = async {
                while self.count() < known.min(LARGEST_GROUP) {
                    self.came.notified().await;
                }
            };
            // Who does not come is not waited for.
            let _ = timeout(GATHERING, all_are_there).await;
        }
        let mut waiting = self.waiting.lock();
        let count = waiting.len().min(LARGEST_GROUP);
        let later = waiting.split_off(count);
        let mut group = mem::replace(&mut *waiting, later);
        drop(waiting);
        // So that groups of two servers on one PostgreSQL never wait for each other in a circle.
        group.sort_by_cached_key(|it| search_key(it.creation.row.name.as_str()));
        group
    }
}
