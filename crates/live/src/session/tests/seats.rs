//! Who looks on, and who holds control.

use countersign_model::{Extras, Level};

use super::{Scene, person};
use crate::session::event::{Event, NotRecorded};

const TAKE: &str = r#"{"t":"control","act":"take"}"#;
const GIVE: &str = r#"{"t":"control","act":"give"}"#;

/// Who holds control, as everybody was told last.
fn holder(lines: &[String]) -> Option<String> {
    let told = lines.iter().rev().find(|line| line.contains(r#""t":"people""#)).expect("people are told");
    let told: serde_json::Value = serde_json::from_str(told.trim_start_matches("tell all ")).expect("JSON");
    let held = told["people"].as_array()?.iter().find(|person| person["control"] == true)?;
    held["name"].as_str().map(str::to_owned)
}

#[test]
fn whose_session_it_is_is_told_everything_and_holds_control_once_that_is_recorded() {
    let mut scene = Scene::new();
    let lines = scene.join("ana", Level::Control, Extras::default());
    let expected = [
        "admit 1 ana",
        r#"tell 1 {"t":"hello","#,
        r#"tell 1 {"t":"phase","phase":"signing_in","text":"Started"}"#,
        r#"note {"kind":"joined","level":"control","who":"ana"}"#,
        "record TookControl by ana",
        "downloads false",
        r#"note {"kind":"control","who":"ana"}"#,
        r#"tell all {"t":"people","people":[{"seat":1,"name":"ana","level":"control","control":true}]}"#,
        r#"tell all {"t":"clock","left":600,"idle_left":60}"#,
        "welcome",
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line} instead of {expected}");
    }
    assert_eq!(holder(&lines).as_deref(), Some("ana"));
}

#[test]
fn control_goes_from_hand_to_hand_and_each_time_is_recorded() {
    let mut scene = Scene::new();
    scene.join("ana", Level::Control, Extras::default());
    scene.join("ben", Level::Interact, Extras::default());
    scene.join("eva", Level::View, Extras::default());
    for (seat, message, recorded, refused, holds) in [
        (3, TAKE, None, Some("you can only view this session"), Some("ana")),
        (2, TAKE, None, Some("somebody else is in control and must release it first"), Some("ana")),
        (1, TAKE, None, None, Some("ana")),
        (2, GIVE, None, None, Some("ana")),
        (1, GIVE, Some("record GaveControl by ana"), None, None),
        (2, TAKE, Some("record TookControl by ben"), None, Some("ben")),
        (1, TAKE, Some("record TookControl by ana"), None, Some("ana")),
    ] {
        let lines = scene.asks(seat, message);
        assert_eq!(lines.iter().find(|line| line.starts_with("record")).map(|line| &**line), recorded, "{message}");
        let told = lines.iter().find(|line| line.contains(r#""t":"refused""#));
        assert_eq!(told.is_some(), refused.is_some(), "{seat} {message}: {lines:?}");
        assert!(told.is_none_or(|told| told.contains(refused.unwrap_or_default())), "{told:?}");
        if recorded.is_some() {
            assert_eq!(holder(&lines).as_deref(), holds, "{seat} {message}");
        }
        assert_eq!(scene.core.holder().map(|(_, person)| &*person.name), holds);
    }
}

#[test]
fn promise_6_control_that_is_not_recorded_is_not_given() {
    for why in [NotRecorded::Unavailable, NotRecorded::TakenBack] {
        let mut scene = Scene::new();
        scene.world.recorded = Err(why);
        let lines = scene.join("ana", Level::Control, Extras::ALL);
        assert!(scene.core.holder().is_none(), "nobody acts without a record");
        assert!(lines.contains(&"downloads false".to_owned()) && lines.last().unwrap() == "welcome", "{lines:?}");
        let lines = scene.asks(1, TAKE);
        assert!(scene.core.holder().is_none() && lines.iter().any(|line| line.contains("refused")), "{lines:?}");
    }
}

#[test]
fn promise_6_who_may_only_watch_from_now_on_lets_go_of_everything() {
    let mut scene = Scene::live(Extras::ALL);
    scene.asks(1, r#"{"t":"down","x":3,"y":4,"button":0,"clicks":1,"mods":0}"#);
    let lines = scene.happens(Event::Seated { seat: 1, person: person("ana", Level::View, Extras::default()) });
    assert!(lines[0].starts_with("input Up"), "{lines:?}");
    assert_eq!(lines[1], "record GaveControl by ana");
    assert_eq!(lines[2], "downloads false");
    assert_eq!(lines[3], r#"note {"kind":"control","who":null}"#);
    assert!(lines.iter().any(|line| line.contains("hello")) && holder(&lines).is_none(), "{lines:?}");
    let typed = scene.asks(1, r#"{"t":"text","text":"x"}"#);
    assert_eq!(typed, [r#"tell 1 {"t":"refused","what":"control","why":"take control first"}"#]);
}

#[test]
fn a_grant_that_changes_is_told_and_counts_for_downloads_at_once() {
    let mut scene = Scene::live(Extras::ALL);
    for (extras, downloads) in [(Extras::default(), "downloads false"), (Extras::ALL, "downloads true")] {
        let lines = scene.happens(Event::Seated { seat: 1, person: person("ana", Level::Control, extras) });
        assert_eq!(lines[0], downloads);
        assert!(lines[1].starts_with(r#"tell 1 {"t":"hello""#), "{lines:?}");
    }
    let gone = Event::Seated { seat: 9, person: person("ben", Level::Control, Extras::ALL) };
    assert!(scene.happens(gone).is_empty(), "who is not here any more");
}

#[test]
fn who_leaves_lets_go_of_buttons_and_gets_control_back_within_a_minute() {
    for (away, returns) in [(20_000, true), (61_000, false)] {
        let mut scene = Scene::new();
        scene.join("ben", Level::Control, Extras::ALL);
        scene.asks(1, TAKE);
        scene.hand_over();
        scene.asks(1, r#"{"t":"down","x":3,"y":4,"button":2,"clicks":1,"mods":0}"#);
        let lines = scene.happens(Event::Left(1));
        let mut rest = lines.iter().map(String::as_str);
        assert_eq!(rest.next(), Some("dismiss 1"));
        assert_eq!(rest.next(), Some(r#"note {"kind":"left","who":"ben"}"#));
        assert!(rest.next().is_some_and(|line| line.starts_with("input Up")), "{lines:?}");
        let left: Vec<&str> = rest.collect();
        let expected = [
            "downloads false",
            r#"note {"kind":"control","who":null}"#,
            "record Left by ben",
            r#"tell all {"t":"people","people":[]}"#,
        ];
        assert_eq!(left, expected);
        assert!(scene.happens(Event::Left(1)).is_empty(), "twice is once");
        scene.later(away).join("ben", Level::Interact, Extras::default());
        assert_eq!(scene.core.holder().is_some(), returns, "after {away} ms");
    }
}
