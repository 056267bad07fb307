use std::{
    io::{self, Read as _},
    process::ExitCode,
};

use anyhow::Context as _;
use countersign_identity::judge_password;
use countersign_model::UserName;
use countersign_seal::Secret;
use countersign_vault::{Error, NewApiToken, SetUp, USERS_GONE_HINT, VaultOptions};

use crate::{
    args::InitArgs,
    output,
    settings::{config::Config, data::Places},
};

// As long as any token lasts unless something else is said.
const TOKEN_DAYS: u32 = 90;

pub(crate) async fn run(ask: InitArgs, json: bool) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(ask.password_stdin, "the password is read from standard input: add --password-stdin");
    let name = UserName::parse(&ask.admin)?;
    let mut password = String::new();
    io::stdin().take(1 << 16).read_to_string(&mut password).context("standard input cannot be read")?;
    let password = Secret::from(password.trim_end_matches(['\r', '\n']).to_owned());
    anyhow::ensure!(!password.is_empty(), "standard input does not hold a password");
    judge_password("the password", &password, name.as_str())?;
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?;
    let vault = places.open(VaultOptions::default()).await?;
    match vault.set_up_state().await? {
        SetUp::Needed => {}
        SetUp::Done => anyhow::bail!("this vault has users already: sign in and add users and API tokens in the page"),
        SetUp::UsersGone => anyhow::bail!("{}; {USERS_GONE_HINT}", Error::UsersGone),
    }
    let admin = vault.create_administrator(&name, password).await?;
    let new = NewApiToken { name: "init".to_owned(), role: None, expires_in_days: Some(TOKEN_DAYS), admin: true };
    let (_, bearer) = vault.create_api_token(&admin, &new).await?;
    vault.close().await;
    if json {
        output::json(&serde_json::json!({
            "admin": name.as_str(),
            "token": bearer.expose(),
            "data": places.folder,
        }))?;
    } else {
        output::note(format!(
            "made the vault in {} and its administrator {name}; their API token, which may manage everything and ends in \
             {TOKEN_DAYS} days:",
            places.folder.display()
        ));
        output::line(bearer.expose());
    }
    Ok(ExitCode::SUCCESS)
}
