//! What a person does: mouse, keys, text. Sent in order and never waited for.

use std::time::Duration;

use super::{keys, page::LivePage};
use crate::{
    Error, Page,
    cdp::{
        Answer, Command,
        input::{Button, DispatchKeyEvent, DispatchMouseEvent, ImeSetComposition, InsertText, MouseEventKind},
    },
};

/// A button of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseButton {
    /// Mostly the left one.
    Left,
    /// Mostly the wheel.
    Middle,
    /// Mostly the right one.
    Right,
}

/// Something that a person did. Points are CSS pixels of the window; modifiers are bits: 1 Alt, 2 Ctrl, 4 Meta, 8 Shift.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The mouse moved.
    Move {
        /// From the left.
        x: f64,
        /// From the top.
        y: f64,
        /// Bits of the buttons that are down: 1 left, 2 right, 4 middle.
        buttons: u8,
    },
    /// A button went down.
    Down {
        /// From the left.
        x: f64,
        /// From the top.
        y: f64,
        /// Which.
        button: MouseButton,
        /// 2 for the second press of a double click.
        clicks: u32,
        /// Bits.
        modifiers: u8,
    },
    /// A button went up.
    Up {
        /// From the left.
        x: f64,
        /// From the top.
        y: f64,
        /// Which.
        button: MouseButton,
        /// As when it went down.
        clicks: u32,
        /// Bits.
        modifiers: u8,
    },
    /// The wheel turned.
    Wheel {
        /// From the left.
        x: f64,
        /// From the top.
        y: f64,
        /// How far to the right, in CSS pixels.
        dx: f64,
        /// How far down, in CSS pixels.
        dy: f64,
        /// Bits.
        modifiers: u8,
    },
    /// A key went down or up. Chords that would reach Chromium's own windows or its clipboard are left out.
    Key {
        /// Down, not up.
        down: bool,
        /// `KeyboardEvent.key`.
        key: String,
        /// `KeyboardEvent.code`.
        code: String,
        /// Bits.
        modifiers: u8,
        /// What it types; `None` when it types nothing.
        text: Option<String>,
        /// It is held down.
        repeat: bool,
    },
    /// Text that comes by no single key: a word of an input method, an emoji, what is pasted.
    Text(String),
    /// A word of an input method that is not yet done; the empty one ends it.
    Compose(String),
}

impl Page {
    /// Does what a person did. Returns at once; everything arrives in its order.
    pub fn send_input(&self, input: &Input) {
        if let Some(Err(error)) = self.sent(input) {
            tracing::warn!(%error, "what a person did could not be sent");
        }
    }

    /// `None` for what is kept from Chromium.
    fn sent(&self, input: &Input) -> Option<Result<(), Error>> {
        let answer = match Call::of(input)? {
            Call::Mouse(event) => self.act(input, &event),
            Call::Key(event) => self.act(input, &event),
            Call::Text(event) => self.act(input, &event),
            Call::Compose(event) => self.act(input, &event),
        };
        Some(answer.map(|answer| *self.live.last_input.lock() = Some(answer)))
    }

    fn act<C: Command>(&self, input: &Input, command: &C) -> Result<Answer, Error> {
        if matches!(input, Input::Down { .. } | Input::Key { down: true, .. }) {
            self.live.person_acted();
        }
        if !matches!(input, Input::Move { .. }) {
            self.live.stir();
        }
        self.inner.session.send(command)
    }
}

impl LivePage {
    /// Waits until the page has heard of what was sent to it. Not for long: it may be busy, or show a dialog.
    pub(super) async fn heard_input(&self) {
        const PATIENCE: Duration = Duration::from_secs(1);
        let last = self.last_input.lock().take();
        if let Some(last) = last {
            // Whatever Chromium answers, it has come that far.
            let _ = tokio::time::timeout(PATIENCE, last).await;
        }
    }
}

/// What a person did, as Chromium takes it. What they type may be a secret: it is borrowed.
enum Call<'a> {
    Mouse(DispatchMouseEvent),
    Key(DispatchKeyEvent<'a>),
    Text(InsertText<'a>),
    Compose(ImeSetComposition<'a>),
}

impl<'a> Call<'a> {
    fn of(input: &'a Input) -> Option<Self> {
        Some(match input {
            Input::Move { x, y, buttons } => {
                let held = match buttons {
                    0 => Button::None,
                    bits if bits & 1 != 0 => Button::Left,
                    bits if bits & 2 != 0 => Button::Right,
                    _ => Button::Middle,
                };
                Self::Mouse(DispatchMouseEvent {
                    button: Some(held),
                    buttons: Some(*buttons),
                    ..DispatchMouseEvent::at(MouseEventKind::Moved, *x, *y)
                })
            }
            Input::Down { x, y, button, clicks, modifiers } => {
                Self::press(MouseEventKind::Pressed, (*x, *y), *button, *clicks, *modifiers)
            }
            Input::Up { x, y, button, clicks, modifiers } => {
                Self::press(MouseEventKind::Released, (*x, *y), *button, *clicks, *modifiers)
            }
            Input::Wheel { x, y, dx, dy, modifiers } => Self::Mouse(DispatchMouseEvent {
                delta_x: Some(*dx),
                delta_y: Some(*dy),
                modifiers: Some(*modifiers),
                ..DispatchMouseEvent::at(MouseEventKind::Wheel, *x, *y)
            }),
            Input::Key { down, key, code, modifiers, text, repeat } => {
                Self::Key(keys::event(*down, key, code, *modifiers, text.as_deref(), *repeat)?)
            }
            Input::Text(text) => Self::Text(InsertText { text }),
            Input::Compose(text) => Self::Compose(ImeSetComposition::of(text)),
        })
    }

    fn press(kind: MouseEventKind, (x, y): (f64, f64), button: MouseButton, clicks: u32, modifiers: u8) -> Self {
        let (name, bit) = match button {
            MouseButton::Left => (Button::Left, 1),
            MouseButton::Right => (Button::Right, 2),
            MouseButton::Middle => (Button::Middle, 4),
        };
        let held = if kind == MouseEventKind::Pressed { bit } else { 0 };
        Self::Mouse(DispatchMouseEvent {
            button: Some(name),
            buttons: Some(held),
            click_count: Some(clicks.clamp(1, 3)),
            modifiers: Some(modifiers),
            ..DispatchMouseEvent::at(kind, x, y)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn json_of(input: &Input) -> Option<(&'static str, Value)> {
        fn of<C: Command>(command: &C) -> (&'static str, Value) {
            (C::METHOD, serde_json::to_value(command).unwrap())
        }
        Some(match Call::of(input)? {
            Call::Mouse(event) => of(&event),
            Call::Key(event) => of(&event),
            Call::Text(event) => of(&event),
            Call::Compose(event) => of(&event),
        })
    }

    #[test]
    fn the_mouse_says_where_it_is_and_what_is_held() {
        let moved = |buttons| Input::Move { x: 1.0, y: 2.0, buttons };
        let (x, y) = (1.0, 2.0);
        let down = |button| Input::Down { x, y, button, clicks: 2, modifiers: 8 };
        let up = Input::Up { x, y, button: MouseButton::Right, clicks: 0, modifiers: 0 };
        for (input, expected) in [
            (moved(0), json!({"type": "mouseMoved", "x": 1.0, "y": 2.0, "button": "none", "buttons": 0})),
            (moved(7), json!({"type": "mouseMoved", "x": 1.0, "y": 2.0, "button": "left", "buttons": 7})),
            (moved(6), json!({"type": "mouseMoved", "x": 1.0, "y": 2.0, "button": "right", "buttons": 6})),
            (moved(4), json!({"type": "mouseMoved", "x": 1.0, "y": 2.0, "button": "middle", "buttons": 4})),
            (
                down(MouseButton::Middle),
                json!({
                    "type": "mousePressed", "x": 1.0, "y": 2.0, "button": "middle", "buttons": 4, "clickCount": 2,
                    "modifiers": 8,
                }),
            ),
            (
                up,
                json!({
                    "type": "mouseReleased", "x": 1.0, "y": 2.0, "button": "right", "buttons": 0, "clickCount": 1,
                    "modifiers": 0,
                }),
            ),
            (
                Input::Wheel { x, y, dx: 0.0, dy: 120.0, modifiers: 2 },
                json!({"type": "mouseWheel", "x": 1.0, "y": 2.0, "deltaX": 0.0, "deltaY": 120.0, "modifiers": 2}),
            ),
        ] {
            assert_eq!(json_of(&input), Some(("Input.dispatchMouseEvent", expected)), "{input:?}");
        }
    }

    #[test]
    fn text_goes_as_it_is_and_a_word_under_way_with_its_end() {
        assert_eq!(json_of(&Input::Text("a\"ö".into())), Some(("Input.insertText", json!({"text": "a\"ö"}))));
        let word = json!({"text": "に", "selectionStart": 1, "selectionEnd": 1});
        assert_eq!(json_of(&Input::Compose("に".into())), Some(("Input.imeSetComposition", word)));
        let key = |key: &str, modifiers| Input::Key {
            down: true,
            key: key.into(),
            code: String::new(),
            modifiers,
            text: None,
            repeat: false,
        };
        assert_eq!(json_of(&key("Tab", 0)).unwrap().0, "Input.dispatchKeyEvent");
        assert_eq!(json_of(&key("v", 2)), None, "Chromium's own clipboard is not reached");
    }
}
