//! Chance without chance: everything that looks random on the site follows from a seed.

/// A stream of numbers that follow from one seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number under `bound`; 0 when `bound` is 0.
    pub(crate) fn under(&mut self, bound: u64) -> u64 {
        self.roll().checked_rem(bound).unwrap_or(0)
    }

    /// `length` letters and digits, as in a session cookie.
    pub(crate) fn word(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(LETTERS[(self.roll() % 36) as usize])).collect()
    }

    /// `length` decimal digits, as in a code that comes by mail.
    pub(crate) fn digits(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(b'0' + (self.roll() % 10) as u8)).collect()
    }
}

/// A number that follows from the seed and the name of what is decided, so that a new decision moves no other one.
pub(crate) fn draw(seed: u64, what: &str) -> u64 {
    let mut hash = mix(seed ^ 0x5851_F42D_4C95_7F2D);
    for byte in what.bytes() {
        hash = mix(hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    mix(hash)
}

/// One of the options, by seed and the name of the decision.
pub(crate) fn pick<T: Copy>(seed: u64, what: &str, options: &[T]) -> T {
    options[(draw(seed, what) % options.len() as u64) as usize]
}

/// True in about `percent` of a hundred seeds.
pub(crate) fn chance(seed: u64, what: &str, percent: u64) -> bool {
    draw(seed, what) % 100 < percent
}

/// A name as a build tool would make it: a letter, then seven letters and digits.
pub(crate) fn generated_name(seed: u64, of: &str) -> String {
    let mut dice = Dice::new(draw(seed, of));
    let first = char::from(LETTERS[(dice.roll() % 26) as usize]);
    format!("{first}{}", dice.word(7))
}

const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Dice, draw, generated_name};

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_seed_others() {
        let row = |seed| Dice::new(seed).word(24);
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(8));
        assert_ne!(draw(7, "button"), draw(7, "label"));
        assert_eq!(generated_name(3, "card"), generated_name(3, "card"));
    }
}
