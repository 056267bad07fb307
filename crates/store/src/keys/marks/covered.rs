//! What the mark of each row covers: the columns by which people and programs are recognised, and those that say what they
//! may. The vault's own row says it itself.

use countersign_model::Timestamp;
use countersign_seal::MarkedRow;
use uuid::Uuid;

/// What the mark of a person covers.
pub(crate) struct MarkedPerson<'a> {
    pub(crate) id: Uuid,
    pub(crate) name: &'a str,
    pub(crate) role: &'a str,
    pub(crate) password: &'a [u8],
    pub(crate) seed: (Option<Uuid>, Option<&'a [u8]>),
    pub(crate) next_seed: (Option<Uuid>, Option<&'a [u8]>),
    pub(crate) disabled: bool,
    pub(crate) must_change: bool,
    pub(crate) email: Option<&'a str>,
    pub(crate) last_step: Option<i64>,
    pub(crate) passkeys: i64,
}

impl MarkedPerson<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        let row = self.columns("person.2").flag(self.must_change);
        let row = row.maybe(self.email.map(str::as_bytes)).number(self.last_step);
        // Rows of people without any are marked as they were before there were passkeys.
        if self.passkeys == 0 { row } else { row.number(Some(self.passkeys)) }
    }

    /// As marks were before they covered the email address and the last step. Rows from before there were passwords that
    /// must be changed were marked as they were.
    pub(super) fn former_row(&self) -> MarkedRow {
        let row = self.columns("person");
        if self.must_change { row.flag(true) } else { row }
    }

    fn columns(&self, table: &str) -> MarkedRow {
        MarkedRow::of(table)
            .bytes(self.id.as_bytes())
            .text(self.name)
            .text(self.role)
            .bytes(self.password)
            .maybe(self.seed.0.as_ref().map(|id| id.as_bytes().as_slice()))
            .maybe(self.seed.1)
            .maybe(self.next_seed.0.as_ref().map(|id| id.as_bytes().as_slice()))
            .maybe(self.next_seed.1)
            .flag(self.disabled)
    }
}

/// What the mark of a signed-in browser covers: all but when it was last used, which decides nothing, and what it says it is.
pub(crate) struct MarkedSession<'a> {
    pub(crate) id: Uuid,
    pub(crate) token: &'a [u8],
    pub(crate) person: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) confirmed_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) came_by: Option<&'a str>,
}

impl MarkedSession<'_> {
    /// One that came by password is marked as all were before there was another way.
    pub(crate) fn row(&self) -> MarkedRow {
        let row = self.columns("web_session.2").number(Some(self.expires_at.micros()));
        match self.came_by {
            Some(came_by) => row.text(came_by),
            None => row,
        }
    }

    /// As marks were before they covered when it ends.
    pub(super) fn former_row(&self) -> MarkedRow {
        self.columns("web_session")
    }

    fn columns(&self, table: &str) -> MarkedRow {
        MarkedRow::of(table)
            .bytes(self.id.as_bytes())
            .bytes(self.token)
            .bytes(self.person.as_bytes())
            .number(Some(self.created_at.micros()))
            .number(Some(self.confirmed_at.micros()))
    }
}

/// What the mark of an API token covers.
pub(crate) struct MarkedToken<'a> {
    pub(crate) id: Uuid,
    pub(crate) token: &'a [u8],
    pub(crate) person: Uuid,
    pub(crate) name: &'a str,
    pub(crate) role: &'a str,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) admin: bool,
    pub(crate) legacy: bool,
    pub(crate) parent: Option<Uuid>,
}

impl MarkedToken<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        MarkedRow::of("api_token")
            .bytes(self.id.as_bytes())
            .bytes(self.token)
            .bytes(self.person.as_bytes())
            .text(self.name)
            .text(self.role)
            .number(Some(self.created_at.micros()))
            .number(self.expires_at.map(Timestamp::micros))
            .flag(self.admin)
            .flag(self.legacy)
            .maybe(self.parent.as_ref().map(|id| id.as_bytes().as_slice()))
    }
}

/// What the mark of a browser extension covers: all but when it was last used, which decides nothing.
pub(crate) struct MarkedDevice<'a> {
    pub(crate) id: Uuid,
    pub(crate) person: Uuid,
    pub(crate) name: &'a str,
    pub(crate) key: &'a [u8],
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl MarkedDevice<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        let row = MarkedRow::of("device").bytes(self.id.as_bytes()).bytes(self.person.as_bytes()).text(self.name);
        let row = row.bytes(self.key).number(Some(self.created_at.micros()));
        row.number(Some(self.expires_at.micros()))
    }
}

/// What the mark of the code covers by which one is paired.
pub(crate) fn pairing_code(person: Uuid, token: &[u8], expires_at: Timestamp) -> MarkedRow {
    MarkedRow::of("pairing_code").bytes(person.as_bytes()).bytes(token).number(Some(expires_at.micros()))
}

/// What the mark of a service account covers, beside that of its row among people: how far its tokens reach.
pub(crate) struct MarkedService<'a> {
    pub(crate) person: Uuid,
    pub(crate) scope: &'a str,
    /// As they are stored.
    pub(crate) networks: &'a str,
    pub(crate) expires_at: Option<Timestamp>,
}

impl MarkedService<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        let row = MarkedRow::of("service_account").bytes(self.person.as_bytes()).text(self.scope).text(self.networks);
        row.number(self.expires_at.map(Timestamp::micros))
    }
}

/// What the mark of a service account's secret covers.
pub(crate) struct MarkedSecret<'a> {
    pub(crate) id: Uuid,
    pub(crate) token: &'a [u8],
    pub(crate) person: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
}

impl MarkedSecret<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        let row = MarkedRow::of("client_secret").bytes(self.id.as_bytes()).bytes(self.token);
        let row = row.bytes(self.person.as_bytes()).number(Some(self.created_at.micros()));
        row.number(self.expires_at.map(Timestamp::micros))
    }
}

/// What the mark of a federated identity covers: all but when it was last used, which decides nothing.
pub(crate) struct MarkedFederatedIdentity<'a> {
    pub(crate) id: Uuid,
    pub(crate) person: Uuid,
    pub(crate) issuer: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) subject: &'a str,
    /// As they are stored.
    pub(crate) claims: &'a str,
    pub(crate) created_at: Timestamp,
}

impl MarkedFederatedIdentity<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        MarkedRow::of("federated_identity")
            .bytes(self.id.as_bytes())
            .bytes(self.person.as_bytes())
            .text(self.issuer)
            .text(self.audience)
            .text(self.subject)
            .text(self.claims)
            .number(Some(self.created_at.micros()))
    }
}

/// What the mark of a service account's token covers.
pub(crate) struct MarkedAccessToken<'a> {
    pub(crate) id: Uuid,
    pub(crate) token: &'a [u8],
    pub(crate) person: Uuid,
    /// One of the two.
    pub(crate) secret: Option<Uuid>,
    pub(crate) identity: Option<Uuid>,
    pub(crate) scope: &'a str,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl MarkedAccessToken<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        let secret = self.secret.map(Uuid::into_bytes);
        // One that was asked for by a secret is marked as all were before there was another way.
        let row = match self.identity {
            None => MarkedRow::of("access_token"),
            Some(identity) => MarkedRow::of("access_token.2").bytes(identity.as_bytes()),
        };
        row.bytes(self.id.as_bytes())
            .bytes(self.token)
            .bytes(self.person.as_bytes())
            .bytes(secret.as_ref().map(<[u8; 16]>::as_slice).unwrap_or_default())
            .text(self.scope)
            .number(Some(self.created_at.micros()))
            .number(Some(self.expires_at.micros()))
    }
}

/// What the mark of a provider's token covers.
pub(crate) fn scim_token(
    id: Uuid,
    token: &[u8],
    adopt: bool,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
) -> MarkedRow {
    let row = MarkedRow::of("scim_token").bytes(id.as_bytes()).bytes(token).flag(adopt);
    row.number(Some(created_at.micros())).number(expires_at.map(Timestamp::micros))
}

/// What the mark of somebody's being provisioned covers: that they are, and what the provider calls them.
pub(crate) fn scim_user(person: Uuid, external_id: Option<&str>) -> MarkedRow {
    MarkedRow::of("scim_user").bytes(person.as_bytes()).maybe(external_id.map(str::as_bytes))
}

/// The same of a group.
pub(crate) fn scim_group(group: Uuid, external_id: Option<&str>) -> MarkedRow {
    MarkedRow::of("scim_group").bytes(group.as_bytes()).maybe(external_id.map(str::as_bytes))
}

/// What the mark of a grant covers: all that decides.
pub(crate) struct MarkedGrant<'a> {
    pub(crate) id: Uuid,
    pub(crate) person: Option<Uuid>,
    pub(crate) grp: Option<Uuid>,
    pub(crate) credential: Option<Uuid>,
    pub(crate) tag: Option<&'a str>,
    pub(crate) site: Option<&'a str>,
    pub(crate) token: bool,
    pub(crate) reveal: bool,
    pub(crate) session: Option<&'a str>,
    pub(crate) extras: Option<&'a str>,
    pub(crate) change: bool,
    pub(crate) edit: bool,
    pub(crate) share: bool,
    pub(crate) audit: bool,
    /// As they are stored.
    pub(crate) conditions: &'a str,
    pub(crate) transfer: bool,
}

impl MarkedGrant<'_> {
    /// One that transfers nothing is marked as all were before anything could be.
    pub(crate) fn row(&self) -> MarkedRow {
        let id = |id: Option<Uuid>| id.map(Uuid::into_bytes);
        let row = MarkedRow::of("access_grant").bytes(self.id.as_bytes());
        let row = row.maybe(id(self.person).as_ref().map(<[u8; 16]>::as_slice));
        let row = row.maybe(id(self.grp).as_ref().map(<[u8; 16]>::as_slice));
        let row = row.maybe(id(self.credential).as_ref().map(<[u8; 16]>::as_slice));
        let row = row
            .maybe(self.tag.map(str::as_bytes))
            .maybe(self.site.map(str::as_bytes))
            .flag(self.token)
            .flag(self.reveal)
            .maybe(self.session.map(str::as_bytes))
            .maybe(self.extras.map(str::as_bytes))
            .flag(self.change)
            .flag(self.edit)
            .flag(self.share)
            .flag(self.audit)
            .text(self.conditions);
        if self.transfer { row.flag(true) } else { row }
    }

    /// As marks were when there were grants of people on single credentials alone; none for what was not there then.
    pub(super) fn former_row(&self) -> Option<MarkedRow> {
        let (person, credential) = self.person.zip(self.credential)?;
        let newer = self.change || self.edit || self.share || self.audit || self.transfer || self.conditions != "{}";
        let elsewhere = self.grp.is_some() || self.tag.is_some() || self.site.is_some();
        let row = MarkedRow::of("credential_grant").bytes(credential.as_bytes()).bytes(person.as_bytes());
        let row = row.flag(self.token).flag(self.reveal).maybe(self.session.map(str::as_bytes));
        (!newer && !elsewhere).then(|| row.maybe(self.extras.map(str::as_bytes)))
    }
}

/// What the mark of a request covers: all of it.
pub(crate) struct MarkedRequest<'a> {
    pub(crate) id: Uuid,
    pub(crate) credential: Uuid,
    pub(crate) grant: Uuid,
    pub(crate) person: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) waits_until: Timestamp,
    pub(crate) starts_at: Option<Timestamp>,
    pub(crate) ends_at: Option<Timestamp>,
    pub(crate) closed: Option<&'a str>,
    /// As they are stored.
    pub(crate) terms: &'a str,
    pub(crate) closing: Option<&'a str>,
}

impl MarkedRequest<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        MarkedRow::of("access_request")
            .bytes(self.id.as_bytes())
            .bytes(self.credential.as_bytes())
            .bytes(self.grant.as_bytes())
            .bytes(self.person.as_bytes())
            .number(Some(self.created_at.micros()))
            .number(Some(self.waits_until.micros()))
            .number(self.starts_at.map(Timestamp::micros))
            .number(self.ends_at.map(Timestamp::micros))
            .maybe(self.closed.map(str::as_bytes))
            .text(self.terms)
            .maybe(self.closing.map(str::as_bytes))
    }
}

/// What the mark of a check-out covers: all that decides. By the other columns it is found.
pub(crate) fn check_out(credential: Uuid, state: &str) -> MarkedRow {
    MarkedRow::of("check_out").bytes(credential.as_bytes()).text(state)
}

/// What the mark of a decision on a grant covers.
pub(crate) fn grant_decision(grant: Uuid, at: Timestamp, by: &str) -> MarkedRow {
    MarkedRow::of("grant_decision").bytes(grant.as_bytes()).number(Some(at.micros())).text(by)
}

/// What the mark of a group covers.
pub(crate) fn group(id: Uuid, name: &str) -> MarkedRow {
    MarkedRow::of("person_group").bytes(id.as_bytes()).text(name)
}

/// What the mark of somebody's being in a group covers.
/// One that somebody has made is marked as all were before there was a provider.
pub(crate) fn group_member(
    id: Uuid,
    group: Uuid,
    person: Option<Uuid>,
    inner: Option<Uuid>,
    by_provider: bool,
) -> MarkedRow {
    let row = MarkedRow::of("group_member").bytes(id.as_bytes()).bytes(group.as_bytes());
    let row = row.maybe(person.as_ref().map(|id| id.as_bytes().as_slice()));
    let row = row.maybe(inner.as_ref().map(|id| id.as_bytes().as_slice()));
    if by_provider { row.flag(true) } else { row }
}

/// What the mark of the provider covers: whom to believe about who somebody is. The client secret is sealed under the version.
pub(crate) fn provider(vault: Uuid, settings: &str, version: Uuid) -> MarkedRow {
    MarkedRow::of("provider").bytes(vault.as_bytes()).text(settings).bytes(version.as_bytes())
}

/// What the mark of an identity covers: as whom a provider knows somebody.
pub(crate) fn provider_identity(id: Uuid, person: Uuid, issuer: &str, subject: &str) -> MarkedRow {
    let row = MarkedRow::of("provider_identity").bytes(id.as_bytes()).bytes(person.as_bytes());
    row.text(issuer).text(subject)
}

/// What the mark of somebody's being away at the provider covers. It is not renewed with the vault key: they begin again.
pub(crate) fn round_trip(token: &[u8], began_at: Timestamp, state: &str) -> MarkedRow {
    MarkedRow::of("round_trip").bytes(token).number(Some(began_at.micros())).text(state)
}

/// What the mark of an indexed run of the audit log covers: where in it something of authority happened. It is not renewed with
/// the vault key; runs whose mark does not hold are looked through.
pub(crate) fn run(run: u64, authority: u64) -> MarkedRow {
    MarkedRow::of("audit_run").number(i64::try_from(run).ok()).number(Some(authority.cast_signed()))
}

/// What the mark of a place covers where the audit log also goes. What is sealed there is bound to the version.
pub(crate) fn sink(id: Uuid, name: &str, kind: &str, settings: &str, version: Uuid, paused: bool) -> MarkedRow {
    let row = MarkedRow::of("audit_sink").bytes(id.as_bytes()).text(name).text(kind).text(settings);
    row.bytes(version.as_bytes()).flag(paused)
}

/// What the mark of its progress covers: where it began, the last record taken, the last sent, the last checkpoint, and the hash of
/// the last record taken.
pub(crate) fn sink_state(sink: Uuid, numbers: [i64; 4], root: &[u8]) -> MarkedRow {
    let row = MarkedRow::of("audit_sink_state").bytes(sink.as_bytes());
    numbers.into_iter().fold(row, |row, number| row.number(Some(number))).bytes(root)
}

/// What the mark of a link into a session covers.
pub(crate) fn link(token: &[u8], session: Uuid, person: Uuid, level: &str, expires_at: Timestamp) -> MarkedRow {
    let row = MarkedRow::of("session_link").bytes(token).bytes(session.as_bytes()).bytes(person.as_bytes());
    row.text(level).number(Some(expires_at.micros()))
}

/// What the mark of an opened recording covers.
pub(crate) fn playback(session: Uuid, bearer: Uuid, expires_at: Timestamp) -> MarkedRow {
    MarkedRow::of("playback").bytes(session.as_bytes()).bytes(bearer.as_bytes()).number(Some(expires_at.micros()))
}

/// What the mark of a person's link covers.
pub(crate) fn person_link(person: Uuid, token: &[u8], expires_at: Timestamp) -> MarkedRow {
    MarkedRow::of("person_link").bytes(person.as_bytes()).bytes(token).number(Some(expires_at.micros()))
}

/// What the mark of a passkey covers: all but when it was last used, which decides nothing.
pub(crate) struct MarkedPasskey<'a> {
    pub(crate) id: Uuid,
    pub(crate) person: Uuid,
    pub(crate) credential: &'a [u8],
    pub(crate) name: &'a str,
    /// As it is stored.
    pub(crate) stored: &'a str,
    pub(crate) created_at: Timestamp,
}

impl MarkedPasskey<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        MarkedRow::of("passkey")
            .bytes(self.id.as_bytes())
            .bytes(self.person.as_bytes())
            .bytes(self.credential)
            .text(self.name)
            .text(self.stored)
            .number(Some(self.created_at.micros()))
    }
}

/// What the mark of a question for a passkey covers: all of it.
pub(crate) fn passkey_challenge(id: Uuid, holder: &[u8], state: &str, expires_at: Timestamp) -> MarkedRow {
    let row = MarkedRow::of("passkey_challenge").bytes(id.as_bytes()).bytes(holder).text(state);
    row.number(Some(expires_at.micros()))
}

/// Which columns marks cover since the newest step: 1 is before there were more, 2 before tags and groups decided anything.
pub const GENERATION: i64 = 3;
/// Since when marks cover a user's address and last step, when a browser ends, and counters.
pub(crate) const MORE_OF_PEOPLE: i64 = 2;
