//! `/api/v1/provisioning`: whether an identity provider may provision users and groups by SCIM, and its token.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use countersign_model::Timestamp;
use countersign_vault::{ScimTokenView, ScimView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller},
};

/// How provisioning stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProvisioningBody {
    /// The tokens that serve, the newest first: one, and the former one while it is replaced. None: no provider is connected.
    tokens: Vec<ProvisioningTokenBody>,
    /// Whether users who are there already may be taken over by exactly their name.
    adopt: bool,
    /// How many users are provisioned.
    users: usize,
    /// How many groups.
    groups: usize,
    /// The token that was just made; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// A provider's token, without what makes it one.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProvisioningTokenBody {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// To the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<ScimTokenView> for ProvisioningTokenBody {
    fn from(it: ScimTokenView) -> Self {
        Self {
            id: it.id.to_string(),
            created_at: it.created_at,
            created_by: it.created_by,
            expires_at: it.expires_at,
            last_used_at: it.last_used_at,
        }
    }
}

impl From<ScimView> for ProvisioningBody {
    fn from(it: ScimView) -> Self {
        let tokens = it.tokens.into_iter().map(Into::into).collect();
        Self { tokens, adopt: it.adopt, users: it.users, groups: it.groups, token: None }
    }
}

/// A token to make for an identity provider.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProvisioningTokenBody {
    /// For how many hours the former one serves on: 0 to 720, 24 when left out.
    overlap_hours: Option<u32>,
    /// Whether users who are there already may be taken over by exactly their name; as before, when left out.
    adopt: Option<bool>,
}

/// What to change of provisioning.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProvisioningPatchBody {
    adopt: bool,
}

/// How provisioning stands.
#[utoipa::path(get, path = "/api/v1/provisioning", tag = "users",
    responses((status = 200, body = ProvisioningBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<ProvisioningBody>, Problem> {
    Ok(Json(state.vault().scim(&actor).await?.into()))
}

/// Makes a token with which an identity provider calls `/scim/v2`; the answer shows it once.
#[utoipa::path(post, path = "/api/v1/provisioning/token", tag = "users", request_body = NewProvisioningTokenBody,
    responses((status = 201, body = ProvisioningBody), (status = "4XX", body = Problem)))]
pub(crate) async fn make_token(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: Option<Body<NewProvisioningTokenBody>>,
) -> Result<impl IntoResponse, Problem> {
    let Body(body) = body.unwrap_or(Body(NewProvisioningTokenBody::default()));
    let (view, bearer) = state.vault().create_scim_token(&actor, body.overlap_hours, body.adopt).await?;
    let body = ProvisioningBody { token: Some(bearer.expose().to_owned()), ..view.into() };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)))
}

/// Says whether users who are there already may be taken over by exactly their name.
#[utoipa::path(patch, path = "/api/v1/provisioning", tag = "users", request_body = ProvisioningPatchBody,
    responses((status = 200, body = ProvisioningBody), (status = "4XX", body = Problem)))]
pub(crate) async fn patch(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ProvisioningPatchBody>,
) -> Result<Json<ProvisioningBody>, Problem> {
    Ok(Json(state.vault().set_scim_adopts(&actor, body.adopt).await?.into()))
}

/// Ends provisioning: its tokens go, users and groups stay and are changed here from then on.
#[utoipa::path(delete, path = "/api/v1/provisioning", tag = "users",
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn disconnect(State(state): State<AppState>, Caller(actor): Caller) -> Result<StatusCode, Problem> {
    state.vault().disconnect_scim(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
