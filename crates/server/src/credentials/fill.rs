//! `/api/v1/fill`: what a browser extension asks, in requests that it has signed.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use countersign_model::{CredentialId, SiteOrigin};
use countersign_vault::{FillCandidate, FillCandidates, FillParts, Filled};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState, Problem,
    request::{device::Signed, extract::Id},
};

/// Where something is to be filled in.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FillParams {
    /// The origin of the page, as browsers write it: `https://example.org`.
    origin: String,
}

/// A credential that can be filled in at a page. No secret is in it.
#[derive(Serialize, ToSchema)]
pub(crate) struct FillCandidateBody {
    id: String,
    name: String,
    username: String,
    /// Whether it has a password that the caller may be given; conditions may be asked for then.
    password: bool,
    /// Whether it has a token that the caller may be given.
    token: bool,
}

impl From<FillCandidate> for FillCandidateBody {
    fn from(it: FillCandidate) -> Self {
        Self {
            id: it.id.to_string(),
            name: it.name.as_str().to_owned(),
            username: it.username.as_str().to_owned(),
            password: it.password,
            token: it.token.is_some(),
        }
    }
}

/// The credentials of a page's site.
#[derive(Serialize, ToSchema)]
pub(crate) struct FillCandidatesBody {
    items: Vec<FillCandidateBody>,
    /// Whether there may be more than were looked at.
    more: bool,
}

/// A part of a credential that is filled in.
#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FillPart {
    /// The account's name.
    Username,
    /// The password.
    Password,
    /// The current token.
    Token,
}

/// What is to be filled in, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FillBody {
    /// The origin of the page, as browsers write it.
    origin: String,
    /// At least one; each counts once.
    what: Vec<FillPart>,
}

/// What was asked for, on record.
#[derive(Serialize, ToSchema)]
pub(crate) struct FilledBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// The origins of the credential's site: a form that is sent elsewhere is not to be filled in.
    origins: Vec<String>,
}

impl From<Filled> for FilledBody {
    fn from(it: Filled) -> Self {
        Self {
            username: it.username.map(|name| name.as_str().to_owned()),
            password: it.password.map(|password| password.expose_text().unwrap_or_default().to_owned()),
            token: it.token.map(|answer| answer.token.expose().to_owned()),
            origins: it.origins,
        }
    }
}

/// The credentials of a page's site that the person may use whose browser extension asks. It signs the request:
/// `Authorization: Countersign-Device id=…,ts=…,nonce=…,sig=…`, by ECDSA with P-256 and SHA-256 over the lines
/// `countersign-device-1`, the method, the server's origin, path and query, the SHA-256 of the body in hexadecimal, `ts`, `nonce`
/// and `id`.
#[utoipa::path(get, path = "/api/v1/fill", tag = "secrets", params(FillParams),
    responses((status = 200, body = FillCandidatesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(State(state): State<AppState>, signed: Signed) -> Result<impl IntoResponse, Problem> {
    let origin = SiteOrigin::parse(&signed.params::<FillParams>()?.origin)?;
    let FillCandidates { items, more } = state.vault().fill_candidates(&signed.actor, &origin).await?;
    let items = items.into_iter().map(Into::into).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(FillCandidatesBody { items, more })))
}

/// What is to be filled in of a credential, where the page is of its site. Each secret's record is durable before it is answered. The
/// request is signed as that for the list.
#[utoipa::path(post, path = "/api/v1/fill/{id}", tag = "secrets", request_body = FillBody, params(("id" = String, Path)),
    responses((status = 200, body = FilledBody), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn fill(
    State(state): State<AppState>,
    Id(id): Id<CredentialId>,
    signed: Signed,
) -> Result<impl IntoResponse, Problem> {
    let FillBody { origin, what } = signed.body()?;
    let origin = SiteOrigin::parse(&origin)?;
    if what.is_empty() {
        return Err(Problem::invalid("what", "is empty: there are username, password and token"));
    }
    let has = |part| what.contains(&part);
    let parts =
        FillParts { username: has(FillPart::Username), password: has(FillPart::Password), token: has(FillPart::Token) };
    let filled = state.vault().fill(&signed.actor, id, &origin, parts).await?;
    if parts.password {
        state.0.metrics.password_revealed();
    }
    if parts.token {
        state.0.metrics.token_read();
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(FilledBody::from(filled))))
}

/// Removes the browser extension that asks, as it is disconnected.
#[utoipa::path(delete, path = "/api/v1/devices/self", tag = "account",
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn disconnect(State(state): State<AppState>, signed: Signed) -> Result<StatusCode, Problem> {
    state.vault().remove_own_device(&signed.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
