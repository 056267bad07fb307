//! `Network`: what is asked of servers and answered.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::command::command;

/// Limits in bytes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Enable {
    max_post_data_size: u32,
    max_total_buffer_size: u32,
    max_resource_buffer_size: u32,
}
command!(Enable, "Network.enable");

impl Enable {
    /// Without these limits the events would carry what forms send.
    pub(crate) const fn without_bodies() -> Self {
        Self { max_post_data_size: 0, max_total_buffer_size: 0, max_resource_buffer_size: 0 }
    }
}

#[derive(Serialize)]
pub(crate) struct SetBypassServiceWorker {
    pub(crate) bypass: bool,
}
command!(SetBypassServiceWorker, "Network.setBypassServiceWorker");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestWillBeSent {
    pub(crate) request_id: String,
    pub(crate) loader_id: String,
    pub(crate) frame_id: Option<String>,
    /// Such as `Document`, `XHR` or `Fetch`.
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    /// Of the document that asks.
    #[serde(rename = "documentURL", default)]
    pub(crate) document_url: String,
    pub(crate) request: SentRequest,
}

#[derive(Deserialize)]
pub(crate) struct SentRequest {
    pub(crate) url: String,
    pub(crate) method: String,
}

/// `Network.loadingFinished` or `Network.loadingFailed`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoadingEnded {
    pub(crate) request_id: String,
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    /// Such as `net::ERR_CONNECTION_REFUSED`; empty when nothing went wrong.
    #[serde(default)]
    pub(crate) error_text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseReceived {
    pub(crate) loader_id: String,
    pub(crate) request_id: String,
    pub(crate) frame_id: Option<String>,
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    pub(crate) response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: HashMap<String, String>,
    /// Milliseconds since 1970.
    pub(crate) response_time: Option<f64>,
    #[serde(default)]
    pub(crate) from_disk_cache: bool,
    #[serde(default)]
    pub(crate) from_service_worker: bool,
}

/// An answer as it came, also when the page gets to see nothing of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseReceivedExtraInfo<'a> {
    pub(crate) request_id: String,
    pub(crate) status_code: u16,
    /// Cookies are among them, so they are read only by who needs one.
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
}

impl ResponseReceivedExtraInfo<'_> {
    /// One of the headers, by its name in lower case.
    pub(crate) fn header(&self, wanted: &str) -> Option<String> {
        let headers: HashMap<String, String> = serde_json::from_str(self.headers?.get()).ok()?;
        headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }
}

/// Of a WebSocket: opened, used or closed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebSocket {
    pub(crate) request_id: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        for ((method, found), expected_method, expected) in [
            (
                json_of(&Enable::without_bodies()),
                "Network.enable",
                json!({"maxPostDataSize": 0, "maxTotalBufferSize": 0, "maxResourceBufferSize": 0}),
            ),
            (
                json_of(&SetBypassServiceWorker { bypass: true }),
                "Network.setBypassServiceWorker",
                json!({"bypass": true}),
            ),
        ] {
            assert_eq!((method, found), (expected_method, expected));
        }
    }
}
