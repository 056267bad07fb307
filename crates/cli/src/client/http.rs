//! Talking to a server: where it is, who we are, and its answers or problems.

use std::time::Duration;

use anyhow::Context as _;
use countersign_model::is_in_the_clear;
use reqwest::{Method, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    asked::asked,
    kept::{self, Kept},
};
use crate::failure::Problem;

/// A connection to one server as one caller.
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

// Sign-in hashes a password; a large import is sealed item by item.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
// As many as the server gives at once.
const PAGE: &str = "200";
// A log of years, or a long recording that is made into a video.
const LONGEST_DOWNLOAD: Duration = Duration::from_secs(60 * 60);

impl Client {
    /// The server and token of the environment, or of the last `countersign login`.
    pub(crate) fn from_environment() -> anyhow::Result<Self> {
        let (url, token, _) = caller()?;
        Self::new(&url, Some(token))
    }

    /// A server, and who we are there.
    pub(crate) fn new(url: &str, token: Option<String>) -> anyhow::Result<Self> {
        anyhow::ensure!(
            url.starts_with("http://") || url.starts_with("https://"),
            "the server's address must begin with http:// or https://, like http://127.0.0.1:7117"
        );
        let names_one = url.split_once("://").is_some_and(|(_, rest)| !rest.trim_start_matches('/').is_empty());
        anyhow::ensure!(names_one, "{url} names no server: write its address, like http://127.0.0.1:7117");
        // The same rule as for the sites of credentials. What an operator allows sites is no matter here.
        anyhow::ensure!(
            !is_in_the_clear(url),
            "{url} is plain HTTP to a public host, where passwords and API tokens can be read on their way, so nothing was sent: use \
             the https:// address; http:// is for this machine and private networks, by number or by a name such as intranet or \
             nas.internal"
        );
        // Installed twice it is refused and stays as it was.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(LONGEST_WAIT)
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("the HTTP client cannot start")?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned(), token })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        // What access may ask for, with whatever is asked.
        for (variable, header) in
            [("COUNTERSIGN_REASON", "countersign-reason"), ("COUNTERSIGN_TICKET", "countersign-ticket")]
        {
            if let Some(text) = std::env::var(variable).ok().filter(|text| !text.trim().is_empty()) {
                request = request.header(header, encode(text.trim()));
            }
        }
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Asks for something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<T> {
        self.answer(self.request(Method::GET, path).query(query)).await?.json().await.context("the answer is no JSON")
    }

    /// Asks for all of a list, page by page; for no more than `most` and the rest of a page.
    pub(crate) async fn all(
        &self,
        path: &str,
        query: &[(&str, String)],
        most: usize,
    ) -> anyhow::Result<Vec<serde_json::Value>> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut asked = query.to_vec();
            asked.push(("limit", PAGE.to_owned()));
            asked.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let mut page: serde_json::Value = self.get(path, &asked).await?;
            if let Some(serde_json::Value::Array(more)) = page.get_mut("items").map(serde_json::Value::take) {
                items.extend(more);
            }
            match page.get("next_cursor").and_then(serde_json::Value::as_str) {
                Some(next) if items.len() < most => cursor = Some(next.to_owned()),
                _ => return Ok(items),
            }
        }
    }

    /// Asks for something that comes in pieces.
    pub(crate) async fn download(&self, path: &str) -> anyhow::Result<Response> {
        self.answer(self.request(Method::GET, path).timeout(LONGEST_DOWNLOAD)).await
    }

    /// As [`Client::download`], with what is asked in a body.
    pub(crate) async fn fetch(&self, method: Method, path: &str, body: &impl Serialize) -> anyhow::Result<Response> {
        self.answer(self.request(method, path).json(body).timeout(LONGEST_DOWNLOAD)).await
    }

    /// The server's address, without a slash at its end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Sends something and takes the answer.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let response = self.send_plain(method, path, body).await?;
        response.json().await.context("the answer is no JSON")
    }

    /// Sends something whose answer has no body, or one of another kind.
    pub(crate) async fn send_plain(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<Response> {
        self.answer(self.request(method, path).json(body)).await
    }

    /// Sends something with a cookie in place of a token, as `login` does. A body of null is none.
    pub(crate) async fn send_with_cookie(
        &self,
        method: Method,
        path: &str,
        cookie: &str,
        body: &serde_json::Value,
    ) -> anyhow::Result<serde_json::Value> {
        let request = self.request(method, path).header(reqwest::header::COOKIE, cookie);
        let request = if body.is_null() { request } else { request.json(body) };
        let text = self.answer(request).await?.text().await.context("the answer broke off")?;
        if text.is_empty() {
            return Ok(serde_json::Value::Null);
        }
        serde_json::from_str(&text).context("the answer is no JSON")
    }

    /// Sends a form, as OAuth has it; gives the status, for how long to wait where that is said, and what was answered.
    pub(crate) async fn send_form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> anyhow::Result<(u16, Option<Duration>, serde_json::Value)> {
        let form: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = self.request(Method::POST, path).body(form.join("&"));
        let request = request.header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = self.execute(request.build().context("the request cannot be written")?).await?;
        let wait = response.headers().get(reqwest::header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let wait = wait.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        let status = response.status().as_u16();
        let text = response.text().await.unwrap_or_default();
        let read = serde_json::from_str(&text);
        Ok((status, wait, read.with_context(|| self.is_no_server(status))?))
    }

    fn is_no_server(&self, status: impl std::fmt::Display) -> String {
        format!("{} answered {status}: is that a Countersign server?", self.url)
    }

    /// Removes something.
    pub(crate) async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.answer(self.request(Method::DELETE, path)).await.map(drop)
    }

    async fn execute(&self, request: reqwest::Request) -> anyhow::Result<Response> {
        self.http.execute(request).await.map_err(|error| {
            let why = cause_of(&error);
            let cause = match () {
                () if why.contains("certificate") || why.contains("Certificate") => {
                    "shows a certificate that is not trusted here: name its authority's in SSL_CERT_FILE"
                }
                () if error.is_connect() => "does not answer: is it running there?",
                () => "broke off",
            };
            anyhow::anyhow!("the server at {} {cause} ({why})", self.url)
        })
    }

    async fn answer(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        let request = request.build().context("the request cannot be written")?;
        let about = asked(&request);
        let response = self.execute(request).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let text = response.text().await.unwrap_or_default();
        match serde_json::from_str::<Problem>(&text) {
            Ok(problem) => Err(Problem { asked: about, ..problem }.into()),
            Err(_) => anyhow::bail!(self.is_no_server(status)),
        }
    }
}

/// The value of a variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Server and token of the environment, or of the last login; and that login, where the token is its.
pub(crate) fn caller() -> anyhow::Result<(String, String, Option<Kept>)> {
    let nowhere = "which server? Run `countersign login URL`, or set COUNTERSIGN_URL and COUNTERSIGN_TOKEN";
    match (variable("COUNTERSIGN_URL"), variable("COUNTERSIGN_TOKEN")) {
        (Some(url), Some(token)) => Ok((url, token, None)),
        (None, Some(token)) => Ok((kept::read()?.context(nowhere)?.url, token, None)),
        (url, None) => {
            let kept = kept::read()?.context(nowhere)?;
            let url = url.unwrap_or_else(|| kept.url.clone());
            // A token goes to the server that has made it, and to no other.
            anyhow::ensure!(
                url.trim_end_matches('/') == kept.url.trim_end_matches('/'),
                "COUNTERSIGN_URL is {url}, and the API token of the last login is for {}: run `countersign login {url}`, or set \
                 COUNTERSIGN_TOKEN too",
                kept.url
            );
            let token = kept.token()?;
            Ok((url, token, Some(kept)))
        }
    }
}

/// What it comes from in the end. The library's own text names the address alone.
fn cause_of(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// The path of a credential: by its id, or by its name with every special character encoded.
pub(crate) fn credential_path(name: &str) -> String {
    format!("/api/v1/credentials/{}", reference(name))
}

/// Something in a path, by its id, or by its name with every special character encoded.
pub(crate) fn reference(name: &str) -> String {
    if is_id(name) { name.to_owned() } else { format!("name:{}", encode(name)) }
}

/// Something in a body or a query, by its id or its name.
pub(crate) fn named(name: &str) -> String {
    if is_id(name) { name.to_owned() } else { format!("name:{name}") }
}

fn is_id(name: &str) -> bool {
    name.parse::<countersign_model::CredentialId>().is_ok()
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::credential_path;

    #[test]
    fn names_with_any_characters_fit_into_a_path() {
        assert_eq!(credential_path("a b/c@d?é"), "/api/v1/credentials/name:a%20b%2Fc%40d%3F%C3%A9");
        let id = "01938d1c-7a31-7000-8000-000000000000";
        assert_eq!(credential_path(id), format!("/api/v1/credentials/{id}"));
    }
}
