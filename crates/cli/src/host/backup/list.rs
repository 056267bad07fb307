//! `backup list`: the backups that the server has made by itself.

use std::process::ExitCode;

use anyhow::Context as _;
use countersign_model::VaultId;
use countersign_store::vault as vault_row;

use crate::{
    args::ListBackupsArgs,
    output,
    settings::{config::Config, data::Places, recordings::variable},
};

pub(super) async fn run(ask: &ListBackupsArgs, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?;
    let backups = config.backups().open(&places.folder, variable)?.context(
        "this server makes no backups by itself: name their place by `backups` in the settings file, or COUNTERSIGN_BACKUPS",
    )?;
    let vault = vault_of(&places).await;
    let all = backups.all().await?;
    let ours: Vec<_> = all.iter().filter(|name| vault.is_none_or(|vault| name.is_of(vault))).collect();
    let place = backups.store.place();
    if json {
        let list: Vec<_> =
            ours.iter().map(|name| serde_json::json!({"name": name.to_string(), "made_at": name.at()})).collect();
        output::json(&serde_json::json!({"place": place, "backups": list}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["NAME", "MADE"]);
    for name in &ours {
        table.add_row([name.to_string(), name.at().to_string()]);
    }
    output::line(table);
    if ours.is_empty() {
        output::note(format!("There is no backup of this vault in {place} yet."));
    }
    if all.len() > ours.len() {
        output::note(format!("{} backups of other vaults lie there too.", all.len() - ours.len()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Which vault it is; nobody knows where its database is lost.
pub(super) async fn vault_of(places: &Places) -> Option<VaultId> {
    let database = places.open_to_read().await.ok()?;
    let row = vault_row::find(&mut &database).await.ok().flatten();
    database.close().await;
    row.map(|row| row.id)
}
