//! What the pages do that a person has to know.

use countersign_browser::LiveEvent;
use countersign_model::SessionEnd;
use countersign_wire::{DialogKind, EditableKind, OptionInfo, RecordingEvent, ServerMessage, TabEvent, TabInfo};

use super::{
    event::{OpenPage, PageEffect},
    seats::told_tabs,
    state::SessionCore,
    tabs::{Next, place},
};

impl SessionCore {
    pub(super) fn browser(&mut self, event: LiveEvent) {
        let told = match event {
            LiveEvent::Dialog { id, kind, text, value, .. } => {
                ServerMessage::Dialog { id, kind: DialogKind::named(&kind), text, value }
            }
            LiveEvent::DialogGone { id } => ServerMessage::DialogGone { id },
            LiveEvent::Select { id, options, chosen, place, .. } => {
                let options = options.into_iter();
                let options = options.map(|option| OptionInfo {
                    label: option.label,
                    disabled: option.disabled,
                    group: option.group,
                });
                ServerMessage::Select { id, options: options.collect(), chosen, place }
            }
            LiveEvent::SelectGone { id } => ServerMessage::SelectGone { id },
            LiveEvent::Cursor(cursor) => ServerMessage::Cursor { cursor },
            LiveEvent::Editable { on, kind } => {
                self.flush_keys();
                let kind = EditableKind::named(&kind);
                self.secret_field = on && kind == EditableKind::Password;
                ServerMessage::Editable { on, kind }
            }
            LiveEvent::Blocked { origin } => {
                self.note(RecordingEvent::Blocked { origin: origin.clone() });
                ServerMessage::Blocked { origin }
            }
            LiveEvent::FileWanted { id, multiple, .. } => return self.file_wanted(id, multiple),
            LiveEvent::DownloadEnded { id, name, size, path } => return self.downloaded(id, name, size, path),
            // Of tabs the driver tells with all that there are.
            LiveEvent::Download { .. } | LiveEvent::Tabs | LiveEvent::Crashed { .. } => return,
        };
        self.tell_all(told);
    }

    pub(super) fn tabs_changed(&mut self, pages: &[OpenPage]) {
        let (events, next) = self.tabs.changed(pages);
        for (act, tab) in events {
            self.note(RecordingEvent::Tab { act, tab });
        }
        match next {
            Next::Show(page) => self.show(page),
            Next::OpenNew => self.page(PageEffect::OpenNew),
            Next::Read => self.read_tabs(),
        }
    }

    pub(super) fn crashed(&mut self, page: &str, pages: &[OpenPage]) {
        let tab = self.tabs.crashed(page);
        self.note(RecordingEvent::Tab { act: TabEvent::Crashed, tab });
        self.tabs_changed(pages);
    }

    /// A tab was opened after the last one was closed.
    pub(super) fn page_opened(&mut self, page: Option<String>) {
        let Some(page) = page else { return self.end_for(SessionEnd::BrowserGone) };
        self.tabs.opened(&page);
        self.show(page.clone());
        self.page(PageEffect::Open { page, address: self.facts.site.clone() });
    }

    pub(super) fn tabs_read(&mut self, tabs: Vec<TabInfo>, history: (bool, bool)) {
        if !self.phase.has_browser() {
            return;
        }
        if self.tabs.was_read() {
            self.read_tabs();
        }
        let shown = |tabs: &[TabInfo]| tabs.iter().find(|tab| tab.active).map(|tab| (tab.id, place(&tab.address)));
        let (before, now) = (shown(&self.told_tabs), shown(&tabs));
        if let Some((tab, address)) = now.filter(|now| Some(now) != before.as_ref() && !now.1.is_empty()) {
            self.note(RecordingEvent::Address { address, tab });
        }
        if self.told_tabs != tabs || self.history != history {
            (self.told_tabs, self.history) = (tabs, history);
            self.tell_all(told_tabs(&self.told_tabs, self.history));
        }
    }
}
