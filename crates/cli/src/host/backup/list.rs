//! `backup list`: the backups that the server has made by itself.

use std::process::ExitCode;

use anyhow::Context as _;
use countersign_vault::backup_name;

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
    let mut times = backups.times().await?;
    times.sort_unstable_by(|a, b| b.cmp(a));
    let place = backups.store.place();
    if json {
        let list: Vec<_> =
            times.iter().map(|&at| serde_json::json!({"name": backup_name(at), "made_at": at})).collect();
        output::json(&serde_json::json!({"place": place, "backups": list}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["NAME", "MADE"]);
    for at in &times {
        table.add_row([backup_name(*at), at.to_string()]);
    }
    output::line(table);
    if times.is_empty() {
        output::note(format!("There is no backup in {place} yet."));
    }
    Ok(ExitCode::SUCCESS)
}
