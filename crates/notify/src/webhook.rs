//! One POST to the webhook: JSON, signed, so that the receiver can tell it from anybody else's.

use std::time::Duration;

use countersign_outbound::{
    AllowPrivateReceivers, DELIVERY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, addresses, client, host_and_port,
    signature, told,
};
use countersign_seal::Secret;
use countersign_vault::Notice;
use url::Url;

use crate::words;

const ANSWER_WITHIN: Duration = Duration::from_secs(20);

pub(crate) async fn send(
    notice: &Notice,
    url: &Secret,
    signing: &Secret,
    allow_private: AllowPrivateReceivers,
) -> Result<(), String> {
    let url = url.expose_text().and_then(|text| Url::parse(text).ok());
    let url = url.ok_or_else(|| "the webhook is no URL: set it anew".to_owned())?;
    let (host, port) = host_and_port(&url);
    let addresses = addresses(&host, port, allow_private).await?;
    let client = client(&host, &addresses, None, ANSWER_WITHIN)?;
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
