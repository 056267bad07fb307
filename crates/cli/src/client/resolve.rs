//! References into what they stand for. Each is asked for once, so that there is one record of it.

use std::collections::HashMap;

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value, json};

use super::http::{Client, credential_path};
use crate::args::reference::{Field, Reference};

pub(super) struct Resolver {
    client: Client,
    /// By what they were called.
    credentials: HashMap<String, Value>,
    taken: HashMap<Reference, String>,
}

impl Resolver {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { client: Client::from_environment()?, credentials: HashMap::new(), taken: HashMap::new() })
    }

    /// What a reference stands for.
    pub(super) async fn get(&mut self, reference: &Reference) -> anyhow::Result<String> {
        if let Some(known) = self.taken.get(reference) {
            return Ok(known.clone());
        }
        let secret = |asked| format!("{}/{asked}", credential_path(&reference.name));
        let found = match reference.field {
            Field::Password => text(&self.client.send(Method::POST, &secret("reveal"), &json!({})).await?, "/password"),
            Field::Token => text(&self.client.send(Method::POST, &secret("token"), &json!({})).await?, "/token"),
            Field::Username => text(self.credential(&reference.name).await?, "/username"),
            Field::Site => text(self.credential(&reference.name).await?, "/site/url"),
            Field::Notes => text(self.credential(&reference.name).await?, "/notes"),
        };
        let found = found.with_context(|| format!("{} has no {}", reference.name, reference.field.name()))?;
        self.taken.insert(reference.clone(), found.clone());
        Ok(found)
    }

    /// What may be known of a credential without its secrets.
    pub(super) async fn credential(&mut self, name: &str) -> anyhow::Result<&Value> {
        if !self.credentials.contains_key(name) {
            let found = self.client.get(&credential_path(name), &[]).await?;
            self.credentials.insert(name.to_owned(), found);
        }
        self.credentials.get(name).context("what was put there a line before is there")
    }
}

fn text(of: &Value, path: &str) -> Option<String> {
    of.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}
