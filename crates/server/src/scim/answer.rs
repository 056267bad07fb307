//! Who calls, what they send, and how they are answered.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use countersign_identity::{BearerKind, Refusal};
use countersign_scim::{Filter, MAX_PAGE, ScimError, ScimType};
use countersign_vault::{Conflict, Error, ScimCaller};
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    AppState, Problem,
    request::{
        address::address_of,
        extract::{bearer, body_of_at_most},
    },
};

const MEDIA: &str = "application/scim+json";
/// A group of a thousand, with names.
const LONGEST_BODY: usize = 1024 * 1024;

/// An identity provider that was recognised, and where resources have their addresses.
pub(super) struct Caller {
    pub(super) scim: ScimCaller,
    /// As `https://vault.example.org/scim/v2`.
    pub(super) base: String,
}

/// Why nothing was done, as an answer.
pub(super) struct Refused(ScimError, Option<u64>);

impl From<ScimError> for Refused {
    fn from(error: ScimError) -> Self {
        Self(error, None)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let told = match &error {
            Error::NotSignedIn => ScimError::plain(401, "this provisioning token is not valid"),
            Error::NotFound(_) => ScimError::plain(404, detail),
            Error::Invalid(_) => ScimError::new(ScimType::InvalidValue, detail),
            Error::Conflict(Conflict::NameTaken { .. }) => ScimError::new(ScimType::Uniqueness, detail),
            Error::Conflict(Conflict::NoAdministrators(_)) => ScimError::plain(403, detail),
            Error::Conflict(_) => ScimError::plain(409, detail),
            _ => {
                let problem = Problem::from(error);
                let wait = problem.retry_after_seconds.map(|wait| u64::from(wait.get()));
                return Self(ScimError::plain(problem.status, problem.detail.to_string()), wait);
            }
        };
        Self(told, None)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(error, wait) = self;
        let mut response = refused(&error);
        if let Some(wait) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        response
    }
}

/// An answer with a body.
pub(super) fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(location) = body.pointer("/meta/location").and_then(Value::as_str)
        && status == StatusCode::CREATED
        && let Ok(value) = HeaderValue::from_str(location)
    {
        headers.insert(header::LOCATION, value);
    }
    response
}

/// An answer that says what is wrong.
pub(super) fn refused(error: &ScimError) -> Response {
    let mut response = answer(error.status, &error.body());
    if error.status == 401 {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refused> {
        let address = address_of(parts, &state.0.settings.trusted_proxies);
        if let Err(wait) = state.0.scim_throttle.check(address.unwrap_or(std::net::IpAddr::from([0, 0, 0, 0]))) {
            state.vault().note_refusal(Refusal::Throttled, address, None).await;
            let error = ScimError::plain(429, "too many requests from this address in the last minute");
            return Err(Refused(error, Some(wait.as_secs().max(1))));
        }
        // A cookie is nobody's business here.
        let shown = parts.headers.get(header::AUTHORIZATION).and_then(|_| bearer(&parts.headers, ""));
        let shown = shown.filter(|bearer| bearer.kind() == BearerKind::Scim);
        let recognised = match &shown {
            Some(bearer) => state.vault().recognise_scim(bearer, address).await,
            None => Err(Error::NotSignedIn),
        };
        match recognised {
            Ok(scim) => Ok(Self { scim, base: base_of(parts, state) }),
            Err(error) => {
                if matches!(error, Error::NotSignedIn) {
                    state.vault().note_refusal(Refusal::Bearer, address, None).await;
                }
                Err(error.into())
            }
        }
    }
}

/// Where resources have their addresses, as the caller sees the server.
fn base_of(parts: &Parts, state: &AppState) -> String {
    let settings = &state.0.settings;
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if settings.secure_cookies { "https" } else { "http" };
    let origin = if host.is_empty() { String::new() } else { format!("{scheme}://{host}") };
    format!("{origin}{}/scim/v2", settings.base_path.as_str())
}

/// A body of JSON.
pub(super) struct Body(pub(super) Value);

impl FromRequest<AppState> for Body {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Refused> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != MEDIA && kind != "application/json" {
            let text = format!("send Content-Type: {MEDIA}");
            return Err(ScimError { status: 415, ..ScimError::new(ScimType::InvalidSyntax, text) }.into());
        }
        let bytes: Bytes = body_of_at_most(request, LONGEST_BODY)
            .await
            .map_err(|problem| ScimError::plain(problem.status, problem.detail.to_string()))?;
        let value = serde_json::from_slice(&bytes);
        value.map(Self).map_err(|_| ScimError::new(ScimType::InvalidSyntax, "the body is no JSON").into())
    }
}

/// The id in the path.
pub(super) struct Id<T>(pub(super) T);

impl<T: std::str::FromStr> FromRequestParts<AppState> for Id<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refused> {
        let missing = || ScimError::plain(404, "there is no such resource");
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| missing())?;
        Ok(text.parse().map(Self).map_err(|_| missing())?)
    }
}

/// Which resources are asked for.
pub(super) struct Listing {
    pub(super) filter: Option<Filter>,
    pub(super) start: usize,
    pub(super) count: usize,
    /// Whether the members of groups are left out.
    pub(super) without_members: bool,
}

impl FromRequestParts<AppState> for Listing {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Refused> {
        Ok(Self::read(&parts.uri)?)
    }
}

impl Listing {
    fn read(uri: &Uri) -> Result<Self, ScimError> {
        let mut listing = Self { filter: None, start: 1, count: 100, without_members: false };
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            let number = |name: &str| {
                let wrong = || ScimError::new(ScimType::InvalidValue, format!("{name} has to be a number"));
                // What is below the least is the least (RFC 7644 §3.4.2.4).
                value.parse::<i64>().map(|number| usize::try_from(number).unwrap_or(0)).map_err(|_| wrong())
            };
            match &*name {
                "filter" if !value.trim().is_empty() => listing.filter = Some(Filter::parse(&value)?),
                "startIndex" => listing.start = number("startIndex")?.max(1),
                "count" => listing.count = number("count")?.min(MAX_PAGE),
                "excludedAttributes" => {
                    listing.without_members = value.split(',').any(|name| name.trim().eq_ignore_ascii_case("members"));
                }
                _ => {}
            }
        }
        Ok(listing)
    }
}

#[cfg(test)]
mod tests {
    use super::Listing;

    #[test]
    fn pages_are_asked_for_in_bounds() {
        let table = [
            ("/x", (1, 100)),
            ("/x?startIndex=3&count=5", (3, 5)),
            ("/x?startIndex=-3&count=-1", (1, 0)),
            ("/x?count=100000&sortBy=userName", (1, 200)),
        ];
        for (uri, wanted) in table {
            let listing = Listing::read(&uri.parse().unwrap()).unwrap();
            assert_eq!((listing.start, listing.count), wanted, "{uri}");
        }
        assert!(Listing::read(&"/x?count=many".parse().unwrap()).is_err());
        assert!(Listing::read(&"/x?filter=nonsense".parse().unwrap()).is_err());
        assert!(Listing::read(&"/x?excludedAttributes=members".parse().unwrap()).unwrap().without_members);
    }
}
