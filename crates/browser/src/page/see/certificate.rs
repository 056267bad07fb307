//! The certificate that a server shows, and what else was in the way of a page that was not loaded.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_model::{ADDRESS_REFUSED, CERTIFICATE_DIFFERS, CertificateFingerprint};
use countersign_snapshot::{Frame, PageSnapshot};

use crate::page::core::PageInner;
use crate::{
    Error, Page,
    cdp::security::{self, VisibleSecurityStateChanged},
    gate::pinned::fingerprint,
};

impl Page {
    /// The certificate of the server that the tab's page comes from, or was to come from, in DER (RFC 5280), trusted or
    /// not; `None` when there is none. For telling an operator of it: nothing is trusted by it. Where the gate ends TLS
    /// (see [`crate::PinnedSite`]) it is the gate's own.
    pub async fn certificate(&self) -> Result<Option<Vec<u8>>, Error> {
        self.certificate_that(|_| true).await
    }

    /// The first that Chromium tells of and that is `wanted`.
    async fn certificate_that(&self, wanted: impl Fn(&Option<Vec<u8>>) -> bool) -> Result<Option<Vec<u8>>, Error> {
        const PATIENCE: Duration = Duration::from_secs(3);
        let page = &self.inner;
        let mut heard = page.certificate.subscribe();
        heard.mark_unchanged();
        // Chromium tells of the state that is there, and of each change from then on.
        page.session.cast(&security::Enable {});
        let until_wanted = async {
            loop {
                heard.changed().await?;
                let told = heard.borrow_and_update().clone();
                if wanted(&told) {
                    return Ok::<_, tokio::sync::watch::error::RecvError>(told);
                }
            }
        };
        let told = tokio::time::timeout(PATIENCE, until_wanted).await;
        page.session.cast(&security::Disable {});
        match told {
            Ok(Ok(told)) => Ok(told),
            Ok(Err(_)) => Err(Error::PageClosed),
            Err(_) => Err(Error::TimedOut { what: "asking for a certificate", after: PATIENCE }),
        }
    }
}

/// Why a page was not loaded, where a certificate was in the way.
struct CertificateRefusal {
    error: String,
    shown: CertificateFingerprint,
}

impl Page {
    /// A snapshot of what could not be reached, with what was in the way: the gate, or a certificate.
    pub(in crate::page) async fn with_what_was_in_the_way(&self, mut snapshot: PageSnapshot) -> PageSnapshot {
        for frame in snapshot.frames.iter_mut().filter(|frame| frame.unreachable) {
            if let Some(why) = self.inner.refusal(&frame.address, &frame.load_error) {
                ADDRESS_REFUSED.clone_into(&mut frame.load_error);
                frame.refusal = why;
            } else if let Some(refusal) = self.certificate_refused(frame).await {
                frame.load_error = refusal.error;
                frame.certificate = refusal.shown.to_string();
            }
        }
        snapshot
    }

    /// What a certificate has to do with why a document was not loaded; `None`: nothing, or it could not be seen. Of what
    /// stands in a frame, Chromium shows none.
    async fn certificate_refused(&self, frame: &Frame) -> Option<CertificateRefusal> {
        let error = &frame.load_error;
        if let Some(shown) = self.inner.shows_another(&frame.address, error) {
            return Some(CertificateRefusal { error: CERTIFICATE_DIFFERS.to_owned(), shown });
        }
        if !error.starts_with("ERR_CERT") || frame.parent.is_some() {
            return None;
        }
        // There was one, or it could not have been refused; the state that is told first may be from before it came.
        let shown = self.certificate_that(Option::is_some).await.ok().flatten()?;
        Some(CertificateRefusal { error: error.clone(), shown: fingerprint(&shown) })
    }
}

impl PageInner {
    /// The certificate that the server of `address` showed in place of the trusted one, if that is why it could not be
    /// reached.
    pub(in crate::page) fn shows_another(&self, address: &str, error: &str) -> Option<CertificateFingerprint> {
        let address = url::Url::parse(address).ok()?;
        let surroundings = self.surroundings.upgrade().filter(|_| error.contains("SOCKS"))?;
        let host = address.host_str()?.trim_matches(['[', ']']);
        surroundings.gate.differs(host, address.port_or_known_default()?)
    }

    /// Why the gate did not connect to `address`, if that is why it could not be reached.
    pub(in crate::page) fn refusal(&self, address: &str, error: &str) -> Option<String> {
        let address = url::Url::parse(address).ok()?;
        let surroundings = self.surroundings.upgrade().filter(|_| error.contains("SOCKS"))?;
        let host = address.host_str()?.trim_matches(['[', ']']).to_ascii_lowercase();
        surroundings.gate.refusal(&host, address.port_or_known_default()?)
    }

    pub(in crate::page) fn certificate_told(&self, told: &VisibleSecurityStateChanged) {
        self.certificate.send_replace(told.certificate().and_then(|text| STANDARD.decode(text).ok()));
    }
}
