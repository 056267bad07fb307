//! `Input`: mouse, keys and text. What is typed may be a secret.

use serde::Serialize;

use super::command::command;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum MouseEventKind {
    #[serde(rename = "mouseMoved")]
    Moved,
    #[serde(rename = "mousePressed")]
    Pressed,
    #[serde(rename = "mouseReleased")]
    Released,
    #[serde(rename = "mouseWheel")]
    Wheel,
}

/// The buttons of the mouse as the protocol names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Button {
    None,
    Left,
    Middle,
    Right,
}

/// Points are CSS pixels of the window; `buttons` are bits: 1 left, 2 right, 4 middle; `modifiers`: 1 Alt, 2 Ctrl, 4 Meta,
/// 8 Shift.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DispatchMouseEvent {
    #[serde(rename = "type")]
    pub(crate) kind: MouseEventKind,
    pub(crate) x: f64,
    pub(crate) y: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) button: Option<Button>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) buttons: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) click_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modifiers: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delta_x: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delta_y: Option<f64>,
}
command!(DispatchMouseEvent, "Input.dispatchMouseEvent");

impl DispatchMouseEvent {
    /// With nothing but a place.
    pub(crate) const fn at(kind: MouseEventKind, x: f64, y: f64) -> Self {
        Self {
            kind,
            x,
            y,
            button: None,
            buttons: None,
            click_count: None,
            modifiers: None,
            delta_x: None,
            delta_y: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum KeyEventKind {
    /// A key that types something.
    KeyDown,
    /// A key that types nothing.
    RawKeyDown,
    KeyUp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DispatchKeyEvent<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: KeyEventKind,
    /// `KeyboardEvent.key` and `.code`.
    pub(crate) key: &'a str,
    pub(crate) code: &'a str,
    pub(crate) windows_virtual_key_code: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unmodified_text: Option<&'a str>,
    pub(crate) modifiers: u8,
    pub(crate) auto_repeat: bool,
    pub(crate) is_keypad: bool,
    /// `KeyboardEvent.location`.
    pub(crate) location: u32,
    /// Editing commands that come with the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) commands: Option<[&'a str; 1]>,
}
command!(DispatchKeyEvent<'a>, "Input.dispatchKeyEvent");

impl<'a> DispatchKeyEvent<'a> {
    /// Of a key that is alone and typed nothing yet.
    pub(crate) const fn of(kind: KeyEventKind, key: &'a str, code: &'a str, number: u32) -> Self {
        Self {
            kind,
            key,
            code,
            windows_virtual_key_code: number,
            text: None,
            unmodified_text: None,
            modifiers: 0,
            auto_repeat: false,
            is_keypad: false,
            location: 0,
            commands: None,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct InsertText<'a> {
    pub(crate) text: &'a str,
}
command!(InsertText<'a>, "Input.insertText");

/// A word of an input method that is not done yet.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImeSetComposition<'a> {
    text: &'a str,
    /// In UTF-16 units.
    selection_start: usize,
    selection_end: usize,
}
command!(ImeSetComposition<'a>, "Input.imeSetComposition");

impl<'a> ImeSetComposition<'a> {
    /// With the cursor at its end.
    pub(crate) fn of(text: &'a str) -> Self {
        let end = text.encode_utf16().count();
        Self { text, selection_start: end, selection_end: end }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        let wheel = DispatchMouseEvent {
            delta_x: Some(0.0),
            delta_y: Some(-3.5),
            modifiers: Some(2),
            ..DispatchMouseEvent::at(MouseEventKind::Wheel, 1.0, 2.5)
        };
        let press = DispatchMouseEvent {
            button: Some(Button::Left),
            buttons: Some(1),
            click_count: Some(2),
            ..DispatchMouseEvent::at(MouseEventKind::Pressed, 1.0, 2.0)
        };
        let key = DispatchKeyEvent {
            text: Some("a"),
            unmodified_text: Some("a"),
            commands: Some(["selectAll"]),
            ..DispatchKeyEvent::of(KeyEventKind::KeyDown, "a", "KeyA", 65)
        };
        for ((method, found), expected_method, expected) in [
            (
                json_of(&wheel),
                "Input.dispatchMouseEvent",
                json!({"type": "mouseWheel", "x": 1.0, "y": 2.5, "deltaX": 0.0, "deltaY": -3.5, "modifiers": 2}),
            ),
            (
                json_of(&press),
                "Input.dispatchMouseEvent",
                json!({"type": "mousePressed", "x": 1.0, "y": 2.0, "button": "left", "buttons": 1, "clickCount": 2}),
            ),
            (
                json_of(&key),
                "Input.dispatchKeyEvent",
                json!({
                    "type": "keyDown", "key": "a", "code": "KeyA", "windowsVirtualKeyCode": 65, "text": "a",
                    "unmodifiedText": "a", "modifiers": 0, "autoRepeat": false, "isKeypad": false, "location": 0,
                    "commands": ["selectAll"],
                }),
            ),
            (
                json_of(&DispatchKeyEvent::of(KeyEventKind::RawKeyDown, "Tab", "Tab", 9)),
                "Input.dispatchKeyEvent",
                json!({
                    "type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9, "modifiers": 0,
                    "autoRepeat": false, "isKeypad": false, "location": 0,
                }),
            ),
            (json_of(&InsertText { text: "ö" }), "Input.insertText", json!({"text": "ö"})),
            (
                json_of(&ImeSetComposition::of("ö🔑")),
                "Input.imeSetComposition",
                json!({"text": "ö🔑", "selectionStart": 3, "selectionEnd": 3}),
            ),
        ] {
            assert_eq!((method, found), (expected_method, expected));
        }
    }
}
