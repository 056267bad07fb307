//! The people of the network: their passwords, seeds, locks, and what is counted of them.

use crate::hurdles::{Guard, PasswordRules};
use crate::rules::{Broken, check};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// Somebody who gets an account when the site starts, or by the control API.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The name to sign in with.
    pub name: String,
    /// The password.
    pub password: String,
    /// The mail address, also good for signing in; unset, one is made of the name.
    #[serde(default)]
    pub mail: Option<String>,
    /// The TOTP seed in base32, in any case, with or without blanks; unset or empty, no token is asked.
    #[serde(default)]
    pub seed: Option<String>,
    /// The hash of the token; SHA1 unless said.
    #[serde(default)]
    pub algorithm: TokenHash,
    /// Digits of a token, 6 to 8; 6 unless said.
    #[serde(default)]
    pub digits: Option<u8>,
    /// Seconds of a step; 30 unless said.
    #[serde(default)]
    pub period: Option<u32>,
}

impl NewUser {
    /// A user with a seed in base32; an empty seed is none.
    #[must_use]
    pub fn new(name: &str, password: &str, seed: &str) -> Self {
        Self { name: name.to_owned(), password: password.to_owned(), seed: Some(seed.to_owned()), ..Self::default() }
    }
}

/// The hash of a token (RFC 6238 §1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenHash {
    /// SHA-1.
    #[default]
    SHA1,
    /// SHA-256.
    SHA256,
    /// SHA-512.
    SHA512,
}

/// An account that cannot be opened.
#[derive(Debug, Error)]
pub enum NewUserError {
    /// The name is taken.
    #[error("there is a user {0} already")]
    Taken(String),
    /// The name is empty or holds something that does not go into an address.
    #[error("the name {0:?} must be 1 to 64 letters, digits, `.`, `-`, `_` or `@`")]
    Name(String),
    /// The seed cannot be read.
    #[error("the seed of {0} is no base32: use the letters A to Z and the digits 2 to 7")]
    Seed(String),
    /// The parameters of the token are out of range.
    #[error("the token of {0} must have 6 to 8 digits and a step of 1 to 86400 seconds")]
    Token(String),
}

/// One account.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) mail: String,
    password: String,
    former: Vec<String>,
    pub(crate) token: Option<TokenParameters>,
    last_step: Option<u64>,
    pub(crate) bad_in_row: u32,
    locked_until: Option<i64>,
    /// Trust that was given under an older number has ended.
    pub(crate) trust_number: u64,
    /// So many passwords are still compared with the former one.
    pub(crate) late_for: u32,
    pub(crate) counts: Counts,
    pub(crate) posts: Vec<String>,
}

/// What makes the tokens of one account.
#[derive(Clone, Debug)]
pub(crate) struct TokenParameters {
    pub(crate) seed: String,
    pub(crate) algorithm: TokenHash,
    pub(crate) digits: u8,
    pub(crate) period: u32,
}

/// What happened on one account since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Sign-ins that went all the way.
    pub sign_ins: u32,
    /// Right passwords at the sign-in, whatever came after.
    pub right_passwords: u32,
    /// Wrong passwords at the sign-in.
    pub wrong_passwords: u32,
    /// Right passwords that were refused because the account was locked.
    pub refused_while_locked: u32,
    /// Tokens that were taken.
    pub right_tokens: u32,
    /// Tokens that were wrong.
    pub wrong_tokens: u32,
    /// Tokens that were right, but used already.
    pub replayed_tokens: u32,
    /// The longest row of bad sign-ins.
    pub longest_bad_row: u32,
    /// How often the account was locked.
    pub locks: u32,
    /// Changes of the password that took place.
    pub changes: u32,
    /// Change forms that were refused.
    pub refused_changes: u32,
}

/// What a password is, at the sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Right,
    Wrong,
    Locked,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenChecked {
    Right,
    Wrong,
    Used,
}

impl User {
    pub(crate) fn new(new: NewUser) -> Result<Self, NewUserError> {
        let fits = |character: char| character.is_alphanumeric() || ".-_@".contains(character);
        if new.name.is_empty() || new.name.chars().count() > 64 || !new.name.chars().all(fits) {
            return Err(NewUserError::Name(new.name));
        }
        let seed = new.seed.as_deref().map(tidy_seed).filter(|seed| !seed.is_empty());
        let token = match seed {
            None => None,
            Some(seed) => {
                Secret::try_from_base32(&seed).map_err(|_| NewUserError::Seed(new.name.clone()))?;
                let (digits, period) = (new.digits.unwrap_or(6), new.period.unwrap_or(30));
                if !(6..=8).contains(&digits) || !(1..=86_400).contains(&period) {
                    return Err(NewUserError::Token(new.name));
                }
                Some(TokenParameters { seed, algorithm: new.algorithm, digits, period })
            }
        };
        let mail = new.mail.unwrap_or_else(|| format!("{}@mail.example", new.name.replace('@', ".")));
        Ok(Self {
            name: new.name,
            mail,
            password: new.password,
            former: Vec::new(),
            token,
            last_step: None,
            bad_in_row: 0,
            locked_until: None,
            trust_number: 0,
            late_for: 0,
            counts: Counts::default(),
            posts: Vec::new(),
        })
    }

    /// Whether this is the password; counts nothing.
    pub(crate) fn is_password(&self, password: &str) -> bool {
        self.password == password
    }

    pub(crate) fn locked(&self, now: i64) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    pub(crate) fn unlock(&mut self) {
        self.locked_until = None;
        self.bad_in_row = 0;
    }

    /// A password at the sign-in: counted, and refused while the account is locked.
    pub(crate) fn try_password(&mut self, password: &str, guard: &Guard, now: i64) -> Checked {
        if self.locked_until.is_some_and(|until| now >= until) {
            self.unlock();
        }
        let late = self.late_for > 0;
        self.late_for = self.late_for.saturating_sub(1);
        let former = || self.former.last().is_some_and(|former| former == password);
        let right = if late { former() } else { self.is_password(password) };
        if self.locked(now) {
            self.counts.refused_while_locked += u32::from(right);
            return Checked::Locked;
        }
        if right {
            self.counts.right_passwords += 1;
            return Checked::Right;
        }
        self.counts.wrong_passwords += 1;
        self.bad(guard, now);
        Checked::Wrong
    }

    /// A token: counted; used up when replay is refused. Without a seed every token is right.
    pub(crate) fn try_token(&mut self, token: &str, guard: &Guard, now: i64) -> TokenChecked {
        let Some(parameters) = &self.token else { return TokenChecked::Right };
        let digits: String = token.chars().filter(|character| !character.is_whitespace()).collect();
        let found = parameters.totp(guard.skew).check(&digits, now.max(0).unsigned_abs());
        let used = |step: u64| guard.refuse_replay && self.last_step.is_some_and(|last| step <= last);
        match found {
            Some(step) if used(step) => {
                self.counts.replayed_tokens += 1;
                self.bad(guard, now);
                TokenChecked::Used
            }
            Some(step) => {
                self.last_step = self.last_step.max(Some(step));
                self.counts.right_tokens += 1;
                TokenChecked::Right
            }
            None => {
                self.counts.wrong_tokens += 1;
                self.bad(guard, now);
                TokenChecked::Wrong
            }
        }
    }

    /// The token of this moment; `None` without a seed.
    pub(crate) fn current_token(&self, now: i64) -> Option<String> {
        self.token.as_ref().map(|parameters| parameters.totp(0).generate(now.max(0).unsigned_abs()).to_string())
    }

    /// Why a new password is not taken; `None` when it is.
    pub(crate) fn refuses(&self, new: &str, rules: &PasswordRules) -> Option<Broken> {
        check(new, rules, &self.name).or_else(|| {
            let kept = (rules.no_reuse as usize).saturating_sub(1);
            let known = rules.no_reuse > 0
                && (self.is_password(new) || self.former.iter().rev().take(kept).any(|former| former == new));
            known.then_some(Broken::Reused)
        })
    }

    pub(crate) fn set_password(&mut self, new: &str) {
        self.former.push(std::mem::replace(&mut self.password, new.to_owned()));
        self.counts.changes += 1;
    }

    pub(crate) fn signed_in(&mut self) {
        self.bad_in_row = 0;
        self.counts.sign_ins += 1;
    }

    fn bad(&mut self, guard: &Guard, now: i64) {
        self.bad_in_row += 1;
        self.counts.longest_bad_row = self.counts.longest_bad_row.max(self.bad_in_row);
        if guard.lock_after > 0 && self.bad_in_row >= guard.lock_after {
            self.counts.locks += 1;
            self.locked_until =
                Some(if guard.lock_seconds == 0 { i64::MAX } else { now.saturating_add(guard.lock_seconds.into()) });
        }
    }
}

impl TokenParameters {
    /// Plain defaults for a seed that was made here.
    pub(crate) fn plain(seed: String) -> Self {
        Self { seed, algorithm: TokenHash::SHA1, digits: 6, period: 30 }
    }

    pub(crate) fn totp(&self, skew: u16) -> Totp {
        // Sites hand out seeds of 80 bits, too, which the strict way to build refuses.
        let secret = Secret::try_from_base32(&self.seed).unwrap_or_else(|_| Secret::from(Vec::new()));
        Builder::new()
            .with_algorithm(match self.algorithm {
                TokenHash::SHA1 => Algorithm::SHA1,
                TokenHash::SHA256 => Algorithm::SHA256,
                TokenHash::SHA512 => Algorithm::SHA512,
            })
            .with_digits(self.digits)
            .with_step_duration(self.period.into())
            .with_skew(skew)
            .with_secret(secret)
            .build_noncompliant()
    }

    /// The address that a QR code carries.
    pub(crate) fn uri(&self, name: &str) -> String {
        let algorithm = match self.algorithm {
            TokenHash::SHA1 => "SHA1",
            TokenHash::SHA256 => "SHA256",
            TokenHash::SHA512 => "SHA512",
        };
        format!(
            "otpauth://totp/Plauder:{name}?secret={}&issuer=Plauder&algorithm={algorithm}&digits={}&period={}",
            self.seed, self.digits, self.period
        )
    }
}

fn tidy_seed(seed: &str) -> String {
    seed.chars().filter(|character| !character.is_whitespace() && *character != '=').collect::<String>().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::{Checked, NewUser, TokenChecked, TokenHash, User};
    use crate::hurdles::Guard;

    fn alice() -> User {
        User::new(NewUser::new("alice", "right", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq")).unwrap()
    }

    #[test]
    fn tokens_are_those_of_rfc_6238() {
        let mut new = NewUser::new("a", "p", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        new.digits = Some(8);
        assert_eq!(User::new(new.clone()).unwrap().current_token(1_111_111_109).as_deref(), Some("07081804"));
        new.algorithm = TokenHash::SHA256;
        new.seed = Some("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA".to_owned());
        assert_eq!(User::new(new).unwrap().current_token(59).as_deref(), Some("46119246"));
    }

    #[test]
    fn a_used_step_and_every_older_one_is_refused_only_when_replay_is() {
        let now = 1_700_000_000;
        let mut user = alice();
        let token = user.current_token(now).unwrap();
        let mut guard = Guard::default();
        assert_eq!(user.try_token(&token, &guard, now), TokenChecked::Right);
        assert_eq!(user.try_token(&token, &guard, now), TokenChecked::Right);
        guard.refuse_replay = true;
        assert_eq!(user.try_token(&token, &guard, now), TokenChecked::Used);
        let before = user.current_token(now - 30).unwrap();
        assert_eq!(user.try_token(&before, &guard, now), TokenChecked::Used);
        let next = user.current_token(now + 30).unwrap();
        assert_eq!(user.try_token(&next, &guard, now), TokenChecked::Right);
        assert_eq!((user.counts.right_tokens, user.counts.replayed_tokens), (3, 2));
    }

    #[test]
    fn a_lock_refuses_the_right_password_until_its_time_is_over() {
        let guard = Guard { lock_after: 2, lock_seconds: 60, ..Guard::default() };
        let mut user = alice();
        assert_eq!(user.try_password("no", &guard, 100), Checked::Wrong);
        assert_eq!(user.try_password("no", &guard, 100), Checked::Wrong);
        assert_eq!(user.try_password("right", &guard, 159), Checked::Locked);
        assert_eq!(user.try_password("right", &guard, 160), Checked::Right);
        assert_eq!((user.counts.refused_while_locked, user.counts.locks), (1, 1));
    }

    #[test]
    fn names_seeds_and_token_parameters_are_checked() {
        assert!(User::new(NewUser::new("", "p", "")).is_err());
        assert!(User::new(NewUser::new("a b", "p", "")).is_err());
        assert!(User::new(NewUser::new("a", "p", "01189")).is_err());
        let mut new = NewUser::new("a", "p", "GEZDGNBV");
        new.digits = Some(5);
        assert!(User::new(new).is_err());
    }
}
