//! Documents of a kind that is known and of a program that is not: told in one sentence, and not line by line.

use super::other_tables::has_address;
use super::{FileProblem, Known, Sight};

/// In JSON, without any address of a one-time password.
pub(crate) const JSON: Known = Known {
    name: JSON_FORMAT,
    is: |sight| sight.is_json() && !has_address(sight.bytes()),
    read: |_, _, _| Err(FileProblem::NotReadable { format: JSON_FORMAT, reason: REASON.to_owned() }.into()),
};

/// A page.
pub(crate) const PAGE: Known = Known {
    name: PAGE_FORMAT,
    is: is_page,
    read: |_, _, _| Err(FileProblem::NotReadable { format: PAGE_FORMAT, reason: REASON.to_owned() }.into()),
};

const JSON_FORMAT: &str = "a document (JSON)";
const PAGE_FORMAT: &str = "a page (HTML)";
const REASON: &str = "it is of no program that is known here: choose another of its exports, such as CSV, or a text with one \
                      otpauth:// URL per line";

fn is_page(sight: &Sight<'_>) -> bool {
    let text = sight.bytes().strip_prefix(b"\xef\xbb\xbf").unwrap_or(sight.bytes()).trim_ascii_start();
    let begins = |start: &[u8]| text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start));
    (begins(b"<!doctype html") || begins(b"<html")) && !has_address(text)
}
