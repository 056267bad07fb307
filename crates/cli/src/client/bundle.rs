//! A bundle for an auditor: fetched from the server, verified without one.

use std::{fs::File, io::Write as _, path::Path, process::ExitCode};

use anyhow::Context as _;
use countersign_audit::bundle::{BundleReport, verify_bundle};
use reqwest::Method;
use serde_json::json;

use crate::{args::BundleArgs, client::http::Client, output};

pub(crate) async fn fetch(ask: &BundleArgs, as_json: bool) -> anyhow::Result<()> {
    let client = Client::from_environment()?;
    let folder = ask.output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Written beside and renamed, so that a half of it never stands for the whole.
    let mut half =
        tempfile::NamedTempFile::new_in(folder).with_context(|| format!("{} cannot be written", folder.display()))?;
    let body = json!({
        "search": ask.search, "credential": ask.credential, "actor": ask.user, "act": ask.action, "since": ask.since,
        "until": ask.until, "sessions": ask.sessions,
    });
    let mut answer = client.fetch(Method::POST, "/api/v1/audit/bundle", &body).await?;
    while let Some(bytes) = answer.chunk().await.context("the bundle broke off: nothing was kept of it")? {
        half.write_all(&bytes)?;
    }
    half.as_file().sync_all()?;
    // What is kept is what can be verified.
    let report = verify_bundle(half.reopen()?, None).context("the bundle is not right: nothing was kept of it")?;
    half.persist(&ask.output).with_context(|| format!("{} cannot be written", ask.output.display()))?;
    told(&report, as_json)
}

pub(crate) fn verify(file: &Path, key: Option<&str>, as_json: bool) -> anyhow::Result<ExitCode> {
    let key = public_key(key)?;
    let input = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    match verify_bundle(input, key.as_deref()) {
        Ok(report) => {
            told(&report, as_json)?;
            if key.is_none() && !as_json {
                output::note("note: compare that key with the one the server shows, or give it with --key");
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            if as_json {
                output::json(&json!({"sound": false, "found": error.to_string()}))?;
            } else {
                output::line(format!("NOT SOUND: {error}"));
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The log's public key, as somebody gives it.
pub(crate) fn public_key(key: Option<&str>) -> anyhow::Result<Option<String>> {
    let key = key.map(|key| key.trim().to_ascii_lowercase());
    let is_key = |key: &String| key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    anyhow::ensure!(
        key.as_ref().is_none_or(is_key),
        "--key takes the log's public key: 64 hexadecimal digits, as the page shows them beside the checkpoint"
    );
    Ok(key)
}

fn told(report: &BundleReport, as_json: bool) -> anyhow::Result<()> {
    let facts = &report.facts;
    let signed_only = facts.records - report.chained;
    if as_json {
        return output::json(&json!({
            "sound": true, "facts": facts, "key": report.key, "chained": report.chained, "signed_only": signed_only,
            "checkpoints": report.checkpoints, "files": report.files,
        }));
    }
    output::line(format!("sound: made at {} by {}, signed by key {}", facts.made_at, facts.made_by, report.key));
    output::line(format!("  {} files, none changed, added or left out", report.files));
    output::line(format!("  {} checkpoints, each with a good signature", report.checkpoints));
    output::line(format!("  {} records, each with the hash of what it says", facts.records));
    output::line(format!("    {} follow from a checkpoint without a gap", report.chained));
    if signed_only > 0 {
        output::line(format!(
            "    {signed_only} are vouched for by the signature over the bundle alone: compare their hashes with an export, or with a \
             destination of the log"
        ));
    }
    if !facts.complete {
        output::line("  More records were chosen than a bundle holds: these are the newest of them");
    }
    if !facts.filter.is_empty() {
        let chosen: Vec<String> = facts.filter.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        output::line(format!("  chosen by {}", chosen.join(", ")));
    }
    if !facts.sessions.is_empty() {
        output::line(format!("  with the recordings of {} sessions", facts.sessions.len()));
    }
    Ok(())
}
