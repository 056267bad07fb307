//! Records of the audit log, by what they are about.

use serde_json::{Value, json};

use super::grant_words::{items, text};
use crate::{
    args::RecordsArgs,
    client::http::{Client, credential_path},
    output,
};

/// As many as the server gives at once.
const PAGE: u32 = 200;

pub(super) async fn list(ask: &RecordsArgs, as_json: bool) -> anyhow::Result<()> {
    let client = Client::from_environment()?;
    let mut query = Vec::new();
    if let Some(name) = &ask.credential {
        let credential: Value = client.get(&credential_path(name), &[]).await?;
        query.push(("credential", text(&credential, "/id").to_owned()));
    }
    for (field, value) in [("act", &ask.act), ("search", &ask.search), ("since", &ask.since), ("until", &ask.until)] {
        query.extend(value.as_ref().map(|value| (field, value.clone())));
    }
    let mut found: Vec<Value> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let left = ask.limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        if left == 0 {
            break;
        }
        let mut query = query.clone();
        query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        query.push(("limit", left.min(PAGE).to_string()));
        let page: Value = client.get("/api/v1/audit/records", &query).await?;
        found.extend(items(&page).cloned());
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    if as_json {
        return output::json(&json!({"items": found}));
    }
    let mut table = output::table(&["NUMBER", "TIME", "WHO", "ACT", "WHAT", "REASON"]);
    for one in &found {
        let number = one.get("seq").and_then(Value::as_u64).unwrap_or_default().to_string();
        let of = |path: &str| text(one, path).to_owned();
        table.add_row([number, of("/at"), of("/actor/name"), of("/act"), of("/object/name"), of("/reason")]);
    }
    output::line(table);
    Ok(())
}
