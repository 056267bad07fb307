//! A password, printed for whoever may see it.

use std::process::ExitCode;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    args::RevealArgs,
    client::http::{Client, credential_path},
    output,
};

pub(crate) async fn run(ask: &RevealArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let wish = json!({"reason": ask.reason, "ticket": ask.ticket, "version": ask.version});
    let found: Value = client.send(Method::POST, &format!("{}/reveal", credential_path(&ask.name)), &wish).await?;
    if as_json {
        output::json(&found)?;
    } else {
        output::line(found.get("password").and_then(Value::as_str).unwrap_or_default());
    }
    Ok(ExitCode::SUCCESS)
}
