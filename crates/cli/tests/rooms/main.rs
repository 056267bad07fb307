//! The house stands: arrows point down only, and each outside library has the room that it belongs to.

mod circles;
mod documents;
mod names;
mod receipts;
mod sign_ins;

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde_json::Value;

/// A room may use rooms of lower levels only.
const LEVELS: &[(&str, u32)] = &[
    ("model", 0),
    ("seal", 1),
    ("snapshot", 1),
    ("wire", 1),
    ("otp", 2),
    ("outbound", 2),
    ("audit", 2),
    ("scim", 2),
    ("recipe", 2),
    ("walk", 3),
    ("identity", 3),
    ("store", 3),
    ("transfer", 3),
    ("browser", 3),
    ("vault", 4),
    ("live", 5),
    ("bucket", 5),
    ("notify", 5),
    ("provider", 5),
    ("sinks", 5),
    ("worker", 6),
    ("server", 6),
    ("cli", 7),
];

/// Not rooms: the site to practise on, and what measures. No room may use them, but for the binary, whose demo shows
/// the practice site.
const OUTSIDE: &[&str] = &["practice", "bench"];

/// Libraries that one room alone may use.
const OWNED: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("aws-lc-rs", &["seal"]),
    ("argon2", &["seal"]),
    ("axum", &["server"]),
    ("clap", &["cli"]),
    ("anyhow", &["cli"]),
    ("command-fds", &["browser", "cli"]),
    ("object_store", &["bucket"]),
    ("openidconnect", &["provider"]),
    ("tokio-rustls", &["notify", "browser", "server", "outbound"]),
    ("rcgen", &["browser"]),
    ("webauthn-rs", &["identity"]),
    ("zbus", &["cli"]),
];

/// Rooms that are pure: no async runtime, no database, no network.
const PURE: &[&str] =
    &["model", "otp", "seal", "audit", "scim", "identity", "transfer", "recipe", "walk", "snapshot", "wire"];

/// Rooms that know the tables through the vault alone: what they need of them it gives out under words of its own.
const ABOVE_THE_VAULT: &[&str] = &["server", "worker", "live", "notify", "provider", "sinks", "bucket"];

/// The most lines of a file, its tests apart.
const MAX_LINES: usize = 500;

/// Each with what it uses, tests and build scripts apart, as `cargo metadata` has it.
fn rooms() -> Vec<(String, Vec<String>)> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = cargo.output().expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let list = |of: &Value| of.as_array().expect("a list").clone();
    let name = |of: &Value| {
        let name = of["name"].as_str().expect("a name");
        name.strip_prefix("countersign-").unwrap_or(name).to_owned()
    };
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let uses = list(&package["dependencies"]);
            (name(package), uses.iter().filter(|it| it["kind"].is_null()).map(name).collect())
        })
        .collect()
}

#[test]
fn arrows_point_down_only() {
    let levels: BTreeMap<&str, u32> = LEVELS.iter().copied().collect();
    for (room, uses) in rooms() {
        if OUTSIDE.contains(&room.as_str()) {
            continue;
        }
        let level = *levels.get(room.as_str()).unwrap_or_else(|| panic!("{room} has no level: give it one in LEVELS"));
        for used in uses {
            let demo = room == "cli" && used == "practice";
            assert!(demo || !OUTSIDE.contains(&used.as_str()), "{room} uses {used}, which is no room");
            if let Some(below) = levels.get(used.as_str()) {
                assert!(*below < level, "{room} (level {level}) uses {used} (level {below})");
            }
        }
    }
}

#[test]
fn libraries_stay_in_their_rooms() {
    for (room, uses) in rooms() {
        if OUTSIDE.contains(&room.as_str()) {
            continue;
        }
        for (library, owners) in OWNED {
            assert!(
                owners.contains(&room.as_str()) || !uses.iter().any(|used| used == library),
                "{room} uses {library}, which belongs to {owners:?}"
            );
        }
        if PURE.contains(&room.as_str()) {
            for library in ["tokio", "reqwest", "sqlx", "axum"] {
                assert!(!uses.iter().any(|used| used == library), "{room} is pure and uses {library}");
            }
        }
    }
}

#[test]
fn what_stands_above_the_vault_does_not_use_the_store() {
    let rooms = rooms();
    for room in ABOVE_THE_VAULT {
        let (_, uses) = rooms.iter().find(|(name, _)| name == room).unwrap_or_else(|| panic!("there is no {room}"));
        assert!(!uses.iter().any(|used| used == "store"), "{room} uses store: have the vault give what it needs");
    }
}

#[test]
fn rooms_say_what_they_are_and_files_stay_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (room, _) in rooms().iter().filter(|(room, _)| !OUTSIDE.contains(&room.as_str())) {
        let source = root.join("crates").join(room).join("src");
        let head = ["lib.rs", "main.rs"].map(|name| source.join(name)).into_iter().find(|path| path.exists());
        let head = fs::read_to_string(head.unwrap_or_else(|| panic!("{room} has no source"))).expect("readable");
        assert!(head.starts_with("//! "), "{room} does not say what it is");
        walk(&source, &mut |path, text| {
            let lines = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().lines().count();
            assert!(lines <= MAX_LINES, "{} has {lines} lines: is it one thing?", path.display());
        });
        for name in ["common", "util", "utils", "helpers", "core"] {
            assert!(!source.join(name).exists() && !source.join(format!("{name}.rs")).exists(), "{room} has a {name}");
        }
    }
}

fn walk(folder: &Path, look: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, look);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            look(&path, &fs::read_to_string(&path).expect("readable"));
        }
    }
}
