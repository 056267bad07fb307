//! When passwords of several credentials are changed without anybody asking: what would change, and to change it.

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    grant_words::{items, text},
    http::{Client, credential_path},
};
use crate::{args::PolicyArgs, output};

const POLICIES: &str = "/api/v1/credentials/policies";

pub(super) async fn run(client: &Client, ask: &PolicyArgs, as_json: bool) -> anyhow::Result<()> {
    let window = match &ask.window {
        None => Value::Null,
        Some(hours) => {
            let (from, to) = hours.split_once('-').context("--window is written as 22:00-05:00, in UTC")?;
            json!({"from": from, "to": to})
        }
    };
    let policy = json!({"every_days": ask.every_days, "after_reveal": ask.after_reveal, "window": window});
    let mut credentials = Vec::new();
    for name in &ask.names {
        let found: Value = client.get(&credential_path(name), &[]).await?;
        credentials.push(json!({"id": text(&found, "/id")}));
    }
    let body = json!({"credentials": credentials, "policy": policy, "preview": true});
    let mut answer: Value = client.send(Method::POST, POLICIES, &body).await?;
    if !ask.preview {
        // What was seen goes along, so that nothing is put in the place of what somebody else has said meanwhile.
        let seen = items(&answer).map(|one| json!({"id": text(one, "/id"), "before": one.get("before")}));
        let body = json!({"credentials": seen.collect::<Vec<_>>(), "policy": policy});
        answer = client.send(Method::POST, POLICIES, &body).await?;
    }
    if as_json {
        return output::json(&answer);
    }
    if ask.preview {
        output::note("nothing was changed");
    }
    output::lines(items(&answer).map(line));
    Ok(())
}

/// `Shop: every 90 days, next 2026-03-01T02:00:00Z`, `Bank: unchanged`.
fn line(one: &Value) -> String {
    let refused = text(one, "/refused");
    let what = if !refused.is_empty() {
        refused.to_owned()
    } else if one.get("before") == one.get("after") {
        "unchanged".to_owned()
    } else {
        one.get("after").map(policy).unwrap_or_default()
    };
    let next = match text(one, "/next_change_at") {
        "" => String::new(),
        next => format!(", next {next}"),
    };
    format!("{}: {what}{next}", text(one, "/name"))
}

/// `every 90 days, after each reveal, 22:00-05:00 UTC`, or `never by itself`.
fn policy(of: &Value) -> String {
    let days = of.get("every_days").and_then(Value::as_u64).map(|days| format!("every {days} days"));
    let seen = of.get("after_reveal").and_then(Value::as_bool).unwrap_or_default();
    let hours = of.get("window").filter(|window| !window.is_null());
    let hours = hours.map(|window| format!("{}-{} UTC", text(window, "/from"), text(window, "/to")));
    if days.is_none() && !seen {
        return "never by itself".to_owned();
    }
    days.into_iter().chain(seen.then(|| "after each reveal".to_owned())).chain(hours).collect::<Vec<_>>().join(", ")
}
