//! Keys as Chromium wants them: numbers beside names, editing commands beside chords, and what is kept from it.

use crate::cdp::input::{DispatchKeyEvent, KeyEventKind};

const ALT: u8 = 1;
const CTRL: u8 = 2;
const META: u8 = 4;
const SHIFT: u8 = 8;

/// Keys with a number of their own, by `KeyboardEvent.code` (Windows' virtual key codes).
const BY_CODE: [(&str, u32); 64] = [
    ("Backspace", 8),
    ("Tab", 9),
    ("Enter", 13),
    ("NumpadEnter", 13),
    ("ShiftLeft", 16),
    ("ShiftRight", 16),
    ("ControlLeft", 17),
    ("ControlRight", 17),
    ("AltLeft", 18),
    ("AltRight", 18),
    ("Pause", 19),
    ("CapsLock", 20),
    ("Escape", 27),
    ("Space", 32),
    ("PageUp", 33),
    ("PageDown", 34),
    ("End", 35),
    ("Home", 36),
    ("ArrowLeft", 37),
    ("ArrowUp", 38),
    ("ArrowRight", 39),
    ("ArrowDown", 40),
    ("Insert", 45),
    ("Delete", 46),
    ("MetaLeft", 91),
    ("MetaRight", 92),
    ("ContextMenu", 93),
    ("Numpad0", 96),
    ("Numpad1", 97),
    ("Numpad2", 98),
    ("Numpad3", 99),
    ("Numpad4", 100),
    ("Numpad5", 101),
    ("Numpad6", 102),
    ("Numpad7", 103),
    ("Numpad8", 104),
    ("Numpad9", 105),
    ("NumpadMultiply", 106),
    ("NumpadAdd", 107),
    ("NumpadSubtract", 109),
    ("NumpadDecimal", 110),
    ("NumpadDivide", 111),
    ("F1", 112),
    ("F2", 113),
    ("F3", 114),
    ("F4", 115),
    ("F5", 116),
    ("F6", 117),
    ("F7", 118),
    ("F8", 119),
    ("F9", 120),
    ("F10", 121),
    ("F11", 122),
    ("F12", 123),
    ("NumLock", 144),
    ("Semicolon", 186),
    ("Equal", 187),
    ("Comma", 188),
    ("Minus", 189),
    ("Period", 190),
    ("Slash", 191),
    ("Backquote", 192),
    ("BracketLeft", 219),
    ("Backslash", 220),
];

/// Keys that neither type nor open anything when nothing is held with them, beside those of [`KEPT_WITH_CTRL`].
const HARMLESS: [&str; 17] = [
    "Backspace",
    "Tab",
    "Enter",
    "Escape",
    "Shift",
    "Control",
    "Alt",
    "AltGraph",
    "Meta",
    "CapsLock",
    "NumLock",
    "Insert",
    "F2",
    "F4",
    "F8",
    "F9",
    "ContextMenu",
];

/// Keys that move and edit, alone and with Ctrl.
const KEPT_WITH_CTRL: [&str; 12] = [
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "ArrowDown",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Backspace",
    "Delete",
    "Enter",
    " ",
];

/// Letters with which Ctrl edits, or does what many pages know; none opens anything of Chromium's.
const CHORDS: [char; 6] = ['A', 'B', 'I', 'K', 'Y', 'Z'];

/// `Input.dispatchKeyEvent`; `None` for what is kept from Chromium.
pub(super) fn event<'a>(
    down: bool,
    key: &'a str,
    code: &'a str,
    modifiers: u8,
    text: Option<&'a str>,
    repeat: bool,
) -> Option<DispatchKeyEvent<'a>> {
    let text = typed(key, modifiers, text);
    if !may_pass(key, modifiers, text) {
        return None;
    }
    // The Command key of a Mac does there what Ctrl does here.
    let chord = modifiers & META != 0 && is_chord(key);
    let modifiers = if chord {
        modifiers & !META | CTRL
    } else if text.is_some_and(|text| text != "\r") {
        // What it took to type the character is no chord.
        modifiers & SHIFT
    } else {
        modifiers
    };
    let kind = match (down, text) {
        (false, _) => KeyEventKind::KeyUp,
        (true, Some(_)) => KeyEventKind::KeyDown,
        (true, None) => KeyEventKind::RawKeyDown,
    };
    let text = text.filter(|_| down);
    Some(DispatchKeyEvent {
        modifiers,
        auto_repeat: repeat,
        is_keypad: code.starts_with("Numpad"),
        location: location(code),
        text,
        unmodified_text: text,
        commands: command(key, modifiers).filter(|_| down).map(|command| [command]),
        ..DispatchKeyEvent::of(kind, key, code, number_of(key, code))
    })
}

/// What the key types.
fn typed<'a>(key: &'a str, modifiers: u8, text: Option<&'a str>) -> Option<&'a str> {
    match (key, text) {
        ("Enter", _) if modifiers & (ALT | META) == 0 => Some("\r"),
        // AltGr, where it is reported as Ctrl with Alt.
        (key, None) if modifiers & (ALT | CTRL | META) == ALT | CTRL && is_sign(key) => Some(key),
        (" ", None) if modifiers & (ALT | CTRL | META) == 0 => Some(" "),
        (_, text) => text.filter(|text| !text.is_empty() && text.chars().all(|one| !one.is_control())),
    }
}

/// Whether a key may reach Chromium. Listed is what may, because nobody knows all that its windows listen to.
fn may_pass(key: &str, modifiers: u8, text: Option<&str>) -> bool {
    let with = modifiers & (ALT | CTRL | META);
    if with == 0 || (with == ALT | CTRL && text.is_some_and(is_sign)) {
        let clipboard = modifiers & SHIFT != 0 && matches!(key, "Insert" | "Delete");
        let menu = modifiers & SHIFT != 0 && key == "F10";
        let single = key.chars().count() == 1 || key == "Dead" || key == "Process" || key == "Unidentified";
        return !clipboard && !menu && (single || HARMLESS.contains(&key) || KEPT_WITH_CTRL.contains(&key));
    }
    // The keys that are held themselves, also when they are let go.
    if matches!(key, "Shift" | "Control" | "Alt" | "AltGraph" | "Meta") {
        return true;
    }
    // On a Mac, Option types.
    if with == ALT {
        return text.is_some_and(|text| text != "\r") || matches!(key, "ArrowUp" | "ArrowDown");
    }
    if with & ALT != 0 {
        return false;
    }
    if modifiers & SHIFT != 0 && key == "Delete" {
        return false;
    }
    KEPT_WITH_CTRL.contains(&key) || (is_chord(key) && (modifiers & SHIFT == 0 || key.eq_ignore_ascii_case("z")))
}

/// One character that is neither a Latin letter nor a digit nor a space.
fn is_sign(key: &str) -> bool {
    let mut characters = key.chars();
    matches!((characters.next(), characters.next()), (Some(one), None) if !one.is_ascii_alphanumeric() && one != ' ')
}

fn is_chord(key: &str) -> bool {
    let mut letters = key.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => CHORDS.contains(&letter.to_ascii_uppercase()),
        _ => false,
    }
}

/// What a chord does to a text.
fn command(key: &str, modifiers: u8) -> Option<&'static str> {
    let with = modifiers & (ALT | CTRL | META);
    let shift = modifiers & SHIFT != 0;
    match (key, with) {
        ("a" | "A", CTRL) => Some("selectAll"),
        ("z" | "Z", CTRL) => Some(if shift { "redo" } else { "undo" }),
        ("y" | "Y", CTRL) => Some("redo"),
        ("ArrowLeft", META) => {
            Some(if shift { "moveToBeginningOfLineAndModifySelection" } else { "moveToBeginningOfLine" })
        }
        ("ArrowRight", META) => Some(if shift { "moveToEndOfLineAndModifySelection" } else { "moveToEndOfLine" }),
        ("ArrowUp", META) => {
            Some(if shift { "moveToBeginningOfDocumentAndModifySelection" } else { "moveToBeginningOfDocument" })
        }
        ("ArrowDown", META) => {
            Some(if shift { "moveToEndOfDocumentAndModifySelection" } else { "moveToEndOfDocument" })
        }
        ("Backspace", META) => Some("deleteToBeginningOfLine"),
        _ => None,
    }
}

/// Windows' virtual key code. Letters and digits go by what they type, because keyboards differ in where they have them;
/// everything else by where it is.
fn number_of(key: &str, code: &str) -> u32 {
    let mut characters = key.chars();
    if let (Some(one), None) = (characters.next(), characters.next())
        && one.is_ascii_alphanumeric()
        && !code.starts_with("Numpad")
    {
        return u32::from(one.to_ascii_uppercase());
    }
    let known = |name: &str| BY_CODE.iter().find(|(code, _)| *code == name).map(|(_, number)| *number);
    if let Some(number) = known(code) {
        return number;
    }
    // A key of another layout that types a sign where a letter or digit is usual.
    if let Some(place) = code.strip_prefix("Key").or_else(|| code.strip_prefix("Digit"))
        && let Some(one) = place.chars().next().filter(char::is_ascii_alphanumeric)
    {
        return u32::from(one);
    }
    match code {
        "Quote" => 222,
        "IntlBackslash" => 226,
        // Soft keyboards know no places.
        _ => known(key).unwrap_or(match key {
            " " => 32,
            "Shift" => 16,
            "Control" => 17,
            "Alt" => 18,
            "Meta" => 91,
            "Process" | "Unidentified" | "Dead" => 229,
            _ => 0,
        }),
    }
}

fn location(code: &str) -> u32 {
    if code.ends_with("Left") && !code.starts_with("Arrow") && !code.starts_with("Bracket") {
        1
    } else if code.ends_with("Right") && !code.starts_with("Arrow") && !code.starts_with("Bracket") {
        2
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(key: &str, modifiers: u8) -> bool {
        let types = key.chars().count() == 1 && modifiers & (CTRL | META) == 0;
        event(true, key, "", modifiers, types.then_some(key), false).is_some()
    }

    #[test]
    fn keys_have_their_numbers_on_every_layout() {
        for (key, code, number) in [
            ("a", "KeyA", 65),
            ("a", "KeyQ", 65),
            ("Z", "KeyY", 90),
            ("ö", "Semicolon", 186),
            ("й", "KeyQ", 81),
            ("&", "Digit1", 49),
            ("7", "Digit7", 55),
            ("7", "Numpad7", 103),
            ("Home", "Numpad7", 103),
            ("!", "Digit1", 49),
            ("'", "Quote", 222),
            ("<", "IntlBackslash", 226),
            ("Enter", "Enter", 13),
            ("Enter", "", 13),
            ("Backspace", "Backspace", 8),
            ("Backspace", "", 8),
            ("ArrowLeft", "ArrowLeft", 37),
            ("ArrowDown", "", 40),
            ("Delete", "Delete", 46),
            ("PageDown", "PageDown", 34),
            (" ", "Space", 32),
            (" ", "", 32),
            ("F9", "F9", 120),
            ("Shift", "ShiftRight", 16),
            ("Dead", "Equal", 187),
            ("Unidentified", "", 229),
        ] {
            assert_eq!(number_of(key, code), number, "{key} at {code}");
        }
    }

    #[test]
    fn what_would_reach_chromiums_windows_or_clipboard_does_not_pass() {
        for key in [
            "c", "x", "v", "C", "t", "n", "w", "o", "s", "p", "l", "u", "j", "h", "d", "f", "g", "r", "1", "9", "0",
            "+", "-", "Tab", "F4", "Insert",
        ] {
            for modifiers in [CTRL, META, CTRL | SHIFT] {
                assert!(!passes(key, modifiers), "{key} with {modifiers}");
            }
        }
        for key in ["i", "j", "c", "b", "k", "m", "Delete", "T", "N"] {
            assert!(!passes(key, CTRL | SHIFT), "{key}");
        }
        for key in [
            "F1",
            "F3",
            "F5",
            "F6",
            "F7",
            "F10",
            "F11",
            "F12",
            "BrowserBack",
            "BrowserHome",
            "LaunchMail",
            "PrintScreen",
            "Copy",
            "Paste",
        ] {
            assert!(!passes(key, 0), "{key}");
        }
        for (key, modifiers) in [
            ("Insert", SHIFT),
            ("Delete", SHIFT),
            ("ArrowLeft", ALT),
            ("F4", ALT),
            ("Enter", ALT),
            ("Home", ALT),
            ("+", ALT | CTRL | META),
            (" ", ALT | CTRL),
            ("F10", SHIFT),
        ] {
            assert!(!passes(key, modifiers), "{key} with {modifiers}");
        }
    }

    #[test]
    fn what_types_moves_and_edits_passes() {
        for (key, modifiers) in [
            ("a", 0),
            ("A", SHIFT),
            ("ß", 0),
            ("@", ALT | CTRL),
            ("€", ALT | CTRL),
            ("å", ALT),
            ("Enter", 0),
            ("Enter", SHIFT),
            ("Enter", CTRL),
            ("Tab", 0),
            ("Tab", SHIFT),
            ("Escape", 0),
            ("Backspace", 0),
            ("Backspace", CTRL),
            ("Delete", 0),
            ("Delete", CTRL),
            ("ArrowLeft", CTRL | SHIFT),
            ("Home", CTRL),
            ("End", SHIFT),
            ("PageUp", 0),
            (" ", 0),
            ("a", CTRL),
            ("z", CTRL),
            ("Z", CTRL | SHIFT),
            ("y", CTRL),
            ("b", CTRL),
            ("a", META),
            ("Control", CTRL),
            ("Shift", SHIFT),
            ("Dead", 0),
            ("ArrowDown", ALT),
        ] {
            assert!(passes(key, modifiers), "{key} with {modifiers}");
        }
    }

    #[test]
    fn chords_carry_their_commands_and_no_text() {
        let all = event(true, "a", "KeyA", META, None, false).unwrap();
        assert_eq!((all.kind, all.modifiers, all.commands), (KeyEventKind::RawKeyDown, CTRL, Some(["selectAll"])));
        let again = event(true, "Z", "KeyZ", CTRL | SHIFT, None, false).unwrap();
        assert_eq!(again.commands, Some(["redo"]));
        let start = event(true, "ArrowLeft", "ArrowLeft", META, None, false).unwrap();
        assert_eq!(start.commands, Some(["moveToBeginningOfLine"]));
        let enter = event(true, "Enter", "Enter", 0, None, true).unwrap();
        assert_eq!((enter.kind, enter.text, enter.auto_repeat), (KeyEventKind::KeyDown, Some("\r"), true));
        let up = event(false, "ü", "BracketLeft", 0, Some("ü"), false).unwrap();
        assert_eq!((up.kind, up.text, up.unmodified_text), (KeyEventKind::KeyUp, None, None));
    }
}
