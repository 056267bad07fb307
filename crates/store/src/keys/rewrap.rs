//! Sealed values wherever they lie, one by one, so that their data keys are wrapped under another vault key.

use countersign_model::{SessionId, VersionId};
use countersign_seal::{Sealed, SecretKind};
use uuid::Uuid;

use crate::{
    args,
    engine::{Error, Select, Statement, Transaction, corrupt},
    statements,
    users::people,
};

statements! {
    // What is not sealed under the key whose values begin like this; of any but the first key that is five bytes.
    SEEDS = "select credential, cast(0 as bigint) from seed where substr(sealed, 1, 5) <> $1";
    SEED = "select credential, version, sealed from seed where credential = $1 and $2 = cast(0 as bigint)";
    SET_SEED = "update seed set sealed = $4 where credential = $1 and $2 = cast(0 as bigint) and sealed = $3";
    REMOVED_SEEDS = "select id, cast(0 as bigint) from removed_credential where seed is not null and substr(seed, 1, 5) <> $1";
    REMOVED_SEED = "select id, seed_version, seed from removed_credential \
                    where id = $1 and $2 = cast(0 as bigint) and seed is not null";
    SET_REMOVED_SEED = "update removed_credential set seed = $4 where id = $1 and $2 = cast(0 as bigint) and seed = $3";
    REMOVED_PASSWORDS = "select id, cast(0 as bigint) from removed_password where substr(sealed, 1, 5) <> $1";
    REMOVED_PASSWORD = "select credential, id, sealed from removed_password where id = $1 and $2 = cast(0 as bigint)";
    SET_REMOVED_PASSWORD = "update removed_password set sealed = $4 \
                            where id = $1 and $2 = cast(0 as bigint) and sealed = $3";
    PASSWORDS = "select id, cast(0 as bigint) from password_version where substr(sealed, 1, 5) <> $1";
    PASSWORD = "select credential, id, sealed from password_version where id = $1 and $2 = cast(0 as bigint)";
    SET_PASSWORD = "update password_version set sealed = $4 where id = $1 and $2 = cast(0 as bigint) and sealed = $3";
    BROWSERS = "select credential, cast(0 as bigint) from automation where browser_state is not null and substr(browser_state, 1, 5) <> $1";
    BROWSER = "select credential, browser_version, browser_state from automation \
               where credential = $1 and $2 = cast(0 as bigint) and browser_state is not null";
    SET_BROWSER = "update automation set browser_state = $4 where credential = $1 and $2 = cast(0 as bigint) and browser_state = $3";
    PICTURES = "select change, seq from change_event where picture is not null and substr(picture, 1, 5) <> $1";
    PICTURE = "select change, picture_version, picture from change_event \
               where change = $1 and seq = $2 and picture is not null";
    SET_PICTURE = "update change_event set picture = $4 where change = $1 and seq = $2 and picture = $3";
    NOTICES = "select v.id, cast(0 as bigint) from notice_settings n, vault v where substr(n.sealed, 1, 5) <> $1";
    NOTICE = "select v.id, n.version, n.sealed from notice_settings n, vault v where v.id = $1 and $2 = cast(0 as bigint)";
    SET_NOTICE = "update notice_settings set sealed = $4 where exists (select 1 from vault where id = $1) \
                  and $2 = cast(0 as bigint) and sealed = $3";
    PROVIDERS = "select id, cast(0 as bigint) from provider where substr(sealed, 1, 5) <> $1";
    PROVIDER = "select id, version, sealed from provider where id = $1 and $2 = cast(0 as bigint)";
    SET_PROVIDER = "update provider set sealed = $4 where id = $1 and $2 = cast(0 as bigint) and sealed = $3";
    SINKS = "select id, cast(0 as bigint) from audit_sink where substr(sealed, 1, 5) <> $1";
    SINK = "select id, version, sealed from audit_sink where id = $1 and $2 = cast(0 as bigint)";
    SET_SINK = "update audit_sink set sealed = $4 where id = $1 and $2 = cast(0 as bigint) and sealed = $3";
    PEOPLE = "select id, cast(0 as bigint) from person where (seed is not null and substr(seed, 1, 5) <> $1) \
              or (next_seed is not null and substr(next_seed, 1, 5) <> $1)";
    PARTS = "select p.session, p.seq from session_part p join session s on s.id = p.session \
             where p.key_number < $1 and s.dropped_at is null order by p.session, p.seq";
    SET_PART = "update session_part set key_number = $3 where session = $1 and seq = $2";
}

/// A table with sealed values that no mark covers.
pub struct SealedColumn {
    /// What is sealed there.
    pub what: SecretKind,
    list: &'static Statement,
    one: &'static Statement,
    set: &'static Statement,
}

/// All of them.
pub static PLACES: &[SealedColumn] = &[
    SealedColumn { what: SecretKind::Seed, list: &SEEDS, one: &SEED, set: &SET_SEED },
    SealedColumn { what: SecretKind::Password, list: &PASSWORDS, one: &PASSWORD, set: &SET_PASSWORD },
    SealedColumn { what: SecretKind::Seed, list: &REMOVED_SEEDS, one: &REMOVED_SEED, set: &SET_REMOVED_SEED },
    SealedColumn {
        what: SecretKind::Password,
        list: &REMOVED_PASSWORDS,
        one: &REMOVED_PASSWORD,
        set: &SET_REMOVED_PASSWORD,
    },
    SealedColumn { what: SecretKind::BrowserState, list: &BROWSERS, one: &BROWSER, set: &SET_BROWSER },
    SealedColumn { what: SecretKind::Screenshot, list: &PICTURES, one: &PICTURE, set: &SET_PICTURE },
    SealedColumn { what: SecretKind::NoticeSettings, list: &NOTICES, one: &NOTICE, set: &SET_NOTICE },
    SealedColumn { what: SecretKind::ProviderSecret, list: &PROVIDERS, one: &PROVIDER, set: &SET_PROVIDER },
    SealedColumn { what: SecretKind::Sink, list: &SINKS, one: &SINK, set: &SET_SINK },
];

/// Where one sealed value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedAt {
    id: Uuid,
    seq: i64,
}

/// One sealed value, with what its seal binds.
#[derive(Debug)]
pub struct SealedRow {
    /// Its owner.
    pub owner: Uuid,
    /// Its version.
    pub version: Uuid,
    /// The value.
    pub sealed: Sealed,
}

impl SealedColumn {
    /// Where values are that are not sealed under the vault key of that number, which is not the first.
    pub async fn left(&self, db: &mut impl Select, number: u32) -> Result<Vec<SealedAt>, Error> {
        left(db, self.list, number).await
    }

    /// Where all values are.
    pub async fn all(&self, db: &mut impl Select) -> Result<Vec<SealedAt>, Error> {
        listed(db, self.list, UNDER_NO_KEY).await
    }

    /// The value there, if it still is.
    pub async fn find(&self, db: &mut impl Select, at: SealedAt) -> Result<Option<SealedRow>, Error> {
        let row = db.fetch_optional(self.one, args![at.id, at.seq]).await?;
        row.map(|row| {
            Ok(SealedRow { owner: row.get(0)?, version: row.get(1)?, sealed: Sealed::from_bytes(row.get(2)?) })
        })
        .transpose()
    }

    /// Puts another wrapping in place of one; false when somebody has changed the value meanwhile.
    pub async fn set(&self, tx: &mut Transaction, at: SealedAt, from: &Sealed, to: &Sealed) -> Result<bool, Error> {
        Ok(tx.execute(self.set, args![at.id, at.seq, from.bytes(), to.bytes()]).await? > 0)
    }
}

/// How no sealed value begins, so that a list of what begins otherwise is a list of all.
const UNDER_NO_KEY: &[u8] = &[];

async fn left(db: &mut impl Select, list: &'static Statement, number: u32) -> Result<Vec<SealedAt>, Error> {
    listed(db, list, &Sealed::prefix(number)).await
}

async fn listed(db: &mut impl Select, list: &'static Statement, unlike: &[u8]) -> Result<Vec<SealedAt>, Error> {
    let rows = db.fetch_all(list, args![unlike]).await?;
    rows.iter().map(|row| Ok(SealedAt { id: row.get(0)?, seq: row.get(1)? })).collect()
}

/// People whose own seeds are not sealed under that key.
pub async fn people_left(db: &mut impl Select, number: u32) -> Result<Vec<Uuid>, Error> {
    Ok(left(db, &PEOPLE, number).await?.into_iter().map(|at| at.id).collect())
}

/// People who have seeds of their own.
pub async fn people_with_seeds(db: &mut impl Select) -> Result<Vec<Uuid>, Error> {
    Ok(listed(db, &PEOPLE, UNDER_NO_KEY).await?.into_iter().map(|at| at.id).collect())
}

/// Wraps a person's own seeds anew, with the row's mark. `rewrap` gives the same seed under another key.
pub async fn person(
    tx: &mut Transaction,
    id: Uuid,
    mut rewrap: impl FnMut(VersionId, &Sealed) -> Option<Sealed> + Send,
) -> Result<(), Error> {
    people::change(tx, countersign_model::UserId::from_uuid(id), |row| {
        for (version, sealed) in [row.seed.as_mut(), row.next_seed.as_mut()].into_iter().flatten() {
            if let Some(anew) = rewrap(*version, sealed) {
                *sealed = anew;
            }
        }
    })
    .await
    .map(drop)
}

/// Parts of recordings that are sealed under a key before that one.
pub async fn parts_left(db: &mut impl Select, number: u32) -> Result<Vec<(SessionId, u32)>, Error> {
    let rows = db.fetch_all(&PARTS, args![i64::from(number)]).await?;
    rows.iter()
        .map(|row| {
            let seq = u32::try_from(row.get::<i64>(1)?).map_err(|_| corrupt("session_part.seq"))?;
            Ok((SessionId::from_uuid(row.get(0)?), seq))
        })
        .collect()
}

/// Notes that a part is sealed under the key of that number.
pub async fn set_part(tx: &mut Transaction, session: SessionId, seq: u32, number: u32) -> Result<(), Error> {
    tx.execute(&SET_PART, args![session.uuid(), seq, i64::from(number)]).await.map(drop)
}
