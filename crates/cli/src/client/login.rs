use std::{
    io::{self, BufRead as _, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::{
    args::LoginArgs,
    client::http::{Client, Stored, read_stored, store, stored_path},
    failure::Problem,
    output,
};

pub(crate) async fn run(ask: &LoginArgs, json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::new(&ask.url, None)?;
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
        change_first_password(&client, &cookie, &password, ask.password_stdin).await?;
    }

    let name = format!("login on {}", host());
    let ask_for = json!({"name": name, "expires_in_days": DAYS});
    let made = client.send_with_cookie(Method::POST, TOKENS, &cookie, &ask_for).await?;
    let text = |field: &str| made.get(field).and_then(Value::as_str).map(str::to_owned);
    let token = text("token").context("the server gave no API token")?;
    // Only after the new one is there: a login that fails leaves the former one as it was.
    let former = read_stored().ok().flatten().filter(|stored| stored.url == client.url()).and_then(|stored| stored.id);
    let path = store(&Stored { url: client.url().to_owned(), token, id: text("id") })?;
    revoke_former(&client, &cookie, &name, former.as_deref(), text("id").as_deref()).await?;
    // The browser session served its purpose.
    let _: Result<Value, _> = client.send_with_cookie(Method::POST, "/api/v1/sign-out", &cookie, &json!({})).await;
    let expires_at = text("expires_at").unwrap_or_default();
    if json {
        output::json(&json!({"url": client.url(), "stored": path, "expires_at": expires_at}))?;
    } else {
        output::line(format!("signed in; the API token \"{name}\" is kept in {} until {expires_at}", path.display()));
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

/// Revokes what `login` has kept, and forgets it.
pub(crate) async fn forget(json: bool) -> anyhow::Result<ExitCode> {
    let path = stored_path()?;
    let Some(stored) = read_stored()? else {
        anyhow::bail!("not logged in: {} does not exist", path.display());
    };
    let revoked = match &stored.id {
        Some(id) => revoke(&stored, id).await.with_context(|| {
            format!(
                "the API token is still valid and still kept in {}: try again when the server answers",
                path.display()
            )
        })?,
        None => {
            output::note(
                "this login is from an older version and cannot be revoked here: revoke it in the page, under Settings › API tokens",
            );
            false
        }
    };
    std::fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
    if json {
        output::json(&json!({"url": stored.url, "revoked": revoked, "removed": path}))?;
    } else {
        output::line(format!("logged out of {}", stored.url));
    }
    Ok(ExitCode::SUCCESS)
}

/// False when the server did not know the token any more.
async fn revoke(stored: &Stored, id: &str) -> anyhow::Result<bool> {
    let client = Client::new(&stored.url, Some(stored.token.clone()))?;
    match client.delete(&format!("{TOKENS}/{id}")).await {
        Ok(()) => Ok(true),
        Err(error) => match error.downcast_ref::<Problem>().map(Problem::name) {
            Some("not-signed-in" | "not-found") => Ok(false),
            _ => Err(error),
        },
    }
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

/// What this machine calls itself; a token's name has at most a hundred characters.
fn host() -> String {
    let told = std::env::var("HOSTNAME").ok().or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok());
    let name: String = told.unwrap_or_default().trim().chars().filter(|c| !c.is_control()).take(80).collect();
    if name.is_empty() { "the command line".to_owned() } else { name }
}

const TOKENS: &str = "/api/v1/api-tokens";
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
