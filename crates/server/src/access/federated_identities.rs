//! `/api/v1/service-accounts/{id}/federated-identities`: whose tokens a service account takes in place of a secret (RFC 7523).

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use countersign_model::{FederatedIdentity, FederatedIdentityId, Timestamp, UserId};
use countersign_vault::{Error, FederatedIdentityView, Object};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Id, TwoIds},
};

/// Whose tokens a service account takes in place of a secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct FederatedIdentityBody {
    id: String,
    /// Who issues the tokens.
    issuer: String,
    /// For whom they have to be (`aud`), and for nobody else.
    audience: String,
    /// Whom they have to be about (`sub`); with a `*` at its end everything that begins so.
    subject: String,
    /// What else they have to say, by the claims' names.
    claims: BTreeMap<String, String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: String,
    /// When an access token was last asked for by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<FederatedIdentityView> for FederatedIdentityBody {
    fn from(it: FederatedIdentityView) -> Self {
        let FederatedIdentity { issuer, audience, subject, claims } = it.trusted;
        Self {
            id: it.id.to_string(),
            issuer,
            audience,
            subject,
            claims,
            created_at: it.created_at,
            created_by: it.created_by,
            last_used_at: it.last_used_at,
        }
    }
}

/// A federated identity to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFederatedIdentityBody {
    /// Who issues the tokens, to the letter as its openid-configuration says: `https://token.actions.githubusercontent.com`.
    issuer: String,
    /// For whom they have to be (`aud`): best this server's own URL.
    audience: String,
    /// Whom they have to be about (`sub`), to the letter; may end with one `*`, after a whole name: `repo:acme/site:*`.
    subject: String,
    /// What else they have to say, to the letter: `{"ref_protected": "true"}`. Ten at most.
    #[serde(default)]
    claims: BTreeMap<String, String>,
}

/// Adds a federated identity: tokens that say all of it are taken in place of a secret. Ten at most.
#[utoipa::path(post, path = "/api/v1/service-accounts/{id}/federated-identities", tag = "service accounts",
    request_body = NewFederatedIdentityBody, params(("id" = String, Path)),
    responses((status = 201, body = FederatedIdentityBody), (status = "4XX", body = Problem)))]
pub(crate) async fn add(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
    Body(body): Body<NewFederatedIdentityBody>,
) -> Result<(StatusCode, Json<FederatedIdentityBody>), Problem> {
    let NewFederatedIdentityBody { issuer, audience, subject, claims } = body;
    let trusted = FederatedIdentity { issuer, audience, subject, claims };
    let added = state.vault().add_federated_identity(&actor, id, trusted).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Removes a federated identity, with the tokens that were given by it.
#[utoipa::path(delete, path = "/api/v1/service-accounts/{id}/federated-identities/{identity}", tag = "service accounts",
    params(("id" = String, Path), ("identity" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(id, identity): TwoIds,
) -> Result<StatusCode, Problem> {
    let id = id.parse::<UserId>().map_err(|_| Error::NotFound(Object::ServiceAccount))?;
    let identity = identity.parse::<FederatedIdentityId>().map_err(|_| Error::NotFound(Object::FederatedIdentity))?;
    state.vault().remove_federated_identity(&actor, id, identity).await?;
    Ok(StatusCode::NO_CONTENT)
}
