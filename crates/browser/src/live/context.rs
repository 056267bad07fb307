use std::sync::{Arc, Weak, atomic::Ordering};

use super::{
    downloads::Downloads,
    host::{LiveContextShared, LiveOptions},
};
use crate::{
    Context, Error, LiveEvent, Page,
    cdp::{Listener, fetch},
    context::inner::ContextInner,
};

/// A context that belongs to a person. Dropping it gives the context back to the machine: dialogs are answered at once
/// again and any address may be opened; what is covered stays covered.
pub struct LiveContext {
    shared: Arc<LiveContextShared>,
    context: Arc<ContextInner>,
    // Hears as long as it is held.
    _downloads: Arc<Downloads>,
}

impl Context {
    /// From now on its pages belong to a person: dialogs, file choosers, lists and new tabs are told and wait for answers
    /// instead of being answered by us, documents of other origins are refused, and every secret field is covered, for
    /// good. Returns when everything that is open is covered.
    ///
    /// Covered is, in every frame and shadow tree: each field that is or ever was of the kind `password`, that says it
    /// holds one, or that a secret was typed into; and whatever newly shows, as text or in another field, six or more
    /// characters that such a field of the same document holds. It is covered before it is painted. Not covered are
    /// values that a page takes apart, draws on a canvas, writes into style sheets or brings back with its next document.
    pub async fn live(&self, options: LiveOptions) -> Result<LiveContext, Error> {
        let context = Arc::clone(&self.inner);
        let shared = Arc::new(LiveContextShared::new(options));
        let downloads = Downloads::new(&context, &shared);
        let root = &context.root;
        root.connection().subscribe(Arc::clone(root.id()), Arc::downgrade(&downloads) as Weak<dyn Listener>);
        context.live.begin(&shared);
        context.live.allow_downloads(None);
        let live = LiveContext { shared, context, _downloads: downloads };
        for page in live.pages() {
            page.live.begin().await?;
        }
        Ok(live)
    }
}

impl LiveContext {
    /// Waits for what comes next; `None` when Chromium is gone. What waits is bounded: what only tells of a state is kept
    /// in its newest form, and of too much the oldest is left out.
    pub async fn told(&self) -> Option<LiveEvent> {
        tokio::select! {
            biased;
            event = self.shared.queue.next() => Some(event),
            _ = self.context.root.connection().ended() => None,
        }
    }

    /// The tabs, oldest first.
    pub fn pages(&self) -> Vec<Page> {
        self.context.living_pages()
    }

    /// Lets downloads come, or refuses them before a byte of them is stored: what is under way is broken off.
    pub fn let_download(&self, on: bool) {
        if self.shared.takes_downloads.swap(on, Ordering::AcqRel) == on {
            return;
        }
        self.context.live.allow_downloads(self.shared.options.downloads.as_deref().filter(|_| on));
        if !on {
            self.context.live.break_downloads_off(&self.shared);
        }
    }
}

impl Drop for LiveContext {
    fn drop(&mut self) {
        if !self.context.live.end(&self.shared) {
            return;
        }
        self.context.live.allow_downloads(None);
        for page in self.context.living_pages() {
            page.live.forget_questions();
            page.inner.session.cast(&fetch::Disable {});
        }
    }
}
