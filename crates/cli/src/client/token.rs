use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::{
    grant_words::text,
    http::{Client, credential_path},
    token_shown::{Ended, Shown},
};
use crate::{
    args::TokenArgs,
    failure::{Problem, Usage},
    home::picker::{Choice, pick},
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
    let name = match &ask.name {
        Some(name) => name.clone(),
        None => match choose(&client).await? {
            Some(name) => name,
            None => return Ok(ExitCode::FAILURE),
        },
    };
    // Only a person is asked, so only for a person the kind is looked up first.
    if !ask.yes && !json && output::is_somebody_there() && is_by_counter(&client, &name).await? {
        let question = format!("{name} makes tokens by a counter (HOTP): each one that is taken uses it up. Take one?");
        if !output::confirmed(&question)? {
            return Ok(ExitCode::FAILURE);
        }
    }
    let mut shown = Shown::new(ask.watch, ask.copy, json)?;
    // In a body, and by POST: a code by counter moves its counter.
    let wish = serde_json::json!({"reason": ask.reason, "ticket": ask.ticket, "claim": ask.claim});
    loop {
        let body = tokio::select! {
            body = take(&client, &name, &wish) => body?,
            () = shown.stopped() => return Ok(ExitCode::SUCCESS),
        };
        if json && ask.watch {
            output::line(serde_json::to_string(&body)?);
        } else if json {
            output::json(&body)?;
        } else if !shown.takes_over() {
            output::line(&body.token);
        }
        let ended = shown.show(&body.token, body.left()).await?;
        match body.left().filter(|_| ask.watch && ended == Ended::Over) {
            Some(_) if shown.takes_over() => {}
            // A little past the end, so that a clock that ticks in milliseconds has moved on too.
            Some(left) => tokio::time::sleep(left + Duration::from_millis(20)).await,
            None => return Ok(ExitCode::SUCCESS),
        }
    }
}

/// The current token; where one is claimed that somebody else has taken, the next.
async fn take(client: &Client, name: &str, wish: &serde_json::Value) -> anyhow::Result<TokenBody> {
    let path = format!("{}/token", credential_path(name));
    loop {
        let error = match client.send(Method::POST, &path, wish).await {
            Ok(body) => return Ok(body),
            Err(error) => error,
        };
        match error.downcast_ref::<Problem>().filter(|problem| problem.name() == "step-taken") {
            Some(problem) => {
                tokio::time::sleep(Duration::from_secs(problem.retry_after_seconds.unwrap_or(1))).await;
            }
            None => return Err(error),
        }
    }
}

/// Lets a person choose among the credentials whose token they may take; gives its name.
async fn choose(client: &Client) -> anyhow::Result<Option<String>> {
    if !output::is_somebody_there() {
        let said = "name a credential: only on a terminal is there a list to choose from";
        return Err(Usage(said.to_owned()).into());
    }
    let query = [("second_factor", "true".to_owned())];
    let mut found = client.all("/api/v1/credentials", &query, usize::MAX).await?;
    found.retain(|one| one.pointer("/may/token").and_then(serde_json::Value::as_bool).unwrap_or_default());
    anyhow::ensure!(!found.is_empty(), "there is no credential whose token you may take");
    let choices: Vec<Choice> = found
        .iter()
        .map(|one| Choice {
            name: text(one, "/name").to_owned(),
            more: format!("{} {}", text(one, "/username"), text(one, "/site/url")).trim().to_owned(),
        })
        .collect();
    let place = pick("credential: ", &choices).context("the list cannot be shown on this terminal")?;
    let Some(chosen) = place.and_then(|place| found.get(place)) else { return Ok(None) };
    output::note(output::printable(text(chosen, "/name")));
    Ok(Some(text(chosen, "/name").to_owned()))
}

async fn is_by_counter(client: &Client, name: &str) -> anyhow::Result<bool> {
    let credential: serde_json::Value = client.get(&credential_path(name), &[]).await?;
    Ok(credential.pointer("/second_factor/kind").and_then(serde_json::Value::as_str) == Some("hotp"))
}
