//! `/api/v1/oauth/device_authorization` and `/api/v1/me/device-logins`: a command line is signed in from the page (RFC 8628). It fetches
//! its token at `/api/v1/oauth/token`.

use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_identity::Refusal;
use countersign_model::{ClientName, DeviceLoginId, HostName, Invalid, Role, Timestamp};
use countersign_vault::{DeviceLoginApproval, DeviceLoginError, DeviceLoginRequest, DeviceLoginView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    api_tokens::is_admin,
    oauth_form::{AccessTokenBody, ApiTokenGivenBody, Form, OAuthErrorBody, Refused, not_stored, unavailable},
};
use crate::{
    AppState, Problem,
    request::{
        address::Address,
        extract::{Body, Caller, Id},
    },
};

/// How a command line asks to be signed in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it stands for the form in the description and is never made")]
pub(crate) struct DeviceAuthorizationForm {
    /// What the program calls itself, 1 to 60 characters. Nobody is registered beforehand: who approves is told that it says so.
    client_id: String,
    /// What the machine calls itself on which it runs, 1 to 64 characters; who approves is told that it says so.
    host: Option<String>,
}

/// What signs a command line in (RFC 8628 §3.2).
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceAuthorizationBody {
    /// What the command line keeps and fetches its token by.
    device_code: String,
    /// What it shows to its person: eight consonants in two groups; serves once.
    user_code: String,
    /// Where its person types that. Left out where the server does not know its own address: then it is the address that was asked, with
    /// `/#/device` behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_uri: Option<String>,
    /// The same with the code, which the page asks to compare.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_uri_complete: Option<String>,
    /// How long both codes serve, in seconds.
    expires_in: u64,
    /// How long to wait between two requests for the token, in seconds.
    interval: u64,
}

/// The code that a command line shows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserCodeBody {
    /// As it is typed: in any case, with or without the dash.
    user_code: String,
}

/// A command line that waits to be signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceLoginBody {
    id: String,
    /// What it says that it is.
    client: String,
    /// On which machine, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    /// From which address it asked, as far as the server knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// What its API token will be called.
    token_name: String,
}

impl From<DeviceLoginView> for DeviceLoginBody {
    fn from(it: DeviceLoginView) -> Self {
        Self {
            id: it.id.to_string(),
            client: it.client,
            host: it.host,
            address: it.address,
            created_at: it.created_at,
            expires_at: it.expires_at,
            token_name: it.token_name,
        }
    }
}

/// What the API token of a command line is to be.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DeviceApprovalBody {
    /// `administrator`, `manager`, `member` or `auditor`; the caller's own when left out.
    role: Option<String>,
    /// 1 to 90; thirty, when left out.
    expires_in_days: Option<u32>,
    /// What it may do beside using credentials: `admin` to manage people, grants and automation.
    scopes: Vec<String>,
}

/// That a command line is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceApprovedBody {
    /// When its API token ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Lets a command line wait to be signed in. Nobody has to be signed in where it runs.
#[utoipa::path(post, path = "/api/v1/oauth/device_authorization", tag = "account",
    request_body(content = DeviceAuthorizationForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = DeviceAuthorizationBody), (status = "4XX", body = OAuthErrorBody),
        (status = "5XX", body = OAuthErrorBody)))]
pub(crate) async fn begin(State(state): State<AppState>, Address(address): Address, request: Request) -> Response {
    match asked(&state, address, request).await {
        Ok(body) => {
            let mut response = Json(body).into_response();
            not_stored(response.headers_mut());
            response
        }
        Err(refused) => refused.into_response(),
    }
}

async fn asked(
    state: &AppState,
    address: Option<std::net::IpAddr>,
    request: Request,
) -> Result<DeviceAuthorizationBody, Refused> {
    if let Some(address) = address
        && let Err(wait) = state.0.throttle.check(address)
    {
        state.vault().note_refusal(Refusal::Throttled, Some(address), None).await;
        let text = "too many requests from this address in the last minute";
        return Err(Refused::later(StatusCode::TOO_MANY_REQUESTS, wait, text));
    }
    let (_, form) = Form::of(request).await?;
    let invalid = |invalid: Invalid| Refused::new("invalid_request", invalid.to_string());
    let client = form.value("client_id").unwrap_or_default();
    let client = ClientName::parse(client).map_err(invalid)?;
    let host = form.value("host").map(HostName::parse).transpose().map_err(invalid)?;
    let ask = DeviceLoginRequest { client, host, address };
    let codes = state.vault().begin_device_login(ask).await.map_err(refused)?;
    let user_code = codes.user_code.expose_text().unwrap_or_default().to_owned();
    let base = state.own_origin().map(|origin| format!("{origin}{}/#/device", state.0.settings.base_path.as_str()));
    Ok(DeviceAuthorizationBody {
        device_code: codes.device_code.expose().to_owned(),
        verification_uri_complete: base.as_ref().map(|base| format!("{base}?code={user_code}")),
        verification_uri: base,
        user_code,
        expires_in: codes.lasts.as_secs(),
        interval: codes.poll_every.as_secs(),
    })
}

/// What became of a command line, which asks for its token (RFC 8628 §3.4).
pub(super) async fn fetch(
    state: &AppState,
    address: Option<std::net::IpAddr>,
    form: &Form,
) -> Result<AccessTokenBody, Refused> {
    let missing = |what: &str| Refused::new("invalid_request", format!("{what} is missing"));
    let client = form.value("client_id").ok_or_else(|| missing("client_id"))?;
    let code = form.value("device_code").ok_or_else(|| missing("device_code"))?;
    let given = state.vault().poll_device_login(code, client.trim(), address).await.map_err(refused)?;
    Ok(AccessTokenBody {
        access_token: given.token.expose().to_owned(),
        token_type: "Bearer",
        expires_in: given.lasts.as_secs(),
        scope: if given.admin { "admin".to_owned() } else { String::new() },
        api_token: Some(ApiTokenGivenBody {
            id: given.id.to_string(),
            name: given.name,
            user: given.user,
            expires_at: given.expires_at,
        }),
    })
}

/// The errors of RFC 8628 §3.5.
fn refused(error: DeviceLoginError) -> Refused {
    let text = error.to_string();
    match error {
        DeviceLoginError::Pending => Refused::new("authorization_pending", text),
        DeviceLoginError::SlowDown { .. } => Refused::new("slow_down", text),
        DeviceLoginError::Denied => Refused::new("access_denied", text),
        DeviceLoginError::Expired => Refused::new("expired_token", text),
        DeviceLoginError::Unknown => Refused::new("invalid_grant", text),
        DeviceLoginError::TooMany { wait } => Refused::later(StatusCode::TOO_MANY_REQUESTS, wait, text),
        DeviceLoginError::Vault(error) => unavailable(error),
    }
}

/// Tells which command line shows a code; from then on its caller alone decides about it. In a browser, and recently signed in.
#[utoipa::path(post, path = "/api/v1/me/device-logins", tag = "account", request_body = UserCodeBody,
    responses((status = 200, body = DeviceLoginBody), (status = "4XX", body = Problem)))]
pub(crate) async fn look_up(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<UserCodeBody, 4>,
) -> Result<impl IntoResponse, Problem> {
    let found = state.vault().look_up_device_login(&actor, &body.user_code).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(DeviceLoginBody::from(found))))
}

/// Signs a command line in as the caller, who has typed its code. It fetches an API token, which no other answer holds.
#[utoipa::path(post, path = "/api/v1/me/device-logins/{id}/approve", tag = "account", params(("id" = String, Path)),
    request_body = DeviceApprovalBody, responses((status = 200, body = DeviceApprovedBody), (status = "4XX", body = Problem)))]
pub(crate) async fn approve(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<DeviceLoginId>,
    Body(body): Body<DeviceApprovalBody, 4>,
) -> Result<Json<DeviceApprovedBody>, Problem> {
    let role = body.role.as_deref().map(str::parse::<Role>).transpose()?;
    let approval = DeviceLoginApproval { role, admin: is_admin(&body.scopes)?, days: body.expires_in_days };
    let expires_at = state.vault().approve_device_login(&actor, id, approval).await?;
    Ok(Json(DeviceApprovedBody { expires_at }))
}

/// Refuses to sign a command line in, whose code the caller has typed.
#[utoipa::path(post, path = "/api/v1/me/device-logins/{id}/deny", tag = "account", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn deny(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<DeviceLoginId>,
) -> Result<StatusCode, Problem> {
    state.vault().deny_device_login(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
