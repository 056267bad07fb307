//! Requests for access: asking, looking, deciding.

use std::{process::ExitCode, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    export_request,
    grant::permissions,
    grant_words::{allowed, items, text},
};
use crate::{
    args::{ApproveArgs, DecideArgs, RequestAddArgs, RequestCommand, RequestListArgs},
    client::http::{Client, named},
    output,
};

const LOOK_EVERY: Duration = Duration::from_secs(2);
const DENIED: u8 = 3;

pub(crate) async fn run(command: RequestCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    match command {
        RequestCommand::Add(ask) => return add(&client, &ask, as_json).await,
        RequestCommand::List(ask) if ask.exports => export_request::list(&client, &ask, as_json).await?,
        RequestCommand::List(ask) => list(&client, &ask, as_json).await?,
        RequestCommand::Show { id } => match client.get(&format!("/api/v1/requests/{id}"), &[]).await {
            Ok(request) => show(&request, as_json)?,
            Err(error) => export_request::show(&client, &id, error, as_json).await?,
        },
        RequestCommand::Approve(ask) => return approve(&ask, as_json).await,
        RequestCommand::Reject(ask) => decide(&client, "reject", &ask, as_json).await?,
        RequestCommand::Cancel(ask) => decide(&client, "cancel", &ask, as_json).await?,
        RequestCommand::Revoke(ask) => decide(&client, "revoke", &ask, as_json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn approve(ask: &ApproveArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let body = json!({"minutes": ask.minutes, "comment": ask.comment});
    match client.send(Method::POST, &format!("/api/v1/requests/{}/approve", ask.id), &body).await {
        Ok(request) => said(&request, as_json)?,
        Err(error) if ask.minutes.is_some() => return Err(error),
        Err(error) => {
            let ask = DecideArgs { id: ask.id.clone(), comment: ask.comment.clone() };
            export_request::decide(&client, "approve", &ask, error, as_json).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(client: &Client, ask: &RequestAddArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let mut wanted = permissions(&ask.permissions);
    let asks_for = |value: &Value| value.as_bool() == Some(true) || value.is_string();
    // What most people want, where nothing is named.
    if !wanted.as_object().is_some_and(|all| all.values().any(asks_for)) {
        wanted["token"] = true.into();
    }
    let body = json!({
        "credential": named(&ask.name),
        "permissions": wanted,
        "minutes": ask.minutes,
        "not_before": ask.not_before,
        "reason": ask.reason,
        "ticket": ask.ticket,
        "emergency": ask.emergency,
    });
    let mut request: Value = client.send(Method::POST, "/api/v1/requests", &body).await?;
    if ask.wait && text(&request, "/state") == "pending" {
        output::note(format!("request {} is pending", text(&request, "/id")));
        while text(&request, "/state") == "pending" {
            tokio::time::sleep(LOOK_EVERY).await;
            request = client.get(&format!("/api/v1/requests/{}", text(&request, "/id")), &[]).await?;
        }
    }
    said(&request, as_json)?;
    let over = !matches!(text(&request, "/state"), "pending" | "approved");
    Ok(if over { ExitCode::from(DENIED) } else { ExitCode::SUCCESS })
}

async fn decide(client: &Client, how: &str, ask: &DecideArgs, as_json: bool) -> anyhow::Result<()> {
    let body = json!({"comment": ask.comment});
    match client.send(Method::POST, &format!("/api/v1/requests/{}/{how}", ask.id), &body).await {
        Ok(request) => said(&request, as_json),
        Err(error) if how == "revoke" => Err(error),
        Err(error) => export_request::decide(client, how, ask, error, as_json).await,
    }
}

async fn list(client: &Client, ask: &RequestListArgs, as_json: bool) -> anyhow::Result<()> {
    let scope = if ask.mine { Some("mine") } else { ask.to_decide.then_some("to_decide") };
    let mut query = vec![("limit", "200".to_owned())];
    query.extend(scope.map(|scope| ("scope", scope.to_owned())));
    query.extend(ask.state.as_ref().map(|state| ("state", state.clone())));
    query.extend(ask.credential.as_ref().map(|name| ("credential", named(name))));
    let page: Value = client.get("/api/v1/requests", &query).await?;
    if as_json {
        return output::json(&page);
    }
    let mut table = output::table(&["ID", "WHO", "CREDENTIAL", "FOR", "MINUTES", "STATE", "REASON"]);
    for one in items(&page) {
        let minutes = one.get("minutes").map(ToString::to_string).unwrap_or_default();
        let state = text(one, "/state");
        let name = (text(one, "/id"), text(one, "/user/name"), text(one, "/credential/name"));
        table.add_row([name.0, name.1, name.2, &wanted(one), &minutes, state, text(one, "/reason")]);
    }
    output::line(table);
    if page.get("next_cursor").is_some_and(Value::is_string) {
        output::note("there are more: narrow the list with --state or --credential");
    }
    Ok(())
}

/// What a request asks for, beside seeing the credential.
fn wanted(request: &Value) -> String {
    let all = allowed(request);
    all.strip_prefix("see, ").map_or_else(|| all.clone(), str::to_owned)
}

/// In one line.
fn said(request: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(request);
    }
    let (id, state) = (text(request, "/id"), text(request, "/state"));
    let until = text(request, "/until");
    let until = if state == "approved" { format!(" until {until}") } else { String::new() };
    let who = (text(request, "/user/name"), text(request, "/credential/name"));
    output::line(format!("request {id} of {} for {} ({}): {state}{until}", who.0, who.1, wanted(request)));
    Ok(())
}

fn show(request: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(request);
    }
    let mut table = output::table(&["", ""]);
    let minutes = request.get("minutes").map(ToString::to_string).unwrap_or_default();
    let plain = [
        ("request", text(request, "/id").to_owned()),
        ("state", text(request, "/state").to_owned()),
        ("user", text(request, "/user/name").to_owned()),
        ("credential", text(request, "/credential/name").to_owned()),
        ("for", wanted(request)),
        ("minutes", minutes),
        ("reason", text(request, "/reason").to_owned()),
        ("ticket", text(request, "/ticket").to_owned()),
        ("emergency", text(request, "/emergency").to_owned()),
        ("asked", text(request, "/created_at").to_owned()),
        ("asked from", text(request, "/address").to_owned()),
        ("allowed from", text(request, "/from").to_owned()),
        ("allowed until", text(request, "/until").to_owned()),
        ("ended by", text(request, "/closed/by").to_owned()),
        ("comment", text(request, "/closed/comment").to_owned()),
    ];
    for (name, value) in plain.into_iter().filter(|(_, value)| !value.is_empty()) {
        table.add_row([name.to_owned(), value]);
    }
    let list = |field: &str| request.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    for level in list("levels") {
        let given = level.get("given").and_then(Value::as_array).into_iter().flatten();
        let names: Vec<&str> = given.map(|one| text(one, "/by")).collect();
        let count = level.get("approvals").and_then(Value::as_u64).unwrap_or(1);
        let by = if names.is_empty() { "nobody yet".to_owned() } else { names.join(", ") };
        table.add_row(["approval".to_owned(), format!("{count} of {}: {by}", text(&level, "/name"))]);
    }
    for session in list("sessions") {
        table.add_row(["session".to_owned(), session.as_str().unwrap_or_default().to_owned()]);
    }
    for one in list("last_uses") {
        table.add_row([
            "last use".to_owned(),
            format!("{} {} {}", text(&one, "/at"), text(&one, "/by"), text(&one, "/act")),
        ]);
    }
    output::line(table);
    Ok(())
}
