//! `login`: in the browser, or here by password, and then an API token for the commands that follow.

use std::{
    io::{self, BufRead as _, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::{
    args::LoginArgs,
    client::{
        device_login,
        http::{Client, variable},
        kept::{self, NewLogin},
        logout::TOKENS,
    },
    machine::system,
    output,
};

pub(crate) async fn run(ask: &LoginArgs, json: bool) -> anyhow::Result<ExitCode> {
    let url = ask.url.clone().or_else(|| variable("COUNTERSIGN_URL"));
    let url = url.map_or_else(|| kept::read().map(|kept| kept.map(|kept| kept.url)), |url| Ok(Some(url)))?;
    let url = url.context("which server? Run `countersign login URL`")?;
    let client = Client::new(&url, None)?;
    if ask.name.is_some() || ask.password_stdin || ask.token.is_some() {
        by_password(&client, ask, json).await
    } else {
        device_login::run(&client, ask, json).await
    }
}

/// With user name, password and code, where no browser is at hand.
async fn by_password(client: &Client, ask: &LoginArgs, json: bool) -> anyhow::Result<ExitCode> {
    let name = match &ask.name {
        Some(name) => name.clone(),
        None => prompt("Name: ")?,
    };
    let password = if ask.password_stdin {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        rpassword::prompt_password("Password: ").context("the password cannot be asked for without a terminal")?
    };
    // Whether the account has a second factor is not told to who does not know both, so it is asked for beforehand.
    let token = match &ask.token {
        None if !ask.password_stdin => Some(ask_line("Code or recovery code (empty if you have no second factor): ")?),
        token => token.clone(),
    };
    let body = json!({"name": name, "password": password, "token": token});
    let response = client.send_plain(Method::POST, "/api/v1/sign-in", &body).await?;
    let cookie = response.headers().get(header::SET_COOKIE).and_then(|value| value.to_str().ok());
    let cookie =
        cookie.and_then(|value| value.split(';').next()).context("the server sent no sign-in cookie")?.to_owned();

    let me: Value = response.json().await.context("the answer is no JSON")?;
    if me.get("password_change_needed").and_then(Value::as_bool).unwrap_or_default() {
        change_first_password(client, &cookie, &password, ask.password_stdin).await?;
    }

    let name = format!("login on {}", system::host_name().unwrap_or_else(|| "the command line".to_owned()));
    let ask_for = json!({"name": name, "expires_in_days": DAYS});
    let made = client.send_with_cookie(Method::POST, TOKENS, &cookie, &ask_for).await?;
    let text = |field: &str| made.get(field).and_then(Value::as_str).map(str::to_owned);
    let token = text("token").context("the server gave no API token")?;
    // Only after the new one is there: a login that fails leaves the former one as it was.
    let former = kept::read().ok().flatten().filter(|kept| kept.url == client.url()).and_then(|kept| kept.id);
    let id = text("id");
    let kept = kept::keep(&NewLogin { url: client.url(), token: &token, id: id.as_deref() }, !ask.no_keyring)?;
    revoke_former(client, &cookie, &name, former.as_deref(), id.as_deref()).await?;
    // The browser session served its purpose.
    let _: Result<Value, _> = client.send_with_cookie(Method::POST, "/api/v1/sign-out", &cookie, &json!({})).await;
    let expires_at = text("expires_at").unwrap_or_default();
    if json {
        let answer =
            json!({"url": client.url(), "stored": kept.file, "token_in": kept.token.name(), "expires_at": expires_at});
        output::json(&answer)?;
    } else {
        output::line(format!("signed in; the API token \"{name}\" is kept in {} until {expires_at}", kept.token));
        device_login::say_why_not_in_keyring(&kept);
    }
    Ok(ExitCode::SUCCESS)
}

/// A password that somebody else has chosen is changed before anything else.
async fn change_first_password(client: &Client, cookie: &str, current: &str, stdin: bool) -> anyhow::Result<()> {
    let new = if stdin {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
        let line = line.trim_end_matches(['\r', '\n']).to_owned();
        anyhow::ensure!(
            !line.is_empty(),
            "somebody else has chosen this password: write a new one of your own into the second line of standard input"
        );
        line
    } else {
        output::note("somebody else has chosen this password: choose your own to continue");
        let new = rpassword::prompt_password("New password: ")?;
        anyhow::ensure!(new == rpassword::prompt_password("Once more: ")?, "the two passwords differ");
        new
    };
    let body = json!({"current": current, "new": new});
    client.send_with_cookie(Method::POST, "/api/v1/me/password", cookie, &body).await?;
    Ok(())
}

/// Revokes the tokens that former logins on this machine have made, so that they do not pile up: those of the same name, and
/// the one that was kept here, should the machine have had another name then.
async fn revoke_former(
    client: &Client,
    cookie: &str,
    name: &str,
    former: Option<&str>,
    new: Option<&str>,
) -> anyhow::Result<()> {
    let list = client.send_with_cookie(Method::GET, TOKENS, cookie, &Value::Null).await?;
    for token in list.get("items").and_then(Value::as_array).into_iter().flatten() {
        let field = |field: &str| token.get(field).and_then(Value::as_str);
        let Some(id) = field("id") else { continue };
        if new != Some(id) && (field("name") == Some(name) || former == Some(id)) {
            client.send_with_cookie(Method::DELETE, &format!("{TOKENS}/{id}"), cookie, &Value::Null).await?;
        }
    }
    Ok(())
}

/// How long a login lasts.
const DAYS: u32 = 90;

fn prompt(question: &str) -> anyhow::Result<String> {
    let answer = ask_line(question)?;
    anyhow::ensure!(!answer.is_empty(), "nothing was typed");
    Ok(answer)
}

fn ask_line(question: &str) -> anyhow::Result<String> {
    let mut out = io::stderr().lock();
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
