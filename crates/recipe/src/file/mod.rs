//! Recipes: what is special about a site, in one TOML file. The exact schema stands in `docs/handbook/src/recipes.md`.

mod book;
mod builtin;
mod error;
mod lists;
mod place;
mod schema;

use url::Url;

pub use book::RecipeBook;
pub use error::RecipeError;
pub use lists::{ListError, ListedDomain, PublicList, RefusedEntry, import_change_addresses, import_password_rules};

use crate::{FieldHint, PasswordRules, SiteKnowledge};

/// What is special about one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// What people call the site.
    pub name: String,
    /// Whom it serves: hosts in their ASCII form, each with everything under it.
    pub domains: Vec<String>,
    /// Origins that secrets of this site may be typed into besides the credential's own.
    pub origins: Vec<String>,
    /// The sign-in page.
    pub sign_in: Option<Address>,
    /// The page to change the password.
    pub change: Option<Address>,
    /// What the site asks of passwords.
    pub rules: Option<PasswordRules>,
    /// Fields that cannot be recognised otherwise.
    pub hints: Vec<FieldHint>,
    /// Whether a rehearsal has succeeded with it.
    pub status: Status,
    /// Where its facts come from.
    pub source: String,
    /// Anything else that a person should know.
    pub notes: String,
}

/// Whether a recipe was seen to work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its facts are known from elsewhere; nobody has tried them here.
    #[default]
    Unverified,
    /// A rehearsal has succeeded with it.
    Verified,
}

/// An address in a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A whole address.
    Whole(Url),
    /// A path on whichever host the credential is for; for programs that run on many hosts.
    Path(String),
}

impl Recipe {
    /// Reads one file.
    pub fn parse(text: &str) -> Result<Self, RecipeError> {
        schema::read(text)
    }

    /// How closely it serves a host: the length of the domain that fits, `None` when none does.
    pub fn serves(&self, host: &str) -> Option<usize> {
        self.domains.iter().filter(|domain| place::is_under(host, domain)).map(String::len).max()
    }

    /// What it says about the site of a credential whose address is `address`.
    pub fn knowledge(&self, address: &str) -> SiteKnowledge {
        let there = |wanted: &Option<Address>| wanted.as_ref().and_then(|wanted| wanted.at(address));
        SiteKnowledge {
            address: address.to_owned(),
            origins: self.origins.clone(),
            sign_in: there(&self.sign_in),
            change: there(&self.change),
            rules: self.rules.clone(),
            hints: self.hints.clone(),
            ..SiteKnowledge::default()
        }
    }
}

impl Address {
    /// As a whole address for a credential at `address`.
    pub fn at(&self, address: &str) -> Option<String> {
        match self {
            Self::Whole(url) => Some(url.to_string()),
            Self::Path(path) => Url::parse(address).ok()?.join(path).ok().map(String::from),
        }
    }
}
