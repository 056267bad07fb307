//! What the site itself calls its pages, whatever their address and layout.

use serde::{Deserialize, Serialize};

/// A page, by what it is for: in faults, in the log of what was typed, and in what the control API tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageName {
    /// In a fault: every page. No page has this name.
    Any,
    /// The front page.
    Home,
    /// Name and password, or the name alone.
    SignIn,
    /// The password alone, in the second of two steps.
    Password,
    /// The picture with a sum, on its own page.
    Captcha,
    /// "Was that you?"
    Location,
    /// The code that came by mail.
    MailCode,
    /// The token.
    Token,
    /// "Trust this browser?"
    Trust,
    /// In the frame: all is done, the page around it goes on.
    FrameDone,
    /// The password again, before the settings.
    Reauth,
    /// The feed.
    Feed,
    /// The user's own page.
    Profile,
    /// A page of the settings, not the change page.
    Settings,
    /// The old password, before the change form.
    OldPassword,
    /// The change form. Also the whole settings page where the form stands on it.
    Change,
    /// "Do you really want to?"
    ChangeConfirm,
    /// The list of sessions.
    Sessions,
    /// The setting-up of tokens.
    TwoFactor,
    /// Opening an account.
    SignUp,
    /// Signing out.
    SignOut,
    /// "Changed", on a page of its own: the answer to the change form.
    Changed,
    /// The answer of the search form.
    Search,
    /// Where forms beside the point are sent: newsletter, mail address, closing the account.
    OtherForm,
    /// The jump to another origin.
    Out,
    /// Too many requests.
    TooMany,
    /// Help, privacy and the like.
    About,
    /// `/.well-known/change-password`.
    WellKnown,
    /// No such page.
    NotFound,
    /// On the other origin: the page that asks for the password.
    Phish,
}

impl PageName {
    /// The name as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Home => "home",
            Self::SignIn => "sign_in",
            Self::Password => "password",
            Self::Captcha => "captcha",
            Self::Location => "location",
            Self::MailCode => "mail_code",
            Self::Token => "token",
            Self::Trust => "trust",
            Self::FrameDone => "frame_done",
            Self::Reauth => "reauth",
            Self::Feed => "feed",
            Self::Profile => "profile",
            Self::Settings => "settings",
            Self::OldPassword => "old_password",
            Self::Change => "change",
            Self::ChangeConfirm => "change_confirm",
            Self::Sessions => "sessions",
            Self::TwoFactor => "two_factor",
            Self::SignUp => "sign_up",
            Self::SignOut => "sign_out",
            Self::Changed => "changed",
            Self::Search => "search",
            Self::OtherForm => "other_form",
            Self::Out => "out",
            Self::TooMany => "too_many",
            Self::About => "about",
            Self::WellKnown => "well_known",
            Self::NotFound => "not_found",
            Self::Phish => "phish",
        }
    }
}
