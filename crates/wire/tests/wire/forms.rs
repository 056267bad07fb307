//! Each message and each event with its JSON, both ways.

use std::collections::BTreeSet;

use countersign_model::{Challenge, Extras, Level, SessionEnd};
use countersign_wire::{
    ClientMessage, ControlAction, DialogKind, EditableKind, KeyClass, NavigateAction, OptionInfo, PersonInfo,
    PhaseInfo, PhaseName, RecordingEvent, ServerMessage, SessionInfo, TabAction, TabEvent, TabInfo, UploadedFile,
    ViewerInfo,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::forms_of;

/// Each form is written as its JSON and read from it, and the table has every form that there is.
fn hold<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(union: &str, tag: &str, table: &[(T, Value)]) {
    let mut seen = BTreeSet::new();
    for (form, json) in table {
        assert_eq!(&serde_json::to_value(form).expect("as in the table"), json);
        assert_eq!(&serde_json::from_value::<T>(json.clone()).expect("as in the table"), form);
        seen.insert(json[tag].as_str().expect("as in the table").to_owned());
    }
    let all: BTreeSet<String> = forms_of(union, tag).into_iter().map(|form| form.name).collect();
    assert_eq!(seen, all, "every form of {union} stands in the table");
}

#[test]
fn what_the_server_says() {
    hold("ServerMessage", "t", &server_messages());
}

#[test]
fn what_the_page_says() {
    hold("ClientMessage", "t", &client_messages());
    for (message, json) in client_messages() {
        assert_eq!(ClientMessage::parse(&json.to_string()), Ok(message));
    }
}

#[test]
fn what_a_recording_says() {
    hold("RecordingEvent", "kind", &recording_events());
}

#[test]
fn names_of_other_rooms_are_what_json_says() {
    let schemas = countersign_wire::description()["components"]["schemas"].take();
    let json = |names: Vec<Value>| Value::from(names);
    assert_eq!(schemas["Level"]["enum"], json(Level::ALL.map(|it| json!(it)).into()));
    assert_eq!(schemas["Challenge"]["enum"], json(Challenge::ALL.map(|it| json!(it)).into()));
    assert_eq!(schemas["SessionEnd"]["enum"], json(SessionEnd::ALL.map(|it| json!(it)).into()));
    let fields = schemas["Extras"]["properties"].as_object().expect("as in the table").len();
    assert_eq!(fields, json!(Extras::ALL).as_object().expect("as in the table").len());
}

#[test]
fn kinds_that_the_browser_names_are_known_and_others_are_something() {
    for name in ["alert", "confirm", "prompt", "beforeunload"] {
        assert_eq!(json!(DialogKind::named(name)), name);
    }
    assert_eq!(DialogKind::named("from_tomorrow"), DialogKind::Alert);
    for name in ["", "text", "password", "number", "email", "tel", "url", "multiline"] {
        assert_eq!(json!(EditableKind::named(name)), name);
    }
    assert_eq!(EditableKind::named("from_tomorrow"), EditableKind::Text);
}

pub(crate) fn server_messages() -> Vec<(ServerMessage, Value)> {
    [messages_of_the_session(), phases(), messages_of_the_page_shown()].into_iter().flatten().collect()
}

fn messages_of_the_session() -> Vec<(ServerMessage, Value)> {
    let extras = Extras { paste: true, ..Extras::default() };
    let extras_json = json!({"address": false, "paste": true, "copy": false, "upload": false, "download": false});
    let session = |change: Option<&str>| SessionInfo {
        id: "7".into(),
        credential_name: "Büro".into(),
        change: change.map(str::to_owned),
    };
    let you =
        ViewerInfo { seat: 1, name: "ana".into(), level: Level::Control, extras, may_end: true, may_freeze: false };
    let you_json = json!({"seat": 1, "name": "ana", "level": "control", "extras": extras_json, "may_end": true,
        "may_freeze": false});
    let person = PersonInfo { seat: 3, name: "ben".into(), level: Level::View, control: false };
    vec![
        (
            ServerMessage::Hello { session: session(Some("8")), you: you.clone(), size: [1280, 900] },
            json!({"t": "hello", "session": {"id": "7", "credential_name": "Büro", "change": "8"}, "you": you_json,
                "size": [1280, 900]}),
        ),
        (
            ServerMessage::Hello { session: session(None), you, size: [320, 240] },
            json!({"t": "hello", "session": {"id": "7", "credential_name": "Büro", "change": null}, "you": you_json,
                "size": [320, 240]}),
        ),
        (
            ServerMessage::People { people: vec![person] },
            json!({"t": "people", "people": [{"seat": 3, "name": "ben", "level": "view", "control": false}]}),
        ),
        (ServerMessage::Clock { left: 60, idle_left: 5 }, json!({"t": "clock", "left": 60, "idle_left": 5})),
        (ServerMessage::Pong { n: 1 }, json!({"t": "pong", "n": 1})),
    ]
}

fn phases() -> Vec<(ServerMessage, Value)> {
    let waiting = PhaseInfo {
        challenge: Some(Challenge::TrustBrowser),
        why: Some("For the new password.".into()),
        ..PhaseInfo::new(PhaseName::Waiting, "…")
    };
    let frozen = PhaseInfo { by: Some("ben".into()), ..PhaseInfo::new(PhaseName::Frozen, "…") };
    let ended = PhaseInfo { end: Some(SessionEnd::BrowserGone), ..PhaseInfo::new(PhaseName::Ended, "…") };
    vec![
        (
            ServerMessage::Phase(PhaseInfo::new(PhaseName::SigningIn, "Started")),
            json!({"t": "phase", "phase": "signing_in", "text": "Started"}),
        ),
        (
            ServerMessage::Phase(waiting),
            json!({"t": "phase", "phase": "waiting", "text": "…", "challenge": "trust_browser",
                "why": "For the new password."}),
        ),
        (
            ServerMessage::Phase(PhaseInfo::new(PhaseName::Live, "…")),
            json!({"t": "phase", "phase": "live", "text": "…"}),
        ),
        (ServerMessage::Phase(frozen), json!({"t": "phase", "phase": "frozen", "text": "…", "by": "ben"})),
        (ServerMessage::Phase(ended), json!({"t": "phase", "phase": "ended", "text": "…", "end": "browser_gone"})),
    ]
}

fn messages_of_the_page_shown() -> Vec<(ServerMessage, Value)> {
    let tab = TabInfo { id: 2, title: "A".into(), address: "https://a.example/".into(), active: true, crashed: false };
    let entry =
        |group: Option<&str>| OptionInfo { label: "One".into(), disabled: false, group: group.map(str::to_owned) };
    vec![
        (
            ServerMessage::Tabs { tabs: vec![tab], back: true, forward: false },
            json!({"t": "tabs", "tabs": [{"id": 2, "title": "A", "address": "https://a.example/", "active": true,
                "crashed": false}], "back": true, "forward": false}),
        ),
        (
            ServerMessage::Dialog { id: 1, kind: DialogKind::Beforeunload, text: "?".into(), value: String::new() },
            json!({"t": "dialog", "id": 1, "kind": "beforeunload", "text": "?", "value": ""}),
        ),
        (ServerMessage::DialogGone { id: 1 }, json!({"t": "dialog_gone", "id": 1})),
        (
            ServerMessage::Select {
                id: 4,
                options: vec![entry(None), entry(Some("G"))],
                chosen: None,
                place: [1.0, 2.5, 3.0, 4.0],
            },
            json!({"t": "select", "id": 4, "options": [{"label": "One", "disabled": false},
                {"label": "One", "disabled": false, "group": "G"}], "chosen": null, "box": [1.0, 2.5, 3.0, 4.0]}),
        ),
        (ServerMessage::SelectGone { id: 4 }, json!({"t": "select_gone", "id": 4})),
        (ServerMessage::Cursor { cursor: "pointer".into() }, json!({"t": "cursor", "cursor": "pointer"})),
        (
            ServerMessage::Editable { on: false, kind: EditableKind::Nothing },
            json!({"t": "editable", "on": false, "kind": ""}),
        ),
        (
            ServerMessage::Editable { on: true, kind: EditableKind::Multiline },
            json!({"t": "editable", "on": true, "kind": "multiline"}),
        ),
        (ServerMessage::Copied { text: "x".into() }, json!({"t": "copied", "text": "x"})),
        (
            ServerMessage::Refused { what: "copy".into(), why: "no".into() },
            json!({"t": "refused", "what": "copy", "why": "no"}),
        ),
        (
            ServerMessage::Blocked { origin: "https://b.example".into() },
            json!({"t": "blocked", "origin": "https://b.example"}),
        ),
        (ServerMessage::FileWanted { id: 5, multiple: true }, json!({"t": "file_wanted", "id": 5, "multiple": true})),
        (
            ServerMessage::Download { id: 6, name: "a.pdf".into(), size: 9 },
            json!({"t": "download", "id": 6, "name": "a.pdf", "size": 9}),
        ),
    ]
}

pub(crate) fn client_messages() -> Vec<(ClientMessage, Value)> {
    [input_messages(), wishes()].into_iter().flatten().collect()
}

fn input_messages() -> Vec<(ClientMessage, Value)> {
    let key = |text: Option<&str>, repeat| ClientMessage::Key {
        down: true,
        key: "ü".into(),
        code: "BracketLeft".into(),
        mods: 2,
        text: text.map(str::to_owned),
        repeat,
    };
    vec![
        (ClientMessage::Seen { seq: 7 }, json!({"t": "seen", "seq": 7})),
        (ClientMessage::Ping { n: 1 }, json!({"t": "ping", "n": 1})),
        (ClientMessage::Size { w: 800, h: 600, dpr: 1.5 }, json!({"t": "size", "w": 800, "h": 600, "dpr": 1.5})),
        (ClientMessage::Move { x: 1.5, y: 2.0, buttons: 1 }, json!({"t": "move", "x": 1.5, "y": 2.0, "buttons": 1})),
        (
            ClientMessage::Down { x: 1.0, y: 2.0, button: 2, clicks: 1, mods: 8 },
            json!({"t": "down", "x": 1.0, "y": 2.0, "button": 2, "clicks": 1, "mods": 8}),
        ),
        (
            ClientMessage::Up { x: 1.0, y: 2.0, button: 0, clicks: 3, mods: 0 },
            json!({"t": "up", "x": 1.0, "y": 2.0, "button": 0, "clicks": 3, "mods": 0}),
        ),
        (
            ClientMessage::Wheel { x: 1.0, y: 2.0, dx: 0.0, dy: -120.0, mods: 0 },
            json!({"t": "wheel", "x": 1.0, "y": 2.0, "dx": 0.0, "dy": -120.0, "mods": 0}),
        ),
        (
            key(Some("ü"), false),
            json!({"t": "key", "down": true, "key": "ü", "code": "BracketLeft", "mods": 2, "text": "ü",
                "repeat": false}),
        ),
        (
            key(None, true),
            json!({"t": "key", "down": true, "key": "ü", "code": "BracketLeft", "mods": 2, "repeat": true}),
        ),
        (ClientMessage::Text { text: "x".into() }, json!({"t": "text", "text": "x"})),
        (ClientMessage::Compose { text: "x".into() }, json!({"t": "compose", "text": "x"})),
        (ClientMessage::Paste { text: "x".into() }, json!({"t": "paste", "text": "x"})),
        (ClientMessage::Copy { cut: true }, json!({"t": "copy", "cut": true})),
    ]
}

fn wishes() -> Vec<(ClientMessage, Value)> {
    let go = |act, address: Option<&str>| ClientMessage::Go { act, address: address.map(str::to_owned) };
    vec![
        (ClientMessage::Tab { id: 1, act: TabAction::Show }, json!({"t": "tab", "id": 1, "act": "show"})),
        (ClientMessage::Tab { id: 1, act: TabAction::Close }, json!({"t": "tab", "id": 1, "act": "close"})),
        (go(NavigateAction::Back, None), json!({"t": "go", "act": "back"})),
        (go(NavigateAction::Forward, None), json!({"t": "go", "act": "forward"})),
        (go(NavigateAction::Reload, None), json!({"t": "go", "act": "reload"})),
        (
            go(NavigateAction::Open, Some("https://a.example/")),
            json!({"t": "go", "act": "open", "address": "https://a.example/"}),
        ),
        (
            ClientMessage::Dialog { id: 1, accept: true, text: Some("x".into()) },
            json!({"t": "dialog", "id": 1, "accept": true, "text": "x"}),
        ),
        (ClientMessage::Dialog { id: 1, accept: false, text: None }, json!({"t": "dialog", "id": 1, "accept": false})),
        (ClientMessage::Select { id: 1, index: Some(0) }, json!({"t": "select", "id": 1, "index": 0})),
        (ClientMessage::Select { id: 1, index: None }, json!({"t": "select", "id": 1, "index": null})),
        (ClientMessage::Control { act: ControlAction::Take }, json!({"t": "control", "act": "take"})),
        (ClientMessage::Control { act: ControlAction::Give }, json!({"t": "control", "act": "give"})),
        (ClientMessage::Freeze { on: true }, json!({"t": "freeze", "on": true})),
        (
            ClientMessage::Files { id: 1, files: vec![UploadedFile { name: "a.pdf".into(), upload: "in-0".into() }] },
            json!({"t": "files", "id": 1, "files": [{"name": "a.pdf", "upload": "in-0"}]}),
        ),
        (ClientMessage::Done {}, json!({"t": "done"})),
        (ClientMessage::End {}, json!({"t": "end"})),
    ]
}

pub(crate) fn recording_events() -> Vec<(RecordingEvent, Value)> {
    let who = || "ana".to_owned();
    let hash = || "h".to_owned();
    let keys = |count| RecordingEvent::Keys { class: KeyClass::Text, count, secret: count.is_none(), who: who() };
    vec![
        (
            RecordingEvent::Address { address: "https://a.example/".into(), tab: 1 },
            json!({"kind": "address", "address": "https://a.example/", "tab": 1}),
        ),
        (
            RecordingEvent::Blocked { origin: "https://b.example".into() },
            json!({"kind": "blocked", "origin": "https://b.example"}),
        ),
        (
            RecordingEvent::Click { name: "Save".into(), role: "button".into(), who: who() },
            json!({"kind": "click", "name": "Save", "role": "button", "who": "ana"}),
        ),
        (RecordingEvent::Control { who: Some(who()) }, json!({"kind": "control", "who": "ana"})),
        (RecordingEvent::Control { who: None }, json!({"kind": "control", "who": null})),
        (
            RecordingEvent::Copy { hash: hash(), length: 3, who: who() },
            json!({"kind": "copy", "hash": "h", "length": 3, "who": "ana"}),
        ),
        (
            RecordingEvent::Dialog { accepted: true, who: who() },
            json!({"kind": "dialog", "accepted": true, "who": "ana"}),
        ),
        (
            RecordingEvent::Download { hash: hash(), length: 3, name: "a.pdf".into() },
            json!({"kind": "download", "hash": "h", "length": 3, "name": "a.pdf"}),
        ),
        (RecordingEvent::Ended { why: SessionEnd::Idle }, json!({"kind": "ended", "why": "idle"})),
        (
            RecordingEvent::Frozen { who: None, why: "Countersign continues".into() },
            json!({"kind": "frozen", "why": "Countersign continues"}),
        ),
        (
            RecordingEvent::Frozen { who: Some(who()), why: "stopped".into() },
            json!({"kind": "frozen", "who": "ana", "why": "stopped"}),
        ),
        (
            RecordingEvent::Joined { level: Level::Interact, who: who() },
            json!({"kind": "joined", "level": "interact", "who": "ana"}),
        ),
        (keys(Some(3)), json!({"kind": "keys", "class": "text", "count": 3, "secret": false, "who": "ana"})),
        (keys(None), json!({"kind": "keys", "class": "text", "count": null, "secret": true, "who": "ana"})),
        (RecordingEvent::Left { who: who() }, json!({"kind": "left", "who": "ana"})),
        (
            RecordingEvent::Paste { hash: hash(), length: 3, who: who() },
            json!({"kind": "paste", "hash": "h", "length": 3, "who": "ana"}),
        ),
        (RecordingEvent::Tab { act: TabEvent::Crashed, tab: 2 }, json!({"kind": "tab", "act": "crashed", "tab": 2})),
        (RecordingEvent::Thawed { who: who() }, json!({"kind": "thawed", "who": "ana"})),
        (
            RecordingEvent::Upload { hash: hash(), length: 3, name: "a.pdf".into(), who: who() },
            json!({"kind": "upload", "hash": "h", "length": 3, "name": "a.pdf", "who": "ana"}),
        ),
    ]
}
