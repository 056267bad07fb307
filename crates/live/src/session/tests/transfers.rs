//! Files into the page and out of it.

use std::path::PathBuf;

use countersign_browser::LiveEvent;
use countersign_model::{Extras, Level};

use super::Scene;
use crate::session::event::Event;

#[test]
fn a_page_that_wants_files_asks_who_may_give_some_and_gets_none_otherwise() {
    let wanted = || Event::Browser(LiveEvent::FileWanted { page: "a".to_owned(), id: 5, multiple: true });
    let mut scene = Scene::live(Extras::ALL);
    assert_eq!(scene.happens(wanted()), [r#"tell 1 {"t":"file_wanted","id":5,"multiple":true}"#]);
    let mut scene = Scene::live(Extras::default());
    let lines = scene.happens(wanted());
    assert_eq!(lines[0], "give 5 []");
    assert!(lines[1].contains("you don't have access to upload files here"), "{lines:?}");
    scene.asks(1, r#"{"t":"control","act":"give"}"#);
    assert_eq!(scene.happens(wanted()), ["give 5 []"], "nobody is there to be asked");
}

#[test]
fn files_are_recorded_one_after_the_other_and_all_are_given_or_none() {
    let files = |second: &str| {
        format!(r#"{{"t":"files","id":5,"files":[{{"name":"x","upload":"in-1"}},{{"name":"y","upload":"{second}"}}]}}"#)
    };
    let mut scene = Scene::live(Extras::ALL);
    let lines = scene.asks(1, &files("in-0"));
    let done: Vec<&str> = lines.iter().filter(|line| !line.starts_with("note")).map(|line| &**line).collect();
    let expected = [
        "acted true",
        "take upload in-1",
        r#"record Uploaded { name: "in-1.txt", length: 3, hash: "h3" } by ana"#,
        "take upload in-0",
        r#"record Uploaded { name: "in-0.txt", length: 3, hash: "h3" } by ana"#,
        r#"give 5 ["in-1", "in-0"]"#,
    ];
    assert_eq!(done, expected);
    let lines = Scene::live(Extras::ALL).asks(1, &files("in-7"));
    assert_eq!(lines.last().unwrap(), r#"tell 1 {"t":"refused","what":"upload","why":"there is no such upload"}"#);
    assert!(!lines.iter().any(|line| line.starts_with("give")), "{lines:?}");
    assert_eq!(Scene::live(Extras::ALL).asks(1, r#"{"t":"files","id":5,"files":[]}"#)[1..], ["give 5 []"]);
}

#[test]
fn a_file_of_the_page_is_kept_for_whoever_may_take_it_and_removed_otherwise() {
    let offered = ["offer 6 a.pdf of 9 bytes", r#"tell 1 {"t":"download","id":6,"name":"a.pdf","size":9}"#];
    let refused = |why: &str| format!(r#"tell 1 {{"t":"refused","what":"download","why":"{why}"}}"#);
    let large = (25 << 20) + 1;
    let no_access = "you don't have access to download files here";
    for (extras, size, came, expected) in [
        (Extras::ALL, 9, true, offered.map(str::to_owned).to_vec()),
        (Extras::ALL, large, true, vec!["remove /kept/6".to_owned(), refused("the file is larger than 25 MiB")]),
        (Extras::default(), 9, true, vec!["remove /kept/6".to_owned(), refused(no_access)]),
        (Extras::ALL, 0, false, vec![refused("the file did not arrive")]),
    ] {
        let path = came.then(|| PathBuf::from("/kept/6"));
        let ended = LiveEvent::DownloadEnded { id: 6, name: "a.pdf".to_owned(), size, path };
        assert_eq!(Scene::live(extras).happens(Event::Browser(ended)), expected, "{size} {came}");
    }
    let mut scene = Scene::live(Extras::ALL);
    scene.asks(1, r#"{"t":"control","act":"give"}"#);
    let path = Some(PathBuf::from("/kept/6"));
    let ended = LiveEvent::DownloadEnded { id: 6, name: "a.pdf".to_owned(), size: 9, path };
    assert_eq!(scene.happens(Event::Browser(ended)), ["remove /kept/6"], "nobody holds control");
}

#[test]
fn who_holds_control_next_decides_about_downloads() {
    let mut scene = Scene::live(Extras::ALL);
    scene.join("ben", Level::Control, Extras::default());
    for (seat, downloads) in [(2, "downloads false"), (1, "downloads true")] {
        let lines = scene.asks(seat, r#"{"t":"control","act":"take"}"#);
        assert!(lines.contains(&downloads.to_owned()), "{lines:?}");
    }
}
