//! One tab: its events, its calls, its end. What one does with it stands in the files beside.

mod certificate;
mod events;
mod input;
mod keys;
mod look;
mod memory;
pub(crate) mod page_state;
mod rest;
mod screenshot;
mod secret;
mod sign_in;
mod tab;
pub(crate) mod workers;

use std::{
    collections::HashSet,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};
use tokio::sync::watch;

pub use keys::Key;
pub use rest::WaitPolicy;
pub use screenshot::ScreenshotFormat;
pub use secret::TypingResult;

use crate::{
    BrowserIdentity, ContextLimits, Error, PageEvent,
    cdp::{CdpSession, Listener},
    context::ContextInner,
    inside,
    live::LivePageState,
    page_event::PageEventLog,
};
use page_state::{FrameState, FrameTree, PageState};

/// A tab. Cloning it gives another hold of the same tab; it is closed with its context or by [`Page::close`].
#[derive(Clone)]
pub struct Page {
    pub(crate) inner: Arc<PageInner>,
}

/// How a tab came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageEnd {
    Closed,
    Crashed,
    TooMuchMemory,
}

pub(crate) struct PageInner {
    pub(crate) target: String,
    pub(crate) session: CdpSession,
    pub(crate) opener: Option<String>,
    identity: Arc<BrowserIdentity>,
    limits: ContextLimits,
    pub(crate) context: Weak<ContextInner>,
    pub(crate) scene: Mutex<PageState>,
    /// Sessions of frames from other sites, which have processes of their own.
    pub(crate) guests: Mutex<HashSet<Arc<str>>>,
    /// Sessions of its workers, nested ones included: nothing is done with them but counting their memory.
    pub(crate) workers: Mutex<HashSet<Arc<str>>>,
    /// What a person is asked through it, and shown of it.
    pub(crate) live: LivePageState,
    /// What the server's next question for name and password is answered with.
    sign_in: Mutex<Option<sign_in::SignIn>>,
    /// What was told last of its server's certificate.
    certificate: watch::Sender<Option<Vec<u8>>>,
    revision: watch::Sender<u64>,
    ready: watch::Sender<bool>,
    happenings: Mutex<PageEventLog>,
    ended: watch::Sender<Option<PageEnd>>,
    /// Every request is answered with an empty document by us; see [`crate::state`].
    pub(crate) empty_answers: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameAttached {
    frame_id: String,
    parent_frame_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfFrame {
    frame_id: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    navigation_type: String,
}

#[derive(Deserialize)]
struct FrameNavigated {
    frame: page_state::FrameInfo,
}

#[derive(Deserialize)]
struct ContextMade {
    context: page_state::WorldInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContextGone {
    execution_context_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BindingCalled {
    pub(crate) name: String,
    pub(crate) payload: String,
    pub(crate) execution_context_id: i64,
}

#[derive(Deserialize)]
struct DialogOpened {
    #[serde(rename = "type")]
    kind: String,
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestEnded {
    request_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attached {
    pub(crate) session_id: String,
    pub(crate) target_info: TargetInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetInfo {
    pub(crate) target_id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) browser_context_id: Option<String>,
    pub(crate) opener_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detached {
    pub(crate) session_id: String,
}

impl PageInner {
    /// Takes over a target that waits for us, prepares it and lets it run.
    pub(crate) fn take_over(
        attached: &Attached,
        opener: Option<String>,
        root: &CdpSession,
        context: &Arc<ContextInner>,
        empty_answers: bool,
    ) -> Arc<Self> {
        let session = root.named(attached.session_id.as_str().into());
        let target = attached.target_info.target_id.clone();
        let page = Arc::new(Self {
            scene: Mutex::new(PageState::new(target.clone(), session.clone())),
            target,
            session: session.clone(),
            opener,
            identity: Arc::clone(&context.identity),
            limits: context.limits,
            context: Arc::downgrade(context),
            guests: Mutex::default(),
            workers: Mutex::default(),
            sign_in: Mutex::default(),
            certificate: watch::Sender::new(None),
            revision: watch::Sender::new(0),
            ready: watch::Sender::new(false),
            happenings: Mutex::default(),
            ended: watch::Sender::new(None),
            live: LivePageState::default(),
            empty_answers,
        });
        page.prepare(&session, true);
        tokio::spawn(memory::watch(Arc::downgrade(&page)));
        page
    }

    pub(crate) fn end(&self, how: PageEnd) {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            ended.get_or_insert(how);
            first
        });
        self.bump();
        self.live_ended();
    }

    pub(crate) fn ended(&self) -> Option<Error> {
        match self.session.connection().gone() {
            Some(why) => Some(Error::BrowserGone { why }),
            None => self.ended.borrow().map(|how| self.error_of(how)),
        }
    }

    pub(crate) fn how_ended(&self) -> Option<PageEnd> {
        *self.ended.borrow()
    }

    pub(crate) fn happened(&self, what: PageEvent) {
        self.happenings.lock().add(what);
        self.bump();
    }

    pub(crate) fn has_frame(&self, id: &str) -> bool {
        self.scene.lock().frames.contains_key(id)
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

    fn bump(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    /// Makes a session hear, obey and look as the context's identity says. Calls are answered in their order, so none is
    /// waited for.
    fn prepare(self: &Arc<Self>, session: &CdpSession, whole_page: bool) {
        let listener: Weak<dyn Listener> = Arc::downgrade(self) as Weak<dyn Listener>;
        session.connection().listen(Arc::clone(session.id()), listener);
        session.cast("Inspector.enable", &json!({}));
        session.cast("Page.enable", &json!({}));
        // Without this limit the events would carry what forms send.
        session.cast(
            "Network.enable",
            &json!({"maxPostDataSize": 0, "maxTotalBufferSize": 0, "maxResourceBufferSize": 0}),
        );
        session.cast("Runtime.enable", &json!({}));
        session.cast("Runtime.addBinding", &json!({"name": inside::TELL, "executionContextName": inside::WORLD}));
        session.cast(
            "Page.addScriptToEvaluateOnNewDocument",
            &json!({"source": inside::SCRIPT, "worldName": inside::WORLD, "runImmediately": true}),
        );
        session.cast("Page.addScriptToEvaluateOnNewDocument", &json!({"source": inside::NO_PRINT}));
        session.cast(
            "Target.setAutoAttach",
            &json!({
                "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true,
                "filter": workers::with_workers(&["iframe"]),
            }),
        );
        session.cast("Page.setInterceptFileChooserDialog", &json!({"enabled": true}));
        session.cast("Emulation.setFocusEmulationEnabled", &json!({"enabled": true}));
        session.cast(
            "Emulation.setUserAgentOverride",
            &json!({"userAgent": self.identity.user_agent, "acceptLanguage": self.identity.accept_language()}),
        );
        session.cast("Emulation.setLocaleOverride", &json!({"locale": self.identity.language.replace('-', "_")}));
        session.cast("Emulation.setTimezoneOverride", &json!({"timezoneId": self.identity.time_zone}));
        if whole_page {
            let size = self.identity.viewport;
            session.cast(
                "Emulation.setDeviceMetricsOverride",
                &json!({"width": size.w, "height": size.h, "deviceScaleFactor": 1, "mobile": false}),
            );
        }
        if self.empty_answers {
            session.cast("Network.setBypassServiceWorker", &json!({"bypass": true}));
            session.cast("Fetch.enable", &json!({}));
        }
        self.live_prepare(session, whole_page);
        session.cast("Runtime.runIfWaitingForDebugger", &json!({}));
        tokio::spawn(read_tree(Arc::downgrade(self), session.clone(), whole_page));
    }

    fn guest_attached(self: &Arc<Self>, attached: &Attached) {
        const MAX: usize = 60;
        if attached.target_info.kind != "iframe" {
            return self.worker_attached(attached);
        }
        let session = self.session.named(attached.session_id.as_str().into());
        let mut guests = self.guests.lock();
        if guests.len() >= MAX {
            // It still has to run, or the page would hang; it is only not looked into.
            session.cast("Runtime.runIfWaitingForDebugger", &json!({}));
            return;
        }
        guests.insert(Arc::clone(session.id()));
        drop(guests);
        self.prepare(&session, false);
    }

    fn guest_detached(&self, session: &str) {
        self.session.connection().unlisten(session);
        self.workers.lock().remove(session);
        if self.guests.lock().remove(session) {
            self.scene.lock().session_gone(session);
        }
    }

    fn answer_dialog(&self, session: &CdpSession, dialog: DialogOpened) {
        // Yes to what the page tells and asks; no to what it wants typed.
        let accepted = dialog.kind != "prompt";
        session.cast("Page.handleJavaScriptDialog", &json!({"accept": accepted}));
        let text = dialog.message.chars().take(200).collect();
        self.happened(PageEvent::Dialog { kind: dialog.kind, text, accepted });
    }

    /// Calls a function of the script beside the frame's document.
    pub(crate) async fn inside<R: DeserializeOwned>(
        &self,
        frame: &FrameState,
        function: &'static str,
        arguments: Value,
    ) -> Result<R, Error> {
        let params = call_of(frame, function, arguments)?;
        let call = frame.session.call("Runtime.callFunctionOn", params);
        let reply: Called<R> = self.alive_in(&frame.session, call).await?;
        reply.value(function)
    }
}

/// `Runtime.callFunctionOn` for a function of the script beside a document; arguments by value.
fn call_of(frame: &FrameState, function: &str, arguments: Value) -> Result<Value, Error> {
    let world = frame.world.ok_or(Error::Stale)?;
    Ok(json!({
        "functionDeclaration": format!("(...a) => inside.{function}(...a)"),
        "executionContextId": world, "returnByValue": true, "awaitPromise": true, "userGesture": true,
        "arguments": match arguments {
            Value::Array(list) => list.into_iter().map(|value| json!({"value": value})).collect::<Vec<_>>(),
            one => vec![json!({"value": one})],
        },
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Called<R> {
    result: CalledValue<R>,
    exception_details: Option<Value>,
}

#[derive(Deserialize)]
struct CalledValue<R> {
    value: Option<R>,
}

impl<R> Called<R> {
    fn value(self, method: &'static str) -> Result<R, Error> {
        if let Some(details) = self.exception_details {
            // The text may quote the page, so it goes no further than a developer's log.
            tracing::debug!(method, %details, "the script beside the page failed");
            return Err(Error::Protocol { method, message: "the page's content could not be worked on".into() });
        }
        self.result.value.ok_or(Error::Protocol { method, message: "no answer".into() })
    }
}

impl PageInner {
    pub(crate) fn me(&self) -> Option<Arc<Self>> {
        self.context.upgrade()?.page(&self.target)
    }
}

pub(crate) fn read<'a, T: Deserialize<'a>>(params: &'a RawValue) -> Option<T> {
    serde_json::from_str(params.get())
        .inspect_err(|error| tracing::debug!(%error, "an event of Chromium could not be read"))
        .ok()
}

async fn read_tree(page: Weak<PageInner>, session: CdpSession, whole_page: bool) {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        frame_tree: FrameTree,
    }
    let answer: Result<Answer, Error> = session.call("Page.getFrameTree", json!({})).await;
    let Some(page) = page.upgrade() else { return };
    if let Ok(answer) = answer {
        page.scene.lock().tree(&answer.frame_tree, &session);
    }
    if whole_page {
        page.ready.send_replace(true);
    }
    page.bump();
}
