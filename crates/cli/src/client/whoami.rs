//! `whoami`: as whom commands ask, and where their API token is.

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::{
    http::{Client, caller},
    kept::TokenPlace,
    logout::TOKENS,
};
use crate::output;

pub(crate) async fn run(json: bool) -> anyhow::Result<ExitCode> {
    let (url, token, kept) = caller()?;
    let client = Client::new(&url, Some(token))?;
    let me: Value = client.get("/api/v1/me", &[]).await?;
    let text = |pointer: &str| me.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (user, role) = (text("/user/name"), text("/user/role"));
    let place = kept.as_ref().map(super::kept::Kept::place).transpose()?;
    let id = kept.as_ref().and_then(|kept| kept.id.as_deref());
    let token = match id {
        Some(id) => find(&client, id).await?,
        None => None,
    };
    let field = |name: &str| token.as_ref().and_then(|token| token.get(name)?.as_str());
    if json {
        let mut answer = Map::new();
        answer.insert("url".to_owned(), json!(client.url()));
        answer.insert("user".to_owned(), json!(user));
        answer.insert("role".to_owned(), json!(role));
        answer.insert("token_in".to_owned(), json!(place.as_ref().map_or("environment", TokenPlace::name)));
        for (name, value) in [("file", file_of(place.as_ref())), ("token", field("name").map(str::to_owned))] {
            answer.extend(value.map(|value| (name.to_owned(), json!(value))));
        }
        answer.extend(field("expires_at").map(|at| ("expires_at".to_owned(), json!(at))));
        output::json(&Value::Object(answer))?;
    } else {
        output::line(format!("{user} ({role}) at {}", client.url()));
        let name = field("name").map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let until = field("expires_at").map(|at| format!(" until {at}")).unwrap_or_default();
        output::line(match place {
            Some(place) => format!("the API token{name} is kept in {place}{until}"),
            None => "the API token is that of COUNTERSIGN_TOKEN".to_owned(),
        });
    }
    Ok(ExitCode::SUCCESS)
}

fn file_of(place: Option<&TokenPlace>) -> Option<String> {
    match place {
        Some(TokenPlace::File(path)) => Some(path.display().to_string()),
        Some(TokenPlace::Keyring) | None => None,
    }
}

/// The API token of that id, without what makes it one.
async fn find(client: &Client, id: &str) -> anyhow::Result<Option<Value>> {
    let list: Value = client.get(TOKENS, &[]).await?;
    let items = list.get("items").and_then(Value::as_array);
    Ok(items.into_iter().flatten().find(|token| token.get("id").and_then(Value::as_str) == Some(id)).cloned())
}
