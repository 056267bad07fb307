use countersign_snapshot::Size;
use serde::{Deserialize, Serialize};

/// How a context presents itself to sites. Keep it with the browser state: a browser that suddenly speaks another
/// language or lives elsewhere is asked to prove itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserIdentity {
    /// The `User-Agent`; [`crate::Browser::user_agent`] gives the one that is true for this Chromium.
    pub user_agent: String,
    /// A BCP 47 tag, such as `en-US`.
    pub language: String,
    /// An IANA time zone, such as `Europe/Berlin`.
    pub time_zone: String,
    /// The window's content.
    pub viewport: Size,
}

impl BrowserIdentity {
    /// English, UTC, 1280 × 900.
    pub fn new(user_agent: String) -> Self {
        Self { user_agent, language: "en-US".into(), time_zone: "UTC".into(), viewport: Size { w: 1280, h: 900 } }
    }

    /// `Accept-Language`: the language, then its family.
    pub(crate) fn accept_language(&self) -> String {
        match self.language.split_once('-') {
            Some((family, _)) => format!("{},{family};q=0.9", self.language),
            None => self.language.clone(),
        }
    }
}
