//! The same grant on each of several credentials: what would change, and to give it.

use reqwest::Method;
use serde_json::{Value, json};

use super::grant_words::{items, tell_access, text};
use crate::{
    client::http::{Client, credential_path},
    output,
};

/// `body` is the grant without what it is on.
pub(super) async fn run(
    client: &Client,
    credentials: &[String],
    mut body: Value,
    preview: bool,
    as_json: bool,
) -> anyhow::Result<()> {
    let mut ids = Vec::new();
    for name in credentials {
        let found: Value = client.get(&credential_path(name), &[]).await?;
        ids.push(text(&found, "/id").to_owned());
    }
    body["credentials"] = json!(ids);
    body["preview"] = preview.into();
    let answer: Value = client.send(Method::POST, "/api/v1/credentials/grants", &body).await?;
    if as_json {
        return output::json(&answer);
    }
    if preview {
        output::note("nothing was changed");
    }
    output::lines(items(&answer).map(|one| line(one, preview)));
    tell_access(answer.get("access").unwrap_or(&Value::Null));
    Ok(())
}

/// `Shop: granted`, `Bank: granted before`.
fn line(one: &Value, preview: bool) -> String {
    let already = one.get("already").and_then(Value::as_bool).unwrap_or_default();
    let what = match (text(one, "/refused"), already) {
        ("", true) => "granted before",
        ("", false) if preview => "would be granted",
        ("", false) => "granted",
        (refused, _) => refused,
    };
    format!("{}: {what}", text(one, "/name"))
}
