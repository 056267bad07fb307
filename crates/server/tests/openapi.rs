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

#[test]
fn the_description_names_every_reason_of_a_change() {
    let description = countersign_server::api_description().to_pretty_json().expect("a description is plain data");
    let description: serde_json::Value = serde_json::from_str(&description).expect("it is JSON");
    let told = &description["components"]["schemas"]["ChangeReasonBody"]["properties"]["code"]["description"];
    let told = told.as_str().expect("the codes are described");
    // Serde names all codes there are when it is asked for one that is none.
    let none = serde_json::from_str::<countersign_model::ChangeReason>(r#"{"code":"no such code"}"#);
    let refusal = none.expect_err("it is none").to_string();
    let (_, codes) = refusal.split_once("expected one of").expect("the codes that are known");
    let codes: Vec<&str> = codes.split('`').skip(1).step_by(2).collect();
    assert!(codes.len() > 20, "{refusal}");
    let untold: Vec<&&str> = codes.iter().filter(|code| !told.contains(&format!("`{code}`"))).collect();
    assert!(untold.is_empty(), "the API's description does not name {untold:?}");
}
