//! What the endpoints of OAuth 2.0 read and answer: forms, tokens (RFC 6749 §5.1) and errors (§5.2).

use std::time::Duration;

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_model::Timestamp;
use countersign_vault::Error;
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::{Problem, request::extract::body_of_at_most};

/// No request for a token is longer.
const LONGEST_BODY: usize = 16 * 1024;

/// A token (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessTokenBody {
    pub(super) access_token: String,
    /// `Bearer`.
    pub(super) token_type: &'static str,
    /// In seconds.
    pub(super) expires_in: u64,
    pub(super) scope: String,
    /// The API token that a command line was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) api_token: Option<ApiTokenGivenBody>,
}

/// The API token that a command line was given.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiTokenGivenBody {
    pub(super) id: String,
    pub(super) name: String,
    /// Whose it is, by name.
    pub(super) user: String,
    #[schema(value_type = String, format = DateTime)]
    pub(super) expires_at: Timestamp,
}

/// Why there is no token (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
pub(crate) struct OAuthErrorBody {
    /// `invalid_request`, `invalid_client`, `unsupported_grant_type`, `invalid_scope` or `temporarily_unavailable`; to a
    /// command line also `authorization_pending`, `slow_down`, `access_denied`, `expired_token` or `invalid_grant`.
    error: &'static str,
    error_description: String,
}

/// Why there is no token, as an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) error: &'static str,
    status: StatusCode,
    text: String,
    retry_after: Option<Duration>,
}

impl Refused {
    pub(super) fn new(error: &'static str, text: impl Into<String>) -> Self {
        Self { error, status: StatusCode::BAD_REQUEST, text: text.into(), retry_after: None }
    }

    pub(super) fn client(text: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", text) }
    }

    pub(super) fn later(status: StatusCode, wait: Duration, text: impl Into<String>) -> Self {
        Self { status, retry_after: Some(wait), ..Self::new("temporarily_unavailable", text) }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = OAuthErrorBody { error: self.error, error_description: as_described(&self.text) };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        not_stored(headers);
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"countersign\", charset=\"UTF-8\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

/// The characters that a description may have (RFC 6749 §5.2).
fn as_described(text: &str) -> String {
    let plain = |c: char| match c {
        '"' | '\\' => '\'',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().map(plain).collect()
}

pub(super) fn not_stored(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
}

/// What is wrong with the server is said as everywhere, in the form that this answer has.
pub(super) fn unavailable(error: Error) -> Refused {
    let problem = Problem::from(error);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let wait = problem.retry_after_seconds.map_or(30, std::num::NonZeroU32::get);
    Refused::later(status, Duration::from_secs(u64::from(wait)), problem.detail.to_string())
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// Names and values of a form; those without a value are as if they were not there (RFC 6749 §3.2).
pub(super) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// The form of a request, with its headers.
    pub(super) async fn of(request: Request) -> Result<(HeaderMap, Self), Refused> {
        let headers = request.headers().clone();
        if !is_form(&headers) {
            let text = "the body must be a form: send Content-Type: application/x-www-form-urlencoded";
            return Err(Refused::new("invalid_request", text));
        }
        let body = body_of_at_most(request, LONGEST_BODY).await;
        let body = body.map_err(|problem| Refused::new("invalid_request", problem.detail.to_string()))?;
        Ok((headers, Self::read(&body)?))
    }

    pub(super) fn read(body: &[u8]) -> Result<Self, Refused> {
        let mut fields: Vec<(String, Zeroizing<String>)> = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            if fields.iter().any(|(known, _)| *known == name) {
                let shown: String = name.chars().take(40).collect();
                return Err(Refused::new("invalid_request", format!("{shown} is there twice")));
            }
            fields.push((name.into_owned(), Zeroizing::new(value.into_owned())));
        }
        Ok(Self(fields))
    }

    pub(super) fn value(&self, wanted: &str) -> Option<&str> {
        let value = self.0.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_hold_what_the_standard_lets_them() {
        assert_eq!(as_described("a \"b\" \\ ü\n"), "a 'b' ' ??");
    }
}
