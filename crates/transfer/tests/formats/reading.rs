//! Reads a sample and tells in lines what came of it.

use countersign_seal::Secret;
use countersign_transfer::{Account, Import, ImportLimits};
use proptest::prelude::*;

/// The time at which tokens are compared; what they should be was computed by another program.
pub(crate) const NOW: u64 = 1_600_000_000;

pub(crate) fn read(bytes: &[u8], password: Option<&str>) -> Import {
    let mut import = Import::new(ImportLimits::default());
    let password = password.map(|password| Secret::from(password.to_owned()));
    import.read("file", bytes, password.as_ref()).unwrap();
    import
}

/// One line for each item, and one for each kind of what was left out.
pub(crate) fn told(import: &Import) -> Vec<String> {
    let items = import.items().iter().map(|item| {
        let place = item.place.to_string();
        let place = place.strip_prefix("file").unwrap_or(&place).trim_start_matches(", ").to_owned();
        match &item.outcome {
            Ok(account) => format!("{place}: {}", shown(account)),
            Err(refusal) => format!("{place} !! {refusal}"),
        }
    });
    items.chain(import.left_out().iter().map(|(what, count)| format!("left out: {count} {what}"))).collect()
}

/// Reads a file and tells what came of it.
pub(crate) fn tell(bytes: &[u8], password: Option<&str>) -> Vec<String> {
    told(&read(bytes, password))
}

/// `name | user | password | site | token | notes | tags | warnings`, as far as they are there.
fn shown(account: &Account) -> String {
    let token = account.secret.as_ref().map(|secret| match (secret.token_at(NOW), secret.counter()) {
        (Some(token), _) => token.text.expose().to_owned(),
        (None, Some(counter)) => format!("{}@{counter}", secret.hotp(counter).unwrap().expose()),
        (None, None) => unreachable!("a token is by time or by counter"),
    });
    let password = account.password.as_ref().map(|password| password.expose_text().unwrap().to_owned());
    let mut parts = vec![account.name.clone(), account.account.clone()];
    parts.extend([
        password.unwrap_or_else(|| "-".to_owned()),
        account.site.clone().unwrap_or_else(|| "-".to_owned()),
        token.unwrap_or_else(|| "-".to_owned()),
    ]);
    if !account.notes.is_empty() {
        parts.push(format!("notes {:?}", account.notes));
    }
    if !account.tags.is_empty() {
        parts.push(format!("tags {}", account.tags.join(", ")));
    }
    parts.extend(account.warnings.iter().map(|warning| format!("({warning})")));
    parts.join(" | ")
}

/// No prefix of a file panics, and none that is told to be damaged gives an account. Long files are cut at every `step`th byte.
pub(crate) fn prefixes_do_not_panic(bytes: &[u8], password: Option<&str>, step: usize) {
    for end in (0..bytes.len()).step_by(step) {
        let told = tell(&bytes[..end], password);
        assert!(!told.is_empty());
        if told.iter().any(|line| line.contains("it is damaged at")) {
            assert!(told.iter().all(|line| line.starts_with("left out") || line.contains(" !! ")), "{told:?}");
        }
    }
}

/// A file with some of its bytes changed.
pub(crate) fn changed(bytes: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec((0..bytes.len(), any::<u8>()), 1..8).prop_map(move |changes| {
        let mut changed = bytes.to_vec();
        for (at, byte) in changes {
            changed[at] = byte;
        }
        changed
    })
}
