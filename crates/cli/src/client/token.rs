use std::{process::ExitCode, time::Duration};

use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::{
    args::TokenArgs,
    client::http::{Client, credential_path},
    failure::Problem,
    output,
};

#[derive(Debug, Serialize, Deserialize)]
struct TokenBody {
    token: String,
    ends_at: Option<countersign_model::Timestamp>,
    server_time: countersign_model::Timestamp,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

impl TokenBody {
    /// How long it stays the current one, by the server's own clock.
    fn left(&self) -> Option<Duration> {
        self.ends_at.map(|end| end.since(self.server_time))
    }
}

pub(crate) async fn run(ask: &TokenArgs, json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let path = format!("{}/token", credential_path(&ask.name));
    // Only a person is asked, so only for a person the kind is looked up first.
    if !ask.yes && !json && output::is_somebody_there() && is_by_counter(&client, &ask.name).await? {
        let question =
            format!("{} makes tokens by a counter (HOTP): each one that is taken uses it up. Take one?", ask.name);
        if !output::confirmed(&question)? {
            return Ok(ExitCode::FAILURE);
        }
    }
    // In a body, and by POST: a code by counter moves its counter.
    let wish = serde_json::json!({"reason": ask.reason, "ticket": ask.ticket, "claim": ask.claim});
    loop {
        let body: TokenBody = match client.send(Method::POST, &path, &wish).await {
            Ok(body) => body,
            Err(error) => match error.downcast_ref::<Problem>().filter(|problem| problem.name() == "step-taken") {
                Some(problem) => {
                    tokio::time::sleep(Duration::from_secs(problem.retry_after_seconds.unwrap_or(1))).await;
                    continue;
                }
                None => return Err(error),
            },
        };
        if json && ask.watch {
            output::line(serde_json::to_string(&body)?);
        } else if json {
            output::json(&body)?;
        } else {
            output::line(&body.token);
        }
        match body.left().filter(|_| ask.watch) {
            // A little past the end, so that a clock that ticks in milliseconds has moved on too.
            Some(left) => tokio::time::sleep(left + Duration::from_millis(20)).await,
            None => return Ok(ExitCode::SUCCESS),
        }
    }
}

async fn is_by_counter(client: &Client, name: &str) -> anyhow::Result<bool> {
    let credential: serde_json::Value = client.get(&credential_path(name), &[]).await?;
    Ok(credential.pointer("/second_factor/kind").and_then(serde_json::Value::as_str) == Some("hotp"))
}
