//! What pages say, by meaning, in many languages.

mod fold;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde::{
    Deserialize,
    de::{IntoDeserializer as _, value::StrDeserializer},
};

pub(crate) use fold::{fold, fold_attribute};

/// A meaning that words of many languages share. The words stand in `words.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Concept {
    Password,
    New,
    Old,
    Repeat,
    Username,
    Email,
    Phone,
    Code,
    Authenticator,
    Sent,
    Recovery,
    Trust,
    Remember,
    Location,
    NewDevice,
    Human,
    SignIn,
    SignUp,
    SignOut,
    Forgot,
    Change,
    Save,
    Next,
    Yes,
    No,
    Cancel,
    Close,
    Cookies,
    Accept,
    Reject,
    Settings,
    Security,
    Account,
    Profile,
    Menu,
    Sessions,
    Delete,
    Newsletter,
    Search,
    OtherWay,
    Social,
    Show,
    Reauth,
    Wrong,
    Used,
    Locked,
    TooMany,
    Refused,
    Done,
    Broken,
    Missing,
    Expired,
    FormToken,
    SixDigits,
    Sure,
    With,
    Foreign,
    Card,
    Question,
    Tenant,
    Passkey,
    Push,
    AnotherWay,
    ChooseAccount,
    Denied,
    Greeting,
    AboutPasswords,
    Person,
    ElsewhereInSettings,
    OtherCode,
}

/// A set of meanings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Meaning(u128);

impl Meaning {
    pub(crate) const fn has(self, concept: Concept) -> bool {
        self.0 & (1 << concept as u128) != 0
    }

    pub(crate) fn any(self, concepts: &[Concept]) -> bool {
        concepts.iter().any(|concept| self.has(*concept))
    }

    #[must_use]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// A way in through another site: "Continue with …".
    pub(crate) fn leads_elsewhere(self) -> bool {
        let way_in = [Concept::SignIn, Concept::SignUp, Concept::Next];
        self.has(Concept::Social) || self.has(Concept::With) && self.any(&way_in)
    }

    pub(crate) const fn nothing() -> Self {
        Self(0)
    }

    /// The same without one of them.
    #[must_use]
    pub(crate) const fn without(self, concept: Concept) -> Self {
        Self(self.0 & !(1 << concept as u128))
    }

    const fn add(&mut self, concept: Concept) {
        self.0 |= 1 << concept as u128;
    }
}

/// What a text says. `text` is as it stands on the page.
pub(crate) fn meaning(text: &str) -> Meaning {
    let folded = fold(text);
    // A mark alone, such as × on a button that closes, is no word; it is looked for as it is.
    let says = if folded.is_empty() { LEXICON.read(text.trim()) } else { LEXICON.read(&folded) };
    if says.has(Concept::Recovery) && offers_a_token(&folded, text) { says.without(Concept::Recovery) } else { says }
}

/// "Or", between two things that may be given.
const OR: &[&str] = &[
    " or ",
    " oder ",
    " ou ",
    " o ",
    " of ",
    " lub ",
    " eller ",
    " tai ",
    " nebo ",
    " veya ",
    " или ",
    "または",
    "或",
    " 또는 ",
];

/// Whether one of the things that may be given is a token, whatever the others are: "Token or recovery code".
fn offers_a_token(folded: &str, text: &str) -> bool {
    let slashed: Vec<String> = text.split('/').map(fold).collect();
    let parts = OR.iter().map(|or| folded.split(or).map(str::to_owned).collect()).chain([slashed]);
    parts.filter(|parts: &Vec<String>| parts.len() > 1).flatten().any(|part| {
        let says = LEXICON.read(&part);
        (says.has(Concept::Code) || says.has(Concept::Authenticator)) && !says.has(Concept::Recovery)
    })
}

/// What the name of an attribute says, such as `newPassword1` or `id_auth-username`.
pub(crate) fn attribute_meaning(name: &str) -> Meaning {
    LEXICON.read(&fold_attribute(name))
}

struct Lexicon {
    /// `None` only if the table were broken, which a test rules out.
    automaton: Option<AhoCorasick>,
    entries: Vec<Entry>,
}

struct Entry {
    concept: Concept,
    /// The text says nothing else.
    whole: bool,
    /// A word begins here, a word ends here.
    begins: bool,
    ends: bool,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::build);

/// Reads the table of words now, in place of when the first page is recognised.
pub fn prepare() {
    LazyLock::force(&LEXICON);
}

/// The table, each word with its concept. Its lines are `[concept]`, `language = ["word", "word"]`, comments and nothing else: read
/// so, the first page that is recognised need not wait for a reader of all of TOML, which took most of ten milliseconds.
fn words() -> impl Iterator<Item = (Concept, &'static str)> {
    let mut concept = None;
    include_str!("words.toml").lines().flat_map(move |line| {
        if let Some(name) = line.strip_prefix('[') {
            concept = concept_of(name.trim_end_matches(']'));
        }
        // What stands between two marks is a word, what stands beside them is not.
        let quoted = line.split('"').skip(1).step_by(2).filter(|_| !line.starts_with('#'));
        concept.into_iter().flat_map(move |concept| quoted.clone().map(move |word| (concept, word)))
    })
}

fn concept_of(name: &'static str) -> Option<Concept> {
    let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
    Concept::deserialize(name).ok()
}

impl Lexicon {
    fn build() -> Self {
        let mut patterns = Vec::new();
        let mut entries = Vec::new();
        for (concept, word) in words() {
            let (whole, word) = match word.strip_prefix('=') {
                Some(word) => (true, word),
                None => (false, word),
            };
            let begins = !word.starts_with('*');
            let ends = !word.ends_with('*');
            let folded = fold(&word.replace('*', " "));
            let pattern = if folded.is_empty() { word.trim_matches('*').to_owned() } else { folded };
            let spaced = pattern.chars().next().is_some_and(is_spaced);
            entries.push(Entry { concept, whole, begins: begins && spaced, ends: ends && spaced });
            patterns.push(pattern);
        }
        // The kind that is made soonest: a page has some hundred short texts, and the first of them waits for it.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .prefilter(false)
            .build(&patterns)
            .ok();
        Self { automaton, entries }
    }

    fn read(&self, folded: &str) -> Meaning {
        let mut meaning = Meaning::default();
        let bytes = folded.as_bytes();
        for found in self.automaton.iter().flat_map(|automaton| automaton.find_overlapping_iter(folded)) {
            let entry = &self.entries[found.pattern().as_usize()];
            let begins = found.start() == 0 || bytes[found.start() - 1] == b' ';
            let ends = found.end() == bytes.len() || bytes[found.end()] == b' ';
            let whole = found.start() == 0 && found.end() == bytes.len();
            if (!entry.begins || begins) && (!entry.ends || ends) && (!entry.whole || whole) {
                meaning.add(entry.concept);
            }
        }
        meaning
    }
}

/// Whether the letter belongs to a writing that puts blanks between words.
const fn is_spaced(letter: char) -> bool {
    !matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use Concept::*;

    /// Concept, then language, then words.
    type Table = BTreeMap<Concept, BTreeMap<String, Vec<String>>>;

    fn table() -> Table {
        toml::from_str(include_str!("words.toml")).unwrap()
    }

    #[test]
    fn the_table_is_read_as_the_toml_that_it_is() {
        let mut read: Vec<(Concept, &str)> = words().collect();
        let table = table();
        let languages = |(concept, of): (&Concept, &'_ BTreeMap<String, Vec<String>>)| {
            of.values().flatten().map(|word| (*concept, word.clone())).collect::<Vec<_>>()
        };
        let mut whole: Vec<(Concept, String)> = table.iter().flat_map(languages).collect();
        read.sort_unstable();
        whole.sort_unstable();
        assert!(read.iter().map(|(concept, word)| (*concept, (*word).to_owned())).eq(whole));
    }

    /// The browser extension reads pages with the same words, from a file that is made here: each with its concept, and whether it
    /// is a whole text, begins and ends a word; and the letters that are not folded by being written small.
    #[test]
    fn the_extension_has_the_same_words() {
        let lexicon = Lexicon::build();
        let mut concepts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for ((_, word), entry) in words().zip(&lexicon.entries) {
            let folded = fold(&word.replace(['*', '='], " "));
            let pattern = if folded.is_empty() { word.replace(['*', '='], "") } else { folded };
            let marks = [(entry.whole, '='), (entry.begins, '<'), (entry.ends, '>')];
            let marks: String = marks.into_iter().filter(|(set, _)| *set).map(|(_, mark)| mark).collect();
            concepts.entry(format!("{:?}", entry.concept)).or_default().push(format!("{marks} {pattern}"));
        }
        let letters = ('\u{80}'..='\u{1eff}').filter(|letter| letter.to_lowercase().eq([*letter]));
        let folds = letters.filter_map(|letter| {
            let folded = fold(&letter.to_string());
            (letter.is_alphanumeric() && folded != letter.to_string()).then(|| (letter.to_string(), folded))
        });
        let folds: BTreeMap<String, String> = folds.collect();
        let made = serde_json::json!({"folds": folds, "or": OR, "words": concepts});
        let made = format!("{}\n", serde_json::to_string_pretty(&made).unwrap());
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../extension/src/recognise/words.json");
        if std::env::var_os("UPDATE_SNAPSHOT").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        let there = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            there == made,
            "extension/src/recognise/words.json is out of date: run this test with UPDATE_SNAPSHOT=1"
        );
    }

    #[test]
    fn the_table_is_whole() {
        let table = table();
        assert!(table.len() >= 50, "words.toml cannot be read");
        for concept in [
            Password, New, Old, Repeat, Username, Code, SignIn, SignOut, Change, Settings, Security, Wrong, Locked,
            Done,
        ] {
            assert!(table[&concept].len() >= 17, "{concept:?} lacks languages");
        }
        assert!(LEXICON.entries.len() > 2000);
    }

    #[test]
    fn words_are_found_in_many_languages_and_only_where_they_are_words() {
        for (text, wanted) in [
            ("Current password", &[Old, Password][..]),
            ("NEUES KENNWORT", &[New, Password]),
            ("Répétez le mot de passe", &[Repeat, Password]),
            ("Contraseña actual", &[Password, Old]),
            ("Sicherheitscode", &[Code]),
            ("现在的密码", &[Old, Password]),
            ("新しいパスワード", &[New, Password]),
            ("비밀번호 변경", &[Password, Change]),
            ("Şifrenizi değiştirin", &[Password, Change]),
            ("Hasło zostało zmienione", &[Password, Done]),
            ("×", &[Close]),
            ("Don’t ask again on this browser", &[Trust]),
            ("Google API Key", &[Foreign]),
            ("SMTP password", &[Foreign, Password]),
            ("Mot de passe de la base de données", &[Foreign]),
            ("Was war dein erster Lehrer? Antwort", &[Question]),
            ("Mandant", &[Tenant]),
            ("Use a passkey", &[Passkey]),
            ("Auf andere Weise anmelden", &[AnotherWay]),
            ("アクセスが拒否されました", &[Denied]),
        ] {
            let meaning = meaning(text);
            assert!(wanted.iter().all(|concept| meaning.has(*concept)), "{text}: {meaning:?}");
        }
        assert!(!meaning("Compass").has(Password));
        assert!(!meaning("renewal").has(New));
        assert!(!meaning("More posts").has(Menu));
        assert!(meaning("More").has(Menu));
    }

    #[test]
    fn a_line_for_a_token_or_something_else_is_one_for_a_token() {
        for (text, recovery) in [
            ("Token or recovery code", false),
            ("Authentication code / backup code", false),
            ("Code der App oder Wiederherstellungscode", false),
            ("Recovery code", true),
            ("Backup code or recovery key", true),
        ] {
            assert_eq!(meaning(text).has(Recovery), recovery, "{text}");
        }
    }

    /// Languages share letters: what asks for something in one must not report something in another.
    #[test]
    fn no_word_for_an_action_is_a_word_for_an_outcome() {
        let outcomes = [Wrong, Used, Locked, TooMany, Refused, Done, Broken, Missing, Expired];
        let actions = [
            Password, New, Old, Repeat, Username, Email, Code, SignIn, SignUp, Change, Save, Next, Settings, Security,
            Account, Profile, Menu, Trust, Yes, Cancel,
        ];
        let mut wrong = Vec::new();
        for (concept, languages) in table().iter().filter(|(concept, _)| actions.contains(concept)) {
            for word in languages.values().flatten() {
                let says = meaning(&word.replace(['=', '*'], ""));
                let reports = outcomes.iter().filter(|outcome| says.has(**outcome));
                wrong.extend(reports.map(|outcome| format!("{concept:?} {word:?} says {outcome:?}")));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn attributes_are_split_where_people_split_them() {
        for (name, wanted) in [
            ("newPassword1", &[New, Password][..]),
            ("id_auth-username", &[Username]),
            ("oldPwd", &[Old, Password]),
            ("otp_token", &[Code]),
            ("session[password]", &[Password]),
            ("confirmPassword", &[Repeat, Password]),
        ] {
            let meaning = attribute_meaning(name);
            assert!(wanted.iter().all(|concept| meaning.has(*concept)), "{name}: {meaning:?}");
        }
    }
}
