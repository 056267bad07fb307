//! Arguments of what speaks to a server, or reads files.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{
    host::DataArgs,
    many::{PolicyArgs, TagArgs},
    sink::SinkCommand,
};

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Add a user; prints the set-up link by which they choose their password, once, within three days.
    Add {
        /// The new user's name.
        name: String,
        /// administrator, manager, member or auditor.
        #[arg(long, value_name = "ROLE")]
        role: String,
        /// Without a link: they sign in with the sign-in provider, which recognises them by this name.
        #[arg(long, conflicts_with = "here")]
        provider: bool,
        /// On the server itself, beside data and key: add an administrator where there is none any more.
        #[arg(long)]
        here: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List users with role and state.
    List,
    /// Print a new set-up link for a user, by which they choose another password; former links no longer work.
    SetUpLink {
        /// The user's name or id.
        name: String,
    },
    /// Connect a user with the sign-in provider no more; signs them out where they came by it.
    Disconnect {
        /// The user's name or id.
        name: String,
    },
    /// Remove a user with their devices, API tokens and access.
    Remove {
        /// The user's name or id.
        name: String,
        /// Do not ask for confirmation. Asks on a terminal only.
        #[arg(long, short)]
        yes: bool,
    },
    /// On the server itself: forget a user's second factor and recovery codes, and end their web sessions. Stop the server
    /// first; the next sign-in needs the password alone and sets up another second factor.
    ResetSecondFactor {
        /// The user's name.
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Show the vault key's name, when it was made and what unlocks it.
    Show,
    /// Create a new vault key and wrap everything under it, while the server keeps running. Waits until the former key is gone; a server
    /// that is stopped before continues at its next start.
    Rotate {
        /// Do not wait.
        #[arg(long)]
        no_wait: bool,
    },
    /// Split the vault key into shares, some of which restore the key file when it is lost. Stop the server first.
    Export {
        /// How many shares.
        #[arg(long, value_name = "N")]
        shares: u8,
        /// How many of them restore the key.
        #[arg(long, value_name = "K")]
        threshold: u8,
        /// The folder into which each share is written as a file of its own.
        #[arg(long, value_name = "DIR")]
        folder: PathBuf,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Create a new key file from shares; what unlocked the vault before no longer does. Stop the server first.
    Import {
        /// The files with the shares.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(ClapArgs)]
pub(crate) struct BundleArgs {
    /// Write it into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Only records at or after this time (RFC 3339), such as 2026-11-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only records before this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only records of this action, such as token.read.
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: Option<String>,
    /// Only records whose actor's or item's name contains this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Only records about this credential, by its id.
    #[arg(long, value_name = "ID")]
    pub(crate) credential: Option<String>,
    /// Only records of this user, by their id.
    #[arg(long, value_name = "ID")]
    pub(crate) user: Option<String>,
    /// Also the recording of this session, by its id; can be repeated, up to 20 times.
    #[arg(long = "session", value_name = "ID")]
    pub(crate) sessions: Vec<String>,
}

#[derive(ClapArgs)]
pub(crate) struct ChangeArgs {
    /// The credential's name or id.
    pub(crate) name: String,
    /// Follow progress until it finishes or needs attention.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Test run: go as far as the change-password form and leave it empty.
    #[arg(long)]
    pub(crate) rehearse: bool,
    /// The number of a ticket, where access asks for one.
    #[arg(long, value_name = "TICKET")]
    pub(crate) ticket: Option<String>,
    /// Reason, for the audit log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum SessionCommand {
    /// Start a session: Countersign signs in, and the page shows the browser. Prints the session's id.
    Start {
        /// The credential's name or id.
        name: String,
        /// Reason, for the audit log.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// The number of a ticket, where access asks for one.
        #[arg(long, value_name = "TICKET")]
        ticket: Option<String>,
    },
    /// List sessions, the newest first.
    List {
        /// Only those that have not ended.
        #[arg(long)]
        open: bool,
        /// Only those of this credential, by its name or id.
        #[arg(long, value_name = "NAME")]
        credential: Option<String>,
    },
    /// Show one session.
    Show {
        /// Its id.
        id: String,
    },
    /// End a session.
    End {
        /// Its id.
        id: String,
    },
    /// Create a link by which one person joins a session, once.
    Link {
        /// The session's id.
        id: String,
        /// The user's name.
        person: String,
        /// Access: view, interact or control.
        #[arg(long, default_value = "view", value_name = "LEVEL")]
        level: String,
    },
    /// Show what is recorded of a session, or download it.
    Recording {
        /// The session's id.
        id: String,
        /// Write it into this file, also while the session runs: a video when the name ends in .webm (needs ffmpeg on the
        /// server), else its parts one after the other. `-` writes the parts to standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(ClapArgs)]
pub(crate) struct LoginArgs {
    /// The server's URL, such as http://127.0.0.1:7117; that of COUNTERSIGN_URL or of the last login when omitted.
    pub(crate) url: Option<String>,
    /// Print the address and the code alone, and open no browser.
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Keep the API token in the login's file, also where there is a keyring.
    #[arg(long)]
    pub(crate) no_keyring: bool,
    /// Sign in here, with this user name and a password, and not in the browser.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Sign in here, and read the password from standard input instead of asking.
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Sign in here, with this code of your authenticator app or recovery code; asked for when needed.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct TokenArgs {
    /// The credential's name or id; chosen from a list when omitted, on a terminal only.
    pub(crate) name: Option<String>,
    /// Keep running: print each new token as it begins, on a terminal in one line with the time that is left.
    #[arg(long)]
    pub(crate) watch: bool,
    /// Copy it in place of printing it, and clear the clipboard when it no longer counts: with wl-copy, xclip, xsel or pbcopy,
    /// else by the terminal (OSC 52). Ctrl-C clears it at once.
    #[arg(long)]
    pub(crate) copy: bool,
    /// Reason, for the audit log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// The number of a ticket, where access asks for one.
    #[arg(long, value_name = "TICKET")]
    pub(crate) ticket: Option<String>,
    /// Use a token that nobody else has used, with enough time left; waits for the next one if needed.
    #[arg(long, conflicts_with = "watch")]
    pub(crate) claim: bool,
    /// Do not ask before using a counter-based token (HOTP), which advances the counter. Asks on a terminal only.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(ClapArgs)]
pub(crate) struct RevealArgs {
    /// The credential's name or id.
    pub(crate) name: String,
    /// A former password, by its version.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) version: Option<i64>,
    /// Reason, for the audit log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// The number of a ticket, where access asks for one.
    #[arg(long, value_name = "TICKET")]
    pub(crate) ticket: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct RecordsArgs {
    /// Only those about this credential, by its name or id. Who may read the records of a credential alone has to name it.
    #[arg(long, value_name = "NAME")]
    pub(crate) credential: Option<String>,
    /// Only those of this act, such as token.read.
    #[arg(long, value_name = "ACT")]
    pub(crate) act: Option<String>,
    /// Only those whose actor's or object's name holds this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Only those at or after this time, as 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only those before this time.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// So many, the newest first.
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Subcommand)]
pub(crate) enum CredentialCommand {
    /// List credentials.
    List(ListArgs),
    /// Show one credential.
    Show {
        /// Its name or id.
        name: String,
    },
    /// Add a credential.
    Add(AddArgs),
    /// Change a credential; unspecified fields are unchanged.
    Edit(EditArgs),
    /// Add tags to credentials and remove tags from them: all of it, or nothing.
    Tag(TagArgs),
    /// Say for credentials when their passwords are changed without anybody asking: for all of them, or none.
    Policy(PolicyArgs),
    /// Remove a credential: it goes into the bin, from which it can be restored for 30 days.
    Remove {
        /// Its name or id.
        name: String,
        /// Do not ask for confirmation. Asks on a terminal only.
        #[arg(long, short)]
        yes: bool,
    },
    /// List the bin: credentials that were removed and can be restored.
    Bin,
    /// Restore a removed credential with its secrets, its settings and the access to it.
    Restore {
        /// Its name or id.
        name: String,
        /// Under another name, where its own is taken.
        #[arg(long = "as", value_name = "NAME")]
        new_name: Option<String>,
    },
    /// Delete a removed credential with its secrets, permanently.
    Delete {
        /// Its name or id.
        name: String,
        /// Do not ask for confirmation. Asks on a terminal only.
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum AutomationCommand {
    /// Show the settings of a credential's site.
    Show {
        /// The credential's name or id.
        name: String,
    },
    /// Change the settings of a credential's site; unspecified fields are unchanged.
    Set(AutomationSetArgs),
}

#[derive(ClapArgs)]
pub(crate) struct AutomationSetArgs {
    /// The credential's name or id.
    pub(crate) name: String,
    /// Trust this one certificate at the site's own host and port, by its SHA-256. Compare it on the site's server first.
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) certificate: Option<String>,
    /// Trust only certificates there that browsers trust.
    #[arg(long, conflicts_with = "certificate")]
    pub(crate) no_certificate: bool,
}

#[derive(ClapArgs)]
pub(crate) struct ListArgs {
    /// Only those whose name, username, site or tag contains this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Only those with this tag.
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// Only those whose site's host contains this text.
    #[arg(long, value_name = "HOST")]
    pub(crate) site: Option<String>,
    /// Only those with (true) or without (false) a second factor.
    #[arg(long, value_name = "BOOL")]
    pub(crate) second_factor: Option<bool>,
}

/// A seed, and how it is made into tokens.
#[derive(ClapArgs, Default)]
pub(crate) struct SeedArgs {
    /// The setup key (TOTP secret) or otpauth:// URL. Other users of this machine can see it while the command runs: prefer --totp-stdin.
    #[arg(long, value_name = "KEY|URL")]
    pub(crate) totp: Option<String>,
    /// Read the setup key or otpauth:// URL from standard input.
    #[arg(long, conflicts_with = "totp")]
    pub(crate) totp_stdin: bool,
    /// SHA1, SHA256 or SHA512.
    #[arg(long, value_name = "NAME")]
    pub(crate) algorithm: Option<String>,
    /// Digits of a token, 5 to 10.
    #[arg(long, value_name = "N")]
    pub(crate) digits: Option<u64>,
    /// Seconds that a token lasts.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) period: Option<u64>,
}

#[derive(ClapArgs)]
pub(crate) struct AddArgs {
    /// Its name in the vault.
    pub(crate) name: String,
    /// The user name at its site.
    #[arg(long, value_name = "NAME")]
    pub(crate) username: Option<String>,
    /// Read the password from standard input (its first line).
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Any page of the site.
    #[arg(long, value_name = "URL")]
    pub(crate) site: Option<String>,
    #[command(flatten)]
    pub(crate) seed: SeedArgs,
    /// A tag; can be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// Notes, visible to everyone with access. Don't store secrets here.
    #[arg(long, value_name = "TEXT")]
    pub(crate) notes: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct EditArgs {
    /// Its name or id.
    pub(crate) name: String,
    /// New name.
    #[arg(long, value_name = "NAME")]
    pub(crate) rename: Option<String>,
    /// New user name at its site.
    #[arg(long, value_name = "NAME")]
    pub(crate) username: Option<String>,
    /// Read a new password from standard input (its first line).
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// New site.
    #[arg(long, value_name = "URL")]
    pub(crate) site: Option<String>,
    #[command(flatten)]
    pub(crate) seed: SeedArgs,
    /// Remove the setup key.
    #[arg(long, conflicts_with_all = ["totp", "totp_stdin"])]
    pub(crate) clear_totp: bool,
    /// Tags that replace the current ones; can be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// New notes.
    #[arg(long, value_name = "TEXT")]
    pub(crate) notes: Option<String>,
    /// active or inactive.
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum RecipeCommand {
    /// Read recipe files and say what is wrong, where, and what to write instead.
    Check {
        /// The files; `-` reads standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// List records, the newest first.
    List(RecordsArgs),
    /// Write the whole log as JSON lines to standard output.
    Export {
        /// Read it from this data folder instead of asking the server; works beside a running server.
        #[command(flatten)]
        data: DataArgs,
    },
    /// Send the log elsewhere as it is written: syslog, CEF, OpenTelemetry, a webhook or a folder.
    #[command(subcommand)]
    Sink(SinkCommand),
    /// Write chosen records and recordings into one signed file for an auditor.
    Bundle(BundleArgs),
    /// Say what holds of such a file and what does not. Needs no server, no key and no network.
    VerifyBundle {
        /// The bundle.
        file: PathBuf,
        /// The vault's public key, 64 hexadecimal digits, as the server shows it with a checkpoint.
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
    /// Find what was deleted, changed, moved or cut off in an export. Needs no server and no key.
    Verify {
        /// The export; `-` reads standard input.
        file: PathBuf,
        /// The vault's public key, 64 hexadecimal digits, as the server shows it with a checkpoint.
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// A checkpoint that you kept elsewhere (JSON): the log must still hold what it covers.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
}
