//! Arguments about service accounts.

use clap::{Args as ClapArgs, Subcommand};

#[derive(Subcommand)]
pub(crate) enum ServiceAccountCommand {
    /// List service accounts with what they may ask for and when they were last used.
    List,
    /// Show a service account with its secrets and federated identities.
    Show {
        /// The account's name or id.
        name: String,
    },
    /// Create a service account; prints its client id and its first secret, which is not shown again.
    Add(ServiceAddArgs),
    /// Change a service account. What is taken away ends with its next request.
    Edit(ServiceEditArgs),
    /// Create a secret in place of the present ones, which serve on for some hours; prints it.
    Rotate {
        /// The account's name or id.
        name: String,
        /// For how many hours the former secrets serve on; 0 ends them, and their tokens, at once.
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        overlap: u32,
    },
    /// Remove a secret, with the tokens that were given for it.
    RemoveSecret {
        /// The account's name or id.
        name: String,
        /// The secret's id, or how it begins, as `show` prints it.
        secret: String,
    },
    /// Add a federated identity: accept tokens of another issuer, such as a CI system, in place of a secret.
    AddIdentity(IdentityAddArgs),
    /// Remove a federated identity, with the tokens that were given by it.
    RemoveIdentity {
        /// The account's name or id.
        name: String,
        /// The federated identity's id, or its subject where no other has the same, as `show` prints it.
        identity: String,
    },
    /// Keep a service account out; its tokens end at once.
    Disable {
        /// The account's name or id.
        name: String,
    },
    /// Let a service account in again.
    Enable {
        /// The account's name or id.
        name: String,
    },
    /// Remove a service account with its secrets, tokens and access.
    Remove {
        /// The account's name or id.
        name: String,
        /// Do not ask for confirmation. Asks on a terminal only.
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(ClapArgs)]
pub(crate) struct ServiceAddArgs {
    /// The new account's name, unique among users and service accounts.
    pub(crate) name: String,
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// The user who looks after it.
    #[arg(long, value_name = "USER")]
    pub(crate) owner: Option<String>,
    /// What its tokens may be for at the most: words such as "see token", narrowed by credential:NAME and tag:TAG.
    #[arg(long, value_name = "WORDS")]
    pub(crate) scope: Option<String>,
    /// From where it may be used, such as 192.0.2.0/24; may be repeated.
    #[arg(long = "network", value_name = "NETWORK")]
    pub(crate) networks: Vec<String>,
    /// After how many days it ends; never, when omitted.
    #[arg(long, value_name = "DAYS")]
    pub(crate) expires_in_days: Option<u32>,
}

#[derive(ClapArgs)]
pub(crate) struct ServiceEditArgs {
    /// The account's name or id.
    pub(crate) name: String,
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// The user who looks after it; empty: nobody.
    #[arg(long, value_name = "USER")]
    pub(crate) owner: Option<String>,
    /// What its tokens may be for at the most.
    #[arg(long, value_name = "WORDS")]
    pub(crate) scope: Option<String>,
    /// From where it may be used, in place of where it might before; may be repeated.
    #[arg(long = "network", value_name = "NETWORK", conflicts_with = "from_anywhere")]
    pub(crate) networks: Vec<String>,
    /// It may be used from anywhere.
    #[arg(long)]
    pub(crate) from_anywhere: bool,
    /// When it ends, as 2027-01-31T12:00:00Z, or never.
    #[arg(long, value_name = "TIME")]
    pub(crate) expires_at: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct IdentityAddArgs {
    /// The account's name or id.
    pub(crate) name: String,
    #[arg(
        long,
        value_name = "URL",
        help = "The tokens' issuer (iss), exactly, such as https://token.actions.githubusercontent.com or https://gitlab.com"
    )]
    pub(crate) issuer: String,
    /// The tokens' audience (aud), exactly and alone; use the server's own URL.
    #[arg(long, value_name = "TEXT")]
    pub(crate) audience: String,
    /// The tokens' subject (sub), exactly; or how it begins and then *, such as "repo:acme/site:*".
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: String,
    /// A further claim that has to match exactly, such as ref_protected=true; may be repeated.
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    pub(crate) claims: Vec<String>,
}
