//! What viewers ask for: where they may, and once it is recorded.

use countersign_browser::LiveEvent;
use countersign_model::{Extras, Level};

use super::Scene;
use crate::session::event::{Event, NotRecorded};

/// Each extra, what asks for it, what is recorded, and what is done then.
const EXTRAS: [(&str, &str, &str, &[&str]); 4] = [
    (
        "paste",
        r#"{"t":"paste","text":"two words"}"#,
        r#"record ClipboardIn { length: 9, hash: "h9" } by ana"#,
        &[r#"note {"kind":"paste","hash":"h9","length":9,"who":"ana"}"#, r#"input Text("two words")"#],
    ),
    (
        "copy",
        r#"{"t":"copy","cut":true}"#,
        r#"record ClipboardOut { length: 6, hash: "h6" } by ana"#,
        &[r#"note {"kind":"copy","hash":"h6","length":6,"who":"ana"}"#, r#"tell 1 {"t":"copied","text":"chosen"}"#],
    ),
    (
        "address",
        r#"{"t":"go","act":"open","address":"https://a.example/deep"}"#,
        r#"record AddressOpened { origin: "https://a.example" } by ana"#,
        &["go Open https://a.example/deep"],
    ),
    (
        "upload",
        r#"{"t":"files","id":5,"files":[{"name":"x","upload":"in-0"}]}"#,
        r#"record Uploaded { name: "in-0.txt", length: 3, hash: "h3" } by ana"#,
        &[r#"note {"kind":"upload","hash":"h3","length":3,"name":"in-0.txt","who":"ana"}"#, r#"give 5 ["in-0"]"#],
    ),
];

fn only(extra: &str) -> Extras {
    serde_json::from_value(serde_json::json!({ extra: true })).expect("an extra")
}

#[test]
fn promise_6_each_extra_is_granted_by_itself_and_recorded_before_it_is_done() {
    for (extra, message, recorded, done) in EXTRAS {
        let mut scene = Scene::live(only(extra));
        let lines = scene.asks(1, message);
        let at = lines.iter().position(|line| line == recorded).unwrap_or_else(|| panic!("{extra}: {lines:#?}"));
        assert_eq!(lines[at + 1..], *done, "{extra}");
        assert!(!lines[..at].iter().any(|line| done.contains(&&**line)), "{extra}: {lines:?}");

        for why in [NotRecorded::Unavailable, NotRecorded::TakenBack] {
            let mut scene = Scene::live(only(extra));
            scene.world.recorded = Err(why);
            let lines = scene.asks(1, message);
            assert!(!lines.iter().any(|line| done.contains(&&**line)), "{extra} without a record: {lines:?}");
            let refused = format!(r#"tell 1 {{"t":"refused","what":"{extra}""#);
            assert!(lines.last().unwrap().starts_with(&refused), "{extra}: {lines:?}");
        }

        for (other, ..) in EXTRAS.into_iter().filter(|(other, ..)| *other != extra) {
            let lines = Scene::live(only(other)).asks(1, message);
            let refused = format!(r#"tell 1 {{"t":"refused","what":"{extra}","why":"you don't have access"#);
            assert!(lines.last().unwrap().starts_with(&refused), "{extra} with {other} alone: {lines:?}");
            assert!(!lines.iter().any(|line| line.starts_with("record")), "{extra}: {lines:?}");
        }
    }
}

#[test]
fn who_does_not_hold_control_moves_nothing() {
    let mut scene = Scene::live(Extras::ALL);
    scene.join("ben", Level::Control, Extras::ALL);
    let refused = [r#"tell 2 {"t":"refused","what":"control","why":"take control first"}"#];
    for (message, said) in [
        (r#"{"t":"down","x":1,"y":1,"button":0,"clicks":1,"mods":0}"#, &refused[..]),
        (r#"{"t":"key","down":true,"key":"a","code":"KeyA","mods":0,"text":"a"}"#, &refused),
        (r#"{"t":"text","text":"a"}"#, &refused),
        (r#"{"t":"paste","text":"a"}"#, &refused),
        (r#"{"t":"go","act":"reload"}"#, &refused),
        (r#"{"t":"tab","id":1,"act":"close"}"#, &refused),
        (r#"{"t":"dialog","id":1,"accept":true}"#, &refused),
        (r#"{"t":"done"}"#, &refused),
        // What a page sends by itself is passed over.
        (r#"{"t":"move","x":1,"y":1,"buttons":0}"#, &[]),
        (r#"{"t":"up","x":1,"y":1,"button":0,"clicks":1,"mods":0}"#, &[]),
        (r#"{"t":"size","w":800,"h":600,"dpr":1}"#, &[]),
        (r#"{"t":"seen","seq":1}"#, &[]),
        (r#"{"t":"ping","n":4}"#, &[r#"tell 2 {"t":"pong","n":4}"#]),
    ] {
        assert_eq!(scene.asks(2, message), said, "{message}");
    }
    assert!(scene.asks(9, r#"{"t":"ping","n":4}"#).is_empty(), "nobody sits there");
}

#[test]
fn nothing_reaches_a_page_that_is_frozen() {
    let mut scene = Scene::live(Extras::ALL);
    scene.asks(1, r#"{"t":"freeze","on":true}"#);
    let refused =
        [r#"tell 1 {"t":"refused","what":"frozen","why":"nothing is sent to the page at the moment"}"#.to_owned()];
    for (message, said) in [
        (r#"{"t":"down","x":1,"y":1,"button":0,"clicks":1,"mods":0}"#, &refused[..]),
        (r#"{"t":"text","text":"nobody sees this"}"#, &refused),
        (r#"{"t":"paste","text":"a"}"#, &refused),
        (r#"{"t":"key","down":true,"key":"a","code":"KeyA","mods":0,"text":"a"}"#, &[]),
        (r#"{"t":"tab","id":1,"act":"show"}"#, &[]),
        (r#"{"t":"copy"}"#, &[]),
    ] {
        assert_eq!(scene.asks(1, message), said, "{message}");
    }
}

#[test]
fn input_goes_in_its_order_and_clicks_are_named_before_they_are_sent() {
    let mut scene = Scene::live(Extras::default());
    scene.asks(1, r#"{"t":"key","down":true,"key":"a","code":"KeyA","mods":0,"text":"a"}"#);
    scene.asks(1, r#"{"t":"key","down":false,"key":"a","code":"KeyA","mods":0}"#);
    scene.asks(1, r#"{"t":"text","text":"日本"}"#);
    let lines = scene.asks(1, r#"{"t":"down","x":1,"y":2,"button":0,"clicks":1,"mods":0}"#);
    assert_eq!(lines[0], r#"note {"kind":"keys","class":"text","count":3,"secret":false,"who":"ana"}"#);
    assert_eq!(lines[1], "name what ana clicks at 1 2");
    assert!(lines[2].starts_with("input Down") && lines.len() == 3, "{lines:?}");
    let answered = scene.asks(1, r#"{"t":"dialog","id":3,"accept":true,"text":"x"}"#);
    assert_eq!(answered, [r#"answer 3 true Some("x")"#, r#"note {"kind":"dialog","accepted":true,"who":"ana"}"#]);
    assert_eq!(scene.asks(1, r#"{"t":"select","id":3,"index":null}"#), ["choose 3 None"]);
    assert_eq!(scene.asks(1, r#"{"t":"go","act":"back"}"#), ["go Back "], "going back takes no grant");
    assert_eq!(scene.asks(1, r#"{"t":"tab","id":1,"act":"close"}"#), ["close a"]);
    assert!(scene.asks(1, r#"{"t":"tab","id":7,"act":"close"}"#).is_empty(), "there is no such tab");
    let shown = scene.asks(1, r#"{"t":"tab","id":1,"act":"show"}"#);
    assert_eq!(shown, [r#"note {"kind":"tab","act":"shown","tab":1}"#, "show a"]);
}

#[test]
fn how_many_keys_a_secret_has_is_not_written_down() {
    let mut scene = Scene::live(Extras::default());
    let secret = LiveEvent::Editable { on: true, kind: "password".to_owned() };
    scene.happens(Event::Browser(secret));
    for _ in 0..3 {
        scene.asks(1, r#"{"t":"key","down":true,"key":"s","code":"KeyS","mods":0,"text":"s"}"#);
    }
    let lines = scene.happens(Event::Browser(LiveEvent::Editable { on: false, kind: String::new() }));
    assert_eq!(lines[0], r#"note {"kind":"keys","class":"text","count":null,"secret":true,"who":"ana"}"#);
    assert_eq!(lines[1], r#"tell all {"t":"editable","on":false,"kind":""}"#);
}

#[test]
fn a_clipboard_in_slices_needs_the_grant_for_pasting() {
    let text = |length: usize| format!(r#"{{"t":"text","text":"{}"}}"#, "x".repeat(length));
    let mut scene = Scene::live(Extras::default());
    assert!(scene.asks(1, &text(200)).last().unwrap().starts_with("input Text"));
    assert!(scene.asks(1, &text(1))[0].contains("you don't have access to paste here"));
    assert!(scene.later(60_000).asks(1, &text(200)).last().unwrap().starts_with("input Text"));
}

#[test]
fn what_is_copied_is_no_secret_and_not_too_long() {
    let long: &'static str = Box::leak("x".repeat(countersign_wire::LONGEST_PASTE + 1).into_boxed_str());
    for (selected, why) in [
        (Some(None), Some("the selection contains a secret")),
        (None, Some("the page does not respond")),
        (Some(Some(long)), Some("the limit is 64 KiB at once")),
        (Some(Some("")), None),
    ] {
        let mut scene = Scene::live(Extras::ALL);
        scene.world.selected = selected;
        let lines = scene.asks(1, r#"{"t":"copy"}"#);
        let told: Vec<String> =
            why.map(|why| format!(r#"tell 1 {{"t":"refused","what":"copy","why":"{why}"}}"#)).into_iter().collect();
        assert_eq!(lines[2..], told, "{lines:?}");
    }
}

#[test]
fn addresses_of_other_origins_are_not_opened() {
    for (address, told) in [
        ("https://b.example/", r#"tell 1 {"t":"blocked","origin":"https://b.example"}"#),
        (
            "file:///etc/passwd",
            r#"tell 1 {"t":"refused","what":"address","why":"a URL begins with https:// and a host"}"#,
        ),
    ] {
        let mut scene = Scene::live(Extras::ALL);
        let lines = scene.asks(1, &format!(r#"{{"t":"go","act":"open","address":"{address}"}}"#));
        assert_eq!(lines.last().unwrap(), told);
        assert!(!lines.iter().any(|line| line.starts_with("go") || line.starts_with("record")), "{lines:?}");
    }
    let lines = Scene::live(Extras::ALL).happens(Event::Browser(LiveEvent::Blocked { origin: "file:".to_owned() }));
    assert_eq!(lines, [r#"note {"kind":"blocked","origin":"file:"}"#, r#"tell all {"t":"blocked","origin":"file:"}"#]);
}

#[test]
fn a_window_has_a_size_that_can_be_and_is_set_once() {
    let mut scene = Scene::live(Extras::default());
    for (message, set) in [
        (r#"{"t":"size","w":800,"h":600,"dpr":1.5}"#, Some("size 800x600@1.5")),
        (r#"{"t":"size","w":800,"h":600,"dpr":1.5}"#, None),
        (r#"{"t":"size","w":1,"h":9000,"dpr":7}"#, Some("size 320x1600@2")),
    ] {
        assert_eq!(scene.asks(1, message), set.into_iter().collect::<Vec<_>>(), "{message}");
    }
    scene.asks(1, r#"{"t":"freeze","on":true}"#);
    assert!(scene.asks(1, r#"{"t":"size","w":900,"h":700,"dpr":1}"#).is_empty(), "it gets it when it is shown again");
    let lines = scene.asks(1, r#"{"t":"freeze","on":false}"#);
    assert!(lines.contains(&"show a 900x700@1".to_owned()), "{lines:?}");
}
