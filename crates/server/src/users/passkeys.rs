//! Passkeys: `/api/v1/me/passkeys`, and signing in and confirming with one.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_identity::{BearerKind, CHALLENGE_LASTS, NoPasskeys};
use countersign_model::{PasskeyId, PasskeyName, Timestamp};
use countersign_vault::{Error, PasskeySignInRequest, PasskeyView, Vault};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::{
        address::Address,
        extract::{Body, Caller, CallerBeforeEnrolment, Id, PASSKEY_CHALLENGE, cookie},
    },
    users::{
        account::recovery_code_texts,
        sign_in::{Cookies, MeBody, answer_with_cookie, set_cookie, throttle},
    },
};

/// Whether passkeys can be used at this server, and where.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeysAtBody {
    /// Whether they can be used.
    usable: bool,
    /// The origin of the page in which they can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    origin: Option<String>,
    /// Why they cannot be used, and what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    problem: Option<String>,
}

impl PasskeysAtBody {
    pub(crate) fn of(vault: &Vault) -> Self {
        match vault.relying_party() {
            Ok(party) => Self { usable: true, origin: Some(party.origin().to_owned()), problem: None },
            Err(why) => Self { usable: false, origin: None, problem: Some(told(why)) },
        }
    }
}

fn told(why: NoPasskeys) -> String {
    format!("{why}: {}", why.hint())
}

/// What a browser is asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyOptionsBody {
    /// For `navigator.credentials` (Web Authentication's `PublicKeyCredentialCreationOptionsJSON` or
    /// `PublicKeyCredentialRequestOptionsJSON`). To be answered within five minutes, once.
    #[schema(value_type = Object)]
    options: Value,
}

impl PasskeyOptionsBody {
    fn answer(options: Value) -> impl IntoResponse + use<> {
        ([(header::CACHE_CONTROL, "no-store")], Json(Self { options }))
    }
}

/// What a browser answers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShownPasskeyBody {
    /// Web Authentication's `AuthenticationResponseJSON`.
    #[schema(value_type = Object)]
    credential: Value,
}

/// A new passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPasskeyBody {
    /// What its owner calls it.
    name: String,
    /// Web Authentication's `RegistrationResponseJSON`.
    #[schema(value_type = Object)]
    credential: Value,
}

/// A passkey of the caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyBody {
    id: String,
    name: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<PasskeyView> for PasskeyBody {
    fn from(it: PasskeyView) -> Self {
        Self { id: it.id.to_string(), name: it.name, created_at: it.created_at, last_used_at: it.last_used_at }
    }
}

/// The caller's passkeys.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeysBody {
    items: Vec<PasskeyBody>,
}

/// A passkey that was added.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddedPasskeyBody {
    #[serde(flatten)]
    passkey: PasskeyBody,
    /// Where it is the first second factor: codes that stand in for it, each once. Only here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    recovery_codes: Option<Vec<String>>,
}

/// The caller's passkeys.
#[utoipa::path(get, path = "/api/v1/me/passkeys", tag = "account",
    responses((status = 200, body = PasskeysBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<PasskeysBody>, Problem> {
    let items = state.vault().passkeys(&actor).await?.into_iter().map(Into::into).collect();
    Ok(Json(PasskeysBody { items }))
}

/// Begins adding a passkey: what the browser is asked for it.
#[utoipa::path(post, path = "/api/v1/me/passkeys/options", tag = "account",
    responses((status = 200, body = PasskeyOptionsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn begin(
    State(state): State<AppState>,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
) -> Result<impl IntoResponse, Problem> {
    Ok(PasskeyOptionsBody::answer(state.vault().begin_passkey(&caller.actor).await?))
}

/// Adds the passkey that the browser has made. Where it is the first second factor, gives recovery codes, once.
#[utoipa::path(post, path = "/api/v1/me/passkeys", tag = "account", request_body = NewPasskeyBody,
    responses((status = 201, body = AddedPasskeyBody), (status = "4XX", body = Problem)))]
pub(crate) async fn add(
    State(state): State<AppState>,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
    Body(body): Body<NewPasskeyBody, 64>,
) -> Result<impl IntoResponse, Problem> {
    let name = PasskeyName::parse(&body.name)?;
    let added = match state.vault().add_passkey(&caller.actor, &name, body.credential).await {
        // Nobody is signing in here.
        Err(Error::PasskeyRefused(why)) => return Err(Problem::passkey_not_added(why)),
        added => added?,
    };
    let codes = added.recovery_codes.as_deref().map(recovery_code_texts);
    let body = AddedPasskeyBody { passkey: added.passkey.into(), recovery_codes: codes };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)))
}

/// Removes one of the caller's passkeys and signs their other browsers out.
#[utoipa::path(delete, path = "/api/v1/me/passkeys/{id}", tag = "account", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<PasskeyId>,
) -> Result<StatusCode, Problem> {
    state.vault().remove_passkey(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins confirming with a passkey: what the browser is asked.
#[utoipa::path(post, path = "/api/v1/me/confirm/passkey/options", tag = "account",
    responses((status = 200, body = PasskeyOptionsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn begin_confirmation(
    State(state): State<AppState>,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
) -> Result<impl IntoResponse, Problem> {
    Ok(PasskeyOptionsBody::answer(state.vault().begin_passkey_confirmation(&caller.actor).await?))
}

/// Shows a passkey once more: what asks for a recent sign-in (`recent-sign-in-needed`) goes on.
#[utoipa::path(post, path = "/api/v1/me/confirm/passkey", tag = "account", request_body = ShownPasskeyBody,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn confirm(
    State(state): State<AppState>,
    Address(address): Address,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
    Body(body): Body<ShownPasskeyBody, 16>,
) -> Result<StatusCode, Problem> {
    throttle(&state, address).await?;
    state.vault().confirm_with_passkey(&caller.actor, body.credential, address).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins signing in with a passkey: what the browser is asked. No name is needed. Sets a cookie that goes with the answer.
#[utoipa::path(post, path = "/api/v1/sign-in/passkey/options", tag = "account",
    responses((status = 200, body = PasskeyOptionsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn begin_sign_in(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    throttle(&state, address).await?;
    let former = cookie(&headers, PASSKEY_CHALLENGE, state.0.settings.cookie_prefix());
    let (options, kept) = state.vault().begin_passkey_sign_in(former.as_ref()).await?;
    let mut response = PasskeyOptionsBody::answer(options).into_response();
    let age = format!("; Max-Age={}", CHALLENGE_LASTS.as_secs());
    set_cookie(&mut response, &state, PASSKEY_CHALLENGE, kept.expose(), &age)?;
    Ok(response)
}

/// Signs a browser in by a passkey alone: sets its cookie.
#[utoipa::path(post, path = "/api/v1/sign-in/passkey", tag = "account", request_body = ShownPasskeyBody,
    responses((status = 200, body = MeBody), (status = "4XX", body = Problem)))]
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Body(body): Body<ShownPasskeyBody, 16>,
) -> Result<Response, Problem> {
    throttle(&state, address).await?;
    let prefix = state.0.settings.cookie_prefix();
    let cookies = Cookies::of(&headers, prefix);
    let challenge =
        cookie(&headers, PASSKEY_CHALLENGE, prefix).filter(|bearer| bearer.kind() == BearerKind::PasskeyChallenge);
    let source = cookies.source(&headers, address);
    let ask = PasskeySignInRequest { challenge: challenge.as_ref(), answer: body.credential, source };
    match state.vault().sign_in_with_passkey(ask).await {
        Ok(signed_in) => {
            let mut response = answer_with_cookie(&state, signed_in).await?;
            set_cookie(&mut response, &state, PASSKEY_CHALLENGE, "", "; Max-Age=0")?;
            Ok(response)
        }
        Err(error) => {
            if matches!(error, Error::PasskeyRefused(_) | Error::LockedOut { .. }) {
                state.0.metrics.sign_in_failed();
            }
            Err(error.into())
        }
    }
}
