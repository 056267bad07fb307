//! The browser's own question for name and password (RFC 9110 §11): answered on demand, once, for the page's own document.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{json, value::RawValue};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::{Page, PageInner, read};
use crate::{
    Error,
    cdp::{CdpSession, json_text},
};

/// What the next question is answered with, and who waits to hear whether there was one.
pub(crate) struct SignIn {
    name: String,
    secret: Zeroizing<String>,
    origins: Vec<String>,
    asked: Option<oneshot::Sender<Result<(), Error>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthRequired {
    request_id: String,
    frame_id: String,
    resource_type: String,
    auth_challenge: Challenge,
}

#[derive(Deserialize)]
struct Challenge {
    #[serde(default)]
    source: String,
    origin: String,
    #[serde(default)]
    scheme: String,
}

impl Page {
    /// Opens the page's address again and answers the question for name and password that the server asks for the page's
    /// own document, if it asks and its origin is among `origins` (as `https://example.org`). The question is answered once;
    /// whoever asks again, or asks for anything else, is told that nobody answers. `false` when nothing was asked.
    ///
    /// Whether the answer was right is told by the next snapshot: [`countersign_snapshot::Answer::sign_in_scheme`] is there
    /// as long as the server asks. Chromium keeps the answer for this context's further requests to that origin.
    ///
    /// # Errors
    /// [`Error::WrongOrigin`]: another origin asked, and nothing was answered. Otherwise as [`Page::open`].
    pub async fn answer_sign_in(
        &self,
        name: &str,
        secret: &[u8],
        origins: &[String],
        within: Duration,
    ) -> Result<bool, Error> {
        let secret = std::str::from_utf8(secret)
            .map_err(|_| Error::NotTaken { why: "a secret that is no text cannot be answered with" })?;
        let address = self.address().await?;
        let page = &self.inner;
        let (sender, mut answered) = oneshot::channel();
        *page.sign_in.lock() = Some(SignIn {
            name: name.to_owned(),
            secret: Zeroizing::new(secret.to_owned()),
            origins: origins.to_vec(),
            asked: Some(sender),
        });
        page.session.cast(
            "Fetch.enable",
            &json!({"handleAuthRequests": true, "patterns": [{"resourceType": "Document", "requestStage": "Request"}]}),
        );
        let opened = self.open(&address, within).await;
        page.sign_in.lock().take();
        page.fetch_as_before();
        match answered.try_recv() {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) => opened.map(|()| true),
            Err(_) => opened.map(|()| false),
        }
    }
}

impl PageInner {
    /// The browser would ask a person now.
    pub(super) fn sign_in_asked(&self, session: &CdpSession, params: &RawValue) {
        let Some(asked) = read::<AuthRequired>(params) else { return };
        let of_page = asked.resource_type == "Document" && asked.frame_id == self.target;
        let known = matches!(asked.auth_challenge.scheme.to_ascii_lowercase().as_str(), "basic" | "digest");
        let mut waiting = self.sign_in.lock();
        let sign_in = waiting.as_mut().filter(|_| of_page && known && asked.auth_challenge.source != "Proxy");
        // Taken, so that it is used at most once.
        let answer = sign_in.and_then(|sign_in| sign_in.asked.take().map(|sender| (sign_in, sender)));
        let Some((sign_in, sender)) = answer else { return self.nobody_answers(session, &asked.request_id) };
        let origin = asked.auth_challenge.origin.trim_end_matches('/');
        let allowed =
            url::Url::parse(origin).is_ok_and(|url| sign_in.origins.contains(&url.origin().ascii_serialization()));
        // Whoever asked may have stopped waiting.
        if !allowed {
            let _ = sender.send(Err(Error::WrongOrigin { found: origin.to_owned() }));
            drop(waiting);
            return self.nobody_answers(session, &asked.request_id);
        }
        let name = json_text(&sign_in.name);
        let secret = json_text(&sign_in.secret);
        let head = format!(
            r#"{{"requestId":{},"authChallengeResponse":{{"response":"ProvideCredentials","username":"#,
            json!(asked.request_id)
        );
        let mut call = Zeroizing::new(Vec::with_capacity(head.len() + name.len() + secret.len() + 20));
        call.extend_from_slice(head.as_bytes());
        call.extend_from_slice(&name);
        call.extend_from_slice(br#","password":"#);
        call.extend_from_slice(&secret);
        call.extend_from_slice(b"}}");
        session.connection().cast(session.id(), "Fetch.continueWithAuth", &call);
        let _ = sender.send(Ok(()));
    }

    fn nobody_answers(&self, session: &CdpSession, request: &str) {
        session.cast(
            "Fetch.continueWithAuth",
            &json!({"requestId": request, "authChallengeResponse": {"response": "CancelAuth"}}),
        );
    }
}
