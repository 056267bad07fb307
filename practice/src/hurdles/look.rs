//! How the pages look and move: layout, language, labels, names, transport, dialogs, noise.

use crate::page_name::PageName;
use serde::{Deserialize, Serialize};

/// How the pages are built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Look {
    /// 0 is the plain layout; every other number reshuffles structure, nesting, order, names and wording.
    pub layout_seed: u64,
    /// The language of every text.
    pub language: Language,
    /// How fields are labelled; unset, the layout decides among the ways that use words.
    pub labels: Option<Labels>,
    /// What the `autocomplete` attributes say; unset, the layout decides.
    pub autocomplete: Option<Autocomplete>,
    /// Class names, ids and field names are made up by a build tool.
    pub generated_names: bool,
    /// Every input on a page has the same id.
    pub duplicate_ids: bool,
    /// Hidden fields stand before the real ones; a form in which one is filled is refused as if the password was wrong.
    pub decoys: bool,
    /// Texts that look like errors are always there; unset, the layout decides.
    pub error_like_texts: Option<bool>,
    /// Search, newsletter, sign-up and other forms stand around the one that matters; unset, the layout decides.
    pub distractors: Option<bool>,
    /// How a page comes after a form was sent or a link pressed.
    pub transport: Transport,
    /// With [`Transport::Fetch`] and [`Transport::Websocket`]: the address in the browser follows the page.
    pub address_follows: bool,
    /// Forms stand in a shadow tree.
    pub shadow: Shadow,
    /// Dialogs that stand in the way.
    pub dialogs: Dialogs,
    /// Noise that has nothing to do with the flow.
    pub noise: Noise,
}

/// The language of the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Italian.
    It,
    /// Portuguese.
    Pt,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 6] = [Self::En, Self::De, Self::Fr, Self::Es, Self::It, Self::Pt];

    /// The language as the `lang` attribute wants it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::It => "it",
            Self::Pt => "pt",
        }
    }
}

/// How a field tells what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Labels {
    /// `<label for>` before the field.
    Before,
    /// `<label>` around the field.
    Around,
    /// `<label for>` after the field.
    After,
    /// A text beside the field that is no label.
    Beside,
    /// Only a placeholder.
    Placeholder,
    /// Only `aria-label`.
    AriaLabel,
    /// `aria-labelledby`.
    LabelledBy,
    /// Only `title`.
    Title,
    /// Only an icon, without any accessible name.
    Icons,
    /// An icon, with `aria-label`.
    IconsNamed,
}

/// What the `autocomplete` attributes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Autocomplete {
    /// The tokens of the HTML standard, rightly used.
    Right,
    /// Valid tokens that are not true.
    Wrong,
    /// No attribute.
    Absent,
    /// `off`.
    Off,
}

/// How a page comes after a form was sent or a link pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// A navigation, as ever.
    #[default]
    Pages,
    /// `fetch` and a swap of the content: nothing navigates.
    Fetch,
    /// One WebSocket: there is no request to wait for.
    Websocket,
}

/// Whether forms stand in a shadow tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shadow {
    /// No shadow tree.
    #[default]
    None,
    /// `shadowrootmode="open"`.
    Open,
    /// `shadowrootmode="closed"`.
    Closed,
}

/// Dialogs that stand in the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dialogs {
    /// A cookie banner covers the whole page until it is answered; the answer is kept in a cookie.
    pub cookie_banner: bool,
    /// A newsletter box opens over the page half a second after it was loaded.
    pub newsletter_box: bool,
    /// `alert()` as soon as the page is there.
    pub alert: bool,
    /// `confirm()` before the change form is sent; "no" keeps it back.
    pub confirm: bool,
    /// `beforeunload` asks whether to leave.
    pub before_unload: bool,
    /// A toast lies over the button of each form for so many milliseconds; 0 is never.
    pub toast_over_button_ms: u32,
}

/// Noise: what a page does beside its work. Bounded by its own numbers; zero is off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Noise {
    /// On which pages; empty is on all.
    pub pages: Vec<PageName>,
    /// Windows that are opened when the page is there, and again at each click.
    pub pop_ups: u32,
    /// The page loads itself again after so many milliseconds.
    pub reload_ms: u32,
    /// The page changes itself fifty times a second and keeps a request open: it never settles.
    pub restless: bool,
    /// Something moves over the whole window, anew for each picture that the screen shows.
    pub moving: bool,
    /// A file is downloaded as soon as the page is there.
    pub download: bool,
    /// `print()` as soon as the page is there.
    pub print: bool,
    /// Memory that the page takes, in MiB, 16 every fiftieth second.
    pub memory_mib: u32,
    /// The main thread is busy for so many milliseconds in each second.
    pub busy_ms: u32,
}
