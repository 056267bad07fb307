//! Pages of a long audit log, by every filter and every pair of filters: what is frequent, rare and not there at all.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use countersign_audit::{ActorRef, AuditAction, AuditActorKind, AuditEntry, ObjectKind};
use countersign_model::Timestamp;
use countersign_store::{
    audit,
    engine::{Database, DatabaseUrl, OpenOptions},
};
use uuid::Uuid;

use crate::{
    load::{self, Target},
    process::folder_bytes,
    scenes::tell,
    table::{Table, median},
    vault::Vault,
};

/// Records of one transaction while the log is made.
const AT_ONCE: u64 = 20_000;
const MOST_MS: f64 = 50.0;
const ASKED: usize = 5;
/// What takes longer is asked for once.
const SLOW: Duration = Duration::from_millis(500);
/// The log's first record, 2024-01-01, and three years in seconds.
const BEGIN: i64 = 1_704_067_200;
const YEARS: u64 = 3 * 365 * 86_400;
const PEOPLE: u64 = 40;
const CREDENTIALS: u64 = 5_000;
/// So many records have what is rare, all among the first fiftieth of the log.
const RARE: u64 = 5;

/// The whole part, over so many records.
pub(crate) async fn all(binary: &Path, records: usize) -> anyhow::Result<String> {
    let mut table = Table::new("Pages of the audit log")?;
    let vault = Vault::new(binary)?;
    let log = Log { records: records as u64 };
    log.write_into(&vault).await?;
    let server = vault.serve()?;
    tell("what the server does with so long a log at its start");
    server.wait_until_idle()?;
    #[expect(clippy::cast_precision_loss, reason = "bytes of a disk")]
    let each = folder_bytes(&vault.data())? as f64 / records as f64;
    table.plain(&format!("{records} records on the disk, with what finds them"), &format!("{each:.1} bytes each"));
    let target = vault.target(&server);
    let whole = [String::new(), format!("cursor={}", records / 2)];
    let whole = slowest(&target, &whole).await?;
    add(&mut table, "without a filter", &whole);
    let filters = log.filters();
    for (place, filter) in filters.iter().enumerate() {
        tell(&format!("pages by {}", filter.name));
        filter.check(&target).await?;
        let alone = slowest(&target, &filter.queries).await?;
        add(&mut table, &format!("by {}", filter.name), &alone);
        for other in &filters[place + 1..] {
            let both: Vec<_> = filter.queries.iter().flat_map(|query| other.with(query)).collect();
            let both = slowest(&target, &both).await?;
            add(&mut table, &format!("by {} and {}", filter.name, other.name), &both);
        }
    }
    table.finish()
}

fn add(table: &mut Table, what: &str, (slowest, query, count): &(f64, String, usize)) {
    let what = format!("a page {what}: the slowest of {count}, `{query}`");
    table.at_most(&what, *slowest, "ms", MOST_MS);
}

/// The slowest of some queries by the median of its answers, in milliseconds, with its text and how many there were.
async fn slowest(target: &Target, queries: &[String]) -> anyhow::Result<(f64, String, usize)> {
    let mut slowest = (0.0, String::new());
    for query in queries {
        let path = format!("/api/v1/audit/records?{query}");
        let mut waits = Vec::new();
        // The first answer brings what it reads into memory, and counts only where it is the only one.
        for turn in 0..=ASKED {
            let (took, _) = load::once(target, &path).await?;
            waits.push(took.as_secs_f64() * 1e3);
            if took > SLOW {
                break;
            }
            if turn == 0 {
                waits.clear();
            }
        }
        let p50 = median(&mut waits);
        if p50 >= slowest.0 {
            slowest = (p50, query.clone());
        }
    }
    Ok((slowest.0, slowest.1, queries.len()))
}

/// One filter, by what is frequent, rare and not there.
struct Filter {
    name: &'static str,
    queries: [String; 3],
}

impl Filter {
    /// Each of its queries together with one of another filter.
    fn with(&self, other: &str) -> [String; 3] {
        self.queries.each_ref().map(|query| format!("{other}&{query}"))
    }

    /// Makes sure that the log holds as much of each as is meant.
    async fn check(&self, target: &Target) -> anyhow::Result<()> {
        for (query, meant) in self.queries.iter().zip([50..=50, 1..=50, 0..=0]) {
            let (_, body) = load::once(target, &format!("/api/v1/audit/records?{query}")).await?;
            let body: serde_json::Value = serde_json::from_str(&body)?;
            let found = body["items"].as_array().context("items")?.len();
            anyhow::ensure!(meant.contains(&found), "{found} records pass {query}");
        }
        Ok(())
    }
}

/// A log of three years: who did what to what is drawn from a record's number, so that each run has the same.
struct Log {
    records: u64,
}

impl Log {
    fn at(&self, number: u64) -> Timestamp {
        let second = u128::from(YEARS) * u128::from(number) / u128::from(self.records.max(1));
        Timestamp::from_seconds(BEGIN + i64::try_from(second).unwrap_or(0))
    }

    /// Frequent: one of ten records and more, up to the newest. Rare: five records, long ago.
    fn filters(&self) -> [Filter; 5] {
        let thing = |name: &str, ids: [u128; 3]| ids.map(|id| format!("{name}={}", Uuid::from_u128(id)));
        let (half, early) = (self.at(self.records / 2), self.at(self.records / 100));
        let later = self.at(self.records / 100 + 3);
        [
            Filter {
                name: "act",
                queries: ["act=password.revealed", "act=credential.removed", "act=session.frozen"].map(str::to_owned),
            },
            Filter {
                name: "time",
                queries: [
                    format!("until={half}"),
                    format!("since={early}&until={later}"),
                    "until=2001-01-01T00:00:00Z".to_owned(),
                ],
            },
            Filter { name: "text", queries: ["search=site", "search=quokka", "search=xyzzy"].map(str::to_owned) },
            Filter { name: "object", queries: thing("credential", [credential(0), credential(CREDENTIALS), 7]) },
            Filter { name: "actor", queries: thing("actor", [person(0), person(PEOPLE), 7]) },
        ]
    }

    /// Record `number`, from 0. Person 0 never looks at a password, so that two frequent filters can find nothing together.
    fn entry(&self, number: u64) -> AuditEntry {
        let drawn = mix(number);
        let rare = number.is_multiple_of((self.records / 50 / RARE).max(1)) && number < self.records / 50;
        let by = if drawn.is_multiple_of(3) { 0 } else { 1 + drawn / 3 % (PEOPLE - 1) };
        let act = match drawn / 1_000 % 100 {
            _ if rare => AuditAction::CredentialRemoved,
            0..12 if by != 0 => AuditAction::PasswordRevealed,
            12..16 => AuditAction::CredentialEdited,
            _ => AuditAction::TokenRead,
        };
        let about = if drawn.is_multiple_of(7) { 0 } else { 1 + drawn / 7 % (CREDENTIALS - 1) };
        let (by, about) = if rare { (PEOPLE, CREDENTIALS) } else { (by, about) };
        let actor = ActorRef {
            kind: AuditActorKind::ApiToken,
            id: Some(Uuid::from_u128(person(by))),
            name: format!("person {by}"),
        };
        let name = if rare { "Quokka".to_owned() } else { format!("Site {about}: user{about}@example.org") };
        AuditEntry::new(self.at(number), actor, act).on(
            ObjectKind::Credential,
            Uuid::from_u128(credential(about)),
            name,
        )
    }

    /// Appends all records to a vault that is not being served.
    async fn write_into(&self, vault: &Vault) -> anyhow::Result<()> {
        let url = DatabaseUrl::Sqlite(vault.data().join("countersign.db"));
        let database = Database::open(&url, &OpenOptions::default()).await?;
        let mut written = 0;
        while written < self.records {
            let end = self.records.min(written + AT_ONCE);
            let entries: Vec<_> = (written..end).map(|number| self.entry(number)).collect();
            let mut tx = database.write().await?;
            audit::append(&mut tx, entries).await?;
            tx.commit().await?;
            written = end;
            if written.is_multiple_of(AT_ONCE * 50) || written == self.records {
                tell(&format!("a log of {written} of {} records", self.records));
            }
        }
        database.close().await;
        Ok(())
    }
}

const fn person(number: u64) -> u128 {
    0x0190_0000_0000_7000_8000_0000_0000_0000 + number as u128
}

const fn credential(number: u64) -> u128 {
    0x0191_0000_0000_7000_8000_0000_0000_0000 + number as u128
}

/// Numbers in a row in, numbers without order out: the last steps of `SplitMix64`.
const fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) >> 8
}
