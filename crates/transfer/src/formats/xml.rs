//! What the formats in XML have in common.

use std::borrow::Cow;

use quick_xml::{
    events::{BytesRef, BytesStart, Event},
    reader::Reader,
};
use zeroize::{Zeroize as _, Zeroizing};

use crate::formats::{FileProblem, Stop};

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
fn damaged(format: &'static str, text: &str, at: u64) -> FileProblem {
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

/// What is made of a document's elements, as they come.
pub(crate) trait Elements {
    /// One begins, the outermost being 1 deep. `damaged` says that it must not be there.
    ///
    /// # Errors
    /// Stops the reading.
    fn open(&mut self, start: &BytesStart<'_>, depth: u32, damaged: &dyn Fn() -> FileProblem) -> Result<(), Stop>;

    /// One ends, with the text since the last element began or ended.
    ///
    /// # Errors
    /// Stops the reading.
    fn close(&mut self, name: &[u8], text: &mut Zeroizing<String>) -> Result<(), Stop>;
}

/// Reads a document to its end, without recursion.
///
/// # Errors
/// What stops the reading, and [`FileProblem::Damaged`] with the line.
pub(crate) fn read(format: &'static str, bytes: &[u8], elements: &mut impl Elements) -> Result<(), Stop> {
    let text = text(format, bytes)?;
    let mut reader = Reader::from_str(text);
    let mut depth = 0u32;
    let mut content = Zeroizing::new(String::new());
    loop {
        let at = reader.buffer_position();
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                depth += 1;
                elements.open(&start, depth, &|| damaged(format, text, at))?;
                content.zeroize();
            }
            Ok(Event::Text(part)) => push_text(&mut content, part.as_ref()),
            Ok(Event::CData(part)) => push_text(&mut content, part.as_ref()),
            Ok(Event::GeneralRef(reference)) => push_reference(format, &mut content, &reference, text, at)?,
            Ok(Event::End(end)) => {
                depth = depth.saturating_sub(1);
                elements.close(end.name().as_ref(), &mut content)?;
                content.zeroize();
            }
            Ok(Event::Eof) if depth == 0 => return Ok(()),
            Ok(Event::Eof) | Err(_) => return Err(damaged(format, text, reader.buffer_position()).into()),
            Ok(_) => {}
        }
    }
}

/// Adds a piece of text as it stands.
fn push_text(to: &mut String, part: &[u8]) {
    grow(to, part.len());
    to.push_str(std::str::from_utf8(part).unwrap_or_default());
}

/// Adds what `&quot;`, `&#10;` and their like stand for.
///
/// # Errors
/// [`FileProblem::Damaged`] for any other: a document of these formats declares none.
fn push_reference(
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
