//! What a browser remembers of sites: cookies and local storage, as bytes to be sealed.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};
use zeroize::{Zeroize as _, ZeroizeOnDrop};

use crate::{Error, Page, cdp::CdpSession, context::ContextInner, page::read};

/// A site that stores more than this in a browser is not remembered whole.
const MAX_PER_ORIGIN: usize = 256 << 10;
const VERSION: u32 = 1;

/// Cookies and local storage of a context. They sign in: treat them as a secret.
///
/// No `Debug`, no `Clone`; wiped when dropped.
#[derive(ZeroizeOnDrop)]
pub struct BrowserState {
    bytes: Vec<u8>,
}

impl BrowserState {
    /// Bytes that [`Self::expose`] gave earlier.
    ///
    /// # Errors
    /// [`Error::BadState`] when they are something else.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        let state = Self { bytes };
        state.read()?;
        Ok(state)
    }

    /// The bytes to seal.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// Its cookies by their places, those first that most likely hold a session, those last that make a browser a known
    /// one. Names are all there is to go by.
    ///
    /// # Errors
    /// [`Error::BadState`].
    pub fn suspects(&self) -> Result<Vec<usize>, Error> {
        let saved = self.read()?;
        let mut places: Vec<usize> = (0..saved.cookies.len()).collect();
        places.sort_by_key(|place| {
            let cookie = &saved.cookies[*place];
            (suspicion(&cookie.name), !cookie.http_only)
        });
        Ok(places)
    }

    /// The same without some cookies, by their places.
    ///
    /// # Errors
    /// [`Error::BadState`].
    pub fn without(&self, places: &[usize]) -> Result<Self, Error> {
        let mut saved = self.read()?;
        let mut place = 0;
        saved.cookies.retain(|_| {
            place += 1;
            !places.contains(&(place - 1))
        });
        let bytes = serde_json::to_vec(&saved).map_err(|_| Error::BadState("it cannot be written"))?;
        Ok(Self { bytes })
    }

    fn read(&self) -> Result<Saved, Error> {
        let saved: Saved = serde_json::from_slice(&self.bytes).map_err(|_| Error::BadState("it is damaged"))?;
        if saved.version != VERSION {
            return Err(Error::BadState("it was written by another version"));
        }
        Ok(saved)
    }
}

/// Low for names that speak of a session, high for those that speak of a device.
fn suspicion(name: &str) -> u8 {
    let name = name.to_ascii_lowercase();
    let speaks = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if speaks(&["trust", "device", "remember", "known", "browser", "mfa", "2fa", "otp"]) {
        2
    } else if speaks(&["sess", "sid", "auth", "token", "login", "jwt", "user"]) {
        0
    } else {
        1
    }
}

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    cookies: Vec<Cookie>,
    storage: BTreeMap<String, Vec<(String, String)>>,
}

impl Drop for Saved {
    fn drop(&mut self) {
        for cookie in &mut self.cookies {
            cookie.value.zeroize();
        }
        for (name, value) in self.storage.values_mut().flatten() {
            name.zeroize();
            value.zeroize();
        }
    }
}

/// As Chromium gives it and takes it back; sizes and marks that follow from the rest are left out.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    path: String,
    /// Seconds since 1970; −1 for one that ends with the browser.
    expires: f64,
    http_only: bool,
    secure: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    same_site: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partition_key: Option<Value>,
}

/// Reads everything out of the context.
pub(crate) async fn save(context: &Arc<ContextInner>) -> Result<BrowserState, Error> {
    #[derive(Deserialize)]
    struct Answer {
        cookies: Vec<Cookie>,
    }
    let answer: Answer = context.root().call("Storage.getCookies", json!({"browserContextId": context.id})).await?;
    let mut saved = Saved { version: VERSION, cookies: answer.cookies, storage: BTreeMap::new() };
    let origins = context.origins();
    if !origins.is_empty() {
        let page = context.open_page(true).await?;
        for origin in origins {
            let items = read_storage(&page, &origin).await?;
            let size: usize = items.iter().map(|(name, value)| name.len() + value.len()).sum();
            if !items.is_empty() && size <= MAX_PER_ORIGIN {
                saved.storage.insert(origin, items);
            }
        }
        page.close();
    }
    let bytes = serde_json::to_vec(&saved).map_err(|_| Error::BadState("it cannot be written"))?;
    Ok(BrowserState { bytes })
}

/// Puts everything back into an empty context.
pub(crate) async fn load(context: &Arc<ContextInner>, state: &BrowserState) -> Result<(), Error> {
    let saved = state.read()?;
    let cookies: Vec<Value> = saved
        .cookies
        .iter()
        .filter_map(|cookie| {
            let mut one = serde_json::to_value(cookie).ok()?;
            if cookie.expires < 0.0 {
                one.as_object_mut()?.remove("expires");
            }
            Some(one)
        })
        .collect();
    let params = json!({"browserContextId": context.id, "cookies": cookies});
    context.root().call::<Value>("Storage.setCookies", params).await?;
    if saved.storage.is_empty() {
        return Ok(());
    }
    let page = context.open_page(true).await?;
    for (origin, items) in &saved.storage {
        page.open(origin, PATIENCE).await?;
        page.in_document::<bool>(WRITE, json!([items])).await?;
        context.origin_seen(origin);
    }
    page.close();
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(10);
const READ: &str = "() => Object.entries(localStorage)";
const WRITE: &str = "(items) => { for (const [name, value] of items) localStorage.setItem(name, value); return true; }";

async fn read_storage(page: &Page, origin: &str) -> Result<Vec<(String, String)>, Error> {
    page.open(origin, PATIENCE).await?;
    page.in_document(READ, json!([])).await
}

/// Answers a request with an empty document, so that an origin's storage can be written without asking its server.
pub(crate) fn answer_empty(session: &CdpSession, params: &RawValue) {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Paused {
        request_id: String,
    }
    if let Some(paused) = read::<Paused>(params) {
        session.cast(
            "Fetch.fulfillRequest",
            &json!({
                "requestId": paused.request_id, "responseCode": 200, "body": "",
                "responseHeaders": [{"name": "content-type", "value": "text/html"}],
            }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(names: &[&str]) -> BrowserState {
        let cookies: Vec<Value> = names
            .iter()
            .map(|name| {
                json!({"name": name, "value": "v", "domain": "example.org", "path": "/", "expires": -1.0,
                    "httpOnly": true, "secure": true})
            })
            .collect();
        let saved = json!({"version": VERSION, "cookies": cookies, "storage": {}});
        BrowserState::from_bytes(serde_json::to_vec(&saved).unwrap()).unwrap()
    }

    #[test]
    fn sessions_are_suspected_before_devices() {
        let state = state(&["trusted_device", "theme", "sessionid"]);
        assert_eq!(state.suspects().unwrap(), [2, 1, 0]);
        let left = state.without(&[2]).unwrap();
        assert_eq!(left.suspects().unwrap().len(), 2);
        assert!(!String::from_utf8_lossy(left.expose()).contains("sessionid"));
    }
}
