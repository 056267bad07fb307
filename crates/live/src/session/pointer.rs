//! Messages of a page as input for the browser, and what is held down.

use countersign_browser::{Input, MouseButton};
use countersign_wire::ClientMessage;

/// Where the mouse is, and which of its buttons are down.
#[derive(Default)]
pub(crate) struct Pointer {
    buttons: u8,
    at: (f64, f64),
}

impl Pointer {
    pub(crate) const fn holds_any(&self) -> bool {
        self.buttons != 0
    }

    /// Follows what is sent to the page.
    pub(crate) const fn follow(&mut self, asked: &ClientMessage) {
        match asked {
            ClientMessage::Down { x, y, button, .. } => {
                self.buttons |= 1 << *button;
                self.at = (*x, *y);
            }
            ClientMessage::Up { button, .. } => self.buttons &= !(1 << *button),
            ClientMessage::Move { x, y, .. } => self.at = (*x, *y),
            _ => {}
        }
    }

    /// What lets go of every button that is down.
    pub(crate) fn let_go(&mut self) -> Vec<Input> {
        let held = std::mem::take(&mut self.buttons);
        let (x, y) = self.at;
        let buttons = (0..3).filter(|bit| held & (1 << bit) != 0);
        buttons.map(|bit| Input::Up { x, y, button: of_button(bit), clicks: 1, modifiers: 0 }).collect()
    }
}

/// As input for the browser, where it is that.
pub(crate) fn input_of(asked: &ClientMessage) -> Option<Input> {
    Some(match asked {
        ClientMessage::Move { x, y, buttons } => Input::Move { x: *x, y: *y, buttons: *buttons },
        ClientMessage::Down { x, y, button, clicks, mods } => {
            Input::Down { x: *x, y: *y, button: of_button(*button), clicks: *clicks, modifiers: *mods }
        }
        ClientMessage::Up { x, y, button, clicks, mods } => {
            Input::Up { x: *x, y: *y, button: of_button(*button), clicks: *clicks, modifiers: *mods }
        }
        ClientMessage::Wheel { x, y, dx, dy, mods } => {
            Input::Wheel { x: *x, y: *y, dx: *dx, dy: *dy, modifiers: *mods }
        }
        ClientMessage::Key { down, key, code, mods, text, repeat } => Input::Key {
            down: *down,
            key: key.clone(),
            code: code.clone(),
            modifiers: *mods,
            text: text.clone(),
            repeat: *repeat,
        },
        ClientMessage::Text { text } => Input::Text(text.clone()),
        ClientMessage::Compose { text } => Input::Compose(text.clone()),
        _ => return None,
    })
}

const fn of_button(button: u8) -> MouseButton {
    match button {
        1 => MouseButton::Middle,
        2 => MouseButton::Right,
        _ => MouseButton::Left,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_let_go_once_and_where_the_mouse_is() {
        let press = |down, button| {
            let (x, y, clicks, mods) = (1.0, 2.0, 1, 0);
            if down {
                ClientMessage::Down { x, y, button, clicks, mods }
            } else {
                ClientMessage::Up { x, y, button, clicks, mods }
            }
        };
        let mut pointer = Pointer::default();
        assert!(!pointer.holds_any() && pointer.let_go().is_empty());
        for message in [press(true, 0), press(true, 2), press(true, 1), press(false, 1)] {
            pointer.follow(&message);
        }
        pointer.follow(&ClientMessage::Move { x: 7.0, y: 8.0, buttons: 3 });
        assert!(pointer.holds_any());
        let up = |button| Input::Up { x: 7.0, y: 8.0, button, clicks: 1, modifiers: 0 };
        assert_eq!(pointer.let_go(), [up(MouseButton::Left), up(MouseButton::Right)]);
        assert!(!pointer.holds_any() && pointer.let_go().is_empty());
    }
}
