//! The binary: arguments, configuration, wiring. One file a command; client commands speak the HTTP API.
//!
//! Begin at [`args::Command`]. What runs beside the data (`serve`, `init`, `demo`, `doctor`, `audit export --data`)
//! lies in [`host`] and opens the vault through [`settings::data`]; what speaks to a server lies in [`client`] and goes
//! through [`client::http`].

mod args;
mod client;
mod failure;
mod home;
mod host;
mod machine;
mod output;
mod recipe;
mod settings;

use std::process::ExitCode;

use client::{
    audit, automation, change, check_out, credential, exec, export, export_request, grant, group, import, inject, key,
    login, logout, near, provider, request, reveal, service, session, token, user, whoami,
};
use home::manual;
use host::{backup, demo, doctor, init, serve, work};
use machine::process;

fn main() -> ExitCode {
    process::refuse_dumps();
    let (args, format) = args::parse();
    output::choose(format == args::Format::Csv);
    output::start_log(&args.command);
    let json = args.json;
    let runtime = match runtime(&args.command) {
        Ok(runtime) => runtime,
        Err(error) => return failure::report(&error.into(), json),
    };
    match runtime.block_on(run(args)) {
        Ok(code) => code,
        Err(mut error) => {
            runtime.block_on(near::add_hint(&mut error));
            failure::report(&error, json)
        }
    }
}

/// A server takes all cores; a command that asks one question starts no more threads than it needs.
fn runtime(command: &args::Command) -> std::io::Result<tokio::runtime::Runtime> {
    match command {
        args::Command::Serve(_) | args::Command::Demo(_) | args::Command::Work(_) => {
            tokio::runtime::Builder::new_multi_thread().enable_all().build()
        }
        _ => tokio::runtime::Builder::new_current_thread().enable_all().build(),
    }
}

async fn access(command: args::AccessCommand, json: bool) -> anyhow::Result<ExitCode> {
    use args::AccessCommand;
    match command {
        AccessCommand::User(ask) => user::run(ask, json).await,
        AccessCommand::Provider(ask) => provider::run(ask, json).await,
        AccessCommand::ServiceAccount(ask) => service::run(ask, json).await,
        AccessCommand::Group(ask) => group::run(ask, json).await,
        AccessCommand::Grant(ask) => grant::run(ask, json).await,
        AccessCommand::Request(ask) => request::run(ask, json).await,
        AccessCommand::Approve(ask) => request::approve(&ask, json).await,
        AccessCommand::CheckOut(ask) => check_out::run(&ask, json).await,
        AccessCommand::CheckIn { name } => check_out::check_in(&name, json).await,
        AccessCommand::Who { name } => grant::who(&name, json).await,
    }
}

#[expect(clippy::cognitive_complexity, reason = "a line for each command")]
async fn run(args: args::Args) -> anyhow::Result<ExitCode> {
    use args::Command;
    let json = args.json;
    match args.command {
        Command::Serve(ask) => serve::run(ask).await,
        Command::Demo(ask) => demo::run(ask).await,
        Command::Init(ask) => init::run(ask, json).await,
        Command::Doctor(ask) => doctor::run(ask, json).await,
        Command::Backup(ask) => backup::back_up(ask, json).await,
        Command::Restore(ask) => backup::restore(ask, json).await,
        Command::Move(ask) => backup::move_vault(ask, json).await,
        Command::Login(ask) => login::run(&ask, json).await,
        Command::Logout => logout::run(json).await,
        Command::Whoami => whoami::run(json).await,
        Command::Access(ask) => access(ask, json).await,
        Command::Work(ask) => work::run(ask).await,
        Command::Change(ask) => change::run(&ask, json).await,
        Command::Session(ask) => session::run(ask, json).await,
        Command::Token(ask) => token::run(&ask, json).await,
        Command::Reveal(ask) => reveal::run(&ask, json).await,
        Command::Exec(ask) => exec::run(ask).await,
        Command::Inject(ask) => inject::run(&ask, json).await,
        Command::Credential(ask) => credential::run(ask, json).await,
        Command::Key(ask) => key::run(ask, json).await,
        Command::Automation(ask) => automation::run(ask, json).await,
        Command::Audit(ask) => audit::run(ask, json).await,
        Command::Import(ask) => import::run(&ask, json).await,
        Command::Export(ask) => export::run(&ask, json).await,
        Command::ExportApproval(ask) => export_request::approval(ask, json).await,
        Command::Recipe(ask) => recipe::run(&ask, json),
        Command::Completions(ask) => Ok(manual::completions(&ask)),
        Command::Man(ask) => manual::pages(&ask, json),
    }
}
