//! What a browser remembers of sites: cookies and local storage, as bytes to be sealed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, ZeroizeOnDrop};

use crate::{Error, cdp::storage::Cookie};

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
        Self::of(&saved)
    }

    pub(super) fn of(saved: &Saved) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(saved).map_err(|_| Error::BadState("it cannot be written"))?;
        Ok(Self { bytes })
    }

    pub(super) fn read(&self) -> Result<Saved, Error> {
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
pub(super) struct Saved {
    version: u32,
    pub(super) cookies: Vec<Cookie>,
    /// Names and values by origin.
    pub(super) storage: BTreeMap<String, Vec<(String, String)>>,
}

impl Saved {
    pub(super) const fn new(cookies: Vec<Cookie>, storage: BTreeMap<String, Vec<(String, String)>>) -> Self {
        Self { version: VERSION, cookies, storage }
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        for (name, value) in self.storage.values_mut().flatten() {
            name.zeroize();
            value.zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
