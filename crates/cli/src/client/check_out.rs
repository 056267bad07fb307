//! Checking credentials out and in, and waiting for them.

use std::process::ExitCode;

use reqwest::Method;
use serde_json::{Value, json};

use super::grant_words::text;
use crate::{
    args::CheckOutArgs,
    client::http::{Client, credential_path},
    output,
};

pub(crate) async fn run(ask: &CheckOutArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let path = format!("{}/check-out", credential_path(&ask.name));
    let body = json!({"minutes": ask.minutes});
    let found: Value = match ask {
        CheckOutArgs { show: true, .. } => client.get(&path, &[]).await?,
        CheckOutArgs { extend: true, .. } => client.send(Method::PATCH, &path, &body).await?,
        CheckOutArgs { wait: true, .. } => client.send(Method::PUT, &format!("{path}/queue"), &json!({})).await?,
        CheckOutArgs { leave: true, .. } => client.send(Method::DELETE, &format!("{path}/queue"), &json!({})).await?,
        _ => client.send(Method::POST, &path, &body).await?,
    };
    tell(&found, as_json)
}

pub(crate) async fn check_in(name: &str, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let path = format!("{}/check-out", credential_path(name));
    tell(&client.send(Method::DELETE, &path, &json!({})).await?, as_json)
}

fn tell(found: &Value, as_json: bool) -> anyhow::Result<ExitCode> {
    if as_json {
        output::json(found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (holder, next) = (text(found, "/held/user/name"), text(found, "/turn/name"));
    output::line(match (holder, next) {
        ("", "") => "nobody has checked it out".to_owned(),
        ("", next) => format!("nobody has checked it out; kept for {next} until {}", text(found, "/turn/until")),
        (holder, _) => format!("checked out by {holder} until {}", text(found, "/held/until")),
    });
    let queue = found.get("queue").and_then(Value::as_array).into_iter().flatten();
    for (place, waiting) in queue.enumerate() {
        output::line(format!("{}. {} since {}", place + 1, text(waiting, "/name"), text(waiting, "/since")));
    }
    Ok(ExitCode::SUCCESS)
}
