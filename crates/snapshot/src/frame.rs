use serde::{Deserialize, Serialize};

use crate::{Bounds, Button, Field, Image, PageLink, Text};

/// One document of a page: the page itself or what stands in an `iframe`, wherever it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Frame {
    /// The browser's name for the frame; stays while documents change in it.
    pub id: String,
    /// Names the document in it; another one after each navigation.
    pub document: String,
    /// Index of the frame around it; `None` for the page itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// Scheme, host and port, as `https://example.org`; `null` for an origin of its own.
    pub origin: String,
    /// The whole address.
    pub address: String,
    /// The document's title.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The `lang` attribute.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// Where it stands in the window.
    pub place: Bounds,
    /// Nobody can see it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// The server could not be reached; the browser shows a page of its own, and the address is the one that was wanted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unreachable: bool,
    /// Why the page was not loaded, as Chromium names it: `ERR_CERT_AUTHORITY_INVALID`, `ERR_NAME_NOT_RESOLVED`; or
    /// `CERTIFICATE_DIFFERS`, when the server showed another certificate than the one trusted there; `ADDRESS_REFUSED`, when
    /// pages may not connect there; empty otherwise.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub load_error: String,
    /// Why pages may not connect there, in words for a person; empty but for `ADDRESS_REFUSED`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub refusal: String,
    /// The SHA-256 fingerprint of the certificate for which the page was not loaded, 32 pairs of hexadecimal digits with
    /// colons between; empty where none was in the way, or none could be seen.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub certificate: String,
    /// A password that was typed here would have stood in an address, so what would have put it there was not done: sending
    /// a form with `GET`, or going to such an address.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub kept_back: bool,
    /// Still loading.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub loading: bool,
    /// Forms, and blocks that act as one without being a `<form>`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<Form>,
    /// What lies over the page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dialogs: Vec<Dialog>,
    /// Fields, also those that nobody can see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Buttons that can be seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Links that can be seen, at most 300.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<PageLink>,
    /// Texts that can be seen, at most 300.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<Text>,
    /// Drawings that can be seen, at most 60.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// Known challenges to a machine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub challenges: Vec<ChallengeMark>,
    /// Something was left out, because the page is too big.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

impl Frame {
    /// What the browser needs to find the element `node` of this frame again.
    pub fn reference(&self, node: u32) -> ElementRef {
        ElementRef { frame: self.id.clone(), document: self.document.clone(), node }
    }

    /// The field `node`.
    pub fn field(&self, node: u32) -> Option<&Field> {
        self.fields.iter().find(|field| field.node == node)
    }
}

/// An element of one document. It never means an element of a later document in the same frame.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ElementRef {
    /// [`Frame::id`].
    pub frame: String,
    /// [`Frame::document`].
    pub document: String,
    /// The element's `node`.
    pub node: u32,
}

/// A form, or a block of fields with a button that acts as one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Form {
    /// It is a `<form>`.
    pub real: bool,
    /// The origin it is sent to; `None` where only a script knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_origin: Option<String>,
    /// The origin that Enter sends it to, where the first button that submits it says so itself (`formaction`), whether it can be
    /// seen or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enter_origin: Option<String>,
    /// The path it is sent to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub action_path: String,
    /// Sent with `GET`, as searches are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub get: bool,
    /// `name`, `id`, class names, ARIA name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hints: String,
    /// Where it stands.
    pub place: Bounds,
}

/// Something that lies over the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dialog {
    /// Names the element within its frame.
    pub node: u32,
    /// Its accessible name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// It says that it is a dialog (`<dialog>`, role or `popover`); otherwise it only looks like one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub declared: bool,
    /// Nothing else can be used while it is open.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub modal: bool,
    /// Where it stands.
    pub place: Bounds,
}

/// A known challenge to a machine that stands on the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChallengeMark {
    /// Whose.
    pub kind: ChallengeKind,
    /// It can be seen and is big enough to be acted on; an invisible badge does not block.
    pub visible: bool,
    /// It has been solved.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub solved: bool,
    /// Where it stands.
    pub place: Bounds,
}

/// Whose challenge it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeKind {
    /// reCAPTCHA.
    Recaptcha,
    /// hCaptcha.
    Hcaptcha,
    /// Turnstile.
    Turnstile,
    /// Arkose Labs.
    Arkose,
    /// `GeeTest`.
    Geetest,
    /// Another one that calls itself a CAPTCHA.
    #[default]
    Other,
}
