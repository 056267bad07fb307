//! New passwords that a site takes.

use countersign_model::Chance;
use countersign_seal::Secret;
use thiserror::Error;

use crate::{CharSet, PasswordRules, rules::longest_run};

/// How long a password is when nobody says otherwise.
const LENGTH: usize = 24;
/// A field that keeps fewer characters is hardly one for a password, unless the site's rules say so.
const SHORTEST_FIELD: u32 = 6;
/// What sites that say nothing of their rules take most often.
const GENTLE_SPECIALS: &str = "-_.!";
/// What is required is put in places that were drawn; where that makes a run too long, all is drawn anew.
const DRAWS: usize = 2000;

/// No password can obey the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no password can obey these rules: {0}")]
pub struct UnsatisfiableRules(&'static str);

impl UnsatisfiableRules {
    /// What stands in the way.
    pub const fn why(self) -> &'static str {
        self.0
    }
}

/// A new password that obeys `rules` (a gentle guess when there are none) and fits into a field that keeps `field_length`
/// characters.
///
/// # Errors
/// When the rules contradict each other or the field.
pub fn generate(
    rules: Option<&PasswordRules>,
    field_length: Option<u32>,
    chance: &dyn Chance,
) -> Result<Secret, UnsatisfiableRules> {
    let guess;
    let rules = match rules {
        Some(rules) => rules,
        None => {
            let required = vec![CharSet::UPPER, CharSet::LOWER, CharSet::DIGIT, CharSet::of(GENTLE_SPECIALS)];
            guess = PasswordRules { required, ..PasswordRules::default() };
            &guess
        }
    };
    // A blank at an end is cut by some sites, and nobody sees it.
    let alphabet: Vec<u8> = rules.alphabet().without(CharSet::of(" ")).bytes().collect();
    let least = rules.min_length.unwrap_or(0) as usize;
    let limits = [rules.max_length, field_length].into_iter().flatten().min();
    let most = limits.map_or(usize::MAX, |most| most as usize);
    if alphabet.is_empty() {
        return Err(UnsatisfiableRules("no character is allowed"));
    }
    if least > most {
        return Err(UnsatisfiableRules("it would have to be longer than it may be"));
    }
    if most == 0 {
        return Err(UnsatisfiableRules("it may hold no character"));
    }
    let length = LENGTH.clamp(least, most).min(1024);
    if rules.required.len() > length && !one_for_all(&rules.required, length) {
        return Err(UnsatisfiableRules("it is too short for all that is required"));
    }
    let by_rule = rules.max_length.is_some_and(|most| most < SHORTEST_FIELD);
    if !by_rule && field_length.is_some_and(|keeps| keeps < SHORTEST_FIELD) {
        return Err(UnsatisfiableRules("the form keeps fewer than six characters, and no rule of the site says so"));
    }
    if alphabet.len() == 1 && rules.max_consecutive.is_some_and(|most| (most as usize) < length) {
        return Err(UnsatisfiableRules("only one character is allowed, and not so often in a row"));
    }
    let mut draw = Draw { chance, bytes: [0; 64], used: 64 };
    for _ in 0..DRAWS {
        let password = draw.password(rules, &alphabet, length);
        if rules.admits(password.expose()) && longest_run(password.expose()) < length.max(2) {
            return Ok(password);
        }
    }
    Err(UnsatisfiableRules("what is required and what is allowed do not go together"))
}

/// The rules by which to make a password where a page says something of them in words and nothing else is known. Words say a part
/// of the truth: what they leave open is guessed as gently as where there are none, and what contradicts the field that
/// keeps `field_length` characters was misread.
#[must_use]
pub fn gentle(said: &PasswordRules, field_length: Option<u32>) -> PasswordRules {
    let mut required = vec![CharSet::UPPER, CharSet::LOWER, CharSet::DIGIT];
    let specials = CharSet::of(GENTLE_SPECIALS);
    if said.allowed.is_none_or(|allowed| allowed.intersection(specials) == specials) {
        required.push(specials);
    }
    let most = [said.max_length, field_length].into_iter().flatten().min();
    let min_length = said.min_length.filter(|least| most.is_none_or(|most| *least <= most));
    PasswordRules { required, allowed: None, min_length, ..said.clone() }
}

/// Whether some characters belong to several of the sets, so that fewer suffice.
fn one_for_all(required: &[CharSet], length: usize) -> bool {
    let mut left: Vec<CharSet> = required.to_vec();
    for _ in 0..length {
        let best = CharSet::PRINTABLE.bytes().max_by_key(|byte| left.iter().filter(|set| set.has(*byte)).count());
        left.retain(|set| best.is_none_or(|byte| !set.has(byte)));
    }
    left.is_empty()
}

/// Draws without favour.
struct Draw<'a> {
    chance: &'a dyn Chance,
    bytes: [u8; 64],
    used: usize,
}

impl Draw<'_> {
    fn password(&mut self, rules: &PasswordRules, alphabet: &[u8], length: usize) -> Secret {
        let most = rules.max_consecutive.map_or(usize::MAX, |most| most as usize);
        let mut password: Vec<u8> = Vec::with_capacity(length);
        for _ in 0..length {
            let run = password.iter().rev().take_while(|byte| Some(*byte) == password.last()).count();
            let mut byte = self.one(alphabet);
            // As drawn, but for what would make a run too long; else a small alphabet would need for ever.
            while run >= most && alphabet.len() > 1 && Some(&byte) == password.last() {
                byte = self.one(alphabet);
            }
            password.push(byte);
        }
        // One place for each set that is required; the rest stays as drawn.
        let mut places: Vec<usize> = (0..length).collect();
        for set in &rules.required {
            if places.is_empty() {
                break;
            }
            let place = places.swap_remove(self.below(places.len()));
            let choices: Vec<u8> = set.without(CharSet::of(" ")).bytes().collect();
            if !choices.is_empty() {
                password[place] = self.one(&choices);
            }
        }
        Secret::from(password)
    }

    fn one(&mut self, choices: &[u8]) -> u8 {
        choices[self.below(choices.len())]
    }

    /// A number below `limit` (at most 65,536), each equally likely: draws beyond the last whole multiple are thrown away.
    fn below(&mut self, limit: usize) -> usize {
        let span = 1 << 16;
        let fair = span - span % limit;
        loop {
            let drawn = usize::from(self.byte()) << 8 | usize::from(self.byte());
            if drawn < fair {
                return drawn % limit;
            }
        }
    }

    fn byte(&mut self) -> u8 {
        if self.used == self.bytes.len() {
            self.chance.fill(&mut self.bytes);
            self.used = 0;
        }
        let byte = std::mem::take(&mut self.bytes[self.used]);
        self.used += 1;
        byte
    }
}

impl Drop for Draw<'_> {
    fn drop(&mut self) {
        // What is left would tell nothing of the password, but it costs nothing to wipe it.
        self.bytes.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::CountingChance;
    use proptest::prelude::*;

    use super::*;

    fn set() -> impl Strategy<Value = CharSet> {
        prop_oneof![
            Just(CharSet::UPPER),
            Just(CharSet::LOWER),
            Just(CharSet::DIGIT),
            Just(CharSet::SPECIAL),
            "[!#$%&*+=?@^_~a-c0-2]{1,6}".prop_map(|text| CharSet::of(&text)),
            ("[A-D]{1,3}", "[w-z]{1,3}").prop_map(|(a, b)| CharSet::of(&a).union(CharSet::of(&b))),
        ]
    }

    fn rules() -> impl Strategy<Value = PasswordRules> {
        (
            proptest::option::of(0..40u32),
            proptest::option::of(4..60u32),
            proptest::collection::vec(set(), 0..5),
            proptest::option::of(set()),
            proptest::option::of(1..4u32),
        )
            .prop_map(|(min_length, max_length, required, allowed, max_consecutive)| PasswordRules {
                min_length,
                max_length,
                required,
                allowed,
                max_consecutive,
            })
    }

    proptest! {
        #[test]
        fn every_password_obeys_every_rule_and_fits(rules in rules(), field in proptest::option::of(4..40u32)) {
            match generate(Some(&rules), field, &CountingChance::default()) {
                Ok(password) => {
                    prop_assert!(rules.admits(password.expose()), "{rules}");
                    prop_assert!(field.is_none_or(|most| password.len() <= most as usize));
                    prop_assert!(!password.expose().contains(&b' '));
                }
                // Only what cannot be is refused.
                Err(_) => {
                    let most = rules.max_length.into_iter().chain(field).min();
                    let narrow = most.is_some_and(|most| rules.min_length.unwrap_or(0) > most);
                    let one = rules.alphabet().without(CharSet::of(" ")).len() <= 1;
                    let short = field.is_some_and(|keeps| keeps < SHORTEST_FIELD);
                    let crowded = most.is_some_and(|most| rules.required.len() > most as usize);
                    prop_assert!(narrow || one || crowded || short, "{rules} refused");
                }
            }
        }
    }

    #[test]
    fn passwords_differ_and_nothing_is_favoured() {
        let chance = CountingChance::default();
        let rules: PasswordRules = "minlength: 24; allowed: [abc]".parse().unwrap();
        let mut counts = [0usize; 3];
        for _ in 0..2000 {
            for byte in generate(Some(&rules), None, &chance).unwrap().expose() {
                counts[usize::from(byte - b'a')] += 1;
            }
        }
        assert!(counts.iter().all(|count| (15_500..16_500).contains(count)), "{counts:?}");
        let one = generate(None, None, &chance).unwrap();
        let other = generate(None, None, &chance).unwrap();
        assert!(one != other && one.len() == 24);
    }

    #[test]
    fn what_cannot_be_is_said() {
        let refused = |text: &str, field| {
            let rules: PasswordRules = text.parse().unwrap();
            generate(Some(&rules), field, &CountingChance::default()).map(|_| ()).unwrap_err().to_string()
        };
        assert!(refused("minlength: 12", Some(8)).contains("longer"));
        assert!(refused("allowed: [a]; max-consecutive: 2", None).contains("row"));
        assert!(refused("required: upper; required: lower; required: digit", Some(2)).contains("short"));
        assert!(refused("minlength: 4", Some(4)).contains("six"));
        assert!(refused("allowed: [é]", None).contains("no character"));
    }

    #[test]
    fn what_a_page_says_is_obeyed_and_the_rest_is_gentle() {
        let plain = CharSet::UPPER.union(CharSet::LOWER).union(CharSet::DIGIT);
        for (min, max, allowed, field, length, special) in [
            (Some(8), Some(12), Some(plain), None, 12, false),
            (Some(8), None, None, None, LENGTH, true),
            (None, Some(16), None, None, 16, true),
            (Some(30), None, None, None, 30, true),
            // "At least 30" and a field that keeps 20: misread.
            (Some(30), None, None, Some(20), 20, true),
        ] {
            let said = PasswordRules { min_length: min, max_length: max, allowed, ..PasswordRules::default() };
            let rules = gentle(&said, field);
            let password = generate(Some(&rules), field, &CountingChance::default()).unwrap();
            let bytes = password.expose();
            assert_eq!(bytes.len(), length, "{said:?}");
            assert_eq!(bytes.iter().any(|byte| !plain.has(*byte)), special, "{said:?}");
            assert!(bytes.iter().all(|byte| plain.has(*byte) || CharSet::of(GENTLE_SPECIALS).has(*byte)), "{said:?}");
        }
    }
}
