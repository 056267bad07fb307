//! Reviews of grants: which are due, and to keep or remove them.

use std::collections::HashMap;

use anyhow::bail;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    grant_words::{allowed, asked, holder, items, target, text},
    http::Client,
};
use crate::{args::ReviewArgs, output};

const REVIEWS: &str = "/api/v1/grants/reviews";

pub(super) async fn list(client: &Client, which: &str, as_json: bool) -> anyhow::Result<()> {
    let (found, last) = read(client, which).await?;
    let count = |name| last.get(name).and_then(Value::as_u64).unwrap_or_default();
    if as_json {
        return output::json(&json!({
            "items": found, "due": count("due"), "days": count("days"), "all_counted": last.get("all_counted"),
        }));
    }
    match count("days") {
        0 => output::note("grants do not come up for review here"),
        days => output::note(format!("{} due: nobody has decided on them for {days} days", count("due"))),
    }
    if last.get("all_counted").and_then(Value::as_bool) == Some(false) {
        output::note("the audit log is still being looked through: there may be later uses");
    }
    let mut table = output::table(&["ID", "TO", "ON", "MAY", "IF", "DECIDED", "LAST USED"]);
    for one in &found {
        let Some(grant) = one.get("grant") else { continue };
        let id = text(grant, "/id").to_owned();
        let (decided, used) = (moment(one, "decided_at", "/decided_by"), moment_of_use(one));
        table.add_row([id, holder(grant), target(grant), allowed(grant), asked(grant), decided, used]);
    }
    output::line(table);
    Ok(())
}

pub(super) async fn decide(client: &Client, ask: &ReviewArgs, as_json: bool) -> anyhow::Result<()> {
    if let Some(days) = ask.days {
        client.send_plain(Method::PUT, &format!("{REVIEWS}/settings"), &json!({"days": days})).await?;
        return if as_json {
            output::json(&json!({"days": days}))
        } else {
            output::line(match days {
                0 => "grants do not come up for review any more".to_owned(),
                days => format!("grants come up for review after {days} days"),
            });
            Ok(())
        };
    }
    // What is decided is decided about the grants as they are now.
    let (all, _) = read(client, "all").await?;
    let by_id: HashMap<&str, &Value> = all.iter().map(|one| (text(one, "/grant/id"), one)).collect();
    let mut items = Vec::new();
    for (ids, keep) in [(&ask.keep, true), (&ask.remove, false)] {
        for id in ids {
            let Some(one) = by_id.get(id.as_str()) else {
                bail!("no grant has the id {id}: `countersign grant reviews --show all` lists them");
            };
            items.push(json!({"id": id, "decided_at": one.get("decided_at"), "keep": keep}));
        }
    }
    client.send_plain(Method::POST, REVIEWS, &json!({"items": items})).await?;
    if as_json {
        return output::json(&json!({"kept": ask.keep, "removed": ask.remove}));
    }
    output::lines(ask.keep.iter().map(|id| format!("kept {id}")));
    output::lines(ask.remove.iter().map(|id| format!("removed {id}")));
    Ok(())
}

/// All pages of the list, and the last one as it came.
async fn read(client: &Client, which: &str) -> anyhow::Result<(Vec<Value>, Value)> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut query = vec![("limit", "200".to_owned()), ("show", which.to_owned())];
        query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let page: Value = client.get(REVIEWS, &query).await?;
        found.extend(items(&page).cloned());
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(next) => cursor = Some(next.to_owned()),
            None => return Ok((found, page)),
        }
    }
}

fn moment(one: &Value, at: &str, by: &str) -> String {
    match one.get(at).and_then(Value::as_str) {
        Some(at) => format!("{at} by {}", text(one, by)),
        None => "unknown".to_owned(),
    }
}

fn moment_of_use(one: &Value) -> String {
    match one.get("last_use").filter(|used| !used.is_null()) {
        Some(used) => format!("{} by {} ({})", text(used, "/at"), text(used, "/name"), text(used, "/act")),
        None => "never".to_owned(),
    }
}
