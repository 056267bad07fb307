//! What handlers take from a request: who asks, and bodies and queries that say what is wrong with them.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Query, Request, ws::WebSocketUpgrade},
    http::{HeaderMap, Uri, header, request::Parts},
};
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{Actor, Paging};
use countersign_vault::{CredentialRef, Error, Object};
use http_body_util::{BodyExt as _, LengthLimitError};
use serde::{Deserialize, de::DeserializeOwned};
use url::form_urlencoded;
use utoipa::IntoParams;

use crate::{
    AppState, Problem,
    request::{address::address_of, objects::Objects, purpose::purpose_of},
};

/// The cookie that holds a browser's bearer.
pub(crate) const COOKIE: &str = "countersign_session";

/// The cookie by which a person is known in a browser in which they have signed in before.
pub(crate) const KNOWN_BROWSER: &str = "countersign_browser";

/// The cookie that a browser keeps while it asks for a passkey at the sign-in.
pub(crate) const PASSKEY_CHALLENGE: &str = "countersign_passkey";

/// Who asks; the request ends with a problem when nobody is recognised, or when they must change their password or enrol
/// first.
pub(crate) struct Caller(pub(crate) Actor);

/// Who asks, also before their first password is changed and their second factor is set up.
pub(crate) struct CallerBeforeEnrolment(pub(crate) countersign_vault::Caller);

impl FromRequestParts<AppState> for CallerBeforeEnrolment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let bearer = bearer(&parts.headers, state.0.settings.cookie_prefix()).ok_or(Error::NotSignedIn)?;
        let address = address_of(parts, &state.0.settings.trusted_proxies);
        let recognised = state.vault().recognise_from(&bearer, address).await;
        let mut caller = recognised.map_err(|error| unknown(&bearer, error))?;
        caller.actor.purpose = purpose_of(&parts.headers)?;
        Ok(Self(caller))
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let CallerBeforeEnrolment(caller) = CallerBeforeEnrolment::from_request_parts(parts, state).await?;
        match caller {
            it if it.password_change_needed => Err(Error::PasswordChangeNeeded.into()),
            it if it.enrolment_needed => Err(Error::EnrolmentNeeded.into()),
            it => Ok(Self(it.actor)),
        }
    }
}

/// A program cannot sign in: it is told that its token is the matter.
fn unknown(bearer: &Bearer, error: Error) -> Problem {
    match error {
        Error::NotSignedIn if bearer.kind() == BearerKind::ApiToken => {
            let text = "invalid or expired API token: create another in the page, under Settings";
            Problem { detail: text.into(), ..error.into() }
        }
        Error::NotSignedIn if bearer.kind() == BearerKind::AccessToken => {
            let text = "this access token is invalid or expired, or may not be used from this address: ask for another at \
                        /api/v1/oauth/token";
            Problem { detail: text.into(), ..error.into() }
        }
        error => error.into(),
    }
}

pub(crate) fn bearer(headers: &HeaderMap, prefix: &str) -> Option<Bearer> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| Bearer::parse(token.trim()))?;
    }
    cookie(headers, COOKIE, prefix)
}

/// The bearer in the cookie of that name; over TLS only one that this host has set itself counts.
pub(crate) fn cookie(headers: &HeaderMap, wanted: &str, prefix: &str) -> Option<Bearer> {
    let is_wanted = |name: &str| name.strip_prefix(prefix) == Some(wanted);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| is_wanted(name))
        .and_then(|(_, value)| Bearer::parse(value))
}

/// A JSON body of at most `MAX` KiB. Unknown fields, wrong types and broken JSON are named with their place.
pub(crate) struct Body<T, const MAX: usize = 256>(pub(crate) T);

impl<T: DeserializeOwned, const MAX: usize> FromRequest<AppState> for Body<T, MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        let is_json =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
                value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
            });
        if !is_json {
            return Err(Problem::malformed("the body must be JSON: send `Content-Type: application/json`"));
        }
        let bytes = body_of_at_most(request, MAX * 1024).await?;
        read_json(&bytes).map(Self)
    }
}

/// Reads a body that is JSON; says what is wrong with it, and where.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    read(bytes).map_err(|error| Problem::malformed(json_error(&error)))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(Objects(&mut json))?;
    json.end()?;
    Ok(value)
}

/// A body that may be left out altogether.
impl<T: DeserializeOwned, const MAX: usize> OptionalFromRequest<AppState> for Body<T, MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Option<Self>, Problem> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<AppState>>::from_request(request, state).await.map(Some)
    }
}

/// Reads a body, and refuses one that is longer than `most` bytes.
pub(crate) async fn body_of_at_most(request: Request, most: usize) -> Result<Bytes, Problem> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > most) {
        return Err(Problem::too_large(most));
    }
    let body = request.into_body();
    // Not by axum's own extractor, which has a limit of two megabytes for all endpoints.
    let limited = http_body_util::Limited::new(body, most);
    let collected = limited.collect().await.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
        Some(_) => Problem::too_large(most),
        None => Problem::malformed("the body broke off: send it again"),
    })?;
    Ok(collected.to_bytes())
}

// Longer than any message about a field that exists.
const LONGEST_MESSAGE: usize = 500;

/// Names line, column and cause; never repeats what was sent beyond the name of a field.
fn json_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("recursion limit exceeded") {
        return "the body is nested too deeply: no request needs that".to_owned();
    }
    if error.is_syntax() || error.is_eof() {
        let cause = text.rsplit_once(" at line ").map_or(text.as_str(), |(cause, _)| cause);
        return format!("the body is not JSON from line {}, column {} on: {cause}", error.line(), error.column());
    }
    // serde quotes unfit strings, and an unfit string may be a secret. What was expected stands behind it, so it is
    // looked for from the end: the string may hold any words.
    if error.is_data() && (text.starts_with("invalid type") || text.starts_with("invalid value")) {
        let expected = text.rsplit_once(", expected ").map_or("another type", |(_, expected)| expected);
        let expected = expected.rsplit_once(" at line ").map_or(expected, |(expected, _)| expected);
        let (line, column) = (error.line(), error.column());
        return format!("a value in line {line}, column {column} is of the wrong type: expected {expected}");
    }
    if text.len() <= LONGEST_MESSAGE {
        return text;
    }
    let start: String = text.chars().take(LONGEST_MESSAGE).collect();
    format!("{start}… at line {} column {}", error.line(), error.column())
}

/// What is wrong with a query, in words of ours for what people type: the reader's own name the parser and not the mistake.
fn query_error(text: &str) -> String {
    let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(text);
    let said = match text.split_once(": ") {
        Some((field, "invalid digit found in string" | "cannot parse integer from empty string")) => {
            format!("{field} must be a whole number, without a sign")
        }
        Some((field, "number too large to fit in target type")) => format!("{field} is too large"),
        Some((field, "provided string was not `true` or `false`")) => format!("{field} must be true or false"),
        _ => text.to_owned(),
    };
    format!("the query cannot be read: {said}")
}

/// Query parameters; unknown ones are refused where the type says so.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// Reads a query; says what is wrong with it.
pub(crate) fn query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    // No text here holds one, and PostgreSQL takes none: it would look like a failure of the database.
    if text.contains("%00") {
        return Err(Problem::malformed("the query cannot be read: it holds a null character"));
    }
    let uri = Uri::try_from(format!("/?{text}")).map_err(|_| Problem::malformed("the query cannot be read"))?;
    let Query(params) =
        Query::try_from_uri(&uri).map_err(|error| Problem::malformed(query_error(&error.body_text())))?;
    Ok(params)
}

fn encoded(pairs: Vec<(String, String)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PagingParams {
    /// Where the page before ended.
    cursor: Option<String>,
    /// 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// What is listed, and which page of it. The one place where pages are read from a request.
pub(crate) struct Listed<T>(pub(crate) T, pub(crate) Paging);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Listed<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let pairs: Vec<(String, String)> = query(parts.uri.query().unwrap_or_default())?;
        let (paging, others): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(name, _)| matches!(name.as_str(), "cursor" | "limit"));
        let PagingParams { cursor, limit } = query(&encoded(paging))?;
        let listed = query(&encoded(others)).map_err(|mut problem| {
            // All of them are this list's, though they are read apart.
            if problem.detail.contains("there are no fields") {
                problem.detail = problem.detail.replace("there are no fields", "expected `cursor` or `limit`").into();
            } else if problem.detail.contains("unknown field") {
                problem.detail = format!("{}, `cursor`, `limit`", problem.detail).into();
            }
            problem
        })?;
        Ok(Self(listed, Paging::new(cursor, limit)?))
    }
}

/// The credential that the path names, by id or as `name:NAME`.
pub(crate) struct Wanted(pub(crate) CredentialRef);

impl FromRequestParts<AppState> for Wanted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Id(text) = Id::<String>::from_request_parts(parts, state).await?;
        // No name holds a control character, and PostgreSQL does not take each of them.
        if text.chars().any(char::is_control) {
            return Err(Error::NotFound(Object::Credential).into());
        }
        Ok(Self(text.parse()?))
    }
}

fn no_id() -> Problem {
    Problem::not_found("there is no such thing: the address holds no id")
}

/// The id in the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: std::str::FromStr> FromRequestParts<AppState> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let wrong = || no_id();
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| wrong())?;
        text.parse().map(Self).map_err(|_| wrong())
    }
}

/// Two ids in the path, of one thing in another, as they are written.
pub(crate) struct TwoIds(pub(crate) String, pub(crate) String);

impl FromRequestParts<AppState> for TwoIds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Path((outer, inner)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(|_| no_id())?;
        Ok(Self(outer, inner))
    }
}

/// A request that becomes a WebSocket (RFC 6455 §4.1).
pub(crate) struct Upgrade(pub(crate) WebSocketUpgrade);

impl FromRequestParts<AppState> for Upgrade {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await.map_err(|error| {
            Problem::malformed(format!(
                "this is a WebSocket and was asked for as something else: {}",
                error.body_text()
            ))
        })?;
        Ok(Self(upgrade))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_body_that_is_nested_too_deeply_is_told_as_that() {
        let error = serde_json::from_str::<serde_json::Value>(&"[".repeat(500)).unwrap_err();
        assert_eq!(super::json_error(&error), "the body is nested too deeply: no request needs that");
    }
}
