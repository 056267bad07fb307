//! What the control tells of accounts and sessions.

use crate::account::{Counts, User};
use crate::world::{Visit, World};
use serde::{Deserialize, Serialize};

/// An account, without its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserTold {
    /// The name.
    pub name: String,
    /// The mail address.
    pub mail: String,
    /// A token is asked.
    pub has_seed: bool,
    /// The account refuses the right password, too.
    pub locked: bool,
    /// Bad sign-ins since the last good one.
    pub bad_in_row: u32,
    /// What happened since the start.
    pub counts: Counts,
    /// What the account has written, the newest first.
    pub posts: Vec<String>,
}

impl UserTold {
    pub(super) fn new(user: &User, now: i64) -> Self {
        Self {
            name: user.name.clone(),
            mail: user.mail.clone(),
            has_seed: user.token.is_some(),
            locked: user.locked(now),
            bad_in_row: user.bad_in_row,
            counts: user.counts.clone(),
            posts: user.posts.clone(),
        }
    }
}

/// A session that is signed in or on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sitting {
    /// The value of its cookie.
    pub id: String,
    /// Who.
    pub user: String,
    /// All the way in.
    pub signed_in: bool,
    /// When it began, in seconds of the site's clock.
    pub begun: i64,
    /// The browser's `User-Agent`.
    pub agent: String,
    /// The user trusts the browser.
    pub trusted: bool,
    /// The right answer to the sum that it sees, as a person would read it from the picture.
    pub captcha_answer: Option<u64>,
}

impl Sitting {
    pub(super) fn new(world: &World, visit: &Visit) -> Option<Self> {
        let user = visit.user.clone().or_else(|| visit.pending.name.clone());
        if user.is_none() && visit.captcha.is_none() {
            return None;
        }
        let user = user.unwrap_or_default();
        let number = world.users.get(&user).map(|user| user.trust_number);
        let trusted = world
            .browsers
            .get(&visit.browser)
            .is_some_and(|browser| number.is_some() && browser.trusted_by.get(&user).copied() == number);
        Some(Self {
            id: visit.id.clone(),
            user,
            signed_in: visit.user.is_some(),
            begun: visit.begun,
            agent: visit.agent.clone(),
            trusted,
            captcha_answer: visit.captcha.as_ref().map(|sum| sum.left + sum.right),
        })
    }
}
