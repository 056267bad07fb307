//! What a page wants of a person: answers to dialogs, choices, files.

use std::path::PathBuf;

use serde::de::IgnoredAny;

use super::{host::number, page::LivePage, state::Select};
use crate::{
    LiveEvent, Page,
    cdp::{
        CdpSession,
        dom::SetFileInputFiles,
        page::{FileChooserOpened, HandleJavaScriptDialog, JavascriptDialogOpening},
    },
};

/// Dialogs in a row, without the person having done anything else, before the rest is answered by us.
const DIALOGS_IN_A_ROW: u32 = 10;

impl Page {
    /// Answers a dialog; `text` is for prompts. One that is gone needs no answer.
    pub fn answer_dialog(&self, id: u64, accept: bool, text: Option<&str>) {
        // It is forgotten when Chromium says that it is closed.
        let dialog = self.live.asked.lock().dialog.clone();
        if let Some((_, session)) = dialog.filter(|(waits, _)| *waits == id) {
            session.cast(&HandleJavaScriptDialog { accept, prompt_text: text });
        }
    }

    /// Chooses an entry by its place in what was told; `None` leaves the list as it is.
    pub async fn choose_option(&self, id: u64, index: Option<usize>) {
        let page = &self.inner;
        let Some(select) = self.live.asked.lock().select.take_if(|select| select.id == id) else { return };
        if let Some(live) = self.live.live() {
            live.tell(LiveEvent::SelectGone { id });
        }
        let frame = page.scene.lock().frames.get(&select.frame).cloned();
        let Some(frame) = frame.filter(|frame| frame.document == select.document) else { return };
        // A list that is gone meanwhile needs no choice.
        if let Err(error) = page.inside::<IgnoredAny>(&frame, "chooseOption", (select.node, index)).await {
            tracing::debug!(%error, "a list was gone before its entry was chosen");
        }
    }

    /// Gives a page the files that it wants; none at all is a person's *Cancel*. Where Chromium runs as somebody else,
    /// that user's group may read them from then on, and go through the folders that they lie in.
    pub async fn give_files(&self, id: u64, paths: &[PathBuf]) {
        let Some((session, node)) = self.live.asked.lock().files.remove(&id) else { return };
        if paths.is_empty() {
            return;
        }
        let live = self.live.live();
        self.live.host.let_read(paths, live.as_ref().and_then(|live| live.options.downloads.as_deref()));
        let call = session.call(SetFileInputFiles { files: paths, backend_node_id: node });
        if let Err(error) = self.inner.alive_in(&session, call).await {
            tracing::debug!(%error, "a field for files was gone before it was given any");
        }
    }
}

impl LivePage {
    /// Asks a person, or says that it is for us to answer.
    pub(super) fn dialog_opened(&self, session: &CdpSession, dialog: &JavascriptDialogOpening) -> bool {
        const LONGEST: usize = 2000;
        let Some(live) = self.live() else { return false };
        let id = number();
        {
            let mut asked = self.asked.lock();
            asked.in_a_row += 1;
            if asked.in_a_row > DIALOGS_IN_A_ROW {
                return false;
            }
            asked.dialog = Some((id, session.clone()));
        }
        let cut = |text: &str| text.chars().take(LONGEST).collect::<String>();
        let (text, value) = (cut(&dialog.message), cut(&dialog.default_prompt));
        live.tell(LiveEvent::Dialog { page: self.page.target.clone(), id, kind: dialog.kind.clone(), text, value });
        true
    }

    pub(super) fn dialog_closed(&self) {
        let id = self.asked.lock().dialog.take().map(|(id, _)| id);
        if let (Some(id), Some(live)) = (id, self.live()) {
            live.tell(LiveEvent::DialogGone { id });
        }
    }

    /// The person did something, so a dialog that follows is an answer to that.
    pub(super) fn person_acted(&self) {
        self.asked.lock().in_a_row = 0;
    }

    /// Whether the page stands still until a dialog is answered.
    pub(super) fn stands_still(&self) -> bool {
        self.asked.lock().dialog.is_some()
    }

    pub(super) fn chooser_opened(&self, session: &CdpSession, chooser: &FileChooserOpened) -> bool {
        const MAX: usize = 8;
        let Some(live) = self.live() else { return false };
        let Some(node) = chooser.backend_node_id else { return false };
        let id = number();
        {
            let mut asked = self.asked.lock();
            if asked.files.len() >= MAX {
                asked.files.clear();
            }
            asked.files.insert(id, (session.clone(), node));
        }
        live.tell(LiveEvent::FileWanted {
            page: self.page.target.clone(),
            id,
            multiple: chooser.mode == "selectMultiple",
        });
        true
    }

    /// A list was pressed; it takes the place of the one before.
    pub(super) fn select_asked(&self, select: Select) {
        let before = self.asked.lock().select.replace(select);
        self.tell_select_gone(before);
    }

    /// The list in `frame` is closed, or its document gone.
    pub(super) fn select_gone(&self, frame: &str) {
        let gone = self.asked.lock().select.take_if(|select| select.frame == frame);
        self.tell_select_gone(gone);
    }

    fn tell_select_gone(&self, select: Option<Select>) {
        if let (Some(select), Some(live)) = (select, self.live()) {
            live.tell(LiveEvent::SelectGone { id: select.id });
        }
    }

    /// Nobody answers any more: a dialog is answered as the machine does it.
    pub(super) fn forget_questions(&self) {
        let asked = std::mem::take(&mut *self.asked.lock());
        if let Some((id, session)) = asked.dialog {
            session.cast(&HandleJavaScriptDialog { accept: true, prompt_text: None });
            if let Some(live) = self.live() {
                live.tell(LiveEvent::DialogGone { id });
            }
        }
        self.tell_select_gone(asked.select);
    }
}
