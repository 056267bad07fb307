//! One POST to the webhook: JSON, signed, so that the receiver can tell it from anybody else's.

use std::time::Duration;

use countersign_seal::{MacHash, Secret, hmac};
use countersign_vault::Notice;
use url::Url;

use crate::{
    place::{self, AllowPrivateReceivers},
    words,
};

/// When it was made, in seconds since 1970. It is part of what is signed: a receiver refuses what is old.
pub const TIMESTAMP_HEADER: &str = "countersign-timestamp";
/// `v1=` and the HMAC in lower-case hex.
pub const SIGNATURE_HEADER: &str = "countersign-signature";
/// The notice's id, the same for every try.
pub const DELIVERY_HEADER: &str = "countersign-delivery";

const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// `v1=` and the HMAC-SHA-256 (RFC 2104) of timestamp, a full stop and body, in lower-case hex.
pub fn signature(signing: &Secret, timestamp: i64, body: &[u8]) -> String {
    let mut signed = format!("{timestamp}.").into_bytes();
    signed.extend_from_slice(body);
    format!("v1={}", data_encoding::HEXLOWER.encode(hmac(MacHash::Sha256, signing, &signed).expose()))
}

pub(crate) async fn send(
    notice: &Notice,
    url: &Secret,
    signing: &Secret,
    allow_private: AllowPrivateReceivers,
) -> Result<(), String> {
    let url = url.expose_text().and_then(|text| Url::parse(text).ok());
    let url = url.ok_or_else(|| "the webhook is no URL: set it anew".to_owned())?;
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses = place::addresses(&host, port, allow_private).await?;
    // A client of its own: it knows these addresses alone, no proxy, and follows nobody elsewhere.
    let client = reqwest::Client::builder()
        .resolve_to_addrs(&host, &addresses)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(ANSWER_WITHIN)
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(told)?;
    let body = words::json(notice).to_string().into_bytes();
    let timestamp = notice.sent_at.seconds();
    let answer = client
        .post(url)
        .header("content-type", "application/json")
        .header(TIMESTAMP_HEADER, timestamp)
        .header(SIGNATURE_HEADER, signature(signing, timestamp, &body))
        .header(DELIVERY_HEADER, notice.id.to_string())
        .body(body)
        .send()
        .await
        .map_err(told)?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(format!("the webhook answered {}", answer.status()))
}

/// The URL is often a secret.
fn told(error: reqwest::Error) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha_256_over_timestamp_and_body() {
        // By `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac csw_test`.
        let signing = Secret::from("csw_test".to_owned());
        let made = signature(&signing, 1_700_000_000, br#"{"a":1}"#);
        assert_eq!(made, "v1=0dbac3bff45073f712cbe11728603457e57159e6d1ea83e150658f6040614700");
        assert_ne!(made, signature(&signing, 1_700_000_001, br#"{"a":1}"#));
    }
}
