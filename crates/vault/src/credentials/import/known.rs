//! Whether an account of a file is one that is known: a credential of the vault, or an account before it in the same import. It is
//! known again by its second factor, or by what it is called together with its user name; where two could be meant, it is neither.
//! Passwords are compared within one import only: an answer that told whether the vault holds a password would let somebody try them
//! without a record.

use std::collections::{HashMap, HashSet};

use super::report::{ImportParts, KnownBy};
use super::traits::{Print, Traits};
use countersign_model::{CredentialId, SecondFactor, SecondFactorKind, search_key};
use countersign_store::{
    credentials::{self, KnownCredential},
    engine::Select,
    secrets,
};

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
        /// By what it is known.
        by: KnownBy,
        /// Whether it brings a password that is not taken.
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
    pub(super) parts: ImportParts,
    /// Whether it brings a password that is not taken, since there is one.
    pub(super) leaves_password: bool,
    /// Whether it brings notes that are not taken, since there are some.
    pub(super) leaves_notes: bool,
    /// Whether it brings another site than there is.
    pub(super) leaves_site: bool,
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
    user: String,
    has_seed: bool,
    second_factor: Option<SecondFactor>,
    password: KnownPassword,
    site: Option<String>,
    has_notes: bool,
}

/// What is known, in the vault and in this import, as far as it was asked for.
#[derive(Default)]
pub(super) struct KnownAccounts {
    all: Vec<Known>,
    stored: HashMap<CredentialId, usize>,
    seeds: HashMap<Print, Vec<usize>>,
    /// By name and user name.
    named: HashMap<(String, String), Vec<usize>>,
    /// What this import brings under a name and user name.
    announced: HashMap<(String, String), Announced>,
}

/// The different secrets that come under one name and user name: more than one of a kind are more than one account.
#[derive(Default)]
struct Announced {
    seeds: HashSet<Print>,
    passwords: HashSet<Print>,
}

impl KnownAccounts {
    /// Says what comes, before any of it is judged: the order of files makes no difference.
    pub(super) fn announce(&mut self, account: &Traits) {
        for key in account.keys() {
            let announced = self.announced.entry(key).or_default();
            announced.seeds.extend(account.seed);
            announced.passwords.extend(account.password);
        }
    }

    /// Asks the vault at once what otherwise each account would ask for. Gives the names that were asked for, and those that are taken.
    pub(super) async fn look_up<'t>(
        &mut self,
        db: &mut impl Select,
        wanted: impl Iterator<Item = &'t Traits> + Clone,
    ) -> Result<(HashSet<String>, HashSet<String>), crate::Error> {
        let seeds: Vec<Print> = wanted.clone().filter_map(|traits| traits.seed).collect();
        for (print, holders) in secrets::same_seeds(db, &seeds).await? {
            for holder in holders {
                self.store_seed(print, holder);
            }
        }
        let mut names: HashSet<String> = wanted.clone().map(|traits| traits.wanted.clone()).collect();
        for name in wanted.flat_map(|traits| &traits.names) {
            // Where there are two of a name, nobody knows which is meant.
            names.extend([name.clone(), format!("{name}{SECOND}")]);
        }
        let asked: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut taken = HashSet::new();
        for (key, named) in credentials::named(db, &asked).await? {
            taken.insert(key.clone());
            self.store_name(key, named);
        }
        Ok((names, taken))
    }

    fn store_seed(&mut self, print: Print, holder: KnownCredential) {
        let place = self.store(holder);
        let holders = self.seeds.entry(print).or_default();
        if !holders.contains(&place) {
            holders.push(place);
        }
    }

    fn store_name(&mut self, key: String, named: KnownCredential) {
        let user = search_key(named.username.trim());
        let place = self.store(named);
        let base = key.strip_suffix(SECOND).map(str::to_owned);
        for key in base.into_iter().chain([key]) {
            let same = self.named.entry((key, user.clone())).or_default();
            if !same.contains(&place) {
                same.push(place);
            }
        }
    }

    /// Where it stands; what this import has brought to it stays.
    fn store(&mut self, one: KnownCredential) -> usize {
        *self.stored.entry(one.id).or_insert_with(|| {
            let place = self.all.len();
            self.all.push(Known {
                place,
                holder: Holder::Stored(one.id),
                name: one.name,
                user: search_key(one.username.trim()),
                has_seed: one.has_seed,
                second_factor: one.second_factor,
                password: if one.has_password { KnownPassword::Stored } else { KnownPassword::None },
                site: one.site,
                has_notes: one.has_notes,
            });
            place
        })
    }

    /// What becomes of an account. Who has the same password elsewhere is another.
    pub(super) fn fate(&self, account: &Traits) -> Fate {
        let same_seed = account.seed.and_then(|seed| self.seeds.get(&seed));
        if let Some(holders) = same_seed {
            return self.of_same_seed(account, holders);
        }
        let places = self.places(account);
        if let Some(known) = self.with_same_password(account, &places) {
            let by = if known.password == KnownPassword::Stored { KnownBy::Name } else { KnownBy::Password };
            return if places.len() == 1 { known.again(account, by) } else { known.only_there(account, by) };
        }
        // An account without a user name is joined with none.
        if account.user.is_empty() {
            return Fate::New;
        }
        let mut additions = places.into_iter().filter_map(|place| self.at(place)?.lacks(account));
        let several = account.keys().any(|key| self.announced.get(&key).is_some_and(Announced::is_several));
        match (additions.next(), additions.next()) {
            (Some((addition, certain)), None) if certain || !several => Fate::Adds(addition),
            // Of several nobody knows which is meant.
            _ => Fate::New,
        }
    }

    /// Of those that hold a seed, the one that is called the same, or the only one; none that is another person's.
    fn of_same_seed(&self, account: &Traits, holders: &[usize]) -> Fate {
        let mut all = holders.iter().filter_map(|place| self.at(*place));
        let Some(first) = all.clone().next() else { return Fate::New };
        let of_user = all.clone().find(|known| !known.user.is_empty() && known.user == account.user);
        let mut open = all.by_ref().filter(|known| known.user.is_empty() || account.user.is_empty());
        match (of_user, open.next(), open.next()) {
            (Some(known), _, _) | (None, Some(known), None) => known.again(account, KnownBy::Seed),
            (None, None, _) => first.only_there(account, KnownBy::SeedOfAnother),
            (None, Some(known), Some(_)) => known.only_there(account, KnownBy::Seed),
        }
    }

    /// What differs between the tokens that an account's seed gives and those of who holds the same: these stay.
    pub(super) fn other_tokens(&self, account: &Traits) -> Option<String> {
        let mut all = self.seeds.get(&account.seed?)?.iter().filter_map(|place| self.at(*place));
        let first = all.clone().next()?;
        let of_user = all.find(|known| !known.user.is_empty() && known.user == account.user);
        of_user.unwrap_or(first).other_tokens(account)
    }

    fn at(&self, place: usize) -> Option<&Known> {
        self.all.get(place)
    }

    /// Where those stand that are called the same and have the same user name, each once.
    fn places(&self, account: &Traits) -> Vec<usize> {
        let mut places: Vec<usize> = account.keys().filter_map(|key| self.named.get(&key)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// For an account with a password alone: one that is called the same and has a password, the same as far as that is known.
    fn with_same_password(&self, account: &Traits, places: &[usize]) -> Option<&Known> {
        let password = account.password.filter(|_| account.seed.is_none())?;
        let mut all = places.iter().filter_map(|place| self.at(*place));
        let read = all.clone().find(|known| known.password == KnownPassword::Read(password));
        read.or_else(|| all.find(|known| known.password == KnownPassword::Stored))
    }

    /// An account was taken as a new one.
    pub(super) fn took(&mut self, account: &Traits, place: usize, name: &str) {
        let at = self.all.len();
        self.all.push(Known {
            place: at,
            holder: Holder::Planned(place),
            name: name.to_owned(),
            user: account.user.clone(),
            has_seed: account.seed.is_some(),
            second_factor: account.second_factor,
            password: account.password.map_or(KnownPassword::None, KnownPassword::Read),
            site: account.site.clone(),
            has_notes: account.notes,
        });
        if let Some(seed) = account.seed {
            self.seeds.entry(seed).or_default().push(at);
        }
        for key in account.keys() {
            self.named.entry(key).or_default().push(at);
        }
    }

    /// What an account brought was added to one that is known.
    pub(super) fn added(&mut self, account: &Traits, addition: &Addition) {
        let Some(known) = self.all.get_mut(addition.place) else { return };
        let ImportParts { password, second_factor, username, site, notes, tags: _ } = addition.parts;
        if second_factor {
            known.has_seed = true;
            known.second_factor = account.second_factor;
            if let Some(seed) = account.seed {
                self.seeds.entry(seed).or_default().push(addition.place);
            }
        }
        if password {
            known.password = account.password.map_or(known.password, KnownPassword::Read);
        }
        if username {
            known.user.clone_from(&account.user);
        }
        if site {
            known.site.clone_from(&account.site);
        }
        known.has_notes |= notes;
    }
}

/// How the second of two that are called the same is told apart.
const SECOND: &str = " (2)";

impl Announced {
    fn is_several(&self) -> bool {
        self.seeds.len() > 1 || self.passwords.len() > 1
    }
}

impl Known {
    /// It is certainly this one: what it lacks is added.
    fn again(&self, account: &Traits, by: KnownBy) -> Fate {
        let addition = self.addition(account);
        // By a name alone, without a user name, it may be another after all.
        let certain = by != KnownBy::Name || !account.user.is_empty();
        if certain && addition.parts != ImportParts::default() {
            Fate::Adds(addition)
        } else {
            self.only_there(account, by)
        }
    }

    /// It is there, and nothing is added.
    fn only_there(&self, account: &Traits, by: KnownBy) -> Fate {
        let leaves_password = account.password.is_some_and(|print| self.password != KnownPassword::Read(print));
        Fate::Duplicate { of: self.name.clone(), by, leaves_password }
    }

    fn other_tokens(&self, account: &Traits) -> Option<String> {
        let (ours, theirs) = self.second_factor.zip(account.second_factor)?;
        let name = &self.name;
        if ours != theirs {
            let (ours, theirs) = (token_words(ours), token_words(theirs));
            return Some(format!(
                "its setup key gives other tokens ({theirs}) than in \"{name}\" ({ours}), which stay: compare them with the site"
            ));
        }
        let counter = account.counter?;
        Some(format!("its counter, {counter}, is not taken: \"{name}\" goes on from its own"))
    }

    /// What this one lacks of what an account of its name brings, if that is a secret, and whether it is certainly the one; `None`
    /// where they are two.
    fn lacks(&self, account: &Traits) -> Option<(Addition, bool)> {
        if account.seed.is_some() && self.has_seed {
            return None;
        }
        let certain = match (self.password, account.password) {
            (KnownPassword::Read(known), Some(brought)) if known != brought => return None,
            (KnownPassword::Read(_), Some(_)) => true,
            _ => false,
        };
        let addition = self.addition(account);
        (addition.parts.password || addition.parts.second_factor).then_some((addition, certain))
    }

    fn addition(&self, account: &Traits) -> Addition {
        let is_planned = matches!(self.holder, Holder::Planned(_));
        let parts = ImportParts {
            password: account.password.is_some() && self.password == KnownPassword::None,
            second_factor: account.seed.is_some() && !self.has_seed,
            username: !account.user.is_empty() && self.user.is_empty(),
            site: account.site.is_some() && self.site.is_none(),
            notes: account.notes && !self.has_notes,
            tags: account.tags && is_planned,
        };
        let same = |print| self.password == KnownPassword::Read(print);
        Addition {
            place: self.place,
            to: self.holder,
            name: self.name.clone(),
            leaves_password: account.password.is_some_and(|print| !parts.password && !same(print)),
            leaves_notes: account.notes && !parts.notes,
            leaves_site: account.site.is_some() && !parts.site && account.site != self.site,
            parts,
        }
    }
}

/// How tokens are made.
fn token_words(second_factor: SecondFactor) -> String {
    let SecondFactor { kind, algorithm, digits, period } = second_factor;
    match (kind, period) {
        (SecondFactorKind::Steam, _) => "Steam's".to_owned(),
        (SecondFactorKind::Totp, Some(period)) => format!("{algorithm}, {digits} digits, {period} seconds"),
        (SecondFactorKind::Totp, None) => format!("{algorithm}, {digits} digits"),
        (SecondFactorKind::Hotp, _) => format!("{algorithm}, {digits} digits, by counter"),
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::Algorithm;
    use countersign_transfer::Account;
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

    fn store(known: &mut KnownAccounts, number: u128, (name, user, seed, has_password): Stored) {
        let one = KnownCredential {
            id: CredentialId::from_uuid(Uuid::from_u128(number)),
            name: name.to_owned(),
            username: user.to_owned(),
            has_password,
            has_seed: seed > 0,
            second_factor: (seed > 0).then_some(USUAL),
            site: None,
            has_notes: false,
        };
        if seed > 0 {
            known.store_seed([seed; 16], one.clone());
        }
        known.store_name(search_key(name), one);
    }

    const USUAL: SecondFactor =
        SecondFactor { kind: SecondFactorKind::Totp, algorithm: Algorithm::Sha1, digits: 6, period: Some(30) };

    /// A vault with one credential.
    fn vault_with(stored: Stored) -> KnownAccounts {
        let mut known = KnownAccounts::default();
        store(&mut known, 1, stored);
        known
    }

    /// In short: what is added, of what it is a duplicate, and `-` for a password that is left out.
    fn told(fate: &Fate) -> String {
        let left = |leaves: bool| if leaves { " -" } else { "" };
        match fate {
            Fate::New => "new".to_owned(),
            Fate::Duplicate { by, leaves_password, .. } => {
                let by = match by {
                    KnownBy::Seed => "same seed",
                    KnownBy::SeedOfAnother => "another's seed",
                    KnownBy::Name | KnownBy::Password => "same account",
                };
                format!("{by}{}", left(*leaves_password))
            }
            Fate::Adds(Addition { parts, leaves_password, .. }) => {
                let ImportParts { password, second_factor, username, site, notes, tags: _ } = *parts;
                let what = [
                    (username, "user"),
                    (password, "password"),
                    (second_factor, "seed"),
                    (site, "site"),
                    (notes, "notes"),
                ];
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
        ("by its seed, whatever it is called", ("Shop", "alice", 1, false), ("Other", "alice", "", 1, 0), "same seed"),
        ("by its seed, without a user name", ("Shop", "alice", 1, false), ("Other", "", "", 1, 5), "adds password"),
        (
            "by its seed, and whose it is",
            ("Shop", "", 1, false),
            ("Other", "alice", "", 1, 5),
            "adds user and password",
        ),
        ("of somebody else", ("Shop", "alice", 1, false), ("Shop", "bob", "", 1, 5), "another's seed -"),
        ("one issuer has many services", ("Shop", "alice", 0, true), ("Shop stock", "alice", "Shop", 1, 5), "new"),
        ("its password is missing", ("Shop", "alice", 1, false), ("Other", "alice", "", 1, 5), "adds password"),
        ("its password is there", ("Shop", "alice", 1, true), ("Other", "alice", "", 1, 5), "same seed -"),
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
        ("only whose it is", ("Imported", "alice", 0, true), ("", "alice", "", 1, 0), "new"),
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
            "whatever the order",
            &[("Shop", "alice", "", 0, 5), ("Shop", "alice", "", 1, 0), ("Shop", "alice", "", 0, 6)],
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
            accounts.iter().for_each(|came| known.announce(&account(*came)));
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
    fn a_known_seed_whose_tokens_are_made_otherwise_is_told() {
        let counter = SecondFactor { kind: SecondFactorKind::Hotp, period: None, ..USUAL };
        let steam = SecondFactor { kind: SecondFactorKind::Steam, digits: 5, ..USUAL };
        let sha256 = SecondFactor { algorithm: Algorithm::Sha256, ..USUAL };
        let rows = [
            (USUAL, USUAL, None, None),
            (USUAL, SecondFactor { digits: 8, ..USUAL }, None, Some("(SHA1, 8 digits, 30 seconds) than in")),
            (USUAL, SecondFactor { period: Some(60), ..USUAL }, None, Some("(SHA1, 6 digits, 60 seconds) than in")),
            (USUAL, sha256, None, Some("(SHA256, 6 digits, 30 seconds) than in")),
            (USUAL, steam, None, Some("(Steam's) than in \"Shop\" (SHA1, 6 digits, 30 seconds), which stay")),
            (USUAL, counter, Some(7), Some("(SHA1, 6 digits, by counter) than in")),
            (counter, counter, Some(7), Some("its counter, 7, is not taken: \"Shop\" goes on from its own")),
        ];
        for (ours, theirs, counter, expected) in rows {
            let mut known = KnownAccounts::default();
            let traits = |second_factor, counter| Traits {
                second_factor: Some(second_factor),
                counter,
                ..account(("Shop", "alice", "", 1, 0))
            };
            known.took(&traits(ours, None), 0, "Shop");
            let told = known.other_tokens(&traits(theirs, counter));
            let fits = match (&told, expected) {
                (Some(told), Some(expected)) => told.contains(expected),
                (None, None) => true,
                _ => false,
            };
            assert!(fits, "{theirs:?}: {told:?}");
        }
        // Of the vault, and nothing of a seed that nobody has.
        let vault = vault_with(("Shop", "alice", 1, false));
        let eight = Traits { second_factor: Some(steam), ..account(("Shop", "alice", "", 1, 0)) };
        assert!(vault.other_tokens(&eight).is_some());
        assert_eq!(vault.other_tokens(&account(("Shop", "alice", "", 2, 0))), None);
        assert_eq!(vault.other_tokens(&account(("Shop", "alice", "", 0, 5))), None);
    }

    #[test]
    fn of_two_in_the_vault_nobody_knows_which_is_meant() {
        let mut two = vault_with(("Shop: alice", "alice", 1, false));
        store(&mut two, 2, ("Shop: alice (2)", "alice", 2, false));
        assert_eq!(told(&two.fate(&account(("Shop", "alice", "", 0, 5)))), "new");
        // A seed that two hold is that of whoever has the user name.
        let mut same = vault_with(("One", "alice", 1, false));
        store(&mut same, 2, ("Two", "bob", 1, false));
        let Fate::Adds(addition) = same.fate(&account(("Two", "bob", "", 1, 5))) else { panic!("bob's") };
        assert_eq!(addition.name, "Two");
        assert_eq!(told(&same.fate(&account(("Three", "", "", 1, 5)))), "same seed -");
        assert_eq!(told(&same.fate(&account(("Three", "eve", "", 1, 5)))), "another's seed -");
    }

    #[test]
    fn site_and_notes_come_along_where_there_are_none() {
        let mut known = vault_with(("Shop", "alice", 1, true));
        let more = |site: &str| {
            let account = account(("Shop", "alice", "", 1, 5));
            Traits { notes: true, ..account }.with(Some(site.to_owned()), false)
        };
        let Fate::Adds(addition) = known.fate(&more("https://a.example/")) else {
            panic!("site and notes are missing")
        };
        assert_eq!(told(&Fate::Adds(addition.clone())), "adds site and notes -");
        known.added(&more("https://a.example/"), &addition);
        assert_eq!(told(&known.fate(&more("https://a.example/"))), "same seed -");
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
