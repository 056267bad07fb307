//! A tab as its owner uses it: opening addresses, what happened in it, closing.

use super::*;

impl PageInner {
    pub(crate) fn close(&self) {
        let root = self.session.named("".into());
        root.cast("Target.closeTarget", &json!({"targetId": self.target}));
    }
}

impl Page {
    pub(crate) const fn of(inner: Arc<PageInner>) -> Self {
        Self { inner }
    }

    /// Names the tab among the tabs of its context.
    pub fn id(&self) -> &str {
        &self.inner.target
    }

    /// Whether a page opened it, and not we.
    pub fn is_opened_by_page(&self) -> bool {
        self.inner.opener.is_some()
    }

    /// The tab that opened it, as long as that is there.
    pub fn opener(&self) -> Option<Self> {
        let context = self.inner.context.upgrade()?;
        context.page(self.inner.opener.as_ref()?).filter(|page| page.ended().is_none()).map(Self::of)
    }

    /// Why the tab is no more; `None` while it is.
    pub fn ended(&self) -> Option<Error> {
        self.inner.ended()
    }

    /// What the page did beside showing itself since this was asked last, and how many such things were left out.
    pub fn happenings(&self) -> (Vec<PageEvent>, u64) {
        self.inner.happenings.lock().take()
    }

    /// Opens an address and waits until its document begins to show, at most `within`.
    ///
    /// # Errors
    /// [`Error::Refused`] for schemes other than `http` and `https` and for what the context's policy forbids,
    /// [`Error::NotOpened`] with Chromium's reason, [`Error::TimedOut`].
    pub async fn open(&self, address: &str, within: Duration) -> Result<(), Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Navigated {
            error_text: Option<String>,
        }
        let origin = web_origin(address)?;
        let page = &self.inner;
        if let Some(live) = page.live_shared()
            && live.may_open(address).is_err()
        {
            return Err(Error::Refused { address: origin, why: "it is not among what may be opened here".into() });
        }
        let call = page.session.call_within(within, "Page.navigate", json!({"url": address}));
        let navigated: Navigated = match page.alive(call).await {
            Err(Error::TimedOut { after, .. }) => {
                page.session.cast("Page.stopLoading", &json!({}));
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
        self.inner.alive(self.inner.session.call::<Value>("Page.reload", json!({}))).await.map(|_| ())
    }

    /// Goes back one page in the tab's history; `false` when there is none.
    pub async fn back(&self) -> Result<bool, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct History {
            current_index: usize,
            entries: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            id: i64,
        }
        let page = &self.inner;
        let history: History = page.alive(page.session.call("Page.getNavigationHistory", json!({}))).await?;
        let Some(entry) = history.current_index.checked_sub(1).and_then(|index| history.entries.get(index)) else {
            return Ok(false);
        };
        page.alive(page.session.call::<Value>("Page.navigateToHistoryEntry", json!({"entryId": entry.id}))).await?;
        Ok(true)
    }

    /// Calls a function in the page's own document, beside its scripts. Waits for the document if it is just coming.
    pub(crate) async fn in_document<R: DeserializeOwned>(&self, function: &str, arguments: Value) -> Result<R, Error> {
        let page = &self.inner;
        let mut heard = page.revision.subscribe();
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
        let mut params = call_of(&state, "", arguments)?;
        params["functionDeclaration"] = Value::from(function);
        let called: Called<R> = page.alive(state.session.call("Runtime.callFunctionOn", params)).await?;
        called.value("Runtime.callFunctionOn")
    }

    /// Closes the tab.
    pub fn close(&self) {
        self.inner.close();
        self.inner.end(PageEnd::Closed);
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
