//! The browser's own question for name and password (RFC 9110 §11): answered on demand, once, for the page's own document.

use std::time::Duration;

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::page::{core::PageInner, sign_in_answer::SignInAnswer};
use crate::{
    Error, Page,
    cdp::{
        CdpSession,
        fetch::{self, AuthChallengeResponse, AuthRequired, ContinueWithAuth},
    },
};

impl Page {
    /// Opens the page's address again and answers the question for name and password that the server asks for the page's
    /// own document, if it asks and its origin is among `origins` (as `https://example.org`). The question is answered once;
    /// whoever asks again, or asks for anything else, is told that nobody answers. `false` when nothing was asked.
    ///
    /// Whether the answer was right is told by the next snapshot: [`countersign_snapshot::PageResponse::sign_in_scheme`] is there
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
        *page.sign_in.lock() = Some(SignInAnswer {
            name: name.to_owned(),
            secret: Zeroizing::new(secret.to_owned()),
            origins: origins.to_vec(),
            asked: Some(sender),
        });
        page.session.cast(&fetch::Enable::documents_and_sign_ins());
        let opened = self.open(&address, within).await;
        page.sign_in.lock().take();
        self.live.fetch_as_before();
        match answered.try_recv() {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) => opened.map(|()| true),
            Err(_) => opened.map(|()| false),
        }
    }
}

impl PageInner {
    /// The browser would ask a person now.
    pub(in crate::page) fn sign_in_asked(&self, session: &CdpSession, asked: &AuthRequired) {
        let of_page = asked.resource_type == "Document" && asked.frame_id == self.target;
        let known = matches!(asked.auth_challenge.scheme.to_ascii_lowercase().as_str(), "basic" | "digest");
        let mut waiting = self.sign_in.lock();
        let sign_in = waiting.as_mut().filter(|_| of_page && known && asked.auth_challenge.source != "Proxy");
        // Taken, so that it is used at most once.
        let answer = sign_in.and_then(|sign_in| sign_in.asked.take().map(|sender| (sign_in, sender)));
        let say = |answer| {
            session.cast(&ContinueWithAuth { request_id: &asked.request_id, auth_challenge_response: answer });
        };
        let Some((sign_in, sender)) = answer else { return say(AuthChallengeResponse::CancelAuth) };
        let origin = asked.auth_challenge.origin.trim_end_matches('/');
        let allowed =
            url::Url::parse(origin).is_ok_and(|url| sign_in.origins.contains(&url.origin().ascii_serialization()));
        // Whoever asked may have stopped waiting.
        if !allowed {
            let _ = sender.send(Err(Error::WrongOrigin { found: origin.to_owned() }));
            return say(AuthChallengeResponse::CancelAuth);
        }
        say(AuthChallengeResponse::ProvideCredentials { username: &sign_in.name, password: &sign_in.secret });
        let _ = sender.send(Ok(()));
    }
}
