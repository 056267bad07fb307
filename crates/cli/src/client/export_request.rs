//! Exports that another administrator has to approve: whether they do, asking, looking, deciding.

use std::process::ExitCode;

use reqwest::Method;
use serde_json::{Value, json};

use super::grant_words::{items, text};
use crate::{
    args::{DecideArgs, ExportApprovalCommand, RequestListArgs},
    client::http::Client,
    failure::Problem,
    output,
};

const REQUESTS: &str = "/api/v1/export/requests";

pub(crate) async fn approval(command: ExportApprovalCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let stands = match command {
        ExportApprovalCommand::Off { reason } => {
            return ask(&client, &json!({"turn_off": true, "reason": reason}), as_json).await;
        }
        ExportApprovalCommand::Show => client.get("/api/v1/export/approval", &[]).await?,
        ExportApprovalCommand::On => {
            client.send(Method::PUT, "/api/v1/export/approval", &json!({"required": true})).await?
        }
    };
    say_approval(&stands, as_json)?;
    Ok(ExitCode::SUCCESS)
}

fn say_approval(stands: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(stands);
    }
    let required = stands.get("required").and_then(Value::as_bool).unwrap_or_default();
    let alone = stands.get("administrators").and_then(Value::as_u64).unwrap_or_default() < 2;
    output::line(if required {
        "exports need the approval of a second administrator"
    } else {
        "each administrator exports alone"
    });
    if alone {
        output::note("there is no second administrator: make somebody else one in the page, under Settings › Users");
    }
    Ok(())
}

/// Asks for an approval of what the body says.
pub(super) async fn ask(client: &Client, body: &Value, as_json: bool) -> anyhow::Result<ExitCode> {
    let request: Value = client.send(Method::POST, REQUESTS, body).await?;
    said(&request, as_json)?;
    if !as_json {
        let id = text(&request, "/id");
        output::note(format!("another administrator approves it with: countersign approve {id}"));
        if request.get("turn_off").and_then(Value::as_bool) != Some(true) {
            output::note(format!("then, once and within an hour: countersign export --request {id} --out FOLDER"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a request asks for, as the server wants to read it again.
pub(super) async fn approved(client: &Client, id: &str) -> anyhow::Result<Value> {
    let request: Value = client.get(&format!("{REQUESTS}/{id}"), &[]).await?;
    let turn_off = request.get("turn_off").and_then(Value::as_bool).unwrap_or_default();
    anyhow::ensure!(!turn_off, "request {id} is for no export");
    let mut body = json!({"format": text(&request, "/format"), "request": id});
    if request.get("all").and_then(Value::as_bool).unwrap_or_default() {
        body["all"] = json!(true);
    } else if let Some(tag) = request.get("tag").filter(|tag| tag.is_string()) {
        body["tag"] = tag.clone();
    } else {
        body["credentials"] = request.get("credentials").cloned().unwrap_or_default();
    }
    Ok(body)
}

pub(super) async fn list(client: &Client, ask: &RequestListArgs, as_json: bool) -> anyhow::Result<()> {
    let scope = if ask.mine { Some("mine") } else { ask.to_decide.then_some("to_decide") };
    let mut query = vec![("limit", "200".to_owned())];
    query.extend(scope.map(|scope| ("scope", scope.to_owned())));
    let page: Value = client.get(REQUESTS, &query).await?;
    if as_json {
        return output::json(&page);
    }
    let mut table = output::table(&["ID", "WHO", "FOR", "STATE", "REASON"]);
    for one in items(&page) {
        table.add_row([
            text(one, "/id"),
            text(one, "/user/name"),
            &wanted(one),
            text(one, "/state"),
            text(one, "/reason"),
        ]);
    }
    output::line(table);
    if page.get("next_cursor").is_some_and(Value::is_string) {
        output::note("there are more: narrow the list with --mine or --to-decide");
    }
    Ok(())
}

/// Decides, where there is no request for access of that id: `tried` is what was said of that.
pub(super) async fn decide(
    client: &Client,
    how: &str,
    ask: &DecideArgs,
    tried: anyhow::Error,
    as_json: bool,
) -> anyhow::Result<()> {
    let tried = unless_absent(tried)?;
    let body = json!({"comment": ask.comment});
    let request = client.send(Method::POST, &format!("{REQUESTS}/{}/{how}", ask.id), &body).await;
    said(&request.map_err(|error| rather(error, tried))?, as_json)
}

/// Shows a request, where there is none for access of that id: `tried` is what was said of that.
pub(super) async fn show(client: &Client, id: &str, tried: anyhow::Error, as_json: bool) -> anyhow::Result<()> {
    let tried = unless_absent(tried)?;
    let request: Value = client.get(&format!("{REQUESTS}/{id}"), &[]).await.map_err(|error| rather(error, tried))?;
    if as_json {
        return output::json(&request);
    }
    let count = request.get("count").and_then(Value::as_u64).map(|count| count.to_string()).unwrap_or_default();
    let names: Vec<&str> =
        request.get("names").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut table = output::table(&["", ""]);
    let plain = [
        ("request", text(&request, "/id").to_owned()),
        ("state", text(&request, "/state").to_owned()),
        ("user", text(&request, "/user/name").to_owned()),
        ("for", wanted(&request)),
        ("credentials", count),
        ("named", names.join(", ")),
        ("reason", text(&request, "/reason").to_owned()),
        ("asked", text(&request, "/created_at").to_owned()),
        ("asked from", text(&request, "/address").to_owned()),
        ("waits until", text(&request, "/waits_until").to_owned()),
        ("approved by", text(&request, "/approved/by").to_owned()),
        ("serves until", text(&request, "/serves_until").to_owned()),
        ("ended by", text(&request, "/closed/by").to_owned()),
        ("comment", text(&request, "/closed/comment").to_owned()),
    ];
    for (name, value) in plain.into_iter().filter(|(_, value)| !value.is_empty()) {
        table.add_row([name.to_owned(), value]);
    }
    output::line(table);
    Ok(())
}

/// In one line.
fn said(request: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(request);
    }
    let (id, who, state) = (text(request, "/id"), text(request, "/user/name"), text(request, "/state"));
    let until = text(request, "/serves_until");
    let until = if state == "approved" { format!(" until {until}") } else { String::new() };
    output::line(format!("request {id} of {who} for {}: {state}{until}", wanted(request)));
    Ok(())
}

/// What a request asks for.
fn wanted(request: &Value) -> String {
    if request.get("turn_off").and_then(Value::as_bool).unwrap_or_default() {
        return "exports without approval".to_owned();
    }
    let format = text(request, "/format");
    if request.get("all").and_then(Value::as_bool).unwrap_or_default() {
        return format!("an export of all credentials as {format}");
    }
    match text(request, "/tag") {
        "" => {
            let count = request.get("credentials").and_then(Value::as_array).map_or(0, Vec::len);
            let credentials = if count == 1 { "credential" } else { "credentials" };
            format!("an export of {count} {credentials} as {format}")
        }
        tag => format!("an export of the credentials with the tag {tag} as {format}"),
    }
}

fn is_absent(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Problem>().is_some_and(|problem| problem.name() == "not-found")
}

fn unless_absent(error: anyhow::Error) -> anyhow::Result<anyhow::Error> {
    if is_absent(&error) { Ok(error) } else { Err(error) }
}

/// Who may not know of exports, or asks for what is neither, reads what was said of access.
fn rather(error: anyhow::Error, tried: anyhow::Error) -> anyhow::Error {
    let denied = error
        .downcast_ref::<Problem>()
        .is_some_and(|problem| problem.name() == "denied" && problem.detail.starts_with("you are not allowed"));
    if is_absent(&error) || denied { tried } else { error }
}
