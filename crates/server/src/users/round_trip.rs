//! Signing in with a provider: there and back. The way back is a link from another site, with which browsers send no cookie that
//! stays at home; so it signs nobody in. The page does, by a request of its own.

use std::{net::IpAddr, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use countersign_identity::{Bearer, BearerKind, RoundTripSecrets};
use countersign_model::ProviderRefusal;
use countersign_provider::{ProviderAnswer, Refused};
use countersign_vault::{Departure, Error, RoundTripPurpose};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState, Problem,
    request::{
        address::Address,
        extract::{Body, Caller, CallerBeforeEnrolment, Params, cookie},
    },
    users::sign_in::{Cookies, MeBody, SameSite, answer_with_cookie, set_cookie, throttle},
};

/// The cookie of a browser whose person is away.
const ROUND_TRIP: &str = "countersign_provider";
/// As long as the vault waits for them.
const KEPT_FOR: &str = "; Max-Age=600";
/// With everything that is asked of the provider meanwhile.
const LONGEST: Duration = Duration::from_secs(30);

/// Where the browser goes now.
#[derive(Serialize, ToSchema)]
pub(crate) struct DepartureBody {
    /// An address of the provider.
    url: String,
}

/// Begins a sign-in with the provider: sets a cookie, and says where the browser goes.
#[utoipa::path(post, path = "/api/v1/sign-in/oidc", tag = "account",
    responses((status = 200, body = DepartureBody), (status = "4XX", body = Problem)))]
pub(crate) async fn leave(State(state): State<AppState>, Address(address): Address) -> Result<Response, Problem> {
    throttle(&state, address).await?;
    let departure = state.vault().leave_to_sign_in().await?;
    depart(&state, departure, address).await
}

/// What a person who is signed in goes to the provider for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrandBody {
    /// `confirm`: to show once more that it is them; `connect`: to connect the account there with the one here.
    purpose: String,
}

/// Begins what a person who is signed in goes to the provider for.
#[utoipa::path(post, path = "/api/v1/me/provider", tag = "account", request_body = ErrandBody,
    responses((status = 200, body = DepartureBody), (status = "4XX", body = Problem)))]
pub(crate) async fn leave_signed_in(
    State(state): State<AppState>,
    Address(address): Address,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
    Body(body): Body<ErrandBody, 1>,
) -> Result<Response, Problem> {
    throttle(&state, address).await?;
    let departure = match errand(&body.purpose)? {
        RoundTripPurpose::Connect => {
            // Whoever has chosen the first password must not connect an account of theirs by it.
            require_own(&caller)?;
            state.vault().leave_to_connect(&caller.actor).await?
        }
        _ => state.vault().leave_to_confirm(&caller.actor).await?,
    };
    depart(&state, departure, address).await
}

fn require_own(caller: &countersign_vault::Caller) -> Result<(), Problem> {
    match caller {
        it if it.password_change_needed => Err(Error::PasswordChangeNeeded.into()),
        it if it.enrolment_needed => Err(Error::EnrolmentNeeded.into()),
        _ => Ok(()),
    }
}

fn errand(name: &str) -> Result<RoundTripPurpose, Problem> {
    match name {
        "confirm" => Ok(RoundTripPurpose::Confirm),
        "connect" => Ok(RoundTripPurpose::Connect),
        _ => Err(Problem::invalid("purpose", "is neither confirm nor connect")),
    }
}

async fn depart(state: &AppState, departure: Departure, address: Option<IpAddr>) -> Result<Response, Problem> {
    let asked = state.0.provider.address(&departure, state.vault().now());
    let url = match tokio::time::timeout(LONGEST, asked).await.unwrap_or_else(|_| Err(late())) {
        Ok(url) => url,
        Err(Refused { why, detail }) => {
            state.vault().refuse_arrival(Some(&departure.bearer), why, &detail, address).await;
            return Err(Error::Provider(why).into());
        }
    };
    let body = Json(DepartureBody { url: url.into() });
    let mut response = ([(header::CACHE_CONTROL, "no-store")], body).into_response();
    // It comes back with a link from another site, so it may not stay at home.
    set_cookie(&mut response, state, SameSite::Lax, ROUND_TRIP, departure.bearer.expose(), KEPT_FOR)?;
    Ok(response)
}

fn late() -> Refused {
    let detail = format!("it did not answer within {} seconds altogether", LONGEST.as_secs());
    Refused { why: ProviderRefusal::Unreachable, detail }
}

/// What the provider sends along. What else it may send is not looked at.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it stands for the query in the description; a field that comes twice has to be seen")]
pub(crate) struct CallbackParams {
    /// To be exchanged for a token.
    code: Option<String>,
    /// What the browser was sent with.
    state: Option<String>,
    /// Who answers.
    iss: Option<String>,
    /// What went wrong.
    error: Option<String>,
}

/// Where the provider sends people back to. Answers with a redirect to the page, which finishes the sign-in or says why there
/// is none.
#[utoipa::path(get, path = "/api/v1/sign-in/oidc/callback", tag = "account", params(CallbackParams),
    responses((status = 303), (status = "4XX", body = Problem)))]
pub(crate) async fn callback(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Params(query): Params<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let bearer = away(&state, &headers);
    let came = match &bearer {
        Some(bearer) => come_back(&state, bearer, &query).await,
        None => Err(Refused { why: ProviderRefusal::NotBegun, detail: String::new() }),
    };
    match came {
        Ok(purpose) => to_page(&state, name_of(purpose)),
        Err(Refused { why, detail }) => {
            state.0.metrics.sign_in_failed();
            state.vault().refuse_arrival(bearer.as_ref(), why, &detail, address).await;
            to_page(&state, &format!("refused/{}", why.name()))
        }
    }
}

const fn name_of(purpose: RoundTripPurpose) -> &'static str {
    match purpose {
        RoundTripPurpose::SignIn => "sign-in",
        RoundTripPurpose::Confirm => "confirm",
        RoundTripPurpose::Connect => "connect",
    }
}

/// Takes what came back: the code is exchanged, and what the provider says of the person kept until the page asks.
async fn come_back(state: &AppState, bearer: &Bearer, query: &[(String, String)]) -> Result<RoundTripPurpose, Refused> {
    let of_vault = |error: Error| match error {
        Error::Provider(why) => Refused { why, detail: String::new() },
        error => {
            tracing::error!(%error, "somebody who came back from the provider could not be taken in");
            Refused { why: ProviderRefusal::Unreachable, detail: "the vault failed".to_owned() }
        }
    };
    let shown = one(query, "state").map_err(|_| Refused { why: ProviderRefusal::NotBegun, detail: String::new() })?;
    let arrival = state.vault().back_from_provider(bearer, &shown.unwrap_or_default()).await.map_err(of_vault)?;
    let answer = answer_of(query)?;
    let secrets = RoundTripSecrets::of(bearer);
    let asked = state.0.provider.who(&arrival, &secrets, answer, state.vault().now());
    let claims = tokio::time::timeout(LONGEST, asked).await.unwrap_or_else(|_| Err(late()))?;
    state.vault().note_claims(bearer, claims).await.map_err(of_vault)?;
    Ok(arrival.purpose)
}

/// What the answer says beside the state.
fn answer_of(query: &[(String, String)]) -> Result<ProviderAnswer, Refused> {
    Ok(ProviderAnswer { code: one(query, "code")?, issuer: one(query, "iss")?, error: one(query, "error")? })
}

/// A parameter that comes once, or not at all (RFC 6749 §3.1).
fn one(query: &[(String, String)], name: &str) -> Result<Option<String>, Refused> {
    let mut all = query.iter().filter(|(it, _)| it == name).map(|(_, value)| value.clone());
    match (all.next(), all.next()) {
        (found, None) => Ok(found),
        (_, Some(_)) => Err(Refused { why: ProviderRefusal::ProviderError, detail: format!("{name} came twice") }),
    }
}

/// The token of a second factor, where one is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FinishSignInBody {
    /// The current code of the account's second factor, or a recovery code.
    token: Option<String>,
}

/// Signs in a browser whose person has come back: sets its cookie. Answers `code-needed` where a second factor is asked for.
#[utoipa::path(post, path = "/api/v1/sign-in/oidc/finish", tag = "account", request_body = FinishSignInBody,
    responses((status = 200, body = MeBody), (status = "4XX", body = Problem)))]
pub(crate) async fn finish(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Body(body): Body<FinishSignInBody, 1>,
) -> Result<Response, Problem> {
    throttle(&state, address).await?;
    let bearer = away(&state, &headers).ok_or(Error::Provider(ProviderRefusal::NotBegun))?;
    let cookies = Cookies::of(&headers, state.0.settings.cookie_prefix());
    let source = cookies.source(&headers, address);
    match state.vault().finish_provider_sign_in(&bearer, typed(body.token.as_deref()), source).await {
        Ok(signed_in) => {
            let mut response = answer_with_cookie(&state, signed_in).await?;
            forget(&mut response, &state)?;
            Ok(response)
        }
        Err(error) => {
            if matches!(error, Error::SignInFailed | Error::LockedOut { .. } | Error::Provider(_)) {
                state.0.metrics.sign_in_failed();
            }
            Err(error.into())
        }
    }
}

/// What a person who is signed in went to the provider for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FinishErrandBody {
    /// `confirm` or `connect`.
    purpose: String,
    /// For `confirm`: the current code of the account's second factor, where it is asked for.
    token: Option<String>,
}

/// Finishes what a person who is signed in went to the provider for.
#[utoipa::path(post, path = "/api/v1/me/provider/finish", tag = "account", request_body = FinishErrandBody,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn finish_signed_in(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    CallerBeforeEnrolment(caller): CallerBeforeEnrolment,
    Body(body): Body<FinishErrandBody, 1>,
) -> Result<Response, Problem> {
    throttle(&state, address).await?;
    let purpose = errand(&body.purpose)?;
    let bearer = away(&state, &headers).ok_or(Error::Provider(ProviderRefusal::NotBegun))?;
    match purpose {
        RoundTripPurpose::Connect => {
            require_own(&caller)?;
            state.vault().finish_provider_connect(&caller.actor, &bearer, address).await?;
        }
        _ => {
            let token = typed(body.token.as_deref());
            state.vault().finish_provider_confirm(&caller.actor, &bearer, token, address).await?;
        }
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    forget(&mut response, &state)?;
    Ok(response)
}

/// Connects the caller's account with the provider no more.
#[utoipa::path(delete, path = "/api/v1/me/provider", tag = "account",
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn disconnect(State(state): State<AppState>, Caller(actor): Caller) -> Result<StatusCode, Problem> {
    state.vault().disconnect_provider(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn away(state: &AppState, headers: &HeaderMap) -> Option<Bearer> {
    cookie(headers, ROUND_TRIP, state.0.settings.cookie_prefix()).filter(|it| it.kind() == BearerKind::RoundTrip)
}

fn typed(token: Option<&str>) -> Option<&str> {
    token.filter(|token| !token.trim().is_empty())
}

fn forget(response: &mut Response, state: &AppState) -> Result<(), Problem> {
    set_cookie(response, state, SameSite::Lax, ROUND_TRIP, "", "; Max-Age=0")
}

fn to_page(state: &AppState, place: &str) -> Result<Response, Problem> {
    let base = state.0.settings.base_path.as_str().trim_end_matches('/');
    let location = HeaderValue::try_from(format!("{base}/#/provider/{place}")).map_err(|_| Problem::internal())?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_twice_is_no_answer() {
        let query = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            answer_of(&pairs)
        };
        let answer = query(&[("code", "a"), ("state", "b"), ("session_state", "c")]).unwrap();
        assert_eq!((answer.code.as_deref(), answer.error), (Some("a"), None));
        assert_eq!(query(&[]).unwrap().code, None);
        for name in ["code", "iss", "error"] {
            assert_eq!(query(&[(name, "a"), (name, "a")]).unwrap_err().why, ProviderRefusal::ProviderError, "{name}");
        }
    }
}
