//! Whose hand the browser is in.

use countersign_model::{Challenge, Extras, Level, SessionEnd};

use super::{Scene, pages};
use crate::session::event::{Event, Handover, NotRecorded, Offered};

const DOWN: &str = r#"{"t":"down","x":3,"y":4,"button":0,"clicks":1,"mods":0}"#;
const UP: &str = r#"{"t":"up","x":3,"y":4,"button":0,"clicks":1,"mods":0}"#;
const DONE: &str = r#"{"t":"done"}"#;
const FREEZE: &str = r#"{"t":"freeze","on":true}"#;
const THAW: &str = r#"{"t":"freeze","on":false}"#;

fn challenge(offered: Offered) -> Event {
    let why = Handover::Challenge { challenge: Challenge::Captcha, why: Some("For the new password".to_owned()) };
    Event::HandedOver { why, offered }
}

const fn same(casts: bool) -> Offered {
    Offered::Same { casts, page: String::new() }
}

fn phases(lines: &[String]) -> Vec<&str> {
    let phases = lines.iter().filter_map(|line| line.strip_prefix(r#"tell all {"t":"phase","phase":""#));
    phases.map(|line| line.split('"').next().unwrap_or_default()).collect()
}

#[test]
fn nothing_is_shown_before_the_browser_is_handed_over_and_its_recording_is_sure() {
    let mut scene = Scene::new();
    assert!(!scene.join("ana", Level::Control, Extras::default()).iter().any(|line| line.starts_with("show")));
    let step = scene.happens(Event::Step("Typing the password".to_owned()));
    assert_eq!(step, [r#"tell all {"t":"phase","phase":"signing_in","text":"Typing the password"}"#]);
    scene.world.taken = Err(SessionEnd::StorageFull);
    assert_eq!(scene.hand_over(), ["take browser Live"], "where it cannot be recorded nothing is shown");
    assert_eq!(scene.core.end(), Some(SessionEnd::StorageFull));
    scene.world.taken = Ok(());
    let lines = scene.hand_over();
    let live = r#"tell all {"t":"phase","phase":"live","text":"signed in"}"#;
    assert_eq!(lines, ["take browser Live", "downloads false", "begin recording", "show a", "read a", live]);
    assert!(scene.happens(Event::Step("late".to_owned())).is_empty(), "it is the person's");
}

#[test]
fn the_machine_goes_on_where_nobody_is_in_the_middle_of_something() {
    for (what, messages, rested, expected) in [
        ("who has just acted", &[DOWN, UP][..], 1_100, false),
        ("who rests", &[DOWN, UP], 1_300, true),
        ("who holds a button", &[DOWN], 60_000, false),
        ("who says that it is done", &[DOWN, UP, DONE], 0, true),
        ("who keeps it frozen", &[FREEZE], 60_000, false),
        ("who has let it go on", &[FREEZE, THAW], 60_000, true),
        ("who has let go of control", &[DOWN, r#"{"t":"control","act":"give"}"#], 0, true),
    ] {
        let mut scene = Scene::new();
        scene.join("ana", Level::Control, Extras::default());
        scene.happens(challenge(Offered::New));
        for message in messages {
            scene.asks(1, message);
        }
        let lines = scene.later(rested).happens(Event::TakeBack);
        if expected {
            let text = "Countersign continues";
            let told = format!(r#"tell all {{"t":"phase","phase":"signing_in","text":"{text}"}}"#);
            let note = format!(r#"note {{"kind":"frozen","why":"{text}"}}"#);
            assert_eq!(lines, ["hide", "let go", &told, &note, "taken back true"], "{what}");
        } else {
            assert_eq!(lines, ["taken back false"], "{what}");
        }
    }
}

#[test]
fn what_was_called_done_is_not_done_for_the_next_time() {
    let mut scene = Scene::new();
    scene.join("ana", Level::Control, Extras::default());
    scene.happens(challenge(Offered::New));
    scene.asks(1, DONE);
    assert_eq!(scene.happens(Event::TakeBack).last().unwrap(), "taken back true");
    scene.hand_over();
    scene.asks(1, DOWN);
    scene.asks(1, UP);
    assert_eq!(scene.happens(Event::TakeBack), ["taken back false"]);
}

#[test]
fn what_the_site_asks_is_said_and_said_again_after_it_was_called_done() {
    let mut scene = Scene::new();
    scene.join("ana", Level::Control, Extras::default());
    let lines = scene.happens(challenge(Offered::New));
    let asks = "The site shows a CAPTCHA. Solve it here.";
    let told = |text: &str| {
        format!(
            r#"tell all {{"t":"phase","phase":"waiting","text":"{text}","challenge":"captcha","why":"For the new password."}}"#
        )
    };
    assert_eq!(lines.last(), Some(&told(asks)));
    assert!(scene.happens(challenge(same(true))).is_empty(), "the same is told once");
    assert_eq!(scene.asks(1, DONE), ["acted true", "record Done by ana"]);
    assert_eq!(scene.happens(challenge(same(true))), [told(&format!("The site still asks. {asks}"))]);
    assert_eq!(scene.happens(challenge(same(true))), [told(asks)]);
    assert_eq!(scene.happens(challenge(same(false)))[..1], ["show "], "where nothing is shown, it is shown again");
}

#[test]
fn a_person_has_acted_once_input_came_since_the_browser_was_handed_over() {
    let mut scene = Scene::new();
    scene.join("ana", Level::Control, Extras::default());
    assert!(scene.asks(1, DOWN)[0].contains("frozen"), "nothing is sent while the machine has it");
    scene.hand_over();
    assert!(scene.asks(1, DOWN).contains(&"acted true".to_owned()));
    assert!(!scene.asks(1, UP).iter().any(|line| line.starts_with("acted")));
    assert_eq!(scene.later(5_000).happens(Event::TakeBack).last().unwrap(), "taken back true");
    assert!(scene.hand_over().contains(&"acted false".to_owned()));
}

#[test]
fn what_is_frozen_is_hidden_first_and_shown_again_only_with_a_record() {
    for (recorded, freezes, thaws) in [
        (Ok(()), true, true),
        (Err(NotRecorded::Unavailable), true, false),
        (Err(NotRecorded::TakenBack), false, false),
    ] {
        let mut scene = Scene::live(Extras::default());
        scene.world.recorded = recorded;
        let lines = scene.asks(1, FREEZE);
        assert_eq!(lines[0], "record Froze by ana");
        assert_eq!(phases(&lines), if freezes { vec!["frozen"] } else { vec![] }, "{recorded:?}");
        if freezes {
            assert_eq!(lines[1..3], ["hide", r#"note {"kind":"frozen","who":"ana","why":"stopped"}"#]);
        } else {
            scene.world.recorded = Ok(());
            scene.asks(1, FREEZE);
            scene.world.recorded = recorded;
        }
        assert!(scene.asks(1, FREEZE).is_empty(), "twice is once");
        assert!(scene.happens(challenge(same(false))).is_empty(), "it stays frozen, whatever the site asks");
        let lines = scene.asks(1, THAW);
        assert_eq!(phases(&lines), if thaws { vec!["waiting"] } else { vec![] }, "{recorded:?}");
        assert_eq!(lines.iter().any(|line| line == "show a"), thaws);
    }
    let mut scene = Scene::new();
    scene.join("ana", Level::Control, Extras::default());
    assert!(scene.asks(1, FREEZE).is_empty(), "the machine is not stopped by it");
    scene.join("ben", Level::Interact, Extras::default());
    assert!(scene.asks(2, FREEZE)[0].contains("you don't have access to freeze this session"));
}

#[test]
fn tabs_that_open_close_and_crash_are_noted_and_the_last_is_replaced() {
    let mut scene = Scene::live(Extras::default());
    let tab = |act: &str, number: u32| format!(r#"note {{"kind":"tab","act":"{act}","tab":{number}}}"#);
    // The first reading is still under way: they are read again when it has come.
    assert_eq!(scene.happens(Event::Tabs(pages(&["a", "pop"]))), [tab("opened", 2), "show pop".to_owned()]);
    let read = |address: &str| {
        let tab = countersign_wire::TabInfo {
            id: 2,
            title: "T".to_owned(),
            address: address.to_owned(),
            active: true,
            crashed: false,
        };
        Event::TabsRead { tabs: vec![tab], history: (true, false) }
    };
    let lines = scene.happens(read("https://a.example/x?secret=1"));
    assert_eq!(lines[..2], ["read a pop", r#"note {"kind":"address","address":"https://a.example/x","tab":2}"#]);
    assert!(lines[2].starts_with(r#"tell all {"t":"tabs""#), "{lines:?}");
    assert!(scene.happens(read("https://a.example/x?secret=1")).is_empty(), "nothing has changed");
    let lines = scene.happens(read("https://a.example/x?secret=2"));
    assert!(lines.len() == 1 && lines[0].starts_with("tell all"), "the same place, told and not noted: {lines:?}");
    let crash = Event::Crashed { page: "pop".to_owned(), pages: pages(&["a", "pop"]) };
    assert_eq!(scene.happens(crash), [tab("crashed", 2), "read a pop".to_owned()]);
    scene.happens(read(""));
    let mut scene = Scene::live(Extras::default());
    let opened = scene.happens(Event::Tabs(pages(&[])));
    assert_eq!(
        opened,
        [tab("closed", 1), "open a tab".into(), "show new".into(), "open https://a.example/ in new".into()]
    );
    scene.world.opens = false;
    assert_eq!(scene.happens(Event::Tabs(pages(&[]))), [tab("closed", 2), "open a tab".to_owned()]);
    assert_eq!(scene.core.end(), Some(SessionEnd::BrowserGone));
}
