//! What the formats in XML have in common.

use std::borrow::Cow;

use quick_xml::{
    events::{BytesRef, BytesStart, Event},
    reader::Reader,
};

use crate::formats::FileProblem;

/// The name of the outermost element, as far as the file goes; `None` when it is no XML.
pub(crate) fn root(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes).trim_ascii_start();
    if text.first() != Some(&b'<') {
        return None;
    }
    let mut reader = Reader::from_reader(text);
    for _ in 0..MOST_BEFORE_ROOT {
        match reader.read_event() {
            Ok(Event::Start(start) | Event::Empty(start)) => {
                return Some(Cow::Owned(String::from_utf8_lossy(start.name().as_ref()).into_owned()));
            }
            Ok(Event::Eof | Event::End(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
    None
}

/// The file as text, which is UTF-8 in all of these formats.
///
/// # Errors
/// [`FileProblem::Damaged`] with the line.
pub(crate) fn text<'b>(format: &'static str, bytes: &'b [u8]) -> Result<&'b str, FileProblem> {
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        FileProblem::Damaged { format, place: format!("line {line}, which is not in UTF-8") }
    })
}

/// That the document is broken at a place, as a line.
pub(crate) fn damaged(format: &'static str, text: &str, at: u64) -> FileProblem {
    let before = usize::try_from(at).ok().and_then(|at| text.as_bytes().get(..at)).unwrap_or(text.as_bytes());
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    FileProblem::Damaged { format, place: format!("line {line}") }
}

/// An attribute's text; `None` when it is not there or cannot be read. Names that come twice are not looked for, which would
/// take a time that grows with the square of their number.
pub(crate) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found =
        start.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name.as_bytes())?;
    let text = std::str::from_utf8(&found.value).ok()?;
    quick_xml::escape::unescape(text).ok().map(Cow::into_owned)
}

/// Adds a piece of text as it stands.
pub(crate) fn push_text(to: &mut String, part: &[u8]) {
    grow(to, part.len());
    to.push_str(std::str::from_utf8(part).unwrap_or_default());
}

/// Adds what `&quot;`, `&#10;` and their like stand for.
///
/// # Errors
/// [`FileProblem::Damaged`] for any other: a document of these formats declares none.
pub(crate) fn push_reference(
    format: &'static str,
    to: &mut String,
    reference: &BytesRef<'_>,
    text: &str,
    at: u64,
) -> Result<(), FileProblem> {
    let name: &[u8] = reference;
    let named = match name {
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        _ => reference.resolve_char_ref().ok().flatten(),
    };
    grow(to, 4);
    to.push(named.ok_or_else(|| damaged(format, text, at))?);
    Ok(())
}

/// Makes room as a vector does, but wipes the buffer that is left behind.
fn grow(text: &mut String, more: usize) {
    if text.capacity() - text.len() >= more {
        return;
    }
    let mut larger = String::with_capacity((text.len() + more).max(2 * text.capacity()).max(256));
    larger.push_str(text);
    zeroize::Zeroize::zeroize(text);
    *text = larger;
}

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Declarations and comments before the outermost element.
const MOST_BEFORE_ROOT: usize = 20;
