//! What comes as text instead of keys: an input method's words, or a clipboard that is not called one.

use std::time::Duration;

/// Typing at once more than this is pasting.
const LONGEST_TYPED: usize = 200;
const MINUTE: Duration = Duration::from_secs(60);

/// How much somebody has sent as text within the last minute. An input method makes less than [`LONGEST_TYPED`] characters
/// of it; what goes beyond that counts as pasted, in however many messages it comes.
#[derive(Debug, Default)]
pub(crate) struct TypedAmount {
    since: Option<Duration>,
    count: usize,
}

impl TypedAmount {
    /// Notes so many characters; says whether they count as pasted.
    pub(crate) fn is_pasted(&mut self, characters: usize, now: Duration) -> bool {
        if self.since.is_none_or(|since| now.saturating_sub(since) >= MINUTE) {
            *self = Self { since: Some(now), count: 0 };
        }
        self.count = self.count.saturating_add(characters);
        self.count > LONGEST_TYPED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_of_a_clipboard_are_a_clipboard() {
        let begin = Duration::from_secs(600);
        let mut typed = TypedAmount::default();
        assert!((0..20).all(|_| !typed.is_pasted(10, begin)), "words of an input method");
        assert!(typed.is_pasted(1, begin + Duration::from_secs(59)), "more than anybody types");
        assert!(!typed.is_pasted(200, begin + Duration::from_secs(60)), "a minute later they type again");
        assert!(TypedAmount::default().is_pasted(LONGEST_TYPED + 1, begin));
    }
}
