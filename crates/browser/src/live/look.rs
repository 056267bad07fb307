//! What a person wants to know of a page, and where they go in it. Values of secret fields are in none of it.

use serde::Deserialize;

use crate::{
    Error, Page,
    cdp::page::{GetNavigationHistory, NavigateToHistoryEntry, NavigationHistory},
};

#[derive(Deserialize)]
struct Selected {
    state: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    role: String,
    #[serde(default)]
    name: String,
    /// A frame, with the point as it is in there.
    frame: Option<String>,
    #[serde(default)]
    x: f64,
    #[serde(default)]
    y: f64,
}

#[derive(Deserialize)]
struct Clean {
    title: String,
    address: String,
}

impl Page {
    /// What is written over the tab and in the address bar; empty when the page is gone or does not answer. What a covered
    /// field of the page holds is taken out.
    pub async fn title_and_address(&self) -> (String, String) {
        let Ok(history) = self.entries().await else { return <_>::default() };
        let Some(entry) = history.entries.into_iter().nth(history.current_index) else { return <_>::default() };
        let main = self.inner.scene.lock().main().cloned();
        // While a dialog is open no script answers.
        if let Some(main) = main.filter(|main| main.world.is_some() && !self.live.stands_still())
            && let Ok(clean) = self.inner.inside::<Clean>(&main, "clean", (&entry.title, &entry.url)).await
        {
            return (clean.title, clean.address);
        }
        (entry.title, entry.url)
    }

    /// The address of the document that is shown, or that could not be.
    pub(crate) async fn address(&self) -> Result<String, Error> {
        let history = self.entries().await?;
        history.entries.into_iter().nth(history.current_index).map(|entry| entry.url).ok_or(Error::Stale)
    }

    /// Whether one can go back, and forward.
    pub async fn history(&self) -> Result<(bool, bool), Error> {
        let history = self.entries().await?;
        Ok((history.current_index > 0, history.current_index + 1 < history.entries.len()))
    }

    /// Goes back one page, if there is one.
    pub async fn go_back(&self) -> Result<(), Error> {
        self.go(-1).await
    }

    /// Goes forward one page, if there is one.
    pub async fn go_forward(&self) -> Result<(), Error> {
        self.go(1).await
    }

    /// What is selected where the keyboard is, at most a million characters, taken out of the page with `cut`. `None` when
    /// it lies in a field that counts as secret or repeats what is in one.
    pub async fn selected_text(&self, cut: bool) -> Result<Option<String>, Error> {
        let page = &self.inner;
        if self.live.stands_still() {
            return Ok(Some(String::new()));
        }
        self.live.heard_input().await;
        for (_, state) in page.known_frames() {
            let selected: Selected = match page.inside(&state, "selected", [cut]).await {
                Err(Error::Stale) => continue,
                other => other?,
            };
            match selected.state.as_str() {
                "ok" if !selected.text.is_empty() => return Ok(Some(selected.text)),
                "secret" => return Ok(None),
                _ => {}
            }
        }
        Ok(Some(String::new()))
    }

    /// Role and accessible name of what lies at a point of the window, in CSS pixels: never what is written in a field.
    pub async fn name_at(&self, x: f64, y: f64) -> Result<Option<(String, String)>, Error> {
        const DEEPEST: usize = 10;
        let page = &self.inner;
        if self.live.stands_still() {
            return Ok(None);
        }
        let Some(main) = page.scene.lock().main().cloned() else { return Ok(None) };
        let (mut state, mut x, mut y) = (main, x, y);
        let mut adopted = false;
        for _ in 0..DEEPEST {
            let Some(named) = page.inside::<Option<Named>>(&state, "nameAt", [x, y]).await? else {
                return Ok(None);
            };
            let Some(frame) = named.frame else { return Ok(Some((named.role, named.name))) };
            let inner = page.scene.lock().frames.get(&frame).cloned();
            match inner.filter(|inner| inner.world.is_some()) {
                Some(inner) => (state, x, y) = (inner, named.x, named.y),
                // Its element has not been handed over yet.
                None if !adopted => {
                    adopted = true;
                    page.adopt_what_scripts_cannot_see(&page.known_frames()).await?;
                }
                None => return Ok(Some((named.role, named.name))),
            }
        }
        Ok(None)
    }

    async fn entries(&self) -> Result<NavigationHistory, Error> {
        self.inner.alive(self.inner.session.call(GetNavigationHistory {})).await
    }

    async fn go(&self, steps: isize) -> Result<(), Error> {
        let history = self.entries().await?;
        let entry = history.current_index.checked_add_signed(steps).and_then(|index| history.entries.get(index));
        let Some(entry) = entry else { return Ok(()) };
        let call = self.inner.session.call(NavigateToHistoryEntry { entry_id: entry.id });
        self.inner.alive(call).await.map(|_| ())
    }
}
