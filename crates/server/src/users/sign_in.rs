//! Signing in and out, and the first administrator.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::net::IpAddr;

use countersign_identity::{Bearer, BearerKind, Refusal};
use countersign_model::{Action, Actor, ActorKind, Reach, Role, decide_by_role, reaches};
use countersign_vault::{Caller as Recognised, Error, PersonView, SignInRequest, SignedIn, Source};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    credentials::seeds::SecretText,
    request::{
        address::Address,
        extract::{Body, COOKIE, CallerBeforeEnrolment, KNOWN_BROWSER, cookie},
    },
    users::preferences::PreferencesBody,
};

/// The caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeBody {
    user: MeUser,
    /// `session`, `api_token` or `service_account`.
    via: &'static str,
    /// Whether a second factor must be set up before anything else.
    enrolment_needed: bool,
    /// Whether the password must be changed before anything else, because somebody else has chosen it.
    password_change_needed: bool,
    /// What the caller may do that concerns no single credential.
    may: Vec<&'static str>,
    /// How the page speaks to them.
    preferences: PreferencesBody,
}

/// The person behind the caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeUser {
    id: String,
    name: String,
    role: &'static str,
    second_factor: bool,
    /// `authenticator_app`, `passkey`.
    second_factors: Vec<&'static str>,
    /// How many recovery codes are left.
    recovery_codes: u32,
    /// Whether they have a password.
    has_password: bool,
    /// Whether they are connected with the sign-in provider.
    provider_connected: bool,
}

async fn me_body(state: &AppState, caller: &Recognised) -> Result<MeBody, Problem> {
    let entry = state.vault().own_entry(&caller.actor).await?;
    Ok(MeBody {
        user: MeUser {
            id: entry.id.to_string(),
            second_factor: entry.second_factor(),
            second_factors: second_factors(&entry),
            name: entry.name,
            role: entry.role.name(),
            has_password: entry.has_password,
            provider_connected: entry.connected,
            recovery_codes: state.vault().recovery_codes_left(&caller.actor).await?,
        },
        via: via(&caller.actor),
        enrolment_needed: caller.enrolment_needed,
        password_change_needed: caller.password_change_needed,
        may: general_permissions(entry.role, caller.actor.reach),
        preferences: state.vault().preferences(&caller.actor).await?.into(),
    })
}

/// What somebody shows beside their password, or in its place.
pub(crate) fn second_factors(of: &PersonView) -> Vec<&'static str> {
    let table = [(of.authenticator_app, "authenticator_app"), (of.passkeys > 0, "passkey")];
    table.into_iter().filter(|(there, _)| *there).map(|(_, name)| name).collect()
}

const fn via(actor: &Actor) -> &'static str {
    match actor.kind {
        ActorKind::Person(_) => "session",
        ActorKind::Program(_) | ActorKind::Machine => "api_token",
        ActorKind::Device(_) => "extension",
        ActorKind::Service(_) => "service_account",
    }
}

/// What a page offers by role, and what a token may that was not made for everything.
fn general_permissions(role: Role, reach: Reach) -> Vec<&'static str> {
    let table = [
        (Action::CreateCredential, "credentials.create"),
        (Action::RemoveCredential, "credentials.remove"),
        (Action::CreateCredential, "credentials.import"),
        (Action::ExportCredentials, "credentials.export"),
        (Action::GrantCredential, "credentials.grant"),
        (Action::ReadAudit, "audit"),
        (Action::ReadAudit, "grants"),
        (Action::GrantCredential, "grants"),
        (Action::ManageUsers, "users"),
        (Action::ManageGroups, "groups"),
        (Action::ManageVault, "settings"),
    ];
    let mut may: Vec<_> = table
        .into_iter()
        .filter(|(act, _)| decide_by_role(role, *act).is_ok() && reaches(reach, *act).is_ok())
        .map(|(_, name)| name)
        .collect();
    may.dedup();
    may
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
    /// The current code of the account's second factor, where it has one, or a recovery code. Whether it has is not told.
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
    throttle(&state, address).await?;
    if body.name.chars().any(char::is_control) {
        return Err(Problem::invalid("name", "holds a control character: no user's name does"));
    }
    let token = body.token.as_deref().filter(|token| !token.trim().is_empty());
    let cookies = Cookies::of(&headers, state.0.settings.cookie_prefix());
    let source = cookies.source(&headers, address);
    let ask = SignInRequest { name: &body.name, password: body.password.into_secret(), token, source };
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
    throttle(&state, address).await?;
    let link = Bearer::parse(&body.link).ok_or(Error::LinkInvalid)?;
    let cookies = Cookies::of(&headers, state.0.settings.cookie_prefix());
    let source = cookies.source(&headers, address);
    let signed_in = state.vault().set_up(&link, &body.name, body.password.into_secret(), source).await?;
    answer_with_cookie(&state, signed_in).await
}

/// A link that an administrator has made, with the password that its person chooses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChoosePasswordBody {
    link: String,
    #[schema(value_type = String)]
    password: SecretText,
}

/// Whose password was chosen.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChosenBody {
    /// The name to sign in with.
    name: String,
}

/// Chooses one's password by a link, once. What the person came in by before ends; they sign in next.
#[utoipa::path(post, path = "/api/v1/choose-password", tag = "account", request_body = ChoosePasswordBody,
    responses((status = 200, body = ChosenBody), (status = "4XX", body = Problem)))]
pub(crate) async fn choose_password(
    State(state): State<AppState>,
    Address(address): Address,
    Body(body): Body<ChoosePasswordBody, 16>,
) -> Result<impl IntoResponse, Problem> {
    throttle(&state, address).await?;
    let name = state.vault().use_person_link(&body.link, body.password.into_secret(), address).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ChosenBody { name })))
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
    set_cookie(&mut response, &state, SameSite::Strict, COOKIE, "", "; Max-Age=0")?;
    // Nothing that was shown is to be found by whoever sits down there next. The cookie by which the browser is known stays.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}

/// Takes one try of this address, or says how long to wait. A request whose address is not known is a test's own.
pub(crate) async fn throttle(state: &AppState, address: Option<IpAddr>) -> Result<(), Problem> {
    let Err(wait) = state.0.throttle.check(address.unwrap_or(IpAddr::from([0, 0, 0, 0]))) else { return Ok(()) };
    state.vault().note_refusal(Refusal::Throttled, address, None).await;
    Err(Problem::rate_limited(wait))
}

/// What the browser kept from before.
pub(crate) struct Cookies {
    session: Option<Bearer>,
    known_browser: Option<Bearer>,
}

impl Cookies {
    pub(crate) fn of(headers: &HeaderMap, prefix: &str) -> Self {
        let of_kind = |name, kind| cookie(headers, name, prefix).filter(|bearer| bearer.kind() == kind);
        Self {
            session: of_kind(COOKIE, BearerKind::WebSession),
            known_browser: of_kind(KNOWN_BROWSER, BearerKind::KnownBrowser),
        }
    }

    pub(crate) fn source<'a>(&'a self, headers: &'a HeaderMap, address: Option<IpAddr>) -> Source<'a> {
        Source {
            agent: agent(headers),
            address,
            known_browser: self.known_browser.as_ref(),
            replaces: self.session.as_ref(),
        }
    }
}

// As long as the vault knows a browser without a sign-in.
const KNOWN_FOR: &str = "; Max-Age=31536000";

pub(crate) async fn answer_with_cookie(state: &AppState, signed_in: SignedIn) -> Result<Response, Problem> {
    let body = me_body(state, &signed_in.caller).await?;
    let mut response = ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response();
    set_cookie(&mut response, state, SameSite::Strict, COOKIE, signed_in.bearer.expose(), "")?;
    set_cookie(&mut response, state, SameSite::Strict, KNOWN_BROWSER, signed_in.known_browser.expose(), KNOWN_FOR)?;
    Ok(response)
}

/// Whether a cookie comes with a link from another site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SameSite {
    /// It does not.
    Strict,
    /// It does, where the link leads to another page.
    Lax,
}

pub(crate) fn set_cookie(
    response: &mut Response,
    state: &AppState,
    same_site: SameSite,
    name: &str,
    value: &str,
    more: &str,
) -> Result<(), Problem> {
    let settings = &state.0.settings;
    let (path, prefix) = (settings.base_path.cookie_path(), settings.cookie_prefix());
    let secure = if settings.secure_cookies { "; Secure" } else { "" };
    let text = format!("{prefix}{name}={value}; Path={path}; HttpOnly; SameSite={same_site:?}{secure}{more}");
    let mut value = HeaderValue::try_from(text).map_err(|_| Problem::internal())?;
    value.set_sensitive(true);
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(())
}

fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("unknown")
}
