//! What a person does: mouse, keys, text. Sent in order and never waited for.

use std::time::Duration;

use serde_json::{Value, json};

use super::keys;
use crate::{Page, page::PageInner};

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
        let Some((method, params)) = call_of(input) else { return };
        let page = &self.inner;
        if matches!(input, Input::Down { .. } | Input::Key { down: true, .. }) {
            page.person_acted();
        }
        if !matches!(input, Input::Move { .. }) {
            page.stir();
        }
        *page.live.last_input.lock() = Some(page.session.send(method, &params));
    }
}

impl PageInner {
    /// Waits until the page has heard of what was sent to it. Not for long: it may be busy, or show a dialog.
    pub(super) async fn heard_input(&self) {
        const PATIENCE: Duration = Duration::from_secs(1);
        let last = self.live.last_input.lock().take();
        if let Some(last) = last {
            // Whatever Chromium answers, it has come that far.
            let _ = tokio::time::timeout(PATIENCE, last).await;
        }
    }
}

fn call_of(input: &Input) -> Option<(&'static str, Value)> {
    const MOUSE: &str = "Input.dispatchMouseEvent";
    const KEY: &str = "Input.dispatchKeyEvent";
    Some(match input {
        Input::Move { x, y, buttons } => {
            let held = match buttons {
                0 => "none",
                bits if bits & 1 != 0 => "left",
                bits if bits & 2 != 0 => "right",
                _ => "middle",
            };
            (MOUSE, json!({"type": "mouseMoved", "x": x, "y": y, "button": held, "buttons": buttons}))
        }
        Input::Down { x, y, button, clicks, modifiers } => {
            (MOUSE, press("mousePressed", (*x, *y), *button, *clicks, *modifiers))
        }
        Input::Up { x, y, button, clicks, modifiers } => {
            (MOUSE, press("mouseReleased", (*x, *y), *button, *clicks, *modifiers))
        }
        Input::Wheel { x, y, dx, dy, modifiers } => {
            (MOUSE, json!({"type": "mouseWheel", "x": x, "y": y, "deltaX": dx, "deltaY": dy, "modifiers": modifiers}))
        }
        Input::Key { down, key, code, modifiers, text, repeat } => {
            (KEY, keys::event(*down, key, code, *modifiers, text.as_deref(), *repeat)?)
        }
        Input::Text(text) => ("Input.insertText", json!({"text": text})),
        Input::Compose(text) => {
            let end = text.encode_utf16().count();
            ("Input.imeSetComposition", json!({"text": text, "selectionStart": end, "selectionEnd": end}))
        }
    })
}

fn press(kind: &str, (x, y): (f64, f64), button: MouseButton, clicks: u32, modifiers: u8) -> Value {
    let (name, bit) = match button {
        MouseButton::Left => ("left", 1),
        MouseButton::Right => ("right", 2),
        MouseButton::Middle => ("middle", 4),
    };
    let held = if kind == "mousePressed" { bit } else { 0 };
    json!({
        "type": kind, "x": x, "y": y, "button": name, "buttons": held, "clickCount": clicks.clamp(1, 3),
        "modifiers": modifiers,
    })
}
