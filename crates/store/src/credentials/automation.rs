//! How a credential's site is dealt with, what was learnt there, and what its browser remembers.

use countersign_model::{ChangeTrigger, CredentialId, SiteSettings, Timestamp, VersionId};
use countersign_seal::Sealed;
use serde::{Deserialize, Serialize};

use crate::{
    args,
    engine::{Error, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

statements! {
    FIND = "select settings, next_change_at, next_change_because, next_heartbeat_at, heartbeat, clock_offset, \
            clock_seen_at, fingerprints, moved, browser_version is not null, mark, redirected_at, pages, pages_mark \
            from automation where credential = $1";
    PUT_SETTINGS = "insert into automation (credential, settings, next_change_at, next_change_because, \
                    next_heartbeat_at, mark, redirected_at) values ($1, $2, $3, $4, $5, $6, $7) on conflict (credential) do update set \
                    settings = excluded.settings, next_change_at = excluded.next_change_at, \
                    next_change_because = excluded.next_change_because, next_heartbeat_at = excluded.next_heartbeat_at, \
                    mark = excluded.mark, redirected_at = excluded.redirected_at";
    ENSURE = "insert into automation (credential, settings, mark) values ($1, $2, $3) on conflict (credential) do nothing";
    SCHEDULE = "update automation set next_change_at = $2, next_change_because = $3 where credential = $1";
    SCHEDULE_HEARTBEAT = "update automation set next_heartbeat_at = $2 where credential = $1";
    SET_HEARTBEAT = "update automation set heartbeat = $2 where credential = $1";
    SET_CLOCK = "update automation set clock_offset = $2, clock_seen_at = $3 where credential = $1";
    SET_LEARNT = "update automation set fingerprints = $2, moved = $3 where credential = $1";
    SET_PAGES = "update automation set pages = $2, pages_mark = $3 where credential = $1";
    BROWSER = "select browser_version, browser_state, browser_identity from automation where credential = $1";
    SET_BROWSER = "update automation set browser_version = $2, browser_state = $3, browser_identity = $4 \
                   where credential = $1";
    // What is due and may run: an open change of the credential comes first, and a person in a session is not disturbed.
    DUE_CHANGES = "select credential, next_change_because from automation a where next_change_at <= $1 \
                   and not exists (select 1 from change h where h.credential = a.credential and h.ended_at is null) \
                   and not exists (select 1 from session s where s.credential = a.credential and s.ended_at is null) \
                   order by next_change_at limit $2";
    DUE_HEARTBEATS = "select credential from automation a where next_heartbeat_at <= $1 \
                      and not exists (select 1 from change h where h.credential = a.credential and h.ended_at is null) \
                      and not exists (select 1 from session s where s.credential = a.credential and s.ended_at is null) \
                      order by next_heartbeat_at limit $2";
}

/// How a site is dealt with, and what was learnt there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AutomationRow {
    /// What the owner wishes.
    pub settings: SiteSettings,
    /// When the password is changed without anybody asking, and why.
    pub next_change: Option<(Timestamp, ChangeTrigger)>,
    /// When the site is looked at next.
    pub next_heartbeat_at: Option<Timestamp>,
    /// How the last look went.
    pub heartbeat: Option<Heartbeat>,
    /// The site's clock less ours, in seconds, and when it was seen.
    pub clock: Option<(i64, Timestamp)>,
    /// How the fields looked that were used with success, as JSON.
    pub fingerprints: Option<String>,
    /// Where pages of the site were found, as JSON. What the vault has not written itself, under the key that it has now, is as
    /// if it were not there: a password is typed at these addresses.
    pub pages: Option<String>,
    /// What has moved since, one line each.
    pub moved: Vec<String>,
    /// Whether a browser state is kept.
    pub remembered: bool,
    /// When its secrets were last pointed to an origin that no person has tried since.
    pub redirected_at: Option<Timestamp>,
}

/// How a heartbeat went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// When, in microseconds since 1970.
    pub at: i64,
    /// Whether one got in.
    pub passed: bool,
    /// One sentence.
    pub text: String,
}

/// What a credential's browser remembers: sealed state, and how it presents itself.
#[derive(Debug, Clone)]
pub struct BrowserRow {
    /// The version that the seal is bound to.
    pub version: VersionId,
    /// Cookies and local storage, sealed.
    pub sealed: Sealed,
    /// Language, time zone, size, as JSON.
    pub identity: String,
}

/// What is known; the usual settings where nothing was said.
pub async fn find(db: &mut impl Select, credential: CredentialId) -> Result<AutomationRow, Error> {
    let Some(row) = db.fetch_optional(&FIND, args![credential.uuid()]).await? else {
        return Ok(AutomationRow::default());
    };
    let settings: String = row.get(0)?;
    let redirected_at: Option<Timestamp> = row.get(11)?;
    let marked = marks::automation(credential.uuid(), &settings, redirected_at);
    let mark = row.get::<Option<Vec<u8>>>(10)?;
    db.keys().check("site settings of credential", &credential.to_string(), &marked, mark.as_deref())?;
    let (pages, mark) = (row.get::<Option<String>>(12)?, row.get::<Option<Vec<u8>>>(13)?);
    let is_ours = |pages: &String| {
        let marked = marks::pages(credential.uuid(), pages);
        db.keys().check("pages of credential", "", &marked, mark.as_deref()).is_ok()
    };
    let pages = pages.filter(is_ours);
    let json = |text: String, column| serde_json::from_str(&text).map_err(|_| corrupt(column));
    let because: Option<String> = row.get(2)?;
    let because =
        because.map(|text| text.parse().map_err(|_| corrupt("automation.next_change_because"))).transpose()?;
    let heartbeat: Option<String> = row.get(4)?;
    let moved: Option<String> = row.get(8)?;
    Ok(AutomationRow {
        settings: json(settings, "automation.settings")?,
        next_change: row.get::<Option<Timestamp>>(1)?.map(|at| (at, because.unwrap_or(ChangeTrigger::Schedule))),
        next_heartbeat_at: row.get(3)?,
        heartbeat: heartbeat
            .map(|text| serde_json::from_str(&text).map_err(|_| corrupt("automation.heartbeat")))
            .transpose()?,
        clock: row.get::<Option<i64>>(5)?.zip(row.get::<Option<Timestamp>>(6)?),
        fingerprints: row.get(7)?,
        pages,
        moved: moved
            .map(|text| serde_json::from_str(&text).map_err(|_| corrupt("automation.moved")))
            .transpose()?
            .unwrap_or_default(),
        remembered: row.get(9)?,
        redirected_at,
    })
}

/// Writes what the owner wishes, with what follows from it.
pub async fn put_settings(tx: &mut Transaction, credential: CredentialId, row: &AutomationRow) -> Result<(), Error> {
    let (at, because) = row.next_change.unzip();
    let text = settings_text(&row.settings);
    let mark = tx.keys().mark(&marks::automation(credential.uuid(), &text, row.redirected_at))?;
    let because = because.map(ChangeTrigger::name);
    let values = args![credential.uuid(), text, at, because, row.next_heartbeat_at, mark, row.redirected_at];
    tx.execute(&PUT_SETTINGS, values).await.map(drop)
}

/// Makes sure that there is a row to write into.
pub async fn ensure(tx: &mut Transaction, credential: CredentialId) -> Result<(), Error> {
    let text = settings_text(&SiteSettings::default());
    let mark = tx.keys().mark(&marks::automation(credential.uuid(), &text, None))?;
    tx.execute(&ENSURE, args![credential.uuid(), text, mark]).await.map(drop)
}

/// Says when the password is changed next without anybody asking.
pub async fn schedule(
    tx: &mut Transaction,
    credential: CredentialId,
    next: Option<(Timestamp, ChangeTrigger)>,
) -> Result<(), Error> {
    let (at, because) = next.unzip();
    tx.execute(&SCHEDULE, args![credential.uuid(), at, because.map(ChangeTrigger::name)]).await.map(drop)
}

/// Says when the site is looked at next.
pub async fn schedule_heartbeat(
    tx: &mut Transaction,
    credential: CredentialId,
    at: Option<Timestamp>,
) -> Result<(), Error> {
    tx.execute(&SCHEDULE_HEARTBEAT, args![credential.uuid(), at]).await.map(drop)
}

/// Notes how a heartbeat went.
pub async fn set_heartbeat(tx: &mut Transaction, credential: CredentialId, beat: &Heartbeat) -> Result<(), Error> {
    let text = serde_json::to_string(beat).expect("a heartbeat is plain");
    tx.execute(&SET_HEARTBEAT, args![credential.uuid(), text]).await.map(drop)
}

/// Notes the site's clock less ours.
pub async fn set_clock(
    tx: &mut Transaction,
    credential: CredentialId,
    offset_seconds: i64,
    at: Timestamp,
) -> Result<(), Error> {
    tx.execute(&SET_CLOCK, args![credential.uuid(), offset_seconds, at]).await.map(drop)
}

/// Notes how the fields looked that were used with success, and what has moved since.
pub async fn set_learnt(
    tx: &mut Transaction,
    credential: CredentialId,
    fingerprints: &str,
    moved: &[String],
) -> Result<(), Error> {
    let moved = serde_json::to_string(moved).expect("texts are plain");
    tx.execute(&SET_LEARNT, args![credential.uuid(), fingerprints, moved]).await.map(drop)
}

/// Keeps where pages of the site were found, or forgets it.
pub async fn set_pages(tx: &mut Transaction, credential: CredentialId, pages: Option<&str>) -> Result<(), Error> {
    let mark = pages.map(|pages| tx.keys().mark(&marks::pages(credential.uuid(), pages))).transpose()?;
    tx.execute(&SET_PAGES, args![credential.uuid(), pages, mark]).await.map(drop)
}

/// What the credential's browser remembers.
pub async fn browser(db: &mut impl Select, credential: CredentialId) -> Result<Option<BrowserRow>, Error> {
    let Some(row) = db.fetch_optional(&BROWSER, args![credential.uuid()]).await? else { return Ok(None) };
    let (version, sealed): (Option<uuid::Uuid>, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
    let identity: Option<String> = row.get(2)?;
    Ok(version.zip(sealed).map(|(version, sealed)| BrowserRow {
        version: VersionId::from_uuid(version),
        sealed: Sealed::from_bytes(sealed),
        identity: identity.unwrap_or_default(),
    }))
}

/// Keeps, or forgets, what the credential's browser remembers.
pub async fn set_browser(
    tx: &mut Transaction,
    credential: CredentialId,
    browser: Option<&BrowserRow>,
) -> Result<(), Error> {
    if let Some(browser) = browser {
        tx.keys().admit(&browser.sealed)?;
    }
    let values = args![
        credential.uuid(),
        browser.map(|it| it.version.uuid()),
        browser.map(|it| it.sealed.bytes()),
        browser.map(|it| it.identity.clone()),
    ];
    tx.execute(&SET_BROWSER, values).await.map(drop)
}

/// Credentials whose password is to be changed by now and that are left alone, at most `limit`.
pub async fn due_changes(
    db: &mut impl Select,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(CredentialId, ChangeTrigger)>, Error> {
    let rows = db.fetch_all(&DUE_CHANGES, args![now, limit]).await?;
    rows.iter()
        .map(|row| {
            let because: Option<String> = row.get(1)?;
            let because = because.and_then(|text| text.parse().ok()).unwrap_or(ChangeTrigger::Schedule);
            Ok((CredentialId::from_uuid(row.get(0)?), because))
        })
        .collect()
}

/// Credentials whose site is to be looked at by now, at most `limit`.
pub async fn due_heartbeats(db: &mut impl Select, now: Timestamp, limit: u32) -> Result<Vec<CredentialId>, Error> {
    let rows = db.fetch_all(&DUE_HEARTBEATS, args![now, limit]).await?;
    rows.iter().map(|row| row.get(0).map(CredentialId::from_uuid)).collect()
}

fn settings_text(settings: &SiteSettings) -> String {
    serde_json::to_string(settings).expect("settings are plain")
}
