//! A tab as its owner uses it: opening addresses, loading again, going back.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use super::call::call_of;
use crate::{
    Error, Page,
    cdp::{
        page::{GetNavigationHistory, Navigate, NavigateToHistoryEntry, Reload, StopLoading},
        runtime::CallArgument,
    },
};

impl Page {
    /// Opens an address and waits until its document begins to show, at most `within`.
    ///
    /// # Errors
    /// [`Error::Refused`] for schemes other than `http` and `https` and for what the context's policy forbids,
    /// [`Error::NotOpened`] with Chromium's reason, [`Error::TimedOut`].
    pub async fn open(&self, address: &str, within: Duration) -> Result<(), Error> {
        let origin = web_origin(address)?;
        let page = &self.inner;
        if !self.live.may_open(address) {
            return Err(Error::Refused { address: origin, why: "it is not among what may be opened here".into() });
        }
        let call = page.session.call_within(within, Navigate { url: address });
        let navigated = match page.alive(call).await {
            Err(Error::TimedOut { after, .. }) => {
                page.session.cast(&StopLoading {});
                return Err(Error::TimedOut { what: "opening a page", after });
            }
            other => other?,
        };
        // The server has answered, and asks who one is.
        let answered = |why: &String| why.is_empty() || why == "net::ERR_INVALID_AUTH_CREDENTIALS";
        let Some(why) = navigated.error_text.filter(|why| !answered(why)) else { return Ok(()) };
        if page.shows_another(address, &why).is_some() {
            let why = "its server shows another certificate than the one that is trusted".to_owned();
            return Err(Error::NotOpened { origin, why });
        }
        match page.refusal(address, &why) {
            Some(why) => Err(Error::Refused { address: origin, why }),
            None => Err(Error::NotOpened { origin, why }),
        }
    }

    /// Loads the page again.
    pub async fn reload(&self) -> Result<(), Error> {
        self.inner.alive(self.inner.session.call(Reload {})).await.map(|_| ())
    }

    /// Goes back one page in the tab's history; `false` when there is none.
    pub async fn back(&self) -> Result<bool, Error> {
        let page = &self.inner;
        let history = page.alive(page.session.call(GetNavigationHistory {})).await?;
        let Some(entry) = history.current_index.checked_sub(1).and_then(|index| history.entries.get(index)) else {
            return Ok(false);
        };
        page.alive(page.session.call(NavigateToHistoryEntry { entry_id: entry.id })).await?;
        Ok(true)
    }

    /// Calls a function of one argument in the page's own document, beside its scripts. Waits for the document if it is
    /// just coming.
    pub(crate) async fn in_document<R: DeserializeOwned>(
        &self,
        function: &str,
        argument: impl Serialize,
    ) -> Result<R, Error> {
        let page = &self.inner;
        let mut heard = page.revision();
        let state = page
            .alive(async {
                loop {
                    heard.mark_unchanged();
                    let main = page.scene.lock().main().filter(|main| main.world.is_some() && !main.leaving).cloned();
                    match main {
                        Some(main) => return Ok(main),
                        None => heard.changed().await.map_err(|_| Error::PageClosed)?,
                    }
                }
            })
            .await?;
        let call = call_of(&state, function, [CallArgument::Value(argument)])?;
        page.alive(state.session.call(call)).await?.value("Runtime.callFunctionOn")
    }
}

/// The origin of an address that a page may be opened at.
fn web_origin(address: &str) -> Result<String, Error> {
    let refused = |address: &str, why: &str| Error::Refused { address: address.to_owned(), why: why.to_owned() };
    let parsed = url::Url::parse(address).map_err(|_| refused("what was given", "it is no address"))?;
    match (parsed.scheme(), parsed.host_str()) {
        ("http" | "https", Some(_)) => Ok(parsed.origin().ascii_serialization()),
        (scheme, _) => Err(refused(&format!("{scheme}:"), "only http and https pages are opened")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_web_are_opened() {
        for address in [
            "file:///etc/passwd",
            "chrome://settings",
            "view-source:http://a.example",
            "javascript:1",
            "nonsense",
            "data:text/html,x",
        ] {
            assert!(matches!(web_origin(address), Err(Error::Refused { .. })), "{address}");
        }
        assert_eq!(web_origin("HTTPS://Example.org:443/a?b").unwrap(), "https://example.org");
    }
}
