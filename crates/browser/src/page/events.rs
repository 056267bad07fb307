//! What Chromium tells of a page, one event after the other.

use std::sync::Arc;

use super::core::{PageEnd, PageInner};
use crate::{
    PageEvent,
    cdp::{
        CdpSession, Event, Heard, Listener,
        fetch::FulfillRequest,
        page::{HandleJavaScriptDialog, JavascriptDialogOpening},
    },
    inside,
};

impl Listener for PageInner {
    fn event(&self, session_id: &Arc<str>, event: &Event<'_>) -> Heard {
        let session = self.session.named(Arc::clone(session_id));
        let heard = self.document_event(&session, event)
            || self.script_event(&session, event)
            || self.traffic_event(session_id, event)
            || self.other_event(&session, event);
        if heard {
            self.bump();
        }
        Heard::Left
    }
}

// Each says whether it was an event that means something here.
impl PageInner {
    /// Of documents, their frames, and what they ask people.
    fn document_event(&self, session: &CdpSession, event: &Event<'_>) -> bool {
        match event {
            Event::FrameAttached(frame) => {
                self.scene.lock().frame_attached(&frame.frame_id, &frame.parent_frame_id, session);
            }
            Event::FrameNavigated(navigated) => self.scene.lock().frame_navigated(&navigated.frame, session),
            Event::FrameDetached(frame) => {
                // A frame that moves to another process stays; only its session changes.
                if frame.reason != "swap" {
                    self.scene.lock().frame_detached(&frame.frame_id);
                }
            }
            Event::FrameStartedNavigating(frame) => {
                if !frame.navigation_type.contains("ameDocument") {
                    self.scene.lock().leaving(&frame.frame_id, true);
                }
            }
            Event::FrameStoppedLoading(frame) => self.scene.lock().leaving(&frame.frame_id, false),
            Event::NavigatedWithinDocument | Event::LoadEventFired => {}
            Event::JavascriptDialogOpening(dialog) => self.answer_dialog(session, dialog),
            Event::FileChooserOpened(_) => self.happened(PageEvent::FileChooser),
            _ => return false,
        }
        true
    }

    /// Of the worlds that scripts run in.
    fn script_event(&self, session: &CdpSession, event: &Event<'_>) -> bool {
        match event {
            Event::ExecutionContextCreated(made) => {
                if let Some(surroundings) = self.surroundings.upgrade().filter(|_| !self.empty_answers) {
                    surroundings.origin_seen(&made.context.origin);
                }
                self.scene.lock().world_made(&made.context, session);
            }
            Event::ExecutionContextDestroyed(gone) => {
                self.scene.lock().world_gone(Some(gone.execution_context_id), session);
            }
            Event::ExecutionContextsCleared => self.scene.lock().world_gone(None, session),
            Event::BindingCalled(told) => {
                if told.name == inside::TELL {
                    self.scene.lock().told(told.execution_context_id, session, &told.payload);
                }
            }
            _ => return false,
        }
        true
    }

    /// Of what is asked of servers and answered.
    fn traffic_event(&self, session: &Arc<str>, event: &Event<'_>) -> bool {
        let mut scene = self.scene.lock();
        match event {
            Event::RequestWillBeSent(request) => scene.request_begun(request, session),
            Event::ResponseReceived(came) => scene.response_came(came),
            Event::ResponseReceivedExtraInfo(came) => scene.answer_came(came),
            Event::LoadingEnded(over) => scene.request_ended(over, session),
            Event::WebSocketAsked(asked) => scene.socket_asked(&asked.request_id, session),
            Event::WebSocketAnswered(answered) => scene.socket_answered(&answered.request_id, session, true),
            Event::WebSocketClosed(closed) => scene.socket_answered(&closed.request_id, session, false),
            _ => return false,
        }
        true
    }

    /// Of certificates, sign-ins, guests, and its end.
    fn other_event(&self, session: &CdpSession, event: &Event<'_>) -> bool {
        match event {
            Event::VisibleSecurityStateChanged(told) => self.certificate_told(told),
            Event::AuthRequired(asked) => self.sign_in_asked(session, asked),
            Event::RequestPaused(paused) => session.cast(&FulfillRequest::empty_document(&paused.request_id)),
            Event::AttachedToTarget(attached) => self.guest_attached(attached),
            Event::DetachedFromTarget(detached) => self.guest_detached(&detached.session_id),
            // A frame of another site may crash alone; its page goes on without it.
            Event::TargetCrashed if session.id() == self.session.id() => {
                self.scene.lock().crashed = true;
                self.end(PageEnd::Crashed);
            }
            _ => return false,
        }
        true
    }

    fn answer_dialog(&self, session: &CdpSession, dialog: &JavascriptDialogOpening) {
        // Yes to what the page tells and asks; no to what it wants typed.
        let accepted = dialog.kind != "prompt";
        session.cast(&HandleJavaScriptDialog { accept: accepted, prompt_text: None });
        let text = dialog.message.chars().take(200).collect();
        self.happened(PageEvent::Dialog { kind: dialog.kind.clone(), text, accepted });
    }
}
