//! The server behind a proxy that has put it on a path of its host, `https://example.org/vault/`.
//!
//! The page asks for everything by relative addresses, so a proxy that takes the path off needs no setting for that. With
//! the setting, the server also answers requests that still have the path, keeps its cookie to it, and says it in links.

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, Uri, header, uri::PathAndQuery},
    response::{IntoResponse as _, Response},
};
use tower::ServiceBuilder;

/// A path such as `/vault`: begins with a slash, ends with none; empty at the root of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BasePath(String);

/// The text is no path that a server could be at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the base path \"{0}\" is no path: write it as /vault, with letters, digits, dots, dashes and underscores")]
pub struct ParseBasePathError(String);

impl std::str::FromStr for BasePath {
    type Err = ParseBasePathError;

    fn from_str(text: &str) -> Result<Self, ParseBasePathError> {
        let path = text.trim().trim_matches('/');
        if path.is_empty() {
            return Ok(Self::default());
        }
        let is_fit = |part: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            !part.is_empty() && part != "." && part != ".." && part.bytes().all(fits)
        };
        // The API's own addresses would stand in two places.
        let is_ours = matches!(path.split('/').next(), Some("api" | "assets"));
        if is_ours || !path.split('/').all(is_fit) {
            return Err(ParseBasePathError(text.chars().take(100).collect()));
        }
        Ok(Self(format!("/{path}")))
    }
}

impl BasePath {
    /// The path without a slash at its end, to put in front of a path that begins with one.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `Path` of a cookie that goes to this server alone.
    pub(crate) fn cookie_path(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }

    /// The router, answering with the path in front too. Without it as before, because many proxies take it off and health
    /// checks never had it.
    pub(crate) fn around(self, app: Router) -> Router {
        if self.0.is_empty() {
            return app;
        }
        let bare = self.0.clone();
        let inner = ServiceBuilder::new().map_request(move |request: Request| self.strip(request)).service(app);
        let to = format!("{bare}/");
        Router::new().route(&bare, axum::routing::get(async move || moved(&to))).fallback_service(inner)
    }

    fn strip(&self, mut request: Request) -> Request {
        if let Some(uri) = self.without(request.uri()) {
            *request.uri_mut() = uri;
        }
        request
    }

    /// The address without the path; `None` when it has not got it.
    fn without(&self, uri: &Uri) -> Option<Uri> {
        let rest = uri.path_and_query()?.as_str().strip_prefix(&self.0)?;
        if !rest.starts_with('/') {
            return None;
        }
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
        Uri::from_parts(parts).ok()
    }
}

/// The page's relative addresses need the slash.
fn moved(to: &str) -> Response {
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_in_one_way() {
        let table = [("", ""), ("/", ""), ("vault", "/vault"), ("/vault/", "/vault"), ("/a/b-c_d.e", "/a/b-c_d.e")];
        for (text, path) in table {
            assert_eq!(text.parse::<BasePath>().unwrap().as_str(), path, "{text}");
        }
        for bad in ["https://example.org/vault", "/a//b", "/a/../b", "/a b", "/a;b", "/a?b", "/api", "/é"] {
            assert!(bad.parse::<BasePath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_path_is_taken_off_where_it_is_whole() {
        let base: BasePath = "/vault".parse().unwrap();
        let table = [
            ("/vault/", Some("/")),
            ("/vault/api/v1/status?x=/vault/", Some("/api/v1/status?x=/vault/")),
            ("http://h/vault/a", Some("http://h/a")),
            ("/vaults/", None),
            ("/vault", None),
            ("/api/v1/status", None),
        ];
        for (from, to) in table {
            let stripped = base.without(&from.parse().unwrap()).map(|uri| uri.to_string());
            assert_eq!(stripped.as_deref(), to, "{from}");
        }
    }
}
