//! Service accounts.

use std::process::ExitCode;

use countersign_model::search_key;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{
    args::{IdentityAddArgs, ServiceAccountCommand, ServiceAddArgs, ServiceEditArgs},
    client::http::Client,
    failure::Problem,
    output,
};

const ROOT: &str = "/api/v1/service-accounts";

pub(crate) async fn run(command: ServiceAccountCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    match command {
        ServiceAccountCommand::List => list(&client, as_json).await?,
        ServiceAccountCommand::Show { name } => show(&find(&client, &name).await?, as_json)?,
        ServiceAccountCommand::Add(ask) => add(&client, &ask, as_json).await?,
        ServiceAccountCommand::Edit(ask) => edit(&client, &ask, as_json).await?,
        ServiceAccountCommand::Rotate { name, overlap } => {
            let path = format!("{}/rotate", path(&find(&client, &name).await?));
            let account: Value = client.send(Method::POST, &path, &json!({"overlap_hours": overlap})).await?;
            tell_secret(&account, as_json, &format!("former secrets serve on for {overlap} hours"))?;
        }
        ServiceAccountCommand::RemoveSecret { name, secret } => {
            remove_secret(&client, &name, &secret, as_json).await?;
        }
        ServiceAccountCommand::AddIdentity(ask) => add_identity(&client, &ask, as_json).await?,
        ServiceAccountCommand::RemoveIdentity { name, identity } => {
            remove_identity(&client, &name, &identity, as_json).await?;
        }
        ServiceAccountCommand::Disable { name } => set_disabled(&client, &name, true, as_json).await?,
        ServiceAccountCommand::Enable { name } => set_disabled(&client, &name, false, as_json).await?,
        ServiceAccountCommand::Remove { name, yes } => return remove(&client, &name, yes, as_json).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(client: &Client, as_json: bool) -> anyhow::Result<()> {
    let accounts: Value = client.get(ROOT, &[]).await?;
    if as_json {
        return output::json(&accounts);
    }
    let mut table = output::table(&["NAME", "CLIENT ID", "SCOPE", "STATE", "EXPIRES", "LAST USED"]);
    for account in items(&accounts, "items") {
        let disabled = account.get("disabled").and_then(Value::as_bool).unwrap_or_default();
        let state = if disabled { "disabled" } else { "active" };
        let [name, id, scope] = ["name", "id", "scope"].map(|field| text(account, field));
        table.add_row([name, id, scope, state, text(account, "expires_at"), text(account, "last_used_at")]);
    }
    output::line(table);
    Ok(())
}

fn show(account: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(account);
    }
    let networks: Vec<&str> = items(account, "networks").filter_map(Value::as_str).collect();
    let owner = account.get("owner").map(|owner| text(owner, "name")).unwrap_or_default();
    let mut table = output::table(&["FIELD", "VALUE"]);
    for (name, value) in [
        ("name", text(account, "name")),
        ("client id", text(account, "id")),
        ("description", text(account, "description")),
        ("owner", owner),
        ("scope", text(account, "scope")),
        ("networks", &networks.join(", ")),
        ("expires", text(account, "expires_at")),
        ("created by", text(account, "created_by")),
        ("last used", text(account, "last_used_at")),
    ] {
        if !value.is_empty() {
            table.add_row([name, value]);
        }
    }
    output::line(table);
    let mut table = output::table(&["SECRET", "BEGINS", "CREATED", "EXPIRES", "LAST USED"]);
    for secret in items(account, "secrets") {
        table.add_row(["id", "hint", "created_at", "expires_at", "last_used_at"].map(|field| text(secret, field)));
    }
    output::line(table);
    if items(account, "federated_identities").next().is_some() {
        let mut table = output::table(&["IDENTITY", "ISSUER", "AUDIENCE", "SUBJECT", "CLAIMS", "LAST USED"]);
        for identity in items(account, "federated_identities") {
            let [id, issuer, audience, subject] = ["id", "issuer", "audience", "subject"].map(|it| text(identity, it));
            table.add_row([id, issuer, audience, subject, &claims_of(identity), text(identity, "last_used_at")]);
        }
        output::line(table);
    }
    Ok(())
}

fn claims_of(identity: &Value) -> String {
    let claims = identity.get("claims").and_then(Value::as_object).into_iter().flatten();
    let claims: Vec<String> =
        claims.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    claims.join(", ")
}

async fn add(client: &Client, ask: &ServiceAddArgs, as_json: bool) -> anyhow::Result<()> {
    let mut body = Map::new();
    body.insert("name".to_owned(), ask.name.as_str().into());
    put(&mut body, "description", ask.description.as_deref());
    put(&mut body, "scope", ask.scope.as_deref());
    body.insert("networks".to_owned(), ask.networks.clone().into());
    if let Some(owner) = &ask.owner {
        body.insert("owner".to_owned(), user_id(client, owner).await?);
    }
    if let Some(days) = ask.expires_in_days {
        body.insert("expires_in_days".to_owned(), days.into());
    }
    let account: Value = client.send(Method::POST, ROOT, &body).await?;
    tell_secret(&account, as_json, &format!("added {}", text(&account, "name")))
}

async fn edit(client: &Client, ask: &ServiceEditArgs, as_json: bool) -> anyhow::Result<()> {
    let account = find(client, &ask.name).await?;
    let mut body = Map::new();
    put(&mut body, "description", ask.description.as_deref());
    put(&mut body, "scope", ask.scope.as_deref());
    if ask.from_anywhere || !ask.networks.is_empty() {
        body.insert("networks".to_owned(), ask.networks.clone().into());
    }
    if let Some(owner) = &ask.owner {
        let owner = if owner.is_empty() { Value::Null } else { user_id(client, owner).await? };
        body.insert("owner".to_owned(), owner);
    }
    if let Some(end) = &ask.expires_at {
        body.insert("expires_at".to_owned(), if end == "never" { Value::Null } else { end.as_str().into() });
    }
    let account: Value = client.send(Method::PATCH, &path(&account), &body).await?;
    output::answer(&account, as_json, &format!("changed {}", text(&account, "name")))
}

async fn set_disabled(client: &Client, name: &str, disabled: bool, as_json: bool) -> anyhow::Result<()> {
    let path = path(&find(client, name).await?);
    let account: Value = client.send(Method::PATCH, &path, &json!({"disabled": disabled})).await?;
    let what = if disabled { "disabled" } else { "enabled" };
    output::answer(&account, as_json, &format!("{what} {}", text(&account, "name")))
}

async fn remove_secret(client: &Client, name: &str, wanted: &str, as_json: bool) -> anyhow::Result<()> {
    let account = find(client, name).await?;
    let is_it = |secret: &&Value| text(secret, "id") == wanted || text(secret, "hint") == wanted;
    let found: Vec<&Value> = items(&account, "secrets").filter(is_it).collect();
    let [secret] = found[..] else {
        return Err(missing(&format!("{} has no secret \"{wanted}\"", text(&account, "name"))).into());
    };
    client.delete(&format!("{}/secrets/{}", path(&account), text(secret, "id"))).await?;
    let hint = text(secret, "hint");
    output::answer(&json!({"removed": text(secret, "id")}), as_json, &format!("removed the secret {hint}…"))
}

async fn add_identity(client: &Client, ask: &IdentityAddArgs, as_json: bool) -> anyhow::Result<()> {
    let mut claims = Map::new();
    for claim in &ask.claims {
        let (name, value) = claim.split_once('=').ok_or_else(|| anyhow::anyhow!("\"{claim}\" is not NAME=VALUE"))?;
        anyhow::ensure!(claims.insert(name.to_owned(), value.into()).is_none(), "the claim {name} is given twice");
    }
    let account = find(client, &ask.name).await?;
    let body = json!({"issuer": ask.issuer, "audience": ask.audience, "subject": ask.subject, "claims": claims});
    let added: Value = client.send(Method::POST, &format!("{}/federated-identities", path(&account)), &body).await?;
    let text = format!("{} trusts {} from {}", text(&account, "name"), text(&added, "subject"), text(&added, "issuer"));
    output::answer(&added, as_json, &text)
}

async fn remove_identity(client: &Client, name: &str, wanted: &str, as_json: bool) -> anyhow::Result<()> {
    let account = find(client, name).await?;
    let is_it = |it: &&Value| text(it, "id") == wanted || text(it, "subject") == wanted;
    let found: Vec<&Value> = items(&account, "federated_identities").filter(is_it).collect();
    let [identity] = found[..] else {
        let name = text(&account, "name");
        return Err(
            missing(&format!("{name} has no federated identity \"{wanted}\", or several: name it by its id")).into()
        );
    };
    let id = text(identity, "id");
    client.delete(&format!("{}/federated-identities/{id}", path(&account))).await?;
    let subject = text(identity, "subject");
    output::answer(&json!({"removed": id}), as_json, &format!("removed the federated identity {subject}"))
}

async fn remove(client: &Client, name: &str, yes: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    let account = find(client, name).await?;
    let name = text(&account, "name");
    let question = format!("Remove {name} with its secrets, tokens and access? This cannot be undone.");
    if !(yes || as_json || output::confirmed(&question)?) {
        return Ok(ExitCode::FAILURE);
    }
    client.delete(&path(&account)).await?;
    output::answer(&json!({"removed": name}), as_json, &format!("removed {name}"))?;
    Ok(ExitCode::SUCCESS)
}

/// The secret alone goes to standard output, for a script that keeps it.
fn tell_secret(account: &Value, as_json: bool, what: &str) -> anyhow::Result<()> {
    if as_json {
        return output::json(account);
    }
    output::line(text(account, "client_secret"));
    output::note(format!("{what}; client id {}; the secret is not shown again", text(account, "id")));
    Ok(())
}

/// The service account with that id or, in whatever case and however its accents are written, that name.
async fn find(client: &Client, name: &str) -> anyhow::Result<Value> {
    let accounts: Value = client.get(ROOT, &[]).await?;
    let found = items(&accounts, "items").find(|account| is_called(account, name));
    Ok(found.cloned().ok_or_else(|| missing(&format!("there is no service account \"{name}\"")))?)
}

async fn user_id(client: &Client, name: &str) -> anyhow::Result<Value> {
    let users: Value = client.get("/api/v1/users", &[]).await?;
    let found = items(&users, "items").find(|user| is_called(user, name));
    let id = found.map(|user| text(user, "id").into());
    Ok(id.ok_or_else(|| missing(&format!("there is no user \"{name}\"")))?)
}

fn is_called(item: &Value, name: &str) -> bool {
    text(item, "id") == name || search_key(text(item, "name")) == search_key(name)
}

fn missing(detail: &str) -> Problem {
    Problem {
        kind: "urn:countersign:problem:not-found".to_owned(),
        detail: detail.to_owned(),
        hint: Some("see `countersign service-account list`".to_owned()),
        retry_after_seconds: None,
        asked: None,
    }
}

fn put(body: &mut Map<String, Value>, field: &str, value: Option<&str>) {
    if let Some(value) = value {
        body.insert(field.to_owned(), value.into());
    }
}

fn path(account: &Value) -> String {
    format!("{ROOT}/{}", text(account, "id"))
}

fn items<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}
