//! What the provider says of somebody, read from a verified token.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    refusal::ProviderRefusal,
    settings::{LONGEST_TEXT, ProviderSettings},
};

/// The most values of a claim that are looked at; who has more is not let in, because what is left out would end access.
pub const MAX_CLAIM_VALUES: usize = 1_000;
/// The longest subject (OpenID Connect Core 1.0 §2).
const LONGEST_SUBJECT: usize = 255;

/// What the provider has said of somebody, after its token was verified: what decides who they are here, and no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderClaims {
    /// Who says it.
    pub issuer: String,
    /// Whom they mean; unique and never given to somebody else, with the issuer.
    pub subject: String,
    /// What they call them. Not unique, and may change.
    pub username: Option<String>,
    /// Their e-mail address, where the provider has verified it.
    pub email: Option<String>,
    /// Those values of the claim that stand for a group here.
    pub groups: BTreeSet<String>,
}

impl ProviderClaims {
    /// Reads what decides from a verified token's claims.
    ///
    /// # Errors
    /// [`ProviderRefusal::WrongToken`] for a subject that is none, [`ProviderRefusal::TooManyGroups`].
    pub fn read(
        settings: &ProviderSettings,
        claims: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self, ProviderRefusal> {
        let text = |name: &str| {
            let text = claims.get(name)?.as_str()?.trim();
            (!text.is_empty() && text.len() <= LONGEST_TEXT).then(|| text.to_owned())
        };
        let subject = claims.get("sub").and_then(serde_json::Value::as_str).unwrap_or_default();
        // As it is written: nothing of it is taken away or made small.
        let fits = !subject.is_empty() && subject.len() <= LONGEST_SUBJECT && !subject.chars().any(char::is_control);
        if !fits {
            return Err(ProviderRefusal::WrongToken);
        }
        let verified = claims.get("email_verified") == Some(&serde_json::Value::Bool(true));
        Ok(Self {
            issuer: settings.issuer.clone(),
            subject: subject.to_owned(),
            username: text("preferred_username"),
            email: text("email").filter(|_| verified),
            groups: mapped_values(settings, claims)?,
        })
    }
}

/// Those values of the groups' claim that stand for a group: a text, or a list of texts. What else is in it is passed over.
fn mapped_values(
    settings: &ProviderSettings,
    claims: &serde_json::Map<String, serde_json::Value>,
) -> Result<BTreeSet<String>, ProviderRefusal> {
    use serde_json::Value;
    let values: Vec<&str> = match settings.groups_claim.as_ref().and_then(|claim| claims.get(claim)) {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) if list.len() > MAX_CLAIM_VALUES => return Err(ProviderRefusal::TooManyGroups),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mapped: BTreeSet<&str> = settings.groups.iter().map(|mapping| mapping.value.as_str()).collect();
    Ok(values.into_iter().filter(|value| mapped.contains(value)).map(str::to_owned).collect())
}
