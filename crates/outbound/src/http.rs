//! A client for one server.

use std::{net::SocketAddr, time::Duration};

use reqwest::{Client, redirect::Policy};

use crate::tls;

/// A client that knows these addresses alone, uses no proxy, follows nobody elsewhere, and waits `within` for the whole answer. `own` is
/// the one authority, in PEM, that is believed; those of the machine where none is given.
///
/// # Errors
/// Says what is wrong with the authority.
pub fn client(host: &str, addresses: &[SocketAddr], own: Option<&str>, within: Duration) -> Result<Client, String> {
    let builder = Client::builder()
        .resolve_to_addrs(host, addresses)
        .no_proxy()
        .redirect(Policy::none())
        .timeout(within)
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
    let builder = match own {
        None => builder,
        Some(_) => builder.tls_backend_preconfigured(tls::config(own)?),
    };
    builder.build().map_err(told)
}

/// What went wrong, without the URL, which is often a secret.
pub fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
