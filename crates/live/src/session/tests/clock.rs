//! How long a session lasts, and how it ends.

use countersign_model::{ChangeId, Extras, Level, SessionEnd};

use super::Scene;
use crate::session::event::{Event, Heartbeat};

#[test]
fn each_end_has_its_reason() {
    for (what, at, heartbeat, expected) in [
        ("nothing is due", 59_000, Heartbeat::Heard(None), None),
        ("nobody does anything", 60_000, Heartbeat::Heard(None), Some(SessionEnd::Idle)),
        ("the clock comes first", 600_000, Heartbeat::Heard(None), Some(SessionEnd::Clock)),
        (
            "somebody wishes it",
            1_000,
            Heartbeat::Heard(Some(SessionEnd::Administrator)),
            Some(SessionEnd::Administrator),
        ),
        (
            "a wish comes before the clock",
            600_000,
            Heartbeat::Heard(Some(SessionEnd::Person)),
            Some(SessionEnd::Person),
        ),
        ("another has it", 1_000, Heartbeat::Lost, Some(SessionEnd::NodeLost)),
        ("a failed heartbeat ends nothing", 1_000, Heartbeat::Failed, None),
    ] {
        let mut scene = Scene::live(Extras::default());
        scene.world.heartbeat = heartbeat;
        let lines = scene.later(at).happens(Event::Beat);
        assert_eq!(scene.core.end(), expected, "{what}");
        assert_eq!(lines[0], "heartbeat", "{what}");
        assert!(lines[1].starts_with(r#"tell all {"t":"clock""#), "{what}: {lines:?}");
    }
    let mut scene = Scene::new();
    scene.join("ana", Level::Control, Extras::default());
    scene.later(90_000).happens(Event::Beat);
    assert_eq!(scene.core.end(), None, "while the machine signs in nobody can do anything");
}

#[test]
fn input_puts_off_the_end_and_a_vault_that_is_away_for_a_minute_ends_it() {
    let mut scene = Scene::live(Extras::default());
    scene.later(50_000).asks(1, r#"{"t":"move","x":1,"y":1,"buttons":0}"#);
    let lines = scene.later(50_000).happens(Event::Beat);
    assert_eq!(lines[1], r#"tell all {"t":"clock","left":500,"idle_left":10}"#);
    assert_eq!(scene.core.end(), None);
    scene.world.heartbeat = Heartbeat::Failed;
    for _ in 0..12 {
        scene.happens(Event::Beat);
    }
    assert_eq!(scene.core.end(), None);
    scene.world.heartbeat = Heartbeat::Heard(None);
    scene.happens(Event::Beat);
    scene.world.heartbeat = Heartbeat::Failed;
    for failed in 1..=13 {
        assert_eq!(scene.core.end(), None, "{failed}");
        scene.happens(Event::Beat);
    }
    assert_eq!(scene.core.end(), Some(SessionEnd::NodeLost));
}

#[test]
fn whoever_may_ends_it_and_the_first_end_stands() {
    for (name, level, allowed, expected) in [
        ("ana", Level::Control, true, Some(SessionEnd::Person)),
        ("ben", Level::Control, true, Some(SessionEnd::Administrator)),
        ("ben", Level::Control, false, None),
        ("ben", Level::Interact, true, None),
    ] {
        let mut scene = Scene::new();
        scene.world.end_allowed = allowed;
        scene.join(name, level, Extras::default());
        let lines = scene.asks(1, r#"{"t":"end"}"#);
        assert_eq!(scene.core.end(), expected, "{name} {level:?}");
        assert_eq!(lines.iter().any(|line| line.contains("refused")), expected.is_none(), "{lines:?}");
    }
    let mut scene = Scene::new();
    scene.happens(Event::End(SessionEnd::SignInFailed));
    scene.happens(Event::End(SessionEnd::Closing));
    scene.happens(Event::BrowserGone);
    assert_eq!(scene.core.end(), Some(SessionEnd::SignInFailed));
}

#[test]
fn the_recording_is_whole_before_anybody_reads_of_the_end_and_the_browser_is_kept_where_it_is_worth_it() {
    for (what, signed_in, of_change, end, kept) in [
        ("one that was signed in", true, false, SessionEnd::Person, true),
        ("one that crashed", true, false, SessionEnd::BrowserGone, false),
        ("one of a change, which goes on with it", true, true, SessionEnd::Person, false),
        ("one that never was", false, false, SessionEnd::SignInFailed, false),
    ] {
        let mut scene = Scene::new();
        if of_change {
            scene.core.facts.change = Some(ChangeId::from_uuid(uuid::Uuid::from_u128(9)));
        }
        if signed_in {
            scene.hand_over();
        }
        let lines = scene.happens(Event::Finish(end));
        let note = format!(r#"note {{"kind":"ended","why":"{}"}}"#, end.name());
        assert_eq!(lines[..3], ["hide".to_owned(), note, "end recording".to_owned()], "{what}");
        assert!(lines[3].contains(r#""phase":"ended""#) && lines[3].contains(end.name()), "{what}: {lines:?}");
        assert_eq!(lines.contains(&"keep browser".to_owned()), kept, "{what}");
    }
}
