//! What the site says, in six languages, with several wordings for what sites word differently.
//!
//! The first wording is the plain one (layout seed 0); another seed picks among all of them.

mod de;
mod en;
mod es;
mod fr;
mod it;
mod pt;

use crate::dice::pick;
use crate::hurdles::Language;

/// Something the site says. A `{}` in the wording stands for a number or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    // Around the pages
    Tagline,
    Home,
    Feed,
    Profile,
    Settings,
    Menu,
    SignIn,
    SignUp,
    SignOut,
    Search,
    Help,
    Privacy,
    Newsletter,
    Subscribe,
    MailAddress,
    Close,
    // Signing in
    SignInTitle,
    Username,
    Password,
    Next,
    SignInButton,
    Forgot,
    Remember,
    ShowPassword,
    ContinueWith,
    NoAccount,
    // Token and challenges
    TokenTitle,
    TokenHint,
    Token,
    Digit,
    Verify,
    TrustTitle,
    TrustHint,
    TrustYes,
    TrustNo,
    TrustBox,
    LocationTitle,
    LocationHint,
    LocationYes,
    LocationNo,
    MailTitle,
    MailHint,
    MailCode,
    CaptchaTitle,
    CaptchaHint,
    CaptchaField,
    ReauthTitle,
    ReauthHint,
    // Settings and change
    Account,
    Security,
    Sessions,
    TwoFactor,
    ChangeLink,
    ChangeTitle,
    Old,
    New,
    Repeat,
    Save,
    Yes,
    Cancel,
    ConfirmTitle,
    ConfirmHint,
    Changed,
    BackToSettings,
    SignInAgain,
    NewMailAddress,
    ChangeMail,
    DeleteAccount,
    DeleteHint,
    EndSession,
    ThisBrowser,
    TwoFactorOn,
    TwoFactorOff,
    // The feed
    Post,
    PostHint,
    More,
    Follow,
    // What went wrong
    WrongSignIn,
    WrongToken,
    UsedToken,
    Locked,
    TooMany,
    WrongCaptcha,
    WrongMailCode,
    WrongOld,
    Mismatch,
    Refused,
    Broken,
    NotFound,
    Expired,
    NameTaken,
    // Rules of passwords
    TooShort,
    TooLong,
    NeedsLower,
    NeedsUpper,
    NeedsDigit,
    NeedsSpecial,
    NeedsOneOf,
    NotAllowed,
    TooManyInARow,
    Reused,
    HasName,
    // Beside the point
    ErrorLike,
    Cookies,
    Accept,
    Reject,
    Toast,
}

/// The wordings of one language under one layout seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    language: Language,
    seed: u64,
}

impl Words {
    pub(crate) fn new(language: Language, seed: u64) -> Self {
        Self { language, seed }
    }

    /// The wording of this layout.
    pub(crate) fn say(&self, word: Word) -> &'static str {
        let all = wordings(self.language, word);
        if self.seed == 0 { all[0] } else { pick(self.seed, &format!("word {word:?}"), all) }
    }

    /// The wording with `{}` replaced.
    pub(crate) fn say_with(&self, word: Word, what: impl std::fmt::Display) -> String {
        self.say(word).replace("{}", &what.to_string())
    }

    /// Every wording, for words that stand in a row.
    pub(crate) fn all(&self, word: Word) -> &'static [&'static str] {
        wordings(self.language, word)
    }
}

/// What a language has for each word, in the order of [`Word`].
type Table = [(Word, &'static [&'static str]); COUNT];

const COUNT: usize = Word::Toast as usize + 1;

// A language that leaves a word out, or has it in another place, does not compile.
const _: () = {
    let tables: [&Table; 6] =
        [&en::WORDINGS, &de::WORDINGS, &fr::WORDINGS, &es::WORDINGS, &it::WORDINGS, &pt::WORDINGS];
    let mut place = 0;
    while place < tables.len() * COUNT {
        assert!(tables[place / COUNT][place % COUNT].0 as usize == place % COUNT);
        place += 1;
    }
};

fn wordings(language: Language, word: Word) -> &'static [&'static str] {
    let table = match language {
        Language::En => &en::WORDINGS,
        Language::De => &de::WORDINGS,
        Language::Fr => &fr::WORDINGS,
        Language::Es => &es::WORDINGS,
        Language::It => &it::WORDINGS,
        Language::Pt => &pt::WORDINGS,
    };
    table[word as usize].1
}

#[cfg(test)]
mod tests {
    use super::{Word, Words};
    use crate::hurdles::Language;

    #[test]
    fn seed_zero_is_the_plain_wording_and_others_differ() {
        assert_eq!(Words::new(Language::En, 0).say(Word::SignInButton), "Sign in");
        let mut seen: Vec<_> = (0..60).map(|seed| Words::new(Language::De, seed).say(Word::SignInButton)).collect();
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() > 2, "{seen:?}");
    }

    #[test]
    fn wordings_that_take_a_number_all_do() {
        for language in Language::ALL {
            for word in [Word::TooShort, Word::TooLong, Word::NeedsOneOf, Word::NotAllowed, Word::TooManyInARow] {
                for wording in Words::new(language, 0).all(word) {
                    assert!(wording.contains("{}"), "{language:?} {word:?}: {wording}");
                }
            }
        }
    }
}
