//! Why a change is not where it was to be, and what that says to people: what happened, and what to do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::CertificateFingerprint;

/// Why a page was not loaded whose server showed another certificate than the one that is trusted: none of Chromium's own
/// names, because the connection was ended before Chromium saw it.
pub const CERTIFICATE_DIFFERS: &str = "CERTIFICATE_DIFFERS";

/// Why a page was not loaded whose address may not be connected to: the connection was ended before Chromium saw it.
pub const ADDRESS_REFUSED: &str = "ADDRESS_REFUSED";

/// What stops a machine at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Challenge {
    /// Proof that one is human.
    Captcha,
    /// "Was it you?"
    Location,
    /// "Trust this browser?", and no answer to give.
    TrustBrowser,
    /// A code that was sent to the account's owner.
    NewDevice,
    /// A page that asks for something and cannot be read with enough certainty.
    Unknown,
}

/// Why a change is not where it was to be. The names are stable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ChangeReason {
    /// The site does not take name and password.
    WrongPassword,
    /// The site does not take the token.
    WrongToken,
    /// The site has locked the account.
    AccountLocked,
    /// The site asks to try later, or this vault's own limit of changes is reached.
    RateLimited,
    /// The site does not take the new password.
    PasswordRejected {
        /// The site's own words, shortened.
        rule: String,
    },
    /// A person had to act, and did not in time.
    Challenge {
        /// What was asked.
        challenge: Challenge,
    },
    /// The way to the form was not found.
    LayoutUnknown,
    /// A page asked for a secret on an origin that does not belong to the site. Nothing was typed there.
    LeftSite {
        /// That origin.
        origin: String,
    },
    /// The site does not answer, or is broken.
    SiteUnavailable,
    /// Nothing came of it in time.
    TimedOut,
    /// Somebody called it off.
    Cancelled,
    /// There is no Chromium that runs here.
    BrowserMissing,
    /// Somebody is in a session of the same credential, and one account is signed in by one browser at a time.
    SessionOpen,
    /// The browser stopped working in the middle.
    BrowserFailed,
    /// A form did not take what was typed into it, so it was not sent.
    NotTyped,
    /// A form could not be sent: its button stayed disabled, or nothing came of pressing it.
    NotSendable,
    /// The site asks for a second factor in a way that was not understood.
    SecondFactorNotUnderstood,
    /// The site's certificate is not trusted.
    CertificateNotTrusted {
        /// Why, as Chromium names it, or [`CERTIFICATE_DIFFERS`].
        error: String,
        /// The certificate that it showed, as far as that could be seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown: Option<CertificateFingerprint>,
    },
    /// The browser's own window asked for name and password, in a way that cannot be answered.
    BrowserSignIn,
    /// Nothing on the site's pages showed whether the sign-in had worked.
    SignInNotShown,
    /// The new password was refused while the old one still signed in, after the site had not refused the change.
    OldPasswordWorks,
    /// A password was refused as often as it may be sent.
    TriesSpent,
    /// Others took each token before it could be sent.
    TokensTaken,
    /// The site's session had ended when the new password was sent.
    SessionExpired,
    /// Secrets would travel to the site in the clear.
    NoTls,
    /// The site's address was changed, and no person has tried the new one yet.
    NotRehearsed,
}

/// What a site has answered when the new password was sent. No proof of anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum SiteAnswer {
    /// That the password was changed.
    Changed,
    /// That it was not, with what it said.
    Refused {
        /// Why, as far as it said so.
        reason: ChangeReason,
    },
    /// Nothing that could be understood.
    Nothing,
    /// The form was never sent.
    NotSent {
        /// Why not.
        reason: ChangeReason,
    },
}

impl Challenge {
    /// Everything that a site may ask of a person.
    pub const ALL: [Self; 5] = [Self::Captcha, Self::Location, Self::TrustBrowser, Self::NewDevice, Self::Unknown];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Captcha => "captcha",
            Self::Location => "location",
            Self::TrustBrowser => "trust_browser",
            Self::NewDevice => "new_device",
            Self::Unknown => "unknown",
        }
    }
}

impl ChangeReason {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::WrongToken => "wrong_token",
            Self::AccountLocked => "account_locked",
            Self::RateLimited => "rate_limited",
            Self::PasswordRejected { .. } => "password_rejected",
            Self::Challenge { .. } => "challenge",
            Self::LayoutUnknown => "layout_unknown",
            Self::LeftSite { .. } => "left_site",
            Self::SiteUnavailable => "site_unavailable",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::BrowserMissing => "browser_missing",
            Self::SessionOpen => "session_open",
            Self::BrowserFailed => "browser_failed",
            Self::NotTyped => "not_typed",
            Self::NotSendable => "not_sendable",
            Self::SecondFactorNotUnderstood => "second_factor_not_understood",
            Self::CertificateNotTrusted { .. } => "certificate_not_trusted",
            Self::BrowserSignIn => "browser_sign_in",
            Self::SignInNotShown => "sign_in_not_shown",
            Self::OldPasswordWorks => "old_password_works",
            Self::TriesSpent => "tries_spent",
            Self::TokensTaken => "tokens_taken",
            Self::SessionExpired => "session_expired",
            Self::NoTls => "no_tls",
            Self::NotRehearsed => "not_rehearsed",
        }
    }
}

/// What it says to people: what happened, and what to do.
impl fmt::Display for ChangeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongPassword => f.write_str(WRONG_PASSWORD),
            Self::WrongToken => f.write_str(WRONG_TOKEN),
            Self::AccountLocked => f.write_str(ACCOUNT_LOCKED),
            Self::RateLimited => f.write_str(RATE_LIMITED),
            Self::PasswordRejected { rule } if rule.is_empty() => f.write_str(
                "The site did not accept the new password. Enter its password rules in the credential's site settings.",
            ),
            Self::PasswordRejected { rule } => write!(
                f,
                "The site did not accept the new password: \"{rule}\" Enter this rule in the credential's site settings."
            ),
            Self::Challenge { challenge } => f.write_str(asks(*challenge)),
            Self::LayoutUnknown => f.write_str(LAYOUT_UNKNOWN),
            Self::LeftSite { origin } => write!(
                f,
                "The site led to {origin}, which is not among its allowed sign-in URLs. Nothing was entered there. If it \
                 belongs to the site, add it to the allowed sign-in URLs."
            ),
            Self::SiteUnavailable => f.write_str(SITE_UNAVAILABLE),
            Self::TimedOut => f.write_str(TIMED_OUT),
            Self::Cancelled => f.write_str(CANCELLED),
            Self::SessionOpen => f.write_str(SESSION_OPEN),
            Self::BrowserMissing => f.write_str(BROWSER_MISSING),
            Self::BrowserFailed => f.write_str(BROWSER_FAILED),
            Self::NotTyped => f.write_str(NOT_TYPED),
            Self::NotSendable => f.write_str(NOT_SENDABLE),
            Self::SecondFactorNotUnderstood => f.write_str(SECOND_FACTOR_NOT_UNDERSTOOD),
            Self::CertificateNotTrusted { error, shown } => untrusted(f, error, shown.as_ref()),
            Self::BrowserSignIn => f.write_str(BROWSER_SIGN_IN),
            Self::SignInNotShown => f.write_str(SIGN_IN_NOT_SHOWN),
            Self::OldPasswordWorks => f.write_str(OLD_PASSWORD_WORKS),
            Self::TriesSpent => f.write_str(TRIES_SPENT),
            Self::TokensTaken => f.write_str(TOKENS_TAKEN),
            Self::SessionExpired => f.write_str(SESSION_EXPIRED),
            Self::NoTls => f.write_str(NO_TLS),
            Self::NotRehearsed => f.write_str(NOT_REHEARSED),
        }
    }
}

fn untrusted(f: &mut fmt::Formatter<'_>, error: &str, shown: Option<&CertificateFingerprint>) -> fmt::Result {
    if error == CERTIFICATE_DIFFERS {
        f.write_str(
            "The site shows another certificate than the one that is trusted in its site settings, so its page was \
             not opened. Either it was renewed, or somebody else answers in the site's place.",
        )?;
    } else {
        write!(f, "The site's certificate is not trusted ({error}), so its page was not opened.")?;
    }
    match shown {
        Some(shown) => write!(
            f,
            " It shows the certificate with the SHA-256 fingerprint {shown}. Look on the site's server whether that is its \
             own; only if it is, write the fingerprint into the credential's site settings, or give the site a certificate \
             that browsers trust."
        ),
        None => f.write_str(" Give the site a certificate that browsers trust."),
    }
}

/// What a challenge asks, which only a person can give.
const fn asks(challenge: Challenge) -> &'static str {
    match challenge {
        Challenge::Captcha => "The site shows a CAPTCHA, which only a person can solve.",
        Challenge::Location => "The site asks for extra verification of this sign-in, which only a person can give.",
        Challenge::TrustBrowser => {
            "The site asks whether to trust this browser, in a way that only a person can answer."
        }
        Challenge::NewDevice => "The site has sent a code to the account's owner, which only they can enter.",
        Challenge::Unknown => "The site shows a page that is not recognised; a person has to help.",
    }
}

const WRONG_PASSWORD: &str = "\
    The site did not accept the user name and password. Check the stored password by signing in at the site yourself.";
const WRONG_TOKEN: &str = "\
    The site did not accept the token. Check the setup key, and compare the site's clock with this server's.";
const ACCOUNT_LOCKED: &str = "The site has locked the account. Unlock it there, or wait as long as the site says.";
const RATE_LIMITED: &str = "There were too many tries in a short time. Try again later.";
const LAYOUT_UNKNOWN: &str = "\
    The page to sign in or to change the password was not found. Enter its URL in the credential's site settings.";
const SITE_UNAVAILABLE: &str = "The site did not answer, or is broken. Try again later.";
const TIMED_OUT: &str = "The site did not react in time to what was sent. Look at the screenshot, then try again.";
const CANCELLED: &str = "Cancelled before anything was changed.";
const SESSION_OPEN: &str = "\
    A session of this credential is open. The change continues automatically when the session has ended.";
const BROWSER_MISSING: &str = "\
    No Chromium runs on the server, so no site can be visited: install the package chromium there; `countersign \
    doctor` says more.";
const BROWSER_FAILED: &str = "\
    The browser on the server stopped working in the middle. Try again; `countersign doctor` says whether memory \
    or disk is short there.";
const NOT_TYPED: &str = "\
    A form of the site did not accept what was entered, so nothing was sent. Look at the screenshot; start a \
    session to see what the form wants.";
const NOT_SENDABLE: &str = "\
    A form of the site could not be sent: its button stayed disabled, pressing it did nothing, the page loaded itself \
    again before there was an answer, or the password would have been in the URL. Look at the screenshot; start \
    a session to see what the form wants.";
const SECOND_FACTOR_NOT_UNDERSTOOD: &str = "\
    The site asks for a second factor in a way that was not understood. Start a session to see what it asks for, \
    and choose the authenticator app there as the default.";
const BROWSER_SIGN_IN: &str = "\
    The site asks for name and password in the browser's own window (HTTP authentication), in a way that cannot be \
    answered. If it has a sign-in page, enter that URL in the credential's site settings.";
const SIGN_IN_NOT_SHOWN: &str = "\
    Nothing on the site's pages shows whether the sign-in worked: they look the same to a stranger. Sign in \
    yourself to see, and enter the URL of a page that only members see in the credential's site settings.";
const OLD_PASSWORD_WORKS: &str = "\
    The site refuses the new password and still takes the old one, although it had not refused the change. Some \
    sites take minutes to learn of a change; both passwords are kept, and it is tried again.";
const TRIES_SPENT: &str = "\
    The site has refused a password as often as Countersign tries it, so that the account is not \
    locked. Sign in yourself to see which password works, then resolve the change.";
const TOKENS_TAKEN: &str = "\
    Others used every token of this setup key for minutes, and a site accepts a token once. The audit log says who; \
    it is tried again automatically.";
const SESSION_EXPIRED: &str = "\
    The site says that its session or form had expired when the new password was sent. Run it again.";
const NO_TLS: &str = "\
    Not automatable: no TLS. The site is plain HTTP to a public host, so nothing was typed there. Write its \
    https:// URL into the credential and its site settings.";
const NOT_REHEARSED: &str = "\
    The site's URL, its allowed sign-in URLs or its trusted certificate were changed since the last test run, so \
    nothing was entered there. Do a test run first.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_stable_json() {
        let reason = ChangeReason::Challenge { challenge: Challenge::Captcha };
        assert_eq!(serde_json::to_string(&reason).unwrap(), r#"{"code":"challenge","challenge":"captcha"}"#);
        let reason = ChangeReason::PasswordRejected { rule: "too short".into() };
        let text = serde_json::to_string(&reason).unwrap();
        assert_eq!(serde_json::from_str::<ChangeReason>(&text).unwrap(), reason);
        assert_eq!(reason.code(), "password_rejected");
    }
}
