//! Sessions whose browsers run here, opened for people.

use std::sync::Arc;

use countersign_live::SessionHandle;
use countersign_model::ChangeId;
use countersign_recipe::SiteKnowledge;
use countersign_vault::{Error as VaultError, RunError};

use crate::shared::WorkerShared;

/// The session that somebody has opened for a change that waits, hosted here from now on.
pub(crate) async fn of_change(
    shared: &WorkerShared,
    change: ChangeId,
    site: &SiteKnowledge,
) -> Result<Option<Arc<SessionHandle>>, RunError> {
    let Some(id) = shared.vault.session_of_change(change).await? else { return Ok(None) };
    if let Some(live) = shared.hub.session(id) {
        return Ok(Some(live));
    }
    let session = match shared.vault.host_session(id, &shared.name).await {
        Ok(session) => session,
        // It was ended meanwhile.
        Err(RunError::LeaseLost | RunError::Vault(VaultError::SessionEnded | VaultError::NotFound(_))) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    Ok(Some(shared.hub.open(session, may_open(site))))
}

/// People stay where the secrets of the site may be typed.
pub(crate) fn may_open(site: &SiteKnowledge) -> Arc<dyn Fn(&str) -> bool + Send + Sync> {
    let site = site.clone();
    Arc::new(move |origin| site.allows(origin))
}
