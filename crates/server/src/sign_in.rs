//! Signing in and out, and the first administrator.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Json,
    extract::{ConnectInfo, FromRequestParts, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use countersign_identity::Bearer;
use countersign_model::{Act, Role, decide};
use countersign_vault::{Caller as Recognised, Error, SignIn, SignedIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    extract::{Body, COOKIE, CallerBeforeEnrolment},
    seeds::SecretText,
};

/// The caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeBody {
    user: MeUser,
    /// `session` or `api_token`.
    via: &'static str,
    /// Whether a second factor must be set up before anything else.
    enrolment_needed: bool,
    /// What the caller may do that concerns no single credential.
    may: Vec<&'static str>,
}

/// The person behind the caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeUser {
    id: String,
    name: String,
    role: &'static str,
    second_factor: bool,
    /// How many recovery codes are left.
    recovery_codes: u32,
}

async fn me_body(state: &AppState, caller: &Recognised) -> Result<MeBody, Problem> {
    let entry = state.vault().own_entry(&caller.actor).await?;
    Ok(MeBody {
        user: MeUser {
            id: entry.id.to_string(),
            name: entry.name,
            role: entry.role.name(),
            second_factor: entry.second_factor,
            recovery_codes: state.vault().recovery_codes_left(&caller.actor).await?,
        },
        via: if caller.actor.is_machine() { "api_token" } else { "session" },
        enrolment_needed: caller.enrolment_needed,
        may: general_permissions(entry.role),
    })
}

/// What a page offers by role.
fn general_permissions(role: Role) -> Vec<&'static str> {
    let table = [
        (Act::CreateCredential, "credentials.create"),
        (Act::CreateCredential, "credentials.import"),
        (Act::GrantCredential, "credentials.grant"),
        (Act::ReadAudit, "audit"),
        (Act::ManageUsers, "users"),
        (Act::ManageVault, "settings"),
    ];
    table.into_iter().filter(|(act, _)| decide(role, *act, None).is_ok()).map(|(_, name)| name).collect()
}

/// The caller.
#[utoipa::path(get, path = "/api/v1/me", tag = "account",
    responses((status = 200, body = MeBody), (status = "4XX", body = Problem)))]
pub(crate) async fn me(
    State(state): State<AppState>,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
) -> Result<Json<MeBody>, Problem> {
    Ok(Json(me_body(&state, &caller).await?))
}

/// Name, password and the current token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    name: String,
    #[schema(value_type = String)]
    password: SecretText,
    /// Needed when the account has a second factor: its current token, or a recovery code.
    token: Option<String>,
}

/// Signs a browser in: sets its cookie.
#[utoipa::path(post, path = "/api/v1/sign-in", tag = "account", request_body = SignInBody,
    responses((status = 200, body = MeBody), (status = "4XX", body = Problem)))]
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Body(body): Body<SignInBody, 16>,
) -> Result<Response, Problem> {
    state.0.throttle.check(address).map_err(Problem::rate_limited)?;
    if body.name.chars().any(char::is_control) {
        return Err(Problem::invalid("name", "holds a control character: no user's name does"));
    }
    let ask = SignIn {
        name: &body.name,
        password: body.password.into_secret(),
        token: body.token.as_deref(),
        agent: agent(&headers),
    };
    match state.vault().sign_in(ask).await {
        Ok(signed_in) => answer_with_cookie(&state, signed_in).await,
        Err(error) => {
            if matches!(error, Error::SignInFailed | Error::LockedOut { .. }) {
                state.0.metrics.sign_in_failed();
            }
            Err(error.into())
        }
    }
}

/// The link that the server printed, with the first administrator's name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetUpBody {
    link: String,
    name: String,
    #[schema(value_type = String)]
    password: SecretText,
}

/// Makes the first administrator and signs them in.
#[utoipa::path(post, path = "/api/v1/setup", tag = "account", request_body = SetUpBody,
    responses((status = 200, body = MeBody), (status = "4XX", body = Problem)))]
pub(crate) async fn set_up(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Body(body): Body<SetUpBody, 16>,
) -> Result<Response, Problem> {
    state.0.throttle.check(address).map_err(Problem::rate_limited)?;
    let link = Bearer::parse(&body.link).ok_or(Error::LinkInvalid)?;
    let signed_in = state.vault().set_up(&link, &body.name, body.password.into_secret(), agent(&headers)).await?;
    answer_with_cookie(&state, signed_in).await
}

/// Signs the asking browser out.
#[utoipa::path(post, path = "/api/v1/sign-out", tag = "account",
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn sign_out(
    State(state): State<AppState>,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
) -> Result<Response, Problem> {
    state.vault().sign_out(&caller.actor).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &state, "", "; Max-Age=0")?;
    Ok(response)
}

async fn answer_with_cookie(state: &AppState, signed_in: SignedIn) -> Result<Response, Problem> {
    let body = me_body(state, &signed_in.caller).await?;
    let mut response = ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response();
    set_cookie(&mut response, state, signed_in.bearer.expose(), "")?;
    Ok(response)
}

fn set_cookie(response: &mut Response, state: &AppState, value: &str, more: &str) -> Result<(), Problem> {
    let path = state.0.settings.base_path.cookie_path();
    let secure = if state.0.settings.secure_cookies { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path={path}; HttpOnly; SameSite=Strict{secure}{more}");
    let mut value = HeaderValue::try_from(text).map_err(|_| Problem::internal())?;
    value.set_sensitive(true);
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(())
}

fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("unknown")
}

/// Where the request came from; unknown only where a test calls the router itself.
pub(crate) struct Address(IpAddr);

impl FromRequestParts<AppState> for Address {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self(address.unwrap_or(IpAddr::from([0, 0, 0, 0]))))
    }
}
