//! What Chromium tells of a page, one event after the other.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::{
    Attached, BindingCalled, ContextGone, ContextMade, Detached, DialogOpened, FrameAttached, FrameNavigated, OfFrame,
    PageEnd, PageInner, RequestEnded, read,
};
use crate::{
    PageEvent,
    cdp::{CdpSession, Listener},
    inside, state,
};

impl Listener for PageInner {
    fn event(&self, session_id: &Arc<str>, method: &str, params: &RawValue) {
        let session = self.session.named(Arc::clone(session_id));
        if self.live_event(&session, method, params) {
            return;
        }
        let heard = match method.split_once('.') {
            Some(("Page", _)) => self.document_event(&session, method, params),
            Some(("Runtime", _)) => self.script_event(&session, method, params),
            Some(("Network", _)) => self.traffic_event(session_id, method, params),
            _ => self.other_event(&session, session_id, method, params),
        };
        if heard {
            self.bump();
        }
    }
}

// Each says whether it was an event that means something here.
impl PageInner {
    /// Of documents, their frames, and what they ask people.
    fn document_event(&self, session: &CdpSession, method: &str, params: &RawValue) -> bool {
        match method {
            "Page.frameAttached" => {
                if let Some(frame) = read::<FrameAttached>(params) {
                    self.scene.lock().frame_attached(&frame.frame_id, &frame.parent_frame_id, session);
                }
            }
            "Page.frameNavigated" => {
                if let Some(navigated) = read::<FrameNavigated>(params) {
                    self.scene.lock().frame_navigated(&navigated.frame, session);
                }
            }
            "Page.frameDetached" => {
                // A frame that moves to another process stays; only its session changes.
                if let Some(frame) = read::<OfFrame>(params).filter(|frame| frame.reason != "swap") {
                    self.scene.lock().frame_detached(&frame.frame_id);
                }
            }
            "Page.frameStartedNavigating" => {
                let frame = read::<OfFrame>(params);
                if let Some(frame) = frame.filter(|frame| !frame.navigation_type.contains("ameDocument")) {
                    self.scene.lock().leaving(&frame.frame_id, true);
                }
            }
            "Page.frameStoppedLoading" => {
                if let Some(frame) = read::<OfFrame>(params) {
                    self.scene.lock().leaving(&frame.frame_id, false);
                }
            }
            "Page.navigatedWithinDocument" | "Page.loadEventFired" => {}
            "Page.javascriptDialogOpening" => {
                if let Some(dialog) = read::<DialogOpened>(params) {
                    self.answer_dialog(session, dialog);
                }
            }
            "Page.fileChooserOpened" => self.happened(PageEvent::FileChooser),
            _ => return false,
        }
        true
    }

    /// Of the worlds that scripts run in.
    fn script_event(&self, session: &CdpSession, method: &str, params: &RawValue) -> bool {
        match method {
            "Runtime.executionContextCreated" => {
                if let Some(made) = read::<ContextMade>(params) {
                    if let Some(context) = self.context.upgrade().filter(|_| !self.empty_answers) {
                        context.origin_seen(made.context.origin());
                    }
                    self.scene.lock().world_made(&made.context, session);
                }
            }
            "Runtime.executionContextDestroyed" => {
                if let Some(gone) = read::<ContextGone>(params) {
                    self.scene.lock().world_gone(Some(gone.execution_context_id), session);
                }
            }
            "Runtime.executionContextsCleared" => self.scene.lock().world_gone(None, session),
            "Runtime.bindingCalled" => {
                if let Some(told) = read::<BindingCalled>(params).filter(|told| told.name == inside::TELL) {
                    self.scene.lock().told(told.execution_context_id, session, &told.payload);
                }
            }
            _ => return false,
        }
        true
    }

    /// Of what is asked of servers and answered.
    fn traffic_event(&self, session_id: &Arc<str>, method: &str, params: &RawValue) -> bool {
        match method {
            "Network.requestWillBeSent" => {
                if let Some(request) = read(params) {
                    self.scene.lock().request_begun(request, session_id);
                }
            }
            "Network.responseReceived" => {
                if let Some(came) = read(params) {
                    self.scene.lock().response_came(came);
                }
            }
            "Network.responseReceivedExtraInfo" => {
                if let Some(came) = read(params) {
                    self.scene.lock().answer_came(came, params);
                }
            }
            "Network.loadingFinished" | "Network.loadingFailed" => {
                if let Some(over) = read(params) {
                    self.scene.lock().request_ended(over, session_id);
                }
            }
            "Network.webSocketCreated" | "Network.webSocketFrameSent" => {
                if let Some(asked) = read::<RequestEnded>(params) {
                    self.scene.lock().socket_asked(asked.request_id, session_id);
                }
            }
            "Network.webSocketFrameReceived" | "Network.webSocketClosed" => {
                if let Some(answered) = read::<RequestEnded>(params) {
                    let open = method == "Network.webSocketFrameReceived";
                    self.scene.lock().socket_answered(answered.request_id, session_id, open);
                }
            }
            _ => return false,
        }
        true
    }

    /// Of certificates, sign-ins, guests, and its end.
    fn other_event(&self, session: &CdpSession, session_id: &Arc<str>, method: &str, params: &RawValue) -> bool {
        match method {
            "Security.visibleSecurityStateChanged" => self.certificate_told(params),
            "Fetch.authRequired" => self.sign_in_asked(session, params),
            "Fetch.requestPaused" => state::answer_empty(session, params),
            "Target.attachedToTarget" => {
                if let (Some(attached), Some(me)) = (read::<Attached>(params), self.me()) {
                    me.guest_attached(&attached);
                }
            }
            "Target.detachedFromTarget" => {
                if let Some(detached) = read::<Detached>(params) {
                    self.guest_detached(&detached.session_id);
                }
            }
            // A frame of another site may crash alone; its page goes on without it.
            "Inspector.targetCrashed" if session_id == self.session.id() => {
                self.scene.lock().crashed = true;
                self.end(PageEnd::Crashed);
            }
            _ => return false,
        }
        true
    }
}
