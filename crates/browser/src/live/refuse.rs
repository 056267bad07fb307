//! Addresses that may not be opened in a tab are refused before anything is asked of them.

use std::sync::atomic::Ordering;

use url::Url;

use super::{host::LiveContextShared, page::LivePage};
use crate::{
    LiveEvent,
    cdp::{
        CdpSession,
        fetch::{ContinueRequest, FailRequest, RequestPaused},
        page::Navigate,
    },
};

impl LiveContextShared {
    /// `Err` says what is not to be opened: an origin, or the scheme of what has none.
    fn may_open(&self, address: &str) -> Result<(), String> {
        let Ok(address) = Url::parse(address) else { return Err("what is no address".into()) };
        let origin = address.origin();
        match address.scheme() {
            "http" | "https" | "blob" if origin.is_tuple() => {
                let origin = origin.ascii_serialization();
                if (self.options.may_open)(&origin) { Ok(()) } else { Err(origin) }
            }
            "about" => Ok(()),
            scheme => Err(format!("{scheme}:")),
        }
    }
}

impl LivePage {
    /// Whether an address may be opened, as far as the page belongs to a person.
    pub(crate) fn may_open(&self, address: &str) -> bool {
        self.live().is_none_or(|live| live.may_open(address).is_ok())
    }

    /// A document is about to be asked for.
    pub(super) fn document_wanted(&self, session: &CdpSession, paused: &RequestPaused) {
        let go_on = || session.cast(&ContinueRequest { request_id: &paused.request_id });
        let Some(live) = self.live() else { return go_on() };
        if paused.frame_id != self.page.target {
            return go_on();
        }
        let Err(origin) = live.may_open(&paused.request.url) else {
            self.untouched.store(false, Ordering::Release);
            return go_on();
        };
        tracing::info!(origin, "a page of another origin was not opened");
        // The document that is shown stays.
        session.cast(&FailRequest::aborted(&paused.request_id));
        live.tell(LiveEvent::Blocked { origin });
        if self.untouched.load(Ordering::Acquire) {
            self.page.close();
        }
    }

    /// A document is shown whose address was never asked for, so it could not be refused before.
    pub(super) fn document_shown(&self, address: &str) {
        let Some(live) = self.live() else { return };
        live.tell(LiveEvent::Tabs);
        // What Chromium shows in place of a page that could not be reached.
        if address.is_empty() || address.starts_with("chrome-error:") {
            return;
        }
        if let Err(origin) = live.may_open(address) {
            tracing::warn!(origin, "a page that may not be opened was left");
            live.tell(LiveEvent::Blocked { origin });
            self.page.session.cast(&Navigate { url: "about:blank" });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::LiveOptions;

    #[test]
    fn what_has_no_origin_is_no_page() {
        let may_open = Arc::new(|origin: &str| origin == "https://a.example");
        let live = LiveContextShared::new(LiveOptions { may_open, downloads: None });
        for address in ["https://a.example/x?y", "https://A.example:443/", "about:blank", "blob:https://a.example/1-2"]
        {
            assert_eq!(live.may_open(address), Ok(()), "{address}");
        }
        for (address, named) in [
            ("http://a.example/", "http://a.example"),
            ("https://b.a.example/", "https://b.a.example"),
            ("https://a.example@b.example/", "https://b.example"),
            ("blob:https://b.example/1-2", "https://b.example"),
            ("blob:null/1-2", "blob:"),
            ("file:///etc/passwd", "file:"),
            ("chrome://settings", "chrome:"),
            ("view-source:https://a.example/", "view-source:"),
            ("data:text/html,x", "data:"),
            ("javascript:1", "javascript:"),
            ("nonsense", "what is no address"),
        ] {
            assert_eq!(live.may_open(address), Err(named.to_owned()), "{address}");
        }
    }
}
