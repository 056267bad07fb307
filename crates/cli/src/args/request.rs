//! Arguments about requests for access.

use clap::{Args as ClapArgs, Subcommand};

use super::permission::PermissionArgs;

#[derive(Subcommand)]
pub(crate) enum RequestCommand {
    /// Request access: to the token, or to what is named.
    Add(Box<RequestAddArgs>),
    /// List requests, the latest first.
    List(RequestListArgs),
    /// Show one request.
    Show {
        /// Its id.
        id: String,
    },
    /// Approve a request, for as long as it asks or for less.
    Approve(ApproveArgs),
    /// Reject a request.
    Reject(DecideArgs),
    /// Take your own request back; what was approved ends with it.
    Cancel(DecideArgs),
    /// End what was approved, with its sessions.
    Revoke(DecideArgs),
}

#[derive(ClapArgs)]
pub(crate) struct RequestAddArgs {
    /// The credential's name or id.
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) permissions: PermissionArgs,
    /// Why: those who approve read it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The number of a ticket.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) ticket: Option<String>,
    /// For how many minutes; as long as the grant allows when omitted.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) minutes: Option<u32>,
    /// Not before then, such as 2026-12-01T08:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) not_before: Option<String>,
    /// Why it cannot wait. It is allowed at once, where the grant provides for it, and everybody who approves is told.
    #[arg(long, value_name = "TEXT", conflicts_with = "not_before")]
    pub(crate) emergency: Option<String>,
    /// Wait until it is decided.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(ClapArgs)]
pub(crate) struct RequestListArgs {
    /// Only your own.
    #[arg(long, conflicts_with = "to_decide")]
    pub(crate) mine: bool,
    /// Only those that await your approval.
    #[arg(long)]
    pub(crate) to_decide: bool,
    /// Only those in this state: pending, approved, rejected, cancelled, revoked or expired.
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<String>,
    /// Requests of administrators to export, in place of those for access.
    #[arg(long, conflicts_with_all = ["state", "credential"])]
    pub(crate) exports: bool,
    /// Only those for this credential.
    #[arg(long, value_name = "NAME")]
    pub(crate) credential: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct ApproveArgs {
    /// The request's id.
    pub(crate) id: String,
    /// For at most so many minutes.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) minutes: Option<u32>,
    /// What is to be recorded with it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct DecideArgs {
    /// The request's id.
    pub(crate) id: String,
    /// What is to be recorded with it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,
}

#[derive(ClapArgs)]
#[command(group = clap::ArgGroup::new("what").args(["show", "extend", "wait", "leave"]))]
#[expect(clippy::struct_excessive_bools, reason = "each is something else to do")]
pub(crate) struct CheckOutArgs {
    /// The credential's name or id.
    pub(crate) name: String,
    /// For how many minutes; as long as the grant allows when omitted.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) minutes: Option<u32>,
    /// Only show who has it, and who waits.
    #[arg(long, conflicts_with = "minutes")]
    pub(crate) show: bool,
    /// Keep what you have checked out for longer.
    #[arg(long)]
    pub(crate) extend: bool,
    /// Join the queue of those who wait for it.
    #[arg(long, conflicts_with = "minutes")]
    pub(crate) wait: bool,
    /// Leave the queue.
    #[arg(long, conflicts_with = "minutes")]
    pub(crate) leave: bool,
}
