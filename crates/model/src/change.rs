use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{CertificateFingerprint, Invalid};

/// Why a page was not loaded whose server showed another certificate than the one that is trusted: none of Chromium's own
/// names, because the connection was ended before Chromium saw it.
pub const CERTIFICATE_DIFFERS: &str = "CERTIFICATE_DIFFERS";

/// Why a page was not loaded whose address may not be connected to: the connection was ended before Chromium saw it.
pub const ADDRESS_REFUSED: &str = "ADDRESS_REFUSED";

/// What is done at a credential's site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Replace the password.
    Change,
    /// Go as far as the form for a new password, and type nothing into it.
    Rehearsal,
    /// Sign in, to notice when the site has moved.
    Heartbeat,
    /// Sign in for a session that a person has started.
    SignIn,
}

/// Where a change stands.
///
/// ```text
/// queued → signing in → changing → submitted → verifying → changed
///             ↓  ↑         ↓  ↑        ↓  ↑        ↓  ↑
///                 waiting for a person, in the same browser
/// ```
/// Beside this way: *postponed* (it runs later), *passed* (a rehearsal or heartbeat that went well), *failed* (the
/// password is unchanged), *cancelled*, and *in doubt*: it is not known which password holds, and it is being found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// Nobody works on it yet.
    Queued,
    /// Signing in with the current password.
    SigningIn,
    /// On the way to the form for a new password, and filling it.
    Changing,
    /// The new password was sent.
    Submitted,
    /// Proving by a fresh sign-in which password holds.
    Verifying,
    /// The browser is open, and a person has to act in it.
    WaitingForAPerson,
    /// It will run later.
    Postponed,
    /// Which password holds is not known yet; both are kept and will be tried.
    InDoubt,
    /// The new password holds, proven.
    Changed,
    /// The rehearsal or heartbeat went well.
    Passed,
    /// The password is unchanged.
    Failed,
    /// Somebody called it off before anything was changed.
    Cancelled,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Change, Self::Rehearsal, Self::Heartbeat, Self::SignIn];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Rehearsal => "rehearsal",
            Self::Heartbeat => "heartbeat",
            Self::SignIn => "sign_in",
        }
    }
}

impl ChangeState {
    /// Every state.
    pub const ALL: [Self; 12] = [
        Self::Queued,
        Self::SigningIn,
        Self::Changing,
        Self::Submitted,
        Self::Verifying,
        Self::WaitingForAPerson,
        Self::Postponed,
        Self::InDoubt,
        Self::Changed,
        Self::Passed,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::SigningIn => "signing_in",
            Self::Changing => "changing",
            Self::Submitted => "submitted",
            Self::Verifying => "verifying",
            Self::WaitingForAPerson => "waiting_for_a_person",
            Self::Postponed => "postponed",
            Self::InDoubt => "in_doubt",
            Self::Changed => "changed",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing follows.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Changed | Self::Passed | Self::Failed | Self::Cancelled)
    }

    /// Whether a change of `kind` may go from here to `next`. `armed`: the new password may have reached the site, so
    /// that "failed" has to be proven and "cancelled" is no longer true.
    pub const fn can_transition_to(self, kind: ChangeKind, next: Self, armed: bool) -> bool {
        use ChangeState::{
            Cancelled, Changed, Changing, Failed, InDoubt, Passed, Postponed, Queued, SigningIn, Submitted, Verifying,
            WaitingForAPerson,
        };
        let change = matches!(kind, ChangeKind::Change);
        if armed && !change {
            return false;
        }
        match (self, next) {
            (Changed | Passed | Failed | Cancelled, _) | (_, Queued) => false,
            // Before the new password may have reached the site, every way out is open.
            (_, Cancelled | Postponed) => !armed,
            (_, Failed) => !armed || matches!(self, Verifying | InDoubt),
            (_, InDoubt) => armed,
            (_, Changed) => armed && matches!(self, Verifying | InDoubt),
            (SigningIn, Passed) => matches!(kind, ChangeKind::Heartbeat | ChangeKind::SignIn),
            (Changing, Passed) => matches!(kind, ChangeKind::Rehearsal),
            (_, Passed) => false,
            (Queued | Postponed | SigningIn | Changing | WaitingForAPerson, SigningIn) => !armed,
            (Submitted | Verifying | InDoubt, SigningIn) => false,
            (SigningIn | Changing | WaitingForAPerson, Changing) => {
                !matches!(kind, ChangeKind::Heartbeat | ChangeKind::SignIn)
            }
            (Changing | WaitingForAPerson, Submitted) => armed,
            (Changing | Submitted | WaitingForAPerson | InDoubt | Verifying, Verifying) => armed,
            (SigningIn | Changing | Submitted | Verifying, WaitingForAPerson) => true,
            (WaitingForAPerson, WaitingForAPerson) => true,
            (Queued | Postponed, Changing | Submitted | Verifying | WaitingForAPerson)
            | (SigningIn, Submitted | Verifying)
            | (Submitted, Changing | Submitted)
            | (Verifying, Changing | Submitted)
            | (InDoubt, Changing | Submitted | WaitingForAPerson) => false,
        }
    }
}

/// Which of a change's two passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasswordSlot {
    /// The one that is current in the vault.
    Current,
    /// The new one, not verified yet.
    Candidate,
}

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
            Self::WrongPassword => f.write_str(
                "The site did not take name and password. Look at the stored password and try it at the site yourself.",
            ),
            Self::WrongToken => f.write_str(
                "The site did not take the token. Compare the seed with the site's, and its clock with ours.",
            ),
            Self::AccountLocked => {
                f.write_str("The site has locked the account. Unlock it there, or wait as long as the site says.")
            }
            Self::RateLimited => f.write_str("There were too many tries in a short time. Try again later."),
            Self::PasswordRejected { rule } if rule.is_empty() => f.write_str(
                "The site did not take the new password. Write its rules for passwords into the credential's site settings.",
            ),
            Self::PasswordRejected { rule } => write!(
                f,
                "The site did not take the new password: \"{rule}\" Write this rule into the credential's site settings."
            ),
            Self::Challenge { challenge } => f.write_str(match challenge {
                Challenge::Captcha => "The site asks for proof that one is human, which only a person can give.",
                Challenge::Location => "The site asks whether the sign-in was really yours, which only a person can answer.",
                Challenge::TrustBrowser => "The site asks whether to trust this browser, in a way that only a person can answer.",
                Challenge::NewDevice => {
                    "The site has sent a code to the account's owner, which only they can type."
                }
                Challenge::Unknown => {
                    "The site shows a page that cannot be read with certainty; a person has to help."
                }
            }),
            Self::LayoutUnknown => f.write_str(
                "The page to sign in or to change the password was not found. Write its address into the credential's site settings.",
            ),
            Self::LeftSite { origin } => write!(
                f,
                "The site led to {origin}, which does not belong to it. Nothing was typed there. If it does belong, add it \
                 to the site's origins."
            ),
            Self::SiteUnavailable => f.write_str("The site did not answer, or is broken. Try again later."),
            Self::TimedOut => f.write_str("The site did not react in time to what was sent. Look at the picture, then try again."),
            Self::Cancelled => f.write_str("Somebody called it off before anything was changed."),
            Self::SessionOpen => f.write_str(
                "A session of this credential is open. The change goes on by itself after the session has ended.",
            ),
            Self::BrowserMissing => f.write_str(
                "No Chromium runs on the server, so no site can be visited: install the package chromium there; \
                 `countersign doctor` says more.",
            ),
            Self::BrowserFailed => f.write_str(
                "The browser on the server stopped working in the middle. Try again; `countersign doctor` says whether memory or \
                 disk is short there.",
            ),
            Self::NotTyped => f.write_str(
                "A form of the site did not take what was typed into it, so nothing was sent. Look at the screenshot; start a \
                 session to see what the form wants.",
            ),
            Self::NotSendable => f.write_str(
                "A form of the site could not be sent: its button stayed disabled, pressing it did nothing, the page loaded itself \
                 again before there was an answer, or the password would have stood in an address. Look at the screenshot; start a session to see what the form wants.",
            ),
            Self::SecondFactorNotUnderstood => f.write_str(
                "The site asks for a second factor in a way that was not understood. Start a session to see what it asks for, and \
                 choose the authenticator app there as the default.",
            ),
            Self::CertificateNotTrusted { error, shown } => untrusted(f, error, shown.as_ref()),
            Self::BrowserSignIn => f.write_str(
                "The site asks for name and password in the browser's own window (HTTP authentication), in a way that cannot be \
                 answered. Write the address of its sign-in page into the credential's site settings, if it has one.",
            ),
            Self::SignInNotShown => f.write_str(
                "Nothing on the site's pages shows whether the sign-in worked: they look the same to a stranger. Sign in yourself \
                 to see, and write the address of a page that only members see into the credential's site settings.",
            ),
            Self::OldPasswordWorks => f.write_str(
                "The site refuses the new password and still takes the old one, although it had not refused the change. Some sites \
                 take minutes to learn of a change; both passwords are kept, and it is asked again.",
            ),
            Self::TriesSpent => f.write_str(
                "The site has refused a password as often as it is sent without a person's word, so that the account is not \
                 locked. Sign in yourself to see which password works, then resolve the change.",
            ),
            Self::TokensTaken => f.write_str(
                "Others took each token of this seed for minutes, and a site takes a token once. The audit log says who; it is \
                 tried again by itself.",
            ),
            Self::SessionExpired => f.write_str(
                "The site says that its session or form had expired when the new password was sent. Run it again.",
            ),
            Self::NoTls => f.write_str(
                "Not automatable: no TLS. The site is plain HTTP to a public host, so nothing was typed there. Write its https:// \
                 URL into the credential and its site settings.",
            ),
            Self::NotRehearsed => f.write_str(
                "The site's URL, origins or trusted certificate were changed since somebody last tried them, so nothing was \
                 typed there. Do a test run first.",
            ),
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

/// Who or what asked for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeTrigger {
    /// A person, or a program of theirs.
    Person,
    /// The policy: the password has become old.
    Schedule,
    /// The policy: somebody saw the password.
    AfterReveal,
    /// The daily look whether the site has moved.
    Heartbeat,
}

impl ChangeTrigger {
    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Schedule => "schedule",
            Self::AfterReveal => "after_reveal",
            Self::Heartbeat => "heartbeat",
        }
    }
}

macro_rules! by_name {
    ($($type:ty: $field:literal of $all:expr;)*) => {$(
        impl FromStr for $type {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let all = $all;
                all.into_iter().find(|one| one.name() == text).ok_or_else(|| {
                    let names: Vec<&str> = all.iter().map(|one| one.name()).collect();
                    Invalid { field: $field, problem: format!("is none of {}", names.join(", ")) }
                })
            }
        }
    )*};
}

by_name! {
    ChangeKind: "kind" of Self::ALL;
    ChangeState: "state" of Self::ALL;
    ChangeTrigger: "because" of [Self::Person, Self::Schedule, Self::AfterReveal, Self::Heartbeat];
}

#[cfg(test)]
mod tests {
    use super::{ChangeState as S, *};

    /// All that may follow, as the walk of a change in the design says it.
    const CHANGE: &[(S, &[S], &[S])] = &[
        (S::Queued, &[S::SigningIn, S::Postponed, S::Failed, S::Cancelled], &[S::InDoubt]),
        (S::Postponed, &[S::SigningIn, S::Postponed, S::Failed, S::Cancelled], &[S::InDoubt]),
        (
            S::SigningIn,
            &[S::SigningIn, S::Changing, S::WaitingForAPerson, S::Postponed, S::Failed, S::Cancelled],
            &[S::Changing, S::WaitingForAPerson, S::InDoubt],
        ),
        (
            S::Changing,
            &[S::SigningIn, S::Changing, S::WaitingForAPerson, S::Postponed, S::Failed, S::Cancelled],
            &[S::Changing, S::Submitted, S::Verifying, S::WaitingForAPerson, S::InDoubt],
        ),
        (
            S::Submitted,
            &[S::WaitingForAPerson, S::Postponed, S::Failed, S::Cancelled],
            &[S::Verifying, S::WaitingForAPerson, S::InDoubt],
        ),
        (
            S::Verifying,
            &[S::WaitingForAPerson, S::Postponed, S::Failed, S::Cancelled],
            &[S::Verifying, S::WaitingForAPerson, S::Changed, S::Failed, S::InDoubt],
        ),
        (
            S::WaitingForAPerson,
            &[S::SigningIn, S::Changing, S::WaitingForAPerson, S::Postponed, S::Failed, S::Cancelled],
            &[S::Changing, S::Submitted, S::Verifying, S::WaitingForAPerson, S::InDoubt],
        ),
        (S::InDoubt, &[S::Postponed, S::Failed, S::Cancelled], &[S::Verifying, S::Changed, S::Failed, S::InDoubt]),
        (S::Changed, &[], &[]),
        (S::Failed, &[], &[]),
        (S::Cancelled, &[], &[]),
    ];

    #[test]
    fn a_change_goes_only_where_the_design_says() {
        for (from, free, armed) in CHANGE {
            for next in S::ALL {
                for (is_armed, allowed) in [(false, free), (true, armed)] {
                    assert_eq!(
                        from.can_transition_to(ChangeKind::Change, next, is_armed),
                        allowed.contains(&next),
                        "{from:?} → {next:?}, armed: {is_armed}"
                    );
                }
            }
        }
    }

    #[test]
    fn promise_2_what_may_have_changed_is_neither_failed_nor_cancelled_without_proof() {
        for from in [S::Queued, S::Postponed, S::SigningIn, S::Changing, S::Submitted, S::WaitingForAPerson] {
            assert!(!from.can_transition_to(ChangeKind::Change, S::Failed, true), "{from:?}");
        }
        for from in S::ALL {
            assert!(!from.can_transition_to(ChangeKind::Change, S::Cancelled, true), "{from:?}");
            assert!(!from.can_transition_to(ChangeKind::Change, S::Changed, false), "{from:?}");
        }
    }

    #[test]
    fn rehearsals_and_heartbeats_never_reach_the_point_of_no_return() {
        for kind in [ChangeKind::Rehearsal, ChangeKind::Heartbeat, ChangeKind::SignIn] {
            for from in S::ALL {
                for next in [S::Submitted, S::Verifying, S::Changed, S::InDoubt] {
                    assert!(!from.can_transition_to(kind, next, false) && !from.can_transition_to(kind, next, true));
                }
            }
        }
        for kind in [ChangeKind::Heartbeat, ChangeKind::SignIn] {
            assert!(S::SigningIn.can_transition_to(kind, S::Passed, false));
            assert!(!S::SigningIn.can_transition_to(kind, S::Changing, false));
        }
        assert!(S::Changing.can_transition_to(ChangeKind::Rehearsal, S::Passed, false));
        assert!(!S::SigningIn.can_transition_to(ChangeKind::Change, S::Passed, false));
    }

    #[test]
    fn names_read_back_and_reasons_are_stable_json() {
        for state in S::ALL {
            assert_eq!(state.name().parse::<S>().unwrap(), state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        let reason = ChangeReason::Challenge { challenge: Challenge::Captcha };
        assert_eq!(serde_json::to_string(&reason).unwrap(), r#"{"code":"challenge","challenge":"captcha"}"#);
        let reason = ChangeReason::PasswordRejected { rule: "too short".into() };
        let text = serde_json::to_string(&reason).unwrap();
        assert_eq!(serde_json::from_str::<ChangeReason>(&text).unwrap(), reason);
        assert_eq!(reason.code(), "password_rejected");
    }
}
