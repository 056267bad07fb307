//! Arguments of what runs beside the data.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

/// Where a vault's data and key are.
#[derive(ClapArgs, Clone, Default)]
pub(crate) struct DataArgs {
    /// The data folder [default: countersign-data].
    #[arg(long, env = "COUNTERSIGN_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The database, instead of SQLite in the data folder: postgres://USER@HOST/DATABASE or sqlite:PATH.
    #[arg(long, env = "COUNTERSIGN_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// The key file [default: the data folder's name with .key, beside it].
    #[arg(long, env = "COUNTERSIGN_KEY_FILE", value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Unlock with the passphrase in this file instead of a key file.
    #[arg(long, env = "COUNTERSIGN_PASSPHRASE_FILE", value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Unlock with the key file that this command prints, such as one of a key service or a TPM: a program and its arguments,
    /// separated by spaces. The settings file takes arguments with spaces.
    #[arg(long, env = "COUNTERSIGN_UNLOCK_COMMAND", value_name = "COMMAND")]
    pub(crate) unlock_command: Option<String>,
    /// The same from the settings file.
    #[arg(skip)]
    pub(crate) unlock_settings: countersign_vault::UnlockCommand,
    /// A TOML file with these settings; flags and environment win.
    #[arg(long, env = "COUNTERSIGN_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct ServeArgs {
    /// The address to listen on [default: 127.0.0.1:7117].
    #[arg(long, env = "COUNTERSIGN_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// The path at which a proxy has put this server, such as /vault [default: the root of the host].
    #[arg(long, env = "COUNTERSIGN_BASE_PATH", value_name = "PATH")]
    pub(crate) base_path: Option<countersign_server::BasePath>,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// With which the server speaks HTTPS: both or neither.
#[derive(ClapArgs)]
pub(crate) struct TlsArgs {
    /// Serve HTTPS with this certificate and those between it and its authority, in PEM; needs --tls-key. Both files are
    /// read again when they change. Behind a proxy that ends TLS and connects by plain HTTP, leave both out and set
    /// secure_cookies in the settings file [default: plain HTTP].
    #[arg(long, env = "COUNTERSIGN_TLS_CERTIFICATE", value_name = "FILE")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The certificate's private key, in PEM without a passphrase, in a file that its owner alone can read.
    #[arg(long, env = "COUNTERSIGN_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct WorkArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// How many changes at once [default: 2].
    #[arg(long, value_name = "N", value_parser = at_once)]
    pub(crate) at_once: Option<usize>,
}

/// Each change has a browser of its own.
fn at_once(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| (1..=32).contains(count)).ok_or_else(|| "write a number from 1 to 32".to_owned())
}

#[derive(ClapArgs)]
pub(crate) struct DemoArgs {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:7117", value_name = "ADDRESS")]
    pub(crate) listen: String,
}

#[derive(ClapArgs)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The first administrator's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) admin: String,
    /// Read the administrator's password from standard input.
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(ClapArgs)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(ClapArgs)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct BackupArgs {
    #[command(subcommand)]
    pub(crate) command: Option<BackupCommand>,
    #[command(flatten)]
    pub(crate) take: TakeArgs,
}

#[derive(ClapArgs)]
pub(crate) struct TakeArgs {
    /// The file to write; it must not exist yet.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Subcommand)]
pub(crate) enum BackupCommand {
    /// List the backups that the server has made by itself.
    List(ListBackupsArgs),
    /// Restore a backup into a scratch vault, open every secret and follow the audit log. Shows no secret.
    Verify(VerifyBackupArgs),
}

#[derive(ClapArgs)]
pub(crate) struct ListBackupsArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(ClapArgs)]
pub(crate) struct VerifyBackupArgs {
    /// The file that `countersign backup` wrote [default: the newest of the server's own backups].
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// A checkpoint that you kept elsewhere (JSON): the backup's log must hold what it covers.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(ClapArgs)]
pub(crate) struct RestoreArgs {
    /// The file that `countersign backup` wrote, or that the server made by itself.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(ClapArgs)]
pub(crate) struct MoveArgs {
    /// The empty database to move to: postgres://USER@HOST/DATABASE. Its password may come from PGPASSWORD.
    #[arg(value_name = "URL", env = "COUNTERSIGN_MOVE_TO", hide_env_values = true)]
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
