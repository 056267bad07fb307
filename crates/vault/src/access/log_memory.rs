//! What the log tells of who was let in, and what was ended.

use std::collections::{HashMap, HashSet};

use countersign_audit::{AuditAction, AuditEntry, Detail};
use countersign_model::{Role, Timestamp, UserId};
use countersign_store::{
    access::{ApiTokenRow, WebSessionRow},
    devices::DeviceRow,
    engine,
    federated::FederatedIdentityRow,
    passkeys::PasskeyRow,
    people::PersonRow,
    scim::ScimTokenRow,
    services::{AccessTokenRow, SecretRow},
};
use uuid::Uuid;

/// What the log tells of who was let in and what was ended, up to a record.
#[derive(Default)]
pub(crate) struct LogMemory {
    pub(super) seen: u64,
    /// Sessions, API tokens and the like that were ended by id, and users who were removed.
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
    /// When a secret ends that another has taken the place of.
    secrets_end: HashMap<Uuid, Timestamp>,
}

impl LogMemory {
    pub(super) fn note(&mut self, seq: u64, entry: &AuditEntry) {
        let Some(id) = entry.object.as_ref().and_then(|object| object.id) else { return };
        let is = |act: AuditAction| entry.act == act.name();
        let made =
            [AuditAction::ApiTokenCreated, AuditAction::SignedIn, AuditAction::PasskeyAdded, AuditAction::DevicePaired];
        if made.into_iter().any(is) {
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
            AuditAction::DeviceRemoved,
            AuditAction::ClientSecretRemoved,
            AuditAction::FederatedIdentityRemoved,
            AuditAction::ScimTokenRemoved,
        ]
        .into_iter()
        .any(is)
        {
            self.end(id);
        } else if is(AuditAction::UserRemoved) || is(AuditAction::ServiceAccountRemoved) {
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
        } else if is(AuditAction::ClientSecretReplaced) || is(AuditAction::ScimTokenReplaced) {
            if let Some(Detail::Number(end)) = entry.details.get("ends_at") {
                self.secrets_end.insert(id, Timestamp::from_micros(*end));
            }
        } else if [
            AuditAction::UserCreated,
            AuditAction::UserEdited,
            AuditAction::ServiceAccountCreated,
            AuditAction::ServiceAccountEdited,
        ]
        .into_iter()
        .any(is)
        {
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

    /// The same of a browser extension and its person.
    pub(crate) fn check_device(&self, row: &DeviceRow) -> Result<(), engine::Error> {
        if self.is_over(row.id.uuid(), self.tokens_ended.get(&row.person.uuid())) {
            return Err(back("browser extension", &row.name, "removed before"));
        }
        self.check_user(row.person, &row.person_name, row.person_role, row.disabled)
    }

    /// The same of a service account's secret.
    pub(crate) fn check_secret(&self, row: &SecretRow) -> Result<(), engine::Error> {
        let told = self.secrets_end.get(&row.id.uuid());
        let later = told.is_some_and(|told| row.expires_at.is_none_or(|end| end > *told));
        if later || self.ended.contains(&row.id.uuid()) {
            return Err(back("client secret", &row.hint, "replaced or removed before"));
        }
        Ok(())
    }

    /// The same of whose tokens a service account takes.
    pub(crate) fn check_identity(&self, row: &FederatedIdentityRow) -> Result<(), engine::Error> {
        if self.ended.contains(&row.id.uuid()) {
            return Err(back("federated identity", &row.trusted.subject, "removed before"));
        }
        Ok(())
    }

    /// The same of a token of an identity provider.
    pub(crate) fn check_scim_token(&self, row: &ScimTokenRow) -> Result<(), engine::Error> {
        let told = self.secrets_end.get(&row.id.uuid());
        let later = told.is_some_and(|told| row.expires_at.is_none_or(|end| end > *told));
        if later || self.ended.contains(&row.id.uuid()) {
            return Err(back("provisioning token", &row.id.to_string(), "replaced or removed before"));
        }
        Ok(())
    }

    /// The same of a service account's token, by its account and by what it was asked for by.
    pub(crate) fn check_access_token(&self, row: &AccessTokenRow) -> Result<(), engine::Error> {
        if self.ended.contains(&row.asked_by.uuid()) {
            return Err(back("access token", &row.id.to_string(), "ended with what it was asked for by before"));
        }
        self.check_person(&row.service.person)
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
