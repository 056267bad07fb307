//! Taking credentials out: the files come sealed for a key made here, and are written into a folder of their own.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_seal::{HandedOver, OneTimeKey, SystemChance};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{export_request, grant_words::text};
use crate::{
    args::ExportArgs,
    client::http::{Client, credential_path},
    machine::files::{make_private_folder, write_private},
    output,
};

#[derive(Deserialize)]
struct Answer {
    files: Vec<SealedFile>,
    exported: usize,
    left_out: Vec<LeftOut>,
    without: Vec<Without>,
}

#[derive(Deserialize)]
struct SealedFile {
    name: String,
    sender: String,
    data: String,
}

#[derive(Deserialize)]
struct LeftOut {
    name: String,
    reason: String,
}

#[derive(Deserialize)]
struct Without {
    what: String,
    count: usize,
}

pub(crate) async fn run(ask: &ExportArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let Some(out) = ask.out.as_ref().filter(|_| !ask.ask) else {
        let body = what(&client, ask).await?;
        return export_request::ask(&client, &body, as_json).await;
    };
    let is_new = make_folder(out)?;
    let made = fetch_and_write(&client, ask, out, as_json).await;
    if made.is_err() && is_new {
        // Only what is still empty goes.
        let _ = std::fs::remove_dir(out);
    }
    made
}

/// What is to be exported, as the server reads it.
async fn what(client: &Client, ask: &ExportArgs) -> anyhow::Result<Value> {
    let mut body = match &ask.request {
        Some(id) => export_request::approved(client, id).await?,
        None => json!({"format": ask.format}),
    };
    if let Some(reason) = &ask.reason {
        body["reason"] = json!(reason);
    }
    if ask.request.is_some() {
        return Ok(body);
    }
    if let Some(tag) = &ask.tag {
        body["tag"] = json!(tag);
    } else if ask.all {
        body["all"] = json!(true);
    } else {
        let mut ids = Vec::new();
        for name in &ask.credentials {
            let found: Value = client.get(&credential_path(name), &[]).await?;
            ids.push(text(&found, "/id").to_owned());
        }
        body["credentials"] = json!(ids);
    }
    Ok(body)
}

async fn fetch_and_write(client: &Client, ask: &ExportArgs, out: &Path, as_json: bool) -> anyhow::Result<ExitCode> {
    let key = OneTimeKey::new(&SystemChance);
    let mut body = what(client, ask).await?;
    body["recipient"] = json!(BASE64_STANDARD.encode(key.public()?));
    let answer: Answer = client.send(Method::POST, "/api/v1/export", &body).await?;
    let mut written = Vec::new();
    for file in &answer.files {
        write(out, file, &key)?;
        written.push(out.join(&file.name).display().to_string());
    }
    if as_json {
        let left_out: Vec<Value> =
            answer.left_out.iter().map(|one| json!({"name": one.name, "reason": one.reason})).collect();
        let without: Vec<Value> =
            answer.without.iter().map(|one| json!({"what": one.what, "count": one.count})).collect();
        let all = json!({"files": written, "exported": answer.exported, "left_out": left_out, "without": without});
        output::json(&all)?;
    } else {
        tell(&answer, &written);
    }
    Ok(if answer.left_out.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(answer: &Answer, written: &[String]) {
    output::lines(written.iter().cloned());
    for LeftOut { name, reason } in &answer.left_out {
        output::note(format!("left out: {name}: {reason}"));
    }
    for Without { what, count } in &answer.without {
        output::note(format!("not in this format: {count} {what}"));
    }
    let then = if written.is_empty() {
        "no file was written"
    } else {
        "These files are not encrypted: delete them once they are imported elsewhere"
    };
    let credentials = if answer.exported == 1 { "credential" } else { "credentials" };
    output::note(format!("{} {credentials} exported. {then}", answer.exported));
}

/// For its owner alone. One that is there has to be empty, so that nothing is mixed or overwritten. Says whether it was not there.
fn make_folder(folder: &Path) -> anyhow::Result<bool> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => {
            anyhow::ensure!(entries.next().is_none(), "the folder {} is not empty: name a new one", folder.display());
            return Ok(false);
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("the folder {} cannot be read", folder.display())),
    }
    make_private_folder("the folder", folder)?;
    Ok(true)
}

fn write(folder: &Path, file: &SealedFile, key: &OneTimeKey) -> anyhow::Result<()> {
    let plain = file.name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
    anyhow::ensure!(
        plain && !file.name.starts_with('.'),
        "the server names a file {:?}: nothing was written",
        file.name
    );
    let sender = BASE64_STANDARD.decode(&file.sender).ok().and_then(|sender| sender.try_into().ok());
    let bytes = BASE64_STANDARD.decode(&file.data).context("the server's file is no base64")?;
    let sealed = HandedOver { sender: sender.context("the server's file has no key")?, bytes };
    let opened = key.open(&file.name, &sealed).context("the server's file was changed on its way")?;
    let path = folder.join(&file.name);
    let written = write_private(&path, &opened);
    written.with_context(|| format!("{} cannot be written; what was written before it stays", path.display()))
}
