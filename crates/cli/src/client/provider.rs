//! The provider with which people sign in.

use std::{
    io::{self, BufRead as _, Read as _},
    process::ExitCode,
};

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    args::{ProviderCommand, ProviderSetArgs},
    client::http::Client,
    failure::Problem,
    output,
};

const PATH: &str = "/api/v1/provider";

pub(crate) async fn run(command: ProviderCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    match command {
        ProviderCommand::Show => show(&current(&client).await?.ok_or_else(none)?, as_json)?,
        ProviderCommand::Set(ask) => {
            let provider: Value = client.send(Method::PUT, PATH, &wish(&client, &ask).await?).await?;
            if as_json {
                output::json(&provider)?;
            } else {
                output::line(format!("users can sign in with {}", text(&provider, "name")));
                output::note(format!("at the provider, allow this redirect URI: {}", text(&provider, "callback")));
            }
        }
        ProviderCommand::Test { issuer } => test(&client, issuer, as_json).await?,
        ProviderCommand::Remove { yes } => return remove(&client, yes, as_json).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn current(client: &Client) -> anyhow::Result<Option<Value>> {
    let state: Value = client.get(PATH, &[]).await?;
    Ok(state.get("provider").cloned())
}

fn none() -> Problem {
    Problem {
        kind: "urn:countersign:problem:not-found".to_owned(),
        detail: "no sign-in provider is set up".to_owned(),
        hint: Some("see `countersign provider set --help`".to_owned()),
        retry_after_seconds: None,
        asked: None,
    }
}

/// What is there, with what is asked for in its place.
async fn wish(client: &Client, ask: &ProviderSetArgs) -> anyhow::Result<Value> {
    let before = current(client).await?.unwrap_or_else(|| json!({}));
    let mut wish = json!({});
    let kept = [
        "name",
        "issuer",
        "client_id",
        "address",
        "scopes",
        "match_by",
        "new_users",
        "trusts_second_factor",
        "groups_claim",
    ];
    for field in kept {
        if let Some(value) = before.get(field) {
            wish[field] = value.clone();
        }
    }
    let groups = before.get("groups").and_then(Value::as_array).into_iter().flatten();
    wish["groups"] = groups.map(|it| json!({"value": it["value"], "group": it["group"]})).collect();
    let given = [
        ("name", &ask.name),
        ("issuer", &ask.issuer),
        ("client_id", &ask.client_id),
        ("address", &ask.address),
        ("match_by", &ask.match_by),
        ("groups_claim", &ask.groups_claim),
    ];
    for (field, value) in given.into_iter().filter_map(|(field, value)| Some((field, value.as_ref()?))) {
        wish[field] = value.as_str().into();
    }
    if let Some(role) = &ask.new_users {
        wish["new_users"] = if role == "nobody" { Value::Null } else { role.as_str().into() };
    }
    if let Some(trust) = ask.trust_second_factor {
        wish["trusts_second_factor"] = trust.into();
    }
    if !ask.scope.is_empty() {
        wish["scopes"] = ask.scope.clone().into();
    }
    if !ask.group.is_empty() || ask.no_groups {
        wish["groups"] = ask.group.iter().map(|text| mapping(text)).collect::<anyhow::Result<_>>()?;
    }
    if ask.client_secret_stdin {
        let mut line = String::new();
        io::stdin().lock().take(1 << 16).read_line(&mut line).context("standard input cannot be read")?;
        let secret = line.trim_end_matches(['\r', '\n']);
        anyhow::ensure!(!secret.is_empty(), "standard input does not hold a client secret");
        wish["client_secret"] = secret.into();
    }
    for (field, flag) in
        [("name", "--name"), ("issuer", "--issuer"), ("client_id", "--client-id"), ("address", "--address")]
    {
        anyhow::ensure!(wish.get(field).is_some(), "{flag} is needed, because no sign-in provider is set up yet");
    }
    Ok(wish)
}

/// `VALUE=GROUP`; a value may hold an equals sign, as names in directories do, and a group's name rarely does.
fn mapping(text: &str) -> anyhow::Result<Value> {
    let (value, group) = text
        .rsplit_once('=')
        .filter(|(value, group)| !value.is_empty() && !group.is_empty())
        .with_context(|| format!("\"{text}\" names no group: write VALUE=GROUP"))?;
    let group =
        if group.parse::<countersign_model::GroupId>().is_ok() { group.to_owned() } else { format!("name:{group}") };
    Ok(json!({"value": value, "group": group}))
}

fn show(provider: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(provider);
    }
    let is = |field: &str| provider.get(field).and_then(Value::as_bool).unwrap_or_default();
    let yes = |it: bool| if it { "yes" } else { "no" };
    let scopes: Vec<&str> =
        provider.get("scopes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut table = output::table(&["SETTING", "VALUE"]);
    for (name, value) in [
        ("name", text(provider, "name")),
        ("issuer", text(provider, "issuer")),
        ("client id", text(provider, "client_id")),
        ("client secret", yes(is("has_secret"))),
        ("redirect URI", text(provider, "callback")),
        ("scopes", &scopes.join(" ")),
        ("recognises users by", text(provider, "match_by")),
        ("adds users as", provider.get("new_users").and_then(Value::as_str).unwrap_or("nobody")),
        ("second factor trusted", yes(is("trusts_second_factor"))),
        ("groups claim", provider.get("groups_claim").and_then(Value::as_str).unwrap_or("none")),
    ] {
        table.add_row([name, value]);
    }
    for group in provider.get("groups").and_then(Value::as_array).into_iter().flatten() {
        let name = group.get("name").and_then(Value::as_str).unwrap_or("a group that was removed");
        table.add_row(["group", &format!("{} → {name}", text(group, "value"))]);
    }
    output::line(table);
    Ok(())
}

async fn test(client: &Client, issuer: Option<String>, as_json: bool) -> anyhow::Result<()> {
    let issuer = match issuer {
        Some(issuer) => issuer,
        None => text(&current(client).await?.ok_or_else(none)?, "issuer").to_owned(),
    };
    let found: Value = client.send(Method::POST, "/api/v1/provider/test", &json!({"issuer": issuer})).await?;
    if as_json {
        return output::json(&found);
    }
    let keys = found.get("keys").and_then(Value::as_u64).unwrap_or_default();
    output::line(format!(
        "{issuer} can be used: it publishes {keys} keys and sends users to {}",
        text(&found, "authorization_endpoint")
    ));
    for remark in found.get("remarks").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        output::note(remark);
    }
    Ok(())
}

async fn remove(client: &Client, yes: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    let name = text(&current(client).await?.ok_or_else(none)?, "name").to_owned();
    let question = format!("Remove the sign-in provider {name}? Users who signed in with it are signed out.");
    if !(yes || as_json || output::confirmed(&question)?) {
        return Ok(ExitCode::FAILURE);
    }
    client.delete(PATH).await?;
    if as_json {
        output::json(&json!({"removed": name}))?;
    } else {
        output::line(format!("removed {name}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_split_at_its_last_sign() {
        assert_eq!(mapping("ops=Operations").unwrap(), json!({"value": "ops", "group": "name:Operations"}));
        assert_eq!(mapping("cn=ops,dc=x=Ops").unwrap(), json!({"value": "cn=ops,dc=x", "group": "name:Ops"}));
        for wrong in ["", "ops", "=Ops", "ops="] {
            assert!(mapping(wrong).is_err(), "{wrong}");
        }
    }
}
