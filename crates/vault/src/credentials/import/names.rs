//! What credentials are to be called: each by a name that nobody has.

use std::collections::{HashMap, HashSet};

use countersign_model::{CredentialName, Invalid, Username, search_key};
use countersign_store::{credentials, engine::Select};
use countersign_transfer::Account;

use crate::Error;

/// Above this, names that differ by their number only are refused rather than searched for ever.
const MAX_SAME_NAMES: usize = 1_000;

/// Names that credentials have, or will have.
#[derive(Default)]
pub(super) struct TakenNames {
    taken: HashSet<String>,
    /// Those that were looked up.
    asked: HashSet<String>,
    numbers: HashMap<String, usize>,
}

impl TakenNames {
    /// Takes what the vault said.
    pub(super) fn learn(&mut self, (asked, taken): (HashSet<String>, HashSet<String>)) {
        self.asked = asked;
        self.taken.extend(taken);
    }

    /// A name that nobody has, as near as possible to the one in the file, and the account's name.
    pub(super) async fn fit(
        &mut self,
        db: &mut impl Select,
        account: &Account,
    ) -> Result<Result<(CredentialName, Username), Invalid>, Error> {
        let parsed =
            CredentialName::parse(wanted_name(account)).and_then(|name| Ok((name, Username::parse(&account.account)?)));
        let (base, username) = match parsed {
            Ok(parsed) => parsed,
            Err(invalid) => return Ok(Err(invalid)),
        };
        for number in self.next_number(base.as_str())..=MAX_SAME_NAMES {
            let name = if number == 1 { base.to_string() } else { format!("{base} ({number})") };
            let name = match CredentialName::parse(&name) {
                Ok(name) => name,
                Err(invalid) => return Ok(Err(invalid)),
            };
            if !self.is_taken(db, name.as_str()).await? {
                self.take(base.as_str(), name.as_str(), number);
                return Ok(Ok((name, username)));
            }
        }
        Ok(Err(Invalid::new("name", format!("\"{base}\" is taken {MAX_SAME_NAMES} times: rename some of them"))))
    }

    /// Whether a credential has that name, or will have.
    async fn is_taken(&self, db: &mut impl Select, name: &str) -> Result<bool, Error> {
        let key = search_key(name);
        Ok(self.taken.contains(&key) || (!self.asked.contains(&key) && credentials::name_taken(db, name).await?))
    }

    /// From which number on a name may be free.
    fn next_number(&self, base: &str) -> usize {
        self.numbers.get(&search_key(base)).map_or(1, |last| last + 1)
    }

    /// A name was taken, which is the base with this number.
    fn take(&mut self, base: &str, name: &str, number: usize) {
        self.taken.insert(search_key(name));
        self.numbers.insert(search_key(base), number);
    }
}

/// What an account is to be called.
pub(super) fn wanted_name(account: &Account) -> &str {
    let name = account.name.trim();
    if name.is_empty() { "Imported" } else { name }
}
