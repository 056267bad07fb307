//! Groups of users.

use std::process::ExitCode;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    args::{GroupCommand, MemberArgs},
    client::http::{Client, reference},
    output,
};

pub(crate) async fn run(command: GroupCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    match command {
        GroupCommand::List => list(&client, as_json).await?,
        GroupCommand::Show { name } => {
            let group: Value = client.get(&path(&name), &[]).await?;
            show(&group, as_json)?;
        }
        GroupCommand::Add { name } => {
            let group: Value = client.send(Method::POST, "/api/v1/groups", &json!({"name": name})).await?;
            output::answer(&group, as_json, &format!("added {}", text(&group, "name")))?;
        }
        GroupCommand::Rename { name, new } => {
            let group: Value = client.send(Method::PATCH, &path(&name), &json!({"name": new})).await?;
            output::answer(&group, as_json, &format!("renamed to {}", text(&group, "name")))?;
        }
        GroupCommand::Remove { name, yes } => return remove(&client, &name, yes, as_json).await,
        GroupCommand::AddMember(ask) => {
            let (member, named) = member_path(&ask)?;
            let group: Value = client.send(Method::PUT, &member, &json!({})).await?;
            output::answer(&group, as_json, &format!("added {named} to {}", text(&group, "name")))?;
        }
        GroupCommand::RemoveMember(ask) => {
            let (member, named) = member_path(&ask)?;
            let group: Value = client.send(Method::DELETE, &member, &json!({})).await?;
            output::answer(&group, as_json, &format!("removed {named} from {}", text(&group, "name")))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(client: &Client, as_json: bool) -> anyhow::Result<()> {
    let groups: Value = client.get("/api/v1/groups", &[]).await?;
    if as_json {
        return output::json(&groups);
    }
    let mut table = output::table(&["NAME", "PEOPLE", "MEMBERS"]);
    for group in groups.get("items").and_then(Value::as_array).into_iter().flatten() {
        let people = group.get("people").and_then(Value::as_u64).unwrap_or_default().to_string();
        let members: Vec<&str> = members(group).map(|(_, name)| name).collect();
        table.add_row([text(group, "name"), &people, &members.join(", ")]);
    }
    output::line(table);
    Ok(())
}

fn show(group: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(group);
    }
    let mut table = output::table(&["KIND", "NAME"]);
    for (kind, name) in members(group) {
        table.add_row([kind, name]);
    }
    output::line(table);
    Ok(())
}

async fn remove(client: &Client, name: &str, yes: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    let group: Value = client.get(&path(name), &[]).await?;
    let name = text(&group, "name");
    let question = format!("Remove the group {name} with what was granted to it? This cannot be undone.");
    if !(yes || as_json || output::confirmed(&question)?) {
        return Ok(ExitCode::FAILURE);
    }
    client.delete(&format!("/api/v1/groups/{}", text(&group, "id"))).await?;
    output::answer(&json!({"removed": name}), as_json, &format!("removed {name}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Groups first, then users.
fn members(group: &Value) -> impl Iterator<Item = (&'static str, &str)> {
    let named = move |field: &'static str, kind: &'static str| {
        let items = group.get(field).and_then(Value::as_array).into_iter().flatten();
        items.map(move |item| (kind, text(item, "name")))
    };
    named("groups", "group").chain(named("users", "user"))
}

fn path(name: &str) -> String {
    format!("/api/v1/groups/{}", reference(name))
}

fn member_path(ask: &MemberArgs) -> anyhow::Result<(String, &str)> {
    let (kind, name) = match (&ask.user, &ask.group) {
        (Some(user), _) => ("users", user),
        (None, Some(group)) => ("groups", group),
        (None, None) => anyhow::bail!("name a user or a group"),
    };
    Ok((format!("{}/{kind}/{}", path(&ask.name), reference(name)), name))
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}
