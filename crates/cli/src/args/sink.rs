//! Arguments of what sends the audit log elsewhere.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Subcommand)]
pub(crate) enum SinkCommand {
    /// List destinations with how far each has the log.
    List,
    /// Show one destination.
    Show {
        /// Its name or id.
        name: String,
    },
    /// Add a destination. Prints what signs a webhook, once.
    Add(SinkAddArgs),
    /// Change a destination; unspecified settings are unchanged. It goes on where it was.
    Edit(SinkEditArgs),
    /// Send a test record, and say what the receiver did.
    Test {
        /// Its name or id.
        name: String,
    },
    /// Send nothing more until it is resumed.
    Pause {
        /// Its name or id.
        name: String,
    },
    /// Send what it has not taken, at once.
    Resume {
        /// Its name or id.
        name: String,
    },
    /// Send records again from a number on.
    Rewind {
        /// Its name or id.
        name: String,
        /// The number of the first record that is sent.
        #[arg(long, value_name = "N")]
        from: u64,
    },
    /// Remove a destination; what it has taken stays there.
    Remove {
        /// Its name or id.
        name: String,
        /// Do not ask for confirmation. Asks on a terminal only.
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(ClapArgs)]
pub(crate) struct SinkAddArgs {
    /// What it is called.
    pub(crate) name: String,
    /// syslog, cef, otlp, webhook or folder.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: String,
    #[command(flatten)]
    pub(crate) way: SinkWayArgs,
    /// Send the log from its first record, not from now on.
    #[arg(long)]
    pub(crate) from_beginning: bool,
}

#[derive(ClapArgs)]
pub(crate) struct SinkEditArgs {
    /// Its name or id.
    pub(crate) name: String,
    /// Another name for it.
    #[arg(long, value_name = "NAME")]
    pub(crate) new_name: Option<String>,
    #[command(flatten)]
    pub(crate) way: SinkWayArgs,
    /// Send records of all actions.
    #[arg(long, conflicts_with = "acts")]
    pub(crate) all_actions: bool,
    /// Trust the certificates that the server's machine trusts.
    #[arg(long, conflicts_with = "authority")]
    pub(crate) no_authority: bool,
    /// Send no header.
    #[arg(long, conflicts_with = "header_file")]
    pub(crate) no_header: bool,
    /// Never send to another machine without TLS.
    #[arg(long, conflicts_with = "allow_plain")]
    pub(crate) no_plain: bool,
    /// Make another secret to sign a webhook with, and print it, once.
    #[arg(long)]
    pub(crate) new_signing_secret: bool,
}

#[derive(ClapArgs)]
pub(crate) struct SinkWayArgs {
    /// tls://HOST:PORT, https://…, or a folder's name within the server's audit_folder.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<String>,
    /// Read the address from this file, where a part of it is secret.
    #[arg(long, value_name = "FILE", conflicts_with = "address")]
    pub(crate) address_file: Option<PathBuf>,
    /// A file with a header of each request, such as `Authorization: Bearer …`.
    #[arg(long, value_name = "FILE")]
    pub(crate) header_file: Option<PathBuf>,
    /// A file with the one authority, in PEM, whose certificates are trusted there.
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,
    /// Allow sending to another machine without TLS.
    #[arg(long)]
    pub(crate) allow_plain: bool,
    /// Send records of this action only, such as token.read or session.*; can be repeated.
    #[arg(long = "action", value_name = "ACTION")]
    pub(crate) acts: Vec<String>,
}
