//! What events and the scripts beside the documents tell of pages that belong to a person.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    host::{LiveContextShared, number},
    page::LivePage,
    state::Select,
};
use crate::{
    LiveEvent, SelectOption,
    cdp::{CdpSession, Event, Heard, Listener, runtime::BindingCalled},
    inside,
};

/// What the script beside a document says.
#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
enum ScriptWord {
    Select { node: u32, options: Vec<SelectOption>, chosen: Option<usize>, place: [f64; 4] },
    SelectGone,
    Cursor { cursor: String },
    Editable { kind: String },
    Title,
    Adopt,
}

impl Listener for LivePage {
    fn event(&self, session_id: &Arc<str>, event: &Event<'_>) -> Heard {
        let session = self.page.session.named(Arc::clone(session_id));
        match event {
            Event::ScreencastFrame(frame) => {
                self.frame_arrived(&session, frame);
                Heard::Taken
            }
            Event::JavascriptDialogOpening(dialog) => Heard::taken_if(self.dialog_opened(&session, dialog)),
            Event::JavascriptDialogClosed => {
                self.dialog_closed();
                Heard::Taken
            }
            Event::FileChooserOpened(chooser) => Heard::taken_if(self.chooser_opened(&session, chooser)),
            Event::RequestPaused(paused) if !self.page.empty_answers => {
                self.document_wanted(&session, paused);
                Heard::Taken
            }
            Event::BindingCalled(called) => Heard::taken_if(self.script_told(&session, called)),
            Event::FrameNavigated(navigated) => {
                let frame = &navigated.frame;
                self.frame_left(&frame.id);
                if frame.id == self.page.target {
                    self.document_shown(&frame.url);
                }
                Heard::Left
            }
            Event::NavigatedWithinDocument => {
                self.host.tell_tabs();
                Heard::Left
            }
            _ => Heard::Left,
        }
    }
}

impl LivePage {
    /// The document in a frame is gone, and with it what was open and written in it.
    fn frame_left(&self, frame: &str) {
        self.select_gone(frame);
        self.felt_editable(frame, String::new());
    }

    /// Whether it was a word for us.
    fn script_told(&self, session: &CdpSession, called: &BindingCalled) -> bool {
        if called.name != inside::TELL {
            return false;
        }
        let Some(word) = called.payload.strip_prefix("live:") else {
            self.stir();
            return false;
        };
        let (Ok(word), Some(live)) = (serde_json::from_str::<ScriptWord>(word), self.live()) else { return true };
        let of = self.page.scene.lock().frame_of_world(called.execution_context_id, session);
        if let Some((frame, document)) = of {
            self.said(word, frame, document, &live);
        }
        true
    }

    fn said(&self, word: ScriptWord, frame: String, document: String, live: &Arc<LiveContextShared>) {
        match word {
            ScriptWord::Select { node, options, chosen, place } => {
                let (Some(me), live) = (self.me.upgrade(), Arc::clone(live)) else { return };
                tokio::spawn(async move {
                    // Without the place of its frame, a list stands where the frame says.
                    let (x, y) = me.frame_begins(&frame).await.unwrap_or_default();
                    let id = number();
                    me.select_asked(Select { id, frame, document, node });
                    let place = [place[0] + x, place[1] + y, place[2], place[3]];
                    live.tell(LiveEvent::Select { page: me.page.target.clone(), id, options, chosen, place });
                });
            }
            ScriptWord::SelectGone => self.select_gone(&frame),
            ScriptWord::Cursor { cursor } => {
                let new = std::mem::replace(&mut self.felt.lock().cursor, cursor.clone()) != cursor;
                if new && self.is_cast() {
                    live.tell(LiveEvent::Cursor(cursor));
                }
            }
            ScriptWord::Editable { kind } => self.felt_editable(&frame, kind),
            ScriptWord::Title => live.tell(LiveEvent::Tabs),
            ScriptWord::Adopt => self.adopt_soon(),
        }
    }
}
