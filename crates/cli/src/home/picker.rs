//! A list on the terminal, narrowed by typing, from which a person chooses.

use std::{
    cmp::Reverse,
    io::{self, Write as _},
    time::Duration,
};

use unicode_width::UnicodeWidthStr as _;

use super::{
    fuzzy::fit,
    keys::{Key, take},
    terminal::{Raw, size},
};
use crate::output::{fitting, printable};

/// What can be chosen.
pub(crate) struct Choice {
    /// What it is called.
    pub(crate) name: String,
    /// What else is shown of it and found by.
    pub(crate) more: String,
}

/// At the most so many are shown at once.
const SHOWN: usize = 12;
/// An escape that nothing follows for so long is the key of that name.
const ESCAPE: Duration = Duration::from_millis(50);

/// Lets a person choose, on standard error; gives the place of what was chosen. None when they would rather not.
pub(crate) fn pick(question: &str, choices: &[Choice]) -> io::Result<Option<usize>> {
    let raw = Raw::new()?;
    let mut state = Picker::new(question, choices);
    let mut bytes = Vec::new();
    let picked = 'asked: loop {
        show(&state.lines(size()))?;
        if !raw.read(&mut bytes)? {
            break None;
        }
        let is_all = !raw.has_more(ESCAPE);
        for key in take(&mut bytes, is_all) {
            match state.press(key) {
                Pressed::Goes => {}
                Pressed::Picked(place) => break 'asked Some(place),
                Pressed::Cancelled => break 'asked None,
            }
        }
    };
    let mut out = io::stderr().lock();
    write!(out, "\r\x1b[J")?;
    out.flush()?;
    Ok(picked)
}

/// Writes the lines where the last ones were, and leaves the cursor at the end of the first.
fn show(lines: &[String]) -> io::Result<()> {
    let mut out = io::stderr().lock();
    write!(out, "\r\x1b[J{}", lines.join("\r\n"))?;
    if lines.len() > 1 {
        write!(out, "\x1b[{}A", lines.len() - 1)?;
    }
    write!(out, "\r{}", lines.first().map(String::as_str).unwrap_or_default())?;
    out.flush()
}

enum Pressed {
    Goes,
    Picked(usize),
    Cancelled,
}

struct Picker<'a> {
    question: &'a str,
    choices: &'a [Choice],
    typed: String,
    /// Places of what fits, the best first.
    found: Vec<usize>,
    at: usize,
}

impl<'a> Picker<'a> {
    fn new(question: &'a str, choices: &'a [Choice]) -> Self {
        let mut state = Self { question, choices, typed: String::new(), found: Vec::new(), at: 0 };
        state.find();
        state
    }

    fn find(&mut self) {
        let mut found: Vec<(Reverse<i64>, usize)> = Vec::new();
        for (place, choice) in self.choices.iter().enumerate() {
            // What stands in the name counts for more than what stands beside it.
            let in_name = fit(&self.typed, &choice.name).map(|score| score + (1 << 20));
            let score = in_name.or_else(|| fit(&self.typed, &format!("{} {}", choice.name, choice.more)));
            // With nothing typed they stand as they came.
            found.extend(score.map(|score| (Reverse(if self.typed.is_empty() { 0 } else { score }), place)));
        }
        found.sort_unstable();
        self.found = found.into_iter().map(|(_, place)| place).collect();
        self.at = 0;
    }

    fn press(&mut self, key: Key) -> Pressed {
        let last = self.found.len().saturating_sub(1);
        match key {
            Key::Enter => {
                return self.found.get(self.at).map_or(Pressed::Goes, |place| Pressed::Picked(*place));
            }
            Key::Cancel => return Pressed::Cancelled,
            Key::Up => self.at = self.at.saturating_sub(1),
            Key::Down => self.at = (self.at + 1).min(last),
            Key::PageUp => self.at = self.at.saturating_sub(SHOWN),
            Key::PageDown => self.at = (self.at + SHOWN).min(last),
            Key::Letter(letter) => self.retype(|typed| typed.push(letter)),
            Key::Backspace => self.retype(|typed| {
                typed.pop();
            }),
            Key::DeleteLine => self.retype(String::clear),
            Key::DeleteWord => self.retype(|typed| {
                let before = typed.trim_end().trim_end_matches(|c: char| !c.is_whitespace());
                typed.truncate(before.len());
            }),
        }
        Pressed::Goes
    }

    fn retype(&mut self, edit: impl FnOnce(&mut String)) {
        edit(&mut self.typed);
        self.find();
    }

    /// The question with what was typed, then what fits, and last how many there are; no line is wider than the terminal.
    fn lines(&self, (columns, rows): (usize, usize)) -> Vec<String> {
        let columns = columns.saturating_sub(1).max(1);
        let room = rows.saturating_sub(3).clamp(1, SHOWN);
        let first = self.at.saturating_sub(room - 1);
        let mut lines = vec![fitting(&format!("{}{}", self.question, self.typed), columns)];
        for (index, place) in self.found.iter().enumerate().skip(first).take(room) {
            let Some(choice) = self.choices.get(*place) else { continue };
            let name = fitting(&printable(&choice.name), columns.saturating_sub(2));
            let left = columns.saturating_sub(name.width() + 4);
            let more = if left < 4 { String::new() } else { fitting(&printable(&choice.more), left) };
            lines.push(match index == self.at {
                true => format!("\x1b[7m> {name}\x1b[27m  \x1b[2m{more}\x1b[0m"),
                false => format!("  {name}  \x1b[2m{more}\x1b[0m"),
            });
        }
        let count = format!("{} of {}; Enter chooses, Esc leaves", self.found.len(), self.choices.len());
        lines.push(format!("\x1b[2m{}\x1b[0m", fitting(&count, columns)));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> Vec<Choice> {
        let all = [
            ("Bank", "ana bank.example.org"),
            ("Shop", "bob shop.example.org"),
            ("Shop admin", "root shop.example.org"),
        ];
        all.map(|(name, more)| Choice { name: name.to_owned(), more: more.to_owned() }).into()
    }

    fn typed(state: &mut Picker<'_>, text: &str) {
        for letter in text.chars() {
            state.press(Key::Letter(letter));
        }
    }

    fn names(state: &Picker<'_>) -> Vec<String> {
        state.found.iter().map(|place| state.choices[*place].name.clone()).collect()
    }

    #[test]
    fn typing_narrows_and_deleting_widens() {
        let choices = choices();
        let mut state = Picker::new("credential: ", &choices);
        assert_eq!(names(&state), ["Bank", "Shop", "Shop admin"]);
        typed(&mut state, "shop");
        assert_eq!(names(&state), ["Shop", "Shop admin"]);
        typed(&mut state, " root");
        assert_eq!(names(&state), ["Shop admin"]);
        state.press(Key::DeleteWord);
        assert_eq!(state.typed, "shop ");
        state.press(Key::DeleteWord);
        assert_eq!(names(&state).len(), 3);
        typed(&mut state, "xyz");
        assert!(matches!(state.press(Key::Enter), Pressed::Goes), "there is nothing to choose");
        state.press(Key::DeleteLine);
        state.press(Key::Down);
        assert!(matches!(state.press(Key::Enter), Pressed::Picked(1)));
        assert!(matches!(state.press(Key::Cancel), Pressed::Cancelled));
    }

    #[test]
    fn a_small_terminal_shows_what_is_chosen() {
        let choices: Vec<Choice> =
            (0..40).map(|n| Choice { name: format!("東京 {n}"), more: "\x1b[2J".to_owned() }).collect();
        let mut state = Picker::new("credential: ", &choices);
        for _ in 0..3 {
            state.press(Key::PageDown);
        }
        let lines = state.lines((16, 8));
        assert_eq!(lines.len(), 7, "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("> 東京 36")), "{lines:?}");
        assert!(lines.iter().all(|line| !line.contains("\x1b[2J")), "{lines:?}");
    }
}
