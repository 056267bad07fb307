//! Real applications. Each folder holds two scripts: `up` starts one with one user who must give a token and prints
//! `{"url", "username", "password", "totp_secret", …}` in one line; `down` ends it. Switches come as variables.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use countersign_model::Trust;

use crate::site::{Account, Site, Times};

/// Switches that applications may know, and whether the owner trusts browsers.
const VARIANTS: &[(&str, Trust)] = &[
    ("TRUST=0 REMEMBER=0 REAUTH=300", Trust::DoNotTrust),
    ("TRUST=1 REMEMBER=1209600 REAUTH=300", Trust::DoNotTrust),
    ("TRUST=1 REMEMBER=1209600 REAUTH=300", Trust::Trust),
    ("TRUST=1 REMEMBER=1209600 REAUTH=1", Trust::DoNotTrust),
];

/// All applications at once, each with every variant; gives whether every change ended in *changed*.
pub(crate) async fn all(folder: &Path, times: usize) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let mut applications: Vec<PathBuf> = entries.filter(|path| path.join("up").is_file()).collect();
    applications.sort();
    let tasks: Vec<_> =
        applications.into_iter().map(|one| tokio::spawn(async move { application(&one, times).await })).collect();
    let mut fine = true;
    for task in tasks {
        fine &= task.await.unwrap();
    }
    fine
}

async fn application(folder: &Path, times: usize) -> bool {
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    let mut fine = true;
    for (switches, trust) in VARIANTS {
        run(folder, "down", "");
        let told = run(folder, "up", switches);
        let line = told.lines().rfind(|line| line.starts_with('{')).expect("a line of JSON");
        let target: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| target[key].as_str().unwrap_or_default();
        let account = Account {
            address: text("url"),
            user: text("username"),
            password: text("password"),
            secret: text("totp_secret"),
        };
        let site = Site::open(&account, *trust, Times::real()).await;
        let mut changed = 0;
        for _ in 0..times {
            changed += usize::from(site.change().await);
        }
        println!("{name} [{switches} {trust:?}]: {changed} of {times} changed");
        fine &= changed == times;
        site.close().await;
        run(folder, "down", "");
    }
    fine
}

fn run(folder: &Path, script: &str, switches: &str) -> String {
    let pairs = switches.split_whitespace().filter_map(|pair| pair.split_once('='));
    let output = Command::new(folder.join(script)).envs(pairs).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}
