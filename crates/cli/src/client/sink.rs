//! Destinations of the audit log.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    args::{SinkAddArgs, SinkCommand, SinkEditArgs, SinkWayArgs},
    client::http::{Client, reference},
    machine::files::read_file,
    output,
};

const SINKS: &str = "/api/v1/audit/sinks";
const LARGEST_FILE: u64 = 64 << 10;

pub(crate) async fn run(command: SinkCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    match command {
        SinkCommand::List => list(&client, as_json).await?,
        SinkCommand::Show { name } => {
            let sink: Value = client.get(&path(&name), &[]).await?;
            show(&sink, as_json)?;
        }
        SinkCommand::Add(ask) => add(&client, &ask, as_json).await?,
        SinkCommand::Edit(ask) => edit(&client, &ask, as_json).await?,
        SinkCommand::Test { name } => return test(&client, &name, as_json).await,
        SinkCommand::Pause { name } => act(&client, &name, "pause", &Value::Null, ("paused", as_json)).await?,
        SinkCommand::Resume { name } => act(&client, &name, "resume", &Value::Null, ("resumed", as_json)).await?,
        SinkCommand::Rewind { name, from } => {
            act(&client, &name, "rewind", &json!({"from": from}), ("rewound", as_json)).await?;
        }
        SinkCommand::Remove { name, yes } => return remove(&client, &name, yes, as_json).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(client: &Client, as_json: bool) -> anyhow::Result<()> {
    let sinks: Value = client.get(SINKS, &[]).await?;
    if as_json {
        return output::json(&sinks);
    }
    let mut table = output::table(&["NAME", "KIND", "ADDRESS", "STATE", "TAKEN", "BEHIND", "LAST ERROR"]);
    for sink in sinks.get("items").and_then(Value::as_array).into_iter().flatten() {
        let (taken, behind) = (number(sink, "taken"), number(sink, "behind"));
        let row = [text(sink, "name"), text(sink, "kind"), text(sink, "address"), text(sink, "state")];
        table.add_row(row.into_iter().chain([taken.as_str(), behind.as_str(), text(sink, "last_error")]));
    }
    output::line(table);
    Ok(())
}

fn show(sink: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(sink);
    }
    let mut table = output::table(&["SETTING", "VALUE"]);
    for (name, value) in sink.as_object().into_iter().flatten() {
        let shown = match value {
            Value::String(text) => text.clone(),
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        };
        table.add_row([name.replace('_', " "), shown]);
    }
    output::line(table);
    Ok(())
}

async fn add(client: &Client, ask: &SinkAddArgs, as_json: bool) -> anyhow::Result<()> {
    let mut body = json!({"name": ask.name, "kind": ask.kind, "from_beginning": ask.from_beginning});
    apply(&mut body, &ask.way)?;
    let sink: Value = client.send(Method::POST, SINKS, &body).await?;
    tell(&sink, as_json, &format!("added {}", text(&sink, "name")))
}

async fn edit(client: &Client, ask: &SinkEditArgs, as_json: bool) -> anyhow::Result<()> {
    let sink: Value = client.get(&path(&ask.name), &[]).await?;
    let mut body = json!({"new_signing_secret": ask.new_signing_secret});
    for field in ["name", "kind", "authority", "plain", "acts"] {
        if let Some(value) = sink.get(field) {
            body[field] = value.clone();
        }
    }
    body["paused"] = (text(&sink, "state") == "paused").into();
    if let Some(name) = &ask.new_name {
        body["name"] = name.as_str().into();
    }
    if ask.all_actions {
        body["acts"] = json!([]);
    }
    if ask.no_authority {
        body["authority"] = Value::Null;
    }
    if ask.no_header {
        body["header"] = Value::Null;
    }
    if ask.no_plain {
        body["plain"] = false.into();
    }
    apply(&mut body, &ask.way)?;
    let path = format!("{SINKS}/{}", text(&sink, "id"));
    let sink: Value = client.send(Method::PUT, &path, &body).await?;
    tell(&sink, as_json, &format!("changed {}", text(&sink, "name")))
}

fn apply(body: &mut Value, way: &SinkWayArgs) -> anyhow::Result<()> {
    let read = |what: &str, path: &Path| -> anyhow::Result<Value> {
        let text = String::from_utf8(read_file(what, path, LARGEST_FILE)?);
        Ok(Value::from(text.with_context(|| format!("{} is not text", path.display()))?.trim()))
    };
    if let Some(address) = &way.address {
        body["address"] = address.as_str().into();
    }
    let files = [
        ("address", "the address", &way.address_file),
        ("header", "the header", &way.header_file),
        ("authority", "the authority's certificate", &way.authority),
    ];
    for (field, what, path) in files {
        if let Some(path) = path {
            body[field] = read(what, path)?;
        }
    }
    if way.allow_plain {
        body["plain"] = true.into();
    }
    if !way.acts.is_empty() {
        body["acts"] = way.acts.clone().into();
    }
    Ok(())
}

async fn test(client: &Client, name: &str, as_json: bool) -> anyhow::Result<ExitCode> {
    let tested: Value = client.send(Method::POST, &format!("{}/test", path(name)), &json!({})).await?;
    let taken = tested.get("taken").and_then(Value::as_bool).unwrap_or_default();
    if as_json {
        output::json(&tested)?;
    } else {
        output::line(format!("{}: {}", if taken { "taken" } else { "NOT TAKEN" }, text(&tested, "answer")));
    }
    Ok(if taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn act(
    client: &Client,
    name: &str,
    verb: &str,
    body: &Value,
    (done, as_json): (&str, bool),
) -> anyhow::Result<()> {
    let sink: Value = client.send(Method::POST, &format!("{}/{verb}", path(name)), body).await?;
    tell(&sink, as_json, &format!("{done} {}", text(&sink, "name")))
}

async fn remove(client: &Client, name: &str, yes: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    let sink: Value = client.get(&path(name), &[]).await?;
    let name = text(&sink, "name");
    let question = format!("Remove the destination {name}? The audit log is not sent there any more.");
    if !(yes || as_json || output::confirmed(&question)?) {
        return Ok(ExitCode::FAILURE);
    }
    client.delete(&format!("{SINKS}/{}", text(&sink, "id"))).await?;
    tell(&json!({"removed": name}), as_json, &format!("removed {name}"))?;
    Ok(ExitCode::SUCCESS)
}

fn tell(answer: &Value, as_json: bool, line: &str) -> anyhow::Result<()> {
    output::answer(answer, as_json, line)?;
    if as_json {
        return Ok(());
    }
    if let Some(secret) = answer.get("signing_secret").and_then(Value::as_str) {
        output::line(format!("signing secret, shown this once: {secret}"));
    }
    Ok(())
}

fn path(name: &str) -> String {
    format!("{SINKS}/{}", reference(name))
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_u64).unwrap_or_default().to_string()
}
