//! Tags of several credentials at once: what would change, and to change it.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    grant_words::{items, tell_access, text},
    http::{Client, credential_path},
};
use crate::{args::TagArgs, output};

const TAGS: &str = "/api/v1/credentials/tags";

pub(super) async fn run(client: &Client, ask: &TagArgs, as_json: bool) -> anyhow::Result<()> {
    let mut credentials = Vec::new();
    for name in &ask.names {
        let found: Value = client.get(&credential_path(name), &[]).await?;
        credentials.push(json!({"id": text(&found, "/id"), "revision": found.get("revision")}));
    }
    let body = json!({"credentials": credentials, "add": ask.add, "remove": ask.remove, "preview": ask.preview});
    let answer: Value = client.send(Method::POST, TAGS, &body).await?;
    if as_json {
        return output::json(&answer);
    }
    if ask.preview {
        output::note("nothing was changed");
    }
    output::lines(items(&answer).map(line));
    tell_access(answer.get("access").unwrap_or(&Value::Null));
    Ok(())
}

/// `Shop: +finance -old`, `Bank: unchanged`.
fn line(one: &Value) -> String {
    let tags = |field: &str, sign: char| {
        let all = one.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        all.map(|tag| format!("{sign}{tag}")).collect::<Vec<_>>()
    };
    let changed = [tags("added", '+'), tags("removed", '-')].concat().join(" ");
    let what = match (text(one, "/refused"), changed.as_str()) {
        ("", "") => "unchanged",
        ("", changed) => changed,
        (refused, _) => refused,
    };
    format!("{}: {what}", text(one, "/name"))
}
