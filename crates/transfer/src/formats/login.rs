//! What a password manager holds of one login, on its way to an [`Account`].

use countersign_otp::{Label, OtpSecret, Parameters, Seed, SeedEncoding, parse_uri};

use super::{Found, Hidden};
use crate::item::{Account, ImportRefusal};
use crate::problem::{FactorProblem, ReadError};

/// What is counted where an entry holds neither a password nor a second factor.
pub(crate) const NOTHING_TO_SIGN_IN_WITH: &str = "logins without password and second factor";

/// Tags of one account that are kept.
pub(crate) const MOST_TAGS: usize = 50;

/// Bytes of a tag.
pub(crate) const LONGEST_TAG: usize = 1024;

/// Bytes of a path, or of several tags in one field.
const LONGEST_PATH: usize = 16 * 1024;

/// One login as it is read, in any order.
#[derive(Default)]
pub(crate) struct Login {
    /// What the other program calls it.
    pub(crate) name: String,
    /// What to call it where nothing in it says so.
    pub(crate) fallback_name: String,
    /// The user name.
    pub(crate) user: String,
    /// The password; empty is none.
    pub(crate) password: Option<Hidden>,
    /// What somebody wrote beside it.
    pub(crate) notes: String,
    pub(super) warnings: Vec<String>,
    pub(super) factor: Option<Result<Factor, ImportRefusal>>,
    pub(super) factors: usize,
    pub(super) site: Option<String>,
    pub(super) sites: usize,
    /// The first address that is no page's.
    pub(super) other_site: Option<String>,
    pub(super) tags: Vec<String>,
}

/// A second factor that was understood.
pub(crate) struct Factor {
    secret: OtpSecret,
    label: Label,
    warnings: Vec<String>,
}

impl Factor {
    /// What a field holds in which programs keep either an address or a bare key in base32; a bare key has the usual parameters.
    pub(crate) fn of_field(text: &str) -> Result<Self, FactorProblem> {
        let text = text.trim();
        if text.contains("://") {
            let setup = parse_uri(text)?;
            let warnings = setup.warnings.iter().map(ToString::to_string).collect();
            return Ok(Self { secret: setup.secret, label: without_placeholders(setup.label), warnings });
        }
        Ok(Self::of_parts(Seed::parse(text, SeedEncoding::Base32)?, Parameters::default()))
    }

    /// A key whose parameters stand beside it.
    pub(crate) fn of_parts(seed: Seed, parameters: Parameters) -> Self {
        let short = seed.is_short().then(|| countersign_otp::Warning::ShortSeed { bits: seed.bits() }.to_string());
        Self {
            secret: OtpSecret::new(seed, parameters),
            label: Label::default(),
            warnings: short.into_iter().collect(),
        }
    }

    /// The same with whose tokens they are.
    pub(crate) fn with_label(self, issuer: Option<&str>, account: &str) -> Self {
        Self { label: Label::new(issuer, account).unwrap_or_default(), ..self }
    }
}

/// KeePassXC writes these where an entry has no user name or no title.
fn without_placeholders(label: Label) -> Label {
    match (label.issuer(), label.account()) {
        (Some("KeePassXC"), "none") => Label::default(),
        (issuer, "none") => Label::new(issuer, "").unwrap_or_default(),
        _ => label,
    }
}

impl Login {
    /// Takes what a field of the file holds, if it holds anything; the first field is the one that counts.
    pub(crate) fn add_factor_field(&mut self, field: &'static str, text: &str) {
        if !text.trim().is_empty() {
            self.add_factor(field, || Factor::of_field(text));
        }
    }

    /// Takes a second factor; only the first is read, also where it cannot be used: another may be an older one.
    pub(crate) fn add_factor(&mut self, field: &'static str, factor: impl FnOnce() -> Result<Factor, FactorProblem>) {
        self.factors += 1;
        if self.factor.is_none() {
            self.factor = Some(factor().map_err(|problem| ImportRefusal::SecondFactor { field, problem }));
        }
    }

    /// Takes an address, the first of a page being the one that counts.
    pub(crate) fn add_site(&mut self, address: &str) {
        let address = address.trim();
        // LastPass writes a scheme alone where there is no address.
        if address.is_empty() || matches!(address, "http://" | "https://") {
            return;
        }
        if is_page(address) {
            self.sites += 1;
            if self.site.is_none() {
                self.site = Some(address.to_owned());
            }
        } else if begins_with_host(address) {
            self.sites += 1;
            if self.site.is_none() {
                self.warnings.push(format!("its address, {}, was read with https:// in front", shown(address)));
                self.site = Some(format!("https://{address}"));
            }
        } else if self.other_site.is_none() {
            self.other_site = Some(address.to_owned());
        }
    }

    /// Takes several addresses that stand in one field with commas between them.
    pub(crate) fn add_sites(&mut self, field: &str) {
        let mut rest = field;
        while let Some(at) = next_address(rest) {
            let (address, after) = rest.split_at(at);
            self.add_site(address);
            rest = after.trim_start_matches(',');
        }
        self.add_site(rest);
    }

    /// Takes a tag, if it is not there yet.
    pub(crate) fn add_tag(&mut self, tag: &str) {
        // One name may belong to every entry: it must not be walked or copied without measure.
        if tag.len() > LONGEST_TAG {
            self.warn_of_long_tag();
            return;
        }
        let tag = tag.trim();
        if !tag.is_empty() && self.tags.len() < MOST_TAGS && self.tags.iter().all(|held| held != tag) {
            self.tags.push(tag.to_owned());
        }
    }

    /// Takes the parts of a folder's path, outermost first.
    pub(crate) fn add_path(&mut self, path: &str, marks: &[char]) {
        if path.len() > LONGEST_PATH {
            self.warn_of_long_tag();
        } else {
            path.split(marks).for_each(|part| self.add_tag(part));
        }
    }

    /// The same where the mark, written twice, is a character of a part.
    pub(crate) fn add_escaped_path(&mut self, path: &str, mark: char) {
        if path.len() > LONGEST_PATH {
            return self.warn_of_long_tag();
        }
        let (mut part, mut characters) = (String::new(), path.chars().peekable());
        while let Some(character) = characters.next() {
            if character == mark && characters.next_if_eq(&mark).is_none() {
                self.add_tag(&std::mem::take(&mut part));
            } else {
                part.push(character);
            }
        }
        self.add_tag(&part);
    }

    fn warn_of_long_tag(&mut self) {
        let warning = "the name of its folder, or of one of its tags, is too long and was not taken";
        if self.warnings.iter().all(|held| held != warning) {
            self.warn(warning);
        }
    }

    /// Takes something that a person should know.
    pub(crate) fn warn(&mut self, warning: &str) {
        self.warnings.push(warning.to_owned());
    }

    /// Says that there are other user names than the one that was taken.
    pub(crate) fn note_other_users<'t>(&mut self, mut all: impl Iterator<Item = &'t str>) {
        let own = self.user.trim();
        if all.any(|user| !user.trim().is_empty() && !user.trim().eq_ignore_ascii_case(own)) {
            self.warn("it has several user names: the first was taken");
        }
    }

    /// Whether it has neither a password nor a second factor so far.
    pub(crate) fn is_nothing_to_sign_in_with(&self) -> bool {
        self.factors == 0 && self.password.as_ref().is_none_or(Hidden::is_empty)
    }

    /// Gives it away as the `entry`th account of the file, or counts it as one that holds nothing.
    pub(crate) fn give(self, entry: usize, found: &mut dyn Found) -> Result<(), ReadError> {
        match self.into_account() {
            Some(outcome) => found.entry(entry, outcome),
            None => {
                found.left_out(NOTHING_TO_SIGN_IN_WITH);
                Ok(())
            }
        }
    }

    fn into_account(self) -> Option<Result<Account, ImportRefusal>> {
        let password = self.password.filter(|password| !password.is_empty()).map(Hidden::into_secret);
        let mut warnings = self.warnings;
        let factor = match self.factor {
            Some(Ok(factor)) => Some(factor),
            Some(Err(refusal)) if password.is_none() => return Some(Err(refusal)),
            Some(Err(refusal)) => {
                warnings.push(format!("{refusal}; its second factor is left out"));
                None
            }
            None if password.is_none() => return None,
            None => None,
        };
        if self.factors > 1 {
            let taken = if factor.is_some() { "the first was taken" } else { "none was taken" };
            warnings.push(format!("it has {} second factors: {taken}", self.factors));
        }
        if self.sites > 1 {
            warnings.push(format!("it has {} addresses: the first was taken", self.sites));
        }
        if let (None, Some(other)) = (&self.site, &self.other_site) {
            warnings.push(format!(
                "its address, {}, does not begin with https:// and was not taken: add it by hand",
                shown(other)
            ));
        }
        let mut account = Account {
            name: self.name.trim().to_owned(),
            account: self.user.trim().to_owned(),
            password,
            site: self.site,
            notes: self.notes,
            tags: self.tags,
            warnings,
            ..Account::default()
        };
        if let Some(factor) = factor {
            account.issuer = factor.label.issuer().map(str::to_owned);
            if account.account.is_empty() {
                factor.label.account().clone_into(&mut account.account);
            }
            if account.name.is_empty() {
                account.name = factor.label.name();
            }
            account.warnings.extend(factor.warnings);
            account.secret = Some(factor.secret);
        }
        if account.name.is_empty() {
            let of_file = Some(self.fallback_name.trim()).filter(|name| !name.is_empty());
            let of_site = || self.other_site.as_deref().map(host).unwrap_or_default();
            account.name = account.site.as_deref().map(host).or(of_file).unwrap_or_else(of_site).to_owned();
        }
        Some(Ok(account))
    }
}

/// Counts several things that are not imported.
pub(crate) fn count(found: &mut dyn Found, what: &'static str, times: usize) {
    (0..times).for_each(|_| found.left_out(what));
}

/// Characters of an address that are repeated.
const LONGEST_SHOWN: usize = 100;

/// Whether an address is a page's.
pub(crate) fn is_page(address: &str) -> bool {
    ["https://", "http://"]
        .into_iter()
        .any(|scheme| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// Whether an address without a scheme begins with a host: names with dots between them, or an IPv4 address, and a port if it has one.
/// Managers open such a one as a page; `mailto:` and a note in the field are none.
pub(crate) fn begins_with_host(address: &str) -> bool {
    let host = address.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let is_number = |label: &&str| label.parse::<u8>().is_ok();
    let labels: Vec<&str> = name.split('.').collect();
    let is_named = labels.last().is_some_and(|last| last.chars().count() > 1 && last.chars().any(char::is_alphabetic));
    let is_numbered = labels.len() == 4 && labels.iter().all(is_number);
    labels.len() > 1
        && labels.iter().all(|label| is_label(label))
        && (is_named || is_numbered)
        && port.is_none_or(is_port)
        && !address.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// As much of an address as is repeated.
fn shown(address: &str) -> String {
    address.chars().take(LONGEST_SHOWN).collect()
}

/// Where the comma stands behind which another address begins: the first before a scheme.
fn next_address(text: &str) -> Option<usize> {
    text.match_indices(',').map(|(at, _)| at).find(|at| {
        let after = text.get(at + 1..).unwrap_or_default().trim_start();
        let scheme =
            after.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-')).count();
        scheme > 0 && after.get(scheme..).is_some_and(|rest| rest.starts_with("://"))
    })
}

/// The host of a page's address, with its port.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.rsplit('@').next().unwrap_or(host)
}
