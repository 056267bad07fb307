use std::{collections::HashMap, sync::Arc};

use countersign_model::{SessionEnd, SessionId};
use countersign_vault::{Participant, SessionRun, Vault};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{handle::SessionHandle, session::MayOpen, viewer_connection::ViewerConnection};

/// The sessions whose browsers run in this process.
pub struct Hub {
    vault: Vault,
    sessions: Mutex<HashMap<SessionId, Arc<SessionHandle>>>,
    opened: Notify,
}

/// A session's browser does not run here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the browser of this session does not run on this server")]
pub struct HostedElsewhere;

impl Hub {
    /// None yet.
    pub fn new(vault: Vault) -> Arc<Self> {
        Arc::new(Self { vault, sessions: Mutex::default(), opened: Notify::new() })
    }

    /// Begins a session that this process has taken. Nobody is shown anything before its browser is handed over.
    pub fn open(self: &Arc<Self>, run: SessionRun, may_open: MayOpen) -> Arc<SessionHandle> {
        let id = run.id;
        // Held until it is in the list, so that its end finds it there.
        let mut sessions = self.sessions.lock();
        let live = SessionHandle::start(self.vault.clone(), run, may_open, {
            let hub = Arc::downgrade(self);
            move || {
                if let Some(hub) = hub.upgrade() {
                    hub.sessions.lock().remove(&id);
                }
            }
        });
        sessions.insert(id, Arc::clone(&live));
        drop(sessions);
        self.opened.notify_waiters();
        live
    }

    /// The session, if its browser runs here.
    pub fn session(&self, id: SessionId) -> Option<Arc<SessionHandle>> {
        self.sessions.lock().get(&id).cloned()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.sessions.lock().len()
    }

    /// A place in a session for somebody whom the vault has let in. A session that is just being taken is waited for.
    ///
    /// # Errors
    /// [`HostedElsewhere`].
    pub async fn join(
        &self,
        id: SessionId,
        person: Participant,
        patience: std::time::Duration,
    ) -> Result<ViewerConnection, HostedElsewhere> {
        let found = async {
            loop {
                let opened = self.opened.notified();
                if let Some(live) = self.session(id) {
                    return live;
                }
                opened.await;
            }
        };
        let live = tokio::time::timeout(patience, found).await.map_err(|_| HostedElsewhere)?;
        live.join(person).await.ok_or(HostedElsewhere)
    }

    /// Ends them all, as the process does.
    pub async fn close(&self) {
        let all: Vec<_> = self.sessions.lock().values().cloned().collect();
        for live in &all {
            live.end(SessionEnd::Closing);
        }
        for live in all {
            live.ended().await;
        }
    }
}
