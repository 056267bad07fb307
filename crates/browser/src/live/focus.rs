//! What events and the scripts beside the documents tell of pages that belong to a person.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{LiveContextShared, LiveEvent, SelectOption, number, prompts::Select};
use crate::{
    Error,
    cdp::CdpSession,
    context::ContextInner,
    inside,
    page::{BindingCalled, PageInner, read},
};

/// A file that is bigger is not taken.
const BIGGEST_DOWNLOAD: f64 = 100.0 * 1024.0 * 1024.0;

/// A download under way.
pub(super) struct RunningDownload {
    guid: String,
    id: u64,
    name: String,
    refused: bool,
}

/// What the person's mouse and keyboard are on.
#[derive(Default)]
pub(crate) struct FocusState {
    cursor: String,
    /// By frame, because the keyboard leaves one and enters another in no certain order.
    editable: HashMap<String, String>,
    told: String,
    adopting: bool,
    adopt_again: bool,
}

#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
enum Told {
    Select { node: u32, options: Vec<SelectOption>, chosen: Option<usize>, place: [f64; 4] },
    SelectGone,
    Cursor { cursor: String },
    Editable { kind: String },
    Title,
    Adopt,
}

#[derive(Deserialize)]
struct Navigated {
    frame: NavigatedFrame,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NavigatedFrame {
    id: String,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DownloadBegun {
    frame_id: String,
    guid: String,
    suggested_filename: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DownloadGoes {
    guid: String,
    total_bytes: f64,
    received_bytes: f64,
    state: String,
}

impl PageInner {
    /// Looks at an event first. `true`: nobody else needs to.
    pub(crate) fn live_event(&self, session: &CdpSession, method: &str, params: &RawValue) -> bool {
        match method {
            "Page.screencastFrame" => {
                self.frame_arrived(session, params);
                true
            }
            "Page.javascriptDialogOpening" => self.dialog_opened(session, params),
            "Page.javascriptDialogClosed" => {
                self.dialog_closed();
                true
            }
            "Page.fileChooserOpened" => self.chooser_opened(session, params),
            "Fetch.requestPaused" if !self.empty_answers => {
                self.document_wanted(session, params);
                true
            }
            "Runtime.bindingCalled" => self.script_told(session, params),
            "Page.frameNavigated" => {
                if let Some(navigated) = read::<Navigated>(params) {
                    self.frame_left(&navigated.frame.id);
                    if navigated.frame.id == self.target {
                        self.document_shown(&navigated.frame.url);
                    }
                }
                false
            }
            "Page.navigatedWithinDocument" => {
                self.tell_tabs();
                false
            }
            _ => false,
        }
    }

    /// The document in a frame is gone, and with it what was open and written in it.
    fn frame_left(&self, frame: &str) {
        self.select_gone(frame);
        self.felt_editable(frame, String::new());
    }

    fn script_told(&self, session: &CdpSession, params: &RawValue) -> bool {
        let Some(called) = read::<BindingCalled>(params).filter(|called| called.name == inside::TELL) else {
            return false;
        };
        let Some(word) = called.payload.strip_prefix("live:") else {
            self.stir();
            return false;
        };
        let (Ok(told), Some(live), Some(me)) = (serde_json::from_str::<Told>(word), self.live_shared(), self.me())
        else {
            return true;
        };
        let Some((frame, document)) = me.scene.lock().frame_of_world(called.execution_context_id, session) else {
            return true;
        };
        match told {
            Told::Select { node, options, chosen, place } => {
                tokio::spawn(async move {
                    // Without the place of its frame, a list stands where the frame says.
                    let (x, y) = me.frame_begins(&frame).await.unwrap_or_default();
                    let id = number();
                    me.select_asked(Select { id, frame, document, node });
                    let place = [place[0] + x, place[1] + y, place[2], place[3]];
                    live.tell(LiveEvent::Select { page: me.target.clone(), id, options, chosen, place });
                });
            }
            Told::SelectGone => self.select_gone(&frame),
            Told::Cursor { cursor } => {
                let new = std::mem::replace(&mut self.live.felt.lock().cursor, cursor.clone()) != cursor;
                if new && self.is_cast() {
                    live.tell(LiveEvent::Cursor(cursor));
                }
            }
            Told::Editable { kind } => self.felt_editable(&frame, kind),
            Told::Title => live.tell(LiveEvent::Tabs),
            Told::Adopt => me.adopt_soon(),
        }
        true
    }

    fn felt_editable(&self, frame: &str, kind: String) {
        let kind = {
            let mut felt = self.live.felt.lock();
            if kind.is_empty() {
                felt.editable.remove(frame);
            } else {
                felt.editable.insert(frame.to_owned(), kind);
            }
            let now = felt.editable.values().next().cloned().unwrap_or_default();
            if now == felt.told {
                return;
            }
            felt.told.clone_from(&now);
            now
        };
        if let Some(live) = self.live_shared().filter(|_| self.is_cast()) {
            live.tell(LiveEvent::Editable { on: !kind.is_empty(), kind });
        }
    }

    /// Tells anew, because the page is now the one that is shown.
    pub(super) fn tell_felt(&self) {
        let Some(live) = self.live_shared() else { return };
        let (cursor, kind) = {
            let felt = self.live.felt.lock();
            (felt.cursor.clone(), felt.told.clone())
        };
        if !cursor.is_empty() {
            live.tell(LiveEvent::Cursor(cursor));
        }
        live.tell(LiveEvent::Editable { on: !kind.is_empty(), kind });
    }

    /// Where the document of a frame begins in the window.
    pub(super) async fn frame_begins(&self, frame: &str) -> Result<(f64, f64), Error> {
        #[derive(Deserialize)]
        struct Begins {
            #[serde(default)]
            x: f64,
            #[serde(default)]
            y: f64,
        }
        let around = self.frames_around(frame)?;
        if !around.is_empty() {
            self.adopt_what_scripts_cannot_see(&self.known_frames()).await?;
        }
        let (mut x, mut y) = (0.0, 0.0);
        for (name, (_, state)) in &around {
            let begins: Begins = self.inside(state, "framePlace", json!([name, false])).await?;
            x += begins.x;
            y += begins.y;
        }
        Ok((x, y))
    }

    /// Hands closed shadow trees to the scripts, which then cover what is in them. Asked meanwhile, it looks again.
    fn adopt_soon(self: &Arc<Self>) {
        const TRIES: u32 = 3;
        const NAP: Duration = Duration::from_millis(100);
        {
            let mut felt = self.live.felt.lock();
            felt.adopt_again = true;
            if std::mem::replace(&mut felt.adopting, true) {
                return;
            }
        }
        let page = Arc::clone(self);
        tokio::spawn(async move {
            let mut failed = 0;
            while page.adopts_again() {
                let Err(error) = page.adopt_what_scripts_cannot_see(&page.known_frames()).await else { continue };
                tracing::debug!(%error, "closed shadow trees could not be handed over");
                failed += 1;
                if failed < TRIES && !error.is_gone() {
                    tokio::time::sleep(NAP).await;
                    page.live.felt.lock().adopt_again = true;
                }
            }
        });
    }

    fn adopts_again(&self) -> bool {
        let mut felt = self.live.felt.lock();
        let again = std::mem::take(&mut felt.adopt_again);
        felt.adopting = again;
        again
    }
}

impl ContextInner {
    pub(super) fn allow_downloads(&self, folder: Option<&Path>) {
        let mut params = json!({"behavior": "deny", "browserContextId": self.id, "eventsEnabled": true});
        match folder.map(|folder| self.inbox(folder)) {
            Some(Ok(inbox)) => {
                params["behavior"] = "allowAndName".into();
                params["downloadPath"] = inbox.to_string_lossy().into();
            }
            Some(Err(error)) => tracing::warn!(%error, "there is no place for downloads, so none are let in"),
            None => {}
        }
        self.root().cast("Browser.setDownloadBehavior", &params);
    }

    pub(crate) fn download(&self, method: &str, params: &RawValue) {
        let Some(live) = self.live() else { return };
        if method == "Browser.downloadWillBegin" {
            const MAX: usize = 20;
            let Some(begun) = read::<DownloadBegun>(params) else { return };
            if self.page_with_frame(&begun.frame_id).is_none() {
                return;
            }
            let refused = live.options.downloads.is_none() || !live.takes_downloads.load(Ordering::Acquire);
            // A name, not a path.
            let name: String =
                begun.suggested_filename.rsplit(['/', '\\']).next().unwrap_or_default().chars().take(200).collect();
            let id = number();
            let mut loading = live.downloads.lock();
            if loading.len() >= MAX {
                self.cancel(&begun.guid);
            } else {
                loading.push(RunningDownload { guid: begun.guid, id, name: name.clone(), refused });
            }
            drop(loading);
            if !refused {
                live.tell(LiveEvent::Download { id, name });
            }
            return;
        }
        let Some(goes) = read::<DownloadGoes>(params) else { return };
        let mut loading = live.downloads.lock();
        let Some(place) = loading.iter().position(|one| one.guid == goes.guid) else { return };
        if goes.state == "inProgress" {
            if goes.received_bytes.max(goes.total_bytes) > BIGGEST_DOWNLOAD {
                self.cancel(&goes.guid);
            }
            return;
        }
        let ended = loading.swap_remove(place);
        drop(loading);
        let folder = live.options.downloads.as_ref().filter(|_| goes.state == "completed" && !ended.refused);
        let path: Option<PathBuf> = folder.and_then(|folder| self.take_out(folder, &goes.guid));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes of a file")]
        let size = goes.received_bytes as u64;
        live.tell(LiveEvent::DownloadEnded { id: ended.id, name: ended.name, size, path });
    }

    pub(super) fn break_downloads_off(&self, live: &LiveContextShared) {
        for one in live.downloads.lock().iter_mut() {
            one.refused = true;
            self.cancel(&one.guid);
        }
    }

    fn cancel(&self, guid: &str) {
        self.root().cast("Browser.cancelDownload", &json!({"guid": guid, "browserContextId": self.id}));
    }
}
