use std::{
    fs::File,
    io::{self, BufReader, Read, Write as _},
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use countersign_audit::{Checkpoint, ExportLine, VerifyError, verify};
use countersign_model::Clock as _;
use countersign_store::vault as vault_row;
use countersign_vault::ExportReader;

use crate::{
    args::{AuditCommand, DataArgs},
    client::{bundle, http::Client, records, sink},
    machine::{files::read_file, system::SystemClock},
    output,
    settings::{config::Config, data::Places},
};

// One line of a few hundred bytes.
const LARGEST_CHECKPOINT: u64 = 64 << 10;

pub(crate) async fn run(command: AuditCommand, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        AuditCommand::List(ask) => records::list(&ask, json).await?,
        AuditCommand::Export { data } => export(&data).await?,
        AuditCommand::Bundle(ask) => bundle::fetch(&ask, json).await?,
        AuditCommand::VerifyBundle { file, key } => return bundle::verify(&file, key.as_deref(), json),
        AuditCommand::Sink(command) => return sink::run(command, json).await,
        AuditCommand::Verify { file, key, checkpoint } => {
            return verify_file(&file, key.as_deref(), checkpoint.as_deref(), json);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(data: &DataArgs) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let given = data.data.is_some() || data.database.is_some() || data.config.is_some();
    if !given {
        let client = Client::from_environment()?;
        let mut response = client.download("/api/v1/audit/export").await?;
        while let Some(chunk) = response.chunk().await.context("the export broke off: do not trust what was written")? {
            out.write_all(&chunk)?;
        }
        return Ok(out.flush()?);
    }
    let config = Config::read(data)?;
    let places = Places::new(&config.data(data))?;
    // Looked at first, because opening a vault makes one where there is none. With no server running a checkpoint is
    // made that stays; beside a running server one is signed for this export alone, and nothing is written.
    places.open_to_read().await?.close().await;
    let kept = match places.open(countersign_vault::VaultOptions::default()).await {
        Ok(vault) => {
            vault.make_checkpoint().await?;
            vault.close().await;
            true
        }
        Err(_) => false,
    };
    let database = places.open_to_read().await?;
    let mut reader = database.read().await?;
    let vault = vault_row::find(&mut reader).await?.context("this database holds no vault")?;
    if !kept {
        match places.vault_keys(&mut reader, vault.id).await {
            Ok(keys) => {
                let now = SystemClock.now();
                let checkpoint = Checkpoint::sign(vault.id, vault.head, now, &keys.audit_signing_key());
                writeln!(out, "{}", ExportLine::Checkpoint(checkpoint).to_json())?;
            }
            Err(error) => {
                output::note(format!(
                    "note: the newest records may be signed by nobody yet, for want of the key: {error:#}"
                ));
            }
        }
    }
    let mut reader = ExportReader::open(reader, vault.id).await?;
    loop {
        let lines = reader.next().await?;
        if lines.is_empty() {
            break;
        }
        for line in lines {
            writeln!(out, "{}", line.to_json())?;
        }
    }
    Ok(out.flush()?)
}

fn verify_file(file: &Path, key: Option<&str>, checkpoint: Option<&Path>, json: bool) -> anyhow::Result<ExitCode> {
    let key = bundle::public_key(key)?;
    let key = key.as_deref();
    let kept: Option<Checkpoint> = match checkpoint {
        None => None,
        Some(path) => {
            let text = read_file("the checkpoint", path, LARGEST_CHECKPOINT)?;
            Some(serde_json::from_slice(&text).with_context(|| format!("{} is no checkpoint", path.display()))?)
        }
    };
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).with_context(|| format!("{} cannot be read", file.display()))?)
    };
    match verify(BufReader::new(input), key, kept.as_ref()) {
        Ok(report) => {
            if json {
                output::json(&serde_json::json!({
                    "sound": true,
                    "records": report.records,
                    "checkpoints": report.checkpoints,
                    "newest": report.newest,
                }))?;
            } else {
                output::line(format!(
                    "sound: {} records, {} checkpoints, all signed by key {}",
                    report.records, report.checkpoints, report.newest.key
                ));
                if key.is_none() {
                    output::note("note: compare that key with the one the server shows, or give it with --key");
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(VerifyError::Read(error)) => Err(error).context("the export cannot be read"),
        Err(error @ VerifyError::Found { .. }) => {
            if json {
                output::json(&serde_json::json!({"sound": false, "found": error.to_string()}))?;
            } else {
                output::line(format!("NOT SOUND: {error}"));
            }
            Ok(ExitCode::FAILURE)
        }
    }
}
