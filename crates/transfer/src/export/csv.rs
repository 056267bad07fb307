//! A table (RFC 4180) with a column for each field, which this crate's own reader knows ([`crate::formats::own_table`]).
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break for a formula, and one that a colleague wrote
//! could send away what stands in the other cells. Such a cell gets a `'` in front, and so does one that begins with `'`, so that
//! the reader takes off exactly what was put on. The same goes for what stands behind a semicolon, a tab or a line break within a cell:
//! where a country writes its decimals with a comma, spreadsheets split a table there. A password gets none: other programs would take
//! the `'` for a part of it, and nobody could sign in. Written bare, it would be that formula. So an account with such a password is
//! left out, and named with the formats that hold it.

use super::fit::Fit;
use super::page::Page;
use super::{ExportFormat, Exported};
use crate::formats::own_table::{COLUMNS, MARK, TAG_ESCAPE, TAG_MARK, guarded};

pub(super) fn write(accounts: &[Fit<'_>], exported: &mut Exported) {
    let mut page = Page::default();
    page.push(COLUMNS.join(",").as_bytes());
    page.push(b"\r\n");
    for account in accounts {
        let factor = account.secret.map(|secret| secret.to_uri(&account.label));
        let factor = factor.as_ref().and_then(|uri| uri.expose_text()).unwrap_or_default();
        let tags = joined(account.tags);
        let cells = [
            (account.name, true),
            (account.username, true),
            (account.password.unwrap_or_default(), false),
            (account.site.unwrap_or_default(), true),
            (factor, false),
            (account.notes, true),
            (&tags, true),
            (MARK, false),
        ];
        for (place, (text, is_guarded)) in cells.into_iter().enumerate() {
            page.push(if place == 0 { b"\"" } else { b",\"" });
            if is_guarded {
                guarded(text).for_each(|piece| push_quoted(&mut page, piece));
            } else {
                push_quoted(&mut page, text);
            }
            page.push(b"\"");
        }
        page.push(b"\r\n");
    }
    exported.add_file(ExportFormat::Csv, page.into_bytes());
}

/// What stands between quotation marks, each of its own written twice.
fn push_quoted(page: &mut Page, text: &str) {
    for (place, piece) in text.split('"').enumerate() {
        page.push(if place == 0 { b"" } else { b"\"\"" });
        page.push(piece.as_bytes());
    }
}

/// Tags in one cell.
fn joined(tags: &[String]) -> String {
    let mut text = String::new();
    for (place, tag) in tags.iter().enumerate() {
        if place > 0 {
            text.push(TAG_MARK);
        }
        for character in tag.chars() {
            if matches!(character, TAG_MARK | TAG_ESCAPE) {
                text.push(TAG_ESCAPE);
            }
            text.push(character);
        }
    }
    text
}
