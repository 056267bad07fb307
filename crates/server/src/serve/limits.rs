use std::time::Duration;

/// How many connections the server holds, and how long it waits for whoever is at their other end.
///
/// A client that keeps the server waiting is closed when its time is over, or sooner when its place is needed: the one
/// that has been waited for longest goes first. A request that is being worked on is never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The most connections in all.
    pub total: usize,
    /// The most connections from one address (IPv6: one /64).
    pub per_address: usize,
    /// From the connection, or from the first byte of a later request, to the end of the request's head; a TLS handshake
    /// counts in.
    pub head: Duration,
    /// Between one request's answer and the next request.
    pub idle: Duration,
    /// For the next piece of a body; the whole body has this time and what [`Self::BODY_RATE`] adds to it.
    pub body: Duration,
    /// For the client to take more of an answer.
    pub answer: Duration,
    /// From the wish to stop until whatever still runs is cut off.
    pub drain: Duration,
}

impl ConnectionLimits {
    /// Bytes a second below which a body is too slow.
    pub const BODY_RATE: u64 = 8 * 1024;
    // The database, its write-ahead log, recordings, Chromium's pipes and the log need descriptors too.
    const RESERVED_DESCRIPTORS: u64 = 320;
    const MAX_TOTAL: u64 = 4_096;
    const MIN_TOTAL: u64 = 32;

    /// For a process that may have so many descriptors: a part stays in reserve for what the server itself opens.
    pub fn for_descriptors(descriptors: u64) -> Self {
        let total = descriptors.saturating_sub(Self::RESERVED_DESCRIPTORS).clamp(Self::MIN_TOTAL, Self::MAX_TOTAL);
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        Self { total, per_address: total / 4 * 3, ..Self::default() }
    }
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            total: 512,
            // A proxy in front is one address for everybody; the rest stays for those who come past it.
            per_address: 384,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            body: Duration::from_secs(20),
            answer: Duration::from_secs(30),
            drain: Duration::from_secs(8),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_stay_in_reserve() {
        for (descriptors, total) in [(0, 32), (256, 32), (1_024, 704), (4_096, 3_776), (1_048_576, 4_096)] {
            let limits = ConnectionLimits::for_descriptors(descriptors);
            assert_eq!(limits.total, total, "{descriptors}");
            assert!(limits.per_address < limits.total, "{descriptors}");
        }
    }
}
