//! Lists as tables for people and as CSV for spreadsheets.

use std::{
    fmt,
    io::{self, IsTerminal as _},
    sync::OnceLock,
};

use countersign_audit::csv;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How tables of this process look. It is said once, before the first of them.
static LOOK: OnceLock<Look> = OnceLock::new();

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Plain,
    Colored,
    Csv,
}

/// Says how tables look: as CSV, or for people; then in colour where the terminal and its owner have it.
pub(crate) fn choose(as_csv: bool) {
    let look = match as_csv {
        true => Look::Csv,
        false if wants_color(|name| std::env::var(name).ok(), io::stdout().is_terminal()) => Look::Colored,
        false => Look::Plain,
    };
    // Said twice, the first holds.
    let _ = LOOK.set(look);
}

/// NO_COLOR switches colours off, CLICOLOR_FORCE switches them on where there is no terminal (no-color.org,
/// bixense.com/clicolors).
pub(super) fn wants_color(variable: impl Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    match (set("NO_COLOR"), set("CLICOLOR_FORCE").is_some_and(|value| value != "0")) {
        (Some(_), _) => false,
        (None, true) => true,
        (None, false) => {
            is_terminal && set("TERM").as_deref() != Some("dumb") && set("CLICOLOR").as_deref() != Some("0")
        }
    }
}

/// A table without lines, as narrow as its content.
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    pub(crate) fn add_row(&mut self, row: impl IntoIterator<Item: Into<String>>) {
        self.rows.push(row.into_iter().map(Into::into).collect());
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, look: Look) -> fmt::Result {
        match look {
            Look::Csv => self.write_csv(f),
            Look::Plain | Look::Colored => self.write_columns(f, look == Look::Colored),
        }
    }

    /// RFC 4180, with the names of the columns as the API writes fields. The last end of line is left to who prints it.
    fn write_csv(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head: Vec<String> = self.head.iter().map(|name| name.to_lowercase().replace([' ', '-'], "_")).collect();
        for (index, row) in std::iter::once(&head).chain(&self.rows).enumerate() {
            let fields: Vec<String> = row.iter().map(|text| csv::field(text)).collect();
            write!(f, "{}{}", if index == 0 { "" } else { "\r\n" }, fields.join(","))?;
        }
        f.write_str("\r")
    }

    fn write_columns(&self, f: &mut fmt::Formatter<'_>, colored: bool) -> fmt::Result {
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|text| printable(text)).collect()).collect();
        let width = |column: usize| {
            let cells = rows.iter().chain([&self.head]).filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        write_row(f, &self.head, &widths, |_, _| if colored { "\x1b[2m" } else { "" })?;
        for row in &rows {
            f.write_str("\n")?;
            write_row(f, row, &widths, |column, text| if colored { self.color(column, text) } else { "" })?;
        }
        Ok(())
    }

    /// What begins the colour of a cell; empty where it has none.
    fn color(&self, column: usize, text: &str) -> &'static str {
        match self.head.get(column).map(String::as_str) {
            Some("STATE" | "STATUS") => color_of(text),
            Some("ATTENTION" | "LAST ERROR") if !text.is_empty() => YELLOW,
            _ => "",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, LOOK.get().copied().unwrap_or(Look::Plain))
    }
}

const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// Green is as it should be, yellow waits for something, red went wrong, dim is over.
fn color_of(state: &str) -> &'static str {
    match state.split_whitespace().next().unwrap_or_default().trim_end_matches([',', ':']) {
        "active" | "live" | "approved" | "current" | "sending" | "running" => GREEN,
        "pending" | "starting" | "waiting" | "behind" | "paused" | "ending" | "password" => YELLOW,
        "failing" | "failed" | "rejected" | "revoked" => RED,
        "ended" | "cancelled" | "expired" | "disabled" | "inactive" => DIM,
        _ => "",
    }
}

fn write_row(
    f: &mut fmt::Formatter<'_>,
    row: &[String],
    widths: &[usize],
    color: impl Fn(usize, &str) -> &'static str,
) -> fmt::Result {
    // A line ends with its last word, so that what is copied from a terminal has no blanks behind it.
    let last = row.iter().rposition(|text| !text.is_empty()).unwrap_or_default();
    for (column, text) in row.iter().enumerate().take(last + 1) {
        let begin = if text.is_empty() { "" } else { color(column, text) };
        let end = if begin.is_empty() { "" } else { RESET };
        write!(f, " {begin}{text}{end}")?;
        if column < last {
            let room = widths.get(column).copied().unwrap_or_default().saturating_sub(text.width());
            write!(f, "{:room$} ", "")?;
        }
    }
    Ok(())
}

/// The text in one line, and without what a terminal would take for a command: names come from other people.
pub(crate) fn printable(text: &str) -> String {
    let plain = |c: char| match c {
        '\n' | '\t' => ' ',
        c if c.is_control() || is_of_direction(c) => '\u{fffd}',
        c => c,
    };
    text.trim_end_matches('\n').chars().filter(|c| *c != '\r').map(plain).collect()
}

/// Unicode's marks that turn the direction of what follows, also past the end of a cell.
const fn is_of_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The beginning of a text that fits into so many columns.
pub(crate) fn fitting(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += c.width().unwrap_or_default();
        used <= columns
    };
    let begin: String = text.chars().take_while(fits).collect();
    begin + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(table: &Table, look: Look) -> String {
        struct As<'a>(&'a Table, Look);
        impl fmt::Display for As<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write(f, self.1)
            }
        }
        As(table, look).to_string()
    }

    fn example() -> Table {
        let mut table = Table::new(&["NAME", "LAST USED", "STATE"]);
        table.add_row(["東京", "", "live"]);
        table.add_row(["=HYPERLINK(\"x\")", "today, at 8", "failed: \x1b[8m\nno"]);
        table.add_row(["odd\u{202e}", "", ""]);
        table
    }

    #[test]
    fn columns_stand_below_each_other() {
        let expected = " NAME             LAST USED    STATE\n \
                        東京                          live\n \
                        =HYPERLINK(\"x\")  today, at 8  failed: \u{fffd}[8m no\n \
                        odd\u{fffd}";
        assert_eq!(written(&example(), Look::Plain), expected);
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let colored = written(&example(), Look::Colored);
        assert!(colored.starts_with(" \x1b[2mNAME\x1b[0m "), "{colored:?}");
        assert!(colored.contains("\x1b[32mlive\x1b[0m") && colored.contains("\x1b[31mfailed: "), "{colored:?}");
        let plain = [GREEN, YELLOW, RED, DIM, RESET].iter().fold(colored, |text, code| text.replace(code, ""));
        assert_eq!(plain, written(&example(), Look::Plain));
    }

    #[test]
    fn csv_has_fields_that_no_spreadsheet_computes() {
        let expected = "name,last_used,state\r\n東京,,live\r\n\"'=HYPERLINK(\"\"x\"\")\",\"today, at 8\",\"failed: \x1b[8m\nno\"\r\n\
                        odd\u{202e},,\r";
        assert_eq!(written(&example(), Look::Csv), expected);
    }

    #[test]
    fn colours_are_for_who_wants_them() {
        for (variables, on_terminal, elsewhere) in [
            (&[][..], true, false),
            (&[("NO_COLOR", "1")], false, false),
            (&[("NO_COLOR", "")], true, false),
            (&[("CLICOLOR_FORCE", "1")], true, true),
            (&[("CLICOLOR_FORCE", "0")], true, false),
            (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false, false),
            (&[("CLICOLOR", "0")], false, false),
            (&[("TERM", "dumb")], false, false),
        ] {
            let variable =
                |name: &str| variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(wants_color(variable, true), on_terminal, "{variables:?} on a terminal");
            assert_eq!(wants_color(variable, false), elsewhere, "{variables:?} elsewhere");
        }
    }

    #[test]
    fn long_texts_are_cut_by_columns() {
        assert_eq!(fitting("東京都庁", 8), "東京都庁");
        assert_eq!(fitting("東京都庁", 7), "東京都…");
        assert_eq!(fitting("abc", 2), "a…");
    }
}
