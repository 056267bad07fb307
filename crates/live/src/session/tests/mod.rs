//! Scenes of a session, in which effects are answered as a driver would: what is done, in its order, in lines.

mod acts;
mod clock;
mod phases;
mod seats;
mod transfers;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use countersign_model::{Actor, ActorKind, Extras, Level, Purpose, Reach, Role, SessionEnd, SessionId, UserId};
use countersign_vault::Participant;
use countersign_wire::{ClientMessage, ViewerId};

use super::{
    event::{
        Effect, Event, Handover, Heartbeat, NotRecorded, Offered, OpenPage, PageEffect, PageSilent, TakenBrowser,
        Upload, VaultEffect,
    },
    state::{SessionCore, SessionFacts},
};

/// What the world answers.
pub(super) struct World {
    pub(super) recorded: Result<(), NotRecorded>,
    pub(super) heartbeat: Heartbeat,
    pub(super) end_allowed: bool,
    pub(super) taken: Result<(), SessionEnd>,
    pub(super) selected: Option<Option<&'static str>>,
    pub(super) uploads: &'static [&'static str],
    pub(super) opens: bool,
}

pub(super) struct Scene {
    pub(super) core: SessionCore,
    pub(super) now: Duration,
    pub(super) world: World,
}

pub(crate) fn person(name: &str, level: Level, extras: Extras) -> Participant {
    // `ana` owns the session.
    let user = UserId::from_uuid(uuid::Uuid::from_u128(u128::from(name.as_bytes()[0])));
    let actor = Actor {
        kind: ActorKind::Machine,
        user,
        name: name.to_owned(),
        role: Role::Member,
        reach: Reach::Machine,
        service: None,
        as_of: 0,
        until: None,
        address: None,
        purpose: Purpose::default(),
    };
    let (may_end, may_freeze) = (level == Level::Control, level == Level::Control);
    Participant { actor, person: user, name: name.to_owned(), level, extras, may_end, may_freeze }
}

impl Scene {
    pub(super) fn new() -> Self {
        let facts = SessionFacts {
            id: SessionId::from_uuid(uuid::Uuid::from_u128(7)),
            credential_name: "Harbour".to_owned(),
            site: "https://a.example/".to_owned(),
            owner: person("ana", Level::Control, Extras::default()).person,
            owner_name: "ana".to_owned(),
            change: None,
            idle: Duration::from_secs(60),
            longest: Duration::from_secs(600),
            may_open: Arc::new(|origin| origin == "https://a.example"),
            hash: Box::new(|contents| format!("h{}", contents.len())),
        };
        let world = World {
            recorded: Ok(()),
            heartbeat: Heartbeat::Heard(None),
            end_allowed: true,
            taken: Ok(()),
            selected: Some(Some("chosen")),
            uploads: &["in-0", "in-1"],
            opens: true,
        };
        Self { core: SessionCore::new(facts), now: Duration::ZERO, world }
    }

    /// A session that `ana` has in her hand, with every extra or none.
    pub(super) fn live(extras: Extras) -> Self {
        let mut scene = Self::new();
        scene.join("ana", Level::Control, extras);
        scene.hand_over();
        scene
    }

    pub(super) fn join(&mut self, name: &str, level: Level, extras: Extras) -> Vec<String> {
        self.happens(Event::Joined(person(name, level, extras)))
    }

    pub(super) fn hand_over(&mut self) -> Vec<String> {
        self.happens(Event::HandedOver { why: Handover::SignedIn, offered: Offered::New })
    }

    pub(super) fn asks(&mut self, seat: ViewerId, message: &str) -> Vec<String> {
        let asked = ClientMessage::parse(message).expect("a message");
        self.happens(Event::Asked { seat, asked })
    }

    pub(super) fn later(&mut self, milliseconds: u64) -> &mut Self {
        self.now += Duration::from_millis(milliseconds);
        self
    }

    /// What is done then, answers and what follows from them among it.
    pub(super) fn happens(&mut self, event: Event) -> Vec<String> {
        let mut lines = Vec::new();
        let mut open = VecDeque::from(self.core.handle(event, self.now));
        while let Some(effect) = open.pop_front() {
            lines.push(line(&effect));
            let Some(answer) = self.answer(effect) else { continue };
            for effect in self.core.handle(answer, self.now).into_iter().rev() {
                open.push_front(effect);
            }
        }
        lines
    }

    fn answer(&self, effect: Effect) -> Option<Event> {
        let world = &self.world;
        Some(match effect {
            Effect::Vault(VaultEffect::Record(record)) => {
                Event::Recorded { seat: record.seat, then: record.then, outcome: world.recorded }
            }
            Effect::Vault(VaultEffect::Heartbeat) => Event::Heard(world.heartbeat),
            Effect::Vault(VaultEffect::EndBy { seat, .. }) => Event::EndAllowed { seat, allowed: world.end_allowed },
            Effect::TakeBrowser(to) => Event::BrowserTaken { to, taken: world.taken.map(|()| browser()) },
            Effect::Page(PageEffect::OpenNew) => Event::PageOpened(world.opens.then(|| "new".to_owned())),
            Effect::Page(PageEffect::Select { seat, .. }) => {
                let text = world.selected.map(|text| text.map(str::to_owned)).ok_or(PageSilent);
                Event::Selected { seat, text }
            }
            Effect::TakeUpload(mut batch) => {
                let upload = batch.left.pop().expect("one that is left");
                let there = world.uploads.contains(&&*upload);
                let taken = Upload { name: format!("{upload}.txt"), size: 3, hash: "h3".into(), path: upload.into() };
                Event::UploadTaken { batch, taken: there.then_some(taken).ok_or("there is no such upload") }
            }
            _ => return None,
        })
    }
}

fn browser() -> TakenBrowser {
    TakenBrowser { page: "a".to_owned(), pages: pages(&["a"]) }
}

pub(super) fn pages(ids: &[&str]) -> Vec<OpenPage> {
    ids.iter().map(|id| OpenPage { id: (*id).to_owned(), by_page: id.starts_with("pop") }).collect()
}

fn json(it: &impl serde::Serialize) -> String {
    serde_json::to_string(it).expect("JSON")
}

/// An effect in a line.
fn line(effect: &Effect) -> String {
    match effect {
        Effect::Note(event) => format!("note {}", json(event)),
        Effect::BeginRecording => "begin recording".to_owned(),
        Effect::EndRecording => "end recording".to_owned(),
        Effect::Tell(seat, told) => format!("tell {seat} {}", json(told)),
        Effect::TellAll(told) => format!("tell all {}", json(told)),
        Effect::Admit { seat, person } => format!("admit {seat} {}", person.name),
        Effect::Welcome => "welcome".to_owned(),
        Effect::Dismiss(seat) => format!("dismiss {seat}"),
        Effect::Acted(acted) => format!("acted {acted}"),
        Effect::TakenBack(taken) => format!("taken back {taken}"),
        Effect::TakeBrowser(to) => format!("take browser {to:?}"),
        Effect::TakeUpload(batch) => format!("take upload {}", batch.left.last().map_or("", |upload| upload)),
        Effect::Offer { id, file } => format!("offer {id} {} of {} bytes", file.name, file.size),
        Effect::Remove(path) => format!("remove {}", path.display()),
        Effect::KeepBrowser => "keep browser".to_owned(),
        Effect::Page(effect) => page_line(effect),
        Effect::Vault(VaultEffect::Record(record)) => format!("record {:?} by {}", record.act, record.person.name),
        Effect::Vault(VaultEffect::Heartbeat) => "heartbeat".to_owned(),
        Effect::Vault(VaultEffect::EndBy { person, .. }) => format!("end by {}", person.name),
    }
}

fn page_line(effect: &PageEffect) -> String {
    match effect {
        PageEffect::LetGo => "let go".to_owned(),
        PageEffect::Show { page, window } => match window {
            Some((size, scale)) => format!("show {page} {}x{}@{scale}", size.w, size.h),
            None => format!("show {page}"),
        },
        PageEffect::Hide => "hide".to_owned(),
        PageEffect::ReadTabs(tabs) => {
            format!("read {}", tabs.iter().map(|tab| &*tab.page).collect::<Vec<_>>().join(" "))
        }
        PageEffect::OpenNew => "open a tab".to_owned(),
        PageEffect::Open { page, address } => format!("open {address} in {page}"),
        PageEffect::Close(page) => format!("close {page}"),
        PageEffect::SetSize((size, scale)) => format!("size {}x{}@{scale}", size.w, size.h),
        PageEffect::LetDownload(on) => format!("downloads {on}"),
        PageEffect::Input(input) => format!("input {input:?}"),
        PageEffect::NameClick { who, x, y } => format!("name what {who} clicks at {x} {y}"),
        PageEffect::AnswerDialog { id, accept, text } => format!("answer {id} {accept} {text:?}"),
        PageEffect::ChooseOption { id, index } => format!("choose {id} {index:?}"),
        PageEffect::GiveFiles { id, paths } => format!("give {id} {paths:?}"),
        PageEffect::Go { act, address } => format!("go {act:?} {}", address.as_deref().unwrap_or_default()),
        PageEffect::Select { cut, .. } => format!("select, cut {cut}"),
    }
}
