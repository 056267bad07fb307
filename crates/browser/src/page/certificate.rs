//! The certificate that a server shows.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{Page, PageInner, read};
use crate::Error;

impl Page {
    /// The certificate of the server that the tab's page comes from, or was to come from, in DER (RFC 5280), trusted or
    /// not; `None` when there is none. For telling an operator of it: nothing is trusted by it.
    pub async fn certificate(&self) -> Result<Option<Vec<u8>>, Error> {
        const PATIENCE: Duration = Duration::from_secs(3);
        let page = &self.inner;
        let mut heard = page.certificate.subscribe();
        heard.mark_unchanged();
        // Chromium tells of the state that is there, and of each change from then on.
        page.session.cast("Security.enable", &json!({}));
        let told = tokio::time::timeout(PATIENCE, heard.changed()).await;
        page.session.cast("Security.disable", &json!({}));
        match told {
            Ok(Ok(())) => Ok(heard.borrow().clone()),
            Ok(Err(_)) => Err(Error::PageClosed),
            Err(_) => Err(Error::TimedOut { what: "asking for a certificate", after: PATIENCE }),
        }
    }
}

impl PageInner {
    pub(super) fn certificate_told(&self, params: &RawValue) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Told {
            visible_security_state: State,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct State {
            certificate_security_state: Option<Shown>,
        }
        #[derive(Deserialize)]
        struct Shown {
            #[serde(default)]
            certificate: Vec<String>,
        }
        let Some(told) = read::<Told>(params) else { return };
        let first =
            told.visible_security_state.certificate_security_state.and_then(|one| one.certificate.into_iter().next());
        self.certificate.send_replace(first.and_then(|text| STANDARD.decode(text).ok()));
    }
}
