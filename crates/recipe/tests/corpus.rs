//! Every recorded snapshot is read as what it truly is.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::{collections::BTreeSet, fs, path::Path};

use countersign_recipe::{FieldRole, PageKind, SiteKnowledge, recognise};
use countersign_snapshot::PageSnapshot;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    about: String,
    truth_from: String,
    site: String,
    origins: Vec<String>,
    kind: Vec<PageKind>,
    fields: Vec<TrueField>,
    snapshot: PageSnapshot,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrueField {
    frame: String,
    node: u32,
    name: String,
    role: FieldRole,
}

const FEWEST: usize = 80;
const MAX_BYTES: usize = 3_000_000;

#[test]
fn every_picture_is_read_as_what_it_is() {
    let mut wrong = Vec::new();
    let (mut count, mut bytes) = (0, 0);
    for (name, text) in snapshots() {
        count += 1;
        bytes += text.len();
        let recorded: Recorded = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        if let Err(error) = check(&recorded) {
            wrong.push(format!("{name} ({}): {error}", recorded.about));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} pictures are misread:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= FEWEST, "only {count} pictures");
    assert!(bytes <= MAX_BYTES, "the pictures have {bytes} bytes together");
}

fn snapshots() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page_snapshots");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut all: Vec<(String, String)> = files
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    all.sort();
    all
}

fn check(recorded: &Recorded) -> Result<(), String> {
    if !matches!(recorded.truth_from.as_str(), "practice" | "reading") {
        return Err(format!(
            "its truth comes from {:?}: look at the page, then write \"reading\"",
            recorded.truth_from
        ));
    }
    let site = SiteKnowledge { origins: recorded.origins.clone(), ..SiteKnowledge::at(&recorded.site) };
    let read = recognise(&recorded.snapshot, &site);
    if !recorded.kind.contains(&read.kind) {
        return Err(format!("is {:?}, was read as {:?} {:.2}", recorded.kind, read.kind, read.score));
    }
    let truth: BTreeSet<(&str, u32, FieldRole)> =
        recorded.fields.iter().map(|field| (field.frame.as_str(), field.node, field.role)).collect();
    let found: BTreeSet<(&str, u32, FieldRole)> =
        read.parts.iter().map(|part| (part.element.frame.as_str(), part.element.node, part.role)).collect();
    if truth != found {
        let named: Vec<String> = recorded.fields.iter().map(|one| format!("{}: {:?}", one.name, one.role)).collect();
        let found: Vec<String> = found.iter().map(|(_, node, role)| format!("{node}: {role:?}")).collect();
        return Err(format!("has [{}], was read as [{}]", named.join(", "), found.join(", ")));
    }
    if !truth.is_empty() && read.score < 0.5 {
        return Err(format!("was read with a certainty of only {:.2}", read.score));
    }
    Ok(())
}
