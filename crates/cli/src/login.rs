use std::{
    io::{self, BufRead as _, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::{
    args::LoginArgs,
    client::{Client, store},
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
    let mut body = json!({"name": name, "password": password, "token": ask.token});
    let path = "/api/v1/sign-in";
    let response = match client.send_plain(Method::POST, path, &body).await {
        Err(error) if ask.token.is_none() && is_token_needed(&error) => {
            body["token"] = Value::String(prompt("Token: ")?);
            client.send_plain(Method::POST, path, &body).await?
        }
        response => response?,
    };
    let cookie = response.headers().get(header::SET_COOKIE).and_then(|value| value.to_str().ok());
    let cookie = cookie.and_then(|value| value.split(';').next()).context("the server signed nobody in")?.to_owned();

    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "command line".to_owned());
    let made: Value = client.send_with_cookie("/api/v1/api-tokens", &cookie, &json!({"name": host})).await?;
    let token = made.get("token").and_then(Value::as_str).context("the server gave no API token")?;
    let path = store(&ask.url, token)?;
    // The browser session served its purpose; the API token stays until it is revoked in the page.
    let _: Result<Value, _> = client.send_with_cookie("/api/v1/sign-out", &cookie, &json!({})).await;
    if json {
        output::json(&json!({"url": ask.url, "stored": path}))?;
    } else {
        output::line(format!("signed in; the API token \"{host}\" is kept in {}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn is_token_needed(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Problem>().is_some_and(|problem| problem.name() == "token-needed")
}

fn prompt(question: &str) -> anyhow::Result<String> {
    let mut out = io::stderr().lock();
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let answer = line.trim().to_owned();
    anyhow::ensure!(!answer.is_empty(), "nothing was typed");
    Ok(answer)
}
