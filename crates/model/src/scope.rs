//! What a token of a service account was narrowed to: which of the permissions that were granted, and on which credentials.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::{CredentialId, Invalid, Network, Tag};

/// So many words at the most in one scope.
const MAX_WORDS: usize = 100;
/// So many characters at the most in one scope.
const LONGEST: usize = 8_000;

/// A permission by its word in a scope. What it means is what [`crate::GrantPermissions`] means; without a grant it gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopePermission {
    /// See the credential, which every other word allows as well.
    See,
    /// Take its token.
    Token,
    /// See its password.
    Reveal,
    /// Sessions at its site.
    Session,
    /// Have its password changed.
    Change,
    /// Edit it.
    Edit,
    /// Grant to others.
    Share,
    /// Read the records about it.
    Audit,
}

impl ScopePermission {
    /// Every one, in the order in which a scope is written.
    pub const ALL: [Self; 8] =
        [Self::See, Self::Token, Self::Reveal, Self::Session, Self::Change, Self::Edit, Self::Share, Self::Audit];
    /// Those that change nothing.
    pub const READING: [Self; 4] = [Self::See, Self::Token, Self::Reveal, Self::Audit];

    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Token => "token",
            Self::Reveal => "reveal",
            Self::Session => "session",
            Self::Change => "change",
            Self::Edit => "edit",
            Self::Share => "share",
            Self::Audit => "audit",
        }
    }

    /// The permission of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What something is narrowed to: these permissions, on these credentials and those with these tags, on any where none is named.
///
/// As text it is a list of words with blanks between (RFC 6749 §3.3): `see token credential:ID tag:TAG`, names percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessScope {
    permissions: BTreeSet<ScopePermission>,
    credentials: BTreeSet<CredentialId>,
    tags: BTreeSet<Tag>,
}

/// One word of a scope, as somebody has written it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeWord {
    /// A permission.
    Permission(ScopePermission),
    /// A credential, by id or by name.
    Credential(String),
    /// All with this tag.
    Tag(Tag),
}

impl ScopeWord {
    /// Reads a scope's words (RFC 6749 §3.3).
    ///
    /// # Errors
    /// Names the word that is none.
    pub fn read(text: &str) -> Result<Vec<Self>, Invalid> {
        if text.len() > LONGEST {
            return Err(Invalid::new("scope", format!("is too long: at most {LONGEST} characters")));
        }
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        if words.len() > MAX_WORDS {
            return Err(Invalid::new("scope", format!("has too many words: at most {MAX_WORDS}")));
        }
        words.into_iter().map(Self::of).collect()
    }

    fn of(word: &str) -> Result<Self, Invalid> {
        let wrong = || {
            let shown: String = word.chars().filter(|c| !c.is_control()).take(60).collect();
            let names = ScopePermission::ALL.map(ScopePermission::name).join(", ");
            Invalid::new("scope", format!("holds \"{shown}\": there are {names}, credential:NAME and tag:TAG"))
        };
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(String::from);
        if let Some(name) = word.strip_prefix("credential:") {
            let name = decoded(name).filter(|name| !name.is_empty() && !name.chars().any(char::is_control));
            return name.map(Self::Credential).ok_or_else(wrong);
        }
        if let Some(tag) = word.strip_prefix("tag:") {
            let tag = decoded(tag).and_then(|tag| Tag::parse(&tag).ok());
            return tag.map(Self::Tag).ok_or_else(wrong);
        }
        ScopePermission::from_name(word).map(Self::Permission).ok_or_else(wrong)
    }
}

impl AccessScope {
    /// Of these permissions, on every credential.
    pub fn of(permissions: impl IntoIterator<Item = ScopePermission>) -> Self {
        Self { permissions: permissions.into_iter().collect(), ..Self::default() }
    }

    /// What a service account has where nobody says otherwise: what changes nothing.
    pub fn reading() -> Self {
        Self::of(ScopePermission::READING)
    }

    /// Adds a permission.
    pub fn allow(&mut self, permission: ScopePermission) {
        self.permissions.insert(permission);
    }

    /// Narrows it to credentials, of which this is one.
    pub fn add_credential(&mut self, credential: CredentialId) {
        self.credentials.insert(credential);
    }

    /// Narrows it to credentials, of which those with this tag are some.
    pub fn add_tag(&mut self, tag: Tag) {
        self.tags.insert(tag);
    }

    /// Its permissions.
    pub fn permissions(&self) -> impl Iterator<Item = ScopePermission> {
        self.permissions.iter().copied()
    }

    /// The single credentials that it is narrowed to.
    pub fn credentials(&self) -> impl Iterator<Item = CredentialId> {
        self.credentials.iter().copied()
    }

    /// The tags that it is narrowed to.
    pub fn tags(&self) -> impl Iterator<Item = &Tag> {
        self.tags.iter()
    }

    /// Whether it is narrowed to some credentials.
    pub fn is_limited(&self) -> bool {
        !self.credentials.is_empty() || !self.tags.is_empty()
    }

    /// What somebody gets who asks for `asked`: that, where it is within this one. Who names no permission gets all, and who
    /// names no credential gets those that this one is narrowed to.
    ///
    /// # Errors
    /// Names the first word that is beyond it.
    pub fn narrowed(&self, asked: &Self) -> Result<Self, Invalid> {
        let beyond = |word: &str| Invalid::new("scope", format!("goes beyond what this account may ask for: {word}"));
        if let Some(more) = asked.permissions.difference(&self.permissions).next() {
            return Err(beyond(more.name()));
        }
        let limited = self.is_limited();
        if let Some(more) = asked.credentials.difference(&self.credentials).next().filter(|_| limited) {
            return Err(beyond(&format!("credential:{more}")));
        }
        if let Some(more) = asked.tags.difference(&self.tags).next().filter(|_| limited) {
            return Err(beyond(&format!("tag:{more}")));
        }
        let permissions = if asked.permissions.is_empty() { &self.permissions } else { &asked.permissions };
        let on = if asked.is_limited() { asked } else { self };
        Ok(Self { permissions: permissions.clone(), credentials: on.credentials.clone(), tags: on.tags.clone() })
    }

    /// What is in both: a token keeps to what its account is narrowed to now. Where both name credentials, those that are named by
    /// both; `None` where nothing is left.
    pub fn within(&self, other: &Self) -> Option<Self> {
        let permissions: BTreeSet<_> = self.permissions.intersection(&other.permissions).copied().collect();
        let (credentials, tags) = match (self.is_limited(), other.is_limited()) {
            (_, false) => (self.credentials.clone(), self.tags.clone()),
            (false, true) => (other.credentials.clone(), other.tags.clone()),
            (true, true) => (&self.credentials & &other.credentials, &self.tags & &other.tags),
        };
        let narrowed = Self { permissions, credentials, tags };
        let nowhere = other.is_limited() && !narrowed.is_limited();
        (!narrowed.permissions.is_empty() && !nowhere).then_some(narrowed)
    }

    /// Whether a permission is in it.
    pub fn has(&self, permission: ScopePermission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Whether it allows nothing at all.
    pub fn is_empty(&self) -> bool {
        self.permissions.is_empty()
    }

    /// Whether a credential is one that it is narrowed to. One that is not known is none.
    pub fn holds(&self, on: Option<&ScopedOn>) -> bool {
        let named =
            |on: &ScopedOn| self.credentials.contains(&on.id) || on.tags.iter().any(|tag| self.tags.contains(tag));
        !self.is_limited() || on.is_some_and(named)
    }

    /// As it is written where credentials are called by what `name` gives.
    pub fn written(&self, name: impl Fn(CredentialId) -> String) -> String {
        let permissions = self.permissions.iter().map(|one| one.name().to_owned());
        let credentials = self.credentials.iter().map(|id| format!("credential:{}", encoded(&name(*id))));
        let tags = self.tags.iter().map(|tag| format!("tag:{}", encoded(tag.as_str())));
        permissions.chain(credentials).chain(tags).collect::<Vec<_>>().join(" ")
    }
}

/// What may stand in a scope's word as it is; all else is percent-encoded (RFC 6749 §3.3 takes neither blanks nor quotes).
const PLAIN: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, PLAIN).to_string()
}

impl fmt::Display for AccessScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(|id| id.to_string()))
    }
}

/// Reads what [`AccessScope`] writes, where every credential stands by its id.
impl FromStr for AccessScope {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut scope = Self::default();
        for word in ScopeWord::read(text)? {
            match word {
                ScopeWord::Permission(permission) => scope.allow(permission),
                ScopeWord::Credential(id) => {
                    scope.add_credential(id.parse().map_err(|_| Invalid::new("scope", "names a credential by no id"))?);
                }
                ScopeWord::Tag(tag) => scope.add_tag(tag),
            }
        }
        Ok(scope)
    }
}

/// What a scope looks at in a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopedOn {
    id: CredentialId,
    tags: Box<[Tag]>,
}

impl ScopedOn {
    /// Of a credential with these tags.
    pub fn new(id: CredentialId, tags: &[Tag]) -> Self {
        Self { id, tags: tags.into() }
    }
}

/// How far a service account's token reaches at each use: what it is narrowed to, and from where it may be used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceReach {
    /// What it is narrowed to.
    pub scope: AccessScope,
    /// The networks from which it may be used; any where there is none.
    pub networks: Vec<Network>,
}

impl ServiceReach {
    /// Whether it may be used from there. An address that is not known is in no network.
    pub fn is_from(&self, address: Option<std::net::IpAddr>) -> bool {
        let inside = |address| self.networks.iter().any(|network| network.contains(address));
        self.networks.is_empty() || address.is_some_and(inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CountingChance, Timestamp};

    fn scope(text: &str) -> AccessScope {
        text.parse().unwrap()
    }

    #[test]
    fn a_scope_reads_what_it_writes() {
        let id = CredentialId::new(Timestamp::from_seconds(1), &CountingChance::default());
        let mut all = AccessScope::of(ScopePermission::ALL);
        all.add_credential(id);
        all.add_tag(Tag::parse("two words \"and\" ü").unwrap());
        let text = all.to_string();
        assert_eq!(scope(&text), all);
        assert!(text.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)), "{text}");
        assert_eq!(scope("  token   see "), AccessScope::of([ScopePermission::See, ScopePermission::Token]));
        for wrong in ["tokens", "credential:", "tag:", "tag:%FF", "Token", "credential:a%00b", "see\ttoken"] {
            assert!(wrong.parse::<AccessScope>().is_err(), "{wrong}");
        }
        assert!(ScopeWord::read(&"see ".repeat(MAX_WORDS + 1)).is_err());
        assert!(ScopeWord::read(&"x".repeat(LONGEST + 1)).is_err());
    }

    #[test]
    fn nobody_gets_more_than_the_account_may_ask_for() {
        let table = [
            ("see token", "", Some("see token")),
            ("see token", "token", Some("token")),
            ("see token", "token reveal", None),
            ("token tag:a", "", Some("token tag:a")),
            ("token tag:a tag:b", "tag:b", Some("token tag:b")),
            ("token tag:a", "token tag:b", None),
            ("token", "token tag:b", Some("token tag:b")),
            ("token tag:a", "credential:01938d1c-7a31-7000-8000-000000000000", None),
        ];
        for (allowed, asked, given) in table {
            let narrowed = scope(allowed).narrowed(&scope(asked)).ok();
            assert_eq!(narrowed, given.map(scope), "{asked} of {allowed}");
        }
    }

    #[test]
    fn a_token_loses_what_its_account_has_lost() {
        let table = [
            ("token reveal", "token", Some("token")),
            ("reveal", "token", None),
            ("token", "token tag:a", Some("token tag:a")),
            ("token tag:a tag:b", "token tag:a", Some("token tag:a")),
            ("token tag:b", "token tag:a", None),
            ("token tag:b", "see token", Some("token tag:b")),
        ];
        for (token, account, left) in table {
            assert_eq!(scope(token).within(&scope(account)), left.map(scope), "{token} of {account}");
        }
    }

    #[test]
    fn a_scope_holds_the_credentials_that_it_names() {
        let (chance, now) = (CountingChance::default(), Timestamp::from_seconds(1));
        let (one, other) = (CredentialId::new(now, &chance), CredentialId::new(now, &chance));
        let on = |id, tags: &[&str]| {
            let tags: Vec<Tag> = tags.iter().map(|tag| Tag::parse(tag).unwrap()).collect();
            ScopedOn::new(id, &tags)
        };
        let mut limited = scope("token tag:social");
        limited.add_credential(one);
        let table =
            [(on(one, &[]), true), (on(other, &[]), false), (on(other, &["social"]), true), (on(other, &["x"]), false)];
        for (on, held) in table {
            assert_eq!(limited.holds(Some(&on)), held, "{on:?}");
            assert!(scope("token").holds(Some(&on)));
        }
        assert!(!limited.holds(None) && scope("token").holds(None));
    }

    #[test]
    fn where_a_token_may_be_used() {
        let reach = ServiceReach { scope: AccessScope::reading(), networks: vec!["10.0.0.0/8".parse().unwrap()] };
        assert!(reach.is_from(Some([10, 1, 2, 3].into())));
        assert!(reach.is_from(Some("::ffff:10.1.2.3".parse().unwrap())));
        assert!(!reach.is_from(Some([192, 0, 2, 1].into())) && !reach.is_from(None));
        assert!(ServiceReach::default().is_from(None));
    }
}
