//! `/api/v1/me`: the caller's second factor, password and browsers.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use countersign_model::{Timestamp, WebSessionId};
use countersign_vault::WebSession;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    credentials::seeds::SecretText,
    request::{
        address::Address,
        extract::{Body, Caller, CallerBeforeEnrolment, Id},
    },
    users::sign_in::throttle,
};

/// A second factor to add to an authenticator.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactorSetupBody {
    uri: String,
    /// The bare seed in groups of four.
    secret: String,
    /// A QR code.
    qr_svg: String,
}

/// Begins a second factor; it is in force once confirmed.
#[utoipa::path(post, path = "/api/v1/me/second-factor", tag = "account",
    responses((status = 200, body = SecondFactorSetupBody), (status = "4XX", body = Problem)))]
pub(crate) async fn begin_second_factor(
    State(state): State<AppState>,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
) -> Result<impl IntoResponse, Problem> {
    let setup = state.vault().begin_second_factor(&caller.actor).await?;
    let text = |secret: &countersign_seal::Secret| secret.expose_text().unwrap_or_default().to_owned();
    let seed: Vec<char> = text(&setup.secret).chars().collect();
    let groups: Vec<String> = seed.chunks(4).map(|group| group.iter().collect()).collect();
    let body = SecondFactorSetupBody { uri: text(&setup.uri), secret: groups.join(" "), qr_svg: text(&setup.qr_svg) };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)))
}

/// The token that the authenticator shows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmBody {
    token: String,
}

/// Codes that stand in for the second factor, each once. Only in the answer that made them.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodesBody {
    /// In groups of four; sign-in takes them in any case, with or without dashes.
    recovery_codes: Vec<String>,
}

impl RecoveryCodesBody {
    fn answer(codes: &[countersign_seal::Secret]) -> impl IntoResponse + use<> {
        ([(header::CACHE_CONTROL, "no-store")], Json(Self { recovery_codes: recovery_code_texts(codes) }))
    }
}

/// Codes to be shown once.
pub(crate) fn recovery_code_texts(codes: &[countersign_seal::Secret]) -> Vec<String> {
    codes.iter().map(|code| code.expose_text().unwrap_or_default().to_owned()).collect()
}

/// Makes new recovery codes; those from before serve no more.
#[utoipa::path(post, path = "/api/v1/me/recovery-codes", tag = "account",
    responses((status = 200, body = RecoveryCodesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn make_recovery_codes(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<impl IntoResponse, Problem> {
    Ok(RecoveryCodesBody::answer(&state.vault().make_recovery_codes(&actor).await?))
}

/// Confirms the second factor that was begun; gives new recovery codes, once.
#[utoipa::path(post, path = "/api/v1/me/second-factor/confirm", tag = "account", request_body = ConfirmBody,
    responses((status = 200, body = RecoveryCodesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn confirm_second_factor(
    State(state): State<AppState>,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
    Body(body): Body<ConfirmBody>,
) -> Result<impl IntoResponse, Problem> {
    Ok(RecoveryCodesBody::answer(&state.vault().confirm_second_factor(&caller.actor, &body.token).await?))
}

/// The caller's own password, old and new.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPasswordBody {
    #[schema(value_type = String)]
    current: SecretText,
    #[schema(value_type = String)]
    new: SecretText,
}

/// Changes the caller's own password and signs their other browsers out.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "account", request_body = OwnPasswordBody,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn change_password(
    State(state): State<AppState>,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
    Body(body): Body<OwnPasswordBody, 16>,
) -> Result<StatusCode, Problem> {
    state.vault().change_own_password(&caller.actor, body.current.into_secret(), body.new.into_secret()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Browsers in which the caller is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebSessionsBody {
    items: Vec<WebSessionBody>,
}

/// A browser in which the caller is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebSessionBody {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// What the browser says it is.
    agent: String,
    /// The network address from which they signed in; not known of sign-ins before it was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

impl From<WebSession> for WebSessionBody {
    fn from(it: WebSession) -> Self {
        Self {
            id: it.id.to_string(),
            created_at: it.created_at,
            last_used_at: it.last_used_at,
            expires_at: it.expires_at,
            agent: it.agent,
            address: it.address,
            current: it.current,
        }
    }
}

/// Password and current code, shown once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmSignInBody {
    #[schema(value_type = String)]
    password: SecretText,
    /// The current code of the account's second factor, where it has one, or a recovery code.
    token: Option<String>,
}

/// Shows password and second factor once more: what asks for a recent sign-in (`recent-sign-in-needed`) goes on.
#[utoipa::path(post, path = "/api/v1/me/confirm", tag = "account", request_body = ConfirmSignInBody,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn confirm_sign_in(
    State(state): State<AppState>,
    Address(address): Address,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
    Body(body): Body<ConfirmSignInBody, 16>,
) -> Result<StatusCode, Problem> {
    throttle(&state, address).await?;
    let token = body.token.as_deref().filter(|token| !token.trim().is_empty());
    state.vault().confirm_sign_in(&caller.actor, body.password.into_secret(), token, address).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The browsers in which the caller is signed in.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "account",
    responses((status = 200, body = WebSessionsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn web_sessions(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<WebSessionsBody>, Problem> {
    let sessions = state.vault().web_sessions(&actor).await?;
    Ok(Json(WebSessionsBody { items: sessions.into_iter().map(Into::into).collect() }))
}

/// Signs one of the caller's browsers out.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "account", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn end_web_session(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<WebSessionId>,
) -> Result<StatusCode, Problem> {
    state.vault().end_web_session(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
