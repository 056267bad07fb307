//! What a site calls the owner of the account, as its pages show it to somebody who is signed in.

use std::collections::BTreeSet;

use countersign_snapshot::PageSnapshot;

use crate::{
    SiteKnowledge,
    words::{Concept, meaning},
};

/// A name has so many letters at most, and so many words.
const LONGEST: usize = 40;
const MAX_WORDS: usize = 4;

/// The names that a page greets: "Welcome back, Mara Lind", "Signed in as mara".
pub(super) fn names_shown(snapshot: &PageSnapshot) -> Vec<String> {
    let texts = snapshot.visible_frames().flat_map(|(_, frame)| &frame.texts);
    texts.filter_map(|text| greeted(&text.text)).collect()
}

/// What is known of a site, with the names that were seen on its pages.
pub(super) fn with_names(site: &SiteKnowledge, names: &BTreeSet<String>) -> SiteKnowledge {
    let mut site = site.clone();
    site.display_names.extend(names.iter().cloned());
    site
}

/// Who is greeted in a text.
fn greeted(text: &str) -> Option<String> {
    if text.chars().count() > 80 || !meaning(text).has(Concept::Greeting) {
        return None;
    }
    let ends = [", ", ": ", " as ", " als ", " como ", " en tant que ", " come ", " som ", " jako ", " как "];
    let greets = |before: &str, end: &str| meaning(&format!("{before}{end}")).has(Concept::Greeting);
    let after = |end: &&str| text.split_once(*end).filter(|(before, _)| greets(before, end)).map(|(_, rest)| rest);
    let rest = match ends.iter().find_map(after) {
        Some(rest) => rest,
        // "Hi Mara": the greeting is one word.
        None => text.split_once(' ').filter(|(before, _)| meaning(before).has(Concept::Greeting))?.1,
    };
    let name = rest.trim_matches(|letter: char| letter.is_whitespace() || "!.,:()".contains(letter));
    let proper = name.chars().next().is_some_and(|first| first.is_alphabetic())
        && (3..=LONGEST).contains(&name.chars().count())
        && name.split_whitespace().count() <= MAX_WORDS;
    let says = meaning(name);
    let common =
        [Concept::SignIn, Concept::SignUp, Concept::Account, Concept::Greeting, Concept::Password, Concept::New];
    // A sentence that goes on is no name: "Welcome to our shop".
    let sentence = name
        .split_whitespace()
        .any(|word| matches!(word, "to" | "back" | "the" | "our" | "your" | "bei" | "auf" | "sur" | "a"));
    (proper && !says.any(&common) && !sentence).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_greeted() {
        for (text, name) in [
            ("Welcome back, Mara Lind", Some("Mara Lind")),
            ("Welcome back, mara!", Some("mara")),
            ("Signed in as mara@example.org", Some("mara@example.org")),
            ("Hi Mara", Some("Mara")),
            ("Angemeldet als: Mara Lind", Some("Mara Lind")),
            ("Bonjour, Mara", Some("Mara")),
            ("Welcome to Acorn", None),
            ("Welcome back", None),
            ("Hello, sign in", None),
            ("Nothing new today", None),
        ] {
            assert_eq!(greeted(text).as_deref(), name, "{text}");
        }
    }
}
