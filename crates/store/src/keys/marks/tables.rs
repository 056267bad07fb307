//! Tables of marked rows as a whole: to mark them for the first time, anew, or to look at each.

use countersign_seal::Digest;
use uuid::Uuid;

use super::{
    bin::BIN,
    covered::{
        MORE_OF_PEOPLE, MarkedToken, check_out, grant_decision, group, group_member, link, pairing_code,
        passkey_challenge, person_link, playback, provider, provider_identity,
    },
    covered_credentials::{automation, seed},
    device_logins::DEVICE_LOGINS,
    machines::MACHINES,
    rows::{
        with_credential, with_device, with_grant, with_passkey, with_person, with_request, with_session, with_sink,
        with_sink_state,
    },
    table::{Table, bearer_at, text_at},
    vault_requests::VAULT_REQUESTS,
};
use crate::{
    args,
    engine::{Error, MarkKeys, Select, Statement, Transaction, Value, corrupt},
    statements,
};

statements! {
    PEOPLE = "select id, mark, name, role, password, seed_version, seed, next_seed_version, next_seed, disabled, must_change, \
              email, last_step, passkeys from person";
    MARK_PERSON = "update person set mark = $2 where id = $1";
    REMARK_PERSON = "update person set mark = $3 where id = $1 and mark = $2";
    REMARK_SESSION = "update web_session set mark = $3 where id = $1 and mark = $2";
    REMARK_TOKEN = "update api_token set mark = $3 where id = $1 and mark = $2";
    REMARK_CREDENTIAL = "update credential set mark = $3 where id = $1 and mark = $2";
    REMARK_GRANT = "update access_grant set mark = $3 where id = $1 and mark = $2";
    REMARK_GROUP = "update person_group set mark = $3 where id = $1 and mark = $2";
    REMARK_MEMBER = "update group_member set mark = $3 where id = $1 and mark = $2";
    REMARK_AUTOMATION = "update automation set mark = $3 where credential = $1 and mark = $2";
    REMARK_LINK = "update session_link set mark = $3 where session = $1 and mark = $2";
    SESSIONS = "select id, mark, token, person, created_at, confirmed_at, expires_at, came_by from web_session";
    // Without the bearer, which stays as it is.
    NEW_MARK_SESSION = "update web_session set mark = $2 where id = $1";
    MARK_SESSION = "update web_session set mark = $2, token = $3 where id = $1";
    TOKENS = "select id, mark, token, person, name, role, created_at, expires_at, admin, legacy, parent from api_token";
    SEEDS = "select credential, mark, version, counter from seed where counter is not null";
    MARK_SEED = "update seed set mark = $2 where credential = $1";
    REMARK_SEED = "update seed set mark = $3 where credential = $1 and mark = $2";
    MARK_TOKEN = "update api_token set mark = $2, token = $3 where id = $1";
    CREDENTIALS = "select id, mark, name, username, site, status, tags from credential";
    MARK_CREDENTIAL = "update credential set mark = $2 where id = $1";
    GRANTS = "select id, mark, person, grp, credential, tag, site, token, reveal, session, extras, change, edit, share, audit, \
              conditions, transfer from access_grant";
    MARK_GRANT = "update access_grant set mark = $2 where id = $1";
    REQUESTS = "select id, mark, credential, grant_id, person, created_at, waits_until, starts_at, ends_at, closed, terms, closing \
                from access_request";
    MARK_REQUEST = "update access_request set mark = $2 where id = $1";
    REMARK_REQUEST = "update access_request set mark = $3 where id = $1 and mark = $2";
    CHECK_OUTS = "select credential, mark, state from check_out";
    MARK_CHECK_OUT = "update check_out set mark = $2 where credential = $1";
    REMARK_CHECK_OUT = "update check_out set mark = $3 where credential = $1 and mark = $2";
    DECISIONS = "select grant_id, mark, decided_at, decided_by from grant_decision";
    MARK_DECISION = "update grant_decision set mark = $2 where grant_id = $1";
    REMARK_DECISION = "update grant_decision set mark = $3 where grant_id = $1 and mark = $2";
    GROUPS = "select id, mark, name from person_group";
    MARK_GROUP = "update person_group set mark = $2 where id = $1";
    MEMBERS = "select id, mark, grp, person, inner_grp, by_provider from group_member";
    MARK_MEMBER = "update group_member set mark = $2 where id = $1";
    AUTOMATION = "select credential, mark, settings, redirected_at from automation";
    MARK_AUTOMATION = "update automation set mark = $2 where credential = $1";
    PLAYBACKS = "select session, mark, bearer, expires_at from playback";
    MARK_PLAYBACK = "update playback set mark = $2 where session = $1 and bearer = $3";
    REMARK_PLAYBACK = "update playback set mark = $3 where session = $1 and mark = $2";
    PERSON_LINKS = "select person, mark, token, expires_at from person_link";
    MARK_PERSON_LINK = "update person_link set mark = $2, token = $3 where person = $1";
    REMARK_PERSON_LINK = "update person_link set mark = $3 where person = $1 and mark = $2";
    SINKS = "select id, mark, name, kind, settings, version, paused from audit_sink";
    MARK_SINK = "update audit_sink set mark = $2 where id = $1";
    REMARK_SINK = "update audit_sink set mark = $3 where id = $1 and mark = $2";
    SINK_STATES = "select sink, mark, start_seq, cursor_seq, sent_seq, checkpoint_size, cursor_root from audit_sink_state";
    MARK_SINK_STATE = "update audit_sink_state set mark = $2 where sink = $1";
    REMARK_SINK_STATE = "update audit_sink_state set mark = $3 where sink = $1 and mark = $2";
    PASSKEYS = "select id, mark, person, credential, name, stored, created_at from passkey";
    MARK_PASSKEY = "update passkey set mark = $2 where id = $1";
    REMARK_PASSKEY = "update passkey set mark = $3 where id = $1 and mark = $2";
    CHALLENGES = "select id, mark, holder, state, expires_at from passkey_challenge";
    MARK_CHALLENGE = "update passkey_challenge set mark = $2, holder = $3 where id = $1";
    REMARK_CHALLENGE = "update passkey_challenge set mark = $3 where id = $1 and mark = $2";
    DEVICES = "select id, mark, person, name, public_key, created_at, expires_at from device";
    MARK_DEVICE = "update device set mark = $2 where id = $1";
    REMARK_DEVICE = "update device set mark = $3 where id = $1 and mark = $2";
    PAIRING_CODES = "select person, mark, token, expires_at from pairing_code";
    MARK_PAIRING_CODE = "update pairing_code set mark = $2, token = $3 where person = $1";
    REMARK_PAIRING_CODE = "update pairing_code set mark = $3 where person = $1 and mark = $2";
    LINKS = "select session, mark, token, person, level, expires_at from session_link";
    MARK_LINK = "update session_link set mark = $2, token = $3 where session = $1 and token = $4";
    PROVIDERS = "select id, mark, settings, version from provider";
    MARK_PROVIDER = "update provider set mark = $2 where id = $1";
    REMARK_PROVIDER = "update provider set mark = $3 where id = $1 and mark = $2";
    IDENTITIES = "select id, mark, person, issuer, subject from provider_identity";
    MARK_IDENTITY = "update provider_identity set mark = $2 where id = $1";
    REMARK_IDENTITY = "update provider_identity set mark = $3 where id = $1 and mark = $2";
    RECOVERY_CODES = "select code, person from recovery_code";
    MARK_RECOVERY_CODE = "update recovery_code set code = $3 where code = $1 and person = $2";
    BROWSERS = "select token, person from known_browser";
    MARK_BROWSER = "update known_browser set token = $3 where token = $1 and person = $2";
}

static TABLES: &[Table] = &[
    Table {
        what: "user",
        all: &PEOPLE,
        set: &MARK_PERSON,
        again: &REMARK_PERSON,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| with_person(row, |person| person.row()),
    },
    Table {
        what: "signed-in browser",
        all: &SESSIONS,
        set: &MARK_SESSION,
        again: &REMARK_SESSION,
        bearer: Some(2),
        find: |_| Ok(Vec::new()),
        marked: |row, token| with_session(row, token, |session| session.row()),
    },
    Table {
        what: "API token",
        all: &TOKENS,
        set: &MARK_TOKEN,
        again: &REMARK_TOKEN,
        bearer: Some(2),
        find: |_| Ok(Vec::new()),
        marked: |row, token| {
            let token = MarkedToken {
                id: row.get(0)?,
                token: &bearer_at(row, 2, token)?,
                person: row.get(3)?,
                name: &text_at(row, 4)?,
                role: &text_at(row, 5)?,
                created_at: row.get(6)?,
                expires_at: row.get(7)?,
                admin: row.get(8)?,
                legacy: row.get(9)?,
                parent: row.get(10)?,
            };
            Ok(token.row())
        },
    },
    Table {
        what: "credential",
        all: &CREDENTIALS,
        set: &MARK_CREDENTIAL,
        again: &REMARK_CREDENTIAL,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| with_credential(row, |credential| credential.row()),
    },
    Table {
        what: "grant",
        all: &GRANTS,
        set: &MARK_GRANT,
        again: &REMARK_GRANT,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| with_grant(row, |grant| grant.row()),
    },
    Table {
        what: "request",
        all: &REQUESTS,
        set: &MARK_REQUEST,
        again: &REMARK_REQUEST,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| with_request(row, |request| request.row()),
    },
    Table {
        what: "check-out of credential",
        all: &CHECK_OUTS,
        set: &MARK_CHECK_OUT,
        again: &REMARK_CHECK_OUT,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| Ok(check_out(row.get(0)?, &text_at(row, 2)?)),
    },
    Table {
        what: "decision on grant",
        all: &DECISIONS,
        set: &MARK_DECISION,
        again: &REMARK_DECISION,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| Ok(grant_decision(row.get(0)?, row.get(2)?, &text_at(row, 3)?)),
    },
    Table {
        what: "group",
        all: &GROUPS,
        set: &MARK_GROUP,
        again: &REMARK_GROUP,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| Ok(group(row.get(0)?, &text_at(row, 2)?)),
    },
    Table {
        what: "member of group",
        all: &MEMBERS,
        set: &MARK_MEMBER,
        again: &REMARK_MEMBER,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| Ok(group_member(row.get(0)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)),
    },
    Table {
        what: "sign-in provider",
        all: &PROVIDERS,
        set: &MARK_PROVIDER,
        again: &REMARK_PROVIDER,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| Ok(provider(row.get(0)?, &text_at(row, 2)?, row.get(3)?)),
    },
    Table {
        what: "provider's identity",
        all: &IDENTITIES,
        set: &MARK_IDENTITY,
        again: &REMARK_IDENTITY,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| Ok(provider_identity(row.get(0)?, row.get(2)?, &text_at(row, 3)?, &text_at(row, 4)?)),
    },
    Table {
        what: "site settings",
        all: &AUTOMATION,
        set: &MARK_AUTOMATION,
        again: &REMARK_AUTOMATION,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| Ok(automation(row.get(0)?, &text_at(row, 2)?, row.get(3)?)),
    },
    Table {
        what: "session link",
        all: &LINKS,
        set: &MARK_LINK,
        again: &REMARK_LINK,
        bearer: Some(2),
        find: |row| Ok(vec![row.get::<Vec<u8>>(2)?.into()]),
        marked: |row, token| {
            let (session, person) = (row.get(0)?, row.get(3)?);
            Ok(link(&bearer_at(row, 2, token)?, session, person, &text_at(row, 4)?, row.get(5)?))
        },
    },
    Table {
        what: "link of user",
        all: &PERSON_LINKS,
        set: &MARK_PERSON_LINK,
        again: &REMARK_PERSON_LINK,
        bearer: Some(2),
        find: |_| Ok(Vec::new()),
        marked: |row, token| Ok(person_link(row.get(0)?, &bearer_at(row, 2, token)?, row.get(3)?)),
    },
    Table {
        what: "browser extension",
        all: &DEVICES,
        set: &MARK_DEVICE,
        again: &REMARK_DEVICE,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| with_device(row),
    },
    Table {
        what: "pairing code of user",
        all: &PAIRING_CODES,
        set: &MARK_PAIRING_CODE,
        again: &REMARK_PAIRING_CODE,
        bearer: Some(2),
        find: |_| Ok(Vec::new()),
        marked: |row, token| Ok(pairing_code(row.get(0)?, &bearer_at(row, 2, token)?, row.get(3)?)),
    },
    Table {
        what: "passkey",
        all: &PASSKEYS,
        set: &MARK_PASSKEY,
        again: &REMARK_PASSKEY,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| with_passkey(row, |passkey| passkey.row()),
    },
    Table {
        what: "question for a passkey",
        all: &CHALLENGES,
        set: &MARK_CHALLENGE,
        again: &REMARK_CHALLENGE,
        bearer: Some(2),
        find: |_| Ok(Vec::new()),
        marked: |row, token| {
            Ok(passkey_challenge(row.get(0)?, &bearer_at(row, 2, token)?, &text_at(row, 3)?, row.get(4)?))
        },
    },
    Table {
        what: "counter of credential",
        all: &SEEDS,
        set: &MARK_SEED,
        again: &REMARK_SEED,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| Ok(seed(row.get(0)?, row.get(2)?, row.get(3)?)),
    },
    Table {
        what: "destination of the audit log",
        all: &SINKS,
        set: &MARK_SINK,
        again: &REMARK_SINK,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| with_sink(row),
    },
    Table {
        what: "progress of destination",
        all: &SINK_STATES,
        set: &MARK_SINK_STATE,
        again: &REMARK_SINK_STATE,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| with_sink_state(row),
    },
    Table {
        what: "playback of session",
        all: &PLAYBACKS,
        set: &MARK_PLAYBACK,
        again: &REMARK_PLAYBACK,
        bearer: None,
        find: |row| Ok(vec![row.get::<Uuid>(2)?.into()]),
        marked: |row, _| Ok(playback(row.get(0)?, row.get(2)?, row.get(3)?)),
    },
];

/// Every table of marked rows.
fn tables() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().chain(BIN).chain(DEVICE_LOGINS).chain(MACHINES).chain(VAULT_REQUESTS)
}

/// Marks every row, and keys what is stored of bearers: the one time that rows are believed which nothing vouches for.
/// Says how many.
pub async fn mark_all(tx: &mut Transaction) -> Result<u64, Error> {
    let keys = tx.keys().clone();
    let mut marked = 0;
    for table in tables() {
        for row in tx.fetch_all(table.all, args![]).await? {
            let id: Uuid = row.get(0)?;
            let token = table.bearer.map(|at| keyed(&keys, &row.get::<Vec<u8>>(at)?)).transpose()?;
            let mark = keys.mark(&(table.marked)(&row, token.as_ref())?)?;
            let mut values = args![id, mark].to_vec();
            values.extend(token.map(|token| Value::from(token.bytes().to_vec())));
            values.extend((table.find)(&row)?);
            tx.execute(table.set, values).await?;
            marked += 1;
        }
    }
    for (all, set) in [(&BROWSERS, &MARK_BROWSER), (&RECOVERY_CODES, &MARK_RECOVERY_CODE)] {
        for row in tx.fetch_all(all, args![]).await? {
            let (token, person): (Vec<u8>, Uuid) = (row.get(0)?, row.get(1)?);
            let keyed = keyed(&keys, &token)?;
            tx.execute(set, args![token, person, keyed.bytes().to_vec()]).await?;
        }
    }
    Ok(marked)
}

/// Marks anew what was marked before marks covered what they do now, and what had none; `from` is what they covered. A row whose
/// former mark is not its own keeps it, and stays refused. Says how many.
pub async fn cover_more(tx: &mut Transaction, from: i64) -> Result<u64, Error> {
    let mut marked = if from < MORE_OF_PEOPLE { cover_more_of_people(tx).await? } else { 0 };
    let keys = tx.keys().clone();
    for row in tx.fetch_all(&CREDENTIALS, args![]).await? {
        let (id, mark): (Uuid, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
        let former = with_credential(&row, |credential| credential.former_row())?;
        if keys.check("credential", "", &former, mark.as_deref()).is_ok() {
            let anew = keys.mark(&with_credential(&row, |credential| credential.row())?)?;
            marked += tx.execute(&MARK_CREDENTIAL, args![id, anew]).await?;
        }
    }
    for row in tx.fetch_all(&GRANTS, args![]).await? {
        let (id, mark): (Uuid, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
        let former = with_grant(&row, |grant| grant.former_row())?;
        if former.is_some_and(|former| keys.check("grant", "", &former, mark.as_deref()).is_ok()) {
            let anew = keys.mark(&with_grant(&row, |grant| grant.row())?)?;
            marked += tx.execute(&MARK_GRANT, args![id, anew]).await?;
        }
    }
    Ok(marked)
}

async fn cover_more_of_people(tx: &mut Transaction) -> Result<u64, Error> {
    let keys = tx.keys().clone();
    let mut marked = 0;
    for row in tx.fetch_all(&PEOPLE, args![]).await? {
        let (id, mark): (Uuid, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
        let former = with_person(&row, |person| person.former_row())?;
        if keys.check("user", "", &former, mark.as_deref()).is_ok() {
            let anew = keys.mark(&with_person(&row, |person| person.row())?)?;
            marked += tx.execute(&MARK_PERSON, args![id, anew]).await?;
        }
    }
    for row in tx.fetch_all(&SESSIONS, args![]).await? {
        let (id, mark): (Uuid, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
        let former = with_session(&row, None, |session| session.former_row())?;
        if keys.check("signed-in browser", "", &former, mark.as_deref()).is_ok() {
            let anew = keys.mark(&with_session(&row, None, |session| session.row())?)?;
            marked += tx.execute(&NEW_MARK_SESSION, args![id, anew]).await?;
        }
    }
    for row in tx.fetch_all(&SEEDS, args![]).await? {
        let credential: Uuid = row.get(0)?;
        let mark = keys.mark(&seed(credential, row.get(2)?, row.get(3)?))?;
        marked += tx.execute(&MARK_SEED, args![credential, mark]).await?;
    }
    Ok(marked)
}

fn keyed(keys: &MarkKeys, stored: &[u8]) -> Result<Digest, Error> {
    keys.bearer(&Digest::from_bytes(stored).ok_or_else(|| corrupt("token"))?)
}

/// Whether any row is marked at all.
pub async fn any_marked(db: &mut impl Select) -> Result<bool, Error> {
    for table in tables() {
        for row in db.fetch_all(table.all, args![]).await? {
            if row.get::<Option<Vec<u8>>>(1)?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A row that a former key has marked, and its mark by the present one.
pub struct StaleMark {
    again: &'static Statement,
    id: Uuid,
    mark: Vec<u8>,
    anew: Vec<u8>,
}

/// The rows that a key marked which is being replaced. What nobody vouches for is not among them: it stays refused.
pub async fn former(db: &mut impl Select) -> Result<Vec<StaleMark>, Error> {
    let mut found = Vec::new();
    for table in tables() {
        for row in db.fetch_all(table.all, args![]).await? {
            let marked = (table.marked)(&row, None)?;
            let (id, mark): (Uuid, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
            let Some(mark) = mark else { continue };
            if db.keys().is_former(&marked, &mark)? {
                found.push(StaleMark { again: table.again, id, anew: db.keys().mark(&marked)?, mark });
            }
        }
    }
    Ok(found)
}

/// Marks rows anew; one that somebody has changed since is left as it is. Says how many.
pub async fn remark(tx: &mut Transaction, rows: &[StaleMark]) -> Result<u64, Error> {
    let mut marked = 0;
    for row in rows {
        // A mark is of one row with all its columns: where it still is, they are.
        marked += tx.execute(row.again, args![row.id, &row.mark, &row.anew]).await?;
    }
    Ok(marked)
}

/// Looks at every row; says what each is whose mark is not its own, at most `most`.
pub async fn check_all(db: &mut impl Select, most: usize) -> Result<Vec<String>, Error> {
    let mut wrong = Vec::new();
    for table in tables() {
        for row in db.fetch_all(table.all, args![]).await? {
            let marked = (table.marked)(&row, None)?;
            let (id, mark): (Uuid, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
            match db.keys().check(table.what, &id.to_string(), &marked, mark.as_deref()) {
                Ok(()) => {}
                Err(Error::Tampered { what }) => wrong.push(what),
                Err(error) => return Err(error),
            }
            if wrong.len() >= most {
                return Ok(wrong);
            }
        }
    }
    Ok(wrong)
}
