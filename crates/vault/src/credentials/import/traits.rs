//! By what an account is known again, and what it brings.

use countersign_model::{SecondFactor, search_key};
use countersign_otp::OtpSecret;
use countersign_transfer::Account;

use super::names::wanted_name;

/// Equal for equal secrets.
pub(super) type Print = [u8; 16];

/// By what an account is known again. Names and the user name are as they are searched for.
pub(super) struct Traits {
    /// What it is to be called.
    pub(super) wanted: String,
    /// What it may be called: an authenticator says "Example: alice" where a password manager says "Example". None where nothing
    /// says what it is called.
    pub(super) names: Vec<String>,
    pub(super) user: String,
    pub(super) seed: Option<Print>,
    pub(super) password: Option<Print>,
    /// How its tokens are made, and the counter of the next where they go by one.
    pub(super) second_factor: Option<SecondFactor>,
    pub(super) counter: Option<u64>,
    /// What else it brings, as far as it can be used.
    pub(super) site: Option<String>,
    pub(super) notes: bool,
    pub(super) tags: bool,
}

impl Traits {
    pub(super) fn of(account: &Account, seed: Option<Print>, password: Option<Print>) -> Self {
        let (name, user) = (account.name.trim(), account.account.trim());
        let issuer = account.issuer.as_deref().map(str::trim).filter(|issuer| !issuer.is_empty());
        let mut names = Vec::new();
        if !name.is_empty() {
            names.push(name.to_owned());
            // Without a user name, what an account is called says too little of whose it is.
            if !user.is_empty() {
                names.push(format!("{name}: {user}"));
                // Where it has no title of its own: one issuer has many services.
                if let Some(issuer) = issuer.filter(|issuer| name == format!("{issuer}: {user}") || name == *issuer) {
                    names.push(issuer.to_owned());
                }
            }
        }
        let mut names: Vec<String> = names.iter().map(|name| search_key(name)).collect();
        names.sort_unstable();
        names.dedup();
        Self {
            wanted: search_key(wanted_name(account)),
            names,
            user: search_key(user),
            seed,
            password,
            second_factor: account.secret.as_ref().map(OtpSecret::second_factor),
            counter: account.secret.as_ref().and_then(OtpSecret::counter),
            site: None,
            notes: !account.notes.trim().is_empty(),
            tags: false,
        }
    }

    /// With what of its site and tags can be used.
    pub(super) fn with(self, site: Option<String>, tags: bool) -> Self {
        Self { site, tags, ..self }
    }

    /// Under what it is looked for: each of its names, with its user name.
    pub(super) fn keys(&self) -> impl Iterator<Item = (String, String)> {
        self.names.iter().map(|name| (name.clone(), self.user.clone()))
    }
}
