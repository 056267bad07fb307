//! How the server closes a connection.

/// The code of a closing frame; those from 4000 on are an application's own (RFC 6455 §7.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// Looking on is no longer granted.
    Denied = 4001,
    /// The session's browser runs on another server.
    Elsewhere = 4002,
    /// Too much, or no sense.
    Flooding = 4003,
    /// The session has ended.
    Ended = 4004,
    /// What was sent was not read.
    Unread = 4005,
}

/// Why the server closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// Looking on is no longer granted.
    Denied,
    /// The session's browser runs on another server.
    Elsewhere,
    /// Far more messages than a person makes.
    Flooding,
    /// Messages that are none, again and again.
    Garbage,
    /// The session has ended.
    Ended,
    /// What was sent was not read.
    Unread,
}

impl CloseCode {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Denied, Self::Elsewhere, Self::Flooding, Self::Ended, Self::Unread];

    /// As it goes over the wire.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Its name in the page's code.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Elsewhere => "elsewhere",
            Self::Flooding => "flooding",
            Self::Ended => "ended",
            Self::Unread => "unread",
        }
    }
}

impl CloseReason {
    /// All there are.
    pub const ALL: [Self; 6] =
        [Self::Denied, Self::Elsewhere, Self::Flooding, Self::Garbage, Self::Ended, Self::Unread];

    /// The code that it is closed with.
    pub const fn code(self) -> CloseCode {
        match self {
            Self::Denied => CloseCode::Denied,
            Self::Elsewhere => CloseCode::Elsewhere,
            Self::Flooding | Self::Garbage => CloseCode::Flooding,
            Self::Ended => CloseCode::Ended,
            Self::Unread => CloseCode::Unread,
        }
    }

    /// The words beside it, at most 123 bytes (RFC 6455 §5.5).
    pub const fn text(self) -> &'static str {
        match self {
            Self::Denied => "looking on is no longer granted",
            Self::Elsewhere => "this session's browser runs on another server",
            Self::Flooding => "far more messages than a person makes",
            Self::Garbage => "messages that are none",
            Self::Ended => "the session has ended",
            Self::Unread => "what was sent was not read",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_pages_know_and_words_fit_into_a_frame() {
        let table = CloseReason::ALL.map(|reason| (reason, reason.code().number()));
        assert_eq!(
            table,
            [
                (CloseReason::Denied, 4001),
                (CloseReason::Elsewhere, 4002),
                (CloseReason::Flooding, 4003),
                (CloseReason::Garbage, 4003),
                (CloseReason::Ended, 4004),
                (CloseReason::Unread, 4005),
            ]
        );
        for reason in CloseReason::ALL {
            assert!(reason.text().len() <= 123 && CloseCode::ALL.contains(&reason.code()), "{reason:?}");
        }
    }
}
