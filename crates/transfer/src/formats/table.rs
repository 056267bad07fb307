//! Tables as text (RFC 4180), as careful as seeds need: by comma, semicolon or tab, with or without a byte order mark, with line
//! breaks in quotation marks. What does not fit is told by its line and never moved into another column.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use zeroize::Zeroizing;

use super::FileProblem;

/// Columns of one table that are read: more have no table of accounts.
const MOST_COLUMNS: usize = 1000;

/// Put behind the text: where it arrives in a row of its own, no quotation mark was left open.
const SENTINEL: &[u8] = b"\n\x1a";

/// A table's rows, one after another, the head being the first of them.
pub(crate) struct Table<'b> {
    format: &'static str,
    text: &'b [u8],
    /// How much of the text is read.
    at: usize,
    /// How much of the sentinel is read.
    behind: usize,
    /// The line that is read next, from 1.
    line: usize,
    reader: Reader,
    mark: u8,
    /// The fields of one row, one behind another: as long as the text, so that it never grows and leaves no copy behind.
    fields: Zeroizing<Vec<u8>>,
    ends: Vec<usize>,
}

/// One row, with the line on which it begins.
#[derive(Clone, Copy)]
pub(crate) struct Row<'t> {
    /// The line, from 1.
    pub(crate) line: usize,
    /// Whether the file ends without ending this line.
    pub(crate) is_open: bool,
    fields: &'t str,
    ends: &'t [usize],
}

impl<'b> Table<'b> {
    /// A table in UTF-8.
    ///
    /// # Errors
    /// Another encoding, with the line from which on it is one.
    pub(crate) fn of(format: &'static str, bytes: &'b [u8]) -> Result<Self, FileProblem> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if let Err(error) = std::str::from_utf8(text) {
            let line = 1 + line_ends(text.get(..error.valid_up_to()).unwrap_or_default(), None);
            let reason = format!("from line {line} on it is not text in UTF-8: export it again in UTF-8");
            return Err(FileProblem::NotReadable { format, reason });
        }
        let Beginning { mark, text, line } = Beginning::of(text);
        Ok(Self {
            format,
            text,
            at: 0,
            behind: 0,
            line,
            reader: ReaderBuilder::new().delimiter(mark).build(),
            mark,
            fields: Zeroizing::new(vec![0; text.len() + SENTINEL.len() + 1]),
            ends: vec![0; MOST_COLUMNS + 1],
        })
    }

    /// The same where this byte, in quotation marks, stands before a quotation mark or itself.
    pub(crate) fn escaped_by(self, escape: Option<u8>) -> Self {
        Self { reader: ReaderBuilder::new().delimiter(self.mark).escape(escape).build(), ..self }
    }

    /// The next row that is not blank.
    ///
    /// # Errors
    /// A quotation mark that is never closed: everything behind it would be one field.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'_>>, FileProblem> {
        self.pass_blank_lines();
        let line = self.line;
        let Some((filled, count)) = self.read() else { return Ok(None) };
        let is_last = self.at >= self.text.len() && self.behind >= SENTINEL.len();
        let fields = self.fields.get(..filled).unwrap_or_default();
        let fields = std::str::from_utf8(fields).unwrap_or_default();
        if is_last {
            if fields == "\u{1a}" {
                return Ok(None);
            }
            let place = format!("line {line}: a quotation mark is opened there and never closed");
            return Err(FileProblem::Damaged { format: self.format, place });
        }
        let ends = self.ends.get(..count).unwrap_or(&self.ends);
        Ok(Some(Row { line, is_open: self.behind > 0, fields, ends }))
    }

    /// What the table is, with its article.
    pub(crate) const fn format(&self) -> &'static str {
        self.format
    }

    fn pass_blank_lines(&mut self) {
        while let Some(byte @ (b'\n' | b'\r')) = self.text.get(self.at).copied() {
            self.at += 1;
            if byte == b'\n' || self.text.get(self.at) != Some(&b'\n') {
                self.line += 1;
            }
        }
    }

    /// One row: the bytes of its fields, and how many there are. `None` at the end.
    fn read(&mut self) -> Option<(usize, usize)> {
        let (mut filled, mut count) = (0, 0);
        loop {
            let from_text = self.at < self.text.len();
            let input =
                if from_text { self.text.get(self.at..) } else { SENTINEL.get(self.behind..) }.unwrap_or_default();
            let room = self.fields.get_mut(filled..).unwrap_or_default();
            // The ends of columns past the most are written over each other: the row is refused by their number.
            let held = count.min(MOST_COLUMNS);
            let ends = self.ends.get_mut(held..).unwrap_or_default();
            let (result, read, written, ended) = self.reader.read_record(input, room, ends);
            if from_text {
                let consumed = input.get(..read).unwrap_or_default();
                self.line += line_ends(consumed, input.get(read).copied());
                self.at += read;
            } else {
                self.behind += read;
            }
            filled += written;
            count += ended;
            match result {
                ReadRecordResult::Record => return Some((filled, count)),
                ReadRecordResult::End | ReadRecordResult::OutputFull => return None,
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputEndsFull => {}
            }
        }
    }
}

/// How many rows a table has below its head.
///
/// # Errors
/// It is no table in UTF-8, or it ends in the middle.
pub(crate) fn rows_below_head(format: &'static str, bytes: &[u8]) -> Result<usize, FileProblem> {
    let mut table = Table::of(format, bytes)?;
    let mut rows = 0usize;
    while table.next_row()?.is_some() {
        rows += 1;
    }
    Ok(rows.saturating_sub(1))
}

impl<'t> Row<'t> {
    /// How many fields it has.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The field in this place, from 0; empty where there is none.
    pub(crate) fn field(&self, place: usize) -> &'t str {
        let from = place.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        from.zip(self.ends.get(place)).and_then(|(from, to)| self.fields.get(from..*to)).unwrap_or_default()
    }

    /// That the file ends in the middle of this row, if it does: the last one, shorter than the others and without a line's end.
    ///
    /// # Errors
    /// [`FileProblem::Damaged`] with the line: of a file that was cut nothing is taken.
    pub(crate) fn is_whole(&self, format: &'static str, least: usize) -> Result<(), FileProblem> {
        if !self.is_open || self.len() >= least {
            return Ok(());
        }
        let place = format!("line {}, in the middle of which it ends ({} fields of {least})", self.line, self.len());
        Err(FileProblem::Damaged { format, place })
    }

    /// Whether it has fields and nothing in them, as spreadsheets leave such rows at the end.
    pub(crate) fn is_blank(&self) -> bool {
        self.fields.trim().is_empty()
    }

    /// All fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'t str> {
        (0..self.len()).map(|place| self.field(place))
    }
}

/// Where the head of a table stands, and how it is written.
pub(crate) struct Beginning<'b> {
    /// What stands between its fields.
    pub(crate) mark: u8,
    /// The text from the head on.
    pub(crate) text: &'b [u8],
    /// The head's line, from 1.
    pub(crate) line: usize,
}

impl<'b> Beginning<'b> {
    /// Passes over blank lines, and over the line in which a spreadsheet names the mark (`sep=;`).
    pub(crate) fn of(text: &'b [u8]) -> Self {
        let (text, line) = without_blank_lines(text, 1);
        let first = first_line(text);
        match named_mark(first) {
            Some(mark) => {
                let (text, line) = without_blank_lines(text.get(first.len()..).unwrap_or_default(), line);
                Self { mark, text, line }
            }
            None => Self { mark: mark_of(first), text, line },
        }
    }

    /// The titles in the head, between their marks and as they are written; marks in quotation marks are none.
    pub(crate) fn titles(self) -> impl Iterator<Item = &'b [u8]> {
        let (mark, mut quoted) = (self.mark, false);
        first_line(self.text).split(move |byte| {
            quoted ^= *byte == b'"';
            !quoted && *byte == mark
        })
    }
}

fn without_blank_lines(text: &[u8], line: usize) -> (&[u8], usize) {
    let blank = text.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    let (before, rest) = text.split_at_checked(blank).unwrap_or((text, b""));
    (rest, line + line_ends(before, None))
}

/// The mark that a first line names, also between quotation marks.
fn named_mark(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', mark @ (b',' | b';' | b'\t')] => Some(*mark),
        // A tab at the end was taken for a blank.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => Some(b'\t'),
        _ => None,
    }
}

/// The first line without its end.
fn first_line(text: &[u8]) -> &[u8] {
    text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default()
}

/// The mark between fields: comma, semicolon or tab, whichever the head has most of outside quotation marks.
fn mark_of(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in head {
        if *byte == b'"' {
            quoted = !quoted;
        } else if !quoted && let Some((_, count)) = counts.iter_mut().find(|(mark, _)| mark == byte) {
            *count += 1;
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
    counts.iter().find(|(_, count)| *count == most).map_or(b',', |(mark, _)| *mark)
}

/// How many lines end within these bytes; `next` is the byte behind them.
fn line_ends(bytes: &[u8], next: Option<u8>) -> usize {
    let following = bytes.iter().skip(1).copied().map(Some).chain([next]);
    bytes
        .iter()
        .zip(following)
        .filter(|(byte, next)| **byte == b'\n' || (**byte == b'\r' && *next != Some(b'\n')))
        .count()
}

#[cfg(test)]
mod tests {
    use super::Table;

    /// Rows as `line: field|field`.
    fn rows(text: &str) -> Result<Vec<String>, String> {
        let mut table = Table::of("a table", text.as_bytes()).map_err(|problem| problem.to_string())?;
        let mut rows = Vec::new();
        while let Some(row) = table.next_row().map_err(|problem| problem.to_string())? {
            rows.push(format!("{}: {}", row.line, row.fields().collect::<Vec<_>>().join("|")));
        }
        Ok(rows)
    }

    #[test]
    fn every_mark_and_line_end() {
        for (text, expected) in [
            ("a,b\n1,2\n", &["1: a|b", "2: 1|2"][..]),
            ("\u{feff}a;b\r\n1,0;2\r\n", &["1: a|b", "2: 1,0|2"]),
            ("a\tb\r1\t2", &["1: a|b", "2: 1|2"]),
            ("a,b\n\n\r\n1,\"2\n\"\"3\"\"\"\r\n\r\n4,5", &["1: a|b", "4: 1|2\n\"3\"", "7: 4|5"]),
            ("\"a;b\",\"c;d;e\"\n1,2", &["1: a;b|c;d;e", "2: 1|2"]),
            ("sep=;\r\na;b,c,d\r\n1;2\r\n", &["2: a|b,c,d", "3: 1|2"]),
            ("\u{feff}\"sep=;\"\n\na;b,c,d\n1;2\n", &["3: a|b,c,d", "4: 1|2"]),
            ("sep=\t\na\tb,c,d\n1\t2\n", &["2: a|b,c,d", "3: 1|2"]),
            ("\r\n\na;b\n1,0;2", &["3: a|b", "4: 1,0|2"]),
            ("a,b\n1,\n,\n,,\n", &["1: a|b", "2: 1|", "3: |", "4: ||"]),
            ("a,b\n1,2\u{1a}\n\u{1a}\n3,4", &["1: a|b", "2: 1|2\u{1a}", "3: \u{1a}", "4: 3|4"]),
            ("a", &["1: a"]),
            ("", &[]),
            ("\n\r\n", &[]),
        ] {
            assert_eq!(rows(text).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn an_open_quotation_mark_is_told_with_its_line() {
        for text in ["a,b\n1,2\n3,\"4\n5,6\n", "a,b\n1,2\n\"3", "a,b\n1,2\n\"\"\"", "a,b\n1,2\n3,\"\n"] {
            let problem = rows(text).unwrap_err();
            assert!(problem.contains("line 3: a quotation mark"), "{text:?}: {problem}");
        }
        assert!(Table::of("a table", b"a,b\r\n1,2\r\n3,\xfc").err().is_some_and(|e| e.to_string().contains("line 3")));
    }

    #[test]
    fn a_row_of_very_many_fields_is_one_row() {
        let text = format!("a,b\n{}\n1,2\n", ",".repeat(5000));
        let mut table = Table::of("a table", text.as_bytes()).unwrap();
        let lengths: Vec<usize> = std::iter::from_fn(|| table.next_row().unwrap().map(|row| row.len())).collect();
        assert_eq!((lengths[0], lengths[1] > 1000, lengths[2]), (2, true, 2));
    }
}
