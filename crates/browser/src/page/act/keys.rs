use crate::cdp::input::{DispatchKeyEvent, KeyEventKind};

/// A key that does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Sends most forms.
    Enter,
    /// Goes to the next field.
    Tab,
    /// Closes most dialogs.
    Escape,
    /// Takes away the character before.
    Backspace,
    /// Ticks a box that has the keyboard.
    Space,
}

impl Key {
    const fn parts(self) -> (&'static str, u32, &'static str) {
        match self {
            Self::Enter => ("Enter", 13, "\r"),
            Self::Tab => ("Tab", 9, ""),
            Self::Escape => ("Escape", 27, ""),
            Self::Backspace => ("Backspace", 8, ""),
            Self::Space => ("Space", 32, " "),
        }
    }

    /// Pressing it, then letting it go.
    pub(in crate::page) fn events(self) -> [DispatchKeyEvent<'static>; 2] {
        let (code, number, text) = self.parts();
        let key = if matches!(self, Self::Space) { " " } else { code };
        let text = Some(text).filter(|text| !text.is_empty());
        let kind = if text.is_some() { KeyEventKind::KeyDown } else { KeyEventKind::RawKeyDown };
        let down = DispatchKeyEvent { text, ..DispatchKeyEvent::of(kind, key, code, number) };
        [down, DispatchKeyEvent::of(KeyEventKind::KeyUp, key, code, number)]
    }
}
