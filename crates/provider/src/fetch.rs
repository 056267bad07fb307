//! Requests to the provider: each to addresses that were checked, of bounded size and time, and following nobody elsewhere.

use std::{error::Error as _, fmt, time::Duration};

use countersign_model::ProviderRefusal;
use openidconnect::{HttpRequest, HttpResponse, http};
use reqwest::{RequestBuilder, Response, header, redirect};
use url::Url;

use crate::{
    Refused,
    place::{self, AllowPrivateProvider},
};

/// How long one answer may take, its look-up apart.
pub(crate) const WITHIN: Duration = Duration::from_secs(10);
const LARGEST: usize = 256 * 1024;

/// Gets what the provider says.
#[derive(Clone, Copy)]
pub(crate) struct Fetcher {
    pub(crate) allow_private: AllowPrivateProvider,
    pub(crate) within: Duration,
}

/// [`Refused`] as an error of the library's.
#[derive(Debug)]
pub(crate) struct NotFetched(pub(crate) Refused);

impl fmt::Display for NotFetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl std::error::Error for NotFetched {}

impl Fetcher {
    /// The body that is there, as JSON. `bearer` is shown where it is given.
    ///
    /// # Errors
    /// [`ProviderRefusal::Unreachable`], [`ProviderRefusal::WrongAnswer`].
    pub(crate) async fn get(&self, url: &Url, issuer: &str, bearer: Option<&str>) -> Result<Vec<u8>, Refused> {
        let client = self.client(url, issuer).await?;
        let request = client.get(url.clone()).header(header::ACCEPT, "application/json");
        let request = match bearer {
            Some(bearer) => request.bearer_auth(bearer),
            None => request,
        };
        let (status, _, body) = answered(request, url).await?;
        if status != 200 {
            return Err(Refused::because(ProviderRefusal::WrongAnswer, format!("{} answered {status}", shown(url))));
        }
        Ok(body)
    }

    /// What the library asks for, for whose answers it has its own rules.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub(crate) async fn call(&self, request: HttpRequest, issuer: &str) -> Result<HttpResponse, NotFetched> {
        let (parts, body) = request.into_parts();
        let wrong = || NotFetched(Refused::because(ProviderRefusal::WrongAnswer, "its address cannot be used"));
        let url = Url::parse(&parts.uri.to_string()).map_err(|_| wrong())?;
        let client = self.client(&url, issuer).await.map_err(NotFetched)?;
        let request = client.request(parts.method, url.clone()).headers(parts.headers).body(body);
        let (status, kind, body) = answered(request, &url).await.map_err(NotFetched)?;
        let mut response = http::Response::builder().status(status);
        if let Some(kind) = kind {
            response = response.header(header::CONTENT_TYPE, kind);
        }
        response.body(body).map_err(|_| wrong())
    }

    /// A client of its own: it knows these addresses alone, no proxy, and follows nobody elsewhere.
    async fn client(&self, url: &Url, issuer: &str) -> Result<reqwest::Client, Refused> {
        let addresses = tokio::time::timeout(self.within, place::addresses(url, issuer, self.allow_private)).await;
        let late = |_| Refused::because(ProviderRefusal::Unreachable, format!("{} is not found in time", shown(url)));
        let addresses = addresses.map_err(late)??;
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let built = reqwest::Client::builder()
            .resolve_to_addrs(host, &addresses)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(self.within)
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .build();
        built.map_err(|error| unreachable(error, url))
    }
}

async fn answered(request: RequestBuilder, url: &Url) -> Result<(u16, Option<header::HeaderValue>, Vec<u8>), Refused> {
    let response = request.send().await.map_err(|error| unreachable(error, url))?;
    let status = response.status();
    if status.is_redirection() {
        let detail = format!("{} sends elsewhere, which nobody follows here: check the issuer", shown(url));
        return Err(Refused::because(ProviderRefusal::WrongAnswer, detail));
    }
    if status.is_server_error() {
        return Err(Refused::because(
            ProviderRefusal::Unreachable,
            format!("{} answered {}", shown(url), status.as_u16()),
        ));
    }
    let kind = response.headers().get(header::CONTENT_TYPE).cloned();
    Ok((status.as_u16(), kind, body_of(response, url).await?))
}

async fn body_of(mut response: Response, url: &Url) -> Result<Vec<u8>, Refused> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| unreachable(error, url))? {
        if body.len() + part.len() > LARGEST {
            let detail = format!("{} answered more than {} KiB", shown(url), LARGEST / 1024);
            return Err(Refused::because(ProviderRefusal::WrongAnswer, detail));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// Host and path: what follows could be anything.
fn shown(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

fn unreachable(error: reqwest::Error, url: &Url) -> Refused {
    if error.is_timeout() {
        let detail = format!("{} did not answer in time", shown(url));
        return Refused::because(ProviderRefusal::Unreachable, detail);
    }
    let error = error.without_url();
    let mut text = format!("{}: {error}", shown(url));
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    Refused::because(ProviderRefusal::Unreachable, text)
}
