//! `logout`: the end of what `login` has kept.

use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::{http::Client, kept};
use crate::{failure::Problem, output};

pub(crate) const TOKENS: &str = "/api/v1/api-tokens";

/// Revokes what `login` has kept, and forgets it.
pub(crate) async fn run(json: bool) -> anyhow::Result<ExitCode> {
    let path = kept::path()?;
    let Some(kept) = kept::read()? else {
        anyhow::bail!("not logged in: {} does not exist", path.display());
    };
    let revoked = match &kept.id {
        Some(id) => {
            let token = kept.token()?;
            revoke(&kept.url, token, id).await.with_context(|| {
                let place = kept.place().map(|place| place.to_string()).unwrap_or_default();
                format!("the API token is still valid and still kept in {place}: try again when the server answers")
            })?
        }
        None => {
            output::note(
                "this login is from an older version and cannot be revoked here: revoke it in the page, under Settings › API tokens",
            );
            false
        }
    };
    let path = kept.forget()?;
    if json {
        output::json(&json!({"url": kept.url, "revoked": revoked, "removed": path}))?;
    } else {
        output::line(format!("logged out of {}", kept.url));
    }
    Ok(ExitCode::SUCCESS)
}

/// False when the server did not know the token any more.
pub(crate) async fn revoke(url: &str, token: String, id: &str) -> anyhow::Result<bool> {
    let client = Client::new(url, Some(token))?;
    match client.delete(&format!("{TOKENS}/{id}")).await {
        Ok(()) => Ok(true),
        Err(error) => match error.downcast_ref::<Problem>().map(Problem::name) {
            Some("not-signed-in" | "not-found") => Ok(false),
            _ => Err(error),
        },
    }
}
