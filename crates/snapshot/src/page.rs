use serde::{Deserialize, Serialize};

use crate::{Frame, Size};

/// A page at one moment: its frames with all that can be read, typed into, pressed or followed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageSnapshot {
    /// The page itself first, then the frames in it.
    pub frames: Vec<Frame>,
    /// The window's content.
    pub viewport: Size,
    /// How the server answered for the page; `None` when nothing was asked of a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<PageResponse>,
    /// The document was loaded again: what it shows is no answer to what was sent from the one before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reloaded: bool,
    /// How often the page has sent something that may have been a form; `None` where that was not watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sendings: Option<SentRequests>,
    /// The page had come to rest when the snapshot was taken.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub settled: bool,
    /// Something lies over the whole page that cannot be used, such as a "please wait", or the page says that it is busy
    /// (`aria-busy`): what it asks for is not to be seen yet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub busy: bool,
}

impl PageSnapshot {
    /// The page itself.
    pub fn main(&self) -> Option<&Frame> {
        self.frames.first()
    }

    /// The frames that can be seen, whatever is around them.
    pub fn visible_frames(&self) -> impl Iterator<Item = (usize, &Frame)> {
        self.frames.iter().enumerate().filter(|(_, frame)| !frame.hidden)
    }

    /// The frame with the browser's name `id`.
    pub fn frame(&self, id: &str) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.id == id)
    }

    /// Whether a text can be read anywhere on the page, or in the addresses it shows.
    pub fn shows(&self, wanted: &str) -> bool {
        let has = |text: &String| text.contains(wanted);
        self.visible_frames().any(|(_, frame)| {
            has(&frame.title)
                || has(&frame.address)
                || frame.texts.iter().any(|one| has(&one.text))
                || frame.links.iter().any(|one| has(&one.name) || has(&one.address))
                || frame.buttons.iter().any(|one| has(&one.name))
                || frame.dialogs.iter().any(|one| has(&one.name))
                || frame.images.iter().any(|one| has(&one.name))
                || frame.fields.iter().any(|one| {
                    let words = &one.words;
                    [&words.label, &words.aria, &words.placeholder, &words.title, &words.description, &words.nearby]
                        .into_iter()
                        .any(has)
                })
        })
    }

    /// The same snapshot without the queries and fragments of addresses, which may hold what should not be kept.
    #[must_use]
    pub fn without_queries(mut self) -> Self {
        for frame in &mut self.frames {
            cut_query(&mut frame.address);
            for link in &mut frame.links {
                cut_query(&mut link.address);
            }
        }
        self
    }

    /// A number that stays while the page offers the same things to do: the same frames at the same addresses, with
    /// the same fields, buttons and dialogs. Texts and places do not count, so a running clock leaves it alone.
    pub fn structure(&self) -> u64 {
        let mut mix = Fnv::default();
        for frame in self.frames.iter().filter(|frame| !frame.hidden) {
            mix.text(&frame.id);
            mix.text(&frame.document);
            mix.text(&frame.address);
            for field in frame.fields.iter().filter(|field| field.hidden.is_none()) {
                mix.number(u64::from(field.node));
                mix.number(field.kind as u64);
                mix.number(u64::from(field.disabled) | u64::from(field.read_only) << 1 | u64::from(field.covered) << 2);
                // Not what stands nearby: that may be a clock.
                mix.text(&field.words.label);
                mix.text(&field.words.placeholder);
            }
            for button in &frame.buttons {
                mix.number(u64::from(button.node) << 2 | u64::from(button.disabled) | u64::from(button.covered) << 1);
                mix.text(&button.name);
            }
            for dialog in &frame.dialogs {
                mix.number(u64::from(dialog.node));
            }
            mix.number(frame.links.len() as u64);
        }
        mix.0
    }
}

/// How the server answered for a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageResponse {
    /// The HTTP status.
    pub status: u16,
    /// The scheme of the `WWW-Authenticate` header of a 401, in lower case: `basic`, `digest`, `negotiate`. The browser asks for
    /// name and password in a window of its own then (RFC 9110 §11.6.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_scheme: Option<String>,
    /// The `Date` header as written (RFC 9110 §6.6.1); `None` when there was none or the answer came from a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The `Age` header in seconds: how long a cache on the way had kept the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<u32>,
    /// When it came, by this machine's clock, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at_ms: Option<i64>,
}

/// What may have been forms, counted from a page's beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SentRequests {
    /// Documents that forms asked for, and that a server has answered.
    pub documents: u64,
    /// What scripts sent with a method other than `GET`, and over WebSockets.
    pub scripts: u64,
}

fn cut_query(address: &mut String) {
    if let Some(end) = address.find(['?', '#']) {
        address.truncate(end);
    }
    // A snapshot made from text carries whole documents in its address.
    if address.starts_with("data:") {
        address.truncate("data:".len());
    }
}

/// FNV-1a: the same number in every version of the compiler, unlike the standard library's hasher.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }

    fn number(&mut self, number: u64) {
        number.to_le_bytes().into_iter().for_each(|byte| self.byte(byte));
    }

    fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
        self.byte(0xff);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Button, Field, FieldKind, PageLink, Text};

    fn page() -> PageSnapshot {
        let frame = Frame {
            id: "A".into(),
            document: "1".into(),
            origin: "https://example.org".into(),
            address: "https://example.org/reset?key=hunter2#top".into(),
            fields: vec![Field { node: 1, kind: FieldKind::Password, ..Field::default() }],
            buttons: vec![Button { node: 2, name: "Sign in".into(), ..Button::default() }],
            links: vec![PageLink { node: 3, address: "https://example.org/a?ticket=7".into(), ..PageLink::default() }],
            ..Frame::default()
        };
        PageSnapshot { frames: vec![frame], ..PageSnapshot::default() }
    }

    #[test]
    fn queries_can_be_taken_out() {
        let text = serde_json::to_string(&page().without_queries()).unwrap();
        assert!(!text.contains("hunter2") && !text.contains("ticket"), "{text}");
        assert!(text.contains("https://example.org/reset"), "{text}");
    }

    #[test]
    fn a_text_leaves_the_structure_alone_and_a_field_does_not() {
        let plain = page();
        let mut ticking = page();
        ticking.frames[0].texts.push(Text { text: "10:00:01".into(), ..Text::default() });
        assert_eq!(plain.structure(), ticking.structure());
        let mut other = page();
        other.frames[0].fields.push(Field { node: 9, ..Field::default() });
        assert_ne!(plain.structure(), other.structure());
        let mut disabled = page();
        disabled.frames[0].buttons[0].disabled = true;
        assert_ne!(plain.structure(), disabled.structure());
    }

    #[test]
    fn a_picture_survives_being_written_and_what_is_unknown_in_it_is_left_out() {
        let text = serde_json::to_string(&page()).unwrap();
        assert_eq!(serde_json::from_str::<PageSnapshot>(&text).unwrap(), page());
        assert!(!text.contains("autocomplete"), "{text}");
    }
}
