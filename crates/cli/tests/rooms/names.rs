//! One name, one thing: no two rooms have a public type of the same name, and none shadows the standard library's.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Names that several rooms may have, and why.
const SHARED: &[(&str, &str)] = &[("Error", "each room's own, always written with the room's name where two meet")];

/// Names of the standard library's prelude, and some beside it that every reader knows.
const STANDARD: &[&str] = &[
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Drop",
    "Duration",
    "Eq",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Instant",
    "Into",
    "IntoIterator",
    "Iterator",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Path",
    "Pin",
    "Rc",
    "Result",
    "Send",
    "Sized",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

#[test]
fn no_public_type_has_the_name_of_another() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut rooms_of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for room in fs::read_dir(crates).expect("the rooms").flatten() {
        let name = room.file_name().to_string_lossy().into_owned();
        read_types(&room.path().join("src"), &mut |of_type| {
            rooms_of.entry(of_type).or_default().insert(name.clone());
        });
    }
    assert!(rooms_of.len() > 300, "the search finds {} types", rooms_of.len());
    for (of_type, rooms) in &rooms_of {
        assert!(!STANDARD.contains(&of_type.as_str()), "{of_type} in {rooms:?} shadows the standard library's");
        let shared = SHARED.iter().any(|(name, _)| name == of_type);
        assert!(rooms.len() == 1 || shared, "{of_type} is a type of {rooms:?}: give each a name of its own");
    }
    for (name, why) in SHARED {
        let rooms = rooms_of.get(*name).map_or(0, BTreeSet::len);
        assert!(rooms > 1, "{name} needs no exception any more ({why})");
    }
}

/// Tells of each type that is `pub`, not only within its room.
fn read_types(folder: &Path, tell: &mut impl FnMut(String)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_types(&path, tell);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            for line in fs::read_to_string(&path).expect("readable").lines() {
                let mut words = line.trim_start().split(|letter: char| !letter.is_alphanumeric() && letter != '_');
                if words.next() != Some("pub") {
                    continue;
                }
                let kind = words.next().unwrap_or_default();
                if matches!(kind, "struct" | "enum" | "trait" | "type" | "union") {
                    tell(words.next().unwrap_or_default().to_owned());
                }
            }
        }
    }
}
