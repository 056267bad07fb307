//! What documents name is there: each file and folder in ARCHITECTURE.md, and in the heads of rooms and their folders.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What names of files end with; what ends with `/` is a folder.
const ENDINGS: &[&str] = &[".rs", ".js", ".ts", ".css", ".md", ".json", ".toml", "/"];

#[test]
fn files_that_the_architecture_names_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).expect("readable");
    let mut named = 0;
    let mut missing = Vec::new();
    for (number, line) in text.lines().enumerate() {
        // The room, or the folder beside the rooms, that a shorter name is of.
        let mut last: Option<PathBuf> = None;
        for name in names(line) {
            let home = home_of(&root, name);
            let there = match &home {
                Some(home) => named_from(&root, home, name),
                None => last.as_ref().is_none_or(|home| somewhere(&root.join(home), name)),
            };
            named += 1;
            if !there {
                missing.push(format!("line {}: {name}", number + 1));
            }
            last = home.or(last);
        }
    }
    assert!(named > 100, "the search finds {named} names");
    assert!(missing.is_empty(), "ARCHITECTURE.md names what is not there: {missing:#?}");
}

#[test]
fn files_that_heads_name_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut named, mut missing) = (0, Vec::new());
    for room in fs::read_dir(root.join("crates")).expect("the rooms").flatten() {
        super::walk(&room.path().join("src"), &mut |path, text| {
            if !["lib.rs", "main.rs", "mod.rs"].iter().any(|head| path.ends_with(head)) {
                return;
            }
            let folder = path.parent().expect("below src");
            for name in text.lines().take_while(|line| line.starts_with("//!")).flat_map(names) {
                named += 1;
                let near = folder.join(name).exists() || somewhere(&room.path(), name);
                if !near && !home_of(&root, name).is_some_and(|home| named_from(&root, &home, name)) {
                    missing.push(format!("{}: {name}", path.strip_prefix(&root).unwrap_or(path).display()));
                }
            }
        });
    }
    assert!(named > 50, "the search finds {named} names");
    assert!(missing.is_empty(), "these heads name what is not there: {missing:#?}");
}

/// Names of files and folders in a line: what stands between two backticks, and nothing else does there.
fn names(line: &str) -> impl Iterator<Item = &str> {
    let plain = |name: &&str| {
        name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-/".contains(letter))
            && !name.starts_with(['/', '.'])
    };
    line.split('`').skip(1).step_by(2).filter(plain).filter(|name| ENDINGS.iter().any(|end| name.ends_with(end)))
}

/// The room that a name begins with, or the folder beside the rooms.
fn home_of(root: &Path, name: &str) -> Option<PathBuf> {
    let (first, _) = name.split_once('/')?;
    [Path::new("crates").join(first), PathBuf::from(first)].into_iter().find(|home| root.join(home).is_dir())
}

/// `room/src/file.rs`, or `room/file.rs` for short.
fn named_from(root: &Path, home: &Path, name: &str) -> bool {
    let rest = name.split_once('/').map_or("", |(_, rest)| rest);
    root.join(home).join(rest).exists() || root.join(home).join("src").join(rest).exists()
}

/// Whether a folder holds a file or a folder of that name, however deep.
fn somewhere(folder: &Path, name: &str) -> bool {
    folder.join(name).exists()
        || fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
            let hidden = matches!(entry.file_name().to_str(), Some("node_modules" | "target" | "dist"));
            !hidden && entry.path().is_dir() && somewhere(&entry.path(), name)
        })
}

#[test]
fn names_are_told_from_other_words() {
    let line = "| `walk/src/machine.rs`, `decide`, `/api/v1/x/`, `SignInFlow`, `live/`, `countersign serve --x.rs`, `a::b.rs` |";
    assert_eq!(names(line).collect::<Vec<_>>(), ["walk/src/machine.rs", "live/"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let there = |name: &str| home_of(&root, name).is_some_and(|home| named_from(&root, &home, name));
    assert!(there("walk/src/machine.rs") && there("walk/machine.rs") && there("docs/decisions/"));
    assert!(!there("walk/src/no_such.rs") && !there("no_such/src/lib.rs") && !there("walk/src/machines/"));
    assert!(
        somewhere(&root.join("crates/live"), "session/tests/") && !somewhere(&root.join("crates/live"), "no_such.rs")
    );
}
