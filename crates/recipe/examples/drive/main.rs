//! Drives real pages with the recogniser: signs in, changes the password, proves the new one in a fresh context.
//! For whoever works on the recogniser; the worker room does the same with a vault behind it.
//!
//! ```text
//! drive practice FROM TO '{"look": {…}}'      layout seeds of the practice site, with hurdles
//! drive mixed FROM TO                         layout seeds, each with hurdles of its own
//! drive read FILE…                            what recorded pictures are taken for
//! drive site ADDRESS USER PASSWORD SECRET [trust]
//! ```
//! With `RECORD=folder` every picture is written there; see `tests/pictures/README.md`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for developers")]

mod carry;
mod judge;
mod mix;
mod record;

use std::time::Instant;

use carry::{Driver, Outcome};
use countersign_recipe::{SiteKnowledge, TrustWish};

const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["practice", from, to, hurdles @ ..] => {
            let hurdles = hurdles.first().map_or(serde_json::json!({}), |text| serde_json::from_str(text).unwrap());
            judge::practice(from.parse().unwrap()..to.parse().unwrap(), Some(&hurdles)).await;
        }
        ["mixed", from, to] => judge::practice(from.parse().unwrap()..to.parse().unwrap(), None).await,
        ["site", address, user, password, secret, rest @ ..] => {
            let trust = if rest.contains(&"trust") { TrustWish::Trust } else { TrustWish::DoNot };
            let site = SiteKnowledge { account: Some(user.to_string()), ..SiteKnowledge::at(address) };
            let mut driver = Driver::start().await;
            let begun = Instant::now();
            let outcome = driver.change(&site, user, password, "Fresh-Horse-4712-x", secret, trust).await;
            println!("{outcome:?} after {:?}", begun.elapsed());
            for line in &driver.log {
                println!("  {line}");
            }
            if !matches!(outcome, Outcome::Changed) {
                std::process::exit(1);
            }
        }
        ["read", files @ ..] => files.iter().for_each(|file| record::read(file)),
        _ => println!("see the head of examples/drive/main.rs"),
    }
}
