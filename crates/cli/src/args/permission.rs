//! Arguments about what is allowed, or asked for.

use clap::Args as ClapArgs;

/// What is allowed, beside seeing the credential.
#[derive(ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub(crate) struct PermissionArgs {
    /// Allow: use the token.
    #[arg(long)]
    pub(crate) token: bool,
    /// Allow: see the password.
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Allow sessions: view, interact or control.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) session: Option<String>,
    /// Allow in sessions: address, paste, copy, upload or download; can be repeated.
    #[arg(long = "extra", value_name = "WHAT", value_parser = ["address", "paste", "copy", "upload", "download"])]
    pub(crate) extras: Vec<String>,
    /// Allow: change the password at the site.
    #[arg(long)]
    pub(crate) change: bool,
    /// Allow: edit the credential.
    #[arg(long)]
    pub(crate) edit: bool,
    /// Allow: grant to others what they have themselves.
    #[arg(long)]
    pub(crate) share: bool,
    /// Allow: read the records about the credential.
    #[arg(long)]
    pub(crate) audit: bool,
    /// Allow: transfer the setup key to a phone. Administrators grant it, to one user on one credential.
    #[arg(long)]
    pub(crate) transfer: bool,
}
