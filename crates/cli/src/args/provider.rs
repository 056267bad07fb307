//! Arguments about the provider with which people sign in.

use clap::{Args as ClapArgs, Subcommand};

#[derive(Subcommand)]
pub(crate) enum ProviderCommand {
    /// Show with which OpenID Connect provider users may sign in, and how.
    Show,
    /// Set up the provider, or change what is said of it. What is left out stays.
    Set(Box<ProviderSetArgs>),
    /// Fetch what a provider says of itself, and say whether it can be used; without an issuer, the one that is set up.
    Test {
        // Not a doc comment: there the address would have to stand in angle brackets, which the help would show.
        #[arg(help = "The issuer, such as https://login.example.com")]
        issuer: Option<String>,
    },
    /// Take the provider away; users who signed in with it are signed out.
    Remove {
        /// Do not ask for confirmation. Asks on a terminal only.
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(ClapArgs)]
pub(crate) struct ProviderSetArgs {
    /// What the button on the sign-in page says: "Sign in with NAME".
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[arg(
        long,
        value_name = "URL",
        help = "The issuer, to the letter as the provider writes it, such as https://login.example.com"
    )]
    pub(crate) issuer: Option<String>,
    /// The client id that the provider has given this server.
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// Read the client secret from the first line of standard input.
    #[arg(long)]
    pub(crate) client_secret_stdin: bool,
    #[arg(long, value_name = "URL", help = "Where users find the page, such as https://vault.example.com")]
    pub(crate) address: Option<String>,
    /// A scope to ask for beside openid; may be given several times. profile and email where nothing is said.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
    /// How a user who was added for the provider is recognised at the first sign-in: nothing, username or email.
    #[arg(long, value_name = "CLAIM")]
    pub(crate) match_by: Option<String>,
    /// Add users at their first sign-in, as manager, member or auditor; or nobody.
    #[arg(long, value_name = "ROLE")]
    pub(crate) new_users: Option<String>,
    /// Whether the provider asks for a second factor, so that it is not asked for here.
    #[arg(long, value_name = "true|false")]
    pub(crate) trust_second_factor: Option<bool>,
    /// The claim that holds a user's groups.
    #[arg(long, value_name = "CLAIM")]
    pub(crate) groups_claim: Option<String>,
    /// A value of that claim and the group that it stands for; may be given several times, and replaces what was said before.
    #[arg(long, value_name = "VALUE=GROUP")]
    pub(crate) group: Vec<String>,
    /// Map no value to any group.
    #[arg(long, conflicts_with = "group")]
    pub(crate) no_groups: bool,
}
