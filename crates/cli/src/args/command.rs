//! The command line as a whole: all commands, and what each is for.

use clap::{Parser, Subcommand};

use super::{
    access::AccessCommand,
    client::{
        AuditCommand, AutomationCommand, ChangeArgs, CredentialCommand, KeyCommand, LoginArgs, RecipeCommand,
        RevealArgs, SessionCommand, TokenArgs,
    },
    home::{CompletionsArgs, ExecArgs, InjectArgs, ManArgs},
    host::{BackupArgs, DemoArgs, DoctorArgs, InitArgs, MoveArgs, RestoreArgs, ServeArgs, WorkArgs},
    many::{ExportApprovalCommand, ExportArgs, ImportArgs},
};

/// A vault for the accounts that a team shares: password and second factor together.
#[derive(Parser)]
#[command(name = "countersign", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 usage, 3 denied, 4 not found, 5 needs attention.\n\
    Client commands read COUNTERSIGN_URL and COUNTERSIGN_TOKEN, or what `countersign login` stored.\n\
    With COUNTERSIGN_REASON and COUNTERSIGN_TICKET they say why, where access asks for it.\n\
    Tables are coloured on a terminal only; NO_COLOR and CLICOLOR_FORCE are respected.")]
pub(crate) struct Args {
    /// Write answers as JSON; short for --output json.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the server: API, web page and vault in one process.
    Serve(ServeArgs),
    /// Run a demo vault with sample credentials; its data is deleted on exit.
    Demo(DemoArgs),
    /// Run a worker alone, which changes passwords at their sites. `serve` runs one automatically.
    Work(WorkArgs),
    /// Create a vault and its first administrator without the web page; prints an API token.
    Init(InitArgs),
    /// Check clock, database, key, disk and Chromium; says what is wrong and what to do.
    Doctor(DoctorArgs),
    /// Back up a vault into one file, also while its server runs; list and verify backups. The key is not in them.
    Backup(BackupArgs),
    /// Restore a backup into a data folder or a database that has no vault yet.
    Restore(RestoreArgs),
    /// Move a vault from SQLite to PostgreSQL. One that was interrupted goes on where it was.
    Move(MoveArgs),
    /// Sign in to a server in the browser, and keep an API token for the commands below.
    Login(LoginArgs),
    /// Revoke the API token that `login` made, and forget it.
    Logout,
    /// Show as whom the commands below ask which server, and where the API token is kept.
    Whoami,
    #[command(flatten)]
    Access(AccessCommand),
    /// Print the current token of a credential, follow it, or copy it.
    Token(TokenArgs),
    /// Print the password of a credential.
    Reveal(RevealArgs),
    /// Run a command with secrets in its environment or in descriptors, never in its arguments.
    Exec(ExecArgs),
    /// Write a file from a template, with secrets in the places of {{ cs://NAME/FIELD }}.
    Inject(InjectArgs),
    /// Change a credential's password at its site.
    Change(ChangeArgs),
    /// Start, list and end sessions at sites, share them, and download recordings.
    #[command(subcommand)]
    Session(SessionCommand),
    /// List, show, add, edit and remove credentials.
    #[command(subcommand)]
    Credential(CredentialCommand),
    /// Show and change the settings of a credential's site.
    #[command(subcommand)]
    Automation(AutomationCommand),
    /// Import what authenticators and password managers export, otpauth URLs, and images of QR codes.
    Import(ImportArgs),
    /// Export credentials with passwords and setup keys, as files that other programs read.
    Export(ExportArgs),
    /// Whether exports need the approval of a second administrator.
    #[command(subcommand)]
    ExportApproval(ExportApprovalCommand),
    /// Check recipe files, which describe sites. Needs no server.
    #[command(subcommand)]
    Recipe(RecipeCommand),
    /// Show, rotate, export and import the vault key. The key itself is never shown.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Export the audit log, or verify an export without the server.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Print the completions of commands and options for a shell.
    Completions(CompletionsArgs),
    /// Write pages for `man`, one a command.
    Man(ManArgs),
}
