use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use countersign_seal::KeyShare;
use countersign_vault::VaultOptions;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    args::{DataArgs, KeyCommand},
    client::http::Client,
    machine::files::{make_private_folder, read_secret, write_private},
    output,
    settings::{config::Config, data::Places},
};

pub(crate) async fn run(command: KeyCommand, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        KeyCommand::Show => {
            let key: Key = Client::from_environment()?.get("/api/v1/vault-key", &[]).await?;
            show(&key, json)?;
        }
        KeyCommand::Rotate { no_wait } => rotate(!no_wait, json).await?,
        KeyCommand::Export { shares, threshold, folder, data } => {
            export(shares, threshold, &folder, &data, json).await?;
        }
        KeyCommand::Import { files, data } => import(&files, &data, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The vault key as the server tells of it.
#[derive(Serialize, Deserialize)]
struct Key {
    id: String,
    number: u32,
    created_at: String,
    unlocked_by: String,
    locked_in_memory: bool,
    next: Option<Next>,
}

#[derive(Serialize, Deserialize)]
struct Next {
    id: String,
    created_at: String,
    active_at: Option<String>,
    left: u64,
}

fn show(key: &Key, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(key);
    }
    output::line(format!("key          {} (number {})", key.id, key.number));
    output::line(format!("made         {}", key.created_at));
    output::line(format!("unlocked by  {}", key.unlocked_by));
    output::line(format!(
        "in memory    {}",
        if key.locked_in_memory { "kept out of swap" } else { "may reach the swap" }
    ));
    if let Some(next) = &key.next {
        let how = match next.active_at {
            Some(_) => format!("{} secrets and recordings to wrap", next.left),
            None => "other servers learn of it".to_owned(),
        };
        output::line(format!("replaced by  {} since {}: {how}", next.id, next.created_at));
    }
    Ok(())
}

// A share has about 300 bytes.
const LARGEST_SHARE: u64 = 4_096;
const LOOK_AGAIN: Duration = Duration::from_millis(500);

async fn rotate(wait: bool, json: bool) -> anyhow::Result<()> {
    let client = Client::from_environment()?;
    let mut key: Key = client.send(Method::POST, "/api/v1/vault-key/rotate", &Value::Null).await?;
    let mut said = None;
    while let Some(next) = key.next.as_ref().filter(|_| wait) {
        let left = next.active_at.is_some().then_some(next.left);
        if !json && said != Some(left) {
            match left {
                Some(left) => output::note(format!("{left} secrets and recordings to wrap")),
                None => output::note("other servers learn of the new key"),
            }
            said = Some(left);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
        key = client.get("/api/v1/vault-key", &[]).await.context(
            "the server does not answer any more; what is left is done when it runs again (`countersign key show`)",
        )?;
    }
    if !json && key.next.is_none() {
        output::note("The former key is gone. Backups from before open with it; shares of it open this vault no more.");
        output::note(format!(
            "What unlocks the vault was not replaced: keep the {}. Where that has leaked, `countersign key export` and \
             `countersign key import` make a new key file, then rotate again.",
            key.unlocked_by
        ));
    }
    show(&key, json)
}

async fn export(shares: u8, threshold: u8, folder: &Path, data: &DataArgs, json: bool) -> anyhow::Result<()> {
    let config = Config::read(data)?;
    let places = Places::new(&config.data(data))?;
    // A mistyped folder must not become a new vault.
    places.open_to_read().await?.close().await;
    make_private_folder("the folder", folder)?;
    let vault = places.open(VaultOptions::default()).await?;
    let exported = vault.export_key(shares, threshold).await;
    vault.close().await;
    let exported = exported?;
    let mut files = Vec::new();
    for share in &exported {
        let file = folder.join(format!("share-{}-of-{shares}.txt", share.number()));
        // An older share is not lost by it.
        write_private(&file, share.to_text().expose())
            .with_context(|| format!("the share {} cannot be written", file.display()))?;
        files.push(file);
    }
    let key = exported.first().map(|share| share.key().to_string()).unwrap_or_default();
    if json {
        output::json(&json!({"key": key, "threshold": threshold, "files": files}))?;
    } else {
        files.iter().for_each(|file| output::line(file.display()));
        output::note(format!(
            "Give each share of key {key} to somebody else and delete it here: any {threshold} of them open the vault. Export \
             anew after each `countersign key rotate`."
        ));
    }
    Ok(())
}

async fn import(files: &[PathBuf], data: &DataArgs, json: bool) -> anyhow::Result<()> {
    let config = Config::read(data)?;
    let places = Places::new(&config.data(data))?;
    let shares = files
        .iter()
        .map(|file| {
            let wrong = || format!("the share {}", file.display());
            KeyShare::parse(&read_secret("the share", file, LARGEST_SHARE)?).with_context(wrong)
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    places.open_to_read().await?.close().await;
    let (path, key) = places.import_key(&shares).await?;
    // That it opens is shown by opening.
    places.open(VaultOptions::default()).await?.close().await;
    if json {
        output::json(&json!({"key": key.to_string(), "key_file": path}))?;
    } else {
        output::line(path.display());
        output::note(format!(
            "This new key file opens the vault with key {key}; what opened it before does not any more. If that may be in \
             wrong hands, start the server and run `countersign key rotate`."
        ));
    }
    Ok(())
}
