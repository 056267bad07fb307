//! The hand on the site: sets hurdles, tells what is so and what happened. For tests, never for browsers under test.

mod api;
mod told;

pub(crate) use api::router;
pub use told::{Sitting, UserTold};

use crate::account::{NewUser, NewUserError};
use crate::hurdles::{Hurdles, HurdlesError};
use crate::journal::{Event, Gate, Mail, Typed};
use crate::truth::{Truth, truth};
use crate::world::{Origins, World};
use parking_lot::Mutex;
use serde_json::Value;
use std::sync::Arc;

/// The control of one practice site, in the same process. The HTTP API does the same.
#[derive(Clone, Debug)]
pub struct Control {
    world: Arc<Mutex<World>>,
}

impl Control {
    pub(crate) fn new(world: Arc<Mutex<World>>) -> Self {
        Self { world }
    }

    /// The site's origins.
    #[must_use]
    pub fn origins(&self) -> Origins {
        self.world.lock().origins.clone()
    }

    /// The hurdles as they are for everybody, or for one user.
    #[must_use]
    pub fn hurdles(&self, user: Option<&str>) -> Hurdles {
        self.world.lock().hurdles_for(user)
    }

    /// Replaces the global hurdles; counted faults begin anew.
    pub fn set_hurdles(&self, hurdles: Hurdles) {
        self.world.lock().set_hurdles(hurdles);
    }

    /// Changes the named switches, for everybody or for one user, by a JSON merge patch (RFC 7396); the patch `null`
    /// takes all of a user's own hurdles away. Gives the hurdles that hold then.
    ///
    /// # Errors
    /// When the patch names a switch that does not exist or a value it cannot have; nothing is changed then.
    pub fn patch_hurdles(&self, user: Option<&str>, patch: &Value) -> Result<Hurdles, HurdlesError> {
        self.world.lock().patch_hurdles(user, patch)
    }

    /// Opens an account.
    ///
    /// # Errors
    /// When the name is taken or the name, seed or token parameters cannot be used.
    pub fn add_user(&self, user: NewUser) -> Result<(), NewUserError> {
        self.world.lock().add_user(user)
    }

    /// All accounts, by name.
    #[must_use]
    pub fn users(&self) -> Vec<UserTold> {
        let world = self.world.lock();
        world.users.values().map(|user| UserTold::new(user, world.now())).collect()
    }

    /// One account; `None` when there is none.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<UserTold> {
        let world = self.world.lock();
        world.users.get(name).map(|user| UserTold::new(user, world.now()))
    }

    /// Whether this is the user's password now; counts as no attempt.
    #[must_use]
    pub fn check(&self, user: &str, password: &str) -> bool {
        self.world.lock().users.get(user).is_some_and(|user| user.is_password(password))
    }

    /// Sets a password as if the user had changed it elsewhere; `false` when there is no such user.
    #[must_use]
    pub fn set_password(&self, user: &str, password: &str) -> bool {
        self.world.lock().users.get_mut(user).map(|user| user.set_password(password)).is_some()
    }

    /// The user's token at the site's time; `None` without a seed.
    #[must_use]
    pub fn token(&self, user: &str) -> Option<String> {
        let world = self.world.lock();
        let now = world.now();
        world.users.get(user).and_then(|user| user.current_token(now))
    }

    /// Unlocks an account; `false` when there is none.
    #[must_use]
    pub fn unlock(&self, user: &str) -> bool {
        self.world.lock().users.get_mut(user).map(crate::account::User::unlock).is_some()
    }

    /// Ends every session of a user.
    pub fn sign_out(&self, user: &str) {
        self.world.lock().end_visits(user, None);
    }

    /// Forgets every browser: no cookie of before is known, nothing is trusted.
    pub fn forget_browsers(&self) {
        let mut world = self.world.lock();
        world.visits.clear();
        world.browsers.clear();
    }

    /// The sessions that are signed in or on the way, the latest last.
    #[must_use]
    pub fn sittings(&self) -> Vec<Sitting> {
        let world = self.world.lock();
        let mut all: Vec<Sitting> = world.visits.values().filter_map(|visit| Sitting::new(&world, visit)).collect();
        all.sort_by(|one, other| (one.begun, &one.id).cmp(&(other.begun, &other.id)));
        all
    }

    /// Every field that was typed into or sent, in order.
    #[must_use]
    pub fn typed(&self) -> Vec<Typed> {
        self.world.lock().journal.typed.iter().cloned().collect()
    }

    /// What the other origin got that asks for passwords.
    #[must_use]
    pub fn trapped(&self) -> Vec<Typed> {
        self.world.lock().journal.typed.iter().filter(|typed| typed.gate == Gate::Trap).cloned().collect()
    }

    /// The mails that were sent, to all or to one user, in order.
    #[must_use]
    pub fn mails(&self, user: Option<&str>) -> Vec<Mail> {
        let world = self.world.lock();
        world.journal.mails.iter().filter(|mail| user.is_none_or(|user| mail.user == user)).cloned().collect()
    }

    /// What happened, in order.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.world.lock().journal.events.iter().cloned().collect()
    }

    /// Empties the logs: typed, mails, events.
    pub fn clear_logs(&self) {
        self.world.lock().journal = crate::journal::Journal::default();
    }

    /// The site's time, in seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.world.lock().now()
    }

    /// Sets how far the site's clock goes ahead, in seconds; negative is behind.
    pub fn set_clock(&self, offset_seconds: i64) {
        self.world.lock().hurdles.clock.offset_seconds = offset_seconds;
    }

    /// Moves the site's clock on by so many seconds.
    pub fn advance(&self, seconds: i64) {
        let offset = &mut self.world.lock().hurdles.clock.offset_seconds;
        *offset = offset.saturating_add(seconds);
    }

    /// What is so about the site as this user meets it; for nobody in particular, by the global hurdles.
    #[must_use]
    pub fn truth(&self, user: Option<&str>) -> Truth {
        let world = self.world.lock();
        let token = user.and_then(|user| world.users.get(user)).and_then(|user| user.token.as_ref());
        truth(&world.hurdles_for(user), token.map_or(6, |token| token.digits))
    }
}
