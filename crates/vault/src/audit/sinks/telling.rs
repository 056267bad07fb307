//! Administrators are told when a place has not taken the log for an hour, once each time.

use countersign_model::NoticeKind;
use countersign_store::audit::sinks;

use super::{
    stored::{MAX_SINKS, SinkRef, found},
    view::TOO_LONG,
};
use crate::{Error, Vault};

impl Vault {
    /// Looks which places are behind for too long, and puts that into the outbox. To be called about once a minute.
    pub async fn tell_of_sinks(&self) -> Result<(), Error> {
        let now = self.now();
        let mut reader = self.inner.database.read().await?;
        let mut to_tell = Vec::new();
        let mut to_forget = Vec::new();
        for (row, state) in sinks::all(&mut reader, MAX_SINKS).await? {
            let view = self.sink_view(&mut reader, &row, &state).await?;
            let since = view.behind_since.into_iter().chain(view.failing_since).min();
            let late = !row.paused && since.is_some_and(|since| now.since(since) > TOO_LONG);
            match (late, state.told_at) {
                (true, None) => to_tell.push((row.id, row.name)),
                (false, Some(_)) => to_forget.push(row.id),
                _ => {}
            }
        }
        drop(reader);
        for (id, name) in to_tell {
            let mut tx = self.unit().await?;
            // One server tells it.
            if found(&mut tx, &SinkRef::Id(id)).await.is_err() || !sinks::told(&mut tx, id, now).await? {
                continue;
            }
            self.tell_administrators(&mut tx, NoticeKind::SinkBehind, name.as_str(), None).await?;
            tx.commit_without_record("a notice of a destination that is behind").await?;
            self.wake_sender();
        }
        for id in to_forget {
            let mut tx = self.unit().await?;
            sinks::not_told(&mut tx, id).await?;
            tx.commit_without_record("a destination is not behind any more").await?;
        }
        Ok(())
    }
}
