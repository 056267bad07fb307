//! One tab: its sessions, its end, and who follows it. What one does with it stands in the files beside.

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock, Weak},
};

use parking_lot::Mutex;
use tokio::sync::watch;

use super::{
    page_state::{FrameState, PageState},
    sign_in_answer::SignInAnswer,
    surroundings::{ContextLimits, Surroundings},
};
use crate::{
    BrowserIdentity, Error, PageEvent,
    cdp::{
        CdpSession, Listener,
        emulation::{
            SetDeviceMetricsOverride, SetFocusEmulationEnabled, SetLocaleOverride, SetTimezoneOverride,
            SetUserAgentOverride,
        },
        fetch, network,
        page::{self, AddScriptToEvaluateOnNewDocument, GetFrameTree, SetInterceptFileChooserDialog},
        runtime::{self, AddBinding, RunIfWaitingForDebugger},
        security::EnableInspector,
        target::{AttachedToTarget, CloseTarget, SetAutoAttach},
    },
    inside,
    page_event::PageEventLog,
};

/// How a tab came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageEnd {
    Closed,
    Crashed,
    TooMuchMemory,
}

/// Who follows a tab besides the machine. Its events are heard there first.
pub(crate) trait Companion: Listener {
    /// A session of the tab is ready, and its target does not run yet.
    fn prepare(&self, session: &CdpSession, whole_page: bool);

    /// The tab is no more.
    fn ended(&self, how: PageEnd);
}

pub(crate) struct PageInner {
    pub(crate) target: String,
    pub(crate) session: CdpSession,
    /// The tab that opened it.
    pub(crate) opener: Option<String>,
    pub(super) identity: Arc<BrowserIdentity>,
    pub(super) limits: ContextLimits,
    pub(super) surroundings: Weak<Surroundings>,
    me: Weak<Self>,
    companion: OnceLock<Weak<dyn Companion>>,
    pub(crate) scene: Mutex<PageState>,
    /// Sessions of frames from other sites, which have processes of their own.
    pub(crate) guests: Mutex<HashSet<Arc<str>>>,
    /// Sessions of its workers, nested ones included: nothing is done with them but counting their memory.
    pub(super) workers: Mutex<HashSet<Arc<str>>>,
    /// What the server's next question for name and password is answered with.
    pub(super) sign_in: Mutex<Option<SignInAnswer>>,
    /// What was told last of its server's certificate.
    pub(super) certificate: watch::Sender<Option<Vec<u8>>>,
    revision: watch::Sender<u64>,
    ready: watch::Sender<bool>,
    pub(super) happenings: Mutex<PageEventLog>,
    ended: watch::Sender<Option<PageEnd>>,
    /// Every request is answered with an empty document by us, so that storage can be reached without asking a server.
    pub(crate) empty_answers: bool,
}

impl PageInner {
    /// Of a target that waits for us; [`Self::begin`] lets it run.
    pub(crate) fn new(
        attached: &AttachedToTarget,
        opener: Option<String>,
        root: &CdpSession,
        surroundings: &Arc<Surroundings>,
        empty_answers: bool,
    ) -> Arc<Self> {
        let session = root.named(attached.session_id.as_str().into());
        let target = attached.target_info.target_id.clone();
        Arc::new_cyclic(|me| Self {
            scene: Mutex::new(PageState::new(target.clone(), session.clone())),
            target,
            session,
            opener,
            identity: Arc::clone(&surroundings.identity),
            limits: surroundings.limits,
            surroundings: Arc::downgrade(surroundings),
            me: Weak::clone(me),
            companion: OnceLock::new(),
            guests: Mutex::default(),
            workers: Mutex::default(),
            sign_in: Mutex::default(),
            certificate: watch::Sender::new(None),
            revision: watch::Sender::new(0),
            ready: watch::Sender::new(false),
            happenings: Mutex::default(),
            ended: watch::Sender::new(None),
            empty_answers,
        })
    }

    /// Prepares the target, with `companion` at its side from the beginning, and lets it run.
    pub(crate) fn begin(&self, companion: Weak<dyn Companion>) {
        // It begins once.
        let _ = self.companion.set(companion);
        self.prepare(&self.session, true);
    }

    pub(super) fn companion(&self) -> Option<Arc<dyn Companion>> {
        self.companion.get()?.upgrade()
    }

    pub(crate) fn end(&self, how: PageEnd) {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            ended.get_or_insert(how);
            first
        });
        self.bump();
        // What it came to first counts.
        if let (Some(how), Some(companion)) = (*self.ended.borrow(), self.companion()) {
            companion.ended(how);
        }
    }

    pub(crate) fn ended(&self) -> Option<Error> {
        match self.session.connection().gone() {
            Some(why) => Some(Error::BrowserGone { why }),
            None => self.ended.borrow().map(|how| self.error_of(how)),
        }
    }

    pub(crate) fn close(&self) {
        self.session.root().cast(&CloseTarget { target_id: &self.target });
    }

    pub(crate) fn happened(&self, what: PageEvent) {
        self.happenings.lock().add(what);
        self.bump();
    }

    pub(crate) fn has_frame(&self, id: &str) -> bool {
        self.scene.lock().frames.contains_key(id)
    }

    /// The frames with a script beside their document.
    pub(crate) fn known_frames(&self) -> Vec<(String, FrameState)> {
        self.scene.lock().known_frames()
    }

    /// Waits until its first document is known.
    pub(crate) async fn ready(&self) -> Result<(), Error> {
        let mut ready = self.ready.subscribe();
        self.alive(async move { ready.wait_for(|ready| *ready).await.map(|_| ()).map_err(|_| Error::PageClosed) }).await
    }

    /// What `work` gives, unless the page ends before.
    pub(crate) async fn alive<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut ended = self.ended.subscribe();
        let outcome = tokio::select! {
            biased;
            how = ended.wait_for(Option::is_some) => Err(how.ok().and_then(|how| *how).map_or(Error::PageClosed, |how| self.error_of(how))),
            outcome = work => outcome,
        };
        match (outcome, self.session.connection().gone()) {
            // Whatever was noticed first, the whole browser ended.
            (Err(_), Some(why)) => Err(Error::BrowserGone { why }),
            (other, _) => other,
        }
    }

    /// As [`PageInner::alive`], for work in the session of one frame: a frame of another site goes with its session, and
    /// the page goes on without it.
    pub(crate) async fn alive_in<T>(
        &self,
        session: &CdpSession,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if session.id() == self.session.id() {
            return self.alive(work).await;
        }
        let mut heard = self.revision.subscribe();
        // Chromium leaves calls unanswered whose session ends before.
        let gone = async {
            while self.guests.lock().contains(session.id()) {
                if heard.changed().await.is_err() {
                    break;
                }
            }
        };
        let outcome = tokio::select! {
            outcome = self.alive(work) => outcome,
            () = gone => Err(Error::Stale),
        };
        match outcome {
            Err(Error::PageClosed) if self.ended().is_none() => Err(Error::Stale),
            other => other,
        }
    }

    fn error_of(&self, how: PageEnd) -> Error {
        match how {
            PageEnd::Closed => Error::PageClosed,
            PageEnd::Crashed => Error::PageCrashed,
            PageEnd::TooMuchMemory => Error::TooMuchMemory { limit_mib: self.limits.memory_mib },
        }
    }

    /// Changes with everything that is heard of the page.
    pub(crate) fn revision(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    pub(super) fn bump(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    /// What opens next without saying who opened it is taken for this page's.
    pub(super) fn acts(&self) {
        if let Some(surroundings) = self.surroundings.upgrade() {
            *surroundings.acted.lock() = Some(self.target.clone());
        }
    }

    /// `self` and whoever goes with it hear that session, in their order.
    pub(super) fn listen(&self, session: &CdpSession) {
        let companion = self.companion.get().cloned().map(|companion| companion as Weak<dyn Listener>);
        let me: Weak<dyn Listener> = Weak::clone(&self.me) as Weak<dyn Listener>;
        for listener in companion.into_iter().chain([me]) {
            session.connection().subscribe(Arc::clone(session.id()), listener);
        }
    }

    /// Makes a session hear, obey and look as the context's identity says. Calls are answered in their order, so none is
    /// waited for.
    pub(super) fn prepare(&self, session: &CdpSession, whole_page: bool) {
        self.listen(session);
        session.cast(&EnableInspector {});
        session.cast(&page::Enable {});
        session.cast(&network::Enable::without_bodies());
        session.cast(&runtime::Enable {});
        session.cast(&AddBinding { name: inside::TELL, execution_context_name: inside::WORLD });
        session.cast(&AddScriptToEvaluateOnNewDocument {
            source: inside::SCRIPT,
            world_name: Some(inside::WORLD),
            run_immediately: true,
        });
        session.cast(&AddScriptToEvaluateOnNewDocument {
            source: inside::NO_PRINT,
            world_name: None,
            run_immediately: false,
        });
        session.cast(&SetAutoAttach::with_workers(&["iframe"]));
        session.cast(&SetInterceptFileChooserDialog { enabled: true });
        self.present(session, whole_page);
        if self.empty_answers {
            session.cast(&network::SetBypassServiceWorker { bypass: true });
            session.cast(&fetch::Enable::all());
        }
        if let Some(companion) = self.companion() {
            companion.prepare(session, whole_page);
        }
        session.cast(&RunIfWaitingForDebugger {});
        tokio::spawn(read_tree(Weak::clone(&self.me), session.clone(), whole_page));
    }

    fn present(&self, session: &CdpSession, whole_page: bool) {
        let identity = &self.identity;
        session.cast(&SetFocusEmulationEnabled { enabled: true });
        session.cast(&SetUserAgentOverride {
            user_agent: &identity.user_agent,
            accept_language: &identity.accept_language(),
        });
        session.cast(&SetLocaleOverride { locale: &identity.language.replace('-', "_") });
        session.cast(&SetTimezoneOverride { timezone_id: &identity.time_zone });
        if whole_page {
            session.cast(&SetDeviceMetricsOverride::of(identity.viewport, 1.0));
        }
    }
}

async fn read_tree(page: Weak<PageInner>, session: CdpSession, whole_page: bool) {
    let answer = session.call(GetFrameTree {}).await;
    let Some(page) = page.upgrade() else { return };
    if let Ok(answer) = answer {
        page.scene.lock().tree(&answer.frame_tree, &session);
    }
    if whole_page {
        page.ready.send_replace(true);
    }
    page.bump();
}
