//! Arguments of what acts on many credentials at once.

use std::path::PathBuf;

use clap::{ArgGroup, Args as ClapArgs, Subcommand};

#[derive(ClapArgs)]
pub(crate) struct TagArgs {
    /// Their names or ids.
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// A tag to add; can be repeated.
    #[arg(long, value_name = "TAG", required_unless_present = "remove")]
    pub(crate) add: Vec<String>,
    /// A tag to remove; can be repeated.
    #[arg(long, value_name = "TAG")]
    pub(crate) remove: Vec<String>,
    /// Only show what would change, and who would gain or lose access by it.
    #[arg(long)]
    pub(crate) preview: bool,
}

#[derive(ClapArgs)]
#[command(group(ArgGroup::new("policy").required(true).multiple(true).args(["every_days", "after_reveal", "never"])))]
pub(crate) struct PolicyArgs {
    /// Their names or ids.
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// When a password is so many days old.
    #[arg(long, value_name = "DAYS")]
    pub(crate) every_days: Option<u16>,
    /// An hour after somebody saw it.
    #[arg(long)]
    pub(crate) after_reveal: bool,
    /// Only within these hours, UTC, such as 22:00-05:00.
    #[arg(long, value_name = "FROM-TO", conflicts_with = "never")]
    pub(crate) window: Option<String>,
    /// Never: only when somebody asks.
    #[arg(long, conflicts_with_all = ["every_days", "after_reveal"])]
    pub(crate) never: bool,
    /// Only show what would change.
    #[arg(long)]
    pub(crate) preview: bool,
}

#[derive(ClapArgs)]
pub(crate) struct ImportArgs {
    /// Files: exports of authenticators and password managers, text with otpauth URLs, or images of QR codes. What each is, is told
    /// by its content. `-` reads standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only show what would be imported.
    #[arg(long)]
    pub(crate) preview: bool,
    /// Read the password of encrypted files from standard input. Without it, it is asked for where a file needs one.
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Leave out the notes of accounts. They are not encrypted in the vault, and whoever may see a credential reads them.
    #[arg(long)]
    pub(crate) no_notes: bool,
    /// Which column of a CSV holds what, such as password=Kennwort: name, username, password, site, totp, notes or tags, and the
    /// column's title; can be repeated.
    #[arg(long = "column", value_name = "FIELD=TITLE", value_parser = parse_column)]
    pub(crate) columns: Vec<Column>,
    /// A tag for each new credential; can be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
}

#[derive(ClapArgs)]
#[command(group(ArgGroup::new("which").required(true).args(["all", "tag", "credentials", "request"])))]
pub(crate) struct ExportArgs {
    /// otpauth and google hold setup keys alone; bitwarden, cxf and csv passwords too. Countersign reads csv again as it was.
    #[arg(long, value_parser = ["otpauth", "google", "bitwarden", "cxf", "csv"], required_unless_present = "request")]
    pub(crate) format: Option<String>,
    /// A folder to make for the files. They are not encrypted.
    #[arg(long, value_name = "FOLDER", required_unless_present = "ask")]
    pub(crate) out: Option<PathBuf>,
    /// All credentials.
    #[arg(long)]
    pub(crate) all: bool,
    /// Those with this tag.
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// This one, by name or id; can be repeated.
    #[arg(long = "credential", value_name = "NAME")]
    pub(crate) credentials: Vec<String>,
    /// What was approved by another administrator: the request's id. It says which credentials, and the format.
    #[arg(long, value_name = "ID", conflicts_with_all = ["format", "ask"])]
    pub(crate) request: Option<String>,
    /// Export nothing yet: ask another administrator to approve it, where this vault wants that.
    #[arg(long, requires = "reason", conflicts_with = "out")]
    pub(crate) ask: bool,
    /// Why, for the record; who approves an export reads it.
    #[arg(long, env = "COUNTERSIGN_REASON")]
    pub(crate) reason: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum ExportApprovalCommand {
    /// Show whether exports need the approval of a second administrator.
    Show,
    /// Have exports need the approval of a second administrator.
    On,
    /// Ask another administrator to approve that exports need no approval any more.
    Off {
        /// Why: who approves reads it.
        #[arg(long)]
        reason: String,
    },
}

/// A column of a table, and what it holds.
#[derive(Clone)]
pub(crate) struct Column {
    pub(crate) field: String,
    pub(crate) title: String,
}

const FIELDS: [&str; 7] = ["name", "username", "password", "site", "totp", "notes", "tags"];

fn parse_column(text: &str) -> Result<Column, String> {
    let (field, title) = text.split_once('=').ok_or("write FIELD=TITLE, such as password=Kennwort")?;
    if !FIELDS.contains(&field) {
        return Err(format!("{field} is none of {}", FIELDS.join(", ")));
    }
    Ok(Column { field: field.to_owned(), title: title.to_owned() })
}
