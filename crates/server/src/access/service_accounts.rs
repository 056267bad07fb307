//! `/api/v1/service-accounts`: accounts of programs, and the secrets by which they ask for tokens.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_identity::Bearer;
use countersign_model::{ClientSecretId, Network, ServiceDescription, Timestamp, UserId, UserName};
use countersign_vault::{ClientSecretView, Error, NewServiceAccount, Object, ServiceAccountEdit, ServiceAccountView};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{federated_identities::FederatedIdentityBody, granting::NamedBody};
use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Id, TwoIds},
};

/// A service account, without what makes it one.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceAccountBody {
    /// Its id, which is its client id too.
    id: String,
    name: String,
    description: String,
    /// Who looks after it.
    owner: Option<NamedBody>,
    /// What its tokens may be for at the most: words of `see`, `token`, `reveal`, `session`, `change`, `edit`, `share` and `audit`,
    /// narrowed by `credential:NAME` and `tag:TAG`, names percent-encoded. Without a grant none of them gives anything.
    scope: String,
    /// From where it may be used; from anywhere where there is none.
    networks: Vec<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    disabled: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: String,
    /// When it was last given a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// Its secrets, the newest first.
    secrets: Vec<ClientSecretBody>,
    /// Whose tokens it takes in place of a secret, the newest first.
    federated_identities: Vec<FederatedIdentityBody>,
    /// A secret that was just made; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

/// A secret of a service account, without what makes it one.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientSecretBody {
    id: String,
    /// How it begins.
    hint: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<ClientSecretView> for ClientSecretBody {
    fn from(it: ClientSecretView) -> Self {
        Self {
            id: it.id.to_string(),
            hint: it.hint,
            created_at: it.created_at,
            created_by: it.created_by,
            expires_at: it.expires_at,
            last_used_at: it.last_used_at,
        }
    }
}

impl From<ServiceAccountView> for ServiceAccountBody {
    fn from(it: ServiceAccountView) -> Self {
        let owner =
            it.owner.map(|(id, name)| NamedBody { id: id.to_string(), name, role: None, service_account: false });
        Self {
            id: it.id.to_string(),
            name: it.name,
            description: it.description,
            owner,
            scope: it.scope,
            networks: it.networks.iter().map(ToString::to_string).collect(),
            expires_at: it.expires_at,
            disabled: it.disabled,
            created_at: it.created_at,
            created_by: it.created_by,
            last_used_at: it.last_used_at,
            secrets: it.secrets.into_iter().map(Into::into).collect(),
            federated_identities: it.federated_identities.into_iter().map(Into::into).collect(),
            client_secret: None,
        }
    }
}

/// Service accounts.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceAccountsBody {
    items: Vec<ServiceAccountBody>,
}

/// A service account to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewServiceAccountBody {
    /// Unique among users and service accounts.
    name: String,
    #[serde(default)]
    description: String,
    /// The id of the user who looks after it.
    owner: Option<String>,
    /// What its tokens may be for at the most; `see token reveal audit`, when left out.
    scope: Option<String>,
    /// From where it may be used, as `192.0.2.0/24`.
    #[serde(default)]
    networks: Vec<String>,
    /// Never, when left out.
    expires_in_days: Option<u32>,
}

/// What to change of a service account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceAccountPatchBody {
    description: Option<String>,
    /// The id of the user who looks after it; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    owner: Option<Option<String>>,
    scope: Option<String>,
    networks: Option<Vec<String>>,
    /// Null: never.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Option<String>>,
    /// Keeps it out; its tokens end at once.
    disabled: Option<bool>,
}

/// How a secret takes the place of others.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateBody {
    /// For how many hours the former ones serve on: 0 to 720, 24 when left out.
    overlap_hours: Option<u32>,
}

/// Tells null from what is left out.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn networks_of(texts: &[String]) -> Result<Vec<Network>, Problem> {
    Ok(texts.iter().map(|text| Network::around(text).map(|(network, _)| network)).collect::<Result<_, _>>()?)
}

fn owner_of(text: &str) -> Result<UserId, Problem> {
    text.parse().map_err(|_| Problem::invalid("owner", "is no user's id"))
}

fn with_secret(status: StatusCode, view: ServiceAccountView, secret: &Bearer) -> Response {
    let body = ServiceAccountBody { client_secret: Some(secret.expose().to_owned()), ..view.into() };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Every service account, by name.
#[utoipa::path(get, path = "/api/v1/service-accounts", tag = "service accounts",
    responses((status = 200, body = ServiceAccountsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<ServiceAccountsBody>, Problem> {
    let items = state.vault().service_accounts(&actor).await?.into_iter().map(Into::into).collect();
    Ok(Json(ServiceAccountsBody { items }))
}

/// Makes a service account with its first secret; the answer shows that once.
#[utoipa::path(post, path = "/api/v1/service-accounts", tag = "service accounts", request_body = NewServiceAccountBody,
    responses((status = 201, body = ServiceAccountBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<NewServiceAccountBody>,
) -> Result<Response, Problem> {
    let new = NewServiceAccount {
        name: UserName::parse(&body.name)?,
        description: ServiceDescription::parse(&body.description)?,
        owner: body.owner.as_deref().map(owner_of).transpose()?,
        scope: body.scope,
        networks: networks_of(&body.networks)?,
        expires_in_days: body.expires_in_days,
    };
    let (view, secret) = state.vault().create_service_account(&actor, new).await?;
    Ok(with_secret(StatusCode::CREATED, view, &secret))
}

/// One service account.
#[utoipa::path(get, path = "/api/v1/service-accounts/{id}", tag = "service accounts", params(("id" = String, Path)),
    responses((status = 200, body = ServiceAccountBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
) -> Result<Json<ServiceAccountBody>, Problem> {
    Ok(Json(state.vault().service_account(&actor, id).await?.into()))
}

/// Changes a service account. What is taken away is not served any more from the next request on.
#[utoipa::path(patch, path = "/api/v1/service-accounts/{id}", tag = "service accounts",
    request_body = ServiceAccountPatchBody, params(("id" = String, Path)),
    responses((status = 200, body = ServiceAccountBody), (status = "4XX", body = Problem)))]
pub(crate) async fn patch(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
    Body(body): Body<ServiceAccountPatchBody>,
) -> Result<Json<ServiceAccountBody>, Problem> {
    let time = |text: String| -> Result<Timestamp, Problem> {
        text.parse().map_err(|_| Problem::invalid("expires_at", "is no time: write it as 2027-01-31T12:00:00Z"))
    };
    let edit = ServiceAccountEdit {
        description: body.description.as_deref().map(ServiceDescription::parse).transpose()?,
        owner: body.owner.map(|owner| owner.as_deref().map(owner_of).transpose()).transpose()?,
        scope: body.scope,
        networks: body.networks.as_deref().map(networks_of).transpose()?,
        expires_at: body.expires_at.map(|text| text.map(time).transpose()).transpose()?,
        disabled: body.disabled,
    };
    Ok(Json(state.vault().edit_service_account(&actor, id, edit).await?.into()))
}

/// Removes a service account with its secrets, tokens and grants.
#[utoipa::path(delete, path = "/api/v1/service-accounts/{id}", tag = "service accounts", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
) -> Result<StatusCode, Problem> {
    state.vault().remove_service_account(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds a secret beside those that there are, three at the most; the answer shows it once.
#[utoipa::path(post, path = "/api/v1/service-accounts/{id}/secrets", tag = "service accounts",
    params(("id" = String, Path)),
    responses((status = 201, body = ServiceAccountBody), (status = "4XX", body = Problem)))]
pub(crate) async fn add_secret(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
) -> Result<Response, Problem> {
    let (view, secret) = state.vault().create_client_secret(&actor, id, None).await?;
    Ok(with_secret(StatusCode::CREATED, view, &secret))
}

/// Makes a secret in the place of those that there are, which serve on for some hours; the answer shows it once.
#[utoipa::path(post, path = "/api/v1/service-accounts/{id}/rotate", tag = "service accounts",
    request_body = RotateBody, params(("id" = String, Path)),
    responses((status = 201, body = ServiceAccountBody), (status = "4XX", body = Problem)))]
pub(crate) async fn rotate(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
    body: Option<Body<RotateBody>>,
) -> Result<Response, Problem> {
    let Body(body) = body.unwrap_or(Body(RotateBody::default()));
    let (view, secret) = state.vault().create_client_secret(&actor, id, Some(body.overlap_hours)).await?;
    Ok(with_secret(StatusCode::CREATED, view, &secret))
}

/// Removes a secret, with the tokens that were given for it.
#[utoipa::path(delete, path = "/api/v1/service-accounts/{id}/secrets/{secret}", tag = "service accounts",
    params(("id" = String, Path), ("secret" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_secret(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(id, secret): TwoIds,
) -> Result<StatusCode, Problem> {
    let id = id.parse::<UserId>().map_err(|_| Error::NotFound(Object::ServiceAccount))?;
    let secret = secret.parse::<ClientSecretId>().map_err(|_| Error::NotFound(Object::ClientSecret))?;
    state.vault().remove_client_secret(&actor, id, secret).await?;
    Ok(StatusCode::NO_CONTENT)
}
