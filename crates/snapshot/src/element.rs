use serde::{Deserialize, Serialize};

use crate::Bounds;

/// Something one can type into, tick or choose from.
///
/// Fields are in the snapshot even when nobody can see them, with the reason in [`Field::hidden`]: decoys stand before
/// real fields, and a form in two steps often has the second step's field already there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Field {
    /// Names the element within its frame; see [`crate::Frame::reference`].
    pub node: u32,
    /// Place in the reading order of its frame, counted over elements of every kind.
    pub order: u32,
    /// What can be put in.
    pub kind: FieldKind,
    /// Everything that says what it is for.
    pub words: Words,
    /// The `autocomplete` attribute as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub autocomplete: String,
    /// `inputmode`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub input_mode: String,
    /// `pattern`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pattern: String,
    /// `maxlength`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// `minlength`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// Nothing can be typed.
    #[serde(skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// Greyed out, or within something that is.
    #[serde(skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// `required` or `aria-required`.
    #[serde(skip_serializing_if = "is_false")]
    pub required: bool,
    /// `aria-invalid`, or refused by the browser's own check after somebody typed.
    #[serde(skip_serializing_if = "is_false")]
    pub invalid: bool,
    /// For boxes and radio buttons: whether ticked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<bool>,
    /// Something is in it.
    #[serde(skip_serializing_if = "is_false")]
    pub filled: bool,
    /// How many characters are in it; never told of password fields and of fields a secret was typed into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// The keyboard is on it.
    #[serde(skip_serializing_if = "is_false")]
    pub focused: bool,
    /// A line of another kind than `password` whose characters are drawn as dots (`-webkit-text-security`).
    #[serde(skip_serializing_if = "is_false")]
    pub masked: bool,
    /// It is nearly or wholly transparent and lies over so many boxes that are drawn in its place, as lines for a code are; it
    /// counts as seen. 0 for every other field.
    #[serde(skip_serializing_if = "is_zero")]
    pub drawn_boxes: u32,
    /// A secret was typed into it, or it is a password field.
    #[serde(skip_serializing_if = "is_false")]
    pub secret: bool,
    /// For lists: the texts of the entries that can be chosen, in order. Empty for lists of more than 30, which ask for
    /// countries and the like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<String>,
    /// Where it stands.
    pub place: Bounds,
    /// Why nobody can see it; `None` for what can be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
    /// Something else lies over its middle, or it is inert behind a dialog.
    #[serde(skip_serializing_if = "is_false")]
    pub covered: bool,
    /// Index into the frame's forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<u32>,
    /// Index into the frame's dialogs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialog: Option<u32>,
    /// In which part of the page.
    #[serde(skip_serializing_if = "Region::is_unknown")]
    pub region: Region,
}

impl Field {
    /// Whether a person could type into it or tick it now.
    pub fn usable(&self) -> bool {
        self.hidden.is_none() && !self.disabled && !self.read_only
    }
}

/// What can be put into a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line of text.
    #[default]
    Text,
    /// `type=email`.
    Email,
    /// `type=tel`.
    Tel,
    /// `type=number`.
    Number,
    /// `type=password`.
    Password,
    /// `type=search`, or a search box by its role.
    Search,
    /// `type=url`.
    Url,
    /// A box to tick, or a switch.
    Checkbox,
    /// A radio button.
    Radio,
    /// A list to choose from.
    Select,
    /// Several lines of text.
    TextArea,
    /// An element of another kind that can be edited.
    Editable,
    /// Dates, colours, files, sliders.
    Other,
}

impl FieldKind {
    /// A line of characters that can be typed: what a name, a password or a token may go into.
    pub const fn is_line(self) -> bool {
        matches!(self, Self::Text | Self::Email | Self::Tel | Self::Number | Self::Password | Self::Url)
    }
}

/// Everything that says what an element is for, cut at 160 characters each, blanks folded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    /// `<label>` elements.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// `aria-label`, or the text that `aria-labelledby` names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub aria: String,
    /// The placeholder.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub placeholder: String,
    /// The `title` attribute.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The `name` attribute.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub html_name: String,
    /// The `id` attribute.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub html_id: String,
    /// Class names and test ids.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hints: String,
    /// The text that `aria-describedby` names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The text that stands nearest, before or above it (after it, for boxes to tick).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub nearby: String,
}

impl Words {
    /// What a person would call it: the first of ARIA name, label, placeholder, title and nearby text that is there.
    pub fn name(&self) -> &str {
        [&self.aria, &self.label, &self.placeholder, &self.title, &self.nearby]
            .into_iter()
            .find(|words| !words.is_empty())
            .map_or("", String::as_str)
    }
}

/// Why nobody can see an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hidden {
    /// `type=hidden` is no field; this is `display: none`.
    Display,
    /// `visibility: hidden` or `collapse`.
    Visibility,
    /// Nearly or wholly transparent, itself or something around it.
    Transparent,
    /// Outside of everything one can scroll to.
    OffScreen,
    /// A pixel or two.
    Tiny,
    /// Cut away by `clip`, `clip-path` or something around it that hides what flows over.
    Clipped,
    /// `aria-hidden` and left out of the order of the Tab key.
    AriaHidden,
}

/// Something to press.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Button {
    /// Names the element within its frame.
    pub node: u32,
    /// Place in the reading order of its frame.
    pub order: u32,
    /// Its accessible name; empty for a bare icon.
    pub name: String,
    /// What pressing it does to a form.
    pub kind: ButtonKind,
    /// `name`, `id`, class names and test ids.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hints: String,
    /// Greyed out.
    #[serde(skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// Where pressing it sends its form, when it says so itself (`formaction`): scheme, host and port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_origin: Option<String>,
    /// Opens a menu or another part of the page (`aria-haspopup`, `aria-expanded`, `summary`).
    #[serde(skip_serializing_if = "is_false")]
    pub opens: bool,
    /// Where it stands.
    pub place: Bounds,
    /// Something else lies over its middle, or it is inert behind a dialog.
    #[serde(skip_serializing_if = "is_false")]
    pub covered: bool,
    /// Index into the frame's forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<u32>,
    /// Index into the frame's dialogs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialog: Option<u32>,
    /// In which part of the page.
    #[serde(skip_serializing_if = "Region::is_unknown")]
    pub region: Region,
}

/// What pressing a button does to its form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    /// Sends it.
    Submit,
    /// Empties it.
    Reset,
    /// Whatever the page's script says.
    #[default]
    Plain,
    /// A tab, a menu's entry or another widget that is pressed like a button.
    Widget,
}

/// Something to follow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageLink {
    /// Names the element within its frame.
    pub node: u32,
    /// Place in the reading order of its frame.
    pub order: u32,
    /// Its accessible name; empty for a bare icon.
    pub name: String,
    /// Where it leads, as a whole address.
    pub address: String,
    /// `id`, class names and test ids.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hints: String,
    /// Where it stands.
    pub place: Bounds,
    /// Something else lies over its middle, or it is inert behind a dialog.
    #[serde(skip_serializing_if = "is_false")]
    pub covered: bool,
    /// Index into the frame's forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<u32>,
    /// Index into the frame's dialogs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialog: Option<u32>,
    /// In which part of the page.
    #[serde(skip_serializing_if = "Region::is_unknown")]
    pub region: Region,
}

/// A run of text within one block of the page, at most 300 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Text {
    /// Place in the reading order of its frame.
    pub order: u32,
    /// What it says.
    pub text: String,
    /// What it is.
    #[serde(skip_serializing_if = "TextRole::is_plain")]
    pub role: TextRole,
    /// The colour family of its letters or its ground.
    #[serde(skip_serializing_if = "Hue::is_neutral")]
    pub hue: Hue,
    /// Where it stands.
    pub place: Bounds,
    /// Index into the frame's forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<u32>,
    /// Index into the frame's dialogs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialog: Option<u32>,
    /// In which part of the page.
    #[serde(skip_serializing_if = "Region::is_unknown")]
    pub region: Region,
}

/// What a text is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextRole {
    /// Nothing in particular.
    #[default]
    Plain,
    /// A heading of level 1 to 6.
    Heading(u8),
    /// `role=alert`, or a live region that interrupts.
    Alert,
    /// `role=status`, or a live region that waits.
    Status,
}

impl TextRole {
    /// Whether it is nothing in particular.
    pub const fn is_plain(&self) -> bool {
        matches!(self, Self::Plain)
    }
}

/// A colour family. Red and green say something in every language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hue {
    /// Grey, black, white, blue and the like.
    #[default]
    Neutral,
    /// Red.
    Red,
    /// Orange or yellow.
    Amber,
    /// Green.
    Green,
}

impl Hue {
    /// Whether it says nothing.
    pub const fn is_neutral(&self) -> bool {
        matches!(self, Self::Neutral)
    }
}

/// A drawing that can be seen: `img`, `svg`, `canvas`, at least 24 pixels each way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// Place in the reading order of its frame.
    pub order: u32,
    /// Its text alternative.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `id`, class names, test ids and the last part of its address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hints: String,
    /// Where it stands.
    pub place: Bounds,
    /// Index into the frame's forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<u32>,
    /// Index into the frame's dialogs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialog: Option<u32>,
}

/// A part of a page, by its landmark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// No landmark around it.
    #[default]
    Unknown,
    /// Banner.
    Header,
    /// Navigation.
    Navigation,
    /// The main part.
    Main,
    /// Beside the main part.
    Aside,
    /// Content information.
    Footer,
    /// Search.
    Search,
}

impl Region {
    /// Whether there is no landmark around it.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

const fn is_false(value: &bool) -> bool {
    !*value
}

const fn is_zero(value: &u32) -> bool {
    *value == 0
}
