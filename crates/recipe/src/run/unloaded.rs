//! What a page lacks because a frame of it was not loaded: the form that is looked for may be what stands there.

use countersign_model::{ADDRESS_REFUSED, CERTIFICATE_DIFFERS, ChangeReason};
use countersign_snapshot::{Frame, PageSnapshot};
use url::Url;

use crate::SiteKnowledge;

/// A form has room in so many pixels; what counts visits and shows advertisements mostly has less.
const LEAST_WIDTH: i32 = 120;
const LEAST_HEIGHT: i32 = 60;

/// The biggest frame that stayed empty on the pages of a walk, and what that says of the walk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unloaded {
    biggest: Option<(i64, ChangeReason)>,
}

impl Unloaded {
    pub(crate) const fn new() -> Self {
        Self { biggest: None }
    }

    /// Looks at one page.
    pub(crate) fn notice(&mut self, snapshot: &PageSnapshot, site: &SiteKnowledge) {
        for frame in unloaded_frames(snapshot) {
            let area = i64::from(frame.place.w) * i64::from(frame.place.h);
            if self.biggest.as_ref().is_none_or(|(known, _)| *known < area)
                && let Some(reason) = reason_of(frame, site)
            {
                self.biggest = Some((area, reason));
            }
        }
    }

    /// Why a form was not found.
    pub(crate) fn reason(&self) -> ChangeReason {
        self.biggest.as_ref().map_or(ChangeReason::LayoutUnknown, |(_, reason)| reason.clone())
    }
}

/// The frames of a page in which a form could stand and whose document was not loaded.
pub fn unloaded_frames(snapshot: &PageSnapshot) -> impl Iterator<Item = &Frame> {
    let big = |frame: &Frame| frame.place.w >= LEAST_WIDTH && frame.place.h >= LEAST_HEIGHT;
    let frames = snapshot.visible_frames().map(|(_, frame)| frame);
    frames.filter(move |frame| frame.parent.is_some() && frame.unreachable && big(frame))
}

/// Why the certificate of its server kept a document from being loaded, if it did.
pub(crate) fn certificate_of(frame: &Frame) -> Option<ChangeReason> {
    let error = frame.load_error.clone();
    let refused = error.starts_with("ERR_CERT") || error.starts_with("ERR_SSL") || error == CERTIFICATE_DIFFERS;
    refused.then(|| ChangeReason::CertificateNotTrusted { error, shown: frame.certificate.parse().ok() })
}

/// Somebody else's frame that failed by itself says nothing of the site; where it was kept out, or cannot be trusted, it would
/// have led away.
fn reason_of(frame: &Frame, site: &SiteKnowledge) -> Option<ChangeReason> {
    let origin = Url::parse(&frame.address).ok()?.origin().ascii_serialization();
    let certificate = certificate_of(frame);
    if !site.allows(&origin) {
        let refused = frame.load_error == ADDRESS_REFUSED || certificate.is_some();
        return (refused && origin != "null").then_some(ChangeReason::LeftSite { origin });
    }
    // What may not stand in a frame, or was called off by the page, is the page's own doing.
    let by_page = frame.load_error.starts_with("ERR_BLOCKED_BY") || frame.load_error == "ERR_ABORTED";
    certificate.or_else(|| (!by_page).then_some(ChangeReason::SiteUnavailable))
}

#[cfg(test)]
mod tests {
    use countersign_snapshot::Bounds;

    use super::*;

    fn page(frames: &[(&str, &str, i32)]) -> PageSnapshot {
        let main = Frame { id: "M".into(), ..Frame::default() };
        let inner = frames.iter().map(|(address, error, height)| Frame {
            parent: Some(0),
            origin: "null".into(),
            address: (*address).into(),
            unreachable: !error.is_empty(),
            load_error: (*error).into(),
            place: Bounds { x: 0, y: 0, w: 300, h: *height },
            ..Frame::default()
        });
        PageSnapshot { frames: std::iter::once(main).chain(inner).collect(), ..PageSnapshot::default() }
    }

    fn reason(frames: &[(&str, &str, i32)]) -> ChangeReason {
        let mut unloaded = Unloaded::new();
        unloaded.notice(&page(frames), &SiteKnowledge::at("https://example.org/"));
        unloaded.reason()
    }

    #[test]
    fn a_frame_that_stays_empty_has_its_own_reason() {
        let left = |origin: &str| ChangeReason::LeftSite { origin: origin.into() };
        let untrusted = |error: &str| ChangeReason::CertificateNotTrusted { error: error.into(), shown: None };
        for (address, error, expected) in [
            // A port that nobody has named, on the site's host and on another one.
            ("https://example.org:8443/in", ADDRESS_REFUSED, left("https://example.org:8443")),
            ("https://login.other.example:9443/in", ADDRESS_REFUSED, left("https://login.other.example:9443")),
            // A private network: at an address of its own, and behind a name of the site.
            ("http://10.0.0.5/in", ADDRESS_REFUSED, left("http://10.0.0.5")),
            ("https://login.example.org/in", ADDRESS_REFUSED, ChangeReason::SiteUnavailable),
            // TLS.
            ("https://login.example.org/", "ERR_CERT_DATE_INVALID", untrusted("ERR_CERT_DATE_INVALID")),
            ("https://example.org/in", CERTIFICATE_DIFFERS, untrusted(CERTIFICATE_DIFFERS)),
            ("https://example.org/in", "ERR_SSL_PROTOCOL_ERROR", untrusted("ERR_SSL_PROTOCOL_ERROR")),
            ("https://other.example/", "ERR_CERT_AUTHORITY_INVALID", left("https://other.example")),
            // What went wrong without anybody's refusing it.
            ("https://login.example.org/", "ERR_CONNECTION_REFUSED", ChangeReason::SiteUnavailable),
            ("https://other.example/", "ERR_NAME_NOT_RESOLVED", ChangeReason::LayoutUnknown),
            ("https://example.org/in", "ERR_BLOCKED_BY_RESPONSE", ChangeReason::LayoutUnknown),
            ("https://example.org/in", "", ChangeReason::LayoutUnknown),
            ("data:text/html,x", ADDRESS_REFUSED, ChangeReason::LayoutUnknown),
        ] {
            assert_eq!(reason(&[(address, error, 200)]), expected, "{address} {error}");
        }
    }

    #[test]
    fn what_is_too_small_for_a_form_is_not_it_and_the_biggest_is() {
        let refused = ADDRESS_REFUSED;
        assert_eq!(reason(&[("https://counter.example:81/", refused, 40)]), ChangeReason::LayoutUnknown);
        let banner = ("https://banner.example:81/", refused, 90);
        let form = ("https://login.example:8443/", refused, 400);
        for frames in [[banner, form], [form, banner]] {
            assert_eq!(reason(&frames), ChangeReason::LeftSite { origin: "https://login.example:8443".into() });
        }
        let mut hidden = page(&[form]);
        hidden.frames[1].hidden = true;
        assert_eq!(unloaded_frames(&hidden).count(), 0);
    }
}
