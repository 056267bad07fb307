//! Users over the API, and the way back in on the server itself.

use std::process::ExitCode;

use anyhow::Context as _;
use countersign_model::{Role, UserName, search_key};
use countersign_vault::{Error, VaultOptions};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    args::{DataArgs, UserCommand},
    client::http::Client,
    failure::Problem,
    host::serve::DEFAULT_ADDRESS,
    output,
    settings::{config::Config, data::Places},
};

pub(crate) async fn run(command: UserCommand, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Add { name, role, here: true, data, .. } => return restore(&name, &role, &data, json).await,
        UserCommand::Add { name, role, provider: true, .. } => {
            add_for_provider(&Client::from_environment()?, &name, &role, json).await?;
        }
        UserCommand::Disconnect { name } => disconnect(&Client::from_environment()?, &name, json).await?,
        UserCommand::Add { name, role, .. } => add(&Client::from_environment()?, &name, &role, json).await?,
        UserCommand::List => list(&Client::from_environment()?, json).await?,
        UserCommand::SetUpLink { name } => set_up_link(&Client::from_environment()?, &name, json).await?,
        UserCommand::Remove { name, yes } => return remove(&Client::from_environment()?, &name, yes, json).await,
        UserCommand::ResetSecondFactor { name, data } => return reset_second_factor(&name, &data, json).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(client: &Client, name: &str, role: &str, json: bool) -> anyhow::Result<()> {
    let made: Value = client.send(Method::POST, "/api/v1/users", &json!({"name": name, "role": role})).await?;
    let link = made.get("setup_link").context("the answer has no set-up link")?;
    if json {
        let mut user = made.clone();
        user["setup_link"] = with_url(client, link)?;
        return output::json(&user);
    }
    tell(client, link, &format!("added {} as {}", text(&made, "name"), text(&made, "role")))
}

/// Somebody who comes by the provider, and has no password.
async fn add_for_provider(client: &Client, name: &str, role: &str, json: bool) -> anyhow::Result<()> {
    let new = json!({"name": name, "role": role, "sign_in": "provider"});
    let made: Value = client.send(Method::POST, "/api/v1/users", &new).await?;
    if json {
        return output::json(&made);
    }
    output::line(format!("added {} as {}", text(&made, "name"), text(&made, "role")));
    output::note("they sign in with the provider, which recognises them by this name at their first sign-in");
    Ok(())
}

async fn disconnect(client: &Client, name: &str, json: bool) -> anyhow::Result<()> {
    let user = find(client, name).await?;
    client.delete(&format!("/api/v1/users/{}/provider", text(&user, "id"))).await?;
    if json {
        return output::json(&json!({"disconnected": text(&user, "name")}));
    }
    output::line(format!("{} is not connected with the sign-in provider any more", text(&user, "name")));
    Ok(())
}

/// Adds an administrator beside data and key, where there is none.
async fn restore(name: &str, role: &str, data: &DataArgs, json: bool) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        role.parse() == Ok(Role::Administrator),
        "--here adds an administrator alone, who then adds the others: --role administrator"
    );
    let name = UserName::parse(name)?;
    let config = Config::read(data)?;
    let places = Places::new(&config.data(data))?;
    // A mistyped folder must not become a new vault.
    places.open_to_read().await?.close().await;
    let vault = places.open(VaultOptions::default()).await?;
    let made = vault.restore_administrator(&name).await;
    vault.close().await;
    let link = made?;
    let address = config.listen.as_deref().unwrap_or(DEFAULT_ADDRESS);
    let secret = link.link.expose_text().context("the link is no text")?;
    let scheme = if config.tls_certificate.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{address}{}/#/welcome/{secret}", config.base_path()?.as_str());
    if json {
        output::json(&json!({"user": name.as_str(), "url": url, "expires_at": link.expires_at.to_string()}))?;
    } else {
        output::line(url);
        output::note(format!(
            "added {name} as administrator: whoever opens the link at the server's address chooses the password, once, until {}",
            link.expires_at
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn set_up_link(client: &Client, name: &str, json: bool) -> anyhow::Result<()> {
    let user = find(client, name).await?;
    let path = format!("/api/v1/users/{}/setup-link", text(&user, "id"));
    let link: Value = client.send(Method::POST, &path, &json!({})).await?;
    if json {
        return output::json(&with_url(client, &link)?);
    }
    tell(client, &link, &format!("a new link for {}", text(&user, "name")))
}

/// The link as the page shows it, and what else to know of it.
fn tell(client: &Client, link: &Value, what: &str) -> anyhow::Result<()> {
    output::line(url_of(client, link)?);
    output::note(format!(
        "{what}: whoever opens the link chooses the password, once, until {}; it is not shown again",
        text(link, "expires_at")
    ));
    Ok(())
}

/// What the API answers, with the whole URL beside its parts.
fn with_url(client: &Client, link: &Value) -> anyhow::Result<Value> {
    let mut link = link.clone();
    link["url"] = url_of(client, &link)?.into();
    Ok(link)
}

fn url_of(client: &Client, link: &Value) -> anyhow::Result<String> {
    let secret = link.get("link").and_then(Value::as_str).context("the answer has no set-up link")?;
    Ok(format!("{}/#/welcome/{secret}", client.url()))
}

async fn list(client: &Client, json: bool) -> anyhow::Result<()> {
    let users: Value = client.get("/api/v1/users", &[]).await?;
    if json {
        return output::json(&users);
    }
    let mut table = output::table(&["NAME", "ROLE", "SECOND FACTOR", "STATE", "LAST SIGN-IN"]);
    let is_person = |user: &&Value| user.get("service_account").and_then(Value::as_bool) != Some(true);
    for user in items(&users).filter(is_person) {
        let is = |field: &str| user.get(field).and_then(Value::as_bool).unwrap_or_default();
        let state = match (is("disabled"), is("must_change_password")) {
            (true, _) => "disabled",
            (false, true) => "password to be changed",
            (false, false) => "active",
        };
        let factor = second_factors(user);
        let row = [text(user, "name"), text(user, "role"), &factor, state, text(user, "last_sign_in_at")];
        table.add_row(row);
    }
    output::line(table);
    Ok(())
}

/// What somebody shows beside their password, or in its place.
fn second_factors(user: &Value) -> String {
    let named = user.get("second_factors").and_then(Value::as_array).into_iter().flatten();
    let named: Vec<String> = named.filter_map(Value::as_str).map(|name| name.replace('_', " ")).collect();
    if named.is_empty() { "none".to_owned() } else { named.join(", ") }
}

async fn remove(client: &Client, name: &str, yes: bool, json: bool) -> anyhow::Result<ExitCode> {
    let user = find(client, name).await?;
    let question =
        format!("Remove {} with their devices, API tokens and access? This cannot be undone.", text(&user, "name"));
    if !(yes || json || output::confirmed(&question)?) {
        return Ok(ExitCode::FAILURE);
    }
    client.delete(&format!("/api/v1/users/{}", text(&user, "id"))).await?;
    if json {
        output::json(&json!({"removed": text(&user, "name")}))?;
    } else {
        output::line(format!("removed {}", text(&user, "name")));
    }
    Ok(ExitCode::SUCCESS)
}

/// The user with that id or, in whatever case and however its accents are written, that name.
async fn find(client: &Client, name: &str) -> anyhow::Result<Value> {
    let users: Value = client.get("/api/v1/users", &[]).await?;
    let found =
        items(&users).find(|user| text(user, "id") == name || search_key(text(user, "name")) == search_key(name));
    let missing = || Problem {
        kind: "urn:countersign:problem:not-found".to_owned(),
        detail: format!("there is no user \"{name}\""),
        hint: Some("see `countersign user list`".to_owned()),
        retry_after_seconds: None,
        asked: None,
    };
    Ok(found.cloned().ok_or_else(missing)?)
}

fn items(users: &Value) -> impl Iterator<Item = &Value> {
    users.get("items").and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

async fn reset_second_factor(name: &str, data: &DataArgs, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(data)?;
    let places = Places::new(&config.data(data))?;
    // A mistyped folder must not become a new vault.
    places.open_to_read().await?.close().await;
    let vault = places.open(VaultOptions::default()).await?;
    let reset = vault.reset_second_factor(name).await;
    vault.close().await;
    match reset {
        Ok(name) if json => output::json(&json!({"user": name, "second_factor": "reset"}))?,
        Ok(name) => output::line(format!(
            "the second factor of {name} is forgotten: sign in with the password, then set up another"
        )),
        Err(Error::NotFound(_)) => {
            output::note(format!("error: there is no user \"{name}\" in {}", places.database()));
            return Ok(ExitCode::from(4));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}
