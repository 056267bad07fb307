//! Arguments about groups, and who may do what.

use clap::{ArgGroup, Args as ClapArgs, Subcommand};

use super::{
    client::UserCommand,
    permission::PermissionArgs,
    provider::ProviderCommand,
    request::{ApproveArgs, CheckOutArgs, RequestCommand},
    service::ServiceAccountCommand,
};

#[derive(Subcommand)]
pub(crate) enum AccessCommand {
    /// Add, list and remove users, and restore their access.
    #[command(subcommand)]
    User(UserCommand),
    /// Let users sign in with an OpenID Connect provider, with groups from a claim.
    #[command(subcommand)]
    Provider(ProviderCommand),
    /// Create, list, change and remove accounts of programs, and rotate their secrets.
    #[command(subcommand)]
    ServiceAccount(ServiceAccountCommand),
    /// Create, list and remove groups of users, and who is in them.
    #[command(subcommand)]
    Group(GroupCommand),
    /// Grant users and groups what they may do with credentials, and take it back.
    #[command(subcommand)]
    Grant(GrantCommand),
    /// Request access that others have to approve, and decide about requests.
    #[command(subcommand)]
    Request(RequestCommand),
    /// Approve a request for access; the same as `request approve`.
    Approve(ApproveArgs),
    /// Check a credential out, so that nobody else uses it by a grant meanwhile; or see who has it.
    CheckOut(CheckOutArgs),
    /// Check a credential in: give it back, or take it back from who has it.
    CheckIn {
        /// The credential's name or id.
        name: String,
    },
    /// Show who may do what with a credential, and by which grant.
    Who {
        /// The credential's name or id.
        name: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum GroupCommand {
    /// List groups with how many people are in each.
    List,
    /// Show who is in a group.
    Show {
        /// The group's name or id.
        name: String,
    },
    /// Create a group.
    Add {
        /// The new group's name.
        name: String,
    },
    /// Rename a group.
    Rename {
        /// The group's name or id.
        name: String,
        /// Its new name.
        new: String,
    },
    /// Remove a group with what was granted to it; its members stay.
    Remove {
        /// The group's name or id.
        name: String,
        /// Do not ask for confirmation. Asks on a terminal only.
        #[arg(long, short)]
        yes: bool,
    },
    /// Put a user or another group into a group.
    AddMember(MemberArgs),
    /// Take a user or another group out of a group.
    RemoveMember(MemberArgs),
}

#[derive(ClapArgs)]
#[command(group = ArgGroup::new("member").required(true).args(["user", "group"]))]
pub(crate) struct MemberArgs {
    /// The group's name or id.
    pub(crate) name: String,
    /// A user, by name or id.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Another group, by name or id.
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum GrantCommand {
    /// List grants.
    List(GrantListArgs),
    /// Show one grant.
    Show {
        /// Its id.
        id: String,
    },
    /// Grant something to a user or a group.
    Add(Box<GrantAddArgs>),
    /// Take a grant back; it no longer works from the next request on.
    Remove {
        /// Its id.
        id: String,
    },
    /// List grants that are due for review, with who last used them when.
    Reviews {
        /// Which grants: due, unused (not used for 90 days), emergency (allow access in an emergency), or all.
        #[arg(long, value_name = "WHICH", default_value = "due", value_parser = ["due", "unused", "emergency", "all"])]
        show: String,
    },
    /// Review grants: keep them until they are due again, or remove them.
    Review(ReviewArgs),
}

#[derive(ClapArgs)]
#[command(group(ArgGroup::new("verdict").required(true).multiple(true).args(["keep", "remove", "days"])))]
pub(crate) struct ReviewArgs {
    /// Keep this grant; may be given several times.
    #[arg(long, value_name = "ID")]
    pub(crate) keep: Vec<String>,
    /// Remove this grant; may be given several times.
    #[arg(long, value_name = "ID")]
    pub(crate) remove: Vec<String>,
    /// Have grants come up for review after so many days from now on; 0: never.
    #[arg(long, value_name = "DAYS", conflicts_with_all = ["keep", "remove"])]
    pub(crate) days: Option<u32>,
}

#[derive(ClapArgs)]
pub(crate) struct GrantListArgs {
    /// Only those to this user, not by groups.
    #[arg(long, value_name = "NAME", conflicts_with = "group")]
    pub(crate) user: Option<String>,
    /// Only those to this group.
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<String>,
    /// Only those that apply to this credential, also by its tags and site.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["user", "group", "tag", "site"])]
    pub(crate) credential: Option<String>,
    /// Only those on exactly this tag.
    #[arg(long, value_name = "TAG", conflicts_with = "site")]
    pub(crate) tag: Option<String>,
    /// Only those on exactly this host.
    #[arg(long, value_name = "HOST")]
    pub(crate) site: Option<String>,
}

#[derive(ClapArgs)]
#[command(group = ArgGroup::new("holder").required(true).args(["user", "group"]))]
#[command(group = ArgGroup::new("target").required(true).args(["credential", "tag", "site"]))]
pub(crate) struct GrantAddArgs {
    /// To this user, by name or id.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// To everybody in this group, and in the groups in it.
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<String>,
    /// On this credential, by name or id; several: on each of them, or on none.
    #[arg(long, value_name = "NAME")]
    pub(crate) credential: Vec<String>,
    /// On all credentials with this tag, now or later.
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// On all credentials whose site has this host, now or later.
    #[arg(long, value_name = "HOST")]
    pub(crate) site: Option<String>,
    #[command(flatten)]
    pub(crate) permissions: PermissionArgs,
    #[command(flatten)]
    pub(crate) conditions: ConditionArgs,
    /// Put it in the place of this grant.
    #[arg(long, value_name = "ID")]
    pub(crate) replaces: Option<String>,
    /// Only show what would change.
    #[arg(long)]
    pub(crate) preview: bool,
}

/// What has to hold, all of it.
#[derive(ClapArgs)]
pub(crate) struct ConditionArgs {
    /// Condition: a reason is given.
    #[arg(long)]
    pub(crate) need_reason: bool,
    /// Condition: the number of a ticket is given that this regular expression matches as a whole.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) need_ticket: Option<String>,
    /// Condition: password and code were entered in a browser at most so many minutes ago.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) signed_in: Option<u16>,
    /// Condition: within these hours, such as 08:00-18:00.
    #[arg(long, value_name = "FROM-TO", requires = "zone")]
    pub(crate) hours: Option<String>,
    /// The days of these hours; all when omitted.
    #[arg(long, value_name = "mon,tue,…", value_delimiter = ',', requires = "hours")]
    pub(crate) days: Vec<String>,
    /// The time zone of these hours, such as Europe/Berlin.
    #[arg(long, value_name = "ZONE", requires = "hours")]
    pub(crate) zone: Option<String>,
    /// Condition: from this network, such as 10.0.0.0/8; can be repeated.
    #[arg(long = "network", value_name = "NETWORK")]
    pub(crate) networks: Vec<String>,
    /// Condition: somebody of this group approves each request; GROUP:2 for two of them. Repeat it for up to three levels, which
    /// approve one after the other.
    #[arg(long = "need-approval", value_name = "GROUP[:N]")]
    pub(crate) approval: Vec<String>,
    /// For how long one approval allows it, at the most.
    #[arg(long, value_name = "MINUTES", requires = "approval", default_value_t = 60)]
    pub(crate) approval_minutes: u32,
    /// For how long it may be used in an emergency, before anybody has approved; not at all when omitted.
    #[arg(long, value_name = "MINUTES", requires = "approval")]
    pub(crate) emergency_minutes: Option<u32>,
    /// Condition: the credential is checked out before, by one person at a time, for so many minutes at the most.
    #[arg(long = "need-check-out", value_name = "MINUTES")]
    pub(crate) check_out: Option<u32>,
    /// Change the password at its site when it has come back.
    #[arg(long, requires = "check_out")]
    pub(crate) change_after: bool,
    /// The grant begins then, such as 2026-12-01T08:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// The grant ends then.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}
