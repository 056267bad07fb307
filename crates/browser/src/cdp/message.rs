//! A call as it goes through the pipe.

use std::io;

use serde::Serialize;
use zeroize::Zeroizing;

use super::Command;

#[derive(Serialize)]
struct Message<'a, C> {
    id: u64,
    #[serde(rename = "sessionId", skip_serializing_if = "str::is_empty")]
    session: &'a str,
    method: &'static str,
    params: &'a C,
}

/// The call with the NUL that ends it, in memory that is wiped.
///
/// A buffer that grows would leave copies of what it held, and that may be a secret; this one is measured first.
///
/// # Errors
/// For what has no form in JSON, such as a path that is no UTF-8.
pub(super) fn write<C: Command>(id: u64, session: &str, command: &C) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let message = Message { id, session, method: C::METHOD, params: command };
    let mut length = Length(0);
    serde_json::to_writer(&mut length, &message)?;
    let mut out = Zeroizing::new(Vec::with_capacity(length.0 + 1));
    serde_json::to_writer(&mut *out, &message)?;
    out.push(0);
    Ok(out)
}

/// Counts what is written to it.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cdp::{input::InsertText, page::Reload};

    #[test]
    fn a_call_names_its_session_unless_it_is_the_browsers_own() {
        for (session, expected) in [
            ("", json!({"id": 7, "method": "Page.reload", "params": {}})),
            ("a1", json!({"id": 7, "sessionId": "a1", "method": "Page.reload", "params": {}})),
        ] {
            let message = write(7, session, &Reload {}).unwrap();
            let (end, text) = message.split_last().unwrap();
            assert_eq!(*end, 0);
            assert_eq!(serde_json::from_slice::<Value>(text).unwrap(), expected);
        }
    }

    #[test]
    fn a_secret_is_written_as_it_is_into_a_buffer_that_never_grew() {
        for text in ["", "plain", "quote\" back\\slash", "line\nfeed\u{1}", "pässword 🔑", "\u{7f}</script>\u{2028}"]
        {
            let message = write(u64::MAX, "session", &InsertText { text }).unwrap();
            let json: Value = serde_json::from_slice(&message[..message.len() - 1]).unwrap();
            assert_eq!(json["params"]["text"], text);
            assert_eq!(message.len(), message.capacity(), "{text:?}");
        }
    }
}
