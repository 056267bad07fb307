//! What a command line shows to be signed in from the page (OAuth 2.0 Device Authorization Grant, RFC 8628), and how often it may ask.

use std::time::Duration;

use countersign_model::{Chance, Timestamp};
use countersign_seal::{Digest, Secret, Sha256};
use zeroize::Zeroizing;

use crate::typed::grouped;

/// How long a command line waits.
pub const DEVICE_LOGIN_LASTS: Duration = Duration::from_secs(10 * 60);

/// How long a command line is to wait between two questions, at first.
pub const POLL_EVERY: Duration = Duration::from_secs(3);

/// What is added each time that it asks too soon (RFC 8628 §3.5).
const SLOWER: Duration = Duration::from_secs(5);
const SLOWEST: Duration = Duration::from_secs(60);

/// The days for which a command line is signed in at most.
pub const DEVICE_LOGIN_MOST_DAYS: u32 = 90;
/// And those for which it is where nobody says otherwise.
pub const DEVICE_LOGIN_DAYS: u32 = 30;

/// Consonants that are not taken for one another nor spell words: those of RFC 8628 §6.1.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;

/// What a command line shows, and its person types into the page, once: eight consonants in two groups, `WDJB-MJHT`.
///
/// Less than 35 random bits serve because the code lives for minutes and guesses are counted before they are looked at.
pub struct UserCode {
    /// Without the dash, in upper case.
    text: Secret,
}

impl UserCode {
    /// A new one.
    pub fn new(chance: &dyn Chance) -> Self {
        let mut letters = Zeroizing::new(Vec::with_capacity(LENGTH));
        while letters.len() < LENGTH {
            let mut byte = [0; 1];
            chance.fill(&mut byte);
            // Twenty letters divide 240 evenly: without what lies above, each is as likely as any other.
            if let Some(letter) = (byte[0] < 240).then(|| LETTERS[usize::from(byte[0] % 20)]) {
                letters.push(letter);
            }
        }
        Self { text: Secret::from(letters.as_slice()) }
    }

    /// Takes what somebody typed, in any case, with blanks or dashes anywhere; `None` when it has not the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 8 * LENGTH {
            return None;
        }
        let mut letters = Zeroizing::new(Vec::with_capacity(LENGTH));
        for character in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}')) {
            let letter = u8::try_from(character.to_ascii_uppercase()).ok()?;
            letters.push(LETTERS.contains(&letter).then_some(letter)?);
        }
        (letters.len() == LENGTH).then(|| Self { text: Secret::from(letters.as_slice()) })
    }

    /// The code as it is shown, in two groups.
    pub fn shown(&self) -> Secret {
        grouped(&self.text)
    }

    /// What is stored of it, before the vault's key is put to it: without that, it would be tried out.
    pub fn hash(&self) -> Digest {
        let mut hash = Sha256::default();
        hash.field(b"countersign user code");
        hash.field(self.text.expose());
        hash.finish()
    }
}

/// Whether a command line has waited for as long as it was to; `Err` with for how long it is to from now on. A second is let go: its
/// clock and the network are not ours.
pub fn judge_poll(last: Option<Timestamp>, every: Duration, now: Timestamp) -> Result<(), Duration> {
    let early = last.is_some_and(|last| now.since(last).saturating_add(Duration::from_secs(1)) < every);
    if early { Err(every.saturating_add(SLOWER).min(SLOWEST)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use countersign_model::CountingChance;

    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_typed() {
        let code = UserCode::new(&CountingChance::default());
        let shown = code.shown();
        let shown = shown.expose_text().unwrap();
        assert_eq!((shown.len(), shown.as_bytes()[4]), (9, b'-'));
        assert!(shown.bytes().all(|byte| byte == b'-' || LETTERS.contains(&byte)), "{shown}");
        for typed in
            [shown.to_owned(), shown.to_lowercase(), shown.replace('-', ""), format!(" {} ", shown.replace('-', " "))]
        {
            assert_eq!(UserCode::parse(&typed).unwrap().hash(), code.hash(), "{typed}");
        }
        for wrong in ["", "WDJB-MJH", "WDJB-MJHTT", "WDJA-MJHT", "WDJ0-MJHT", "WDJB-MJHé", &"W".repeat(80)] {
            assert!(UserCode::parse(wrong).is_none(), "{wrong}");
        }
    }

    /// Gives each byte in its turn.
    struct Bytes(std::sync::atomic::AtomicU8);

    impl Chance for Bytes {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn each_letter_is_as_likely_as_any_other() {
        let bytes = Bytes(std::sync::atomic::AtomicU8::new(0));
        let codes: Vec<Secret> = (0..30).map(|_| UserCode::new(&bytes).text).collect();
        assert_eq!(bytes.0.load(std::sync::atomic::Ordering::Relaxed), 240, "none was left out below 240");
        for letter in LETTERS {
            let times = codes.iter().flat_map(|code| code.expose()).filter(|it| *it == letter).count();
            assert_eq!(times, 12, "{}", char::from(*letter));
        }
        UserCode::new(&bytes);
        assert_eq!(bytes.0.load(std::sync::atomic::Ordering::Relaxed), 8, "what lies above is left out");
    }

    #[test]
    fn who_asks_too_soon_is_slowed_down() {
        let at = |seconds: i64| Timestamp::from_seconds(1_000 + seconds);
        let every = Duration::from_secs;
        // Seconds since the last, how long it was to wait, how long it is to.
        let table = [(0, 3, Some(8)), (1, 3, Some(8)), (2, 3, None), (3, 3, None), (6, 8, Some(13)), (8, 8, None)];
        for (since, was, wanted) in table {
            let judged = judge_poll(Some(at(0)), every(was), at(since));
            assert_eq!(judged.err(), wanted.map(every), "{since} seconds of {was}");
        }
        assert_eq!(judge_poll(Some(at(0)), every(60), at(1)), Err(SLOWEST));
        assert_eq!(judge_poll(None, every(3), at(0)), Ok(()));
    }
}
