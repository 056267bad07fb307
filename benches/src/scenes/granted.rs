//! What grants, nested groups and conditions cost where they are asked for most: at token reads and in lists.

use std::{path::Path, sync::Arc, time::Duration};

use crate::{
    load::{self, Target},
    scenes::{credentials::settled_ms, tell},
    table::{Table, median},
    vault::{Vault, token_paths},
};

/// Credentials in all, and those with the tag that is granted.
const MANY: usize = 100_000;
const GRANTED: usize = 4_000;
const TAG: &str = "granted";
const CONNECTIONS: usize = 64;
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(3);
/// How long each list is asked for.
const EACH: Duration = Duration::from_millis(400);

/// Lists that somebody with a part of the vault looks at.
const LISTS: [&str; 6] = ["", "&search=site", "&search=user399", "&search=zzz", "&tag=granted", "&sort=-updated"];

/// Adds its lines to the table.
pub(crate) async fn add(binary: &Path, table: &mut Table) -> anyhow::Result<()> {
    tell(&format!("{MANY} credentials, of which somebody sees {GRANTED}"));
    let vault = Vault::new(binary)?;
    let server = vault.serve()?;
    vault.import_with(&server, 0..GRANTED, &["--tag", TAG])?;
    vault.import(&server, GRANTED..MANY)?;
    let reader = vault.service_account(&server, "reader", "see token").await?;
    for group in ["inner", "outer"] {
        vault.said(&server, &["group", "add", group])?;
    }
    vault.said(&server, &["group", "add-member", "inner", "--user", "reader"])?;
    vault.said(&server, &["group", "add-member", "outer", "--group", "inner"])?;
    let from = ["--network", "127.0.0.0/8", "--from", "2020-01-01T00:00:00Z"];
    vault.said(&server, &[&["grant", "add", "--group", "outer", "--tag", TAG, "--token"], &from[..]].concat())?;
    // While the index of the list is built, lists come from the database.
    settled_ms(&vault.target(&server)).await?;
    table.disk().measure()?;
    let (slowest, list) = lists_ms(&reader).await?;
    let what = format!("{MANY} credentials filtered by what somebody with {GRANTED} sees, p50 of the slowest list");
    let list = if list.is_empty() { "all of them" } else { list };
    table.judged(&what, &format!("{slowest:.1} ms (`{list}`)"), "≤ 20 ms", slowest <= 20.0);
    tell("token reads by a group in a group, under conditions");
    let ours = vault.target(&server);
    let paths = token_paths(GRANTED);
    let (mut by_role, mut by_grant) = (Vec::new(), Vec::new());
    // Neither pays for what the first read of each credential brings into memory.
    for target in [&ours, &reader] {
        load::run(target, &paths, CONNECTIONS, ROUND).await?;
    }
    for _ in 0..ROUNDS {
        for (target, rates) in [(&ours, &mut by_role), (&reader, &mut by_grant)] {
            rates.push(load::run(target, &paths, CONNECTIONS, ROUND).await?.rate);
        }
    }
    let (by_role, by_grant) = (median(&mut by_role), median(&mut by_grant));
    let ratio = by_grant / by_role;
    let measured = format!("{by_grant:.0} of {by_role:.0} a second = {ratio:.2} × by an administrator");
    let what = format!("token reads by a group in a group with conditions, {CONNECTIONS} connections");
    table.judged(&what, &measured, "≥ 0.9 ×", ratio >= 0.9);
    server.stop()
}

/// The slowest list and the median of its answers, in milliseconds.
async fn lists_ms(target: &Target) -> anyhow::Result<(f64, &'static str)> {
    let mut slowest = (0.0, "");
    for list in LISTS {
        let path = format!("/api/v1/credentials?limit=50{list}");
        // The first time, what it reads is not in memory.
        load::once(target, &path).await?;
        let p50 = load::run(target, &Arc::new(vec![path]), 1, EACH).await?.wait_ms(0.5);
        if p50 >= slowest.0 {
            slowest = (p50, list);
        }
    }
    Ok(slowest)
}
