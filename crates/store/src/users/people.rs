//! People who sign in.

use countersign_model::{Role, Timestamp, UserId, UserName, VersionId, order_key, search_key};
use countersign_seal::{Digest, MarkedRow, PasswordHash, Sealed};

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

statements! {
    INSERT = "insert into person (id, name, name_key, role, password, disabled, created_at, mark, must_change) \
              values ($1, $2, $3, $4, $5, false, $6, $7, $8)";
    BY_ID = "select id, name, role, password, seed_version, seed, next_seed_version, next_seed, last_step, disabled, \
             created_at, last_sign_in_at, mark, must_change, email, passkeys from person where id = $1";
    BY_NAME = "select id, name, role, password, seed_version, seed, next_seed_version, next_seed, last_step, disabled, \
               created_at, last_sign_in_at, mark, must_change, email, passkeys from person where name_key = $1";
    ALL = "select id, name, role, password, seed_version, seed, next_seed_version, next_seed, last_step, disabled, \
           created_at, last_sign_in_at, mark, must_change, email, passkeys from person order by name_key limit $1";
    COUNT = "select count(*) from person";
    ADMINISTRATORS = "select count(*) from person where role = 'administrator' and not disabled";
    // Takes the row, so that what is written below was read from the same row.
    HOLD = "update person set id = id where id = $1 returning id, name, role, password, seed_version, seed, \
            next_seed_version, next_seed, last_step, disabled, created_at, last_sign_in_at, mark, must_change, email, \
            passkeys";
    SAVE = "update person set role = $2, password = $3, seed_version = $4, seed = $5, next_seed_version = $6, \
            next_seed = $7, last_step = $8, disabled = $9, mark = $10, must_change = $11, email = $12, passkeys = $13 \
            where id = $1";
    RENAME = "update person set name = $2, name_key = $3, mark = $4 where id = $1";
    SIGNED_IN = "update person set last_sign_in_at = $2 where id = $1";
    // A person has one link at most; a newer one takes the place of the one before.
    PUT_LINK = "insert into person_link (person, token, expires_at, mark) values ($1, $2, $3, $4) on conflict (person) \
                do update set token = excluded.token, expires_at = excluded.expires_at, mark = excluded.mark";
    LINK = "select person, expires_at, mark from person_link where token = $1";
    DELETE_LINK = "delete from person_link where person = $1";
    DELETE_OLD_LINKS = "delete from person_link where expires_at < $1";
    DELETE = "delete from person where id = $1";
}

/// A person as stored.
#[derive(Clone)]
pub struct PersonRow {
    /// Their id.
    pub id: UserId,
    /// The name they sign in with.
    pub name: String,
    /// What they are here.
    pub role: Role,
    /// What recognises their password.
    pub password: PasswordHash,
    /// Their second factor, once confirmed.
    pub seed: Option<(VersionId, Sealed)>,
    /// A second factor that was begun and not confirmed.
    pub next_seed: Option<(VersionId, Sealed)>,
    /// The last time step they signed in with.
    pub last_step: Option<i64>,
    /// Whether they are kept out.
    pub disabled: bool,
    /// Whether somebody else has chosen their password, so that they change it before anything else.
    pub must_change: bool,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// Where they want to be told of what they asked for.
    pub email: Option<String>,
    /// How many passkeys they have.
    pub passkeys: i64,
}

impl PersonRow {
    /// Whether their password alone lets nobody in.
    pub const fn has_second_factor(&self) -> bool {
        self.seed.is_some() || self.passkeys > 0
    }
}

/// Adds a person. [`Error::Conflict`] on `person.name_key` when the name is taken.
pub async fn insert(
    tx: &mut Transaction,
    id: UserId,
    name: &UserName,
    role: Role,
    password: &PasswordHash,
    must_change: bool,
    now: Timestamp,
) -> Result<(), Error> {
    let key = search_key(name.as_str());
    let marked = marks::MarkedPerson {
        id: id.uuid(),
        name: name.as_str(),
        role: role.name(),
        password: password.bytes(),
        seed: (None, None),
        next_seed: (None, None),
        disabled: false,
        must_change,
        email: None,
        last_step: None,
        passkeys: 0,
    };
    let mark = tx.keys().mark(&marked.row())?;
    let values = args![id.uuid(), name.as_str(), key, role.name(), password.bytes(), now, mark, must_change];
    tx.execute(&INSERT, values).await?;
    Ok(())
}

/// The person of that id.
pub async fn find(db: &mut impl Select, id: UserId) -> Result<Option<PersonRow>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| person(db.keys(), &row)).transpose()
}

/// The person of that name, whatever the case of its letters and the form of its accents.
pub async fn find_by_name(db: &mut impl Select, name: &str) -> Result<Option<PersonRow>, Error> {
    db.fetch_optional(&BY_NAME, args![search_key(name)]).await?.map(|row| person(db.keys(), &row)).transpose()
}

/// Everybody, by name, at most `limit`.
pub async fn all(db: &mut impl Select, limit: u32) -> Result<Vec<PersonRow>, Error> {
    let rows = db.fetch_all(&ALL, args![limit]).await?;
    let mut people: Vec<_> = rows.iter().map(|row| person(db.keys(), row)).collect::<Result<_, _>>()?;
    people.sort_by_cached_key(|person| order_key(&search_key(&person.name)));
    Ok(people)
}

/// Where somebody wants to be told of what they asked for; `None` nowhere, or they are kept out.
pub async fn email(db: &mut impl Select, id: UserId) -> Result<Option<String>, Error> {
    Ok(find(db, id).await?.filter(|person| !person.disabled).and_then(|person| person.email))
}

/// Says where somebody wants to be told.
pub async fn set_email(tx: &mut Transaction, id: UserId, email: Option<&str>) -> Result<(), Error> {
    change(tx, id, |row| row.email = email.map(str::to_owned)).await.map(drop)
}

/// How many people there are.
pub async fn count(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&COUNT, args![]).await?.get(0)
}

/// How many administrators can sign in.
pub async fn administrators(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&ADMINISTRATORS, args![]).await?.get(0)
}

/// Gives another name. [`Error::Conflict`] on `person.name_key` when the name is taken; false when nobody has that id.
pub async fn rename(tx: &mut Transaction, id: UserId, name: &UserName) -> Result<bool, Error> {
    let Some(row) = tx.fetch_optional(&HOLD, args![id.uuid()]).await? else { return Ok(false) };
    let row = PersonRow { name: name.as_str().to_owned(), ..person(tx.keys(), &row)? };
    let mark = tx.keys().mark(&marked(&row))?;
    Ok(tx.execute(&RENAME, args![id.uuid(), name.as_str(), search_key(name.as_str()), mark]).await? == 1)
}

/// Gives another role.
pub async fn set_role(tx: &mut Transaction, id: UserId, role: Role) -> Result<(), Error> {
    change(tx, id, |row| row.role = role).await.map(drop)
}

/// Keeps somebody out, or lets them in.
pub async fn set_disabled(tx: &mut Transaction, id: UserId, disabled: bool) -> Result<(), Error> {
    change(tx, id, |row| row.disabled = disabled).await.map(drop)
}

/// Gives another password. `must_change`: it is not their own choice.
pub async fn set_password(
    tx: &mut Transaction,
    id: UserId,
    password: &PasswordHash,
    must_change: bool,
) -> Result<(), Error> {
    change(tx, id, |row| (row.password, row.must_change) = (password.clone(), must_change)).await.map(drop)
}

/// Keeps the link by which a person chooses their password, by its hash, in the place of any before.
pub async fn put_link(
    tx: &mut Transaction,
    person: UserId,
    token: &Digest,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let token = tx.keys().bearer(token)?;
    let mark = tx.keys().mark(&marks::person_link(person.uuid(), token.bytes(), expires_at))?;
    tx.execute(&PUT_LINK, args![person.uuid(), token.bytes(), expires_at, mark]).await.map(drop)
}

/// Whose link that is; `None` when it is nobody's, or too old.
pub async fn link(db: &mut impl Select, token: &Digest, now: Timestamp) -> Result<Option<UserId>, Error> {
    let token = db.keys().bearer(token)?;
    let Some(row) = db.fetch_optional(&LINK, args![token.bytes()]).await? else { return Ok(None) };
    let (person, expires_at) = (row.get(0)?, row.get(1)?);
    let marked = marks::person_link(person, token.bytes(), expires_at);
    db.keys().check("set-up link of user", &person.to_string(), &marked, Some(&row.get::<Vec<u8>>(2)?))?;
    Ok((now < expires_at).then(|| UserId::from_uuid(person)))
}

/// Forgets somebody's link. False when they have none.
pub async fn delete_link(tx: &mut Transaction, person: UserId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE_LINK, args![person.uuid()]).await? == 1)
}

/// Forgets links that nobody has used in time.
pub async fn delete_old_links(tx: &mut Transaction, now: Timestamp) -> Result<u64, Error> {
    tx.execute(&DELETE_OLD_LINKS, args![now]).await
}

/// Puts a hash of the same password in the place of the one that was stored.
pub async fn renew_password(tx: &mut Transaction, id: UserId, password: &PasswordHash) -> Result<(), Error> {
    change(tx, id, |row| row.password = password.clone()).await.map(drop)
}

/// Begins a second factor.
pub async fn set_next_seed(tx: &mut Transaction, id: UserId, version: VersionId, seed: &Sealed) -> Result<(), Error> {
    tx.keys().admit(seed)?;
    change(tx, id, |row| row.next_seed = Some((version, seed.clone()))).await.map(drop)
}

/// Makes the begun second factor the one in force, `step` used up. False when none was begun.
pub async fn take_next_seed(tx: &mut Transaction, id: UserId, step: i64) -> Result<bool, Error> {
    let mut begun = false;
    change(tx, id, |row| {
        if let Some(next) = row.next_seed.take() {
            begun = true;
            row.seed = Some(next);
            row.last_step = Some(step);
        }
    })
    .await?;
    Ok(begun)
}

/// Forgets the authenticator, and that there are passkeys.
pub async fn drop_second_factor(tx: &mut Transaction, id: UserId) -> Result<(), Error> {
    change(tx, id, |row| (row.seed, row.next_seed, row.last_step, row.passkeys) = (None, None, None, 0)).await.map(drop)
}

/// Counts a passkey more. False when they have `most` already.
pub(super) async fn count_passkey(tx: &mut Transaction, id: UserId, most: usize) -> Result<bool, Error> {
    let mut room = false;
    change(tx, id, |row| {
        room = usize::try_from(row.passkeys).is_ok_and(|there| there < most);
        row.passkeys += i64::from(room);
    })
    .await?;
    Ok(room)
}

/// Counts a passkey less.
pub(super) async fn discount_passkey(tx: &mut Transaction, id: UserId) -> Result<(), Error> {
    change(tx, id, |row| row.passkeys = (row.passkeys - 1).max(0)).await.map(drop)
}

/// Changes what a person's mark covers: the row is held, its mark compared, and the new one written with what is new. So
/// nothing that somebody else has put there is ever marked. False when nobody has that id.
pub(crate) async fn change(tx: &mut Transaction, id: UserId, edit: impl FnOnce(&mut PersonRow)) -> Result<bool, Error> {
    let Some(row) = tx.fetch_optional(&HOLD, args![id.uuid()]).await? else { return Ok(false) };
    let mut row = person(tx.keys(), &row)?;
    edit(&mut row);
    let mark = tx.keys().mark(&marked(&row))?;
    let (seed_version, seed) = parts(row.seed.as_ref());
    let (next_version, next_seed) = parts(row.next_seed.as_ref());
    let values = args![
        id.uuid(),
        row.role.name(),
        row.password.bytes(),
        seed_version,
        seed,
        next_version,
        next_seed,
        row.last_step,
        row.disabled,
        mark,
        row.must_change,
        row.email,
        row.passkeys,
    ];
    Ok(tx.execute(&SAVE, values).await? == 1)
}

fn parts(seed: Option<&(VersionId, Sealed)>) -> (Option<uuid::Uuid>, Option<&[u8]>) {
    seed.map(|(version, sealed)| (version.uuid(), sealed.bytes())).unzip()
}

fn marked(row: &PersonRow) -> MarkedRow {
    let person = marks::MarkedPerson {
        id: row.id.uuid(),
        name: &row.name,
        role: row.role.name(),
        password: row.password.bytes(),
        seed: parts(row.seed.as_ref()),
        next_seed: parts(row.next_seed.as_ref()),
        disabled: row.disabled,
        must_change: row.must_change,
        email: row.email.as_deref(),
        last_step: row.last_step,
        passkeys: row.passkeys,
    };
    person.row()
}

/// Uses a time step up. False when it, or a later one, was used before: a step serves once, also when two sign-ins race.
pub async fn take_step(tx: &mut Transaction, id: UserId, step: i64) -> Result<bool, Error> {
    let mut taken = false;
    change(tx, id, |row| {
        taken = row.last_step.is_none_or(|last| last < step);
        if taken {
            row.last_step = Some(step);
        }
    })
    .await?;
    Ok(taken)
}

/// Notes a good sign-in.
pub async fn signed_in(tx: &mut Transaction, id: UserId, now: Timestamp) -> Result<(), Error> {
    tx.execute(&SIGNED_IN, args![id.uuid(), now]).await.map(drop)
}

/// Removes somebody with their browsers, API tokens and grants. False when nobody has that id.
pub async fn delete(tx: &mut Transaction, id: UserId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, args![id.uuid()]).await? == 1)
}

fn person(keys: &MarkKeys, row: &Row) -> Result<PersonRow, Error> {
    let role: String = row.get(2)?;
    let read = PersonRow {
        id: UserId::from_uuid(row.get(0)?),
        name: row.get(1)?,
        role: role.parse().map_err(|_| corrupt("person.role"))?,
        password: PasswordHash::from_bytes(row.get(3)?),
        seed: seed(row.get(4)?, row.get(5)?),
        next_seed: seed(row.get(6)?, row.get(7)?),
        last_step: row.get(8)?,
        disabled: row.get(9)?,
        created_at: row.get(10)?,
        last_sign_in_at: row.get(11)?,
        must_change: row.get(13)?,
        email: row.get(14)?,
        passkeys: row.get(15)?,
    };
    keys.check("user", &read.name, &marked(&read), row.get::<Option<Vec<u8>>>(12)?.as_deref())?;
    Ok(read)
}

fn seed(version: Option<uuid::Uuid>, sealed: Option<Vec<u8>>) -> Option<(VersionId, Sealed)> {
    Some((VersionId::from_uuid(version?), Sealed::from_bytes(sealed?)))
}
