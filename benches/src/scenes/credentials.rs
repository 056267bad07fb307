//! Many credentials: how long until they are there, what they take, and how long a search among them takes.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    load::{self, Target},
    scenes::{tell, tokens::starts_ms},
    table::Table,
    vault::{Vault, seed, token_paths},
};

const MANY: usize = 100_000;
const LOAD: Duration = Duration::from_secs(5);
/// How long each word is searched for.
const EACH: Duration = Duration::from_millis(400);

/// Words that are found, often and seldom.
const HITS: [&str; 6] = ["site 99", "user4242@", "example", "77777", "17:", "e 5"];
/// Words that are nowhere.
const MISSES: [&str; 5] = ["zzz", "qx", "site 1000001", "example.net", "_"];

/// The whole part.
pub(crate) async fn all(binary: &Path) -> anyhow::Result<String> {
    let mut table = Table::new("Many credentials")?;
    tell("100,000 credentials, imported");
    let vault = Vault::new(binary)?;
    let server = vault.serve()?;
    let took = vault.import(&server, 0..MANY)?;
    table.disk().measure()?;
    table.at_most("100,000 credentials, imported", took.as_secs_f64(), "s", 3.0);
    table.plain("… peak memory of the server after it", &format!("{:.1} MiB", server.peak_memory_mib()?));
    let target = vault.target(&server);
    let first = settled_ms(&target).await?;
    table.plain("… the first search after it, while the index is built", &format!("{first:.1} ms"));
    for (what, words) in [("found", &HITS[..]), ("not found", &MISSES[..])] {
        let (slowest, word) = search_ms(&target, words).await?;
        let what = format!("search over 100,000, p50 of the slowest word that is {what} (`{word}`)");
        table.at_most(&what, slowest, "ms", 5.0);
    }
    server.stop()?;
    let server = vault.serve()?;
    load::run(&vault.target(&server), &token_paths(MANY), 64, LOAD).await?;
    table.at_most("peak memory with 100,000 credentials under reads", server.peak_memory_mib()?, "MiB", 40.0);
    server.stop()?;
    let start = starts_ms(&vault).await?;
    table.at_most("process start to the first token, 100,000 credentials (median of 9)", start, "ms", 20.0);
    one_by_one(binary, &mut table).await?;
    table.finish()
}

async fn one_by_one(binary: &Path, table: &mut Table) -> anyhow::Result<()> {
    tell("100,000 credentials, created one by one");
    let vault = Vault::new(binary)?;
    let server = vault.serve()?;
    let body = |number: usize| {
        json!({
            "name": format!("Site {number}"), "username": format!("user{number}@example.org"),
            "password": format!("Password-{number}"), "totp": { "secret": seed(number) },
        })
    };
    let bodies: Vec<String> = (0..MANY).map(|number| body(number).to_string()).collect();
    table.disk().measure()?;
    let made = load::post_each(&vault.target(&server), "/api/v1/credentials", bodies, 16).await?;
    #[expect(clippy::cast_precision_loss, reason = "a hundred thousand")]
    let took = made.answers as f64 / made.rate;
    table.at_most("100,000 credentials, created one by one over 16 connections", took, "s", 8.0);
    Ok(())
}

/// How long the first search takes, in milliseconds; returns when those that follow are quick, since what they look through is in
/// memory then.
pub(super) async fn settled_ms(target: &Target) -> anyhow::Result<f64> {
    const QUICK: Duration = Duration::from_millis(10);
    let path = "/api/v1/credentials?limit=50&search=settled";
    let mut first = None;
    for _ in 0..100 {
        let begun = Instant::now();
        load::once(target, path).await?;
        let took = begun.elapsed();
        let first = *first.get_or_insert(took.as_secs_f64() * 1_000.0);
        if took < QUICK {
            return Ok(first);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(first.unwrap_or_default())
}

/// The slowest word and the median of its answers, in milliseconds.
pub(crate) async fn search_ms(target: &Target, words: &[&'static str]) -> anyhow::Result<(f64, &'static str)> {
    let mut slowest = (0.0, "");
    settled_ms(target).await?;
    for word in words {
        let path = format!("/api/v1/credentials?limit=50&search={}", word.replace(' ', "%20"));
        // The first time, what it reads is not in memory.
        load::once(target, &path).await?;
        let p50 = load::run(target, &Arc::new(vec![path]), 1, EACH).await?.wait_ms(0.5);
        if p50 >= slowest.0 {
            slowest = (p50, *word);
        }
    }
    Ok(slowest)
}
