//! Whether an account of a file is one that is known: a credential of the vault, or an account before it in the same import. It is
//! known again by its second factor, or by what it is called together with its user name. Passwords are compared within one import
//! only: an answer that told whether the vault holds a password would let somebody try them without a record.

use std::collections::{HashMap, HashSet};

use countersign_model::{CredentialId, search_key};
use countersign_store::{
    credentials::{self, NamedCredential},
    engine::Select,
    secrets::{self, SeedHolder},
};
use countersign_transfer::Account;

/// Equal for equal secrets.
pub(super) type Print = [u8; 16];

/// By what an account is known again. Names and the user name are as they are searched for.
pub(super) struct Traits {
    /// What it is called.
    name: String,
    /// What it may be called elsewhere: an authenticator says "Example: alice" where a password manager says "Example".
    other_names: Vec<String>,
    user: String,
    /// Whether it says of itself what it is called, or whose it is.
    is_named: bool,
    seed: Option<Print>,
    password: Option<Print>,
}

/// Where an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// In the vault.
    Stored(CredentialId),
    /// Among those that this import adds, at this place of them.
    Planned(usize),
}

/// What is to become of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is another than all that are known.
    New,
    /// It is there with all that it brings.
    Duplicate {
        /// What it is called there.
        of: String,
        /// Whether it is known by its second factor.
        by_seed: bool,
        /// Whether it brings a password that is not taken, since there is one.
        leaves_password: bool,
    },
    /// It is there and lacks what this one brings.
    Adds(Addition),
}

/// What an account brings to one that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addition {
    /// Where it stands among those that are known.
    place: usize,
    /// To which.
    pub(super) to: Holder,
    /// What that is called.
    pub(super) name: String,
    /// A password, where there is none.
    pub(super) password: bool,
    /// A second factor, where there is none.
    pub(super) seed: bool,
    /// Whether it brings a password that is not taken, since there is one.
    pub(super) leaves_password: bool,
}

/// A password of an account that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KnownPassword {
    None,
    /// In the vault, where it is not compared.
    Stored,
    /// Of this import.
    Read(Print),
}

#[derive(Debug, Clone)]
struct Known {
    place: usize,
    holder: Holder,
    name: String,
    has_seed: bool,
    password: KnownPassword,
}

/// What is known, in the vault and in this import, as far as it was asked for.
#[derive(Default)]
pub(super) struct KnownAccounts {
    all: Vec<Known>,
    stored: HashMap<CredentialId, usize>,
    seeds: HashMap<Print, usize>,
    /// By name and user name.
    named: HashMap<(String, String), Vec<usize>>,
    names: TakenNames,
}

/// Names that credentials have, or will have.
#[derive(Default)]
struct TakenNames {
    taken: HashSet<String>,
    /// Those that were looked up.
    asked: HashSet<String>,
    numbers: HashMap<String, usize>,
}

impl Traits {
    pub(super) fn of(account: &Account, seed: Option<Print>, password: Option<Print>) -> Self {
        let (name, user) = (wanted_name(account), account.account.trim());
        let mut other_names = Vec::new();
        // Without a user name, what an account is called says too little of whose it is.
        if !user.is_empty() {
            other_names.push(format!("{name}: {user}"));
            if let Some(issuer) = account.issuer.as_deref().map(str::trim).filter(|issuer| !issuer.is_empty()) {
                other_names.extend([issuer.to_owned(), format!("{issuer}: {user}")]);
            }
        }
        let mut other_names: Vec<String> = other_names.iter().map(|name| search_key(name)).collect();
        let name = search_key(name);
        other_names.retain(|other| *other != name);
        other_names.sort_unstable();
        other_names.dedup();
        let is_named = !account.name.trim().is_empty() || !user.is_empty();
        Self { name, other_names, user: search_key(user), is_named, seed, password }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.other_names).map(String::as_str)
    }
}

impl KnownAccounts {
    /// Asks the vault at once what otherwise each account would ask for.
    pub(super) async fn look_up<'t>(
        &mut self,
        db: &mut impl Select,
        wanted: impl Iterator<Item = &'t Traits> + Clone,
    ) -> Result<(), crate::Error> {
        let seeds: Vec<Print> = wanted.clone().filter_map(|traits| traits.seed).collect();
        for (print, holder) in secrets::same_seeds(db, &seeds).await? {
            self.store_seed(print, holder);
        }
        let names: HashSet<&str> = wanted.flat_map(Traits::names).collect();
        let names: Vec<&str> = names.into_iter().collect();
        for named in credentials::named(db, &names).await? {
            self.store_name(named);
        }
        self.names.asked = names.into_iter().map(str::to_owned).collect();
        Ok(())
    }

    fn store_seed(&mut self, print: Print, SeedHolder { id, name, has_password }: SeedHolder) {
        let place = self.store(id, &name, has_password, true);
        self.seeds.entry(print).or_insert(place);
    }

    fn store_name(&mut self, named: NamedCredential) {
        let NamedCredential { id, key, name, username, has_password, has_seed } = named;
        let place = self.store(id, &name, has_password, has_seed);
        self.names.taken.insert(key.clone());
        let same = self.named.entry((key, search_key(&username))).or_default();
        if !same.contains(&place) {
            same.push(place);
        }
    }

    /// Where it stands; what this import has brought to it stays.
    fn store(&mut self, id: CredentialId, name: &str, has_password: bool, has_seed: bool) -> usize {
        *self.stored.entry(id).or_insert_with(|| {
            let password = if has_password { KnownPassword::Stored } else { KnownPassword::None };
            let place = self.all.len();
            self.all.push(Known { place, holder: Holder::Stored(id), name: name.to_owned(), has_seed, password });
            place
        })
    }

    /// What becomes of an account. Who has the same password elsewhere is another.
    pub(super) fn fate(&self, account: &Traits) -> Fate {
        if let Some(known) = account.seed.and_then(|seed| self.at(*self.seeds.get(&seed)?)) {
            return known.with_same_seed(account);
        }
        if let Some(known) = self.with_same_password(account) {
            let leaves_password = known.password == KnownPassword::Stored;
            return Fate::Duplicate { of: known.name.clone(), by_seed: false, leaves_password };
        }
        // An account without a user name is joined with none.
        let places = if account.user.is_empty() { Vec::new() } else { self.places(account) };
        let mut additions = places.into_iter().filter_map(|place| self.at(place)?.lacks(account));
        match (additions.next(), additions.next()) {
            (Some(addition), None) => Fate::Adds(addition),
            // Of several nobody knows which is meant.
            _ => Fate::New,
        }
    }

    fn at(&self, place: usize) -> Option<&Known> {
        self.all.get(place)
    }

    /// Where those stand that are called the same and have the same user name, each once.
    fn places(&self, account: &Traits) -> Vec<usize> {
        let same = account.names().filter_map(|name| self.named.get(&(name.to_owned(), account.user.clone())));
        let mut places: Vec<usize> = same.flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// For an account with a password alone: one that is called the same and has a password, the same as far as that is known.
    fn with_same_password(&self, account: &Traits) -> Option<&Known> {
        let password = account.password.filter(|_| account.seed.is_none())?;
        self.places(account).into_iter().filter_map(|place| self.at(place)).find(|known| match known.password {
            KnownPassword::None => false,
            KnownPassword::Stored => account.is_named,
            KnownPassword::Read(print) => print == password,
        })
    }

    /// An account was taken as a new one.
    pub(super) fn took(&mut self, account: &Traits, place: usize, name: &str) {
        let password = account.password.map_or(KnownPassword::None, KnownPassword::Read);
        let (holder, has_seed, at) = (Holder::Planned(place), account.seed.is_some(), self.all.len());
        self.all.push(Known { place: at, holder, name: name.to_owned(), has_seed, password });
        self.seeds.extend(account.seed.map(|seed| (seed, at)));
        for name in account.names() {
            self.named.entry((name.to_owned(), account.user.clone())).or_default().push(at);
        }
    }

    /// What an account brought was added to one that is known.
    pub(super) fn added(&mut self, account: &Traits, addition: &Addition) {
        let Some(known) = self.all.get_mut(addition.place) else { return };
        if addition.seed {
            known.has_seed = true;
            self.seeds.extend(account.seed.map(|seed| (seed, addition.place)));
        }
        if addition.password {
            known.password = account.password.map_or(known.password, KnownPassword::Read);
        }
    }

    /// Whether a credential has that name, or will have.
    pub(super) async fn has_name(&self, db: &mut impl Select, name: &str) -> Result<bool, crate::Error> {
        let key = search_key(name);
        let TakenNames { taken, asked, numbers: _ } = &self.names;
        Ok(taken.contains(&key) || (!asked.contains(&key) && credentials::name_taken(db, name).await?))
    }

    /// From which number on a name may be free.
    pub(super) fn next_number(&self, base: &str) -> usize {
        self.names.numbers.get(&search_key(base)).map_or(1, |last| last + 1)
    }

    /// A name was taken, which is the base with this number.
    pub(super) fn take_name(&mut self, base: &str, name: &str, number: usize) {
        self.names.taken.insert(search_key(name));
        self.names.numbers.insert(search_key(base), number);
    }
}

impl Known {
    fn with_same_seed(&self, account: &Traits) -> Fate {
        let name = self.name.clone();
        match (account.password, self.password) {
            (Some(_), KnownPassword::None) => {
                let (place, to) = (self.place, self.holder);
                Fate::Adds(Addition { place, to, name, password: true, seed: false, leaves_password: false })
            }
            (Some(print), known) => {
                let leaves_password = known != KnownPassword::Read(print);
                Fate::Duplicate { of: name, by_seed: true, leaves_password }
            }
            (None, _) => Fate::Duplicate { of: name, by_seed: true, leaves_password: false },
        }
    }

    /// What this one lacks of what an account of its name brings; `None` where they are two.
    fn lacks(&self, account: &Traits) -> Option<Addition> {
        if account.seed.is_some() && self.has_seed {
            return None;
        }
        let (password, leaves_password) = match (self.password, account.password) {
            (KnownPassword::None, brought) => (brought.is_some(), false),
            (KnownPassword::Stored, brought) => (false, brought.is_some()),
            (KnownPassword::Read(known), Some(brought)) if known != brought => return None,
            (KnownPassword::Read(_), _) => (false, false),
        };
        let seed = account.seed.is_some();
        let (place, to, name) = (self.place, self.holder, self.name.clone());
        (password || seed).then_some(Addition { place, to, name, password, seed, leaves_password })
    }
}

/// What an account is to be called.
pub(super) fn wanted_name(account: &Account) -> &str {
    let name = account.name.trim();
    if name.is_empty() { "Imported" } else { name }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn account((name, user, issuer, seed, password): Came) -> Traits {
        let account = Account {
            name: name.to_owned(),
            account: user.to_owned(),
            issuer: Some(issuer.to_owned()),
            ..Account::default()
        };
        let print = |byte: u8| (byte > 0).then_some([byte; 16]);
        Traits::of(&account, print(seed), print(password))
    }

    /// A vault with one credential.
    fn vault_with((name, user, seed, has_password): Stored) -> KnownAccounts {
        let mut known = KnownAccounts::default();
        let id = CredentialId::from_uuid(Uuid::from_u128(1));
        if seed > 0 {
            known.store_seed([seed; 16], SeedHolder { id, name: name.to_owned(), has_password });
        }
        known.store_name(NamedCredential {
            id,
            key: search_key(name),
            name: name.to_owned(),
            username: user.to_owned(),
            has_password,
            has_seed: seed > 0,
        });
        known
    }

    /// In short: what is added, of what it is a duplicate, and `-` for a password that is left out.
    fn told(fate: &Fate) -> String {
        let left = |leaves: bool| if leaves { " -" } else { "" };
        match fate {
            Fate::New => "new".to_owned(),
            Fate::Duplicate { by_seed, leaves_password, .. } => {
                format!("{}{}", if *by_seed { "same seed" } else { "same account" }, left(*leaves_password))
            }
            Fate::Adds(Addition { password, seed, leaves_password, .. }) => {
                let what = [(*password, "password"), (*seed, "seed")];
                let what: Vec<&str> = what.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect();
                format!("adds {}{}", what.join(" and "), left(*leaves_password))
            }
        }
    }

    /// Name, user name, issuer, seed, password; a zero is none.
    type Came = (&'static str, &'static str, &'static str, u8, u8);
    /// Name, user name, seed, whether there is a password.
    type Stored = (&'static str, &'static str, u8, bool);

    /// Why, what the vault holds, what comes, and what becomes of it.
    const CASES: &[(&str, Stored, Came, &str)] = &[
        ("by its seed, whatever it is called", ("Shop", "alice", 1, false), ("Other", "bob", "", 1, 0), "same seed"),
        ("its password is missing", ("Shop", "alice", 1, false), ("Other", "bob", "", 1, 5), "adds password"),
        ("its password is there", ("Shop", "alice", 1, true), ("Other", "bob", "", 1, 5), "same seed -"),
        ("a password alone to a seed", ("Shop", "alice", 1, false), ("shop", "ALICE", "", 0, 5), "adds password"),
        ("a seed alone to a password", ("Shop", "alice", 0, true), ("Shop", "alice", "", 1, 0), "adds seed"),
        ("both to a password", ("Shop", "alice", 0, true), ("Shop", "alice", "", 1, 5), "adds seed -"),
        ("passwords are not compared", ("Shop", "alice", 0, true), ("Shop", "alice", "", 0, 5), "same account -"),
        ("an authenticator's name", ("Shop", "alice", 0, true), ("Shop: alice", "alice", "Shop", 1, 0), "adds seed"),
        ("a manager's name", ("Shop: alice", "alice", 1, false), ("Shop", "alice", "", 0, 5), "adds password"),
        (
            "a manager's name, and a password there",
            ("Shop: alice", "alice", 1, true),
            ("Shop", "alice", "", 0, 5),
            "same account -",
        ),
        ("another second factor", ("Shop", "alice", 1, true), ("Shop", "alice", "", 2, 5), "new"),
        ("another user name", ("Shop", "alice", 1, false), ("Shop", "bob", "", 0, 5), "new"),
        ("no user name", ("Shop", "", 1, false), ("Shop", "", "", 0, 5), "new"),
        ("no user name, and a password there", ("Shop", "", 0, true), ("Shop", "", "", 0, 5), "same account -"),
        ("nothing says what it is", ("Imported", "", 0, true), ("", "", "", 0, 5), "new"),
        ("another name", ("Shop", "alice", 1, false), ("Stop", "alice", "", 0, 5), "new"),
    ];

    /// Why, what comes one after the other, and what becomes of each.
    const WALKS: &[(&str, &[Came], &[&str])] = &[
        (
            "an authenticator and a password manager",
            &[("Shop: alice", "alice", "Shop", 1, 0), ("Shop", "alice", "", 0, 5)],
            &["new", "adds password"],
        ),
        (
            "the other way round, and once more",
            &[("Shop", "alice", "", 0, 5), ("Shop: alice", "alice", "Shop", 1, 0), ("Shop", "alice", "", 1, 5)],
            &["new", "adds seed", "same seed"],
        ),
        (
            "two passwords of one name are two accounts",
            &[("Shop", "alice", "", 0, 5), ("Shop", "alice", "", 0, 6), ("Shop", "alice", "", 0, 6)],
            &["new", "new", "same account"],
        ),
        (
            "and then nobody knows whose the second factor is",
            &[("Shop", "alice", "", 0, 5), ("Shop", "alice", "", 0, 6), ("Shop", "alice", "", 1, 0)],
            &["new", "new", "new"],
        ),
        (
            "unless its password says so",
            &[("Shop", "alice", "", 0, 5), ("Shop", "alice", "", 0, 6), ("Shop", "alice", "", 1, 6)],
            &["new", "new", "adds seed"],
        ),
        (
            "one without a user name stays by itself",
            &[("Shop", "", "Shop", 1, 0), ("Shop", "", "", 0, 5)],
            &["new", "new"],
        ),
    ];

    #[test]
    fn an_account_is_known_again_by_its_seed_or_by_name_and_user_name() {
        for (why, stored, came, expected) in CASES {
            assert_eq!(told(&vault_with(*stored).fate(&account(*came))), *expected, "{why}");
        }
    }

    #[test]
    fn accounts_of_one_import_are_joined_with_those_before_them() {
        for (why, accounts, expected) in WALKS {
            let mut known = KnownAccounts::default();
            let mut fates = Vec::new();
            for (place, came) in accounts.iter().enumerate() {
                let account = account(*came);
                let fate = known.fate(&account);
                match &fate {
                    Fate::New => known.took(&account, place, "any"),
                    Fate::Adds(addition) => known.added(&account, addition),
                    Fate::Duplicate { .. } => {}
                }
                fates.push(told(&fate));
            }
            assert_eq!(fates, *expected, "{why}");
        }
    }

    #[test]
    fn what_was_brought_to_a_credential_is_brought_once() {
        let mut known = vault_with(("Shop", "alice", 1, false));
        let first = account(("Shop", "alice", "", 0, 5));
        let Fate::Adds(addition) = known.fate(&first) else { panic!("a password is missing") };
        known.added(&first, &addition);
        assert_eq!(told(&known.fate(&account(("Shop", "alice", "", 0, 5)))), "same account");
        assert_eq!(told(&known.fate(&account(("Shop", "alice", "", 1, 6)))), "same seed -");
    }
}
