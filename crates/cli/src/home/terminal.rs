//! The terminal: its size, one line that is written again and again, and keys as they are pressed.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr},
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Columns and rows of the terminal that standard error is; as of old where it does not say.
pub(crate) fn size() -> (usize, usize) {
    let size = tcgetwinsize(io::stderr()).ok();
    let (columns, rows) = size.map_or((0, 0), |size| (size.ws_col, size.ws_row));
    (if columns == 0 { 80 } else { columns.into() }, if rows == 0 { 24 } else { rows.into() })
}

/// Writes the line again in place of what it was.
pub(crate) fn redraw(text: &str) {
    let mut out = io::stdout().lock();
    let _ = write!(out, "\r\x1b[2K{text}");
    let _ = out.flush();
}

/// Splits a token into two groups to read by: 6 → 3 3, 7 → 3 4, 8 → 4 4, 10 → 5 5; five characters stay one.
pub(crate) fn grouped(token: &str) -> String {
    let length = token.chars().count();
    if length < 6 {
        return token.to_owned();
    }
    let begin: String = token.chars().take(length / 2).collect();
    let rest: String = token.chars().skip(length / 2).collect();
    format!("{begin} {rest}")
}

/// Hears the terminal's interrupt, and what else tells a command to end, from its making on.
pub(crate) struct Stop([Option<Signal>; 3]);

impl Stop {
    pub(crate) fn new() -> Self {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        Self(kinds.map(|kind| signal(kind).ok()))
    }

    /// Ends with the first of them.
    pub(crate) async fn heard(&mut self) {
        std::future::poll_fn(|cx| {
            let any = self.0.iter_mut().flatten().any(|signal| signal.poll_recv(cx).is_ready());
            if any { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}

/// Standard input key by key and without an echo, for as long as this lives.
pub(super) struct Raw {
    before: Termios,
}

impl Raw {
    pub(super) fn new() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(Self { before })
    }

    /// Waits for bytes and adds them. False at the end of the input.
    pub(super) fn read(&self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        let mut piece = [0; 256];
        // Not through the buffer of the standard library, which would take more than it gives.
        let count = loop {
            match rustix::io::read(io::stdin(), &mut piece) {
                Err(rustix::io::Errno::INTR) => {}
                other => break other?,
            }
        };
        bytes.extend(piece.iter().take(count));
        Ok(count > 0)
    }

    /// Whether more has come within so long.
    pub(super) fn has_more(&self, wait: Duration) -> bool {
        let stdin = io::stdin();
        let mut asked = [PollFd::new(&stdin, PollFlags::IN)];
        let wait = Timespec::try_from(wait).ok();
        poll(&mut asked, wait.as_ref()).is_ok_and(|ready| ready > 0)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nobody to tell when this fails.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn tokens_are_read_in_two_groups() {
        for (token, expected) in
            [("123456", "123 456"), ("1234567", "123 4567"), ("12345678", "1234 5678"), ("2B3C4", "2B3C4")]
        {
            assert_eq!(grouped(token), expected);
        }
    }
}
