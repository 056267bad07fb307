//! Parts what comes out of the pipe into messages. A page decides how long some of them are, so what nobody listens to, and
//! what is too long, is thrown away while it is being read.

use std::ffi::CStr;

use zeroize::Zeroize as _;

/// A page's screenshot is the biggest answer that is expected.
const LONGEST: usize = 64 << 20;
/// From here on it is looked whether anybody wants a message.
const LONG: usize = 64 << 10;

/// Events that come with what is needed, are listened to by nobody, and are as long as a page wants.
const UNWANTED: [&[u8]; 3] = [
    br#"{"method":"Runtime.consoleAPICalled""#,
    br#"{"method":"Runtime.exceptionThrown""#,
    br#"{"method":"Runtime.inspectRequested""#,
];

/// A piece of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum MessagePart<'a> {
    /// A whole message, without the NUL that ends it.
    Whole(&'a [u8]),
    /// The beginning of one that is thrown away.
    Dropped(&'a [u8]),
}

/// Holds what was read and is no whole message yet.
#[derive(Default)]
pub(super) struct MessageSplitter {
    buffer: Vec<u8>,
    /// What was searched for an end already.
    searched: usize,
    /// The rest of a message that is thrown away has not come to its end.
    dropping: bool,
}

impl MessageSplitter {
    /// Where the next bytes are to be added.
    pub(super) const fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Gives the messages that have become whole to `each`, and the beginnings of those that nobody will get.
    pub(super) fn part(&mut self, mut each: impl FnMut(MessagePart<'_>)) {
        const HEAD: usize = 200;
        let mut begin = 0;
        // Messages end as strings of C do; the search for that takes many bytes at once, and pictures are long.
        while let Ok(message) = CStr::from_bytes_until_nul(&self.buffer[self.searched..]) {
            let end = self.searched + message.count_bytes();
            if !std::mem::take(&mut self.dropping) {
                each(MessagePart::Whole(&self.buffer[begin..end]));
            }
            // Events tell of what a page sends, passwords among it.
            self.buffer[begin..end].zeroize();
            begin = end + 1;
            self.searched = begin;
        }
        self.buffer.drain(..begin);
        if !self.dropping && is_dropped(&self.buffer) {
            each(MessagePart::Dropped(&self.buffer[..HEAD.min(self.buffer.len())]));
            self.dropping = true;
        }
        if self.dropping {
            self.buffer.as_mut_slice().zeroize();
            self.buffer.clear();
        }
        self.searched = self.buffer.len();
    }
}

fn is_dropped(begun: &[u8]) -> bool {
    begun.len() > LONGEST || (begun.len() > LONG && UNWANTED.iter().any(|head| begun.starts_with(head)))
}

/// The number of the call that a reply answers, from the beginning of it: `{"id":17,…`.
pub(super) fn number_of_reply(begun: &[u8]) -> Option<u64> {
    let digits = begun.strip_prefix(br#"{"id":"#)?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of bytes that arrive in pieces of `size`: whole messages, and `!` with the beginning of dropped ones.
    fn parted(bytes: &[u8], size: usize) -> Vec<String> {
        let mut splitter = MessageSplitter::default();
        let mut found = Vec::new();
        for piece in bytes.chunks(size) {
            splitter.buffer().extend_from_slice(piece);
            splitter.part(|part| {
                found.push(match part {
                    MessagePart::Whole(text) => String::from_utf8(text[..text.len().min(40)].to_vec()).unwrap(),
                    MessagePart::Dropped(begun) => format!("!{}", String::from_utf8_lossy(&begun[..20])),
                });
            });
            assert!(splitter.buffer.len() <= LONGEST + size);
        }
        found
    }

    #[test]
    fn messages_are_whole_however_they_arrive() {
        for size in [1, 2, 3, 7, 100] {
            assert_eq!(parted(b"{\"a\":1}\0{}\0\0{\"b\"", size), ["{\"a\":1}", "{}", ""]);
        }
    }

    #[test]
    fn what_nobody_wants_is_dropped_while_it_is_read_and_the_next_is_whole() {
        let long = "x".repeat(3 << 20);
        let stream =
            format!("{{\"id\":1}}\0{{\"method\":\"Runtime.consoleAPICalled\",\"x\":\"{long}\"}}\0{{\"id\":2}}\0");
        let found = parted(stream.as_bytes(), 60_000);
        assert_eq!(found, ["{\"id\":1}", "!{\"method\":\"Runtime.c", "{\"id\":2}"]);
        // A long answer to a call is wanted.
        let stream = format!("{{\"id\":3,\"x\":\"{long}\"}}\0");
        assert_eq!(parted(stream.as_bytes(), 60_000).len(), 1);
        assert!(parted(stream.as_bytes(), 60_000)[0].starts_with("{\"id\":3"));
    }

    #[test]
    fn a_reply_is_known_by_its_beginning() {
        assert_eq!(number_of_reply(b"{\"id\":170,\"result\""), Some(170));
        for other in [&b"{\"method\":\"x\""[..], b"{\"id\":", b"{\"id\":1", b""] {
            assert_eq!(number_of_reply(other), None);
        }
    }
}
