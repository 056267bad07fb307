//! The contract is a snapshot: whoever changes the API sees it in the diff, and the web app makes its types from it.

use std::{fs, path::Path};

#[test]
fn the_description_is_the_one_that_clients_were_made_from() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let mut now = countersign_server::api_description().to_pretty_json().expect("a description is plain data");
    now.push('\n');
    if std::env::var_os("UPDATE_SNAPSHOT").is_some() {
        fs::write(&path, &now).expect("the snapshot can be written");
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let first_difference = kept.lines().zip(now.lines()).position(|(kept, now)| kept != now);
    assert!(
        kept == now,
        "the API differs from crates/server/openapi.json (first in line {}). If that is meant, renew it with\n\
         UPDATE_SNAPSHOT=1 cargo test -p countersign-server --test openapi\n\
         and make the web app's types anew.",
        first_difference.unwrap_or_else(|| kept.lines().count().min(now.lines().count())) + 1
    );
}
