//! What stands around every answer: headers that browsers obey, who may see figures and the API's description, and the
//! records of what was refused.

use axum::{
    extract::{FromRequestParts as _, Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use countersign_identity::Refusal;
use tower_http::csrf::ProtectionError;

use crate::{
    AppState, Problem,
    page::web,
    problem::ProblemKind,
    request::{
        address::{Unclear, address_of, locate},
        extract::{CallerBeforeEnrolment, bearer},
    },
};

/// The API's own page brings inline styles; nothing else may be loaded, and nobody may frame it.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// A year, as browsers want it before they remember it for good (RFC 6797 §6.1.1).
const HSTS: &str = "max-age=31536000";

/// Adds the headers that every answer has. One step for all: each layer costs every request a little.
pub(crate) fn guarded(mut response: Response, policy: &'static str, secure: bool) -> Response {
    add_headers(response.headers_mut(), policy, secure);
    response
}

fn add_headers(headers: &mut HeaderMap, policy: &'static str, secure: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
}

/// The policy of the page and the API.
pub(crate) const APP_POLICY: &str = web::CONTENT_SECURITY_POLICY;

/// Lets the API's description and its page be seen by whom the settings name.
pub(crate) async fn docs(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let secure = state.0.settings.secure_cookies;
    let audience = state.0.settings.docs;
    let (request, seen) = may_see(&state, request, audience).await;
    let response = if seen { next.run(request).await } else { Problem::not_for_you("docs").into_response() };
    guarded(response, DOCS_POLICY, secure)
}

/// Lets figures be seen by whom the settings name.
pub(crate) async fn figures(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let audience = state.0.settings.metrics_for;
    let (request, seen) = may_see(&state, request, audience).await;
    if seen { next.run(request).await } else { Problem::not_for_you("metrics").into_response() }
}

async fn may_see(state: &AppState, request: Request, audience: crate::Audience) -> (Request, bool) {
    let (mut parts, body) = request.into_parts();
    let address = address_of(&parts, &state.0.settings.trusted_proxies);
    // Looked up only where it matters.
    let seen = audience.holds(address, false)
        || (audience.holds(address, true)
            && CallerBeforeEnrolment::from_request_parts(&mut parts, state)
                .await
                .is_ok_and(|it| !it.0.enrolment_needed && !it.0.password_change_needed));
    (Request::from_parts(parts, body), seen)
}

/// Refuses a request that a trusted proxy passes on without saying, or by saying in two ways, from where it came.
pub(crate) async fn located(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let trusted = &state.0.settings.trusted_proxies;
    match locate(request.extensions().get(), request.headers(), trusted) {
        Ok(_) => next.run(request).await,
        Err(Unclear { peer }) => {
            state.vault().note_refusal(Refusal::Forwarded, Some(peer), None).await;
            guarded(Problem::forwarded_unclear().into_response(), APP_POLICY, state.0.settings.secure_cookies)
        }
    }
}

/// Records what was refused: cross-site requests, bearers that are not valid, acts that are not allowed. Bounded by the
/// vault, so that nobody fills the log with it.
pub(crate) async fn note_refusals(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let has_bearer =
        request.headers().contains_key(header::AUTHORIZATION) || request.headers().contains_key(header::COOKIE);
    // What reads a secret records its own refusals, with the credential.
    let records_itself =
        ["/token", "/reveal", "/sessions", "/transfer"].iter().any(|end| request.uri().path().ends_with(end))
            || request.uri().path().starts_with("/api/v1/fill/");
    let (parts, body) = request.into_parts();
    let address = address_of(&parts, &state.0.settings.trusted_proxies);
    let bearer = if records_itself { None } else { bearer(&parts.headers, state.0.settings.cookie_prefix()) };
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status().is_success() {
        return response;
    }
    let kind = response.extensions().get::<ProblemKind>().map(|kind| kind.0);
    let refusal = if response.extensions().get::<ProtectionError>().is_some() {
        Some(Refusal::CrossSite)
    } else {
        match kind {
            Some("not-signed-in" | "device-refused") if has_bearer => Some(Refusal::Bearer),
            Some("denied" | "scope-needed" | "page-only") if !records_itself => Some(Refusal::Denied),
            _ => None,
        }
    };
    if let Some(refusal) = refusal {
        // On the heap, or every request would carry room for it.
        Box::pin(async move {
            // Whoever was recognised a moment ago still is, without a look at the database.
            let who = match bearer.filter(|_| refusal == Refusal::Denied) {
                Some(bearer) => state.vault().recognise_from(&bearer, address).await.ok(),
                None => None,
            };
            state.vault().note_refusal(refusal, address, who.as_ref().map(|who| &who.actor)).await;
        })
        .await;
    }
    response
}
