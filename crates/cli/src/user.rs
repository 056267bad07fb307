use std::process::ExitCode;

use countersign_vault::{Error, Options};
use serde_json::json;

use crate::{args::UserCommand, config::Config, data::Places, output};

pub(crate) async fn run(command: UserCommand, json: bool) -> anyhow::Result<ExitCode> {
    let UserCommand::ResetSecondFactor { name, data } = command;
    let config = Config::read(&data)?;
    let places = Places::new(&config.data(&data))?;
    // A mistyped folder must not become a new vault.
    places.open_to_read().await?.close().await;
    let vault = places.open(Options::default()).await?;
    let reset = vault.reset_second_factor(&name).await;
    vault.close().await;
    match reset {
        Ok(name) if json => output::json(&json!({"user": name, "second_factor": "reset"}))?,
        Ok(name) => output::line(format!(
            "the second factor of {name} is forgotten: sign in with the password, then set up another"
        )),
        Err(Error::NotFound(_)) => {
            output::note(format!("error: there is no user \"{name}\" in {}", places.database()));
            return Ok(ExitCode::from(4));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}
