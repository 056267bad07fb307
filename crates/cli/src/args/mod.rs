//! The command line. Its help is the manual.

mod access;
mod client;
mod command;
mod home;
mod host;
mod many;
mod output;
mod permission;
mod provider;
pub(crate) mod reference;
mod request;
mod service;
mod sink;

pub(crate) use access::{
    AccessCommand, ConditionArgs, GrantAddArgs, GrantCommand, GrantListArgs, GroupCommand, MemberArgs, ReviewArgs,
};
pub(crate) use client::{
    AddArgs, AuditCommand, AutomationCommand, AutomationSetArgs, BundleArgs, ChangeArgs, CredentialCommand, EditArgs,
    KeyCommand, ListArgs, LoginArgs, RecipeCommand, RecordsArgs, RevealArgs, SeedArgs, SessionCommand, TokenArgs,
    UserCommand,
};
pub(crate) use command::{Args, Command};
pub(crate) use home::{CompletionsArgs, ExecArgs, InjectArgs, ManArgs};
pub(crate) use host::{
    BackupArgs, BackupCommand, DataArgs, DemoArgs, DoctorArgs, InitArgs, ListBackupsArgs, MoveArgs, RestoreArgs,
    ServeArgs, TakeArgs, TlsArgs, VerifyBackupArgs, WorkArgs,
};
pub(crate) use many::{ExportApprovalCommand, ExportArgs, ImportArgs, PolicyArgs, TagArgs};
pub(crate) use output::{Format, command, parse};
pub(crate) use permission::PermissionArgs;
pub(crate) use provider::{ProviderCommand, ProviderSetArgs};
pub(crate) use request::{ApproveArgs, CheckOutArgs, DecideArgs, RequestAddArgs, RequestCommand, RequestListArgs};
pub(crate) use service::{IdentityAddArgs, ServiceAccountCommand, ServiceAddArgs, ServiceEditArgs};
pub(crate) use sink::{SinkAddArgs, SinkCommand, SinkEditArgs, SinkWayArgs};
