use std::{
    io::{self, Read as _},
    process::ExitCode,
};

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{
    args::{AddArgs, CredentialCommand, EditArgs, ListArgs, SeedArgs},
    client::{
        bin,
        http::{Client, credential_path},
        policies, tags,
    },
    output,
};

pub(crate) async fn run(command: CredentialCommand, json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    match command {
        CredentialCommand::List(ask) => list(&client, &ask, json).await?,
        CredentialCommand::Show { name } => show(&client.get(&credential_path(&name), &[]).await?, json)?,
        CredentialCommand::Add(ask) => {
            let body = new_body(&ask)?;
            let made: Value = client.send(Method::POST, "/api/v1/credentials", &body).await?;
            show(&made, json)?;
        }
        CredentialCommand::Edit(ask) => {
            let body = patch_body(&ask)?;
            anyhow::ensure!(!body.is_empty(), "nothing to change: name at least one field, see --help");
            let edited: Value = client.send(Method::PATCH, &credential_path(&ask.name), &body).await?;
            show(&edited, json)?;
        }
        CredentialCommand::Tag(ask) => tags::run(&client, &ask, json).await?,
        CredentialCommand::Policy(ask) => policies::run(&client, &ask, json).await?,
        CredentialCommand::Remove { name, yes } => {
            let question = format!("Remove {name}? It can be restored within 30 days.");
            if !(yes || json || output::confirmed(&question)?) {
                return Ok(ExitCode::FAILURE);
            }
            client.delete(&credential_path(&name)).await?;
            if json {
                output::json(&json!({"removed": name}))?;
            } else {
                output::line(format!("removed {name}"));
                output::note("`countersign credential restore` brings it back within 30 days");
            }
        }
        CredentialCommand::Bin => bin::list(&client, json).await?,
        CredentialCommand::Restore { name, new_name } => {
            show(&bin::restore(&client, &name, new_name.as_deref()).await?, json)?;
        }
        CredentialCommand::Delete { name, yes } => return bin::delete(&client, &name, yes, json).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(client: &Client, ask: &ListArgs, json: bool) -> anyhow::Result<()> {
    let mut query: Vec<(&str, String)> = Vec::new();
    query.extend(ask.search.iter().map(|text| ("search", text.clone())));
    query.extend(ask.tag.iter().map(|text| ("tag", text.clone())));
    query.extend(ask.site.iter().map(|text| ("site", text.clone())));
    query.extend(ask.second_factor.iter().map(|with| ("second_factor", with.to_string())));
    let items = client.all("/api/v1/credentials", &query, usize::MAX).await?;
    if json {
        return output::json(&json!({"items": items}));
    }
    // A column that is empty in most vaults is shown only where something stands in it.
    let any = items.iter().any(|item| attention(item).is_some());
    let mut head = vec!["NAME", "USERNAME", "SITE", "TOKEN", "TAGS"];
    head.extend(any.then_some("ATTENTION"));
    let mut table = output::table(&head);
    for item in &items {
        let site = item.pointer("/site/url").and_then(Value::as_str).unwrap_or_default();
        let mut row =
            vec![text(item, "name"), text(item, "username"), site.to_owned(), second_factor(item), tag_words(item)];
        row.extend(any.then(|| attention(item).unwrap_or_default().to_owned()));
        table.add_row(row);
    }
    output::line(table);
    Ok(())
}

fn show(credential: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(credential);
    }
    let site = credential.pointer("/site/url").and_then(Value::as_str).unwrap_or_default().to_owned();
    let has_password = credential.get("has_password").and_then(Value::as_bool).unwrap_or_default();
    let rows = [
        ("id", text(credential, "id")),
        ("name", text(credential, "name")),
        ("username", text(credential, "username")),
        ("site", site),
        ("password", if has_password { "stored" } else { "none" }.to_owned()),
        ("token", second_factor(credential)),
        ("tags", tag_words(credential)),
        ("status", text(credential, "status")),
        ("notes", text(credential, "notes")),
        ("updated", text(credential, "updated_at")),
    ];
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        output::line(format!("{name:<10}{value}"));
    }
    if let Some(text) = credential.pointer("/attention/text").and_then(Value::as_str) {
        let what = attention(credential).unwrap_or_default();
        output::note(format!("{what}: {text}"));
        let change = credential.pointer("/attention/change").and_then(Value::as_str).unwrap_or_default();
        output::note(format!("change: {change}"));
    }
    for warning in credential.get("warnings").and_then(Value::as_array).into_iter().flatten() {
        output::note(format!("warning: {}", warning.as_str().unwrap_or_default()));
    }
    Ok(())
}

fn text(item: &Value, name: &str) -> String {
    item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What a person has to see to: the state of an open change, in words.
fn attention(item: &Value) -> Option<&'static str> {
    match item.pointer("/attention/state")?.as_str()? {
        "in_doubt" => Some("password unverified"),
        _ => Some("change needs attention"),
    }
}

fn tag_words(item: &Value) -> String {
    let tags = item.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    tags.collect::<Vec<_>>().join(", ")
}

fn second_factor(item: &Value) -> String {
    let Some(found) = item.get("second_factor").filter(|it| !it.is_null()) else { return String::new() };
    let number = |name: &str| found.get(name).and_then(Value::as_u64);
    let mut words = vec![text(found, "kind"), text(found, "algorithm")];
    words.extend(number("digits").map(|digits| format!("{digits} digits")));
    words.extend(number("period").map(|period| format!("{period} s")));
    words.join(" ")
}

fn new_body(ask: &AddArgs) -> anyhow::Result<Map<String, Value>> {
    let mut input = Input::default();
    let mut body = Map::from_iter([("name".to_owned(), json!(ask.name)), ("tags".to_owned(), json!(ask.tags))]);
    put(&mut body, "username", ask.username.clone());
    put(&mut body, "notes", ask.notes.clone());
    put(&mut body, "site", ask.site.as_ref().map(|url| json!({"url": url})));
    if ask.password_stdin {
        put(&mut body, "password", Some(input.line("the password")?));
    }
    put(&mut body, "totp", seed_body(&ask.seed, &mut input)?);
    Ok(body)
}

fn patch_body(ask: &EditArgs) -> anyhow::Result<Map<String, Value>> {
    let mut input = Input::default();
    let mut body = Map::new();
    put(&mut body, "name", ask.rename.clone());
    put(&mut body, "username", ask.username.clone());
    put(&mut body, "notes", ask.notes.clone());
    put(&mut body, "status", ask.status.clone());
    put(&mut body, "site", ask.site.as_ref().map(|url| json!({"url": url})));
    if !ask.tags.is_empty() {
        put(&mut body, "tags", Some(ask.tags.clone()));
    }
    if ask.password_stdin {
        put(&mut body, "password", Some(input.line("the password")?));
    }
    if ask.clear_totp {
        body.insert("totp".to_owned(), Value::Null);
    }
    put(&mut body, "totp", seed_body(&ask.seed, &mut input)?);
    Ok(body)
}

fn put(body: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value.into());
    }
}

fn seed_body(ask: &SeedArgs, input: &mut Input) -> anyhow::Result<Option<Value>> {
    let text = match (&ask.totp, ask.totp_stdin) {
        (Some(text), _) => text.clone(),
        (None, true) => input.line("the setup key or otpauth:// URL")?,
        (None, false) => {
            anyhow::ensure!(
                ask.algorithm.is_none() && ask.digits.is_none() && ask.period.is_none(),
                "--algorithm, --digits and --period belong to a setup key: give it with --totp or --totp-stdin"
            );
            return Ok(None);
        }
    };
    // The server takes a whole address in the place of a seed too.
    let mut body = Map::from_iter([("secret".to_owned(), json!(text))]);
    put(&mut body, "algorithm", ask.algorithm.clone());
    put(&mut body, "digits", ask.digits);
    put(&mut body, "period", ask.period);
    Ok(Some(Value::Object(body)))
}

/// Standard input, read once; each secret is one line of it.
#[derive(Default)]
pub(super) struct Input {
    lines: Option<std::vec::IntoIter<String>>,
}

impl Input {
    pub(super) fn line(&mut self, what: &str) -> anyhow::Result<String> {
        let lines = match &mut self.lines {
            Some(lines) => lines,
            None => {
                let mut text = String::new();
                io::stdin().take(1 << 20).read_to_string(&mut text).context("standard input cannot be read")?;
                self.lines.insert(text.lines().map(str::to_owned).collect::<Vec<_>>().into_iter())
            }
        };
        lines.next().filter(|line| !line.is_empty()).with_context(|| format!("standard input does not hold {what}"))
    }
}
