//! A POST to a receiver that speaks HTTP, and what its answer means.

use std::time::Duration;

use countersign_outbound::{AllowPrivateReceivers, addresses, client, host_and_port, told};
use countersign_seal::Secret;
use reqwest::{Response, header::RETRY_AFTER};
use url::Url;

use crate::failure::Failure;

const ANSWER_WITHIN: Duration = Duration::from_secs(20);
const MOST_OF_ANSWER: usize = 4_096;
const MOST_SHOWN: usize = 200;

/// A receiver that speaks HTTP.
pub(crate) struct Post<'a> {
    pub(crate) url: &'a Url,
    pub(crate) authority: Option<&'a str>,
    /// `Name: value`.
    pub(crate) header: Option<&'a Secret>,
    pub(crate) allow_private: AllowPrivateReceivers,
}

impl Post<'_> {
    /// Sends a body of JSON with further headers; gives what the receiver said that took it.
    ///
    /// # Errors
    /// [`Failure`] where it was not taken, with how long the receiver asks to wait.
    pub(crate) async fn send(&self, body: Vec<u8>, headers: &[(&str, String)]) -> Result<Vec<u8>, Failure> {
        let (host, port) = host_and_port(self.url);
        let addresses = addresses(&host, port, self.allow_private).await?;
        let client = client(&host, &addresses, self.authority, ANSWER_WITHIN)?;
        let mut request = client.post(self.url.clone()).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some((name, value)) = self.header.and_then(Secret::expose_text).and_then(|text| text.split_once(':')) {
            let mut value = reqwest::header::HeaderValue::from_str(value.trim())
                .map_err(|_| "the header holds what no header holds: set it anew".to_owned())?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        let response = request.body(body).send().await.map_err(told)?;
        let (status, wait) = (response.status(), retry_after(&response));
        let body = beginning(response).await;
        if status.is_success() {
            return Ok(body);
        }
        let said = self.without_header(&String::from_utf8_lossy(&body));
        let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_SHOWN).collect();
        let said = if said.is_empty() { said } else { format!(": {said}") };
        Err(Failure { text: format!("the receiver answered {status}{said}"), wait })
    }

    /// Some receivers repeat what they were sent.
    fn without_header(&self, text: &str) -> String {
        let value = self.header.and_then(Secret::expose_text).and_then(|text| text.split_once(':'));
        let Some((_, value)) = value else { return text.to_owned() };
        let words = value.split_whitespace().filter(|word| word.len() > 3);
        words.fold(text.to_owned(), |text, word| text.replace(word, "•••"))
    }
}

/// In seconds alone; dates are rare, and the usual wait serves.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// As much of the answer as is looked at.
async fn beginning(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= MOST_OF_ANSWER {
            body.truncate(MOST_OF_ANSWER);
            break;
        }
    }
    body
}
