//! The bin: credentials that were removed, to restore them or to delete them permanently.

use std::process::ExitCode;

use anyhow::bail;
use reqwest::Method;
use serde_json::{Value, json};

use super::{grant_words::text, http::Client};
use crate::{failure::Problem, output};

const BIN: &str = "/api/v1/bin";

pub(super) async fn list(client: &Client, as_json: bool) -> anyhow::Result<()> {
    let items = client.all(BIN, &[], usize::MAX).await?;
    if as_json {
        return output::json(&json!({"items": items}));
    }
    let mut table = output::table(&["ID", "NAME", "USERNAME", "REMOVED", "BY", "DELETED"]);
    for item in &items {
        table.add_row(
            ["/id", "/name", "/username", "/removed_at", "/removed_by", "/deleted_at"]
                .map(|at| text(item, at).to_owned()),
        );
    }
    output::line(table);
    Ok(())
}

/// The credential as it is again.
pub(super) async fn restore(client: &Client, name: &str, new_name: Option<&str>) -> anyhow::Result<Value> {
    let found = find(client, name).await?;
    let body = new_name.map_or_else(|| json!({}), |name| json!({"name": name}));
    client.send(Method::POST, &format!("{BIN}/{}/restore", text(&found, "/id")), &body).await
}

pub(super) async fn delete(client: &Client, name: &str, yes: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    let found = find(client, name).await?;
    let (id, name) = (text(&found, "/id"), text(&found, "/name"));
    let question = format!("Delete {name} with its password, setup key and history? This cannot be undone.");
    if !(yes || as_json || output::confirmed(&question)?) {
        return Ok(ExitCode::FAILURE);
    }
    client.delete(&format!("{BIN}/{id}")).await?;
    if as_json {
        output::json(&json!({"deleted": name, "id": id}))?;
    } else {
        output::line(format!("deleted {name}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The one in the bin of that id or, in any case of its letters, that name.
async fn find(client: &Client, wanted: &str) -> anyhow::Result<Value> {
    let items = client.all(BIN, &[], usize::MAX).await?;
    if let Some(one) = items.iter().find(|item| text(item, "/id") == wanted) {
        return Ok(one.clone());
    }
    let key = wanted.trim().to_lowercase();
    let named: Vec<_> = items.iter().filter(|item| text(item, "/name").to_lowercase() == key).collect();
    match named.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(Problem {
            kind: "not-found".to_owned(),
            detail: format!("no credential in the bin has the name or id {wanted}"),
            hint: Some("`countersign credential bin` lists them".to_owned()),
            retry_after_seconds: None,
            asked: None,
        }
        .into()),
        several => {
            let when = |item: &&Value| format!("{} (removed {})", text(item, "/id"), text(item, "/removed_at"));
            let ids: Vec<_> = several.iter().map(when).collect();
            bail!("several credentials in the bin have the name {wanted}: say which by its id, {}", ids.join(" or "))
        }
    }
}
