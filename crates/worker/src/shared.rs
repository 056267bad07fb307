use std::{collections::HashMap, sync::Arc, time::Duration};

use countersign_browser::Page;
use countersign_live::Hub;
use countersign_model::ChangeId;
use countersign_vault::Vault;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::{WorkerOptions, browsers::Browsers, parked::ParkedBrowsers};

/// Other nodes' requests are noticed by looking.
pub(crate) const LOOK: Duration = Duration::from_secs(3);
pub(crate) const AFTER_AN_ERROR: Duration = Duration::from_secs(5);

/// What all that a worker does has in common.
pub(crate) struct WorkerShared {
    pub(crate) vault: Vault,
    pub(crate) options: WorkerOptions,
    pub(crate) browsers: Browsers,
    pub(crate) hub: Arc<Hub>,
    /// This worker's name in leases.
    pub(crate) name: String,
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
