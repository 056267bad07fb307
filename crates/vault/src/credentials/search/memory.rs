//! Holding the index, and bringing it to the snapshot of whoever asks.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use countersign_model::{Timestamp, UserId, natural_order};
use countersign_store::{
    credentials::listed::{self, ListMark, ListedCredential, PartEnd},
    engine::{Database, Error, Lane, Reader},
};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{
    chunk::IdSet,
    index::{Found, Query, SearchIndex},
};

// Beyond either, the database is asked: this much memory is not a search's to take.
const MAX_CREDENTIALS: usize = 1_000_000;
const MAX_SIZE: usize = 256 << 20;
/// What has changed since is read by who searches, up to this many credentials; beyond, the index is built anew.
const MAX_BEHIND: u32 = 4_096;
const KEPT_UNUSED: Duration = Duration::from_secs(10 * 60);
const LOOK_FOR_USE: Duration = Duration::from_secs(60);
/// How long after one was built the next may be, how long after a failure, and after there were too many.
const AFTER_BUILT: Duration = Duration::from_secs(2);
const AFTER_FAILURE: Duration = Duration::from_secs(10);
const AFTER_TOO_MANY: Duration = Duration::from_secs(10 * 60);

/// The index of a vault, while there is one.
#[derive(Clone, Default)]
pub(crate) struct SearchMemory(Arc<Mutex<State>>);

struct State {
    known: Option<KnownList>,
    building: bool,
    /// When it may be built next.
    not_before: Instant,
    used_at: Instant,
    watched: bool,
}

impl Default for State {
    fn default() -> Self {
        let now = Instant::now();
        Self { known: None, building: false, not_before: now, used_at: now, watched: false }
    }
}

/// The list as somebody has seen it.
#[derive(Clone)]
pub(crate) struct KnownList {
    index: Arc<SearchIndex>,
    mark: ListMark,
}

impl KnownList {
    /// Answers; many credentials take a millisecond or two, so not on the threads that hand out tokens.
    pub(crate) fn find(&self, query: &Query<'_>) -> Found {
        self.index.find(query)
    }
}

impl SearchMemory {
    /// What is known now. Asked before a snapshot is opened, it is not newer than that.
    pub(crate) fn known(&self) -> Option<KnownList> {
        let mut state = self.0.lock();
        state.used_at = Instant::now();
        state.known.clone()
    }

    /// Whether the index has what a list of that order takes.
    pub(crate) const fn orders(sort: countersign_store::credentials::Sort) -> bool {
        SearchIndex::orders(sort)
    }

    /// The list as the reader's snapshot has it, from what was known before that was opened. `None` when the database is to
    /// be asked instead; then the index is being built, where it can be.
    pub(crate) async fn at(
        &self,
        known: Option<KnownList>,
        database: &Database,
        reader: &mut Reader,
    ) -> Result<Option<KnownList>, Error> {
        let Some(known) = known else {
            self.start_building(database);
            return Ok(None);
        };
        let mark = listed::mark(reader).await?;
        if !listed::follows(reader, &mark, &known.mark).await? {
            self.forget();
            self.start_building(database);
            return Ok(None);
        }
        let changed = match listed::changed(reader, &known.mark, MAX_BEHIND).await {
            // One row that cannot be read is no reason to show none.
            Err(Error::Corrupt { .. }) => {
                self.forget();
                return Ok(None);
            }
            other => other?,
        };
        match changed {
            None => {
                self.start_building(database);
                Ok(None)
            }
            Some((changed, gone)) if changed.is_empty() && gone.is_empty() => Ok(Some(known)),
            Some((changed, gone)) => {
                let index = known.index.updated(changed, &gone);
                if is_too_large(&index) {
                    self.forget();
                    return Ok(None);
                }
                let known = KnownList { index: Arc::new(index), mark };
                // Another search may have come further meanwhile. Either is right as of its mark.
                self.keep(known.clone());
                Ok(Some(known))
            }
        }
    }

    fn keep(&self, known: KnownList) {
        let watched = {
            let mut state = self.0.lock();
            state.known = Some(known);
            std::mem::replace(&mut state.watched, true)
        };
        if !watched {
            self.watch();
        }
    }

    /// Drops everything: something was found to be wrong.
    pub(crate) fn forget(&self) {
        let mut state = self.0.lock();
        state.known = None;
    }

    /// What a person may see at `now`, in the reader's snapshot, by grants of their own and of their groups; `None` when it is
    /// too much. It is asked each time, since grants begin and end by the clock.
    pub(crate) async fn granted(reader: &mut Reader, person: UserId, now: Timestamp) -> Result<Option<IdSet>, Error> {
        let most = u32::try_from(MAX_CREDENTIALS).unwrap_or(u32::MAX);
        let ids = listed::granted_ids(reader, person, now, most).await?;
        Ok(ids.map(|ids| ids.into_iter().map(|id| id.uuid().as_u128()).collect()))
    }

    fn start_building(&self, database: &Database) {
        let now = Instant::now();
        {
            let mut state = self.0.lock();
            if state.building || now < state.not_before {
                return;
            }
            state.building = true;
        }
        let building = Building(self.clone());
        let database = database.clone();
        tokio::spawn(async move { building.finish(build(&database).await) });
    }

    /// Lets go of an index that nobody has used for long; says whether there is none any more.
    fn drop_unused(&self, now: Instant) -> bool {
        let mut state = self.0.lock();
        if now.saturating_duration_since(state.used_at) >= KEPT_UNUSED {
            state.known = None;
        }
        state.watched = state.known.is_some();
        !state.watched
    }

    fn watch(&self) {
        let state: Weak<_> = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_FOR_USE).await;
                let Some(state) = state.upgrade() else { return };
                if Self(state).drop_unused(Instant::now()) {
                    return;
                }
            }
        });
    }
}

/// Held while the index is built; however that ends, another may be built after it.
struct Building(SearchMemory);

impl Building {
    fn finish(&self, built: Result<Option<KnownList>, Error>) {
        let wait = match &built {
            Ok(Some(_)) => AFTER_BUILT,
            Ok(None) => AFTER_TOO_MANY,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "searches ask the database: no index was built");
                AFTER_FAILURE
            }
        };
        self.0.0.lock().not_before = Instant::now() + wait;
        match built {
            Ok(Some(known)) => self.0.keep(known),
            Ok(None) => self.0.forget(),
            Err(_) => {}
        }
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        self.0.0.lock().building = false;
    }
}

/// How many credentials are read at once: a row from the database takes much more memory than what is kept of it.
const READ_AT_ONCE: u32 = 128;

/// Reads all credentials in one snapshot; `None` when they are too many.
async fn build(database: &Database) -> Result<Option<KnownList>, Error> {
    let mut reader = database.read_on(Lane::Search).await?;
    let mark = listed::mark(&mut reader).await?;
    let mut index = SearchIndex::default();
    let mut read = InOrder::default();
    let mut after = PartEnd::START;
    while let Some((rows, end)) = listed::part(&mut reader, &after, READ_AT_ONCE).await? {
        after = end;
        read.extend(rows);
        if read.rows.len() + READ_AT_ONCE as usize > SearchIndex::PART {
            index.push(&mut read.rows);
        }
        if is_too_large(&index) {
            return Ok(None);
        }
    }
    index.push(&mut read.rows);
    if !read.late.is_empty() {
        index = index.updated(read.late, &[]);
    }
    Ok((!is_too_large(&index)).then(|| KnownList { index: Arc::new(index), mark }))
}

/// Rows as the database gives them, in the order of names; and those that come too late for it, as one does whose place in the order was
/// written by something that does not know of it.
#[derive(Default)]
struct InOrder {
    rows: Vec<ListedCredential>,
    late: Vec<ListedCredential>,
    last: Vec<u8>,
}

impl InOrder {
    fn extend(&mut self, rows: Vec<ListedCredential>) {
        for row in rows {
            if natural_order(row.name_key.as_bytes(), &self.last).is_lt() {
                self.late.push(row);
            } else {
                self.last.clear();
                self.last.extend_from_slice(row.name_key.as_bytes());
                self.rows.push(row);
            }
        }
    }
}

fn is_too_large(index: &SearchIndex) -> bool {
    index.len() > MAX_CREDENTIALS || index.size() > MAX_SIZE
}

#[cfg(test)]
mod tests {
    use countersign_audit::{ActorRef, AuditAction, AuditEntry};
    use countersign_model::{
        Algorithm, Chance as _, CountingChance, CredentialId, CredentialName, CredentialStatus, Grant, GrantConditions,
        GrantId, GrantPermissions, GrantTarget, Grants, Notes, Principal, Role, SecondFactor, SecondFactorKind,
        SiteAddress, Tag, Timestamp, UserName, Username, VaultId,
    };
    use countersign_seal::{KeyRing, PasswordHash, VaultKey, passphrase::Cost};
    use countersign_store::{
        args, audit, both_engines,
        credentials::{self, CredentialFilter, CredentialRow, ListPosition, Sort},
        engine::{Statement, Transaction},
        people,
        testing::TestDatabase,
        vault,
    };

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    static EMPTY: Statement =
        Statement::two("test::EMPTY", "delete from credential", "truncate table credential cascade");
    static RENAME: Statement =
        Statement::one("test::RENAME", "update credential set search = 'renamed by hand' where id = $1");

    static OTHER_LOG: Statement = Statement::one("test::OTHER_LOG", "update audit_block set root = $1 where last = 3");
    static DAMAGE: Statement = Statement::one("test::DAMAGE", "update credential set tags = 'none' where id = $1");

    /// The log goes on by a record.
    async fn go_on(tx: &mut Transaction) {
        let entry = AuditEntry::new(NOW, ActorRef::system(), AuditAction::CredentialEdited);
        audit::append(tx, vec![entry]).await.unwrap();
    }

    /// A vault's tables with two people, and the index beside them.
    struct Tables<'a> {
        database: &'a TestDatabase,
        memory: SearchMemory,
        chance: CountingChance,
        people: [UserId; 2],
    }

    impl<'a> Tables<'a> {
        async fn new(database: &'a TestDatabase) -> Self {
            let chance = CountingChance::default();
            database.vouch_with(&KeyRing::new(VaultKey::generate(VaultId::new(NOW, &chance), &chance)));
            let mut tx = database.write().await.unwrap();
            vault::insert(&mut tx, VaultId::new(NOW, &chance), NOW, false).await.unwrap();
            let people = [UserId::new(NOW, &chance), UserId::new(NOW, &chance)];
            for (id, name) in people.into_iter().zip(["ann", "bob"]) {
                let (name, hash) = (UserName::parse(name).unwrap(), PasswordHash::of_nobody(Cost::TEST));
                people::insert(&mut tx, id, &name, Role::Member, &hash, false, NOW).await.unwrap();
            }
            tx.commit().await.unwrap();
            Self { database, memory: SearchMemory::default(), chance, people }
        }

        fn below(&self, limit: usize) -> usize {
            let mut bytes = [0; 8];
            self.chance.fill(&mut bytes);
            usize::from_le_bytes(bytes) % limit
        }

        fn one_of<T: Copy>(&self, some: &[T]) -> T {
            some[self.below(some.len())]
        }

        /// With few letters, so that much is found.
        fn row(&self, number: usize) -> CredentialRow {
            let word = |least: usize| -> String {
                let letters = ["a", "B", "b", "\u{d6}", "%", "_", ".", "1"];
                (0..least + self.below(3)).map(|_| self.one_of(&letters)).collect()
            };
            let tags = ["red", "Red", "reddish", "x"].into_iter().filter(|_| self.below(3) == 0);
            let second_factor =
                SecondFactor { kind: SecondFactorKind::Totp, algorithm: Algorithm::Sha1, digits: 6, period: Some(30) };
            CredentialRow {
                id: CredentialId::new(NOW, &self.chance),
                name: CredentialName::parse(&format!("{} {number}", word(1))).unwrap(),
                username: Username::parse(&word(0)).unwrap(),
                site: self
                    .one_of(&[None, Some("https://a.example/Ab"), Some("http://b.example/")])
                    .map(|it| SiteAddress::parse(it).unwrap()),
                notes: Notes::parse("").unwrap(),
                status: self.one_of(&[CredentialStatus::Active, CredentialStatus::Inactive]),
                revision: 1,
                has_password: false,
                second_factor: (self.below(2) == 0).then_some(second_factor),
                created_at: NOW,
                updated_at: Timestamp::from_micros(NOW.micros() + i64::try_from(self.below(9)).unwrap()),
                password_changed_at: None,
                tags: tags.map(|tag| Tag::parse(tag).unwrap()).collect(),
                grants: Grants::none(),
            }
        }

        /// Other people may use it than before, or all that has a tag.
        async fn grant_anew(&self, tx: &mut Transaction, id: CredentialId) {
            credentials::delete_direct(tx, id).await.unwrap();
            for person in self.people.into_iter().filter(|_| self.below(2) == 0) {
                let target = match self.below(9) {
                    0 => GrantTarget::Tag(Tag::parse("reddish").unwrap()),
                    _ => GrantTarget::Credential(id),
                };
                let (permissions, conditions) = (GrantPermissions::default(), GrantConditions::default());
                let (id, holder) = (GrantId::new(NOW, &self.chance), Principal::User(person));
                let grant = Grant { id, holder, target, permissions, conditions };
                credentials::insert_grant(tx, &grant, &credentials::GrantDecision { at: NOW, by: "ann".to_owned() })
                    .await
                    .unwrap();
            }
        }

        /// One change or some, as a unit of work makes them.
        async fn change(&self, standing: &mut Vec<CredentialRow>, number: usize) {
            let mut tx = self.database.write().await.unwrap();
            let before = standing.clone();
            let at = self.below(standing.len().max(1));
            match self.below(7) {
                0 | 1 => {
                    let row = self.row(number);
                    // Inserted one by one it was edited when it was made.
                    let row = CredentialRow { updated_at: row.created_at, ..row };
                    credentials::insert(&mut tx, std::slice::from_ref(&row)).await.unwrap();
                    standing.push(row);
                }
                2 => {
                    let rows: Vec<_> = (0..self.below(70)).map(|nth| self.row(1_000 * number + nth)).collect();
                    credentials::insert(&mut tx, &rows).await.unwrap();
                    standing.extend(rows);
                }
                3 if !standing.is_empty() => {
                    let CredentialRow { id, revision, .. } = standing[at];
                    let row = CredentialRow { id, revision, ..self.row(number) };
                    assert!(credentials::update(&mut tx, &row, true).await.unwrap());
                    standing[at] = CredentialRow { revision: revision + 1, ..row };
                }
                4 if !standing.is_empty() => {
                    let row = &mut standing[at];
                    row.revision += 1;
                    assert!(credentials::password_changed(&mut tx, row.id, NOW).await.unwrap());
                }
                5 if !standing.is_empty() => {
                    assert!(credentials::delete(&mut tx, standing.swap_remove(at).id).await.unwrap());
                }
                _ if !standing.is_empty() => {
                    self.grant_anew(&mut tx, standing[at].id).await;
                    vault::bump(&mut tx).await.unwrap();
                }
                _ => {}
            }
            if !self.end(tx).await {
                *standing = before;
            }
        }

        /// Commits, with or without the log going on, or lets go of it all. Says whether it was committed.
        async fn end(&self, mut tx: Transaction) -> bool {
            if self.below(4) > 0 {
                go_on(&mut tx).await;
            }
            if self.below(5) == 0 {
                return false;
            }
            tx.commit().await.unwrap();
            true
        }

        fn filter(&self) -> CredentialFilter {
            let some = |words: &[&str]| Some(self.one_of(words).to_owned()).filter(|_| self.below(2) == 0);
            CredentialFilter {
                search: some(&["a", "B", "bb", "\u{f6}", "%", "_", "a1", "red", "b.example", "zz"]),
                tag: some(&["red", "Red", "x", "no"]),
                site: some(&["AB", "example", "b.", "/a", "zz"]),
                second_factor: self.one_of(&[None, None, Some(true), Some(false)]),
                status: self.one_of(&[None, None, Some(CredentialStatus::Active)]),
                granted_only: self.below(3) == 0,
            }
        }

        /// The index as of this moment, with the snapshot.
        async fn now(&self) -> (Reader, Option<KnownList>) {
            let known = self.memory.known();
            let mut reader = self.database.read().await.unwrap();
            let known = self.memory.at(known, self.database, &mut reader).await.unwrap();
            (reader, known)
        }

        async fn build(&self) {
            self.memory.keep(build(self.database).await.unwrap().unwrap());
        }

        /// Compares what the index gives with what the database gives, for some lists.
        async fn compare(&self, standing: &[CredentialRow]) {
            let (mut reader, known) = self.now().await;
            let known = known.expect("an index that is not far behind");
            assert_eq!(known.index.len(), standing.len());
            for _ in 0..4 {
                let (filter, person) = (self.filter(), self.one_of(&self.people));
                let sort = self.one_of(&[Sort::Name, Sort::NameBackwards, Sort::Updated, Sort::UpdatedBackwards]);
                let after = standing.get(self.below(2 * standing.len() + 1)).map(|row| ListPosition::after(sort, row));
                let rows = 1 + self.below(60);
                let granted = SearchMemory::granted(&mut reader, person, NOW).await.unwrap().unwrap();
                let query = Query {
                    filter: &filter,
                    granted: filter.granted_only.then_some(&granted),
                    sort,
                    after: after.as_ref(),
                    rows,
                    count: true,
                };
                let Found { ids, total } = known.find(&query);
                let limit = u32::try_from(rows).unwrap();
                let asked =
                    credentials::list(&mut reader, &filter, (person, NOW), sort, after.as_ref(), limit).await.unwrap();
                assert_eq!(ids, asked.iter().map(|row| row.id).collect::<Vec<_>>(), "{filter:?} {sort:?} {after:?}");
                let count = credentials::count(&mut reader, &filter, (person, NOW)).await.unwrap();
                assert_eq!(total, usize::try_from(count).ok(), "{filter:?}");
                assert_eq!(
                    credentials::find_some(&mut reader, &ids, filter.granted_only.then_some(person)).await.unwrap(),
                    asked
                );
            }
        }
    }

    both_engines! {
        async fn memory_and_database_give_the_same_lists(database: &TestDatabase) {
            let tables = Tables::new(database).await;
            let mut standing = Vec::new();
            tables.build().await;
            for number in 1..120 {
                tables.change(&mut standing, number).await;
                tables.compare(&standing).await;
            }
            tables.build().await;
            tables.compare(&standing).await;
        }

        async fn what_was_not_committed_is_seen_once_it_is(database: &TestDatabase) {
            let tables = Tables::new(database).await;
            tables.build().await;
            let mut tx = database.write().await.unwrap();
            let row = tables.row(1);
            credentials::insert(&mut tx, std::slice::from_ref(&row)).await.unwrap();
            assert_eq!(tables.now().await.1.unwrap().index.len(), 0);
            tx.commit().await.unwrap();
            assert_eq!(tables.now().await.1.unwrap().index.len(), 1);
            let (mut earlier, _) = tables.now().await;
            let mut tx = database.write().await.unwrap();
            assert!(credentials::delete(&mut tx, row.id).await.unwrap());
            tx.commit().await.unwrap();
            // Whoever looks at what was before gets what was before.
            assert_eq!(credentials::find_some(&mut earlier, &[row.id], Some(tables.people[0])).await.unwrap().len(), 1);
            assert_eq!(tables.now().await.1.unwrap().index.len(), 0);
        }

        async fn what_somebody_does_by_hand_is_seen(database: &TestDatabase) {
            let tables = Tables::new(database).await;
            let rows: Vec<_> = (1..30).map(|number| tables.row(number)).collect();
            let mut tx = database.write().await.unwrap();
            credentials::insert(&mut tx, &rows).await.unwrap();
            tx.commit().await.unwrap();
            tables.build().await;
            let mut tx = database.write().await.unwrap();
            tx.execute(&RENAME, args![rows[3].id.uuid()]).await.unwrap();
            tx.commit().await.unwrap();
            let filter = CredentialFilter { search: Some("by hand".to_owned()), ..CredentialFilter::default() };
            let query = Query { filter: &filter, granted: None, sort: Sort::Name, after: None, rows: 9, count: true };
            let (_, known) = tables.now().await;
            assert_eq!(known.unwrap().find(&query).ids, [rows[3].id]);
            let mut tx = database.write().await.unwrap();
            tx.execute(&EMPTY, args![]).await.unwrap();
            tx.commit().await.unwrap();
            // Where a whole table was taken away, the index is built anew.
            let (_, known) = tables.now().await;
            assert!(known.is_none_or(|known| known.index.len() == 0));
            tables.build().await;
            assert_eq!(tables.now().await.1.unwrap().index.len(), 0);
        }

        async fn what_is_far_behind_is_built_anew(database: &TestDatabase) {
            let tables = Tables::new(database).await;
            assert!(tables.now().await.1.is_none(), "there is none yet");
            let built = async |least: usize| {
                for _ in 0..10_000 {
                    if tables.memory.known().is_some_and(|known| known.index.len() >= least) {
                        return;
                    }
                    tokio::task::yield_now().await;
                    drop(tables.now().await);
                    tables.memory.0.lock().not_before = Instant::now();
                }
                panic!("no index was built");
            };
            built(0).await;
            let rows: Vec<_> = (0..=MAX_BEHIND as usize).map(|number| tables.row(number)).collect();
            let mut tx = database.write().await.unwrap();
            credentials::insert(&mut tx, &rows).await.unwrap();
            go_on(&mut tx).await;
            tx.commit().await.unwrap();
            assert!(tables.now().await.1.is_none(), "too much has changed");
            built(rows.len()).await;
            assert!(tables.now().await.1.is_some());
        }

        async fn a_database_that_was_put_back_is_seen(database: &TestDatabase) {
            let tables = Tables::new(database).await;
            let append = async |records: usize| {
                let mut tx = database.write().await.unwrap();
                for _ in 0..records {
                    go_on(&mut tx).await;
                }
                tx.commit().await.unwrap();
            };
            append(2).await;
            tables.build().await;
            append(1).await;
            assert!(tables.now().await.1.is_some(), "the log goes on");
            tables.build().await;
            // As if another log had grown past the end that this one had.
            append(3).await;
            let mut tx = database.write().await.unwrap();
            tx.execute(&OTHER_LOG, args![vec![7_u8; 32]]).await.unwrap();
            tx.commit().await.unwrap();
            let former = tables.memory.known().unwrap();
            assert!(tables.now().await.1.is_none(), "another log");
            // Another may have been built by now, of the log that is there.
            let is_kept = |known: KnownList| Arc::ptr_eq(&known.index, &former.index);
            assert!(!tables.memory.known().is_some_and(is_kept), "nothing is kept of it");
        }

        async fn one_damaged_row_hides_no_others(database: &TestDatabase) {
            let tables = Tables::new(database).await;
            tables.build().await;
            let row = tables.row(1);
            let mut tx = database.write().await.unwrap();
            credentials::insert(&mut tx, std::slice::from_ref(&row)).await.unwrap();
            tx.execute(&DAMAGE, args![row.id.uuid()]).await.unwrap();
            go_on(&mut tx).await;
            tx.commit().await.unwrap();
            assert!(tables.now().await.1.is_none(), "the database is asked");
        }

        async fn an_index_that_nobody_uses_is_dropped(database: &TestDatabase) {
            let tables = Tables::new(database).await;
            tables.build().await;
            let soon = Instant::now() + KEPT_UNUSED / 2;
            assert!(!tables.memory.drop_unused(soon) && tables.memory.known().is_some());
            assert!(tables.memory.drop_unused(soon + KEPT_UNUSED) && tables.memory.known().is_none());
        }
    }
}
