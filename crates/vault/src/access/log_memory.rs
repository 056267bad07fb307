//! What the log tells of who was let in, and what was ended.

use std::collections::{HashMap, HashSet};

use countersign_audit::{AuditAction, AuditEntry, Detail};
use countersign_model::{Role, UserId};
use countersign_store::{
    access::{ApiTokenRow, WebSessionRow},
    engine,
    passkeys::PasskeyRow,
    people::PersonRow,
};
use uuid::Uuid;

/// What the log tells of who was let in and what was ended, up to a record.
#[derive(Default)]
pub(crate) struct LogMemory {
    pub(super) seen: u64,
    /// Sessions and API tokens that were ended by id, and users who were removed.
    ended: HashSet<Uuid>,
    /// By which record a session or token that was not ended by id was made.
    made: HashMap<Uuid, u64>,
    /// The last record that ended all of a user's sessions, and the last that ended all their tokens.
    sessions_ended: HashMap<Uuid, u64>,
    tokens_ended: HashMap<Uuid, u64>,
    /// The last record with which all of a user's passkeys went.
    passkeys_ended: HashMap<Uuid, u64>,
    roles: HashMap<Uuid, String>,
    disabled: HashMap<Uuid, bool>,
}

impl LogMemory {
    pub(super) fn note(&mut self, seq: u64, entry: &AuditEntry) {
        let Some(id) = entry.object.as_ref().and_then(|object| object.id) else { return };
        let is = |act: AuditAction| entry.act == act.name();
        if is(AuditAction::ApiTokenCreated) || is(AuditAction::SignedIn) || is(AuditAction::PasskeyAdded) {
            self.made.insert(id, seq);
            if let Some(Detail::Text(replaced)) = entry.details.get("replaces")
                && let Ok(replaced) = replaced.parse()
            {
                self.end(replaced);
            }
        } else if [
            AuditAction::ApiTokenRevoked,
            AuditAction::WebSessionEnded,
            AuditAction::SignedOut,
            AuditAction::PasskeyRemoved,
        ]
        .into_iter()
        .any(is)
        {
            self.end(id);
        } else if is(AuditAction::UserRemoved) {
            self.end(id);
            self.end_all(id, seq);
        } else if is(AuditAction::SetUpLinkUsed) {
            self.end_all(id, seq);
        } else if is(AuditAction::SecondFactorReset) {
            self.end_all(id, seq);
            self.passkeys_ended.insert(id, seq);
        } else if is(AuditAction::WaysInEnded) {
            self.tokens_ended.insert(id, seq);
            // The browser of who did it stays.
            if entry.actor.id != Some(id) {
                self.sessions_ended.insert(id, seq);
            }
        } else if is(AuditAction::UserCreated) || is(AuditAction::UserEdited) {
            self.note_user(id, seq, entry);
        }
    }

    fn note_user(&mut self, id: Uuid, seq: u64, entry: &AuditEntry) {
        if let Some(Detail::Text(role)) = entry.details.get("role") {
            self.roles.insert(id, role.clone());
        }
        if let Some(Detail::Flag(disabled)) = entry.details.get("disabled") {
            self.disabled.insert(id, *disabled);
        }
        if entry.details.contains_key("password") || entry.details.contains_key("second_factor") {
            self.end_all(id, seq);
        }
        if entry.details.contains_key("second_factor") {
            self.passkeys_ended.insert(id, seq);
        }
    }

    fn end(&mut self, id: Uuid) {
        self.made.remove(&id);
        self.ended.insert(id);
    }

    fn end_all(&mut self, person: Uuid, seq: u64) {
        self.sessions_ended.insert(person, seq);
        self.tokens_ended.insert(person, seq);
    }

    fn is_over(&self, id: Uuid, all_ended: Option<&u64>) -> bool {
        let before = |ended: &u64| self.made.get(&id).is_some_and(|made| made < ended);
        self.ended.contains(&id) || all_ended.is_some_and(before)
    }

    /// That the log tells nothing else of an API token and its owner.
    pub(crate) fn check_token(&self, row: &ApiTokenRow) -> Result<(), engine::Error> {
        let all_ended = self.tokens_ended.get(&row.person.uuid());
        let over = |id: Uuid| self.is_over(id, all_ended);
        if over(row.id.uuid()) || row.parent.is_some_and(|parent| over(parent.uuid())) {
            return Err(back("API token", &row.name, "ended before"));
        }
        self.check_user(row.person, &row.person_name, row.person_role, row.disabled)
    }

    /// The same of a signed-in browser.
    pub(crate) fn check_session(&self, row: &WebSessionRow) -> Result<(), engine::Error> {
        if self.is_over(row.id.uuid(), self.sessions_ended.get(&row.person.uuid())) {
            return Err(back("signed-in browser", &row.id.to_string(), "ended before"));
        }
        self.check_user(row.person, &row.name, row.role, row.disabled)
    }

    /// The same of a passkey; its user is looked at besides.
    pub(crate) fn check_passkey(&self, row: &PasskeyRow) -> Result<(), engine::Error> {
        if self.is_over(row.id.uuid(), self.passkeys_ended.get(&row.person.uuid())) {
            return Err(back("passkey", &row.name, "removed before"));
        }
        Ok(())
    }

    /// The same of a user.
    pub(crate) fn check_person(&self, row: &PersonRow) -> Result<(), engine::Error> {
        self.check_user(row.id, &row.name, row.role, row.disabled)
    }

    fn check_user(&self, id: UserId, name: &str, role: Role, disabled: bool) -> Result<(), engine::Error> {
        let id = id.uuid();
        if self.ended.contains(&id) {
            return Err(back("user", name, "removed before"));
        }
        if self.roles.get(&id).is_some_and(|told| told != role.name()) {
            return Err(back("user", name, "given another role since"));
        }
        if self.disabled.get(&id).is_some_and(|told| *told != disabled) {
            return Err(back("user", name, "disabled or let in again since"));
        }
        Ok(())
    }
}

fn back(what: &str, name: &str, told: &str) -> engine::Error {
    engine::Error::Tampered { what: format!("{what} \"{name}\", which by the audit log was {told}") }
}
