//! Drives real pages through a vault and a worker, for whoever works on recognising them.
//!
//! ```text
//! drive site ADDRESS USER PASSWORD SECRET [trust]     one change, knowing nothing but an address
//! drive targets FOLDER [TIMES]                        changes at real applications
//! drive practice FROM TO ['{"look": {…}}']            layout seeds of the practice site, with hurdles
//! drive read FILE…                                    what recorded pictures are taken for
//! ```
//! With `RECORD=folder` every page is written there; see `crates/recipe/tests/page_snapshots/README.md`. Mixed hurdles are the
//! test `mixed` of this room: `COUNTERSIGN_SEEDS=17..18 cargo test -p countersign-worker mixed -- --nocapture`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for developers")]

mod practice;
mod record;
mod site;
mod targets;

use std::{path::Path, sync::Arc};

use countersign_model::Trust;
use site::{Account, Machine, Site, Times};

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let fine = match words.as_slice() {
        ["site", address, user, password, secret, rest @ ..] => {
            let account = Account { address, user, password, secret };
            let trust = if rest.contains(&"trust") { Trust::Trust } else { Trust::DoNotTrust };
            let site = Site::open(&account, trust, Times::real()).await;
            site.change().await
        }
        ["targets", folder, times @ ..] => {
            let times = times.first().map_or(1, |text| text.parse().unwrap());
            targets::all(Path::new(folder), times).await
        }
        ["practice", from, to, hurdles @ ..] => {
            let hurdles = hurdles.first().map_or(serde_json::json!({}), |text| serde_json::from_str(text).unwrap());
            practice::all(from.parse().unwrap()..to.parse().unwrap(), &hurdles).await
        }
        ["read", files @ ..] => {
            files.iter().for_each(|file| record::read(file));
            true
        }
        _ => {
            println!("see the head of examples/drive/main.rs");
            false
        }
    };
    if !fine {
        std::process::exit(1);
    }
}

/// The machine's clock.
fn machine() -> Arc<Machine> {
    Arc::new(Machine)
}
