//! What a session knows of itself, and what all of its rules use.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use countersign_model::{ChangeId, SessionEnd, SessionId, UserId};
use countersign_vault::{Participant, SessionAction, SessionRun, Vault};
use countersign_wire::{PersonInfo, RecordingEvent, ServerMessage, TabInfo, ViewerId};

use super::{
    control::Control,
    event::{Effect, NotRecorded, PageEffect, Then, ToRecord, VaultEffect, Window},
    keys::KeyTally,
    phase::Phase,
    pointer::Pointer,
    tabs::Tabs,
    typed::TypedAmount,
};

/// What is not recorded is not done.
const NOT_RECORDED: &str = "this cannot be recorded at the moment, and nothing goes unrecorded: try again";
const TAKEN_BACK: &str = "you no longer have access to this";

/// Whether a document of an origin may be opened.
pub(crate) type MayOpen = Arc<dyn Fn(&str) -> bool + Send + Sync>;
/// A mark of contents.
type Hash = Box<dyn Fn(&[u8]) -> String + Send>;

/// What does not change while a session goes on.
pub(crate) struct SessionFacts {
    pub(crate) id: SessionId,
    pub(crate) credential_name: String,
    /// Any address of the site.
    pub(crate) site: String,
    pub(crate) owner: UserId,
    pub(crate) owner_name: String,
    /// The waiting change that it was opened for.
    pub(crate) change: Option<ChangeId>,
    /// It ends when nobody does anything for so long.
    pub(crate) idle: Duration,
    /// It ends after so long in any case.
    pub(crate) longest: Duration,
    /// Whether a document of an origin may be opened.
    pub(crate) may_open: MayOpen,
    /// The vault's mark of contents, which tells nobody what they are.
    pub(crate) hash: Hash,
}

impl SessionFacts {
    pub(crate) fn of(vault: &Vault, run: &SessionRun, may_open: MayOpen) -> Self {
        let vault = vault.clone();
        Self {
            id: run.id,
            credential_name: run.credential_name.clone(),
            site: run.site.clone(),
            owner: run.owner,
            owner_name: run.owner_name.clone(),
            change: run.change,
            idle: run.idle,
            longest: run.longest,
            may_open,
            hash: Box::new(move |contents| vault.keyed_hash(contents)),
        }
    }
}

/// Who looks on.
pub(super) struct Viewer {
    pub(super) person: Participant,
    pub(super) typed: TypedAmount,
}

/// A session. Times are since its begin.
pub(crate) struct SessionCore {
    pub(super) facts: SessionFacts,
    pub(super) phase: Phase,
    pub(super) viewers: BTreeMap<ViewerId, Viewer>,
    pub(super) last_seat: ViewerId,
    pub(super) control: Control,
    pub(super) pointer: Pointer,
    pub(super) keys: KeyTally,
    /// The page has a field for a secret under the keyboard.
    pub(super) secret_field: bool,
    /// The window that the viewer who holds control has asked for.
    pub(super) window: Option<Window>,
    pub(super) tabs: Tabs,
    /// What people were last told of the tabs, and whether the shown one has something before and after.
    pub(super) told_tabs: Vec<TabInfo>,
    pub(super) history: (bool, bool),
    pub(super) last_input: Duration,
    /// A person's input has come since the browser was handed over.
    pub(super) acted: bool,
    /// Someone has said that what the site asked for is done.
    pub(super) done: bool,
    pub(super) signed_in: bool,
    pub(super) failed_heartbeats: u32,
    pub(super) end: Option<SessionEnd>,
    /// What is to be done, as far as it is known.
    pub(super) effects: Vec<Effect>,
}

impl SessionCore {
    pub(crate) fn new(facts: SessionFacts) -> Self {
        Self {
            facts,
            phase: Phase::Machine("Started".to_owned()),
            viewers: BTreeMap::new(),
            last_seat: 0,
            control: Control::default(),
            pointer: Pointer::default(),
            keys: KeyTally::default(),
            secret_field: false,
            window: None,
            tabs: Tabs::default(),
            told_tabs: Vec::new(),
            history: (false, false),
            last_input: Duration::ZERO,
            acted: false,
            done: false,
            signed_in: false,
            failed_heartbeats: 0,
            end: None,
            effects: Vec::new(),
        }
    }

    /// Why it is to end, once it is.
    pub(crate) const fn end(&self) -> Option<SessionEnd> {
        self.end
    }

    pub(super) fn person(&self, seat: ViewerId) -> Option<&Participant> {
        self.viewers.get(&seat).map(|viewer| &viewer.person)
    }

    /// Who holds control, with their place.
    pub(super) fn holder(&self) -> Option<(ViewerId, &Participant)> {
        let seat = self.control.holder()?;
        Some((seat, self.person(seat)?))
    }

    /// What has been said first stands.
    pub(super) fn end_for(&mut self, why: SessionEnd) {
        self.end = self.end.or(Some(why));
    }

    pub(super) fn note(&mut self, event: RecordingEvent) {
        self.effects.push(Effect::Note(event));
    }

    pub(super) fn page(&mut self, effect: PageEffect) {
        self.effects.push(Effect::Page(effect));
    }

    pub(super) fn vault(&mut self, effect: VaultEffect) {
        self.effects.push(Effect::Vault(effect));
    }

    /// Has it written down, by who sits there.
    pub(super) fn record(&mut self, seat: ViewerId, act: SessionAction, then: Then) {
        if let Some(person) = self.person(seat).cloned() {
            self.vault(VaultEffect::Record(Box::new(ToRecord { seat, person, act, then })));
        }
    }

    pub(super) fn tell(&mut self, seat: ViewerId, told: ServerMessage) {
        self.effects.push(Effect::Tell(seat, told));
    }

    pub(super) fn tell_all(&mut self, told: ServerMessage) {
        self.effects.push(Effect::TellAll(told));
    }

    pub(super) fn refuse(&mut self, seat: ViewerId, what: &str, why: &str) {
        self.tell(seat, ServerMessage::Refused { what: what.to_owned(), why: why.to_owned() });
    }

    /// Without its record, or where it is not granted any more, something is not done, and they are told.
    pub(super) fn refuse_unrecorded(&mut self, seat: ViewerId, what: &str, why: NotRecorded) {
        let why = match why {
            NotRecorded::TakenBack => TAKEN_BACK,
            NotRecorded::Unavailable => NOT_RECORDED,
        };
        self.refuse(seat, what, why);
    }

    pub(super) fn set_phase(&mut self, phase: Phase) {
        if self.phase != phase {
            self.tell_all(ServerMessage::Phase(phase.told()));
            self.phase = phase;
        }
    }

    pub(super) fn tell_people(&mut self) {
        let people = self.viewers.iter().map(|(seat, viewer)| PersonInfo {
            seat: *seat,
            name: viewer.person.name.clone(),
            level: viewer.person.level,
            control: self.control.holds(*seat),
        });
        let people = people.collect();
        self.tell_all(ServerMessage::People { people });
    }

    pub(super) fn flush_keys(&mut self) {
        if let Some(event) = self.keys.take() {
            self.note(event);
        }
    }

    /// A button that nobody holds any more is let go in the page, too.
    pub(super) fn let_go_of_buttons(&mut self) {
        for input in self.pointer.let_go() {
            self.page(PageEffect::Input(input));
        }
    }

    /// Downloads are refused before a byte is stored, unless whoever holds control may take them.
    pub(super) fn apply_downloads(&mut self) {
        let on = self.holder().is_some_and(|(_, person)| person.extras.download);
        self.page(PageEffect::LetDownload(on));
    }

    /// Shows a tab, from now on.
    pub(super) fn show(&mut self, page: String) {
        self.tabs.shown = Some(page.clone());
        self.page(PageEffect::Show { page, window: self.window });
        self.read_tabs();
    }

    pub(super) fn read_tabs(&mut self) {
        if let Some(tabs) = self.tabs.read() {
            self.page(PageEffect::ReadTabs(tabs));
        }
    }
}
