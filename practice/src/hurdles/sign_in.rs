//! How one gets in, and what stands in the way: steps, tokens, challenges, locks.

use serde::{Deserialize, Serialize};

/// The sign-in itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignIn {
    /// Name and password on one page, or one after the other.
    pub steps: Steps,
    /// Where the token is asked for.
    pub token: TokenPlace,
    /// The token is typed into one-digit boxes.
    pub boxes: bool,
    /// With `boxes`: the last digit sends the form, and there is no button.
    pub auto_submit: bool,
    /// The form stands in a frame of another origin and another site.
    pub frame: bool,
    /// A sum in a picture.
    pub captcha: Captcha,
    /// "Was that you?" with a place.
    pub location: Location,
    /// A browser that the site does not know must type a code that came by mail.
    pub mail_code: bool,
    /// "Trust this browser?"
    pub trust: Trust,
    /// The password is asked again before the settings; `null` is never.
    pub reauth: Option<Reauth>,
    /// What the site does against guessing.
    pub guard: Guard,
}

/// In how many steps one signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Steps {
    /// Name and password on one page.
    #[default]
    One,
    /// The name first, the password on the next page.
    Two,
}

/// Where the token is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// On a page of its own.
    #[default]
    OwnPage,
    /// In the form with the password.
    SameForm,
    /// In the same form, but only after the password was right.
    Appears,
}

/// Where a CAPTCHA stands, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Captcha {
    /// At the sign-in.
    pub sign_in: bool,
    /// At the change of the password.
    pub change: bool,
    /// In the form, or on a page of its own.
    pub place: CaptchaPlace,
    /// What the picture is.
    pub picture: PictureKind,
    /// A browser that has solved one is not asked again.
    pub remembered: bool,
}

/// Where a CAPTCHA stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptchaPlace {
    /// In the form.
    #[default]
    InForm,
    /// On a page of its own: after the password at the sign-in, before the form at the change.
    OwnPage,
}

/// The kind of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    /// A PNG.
    #[default]
    Png,
    /// An SVG.
    Svg,
}

/// When "Was that you?" is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Location {
    /// Never.
    #[default]
    Never,
    /// In a browser that the site does not know.
    NewBrowser,
    /// At each sign-in.
    Always,
}

/// "Trust this browser?"
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trust {
    /// Whether and how it is asked. A trusted browser is asked for no token, no mail code and no place.
    pub asked: TrustAsked,
    /// A change of the password ends all trust.
    pub ends_on_change: bool,
}

/// How trust is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustAsked {
    /// Not at all.
    #[default]
    Never,
    /// By a page after the token.
    Page,
    /// By a box to tick in the token's form.
    Checkbox,
}

/// The password is asked again before the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reauth {
    /// How old the last proof may be, in seconds. 0: the sign-in counts as none, and an answer holds for five minutes.
    pub after_seconds: u32,
    /// A token is asked as well.
    pub token: bool,
}

/// What the site does against guessing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Guard {
    /// A token that was taken, and every older one, is refused.
    pub refuse_replay: bool,
    /// How many steps before and after the current one are taken, too.
    pub skew: u16,
    /// After so many bad sign-ins in a row the account refuses the right password, too; 0 is never.
    pub lock_after: u32,
    /// How long, in seconds of the site's clock; 0 is until `/control/unlock`.
    pub lock_seconds: u32,
    /// What a locked account says.
    pub lock_told: LockTold,
    /// How many posts of sign-in pages a browser may send; more are answered 429.
    pub rate_limit: Option<RateLimit>,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            refuse_replay: false,
            skew: 1,
            lock_after: 0,
            lock_seconds: 0,
            lock_told: LockTold::Plainly,
            rate_limit: None,
        }
    }
}

/// What a locked account says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockTold {
    /// That it is locked.
    #[default]
    Plainly,
    /// That the password is wrong.
    AsWrong,
}

/// So many in so many seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Posts.
    pub posts: u32,
    /// Seconds of the site's clock.
    pub seconds: u32,
}
