//! Waiting until a page has come to rest, and until something changes.

use std::time::Duration;

use tokio::time::Instant;

use crate::page::call::NO_ARGUMENTS;
use crate::{Error, Page};

/// How patiently a page is waited for.
#[derive(Debug, Clone, Copy)]
pub struct WaitPolicy {
    /// Never longer than this.
    pub limit: Duration,
    /// Requests older than this are taken for ones that are kept open on purpose.
    pub open_ended: Duration,
    /// No script may have come, have asked for something or been answered for this long, which is what a page needs to make something
    /// of it. After documents and styles half of it is enough: they are in use when they have come.
    pub after_traffic: Duration,
    /// A page whose texts never rest is taken as it is when it has offered the same things to do for this long.
    pub restless: Duration,
}

impl Default for WaitPolicy {
    fn default() -> Self {
        Self {
            limit: Duration::from_secs(15),
            open_ended: Duration::from_millis(1500),
            after_traffic: Duration::from_millis(30),
            restless: Duration::from_millis(400),
        }
    }
}

impl Page {
    /// A number that grows with everything that is heard of the page. For [`Page::changed`].
    pub fn revision(&self) -> u64 {
        *self.inner.revision().borrow()
    }

    /// Waits until something is heard of the page after `revision`: a document changed, a request ended, a dialog opened.
    /// `false` when nothing was within `limit`.
    pub async fn changed(&self, revision: u64, limit: Duration) -> Result<bool, Error> {
        let mut heard = self.inner.revision();
        let wait = async {
            match tokio::time::timeout(limit, heard.wait_for(|now| *now > revision)).await {
                Ok(Ok(_)) => Ok(true),
                Ok(Err(_)) => Err(Error::PageClosed),
                Err(_) => Ok(false),
            }
        };
        self.inner.alive(wait).await
    }

    /// Waits until the page has come to rest: nothing is loaded, and no document changes. `false` when it never does and
    /// was waited for as long as `patience` says; it can be looked at all the same.
    pub async fn settle(&self, patience: &WaitPolicy) -> Result<bool, Error> {
        let begun = Instant::now();
        let mut restless_since: Option<Instant> = None;
        let mut same_since: Option<(u64, Instant)> = None;
        let mut heard = self.inner.revision();
        loop {
            heard.mark_unchanged();
            if let Some(error) = self.inner.ended() {
                return Err(error);
            }
            let (loading, quiet, left) = {
                let scene = self.inner.scene.lock();
                let left = (patience.after_traffic.saturating_sub(scene.last_traffic.elapsed()))
                    .max((patience.after_traffic / 2).saturating_sub(scene.last_loading.elapsed()));
                (scene.loading(patience.open_ended), scene.quiet(), left)
            };
            if !loading && quiet && left.is_zero() {
                return Ok(true);
            }
            if begun.elapsed() >= patience.limit {
                return Ok(false);
            }
            let mut nap = Duration::from_millis(100);
            if !loading && quiet {
                nap = left.max(Duration::from_millis(1));
                (restless_since, same_since) = (None, None);
            } else if loading {
                (restless_since, same_since) = (None, None);
            } else if let Some(over) = self.restless(&mut restless_since, &mut same_since, patience).await? {
                return Ok(over);
            }
            let left = patience.limit.saturating_sub(begun.elapsed());
            // Time passing is what ends a request that is kept open, so the nap is not left to events alone.
            let _ = tokio::time::timeout(nap.min(left), heard.changed()).await;
        }
    }

    /// Lets what an input set in motion begin, so that [`Page::settle`] sees it.
    pub(in crate::page) async fn breathe(&self) {
        let main = self.inner.scene.lock().main().cloned();
        let Some(main) = main else { return };
        let mut heard = self.inner.revision();
        // A page that leaves for another one is busy with that, and it has begun.
        let leaves = async {
            while self.inner.scene.lock().main().is_some_and(|main| !main.leaving) && heard.changed().await.is_ok() {}
        };
        tokio::select! {
            // A document that is gone meanwhile has breathed enough.
            _ = self.inner.inside::<bool>(&main, "breathe", NO_ARGUMENTS) => {}
            () = leaves => {}
        }
    }

    /// For a page that changes all the time: whether it has offered the same things long enough.
    async fn restless(
        &self,
        restless_since: &mut Option<Instant>,
        same: &mut Option<(u64, Instant)>,
        patience: &WaitPolicy,
    ) -> Result<Option<bool>, Error> {
        const LOOK_EVERY: Duration = Duration::from_millis(200);
        // Most pages rest before the first look is due.
        if restless_since.get_or_insert_with(Instant::now).elapsed() < LOOK_EVERY
            || same.as_ref().is_some_and(|(_, since)| since.elapsed() < LOOK_EVERY)
        {
            return Ok(None);
        }
        let structure = match self.snapshot().await {
            Ok(snapshot) => snapshot.structure(),
            Err(Error::Stale) => return Ok(None),
            Err(error) => return Err(error),
        };
        match same {
            Some((before, since)) if *before == structure => {
                if since.elapsed() >= patience.restless {
                    return Ok(Some(false));
                }
            }
            _ => *same = Some((structure, Instant::now())),
        }
        Ok(None)
    }
}
