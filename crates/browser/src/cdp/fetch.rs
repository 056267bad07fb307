//! `Fetch`: requests that wait for us before they are sent, and the server's question for name and password.

use serde::{Deserialize, Serialize};

use super::command::command;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Enable {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    handle_auth_requests: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    patterns: &'static [RequestPattern],
}
command!(Enable, "Fetch.enable");

/// Which requests wait.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestPattern {
    resource_type: &'static str,
    request_stage: &'static str,
}

const DOCUMENTS: &[RequestPattern] = &[RequestPattern { resource_type: "Document", request_stage: "Request" }];

impl Enable {
    /// Every request waits.
    pub(crate) const fn all() -> Self {
        Self { handle_auth_requests: false, patterns: &[] }
    }

    /// Those for documents wait.
    pub(crate) const fn documents() -> Self {
        Self { handle_auth_requests: false, patterns: DOCUMENTS }
    }

    /// As [`Self::documents`], and we are asked for name and password.
    pub(crate) const fn documents_and_sign_ins() -> Self {
        Self { handle_auth_requests: true, patterns: DOCUMENTS }
    }
}

#[derive(Serialize)]
pub(crate) struct Disable {}
command!(Disable, "Fetch.disable");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContinueRequest<'a> {
    pub(crate) request_id: &'a str,
}
command!(ContinueRequest<'a>, "Fetch.continueRequest");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailRequest<'a> {
    request_id: &'a str,
    error_reason: &'static str,
}
command!(FailRequest<'a>, "Fetch.failRequest");

impl<'a> FailRequest<'a> {
    /// As if the page had broken it off; the document that is shown stays.
    pub(crate) const fn aborted(request: &'a str) -> Self {
        Self { request_id: request, error_reason: "Aborted" }
    }
}

/// An answer of ours in place of the server's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FulfillRequest<'a> {
    request_id: &'a str,
    response_code: u16,
    body: &'static str,
    response_headers: &'static [Header],
}
command!(FulfillRequest<'a>, "Fetch.fulfillRequest");

#[derive(Serialize)]
struct Header {
    name: &'static str,
    value: &'static str,
}

impl<'a> FulfillRequest<'a> {
    pub(crate) const fn empty_document(request: &'a str) -> Self {
        const HTML: &[Header] = &[Header { name: "content-type", value: "text/html" }];
        Self { request_id: request, response_code: 200, body: "", response_headers: HTML }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContinueWithAuth<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) auth_challenge_response: AuthChallengeResponse<'a>,
}
command!(ContinueWithAuth<'a>, "Fetch.continueWithAuth");

#[derive(Serialize)]
#[serde(tag = "response")]
pub(crate) enum AuthChallengeResponse<'a> {
    /// Nobody says who they are.
    CancelAuth,
    ProvideCredentials {
        username: &'a str,
        /// A secret.
        password: &'a str,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthRequired {
    pub(crate) request_id: String,
    pub(crate) frame_id: String,
    /// Such as `Document`.
    pub(crate) resource_type: String,
    pub(crate) auth_challenge: AuthChallenge,
}

#[derive(Deserialize)]
pub(crate) struct AuthChallenge {
    /// `Server` or `Proxy`.
    #[serde(default)]
    pub(crate) source: String,
    pub(crate) origin: String,
    #[serde(default)]
    pub(crate) scheme: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestPaused {
    pub(crate) request_id: String,
    pub(crate) frame_id: String,
    pub(crate) request: PausedRequest,
}

#[derive(Deserialize)]
pub(crate) struct PausedRequest {
    pub(crate) url: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        let documents = json!([{"resourceType": "Document", "requestStage": "Request"}]);
        let auth = |answer| ContinueWithAuth { request_id: "r", auth_challenge_response: answer };
        let provide = auth(AuthChallengeResponse::ProvideCredentials { username: "n", password: "p\"" });
        for ((method, found), expected_method, expected) in [
            (json_of(&Enable::all()), "Fetch.enable", json!({})),
            (json_of(&Enable::documents()), "Fetch.enable", json!({"patterns": documents})),
            (
                json_of(&Enable::documents_and_sign_ins()),
                "Fetch.enable",
                json!({"handleAuthRequests": true, "patterns": documents}),
            ),
            (json_of(&Disable {}), "Fetch.disable", json!({})),
            (json_of(&ContinueRequest { request_id: "r" }), "Fetch.continueRequest", json!({"requestId": "r"})),
            (
                json_of(&FailRequest::aborted("r")),
                "Fetch.failRequest",
                json!({"requestId": "r", "errorReason": "Aborted"}),
            ),
            (
                json_of(&FulfillRequest::empty_document("r")),
                "Fetch.fulfillRequest",
                json!({
                    "requestId": "r", "responseCode": 200, "body": "",
                    "responseHeaders": [{"name": "content-type", "value": "text/html"}],
                }),
            ),
            (
                json_of(&auth(AuthChallengeResponse::CancelAuth)),
                "Fetch.continueWithAuth",
                json!({"requestId": "r", "authChallengeResponse": {"response": "CancelAuth"}}),
            ),
            (
                json_of(&provide),
                "Fetch.continueWithAuth",
                json!({
                    "requestId": "r",
                    "authChallengeResponse":
                        {"response": "ProvideCredentials", "username": "n", "password": "p\""},
                }),
            ),
        ] {
            assert_eq!((method, found), (expected_method, expected));
        }
    }
}
