use std::time::Duration;

use tokio::time::Instant;

// Often enough to be seen, rarely enough that a log stays readable through an hour of trouble.
const EVERY: Duration = Duration::from_secs(30);

/// Counts what happens again and again, so that it is written once and then with its number.
#[derive(Debug)]
pub(crate) struct Repeats {
    written_at: Option<Instant>,
    unwritten: u64,
}

impl Repeats {
    /// Nothing has happened yet.
    pub(crate) const fn new() -> Self {
        Self { written_at: None, unwritten: 0 }
    }

    /// One more. `Some` when it is to be written: how often it has happened since it last was, this time included.
    pub(crate) fn count(&mut self, now: Instant) -> Option<u64> {
        self.unwritten += 1;
        if self.written_at.is_some_and(|at| now.saturating_duration_since(at) < EVERY) {
            return None;
        }
        self.written_at = Some(now);
        Some(std::mem::take(&mut self.unwritten))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_written_and_the_next_are_counted() {
        let (mut repeats, now) = (Repeats::new(), Instant::now());
        assert_eq!(repeats.count(now), Some(1));
        for n in 1..1_000 {
            assert_eq!(repeats.count(now + Duration::from_millis(n)), None);
        }
        assert_eq!(repeats.count(now + EVERY), Some(1_000));
        assert_eq!(repeats.count(now + EVERY * 3), Some(1));
    }
}
