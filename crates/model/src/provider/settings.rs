//! What an administrator says about the provider, and what of it is taken.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{GroupId, Invalid, Role, notice::is_this_machine, page_address};

/// The most groups that claims may be mapped to.
pub const MAX_GROUP_MAPPINGS: usize = 200;
const LONGEST_CLAIM_VALUE: usize = 200;
const LONGEST_NAME: usize = 40;
pub(super) const LONGEST_TEXT: usize = 500;

/// What an administrator has said about the provider. Its client secret is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// What the button says: *Sign in with* this.
    pub name: String,
    /// Who issues the tokens, to the letter as the provider writes it.
    pub issuer: String,
    /// As what this server is registered there.
    pub client_id: String,
    /// Where people find the page; the provider sends them back to a path below it.
    pub address: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// How somebody whom an administrator has added is recognised at their first sign-in.
    pub match_by: MatchBy,
    /// As what somebody is added at their first sign-in whom nobody has added before; `None`: not at all.
    pub new_users: Option<Role>,
    /// Whether the provider has asked for a second factor, so that it is not asked for here.
    pub trusts_second_factor: bool,
    /// The claim that holds somebody's groups.
    pub groups_claim: Option<String>,
    /// Which of its values stands for which group.
    pub groups: Vec<GroupMapping>,
}

/// A value of the claim, and the group that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupMapping {
    /// The value, to the letter.
    pub value: String,
    /// The group here.
    pub group: GroupId,
}

/// By which claim somebody is recognised at their first sign-in who was added to sign in with the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchBy {
    /// By none.
    Nothing,
    /// By `preferred_username`.
    Username,
    /// By `email`, where the provider says that it is verified.
    Email,
}

impl MatchBy {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Username, Self::Email];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Username => "username",
            Self::Email => "email",
        }
    }

    /// The way of that name.
    ///
    /// # Errors
    /// Says which there are.
    pub fn from_name(name: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| Invalid::new("match_by", "is none of nothing, username and email"))
    }
}

impl ProviderSettings {
    /// Looks at each field, and takes blanks away.
    ///
    /// # Errors
    /// Names the field.
    pub fn checked(self) -> Result<Self, Invalid> {
        if self.new_users == Some(Role::Administrator) {
            return Err(Invalid::new("new_users", "cannot be administrator: make an administrator by hand"));
        }
        if self.scopes.len() > 20 {
            return Err(Invalid::new("scopes", "are too many: at most 20"));
        }
        if self.groups.len() > MAX_GROUP_MAPPINGS {
            return Err(Invalid::new("groups", format!("are too many: at most {MAX_GROUP_MAPPINGS}")));
        }
        let groups_claim = self.groups_claim.filter(|claim| !claim.trim().is_empty());
        if groups_claim.is_none() && !self.groups.is_empty() {
            return Err(Invalid::new("groups_claim", "is missing: say which claim holds the groups"));
        }
        let mapping = |it: GroupMapping| {
            Ok(GroupMapping { value: line("groups", &it.value, LONGEST_CLAIM_VALUE)?, group: it.group })
        };
        let mut scopes = self.scopes.iter().map(|scope| scope_token(scope)).collect::<Result<Vec<_>, _>>()?;
        scopes.retain(|scope| scope != "openid");
        Ok(Self {
            name: line("name", &self.name, LONGEST_NAME)?,
            issuer: issuer(&self.issuer)?,
            client_id: line("client_id", &self.client_id, LONGEST_TEXT)?,
            address: callback_base(&self.address)?,
            scopes,
            groups_claim: groups_claim.map(|claim| line("groups_claim", &claim, 100)).transpose()?,
            groups: self.groups.into_iter().map(mapping).collect::<Result<_, Invalid>>()?,
            ..self
        })
    }

    /// Where the provider sends people back to.
    pub fn callback(&self) -> String {
        format!("{}{CALLBACK_PATH}", self.address)
    }
}

/// The path, below the page's address, to which the provider sends people back.
pub const CALLBACK_PATH: &str = "/api/v1/sign-in/oidc/callback";

/// One line of text without blanks at its ends.
pub(crate) fn line(field: &'static str, text: &str, most: usize) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::new(field, "is missing"));
    }
    if text.chars().count() > most {
        return Err(Invalid::new(field, format!("is too long: at most {most} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new(field, "holds a control character"));
    }
    Ok(text.to_owned())
}

/// RFC 6749 §3.3.
fn scope_token(text: &str) -> Result<String, Invalid> {
    let text = line("scopes", text, 100)?;
    let fits = text.bytes().all(|it| it.is_ascii_graphic() && it != b'"' && it != b'\\');
    if fits {
        Ok(text)
    } else {
        Err(Invalid::new("scopes", "holds what no scope holds: write words with blanks between"))
    }
}

/// OpenID Connect Discovery 1.0 §3: `https`, no query, no fragment. Plain HTTP is taken for this very machine alone.
///
/// # Errors
/// Says what is wrong with it.
pub fn issuer(text: &str) -> Result<String, Invalid> {
    let text = line("issuer", text, LONGEST_TEXT)?;
    // A letter that looks like another would be another issuer; tokens have the host in ASCII (RFC 3986 §3.2.2).
    if !text.is_ascii() {
        return Err(Invalid::new("issuer", "holds a character outside ASCII: copy it from the provider"));
    }
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| Invalid::new("issuer", "is no URL: write https://login.example.com"))?;
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(Invalid::new("issuer", "holds more than scheme, host and path: copy it from the provider"));
    }
    if url.scheme() == "http" && !url.host().is_some_and(|host| is_this_machine(&host)) {
        return Err(Invalid::new("issuer", "is plain HTTP: who is between could let anybody in; use https://"));
    }
    // To the letter: tokens name it so.
    Ok(text)
}

fn callback_base(text: &str) -> Result<String, Invalid> {
    let address = page_address(&line("address", text, LONGEST_TEXT)?)?;
    let url = Url::parse(&address).ok();
    let plain = url.is_some_and(|url| url.scheme() == "http" && !url.host().is_some_and(|host| is_this_machine(&host)));
    if plain {
        return Err(Invalid::new("address", "is plain HTTP: what the provider sends back could be read; use https://"));
    }
    Ok(address)
}
